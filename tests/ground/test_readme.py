"""What the README shows is what happens."""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)


def test_the_first_snippet_runs_and_prints_the_table_below_it() -> None:
    first = next(text for kind, text in BLOCKS if kind == "python")
    shown = next(text for kind, text in BLOCKS if kind == "text")
    names: dict[str, Any] = {}
    exec(first, names)
    table = re.sub(r"127\.0\.0\.1:\d+", "PORT", repr(names["cloud"].devices()))
    for line in shown.splitlines():
        if line != "…":
            assert re.sub(r"127\.0\.0\.1:\d+", "PORT", line) in table
    names["cloud"].close()


def test_every_other_snippet_compiles() -> None:
    for kind, text in BLOCKS:
        if kind == "python":
            compile(text, "README.md", "exec")


def test_every_file_and_lesson_it_names_is_there() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
    for name in re.findall(r"^\| `(\d\d_\w+)` \|", README, re.M):
        assert (ROOT / "notebooks" / f"{name}.ipynb").exists(), name
