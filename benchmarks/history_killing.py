"""Kill a recorder at random moments, reopen its file, and count what is missing.

    python benchmarks/history_killing.py --kills 200
    python benchmarks/history_killing.py --kills 40 --full-stack

A child process records at full speed and says each sweep's id on a pipe *after* the
commit; the parent kills it with SIGKILL at a random moment, from before the file is
opened to long after, and looks into the file. With ``--full-stack`` the child is
``tl.Recorder`` asking a practice cloud over loopback; without, it writes sweeps as fast
as the disk takes them.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, nullcontext
from pathlib import Path
from typing import NamedTuple

READINGS = 5  # in each sweep of the writer's child
NAMES = ["Kettle", "Fridge", "Desk Lamp"]  # for the full stack

WRITER = f"""
import os, sys
from datetime import UTC, datetime
from tplink_lab.data.store import Store
from tplink_lab.data.store_records import Reading, Sweep

store = Store(sys.argv[1])
while True:
    at = datetime.now(UTC)
    readings = [
        Reading(f"80{{n}}", "", f"Plug {{n}}", "HS110", at, power_w=float(n))
        for n in range({READINGS})
    ]
    os.write(1, b"%d\\n" % store.write(Sweep(at, readings), interval_s=60))
"""
RECORDER = f"""
import os, sys
import tplink_lab as tl

cloud = tl.login(sys.argv[2], sys.argv[3], url=sys.argv[4])
say = lambda sweep_id: os.write(1, b"%d\\n" % sweep_id)
tl.Recorder(sys.argv[1], cloud, {NAMES!r}, interval_s=0, on_sweep=say).run()
"""


class Outcome(NamedTuple):
    """What a killing loop found."""

    kills: int
    sweeps: int  # committed and reported, over all children
    missing: int  # reported as committed, and not in the file
    torn: int  # in the file with too few or too many rows
    duplicates: int  # of one device in one sweep, or of one number in one run
    corrupt: int  # reopenings at which SQLite found damage

    @property
    def is_clean(self) -> bool:
        return not (self.missing or self.torn or self.duplicates or self.corrupt)


def killing(
    path: Path, kills: int, *, full_stack: bool = False, seed: int = 1
) -> Outcome:
    """Kill so many children, one after the other on the same file."""
    rng = random.Random(seed)
    committed: set[int] = set()
    missing = torn = duplicates = corrupt = 0
    rows = len(NAMES) if full_stack else READINGS
    with _cloud() if full_stack else nullcontext() as cloud:
        for _ in range(kills):
            reported = _one_life(path, cloud, rng)
            assert not reported & committed, "a sweep's id was given twice"
            committed |= reported
            # Now and then the next child, not we, meets what the kill left behind.
            if not path.exists() or rng.random() < 0.2:
                continue
            found = look(path, committed, rows)
            missing, torn = missing + found[0], torn + found[1]
            duplicates, corrupt = duplicates + found[2], corrupt + found[3]
        missing += look(path, committed, rows)[0]
    return Outcome(kills, len(committed), missing, torn, duplicates, corrupt)


def look(path: Path, committed: set[int], rows: int) -> tuple[int, int, int, int]:
    """Return how many sweeps are missing, torn and doubled, and if damage is found."""
    with closing(sqlite3.connect(path)) as db:
        sound = db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not tables:  # killed between making the file and its tables
            return len(committed), 0, 0, int(not sound)
        there = {row[0] for row in db.execute("SELECT id FROM sweep")}
        counts = db.execute(
            "SELECT sweep, count(*), count(DISTINCT device) FROM reading GROUP BY sweep"
        ).fetchall()
        (doubled,) = db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM sweep GROUP BY run, number"
            " HAVING count(*) > 1)"
        ).fetchone()
    whole = {sweep for sweep, count, _ in counts if count == rows}
    torn = len(there - whole) + len({row[0] for row in counts} - there)
    doubled += sum(count > devices for _, count, devices in counts)
    return len(committed - there), torn, doubled, int(not sound)


def _one_life(path: Path, cloud: object, rng: random.Random) -> set[int]:
    """Start a child, kill it at a random moment, return the sweeps it reported."""
    words = [sys.executable, "-c", WRITER, str(path)]
    if cloud is not None:
        school = cloud.practice  # type: ignore[attr-defined]
        words = [sys.executable, "-c", RECORDER, str(path)]
        words += [school.email, school.password, school.url]
    child = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        if rng.random() < 0.8:
            # Most lives are long enough to write: wait for the first commit. The
            # others end while the file is opened, or before.
            first = child.stdout.readline()
            time.sleep(rng.uniform(0, 0.08))
        else:
            first = b""
            time.sleep(rng.uniform(0, 2.5))
        os.kill(child.pid, signal.SIGKILL)
        said = first + child.stdout.read()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    # A line cut short by the kill was never a whole report.
    return {int(line) for line in said.splitlines(keepends=True) if line[-1:] == b"\n"}


def _cloud():  # type: ignore[no-untyped-def]
    import tplink_lab as tl

    return tl.practice(offline_after_s=0, clock="running", now=None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--full-stack", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcome = killing(
            Path(folder) / "plugs.sqlite",
            args.kills,
            full_stack=args.full_stack,
            seed=args.seed,
        )
    print(f"{outcome} in {time.monotonic() - began:.0f} s")
    assert threading.active_count() == 1
    return 0 if outcome.is_clean and outcome.sweeps else 1


if __name__ == "__main__":
    sys.exit(main())
