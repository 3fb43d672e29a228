"""The pieces of ``lab.py``: what is installed when, and what is counted."""

import ast
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import nbformat
import pytest
from jupyterlab.labapp import LabApp
from nbformat import v4

import lab
from tplink_lab.cli import _parser

ROOT = Path(lab.__file__).parent
# The environment at hand stands in for the one that lab.py would make.
WITHOUT_INSTALLING = (
    "import lab, sys; lab.ensure_environment = lambda extra: sys.executable;"
    "sys.exit(lab.main(sys.argv[1:]))"
)


def test_it_parses_on_an_old_python_to_say_what_is_missing() -> None:
    text = Path(lab.__file__).read_text("utf-8")
    ast.parse(text, feature_version=(3, 8))
    with pytest.raises(lab.Trouble, match=r"needs Python 3\.11.*py -3"):
        lab.check_python((3, 9, 1))


def test_a_python_without_venv_is_told_the_package() -> None:
    with pytest.raises(lab.Trouble, match=r"sudo apt install python3\.12-venv"):
        lab.check_python((3, 12, 0), lambda name: None)


def test_it_installs_when_something_changed_and_only_then() -> None:
    stamp = {"fingerprint": "f", "extra": "lab"}
    assert not lab.needs_install(stamp, "f", "lab")
    assert lab.needs_install(stamp, "f", "test")
    assert lab.needs_install(stamp, "other", "lab")
    assert lab.needs_install({}, "f", "lab")
    assert not lab.needs_install({**stamp, "extra": "test"}, "f", "lab")
    assert lab.extra_to_install({**stamp, "extra": "test"}, "lab") == "test"
    assert lab.fingerprint("a", "b") != lab.fingerprint("a", "c")


def test_its_tools_are_those_of_tplink_lab_and_get_what_follows() -> None:
    assert not set(lab.TOOLS) & set(lab.COMMANDS)
    for name in lab.TOOLS:
        with pytest.raises(SystemExit, match="0"):
            _parser(name).parse_args([name, "--help"])
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_INSTALLING, "explain", "-20571"],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    assert run.stdout.startswith("-20571 from the cloud: Device is offline")


def test_a_folder_after_lab_gets_lessons_of_its_own(tmp_path: Path) -> None:
    assert not any(map(lab.is_a_folder_for_copies, ("--no-browser", "a/04.ipynb")))
    (tmp_path / "a file").touch()
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_INSTALLING, "lab", str(tmp_path / "a file")],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert run.returncode == 2
    assert "is a file, not a folder. Name another folder." in run.stderr


def test_a_folder_of_somebody_else_is_told_in_words() -> None:
    code = (
        "import lab, sys\ndef refused(extra):\n    open('/nowhere/at/all')\n"
        "lab.ensure_environment = refused\nsys.exit(lab.main(['explain', '-1']))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT,
        check=False,
    )  # fmt: skip
    assert run.returncode == 2
    assert run.stderr.startswith("lab.py: No such file or directory: /nowhere/at/all.")
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("text", ["", "[]", "{", "3"])
def test_a_broken_stamp_means_install_again(tmp_path: Path, text: str) -> None:
    (tmp_path / lab.STAMP).write_text(text)
    assert lab.needs_install(lab.read_stamp(tmp_path), "f", "lab")


