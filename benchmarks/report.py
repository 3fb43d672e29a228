"""A run as Markdown, and as one picture."""

from __future__ import annotations

import math
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.jobs import Bench, Goal, Row

COLOURS = {
    "lab": "#0b6e4f",
    "floor": "#999999",
    "session": "#4c78a8",
    "lean": "#9ecae9",
    "post": "#f2cf5b",
    "curl": "#b279a2",
    "py": "#e45756",
    "npm": "#f58518",
}


def machine() -> str:
    """Return what it ran on, in a line."""
    import os

    parts = [
        f"{os.cpu_count()} cores",
        platform.machine(),
        platform.system(),
        f"Python {platform.python_version()}",
    ]
    for name in ("requests", "urllib3", "pandas", "tplink-cloud-api"):
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            parts.append(f"no {name}")
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg()) if os.name != "nt" else "?"
    return f"{', '.join(parts)}; load before the end: {load}"


def table(bench: Bench, took_s: float) -> str:
    """Return the whole report as Markdown."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    lines = [
        "# Benchmarks",
        "",
        f"{now}, {took_s:.0f} s. {machine()}.",
        "",
        "Medians; ratios are of this run. See ../README.md for the method.",
        "",
        "## Goals",
        "",
        "| goal | bound | measured | reached | |",
        "|---|---|---|---|---|",
        *[_goal(goal) for goal in bench.goals],
        "",
        "## Figures",
        "",
        "| job | r ms | client | wall ms | CPU ms | connections | requests | peak MB "
        "| failures |",
        "|---|---|---|---|---|---|---|---|---|",
        *[_row(row) for row in bench.rows],
        "",
        *[f"- {note}" for note in bench.notes],
    ]
    return "\n".join(lines).rstrip() + "\n"


def _goal(goal: Goal) -> str:
    yes = "yes" if goal.is_reached else "**no**"
    return f"| {goal.what} | {goal.bound} | {goal.value:.3g} | {yes} | {goal.note} |"


def _row(row: Row) -> str:
    def number(value: float, form: str = ".4g") -> str:
        return "" if math.isnan(value) else format(value, form)

    cells = [
        row.job,
        str(row.delay_ms),
        row.peer,
        number(row.wall_ms),
        number(row.cpu_ms, ".3g"),
        number(row.connections, ".3g"),
        number(row.requests, ".4g"),
        number(row.peak_mb, ".0f") if row.peak_mb else "",
        str(row.failures),
    ]
    return f"| {' | '.join(cells)} |"


def picture(bench: Bench, file: Path) -> bool:
    """Draw the wall times by job; whether matplotlib was there to do it."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
    except ImportError:
        print("no matplotlib, no picture", file=sys.stderr)
        return False
    wanted = [
        ("toggle", 20, "Toggle, r = 20 ms"),
        ("toggle after 6 s idle", 80, "Toggle after 6 s idle, r = 80 ms"),
        ("state and meter of 100", 20, "State and meter of 100, r = 20 ms"),
        ("sweep of 1000", 20, "Sweep of 1000, k = 32, r = 20 ms"),
        ("list of 10000", 0, "List of 10 000 to objects"),
        ("cold start to list of 10", 0, "Cold start to a list of 10"),
    ]
    shown = [
        (title, [r for r in bench.rows if (r.job, r.delay_ms) == (job, delay)])
        for job, delay, title in wanted
    ]
    shown = [(title, rows) for title, rows in shown if rows]
    if not shown:
        return False
    figure, axes = plt.subplots(
        (len(shown) + 1) // 2, 2, figsize=(11, 2.6 * ((len(shown) + 1) // 2)),
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for axis, (title, rows) in zip(axes.flat, shown, strict=False):
        rows = sorted(rows, key=lambda row: -row.wall_ms)
        names = [row.peer for row in rows]
        colours = [COLOURS.get(name.split(",")[0], "#4c78a8") for name in names]
        bars = axis.barh(names, [row.wall_ms for row in rows], color=colours)
        axis.bar_label(bars, fmt="%.4g", padding=3, fontsize=8)
        axis.set_title(title, fontsize=10, loc="left")
        axis.set_xlabel("wall time, median [ms]", fontsize=8)
        axis.margins(x=0.15)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes.flat[len(shown) :]:
        axis.set_visible(False)
    figure.savefig(file, dpi=110)
    plt.close(figure)
    return True
