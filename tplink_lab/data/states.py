"""What devices say about themselves, one row each: state and signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from tplink_lab.data.columns import category, flag, integer, text, typed
from tplink_lab.data.sweep import WORKERS, Swept, error_text, swept_frame
from tplink_lab.data.zones import lab_now, source_of
from tplink_lab.devices import Device, smart
from tplink_lab.devices.iot import WiFi, kind_of

__all__ = ["identity", "info_frame", "note", "wifi_frame"]

INFO_DTYPES: dict[str, Any] = {
    "alias": "str",
    "model": "category",
    "kind": "category",
    "is_on": "boolean",
    "outlets": "Int64",
    "outlets_on": "Int64",
    "brightness_pct": "Int64",
    "color_temp_k": "Int64",
    "hue_deg": "Int64",
    "saturation_pct": "Int64",
    "light_mode": "category",
    "effect": "category",
    "zones": "Int64",
    "is_dimmable": "boolean",
    "is_color": "boolean",
    "is_variable_color_temp": "boolean",
    "has_energy": "boolean",
    "feature": "category",
    "on_time_s": "Int64",
    "active_mode": "category",
    "next_action": "category",
    "next_action_at_s": "Int64",
    "led_on": "boolean",
    "rssi_dbm": "Int64",
    "updating": "boolean",
    "hw_ver": "category",
    "fw_ver": "category",
    "fw_version": "version",
    "dev_name": "category",
    "device_type": "category",
    "mac": "str",
    "hw_id": "category",
    "oem_id": "category",
    "fw_id": "category",
    "device_id": "str",
    "error": "str",
}
SIGNAL = pd.CategoricalDtype(["poor", "fair", "good"], ordered=True)
WIFI_DTYPES: dict[str, Any] = {
    "alias": "str",
    "model": "category",
    "ssid": "category",
    "rssi_dbm": "Int64",
    "signal": SIGNAL,
    "device_id": "str",
    "error": "str",
}
# At and above the first it is good; below the second it is poor (devices.WiFi).
GOOD_DBM = -60
POOR_DBM = -75
NEXT_ACTION = {-1: "none", 1: "schedule", 2: "countdown"}


def info_frame(
    devices: Sequence[Device],
    *,
    raw: bool = False,
    workers: int = WORKERS,
    now: datetime | None = None,
) -> pd.DataFrame:
    """Ask every device about itself and return one row each.

    Parameters
    ----------
    devices : sequence of Device
        As ``cloud.devices()`` gives them.
    raw : bool
        True gives the answers as they came: ``device_id``, ``error``, and one column
        for each of the wire's own names, coordinates of the home included.
    workers : int
        The most devices asked at one time.
    now : datetime, optional
        What ``attrs["fetched_at"]`` shall say, in place of the lab's clock.

    Returns
    -------
    DataFrame
        One row per device, in the list's order. A device that fails has its name and
        the ``error``. What a family does not have is missing. Columns, with the same
        dtypes even when empty:

        ``alias`` (str), ``model`` (category), ``kind`` (category: relay, strip, bulb,
        light strip, nothing to switch), ``is_on`` (boolean; of a strip: any
        outlet; missing of a Tapo strip, whose outlets are another question),
        ``outlets``, ``outlets_on`` (Int64, of strips), ``brightness_pct``,
        ``color_temp_k`` (0 while it shows a colour), ``hue_deg``, ``saturation_pct``
        (Int64; of a light that is off: what it will come back with), ``light_mode``,
        ``effect`` (category), ``zones`` (Int64, of light strips), ``is_dimmable``,
        ``is_color``, ``is_variable_color_temp`` (boolean), ``has_energy`` (boolean;
        missing where ``feature`` does not tell), ``feature`` (category), ``on_time_s``
        (Int64, seconds since it was switched on), ``active_mode`` (category),
        ``next_action`` (category: none, schedule, countdown), ``next_action_at_s``
        (Int64, seconds after the device's midnight), ``led_on`` (boolean),
        ``rssi_dbm`` (Int64), ``updating`` (boolean), ``hw_ver``, ``fw_ver``
        (category), ``fw_version`` (ordered category), ``dev_name``, ``device_type``
        (category), ``mac`` (str), ``hw_id``, ``oem_id``, ``fw_id`` (category),
        ``device_id`` (str), ``error`` (str, missing if all went well).

        The home's coordinates are left out, for a saved notebook is easily shared.
        ``attrs`` holds ``fetched_at`` and ``source``.

    Raises
    ------
    TokenRefused, CloudUnreachable
        If every device failed of that alone.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     frame = cloud.devices()[:3].info()
    >>> frame[["alias", "is_on", "rssi_dbm"]].to_dict("list")
    {'alias': ['My Smart Plug', 'Kettle', 'Fridge'], 'is_on': [True, True, True], \
'rssi_dbm': [-54, -61, -49]}
    """
    fetched = lab_now(devices, now)

    def build(swept: list[Swept[dict[str, Any]]]) -> pd.DataFrame:
        if raw:
            frame = pd.DataFrame(
                [{"device_id": s.device.device_id, **(s.value or {})} for s in swept],
                columns=None if swept else ["device_id"],
            )
            errors = [error_text(s.error) for s in swept]
            frame["error"] = pd.Series(errors, dtype="str")
        else:
            frame = typed([_info_row(s) for s in swept], INFO_DTYPES)
            # Whoever is silent, or tells less, still has what the list says of it.
            frame["model"] = category(s.device.model or None for s in swept)
            told = zip(frame["device_type"], swept, strict=True)
            frame["device_type"] = category(
                s.device.device_type or None if pd.isna(t) else str(t) for t, s in told
            )
        return note(frame, devices, fetched, "system.get_sysinfo")

    return swept_frame(devices, lambda device: device.info(), build, workers=workers)


def wifi_frame(
    devices: Sequence[Device], *, workers: int = WORKERS, now: datetime | None = None
) -> pd.DataFrame:
    """Ask every device how it hears its access point; one row each.

    Parameters
    ----------
    devices, workers, now
        As for :func:`info_frame`.

    Returns
    -------
    DataFrame
        ``alias`` (str), ``model`` (category), ``ssid`` (category; missing where the
        device does not tell), ``rssi_dbm`` (Int64), ``signal`` (ordered category:
        poor below -75 dBm, fair, good from -60 dBm), ``device_id`` (str), ``error``
        (str).

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     frame = cloud.devices()[:2].wifi()
    >>> frame[["rssi_dbm", "signal"]].to_dict("list")
    {'rssi_dbm': [-54, -61], 'signal': ['good', 'fair']}
    """
    fetched = lab_now(devices, now)

    def build(swept: list[Swept[WiFi]]) -> pd.DataFrame:
        rows: list[dict[str, Any]] = []
        for device, heard, error in swept:
            row = {**identity(device), "error": error_text(error)}
            if heard is not None:
                row |= {
                    "ssid": heard.ssid,
                    "rssi_dbm": heard.rssi_dbm,
                    "signal": signal_of(heard.rssi_dbm),
                }
            rows.append(row)
        frame = typed(rows, WIFI_DTYPES)
        return note(frame, devices, fetched, "netif.get_stainfo")

    return swept_frame(devices, lambda device: device.wifi(), build, workers=workers)


def signal_of(rssi_dbm: int) -> str:
    """Return ``"good"``, ``"fair"`` or ``"poor"``."""
    if rssi_dbm >= GOOD_DBM:
        return "good"
    return "poor" if rssi_dbm < POOR_DBM else "fair"


def identity(device: Device) -> dict[str, Any]:
    """Return the columns that say whose row it is."""
    return {
        "alias": device.alias,
        "model": device.model or None,
        "device_id": device.device_id,
    }


def note(
    frame: pd.DataFrame, devices: Sequence[Device], fetched: datetime, call: str
) -> pd.DataFrame:
    """Write into ``attrs`` when and from where the frame came."""
    frame.attrs["fetched_at"] = fetched.isoformat()
    frame.attrs["source"] = f"{call} by {source_of(devices)}".removesuffix(" by ")
    return frame


def _info_row(swept: Swept[dict[str, Any]]) -> dict[str, Any]:
    device, info, error = swept
    row = {**identity(device), "error": error_text(error)}
    if info is None:
        return row
    if device.dialect == "smart":
        return row | _tapo_row(info)
    children = info.get("children")
    states = [
        c.get("state") if isinstance(c, Mapping) else None
        for c in (children if isinstance(children, list) else [])
    ]
    feature = text(info.get("feature"))
    action = _mapping(info.get("next_action"))
    led_off = flag(info.get("led_off"))
    return row | {
        "kind": kind_of(info).value,
        "is_on": _is_on(info, states),
        "outlets": len(states) or None,
        "outlets_on": states.count(1) if states else None,
        **_light(info),
        "zones": integer(info.get("length")),
        **{
            key: flag(info.get(key))
            for key in ("is_dimmable", "is_color", "is_variable_color_temp")
        },
        "has_energy": None if feature is None else "ENE" in feature.split(":"),
        "feature": feature,
        "on_time_s": integer(info.get("on_time")),
        "active_mode": text(info.get("active_mode")),
        "next_action": NEXT_ACTION.get(integer(action.get("type")) or 0),
        "next_action_at_s": integer(action.get("schd_sec")),
        "led_on": None if led_off is None else not led_off,
        "rssi_dbm": integer(info.get("rssi")),
        "updating": flag(info.get("updating")),
        "hw_ver": text(info.get("hw_ver")),
        "fw_ver": text(info.get("sw_ver")),
        "fw_version": text(info.get("sw_ver")),
        "dev_name": text(info.get("dev_name")) or text(info.get("description")),
        "device_type": text(info.get("mic_type")) or text(info.get("type")),
        "mac": text(info.get("mac")) or text(info.get("mic_mac")),
        "hw_id": text(info.get("hwId")),
        "oem_id": text(info.get("oemId")),
        "fw_id": text(info.get("fwId")),
    }


def _tapo_row(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``get_device_info`` tells, under the names of the frame."""
    effect = _mapping(info.get("lighting_effect"))
    names = {
        "brightness_pct": "brightness",
        "color_temp_k": "color_temp",
        "hue_deg": "hue",
        "saturation_pct": "saturation",
        "on_time_s": "on_time",
        "rssi_dbm": "rssi",
    }
    return {
        "kind": smart.kind_of(info).value,
        "is_on": flag(info.get("device_on")),
        **{name: integer(info.get(wire)) for name, wire in names.items()},
        "effect": text(effect.get("name")) if flag(effect.get("enable")) else None,
        "hw_ver": text(info.get("hw_ver")),
        "fw_ver": text(info.get("fw_ver")),
        "fw_version": text(info.get("fw_ver")),
        "device_type": text(info.get("type")),
        "mac": text(info.get("mac")),
        "hw_id": text(info.get("hw_id")),
        "oem_id": text(info.get("oem_id")),
        "fw_id": text(info.get("fw_id")),
    }


def _is_on(info: Mapping[str, Any], states: list[Any]) -> bool | None:
    if states:
        return 1 in states
    if "relay_state" in info:
        return flag(info["relay_state"])
    return flag(_mapping(info.get("light_state")).get("on_off"))


def _light(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return brightness and colour: of a dimmer at the top, of a light below."""
    light = _mapping(info.get("light_state"))
    shown = {**light, **_mapping(light.get("dft_on_state"))}
    brightness = shown.get("brightness", info.get("brightness"))
    effect = _mapping(info.get("lighting_effect_state"))
    return {
        "brightness_pct": integer(brightness),
        "color_temp_k": integer(shown.get("color_temp")),
        "hue_deg": integer(shown.get("hue")),
        "saturation_pct": integer(shown.get("saturation")),
        "light_mode": text(shown.get("mode")),
        "effect": text(effect.get("name")) if effect.get("enable") == 1 else None,
    }


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
