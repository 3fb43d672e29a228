"""Pictures: Axes in and out, units on every axis, and words for each of them.

Every function takes ``ax`` (matplotlib Axes; a new figure if left out) and returns
the Axes. ``plots.alt_text(ax)`` is what it shows in words, ``plots.table(ax)`` the
numbers it was drawn from, ``plots.save(ax, path)`` writes both picture and words.

>>> import tplink_lab as tl
>>> with tl.practice() as cloud:
...     ax = tl.plots.signal_strength(cloud.devices().wifi())
>>> tl.plots.alt_text(ax)[:63]
'Bars of Wi-Fi signal of 26 devices, from -40 dBm (Patio Plug) t'
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from tplink_lab.data import drawing
from tplink_lab.data.drawing import alt_text, save, table
from tplink_lab.data.states import GOOD_DBM, POOR_DBM, signal_of
from tplink_lab.data.timelines import on_off, power
from tplink_lab.data.usage import WEEKDAYS

__all__ = [
    "alt_text",
    "cost_by_device",
    "daily",
    "firmware_age",
    "monthly",
    "on_off",
    "power",
    "save",
    "signal_strength",
    "table",
    "week_heatmap",
]

DAYS_PER_YEAR = 365.25


def daily(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw energy by day, the devices stacked.

    Parameters
    ----------
    frame : DataFrame
        As ``devices.energy_daily()`` gives it, or ``energy_by(samples, "D")``.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        Its table: one row per day, one column per device, in kWh.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     ax = tl.plots.daily(cloud.devices().energy_daily(2026, 10))
    >>> tl.plots.table(ax).shape
    (31, 6)
    """
    return _stacked(frame, ax, "day", "%d %b")


