"""Energy sums against an independent calculation; gaps and slips are never bridged."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tplink_lab as tl
from tests.data.homes import STEADY, home, plug
from tplink_lab import errors
from tplink_lab.data import (
    clean_power,
    counter_energy,
    energy_by,
    integrate_power,
)

START = pd.Timestamp("2026-11-02", tz="UTC")
MEAN_W, SWING_W, PERIOD_S = 600.0, 400.0, 3600.0
OMEGA = 2 * math.pi / PERIOD_S


def series(values: Any, step_s: float = 60, start: pd.Timestamp = START) -> Any:
    values = np.asarray(values, dtype="float64")
    at = start + pd.to_timedelta(np.arange(len(values)) * step_s, unit="s")
    return pd.Series(values, at)


def wave(step_s: int, span_s: int) -> Any:
    seconds = np.arange(0, span_s + 1, step_s)
    return series(MEAN_W + SWING_W * np.sin(OMEGA * seconds), step_s)


def wave_j(span_s: int) -> float:
    """The integral on paper."""
    return MEAN_W * span_s + SWING_W / OMEGA * (1 - math.cos(OMEGA * span_s))


@pytest.mark.parametrize("step_s", [1, 10, 60])
@pytest.mark.parametrize("span_s", [3600, 12_240, 100_020])
def test_a_smooth_load_integrates_within_the_stated_bounds(
    step_s: int, span_s: int
) -> None:
    samples = wave(step_s, span_s)
    smooth = integrate_power(samples)
    held = integrate_power(samples, method="hold")
    off_j = abs(smooth.energy_kwh * 3.6e6 - wave_j(span_s))
    assert off_j <= span_s * step_s**2 * SWING_W * OMEGA**2 / 12 + 1e-3
    off_j = abs(held.energy_kwh * 3.6e6 - wave_j(span_s))
    assert off_j <= span_s * step_s * SWING_W * OMEGA / 2 + 1e-3
    assert smooth.covered_s == smooth.span_s == span_s
    assert len(smooth.gaps) == len(smooth.excluded) == 0


@pytest.mark.parametrize(("step_s", "span_s"), [(1, 400), (10, 3600), (60, 7200)])
def test_a_recorded_load_agrees_with_paper_and_with_the_meters_own_counter(
    step_s: int, span_s: int
) -> None:
    """10 W, and 90 W more for 2 of every 5 minutes, asked over the wire."""
    cycle = {"period_minutes": 5, "on_minutes": 2, "power_w": 90}
    fridge = plug(1, "A", meter="integers", load={"standby_w": 10, "cycle": cycle})
    rows = []
    with tl.practice(home(fridge), now="2026-11-02T23:00:00+00:00") as cloud:
        meter = cloud.device("A").energy
        for _ in range(span_s // step_s + 1):
            reading = meter.now()
            rows.append((cloud.practice.now, reading.power_w, reading.total_kwh))
            cloud.practice.advance(seconds=step_s)
    frame = pd.DataFrame(rows, columns=["at", "power_w", "total_kwh"])
    # The snapshot's own first reading is 100 W, and so is the load's at that moment.
    turns, rest = divmod(span_s, 300)
    paper_j = 10 * span_s + 90 * (turns * 120 + min(rest, 120))
    jumps = 2 * (turns + 1)
    for method, worst in (("trapezoid", step_s / 2), ("hold", step_s)):
        found = integrate_power(frame, method=method)  # type: ignore[arg-type]
        assert abs(found.energy_kwh * 3.6e6 - paper_j) <= jumps * 90 * worst
    counted = counter_energy(frame)
    assert abs(counted.energy_kwh * 1000 - paper_j / 3600) <= 1
    assert counted.resets == 0


@pytest.mark.parametrize(
    ("now", "month", "odd", "hours"),
    [
        ("2026-11-01T18:00:00+00:00", 10, "2026-10-25", 25),
        ("2026-04-10T18:00:00+00:00", 3, "2026-03-29", 23),
    ],
)
def test_both_generations_of_meters_agree_to_the_watt_hour_on_every_day(
    now: str, month: int, odd: str, hours: int
) -> None:
    plugs = [
        plug(n, kind, meter=kind, load=STEADY)
        for n, kind in enumerate(("floats", "integers"))
    ]
    with tl.practice(home(*plugs), now=now) as cloud:
        days = cloud.devices().energy_daily(2026, month)
    wide = days.pivot(index="day", columns="alias", values="energy_kwh")
    assert len(wide) == 31
    assert ((wide["floats"] - wide["integers"]).abs() <= 0.001001).all()
    lengths = days.drop_duplicates("day").set_index("day")["hours"]
    assert lengths[odd] == hours
    assert lengths.drop(pd.Timestamp(odd)).unique().tolist() == [24.0]
    paper_kwh = 0.1 * lengths + 1.2345 * 1.5
    for kind in wide:
        assert ((wide[kind] - paper_kwh).abs() <= 0.001001).all(), kind


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
def test_a_day_has_as_many_hours_as_it_has(day: str, hours: int) -> None:
    start = pd.Timestamp(day, tz="Europe/Belgrade")
    samples = series(np.full(3 * 1440 + 1, 1000.0), 60, start.tz_convert("UTC"))
    daily = energy_by(samples, "D", timezone="Europe/Belgrade").iloc[0]
    assert daily["hours"] == daily["covered_h"] == hours
    assert daily["energy_kwh"] == pytest.approx(hours)
    hourly = energy_by(samples, "h", timezone="Europe/Belgrade")
    today = hourly[hourly["start"].dt.date == start.date()]
    assert len(today) == hours
    assert today["energy_kwh"].sum() == pytest.approx(hours)
    assert hourly["energy_kwh"].to_numpy() == pytest.approx(1.0)


def test_hours_are_whole_in_zones_that_lie_half_an_hour_off() -> None:
    samples = series(np.full(1441, 60.0))
    hourly = energy_by(samples, "h", timezone="Asia/Kolkata")
    assert hourly["start"].dt.minute.eq(0).all()
    assert hourly["energy_kwh"].sum() == pytest.approx(1.44)


@pytest.mark.parametrize("zone", ["Asia/Beirut", "America/Havana"])
def test_days_that_begin_at_one_because_midnight_is_skipped_add_up(zone: str) -> None:
    start = pd.Timestamp("2026-01-01", tz="UTC")
    samples = series(np.full(365 * 24 * 2 + 1, 500.0), 1800, start)
    daily = energy_by(samples, "D", timezone=zone, max_gap_s=1800)
    assert {23.0, 24.0, 25.0} == set(daily["hours"])
    assert daily["energy_kwh"].sum() == pytest.approx(365 * 12)


@pytest.mark.parametrize("period", ["15min", "30min", "h", "D", "MS"])
@pytest.mark.parametrize("method", ["trapezoid", "hold"])
def test_periods_add_up_to_the_whole(period: str, method: Any) -> None:
    samples = wave(60, 40 * 86400).drop(index=START + pd.Timedelta(days=3))
    samples = samples.drop(samples.index[5000:5100])
    parts = energy_by(samples, period, timezone="Europe/Belgrade", method=method)
    whole = integrate_power(samples, method=method)
    assert parts["energy_kwh"].sum() == pytest.approx(whole.energy_kwh)
    assert parts["covered_h"].sum() * 3600 == pytest.approx(whole.covered_s)
    assert parts["end"].tolist()[:-1] == parts["start"].tolist()[1:]
    # The gap begins with sample 4999 and ends with sample 5100.
    assert whole.gaps["duration_s"].tolist() == [101 * 60.0]


def test_a_gap_is_named_and_never_bridged() -> None:
    first, second = series([100.0] * 61), series([100.0] * 61, 60, START.ceil("D"))
    second.index = second.index + pd.Timedelta(hours=5)
    samples = pd.concat([second, first])  # out of order, too
    found = integrate_power(samples)
    assert found.energy_kwh == pytest.approx(0.2)
    assert found.covered_s == 7200
    (gap,) = found.gaps.to_dict("records")
    assert gap["start"] == START + pd.Timedelta(hours=1)
    assert gap["end"] == START + pd.Timedelta(hours=5)
    hourly = energy_by(samples, "h")
    assert hourly["energy_kwh"].isna().tolist() == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]


def test_a_step_as_long_as_the_longest_gap_is_none() -> None:
    assert len(integrate_power(series([1.0, 1.0], 300)).gaps) == 0
    late = pd.concat([series([1.0, 1.0], 300), series([1.0] * 9, 301).iloc[-1:]])
    assert len(integrate_power(late).gaps) == 1
    # A sum of nothing but gaps would be 0 kWh, and look like an answer.
    with pytest.raises(errors.BadInput, match="the nearest are 301 s apart"):
        integrate_power(series([1.0, 1.0], 301))


def test_readings_that_cannot_be_are_named_and_left_out() -> None:
    samples = series([10, -5, 9000, math.nan, math.inf, 10])
    samples = pd.concat([samples, samples.iloc[:1] * 7])
    power, excluded = clean_power(samples)
    assert power.tolist() == [10, 10]
    assert excluded["reason"].tolist() == [
        "same time",
        "negative",
        "absurd",
        "missing",
        "absurd",
    ]
    assert integrate_power(samples).excluded.equals(excluded)
    assert integrate_power(samples).energy_kwh == pytest.approx(10 * 300 / 3.6e6)


def test_two_devices_of_one_name_are_not_taken_for_one() -> None:
    both = pd.DataFrame(
        {
            "at": pd.date_range("2026-11-01", periods=4, freq="min", tz="UTC"),
            "alias": "Plug",
            "device_id": ["80A", "80B"] * 2,
            "power_w": 60.0,
        }
    )
    with pytest.raises(errors.BadInput, match=r"2 series: Plug, Plug.*device_id"):
        integrate_power(both)


@pytest.mark.parametrize("count", [0, 1])
def test_no_samples_or_one_are_no_energy(count: int) -> None:
    found = integrate_power(series([5.0] * count))
    assert np.isnan(found.energy_kwh)
    assert (found.covered_s, found.span_s) == (0.0, 0.0)
    assert energy_by(series([5.0] * count), "D")["energy_kwh"].notna().sum() == 0
    full = energy_by(series([5.0] * 9), "D").dtypes
    assert energy_by(series([]), "D").dtypes.equals(full)


def counter(*values: float, step_s: float = 3600) -> Any:
    return counter_energy(series(values, step_s))


def test_a_counter_that_was_erased_goes_on_from_nothing() -> None:
    found = counter(148.0, 148.5, 0.2, 0.7)
    assert found.energy_kwh == pytest.approx(1.2)
    assert found.steps["note"].fillna("").tolist() == ["", "reset", ""]
    assert len(found.excluded) == 0


def test_a_counter_that_slips_once_is_not_erased() -> None:
    found = counter(148.0, 148.5, 3.0, 149.0)
    assert found.energy_kwh == pytest.approx(1.0)
    assert found.resets == 0
    assert found.excluded["reason"].tolist() == ["jumped back"]


def test_a_counter_that_leaps_is_absurd() -> None:
    found = counter(148.0, 9148.0, 148.5)
    assert found.energy_kwh == pytest.approx(0.5)
    assert found.excluded[["value", "reason"]].values.tolist() == [[9148.0, "absurd"]]


def test_a_slip_at_the_very_end_is_a_reset_only_if_it_could_be() -> None:
    assert counter(148.0, 148.5, 0.1).resets == 1
    late = counter(148.0, 148.5, 100.0)
    assert (late.resets, late.excluded["reason"].tolist()) == (0, ["absurd"])


@given(st.lists(st.floats(0, 1.0), min_size=2, max_size=30))
def test_a_counter_that_only_grows_gives_its_difference(steps: list[float]) -> None:
    values = np.cumsum(steps)
    assert counter(*values).energy_kwh == pytest.approx(values[-1] - values[0])


@given(
    st.lists(st.floats(0, 8000), min_size=2, max_size=40),
    st.integers(1, 400),
    st.sampled_from(["trapezoid", "hold"]),
)
def test_energy_lies_between_the_least_and_the_most_power(
    values: list[float], step_s: int, method: Any
) -> None:
    if step_s > 300 and len(values) < 4:  # no pace to tell a gap from
        with pytest.raises(errors.BadInput, match="max_gap_s"):
            integrate_power(series(values, step_s), method=method)
        return
    found = integrate_power(series(values, step_s), method=method)
    mean_w = found.energy_kwh * 3.6e6 / found.covered_s
    assert min(values) - 1e-6 <= mean_w <= max(values) + 1e-6


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (lambda: integrate_power(pd.Series([1.0])), "aware times"),
        (lambda: integrate_power(series([1, 2]).tz_localize(None)), "tz_localize"),
        (lambda: integrate_power(pd.DataFrame({"w": [1]})), "power_w"),
        (lambda: integrate_power(series([1, 2]), method="spline"), "trapezoid"),  # type: ignore[arg-type]
        (lambda: integrate_power(series([1, 2]), max_gap_s=0), "above 0"),
        (lambda: integrate_power(series([1, 2]), max_power_w=math.nan), "above 0"),
        (lambda: energy_by(series([1, 2]), "W"), "15min"),
        (lambda: energy_by(series([1, 2]), timezone="Mars/Base"), "Europe/Berlin"),
        (lambda: integrate_power(series([1, 2]).astype(str) + "W"), "floats"),
    ],
)
def test_bad_input_is_refused_with_a_next_step(call: Any, hint: str) -> None:
    with pytest.raises(errors.BadInput, match=hint):
        call()


def test_two_series_in_one_frame_are_not_taken_for_one() -> None:
    one = series([1000.0] * 61, 60).rename_axis("at").rename("power_w").reset_index()
    both = pd.concat(
        [one.assign(device="Strip", outlet="A"), one.assign(device="Strip", outlet="B")]
    )
    with pytest.raises(errors.BadInput, match="holds 2 series: Strip A, Strip B"):
        integrate_power(both)
    found = {
        name: integrate_power(part).energy_kwh
        for name, part in both.groupby(["device", "outlet"])
    }
    assert found == {("Strip", "A"): 1.0, ("Strip", "B"): 1.0}


@pytest.mark.parametrize("interval_s", [60, 240, 280, 300, 600, 1800, 3600])
def test_a_recording_at_any_pace_has_no_gaps_because_of_its_jitter(
    interval_s: int,
) -> None:
    steps = np.random.default_rng(1).uniform(0.9, 1.1, 200) * interval_s
    at = START + pd.to_timedelta(np.concatenate([[0], steps.cumsum()]), unit="s")
    whole = integrate_power(pd.Series(1000.0, at))
    assert len(whole.gaps) == 0
    assert whole.energy_kwh == pytest.approx(steps.sum() / 3600)
    # One that was missed is a gap, if it took more than five minutes.
    missed = integrate_power(pd.Series(1000.0, at).drop(at[100]))
    assert len(missed.gaps) == (2 * interval_s > 300)


def test_samples_that_are_hours_apart_are_not_joined_unless_told() -> None:
    at = START + pd.to_timedelta(np.arange(4) * 3, unit="h")
    with pytest.raises(errors.BadInput, match="nearest are 10800 s apart"):
        integrate_power(pd.Series(1000.0, at))
    told = integrate_power(pd.Series(1000.0, at), max_gap_s=3 * 3600)
    assert told.energy_kwh == pytest.approx(9)


def test_two_devices_in_one_series_are_refused_and_a_repeated_reading_is_not() -> None:
    at = pd.date_range(START, periods=60, freq="min")
    one, two = pd.Series(60.0, at), pd.Series(1000.0, at)
    with pytest.raises(errors.BadInput, match="several values"):
        integrate_power(pd.concat([one, two]))
    again = pd.concat([one, one.iloc[:3] + 1])
    assert integrate_power(again).energy_kwh == pytest.approx(59 / 60 * 0.06)


def test_periods_may_be_named_as_a_history_names_them() -> None:
    samples = pd.Series(60.0, pd.date_range(START, periods=300, freq="min"))
    for ours, theirs in (("h", "1h"), ("D", "1D"), ("MS", "1MS")):
        assert energy_by(samples, theirs).equals(energy_by(samples, ours))
