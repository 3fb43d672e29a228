"""Where and when: the lab's clock, and the zone a device lives in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from tplink_lab.cloud import Cloud
from tplink_lab.devices import Device
from tplink_lab.errors import BadInput, DeviceError, UnusableAnswer

__all__ = ["ask_zone", "at_local", "lab_now", "source_of", "zone_name"]

# The rows of TP-Link's table 0 to 109 that protocol.md §5.6 gives. 18 stands there
# as "EST"; read as the zone with daylight saving, as its neighbours 6, 10 and 13
# are: Unverified. Of an index that is not here the zone is unknown, not guessed.
ZONES = {
    6: "America/Los_Angeles",
    10: "America/Denver",
    13: "America/Chicago",
    18: "America/New_York",
    39: "Europe/London",
    42: "Europe/Belgrade",
    75: "Asia/Kolkata",
    86: "Asia/Singapore",
    90: "Asia/Tokyo",
}


def zone_name(index: int | None) -> str | None:
    """Return the IANA name of a device's ``timezone_index``, or None if unknown.

    Examples
    --------
    >>> zone_name(42)
    'Europe/Belgrade'
    """
    return None if index is None else ZONES.get(index)


def ask_zone(device: Device) -> str | None:
    """Ask a device for its zone; None if it does not tell, or is not in our table.

    Raises
    ------
    TPLinkLabError
        If the device cannot be asked at all.
    """
    try:
        told = device.time()
    except (DeviceError, UnusableAnswer):
        return None  # it has no clock to ask; the column says so by being missing
    if told.region in available_timezones():
        return told.region
    return zone_name(told.timezone_index)


def at_local(moment: datetime, zone: str | None) -> datetime | None:
    """Return what a clock on that zone's walls shows, without a zone; or None."""
    if zone is None:
        return None
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def checked_zone(zone: str) -> str:
    """Return *zone* if it is a name of the IANA table.

    Raises
    ------
    BadInput
        If it is not.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        pass
    else:
        return zone
    raise BadInput(
        f"{zone!r} is no time zone that this machine knows.",
        next_step='Give an IANA name, such as "Europe/Berlin".',
    )


def lab_now(devices: Iterable[Device], now: datetime | None = None) -> datetime:
    """Return the present, in UTC: *now*, or the practice clock, or this machine's.

    A practice cloud in this process has a clock of its own, which its devices go by.

    Raises
    ------
    BadInput
        If *now* has no zone.
    """
    if now is not None:
        if not isinstance(now, datetime) or now.tzinfo is None:
            raise BadInput(
                f"now is {now!r}, which names no zone.",
                next_step="Give datetime.now(UTC), or another aware datetime.",
            )
        return now.astimezone(UTC)
    return clock_of(next((device._cloud for device in devices), None))


def clock_of(cloud: Cloud | None) -> datetime:
    """Return the present by the practice clock behind *cloud*, or this machine's."""
    practice = getattr(cloud, "practice", None)
    if practice is None:
        return datetime.now(UTC)
    moment: datetime = practice.now
    return moment.astimezone(UTC)


def source_of(devices: Iterable[Device]) -> str:
    """Return where answers come from: an address, never an account or a token."""
    for device in devices:
        cloud = device._cloud
        if getattr(cloud, "practice", None) is not None:
            return "practice cloud"
        return str(getattr(cloud, "url", ""))
    return ""
