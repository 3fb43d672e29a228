"""A whole device that answers damaged JSON: every verb gives its type, or our error.

The readers alone are tried in test_damaged_answers.py; here are the verbs on top of
them, in both dialects, with the requests they really make.
"""

import base64
import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tplink_lab as tl
from tests.devices.tapo import TapoOnTheTable
from tests.devices.test_damaged_answers import damaged
from tests.dumps import dumps
from tplink_lab.devices import (
    Capabilities,
    CountdownState,
    DeviceState,
    DeviceTime,
    EffectState,
    EnergyReading,
    FadeTimes,
    LightState,
    Outlets,
    Rule,
    RuleList,
    Sensors,
    WiFi,
)
from tplink_lab.errors import TPLinkLabError

VERBS: dict[str, tuple[Callable[[tl.Device], Any], Any]] = {
    "info": (lambda d: d.info(), dict),
    "state": (lambda d: d.state(), DeviceState),
    "is_on": (lambda d: d.is_on(), bool),
    "turn_on": (lambda d: d.turn_on(), type(None)),
    "toggle": (lambda d: d.toggle(), bool),
    "capabilities": (lambda d: d.capabilities, Capabilities),
    "outlets": (lambda d: d.outlets, Outlets),
    "outlet off": (lambda d: d.outlets[0].turn_off(), type(None)),
    "sensors": (lambda d: d.sensors, Sensors),
    "led": (lambda d: d.led.is_on(), bool),
    "led off": (lambda d: d.led.turn_off(), type(None)),
    "light": (lambda d: d.light.state(), LightState),
    "light set": (lambda d: d.light.set(brightness=7), LightState),
    "light colour": (lambda d: d.light.set(hue_deg=7, saturation=7), LightState),
    "white range": (lambda d: d.light.color_temp_range_k(), tuple),
    "effects": (lambda d: d.effects.state(), EffectState),
    "effects stop": (lambda d: d.effects.stop(), EffectState),
    "fade": (lambda d: d.fade.times(), FadeTimes),
    "energy": (lambda d: d.energy.now(), EnergyReading),
    "rules": (lambda d: d.schedule.rules(), RuleList),
    "rules add": (lambda d: d.schedule.add("07:00", "on"), Rule),
    "rules used": (lambda d: d.schedule.is_enabled(), bool),
    "countdown": (lambda d: d.countdown.state(), CountdownState | None),
    "away": (lambda d: list(d.away.rules()), list),
    "time": (lambda d: d.time(), DeviceTime),
    "wifi": (lambda d: d.wifi(), WiFi),
    "firmware": (lambda d: d.firmware.check(), list),
    "snapshot": (lambda d: d.snapshot(), dict),
}


class IotOnTheTable:
    """A route that ends in a recorded Kasa device: it answers, and forgets."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers

    def ask(self, request: Any, *, repeatable: bool = False) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for module, methods in request.items():
            known = self.answers.get(module)
            if module == "context":
                continue
            if not isinstance(known, dict):
                answer[module] = known
                continue
            done = {"err_code": 0}
            answer[module] = {
                m: copy.deepcopy(known.get(m, done)) for m in methods or ()
            }
        return answer


class TapoThatIsDamaged(TapoOnTheTable):
    """Its answers hold anything; where even this stand-in stumbles, it says nothing."""

    def ask(self, request: Any, *, repeatable: bool = False) -> dict[str, Any]:
        try:
            return super().ask(request)
        except (AttributeError, KeyError, StopIteration, TypeError, ValueError):
            return {"error_code": 0}


@pytest.fixture(scope="module")
def cloud_() -> Iterator[tl.Cloud]:
    with tl.practice() as cloud:
        yield cloud


def device(cloud: tl.Cloud, kind: str, route: Any) -> tl.Device:
    row = {"deviceId": "8006" + "AB" * 18, "deviceType": kind, "deviceModel": "X"}
    row["alias"] = base64.b64encode(b"Thing").decode() if "SMART" in kind else "Thing"
    found = tl.Device(cloud, row)
    found.route = route
    return found


def tried(verb: str, found: tl.Device) -> None:
    act, kind = VERBS[verb]
    try:
        value = act(found)
    except TPLinkLabError as error:
        assert error.next_step, repr(error)
        return
    assert isinstance(value, kind), (verb, value)


@pytest.mark.parametrize("verb", VERBS)
@settings(max_examples=30)
@given(data=st.data())
def test_a_damaged_kasa_device(
    cloud_: tl.Cloud, verb: str, data: st.DataObject
) -> None:
    known = [*dumps().values()] or [{"system": {"get_sysinfo": {"relay_state": 1}}}]
    answers = damaged(data, data.draw(st.sampled_from(known)))
    tried(verb, device(cloud_, "IOT.SMARTPLUGSWITCH", IotOnTheTable(answers)))


@pytest.mark.parametrize("verb", VERBS)
@settings(max_examples=30)
@given(data=st.data())
def test_a_damaged_tapo_device(
    cloud_: tl.Cloud, verb: str, data: st.DataObject
) -> None:
    plain = {"get_device_info": {"type": "SMART.TAPOPLUG", "device_on": True}}
    known = [*dumps("SMART").values()] or [plain]
    answers = damaged(data, data.draw(st.sampled_from(known)))
    tried(verb, device(cloud_, "SMART.TAPOPLUG", TapoThatIsDamaged(answers)))


ANSWERS: list[Any] = [
    *({}, {"system": None}, {"system": []}, {"system": {}}, {"get_sysinfo": {}}),
    *({"error_code": 0}, {"error_code": 0, "result": []}, {"error_code": None}),
    {"system": {"get_sysinfo": None}},
    {"system": {"get_sysinfo": {"err_code": 0}}},
    {"emeter": {"get_realtime": {"err_code": 0, "power_mw": 5}}},
    {"system": {"get_sysinfo": {"err_code": 0, "deviceId": "80" * 20}}},
    {"error_code": 0, "result": {"device_id": "80" * 20, "type": "SMART.TAPOPLUG"}},
    {"error_code": 0, "result": {"responses": [{"method": "get_x"}]}},
]


@pytest.mark.parametrize("kind", ["IOT.SMARTPLUGSWITCH", "SMART.TAPOPLUG"])
@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
def test_half_an_answer_another_ones_or_none_is_an_error(
    cloud_: tl.Cloud, kind: str, answer: Any
) -> None:
    class Always:
        def ask(self, request: Any, *, repeatable: bool = False) -> Any:
            return copy.deepcopy(answer)

    for verb in VERBS:
        found = device(cloud_, kind, Always())
        bare = answer == {"system": {"get_sysinfo": {"err_code": 0}}} and kind < "S"
        if verb in ("info", "state", "capabilities", "snapshot") and bare:
            continue  # all that a device of an unknown kind has to say
        with pytest.raises(TPLinkLabError) as caught:
            VERBS[verb][0](found)
        assert caught.value.next_step, verb
