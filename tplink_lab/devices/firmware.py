"""Firmware strings: numbers that sort right, and the day they were built."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Firmware", "parse_firmware"]

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
