"""Energy: what the snapshot says, then what the load adds; days sum to months."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tplink_lab.practice.iot.load import Load, check_load
from tplink_lab.practice.iot.local import LocalTime
from tplink_lab.practice.iot.meter import Meter

NOW = int(datetime(2026, 11, 1, 18, tzinfo=UTC).timestamp())
FLOATS = {"current": 0.5, "voltage": 230.0, "power": 100.0, "total": 12.345}
WHOLE = {"current_ma": 500, "voltage_mv": 230000, "power_mw": 100000, "total_wh": 12345}


def with_meter(entry: dict[str, Any], realtime: dict[str, Any], **more: Any) -> Any:
    info = entry["snapshot"]["system"]["get_sysinfo"]
    info.update(feature="TIM:ENE", relay_state=1, on_time=60)
    entry["snapshot"]["emeter"] = {"get_realtime": {**realtime, "err_code": 0}}
    return {**entry, **more}


def total_of(wire: Any, alias: str, years: range, key: str) -> tuple[float, float]:
    """All the months and all the days, which must agree month by month."""
    all_months = all_days = 0.0
    for year in years:
        months = wire.one(alias, "emeter", "get_monthstat", {"year": year})
        for entry in months["month_list"]:
            when = {"year": year, "month": entry["month"]}
            days = wire.one(alias, "emeter", "get_daystat", when)["day_list"]
            in_days = round(sum(day[key] for day in days), 3)
            assert in_days == entry[key], when
            all_days += in_days
            all_months += entry[key]
    return round(all_months, 3), round(all_days, 3)


@pytest.mark.parametrize(
    ("alias", "key", "total"),
    [("Kettle", "energy", "total"), ("Fridge", "energy_wh", "total_wh")],
)
def test_days_months_and_the_total_agree(
    open_cloud: Any, alias: str, key: str, total: str
) -> None:
    wire = open_cloud(token_lifetime_s=90 * 86400)
    for days in (0, 1.37, 40):
        wire.cloud.advance(days=days)
        shown = wire.one(alias, "emeter", "get_realtime")[total]
        assert total_of(wire, alias, range(2025, 2028), key) == (shown, shown)


def test_the_snapshot_is_answered_to_the_last_digit(wire: Any) -> None:
    assert wire.one("Kettle", "emeter", "get_realtime") == {
        "current": 0.001731, "voltage": 231.067, "power": 0.4, "total": 148.213,
        "err_code": 0,
    }  # fmt: skip


def test_a_kettle_boils_a_few_times_a_day(wire: Any) -> None:
    powers = []
    for _ in range(24 * 60):
        wire.cloud.advance(minutes=1)
        powers.append(wire.one("Kettle", "emeter", "get_realtime")["power"])
    assert set(powers) == {0.4, 2000.4}
    assert 9 <= sum(power > 1 for power in powers) <= 12
    realtime = wire.one("Kettle", "emeter", "get_realtime")
    assert realtime["total"] == pytest.approx(148.213 + 0.41, abs=0.11)


def test_switched_off_it_draws_nothing_and_on_again_what_it_drew(
    open_cloud: Any, make_plug: Any
) -> None:
    for alias, power, current, total, grown in (
        ("A", "power", "current", "total", 12.445),
        ("B", "power_mw", "current_ma", "total_wh", 12445),
    ):
        entry = with_meter(make_plug(alias), FLOATS if alias == "A" else WHOLE)
        wire = open_cloud({"devices": [entry]})
        before = wire.one(alias, "emeter", "get_realtime")
        wire.one(alias, "system", "set_relay_state", {"state": 0})
        off = wire.one(alias, "emeter", "get_realtime")
        assert (off[power], off[current]) == (0, 0)
        assert off[total] == before[total]
        wire.one(alias, "system", "set_relay_state", {"state": 1})
        assert wire.one(alias, "emeter", "get_realtime") == before
        wire.cloud.advance(hours=1)
        assert wire.one(alias, "emeter", "get_realtime")[total] == grown
        wire.one(alias, "system", "set_relay_state", {"state": 0})
        wire.cloud.advance(hours=1)
        assert wire.one(alias, "emeter", "get_realtime")[total] == grown


def test_without_a_load_the_past_goes_back_as_far_as_the_total_lasts(
    open_cloud: Any, make_plug: Any
) -> None:
    wire = open_cloud({"devices": [with_meter(make_plug("B"), WHOLE)]})
    listed = wire.one("B", "emeter", "get_daystat", {"year": 2026, "month": 10})
    days = {entry["day"]: entry["energy_wh"] for entry in listed["day_list"]}
    # 100 W make 2.4 kWh a day; 12.345 kWh last until the 27th of October.
    assert days == {27: 845, 28: 2400, 29: 2400, 30: 2400, 31: 2400}
    assert total_of(wire, "B", range(2026, 2027), "energy_wh") == (12345, 12345)


@pytest.mark.parametrize("power", [0, 1, 17])
def test_even_a_faint_power_accounts_for_the_whole_total(
    open_cloud: Any, make_plug: Any, power: int
) -> None:
    entry = with_meter(make_plug("B"), {**WHOLE, "power_mw": power})
    wire = open_cloud({"devices": [entry]})
    assert total_of(wire, "B", range(2010, 2027), "energy_wh") == (12345, 12345)


def test_the_future_and_unsorted_lists_are_as_the_real_ones(wire: Any) -> None:
    future = wire.one("Fridge", "emeter", "get_daystat", {"year": 2026, "month": 12})
    assert future == {"day_list": [], "err_code": 0}
    past = wire.one("Fridge", "emeter", "get_daystat", {"year": 2026, "month": 10})
    days = [entry["day"] for entry in past["day_list"]]
    assert sorted(days) == list(range(1, 32))
    assert days != sorted(days)


def test_loaded_history_is_kept_as_loaded_and_grows_from_there(
    open_cloud: Any, make_plug: Any
) -> None:
    days = [
        {"year": 2026, "month": 11, "day": 1, "energy": 1.25},
        {"year": 2026, "month": 10, "day": 31, "energy": 0.7777},
        {"year": 2026, "month": 10, "day": 2, "energy": 0},
    ]
    months = [{"year": 2026, "month": 9, "energy": 30.5}]
    entry = with_meter(make_plug("A"), FLOATS)
    entry["snapshot"]["emeter"]["get_daystat"] = {"day_list": days, "err_code": 0}
    entry["snapshot"]["emeter"]["get_monthstat"] = {"month_list": months, "err_code": 0}
    wire = open_cloud({"devices": [entry]})

    def listed(month: int) -> dict[int, float]:
        when = {"year": 2026, "month": month}
        answer = wire.one("A", "emeter", "get_daystat", when)
        return {entry["day"]: entry["energy"] for entry in answer["day_list"]}

    assert (listed(11), listed(10)) == ({1: 1.25}, {31: 0.7777, 2: 0})
    wire.cloud.advance(hours=10)  # five of them on the first of November
    assert listed(11) == {1: 1.75, 2: 0.5}
    answer = wire.one("A", "emeter", "get_monthstat", {"year": 2026})
    shown = {entry["month"]: entry["energy"] for entry in answer["month_list"]}
    assert shown == {9: 30.5, 10: 0.7777, 11: 2.25}


def test_erasing_starts_from_nothing(wire: Any) -> None:
    wire.one("Fridge", "emeter", "erase_emeter_stat", {})
    assert wire.one("Fridge", "emeter", "get_realtime")["total_wh"] == 0
    months = wire.one("Fridge", "emeter", "get_monthstat", {"year": 2026})
    assert months["month_list"] == []
    wire.cloud.advance(days=2)
    shown = wire.one("Fridge", "emeter", "get_realtime")["total_wh"]
    assert shown > 1000
    assert total_of(wire, "Fridge", range(2026, 2027), "energy_wh") == (shown, shown)


def test_an_unplugged_device_uses_nothing(wire: Any) -> None:
    wire.cloud.unplug("Fridge")
    wire.cloud.advance(days=3)
    wire.cloud.plug_in("Fridge")
    assert wire.one("Fridge", "emeter", "get_realtime")["total_wh"] == 235612
    assert wire.one("Fridge", "system", "get_sysinfo")["on_time"] == 0
    used = wire.one("Fridge", "schedule", "get_daystat", {"year": 2026, "month": 11})
    assert [entry["day"] for entry in used["day_list"]] == [1]


def test_a_dimmed_bulb_uses_less(wire: Any) -> None:
    service = "smartlife.iot.smartbulb.lightingservice"
    emeter = "smartlife.iot.common.emeter"
    wire.one("Reading Lamp", service, "transition_light_state", {"brightness": 30})
    wire.cloud.advance(hours=3)  # 2.7 W
    when = {"year": 2026, "month": 11}
    answer = wire.one("Reading Lamp", emeter, "get_daystat", when)
    assert answer["day_list"] == [{"year": 2026, "month": 11, "day": 1, "energy_wh": 8}]


def test_the_outlets_of_a_strip_are_metered_apart(wire: Any) -> None:
    def total(outlet: str) -> int:
        context = {"child_ids": [outlet]}
        answer = wire.one("Desk Strip", "emeter", "get_realtime", {}, context=context)
        return int(answer["total_wh"])

    before = [total(f"0{n}") for n in range(6)]
    wire.cloud.advance(days=1)
    grown = [total(f"0{n}") - was for n, was in zip(range(6), before, strict=True)]
    assert grown[2] == 172  # the router's 7.2 W
    assert grown[3] == grown[4] == 0  # switched off
    assert grown[0] > 0


POWER = st.floats(0, 3000, allow_nan=False)
USES = st.fixed_dictionaries(
    {
        "at": st.times().map(lambda t: f"{t.hour:02d}:{t.minute:02d}"),
        "minutes": st.floats(0, 600),
        "power_w": POWER,
        "jitter_minutes": st.floats(0, 300),
    }
)
CYCLE = st.fixed_dictionaries(
    {
        "period_minutes": st.floats(1, 300),
        "on_minutes": st.floats(0, 300),
        "power_w": POWER,
    }
)
LOADS = st.fixed_dictionaries(
    {"standby_w": st.floats(0, 20), "uses": st.lists(USES, max_size=4)},
    optional={"cycle": CYCLE},
)


@settings(max_examples=60, deadline=None)
@given(load=LOADS, cuts=st.lists(st.integers(0, 200_000), max_size=5))
def test_a_load_adds_up_however_it_is_cut(
    load: dict[str, Any], cuts: list[int]
) -> None:
    assert check_load(load) is None
    profile = Load(load, "seed", LocalTime(42))
    start = NOW - 86400 * 8  # across the end of summer time
    edges = sorted({start, start + 200_000, *(start + cut for cut in cuts)})
    parts = [profile.amount(a, b) for a, b in pairwise(edges)]
    assert sum(parts) == profile.amount(start, start + 200_000)
    minute = sum(profile.power_mw(start + second) for second in range(60))
    assert profile.amount(start, start + 60) == minute


@settings(max_examples=30, deadline=None)
@given(
    load=st.none() | LOADS,
    total=st.integers(0, 400_000),
    steps=st.lists(st.tuples(st.integers(0, 40 * 86400), st.booleans()), max_size=4),
    zone=st.sampled_from([6, 42, 75]),
)
def test_days_sum_to_months_and_months_to_the_total(
    load: Any, total: int, steps: list[tuple[int, bool]], zone: int
) -> None:
    local = LocalTime(zone)
    profile = None if load is None else Load(load, "seed", local)
    realtime = {"power_mw": 60_000, "total_wh": total, "voltage_mv": 230_000}
    meter = Meter({"get_realtime": realtime}, NOW, True, local, profile)
    moment = NOW
    for seconds, is_on in steps:
        moment += seconds
        meter.run(moment, is_on)
    statistics = meter.statistics
    in_months = 0
    for year in range(2015, 2028):
        for entry in statistics.months(year):
            days = statistics.days(year, entry["month"])
            assert sum(day["energy_wh"] for day in days) == entry["energy_wh"]
            assert all(day["energy_wh"] > 0 for day in days)
            in_months += entry["energy_wh"]
    assert in_months == meter.realtime(moment, True)["total_wh"]
