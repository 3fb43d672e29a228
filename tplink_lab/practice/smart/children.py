"""Identities of children where a dump masks them: outlets of a strip, a hub's sensors.

A child is named in up to four places of a snapshot, and must be the same one in each.
"""

from __future__ import annotations

import hashlib
from typing import Any

from ..names import decode_alias, encode_alias

MASKED = "#MASKED_NAME#"
SCRUBBED = "SCRUBBED"
LISTS = {
    "child_device_list": "get_child_device_list",
    "child_component_list": "get_child_device_component_list",
}


def name_children(snapshot: dict[str, Any], device_id: str, alias: str) -> None:
    """Give masked children ids and names of their own, in place."""
    ids: dict[str, str] = {}
    names: dict[str, str] = {}
    for index, child in enumerate(_rows(snapshot, "child_device_list")):
        known = child["device_id"]
        # A child's id is its parent's with two digits behind it.
        ids[known] = known
        if known.startswith(SCRUBBED):
            ids[known] = f"{device_id}{index:02d}"
        if decode_alias(str(child.get("nickname", ""))) == MASKED:
            kind = "outlet" if "slot_number" in child else str(child.get("model", ""))
            name = f"{decode_alias(alias)} {kind} {index + 1}"
            names[ids[known]] = encode_alias(name)
    answers = snapshot.get("child_devices", {})
    renamed = {ids.get(child, child): found for child, found in answers.items()}
    if answers:
        snapshot["child_devices"] = renamed
    rows = _rows(snapshot, "child_device_list")
    rows += _rows(snapshot, "child_component_list")
    for found in renamed.values():
        info = found.get("get_device_info")
        rows += [info] if isinstance(info, dict) else []
    for row in rows:
        known = row.get("device_id")
        if isinstance(known, str) and known in ids:
            row["device_id"] = ids[known]
        child_id = str(row.get("device_id"))
        if child_id in names and "nickname" in row:
            row["nickname"] = names[child_id]
        for key in ("parent_device_id", "original_device_id"):
            if key in row and not str(row[key]).strip("0"):
                row[key] = device_id
        mac = row.get("mac")
        if isinstance(mac, str) and len(mac) == 12 and mac.endswith("000000"):
            made_up = hashlib.sha256(child_id.encode()).hexdigest()[:6].upper()
            row["mac"] = mac[:6] + made_up


def _rows(snapshot: dict[str, Any], key: str) -> list[dict[str, Any]]:
    listed = snapshot.get(LISTS[key])
    rows = listed.get(key, []) if isinstance(listed, dict) else []
    return list(rows)
