"""The panel's bar: search, filter, refresh, all off; and which rows it lets through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as ipw  # type: ignore[import-untyped]

from tplink_lab.widgets.rows import PanelRow

__all__ = ["SHOW", "Bar", "fits", "to_turn_off"]

# What "Show" offers, and the states that it lets through.
SHOW: dict[str, frozenset[str]] = {
    "all": frozenset(),
    "on": frozenset({"on"}),
    "off": frozenset({"off"}),
    "offline": frozenset({"offline"}),
    "trouble": frozenset({"offline", "failed", "unknown"}),
    "not switchable": frozenset({"not switchable"}),
}


def fits(row: PanelRow, room: str, search: str, show: str) -> bool:
    """Return whether a row is to be seen. One that is busy stays where it is wanted.

    Examples
    --------
    >>> row = PanelRow("Desk Lamp", "", "HS100(EU)", "on", True)
    >>> fits(row, "Study", "study lamp", "on"), fits(row, "", "lamp", "off")
    (True, False)
    """
    text = f"{row.alias} {row.outlet} {row.model} {room}".casefold()
    if not all(word in text for word in search.casefold().split()):
        return False
    return show == "all" or row.state in SHOW[show] | {"busy"}


def to_turn_off(rows: Sequence[PanelRow]) -> list[PanelRow]:
    """Return the rows that "All off" switches: what is on, or may be.

    A strip goes as a whole; if it is locked, those outlets of it that are not.
    """
    found: list[PanelRow] = []
    strip: PanelRow | None = None
    for row in rows:
        may_be_on = row.state in ("on", "busy", "unknown", "failed")
        if not row.outlet:
            strip = row
        elif strip is not None and not strip.locked:
            continue
        if may_be_on and not row.locked:
            found.append(row)
    return found


class Bar:
    """The widgets above the rows.

    Parameters
    ----------
    looked, refreshed, all_off : callable
        Called when search or filter changed, for "Refresh all", for a confirmed "All
        off".
    auto : callable
        Called with whether the panel shall refresh by itself.
    count : callable
        How many switches "All off" would press now.
    """

    def __init__(
        self,
        looked: Callable[[], None],
        refreshed: Callable[[], None],
        auto: Callable[[bool], None],
        all_off: Callable[[], None],
        count: Callable[[], int],
    ) -> None:
        self._all_off, self._count = all_off, count
        self.title = ipw.HTML(_dom_classes=["lab-title"])
        self.search = ipw.Text(
            description="Search",
            placeholder="name, room or model",
            tooltip="Show only what holds these words",
            _dom_classes=["lab-search"],
        )
        self.show = ipw.Dropdown(
            options=list(SHOW),
            description="Show",
            tooltip="Show only devices in this state",
            _dom_classes=["lab-show"],
        )
        self.refresh = _button("Refresh all", "Ask every device how it is now")
        self.refresh.add_class("lab-refresh")
        self.auto = ipw.Checkbox(
            description="Refresh by itself",
            tooltip="Ask again and again, inside the request budget",
            indent=False,
            _dom_classes=["lab-auto"],
        )
        self.off = _button("All off…", "Turn everything off; you are asked first")
        self.off.add_class("lab-all-off")
        self.question = ipw.HTML(_dom_classes=["lab-question"])
        self.yes = _button("Yes, turn off", "Turn them off now")
        self.yes.add_class("lab-yes")
        self.no = _button("No, leave them", "Change nothing")
        self.no.add_class("lab-no")
        self.confirm = ipw.HBox(
            [self.question, self.yes, self.no],
            _dom_classes=["lab-line", "lab-confirm"],
        )
        self.confirm.layout.display = "none"
        line = ["lab-line"]
        first = ipw.HBox([self.title, self.refresh, self.auto], _dom_classes=line)
        second = ipw.HBox([self.search, self.show, self.off], _dom_classes=line)
        self.box = ipw.VBox([first, second, self.confirm], _dom_classes=["lab-bar"])
        self.search.observe(lambda _: looked(), "value")
        self.show.observe(lambda _: looked(), "value")
        self.refresh.on_click(lambda _: refreshed())
        self.auto.observe(lambda change: auto(change["new"]), "value")
        self.off.on_click(lambda _: self._ask())
        self.yes.on_click(lambda _: self._answered(True))
        self.no.on_click(lambda _: self._answered(False))

    def _ask(self) -> None:
        count = self._count()
        self.question.value = (
            f"<b role='alert'>Turn off {count} that are on, or may be?</b> Hidden rows "
            "too; locked ones stay."
            if count
            else "<span role='alert'>Nothing that may be switched is on.</span>"
        )
        self.yes.layout.display = None if count else "none"
        self.no.description = "No, leave them" if count else "Close"
        self.confirm.layout.display = None

    def _answered(self, yes: bool) -> None:
        is_asked = self.confirm.layout.display is None
        self.confirm.layout.display = "none"
        self.off.focus()  # the pressed button is gone: go on from where it was asked
        if yes and is_asked:
            self._all_off()


def _button(words: str, tooltip: str) -> Any:
    return ipw.Button(description=words, tooltip=tooltip)
