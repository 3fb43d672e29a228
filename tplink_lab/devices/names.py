"""Names as their owners typed them."""

from __future__ import annotations

import base64
import binascii
import unicodedata

__all__ = ["decoded", "folded", "plain_alias"]

# What turns the direction of writing (Unicode TR 9): "gpj.exe" would read "exe.jpg".
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def folded(name: str) -> str:
    """Return a name as it is compared: without capitals and outer blanks.

    The same letter has several spellings in Unicode: one keyboard sends ``ü``,
    another ``u`` and two dots; they are one here.

    Examples
    --------
    >>> folded(" B\u00fcro ") == folded("bu\u0308ro")
    True
    """
    return unicodedata.normalize("NFKC", name).casefold().strip()


def plain_alias(alias: str, dialect: str) -> str:
    """Return the name as its owner typed it.

    The cloud lists Tapo names as base64 of UTF-8. ``Desk`` is valid base64 too, so a
    Kasa name is never decoded, and a Tapo name only if it decodes to clean text and
    encodes back to the same (protocol.md §4). Control characters, with which a shared
    device's name could steer a terminal, become a replacement character.

    Examples
    --------
    >>> plain_alias("S2l0Y2hlbg==", "smart")
    'Kitchen'
    >>> plain_alias("Desk", "iot")
    'Desk'
    """
    return _harmless(decoded(alias) if dialect == "smart" else alias)


def decoded(alias: str) -> str:
    """Return the clean text that *alias* is the base64 of, or itself."""
    try:
        raw = base64.b64decode(alias, validate=True)
        text = raw.decode()
    except (binascii.Error, ValueError):
        return alias
    same = base64.b64encode(raw).decode() == alias
    # Joined emoji hold marks that isprintable() refuses; controls no name holds.
    clean = not any(unicodedata.category(sign) == "Cc" for sign in text)
    return text if same and clean else alias


def _harmless(name: str) -> str:
    """Return a name that moves no cursor, starts no line and turns no text around."""
    if name.isprintable():
        return name
    return "".join("\ufffd" if _is_control(sign) else sign for sign in name)


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Zl", "Zp") or sign in _TURNS
