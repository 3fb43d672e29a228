"""What people and devices get wrong, said before anything is sent, in both dialects."""

import base64
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import tplink_lab as tl
from tests.practice.tapo import bulb, hub, plug, strip
from tplink_lab import errors
from tplink_lab.devices import DeviceList, LightState
from tplink_lab.devices.names import plain_alias


@pytest.fixture(scope="module")
def house() -> Iterator[tl.Cloud]:
    with tl.practice(offline_after_s=0, thing_delay_s=0) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def renamed() -> Iterator[dict[str, tl.Device]]:
    """Devices of a house of their own, by the names that they had at first."""
    with tl.practice(thing_delay_s=0) as cloud:
        names = ("Desk Lamp", "Sofa Lamp", "Tapo Plug")
        yield {name: cloud.device(name) for name in names}


@pytest.mark.parametrize("name", ["Sofa Lamp", "Hall Dimmer", "Colour Bulb"])
@pytest.mark.parametrize("brightness", [0, 101, -1, True, "40", 40.5, float("nan")])
def test_a_brightness_that_is_none_is_not_sent(
    house: tl.Cloud, name: str, brightness: Any
) -> None:
    refused(house, house.device(name), lambda d: d.light.set(brightness=brightness))


@pytest.mark.parametrize("name", ["Sofa Lamp", "Pantry Bulb", "Colour Bulb"])
def test_a_white_outside_the_lights_range_is_not_sent(
    house: tl.Cloud, name: str
) -> None:
    lamp = house.device(name)
    low, high = lamp.light.color_temp_range_k()
    for kelvin in (low - 1, high + 1, 0):
        said = refused(house, lamp, lambda d, k=kelvin: d.light.set(color_temp_k=k))
        assert f"from {low} to {high} K" in said


@pytest.mark.parametrize("name", ["Sofa Lamp", "Colour Bulb", "Desk Lamp", "Tapo Plug"])
def test_an_effect_on_what_has_none(house: tl.Cloud, name: str) -> None:
    for act in (lambda d: d.effects.start(), lambda d: d.effects.stop()):
        said = refused(house, house.device(name), act, errors.NotSupported)
        assert "lacks 'effects'. It can do this: switch" in said


def test_a_rule_that_ends_before_it_starts(house: tl.Cloud) -> None:
    lamp = house.device("Desk Lamp")
    for at, until in (("07:30", "07:30"), ("07:30", "06:00"), ("sunset", "sunrise")):
        said = refused(
            house, lamp, lambda d, a=at, u=until: d.schedule.add(a, "on", until=u)
        )
        assert "before it starts" in said
    assert not lamp.schedule.rules()


@pytest.mark.parametrize("name", ["Desk Strip", "Media Strip"])
def test_an_unknown_outlet_is_answered_with_the_known_ones(
    house: tl.Cloud, name: str
) -> None:
    outlets = house.device(name).outlets
    for key in ("Nonsense", "", "99", 99, -99, None, "  "):
        with pytest.raises(errors.NoSuchDevice) as caught:
            outlets[key]  # type: ignore[call-overload]
        assert repr(outlets[0].alias) in str(caught.value)
    assert [o.outlet_id for o in outlets[1:]] == [o.outlet_id for o in outlets][1:]
    assert outlets[-1].outlet_id == [*outlets][-1].outlet_id


@pytest.mark.parametrize(
    "name", ["Desk Lamp", "Sofa Lamp", "Tapo Plug", "Garden Camera"]
)
@pytest.mark.parametrize(
    "alias", ["", "  ", "x" * 40, "a\nb", "\x00", "\ud800", None, 3]
)
def test_a_name_that_is_none_is_not_sent(
    house: tl.Cloud, name: str, alias: Any
) -> None:
    refused(house, house.device(name), lambda d: d.rename(alias))


@pytest.mark.parametrize("name", ["Desk Lamp", "Sofa Lamp", "Tapo Plug"])
@settings(max_examples=25)
@given(
    alias=st.text(
        st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=15
    ).filter(lambda text: bool(text.strip()))
)
@example(alias="👨‍👩‍👧 Büro 💡")
@example(alias="Desk")  # base64 of something, too
@example(alias="a" * 15)
def test_whatever_name_is_given_is_the_name_that_is_read(
    renamed: dict[str, tl.Device], name: str, alias: str
) -> None:
    device = renamed[name]
    device.rename(alias)
    assert device.state().alias == alias


