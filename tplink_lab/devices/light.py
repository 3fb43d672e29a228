"""Lights: bulbs, light strips and dimmers, in percent, kelvin, degrees and seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tplink_lab.devices import iot, smart
from tplink_lab.devices.checks import (
    flag_in,
    garbled,
    milliseconds,
    not_known,
    number_in,
    text_in,
    whole_number,
)
from tplink_lab.devices.follow import follow
from tplink_lab.devices.iot import Kind
from tplink_lab.devices.lightstate import LightChange, LightState
from tplink_lab.errors import BadInput

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = [
    "Light",
    "LightChange",
    "LightState",
    "color_temp_range_k",
    "light_request",
    "read_light",
]

DIMMER = "smartlife.iot.dimmer"
LONGEST_TRANSITION_S = 600  # Unverified: no source tells a limit

# No answer tells a bulb's range (§5.8), so it has to be by model. Other models are
# held to what every known one takes.
KELVIN_BY_MODEL = {
    "LB120": (2700, 6500),
    "LB130": (2500, 9000),
    "KL120(EU)": (2700, 6500),
    "KL120(US)": (2700, 5000),
    "KL125": (2500, 6500),
    "KL130": (2500, 9000),
    "KL135": (2500, 9000),
    "KL400L5": (2500, 9000),
    "KL430": (2500, 9000),
}
SAFE_KELVIN = (2700, 5000)


def color_temp_range_k(sysinfo: Mapping[str, Any]) -> tuple[int, int]:
    """Return the kelvin range of a Kasa light.

    Examples
    --------
    >>> color_temp_range_k({"model": "KL130(EU)"})
    (2500, 9000)
    >>> color_temp_range_k({"model": "KL999(EU)"})
    (2700, 5000)
    """
    model = text_in(sysinfo, "model")
    return (
        KELVIN_BY_MODEL.get(model)
        or KELVIN_BY_MODEL.get(model.partition("(")[0])
        or SAFE_KELVIN
    )


def read_light(sysinfo: Mapping[str, Any]) -> LightState:
    """Return how a Kasa light is, or will be when it is on.

    Parameters
    ----------
    sysinfo : dict
        As :func:`tplink_lab.devices.iot.read_sysinfo` gives it.

    Raises
    ------
    UnusableAnswer
        If a value that the device must tell is missing or makes no sense.

    Examples
    --------
    >>> read_light({"relay_state": 1, "brightness": 40})
    LightState(is_on=True, brightness=40)
    """
    call = "system.get_sysinfo"
    if not iot.kind_of(sysinfo).is_light:
        brightness = number_in(sysinfo, "brightness", call, 0, 100)
        return LightState(flag_in(sysinfo, "relay_state", call), brightness)
    light = sysinfo["light_state"]
    is_on = flag_in(light, "on_off", call)
    stored = light if is_on else light.get("dft_on_state", light)
    if not isinstance(stored, Mapping):
        raise garbled(call, "dft_on_state")
    dims = sysinfo.get("is_dimmable") == 1
    brightness_ = number_in(stored, "brightness", call, 0, 100) if dims else None
    kelvin = number_in(stored, "color_temp", call, 0, 20_000) if dims else 0
    colour = sysinfo.get("is_color") == 1 and kelvin == 0
    effect = sysinfo.get("lighting_effect_state")
    running = isinstance(effect, Mapping) and effect.get("enable") == 1
    return LightState(
        is_on,
        brightness_,
        color_temp_k=kelvin or None,
        hue_deg=number_in(stored, "hue", call, 0, 360) if colour else None,
        saturation=number_in(stored, "saturation", call, 0, 100) if colour else None,
        effect=(text_in(effect, "name") or "unnamed") if running else None,  # type: ignore[arg-type]
    )


def light_request(kind: Kind, change: LightChange) -> dict[str, Any]:
    """Return the request that switches a Kasa light on with these values."""
    ms = change.transition_ms
    if not kind.is_light:
        if change.brightness is None:
            return {"system": {"set_relay_state": {"state": 1}}}
        if ms is not None:
            # It fades, and switches on by itself (§5.7).
            fade = {"brightness": change.brightness, "duration": ms}
            return {DIMMER: {"set_dimmer_transition": fade}}
        # set_brightness alone may leave the light off (§5.7 [?]).
        return {
            DIMMER: {"set_brightness": {"brightness": change.brightness}},
            "system": {"set_relay_state": {"state": 1}},
        }
    values: dict[str, Any] = {"on_off": 1}
    if change.values():
        # Without it a bulb may take its stored defaults instead of these (§5.8).
        values |= {"ignore_default": 1, **change.values()}
    if ms is not None:
        # Unverified for light strips: the bulbs' name for it.
        values["transition_period"] = ms
    if kind is Kind.LIGHT_STRIP:
        return {iot.STRIP_LIGHT: {"set_light_state": values}}
    return {iot.BULB_LIGHT: {"transition_light_state": values}}


class Light:
    """The light of a bulb, a light strip or a dimmer.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     lamp = cloud.device("Sofa Lamp")
    ...     lamp.light.set(brightness=40, color_temp_k=2700)
    LightState(is_on=True, brightness=40, color_temp_k=2700)
    """

    def __init__(self, device: Device) -> None:
        self._device = device

    def state(self) -> LightState:
        """Return how it is, or will be when it is switched on. One request."""
        self._device.need("dim", call="light.state")
        return self._read_info(self._device.info())

    def color_temp_range_k(self) -> tuple[int, int]:
        """Return the lowest and the highest white it can show, in kelvin.

        A Tapo light tells; Kasa's are known by model, and an unknown model is held
        to what all of them take. Asks nothing, once the device is known.
        """
        self._device.need("white temperature", call="light.color_temp_range_k")
        told = self._device.told()
        if self._device.dialect == "smart":
            return smart.color_temp_range_k(told)
        return color_temp_range_k(told)

    def set(
        self,
        *,
        brightness: int | None = None,
        color_temp_k: int | None = None,
        hue_deg: int | None = None,
        saturation: int | None = None,
        transition_s: float | None = None,
    ) -> LightState:
        """Switch it on with these values, and return what it then says.

        One request; a Tapo light takes two, for its answer to a write is empty.

        Parameters
        ----------
        brightness : int
            1 to 100 percent; :meth:`off` makes it dark.
        color_temp_k : int
            A white, in kelvin; see :meth:`color_temp_range_k`.
        hue_deg, saturation : int
            A colour: 0 to 360 degrees and 0 to 100 percent, given together.
        transition_s : float
            How long it takes to change, in seconds; at once if left out.

        Raises
        ------
        BadInput
            If a value is outside its range; nothing was sent.
        NotSupported
            If the light has no such thing as a colour, say.
        WriteNotFollowed
            If it accepted this, and reading back shows something else.
        """
        change = self.check(
            brightness=brightness,
            color_temp_k=color_temp_k,
            hue_deg=hue_deg,
            saturation=saturation,
            transition_s=transition_s,
        )
        device = self._device
        if device.dialect == "smart":
            return smart.follow_light(device.ask, device.info, change, device.alias)
        return follow(
            device,
            light_request(device.kind(), change),
            iot.GET_SYSINFO,
            lambda answer: read_light(device.learn(iot.read_sysinfo(answer))),
            change.unlike,
            repeatable=True,
        )

    def on(self, *, transition_s: float | None = None) -> LightState:
        """Switch it on as it was, and return what it then says; as :meth:`set`."""
        return self.set(transition_s=transition_s)

    def off(self) -> None:
        """Switch it off. One request."""
        self._device.need("dim", call="light.off")
        self._device.turn_off()

    def check(
        self,
        *,
        brightness: object = None,
        color_temp_k: object = None,
        hue_deg: object = None,
        saturation: object = None,
        transition_s: object = None,
    ) -> LightChange:
        """Return the values as a change, if this light can take them.

        Raises
        ------
        BadInput
            If one is outside its range.
        NotSupported
            If the light has no such thing.
        """
        need = self._device.need
        need("dim", call="light.set")
        wanted: dict[str, int] = {}
        if brightness is not None:
            if brightness == 0 and brightness is not False:
                raise BadInput(
                    "Brightness 0 is no light.",
                    call="light.set",
                    next_step="Call light.off(); brightness goes from 1 to 100 %.",
                )
            wanted["brightness"] = whole_number(brightness, 1, 100, "Brightness", "%")
        if color_temp_k is not None:
            if hue_deg is not None or saturation is not None:
                raise BadInput(
                    "A light is white or coloured, not both.",
                    call="light.set",
                    next_step="Give color_temp_k, or hue_deg and saturation.",
                )
            low, high = self.color_temp_range_k()
            wanted["color_temp_k"] = whole_number(
                color_temp_k, low, high, "The colour temperature of this light", "K"
            )
        elif hue_deg is not None or saturation is not None:
            need("colour", call="light.set")
            if hue_deg is None or saturation is None:
                raise BadInput(
                    "Half a colour is given.",
                    call="light.set",
                    next_step="Give hue_deg (0 to 360) and saturation (0 to 100).",
                )
            wanted["hue_deg"] = whole_number(hue_deg, 0, 360, "The hue", "degrees")
            wanted["saturation"] = whole_number(saturation, 0, 100, "Saturation", "%")
        if transition_s is not None:
            if self._device.dialect == "smart":
                # No source shows a Tapo light taking one along (§6.1).
                raise not_known(
                    "How Tapo lights take a transition is not known.",
                    call="light.set",
                    next_step="Leave transition_s out.",
                )
            wanted["transition_ms"] = milliseconds(
                transition_s, "The transition", LONGEST_TRANSITION_S
            )
        return LightChange(**wanted)

    def _read_info(self, info: Mapping[str, Any]) -> LightState:
        if self._device.dialect == "smart":
            return smart.read_light(info)
        return read_light(info)

    def __repr__(self) -> str:
        return f"<Light of {self._device.alias!r}>"
