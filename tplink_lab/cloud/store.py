"""Saved sessions: one file for each account, whole or not at all.

A file holds tokens, never the password. It is readable by its owner only, written to
a temporary file and then moved in place, under a lock that other notebooks respect.
With the operating system's keyring the tokens go there and the file says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tplink_lab.cloud.account import Account
from tplink_lab.cloud.hosts import check_url
from tplink_lab.cloud.saved import (
    VERSION,
    Saved,
    facts_of,
    saved_of,
    tokens_of,
    wrapped,
)
from tplink_lab.cloud.terminal import config_folder
from tplink_lab.cloud.vault import Vault, forget_all
from tplink_lab.errors import SessionFileError

__all__ = ["Store", "saved_emails"]

LOCK_TIMEOUT_S = 30.0
STOPPED = "stopped"


class Store:
    """Where one account's session is kept.

    Parameters
    ----------
    email : str
        Whose; capitals do not matter.
    practice : bool
        Sessions of a practice cloud have a file of their own: a token of one world
        never comes near the other.
    keyring : bool
        Keep the tokens in the operating system's keyring.
    """

    def __init__(
        self, email: str, *, practice: bool = False, keyring: bool = False
    ) -> None:
        self.email = email
        self.practice = practice
        self.path = _folder() / _name(email, practice)
        self._vault = Vault(self._vault_name) if keyring else None

    @property
    def _vault_name(self) -> str:
        return f"practice:{self.email}" if self.practice else self.email

    def check(self) -> None:
        """Raise before a login if its session could not be saved.

        Raises
        ------
        SessionFileError
            If the folder cannot be written, or a newer lab wrote the file.
        """
        with self._locked():
            if self.path.exists():
                try:
                    self._facts()
                except SessionFileError as error:
                    if error.newer:
                        raise

    def read(self) -> Saved:
        """Return what is saved.

        Raises
        ------
        SessionFileError
            If there is nothing, or it cannot be read, trusted or understood. The
            file is left as it is.
        """
        facts = self._facts()
        problem = ""
        try:
            # The file says where the tokens are, whoever wrote it last.
            self._vault = Vault(self._vault_name) if facts.get("keyring") else None
            saved = saved_of(facts, self._vault)
            for app in saved.apps.values():
                if check_url(app.url).is_loopback is not self.practice:
                    raise ValueError("of the other world")
            return saved
        except SessionFileError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            problem = type(exc).__name__
        raise self._broken(f"is not in the form of a saved session ({problem})")

    def write(self, saved: Saved) -> None:
        """Keep *saved*, in place of what there was.

        Raises
        ------
        SessionFileError
            If it cannot be written; the old one is left whole.
        """
        with self._locked():
            self._write(saved)

    def add(self, saved: Saved) -> None:
        """Keep *saved* beside the apps that are saved already and are not in it.

        Raises
        ------
        SessionFileError
            If it cannot be written; the old one is left whole.
        """
        vault = self._vault
        with self._locked():
            try:
                known = self.read().apps
            except SessionFileError:
                known = {}
            self._vault = vault
            self._write(saved._replace(apps={**known, **saved.apps}))

    def forget(self) -> None:
        """Delete the file, and what the keyring holds.

        Raises
        ------
        SessionFileError
            If there is nothing, or it cannot be deleted.
        """
        problem, missing = "", False
        with self._locked():
            # An earlier login may have used the keyring, whatever the file says now.
            kept = forget_all(self._vault_name)
            self._clean()
            try:
                self.path.unlink()
            except FileNotFoundError:
                missing = not kept
            except OSError as exc:
                problem = f"cannot be deleted: {exc.strerror}"
        if missing:
            raise _nothing(self.email)
        if problem:
            raise self._broken(problem)

    def renewed(
        self,
        app: str,
        url: str,
        stale: Account,
        buy: Callable[[Account], Account],
    ) -> Account:
        """Return a fresh account: another notebook's, or one that is bought now.

        What is wrong with the file does not stop a session that works: it is told as
        a warning, and the file is left as it is.
        """
        fresh: Account | None = None
        try:
            with self._locked():
                fresh, problem = self._renewed(app, url, stale, buy)
        except SessionFileError as error:
            problem = str(error)  # no lock to be had
            if fresh is None:
                fresh = buy(stale)
        if problem:
            warnings.warn(
                f"The renewed token could not be saved. {problem}", stacklevel=2
            )
        return fresh

    def _renewed(
        self,
        app: str,
        url: str,
        stale: Account,
        buy: Callable[[Account], Account],
    ) -> tuple[Account, str]:
        """Return a fresh account, and why it could not be saved, if it could not."""
        try:
            saved = self.read()
        except SessionFileError as error:
            return buy(stale), str(error)
        known = saved.apps.get(app)
        if known is None or known.url != url:
            return buy(stale), "Another login has taken its place."
        theirs = known.account
        if theirs.token != stale.token and theirs.terminal == stale.terminal:
            return theirs, ""
        fresh = buy(stale)
        renewed = known._replace(account=fresh, renewed_at=datetime.now(UTC))
        try:
            self._write(saved._replace(apps={**saved.apps, app: renewed}))
        except SessionFileError as error:
            return fresh, str(error)
        return fresh, ""

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # It brings asyncio along, for which a session that is not saved has no use.
        from filelock import FileLock, Timeout

        problem = ""
        file = self.path.with_suffix(".lock")
        lock = FileLock(file, timeout=LOCK_TIMEOUT_S, mode=0o600)
        try:
            # One after the other: the mode is not for parents that are made as well.
            config_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            lock.acquire()
        except Timeout:
            problem = f"is locked by another program for more than {LOCK_TIMEOUT_S:g} s"
        except OSError as exc:
            problem = f"cannot be locked: {exc.strerror}"
        if problem:
            raise self._broken(problem)
        try:
            yield
        finally:
            lock.release()

    def _facts(self) -> dict[str, Any]:
        """Return the file's facts, its tokens wrapped, or raise what is wrong."""
        facts: Any = None
        problem, newer = "", False
        try:
            facts = _parsed(self.path)
        except FileNotFoundError:
            raise _nothing(self.email) from None
        except _NotPrivate as exc:
            problem = str(exc)
        except OSError as exc:
            problem = f"cannot be read: {exc.strerror}"
        except (ValueError, RecursionError):
            problem = "is corrupt: it holds no JSON"
        if not problem:
            version = facts.get("version") if isinstance(facts, dict) else None
            if type(version) is not int:
                problem = "is not in the form of a saved session"
            elif version > VERSION:
                problem, newer = "was written by a newer version of the lab", True
        if problem:
            error = self._broken(problem)
            if newer:
                error.newer = True
                error.next_step = "Update tplink-lab, or forget it with tl.logout(...)."
                error.args = (str(error),)
            raise error
        return dict(facts)

    def _write(self, saved: Saved) -> None:
        if self._vault is not None:
            for name, app in saved.apps.items():
                self._vault.keep(name, tokens_of(app))
        facts = facts_of(saved, with_tokens=self._vault is None)
        self._clean()
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        problem = _put(part, self.path, facts)
        if problem:
            part.unlink(missing_ok=True)
        if problem == STOPPED:
            raise KeyboardInterrupt("stopped while a session was saved")
        if problem:
            raise self._broken(f"cannot be written: {problem}")

    def _clean(self) -> None:
        """Delete what a killed process left half-written; the lock is ours."""
        for part in self.path.parent.glob(f"{self.path.name}.*.part"):
            part.unlink(missing_ok=True)

    def _broken(self, problem: str) -> SessionFileError:
        return SessionFileError(
            f"The saved session {self.path} {problem}.",
            call="session",
            next_step="Log in again with tl.login(...); tl.logout(...) forgets it.",
        )


