"""How a thing is used: what it draws while it waits, when it runs, and at what hours.

Samples are as in :mod:`tplink_lab.data.energy`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tplink_lab.data.columns import typed
from tplink_lab.data.energy import (
    J_PER_KWH,
    Curve,
    curve_of,
    energy_by,
)
from tplink_lab.data.samples import MAX_POWER_W, zone_of
from tplink_lab.errors import BadInput

__all__ = ["Baseline", "baseline", "day_profile", "on_cycles", "week_profile"]

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAY = pd.CategoricalDtype(list(WEEKDAYS), ordered=True)
# A thing whose power never moves by more than this has no use that could be told
# from its standby.
LEAST_SWING_W = 2.0
# How far between its least and its most power a thing counts as in use.
IN_USE = 0.1
HOURS_PER_YEAR = 8766.0

CYCLE_DTYPES = {
    "start": "datetime64[ns, UTC]",
    "end": "datetime64[ns, UTC]",
    "duration_s": "float64",
    "energy_kwh": "float64",
    "peak_w": "float64",
    "is_complete": "bool",
}


class Baseline(NamedTuple):
    """What is drawn while nothing is done with it.

    Attributes
    ----------
    standby_w : float
        The middle (time-weighted median) of what it draws while not in use.
    always_on_w : float
        What it draws for 95 % of the time at least: below this it hardly ever goes.
        0 for a plug that is switched off now and then.
    standby_kwh_per_year : float
        ``standby_w`` for a whole year.
    threshold_w : float
        From here on it counts as in use.
    in_use_share : float
        Of the covered time, 0 to 1.
    covered_h : float
        What the estimate rests on; less than a day is a guess.

    Examples
    --------
    >>> import pandas as pd, tplink_lab as tl
    >>> at = pd.date_range("2026-11-01", periods=60, freq="min", tz="UTC")
    >>> found = tl.data.baseline(pd.Series([0.4] * 50 + [2000.0] * 3 + [0.4] * 7, at))
    >>> found.standby_w, round(found.standby_kwh_per_year, 1), found.threshold_w
    (0.4, 3.5, 200.36)
    """

    standby_w: float
    always_on_w: float
    standby_kwh_per_year: float
    threshold_w: float
    in_use_share: float
    covered_h: float


def baseline(
    samples: pd.Series[Any] | pd.DataFrame,
    *,
    threshold_w: float | None = None,
    max_gap_s: float | None = None,
    max_power_w: float = MAX_POWER_W,
) -> Baseline:
    """Estimate standby and always-on power.

    Parameters
    ----------
    samples : Series or DataFrame
        Power in W.
    threshold_w : float, optional
        From how many watts it is in use; by default a tenth of the way from the
        least to the most it drew.
    max_gap_s, max_power_w : float, optional
        As for :func:`~tplink_lab.data.energy.integrate_power`.

    Raises
    ------
    BadInput
        If fewer than two samples are near enough to each other.

    Examples
    --------
    >>> at = pd.date_range("2026-11-01", periods=60, freq="min", tz="UTC")
    >>> kettle = pd.Series([0.4] * 50 + [2000.0] * 3 + [0.4] * 7, at)
    >>> baseline(kettle).standby_w
    0.4
    """
    curve, _, _ = curve_of(samples, "hold", max_gap_s, max_power_w)
    weights = np.diff(curve.times_s)[curve.joined]
    power = curve.power_w[:-1][curve.joined]
    if not weights.sum() > 0:
        raise BadInput(
            "There are no two samples near enough to each other.",
            next_step="Record for a day, or raise max_gap_s.",
        )
    limit = _threshold(power, threshold_w)
    idle = power < limit
    # In use all the time, as a router by a threshold that was set too low.
    rest = idle if idle.any() else np.ones_like(idle)
    standby = _quantile(power[rest], weights[rest], 0.5)
    return Baseline(
        standby_w=standby,
        always_on_w=_quantile(power, weights, 0.05),
        standby_kwh_per_year=standby * HOURS_PER_YEAR / 1000,
        threshold_w=limit,
        in_use_share=float(weights[~idle].sum() / weights.sum()),
        covered_h=float(weights.sum() / 3600),
    )


def on_cycles(
    samples: pd.Series[Any] | pd.DataFrame,
    *,
    threshold_w: float | None = None,
    min_on_s: float = 0.0,
    min_off_s: float = 0.0,
    max_gap_s: float | None = None,
    max_power_w: float = MAX_POWER_W,
) -> pd.DataFrame:
    """Return each time an appliance ran.

    Parameters
    ----------
    samples : Series or DataFrame
        Power in W.
    threshold_w : float, optional
        From how many watts it runs; as for :func:`baseline`.
    min_on_s : float
        Shorter runs are left out.
    min_off_s : float
        A shorter pause is part of the run: a washing machine rests between turns.
    max_gap_s, max_power_w : float, optional
        As for :func:`~tplink_lab.data.energy.integrate_power`.

    Returns
    -------
    DataFrame
        One row per run: ``start`` (datetime64 in the samples' zone, the first sample
        at or above the threshold), ``end`` (the first below it), ``duration_s``
        (float64), ``energy_kwh`` (float64, by trapezoid from the sample before
        ``start`` to ``end``: both flanks), ``peak_w`` (float64), ``is_complete``
        (bool; false if a gap, or the end of the samples, cut it off).

    Examples
    --------
    >>> at = pd.date_range("2026-11-01", periods=10, freq="min", tz="UTC")
    >>> kettle = pd.Series([0.4] * 4 + [2000.0] * 3 + [0.4] * 3, at)
    >>> on_cycles(kettle)[["duration_s", "peak_w", "is_complete"]].to_dict("list")
    {'duration_s': [180.0], 'peak_w': [2000.0], 'is_complete': [True]}
    """
    curve, power, _ = curve_of(samples, "trapezoid", max_gap_s, max_power_w)
    if not len(power):
        return _local(typed([], CYCLE_DTYPES), samples)
    limit = _threshold(curve.power_w, threshold_w)
    rows = []
    for first, last, is_complete in _runs(curve, limit, min_off_s):
        # The rise belongs to it as the fall does, or three minutes would hold 2.5.
        risen = first - 1 if first > 0 and curve.joined[first - 1] else first
        energy_j, _ = curve.up_to(curve.times_s[[risen, last]])
        duration_s = float(curve.times_s[last] - curve.times_s[first])
        if duration_s < min_on_s:
            continue
        rows.append(
            {
                "start": power.index[first],
                "end": power.index[last],
                "duration_s": duration_s,
                "energy_kwh": float(energy_j[1] - energy_j[0]) / J_PER_KWH,
                "peak_w": float(curve.power_w[first : last + 1].max()),
                "is_complete": is_complete,
            }
        )
    return _local(typed(rows, CYCLE_DTYPES), samples)


def day_profile(
    samples: pd.Series[Any] | pd.DataFrame, *, timezone: str | None = None, **how: Any
) -> pd.DataFrame:
    """Return what an average day looks like, hour by hour.

    Parameters
    ----------
    samples : Series or DataFrame
        Power in W.
    timezone : str, optional
        IANA name; the samples' own zone if left out.
    **how
        ``method``, ``max_gap_s``, ``max_power_w``, as for
        :func:`~tplink_lab.data.energy.energy_by`.

    Returns
    -------
    DataFrame
        24 rows: ``hour`` (Int64, by the clock on the wall), ``mean_power_w``
        (float64, over the covered time of all days; missing if there is none),
        ``lowest_power_w``, ``highest_power_w`` (float64, means of the hour on the
        quietest and the busiest day), ``covered_h`` (float64).

    Examples
    --------
    >>> at = pd.date_range("2026-11-01", "2026-11-03", freq="min", tz="UTC")
    >>> profile = day_profile(pd.Series(60.0, at))
    >>> len(profile), profile["mean_power_w"].round(6).unique().tolist()
    (24, [60.0])
    """
    hours = energy_by(samples, "h", timezone=timezone, **how)
    grouped = hours.groupby(hours["start"].dt.hour)
    known = grouped[["energy_kwh", "covered_h"]].sum().reindex(range(24))
    return pd.DataFrame(
        {
            "hour": pd.array(list(range(24)), dtype="Int64"),
            "mean_power_w": _mean_power(known),
            "lowest_power_w": grouped["mean_power_w"].min().reindex(range(24)),
            "highest_power_w": grouped["mean_power_w"].max().reindex(range(24)),
            "covered_h": known["covered_h"].fillna(0.0),
        }
    ).reset_index(drop=True)


def week_profile(
    samples: pd.Series[Any] | pd.DataFrame, *, timezone: str | None = None, **how: Any
) -> pd.DataFrame:
    """Return what an average week looks like, hour by hour.

    Parameters
    ----------
    samples, timezone, **how
        As for :func:`day_profile`.

    Returns
    -------
    DataFrame
        168 rows: ``weekday`` (ordered category, Mon first), ``hour`` (Int64),
        ``mean_power_w`` (float64; missing if nothing is covered), ``covered_h``
        (float64).

    Examples
    --------
    >>> at = pd.date_range("2026-11-02", "2026-11-03", freq="min", tz="UTC")
    >>> week = week_profile(pd.Series(60.0, at))
    >>> len(week), int(week["mean_power_w"].notna().sum())
    (168, 24)
    """
    hours = energy_by(samples, "h", timezone=timezone, **how)
    keys = [hours["start"].dt.day_of_week, hours["start"].dt.hour]
    every = pd.MultiIndex.from_product([range(7), range(24)])
    known = hours.groupby(keys)[["energy_kwh", "covered_h"]].sum().reindex(every)
    return pd.DataFrame(
        {
            "weekday": pd.Categorical.from_codes(
                [number // 24 for number in range(168)], dtype=WEEKDAY
            ),
            "hour": pd.array([number % 24 for number in range(168)], dtype="Int64"),
            "mean_power_w": _mean_power(known).to_numpy(),
            "covered_h": known["covered_h"].fillna(0.0).to_numpy(),
        }
    )


def _local(runs: pd.DataFrame, samples: pd.Series[Any] | pd.DataFrame) -> pd.DataFrame:
    """Show when they ran by the clock that the samples go by."""
    zone = zone_of(samples)
    for column in ("start", "end"):
        runs[column] = runs[column].dt.tz_convert(zone)
    return runs


def _mean_power(known: pd.DataFrame) -> pd.Series[Any]:
    covered = known["covered_h"].where(known["covered_h"] > 0)
    mean: pd.Series[Any] = known["energy_kwh"] * 1000 / covered
    return mean


def _runs(curve: Curve, limit: float, min_off_s: float) -> list[tuple[int, int, bool]]:
    """Return (first, last, whether complete) of each run, as numbers of samples.

    The last sample is the first that is off again, unless a gap or the end came.
    """
    is_on = curve.power_w >= limit
    # A new stretch begins where the state changes and after every gap.
    change = np.concatenate([[True], (is_on[1:] != is_on[:-1]) | ~curve.joined])
    starts = np.flatnonzero(change)
    ends = np.concatenate([starts[1:], [len(is_on)]])
    runs: list[tuple[int, int, bool]] = []
    for start, end in zip(starts, ends, strict=True):
        if not is_on[start]:
            continue
        # The beginning is known if the sample before was off and near.
        begun = bool(start > 0 and curve.joined[start - 1])
        ended = bool(end < len(is_on) and curve.joined[end - 1])
        first, last = int(start), int(end if ended else end - 1)
        if runs and begun:
            before_first, before_last, before_begun = runs[-1]
            pause_s = curve.times_s[first] - curve.times_s[before_last]
            unbroken = bool(curve.joined[before_last:first].all())
            if unbroken and pause_s < min_off_s:
                runs[-1] = before_first, last, before_begun and ended
                continue
        runs.append((first, last, begun and ended))
    return runs


def _threshold(power: Any, given: float | None) -> float:
    if given is not None:
        if isinstance(given, bool) or not isinstance(given, int | float) or given <= 0:
            raise BadInput(
                f"threshold_w is {given!r}.", next_step="Give watts above 0."
            )
        return float(given)
    low, high = float(power.min()), float(power.max())
    if high - low < LEAST_SWING_W:
        return float(np.nextafter(high, np.inf))
    return low + IN_USE * (high - low)


def _quantile(values: Any, weights: Any, share: float) -> float:
    """Return the value below which this share of the time is spent."""
    order = np.argsort(values, kind="stable")
    spent = np.cumsum(weights[order])
    at = int(np.searchsorted(spent, share * spent[-1]))
    return float(values[order][min(at, len(order) - 1)])
