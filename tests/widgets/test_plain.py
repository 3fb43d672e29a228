"""The twins without widgets, against a practice cloud."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tplink_lab as tl
from tplink_lab.errors import BadInput, NoSuchDevice, TPLinkLabError
from tplink_lab.widgets import panel_rows, switch
from tplink_lab.widgets.errands import see
from tplink_lab.widgets.rows import NO_SWITCH


def test_the_rows_are_the_devices_in_the_clouds_order_and_outlets_after_their_strip(
    cloud,
):
    rows = panel_rows(cloud)
    assert [r.alias for r in rows if not r.outlet] == [
        d.alias for d in cloud.devices(refresh=False)
    ]
    first = [r.alias for r in rows].index("Desk Strip")
    strip = rows[first : first + 7]
    assert [r.outlet for r in strip][:3] == ["", "Monitor", "Laptop"]
    assert {r.alias for r in strip} == {"Desk Strip"}


def test_every_state_agrees_with_what_the_device_really_is(cloud):
    for row in panel_rows(cloud):
        if row.is_on is not None:
            assert cloud.practice.state(row.outlet or row.alias)["on"] is row.is_on


def test_an_unplugged_device_is_offline_and_a_tapo_is_not(cloud):
    cloud.practice.unplug("Kettle")
    rows = {r.alias: r for r in panel_rows(cloud) if not r.outlet}
    assert rows["Kettle"].state == "offline"
    assert "-20571" in rows["Kettle"].reason
    assert rows["Tapo Plug"].state == "on"
    with tl.practice(protocol="v1", offline_after_s=0) as classic:
        rows = {r.alias: r for r in panel_rows(classic) if not r.outlet}
    assert rows["Tapo Plug"].state == "not switchable"
    assert "Tapo app is not logged in" in rows["Tapo Plug"].reason


def test_one_request_for_each_kasa_device_and_one_for_the_list(cloud):
    panel_rows(cloud)
    kasa = [d for d in cloud.devices(refresh=False) if d.dialect == "iot"]
    assert cloud.practice.calls["passthrough"] == len(kasa)
    assert cloud.practice.calls["getDeviceList"] == 1


def test_some_devices_can_be_chosen_by_name_or_as_they_are(cloud):
    lamp = cloud.device("Desk Lamp")
    rows = panel_rows(cloud, ["Kettle", lamp, "desk lamp"])
    assert [r.alias for r in rows] == ["Kettle", "Desk Lamp"]
    assert [r.alias for r in panel_rows(cloud, "Kettle")] == ["Kettle"]
    assert [r.alias for r in panel_rows(cloud, lamp)] == ["Desk Lamp"]
    assert panel_rows(cloud, []) == []


@pytest.mark.parametrize("devices", [[1], 7, [None]])
def test_what_is_no_device_is_refused_before_anything_is_sent(cloud, devices):
    sent = len(cloud.exchanges)
    with pytest.raises(BadInput, match="no device"):
        panel_rows(cloud, devices)
    assert len(cloud.exchanges) == sent


def test_switch_switches_reads_back_and_returns_the_row(cloud):
    row = switch(cloud, "Desk Lamp", True)
    assert (row.state, row.is_on, row.reason) == ("on", True, "")
    assert cloud.practice.state("Desk Lamp")["on"] is True


def test_switch_takes_an_outlet_by_name_and_leaves_the_others(cloud):
    before = cloud.practice.state("Desk Strip")["outlets"]
    row = switch(cloud, "Desk Strip", True, outlet="printer")
    assert (row.outlet, row.state) == ("Printer", "on")
    assert cloud.practice.state("Desk Strip")["outlets"] == before | {"Printer": True}


def test_switch_names_what_it_cannot_find(cloud):
    with pytest.raises(NoSuchDevice):
        switch(cloud, "Toaster", True)
    with pytest.raises(NoSuchDevice):
        switch(cloud, "Desk Strip", True, outlet="Toaster")


def test_a_switch_that_was_refused_says_so_and_tells_the_true_state():
    with tl.practice(offline_after_s=0, protect=["Fridge"]) as cloud:
        row = switch(cloud, "Fridge", False)
        assert (row.state, row.locked) == ("on", True)
        assert "protect" in row.reason
        assert cloud.practice.state("Fridge")["on"] is True


def test_without_ipywidgets_the_panel_says_how_to_get_it_and_the_twins_work():
    code = """
import sys
sys.modules["ipywidgets"] = None
import tplink_lab as tl
with tl.practice() as cloud:
    print(tl.widgets.panel_rows(cloud, ["Desk Lamp"])[0].state)
    try:
        tl.widgets.control_panel(cloud)
    except tl.TPLinkLabError as error:
        print(error)
"""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.stderr == ""
    assert run.stdout.splitlines()[0] == "off"
    assert 'pip install "tplink-lab[widgets]"' in run.stdout


def test_the_family_holds_what_the_panel_raises():
    assert issubclass(BadInput, TPLinkLabError)


@pytest.mark.parametrize("protocol", ["v1", "v2"])
def test_a_camera_has_nothing_to_switch_and_is_not_asked(protocol):
    with tl.practice(protocol=protocol, offline_after_s=0) as cloud:
        cameras = [d for d in cloud.devices() if d.is_camera]
        assert [d.alias for d in cameras] == ["Garden Camera"]
        sent = len(cloud.exchanges)
        rows = panel_rows(cloud, cameras)
        assert {(r.state, r.reason) for r in rows} == {("not switchable", NO_SWITCH)}
        assert see(cameras[0]) == {"can": frozenset()}
        assert len(cloud.exchanges) == sent
