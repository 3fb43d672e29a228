"""IOT devices with a memory, family by family."""

from __future__ import annotations

import json
from typing import Any

import pytest

OK = {"err_code": 0}
BULB = "smartlife.iot.smartbulb.lightingservice"
STRIP = "smartlife.iot.lightStrip"
DIMMER = "smartlife.iot.dimmer"
EMETER = "smartlife.iot.common.emeter"
BULB_RULES = "smartlife.iot.common.schedule"
NO_MODULE = {"err_code": -1, "err_msg": "module not support"}


def sysinfo(wire: Any, alias: str) -> dict[str, Any]:
    return dict(wire.one(alias, "system", "get_sysinfo"))


@pytest.mark.parametrize(
    ("alias", "module", "method", "args", "code"),
    [
        ("Desk Lamp", "nothing", "get", None, -1),
        ("Desk Lamp", "emeter", "get_realtime", {}, -1),
        ("Desk Lamp", "system", "nothing", None, -2),
        ("Desk Lamp", "system", "reset", {"delay": 1}, -2),
        ("Desk Lamp", "system", "reboot", {"delay": 1}, -2),
        ("Desk Lamp", "system", "download_firmware", {"url": "x"}, -2),
        ("Desk Lamp", "cnCloud", "unbind", None, -2),
        ("Desk Lamp", "netif", "set_stainfo", {"ssid": "x"}, -2),
        ("Desk Lamp", "system", "set_relay_state", {}, -3),
        ("Desk Lamp", "system", "set_relay_state", {"state": 2}, -3),
        ("Desk Lamp", "system", "set_relay_state", {"state": True}, -3),
        ("Desk Lamp", "system", "set_relay_state", {"state": "1"}, -3),
        ("Desk Lamp", "system", "set_relay_state", 1, -3),
        ("Desk Lamp", "system", "set_led_off", {"off": 5}, -3),
        ("Desk Lamp", "system", "set_dev_alias", {"alias": "x" * 32}, -3),
        ("Desk Lamp", "system", "set_dev_alias", {"alias": 5}, -3),
        ("Desk Lamp", "system", "set_dev_alias", {"alias": "\ud800"}, -3),
        ("Desk Lamp", "system", "set_dev_location", {"latitude_i": 1}, -3),
        ("Desk Lamp", "schedule", "delete_rule", {}, -10002),
        ("Desk Lamp", "schedule", "delete_rule", {"id": "x"}, -14),
        ("Desk Lamp", "schedule", "edit_rule", {}, -3),
        ("Desk Lamp", "schedule", "edit_rule", {"id": "x"}, -14),
        ("Desk Lamp", "schedule", "add_rule", {}, -3),
        ("Desk Lamp", "schedule", "add_rule", {"smin": 1440}, -3),
        ("Desk Lamp", "schedule", "add_rule", {"smin": 5, "wday": [1] * 6}, -3),
        ("Desk Lamp", "schedule", "add_rule", {"smin": 5, "repeat": 0}, -3),
        ("Desk Lamp", "count_down", "add_rule", {"delay": 5}, -3),
        ("Desk Lamp", "count_down", "add_rule", {"delay": -1, "act": 1}, -3),
        ("Desk Lamp", "count_down", "set_overall_enable", {"enable": 1}, -2),
        ("Desk Lamp", "schedule", "get_daystat", {"year": 2026}, -3),
        ("Fridge", "emeter", "get_daystat", {"year": 2026, "month": 13}, -3),
        ("Fridge", "emeter", "get_monthstat", {}, -3),
        ("Hall Dimmer", "emeter", "get_realtime", {}, -1),
        ("Hall Dimmer", DIMMER, "set_brightness", {"brightness": 0}, -3),
        ("Hall Dimmer", DIMMER, "set_brightness", {"brightness": 101}, -3),
        ("Hall Dimmer", DIMMER, "set_long_press_action", {"mode": "x"}, -3),
        ("Sofa Lamp", "emeter", "get_realtime", {}, -2001),
        ("Sofa Lamp", "system", "set_relay_state", {"state": 1}, -2000),
        ("Sofa Lamp", BULB, "nothing", {}, -2000),
        ("Sofa Lamp", BULB, "transition_light_state", {"brightness": 101}, -10000),
        ("Sofa Lamp", BULB, "transition_light_state", {"hue": 361}, -10000),
        ("Sofa Lamp", BULB, "transition_light_state", {"color_temp": 2499}, -10000),
        ("Sofa Lamp", BULB, "transition_light_state", {"color_temp": 9001}, -10000),
        ("Sofa Lamp", BULB, "transition_light_state", {"on_off": "on"}, -10000),
        ("Sofa Lamp", BULB, "set_preferred_state", {}, -10002),
        ("Sofa Lamp", BULB, "set_default_behavior", {}, -10002),
        ("Sofa Lamp", BULB_RULES, "delete_rule", {}, -10002),
        ("Sofa Lamp", BULB_RULES, "add_rule", {}, -10002),
        ("Shelf Strip", BULB, "get_light_state", {}, -1),
        ("Shelf Strip", STRIP, "nothing", {}, -2),
        ("Shelf Strip", STRIP, "set_light_state", {"groups": [[0]]}, -3),
        ("Shelf Strip", STRIP, "set_light_state", {"brightness": 101}, -3),
    ],
)
def test_each_family_refuses_in_its_own_words(
    wire: Any, alias: str, module: str, method: str, args: Any, code: int
) -> None:
    before = sysinfo(wire, alias)
    answer = wire.one(alias, module, method, args)
    assert answer["err_code"] == code
    assert answer["err_msg"]
    assert set(answer) == {"err_code", "err_msg"}
    assert sysinfo(wire, alias) == before


