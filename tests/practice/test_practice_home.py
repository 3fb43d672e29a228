"""Homes: the shipped one, files, folders, and what is said of bad ones."""

from __future__ import annotations

import ast
import base64
import contextlib
import inspect
import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tplink_lab.practice import PracticeCloud, PracticeError

SYSINFO = {
    "alias": "Plug",
    "deviceId": "A" * 40,
    "model": "HS100(EU)",
    "relay_state": 1,
}
PLUG = {"snapshot": {"system": {"get_sysinfo": SYSINFO}}}


def refusal(home: Any) -> str:
    with pytest.raises(PracticeError) as caught:
        PracticeCloud(home)
    return str(caught.value)


def test_the_shipped_household_is_listed_as_the_article_has_it(wire: Any) -> None:
    first, *_ = wire.rows.values()
    assert first["alias"] == "My Smart Plug"
    assert first["deviceModel"] == "HS100(EU)"
    assert first["fwVer"] == "1.0.8 Build 151101 Rel.24452"
    assert list(first) == [
        "appServerUrl", "isSameRegion", "deviceMac", "status", "hwId", "deviceId",
        "oemId", "fwVer", "deviceType", "alias", "fwId", "deviceName", "deviceHwVer",
        "role", "deviceModel",
    ]  # fmt: skip
    status = {alias: row["status"] for alias, row in wire.rows.items()}
    assert status["Garage Heater"] == 0
    assert status[base64.b64encode(b"Tapo Meter").decode()] == 0
    assert wire.cloud.state("Tapo Meter")["online"]
    assert not wire.cloud.state("Desk Lamp")["on"]
    assert wire.cloud.state("Desk Strip")["outlets"]["Router"]


def test_every_row_of_the_household_is_well_formed(wire: Any) -> None:
    for alias, row in wire.rows.items():
        assert re.fullmatch("[0-9A-F]{40}", row["deviceId"]), alias
        assert re.fullmatch("[0-9A-F]{12}", row["deviceMac"]), alias
        assert re.fullmatch("[0-9A-F]{32}", row["fwId"]), alias
        build = re.search(r"Build (?:20)?(\d{6}) ", row["fwVer"])
        assert build is not None, alias
        assert build[1] < "261101", alias
    assert len({row["deviceId"] for row in wire.rows.values()}) == len(wire.rows)
    assert len({row["deviceMac"] for row in wire.rows.values()}) == len(wire.rows)


def test_rows_name_the_listener_of_their_region(wire: Any) -> None:
    regions = wire.cloud.regions
    assert wire.rows["Desk Lamp"]["appServerUrl"] == wire.cloud.url == regions["euw1"]
    assert wire.rows["Desk Lamp"]["isSameRegion"] is True
    assert wire.rows["Holiday Flat"]["appServerUrl"] == regions["use1"]
    assert wire.rows["Holiday Flat"]["isSameRegion"] is False
    listed = wire.post({"method": "getDeviceList"}, wire.token, regions["use1"])
    same = {row["alias"]: row["isSameRegion"] for row in listed["result"]["deviceList"]}
    assert same["Holiday Flat"] is True
    assert wire.one("Holiday Flat", "system", "get_sysinfo")["alias"] == "Holiday Flat"
    request = '{"system":{"get_sysinfo":{}}}'
    assert wire.pass_through("Desk Lamp", request, regions["use1"])["error_code"] == (
        -20571
    )


def test_a_row_keeps_what_the_home_says_but_never_a_real_host(open_cloud: Any) -> None:
    row = {
        "appServerUrl": "https://use1-wap.tplinkcloud.com",
        "isSameRegion": True,
        "deviceName": "Odd Plug",
        "role": 1,
        "extra": [1],
        "status": 0,
    }
    wire = open_cloud({"devices": [{"row": row, "online": True, **PLUG}]})
    listed = wire.rows["Plug"]
    assert listed["appServerUrl"] == wire.cloud.regions["use1"]
    assert (listed["deviceName"], listed["role"], listed["extra"]) == (
        "Odd Plug",
        1,
        [1],
    )
    assert (listed["status"], listed["isSameRegion"]) == (1, False)


