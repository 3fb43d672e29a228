"""Standby, runs and profiles of loads that were made by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tplink_lab import errors
from tplink_lab.data import (
    baseline,
    day_profile,
    integrate_power,
    on_cycles,
    week_profile,
)

START = pd.Timestamp("2026-11-02", tz="UTC")  # a Monday


def minutes(values: Any, start: pd.Timestamp = START) -> Any:
    values = np.asarray(values, dtype="float64")
    return pd.Series(
        values, start + pd.to_timedelta(np.arange(len(values)), unit="min")
    )


def kettle(days: int = 1) -> Any:
    """0.4 W, and 2 kW for three minutes at 07:00 and at 20:00."""
    day = np.full(1440, 0.4)
    day[420:423] = day[1200:1203] = 2000.0
    return minutes(np.tile(day, days))


def test_a_kettle_waits_at_four_tenths_of_a_watt() -> None:
    found = baseline(kettle(7))
    assert found.standby_w == found.always_on_w == 0.4
    assert found.in_use_share == pytest.approx(6 / 1440, rel=1e-3)
    assert found.standby_kwh_per_year == pytest.approx(0.4 * 8.766)
    assert found.covered_h == pytest.approx(7 * 24 - 1 / 60)


def test_a_router_never_sleeps_and_is_never_in_use() -> None:
    found = baseline(minutes([7.2, 7.3] * 500))
    assert found.in_use_share == 0
    assert 7.2 <= found.standby_w <= 7.3


def test_a_plug_that_is_switched_off_at_night_has_nothing_always_on() -> None:
    found = baseline(minutes([0.0] * 480 + [5.0] * 900 + [60.0] * 60))
    assert (found.always_on_w, found.standby_w) == (0.0, 5.0)


def test_time_counts_and_not_the_number_of_samples() -> None:
    """Sampled each second while in use, and each five minutes while not."""
    quiet = pd.Series(1.0, pd.date_range(START, periods=200, freq="5min"))
    busy = pd.Series(
        900.0,
        pd.date_range(quiet.index[-1] + pd.Timedelta("1s"), periods=900, freq="s"),
    )
    found = baseline(pd.concat([quiet, busy]))
    assert found.standby_w == found.always_on_w == 1.0
    assert found.in_use_share == pytest.approx(899 / (899 + 199 * 300 + 1))


def test_a_threshold_below_everything_still_gives_a_number() -> None:
    found = baseline(minutes([7.0] * 10), threshold_w=1.0)
    assert (found.in_use_share, found.standby_w) == (1.0, 7.0)


def test_each_boil_is_a_run() -> None:
    runs = on_cycles(kettle(2))
    assert runs["duration_s"].tolist() == [180.0] * 4
    assert runs["peak_w"].tolist() == [2000.0] * 4
    assert runs["is_complete"].all()
    assert runs["start"].dt.strftime("%d %H:%M").tolist() == [
        "02 07:00",
        "02 20:00",
        "03 07:00",
        "03 20:00",
    ]
    # By trapezoid: two whole minutes, and half of one on the way up and down each.
    assert runs["energy_kwh"].iloc[0] == pytest.approx((2000 * 3 + 0.4) / 60000)


def test_pauses_are_joined_and_short_runs_left_out() -> None:
    washing = [0] * 10 + [500] * 5 + [0] * 3 + [500] * 5 + [0] * 30 + [500] + [0] * 10
    assert len(on_cycles(minutes(washing))) == 3
    joined = on_cycles(minutes(washing), min_off_s=181)
    assert joined["duration_s"].tolist() == [13 * 60, 60]
    assert len(on_cycles(minutes(washing), min_off_s=180)) == 3
    assert len(on_cycles(minutes(washing), min_off_s=181, min_on_s=61)) == 1
    total = integrate_power(minutes(washing[:30])).energy_kwh
    # Both flanks belong to it, so nothing is lost between runs and rest.
    assert joined["energy_kwh"].iloc[0] == pytest.approx(total)


def test_a_run_that_a_gap_or_the_end_cuts_off_is_not_complete() -> None:
    samples = minutes([500] * 5 + [0] * 5 + [500] * 30 + [0] * 5 + [500] * 5)
    samples = samples.drop(samples.index[20:30])
    runs = on_cycles(samples, min_off_s=3600)
    assert runs["is_complete"].tolist() == [False, False]
    assert runs["duration_s"].tolist() == [19 * 60, 19 * 60]
    assert len(on_cycles(samples)) == 4
    assert on_cycles(samples)["is_complete"].tolist() == [False] * 4


def test_no_run_gives_the_same_columns() -> None:
    full = on_cycles(kettle()).dtypes
    for nothing in (minutes([]), minutes([1.0] * 9)):
        assert on_cycles(nothing).dtypes.equals(full)
        assert len(on_cycles(nothing)) == 0


def test_a_day_profile_is_by_the_clock_on_the_wall() -> None:
    for zone, hour in (("UTC", 7), ("Asia/Tokyo", 16)):
        profile = day_profile(kettle(3), timezone=zone, method="hold")
        by_hour = profile.set_index("hour")["mean_power_w"]
        assert by_hour[hour] == pytest.approx((2000 * 3 + 0.4 * 57) / 60)
        assert by_hour[(hour + 3) % 24] == pytest.approx(0.4)
        assert profile["hour"].tolist() == list(range(24))


def test_hours_that_nobody_recorded_stay_empty() -> None:
    profile = day_profile(kettle().iloc[:601])
    assert profile["mean_power_w"].isna().tolist() == [False] * 10 + [True] * 14
    week = week_profile(kettle().iloc[:601])
    assert week["mean_power_w"].notna().sum() == 10
    assert week["covered_h"].sum() == pytest.approx(10)


def test_a_week_profile_tells_weekdays_apart() -> None:
    sunday = START + pd.Timedelta(days=6)
    week = week_profile(minutes([50.0] * 1441, sunday))
    assert week.loc[week["mean_power_w"].notna(), "weekday"].unique().tolist() == [
        "Sun"
    ]
    assert week["weekday"].cat.ordered
    # The last sample opens Monday, of which nothing is covered.
    assert week["mean_power_w"].notna().sum() == 24


def test_profiles_of_nothing_have_all_their_rows() -> None:
    assert len(day_profile(minutes([]))) == 24
    assert len(week_profile(minutes([]))) == 168


@pytest.mark.parametrize("samples", [[], [5.0]])
def test_standby_of_nothing_is_refused(samples: list[float]) -> None:
    with pytest.raises(errors.BadInput, match="Record for a day"):
        baseline(minutes(samples))


@pytest.mark.parametrize("threshold", [0, -1, True, "5"])
def test_odd_thresholds_are_refused(threshold: Any) -> None:
    with pytest.raises(errors.BadInput, match="above 0"):
        on_cycles(kettle(), threshold_w=threshold)


def test_runs_are_not_joined_across_hours_that_nobody_saw() -> None:
    samples = minutes([0] * 5 + [500] * 5 + [0] * 30 + [500] * 5 + [0] * 5)
    samples = samples.drop(samples.index[15:30])
    assert len(on_cycles(samples, min_off_s=7200)) == 2


def test_the_middle_is_by_size_and_not_by_order() -> None:
    found = baseline(minutes([3.0, 1.0, 2.0] * 100), threshold_w=50)
    assert (found.standby_w, found.always_on_w) == (2.0, 1.0)


def test_runs_are_told_by_the_clock_of_the_samples() -> None:
    at = pd.date_range("2026-11-01", periods=4, freq="min", tz="Europe/Belgrade")
    runs = on_cycles(pd.Series([0.0, 2000.0, 2000.0, 0.0], at))
    assert str(runs["start"].iloc[0]) == "2026-11-01 00:01:00+01:00"
    assert str(on_cycles(pd.Series([0.0], at[:1]))["end"].dt.tz) == "Europe/Belgrade"
