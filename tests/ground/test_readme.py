"""What the README shows is what happens."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import tplink_lab as tl
from tplink_lab.cli import _parser

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


def test_the_snippet_of_the_real_account_runs_on_the_practice_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [text] = [text for kind, text in BLOCKS if kind == "python"][1:]
    with tl.practice() as school:
        us = school.practice
        monkeypatch.setenv("TPLINK_LAB_PASSWORD", us.password)
        # All that is different: where, who, and that practice is kept only if asked to.
        there = f'tl.login("{us.email}", url="{us.url}", remember=True)'
        here = text.replace('tl.login("me@example.com")', there)
        assert here != text
        names: dict[str, Any] = {"tl": tl}
        exec(here.replace("Freezer", "Fridge"), names)
        with pytest.raises(tl.errors.WriteRefused):
            names["cloud"].device("Fridge").turn_off()


def test_every_file_and_lesson_it_names_is_there() -> None:
    for target in re.findall(r"\]\((?!https:)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
    for name in re.findall(r"^\| `(\d\d_\w+)` \|", README, re.M):
        assert (ROOT / "notebooks" / f"{name}.ipynb").exists(), name


def commands() -> list[str]:
    """Return every `tplink-lab …` that README and lessons tell people to type."""
    lessons = (ROOT / "notebooks").glob("*.ipynb")
    prose = README + "".join(
        "".join(cell["source"]) + "\n"
        for path in lessons
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "markdown"
    )
    fenced = re.findall(r"^tplink-lab .*$", prose, re.M)
    inline = re.findall(r"`(tplink-lab [^`]+)`", prose)
    return sorted({re.split(r" +[#>] ", text)[0] for text in fenced + inline})


@pytest.mark.parametrize("text", commands())
def test_every_command_that_is_told_is_one(text: str) -> None:
    words = shlex.split(text.replace("\n", " "))[1:]
    parser = _parser(words[0])
    if "--help" in words:
        with pytest.raises(SystemExit, match="0"):
            parser.parse_args(words)
    else:
        # In capitals stands what the reader puts there.
        parser.parse_args([{"PORT": "1"}.get(word, word) for word in words])
