"""Columns with a type of their own, the same whether rows are many or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from tplink_lab.devices import parse_firmware

__all__ = [
    "UTC_TIME",
    "category",
    "flag",
    "from_columns",
    "integer",
    "number",
    "text",
    "typed",
    "versions",
]

UTC_TIME = "datetime64[s, UTC]"
# The dtype's name in a table of columns for firmware versions that sort right.
VERSION = "version"


def typed(rows: Sequence[Mapping[str, Any]], dtypes: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with exactly the columns and dtypes of *dtypes*.

    Parameters
    ----------
    rows : sequence of dict
        Column name to value; what is left out is missing.
    dtypes : dict
        Column name to dtype. ``"category"`` makes text categories, ``"version"``
        ordered ones of firmware versions; any other is pandas' own.

    Returns
    -------
    DataFrame
        One row for each of *rows*, in their order.

    Examples
    --------
    >>> frame = typed([{"alias": "Kettle"}], {"alias": "str", "power_w": "float64"})
    >>> frame.dtypes.astype(str).tolist() == typed([], frame.dtypes).dtypes.astype(
    ...     str
    ... ).tolist()
    True
    """
    # Not `for name in dtypes`: a frame's own dtypes are a Series, which gives values.
    columns = {name: [row.get(name) for row in rows] for name, _ in dtypes.items()}
    return from_columns(columns, dtypes)


def from_columns(
    columns: Mapping[str, list[Any]], dtypes: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the same as :func:`typed`, from a list of values for each column."""
    return pd.DataFrame(
        {name: _column(columns[name], dtype) for name, dtype in dtypes.items()}
    )


def _column(values: list[Any], dtype: Any) -> pd.Series[Any]:
    # A CategoricalDtype, too, calls itself equal to "category".
    if isinstance(dtype, str) and dtype == "category":
        return category(values)
    if isinstance(dtype, str) and dtype == VERSION:
        return versions(values)
    column: pd.Series[Any] = pd.Series(values, dtype=dtype)
    return column


def category(values: Iterable[str | None]) -> pd.Series[Any]:
    """Return text categories, text even where there is no value at all.

    ``.str`` then works on every list.
    """
    values = list(values)
    known = pd.Index(sorted({v for v in values if v is not None}), dtype="str")
    return pd.Series(pd.Categorical(values, categories=known))


def versions(values: Iterable[str | None]) -> pd.Series[Any]:
    """Return firmware strings' versions as ordered categories.

    Parameters
    ----------
    values : iterable of str or None
        Firmware strings, or versions alone such as ``"1.0.10"``.

    Returns
    -------
    Series
        ``"1.0.9"`` sorts before ``"1.0.10"``; missing where the form is new.

    Examples
    --------
    >>> versions(["1.0.10 Build 200101 Rel.1", "1.0.9"]).sort_values().tolist()
    ['1.0.9', '1.0.10']
    """
    values = list(values)
    # Each distinct string is parsed once: thousands of devices share a few dozen.
    found = {v: parse_firmware(v).version for v in set(values) if v is not None}
    ordered = sorted({version for version in found.values() if version is not None})
    names = {version: ".".join(map(str, version)) for version in ordered}
    shown = [names.get(found[v]) if v is not None else None for v in values]  # type: ignore[arg-type]
    known = pd.Index([names[version] for version in ordered], dtype="str")
    return pd.Series(pd.Categorical(shown, categories=known, ordered=True))


def text(value: object) -> str | None:
    """Return *value* if it is text that says something."""
    return value if isinstance(value, str) and value else None


def integer(value: object) -> int | None:
    """Return *value* if it is a whole number that a column can hold."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if abs(value) < 2**63 else None


def number(value: object) -> float | None:
    """Return *value* as a float if it is a number of sane size."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Also false for NaN.
    return float(value) if abs(value) < 1e15 else None


def flag(value: object) -> bool | None:
    """Return the meaning of the wire's 0 and 1 (or false and true)."""
    return bool(value) if isinstance(value, int) and value in (0, 1) else None
