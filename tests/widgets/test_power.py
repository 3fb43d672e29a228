"""The power monitor: a real practice cloud, driven by hand where time matters."""

from __future__ import annotations

import threading
import tracemalloc
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import pytest

import tplink_lab as tl
from tplink_lab.errors import BadInput
from tplink_lab.widgets.power import Meter, Sample, Sampler, clock_for
from tplink_lab.widgets.power_chart import chart_svg, runs
from tplink_lab.widgets.power_view import PowerMonitor, _after_cell

START = datetime(2026, 11, 1, 18, tzinfo=UTC)


def until(predicate, timeout_s=10):
    """Wait on the monitor's own news: no sleep decides anything."""
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.01)):
        if predicate():
            return True
        pause.wait(0.01)
    return False


def sampler_of(cloud, names, window_s=600):
    devices = [cloud.device(name) for name in names]
    return Sampler(devices, 5, window_s, lambda: None, lambda: cloud.practice.now)


@pytest.fixture
def monitor(cloud):
    made = tl.widgets.power_monitor([cloud.device("Fridge"), cloud.device("Kettle")])
    assert until(lambda: all(m.samples for m in made.meters))
    yield made
    made.close()


def test_it_shows_what_the_meters_say(monitor):
    fridge, kettle = monitor.meters
    assert (fridge.power_w, kettle.power_w) == (84.6, 0.4)
    assert until(lambda: "85.0" in monitor.table.value)
    assert "role='img'" in monitor.chart.value
    assert "Fridge 84.6 W; Kettle 0.4 W" in monitor.chart.value


def test_pause_asks_no_more_and_leaves_no_thread(cloud, monitor):
    monitor.pause.click()
    assert (monitor.is_running, monitor.pause.description) == (False, "Go on")
    assert "paused" in monitor.title.value
    assert until(lambda: not [t for t in threading.enumerate() if "monitor" in t.name])
    calls = cloud.practice.calls.total()
    cloud.practice.advance(seconds=60)
    assert cloud.practice.calls.total() == calls
    monitor.pause.click()
    assert until(lambda: len(monitor.meters[0].samples) == 2)


def test_it_waits_for_the_first_answers_and_not_for_ever(cloud):
    cloud.practice.slow(9)
    with_answer = tl.widgets.power_monitor([cloud.device("Fridge")])
    assert with_answer.wait(0) is False
    cloud.practice.calm()
    assert with_answer.wait()
    assert with_answer.to_frame()["power_w"].tolist()[:1] == [84.6]
    with_answer.close()
    cloud.practice.slow(9)
    none_asked = tl.widgets.power_monitor([cloud.device("Fridge")])
    none_asked.close()
    assert none_asked.wait() is False


class Shell:
    """The running cell, as IPython's kernel tells it."""

    def __init__(self, cell, run):
        self.parent = {"metadata": {"cellId": cell}, "header": {"msg_id": run}}
        self.events = SimpleNamespace(
            callbacks={"post_run_cell": []}, register=lambda *_: None
        )

    def get_parent(self):
        return self.parent


def test_running_its_cell_again_stops_the_earlier_monitor(cloud, monkeypatch):
    made = []
    for cell, run in (("a", "1"), ("a", "1"), ("b", "2"), ("a", "3")):
        monkeypatch.setattr("IPython.get_ipython", partial(Shell, cell, run))
        made.append(tl.widgets.power_monitor([cloud.device("Fridge")]))
    assert [m.is_running for m in made] == [False, False, True, True]
    for monitor in made:
        monitor.close()


def test_a_picture_is_drawn_of_a_copy_while_readings_go_on(monitor):
    monitor.stop()
    kettle = monitor.meters[1]
    kept, count = kettle.copy(), len(kettle.samples)
    kettle.take(Sample(kettle.samples[-1].at, 7.0), 600, 12.5)
    assert (len(kept.samples), kept.peak_w) == (count, 0.4)
    assert (kettle.power_w, kettle.peak_w) == (7.0, 7.0)


def test_an_interrupted_cell_stops_it(monitor):
    class Result:
        error_in_exec = ValueError()

    _after_cell(Result)
    assert monitor.is_running
    Result.error_in_exec = KeyboardInterrupt()
    _after_cell(Result)
    assert not monitor.is_running


def test_one_that_fails_says_why_and_the_rest_go_on(cloud):
    sampler = sampler_of(cloud, ["Fridge", "Kettle", "Desk Lamp"])
    sampler.sweep()
    cloud.practice.unplug("Kettle")
    cloud.practice.advance(seconds=5)
    sampler.sweep()
    fridge, kettle, lamp = sampler.meters
    assert fridge.power_w is not None
    assert (kettle.power_w, kettle.samples[-1].error) == (None, "offline")
    assert lamp.has_none and len(lamp.samples) == 1
    cloud.practice.plug_in("Kettle")
    sampler.sweep()
    assert kettle.problem is None and kettle.power_w is not None


