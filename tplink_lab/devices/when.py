"""When a rule acts: a time of day, or the sun; on which days, or on one date."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import NamedTuple

from tplink_lab.errors import BadInput

__all__ = ["DAYS", "Moment", "parse_date", "parse_days", "parse_moment"]

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")  # as on the wire (§5.5)
_GROUPS = {
    "daily": DAYS,
    "weekdays": DAYS[1:6],
    "weekend": (DAYS[0], DAYS[6]),
}
LONGEST_OFFSET = 360  # minutes; Unverified: no source tells a limit
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_SUN = re.compile(r"(sunrise|sunset)\s*(?:([+-])\s*(\d{1,4})\s*(?:min)?)?", re.ASCII)


class Moment(NamedTuple):
    """A moment of the day.

    Attributes
    ----------
    kind : str
        ``"clock"``, ``"sunrise"`` or ``"sunset"``.
    minutes : int
        After midnight; for the sun, after it rises or sets (before it, if negative).

    Examples
    --------
    >>> str(Moment("clock", 450)), str(Moment("sunset", -30))
    ('07:30', 'sunset-30')
    """

    kind: str
    minutes: int

    def __str__(self) -> str:
        if self.kind == "clock":
            return f"{self.minutes // 60:02d}:{self.minutes % 60:02d}"
        return self.kind + (f"{self.minutes:+d}" if self.minutes else "")

    def surely_before(self, other: Moment) -> bool:
        """Whether it comes before *other* on every day, as far as one can know."""
        if self.kind == other.kind:
            return self.minutes < other.minutes
        if "clock" in (self.kind, other.kind):
            return True  # it depends on the season: only the device can tell
        return self.kind == "sunrise"


def parse_moment(at: object, what: str = "The time") -> Moment:
    """Return the moment that *at* means.

    Parameters
    ----------
    at : str or datetime.time
        ``"07:30"``, ``"sunrise"``, ``"sunset-30"`` (minutes) …

    Raises
    ------
    BadInput
        If it means none.

    Examples
    --------
    >>> parse_moment("sunset + 15")
    Moment(kind='sunset', minutes=15)
    """
    if isinstance(at, Moment):
        at = str(at)
    if isinstance(at, time):
        if at.second or at.microsecond:
            raise BadInput(
                f"{what} has seconds, and devices know only minutes.",
                next_step="Give a whole minute.",
            )
        return Moment("clock", at.hour * 60 + at.minute)
    if isinstance(at, str):
        text = at.strip().casefold()
        clock = _CLOCK.fullmatch(text)
        if clock and int(clock[1]) < 24 and int(clock[2]) < 60:
            return Moment("clock", int(clock[1]) * 60 + int(clock[2]))
        sun = _SUN.fullmatch(text)
        if sun:
            offset = int((sun[2] or "+") + (sun[3] or "0"))
            if abs(offset) <= LONGEST_OFFSET:
                return Moment(sun[1], offset)
    raise BadInput(
        f"{what} cannot be {at!r}.",
        next_step="Give '07:30', 'sunrise', or 'sunset-30' (at most "
        f"{LONGEST_OFFSET} minutes).",
    )


def parse_days(days: object) -> tuple[str, ...]:
    """Return the weekdays that *days* means, Sunday first.

    Raises
    ------
    BadInput
        If it names none, or something that is no weekday.

    Examples
    --------
    >>> parse_days("weekend"), parse_days(["Monday", "fri"])
    (('sun', 'sat'), ('mon', 'fri'))
    """
    words: list[object]
    if isinstance(days, str):
        words = list(days.replace(",", " ").split())
    else:
        words = list(days) if isinstance(days, Iterable) else [days]
    chosen: set[str] = set()
    for word in words:
        text = word.strip().casefold() if isinstance(word, str) else ""
        if text in _GROUPS:
            chosen.update(_GROUPS[text])
            continue
        fits = [d for d, whole in zip(DAYS, _WHOLE, strict=True) if text in (d, whole)]
        if not fits:
            raise BadInput(
                f"{word!r} is no weekday.",
                next_step=f"Use {', '.join(DAYS)}, 'daily', 'weekdays' or 'weekend'.",
            )
        chosen.add(fits[0])
    if not chosen:
        raise BadInput(
            "No weekday is given: such a rule never acts.",
            next_step="Give some, such as days='mon tue', or days='daily'.",
        )
    return tuple(day for day in DAYS if day in chosen)


_WHOLE = (
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
)


def parse_date(on: object) -> date:
    """Return the date that *on* means: a date, or ``"2026-11-05"``."""
    if isinstance(on, datetime):
        raise BadInput(
            "The date has a time.", next_step="Give the date alone, and the time as at."
        )
    if isinstance(on, date):
        return on
    if isinstance(on, str):
        try:
            return date.fromisoformat(on.strip())
        except ValueError:
            pass
    raise BadInput(f"{on!r} is no date.", next_step="Give one like '2026-11-05'.")
