"""Monitor, table and viewer in JupyterLab, by the keyboard alone."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))
write_page = import_module("voila_page").write_page

CELLS = (
    "import tplink_lab as tl\ncloud = tl.practice(offline_after_s=0)\n"
    "_ = cloud.devices()",
    'tl.widgets.power_monitor([cloud.device("Fridge")])',
    "tl.widgets.device_table(cloud)",
    "tl.widgets.exchange_viewer(cloud)",
)


def tab_to(page, wanted):
    """Press Tab until *wanted* has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("found => found === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def test_monitor_table_and_viewer_are_used_by_keyboard(open_lesson, lab):
    write_page(lab.folder / "lists.ipynb", *CELLS)
    lesson = open_lesson("lists.ipynb")
    page = lesson.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lesson.run_all()
    assert lesson.problems() == []
    power, table, viewer = (
        page.locator(f".tplink-lab-{w}") for w in ("power", "table", "viewer")
    )
    expect(power).to_contain_text("84.6")
    power.locator(".lab-pause").focus()
    page.keyboard.press("Enter")
    expect(power.locator(".lab-pause")).to_have_text("Go on")
    tab_to(page, power.get_by_role("button", name="Make CSV"))
    page.keyboard.press("Space")
    tab_to(page, power.get_by_role("link"))
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    assert b"Fridge,84.6" in Path(saved.value.path()).read_bytes()

    table.get_by_label("Filter").focus()
    page.keyboard.type("kettle")
    page.keyboard.press("Enter")
    expect(table.locator("tbody tr")).to_have_count(1)
    tab_to(page, table.get_by_label("Copy app_server_url of Kettle"))
    page.keyboard.press("Enter")
    expect(table.locator(".lab-copy-said")).to_have_text("Copied")
    shown = table.locator(".lab-copied-text").text_content()
    assert page.evaluate("navigator.clipboard.readText()") == shown
    assert shown.startswith("http")

    viewer.get_by_label("Filter").focus()
    page.keyboard.type("getDeviceList")
    page.keyboard.press("Enter")
    expect(viewer.locator(".lab-body")).to_contain_text("getDeviceList")
    shell = viewer.get_by_label("Shell", exact=True)
    tab_to(page, shell)
    # JupyterLab would take these for "next cell" and the like if it were let.
    page.keyboard.press("ArrowDown")
    expect(shell).to_have_value("cmd")
    page.keyboard.press("p")
    expect(shell).to_have_value("powershell")
    copy = viewer.get_by_label("Copy the powershell command")
    expect(copy).to_be_visible()
    tab_to(page, copy)
    page.keyboard.press("Enter")
    expect(viewer.locator(".lab-copy-said")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == viewer.locator(".lab-copied-text").text_content()
    assert "TPL_TOKEN" in copied