def test_energy_is_counted_and_gaps_count_nothing(cloud):
    meter = Meter(cloud.device("Kettle"))
    times = [(0, 1000.0), (5, 3000.0), (10, None), (15, 9.0), (300, 9.0)]
    for second, power_w in times:
        at = START + timedelta(seconds=second)
        meter.take(Sample(at, power_w), 600, 12.5)
    assert meter.energy_kwh == pytest.approx(2000 * 5 / 3.6e6)
    assert meter.peak_w == 3000
    assert [len(run) for run in runs(meter.samples, 12.5)] == [2, 1, 1]
    meter.take(Sample(START + timedelta(seconds=900), 9.0), 600, 12.5)
    assert [s.at.minute for s in meter.samples] == [5, 15]


def test_an_hour_of_it_keeps_memory_and_threads_level(cloud):
    fridge = cloud.device("Fridge")
    monitor = tl.widgets.power_monitor(fridge, every_s=15, window_s=300)
    monitor.stop()
    sampler = monitor._sampler
    assert until(lambda: not [t for t in threading.enumerate() if "monitor" in t.name])
    sampler._now = lambda: cloud.practice.now
    for meter in sampler.meters:
        meter.samples.clear()
    threads, sizes = threading.active_count(), []
    tracemalloc.start()
    for beat in range(240):
        cloud.practice.advance(seconds=15)
        sampler.sweep()
        if beat in (80, 239):
            sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert [len(m.samples) for m in sampler.meters] == [21]
    assert sizes[1] - sizes[0] < 400_000
    assert threading.active_count() <= threads + 1
    assert len(monitor.chart.value) < 20_000
    assert 0 < sampler.meters[0].energy_kwh < 0.2
    monitor.close()


def test_while_every_call_is_refused_it_waits_longer(cloud):
    sampler = sampler_of(cloud, ["Fridge", "Kettle"])
    assert sampler.sweep() is False
    cloud.practice.rate_limit(1, per_seconds=3600)
    sampler.sweep()
    assert sampler.sweep() is True
    assert sampler.meters[0].problem.short == "too many calls"


def test_it_saves_the_window(monitor, tmp_path):
    monitor.stop()
    frame = monitor.to_frame()
    assert list(frame) == ["at", "alias", "power_w", "error"]
    text = monitor.save_csv(tmp_path / "p.csv").read_text()
    assert "Fridge,84.6" in text
    picture = monitor.save_png(tmp_path / "p.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    monitor.csv.click()
    assert "download='power.csv'" in monitor.saved.value
    monitor.png.click()
    assert "data:image/png;base64," in monitor.saved.value


def test_a_closed_one_leaves_nothing_and_hears_nothing(cloud):
    monitor = tl.widgets.power_monitor(cloud.devices(refresh=False)[:2])
    cloud.practice.slow(9)
    monitor.close()
    assert not monitor.is_running
    monitor.start()
    assert not monitor.is_running


def test_names_are_not_markup_and_the_twin_holds_no_reading(cloud):
    cloud.device("Fridge").rename("<img src=x>")
    cloud.devices()
    monitor = PowerMonitor([cloud.device("<img src=x>")])
    assert until(lambda: monitor.meters[0].samples)
    monitor.stop()
    bundle = monitor._repr_mimebundle_()
    for page in (bundle["text/html"], monitor.chart.value, monitor.table.value):
        assert "<img" not in page and "&lt;img" in page
    assert "84" not in bundle["text/html"]
    monitor.close()


def test_an_empty_one_draws_and_wrong_words_are_refused(cloud):
    assert chart_svg([], 60, 10).startswith("<p>")
    tl.widgets.power_monitor([]).close()
    with pytest.raises(BadInput, match="5 to 3600"):
        tl.widgets.power_monitor([], every_s=1)
    with pytest.raises(BadInput, match="window_s"):
        tl.widgets.power_monitor([], window_s=float("nan"))
    with pytest.raises(BadInput, match="no device"):
        tl.widgets.power_monitor(["Kettle"])


def test_a_standing_clock_is_carried_on(cloud):
    now = clock_for([cloud.device("Fridge")])
    first = now()
    assert now() > first >= cloud.practice.now
    cloud.practice.advance(hours=1)
    assert now() - first >= timedelta(hours=1)


def test_its_twin_reads_the_same(cloud):
    frame = tl.widgets.power_readings([cloud.device("Fridge"), cloud.device("Kettle")])
    assert frame["power_w"].tolist() == [84.6, 0.4]
