"""What a device can do, told by its own answer and not by a list of models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tplink_lab.devices import iot
from tplink_lab.devices.iot import Kind
from tplink_lab.errors import NotSupported, TPLinkLabError

__all__ = ["NAMES", "PROBE", "Capabilities", "iot_capabilities"]

# Every name there is, in the order in which they are shown.
NAMES = (
    "switch",
    "led",
    "outlets",
    "dim",
    "fade",
    "white temperature",
    "colour",
    "effects",
    "energy",
    "schedule",
    "countdown",
    "away mode",
    "runtime",
    "motion",
    "ambient light",
    "battery sensors",
    "firmware check",
)
MOTION = "smartlife.iot.PIR"
AMBIENT = "smartlife.iot.LAS"
# sysinfo does not tell the sensors, so they are asked along: a device without one
# answers that it lacks the module (§5.1), and the rest of its answer stands.
PROBE: dict[str, Any] = {
    **iot.GET_SYSINFO,
    MOTION: {"get_config": None},
    AMBIENT: {"get_config": None},
}
PROBED = frozenset({"motion", "ambient light"})


class Capabilities(frozenset[str]):
    """The names of what a device can do; a set, in a fixed order.

    Examples
    --------
    >>> can = Capabilities(["led", "switch"])
    >>> can
    <Capabilities: switch, led>
    >>> "dim" in can
    False
    """

    def __iter__(self) -> Iterator[str]:
        known = [name for name in NAMES if name in self]
        return iter(known + sorted(set(super().__iter__()) - set(NAMES)))

    def __repr__(self) -> str:
        return f"<Capabilities: {', '.join(self) or 'it only tells about itself'}>"

    def need(self, name: str, *, who: str, call: str) -> None:
        """Raise if *name* is not among them; nothing is sent.

        Raises
        ------
        NotSupported
            It lists what the device can do.
        """
        if name in self:
            return
        can = ", ".join(self)
        raise NotSupported(
            f"{who!r} lacks {name!r}.",
            call=call,
            next_step=f"It can do this: {can}."
            if can
            else "It only tells about itself: device.info().",
        )


def iot_capabilities(
    sysinfo: Mapping[str, Any], answer: Mapping[str, Any] | None = None
) -> Capabilities:
    """Return what a Kasa device can do.

    Parameters
    ----------
    sysinfo : dict
        As :func:`tplink_lab.devices.iot.read_sysinfo` gives it.
    answer : dict, optional
        The answer to ``PROBE``; without it the sensors stay unknown.

    Examples
    --------
    >>> iot_capabilities({"relay_state": 1, "led_off": 0, "feature": "TIM:ENE"})
    <Capabilities: switch, led, energy, schedule, countdown, away mode, runtime, \
firmware check>
    """
    kind = iot.kind_of(sysinfo)
    found: set[str] = set()
    if kind is not Kind.NOTHING:
        found |= {"switch", "firmware check"}
    if "led_off" in sysinfo:
        found.add("led")
    if kind is Kind.STRIP:
        found.add("outlets")
    if kind.is_light:
        found.update(_light(sysinfo))
    elif kind is not Kind.NOTHING:
        found.update(_relay(sysinfo))
    if kind is Kind.RELAY and "brightness" in sysinfo:
        found |= {"dim", "fade"}
    for name, module in (("motion", MOTION), ("ambient light", AMBIENT)):
        if answer is not None and _answers(answer, module):
            found.add(name)
    return Capabilities(found)


def _light(sysinfo: Mapping[str, Any]) -> Iterable[str]:
    # Bulbs say nothing of timers and meters; all 22 dumps of bulbs have both (§5.4).
    yield from ("energy", "schedule", "countdown", "runtime")
    for key, name in (
        ("is_dimmable", "dim"),
        ("is_variable_color_temp", "white temperature"),
        ("is_color", "colour"),
    ):
        if sysinfo.get(key) == 1:
            yield name
    if isinstance(sysinfo.get("lighting_effect_state"), Mapping):
        yield "effects"


def _relay(sysinfo: Mapping[str, Any]) -> Iterable[str]:
    feature = sysinfo.get("feature")
    features = feature.split(":") if isinstance(feature, str) else []
    if "ENE" in features:
        yield "energy"
    if "TIM" in features or "active_mode" in sysinfo:
        yield from ("schedule", "countdown", "away mode", "runtime")


def _answers(answer: Mapping[str, Any], module: str) -> bool:
    try:
        iot.answer_of(answer, module, "get_config")
    except TPLinkLabError:
        return False
    return True
