"""Every lesson runs top to bottom in JupyterLab, in a real browser."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from playwright.sync_api import expect

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
LESSONS = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


def test_there_are_lessons_to_open():
    assert "00_start_here.ipynb" in LESSONS


@pytest.mark.parametrize("name", LESSONS or ["00_start_here.ipynb"])
def test_a_lesson_runs_top_to_bottom_without_an_error(open_lesson, name):
    lesson = open_lesson(name)
    lesson.run_all()
    assert lesson.problems() == []
    expect(lesson.page.get_by_text("Error displaying widget")).to_have_count(0)


def test_a_word_leads_to_its_place_in_the_glossary(open_lesson):
    lesson = open_lesson("02_find_your_endpoint.ipynb")
    lesson.page.locator("a[href*='glossary.ipynb']", has_text="endpoint").first.click()
    heading = lesson.page.get_by_role("heading", name="Endpoint", exact=True)
    expect(heading).to_be_in_viewport(timeout=20_000)


def test_a_lesson_that_fails_would_be_noticed(open_lesson, lab):
    lesson = v4.new_notebook(
        cells=[
            v4.new_code_cell(
                "raise KeyError('said')", metadata={"tags": ["raises-exception"]}
            ),
            v4.new_code_cell("'here'"),
            v4.new_code_cell("raise ValueError('unsaid')"),
            v4.new_code_cell("'never'"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(lesson, lab.folder / "planted.ipynb")
    planted = open_lesson("planted.ipynb")
    planted.run_all()
    assert planted.problems() == [
        "cell 3: ValueError: unsaid",
        "cell 4 was not run",
    ]
    expect(planted.cell(2)).to_contain_text("'here'")
