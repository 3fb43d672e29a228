"""``plug.away``: switch now and then, as if somebody were at home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from tplink_lab.devices.checks import garbled, not_known
from tplink_lab.devices.follow import follow
from tplink_lab.devices.rulebook import Book, rows_of, table_is_enabled
from tplink_lab.devices.rulelist import Rules
from tplink_lab.devices.rules import Rule, read_rule, rule_request
from tplink_lab.devices.when import Moment, parse_days, parse_moment
from tplink_lab.errors import BadInput

__all__ = ["Away", "AwayRule"]

# Unverified: what they mean. softScheck's published rule has these values (§5.5).
_RHYTHM = {"frequency": 5, "duration": 2, "lastfor": 1}


@dataclass(frozen=True)
class AwayRule:
    """A span of the day in which a device switches now and then.

    Attributes
    ----------
    rule_id : str
        The device's own id.
    is_enabled : bool
        Whether it acts.
    start, end : Moment
        When it begins, and when it ends; ``end`` equals ``start`` if it has none.
    days : tuple of str
        The weekdays, ``"sun"`` first.
    """

    rule_id: str
    is_enabled: bool
    start: Moment
    end: Moment
    days: tuple[str, ...]

    def __str__(self) -> str:
        state = "" if self.is_enabled else " (disabled)"
        return f"{self.start} to {self.end}, {' '.join(self.days)}{state}"


def _read(answer: Mapping[str, Any], module: str) -> Rules:
    rules = [read_rule(row) for row in rows_of(answer, module)]
    return Rules(
        [
            AwayRule(r.rule_id, r.is_enabled, r.at, r.until or r.at, r.days)
            for r in rules
        ]
    )


class Away(Book):
    """The away mode of a plug, a wall switch, or one outlet of a strip.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     away = cloud.device("Desk Lamp").away
    ...     rule = away.start("19:00", "22:30", days="daily")
    ...     away.rules()
    19:00 to 22:30, sun mon tue wed thu fri sat
    """

    capability = "away mode"
    module = "anti_theft"

    def rules(self) -> Rules:
        """Return the spans, in the device's order. One request."""
        if self._device.dialect == "smart":
            self._device.need(self.capability, call="away.rules")
            # Every recorded table is empty, so what a rule in it says is not known.
            raise not_known(
                "How a Tapo device tells its away mode is not known.",
                call="away.rules",
                next_step="Look in the Tapo app.",
            )
        module = self._where("rules")
        answer = self._device.ask(self._request(module, {"get_rules": None}))
        return _read(answer, module)

    def start(
        self, start: str | time, end: str | time, *, days: str | Sequence[str] = "daily"
    ) -> AwayRule:
        """Switch now and then between two moments; a span there is replaced.

        Two requests.

        Parameters
        ----------
        start, end : str or datetime.time
            ``"19:00"``, ``"sunset"``, ``"sunset+30"`` …; *end* comes later on the
            same day.
        days : str or list of str
            As for :meth:`Schedule.add`.

        Raises
        ------
        BadInput
            If it ends before it starts, or no weekday is given.
        WriteNotFollowed
            If the device keeps it otherwise.
        """
        module = self._where("start")
        first, last = parse_moment(start, "The start"), parse_moment(end, "The end")
        if not first.surely_before(last):
            raise BadInput(
                f"It ends ({last}) before it starts ({first}).",
                call="away.start",
                next_step="Let it end on the day on which it starts.",
            )
        chosen = parse_days(days)
        rule = rule_request(
            Rule("", "", True, first, "none", chosen, until=last), is_light=False
        )
        # Away rules name a span, and no action (§5.5).
        for key in ("sact", "eact"):
            del rule[key]
        self._write(module, "delete_all_rules", None)

        def read(answer: Mapping[str, Any]) -> tuple[Rules, bool]:
            return _read(answer, module), table_is_enabled(answer, module)

        def wrong(told: tuple[Rules, bool]) -> str:
            spans = [(r.is_enabled, r.start, r.end, r.days) for r in told[0]]
            if spans == [(True, first, last, chosen)]:
                return ""
            return f"it keeps {told[0]!r}"

        write = self._request(module, {"add_rule": {**rule, **_RHYTHM}})
        look = self._request(module, {"get_rules": None})
        rules, used = follow(self._device, write, look, read, wrong)
        if not used:
            self._write(module, "set_overall_enable", {"enable": 1})
        found = rules[0]
        if not isinstance(found, AwayRule):
            raise garbled(f"{module}.add_rule")
        return found

    def stop(self) -> None:
        """Take the span away. One request."""
        module = self._where("stop")
        follow(
            self._device,
            self._request(module, {"delete_all_rules": None}),
            self._request(module, {"get_rules": None}),
            lambda answer: _read(answer, module),
            lambda rules: "a span is still there" if len(rules) else "",
            repeatable=True,
        )
