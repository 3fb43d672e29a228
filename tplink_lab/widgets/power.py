"""Live power without widgets: who is asked, when, and what is kept. No drawing."""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tplink_lab.devices import Device
from tplink_lab.errors import BadInput, NotSupported
from tplink_lab.widgets.rows import Effect, Problem, explain
from tplink_lab.widgets.worker import MIN_REFRESH_S, THREADS, patience_after

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MAX_WINDOW_S",
    "Meter",
    "Sample",
    "Sampler",
    "check_devices",
    "check_interval",
    "clock_for",
    "frame_of",
    "power_readings",
]

MAX_WINDOW_S = 24 * 3600.0
# Two readings further apart than so many intervals have a gap between them: nobody
# knows what was drawn meanwhile, so no line joins them and no energy is counted.
GAP_INTERVALS = 2.5


class Sample(NamedTuple):
    """One answer of a meter: ``power_w`` in W, or None and the ``error``."""

    at: datetime
    power_w: float | None
    error: str = ""


class Meter:
    """What one device said within the window, and its peak and energy since the start.

    Attributes
    ----------
    alias : str
        The device's name.
    samples : deque of Sample
        Those of the window, oldest first.
    peak_w : float or None
        The largest power seen since the start, in W.
    energy_kwh : float
        What was drawn while it was watched, in kWh; gaps count nothing.
    problem : Problem or None
        Why the last asking failed.
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self.alias = device.alias
        self.samples: deque[Sample] = deque()
        self.peak_w: float | None = None
        self.energy_kwh = 0.0
        self.problem: Problem | None = None

    @property
    def has_none(self) -> bool:
        """Whether the device said that it has no meter: it is not asked again."""
        return self.problem is not None and self.problem.effect is Effect.NO_SWITCH

    @property
    def power_w(self) -> float | None:
        """The last answer, in W; None if there was none."""
        return self.samples[-1].power_w if self.samples else None

    def copy(self) -> Meter:
        """Return the meter as it is now: later samples do not change it."""
        found = copy(self)
        found.samples = self.samples.copy()
        return found

    def take(self, sample: Sample, window_s: float, gap_s: float) -> None:
        """Keep a sample; drop those that left the window.

        Parameters
        ----------
        sample : Sample
            The newest.
        window_s, gap_s : float
            How long to keep samples, and how far apart two may be without a gap, in s.
        """
        last = self.samples[-1] if self.samples else None
        if sample.power_w is not None:
            self.peak_w = max(self.peak_w or 0.0, sample.power_w)
            if last is not None and last.power_w is not None:
                apart_s = (sample.at - last.at).total_seconds()
                if 0 < apart_s <= gap_s:
                    mean_w = (last.power_w + sample.power_w) / 2
                    self.energy_kwh += mean_w * apart_s / 3.6e6
        self.samples.append(sample)
        oldest = sample.at - timedelta(seconds=window_s)
        while self.samples[0].at < oldest:
            self.samples.popleft()


class Sampler:
    """Asks meters again and again, in a few threads, until it is stopped.

    Each thread has devices of its own, so one that is slow delays few others. The
    threads hold the sampler by a weak reference and end when it is gone.

    Parameters
    ----------
    devices : iterable of Device
        Whom to ask.
    every_s, window_s : float
        The pause between two readings of a device, and how long they are kept, in s.
    on_news : callable
        Called in a thread when there is something new.
    now : callable
        Tells the time of a reading.
    """

    def __init__(
        self,
        devices: Iterable[Device],
        every_s: float,
        window_s: float,
        on_news: Callable[[], None],
        now: Callable[[], datetime],
    ) -> None:
        self.meters = [Meter(d) for d in {d.device_id: d for d in devices}.values()]
        self.every_s = every_s
        self.window_s = window_s
        self.lock = threading.RLock()
        self._heard = threading.Condition(self.lock)
        self.last_error: Exception | None = None
        self._on_news = on_news
        self._now = now
        self._stopped: threading.Event | None = None

    @property
    def is_running(self) -> bool:
        """Whether it asks."""
        return self._stopped is not None

    def start(self) -> None:
        """Begin to ask, at once."""
        if self.is_running:
            return
        self._stopped = threading.Event()
        for lane in range(min(THREADS, len(self.meters))):
            threading.Thread(
                target=_run,
                args=(weakref.ref(self), self._stopped, lane, self.every_s),
                name=f"tplink-lab panel monitor {lane + 1}",
                daemon=True,
            ).start()

    def stop(self) -> None:
        """Ask no more. A request in flight ends by itself, its answer is not heard."""
        stopped, self._stopped = self._stopped, None
        if stopped is not None:
            stopped.set()
        with self.lock:
            self._heard.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Wait until every meter was heard, or stopped; False if it took too long."""
        with self.lock:
            self._heard.wait_for(
                lambda: not self.is_running or self._has_all, timeout_s
            )
            return self._has_all

    @property
    def _has_all(self) -> bool:
        return all(meter.samples for meter in self.meters)

    def sweep(self, lane: int = 0, lanes: int = 1, still: object = None) -> bool:
        """Ask every meter of a lane once; return whether all calls were refused."""
        asked = refused = 0
        for meter in self.meters[lane::lanes]:
            if meter.has_none or not self._may_go_on(still):
                continue
            asked += 1
            power_w, problem = self._ask(meter.device)
            refused += problem is not None and problem.is_general
            with self.lock:
                if not self._may_go_on(still):
                    return False
                meter.problem = problem
                error = problem.short if problem else ""
                meter.take(
                    Sample(self._now(), power_w, error),
                    self.window_s,
                    self.every_s * GAP_INTERVALS,
                )
                self._heard.notify_all()
        if asked:
            try:
                self._on_news()
            except Exception as error:  # noqa: BLE001 - a view that fails must not end it
                self.last_error = error
        return asked > 0 and refused == asked

    def _may_go_on(self, still: object) -> bool:
        return still is None or self._stopped is still

    def _ask(self, device: Device) -> tuple[float | None, Problem | None]:
        try:
            return device.energy.now().power_w, None
        except NotSupported as error:
            return None, Problem("no meter", str(error), Effect.NO_SWITCH)
        except Exception as error:  # noqa: BLE001 - told in the device's row
            problem = explain(error)
            if problem.short == type(error).__name__:
                self.last_error = error
            return None, problem


