"""The small modules: time, netif, cloud, dimmer, motion and light sensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .faults import Fault, text, whole

if TYPE_CHECKING:
    from .engine import Handler, IotEngine

Args = dict[str, Any]
Answer = dict[str, Any]

DIMMER = "smartlife.iot.dimmer"
PIR = "smartlife.iot.PIR"
LAS = "smartlife.iot.LAS"
_MODES = ("none", "instant_on_off", "gentle_on_off", "customize_preset")


def handlers(engine: IotEngine) -> dict[str, dict[str, Handler]]:
    """The modules that a device of this family has beside its switch."""
    light = engine.family.is_light
    time = "smartlife.iot.common.timesetting" if light else "time"
    cloud = "smartlife.iot.common.cloud" if light else "cnCloud"
    found: dict[str, dict[str, Handler]] = {
        time: _time(engine),
        "netif": {"get_stainfo": lambda args: _network(engine)},
        cloud: {
            "get_info": lambda args: _cloud_info(engine, cloud),
            "get_intl_fw_list": lambda args: (
                engine.recorded(cloud, "get_intl_fw_list") or {"fw_list": []}
            ),
        },
    }
    if engine.family.is_dimmer:
        found[DIMMER] = _dimmer(engine)
    if PIR in engine.snapshot:
        found[PIR] = _motion(engine)
    if LAS in engine.snapshot:
        found[LAS] = _ambient(engine)
    return found


def _time(engine: IotEngine) -> dict[str, Handler]:
    module = "smartlife.iot.common.timesetting" if engine.family.is_light else "time"

    def get_time(args: Args) -> Answer:
        now = engine.local.at(engine.now)
        return {
            "year": now.year,
            "month": now.month,
            "mday": now.day,
            "hour": now.hour,
            "min": now.minute,
            "sec": now.second,
        }

    def get_timezone(args: Args) -> Answer:
        recorded = engine.recorded(module, "get_timezone")
        return {**recorded, "index": engine.local.index}

    def set_timezone(args: Args) -> None:
        # The practice clock is the only clock: the date that comes along is ignored.
        engine.local.index = whole(args, "index", 0, 109)

    return {
        "get_time": get_time,
        "get_timezone": get_timezone,
        "set_timezone": set_timezone,
    }


def _network(engine: IotEngine) -> Answer:
    recorded = engine.recorded("netif", "get_stainfo")
    rssi = engine.info.get("rssi", -50)
    return recorded or {"ssid": "Practice", "key_type": 3, "rssi": rssi}


def _cloud_info(engine: IotEngine, module: str) -> Answer:
    recorded = engine.recorded(module, "get_info")
    if recorded:
        return recorded
    return {
        "username": engine.username,
        "server": "n-devs.tplinkcloud.com",
        "binded": 1,
        "cld_connection": 1,
        "illegalType": 0,
        "stopConnect": 0,
        "tcspStatus": 1,
        "tcspInfo": "",
        "fwDlPage": "",
        "fwNotifyType": 0,
    }


def _dimmer(engine: IotEngine) -> dict[str, Handler]:
    parameters = {
        "minThreshold": 0,
        "fadeOnTime": 1000,
        "fadeOffTime": 1000,
        "gentleOnTime": 3000,
        "gentleOffTime": 10000,
        "rampRate": 30,
        "bulb_type": 1,
        **engine.recorded(DIMMER, "get_dimmer_parameters"),
    }
    behavior = {
        "double_click": {"mode": "none"},
        "long_press": {"mode": "none"},
        **engine.recorded(DIMMER, "get_default_behavior"),
    }

    def setter(key: str, name: str, high: int) -> Handler:
        def answer(args: Args) -> None:
            parameters[name] = whole(args, key, 0, high)

        return answer

    def action(name: str) -> Handler:
        def answer(args: Args) -> None:
            mode = text(args, "mode", 32)
            if mode not in _MODES:
                raise Fault("value")
            chosen: Answer = {"mode": mode}
            if mode == "customize_preset":
                chosen["index"] = whole(args, "index", 0, 3)
            behavior[name] = chosen

        return answer

    def set_brightness(args: Args) -> None:
        # Unverified: that it does not switch on by itself.
        engine.info["brightness"] = whole(args, "brightness", 1, 100)

    def set_transition(args: Args) -> None:
        # Unverified: that it switches on, and 0 off, as one client's tests have it.
        brightness = whole(args, "brightness", 0, 100)
        whole(args, "duration", 0, 86_400_000)
        if brightness:
            engine.info["brightness"] = brightness
        engine.units[0].switch(brightness > 0)

    def set_switch_state(args: Args) -> None:
        engine.units[0].switch(whole(args, "state", 0, 1) == 1)

    return {
        "set_brightness": set_brightness,
        "set_dimmer_transition": set_transition,
        "set_switch_state": set_switch_state,
        "get_dimmer_parameters": lambda args: dict(parameters),
        "get_default_behavior": lambda args: dict(behavior),
        "set_fade_on_time": setter("fadeTime", "fadeOnTime", 86_400_000),
        "set_fade_off_time": setter("fadeTime", "fadeOffTime", 86_400_000),
        "set_gentle_on_time": setter("duration", "gentleOnTime", 86_400_000),
        "set_gentle_off_time": setter("duration", "gentleOffTime", 86_400_000),
        "set_button_ramp_rate": setter("rampRate", "rampRate", 100),
        "calibrate_brightness": setter("minThreshold", "minThreshold", 100),
        "set_double_click_action": action("double_click"),
        "set_long_press_action": action("long_press"),
    }


def _motion(engine: IotEngine) -> dict[str, Handler]:
    config = engine.recorded(PIR, "get_config")

    def set_enable(args: Args) -> None:
        config["enable"] = whole(args, "enable", 0, 1)

    def set_trigger_sens(args: Args) -> None:
        # Unverified: that the index is called `index`, as clients send it.
        last = max(0, len(config.get("array", [])) - 1)
        config["trigger_index"] = whole(args, "index", 0, last)

    def set_cold_time(args: Args) -> None:
        config["cold_time"] = whole(args, "cold_time", 0, 86_400_000)

    return {
        "get_config": lambda args: dict(config),
        "set_enable": set_enable,
        "set_trigger_sens": set_trigger_sens,
        "set_cold_time": set_cold_time,
    }


def _ambient(engine: IotEngine) -> dict[str, Handler]:
    config = engine.recorded(LAS, "get_config")

    def set_enable(args: Args) -> None:
        # Unverified: that it goes for the first sensor.
        enable = whole(args, "enable", 0, 1)
        for sensor in config.get("devs", [])[:1]:
            sensor["enable"] = enable

    return {"get_config": lambda args: dict(config), "set_enable": set_enable}
