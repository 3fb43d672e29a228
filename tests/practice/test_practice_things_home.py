"""The shipped home: every family is in it, and every Tapo device of it lives."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.practice.tapo import Tapo, b64
from tplink_lab.practice import PracticeCloud

FAMILIES = {
    "SMART.TAPOPLUG", "SMART.TAPOBULB", "SMART.TAPOSWITCH", "SMART.TAPOHUB",
    "SMART.TAPOROBOVAC", "SMART.IPCAMERA", "SMART.KASAPLUG", "SMART.KASAHUB",
    "IOT.SMARTPLUGSWITCH", "IOT.SMARTBULB", "IOT.IPCAMERA",
}  # fmt: skip


@pytest.fixture
def tapo(open_cloud: Any) -> Tapo:
    return Tapo(open_cloud(thing_delay_s=0))


def test_every_family_is_at_home(tapo: Tapo) -> None:
    assert {row["deviceType"] for row in tapo.wire.rows.values()} == FAMILIES
    assert len(tapo.wire.rows) == 28
    first = list(tapo.wire.rows)[:13]
    assert first[0] == "My Smart Plug"
    assert first[10:] == [b64("Tapo Plug"), b64("Tapo Meter"), "Holiday Flat"]
    rooms = {row["roomId"] for row in tapo.things.values()}
    assert len(rooms) == 6  # five rooms, and none for the first two plugs


def test_every_tapo_device_answers_all_it_was_given(tapo: Tapo) -> None:
    for device in tapo.cloud._devices:
        if device.is_iot:
            continue
        for method in device._entry.snapshot:
            if method != "child_devices":
                answer = tapo.ask(device.alias, method)
                assert answer["error_code"] == 0, (device.alias, method)


def test_every_child_is_itself_wherever_it_is_named(tapo: Tapo) -> None:
    seen: list[str] = []
    for alias, row in tapo.things.items():
        if "get_child_device_list" not in snapshot_of(tapo, alias):
            continue
        listed = tapo.result(alias, "get_child_device_list")["child_device_list"]
        parts = tapo.result(alias, "get_child_device_component_list")
        ids = [child["device_id"] for child in listed]
        assert [part["device_id"] for part in parts["child_component_list"]] == ids
        for child in listed:
            assert re.fullmatch(f"{row['thingName']}[0-9]{{2}}", child["device_id"])
            info = tapo.child(alias, child["device_id"], "get_device_info")["result"]
            assert info == child
            seen.append(child["nickname"])
    assert len(set(seen)) == len(seen) == 6


def test_the_meters_of_both_dialects_tell_believable_numbers(tapo: Tapo) -> None:
    tapo.cloud.press("Tapo Meter")
    tapo.cloud.advance(days=2)
    for alias, low, high in (("Tapo Meter", 30, 300), ("Washer", 0, 3000)):
        usage = tapo.result(alias, "get_device_usage")
        power, hours = usage["power_usage"], usage["time_usage"]
        assert low <= power["today"] <= high
        assert 0 < power["today"] <= power["past7"] <= power["past30"]
        assert 5000 < power["past30"] < 20_000  # Wh in a month
        assert hours["past7"] <= 7 * 1440
    energy = tapo.result("Washer", "get_energy_usage")
    watts = tapo.result("Washer", "get_current_power")["current_power"]
    meter = tapo.result("Washer", "get_emeter_data")
    assert energy["current_power"] == meter["power_mw"]
    assert watts == round(meter["power_mw"] / 1000)
    amperes = meter["power_mw"] / meter["voltage_mv"]
    assert meter["current_ma"] == pytest.approx(1000 * amperes, abs=1)


def test_the_old_plug_is_the_only_one_that_the_classic_route_reaches(
    tapo: Tapo,
) -> None:
    request = json.dumps({"method": "get_device_running_info"})
    reached = [
        alias
        for alias, row in tapo.wire.rows.items()
        if row["deviceType"].startswith("SMART.")
        and tapo.wire.pass_through(alias, request)["error_code"] == 0
    ]
    assert reached == [b64("Old Tapo Plug")]


def snapshot_of(tapo: Tapo, alias: str) -> dict[str, Any]:
    practice: PracticeCloud = tapo.cloud
    (found,) = [device for device in practice._devices if device.alias == alias]
    return found._entry.snapshot
