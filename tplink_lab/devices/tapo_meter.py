"""What a Tapo meter remembers: hours of a week, days of a quarter, months of a year.

``get_energy_data`` (protocol.md §6.1) answers a row of Wh without times, so its first
moment says what each number is. Unverified: that its timestamps are those of the
zone's own midnight, and that a quarter or a year is asked for by its first moment
alone. What lies in the future is answered with 0, and so is what was forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tplink_lab.devices.checks import garbled, number_in, text_in
from tplink_lab.devices.smart import Request, request
from tplink_lab.errors import BadInput

__all__ = ["EnergyInterval", "TapoMeter"]

CALL = "get_energy_data"
HOUR, DAY, MONTH = 60, 1440, 43200  # as the wire says it: minutes
DAYS_WITH_HOURS = 7

Read = Callable[[str | Request], Mapping[str, Any]]


class EnergyInterval(NamedTuple):
    """Energy between two moments, aware, in the device's own time zone."""

    start: datetime
    end: datetime
    energy_kwh: float


class TapoMeter:
    """The memory of one Tapo meter.

    Parameters
    ----------
    read : callable
        Asks the device one method and returns its result.
    """

    def __init__(self, read: Read) -> None:
        self._read = read

    def hours(self, first: date, last: date) -> list[EnergyInterval]:
        """Return the hours of the days from *first* to *last*, oldest first."""
        now, zone = self._clock()
        oldest = now.date() - timedelta(days=DAYS_WITH_HOURS)
        if first < oldest:
            raise BadInput(
                f"A Tapo meter keeps hours for about a week; {first} is older.",
                call=CALL,
                next_step=f"Ask from {oldest} on, or for days: energy.daily(...).",
            )
        start = _midnight(first, zone)
        end = _midnight(last + timedelta(days=1), zone)
        found = []
        for watt_hours in self._row(start, end, HOUR):
            after = _later(start, timedelta(hours=1))
            if start >= min(now, end):
                break  # the future
            found.append(EnergyInterval(start, after, watt_hours / 1000))
            start = after
        return found

    def days(self, year: int, month: int) -> dict[date, float]:
        """Return the kWh of each day of a month that used any."""
        _, zone = self._clock()
        day = date(year, month - (month - 1) % 3, 1)
        start = _midnight(day, zone)
        found = {}
        for watt_hours in self._row(start, start, DAY):
            if watt_hours and (day.year, day.month) == (year, month):
                found[day] = watt_hours / 1000
            day += timedelta(days=1)
        return found

    def months(self, year: int) -> dict[date, float]:
        """Return the kWh of each month of a year that used any."""
        _, zone = self._clock()
        start = _midnight(date(year, 1, 1), zone)
        row = self._row(start, start, MONTH)
        months = enumerate(row[:12], start=1)
        return {date(year, n, 1): wh / 1000 for n, wh in months if wh}

    def _clock(self) -> tuple[datetime, tzinfo]:
        call = "get_device_time"
        told = self._read(call)
        zone = zone_in(told)
        seconds = number_in(told, "timestamp", call, 0, 2**33)
        return datetime.fromtimestamp(seconds, zone), zone

    def _row(self, start: datetime, end: datetime, interval: int) -> list[int]:
        edges = {"start_timestamp": start, "end_timestamp": end}
        params = {name: int(at.timestamp()) for name, at in edges.items()}
        row = self._read(request(CALL, {**params, "interval": interval})).get("data")
        if not isinstance(row, list) or any(
            type(wh) is not int or wh < 0 for wh in row
        ):
            raise garbled(CALL, "data")
        return row


def zone_in(told: Mapping[str, Any]) -> tzinfo:
    """Return the zone of a ``get_device_time`` answer.

    Its name if there is such a zone, else its distance from UTC as it is now.

    Examples
    --------
    >>> zone_in({"region": "Europe/Belgrade", "time_diff": 60})
    zoneinfo.ZoneInfo(key='Europe/Belgrade')
    >>> zone_in({"region": "Atlantis", "time_diff": -90}).utcoffset(None)
    datetime.timedelta(days=-1, seconds=81000)
    """
    try:
        return ZoneInfo(text_in(told, "region"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        minutes = number_in(told, "time_diff", "get_device_time", -1439, 1439)
        return timezone(timedelta(minutes=minutes))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _later(moment: datetime, by: timedelta) -> datetime:
    """Add time that passes, not time on the wall: an hour may come twice."""
    return (moment.astimezone(UTC) + by).astimezone(moment.tzinfo)
