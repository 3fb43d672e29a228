"""Saved sessions: whole, private, shared fairly, and honest about what is wrong."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from tplink_lab.cloud.account import Account
from tplink_lab.cloud.saved import Saved, SavedApp
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.signed import Challenge
from tplink_lab.cloud.store import Store, saved_emails
from tplink_lab.errors import SessionFileError

EMAIL = "ada@example.com"
URL = "http://127.0.0.1:1"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
POSIX = sys.platform != "win32"


def account(token: str) -> Account:
    return Account(EMAIL, Secret(token), Secret(f"{token}-refresh"), "term", "123")


def saved(token: str = "tok-1", **more: Any) -> Saved:
    apps = {"kasa": SavedApp(URL, account(token), True, NOW, None)}
    return Saved(EMAIL, apps, **more)


def mine(**more: Any) -> Store:
    return Store(EMAIL, practice=True, **more)


def test_what_is_written_is_read_back(folder: Path) -> None:
    kinds = ("email", "push")
    pending = Challenge("tapo", EMAIL, URL, "t", Secret("p"), kinds, "email")
    everything = saved(pending=pending, missing=("tapo",), ca_file="/ca.pem")
    store = mine()
    store.write(everything)
    assert Store("ADA@example.com", practice=True).read() == everything
    assert saved_emails() == [EMAIL]
    store.forget()
    assert saved_emails() == []
    with pytest.raises(SessionFileError, match="no saved session"):
        store.read()
    with pytest.raises(SessionFileError, match="no saved session"):
        store.forget()


def test_the_file_is_its_owners_alone_and_holds_no_password(folder: Path) -> None:
    store = mine()
    store.write(saved())
    if POSIX:
        assert store.path.stat().st_mode & 0o777 == 0o600
        assert store.path.parent.stat().st_mode & 0o777 == 0o700
    assert "assword" not in store.path.read_text()
    assert [p.name for p in store.path.parent.iterdir()].count(store.path.name) == 1


@pytest.mark.skipif(not POSIX, reason="Windows has access lists, not mode bits")
def test_a_file_that_others_can_read_is_not_trusted(folder: Path) -> None:
    store = mine()
    store.write(saved())
    store.path.chmod(0o644)
    with pytest.raises(SessionFileError, match="read by others"):
        store.read()
    store.write(saved("tok-2"))
    assert store.read().apps["kasa"].account.token == Secret("tok-2")
    assert store.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version":"1"}',
        '{"version":true}',
        '{"version":1}',
        '{"version":1,"email":"a@b","missing":[],"ca_file":"","apps":{"kasa":{}}}',
        '{"version":1,"email":"a@b","missing":3,"ca_file":"","apps":{}}',
        '{"version":1,"email":3,"missing":[],"ca_file":"","apps":{}}',
        '{"version":1,"email":"a","missing":[],"ca_file":"","apps":{},"pending":{}}',
        "\x00" * 50,
        "[" * 100_000,
    ],
)
def test_a_corrupt_file_is_named_and_left_as_it_is(folder: Path, text: str) -> None:
    store = mine()
    store.write(saved())
    store.path.write_text(text)
    with pytest.raises(SessionFileError, match=store.path.name) as caught:
        store.read()
    assert caught.value.next_step
    assert store.path.read_text() == text
    store.check()  # a login may replace it
    store.write(saved())
    assert store.read() == saved()


def test_a_file_of_a_newer_lab_is_not_replaced(folder: Path) -> None:
    store = mine()
    store.write(saved())
    facts = {**json.loads(store.path.read_text()), "version": 2}
    store.path.write_text(json.dumps(facts))
    for act in (store.read, store.check):
        with pytest.raises(SessionFileError, match="newer version"):
            act()
    assert json.loads(store.path.read_text()) == facts


@pytest.mark.skipif(not POSIX, reason="Windows has access lists, not owners")
def test_a_file_of_another_user_is_not_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = mine()
    store.write(saved())
    monkeypatch.setattr(os, "getuid", lambda: store.path.stat().st_uid + 1)
    with pytest.raises(SessionFileError, match="another user"):
        store.read()


def test_a_folder_that_cannot_be_written_is_told_before_the_login(
    folder: Path,
) -> None:
    (folder / "tplink-lab").write_text("a file where the folder should be")
    with pytest.raises(SessionFileError, match="cannot be"):
        mine().check()


def test_a_full_disk_leaves_the_old_session_whole(folder: Path) -> None:
    store = mine()
    store.write(saved())
    # As a disk that is full: the file may not grow beyond a few bytes.
    code = (
        "import resource, sys\n"
        "from tests.cloud.test_store import saved, mine\n"
        "from tplink_lab.errors import SessionFileError\n"
        "import signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))\n"
        "try:\n"
        "    mine().write(saved('tok-2'))\n"
        "except SessionFileError as error:\n"
        "    sys.exit(0 if 'cannot be written' in str(error) else 1)\n"
        "sys.exit(2)\n"
    )
    if POSIX:
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert store.read() == saved()
    assert not list(store.path.parent.glob("*.part"))


def test_a_token_that_another_notebook_renewed_is_taken_over(folder: Path) -> None:
    ours, theirs = mine(), mine()
    ours.write(saved("old"))
    bought: list[str] = []

    def buy(stale: Account) -> Account:
        bought.append(stale.token.reveal())
        return account("new")

    assert theirs.renewed("kasa", URL, account("old"), buy) == account("new")
    assert ours.renewed("kasa", URL, account("old"), buy) == account("new")
    assert bought == ["old"]
    kept = ours.read().apps["kasa"]
    assert kept.account == account("new")
    assert kept.renewed_at is not None


def test_many_notebooks_renew_once(folder: Path) -> None:
    mine().write(saved("old"))
    bought: list[str] = []
    got: list[Account] = []

    def buy(stale: Account) -> Account:
        bought.append(stale.token.reveal())
        return account("new")

    def notebook() -> None:
        got.append(mine().renewed("kasa", URL, account("old"), buy))

    threads = [threading.Thread(target=notebook) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert bought == ["old"]
    assert got == [account("new")] * 16


def test_a_file_that_went_bad_does_not_stop_a_session_that_works(
    folder: Path,
) -> None:
    store = mine()
    store.write(saved("old"))
    store.path.write_text("{")
    with pytest.warns(UserWarning, match="could not be saved"):
        fresh = store.renewed("kasa", URL, account("old"), lambda _: account("new"))
    assert fresh == account("new")
    assert store.path.read_text() == "{"


WRITER = """
import sys
from tests.cloud.test_store import mine, saved
store, n = mine(), 1
store.write(saved(f"tok-{n}" + "x" * 5000))  # loads what a first write needs
print("ready", flush=True)
while True:
    n += 1
    store.write(saved(f"tok-{n}" + "x" * 5000))