@settings(max_examples=40)
@given(data=st.data())
def test_whatever_legal_value_a_tapo_light_is_given_is_what_is_read(
    house: tl.Cloud, data: st.DataObject
) -> None:
    lamp = house.device("Colour Bulb")
    low, high = lamp.light.color_temp_range_k()
    wanted: dict[str, int] = {"brightness": data.draw(st.integers(1, 100))}
    if data.draw(st.booleans()):
        wanted["color_temp_k"] = data.draw(st.integers(low, high))
    else:
        wanted["hue_deg"] = data.draw(st.integers(0, 360))
        wanted["saturation"] = data.draw(st.integers(0, 100))
    assert lamp.light.set(**wanted) == LightState(True, **wanted)
    assert lamp.light.state() == LightState(True, **wanted)


def refused(
    cloud: tl.Cloud,
    device: tl.Device,
    act: Callable[[tl.Device], Any],
    kind: type[Exception] = errors.BadInput,
) -> str:
    """Return what is said; nothing but reads went to the device."""
    assert device.capabilities is not None
    before = cloud.practice.state(device.device_id)
    with pytest.raises(kind) as caught:
        act(device)
    assert cloud.practice.state(device.device_id) == before
    error = caught.value
    assert isinstance(error, errors.TPLinkLabError)
    assert error.next_step
    return str(error)


# -- names that are not as simple as they look ---------------------------------------


def kasa(alias: str, number: int) -> dict[str, Any]:
    info = {
        "err_code": 0,
        "deviceId": f"8006{number:036X}",
        "alias": alias,
        "model": "HS100(EU)",
        "mic_type": "IOT.SMARTPLUGSWITCH",
        "relay_state": 0,
    }
    return {"snapshot": {"system": {"get_sysinfo": info}}}


def test_two_devices_with_one_name_are_told_by_their_ids() -> None:
    home = {"devices": [kasa("Lamp", 1), kasa("Lamp", 2), plug("Lamp")]}
    with tl.practice(home=home) as cloud:
        with pytest.raises(errors.NoSuchDevice, match="3 devices fit 'lamp'") as caught:
            cloud.device("lamp")
        for device in cloud.devices():
            assert device.device_id in str(caught.value)
            assert cloud.device(device.device_id.lower()).device_id == device.device_id


def test_of_names_that_differ_in_capitals_the_typed_one_is_meant() -> None:
    home = {"devices": [kasa("LAMP", 1), kasa("Lamp", 2), kasa("Lamps", 3)]}
    with tl.practice(home=home) as cloud:
        assert cloud.device("Lamp").device_id.endswith("2")
        assert cloud.device("LAMP").device_id.endswith("1")
        assert cloud.device("lamps").device_id.endswith("3")
        with pytest.raises(errors.NoSuchDevice, match="2 devices fit 'lamp'"):
            cloud.device("lamp")


def test_one_letter_has_several_spellings_but_a_lookalike_is_another() -> None:
    composed = "Büro"
    parts = unicodedata.normalize("NFD", composed)
    assert parts != composed
    home = {"devices": [kasa(composed, 1), kasa("Lamp", 2)]}
    with tl.practice(home=home) as cloud:
        assert cloud.device(parts).alias == composed
        assert cloud.device("\uff2camp").device_id.endswith("2")  # a wide L
        with pytest.raises(errors.NoSuchDevice):
            cloud.device("L\u0430mp")  # with a Cyrillic letter
    with tl.practice(home=home, protect=[parts]) as safe:
        lamp = safe.device(composed)
        with pytest.raises(errors.WriteRefused):
            lamp.turn_on()


def test_an_empty_name_is_no_name_but_the_id_is() -> None:
    with tl.practice(home={"devices": [kasa("", 1), kasa("  ", 2)]}) as cloud:
        for name in ("", " "):
            with pytest.raises(errors.NoSuchDevice):
                cloud.device(name)
        assert cloud.device(f"8006{1:036X}").turn_on() is None
        assert "8006" not in repr(cloud.device(f"8006{2:036X}"))


