"""Questions to a history file, as SQL; the answers as frames.

Averages over time are made by SQLite, bucket by bucket, along the file's order: a
month of one device is read without touching the rest.
"""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tplink_lab.errors import BadInput, NoSuchDevice

__all__ = [
    "QUANTITIES",
    "Member",
    "aggregate",
    "chunks",
    "find_members",
    "members",
    "moments",
    "text_category",
    "to_moment_ns",
    "whose",
]

# Frame column -> (column in the file, how many of its units make one of ours).
QUANTITIES = {
    "is_on": ("is_on", 1),
    "rssi_dbm": ("rssi_dbm", 1),
    "power_w": ("power_mw", 1000),
    "voltage_v": ("voltage_mv", 1000),
    "current_a": ("current_ua", 1_000_000),
    "total_kwh": ("total_wh", 1000),
}
# Frame column -> attribute of a member.
WHOSE = {"device": "device_alias", "outlet": "outlet"}
IDS = {"device_id": "device_id", "outlet_id": "outlet_id"}
CHUNK_ROWS = 50_000
FIRST_NS, LAST_NS = -(2**63) + 1, 2**63 - 1


class Member(NamedTuple):
    """A device, or an outlet of one, as the file knows it."""

    number: int
    device_id: str
    outlet_id: str
    alias: str
    device_alias: str
    model: str

    @property
    def outlet(self) -> str:
        """The outlet's name; empty for a device itself."""
        return self.alias if self.outlet_id else ""


def members(db: sqlite3.Connection) -> list[Member]:
    """Return every device and outlet in the file, strips before their outlets."""
    rows = db.execute(
        "SELECT id, device_id, outlet_id, alias, device_alias, model FROM device"
        " ORDER BY device_alias, device_id, outlet_id"
    )
    return [Member(*row) for row in rows]


def find_members(db: sqlite3.Connection, name: str | None) -> list[Member]:
    """Return what *name* means: a device with its outlets, or one outlet.

    Parameters
    ----------
    name : str or None
        An alias (capitals do not matter) or an id; None for all.

    Raises
    ------
    NoSuchDevice
        If nothing in the file, or more than one thing, is called so.
    """
    known = members(db)
    if name is None:
        return known
    if not isinstance(name, str):
        raise BadInput(f"{name!r} is no name.", next_step="Give an alias or an id.")
    wanted = name.strip().casefold()
    fits = [
        m
        for m in known
        if wanted in (m.alias.casefold(), (m.outlet_id or m.device_id).casefold())
    ]
    # A device comes before an outlet of the same name.
    fits = [m for m in fits if not m.outlet_id] or fits
    if len(fits) == 1:
        (found,) = fits
        if found.outlet_id:
            return [found]
        return [m for m in known if m.device_id == found.device_id]
    if fits:
        ids = ", ".join(m.outlet_id or m.device_id for m in fits)
        raise NoSuchDevice(
            f"{len(fits)} devices in the history are called {name!r}.",
            next_step=f"Use an id: {ids}.",
        )
    names = [m.alias for m in known]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    error = NoSuchDevice(
        f"The history has no device called {name!r}.",
        next_step=f"Did you mean {' or '.join(map(repr, near))}?"
        if near
        else "history.devices() lists what it has.",
    )
    error.near = tuple(near)
    raise error


def chunks(
    db: sqlite3.Connection,
    chosen: Sequence[Member],
    quantities: Sequence[str],
    start_ns: int,
    end_ns: int,
    tz: str,
) -> Iterator[pd.DataFrame]:
    """Yield the readings as frames of bounded size; at least one, perhaps empty."""
    columns = ", ".join(
        name if scale == 1 else f"{name} / {scale}.0"
        for name, scale in (QUANTITIES[q] for q in quantities)
    )
    told = " OR ".join(f"{QUANTITIES[q][0]} IS NOT NULL" for q in quantities)
    any_at_all = "" if len(quantities) == len(QUANTITIES) else f" AND ({told})"
    yielded = False
    for member in chosen:
        # S608: names from our own table above; values are bound.
        cursor = db.execute(
            f"SELECT at_ns, {columns} FROM reading"  # noqa: S608
            f" WHERE device = ? AND at_ns >= ? AND at_ns < ?{any_at_all}"
            " ORDER BY at_ns, sweep",
            (member.number, start_ns, end_ns),
        )
        while rows := cursor.fetchmany(CHUNK_ROWS):
            yielded = True
            yield _chunk(rows, [member] * len(rows), chosen, quantities, tz)
    if not yielded:
        yield _chunk([], [], chosen, quantities, tz)


