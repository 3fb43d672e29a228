"""The motion and light sensors of wall switches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tplink_lab.devices import iot
from tplink_lab.devices.capability import AMBIENT, MOTION
from tplink_lab.devices.checks import (
    flag_in,
    garbled,
    milliseconds,
    number_in,
    whole_number,
)
from tplink_lab.devices.follow import follow

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = [
    "AmbientLight",
    "AmbientState",
    "MotionSensor",
    "MotionState",
    "read_ambient",
    "read_motion",
]

LONGEST_COLD_S = 3600  # Unverified: no source tells a limit
_LOOK_MOTION: dict[str, Any] = {MOTION: {"get_config": None}}
_LOOK_AMBIENT: dict[str, Any] = {AMBIENT: {"get_config": None, "get_current_brt": None}}


@dataclass(frozen=True)
class MotionState:
    """How a motion sensor is set.

    Attributes
    ----------
    is_on : bool
        Whether it is used.
    sensitivity : int
        The step in use: an index into *steps*.
    steps : tuple of int
        What the device lists, in percent of its range; the first reaches farthest.
    cold_time_s : float
        How long it stays quiet after it has seen something.
    """

    is_on: bool
    sensitivity: int
    steps: tuple[int, ...]
    cold_time_s: float


@dataclass(frozen=True)
class AmbientState:
    """What a light sensor sees: ``is_on``, whether it is used, and
    ``brightness_percent`` of its range."""

    is_on: bool
    brightness_percent: int


def read_motion(answer: Mapping[str, Any]) -> MotionState:
    """Return a motion sensor's settings."""
    call = f"{MOTION}.get_config"
    found = iot.answer_of(answer, MOTION, "get_config")
    steps = found.get("array")
    if (
        not isinstance(steps, list)
        or not steps
        or any(type(s) is not int for s in steps)
    ):
        raise garbled(call, "array")
    return MotionState(
        is_on=flag_in(found, "enable", call),
        sensitivity=number_in(found, "trigger_index", call, 0, len(steps) - 1),
        steps=tuple(steps),
        cold_time_s=number_in(found, "cold_time", call, 0, 86_400_000) / 1000,
    )


def read_ambient(answer: Mapping[str, Any]) -> AmbientState:
    """Return what a light sensor sees."""
    call = f"{AMBIENT}.get_config"
    devs = iot.answer_of(answer, AMBIENT, "get_config").get("devs")
    if not isinstance(devs, list) or not devs or not isinstance(devs[0], Mapping):
        raise garbled(call, "devs")
    seen = iot.answer_of(answer, AMBIENT, "get_current_brt")
    percent = number_in(seen, "value", f"{AMBIENT}.get_current_brt", 0, 100)
    return AmbientState(flag_in(devs[0], "enable", call), percent)


class MotionSensor:
    """The motion sensor of a wall switch."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def state(self) -> MotionState:
        """Return how it is set. One request."""
        self._device.need("motion", call="motion.state")
        return read_motion(self._device.ask(_LOOK_MOTION))

    def turn_on(self) -> MotionState:
        """Use it. One request."""
        return self._set("set_enable", {"enable": 1}, is_on=True)

    def turn_off(self) -> MotionState:
        """Leave it unused. One request."""
        return self._set("set_enable", {"enable": 0}, is_on=False)

    def set_sensitivity(self, step: int) -> MotionState:
        """Choose one of the steps that :meth:`state` lists. Two requests."""
        last = len(self.state().steps) - 1
        value = whole_number(step, 0, last, "The step")
        # Unverified: the name `index`, as published clients send it.
        return self._set("set_trigger_sens", {"index": value}, sensitivity=value)

    def set_cold_time(self, seconds: float) -> MotionState:
        """Set how long it stays quiet after it has seen something. One request."""
        value = milliseconds(seconds, "The cold time", LONGEST_COLD_S)
        return self._set(
            "set_cold_time", {"cold_time": value}, cold_time_s=value / 1000
        )

    def _set(self, verb: str, args: dict[str, int], **wanted: Any) -> MotionState:
        self._device.need("motion", call=f"motion.{verb}")

        def wrong(state: MotionState) -> str:
            return " and ".join(
                f"{name} is {getattr(state, name)}, not {value}"
                for name, value in wanted.items()
                if getattr(state, name) != value
            )

        write = {MOTION: {verb: args}}
        return follow(
            self._device, write, _LOOK_MOTION, read_motion, wrong, repeatable=True
        )

    def __repr__(self) -> str:
        return f"<MotionSensor of {self._device.alias!r}>"


class AmbientLight:
    """The light sensor of a wall switch."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def state(self) -> AmbientState:
        """Return what it sees. One request."""
        self._device.need("ambient light", call="ambient_light.state")
        return read_ambient(self._device.ask(_LOOK_AMBIENT))

    def turn_on(self) -> AmbientState:
        """Use it. One request."""
        return self._set(True)

    def turn_off(self) -> AmbientState:
        """Leave it unused. One request."""
        return self._set(False)

    def _set(self, on: bool) -> AmbientState:
        self._device.need("ambient light", call="ambient_light")
        # Unverified: set_enable is in published clients, not in a recorded answer.
        write = {AMBIENT: {"set_enable": {"enable": int(on)}}}

        def wrong(state: AmbientState) -> str:
            return "" if state.is_on is on else f"is_on is {state.is_on}"

        return follow(
            self._device, write, _LOOK_AMBIENT, read_ambient, wrong, repeatable=True
        )

    def __repr__(self) -> str:
        return f"<AmbientLight of {self._device.alias!r}>"