def _run(
    sampler: weakref.ref[Sampler], stopped: threading.Event, lane: int, every_s: float
) -> None:
    patience = 1
    due_s = time.monotonic()
    while not stopped.is_set():
        found = sampler()
        if found is None:
            return
        lanes = min(THREADS, len(found.meters))
        patience = patience_after(patience, found.sweep(lane, lanes, stopped))
        del found
        # From beat to beat, not from end to beginning; missed beats are not made up.
        due_s = max(due_s + every_s * patience, time.monotonic())
        if stopped.wait(due_s - time.monotonic()):
            return


def check_interval(every_s: float, call: str) -> None:
    """Raise unless *every_s* is an interval the cloud can be asked at."""
    if not MIN_REFRESH_S <= every_s <= 3600:
        raise BadInput(
            f"every_s is {every_s!r}.",
            call=call,
            next_step=f"Give {MIN_REFRESH_S:g} to 3600 s, for courtesy.",
        )


def power_readings(
    devices: Iterable[Device] | Device, *, duration_s: float = 0, every_s: float = 5
) -> pd.DataFrame:
    """Return what the power monitor would have seen, after watching so long.

    It blocks. Ctrl-C, or the kernel's stop button, ends it early; what was read by
    then is returned.

    Parameters
    ----------
    devices : Device or iterable of Device
        Whom to ask: ``cloud.devices()``, or a part of it.
    duration_s : float
        How long, in s; 0 asks once.
    every_s : float
        The pause between two readings of a device, in s; 5 or more.

    Returns
    -------
    DataFrame
        One row per device and reading, oldest first: ``at`` (datetime64[us, UTC]),
        ``alias`` (str), ``power_w`` (float64; missing if it failed), ``error`` (str,
        why, in a few words; empty if it did not).

    Raises
    ------
    BadInput
        If *every_s* is too short, or *devices* holds something else.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     frame = tl.widgets.power_readings(cloud.device("Fridge"))
    >>> frame[["alias", "power_w"]].to_dict("list")
    {'alias': ['Fridge'], 'power_w': [84.6]}
    """
    check_interval(every_s, "power_readings")
    known = check_devices(devices, "power_readings")
    window_s = duration_s + MAX_WINDOW_S
    sampler = Sampler(known, every_s, window_s, lambda: None, clock_for(known))
    ends_s = time.monotonic() + duration_s
    try:
        while True:
            began_s = time.monotonic()
            sampler.sweep()
            if began_s + every_s > ends_s:
                break
            time.sleep(max(0.0, began_s + every_s - time.monotonic()))
    except KeyboardInterrupt:
        return frame_of(sampler)  # the reader's way to say "enough"
    return frame_of(sampler)


def check_devices(devices: Iterable[Device] | Device, call: str) -> list[Device]:
    """Return *devices* as a list, or raise if it holds something else."""
    if isinstance(devices, Device):
        return [devices]
    found = list(devices) if isinstance(devices, Iterable) else [devices]
    for one in found:
        if not isinstance(one, Device):
            raise BadInput(
                f"devices holds {type(one).__name__}, which is no device.",
                call=call,
                next_step='Give cloud.devices(), or [cloud.device("Kettle"), …].',
            )
    return found


def clock_for(devices: list[Device]) -> Callable[[], datetime]:
    """Return what tells the time of readings: the practice clock if there is one.

    One that stands is carried on by this machine's, or all readings would be of one
    moment; it still jumps when it is advanced.
    """
    began_s = time.monotonic()
    practice = getattr(devices[0]._cloud, "practice", None) if devices else None
    if practice is None:
        return lambda: datetime.now(UTC)
    if not practice.clock_stands:
        return lambda: practice.now
    return lambda: practice.now + timedelta(seconds=time.monotonic() - began_s)


def frame_of(sampler: Sampler) -> pd.DataFrame:
    """Return the samples of the window, as :func:`power_readings` does."""
    import pandas as pd  # here, for the monitor itself can do without

    with sampler.lock:
        rows = [
            (s.at, m.alias, s.power_w, s.error)
            for m in sampler.meters
            for s in m.samples
        ]
    rows.sort(key=lambda row: row[0])
    frame = pd.DataFrame(rows, columns=["at", "alias", "power_w", "error"])
    frame["at"] = pd.to_datetime(frame["at"], utc=True).astype("datetime64[us, UTC]")
    return frame.astype({"alias": "str", "power_w": "float64", "error": "str"})
