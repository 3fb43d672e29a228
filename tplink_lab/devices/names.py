"""Names as their owners typed them."""

from __future__ import annotations

import base64
import binascii

__all__ = ["plain_alias"]


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
    return text if same and text.isprintable() else alias
