"""The widgets in Voilà: every control used, axe on each, and nothing fetched abroad."""

from __future__ import annotations

import os
import re
import sys
import time
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

import tplink_lab as tl

sys.path.insert(0, str(Path(__file__).parent))
served, write_page = (
    getattr(import_module("voila_page"), n) for n in ("served", "write_page")
)

CLOUD = "import tplink_lab as tl\ncloud = tl.practice(offline_after_s=0)"
MAKE = {
    "control_panel": "tl.widgets.control_panel(cloud)",
    "device_table": "tl.widgets.device_table(cloud)",
    "exchange_viewer": "tl.widgets.exchange_viewer(cloud)",
    "login": "tl.widgets.login()",
    "power_monitor": "tl.widgets.power_monitor("
    '[cloud.device(n) for n in ("Fridge", "Kettle", "Garage Heater")])',
}
# ipywidgets' own, which its users cannot mend: a slider without a name, a colour input
# without one, and grey captions of tabs (shared/jupyter.md §6, axe-core 4.14).
NOT_OURS = {"aria-input-field-name", "label", "color-contrast"}
IPYWIDGETS = ("noUi", "widget-color", "jp-Collapse", "lm-TabBar", 'type="color"')


def photograph(page, name):
    folder = os.environ.get("TPLINK_LAB_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / name, full_page=True)


def offered():
    return [name for name in MAKE if hasattr(tl.widgets, name)]


@pytest.fixture(scope="module")
def address(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("voila")
    shown = "\n".join(f"display({MAKE[name]})" for name in offered())
    page = write_page(folder / "all.ipynb", CLOUD, "_ = cloud.devices()", shown)
    with served(page) as url:
        yield url


@pytest.fixture(scope="module")
def page(browser, address):
    context = browser.new_context(viewport={"width": 1100, "height": 1000})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = context.new_page()
    opened.goto(address)
    expect(opened.locator(".tplink-lab-panel")).to_be_visible(timeout=60_000)
    expect(opened.locator(".tplink-lab-power svg.lab-chart")).to_be_visible(
        timeout=30_000
    )
    yield opened
    context.close()


def test_axe_finds_nothing_serious_that_is_ours(page):
    expect(page.locator(".lab-state-kettle")).to_contain_text("on")
    source = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    page.evaluate(source)
    found = page.evaluate("axe.run({include: [['#rendered_cells']]})")["violations"]
    bad = [
        (v["id"], node["html"][:160])
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
        if not (v["id"] in NOT_OURS and any(w in node["html"] for w in IPYWIDGETS))
    ]
    assert bad == []


def test_the_table_is_used_by_hand_and_copies_what_it_shows(page):
    table = page.locator(".tplink-lab-table")
    table.get_by_label("Filter").fill("kettle")
    expect(table.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Copy app_server_url of Kettle").click()
    expect(table.locator(".lab-copy-said")).to_have_text("Copied")
    shown = table.locator(".lab-copied-text").text_content()
    assert page.evaluate("navigator.clipboard.readText()") == shown
    assert shown.startswith("http")
    table.get_by_label("Filter").fill("")
    table.get_by_label("Sort by").select_option("model")
    table.get_by_label("Largest first").check()
    table.get_by_label("Columns").select_option(["alias", "model"])
    expect(table.locator("thead th")).to_have_text(["alias", "model"])
    models = table.locator("tbody td").all_text_contents()
    expect(table.locator("tbody td").first).to_have_text(max(models))
    with page.expect_download() as saved:
        table.get_by_role("link").click()
    assert saved.value.suggested_filename == "devices.csv"
    lines = Path(saved.value.path()).read_text("utf-8").splitlines()
    assert lines[0] == "alias,model" and len(lines) == len(models) + 1
    table.get_by_role("button", name="Refresh").click()
    expect(table.locator("caption")).not_to_contain_text("asking")


def test_the_viewer_copies_the_command_it_shows_by_keyboard(page):
    viewer = page.locator(".tplink-lab-viewer")
    viewer.get_by_role("button", name="Look again").click()
    viewer.get_by_label("Filter").fill("getDeviceList")
    expect(viewer.locator("select").first.locator("option").first).to_contain_text(
        "getDeviceList"
    )
    expect(viewer.locator(".lab-body")).to_contain_text("getDeviceList")
    shell = viewer.get_by_label("Shell", exact=True)
    for name in ("cmd", "powershell", "python", "bash"):
        shell.select_option(name)
        copy = viewer.get_by_label(f"Copy the {name} command")
        expect(copy).to_be_visible()
        shell.focus()
        page.keyboard.press("Tab")
        expect(copy).to_be_focused()
        page.keyboard.press("Enter")
        expect(viewer.locator(".lab-copy-said")).to_have_text("Copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == viewer.locator(".lab-copied-text").text_content()
        assert "TPL_TOKEN" in copied


def test_the_monitor_pauses_and_saves(page):
    monitor = page.locator(".tplink-lab-power")
    expect(monitor.get_by_role("img")).to_have_count(1)
    expect(monitor).to_contain_text("offline")  # the heater; the rest go on
    expect(monitor).to_contain_text("84.6")
    pause = monitor.locator(".lab-pause")
    pause.focus()
    page.keyboard.press("Enter")
    expect(pause).to_have_text("Go on")
    expect(monitor.locator(".lab-title")).to_contain_text("paused")
    for kind, start in (("CSV", b"at,alias"), ("PNG", b"\x89PNG")):
        monitor.get_by_role("button", name=f"Make {kind}").click()
        link = monitor.get_by_role("link", name=f"power.{kind.lower()}")
        with page.expect_download() as saved:
            link.click()
        assert Path(saved.value.path()).read_bytes().startswith(start)
    pause.click()
    expect(pause).to_have_text("Pause")


def test_it_is_narrow_without_scrolling_sideways(page):
    photograph(page, "voila-light.png")
    page.set_viewport_size({"width": 420, "height": 1000})
    photograph(page, "voila-narrow.png")
    for name in ("power", "viewer"):
        box = page.locator(f".tplink-lab-{name}").bounding_box()
        assert box["width"] <= 420
    page.set_viewport_size({"width": 1100, "height": 1000})


def test_the_page_that_the_dashboard_opens_leads_there_and_nowhere_else(
    browser, tmp_path
):
    told = tmp_path / "told"
    script = tmp_path / "browser.py"
    script.write_text("import sys; open(sys.argv[1], 'w').write(sys.argv[2])")
    with served(browser=f"{sys.executable} {script} {told} %s") as url:
        ends = time.monotonic() + 30
        while not (told.exists() and told.read_text()):
            assert time.monotonic() < ends
            time.sleep(0.05)
        opened = told.read_text()
        assert url.rpartition("=")[2] not in opened  # others see what it is called with
        way = Path(urlsplit(opened).path)
        assert way.stat().st_mode & 0o777 == 0o600
        assert re.findall(r"//([^/:]+)", way.read_text("utf-8")) == ["127.0.0.1"]
        context = browser.new_context()
        page = context.new_page()
        page.goto(opened)
        expect(page.locator(".tplink-lab-panel")).to_be_visible(timeout=60_000)
        context.close()
    assert not way.exists()


@pytest.mark.parametrize("is_dark", [False, True])
def test_the_dashboard_asks_no_other_host_and_wants_its_token(browser, is_dark):
    with served(is_dark=is_dark) as url:
        context = browser.new_context(viewport={"width": 1000, "height": 1400})
        page = context.new_page()
        fetched = set()
        page.on("response", lambda r: fetched.add(urlsplit(r.url).hostname))
        page.goto(url)
        power = page.locator(".tplink-lab-power svg.lab-chart")
        expect(power).to_be_visible(timeout=60_000)
        lamp = page.locator(".lab-toggle-desk-lamp")
        expect(lamp).to_have_text("Turn on")
        lamp.click()
        expect(page.locator(".lab-state-desk-lamp")).to_have_text("●on")
        photograph(page, f"dashboard-{'dark' if is_dark else 'light'}.png")
        assert fetched - {None, ""} == {"127.0.0.1"}
        context.close()
        stranger = browser.new_context().new_page()
        stranger.goto(url.partition("?")[0])
        expect(stranger.locator(".tplink-lab-panel")).to_have_count(0)
        assert "token" in stranger.content().casefold()
        stranger.context.close()
