"""The Tapo dialect: intentions to request JSON, answers to values; no I/O.

A SMART request is ``{"method": …, "params": …}``, its answer ``{"error_code": 0,
"result": …}`` (protocol.md §6.1). The functions that share a name with one of
``iot.py`` do the same thing, so a device is the same whichever dialect it speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tplink_lab.codes import smart_error
from tplink_lab.devices.checks import flag_in, garbled, number_in, text_in
from tplink_lab.devices.iot import DeviceState, Kind, OutletState
from tplink_lab.devices.lightstate import LightChange, LightState
from tplink_lab.devices.names import plain_alias
from tplink_lab.errors import NotSupported, UnusableAnswer, WriteNotFollowed

__all__ = [
    "GET_CAMERA_INFO",
    "GET_COMPONENTS",
    "GET_INFO",
    "batch",
    "child_request",
    "children_request",
    "color_temp_range_k",
    "follow_light",
    "kind_of",
    "light_request",
    "read_camera_info",
    "read_child_result",
    "read_children",
    "read_components",
    "read_info",
    "read_light",
    "read_result",
    "read_rows",
    "read_rules",
    "read_state",
    "request",
    "rules_request",
    "switch_request",
]

Request = dict[str, Any]
Ask = Callable[..., Mapping[str, Any]]

GET_INFO: Request = {"method": "get_device_info"}
GET_COMPONENTS: Request = {"method": "component_nego"}
# Cameras have methods of their own (fields.md). Unverified through this cloud: the
# parameters, which are python-kasa's for the same method on the LAN.
GET_CAMERA_INFO: Request = {
    "method": "getDeviceInfo",
    "params": {"device_info": {"name": ["basic_info"]}},
}
# Types that switch something; one of them without `device_on` is a strip (fields.md).
_SWITCHES = ("PLUG", "SWITCH")


def request(method: str, params: Mapping[str, Any] | None = None) -> Request:
    """Return a request; without params, where the method takes none.

    Examples
    --------
    >>> request("set_device_info", {"device_on": True})
    {'method': 'set_device_info', 'params': {'device_on': True}}
    """
    found: Request = {"method": method}
    if params is not None:
        found["params"] = dict(params)
    return found


def batch(requests: Sequence[Request]) -> Request:
    """Return one request that holds several."""
    return request("multipleRequest", {"requests": list(requests)})


def child_request(child_id: str, inner: Request) -> Request:
    """Return *inner* meant for a child: an outlet of a strip, a sensor of a hub."""
    params = {"device_id": child_id, "requestData": inner}
    return request("control_child", params)


def children_request(start: int = 0) -> Request:
    """Return the request for the list of children, from number *start*."""
    return request("get_child_device_list", {"start_index": start})


def rules_request(start: int = 0) -> Request:
    """Return the request for the rules of a schedule, from number *start*."""
    return request("get_schedule_rules", {"start_index": start})


def read_result(answer: object, method: str) -> dict[str, Any]:
    """Return a method's ``result``, or raise what the device reports.

    Raises
    ------
    NotSupported
        If the device lacks the method.
    DeviceError
        If it reports any other ``error_code``.
    UnusableAnswer
        If the answer is not in the device's form.

    Examples
    --------
    >>> read_result({"error_code": 0, "result": {"status": 0}}, "get_x")
    {'status': 0}
    """
    if not isinstance(answer, Mapping):
        raise _half(method)
    code = answer.get("error_code")
    if isinstance(code, bool) or not isinstance(code, int):
        raise garbled(method, "error_code")
    if code != 0:
        raise smart_error(method, code, text_in(answer, "msg"))
    result = answer.get("result", {})
    # Setters answer no result, or null.
    if result is None:
        return {}
    if not isinstance(result, Mapping):
        raise garbled(method, "result")
    return dict(result)


def read_rows(answer: object, methods: Sequence[str]) -> list[dict[str, Any]]:
    """Return the answer to each method of a batch, in the order asked, unread.

    Raises
    ------
    UnusableAnswer
        If an answer is missing or belongs to another method.
    """
    rows = read_result(answer, "multipleRequest").get("responses")
    if not isinstance(rows, list) or len(rows) != len(methods):
        raise _half("multipleRequest")
    for row, method in zip(rows, methods, strict=True):
        if not isinstance(row, Mapping) or row.get("method") != method:
            raise _half(method)
    return rows


def read_child_result(answer: object, method: str) -> dict[str, Any]:
    """Return what a child answered, from ``control_child``'s answer."""
    return read_result(read_result(answer, "control_child").get("responseData"), method)