def test_an_unknown_module_is_refused_whole_but_as_recorded_where_recorded(
    wire: Any,
) -> None:
    request = {"emeter": {"get_realtime": {}, "get_daystat": {}}}
    assert wire.ask("Desk Lamp", request) == {"emeter": NO_MODULE}
    # This firmware was recorded answering for each method.
    answer = wire.ask("Hall Dimmer", request)
    assert answer == {"emeter": dict.fromkeys(request["emeter"], NO_MODULE)}


def test_several_modules_share_a_request_and_null_means_no_arguments(wire: Any) -> None:
    request = {
        "system": {"set_led_off": {"off": 1}, "get_sysinfo": None},
        "time": {"get_time": {}, "get_timezone": None},
        "nothing": {"x": 1},
    }
    answer = wire.ask("Desk Lamp", request)
    assert list(answer) == ["system", "time", "nothing"]
    assert answer["system"]["get_sysinfo"]["led_off"] == 1
    assert answer["time"]["get_timezone"] == {"index": 42, "err_code": 0}
    assert answer["time"]["get_time"] == {
        "year": 2026, "month": 11, "mday": 1, "hour": 19, "min": 0, "sec": 0,
        "err_code": 0,
    }  # fmt: skip


def test_what_is_set_stays_set_and_on_time_runs_on_the_practice_clock(
    wire: Any,
) -> None:
    assert sysinfo(wire, "My Smart Plug")["on_time"] == 7425
    wire.cloud.advance(minutes=1)
    assert sysinfo(wire, "My Smart Plug")["on_time"] == 7485
    wire.one("My Smart Plug", "system", "set_relay_state", {"state": 0})
    assert sysinfo(wire, "My Smart Plug")["on_time"] == 0
    for _ in range(2):
        assert wire.one("Desk Lamp", "system", "set_relay_state", {"state": 1}) == OK
        wire.cloud.advance(seconds=30)
    info = sysinfo(wire, "Desk Lamp")
    assert (info["relay_state"], info["on_time"]) == (1, 60)
    assert wire.cloud.state("Desk Lamp")["on"] is True
    wire.one("Desk Lamp", "system", "set_relay_state", {"state": 0})
    wire.cloud.advance(seconds=30)
    info = sysinfo(wire, "Desk Lamp")
    assert (info["relay_state"], info["on_time"]) == (0, 0)


