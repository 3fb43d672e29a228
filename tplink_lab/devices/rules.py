"""One rule of a schedule, in a person's words; and the wire's, of both dialects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from tplink_lab.devices.checks import flag_in, garbled, number_in, text_in
from tplink_lab.devices.lightstate import LightChange
from tplink_lab.devices.when import DAYS, Moment

__all__ = ["Rule", "differences", "read_rule", "read_smart_rule", "rule_request"]

CALL = "schedule.get_rules"
_KINDS = {0: "clock", 1: "sunrise", 2: "sunset"}
_OPTIONS = {kind: option for option, kind in _KINDS.items()}
_SMART_KINDS = {"normal": "clock", "sunrise": "sunrise", "sunset": "sunset"}
_NOTHING: Mapping[str, int] = {}


@dataclass(frozen=True)
class Rule:
    """One rule of a device's schedule.

    Attributes
    ----------
    rule_id : str
        The device's own id; empty before it has one.
    name : str
        What its owner called it.
    is_enabled : bool
        Whether it acts.
    at : Moment
        When it acts; ``str(rule.at)`` is ``"07:30"`` or ``"sunset-30"``.
    action : str
        ``"on"``, ``"off"``, or ``"none"`` where it only ends something.
    days : tuple of str
        The weekdays it acts on, ``"sun"`` first; empty for a rule that acts once.
    on : date or None
        The day of a rule that acts once.
    until : Moment or None
        When it does the opposite, if it does.
    light : dict
        For lights: ``brightness``, ``color_temp_k``, ``hue_deg``, ``saturation`` and
        ``transition_s``, as far as the rule sets them.
    """

    rule_id: str
    name: str
    is_enabled: bool
    at: Moment
    action: str
    days: tuple[str, ...] = ()
    on: date | None = None
    until: Moment | None = None
    light: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        when = self.on.isoformat() if self.on else " ".join(self.days)
        until = f" until {self.until}" if self.until else ""
        state = "" if self.is_enabled else " (disabled)"
        return f"{self.at}{until} {self.action}, {when}{state}"


def read_rule(row: object) -> Rule:
    """Return one rule of a Kasa device's ``rule_list``.

    Raises
    ------
    UnusableAnswer
        If it lacks its id, its time or its days, or they make no sense.
    """
    if not isinstance(row, Mapping) or not isinstance(row.get("id"), str):
        raise garbled(CALL, "rule_list")
    light = row.get("s_light")
    action = number_in(row, "sact", CALL, -1, 2) if "sact" in row else -1
    values: Mapping[str, float] = _NOTHING
    if action == 2:
        if not isinstance(light, Mapping):
            raise garbled(CALL, "s_light")
        action = int(flag_in(light, "on_off", CALL))
        values = _read_light(light)
    days, once = _read_days(row)
    return Rule(
        rule_id=row["id"],
        name=text_in(row, "name"),
        is_enabled=flag_in(row, "enable", CALL) if "enable" in row else True,
        at=_read_moment(row, "s") or Moment("clock", 0),
        action={0: "off", 1: "on"}.get(action, "none"),
        days=days,
        on=once,
        until=_read_moment(row, "e"),
        light=values,
    )


def rule_request(rule: Rule, *, is_light: bool) -> dict[str, Any]:
    """Return *rule* as ``add_rule`` and ``edit_rule`` of a Kasa device take it.

    Every field is written out: a device keeps the old value of one left out.
    """
    sent: dict[str, Any] = {
        "name": rule.name,
        "enable": int(rule.is_enabled),
        "repeat": int(rule.on is None),
        "wday": [int(day in rule.days) for day in DAYS],
        "year": rule.on.year if rule.on else 0,
        "month": rule.on.month if rule.on else 0,
        "day": rule.on.day if rule.on else 0,
        **_wire_moment(rule.at, "s"),
        "sact": {"on": 1, "off": 0}.get(rule.action, -1),
        "etime_opt": -1,
        "emin": 0,
        "eoffset": 0,
        "eact": -1,
    }
    if rule.on is not None:
        # One-off rules name their day; weekdays beside it are not read (§5.5).
        sent["wday"] = [int(DAYS[(rule.on.weekday() + 1) % 7] == d) for d in DAYS]
    if rule.until is not None:
        sent |= {**_wire_moment(rule.until, "e"), "eact": int(rule.action == "off")}
    if is_light:
        sent |= {"sact": 2, "s_light": _wire_light(rule)}
    if rule.rule_id:
        sent["id"] = rule.rule_id
    return sent


def differences(wanted: Rule, told: Rule) -> str:
    """Return in what the device's rule differs from the one it was given."""
    names: tuple[str, ...] = tuple(f.name for f in fields(Rule) if f.name != "rule_id")
    if wanted.on is not None:
        names = tuple(name for name in names if name != "days")
    return " and ".join(
        f"the rule's {name} is {getattr(told, name)!s}, not {getattr(wanted, name)!s}"
        for name in names
        if getattr(told, name) != getattr(wanted, name)
    )


