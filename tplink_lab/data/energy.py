"""Power samples to energy, with nothing made up in between.

Pure functions on pandas objects. *Samples* are a Series of power in W with a
DatetimeIndex that knows its zone, or a frame with such a column ``power_w`` and its
times in the index or in a column ``at``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from tplink_lab.data.columns import typed
from tplink_lab.data.samples import (
    MAX_POWER_W,
    clean_power,
    gap_limit,
    zone_of,
)
from tplink_lab.data.zones import checked_zone
from tplink_lab.errors import BadInput

__all__ = ["EnergySum", "energy_by", "integrate_power"]

Method = Literal["trapezoid", "hold"]
J_PER_KWH = 3_600_000.0

GAP_DTYPES = {
    "start": "datetime64[ns, UTC]",
    "end": "datetime64[ns, UTC]",
    "duration_s": "float64",
}
# Periods to add up by, and how many minutes; a day and a month are the calendar's.
STEPS_MIN = {"15min": 15, "30min": 30, "h": 60}
CALENDAR = ("D", "MS")


@dataclass(frozen=True)
class EnergySum:
    """Energy, and what it rests on.

    Attributes
    ----------
    energy_kwh : float
        Of the covered time only; NaN if no time is covered: nothing is not 0.
    covered_s : float
        The time between neighbouring samples no further apart than the longest gap
        allowed.
    span_s : float
        From the first sample to the last; the difference is in *gaps*.
    gaps : DataFrame
        ``start``, ``end`` (datetime64[ns, UTC]), ``duration_s`` (float64): nothing is
        known of these, and nothing is counted.
    excluded : DataFrame
        ``at`` (datetime64[ns, UTC]), ``value`` (float64, W), ``reason`` (str:
        negative, absurd, missing, same time).
    method : str
        How neighbours were joined: ``"trapezoid"`` or ``"hold"``.

    Examples
    --------
    >>> import pandas as pd, tplink_lab as tl
    >>> at = pd.date_range("2026-11-01", periods=61, freq="min", tz="UTC")
    >>> total = tl.data.integrate_power(pd.Series(1000.0, at).drop(at[20:40]))
    >>> round(total.energy_kwh, 2), total.covered_s, total.span_s, len(total.gaps)
    (0.65, 2340.0, 3600.0, 1)
    """

    energy_kwh: float
    covered_s: float
    span_s: float
    gaps: pd.DataFrame
    excluded: pd.DataFrame
    method: str


class Curve(NamedTuple):
    """Clean samples, and the energy up to each of them."""

    times_s: np.ndarray[Any, np.dtype[np.float64]]  # since the first sample
    power_w: np.ndarray[Any, np.dtype[np.float64]]
    joined: np.ndarray[Any, np.dtype[np.bool_]]  # whether a sample reaches the next
    method: str

    def up_to(self, at_s: Any) -> tuple[Any, Any]:
        """Return (energy in J, covered s) from the first sample to each moment."""
        length = np.diff(self.times_s)
        joined = np.where(self.joined, length, 0.0)
        end = self.power_w[:-1] if self.method == "hold" else self.power_w[1:]
        energy = np.concatenate(
            [[0.0], np.cumsum((self.power_w[:-1] + end) / 2 * joined)]
        )
        covered = np.concatenate([[0.0], np.cumsum(joined)])
        if not len(length):
            return np.zeros(len(at_s)), np.zeros(len(at_s))
        left = np.clip(
            np.searchsorted(self.times_s, at_s, "right") - 1, 0, len(length) - 1
        )
        into = np.clip(at_s - self.times_s[left], 0.0, length[left])
        share = into / length[left]
        here = self.power_w[left] + (end[left] - self.power_w[left]) * share
        into = np.where(self.joined[left], into, 0.0)
        return (
            energy[left] + (self.power_w[left] + here) / 2 * into,
            covered[left] + into,
        )


def integrate_power(
    samples: pd.Series[Any] | pd.DataFrame,
    *,
    method: Method = "trapezoid",
    max_gap_s: float | None = None,
    max_power_w: float = MAX_POWER_W,
) -> EnergySum:
    """Add up power samples to energy.

    Parameters
    ----------
    samples : Series or DataFrame
        Power in W; see the module.
    method : {"trapezoid", "hold"}
        Join neighbours by a straight line, or hold each value until the next.
    max_gap_s : float, optional
        Neighbours further apart are a gap: marked, and never bridged. If left out,
        five minutes; or one and a half times the usual distance of the samples, if
        they were taken more seldom, up to one in 80 minutes.
    max_power_w : float
        More than this is absurd and excluded, as what is negative.

    Returns
    -------
    EnergySum
        With the gaps and what was left out.

    Notes
    -----
    With a step of h seconds, over T seconds, a smooth curve is off by T h² max|P''| /
    12 joules at most by trapezoid, and by T h max|P'| / 2 if held; a load that jumps,
    by h/2 (held: h) for each watt of each jump.

    Examples
    --------
    >>> at = pd.date_range("2026-11-01", periods=61, freq="min", tz="UTC")
    >>> total = integrate_power(pd.Series(1000.0, at))
    >>> total.energy_kwh, total.covered_s
    (1.0, 3600.0)
    """
    curve, power, excluded = curve_of(samples, method, max_gap_s, max_power_w)
    energy_j, covered_s = curve.up_to(curve.times_s[-1:])
    times = power.index
    gaps = [
        {"start": times[i], "end": times[i + 1]}
        for i in np.flatnonzero(~curve.joined).tolist()
    ]
    for gap in gaps:
        gap["duration_s"] = (gap["end"] - gap["start"]).total_seconds()
    return EnergySum(
        energy_kwh=float(energy_j.sum()) / J_PER_KWH if covered_s.sum() else math.nan,
        covered_s=float(covered_s.sum()),
        span_s=float(curve.times_s[-1]) if len(power) else 0.0,
        gaps=typed(gaps, GAP_DTYPES),
        excluded=excluded,
        method=method,
    )


def energy_by(
    samples: pd.Series[Any] | pd.DataFrame,
    period: str = "D",
    *,
    timezone: str | None = None,
    method: Method = "trapezoid",
    max_gap_s: float | None = None,
    max_power_w: float = MAX_POWER_W,
) -> pd.DataFrame:
    """Add up power samples by quarter of an hour, hour, day or month.

    Parameters
    ----------
    samples : Series or DataFrame
        Power in W; see the module.
    period : {"15min", "30min", "h", "D", "MS"}
        Days and months are the calendar's in *timezone*: a day has 23 or 25 hours
        when clocks change, and that many hours in a list of hours.
    timezone : str, optional
        IANA name; the samples' own zone if left out.
    method, max_gap_s, max_power_w
        As for :func:`integrate_power`.

    Returns
    -------
    DataFrame
        Every period from the first sample to the last: ``start``, ``end``
        (datetime64, in the zone), ``energy_kwh`` (float64; missing if nothing is
        covered), ``mean_power_w`` (float64, over what is covered), ``covered_h``,
        ``hours`` (float64: of these, and in all). The sum of ``energy_kwh`` is that
        of :func:`integrate_power`.

    Examples
    --------
    >>> at = pd.date_range("2026-10-25", "2026-10-26", freq="min", tz="Europe/Berlin")
    >>> energy_by(pd.Series(1000.0, at))[["energy_kwh", "hours"]].to_dict("list")
    {'energy_kwh': [25.0], 'hours': [25.0]}
    """
    curve, power, _ = curve_of(samples, method, max_gap_s, max_power_w)
    zone = zone_of(samples) if timezone is None else checked_zone(timezone)
    borders = _borders(power.index, period, zone)
    if not len(power):
        at_s = np.zeros(0)
    else:
        at_s = (borders - power.index[0]).total_seconds().to_numpy()
    energy_j, covered_s = curve.up_to(at_s)
    covered_h = np.diff(covered_s) / 3600
    energy_kwh = np.where(covered_h > 0, np.diff(energy_j) / J_PER_KWH, math.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = energy_kwh * 1000 / covered_h
    local = borders.tz_convert(zone)
    return pd.DataFrame(
        {
            "start": local[:-1],
            "end": local[1:],
            "energy_kwh": energy_kwh,
            "mean_power_w": mean,
            "covered_h": covered_h,
            "hours": np.diff(at_s) / 3600,
        }
    )


def curve_of(
    samples: pd.Series[Any] | pd.DataFrame,
    method: str,
    max_gap_s: float | None,
    max_power_w: float,
) -> tuple[Curve, pd.Series[Any], pd.DataFrame]:
    """Return the clean samples as a curve and as a Series, and what was excluded."""
    if method not in ("trapezoid", "hold"):
        raise BadInput(
            f"method is {method!r}.", next_step='Give "trapezoid" or "hold".'
        )
    power, excluded = clean_power(samples, max_power_w=max_power_w)
    times = pd.DatetimeIndex(power.index)
    times_s = np.asarray((times - times[:1].repeat(len(times))).total_seconds())
    limit_s = gap_limit(times, max_gap_s)
    joined = np.diff(times_s) <= limit_s
    if len(joined) and not joined.any():
        # A sum of nothing but gaps would be 0 kWh, and look like an answer.
        raise BadInput(
            f"No two of the {len(times)} samples are within max_gap_s={limit_s:g} of "
            f"each other; the nearest are {np.diff(times_s).min():g} s apart.",
            next_step="Give samples that were taken more often, or a larger max_gap_s.",
        )
    return Curve(times_s, power.to_numpy(), joined, method), power, excluded


def _borders(times: pd.Index[Any], period: str, zone: Any) -> pd.DatetimeIndex:
    """Return the moments, in UTC, that part the periods the samples lie in."""
    # As `every` of a history, and pandas, would have it.
    period = {"1h": "h", "1D": "D", "1MS": "MS"}.get(period, period)
    if period not in STEPS_MIN and period not in CALENDAR:
        raise BadInput(
            f"period is {period!r}.",
            next_step=f"Give one of {', '.join([*STEPS_MIN, *CALENDAR])}.",
        )
    if not len(times):
        return pd.DatetimeIndex([], tz="UTC").as_unit("ns")
    first, last = (t.tz_convert(zone).tz_localize(None) for t in (times[0], times[-1]))
    start = first.normalize()
    if period == "MS":
        start = start.replace(day=1)
    freq = pd.DateOffset(months=1) if period == "MS" else pd.DateOffset(days=1)
    midnights = pd.date_range(start, last + freq, freq=freq)
    # Where clocks change at midnight that hour may be missing, or come twice.
    borders = (
        midnights.tz_localize(
            zone,
            nonexistent="shift_forward",
            ambiguous=np.ones(len(midnights), dtype=bool),
        )
        .tz_convert("UTC")
        .as_unit("ns")
    )
    if period in STEPS_MIN:
        # Counted from the first midnight, so a zone at half an hour keeps its hours.
        step = pd.Timedelta(minutes=STEPS_MIN[period])
        borders = pd.date_range(borders[0], times[-1] + step, freq=step)
    lead = max(int(borders.searchsorted(times[0], "right")) - 1, 0)
    tail = int(borders.searchsorted(times[-1], "left"))
    # A single sample on a border still lies in the period it opens.
    return borders[lead : max(tail, lead + 1) + 1]
