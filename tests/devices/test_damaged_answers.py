"""Whatever a device answers: a value of the promised type, or an error of ours."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dumps import dumps
from tplink_lab.devices import (
    AmbientState,
    Capabilities,
    CountdownState,
    DeviceState,
    EffectState,
    EnergyReading,
    EnergyUsage,
    FadeTimes,
    LightState,
    MotionState,
    Rule,
    SensorState,
    iot,
    smart,
)
from tplink_lab.devices.capability import iot_capabilities
from tplink_lab.devices.countdown import read_countdown, read_smart_countdown
from tplink_lab.devices.dimmer import read_fade
from tplink_lab.devices.effects import read_effect
from tplink_lab.devices.light import color_temp_range_k, read_light
from tplink_lab.devices.rulebook import rows_of, table_is_enabled
from tplink_lab.devices.rules import read_rule, read_smart_rule
from tplink_lab.devices.runtime import read_runtime
from tplink_lab.devices.sensors import read_ambient, read_motion
from tplink_lab.devices.smart_values import (
    read_emeter,
    read_energy_usage,
    read_sensor,
    smart_capabilities,
)
from tplink_lab.devices.updates import read_offers, read_smart_offer
from tplink_lab.errors import TPLinkLabError

SYSINFO: dict[str, Any] = {
    "alias": "Lamp",
    "model": "KL130(EU)",
    "feature": "TIM:ENE",
    "led_off": 0,
    "is_dimmable": 1,
    "is_color": 1,
    "is_variable_color_temp": 1,
    "length": 16,
    "light_state": {
        "on_off": 0,
        "dft_on_state": {"brightness": 7, "color_temp": 0, "hue": 9, "saturation": 8},
    },
    "lighting_effect_state": {
        "enable": 1,
        "name": "Flicker",
        "id": "x",
        "brightness": 5,
        "custom": 0,
    },
}
RULE = {
    "id": "AB",
    "name": "x",
    "enable": 1,
    "wday": [1, 0, 0, 0, 0, 0, 1],
    "stime_opt": 0,
    "smin": 5,
    "sact": 2,
    "s_light": {"on_off": 1, "mode": "x", "brightness": 5, "color_temp": 0},
    "etime_opt": 2,
    "eoffset": 5,
    "repeat": 0,
    "year": 2026,
    "month": 11,
    "day": 5,
}
IOT: dict[str, Any] = {
    "system": {"get_sysinfo": SYSINFO},
    "schedule": {"get_rules": {"enable": 1, "rule_list": [RULE]}},
    "count_down": {"get_rules": {"rule_list": [{"enable": 1, "remain": 5, "act": 1}]}},
    "smartlife.iot.dimmer": {
        "get_dimmer_parameters": {
            "fadeOnTime": 1,
            "fadeOffTime": 1,
            "gentleOnTime": 1,
            "gentleOffTime": 1,
            "minThreshold": 1,
        }
    },
    "smartlife.iot.PIR": {
        "get_config": {"enable": 1, "trigger_index": 1, "array": [5, 6], "cold_time": 5}
    },
    "smartlife.iot.LAS": {
        "get_config": {"devs": [{"enable": 1}]},
        "get_current_brt": {"value": 5},
    },
    "cnCloud": {"get_intl_fw_list": {"fw_list": [{"fwVer": "1.0.1", "fwType": 1}]}},
    "runtime": {"day_list": [{"year": 2026, "month": 11, "day": 5, "time": 3}]},
}
TAPO: dict[str, Any] = {
    "get_device_info": {
        "type": "SMART.TAPOBULB",
        "device_on": True,
        "nickname": "S2l0Y2hlbg==",
        "brightness": 5,
        "color_temp": 0,
        "hue": 9,
        "saturation": 8,
        "color_temp_range": [2500, 6500],
        "category": "subg.trv",
        "current_temp": 22.5,
        "current_humidity": 50,
        "at_low_battery": False,
        "lighting_effect": {"enable": 1, "name": "x", "brightness": 5, "custom": 0},
    },
    "get_energy_usage": {
        "current_power": 5,
        "today_energy": 5,
        "month_energy": 5,
        "today_runtime": 5,
        "month_runtime": 5,
    },
    "get_emeter_data": {"power_mw": 5, "voltage_mv": 5, "current_ma": 5},
    "get_latest_fw": {"need_to_upgrade": True, "fw_ver": "1.0.1"},
    "get_schedule_rules": {
        "sum": 1,
        "rule_list": [
            {
                "id": "S1",
                "enable": True,
                "mode": "repeat",
                "week_day": 127,
                "s_type": "normal",
                "s_min": 5,
                "desired_states": {"on": True, "brightness": 5},
            }
        ],
    },
    "get_countdown_rules": {
        "rule_list": [{"enable": True, "remain": 5, "desired_states": {"on": True}}]
    },
    "get_child_device_list": {
        "child_device_list": [{"device_id": "1", "device_on": True, "position": 1}],
        "sum": 1,
    },
    "component_nego": {"component_list": [{"id": "led"}]},
}

Reader = Callable[[Any], Any]


def statistics(answers: Any) -> dict[str, Any]:
    held = {"schedule": {"get_daystat": answers.get("runtime")}}
    return iot.answer_of(held, "schedule", "get_daystat")


def smart_answer(answers: Any, method: str) -> Any:
    found = answers.get(method)
    return found if isinstance(found, int) else {"error_code": 0, "result": found}


def smart_info(answers: Any) -> dict[str, Any]:
    return smart.read_info(smart_answer(answers, "get_device_info"))


def smart_strip(answers: Any) -> DeviceState:
    rows, _ = smart.read_children(smart_answer(answers, "get_child_device_list"))
    return smart.read_state({"type": "SMART.TAPOPLUG"}, rows)


def result(answers: Any, method: str) -> dict[str, Any]:
    return smart.read_result(smart_answer(answers, method), method)


IOT_READERS: dict[str, tuple[Reader, Any]] = {
    "state": (lambda a: iot.read_state(iot.read_sysinfo(a), "80" * 20), DeviceState),
    "light": (lambda a: read_light(iot.read_sysinfo(a)), LightState),
    "effect": (lambda a: read_effect(iot.read_sysinfo(a)), EffectState),
    "range": (lambda a: color_temp_range_k(iot.read_sysinfo(a)), tuple),
    "capabilities": (lambda a: iot_capabilities(iot.read_sysinfo(a), a), Capabilities),
    "rules": (lambda a: read_rule(rows_of(a, "schedule")[0]), Rule),
    "enabled": (lambda a: table_is_enabled(a, "schedule"), bool),
    "countdown": (lambda a: read_countdown(a, "count_down"), CountdownState | None),
    "fade": (read_fade, FadeTimes),
    "motion": (read_motion, MotionState),
    "ambient": (read_ambient, AmbientState),
    "firmware": (lambda a: read_offers(a, "cnCloud"), list),
    "runtime": (lambda a: read_runtime(statistics(a), "day_list"), list),
}
SMART_READERS: dict[str, tuple[Reader, Any]] = {
    "state": (lambda a: smart.read_state(smart_info(a)), DeviceState),
    "strip": (smart_strip, DeviceState),
    "light": (lambda a: smart.read_light(smart_info(a)), LightState),
    "range": (lambda a: smart.color_temp_range_k(smart_info(a)), tuple),
    "effect": (lambda a: read_effect(smart_info(a)), EffectState),
    "sensor": (lambda a: read_sensor(smart_info(a)), SensorState),
    "capabilities": (lambda a: smart_capabilities(smart_info(a)), Capabilities),
    "components": (
        lambda a: smart.read_components(smart_answer(a, "component_nego")),
        frozenset,
    ),
    "usage": (lambda a: read_energy_usage(result(a, "get_energy_usage")), EnergyUsage),
    "emeter": (lambda a: read_emeter(result(a, "get_emeter_data")), EnergyReading),
    "offer": (lambda a: read_smart_offer(smart_answer(a, "get_latest_fw")), list),
    "rules": (
        lambda a: [
            read_smart_rule(row)
            for row in smart.read_rules(result(a, "get_schedule_rules"))[0]
        ],
        list,
    ),
    "countdown": (
        lambda a: read_smart_countdown(result(a, "get_countdown_rules")),
        CountdownState | None,
    ),
}
JUNK = st.sampled_from(
    [
        *(None, "", "x", "on", 2, -1, 0, 1e300, float("nan"), True, [], {}, [{}]),
        *({"a": 1}, 10**30, -0.5, "2026", [[]], [None]),
        *({"err_code": -7}, {"err_code": "x"}),
    ]
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) in *value*."""
    if isinstance(value, dict):
        return [p for k in value for p in [(value, k), *places(value[k])]]
    if isinstance(value, list):
        return [p for i, v in enumerate(value) for p in [(value, i), *places(v)]]
    return []


