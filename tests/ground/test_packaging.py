"""The wheel carries the lessons, and the environments say what pyproject says."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index"),
            *("--no-build-isolation", "-w", str(out), str(ROOT)),
        ],
        check=True,
        timeout=120,
    )
    (path,) = out.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_lessons_household_and_types(wheel: set[str]) -> None:
    lessons = {f"tplink_lab/notebooks/{p.name}" for p in ROOT.glob("notebooks/*.ipynb")}
    assert len(lessons) >= 5
    assert lessons <= wheel
    assert "tplink_lab/practice/household.json" in wheel
    assert "tplink_lab/py.typed" in wheel
    assert "tplink_lab/dashboard.ipynb" in wheel


def test_the_wheel_carries_nothing_else(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert tops <= {"tplink_lab", f"tplink_lab-{_version()}.dist-info"}
    assert not [n for n in wheel if "checkpoints" in n or n.endswith(".pyc")]


def _version() -> str:
    import tplink_lab

    return tplink_lab.__version__


def test_conda_brings_python_and_pip_and_the_project_the_rest() -> None:
    found = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, pip, nested = found["dependencies"]
    oldest = PROJECT["requires-python"]
    assert python.startswith(f"python{oldest}")
    assert pip == "pip"
    assert nested == {"pip": ["-e .[lab]"]}
    assert "lab" in PROJECT["optional-dependencies"]
    assert found["name"] == "tplink-lab"


def test_every_dependency_has_a_lower_bound() -> None:
    extras = PROJECT["optional-dependencies"].values()
    for line in [*PROJECT["dependencies"], *(d for extra in extras for d in extra)]:
        assert ">=" in line or line.startswith("tplink-lab["), line