def test_an_outlet_called_like_a_number_is_not_mixed_up_with_it() -> None:
    entry = kasa("Strip", 7)
    info = entry["snapshot"]["system"]["get_sysinfo"]
    del info["relay_state"]
    names = ["01", "00", "Fan", "Fan"]
    info["child_num"] = len(names)
    info["children"] = [
        {"id": f"{info['deviceId']}{n:02d}", "alias": alias, "state": 0, "on_time": 0}
        for n, alias in enumerate(names)
    ]
    with tl.practice(home={"devices": [entry]}) as cloud:
        outlets = cloud.device("Strip").outlets
        for key in ("00", "01", "Fan"):
            with pytest.raises(errors.NoSuchDevice, match="2 outlets"):
                outlets[key]
        assert outlets["02"].outlet_id == outlets[2].outlet_id
        assert outlets[0].alias == "01"


def test_a_tapo_strips_outlets_with_one_name_are_told_apart_by_number() -> None:
    entry = strip("Media", 3)
    rows = entry["snapshot"]["get_child_device_list"]["child_device_list"]
    for row in rows:
        row["nickname"] = base64.b64encode(b"Plug").decode()
    with tl.practice(home={"devices": [entry]}, thing_delay_s=0) as cloud:
        outlets = cloud.device("Media").outlets
        with pytest.raises(errors.NoSuchDevice, match="3 outlets of 'Media' fit"):
            outlets["plug"]
        outlets[2].turn_on()
        assert [o.is_on for o in cloud.device("Media").state().outlets] == [
            True,
            False,
            True,
        ]


def test_an_outlet_without_an_id_is_not_the_whole_strip(house: tl.Cloud) -> None:
    for name in ("Desk Strip", "Media Strip"):
        for key in (None, "", " ", 3):
            refused(house, house.device(name), lambda d, k=key: d.outlet(k).turn_on())


def test_a_number_beyond_the_list_is_said(house: tl.Cloud) -> None:
    devices = house.devices(refresh=False)
    for number in (len(devices), -len(devices) - 1):
        with pytest.raises(errors.NoSuchDevice, match=f"The list has {len(devices)}"):
            devices[number]
    assert devices[-1] is [*devices][-1]


def test_sensors_behind_a_hub_are_found_by_name() -> None:
    with tl.practice(home={"devices": [hub()]}, thing_delay_s=0) as cloud:
        device = cloud.device("Hub")
        sensors = device.sensors
        assert [s.alias for s in sensors] == ["Cellar", "Radiator"]
        assert sensors["cellar"].state.temperature_c == 12.5
        assert sensors[1].state.target_temperature_c == 20.0
        assert sensors[sensors[0].sensor_id].kind == "trigger.temp-hmdt-sensor"
        assert sensors[0].online is True
        for key in ("Attic", 9, ""):
            with pytest.raises(errors.NoSuchDevice, match="'Radiator'"):
                sensors[key]
        before = cloud.practice.calls.total()
        assert len(device.sensors) == 2
        assert cloud.practice.calls.total() == before + 1
        with pytest.raises(errors.NotSupported):
            device.turn_on()
    for entry in (bulb(), kasa("Plug", 1)):
        with tl.practice(home={"devices": [entry]}) as cloud:
            device = cloud.devices()[0]
            with pytest.raises(errors.NotSupported, match="lacks 'battery sensors'"):
                _ = device.sensors


@pytest.mark.parametrize("dialect", ["iot", "smart"])
def test_a_name_steers_no_terminal_and_starts_no_line(dialect: str) -> None:
    hostile = "\x1b[31mred\x07\nfake row\u2028\u202egpj.exe"
    plain = plain_alias(hostile, dialect)
    assert plain == "�[31mred��fake row��gpj.exe"
    rows = [{"deviceId": "8" * 40, "alias": hostile, "deviceType": "IOT.X"}]
    with tl.practice() as cloud:
        shown = repr(DeviceList.from_rows(cloud, rows))
    assert shown.isprintable() or shown.count("\n") == 1
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("listed", "plain"),
    [
        ("8J+RqOKAjfCfkanigI3wn5Gn", "👨‍👩‍👧"),  # joined emoji
        ("Desk", "Desk"),
        ("YQpi", "YQpi"),  # would be two lines
        ("YQ==", "a"),
        ("YR==", "YR=="),  # not what the same text encodes to
        ("not base64!", "not base64!"),
    ],
)
def test_a_name_is_decoded_only_if_it_is_clean_text(listed: str, plain: str) -> None:
    assert plain_alias(listed, "smart") == plain
    assert plain_alias(listed, "iot") == listed
