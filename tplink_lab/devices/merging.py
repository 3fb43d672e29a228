"""One list out of two: the classic list, and the things of the Thing API.

Both name a device by the same id (protocol.md §4). The classic list comes first and
keeps its order; what only the Tapo service knows follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["row_of_thing", "with_things"]

# Field of a thing -> field of the classic list (§4, §6.2).
NAMES = {
    "thingName": "deviceId",
    "nickname": "alias",
    "model": "deviceModel",
    "deviceName": "deviceName",
    "deviceType": "deviceType",
    "mac": "deviceMac",
    "hwVer": "deviceHwVer",
    "fwVer": "fwVer",
    "hwId": "hwId",
    "oemId": "oemId",
    "fwId": "fwId",
    "role": "role",
    "region": "deviceRegion",
    "appServerUrl": "appServerUrl",
}


def row_of_thing(thing: Mapping[str, Any]) -> dict[str, Any]:
    """Return a thing as a row of the classic list.

    Examples
    --------
    >>> row_of_thing({"thingName": "80", "model": "P110", "status": 1})
    {'deviceId': '80', 'deviceModel': 'P110'}
    """
    return {row: thing[name] for name, row in NAMES.items() if name in thing}


def with_things(
    rows: Sequence[dict[str, Any]], things: Sequence[Mapping[str, Any]]
) -> list[tuple[dict[str, Any], Mapping[str, Any] | None]]:
    """Return each row with its thing, and a row for each thing that had none.

    Parameters
    ----------
    rows : sequence of dict
        The classic list, each row with a ``deviceId``.
    things : sequence of dict
        Each with a ``thingName``.
    """
    if not things:
        return [(row, None) for row in rows]
    by_id = {str(thing["thingName"]): thing for thing in things}
    pairs: list[tuple[dict[str, Any], Mapping[str, Any] | None]] = [
        (row, by_id.get(row["deviceId"])) for row in rows
    ]
    listed = {row["deviceId"] for row in rows}
    pairs += [
        (row_of_thing(thing), thing)
        for name, thing in by_id.items()
        if name not in listed
    ]
    return pairs
