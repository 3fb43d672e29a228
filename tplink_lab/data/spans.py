"""When the rows of an energy frame lie, by the clock on the wall, before they cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from tplink_lab.errors import BadInput

__all__ = ["SLACK", "days_of", "one_zone", "spans_of", "usable"]

# From here on a period is the calendar's: a day, whatever hours it has.
CALENDAR_SPAN = pd.Timedelta(hours=12)
# A span that ends at midnight lies in the day before.
SLACK = pd.Timedelta(milliseconds=1)
# Whose energy it is, as frames of sweeps and of histories call it.
WHOSE = ("device_id", "outlet_id", "device", "alias", "outlet")


def usable(energy: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return the rows that have a time and an energy, and how many have not.

    Raises
    ------
    BadInput
        If there are no such columns, energy is negative or no number, or one device's
        time stands there twice.
    """
    column = next((c for c in ("start", "day", "month") if c in energy), None)
    if column is None or "energy_kwh" not in energy:
        raise BadInput(
            "The frame has no energy with its time.",
            call="tariff.cost",
            cause="It needs energy_kwh, and start and end, or day, or month.",
            next_step='Power samples become such a frame by energy_by(samples, "h").',
        )
    if not pd.api.types.is_numeric_dtype(energy["energy_kwh"]):
        raise BadInput(
            f"energy_kwh holds {energy['energy_kwh'].dtype}, not numbers.",
            call="tariff.cost",
            next_step='frame["energy_kwh"] = pd.to_numeric(frame["energy_kwh"]).',
        )
    is_known = energy[column].notna() & energy["energy_kwh"].notna()
    rows = energy[is_known]
    if not np.isfinite(rows["energy_kwh"].to_numpy("float64")).all():
        raise BadInput(
            "Some energy is infinite.",
            call="tariff.cost",
            next_step='Look at frame[~np.isfinite(frame["energy_kwh"])].',
        )
    if (rows["energy_kwh"] < 0).any():
        raise BadInput(
            "Some energy is negative.",
            call="tariff.cost",
            next_step="Read it anew, or use counter_energy(), which sees resets.",
        )
    whose = [name for name in WHOSE if name in rows]
    twice = rows.duplicated([column, *whose])
    if whose and twice.any():
        first = rows[twice].iloc[0]
        name = next(str(first[n]) for n in ("alias", "device", *whose) if n in rows)
        raise BadInput(
            f"The {column} {first[column]} of {name} stands there twice.",
            call="tariff.cost",
            next_step="frame.drop_duplicates() keeps each row once. If two devices "
            "share a name, keep the column device_id.",
        )
    return rows, int((~is_known).sum())


def spans_of(
    rows: pd.DataFrame, timezone: str | None
) -> tuple[list[datetime], list[datetime], str]:
    """Return each row's begin and end as the clock on the wall shows them, and what
    the rows are: a day, a month or a period.
    """
    for column, step in (("day", {"days": 1}), ("month", {"months": 1})):
        if column in rows and "start" not in rows:
            start = pd.to_datetime(rows[column])
            end = start + pd.DateOffset(**step)  # type: ignore[arg-type]
            spans = [[t.to_pydatetime() for t in times] for times in (start, end)]
            return spans[0], spans[1], column
    if "end" not in rows:
        raise BadInput(
            "The frame has a start but no end.",
            call="tariff.cost",
            next_step='Use energy_by(samples, "h").',
        )
    timezone = timezone or one_zone(rows)
    local: list[list[datetime]] = []
    for column in ("start", "end"):
        times = pd.DatetimeIndex(rows[column])
        if times.tz is None:
            raise BadInput(
                f"The times in {column!r} do not say in which zone they are.",
                call="tariff.cost",
                next_step='Use frame["start"].dt.tz_localize("UTC"), or your zone.',
            )
        times = times.tz_convert(timezone) if timezone is not None else times
        local.append([t.to_pydatetime() for t in times.tz_localize(None)])
    return local[0], _unbent(rows, local), "period"


def one_zone(rows: pd.DataFrame) -> str | None:
    """Return the zone that all devices of the frame live in, if it is one."""
    if "timezone" not in rows:
        return None
    zones = rows["timezone"].unique()
    return str(zones[0]) if len(zones) == 1 and pd.notna(zones[0]) else None


def _unbent(rows: pd.DataFrame, local: list[list[datetime]]) -> list[datetime]:
    """Return ends that lie as far from their starts as they really do.

    Where clocks change, an hour by the wall lasts none, or two: the bands of what it
    skips or repeats must not be touched. Days are the calendar's, and stay so.
    """
    real = list(rows["end"] - rows["start"])
    return [
        start + length if length < CALENDAR_SPAN else end
        for start, end, length in zip(*local, real, strict=True)
    ]


def days_of(
    start: Sequence[datetime],
    end: Sequence[datetime],
    fetched_at: str | None,
    timezone: str | None,
) -> list[date]:
    """Return the calendar days from the first row to the last, none of them to come.

    Parameters
    ----------
    start, end : sequence of datetime
        As :func:`spans_of` gives them.
    fetched_at : str or None
        When a sweep asked, ISO 8601; a month's row reaches beyond it.
    timezone : str or None
        Where *fetched_at* is read; UTC if None.
    """
    if not start:
        return []
    first, last = min(start).date(), (max(end) - SLACK).date()
    if fetched_at is not None:
        asked = datetime.fromisoformat(fetched_at)
        last = min(last, asked.astimezone(ZoneInfo(timezone or "UTC")).date())
    return [stamp.date() for stamp in pd.date_range(first, last, freq="D")]