def test_a_recorded_status_says_whether_a_kasa_device_is_online(
    open_cloud: Any,
) -> None:
    wire = open_cloud({"devices": [{"row": {"status": 0}, **PLUG}]})
    assert wire.rows["Plug"]["status"] == 0
    assert not wire.cloud.state("Plug")["online"]


def test_an_account_without_devices_has_an_empty_list(open_cloud: Any) -> None:
    wire = open_cloud({"devices": []})
    listed = wire.post({"method": "getDeviceList"}, wire.token)
    assert listed == {"error_code": 0, "result": {"deviceList": []}}


def test_a_home_may_be_a_file(open_cloud: Any, tmp_path: Path) -> None:
    home = {"account": {"email": "a@b.c", "password": "x y z"}, "devices": [PLUG]}
    file = tmp_path / "home.json"
    file.write_text(json.dumps(home))
    wire = open_cloud(file)
    assert wire.cloud.email == "a@b.c"
    assert list(wire.rows) == ["Plug"]
    assert open_cloud(str(file), email="d@e.f", password="p").cloud.email == "d@e.f"


def test_the_callers_own_objects_are_left_alone(open_cloud: Any) -> None:
    home = {"devices": [json.loads(json.dumps(PLUG))]}
    wire = open_cloud(home)
    wire.one("Plug", "system", "set_relay_state", {"state": 0})
    wire.one("Plug", "system", "set_dev_alias", {"alias": "x"})
    assert home == {"devices": [PLUG]}


MASKED: dict[str, Any] = {
    "about": {"derived_cloud_entry": {"deviceModel": "HS300(US)", "deviceName": None}},
    "answers": {
        "system": {
            "get_sysinfo": {
                "alias": "#MASKED_NAME#",
                "deviceId": "0" * 40,
                "model": "HS300(US)",
                "hw_ver": "1.0",
                "sw_ver": "1.0.10 Build 190103 Rel.163517",
                "mac": "50:C7:BF:00:00:00",
                "mic_type": "IOT.SMARTPLUGSWITCH",
                "children": [
                    {
                        "id": f"SCRUBBED_CHILD_DEVICE_ID_{n}",
                        "alias": f"#MASKED_NAME# {n}",
                        "state": 0,
                    }
                    for n in (1, 2)
                ],
            }
        }
    },
}


def test_a_folder_of_dumps_gets_identities_of_its_own(
    open_cloud: Any, tmp_path: Path
) -> None:
    newer = json.loads(json.dumps(MASKED))
    newer["answers"]["system"]["get_sysinfo"]["sw_ver"] = "1.0.12 Build 220121 Rel.1"
    info = {
        "device_id": "0" * 40,
        "nickname": base64.b64encode(b"#MASKED_NAME#").decode(),
    }
    info |= {"model": "P100", "type": "SMART.TAPOPLUG", "mac": "74-DA-88-00-00-00"}
    (tmp_path / "a.json").write_text(json.dumps(MASKED))
    (tmp_path / "b.json").write_text(json.dumps(newer))
    (tmp_path / "c.json").write_text(
        json.dumps({"about": {}, "answers": {"get_device_info": info}})
    )
    (tmp_path / "README.md").write_text("not a dump")
    wire = open_cloud(tmp_path)
    tapo = base64.b64encode(b"P100 1").decode()
    assert list(wire.rows) == ["HS300 1", "HS300 2", tapo]
    ids = [row["deviceId"] for row in wire.rows.values()]
    assert all(re.fullmatch("[0-9A-F]{40}", one) and one.strip("0") for one in ids)
    assert len(set(ids)) == 3
    assert open_cloud(tmp_path).rows["HS300 1"]["deviceId"] == ids[0]
    old, new = (wire.one(a, "system", "get_sysinfo") for a in ("HS300 1", "HS300 2"))
    assert [child["id"] for child in old["children"]] == ["00", "01"]
    assert [child["id"] for child in new["children"]] == [ids[1] + "00", ids[1] + "01"]
    assert old["children"][1]["alias"] == "HS300 1 outlet 2"
    assert old["mac"].startswith("50:C7:BF:")
    assert not old["mac"].endswith("00:00:00")
    assert old["mac"].replace(":", "") == wire.rows["HS300 1"]["deviceMac"]
    assert old["deviceId"] == ids[0]
    assert wire.pass_through(tapo, "{}")["error_code"] == -20571
    for outlet in ("01", ids[0] + "01"):
        context = {"child_ids": [outlet]}
        wire.one("HS300 1", "system", "set_relay_state", {"state": 1}, context=context)
    assert wire.cloud.state("HS300 1 outlet 2")["on"]


