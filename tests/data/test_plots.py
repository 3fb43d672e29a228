"""Plots: units, words and tables behind each, on a light page and on a dark one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.text import Text

import tplink_lab as tl
from tplink_lab import errors, plots
from tplink_lab.data import energy_by, week_profile
from tplink_lab.data.drawing import COLORS, HATCHES, LINES

mpl.use("Agg")
import matplotlib.pyplot as plt

AT = pd.date_range("2026-10-19", "2026-10-26", freq="5min", tz="Europe/Belgrade")


def samples() -> Any:
    power = pd.Series(np.where(AT.hour == 19, 90.0, 7.2), AT)
    return power[(AT < "2026-10-20 10:00+02:00") | (AT > "2026-10-20 16:00+02:00")]


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    with tl.practice(offline_after_s=0) as cloud:
        devices = cloud.devices()
        days = devices.energy_daily(2026, 10)
        return {
            "daily": days,
            "monthly": devices.energy_monthly(2026),
            "firmware_age": devices.firmware(),
            "signal_strength": devices.wifi(),
            "cost_by_device": tl.Tariff("EUR", 0.31).cost(days),
            "week_heatmap": week_profile(samples()),
        }


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def drawn(name: str, frames: dict[str, pd.DataFrame], ax: Axes | None = None) -> Axes:
    draw: Callable[..., Axes] = getattr(plots, name)
    if name == "power":
        lines = {"Fridge": samples(), "Costs $5 and $6": samples() / 2}
        return draw(lines, ax)
    if name == "on_off":
        return draw({"A": samples() > 50, "B$": samples() > 5}, ax)
    return draw(frames[name], ax)


UNITS = {
    "power": "power [W]",
    "daily": "energy [kWh per day]",
    "monthly": "energy [kWh per month]",
    "week_heatmap": "mean power [W]",
    "cost_by_device": "cost of energy [EUR]",
    "firmware_age": "age of the firmware [years]",
    "signal_strength": "signal [dBm]",
    "on_off": "time (Europe/Belgrade)",
}


def texts(ax: Axes) -> list[Text]:
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    return [
        found
        for found in figure.findobj(Text)
        if isinstance(found, Text) and found.get_visible() and found.get_text()
    ]


@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("name", UNITS)
def test_every_plot_has_units_a_title_words_and_a_table(
    name: str, style: str, frames: dict[str, pd.DataFrame]
) -> None:
    with plt.style.context(style):
        ax = drawn(name, frames)
        shown = texts(ax)
        assert any(UNITS[name] in text.get_text() for text in shown)
        assert len(ax.get_title(loc="left")) > 5
        assert len(plots.alt_text(ax)) > 40
        assert plots.alt_text(ax).endswith(".")
        assert len(plots.table(ax)) >= 2
        paper = np.array(to_rgb(mpl.rcParams["figure.facecolor"]))
        if name == "on_off":
            for bar in ax.collections:
                (color,) = np.atleast_2d(bar.get_facecolor())
                assert np.abs(color[:3] - paper).max() > 0.3
        for text in shown:
            contrast = np.abs(np.array(to_rgb(text.get_color())) - paper).max()
            assert contrast > 0.5, text.get_text()


@pytest.mark.parametrize("name", UNITS)
def test_nothing_sticks_out_and_no_labels_lie_on_each_other(
    name: str, frames: dict[str, pd.DataFrame]
) -> None:
    ax = drawn(name, frames)
    figure = ax.get_figure(root=True)
    assert figure is not None
    shown = [t for t in texts(ax) if t.get_text().strip()]
    inked = figure.get_tightbbox()  # in inches, and without ticks beyond the limits
    width, height = figure.get_size_inches()
    assert -0.01 <= inked.x0 <= inked.x1 <= width + 0.01
    assert -0.01 <= inked.y0 <= inked.y1 <= height + 0.01
    boxes = [(t.get_text(), t.get_window_extent().padded(-1.5)) for t in shown]
    for number, (one, mine) in enumerate(boxes):
        for other, theirs in boxes[number + 1 :]:
            assert not mine.overlaps(theirs), (one, other)


@pytest.mark.parametrize("name", UNITS)
def test_axes_come_out_that_went_in(name: str, frames: dict[str, pd.DataFrame]) -> None:
    _, (left, right) = plt.subplots(1, 2)
    assert drawn(name, frames, right) is right
    assert not left.has_data()
    if name != "week_heatmap":
        assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("name", UNITS)
def test_nothing_to_show_is_said_in_the_picture(
    name: str, frames: dict[str, pd.DataFrame]
) -> None:
    if name == "power":
        ax = plots.power(samples().iloc[:0])
    elif name == "on_off":
        ax = plots.on_off({})
    elif name == "week_heatmap":
        ax = plots.week_heatmap(week_profile(samples().iloc[:0]))
    else:
        ax = drawn(name, {key: frame.iloc[:0] for key, frame in frames.items()})
    assert "An empty plot" in plots.alt_text(ax)
    assert len(texts(ax)) >= 2


def test_the_line_is_broken_where_samples_are_missing() -> None:
    ax = plots.power(samples())
    heights = np.asarray(ax.lines[0].get_ydata(), dtype="float64")
    assert np.isnan(heights).sum() == 1
    assert len(plots.table(ax)) == len(samples())


def test_six_lines_differ_in_style_and_a_seventh_is_refused() -> None:
    six = {f"P{n}": samples().iloc[:9] for n in range(6)}
    ax = plots.power(six)
    assert (
        len({str(line.get_linestyle()) + str(line._dash_pattern) for line in ax.lines})
        == 6
    )  # type: ignore[attr-defined]
    with pytest.raises(errors.BadInput, match="6 at most"):
        plots.power({**six, "P7": samples()})


def test_looks_do_not_rest_on_colour_alone() -> None:
    assert (
        len(COLORS)
        == len(set(COLORS))
        == len(set(HATCHES))
        == len(set(map(str, LINES)))
    )
    for page in (1.0, 0.0):  # white and black
        for color in COLORS:
            lightness = np.dot(to_rgb(color), (0.2126, 0.7152, 0.0722))
            assert abs(lightness - page) > 0.2, color


def test_bars_add_up_to_the_frame(frames: dict[str, pd.DataFrame]) -> None:
    ax = plots.daily(frames["daily"])
    total = sum(patch.get_height() for patch in ax.patches)  # type: ignore[attr-defined]
    assert total == pytest.approx(frames["daily"]["energy_kwh"].sum())
    table = plots.table(ax)
    assert table.columns.tolist()[-1] == "others"
    assert table.shape[1] == 6
    assert table.sum().sum() == pytest.approx(total)


def test_sums_of_samples_can_be_drawn_as_they_are() -> None:
    ax = plots.daily(energy_by(samples(), "D"))
    assert len(ax.patches) == 7
    assert len(plots.monthly(energy_by(samples(), "MS")).patches) == 1


def test_a_timeline_shows_hours_and_leaves_out_what_is_unknown() -> None:
    ax = plots.on_off({"A": samples() > 50})
    table = plots.table(ax)
    on = table[table["is_on"]]
    hours = (on["end"] - on["start"]).dt.total_seconds() / 3600
    assert hours.tolist() == [1.0] * 7
    gap = pd.Timestamp("2026-10-20 12:00", tz="Europe/Belgrade")
    assert not ((table["start"] <= gap) & (table["end"] >= gap)).any()
    assert "A 7.0 h of 162.8 h" in plots.alt_text(ax)


def test_the_file_carries_the_words(
    tmp_path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    ax = plots.firmware_age(frames["firmware_age"])
    for ending in ("png", "svg", "pdf"):
        file = tmp_path / f"plot.{ending}"
        plots.save(ax, file)
        assert file.stat().st_size > 1000
    assert plots.alt_text(ax).encode() in (tmp_path / "plot.png").read_bytes()
    assert plots.alt_text(ax) in (tmp_path / "plot.svg").read_text("utf-8")
    with pytest.raises(errors.BadInput, match="png"):
        plots.save(ax, tmp_path / "plot.jpg")


def test_the_table_behind_cannot_be_changed_from_outside(
    frames: dict[str, pd.DataFrame],
) -> None:
    ax = plots.signal_strength(frames["signal_strength"])
    table = plots.table(ax)
    table["rssi_dbm"] = None
    assert plots.table(ax)["rssi_dbm"].notna().all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.daily(pd.DataFrame({"x": [1]})), "energy_daily"),
        (lambda: plots.week_heatmap(pd.DataFrame()), "week_profile"),
        (lambda: plots.signal_strength(pd.DataFrame()), "devices.wifi"),
        (lambda: plots.cost_by_device(pd.DataFrame()), "tariff.cost"),
        (lambda: plots.on_off({"A": pd.Series([True])}), "tz_localize"),
        (lambda: plots.alt_text(plt.subplots()[1]), "not drawn by tplink_lab"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call: Any, words: str) -> None:
    with pytest.raises(errors.BadInput, match=words):
        call()


@pytest.mark.parametrize("minutes", [2, 20, 90, 239, 270, 60 * 30, 60 * 100, 60 * 3000])
def test_the_time_axis_finds_its_steps_for_any_length(minutes: int) -> None:
    at = pd.date_range("2026-11-01", periods=9, freq=f"{minutes * 60 // 8}s", tz="UTC")
    ax = plots.power(pd.Series(1.0, at), max_gap_s=1e9)
    ax.figure.canvas.draw()  # a step that is not found is a warning, and so an error
    assert 2 <= len(ax.get_xticks()) <= 9


def test_samples_too_far_apart_for_a_line_are_seen_and_named() -> None:
    at = pd.date_range("2026-11-01", periods=20, freq="3h", tz="UTC")
    frame = pd.DataFrame({"at": at, "device": "Kettle", "outlet": "", "power_w": 5.0})
    ax = tl.plots.power(frame)
    assert ax.get_title(loc="left") == "Kettle between 5 and 5 W"
    assert [line.get_marker() for line in ax.lines] == ["None", "."]
    assert len(ax.lines[1].get_xdata()) == 20
    near = frame.assign(
        at=pd.date_range("2026-11-01", periods=20, freq="min", tz="UTC")
    )
    assert len(tl.plots.power(near).lines) == 1
