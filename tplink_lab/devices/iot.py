"""The Kasa dialect: intentions to request JSON, answers to values; no I/O.

An IOT request is ``{module: {method: arguments}}`` and every method's answer carries
``err_code`` (protocol.md §5). What a device can do is read from what it says about
itself, so a model that nobody has seen still works.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple
from unicodedata import category

from tplink_lab.codes import device_error
from tplink_lab.devices.names import plain_alias
from tplink_lab.errors import BadInput, NotSupported, UnusableAnswer

__all__ = [
    "GET_SYSINFO",
    "DeviceState",
    "DeviceTime",
    "Kind",
    "OutletState",
    "WiFi",
    "answer_of",
    "kind_of",
    "led_request",
    "outlet_request",
    "read_led",
    "read_state",
    "read_sysinfo",
    "read_time",
    "read_wifi",
    "rename_request",
    "switch_request",
]

Request = dict[str, Any]

GET_SYSINFO: Request = {"system": {"get_sysinfo": None}}
GET_TIME: Request = {"time": {"get_time": None, "get_timezone": None}}
GET_BULB_TIME: Request = {"smartlife.iot.common.timesetting": GET_TIME["time"]}
GET_WIFI: Request = {"netif": {"get_stainfo": None}, **GET_SYSINFO}
BULB_LIGHT = "smartlife.iot.smartbulb.lightingservice"
STRIP_LIGHT = "smartlife.iot.lightStrip"
# §5.3; the number is Unverified, so a longer name is refused rather than cut.
LONGEST_ALIAS = 31


class Kind(Enum):
    """How a device is switched, told by the fields of its sysinfo (fields.md)."""

    RELAY = "relay"
    STRIP = "strip"
    BULB = "bulb"
    LIGHT_STRIP = "light strip"
    NOTHING = "nothing to switch"

    @property
    def is_light(self) -> bool:
        """Whether it speaks the modules of bulbs."""
        return self in (Kind.BULB, Kind.LIGHT_STRIP)


class OutletState(NamedTuple):
    """One outlet of a strip, as the strip last said.

    Attributes
    ----------
    outlet_id : str
        The full id: the strip's 40 characters and two digits.
    alias : str
        Its name.
    is_on : bool
        Whether it is on.
    """

    outlet_id: str
    alias: str
    is_on: bool


class DeviceState(NamedTuple):
    """What a device last said about being on or off.

    Attributes
    ----------
    alias : str
        Its name.
    is_on : bool or None
        For a strip: whether any outlet is on. None if there is nothing to switch.
    outlets : tuple of OutletState
        Empty unless it is a strip.
    """

    alias: str
    is_on: bool | None
    outlets: tuple[OutletState, ...] = ()


class WiFi(NamedTuple):
    """How a device hears its access point: ``ssid`` (None if it does not tell) and
    ``rssi_dbm`` (about -50 is good, below -75 is poor)."""

    ssid: str | None
    rssi_dbm: int


class DeviceTime(NamedTuple):
    """A device's own clock: ``local`` (naive, in its own zone), ``timezone_index``
    (TP-Link's table 0 to 109, of Kasa devices) and ``region`` (a zone's name, of Tapo
    devices); None if it does not tell."""

    local: datetime
    timezone_index: int | None
    region: str | None = None


def answer_of(answer: Mapping[str, Any], module: str, method: str) -> dict[str, Any]:
    """Return one method's answer, or raise what the device reports.

    An error may stand in the method's place or in the whole module's (§5.1).

    Raises
    ------
    NotSupported
        If the device lacks the module or the method.
    DeviceError
        If it reports any other ``err_code``.
    UnusableAnswer
        If the answer lacks the method, or is not in the device's form.
    """
    call = f"{module}.{method}"
    found: Any = answer.get(module)
    _raise_for(found, call)
    if isinstance(found, Mapping):
        found = found.get(method)
    _raise_for(found, call)
    if not isinstance(found, Mapping):
        raise UnusableAnswer(
            f"The device's answer does not hold {call}.",
            call=call,
            cause="It was cut off, or it answers something else.",
            next_step="Try again; device.command({...}) shows the answer as it is.",
        )
    return dict(found)


def read_sysinfo(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return all a device says about itself; a camera's is one level down."""
    info = answer_of(answer, "system", "get_sysinfo")
    inner = info.get("system")
    if isinstance(inner, Mapping):
        _raise_for(inner, "system.get_sysinfo")
        return dict(inner)
    return info


def kind_of(sysinfo: Mapping[str, Any]) -> Kind:
    """Return how the device is switched.

    Examples
    --------
    >>> kind_of({"relay_state": 1, "brightness": 40})
    <Kind.RELAY: 'relay'>
    """
    if isinstance(sysinfo.get("children"), list) and "relay_state" not in sysinfo:
        return Kind.STRIP
    if isinstance(sysinfo.get("light_state"), Mapping):
        return Kind.LIGHT_STRIP if "length" in sysinfo else Kind.BULB
    return Kind.RELAY if "relay_state" in sysinfo else Kind.NOTHING


def read_state(sysinfo: Mapping[str, Any], device_id: str) -> DeviceState:
    """Return what *sysinfo* says about on and off.

    Parameters
    ----------
    sysinfo : dict
        As :func:`read_sysinfo` gives it.
    device_id : str
        Completes the short outlet ids of old firmware (fields.md, "Child ids").
    """
    alias = sysinfo.get("alias")
    alias = plain_alias(alias, "iot") if isinstance(alias, str) else ""
    kind = kind_of(sysinfo)
    if kind is Kind.STRIP:
        outlets = tuple(_outlet(child, device_id) for child in sysinfo["children"])
        return DeviceState(alias, any(o.is_on for o in outlets), outlets)
    if kind is Kind.NOTHING:
        return DeviceState(alias, None)
    if kind is Kind.RELAY:
        return DeviceState(alias, _flag(sysinfo, "relay_state"))
    return DeviceState(alias, _flag(sysinfo["light_state"], "on_off"))


