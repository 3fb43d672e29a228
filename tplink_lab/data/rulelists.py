"""The rules of one schedule as a DataFrame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pandas as pd

from tplink_lab.devices import Rule

__all__ = ["rule_frame"]

_TEXTS = ("rule_id", "name", "at", "action", "days", "on", "until")
_DTYPES: dict[str, Any] = {
    **dict.fromkeys(_TEXTS, "str"),
    "is_enabled": "boolean",
    "brightness": "Int64",
}
_ORDER = ("rule_id", "name", "is_enabled", *_TEXTS[2:], "brightness")


def rule_frame(rules: Iterable[Rule]) -> pd.DataFrame:
    """Return one row per rule; see :meth:`tplink_lab.devices.RuleList.to_frame`.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     rules = cloud.device("Reading Lamp").schedule.rules()
    >>> rule_frame(rules)[["at", "action"]]
          at action
    0  22:30    off
    """
    rows = [_row(rule) for rule in rules]
    return pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype=_DTYPES[name])
            for name in _ORDER
        }
    )


def _row(rule: Rule) -> dict[str, Any]:
    return {
        **asdict(rule),
        "at": str(rule.at),
        "days": " ".join(rule.days),
        "on": rule.on.isoformat() if rule.on else "",
        "until": str(rule.until) if rule.until else "",
        "brightness": rule.light.get("brightness"),
    }
