"""A million rows of history: a month's hourly profile, asked for or computed.

    python benchmarks/history.py [--rows 1000000]

Figures of one run on one machine; the ratio is what carries over. Each way runs in a
process of its own, so that its memory is its own too.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

DEVICES = 23  # a month at one a minute is 44 640 rows of each: a million in all
MONTH = "2026-10"
ROUNDS = 5

ASK = """
profile = past.hourly_profile("Plug 7", "2026-10")
"""
LOAD = """
frame = past.frame()
mine = frame[(frame["device"] == "Plug 7") & (frame["at"] >= "2026-10-01")
             & (frame["at"] < "2026-11-01")]
power = mine.groupby(mine["at"].dt.hour)["power_w"]
profile = power.agg(["mean", "min", "max"])
"""
CHILD = """
import json, resource, sys, time
import tplink_lab as tl
past = tl.history(sys.argv[1], tz="Europe/Belgrade")
times = []
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    {code}
    times.append(time.perf_counter() - began)
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
mean = profile.iloc[:, -3].tolist()
print(json.dumps([times, peak_mb, mean]))
"""


def fill(path: Path, rows: int) -> float:
    """Write *rows* readings, a sweep of all devices for each minute."""
    from tplink_lab.data.store import Store
    from tplink_lab.data.store_records import Reading, Sweep

    start = datetime(2026, 9, 30, 22, tzinfo=UTC)
    began = time.perf_counter()
    with closing(Store(path)) as store:
        # A sync for each of 43 000 sweeps measures the disk, not the file.
        store._db.execute("PRAGMA synchronous = OFF")
        for minute in range(rows // DEVICES):
            at = start + timedelta(minutes=minute)
            readings = [
                Reading(
                    f"80{n:02}", "", f"Plug {n}", "HS110", at, "", True, -50 - n,
                    (minute * 7 + n * 13) % 2000 / 10, 230.1, 0.4, minute / 1000,
                )
                for n in range(DEVICES)
            ]  # fmt: skip
            store.write(Sweep(at, readings), interval_s=60)
    return time.perf_counter() - began


def measured(path: Path, code: str) -> tuple[float, float, list[float]]:
    """Return the median time in s, the peak memory in MB, and the profile."""
    body = CHILD.format(code=code.strip().replace("\n", "\n    "))
    run = subprocess.run(
        [sys.executable, "-c", body, str(path), str(ROUNDS)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    times, peak_mb, mean = json.loads(run.stdout)
    return statistics.median(times), peak_mb, mean


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plugs.sqlite"
        took_s = fill(path, rows)
        size_mb = path.stat().st_size / 2**20
        print(f"{rows} rows written in {took_s:.1f} s, {size_mb:.1f} MB")
        ask_s, ask_mb, ours = measured(path, ASK)
        load_s, load_mb, theirs = measured(path, LOAD)
    same = all(abs(a - b) < 1e-9 for a, b in zip(ours, theirs, strict=True))
    print(f"hourly_profile       {ask_s * 1000:8.1f} ms  peak {ask_mb:6.0f} MB")
    print(f"loading everything   {load_s * 1000:8.1f} ms  peak {load_mb:6.0f} MB")
    print(f"the same profile: {same}; a fraction of {ask_s / load_s:.4f}")
    return 0 if same and ask_s < load_s / 10 else 1


if __name__ == "__main__":
    sys.exit(main())