def test_a_new_alias_is_listed_and_found(wire: Any) -> None:
    assert wire.one("Desk Lamp", "system", "set_dev_alias", {"alias": "x" * 31}) == OK
    listed = wire.post({"method": "getDeviceList"}, wire.token)
    aliases = [row["alias"] for row in listed["result"]["deviceList"]]
    assert "x" * 31 in aliases
    assert "Desk Lamp" not in aliases
    assert wire.cloud.state("x" * 31)["model"] == "KP105(EU)"


def test_a_location_is_kept_in_the_devices_own_form(wire: Any) -> None:
    place = {"longitude_i": 21000, "latitude_i": 44000}
    wire.one("Desk Lamp", "system", "set_dev_location", place)
    assert sysinfo(wire, "Desk Lamp")["longitude_i"] == 21000
    wire.one("My Smart Plug", "system", "set_dev_location", place)
    assert sysinfo(wire, "My Smart Plug")["longitude"] == 2.1
    place = {"longitude": 2.1, "latitude": -4.4}
    wire.one("Desk Lamp", "system", "set_dev_location", place)
    assert sysinfo(wire, "Desk Lamp")["latitude_i"] == -44000


def test_the_button_on_the_plug_is_seen_by_the_cloud(wire: Any) -> None:
    wire.cloud.press("Desk Lamp")
    assert sysinfo(wire, "Desk Lamp")["relay_state"] == 1
    wire.cloud.press("Laptop")
    children = sysinfo(wire, "Desk Strip")["children"]
    assert [child["state"] for child in children] == [1, 0, 1, 0, 0, 1]
    assert wire.cloud.state("Laptop")["on"] is False
    wire.cloud.press("Sofa Lamp")
    assert wire.one("Sofa Lamp", BULB, "get_light_state")["on_off"] == 1
    wire.cloud.press("Tapo Plug")
    assert wire.cloud.state("Tapo Plug")["on"] is False


# -- outlets ---------------------------------------------------------------------------


def outlets(wire: Any) -> list[int]:
    return [child["state"] for child in sysinfo(wire, "Desk Strip")["children"]]


@pytest.mark.parametrize(
    ("ids", "states"),
    [
        (["FULL03"], [1, 1, 1, 1, 0, 1]),
        (["03"], [1, 1, 1, 1, 0, 1]),
        (["03", "FULL04", "03"], [1, 1, 1, 1, 1, 1]),
        ([], [1, 1, 1, 0, 0, 1]),
        (None, [1, 1, 1, 1, 1, 1]),
    ],
)
def test_context_names_the_outlets(wire: Any, ids: Any, states: list[int]) -> None:
    parent = wire.rows["Desk Strip"]["deviceId"]
    request: dict[str, Any] = {"system": {"set_relay_state": {"state": 1}}}
    if ids is not None:
        full = [outlet.replace("FULL", parent) for outlet in ids]
        request["context"] = {"child_ids": full}
    assert wire.ask("Desk Strip", request) == {"system": {"set_relay_state": OK}}
    assert outlets(wire) == states


@pytest.mark.parametrize(
    ("ids", "code"),
    [(["03", "06"], -14), (["x"], -14), ("03", -3), ([3], -3), (None, -3)],
)
def test_one_bad_outlet_and_nothing_is_done(wire: Any, ids: Any, code: int) -> None:
    request = {
        # Handled first, wherever it stands.
        "system": {"set_relay_state": {"state": 1}},
        "context": {"child_ids": ids},
    }
    answer = wire.ask("Desk Strip", request)
    assert answer["system"]["set_relay_state"]["err_code"] == code
    assert "context" not in answer
    assert outlets(wire) == [1, 1, 1, 0, 0, 1]


def test_a_device_without_outlets_pays_no_attention_to_context(wire: Any) -> None:
    context = {"child_ids": ["nothing"]}
    answer = wire.one(
        "Desk Lamp", "system", "set_relay_state", {"state": 1}, context=context
    )
    assert answer == OK


