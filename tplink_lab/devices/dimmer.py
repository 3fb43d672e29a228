"""How a dimmer fades: the times behind a tap and behind a gentle switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tplink_lab.devices import iot
from tplink_lab.devices.checks import milliseconds, number_in, whole_number
from tplink_lab.devices.follow import follow
from tplink_lab.errors import BadInput

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = ["Fade", "FadeTimes", "read_fade"]

MODULE = "smartlife.iot.dimmer"
LONGEST_S = 600  # Unverified: no source tells a limit
_DAY_MS = 86_400_000

# what we call it -> (the wire's name when read, the verb, its argument); §5.7
_TIMES = {
    "fade_on_s": ("fadeOnTime", "set_fade_on_time", "fadeTime"),
    "fade_off_s": ("fadeOffTime", "set_fade_off_time", "fadeTime"),
    "gentle_on_s": ("gentleOnTime", "set_gentle_on_time", "duration"),
    "gentle_off_s": ("gentleOffTime", "set_gentle_off_time", "duration"),
}


@dataclass(frozen=True)
class FadeTimes:
    """How a dimmer changes.

    Attributes
    ----------
    fade_on_s, fade_off_s : float
        When it is switched by hand or by command.
    gentle_on_s, gentle_off_s : float
        When it is switched gently, as by a long press.
    lowest_brightness : int
        Below it the lamp would flicker; ``minThreshold`` on the wire.
    """

    fade_on_s: float
    fade_off_s: float
    gentle_on_s: float
    gentle_off_s: float
    lowest_brightness: int


def read_fade(answer: Mapping[str, Any]) -> FadeTimes:
    """Return the times in a dimmer's answer."""
    call = f"{MODULE}.get_dimmer_parameters"
    found = iot.answer_of(answer, MODULE, "get_dimmer_parameters")
    times = {
        name: number_in(found, key, call, 0, _DAY_MS) / 1000
        for name, (key, _, _) in _TIMES.items()
    }
    return FadeTimes(
        **times, lowest_brightness=number_in(found, "minThreshold", call, 0, 100)
    )


class Fade:
    """The fade and gentle times of a dimmer.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     cloud.device("Hall Dimmer").fade.set(fade_on_s=2.5).fade_on_s
    2.5
    """

    def __init__(self, device: Device) -> None:
        self._device = device

    def times(self) -> FadeTimes:
        """Return the times, in seconds. One request."""
        self._device.need("fade", call="fade.times")
        return read_fade(self._device.ask(_LOOK))

    def set(
        self,
        *,
        fade_on_s: float | None = None,
        fade_off_s: float | None = None,
        gentle_on_s: float | None = None,
        gentle_off_s: float | None = None,
    ) -> FadeTimes:
        """Set some of the times, and return what the dimmer then says. One request.

        Raises
        ------
        BadInput
            If a time is outside 0 to 600 s, or none is given.
        WriteNotFollowed
            If reading back shows something else.
        """
        given = {
            "fade_on_s": fade_on_s,
            "fade_off_s": fade_off_s,
            "gentle_on_s": gentle_on_s,
            "gentle_off_s": gentle_off_s,
        }
        wanted = {
            name: milliseconds(value, name, LONGEST_S)
            for name, value in given.items()
            if value is not None
        }
        if not wanted:
            raise BadInput(
                "No time is given.", call="fade.set", next_step="Try fade_on_s=1.5."
            )
        self._device.need("fade", call="fade.set")
        verbs = {_TIMES[n][1]: {_TIMES[n][2]: ms} for n, ms in wanted.items()}

        def wrong(times: FadeTimes) -> str:
            return " and ".join(
                f"{name} is {getattr(times, name)} s, not {ms / 1000} s"
                for name, ms in wanted.items()
                if round(getattr(times, name) * 1000) != ms
            )

        return follow(
            self._device, {MODULE: verbs}, _LOOK, read_fade, wrong, repeatable=True
        )

    def set_lowest_brightness(self, percent: int) -> FadeTimes:
        """Set below which brightness the lamp is not driven. One request."""
        value = whole_number(percent, 0, 99, "The lowest brightness", "%")
        self._device.need("fade", call="fade.set_lowest_brightness")

        def wrong(times: FadeTimes) -> str:
            found = times.lowest_brightness
            return f"it is {found} %, not {value} %" if found != value else ""

        write = {MODULE: {"calibrate_brightness": {"minThreshold": value}}}
        return follow(self._device, write, _LOOK, read_fade, wrong, repeatable=True)

    def __repr__(self) -> str:
        return f"<Fade of {self._device.alias!r}>"


_LOOK: dict[str, Any] = {MODULE: {"get_dimmer_parameters": None}}
