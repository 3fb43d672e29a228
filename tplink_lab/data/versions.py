"""The account's firmware as a table: how old, and who is behind their siblings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from tplink_lab.data.columns import text, typed
from tplink_lab.data.states import identity, note
from tplink_lab.data.sweep import WORKERS, error_text, sweep
from tplink_lab.data.zones import lab_now
from tplink_lab.devices import Device, iot, outdated_siblings, parse_firmware
from tplink_lab.errors import BadInput

__all__ = ["firmware_frame", "is_older"]

FIRMWARE_DTYPES: dict[str, Any] = {
    "alias": "str",
    "model": "category",
    "hw_ver": "category",
    "fw_ver": "category",
    "fw_version": "version",
    "build_date": "datetime64[s]",
    "release": "category",
    "age_days": "Int64",
    "newest_version": "version",
    "is_outdated": "boolean",
    "offered": "category",
    "offered_notes": "str",
    "device_id": "str",
    "error": "str",
}


def firmware_frame(
    devices: Sequence[Device],
    *,
    check: bool = False,
    workers: int = WORKERS,
    now: datetime | None = None,
) -> pd.DataFrame:
    """Return every device's firmware, taken apart; without asking anybody.

    Parameters
    ----------
    devices : sequence of Device
        As ``cloud.devices()`` gives them; the list carries the firmware string.
    check : bool
        True asks each device what TP-Link offers it (``get_intl_fw_list``), which
        only Kasa devices answer. The form of an offer is Unverified.
    workers : int
        The most devices asked at one time.
    now : datetime, optional
        What ages are counted to; the practice cloud's clock or this machine's
        otherwise.

    Returns
    -------
    DataFrame
        ``alias`` (str), ``model``, ``hw_ver``, ``fw_ver`` (category, whole strings),
        ``fw_version`` (ordered category; missing if the string has a new form),
        ``build_date`` (datetime64[s], midnight), ``release`` (category),
        ``age_days`` (Int64, since it was built), ``newest_version`` (ordered
        category: the newest among your devices of this model and hardware),
        ``is_outdated`` (boolean: a sibling has a newer one), ``offered`` (category:
        the version on offer, if *check* was asked and there is one),
        ``offered_notes`` (str: its release notes), ``device_id`` (str), ``error``
        (str: why the check failed).

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     frame = cloud.devices().firmware()
    >>> frame.loc[0, ["fw_version", "build_date", "age_days"]].astype(str).tolist()
    ['1.0.8', '2015-11-01 00:00:00', '4018']
    >>> frame.loc[frame["fw_version"] < frame["newest_version"], "alias"].tolist()
    ['Old Tapo Plug']

    A version that perhaps no device has is in no category; :func:`is_older` compares
    with any.
    """
    fetched = lab_now(devices, now)
    behind = {found.device.device_id: found for found in outdated_siblings(devices)}
    offers: dict[str, dict[str, Any]] = {}
    if check:
        for device, offer, error in sweep(devices, _offered, workers=workers):
            offers[device.device_id] = {**(offer or {}), "error": error_text(error)}
    rows = []
    for device in devices:
        firmware, sibling = device.firmware, behind.get(device.device_id)
        built = firmware.build_date
        rows.append(
            {
                **identity(device),
                "hw_ver": device.hw_ver or None,
                "fw_ver": device.fw_ver or None,
                "fw_version": device.fw_ver or None,
                "build_date": built,
                "release": firmware.release,
                "age_days": None if built is None else (fetched.date() - built).days,
                "newest_version": (
                    sibling.newest.text if sibling else device.fw_ver or None
                ),
                "is_outdated": None
                if firmware.version is None
                else sibling is not None,
                **offers.get(device.device_id, {}),
            }
        )
    frame = typed(rows, FIRMWARE_DTYPES)
    # The same categories, so that the two compare; the newest are among them.
    known = frame["fw_version"].cat.categories
    frame["newest_version"] = frame["newest_version"].cat.set_categories(known)
    return note(frame, devices, fetched, "getDeviceList")


def is_older(firmware: pd.Series[Any], version: str) -> pd.Series[Any]:
    """Return whether each firmware is older than a version; missing if nobody knows.

    Parameters
    ----------
    firmware : Series
        Firmware strings or versions, as ``fw_ver`` and ``fw_version`` of a frame.
    version : str
        Such as ``"1.0.10"``; no device has to have it.

    Returns
    -------
    Series
        Of dtype boolean, with the index of *firmware*.

    Raises
    ------
    BadInput
        If *version* is none.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     devices = cloud.devices().to_frame()
    >>> devices.loc[tl.data.is_older(devices["fw_version"], "1.0.7"), "alias"].tolist()
    ['Patio Plug']
    """
    limit = parse_firmware(version).version if isinstance(version, str) else None
    if limit is None:
        raise BadInput(
            f"{version!r} is no version.",
            call="is_older",
            next_step='Give one like "1.0.10".',
        )
    known = {
        found: number < limit
        for found in firmware.dropna().unique()
        if (number := parse_firmware(str(found)).version) is not None
    }
    return firmware.astype("object").map(known).astype("boolean")


def _offered(device: Device) -> dict[str, str | None]:
    module = "smartlife.iot.common.cloud" if device.kind().is_light else "cnCloud"
    request: dict[str, Any] = {module: {"get_intl_fw_list": {}}}
    answer = iot.answer_of(device.ask(request), module, "get_intl_fw_list")
    offers = answer.get("fw_list")
    for offer in offers if isinstance(offers, list) else []:
        if isinstance(offer, Mapping):
            return {
                "offered": text(offer.get("fwVer")),
                "offered_notes": text(offer.get("fwReleaseLog")),
            }
    return {}
