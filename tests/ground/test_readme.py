"""What the README shows is what happens."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

import lab
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
    # In a checkout lab.py passes them on.
    prose = re.sub(rf"python lab\.py (?={'|'.join(lab.TOOLS)})", "tplink-lab ", prose)
    fenced = re.findall(r"^tplink-lab .*$", prose, re.M)
    inline = re.findall(r"`(tplink-lab [^`…]+)`", prose)
    return sorted({re.split(r" +[#>] ", text)[0] for text in fenced + inline})


def test_the_curl_lines_log_in_and_list(tmp_path: Path) -> None:
    login, listing = re.findall(r"^curl .*$", README, re.M)
    with tl.practice() as cloud:
        here = cloud.url.removeprefix("http://")
        assert "127.0.0.1:8080" in login
        answers = []
        for line in (login, listing):
            token = answers[0]["result"]["token"] if answers else ""
            line = line.replace("127.0.0.1:8080", here).replace("YOURS", token)
            run = subprocess.run(
                ["bash", "-c", line], capture_output=True, text=True, check=True
            )
            answers.append(json.loads(run.stdout))
        assert len(answers[1]["result"]["deviceList"]) > 10
    # cmd.exe reads the same bytes: only double quotes, and nothing it would act on.
    assert "'" not in login + listing and not set("&|<>^%") & set(login + listing)


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