def test_an_outlet_has_its_own_name_meter_and_rules(wire: Any) -> None:
    context = {"child_ids": ["02"]}
    wire.one(
        "Desk Strip", "system", "set_dev_alias", {"alias": "Modem"}, context=context
    )
    info = sysinfo(wire, "Desk Strip")
    assert info["children"][2]["alias"] == "Modem"
    assert info["alias"] == "Desk Strip"
    meter = wire.one("Desk Strip", "emeter", "get_realtime", {}, context=context)
    assert (meter["slot_id"], meter["power_mw"], meter["total_wh"]) == (2, 7200, 39744)
    rule = {"delay": 60, "act": 0, "enable": 1, "name": "off"}
    wire.one("Desk Strip", "count_down", "add_rule", rule, context=context)
    empty = wire.one("Desk Strip", "count_down", "get_rules")
    assert empty["rule_list"] == []
    wire.cloud.advance(seconds=60)
    assert outlets(wire) == [1, 1, 0, 0, 0, 1]


def test_an_outlet_named_twice_obeys_once(wire: Any) -> None:
    context = {"child_ids": ["03", wire.rows["Desk Strip"]["deviceId"] + "03"]}
    rule = {"delay": 60, "act": 1}
    added = wire.one("Desk Strip", "count_down", "add_rule", rule, context=context)
    assert added["err_code"] == 0


def test_without_context_a_name_reaches_the_first_outlet_only(wire: Any) -> None:
    wire.one("Desk Strip", "system", "set_dev_alias", {"alias": "Office"})
    info = sysinfo(wire, "Desk Strip")
    assert info["alias"] == "Desk Strip"
    assert info["children"][0]["alias"] == "Office"
    assert info["children"][1]["alias"] == "Laptop"


# -- rules -----------------------------------------------------------------------------


def test_a_countdown_fires_on_the_clock_and_really_switches(wire: Any) -> None:
    rule = {"enable": 1, "delay": 1800, "act": 1, "name": "later"}
    added = wire.one("Desk Lamp", "count_down", "add_rule", rule)
    assert len(added["id"]) == 32
    full = wire.one("Desk Lamp", "count_down", "add_rule", rule)
    assert (full["err_code"], full["err_msg"]) == (-10, "table is full")
    info = sysinfo(wire, "Desk Lamp")
    assert info["active_mode"] == "count_down"
    assert info["next_action"] == {
        "type": 2,
        "id": added["id"],
        "schd_sec": 19 * 3600 + 1800,
        "action": 1,
    }
    wire.cloud.advance(seconds=1799)
    (listed,) = wire.one("Desk Lamp", "count_down", "get_rules")["rule_list"]
    assert (listed["remain"], listed["delay"], listed["enable"]) == (1, 1800, 1)
    assert sysinfo(wire, "Desk Lamp")["relay_state"] == 0
    wire.cloud.advance(seconds=11)
    info = sysinfo(wire, "Desk Lamp")
    assert (info["relay_state"], info["on_time"]) == (1, 10)
    assert (info["active_mode"], info["next_action"]) == ("none", {"type": -1})
    (listed,) = wire.one("Desk Lamp", "count_down", "get_rules")["rule_list"]
    assert (listed["remain"], listed["enable"]) == (0, 0)
    wire.one(
        "Desk Lamp", "count_down", "edit_rule", {**rule, "id": added["id"], "act": 0}
    )
    wire.cloud.advance(seconds=1800)
    assert sysinfo(wire, "Desk Lamp")["relay_state"] == 0
    assert wire.one("Desk Lamp", "count_down", "delete_all_rules") == OK
    assert wire.one("Desk Lamp", "count_down", "get_rules")["rule_list"] == []