def switch_request(kind: Kind, on: bool) -> tuple[Request, str, str]:
    """Return the request that switches, and the module and method to read back.

    Raises
    ------
    NotSupported
        If there is nothing to switch.
    """
    if kind is Kind.NOTHING:
        raise NotSupported(
            "The device has no relay and no light.",
            call="switch",
            next_step="device.info() shows what it says about itself.",
        )
    if kind.is_light:
        module = STRIP_LIGHT if kind is Kind.LIGHT_STRIP else BULB_LIGHT
        # A light strip refuses the bulbs' module, and the reverse (§5.8).
        method = "set_light_state" if kind is Kind.LIGHT_STRIP else _TRANSITION
        return {module: {method: {"on_off": int(on)}}}, module, method
    request = {"system": {"set_relay_state": {"state": int(on)}}}
    return request, "system", "set_relay_state"


_TRANSITION = "transition_light_state"


def outlet_request(request: Request, outlet_ids: tuple[str, ...]) -> Request:
    """Return *request* meant for some outlets; an empty tuple is a mistake.

    Without a context a strip switches every outlet (§5.2).
    """
    if not outlet_ids:
        raise BadInput("No outlet is named.", next_step="Name one, or use the strip.")
    return {"context": {"child_ids": list(outlet_ids)}, **request}


def rename_request(alias: str, kind: Kind) -> tuple[Request, str, str]:
    """Return the request that gives a device or an outlet a new name.

    Raises
    ------
    BadInput
        If the name is empty, longer than 31 characters, or no plain text.
    """
    if not isinstance(alias, str) or not alias.strip():
        raise BadInput("The new name is empty.", next_step="Give it some letters.")
    if any(category(sign) in ("Cc", "Cs") for sign in alias):
        # Half a surrogate has no UTF-8; a line break would break every table.
        raise BadInput(
            f"The new name {alias!r} holds a sign that is no text.",
            next_step="Leave line breaks and other control signs out.",
        )
    if len(alias) > LONGEST_ALIAS:
        raise BadInput(
            f"The new name has {len(alias)} characters.",
            next_step=f"Give {LONGEST_ALIAS} at most.",
        )
    module = "smartlife.iot.common.system" if kind.is_light else "system"
    return {module: {"set_dev_alias": {"alias": alias}}}, module, "set_dev_alias"


def led_request(on: bool) -> Request:
    """Return the request for the status lamp; on the wire 1 means dark (§5.3)."""
    return {"system": {"set_led_off": {"off": int(not on)}}}


def read_led(sysinfo: Mapping[str, Any]) -> bool:
    """Return whether the status lamp is lit.

    Raises
    ------
    NotSupported
        If the device has none, as bulbs.
    """
    if "led_off" not in sysinfo:
        raise NotSupported(
            "The device has no status lamp that can be switched.", call="led"
        )
    return not _flag(sysinfo, "led_off")


def read_time(answer: Mapping[str, Any], module: str) -> DeviceTime:
    """Return the device's clock; *module* is where the answer lies."""
    now = answer_of(answer, module, "get_time")
    try:
        year, month, mday, hour, minute, second = (
            int(now[key]) for key in ("year", "month", "mday", "hour", "min", "sec")
        )
        local = datetime(year, month, mday, hour, minute, second)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _garbled("time.get_time") from None
    try:
        zone = answer_of(answer, module, "get_timezone").get("index")
    except (NotSupported, UnusableAnswer):
        zone = None
    return DeviceTime(local, zone if isinstance(zone, int) else None)


def read_wifi(answer: Mapping[str, Any]) -> WiFi:
    """Return the signal; the name too, where the device has ``netif``."""
    rssi = read_sysinfo(answer).get("rssi")
    try:
        info = answer_of(answer, "netif", "get_stainfo")
    except (NotSupported, UnusableAnswer):
        info = {}
    rssi = info.get("rssi", rssi)
    ssid = info.get("ssid")
    if isinstance(rssi, bool) or not isinstance(rssi, int):
        raise _garbled("netif.get_stainfo")
    return WiFi(ssid if isinstance(ssid, str) else None, rssi)


def _outlet(child: Any, device_id: str) -> OutletState:
    if not isinstance(child, Mapping) or not isinstance(child.get("id"), str):
        raise _garbled("system.get_sysinfo")
    short = child["id"]
    full = device_id + short if len(short) == 2 else short
    alias = child.get("alias")
    return OutletState(
        full,
        plain_alias(alias, "iot") if isinstance(alias, str) else "",
        _flag(child, "state"),
    )


def _flag(values: Mapping[str, Any], key: str) -> bool:
    value = values.get(key)
    if value in (0, 1):
        return bool(value)
    raise _garbled("system.get_sysinfo")


def _garbled(call: str) -> UnusableAnswer:
    return UnusableAnswer(
        "The device's answer holds a value that makes no sense.",
        call=call,
        next_step="Try again; device.command({...}) shows the answer as it is.",
    )


def _raise_for(found: Any, call: str) -> None:
    if isinstance(found, Mapping):
        code = found.get("err_code", 0)
        if isinstance(code, bool) or not isinstance(code, int):
            raise _garbled(call)
        if code != 0:
            text = found.get("err_msg")
            raise device_error(call, code, text if isinstance(text, str) else "")
