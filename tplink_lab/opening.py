"""The ways to open the lab: a practice cloud, or a real account."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tplink_lab.cloud.account import log_in
from tplink_lab.cloud.client import Cloud
from tplink_lab.cloud.hosts import ENTRY_URL, check_url
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.transport import TIMEOUT_S, Transport
from tplink_lab.devices.protection import make_guard
from tplink_lab.errors import BadInput, PracticeFailed

if TYPE_CHECKING:
    from tplink_lab.practice import PracticeCloud

__all__ = ["PRACTICE_NOW", "login", "practice"]

# The practice clock stands here unless told otherwise, so that a lesson prints the
# same lines on every day: a Sunday evening, just after the lamps went on.
PRACTICE_NOW = "2026-11-01T18:00:00+00:00"


def login(
    email: str,
    password: str | Secret | None = None,
    *,
    url: str = ENTRY_URL,
    ca_file: str | Path | None = None,
    timeout_s: float = TIMEOUT_S,
    read_only: bool = False,
    protect: Iterable[str] = (),
) -> Cloud:
    """Log in to an account and return its cloud.

    Parameters
    ----------
    email : str
        The account's address, as in the Kasa app.
    password : str, optional
        Left out, it is asked for and not shown: better than a notebook that keeps
        it.
    url : str
        The entry URL: TP-Link's by default, or any server on loopback.
    ca_file : str or Path, optional
        The roots to check the server's certificate with, for a practice cloud that
        serves https.
    timeout_s : float
        How long one call may take.
    read_only : bool
        Refuse whatever would change something.
    protect : iterable of str
        Names of devices or outlets that are never switched, as ``["Freezer"]``.

    Returns
    -------
    Cloud
        Logged in.

    Raises
    ------
    LoginRefused
        If the cloud refuses; it is tried once, for wrong passwords lock an account.
    SecondFactorNeeded
        If the account has two-step verification.
    UntrustedHost
        If *url* is no TP-Link host and not loopback; nothing was sent.
    CloudUnreachable
        If no usable answer came.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     school = cloud.practice
    ...     mine = tl.login(school.email, school.password, url=school.url)
    >>> mine.token
    Secret([hidden])
    """
    # At once, so that no traceback that prints variables shows it.
    password = Secret(password) if isinstance(password, str) else password
    if not isinstance(password, Secret | None):
        password = None
        raise BadInput(
            "The password is not text.", call="login", next_step="Put it in quotes."
        )
    address = check_url(url)
    if password is None:
        password = Secret(getpass.getpass(f"Password of {email}: "))
    transport = Transport(ca_file=ca_file, timeout_s=timeout_s)
    try:
        cloud = Cloud(transport, address, log_in(transport, address, email, password))
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
    read_only, protect, timeout_s
        As for :func:`login`.
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
