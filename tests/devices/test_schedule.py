"""Rules: a person's words, the wire's, and what would be misread is not sent."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tplink_lab as tl
from tests.dumps import dumps
from tplink_lab import errors
from tplink_lab.devices import Moment, Rule
from tplink_lab.devices.rules import (
    differences,
    read_rule,
    read_smart_rule,
    rule_request,
)
from tplink_lab.devices.when import DAYS, parse_days, parse_moment


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        ("07:30", Moment("clock", 450)),
        ("7:30", Moment("clock", 450)),
        (dt.time(23, 59), Moment("clock", 1439)),
        ("00:00", Moment("clock", 0)),
        ("Sunrise", Moment("sunrise", 0)),
        ("sunset-30", Moment("sunset", -30)),
        ("sunset + 15 min", Moment("sunset", 15)),
    ],
)
def test_a_moment_is_a_time_or_the_sun(at: Any, moment: Moment) -> None:
    assert parse_moment(at) == moment
    assert parse_moment(str(moment)) == moment


@pytest.mark.parametrize(
    "at",
    [
        "24:00",
        "7",
        "07:60",
        "",
        None,
        450,
        "noon",
        "sunset-361",
        dt.time(7, 0, 1),
        "\u0667:30",
    ],
)
def test_what_is_no_moment_is_refused(at: Any) -> None:
    with pytest.raises(errors.BadInput):
        parse_moment(at)


@pytest.mark.parametrize("days", ["", [], "funday", ["mon", 3], None, 5, [""]])
def test_a_rule_without_a_weekday_is_refused(days: Any) -> None:
    with pytest.raises(errors.BadInput):
        parse_days(days)


def test_weekdays_are_sunday_first_on_the_wire() -> None:
    rule = Rule("", "", True, Moment("clock", 450), "on", ("mon", "sat"))
    assert rule_request(rule, is_light=False)["wday"] == [0, 1, 0, 0, 0, 0, 1]


def test_a_rule_for_one_day_names_its_weekday_too() -> None:
    thursday = dt.date(2026, 11, 5)
    rule = Rule("", "", True, Moment("clock", 450), "on", on=thursday)
    sent = rule_request(rule, is_light=False)
    assert sent["wday"] == [0, 0, 0, 0, 1, 0, 0]
    assert (sent["repeat"], sent["year"], sent["day"]) == (0, 2026, 5)


moments = st.one_of(
    st.builds(Moment, st.just("clock"), st.integers(0, 1439)),
    st.builds(Moment, st.sampled_from(["sunrise", "sunset"]), st.integers(-360, 360)),
)


@given(
    at=moments,
    action=st.sampled_from(["on", "off"]),
    days=st.sets(st.sampled_from(DAYS), min_size=1),
    on=st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2090, 1, 1)),
    until=st.none() | moments,
    name=st.text(max_size=31),
    enabled=st.booleans(),
)
def test_a_rule_is_read_as_it_was_written(
    at: Moment,
    action: str,
    days: set[str],
    on: Any,
    until: Any,
    name: str,
    enabled: bool,
) -> None:
    chosen = () if on else tuple(d for d in DAYS if d in days)
    rule = Rule("AB", name, enabled, at, action, chosen, on, until)
    assert read_rule(rule_request(rule, is_light=False)) == rule


@pytest.mark.parametrize(
    "light",
    [
        {},
        {"transition_s": 3},
        {"brightness": 15, "transition_s": 5},
        {"brightness": 15, "color_temp_k": 2700},
        {"brightness": 100, "hue_deg": 120, "saturation": 80},
    ],
)
def test_a_lights_rule_is_read_as_it_was_written(light: dict[str, Any]) -> None:
    rule = Rule("AB", "", True, Moment("clock", 5), "on", DAYS, light=light)
    told = read_rule(rule_request(rule, is_light=True))
    assert differences(rule, told) == ""


def test_recorded_rules_are_read() -> None:
    found = []
    for answers in dumps().values():
        for module in ("schedule", "smartlife.iot.common.schedule"):
            rules = answers.get(module, {}).get("get_rules", {})
            found += [read_rule(row) for row in rules.get("rule_list", [])]
    if dumps():
        assert "sunset-59 on, sun mon tue wed thu fri sat" in map(str, found)
        assert len(found) == 6
    for answers in dumps("SMART").values():
        for row in answers.get("get_schedule_rules", {}).get("rule_list", []):
            assert str(read_smart_rule(row)) == "11:50 on, sun mon tue wed thu fri sat"


def test_a_tapo_rules_days_are_seven_bits() -> None:
    row = {
        "id": "S1",
        "enable": True,
        "mode": "repeat",
        "week_day": 62,
        "s_type": "sunset",
        "s_min": 0,
        "time_offset": -15,
        "desired_states": {"on": False},
    }
    assert str(read_smart_rule(row)) == "sunset-15 off, mon tue wed thu fri"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"at": "08:00", "until": "07:00"}, "ends .* before it starts"),
        ({"at": "08:00", "until": "08:00"}, "ends .* before it starts"),
        ({"at": "sunset", "until": "sunrise"}, "ends .* before it starts"),
        ({"at": "sunset", "until": "sunset-5"}, "ends .* before it starts"),
        ({"at": "08:00", "days": []}, "No weekday"),
        ({"at": "08:00", "days": "mon", "on": "2027-01-01"}, "weekdays or on one date"),
        ({"at": "08:00", "on": "2027-01-01", "until": "09:00"}, "has no end"),
        ({"at": "08:00", "on": "2026-11-01"}, "is over"),
        ({"at": "19:00", "on": "2026-11-01"}, "is over"),
        ({"at": "08:00", "on": "2027-02-30"}, "no date"),
        ({"at": "08:00", "on": dt.datetime(2027, 1, 1, 8)}, "date has a time"),
        ({"at": "08:00", "name": "x" * 32}, "rule's name"),
        ({"at": "08:00", "action": "toggle"}, "cannot do 'toggle'"),
        ({"at": "08:00", "action": True}, "cannot do True"),
        ({"at": "08:00", "brightness": 40}, "no light"),
        ({"at": "08:00", "colour": "red"}, "has no colour"),
    ],
)
def test_a_rule_that_could_not_act_as_meant_is_not_written(
    cloud: tl.Cloud, args: dict[str, Any], words: str
) -> None:
    schedule = cloud.device("Desk Lamp").schedule
    with pytest.raises(errors.BadInput, match=words):
        schedule.add(**{"action": "on", **args})
    assert not schedule.rules()


def test_a_rule_acts_when_its_time_comes(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    rule = lamp.schedule.add("19:05", "on", days="sun", until="19:10")
    assert str(rule) == "19:05 until 19:10 on, sun"
    cloud.practice.advance(minutes=6)
    assert lamp.is_on() is True
    cloud.practice.advance(minutes=5)
    assert lamp.is_on() is False


def test_a_rule_for_one_day_acts_once(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    rule = lamp.schedule.add("19:05", "on", on="2026-11-01")
    assert str(rule) == "19:05 on, 2026-11-01"
    cloud.practice.advance(minutes=6)
    assert lamp.is_on() is True


def test_the_same_rule_is_not_written_twice(cloud: tl.Cloud) -> None:
    schedule = cloud.device("Desk Lamp").schedule
    schedule.add("07:00", "on", days="mon", name="One")
    with pytest.raises(errors.BadInput, match="there already"):
        schedule.add("07:00", "on", days="mon", name="Two")
    assert len(schedule.rules()) == 1


def test_a_full_table_is_said(cloud: tl.Cloud) -> None:
    schedule = cloud.device("Desk Lamp").schedule
    for minute in range(32):
        schedule.add(f"07:{minute:02d}", "on")
    with pytest.raises(errors.DeviceError, match="Delete one first") as caught:
        schedule.add("08:00", "on")
    assert caught.value.error_code == -10


def test_a_paused_schedule_is_not_woken_by_a_new_rule(cloud: tl.Cloud) -> None:
    schedule = cloud.device("Desk Lamp").schedule
    schedule.pause()
    first = schedule.add("07:00", "on")
    assert schedule.is_enabled() is True  # nothing else was in it to wake
    schedule.pause()
    with pytest.raises(errors.BadInput, match="paused"):
        schedule.add("08:00", "on")
    schedule.disable(first)
    assert schedule.is_enabled() is False
    schedule.resume()
    assert schedule.is_enabled() is True
    schedule.clear()
    assert not schedule.rules()
    assert repr(schedule.rules()) == "<no rules>"


def test_a_rule_that_is_gone_is_said(cloud: tl.Cloud) -> None:
    schedule = cloud.device("Desk Lamp").schedule
    rule = schedule.add("07:00", "on")
    schedule.delete(rule.rule_id)
    with pytest.raises(errors.DeviceError, match="entry not exist"):
        schedule.delete(rule)
    with pytest.raises(errors.NoSuchDevice, match="keeps no rule"):
        schedule.enable(rule)
    for nonsense in ("", None, 3):
        with pytest.raises(errors.BadInput):
            schedule.delete(nonsense)  # type: ignore[arg-type]


def test_an_edit_keeps_what_it_does_not_name(cloud: tl.Cloud) -> None:
    schedule = cloud.device("Sofa Lamp").schedule
    rule = schedule.add("07:00", "on", days="sat", brightness=20, color_temp_k=2700)
    changed = schedule.edit(rule, hue_deg=9, saturation=8, at="08:00")
    assert changed.days == ("sat",)
    assert changed.light == {"brightness": 20, "hue_deg": 9, "saturation": 8}
    once = schedule.edit(rule, on="2027-01-01")
    assert (once.on, once.days) == (dt.date(2027, 1, 1), ())
    for wrong in ({}, {"colour": 3}, {"is_enabled": 1}, {"brightness": 0}):
        with pytest.raises(errors.BadInput):
            schedule.edit(rule, **wrong)
    assert list(schedule.rules()) == [once]


@pytest.mark.parametrize(
    "light",
    [
        {"brightness": 101},
        {"color_temp_k": 3000},
        {"brightness": 5, "color_temp_k": 1000},
        {"brightness": 5, "hue_deg": 3},
        {"brightness": 5, "until": "09:00"},
    ],
)
def test_a_lights_rule_keeps_to_the_lights_ranges(
    cloud: tl.Cloud, light: dict[str, Any]
) -> None:
    schedule = cloud.device("Sofa Lamp").schedule
    with pytest.raises(errors.BadInput):
        schedule.add("07:00", "on", **light)
    with pytest.raises(errors.BadInput):
        schedule.add("07:00", "off", brightness=5)
    assert not schedule.rules()


def test_rules_are_a_frame_too(cloud: tl.Cloud) -> None:
    schedule = cloud.device("Reading Lamp").schedule
    schedule.add("06:15", "on", brightness=30)
    frame = schedule.rules().to_frame()
    assert frame["at"].tolist() == ["22:30", "06:15"]
    assert frame["brightness"].isna().tolist() == [True, False]
    empty = cloud.device("Desk Lamp").schedule.rules().to_frame()
    assert (empty.dtypes == frame.dtypes).all()
    assert len(empty) == 0


@pytest.mark.parametrize("minutes", [0, -1, 1440, True, "30", float("nan"), None])
def test_a_countdown_is_shorter_than_a_day(cloud: tl.Cloud, minutes: Any) -> None:
    countdown = cloud.device("Desk Lamp").countdown
    with pytest.raises(errors.BadInput):
        countdown.start(minutes=minutes, turn="off")
    with pytest.raises(errors.BadInput, match="cannot turn True"):
        countdown.start(minutes=1, turn=True)  # type: ignore[arg-type]
    assert countdown.state() is None


def test_a_countdown_runs_down_acts_and_leaves_room(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    lamp.countdown.start(minutes=10, turn="on")
    lamp.countdown.start(minutes=0.5, turn="on")  # replaces the other
    cloud.practice.advance(seconds=20)
    assert lamp.countdown.remaining() == dt.timedelta(seconds=10)
    cloud.practice.advance(seconds=20)
    assert lamp.is_on() is True
    assert lamp.countdown.state() is None
    assert lamp.countdown.start(minutes=1, turn="off").turn == "off"


def test_an_away_span_that_ends_first_is_not_written(cloud: tl.Cloud) -> None:
    away = cloud.device("Desk Lamp").away
    for start, end in (("22:00", "06:00"), ("sunset", "sunrise"), ("5:00", "5:00")):
        with pytest.raises(errors.BadInput, match="before it starts"):
            away.start(start, end)
    assert repr(away.rules()) == "<no rules>"


def test_a_protected_outlets_timers_are_left_alone() -> None:
    with tl.practice(protect=["Printer"]) as cloud:
        outlets = cloud.device("Desk Strip").outlets
        with pytest.raises(errors.WriteRefused):
            outlets["Printer"].schedule.add("07:00", "on")
        with pytest.raises(errors.WriteRefused):
            outlets["Printer"].countdown.start(minutes=3, turn="off")
        outlets["Monitor"].schedule.add("07:00", "on")
        outlets["Monitor"].countdown.start(minutes=3, turn="off")
        assert not outlets["Printer"].schedule.rules()
