"""The second factor: challenges, codes by mail and push, and trusted terminals."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from .accounts import REMEMBERED, Refusal
from .clock import PracticeClock

# The numbers that `MFAType` and `supportedMFATypes` have for them.
KINDS = {"push": 1, "email": 2}
# Unverified: how long a real code lives, and how many may be asked for in a minute.
CODE_LIVES_S = 600
CODES_A_MINUTE = 5
APP_NAMES = {"kasa": "Kasa", "tapo": "Tapo"}

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Message:
    """A mail or a push with a code; `code` is what the learner has to type.

    Examples
    --------
    >>> now = datetime(2026, 11, 1, 18, tzinfo=UTC)
    >>> mail = Message("a@b.c", "Your Kasa code", "012345", now, "kasa", "t")
    >>> mail
    <Message to a@b.c, 2026-11-01 18:00:00 UTC: Your Kasa code; code=[set]>
    >>> mail.code
    '012345'
    """

    to: str
    subject: str
    code: str
    at: datetime
    app: str
    terminal: str

    def __repr__(self) -> str:
        # The code stays out: a notebook saves what it shows.
        at = f"{self.at:%Y-%m-%d %H:%M:%S} UTC"
        return f"<Message to {self.to}, {at}: {self.subject}; code=[set]>"


@dataclass(frozen=True)
class Process:
    """A login that waits for its code."""

    app: str
    terminal: str
    refresh: bool


@dataclass
class _Code:
    app: str
    terminal: str
    at: float
    good: bool = True


@dataclass
class _State:
    """What is remembered, oldest first; bounded, as strangers may ask for much."""

    processes: dict[str, Process] = field(default_factory=dict, repr=False)
    codes: dict[str, _Code] = field(default_factory=dict, repr=False)
    trusted: dict[tuple[str, str], None] = field(default_factory=dict)
    asked: deque[float] = field(default_factory=deque)


class SecondFactor:
    """Two-step verification of the practice account, off to begin with.

    A code is for one app and one terminal, lives ten minutes of practice time, and
    works once. That a newer code ends the older ones is Unverified.
    """

    def __init__(self, email: str, clock: PracticeClock, seed: int) -> None:
        self._email = email
        self._clock = clock
        self._lock = threading.Lock()
        # Repeatable on purpose: same seed, same codes.
        self._random = random.Random(f"{seed}/codes")  # noqa: S311
        self._state = _State()
        self.on = False
        self.kinds: tuple[str, ...] = tuple(KINDS)
        self.mails: deque[Message] = deque(maxlen=REMEMBERED)
        self.pushes: deque[Message] = deque(maxlen=REMEMBERED)

    def require(self, kinds: Collection[str]) -> None:
        """Ask for a code at every login from a terminal that is not trusted."""
        self.kinds = tuple(kind for kind in KINDS if kind in kinds)
        self.on = True

    def challenges(self, app: str, terminal: str) -> bool:
        """Whether a login needs a code."""
        return self.on and not self.trusts(app, terminal)

    def trusts(self, app: str, terminal: str) -> bool:
        """Whether the terminal was bound. A choice: for one app at a time."""
        with self._lock:
            return (app, terminal) in self._state.trusted

    def forget_terminals(self) -> None:
        """Trust no terminal any more."""
        with self._lock:
            self._state.trusted.clear()

    def begin(self, app: str, terminal: str, refresh: bool) -> str:
        """The id of a login that waits for its code."""
        with self._lock:
            name = f"{self._random.getrandbits(128):032x}"
            _keep(self._state.processes, name, Process(app, terminal, refresh))
            return name

    def process(self, name: str) -> Process | None:
        """The waiting login of that id."""
        with self._lock:
            return self._state.processes.get(name)

    def waiting(self, app: str, terminal: str) -> Process | None:
        """The newest waiting login of a terminal, for a client that sends no id."""
        with self._lock:
            owner = (app, terminal)
            found = reversed(self._state.processes.values())
            return next((p for p in found if (p.app, p.terminal) == owner), None)

    def send(self, kind: str, app: str, terminal: str) -> None:
        """Send a code, or a `Refusal` if too many were asked for.

        A push goes to the terminals that are bound already. Where there are none, or
        where this kind is not on offer (Unverified), nothing arrives and nobody says
        so, which is what users report.
        """
        with self._lock:
            now = self._clock.seconds()
            asked = self._state.asked
            while asked and asked[0] <= now - 60:
                asked.popleft()
            if len(asked) >= CODES_A_MINUTE:
                raise Refusal(-21001, "Too many verification code requests")
            asked.append(now)
            subject = f"Your {APP_NAMES[app]} verification code"
            at = datetime.fromtimestamp(now, UTC)
            if kind not in self.kinds:
                return
            if kind == "email":
                code = self._new_code(app, terminal, now)
                mail = Message(self._email, subject, code, at, app, terminal)
                self.mails.append(mail)
                return
            bound = [t for a, t in self._state.trusted if a == app]
            code = self._new_code(app, terminal, now) if bound else ""
            for to in bound:
                self.pushes.append(Message(to, subject, code, at, app, terminal))

    def redeem(self, code: str, app: str, terminal: str, bind: bool) -> None:
        """Use up a code, or a `Refusal`."""
        with self._lock:
            known = self._state.codes.get(code)
            if known is None:
                raise Refusal(-20607, "Verification code error")
            owner = (app, terminal)
            late = self._clock.seconds() >= known.at + CODE_LIVES_S
            if late or not known.good or (known.app, known.terminal) != owner:
                # Unverified: which of the two codes each case has.
                raise Refusal(-20676, "Verification code is ineffective")
            known.good = False
            if bind:
                _keep(self._state.trusted, owner, None)

    def end(self, name: str) -> None:
        """Forget a login that has got its code."""
        with self._lock:
            self._state.processes.pop(name, None)

    def _new_code(self, app: str, terminal: str, now: float) -> str:
        codes = self._state.codes
        for old in codes.values():
            if (old.app, old.terminal) == (app, terminal):
                old.good = False
        code = f"{self._random.randrange(1_000_000):06d}"
        while code in codes:
            code = f"{self._random.randrange(1_000_000):06d}"
        _keep(codes, code, _Code(app, terminal, now))
        return code


def _keep(table: dict[K, V], key: K, value: V) -> None:
    """Remember *value*, and forget the oldest where there are too many."""
    while len(table) >= REMEMBERED:
        del table[next(iter(table))]
    table[key] = value
