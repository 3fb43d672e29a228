"""How a SMART device says no, and how it reads its parameters."""

from __future__ import annotations

import math
from typing import Any

COMMON = -1
UNSPECIFIC = -1001
UNKNOWN_METHOD = -1002
NOT_JSON = -1003
PARAMETER = -1008
# What cameras say of a method that they do not have.
CAMERA_UNSUPPORTED = -40101


class Fault(Exception):
    """A method is answered with an error code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def is_whole(value: object, low: int, high: int) -> bool:
    """Whether it is a whole number in the range; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    return low <= value <= high


def is_number(value: object, low: float, high: float) -> bool:
    """Whether it is a finite number in the range."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and low <= value <= high


def whole(params: dict[str, Any], key: str, low: int, high: int) -> int:
    """The whole number `params[key]`, which must be there and in the range."""
    value = params.get(key)
    if not is_whole(value, low, high):
        raise Fault(PARAMETER)
    return int(params[key])
