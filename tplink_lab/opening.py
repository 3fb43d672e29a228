"""Ways around a login: a practice cloud, or a token that you already hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tplink_lab.cloud.account import Account
from tplink_lab.cloud.client import Cloud
from tplink_lab.cloud.hosts import ENTRY_URL, check_url
from tplink_lab.cloud.login import chosen
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.session import PATIENCE_S, Session
from tplink_lab.cloud.terminal import terminal_for
from tplink_lab.cloud.transport import TIMEOUT_S, Transport
from tplink_lab.devices.protection import make_guard
from tplink_lab.entering import login
from tplink_lab.errors import BadInput, PracticeFailed

if TYPE_CHECKING:
    from tplink_lab.practice import PracticeCloud

__all__ = ["PRACTICE_NOW", "from_token", "practice"]

# The practice clock stands here unless told otherwise, so that a lesson prints the
# same lines on every day: a Sunday evening, just after the lamps went on.
PRACTICE_NOW = "2026-11-01T18:00:00+00:00"


def from_token(
    token: str | Secret,
    *,
    refresh_token: str | Secret = "",
    app: str = "kasa",
    terminal: str | None = None,
    url: str = ENTRY_URL,
    ca_file: str | Path | None = None,
    timeout_s: float = TIMEOUT_S,
    patience_s: float = PATIENCE_S,
    read_only: bool = False,
    protect: Iterable[str] = (),
) -> Cloud:
    """Open the cloud with a token that you already hold.

    As the article's reader who found one in the backup of a phone. Calls are
    unsigned, in the classic form.

    Parameters
    ----------
    token : str
        What goes behind ``?token=``.
    refresh_token : str
        Buys new tokens, if you have it; it also needs its *terminal*.
    app : {"kasa", "tapo"}
        Which app's token it is.
    terminal : str, optional
        The terminal UUID the tokens were given to.
    url : str
        The entry URL; the host the token came from is the best guess.
    ca_file, timeout_s, patience_s, read_only, protect
        As for :func:`login`.

    Raises
    ------
    BadInput
        If the token cannot be one.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     mine = tl.from_token(cloud.token, url=cloud.url)
    ...     mine.device("Desk Lamp").is_on()
    False
    """
    token = Secret(token) if isinstance(token, str) else token
    refresh_token = (
        Secret(refresh_token) if isinstance(refresh_token, str) else refresh_token
    )
    if not isinstance(token, Secret) or not isinstance(refresh_token, Secret):
        token = refresh_token = Secret("")
    problem = _no_token(token)
    if problem:
        raise BadInput(
            problem,
            call="from_token",
            next_step="Give only what stands behind '?token=' in the URL.",
        )
    (identity,) = chosen([app])
    address = check_url(url)
    account = Account("", token, refresh_token, terminal or terminal_for(address))
    transport = Transport(ca_file=ca_file, timeout_s=timeout_s)
    session = Session(
        transport, identity, address, account, signed=False, patience_s=patience_s
    )
    try:
        cloud = Cloud(transport, {app: session})
        cloud.guard = make_guard(cloud, read_only, protect)
    except BaseException:
        transport.close()
        raise
    return cloud


def practice(
    home: Any = None,
    *,
    read_only: bool = False,
    protect: Iterable[str] = (),
    timeout_s: float = TIMEOUT_S,
    patience_s: float = 0.0,
    protocol: str = "v2",
    now: Any = PRACTICE_NOW,
    **options: Any,
) -> Cloud:
    """Start a practice cloud in this process and log in to it.

    No account, no plug and no internet: it is a server on loopback that answers as
    TP-Link's cloud does, with a household of its own.

    Parameters
    ----------
    home : path, dict or list, optional
        A home file, a folder of device dumps, or snapshots; the household that ships
        by default.
    read_only, protect, timeout_s, protocol
        As for :func:`login`.
    patience_s : float
        As for :func:`login`, but 0: where the clock stands, no limit passes.
    now : str or datetime
        Where the practice clock stands. ``cloud.practice.advance(hours=1)`` moves it.
    **options
        Whatever :class:`tplink_lab.practice.PracticeCloud` takes: ``seed``,
        ``latency_s``, ``clock="running"`` …

    Returns
    -------
    Cloud
        Logged in; ``cloud.practice`` holds the server and the trouble it can make.

    Raises
    ------
    PracticeFailed
        If the home cannot be brought to life, or no port is free.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     cloud.practice.unplug("Kettle")
    ...     cloud.devices()["Kettle"].online
    False
    """
    server = _started(home, now, options)
    try:
        cloud = login(
            server.email,
            Secret(server.password),
            url=server.url,
            ca_file=server.ca_file,
            timeout_s=timeout_s,
            patience_s=patience_s,
            protocol=protocol,
            read_only=read_only,
            protect=protect,
        )
    except BaseException:
        server.stop()
        raise
    cloud.practice = server
    return cloud


def _started(home: Any, now: Any, options: dict[str, Any]) -> PracticeCloud:
    from tplink_lab.practice import PracticeCloud, PracticeError

    problem = ""
    try:
        return PracticeCloud(home, now=now, **options).start()
    except PracticeError as exc:
        problem = str(exc)
    raise PracticeFailed(problem, call="practice")


def _no_token(token: Secret) -> str:
    """Return why it cannot be a token; empty if it can."""
    text = token.reveal()
    if not text:
        return "The token is missing."
    if any(mark in text for mark in "?&=/") or not re.fullmatch(r"[!-~]+", text):
        return "This is more than a token."
    return ""
