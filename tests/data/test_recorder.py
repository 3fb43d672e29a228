"""The recorder samples politely, keeps what it reads, and says what is wrong."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import tplink_lab as tl
from tests.dumps import SHARED, dumps
from tplink_lab import errors
from tplink_lab.cloud.hosts import check_url
from tplink_lab.data.recorder import KEPT_UNSAVED
from tplink_lab.data.recorder_limits import check_wait, polite_budget, polite_interval
from tplink_lab.data.recorder_sweep import Pace, _metered, _Plan, _rssi

START = datetime(2026, 11, 1, 18, tzinfo=UTC)
HOME = ["Kettle", "Fridge", "Desk Lamp"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plugs.sqlite"


@pytest.fixture
def record(cloud: tl.Cloud, path: Path) -> Callable[..., tl.Recorder]:
    """A recorder for which time passes at once, on the practice clock."""

    def make(devices: Any = HOME, **settings: Any) -> tl.Recorder:
        usual = {
            "jitter": 0,
            "wait": lambda s: cloud.practice.advance(seconds=s),
        }
        return tl.Recorder(path, cloud, devices, **{**usual, **settings})

    return make


Record = Callable[..., tl.Recorder]


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def test_one_sweep_is_one_request_for_each_device(
    cloud: tl.Cloud, record: Record, path: Path
) -> None:
    before = cloud.practice.calls["passthrough"]
    status = record().run(sweeps=5)
    assert cloud.practice.calls["passthrough"] - before == 5 * len(HOME)
    assert (status.sweeps, status.rows, status.errors) == (5, 15, {})
    frame = tl.history(path).frame("Fridge")
    assert list(frame["at"]) == [START + timedelta(minutes=m) for m in range(5)]
    assert frame["power_w"].gt(0).all()
    assert frame["rssi_dbm"].lt(0).all()
    assert frame["is_on"].all()
    lamp = tl.history(path).frame("Desk Lamp")
    assert (
        lamp[["power_w", "voltage_v", "current_a", "total_kwh"]].isna().all(axis=None)
    )
    assert not lamp["is_on"].any()


def test_what_is_recorded_is_what_the_device_says(
    cloud: tl.Cloud, record: Record, path: Path
) -> None:
    for name in ("Kettle", "Fridge", "Reading Lamp"):
        now = cloud.device(name).energy.now()
        record([name]).run(sweeps=1)
        row = tl.history(path).frame(name).iloc[-1]
        for quantity in ("power_w", "voltage_v", "current_a", "total_kwh"):
            said = getattr(now, quantity)
            if said is None:
                assert row.isna()[quantity], (name, quantity)
            else:
                assert row[quantity] == pytest.approx(said, abs=6e-4), (name, quantity)


def test_each_outlet_of_a_strip_has_rows_of_its_own(
    cloud: tl.Cloud, record: Record, path: Path
) -> None:
    before = cloud.practice.calls["passthrough"]
    status = record(["Desk Strip"]).run(sweeps=2)
    assert cloud.practice.calls["passthrough"] - before == 2 * (1 + 6)
    assert status.rows == 2 * 7
    past = tl.history(path)
    power = past.frame("Desk Strip", "power_w")
    assert set(power["outlet"]) == {o.alias for o in cloud.device("Desk Strip").outlets}
    laptop = cloud.device("Desk Strip").outlets["Laptop"]
    assert past.frame("Laptop")["power_w"].iloc[0] == laptop.energy.now().power_w
    whole = past.frame("Desk Strip")
    assert whole[whole["outlet"] == ""]["power_w"].isna().all()


def test_a_strip_without_meters_costs_one_request(tmp_path: Path, path: Path) -> None:
    strip = {
        "alias": "Two Way", "model": "KP303(UK)", "mic_type": "IOT.SMARTPLUGSWITCH",
        "deviceId": "8" * 40, "feature": "TIM", "rssi": -50, "err_code": 0,
        "children": [
            {"id": f"0{i}", "state": i % 2, "alias": f"Way {i}", "on_time": 0}
            for i in range(3)
        ],
    }  # fmt: skip
    home = [{"snapshot": {"system": {"get_sysinfo": strip}}}]
    with tl.practice(home) as cloud:
        recorder = tl.Recorder(path, cloud, interval_s=0)
        recorder.run(sweeps=3)
        # The first sweep asks one outlet to learn that there is no meter.
        assert cloud.practice.calls["passthrough"] == 3 + 1
    assert tl.history(path).frame("Two Way", "is_on")["is_on"].sum() == 3 * 2


def test_a_dead_device_is_an_error_row_and_the_others_go_on(
    cloud: tl.Cloud, record: Record, path: Path
) -> None:
    plays = iter([lambda: None, lambda: cloud.practice.unplug("Fridge"), lambda: None,
                  lambda: cloud.practice.plug_in("Fridge"), lambda: None])  # fmt: skip

    def wait(seconds: float) -> None:
        cloud.practice.advance(seconds=seconds)
        next(plays)()

    recorder = record(wait=wait)
    status = recorder.run(sweeps=6)
    assert status.errors == {}
    past = tl.history(path)
    assert len(past.frame("Kettle")) == 6
    assert len(past.frame("Fridge")) == 4
    wrong = past.errors()
    assert list(wrong["device"]) == ["Fridge", "Fridge"]
    assert list(wrong["kind"]) == ["DeviceOffline", "DeviceOffline"]
    assert "offline" in wrong["message"].iloc[0]
    gaps = past.gaps("Fridge")
    assert list(gaps["reason"]) == ["no reading"]
    assert list(gaps["duration_s"]) == [180.0]
    assert len(past.gaps()) == 0


@pytest.mark.parametrize(
    ("online", "expected"),
    [
        ("......", [300.0]),  # from the first failure to the last
        ("..####", [120.0]),
        ("####..", [120.0]),
        (".####.", [60.0, 60.0]),
        ("######", []),
    ],
)
def test_a_device_that_is_off_at_the_beginning_or_the_end_has_a_gap_there(
    cloud: tl.Cloud, record: Record, path: Path, online: str, expected: list[float]
) -> None:
    plays = iter(online)

    def play() -> None:
        is_on = next(plays, "#") == "#"
        (cloud.practice.plug_in if is_on else cloud.practice.unplug)("Fridge")

    def wait(seconds: float) -> None:
        cloud.practice.advance(seconds=seconds)
        play()

    play()
    record(["Fridge", "Kettle"], wait=wait).run(sweeps=6)
    gaps = tl.history(path).gaps("Fridge")
    assert list(gaps["duration_s"]) == expected
    assert set(gaps["reason"]) <= {"no reading"}


def test_devices_we_cannot_talk_to_are_named_once_and_left_out(
    cloud: tl.Cloud, path: Path
) -> None:
    with tl.from_token(cloud.token, url=cloud.url) as kasa_only:
        recorder = tl.Recorder(
            path, kasa_only, ["Tapo Plug", "Kettle"], interval_s=0, jitter=0
        )
        status = recorder.run(sweeps=3)
    assert status.left_out == ("Tapo Plug",)
    assert "left out: Tapo Plug" in str(status)
    assert len(tl.history(path).errors("Tapo Plug")) == 1
    assert status.rows == 3


def test_tapo_devices_are_recorded_with_one_request_each(
    cloud: tl.Cloud, record: Record, path: Path
) -> None:
    recorder = record(["Washer", "Tapo Plug", "Media Strip"])
    recorder.run(sweeps=1)  # learns who has a meter, and who is a strip
    before = cloud.practice.calls["POST /v1/things/{id}/services-sync"]
    recorder.run(sweeps=4)
    assert cloud.practice.calls["POST /v1/things/{id}/services-sync"] - before == 12
    past = tl.history(path)
    assert past.frame("Washer")["power_w"].tolist() == [1.1] * 5
    assert past.frame("Tapo Plug")["is_on"].all()
    assert past.frame("Tapo Plug")["power_w"].isna().all()
    strip = past.devices().query("device == 'Media Strip'")
    assert len(strip) == 1 + len(cloud.device("Media Strip").outlets)
    assert len(past.errors()) == 0
    assert recorder.backfill() > 30
    assert len(past.daily("Washer")) > 30


def test_it_goes_on_after_its_last_row_and_marks_the_gap(
    cloud: tl.Cloud, record: Record, path: Path
) -> None:
    record().run(sweeps=2)
    cloud.practice.advance(hours=1)
    record().run(sweeps=2)
    gaps = tl.history(path).gaps()
    assert gaps[["duration_s", "reason"]].values.tolist() == [[3600.0, "not recording"]]
    assert rows(path, "SELECT run, number FROM sweep ORDER BY id") == [
        (1, 1), (1, 2), (2, 1), (2, 2)
    ]  # fmt: skip


def test_a_machine_that_slept_asks_once_and_marks_the_gap(
    cloud: tl.Cloud, record: Record, path: Path
) -> None:
    naps = iter([60, 60, 8 * 3600, 60])
    status = record(wait=lambda s: cloud.practice.advance(seconds=next(naps))).run(5)
    assert status.sweeps == 5  # no burst for the hours that were slept
    gaps = tl.history(path).gaps()
    assert gaps[["duration_s", "reason"]].values.tolist() == [
        [8 * 3600.0, "asleep or overdue"]
    ]


def test_a_practice_clock_that_stands_is_moved_from_sweep_to_sweep(
    cloud: tl.Cloud, path: Path
) -> None:
    began = cloud.practice.now
    tl.Recorder(path, cloud, ["Fridge"], jitter=0).run(sweeps=3)
    apart = tl.history(path).frame("Fridge")["at"].diff().dropna()
    assert apart.dt.total_seconds().tolist() == [60, 60]
    assert cloud.practice.now - began == timedelta(minutes=2)


def test_a_clock_that_steps_back_is_marked_and_loses_nothing(
    record: Record, path: Path
) -> None:
    now = [START]
    steps = iter([60, 60, -3600, 60])

    def wait(seconds: float) -> None:
        now[0] += timedelta(seconds=next(steps))

    record(clock=lambda: now[0], wait=wait).run(sweeps=5)
    past = tl.history(path)
    assert len(past.frame("Fridge")) == 5
    assert past.frame("Fridge")["at"].is_monotonic_increasing
    gaps = past.gaps()
    assert list(gaps["reason"]) == ["clock set back"]
    assert list(gaps["duration_s"]) == [-3600.0]


def test_a_clock_that_stands_still_makes_no_duplicate(
    record: Record, path: Path
) -> None:
    record(clock=lambda: START).run(sweeps=4)
    assert len(tl.history(path).frame("Fridge")) == 4
    assert len(tl.history(path).gaps()) == 0


def test_a_pause_asks_nothing_and_is_marked(
    cloud: tl.Cloud, record: Record, path: Path
) -> None:
    swept = threading.Semaphore(0)

    def third_pauses(sweep_id: int) -> None:
        if sweep_id == 3:
            recorder.pause()  # here nothing is under way
        swept.release()

    recorder = record(on_sweep=third_pauses, wait=None, interval_s=0)
    with recorder:
        for _ in range(3):
            assert swept.acquire(timeout=20)
        assert recorder.status().state == "paused"
        asked = cloud.practice.calls["passthrough"]
        assert not swept.acquire(timeout=0.3)
        assert cloud.practice.calls["passthrough"] == asked
        cloud.practice.advance(hours=1)
        recorder.start()
        assert swept.acquire(timeout=20)
        assert recorder.status().state == "recording"
    assert recorder.status().state == "stopped"
    assert list(tl.history(path).gaps()["reason"]) == ["paused"]


def test_the_background_thread_ends_with_stop_and_lets_go_of_the_file(
    record: Record, path: Path
) -> None:
    swept = threading.Event()
    recorder = record(wait=None, on_sweep=lambda _: swept.set())
    recorder.start()
    assert recorder.start() is recorder  # starting twice is one recorder
    assert swept.wait(20)
    assert "recording" in repr(recorder)
    assert recorder.status().next_sweep is not None
    # Read while it is open for writing.
    assert len(tl.history(path).frame()) == 3
    status = recorder.stop()
    assert status.state == recorder.stop().state == "stopped"
    assert status.next_sweep is None
    assert not [t for t in threading.enumerate() if "recorder" in t.name]
    record().run(sweeps=1)  # the lock is free


def test_ctrl_c_closes_the_file_and_is_raised_again(record: Record, path: Path) -> None:
    def wait(seconds: float) -> None:
        raise KeyboardInterrupt

    recorder = record(wait=wait)
    with pytest.raises(KeyboardInterrupt):
        recorder.run()
    assert recorder.status().state == "stopped"
    record().run(sweeps=1)
    assert rows(path, "SELECT count(*) FROM sweep") == [(2,)]


def test_a_bug_in_a_callback_stops_the_thread_and_status_says_so(
    record: Record,
) -> None:
    def boom(sweep_id: int) -> None:
        raise RuntimeError("my own mistake")

    recorder = record(on_sweep=boom)
    recorder.start()
    assert recorder._thread is not None
    recorder._thread.join(20)
    assert recorder.status().state == "stopped"
    assert "my own mistake" in recorder.status().problem


def test_two_recorders_on_one_file_are_refused(
    cloud: tl.Cloud, record: Record, path: Path, tmp_path: Path
) -> None:
    (tmp_path / "link.sqlite").symlink_to(path)
    second = tl.Recorder(tmp_path / "link.sqlite", cloud, HOME, interval_s=0)
    tried: list[str] = []

    def wait(seconds: float) -> None:
        for other in (record(), second):
            with pytest.raises(errors.HistoryLocked, match="Another recorder") as info:
                other.run(sweeps=1)
            tried.append(info.value.next_step)

    status = record(wait=wait).run(sweeps=2)
    assert len(tried) == 2
    assert status.sweeps == 2
    assert rows(path, "SELECT count(DISTINCT run) FROM sweep") == [(1,)]


def test_recording_twice_at_once_with_one_recorder_is_refused(record: Record) -> None:
    def wait(seconds: float) -> None:
        with pytest.raises(errors.BadInput, match="recording already"):
            recorder.run(sweeps=1)

    recorder = record(wait=wait)
    assert recorder.run(sweeps=2).sweeps == 2


def test_a_full_disk_loses_nothing_and_is_told(
    cloud: tl.Cloud, record: Record, path: Path
) -> None:
    problems: list[tuple[int, str]] = []
    done = [0]

    def wait(seconds: float) -> None:
        cloud.practice.advance(seconds=seconds)
        done[0] += 1
        assert recorder._store is not None
        db = recorder._store._db
        if done[0] == 3:
            (pages,) = db.execute("PRAGMA page_count").fetchone()
            db.execute(f"PRAGMA max_page_count = {pages}")
        if done[0] >= 3:
            status = recorder.status()
            problems.append((status.unsaved, status.problem))
        if done[0] == 500:
            db.execute("PRAGMA max_page_count = 100000")

    recorder = record(wait=wait)
    status = recorder.run(sweeps=502)
    told = [text for _, text in problems if text]
    assert told and "no room left" in told[0]
    assert "Make room" in told[0]
    assert status.problem == ""
    assert status.unsaved == 0
    # What waits in memory is bounded; what was given up is counted and marked.
    assert max(count for count, _ in problems) == KEPT_UNSAVED
    assert status.lost > 0
    assert status.sweeps + status.lost == 502
    past = tl.history(path)
    assert len(past.frame("Kettle")) == status.sweeps
    assert list(past.gaps()["reason"]) == ["not saved"]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_what_a_locked_file_kept_back_is_saved_at_the_end(
    record: Record, path: Path
) -> None:
    record().run(sweeps=1)
    other = sqlite3.connect(path, isolation_level=None)

    def wait(seconds: float) -> None:
        status = recorder.status()
        if status.unsaved == 0:
            assert recorder._store is not None
            recorder._store._db.execute("PRAGMA busy_timeout = 10")
            other.execute("BEGIN IMMEDIATE")
        elif status.unsaved == 2:
            assert "is locked" in status.problem
            assert "not saved: 2 waiting" in str(status)
            other.execute("ROLLBACK")
            recorder.stop()

    with closing(other):
        recorder = record(wait=wait)
        status = recorder.run(sweeps=9)
    assert (status.sweeps, status.unsaved, status.problem) == (3, 0, "")
    assert len(tl.history(path).frame("Kettle")) == 1 + 3


def test_a_long_interval_is_not_shortened_by_backing_off(
    cloud: tl.Cloud, record: Record
) -> None:
    cloud.practice.rate_limit(3, 1e9)  # the lists, and no device
    waits: list[float] = []
    record(wait=waits.append, interval_s=7200).run(sweeps=70)
    assert set(waits) == {7200}


def test_too_many_calls_make_it_wait_longer(cloud: tl.Cloud, record: Record) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            cloud.practice.rate_limit(1, 1e9)
        if len(waits) == 8:
            cloud.practice.calm()

    before = cloud.practice.calls["passthrough"]
    status = record(wait=wait, interval_s=300).run(sweeps=10)
    assert waits == [300, 600, 1200, 2400, 3600, 3600, 3600, 3600, 300]
    assert status.errors == {}
    # The first refusal ends a sweep: at most one call for each worker.
    assert cloud.practice.calls["passthrough"] - before <= 10 * len(HOME)


@pytest.mark.parametrize("limited", [True, False])
def test_a_file_that_was_deleted_under_the_recorder_is_told(
    cloud: tl.Cloud, record: Record, path: Path, limited: bool
) -> None:
    def wait(seconds: float) -> None:
        if limited:
            path.unlink(missing_ok=True)
        else:
            path.rename(path.with_name("moved.sqlite")) if path.exists() else None

    status = record(wait=wait).run(sweeps=3)
    assert "moved, deleted or replaced" in status.problem
    assert (status.sweeps, status.unsaved) == (1, 2)


def test_backfill_brings_what_devices_remember_and_is_idempotent(
    cloud: tl.Cloud, record: Record, path: Path
) -> None:
    recorder = record(["Kettle", "Desk Strip", "Desk Lamp"])
    count = recorder.backfill()
    first = tl.history(path).daily()
    assert count == len(first) > 60
    assert recorder.backfill() == count
    again = tl.history(path).daily()
    assert first.drop(columns="read_at").equals(again.drop(columns="read_at"))
    kettle = cloud.device("Kettle").energy.daily(2026, 10)
    mine = tl.history(path).daily("Kettle")
    mine = mine[mine["day"] < "2026-11-01"]
    assert list(mine["energy_kwh"]) == [d.energy_kwh for d in kettle]
    assert list(mine["day"].dt.date) == [d.day for d in kettle]
    laptop = cloud.device("Desk Strip").outlets["Laptop"].energy.daily(2026, 10)
    theirs = tl.history(path).daily("Laptop")
    assert theirs["energy_kwh"].iloc[0] == laptop[0].energy_kwh


def test_backfill_works_while_recording_and_after_a_stop(record: Record) -> None:
    counts: list[int] = []
    recorder = record(["Kettle"], wait=lambda _: counts.append(recorder.backfill()))
    recorder.run(sweeps=2)
    counts.append(recorder.backfill())
    assert counts[0] == counts[1] > 28


def test_every_real_device_that_was_dumped_can_be_recorded(path: Path) -> None:
    if not dumps():
        return
    with tl.practice(str(SHARED), offline_after_s=0) as cloud:
        everybody = {d.device_id for d in cloud.devices()}
        recorder = tl.Recorder(path, cloud, interval_s=0)
        first = recorder.run(sweeps=1)
        status = recorder.run(sweeps=1)
        assert recorder.backfill() > 0
    assert status.errors == recorder.status().errors == {}
    assert status.rows == 2 * first.rows
    past = tl.history(path)
    assert set(past.errors()["kind"]) <= {"NotSupported"}
    devices = past.devices()
    assert set(devices[devices["readings"] > 0]["device_id"]) == everybody
    assert past.frame(quantity="power_w")["power_w"].ge(0).all()


@pytest.mark.parametrize(
    "absurd", [{"power": 1e12}, {"power_mw": 1, "total_wh": -1e14}]
)
def test_a_value_no_household_reaches_is_an_error(absurd: dict[str, float]) -> None:
    answer = {"emeter": {"get_realtime": {**absurd, "err_code": 0}}}
    with pytest.raises(errors.UnusableAnswer, match="household"):
        _metered(answer, _Plan(), "emeter")


def test_a_device_without_a_meter_is_not_asked_for_it_again() -> None:
    plan = _Plan()
    assert set(plan.request()) == {"system", "emeter", "smartlife.iot.common.emeter"}
    refusal = {"err_code": -1, "err_msg": "module not support"}
    assert _metered({"emeter": refusal}, plan, "emeter") is None
    assert set(plan.request()) == {"system"}


@pytest.mark.parametrize("rssi", [None, "loud", True, 10**30, -55.5])
def test_a_signal_that_is_no_number_is_missing(rssi: object) -> None:
    assert _rssi({"rssi": rssi}) is None
    assert _rssi({"rssi": -55}) == -55


def test_a_name_no_database_can_hold_is_mended(path: Path) -> None:
    from tplink_lab.data.store import Store
    from tplink_lab.data.store_records import Reading, Sweep

    with closing(Store(path)) as store:
        store.write(Sweep(START, [Reading("80", "", "Lamp \ud800", "HS100", START)]))
    assert list(tl.history(path).devices()["device"]) == ["Lamp ?"]


# -- politeness ----------------------------------------------------------------------


def test_a_real_account_is_asked_politely_or_not_at_all() -> None:
    assert check_url("https://wap.tplinkcloud.com").is_loopback is False
    assert polite_interval(60, at_home=False) == 60
    assert polite_interval(0, at_home=True) == 0
    with pytest.raises(errors.BadInput, match="too often") as info:
        polite_interval(59.9, at_home=False)
    assert "interval_s=60" in info.value.next_step
    with pytest.raises(errors.BadInput, match="practice clouds"):
        check_wait(lambda s: None, at_home=False)
    check_wait(None, at_home=False)
    assert polite_budget(None, at_home=False) == 60
    assert polite_budget(None, at_home=True) is None
    assert polite_budget(1000, at_home=True) == 1000
    with pytest.raises(errors.BadInput, match="too many"):
        polite_budget(61, at_home=False)


def test_the_budget_spreads_requests_and_saves_nothing_up() -> None:
    now, waits = [0.0], []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    pace = Pace(30, wait, now=lambda: now[0])
    for _ in range(3):
        pace.take()
    assert waits == [2.0, 2.0]
    now[0] += 1000
    for _ in range(2):
        pace.take()
    assert waits == [2.0, 2.0, 2.0]


def test_jitter_spreads_the_sweeps(record: Record) -> None:
    waits: list[float] = []
    record(["Kettle"], jitter=0.2, wait=waits.append).run(sweeps=60)
    assert len(waits) == 59
    assert 48 <= min(waits) < 54
    assert 66 < max(waits) <= 72


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"interval_s": -1}, "interval_s is -1"),
        ({"interval_s": "60"}, "interval_s is '60'"),
        ({"interval_s": float("nan")}, "interval_s is nan"),
        ({"jitter": 0.9}, "jitter is 0.9"),
        ({"requests_per_minute": 0}, "requests_per_minute is 0"),
        ({"clock": lambda: datetime(2026, 1, 1)}, "aware"),
        ({"devices": "Kettle"}, "one text"),
        ({"devices": []}, "no device to record"),
        ({"devices": [3]}, "no device and no name"),
        ({"devices": ["Ketle"]}, "No device fits"),
    ],
)
def test_what_cannot_be_recorded_is_said_at_once(
    record: Record, path: Path, wrong: dict[str, Any], says: str
) -> None:
    with pytest.raises(errors.BadInput, match=says):
        record(**wrong)
    assert not path.exists()


def test_the_cloud_comes_second(cloud: tl.Cloud, path: Path) -> None:
    with pytest.raises(errors.BadInput, match="not a cloud"):
        tl.Recorder(path, cloud.devices())  # type: ignore[arg-type]


def test_a_device_named_twice_is_asked_once(cloud: tl.Cloud, record: Record) -> None:
    devices = ["Kettle", cloud.device("kettle"), "Kettle"]
    assert record(devices).run(sweeps=1).rows == 1


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert not [t for t in threading.enumerate() if t.name.startswith("tplink-lab-re")]
