"""The control panel in JupyterLab, pressed with a mouse and with a keyboard."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from nbformat import v4
from playwright.sync_api import expect

# The last cell looks at the practice cloud, not at the panel.
CELLS = (
    "import tplink_lab as tl\ncloud = tl.practice(offline_after_s=0)",
    'cloud.device("Sofa Lamp").rename("<img src=x onerror=alert(1)>")\n'
    "_ = cloud.devices()",
    "panel = tl.widgets.control_panel(cloud)\npanel",
    "panel.wait()",
    'print("really", cloud.practice.state("Desk Lamp")["on"])',
)
LAMP = "Desk Lamp"


@pytest.fixture
def opened(open_lesson, lab):
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell(source) for source in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    (lab.folder / "panel.ipynb").write_text(v4.writes(notebook))
    lesson = open_lesson("panel.ipynb")
    lesson.page.on("dialog", lambda dialog: pytest.fail("a name ran as a script"))
    lesson.run_all()
    assert lesson.problems() == []
    return lesson


def look_closer(lesson, code):
    """Run *code* in the last cell; return what it printed."""
    last = lesson.cell(len(CELLS))
    last.locator(".cm-content").click()
    lesson.page.keyboard.press("Control+A")
    lesson.page.keyboard.type(code)
    lesson.page.keyboard.press("Control+Enter")
    lesson.wait_for_kernel()
    return last.locator(".jp-OutputArea-output")


@pytest.fixture
def panel(opened):
    found = opened.page.locator(".tplink-lab-panel")
    expect(found.locator(".lab-state-desk-lamp")).to_contain_text("off")
    return found


def really(lesson):
    """Run the last cell again; return what it printed."""
    last = lesson.cell(len(CELLS))
    last.locator(".cm-content").click()
    lesson.page.keyboard.press("Control+Enter")
    lesson.wait_for_kernel()
    return last.locator(".jp-OutputArea-output")


def photograph(page, name):
    folder = os.environ.get("TPLINK_LAB_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        width = page.viewport_size["width"]
        page.set_viewport_size({"width": width, "height": 2800})  # all of it
        page.locator(".tplink-lab-panel").screenshot(path=Path(folder) / name)


def test_the_panel_is_seen_and_says_what_is_true(opened, panel):
    expect(panel).to_have_count(1)
    expect(opened.cell(3).locator("table")).to_have_count(0)  # not its static twin
    expect(panel.get_by_role("button", name="Refresh all")).to_be_visible()
    expect(panel.locator(".lab-state-kettle")).to_contain_text("●on")
    expect(panel.locator(".lab-state-garage-heater")).to_contain_text("offline")
    expect(panel.locator(".lab-state-tapo-plug")).to_contain_text("●on")
    expect(panel.locator(".lab-toggle-desk-strip-monitor")).to_be_visible()
    expect(panel.locator("img")).to_have_count(0)
    expect(panel.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    photograph(opened.page, "panel-light.png")


def test_a_click_changes_the_plug_and_the_words(opened, panel):
    button = panel.locator(".lab-toggle-desk-lamp")
    expect(button).to_have_text("Turn on")
    expect(button).to_have_attribute("title", "Turn on: Desk Lamp")
    button.click()
    expect(panel.locator(".lab-state-desk-lamp")).to_have_text("●on")
    expect(button).to_have_text("Turn off")
    expect(really(opened)).to_have_text("really True")


def test_the_keyboard_alone_is_enough(opened, panel):
    page = opened.page
    panel.get_by_role("button", name="Refresh all").focus()
    lamp = panel.locator(".lab-toggle-desk-lamp")
    for _ in range(150):
        page.keyboard.press("Tab")
        if lamp.evaluate("b => b === document.activeElement"):
            break
    expect(lamp).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.locator(".lab-state-desk-lamp")).to_have_text("●on")
    expect(lamp).to_be_focused()  # still there, for the next press
    page.keyboard.press("Space")
    expect(panel.locator(".lab-state-desk-lamp")).to_have_text("○off")
    page.keyboard.press("Enter")
    expect(panel.locator(".lab-state-desk-lamp")).to_have_text("●on")
    expect(really(opened)).to_have_text("really True")


def test_a_screen_reader_hears_which_button_it_is_and_what_came_of_it(opened, panel):
    button = panel.get_by_role("button", name="Turn off: Fridge", exact=True)
    expect(button).to_have_text("Turn off")
    said = panel.locator(".lab-said").get_by_role("status")
    said.evaluate("line => { line.known = true }")
    button.press("Enter")
    expect(said).to_have_text("Fridge: off")
    assert said.evaluate("line => line.known")  # changed, not put in anew
    panel.get_by_role("button", name="Turn on: Fridge", exact=True).press("Enter")
    expect(said).to_have_text("Fridge: on")
    details = panel.get_by_role("button", name=re.compile("^Details of Fridge: "))
    details.press("Enter")
    expect(said).to_contain_text("Fridge: on. no countdown. 8")
    panel.get_by_role("button", name=re.compile("^Hide details of Fridge")).click()
    assert panel.locator(".lab-said").bounding_box()["width"] <= 1


def number(panel, name, value):
    """Type a number into a control, as hands do."""
    field = panel.locator(f".lab-{name} input")
    field.fill(str(value))
    field.press("Enter")


def test_every_control_of_the_details_reaches_the_practice_cloud(opened, panel):
    panel.locator(".lab-more-shelf-strip").click()
    note = panel.locator(".lab-note-shelf-strip")
    expect(note).to_contain_text("white 3800 K at 35 %")
    number(panel, "brightness-shelf-strip", 62)
    expect(note).to_contain_text("at 62 %")
    number(panel, "white-shelf-strip", 4200)
    expect(note).to_contain_text("white 4200 K at 62 %")
    panel.locator(".lab-colour-shelf-strip select").select_option("green")
    expect(note).to_contain_text("colour 120°, 100 %")
    number(panel, "hue-shelf-strip", 200)
    expect(note).to_contain_text("colour 200°, 100 %")
    number(panel, "saturation-shelf-strip", 50)
    expect(note).to_contain_text("colour 200°, 50 %")
    light = 'print(cloud.device("Shelf Strip").light.state())'
    expect(look_closer(opened, light)).to_have_text(
        "LightState(is_on=True, brightness=62, hue_deg=200, saturation=50)"
    )
    number(panel, "minutes-shelf-strip", 45)
    panel.locator(".lab-start-shelf-strip").click()
    expect(note).to_contain_text("turns off in 45 min")
    countdown = 'print(cloud.device("Shelf Strip").countdown.remaining())'
    expect(look_closer(opened, countdown)).to_have_text("0:45:00")
    panel.locator(".lab-cancel-shelf-strip").click()
    expect(note).to_contain_text("no countdown")
    panel.locator(".lab-effect-shelf-strip").click()
    expect(note).to_contain_text("'Slow evening' runs")
    expect(panel.locator(".lab-effect-shelf-strip")).to_have_text("Stop effect")
    effect = 'print(cloud.device("Shelf Strip").effects.state().is_on)'
    expect(look_closer(opened, effect)).to_have_text("True")
    expect(panel.locator(".lab-energy-shelf-strip")).to_contain_text("W now")
    photograph(opened.page, "panel-details.png")


def test_search_filter_and_all_off_are_used_by_hand(opened, panel):
    search = panel.get_by_label("Search")
    search.press_sequentially("desk lamp")
    expect(panel.locator(".lab-row-kettle")).to_be_hidden()
    expect(panel.locator(".lab-row-desk-lamp")).to_be_visible()
    search.fill("")
    panel.get_by_label("Show", exact=True).select_option("offline")
    expect(panel.locator(".lab-row-garage-heater")).to_be_visible()
    expect(panel.locator(".lab-row-desk-lamp")).to_be_hidden()
    panel.get_by_label("Show", exact=True).select_option("all")
    panel.get_by_label("Refresh by itself").check()
    expect(panel.locator(".lab-doing")).to_contain_text("28 requests each")
    panel.get_by_label("Refresh by itself").uncheck()
    expect(panel.locator(".lab-doing")).not_to_contain_text("requests")
    panel.get_by_role("button", name="All off…").press("Enter")
    expect(panel.locator(".lab-question")).to_contain_text("that are on, or may be?")
    photograph(opened.page, "panel-all-off.png")
    panel.locator(".lab-yes").press("Enter")
    expect(panel.get_by_role("button", name="All off…")).to_be_focused()
    expect(panel.locator(".lab-state-kettle")).to_have_text("○off")
    print_on = "print([r.alias for r in panel.rows if r.is_on])"
    panel_rest = f"panel.wait(); {print_on}"
    expect(look_closer(opened, panel_rest)).to_have_text("[]")
    expect(panel.locator(".lab-said")).to_contain_text("are off")
    expect(
        look_closer(opened, 'print(cloud.practice.state("Fridge")["on"])')
    ).to_have_text("False")


def test_the_kernel_answers_while_the_panel_waits_for_a_slow_cloud(opened, panel):
    look_closer(opened, "cloud.practice.slow(8)")
    panel.get_by_role("button", name="Refresh all").click()
    panel.locator(".lab-toggle-desk-lamp").click()
    expect(panel.locator(".lab-state-desk-lamp")).to_contain_text("busy")
    expect(look_closer(opened, "print(1 + 1)")).to_have_text("2", timeout=4000)
    expect(panel.locator(".lab-state-desk-lamp")).to_contain_text("busy")
    look_closer(opened, "cloud.practice.calm()")


def test_the_panel_is_legible_in_the_dark_and_when_things_go_wrong(opened, panel):
    page = opened.page
    page.evaluate(
        """() => window.jupyterapp.commands.execute(
            "apputils:change-theme", {theme: "JupyterLab Dark"})"""
    )
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    photograph(page, "panel-dark.png")
    last = opened.cell(len(CELLS))
    last.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    ended = "cloud.practice.expire_token(); cloud.practice.expire_refresh_token()"
    page.keyboard.type(ended)
    page.keyboard.press("Control+Enter")
    opened.wait_for_kernel()
    panel.locator(".lab-toggle-desk-lamp").click()
    why = panel.locator(".lab-why-desk-lamp")
    expect(why).to_contain_text("Log in again")
    expect(panel.locator(".lab-state-desk-lamp")).to_have_text("○off")
    ink, paper = why.locator(".lab-because").evaluate(
        """(text) => {
            const lum = (color) => {
                const [r, g, b] = color.match(/[0-9.]+/g).slice(0, 3).map((c) => {
                    const x = c / 255;
                    return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
                });
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            let back = text;
            const clear = "rgba(0, 0, 0, 0)";
            while (getComputedStyle(back).backgroundColor === clear)
                back = back.parentElement;
            return [lum(getComputedStyle(text).color),
                    lum(getComputedStyle(back).backgroundColor)];
        }"""
    )
    lighter, darker = max(ink, paper), min(ink, paper)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
    panel.get_by_role("button", name="Refresh all").click()
    expect(panel.locator(".lab-state-kettle")).to_contain_text("failed: log in again")
    photograph(page, "panel-dark-trouble.png")
    page.set_viewport_size({"width": 700, "height": 1400})
    photograph(page, "panel-dark-narrow.png")


def test_running_the_cell_again_leaves_one_automatic_refresh_and_two_panels_two(
    open_lesson, lab
):
    # The monitor's single device has one thread.
    count = (
        "import threading\nnames = [t.name for t in threading.enumerate()]\n"
        'print(*(sum(w in n for n in names) for w in ("panel refresh", "monitor")))'
    )
    make = "tl.widgets.control_panel(cloud, ['Desk Lamp', 'Kettle'], refresh_s=5)"
    watch = "tl.widgets.power_monitor([cloud.device('Fridge')])"
    notebook = v4.new_notebook(
        cells=[
            v4.new_code_cell(CELLS[0]),
            v4.new_code_cell(f"display({make}, {make}, {watch})"),
            v4.new_code_cell(count),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    (lab.folder / "again.ipynb").write_text(v4.writes(notebook))
    lesson = open_lesson("again.ipynb")
    lesson.run_all()
    expect(lesson.page.locator(".tplink-lab-panel")).to_have_count(2)
    expect(lesson.cell(3).locator(".jp-OutputArea-output")).to_have_text("2 1")
    for number in (2, 3):
        lesson.cell(number).locator(".cm-content").click()
        lesson.page.keyboard.press("Control+Enter")
        lesson.wait_for_kernel()
    prompt = lesson.cell(3).locator(".jp-InputPrompt")
    expect(prompt).to_have_text("[5]:", timeout=30_000)
    expect(lesson.cell(3).locator(".jp-OutputArea-output")).to_have_text("2 1")
