"""One moment by which a whole call must have ended.

A socket's timeout bounds each read, so a server that sends a byte now and then holds a
call for ever: in its head, in "100 Continue" again and again, in the extensions of a
chunk. Here each read gets the time that is left.
"""

from __future__ import annotations

import http.client
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["TimedResponse", "call_ends_in", "seconds_left"]

# Of this thread's call; the layers in between pass on no such thing.
_call = threading.local()


@contextmanager
def call_ends_in(seconds: float) -> Iterator[None]:
    """Bound what this thread does inside, on connections that know of it."""
    _call.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        _call.ends = None


def seconds_left() -> float | None:
    """Return the seconds that are left to this thread's call; None without a bound.

    Raises
    ------
    TimeoutError
        If none are.
    """
    ends = getattr(_call, "ends", None)
    if ends is None:
        return None
    left: float = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


class TimedResponse(http.client.HTTPResponse):
    """An answer of which each read gets no more than the time that is left."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Timed(self.fp.detach(), sock))


class _Timed(io.RawIOBase):
    """The bytes of a socket, in bounded time."""

    def __init__(self, raw: io.RawIOBase, sock: Any) -> None:
        self._raw, self._sock = raw, sock

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int | None:
        left = seconds_left()
        if left is not None:
            self._sock.settimeout(left)
        return self._raw.readinto(into)

    def close(self) -> None:
        # The socket closes when the last who reads from it lets go.
        self._raw.close()
        super().close()
