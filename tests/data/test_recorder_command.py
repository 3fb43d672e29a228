"""``tplink-lab record``: a recorder without a notebook."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tplink_lab as tl
from tplink_lab.cli import main

COMMAND = [sys.executable, "-m", "tplink_lab", "record"]


def test_so_many_sweeps_of_the_devices_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "plugs.sqlite")
    words = ["record", path, "--practice", "--interval-s", "0", "--sweeps", "3"]
    assert main([*words, "--devices", "Kettle", "Fridge", "--backfill"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("backfilled ")
    assert said[2] == "stopped: 3 sweeps, 6 rows in plugs.sqlite"
    assert set(tl.history(path).frame()["device"]) == {"Kettle", "Fridge"}
    assert len(tl.history(path).daily("Fridge")) > 28
    # It goes on where it stopped.
    assert main([*words, "--devices", "Kettle"]) == 0
    assert len(tl.history(path).frame("Kettle")) == 6


def test_an_account_is_recorded_with_its_password_asked_for(
    cloud: tl.Cloud, tmp_path: Path
) -> None:
    school = cloud.practice
    words = ["plugs.sqlite", "--email", school.email, "--url", school.url]
    run = subprocess.run(
        [*COMMAND, *words, "--interval-s", "0", "--sweeps", "2", "--devices", "Kettle"],
        input=f"{school.password}\n",
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        start_new_session=True,  # no terminal: the password comes from the pipe
    )
    assert run.returncode == 0, run.stderr
    assert "2 sweeps, 2 rows" in run.stdout
    assert school.password not in run.stdout + run.stderr
    assert len(tl.history(tmp_path / "plugs.sqlite").frame("Kettle")) == 2


def test_a_saved_session_is_recorded_without_a_password(
    cloud: tl.Cloud, folder: Path
) -> None:
    school = cloud.practice
    tl.login(school.email, school.password, url=school.url, remember=True).close()
    words = [str(folder / "plugs.sqlite"), "--interval-s", "0", "--sweeps", "2"]
    assert main(["record", *words, "--devices", "Kettle"]) == 0
    assert main(["record", *words, "--email", school.email]) == 0
    assert len(tl.history(words[0]).frame("Kettle")) == 4


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_it_cleanly_with_a_summary(
    tmp_path: Path, way: signal.Signals
) -> None:
    if os.name == "nt":
        return
    path = tmp_path / "plugs.sqlite"
    process = subprocess.Popen(
        [*COMMAND, str(path), "--practice", "--interval-s", "0", "--devices", "Kettle"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert "recording into" in process.stdout.readline()
        while not path.exists():
            assert process.poll() is None
        process.send_signal(way)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, err) == (0, "")
    assert "stopped: " in out
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "plugs.sqlite",
        "plugs.sqlite-recorder",
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "required"),
        (["plugs.sqlite"], "No session is saved"),
        (["plugs.sqlite", "--practice", "--email", "a@b.c"], "not allowed"),
        (["/nowhere/plugs.sqlite", "--practice"], "no folder"),
        (["plugs.sqlite", "--practice", "--devices", "Ketle"], "Did you mean"),
        (["plugs.sqlite", "--practice", "--sweeps", "-3"], "sweeps is -3"),
    ],
)
def test_what_is_wrong_is_one_line(folder: Path, words: list[str], says: str) -> None:
    run = subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, timeout=60, cwd=folder
    )
    assert run.returncode == 2
    assert says in run.stderr
    assert "Traceback" not in run.stderr