def test_the_published_folder_comes_to_life_at_once(
    open_cloud: Any, dumps: list[Path]
) -> None:
    if dumps:
        wire = open_cloud(dumps[0].parent)
        assert len(wire.rows) == len(dumps)
        macs = [row["deviceMac"] for row in wire.rows.values()]
        assert len(set(macs)) == len(macs)


@pytest.mark.parametrize(
    ("home", "said"),
    [
        (5, "an object with 'devices', found 5"),
        ({}, "at devices: expected a list of devices, found nothing"),
        ({"devices": {}}, "at devices: expected a list of devices, found {}"),
        ({"account": [], "devices": []}, "at account: expected an object"),
        ({"account": {"email": 5}, "devices": []}, "at account.email: expected a text"),
        ({"timezone_index": 110, "devices": []}, "at timezone_index: expected a "),
        ({"devices": [5]}, "at devices[0]: expected an object with"),
        ({"devices": [{}]}, "at devices[0].snapshot: expected an object"),
        ({"devices": [{"snapshot": {}}]}, "at devices[0].snapshot: expected 'system'"),
        (
            {"devices": [{"snapshot": {"system": {"get_sysinfo": []}}}]},
            "at devices[0].snapshot.system.get_sysinfo: expected an object, found []",
        ),
        (
            {"devices": [PLUG, {**PLUG, "online": "yes"}]},
            'at devices[1].online: expected true or false, found "yes"',
        ),
        (
            {"devices": [{**PLUG, "region": "mars"}]},
            'at devices[0].region: expected one of euw1, use1, found "mars"',
        ),
        (
            {"devices": [{**PLUG, "row": {"alias": 5}}]},
            "at devices[0].row.alias: expected a text, found 5",
        ),
        (
            {"devices": [{**PLUG, "load": {"uses": [{"at": "25:00"}]}}]},
            'at devices[0].load.uses[0].at: expected a time such as 07:10',
        ),
        (
            {"devices": [{**PLUG, "outlets": [{}]}]},
            "at devices[0].outlets: expected a list of at most 0 outlets",
        ),
        (
            {"devices": [{"snapshot": {**PLUG["snapshot"], "schedule": {
                "get_rules": {"rule_list": [{"id": "A", "smin": "noon"}]}}}}]},
            "schedule.get_rules.rule_list[0].smin: expected a whole number",
        ),
        ({"devices": [PLUG, PLUG]}, "at devices[1]: expected a deviceId of its own"),
        ({"devices": [{"snapshot": {"system": {"get_sysinfo": {}}, "emeter": {
            "get_realtime": {"power": "much"}}}}]}, "emeter.get_realtime.power"),
    ],
)  # fmt: skip
def test_a_malformed_home_is_told_where_and_why(
    tmp_path: Path, home: Any, said: str
) -> None:
    file = tmp_path / "home.json"
    file.write_text(json.dumps(home))
    message = refusal(file)
    assert message.startswith(f"{file}: ")
    assert said in message


