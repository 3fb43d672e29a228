"""Pictures along the time axis: power, and when things were on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from tplink_lab.data import drawing
from tplink_lab.data.drawing import COLORS, LINES
from tplink_lab.data.samples import MAX_POWER_W, clean_power, gap_limit, zone_of
from tplink_lab.errors import BadInput

__all__ = ["on_off", "power"]

Samples = pd.Series | pd.DataFrame


def power(
    samples: Samples | Mapping[str, Samples],
    ax: Axes | None = None,
    *,
    timezone: str | None = None,
    max_gap_s: float | None = None,
    max_power_w: float = MAX_POWER_W,
) -> Axes:
    """Draw power over time; where samples are missing the line is broken.

    Parameters
    ----------
    samples : Series, DataFrame or dict of those
        Power in W, as for :func:`~tplink_lab.data.integrate_power`; up to six of
        them by name.
    ax : Axes, optional
        Where to draw.
    timezone : str, optional
        IANA name of the time axis; the samples' own zone if left out.
    max_gap_s, max_power_w : float, optional
        As for :func:`~tplink_lab.data.integrate_power`; what is absurd is not drawn.

    Returns
    -------
    Axes
        Its table: ``name`` (str), ``at`` (datetime64, in the zone), ``power_w``.

    Examples
    --------
    >>> import pandas as pd, tplink_lab as tl
    >>> at = pd.date_range("2026-11-01", periods=10, freq="min", tz="UTC")
    >>> kettle = pd.Series([0.4] * 4 + [2000.0] * 3 + [0.4] * 3, at)
    >>> tl.plots.power(kettle).get_ylabel()
    'power [W]'
    """
    known = dict(samples) if isinstance(samples, Mapping) else {"": samples}
    if "" in known and len(known) == 1:
        known = {_name_of(known[""]): known[""]}
    if len(known) > drawing.MOST_SERIES:
        raise BadInput(
            f"{len(known)} lines cannot be told apart.",
            call="plots.power",
            next_step=f"Draw {drawing.MOST_SERIES} at most; the largest, for instance.",
        )
    ax = drawing.canvas(ax)
    parts, words = [], []
    zone: Any = timezone
    for number, (name, given) in enumerate(known.items()):
        clean, _ = clean_power(given, max_power_w=max_power_w)
        zone = zone or zone_of(given)
        line = clean.tz_convert(zone)
        parts.append(pd.DataFrame({"name": name, "at": line.index, "power_w": line}))
        if len(line):
            words.append(f"{name} between {line.min():.0f} and {line.max():.0f} W")
        limit_s = gap_limit(pd.DatetimeIndex(line.index), max_gap_s)
        broken = _broken(line, limit_s)
        ax.plot(
            list(broken.index),
            broken.to_numpy(),
            color=COLORS[number],
            linestyle=LINES[number],
            linewidth=1.4,
            label=name.replace("$", r"\$"),
        )
        # A sample that is too far from both its neighbours has no line to lie on.
        lone = line[_is_lone(line, limit_s)]
        if len(lone):
            ax.plot(list(lone.index), lone.to_numpy(), ".", color=COLORS[number])
    behind = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if not len(behind):
        return drawing.empty(ax, "Power over time", "no samples", behind)
    _time_axis(ax, zone)
    ax.set_ylabel("power [W]")
    ax.set_ylim(bottom=0)
    if len(known) > 1:
        drawing.legend(ax)
    first, last = behind["at"].min(), behind["at"].max()
    span = f"from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} ({zone})"
    title = "Power over time"
    if len(words) == 1:
        title = (words[0][0].upper() + words[0][1:]).replace("$", r"\$")
    return drawing.finish(
        ax, title, f"Lines of power {span}: {'; '.join(words)}.", behind
    )


def _name_of(samples: pd.Series[Any] | pd.DataFrame) -> str:
    if isinstance(samples, pd.DataFrame) and len(samples):
        name = str(drawing.whose(samples).iloc[0])
        return "power" if name == "energy" else name
    return "power"


def on_off(
    states: Mapping[str, pd.Series[Any]],
    ax: Axes | None = None,
    *,
    timezone: str | None = None,
    max_gap_s: float | None = None,
) -> Axes:
    """Draw when things were on.

    Parameters
    ----------
    states : dict of Series
        Name to whether it was on (bool; missing is unknown), with aware times. A
        state holds until the next sample, if that is not further than a gap.
    ax : Axes, optional
        Where to draw.
    timezone : str, optional
        IANA name of the time axis; the first Series' own zone if left out.
    max_gap_s : float, optional
        As for :func:`~tplink_lab.data.integrate_power`. Beyond this the state is
        unknown: nothing is drawn.

    Returns
    -------
    Axes
        Its table: ``name`` (str), ``start``, ``end`` (datetime64), ``is_on`` (bool).

    Examples
    --------
    >>> import pandas as pd, tplink_lab as tl
    >>> at = pd.date_range("2026-11-01", periods=10, freq="min", tz="UTC")
    >>> kettle_is_on = pd.Series([False] * 4 + [True] * 3 + [False] * 3, at)
    >>> ax = tl.plots.on_off({"Kettle": kettle_is_on})
    >>> tl.plots.table(ax)["is_on"].tolist()
    [False, True, False]
    """
    zone: Any = timezone
    rows: list[dict[str, Any]] = []
    for name, series in states.items():
        if not isinstance(series.index, pd.DatetimeIndex) or series.index.tz is None:
            raise BadInput(
                f"The states of {name!r} have no times with a zone.",
                call="plots.on_off",
                next_step='Use series.tz_localize("UTC"), or your zone.',
            )
        zone = zone or series.index.tz
        found = series.sort_index().tz_convert(zone)
        limit_s = gap_limit(pd.DatetimeIndex(found.index), max_gap_s)
        rows += _held(name, found, limit_s)
    behind = pd.DataFrame(rows, columns=["name", "start", "end", "is_on"])
    ax = drawing.canvas(ax, len(states))
    if not rows:
        return drawing.empty(ax, "On and off", "no states are known", behind)
    shares = []
    for number, name in enumerate(states):
        mine = behind[behind["name"] == name]
        for is_on in (False, True):
            spans = mine[mine["is_on"] == is_on]
            if len(spans):
                begin, end = (_numbers(spans[edge]) for edge in ("start", "end"))
                ax.broken_barh(
                    list(zip(begin, end - begin, strict=True)),
                    (number - 0.3, 0.6) if is_on else (number - 0.04, 0.08),
                    facecolor=COLORS[0] if is_on else drawing.ink(),
                )
        length = (mine["end"] - mine["start"]).dt.total_seconds()
        on_h = float(length[mine["is_on"].astype(bool)].sum()) / 3600
        shares.append(f"{name} {on_h:.1f} h of {length.sum() / 3600:.1f} h")
    drawing.name_rows(ax, states)
    _time_axis(ax, zone)
    handles = [
        Patch(facecolor=COLORS[0], label="on"),
        Patch(facecolor=drawing.ink(), label="off (thin)"),
        Patch(facecolor="none", edgecolor=drawing.ink(), label="unknown (empty)"),
    ]
    ax.legend(
        handles=handles,
        ncols=3,
        fontsize="small",
        loc="lower right",
        bbox_to_anchor=(1, 1),
        frameon=False,
        borderaxespad=0.2,
    )
    return drawing.finish(
        ax,
        "On and off",
        f"Timeline of when things were on: {'; '.join(shares)}.",
        behind,
    )


def _is_lone(line: pd.Series[Any], max_gap_s: float) -> Any:
    """Whether each sample has neither neighbour within *max_gap_s*."""
    apart_s = pd.DatetimeIndex(line.index).to_series().diff().dt.total_seconds()
    far = ~(apart_s <= max_gap_s).to_numpy()  # the first has none before it
    return far & np.append(far[1:], True)


def _broken(line: pd.Series[Any], max_gap_s: float) -> pd.Series[Any]:
    """Put a missing value into every gap, so that no line is drawn across it."""
    step = line.index.to_series().diff().dt.total_seconds()
    ends = line.index[(step > max_gap_s).to_numpy()]
    holes: pd.Series[Any] = pd.Series(
        np.nan, ends - pd.Timedelta(milliseconds=1), dtype="float64"
    )
    return pd.concat([line, holes]).sort_index() if len(holes) else line


def _held(name: str, series: pd.Series[Any], max_gap_s: float) -> list[dict[str, Any]]:
    """Return the spans of one state each, joined where nothing changes."""
    spans: list[dict[str, Any]] = []
    for i in range(len(series) - 1):
        start, end, state = series.index[i], series.index[i + 1], series.iloc[i]
        if pd.isna(state) or (end - start).total_seconds() > max_gap_s:
            continue
        before = spans[-1] if spans else None
        if before and before["end"] == start and before["is_on"] == bool(state):
            before["end"] = end
        else:
            spans.append(
                {"name": name, "start": start, "end": end, "is_on": bool(state)}
            )
    return spans


def _time_axis(ax: Axes, zone: Any) -> None:
    # With the usual least of five it finds no step for four hours, and warns.
    locator = mdates.AutoDateLocator(tz=zone, minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    form = mdates.ConciseDateFormatter(locator, tz=zone)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(form)
    ax.set_xlabel(f"time ({zone})")


def _numbers(times: pd.Series[Any]) -> Any:
    return mdates.date2num(list(times))  # type: ignore[no-untyped-call]
