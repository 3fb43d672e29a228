"""``Device``: one thing you can ask and switch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

# What only some devices need is loaded where it is used: the first list of an
# account comes the sooner.
from tplink_lab.devices import iot
from tplink_lab.devices.abilities import Abilities
from tplink_lab.devices.asking import Asking
from tplink_lab.devices.iot import DeviceState, DeviceTime, Kind, OutletState, WiFi
from tplink_lab.devices.knowing import Knowing
from tplink_lab.devices.names import plain_alias
from tplink_lab.devices.smart_device import Route, SmartTalk
from tplink_lab.devices.thing_route import ThingRoute
from tplink_lab.errors import BadInput, NotSupported

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud
    from tplink_lab.devices.hub import Sensors
    from tplink_lab.devices.outlet import Outlet, Outlets
    from tplink_lab.devices.redactor import Redactor
    from tplink_lab.devices.updates import DeviceFirmware

__all__ = ["Device", "Route", "plain_alias"]


class Device(Asking, Knowing, Abilities):
    """One row of the account's device list, and the means to talk to it.

    Reading attributes asks nothing: they are what the list said. Methods ask the
    device, through the cloud, at its own ``app_server_url``. The first one that has
    to know what kind of device it is costs one request more; then it is remembered.

    Attributes
    ----------
    row : dict
        The row as the cloud sent it, with the wire's names.
    thing : dict or None
        What the Thing API lists about it; None if it does not.
    route : Route or None
        How a Tapo device is reached; a Kasa device needs none.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     plug = cloud.device("Desk Lamp")
    ...     plug.turn_on()
    ...     plug.is_on()
    True
    """

    __slots__ = ("_cloud", "route", "row", "thing")

    def __init__(
        self,
        cloud: Cloud,
        row: dict[str, Any],
        thing: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self._cloud = cloud
        self.row = row
        self.thing = thing
        self.route: Route | None = None
        if thing is not None and self.dialect == "smart":
            url = thing.get("appServerUrlV2")
            url = url if isinstance(url, str) else ""
            self.route = ThingRoute(cloud.things, self.device_id, url)
        elif self.is_camera:
            session = cloud.sessions.get("tapo")
            if session is not None and session.is_signed:
                from tplink_lab.devices.camera_route import CameraRoute

                self.route = CameraRoute(session, self.device_id)

    @property
    def firmware(self) -> DeviceFirmware:
        """The firmware string, taken apart; ``.check()`` asks for a newer one."""
        from tplink_lab.devices.updates import DeviceFirmware

        return DeviceFirmware.of(self)

    @property
    def outlets(self) -> Outlets:
        """The outlets of a strip, by name, number or id. One request, as state().

        Raises
        ------
        NotSupported
            If it is not a strip.
        """
        state = self.state()
        if self.kind() is not Kind.STRIP:
            raise NotSupported(
                f"{self.alias!r} has no outlets of its own.",
                call="outlets",
                next_step="Use the device itself: turn_on(), is_on() …",
            )
        from tplink_lab.devices.outlet import Outlets

        return Outlets(self, state.outlets)

    @property
    def sensors(self) -> Sensors:
        """The battery sensors and valves behind a hub, by name, number or id.

        One request; none for a sensor that is listed by itself and was just read.

        Raises
        ------
        NotSupported
            If it is no hub with sensors.

        Examples
        --------
        >>> import tplink_lab as tl
        >>> with tl.practice() as cloud:
        ...     cloud.device("Heating Hub").sensors[0].state.target_temperature_c
        22.0
        """
        self.need("battery sensors", call="sensors")
        info = self.told()
        from tplink_lab.devices.hub import Sensors, read_sensors

        rows = read_sensors([info]) or read_sensors(self.smart_talk().children())
        return Sensors(self.alias, rows)

    def info(self) -> dict[str, Any]:
        """Return all the device says about itself. One request.

        Returns
        -------
        dict
            ``get_sysinfo`` with the wire's names (``relay_state``, ``rssi`` in dBm,
            ``on_time`` in s …); which fields there are depends on the family.
        """
        if self.dialect == "smart":
            return self.learn(self.smart_talk().info())
        return self.learn(iot.read_sysinfo(self.ask(iot.GET_SYSINFO)))

    def state(self) -> DeviceState:
        """Return whether it, and each outlet of a strip, is on. One request.

        A Tapo strip costs one more the first time, until it is known to be one.
        """
        if self.dialect == "smart":
            return self.smart_talk().state()
        return iot.read_state(self.info(), self.device_id)

    def is_on(self) -> bool:
        """Return whether it is on; for a strip, whether any outlet is. One request.

        Raises
        ------
        NotSupported
            If there is nothing to switch, as in a camera.
        """
        on = self.state().is_on
        if on is None:
            raise NotSupported(
                f"{self.alias!r} has nothing to switch.",
                call="is_on",
                next_step="device.info() shows what it says about itself.",
            )
        return on

    def turn_on(self) -> None:
        """Switch it on; a strip switches all its outlets. As :meth:`set_state`."""
        self.set_state(True)

    def turn_off(self) -> None:
        """Switch it off; a strip switches all its outlets. As :meth:`set_state`."""
        self.set_state(False)

    def toggle(self) -> bool:
        """Read the state, set the opposite one, and return what was set.

        One request more than :meth:`set_state`. A strip with any outlet on is
        switched off.
        """
        wanted = not self.is_on()
        self.set_state(wanted)
        return wanted

    def set_state(self, on: bool, outlet_id: str | None = None) -> None:
        """Switch the device, or one outlet of it, to an explicit state.

        One request. A Tapo device takes two, a change of its shadow and a look that
        proves it; a whole Tapo strip one for each outlet, and one to list them.

        Parameters
        ----------
        on : bool
            What it shall be.
        outlet_id : str, optional
            The full id of one outlet.

        Raises
        ------
        NotSupported
            If there is nothing to switch.
        DeviceError
            If the device refuses.
        WriteRefused
            If the lab is read-only or the device protected.
        """
        if (
            on is not True
            and on is not False
            and not (type(on) is int and on in (0, 1))
        ):
            raise BadInput(
                f"{on!r} is neither on nor off.",
                call="set_state",
                next_step="Give True or False: a text such as 'off' would count as on.",
            )
        if self.dialect == "smart":
            self.smart_talk().set_state(bool(on), outlet_id)
            return
        request, module, method = iot.switch_request(self.kind(), bool(on))
        if outlet_id is not None and self.kind() is not Kind.STRIP:
            # A plug would ignore the context and switch itself (§5.2).
            raise NotSupported(
                f"{self.alias!r} has no outlets of its own.",
                call=f"{module}.{method}",
                next_step="Leave outlet_id out.",
            )
        if outlet_id is not None:
            request = iot.outlet_request(request, (outlet_id,))
        # Setting the same state twice does no harm, so it may be sent again.
        iot.answer_of(self.ask(request, repeatable=True), module, method)

    def rename(self, alias: str) -> None:
        """Give it a new name of 1 to 31 characters. One request.

        The device list shows it when it is read again.

        Raises
        ------
        BadInput
            If the name is empty or too long.
        NotSupported
            If it is a strip: without an outlet named, a strip may take the name for
            its first outlet (protocol.md §5.2).
        """
        request, module, method = iot.rename_request(alias, self.kind())
        if self.dialect == "smart":
            self.smart_talk().rename(alias)
            return
        if self.kind() is Kind.STRIP:
            raise NotSupported(
                f"{self.alias!r} is a strip, and sources disagree about what takes "
                "the name: the strip or its first outlet.",
                call="rename",
                next_step="Rename an outlet: device.outlets['…'].rename('…'); the "
                "strip itself in the Kasa app.",
            )
        iot.answer_of(self.ask(request, repeatable=True), module, method)

    def snapshot(self, redactor: Redactor | None = None) -> dict[str, Any]:
        """Return all it says as one JSON, redacted: a home that anybody can open.

        Ids, names, addresses, the owner's e-mail and Wi-Fi are replaced by fakes, the
        place by 0; days and months are not asked. The time zone stays, because rules
        need it. Two requests; a strip costs one more for each outlet. A Tapo device is
        asked method by method, a dozen times; a camera once, for what it is.

        Parameters
        ----------
        redactor : Redactor, optional
            Give the same one to several snapshots, and their ids join.

        Returns
        -------
        dict
            For ``tl.practice(home=[snapshot, …])``.

        Examples
        --------
        >>> import tplink_lab as tl
        >>> with tl.practice() as cloud:
        ...     snapshot = cloud.device("Kettle").snapshot()
        >>> with tl.practice(home=[snapshot]) as cloud:
        ...     cloud.devices()[0].model
        'HS110(EU)'
        """
        from tplink_lab.devices.snapshot import take_snapshot

        return take_snapshot(self, redactor)

    def time(self) -> DeviceTime:
        """Return the device's own clock. One request."""
        if self.dialect == "smart":
            return self.smart_talk().time()
        request = iot.GET_BULB_TIME if self.kind().is_light else iot.GET_TIME
        return iot.read_time(self.ask(request), next(iter(request)))

    def wifi(self) -> WiFi:
        """Return the network's name and the signal in dBm. One request."""
        if self.dialect == "smart":
            return self.smart_talk().wifi()
        return iot.read_wifi(self.ask(iot.GET_WIFI))

    def kind(self) -> Kind:
        """Return how it is switched. Asks the device once, then remembers."""
        if self._kind is None:
            self.info()
        assert self._kind is not None
        return self._kind

    def outlet(self, outlet_id: str) -> Outlet:
        """Return the outlet with this full id, without asking.

        Raises
        ------
        BadInput
            If it is no id: without one, the whole strip would be switched.
        """
        if not isinstance(outlet_id, str) or not outlet_id.strip():
            raise BadInput(
                f"{outlet_id!r} is no outlet's id.",
                call="outlet",
                next_step="Take one of device.outlets, by name or number.",
            )
        from tplink_lab.devices.outlet import Outlet

        return Outlet(self, OutletState(outlet_id, "", False))

    def smart_talk(self) -> SmartTalk:
        """Return what it can be told in the Tapo dialect."""
        return SmartTalk(self)

    def __repr__(self) -> str:
        return f"<Device {self.alias!r} {self.model}>"
