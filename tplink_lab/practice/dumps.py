"""Identities: the row a cloud would list for a snapshot, and ids where they are masked.

Published dumps have zeros for ids, `#MASKED_NAME#` for names and placeholders for
outlet ids. Two of them on one account need an identity of their own, the same one each
time.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from .names import decode_alias, encode_alias
from .smart.children import MASKED, SCRUBBED, name_children

TP_LINK_OUI = "50C7BF"


def identify(
    snapshot: dict[str, Any],
    row: dict[str, Any],
    info: dict[str, Any],
    name: str,
    counts: dict[str, int],
    unnamed: bool,
) -> dict[str, Any]:
    """Fill in a device's identity; the row that a cloud lists for it.

    `unnamed` says that an empty name is to be filled in too, as for dumps; in a home it
    may be what its owner left. `snapshot` (and `info`, which lies in it) are changed in
    place where they are masked. `counts` numbers the devices of each model.
    """
    is_iot = "system" in snapshot
    digest = hashlib.sha256(name.encode()).hexdigest().upper()
    model = row.get("deviceModel") or info.get("model") or info.get("device_model")
    model = str(model or "Unknown")
    short = model.split("(")[0]
    counts[short] = counts.get(short, 0) + 1

    is_camera = "device_alias" in info and not is_iot
    id_key = "deviceId" if is_iot else "dev_id" if is_camera else "device_id"
    device_id = row.get("deviceId") or info.get(id_key) or ""
    if _is_masked_id(device_id):
        device_id = ("8006" if is_iot else "8022") + digest[:36]
    if info and _is_masked_id(str(info.get(id_key) or "")):
        info[id_key] = device_id

    name_key = "alias" if is_iot else "device_alias" if is_camera else "nickname"
    own = str(info.get(name_key) or "")
    alias = row.get("alias")
    if alias is None:
        # Unverified: that a camera's name is listed in base64 too.
        alias = encode_alias(own) if is_camera else own
        # Empty is a name that a person may have left; a masked one is not.
        if MASKED in (own, decode_alias(own)) or (unnamed and not own):
            alias = f"{short} {counts[short]}"
            if not is_iot:
                alias = encode_alias(alias)
    if info and (MASKED in (own, decode_alias(own)) or (unnamed and not own)):
        # A camera keeps its name as it is typed.
        info[name_key] = decode_alias(str(alias)) if is_camera else alias
    if is_iot:
        _name_outlets(info, device_id, str(alias))
    else:
        name_children(snapshot, device_id, str(alias))

    mac = _mac(info, digest) or str(row.get("deviceMac", ""))
    kind = str(
        info.get("type") or info.get("mic_type") or info.get("device_type") or ""
    )
    if is_iot:
        firmware = info.get("sw_ver", "")
        product = info.get("dev_name") or info.get("description")
        product = product or ("Smart Wi-Fi Power Strip" if "children" in info else "")
    else:
        firmware = info.get("fw_ver") or info.get("sw_version") or ""
        product = ""
    derived = {
        "deviceMac": mac,
        "status": 1,
        "hwId": info.get("hwId") or info.get("hw_id") or "",
        "deviceId": device_id,
        "oemId": info.get("oemId") or info.get("oem_id") or "",
        "fwVer": firmware,
        "deviceType": kind,
        "alias": alias,
        "fwId": info.get("fwId") or info.get("fw_id") or "0" * 32,
        "deviceName": product or "Smart Device",
        "deviceHwVer": info.get("hw_ver") or info.get("hw_version") or "",
        "role": 0,
        "deviceModel": model,
    }
    ids = {"deviceId": device_id, "alias": alias}
    return {**derived, **row, **ids}


def _is_masked_id(device_id: str) -> bool:
    return not device_id.strip("0") or device_id.startswith(SCRUBBED)


def _mac(info: dict[str, Any], digest: str) -> str:
    """The address without separators; its masked half is made up and written back."""
    found = ""
    for key in ("mac", "mic_mac"):
        text = info.get(key)
        if not isinstance(text, str) or not text:
            continue
        bare = re.sub("[^0-9A-Fa-f]", "", text).upper()
        if len(bare) == 12 and bare.endswith("000000"):
            vendor = bare[:6] if bare[:6].strip("0") else TP_LINK_OUI
            bare = vendor + digest[36:42]
            sign = next((c for c in text if c in ":-"), "")
            info[key] = sign.join(bare[i : i + 2] for i in range(0, 12, 2))
        found = found or bare
    return found


def _name_outlets(info: dict[str, Any], device_id: str, alias: str) -> None:
    for index, child in enumerate(info.get("children", [])):
        if child["id"].startswith("SCRUBBED"):
            short = f"{index:02d}"
            child["id"] = short if _lists_short_ids(info) else device_id + short
        if MASKED in child["alias"]:
            child["alias"] = f"{alias} outlet {index + 1}"


def _lists_short_ids(info: dict[str, Any]) -> bool:
    """Old strips list an outlet's two digits without the parent's id before them."""
    model = str(info.get("model", "")).split("(")[0]
    numbers = re.findall(r"\d+", str(info.get("sw_ver", "")).split(" ")[0])
    version = tuple(int(number[:9]) for number in numbers)
    hardware = str(info.get("hw_ver", "")).split(".")[0]
    return (
        (model == "HS107" and version <= (1, 0, 8))
        or (model == "HS300" and version <= (1, 0, 10))
        or (model == "KP400" and hardware == "1")
    )
