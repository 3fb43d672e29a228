"""Schedules: what never fires, and what gets in another's way."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

import tplink_lab as tl
from tests.data.homes import EVENING, home, plug, strip
from tplink_lab.data.rules import conflicts, never_fires

TODAY = date(2026, 11, 1)
DAILY = [1] * 7
MON = [0, 1, 0, 0, 0, 0, 0]
TUE = [0, 0, 1, 0, 0, 0, 0]


def rule(name: str = "r", **changes: Any) -> dict[str, Any]:
    return {**EVENING, "name": name, **changes}


def span(name: str, start: int, end: int, wday: list[int]) -> dict[str, Any]:
    return rule(name, smin=start, sact=1, etime_opt=0, emin=end, eact=0, wday=wday)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"wday": [0] * 7}, "no weekday is chosen"),
        ({"wday": None}, "no weekday is chosen"),
        ({"sact": -1}, "it has no time at which it does anything"),
        ({"stime_opt": -1}, "it has no time at which it does anything"),
        ({"smin": 1440}, "it has no time at which it does anything"),
        ({"smin": "noon"}, "it has no time at which it does anything"),
        ({"stime_opt": 1, "smin": None}, None),
        ({"stime_opt": -1, "etime_opt": 0, "emin": 5, "eact": 0}, None),
        (
            {"repeat": 0, "year": 2026, "month": 10, "day": 31},
            "its only day, 2026-10-31, is past",
        ),
        ({"repeat": 0, "year": 2026, "month": 11, "day": 1}, None),
        ({"repeat": 0, "year": 2026, "month": 2, "day": 30}, "its day does not exist"),
        ({"repeat": 0}, "its day does not exist"),
    ],
)
def test_a_rule_that_never_fires_says_why(
    changes: dict[str, Any], why: str | None
) -> None:
    assert never_fires(rule(**changes), TODAY) == why


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (rule("a"), rule("b", sact=0), "one switches on, one off"),
        (rule("a"), rule("b"), "one of them is idle"),
        (rule("a", wday=MON), rule("b", wday=TUE, sact=0), None),
        (rule("a"), rule("b", smin=1201, sact=0), None),
        (rule("a"), rule("b", sact=0, enable=0), None),
        (rule("a", stime_opt=2), rule("b", stime_opt=2, sact=0), None),
        (
            span("a", 60, 120, DAILY),
            span("b", 90, 150, MON),
            "overlap from 01:30 on Mon",
        ),
        (
            span("a", 60, 120, DAILY),
            span("b", 120, 150, DAILY),
            "one switches on, one off",
        ),
        (span("a", 60, 119, DAILY), span("b", 120, 150, DAILY), None),
        (
            span("a", 1320, 360, MON),
            span("b", 300, 400, TUE),
            "overlap from 05:00 on Tue",
        ),
        (
            span("a", 1320, 360, [0, 0, 0, 0, 0, 0, 1]),
            span("b", 300, 400, [1, 0, 0, 0, 0, 0, 0]),
            "overlap from 05:00 on Sun",
        ),
        (
            rule("a", repeat=0, year=2026, month=11, day=2),
            rule("b", wday=MON, sact=0),
            "one switches on, one off",
        ),
        (
            rule("a", repeat=0, year=2026, month=11, day=2),
            rule("b", repeat=0, year=2026, month=11, day=9, sact=0),
            None,
        ),
    ],
)
def test_rules_that_get_in_each_others_way(
    one: dict[str, Any], other: dict[str, Any], words: str | None
) -> None:
    for pair in ([one, other], [other, one]):
        found = conflicts(pair)
        assert len(found) == (words is not None)
        if words is not None:
            assert words in found[0]
            assert "'a'" in found[0]
            assert "'b'" in found[0]


def test_rules_become_rows_with_days_and_minutes() -> None:
    once = rule("Once", id="B" * 32, repeat=0, year=2026, month=12, day=24)
    off = rule("Off", id="C" * 32, enable=0, wday=[1, 0, 0, 0, 0, 0, 1], sact=0)
    with tl.practice(home(plug(1, "A", rules=[once, off]), strip(2, "S"))) as cloud:
        frame = cloud.devices().schedules()
    assert frame["name"].tolist() == ["Once", "Off"]
    assert frame["once_on"].tolist()[0] == pd.Timestamp("2026-12-24")
    assert frame["days"].tolist()[1] == "Sun Sat"
    assert frame["days"].isna().tolist() == [True, False]
    assert frame["is_enabled"].tolist() == [True, False]
    assert frame["start_action"].tolist() == ["on", "off"]
    assert frame["start_min"].tolist() == [1200, 1200]


def test_a_rule_of_an_outlet_names_its_outlet() -> None:
    with tl.practice(home(strip(2, "S"))) as cloud:
        device = cloud.device("S")
        outlet_id = device.outlets["Outlet 1"].outlet_id
        added = {k: v for k, v in EVENING.items() if k != "id"}
        device.command(
            {
                "context": {"child_ids": [outlet_id]},
                "schedule": {"add_rule": added},
            }
        )
        frame = cloud.devices().schedules()
    assert frame[["alias", "outlet", "outlet_id"]].to_numpy().tolist() == [
        ["S", "Outlet 1", outlet_id]
    ]


def test_no_rule_counts_as_on_while_schedules_as_a_whole_are_off() -> None:
    with tl.practice(home(plug(1, "A", rules=[EVENING]))) as cloud:
        before = cloud.devices().schedules()
        request = {"schedule": {"set_overall_enable": {"enable": 0}}}
        cloud.device("A").command(request)
        after = cloud.devices().schedules()
    assert before["is_enabled"].tolist() == [True]
    assert after["is_enabled"].tolist() == [False]