def test_a_weekly_rule_fires_on_its_days(wire: Any) -> None:
    # The practice clock stands at a Sunday, 19:00 in Belgrade; Sunday comes first.
    rule = {
        "stime_opt": 0,
        "smin": 19 * 60 + 30,
        "sact": 1,
        "etime_opt": 0,
        "emin": 20 * 60,
        "eact": 0,
        "repeat": 1,
        "wday": [0, 1, 0, 0, 0, 0, 0],
        "enable": 1,
        "name": "Mondays",
    }
    rule_id = wire.one("Desk Lamp", "schedule", "add_rule", rule)["id"]
    assert sysinfo(wire, "Desk Lamp")["active_mode"] == "schedule"
    action = wire.one("Desk Lamp", "schedule", "get_next_action")
    assert action == {
        "type": 1, "id": rule_id, "schd_time": 70200, "action": 1, "err_code": 0
    }  # fmt: skip
    wire.cloud.advance(hours=1)
    assert not wire.cloud.state("Desk Lamp")["on"]
    wire.cloud.advance(hours=23, minutes=45)
    assert wire.cloud.state("Desk Lamp")["on"]
    assert sysinfo(wire, "Desk Lamp")["on_time"] == 15 * 60
    action = wire.one("Desk Lamp", "schedule", "get_next_action")
    assert (action["schd_time"], action["action"]) == (72000, 0)
    wire.cloud.advance(days=14)
    assert wire.cloud.state("Desk Lamp")["on"]
    wire.cloud.advance(minutes=20)
    assert not wire.cloud.state("Desk Lamp")["on"]
    # Three Mondays of thirty minutes, as its run time says.
    days = wire.one("Desk Lamp", "schedule", "get_daystat", {"year": 2026, "month": 11})
    used = {entry["day"]: entry["time"] for entry in days["day_list"]}
    assert used == {2: 30, 9: 30, 16: 30}
    wire.one("Desk Lamp", "schedule", "set_overall_enable", {"enable": 0})
    wire.cloud.advance(days=7)
    assert sysinfo(wire, "Desk Lamp")["on_time"] == 0
    assert wire.one("Desk Lamp", "schedule", "delete_rule", {"id": rule_id}) == OK
    rules = wire.one("Desk Lamp", "schedule", "get_rules")
    assert rules == {"enable": 0, "version": 2, "rule_list": [], "err_code": 0}


def test_a_rule_for_one_day_fires_once(wire: Any) -> None:
    day = {"repeat": 0, "year": 2026, "month": 11, "day": 3}
    wire.one(
        "Desk Lamp",
        "schedule",
        "add_rule",
        {"stime_opt": 0, "smin": 0, "sact": 1, **day},
    )
    wire.cloud.advance(days=1)
    assert not wire.cloud.state("Desk Lamp")["on"]
    wire.cloud.advance(days=1)
    assert sysinfo(wire, "Desk Lamp")["on_time"] == 19 * 3600
    (rule,) = wire.one("Desk Lamp", "schedule", "get_rules")["rule_list"]
    assert rule["enable"] == 0


def test_sunrise_rules_are_kept(wire: Any) -> None:
    rule = {"stime_opt": 1, "soffset": -10, "sact": 1, "wday": [1] * 7, "repeat": 1}
    rule_id = wire.one("Desk Lamp", "schedule", "add_rule", rule)["id"]
    (kept,) = wire.one("Desk Lamp", "schedule", "get_rules")["rule_list"]
    assert kept == {"id": rule_id, "enable": 1, **rule}


def test_the_schedule_has_an_end(wire: Any) -> None:
    rule = {"stime_opt": 0, "smin": 0, "sact": 1}
    codes = [
        wire.one("Desk Lamp", "schedule", "add_rule", rule)["err_code"]
        for _ in range(33)
    ]
    assert codes == [0] * 32 + [-10]


def test_a_bulbs_rule_sets_its_light(wire: Any) -> None:
    action = wire.one("Reading Lamp", BULB_RULES, "get_next_action")
    assert action["action"] == 2
    assert action["schd_time"] == 1350 * 60
    assert action["light"]["on_off"] == 0
    wire.cloud.advance(hours=4)
    state = wire.one("Reading Lamp", BULB, "get_light_state")
    assert state["on_off"] == 0
    assert state["dft_on_state"]["brightness"] == 60
    assert sysinfo(wire, "Reading Lamp")["light_state"]["on_off"] == 0


