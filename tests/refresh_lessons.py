"""Run the lessons and keep their outputs: what `python lab.py lessons` calls.

What differs from run to run or from machine to machine without meaning anything is
left out, so that a saved lesson changes only when what it shows changes.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def normalise(notebook: Any) -> None:
    """Strip *notebook* of what is different on every machine and in every run."""
    notebook.metadata = {
        "kernelspec": dict(KERNEL),
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02}"
        tags = cell.metadata.get("tags")
        cell.metadata = {"tags": tags} if tags else {}
        for output in cell.get("outputs", []):
            if output.output_type in ("display_data", "execute_result"):
                # The widget's model lives in the kernel that is gone: the view
                # would show as an error, its plain text does not.
                output.data.pop(WIDGET_VIEW, None)
            if output.output_type == "error":
                # Frames of libraries carry this machine's paths; nbval compares
                # none of them.
                output.traceback = [
                    entry
                    for entry in output.traceback
                    if not ANSI.sub("", entry).lstrip().startswith("File ")
                ]


def steady_ports(text: str) -> str:
    """Number the loopback ports in their order: each run gets others."""
    ports: dict[str, int] = {}
    return re.sub(
        r"(127\.0\.0\.1:)(\d+)",
        lambda m: m[1] + str(50001 + ports.setdefault(m[2], len(ports))),
        text,
    )


def refresh(path: Path) -> None:
    """Run the lesson at *path* from top to bottom and save it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    normalise(notebook)
    nbformat.validate(notebook)
    text = steady_ports(nbformat.writes(notebook))
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".half")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text.rstrip("\n") + "\n")
    Path(half).chmod(0o644)
    Path(half).replace(path)


def main(names: list[str]) -> int:
    """Refresh the lessons named, or all; return the exit code."""
    paths = [Path(name) for name in names] or sorted(NOTEBOOKS.glob("*.ipynb"))
    if not paths:
        print(f"There are no lessons in {NOTEBOOKS}.", file=sys.stderr)
        return 2
    failed = 0
    for path in paths:
        if not path.is_file():
            path = NOTEBOOKS / path.name  # a bare name is enough
        try:
            refresh(path)
        except FileNotFoundError:
            print(f"{path.name}: there is no such lesson.", file=sys.stderr)
            failed += 1
        except (CellExecutionError, DeadKernelError) as error:
            print(f"{path.name}: {error}\nKept as it was.", file=sys.stderr)
            failed += 1
        else:
            print(f"{path.name}: refreshed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
