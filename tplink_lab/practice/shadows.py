"""The shadow of a thing: what was wished for, in which version."""

from __future__ import annotations

import threading
from typing import Any

from .smart.device import SmartDevice

# Every shadow starts here; a real one counts from its thing's first day.
FIRST_VERSION = 118


class Stale(Exception):
    """A write named another version than the next."""

    def __init__(self, current: int) -> None:
        super().__init__(current)
        self.current = current


class Shadow:
    """Keeps the wishes for one thing, and passes them on to it.

    Parameters
    ----------
    device : SmartDevice
        The thing.
    delay_s : float
        How long the thing takes to follow, in real seconds.
    """

    def __init__(self, device: SmartDevice, delay_s: float) -> None:
        self._device = device
        self._delay_s = delay_s
        self._guard = threading.Lock()
        self._desired: dict[str, Any] | None = None
        self._version = FIRST_VERSION
        self._conflicts = 0

    def trouble(self, times: int) -> None:
        """Let somebody else write first, so many times."""
        with self._guard:
            self._conflicts = times

    def read(self) -> dict[str, Any]:
        """The shadow as `GET …/shadows` shows it."""
        with self._guard:
            reported = self._device.reported()
            state = {"desired": self._wishes(reported), "reported": reported}
            return {
                "thingName": self._device.device_id,
                "state": state,
                "version": self._version,
            }

    def write(self, version: int, desired: dict[str, Any]) -> int:
        """Take a wish; the new version, or `Stale`."""
        with self._guard:
            if self._conflicts:
                self._conflicts -= 1
                self._version += 1
            if version != self._version + 1:
                raise Stale(self._version)
            self._desired = {**self._wishes(self._device.reported()), **desired}
            self._version = version
            self._device.follow(desired, self._delay_s)
            return version

    def _wishes(self, reported: dict[str, Any]) -> dict[str, Any]:
        # Unverified: what is desired of a thing before anybody wrote; one answer on
        # record has the switch alone.
        if self._desired is None:
            self._desired = {"on": reported["on"]} if "on" in reported else {}
        return dict(self._desired)
