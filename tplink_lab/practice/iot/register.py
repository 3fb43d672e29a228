"""A counter that only grows, with a past: total, days and months that add up.

Everything is read off one running sum, floored to the unit: a day is the difference of
two midnights, a month that of two firsts. So days sum to their month and all of them to
the total, to the last watt-hour.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from .local import LocalTime

Amount = Callable[[int, int], int]
LONGEST_PAST_DAYS = 3653


class Register:
    """A running sum on the practice clock.

    Parameters
    ----------
    now : int
        When it was brought to life.
    start : int
        What it showed then, in base units (milliwatt-seconds, seconds).
    unit : int
        Base units in one unit shown.
    past : callable
        How much came in between two moments before `now`.
    local : LocalTime
        Whose days are counted.
    """

    def __init__(
        self, now: int, start: int, unit: int, past: Amount, local: LocalTime
    ) -> None:
        self.unit = unit
        self._local = local
        self._born = now
        self._birthday = local.day(now)
        self._start = start
        self._past = past
        self._moment = now
        self._total = start
        self._days: list[date] = []
        self._marks: list[int] = []
        self._history: dict[date, int] | None = None

    @property
    def grown(self) -> int:
        """Units that came in since it was brought to life."""
        return self._total // self.unit - self._start // self.unit

    @property
    def shown(self) -> int:
        """Units in all."""
        return self._total // self.unit

    def run(self, until: int, amount: Amount) -> None:
        """Let time pass, with so much coming in."""
        day = self._local.day(self._moment)
        while self._moment < until:
            day += timedelta(days=1)
            midnight = self._local.midnight(day)
            stop = min(until, midnight)
            if stop > self._moment:
                self._total += amount(self._moment, stop)
                self._moment = stop
            if stop == midnight and (not self._days or day > self._days[-1]):
                self._days.append(day)
                self._marks.append(self._total)

    def erase(self) -> None:
        """Start again from nothing."""
        self._birthday = self._local.day(self._moment)
        self._born = self._moment
        self._start = self._total = 0
        self._days.clear()
        self._marks.clear()
        self._history = {}

    def between(self, start: date, end: date) -> int:
        """Units that came in from the midnight of one day to that of another."""
        return self._at(end) // self.unit - self._at(start) // self.unit

    def growth(self, start: date, end: date) -> int:
        """As `between`, leaving out what lies before it was brought to life."""
        floor = self._start
        first = max(floor, self._at(start)) // self.unit
        return max(floor, self._at(end)) // self.unit - first

    def _at(self, day: date) -> int:
        """The sum at a local midnight."""
        if day > self._birthday:
            index = bisect_left(self._days, day)
            return self._marks[index] if index < len(self._marks) else self._total
        past = self._past_days()
        return past.get(day, 0)

    def _past_days(self) -> dict[date, int]:
        """The sum at the midnights before it was brought to life, back to nothing."""
        if self._history is None:
            self._history = self._remember(self._past)
            if self._history and min(self._history.values()) > 0:
                # Even ten years would not do: spread it evenly over them instead.
                span = LONGEST_PAST_DAYS * 86400
                start, born = self._start, self._born
                self._history = self._remember(
                    lambda a, b: (
                        -(-start * (born - a) // span) + (start * (born - b) // span)
                    )
                )
        return self._history

    def _remember(self, past: Amount) -> dict[date, int]:
        history: dict[date, int] = {}
        day, moment, value = self._birthday, self._born, self._start
        for _ in range(LONGEST_PAST_DAYS + 2):
            midnight = self._local.midnight(day)
            value = max(0, value - past(midnight, moment))
            history[day] = value
            if value == 0:
                break
            moment = midnight
            day -= timedelta(days=1)
        return history


def month_days(year: int, month: int) -> tuple[date, date]:
    """The first of a month and the first of the next."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), following


class Statistics:
    """The day and month lists of a register, over what a snapshot may have loaded."""

    def __init__(
        self, register: Register, key: str, days: Any = None, months: Any = None
    ) -> None:
        self.register = register
        self._key = key
        self._days = _loaded(days, key, ("year", "month", "day"))
        self._months = _loaded(months, key, ("year", "month"))

    def clear(self) -> None:
        """Forget everything."""
        self._days = self._months = None
        self.register.erase()

    def days(self, year: int, month: int) -> list[dict[str, Any]]:
        """The `day_list` of a month; days with nothing in them are missing."""
        start, end = month_days(year, month)
        entries: list[dict[str, Any]] = []
        day = start
        while day < end:
            known = (self._days or {}).get((day.year, day.month, day.day))
            following = day + timedelta(days=1)
            value = self._sum(known, day, following)
            if value or known is not None:
                when = {"year": day.year, "month": day.month, "day": day.day}
                entries.append({**when, self._key: value})
            day = following
        return _as_devices_list(entries)

    def months(self, year: int) -> list[dict[str, Any]]:
        """The `month_list` of a year."""
        entries = []
        for month in range(1, 13):
            start, end = month_days(year, month)
            known = (self._months or {}).get((year, month))
            if known is None and self._days is not None:
                parts = [
                    value
                    for key, value in self._days.items()
                    if key[:2] == (year, month)
                ]
                known = sum(parts) if parts else None
            value = self._sum(known, start, end)
            if value or known is not None:
                entries.append({"year": year, "month": month, self._key: value})
        return _as_devices_list(entries)

    @property
    def _has_loaded(self) -> bool:
        return self._days is not None or self._months is not None

    def _sum(self, known: float | None, start: date, end: date) -> float:
        if self._has_loaded:
            units = self.register.growth(start, end)
        else:
            units = self.register.between(start, end)
        if not units:
            return known or 0
        if self._key == "energy":  # the first generation counts in kWh
            return round((known or 0) + units / 1000, 3)
        return round((known or 0) + units)


def _loaded(
    entries: Any, key: str, names: tuple[str, ...]
) -> dict[tuple[int, ...], float] | None:
    """A list out of a snapshot, by date; None if there is none."""
    if not isinstance(entries, list):
        return None
    found: dict[tuple[int, ...], float] = {}
    for entry in entries:
        try:
            when = tuple(int(entry[name]) for name in names)
            date(when[0], when[1], when[2] if len(when) == 3 else 1)
            value = entry[key]
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[when] = value
    return found


def _as_devices_list(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Real devices keep a ring and list it from anywhere: nobody may rely on order."""
    half = (len(entries) + 1) // 2
    return entries[half:] + entries[:half]
