"""The jobs: what is measured, on whom, how often; and the goals they are held to.

Peers take turns within a round and the order turns with each round, so that whatever
else the machine does falls on all of them. A figure is the median over the rounds; a
ratio is taken within this run.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from benchmarks.cold import SCRIPTS
from benchmarks.front import home
from benchmarks.rig import ROOT, Rig, Talker

WIDE = 32


class Row(NamedTuple):
    """What one peer took for one job: medians; counts are for one time."""

    job: str
    peer: str
    delay_ms: int
    wall_ms: float
    cpu_ms: float
    connections: float
    requests: float
    peak_mb: float
    failures: int


class Goal(NamedTuple):
    """A goal of shared/performance.md, and what was measured."""

    what: str
    bound: str
    value: float
    limit: float
    note: str = ""

    @property
    def is_reached(self) -> bool:
        return self.value <= self.limit


class Bench:
    """One run: its rows and its goals."""

    def __init__(self, rig: Rig, *, scale: float = 1.0) -> None:
        self.rig, self.scale = rig, scale
        self.rows: list[Row] = []
        self.goals: list[Goal] = []
        self.notes: list[str] = []
        self.problems: list[str] = []

    # -- measuring -------------------------------------------------------------------

    def measure(
        self,
        job: str,
        front: Talker | None,
        workers: dict[str, Talker],
        verb: str,
        *,
        args: Sequence[Any] = (),
        delay_ms: int = 0,
        times: int = 1,
        rounds: int = 5,
        pause_s: float = 0.0,
        remembers: bool = False,
    ) -> dict[str, Row]:
        """Let each worker do a verb, in turns, and keep a row for each."""
        rounds = max(1, round(rounds * self.scale))
        names = list(workers)
        walls: dict[str, list[float]] = {name: [] for name in names}
        cpus: dict[str, list[float]] = {name: [] for name in names}
        counts = {name: [0, 0, 0] for name in names}  # connections, requests, failures
        peak = dict.fromkeys(names, 0.0)
        if front is not None:
            front.ask({"delay_ms": delay_ms, "remembers": remembers})
        order = {"do": verb, "args": list(args), "times": times}
        for number in range(rounds):
            if pause_s:
                time.sleep(pause_s)
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                if front is not None:
                    front.ask({})
                found = workers[name].ask({**order, "children": name == "curl"})
                seen = front.ask({}) if front is not None else {}
                walls[name] += found["wall_ms"]
                cpus[name].append(found["cpu_ms"])
                peak[name] = found["peak_mb"]
                counts[name][0] += seen.get("connections", 0)
                counts[name][1] += seen.get("requests", 0)
                counts[name][2] += found["failures"]
        done = rounds * times
        rows = {
            name: Row(
                job,
                name,
                delay_ms,
                statistics.median(walls[name]),
                statistics.median(cpus[name]),
                counts[name][0] / done,
                counts[name][1] / done,
                peak[name],
                counts[name][2],
            )
            for name in names
        }
        self.rows += rows.values()
        ours = rows.get("lab")
        if ours is not None and ours.failures:
            self.problems.append(f"{job}: {ours.failures} calls of ours failed")
        print(f"  {job}, r = {delay_ms} ms", file=sys.stderr)
        return rows

    def commands(self, job: str, words: dict[str, list[str]], rounds: int) -> None:
        """Run whole processes in turns, and keep a row for each."""
        walls: dict[str, list[float]] = {name: [] for name in words}
        failed = dict.fromkeys(words, 0)
        names = list(words)
        for name in names:  # modules are compiled once
            self.rig.timed(words[name])
        for number in range(max(1, round(rounds * self.scale))):
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                took_ms, went_well = self.rig.timed(words[name])
                walls[name].append(took_ms)
                failed[name] += not went_well
        for name in names:
            middle = statistics.median(walls[name])
            row = Row(job, name, 0, middle, float("nan"), 0, 0, 0, failed[name])
            self.rows.append(row)
            if failed[name] and not name.startswith("py"):
                self.problems.append(f"{job}: {name} failed")
        print(f"  {job}", file=sys.stderr)

    def wall(self, job: str, peer: str) -> float:
        """Return what a peer took for a job, in ms."""
        for row in self.rows:
            if (row.job, row.peer) == (job, peer):
                return row.wall_ms
        return float("nan")

    def goal(
        self, what: str, bound: str, value: float, limit: float, note: str = ""
    ) -> None:
        self.goals.append(Goal(what, bound, value, limit, note))

    def count(self, what: str, bound: str, value: float, limit: float) -> None:
        """A goal that counts: noise is no excuse."""
        self.goal(what, bound, value, limit)
        if not value <= limit:
            self.problems.append(f"{what}: {value:g}, and {limit:g} is the most")

    # -- the jobs --------------------------------------------------------------------

    def toggles(self, front: Talker, peers: dict[str, Talker]) -> None:
        quick = {n: w for n, w in peers.items() if n not in ("post", "curl")}
        for worker in peers.values():
            worker.ask({"do": "toggle", "times": 2})
        self.measure("toggle", front, peers, "toggle", times=10, rounds=4)
        for delay_ms, several, times in ((20, peers, 4), (80, quick, 3)):
            rows = self.measure(
                "toggle", front, several, "toggle", delay_ms=delay_ms, times=times
            )
            ours = rows["lab"]
            self._ratio(f"toggle, r = {delay_ms}", "floor", 1.04, rows)
            self._ratio(f"toggle, r = {delay_ms}", "py", 0.35, rows)
            what = f"toggle, r = {delay_ms}: new connections"
            self.count(what, "0", ours.connections, 0)
            self.count(f"toggle, r = {delay_ms}: requests", "2", ours.requests, 2)

    def idle(self, front: Talker, peers: dict[str, Talker]) -> None:
        names = ("lab", "floor", "session", "py", "npm")
        some = {name: peers[name] for name in names if name in peers}
        rows = self.measure(
            "toggle after 6 s idle",
            front,
            some,
            "toggle",
            delay_ms=80,
            rounds=3,
            pause_s=6.2,
        )
        value = rows["lab"].wall_ms / 160
        self.goal("toggle after 6 s idle, r = 80", "≤ 1.10 x 2 r", value, 1.10)
        self._ratio("toggle after 6 s idle, r = 80", "npm", 0.55, rows)
        self._ratio("toggle after 6 s idle, r = 80", "py", 0.36, rows)

    def one_call(self, front: Talker, peers: dict[str, Talker]) -> None:
        names = ("lab", "session", "lean", "floor")
        some = {name: peers[name] for name in names if name in peers}
        rows = self.measure(
            "one call", front, some, "read", times=100, rounds=12, remembers=True
        )
        value = rows["lab"].cpu_ms / rows["session"].cpu_ms
        self.goal("one call, CPU", "≤ 0.55 x session", value, 0.55)

    def row(self, front: Talker, peers: dict[str, Talker], devices: int = 100) -> None:
        some = {name: peers[name] for name in ("lab", "py", "npm") if name in peers}
        # Once with our usual number of workers, once with the most.
        for workers, several in ((8, {"lab": peers["lab"]}), (WIDE, some)):
            job = f"state and meter of {devices}"
            job += f", k = {workers}" if workers != WIDE else ""
            rows = self.measure(
                job, front, several, "row", args=(devices, workers), delay_ms=20,
                rounds=3,
            )  # fmt: skip
            ours = rows["lab"]
            self.count(f"{job}: requests a device", "1", ours.requests / devices, 1)
            self.count(f"{job}: connections", f"≤ {workers}", ours.connections, workers)
        self._ratio(f"{job}, k = {WIDE}, r = 20", "py", 0.5, rows)

    def first_sweep(self, front: Talker, target: dict[str, str]) -> None:
        ratios: dict[str, list[float]] = {"lab": [], "session": []}
        front.ask({"delay_ms": 20, "remembers": True})
        for _ in range(max(1, round(5 * self.scale))):
            for name, found in ratios.items():
                worker = self.rig.worker(name, target)
                order = {"do": "sweep", "args": [100, 8]}
                # The server's memory is filled by the first, so ask others before.
                first, *rest = (worker.ask(order)["cpu_ms"] for _ in range(4))
                found.append(first / statistics.median(rest))
                worker.close()
        value = statistics.median(ratios["lab"])
        theirs = statistics.median(ratios["session"])
        note = f"requests.Session: {theirs:.2f}"
        self.goal("first sweep of 100 after login", "CPU ≤ 1.25 x the next", value,
                  1.25, note)  # fmt: skip
        print("  first sweep", file=sys.stderr)

    def sweeps(
        self,
        front: Talker,
        peers: dict[str, Talker],
        sizes: Sequence[int] = (1, 10, 100, 1000),
        far: bool = True,
    ) -> None:
        several = ("lab", "floor", "session", "lean", "py", "npm")
        some = {name: peers[name] for name in several if name in peers}
        front.ask({"delay_ms": 0, "remembers": True})
        for worker in some.values():
            worker.ask({"do": "sweep", "args": [max(sizes), WIDE]})
        for size in sizes:
            rows = self.measure(
                f"sweep of {size}",
                front,
                some,
                "sweep",
                args=(size, WIDE),
                delay_ms=20,
                rounds=3,
                remembers=True,
            )
            what = f"sweep of {size}: connections"
            self.count(what, f"≤ {WIDE}", rows["lab"].connections, WIDE)
            what = f"sweep of {size}: requests"
            self.count(what, str(size), rows["lab"].requests, size)
            if size == 1000:
                self._bound("sweep of 1000, r = 20", rows, size * 20 / WIDE)
                self._ratio("sweep of 1000, r = 20", "py", 1.0, rows)
                self._ratio("sweep of 1000, r = 20", "npm", 1.0, rows)
        if far:
            few = {n: w for n, w in some.items() if n not in ("session", "floor")}
            rows = self.measure(
                "sweep of 1000",
                front,
                few,
                "sweep",
                args=(1000, WIDE),
                delay_ms=80,
                rounds=2,
                remembers=True,
            )
            self._bound("sweep of 1000, r = 80", rows, 1000 * 80 / WIDE)

    def great_sweep(self, front: Talker, target: dict[str, str]) -> None:
        """Ten thousand devices with 1024 open files; a process each."""
        for peer in ("lab", "py", "npm"):
            if self.rig.absent(peer):
                continue
            worker = self.rig.worker(peer, target, files=1024)
            rows = self.measure(
                "sweep of 10000, 1024 files",
                front,
                {peer: worker},
                "sweep",
                args=(10_000, WIDE),
                delay_ms=20,
                rounds=1,
            )
            worker.close()
            if peer == "lab":
                ours = rows["lab"]
                self.count("sweep of 10 000: failures", "0", ours.failures, 0)
                what = "sweep of 10 000: connections"
                self.count(what, f"≤ {WIDE}", ours.connections, WIDE)
                self.goal("sweep of 10 000: peak memory", "≤ 120 MB", ours.peak_mb, 120)

    def lists(self, front: Talker, target: dict[str, str], size: int) -> None:
        job = f"list of {size}"
        names = ("lab", "floor", "session", "post", "curl", "npm", "py")
        if size > 1000 and self.scale < 1:
            names = names[:1]
        peers = self.rig.workers(names, target)
        quick = {n: w for n, w in peers.items() if n != "py" or size <= 1000}
        # Ten thousand rows take the practice cloud longer to write than us to read.
        known = size > 1000
        for worker in quick.values() if known else ():
            worker.ask({"do": "list"})
        rows = self.measure(job, front, quick, "list", rounds=5, remembers=known)
        if size > 1000 and "py" in peers:
            slow = {"py": peers["py"]}
            rows |= self.measure(job, front, slow, "list", rounds=1, remembers=known)
            self._ratio(f"{job} to objects", "py", 0.01, rows)
        if size > 1000:
            ours = {"lab": peers["lab"]}
            parts = {
                verb: self.measure(f"{job}: {verb}", None, ours, verb, rounds=7)["lab"]
                for verb in ("loads", "objects", "frame")
            }
            loads = parts["loads"].wall_ms
            self.goal(f"{job}: text to objects", "≤ 2 x json.loads",
                      parts["objects"].wall_ms / loads, 2)  # fmt: skip
            self.goal(f"{job}: objects to tidy frame", "≤ 3 x json.loads",
                      parts["frame"].wall_ms / loads, 3)  # fmt: skip
        for worker in peers.values():
            worker.close()

    def click(self, front: Talker, peers: dict[str, Talker]) -> None:
        ours = {"lab": peers["lab"]}
        front.ask({"delay_ms": 0})
        peers["lab"].ask({"do": "first_panel"})
        for delay_ms in (0, 20):
            self.measure(
                "widget click to answer", front, ours, "click", delay_ms=delay_ms,
                times=3,
            )  # fmt: skip

    def cold(self, target: dict[str, str]) -> None:
        given = json.dumps(target)
        job = "cold start to list of 10"
        words = {
            name: [sys.executable, "-m", "benchmarks.cold", name, given]
            for name in SCRIPTS
            if not (name.startswith("py") and self.rig.absent("py"))
        }
        self.commands(job, words, 9)
        value = self.wall(job, "lab, article's login") / self.wall(job, "requests")
        self.goal("cold start to list", "≤ 1.1 x bare requests", value, 1.1)
        both = self.wall(job, "lab, both apps")
        value = both / self.wall(job, "py, both apps")
        self.goal("cold start to list, both apps", "≤ 0.6 x py", value, 0.6)

    def imports(self) -> None:
        words = {
            name: [sys.executable, "-c", f"import {name}"]
            for name in ("tplink_lab", "requests", "sys")
        }
        self.commands("import, whole process", words, 11)
        job = "import, whole process"
        value = self.wall(job, "tplink_lab") / self.wall(job, "requests")
        note = f"an empty process alone is {self.wall(job, 'sys'):.0f} ms"
        self.goal("import tplink_lab", "≤ 0.3 x import requests", value, 0.3, note)

    def opening(self) -> None:
        """Whole processes: an install that is there, until the page is served."""
        words = {
            name: [sys.executable, "-m", "benchmarks.opening", name]
            for name in ("lab", "jupyter")
        }
        job = "opening JupyterLab"
        self.commands(job, words, 5)
        value = self.wall(job, "lab") / self.wall(job, "jupyter")
        self.goal("opening the lab", "≤ 1.2 x bare jupyter lab", value, 1.2)

    def practice(self) -> None:
        """Calls a second of the practice cloud itself, over TLS, and a large home."""
        place = self.rig.folder / "practice"
        place.mkdir()
        (place / "home.json").write_text(json.dumps(home(100)))
        words = [sys.executable, "-m", "tplink_lab.practice"]
        words += ["--home", str(place / "home.json"), "--tls", str(place)]
        server = Talker(words, self.rig.env)
        try:
            target = {k: v for k, v in server.hear().items() if isinstance(v, str)}
            target["roots"] = target["ca_file"]
            floor = {"floor": self.rig.worker("floor", target)}
            best = 0.0
            for workers in (1, 4):
                job = f"practice cloud, 100 calls by {workers}"
                row = self.measure(
                    job, None, floor, "sweep", args=(100, workers), times=5, rounds=3
                )["floor"]
                best = max(best, 100_000 / row.wall_ms)
            note = f"{best:.0f} a second"
            self.goal("practice cloud, TLS", "≥ 1000 calls a second", 1000 / best, 1,
                      note)  # fmt: skip
        finally:
            server.process.terminate()
            server.close()
        words = [sys.executable, "-c", READY]
        took = [
            float(subprocess.check_output(words, cwd=ROOT, env=self.rig.env))
            for _ in range(3)
        ]
        value = statistics.median(took)
        self.goal("practice home of 10 000", "ready in < 2 s", value, 2)

    def _ratio(self, what: str, peer: str, limit: float, rows: dict[str, Row]) -> None:
        if peer not in rows:
            return
        value = rows["lab"].wall_ms / rows[peer].wall_ms
        self.goal(what, f"≤ {limit:g} x {peer}", value, limit)

    def _bound(self, what: str, rows: dict[str, Row], ideal_ms: float) -> None:
        lean = rows["lean"].cpu_ms
        value = rows["lab"].wall_ms / max(ideal_ms, lean)
        note = f"N·r/k {ideal_ms:.0f} ms, lean CPU {lean:.0f} ms"
        self.goal(what, "≤ 1.25 x the bound", value, 1.25, note)


READY = """
import time
from benchmarks.front import home
from tplink_lab.practice import PracticeCloud
whole = home(10_000)
began = time.perf_counter()
with PracticeCloud(whole):
    print(time.perf_counter() - began)
"""
