"""What is given, and what a device answers, checked in the same words everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tplink_lab.errors import BadInput, NotSupported, UnusableAnswer

__all__ = [
    "flag_in",
    "garbled",
    "milliseconds",
    "not_known",
    "number_in",
    "text_in",
    "whole_number",
]


def whole_number(value: object, low: int, high: int, what: str, unit: str = "") -> int:
    """Return *value*, a whole number from *low* to *high* that a person gave.

    Raises
    ------
    BadInput
        If it is another kind of thing, or outside the range. Nothing is rounded.
    """
    good = isinstance(value, int | float) and not isinstance(value, bool)
    # Also false for NaN and the infinities.
    if good and low <= value <= high and value == int(value):  # type: ignore[operator,call-overload]
        return int(value)  # type: ignore[call-overload,no-any-return]
    raise BadInput(
        f"{what} cannot be {value!r}.",
        next_step=f"Give a whole number from {low} to {high}{unit and ' '}{unit}.",
    )


def milliseconds(value_s: object, what: str, longest_s: float) -> int:
    """Return seconds that a person gave as the wire's milliseconds."""
    good = isinstance(value_s, int | float) and not isinstance(value_s, bool)
    if good and 0 <= value_s <= longest_s:  # type: ignore[operator]
        return round(value_s * 1000)  # type: ignore[operator]
    raise BadInput(
        f"{what} cannot be {value_s!r}.",
        next_step=f"Give seconds from 0 to {longest_s:g}.",
    )


def number_in(
    answer: Mapping[str, Any], key: str, call: str, low: int, high: int
) -> int:
    """Return the whole number that a device's answer promises at *key*.

    Raises
    ------
    UnusableAnswer
        If it is missing, no whole number, or outside the range.
    """
    value = answer.get(key)
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not low <= value <= high
    ):
        raise garbled(call, key)
    return value


def flag_in(answer: Mapping[str, Any], key: str, call: str) -> bool:
    """Return a flag: 0 or 1 in the Kasa dialect, true or false in Tapo's."""
    value = answer.get(key)
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise garbled(call, key)


def text_in(answer: Mapping[str, Any], key: str) -> str:
    """Return the text at *key*, or an empty one."""
    value = answer.get(key)
    return value if isinstance(value, str) else ""


def garbled(call: str, key: str = "") -> UnusableAnswer:
    """Return the error for an answer that holds no sense, ready to raise."""
    where = f" at {key!r}" if key else ""
    return UnusableAnswer(
        f"The device's answer holds a value that makes no sense{where}.",
        call=call,
        next_step="Try again; device.command({...}) shows the answer as it is.",
    )


def not_known(what: str, *, call: str, next_step: str) -> NotSupported:
    """Return the error for what a device may be able to do and the lab is not.

    No source shows how it goes over the wire, and a guess could be misread.
    """
    error = NotSupported(what, call=call, next_step=next_step)
    error.is_ours = True
    return error