def read_info(answer: object) -> dict[str, Any]:
    """Return all a device says about itself.

    Raises
    ------
    UnusableAnswer
        If it holds none of the fields that tell a device (fields.md).
    """
    info = read_result(answer, "get_device_info")
    if not ("type" in info or "device_id" in info or "device_on" in info):
        raise _half("get_device_info")
    return info


def read_components(answer: object) -> frozenset[str]:
    """Return the names in a device's own list of what it can do."""
    rows = read_result(answer, "component_nego").get("component_list")
    if not isinstance(rows, list):
        raise garbled("component_nego", "component_list")
    return frozenset(text_in(row, "id") for row in rows if isinstance(row, Mapping))


def read_children(answer: object) -> tuple[list[dict[str, Any]], int]:
    """Return one page of the children, and how many there are in all."""
    method = "get_child_device_list"
    result = read_result(answer, method)
    rows = result.get("child_device_list")
    if not isinstance(rows, list) or not all(isinstance(r, Mapping) for r in rows):
        raise garbled(method, "child_device_list")
    return [dict(r) for r in rows], number_in(result, "sum", method, 0, 10_000)


def read_camera_info(answer: object) -> dict[str, Any]:
    """Return a camera's ``basic_info``, which is its get_device_info."""
    found = read_result(answer, "getDeviceInfo").get("device_info")
    basic = found.get("basic_info") if isinstance(found, Mapping) else None
    if not isinstance(basic, Mapping):
        raise garbled("getDeviceInfo", "basic_info")
    return dict(basic)


def read_rules(result: Mapping[str, Any]) -> tuple[list[Any], int]:
    """Return one page of a schedule's rows, and how many there are in all."""
    method = "get_schedule_rules"
    rows = result.get("rule_list")
    if not isinstance(rows, list):
        raise garbled(method, "rule_list")
    return rows, number_in(result, "sum", method, 0, 10_000)


def kind_of(info: Mapping[str, Any]) -> Kind:
    """Return how the device is switched.

    Examples
    --------
    >>> kind_of({"device_on": True, "type": "SMART.TAPOPLUG"})
    <Kind.RELAY: 'relay'>
    >>> kind_of({"type": "SMART.TAPOHUB"})
    <Kind.NOTHING: 'nothing to switch'>
    """
    kind = text_in(info, "type")
    if "device_on" not in info:
        return Kind.STRIP if kind.endswith(_SWITCHES) else Kind.NOTHING
    if kind.endswith("BULB"):
        return Kind.LIGHT_STRIP if "lighting_effect" in info else Kind.BULB
    return Kind.RELAY


def read_state(
    info: Mapping[str, Any], children: Sequence[Mapping[str, Any]] = ()
) -> DeviceState:
    """Return what a device says about on and off.

    Parameters
    ----------
    info : dict
        As :func:`read_info` gives it.
    children : list of dict
        A strip's outlets, as :func:`read_children` gives them.
    """
    alias = plain_alias(text_in(info, "nickname"), "smart")
    kind = kind_of(info)
    if kind is Kind.NOTHING:
        # A camera's name is told as it was typed.
        return DeviceState(alias or text_in(info, "device_alias"), None)
    if kind is not Kind.STRIP:
        return DeviceState(alias, flag_in(info, "device_on", "get_device_info"))
    outlets = tuple(
        _outlet(c) for c in sorted(children, key=_position) if "device_on" in c
    )
    return DeviceState(alias, any(o.is_on for o in outlets), outlets)