def test_rules_and_a_pending_action_are_kept_as_loaded(
    open_cloud: Any, make_plug: Any
) -> None:
    pending = {"type": 2, "id": "A" * 32, "schd_sec": 19 * 3600 + 60, "action": 1}
    entry = make_plug(active_mode="count_down", next_action=pending)
    rules = {
        "enable": 1,
        "rule_list": [{"id": "B" * 32, "name": "dawn", "stime_opt": 1, "sact": 1}],
        "version": 2,
        "err_code": 0,
    }
    entry["snapshot"]["schedule"] = {"get_rules": rules}
    wire = open_cloud({"devices": [entry]})
    assert wire.one("Plug", "schedule", "get_rules") == rules
    info = sysinfo(wire, "Plug")
    assert (info["next_action"], info["active_mode"]) == (pending, "count_down")
    action = wire.one("Plug", "schedule", "get_next_action")
    assert action["schd_time"] == pending["schd_sec"]
    wire.cloud.advance(minutes=1)
    assert sysinfo(wire, "Plug")["next_action"] == {"type": -1}


def test_an_unplugged_device_misses_its_rules(wire: Any) -> None:
    wire.one("Desk Lamp", "count_down", "add_rule", {"delay": 60, "act": 1})
    wire.cloud.unplug("Desk Lamp")
    wire.cloud.advance(minutes=5)
    wire.cloud.plug_in("Desk Lamp")
    assert not wire.cloud.state("Desk Lamp")["on"]


# -- dimmers and lights ----------------------------------------------------------------


def test_a_dimmer_dims_without_switching(wire: Any) -> None:
    wire.one("Hall Dimmer", "system", "set_relay_state", {"state": 0})
    assert wire.one("Hall Dimmer", DIMMER, "set_brightness", {"brightness": 73}) == OK
    info = sysinfo(wire, "Hall Dimmer")
    assert (info["brightness"], info["relay_state"]) == (73, 0)
    assert wire.one("Hall Dimmer", DIMMER, "set_switch_state", {"state": 1}) == OK
    assert sysinfo(wire, "Hall Dimmer")["relay_state"] == 1
    wire.one("Hall Dimmer", DIMMER, "set_fade_on_time", {"fadeTime": 2500})
    shown = wire.one("Hall Dimmer", DIMMER, "get_dimmer_parameters")
    assert (shown["fadeOnTime"], shown["minThreshold"]) == (2500, 8)
    action = {"mode": "customize_preset", "index": 2}
    wire.one("Hall Dimmer", DIMMER, "set_double_click_action", action)
    behavior = wire.one("Hall Dimmer", DIMMER, "get_default_behavior")
    assert behavior["double_click"] == action


def test_a_bulb_answers_its_new_state(wire: Any) -> None:
    turned_on = wire.one("Sofa Lamp", BULB, "transition_light_state", {"on_off": 1})
    assert turned_on == {
        "on_off": 1, "mode": "normal", "hue": 28, "saturation": 62, "color_temp": 0,
        "brightness": 70, "err_code": 0,
    }  # fmt: skip
    wanted = {"hue": 200, "saturation": 90, "color_temp": 0, "brightness": 35}
    args = {**wanted, "ignore_default": 1, "transition_period": 500}
    changed = wire.one("Sofa Lamp", BULB, "transition_light_state", args)
    assert {key: changed[key] for key in wanted} == wanted
    assert sysinfo(wire, "Sofa Lamp")["light_state"] == {
        k: v for k, v in changed.items() if k != "err_code"
    }
    off = wire.one("Sofa Lamp", BULB, "transition_light_state", {"on_off": 0})
    assert off["dft_on_state"]["hue"] == 200
    assert wire.one("Sofa Lamp", EMETER, "get_realtime")["power_mw"] == 0


