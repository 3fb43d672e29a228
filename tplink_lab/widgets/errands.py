"""What the panel's details do: look at a device, set its light, its countdown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from tplink_lab.devices import Device
from tplink_lab.errors import NotSupported
from tplink_lab.widgets.track import Errand

__all__ = ["LOOK", "countdown", "effect", "light"]


def see(device: Device) -> dict[str, Any]:
    """Return what a device can do, and how it is in each of that.

    One request for its capabilities, once, and then one for each of: its light, its
    effect, its countdown, its meter (one for each outlet of a strip).
    """
    if device.is_camera:
        return {"can": frozenset()}  # here it only tells about itself
    can = device.capabilities
    found: dict[str, Any] = {"can": frozenset(can)}
    if "dim" in can:
        found["light"] = device.light.state()
    if "white temperature" in can:
        found["range"] = device.light.color_temp_range_k()
    if "effects" in can:
        found["effect"] = device.effects.state()
    if "energy" in can:
        found["energy"] = device.energy.now()
    if "countdown" in can:
        try:
            found["countdown"] = device.countdown.state()
        except NotSupported:  # a strip's belongs to its outlets
            found["can"] -= {"countdown"}
    return found


LOOK = Errand("look", see)


def light(key: str, **values: int) -> Errand:
    """Set a light: *values* as for ``device.light.set``; *key* as for an Errand."""
    return Errand(key, partial(_light, values), "changing the light", LOOK)


def effect(start: bool) -> Errand:
    """Start the effect that ran last, or stop the one that runs."""
    # The tint's key: an effect, a white and a colour take each other's place.
    return Errand("tint", partial(_effect, start), "changing the light", LOOK)


def countdown(minutes: float | None, turn: str = "off") -> Errand:
    """Start a countdown; None cancels the one that runs."""
    run = partial(_countdown, minutes, turn)
    return Errand("countdown", run, "setting the countdown", LOOK)


def _light(values: dict[str, int], device: Device) -> Mapping[str, Any]:
    found: dict[str, Any] = {"light": device.light.set(**values)}
    if "effects" in device.capabilities:
        found["effect"] = device.effects.state()  # a colour ends an effect
    return found


def _effect(start: bool, device: Device) -> Mapping[str, Any]:
    state = device.effects.start() if start else device.effects.stop()
    return {"effect": state, "light": device.light.state()}


def _countdown(minutes: float | None, turn: str, device: Device) -> Mapping[str, Any]:
    if minutes is None:
        device.countdown.cancel()
        return {"countdown": None}
    return {"countdown": device.countdown.start(minutes=minutes, turn=turn)}