def read_smart_rule(row: object) -> Rule:
    """Return one rule of a Tapo device's ``rule_list`` (§6.1)."""
    call = "get_schedule_rules"
    if not isinstance(row, Mapping) or not isinstance(row.get("id"), str):
        raise garbled(call, "rule_list")
    kind = _SMART_KINDS.get(text_in(row, "s_type"))
    states = row.get("desired_states")
    if kind is None or not isinstance(states, Mapping):
        raise garbled(call)
    if kind == "clock":
        minutes = number_in(row, "s_min", call, 0, 1439)
    else:
        minutes = number_in(row, "time_offset", call, -1440, 1440)
    once = text_in(row, "mode") == "once"
    days: tuple[str, ...] = ()
    if not once:
        # Seven bits, Sunday lowest: 62 is Monday to Friday (fields.md).
        mask = number_in(row, "week_day", call, 0, 127)
        days = tuple(day for bit, day in enumerate(DAYS) if mask >> bit & 1)
    return Rule(
        rule_id=row["id"],
        name=text_in(row, "name"),
        is_enabled=flag_in(row, "enable", call),
        at=Moment(kind, minutes),
        action=_smart_action(states.get("on")),
        days=days,
        on=_read_date(row, call) if once else None,
        until=_read_smart_end(row, call),
        light={
            name: number_in(states, key, call, 0, 20_000)
            for key, name in _LIGHT_NAMES.items()
            if key in states
        },
    )


def _read_smart_end(row: Mapping[str, Any], call: str) -> Moment | None:
    """Return when the rule does the opposite, if it does."""
    if text_in(row, "e_action") not in ("on", "off"):
        return None
    kind = _SMART_KINDS.get(text_in(row, "e_type"))
    if kind is None:
        raise garbled(call, "e_type")
    if kind == "clock":
        return Moment(kind, number_in(row, "e_min", call, 0, 1439))
    return Moment(kind, 0)  # Unverified: that the one offset told is the start's


def _smart_action(on: object) -> str:
    if isinstance(on, bool):
        return "on" if on else "off"
    return "none"


_LIGHT_NAMES = {
    "brightness": "brightness",
    "color_temp": "color_temp_k",
    "hue": "hue_deg",
    "saturation": "saturation",
}


def _read_moment(row: Mapping[str, Any], end: str) -> Moment | None:
    """Return when the rule starts ("s") or ends ("e"); None if it does not."""
    option = row.get(f"{end}time_opt", 0 if end == "s" else -1)
    if option == -1 and not isinstance(option, bool):
        return None
    kind = _KINDS.get(option) if type(option) is int else None
    if kind is None:
        raise garbled(CALL, f"{end}time_opt")
    if kind == "clock":
        return Moment(kind, number_in(row, f"{end}min", CALL, 0, 1439))
    offset = row.get(f"{end}offset", 0)
    if type(offset) is not int or abs(offset) > 1440:
        raise garbled(CALL, f"{end}offset")
    return Moment(kind, offset)


def _wire_moment(moment: Moment, end: str) -> dict[str, int]:
    clock = moment.kind == "clock"
    return {
        f"{end}time_opt": _OPTIONS[moment.kind],
        f"{end}min": moment.minutes if clock else 0,
        f"{end}offset": 0 if clock else moment.minutes,
    }


def _read_days(row: Mapping[str, Any]) -> tuple[tuple[str, ...], date | None]:
    repeat = flag_in(row, "repeat", CALL) if "repeat" in row else True
    if not repeat:
        return (), _read_date(row, CALL)
    wday = row.get("wday", [1] * 7)
    if (
        not isinstance(wday, list)
        or len(wday) != 7
        or any(type(d) is not int or d not in (0, 1) for d in wday)
    ):
        raise garbled(CALL, "wday")
    return tuple(day for day, chosen in zip(DAYS, wday, strict=True) if chosen), None


def _read_date(row: Mapping[str, Any], call: str) -> date:
    try:
        return date(row["year"], row["month"], row["day"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise garbled(call, "year, month, day") from None


def _read_light(light: Mapping[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    fades = "transition_period" in light
    ms = number_in(light, "transition_period", CALL, 0, 86_400_000) if fades else 0
    if ms:
        found["transition_s"] = ms / 1000
    if light.get("mode") == "last_status" or not light.get("on_off"):
        return found
    found["brightness"] = number_in(light, "brightness", CALL, 0, 100)
    kelvin = number_in(light, "color_temp", CALL, 0, 20_000)
    hue, saturation = light.get("hue"), light.get("saturation")
    if kelvin:
        found["color_temp_k"] = kelvin
    elif hue or saturation:
        found["hue_deg"] = number_in(light, "hue", CALL, 0, 360)
        found["saturation"] = number_in(light, "saturation", CALL, 0, 100)
    return found


def _wire_light(rule: Rule) -> dict[str, Any]:
    """Return ``s_light`` as recorded rules have it: unused values are 0."""
    wanted = {k: int(v) for k, v in rule.light.items() if k != "transition_s"}
    values = LightChange(**wanted).values()
    return {
        "on_off": int(rule.action == "on"),
        "mode": "customize_preset" if values else "last_status",
        "hue": 0,
        "saturation": 0,
        "color_temp": 0,
        "brightness": 0,
        "transition_period": round(1000 * rule.light.get("transition_s", 0)),
        **values,
    }
