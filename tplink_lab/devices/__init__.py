"""Devices: what they are, what they say, and how to switch them.

``iot`` and ``smart`` are the two dialects as pure functions; ``device`` and
``listing`` are what a person holds. ``capability`` tells what a device can do; each
ability has a module of its own, with verbs, units and ranges.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tplink_lab.devices.away import Away, AwayRule
    from tplink_lab.devices.capability import Capabilities
    from tplink_lab.devices.countdown import Countdown, CountdownState
    from tplink_lab.devices.device import Device, Route
    from tplink_lab.devices.dimmer import Fade, FadeTimes
    from tplink_lab.devices.effects import Effects, EffectState
    from tplink_lab.devices.energy import (
        DailyEnergy,
        Energy,
        EnergyReading,
        MonthlyEnergy,
    )
    from tplink_lab.devices.firmware import (
        Firmware,
        Outdated,
        outdated_siblings,
        parse_firmware,
    )
    from tplink_lab.devices.hub import Sensor, Sensors
    from tplink_lab.devices.iot import DeviceState, DeviceTime, Kind, OutletState, WiFi
    from tplink_lab.devices.light import Light
    from tplink_lab.devices.lightstate import LightState
    from tplink_lab.devices.listing import DeviceList
    from tplink_lab.devices.outlet import Led, Outlet, Outlets
    from tplink_lab.devices.redactor import Redactor
    from tplink_lab.devices.rulelist import RuleList
    from tplink_lab.devices.rules import Rule
    from tplink_lab.devices.runtime import DailyRuntime, MonthlyRuntime, Runtime
    from tplink_lab.devices.schedule import Schedule
    from tplink_lab.devices.sensors import (
        AmbientLight,
        AmbientState,
        MotionSensor,
        MotionState,
    )
    from tplink_lab.devices.smart_values import EnergyUsage, SensorState
    from tplink_lab.devices.updates import DeviceFirmware, FirmwareOffer
    from tplink_lab.devices.when import Moment

__all__ = [
    "AmbientLight",
    "AmbientState",
    "Away",
    "AwayRule",
    "Capabilities",
    "Countdown",
    "CountdownState",
    "DailyEnergy",
    "DailyRuntime",
    "Device",
    "DeviceFirmware",
    "DeviceList",
    "DeviceState",
    "DeviceTime",
    "EffectState",
    "Effects",
    "Energy",
    "EnergyReading",
    "EnergyUsage",
    "Fade",
    "FadeTimes",
    "Firmware",
    "FirmwareOffer",
    "Kind",
    "Led",
    "Light",
    "LightState",
    "Moment",
    "MonthlyEnergy",
    "MonthlyRuntime",
    "MotionSensor",
    "MotionState",
    "Outdated",
    "Outlet",
    "OutletState",
    "Outlets",
    "Redactor",
    "Route",
    "Rule",
    "RuleList",
    "Runtime",
    "Schedule",
    "Sensor",
    "SensorState",
    "Sensors",
    "WiFi",
    "outdated_siblings",
    "parse_firmware",
]

# name -> the module it lives in; loaded on first use: a list needs no schedules.
_HOMES = {
    "AmbientLight": "sensors",
    "AmbientState": "sensors",
    "Away": "away",
    "AwayRule": "away",
    "Capabilities": "capability",
    "Countdown": "countdown",
    "CountdownState": "countdown",
    "DailyEnergy": "energy",
    "DailyRuntime": "runtime",
    "Device": "device",
    "DeviceFirmware": "updates",
    "DeviceList": "listing",
    "DeviceState": "iot",
    "DeviceTime": "iot",
    "EffectState": "effects",
    "Effects": "effects",
    "Energy": "energy",
    "EnergyReading": "energy",
    "EnergyUsage": "smart_values",
    "Fade": "dimmer",
    "FadeTimes": "dimmer",
    "Firmware": "firmware",
    "FirmwareOffer": "updates",
    "Kind": "iot",
    "Led": "outlet",
    "Light": "light",
    "LightState": "lightstate",
    "Moment": "when",
    "MonthlyEnergy": "energy",
    "MonthlyRuntime": "runtime",
    "MotionSensor": "sensors",
    "MotionState": "sensors",
    "Outdated": "firmware",
    "Outlet": "outlet",
    "OutletState": "iot",
    "Outlets": "outlet",
    "Redactor": "redactor",
    "Route": "device",
    "Rule": "rules",
    "RuleList": "rulelist",
    "Runtime": "runtime",
    "Schedule": "schedule",
    "Sensor": "hub",
    "SensorState": "smart_values",
    "Sensors": "hub",
    "WiFi": "iot",
    "outdated_siblings": "firmware",
    "parse_firmware": "firmware",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return __all__
