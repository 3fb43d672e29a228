"""Lessons are kept run, short, free of helpers, paths and secrets."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
# A token as the cloud makes them, or a field that should have been masked.
SECRET = re.compile(
    r"\b[0-9a-f]{8}-[A-Za-z0-9]{23}\b"
    r"|practice-makes-perfect"
    r"|\"?(?:token|cloudPassword|refreshToken)\\?[\"']: *"
    r"\\?[\"'](?!\[hidden\])[^\"'\\]{6,}"
    r"|[?&]token=(?!\$|%|…|YOUR|\[hidden\])[^\"'&\s\\]{6,}"
)


def cells(path: Path, kind: str = "code") -> list[dict[str, Any]]:
    found = json.loads(path.read_text("utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_lessons_are_numbered_without_a_gap() -> None:
    numbers = [path.name[:2] for path in LESSONS]
    assert numbers == [f"{number:02}" for number in range(len(LESSONS))]


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.name)
def test_a_lesson_says_how_it_goes_with_an_account_of_ones_own(path: Path) -> None:
    prose = "\n".join(source(cell) for cell in cells(path, "markdown"))
    assert re.search(r"tl\.(login\(\"me@example\.com\"|resume\()", prose)


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.name)
def test_every_cell_holds_its_run_in_order(path: Path) -> None:
    counts = [cell["execution_count"] for cell in cells(path)]
    assert counts == list(range(1, len(counts) + 1))
    kernel = json.loads(path.read_text("utf-8"))["metadata"]["kernelspec"]["name"]
    assert kernel == "python3"


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.name)
def test_cells_are_short_and_define_nothing(path: Path) -> None:
    helpers = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    for cell in cells(path):
        lines = [line for line in source(cell).splitlines() if line.strip()]
        assert len(lines) <= 12, source(cell)
        for node in ast.walk(ast.parse(source(cell))):
            assert not isinstance(node, helpers), source(cell)


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.name)
def test_a_lesson_has_the_frame_of_a_lesson(path: Path) -> None:
    prose = "\n".join(source(cell) for cell in cells(path, "markdown"))
    for heading in (
        "# " + path.name[:2],
        "## We will",
        "## You will be able to",
        "## Before you start",
        "## Try it yourself",
        "## Small print",
        "## Where next",
    ):
        assert heading in prose, heading
    for target in re.findall(r"\]\((?!http)([^)#]+)", prose):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.name)
def test_no_lesson_holds_a_secret_or_a_path_of_a_machine(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not SECRET.search(text), SECRET.search(text)
    assert not re.search(r"(?<![\w.])/(?:home|root|Users|work|tmp)/", text)


@pytest.mark.parametrize(
    "planted",
    [
        "a1b2c3d4-Q7w0000000000000000000a",
        '"token": "abcdefgh"',
        "'cloudPassword': 'hunter22'",
        r"\"refreshToken\": \"abcdefgh\"",
        "https://x/?token=abcdefgh",
        "practice-makes-perfect",
    ],
)
def test_a_planted_secret_would_be_found(planted: str) -> None:
    assert SECRET.search(f'{{"text": ["{planted}"]}}')


def headings(path: Path) -> set[str]:
    """Return the anchors that JupyterLab gives the headings of a notebook."""
    prose = "\n".join(source(cell) for cell in cells(path, "markdown"))
    return {h.replace(" ", "-") for h in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)}


def test_words_and_lessons_know_each_other() -> None:
    words = headings(NOTEBOOKS / "glossary.ipynb")
    linked: set[str] = set()
    for path in LESSONS:
        prose = "\n".join(source(cell) for cell in cells(path, "markdown"))
        here = re.findall(r"\]\(glossary\.ipynb#([^)]+)\)", prose)
        assert len(here) == len(set(here)), f"{path.name} links a word twice"
        linked |= set(here)
    assert linked == words - {"The-words-of-this-lab"}


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.name)
def test_the_solution_of_the_exercise_runs_after_the_lesson(
    path: Path, tmp_path: Path
) -> None:
    prose = "\n".join(map(source, cells(path, "markdown")))
    exercise = prose.partition("## Try it yourself")[2]
    (solution,) = re.findall(r"```python\n(.+?)```", exercise, re.DOTALL)
    code = "\n\n".join([*map(source, cells(path, "code")), solution])
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
