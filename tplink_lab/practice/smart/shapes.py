"""What the SMART engine relies on inside a snapshot, checked before anything lives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .faults import is_number, is_whole

# (place below the snapshot, what was expected, what was found)
Problem = tuple[str, str, Any]

TEXT, FLAG = "a text", "true or false"
OBJECT, LIST = "an object", "a list"
WHOLE, NUMBER = "a whole number", "a number"
MINUTE, MONTH_DAY = "a number from 0 to 1439", "a number from 0 to 366"
_MOST = 10**12

INFO = {
    "device_on": FLAG,
    "on_time": WHOLE,
    "brightness": "a number from 0 to 100",
    "hue": WHOLE,
    "saturation": WHOLE,
    "color_temp": WHOLE,
    "nickname": TEXT,
    "model": TEXT,
    "region": TEXT,
    "status": TEXT,
    "time_diff": "minutes, at most a day",
    "target_temp": NUMBER,
    "min_control_temp": NUMBER,
    "max_control_temp": NUMBER,
    "lighting_effect": OBJECT,
}
ENERGY = {
    "get_energy_usage": (
        "today_energy", "month_energy", "today_runtime", "month_runtime",
        "current_power",
    ),
    "get_current_power": ("current_power",),
    "get_emeter_data": ("power_mw", "voltage_mv", "current_ma", "energy_wh"),
}  # fmt: skip
WINDOWS = ("time_usage", "power_usage", "saved_power")
SCHEDULE = {
    "id": TEXT,
    "enable": FLAG,
    "mode": TEXT,
    "s_type": TEXT,
    "e_type": TEXT,
    "s_min": MINUTE,
    "e_min": MINUTE,
    "week_day": "a number from 0 to 127",
    "year": "a year",
    "month": MONTH_DAY,
    "day": MONTH_DAY,
    "desired_states": OBJECT,
}
COUNTDOWN = {
    "id": TEXT,
    "enable": FLAG,
    "remain": "seconds, at most a year",
    "desired_states": OBJECT,
}
_RANGES = {
    MINUTE: (0, 1439),
    MONTH_DAY: (0, 366),
    "a number from 0 to 100": (0, 100),
    "a number from 0 to 127": (0, 127),
    "minutes, at most a day": (-1439, 1439),
    "seconds, at most a year": (0, 366 * 86400),
    "a year": (0, 9999),
    WHOLE: (-_MOST, _MOST),
}


def problems(snapshot: dict[str, Any]) -> Iterator[Problem]:
    """Everything in a SMART snapshot that no device would say."""
    for method, answer in snapshot.items():
        if method != "child_devices" and not _is_answer(answer):
            yield method, "an object, or an error code", answer
    found = list(_unit(snapshot))
    yield from found
    children = snapshot.get("child_devices", {})
    if not isinstance(children, dict):
        yield "child_devices", "an object (child → method → answer)", children
        return
    for child, answers in children.items():
        place = f"child_devices.{child}"
        if not isinstance(answers, dict):
            yield place, "an object (method → answer)", answers
            continue
        for method, answer in answers.items():
            if not _is_answer(answer):
                yield f"{place}.{method}", "an object, or an error code", answer
        yield from ((f"{place}.{b}", e, f) for b, e, f in _unit(answers))


def _unit(answers: dict[str, Any]) -> Iterator[Problem]:
    for method, keys in ENERGY.items():
        for key in keys:
            value = _object(answers, method).get(key, 0)
            if not is_number(value, 0, _MOST):
                yield f"{method}.{key}", NUMBER, value
    usage = _object(answers, "get_device_usage")
    for key in WINDOWS:
        window = usage.get(key, {})
        if not isinstance(window, dict):
            yield f"get_device_usage.{key}", OBJECT, window
            continue
        for name in ("today", "past7", "past30"):
            if not is_number(window.get(name, 0), 0, _MOST):
                yield f"get_device_usage.{key}.{name}", NUMBER, window[name]
    yield from _info(_object(answers, "get_device_info"), "get_device_info")
    yield from _rows(answers, "get_schedule_rules", "rule_list", SCHEDULE)
    yield from _rows(answers, "get_countdown_rules", "rule_list", COUNTDOWN)
    yield from _rows(answers, "get_dynamic_light_effect_rules", "rule_list", {})
    yield from _rows(
        answers, "get_child_device_component_list", "child_component_list", {}
    )
    auto_off = {"enable": FLAG, "delay_min": "minutes, at most a day"}
    config = _object(answers, "get_auto_off_config")
    yield from _fields(config, auto_off, "get_auto_off_config")
    yield from _children(answers)


def _children(answers: dict[str, Any]) -> Iterator[Problem]:
    method, key = "get_child_device_list", "child_device_list"
    found = list(_rows(answers, method, key, {"device_id": TEXT}))
    yield from found
    if found:
        return
    taken: set[str] = set()
    for index, child in enumerate(_object(answers, method).get(key, [])):
        place = f"{method}.{key}[{index}]"
        if not child.get("device_id") or child["device_id"] in taken:
            expected = "an id of its own"
            yield f"{place}.device_id", expected, child.get("device_id")
        taken.add(child.get("device_id", ""))
        yield from _info(child, place)


def _info(info: dict[str, Any], place: str) -> Iterator[Problem]:
    yield from _fields(info, INFO, place)
    span = info.get("color_temp_range", [2500, 6500])
    if (
        not isinstance(span, list)
        or len(span) != 2
        or not all(is_whole(kelvin, 0, 100_000) for kelvin in span)
    ):
        yield f"{place}.color_temp_range", "two temperatures in kelvin", span


def _rows(
    answers: dict[str, Any], method: str, key: str, kinds: dict[str, str]
) -> Iterator[Problem]:
    rows = _object(answers, method).get(key, [])
    if not isinstance(rows, list):
        yield f"{method}.{key}", LIST, rows
        return
    for index, row in enumerate(rows):
        place = f"{method}.{key}[{index}]"
        if isinstance(row, dict):
            yield from _fields(row, kinds, place)
        else:
            yield place, OBJECT, row


def _fields(
    value: dict[str, Any], kinds: dict[str, str], place: str
) -> Iterator[Problem]:
    for key, kind in kinds.items():
        if key in value and not _is(value[key], kind):
            yield f"{place}.{key}", kind, value[key]


def _is_answer(value: Any) -> bool:
    # A bare number is the code that a method was refused with.
    return isinstance(value, dict) or is_whole(value, -_MOST, _MOST)


def _is(value: Any, kind: str) -> bool:
    if kind == TEXT:
        return isinstance(value, str)
    if kind == FLAG:
        return isinstance(value, bool)
    if kind == OBJECT:
        return isinstance(value, dict)
    if kind == NUMBER:
        return is_number(value, -_MOST, _MOST)
    low, high = _RANGES[kind]
    return is_whole(value, low, high)


def _object(answers: dict[str, Any], method: str) -> dict[str, Any]:
    answer = answers.get(method)
    return answer if isinstance(answer, dict) else {}
