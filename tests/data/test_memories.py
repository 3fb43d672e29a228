"""Hours, days and months of Tapo meters, and how long devices were on."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

import tplink_lab as tl
from tplink_lab import errors
from tplink_lab.devices.tapo_meter import TapoMeter, zone_in

CHANGE = date(2026, 10, 25)  # clocks go back in Belgrade


@pytest.fixture(scope="module")
def autumn() -> Iterator[tl.Cloud]:
    """Some days after the clocks went back, while hours are still kept."""
    with tl.practice(now="2026-10-28T11:30:00+00:00", offline_after_s=0) as cloud:
        yield cloud


@pytest.mark.parametrize("name", ["Tapo Meter", "Washer"])
def test_hours_add_up_to_the_day_also_when_clocks_change(
    autumn: tl.Cloud, name: str
) -> None:
    energy = autumn.device(name).energy
    hours = energy.intervals(CHANGE)
    assert len(hours) == 25
    assert all((h.end.timestamp() - h.start.timestamp()) == 3600 for h in hours)
    by_day = {d.day: d.energy_kwh for d in energy.daily(2026, 10)}
    # Each hour is told in whole Wh, so is the day.
    assert sum(h.energy_kwh for h in hours) == pytest.approx(by_day[CHANGE], abs=0.025)


def test_days_add_up_to_the_month(autumn: tl.Cloud) -> None:
    energy = autumn.device("Tapo Meter").energy
    days = sum(d.energy_kwh for d in energy.daily(2026, 9))
    months = {m.month: m.energy_kwh for m in energy.monthly(2026)}
    assert days == pytest.approx(months[date(2026, 9, 1)], abs=0.03)
    assert max(months) == date(2026, 10, 1)  # none of the future


def test_the_running_day_ends_with_the_hour_that_runs(autumn: tl.Cloud) -> None:
    today = autumn.device("Tapo Meter").energy.intervals(date(2026, 10, 28))
    assert [h.start.hour for h in today] == list(range(13))  # it is 12:30 there
    assert str(today[0].start.tzinfo) == "Europe/Belgrade"


def test_hours_that_cannot_be_asked_for(autumn: tl.Cloud) -> None:
    energy = autumn.device("Tapo Meter").energy
    with pytest.raises(errors.BadInput, match="about a week"):
        energy.intervals(date(2026, 10, 1))
    with pytest.raises(errors.BadInput, match="is before"):
        energy.intervals(date(2026, 10, 28), date(2026, 10, 27))
    with pytest.raises(errors.BadInput, match="is no day"):
        energy.intervals("28 October")
    with tl.practice() as cloud, pytest.raises(errors.BadInput, match="is no day"):
        cloud.devices().energy_intervals("2026-10-32")  # at once, not once a device
    with pytest.raises(errors.NotSupported, match="Recorder"):
        autumn.device("Kettle").energy.intervals(CHANGE)
    with pytest.raises(errors.NotSupported):
        autumn.device("Tapo Plug").energy.intervals(CHANGE)


@pytest.mark.parametrize("data", [None, "1", [1, -2], [1.5], [True], {}])
def test_a_row_that_is_none_is_an_error(data: Any) -> None:
    def read(request: Any) -> dict[str, Any]:
        if request == "get_device_time":
            return {"region": "UTC", "time_diff": 0, "timestamp": 1793556000}
        return {"data": data}

    with pytest.raises(errors.UnusableAnswer):
        TapoMeter(read).hours(date(2026, 11, 1), date(2026, 11, 1))
    with pytest.raises(errors.UnusableAnswer):
        TapoMeter(read).days(2026, 11)


def test_a_zone_without_a_name_is_a_distance() -> None:
    zone = zone_in({"region": "../etc/passwd", "time_diff": 330})
    assert datetime(2026, 11, 1, tzinfo=UTC).astimezone(zone).hour == 5
    with pytest.raises(errors.UnusableAnswer):
        zone_in({"time_diff": 5000})


def test_the_frame_of_hours_is_the_same_when_empty(autumn: tl.Cloud) -> None:
    devices = autumn.devices()
    frame = devices.energy_intervals(CHANGE)
    assert frame.groupby("alias").size().to_dict() == {"Tapo Meter": 25, "Washer": 25}
    assert "Kettle" in frame.attrs["without_hours"]
    assert (frame["end"] - frame["start"]).dt.total_seconds().eq(3600).all()
    assert frame["start_local"].iloc[2] == frame["start_local"].iloc[3]  # 2 o'clock
    empty = devices[:0].energy_intervals(CHANGE)
    assert list(empty.columns) == list(frame.columns)
    assert [str(t) for t in empty.dtypes] == [str(t) for t in frame.dtypes]


def test_tapo_days_stand_in_the_frame_of_days(autumn: tl.Cloud) -> None:
    days = autumn.devices().energy_daily(2026, 10).set_index("alias")
    assert days.loc["Washer", "error"].isna().all()
    change = days[days["day"] == "2026-10-25"]
    assert change.loc["Tapo Meter", "hours"] == 25


def test_the_frame_of_runtime(autumn: tl.Cloud) -> None:
    devices = autumn.devices()
    frame = devices.runtime(2026, 10)
    assert frame["on_h"].between(0, 25).sum() > 50
    assert set(frame.loc[frame["alias"] == "Desk Strip", "outlet"]) >= {"Router"}
    failed = frame[frame["error"].notna()]
    assert failed["alias"].tolist() == ["Garage Heater"]
    assert "Tapo Plug" in frame.attrs["without_runtime"]
    empty = devices[:0].runtime(2026, 10)
    assert [str(t) for t in empty.dtypes] == [str(t) for t in frame.dtypes]
    with pytest.raises(errors.BadInput):
        devices.runtime(2026, 13)


def test_days_may_be_a_frames_own() -> None:
    with tl.practice() as cloud:
        meter = cloud.devices()[["Tapo Meter"]]
        by_name = meter.energy_intervals("2026-10-31")
        day = pd.Timestamp("2026-10-31")
        assert meter.energy_intervals(day).equals(by_name)
        with pytest.raises(errors.BadInput, match="is no day"):
            meter.energy_intervals(day + pd.Timedelta(hours=1))
