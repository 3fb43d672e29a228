"""Turn the names in ``protect=[…]`` into ids, once, at login."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from tplink_lab.cloud.guard import Guard
from tplink_lab.devices.iot import OutletState
from tplink_lab.devices.names import folded
from tplink_lab.errors import BadInput, NoSuchDevice, TPLinkLabError

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud
    from tplink_lab.devices.device import Device

__all__ = ["make_guard"]

_MAY_HAVE_OUTLETS = (
    "IOT.SMARTPLUGSWITCH",
    "SMART.TAPOPLUG",
    "SMART.TAPOSWITCH",
    "SMART.KASAPLUG",
    "SMART.KASASWITCH",
)


def make_guard(cloud: Cloud, read_only: bool, protect: Iterable[str]) -> Guard:
    """Return the guard for these names of devices or outlets.

    Ids, not names, are kept: a device stays protected when it is renamed. A name
    that fits nothing is an error, for a typo would leave a freezer unprotected. One
    request for each plug, to know the outlets; a plug that does not answer is locked
    as a whole, for it may be a strip with an outlet of that name.

    Raises
    ------
    NoSuchDevice
        If a name is that of no device and of no outlet that could be asked.
    """
    if isinstance(protect, str):
        raise BadInput(
            "protect is one text.", next_step=f"Give a list: protect=[{protect!r}]."
        )
    names = list(protect) if isinstance(protect, Iterable) else [protect]
    if not all(isinstance(name, str) for name in names):
        raise BadInput(
            "protect holds something that is no name.",
            call="login",
            next_step='Give a list of names: protect=["Freezer"].',
        )
    if not names:
        return Guard(read_only)
    devices = {
        device.device_id
        for device in cloud.devices(refresh=False)
        if _named(names, device.alias, device.device_id)
    }
    outlets = _outlets(cloud, names)
    known = [d for d in cloud.devices(refresh=False) if d.device_id in devices]
    for name in names:
        if any(_named([name], d.alias, d.device_id) for d in known):
            continue
        if any(_named([name], o.alias, o.outlet_id) for o in outlets.found):
            continue
        silent = outlets.silent
        asked = (
            f" {', '.join(d.alias for d in silent)} did not answer." if silent else ""
        )
        raise NoSuchDevice(
            f"protect names {name!r}, which is no device and no outlet.{asked}",
            call="login",
            next_step="Correct the name; tl.login(...).devices() lists them.",
        )
    # Nobody knows what the outlets of a silent strip are called: it stays locked.
    devices.update(device.device_id for device in outlets.silent)
    return Guard(read_only, frozenset(devices), outlets.locked)


class _Outlets(NamedTuple):
    """Outlets that were named, and the strips that could not be asked."""

    locked: dict[str, frozenset[str]]
    found: list[OutletState]
    silent: list[Device]


def _outlets(cloud: Cloud, names: list[str]) -> _Outlets:
    """Look for *names* among the outlets of every strip.

    Plugs are asked too: only its answer tells a strip, and one that is silent may be
    one.
    """
    locked: dict[str, set[str]] = {}
    found: list[OutletState] = []
    silent: list[Device] = []
    for device in cloud.devices(refresh=False):
        if device.device_type not in _MAY_HAVE_OUTLETS:
            continue
        if device.online is False:
            silent.append(device)
            continue
        try:
            outlets = device.state().outlets
        except TPLinkLabError:
            silent.append(device)
            continue
        for outlet in outlets:
            if _named(names, outlet.alias, outlet.outlet_id):
                locked.setdefault(device.device_id, set()).add(outlet.outlet_id)
                found.append(outlet)
    return _Outlets({key: frozenset(ids) for key, ids in locked.items()}, found, silent)


def _named(names: list[str], alias: str, key: str) -> bool:
    wanted = {folded(name) for name in names}
    return folded(alias) in wanted or folded(key) in wanted
