"""The panel's work: a few threads that ask and switch, so that the kernel never waits.

A thread is started when there is work and ends when there is none, so a panel at
rest has no thread, and one that is forgotten leaves none behind. All are daemons:
an answer that is long in coming never holds up the end of the kernel.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

from tplink_lab.devices import Device
from tplink_lab.errors import TPLinkLabError
from tplink_lab.widgets.plain import Outcome, attempt, rows_of, take
from tplink_lab.widgets.rows import Problem, explain
from tplink_lab.widgets.track import Details, Errand, Job, Shown, Target, Track

__all__ = ["MIN_REFRESH_S", "THREADS", "Beat", "Engine", "patience_after", "pause_s"]

# Accounts have been rate-limited, so few at a time.
THREADS = 4
MIN_REFRESH_S = 5.0
# While every call would be refused, the automatic refresh waits longer each time.
MOST_PATIENCE = 64
NAME = "tplink-lab panel"


class Engine:
    """The devices of a panel, their tracks, and the threads that work on them.

    Parameters
    ----------
    load : callable
        Returns the devices; called in a worker, for it may ask the cloud.
    on_list : callable
        Called in a worker when the list has come or failed.
    on_change : callable
        Called in a worker with a device's id when its rows may have changed.
    threads : int
        The most threads at a time.
    """

    def __init__(
        self,
        load: Callable[[], list[Device]],
        on_list: Callable[[], None],
        on_change: Callable[[str], None],
        *,
        threads: int = THREADS,
    ) -> None:
        self._load = load
        self._on_list = on_list
        self._on_change = on_change
        self._threads = threads
        self._changed = threading.Condition()
        self._live = 0
        self._tracks: dict[str, tuple[Device, Track]] | None = None
        self._list_problem: Problem | None = None
        self._must_load = False
        self._is_loading = False
        self._is_closed = False
        self._looks: dict[str, Errand] = {}  # what is looked at with every refresh
        # The last unexpected exception, for people who mend the lab.
        self.last_error: Exception | None = None

    @property
    def devices(self) -> list[Device] | None:
        """The devices in order; None while the list has not come."""
        with self._changed:
            if self._tracks is None:
                return None
            return [device for device, _ in self._tracks.values()]

    @property
    def list_problem(self) -> Problem | None:
        """Why there is no list."""
        return self._list_problem

    @property
    def general_trouble(self) -> list[str]:
        """What keeps every call from working, each reason once; empty if nothing."""
        with self._changed:
            tracks = [track for _, track in (self._tracks or {}).values()]
            problems = [self._list_problem, *(t.problem for t in tracks)]
        texts = [p.text for p in problems if p is not None and p.is_general]
        return list(dict.fromkeys(texts))

    @property
    def at_work(self) -> int:
        """How many devices are being asked or switched, or wait for it."""
        with self._changed:
            tracks = (self._tracks or {}).values()
            return sum(track.has_work for _, track in tracks)

    def is_at_work(self, device_id: str) -> bool:
        """Whether this device is being asked or switched, or waits for it."""
        with self._changed:
            assert self._tracks is not None
            return self._tracks[device_id][1].has_work

    def rows(self, device_id: str) -> list[Shown]:
        """Return a device's rows as they are now."""
        with self._changed:
            assert self._tracks is not None
            return rows_of(*self._tracks[device_id])

    def wish(self, device_id: str, on: bool, target: Target) -> None:
        """Switch, as soon as the device is free; the last wish wins."""
        with self._changed:
            if self._is_closed or self._tracks is None:
                return
            self._tracks[device_id][1].wish(on, target)
            self._wake()

    def details(self, device_id: str) -> Details:
        """Return what is known of a device beside its switch."""
        with self._changed:
            assert self._tracks is not None
            return self._tracks[device_id][1].details()

    def do(self, device_id: str, errand: Errand) -> None:
        """Run an errand, as soon as the device is free and its turn has come."""
        with self._changed:
            if self._is_closed or self._tracks is None:
                return
            self._tracks[device_id][1].do(errand)
            self._wake()

    def look(self, device_id: str, errand: Errand | None) -> None:
        """Run an errand now and with every refresh; None ends that."""
        with self._changed:
            if errand is None:
                self._looks.pop(device_id, None)
                return
            self._looks[device_id] = errand
            self.do(device_id, errand)

    @property
    def cost(self) -> int:
        """How many requests a refresh takes, by and large: open details take four."""
        with self._changed:
            return len(self._tracks or {}) + 4 * len(self._looks)

    def ask(self, device_id: str) -> None:
        """Read one device because a person asked for it."""
        with self._changed:
            if self._is_closed or self._tracks is None:
                return
            self._tracks[device_id][1].ask(by_person=True)
            self._wake()

    def refresh(self) -> None:
        """Read every device; the list too if it has not come yet."""
        with self._changed:
            if self._is_closed:
                return
            if self._tracks is None:
                self._must_load = not self._is_loading
            else:
                for device, track in self._tracks.values():
                    track.ask()
                    if device.device_id in self._looks:
                        track.do(self._looks[device.device_id])
            self._wake()

    def wait_for_list(self, timeout_s: float) -> bool:
        """Wait until the list has come or failed; False if it took too long."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not (self._must_load or self._is_loading), timeout_s
            )

    def wait(self, timeout_s: float) -> bool:
        """Wait until nothing is to be done; False if it took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.is_busy, timeout_s)

    @property
    def is_busy(self) -> bool:
        """Whether there is work, or a thread that does some."""
        with self._changed:
            return self._live > 0 or self._waiting() > 0

    def close(self) -> None:
        """Take no more work. A request in flight ends by itself, unheard."""
        with self._changed:
            self._is_closed = True
            self._must_load = False
            for _, track in (self._tracks or {}).values():
                track.give_up()
            self._changed.notify_all()

    # --- the threads; whatever is called with the lock held begins with _ -----------

    def _waiting(self) -> int:
        tracks = (self._tracks or {}).values()
        return self._must_load + sum(track.is_ready for _, track in tracks)

    def _wake(self) -> None:
        missing = min(self._waiting(), self._threads - self._live)
        for _ in range(missing):
            self._live += 1
            try:
                threading.Thread(target=self._work, name=NAME, daemon=True).start()
            except RuntimeError:  # no more threads to be had
                self._live -= 1
                if not self._live:
                    raise
                break

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._must_load:
                    self._must_load, self._is_loading = False, True
                    todo: tuple[Device, Track, Job] | None = None
                else:
                    todo = self._next()
                    if todo is None:
                        self._live -= 1
                        self._changed.notify_all()
                        return
            if todo is None:
                self._do_load()
            else:
                self._do(*todo)

    def _next(self) -> tuple[Device, Track, Job] | None:
        for device, track in (self._tracks or {}).values():
            job = track.next_job()
            if job is not None:
                return device, track, job
        return None

    def _do(self, device: Device, track: Track, job: Job) -> None:
        outcome: Outcome = attempt(device, job)
        with self._changed:
            self._remember(outcome)
            is_news = take(track, job, outcome)
        if is_news:
            self._tell(lambda: self._on_change(device.device_id))

    def _do_load(self) -> None:
        devices: list[Device] = []
        problem = None
        try:
            devices = self._load()
        except Exception as error:  # noqa: BLE001 - shown in the panel's heading
            problem = explain(error)
            self._remember(error)
        with self._changed:
            if self._is_closed:
                self._is_loading = False
                return
            self._list_problem = problem
            if problem is None:
                self._tracks = {
                    d.device_id: (d, Track(d.alias, d.model)) for d in devices
                }
                for _, track in self._tracks.values():
                    track.ask()
        self._tell(self._on_list)
        with self._changed:
            self._is_loading = False
            self._wake()
            self._changed.notify_all()

    def _tell(self, news: Callable[[], None]) -> None:
        try:
            news()
        except Exception as error:  # noqa: BLE001 - a view that fails must not end the work
            self._remember(error)

    def _remember(self, outcome: Outcome) -> None:
        if isinstance(outcome, Exception) and not isinstance(outcome, TPLinkLabError):
            self.last_error = outcome


