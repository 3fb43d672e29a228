"""Homes: one JSON file, a folder of dumps, or the same in Python objects."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from .device import Entry
from .dumps import identify
from .errors import PracticeError
from .iot.load import check_load
from .shapes import problems
from .smart.shapes import problems as smart_problems
from .wire import NotJSON, decode

# The account's own region, where clients enter, comes first.
REGIONS = ("euw1", "use1")
DEFAULT_ACCOUNT = {"email": "you@example.com", "password": "practice-makes-perfect"}
BELGRADE = 42

Source = str | Path | Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


def read_home(source: Source) -> tuple[dict[str, Any], list[Entry]]:
    """The account's facts and the devices of a home, checked.

    Raises
    ------
    PracticeError
        Says the file, the place in it, what was expected and what was found.
    """
    if source is None:
        file = resources.files(__package__) / "household.json"
        return _home(decode(file.read_bytes()), "household.json")
    if isinstance(source, str | Path):
        path = Path(source)
        if path.is_dir():
            return dict(DEFAULT_ACCOUNT), _folder(path)
        return _home(_read(path), str(path))
    try:
        # A copy, so that the caller's objects stay the caller's.
        value = json.loads(json.dumps(source, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as reason:
        raise PracticeError(f"The home cannot be written as JSON: {reason}.") from None
    if isinstance(value, list):
        return dict(DEFAULT_ACCOUNT), _entries(value, "the home", BELGRADE, bare=True)
    return _home(value, "the home")


def _read(path: Path) -> Any:
    try:
        content = path.read_bytes()
    except OSError as reason:
        raise PracticeError(
            f"The home {path} cannot be read: {reason.strerror}. Expected a home "
            "file in JSON, or a folder of dumps."
        ) from None
    try:
        return decode(content)
    except NotJSON as reason:
        raise PracticeError(f"{path}: expected JSON, but {reason}.") from None


def _folder(folder: Path) -> list[Entry]:
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() == ".json")
    if not files:
        raise PracticeError(f"{folder}: expected dumps (*.json), found none.")
    items, names = [], []
    for file in files:
        item = _read(file)
        if not isinstance(item, dict) or not isinstance(item.get("answers"), dict):
            _wrong(str(file), "answers", "an object (module → method → answer)", item)
        items.append(item)
        names.append(file.stem)
    return _entries(items, str(folder), BELGRADE, bare=True, names=names)


def _home(home: Any, file: str) -> tuple[dict[str, Any], list[Entry]]:
    if not isinstance(home, dict):
        _wrong(file, "", "an object with 'devices'", home)
    account = home.get("account", {})
    if not isinstance(account, dict):
        _wrong(file, "account", "an object with 'email' and 'password'", account)
    for name in ("email", "password"):
        value = account.get(name)
        if name in account and (not isinstance(value, str) or not value):
            # What was found is not repeated: it may be half a password.
            raise PracticeError(f"{file}: at account.{name}: expected a text.")
    timezone = home.get("timezone_index", BELGRADE)
    if isinstance(timezone, bool) or not isinstance(timezone, int):
        _wrong(file, "timezone_index", "a number from 0 to 109", timezone)
    if not 0 <= timezone <= 109:
        _wrong(file, "timezone_index", "a number from 0 to 109", timezone)
    devices = home.get("devices")
    if not isinstance(devices, list):
        _wrong(file, "devices", "a list of devices", devices)
    return {**DEFAULT_ACCOUNT, **account}, _entries(devices, file, timezone)


def _entries(
    items: list[Any],
    file: str,
    timezone: int,
    *,
    bare: bool = False,
    names: list[str] | None = None,
) -> list[Entry]:
    entries: list[Entry] = []
    taken: dict[str, str] = {}
    counts: dict[str, int] = {}
    for index, item in enumerate(items):
        # In a folder every dump is a file of its own.
        where = "" if names else f"devices[{index}]" if not bare else f"[{index}]"
        place = f"{file}/{names[index]}.json" if names else file
        if not isinstance(item, dict):
            _wrong(place, where, "an object with 'snapshot'", item)
        if bare and "snapshot" not in item:
            item = _unpacked(item)
        name = names[index] if names else f"device {index}"
        entry = _entry(item, place, where, name, counts, timezone, bare)
        device_id = entry.row["deviceId"]
        if device_id in taken:
            raise PracticeError(
                f"{place}: at {where or 'its device'}: expected a deviceId of its "
                f"own, found {device_id} again; {taken[device_id]} has it already."
            )
        taken[device_id] = where or place
        entries.append(entry)
    return entries


def _unpacked(item: dict[str, Any]) -> dict[str, Any]:
    """A dump or a bare snapshot as an entry of a home."""
    if "answers" not in item:
        return {"snapshot": item}
    about = item.get("about")
    listed = about.get("derived_cloud_entry") if isinstance(about, dict) else None
    row = {k: v for k, v in (listed or {}).items() if v and k != "alias_form"}
    return {"row": row, "snapshot": item["answers"]}


def _entry(
    item: dict[str, Any],
    file: str,
    where: str,
    name: str,
    counts: dict[str, int],
    timezone: int,
    unnamed: bool,
) -> Entry:
    dot = f"{where}." if where else ""
    row = item.get("row", {})
    if not isinstance(row, dict):
        _wrong(file, f"{dot}row", "an object", row)
    for key, kind in _ROW_TYPES.items():
        if key in row and (
            not isinstance(row[key], kind) or isinstance(row[key], bool)
        ):
            expected = "a number" if kind is int else "a text"
            _wrong(file, f"{dot}row.{key}", expected, row[key])
    snapshot = item.get("snapshot")
    if not isinstance(snapshot, dict):
        expected = "an object (module → method → answer)"
        _wrong(file, f"{dot}snapshot", expected, snapshot)
    is_iot = "system" in snapshot
    # A Tapo device's status in this list says nothing.
    online = item.get("online", not is_iot or row.get("status", 1) != 0)
    if not isinstance(online, bool):
        _wrong(file, f"{dot}online", "true or false", online)
    region = item.get("region", _region(row))
    if region not in REGIONS:
        _wrong(file, f"{dot}region", f"one of {', '.join(REGIONS)}", region)
    info = _check_snapshot(snapshot, row, file, f"{dot}snapshot")
    outlets = _check_outlets(item, info, file, dot)
    load = item.get("load")
    _check_load(load, file, f"{dot}load")
    legacy = item.get("legacy", False)
    if not isinstance(legacy, bool) or (legacy and is_iot):
        _wrong(file, f"{dot}legacy", "true or false, true in Tapo devices", legacy)
    room = item.get("room", "")
    if not isinstance(room, str):
        _wrong(file, f"{dot}room", "a text", room)
    full_row = identify(snapshot, row, info, name, counts, unnamed)
    return Entry(
        row=full_row,
        snapshot=snapshot,
        is_iot=is_iot,
        online=online,
        region=region,
        load=load,
        outlets=outlets,
        timezone_index=timezone,
        legacy=legacy,
        room=room,
    )


_ROW_TYPES: dict[str, type] = {
    "deviceId": str,
    "alias": str,
    "deviceName": str,
    "deviceModel": str,
    "deviceType": str,
    "deviceMac": str,
    "deviceHwVer": str,
    "fwVer": str,
    "hwId": str,
    "oemId": str,
    "fwId": str,
    "status": int,
    "role": int,
}


def _region(row: dict[str, Any]) -> str:
    """The region a recorded row points at."""
    url = row.get("appServerUrl")
    if isinstance(url, str) and "://use1-" in url:
        return "use1"
    return "use1" if row.get("deviceRegion") == "us-east-1" else "euw1"


def _check_snapshot(
    snapshot: dict[str, Any], row: dict[str, Any], file: str, path: str
) -> dict[str, Any]:
    """What the device says about itself, wherever its family keeps that."""
    if "system" not in snapshot:
        return _smart_info(snapshot, row, file, path)
    for module, methods in snapshot.items():
        if not isinstance(methods, dict):
            _wrong(file, f"{path}.{module}", "an object (method → answer)", methods)
        if "err_code" in methods:
            continue
        for method, answer in methods.items():
            if not isinstance(answer, dict):
                _wrong(file, f"{path}.{module}.{method}", "an object", answer)
    root, path = path, f"{path}.system.get_sysinfo"
    info: Any = snapshot["system"].get("get_sysinfo")
    if not isinstance(info, dict):
        _wrong(file, path, "an object", info)
    if isinstance(info.get("system"), dict):  # cameras nest it once more
        info = info["system"]
        path += ".system"
    for key in ("deviceId", "alias", "model", "hw_ver", "sw_ver", "mac", "mic_mac"):
        if key in info and not isinstance(info[key], str):
            _wrong(file, f"{path}.{key}", "a text", info[key])
    for key in ("relay_state", "led_off", "brightness", "on_time", "rssi", "length"):
        value = info.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, int):
            _wrong(file, f"{path}.{key}", "a whole number", value)
    light = info.get("light_state", {})
    if not isinstance(light, dict):
        _wrong(file, f"{path}.light_state", "an object", light)
    if not isinstance(light.get("dft_on_state", {}), dict):
        expected = "an object"
        _wrong(file, f"{path}.light_state.dft_on_state", expected, light)
    children = info.get("children", [])
    if not isinstance(children, list):
        _wrong(file, f"{path}.children", "a list of outlets", children)
    for number, child in enumerate(children):
        spot = f"{path}.children[{number}]"
        if not isinstance(child, dict):
            _wrong(file, spot, "an object", child)
        for key, kind in (("id", str), ("alias", str), ("state", int)):
            if not isinstance(child.get(key), kind) or isinstance(child[key], bool):
                expected = "a text" if kind is str else "0 or 1"
                _wrong(file, f"{spot}.{key}", expected, child.get(key))
    _check_realtime(snapshot, file, root)
    checked: dict[str, Any] = info
    for below, expected, found in problems(snapshot, checked):
        _wrong(file, f"{root}.{below}", expected, found)
    return checked


def _check_realtime(snapshot: dict[str, Any], file: str, path: str) -> None:
    for module in ("emeter", "smartlife.iot.common.emeter"):
        if "err_code" in snapshot.get(module, {}):
            continue
        realtime = snapshot.get(module, {}).get("get_realtime", {})
        for key, value in realtime.items():
            if key in ("err_msg", "slot_id"):
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                where = f"{path}.{module}.get_realtime.{key}"
                _wrong(file, where, "a number", value)


def _smart_info(
    snapshot: dict[str, Any], row: dict[str, Any], file: str, path: str
) -> dict[str, Any]:
    for below, expected, found in smart_problems(snapshot):
        _wrong(file, f"{path}.{below}", expected, found)
    info = snapshot.get("get_device_info")
    if isinstance(info, dict):
        for key in ("device_id", "nickname", "model", "type", "mac"):
            if key in info and not isinstance(info[key], str):
                _wrong(file, f"{path}.get_device_info.{key}", "a text", info[key])
        return info
    camera = snapshot.get("getDeviceInfo")
    if isinstance(camera, dict):
        inner = camera.get("device_info")
        basic = inner.get("basic_info") if isinstance(inner, dict) else None
        if isinstance(basic, dict):
            for key in ("dev_id", "device_alias", "mac", "device_model"):
                if key in basic and not isinstance(basic[key], str):
                    _wrong(file, f"{path}.getDeviceInfo.{key}", "a text", basic[key])
            return basic
    if str(row.get("deviceType", "")).startswith("SMART."):
        return {}
    return _wrong(
        file, path, "'system' (Kasa) or 'get_device_info' (Tapo)", sorted(snapshot)
    )


def _check_outlets(
    item: dict[str, Any], info: dict[str, Any], file: str, dot: str
) -> list[dict[str, Any]]:
    outlets = item.get("outlets", [])
    children = info.get("children", [])
    if not isinstance(outlets, list) or len(outlets) > len(children):
        expected = f"a list of at most {len(children)} outlets"
        _wrong(file, f"{dot}outlets", expected, outlets)
    for index, outlet in enumerate(outlets):
        spot = f"{dot}outlets[{index}]"
        if not isinstance(outlet, dict):
            _wrong(file, spot, "an object with 'snapshot' or 'load'", outlet)
        snapshot = outlet.get("snapshot", {})
        if not isinstance(snapshot, dict) or not all(
            isinstance(methods, dict)
            and all(isinstance(answer, dict) for answer in methods.values())
            for methods in snapshot.values()
        ):
            expected = "an object (module → method → answer)"
            _wrong(file, f"{spot}.snapshot", expected, snapshot)
        _check_realtime(snapshot, file, f"{spot}.snapshot")
        for below, expected, found in problems(snapshot, {}):
            _wrong(file, f"{spot}.snapshot.{below}", expected, found)
        _check_load(outlet.get("load"), file, f"{spot}.load")
    return outlets


def _check_load(load: Any, file: str, path: str) -> None:
    problem = check_load(load)
    if problem is not None:
        below, expected, found = problem
        _wrong(file, f"{path}{below}", expected, found)


def _wrong(file: str, path: str, expected: str, found: Any) -> NoReturn:
    text = "nothing" if found is None else json.dumps(found, ensure_ascii=False)
    if isinstance(found, float) and not math.isfinite(found):
        text = str(found)
    if len(text) > 60:
        text = f"{text[:57]}…"
    at = f"at {path}: " if path else ""
    raise PracticeError(f"{file}: {at}expected {expected}, found {text}.")
