"""Lessons go into a folder of the user's, and never over their work."""

import json
from pathlib import Path

import pytest

from tplink_lab.errors import BadInput
from tplink_lab.lessons import MANIFEST, copy_lessons, shipped_lessons


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "shipped"
    folder.mkdir()
    for name in ("00_a.ipynb", "01_b.ipynb"):
        (folder / name).write_text(f"first {name}")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "00_a.ipynb").write_text("not a lesson")
    return folder


def texts(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in folder.iterdir() if p.name != MANIFEST}


def test_all_lessons_of_the_project_are_shipped() -> None:
    names = [p.name for p in shipped_lessons().glob("*.ipynb")]
    assert "00_start_here.ipynb" in names
    assert len(names) >= 5


def test_the_first_copy_brings_everything(source: Path, tmp_path: Path) -> None:
    copied = copy_lessons(tmp_path / "mine", source=source)
    assert copied.new == ("00_a.ipynb", "01_b.ipynb")
    assert set(texts(tmp_path / "mine")) == {"00_a.ipynb", "01_b.ipynb"}


def test_a_second_copy_changes_nothing(source: Path, tmp_path: Path) -> None:
    copy_lessons(tmp_path / "mine", source=source)
    before = texts(tmp_path / "mine")
    again = copy_lessons(tmp_path / "mine", source=source)
    assert again.current == ("00_a.ipynb", "01_b.ipynb")
    assert texts(tmp_path / "mine") == before


def test_a_changed_lesson_stays_and_an_untouched_one_is_updated(
    source: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    copy_lessons(mine, source=source)
    (mine / "00_a.ipynb").write_text("my own notes")
    (mine / "diary.ipynb").write_text("no lesson of theirs")
    for name in ("00_a.ipynb", "01_b.ipynb"):
        (source / name).write_text(f"second {name}")
    copied = copy_lessons(mine, source=source)
    assert copied.kept == copied.outdated == ("00_a.ipynb",)
    assert copied.updated == ("01_b.ipynb",)
    assert texts(mine) == {
        "00_a.ipynb": "my own notes",
        "01_b.ipynb": "second 01_b.ipynb",
        "diary.ipynb": "no lesson of theirs",
    }
    assert any("rename or delete yours" in line for line in copied.lines())


def test_a_deleted_lesson_is_copied_again(source: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    copy_lessons(mine, source=source)
    (mine / "01_b.ipynb").unlink()
    assert copy_lessons(mine, source=source).new == ("01_b.ipynb",)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"lessons": 3}', '{"lessons": null}'])
def test_a_broken_manifest_keeps_everything(
    source: Path, tmp_path: Path, text: str
) -> None:
    mine = tmp_path / "mine"
    copy_lessons(mine, source=source)
    (mine / MANIFEST).write_text(text)
    (source / "00_a.ipynb").write_text("second")
    assert copy_lessons(mine, source=source).kept == ("00_a.ipynb",)
    assert "first" in (mine / "00_a.ipynb").read_text()


def test_an_interrupted_copy_leaves_whole_lessons_and_is_completed(
    source: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "00_a.ipynb").write_text("first 00_a.ipynb")
    (mine / MANIFEST).write_text(json.dumps({"lessons": {}}))
    copied = copy_lessons(mine, source=source)
    assert copied.current == ("00_a.ipynb",)
    assert copied.new == ("01_b.ipynb",)
    assert not [p for p in mine.iterdir() if p.name.endswith(".half")]


def test_a_link_is_never_written_through(source: Path, tmp_path: Path) -> None:
    mine, precious = tmp_path / "mine", tmp_path / "precious"
    mine.mkdir()
    precious.write_text("precious")
    (mine / "00_a.ipynb").symlink_to(precious)
    assert copy_lessons(mine, source=source).kept == ("00_a.ipynb",)
    assert precious.read_text() == "precious"


def test_a_folder_that_is_a_file_is_named(source: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("x")
    with pytest.raises(BadInput, match="is a file"):
        copy_lessons(taken, source=source)
    with pytest.raises(BadInput, match="could not be written"):
        copy_lessons(taken / "deeper", source=source)
