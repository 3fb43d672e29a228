"""Aliases as people read them, and the near ones when one is misspelt."""

from __future__ import annotations

import base64
import binascii
import difflib
from collections.abc import Iterable


def decode_alias(alias: str) -> str:
    """The name behind a Tapo alias, which is base64 of UTF-8; others as they are."""
    try:
        text = base64.b64decode(alias, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return alias
    return text if encode_alias(text) == alias else alias


def encode_alias(text: str) -> str:
    """A name as Tapo devices keep it."""
    return base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")


def near(name: str, names: Iterable[str]) -> str:
    """A sentence that suggests the near names, or lists some."""
    everything = list(dict.fromkeys(names))
    folded = {known.casefold(): known for known in everything}
    close = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)
    if close:
        return "Near: " + ", ".join(repr(folded[c]) for c in close) + "."
    if not everything:
        return "There are no devices."
    some = ", ".join(repr(known) for known in everything[:5])
    return f"There are: {some}{', …' if len(everything) > 5 else '.'}"
