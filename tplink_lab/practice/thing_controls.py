"""The teacher's controls of things: stale shadows, deaf devices, refused setters."""

from __future__ import annotations

from .device import Device
from .errors import PracticeError
from .smart.device import SmartDevice
from .things import Things


class ThingControls:
    """The part of `PracticeCloud` that troubles Tapo devices and their shadows.

    Examples
    --------
    >>> from tplink_lab.practice import PracticeCloud
    >>> practice = PracticeCloud(now="2026-11-01T18:00:00+00:00")
    >>> practice.stale_shadow("Tapo Plug")
    >>> practice.deaf("Tapo Meter")
    >>> practice.refuse_setters()
    """

    _things: Things

    def _find_device(self, alias: str) -> Device:
        raise NotImplementedError

    def stale_shadow(self, alias: str, times: int = 1) -> None:
        """Let somebody else write a thing's shadow just before the next write.

        Parameters
        ----------
        alias : str
            The thing's name or id.
        times : int
            How many writes meet a version conflict (11000); 0 for none.

        Raises
        ------
        PracticeError
            If there is no such thing, or `times` is no number from 0 up.
        """
        if isinstance(times, bool) or not isinstance(times, int) or times < 0:
            raise PracticeError(
                f"stale_shadow(times): expected 0 or a whole number above, not "
                f"{times!r}."
            )
        self._things.shadow(self._find_thing(alias)).trouble(times)

    def deaf(self, alias: str, deaf: bool = True) -> None:
        """Let a Tapo device accept every write and follow none; undo with False."""
        self._find_thing(alias).set_deaf(bool(deaf))

    def refuse_setters(self, refuse: bool = True) -> None:
        """Refuse every setter that comes through services-sync, as for cameras."""
        self._things.refuses_setters = bool(refuse)

    def _find_thing(self, alias: str) -> SmartDevice:
        device = self._find_device(alias)
        if not isinstance(device, SmartDevice):
            raise PracticeError(
                f"{alias!r} is a Kasa device, which has no shadow: expected the name "
                "of a Tapo device."
            )
        return device
