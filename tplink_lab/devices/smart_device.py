"""What a device does in the Tapo dialect: requests through its route, in order."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from tplink_lab.devices import smart
from tplink_lab.devices.capability import Capabilities
from tplink_lab.devices.checks import garbled, not_known, number_in, text_in
from tplink_lab.devices.energy import EnergyReading
from tplink_lab.devices.iot import DeviceState, DeviceTime, Kind, WiFi
from tplink_lab.devices.names import plain_alias
from tplink_lab.devices.smart_values import read_energy_usage, smart_capabilities
from tplink_lab.errors import (
    DeviceError,
    NotReached,
    NotSupported,
    RequestRefused,
    UnusableAnswer,
)

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = ["Route", "SmartTalk"]

_MOST_PAGES = 100


class Route(Protocol):
    """How a Tapo device is reached: whatever can put a request to it.

    A device with a ``route`` asks it instead of the legacy cloud. ``command()`` and
    ``ask()`` have looked at the request by then: what is dangerous, or what the guard
    forbids, does not come through.
    """

    def ask(
        self, request: Mapping[str, Any], *, repeatable: bool = False
    ) -> Mapping[str, Any]:
        """Return the device's answer, ``{"error_code": …, "result": …}``.

        Parameters
        ----------
        request : dict
            ``{"method": …, "params": …}``.
        repeatable : bool
            Whether it may be sent again if the connection breaks.
        """


class SmartTalk:
    """The verbs of a device that speaks the Tapo dialect.

    ``Device`` calls it; its ``ask`` finds the way to the device.
    """

    def __init__(self, device: Device) -> None:
        self._device = device

    def info(self) -> dict[str, Any]:
        """Return all it says about itself; a camera says it in its own words."""
        device = self._device
        if not device.is_camera:
            try:
                return smart.read_info(device.ask(smart.GET_INFO))
            except NotReached:
                raise
            except NotSupported:
                # An H200 is listed as a hub and speaks as cameras do (fields.md).
                if not device.device_type.endswith("HUB"):
                    raise
        return smart.read_camera_info(device.ask(smart.GET_CAMERA_INFO))

    def capabilities(self) -> Capabilities:
        """Return what it can do. One request; a strip or a hub costs one more."""
        device = self._device
        if device.is_camera:
            return smart_capabilities(device.info())
        components = None
        try:
            answer = device.ask(smart.batch([smart.GET_INFO, smart.GET_COMPONENTS]))
            rows = smart.read_rows(answer, ["get_device_info", "component_nego"])
            info = device.learn(smart.read_info(rows[0]))
        except (DeviceError, RequestRefused):
            # Not every route lets the second method through (§6.2).
            info = device.info()
        else:
            with suppress(DeviceError):
                components = smart.read_components(rows[1])
        children: list[dict[str, Any]] = []
        if smart.kind_of(info) is Kind.STRIP or text_in(info, "type").endswith("HUB"):
            children = self.children()
        return smart_capabilities(info, components, children)

    def children(self, first: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the outlets of a strip or the sensors of a hub, every page.

        *first* is the answer with the first page, if it is there already.
        """
        found: list[dict[str, Any]] = []
        for _ in range(_MOST_PAGES):
            answer = first or self._device.ask(smart.children_request(len(found)))
            first = None
            rows, total = smart.read_children(answer)
            found += rows
            if len(found) >= total:
                return found
            if not rows:
                break
        raise UnusableAnswer(
            f"The device lists {len(found)} children of more.",
            call="get_child_device_list",
            next_step="Try again.",
        )

    def rules(self, outlet_id: str | None) -> list[Any]:
        """Return the rows of a schedule, every page."""
        if outlet_id is None and self._device.kind() is Kind.STRIP:
            raise NotSupported(
                f"{self._device.alias!r} is a strip: each outlet has its own.",
                call="get_schedule_rules",
                next_step="Name an outlet: device.outlets['…'].schedule.",
            )
        found: list[Any] = []
        for _ in range(_MOST_PAGES):
            request = smart.rules_request(len(found))
            rows, total = smart.read_rules(self.read(request, outlet_id))
            found += rows
            if len(found) >= total:
                return found
            if not rows:
                break
        raise UnusableAnswer(
            f"The device lists {len(found)} rules of more.",
            call="get_schedule_rules",
            next_step="Try again.",
        )

    def read(
        self, request: str | dict[str, Any], outlet_id: str | None = None
    ) -> dict[str, Any]:
        """Return the result of one read, of the device or of one outlet."""
        asked = smart.request(request) if isinstance(request, str) else request
        method = asked["method"]
        if outlet_id is None:
            return smart.read_result(self._device.ask(asked), method)
        answer = self._device.ask(smart.child_request(outlet_id, asked))
        return smart.read_child_result(answer, method)

    def state(self) -> DeviceState:
        """Return whether it, and each outlet of a strip, is on. One request.

        Whoever turns out to be a strip is asked once more, the first time.
        """
        device = self._device
        if not device.is_known_strip:
            info = device.info()
            strip = smart.kind_of(info) is Kind.STRIP
            return smart.read_state(info, self.children() if strip else ())
        answer = device.ask(smart.batch([smart.GET_INFO, smart.children_request()]))
        rows = smart.read_rows(answer, ["get_device_info", "get_child_device_list"])
        info = device.learn(smart.read_info(rows[0]))
        return smart.read_state(info, self.children(rows[1]))

    def set_state(self, on: bool, outlet_id: str | None) -> None:
        """Switch it, or an outlet; a whole strip costs one request for each."""
        kind = self._device.kind()
        if outlet_id is not None and kind is not Kind.STRIP:
            raise NotSupported(
                f"{self._device.alias!r} has no outlets of its own.",
                call="set_device_info",
                next_step="Leave outlet_id out.",
            )
        ids: list[str | None] = [outlet_id]
        if kind is Kind.STRIP and outlet_id is None:
            # All or none: a protected outlet is met before the first is switched.
            self._device.check_write("set_device_info")
            ids = [outlet.outlet_id for outlet in self.state().outlets]
        for one in ids:
            self._send(smart.switch_request(kind, on, one), one)

    def rename(self, alias: str, outlet_id: str | None = None) -> None:
        """Give it, or an outlet, a new name."""
        self._no_camera("rename")
        nickname = base64.b64encode(alias.encode()).decode("ascii")
        request = smart.request("set_device_info", {"nickname": nickname})
        if outlet_id is not None:
            request = smart.child_request(outlet_id, request)
        self._send(request, outlet_id)

    def power(self, outlet_id: str | None) -> EnergyReading:
        """Return what is drawn now."""
        method = "get_energy_usage"
        if outlet_id is None:
            self._device.need("energy", call=method)
        power_w = read_energy_usage(self.read(method, outlet_id)).power_w
        if power_w is None:
            raise NotSupported(
                "This meter counts energy and does not tell its power.", call=method
            )
        return EnergyReading(power_w=power_w)

    def led_is_on(self) -> bool:
        """Return whether the status lamp is used."""
        self._device.need("led", call="get_led_info")
        call = "get_led_info"
        rule = text_in(self.read(call), "led_rule")
        if not rule:
            raise garbled(call, "led_rule")
        return rule != "never"

    def set_led(self, on: bool) -> None:
        """Use the status lamp, or never."""
        known = self.read("get_led_info")
        # All the device told goes back with it, for nobody knows what it would
        # take a missing part for.
        rule = {**known, "led_rule": "always" if on else "never"}
        self._send(smart.request("set_led_info", rule), None)

    def time(self) -> DeviceTime:
        """Return the device's own clock."""
        self._no_camera("time")
        call = "get_device_time"
        found = self.read(call)
        seconds = number_in(found, "timestamp", call, 0, 2**33)
        minutes = number_in(found, "time_diff", call, -1440, 1440)
        local = datetime.fromtimestamp(seconds, UTC) + timedelta(minutes=minutes)
        region = text_in(found, "region") or None
        return DeviceTime(local.replace(tzinfo=None), None, region)

    def wifi(self) -> WiFi:
        """Return the network's name and the signal in dBm."""
        self._no_camera("wifi")
        info = self._device.info()
        rssi = number_in(info, "rssi", "get_device_info", -200, 0)
        return WiFi(plain_alias(text_in(info, "ssid"), "smart") or None, rssi)

    def _no_camera(self, call: str) -> None:
        if self._device.is_camera:
            raise not_known(
                f"{self._device.alias!r} is a camera, and here only its info is read.",
                call=call,
                next_step="Use the Tapo app; device.info() shows what it tells.",
            )

    def _send(self, request: dict[str, Any], outlet_id: str | None) -> None:
        # Every write here sets an explicit state, so it may be sent again.
        answer = self._device.ask(request, repeatable=True)
        if outlet_id is None:
            smart.read_result(answer, request["method"])
        else:
            inner = request["params"]["requestData"]["method"]
            smart.read_child_result(answer, inner)
