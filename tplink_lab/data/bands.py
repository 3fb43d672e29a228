"""The bands of a tariff: which price holds at which minute of the week."""

from __future__ import annotations

import re
from typing import NamedTuple

from tplink_lab.errors import BadInput

__all__ = ["Band"]

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_MIN = 1440
WEEK_MIN = 7 * DAY_MIN
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)


class Band(NamedTuple):
    """A price at some hours of the week.

    Attributes
    ----------
    name : str
        As it is to appear in tables: ``"night"``.
    price_per_kwh : float
        In the tariff's currency.
    hours : str
        ``"22:00-06:00"``, by the clock on the wall; past midnight it runs into the
        next day. ``"00:00-24:00"`` is all day.
    days : str
        The days on which it begins: ``"Mon-Fri"``, ``"Sat,Sun"``, ``"Mon-Sun"``.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> tl.data.Band("night", 0.12, "23:30-05:30")
    Band(name='night', price_per_kwh=0.12, hours='23:30-05:30', days='Mon-Sun')
    """

    name: str
    price_per_kwh: float
    hours: str = "00:00-24:00"
    days: str = "Mon-Sun"


def week_of(bands: tuple[Band, ...]) -> tuple[int, ...]:
    """Return the band of every minute; refuse what is there twice or not at all."""
    week: list[int | None] = [None] * WEEK_MIN
    for number, band in enumerate(bands):
        first, last = _minutes(band)
        for day in _weekdays(band):
            for minute in range(day * DAY_MIN + first, day * DAY_MIN + last):
                held = week[minute % WEEK_MIN]
                if held is not None:
                    raise BadInput(
                        f"The bands {bands[held].name!r} and {band.name!r} overlap "
                        f"from {_when(minute)}.",
                        call="Tariff",
                        next_step="Let one end where the other begins.",
                    )
                week[minute % WEEK_MIN] = number
    if None in week:
        raise BadInput(
            f"No band covers {_when(week.index(None))}.",
            call="Tariff",
            next_step="Name a band for every hour of the week.",
        )
    return tuple(number for number in week if number is not None)


def _minutes(band: Band) -> tuple[int, int]:
    match = (
        _HOURS.fullmatch(band.hours.strip()) if isinstance(band.hours, str) else None
    )
    if match is not None:
        hour, minute, end_hour, end_minute = map(int, match.groups())
        first, last = hour * 60 + minute, end_hour * 60 + end_minute
        if minute < 60 and end_minute < 60 and first < DAY_MIN and last <= DAY_MIN:
            return first, last if last > first else last + DAY_MIN
    raise BadInput(
        f"The hours of {band.name!r} are {band.hours!r}.",
        call="Tariff",
        next_step='Write them as "22:00-06:00"; all day is "00:00-24:00".',
    )


def _weekdays(band: Band) -> list[int]:
    found: list[int] = []
    parts = band.days.split(",") if isinstance(band.days, str) else [""]
    for part in parts:
        ends = [end.strip().capitalize() for end in part.split("-")]
        if not 1 <= len(ends) <= 2 or any(end not in DAYS for end in ends):
            raise BadInput(
                f"The days of {band.name!r} are {band.days!r}.",
                call="Tariff",
                next_step='Write them as "Mon-Fri" or "Sat,Sun".',
            )
        first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
        found += [
            day % 7 for day in range(first, last + (7 if last < first else 0) + 1)
        ]
    return sorted(set(found))


def _when(minute: int) -> str:
    day, rest = divmod(minute % WEEK_MIN, DAY_MIN)
    return f"{DAYS[day]} {rest // 60:02}:{rest % 60:02}"


def check_number(value: object, what: str) -> None:
    ok = isinstance(value, int | float) and not isinstance(value, bool)
    # A price may be below 0 at some hours; NaN compares false.
    if not ok or not abs(value) < 1e9:  # type: ignore[arg-type]
        raise BadInput(f"{what} is {value!r}.", next_step="Give a number.")
