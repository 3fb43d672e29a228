"""Homes of any size for the practice cloud; every id is invented."""

from typing import Any

FIRMWARES = ("1.0.9 Build 190101 Rel.101010", "1.0.10 Build 200202 Rel.111111")
STEADY = {
    "standby_w": 100,
    "uses": [{"at": "06:00", "minutes": 90, "power_w": 1234.5}],
}


def plug(
    number: int,
    alias: str,
    *,
    meter: str | None = None,
    load: dict[str, Any] | None = None,
    rules: list[dict[str, Any]] | None = None,
    firmware: str = FIRMWARES[1],
    rssi: int = -50,
    online: bool = True,
) -> dict[str, Any]:
    """A plug; *meter* is ``"floats"`` (hardware 1) or ``"integers"``."""
    info: dict[str, Any] = {
        "sw_ver": firmware,
        "hw_ver": "1.0" if meter != "integers" else "4.0",
        "type": "IOT.SMARTPLUGSWITCH",
        "model": "HS110(EU)" if meter else "HS100(EU)",
        "mac": f"02:00:00:00:00:{number:02X}",
        "deviceId": f"{number:040X}",
        "alias": alias,
        "dev_name": "Smart Plug",
        "relay_state": 1,
        "on_time": 60,
        "active_mode": "none",
        "feature": "TIM:ENE" if meter else "TIM",
        "rssi": rssi,
        "led_off": 0,
        "err_code": 0,
    }
    snapshot: dict[str, Any] = {"system": {"get_sysinfo": info}}
    lacks = {"err_code": -1, "err_msg": "module not support"}
    answers = {
        None: lacks,
        "floats": {
            "get_realtime": {
                "current": 0.5,
                "voltage": 230.0,
                "power": 100.0,
                "total": 500.0,
                "err_code": 0,
            }
        },
        "integers": {
            "get_realtime": {
                "current_ma": 500,
                "voltage_mv": 230000,
                "power_mw": 100000,
                "total_wh": 500000,
                "err_code": 0,
            }
        },
    }
    snapshot["emeter"] = answers[meter]
    if rules is not None:
        snapshot["schedule"] = {
            "get_rules": {"enable": 1, "rule_list": rules, "version": 2, "err_code": 0}
        }
    entry: dict[str, Any] = {"row": {}, "snapshot": snapshot, "online": online}
    if load is not None:
        entry["load"] = load
    return entry


def strip(number: int, alias: str) -> dict[str, Any]:
    """A strip of three outlets with meters, one of them off."""
    device_id = f"{number:040X}"
    info = {
        "sw_ver": "1.0.12 Build 220121 Rel.175814",
        "hw_ver": "2.0",
        "model": "HS300(US)",
        "deviceId": device_id,
        "alias": alias,
        "mic_type": "IOT.SMARTPLUGSWITCH",
        "feature": "TIM:ENE",
        "mac": f"02:00:00:00:01:{number:02X}",
        "rssi": -44,
        "led_off": 0,
        "child_num": 3,
        "children": [
            {
                "id": f"{device_id}{n:02}",
                "alias": f"Outlet {n}",
                "state": int(n != 2),
                "on_time": 60,
                "next_action": {"type": -1},
            }
            for n in range(3)
        ],
        "err_code": 0,
    }

    def meter(n: int) -> dict[str, Any]:
        realtime = {
            "slot_id": n,
            "current_ma": 100 * n,
            "voltage_mv": 230000,
            "power_mw": 10000 * n,
            "total_wh": 1000 * n,
            "err_code": 0,
        }
        return {"emeter": {"get_realtime": realtime}}

    return {
        "row": {},
        "snapshot": {"system": {"get_sysinfo": info}, **meter(0)},
        "outlets": [{"snapshot": meter(n)} for n in range(3)],
    }


def home(*devices: dict[str, Any], timezone_index: int = 42) -> dict[str, Any]:
    return {"timezone_index": timezone_index, "devices": list(devices)}


def forty() -> dict[str, Any]:
    """Forty devices of all these kinds; three of them are dead."""
    found = [strip(number, f"Strip {number}") for number in range(5)]
    for number in range(5, 40):
        found.append(
            plug(
                number,
                f"Plug {number}",
                meter=(None, "floats", "integers")[number % 3],
                firmware=FIRMWARES[number % 2],
                online=number not in (7, 20, 33),
                rules=[EVENING] if number % 4 == 0 else None,
            )
        )
    return home(*found)


EVENING = {
    "id": "A" * 32,
    "name": "Evening",
    "enable": 1,
    "wday": [1] * 7,
    "stime_opt": 0,
    "smin": 1200,
    "sact": 1,
    "etime_opt": -1,
    "repeat": 1,
}
