"""The Tapo dialect: pure functions on recorded answers, and devices with a route."""

import base64
import copy
from collections.abc import Iterator
from typing import Any

import pytest

import tplink_lab as tl
from tests.devices.tapo import TapoOnTheTable
from tests.dumps import dumps
from tplink_lab import errors
from tplink_lab.codes import SMART_CODES, smart_error
from tplink_lab.devices import DeviceState, Kind, LightState, parse_firmware, smart
from tplink_lab.devices.lightstate import LightChange
from tplink_lab.devices.rules import read_smart_rule
from tplink_lab.devices.smart_values import (
    read_current_power,
    read_emeter,
    read_energy_usage,
    read_sensor,
    smart_capabilities,
)

PLUG = {"switch", "led", "schedule", "countdown", "away mode", "firmware check"}
LAMP = (PLUG - {"led"}) | {"dim"}
EXPECTED = {
    "H100": {"led", "firmware check", "battery sensors"},
    "KP125M": PLUG | {"energy"},
    "L510": LAMP,
    "L530": LAMP | {"white temperature", "colour"},
    "L920": LAMP | {"colour", "effects"},
    "P100": PLUG,
    "P110": PLUG | {"energy"},
    "P300": PLUG | {"outlets"},
    "RV20 Max Plus": {"firmware check"},
    "S500D": PLUG | {"dim"},
    "T310": {"firmware check", "battery sensors"},
}


@pytest.fixture(scope="module")
def cloud_() -> Iterator[tl.Cloud]:
    with tl.practice() as cloud:
        yield cloud


def on_the_table(cloud: tl.Cloud, answers: dict[str, Any]) -> tl.Device:
    info = answers["get_device_info"]
    row = {
        "deviceId": "8022" + "AB" * 18,
        "alias": base64.b64encode(b"Thing").decode(),
        "deviceType": info["type"],
        "deviceModel": info["model"],
    }
    device = tl.Device(cloud, row)
    device.route = TapoOnTheTable(answers)
    return device


def test_every_dump_says_what_its_family_can_do(cloud_: tl.Cloud) -> None:
    for answers in dumps("SMART").values():
        device = on_the_table(cloud_, answers)
        assert set(device.capabilities) == EXPECTED[device.model], device


def test_every_dump_is_read_and_written(cloud_: tl.Cloud) -> None:
    for answers in dumps("SMART").values():
        device = on_the_table(cloud_, answers)
        can = device.capabilities
        assert isinstance(device.state(), DeviceState)
        assert device.wifi().rssi_dbm < 0
        if "switch" in can:
            for wanted in (True, False):
                device.set_state(wanted)
                assert device.is_on() is wanted
            assert device.toggle() is True
        else:
            with pytest.raises(errors.NotSupported):
                device.turn_on()
        if "led" in can:
            device.led.turn_off()
            assert device.led.is_on() is False
            device.led.turn_on()
            assert device.led.is_on() is True
        if "dim" in can:
            assert device.light.set(brightness=37).brightness == 37
        if "colour" in can:
            told = device.light.set(hue_deg=120, saturation=80)
            assert (told.hue_deg, told.saturation, told.color_temp_k) == (120, 80, None)
        if "white temperature" in can:
            low, high = device.light.color_temp_range_k()
            assert device.light.set(color_temp_k=high).color_temp_k == high
            with pytest.raises(errors.BadInput):
                device.light.set(color_temp_k=low - 1)
        if "energy" in can:
            assert device.energy.now().power_w >= 0
        if "effects" in can:
            assert device.effects.state().is_on is False
        if "schedule" in can and "outlets" not in can:
            for rule in device.schedule.rules():
                assert rule.days
        if "get_latest_fw" in answers:
            now = parse_firmware(answers["get_device_info"]["fw_ver"]).version
            for offer in device.firmware.check():
                assert offer.firmware.version > now


def test_a_tapo_strips_outlets_are_read_page_by_page(cloud_: tl.Cloud) -> None:
    strips = [a for n, a in dumps("SMART").items() if n.startswith("P300")]
    for answers in strips:
        strip = on_the_table(cloud_, answers)
        assert strip.state().outlets == strip.state().outlets
        assert len(strip.outlets) == 3
        strip.outlets[1].turn_off()
        assert [o.is_on for o in strip.state().outlets] == [True, False, True]
        strip.outlets[0].rename("Fan")
        strip.outlets["Fan"].turn_off()
        assert strip.outlets["Fan"].is_on() is False


