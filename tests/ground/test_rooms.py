"""Imports go down the house only, and ``import tplink_lab`` stays light."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tplink_lab"

# Who may import whom; a room may always import itself.
MAY = {
    "errors": set(),
    "catalogue": {"errors"},
    "codes": {"errors", "catalogue"},
    "cloud": {"errors", "codes"},
    "devices": {"errors", "codes", "cloud"},
    "data": {"errors", "cloud", "devices"},
    "widgets": {"errors", "cloud", "devices", "data", "entering", "opening"},
    "practice": set(),
    "entering": {"errors", "cloud", "devices"},
    "opening": {"errors", "cloud", "devices", "entering", "practice"},
    "explaining": {"errors", "codes"},
    "report": {"errors", "cloud"},
    "checkup": {"errors", "cloud", "devices", "report"},
    "lessons": {"errors"},
    "dashboard": {"errors", "cloud", "devices"},
    "cli": {
        *{"errors", "cloud", "data", "entering", "opening", "practice"},
        *{"dashboard", "lessons"},
    },
}
# An import inside a function that opens a room above, each with its reason.
DOORS = {
    ("cloud/client.py", "devices"): "cloud.devices() gives Device objects",
    ("devices/listing.py", "data"): "to_frame(), info() … give DataFrames",
    ("devices/rulelist.py", "data"): "to_frame() gives a DataFrame",
}


# requests' exceptions print the URL, the token with it: only transport.py catches
# them. connections.py pools for it, trust.py asks where the public roots are, and
# shell.py prints the words, for the command it makes.
REQUESTS = {
    f"cloud/{name}.py" for name in ("transport", "connections", "trust", "shell")
}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path, tree: ast.AST) -> list[tuple[str, bool]]:
    """Return (room, whether at the top level) of every import of ours that runs."""
    inside: set[ast.AST] = set()
    hints: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside.update(ast.walk(node))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            for statement in node.body:
                hints.update(ast.walk(statement))
    found = []
    for node in ast.walk(tree):
        if node in hints:
            continue
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            depth = len(path.relative_to(PACKAGE).parts) - node.level
            assert depth >= 0, f"{path} imports from outside its package"
            names = [f"tplink_lab.{room(path)}"] if depth else []
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            if node.module == "tplink_lab":
                names = [f"tplink_lab.{alias.name}" for alias in node.names]
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") == "import_module"
            and isinstance(node.args[0], ast.Constant)
        ):
            names = [str(node.args[0].value)]
        found += [
            (name.split(".")[1], node not in inside)
            for name in names
            if name.startswith("tplink_lab.") and "__" not in name
        ]
    return found


def wrongs(path: Path, tree: ast.AST) -> list[str]:
    here = room(path)
    file = path.relative_to(PACKAGE).as_posix()
    return [
        f"{file} imports {other}"
        for other, at_top in imported(path, tree)
        if other != here
        and other not in MAY[here]
        and (at_top or (file, other) not in DOORS)
    ]


FILES = sorted(p for p in PACKAGE.rglob("*.py") if not room(p).startswith("__"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_go_down_only(path: Path) -> None:
    assert wrongs(path, ast.parse(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("errors.py", "from tplink_lab.cloud import Cloud"),
        ("cloud/x.py", "from tplink_lab.devices import Device"),
        ("cloud/x.py", "def f():\n    from tplink_lab.data import frames"),
        ("devices/x.py", "import tplink_lab.widgets"),
        ("practice/x.py", "from tplink_lab.errors import BadInput"),
        ("practice/x.py", "from tplink_lab import cloud"),
        ("widgets/x.py", "from tplink_lab.practice import PracticeCloud"),
    ],
)
def test_a_wrong_import_would_be_noticed(file: str, line: str) -> None:
    assert wrongs(PACKAGE / file, ast.parse(line))


def test_every_door_is_in_use() -> None:
    for file, other in DOORS:
        path = PACKAGE / file
        assert (other, False) in imported(path, ast.parse(path.read_text("utf-8")))


def test_requests_has_one_home() -> None:
    for path in FILES:
        text = path.read_text("utf-8")
        if "import requests" in text or "from requests" in text:
            at = path.relative_to(PACKAGE).as_posix()
            assert at in REQUESTS, at


def test_the_practice_cloud_needs_the_standard_library_only() -> None:
    for path in FILES:
        if room(path) != "practice":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                top = name.split(".")[0]
                assert top in sys.stdlib_module_names or top == "trustme", (path, name)


def test_the_import_is_light() -> None:
    code = "import json, sys, tplink_lab; print(json.dumps(list(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in json.loads(run.stdout)}
    assert not loaded & {"pandas", "matplotlib", "ipywidgets", "requests", "numpy"}


def test_tl_practice_stays_a_function_whatever_is_imported_first() -> None:
    code = (
        "from tplink_lab.practice import PracticeCloud\n"
        "import tplink_lab as tl, importlib\n"
        "importlib.import_module('tplink_lab.practice.cloud')\n"
        "with tl.practice() as cloud: pass\n"
        "with tl.practice() as cloud: pass\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def public() -> dict[str, Any]:
    """Return everything that people are told to use, by the name they type."""
    import tplink_lab as tl

    found = {f"tl.{name}": getattr(tl, name) for name in tl.__all__}
    for room in ("data", "errors", "plots", "widgets"):
        names = getattr(tl, room).__all__
        found |= {
            f"tl.{room}.{name}": getattr(getattr(tl, room), name) for name in names
        }
    return found


def test_what_is_public_is_there_and_what_is_there_is_shown() -> None:
    import tplink_lab as tl

    assert sorted(tl.__all__) == tl.__all__
    assert set(dir(tl)) == {*tl.__all__, "__version__"}
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = tl.nonsense


@pytest.mark.parametrize("name", public())
def test_what_is_public_has_a_docstring_with_an_example_that_runs(name: str) -> None:
    thing = public()[name]
    doc = inspect.getdoc(thing) or ""
    is_error = inspect.isclass(thing) and issubclass(thing, Exception)
    # An error's example is the call that ends in it; the family's stands at its root.
    assert ">>> " in doc or (doc and (is_error or inspect.ismodule(thing))), name


@pytest.mark.parametrize("name", [n for n, t in public().items() if inspect.isclass(t)])
def test_every_method_of_a_public_class_says_what_it_does(name: str) -> None:
    for method, value in inspect.getmembers(public()[name]):
        is_ours = callable(value) or isinstance(value, property)
        if is_ours and not method.startswith("_"):
            assert inspect.getdoc(value), f"{name}.{method}"


def told() -> list[str]:
    """Return each `tl.…` of README, lessons, guide and docstrings, as it is typed."""
    texts = [
        (ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md")
    ]
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        texts += ["".join(cell["source"]) for cell in cells]
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text("utf-8")
        texts.append(re.sub(r":\w+:`~?tplink_lab\.", "tl.", source))
    found = {
        name for text in texts for name in re.findall(r"\btl\.([a-zA-Z_.]+)", text)
    }
    return sorted({name.rstrip(".") for name in found})


@pytest.mark.parametrize("name", told())
def test_what_is_told_exists(name: str) -> None:
    # `tl.practice` is the function; the room of that name is imported.
    room, name = re.fullmatch(r"((?:practice\.)?)(.*)", name).groups()
    attrgetter(name)(importlib.import_module(f"tplink_lab.{room}".rstrip(".")))
