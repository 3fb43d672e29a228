"""JupyterLab, served to a real Chromium.

What waits for what was tried out: the kernel's indicator says ``idle`` before there
is a kernel, so the status bar is asked as well. Otherwise "Run All Cells" is lost
now and then, silently.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",  # build servers run us as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # containers give /dev/shm 64 MB
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
KERNEL_PATIENCE_MS = 60_000
RUN_PATIENCE_MS = 120_000

# JavaScript: the code cells of the notebook in front, and whether running is over.
# A cell that raises unannounced ends the run, so the ones after it stay without a
# number: then there is nothing to wait for.
CELLS = """(() => window.jupyterapp.shell.currentWidget.content.model.toJSON()
    .cells.filter((cell) => cell.cell_type === "code"))"""
IS_DONE = """((cells) =>
    cells.some((cell) => !(cell.metadata.tags || []).includes("raises-exception")
        && cell.outputs.some((output) => output.output_type === "error"))
    || cells.every((cell) => cell.execution_count !== null
        || [].concat(cell.source).join("").trim() === ""))"""


def find_chromium() -> str | None:
    """Return a Chromium or its next of kin, else None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    found = (shutil.which(name) for name in NAMES)
    there = (place for place in PLACES if Path(place).is_file())
    return next((path for path in (*found, *there) if path), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path. Without one: skipped at home, failed on a build server."""
    path = find_chromium()
    if path is None:
        why = "no Chromium found: install it (apt install chromium) or set CHROMIUM"
        if os.environ.get("CI", "").lower() not in ("", "0", "false", "no"):
            pytest.fail(why)
        pytest.skip(why)
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


class Lab:
    """A JupyterLab that serves copies of the lessons from ``folder``."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder


def serve(notebook: Any, path: Path) -> None:
    """Save *notebook* at *path* without its outputs: those seen come from the run."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, path)


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    # It asks for `chromium` so that nothing is started when there is no browser.
    home = tmp_path_factory.mktemp("jupyter")
    work = home / "work"
    work.mkdir()
    for lesson in sorted((ROOT / "notebooks").glob("*.ipynb")):
        serve(nbformat.read(lesson, as_version=4), work / lesson.name)
    env = dict(os.environ)
    for name in (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
    ):
        env[name] = str(home / name)
    no_news = {"@jupyterlab/apputils-extension:announcements": True}
    config = home / "JUPYTER_CONFIG_DIR" / "labconfig" / "page_config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"disabledExtensions": no_news}))
    # Cells outside the window would not be in the page: tests look for them there.
    tracker = home / "JUPYTERLAB_SETTINGS_DIR" / "@jupyterlab" / "notebook-extension"
    tracker.mkdir(parents=True)
    (tracker / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url, log = f"http://127.0.0.1:{port}", home / "server.log"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--LabApp.expose_app_in_browser=True"]  # for OpenLesson.cells
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    command += ["--ServerApp.port_retries=0", f"--ServerApp.root_dir={work}"]
    command += ["--IdentityProvider.token=", "--ServerApp.password="]
    with log.open("w") as out:
        server = subprocess.Popen(command, env=env, stdout=out, stderr=out)
    try:
        _wait_until_it_answers(url, server, log)
        yield Lab(url, work)
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_it_answers(
    url: str, server: subprocess.Popen[bytes], log: Path
) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/api", timeout=2).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.1)  # another process: there is no event to wait for


class OpenLesson:
    """A lesson open in the browser, its kernel ready."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def run_all(self) -> None:
        """Run all cells; return when the last is done or one fails unexpectedly."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.page.wait_for_function(
            f"{IS_DONE}({CELLS}())", polling=100, timeout=RUN_PATIENCE_MS
        )
        self.wait_for_kernel()

    def cells(self) -> list[dict[str, Any]]:
        """Return the code cells as JupyterLab holds them now, in nbformat's form."""
        found: list[dict[str, Any]] = self.page.evaluate(f"{CELLS}()")
        return found

    def problems(self) -> list[str]:
        """Say what went wrong, a line for each cell: an empty list when all is well."""
        found = []
        for number, cell in enumerate(self.cells(), start=1):
            for output in cell["outputs"]:
                if output["output_type"] == "error" and not may_raise(cell):
                    found.append(
                        f"cell {number}: {output['ename']}: {output['evalue']}"
                    )
            if cell["source"].strip() and cell["execution_count"] is None:
                found.append(f"cell {number} was not run")
        return found

    def cell(self, number: int) -> Locator:
        """Return code cell *number* of the page, counted from 1."""
        return self.page.locator(".jp-CodeCell").nth(number - 1)

    def wait_for_kernel(self) -> None:
        """Return once the kernel is there and has nothing to do."""
        indicator = self.page.locator(".jp-Notebook-ExecutionIndicator").first
        expect(indicator).to_have_attribute(
            "data-status", "idle", timeout=KERNEL_PATIENCE_MS
        )
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text(
            "| Idle", timeout=KERNEL_PATIENCE_MS
        )


def may_raise(cell: dict[str, Any]) -> bool:
    """Whether the lesson announces that *cell* raises."""
    return "raises-exception" in cell["metadata"].get("tags", ())


@pytest.fixture
def open_lesson(
    browser: Browser, lab: Lab, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], OpenLesson]]:
    """A function that opens a lesson by file name.

    The last view is saved as a picture: into the folder TPLINK_LAB_SCREENSHOTS names,
    else into the test's temporary folder.
    """
    context = browser.new_context(viewport={"width": 1400, "height": 1400})
    page = context.new_page()

    def opened(name: str) -> OpenLesson:
        page.goto(f"{lab.url}/lab/tree/{name}?reset")
        lesson = OpenLesson(page)
        lesson.wait_for_kernel()
        return lesson

    yield opened
    pictures = Path(os.environ.get("TPLINK_LAB_SCREENSHOTS") or tmp_path)
    pictures.mkdir(parents=True, exist_ok=True)
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in request.node.name)
    page.screenshot(path=pictures / f"{safe}.png")
    # The server is shared: a kernel left behind would run to the end of all tests.
    page.evaluate("window.jupyterapp?.serviceManager.sessions.shutdownAll()")
    context.close()