def monthly(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw energy by month, the devices stacked.

    Parameters
    ----------
    frame : DataFrame
        As ``devices.energy_monthly()`` gives it, or ``energy_by(samples, "MS")``.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        Its table: one row per month, one column per device, in kWh.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     ax = tl.plots.monthly(cloud.devices().energy_monthly(2026))
    >>> tl.plots.table(ax).shape
    (11, 6)
    """
    return _stacked(frame, ax, "month", "%b %Y")


def week_heatmap(profile: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the mean power of each hour of the week; what is not known stays empty.

    Parameters
    ----------
    profile : DataFrame
        As :func:`~tplink_lab.data.week_profile` gives it.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        Its table: seven rows, Mon first; 24 columns, in W.

    Examples
    --------
    >>> import pandas as pd, tplink_lab as tl
    >>> at = pd.date_range("2026-11-02", periods=7 * 24, freq="h", tz="UTC")
    >>> power_w = pd.Series([60.0] * 18 + [1960.0] + [60.0] * 149, at)
    >>> profile = tl.data.week_profile(power_w, max_gap_s=3600, method="hold")
    >>> tl.plots.week_heatmap(profile).get_title(loc="left")
    'Mean power by hour of the week: most on Mon 18:00, 1960 W'
    """
    drawing.need(
        profile,
        ("weekday", "hour", "mean_power_w"),
        "week_heatmap",
        "Make one with week_profile(samples).",
    )
    grid = profile.pivot(index="weekday", columns="hour", values="mean_power_w")
    values = grid.to_numpy(dtype="float64")
    ax = drawing.canvas(ax)
    title = "Mean power by hour of the week"
    if np.isnan(values).all():
        return drawing.empty(ax, title, "nothing was recorded", grid)
    # cividis: the same to all kinds of colour vision, and even in greyscale.
    image = ax.imshow(values, aspect="auto", cmap="cividis", vmin=0)
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.colorbar(image, ax=ax, label="mean power [W]")
    ax.set_yticks(range(7), list(WEEKDAYS))
    ax.set_xticks(range(0, 24, 3))
    ax.set_xlabel("hour of the day")
    top = np.unravel_index(np.nanargmax(values), values.shape)
    unknown = int(np.isnan(values).sum())
    where = f"{WEEKDAYS[int(top[0])]} {int(top[1]):02}:00"
    if unknown:
        # Hatched, for on a dark page plain paper looks like little power.
        ax.patch.set(hatch="////", edgecolor=drawing.ink(), linewidth=0)
        ax.set_xlabel("hour of the day (hatched: nothing recorded)")
    return drawing.finish(
        ax,
        f"{title}: most on {where}, {values[top]:.0f} W",
        f"Heat map of mean power by weekday and hour, from {np.nanmin(values):.0f} to "
        f"{values[top]:.0f} W; most on {where}. {unknown} hours have no data.",
        grid,
    )


def cost_by_device(bill: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw what each device's energy cost, the dearest on top.

    Parameters
    ----------
    bill : DataFrame
        As ``tariff.cost(frame)`` gives it. The standing charge is not in it.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        Its table: ``name`` (str), ``cost`` (float64), the dearest first.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> flat = tl.Tariff("EUR", price_per_kwh=0.30)
    >>> with tl.practice() as cloud:
    ...     bill = flat.cost(cloud.devices().energy_monthly(2026))
    >>> tl.plots.cost_by_device(bill).get_title(loc="left")
    'Cost by device: 194.56 EUR'
    """
    drawing.need(
        bill, ("cost", "currency"), "cost_by_device", "Make one with tariff.cost(…)."
    )
    named = bill.assign(name=drawing.whose(bill))
    sums = named.groupby("name")["cost"].sum().sort_values(ascending=False)
    costs = sums.reset_index()
    currency = str(bill.attrs.get("currency") or "".join(bill["currency"].iloc[:1]))
    ax = drawing.canvas(ax, len(costs))
    title = f"Cost by device: {costs['cost'].sum():.2f} {currency}"
    if not len(costs):
        return drawing.empty(ax, "Cost by device", "nothing to pay for", costs)
    bars = ax.barh(range(len(costs)), costs["cost"], **drawing.look(0))
    ax.bar_label(bars, fmt="%.2f", padding=3)
    ax.margins(x=0.12)
    drawing.name_rows(ax, costs["name"])
    ax.set_xlabel(f"cost of energy [{currency}]")
    words = ", ".join(
        f"{name} {cost:.2f}" for name, cost in costs.head(6).itertuples(index=False)
    )
    return drawing.finish(
        ax,
        title,
        f"Bars of the cost of energy of {len(costs)} devices, in {currency}: {words}.",
        costs,
    )


def firmware_age(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how old each device's firmware is, the oldest on top.

    Parameters
    ----------
    frame : DataFrame
        As ``devices.firmware()`` gives it.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        Its table: ``alias``, ``fw_version``, ``age_days``, ``is_outdated``.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     ax = tl.plots.firmware_age(cloud.devices().firmware())
    >>> tl.plots.table(ax).columns.tolist()
    ['alias', 'fw_version', 'age_days', 'is_outdated']
    """
    columns = ("alias", "fw_version", "age_days", "is_outdated")
    drawing.need(frame, columns, "firmware_age", "Make one with devices.firmware().")
    known = frame.loc[frame["age_days"].notna(), list(columns)]
    known = known.sort_values("age_days", ascending=False, ignore_index=True)
    ax = drawing.canvas(ax, len(known))
    if not len(known):
        return drawing.empty(ax, "Firmware age", "no build date is known", known)
    years = known["age_days"].astype("float64") / DAYS_PER_YEAR
    behind = known["is_outdated"].fillna(False).astype(bool)
    for number, is_behind in enumerate((False, True)):
        rows = np.flatnonzero(behind == is_behind)
        if len(rows):
            ax.barh(rows, years.iloc[rows], **drawing.look(number))
    for row, (version, age) in enumerate(zip(known["fw_version"], years, strict=True)):
        ax.annotate(
            str(version), (age, row), (3, 0), textcoords="offset points", va="center"
        )
    ax.margins(x=0.12)
    drawing.name_rows(ax, known["alias"])
    ax.set_xlabel("age of the firmware [years]")
    title = f"Oldest firmware: {known['alias'].iloc[0]}, {years.iloc[0]:.1f} years"
    if behind.any():
        labels = ("no newer sibling known", "behind a sibling")
        drawing.legend(ax, labels)
    return drawing.finish(
        ax,
        title.replace("$", r"\$"),
        f"Bars of firmware age of {len(known)} devices, from {years.iloc[0]:.1f} years "
        f"({known['alias'].iloc[0]}) to {years.iloc[-1]:.1f}; {int(behind.sum())} have "
        "a sibling with a newer version.",
        known,
    )


def signal_strength(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how well each device hears its access point, the worst at the bottom.

    Parameters
    ----------
    frame : DataFrame
        As ``devices.wifi()`` gives it. Devices without an answer are left out, and
        counted below the plot.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        Its table: ``alias``, ``rssi_dbm``, ``signal``.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     ax = tl.plots.signal_strength(cloud.devices().wifi())
    >>> tl.plots.table(ax)["signal"].value_counts().to_dict()
    {'good': 23, 'fair': 3}
    """
    drawing.need(
        frame, ("alias", "rssi_dbm"), "signal_strength", "Make one with devices.wifi()."
    )
    known = frame.loc[frame["rssi_dbm"].notna(), ["alias", "rssi_dbm"]]
    known = known.sort_values("rssi_dbm", ascending=False, ignore_index=True)
    known["signal"] = [signal_of(int(rssi)) for rssi in known["rssi_dbm"]]
    silent = len(frame) - len(known)
    ax = drawing.canvas(ax, len(known))
    if not len(known):
        return drawing.empty(ax, "Wi-Fi signal", "no device answered", known)
    weakest, best = int(known["rssi_dbm"].min()), int(known["rssi_dbm"].max())
    floor = min(-90, weakest - 5)
    kinds = ("good", "fair", "poor")
    for number, kind in enumerate(kinds):
        rows = np.flatnonzero(known["signal"] == kind)
        height = known["rssi_dbm"].iloc[rows].astype("float64") - floor
        ax.barh(rows, height, left=floor, label=kind, **drawing.look(number))
    for limit in (POOR_DBM, GOOD_DBM):
        ax.axvline(limit, color=drawing.ink(), linewidth=0.8, linestyle=":")
    ax.set_xlim(floor, -25)
    drawing.name_rows(ax, known["alias"])
    ax.set_xlabel(
        "signal [dBm], nearer to 0 is better"
        + (f" ({silent} devices did not answer)" if silent else "")
    )
    drawing.legend(ax, kinds)
    poor = int((known["signal"] == "poor").sum())
    last = known["alias"].iloc[-1]
    return drawing.finish(
        ax,
        f"Weakest Wi-Fi: {last}, {weakest} dBm".replace("$", r"\$"),
        f"Bars of Wi-Fi signal of {len(known)} devices, from {best} dBm "
        f"({known['alias'].iloc[0]}) to {weakest} dBm ({last}). {poor} are poor; "
        f"{silent} did not answer.",
        known,
    )


def _stacked(frame: pd.DataFrame, ax: Axes | None, column: str, form: str) -> Axes:
    name = {"day": "daily", "month": "monthly"}[column]
    if "start" in getattr(frame, "columns", ()) and column not in frame:
        frame = frame.assign(**{column: frame["start"].dt.tz_localize(None)})
    drawing.need(
        frame,
        (column, "energy_kwh"),
        name,
        f"Make one with devices.energy_{name}(…), or energy_by(samples, …).",
    )
    known = frame[frame[column].notna() & frame["energy_kwh"].notna()]
    wide = known.assign(name=drawing.whose(known)).pivot_table(
        index=column, columns="name", values="energy_kwh", aggfunc="sum"
    )
    wide = _fewer(wide[wide.sum().sort_values(ascending=False).index])
    ax = drawing.canvas(ax)
    title = f"Energy by {column}"
    if not len(wide):
        return drawing.empty(ax, title, "no energy was recorded", wide)
    place = np.arange(len(wide))
    bottom = np.zeros(len(wide))
    for number, series in enumerate(wide):
        height = wide[series].fillna(0).to_numpy()
        label = str(series).replace("$", r"\$")
        ax.bar(place, height, 0.8, bottom, label=label, **drawing.look(number))
        bottom += height
    step = max(1, -(-len(wide) // 8))
    days = pd.DatetimeIndex(wide.index)
    ax.set_xticks(place[::step], list(days[::step].strftime(form)))
    ax.set_ylabel(f"energy [kWh per {column}]")
    ax.yaxis.set_major_locator(MaxNLocator(6))
    if wide.shape[1] > 1:
        drawing.legend(ax)
    total = float(wide.sum().sum())
    most = int(bottom.argmax())
    return drawing.finish(
        ax,
        f"{title}: {total:.1f} kWh in {len(wide)} {column}s",
        f"Bars of energy by {column} from {days[0]:{form}} to {days[-1]:{form}}, "
        f"{total:.2f} kWh in all; most on {days[most]:{form}}, {bottom[most]:.2f} kWh. "
        f"By size: {', '.join(map(str, wide.columns))}.",
        wide,
    )


def _fewer(wide: pd.DataFrame) -> pd.DataFrame:
    """Add up all but the largest as "others"."""
    if wide.shape[1] <= drawing.MOST_SERIES:
        return wide
    kept = wide.iloc[:, : drawing.MOST_SERIES - 1].copy()
    kept[drawing.OTHERS] = wide.iloc[:, drawing.MOST_SERIES - 1 :].sum(axis=1)
    return kept
