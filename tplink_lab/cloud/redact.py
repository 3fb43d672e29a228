"""Take the secrets out of what is shown or kept."""

from __future__ import annotations

import json
import re
from typing import Any

from tplink_lab.cloud.secret import MASK, Secret

__all__ = ["is_secret_key", "redacted"]

# Parts of the names of fields that carry a secret, in lower case: on the wire
# (protocol.md §2, §3), inside device commands (Wi-Fi and binding passwords), and in
# commands that nobody has written down. Rather one field too many.
PARTS = (
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "psk",
    "token",
    "secret",
    "credential",
    "ciphertext",
    "mfaprocessid",
)
CODE = "code"


def is_secret_key(key: str) -> bool:
    """Whether a field of this name is taken to carry a secret.

    Examples
    --------
    >>> is_secret_key("newCloudPassword"), is_secret_key("error_code")
    (True, False)
    """
    key = key.lower()
    return key == CODE or any(part in key for part in PARTS)


def redacted(value: Any, known: tuple[str, ...] = ()) -> Any:
    """Return a copy of *value* with every secret replaced by ``[hidden]``.

    Parameters
    ----------
    value : Any
        JSON-like data; text that holds JSON is looked into as well.
    known : tuple of str
        Secrets by value: they are replaced wherever they occur.

    Examples
    --------
    >>> redacted({"result": {"token": "a1b2", "email": "ada@example.com"}})
    {'result': {'token': '[hidden]', 'email': 'ada@example.com'}}
    >>> redacted("see token a1b2c3d4", ("a1b2c3d4",))
    'see token [hidden]'
    """
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, dict):
        return {
            _text(key, known): MASK
            if _is_secret(key.lower(), item)
            else redacted(item, known)
            for key, item in ((str(k), v) for k, v in value.items())
        }
    if isinstance(value, list | tuple):
        return [redacted(item, known) for item in value]
    if isinstance(value, str):
        return _text(value, known)
    return value


# Also where an answer was cut off, and is no JSON any more.
_FIELD = re.compile(
    r'("(?:%s|[^"\\]*(?:%s)[^"\\]*)\\*"\s*:\s*\\*")([^"\\]+)'  # noqa: UP031
    % (CODE, "|".join(PARTS)),
    re.IGNORECASE,
)


def _is_secret(key: str, item: Any) -> bool:
    # True and False tell of a secret (refreshTokenNeeded), and are none.
    if not item or item is True or not is_secret_key(key):
        return False
    # A number called "code" is an error's; a code to log in with is text.
    return key != CODE or isinstance(item, str | Secret)


def _text(text: str, known: tuple[str, ...]) -> str:
    for secret in known:
        if secret:
            text = text.replace(secret, MASK)
    if text.startswith(("{", "[")) and text.endswith(("}", "]")):
        # requestData and responseData are JSON inside text.
        try:
            inner = json.loads(text)
            cleaned = redacted(inner, known)
        except (ValueError, RecursionError):
            return _FIELD.sub(rf"\g<1>{MASK}", text)
        if cleaned != inner:
            return json.dumps(cleaned, separators=(",", ":"), ensure_ascii=False)
        return text
    return _FIELD.sub(rf"\g<1>{MASK}", text)
