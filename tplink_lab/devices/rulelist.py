"""Rules as a sequence that prints well, and as a frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

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
        from tplink_lab.data.rulelists import rule_frame

        return rule_frame(self)