def switch_request(kind: Kind, on: bool, child_id: str | None = None) -> Request:
    """Return the request that switches the device, or a child of it.

    Raises
    ------
    NotSupported
        If there is nothing to switch, or a strip is meant as a whole.
    """
    inner = request("set_device_info", {"device_on": on})
    if child_id is not None:
        return child_request(child_id, inner)
    if kind in (Kind.NOTHING, Kind.STRIP):
        raise NotSupported(
            "The device has no switch of its own.",
            call="set_device_info",
            next_step="Switch one of its outlets."
            if kind is Kind.STRIP
            else "device.info() shows what it says about itself.",
        )
    return inner


def color_temp_range_k(info: Mapping[str, Any]) -> tuple[int, int]:
    """Return the kelvin range that the light tells.

    Raises
    ------
    UnusableAnswer
        If it tells none. Equal ends mean that it has one white or none (fields.md).
    """
    found = info.get("color_temp_range")
    good = isinstance(found, list) and len(found) == 2
    if not good or any(type(k) is not int for k in found):  # type: ignore[union-attr]
        raise garbled("get_device_info", "color_temp_range")
    low, high = found  # type: ignore[misc]
    return low, high


def read_light(info: Mapping[str, Any]) -> LightState:
    """Return how a Tapo light or dimmer is.

    Examples
    --------
    >>> read_light({"device_on": True, "brightness": 40, "color_temp": 2700})
    LightState(is_on=True, brightness=40, color_temp_k=2700)
    """
    call = "get_device_info"
    kelvin = (
        number_in(info, "color_temp", call, 0, 20_000) if "color_temp" in info else 0
    )
    colour = "hue" in info and not kelvin
    effect = info.get("lighting_effect")
    runs = isinstance(effect, Mapping) and effect.get("enable") in (1, True)
    running = (text_in(effect, "name") or "unnamed") if runs else None  # type: ignore[arg-type]
    if info.get("dynamic_light_effect_enable") is True:
        running = text_in(info, "dynamic_light_effect_id") or "unnamed"
    return LightState(
        flag_in(info, "device_on", call),
        number_in(info, "brightness", call, 0, 100),
        color_temp_k=kelvin or None,
        hue_deg=number_in(info, "hue", call, 0, 360) if colour else None,
        saturation=number_in(info, "saturation", call, 0, 100) if colour else None,
        effect=running,
    )


def light_request(change: LightChange) -> Request:
    """Return the request that switches a light on with these values.

    Examples
    --------
    >>> light_request(LightChange(hue_deg=120, saturation=80))["params"]
    {'device_on': True, 'hue': 120, 'saturation': 80, 'color_temp': 0}
    """
    return request("set_device_info", {"device_on": True, **change.values()})


def follow_light(
    ask: Ask, info: Callable[[], Mapping[str, Any]], change: LightChange, who: str
) -> LightState:
    """Send a change with *ask*, and read it back with *info*. Two requests.

    Raises
    ------
    WriteNotFollowed
        If the light accepted it and shows something else.
    """
    read_result(ask(light_request(change), repeatable=True), "set_device_info")
    state = read_light(info())
    problem = change.unlike(state)
    if problem:
        raise WriteNotFollowed(
            f"{who!r} accepted this, but {problem}.",
            call="set_device_info",
            next_step="Read light.state() again.",
        )
    return state


def _outlet(child: Mapping[str, Any]) -> OutletState:
    call = "get_child_device_list"
    child_id = child.get("device_id")
    if not isinstance(child_id, str):
        raise garbled(call, "device_id")
    alias = plain_alias(text_in(child, "nickname"), "smart")
    return OutletState(child_id, alias, flag_in(child, "device_on", call))


def _position(child: Mapping[str, Any]) -> int:
    position = child.get("position")
    return position if type(position) is int else 0


def _half(call: str) -> UnusableAnswer:
    return UnusableAnswer(
        f"The device's answer does not hold {call}.",
        call=call,
        cause="It was cut off, or it answers something else.",
        next_step="Try again; device.command({...}) shows the answer as it is.",
    )
