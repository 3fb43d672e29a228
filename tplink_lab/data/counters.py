"""Energy by a meter's own counter, which may be erased, or slip."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tplink_lab.data.columns import typed
from tplink_lab.data.energy import J_PER_KWH
from tplink_lab.data.samples import (
    EXCLUDED_DTYPES,
    MAX_POWER_W,
    check_positive,
    read_series,
    reasons_of,
    split_off,
)

__all__ = ["CounterEnergy", "counter_energy"]

STEP_DTYPES = {
    "start": "datetime64[ns, UTC]",
    "end": "datetime64[ns, UTC]",
    "energy_kwh": "float64",
    "note": "str",
}


@dataclass(frozen=True)
class CounterEnergy:
    """Energy by a meter's own counter.

    Attributes
    ----------
    energy_kwh : float
        All steps that count. At each reset what was used between the last reading
        before it and the reset itself is missing, so it is then a lower bound.
    resets : int
        How often the counter began anew.
    steps : DataFrame
        ``start``, ``end`` (datetime64[ns, UTC]), ``energy_kwh`` (float64), ``note``
        (str; ``"reset"`` where the counter began anew, else missing).
    excluded : DataFrame
        ``at``, ``value`` (kWh), ``reason`` (str: negative, absurd, missing, same
        time, jumped back).

    Examples
    --------
    >>> import pandas as pd, tplink_lab as tl
    >>> at = pd.date_range("2026-11-01", periods=4, freq="h", tz="UTC")
    >>> found = tl.data.counter_energy(pd.Series([10.0, 10.5, 0.25, 0.5], at))
    >>> found.steps[["energy_kwh", "note"]].values.tolist()
    [[0.5, nan], [0.25, 'reset'], [0.25, nan]]
    """

    energy_kwh: float
    resets: int
    steps: pd.DataFrame
    excluded: pd.DataFrame


def counter_energy(
    total_kwh: pd.Series[Any] | pd.DataFrame, *, max_power_w: float = MAX_POWER_W
) -> CounterEnergy:
    """Read energy off a counter that may be erased, or jump back.

    Parameters
    ----------
    total_kwh : Series or DataFrame
        The counter in kWh with its times; a frame has it in ``total_kwh``.
    max_power_w : float
        A step that would need more than this is absurd; the reading is excluded.

    Returns
    -------
    CounterEnergy
        A reading that is lower than the one before counts as a reset if the next
        one goes on from there, and as a slip, excluded, if the next one goes on from
        before.

    Examples
    --------
    >>> at = pd.date_range("2026-11-01", periods=4, freq="h", tz="UTC")
    >>> found = counter_energy(pd.Series([10.0, 10.5, 0.25, 0.5], at))
    >>> found.energy_kwh, found.resets
    (1.0, 1)
    """
    check_positive("max_power_w", max_power_w)
    series = read_series(total_kwh, "total_kwh")
    reason = reasons_of(series)
    series, excluded = split_off(
        series, reason.mask(reason.isna() & (series < 0), "negative")
    )
    times, values = pd.DatetimeIndex(series.index), series.to_numpy()
    seconds = np.asarray((times - times[:1].repeat(len(times))).total_seconds())
    steps: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    last = 0

    def fits(grown_kwh: float, since: int, until: int) -> bool:
        # A counter shows whole Wh, so a short step may look a Wh too big.
        most = max_power_w * (seconds[until] - seconds[since]) / J_PER_KWH + 0.001
        return bool(0 <= grown_kwh <= most)

    for i in range(1, len(values)):
        grown, note = values[i] - values[last], None
        if grown < 0:
            after = values[i + 1] if i + 1 < len(values) else None
            goes_on = after is not None and fits(after - values[last], last, i + 1)
            if goes_on or not fits(values[i], last, i):
                reason_ = "jumped back" if goes_on else "absurd"
                bad.append({"at": times[i], "value": values[i], "reason": reason_})
                continue
            grown, note = values[i], "reset"
        elif not fits(grown, last, i):
            bad.append({"at": times[i], "value": values[i], "reason": "absurd"})
            continue
        steps.append(
            {
                "start": times[last],
                "end": times[i],
                "energy_kwh": float(grown),
                "note": note,
            }
        )
        last = i
    if bad:
        excluded = pd.concat([excluded, typed(bad, EXCLUDED_DTYPES)])
        excluded = excluded.sort_values("at", ignore_index=True)
    return CounterEnergy(
        energy_kwh=math.fsum(step["energy_kwh"] for step in steps),
        resets=sum(step["note"] is not None for step in steps),
        steps=typed(steps, STEP_DTYPES),
        excluded=excluded,
    )
