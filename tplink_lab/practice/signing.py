"""Signed calls: whose key pair it is, and whether the signature fits the bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .accounts import Refusal
from .server import Call

APPS = ("kasa", "tapo")


@dataclass(frozen=True)
class KeyPair:
    """What an app signs with; it tells the cloud which app is calling."""

    app: str
    access_key: str
    secret: str = field(repr=False)


# The practice cloud's own, invented: they open nothing else.
PRACTICE = (
    KeyPair(
        "kasa", "5eedca5a00000000000000000000a001", "5eedca5a0000000000000000000051e7"
    ),
    KeyPair(
        "tapo", "5eed7a9000000000000000000000a002", "5eed7a900000000000000000000051e8"
    ),
)
# As published with the clients PK, TC, TK, IB and OT, which carry them built in.
# Without these the practice cloud could be no host of theirs.
PUBLISHED = (
    KeyPair(
        "kasa", "e37525375f8845999bcc56d5e6faa76d", "314bc6700b3140ca80bc655e527cb062"
    ),
    KeyPair(
        "tapo", "4d11b6b9d5ea4d19a829adbb9714b057", "6ed7d97f3e73467f8a5bab90b577ba4c"
    ),
)


def content_md5(body: bytes) -> str:
    """The `Content-MD5` of a body."""
    digest = hashlib.md5(body, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode("ascii")


def signature(secret: str, md5: str, timestamp: str, nonce: str, path: str) -> str:
    """The signature of a call, in lowercase hexadecimal.

    >>> signature("s", content_md5(b"{}"), "9999999999", "n", "/")
    'ce809a59327665bd0e4e90c901e25becbab91ffc'
    """
    text = f"{md5}\n{timestamp}\n{nonce}\n{path}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha1).hexdigest()


def signer(call: Call, pairs: Iterable[KeyPair] = (*PRACTICE, *PUBLISHED)) -> str:
    """The app that signed a call, or a `Refusal` that says what is wrong.

    Any timestamp will do, a nonce may come again, and `Content-MD5` may stay away
    if it is in the signed text: clients that do so have been seen to work.
    """
    given = _fields(call.headers.get("X-Authorization"))
    if not given:
        raise _denied("the call carries no X-Authorization")
    for name in ("Timestamp", "Nonce", "AccessKey", "Signature"):
        if not given.get(name):
            raise _denied(f"X-Authorization has no {name}")
    pair = next((p for p in pairs if p.access_key == given["AccessKey"]), None)
    if pair is None:
        raise _denied("unknown AccessKey")
    md5 = content_md5(call.body)
    if call.headers.get("Content-MD5", md5).strip() != md5:
        raise _denied("Content-MD5 does not fit the body")
    right = signature(pair.secret, md5, given["Timestamp"], given["Nonce"], call.path)
    if not hmac.compare_digest(right.encode(), given["Signature"].encode()):
        raise _denied("the signature does not fit the call")
    return pair.app


def app_of(app_type: str, default: str) -> str:
    """The app that an `appType` names, else *default*.

    The type outranks the key pair, because the pairing is not enforced: two clients
    sign with Kasa's keys as `TP-Link_Tapo_Android` and get on.
    """
    kind = app_type.casefold()
    return next((app for app in APPS if app in kind), default)


def own_keys() -> dict[str, dict[str, str]]:
    """The practice cloud's own pairs, by app."""
    return {p.app: {"access_key": p.access_key, "secret": p.secret} for p in PRACTICE}


def _fields(header: str | None) -> Mapping[str, str]:
    parts = [part.partition("=") for part in (header or "").split(",")]
    return {name.strip(): value.strip() for name, _, value in parts if value}


def _denied(reason: str) -> Refusal:
    # Invented: nobody has recorded what the real cloud answers a bad signature.
    return Refusal(-20001, f"permission denied: {reason}")
