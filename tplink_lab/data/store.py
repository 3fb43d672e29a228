"""The history file: SQLite in WAL mode, one transaction for each sweep.

Nothing here asks a device or starts a thread. Quantities are kept as whole numbers
of small units (mW, mV, µA, Wh), moments as nanoseconds since 1970 in UTC, so the
file holds exactly what was read and stays small. Readings are clustered by device
and time: a month of one device lies in neighbouring pages.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tplink_lab.data.store_errors import check_place
from tplink_lab.data.store_file import BUSY_TIMEOUT_S, connect, explaining
from tplink_lab.data.store_records import (
    DayRow,
    Failure,
    Reading,
    Sweep,
    from_ns,
    to_ns,
)
from tplink_lab.errors import HistoryError, HistoryLocked

__all__ = ["Store"]


class Store:
    """A history file opened for writing; one at a time, on the whole machine.

    The lock is an exclusive SQLite lock on a small file beside it. The operating
    system lets go of it when the process dies, however it dies: no stale pid, no
    heartbeat that a stepping clock could break.

    Parameters
    ----------
    path : str or Path
        Made if it is not there.
    busy_timeout_s : float
        How long to wait for a program that holds the file.

    Raises
    ------
    HistoryLocked
        If another recorder writes to it.
    HistoryError
        If it cannot be opened, is of a newer schema, or is something else.
    """

    def __init__(
        self, path: str | Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S
    ) -> None:
        self.path = check_place(path, for_writing=True)
        self._guard = threading.Lock()
        self._ids: dict[tuple[str, str], tuple[int, tuple[str, str, str]]] = {}
        self._run: tuple[int, int] | None = None
        self._lock = _locked(self.path)
        try:
            self._db = connect(self.path, write=True, busy_timeout_s=busy_timeout_s)
        except BaseException:
            self._lock.close()
            raise
        self._inode = self.path.stat().st_ino

    def last_at(self) -> datetime | None:
        """Return the moment of the newest sweep in the file, None if there is none."""
        with self._guard, explaining(self.path):
            row = self._db.execute(
                "SELECT at_ns FROM sweep ORDER BY id DESC LIMIT 1"
            ).fetchone()
        return None if row is None else from_ns(row[0])

    def write(self, sweep: Sweep, *, interval_s: float = 0.0) -> int:
        """Commit *sweep*, all of it or nothing, and return its id.

        Raises
        ------
        HistoryError
            If it could not be committed: the file is as it was before.
        """
        with self._transaction():
            run, number = self._next_number(sweep, interval_s)
            cursor = self._db.execute(
                "INSERT INTO sweep (run, number, at_ns, took_ms, mark)"
                " VALUES (?, ?, ?, ?, ?)",
                (run, number, to_ns(sweep.at), _whole(sweep.took_s, 1e3), sweep.mark),
            )
            sweep_id = cursor.lastrowid
            assert sweep_id is not None
            self._db.executemany(
                "INSERT INTO reading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [self._reading_row(r, sweep_id) for r in sweep.readings],
            )
            self._db.executemany(
                "INSERT INTO error VALUES (?, ?, ?, ?)",
                [
                    (self._id(f), to_ns(f.at), sweep_id, self._problem(f))
                    for f in sweep.failures
                ],
            )
        self._run = (run, number)
        return sweep_id

    def write_daily(self, rows: Iterable[DayRow]) -> int:
        """Keep what devices remember of past days, and return how many rows came.

        A day that is known already keeps the larger figure: a day's energy only
        grows, and a meter that was erased remembers less than it counted.
        """
        values = list(rows)
        with self._transaction():
            self._db.executemany(
                "INSERT INTO daily VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " energy_wh = max(energy_wh, excluded.energy_wh),"
                " read_ns = excluded.read_ns",
                [
                    (
                        self._id(row),
                        row.day.isoformat(),
                        _whole(row.energy_kwh, 1e3),
                        to_ns(row.read_at),
                    )
                    for row in values
                ],
            )
        return len(values)

    def close(self) -> None:
        """Close the file and let go of the lock; closing twice does no harm."""
        with self._guard:
            self._db.close()
            self._lock.close()

    def _next_number(self, sweep: Sweep, interval_s: float) -> tuple[int, int]:
        """Return the run and the sweep's number in it; the first one begins the run.

        The run is written with its first sweep, so no sweep is ever without one.
        """
        if self._run is not None:
            run, number = self._run
            return run, number + 1
        cursor = self._db.execute(
            "INSERT INTO run (started_ns, interval_ms) VALUES (?, ?)",
            (to_ns(sweep.at), _whole(interval_s, 1e3)),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid, 1

    def _reading_row(self, r: Reading, sweep_id: int) -> tuple[int | None, ...]:
        return (
            self._id(r),
            to_ns(r.at),
            sweep_id,
            None if r.is_on is None else int(r.is_on),
            r.rssi_dbm,
            _whole(r.power_w, 1e3),
            _whole(r.voltage_v, 1e3),
            _whole(r.current_a, 1e6),
            _whole(r.total_kwh, 1e3),
        )

    def _problem(self, failure: Failure) -> int:
        # Setting what is there already makes RETURNING tell its id.
        (number,) = self._db.execute(
            "INSERT INTO problem (kind, message) VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET kind = excluded.kind RETURNING id",
            (failure.kind, _clean(failure.message)),
        ).fetchone()
        return int(number)

    def _id(self, about: Reading | Failure | DayRow) -> int:
        """Return the number of a device or an outlet, and keep its names fresh."""
        key = (about.device_id, about.outlet_id)
        names = (
            _clean(about.alias),
            _clean(about.device_alias or about.alias),
            _clean(about.model),
        )
        known = self._ids.get(key)
        # A failure carries the device list's name, which may be older.
        if known is not None and (known[1] == names or isinstance(about, Failure)):
            return known[0]
        row = self._db.execute(
            "INSERT INTO device (device_id, outlet_id, alias, device_alias, model)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET alias = excluded.alias,"
            " device_alias = excluded.device_alias, model = excluded.model"
            " RETURNING id",
            (*key, *names),
        ).fetchone()
        self._ids[key] = (int(row[0]), names)
        return int(row[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._guard, explaining(self.path):
            self._check_still_there()
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except BaseException:
                # A device number that was rolled back must not be remembered.
                self._ids.clear()
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _check_still_there(self) -> None:
        try:
            same = self.path.stat().st_ino == self._inode
        except OSError:
            same = False
        if not same:
            # SQLite would go on writing into a file that has no name any more.
            raise HistoryError(
                f"The history file {self.path} was moved, deleted or replaced.",
                next_step="Put it back, or stop the recorder and start a new one.",
            )


def _locked(path: Path) -> sqlite3.Connection:
    """Return a connection that holds the recorder's lock for *path*."""
    beside = path.with_name(f"{path.name}-recorder")
    with explaining(path):
        lock = sqlite3.connect(
            beside, timeout=0, isolation_level=None, check_same_thread=False
        )
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as exc:
            lock.close()
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        except BaseException:
            lock.close()
            raise
        else:
            return lock
    raise HistoryLocked(
        f"Another recorder writes to {path}.",
        cause="Two of them would record everything twice.",
        next_step="Stop the other one (perhaps in another notebook), or give this "
        "one a file of its own. Reading with tl.history(...) is fine meanwhile.",
    )


def _whole(value: float | None, scale: float) -> int | None:
    return None if value is None else round(value * scale)


def _clean(text: str) -> str:
    # JSON can carry half a surrogate pair; no database can.
    return text.encode("utf-8", "replace").decode()
