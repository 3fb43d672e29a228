"""What a recorder may be asked to do: how often, how fast, and which devices."""

from __future__ import annotations

from collections.abc import Iterable

from tplink_lab.cloud import Cloud
from tplink_lab.devices import Device
from tplink_lab.errors import BadInput

__all__ = [
    "POLITE_INTERVAL_S",
    "check_wait",
    "checked_number",
    "chosen_devices",
    "polite_budget",
    "polite_interval",
]

# Third parties settled on a minute; faster, fixed polling met -20004 and a black
# list (protocol.md §8). Both bounds are our choice: Unverified.
POLITE_INTERVAL_S = 60.0
POLITE_REQUESTS_PER_MINUTE = 60.0


def chosen_devices(
    cloud: Cloud, devices: Iterable[str | Device] | None
) -> list[Device]:
    """Return the devices that are meant, each once; all of the cloud's for None.

    Raises
    ------
    NoSuchDevice
        If a name fits none.
    """
    if isinstance(devices, str):
        raise BadInput("devices is one text.", next_step=f"Give a list: [{devices!r}].")
    found = list(cloud.devices(refresh=False)) if devices is None else []
    for one in devices or ():
        if not isinstance(one, str | Device):
            raise BadInput(
                f"{one!r} is no device and no name.",
                next_step="cloud.devices() lists them.",
            )
        found.append(cloud.device(one) if isinstance(one, str) else one)
    found = list({device.device_id: device for device in found}.values())
    if not found:
        raise BadInput(
            "There is no device to record.",
            next_step="Name some: cloud.devices() lists what the account has.",
        )
    return found


def polite_interval(interval_s: float, at_home: bool) -> float:
    """Return *interval_s* if it is polite; at home, on loopback, anything is."""
    value = checked_number("interval_s", interval_s, 0, 86400)
    if value < POLITE_INTERVAL_S and not at_home:
        raise BadInput(
            f"Every {value:g} s is too often for a real account.",
            cause="Users who asked more often than once a minute were limited "
            "(-20004) or blocked.",
            next_step="Give interval_s=60 or more; a practice cloud takes any.",
        )
    return value


def polite_budget(per_minute: float | None, at_home: bool) -> float | None:
    """Return the most requests a minute, None for no bound."""
    if per_minute is None:
        return None if at_home else POLITE_REQUESTS_PER_MINUTE
    value = checked_number("requests_per_minute", per_minute, 0.1, 1e6)
    if value > POLITE_REQUESTS_PER_MINUTE and not at_home:
        raise BadInput(
            f"{value:g} requests a minute are too many for a real account.",
            next_step="Give 60 or fewer; a practice cloud takes any number.",
        )
    return value


def check_wait(wait: object, at_home: bool) -> None:
    """Refuse a wait of the caller's own at a real account: it need not wait."""
    if wait is not None and not at_home:
        raise BadInput(
            "wait is for practice clouds.",
            next_step="Leave it out: a real account is asked on real time.",
        )


def checked_number(name: str, value: float, least: float, most: float) -> float:
    """Return *value* as a float, or raise BadInput if it is none in the range."""
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not least <= value <= most:
        raise BadInput(
            f"{name} is {value!r}.",
            next_step=f"Give a number from {least:g} to {most:g}.",
        )
    return float(value)
