"""Stretches of time to average over, cut where people cut them.

Days, weeks and months begin at local midnight, be they an hour shorter or longer.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from tplink_lab.errors import BadInput

__all__ = ["cut", "month_hours"]

MOST_BUCKETS = 2_000_000
HOUR_NS = 3_600_000_000_000
_MONTH = re.compile(r"(19|20|21)\d\d-(0[1-9]|1[0-2])")
_WEEKS = re.compile(r"\d*W")
Bucket = tuple[int, int, int]


def cut(every: str, start_ns: int, end_ns: int, tz: str) -> list[Bucket]:
    """Return the buckets ``(label, start, end)``, in ns, that cover a range.

    Parameters
    ----------
    every : str
        Such as ``"15min"``, ``"1h"``, ``"1D"``, ``"1W"`` (from Monday; ``"W-SUN"`` from
        Sunday) or ``"MS"`` (months).
        Hours and shorter ones are counted from the first local midnight on; days,
        weeks and months follow the calendar of *tz*.

    Raises
    ------
    BadInput
        If *every* is no length of time, or would make millions of buckets.

    Examples
    --------
    >>> half_days = cut("12h", 0, 24 * HOUR_NS, "UTC")
    >>> [(end - start) // HOUR_NS for _, start, end in half_days]
    [12, 12]
    """
    offset = _offset(every)
    day = _local(start_ns, tz).normalize()
    # A Day was a Tick before pandas 3; to us it is a day of the calendar.
    if isinstance(offset, pd.offsets.Tick) and not isinstance(offset, pd.offsets.Day):
        step = offset.nanos
        if (end_ns - start_ns) / step > MOST_BUCKETS:
            raise BadInput(
                f"every={every!r} makes more than {MOST_BUCKETS} stretches.",
                next_step="Give a longer one, or a shorter range with start and end.",
            )
        (midnight,) = _edges(pd.DatetimeIndex([day]), tz)
        first = midnight + (start_ns - midnight) // step * step
        edges = list(range(first, end_ns + step, step))
    else:
        if not isinstance(offset, pd.offsets.Day):
            day = offset.rollback(day)
        until = _local(end_ns, tz) + offset
        edges = _edges(pd.date_range(day, until, freq=offset), tz)
    return [
        (a, max(a, start_ns), min(b, end_ns))
        for a, b in pairwise(edges)
        if b > start_ns and a < end_ns
    ]


def month_hours(month: str, tz: str) -> list[Bucket]:
    """Return the hours of one month, labelled 0 to 23 by the clock of *tz*.

    Raises
    ------
    BadInput
        If *month* is none like ``"2026-10"``.
    """
    if not isinstance(month, str) or not _MONTH.fullmatch(month):
        raise BadInput(f"{month!r} is no month.", next_step="Give one like '2026-10'.")
    first = pd.Timestamp(f"{month}-01")
    ends = pd.DatetimeIndex([first, first + pd.offsets.MonthBegin(1)])
    start, end = _edges(ends, tz)
    edges = list(range(start, end, HOUR_NS))
    labels = _utc(edges).tz_convert(tz).hour
    return [
        (int(hour), a, min(a + HOUR_NS, end))
        for hour, a in zip(labels, edges, strict=True)
    ]


def _offset(every: str) -> Any:
    problem = ""
    try:
        # To pandas a plain week ends on Sunday; ours are cut where they start.
        week = isinstance(every, str) and _WEEKS.fullmatch(every)
        every = f"{every}-MON" if week else every
        offset = to_offset(every) if isinstance(every, str) else None
    except (ValueError, TypeError) as exc:
        offset, problem = None, f" ({type(exc).__name__})"
    if offset is None or offset.n <= 0:
        raise BadInput(
            f"every={every!r} is no length of time{problem}.",
            next_step="Give one like '15min', '1h', '1D', 'W-MON' or 'MS'.",
        )
    return offset


def _local(ns: int, tz: str) -> pd.Timestamp:
    """Return a moment as the wall clock of *tz* shows it."""
    return pd.Timestamp(ns, unit="ns", tz="UTC").tz_convert(tz).tz_localize(None)


def _edges(local: pd.DatetimeIndex, tz: str) -> list[int]:
    """Return wall-clock moments in ns; where midnight is skipped, the next moment."""
    first = np.ones(len(local), dtype=bool)  # of two equal midnights the first
    aware = local.tz_localize(tz, ambiguous=first, nonexistent="shift_forward")
    return [int(ns) for ns in aware.tz_convert("UTC").as_unit("ns").asi8]


def _utc(ns: list[int]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(np.array(ns, dtype="datetime64[ns]")).tz_localize("UTC")
