"""The history file itself: its tables, its version, and how it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tplink_lab.data.store_errors import explained
from tplink_lab.errors import HistoryError

__all__ = ["BUSY_TIMEOUT_S", "SCHEMA_VERSION", "connect", "explaining"]

SCHEMA_VERSION = 1
# "TPLH": tells our files from everybody else's SQLite files.
APPLICATION_ID = 0x54504C48
BUSY_TIMEOUT_S = 5.0

SCHEMA = f"""
CREATE TABLE device (
    id INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL,
    outlet_id TEXT NOT NULL,           -- '' for the device itself
    alias TEXT NOT NULL,               -- as last heard
    device_alias TEXT NOT NULL,        -- of the strip, for an outlet
    model TEXT NOT NULL,
    UNIQUE (device_id, outlet_id)
);
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    started_ns INTEGER NOT NULL,
    interval_ms INTEGER NOT NULL
);
CREATE TABLE sweep (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES run (id),
    number INTEGER NOT NULL,           -- within the run
    at_ns INTEGER NOT NULL,
    took_ms INTEGER NOT NULL,
    mark INTEGER NOT NULL,             -- store_records.Mark
    UNIQUE (run, number)
);
CREATE TABLE reading (
    device INTEGER NOT NULL REFERENCES device (id),
    at_ns INTEGER NOT NULL,
    sweep INTEGER NOT NULL REFERENCES sweep (id),
    is_on INTEGER,
    rssi_dbm INTEGER,
    power_mw INTEGER,
    voltage_mv INTEGER,
    current_ua INTEGER,
    total_wh INTEGER,
    PRIMARY KEY (device, at_ns, sweep)
) WITHOUT ROWID;
CREATE TABLE problem (                 -- the same texts come back for weeks
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    UNIQUE (kind, message)
);
CREATE TABLE error (
    device INTEGER NOT NULL REFERENCES device (id),
    at_ns INTEGER NOT NULL,
    sweep INTEGER NOT NULL REFERENCES sweep (id),
    problem INTEGER NOT NULL REFERENCES problem (id),
    PRIMARY KEY (device, at_ns, sweep)
) WITHOUT ROWID;
CREATE TABLE daily (
    device INTEGER NOT NULL REFERENCES device (id),
    day TEXT NOT NULL,                 -- YYYY-MM-DD in the device's own zone
    energy_wh INTEGER NOT NULL,
    read_ns INTEGER NOT NULL,
    PRIMARY KEY (device, day)
) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""


def connect(
    path: Path, *, write: bool = False, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> sqlite3.Connection:
    """Return a connection to the history file at *path*, checked to be one.

    Raises
    ------
    HistoryError
        If it cannot be opened, is of a newer schema, or is something else.
    """
    with explaining(path):
        # Readers never write, but the last one to close tidies the WAL away, which
        # it may not do when opened read-only.
        db = _opened(path, "rwc" if write else "rw", busy_timeout_s)
        try:
            version = _checked_version(db, path)
            if version is None and not write:
                raise HistoryError(
                    f"{path} holds no history yet.",
                    next_step="Record into it first: tl.Recorder(path, cloud).start().",
                )
            if write:
                _prepare(db, is_new=version is None)
        except sqlite3.OperationalError as exc:
            db.close()
            # In a folder where nothing may be made, WAL cannot make its index file.
            # With no recorder's WAL beside it the file is complete and stands still.
            code = exc.sqlite_errorcode & 0xFF
            can_wait = code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
            if write or not can_wait or _has_wal(path):
                raise
            db = _opened(path, "ro&immutable=1", busy_timeout_s)
            try:
                _checked_version(db, path)
            except BaseException:
                db.close()
                raise
        except BaseException:
            db.close()
            raise
    return db


def _opened(path: Path, mode: str, busy_timeout_s: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )


def _has_wal(path: Path) -> bool:
    wal = path.with_name(f"{path.name}-wal")
    return wal.exists() and wal.stat().st_size > 0


def _checked_version(db: sqlite3.Connection, path: Path) -> int | None:
    """Return the schema's version, None for an empty file, or raise."""
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        if tables == 0 and version == 0:
            return None
        raise HistoryError(
            f"{path} is an SQLite file, but not a history of ours.",
            cause="It holds the tables of another program.",
            next_step="Give another path; nothing was changed.",
        )
    if version > SCHEMA_VERSION:
        raise HistoryError(
            f"{path} has the schema {version}; this tplink_lab knows up to "
            f"{SCHEMA_VERSION}.",
            cause="A newer tplink_lab wrote it.",
            next_step="Update: pip install -U tplink-lab. Nothing was changed.",
        )
    return int(version)


def _prepare(db: sqlite3.Connection, *, is_new: bool) -> None:
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise HistoryError(
            f"The history file cannot use write-ahead logging (SQLite says {mode!r}).",
            cause="The folder lies on a network drive, as a rule.",
            next_step="Put the file on a disk of this machine.",
        )
    # One sync for each commit: a sweep that was committed survives a power cut.
    db.execute("PRAGMA synchronous = FULL")
    if is_new:
        # All tables and the version appear together, or none does.
        db.executescript(f"BEGIN IMMEDIATE;{SCHEMA}COMMIT;")


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Raise what SQLite says as an error of the family."""
    try:
        yield
    except sqlite3.Error as exc:
        raise explained(exc, path) from None
    except UnicodeDecodeError:
        # A name in it is no text any more, be it a table's or a device's.
        damaged = sqlite3.DatabaseError("text that is no UTF-8")
        damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise explained(damaged, path) from None
