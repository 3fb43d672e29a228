"""What a screen reader is told: what came of what a person did, once it is known.

A row that changes is no live region, or each refresh would be read aloud. One line
that nobody sees is; it tells of a switch or a setting when the device has answered.
"""

from __future__ import annotations

import html
from collections.abc import Collection

import ipywidgets as ipw  # type: ignore[import-untyped]

from tplink_lab.widgets.details import facts
from tplink_lab.widgets.rows import NO_SWITCH, shape_and_words
from tplink_lab.widgets.track import Details, Shown, Target

__all__ = ["Said"]


class Said:
    """The line that is spoken, and what is still waited for."""

    def __init__(self) -> None:
        # SHEET makes it a live region: what ipywidgets inserts itself is read by few.
        self.widget = ipw.HTML(_dom_classes=["lab-said", "lab-unseen"])
        self._waiting: dict[tuple[str, Target], bool] = {}
        self._all: set[tuple[str, Target]] = set()
        self._count = 0
        self._left: list[str] = []

    def wait_for(
        self, device_id: str, target: Target = None, *, details: bool = False
    ) -> None:
        """Note that a person did something, and wants to hear what came of it."""
        self.widget.value = ""  # the same words once more are news again
        self._waiting[device_id, target] = details

    def wait_for_all_off(self, rows: Collection[tuple[str, Target]]) -> None:
        """Note that a person wants to hear when all these are off."""
        self.widget.value = ""
        self._all, self._count, self._left = set(rows), len(rows), []

    def tell(self, device_id: str, shown: Shown, details: Details) -> None:
        """Take a row of a device that is at rest, and say what was waited for."""
        row = shown.row
        key = device_id, shown.target
        _, words = shape_and_words(row, shown.doing, shown.was)
        told = [f"{row.outlet or row.alias}: {words}"]
        if key in self._all:
            self._all.remove(key)
            if row.state != "off":
                self._left += told
            if not self._all:
                self._say([f"{self._count - len(self._left)} are off", *self._left])
        with_details = self._waiting.get(key)
        if with_details is None:
            return
        del self._waiting[key]
        if row.reason not in ("", NO_SWITCH):
            told.append(row.reason)
        if with_details:
            told += facts(details)
            reading = details.parts.get("energy")
            if reading is not None:
                told.append(f"{reading.power_w:.1f} W now")
            told += dict.fromkeys(details.reasons.values())
        self._say(told)

    def _say(self, told: list[str]) -> None:
        self.widget.value = html.escape(". ".join(t.rstrip(".") for t in told))
