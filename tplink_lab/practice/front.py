"""The front desk: which half of the cloud answers, and what happens on the way."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from http import HTTPStatus

from .accounts import Refusal
from .answers import failure
from .server import Call, Reply
from .trouble import Trouble

# Answers the calls of one part of the URL space.
Half = Callable[[Call], Reply]


class Front:
    """Hands each call to the half whose path it is.

    Parameters
    ----------
    trouble : Trouble
        The teacher's controls.
    wait : callable
        Sleeps for so many seconds, less when the cloud stops.
    latency_s : float
        Added to every answer.
    """

    def __init__(
        self, trouble: Trouble, wait: Callable[[float], object], latency_s: float
    ) -> None:
        self._trouble = trouble
        self._wait = wait
        self._latency_s = latency_s
        self._guard = threading.Lock()
        self._halves: list[tuple[str, Half]] = []
        self.calls: Counter[str] = Counter()
        # What went wrong inside the practice cloud itself; tests want it empty.
        self.faults: list[BaseException] = []

    def open(self, paths: Iterable[str], half: Half) -> None:
        """Let *half* answer *paths*; one that ends in a slash stands for all below."""
        with self._guard:
            self._halves += [(path, half) for path in paths]

    def count(self, name: str) -> None:
        """Count a call by its name."""
        with self._guard:
            self.calls[name] += 1

    def __call__(self, call: Call) -> Reply | None:
        """The answer to a call; None when it gets lost on its way."""
        try:
            if self._trouble.blacklisted:
                # The text is as reported; that it comes with 403 is Unverified.
                reply = Reply(
                    "Access denied request in blackList", HTTPStatus.FORBIDDEN
                )
            else:
                reply = self._half(call.path)(call)
        except Refusal as refusal:
            answer = failure(refusal.code, refusal.msg)
            if refusal.result:
                answer["result"] = refusal.result
            reply = Reply(answer)
        except Exception as fault:  # noqa: BLE001 - a listener outlives any bug
            self.faults.append(fault)
            reply = Reply(failure(-20000, "Server internal error"))
        if self._latency_s:
            self._wait(self._latency_s)
        return None if self._trouble.loses() else reply

    def _half(self, path: str) -> Half:
        path = path if path.strip("/") else "/"
        for known, half in self._halves:
            below = known != "/" and known.endswith("/") and path.startswith(known)
            if path == known or below:
                return half
        return _nowhere


def _nowhere(call: Call) -> Reply:
    if call.verb != "POST":
        return Reply("", HTTPStatus.METHOD_NOT_ALLOWED)
    # Reported for a wrong path as well as for a misspelt method.
    return Reply(failure(-20103, "The method does not exist or is not available"))
