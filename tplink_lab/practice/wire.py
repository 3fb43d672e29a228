"""JSON as the practice cloud reads and writes it."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn


class NotJSON(ValueError):
    """The text is not JSON that the practice cloud will read."""


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is out of range")
    return value


def decode(text: str | bytes) -> Any:
    """The value of a JSON text in UTF-8.

    NaN, endless numbers and nesting beyond the interpreter's stack are refused, since
    none of them could be written back as JSON. Of duplicate keys the last wins.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as reason:
        raise NotJSON(str(reason)) from None


def encode(value: Any) -> str:
    """Compact JSON; text stays UTF-8 as in TP-Link's answers."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def encode_bytes(value: Any) -> bytes:
    """Compact JSON in UTF-8; half a surrogate pair becomes a question mark."""
    return encode(value).encode("utf-8", "replace")
