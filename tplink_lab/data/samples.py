"""Samples with their times: read, checked, and parted from what cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tplink_lab.data.columns import typed
from tplink_lab.errors import BadInput

__all__ = ["clean_power"]

# A plug carries 16 A at 250 V at most; a reading beyond twice that is no reading.
MAX_POWER_W = 8000.0
# A plug asked once a minute may miss four readings before it counts as a gap.
MAX_GAP_S = 300.0
# Slower recordings may be this much later than usual: one missed reading is a gap.
SLACK = 1.5
# Of samples that lie further apart, what was drawn between is anybody's guess.
SLOWEST_S = 7200.0
EXCLUDED_DTYPES = {"at": "datetime64[ns, UTC]", "value": "float64", "reason": "str"}


def clean_power(
    samples: pd.Series[Any] | pd.DataFrame, *, max_power_w: float = MAX_POWER_W
) -> tuple[pd.Series[Any], pd.DataFrame]:
    """Return the samples that can be, in order of time, and those that cannot.

    Parameters
    ----------
    samples : Series or DataFrame
        Power in W.
    max_power_w : float
        More than this is absurd.

    Returns
    -------
    power_w : Series
        Of float64, index in UTC.
    excluded : DataFrame
        As in :class:`EnergySum`; of two samples of one time the first is kept.

    Raises
    ------
    BadInput
        If the samples have no times, or times without a zone, or are no numbers.

    Examples
    --------
    >>> at = pd.date_range("2026-11-01", periods=3, freq="min", tz="UTC")
    >>> power, excluded = clean_power(pd.Series([5.0, -1.0, 9e9], at))
    >>> power.tolist(), excluded["reason"].tolist()
    ([5.0], ['negative', 'absurd'])
    """
    check_positive("max_power_w", max_power_w)
    series = read_series(samples, "power_w")
    reason = reasons_of(series)
    reason = reason.mask(reason.isna() & (series < 0), "negative")
    return split_off(
        series, reason.mask(reason.isna() & (series > max_power_w), "absurd")
    )


def read_series(samples: pd.Series[Any] | pd.DataFrame, column: str) -> pd.Series[Any]:
    found = samples
    if isinstance(found, pd.DataFrame):
        if column not in found:
            raise BadInput(
                f"The frame has no column {column!r}.",
                next_step=f"Give a Series, or name the column {column!r}.",
            )
        _check_one(found)
        if "at" in found:
            found = found.set_index("at")
        found = found[column]
    index = getattr(found, "index", None)
    if not isinstance(index, pd.DatetimeIndex):
        raise BadInput(
            "The samples have no times.",
            next_step="Give a Series whose index holds aware times.",
        )
    if index.tz is None:
        raise BadInput(
            "The samples' times do not say in which zone they are.",
            cause="A day of 23 or 25 hours could not be told from another.",
            next_step='Use samples.tz_localize("UTC"), or the zone they were taken in.',
        )
    try:
        values = np.asarray(pd.to_numeric(found), dtype="float64")
    except (TypeError, ValueError):
        values = None
    if values is None:
        raise BadInput(f"The {column} are no numbers.", next_step="Give floats.")
    times = index.tz_convert("UTC").as_unit("ns")
    series: pd.Series[Any] = pd.Series(values, times).sort_index(kind="stable")
    _check_not_mixed(series)
    return series


def _check_not_mixed(series: pd.Series[Any]) -> None:
    """Raise if half the moments have two values: then two devices are in it."""
    known = series.dropna()
    at = known.index.to_series()
    again = at.eq(at.shift()) & known.ne(known.shift()).to_numpy()
    if again.any() and 2 * int(again.sum()) >= at.nunique():
        raise BadInput(
            "Of most moments there are several values, as if of several devices.",
            next_step="Give the samples of one, as frame[frame['device'] == 'Fridge'].",
        )


def _check_one(frame: pd.DataFrame) -> None:
    """Raise if a frame holds several series: of each moment only one would count."""
    named = [name for name in ("alias", "device", "outlet") if name in frame]
    names = named + [name for name in ("device_id", "outlet_id") if name in frame]
    members = frame[names].drop_duplicates() if names else frame.iloc[:1]
    if len(members) > 1:
        members = members[named or names]
        some = [" ".join(str(part) for part in row if part) for row in members.values]
        raise BadInput(
            f"The frame holds {len(members)} series: {', '.join(some[:3])}"
            + (" …" if len(some) > 3 else "."),
            next_step=f"Give one of them, or go through frame.groupby({names}, "
            "observed=True, dropna=False).",
        )


def gap_limit(times: pd.DatetimeIndex, max_gap_s: float | None) -> float:
    """Return how far apart two samples may be, in s, without a gap between them.

    Parameters
    ----------
    times : DatetimeIndex
        In order.
    max_gap_s : float or None
        Somebody's own choice; None is five minutes, or one and a half times the usual
        distance if samples were taken more seldom than that, up to two hours.

    Raises
    ------
    BadInput
        If it is not above 0.

    Examples
    --------
    >>> hourly = pd.date_range("2026-11-01", periods=5, freq="h", tz="UTC")
    >>> gap_limit(hourly, None), gap_limit(hourly, 600)
    (5400.0, 600)
    """
    if max_gap_s is not None:
        check_positive("max_gap_s", max_gap_s)
        return max_gap_s
    apart_s = np.diff(times.as_unit("ns").asi8) / 1e9
    # Two or three samples tell of no usual distance.
    usual = SLACK * float(np.median(apart_s)) if len(apart_s) > 2 else 0.0
    return usual if MAX_GAP_S < usual <= SLOWEST_S else MAX_GAP_S


def reasons_of(series: pd.Series[Any]) -> pd.Series[Any]:
    """Return why a sample cannot be used, whatever it measures; missing if it can."""
    reason: pd.Series[Any] = pd.Series(None, index=series.index, dtype="object")
    reason = reason.mask(series.isna().to_numpy() | series.index.isna(), "missing")
    return reason.mask(reason.isna() & series.index.duplicated(), "same time")


def split_off(
    series: pd.Series[Any], reason: pd.Series[Any]
) -> tuple[pd.Series[Any], pd.DataFrame]:
    is_bad = reason.notna().to_numpy()
    excluded = [
        {"at": at, "value": value, "reason": why}
        for at, value, why in zip(
            series.index[is_bad], series[is_bad], reason[is_bad], strict=True
        )
    ]
    return series[~is_bad], typed(excluded, EXCLUDED_DTYPES)


def zone_of(samples: pd.Series[Any] | pd.DataFrame) -> Any:
    """Return the zone that the samples' times are in."""
    if isinstance(samples, pd.DataFrame) and "at" in samples:
        return samples["at"].dt.tz
    return pd.DatetimeIndex(samples.index).tz


def check_positive(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise BadInput(f"{name} is {value!r}.", next_step="Give a number above 0.")
