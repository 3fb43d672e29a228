"""Capabilities: from the answer alone, with few requests, and said when missing."""

from collections.abc import Callable
from typing import Any

import pytest

import tplink_lab as tl
from tplink_lab import errors
from tplink_lab.devices.capability import Capabilities, iot_capabilities


def asked(cloud: tl.Cloud, act: Callable[[], Any]) -> int:
    before = cloud.practice.calls["passthrough"]
    act()
    return int(cloud.practice.calls["passthrough"] - before)


def test_capabilities_are_asked_once(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Sofa Lamp")
    assert asked(cloud, lambda: lamp.capabilities) == 1
    assert asked(cloud, lambda: lamp.capabilities) == 0
    assert asked(cloud, lambda: lamp.need("dim", call="x")) == 0


def test_having_an_ability_in_hand_asks_nothing(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    for name in ("light", "effects", "fade", "schedule", "countdown", "away"):
        assert asked(cloud, lambda name=name: repr(getattr(lamp, name))) == 0


@pytest.mark.parametrize(
    ("name", "act", "requests"),
    [
        ("Sofa Lamp", lambda d: d.light.state(), 1),
        ("Sofa Lamp", lambda d: d.light.set(brightness=3), 1),
        ("Sofa Lamp", lambda d: d.light.on(), 1),
        ("Sofa Lamp", lambda d: d.light.off(), 1),
        ("Shelf Strip", lambda d: d.light.set(hue_deg=3, saturation=3), 1),
        ("Hall Dimmer", lambda d: d.light.set(brightness=3), 1),
        ("Hall Dimmer", lambda d: d.fade.times(), 1),
        ("Desk Lamp", lambda d: d.schedule.rules(), 1),
        ("Desk Lamp", lambda d: d.schedule.add("07:00", "on"), 2),
        ("Desk Lamp", lambda d: d.countdown.remaining(), 1),
        ("Desk Lamp", lambda d: d.countdown.start(minutes=1, turn="on"), 2),
        ("Desk Lamp", lambda d: d.away.start("19:00", "20:00"), 2),
        ("Desk Lamp", lambda d: d.runtime.monthly(2026), 1),
        ("Desk Lamp", lambda d: d.firmware.check(), 1),
        ("Kettle", lambda d: d.energy.now(), 1),
        ("Desk Strip", lambda d: d.outlets, 1),
        ("Desk Strip", lambda d: d.state(), 1),
    ],
)
def test_each_verb_costs_so_many_requests(
    cloud: tl.Cloud, name: str, act: Callable[[tl.Device], Any], requests: int
) -> None:
    device = cloud.device(name)
    device.info()
    assert asked(cloud, lambda: act(device)) == requests


def test_what_a_device_cannot_do_is_said_with_what_it_can(cloud: tl.Cloud) -> None:
    plug = cloud.device("Desk Lamp")
    plug.info()
    with pytest.raises(errors.NotSupported) as caught:
        plug.light.set(brightness=40)
    assert str(caught.value) == (
        "light.set: 'Desk Lamp' lacks 'dim'. It can do this: switch, led, schedule, "
        "countdown, away mode, runtime, firmware check."
    )


def test_a_strip_sends_one_to_its_outlets(cloud: tl.Cloud) -> None:
    strip = cloud.device("Desk Strip")
    for verb in (
        strip.schedule.rules,
        strip.countdown.state,
        strip.away.rules,
        lambda: strip.runtime.monthly(2026),
    ):
        with pytest.raises(errors.NotSupported, match="each outlet has its own"):
            verb()


def test_an_outlets_rules_are_its_own(cloud: tl.Cloud) -> None:
    outlets = cloud.device("Desk Strip").outlets
    outlets["Printer"].schedule.add("08:00", "on")
    outlets["Monitor"].countdown.start(minutes=5, turn="off")
    assert len(outlets["Printer"].schedule.rules()) == 1
    assert len(outlets["Monitor"].schedule.rules()) == 0
    assert outlets["Printer"].countdown.state() is None
    cloud.practice.advance(minutes=6)
    assert outlets["Monitor"].is_on() is False


@pytest.mark.parametrize(
    ("sysinfo", "can"),
    [
        ({"relay_state": 0}, {"switch", "firmware check"}),
        ({"light_state": {"on_off": 1}, "is_dimmable": 1}, {"switch", "dim"}),
        ({"something": "new"}, set()),
    ],
)
def test_a_model_nobody_has_seen_is_read_by_what_it_says(
    sysinfo: dict[str, Any], can: set[str]
) -> None:
    assert can <= set(iot_capabilities(sysinfo))
    assert bool(iot_capabilities(sysinfo)) is bool(can)


def test_an_unknown_model_lists_reads_and_switches() -> None:
    for info in (
        {"relay_state": 0},
        {"light_state": {"on_off": 0, "dft_on_state": {"brightness": 5}}},
        {"children": [{"id": "00", "alias": "One", "state": 0}]},
    ):
        sysinfo = {
            "err_code": 0,
            "deviceId": "8006" + "AB" * 18,
            "alias": "Thing",
            "model": "XY999(EU)",
            "mic_type": "IOT.NEWTHING",
            **info,
        }
        with tl.practice(home=[{"system": {"get_sysinfo": sysinfo}}]) as cloud:
            thing = cloud.device("Thing")
            assert thing.info()["model"] == "XY999(EU)"
            assert thing.toggle() is True
            assert thing.is_on() is True
            assert "switch" in thing.capabilities


def test_capabilities_keep_their_order_and_say_when_there_are_none() -> None:
    assert list(Capabilities({"energy", "led", "switch"})) == [
        "switch",
        "led",
        "energy",
    ]
    assert repr(Capabilities()) == "<Capabilities: it only tells about itself>"
    with pytest.raises(errors.NotSupported, match=r"only tells about itself"):
        Capabilities().need("dim", who="Spot", call="light.set")
