"""What is known of a device: what it last said, and what it can do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from tplink_lab.devices import iot, smart
from tplink_lab.devices.capability import (
    PROBE,
    PROBED,
    Capabilities,
    iot_capabilities,
)
from tplink_lab.devices.iot import Kind
from tplink_lab.errors import UnusableAnswer

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = ["Knowing"]


class Knowing:
    """Remembers what a device said, so that its kind is asked only once."""

    __slots__ = ("_capabilities", "_kind", "_told")

    def __init__(self) -> None:
        self._kind: Kind | None = None
        self._told: dict[str, Any] | None = None
        self._capabilities: Capabilities | None = None

    @property
    def capabilities(self) -> Capabilities:
        """What it can do, by its own answer. One request, once.

        Examples
        --------
        >>> import tplink_lab as tl
        >>> with tl.practice() as cloud:
        ...     cloud.device("Sofa Lamp").capabilities
        <Capabilities: switch, dim, white temperature, colour, energy, schedule, \
countdown, runtime, firmware check>
        """
        if self._capabilities is None:
            device = cast("Device", self)
            if device.dialect == "smart":
                found = device.smart_talk().capabilities()
            else:
                answer = device.ask(PROBE)
                info = iot.read_sysinfo(answer)
                self.learn(info)
                found = iot_capabilities(info, answer)
            self._capabilities = found
        return self._capabilities

    def need(self, capability: str, *, call: str) -> None:
        """Raise unless the device can do this; nothing is written.

        A device that was not heard yet is asked once, then it is remembered.

        Raises
        ------
        NotSupported
            It lists what the device can do.
        """
        device = cast("Device", self)
        told_by_sysinfo = device.dialect != "smart" and capability not in PROBED
        if self._capabilities is None and told_by_sysinfo:
            # No need to look for sensors as well.
            can = iot_capabilities(self.told())
            can.need(capability, who=device.alias, call=call)
            return
        self.capabilities.need(capability, who=device.alias, call=call)

    def told(self) -> dict[str, Any]:
        """Return what it last said about itself; asks only if it never did."""
        return cast("Device", self).info() if self._told is None else self._told

    @property
    def is_known_strip(self) -> bool:
        """Whether it has said before that it is a strip; asks nothing."""
        return self._kind is Kind.STRIP

    def learn(self, info: dict[str, Any]) -> dict[str, Any]:
        """Remember what it says about itself, and return that.

        Raises
        ------
        UnusableAnswer
            If another device says it.
        """
        device = cast("Device", self)
        # The last is a camera's word for it.
        told = info.get("deviceId", info.get("device_id", info.get("dev_id")))
        wanted = device.device_id
        if _is_id(told) and _is_id(wanted) and told.casefold() != wanted.casefold():
            raise UnusableAnswer(
                "This is the answer of another device.",
                call="info",
                next_step="Try again; cloud.last_exchange shows what came.",
            )
        speech = smart if device.dialect == "smart" else iot
        self._kind = speech.kind_of(info)
        self._told = info
        return info


def _is_id(value: Any) -> TypeGuard[str]:
    """Whether it is a device's id, and not one that was masked with zeros."""
    found = isinstance(value, str) and re.fullmatch("[0-9A-Fa-f]{40}", value)
    return bool(found) and bool(value.strip("0"))
