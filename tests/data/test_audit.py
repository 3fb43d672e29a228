"""The audit finds each trouble once, says what to do, and writes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import tplink_lab as tl
from tests.data.homes import EVENING, FIRMWARES, home, plug, strip
from tplink_lab import errors
from tplink_lab.data.auditing import _wrong_clock
from tplink_lab.devices import DeviceTime

BEFORE = "2026-11-01T16:00:00+00:00"
NOW = datetime(2026, 11, 1, 18, tzinfo=UTC)


def troubled() -> dict[str, Any]:
    steady = {"standby_w": 9}
    kettle = {
        "standby_w": 0.4,
        "uses": [{"at": "07:00", "minutes": 9, "power_w": 2000}],
    }
    off = {**EVENING, "id": "B" * 32, "name": "Night", "sact": 0}
    never = {**EVENING, "id": "C" * 32, "name": "Never", "wday": [0] * 7}
    return home(
        plug(1, "Fine"),
        plug(2, "Old", firmware=FIRMWARES[0]),
        plug(3, "Far away", rssi=-80),
        plug(4, "Gone", online=False),
        plug(5, "Clash", rules=[EVENING, off, never]),
        plug(6, "Hog", meter="integers", load=steady),
        plug(7, "Boiler", meter="integers", load=kettle),
        strip(8, "Strip"),
    )


@pytest.fixture
def troubles() -> Iterator[tl.Cloud]:
    with tl.practice(troubled(), offline_after_s=0, now=BEFORE) as opened:
        # A meter's first reading is the snapshot's; from then on the load's.
        opened.practice.advance(hours=2)
        yield opened


def found(report: Any) -> set[tuple[str, str]]:
    return {(f.topic, f.device) for f in report}


def test_each_trouble_is_found_once_and_nothing_else(troubles: tl.Cloud) -> None:
    report = tl.audit(troubles)
    assert sorted((f.severity, f.topic, f.device) for f in report) == [
        ("notice", "standby", "Hog"),
        ("problem", "offline", "Gone"),
        ("problem", "schedule", "Clash"),
        ("warning", "firmware", "Old"),
        ("warning", "schedule", "Clash"),
        ("warning", "wifi", "Far away"),
    ]
    assert all(f.next_step.endswith((".", "])")) for f in report)
    assert report[0].topic == "offline"


def test_what_is_meant_to_run_is_no_hog(troubles: tl.Cloud) -> None:
    report = tl.audit(troubles, always_on=["Hog"])
    assert "standby" not in {f.topic for f in report}
    strict = tl.audit(troubles, standby_w=0.3, always_on=["Hog"])
    assert ("standby", "Boiler") in found(strict)


def test_clocks_are_compared_in_their_own_zone(troubles: tl.Cloud) -> None:
    """The devices go by the practice clock; we say it is ten minutes later."""
    assert "clock" not in {f.topic for f in tl.audit(troubles)}
    late = tl.audit(troubles, now=NOW + timedelta(minutes=10))
    clocks = [f for f in late if f.topic == "clock"]
    assert len(clocks) == 7  # all but the one that is gone
    assert "2026-11-01 19:00:00 (Europe/Belgrade): 0:10:00 slow" in clocks[0].what
    lenient = tl.audit(troubles, now=NOW + timedelta(minutes=10), clock_tolerance_s=601)
    assert "clock" not in {f.topic for f in lenient}


@pytest.mark.parametrize(("late_s", "said"), [(0, None), (300, "0:05:00 slow")])
def test_a_clock_in_an_unknown_zone_is_judged_by_its_minutes(
    late_s: int, said: str | None
) -> None:
    with tl.practice(home(plug(1, "A"), timezone_index=57)) as cloud:
        report = tl.audit(cloud, now=NOW + timedelta(seconds=late_s))
    whats = [f.what for f in report]
    assert (said is None and not whats) or (
        said in whats[0] and "not known" in whats[0]
    )


def test_a_schedule_that_is_off_as_a_whole_is_told(troubles: tl.Cloud) -> None:
    clash = troubles.device("Clash")
    clash.command({"schedule": {"set_overall_enable": {"enable": 0}}})
    (finding,) = [f for f in tl.audit(troubles) if f.topic == "schedule"]
    assert finding.what == (
        "3 rules are on, but schedules as a whole are switched off."
    )


def test_an_audit_only_reads(troubles: tl.Cloud) -> None:
    before = [troubles.practice.state(d.alias) for d in troubles.devices()]
    with tl.practice(troubled(), read_only=True, offline_after_s=0) as locked:
        assert len(tl.audit(locked)) >= 6
    tl.audit(troubles)
    assert [troubles.practice.state(d.alias) for d in troubles.devices()] == before


def test_an_empty_account_has_nothing_to_mend() -> None:
    with tl.practice(home()) as cloud:
        report = tl.audit(cloud)
    assert len(report) == 0
    assert repr(report) == "0 devices, 2026-11-01 18:00 UTC: nothing to mend"


def test_the_report_is_a_table_and_a_frame(troubles: tl.Cloud) -> None:
    report = tl.audit(troubles)
    frame = report.to_frame()
    assert len(frame) == len(report)
    assert frame["severity"].cat.ordered
    assert frame["severity"].iloc[0] == "problem"
    with tl.practice(home()) as nobody:
        empty = tl.audit(nobody).to_frame()
    assert [str(k) for k in empty.dtypes] == [str(k) for k in frame.dtypes]
    shown = report._repr_html_()
    assert shown.count("<tr>") == len(report) + 1
    assert "Far away" in repr(report)


def test_names_are_no_html() -> None:
    with tl.practice(home(plug(1, "<b>x</b>", rssi=-90))) as cloud:
        shown = tl.audit(cloud)._repr_html_()
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown


def test_an_expired_token_is_an_error_and_no_report(troubles: tl.Cloud) -> None:
    troubles.devices()
    troubles.practice.expire_token()
    troubles.practice.expire_refresh_token()
    with pytest.raises(errors.TokenRefused):
        tl.audit(troubles)


def test_a_time_without_a_zone_is_refused(troubles: tl.Cloud) -> None:
    with pytest.raises(errors.BadInput, match="aware"):
        tl.audit(troubles, now=datetime(2026, 11, 1))


@pytest.mark.parametrize(("off_s", "is_wrong"), [(0, False), (100, False), (200, True)])
def test_half_an_hour_is_a_zone_and_not_an_error(off_s: int, is_wrong: bool) -> None:
    in_kolkata = NOW.replace(tzinfo=None) + timedelta(hours=5, minutes=30)
    time = DeviceTime(in_kolkata + timedelta(seconds=off_s), None)
    assert (_wrong_clock(time, NOW, 120.0) is not None) == is_wrong
