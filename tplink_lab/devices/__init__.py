"""Devices: what they are, what they say, and how to switch them.

``iot`` is the Kasa dialect as pure functions; ``device`` and ``listing`` are what a
person holds; ``energy`` and ``firmware`` give units and order to what devices say.
"""

from tplink_lab.devices.device import Device
from tplink_lab.devices.energy import DailyEnergy, Energy, EnergyReading, MonthlyEnergy
from tplink_lab.devices.firmware import (
    Firmware,
    Outdated,
    outdated_siblings,
    parse_firmware,
)
from tplink_lab.devices.iot import DeviceState, DeviceTime, Kind, OutletState, WiFi
from tplink_lab.devices.listing import DeviceList
from tplink_lab.devices.outlet import Led, Outlet, Outlets

__all__ = [
    "DailyEnergy",
    "Device",
    "DeviceList",
    "DeviceState",
    "DeviceTime",
    "Energy",
    "EnergyReading",
    "Firmware",
    "Kind",
    "Led",
    "MonthlyEnergy",
    "Outdated",
    "Outlet",
    "OutletState",
    "Outlets",
    "WiFi",
    "outdated_siblings",
    "parse_firmware",
]
