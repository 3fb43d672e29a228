"""What hangs on an outlet: a daily load whose energy has a closed form."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from typing import Any

from .local import LocalTime

DAY_S = 86400


def check_load(load: Any) -> tuple[str, str, Any] | None:
    """What is wrong with a load: (place below it, expected, found), or None."""
    if load is None:
        return None
    if not isinstance(load, dict):
        return "", "an object with 'standby_w', 'uses' or 'cycle'", load
    if not _number(load.get("standby_w", 0), 0, 20_000):
        return ".standby_w", "watts", load["standby_w"]
    uses = load.get("uses", [])
    if not isinstance(uses, list) or len(uses) > 100:
        return ".uses", "a list", uses
    for index, use in enumerate(uses):
        below = f".uses[{index}]"
        if not isinstance(use, dict):
            return below, "an object with 'at', 'minutes' and 'power_w'", use
        if _minute(use.get("at")) is None:
            return f"{below}.at", "a time such as 07:10", use.get("at")
        if not _number(use.get("minutes"), 0, 1440):
            return f"{below}.minutes", "minutes", use.get("minutes")
        if not _number(use.get("power_w"), 0, 20_000):
            return f"{below}.power_w", "watts", use.get("power_w")
        if not _number(use.get("jitter_minutes", 0), 0, 720):
            return f"{below}.jitter_minutes", "minutes", use["jitter_minutes"]
        days = use.get("days", [1] * 7)
        if (
            not isinstance(days, list)
            or len(days) != 7
            or any(day not in (0, 1) for day in days)
        ):
            return f"{below}.days", "seven times 0 or 1, Sunday first", days
    cycle = load.get("cycle")
    if cycle is None:
        return None
    if not isinstance(cycle, dict):
        return ".cycle", "an object", cycle
    for key, most in (("period_minutes", 1440), ("on_minutes", 1440), ("power_w", 2e4)):
        if not _number(cycle.get(key), 1 if key == "period_minutes" else 0, most):
            return f".cycle.{key}", "a number", cycle.get(key)
    return None


def _number(value: Any, low: float, high: float) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and low <= value <= high
    )


def _minute(value: Any) -> int | None:
    """Minutes after midnight of a text such as 07:10."""
    if not isinstance(value, str):
        return None
    hour, colon, minute = value.partition(":")
    if not (colon and hour.isascii() and hour.isdigit() and len(minute) == 2):
        return None
    if not (minute.isascii() and minute.isdigit()):
        return None
    if int(hour) > 23 or int(minute) > 59 or len(hour) > 2:
        return None
    return int(hour) * 60 + int(minute)


class Load:
    """A load profile, seeded: the kettle boils at another minute each day.

    Amounts are whole milliwatt-seconds, so that any two ways of adding them agree.
    """

    def __init__(self, load: dict[str, Any], seed: str, local: LocalTime) -> None:
        self._seed = seed
        self._local = local
        self._base_mw = round(1000 * load.get("standby_w", 0))
        self._uses: list[tuple[int, int, int, int, list[int]]] = [
            (
                60 * (_minute(use["at"]) or 0),
                round(60 * use["minutes"]),
                round(1000 * use["power_w"]),
                round(60 * use.get("jitter_minutes", 0)),
                use.get("days", [1] * 7),
            )
            for use in load.get("uses", [])
        ]
        cycle = load.get("cycle")
        self._cycle: tuple[int, int, int] | None = None
        if cycle is not None:
            period_s = round(60 * cycle["period_minutes"])
            on_s = min(period_s, round(60 * cycle["on_minutes"]))
            self._cycle = (period_s, on_s, round(1000 * cycle["power_w"]))
        self._days: dict[date, list[tuple[int, int, int]]] = {}

    def power_mw(self, moment: int) -> int:
        """The power at a moment."""
        day = self._local.day(moment)
        second = moment - self._local.midnight(day)
        power: int = self._base_mw
        power += sum(
            mw for start, end, mw in self._uses_of(day) if start <= second < end
        )
        if self._cycle is not None:
            period_s, on_s, mw = self._cycle
            power += mw if second % period_s < on_s else 0
        return power

    def amount(self, start: int, end: int) -> int:
        """The energy between two moments, in milliwatt-seconds."""
        total = 0
        day = self._local.day(start)
        while start < end:
            midnight = self._local.midnight(day)
            day += timedelta(days=1)
            until = min(end, self._local.midnight(day))
            total += self._within(
                day - timedelta(days=1), start - midnight, until - midnight
            )
            start = until
        return total

    def _within(self, day: date, start: int, end: int) -> int:
        total: int = self._base_mw * (end - start)
        for begin, finish, mw in self._uses_of(day):
            total += mw * max(0, min(end, finish) - max(start, begin))
        if self._cycle is not None:
            period_s, on_s, mw = self._cycle
            for second, sign in ((end, 1), (start, -1)):
                turns, rest = divmod(second, period_s)
                total += sign * mw * (turns * on_s + min(rest, on_s))
        return total

    def _uses_of(self, day: date) -> list[tuple[int, int, int]]:
        known = self._days.get(day)
        if known is None:
            # Repeatable on purpose: the same day is the same whenever it is asked for.
            dice = random.Random(f"{self._seed}/{day.isoformat()}")  # noqa: S311
            known = []
            for at, long, mw, jitter, days in self._uses:
                start = max(0, at + dice.randint(-jitter, jitter))
                if days[(day.weekday() + 1) % 7]:
                    known.append((start, min(DAY_S, start + long), mw))
            if len(self._days) > 4000:
                self._days.clear()
            self._days[day] = known
        return known
