"""The shapes that the account and gateway halves of the cloud answer in."""

from __future__ import annotations

from typing import Any

from .accounts import Refusal

Answer = dict[str, Any]


def failure(code: int, msg: str) -> Answer:
    """An answer that says no."""
    return {"error_code": code, "msg": msg}


def success(result: Any) -> Answer:
    """An answer with a result."""
    return {"error_code": 0, "result": result}


def missing() -> Refusal:
    """A required parameter is not there."""
    return Refusal(-20104, "Parameter doesn't exist")


def wrong_type() -> Refusal:
    """A parameter has another JSON type than it must."""
    # Unverified: which texts the real cloud has here, and for which fields.
    return Refusal(-20105, "Parameter has different type with value")


def texts(params: dict[str, Any], *names: str) -> list[str]:
    """The named parameters, which must all be there and be texts."""
    values = [params.get(name) for name in names]
    if any(value is None for value in values):
        raise missing()
    if not all(isinstance(value, str) for value in values):
        raise wrong_type()
    return [str(value) for value in values]


def flag(params: dict[str, Any], name: str) -> bool:
    """An optional parameter that is true or false; false if it is not there."""
    value = params.get(name, False)
    if not isinstance(value, bool):
        raise wrong_type()
    return value
