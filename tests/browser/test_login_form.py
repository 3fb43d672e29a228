"""The login form in JupyterLab: typed into, and the password in no saved place."""

from __future__ import annotations

import os
from pathlib import Path

from nbformat import v4
from playwright.sync_api import expect

CELLS = (
    "import tplink_lab as tl\nschool = tl.practice().practice\nschool.require_mfa()",
    "form = tl.widgets.login(url=school.url)\nform",
    "print(form.cloud)",
)


def photograph(page, name):
    folder = os.environ.get("TPLINK_LAB_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.locator(".tplink-lab-login").screenshot(path=Path(folder) / name)


def look_closer(lesson, code):
    last = lesson.cell(len(CELLS))
    last.locator(".cm-content").click()
    lesson.page.keyboard.press("Control+A")
    lesson.page.keyboard.type(code)
    lesson.page.keyboard.press("Control+Enter")
    lesson.wait_for_kernel()
    return last.locator(".jp-OutputArea-output")


def test_a_login_by_keyboard_with_a_code_leaves_no_password_behind(open_lesson, lab):
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell(source) for source in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    (lab.folder / "login.ipynb").write_text(v4.writes(notebook))
    lesson = open_lesson("login.ipynb")
    lesson.run_all()
    page = lesson.page
    email = look_closer(lesson, "print(school.email)").text_content().strip()
    secret = look_closer(lesson, "print(school.password)").text_content().strip()
    look_closer(lesson, "print()")
    form = page.locator(".tplink-lab-login")
    form.get_by_label("E-mail").focus()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Tab")  # to the app
    page.keyboard.press("Tab")  # to the button
    expect(form.locator(".lab-enter")).to_be_focused()
    expect(form.get_by_label("Password")).to_have_value("")
    page.keyboard.press("Enter")
    expect(form.locator(".lab-why-password")).to_contain_text("-20601")
    photograph(page, "login-wrong.png")
    form.get_by_label("Password").fill(secret)
    form.get_by_label("App").select_option("Kasa")
    form.locator(".lab-enter").press("Enter")
    expect(form.locator(".lab-status")).to_contain_text("sent a code to")
    photograph(page, "login-code.png")
    code = look_closer(lesson, "print(school.newest_code())").text_content().strip()
    form.get_by_label("Code").fill(code)
    form.locator(".lab-send").click()
    expect(form.locator(".lab-status")).to_contain_text("Logged in to kasa")
    photograph(page, "login-done.png")
    expect(look_closer(lesson, "print(form.cloud)")).to_contain_text("<Cloud ")
    # What a notebook saved with its widgets would hold.
    saved = page.evaluate(
        """async () => {
            const panel = window.jupyterapp.shell.currentWidget;
            const found = [];
            for (const widget of document.querySelectorAll("input"))
                found.push(widget.value);
            return JSON.stringify([found, panel.content.model.toJSON()]);
        }"""
    )
    states = (
        "import ipywidgets, json; s = ipywidgets.Widget.get_manager_state(); "
        "print(school.password in json.dumps(s, default=str))"
    )
    expect(look_closer(lesson, states)).to_have_text("False")
    assert secret not in saved


def test_the_practice_button_needs_no_account(open_lesson, lab):
    cells = [
        "import tplink_lab as tl",
        CELLS[1].replace("url=school.url", ""),
        CELLS[2],
    ]
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    (lab.folder / "practice.ipynb").write_text(v4.writes(notebook))
    lesson = open_lesson("practice.ipynb")
    lesson.run_all()
    form = lesson.page.locator(".tplink-lab-login")
    form.get_by_role("button", name="Practice instead").click()
    expect(form.locator(".lab-status")).to_contain_text("at a practice cloud")
    expect(look_closer(lesson, "print(form.cloud)")).to_contain_text("practice cloud")
