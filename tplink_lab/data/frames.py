"""Device lists as DataFrames: tidy types, units in the names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

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
    "fw_version": "category",
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
    fw_vers = [device.fw_ver for device in devices]
    # Each distinct string is parsed once: thousands of devices share a few dozen.
    parsed = {text: parse_firmware(text) for text in set(fw_vers)}
    numbers = {
        text: ".".join(map(str, f.version)) if f.version else None
        for text, f in parsed.items()
    }
    ordered = sorted({f.version for f in parsed.values() if f.version})
    columns = {
        "alias": [d.alias for d in devices],
        "model": [d.model for d in devices],
        "online": [d.online for d in devices],
        "app_server_url": [d.app_server_url for d in devices],
        "device_region": [_text(row.get("deviceRegion")) for row in rows],
        "is_same_region": [_boolean(row.get("isSameRegion")) for row in rows],
        "device_type": [d.device_type for d in devices],
        "dialect": [d.dialect for d in devices],
        "hw_ver": [d.hw_ver for d in devices],
        "fw_ver": fw_vers,
        "fw_version": pd.Categorical(
            [numbers[text] for text in fw_vers],
            categories=pd.Index(
                [".".join(map(str, version)) for version in ordered], dtype="str"
            ),
            ordered=True,
        ),
        "fw_build_date": [parsed[text].build_date for text in fw_vers],
        "fw_release": [parsed[text].release for text in fw_vers],
        "device_name": [_text(row.get("deviceName")) for row in rows],
        "device_mac": [_text(row.get("deviceMac")) or "" for row in rows],
        "role": [_integer(row.get("role")) for row in rows],
        "device_id": [d.device_id for d in devices],
    }
    return pd.DataFrame(
        {
            name: _category(values)
            if dtype == "category" and name != "fw_version"
            else pd.Series(values, dtype=None if name == "fw_version" else dtype)
            for (name, values), dtype in zip(
                columns.items(), DEVICE_DTYPES.values(), strict=True
            )
        }
    )


def raw_frame(devices: Sequence[Device]) -> pd.DataFrame:
    """Return the cloud's own rows, untouched.

    Returns
    -------
    DataFrame
        One row per device; one column for each field that any row has, with the
        wire's names (``appServerUrl``, ``fwVer`` …) and values.
    """
    return pd.DataFrame([device.row for device in devices])


def _category(values: Any) -> pd.Series[str]:
    # Text categories even where there is none: `.str` then works on every list.
    known = pd.Index(sorted({v for v in values if v is not None}), dtype="str")
    return pd.Series(pd.Categorical(values, categories=known))


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _integer(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if abs(value) < 2**63 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
