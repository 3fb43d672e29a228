"""Effects of light strips: which one runs, start one, stop it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tplink_lab.devices import iot
from tplink_lab.devices.checks import (
    flag_in,
    garbled,
    not_known,
    number_in,
    text_in,
    whole_number,
)
from tplink_lab.devices.follow import follow
from tplink_lab.errors import BadInput

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = ["EffectState", "Effects", "read_effect"]

MODULE = "smartlife.iot.lighting_effect"


@dataclass(frozen=True)
class EffectState:
    """The effect that runs, or ran last.

    Attributes
    ----------
    is_on : bool
        Whether it runs.
    name : str
        Its name, such as ``"Flicker"``; empty if the device does not tell.
    effect_id : str
        Its id.
    brightness : int
        In percent.
    is_custom : bool
        Whether its owner made it.
    """

    is_on: bool
    name: str
    effect_id: str
    brightness: int
    is_custom: bool


def read_effect(sysinfo: Mapping[str, Any]) -> EffectState:
    """Return the effect in a Kasa light's sysinfo, or in a Tapo light's info.

    Raises
    ------
    UnusableAnswer
        If it is not told in a known form.
    """
    call = "lighting_effect"
    found = sysinfo.get("lighting_effect_state", sysinfo.get("lighting_effect"))
    if not isinstance(found, Mapping):
        raise garbled(call)
    return EffectState(
        is_on=flag_in(found, "enable", call),
        name=text_in(found, "name"),
        effect_id=text_in(found, "id"),
        brightness=number_in(found, "brightness", call, 0, 100),
        is_custom=flag_in(found, "custom", call),
    )


class Effects:
    """The effects of a light strip.

    A device tells only the effect it ran last; whoever wants another gives its whole
    definition, as read from the app or from another client.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     cloud.device("Sofa Lamp").effects.state()
    Traceback (most recent call last):
    tplink_lab.errors.NotSupported: effects.state: 'Sofa Lamp' lacks 'effects'. ...
    """

    def __init__(self, device: Device) -> None:
        self._device = device

    def state(self) -> EffectState:
        """Return the effect that runs, or ran last. One request."""
        self._device.need("effects", call="effects.state")
        return read_effect(self._device.info())

    def start(
        self, effect: str | Mapping[str, Any] | None = None, *, brightness: int = 100
    ) -> EffectState:
        """Start an effect, and return what the device then says.

        Parameters
        ----------
        effect : str or dict, optional
            A whole definition with at least ``name`` and ``id``; or the name of the
            one that ran last, which is also what is started if none is given.
        brightness : int
            1 to 100 percent.

        Raises
        ------
        BadInput
            If the device does not know an effect of that name.
        WriteNotFollowed
            If it does not run then.
        """
        last = self._last("effects.start")
        brightness = whole_number(brightness, 1, 100, "Brightness", "%")
        if isinstance(effect, Mapping):
            wanted = {"custom": 1, **effect}
            if not text_in(wanted, "name") or not text_in(wanted, "id"):
                raise BadInput(
                    "The effect has no name or no id.",
                    call="effects.start",
                    next_step="Give its whole definition.",
                )
        elif effect is None or (effect == last.name and last.name):
            wanted = self._as_told(last)
        else:
            raise BadInput(
                f"{effect!r} is not the effect that ran last, {last.name!r}.",
                call="effects.start",
                cause="A light strip lists no others.",
                next_step="Give the effect's whole definition as a dict.",
            )
        return self._set({**wanted, "enable": 1, "brightness": brightness})

    def stop(self) -> EffectState:
        """Stop the effect that runs, and return what the device then says.

        The light stays on. Two requests.
        """
        last = self._last("effects.stop")
        told = self._as_told(last)
        return self._set({**told, "enable": 0, "brightness": last.brightness})

    def _last(self, call: str) -> EffectState:
        """Return the effect that ran last, of a light that takes effects from us."""
        if self._device.dialect == "smart":
            self._device.need("effects", call=call)
            raise not_known(
                "How a Tapo light takes an effect is not known.",
                call=call,
                next_step="Use the Tapo app; effects.state() reads it here.",
            )
        return self.state()

    def _as_told(self, last: EffectState) -> dict[str, Any]:
        custom = int(last.is_custom)
        return {"custom": custom, "id": last.effect_id, "name": last.name}

    def _set(self, effect: dict[str, Any]) -> EffectState:
        def wrong(state: EffectState) -> str:
            if state.is_on is not bool(effect["enable"]):
                return "the effect " + ("runs" if state.is_on else "does not run")
            if state.is_on and state.effect_id != effect["id"]:
                return f"the effect {state.name!r} runs"
            return ""

        device = self._device
        return follow(
            device,
            {MODULE: {"set_lighting_effect": effect}},
            iot.GET_SYSINFO,
            lambda answer: read_effect(device.learn(iot.read_sysinfo(answer))),
            wrong,
            repeatable=True,
        )

    def __repr__(self) -> str:
        return f"<Effects of {self._device.alias!r}>"
