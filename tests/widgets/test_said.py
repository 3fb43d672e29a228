"""What a screen reader is told of, and what not."""

from __future__ import annotations

import re

import pytest

from tplink_lab.widgets import control_panel


@pytest.fixture
def panel(cloud):
    found = control_panel(cloud)
    assert found.wait()
    yield found
    found.close()


def said(panel):
    assert panel.wait()
    return panel._said.widget.value


def test_a_switch_is_told_when_the_device_has_answered_and_not_before(cloud, panel):
    assert said(panel) == ""  # nobody did anything
    cloud.practice.slow(9)
    panel.button("Desk Lamp").click()
    assert panel._said.widget.value == ""
    cloud.practice.calm()
    assert said(panel) == "Desk Lamp: on"
    panel.button("Desk Strip", "Printer").click()
    assert said(panel) == "Printer: on"


def test_a_refresh_is_not_read_aloud(cloud, panel):
    panel.button("Desk Lamp").click()
    said(panel)
    cloud.practice.press("Desk Lamp")
    panel.refresh()
    assert said(panel) == "Desk Lamp: on"  # what was told last
    assert "lab-said" in panel._said.widget._dom_classes


def test_a_failure_is_told_with_its_reason_each_time(cloud, panel):
    cloud.practice.unplug("Desk Lamp")
    heard = []
    panel._said.widget.observe(lambda change: heard.append(change["new"]), "value")
    panel.button("Desk Lamp").click()
    assert "Desk Lamp: offline (was off)" in said(panel)
    panel.button("Desk Lamp").click()
    said(panel)
    assert len([words for words in heard if "offline" in words]) == 2


def test_what_a_setting_did_and_what_opened_details_show_is_told(cloud, panel):
    details = panel.details("Sofa Lamp")
    assert re.match(r"Sofa Lamp: off\. .* at \d+ %", said(panel))
    details.controls["brightness"].value = 41
    assert said(panel).startswith("Sofa Lamp: on. ")
    assert "at 41 %" in said(panel)


def test_all_off_is_told_once_with_what_is_left(cloud, panel):
    heard = []
    panel._said.widget.observe(lambda change: heard.append(change["new"]), "value")
    cloud.practice.unplug("Kettle")
    on = sum(not row.outlet and row.state == "on" for row in panel.rows)
    panel.all_off()
    assert said(panel) == f"{on - 1} are off. Kettle: offline (was on)"
    assert len([words for words in heard if words]) == 1


def test_a_name_is_no_markup(cloud):
    name = "<b>Lamp</b>"
    cloud.device("Desk Lamp").rename(name)
    cloud.devices()
    panel = control_panel(cloud, [name])
    assert panel.wait()
    panel.button(name).click()
    assert said(panel) == "&lt;b&gt;Lamp&lt;/b&gt;: on"
    panel.close()
