"""What meters say, over many devices: now, by day and by month.

An outlet of a strip has a meter of its own, and so a row of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from tplink_lab.data.columns import UTC_TIME, typed
from tplink_lab.data.states import identity, note
from tplink_lab.data.sweep import (
    WORKERS,
    Swept,
    error_text,
    is_account_wide,
    swept_frame,
)
from tplink_lab.data.zones import ask_zone, at_local, lab_now
from tplink_lab.devices import Device, Energy, Kind, OutletState
from tplink_lab.errors import BadInput, NotSupported, TPLinkLabError

__all__ = ["energy_daily_frame", "energy_monthly_frame", "energy_now_frame"]

T = TypeVar("T")

WHOSE: dict[str, Any] = {
    "alias": "str",
    "outlet": "str",
    "model": "category",
}
IDS: dict[str, Any] = {
    "timezone": "category",
    "device_id": "str",
    "outlet_id": "str",
    "error": "str",
}
NOW_DTYPES: dict[str, Any] = {
    **WHOSE,
    "power_w": "float64",
    "voltage_v": "float64",
    "current_a": "float64",
    "total_kwh": "float64",
    "at": UTC_TIME,
    "at_local": "datetime64[s]",
    **IDS,
}
DAILY_DTYPES: dict[str, Any] = {
    **WHOSE,
    "day": "datetime64[s]",
    "energy_kwh": "float64",
    "hours": "float64",
    **IDS,
}
MONTHLY_DTYPES: dict[str, Any] = {
    **WHOSE,
    "month": "datetime64[s]",
    "energy_kwh": "float64",
    "hours": "float64",
    **IDS,
}


def energy_now_frame(
    devices: Sequence[Device], *, workers: int = WORKERS, now: datetime | None = None
) -> pd.DataFrame:
    """Ask every meter what is drawn now; one row each.

    Parameters
    ----------
    devices : sequence of Device
        As ``cloud.devices()`` gives them. Those that say they have no meter get no
        row; ``attrs["without_meter"]`` names them.
    workers : int
        The most devices asked at one time.
    now : datetime, optional
        What the readings' time shall be; otherwise the practice cloud's clock or
        this machine's when the sweep began.

    Returns
    -------
    DataFrame
        Columns, with the same dtypes even when empty:

        ``alias`` (str), ``outlet`` (str; missing unless it is an outlet of a strip),
        ``model`` (category), ``power_w``, ``voltage_v``, ``current_a``
        (float64), ``total_kwh`` (float64, since the meter was erased), ``at``
        (datetime64[s, UTC]), ``at_local`` (datetime64[s], what clocks showed in the
        device's zone; missing if the zone is unknown), ``timezone`` (category, IANA
        name; missing if the device does not tell or the table of protocol.md §5.6
        has no name for its index), ``device_id``, ``outlet_id``, ``error`` (str).

    Raises
    ------
    TokenRefused, CloudUnreachable
        If every device failed of that alone.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     frame = cloud.devices()[:4].energy_now()
    >>> frame.loc[:1, ["alias", "power_w"]].to_dict("list")
    {'alias': ['Kettle', 'Fridge'], 'power_w': [0.4, 84.6]}
    """
    moment = lab_now(devices, now)

    def read(energy: Energy) -> list[dict[str, Any]]:
        reading = energy.now()
        return [
            {
                "power_w": reading.power_w,
                "voltage_v": reading.voltage_v,
                "current_a": reading.current_a,
                "total_kwh": reading.total_kwh,
            }
        ]

    def finish(row: dict[str, Any]) -> None:
        row["at"] = moment
        row["at_local"] = at_local(moment, row["timezone"])

    return _metered(devices, read, finish, NOW_DTYPES, workers, moment, "get_realtime")


def energy_daily_frame(
    devices: Sequence[Device],
    year: int,
    month: int,
    *,
    workers: int = WORKERS,
    now: datetime | None = None,
) -> pd.DataFrame:
    """Ask every meter for the days of one month.

    Parameters
    ----------
    devices, workers, now
        As for :func:`energy_now_frame`.
    year, month : int
        The month. How far back a device remembers is not recorded.

    Returns
    -------
    DataFrame
        One row per meter and day that has a record, oldest first; a meter that
        fails has one row with its ``error``.

        ``alias`` (str), ``outlet`` (str), ``model`` (category), ``day``
        (datetime64[s], the calendar day in the device's zone), ``energy_kwh``
        (float64), ``hours`` (float64, how long that day was: 23 or 25 when clocks
        change, and of the day of the sweep what had passed of it; missing if the zone
        is unknown), ``timezone`` (category, IANA name),
        ``device_id``, ``outlet_id``, ``error`` (str).

        ``attrs["without_meter"]`` and ``attrs["without_record"]`` name those that
        have no row.

    Raises
    ------
    BadInput
        If there is no such month.
    TokenRefused, CloudUnreachable
        If every device failed of that alone.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     frame = cloud.devices().energy_daily(2026, 10)
    >>> frame.loc[frame["day"] == "2026-10-25", "hours"].unique().tolist()
    [25.0]
    """
    check_month(year, month)

    def read(energy: Energy) -> list[dict[str, Any]]:
        return [
            {"day": entry.day, "energy_kwh": entry.energy_kwh}
            for entry in energy.daily(year, month)
        ]

    def finish(row: dict[str, Any]) -> None:
        day = row.get("day")
        if day is not None:
            after = day + timedelta(days=1)
            row["hours"] = _hours(day, after, row["timezone"], moment)

    moment = lab_now(devices, now)
    return _metered(devices, read, finish, DAILY_DTYPES, workers, moment, "get_daystat")


def energy_monthly_frame(
    devices: Sequence[Device],
    year: int,
    *,
    workers: int = WORKERS,
    now: datetime | None = None,
) -> pd.DataFrame:
    """Ask every meter for the months of one year.

    Parameters
    ----------
    devices, workers, now
        As for :func:`energy_now_frame`.
    year : int
        The year.

    Returns
    -------
    DataFrame
        As :func:`energy_daily_frame`, with ``month`` (datetime64[s], its first day)
        in place of ``day``.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     frame = cloud.devices()[:3].energy_monthly(2026)
    >>> frame["alias"].unique().tolist()
    ['Kettle', 'Fridge']
    """
    check_month(year, 1)

    def read(energy: Energy) -> list[dict[str, Any]]:
        return [
            {"month": entry.month, "energy_kwh": entry.energy_kwh}
            for entry in energy.monthly(year)
        ]

    def finish(row: dict[str, Any]) -> None:
        month = row.get("month")
        if month is not None:
            after = (month + timedelta(days=31)).replace(day=1)
            row["hours"] = _hours(month, after, row["timezone"], moment)

    moment = lab_now(devices, now)
    return _metered(
        devices, read, finish, MONTHLY_DTYPES, workers, moment, "get_monthstat"
    )


class Part(NamedTuple, Generic[T]):
    """One meter's part of a device's answer."""

    outlet: OutletState | None
    value: T | None
    error: TPLinkLabError | None


def ask_meters(device: Device, ask: Callable[[Energy], T]) -> list[Part[T]]:
    """Ask a device's meter, or each outlet's; one failing outlet is its own part.

    Raises
    ------
    NotSupported
        If the device has no meter.
    TPLinkLabError
        If the device, or the account, fails as a whole.
    """
    if device.kind() is not Kind.STRIP:
        return [Part(None, ask(device.energy), None)]
    parts: list[Part[T]] = []
    for outlet in device.state().outlets:
        try:
            value = ask(Energy(device, outlet.outlet_id))
        except TPLinkLabError as error:
            if isinstance(error, NotSupported) or is_account_wide(error):
                raise
            parts.append(Part(outlet, None, error))
        else:
            parts.append(Part(outlet, value, None))
    return parts


class _Meters(NamedTuple):
    zone: str | None
    parts: list[Part[list[dict[str, Any]]]]


def _metered(
    devices: Sequence[Device],
    read: Callable[[Energy], list[dict[str, Any]]],
    finish: Callable[[dict[str, Any]], None],
    dtypes: dict[str, Any],
    workers: int,
    moment: datetime,
    method: str,
) -> pd.DataFrame:
    def ask(device: Device) -> _Meters:
        parts = ask_meters(device, read)
        return _Meters(ask_zone(device), parts)

    def build(swept: list[Swept[_Meters]]) -> pd.DataFrame:
        rows: list[dict[str, Any]] = []
        without_meter, without_record = [], []
        for one in swept:
            if _has_no_meter(one):
                without_meter.append(one.device.alias)
                continue
            found = _rows(one)
            if not found:
                without_record.append(one.device.alias)
            for row in found:
                finish(row)
            rows += found
        frame = note(typed(rows, dtypes), devices, moment, f"emeter.{method}")
        frame.attrs["without_meter"] = without_meter
        frame.attrs["without_record"] = without_record
        return frame

    return swept_frame(devices, ask, build, workers=workers)


def _has_no_meter(swept: Swept[_Meters]) -> bool:
    """Whether the device itself said so: what we cannot talk to may have one."""
    return isinstance(swept.error, NotSupported) and not swept.error.is_ours


def _rows(swept: Swept[_Meters]) -> list[dict[str, Any]]:
    device, meters, error = swept
    who = identity(device)
    if meters is None:
        return [{**who, "timezone": None, "error": error_text(error)}]
    rows = []
    for outlet, values, problem in meters.parts:
        whose = {**who, "timezone": meters.zone, "error": error_text(problem)}
        if outlet is not None:
            whose |= {"outlet": outlet.alias, "outlet_id": outlet.outlet_id}
        rows += [{**whose, **value} for value in ([{}] if values is None else values)]
    return rows


def _hours(start: date, end: date, zone: str | None, asked: datetime) -> float | None:
    """Return how long a day or month was, as far as it had passed when asked."""
    if zone is None:
        return None
    first, last = (
        datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)).timestamp()
        for d in (start, end)
    )
    return max(0.0, min(last, asked.timestamp()) - first) / 3600


def check_month(year: int, month: int) -> None:
    """Before anybody is asked, so that it is one error and not one for each row."""
    if type(year) is not int or not 2000 <= year <= 2100:
        raise BadInput(f"{year!r} is no year.", next_step="Give one like 2026.")
    if type(month) is not int or not 1 <= month <= 12:
        raise BadInput(f"{month!r} is no month.", next_step="Give 1 to 12.")