HOUSEHOLD = (resources.files("tplink_lab.practice") / "household.json").read_text(
    encoding="utf-8"
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a home."""
    keys: Any = value if isinstance(value, dict) else range(len(value))
    found = [(value, key) for key in keys]
    for key in keys:
        if isinstance(value[key], dict | list):
            found += places(value[key])
    return found


@settings(max_examples=80, deadline=None)
@given(
    place=st.integers(0, 5000),
    junk=st.sampled_from(
        [None, True, -1, 5, "x", "", [], {}, 1.5, 10**30, [1], {"a": 1}]
    ),
)
def test_a_home_with_anything_in_it_is_refused_or_lives(place: int, junk: Any) -> None:
    home = json.loads(HOUSEHOLD)
    everywhere = places(home)
    container, key = everywhere[place % len(everywhere)]
    container[key] = junk
    try:
        cloud = PracticeCloud(home, now="2026-11-01T18:00:00+00:00")
    except PracticeError as error:
        assert str(error).startswith("the home: ")
        return
    for _ in range(2):
        for device in cloud._devices:
            json.dumps(device.row("url", "euw1"))
            json.dumps(device.state())
            with contextlib.suppress(PracticeError):  # not everything has a button
                device.press()
            if device.is_iot:
                json.dumps(device.ask({m: {"get_sysinfo": {}, "get_realtime": {},
                    "get_rules": {}, "get_next_action": {}, "get_light_state": {}}
                    for m in ("system", "emeter", "schedule", "count_down",
                        "smartlife.iot.common.emeter", "smartlife.iot.common.schedule",
                        "smartlife.iot.lightStrip")}))  # fmt: skip
            else:
                for method in (*device._entry.snapshot, "multipleRequest"):
                    json.dumps(device.ask({"method": method, "params": {}}))
        cloud.advance(days=2)


def test_unreadable_homes_are_named(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refusal(tmp_path / "none.json")
    assert "expected dumps (*.json), found none" in refusal(tmp_path)
    (tmp_path / "x.json").write_text("{")
    assert "expected JSON" in refusal(tmp_path / "x.json")
    (tmp_path / "x.json").write_text("{}")
    assert "at answers: expected an object" in refusal(tmp_path)
    assert "cannot be written as JSON" in refusal({"devices": [{1, 2}]})


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "home.json"
    home = {"account": {"password": ["hush-hush"]}, "devices": []}
    file.write_text(json.dumps(home))
    assert "hush" not in refusal(file)
    home = {"account": {"password": "hush-hush"}, "devices": []}
    with PracticeCloud(home) as cloud:
        assert cloud.password == "hush-hush"
        assert "hush" not in repr(cloud) + repr(cloud._account)
        assert cloud.url.rpartition(":")[2] not in repr(cloud)


def test_an_unknown_alias_suggests_the_near_ones(wire: Any) -> None:
    for control in (wire.cloud.state, wire.cloud.unplug, wire.cloud.press):
        with pytest.raises(PracticeError, match=r"'Dsk lamp'\. Near: 'Desk Lamp'"):
            control("Dsk lamp")
    with pytest.raises(PracticeError, match=r"There are: 'My Smart Plug', 'Kettle'"):
        wire.cloud.state("zzzzzz")


def test_a_home_of_ten_thousand() -> None:
    devices = []
    for number in range(10_000):
        info = {**SYSINFO, "deviceId": f"{number + 1:040X}", "alias": f"Plug {number}"}
        devices.append({"snapshot": {"system": {"get_sysinfo": info}}})
    with PracticeCloud({"devices": devices}) as cloud:
        assert cloud.state("Plug 9999")["on"]


def test_the_household_is_package_data() -> None:
    file = resources.files("tplink_lab.practice") / "household.json"
    home = json.loads(file.read_text(encoding="utf-8"))
    assert len(home["devices"]) == 28


def test_the_practice_cloud_imports_nothing_from_the_client_side() -> None:
    folder = Path(inspect.getfile(PracticeCloud)).parent
    for file in folder.rglob("*.py"):
        depth = len(file.relative_to(folder).parts)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level <= depth, file
                names = [node.module or ""] if node.level == 0 else []
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                root = name.partition(".")[0]
                assert root not in ("tplink_lab", "requests", "pandas"), (file, name)
