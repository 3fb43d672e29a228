"""Which cell a widget was made in: a cell that runs again stops what it made before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["running_cell", "stop_earlier_runs"]


def running_cell() -> tuple[str, str] | None:
    """Return the id of the cell that runs, and of this run of it, if there is one."""
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return None
    ask = getattr(get_ipython(), "get_parent", None)
    parent = ask() if ask is not None else None
    if not isinstance(parent, dict):
        return None
    cell = parent.get("metadata", {}).get("cellId")
    run = parent.get("header", {}).get("msg_id")
    return (str(cell), str(run)) if cell and run else None


def stop_earlier_runs(cell: tuple[str, str] | None, others: Iterable[Any]) -> None:
    """Stop those of *others* that an earlier run of *cell* made."""
    for other in list(others):
        its = other._cell
        if cell and its and its[0] == cell[0] and its[1] != cell[1]:
            other.stop()
