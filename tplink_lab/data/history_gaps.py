"""Where a history has holes, and why."""

from __future__ import annotations

import sqlite3

from tplink_lab.data.store_records import Mark

__all__ = ["REASONS", "find_gaps"]

REASONS = (
    "asleep or overdue",
    "clock set back",
    "no reading",
    "not recording",
    "not saved",
    "paused",
)
# before, at, whether both sweeps are of one run, whether sweeps lie between, mark
SWEEP_GAPS = """
SELECT before, at_ns, run = run_before, 0, mark FROM (
    SELECT s.at_ns, s.mark, s.run, lag(s.at_ns) OVER w AS before,
           lag(s.run) OVER w AS run_before, r.interval_ms
    FROM sweep AS s JOIN run AS r ON r.id = s.run WINDOW w AS (ORDER BY s.id)
) WHERE before IS NOT NULL AND (
    mark != 0 OR (run != run_before AND at_ns - before > 2000000 * interval_ms))
"""
DEVICE_GAPS = """
SELECT before, at_ns, run = run_before, missed, mark FROM (
    SELECT d.at_ns, s.mark, s.run, lag(d.at_ns) OVER w AS before,
           lag(s.run) OVER w AS run_before, r.interval_ms,
           d.sweep - lag(d.sweep) OVER w > 1 AS missed
    FROM reading AS d JOIN sweep AS s ON s.id = d.sweep JOIN run AS r ON r.id = s.run
    WHERE d.device = ? WINDOW w AS (ORDER BY d.sweep)
) WHERE before IS NOT NULL AND (missed OR
    mark != 0 OR (run != run_before AND at_ns - before > 2000000 * interval_ms))
"""


# Along the tables' order: nothing else is read.
ONE_END = "SELECT sweep, at_ns FROM {} WHERE device = ? ORDER BY at_ns {} LIMIT 1"


def find_gaps(db: sqlite3.Connection, number: int | None) -> list[tuple[int, int, str]]:
    """Return (before, after, reason) of each hole, in ns, in the file's order.

    Parameters
    ----------
    number : int or None
        Of a device in the file; None looks at whole sweeps.
    """
    rows = (
        db.execute(SWEEP_GAPS) if number is None else db.execute(DEVICE_GAPS, (number,))
    )
    found = [
        (before, at, reason)
        for before, at, same_run, missed, mark in rows
        if (reason := _reason(at - before, same_run, missed, Mark(mark)))
    ]
    if number is None:
        return found
    ahead, behind = _failures_outside(db, number)
    return ahead + found + behind


def _failures_outside(
    db: sqlite3.Connection, number: int
) -> tuple[list[tuple[int, int, str]], list[tuple[int, int, str]]]:
    """Return the gap before a device's first reading, and the one after its last."""
    first, last, failed, still = (
        db.execute(ONE_END.format(table, order), (number,)).fetchone()
        for table in ("reading", "error")
        for order in ("ASC", "DESC")
    )
    if failed is None:
        return [], []
    if first is None:
        return [(failed[1], still[1], "no reading")], []
    ahead = [(failed[1], first[1], "no reading")] * (failed[0] < first[0])
    return ahead, [(last[1], still[1], "no reading")] * (still[0] > last[0])


def _reason(apart_ns: int, same_run: int, missed: int, mark: Mark) -> str:
    """Return why nothing was read for so long; empty if it was not long."""
    if apart_ns < 0:
        return "clock set back"
    if missed:
        return "no reading"
    if Mark.LOST in mark:
        return "not saved"
    if not same_run:
        return "not recording"
    if Mark.LATE in mark:
        return "paused" if Mark.PAUSED in mark else "asleep or overdue"
    return ""
