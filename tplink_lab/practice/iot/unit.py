"""One switchable thing: a plug, an outlet of a strip, a light."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .local import LocalTime
from .meter import Meter
from .register import Register, Statistics
from .rules import Event, RuleBook

SECONDS_PER_MINUTE = 60


class Unit:
    """A switch with a memory: on or off, since when, what it used, what it will do.

    Time passes in `settle`, which stops at every rule that is due on the way.
    """

    def __init__(
        self,
        now: int,
        seed: str,
        local: LocalTime,
        *,
        is_on: bool,
        on_time: int,
        active_mode: str | None,
        next_action: dict[str, Any] | None,
        recorded: dict[str, dict[str, Any]],
        meter: Meter | None,
        powered: bool,
        apply_light: Callable[[dict[str, Any]], bool] | None = None,
    ) -> None:
        self.is_on = is_on
        self.meter = meter
        self._local = local
        self._now = now
        self._powered = powered
        self._apply_light = apply_light
        # What on_time shows: a base, and the moment from which it counts on.
        self._on_base = on_time
        self._since: int | None = now if is_on else None
        start = max(0, on_time) if is_on else 0
        schedule = recorded.get("schedule", {})
        self.runtime = Statistics(
            Register(now, start, SECONDS_PER_MINUTE, lambda a, b: b - a, local),
            "time",
            schedule.get("get_daystat", {}).get("day_list"),
            schedule.get("get_monthstat", {}).get("month_list"),
        )
        self.books = {
            kind: RuleBook(
                kind,
                recorded.get(kind, {}).get("get_rules", {}),
                now,
                seed,
                self._written,
            )
            for kind in ("schedule", "count_down", "anti_theft")
        }
        # What the snapshot says will happen next stands until its time has come or a
        # rule was touched; the snapshot need not hold the rule it comes from.
        self._mode = active_mode
        self._pinned = next_action
        self._pinned_until: int | None = None
        if next_action is not None and next_action.get("type", -1) != -1:
            second = next_action.get("schd_sec", next_action.get("schd_time", 0))
            if isinstance(second, int):
                self._pinned_until = local.next_at(now, second)
        self._event: Event | None = None
        self._stale = True

    @property
    def on_time(self) -> int:
        """Seconds since it was switched on."""
        if self._since is None:
            return self._on_base
        return self._on_base + self._now - self._since

    def switch(self, on: bool) -> None:
        """Switch; to the position it is in already changes nothing."""
        if on == self.is_on:
            return
        self.is_on = on
        self._on_base = 0
        self._since = self._now if on else None

    def set_powered(self, powered: bool) -> None:
        """Take the power away or give it back; the switch stays as it was."""
        if powered == self._powered:
            return
        self._powered = powered
        self._on_base = 0
        self._since = self._now if powered and self.is_on else None

    def settle(self, now: int) -> None:
        """Let time pass up to now."""
        if now < self._now:
            return
        while True:
            event = self._next()
            if event is None or event.due > now:
                break
            self._run(event.due)
            self._happen(event)
        self._run(now)

    def _run(self, until: int) -> None:
        if until > self._now:
            on = self.is_on and self._powered
            # An unplugged meter counts nothing, not even its standby.
            if self.meter is not None:
                if self._powered:
                    self.meter.run(until, on)
                else:
                    self.meter.statistics.register.run(until, _nothing)
            amount = _seconds if on else _nothing
            self.runtime.register.run(until, amount)
            self._now = until
        if self._pinned_until is not None and self._now >= self._pinned_until:
            self._pinned = self._pinned_until = None

    def _happen(self, event: Event) -> None:
        if event.once:
            event.book.spent(event.rule)
        self._written()
        if not self._powered:
            return
        if event.action == 2:
            if self._apply_light is not None and event.light is not None:
                self.switch(self._apply_light(event.light))
        elif event.action in (0, 1):
            self.switch(event.action == 1)

    def _next(self) -> Event | None:
        if self._stale:
            found = [
                event
                for book in (self.books["count_down"], self.books["schedule"])
                if (event := book.next_event(self._now, self._local)) is not None
            ]
            self._event = min(found, key=lambda event: event.due, default=None)
            self._stale = False
        return self._event

    def _written(self) -> None:
        self._stale = True
        self._pinned = self._pinned_until = None
        self._mode = None

    @property
    def active_mode(self) -> str:
        """The `active_mode` of sysinfo."""
        if self._mode is not None:
            return self._mode
        if self.books["count_down"].active:
            return "count_down"
        return "schedule" if self.books["schedule"].active else "none"

    def next_action(self, seconds_key: str) -> dict[str, Any]:
        """What it will do next, in sysinfo's or in the schedule's spelling."""
        if self._pinned is not None:
            keys = {"schd_sec": seconds_key, "schd_time": seconds_key}
            return {
                keys.get(k, k): v for k, v in self._pinned.items() if k != "err_code"
            }
        event = self._next()
        if event is None:
            return {"type": -1}
        return event.described(self._local, seconds_key)


def _nothing(start: int, end: int) -> int:
    return 0


def _seconds(start: int, end: int) -> int:
    return end - start
