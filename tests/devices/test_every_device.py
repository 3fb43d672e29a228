"""Every real dump, alive: what it can do, every read, every safe write read back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import tplink_lab as tl
from tests.dumps import SHARED, dumps
from tplink_lab import errors
from tplink_lab.devices import Kind
from tplink_lab.devices.capability import NAMES

# What the family of each dump can do, beside "switch" and "firmware check": from
# fields.md and the dumps' own families, written down by hand.
TIMERS = {"schedule", "countdown", "runtime"}
PLUG = {"led", "away mode", *TIMERS}
BULB = {"dim", "energy", *TIMERS}
EXPECTED: dict[str, set[str]] = {
    "EP25": PLUG | {"energy"},
    "ES20M": PLUG | {"dim", "fade", "motion", "ambient light"},
    "HS100": PLUG,
    "HS103": PLUG,
    "HS107": PLUG | {"outlets"},
    "HS110": PLUG | {"energy"},
    "HS200": PLUG,
    "HS210": PLUG,
    "HS220": PLUG | {"dim", "fade"},
    "HS300": PLUG | {"outlets", "energy"},
    "KL110B": BULB,
    "KL120": BULB | {"white temperature"},
    "KL430": BULB | {"white temperature", "colour", "effects"},
    "KP105": PLUG,
    "KP303": PLUG | {"outlets"},
    "KP400": PLUG | {"outlets"},
    "LB130": BULB | {"white temperature", "colour"},
}


@pytest.fixture(scope="module")
def house() -> Iterator[tl.Cloud | None]:
    if not dumps():
        yield None
        return
    with tl.practice(home=SHARED, offline_after_s=0) as cloud:
        yield cloud


def kasa(house: tl.Cloud | None) -> list[tl.Device]:
    if house is None:
        return []
    return [d for d in house.devices(refresh=False) if d.dialect == "iot"]


def test_every_dump_says_what_its_family_can_do(house: tl.Cloud | None) -> None:
    for device in kasa(house):
        model = device.model.split("(")[0]
        if device.kind() is Kind.NOTHING:
            assert set(device.capabilities) == set()
            continue
        wanted = EXPECTED[model] | {"switch", "firmware check"}
        assert set(device.capabilities) == wanted, device
        assert set(device.capabilities) <= set(NAMES)


def readers(device: tl.Device) -> dict[str, list[Any]]:
    """Return every read verb, by the capability that it needs."""
    places: list[Any] = [device]
    if "outlets" in device.capabilities:
        places = list(device.outlets)
    timed = [v for p in places for v in (p.schedule.rules, p.schedule.is_enabled)]
    return {
        "led": [device.led.is_on],
        "dim": [device.light.state],
        "fade": [device.fade.times],
        "white temperature": [device.light.color_temp_range_k],
        "effects": [device.effects.state],
        "energy": [v for p in [device, *places] for v in (p.energy.now,)]
        + [lambda: device.energy.daily(2026, 10), lambda: device.energy.monthly(2026)],
        "schedule": timed,
        "countdown": [p.countdown.state for p in places],
        "away mode": [p.away.rules for p in places],
        "runtime": [lambda p=p: p.runtime.daily(2026, 10) for p in places]
        + [lambda p=p: p.runtime.monthly(2026) for p in places],
        "motion": [device.motion.state],
        "ambient light": [device.ambient_light.state],
        "firmware check": [device.firmware.check],
    }


def test_every_read_verb_gives_a_value_or_says_that_there_is_none(
    house: tl.Cloud | None,
) -> None:
    may_be_none = {"countdown"}  # none runs
    for device in kasa(house):
        if "switch" not in device.capabilities:
            continue
        for capability, verbs in readers(device).items():
            for verb in verbs:
                if capability not in device.capabilities:
                    before = house.practice.calls["passthrough"]  # type: ignore[union-attr]
                    with pytest.raises(errors.NotSupported) as caught:
                        verb()
                    assert "It can do this: switch" in str(caught.value)
                    assert house.practice.calls["passthrough"] == before  # type: ignore[union-attr]
                    continue
                if capability == "firmware check" and device.model == "KP105(UK)":
                    with pytest.raises(errors.DeviceError, match="unknown error"):
                        verb()  # it could not ask TP-Link when it was recorded
                    continue
                value = verb()
                assert value is not None or capability in may_be_none, device


def test_every_safe_write_is_read_back(house: tl.Cloud | None) -> None:
    for device in kasa(house):
        can = device.capabilities
        if "switch" not in can:
            with pytest.raises(errors.NotSupported):
                device.turn_on()
            continue
        device.turn_on()
        assert device.is_on() is True, device
        if "led" in can:
            lit = device.led.is_on()
            device.led.turn_off() if lit else device.led.turn_on()
            assert device.led.is_on() is not lit
        if "dim" in can:
            assert device.light.set(brightness=37).brightness == 37
            assert device.light.state().brightness == 37
            assert device.light.set(brightness=38, transition_s=0.5).is_on
            device.light.off()
            assert device.light.state() == device.light.state()
            assert device.light.state().is_on is False
            assert device.light.state().brightness == 38
            assert device.light.on().is_on
        if "white temperature" in can:
            low, high = device.light.color_temp_range_k()
            for kelvin in (low, high):
                device.light.set(color_temp_k=kelvin)
                assert device.light.state().color_temp_k == kelvin
            with pytest.raises(errors.BadInput, match="colour temperature"):
                device.light.set(color_temp_k=high + 1)
        if "colour" in can:
            told = device.light.set(hue_deg=360, saturation=0, brightness=1)
            assert (told.hue_deg, told.saturation, told.color_temp_k) == (360, 0, None)
        if "effects" in can:
            assert device.effects.start(brightness=50).is_on
            assert device.light.state().effect == "Flicker"
            assert device.effects.stop().is_on is False
        if "fade" in can:
            told_times = device.fade.set(fade_on_s=1.5, gentle_off_s=0)
            assert (told_times.fade_on_s, told_times.gentle_off_s) == (1.5, 0)
            assert device.fade.set_lowest_brightness(7).lowest_brightness == 7
        if "motion" in can:
            assert device.motion.turn_on().is_on
            assert device.motion.set_cold_time(60).cold_time_s == 60
            assert device.motion.set_sensitivity(2).sensitivity == 2
            assert device.motion.turn_off() == device.motion.state()
        if "ambient light" in can:
            assert device.ambient_light.turn_off().is_on is False
            assert device.ambient_light.turn_on() == device.ambient_light.state()
        for place in device.outlets if "outlets" in can else [device]:
            write_timers(place, "away mode" in can)


def write_timers(place: Any, has_away: bool) -> None:
    before = list(place.schedule.rules())
    rule = place.schedule.add("06:30", "on", days="mon", name="Up")
    assert list(place.schedule.rules()) == [*before, rule]
    assert place.schedule.is_enabled()
    assert not place.schedule.disable(rule).is_enabled
    assert place.schedule.enable(rule).is_enabled
    moved = place.schedule.edit(rule, at="sunset-20", days="weekend")
    assert str(moved) == "sunset-20 on, sun sat"
    place.schedule.delete(rule)
    assert list(place.schedule.rules()) == before
    told = place.countdown.start(minutes=2, turn="off")
    assert told.remaining == timedelta(minutes=2)
    assert place.countdown.remaining() == timedelta(minutes=2)
    place.countdown.cancel()
    assert place.countdown.state() is None
    if has_away:
        away = place.away.start("19:00", "22:00", days="fri")
        assert list(place.away.rules()) == [away]
        place.away.stop()
        assert not place.away.rules()
