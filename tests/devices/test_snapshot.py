"""Snapshots: alive again, equal again, and nothing of the original in them."""

import base64
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tplink_lab as tl
from tests.devices.tapo import TapoOnTheTable
from tests.dumps import SHARED, dumps
from tplink_lab import errors
from tplink_lab.devices import Redactor
from tplink_lab.devices.snapshot import entry

OWNER = "ada.lovelace@example.net"
SSID = "Analytical Engine"


def private_home() -> dict[str, Any]:
    """A home full of things that are nobody's business."""
    strip_id = "8006F00D" + "C0FFEE11" * 4
    common: dict[str, Any] = {
        "err_code": 0,
        "hwId": "1234ABCD" * 4,
        "oemId": "98765432" * 4,
        "sw_ver": "1.0.13 Build 230322 Rel.100442",
        "hw_ver": "5.0",
        "rssi": -47,
        "mic_type": "IOT.SMARTPLUGSWITCH",
        "feature": "TIM",
        "led_off": 0,
        "updating": 0,
    }
    rule = {
        "id": "DEADBEEF" * 4,
        "name": "Ada's evening",
        "enable": 1,
        "wday": [1] * 7,
        "stime_opt": 2,
        "soffset": -5,
        "smin": 1000,
        "sact": 1,
        "etime_opt": -1,
        "repeat": 1,
        "latitude": 51.5237,
        "longitude": -0.1586,
    }
    cloud = {"username": OWNER, "server": "n-devs.tplinkcloud.com", "binded": 1}
    plug = {
        "system": {
            "get_sysinfo": {
                **common,
                "alias": "Ada's lamp",
                "deviceId": "8006BABE" + "0A1B2C3D" * 4,
                "mac": "50:C7:BF:12:34:56",
                "model": "HS103(EU)",
                "dev_name": "Lamp of Ada's lamp",
                "relay_state": 1,
                "on_time": 77,
                "active_mode": "schedule",
                "next_action": {
                    "type": 1,
                    "id": rule["id"],
                    "schd_sec": 9,
                    "action": 1,
                },
                "latitude_i": 515237,
                "longitude_i": -1586,
            }
        },
        "cnCloud": {"get_info": cloud, "get_intl_fw_list": {"fw_list": []}},
        "netif": {"get_stainfo": {"ssid": SSID, "key_type": 3, "rssi": -47}},
        "schedule": {"get_rules": {"enable": 1, "rule_list": [rule], "version": 2}},
    }
    strip = {
        "system": {
            "get_sysinfo": {
                **common,
                "alias": "",
                "deviceId": strip_id,
                "mac": "50:C7:BF:65:43:21",
                "model": "HS300(EU)",
                "child_num": 2,
                "children": [
                    {
                        "id": f"{strip_id}00",
                        "alias": "Babbage",
                        "state": 1,
                        "on_time": 5,
                    },
                    {"id": f"{strip_id}01", "alias": "Byron", "state": 0, "on_time": 0},
                ],
                "latitude_i": 515237,
                "longitude_i": -1586,
            }
        },
        "netif": {"get_stainfo": {"ssid": SSID, "key_type": 3, "rssi": -47}},
    }
    return {"devices": [{"snapshot": plug}, {"snapshot": strip}]}


SECRETS = [
    *("Ada", "Babbage", "Byron", "evening", OWNER, "lovelace", SSID),
    *("8006BABE", "8006F00D", "C0FFEE11", "DEADBEEF", "1234ABCD", "98765432"),
    *("12:34:56", "123456", "654321", "50:C7:BF", "50C7BF"),
    *("515237", "51.5", "1586"),
]


@pytest.fixture
def private() -> Iterator[tl.Cloud]:
    with tl.practice(home=private_home()) as cloud:
        yield cloud


def test_nothing_of_the_original_is_in_a_snapshot(private: tl.Cloud) -> None:
    redactor = Redactor(salt="search")  # so that no fake spells one by chance
    text = json.dumps([d.snapshot(redactor) for d in private.devices()])
    assert [s for s in SECRETS if s.casefold() in text.casefold()] == []


def test_ids_still_join(private: tl.Cloud) -> None:
    redactor = Redactor(salt="x")
    plug, strip = (d.snapshot(redactor) for d in private.devices())
    info = plug["snapshot"]["system"]["get_sysinfo"]
    assert plug["row"]["deviceId"] == info["deviceId"]
    assert plug["row"]["deviceMac"] == info["mac"].replace(":", "")
    rules = plug["snapshot"]["schedule"]["get_rules"]["rule_list"]
    assert rules[0]["id"] == info["next_action"]["id"]
    other = strip["snapshot"]["system"]["get_sysinfo"]
    assert other["hwId"] == info["hwId"]
    assert other["deviceId"] != info["deviceId"]
    ids = [child["id"] for child in other["children"]]
    assert ids == [other["deviceId"] + "00", other["deviceId"] + "01"]
    networks = {s["snapshot"]["netif"]["get_stainfo"]["ssid"] for s in (plug, strip)}
    assert len(networks) == 1


def test_a_snapshot_comes_to_life_and_is_taken_again_the_same(
    private: tl.Cloud,
) -> None:
    first = [d.snapshot() for d in private.devices()]
    with tl.practice(home=first) as again:
        assert [d.snapshot() for d in again.devices()] == first
        assert again.devices()[0].is_on() is True
        assert str(again.devices()[0].schedule.rules()[0].at) == "sunset-5"


