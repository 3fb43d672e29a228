"""``History``: what a recorder wrote, as frames."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from tplink_lab.data import history_export as export
from tplink_lab.data import history_query as query
from tplink_lab.data.history_buckets import cut, month_hours
from tplink_lab.data.history_gaps import REASONS, find_gaps
from tplink_lab.data.history_query import QUANTITIES, Member
from tplink_lab.data.store_errors import check_place, damage_told
from tplink_lab.data.store_file import connect, explaining
from tplink_lab.errors import BadInput

__all__ = ["History", "history"]

# Frame column of a resampled frame -> (quantity it belongs to, SQL over r, divisor).
AGGREGATES = {
    "on_share": ("is_on", "avg(r.is_on)", 1),
    "rssi_dbm": ("rssi_dbm", "avg(r.rssi_dbm)", 1),
    "power_w": ("power_w", "avg(r.power_mw)", 1000),
    "power_min_w": ("power_w", "min(r.power_mw)", 1000),
    "power_max_w": ("power_w", "max(r.power_mw)", 1000),
    "voltage_v": ("voltage_v", "avg(r.voltage_mv)", 1000),
    "current_a": ("current_a", "avg(r.current_ua)", 1_000_000),
    "total_kwh": ("total_kwh", "max(r.total_wh)", 1000),
}
PROFILE = "count(r.power_mw), avg(r.power_mw), min(r.power_mw), max(r.power_mw)"


def history(path: str | Path, *, tz: str = "UTC") -> History:
    """Open a history file that :class:`tplink_lab.Recorder` wrote, to read.

    Parameters
    ----------
    path : str or Path
        The file; it may be recorded into meanwhile.
    tz : str
        The time zone that moments are shown in, and whose days and hours count,
        such as ``"Europe/Belgrade"``.

    Raises
    ------
    HistoryError
        If it is not there, of a newer schema, or something else.

    Examples
    --------
    >>> import tempfile, tplink_lab as tl
    >>> with tempfile.TemporaryDirectory() as folder, tl.practice() as cloud:
    ...     path = f"{folder}/plugs.sqlite"
    ...     recorder = tl.Recorder(path, cloud, ["Fridge"], jitter=0)
    ...     _ = recorder.run(sweeps=120)
    ...     past = tl.history(f"{folder}/plugs.sqlite")
    ...     hours = past.frame("Fridge", "power_w", every="1h")
    >>> hours[["at", "samples"]].astype(str).values.tolist()
    [['2026-11-01 18:00:00+00:00', '60'], ['2026-11-01 19:00:00+00:00', '60']]
    """
    return History(path, tz=tz)


class History:
    """A history file, open for questions.

    Each method opens the file, reads what it needs and closes it, so a recorder is
    never held up and nothing has to be closed. Made by :func:`tplink_lab.history`.

    Examples
    --------
    >>> import tempfile, tplink_lab as tl
    >>> with tempfile.TemporaryDirectory() as folder, tl.practice() as cloud:
    ...     path = f"{folder}/plugs.sqlite"
    ...     status = tl.Recorder(path, cloud, ["Kettle"], jitter=0).run(sweeps=3)
    ...     tl.history(path).devices()[["device", "readings"]].values.tolist()
    [['Kettle', 3]]
    """

    def __init__(self, path: str | Path, *, tz: str = "UTC") -> None:
        self.path = check_place(path)
        try:
            self.tz = ZoneInfo(tz).key
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
            raise BadInput(
                f"{tz!r} is no time zone.",
                next_step="Give a name such as 'Europe/Belgrade' or 'UTC'.",
            ) from None
        connect(self.path).close()

    @damage_told
    def devices(self) -> pd.DataFrame:
        """Return one row for each device and outlet in the file.

        Returns
        -------
        DataFrame
            ``device`` (category; the strip's name for an outlet), ``outlet``
            (category; empty for a device itself), ``model`` (category), ``readings``
            (Int64), ``first_at``, ``last_at`` (datetime64 in the history's zone),
            ``device_id``, ``outlet_id`` (str).
        """
        with self._reading() as db:
            known = query.members(db)
            counted = {
                row[0]: row[1:]
                for row in db.execute(
                    "SELECT device, count(*), min(at_ns), max(at_ns) FROM reading"
                    " GROUP BY device"
                )
            }
        facts = [counted.get(m.number, (0, None, None)) for m in known]
        names, _ = query.whose(known, known)
        return pd.DataFrame(
            {
                **names,
                "model": query.text_category(
                    [m.model for m in known], (m.model for m in known)
                ),
                "readings": pd.array([f[0] for f in facts], dtype="Int64"),
                "first_at": query.moments([_or_nat(f[1]) for f in facts], self.tz),
                "last_at": query.moments([_or_nat(f[2]) for f in facts], self.tz),
                "device_id": pd.Series([m.device_id for m in known], dtype="str"),
                "outlet_id": pd.Series([m.outlet_id for m in known], dtype="str"),
            }
        )

    @damage_told
    def frame(
        self,
        device: str | None = None,
        quantity: str | Iterable[str] | None = None,
        start: object = None,
        end: object = None,
        every: str | None = None,
    ) -> pd.DataFrame:
        """Return readings, or their averages.

        Parameters
        ----------
        device : str, optional
            A device with its outlets, or one outlet, by name or id; all if left out.
        quantity : str or iterable of str, optional
            Of ``is_on``, ``rssi_dbm``, ``power_w``, ``voltage_v``, ``current_a``,
            ``total_kwh``; all if left out. Readings that tell none of them are left
            out.
        start, end : str, date or datetime, optional
            From *start* on, up to but without *end*; without a zone, in the
            history's.
        every : str, optional
            Average over stretches such as ``"15min"``, ``"1h"``, ``"1D"``, ``"1W"``
            (from Monday), ``"MS"``.
            SQLite does it: what is not asked for is not loaded.

        Returns
        -------
        DataFrame
            By device and time. ``at`` (datetime64[ns, zone]), ``device``,
            ``outlet`` (categories; a strip itself, outlet ``""``, has no power: its
            outlets do), then ``is_on`` (boolean), ``rssi_dbm`` (Int16),
            ``power_w``, ``voltage_v``, ``current_a``, ``total_kwh`` (float64; NaN
            where the device does not tell), ``device_id``, ``outlet_id`` (categories;
            the ids of the device list, two devices may share a name).

            With *every*: ``at`` (the stretch's start), ``device``, ``outlet``,
            ``samples`` (Int64), ``on_share`` (0 to 1), ``rssi_dbm``, ``power_w``,
            ``voltage_v``, ``current_a`` (means of the samples), ``power_min_w``,
            ``power_max_w``, ``total_kwh`` (the counter's highest), all float64, and
            the ids.
            Stretches without a sample have no row: nothing is interpolated.

        Raises
        ------
        NoSuchDevice
            If nothing in the file is called so.
        BadInput
            If a quantity, a moment or a length of time is none.
        """
        quantities = _quantities(quantity)
        with self._reading() as db:
            chosen, start_ns, end_ns = self._asked(db, device, start, end)
            if every is None:
                parts = query.chunks(db, chosen, quantities, start_ns, end_ns, self.tz)
                return pd.concat(list(parts), ignore_index=True)
            columns = {
                name: (f"{sql} / {scale}.0")
                for name, (of, sql, scale) in AGGREGATES.items()
                if of in quantities
            }
            lone = QUANTITIES[quantities[0]][0] if len(quantities) == 1 else ""
            count = f"count(r.{lone})" if lone else "count(*)"
            rows = query.aggregate(
                db,
                chosen,
                self._buckets(db, every, start_ns, end_ns),
                ", ".join([count, *columns.values()]),
            )
        rows = [row for row in rows if row[2]]
        by_number = {m.number: m for m in chosen}
        order = {m.number: at for at, m in enumerate(chosen)}
        rows.sort(key=lambda row: (order[row[0]], row[1]))
        of = [by_number[row[0]] for row in rows]
        names, ids = query.whose(of, chosen)
        frame: dict[str, Any] = {
            "at": query.moments([row[1] for row in rows], self.tz),
            **names,
            "samples": pd.array([row[2] for row in rows], dtype="Int64"),
        }
        for at, name in enumerate(columns, start=3):
            frame[name] = np.array([row[at] for row in rows], dtype="float64")
        return pd.DataFrame(frame | ids)

    @damage_told
    def hourly_profile(self, device: str, month: str) -> pd.DataFrame:
        """Return the typical day of one device in one month.

        Parameters
        ----------
        device : str
            A device, or an outlet, with a meter.
        month : str
            Such as ``"2026-10"``, in the history's zone.

        Returns
        -------
        DataFrame
            24 rows: ``hour`` (int64, 0 to 23 by the zone's clock), ``samples``
            (Int64), ``power_w``, ``power_min_w``, ``power_max_w`` (float64, NaN for
            an hour without samples).

        Raises
        ------
        BadInput
            If *device* is a strip: its outlets are profiled one by one.
        """
        buckets = month_hours(month, self.tz)
        with self._reading() as db:
            chosen = query.find_members(db, device)
            if len(chosen) > 1:
                outlets = ", ".join(repr(m.alias) for m in chosen if m.outlet_id)
                raise BadInput(
                    f"{device!r} is a strip: each outlet has a profile of its own.",
                    next_step=f"Name one: {outlets}.",
                )
            rows = query.aggregate(db, chosen, buckets, PROFILE)
        by_hour = {row[1]: row[2:] for row in rows}
        facts = [by_hour.get(hour, (0, None, None, None)) for hour in range(24)]
        frame: dict[str, Any] = {
            "hour": np.arange(24, dtype="int64"),
            "samples": pd.array([f[0] for f in facts], dtype="Int64"),
        }
        for at, name in enumerate(("power_w", "power_min_w", "power_max_w"), start=1):
            frame[name] = np.array([f[at] for f in facts], dtype="float64") / 1000
        return pd.DataFrame(frame)

    @damage_told
    def daily(self, device: str | None = None) -> pd.DataFrame:
        """Return the daily energy that devices remembered, as backfilled.

        Returns
        -------
        DataFrame
            ``day`` (datetime64[s], midnight without a zone: the day is the device's
            own), ``device``, ``outlet`` (categories), ``energy_kwh`` (float64),
            ``read_at`` (when it was asked; today's figure still grows),
            ``device_id``, ``outlet_id`` (categories).
        """
        with self._reading() as db:
            chosen = query.find_members(db, device)
            rows = _rows_of(
                db,
                chosen,
                "SELECT device, day, energy_wh, read_ns FROM daily WHERE device = ?"
                " ORDER BY day",
            )
        days = np.array([row[1] for _, row in rows], dtype="datetime64[s]")
        names, ids = query.whose((m for m, _ in rows), chosen)
        return pd.DataFrame(
            {
                "day": days,
                **names,
                "energy_kwh": np.array([r[2] for _, r in rows], dtype="float64") / 1000,
                "read_at": query.moments([r[3] for _, r in rows], self.tz),
                **ids,
            }
        )

    @damage_told
    def errors(self, device: str | None = None) -> pd.DataFrame:
        """Return what went wrong while recording, one row each time.

        Returns
        -------
        DataFrame
            ``at`` (datetime64), ``device``, ``outlet``, ``kind`` (categories; the
            error's name, such as ``"DeviceOffline"``), ``message`` (str),
            ``device_id``, ``outlet_id`` (categories).
        """
        with self._reading() as db:
            chosen = query.find_members(db, device)
            rows = _rows_of(
                db,
                chosen,
                "SELECT device, at_ns, kind, message FROM error"
                " JOIN problem ON problem.id = error.problem WHERE device = ?"
                " ORDER BY at_ns, sweep",
            )
        kinds = [row[2] for _, row in rows]
        names, ids = query.whose((m for m, _ in rows), chosen)
        return pd.DataFrame(
            {
                "at": query.moments([row[1] for _, row in rows], self.tz),
                **names,
                "kind": query.text_category(kinds, kinds),
                "message": pd.Series([row[3] for _, row in rows], dtype="str"),
                **ids,
            }
        )

    @damage_told
    def gaps(self, device: str | None = None) -> pd.DataFrame:
        """Return the stretches without readings, and steps of the clock.

        Parameters
        ----------
        device : str, optional
            Also where this device gave no reading although others may have.

        Returns
        -------
        DataFrame
            ``start``, ``end`` (datetime64: the readings before and after; a device's
            first or last failure where no reading is before or after),
            ``duration_s`` (float64; negative where the clock was set back) and
            ``reason`` (category): ``not recording``, ``paused``, ``asleep or
            overdue`` (a clock set forward looks the same), ``clock set back``,
            ``not saved`` (the file could not be written for too long) or ``no
            reading``.
        """
        with self._reading() as db:
            one = None if device is None else query.find_members(db, device)[0].number
            found = find_gaps(db, one)
        reasons = [row[2] for row in found]
        apart = np.array([at - before for before, at, _ in found], dtype="float64")
        return pd.DataFrame(
            {
                "start": query.moments([row[0] for row in found], self.tz),
                "end": query.moments([row[1] for row in found], self.tz),
                "duration_s": apart / 1e9,
                "reason": query.text_category(reasons, REASONS),
            }
        )

    @damage_told
    def to_csv(self, path: str | Path, **asked: Any) -> Path:
        """Write readings as CSV, whole or not at all, and return the path.

        A name that a spreadsheet would take for a formula gets an apostrophe in front.

        Parameters
        ----------
        path : str or Path
            Replaced if it is there.
        **asked
            ``device``, ``quantity``, ``start``, ``end``, ``every``, as for
            :meth:`frame`; all readings without them, in parts that fit the memory.
        """
        return export.to_csv(self._parts(asked), path)

    @damage_told
    def to_excel(self, path: str | Path, **asked: Any) -> Path:
        """Write readings, daily energy and errors as an Excel workbook.

        Excel knows no time zones: moments are wall-clock times, and the column's
        name tells the zone. Needs ``openpyxl``.

        Parameters
        ----------
        path, **asked
            As for :meth:`to_csv`.

        Raises
        ------
        BadInput
            If there are more rows than Excel's 1 048 576.
        """
        more = {"daily": self.daily(), "errors": self.errors()}
        return export.to_excel(self._parts(asked), more, path, self.tz)

    @damage_told
    def to_parquet(self, folder: str | Path) -> Path:
        """Write all readings as a Parquet dataset, partitioned by device and month.

        ``device=Fridge/month=2026-10/….parquet``, months in UTC, is opened as it is
        by DuckDB, Spark, Dask, Polars and ``pandas.read_parquet(folder)``. Needs
        ``pyarrow``.

        Parameters
        ----------
        folder : str or Path
            Made, or replaced as a whole if an earlier export is there; a folder that
            holds anything else is refused.

        Returns
        -------
        Path
            The folder. Columns of its files: ``at_utc`` (timestamp[us, UTC]),
            ``is_on``, ``rssi_dbm``, ``power_w``, ``voltage_v``, ``current_a``,
            ``total_kwh``, ``outlet``, ``device_id``; of its folders: ``device``,
            ``month``.
        """
        with self._reading() as db:
            return export.to_parquet(db, folder)

    # -- inside ----------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection for one question, which sees the file as of one moment."""
        with closing(connect(self.path)) as db, explaining(self.path):
            db.execute("BEGIN")
            yield db

    def _parts(self, asked: dict[str, Any]) -> Iterator[pd.DataFrame]:
        """Yield what :meth:`frame` would return, in parts where that is possible."""
        known = ("device", "quantity", "start", "end", "every")
        for name in asked:
            if name not in known:
                raise BadInput(
                    f"{name!r} is nothing to ask for.",
                    next_step=f"Give some of {', '.join(known)}.",
                )
        if asked.get("every") is not None:
            yield self.frame(**asked)
            return
        quantities = _quantities(asked.get("quantity"))
        with self._reading() as db:
            chosen, start_ns, end_ns = self._asked(
                db, asked.get("device"), asked.get("start"), asked.get("end")
            )
            yield from query.chunks(db, chosen, quantities, start_ns, end_ns, self.tz)

    def _asked(
        self, db: sqlite3.Connection, device: str | None, start: object, end: object
    ) -> tuple[list[Member], int, int]:
        start_ns = query.to_moment_ns(start, self.tz, query.FIRST_NS)
        end_ns = query.to_moment_ns(end, self.tz, query.LAST_NS)
        if start_ns > end_ns:
            raise BadInput(
                "start lies behind end.", next_step="Give the earlier one as start."
            )
        return query.find_members(db, device), start_ns, end_ns

    def _buckets(
        self, db: sqlite3.Connection, every: str, start_ns: int, end_ns: int
    ) -> list[tuple[int, int, int]]:
        first, last = db.execute("SELECT min(at_ns), max(at_ns) FROM sweep").fetchone()
        # An empty file too has to say what is wrong with `every`.
        if first is None:
            first = last = 0
        # The last sweep's devices answered after it began.
        last = db.execute("SELECT max(at_ns) FROM reading").fetchone()[0] or last
        start_ns, end_ns = max(start_ns, first), min(end_ns, last + 1)
        return cut(every, start_ns, max(start_ns, end_ns), self.tz)

    def __repr__(self) -> str:
        return f"<History {self.path.name}, times in {self.tz}>"


def _quantities(quantity: str | Iterable[str] | None) -> list[str]:
    if quantity is None:
        return list(QUANTITIES)
    asked = [quantity] if isinstance(quantity, str) else list(quantity)
    for name in asked:
        if name not in QUANTITIES:
            raise BadInput(
                f"{name!r} is no quantity.",
                next_step=f"Give some of {', '.join(QUANTITIES)}.",
            )
    if not asked:
        raise BadInput("No quantity is named.", next_step="Name one, or none at all.")
    return [name for name in QUANTITIES if name in asked]


def _rows_of(
    db: sqlite3.Connection, chosen: Iterable[Member], sql: str
) -> list[tuple[Member, tuple[Any, ...]]]:
    return [(m, row) for m in chosen for row in db.execute(sql, (m.number,))]


def _or_nat(ns: int | None) -> int:
    return np.iinfo("int64").min if ns is None else ns
