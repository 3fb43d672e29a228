"""One question asked of many devices at once, politely."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from tplink_lab.devices import Device
from tplink_lab.errors import (
    BadInput,
    CloudUnreachable,
    LoginRefused,
    NotReached,
    TokenRefused,
    TPLinkLabError,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "WORKERS",
    "SweepInterrupted",
    "Swept",
    "error_text",
    "is_account_wide",
    "sweep",
    "swept_frame",
]

T = TypeVar("T")

# As many as the transport keeps connections to one host; TP-Link limits rates.
WORKERS = 8
MOST_WORKERS = 32
NAME = "tplink-lab sweep"
# How often the waiting thread wakes, so that Ctrl-C is heard on Windows too.
WAKE_S = 0.2
# Progress is shown of what takes longer, so that nothing flickers.
SHOWN_AFTER_S = 5.0

Progress = Callable[[int, int], None]


class Swept(NamedTuple, Generic[T]):
    """One device's part of a sweep: ``value``, or the ``error`` met instead."""

    device: Device
    value: T | None
    error: TPLinkLabError | None


class SweepInterrupted(KeyboardInterrupt):
    """A sweep was stopped by Ctrl-C; what had come by then is kept.

    In a notebook the last exception is ``sys.last_value``.

    Attributes
    ----------
    swept : list of Swept
        Of the devices that had answered or failed, in the order of the list.
    frame : DataFrame or None
        The same as the table that was asked for, if it was one.
    """

    def __init__(self, swept: list[Swept[Any]], total: int) -> None:
        super().__init__(
            f"stopped after {len(swept)} of {total} devices; what came is kept: "
            "import sys; sys.last_value.frame (or .swept)"
        )
        self.swept = swept
        self.frame: pd.DataFrame | None = None


def sweep(
    devices: Sequence[Device],
    ask: Callable[[Device], T],
    *,
    workers: int = WORKERS,
    progress: Progress | None = None,
) -> list[Swept[T]]:
    """Ask every device the same, a few at a time, and return all that came.

    One device's failure is its own row, never the end of the sweep. After a refused
    token nobody else is asked: each of them would be refused too.

    Parameters
    ----------
    devices : sequence of Device
        Whom to ask.
    ask : callable
        Takes a Device and returns what is wanted; may send several requests.
    workers : int
        The most devices asked at one time, 1 to 32, and so the most connections to
        one host, however many devices there are. More is faster and more likely to
        be refused: users of the real cloud report rate limits.
    progress : callable, optional
        Told now and then, and at the end, how many devices are done and how many
        there are. By default a line appears on a screen after five seconds.

    Returns
    -------
    list of Swept
        In the order of *devices*.

    Raises
    ------
    TokenRefused, LoginRefused, CloudUnreachable
        If that is what came of every device that was asked: it is the account's
        trouble, not the devices'.
    SweepInterrupted
        At Ctrl-C, at once, with what had come; it is a KeyboardInterrupt. No
        further device is asked; a request that is under way ends in its own time, in
        a thread that holds nothing up.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     plugs = cloud.devices()[:2]
    ...     [swept.value for swept in sweep(plugs, lambda plug: plug.is_on())]
    [True, True]
    """
    if type(workers) is not int or not 1 <= workers <= MOST_WORKERS:
        raise BadInput(
            f"workers is {workers!r}.", next_step=f"Give 1 to {MOST_WORKERS}."
        )
    for connections in {device._cloud.connections for device in devices}:
        connections.allow(workers)
    work = _Work(devices, ask)
    threads = [
        threading.Thread(target=work.run, name=NAME, daemon=True)
        for _ in range(min(workers, len(devices)))
    ]
    told = _Line() if progress is None else progress
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(WAKE_S)
                told(len(work.found), len(devices))
        told(len(work.found), len(devices))
    except KeyboardInterrupt:
        found = dict(work.found)
        kept = [Swept(d, *found[i]) for i, d in enumerate(devices) if i in found]
        raise SweepInterrupted(kept, len(devices)) from None
    finally:
        work.stop()
        if isinstance(told, _Line):
            told.clear()
    if work.mistake is not None:
        raise work.mistake
    result = [Swept(d, *work.found[i]) for i, d in enumerate(devices)]
    _raise_if_account_wide([swept.error for swept in result])
    return result


def swept_frame(
    devices: Sequence[Device],
    ask: Callable[[Device], T],
    build: Callable[[list[Swept[T]]], pd.DataFrame],
    *,
    workers: int = WORKERS,
) -> pd.DataFrame:
    """Return what *build* makes of a sweep; at Ctrl-C, of the part that came.

    Raises
    ------
    SweepInterrupted
        With the ``frame`` of what came.
    """
    try:
        swept = sweep(devices, ask, workers=workers)
    except SweepInterrupted as stopped:
        stopped.frame = build(stopped.swept)
        raise
    return build(swept)


class _Line:
    """Progress as one line that overwrites itself, where somebody is looking."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        out = sys.stderr
        kernel = type(out).__module__.startswith("ipykernel")
        self._out = out if out is not None and (kernel or out.isatty()) else None
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        if self._out is None or time.monotonic() - self._began < SHOWN_AFTER_S:
            return
        text = f"{done} of {total} devices"
        self._out.write("\r" + text.ljust(self._width))
        self._out.flush()
        self._width = len(text)

    def clear(self) -> None:
        """Leave no trace of it."""
        if self._out is not None and self._width:
            self._out.write("\r" + " " * self._width + "\r")
            self._out.flush()


class _Work(Generic[T]):
    """What is left to ask, and what came; shared by the threads of one sweep."""

    def __init__(self, devices: Sequence[Device], ask: Callable[[Device], T]) -> None:
        self._ask = ask
        self._left = deque(enumerate(devices))
        self._refused: TPLinkLabError | None = None
        self.found: dict[int, tuple[T | None, TPLinkLabError | None]] = {}
        # An exception that is not ours: a mistake in the lab, shown as it is.
        self.mistake: Exception | None = None

    def run(self) -> None:
        while True:
            try:
                number, device = self._left.popleft()
            except IndexError:
                return
            if self._refused is not None:
                self.found[number] = None, self._refused
                continue
            try:
                self.found[number] = self._ask(device), None
            except TPLinkLabError as error:
                self.found[number] = None, error
                if isinstance(error, TokenRefused | LoginRefused):
                    self._refused = error
            except Exception as mistake:  # noqa: BLE001 - raised in the caller's thread
                self.mistake = mistake
                self.stop()

    def stop(self) -> None:
        self._left.clear()


def is_account_wide(error: TPLinkLabError | None) -> bool:
    """Whether an error says more about the account than about one device.

    A timeout or a garbled answer may be one device's; no connection at all is not.
    """
    return (
        isinstance(error, TokenRefused | LoginRefused)
        or type(error) is CloudUnreachable
    )


def _raise_if_account_wide(errors: list[TPLinkLabError | None]) -> None:
    # What this version cannot talk to (Tapo) was refused here, without a request.
    asked = [e for e in errors if not isinstance(e, NotReached)]
    if asked and all(is_account_wide(error) for error in asked):
        assert asked[0] is not None
        raise asked[0]


def error_text(error: TPLinkLabError | None) -> str | None:
    """Return an error for a frame's ``error`` column: its kind, then its sentences."""
    return None if error is None else f"{type(error).__name__}: {error}"
