"""One client in a process of its own: orders in, figures out, a line each.

python -m benchmarks.worker lab
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from typing import Any

from benchmarks.peers import PEERS, Target


def cpu_s() -> float:
    """CPU of this process, all its threads, and the processes it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def fine_cpu_s() -> float:
    """The same, to the microsecond, without children."""
    return time.process_time()


def peak_mb() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024 if sys.platform != "darwin" else 1 << 20)


def obey(peer: Any, order: dict[str, Any]) -> dict[str, Any]:
    """Do one verb so many times and return what it took."""
    verb, args = order["do"], order.get("args", [])
    wall_ms, failures = [], 0
    clock = cpu_s if order.get("children") else fine_cpu_s
    before = clock()
    for _ in range(order.get("times", 1)):
        began = time.perf_counter()
        try:
            failures += getattr(peer, verb)(*args)
        except Exception as error:  # noqa: BLE001 - counted, and told
            failures += 1
            print(f"{verb}: {error!r}", file=sys.stderr)
        wall_ms.append((time.perf_counter() - began) * 1000)
    cpu_ms = (clock() - before) * 1000 / len(wall_ms)
    return {
        "wall_ms": wall_ms,
        "cpu_ms": cpu_ms,
        "failures": failures,
        "peak_mb": peak_mb(),
    }


def main() -> None:
    peer: Any = None
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever a client prints is no answer
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "open":
            peer = PEERS[sys.argv[1]](Target(**order["target"]))
            found: dict[str, Any] = {"peak_mb": peak_mb()}
        else:
            found = obey(peer, order)
        print(json.dumps(found), file=answers, flush=True)
    # A client that leaves sockets or loops behind is not to hold up the run.
    answers.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
