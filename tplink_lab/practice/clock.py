"""The practice clock: it stands still or runs, and only the teacher moves it."""

from __future__ import annotations

import math
import threading
import time
from datetime import UTC, datetime

from .errors import PracticeError

# Leaves room for every calendar sum the devices make with a moment.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


def moment(value: datetime | str) -> float:
    """Seconds since the epoch of a datetime or an ISO 8601 text (UTC if unzoned)."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise PracticeError(
                f"The practice clock cannot be set to {value!r}: expected a moment "
                "in ISO 8601, such as 2026-11-01T18:00:00+00:00."
            ) from None
    if not isinstance(value, datetime):
        raise PracticeError(
            "The practice clock cannot be set to "
            f"{value!r}: expected a datetime or a text in ISO 8601."
        )
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    seconds = value.timestamp()
    if not EARLIEST <= seconds <= LATEST:
        raise PracticeError(
            f"The practice clock cannot be set to {value.isoformat()}: "
            "expected a moment between the years 2000 and 2200."
        )
    return seconds


class PracticeClock:
    """What the practice cloud and every device in it takes for the time.

    Parameters
    ----------
    now : datetime or str, optional
        The moment to start from; the real one if left out.
    mode : {"standing", "running"}, optional
        A standing clock moves by `advance` only. Standing if `now` is given, else
        running.
    """

    def __init__(
        self, now: datetime | str | None = None, mode: str | None = None
    ) -> None:
        if mode not in (None, "standing", "running"):
            raise PracticeError(
                f"The practice clock is 'standing' or 'running', not {mode!r}."
            )
        self._lock = threading.Lock()
        self._base = time.time() if now is None else moment(now)
        self.mode = mode or ("running" if now is None else "standing")
        self._since = time.monotonic()

    def seconds(self) -> float:
        """The moment, in seconds since the epoch."""
        with self._lock:
            if self.mode == "standing":
                return self._base
            return self._base + time.monotonic() - self._since

    @property
    def now(self) -> datetime:
        """The moment, as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def advance(self, seconds: float) -> None:
        """Move the clock forward; it never goes back."""
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise PracticeError(f"Expected a number of seconds, not {seconds!r}.")
        if not math.isfinite(seconds) or seconds < 0:
            raise PracticeError(
                "The practice clock only goes forward: "
                f"it cannot be advanced by {seconds!r} seconds."
            )
        if self.seconds() + seconds > LATEST:
            raise PracticeError("The practice clock ends with the year 2199.")
        with self._lock:
            self._base += seconds
