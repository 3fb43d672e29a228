"""Read-only means read-only."""

from typing import Any

import pytest

from tplink_lab.cloud.guard import Guard, writes_in
from tplink_lab.errors import WriteRefused

READ = {"system": {"get_sysinfo": None}, "emeter": {"get_realtime": {}}}
WRITE = {"system": {"get_sysinfo": None, "set_relay_state": {"state": 1}}}
STRIP = "80" * 20


@pytest.mark.parametrize(
    "request_",
    [
        WRITE,
        {"system": "reset"},
        {"system": {"reset": {"delay": 1}}},
        {"method": "multipleRequest", "params": {}},
        {"method": "set_device_info"},
        {"method": "get_x", "system": {"set_relay_state": {"state": 0}}},
        {"params": {"set_relay_state": {"state": 0}}},
        {"smartlife.iot.dimmer": {"set_brightness": {"brightness": 3}}},
    ],
)
def test_whatever_is_not_a_plain_read_counts_as_a_write(
    request_: dict[str, Any],
) -> None:
    assert writes_in(request_)
    with pytest.raises(WriteRefused, match="read-only"):
        Guard(read_only=True).check("x", request_)


def test_reads_pass_a_read_only_guard() -> None:
    Guard(read_only=True).check("x", READ)
    Guard(read_only=True).check("x", {"context": {"child_ids": ["00"]}, **READ})


def test_a_protected_device_is_read_but_not_written() -> None:
    guard = Guard(devices=frozenset({"x"}))
    guard.check("x", READ)
    guard.check("y", WRITE)
    with pytest.raises(WriteRefused, match="protected"):
        guard.check("x", WRITE)
    with pytest.raises(WriteRefused, match="protected"):
        guard.check("x", {"context": {"child_ids": ["x00"]}, **WRITE})


@pytest.mark.parametrize("ids", [["01"], [STRIP + "01"], ["00", "01"], [" 01"]])
def test_a_protected_outlet_is_not_written_by_any_spelling(ids: list[str]) -> None:
    guard = Guard(outlets={STRIP: frozenset({STRIP + "01"})})
    guard.check(STRIP, {"context": {"child_ids": ["00"]}, **WRITE})
    with pytest.raises(WriteRefused, match="protected"):
        guard.check(STRIP, {"context": {"child_ids": ids}, **WRITE})


def test_a_write_that_ignores_its_context_locks_the_whole_strip() -> None:
    guard = Guard(outlets={STRIP: frozenset({STRIP + "01"})})
    context = {"child_ids": ["00"]}
    for module, method in (("system", "reset"), ("system", "reboot"), ("x", "set_y")):
        with pytest.raises(WriteRefused):
            guard.check(STRIP, {"context": context, module: {method: {}}})


@pytest.mark.parametrize("context", [None, {}, {"child_ids": "01"}, "x"])
def test_a_strip_with_a_protected_outlet_is_not_written_as_a_whole(
    context: Any,
) -> None:
    guard = Guard(outlets={STRIP: frozenset({STRIP + "01"})})
    request = WRITE if context is None else {"context": context, **WRITE}
    with pytest.raises(WriteRefused, match="protected"):
        guard.check(STRIP, request)
    assert guard.locks(STRIP)
    assert guard.locks(STRIP, STRIP + "01")
    assert not guard.locks(STRIP, STRIP + "00")


CHILD = "8022" + "AB" * 18 + "01"


def child(device_id: object, method: str = "set_device_info") -> dict[str, Any]:
    params = {"device_id": device_id, "requestData": {"method": method, "params": {}}}
    return {"method": "control_child", "params": params}


def batch(*requests: Any) -> dict[str, Any]:
    return {"method": "multipleRequest", "params": {"requests": list(requests)}}


@pytest.mark.parametrize(
    ("request_", "stopped"),
    [
        (child(CHILD), True),
        (child(CHILD.lower()), True),
        (child(CHILD[:-1] + "0"), False),
        (child(CHILD, "get_device_info"), False),
        (batch(child(CHILD[:-1] + "0"), {"method": "get_device_info"}), False),
        (batch(child(CHILD[:-1] + "0"), child(CHILD)), True),
        (batch(child(CHILD[:-1] + "0"), {"method": "set_device_info"}), True),
        (batch(batch(child(CHILD))), True),
        (batch("text"), True),
        (batch({}), True),
        ({**child(CHILD[:-1] + "0"), "system": {"set_relay_state": {}}}, True),
        ({"method": "set_device_info", "params": {"device_on": False}}, True),
        ({"method": "get_device_info"}, False),
    ],
)
def test_one_outlet_of_a_tapo_strip_is_kept(
    request_: dict[str, Any], stopped: bool
) -> None:
    guard = Guard(outlets={CHILD[:-2]: frozenset({CHILD.lower()})})
    if not stopped:
        guard.check(CHILD[:-2], request_)
        return
    with pytest.raises(WriteRefused, match="protected"):
        guard.check(CHILD[:-2], request_)
