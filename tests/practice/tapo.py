"""Tapo devices made up for tests, and the Thing API in the standard library."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

APP = "app:TP-Link_Tapo_Android:a-terminal"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def smart(
    alias: str, more: dict[str, Any] | None = None, **info: Any
) -> dict[str, Any]:
    """A made-up Tapo device as an entry of a home; `more` has further methods."""
    device_info = {
        "device_id": f"8022{sum(i * ord(c) for i, c in enumerate(alias, 3)):036X}",
        "fw_ver": "1.2.3 Build 230101 Rel.101010",
        "hw_ver": "1.0",
        "type": "SMART.TAPOPLUG",
        "model": "P105",
        "mac": "98-25-4A-12-34-56",
        "nickname": b64(alias),
        "region": "Europe/Belgrade",
        "time_diff": 60,
        "rssi": -50,
        **info,
    }
    return {"snapshot": {"get_device_info": device_info, **(more or {})}}


def plug(alias: str = "Plug", more: dict[str, Any] | None = None, **info: Any) -> Any:
    return smart(alias, more, **{"device_on": False, "on_time": 0, **info})


def bulb(alias: str = "Bulb", more: dict[str, Any] | None = None, **info: Any) -> Any:
    colours = {
        "type": "SMART.TAPOBULB",
        "model": "L530",
        "device_on": True,
        "brightness": 50,
        "color_temp": 2700,
        "color_temp_range": [2500, 6500],
        "hue": 0,
        "saturation": 100,
        "dynamic_light_effect_enable": False,
    }
    return smart(alias, more, **{**colours, **info})


def strip(alias: str = "Strip", outlets: int = 3) -> dict[str, Any]:
    entry = smart(alias, model="P300")
    parent = entry["snapshot"]["get_device_info"]["device_id"]
    rows = [
        {
            "device_id": f"{parent}{index:02d}",
            "category": "plug.powerstrip.sub-plug",
            "type": "SMART.TAPOPLUG",
            "model": "P300",
            "nickname": b64(f"{alias} {index}"),
            "device_on": index == 0,
            "on_time": 60 if index == 0 else 0,
            "position": index + 1,
            "slot_number": outlets,
        }
        for index in range(outlets)
    ]
    listed = {"child_device_list": rows, "start_index": 0, "sum": outlets}
    entry["snapshot"]["get_child_device_list"] = listed
    return entry


def hub(alias: str = "Hub") -> dict[str, Any]:
    entry = smart(alias, model="H100", type="SMART.TAPOHUB", in_alarm=False)
    parent = entry["snapshot"]["get_device_info"]["device_id"]
    common = {"parent_device_id": parent, "status": "online", "at_low_battery": False}
    rows = [
        {
            "device_id": f"{parent}00",
            "category": "subg.trigger.temp-hmdt-sensor",
            "model": "T310",
            "nickname": b64("Cellar"),
            "current_temp": 12.5,
            "current_humidity": 71,
            **common,
        },
        {
            "device_id": f"{parent}01",
            "category": "subg.trv",
            "model": "KE100",
            "nickname": b64("Radiator"),
            "current_temp": 19.5,
            "target_temp": 20.0,
            "min_control_temp": 5,
            "max_control_temp": 30,
            **common,
        },
    ]
    listed = {"child_device_list": rows, "start_index": 0, "sum": 2}
    entry["snapshot"]["get_child_device_list"] = listed
    records = {"local_time": 1_700_000_000, "past24h_temp": [125] * 96}
    entry["snapshot"]["child_devices"] = {
        f"{parent}00": {"get_temp_humidity_records": records}
    }
    return entry


def camera(alias: str = "Camera") -> dict[str, Any]:
    basic = {
        "dev_id": f"8021{sum(map(ord, alias)):036X}",
        "device_alias": alias,
        "device_model": "C200",
        "device_type": "SMART.IPCAMERA",
        "mac": "98-25-4A-65-43-21",
        "sw_version": "1.3.3 Build 230101 Rel.10101n",
    }
    snapshot = {
        "getDeviceInfo": {"device_info": {"basic_info": basic}},
        "getLedStatus": {"led": {"config": {"enabled": "on"}}},
        "setLedStatus": {},
        "getAlertPlan": -40106,
    }
    return {"row": {"deviceType": "SMART.IPCAMERA"}, "snapshot": snapshot}


class Tapo:
    """Speaks the Thing API to a practice cloud over a `Wire` of the conftest."""

    def __init__(self, wire: Any) -> None:
        self.wire = wire
        self.cloud = wire.cloud
        self.headers = {"Authorization": f"ut|{wire.token}", "app-cid": APP}
        _, listed = self.call("GET", "/v2/things?pageSize=100")
        self.things = {
            base64.b64decode(row["nickname"]).decode(): row for row in listed["data"]
        }

    def call(
        self,
        verb: str,
        path: str,
        body: Any = None,
        *,
        url: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        text = body if isinstance(body, bytes | str) else json.dumps(body)
        headers = self.headers if headers is None else headers
        content = b"" if body is None else text
        status, found, answer = self.wire.raw(
            content, path, verb=verb, url=url, headers=headers
        )
        assert found["Content-Type"] == "application/json;charset=UTF-8"
        return status, json.loads(answer)

    def thing(self, alias: str, path: str, verb: str = "GET", body: Any = None) -> Any:
        row = self.things[alias]
        where = f"/v1/things/{quote(row['thingName'])}/{path}"
        return self.call(verb, where, body, url=row["appServerUrlV2"])

    def send(self, alias: str, request: Any) -> tuple[int, Any]:
        body = {"serviceId": "passthrough", "inputParams": {"requestData": request}}
        return self.thing(alias, "services-sync", "POST", body)

    def ask(self, alias: str, method: str, params: Any = None) -> Any:
        """The device's own answer to a method."""
        request = {"method": method}
        if params is not None:
            request["params"] = params
        status, answer = self.send(alias, request)
        assert status == 200, answer
        return answer["outputParams"]["responseData"]

    def result(self, alias: str, method: str, params: Any = None) -> Any:
        answer = self.ask(alias, method, params)
        assert answer["error_code"] == 0, answer
        return answer["result"]

    def child(self, alias: str, child_id: str, method: str, params: Any = None) -> Any:
        request = {"method": method, "params": params or {}}
        inner = {"device_id": child_id, "requestData": request}
        return self.result(alias, "control_child", inner)["responseData"]

    def shadow(self, alias: str) -> Any:
        row = self.things[alias]
        path = f"/v1/things/shadows?thingNames={row['thingName']}"
        status, answer = self.call("GET", path, url=row["appServerUrlV2"])
        assert (status, answer["failThingList"]) == (200, [])
        return answer["shadows"][0]

    def wish(self, alias: str, version: Any, **desired: Any) -> tuple[int, Any]:
        body = {"version": version, "state": {"desired": desired}}
        return self.thing(alias, "shadows", "PATCH", body)
