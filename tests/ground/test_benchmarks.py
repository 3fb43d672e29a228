"""The benchmarks measure what they say: the far cloud is far, and growth is told."""

import time
from pathlib import Path

import pytest

from benchmarks.jobs import Bench
from benchmarks.peers import Floor, Target
from benchmarks.rig import Rig
from benchmarks.soak import Level, troubles

CALM = Level(100, 80, 8, 12, 200, 1)


def test_the_far_cloud_counts_and_holds_back_what_is_sent(tmp_path: Path) -> None:
    with Rig(tmp_path, None) as rig:
        front, given = rig.front(3)
        floor = Floor(Target(**given))
        assert len(floor.ids) == 3
        assert front.ask({"delay_ms": 30}) == {"connections": 1, "requests": 2}
        began = time.perf_counter()
        assert floor.read() == floor.toggle() == floor.toggle() == 0
        assert time.perf_counter() - began >= 5 * 0.03
        assert front.ask({}) == {"connections": 0, "requests": 5}
        began = time.perf_counter()
        # A new connection: TCP, TLS, login; then the list on the same one.
        Floor(Target(**given)).mine.socket.close()
        assert time.perf_counter() - began >= 4 * 0.03
        assert front.ask({}) == {"connections": 1, "requests": 2}
        floor.mine.socket.close()


def test_a_wrong_count_is_a_problem_and_a_slow_run_is_none(tmp_path: Path) -> None:
    with Rig(tmp_path, None) as rig:
        bench = Bench(rig)
        bench.goal("toggle", "≤ 1 x floor", 7.0, 1.0)
        assert not bench.goals[0].is_reached
        assert bench.problems == []
        bench.count("toggle: new connections", "0", 2, 0)
        assert bench.problems == ["toggle: new connections: 2, and 0 is the most"]


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (CALM._replace(traced_kb=5000), "memory grew"),
        (CALM._replace(threads=30), "threads grew"),
        (CALM._replace(sockets=90), "sockets grew"),
        (CALM._replace(log=201), "the log holds"),
        (CALM._replace(log_mb=20), "the log holds"),
    ],
)
def test_the_soak_tells_what_grew(after: Level, said: str) -> None:
    assert troubles(CALM, CALM._replace(traced_kb=200, threads=10)) == []
    assert any(said in line for line in troubles(CALM, after))
