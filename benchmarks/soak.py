"""An hour of mixed work, compressed: what grows that should not.

    python -m benchmarks.soak                  about two minutes
    python -m benchmarks.soak --rounds 40      a short one

Each round is a quarter of a minute of a lab's day on the practice clock: a list, a
sweep, toggles, a frame, a device that goes away and comes back, a token that expires,
answers that get lost. After a warm-up, memory, threads, sockets and the log of
exchanges are held against their levels at the end.
"""

from __future__ import annotations

import argparse
import gc
import sys
import threading
import time
import tracemalloc
import warnings
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

ROUNDS = 240  # an hour at a round each quarter of a minute
ROUND_S = 15
DEVICES = 30


class Level(NamedTuple):
    """What a process holds at a moment."""

    traced_kb: float
    rss_mb: float
    threads: int
    sockets: int
    log: int
    log_mb: float


def short_soak(rounds: int = 24) -> list[str]:
    """Return what grew in a short soak; empty if nothing did."""
    return troubles(*run(rounds))


def run(rounds: int, *, say: bool = False) -> tuple[Level, Level]:
    """Do the rounds and return the levels after the warm-up and at the end."""
    import tplink_lab as tl
    from benchmarks.front import home
    from tplink_lab import errors

    whole = home(DEVICES)
    with tl.practice(whole, offline_after_s=0, patience_s=0) as cloud:
        school = cloud.practice

        def one(number: int) -> None:
            devices = cloud.devices()
            devices.to_frame()
            devices.info()
            plug = devices[number % DEVICES]
            plug.toggle()
            plug.energy.now()
            if number % 4 == 0:
                devices.energy_now()
            if number % 5 == 1:
                school.unplug(plug.alias)
                with suppress(errors.DeviceOffline):
                    plug.is_on()
                school.plug_in(plug.alias)
            if number % 6 == 2:
                school.expire_token()
            if number % 7 == 3:
                school.lose(0.3)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    devices.info()
                school.calm()
            school.advance(seconds=ROUND_S)

        # The log has to be full before its size can stand still.
        warm = max(8, rounds // 4)
        for number in range(warm):
            one(number)
        tracemalloc.start()
        # What is counted from here: what the rounds leave behind.
        for number in range(4):
            one(number)
        before = _level(cloud)
        for number in range(rounds):
            one(number)
            if say and number % 40 == 39:
                print(f"  {number + 1:4} of {rounds}: {_level(cloud)}", flush=True)
        after = _level(cloud)
        tracemalloc.stop()
    return before, after


def _level(cloud: object) -> Level:
    gc.collect()
    # Connections that were lost end in threads of the server's: give them a moment.
    for _ in range(100):
        if threading.active_count() < 40:
            break
        time.sleep(0.02)
    exchanges = cloud.exchanges  # type: ignore[attr-defined]
    size = sum(exchange.size_bytes for exchange in exchanges)
    return Level(
        tracemalloc.get_traced_memory()[0] / 1024,
        _rss_mb(),
        threading.active_count(),
        _sockets(),
        len(exchanges),
        size / 2**20,
    )


def _rss_mb() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(x for x in status.read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _sockets() -> int:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        return 0
    found = 0
    for entry in folder.iterdir():
        try:
            found += str(entry.readlink()).startswith("socket:")
        except OSError:
            continue  # the listing's own
    return found


def troubles(before: Level, after: Level) -> list[str]:
    """Return what grew."""
    found = []
    # A kilobyte or two a round is the interpreter's; a leaked answer would be more.
    if after.traced_kb - before.traced_kb > 1024:
        found.append(
            f"soak: memory grew from {before.traced_kb:.0f} to {after.traced_kb:.0f} kB"
        )
    for name, slack in (("threads", 8), ("sockets", 16), ("log", 0)):
        old, new = getattr(before, name), getattr(after, name)
        if new > max(old, 200 if name == "log" else old) + slack:
            found.append(f"soak: {name} grew from {old} to {new}")
    if after.log > 200 or after.log_mb > 16:
        found.append(f"soak: the log holds {after.log} exchanges, {after.log_mb} MB")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    began = time.monotonic()
    before, after = run(rounds, say=True)
    print(f"before: {before}\nafter:  {after}")
    print(f"{rounds} rounds in {time.monotonic() - began:.0f} s")
    found = troubles(before, after)
    print("\n".join(found) or "Nothing grew.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
