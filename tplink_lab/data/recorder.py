"""``Recorder``: sample devices in the background, into a history file."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tplink_lab.cloud import Cloud
from tplink_lab.cloud.hosts import check_url
from tplink_lab.data.recorder_limits import (
    POLITE_INTERVAL_S,
    check_wait,
    checked_number,
    chosen_devices,
    polite_budget,
    polite_interval,
)
from tplink_lab.data.recorder_status import RecorderStatus
from tplink_lab.data.recorder_sweep import Pace, Sampler
from tplink_lab.data.store import Store
from tplink_lab.data.store_errors import check_place
from tplink_lab.data.store_records import Mark, Sweep
from tplink_lab.devices import Device
from tplink_lab.errors import BadInput, HistoryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

__all__ = ["Recorder", "RecorderStatus"]

LONGEST_BACKOFF_S = 3600.0
# Four hours at one a minute wait in memory for a full or locked disk.
KEPT_UNSAVED = 240
# A sweep this many intervals after the last one is marked.
LATE_AFTER = 2.0


class Recorder:
    """Samples devices at a polite interval into a history file.

    Each sweep asks every chosen device once, for state, signal and power together
    (a strip: once more for each outlet with a meter), and commits the answers as one
    transaction. A sweep is in the file whole or not at all, whatever ends the
    process. One recorder writes to a file at a time; any number of
    :func:`tplink_lab.history` may read meanwhile. Recording into a file that is there
    goes on after its last row.

    Parameters
    ----------
    path : str or Path
        The history file; made by the first :meth:`start` or :meth:`run`. A small
        lock file stands beside it.
    cloud : Cloud
        Where the devices are.
    devices : iterable of str or Device, optional
        Which ones, by name or as they are; all if left out. Those that
        cannot be reached this way (Tapo devices without the Tapo app) are named once
        in the errors, then left out.
    interval_s : float
        From one sweep to the next. At a real account 60 at least.
    jitter : float
        Share of the interval, up to 0.5, by which each wait differs at random: many
        recorders should not all ask at the full minute.
    requests_per_minute : float, optional
        The most requests in a minute: 60 by default and at most at a real account,
        without bound on loopback. Many devices take longer than the interval then;
        the next sweep starts when the last one is through.
    clock : callable, optional
        Gives the moment, as an aware datetime. By default the practice cloud's own
        clock, or this machine's.
    wait : callable, optional
        Takes the seconds to the next sweep and returns when they are over. Not at a
        real account, where waiting is what is polite. Left out, ``run(sweeps=...)``
        moves a practice clock that stands, so that a day passes at once.
    on_sweep : callable, optional
        Called with the sweep's id after each commit, in the recorder's thread.

    Raises
    ------
    BadInput
        If the interval is not polite or an argument cannot be used.
    NoSuchDevice
        If a name fits no device.

    Examples
    --------
    >>> import tempfile, tplink_lab as tl
    >>> with tempfile.TemporaryDirectory() as folder, tl.practice() as cloud:
    ...     path = f"{folder}/plugs.sqlite"
    ...     recorder = tl.Recorder(path, cloud, ["Kettle", "Fridge"], jitter=0)
    ...     status = recorder.run(sweeps=30)
    ...     len(tl.history(path).frame("Fridge"))
    30
    >>> print(status.state, status.rows)
    stopped 60
    """

    def __init__(
        self,
        path: str | Path,
        cloud: Cloud,
        devices: Iterable[str | Device] | None = None,
        *,
        interval_s: float = POLITE_INTERVAL_S,
        jitter: float = 0.1,
        requests_per_minute: float | None = None,
        clock: Callable[[], datetime] | None = None,
        wait: Callable[[float], object] | None = None,
        on_sweep: Callable[[int], object] | None = None,
    ) -> None:
        if not isinstance(cloud, Cloud):
            raise BadInput(
                f"cloud is {type(cloud).__name__}, not a cloud.",
                next_step="tl.Recorder(path, cloud, ['Kettle']), with cloud = "
                "tl.practice() or tl.login(...).",
            )
        self.path = check_place(path, for_writing=True)
        at_home = check_url(cloud.url).is_loopback
        self.interval_s = polite_interval(interval_s, at_home)
        check_wait(wait, at_home)
        self._jitter = checked_number("jitter", jitter, 0, 0.5)
        budget = polite_budget(requests_per_minute, at_home)
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._paused = threading.Event()
        self._clock = _clock_of(cloud, clock)
        self._advance = _standing_clock(cloud) if clock is None else None
        self._wait = wait
        self._on_sweep = on_sweep
        self._sampler = Sampler(
            chosen_devices(cloud, devices),
            self._clock,
            Pace(budget, self._stop.wait),
            self._stop,
        )
        # S311: jitter is no secret.
        self._random = random.Random()  # noqa: S311
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._store: Store | None = None
        self._unsaved: deque[Sweep] = deque()
        self._mark = Mark.NONE
        self._last: datetime | None = None
        self._backoff = 1
        self._late_s = 0.0
        self._status: dict[str, Any] = {"sweeps": 0, "rows": 0, "lost": 0}

    @property
    def is_recording(self) -> bool:
        """Whether it holds its file and will ask again."""
        return self._store is not None

    def start(self) -> Recorder:
        """Begin to record in the background; a paused recorder goes on.

        Raises
        ------
        HistoryLocked
            If another recorder writes to the file.
        HistoryError
            If the file cannot be used.
        """
        self._paused.clear()
        if self._thread is not None and self._thread.is_alive():
            self._wake.set()  # it sleeps on until the next sweep is due
            return self
        self._open()
        # A daemon: a kernel that quits must not wait for it, and need not, for what
        # is committed is safe and nothing else is half-written.
        self._thread = threading.Thread(
            target=self._background, name="tplink-lab-recorder", daemon=True
        )
        self._thread.start()
        return self

    def run(self, sweeps: int | None = None) -> RecorderStatus:
        """Record here and now, until so many sweeps are done or Ctrl-C.

        Parameters
        ----------
        sweeps : int, optional
            Without it, until :meth:`stop` is called from elsewhere or Ctrl-C, which
            is raised again once the file is closed.
        """
        if sweeps is not None and (type(sweeps) is not int or sweeps < 0):
            raise BadInput(
                f"sweeps is {sweeps!r}.", next_step="Give a whole number, or none."
            )
        self._open()
        given = self._wait
        # Only for a number of sweeps: without an end it would fill the disk.
        if sweeps is not None and given is None:
            self._wait = self._advance
        try:
            self._record(sweeps)
        finally:
            self._wait = given
        return self.status()

    def pause(self) -> None:
        """Ask nothing until :meth:`start`; the file stays reserved."""
        self._paused.set()

    def stop(self) -> RecorderStatus:
        """Finish the sweep that is under way, close the file, say how it went.

        Stopping twice does no harm.
        """
        self._stop.set()
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()
            self._thread = None
        return self.status()

    def status(self) -> RecorderStatus:
        """Return how it is doing; asks nothing and nobody."""
        state = "stopped"
        if self.is_recording:
            state = "paused" if self._paused.is_set() else "recording"
        with self._guard:
            return RecorderStatus(
                state,
                self.path,
                self.interval_s,
                left_out=tuple(self._sampler.left_out),
                unsaved=len(self._unsaved),
                **self._status,
            )

    def backfill(self) -> int:
        """Fetch the daily energy that devices remember, this month and the last.

        Kept in a table of its own, see :meth:`tplink_lab.History.daily`. Doing it
        again adds what is new and changes nothing else. Errors are in
        :meth:`status`.

        Returns
        -------
        int
            How many days came, over all devices and outlets.
        """
        if not self.is_recording:
            self._stop.clear()
        rows, failed = self._sampler.days(_months(self._clock()))
        self._note(errors=_errors(failed))
        with self._writing() as store:
            return store.write_daily(rows)

    # -- the loop ------------------------------------------------------------------

    def _open(self) -> None:
        if self.is_recording:
            raise BadInput(
                "This recorder is recording already.",
                next_step="Call recorder.stop() first.",
            )
        store = Store(self.path)
        try:
            self._last = store.last_at()
        except BaseException:
            store.close()
            raise
        self._stop.clear()
        self._wake.clear()
        self._mark = Mark.NONE
        self._backoff = 1
        self._note(problem="")
        self._store = store

    def _background(self) -> None:
        try:
            self._record(None)
        except Exception as error:  # noqa: BLE001 - a thread has no caller: status() tells
            self._note(problem=f"{type(error).__name__}: {error}")

    def _record(self, sweeps: int | None) -> None:
        """Sweep and wait, until stopped; then let go of the file."""
        done, due_s = 0, 0.0
        stands = self._wait is not None and self._wait is self._advance
        if stands and self._last is not None and self._clock() <= self._last:
            self._rest_s()  # or the last run's last moment would come again
        try:
            while not self._over(done, sweeps):
                if self._paused.is_set():
                    self._mark |= Mark.PAUSED
                    self._wake.wait()
                    self._wake.clear()
                    continue
                # One wait for all that is due: a machine that slept asks once.
                if (left_s := due_s - time.monotonic()) > 0:
                    self._wake.wait(left_s)
                    self._wake.clear()
                    continue
                began_s = time.monotonic()
                self._sweep(is_first=done == 0)
                done += 1
                if not self._over(done, sweeps):
                    due_s = began_s + self._rest_s()
            self._save()  # a file that was locked may be free by now
        finally:
            self._stop.set()
            store, self._store = self._store, None
            if store is not None:
                store.close()
            self._note(next_sweep=None)

    def _over(self, done: int, sweeps: int | None) -> bool:
        # No thread can be started any more once the interpreter is going down.
        quitting = not threading.main_thread().is_alive()
        return self._stop.is_set() or quitting or done == sweeps

    def _sweep(self, *, is_first: bool) -> None:
        sweep = self._sampler.sweep()
        if self._stop.is_set() and not sweep.readings:
            return  # stopped before anybody answered: that is no sweep
        if self._last is not None:
            apart_s = (sweep.at - self._last).total_seconds()
            if apart_s < 0:
                self._mark |= Mark.CLOCK_STEPPED_BACK
            elif not is_first and apart_s > self._late_s:
                self._mark |= Mark.LATE
        sweep.mark, self._mark = self._mark, Mark.NONE
        self._last = sweep.at
        self._backoff = min(self._backoff * 2, 64) if self._sampler.was_limited else 1
        self._late_s = LATE_AFTER * max(self._apart_s(), sweep.took_s)
        self._note(last_sweep=sweep.at, errors=_errors(sweep))
        with self._guard:
            self._unsaved.append(sweep)
            while len(self._unsaved) > KEPT_UNSAVED:
                self._unsaved.popleft()
                self._unsaved[0].mark |= Mark.LOST
                self._status["lost"] += 1
        self._save()

    def _save(self) -> None:
        """Commit what waits, oldest first; what cannot be written waits on."""
        assert self._store is not None
        while self._unsaved:
            oldest = self._unsaved[0]
            try:
                sweep_id = self._store.write(oldest, interval_s=self.interval_s)
            except HistoryError as error:
                self._note(problem=str(error))
                return
            with self._guard:
                self._unsaved.popleft()
                self._status["sweeps"] += 1
                self._status["rows"] += len(oldest.readings)
                self._status["problem"] = ""
            if self._on_sweep is not None:
                self._on_sweep(sweep_id)

    def _rest_s(self) -> float:
        """Return the seconds from the last sweep's start to the next one.

        With a wait of the caller's own they have passed already.
        """
        spread = 1 + self._random.uniform(-self._jitter, self._jitter)
        rest_s = self._apart_s() * spread
        self._note(next_sweep=self._clock() + timedelta(seconds=rest_s))
        if self._wait is None:
            return rest_s
        self._wait(rest_s)
        return 0.0

    def _apart_s(self) -> float:
        """Return how far apart sweeps should lie: longer after "too many calls"."""
        if self._backoff == 1:
            return self.interval_s
        longer_s = max(self.interval_s, 60.0) * self._backoff
        return max(self.interval_s, min(longer_s, LONGEST_BACKOFF_S))

    @contextmanager
    def _writing(self) -> Iterator[Store]:
        """Use the file that is open, or open it for a moment."""
        if self._store is not None:
            yield self._store
            return
        store = Store(self.path)
        try:
            yield store
        finally:
            store.close()

    def _note(self, **news: Any) -> None:
        with self._guard:
            self._status.update(news)

    def __enter__(self) -> Recorder:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        many = len(self._sampler.devices)
        what = "1 device" if many == 1 else f"{many} devices"
        status = self.status()
        return (
            f"<Recorder {self.path.name}: {status.state}, {what} every "
            f"{self.interval_s:g} s, {status.rows} rows>"
        )


def _clock_of(
    cloud: Cloud, clock: Callable[[], datetime] | None
) -> Callable[[], datetime]:
    """Return the clock that readings are stamped with."""
    if clock is not None:
        if not callable(clock) or clock().tzinfo is None:
            raise BadInput(
                "clock does not give an aware datetime.",
                next_step="Try clock=lambda: datetime.now(UTC).",
            )
        return clock
    if cloud.practice is None:
        return lambda: datetime.now(UTC)

    def practice_now() -> datetime:
        # The practice devices live by it; readings should too.
        now: datetime = cloud.practice.now
        return now

    return practice_now


def _standing_clock(cloud: Cloud) -> Callable[[float], object] | None:
    """Return what moves the practice clock of *cloud*, if nothing else does."""
    if cloud.practice is None or not cloud.practice.clock_stands:
        return None

    def advance(seconds: float) -> None:
        cloud.practice.advance(seconds=seconds)

    return advance


def _months(now: datetime) -> list[tuple[int, int]]:
    """Return this month and the last, and the next where it has begun already.

    A device counts in its own zone, up to 14 hours ahead of UTC.

    Examples
    --------
    >>> _months(datetime(2027, 1, 31, 12, tzinfo=UTC))
    [(2026, 12), (2027, 1), (2027, 2)]
    """
    latest = now.astimezone(UTC) + timedelta(hours=14)
    this = now.astimezone(UTC).replace(day=1)
    days = (this - timedelta(days=1), this, latest)
    return sorted({(day.year, day.month) for day in days})


def _errors(sweep: Sweep) -> dict[str, str]:
    return {failure.alias: failure.message for failure in sweep.failures}
