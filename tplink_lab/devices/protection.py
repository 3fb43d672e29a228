"""Turn the names in ``protect=[…]`` into ids, once, at login."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tplink_lab.cloud.guard import Guard
from tplink_lab.devices.iot import OutletState
from tplink_lab.errors import BadInput, NoSuchDevice, TPLinkLabError

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud

__all__ = ["make_guard"]


def make_guard(cloud: Cloud, read_only: bool, protect: Iterable[str]) -> Guard:
    """Return the guard for these names of devices or outlets.

    Ids, not names, are kept: a device stays protected when it is renamed. A name
    that fits nothing is an error, for a typo would leave a freezer unprotected.

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
    listed = cloud.devices(refresh=False)
    devices: set[str] = set()
    left: list[str] = []
    for name in names:
        fits = [
            d
            for d in listed
            if name.casefold() in (d.alias.casefold(), d.device_id.casefold())
        ]
        devices.update(d.device_id for d in fits)
        if not fits:
            left.append(name)
    return Guard(read_only, frozenset(devices), _outlets(cloud, left))


def _outlets(cloud: Cloud, names: list[str]) -> dict[str, frozenset[str]]:
    if not names:
        return {}
    known: list[tuple[str, OutletState]] = []
    silent: list[str] = []
    for device in cloud.devices(refresh=False):
        if device.device_type != "IOT.SMARTPLUGSWITCH":
            continue
        try:
            known += [(device.device_id, o) for o in device.state().outlets]
        except TPLinkLabError:
            silent.append(device.alias)
    found: dict[str, set[str]] = {}
    for name in names:
        fits = [
            (device_id, outlet)
            for device_id, outlet in known
            if name.casefold() in (outlet.alias.casefold(), outlet.outlet_id.casefold())
        ]
        if not fits:
            asked = f" {', '.join(silent)} did not answer." if silent else ""
            raise NoSuchDevice(
                f"protect names {name!r}, which is no device and no outlet.{asked}",
                call="login",
                next_step="Correct the name; tl.login(...).devices() lists them.",
            )
        for device_id, outlet in fits:
            found.setdefault(device_id, set()).add(outlet.outlet_id)
    return {device_id: frozenset(ids) for device_id, ids in found.items()}
