"""The panel without widgets: the same rows and the same click, as plain functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tplink_lab.devices import Device, DeviceState
from tplink_lab.errors import BadInput
from tplink_lab.widgets.rows import NOTHING_TO_SWITCH, PanelRow, Problem, explain
from tplink_lab.widgets.track import Job, Shown, Target, Track

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud

__all__ = [
    "Choice",
    "Outcome",
    "attempt",
    "check_choice",
    "chosen",
    "panel_rows",
    "rows_of",
    "switch",
    "take",
]

# What may be given as ``devices``.
Choice = Device | str | Iterable[Device | str] | None
# What comes of a job: what was read, None for a switch that was accepted, or why not.
Outcome = DeviceState | Mapping[str, Any] | Problem | Exception | None


def panel_rows(cloud: Cloud, devices: Choice = None) -> list[PanelRow]:
    """Return what the control panel shows, as plain values.

    One request for each device, one after the other; one for the list if the cloud
    has none yet. A device that fails gives a row that says why.

    Parameters
    ----------
    cloud : Cloud
        The account.
    devices : DeviceList, or iterable of Device or str, optional
        Which devices; all of the account by default.

    Returns
    -------
    list of PanelRow
        A row for each device in the given order, a strip's outlets after it.

    Raises
    ------
    TPLinkLabError
        If the device list cannot be had, or a name fits no device.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     for row in tl.widgets.panel_rows(cloud, ["Desk Lamp"]):
    ...         print(row.alias, row.state)
    Desk Lamp off
    """
    rows: list[PanelRow] = []
    for device in chosen(cloud, check_choice(devices)):
        track = Track(device.alias, device.model)
        track.ask()
        _settle(device, track)
        rows += [shown.row for shown in rows_of(device, track)]
    return rows


def switch(cloud: Cloud, name: str, on: bool, outlet: str | None = None) -> PanelRow:
    """Do what a click in the panel does, and return the row as it is then.

    It switches and reads back. Trouble with the cloud or the device is told by the
    row, as in the panel; ``device.turn_on()`` raises it instead.

    Parameters
    ----------
    cloud : Cloud
        The account.
    name : str
        The device, as for ``cloud.device``.
    on : bool
        What it shall be.
    outlet : str, optional
        One outlet of a strip, by its name or its id.

    Raises
    ------
    NoSuchDevice
        If no device or no outlet fits.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     tl.widgets.switch(cloud, "Desk Lamp", True).state
    'on'
    """
    device = cloud.device(name)
    track = Track(device.alias, device.model)
    target = None if outlet is None else _outlet_id(device, outlet)
    track.wish(bool(on), target)
    _settle(device, track)
    for shown in rows_of(device, track):
        if shown.target == target:
            return shown.row
    return rows_of(device, track)[0].row


def check_choice(devices: Choice) -> list[Device | str] | None:
    """Return *devices* as a list, or raise if it cannot name any.

    Raises
    ------
    BadInput
        If an entry is neither a Device nor a name. Nothing was sent.
    """
    if devices is None:
        return None
    if isinstance(devices, Device | str):
        return [devices]
    items = list(devices) if isinstance(devices, Iterable) else [devices]
    for item in items:
        if not isinstance(item, Device | str):
            raise BadInput(
                f"devices holds {type(item).__name__}, which is no device.",
                call="control_panel",
                next_step="Give cloud.devices(), a part of it, or a list of names.",
            )
    return items


def chosen(cloud: Cloud, devices: list[Device | str] | None) -> list[Device]:
    """Return the devices meant, each once. Asks for the list if it must."""
    if devices is None:
        found = list(cloud.devices(refresh=False))
    else:
        found = [cloud.device(d) if isinstance(d, str) else d for d in devices]
    return list({device.device_id: device for device in found}.values())


def attempt(device: Device, job: Job) -> Outcome:
    """Do one job and return what came of it.

    One request; two if the device is switched before it was ever read. None for a
    camera: it has no switch to tell of, and refuses other questions in its own words.
    """
    if device.is_camera and job.errand is None:
        return NOTHING_TO_SWITCH
    try:
        if job.errand is not None:
            return job.errand.run(device)
        if job.on is None:
            return device.state()
        device.set_state(job.on, job.target)
    except Exception as error:  # noqa: BLE001 - every failure becomes a row that says so
        return error
    return None


def rows_of(device: Device, track: Track) -> list[Shown]:
    """Return the rows of *track*, with the locks of its device."""
    outlets = track.state.outlets if track.state else ()
    locked: set[Target] = {
        o.outlet_id for o in outlets if device.outlet(o.outlet_id).is_protected
    }
    if device.is_protected:
        locked.add(None)
    return track.rows(frozenset(locked))


def take(track: Track, job: Job, outcome: Outcome) -> bool:
    """Hand what came of *job* to its track; False if it came too late."""
    if isinstance(outcome, Exception):
        outcome = explain(outcome)
    if isinstance(outcome, Problem):
        return track.failed(job.number, outcome)
    at = datetime.now().astimezone().strftime("%H:%M:%S")
    if isinstance(outcome, Mapping):
        return track.done(job.number, outcome, at)
    return track.answered(job.number, outcome, at)


def _settle(device: Device, track: Track) -> None:
    while (job := track.next_job()) is not None:
        take(track, job, attempt(device, job))


def _outlet_id(device: Device, name: str) -> str:
    outlets = device.outlets
    # Capitals do not matter for devices, so they do not for outlets.
    folded = name.strip().casefold()
    fits = [o for o in outlets if o.alias.casefold() == folded]
    return fits[0].outlet_id if len(fits) == 1 else outlets[name].outlet_id
