"""The practice account: its password, its sessions and its tokens."""

from __future__ import annotations

import hashlib
import random
import string
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .clock import PracticeClock

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
class _Session:
    token: str
    expires: float


@dataclass
class _Refresh:
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
        self._clock = clock
        self._lock = threading.Lock()
        # Repeatable on purpose; see the class docstring.
        self._random = random.Random(f"{seed}/tokens")  # noqa: S311
        self._sessions: dict[str, _Session] = {}
        self._evicted: deque[str] = deque(maxlen=REMEMBERED)
        self._refresh: dict[str, _Refresh] = {}
        self._wrong = 0
        self._locked_until: float | None = None

    def __repr__(self) -> str:
        return f"<Account {self.email} password=[set] sessions={len(self._sessions)}>"

    def login(
        self, email: str, password: str, terminal: str, refresh: bool
    ) -> dict[str, Any]:
        """The result of a login, or a `Refusal`."""
        with self._lock:
            now = self._clock.seconds()
            # Unverified: that the name is compared without regard to case.
            if email.casefold() != self.email.casefold():
                raise Refusal(-20601, "Incorrect email or password")
            if self._locked_until is not None:
                if now < self._locked_until:
                    self._refuse_locked(now)
                self._locked_until = None
                self._wrong = 0
            if password != self.password:
                self._wrong += 1
                if self._wrong >= WRONG_PASSWORDS:
                    self._locked_until = now + LOCKED_S
                    self._refuse_locked(now)
                raise Refusal(-20601, "Incorrect email or password")
            self._wrong = 0
            result = {**self.facts, "errorCode": "0", "token": self._open(now)}
            if refresh:
                result["refreshToken"] = self._grant(terminal, now)
            return result

    def _refuse_locked(self, now: float) -> None:
        assert self._locked_until is not None
        minutes = int((self._locked_until - now + 59) // 60)
        # Unverified: both the text and the place of `lockedMinutes`.
        raise Refusal(-20661, "Account is locked", lockedMinutes=minutes)

    def refresh(self, refresh_token: str, terminal: str) -> dict[str, Any]:
        """A new token for a refresh token, or a `Refusal`."""
        with self._lock:
            now = self._clock.seconds()
            grant = self._refresh.get(refresh_token)
            # Unverified: that a refresh token is bound to its terminal.
            if grant is None or grant.terminal != terminal:
                raise Refusal(-20656, "Refresh token incorrect")
            if now >= grant.expires:
                raise Refusal(-20655, "Refresh token expired")
            return {"token": self._open(now), "refreshToken": refresh_token}

    def check(self, token: object) -> None:
        """Let a live token pass; anything else is a `Refusal`."""
        with self._lock:
            session = self._sessions.get(token) if isinstance(token, str) else None
            if session is not None and self._clock.seconds() < session.expires:
                return
            if session is None and token in self._evicted:
                raise Refusal(-20675, "Account login in other places")
            raise Refusal(-20651, "Token expired")

    def expire_tokens(self) -> None:
        """End every session, as if its token's time had come."""
        with self._lock:
            for session in self._sessions.values():
                session.expires = float("-inf")

    def _open(self, now: float) -> str:
        # A session whose token has expired takes no place; its token is forgotten,
        # which the wire cannot tell from expired.
        for old in [t for t, s in self._sessions.items() if s.expires <= now]:
            del self._sessions[old]
        while len(self._sessions) >= SESSIONS:
            oldest = next(iter(self._sessions))
            del self._sessions[oldest]
            self._evicted.append(oldest)
        token = self._token()
        self._sessions[token] = _Session(token, now + self.lifetime_s)
        return token

    def _grant(self, terminal: str, now: float) -> str:
        for old in [t for t, r in self._refresh.items() if r.terminal == terminal]:
            del self._refresh[old]
        while len(self._refresh) >= REMEMBERED:
            del self._refresh[next(iter(self._refresh))]
        token = self._token()
        expires = now + REFRESH_LIVES * self.lifetime_s
        self._refresh[token] = _Refresh(terminal, expires)
        return token

    def _token(self) -> str:
        head = f"{self._random.getrandbits(32):08x}"
        tail = "".join(self._random.choices(_ALPHANUMERIC, k=23))
        return f"{head}-{tail}"
