"""Schedules as a table, and what is wrong with them.

Rules are read as protocol.md §5.5 gives them: ``schedule.get_rules``, and
``smartlife.iot.common.schedule`` in bulbs. Each outlet of a strip has its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import pandas as pd

from tplink_lab.data.columns import flag, integer, text, typed
from tplink_lab.data.states import identity, note
from tplink_lab.data.sweep import WORKERS, Swept, error_text, swept_frame
from tplink_lab.data.zones import lab_now
from tplink_lab.devices import Device, Kind, iot
from tplink_lab.errors import NotSupported

__all__ = ["ask_rules", "conflicts", "never_fires", "schedules_frame"]

DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")  # the wire's order
BEGINS = {0: "clock", 1: "sunrise", 2: "sunset", -1: "none"}
ACTIONS = {0: "off", 1: "on", 2: "light", -1: "none"}
DAY_MIN = 1440
WEEK_MIN = 7 * DAY_MIN

RULE_DTYPES: dict[str, Any] = {
    "alias": "str",
    "outlet": "str",
    "model": "category",
    "name": "str",
    "is_enabled": "boolean",
    "days": "category",
    "once_on": "datetime64[s]",
    "start": "category",
    "start_min": "Int64",
    "start_action": "category",
    "end": "category",
    "end_min": "Int64",
    "end_action": "category",
    "never_fires": "str",
    "rule_id": "str",
    "device_id": "str",
    "outlet_id": "str",
    "error": "str",
}


class Table(NamedTuple):
    """The rules of one device or outlet; ``enabled`` is the switch over them all."""

    outlet: str | None
    outlet_id: str | None
    enabled: bool
    rules: list[dict[str, Any]]


def schedules_frame(
    devices: Sequence[Device], *, workers: int = WORKERS, now: datetime | None = None
) -> pd.DataFrame:
    """Ask every device for its schedule; one row per rule.

    Parameters
    ----------
    devices : sequence of Device
        As ``cloud.devices()`` gives them. Those without schedules, or without a
        rule, have no row.
    workers : int
        The most devices asked at one time.
    now : datetime, optional
        What counts as past; the lab's clock otherwise.

    Returns
    -------
    DataFrame
        ``alias``, ``outlet`` (str), ``model`` (category), ``name`` (str),
        ``is_enabled`` (boolean; false too if the whole table is switched off),
        ``days`` (category, ``"Mon Tue"``; missing for a rule that fires once),
        ``once_on`` (datetime64[s], its day), ``start`` (category: clock, sunrise,
        sunset, none), ``start_min`` (Int64, minutes after midnight, by the clock),
        ``start_action`` (category: on, off, light, none), ``end``, ``end_min``,
        ``end_action`` (the same), ``never_fires`` (str: why, if so), ``rule_id``,
        ``device_id``, ``outlet_id``, ``error`` (str).

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     frame = cloud.devices().schedules()
    >>> frame.loc[0, ["name", "days", "start_action"]].tolist()
    ['Good night', 'Sun Mon Tue Wed Thu', 'light']
    """
    moment = lab_now(devices, now)

    def build(swept: list[Swept[list[Table]]]) -> pd.DataFrame:
        rows = [row for one in swept for row in _rows(one, moment.date())]
        return note(typed(rows, RULE_DTYPES), devices, moment, "schedule.get_rules")

    return swept_frame(devices, ask_rules, build, workers=workers)


def ask_rules(device: Device) -> list[Table]:
    """Return the rule tables of a device: one, or one for each outlet of a strip."""
    kind = device.kind()
    module = "smartlife.iot.common.schedule" if kind.is_light else "schedule"
    request: dict[str, Any] = {module: {"get_rules": {}}}
    if kind is not Kind.STRIP:
        return [_table(device, request, module, None, None)]
    return [
        _table(
            device,
            iot.outlet_request(request, (outlet.outlet_id,)),
            module,
            outlet.alias,
            outlet.outlet_id,
        )
        for outlet in device.state().outlets
    ]


def _table(
    device: Device,
    request: dict[str, Any],
    module: str,
    outlet: str | None,
    outlet_id: str | None,
) -> Table:
    answer = iot.answer_of(device.ask(request), module, "get_rules")
    rules = answer.get("rule_list")
    known = [dict(r) for r in rules if isinstance(r, Mapping)] if rules else []
    return Table(outlet, outlet_id, answer.get("enable", 1) != 0, known)


def never_fires(rule: Mapping[str, Any], today: date) -> str | None:
    """Return why an enabled rule can never fire again, or None if it can.

    Parameters
    ----------
    rule : dict
        As the device gives it.
    today : datetime.date
        In the device's zone.

    Examples
    --------
    >>> never_fires({"wday": [0] * 7, "smin": 60, "sact": 1}, date(2026, 11, 1))
    'no weekday is chosen'
    """
    if not _events(rule):
        return "it has no time at which it does anything"
    if rule.get("repeat", 1) == 0:
        day = _once_on(rule)
        if day is None:
            return "its day does not exist"
        return f"its only day, {day}, is past" if day < today else None
    return None if _days(rule) else "no weekday is chosen"


def conflicts(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return sentences about enabled rules of one table that get in each other's way.

    Two rules do if, on a day they share, their spans (from start to end) overlap, or
    they act in the same minute. Sunrise and sunset move, so they are not compared.

    Examples
    --------
    >>> on = {"name": "on", "wday": [1] * 7, "smin": 60, "sact": 1}
    >>> conflicts([on, {**on, "name": "off", "sact": 0}])
    ["'on' and 'off' act in the same minute, 01:00 on Sun: one switches on, one off"]
    """
    live = [r for r in rules if r.get("enable", 1) == 1]
    found = []
    for number, one in enumerate(live):
        for other in live[number + 1 :]:
            trouble = _trouble(one, other)
            if trouble is not None:
                found.append(f"{_name(one)} and {_name(other)} {trouble}")
    return found


