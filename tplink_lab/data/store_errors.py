"""What SQLite says, in the words of the error family."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from tplink_lab.errors import BadInput, HistoryError, HistoryLocked, TPLinkLabError

__all__ = ["check_place", "damage_told", "explained"]

P = ParamSpec("P")
T = TypeVar("T")

SMALLEST_PAGE = 512


def check_place(path: str | Path, *, for_writing: bool = False) -> Path:
    """Return *path* whole and resolved, or say what is in the way.

    Resolved, so that two names of one file share one lock.

    Raises
    ------
    BadInput
        If it is no path at all.
    HistoryError
        If it is a folder; if there is no such folder; or, for reading, no such file.
    """
    if not isinstance(path, str | Path) or not str(path) or "\0" in str(path):
        raise BadInput(
            f"{path!r} is no path.", next_step='Give one like "plugs.sqlite".'
        )
    whole = Path(path).expanduser().resolve()
    if whole.is_dir():
        raise HistoryError(
            f"{whole} is a folder.",
            next_step=f"Name a file in it: {str(whole / 'plugs.sqlite')!r}.",
        )
    if not whole.parent.is_dir():
        raise HistoryError(
            f"There is no folder {whole.parent}.", next_step="Make it first."
        )
    # Only looked at from outside: opening and closing it here would drop the locks
    # that SQLite holds for this whole process (sqlite.org/howtocorrupt.html, 2.2).
    size = whole.stat().st_size if whole.exists() else 0
    if 0 < size < SMALLEST_PAGE:  # SQLite would take it for empty, and overwrite it
        raise _no_sqlite(whole)
    if not for_writing and not whole.exists():
        raise HistoryError(
            f"There is no history file {whole}.",
            next_step="Check the path, or record one: "
            f"tl.Recorder({str(path)!r}, cloud).start().",
        )
    return whole


def explained(error: sqlite3.Error, path: Path) -> HistoryError:
    """Return SQLite's *error* as one that says what to do.

    Examples
    --------
    >>> error = sqlite3.OperationalError("database or disk is full")
    >>> error.sqlite_errorcode = sqlite3.SQLITE_FULL
    >>> print(explained(error, Path("plugs.sqlite")).next_step)
    Make room on that disk; what was committed is safe.
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_NOTADB:
        return _no_sqlite(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return HistoryLocked(
            f"{path} is locked.",
            cause="Another program holds it: a database browser, a backup.",
            next_step="Close it there, then try again.",
        )
    what, next_step = {
        sqlite3.SQLITE_FULL: (
            "there is no room left",
            "Make room on that disk; what was committed is safe.",
        ),
        sqlite3.SQLITE_IOERR: (
            "the disk failed to read or write",
            "Check the disk and the room on it; what was committed is safe.",
        ),
        sqlite3.SQLITE_READONLY: (
            "it, or its folder, is read-only",
            "Choose a folder you may write to.",
        ),
        sqlite3.SQLITE_CANTOPEN: (
            "it cannot be opened there",
            "Check that the folder exists, that you may write to it, and that the "
            "disk has room.",
        ),
        sqlite3.SQLITE_CORRUPT: (
            "it is damaged",
            "Keep a copy of it with its -wal file, then try: sqlite3 FILE .recover",
        ),
    }.get(code, (f"SQLite says: {error}", "Check the file, then try again."))
    return HistoryError(f"{path}: {what}.", next_step=next_step)


def damage_told(question: Callable[P, T]) -> Callable[P, T]:
    """Let a question about a file end in an error of the family, whatever it holds.

    SQLite checks pages, not values: a damaged file may give bytes for a number.
    """

    @functools.wraps(question)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return question(*args, **kwargs)
        except TPLinkLabError:
            raise
        except (TypeError, ValueError, ArithmeticError, AttributeError) as exc:
            path = getattr(args[0], "path", "the file")
            raise HistoryError(
                f"{path}: what it holds makes no sense ({type(exc).__name__}).",
                cause="It is damaged, or something else wrote into it.",
                next_step="Keep a copy of it with its -wal file, then try: sqlite3 "
                "FILE .recover. If it is whole, please report this.",
            ) from exc

    return asked


def _no_sqlite(path: Path) -> HistoryError:
    return HistoryError(
        f"{path} is no SQLite file.",
        next_step="Give another path; nothing was changed.",
    )