def test_a_bulb_turns_on_with_its_stored_default(wire: Any) -> None:
    soft = {"mode": "customize_preset", "brightness": 10, "color_temp": 3000}
    wire.one("Sofa Lamp", BULB, "set_default_behavior", {"soft_on": soft})
    args = {"on_off": 1, "ignore_default": 0, "brightness": 99}
    state = wire.one("Sofa Lamp", BULB, "transition_light_state", args)
    assert (state["brightness"], state["color_temp"]) == (10, 3000)


def test_power_goes_with_brightness(wire: Any) -> None:
    assert wire.one("Reading Lamp", EMETER, "get_realtime")["power_mw"] == 5400
    wire.one("Reading Lamp", BULB, "transition_light_state", {"brightness": 30})
    assert wire.one("Reading Lamp", EMETER, "get_realtime")["power_mw"] == 2700


def test_a_light_strip_has_zones_and_effects(wire: Any) -> None:
    groups = [[0, 7, 120, 80, 50, 0], [8, 15, 240, 80, 50, 0]]
    state = wire.one("Shelf Strip", STRIP, "set_light_state", {"groups": groups})
    assert state["groups"] == groups
    info = sysinfo(wire, "Shelf Strip")
    assert (info["light_state"]["hue"], info["light_state"]["brightness"]) == (120, 50)
    effect = {"custom": 1, "id": "e1", "name": "Waves", "brightness": 40, "enable": 1}
    more = {"segments": [0], "duration": 0, "expansion_strategy": 1}
    answer = wire.one(
        "Shelf Strip",
        "smartlife.iot.lighting_effect",
        "set_lighting_effect",
        {**effect, **more},
    )
    assert answer == OK
    assert sysinfo(wire, "Shelf Strip")["lighting_effect_state"] == effect
    off = wire.one("Shelf Strip", STRIP, "set_light_state", {"on_off": 0})
    assert off["dft_on_state"]["groups"] == groups
    plain = wire.one("Shelf Strip", STRIP, "set_light_state", {"color_temp": 2700})
    assert plain["dft_on_state"]["groups"][0][5] == 2700


def test_a_methods_recorded_answer_is_replayed(open_cloud: Any, make_plug: Any) -> None:
    entry = make_plug()
    icon = {"icon": "", "hash": "5", "err_code": 0}
    entry["snapshot"]["system"]["get_dev_icon"] = icon
    entry["snapshot"]["odd.module"] = {"get_it": {"value": 3, "err_code": 0}}
    wire = open_cloud({"devices": [entry]})
    assert wire.one("Plug", "system", "get_dev_icon") == icon
    assert wire.one("Plug", "odd.module", "get_it") == {"value": 3, "err_code": 0}
    assert wire.one("Plug", "odd.module", "set_it")["err_code"] == -2


def test_every_published_iot_dump_comes_to_life(
    open_cloud: Any, dumps: list[Any]
) -> None:
    for file in dumps:
        dump = json.loads(file.read_text())
        if "system" not in dump["answers"]:
            continue
        wire = open_cloud([dump])
        (alias,) = wire.rows
        for module, methods in dump["answers"].items():
            if "err_code" in methods:
                assert wire.ask(alias, {module: {"anything": {}}}) == {module: methods}
                continue
            for method, recorded in methods.items():
                answer = wire.one(alias, module, method)
                if method == "get_sysinfo":
                    assert set(answer) == set(recorded), file.name
                    for info in (answer, recorded):
                        inner = info.get("system", info)
                        for key in ("alias", "deviceId", "mac", "mic_mac", "children"):
                            inner.pop(key, None)
                assert answer == recorded, (file.name, module, method)
        state = wire.cloud.state(alias)
        if state["on"] is None:
            assert wire.one(alias, "system", "set_relay_state", {"state": 1}) == {
                "err_code": -10008,
                "err_msg": "Unsupported API call.",
            }
            continue
        wire.cloud.press(alias)
        outlets = state["outlets"]
        pressed = wire.cloud.state(alias)
        assert pressed["outlets"] == {name: not on for name, on in outlets.items()}
        if not outlets:
            assert pressed["on"] is not state["on"]
