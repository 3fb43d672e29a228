"""``device.snapshot()``: all a device says, as a home that anybody can open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tplink_lab.devices import iot, smart
from tplink_lab.devices.capability import AMBIENT, MOTION
from tplink_lab.devices.iot import Kind
from tplink_lab.devices.redactor import Redactor
from tplink_lab.errors import BadInput, DeviceError, RequestRefused, UnusableAnswer

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = ["entry", "iot_requests", "take_snapshot"]

# The row's fields, and what stands for one that the cloud left out.
_ROW = {
    "deviceType": "",
    "role": 0,
    "fwVer": "",
    "deviceName": "",
    "hwId": "",
    "fwId": "",
    "oemId": "",
    "deviceMac": "",
    "deviceHwVer": "",
    "deviceModel": "",
    "alias": "",
    "deviceId": "",
}
# A regional host's name -> the region it serves (§1.1).
_REGIONS = {"use1": "us-east-1", "eu": "eu-west-1", "aps1": "ap-southeast-1"}

# What each outlet of a strip answers for itself (§5.2).
_OUTLET: dict[str, dict[str, None]] = {
    "emeter": {"get_realtime": None},
    "schedule": {"get_rules": None, "get_next_action": None},
    "count_down": {"get_rules": None},
    "anti_theft": {"get_rules": None},
}
_NETWORK: dict[str, dict[str, None]] = {"netif": {"get_stainfo": None}}
_CLOUD: dict[str, None] = {"get_info": None, "get_intl_fw_list": None}
_ZONE: dict[str, None] = {"get_timezone": None}
_RELAY: dict[str, dict[str, None]] = {
    **_OUTLET,
    **_NETWORK,
    "time": _ZONE,
    "cnCloud": _CLOUD,
}
_SWITCH: dict[str, dict[str, None]] = {
    "smartlife.iot.dimmer": {
        "get_dimmer_parameters": None,
        "get_default_behavior": None,
    },
    MOTION: {"get_config": None},
    AMBIENT: {"get_config": None, "get_current_brt": None},
}
_LIGHT: dict[str, dict[str, None]] = {
    **_NETWORK,
    "smartlife.iot.common.timesetting": _ZONE,
    "smartlife.iot.common.cloud": _CLOUD,
    "smartlife.iot.common.emeter": _OUTLET["emeter"],
    "smartlife.iot.common.schedule": _OUTLET["schedule"],
    "countdown": _OUTLET["count_down"],
}
_SHINE: dict[str, None] = {
    "get_light_state": None,
    "get_light_details": None,
    "get_default_behavior": None,
}
# A Tapo device's reads that take no parameters and change nothing (§6.1).
_SMART = (
    "component_nego",
    "get_device_usage",
    "get_energy_usage",
    "get_current_power",
    "get_emeter_data",
    "get_latest_fw",
    "get_connect_cloud_state",
    "get_led_info",
    "get_auto_off_config",
    "get_countdown_rules",
)


def iot_requests(kind: Kind) -> list[dict[str, Any]]:
    """Return what to ask a Kasa device of this kind, beside its sysinfo.

    Only reads. Days, months and clocks are left out: they are a diary of the house,
    and a home that comes to life has a clock of its own.
    """
    if kind is Kind.NOTHING:
        return []  # a camera refuses every other module
    if not kind.is_light:
        return [dict(_RELAY)] if kind is Kind.STRIP else [{**_RELAY, **_SWITCH}]
    service = iot.STRIP_LIGHT if kind is Kind.LIGHT_STRIP else iot.BULB_LIGHT
    return [{**_LIGHT, service: _SHINE}]


def take_snapshot(device: Device, redactor: Redactor | None = None) -> dict[str, Any]:
    """Return all that *device* says, redacted, as an entry of a home.

    Parameters
    ----------
    device : Device
        Must answer.
    redactor : Redactor, optional
        Shared by several snapshots, their ids join.

    Returns
    -------
    dict
        ``row``, ``snapshot`` (module, method, answer; for Tapo method, answer) and,
        for strips, ``outlets``.
    """
    if redactor is None:
        redactor = Redactor()
    if not isinstance(redactor, Redactor):
        raise BadInput(
            f"{redactor!r} is no redactor.",
            call="snapshot",
            next_step="Leave it out, or give a tplink_lab.devices.Redactor().",
        )
    if device.dialect == "smart":
        return entry(device.row, _smart_answers(device), [], redactor)
    answer = device.ask(iot.GET_SYSINFO)
    info = device.learn(iot.read_sysinfo(answer))
    answers: dict[str, Any] = {"system": dict(answer["system"])}
    state, kind = iot.read_state(info, device.device_id), iot.kind_of(info)
    for request in iot_requests(kind):
        answers |= _held(device.ask(request), request)
    outlets = []
    for outlet in state.outlets:
        request = iot.outlet_request(dict(_OUTLET), (outlet.outlet_id,))
        held = _held(device.ask(request), _OUTLET)
        # What every outlet lacks, the strip's own answers say.
        own = {module: m for module, m in held.items() if "err_code" not in m}
        outlets.append({"snapshot": own})
    return entry(device.row, answers, outlets, redactor)


def entry(
    row: Mapping[str, Any],
    answers: Mapping[str, Any],
    outlets: list[dict[str, Any]],
    redactor: Redactor,
) -> dict[str, Any]:
    """Return the entry of a home for these answers, redacted."""
    listed: dict[str, Any] = {}
    for key, nothing in _ROW.items():
        value = row.get(key, nothing)
        good = isinstance(value, type(nothing)) and not isinstance(value, bool)
        listed[key] = value if good else nothing
    region = _region(row)
    if region:
        listed["deviceRegion"] = region
    found: dict[str, Any] = {"row": listed, "snapshot": dict(answers)}
    if outlets:
        found["outlets"] = outlets
    cleaned: dict[str, Any] = redactor.clean(found)
    return cleaned


def _region(row: Mapping[str, Any]) -> str:
    told = row.get("deviceRegion")
    if told in _REGIONS.values():
        return str(told)
    host = str(row.get("appServerUrl", "")).removeprefix("https://")
    if not host.endswith(".tplinkcloud.com"):
        return ""
    return _REGIONS.get(host.partition("-wap")[0], "")


def _held(answer: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the modules that were asked, each in the form of a snapshot."""
    found: dict[str, Any] = {}
    for module in asked:
        methods = answer.get(module)
        if not isinstance(methods, Mapping):
            raise UnusableAnswer(
                f"The device's answer does not hold {module}.",
                call="snapshot",
                next_step="Try again.",
            )
        found[module] = dict(methods)
    return found


def _smart_answers(device: Device) -> dict[str, Any]:
    info = device.info()
    if "device_alias" in info:
        # A camera: its other answers are a diary of the house, alarms and recordings.
        return {"getDeviceInfo": {"device_info": {"basic_info": info}}}
    answers: dict[str, Any] = {"get_device_info": info}
    for method in _SMART:
        try:
            result = smart.read_result(device.ask(smart.request(method)), method)
        except (DeviceError, RequestRefused):
            continue  # it lacks the method, or its route does not let it through
        answers[method] = result
    try:
        rows = device.smart_talk().rules(None)
        answers["get_schedule_rules"] = {
            "enable": True,
            "rule_list": rows,
            "start_index": 0,
            "sum": len(rows),
        }
    except (DeviceError, RequestRefused):
        pass
    if device.kind() is Kind.STRIP or device.device_type.endswith("HUB"):
        rows = device.smart_talk().children()
        answers["get_child_device_list"] = {
            "child_device_list": rows,
            "start_index": 0,
            "sum": len(rows),
        }
    return answers
