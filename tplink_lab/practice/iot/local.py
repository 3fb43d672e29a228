"""A device's own time: its zone, its days and its midnights."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# The indexes that somebody has recorded, of a table from 0 to 109.
ZONES = {
    6: "America/Los_Angeles",
    10: "America/Denver",
    13: "America/Chicago",
    18: "America/New_York",
    39: "Europe/London",
    42: "Europe/Belgrade",
    75: "Asia/Kolkata",
    86: "Asia/Singapore",
    90: "Asia/Tokyo",
}


@lru_cache(maxsize=16)
def zone_of(index: int) -> tzinfo:
    """The zone of an index; Unverified for those nobody has recorded, which get UTC."""
    try:
        return ZoneInfo(ZONES[index])
    except (KeyError, ZoneInfoNotFoundError):
        return UTC


@lru_cache(maxsize=20_000)
def _midnight(zone: tzinfo, day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


class LocalTime:
    """Turns moments (whole seconds since the epoch) into a device's days and back."""

    def __init__(self, index: int, zone: tzinfo | None = None) -> None:
        self.index = index
        self._zone = zone

    @property
    def zone(self) -> tzinfo:
        """The zone: the one given, else that of the index."""
        return zone_of(self.index) if self._zone is None else self._zone

    def at(self, moment: int) -> datetime:
        """The local date and time of a moment."""
        return datetime.fromtimestamp(moment, self.zone)

    def day(self, moment: int) -> date:
        """The local date of a moment."""
        return self.at(moment).date()

    def midnight(self, day: date) -> int:
        """The moment a local day begins."""
        return _midnight(self.zone, day)

    def moment(self, day: date, minute: int) -> int:
        """The moment of so many minutes after midnight by the clock on the wall."""
        hour, minute = divmod(minute, 60)
        wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
        return int(wall.timestamp())

    def second_of_day(self, moment: int) -> int:
        """Seconds after midnight by the clock on the wall."""
        local = self.at(moment)
        return 3600 * local.hour + 60 * local.minute + local.second

    def next_at(self, moment: int, second: int) -> int:
        """The first moment after `moment` when the wall clock shows `second`."""
        day = self.day(moment)
        due = self.midnight(day) + second
        return due if due > moment else self.midnight(day + timedelta(days=1)) + second
