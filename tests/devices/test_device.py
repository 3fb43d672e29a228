"""Devices of every family, in the practice house and from real dumps."""

from collections.abc import Iterator

import pytest

import tplink_lab as tl
from tests.dumps import SHARED, dumps
from tplink_lab import errors
from tplink_lab.devices import Kind


@pytest.mark.parametrize(
    "name", ["Desk Lamp", "Hall Dimmer", "Reading Lamp", "Sofa Lamp", "Shelf Strip"]
)
def test_each_family_is_switched_and_read_back(cloud: tl.Cloud, name: str) -> None:
    device = cloud.device(name)
    was = device.is_on()
    assert device.toggle() is not was
    assert device.is_on() is not was
    assert cloud.practice.state(name)["on"] is not was
    device.set_state(was)
    assert device.is_on() is was


def test_one_read_is_one_request_and_a_toggle_two(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    lamp.is_on()
    for act, requests in ((lamp.is_on, 1), (lamp.turn_on, 1), (lamp.toggle, 2)):
        before = cloud.practice.calls["passthrough"]
        act()
        assert cloud.practice.calls["passthrough"] - before == requests


def test_outlets_are_switched_alone_and_read_in_one_request(cloud: tl.Cloud) -> None:
    strip = cloud.device("Desk Strip")
    outlets = strip.outlets
    assert len(outlets) == 6
    before = [o.is_on for o in strip.state().outlets]
    asked = cloud.practice.calls["passthrough"]
    assert outlets[2].toggle() is not before[2]
    assert cloud.practice.calls["passthrough"] - asked == 2
    after = [o.is_on for o in strip.state().outlets]
    assert after == [*before[:2], not before[2], *before[3:]]


def test_outlets_are_found_by_name_number_and_id(cloud: tl.Cloud) -> None:
    outlets = cloud.device("Desk Strip").outlets
    third = outlets[2]
    assert outlets[third.alias].outlet_id == third.outlet_id
    assert outlets[third.outlet_id].alias == third.alias
    assert outlets["02"].alias == third.alias
    with pytest.raises(errors.NoSuchDevice, match=third.alias):
        outlets["Nothing"]
    with pytest.raises(errors.NoSuchDevice, match="numbers 0 to 5"):
        outlets[6]


def test_a_whole_strip_is_switched_at_once(cloud: tl.Cloud) -> None:
    strip = cloud.device("Desk Strip")
    strip.turn_on()
    assert all(o.is_on for o in strip.state().outlets)
    assert strip.toggle() is False
    assert not any(o.is_on for o in strip.state().outlets)


def test_a_plug_has_no_outlets_and_says_so(cloud: tl.Cloud) -> None:
    with pytest.raises(errors.NotSupported, match="no outlets of its own"):
        _ = cloud.device("Desk Lamp").outlets


def test_an_unplugged_device_is_offline_and_nothing_else(cloud: tl.Cloud) -> None:
    heater = cloud.device("Garage Heater")
    assert heater.online is False
    with pytest.raises(errors.DeviceOffline, match="offline") as caught:
        heater.is_on()
    assert caught.value.error_code == -20571
    # It was asked at its own URL, so one cause is left and named; a raw call knows not.
    assert "'Garage Heater' is unplugged, or off the Wi-Fi" in str(caught.value)
    assert "region" not in str(caught.value)
    with pytest.raises(errors.DeviceOffline, match="another region's URL"):
        cloud.passthrough(heater.device_id, {"system": {"get_sysinfo": None}})


def test_a_tapo_device_is_never_called_offline_on_the_lists_word(
    cloud: tl.Cloud,
) -> None:
    plug = cloud.device("Tapo Plug")
    assert plug.alias == "Tapo Plug"
    assert plug.row["alias"] != "Tapo Plug"
    assert plug.online is True  # what the Thing API says
    assert cloud.device("Tapo Meter").row["status"] == 0  # what the classic list says
    assert cloud.device("Tapo Meter").online is True
    with tl.practice(protocol="v1") as classic:
        plug = classic.device("Tapo Plug")
        assert plug.online is None
        with pytest.raises(errors.NotReached, match="Tapo app is not logged in"):
            plug.is_on()


def test_meters_of_both_generations_speak_watts(cloud: tl.Cloud) -> None:
    floats, integers = cloud.device("Kettle"), cloud.device("Fridge")
    assert (
        "power"
        in floats.command({"emeter": {"get_realtime": {}}})["emeter"]["get_realtime"]
    )
    assert (
        "power_mw"
        in integers.command({"emeter": {"get_realtime": {}}})["emeter"]["get_realtime"]
    )
    for device in (floats, integers):
        now = device.energy.now()
        assert now.voltage_v is not None
        assert 200 < now.voltage_v < 260
        assert 0 <= now.power_w < 3000


def test_days_add_up_to_their_month(cloud: tl.Cloud) -> None:
    for name in ("Kettle", "Fridge", "Desk Strip"):
        energy = cloud.device(name).energy
        months = {m.month.month: m.energy_kwh for m in energy.monthly(2026)}
        days = energy.daily(2026, 10)
        assert [d.day for d in days] == sorted(d.day for d in days)
        assert sum(d.energy_kwh for d in days) == pytest.approx(months[10], abs=1e-6)


@pytest.mark.parametrize(("year", "month"), [(2026, 0), (2026, 13), (26, 1), ("x", 1)])
def test_there_is_no_thirteenth_month(cloud: tl.Cloud, year: int, month: int) -> None:
    with pytest.raises(errors.BadInput):
        cloud.device("Kettle").energy.daily(year, month)


def test_a_month_to_come_is_empty(cloud: tl.Cloud) -> None:
    assert cloud.device("Kettle").energy.daily(2027, 1) == []


def test_a_plug_without_a_meter_says_so(cloud: tl.Cloud) -> None:
    with pytest.raises(errors.NotSupported, match=r"emeter\.get_realtime"):
        cloud.device("Desk Lamp").energy.now()


def test_one_outlets_meter_is_a_part_of_the_strips(cloud: tl.Cloud) -> None:
    strip = cloud.device("Desk Strip")
    parts = [outlet.energy.now().power_w for outlet in strip.outlets]
    assert strip.energy.now().power_w == pytest.approx(sum(parts))


def test_led_name_clock_and_signal(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    lamp.led.turn_off()
    assert lamp.led.is_on() is False
    lamp.led.turn_on()
    assert lamp.led.is_on() is True
    assert lamp.time().local.isoformat() == "2026-11-01T19:00:00"  # noon is GMT+1
    assert lamp.time().timezone_index == 42
    assert -90 < lamp.wifi().rssi_dbm < -20
    lamp.rename("Büro 💡")
    assert cloud.device("Büro 💡").device_id == lamp.device_id


def test_an_outlet_is_renamed_and_a_strip_is_not(cloud: tl.Cloud) -> None:
    strip = cloud.device("Desk Strip")
    strip.outlets["Printer"].rename("Scanner")
    assert [o.alias for o in strip.state().outlets][3] == "Scanner"
    with pytest.raises(errors.NotSupported, match="sources disagree"):
        strip.rename("Office")


def test_bulbs_have_a_clock_and_a_signal_and_a_name_too(cloud: tl.Cloud) -> None:
    for name in ("Sofa Lamp", "Shelf Strip"):
        bulb = cloud.device(name)
        assert bulb.wifi().rssi_dbm < 0
        bulb.rename(name + "!")
        assert bulb.info()["alias"] == name + "!"
        with pytest.raises(errors.NotSupported):
            bulb.led.is_on()


@pytest.mark.parametrize("request_", [{}, [], "x", None])
def test_a_command_must_be_a_dict(cloud: tl.Cloud, request_: object) -> None:
    with pytest.raises(errors.BadInput, match="dict of modules"):
        cloud.device("Desk Lamp").command(request_)  # type: ignore[arg-type]


def test_a_plug_is_not_switched_as_if_it_had_outlets(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    with pytest.raises(errors.NotSupported, match="no outlets"):
        lamp.set_state(True, lamp.device_id + "00")
    assert cloud.practice.state("Desk Lamp")["on"] is False


@pytest.mark.parametrize("on", ["off", "0", "", None, 2, float("nan"), [], b""])
def test_a_state_that_is_neither_on_nor_off_switches_nothing(
    cloud: tl.Cloud, on: object
) -> None:
    with pytest.raises(errors.BadInput, match="neither on nor off"):
        cloud.device("Desk Lamp").set_state(on)  # type: ignore[arg-type]
    assert cloud.practice.state("Desk Lamp")["on"] is False


@pytest.mark.parametrize(
    "value", [b"x", {1}, float("nan"), float("inf"), print, {(1, 2): 3}]
)
def test_a_command_that_json_has_no_form_for_is_not_sent(
    cloud: tl.Cloud, value: object
) -> None:
    before = cloud.practice.calls["passthrough"]
    with pytest.raises(errors.BadInput, match="cannot be written as JSON"):
        cloud.device("Desk Lamp").command({"system": {"set_x": value}})
    assert cloud.practice.calls["passthrough"] == before


@pytest.fixture(scope="module")
def dump_house() -> Iterator[tl.Cloud | None]:
    if not dumps():
        yield None
        return
    with tl.practice(home=SHARED, offline_after_s=0) as cloud:
        yield cloud


def test_every_real_dump_lives_is_listed_framed_read_and_switched(
    dump_house: tl.Cloud | None,
) -> None:
    if dump_house is None:
        return
    devices = [d for d in dump_house.devices() if d.dialect == "iot"]
    assert len(devices) == len(dumps())
    frame = dump_house.devices().to_frame()
    assert len(frame) == len(dump_house.devices())
    assert frame["device_id"].is_unique
    switched = 0
    for device in devices:
        assert device.info()
        if device.kind() is Kind.NOTHING:
            with pytest.raises(errors.NotSupported):
                device.turn_on()
            continue
        was = device.is_on()
        assert device.toggle() is not was, device
        assert device.is_on() is not was, device
        switched += 1
        for outlet in device.outlets if device.kind() is Kind.STRIP else ():
            on = outlet.is_on()
            assert outlet.toggle() is not on
            assert outlet.is_on() is not on
    assert switched >= len(devices) - 1


def test_every_real_meter_speaks_watts(dump_house: tl.Cloud | None) -> None:
    if dump_house is None:
        return
    metered = 0
    for device in dump_house.devices():
        if device.dialect != "iot":
            continue
        try:
            reading = device.energy.now()
        except errors.NotSupported:
            continue
        metered += 1
        assert 0 <= reading.power_w < 4000, device
        if reading.voltage_v:
            assert 100 < reading.voltage_v < 260, device
        for month in device.energy.monthly(2026):
            assert month.energy_kwh >= 0
    assert metered >= 8
