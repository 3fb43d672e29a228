"""What Tapo devices measure, and what they can do: values with units, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tplink_lab.devices import smart
from tplink_lab.devices.capability import Capabilities
from tplink_lab.devices.checks import flag_in, garbled, number_in, text_in
from tplink_lab.devices.energy import EnergyReading
from tplink_lab.devices.iot import Kind
from tplink_lab.errors import NotSupported

__all__ = [
    "EnergyUsage",
    "SensorState",
    "read_current_power",
    "read_emeter",
    "read_energy_usage",
    "read_sensor",
    "smart_capabilities",
]

_HUGE = 10**15
# a component of the device's own list -> our name for what it gives
_COMPONENTS = {
    "led": "led",
    "energy_monitoring": "energy",
    "schedule": "schedule",
    "countdown": "countdown",
    "antitheft": "away mode",
    "firmware": "firmware check",
}


@dataclass(frozen=True)
class EnergyUsage:
    """A Tapo meter's summary.

    Attributes
    ----------
    power_w : float or None
        Drawn now; None where the device does not tell, as an outlet of a strip.
    today_kwh, month_kwh : float
        Since midnight, and since the first, in the device's own time zone.
    today_runtime_minutes, month_runtime_minutes : int
        How long it was on.
    """

    power_w: float | None
    today_kwh: float
    month_kwh: float
    today_runtime_minutes: int
    month_runtime_minutes: int


@dataclass(frozen=True)
class SensorState:
    """What a battery sensor or a valve behind a hub says; None where it does not.

    Attributes
    ----------
    temperature_c, target_temperature_c : float or None
        Of the room, and what a valve aims at.
    humidity_percent : int or None
        Relative.
    is_open : bool or None
        A door or a window.
    has_detected : bool or None
        Motion, or water.
    has_low_battery : bool or None
        Whether to change the battery.
    battery_percent : int or None
        Where it tells.
    """

    temperature_c: float | None = None
    target_temperature_c: float | None = None
    humidity_percent: int | None = None
    is_open: bool | None = None
    has_detected: bool | None = None
    has_low_battery: bool | None = None
    battery_percent: int | None = None


def read_energy_usage(result: Mapping[str, Any]) -> EnergyUsage:
    """Return a ``get_energy_usage`` result; its ``current_power`` is in mW.

    Examples
    --------
    >>> read_energy_usage({"current_power": 1003, "today_energy": 20,
    ...     "month_energy": 971, "today_runtime": 1172, "month_runtime": 15867}).power_w
    1.003
    """
    call = "get_energy_usage"
    told = "current_power" in result
    return EnergyUsage(
        power_w=number_in(result, "current_power", call, 0, _HUGE) / 1000
        if told
        else None,
        today_kwh=number_in(result, "today_energy", call, 0, _HUGE) / 1000,
        month_kwh=number_in(result, "month_energy", call, 0, _HUGE) / 1000,
        today_runtime_minutes=number_in(result, "today_runtime", call, 0, 2**31),
        month_runtime_minutes=number_in(result, "month_runtime", call, 0, 2**31),
    )


def read_current_power(result: Mapping[str, Any]) -> float:
    """Return a ``get_current_power`` result in watts, which is what it is sent in.

    Examples
    --------
    >>> read_current_power({"current_power": 61})
    61.0
    """
    return float(number_in(result, "current_power", "get_current_power", 0, _HUGE))


def read_emeter(result: Mapping[str, Any]) -> EnergyReading:
    """Return a ``get_emeter_data`` result: mW, mV and mA, as newer plugs tell."""
    call = "get_emeter_data"
    return EnergyReading(
        power_w=number_in(result, "power_mw", call, 0, _HUGE) / 1000,
        voltage_v=number_in(result, "voltage_mv", call, 0, _HUGE) / 1000,
        current_a=number_in(result, "current_ma", call, 0, _HUGE) / 1000,
    )


def read_sensor(info: Mapping[str, Any]) -> SensorState:
    """Return what a sensor says, from its own info or its row in the hub's list.

    Raises
    ------
    NotSupported
        If it is no sensor and no valve.
    """
    call = "get_device_info"
    if not text_in(info, "category").startswith("subg."):
        raise NotSupported("The device is no sensor behind a hub.", call=call)
    fahrenheit = text_in(info, "temp_unit") == "fahrenheit"
    return SensorState(
        temperature_c=_celsius(info, "current_temp", fahrenheit),
        target_temperature_c=_celsius(info, "target_temp", fahrenheit),
        humidity_percent=number_in(info, "current_humidity", call, 0, 100)
        if "current_humidity" in info
        else None,
        is_open=flag_in(info, "open", call) if "open" in info else None,
        has_detected=flag_in(info, "detected", call) if "detected" in info else None,
        has_low_battery=flag_in(info, "at_low_battery", call)
        if "at_low_battery" in info
        else None,
        battery_percent=number_in(info, "battery_percentage", call, 0, 100)
        if "battery_percentage" in info
        else None,
    )


def smart_capabilities(
    info: Mapping[str, Any],
    components: frozenset[str] | None = None,
    children: Sequence[Mapping[str, Any]] = (),
) -> Capabilities:
    """Return what a Tapo device can do.

    Parameters
    ----------
    info : dict
        Its ``get_device_info``.
    components : frozenset of str, optional
        Its own list, if it could be had; without it less is known.
    children : list of dict
        Of a hub or a strip.

    Examples
    --------
    >>> smart_capabilities({"type": "SMART.TAPOPLUG", "device_on": True,
    ...                     "power_protection_status": "normal"})
    <Capabilities: switch, energy>
    """
    kind = smart.kind_of(info)
    found = {_COMPONENTS[c] for c in components or () if c in _COMPONENTS}
    if kind is not Kind.NOTHING:
        found.add("switch")
    else:
        # A vacuum has rules too, but they clean: no on and off is in them.
        found -= {"schedule", "countdown", "away mode"}
    if kind is Kind.STRIP:
        found.add("outlets")
    if "device_on" in info and "brightness" in info:
        found.add("dim")
        kelvin = info.get("color_temp_range")
        if isinstance(kelvin, list) and len(kelvin) == 2 and kelvin[0] != kelvin[1]:
            found.add("white temperature")
        if "hue" in info and "saturation" in info:
            found.add("colour")
    if isinstance(info.get("lighting_effect"), Mapping):
        found.add("effects")
    if "power_protection_status" in info:
        found.add("energy")
    if any(text_in(c, "category").startswith("subg.") for c in (info, *children)):
        found.add("battery sensors")
    return Capabilities(found)


def _celsius(info: Mapping[str, Any], key: str, fahrenheit: bool) -> float | None:
    if key not in info:
        return None
    value = info[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise garbled("get_device_info", key)
    if not abs(value) < 1000:
        raise garbled("get_device_info", key)
    # Unverified: that temp_unit is the unit of these numbers, not of the display.
    return round((value - 32) / 1.8, 2) if fahrenheit else float(value)
