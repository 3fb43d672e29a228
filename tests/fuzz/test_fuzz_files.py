"""Files that are broken, cut or somebody else's end in an error of the family."""

import json
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tplink_lab as tl
from tests.fuzz.amount import tries
from tests.fuzz.test_fuzz_practice import VALUES

ROWS = st.dictionaries(
    st.sampled_from(
        [
            "alias",
            "deviceId",
            "deviceType",
            "deviceModel",
            "status",
            "fwVer",
            "appServerUrl",
            "snapshot",
            "cloud",
            "load",
            "devices",
            "account",
        ]
    ),
    VALUES
    | st.fixed_dictionaries({"system": st.fixed_dictionaries({"get_sysinfo": VALUES})}),
    max_size=8,
)


def opened(home: Any) -> None:
    """Open a home and ask each device; each outcome is one of ours."""
    try:
        cloud = tl.practice(home=home, offline_after_s=0)
    except tl.TPLinkLabError:
        return
    with cloud, suppress(tl.TPLinkLabError):
        for device in cloud.devices():
            with suppress(tl.TPLinkLabError):
                device.is_on()


@tries(200)
@given(st.binary(max_size=200) | ROWS.map(lambda v: json.dumps(v).encode()))
@example(b"")
@example(b"[[]]")
@example(b"[" * 50_000)
def test_any_home_file(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("home") / "home.json"
    file.write_bytes(data)
    opened(str(file))


@tries(150)
@given(st.lists(ROWS, max_size=3))
def test_any_home_of_dicts(home: list[dict[str, Any]]) -> None:
    opened(home)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good history file, to be damaged."""
    path = tmp_path_factory.mktemp("good") / "plugs.sqlite"
    with tl.practice(offline_after_s=0) as cloud:
        tl.Recorder(path, cloud, ["Kettle", "Desk Strip"], jitter=0).run(sweeps=20)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode=DELETE")
    db.close()
    return path


def looked_at(path: Path) -> None:
    past = tl.history(path)
    questions = (
        past.devices,
        past.frame,
        past.gaps,
        past.errors,
        past.daily,
        lambda: past.frame("Kettle", "power_w", every="1h"),
    )
    for question in questions:
        with suppress(tl.TPLinkLabError):
            question()


@tries(120)
@given(
    flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), max_size=6),
    keep=st.floats(0, 1) | st.just(1.0),
)
@example(flips=[(0.046875, 128)], keep=1.0)  # a table's name was no UTF-8
@example(flips=[(0.1402937358262823, 128)], keep=1.0)  # a name was missing
@example(flips=[(0.8803610355717868, 15)], keep=1.0)  # bytes for a number
def test_a_damaged_history(
    recorded: Path,
    tmp_path_factory: pytest.TempPathFactory,
    flips: list[tuple[float, int]],
    keep: float,
) -> None:
    data = bytearray(recorded.read_bytes())
    for where, by in flips:
        data[int(where * len(data))] ^= by
    path = tmp_path_factory.mktemp("damaged") / "plugs.sqlite"
    path.write_bytes(data[: int(keep * len(data))])
    with suppress(tl.TPLinkLabError):
        looked_at(path)


@tries(100)
@given(st.binary(max_size=300))
def test_any_bytes_as_history(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "plugs.sqlite"
    path.write_bytes(data)
    with suppress(tl.TPLinkLabError):
        looked_at(path)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A good session file, to be damaged."""
    folder = tmp_path_factory.mktemp("sessions")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "HOME", "LOCALAPPDATA"):
            patch.setenv(name, str(folder))
        with tl.practice() as cloud:
            school = cloud.practice
            tl.login(
                school.email, school.password, url=school.url, remember=True
            ).close()
            (path,) = folder.rglob("*.json")
            yield school.email, path, json.loads(path.read_text())


@tries(200)
@given(data=st.data())
def test_a_damaged_session(saved: Any, data: st.DataObject) -> None:
    email, path, facts = saved
    damaged = json.loads(json.dumps(facts))
    inner = damaged
    for _ in range(data.draw(st.integers(0, 3))):
        below = [v for v in inner.values() if isinstance(v, dict)]
        if below:
            inner = data.draw(st.sampled_from(below))
    if inner:
        key = data.draw(st.sampled_from(sorted(inner)))
        inner[key] = data.draw(VALUES)
    path.write_text(json.dumps(damaged))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tl.resume(email, code="123456").close()
    except tl.TPLinkLabError as error:
        assert "token" not in str(vars(error).get("answer", ""))
