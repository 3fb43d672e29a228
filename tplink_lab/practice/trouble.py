"""Trouble by name: what the teacher can make go wrong.

These controls live in this Python object only. Nothing that arrives over HTTP reaches
them, so a client under test cannot tell that it is being taught.
"""

from __future__ import annotations

import math
import random
import threading
from collections import deque

from .clock import PracticeClock
from .errors import PracticeError


def number(value: object, what: str, least: float = 0.0) -> float:
    """A finite number not below `least`, or a `PracticeError`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PracticeError(f"{what}: expected a number, not {value!r}.")
    if not math.isfinite(value) or value < least:
        raise PracticeError(f"{what}: expected at least {least:g}, not {value!r}.")
    return float(value)


class Trouble:
    """Slow devices, limits, refusals and lost answers, all off to begin with."""

    def __init__(
        self, clock: PracticeClock, seed: int, stopping: threading.Event
    ) -> None:
        self._clock = clock
        self._stopping = stopping
        self._lock = threading.Condition()
        # Repeatable on purpose: the same answers are lost each time.
        self._random = random.Random(f"{seed}/lost")  # noqa: S311
        self._recent: deque[float] = deque()
        self._slow = (0.0, 0.0)
        self._limit: tuple[int, float] | None = None
        self._lost = 0.0
        self.refused: dict[str, int] = {}
        self.blacklisted = False

    def slow(self, seconds: float, hold_limit_s: float) -> None:
        """Delay every passthrough."""
        slow_s = number(seconds, "slow(seconds)")
        limit_s = number(hold_limit_s, "slow(hold_limit_s)")
        with self._lock:
            self._slow = (slow_s, limit_s)
            self._lock.notify_all()

    def gives_up(self) -> bool:
        """Take the time a slow device takes; whether the cloud gave up waiting for it.

        Who waits here goes on at once when `slow` or `calm` says otherwise.
        """
        with self._lock:
            slow = slow_s, limit_s = self._slow
            ended = self._lock.wait_for(
                lambda: self._slow is not slow or self._stopping.is_set(),
                min(slow_s, limit_s),
            )
            return slow_s > limit_s and not ended

    def hurry(self) -> None:
        """Let who waits see that the cloud is stopping."""
        with self._lock:
            self._lock.notify_all()

    def rate_limit(self, calls: int, per_seconds: float) -> None:
        """Answer -20004 beyond so many calls in so many seconds of practice time."""
        if isinstance(calls, bool) or not isinstance(calls, int) or calls < 0:
            raise PracticeError(
                f"rate_limit(calls): expected 0 or a whole number above, not {calls!r}."
            )
        per_s = number(per_seconds, "rate_limit(per_seconds)")
        with self._lock:
            self._recent.clear()
            self._limit = (calls, per_s)

    def lose(self, fraction: float) -> None:
        """Lose this share of the answers."""
        share = number(fraction, "lose(fraction)")
        if share > 1:
            raise PracticeError(f"lose(fraction): expected at most 1, not {fraction}.")
        self._lost = share

    def refuse(self, app: str, code: int) -> None:
        """Answer every login to an app with this code."""
        with self._lock:
            self.refused = {**self.refused, app: code}

    def calm(self) -> None:
        """Undo all of it."""
        with self._lock:
            self._slow = (0.0, 0.0)
            self._lock.notify_all()
            self._limit = None
            self._recent.clear()
            self._lost = 0.0
            self.refused = {}
            self.blacklisted = False

    def over_limit(self) -> bool:
        """Count a call; whether it is one too many."""
        with self._lock:
            if self._limit is None:
                return False
            calls, per_s = self._limit
            now = self._clock.seconds()
            while self._recent and self._recent[0] <= now - per_s:
                self._recent.popleft()
            if len(self._recent) >= calls:
                return True
            self._recent.append(now)
            return False

    def loses(self) -> bool:
        """Whether the next answer gets lost."""
        with self._lock:
            return self._lost > 0 and self._random.random() < self._lost