def _trouble(one: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    if _once_on(one) and _once_on(other) and _once_on(one) != _once_on(other):
        return None
    begin = _overlap(one, other)
    if begin is not None:
        return f"overlap from {_clock(begin)} on {DAYS[begin // DAY_MIN % 7]}"
    shared = [d for d in _weekdays(one) if d in _weekdays(other)]
    if not shared:
        return None
    for minute, action in _events(one):
        for other_minute, does in _events(other):
            if minute is None or minute != other_minute:
                continue
            where = f"act in the same minute, {_clock(minute)} on {DAYS[shared[0]]}"
            if {action, does} == {0, 1}:
                return f"{where}: one switches on, one off"
            return f"{where}: one of them is idle" if action == does else where
    return None


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> int | None:
    """Return the minute of the week at which two rules' spans first overlap."""
    mine, theirs = _span(one), _span(other)
    if mine is None or theirs is None:
        return None
    found = []
    for day in _weekdays(one):
        for their_day in _weekdays(other):
            # The week is a ring: Saturday's night meets Sunday's morning.
            for week in (-WEEK_MIN, 0, WEEK_MIN):
                shift = (their_day - day) * DAY_MIN + week
                begin = max(mine[0], theirs[0] + shift)
                if begin < min(mine[1], theirs[1] + shift):
                    found.append((day * DAY_MIN + begin) % WEEK_MIN)
    return min(found, default=None)


def _events(rule: Mapping[str, Any]) -> list[tuple[int | None, int]]:
    """Return (minute, action) of start and end; the sun's minute is not known."""
    found: list[tuple[int | None, int]] = []
    for option, minute, act, default in (
        ("stime_opt", "smin", "sact", 0),
        ("etime_opt", "emin", "eact", -1),
    ):
        kind = rule.get(option, default)
        at, action = integer(rule.get(minute)), integer(rule.get(act))
        if action is None or action < 0:
            continue
        if kind in (1, 2):
            found.append((None, action))
        elif kind == 0 and at is not None and 0 <= at < DAY_MIN:
            found.append((at, action))
    return found


def _span(rule: Mapping[str, Any]) -> tuple[int, int] | None:
    minutes = [minute for minute, _ in _events(rule) if minute is not None]
    if len(minutes) != 2:
        return None
    start, end = minutes
    # An end before the start is on the next day.
    return start, end if end > start else end + DAY_MIN


def _weekdays(rule: Mapping[str, Any]) -> list[int]:
    if rule.get("repeat", 1) != 0:
        return _days(rule)
    day = _once_on(rule)
    return [] if day is None else [(day.weekday() + 1) % 7]


def _days(rule: Mapping[str, Any]) -> list[int]:
    chosen = rule.get("wday", [1] * 7)
    if not isinstance(chosen, list):
        return []
    return [number for number, is_on in enumerate(chosen[:7]) if is_on == 1]


def _once_on(rule: Mapping[str, Any]) -> date | None:
    if rule.get("repeat", 1) != 0:
        return None
    try:
        return date(rule["year"], rule["month"], rule["day"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _name(rule: Mapping[str, Any]) -> str:
    return repr(text(rule.get("name")) or "a rule without a name")


def _clock(minute: int) -> str:
    hour, rest = divmod(minute % DAY_MIN, 60)
    return f"{hour:02}:{rest:02}"


def _rows(swept: Swept[list[Table]], today: date) -> list[dict[str, Any]]:
    device, tables, error = swept
    who = identity(device)
    if tables is None:
        if isinstance(error, NotSupported) and not error.is_ours:
            return []
        return [{**who, "error": error_text(error)}]
    return [
        {
            **who,
            "outlet": table.outlet,
            "outlet_id": table.outlet_id,
            "name": text(rule.get("name")),
            "is_enabled": table.enabled and flag(rule.get("enable", 1)),
            "days": " ".join(DAYS[d] for d in _days(rule))
            if rule.get("repeat", 1) != 0
            else None,
            "once_on": _once_on(rule),
            "start": BEGINS.get(rule.get("stime_opt", 0)),
            "start_min": integer(rule.get("smin"))
            if rule.get("stime_opt", 0) == 0
            else None,
            "start_action": ACTIONS.get(rule.get("sact", -1)),
            "end": BEGINS.get(rule.get("etime_opt", -1)),
            "end_min": integer(rule.get("emin"))
            if rule.get("etime_opt", -1) == 0
            else None,
            "end_action": ACTIONS.get(rule.get("eact", -1)),
            "never_fires": never_fires(rule, today),
            "rule_id": text(rule.get("id")),
        }
        for table in tables
        for rule in table.rules
    ]
