"""Lesson 04 as its reader meets it: run all, press a button, ask the lamp."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import expect


def test_the_button_of_the_lesson_switches_the_lamp(open_lesson):
    lesson = open_lesson("04_switch_a_plug.ipynb")
    lesson.run_all()
    assert lesson.problems() == []
    panel = lesson.page.locator(".tplink-lab-panel")
    state = panel.locator(".lab-state-desk-lamp")
    button = panel.locator(".lab-toggle-desk-lamp")
    # The lesson left it off, then somebody pressed the lamp's own button.
    expect(state).to_have_text("●on")
    pictures = os.environ.get("TPLINK_LAB_SCREENSHOTS")
    if pictures:
        panel.screenshot(path=Path(pictures) / "lesson-04-panel.png")
    expect(button).to_have_text("Turn off")
    button.click()
    expect(state).to_have_text("○off")
    expect(really(lesson)).to_have_text("False")


def really(lesson):
    """Ask the practice cloud, not the panel: the first cell serves for that."""
    first = lesson.cell(1)
    first.locator(".cm-content").click()
    lesson.page.keyboard.press("Control+A")
    lesson.page.keyboard.type('print(cloud.practice.state("Desk Lamp")["on"])')
    lesson.page.keyboard.press("Control+Enter")
    return first.locator(".jp-OutputArea-output")