"""


@pytest.mark.skipif(not POSIX, reason="needs SIGKILL")
def test_a_kill_at_any_moment_leaves_a_whole_file(folder: Path) -> None:
    store = mine()
    store.write(saved("tok-0"))
    chance = random.Random(7)
    kills = int(os.environ.get("TPLINK_LAB_KILLS", "12"))
    last = -1
    for _ in range(kills):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.03))  # the moment of the kill, not a wait
        writer.send_signal(signal.SIGKILL)
        writer.wait(30)
        writer.stdout.close()
        text = store.read().apps["kasa"].account.token.reveal()
        last = int(text.strip("x").removeprefix("tok-"))
        assert len(text) > 5000 or last == 0
    assert last > 0, "no write was ever finished"
    store.write(saved())
    assert not list(store.path.parent.glob("*.part"))


class Drawer(KeyringBackend):
    """A keyring in memory, as the operating system's would be."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def drawer() -> Any:
    before, mine = keyring.get_keyring(), Drawer()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


def test_with_the_keyring_the_file_holds_no_token(folder: Path, drawer: Drawer) -> None:
    store = mine(keyring=True)
    store.write(saved("in-the-keyring"))
    assert "in-the-keyring" not in store.path.read_text()
    again = mine()
    assert again.read() == saved("in-the-keyring")
    old = account("in-the-keyring")
    again.renewed("kasa", URL, old, lambda _: account("fresh-one"))
    assert "fresh-one" not in store.path.read_text()
    assert mine().read().apps["kasa"].account == account("fresh-one")
    store.forget()
    assert drawer.kept == {}


def test_no_keyring_is_said_before_anything_is_sent(folder: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        with pytest.raises(SessionFileError, match="keyring cannot be used"):
            mine(keyring=True)
    finally:
        keyring.set_keyring(before)
