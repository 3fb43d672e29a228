"""Rules kept by a device: schedule, count_down and anti_theft."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from .faults import Fault, text, whole
from .local import LocalTime

# One countdown is reported; the other two limits are Unverified.
LIMITS = {"schedule": 32, "count_down": 1, "anti_theft": 1}

_WHOLE: dict[str, tuple[int, int]] = {
    "enable": (0, 1),
    "stime_opt": (-1, 2),
    "smin": (0, 1439),
    "soffset": (-1440, 1440),
    "sact": (-1, 2),
    "etime_opt": (-1, 2),
    "emin": (0, 1439),
    "eoffset": (-1440, 1440),
    "eact": (-1, 2),
    "repeat": (0, 1),
    "year": (0, 2199),
    "month": (0, 12),
    "day": (0, 31),
    "force": (0, 1),
    "delay": (0, 86400),
    "act": (0, 1),
    "remain": (0, 86400),
    "frequency": (0, 1440),
    "duration": (0, 86400),
    "lastfor": (0, 86400),
}
_LIGHT: dict[str, tuple[int, int]] = {
    "on_off": (0, 1),
    "hue": (0, 360),
    "saturation": (0, 100),
    "brightness": (0, 100),
    "color_temp": (0, 9000),
    "transition_period": (0, 86_400_000),
}
_NEEDED = {
    "schedule": ("smin",),
    "count_down": ("delay", "act"),
    "anti_theft": (),
}


def _clean(args: dict[str, Any]) -> dict[str, Any]:
    """The known keys of a rule, each of its type; unknown keys are ignored."""
    rule: dict[str, Any] = {}
    for key, value in args.items():
        if key in _WHOLE:
            # Kasa writes -1 into some fields to say "unused".
            low, high = _WHOLE[key]
            rule[key] = whole(args, key, min(low, -1), high)
        elif key == "name":
            rule[key] = text(args, key, 64)
        elif key == "wday":
            good = isinstance(value, list) and len(value) == 7
            if not good or any(type(d) is not int or d not in (0, 1) for d in value):
                raise Fault("value")
            rule[key] = list(value)
        elif key in ("latitude", "longitude"):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise Fault("value")
            rule[key] = value
        elif key in ("s_light", "e_light"):
            if not isinstance(value, dict):
                raise Fault("value")
            light: dict[str, Any] = {
                name: whole(value, name, *_LIGHT[name])
                for name in value
                if name in _LIGHT
            }
            if "mode" in value:
                light["mode"] = text(value, "mode", 32)
            rule[key] = light
    return rule


class RuleBook:
    """One table of rules, with the verbs that every module shares.

    Parameters
    ----------
    kind : {"schedule", "count_down", "anti_theft"}
        Which module it stands for.
    recorded : dict
        The snapshot's answer to `get_rules`; kept as loaded.
    now : int
        The moment of the snapshot.
    seed : str
        Of the ids it gives to new rules.
    on_write : callable
        Called when a rule was added, changed or taken away.
    """

    def __init__(
        self,
        kind: str,
        recorded: dict[str, Any],
        now: int,
        seed: str,
        on_write: Callable[[], None],
    ) -> None:
        self.kind = kind
        self._header = {
            k: v for k, v in recorded.items() if k not in ("rule_list", "err_code")
        }
        self._header.setdefault("enable", 1)
        if kind == "schedule":
            self._header.setdefault("version", 2)
        rules = recorded.get("rule_list", [])
        self.rules: list[dict[str, Any]] = [
            rule for rule in rules if isinstance(rule, dict) and "id" in rule
        ]
        self._due: dict[str, int] = {}
        for rule in self.rules:
            if kind == "count_down" and rule.get("enable") == 1:
                self._due[rule["id"]] = now + int(rule.get("remain", 0) or 0)
        # Repeatable on purpose: the same home gives the same ids.
        self._random = random.Random(f"{seed}/{kind}")  # noqa: S311
        self._on_write = on_write

    @property
    def active(self) -> bool:
        """Whether any rule of an enabled table is enabled."""
        enabled = any(rule.get("enable", 1) == 1 for rule in self.rules)
        return enabled and bool(self._header["enable"])

    def get_rules(self, now: int) -> dict[str, Any]:
        """The answer to `get_rules`."""
        listed = []
        for rule in self.rules:
            shown = dict(rule)
            if self.kind == "count_down":
                due = self._due.get(rule["id"])
                shown["remain"] = max(0, due - now) if due is not None else 0
            listed.append(shown)
        return {**self._header, "rule_list": listed}

    def add_rule(self, args: dict[str, Any], now: int) -> dict[str, Any]:
        """The answer to `add_rule`: the id of the new rule."""
        rule = _clean(args)
        self._check(rule)
        if len(self.rules) >= LIMITS[self.kind]:
            raise Fault("full")
        rule_id = f"{self._random.getrandbits(128):032X}"
        rule = {"id": rule_id, "enable": 1, **rule}
        self.rules.append(rule)
        self._arm(rule, now)
        self._on_write()
        return {"id": rule_id}

    def edit_rule(self, args: dict[str, Any], now: int) -> None:
        """Answer `edit_rule`."""
        rule = self._find(args, "missing")
        changed = {**rule, **_clean(args)}
        self._check(changed)
        rule.update(changed)
        self._arm(rule, now)
        self._on_write()

    def delete_rule(self, args: dict[str, Any], now: int) -> None:
        """Answer `delete_rule`."""
        rule = self._find(args, "missing_id")
        self.rules.remove(rule)
        self._due.pop(rule["id"], None)
        self._on_write()

    def delete_all_rules(self, args: dict[str, Any], now: int) -> None:
        """Answer `delete_all_rules`."""
        self.rules.clear()
        self._due.clear()
        self._on_write()

    def set_overall_enable(self, args: dict[str, Any], now: int) -> None:
        """Answer `set_overall_enable`."""
        self._header["enable"] = whole(args, "enable", 0, 1)
        self._on_write()

    def _check(self, rule: dict[str, Any]) -> None:
        needed = _NEEDED[self.kind]
        if rule.get("stime_opt", 0) != 0:
            needed = ()  # sunrise and sunset need no minute
        if any(key not in rule for key in needed):
            raise Fault("missing")
        if self.kind == "count_down" and (rule["delay"] < 0 or rule["act"] < 0):
            raise Fault("value")
        if self.kind == "schedule" and rule.get("repeat", 1) == 0:
            try:
                date(rule["year"], rule["month"], rule["day"])
            except KeyError:
                raise Fault("missing") from None
            except ValueError:
                raise Fault("value") from None

    def _find(self, args: dict[str, Any], missing: str) -> dict[str, Any]:
        if "id" not in args:
            raise Fault(missing)
        for rule in self.rules:
            if rule["id"] == args["id"]:
                return rule
        raise Fault("entry")

    def _arm(self, rule: dict[str, Any], now: int) -> None:
        if self.kind != "count_down":
            return
        self._due.pop(rule["id"], None)
        if rule["enable"] == 1:
            self._due[rule["id"]] = now + rule["delay"]

    def spent(self, rule: dict[str, Any]) -> None:
        """A rule has had its only turn: it stays in the table, disabled."""
        # Unverified: that the device keeps it; the table then counts as full.
        rule["enable"] = 0
        self._due.pop(rule["id"], None)

    def next_event(self, after: int, local: LocalTime) -> Event | None:
        """What this table does next, strictly after a moment."""
        if not self._header["enable"]:
            return None
        found: list[Event] = []
        for rule in self.rules:
            if rule.get("enable", 1) != 1:
                continue
            if self.kind == "count_down":
                due = self._due.get(rule["id"])
                if due is not None:
                    found.append(Event(due, self, rule, rule.get("act", 0), None))
            elif self.kind == "schedule":
                found.extend(self._timed(rule, after, local))
        return min(found, key=lambda event: event.due, default=None)

    def _timed(self, rule: dict[str, Any], after: int, local: LocalTime) -> list[Event]:
        # Unverified, hence kept without firing: sunrise and sunset (options 1 and 2),
        # since no source says how a device reckons them.
        events = []
        for option, minute, act, light in (
            ("stime_opt", "smin", "sact", "s_light"),
            ("etime_opt", "emin", "eact", "e_light"),
        ):
            default = 0 if option == "stime_opt" else -1
            if rule.get(option, default) != 0 or rule.get(act, -1) < 0:
                continue
            if not 0 <= rule.get(minute, -1) <= 1439:
                continue
            due = _next_time(rule, rule[minute], after, local)
            if due is not None:
                events.append(Event(due, self, rule, rule[act], rule.get(light)))
        return events


class Event:
    """A rule's next deed."""

    def __init__(
        self,
        due: int,
        book: RuleBook,
        rule: dict[str, Any],
        action: int,
        light: dict[str, Any] | None,
    ) -> None:
        self.due = due
        self.book = book
        self.rule = rule
        self.action = action
        self.light = light

    @property
    def once(self) -> bool:
        """Whether the rule has no further turn."""
        return self.book.kind == "count_down" or self.rule.get("repeat", 1) == 0

    def described(self, local: LocalTime, seconds_key: str) -> dict[str, Any]:
        """As `get_next_action` or sysinfo's `next_action` show it."""
        shown: dict[str, Any] = {
            "type": 2 if self.book.kind == "count_down" else 1,
            "id": self.rule["id"],
            seconds_key: local.second_of_day(self.due),
            "action": self.action,
        }
        if self.light is not None and self.action == 2:
            shown["light"] = {
                k: v for k, v in self.light.items() if k in _LIGHT and k[0] != "t"
            }
        return shown


def _next_time(
    rule: dict[str, Any], minute: int, after: int, local: LocalTime
) -> int | None:
    if rule.get("repeat", 1) == 0:
        try:
            day = date(rule["year"], rule["month"], rule["day"])
        except (KeyError, TypeError, ValueError):
            return None
        due = local.moment(day, minute)
        return due if due > after else None
    days = rule.get("wday", [1] * 7)
    today = local.day(after)
    for ahead in range(8):
        day = today + timedelta(days=ahead)
        if days[(day.weekday() + 1) % 7]:
            due = local.moment(day, minute)
            if due > after:
                return due
    return None
