"""A device's table of rules: what schedule, countdown and away mode share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tplink_lab.devices import iot
from tplink_lab.devices.checks import flag_in, garbled, not_known
from tplink_lab.devices.iot import Kind
from tplink_lab.errors import NotSupported

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = ["Book", "rows_of", "table_is_enabled"]

# Bulbs and light strips have modules of their own for the same thing (§5.5).
_LIGHT_MODULES = {
    "schedule": "smartlife.iot.common.schedule",
    "count_down": "countdown",
}


def rows_of(answer: Mapping[str, Any], module: str) -> list[Any]:
    """Return the ``rule_list`` of a ``get_rules`` answer."""
    rows = iot.answer_of(answer, module, "get_rules").get("rule_list")
    if not isinstance(rows, list):
        raise garbled(f"{module}.get_rules", "rule_list")
    return rows


def table_is_enabled(answer: Mapping[str, Any], module: str) -> bool:
    """Return whether the table as a whole is used."""
    found = iot.answer_of(answer, module, "get_rules")
    call = f"{module}.get_rules"
    return flag_in(found, "enable", call) if "enable" in found else True


class Book:
    """A table of rules of a device, or of one outlet of a strip."""

    capability = "schedule"
    module = "schedule"

    def __init__(self, device: Device, outlet_id: str | None = None) -> None:
        self._device = device
        self._outlet_id = outlet_id

    def _where(self, verb: str) -> str:
        """Return the module to ask, or raise if the device has none."""
        call = f"{self.capability.split()[0]}.{verb}"
        self._device.need(self.capability, call=call)
        if self._device.dialect == "smart":
            # No source shows the methods that add or change a rule (§6.1).
            raise not_known(
                "The timers of Tapo devices are read, but not written yet.",
                call=call,
                next_step="Set them in the Tapo app.",
            )
        kind = self._device.kind()
        if kind is Kind.STRIP and self._outlet_id is None:
            raise NotSupported(
                f"{self._device.alias!r} is a strip: each outlet has its own.",
                call=call,
                next_step="Name an outlet: device.outlets['…']."
                f"{'away' if self.capability == 'away mode' else self.capability}",
            )
        if kind.is_light:
            return _LIGHT_MODULES.get(self.module, self.module)
        return self.module

    def _request(self, module: str, methods: dict[str, Any]) -> dict[str, Any]:
        request: dict[str, Any] = {module: methods}
        if self._outlet_id is not None:
            return iot.outlet_request(request, (self._outlet_id,))
        return request

    def _write(self, module: str, verb: str, args: dict[str, Any] | None) -> None:
        """Send one write whose repetition does no harm."""
        request = self._request(module, {verb: args})
        iot.answer_of(self._device.ask(request, repeatable=True), module, verb)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._device.alias!r}>"
