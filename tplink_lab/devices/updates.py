"""``plug.firmware``: the firmware string taken apart, and whether there is a newer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from tplink_lab.devices import iot, smart
from tplink_lab.devices.checks import flag_in, garbled, text_in
from tplink_lab.devices.firmware import Firmware, parse_firmware

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = ["DeviceFirmware", "FirmwareOffer", "read_offers", "read_smart_offer"]


class FirmwareOffer(NamedTuple):
    """A firmware that TP-Link offers for a device.

    Attributes
    ----------
    firmware : Firmware
        Its string, taken apart.
    release_date : str
        As TP-Link writes it, such as ``"2024-06-28"``; may be empty.
    notes : str
        What is new; may be empty.
    """

    firmware: Firmware
    release_date: str
    notes: str


def read_offers(answer: Mapping[str, Any], module: str) -> list[FirmwareOffer]:
    """Return what a Kasa device's ``get_intl_fw_list`` offers."""
    call = f"{module}.get_intl_fw_list"
    rows = iot.answer_of(answer, module, "get_intl_fw_list").get("fw_list")
    if not isinstance(rows, list) or not all(isinstance(r, Mapping) for r in rows):
        raise garbled(call, "fw_list")
    return [
        FirmwareOffer(
            parse_firmware(text_in(row, "fwVer")),
            text_in(row, "fwReleaseDate"),
            text_in(row, "fwReleaseLog"),
        )
        for row in rows
    ]


def read_smart_offer(answer: object) -> list[FirmwareOffer]:
    """Return what a Tapo device's ``get_latest_fw`` offers."""
    found = smart.read_result(answer, "get_latest_fw")
    if not flag_in(found, "need_to_upgrade", "get_latest_fw"):
        return []
    return [
        FirmwareOffer(
            parse_firmware(text_in(found, "fw_ver")),
            text_in(found, "release_date"),
            text_in(found, "release_note"),
        )
    ]


class DeviceFirmware(Firmware):
    """The firmware of a device, as the list told it; see :class:`Firmware`.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     plug = cloud.device("My Smart Plug")
    ...     plug.firmware.version, plug.firmware.check()
    ((1, 0, 8), [])
    """

    _device: Device

    @classmethod
    def of(cls, device: Device) -> DeviceFirmware:
        """Return the firmware of this device."""
        found = cls(*parse_firmware(device.fw_ver))
        found._device = device
        return found

    def check(self) -> list[FirmwareOffer]:
        """Return the firmware that TP-Link offers for it; empty: it is up to date.

        The device asks TP-Link itself. One request; nothing is installed.

        Raises
        ------
        DeviceError
            If the device could not ask (-7).
        """
        device = self._device
        device.need("firmware check", call="firmware.check")
        if device.dialect == "smart":
            return read_smart_offer(device.ask(smart.request("get_latest_fw")))
        light = device.kind().is_light
        module = "smartlife.iot.common.cloud" if light else "cnCloud"
        return read_offers(device.ask({module: {"get_intl_fw_list": None}}), module)

    def __repr__(self) -> str:
        return repr(Firmware(*self))
