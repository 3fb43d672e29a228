"""What devices remember beside days of energy: hours, and how long they were on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from tplink_lab.data.columns import UTC_TIME, typed
from tplink_lab.data.meters import IDS, WHOSE, Part, ask_meters, check_month
from tplink_lab.data.states import identity, note
from tplink_lab.data.sweep import (
    WORKERS,
    Swept,
    error_text,
    is_account_wide,
    swept_frame,
)
from tplink_lab.data.zones import ask_zone, lab_now
from tplink_lab.devices import Device, Kind
from tplink_lab.devices.energy import check_days
from tplink_lab.errors import NotSupported, TPLinkLabError

__all__ = ["energy_intervals_frame", "runtime_frame"]

# The device's zone, and what it or each outlet told.
_Told = tuple[str | None, list[Part[Any]]]

INTERVAL_DTYPES: dict[str, Any] = {
    **WHOSE,
    "start": UTC_TIME,
    "end": UTC_TIME,
    "start_local": "datetime64[s]",
    "energy_kwh": "float64",
    **IDS,
}
RUNTIME_DTYPES: dict[str, Any] = {
    **WHOSE,
    "day": "datetime64[s]",
    "on_h": "float64",
    **IDS,
}


def energy_intervals_frame(
    devices: Sequence[Device],
    first: date | str,
    last: date | str | None = None,
    *,
    workers: int = WORKERS,
    now: datetime | None = None,
) -> pd.DataFrame:
    """Ask every Tapo meter for its hours; Kasa devices keep none.

    Parameters
    ----------
    devices, workers, now
        As for :func:`~tplink_lab.data.energy_now_frame`.
    first, last : date or str
        The days (``"2026-10-31"``), in each device's own zone; one day if *last* is
        left out. Hours are kept for about a week (protocol.md §6.1).

    Returns
    -------
    DataFrame
        One row per meter and hour, oldest first; a meter that fails has one row with
        its ``error``: ``alias``, ``outlet`` (str), ``model`` (category), ``start``,
        ``end`` (datetime64[s, UTC]), ``start_local`` (datetime64[s], on the walls
        of its home), ``energy_kwh`` (float64), ``timezone`` (category),
        ``device_id``, ``outlet_id``, ``error`` (str).

        ``attrs["without_hours"]`` names those that have none.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     hours = cloud.devices().energy_intervals("2026-10-31")
    >>> hours.groupby("alias")["energy_kwh"].agg(["size", "sum"]).round(2).to_dict()
    {'size': {'Tapo Meter': 24, 'Washer': 24}, 'sum': {'Tapo Meter': 0.22, \
'Washer': 0.79}}
    """
    days = check_days(first, last)

    def ask(device: Device) -> _Told:
        if device.dialect != "smart":
            raise NotSupported("Kasa devices keep days, not hours.")
        parts = ask_meters(device, lambda energy: energy.intervals(*days))
        return ask_zone(device), parts

    def row(entry: Any) -> dict[str, Any]:
        return {
            "start": entry.start.astimezone(UTC),
            "end": entry.end.astimezone(UTC),
            "start_local": entry.start.replace(tzinfo=None),
            "energy_kwh": entry.energy_kwh,
        }

    moment = lab_now(devices, now)

    def build(swept: list[Swept[_Told]]) -> pd.DataFrame:
        frame, without = _laid_out(swept, row, INTERVAL_DTYPES)
        note(frame, devices, moment, "get_energy_data")
        frame.attrs["without_hours"] = without
        return frame

    return swept_frame(devices, ask, build, workers=workers)


def runtime_frame(
    devices: Sequence[Device],
    year: int,
    month: int,
    *,
    workers: int = WORKERS,
    now: datetime | None = None,
) -> pd.DataFrame:
    """Ask every device how long it was on, day by day; Tapo devices keep no days.

    Parameters
    ----------
    devices, workers, now
        As for :func:`~tplink_lab.data.energy_now_frame`.
    year, month : int
        The month. How far back a device remembers is not recorded.

    Returns
    -------
    DataFrame
        One row per device, or outlet, and day that has a record, oldest first; one
        that fails has one row with its ``error``: ``alias``, ``outlet`` (str),
        ``model`` (category), ``day`` (datetime64[s], in the device's zone), ``on_h``
        (float64, hours), ``timezone`` (category), ``device_id``, ``outlet_id``,
        ``error`` (str).

        ``attrs["without_runtime"]`` names those that do not count.

    Notes
    -----
    The practice house remembers no switching before it was made: its devices count
    from when they were last switched on, though their meters look further back.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     frame = cloud.devices()[:2].runtime(2026, 11)
    >>> frame[["alias", "on_h"]].round(2).to_dict("list")
    {'alias': ['My Smart Plug', 'Kettle'], 'on_h': [2.05, 19.0]}
    """
    check_month(year, month)

    def ask(device: Device) -> _Told:
        parts: list[Part[Any]] = []
        if device.dialect == "smart":
            raise NotSupported("Tapo devices keep no days of this.")
        if device.kind() is not Kind.STRIP:
            parts.append(Part(None, device.runtime.daily(year, month), None))
        else:
            for outlet in device.state().outlets:
                runtime = device.outlets[outlet.outlet_id].runtime
                try:
                    parts.append(Part(outlet, runtime.daily(year, month), None))
                except TPLinkLabError as error:
                    if isinstance(error, NotSupported) or is_account_wide(error):
                        raise
                    parts.append(Part(outlet, None, error))
        return ask_zone(device), parts

    moment = lab_now(devices, now)

    def build(swept: list[Swept[_Told]]) -> pd.DataFrame:
        frame, without = _laid_out(
            swept, lambda e: {"day": e.day, "on_h": e.minutes / 60}, RUNTIME_DTYPES
        )
        note(frame, devices, moment, "schedule.get_daystat")
        frame.attrs["without_runtime"] = without
        return frame

    return swept_frame(devices, ask, build, workers=workers)


def _laid_out(
    swept: Sequence[Swept[_Told]],
    row: Any,
    dtypes: dict[str, Any],
) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of all, and who does not count at all."""
    rows: list[dict[str, Any]] = []
    without: list[str] = []
    for device, answer, error in swept:
        who = identity(device)
        if answer is None:
            if isinstance(error, NotSupported) and not error.is_ours:
                without.append(device.alias)
            else:
                rows.append({**who, "error": error_text(error)})
            continue
        zone, parts = answer
        for outlet, entries, problem in parts:
            whose = {**who, "timezone": zone, "error": error_text(problem)}
            if outlet is not None:
                whose |= {"outlet": outlet.alias, "outlet_id": outlet.outlet_id}
            rows += [{**whose, **row(entry)} for entry in entries or ()]
            if entries is None:
                rows.append(whose)
    return typed(rows, dtypes), without