def saved_emails() -> list[str]:
    """Return the accounts that have a saved session, in alphabetical order."""
    emails = []
    for path in sorted(_folder().glob("*.json")):
        try:
            email = json.loads(path.read_text("utf-8"))["email"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue  # told when it is asked for by name
        if isinstance(email, str):
            emails.append(email)
    return sorted(set(emails))


def _folder() -> Path:
    return config_folder() / "sessions"


def _name(email: str, practice: bool) -> str:
    # A digest: an address may hold what a file name may not.
    digest = hashlib.sha256(email.casefold().encode("utf-8", "replace")).hexdigest()
    return f"{digest[:16]}{'.practice' if practice else ''}.json"


def _nothing(email: str) -> SessionFileError:
    others = ", ".join(saved_emails())
    return SessionFileError(
        f"There is no saved session of {email}.",
        call="session",
        cause=f"There are: {others}." if others else "",
        next_step="Log in with tl.login(...); it saves one, on a practice cloud with "
        "remember=True.",
    )


class _NotPrivate(Exception):
    """Others could have read or written the file."""


def _parsed(path: Path) -> Any:
    """Return the JSON of a private file, every token in it a Secret."""
    with path.open("rb") as file:
        _check_private(os.fstat(file.fileno()))
        return json.loads(file.read(), object_hook=wrapped)


def _check_private(status: os.stat_result) -> None:
    if sys.platform == "win32":
        return  # the user's own profile is private by its access list
    if status.st_uid != os.getuid():
        raise _NotPrivate("belongs to another user")
    if status.st_mode & 0o077:
        raise _NotPrivate("can be read by others, so its tokens may be known")


def _put(part: Path, path: Path, facts: dict[str, Any]) -> str:
    """Write *facts* to *part* and move it in place; what went wrong, if it did.

    The tokens stand in clear here, so nothing is raised, not even Ctrl-C.
    """
    text = json.dumps(facts, indent=1, default=lambda secret: secret.reveal())
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        # Readable by its owner only from the first byte on.
        with os.fdopen(os.open(part, flags, 0o600), "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as exc:
        return exc.strerror or type(exc).__name__
    except BaseException:  # noqa: BLE001 - Ctrl-C, or what a signal's handler raises
        return STOPPED
    return ""
