"""The terminal UUID: made once, kept, never silently replaced."""

import uuid
from pathlib import Path

import pytest

from tplink_lab.cloud.terminal import terminal_uuid
from tplink_lab.errors import BadInput


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_it_is_made_once_and_kept(folder: Path) -> None:
    first = terminal_uuid()
    assert uuid.UUID(first).version == 4
    assert terminal_uuid() == first
    assert [path.name for path in kept(folder)] == ["terminal"]


@pytest.mark.parametrize("text", ["", "nonsense", "\xff"])
def test_a_broken_file_is_named_and_left_alone(folder: Path, text: str) -> None:
    terminal_uuid()
    (file,) = kept(folder)
    file.write_text(text, "utf-8")
    with pytest.raises(BadInput, match="terminal"):
        terminal_uuid()
    assert file.read_text("utf-8") == text


def test_one_that_cannot_be_kept_is_said(folder: Path) -> None:
    terminal_uuid()
    (file,) = kept(folder)
    file.unlink()
    file.parent.rmdir()
    file.parent.symlink_to(folder / "gone" / "away")
    with pytest.warns(UserWarning, match="cannot be kept"):
        assert uuid.UUID(terminal_uuid())
