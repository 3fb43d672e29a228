"""Dangerous methods are refused unless they are named."""

import json
from typing import Any

import pytest

import tplink_lab as tl
from tplink_lab import errors
from tplink_lab.cloud.danger import dangers_in
from tplink_lab.cloud.guard import writes_in


@pytest.mark.parametrize(
    "name",
    [
        "system.reset",
        "system.reboot",
        "system.set_mac_addr",
        "system.set_device_id",
        "system.download_firmware",
        "system.test_check_uboot",
        "cnCloud.bind",
        "cnCloud.unbind",
        "netif.set_stainfo",
        "system.RESET",
    ],
)
def test_a_dangerous_method_is_found_wherever_it_stands(name: str) -> None:
    module, method = name.split(".")
    assert dangers_in({"system": {"get_sysinfo": None}, module: {method: {}}}) == [name]


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "device_reset"},
        {
            "method": "multipleRequest",
            "params": {"requests": [{"method": "device_reset"}]},
        },
        {
            "method": "control_child",
            "params": {"device_id": "1", "requestData": {"method": "device_reset"}},
        },
        {
            "method": "control_child",
            "params": {"requestData": '{"method": "device_reset"}'},
        },
        {"method": "device_reset "},
    ],
)
def test_a_tapo_request_is_looked_into(request_: dict[str, Any]) -> None:
    assert [name.strip() for name in dangers_in(request_)] == ["device_reset"]


def test_a_cameras_orders_are_looked_into_in_batches_too() -> None:
    order = {"method": "do", "system": {"reboot": "null"}}
    batch = {"method": "multipleRequest", "params": {"requests": [order]}}
    for request in (order, batch, json.dumps(batch)):
        assert dangers_in(request) == ["system.reboot"]
    card = {"method": "do", "harddisk_manage": {"format_hd": "1"}}
    assert dangers_in(card) == ["harddisk_manage.format_hd"]


@pytest.mark.parametrize(
    "request_",
    [
        {"system": {"get_sysinfo": None, "set_relay_state": {"state": 1}}},
        {"system": {"get_download_state": None, "check_new_config": None}},
        {"emeter": {"erase_emeter_stat": None}},
        {"schedule": {"delete_all_rules": None, "erase_runtime_stat": None}},
        {"method": "set_device_info", "params": {"device_on": True}},
        {"method": "get_fw_download_state"},
        {
            "method": "control_child",
            "params": {"device_id": "1", "requestData": {"method": "set_device_info"}},
        },
        {"context": {"child_ids": ["00"]}, "system": {"set_relay_state": {"state": 0}}},
    ],
)
def test_ordinary_requests_pass(request_: dict[str, Any]) -> None:
    assert dangers_in(request_) == []


def test_a_request_that_nests_without_end_is_stopped() -> None:
    deep: Any = {"method": "get_x"}
    for _ in range(40):
        deep = {"method": "multipleRequest", "params": {"requests": [deep]}}
    assert "reset" in dangers_in(deep)


def test_command_refuses_until_the_method_is_named(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    reset = {"system": {"reset": {"delay": 1}}}
    before = cloud.practice.calls["passthrough"]
    with pytest.raises(
        errors.WriteRefused, match=r"command\(request, allow=\('system\.reset',\)\)"
    ):
        lamp.command(reset)
    with pytest.raises(errors.WriteRefused):
        lamp.command(reset, allow=("system.reboot",))
    with pytest.raises(errors.WriteRefused):
        lamp.ask(reset)
    with pytest.raises(errors.BadInput, match="names no method"):
        lamp.command(reset, allow=5)  # type: ignore[arg-type]
    assert cloud.practice.calls["passthrough"] == before
    # The practice cloud's devices do not know it: nobody shall learn it from them.
    for allow in ("system.reset", ["system.reset"]):
        answer = lamp.command(reset, allow=allow)
        assert answer["system"]["reset"]["err_code"] == -2


def test_the_raw_calls_have_the_same_gate(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    reset = {"system": {"reset": {"delay": 1}}}
    before = cloud.practice.calls["passthrough"]
    with pytest.raises(
        errors.WriteRefused, match=r"device_id, request, allow=\('system\.reset',\)"
    ):
        cloud.passthrough(lamp.device_id, reset)
    with pytest.raises(errors.WriteRefused):
        cloud.passthrough(lamp.device_id, reset, allow="system.reboot")
    for data in (reset, json.dumps(reset)):
        with pytest.raises(errors.WriteRefused, match="lasting harm"):
            cloud.call("passthrough", deviceId=lamp.device_id, requestData=data)
    assert cloud.practice.calls["passthrough"] == before
    answer = cloud.passthrough(lamp.device_id, reset, allow="system.reset")
    assert answer["system"]["reset"]["err_code"] == -2


@pytest.mark.parametrize(
    ("request_", "writes"),
    [
        ({"method": "component_nego"}, []),
        ({"method": "multipleRequest", "params": {"requests": []}}, []),
        (
            {
                "method": "multipleRequest",
                "params": {"requests": [{"method": "get_a"}, {"method": "set_b"}]},
            },
            ["set_b"],
        ),
        (
            {"method": "multipleRequest", "params": {"requests": "x"}},
            ["multipleRequest"],
        ),
        ({"method": "multipleRequest"}, ["multipleRequest"]),
        ({"method": "control_child", "params": {"requestData": {}}}, ["control_child"]),
    ],
)
def test_the_guard_looks_into_requests_that_carry_others(
    request_: dict[str, Any], writes: list[str]
) -> None:
    assert writes_in(request_) == writes


def test_leave_does_not_open_a_read_only_lab() -> None:
    with tl.practice(read_only=True) as cloud, pytest.raises(errors.WriteRefused):
        cloud.device("Desk Lamp").command(
            {"system": {"reset": {"delay": 1}}}, allow="system.reset"
        )
