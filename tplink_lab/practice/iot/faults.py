"""How each family of devices says no."""

from __future__ import annotations

from typing import Any

# Codes and texts by family, from simulators that copied hardware and from dumps.
PLUG: dict[str, tuple[int, str]] = {
    "module": (-1, "module not support"),
    "method": (-2, "member not support"),
    "value": (-3, "invalid argument"),
    "missing": (-3, "invalid argument"),
    "missing_id": (-10002, "Missing neccesary argument"),
    "entry": (-14, "entry not exist"),
    "full": (-10, "table is full"),
}
BULB: dict[str, tuple[int, str]] = {
    "module": (-2001, "Module not support"),
    "method": (-2000, "Method not support"),
    "value": (-10000, "Invalid input argument"),
    "missing": (-10002, "Missing neccesary argument"),
    "missing_id": (-10002, "Missing neccesary argument"),
    "entry": (-14, "entry not exist"),
    "full": (-10, "table is full"),
}
CAMERA: dict[str, tuple[int, str]] = dict.fromkeys(
    PLUG, (-10008, "Unsupported API call.")
)
# Codes by which a dump shows that a module is not there at all.
NO_MODULE = frozenset({-1, -2001, -10008})


class Fault(Exception):
    """A method refuses; `kind` is a key of the tables above."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def whole(args: dict[str, Any], key: str, low: int, high: int) -> int:
    """The whole number `args[key]`, which must be there and in the range."""
    if key not in args:
        raise Fault("missing")
    value = args[key]
    if isinstance(value, bool) or not isinstance(value, int):
        raise Fault("value")
    if not low <= value <= high:
        raise Fault("value")
    return value


def text(args: dict[str, Any], key: str, longest: int) -> str:
    """The text `args[key]`, which must be there and not too long."""
    if key not in args:
        raise Fault("missing")
    value = args[key]
    if not isinstance(value, str) or len(value) > longest:
        raise Fault("value")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Fault("value") from None
    return value
