"""What a row of the panel says: plain values, and the words and shapes for them.

Pure: no widgets, no threads, no requests.
"""

from __future__ import annotations

import html
import traceback
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import PurePath
from typing import Literal, NamedTuple

from tplink_lab.errors import (
    BadInput,
    CloudError,
    CloudTimeout,
    CloudUnreachable,
    DeviceError,
    DeviceNotYours,
    DeviceOffline,
    LoginRefused,
    NotSupported,
    RateLimited,
    RequestRefused,
    TokenRefused,
    TPLinkLabError,
    UnusableAnswer,
    WriteRefused,
)

__all__ = [
    "NOTHING_TO_SWITCH",
    "Effect",
    "PanelRow",
    "Problem",
    "RowState",
    "explain",
    "heading",
    "shape_and_words",
    "static_html",
    "static_text",
]

RowState = Literal[
    "busy", "on", "off", "unknown", "offline", "failed", "not switchable"
]

LOCKED = "Locked: the lab is read-only, or this device is protected."
NO_SWITCH = "It has no relay and no light, so there is nothing to switch."

# A state is told by a shape and by words; colour only repeats it. The shapes are in
# every common font, unlike emoji.
SHAPES: dict[RowState, str] = {
    "busy": "…",
    "on": "●",
    "off": "○",
    "unknown": "?",
    "offline": "✕",
    "failed": "!",
    "not switchable": "⊘",
}


class PanelRow(NamedTuple):
    """One row of the panel: a device, or one outlet of a strip.

    Attributes
    ----------
    alias : str
        The device's name.
    outlet : str
        The outlet's name; empty on the device's own row.
    model : str
        The model with its region.
    state : str
        ``"busy"``, ``"on"``, ``"off"``, ``"unknown"``, ``"offline"``, ``"failed"``
        or ``"not switchable"``.
    is_on : bool or None
        What the device last said; None when that is not known now.
    locked : bool
        Whether ``read_only`` or ``protect`` forbids switching it.
    reason : str
        What went wrong and what to do about it; empty when all is well.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     row = tl.widgets.panel_rows(cloud, ["Desk Lamp"])[0]
    >>> row.alias, row.state, row.locked
    ('Desk Lamp', 'off', False)
    """

    alias: str
    outlet: str
    model: str
    state: RowState
    is_on: bool | None
    locked: bool = False
    reason: str = ""


class Effect(Enum):
    """What a failed call tells about the device."""

    NONE = "refused before it reached the device: its last word stands"
    OFFLINE = "the cloud cannot reach the device"
    UNSURE = "it may have happened or not"
    NO_SWITCH = "this version cannot switch it"


class Problem(NamedTuple):
    """A failure in words that may be shown and saved: they hold no secret.

    Attributes
    ----------
    short : str
        Two or three words.
    text : str
        What happened, why, and the next step.
    effect : Effect
        What it means for the device's state.
    is_general : bool
        Whether asking again at once would only fail again, for every device.
    """

    short: str
    text: str
    effect: Effect = Effect.UNSURE
    is_general: bool = False


NOTHING_TO_SWITCH = Problem("nothing to switch", NO_SWITCH, Effect.NO_SWITCH)

# The first that fits counts, so subclasses come before their bases.
_SHORT: tuple[tuple[type[TPLinkLabError], str, Effect], ...] = (
    (DeviceOffline, "offline", Effect.OFFLINE),
    (TokenRefused, "log in again", Effect.NONE),
    (RateLimited, "too many calls", Effect.NONE),
    (LoginRefused, "login refused", Effect.NONE),
    (DeviceNotYours, "not on this account", Effect.NONE),
    (RequestRefused, "request refused", Effect.NONE),
    (WriteRefused, "locked", Effect.NONE),
    (BadInput, "not sent", Effect.NONE),
    (CloudTimeout, "no answer in time", Effect.UNSURE),
    (UnusableAnswer, "unusable answer", Effect.UNSURE),
    (CloudUnreachable, "cloud unreachable", Effect.UNSURE),
    (NotSupported, "not switchable here", Effect.NO_SWITCH),
    (DeviceError, "the device refused", Effect.UNSURE),
    (CloudError, "the cloud reports an error", Effect.UNSURE),
    (TPLinkLabError, "did not work", Effect.UNSURE),
)


