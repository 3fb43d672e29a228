"""The practice account: its password, its sessions and its tokens."""

from __future__ import annotations

import hashlib
import math
import random
import string
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .clock import PracticeClock
from .home import REGIONS

# Unverified: nobody has recorded after how many wrong passwords the real cloud locks
# an account, nor for how long. The practice cloud takes five, and two minutes.
WRONG_PASSWORDS = 5
LOCKED_S = 120
# The 21st session ends the oldest one (KasaSim; one source).
SESSIONS = 20
# Unverified: the life of a real refresh token is unknown.
REFRESH_LIVES = 6
# Of sessions that were ended by newer ones so many are remembered by name.
REMEMBERED = 1000

_ALPHANUMERIC = string.ascii_letters + string.digits


class Refusal(Exception):
    """An account call is answered with an error code."""

    def __init__(self, code: int, msg: str, **result: Any) -> None:
        super().__init__(msg)
        self.code = code
        self.msg = msg
        self.result = result


@dataclass
class Session:
    """What a login opened: for which app, on which terminal, until when."""

    token: str = field(repr=False)
    app: str
    terminal: str
    expires: float


@dataclass
class _Grant:
    app: str
    terminal: str
    expires: float


class Account:
    """One account of the practice cloud, with its sessions on the practice clock.

    Tokens come from a seeded generator: the same home, seed and order of calls give
    the same tokens. They open nothing but this practice cloud.
    """

    def __init__(
        self,
        facts: Mapping[str, Any],
        clock: PracticeClock,
        seed: int,
        token_lifetime_s: float,
    ) -> None:
        self.email: str = facts["email"]
        self.password: str = facts["password"]
        digest = hashlib.sha256(self.email.encode("utf-8", "replace")).digest()
        self.facts: dict[str, Any] = {
            "accountId": str(1_000_000 + int.from_bytes(digest[:4]) % 9_000_000),
            "regTime": "2017-01-20 18:02:11",
            "countryCode": "RS",
            "nickname": "",
            "riskDetected": 0,
            **{k: v for k, v in facts.items() if k not in ("email", "password")},
            "email": self.email,
        }
        self.lifetime_s = token_lifetime_s
        # Where the account lives, and what a name that has no account is answered.
        self.region = REGIONS[0]
        self.unknown_code = -20601
        self._clock = clock
        self._lock = threading.Lock()
        # Repeatable on purpose; see the class docstring.
        self._random = random.Random(f"{seed}/tokens")  # noqa: S311
        self._sessions: dict[str, Session] = {}
        self._evicted: deque[str] = deque(maxlen=REMEMBERED)
        self._grants: dict[str, _Grant] = {}
        self._wrong = 0
        self._locked_until: float | None = None

    def __repr__(self) -> str:
        return f"<Account {self.email} password=[set] sessions={len(self._sessions)}>"

    # -- logging in ------------------------------------------------------------------

    def knows(self, email: str) -> bool:
        """Whether this is the account's name."""
        # Unverified: that the name is compared without regard to case.
        return email.casefold() == self.email.casefold()

    def must_know(self, email: str) -> None:
        """Let the account's name pass; any other is a `Refusal`."""
        if not self.knows(email):
            if self.unknown_code == -20600:
                raise Refusal(-20600, "Account not found")
            raise Refusal(-20601, "Incorrect email or password")

    def verify(self, email: str, password: str) -> None:
        """Let the right name and password pass; anything else is a `Refusal`."""
        self.must_know(email)
        with self._lock:
            if self._locked_now():
                raise self._locked()
            if password != self.password:
                self._wrong += 1
                if self._wrong >= WRONG_PASSWORDS:
                    self._locked_until = self._clock.seconds() + LOCKED_S
                    raise self._locked()
                # Unverified: what these two count, and that a failed login has them.
                raise Refusal(
                    -20601,
                    "Incorrect email or password",
                    failedAttempts=self._wrong,
                    remainAttempts=WRONG_PASSWORDS - self._wrong,
                )
            self._wrong = 0

    def open(self, app: str, terminal: str, refresh: bool) -> dict[str, Any]:
        """The result of a login, for a caller that has been verified."""
        with self._lock:
            now = self._clock.seconds()
            token = self._open(app, terminal, now)
            result = {**self.facts, "errorCode": "0", "token": token}
            if refresh:
                result["refreshToken"] = self._grant(app, terminal, now)
            return result

    @property
    def is_locked(self) -> bool:
        """Whether even the right password is refused."""
        with self._lock:
            return self._locked_now()

    def lock(self, seconds: float) -> None:
        """Refuse every password for so long."""
        with self._lock:
            self._locked_until = self._clock.seconds() + seconds

    def unlock(self) -> None:
        """Forgive and forget the wrong passwords."""
        with self._lock:
            self._locked_until = None
            self._wrong = 0

    def _locked_now(self) -> bool:
        if self._locked_until is not None:
            if self._clock.seconds() < self._locked_until:
                return True
            self._locked_until = None
            self._wrong = 0
        return False

    def _locked(self) -> Refusal:
        assert self._locked_until is not None
        left_s = self._locked_until - self._clock.seconds()
        # Never 0, which would read as open; a running clock goes on meanwhile.
        minutes = max(1, math.ceil(left_s / 60))
        # Unverified: both the text and the place of `lockedMinutes`.
        return Refusal(-20661, "Account is locked", lockedMinutes=minutes)

    # -- staying logged in -----------------------------------------------------------

    def refresh(self, refresh_token: str, app: str, terminal: str) -> dict[str, Any]:
        """A new token for a refresh token, or a `Refusal`."""
        with self._lock:
            now = self._clock.seconds()
            grant = self._grants.get(refresh_token)
            # Unverified: that a refresh token is bound to its app and its terminal.
            if grant is None or (grant.app, grant.terminal) != (app, terminal):
                raise Refusal(-20656, "Refresh token incorrect")
            if now >= grant.expires:
                raise Refusal(-20655, "Refresh token expired")
            token = self._open(app, terminal, now)
            return {"token": token, "refreshToken": refresh_token}

    def check(self, token: object) -> Session:
        """The session of a live token; anything else is a `Refusal`."""
        with self._lock:
            session = self._sessions.get(token) if isinstance(token, str) else None
            if session is not None and self._clock.seconds() < session.expires:
                return session
            if session is None and token in self._evicted:
                raise Refusal(-20675, "Account login in other places")
            raise Refusal(-20651, "Token expired")

    def expire_tokens(self) -> None:
        """End every session, as if its token's time had come."""
        with self._lock:
            for session in self._sessions.values():
                session.expires = float("-inf")

    def expire_grants(self) -> None:
        """Let every refresh token grow too old."""
        with self._lock:
            for grant in self._grants.values():
                grant.expires = float("-inf")

    def evict(self) -> None:
        """End every session, as if newer logins had taken its place."""
        with self._lock:
            self._evicted.extend(self._sessions)
            self._sessions.clear()

    def _open(self, app: str, terminal: str, now: float) -> str:
        # A session whose token has expired takes no place; its token is forgotten,
        # which the wire cannot tell from expired.
        for old in [t for t, s in self._sessions.items() if s.expires <= now]:
            del self._sessions[old]
        # A choice: each app has sessions of its own, and ends its own only.
        others = [token for token, s in self._sessions.items() if s.app == app]
        for oldest in others[: max(0, len(others) - SESSIONS + 1)]:
            del self._sessions[oldest]
            self._evicted.append(oldest)
        token = self._token()
        self._sessions[token] = Session(token, app, terminal, now + self.lifetime_s)
        return token

    def _grant(self, app: str, terminal: str, now: float) -> str:
        owner = (app, terminal)
        mine = [t for t, g in self._grants.items() if (g.app, g.terminal) == owner]
        for old in mine:
            del self._grants[old]
        while len(self._grants) >= REMEMBERED:
            del self._grants[next(iter(self._grants))]
        token = self._token()
        expires = now + REFRESH_LIVES * self.lifetime_s
        self._grants[token] = _Grant(app, terminal, expires)
        return token

    def _token(self) -> str:
        head = f"{self._random.getrandbits(32):08x}"
        tail = "".join(self._random.choices(_ALPHANUMERIC, k=23))
        return f"{head}-{tail}"
