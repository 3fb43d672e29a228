"""One question asked of many devices at once, politely."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from tplink_lab.devices import Device
from tplink_lab.errors import (
    BadInput,
    CloudUnreachable,
    LoginRefused,
    NotReached,
    TokenRefused,
    TPLinkLabError,
)

__all__ = ["WORKERS", "Swept", "error_text", "is_account_wide", "sweep"]

T = TypeVar("T")

# As many as the transport keeps connections to one host; TP-Link limits rates.
WORKERS = 8
MOST_WORKERS = 32
NAME = "tplink-lab sweep"
# How often the waiting thread wakes, so that Ctrl-C is heard on Windows too.
WAKE_S = 0.2


class Swept(NamedTuple, Generic[T]):
    """One device's part of a sweep: ``value``, or the ``error`` met instead."""

    device: Device
    value: T | None
    error: TPLinkLabError | None


def sweep(
    devices: Sequence[Device],
    ask: Callable[[Device], T],
    *,
    workers: int = WORKERS,
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
        The most devices asked at one time, 1 to 32.

    Returns
    -------
    list of Swept
        In the order of *devices*.

    Raises
    ------
    TokenRefused, LoginRefused, CloudUnreachable
        If that is what came of every device that was asked: it is the account's
        trouble, not the devices'.
    KeyboardInterrupt
        As it comes. No further request starts; one that is under way ends in its
        own time, in a thread that holds nothing up.

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
    work = _Work(devices, ask)
    threads = [
        threading.Thread(target=work.run, name=NAME, daemon=True)
        for _ in range(min(workers, len(devices)))
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(WAKE_S)
    finally:
        work.stop()
    if work.mistake is not None:
        raise work.mistake
    found = [Swept(d, *work.found[i]) for i, d in enumerate(devices)]
    _raise_if_account_wide([swept.error for swept in found])
    return found


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
