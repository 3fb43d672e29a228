"""A history answers by device, quantity and time, without loading everything."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tplink_lab as tl
from tplink_lab import errors
from tplink_lab.data.history_buckets import cut, month_hours
from tplink_lab.data.store import Store
from tplink_lab.data.store_records import Reading, Sweep

START = datetime(2026, 10, 24, 20, tzinfo=UTC)  # the night the clocks go back
HOUR_NS = 3_600_000_000_000


def watts(minute: int, plug: int) -> float:
    return round(50 + 40 * np.sin(minute / 97) + plug, 3)


def fill(path: Path, minutes: int, plugs: int = 2) -> None:
    with closing(Store(path)) as store:
        for minute in range(0, minutes, 10):
            at = START + timedelta(minutes=minute)
            readings = [
                Reading(
                    f"80{plug}", "", f"Plug {plug}", "HS110", at, "",
                    plug == 0, -50 - plug,
                    watts(minute, plug), 230.0, 0.2, minute / 1000,
                )
                for plug in range(plugs)
            ]  # fmt: skip
            strip = ("HS300", at, "Strip", True)
            readings.append(Reading("90", "", "Strip", *strip, -60))
            readings += [
                Reading("90", f"90{n:02}", f"Way {n}", *strip, None, 1.0 + n)
                for n in range(2)
            ]
            store.write(Sweep(at, readings), interval_s=600)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plugs.sqlite"
    fill(path, 3 * 24 * 60)
    return path


@pytest.fixture
def past(path: Path) -> tl.History:
    return tl.history(path, tz="Europe/Belgrade")


@pytest.fixture
def empty(tmp_path: Path) -> tl.History:
    Store(tmp_path / "empty.sqlite").close()
    return tl.history(tmp_path / "empty.sqlite", tz="Europe/Belgrade")


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(kind) for name, kind in frame.dtypes.items()}


ASKED: list[Callable[[tl.History], pd.DataFrame]] = [
    lambda h: h.frame(),
    lambda h: h.frame(quantity=["is_on", "rssi_dbm"]),
    lambda h: h.frame(every="1h"),
    lambda h: h.frame(every="1D", quantity="power_w"),
    lambda h: h.devices(),
    lambda h: h.daily(),
    lambda h: h.errors(),
    lambda h: h.gaps(),
]


@pytest.mark.parametrize("ask", ASKED)
def test_an_empty_history_has_the_same_columns_and_types(
    past: tl.History, empty: tl.History, ask: Callable[[tl.History], pd.DataFrame]
) -> None:
    assert len(ask(empty)) == 0
    assert kinds(ask(empty)) == kinds(ask(past))
    for frame in (ask(empty), ask(past)):
        for name in frame.select_dtypes("category"):
            assert str(frame[name].cat.categories.dtype) == "str", name


def test_the_types_are_these(past: tl.History) -> None:
    zoned = "datetime64[ns, Europe/Belgrade]"
    assert kinds(past.frame()) == {
        "at": zoned, "device": "category", "outlet": "category", "is_on": "boolean",
        "rssi_dbm": "Int16", "power_w": "float64", "voltage_v": "float64",
        "current_a": "float64", "total_kwh": "float64",
        "device_id": "category", "outlet_id": "category",
    }  # fmt: skip
    assert list(past.frame(every="1h").columns) == [
        "at", "device", "outlet", "samples", "on_share", "rssi_dbm", "power_w",
        "power_min_w", "power_max_w", "voltage_v", "current_a", "total_kwh",
        "device_id", "outlet_id",
    ]  # fmt: skip


def test_by_device_and_quantity(past: tl.History) -> None:
    plug = past.frame("plug 1", "power_w")
    whose = ["device_id", "outlet_id"]
    assert list(plug.columns) == ["at", "device", "outlet", "power_w", *whose]
    assert plug["device_id"].unique().tolist() == ["801"]
    assert plug["power_w"].tolist() == [watts(m, 1) for m in range(0, 3 * 1440, 10)]
    assert past.frame("801").equals(past.frame("Plug 1"))
    assert set(past.frame("Way 1")["outlet"]) == {"Way 1"}
    assert set(past.frame("Strip")["outlet"]) == {"", "Way 0", "Way 1"}
    assert set(past.frame("Strip", "power_w")["outlet"]) == {"Way 0", "Way 1"}
    assert set(past.frame("Strip", "power_w")["device"]) == {"Strip"}
    assert len(past.frame()) == 432 * 5


def test_by_range_in_the_zone_of_the_history(past: tl.History) -> None:
    # 22:00 UTC is midnight in Belgrade, while summer lasts.
    whole = past.frame("Plug 0", start="2026-10-25", end="2026-10-26")
    assert len(whole) == 25 * 6
    assert whole["at"].iloc[0] == pd.Timestamp("2026-10-25", tz="Europe/Belgrade")
    same = past.frame("Plug 0", start=date(2026, 10, 25), end=datetime(2026, 10, 26))
    assert same.equals(whole)
    utc = past.frame(
        "Plug 0", start="2026-10-24T22:00Z", end=pd.Timestamp("2026-10-25T23:00Z")
    )
    assert utc.equals(whole)
    assert len(past.frame("Plug 0", start="2030-01-01")) == 0


@pytest.mark.parametrize("every", ["30min", "1h", "3h", "1D", "2D", "W-MON", "MS"])
@pytest.mark.parametrize("tz", ["Europe/Belgrade", "UTC", "Asia/Kathmandu"])
def test_averages_by_sqlite_equal_averages_by_pandas(
    path: Path, every: str, tz: str
) -> None:
    past = tl.history(path, tz=tz)
    ours = past.frame("Plug 1", every=every)
    raw = past.frame("Plug 1").set_index("at")
    # pandas labels weeks at their end unless told otherwise.
    options: Any = {"closed": "left", "label": "left"}
    if every in ("1h", "3h", "30min"):
        options["origin"] = raw.index[0].normalize()
    if every == "2D":
        options["origin"] = "start_day"
    by = raw.resample(every, **options)
    theirs = by["power_w"].agg(["count", "mean", "min", "max"])
    theirs = theirs[theirs["count"] > 0]
    assert ours["samples"].tolist() == theirs["count"].tolist()
    assert ours["at"].tolist() == theirs.index.tolist()
    np.testing.assert_allclose(ours["power_w"], theirs["mean"])
    np.testing.assert_allclose(ours["power_min_w"], theirs["min"])
    np.testing.assert_allclose(ours["power_max_w"], theirs["max"])
    np.testing.assert_allclose(ours["total_kwh"], by["total_kwh"].max().dropna())
    assert ours["on_share"].eq(0).all()


def test_days_of_25_and_of_23_hours() -> None:
    def hours(first: str, tz: str) -> list[float]:
        start = pd.Timestamp(first, tz=tz)
        end = start + pd.DateOffset(days=3)
        days = cut("1D", start.as_unit("ns").value, end.as_unit("ns").value, tz)
        return [(b - a) / HOUR_NS for _, a, b in days]

    assert hours("2026-10-24", "Europe/Belgrade") == [24, 25, 24]
    assert hours("2026-03-28", "Europe/Belgrade") == [24, 23, 24]
    # In Beirut the clock skips midnight itself.
    assert hours("2026-03-28", "Asia/Beirut") == [24, 23, 24]


def test_weeks_begin_on_monday_unless_told(past: tl.History) -> None:
    days = {
        every: past.frame("Plug 0", "power_w", every=every)["at"].dt.day.tolist()
        for every in ("1W", "W", "W-MON", "W-SUN")
    }
    monday = [19, 26]  # the samples are of Saturday the 24th to Tuesday
    assert days == {"1W": monday, "W": monday, "W-MON": monday, "W-SUN": [18, 25]}


def test_stretches_without_a_sample_have_no_row(tmp_path: Path) -> None:
    path = tmp_path / "gap.sqlite"
    with closing(Store(path)) as store:
        for hour in (0, 1, 5):
            at = START + timedelta(hours=hour)
            store.write(Sweep(at, [Reading("80", "", "P", "HS110", at, power_w=1.0)]))
    hours = tl.history(path).frame("P", "power_w", every="1h")
    assert [at.hour for at in hours["at"]] == [20, 21, 1]


def test_a_profile_has_24_hours_of_the_local_clock(past: tl.History) -> None:
    profile = past.hourly_profile("Plug 1", "2026-10")
    assert profile["hour"].tolist() == list(range(24))
    raw = past.frame("Plug 1", "power_w")
    raw = raw[raw["at"] < "2026-11-01"]
    by_hour = raw.groupby(raw["at"].dt.hour)["power_w"]
    np.testing.assert_allclose(profile["power_w"], by_hour.mean())
    np.testing.assert_allclose(profile["power_max_w"], by_hour.max())
    assert profile["samples"].tolist() == by_hour.size().tolist()
    # 02:00 to 03:00 came twice that night.
    assert profile["samples"][2] == profile["samples"][3] + 6
    nothing = past.hourly_profile("Plug 1", "2020-02")
    assert nothing["samples"].sum() == 0
    assert nothing["power_w"].isna().all()
    assert kinds(nothing) == kinds(profile)
    assert len(month_hours("2026-10", "Europe/Belgrade")) == 31 * 24 + 1


def test_a_strip_has_no_profile_but_its_outlets_do(past: tl.History) -> None:
    with pytest.raises(errors.BadInput, match="strip") as info:
        past.hourly_profile("Strip", "2026-10")
    assert "'Way 0', 'Way 1'" in info.value.next_step
    assert past.hourly_profile("Way 1", "2026-10")["power_w"].mean() == 2.0


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"device": "Plug 9"}, "Did you mean"),
        ({"device": "xyz"}, "history.devices"),
        ({"device": 3}, "no name"),
        ({"quantity": "power"}, "no quantity"),
        ({"quantity": []}, "No quantity"),
        ({"start": "yesterday"}, "no moment"),
        ({"end": 3}, "no moment"),
        ({"start": float("nan")}, "no moment"),
        ({"start": "2026-10-26", "end": "2026-10-25"}, "behind end"),
        ({"every": "often"}, "no length of time"),
        ({"every": "-1h"}, "no length of time"),
        ({"every": 60}, "no length of time"),
        ({"every": "1ms"}, "more than"),
    ],
)
def test_what_cannot_be_asked_is_said(
    past: tl.History, asked: dict[str, Any], says: str
) -> None:
    with pytest.raises(errors.BadInput, match=says):
        past.frame(**asked)


@pytest.mark.parametrize("month", ["October", "2026-13", "", None])
def test_what_is_no_month(past: tl.History, month: Any) -> None:
    with pytest.raises(errors.BadInput, match="no month"):
        past.hourly_profile("Plug 1", month)


@pytest.mark.parametrize("tz", ["Belgrade", "", 3, "../etc/passwd"])
def test_what_is_no_time_zone(path: Path, tz: Any) -> None:
    with pytest.raises(errors.BadInput, match="no time zone"):
        tl.history(path, tz=tz)


def test_two_devices_of_one_name_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    path = tmp_path / "twins.sqlite"
    with closing(Store(path)) as store:
        twins = [Reading(f"8{n}", "", "Lamp", "HS100", START) for n in range(2)]
        store.write(Sweep(START, twins))
    past = tl.history(path)
    with pytest.raises(errors.NoSuchDevice, match="2 devices") as info:
        past.frame("Lamp")
    assert "80, 81" in info.value.next_step
    assert len(past.frame("81")) == 1


def test_devices_are_counted_with_their_first_and_last_moment(past: tl.History) -> None:
    devices = past.devices().set_index("device_id")
    assert devices.loc["800", "readings"] == 432
    assert devices.loc["800", "first_at"] == START
    assert devices.loc["800", "last_at"] == START + timedelta(minutes=4310)
    assert "Europe/Belgrade" in repr(past)
