"""Firmware strings: numbers that sort right, and the day they were built."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = ["Firmware", "Outdated", "outdated_siblings", "parse_firmware"]

# The forms of 216 real strings: devices/fields.md, "Firmware".
_FORM = re.compile(
    r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})"
    r"(?: Build (\d{6}|\d{8}) [Rr]el\. ?(\d+n?(?:\(\d+\))?))?",
    re.ASCII,
)


class Firmware(NamedTuple):
    """One firmware string, taken apart.

    Attributes
    ----------
    text : str
        The string as the device gave it.
    version : tuple of int or None
        ``(1, 0, 10)``, which sorts after ``(1, 0, 9)``; None if the form is new.
    build_date : datetime.date or None
        The day it was built; None if the string does not tell.
    release : str or None
        The text after ``Rel.``: a time of day, or seconds of the day in 2015.
    """

    text: str
    version: tuple[int, int, int] | None
    build_date: date | None
    release: str | None


@lru_cache(maxsize=4096)
def parse_firmware(text: str) -> Firmware:
    """Take a firmware string apart; one in an unknown form is kept as text.

    Examples
    --------
    >>> firmware = parse_firmware("1.0.8 Build 151101 Rel.24452")
    >>> firmware.version, firmware.build_date.isoformat(), firmware.release
    ((1, 0, 8), '2015-11-01', '24452')
    >>> parse_firmware("beta").version is None
    True
    """
    match = _FORM.fullmatch(text)
    if match is None:
        return Firmware(text, None, None, None)
    major, minor, patch, day, release = match.groups()
    return Firmware(text, (int(major), int(minor), int(patch)), _built(day), release)


def _built(day: str | None) -> date | None:
    if day is None:
        return None
    digits = day if len(day) == 8 else f"20{day}"
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


class Outdated(NamedTuple):
    """A device that is behind a sibling.

    Attributes
    ----------
    device : Device
        The one behind.
    newest : Firmware
        The newest that a device of the same model and hardware has.
    on : tuple of str
        The names of those that have it.
    """

    device: Device
    newest: Firmware
    on: tuple[str, ...]


def outdated_siblings(devices: Iterable[Device]) -> list[Outdated]:
    """Return the devices that share a model but not the newest version.

    Siblings have the same model, region and hardware: an HS110 of hardware 4 has a
    firmware of its own, which says nothing about one of hardware 1. Of two builds of
    one version the later is the newer. A string in an unknown form is not compared.

    Parameters
    ----------
    devices : iterable of Device
        As ``cloud.devices()`` gives them; nobody is asked.

    Returns
    -------
    list of Outdated
        In the list's order; empty if all are up to their siblings.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     [old.device.alias for old in outdated_siblings(cloud.devices())]
    ['Old Tapo Plug']
    """
    families: dict[tuple[str, str], list[Device]] = {}
    known = [d for d in devices if d.model and d.firmware.version is not None]
    for device in known:
        families.setdefault((device.model, device.hw_ver), []).append(device)
    # Once for a family: a home of thousands has a few dozen of them.
    best: dict[tuple[str, str], tuple[Firmware, tuple[str, ...]]] = {}
    for key, family in families.items():
        newest: Firmware = max((d.firmware for d in family), key=_rank)
        on = tuple(d.alias for d in family if d.firmware == newest)
        best[key] = newest, on
    found = []
    for device in known:
        newest, on = best[device.model, device.hw_ver]
        if _is_older(device.firmware, newest):
            found.append(Outdated(device, newest, on))
    return found


def _rank(firmware: Firmware) -> tuple[tuple[int, int, int], date]:
    return firmware.version or (0, 0, 0), firmware.build_date or date.min


def _is_older(one: Firmware, other: Firmware) -> bool:
    """Whether *one* is surely older: a build without a date is not compared by it."""
    if one.version == other.version and None in (one.build_date, other.build_date):
        return False
    return _rank(one) < _rank(other)
