"""tplink_lab beside its peers, in one go; see benchmarks/README.md.

python -m benchmarks                     about five minutes
python -m benchmarks --full              and ten thousand devices, and the peers' limits
python -m benchmarks --smoke             under a minute: counts and failures only
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.jobs import Bench
from benchmarks.report import picture, table
from benchmarks.rig import ROOT, Rig
from benchmarks.soak import short_soak

PEERS = ("lab", "floor", "session", "lean", "post", "curl", "py", "npm")


def smoke(bench: Bench) -> None:
    """What can break without anybody noticing: counts, and every job once."""
    front, target = bench.rig.front(100)
    peers = bench.rig.workers(("lab", "floor", "session", "lean", "py", "npm"), target)
    bench.toggles(front, peers)
    bench.one_call(front, peers)
    bench.row(front, peers, 40)
    bench.sweeps(front, peers, (1, 100), far=False)
    bench.click(front, peers)
    front, target = bench.rig.front(10)
    bench.cold(target)
    bench.lists(front, target, 10)
    for trouble in short_soak():
        bench.problems.append(trouble)


def measure(bench: Bench, *, full: bool) -> None:
    """Every job of the table."""
    front, target = bench.rig.front(1000)
    peers = bench.rig.workers(PEERS, target)
    bench.toggles(front, peers)
    bench.idle(front, peers)
    bench.one_call(front, peers)
    bench.row(front, peers)
    bench.sweeps(front, peers)
    bench.click(front, peers)
    bench.first_sweep(front, target)
    for worker in peers.values():
        worker.close()
    front.close()
    front, target = bench.rig.front(10)
    bench.cold(target)
    for size in (1, 100):
        bench.lists(*bench.rig.front(size), size)
    bench.imports()
    bench.opening()
    bench.practice()
    front, target = bench.rig.front(10_000)
    bench.lists(front, target, 10_000)
    if full:
        bench.great_sweep(front, target)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.split("\n")[0]
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--smoke", action="store_true")
    kind.add_argument("--full", action="store_true")
    parser.add_argument(
        "--npm",
        type=Path,
        default=os.environ.get("TPLINK_LAB_BENCH_NPM"),
        metavar="FOLDER",
        help="where the npm package tplink-cloud-api is installed",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=ROOT / "benchmarks" / "results",
        metavar="FOLDER",
        help="for results.md and results.png (default: benchmarks/results)",
    )
    args = parser.parse_args()
    began = time.monotonic()
    npm = Path(args.npm).resolve() if args.npm else None
    with tempfile.TemporaryDirectory() as folder, Rig(Path(folder), npm) as rig:
        bench = Bench(rig, scale=0.3 if args.smoke else 1.0)
        for peer in PEERS:
            why = rig.absent(peer)
            if why:
                bench.notes.append(f"{peer} was left out: {why}.")
                print(f"{peer} is left out: {why}", file=sys.stderr)
        if args.smoke:
            smoke(bench)
        else:
            measure(bench, full=args.full)
    took_s = time.monotonic() - began
    if not args.smoke:
        text = table(bench, took_s)
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "results.md").write_text(text, encoding="utf-8")
        picture(bench, args.out / "results.png")
        print(text)
        print(f"Written to {args.out}.")
    for problem in bench.problems:
        print(f"PROBLEM {problem}")
    # Times depend on the machine and are no failure; counts do not.
    print(f"{len(bench.problems)} problems in {took_s:.0f} s")
    return 1 if bench.problems else 0


if __name__ == "__main__":
    sys.exit(main())
