"""The Kasa dialect: plain dicts in, values or our errors out."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dumps import dumps
from tplink_lab import errors
from tplink_lab.devices import DeviceState, Kind, iot
from tplink_lab.devices.device import plain_alias

DEVICE_ID = "80" * 20
PLUG = {"alias": "Lamp", "relay_state": 1, "led_off": 0, "rssi": -50}
BULB = {"alias": "Bulb", "light_state": {"on_off": 0, "dft_on_state": {}}}
STRIP = {
    "alias": "Strip",
    "children": [
        {"id": "00", "alias": "Fan", "state": 0},
        {"id": DEVICE_ID + "01", "alias": "TV", "state": 1},
    ],
}
SAMPLES: list[dict[str, Any]] = [PLUG, BULB, STRIP, {"relay_state": 1, "brightness": 4}]


@pytest.mark.parametrize(
    ("sysinfo", "kind", "is_on"),
    [
        (PLUG, Kind.RELAY, True),
        ({"relay_state": 0, "brightness": 4}, Kind.RELAY, False),
        (BULB, Kind.BULB, False),
        ({"light_state": {"on_off": 1}, "length": 16}, Kind.LIGHT_STRIP, True),
        (STRIP, Kind.STRIP, True),
        ({"camera_switch": "on"}, Kind.NOTHING, None),
        ({}, Kind.NOTHING, None),
    ],
)
def test_a_family_is_told_by_what_it_says(
    sysinfo: dict[str, Any], kind: Kind, is_on: bool | None
) -> None:
    assert iot.kind_of(sysinfo) is kind
    assert iot.read_state(sysinfo, DEVICE_ID).is_on is is_on


def test_short_outlet_ids_of_old_firmware_are_completed() -> None:
    outlets = iot.read_state(STRIP, DEVICE_ID).outlets
    assert [o.outlet_id for o in outlets] == [DEVICE_ID + "00", DEVICE_ID + "01"]
    assert [o.is_on for o in outlets] == [False, True]


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        (Kind.RELAY, {"system": {"set_relay_state": {"state": 1}}}),
        (Kind.STRIP, {"system": {"set_relay_state": {"state": 1}}}),
        (Kind.BULB, {iot.BULB_LIGHT: {"transition_light_state": {"on_off": 1}}}),
        (Kind.LIGHT_STRIP, {iot.STRIP_LIGHT: {"set_light_state": {"on_off": 1}}}),
    ],
)
def test_each_family_is_switched_by_its_own_module(
    kind: Kind, request_: dict[str, Any]
) -> None:
    built, module, method = iot.switch_request(kind, True)
    assert built == request_
    assert method in built[module]


def test_what_has_nothing_to_switch_says_so() -> None:
    with pytest.raises(errors.NotSupported, match="no relay and no light"):
        iot.switch_request(Kind.NOTHING, True)


def test_an_outlet_request_never_goes_out_without_an_outlet() -> None:
    with pytest.raises(errors.BadInput):
        iot.outlet_request({"system": {}}, ())


def test_the_led_is_inverted_on_the_wire() -> None:
    assert iot.led_request(True) == {"system": {"set_led_off": {"off": 0}}}
    assert iot.read_led({"led_off": 0}) is True
    with pytest.raises(errors.NotSupported):
        iot.read_led(BULB)


@pytest.mark.parametrize("alias", ["", "   ", "x" * 32])
def test_a_name_that_a_device_would_cut_is_refused(alias: str) -> None:
    with pytest.raises(errors.BadInput):
        iot.rename_request(alias, Kind.RELAY)


@pytest.mark.parametrize(
    "answer",
    [
        {"emeter": {"err_code": -1, "err_msg": "module not support"}},
        {"emeter": {"get_realtime": {"err_code": -2, "err_msg": "member not support"}}},
        {"emeter": {"get_realtime": {"err_code": -2001}}},
    ],
)
def test_a_refusal_is_found_in_the_modules_place_and_in_the_methods(
    answer: dict[str, Any],
) -> None:
    with pytest.raises(errors.NotSupported, match=r"emeter\.get_realtime"):
        iot.answer_of(answer, "emeter", "get_realtime")


@pytest.mark.parametrize(
    "answer", [{}, {"emeter": None}, {"emeter": {}}, {"emeter": {"get_realtime": 3}}]
)
def test_half_an_answer_is_no_answer(answer: dict[str, Any]) -> None:
    with pytest.raises(errors.UnusableAnswer, match="does not hold"):
        iot.answer_of(answer, "emeter", "get_realtime")


def test_a_cameras_sysinfo_lies_one_level_down() -> None:
    answer = {"system": {"get_sysinfo": {"err_code": 0, "system": {"alias": "Spot"}}}}
    assert iot.read_sysinfo(answer)["alias"] == "Spot"


def test_every_real_dump_gives_a_state() -> None:
    for name, answers in dumps().items():
        sysinfo = iot.read_sysinfo(answers)
        state = iot.read_state(sysinfo, DEVICE_ID)
        if "camera_switch" in sysinfo:
            assert state.is_on is None, name
        else:
            assert isinstance(state.is_on, bool), name
            assert len(state.outlets) == sysinfo.get("child_num", 0), name


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) in *value*."""
    if isinstance(value, dict):
        return [p for k in value for p in [(value, k), *places(value[k])]]
    if isinstance(value, list):
        return [p for i, v in enumerate(value) for p in [(value, i), *places(v)]]
    return []


KNOWN = SAMPLES + [iot.read_sysinfo(answers) for answers in dumps().values()]
JUNK = st.sampled_from([None, "", "x", 2, -1, 1e300, True, [], {}, [{}], {"a": 1}])


@given(st.data())
def test_a_damaged_answer_is_a_state_or_an_error_of_ours(data: st.DataObject) -> None:
    sysinfo = copy.deepcopy(data.draw(st.sampled_from(KNOWN)))
    for _ in range(data.draw(st.integers(1, 3))):
        spots = places(sysinfo)
        if not spots:
            break
        container, key = data.draw(
            st.sampled_from(range(len(spots))).map(spots.__getitem__)
        )
        if data.draw(st.booleans()) and isinstance(container, dict):
            del container[key]
        else:
            container[key] = copy.deepcopy(data.draw(JUNK))
    try:
        state = iot.read_state(sysinfo, DEVICE_ID)
    except errors.TPLinkLabError:
        return
    assert isinstance(state, DeviceState)
    assert state.is_on in (True, False, None)
    assert isinstance(state.alias, str)


@pytest.mark.parametrize(
    ("alias", "dialect", "plain"),
    [
        ("S2l0Y2hlbg==", "smart", "Kitchen"),
        ("w4lsYW4=", "smart", "Élan"),
        ("Desk", "iot", "Desk"),
        ("Desk", "smart", "Desk"),
        ("S2l0Y2hlbg", "smart", "S2l0Y2hlbg"),
        ("AAAA", "smart", "AAAA"),
        ("Küche", "smart", "Küche"),
        ("", "smart", ""),
    ],
)
def test_a_name_is_decoded_only_if_it_is_base64_of_clean_text(
    alias: str, dialect: str, plain: str
) -> None:
    assert plain_alias(alias, dialect) == plain
