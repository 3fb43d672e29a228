"""Notebook 7, served by the same server: another page, the same widgets."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))
write_page = import_module("voila_page").write_page

CELLS = (
    "import tplink_lab as tl\ncloud = tl.practice(offline_after_s=0)",
    'panel = tl.widgets.control_panel(cloud, ["Desk Lamp", "Kettle"])\npanel',
    'monitor = tl.widgets.power_monitor([cloud.device("Fridge")])\nmonitor',
    'print("really", cloud.practice.state("Desk Lamp")["on"], monitor.is_running)',
)


def really(page):
    """Run the last cell again; return what it printed."""
    last = page.locator(".jp-CodeCell").nth(len(CELLS) - 1)
    last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    return last.locator(".jp-OutputArea-output")


def test_panel_and_monitor_work_in_notebook_7(browser, lab):
    if find_spec("notebook") is None:
        pytest.skip("Notebook 7 is not installed here: pip install notebook")
    write_page(lab.folder / "seven.ipynb", *CELLS)
    context = browser.new_context(viewport={"width": 1200, "height": 1600})
    page = context.new_page()
    page.goto(f"{lab.url}/notebooks/seven.ipynb")
    indicator = page.locator(".jp-Notebook-ExecutionIndicator").first
    expect(indicator).to_have_attribute("data-status", "idle", timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    output = page.locator(".jp-CodeCell").nth(3).locator(".jp-OutputArea-output")
    expect(output).to_have_text("really False True", timeout=60_000)
    panel, monitor = (page.locator(f".tplink-lab-{w}") for w in ("panel", "power"))
    lamp = panel.locator(".lab-toggle-desk-lamp")
    expect(lamp).to_have_text("Turn on")
    lamp.click()
    expect(panel.locator(".lab-state-desk-lamp")).to_have_text("●on")
    expect(monitor.locator("svg.lab-chart")).to_be_visible()
    expect(monitor).to_contain_text("84.6")
    monitor.locator(".lab-pause").focus()
    page.keyboard.press("Enter")
    expect(monitor.locator(".lab-pause")).to_have_text("Go on")
    expect(really(page)).to_have_text("really True False")
    lamp.focus()
    page.keyboard.press("Space")
    expect(panel.locator(".lab-state-desk-lamp")).to_have_text("○off")
    expect(really(page)).to_have_text("really False False")
    page.evaluate("window.jupyterapp?.serviceManager.sessions.shutdownAll()")
    context.close()
