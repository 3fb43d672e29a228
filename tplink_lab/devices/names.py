"""Names as their owners typed them."""

from __future__ import annotations

import base64
import binascii
import unicodedata

__all__ = ["folded", "plain_alias"]


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
    encodes back to the same (protocol.md §4).

    Examples
    --------
    >>> plain_alias("S2l0Y2hlbg==", "smart")
    'Kitchen'
    >>> plain_alias("Desk", "iot")
    'Desk'
    """
    if dialect != "smart" or not alias:
        return alias
    try:
        raw = base64.b64decode(alias, validate=True)
        text = raw.decode()
    except (binascii.Error, ValueError):
        return alias
    same = base64.b64encode(raw).decode() == alias
    # Joined emoji hold marks that isprintable() refuses; controls no name holds.
    clean = not any(unicodedata.category(sign) == "Cc" for sign in text)
    return text if same and clean else alias
