"""What a SMART device does by itself: schedules, a countdown, switching off in time.

A recorded rule is followed. Which methods add or change one is known to nobody who
wrote it down, so there are none here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ..iot.local import LocalTime

NORMAL = "normal"


@dataclass(frozen=True)
class Event:
    """Something that will happen by itself."""

    due: int
    changes: dict[str, Any]
    rule_id: str
    kind: str


class Rules:
    """The rules of one device or outlet, and when each is due.

    Parameters
    ----------
    answers : dict
        Method to answer, as the snapshot has them; the engine's own copy.
    now : int
        When the device was brought to life.
    local : LocalTime
        Whose clock the schedules go by.
    """

    def __init__(self, answers: dict[str, Any], now: int, local: LocalTime) -> None:
        self._local = local
        self._schedules = _rules_of(answers, "get_schedule_rules")
        self._timers: dict[str, int] = {
            str(rule.get("id", "")): now + rule.get("remain", 0)
            for rule in _rules_of(answers, "get_countdown_rules")
            if rule.get("enable") and rule.get("remain", 0) > 0
        }
        self._countdowns = _rules_of(answers, "get_countdown_rules")

    def next_event(self, after: int) -> Event | None:
        """What happens next, later than a moment."""
        found = [event for rule in self._schedules for event in self._due(rule, after)]
        for rule in self._countdowns:
            due = self._timers.get(str(rule.get("id", "")))
            if due is not None:
                found.append(_event(due, rule, _states(rule), "countdown"))
        return min(found, key=lambda event: event.due, default=None)

    def next_scheduled(self, after: int) -> Event | None:
        """The next thing that a schedule does."""
        found = [event for rule in self._schedules for event in self._due(rule, after)]
        return min(found, key=lambda event: event.due, default=None)

    def spent(self, event: Event) -> None:
        """A countdown has run out."""
        if event.kind == "countdown":
            self._timers.pop(event.rule_id, None)

    def countdown(self, rule: dict[str, Any], now: int) -> dict[str, Any]:
        """A countdown's rule as it stands at a moment."""
        if not (rule.get("enable") and rule.get("remain", 0) > 0):
            return rule
        due = self._timers.get(str(rule.get("id", "")))
        if due is None:
            return {**rule, "enable": False, "remain": 0}
        return {**rule, "remain": due - now}

    def _due(self, rule: dict[str, Any], after: int) -> list[Event]:
        if not rule.get("enable"):
            return []
        events = []
        # Rules that go by the sun are kept and shown, not followed.
        if rule.get("s_type", NORMAL) == NORMAL:
            due = self._moment(rule, rule.get("s_min", 0), after)
            events += [_event(due, rule, _states(rule), "schedule")] if due else []
        end = rule.get("e_action")
        if end in ("on", "off") and rule.get("e_type", NORMAL) == NORMAL:
            due = self._moment(rule, rule.get("e_min", 0), after)
            changes = {"device_on": end == "on"}
            events += [_event(due, rule, changes, "schedule")] if due else []
        return events

    def _moment(self, rule: dict[str, Any], minute: int, after: int) -> int | None:
        if rule.get("mode") == "once":
            try:
                day = date(rule["year"], rule["month"], rule["day"])
                due = self._local.moment(day, minute)
            except (KeyError, ValueError, OverflowError, OSError):
                return None
            return due if due > after else None
        today = self._local.day(after)
        for ahead in range(8):
            day = today + timedelta(days=ahead)
            # 62 is Monday to Friday: Sunday comes first, in the lowest bit.
            if rule.get("week_day", 0) >> (day.weekday() + 1) % 7 & 1:
                due = self._local.moment(day, minute)
                if due > after:
                    return due
        return None


def _rules_of(answers: dict[str, Any], method: str) -> list[dict[str, Any]]:
    answer = answers.get(method)
    rules = answer.get("rule_list", []) if isinstance(answer, dict) else []
    return list(rules)


def _states(rule: dict[str, Any]) -> dict[str, Any]:
    """The states a rule asks for, by the names of `set_device_info`."""
    states = dict(rule.get("desired_states") or {})
    if "on" in states:
        states["device_on"] = states.pop("on")
    return states


def _event(due: int, rule: dict[str, Any], changes: dict[str, Any], kind: str) -> Event:
    return Event(due, changes, str(rule.get("id", "")), kind)
