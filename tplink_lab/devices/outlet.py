"""The parts of a device that answer for themselves: outlets, and the status lamp."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

from tplink_lab.devices import iot
from tplink_lab.devices.away import Away
from tplink_lab.devices.countdown import Countdown
from tplink_lab.devices.energy import Energy
from tplink_lab.devices.iot import Kind, OutletState
from tplink_lab.devices.names import folded
from tplink_lab.devices.runtime import Runtime
from tplink_lab.devices.schedule import Schedule
from tplink_lab.errors import NoSuchDevice

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = ["Led", "Outlet", "Outlets"]


class Outlet:
    """One outlet of a strip. Each verb is one request.

    Attributes
    ----------
    outlet_id : str
        The full id.
    alias : str
        Its name when the strip was read.
    """

    def __init__(self, device: Device, state: OutletState) -> None:
        self._device = device
        self.outlet_id = state.outlet_id
        self.alias = state.alias

    @property
    def is_protected(self) -> bool:
        """Whether the promise made at login forbids writing to it."""
        return self._device._cloud.guard.locks(self._device.device_id, self.outlet_id)

    @property
    def energy(self) -> Energy:
        """Its energy meter, if the strip has them."""
        return Energy(self._device, self.outlet_id)

    @property
    def schedule(self) -> Schedule:
        """Its own rules."""
        return Schedule(self._device, self.outlet_id)

    @property
    def countdown(self) -> Countdown:
        """Its own countdown."""
        return Countdown(self._device, self.outlet_id)

    @property
    def away(self) -> Away:
        """Its own away mode."""
        return Away(self._device, self.outlet_id)

    @property
    def runtime(self) -> Runtime:
        """How long it was on."""
        return Runtime(self._device, self.outlet_id)

    def is_on(self) -> bool:
        """Return whether it is on."""
        for outlet in self._device.state().outlets:
            if outlet.outlet_id == self.outlet_id:
                return outlet.is_on
        raise NoSuchDevice(
            f"{self._device.alias!r} no longer lists this outlet.",
            call="is_on",
            next_step="Read device.outlets again.",
        )

    def turn_on(self) -> None:
        """Switch it on."""
        self._device.set_state(True, self.outlet_id)

    def turn_off(self) -> None:
        """Switch it off."""
        self._device.set_state(False, self.outlet_id)

    def toggle(self) -> bool:
        """Read the state, set the opposite one, and return what was set."""
        wanted = not self.is_on()
        self._device.set_state(wanted, self.outlet_id)
        return wanted

    def rename(self, alias: str) -> None:
        """Give it a new name of 1 to 31 characters."""
        request, module, method = iot.rename_request(alias, Kind.STRIP)
        if self._device.dialect == "smart":
            self._device.smart_talk().rename(alias, self.outlet_id)
            self.alias = alias
            return
        request = iot.outlet_request(request, (self.outlet_id,))
        iot.answer_of(self._device.ask(request, repeatable=True), module, method)
        self.alias = alias

    def __repr__(self) -> str:
        return f"<Outlet {self.alias!r} of {self._device.alias!r}>"


class Outlets(Sequence[Outlet]):
    """The outlets of a strip: by name, by number from 0, or by full id."""

    def __init__(self, device: Device, states: tuple[OutletState, ...]) -> None:
        self._device = device
        self._outlets = [Outlet(device, state) for state in states]

    @overload
    def __getitem__(self, key: int | str) -> Outlet: ...
    @overload
    def __getitem__(self, key: slice) -> list[Outlet]: ...
    def __getitem__(self, key: int | str | slice) -> Outlet | list[Outlet]:
        if isinstance(key, slice):
            return self._outlets[key]
        if isinstance(key, int):
            fits = self._outlets[key:][:1] if -len(self) <= key < len(self) else []
        else:
            # An outlet may be called "02" and be another than the one so numbered.
            fits = [
                o
                for o in self._outlets
                if key in (o.alias, o.outlet_id, o.outlet_id[-2:])
            ]
            wanted = folded(str(key))
            fits = fits or [o for o in self._outlets if folded(o.alias) == wanted]
        if len(fits) == 1:
            return fits[0]
        names = ", ".join(repr(o.alias) for o in self._outlets)
        raise NoSuchDevice(
            f"{len(fits) or 'No'} outlets of {self._device.alias!r} fit {key!r}.",
            call="outlets",
            next_step=f"It has {names}, with the numbers 0 to {len(self) - 1}.",
        )

    def __len__(self) -> int:
        return len(self._outlets)

    def __iter__(self) -> Iterator[Outlet]:
        return iter(self._outlets)

    def _ipython_key_completions_(self) -> list[str]:
        return [o.alias for o in self._outlets]

    def __repr__(self) -> str:
        return f"<Outlets {', '.join(o.alias for o in self._outlets)}>"


class Led:
    """The status lamp of a plug or a switch."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def is_on(self) -> bool:
        """Return whether it is lit."""
        self._device.need("led", call="led")
        if self._device.dialect == "smart":
            return self._device.smart_talk().led_is_on()
        return iot.read_led(self._device.info())

    def turn_on(self) -> None:
        """Light it."""
        self._set(True)

    def turn_off(self) -> None:
        """Darken it."""
        self._set(False)

    def _set(self, on: bool) -> None:
        self._device.need("led", call="led")
        if self._device.dialect == "smart":
            self._device.smart_talk().set_led(on)
            return
        answer = self._device.ask(iot.led_request(on), repeatable=True)
        iot.answer_of(answer, "system", "set_led_off")