def aggregate(
    db: sqlite3.Connection,
    chosen: Sequence[Member],
    buckets: Iterable[tuple[int, int, int]],
    columns: str,
) -> list[tuple[Any, ...]]:
    """Return one row for each member and bucket label that has readings.

    Parameters
    ----------
    buckets : iterable of (label, start_ns, end_ns)
        Several stretches may share a label, as the hours of one profile do.
    columns : str
        The aggregates over ``r``, in SQL.

    Returns
    -------
    list of tuple
        ``(member number, label, *columns)``.
    """
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("CREATE TEMP TABLE bucket (label INTEGER, a INTEGER, b INTEGER)")
    db.execute("CREATE TEMP TABLE chosen (number INTEGER)")
    db.executemany("INSERT INTO chosen VALUES (?)", [(m.number,) for m in chosen])
    db.executemany("INSERT INTO bucket VALUES (?, ?, ?)", buckets)
    # CROSS JOIN keeps SQLite's order of loops: for each member and bucket one walk
    # along the clustered key.
    return db.execute(
        f"SELECT c.number, k.label, {columns} FROM chosen AS c"  # noqa: S608
        " CROSS JOIN bucket AS k CROSS JOIN reading AS r"
        " ON r.device = c.number AND r.at_ns >= k.a AND r.at_ns < k.b"
        " GROUP BY c.number, k.label ORDER BY c.number, k.label"
    ).fetchall()


def moments(ns: Sequence[int], tz: str) -> pd.DatetimeIndex:
    """Return whole nanoseconds as moments in a time zone."""
    index = pd.DatetimeIndex(np.array(ns, dtype="int64").view("datetime64[ns]"))
    return index.tz_localize("UTC").tz_convert(tz)


def to_moment_ns(moment: object, tz: str, default: int) -> int:
    """Return what a person means by *moment* in nanoseconds; naive ones are in *tz*.

    Raises
    ------
    BadInput
        If it is no moment.
    """
    if moment is None:
        return default
    try:
        if isinstance(moment, bool | int | float):
            raise ValueError("a number")
        if isinstance(moment, date | str | np.datetime64):
            stamp = pd.Timestamp(moment)
        else:
            raise TypeError("no date")
        if stamp.tzinfo is None:
            stamp = stamp.tz_localize(tz, ambiguous=True, nonexistent="shift_forward")
        return int(stamp.as_unit("ns").value)
    except (ValueError, TypeError, OverflowError) as exc:
        raise BadInput(
            f"{moment!r} is no moment ({type(exc).__name__}).",
            next_step="Give a text such as '2026-10-25 18:00', a date or a datetime.",
        ) from None


def text_category(values: Sequence[str], known: Iterable[str]) -> Any:
    """Return texts as a category, of text even where there is none."""
    categories: Any = pd.Index(sorted(set(known)), dtype="str")
    return pd.Categorical(list(values), categories=categories)


def whose(
    of: Iterable[Member], chosen: Iterable[Member]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the columns that name whose each row is, and those with the ids.

    Parameters
    ----------
    of : iterable of Member
        Row by row.
    chosen : iterable of Member
        All that a row may be of: the same categories in every part.
    """
    chosen = list(chosen)
    places = {member.number: at for at, member in enumerate(chosen)}
    rows = np.fromiter((places[member.number] for member in of), dtype="intp")

    def column(attribute: str) -> Any:
        texts = pd.Index([getattr(m, attribute) for m in chosen], dtype="str")
        categories: Any = texts.unique().sort_values()
        codes = categories.get_indexer(texts)
        return pd.Categorical.from_codes(codes[rows], categories=categories)

    return (
        {name: column(attribute) for name, attribute in WHOSE.items()},
        {name: column(attribute) for name, attribute in IDS.items()},
    )


def _chunk(
    rows: list[tuple[Any, ...]],
    of: Sequence[Member],
    chosen: Sequence[Member],
    quantities: Sequence[str],
    tz: str,
) -> pd.DataFrame:
    columns = list(zip(*rows, strict=True)) or [()] * (1 + len(quantities))
    names, ids = whose(of, chosen)
    frame: dict[str, Any] = {"at": moments(columns[0], tz), **names}
    for quantity, values in zip(quantities, columns[1:], strict=True):
        # None becomes NaN here, and whole numbers stay exact: they are small.
        numbers = np.array(values, dtype="float64")
        missing = np.isnan(numbers)
        if quantity == "is_on":
            frame[quantity] = pd.arrays.BooleanArray(numbers == 1, missing)
        elif quantity == "rssi_dbm":
            whole = np.where(missing, 0, numbers).astype("int16")
            frame[quantity] = pd.arrays.IntegerArray(whole, missing)
        else:
            frame[quantity] = numbers
    return pd.DataFrame(frame | ids)
