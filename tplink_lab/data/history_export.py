"""A history as CSV, Excel workbook or partitioned Parquet dataset.

Everything is written beside its place under a name of its own and renamed when it
is whole: who reads the place never meets half an export.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from tplink_lab.data.history_query import QUANTITIES, Member, members
from tplink_lab.data.store_records import from_ns, to_ns
from tplink_lab.errors import BadInput, HistoryError

__all__ = ["to_csv", "to_excel", "to_parquet"]

EXCEL_ROWS = 1_048_576
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Tells an export of ours; Spark and Dask skip names with an underscore in front.
MARKER = "_tplink_lab_history.json"


def to_csv(parts: Iterable[pd.DataFrame], path: str | Path) -> Path:
    """Write frames one below the other as CSV.

    A spreadsheet takes a cell that begins with ``=`` for a formula, and a shared
    device may be called so: such a name gets an apostrophe in front.
    """
    with (
        _replacing(path) as (whole, part),
        part.open("w", encoding="utf-8", newline="") as file,
    ):
        for number, frame in enumerate(parts):
            _unarmed(frame).to_csv(file, index=False, header=number == 0)
    return whole


def to_excel(
    parts: Iterable[pd.DataFrame],
    more: Mapping[str, pd.DataFrame],
    path: str | Path,
    tz: str,
) -> Path:
    """Write frames as the sheet ``readings`` of a workbook, *more* as sheets each."""
    openpyxl = _module("openpyxl")
    book = openpyxl.Workbook(write_only=True)
    with _replacing(path) as (whole, part):
        try:
            _fill(book.create_sheet("readings"), parts, tz)
            for title, frame in more.items():
                _fill(book.create_sheet(title), [frame], tz)
            book.save(part)
        finally:
            # A workbook that was given up would leave its sheets' files open.
            for sheet in book.worksheets:
                if not sheet.closed:
                    sheet.close()
    return whole


def to_parquet(db: sqlite3.Connection, folder: str | Path) -> Path:
    """Write every reading into ``device=…/month=…`` below *folder*."""
    _module("pyarrow")
    place = Path(folder).expanduser().resolve()
    _check_replaceable(place)
    with _explaining_os(place):
        part = _beside(place)
        part.mkdir()
    try:
        with _explaining_os(place):
            rows = sum(_write_member(db, member, part) for member in members(db))
            about = {"written_by": "tplink_lab", "rows": rows}
            (part / MARKER).write_text(json.dumps(about) + "\n", "utf-8")
            old = part.with_name(f"{part.name}.old")
            if place.exists():
                place.rename(old)
            part.rename(place)
            shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return place


def _write_member(db: sqlite3.Connection, member: Member, part: Path) -> int:
    columns = ", ".join(
        name if scale == 1 else f"{name} / {scale}.0"
        for name, scale in QUANTITIES.values()
    )
    rows = 0
    for month, start_ns, end_ns in _months(db, member):
        cursor = db.execute(
            f"SELECT at_ns / 1000, {columns} FROM reading"  # noqa: S608 - our names
            " WHERE device = ? AND at_ns >= ? AND at_ns < ? ORDER BY at_ns, sweep",
            (member.number, start_ns, end_ns),
        )
        found = cursor.fetchall()
        if not found:
            continue
        name = member.device_alias or member.device_id
        home = part / f"device={_partition(name)}" / f"month={month}"
        home.mkdir(parents=True, exist_ok=True)
        _write_table(found, member, home / f"{member.number}.parquet")
        rows += len(found)
    return rows


def _write_table(found: list[tuple[Any, ...]], member: Member, path: Path) -> None:
    pa = importlib.import_module("pyarrow")
    pq = importlib.import_module("pyarrow.parquet")
    # Microseconds: Spark refuses finer ones. Not "at": DuckDB would want it quoted.
    kinds = {
        "at_utc": pa.timestamp("us", tz="UTC"),
        "is_on": pa.bool_(),
        "rssi_dbm": pa.int16(),
    }
    arrays = {
        name: pa.array(
            [None if v is None else bool(v) for v in values]
            if name == "is_on"
            else values,
            type=kinds.get(name, pa.float64()),
        )
        for name, values in zip(
            ["at_utc", *QUANTITIES], zip(*found, strict=True), strict=True
        )
    }
    arrays["outlet"] = pa.array([member.outlet] * len(found), type=pa.string())
    arrays["device_id"] = pa.array([member.device_id] * len(found), type=pa.string())
    pq.write_table(pa.table(arrays), path, compression="zstd")


def _months(db: sqlite3.Connection, member: Member) -> Iterator[tuple[str, int, int]]:
    first, last = db.execute(
        "SELECT min(at_ns), max(at_ns) FROM reading WHERE device = ?", (member.number,)
    ).fetchone()
    if first is None:
        return
    start = from_ns(first).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while to_ns(start) <= last:
        year, month = divmod(start.year * 12 + start.month, 12)
        end = datetime(year, month + 1, 1, tzinfo=UTC)
        yield f"{start:%Y-%m}", to_ns(start), to_ns(end)
        start = end


def _partition(name: str) -> str:
    # As Hive writes it; readers undo the percent signs. A dot alone is a folder.
    return quote(name, safe=" ").replace(".", "%2E")


def _check_replaceable(place: Path) -> None:
    if not place.exists():
        return
    if not place.is_dir():
        raise BadInput(
            f"{place} is a file.", next_step="Give a folder's name; it is made."
        )
    if any(place.iterdir()) and not (place / MARKER).is_file():
        raise BadInput(
            f"{place} holds something that is no export of ours.",
            next_step="Give another folder; nothing was changed.",
        )


def _fill(sheet: Any, parts: Iterable[pd.DataFrame], tz: str) -> None:
    """Append frames to a sheet, one row at a time."""
    rows = 1
    cell = importlib.import_module("openpyxl.cell").WriteOnlyCell
    for number, frame in enumerate(parts):
        rows += len(frame)
        if rows > EXCEL_ROWS:
            raise BadInput(
                f"Excel holds {EXCEL_ROWS} rows in a sheet; there are more.",
                next_step="Average them (every='15min'), give start and end, or use "
                "to_parquet() or to_csv().",
            )
        plain, heads = {}, []
        for name, values in frame.items():
            if isinstance(values.dtype, pd.DatetimeTZDtype):
                values = values.dt.tz_localize(None)
                heads.append(f"{name} ({tz})")
            else:
                heads.append(str(name))
            plain[name] = [None if pd.isna(v) else v for v in values]
        if number == 0:
            sheet.append(heads)
        for row in zip(*plain.values(), strict=True):
            sheet.append([_cell(cell, sheet, value) for value in row])


def _unarmed(frame: pd.DataFrame) -> pd.DataFrame:
    news = {}
    for name in ("device", "outlet"):
        if name in frame:
            known = frame[name].cat.categories
            armed = {text: f"'{text}" for text in known if text.startswith(FORMULA)}
            news[name] = frame[name].cat.rename_categories(armed)
    return frame.assign(**news)


def _cell(make: Any, sheet: Any, value: Any) -> Any:
    if isinstance(value, str):
        # A plug called "=1+1" is a name, not a formula.
        text = make(sheet, value=None)
        text.value = _printable(value)
        text.data_type = "s"
        return text
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    return value.item() if hasattr(value, "item") else value


def _printable(text: str) -> str:
    return "".join(c for c in text if c in "\t\n" or c >= " ")


@contextmanager
def _replacing(path: str | Path) -> Iterator[tuple[Path, Path]]:
    """Give a place to write to; it takes *path*'s place when all went well."""
    whole = Path(path).expanduser().resolve()
    if whole.is_dir():
        raise BadInput(f"{whole} is a folder.", next_step="Name a file in it.")
    with _explaining_os(whole):
        part = _beside(whole)
        part.touch(exist_ok=False)
        try:
            yield whole, part
            part.replace(whole)
        finally:
            part.unlink(missing_ok=True)


def _beside(place: Path) -> Path:
    # Not by tempfile: whom an export is for is the umask's to say.
    return place.with_name(f".{place.name}.{os.urandom(6).hex()}")


@contextmanager
def _explaining_os(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise HistoryError(
            f"{place} cannot be written: {exc.strerror or exc}.",
            next_step="Check the folder, its permissions and the room on the disk.",
        ) from None


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise HistoryError(
            f"This export needs {name}, which is not installed here.",
            next_step=f"Install it: %pip install {name} in a notebook.",
        ) from None
