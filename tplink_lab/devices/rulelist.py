"""Rules as a sequence that prints well, and as a frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tplink_lab.devices.rules import Rule

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RuleList", "Rules"]


class Rules(Sequence[Any]):
    """Rules as a sequence that prints one line for each."""

    def __init__(self, rules: Sequence[Any]) -> None:
        self._rules = tuple(rules)

    def __getitem__(self, key: Any) -> Any:
        return self._rules[key]

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rules)

    def __eq__(self, other: object) -> bool:
        return list(self) == (list(other) if isinstance(other, Sequence) else other)

    def __hash__(self) -> int:
        return hash(self._rules)

    def __repr__(self) -> str:
        return "\n".join(str(rule) for rule in self) or "<no rules>"


class RuleList(Rules):
    """The rules of a schedule: a sequence, and a frame."""

    def to_frame(self) -> pd.DataFrame:
        """Return one row per rule.

        Returns
        -------
        DataFrame
            Columns ``rule_id``, ``name`` (str), ``is_enabled`` (boolean), ``at``,
            ``action``, ``days``, ``on``, ``until`` (str; empty where there is none)
            and ``brightness`` (Int64, percent; ``<NA>`` where no light is set).
        """
        import pandas as pd

        texts = ("rule_id", "name", "at", "action", "days", "on", "until")
        dtypes: dict[str, Any] = dict.fromkeys(texts, "str")
        dtypes |= {"is_enabled": "boolean", "brightness": "Int64"}
        order = ("rule_id", "name", "is_enabled", *texts[2:], "brightness")
        rows = [_row(rule) for rule in self]
        return pd.DataFrame(
            {
                name: pd.Series([r[name] for r in rows], dtype=dtypes[name])
                for name in order
            }
        )


def _row(rule: Rule) -> dict[str, Any]:
    row = asdict(rule)
    return {
        **row,
        "at": str(rule.at),
        "days": " ".join(rule.days),
        "on": rule.on.isoformat() if rule.on else "",
        "until": str(rule.until) if rule.until else "",
        "brightness": rule.light.get("brightness"),
    }
