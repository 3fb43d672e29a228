"""What `set_device_info` may set: checked as a whole, or refused as a whole."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from .faults import PARAMETER, Fault, is_number, is_whole

# Unverified: the longest name that a device takes. The app stops at fewer letters.
LONGEST_NAME_BYTES = 64

Info = dict[str, Any]


def _is_flag(info: Info, value: object) -> bool:
    return isinstance(value, bool)


def _is_brightness(info: Info, value: object) -> bool:
    return is_whole(value, 1, 100)


def _is_hue(info: Info, value: object) -> bool:
    return is_whole(value, 0, 360)


def _is_saturation(info: Info, value: object) -> bool:
    return is_whole(value, 0, 100)


def _is_color_temp(info: Info, value: object) -> bool:
    if "hue" in info and is_whole(value, 0, 0):  # 0 says: colour
        return True
    # Unverified: a device that names no range.
    low, high = info.get("color_temp_range", (2500, 6500))
    # A range of one temperature, as in light strips, stands for having no white.
    return low < high and is_whole(value, low, high)


def _is_name(info: Info, value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        content = base64.b64decode(value, validate=True)
        content.decode("utf-8")
    except (binascii.Error, ValueError):
        return False
    clean = base64.b64encode(content).decode("ascii") == value
    return clean and len(content) <= LONGEST_NAME_BYTES


def _is_target_temp(info: Info, value: object) -> bool:
    low, high = info.get("min_control_temp", 5), info.get("max_control_temp", 30)
    return is_number(value, low, high)


def _is_fan_speed(info: Info, value: object) -> bool:
    # Unverified: the levels of a fan.
    return is_whole(value, 1, 4)


CHECKS: dict[str, Callable[[Info, object], bool]] = {
    "device_on": _is_flag,
    "brightness": _is_brightness,
    "hue": _is_hue,
    "saturation": _is_saturation,
    "color_temp": _is_color_temp,
    "nickname": _is_name,
    "target_temp": _is_target_temp,
    "fan_speed_level": _is_fan_speed,
}
_COLOURS = ("hue", "saturation", "color_temp")


def checked(info: Info, params: dict[str, Any]) -> dict[str, Any]:
    """The changes that `set_device_info` makes; a `Fault` if any of them is wrong.

    Unverified: that a key which the device does not have, and asking for nothing, are
    wrong parameters.
    """
    if not params:
        raise Fault(PARAMETER)
    for key, value in params.items():
        check = CHECKS.get(key)
        if check is None or key not in info or not check(info, value):
            raise Fault(PARAMETER)
    changes = dict(params)
    if ("hue" in params or "saturation" in params) and "color_temp" in info:
        # Unverified: that a colour ends white light although nobody said `0`.
        changes.setdefault("color_temp", 0)
    if any(key in params for key in _COLOURS):
        # Unverified: that a colour or a white ends a running effect.
        if isinstance(info.get("lighting_effect"), dict):
            changes["lighting_effect"] = {**info["lighting_effect"], "enable": 0}
        if "dynamic_light_effect_enable" in info:
            changes["dynamic_light_effect_enable"] = False
    return changes