def test_a_folder_that_is_no_environment_is_never_removed(tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(lab.Trouble, match="in the way"):
        lab.clear_broken(folder)
    assert (folder / "thesis.txt").exists()


def test_a_half_made_environment_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text("home = /gone")
    assert not lab.works(folder)
    lab.clear_broken(folder)
    assert not folder.exists()


def test_jupyterlab_finds_that_it_is_not_to_ask_about_news(tmp_path: Path) -> None:
    lab.settle(tmp_path)
    app = LabApp(app_dir=str(tmp_path / "share" / "jupyter" / "lab"))
    text = Path(app.app_settings_dir, "overrides.json").read_text("utf-8")
    plugin = "@jupyterlab/apputils-extension:notification"
    schemas = Path(sys.prefix, "share", "jupyter", "lab", "schemas")
    schema = json.loads(
        (schemas / f"{plugin.replace(':', '/')}.json").read_text("utf-8")
    )
    (name, value) = next(iter(json.loads(text)[plugin].items()))
    assert value in [one["const"] for one in schema["properties"][name]["oneOf"]]


def test_pips_trouble_is_explained() -> None:
    assert "online" in lab.explain_pip(1, "No matching distribution found")
    assert "disk is full" in lab.explain_pip(1, "OSError: No space left on device")
    told = lab.explain_pip(1, "No matching distribution found", True)
    assert "Run lab.py wheels on" in told


def test_an_exit_code_counts_even_when_the_report_says_nothing(tmp_path: Path) -> None:
    report = tmp_path / "counts.xml"
    assert lab.count(None, 0) == (1, 0, 0)
    assert lab.count(None, 1) == (0, 1, 0)
    assert lab.count(report, 2) == (0, 1, 0)
    report.write_text(
        '<testsuites><testsuite tests="5" failures="1" errors="1"/></testsuites>'
    )
    assert lab.count(report, 1) == (3, 2, 0)
    report.write_text('<testsuites><testsuite tests="5" skipped="2"/></testsuites>')
    assert lab.count(report, 0) == (3, 0, 2)


def test_a_skip_fails_a_build_server_and_nothing_run_is_a_failure() -> None:
    results = [("unit", 1.0, (3, 0, 2))]
    assert lab.verdict(results, False, 1.0)[1] == 0
    lines, status = lab.verdict(results, True, 1.0)
    assert status == 1
    assert lines[-1] == "3 passed, 2 failed, 0 skipped"
    assert lab.verdict([("unit", 1.0, (0, 0, 0))], False, 1.0)[1] == 1


def test_every_check_is_in_the_plan(tmp_path: Path) -> None:
    titles = [title for title, *_ in lab.steps("python", tmp_path)]
    assert titles == [
        "ruff check",
        "ruff format",
        "mypy",
        "unit tests and doctests",
        "lessons (nbval)",
        "lessons in a browser",
    ]


def test_an_unknown_command_is_named() -> None:
    run = subprocess.run(
        [sys.executable, lab.__file__, "tset"], capture_output=True, text=True
    )
    assert run.returncode == 2
    assert "'tset'" in run.stderr


def test_the_gate_calls_the_readmes_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    gate = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "python lab.py test" in readme
    assert "lab.py test" in gate


def test_what_follows_a_command_reaches_jupyter() -> None:
    command = lab.lab_command("python", ["--no-browser", "--port", "9000"])
    assert command[:3] == ["python", "-m", "jupyterlab"]
    assert command[-3:] == ["--no-browser", "--port", "9000"]
    assert "--LabApp.default_url=/lab/tree/00_start_here.ipynb" in command
    assert "--allow-root" not in command
    assert "--allow-root" in lab.lab_command("python", [], is_root=True)
    mine = lab.lab_command("python", ["--LabApp.default_url=/tree"])
    assert [w for w in mine if "default_url" in w] == ["--LabApp.default_url=/tree"]


@pytest.mark.parametrize(
    ("code", "status"),
    [("_ = 1", 0), ("import warnings\nwarnings.warn('soon gone', FutureWarning)", 1)],
)
def test_a_lesson_that_warns_fails(tmp_path: Path, code: str, status: int) -> None:
    cell = v4.new_code_cell(code, execution_count=1)
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    lesson = v4.new_notebook(cells=[cell], metadata=metadata)
    nbformat.write(lesson, tmp_path / "planted.ipynb")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *lab.NBVAL, str(tmp_path)],
        cwd=ROOT,
        env=lab.notebook_environment(tmp_path / "scratch"),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == status, run.stdout
    assert ("soon gone" in run.stdout) == bool(status)


@pytest.mark.skipif(os.name == "nt", reason="ends it by SIGTERM")
def test_the_readmes_first_command_opens_the_lab(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["--no-browser", "--port", str(port), "--IdentityProvider.token=known"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", WITHOUT_INSTALLING, "lab", *words],
            cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(tmp_path)},
        )  # fmt: skip
    try:
        asked = Request(
            f"http://127.0.0.1:{port}/lab/tree/{lab.FIRST_LESSON}",
            headers={"Authorization": "token known"},
        )
        ends = time.monotonic() + 60
        while True:
            try:
                with urlopen(asked, timeout=10) as answer:
                    assert "JupyterLab" in answer.read().decode()
                break
            except URLError:
                assert server.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < ends, (tmp_path / "log").read_text()
                time.sleep(0.2)
    finally:
        server.terminate()
        assert server.wait(30) is not None