def test_a_tapo_strips_outlets_stand_in_their_places() -> None:
    rows = [
        {"device_id": f"id{n}", "device_on": n == 2, "position": n, "nickname": ""}
        for n in (3, 1, 2)
    ]
    state = smart.read_state({"type": "SMART.TAPOPLUG"}, rows)
    assert [o.outlet_id for o in state.outlets] == ["id1", "id2", "id3"]
    assert state.is_on is True


def test_a_read_is_one_request_and_a_toggle_two(cloud_: tl.Cloud) -> None:
    info = {"type": "SMART.TAPOPLUG", "model": "P100", "device_on": False}
    plug = on_the_table(cloud_, {"get_device_info": info})
    plug.info()
    table = plug.route
    assert isinstance(table, TapoOnTheTable)
    for act, requests in ((plug.is_on, 1), (plug.turn_on, 1), (plug.toggle, 2)):
        before = table.asked
        act()
        assert table.asked - before == requests


def test_a_device_without_its_list_of_parts_is_read_all_the_same(
    cloud_: tl.Cloud,
) -> None:
    info = {
        "type": "SMART.TAPOBULB",
        "model": "L999",
        "device_on": True,
        "brightness": 5,
        "color_temp_range": [2500, 6500],
    }
    lamp = on_the_table(cloud_, {"get_device_info": info})
    assert set(lamp.capabilities) == {"switch", "dim", "white temperature"}
    assert lamp.light.set(brightness=9) == LightState(True, 9)


def test_a_light_that_does_not_follow_is_found_out() -> None:
    info = {"device_on": True, "brightness": 5}

    def ask(request: Any, **_: Any) -> Any:
        return {"error_code": 0}

    with pytest.raises(errors.WriteNotFollowed, match="brightness is 5, not 9"):
        smart.follow_light(ask, lambda: info, LightChange(brightness=9), "Lamp")


def test_a_tapo_light_takes_no_transition_and_no_effect(cloud_: tl.Cloud) -> None:
    info: dict[str, Any] = {"type": "SMART.TAPOBULB", "model": "L"}
    info |= {"device_on": True, "brightness": 5}
    effect = {"enable": 0, "name": "x", "id": "y", "brightness": 5, "custom": 0}
    info["lighting_effect"] = effect
    lamp = on_the_table(cloud_, {"get_device_info": info})
    assert "effects" in lamp.capabilities
    before = lamp.route.asked  # type: ignore[union-attr]
    for write, words in (
        (lambda: lamp.light.set(brightness=5, transition_s=1), "transition"),
        (lamp.effects.start, "effect"),
        (lamp.effects.stop, "effect"),
    ):
        with pytest.raises(errors.NotSupported, match=words) as caught:
            write()
        assert caught.value.is_ours
    assert lamp.route.asked == before  # type: ignore[union-attr]


def test_power_is_milliwatts_here_and_watts_there() -> None:
    usage = {
        "current_power": 61753,
        "today_energy": 20,
        "month_energy": 971,
        "today_runtime": 3,
        "month_runtime": 9,
    }
    assert read_energy_usage(usage).power_w == 61.753
    assert read_energy_usage(usage).month_kwh == 0.971
    assert read_current_power({"current_power": 61}) == 61.0
    meter = read_emeter({"power_mw": 1003, "voltage_mv": 121215, "current_ma": 33})
    assert (meter.power_w, meter.voltage_v, meter.current_a) == (1.003, 121.215, 0.033)
    del usage["current_power"]
    assert read_energy_usage(usage).power_w is None


def test_two_ways_to_ask_a_recorded_plug_agree() -> None:
    for answers in dumps("SMART").values():
        if "get_energy_usage" in answers and "get_current_power" in answers:
            mw = read_energy_usage(answers["get_energy_usage"]).power_w
            assert mw is not None
            assert abs(mw - read_current_power(answers["get_current_power"])) < 1