def explain(error: Exception) -> Problem:
    """Return what to show for *error*.

    Of an error that is not of our family only the type and the place are told: its
    text was not written by us and might hold anything, a token too.

    Examples
    --------
    >>> from tplink_lab.codes import cloud_error
    >>> explain(cloud_error("passthrough", -20651, "Token expired")).short
    'log in again'
    """
    for kind, short, effect in _SHORT:
        if isinstance(error, kind):
            general = isinstance(error, TokenRefused | RateLimited)
            return Problem(short, str(error), effect, general)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}"
    name = type(error).__name__
    return Problem(
        name,
        f"An unexpected {name}{place if frames else ''}. This is a fault of the lab: "
        "panel.last_error holds it; please report it.",
    )


def shape_and_words(row: PanelRow, doing: str = "", was: str = "") -> tuple[str, str]:
    """Return how a row's state is told: a shape, and words beside it.

    Parameters
    ----------
    row : PanelRow
        The row.
    doing : str
        What it is busy with, such as ``"turning on"``, or why it failed, in short.
    was : str
        What was known before it was lost, such as ``"on"``, or more about the state,
        such as ``"2 of 6"``.

    Examples
    --------
    >>> shape_and_words(PanelRow("Desk Lamp", "", "HS100(EU)", "on", True))
    ('●', 'on')
    """
    words: str = row.state
    if row.state in ("busy", "failed") and doing:
        words = f"{row.state}: {doing}"
    if row.state == "not switchable":
        is_told_so = row.reason == NO_SWITCH
        words = "nothing to switch" if is_told_so else "not switchable here"
    elif was:
        lost = row.state in ("unknown", "offline", "failed")
        words += f" (was {was})" if lost else f" ({was})"
    return SHAPES[row.state], words


def heading(count: int) -> str:
    """Return the panel's title, such as ``"12 devices"``."""
    return f"{count} device" if count == 1 else f"{count} devices"


_NOTE = "Their states are shown by the live panel; run the cell to see them."


def static_text(
    devices: Sequence[tuple[str, str, str]] | None, problem: str = ""
) -> str:
    """Return the panel as plain text, for places without widgets.

    It names devices and models only: a state saved in a notebook would be a lie by
    the time somebody reads it, and the text would differ at every run.

    Parameters
    ----------
    devices : sequence of (alias, model, room), or None
        None while the list has not come. Rooms may be empty.
    problem : str
        Why there is no list.
    """
    if devices is None:
        return f"Control panel: {problem or 'the device list has not come yet.'}"
    widths = [max((len(row[n]) for row in devices), default=0) for n in range(2)]
    lines = [
        f"  {alias.ljust(widths[0])}  {model.ljust(widths[1])}  {room}".rstrip()
        for alias, model, room in devices
    ]
    return "\n".join([f"Control panel: {heading(len(devices))}. {_NOTE}", *lines])


def static_html(
    devices: Iterable[tuple[str, str, str]] | None, problem: str = ""
) -> str:
    """Return the panel as an HTML table, for places without widgets."""
    if devices is None:
        return f"<p>{html.escape(static_text(None, problem))}</p>"
    known = list(devices)
    # Without the Tapo app nobody tells the rooms.
    columns = ["alias", "model", "room"][: 3 if any(room for *_, room in known) else 2]
    head = "".join(f"<th scope='col'>{name}</th>" for name in columns)
    body = "".join(
        "<tr>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[: len(columns)])
        + "</tr>"
        for row in known
    )
    return (
        "<table class='tplink-lab-panel-static'>"
        f"<caption>Control panel: {heading(len(known))}. {_NOTE}</caption>"
        f"<thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
