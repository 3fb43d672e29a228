"""The command ``tplink-lab``: one clear line when something is wrong."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import tplink_lab as tl
from tplink_lab import __version__
from tplink_lab.cli import main

COMMAND = [sys.executable, "-m", "tplink_lab"]


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, timeout=60, cwd=cwd
    )


def test_it_tells_its_version_and_its_commands() -> None:
    assert run("--version").stdout.strip() == __version__
    helped = run("--help").stdout
    for word in ("lab", "lessons", "practice"):
        assert word in helped


def test_lessons_are_copied_into_the_folder_named(tmp_path: Path) -> None:
    done = run("lessons", "mine", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "mine" / "00_start_here.ipynb").is_file()
    assert "copied" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nonsense"], "nonsense"),
        (["lessons", "/dev/null"], "is a file"),
        (["practice", "--home", "/nowhere/home.json"], "home.json"),
        (["practice", "--port", "99999"], "99999"),
        (["practice", "--now", "yesterday"], "yesterday"),
        (["lab", "--port", "x"], "x"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(words: list[str], says: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_session_is_saved_examined_and_forgotten(tmp_path: Path) -> None:
    with tl.practice(offline_after_s=0) as cloud:
        school = cloud.practice
        env = {**os.environ, "TPLINK_LAB_PASSWORD": school.password}
        for name in ("XDG_CONFIG_HOME", "HOME", "LOCALAPPDATA"):
            env[name] = str(tmp_path)

        def said(*words: str) -> tuple[int, str]:
            done = subprocess.run(
                [*COMMAND, *words], capture_output=True, text=True, timeout=60, env=env
            )
            assert "Traceback" not in done.stderr
            return done.returncode, done.stdout + done.stderr

        school.refuse_app("tapo")
        status, text = said("login", school.email, "--url", school.url)
        assert status == 0
        assert "Logged in to kasa; the session is saved." in text
        assert "tapo app is not logged in" in text
        file = tmp_path / "report.json"
        status, text = said("doctor", "--save", str(file))
        assert status == 1  # the Garage Heater is offline
        assert "Garage Heater" in text
        assert json.loads(file.read_text("utf-8"))["checks"]
        assert said("logout", school.email)[0] == 0
        status, text = said("doctor")
        assert status == 2
        assert "No session is saved" in text


def test_the_doctor_and_the_codes_need_no_account() -> None:
    assert "fail" in run("doctor", "--practice").stdout
    assert "Device is offline" in run("explain", "-20571").stdout
    assert run("explain", "-424242").returncode == 2


def test_a_snapshot_is_a_home_that_opens(tmp_path: Path) -> None:
    done = run("snapshot", "Sofa Lamp", "--practice")
    assert done.returncode == 0, done.stderr
    assert "Sofa Lamp" not in done.stdout
    file = tmp_path / "lamp.json"
    file.write_text(done.stdout, "utf-8")
    with tl.practice(home=json.loads(file.read_text("utf-8"))) as again:
        assert again.devices()[0].model == "KL130(EU)"
    assert run("snapshot", "Nothing", "--practice").returncode == 2


def test_a_code_page_that_lacks_a_letter_is_no_reason_to_fail() -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    words = [*COMMAND, "doctor", "--practice"]
    done = subprocess.run(words, capture_output=True, timeout=60, env=env)
    assert b"Traceback" not in done.stderr
    assert b"Garage Heater" in done.stdout


def test_a_full_family_error_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    assert main(["lessons", str(taken)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_the_practice_cloud_says_one_line_answers_and_stops(
    way: signal.Signals,
) -> None:
    if os.name == "nt":
        return
    process = subprocess.Popen(
        [*COMMAND, "practice", "--email", "ada@example.com", "--seed", "7"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["email"] == "ada@example.com"
        assert set(ready["regions"]) == {"euw1", "use1"}
        with urllib.request.urlopen(ready["url"], data=b"", timeout=10) as answer:
            assert json.load(answer)["error_code"] == -10100
        process.send_signal(way)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")
    finally:
        process.kill()
        process.communicate()