def test_sensors_behind_a_hub_are_read() -> None:
    found = []
    for answers in dumps("SMART").values():
        rows = answers.get("get_child_device_list", {}).get("child_device_list", [])
        for row in [answers["get_device_info"], *rows]:
            if str(row.get("category", "")).startswith("subg."):
                found.append(read_sensor(row))
            else:
                with pytest.raises(errors.NotSupported):
                    read_sensor(row)
    if dumps("SMART"):
        assert [s.temperature_c for s in found] == [22.9, 24.0, 19.3]
        assert [s.humidity_percent for s in found] == [None, 62, 54]
        assert [s.target_temperature_c for s in found] == [23.0, None, None]
        assert [s.has_low_battery for s in found] == [False, False, False]
    fahrenheit = {"category": "subg.x", "temp_unit": "fahrenheit", "current_temp": 68}
    assert read_sensor(fahrenheit).temperature_c == 20.0
    assert read_sensor({"category": "subg.x", "open": True}).is_open is True


def test_a_cameras_info_is_told_apart() -> None:
    for answers in dumps("SMARTCAM").values():
        answer = {"error_code": 0, "result": answers["getDeviceInfo"]}
        assert smart.read_camera_info(answer)["device_model"] == "C100"
    with pytest.raises(errors.UnusableAnswer):
        smart.read_camera_info({"error_code": 0, "result": {}})


@pytest.mark.parametrize("code", [*SMART_CODES, -1811, -1901, -2201])
def test_every_code_has_a_next_step(code: int) -> None:
    error = smart_error("set_device_info", code)
    assert error.error_code == code
    assert error.next_step.endswith(".")
    assert "new to us" not in error.next_step


def test_an_unknown_code_is_said_to_be_new() -> None:
    for code in (-4242, 18, 4242):
        assert "new to us" in smart_error("x", code).next_step


@pytest.mark.parametrize(
    "answer", [None, [], 3, {}, {"error_code": "0"}, {"error_code": 0, "result": 3}]
)
def test_half_an_answer_is_no_answer(answer: Any) -> None:
    with pytest.raises(errors.UnusableAnswer):
        smart.read_info(answer)


def test_a_setter_answers_nothing_and_that_is_fine() -> None:
    for answer in ({"error_code": 0}, {"error_code": 0, "result": None}):
        assert smart.read_result(answer, "set_device_info") == {}


def test_a_route_is_guarded_and_another_devices_answer_is_refused() -> None:
    info = {"type": "SMART.TAPOPLUG", "model": "P", "device_on": True}
    answers = {"get_device_info": info, "component_nego": {"component_list": []}}
    with tl.practice(read_only=True) as cloud:
        plug = on_the_table(cloud, answers)
        assert plug.is_on() is True
        assert "switch" in plug.capabilities
        for write in (
            plug.turn_off,
            lambda: plug.command({"method": "set_device_info", "params": {}}),
            lambda: plug.command({"method": "device_reset"}, allow="device_reset"),
        ):
            with pytest.raises(errors.WriteRefused):
                write()
        assert plug.is_on() is True
        other = {**info, "device_id": "8022" + "CD" * 18}
        plug.route = TapoOnTheTable({"get_device_info": other})
        with pytest.raises(errors.UnusableAnswer, match="another device"):
            plug.is_on()


def test_a_batch_is_read_in_the_order_it_was_asked() -> None:
    rows: list[Any] = [
        {"method": "get_a", "error_code": 0, "result": {"x": 1}},
        {"method": "get_b", "error_code": 0, "result": {}},
    ]
    answer = {"error_code": 0, "result": {"responses": rows}}
    assert smart.read_rows(answer, ["get_a", "get_b"]) == rows
    with pytest.raises(errors.UnusableAnswer):
        smart.read_rows(answer, ["get_b", "get_a"])  # another method's answer
    with pytest.raises(errors.UnusableAnswer):
        smart.read_rows(answer, ["get_a"])
    assert smart.batch([smart.GET_INFO])["method"] == "multipleRequest"