class Beat:
    """A thread that refreshes an engine again and again, until it is stopped.

    It holds the engine by a weak reference: when that is gone, it ends.

    Parameters
    ----------
    engine : Engine
        What to refresh.
    every_s : float
        The pause between two refreshes. A refresh that is not yet done is not begun
        again, and while the cloud refuses every call the pause doubles.
    budget_per_min : float
        How many requests the refresh may take in a minute: the pause is longer where
        there are more devices.
    """

    def __init__(
        self, engine: Engine, every_s: float, budget_per_min: float = float("inf")
    ) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=_beat,
            args=(weakref.ref(engine), self._stopped, every_s, budget_per_min),
            name=f"{NAME} refresh",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop it, and wait for its end."""
        self._stopped.set()
        if self._thread is not threading.current_thread():
            self._thread.join()


def patience_after(patience: int, is_trouble: bool) -> int:
    """Return by how much to lengthen the next pause."""
    return min(patience * 2, MOST_PATIENCE) if is_trouble else 1


def pause_s(every_s: float, cost: int, budget_per_min: float) -> float:
    """Return the pause between two refreshes of *cost* requests, in seconds.

    Examples
    --------
    >>> pause_s(10, 5, 60), pause_s(10, 28, 60)
    (10, 28.0)
    """
    return max(every_s, cost * 60 / budget_per_min)


def _beat(
    engine: weakref.ref[Engine],
    stopped: threading.Event,
    every_s: float,
    budget_per_min: float,
) -> None:
    patience = 1
    pause = every_s
    while not stopped.wait(pause * patience):
        found = engine()
        if found is None:
            return
        pause = pause_s(every_s, found.cost, budget_per_min)
        patience = patience_after(patience, bool(found.general_trouble))
        if not found.is_busy:
            found.refresh()
        del found
