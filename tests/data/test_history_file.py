"""The file: what it refuses, what it survives, and what it never loses."""

import os
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import tplink_lab as tl
from tplink_lab import errors
from tplink_lab.data.store import Store
from tplink_lab.data.store_file import connect
from tplink_lab.data.store_records import (
    DayRow,
    Failure,
    Reading,
    Sweep,
    from_ns,
    to_ns,
)

START = datetime(2026, 11, 1, 18, tzinfo=UTC)


def sweep(minute: int, plugs: int = 3, **more: Any) -> Sweep:
    at = START + timedelta(minutes=minute)
    readings = [
        Reading(f"80{n}", "", f"Plug {n}", "HS110", at, power_w=float(n), **more)
        for n in range(plugs)
    ]
    return Sweep(at, readings)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plugs.sqlite"


@pytest.fixture
def written(path: Path) -> Path:
    with closing(Store(path)) as store:
        for minute in range(5):
            store.write(sweep(minute), interval_s=60)
    return path


def test_a_closed_file_is_one_file_beside_its_lock(written: Path) -> None:
    tl.history(written).frame()
    names = sorted(p.name for p in written.parent.iterdir())
    assert names == ["plugs.sqlite", "plugs.sqlite-recorder"]
    with closing(sqlite3.connect(written)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA user_version").fetchone() == (1,)


def test_moments_survive_to_the_microsecond() -> None:
    for moment in (
        START,
        START.replace(microsecond=123457),
        datetime(1969, 1, 1, tzinfo=UTC),
    ):
        assert from_ns(to_ns(moment)) == moment


def test_quantities_survive_as_whole_small_units(path: Path) -> None:
    exact = {"voltage_v": 231.067, "current_a": 0.001731, "total_kwh": 148.213}
    with closing(Store(path)) as store:
        store.write(sweep(0, 1, is_on=True, rssi_dbm=-55, **exact))
    row = tl.history(path).frame().iloc[0]
    assert {name: row[name] for name in exact} == exact
    assert (row["is_on"], row["rssi_dbm"], row["power_w"]) == (True, -55, 0.0)


def test_a_sweep_is_there_whole_or_not_at_all(path: Path) -> None:
    broken = sweep(1)
    broken.readings.append(broken.readings[0])  # the same device twice
    with closing(Store(path)) as store:
        store.write(sweep(0))
        with pytest.raises(errors.HistoryError):
            store.write(broken)
        assert store.write(sweep(2)) == 2
        new = Sweep(START, [Reading("99", "", "New", "HS100", START)] * 2)
        with pytest.raises(errors.HistoryError):
            store.write(new)
        # The device of the sweep that failed is not remembered as known.
        assert store.write(Sweep(START, new.readings[:1])) == 3
    assert len(tl.history(path).frame()) == 3 + 3 + 1
    assert tl.history(path).frame("New")["at"].tolist() == [START]


def test_a_renamed_device_keeps_its_history(path: Path) -> None:
    with closing(Store(path)) as store:
        store.write(Sweep(START, [Reading("80", "", "Lamp", "HS100", START)]))
        store.write(Sweep(START, [Reading("80", "", "Light", "HS100", START)]))
        stale = Failure("80", "", "Lamp", "HS100", START, "DeviceOffline", "gone")
        store.write(Sweep(START, [], [stale]))
    past = tl.history(path)
    assert list(past.devices()["device"]) == ["Light"]
    assert len(past.frame("Light")) == 2
    assert list(past.errors("Light")["message"]) == ["gone"]


def test_a_day_keeps_its_larger_figure(path: Path) -> None:
    def day(energy_kwh: float) -> DayRow:
        return DayRow("80", "", "Lamp", "HS110", date(2026, 10, 31), energy_kwh, START)

    with closing(Store(path)) as store:
        for energy_kwh in (1.0, 2.5, 0.1):  # grows; then the meter was erased
            assert store.write_daily([day(energy_kwh)]) == 1
    assert list(tl.history(path).daily()["energy_kwh"]) == [2.5]


# -- what it refuses -------------------------------------------------------------


Opener = Callable[[Path], object]
OPENERS = pytest.mark.parametrize("opener", [tl.history, Store])


def refusal(opener: Opener, path: Path) -> errors.HistoryError:
    with pytest.raises(errors.HistoryError) as info:
        opener(path)
    assert info.value.next_step
    return info.value


@OPENERS
def test_a_newer_schema_is_left_alone(opener: Opener, written: Path) -> None:
    with closing(sqlite3.connect(written)) as db:
        db.execute("PRAGMA user_version = 2")
    before = written.read_bytes()
    error = refusal(opener, written)
    assert "newer tplink_lab" in error.cause
    assert written.read_bytes() == before


@OPENERS
@pytest.mark.parametrize("text", ["x", "no database\n" * 400])
def test_what_is_no_sqlite_file_is_left_alone(
    opener: Opener, path: Path, text: str
) -> None:
    path.write_text(text)
    assert "no SQLite file" in refusal(opener, path).what
    assert path.read_text() == text


@OPENERS
def test_somebody_elses_tables_are_left_alone(opener: Opener, path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE places (id INTEGER)")
    before = path.read_bytes()
    assert "not a history" in refusal(opener, path).what
    assert path.read_bytes() == before


@OPENERS
def test_a_folder_and_a_missing_folder(opener: Opener, tmp_path: Path) -> None:
    assert "is a folder" in refusal(opener, tmp_path).what
    assert "no folder" in refusal(opener, tmp_path / "gone" / "x.sqlite").what


@OPENERS
@pytest.mark.parametrize("wrong", ["", 3, None, "a\0b"])
def test_what_is_no_path(opener: Callable[[Any], object], wrong: Any) -> None:
    with pytest.raises(errors.BadInput, match="no path"):
        opener(wrong)


def test_nothing_to_read_yet(path: Path) -> None:
    assert "no history file" in refusal(tl.history, path).what
    assert not path.exists()
    path.touch()  # a recorder that was killed before it wrote anything
    assert "no history yet" in refusal(tl.history, path).what
    Store(path).close()
    assert len(tl.history(path).frame()) == 0


def test_a_file_that_another_program_holds(written: Path) -> None:
    with closing(sqlite3.connect(written, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        # Readers do not mind; the writer waits, then says so.
        assert len(tl.history(written).frame()) == 15
        with closing(Store(written, busy_timeout_s=0.05)) as store:
            with pytest.raises(errors.HistoryLocked, match="is locked"):
                store.write(sweep(9))
            other.execute("ROLLBACK")
            assert store.write(sweep(9)) == 6


def test_a_file_that_another_program_holds_for_itself(written: Path) -> None:
    with closing(sqlite3.connect(written, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(errors.HistoryLocked):
            connect(written, busy_timeout_s=0.05)
        with pytest.raises(errors.HistoryLocked):
            Store(written, busy_timeout_s=0.05)
        other.execute("ROLLBACK")
    assert len(tl.history(written).frame()) == 15


def test_a_damaged_file_is_named(written: Path) -> None:
    content = bytearray(written.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    written.write_bytes(content)
    with pytest.raises(errors.HistoryError, match="damaged"):
        tl.history(written).frame()


# -- folders of their own ---------------------------------------------------------


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path | None]]:
    """Mount a small tmpfs, or again with other options; None where we may not."""
    folder = tmp_path / "disk"
    folder.mkdir()
    is_there = False

    def mount(options: str) -> Path | None:
        nonlocal is_there
        if os.name == "nt" or os.geteuid() != 0:
            return None
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        run = subprocess.run(command, capture_output=True)
        is_there = is_there or run.returncode == 0
        return folder if run.returncode == 0 else None

    yield mount
    if is_there:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_loses_nothing(
    mounted: Callable[[str], Path | None],
) -> None:
    folder = mounted("size=600k")
    if folder is None:
        return  # test_a_full_disk_loses_nothing_and_is_told does it without a mount
    path = folder / "plugs.sqlite"
    done: list[int] = []
    with closing(Store(path)) as store:
        with pytest.raises(errors.HistoryError) as info:
            for minute in range(100_000):
                done.append(store.write(sweep(minute, 40)))
        assert "room" in info.value.what + info.value.next_step
        assert len(done) > 10
        # Still full, still readable, still nothing half-written.
        with pytest.raises(errors.HistoryError):
            for minute in range(50):
                done.append(store.write(sweep(90_000 + minute, 40)))
        assert len(tl.history(path).frame()) == 40 * len(done)
        mounted("remount,size=4m")
        for minute in range(20):
            done.append(store.write(sweep(95_000 + minute, 40)))
    assert len(tl.history(path).frame()) == 40 * len(done)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert [row[0] for row in db.execute("SELECT id FROM sweep")] == done


def test_a_disk_without_room_for_a_new_file(
    mounted: Callable[[str], Path | None],
) -> None:
    folder = mounted("size=16k")
    if folder is None:
        return
    with pytest.raises(errors.HistoryError, match="room"):
        Store(folder / "plugs.sqlite")


def test_a_read_only_folder_can_be_read_and_not_written(
    mounted: Callable[[str], Path | None], written: Path
) -> None:
    folder = mounted("size=4m")
    if folder is None:
        folder = written.parent / "read-only"
        folder.mkdir()
    path = folder / "plugs.sqlite"
    path.write_bytes(written.read_bytes())
    if mounted("remount,ro") is None:
        path.chmod(0o444)
        folder.chmod(0o555)
    try:
        assert len(tl.history(path).frame()) == 15
        with pytest.raises(errors.HistoryError) as info:
            Store(path)
        assert "folder" in info.value.next_step
        assert not isinstance(info.value, errors.HistoryLocked)
    finally:
        folder.chmod(0o755) if mounted("remount,rw") is None else None


def test_a_reader_sees_one_moment_while_a_writer_goes_on(path: Path) -> None:
    stop = threading.Event()
    with closing(Store(path)) as store:
        store.write(sweep(0))

        def write() -> None:
            minute = 0
            while not stop.is_set():
                minute += 1
                store.write(sweep(minute))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            past = tl.history(path)
            counts = []
            for _ in range(30):
                frame = past.frame()
                per_plug = frame.groupby("device", observed=True).size()
                assert per_plug.nunique() == 1  # no half sweep is ever seen
                counts.append(len(frame))
        finally:
            stop.set()
            writer.join()
    assert counts == sorted(counts)
