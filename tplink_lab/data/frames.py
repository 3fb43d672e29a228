"""Device lists as DataFrames: tidy types, units in the names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tplink_lab.data.columns import from_columns, integer, text
from tplink_lab.devices import Device, parse_firmware

__all__ = ["device_frame", "raw_frame"]

# Column -> dtype; the same for an empty list.
DEVICE_DTYPES = {
    "alias": "str",
    "model": "category",
    "online": "boolean",
    "app_server_url": "category",
    "device_region": "category",
    "is_same_region": "boolean",
    "device_type": "category",
    "dialect": "category",
    "hw_ver": "category",
    "fw_ver": "category",
    "fw_version": "version",
    "fw_build_date": "datetime64[s]",
    "fw_release": "category",
    "device_name": "category",
    "device_mac": "str",
    "role": "Int64",
    "device_id": "str",
}


def device_frame(devices: Sequence[Device]) -> pd.DataFrame:
    """Return one row per device, in the list's order.

    Parameters
    ----------
    devices : sequence of Device
        As ``cloud.devices()`` gives them.

    Returns
    -------
    DataFrame
        Columns, with the same dtypes even when empty:

        ``alias`` (str), ``model`` (category, ``"HS100(EU)"``), ``online`` (boolean;
        ``<NA>`` where the list cannot know, as for Tapo), ``app_server_url``
        (category), ``device_region`` (category, ``"eu-west-1"``),
        ``is_same_region`` (boolean), ``device_type`` (category), ``dialect``
        (category: iot, smart or other), ``hw_ver`` (category), ``fw_ver`` (category,
        the whole string), ``fw_version`` (ordered category: ``"1.0.9"`` sorts before
        ``"1.0.10"``), ``fw_build_date`` (datetime64[s], midnight), ``fw_release``
        (category), ``device_name`` (category, the product's), ``device_mac`` (str),
        ``role`` (Int64; 0 is the owner), ``device_id`` (str).

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     frame = cloud.devices().to_frame()
    >>> frame.loc[0, ["alias", "fw_version"]].tolist()
    ['My Smart Plug', '1.0.8']
    """
    rows = [device.row for device in devices]

    def texts(key: str) -> list[str]:
        found = [row.get(key) for row in rows]
        return [value if isinstance(value, str) else "" for value in found]

    same_region = [row.get("isSameRegion") for row in rows]
    fw_vers = texts("fwVer")
    # Each distinct string once: thousands of devices share a few dozen.
    firmware = {fw_ver: parse_firmware(fw_ver) for fw_ver in set(fw_vers)}
    # Column by column: a dict for each row would take as long as all the rest.
    columns: dict[str, list[Any]] = {
        "alias": [device.alias for device in devices],
        "model": texts("deviceModel"),
        "online": [device.online for device in devices],
        "app_server_url": texts("appServerUrl"),
        "device_region": [text(row.get("deviceRegion")) for row in rows],
        "is_same_region": [v if isinstance(v, bool) else None for v in same_region],
        "device_type": texts("deviceType"),
        "dialect": [device.dialect for device in devices],
        "hw_ver": texts("deviceHwVer"),
        "fw_ver": fw_vers,
        "fw_version": fw_vers,
        "fw_build_date": [firmware[fw_ver].build_date for fw_ver in fw_vers],
        "fw_release": [firmware[fw_ver].release for fw_ver in fw_vers],
        "device_name": [text(row.get("deviceName")) for row in rows],
        "device_mac": [text(row.get("deviceMac")) or "" for row in rows],
        "role": [integer(row.get("role")) for row in rows],
        "device_id": [device.device_id for device in devices],
    }
    return from_columns(columns, DEVICE_DTYPES)


def raw_frame(devices: Sequence[Device]) -> pd.DataFrame:
    """Return the cloud's own rows, untouched.

    Returns
    -------
    DataFrame
        One row per device; one column for each field that any row has, with the
        wire's names (``appServerUrl``, ``fwVer`` …) and values.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     frame = tl.data.raw_frame(cloud.devices())
    >>> frame.loc[0, ["alias", "deviceModel", "fwVer"]].tolist()
    ['My Smart Plug', 'HS100(EU)', '1.0.8 Build 151101 Rel.24452']
    """
    return pd.DataFrame([device.row for device in devices])