def test_a_list_of_children_that_never_ends_is_given_up(cloud_: tl.Cloud) -> None:
    info = {"type": "SMART.TAPOHUB", "model": "H"}
    hub = on_the_table(cloud_, {"get_device_info": info})

    class Endless(TapoOnTheTable):
        def ask(self, request: Any, *, repeatable: bool = False) -> dict[str, Any]:
            return {"error_code": 0, "result": {"child_device_list": [], "sum": 9}}

    hub.route = Endless({})
    with pytest.raises(errors.UnusableAnswer, match="0 children of more"):
        hub.smart_talk().children()


def test_timers_of_tapo_devices_are_read_and_not_written(cloud_: tl.Cloud) -> None:
    rule = {
        "id": "S1",
        "enable": True,
        "mode": "repeat",
        "week_day": 127,
        "s_type": "normal",
        "s_min": 450,
        "desired_states": {"on": True},
    }
    timer = {"id": "C1", "enable": True, "delay": 300, "remain": 60}
    answers = {
        "component_nego": {
            "component_list": [
                {"id": i} for i in ("schedule", "countdown", "antitheft")
            ]
        },
        "get_device_info": {"type": "SMART.TAPOPLUG", "model": "P", "device_on": True},
        "get_schedule_rules": {"rule_list": [rule], "sum": 1},
        "get_countdown_rules": {
            "rule_list": [{**timer, "desired_states": {"on": False}}]
        },
    }
    plug = on_the_table(cloud_, answers)
    assert repr(plug.schedule.rules()) == "07:30 on, sun mon tue wed thu fri sat"
    told = plug.countdown.state()
    assert told is not None
    assert (told.remaining.total_seconds(), told.turn) == (60, "off")
    for write in (
        lambda: plug.schedule.add("07:00", "on"),
        lambda: plug.schedule.clear(),
        lambda: plug.countdown.start(minutes=1, turn="on"),
        lambda: plug.away.stop(),
    ):
        before = plug.route.asked  # type: ignore[union-attr]
        with pytest.raises(errors.NotSupported, match="not written yet") as caught:
            write()
        assert caught.value.is_ours
        assert plug.route.asked == before  # type: ignore[union-attr]


def test_a_lamp_rule_that_is_not_told_is_no_lit_lamp(cloud_: tl.Cloud) -> None:
    answers = {
        "component_nego": {"component_list": [{"id": "led"}]},
        "get_device_info": {"type": "SMART.TAPOPLUG", "model": "P", "device_on": True},
        "get_led_info": {"led_status": True},
    }
    with pytest.raises(errors.UnusableAnswer, match="led_rule"):
        on_the_table(cloud_, answers).led.is_on()


@pytest.mark.parametrize(
    ("end", "until"),
    [
        ({}, None),
        ({"e_action": "none", "e_type": "normal", "e_min": 5}, None),
        ({"e_action": "off", "e_type": "normal", "e_min": 485}, "08:05"),
        ({"e_action": "off", "e_type": "sunset", "e_min": 0}, "sunset"),
    ],
)
def test_a_tapo_rule_tells_its_end(end: dict[str, Any], until: str | None) -> None:
    row = {
        "id": "S1",
        "enable": True,
        "mode": "repeat",
        "week_day": 1,
        "s_type": "normal",
        "s_min": 450,
        "desired_states": {"on": True},
        **end,
    }
    told = read_smart_rule(row).until
    assert (told and str(told)) == until
    if end:
        with pytest.raises(errors.UnusableAnswer):
            read_smart_rule({**row, "e_action": "off", "e_type": 3})


def test_a_name_is_written_as_tapo_keeps_it(cloud_: tl.Cloud) -> None:
    info = {"type": "SMART.TAPOPLUG", "model": "P", "device_on": True}
    plug = on_the_table(cloud_, {"get_device_info": info})
    plug.rename("Büro 💡")
    assert plug.info()["nickname"] == base64.b64encode("Büro 💡".encode()).decode()
    assert plug.state().alias == "Büro 💡"


def test_a_kind_is_told_without_a_model() -> None:
    for answers in dumps("SMART").values():
        info = copy.deepcopy(answers["get_device_info"])
        was = (smart.kind_of(info), smart_capabilities(info))
        info["model"] = "X999"
        assert (smart.kind_of(info), smart_capabilities(info)) == was
    assert smart.kind_of({"type": "SMART.KASASWITCH"}) is Kind.STRIP
