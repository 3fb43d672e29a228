"""What is recorded: readings, failures, sweeps, days; plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import IntFlag

__all__ = ["DayRow", "Failure", "Mark", "Reading", "Sweep", "from_ns", "to_ns"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Mark(IntFlag):
    """What is particular about a sweep; several may hold."""

    NONE = 0
    CLOCK_STEPPED_BACK = 1  # this machine's clock is behind the sweep before
    PAUSED = 2  # the recorder was paused before it
    LATE = 4  # long overdue: the machine slept, or its clock was set forward
    LOST = 8  # sweeps before it could not be written and were given up


@dataclass(frozen=True)
class Reading:
    """What a device, or one outlet, said in one sweep.

    ``outlet_id`` is empty for the device itself; what it does not tell is None.
    """

    device_id: str
    outlet_id: str
    alias: str
    model: str
    at: datetime
    device_alias: str = ""
    is_on: bool | None = None
    rssi_dbm: int | None = None
    power_w: float | None = None
    voltage_v: float | None = None
    current_a: float | None = None
    total_kwh: float | None = None


@dataclass(frozen=True)
class Failure:
    """Why a device, or one outlet, gave no reading or only half of one."""

    device_id: str
    outlet_id: str
    alias: str
    model: str
    at: datetime
    kind: str
    message: str
    device_alias: str = ""


@dataclass
class Sweep:
    """One question asked of all chosen devices, with its answers."""

    at: datetime
    readings: list[Reading] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    took_s: float = 0.0
    mark: Mark = Mark.NONE


@dataclass(frozen=True)
class DayRow:
    """One day's energy, as the device itself remembers it."""

    device_id: str
    outlet_id: str
    alias: str
    model: str
    day: date
    energy_kwh: float
    read_at: datetime
    device_alias: str = ""


def to_ns(moment: datetime) -> int:
    """Return an aware *moment* as nanoseconds since 1970, without a float between.

    Examples
    --------
    >>> to_ns(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000000
    """
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


def from_ns(ns: int) -> datetime:
    """Return the moment that :func:`to_ns` made *ns* of, in UTC."""
    return EPOCH + timedelta(microseconds=ns // 1000)
