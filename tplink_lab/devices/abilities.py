"""What hangs on a device: each ability an object, made when it is asked for.

Its module is loaded then too: a list of devices needs none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from tplink_lab.devices.away import Away
    from tplink_lab.devices.countdown import Countdown
    from tplink_lab.devices.device import Device
    from tplink_lab.devices.dimmer import Fade
    from tplink_lab.devices.effects import Effects
    from tplink_lab.devices.energy import Energy
    from tplink_lab.devices.light import Light
    from tplink_lab.devices.outlet import Led
    from tplink_lab.devices.runtime import Runtime
    from tplink_lab.devices.schedule import Schedule
    from tplink_lab.devices.sensors import AmbientLight, MotionSensor

__all__ = ["Abilities"]


class Abilities:
    """The abilities of a device. Having one in hand asks nothing; its verbs do.

    A verb that the device has no ability for raises NotSupported, and nothing is
    sent.
    """

    __slots__ = ()

    @property
    def led(self) -> Led:
        """The small status lamp."""
        from tplink_lab.devices.outlet import Led

        return Led(cast("Device", self))

    @property
    def energy(self) -> Energy:
        """The energy meter."""
        from tplink_lab.devices.energy import Energy

        return Energy(cast("Device", self))

    @property
    def light(self) -> Light:
        """Brightness, white and colour of a bulb, a light strip or a dimmer."""
        from tplink_lab.devices.light import Light

        return Light(cast("Device", self))

    @property
    def effects(self) -> Effects:
        """The effects of a light strip."""
        from tplink_lab.devices.effects import Effects

        return Effects(cast("Device", self))

    @property
    def fade(self) -> Fade:
        """The fade and gentle times of a dimmer."""
        from tplink_lab.devices.dimmer import Fade

        return Fade(cast("Device", self))

    @property
    def schedule(self) -> Schedule:
        """The rules it follows by itself; a strip's outlets have their own."""
        from tplink_lab.devices.schedule import Schedule

        return Schedule(cast("Device", self))

    @property
    def countdown(self) -> Countdown:
        """Switch once, after a while; a strip's outlets have their own."""
        from tplink_lab.devices.countdown import Countdown

        return Countdown(cast("Device", self))

    @property
    def away(self) -> Away:
        """Switch now and then, as if somebody were at home."""
        from tplink_lab.devices.away import Away

        return Away(cast("Device", self))

    @property
    def runtime(self) -> Runtime:
        """How long it was on, by day and by month."""
        from tplink_lab.devices.runtime import Runtime

        return Runtime(cast("Device", self))

    @property
    def motion(self) -> MotionSensor:
        """The motion sensor of a wall switch."""
        from tplink_lab.devices.sensors import MotionSensor

        return MotionSensor(cast("Device", self))

    @property
    def ambient_light(self) -> AmbientLight:
        """The light sensor of a wall switch."""
        from tplink_lab.devices.sensors import AmbientLight

        return AmbientLight(cast("Device", self))
