"""What each verb costs, in requests, counted by the practice cloud on both routes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import tplink_lab as tl

ASK = "POST /v1/things/{id}/services-sync"
WRITE = "PATCH /v1/things/{id}/shadows"
LOOK = "GET /v1/things/shadows"

# Once the device is known: (device, verb, the calls it may cost).
KASA: list[tuple[str, Callable[[tl.Device], Any], int]] = [
    ("Desk Lamp", lambda d: d.is_on(), 1),
    ("Desk Lamp", lambda d: d.turn_on(), 1),
    ("Desk Lamp", lambda d: d.toggle(), 2),
    ("Sofa Lamp", lambda d: d.toggle(), 2),
    ("Hall Dimmer", lambda d: d.toggle(), 2),
    ("Desk Strip", lambda d: d.outlets, 1),
    ("Desk Strip", lambda d: d.is_on(), 1),
    ("Desk Strip", lambda d: d.turn_off(), 1),
    ("Desk Strip", lambda d: d.outlet(d.device_id + "00").turn_on(), 1),
    ("Desk Strip", lambda d: d.outlet(d.device_id + "00").toggle(), 2),
    ("Desk Lamp", lambda d: d.led.turn_off(), 1),
    ("Desk Lamp", lambda d: d.rename("Lamp"), 1),
    ("Desk Lamp", lambda d: d.time(), 1),
    ("Desk Lamp", lambda d: d.wifi(), 1),
    ("Kettle", lambda d: d.energy.now(), 1),
]
# A switch is a write of the shadow, and a look at it that proves it.
PROVEN = {WRITE: 1, LOOK: 1}
TAPO: list[tuple[str, Callable[[tl.Device], Any], dict[str, int]]] = [
    ("Tapo Plug", lambda d: d.is_on(), {ASK: 1}),
    ("Tapo Plug", lambda d: d.turn_on(), PROVEN),
    ("Tapo Plug", lambda d: d.toggle(), {ASK: 1, **PROVEN}),
    ("Tapo Plug", lambda d: d.info(), {ASK: 1}),
    ("Tapo Plug", lambda d: d.time(), {ASK: 1}),
    ("Tapo Plug", lambda d: d.wifi(), {ASK: 1}),
    ("Tapo Meter", lambda d: d.led.is_on(), {ASK: 1}),
    ("Tapo Plug", lambda d: d.rename("Plug"), {ASK: 1}),
    ("Tapo Meter", lambda d: d.schedule.rules(), {ASK: 1}),
    ("Tapo Meter", lambda d: d.schedule.is_enabled(), {ASK: 1}),
    ("Tapo Meter", lambda d: d.countdown.state(), {ASK: 1}),
    ("Tapo Meter", lambda d: d.energy.now(), {ASK: 1}),
    ("Colour Bulb", lambda d: d.light.state(), {ASK: 1}),
    ("Colour Bulb", lambda d: d.light.set(brightness=9), {ASK: 2}),
    ("Media Strip", lambda d: d.outlets, {ASK: 1}),
    ("Media Strip", lambda d: d.is_on(), {ASK: 1}),
    ("Media Strip", lambda d: d.outlet(d.device_id + "00").turn_on(), {ASK: 1}),
    ("Media Strip", lambda d: d.outlet(d.device_id + "00").toggle(), {ASK: 2}),
]


@pytest.fixture
def house() -> Iterator[tl.Cloud]:
    with tl.practice(offline_after_s=0, thing_delay_s=0) as cloud:
        yield cloud


def spent(cloud: tl.Cloud, act: Callable[[], Any]) -> dict[str, int]:
    before = cloud.practice.calls.copy()
    act()
    return dict(cloud.practice.calls - before)


@pytest.mark.parametrize(("name", "act", "requests"), KASA)
def test_a_kasa_verb_costs(
    house: tl.Cloud, name: str, act: Callable[[tl.Device], Any], requests: int
) -> None:
    device = house.device(name)
    device.info()
    assert spent(house, lambda: act(device)) == {"passthrough": requests}


@pytest.mark.parametrize(("name", "act", "requests"), TAPO)
def test_a_tapo_verb_costs(
    house: tl.Cloud,
    name: str,
    act: Callable[[tl.Device], Any],
    requests: dict[str, int],
) -> None:
    device = house.device(name)
    assert device.capabilities
    if requests.get(WRITE):
        device.turn_off()  # the first one reads the shadow's version as well
    assert spent(house, lambda: act(device)) == requests


def test_what_only_the_first_call_costs(house: tl.Cloud) -> None:
    # Which host answers for things is asked once, with the first list.
    listing = spent(house, lambda: house.devices())
    assert listing == {"getDeviceList": 1, "getAppServiceUrl": 1, "GET /v2/things": 1}
    assert spent(house, lambda: house.devices()) == {
        "getDeviceList": 1,
        "GET /v2/things": 1,
    }
    plug, lamp = house.device("Tapo Plug"), house.device("Desk Lamp")
    strip = house.device("Media Strip")
    # A first write has to know what it switches, and the shadow's version.
    assert spent(house, plug.turn_off) == {ASK: 1, LOOK: 2, WRITE: 1}
    # What it is already proves nothing in the shadow: then it is asked itself.
    assert spent(house, plug.turn_off) == {ASK: 1, LOOK: 1, WRITE: 1}
    assert spent(house, lamp.turn_on) == {"passthrough": 2}
    assert spent(house, lamp.turn_off) == {"passthrough": 1}
    # That it is a strip is known after the first answer.
    assert spent(house, lambda: strip.outlets) == {ASK: 2}
    assert spent(house, lambda: strip.outlets) == {ASK: 1}
    assert spent(house, lambda: house.device("Tapo Meter").capabilities) == {ASK: 1}


def test_a_version_that_somebody_else_took_costs_one_write_more(
    house: tl.Cloud,
) -> None:
    plug = house.device("Tapo Plug")
    plug.turn_on()
    house.practice.stale_shadow("Tapo Plug")
    assert spent(house, plug.turn_off) == {WRITE: 2, LOOK: 1}
