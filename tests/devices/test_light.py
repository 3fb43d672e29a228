"""Lights: what is set is read back, what is out of range is not sent."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tplink_lab as tl
from tplink_lab import errors
from tplink_lab.devices import LightState, iot
from tplink_lab.devices.dimmer import read_fade
from tplink_lab.devices.follow import follow
from tplink_lab.devices.light import color_temp_range_k, light_request, read_light
from tplink_lab.devices.lightstate import LightChange

BULB = {
    "model": "KL130(EU)",
    "is_dimmable": 1,
    "is_color": 1,
    "is_variable_color_temp": 1,
    "light_state": {
        "on_off": 0,
        "dft_on_state": {"brightness": 70, "color_temp": 0, "hue": 9, "saturation": 8},
    },
}


def test_a_light_that_is_off_tells_how_it_will_be() -> None:
    assert read_light(BULB) == LightState(False, 70, hue_deg=9, saturation=8)


@pytest.mark.parametrize(
    ("model", "kelvin"),
    [
        ("LB130(US)", (2500, 9000)),
        ("KL125(US)", (2500, 6500)),
        ("KL120(EU)", (2700, 6500)),
        ("KL120(US)", (2700, 5000)),
        ("KL400L5(US)", (2500, 9000)),
        ("KL000(EU)", (2700, 5000)),
    ],
)
def test_the_white_range_is_known_by_model(model: str, kelvin: tuple[int, int]) -> None:
    assert color_temp_range_k({"model": model}) == kelvin


def test_colour_sends_no_white_along_and_a_strip_has_its_own_module() -> None:
    change = LightChange(hue_deg=120, saturation=80, transition_ms=1000)
    wanted = {
        "on_off": 1,
        "ignore_default": 1,
        "hue": 120,
        "saturation": 80,
        "color_temp": 0,
        "transition_period": 1000,
    }
    bulb = light_request(iot.Kind.BULB, change)
    assert bulb == {iot.BULB_LIGHT: {"transition_light_state": wanted}}
    strip = light_request(iot.Kind.LIGHT_STRIP, change)
    assert strip == {iot.STRIP_LIGHT: {"set_light_state": wanted}}


@pytest.mark.parametrize(
    "values",
    [
        {"brightness": 0},
        {"brightness": 101},
        {"brightness": -1},
        {"brightness": True},
        {"brightness": 40.5},
        {"brightness": "40"},
        {"brightness": float("nan")},
        {"color_temp_k": 2499},
        {"color_temp_k": 9001},
        {"color_temp_k": 0},
        {"hue_deg": 361, "saturation": 5},
        {"hue_deg": 5, "saturation": 101},
        {"hue_deg": 5},
        {"saturation": 5},
        {"hue_deg": 5, "saturation": 5, "color_temp_k": 3000},
        {"transition_s": -1},
        {"transition_s": 601},
        {"transition_s": float("inf")},
    ],
)
def test_what_is_out_of_range_is_not_sent(
    cloud: tl.Cloud, values: dict[str, Any]
) -> None:
    lamp = cloud.device("Sofa Lamp")
    lamp.info()
    before = cloud.practice.calls["passthrough"]
    with pytest.raises(errors.BadInput):
        lamp.light.set(**values)
    assert cloud.practice.calls["passthrough"] == before


def test_a_white_bulb_has_no_colour_and_a_dimmer_no_white(cloud: tl.Cloud) -> None:
    for name in ("Reading Lamp", "Hall Dimmer"):
        with pytest.raises(errors.NotSupported, match="lacks 'white temperature'"):
            cloud.device(name).light.set(color_temp_k=3000)
        with pytest.raises(errors.NotSupported, match="lacks 'colour'"):
            cloud.device(name).light.set(hue_deg=3, saturation=3)


@pytest.fixture(scope="module")
def house() -> Any:
    with tl.practice() as cloud:
        yield cloud


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_legal_value_is_set_is_what_is_read_back(
    house: tl.Cloud, data: st.DataObject
) -> None:
    lamp = house.device(data.draw(st.sampled_from(["Sofa Lamp", "Shelf Strip"])))
    wanted: dict[str, int] = {"brightness": data.draw(st.integers(1, 100))}
    if data.draw(st.booleans()):
        wanted["color_temp_k"] = data.draw(st.integers(2500, 9000))
    else:
        wanted["hue_deg"] = data.draw(st.integers(0, 360))
        wanted["saturation"] = data.draw(st.integers(0, 100))
    assert lamp.light.set(**wanted) == LightState(True, **wanted)
    assert lamp.light.state() == LightState(True, **wanted)


def test_a_dimmer_is_switched_on_by_its_brightness(cloud: tl.Cloud) -> None:
    dimmer = cloud.device("Hall Dimmer")
    for transition_s in (None, 2):
        dimmer.turn_off()
        told = dimmer.light.set(brightness=12, transition_s=transition_s)
        assert told == LightState(True, 12)
        assert cloud.practice.state("Hall Dimmer")["on"] is True


@pytest.mark.parametrize("value", [-0.1, 601, "1", None, float("nan")])
def test_fade_times_are_checked(cloud: tl.Cloud, value: Any) -> None:
    with pytest.raises(errors.BadInput):
        cloud.device("Hall Dimmer").fade.set(fade_on_s=value)


def test_fade_times_are_milliseconds_on_the_wire() -> None:
    answer = {
        "smartlife.iot.dimmer": {
            "get_dimmer_parameters": {
                "fadeOnTime": 1500,
                "fadeOffTime": 0,
                "gentleOnTime": 3000,
                "gentleOffTime": 10000,
                "minThreshold": 8,
            }
        }
    }
    assert read_fade(answer).fade_on_s == 1.5
    del answer["smartlife.iot.dimmer"]["get_dimmer_parameters"]["fadeOffTime"]
    with pytest.raises(errors.UnusableAnswer, match="fadeOffTime"):
        read_fade(answer)


class Deaf:
    """A device that says yes to everything, and does nothing."""

    alias = "Deaf"

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def ask(self, request: Any, **_: Any) -> Any:
        return self.answers.pop(0)


def wrong(value: int) -> str:
    return "" if value == 1 else f"it is {value}"


def test_a_write_that_is_accepted_and_not_followed_is_an_error() -> None:
    yes, no = {"m": {"set": {}, "get": 0}}, {"m": {"get": 0}}
    with pytest.raises(errors.WriteNotFollowed, match=r"m\.set: 'Deaf' accepted this"):
        follow(Deaf(yes, no), {"m": {"set": {}}}, {}, lambda a: a["m"]["get"], wrong)  # type: ignore[arg-type]


def test_a_device_that_answers_before_it_acts_is_asked_again() -> None:
    early, later = {"m": {"set": {}, "get": 0}}, {"m": {"get": 1}}
    device: Any = Deaf(early, later)
    look = {"m": {"get": None}}
    assert follow(device, {"m": {"set": {}}}, look, lambda a: a["m"]["get"], wrong) == 1


def test_an_effect_that_the_strip_does_not_know_is_not_sent(cloud: tl.Cloud) -> None:
    strip = cloud.device("Shelf Strip")
    with pytest.raises(errors.BadInput, match="not the effect that ran last"):
        strip.effects.start("Aurora")
    told = strip.effects.start({"name": "Mine", "id": "abc", "type": "static"})
    assert (told.name, told.is_on, told.is_custom) == ("Mine", True, True)
    with pytest.raises(errors.NotSupported, match="lacks 'effects'"):
        cloud.device("Sofa Lamp").effects.start()
