"""Put the lessons into a folder of the user's, and never over their work.

A small file in that folder, :data:`MANIFEST`, keeps the hash of every lesson as it
was copied. A lesson that still has that hash is ours and is brought up to date; one
that has another was run, edited or replaced, and stays. A lesson that was deleted is
copied again: deleting is how one gets a fresh copy.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tplink_lab.errors import BadInput, TPLinkLabError

__all__ = ["DEFAULT_FOLDER", "MANIFEST", "Copied", "copy_lessons", "shipped_lessons"]

DEFAULT_FOLDER = "tplink-lab-lessons"
MANIFEST = ".tplink-lab-lessons.json"


@dataclass(frozen=True)
class Copied:
    """What :func:`copy_lessons` did, by lesson name.

    Attributes
    ----------
    folder : pathlib.Path
        Where the lessons are, absolute.
    new, updated, current : tuple of str
        Copied for the first time or again; replaced by a newer one; left, being
        the same already.
    kept : tuple of str
        Left, because the user's copy is no longer as we copied it.
    outdated : tuple of str
        Those of ``kept`` that we would have updated: a newer one has shipped.
    """

    folder: Path
    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    current: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Say in a few lines what happened, for a terminal."""
        total = sum(map(len, (self.new, self.updated, self.current, self.kept)))
        yield f"{total} lessons in {self.folder}: " + (
            f"{len(self.new)} copied, {len(self.updated)} updated, "
            f"{len(self.current)} unchanged, {len(self.kept)} kept with your changes."
        )
        for name in self.kept:
            if name in self.outdated:
                yield (
                    f"  kept {name}: yours has changed, and there is a newer one. "
                    "To get it, rename or delete yours and run this again."
                )
            else:
                yield f"  kept {name}: yours has changed."


def shipped_lessons() -> Path:
    """Return the folder the lessons are shipped in.

    That is ``tplink_lab/notebooks`` in an installed wheel, and the project's
    ``notebooks`` in a checkout.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise TPLinkLabError(
        "This installation came without the lessons.",
        next_step="Install it again: pip install --force-reinstall tplink-lab",
    )


def copy_lessons(
    folder: str | os.PathLike[str] = DEFAULT_FOLDER, *, source: Path | None = None
) -> Copied:
    """
    Copy the lessons into *folder*, made if need be.

    Each file is written beside its place and then moved there, so an interrupted
    copy leaves whole lessons only; running it again completes them.

    Parameters
    ----------
    folder : path
        Where to. What is in it and not a lesson of ours is left alone.
    source : pathlib.Path, optional
        Where from; by default the lessons that shipped.

    Returns
    -------
    Copied
        What became of each lesson.

    Raises
    ------
    BadInput
        If the folder is a file, or cannot be made or written to.
    """
    source = source or shipped_lessons()
    place = Path(folder).expanduser().absolute()
    if place.exists() and not place.is_dir():
        raise BadInput(
            f"{place} is a file, not a folder.", next_step="Name another folder."
        )
    try:
        place.mkdir(parents=True, exist_ok=True)
        return _copy_all(source, place)
    except OSError as error:
        raise BadInput(
            f"The lessons could not be written to {place}: "
            f"{error.strerror or type(error).__name__}.",
            next_step="Name a folder that you may write to.",
        ) from error


def _copy_all(source: Path, place: Path) -> Copied:
    manifest = _read_manifest(place / MANIFEST)
    found: dict[str, list[str]] = {
        kind: [] for kind in ("new", "updated", "current", "kept", "outdated")
    }
    for name in _lesson_files(source):
        data = (source / name).read_bytes()
        shipped, target = _hash(data), place / name
        if not target.exists() and not target.is_symlink():
            kind = "new"
        elif target.is_symlink() or not target.is_file():
            kind = "kept"  # a link or a folder is never our doing
        elif (present := _hash(target.read_bytes())) == shipped:
            kind = "current"
        else:
            kind = "updated" if present == manifest.get(name) else "kept"
        found[kind].append(name)
        if kind == "kept":
            if manifest.get(name) != shipped:
                found["outdated"].append(name)
            continue
        if kind != "current":
            _write(target, data)
        if manifest.get(name) != shipped:
            # At once, not at the end: an interrupted copy must not make a lesson
            # of ours look like one that the user changed.
            manifest[name] = shipped
            _write(place / MANIFEST, _manifest_text(manifest))
    return Copied(place, **{kind: tuple(names) for kind, names in found.items()})


def _lesson_files(source: Path) -> list[str]:
    """Return what to copy, relative: all files but hidden ones and checkpoints."""
    names = (path.relative_to(source) for path in source.rglob("*") if path.is_file())
    return sorted(
        name.as_posix()
        for name in names
        if not any(part.startswith((".", "__pycache__")) for part in name.parts)
    )


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read_manifest(path: Path) -> dict[str, str]:
    """Return the hashes as copied. An unreadable file knows none: all is kept."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["lessons"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): str(digest) for name, digest in found.items()}


def _manifest_text(lessons: dict[str, str]) -> bytes:
    about = "Written by tplink-lab: the hash of every lesson as it was copied."
    text = json.dumps({"about": about, "lessons": lessons}, indent=1, sort_keys=True)
    return text.encode() + b"\n"


def _write(target: Path, data: bytes) -> None:
    """Write *target* whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".half")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes it private; a lesson is as readable as the folder is.
        Path(half).chmod(0o644)
        Path(half).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(half).unlink()
        raise
