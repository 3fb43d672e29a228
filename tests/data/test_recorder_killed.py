"""A short killing loop; the long one is ``benchmarks/history_killing.py``."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.history_killing import killing, look
from tplink_lab.data.store import Store
from tplink_lab.data.store_records import Reading, Sweep

START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(("kills", "full_stack"), [(8, False), (4, True)])
def test_kill_9_loses_nothing_that_was_committed(
    tmp_path: Path, kills: int, full_stack: bool
) -> None:
    if os.name == "nt":
        return
    outcome = killing(tmp_path / "plugs.sqlite", kills, full_stack=full_stack)
    assert outcome.is_clean, outcome
    assert outcome.sweeps > kills


def test_the_loop_would_notice(tmp_path: Path) -> None:
    path = tmp_path / "plugs.sqlite"
    with closing(Store(path)) as store:
        for _ in range(3):
            store.write(Sweep(START, [Reading("80", "", "P", "HS110", START)]))
    assert look(path, {1, 2, 3}, 1) == (0, 0, 0, 0)
    assert look(path, {1, 2, 3, 4}, 1) == (1, 0, 0, 0)
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO reading (device, at_ns, sweep) VALUES (1, 5, 2)")
        db.execute("DELETE FROM reading WHERE sweep = 3")
        db.commit()
    assert look(path, {1, 2, 3}, 1) == (0, 2, 1, 0)
