"""How a recorder is doing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

__all__ = ["RecorderStatus"]


@dataclass(frozen=True)
class RecorderStatus:
    """How a recorder is doing.

    Attributes
    ----------
    state : str
        ``"recording"``, ``"paused"`` or ``"stopped"``.
    path : Path
        The history file.
    interval_s : float
        From one sweep to the next, before jitter.
    sweeps, rows : int
        Committed since it was made; a row is one reading.
    last_sweep, next_sweep : datetime or None
        On the recorder's clock; None if there was, or will be, none.
    errors : dict
        Device or outlet name → what went wrong in the last sweep.
    left_out : tuple of str
        Devices that this version cannot talk to.
    unsaved : int
        Sweeps that wait in memory, because the file could not be written.
    lost : int
        Sweeps given up because too many were waiting.
    problem : str
        Why they wait, or what ended the recording; empty if all is well.
    """

    state: str
    path: Path
    interval_s: float
    sweeps: int = 0
    rows: int = 0
    last_sweep: datetime | None = None
    next_sweep: datetime | None = None
    errors: dict[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    unsaved: int = 0
    lost: int = 0
    problem: str = ""

    def __str__(self) -> str:
        lines = [
            f"{self.state}: {self.sweeps} sweeps, {self.rows} rows in {self.path.name}"
        ]
        if self.last_sweep is not None:
            lines.append(f"last sweep {self.last_sweep:%Y-%m-%d %H:%M:%S %Z}")
        if self.next_sweep is not None:
            lines.append(f"next sweep {self.next_sweep:%Y-%m-%d %H:%M:%S %Z}")
        lines += [f"{name}: {text}" for name, text in self.errors.items()]
        if self.left_out:
            lines.append(f"left out: {', '.join(self.left_out)}")
        if self.unsaved or self.lost:
            lines.append(f"not saved: {self.unsaved} waiting, {self.lost} lost")
        if self.problem:
            lines.append(f"problem: {self.problem}")
        return "\n".join(lines)
