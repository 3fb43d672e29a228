"""Every real Tapo dump, alive behind the Thing API: every read, every safe write."""

from collections.abc import Iterator
from typing import Any

import pytest

import tplink_lab as tl
from tests.dumps import SHARED, dumps
from tplink_lab import errors
from tplink_lab.devices import Kind
from tplink_lab.devices.capability import NAMES

TIMERS = {"schedule", "countdown", "away mode"}
PLUG = {"switch", "led", "firmware check", *TIMERS}
LAMP = (PLUG - {"led"}) | {"dim"}
# Written down by hand from fields.md and the dumps' own families.
EXPECTED: dict[str, set[str]] = {
    "C100": set(),
    "H100": {"led", "firmware check", "battery sensors"},
    "KP125M": PLUG | {"energy"},
    "L510": LAMP,
    "L530": LAMP | {"white temperature", "colour"},
    "L920": LAMP | {"colour", "effects"},
    "P100": PLUG,
    "P110": PLUG | {"energy"},
    "P300": PLUG | {"outlets"},
    "RV20 Max Plus": {"firmware check"},
    "S500D": PLUG | {"dim"},
    "T310": {"firmware check", "battery sensors"},
}


@pytest.fixture(scope="module")
def house() -> Iterator[tl.Cloud | None]:
    if not dumps("SMART"):
        yield None
        return
    with tl.practice(home=SHARED, offline_after_s=0, thing_delay_s=0) as cloud:
        yield cloud


def tapo(house: tl.Cloud | None) -> list[tl.Device]:
    if house is None:
        return []
    return [d for d in house.devices(refresh=False) if d.dialect == "smart"]


def test_every_dump_is_listed_and_says_what_it_can_do(house: tl.Cloud | None) -> None:
    found = {device.model.split("(")[0]: device for device in tapo(house)}
    if house is not None:
        assert set(found) == set(EXPECTED)
    for model, device in found.items():
        assert set(device.capabilities) == EXPECTED[model], device
        assert set(device.capabilities) <= set(NAMES)
        assert (device.app, device.online) == ("tapo", True)
        assert device.home == "Home"


def readers(device: tl.Device) -> dict[str, list[Any]]:
    """Return every read verb, by the capability that it needs."""
    is_strip = "outlets" in device.capabilities
    places: list[Any] = list(device.outlets) if is_strip else [device]
    meters = places if "energy" in device.capabilities else [device]
    return {
        "switch": [device.is_on],
        "led": [device.led.is_on],
        "outlets": [lambda: device.outlets],
        "dim": [device.light.state],
        "fade": [device.fade.times],
        "white temperature": [device.light.color_temp_range_k],
        "effects": [device.effects.state],
        "energy": [p.energy.now for p in meters],
        "schedule": [v for p in places for v in (p.schedule.rules,)]
        + [v for p in places for v in (p.schedule.is_enabled,)],
        "countdown": [p.countdown.state for p in places],
        "away mode": [p.away.rules for p in places],
        "runtime": [lambda: device.runtime.monthly(2026)],
        "motion": [device.motion.state],
        "ambient light": [device.ambient_light.state],
        "battery sensors": [lambda: device.sensors],
        "firmware check": [device.firmware.check],
    }


def test_every_read_verb_gives_a_value_or_says_why_not(
    house: tl.Cloud | None,
) -> None:
    may_be_none = {"countdown"}  # none runs
    seen = set()
    counts = {"values": 0, "refusals": 0}
    for device in tapo(house):
        assert device.info()
        assert device.state().alias == device.alias
        for capability, verbs in readers(device).items():
            for verb in verbs:
                if capability not in device.capabilities:
                    with pytest.raises(errors.NotSupported):
                        verb()
                    counts["refusals"] += 1
                    continue
                try:
                    value = verb()
                except errors.NotSupported as refused:
                    seen.add((device.model, capability, refused.is_ours))
                    counts["refusals"] += 1
                    continue
                assert value is not None or capability in may_be_none, device
                counts["values"] += 1
        for name, ask in (("time", device.time), ("wifi", device.wifi)):
            if device.is_camera:
                with pytest.raises(errors.NotSupported, match="only its info is read"):
                    ask()
            elif (device.model, name) == ("T310", "time"):
                with pytest.raises(errors.NotSupported):
                    ask()  # its hub has the clock
            else:
                assert ask() is not None
    if house is not None:
        away = {(m, "away mode", True) for m, can in EXPECTED.items() if can >= TIMERS}
        # Recorded without the answer, although its list of parts has it.
        assert seen == {*away, ("RV20 Max Plus", "firmware check", False)}
        assert counts["values"] >= 60


def test_every_safe_write_is_read_back(house: tl.Cloud | None) -> None:
    for device in tapo(house):
        can = device.capabilities
        if "switch" not in can:
            with pytest.raises(errors.NotSupported):
                device.turn_on()
            assert device.kind() is Kind.NOTHING
        else:
            for wanted in (True, False):
                device.set_state(wanted)
                assert device.is_on() is wanted, device
            assert device.toggle() is True
            assert device.is_on() is True
        if "outlets" in can:
            for outlet in device.outlets:
                outlet.turn_off()
                assert outlet.is_on() is False
                assert outlet.toggle() is True
                outlet.rename("Büro 💡")
                assert device.outlets["Büro 💡"].outlet_id == outlet.outlet_id
                outlet.rename("Back")
                outlet.rename(f"Outlet {outlet.outlet_id[-2:]}")
        if "led" in can:
            device.led.turn_off()
            assert device.led.is_on() is False
            device.led.turn_on()
            assert device.led.is_on() is True
        if "dim" in can:
            for percent in (1, 37, 100):
                assert device.light.set(brightness=percent).brightness == percent
                assert device.light.state().brightness == percent
            device.light.off()
            assert device.light.state().is_on is False
            assert device.light.on().is_on
        if "colour" in can:
            told = device.light.set(hue_deg=360, saturation=0, brightness=1)
            assert (told.hue_deg, told.saturation, told.color_temp_k) == (360, 0, None)
        if "white temperature" in can:
            low, high = device.light.color_temp_range_k()
            for kelvin in (low, high):
                assert device.light.set(color_temp_k=kelvin).color_temp_k == kelvin
            for kelvin in (low - 1, high + 1):
                with pytest.raises(errors.BadInput, match="colour temperature"):
                    device.light.set(color_temp_k=kelvin)
        if device.is_camera:
            with pytest.raises(errors.NotSupported, match="camera"):
                device.rename("Door")
            continue
        was = device.alias
        device.rename("Neu 🌱")
        assert device.state().alias == "Neu 🌱"
        device.rename(was)


def test_a_camera_tells_about_itself_and_takes_no_orders(
    house: tl.Cloud | None,
) -> None:
    for device in tapo(house):
        if not device.is_camera:
            continue
        before = house.practice.calls.total()  # type: ignore[union-attr]
        assert device.info()["device_model"] == "C100"
        assert house.practice.calls.total() == before + 1  # type: ignore[union-attr]
        assert repr(device.capabilities) == (
            "<Capabilities: it only tells about itself>"
        )
