"""What the engine relies on inside a snapshot, checked before anything lives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# (place below the snapshot, what was expected, what was found)
Problem = tuple[str, str, Any]

RULE_MODULES = (
    "schedule",
    "count_down",
    "anti_theft",
    "countdown",
    "smartlife.iot.common.schedule",
)
_RULE_NUMBERS = (
    "enable",
    "stime_opt",
    "smin",
    "sact",
    "etime_opt",
    "emin",
    "eact",
    "repeat",
    "year",
    "month",
    "day",
    "delay",
    "act",
    "remain",
)
_LIGHT_NUMBERS = ("on_off", "hue", "saturation", "color_temp", "brightness")


def problems(snapshot: dict[str, Any], info: dict[str, Any]) -> Iterator[Problem]:
    """Everything in a Kasa snapshot that no device would say.

    The modules, their methods and sysinfo itself have been checked by then; `info` is
    the sysinfo, wherever the family keeps it.
    """
    for module, methods in snapshot.items():
        yield from _whole_numbers(methods, ("err_code",), module)
        for method, answer in methods.items():
            if isinstance(answer, dict):
                yield from _whole_numbers(answer, ("err_code",), f"{module}.{method}")
    for module in RULE_MODULES:
        rules = snapshot.get(module, {}).get("get_rules")
        if isinstance(rules, dict):
            yield from _rules(rules, f"{module}.get_rules")
    sysinfo = "system.get_sysinfo"
    light = info.get("light_state")
    if isinstance(light, dict):
        where = f"{sysinfo}.light_state"
        yield from _whole_numbers(light, _LIGHT_NUMBERS, where)
        stored = light.get("dft_on_state", {})
        yield from _whole_numbers(stored, _LIGHT_NUMBERS, f"{where}.dft_on_state")
    yield from _objects(info, "preferred_state", sysinfo)
    for module, method, key in (
        ("smartlife.iot.PIR", "get_config", "array"),
        ("smartlife.iot.LAS", "get_config", "devs"),
    ):
        config = snapshot.get(module, {}).get(method)
        if isinstance(config, dict):
            where = f"{module}.{method}"
            if key == "devs":
                yield from _objects(config, key, where)
            elif not isinstance(config.get(key, []), list):
                yield f"{where}.{key}", "a list", config[key]


def _whole_numbers(
    value: dict[str, Any], keys: tuple[str, ...], where: str
) -> Iterator[Problem]:
    for key in keys:
        number = value.get(key, 0)
        if isinstance(number, bool) or not isinstance(number, int):
            yield f"{where}.{key}", "a whole number", number


def _objects(value: dict[str, Any], key: str, where: str) -> Iterator[Problem]:
    entries = value.get(key, [])
    if not isinstance(entries, list):
        yield f"{where}.{key}", "a list", entries
        return
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            yield f"{where}.{key}[{index}]", "an object", entry


def _rules(rules: dict[str, Any], where: str) -> Iterator[Problem]:
    yield from _whole_numbers(rules, ("enable",), where)
    found = list(_objects(rules, "rule_list", where))
    yield from found
    if found:
        return
    for index, rule in enumerate(rules.get("rule_list", [])):
        place = f"{where}.rule_list[{index}]"
        if not isinstance(rule.get("id"), str):
            yield f"{place}.id", "a text", rule.get("id")
        yield from _whole_numbers(rule, _RULE_NUMBERS, place)
        days = rule.get("wday", [1] * 7)
        if not isinstance(days, list) or len(days) != 7:
            yield f"{place}.wday", "seven times 0 or 1, Sunday first", days
        for key in ("s_light", "e_light"):
            light = rule.get(key, {})
            if isinstance(light, dict):
                yield from _whole_numbers(light, _LIGHT_NUMBERS, f"{place}.{key}")
            else:
                yield f"{place}.{key}", "an object", light