def damaged(data: st.DataObject, answers: Any) -> Any:
    answers = copy.deepcopy(answers)
    for _ in range(data.draw(st.integers(1, 3))):
        spots = places(answers)
        if not spots:
            break
        container, key = spots[data.draw(st.integers(0, len(spots) - 1))]
        if data.draw(st.booleans()) and isinstance(container, dict):
            del container[key]
        else:
            container[key] = copy.deepcopy(data.draw(JUNK))
    return answers


@pytest.mark.parametrize("name", IOT_READERS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_kasa_answer(name: str, data: st.DataObject) -> None:
    read, kind = IOT_READERS[name]
    known = [IOT, *dumps().values()]
    answers = damaged(data, data.draw(st.sampled_from(known)))
    try:
        value = read(answers)
    except TPLinkLabError:
        return
    except (IndexError, KeyError):
        # rows_of(…)[0] of a table without rules is this test's own doing
        assert name == "rules"
        return
    assert isinstance(value, kind)


@pytest.mark.parametrize("name", SMART_READERS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_tapo_answer(name: str, data: st.DataObject) -> None:
    read, kind = SMART_READERS[name]
    known = [TAPO, *dumps("SMART").values()]
    answers = damaged(data, data.draw(st.sampled_from(known)))
    try:
        value = read(answers)
    except TPLinkLabError:
        return
    assert isinstance(value, kind)


@pytest.mark.parametrize("name", [*IOT_READERS])
def test_the_sound_answers_are_read(name: str) -> None:
    read, kind = IOT_READERS[name]
    assert isinstance(read(IOT), kind)


@pytest.mark.parametrize("name", [*SMART_READERS])
def test_the_sound_tapo_answers_are_read(name: str) -> None:
    read, kind = SMART_READERS[name]
    assert isinstance(read(TAPO), kind)
