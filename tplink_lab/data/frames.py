"""Device lists as DataFrames: tidy types, units in the names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tplink_lab.data.columns import integer, text, typed
from tplink_lab.devices import Device

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
    return typed([_row(device) for device in devices], DEVICE_DTYPES)


def raw_frame(devices: Sequence[Device]) -> pd.DataFrame:
    """Return the cloud's own rows, untouched.

    Returns
    -------
    DataFrame
        One row per device; one column for each field that any row has, with the
        wire's names (``appServerUrl``, ``fwVer`` …) and values.
    """
    return pd.DataFrame([device.row for device in devices])


def _row(device: Device) -> dict[str, Any]:
    row, firmware = device.row, device.firmware
    same_region = row.get("isSameRegion")
    return {
        "alias": device.alias,
        "model": device.model,
        "online": device.online,
        "app_server_url": device.app_server_url,
        "device_region": text(row.get("deviceRegion")),
        "is_same_region": same_region if isinstance(same_region, bool) else None,
        "device_type": device.device_type,
        "dialect": device.dialect,
        "hw_ver": device.hw_ver,
        "fw_ver": device.fw_ver,
        "fw_version": device.fw_ver,
        "fw_build_date": firmware.build_date,
        "fw_release": firmware.release,
        "device_name": text(row.get("deviceName")),
        "device_mac": text(row.get("deviceMac")) or "",
        "role": integer(row.get("role")),
        "device_id": device.device_id,
    }