def test_every_device_of_the_household_travels(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    lamp.schedule.add("19:30", "on", name="Evening")
    lamp.countdown.start(minutes=5, turn="on")
    cloud.device("Sofa Lamp").light.set(hue_deg=9, saturation=8, brightness=7)
    devices = [d for d in cloud.devices() if d.dialect == "iot" and d.online]
    first = [d.snapshot() for d in devices]
    with tl.practice(home=json.loads(json.dumps(first))) as again:
        assert [d.snapshot() for d in again.devices()] == first
        for was, now in zip(devices, again.devices(), strict=True):
            assert now.capabilities == was.capabilities
            assert now.state().is_on is was.state().is_on
            assert now.device_id != was.device_id


def test_every_real_dump_travels() -> None:
    if not dumps():
        return
    with tl.practice(home=SHARED, offline_after_s=0) as house:
        devices = list(house.devices())
        first = [d.snapshot() for d in devices]
        text = json.dumps(first)
        for device in devices:
            assert device.device_id not in text
            assert f'"{device.alias}"' not in text
            assert house.email not in text
    with tl.practice(home=first) as again:
        assert [d.snapshot() for d in again.devices()] == first


def test_a_tapo_device_travels_too(cloud: tl.Cloud) -> None:
    for answers in dumps("SMART").values():
        answers = copy.deepcopy(answers)
        info = answers["get_device_info"]
        info |= {
            "device_id": "8022BABE" + "0A1B2C3D" * 4,
            "nickname": base64.b64encode(b"Ada's lamp").decode(),
            "ssid": base64.b64encode(SSID.encode()).decode(),
            "mac": "74-DA-88-12-34-56",
            "ip": "10.11.12.13",
            "latitude": 515237,
        }
        row = {
            "deviceId": info["device_id"],
            "alias": info["nickname"],
            "deviceType": info["type"],
        }
        device = tl.Device(cloud, row)
        device.route = TapoOnTheTable(answers)
        snapshot = device.snapshot(Redactor(salt="search"))
        text = json.dumps(snapshot)
        hidden = ["Ada", SSID, "8022BABE", "74-DA-88", "10.11.12.13", "515237"]
        hidden += [info["nickname"], info["ssid"]]
        hidden += ["I01BU0tFRF9OQU1FIw=="]  # the dumps' own mask, for children
        for secret in hidden:
            assert secret.casefold() not in text.casefold(), secret
        told = snapshot["snapshot"]["get_device_info"]
        assert base64.b64decode(told["nickname"]).decode().startswith("Name ")
        assert told["device_id"] == snapshot["row"]["deviceId"]
        with tl.practice(home=[snapshot]) as again:
            assert again.devices()[0].alias.startswith("Name ")
        assert entry(snapshot["row"], snapshot["snapshot"], [], Redactor()) == snapshot


def test_an_offline_device_has_no_snapshot(cloud: tl.Cloud) -> None:
    with pytest.raises(errors.DeviceOffline):
        cloud.device("Garage Heater").snapshot()
    with pytest.raises(errors.BadInput, match="no redactor"):
        cloud.device("Desk Lamp").snapshot("salt")  # type: ignore[arg-type]


def test_two_redactors_give_two_fakes_and_one_gives_one() -> None:
    value = {"alias": "Ada's lamp", "deviceId": "80" * 20}
    one, two = Redactor(), Redactor()
    assert one.clean(value) == one.clean(value)
    assert one.clean(value) != two.clean(value)
    assert two.clean(one.clean(value)) == one.clean(value)
    assert "Ada" not in repr(one)


def test_a_short_alias_does_not_eat_the_words_of_the_protocol() -> None:
    info = {"alias": "on", "active_mode": "none", "dev_name": "Wi-Fi Plug"}
    cleaned = Redactor().clean({"system": {"get_sysinfo": info}})
    assert cleaned["system"]["get_sysinfo"]["dev_name"] == "Wi-Fi Plug"
    for alias in ("none", "system", "get_sysinfo", "schedule", "TIM", "ABC", "Name"):
        info = {"alias": alias, "active_mode": "none", "feature": "TIM"}
        info["deviceId"] = "AB" * 20
        cleaned = Redactor().clean({"system": {"get_sysinfo": info}})
        told = cleaned["system"]["get_sysinfo"]
        assert (told["active_mode"], told["feature"]) == ("none", "TIM")
        assert told["deviceId"].startswith("FA4EFA4E")
        assert len(told["deviceId"]) == 40


@pytest.mark.parametrize("alias", ["a.*b", "💡 Ada", "İstanbul", "\\g<0>", "Büro"])
def test_a_name_is_text_and_no_pattern(alias: str) -> None:
    told = {"alias": alias, "tcspInfo": f"of {alias}!"}
    cleaned = Redactor().clean(told)
    assert cleaned["tcspInfo"] == f"of {cleaned['alias']}!"


names = st.text(min_size=3, max_size=31)


@given(alias=names, ssid=names, note=st.text(max_size=20))
@example(alias="000", ssid="000", note="FA4EFA4E")  # a note that begins as a fake does
@example(alias="Ada", ssid="Ada", note="020000")
def test_an_alias_is_found_inside_other_texts(alias: str, ssid: str, note: str) -> None:
    told = {
        "alias": alias,
        "ssid": ssid,
        "tcspInfo": f"{note}{alias}{note}",
        "user_name": f"<{OWNER}>",
    }
    redactor = Redactor()
    cleaned = redactor.clean(told)
    assert redactor.clean(cleaned) == cleaned
    assert OWNER not in json.dumps(cleaned)
    if alias.casefold() == alias.lower() and cleaned["alias"] != alias:
        fakes = cleaned["alias"] + cleaned["ssid"]
        if alias.lower() not in fakes.lower() and alias not in note:
            assert alias not in cleaned["tcspInfo"].replace(cleaned["ssid"], "")
