"""``tl.doctor``: what is wrong, and what to do about it.

It tells three things apart that are easily taken for one: *listed* (the account has
the device), *connected* (the cloud says it holds a connection to it) and *answered*
(it said something when the right service asked). A Tapo device is never called
offline on the word of the classic list, which cannot know (protocol.md §4, §6.2).
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from tplink_lab.cloud import Cloud
from tplink_lab.cloud.hosts import Address, check_url
from tplink_lab.cloud.probe import Handshake, resolve, shake_hands
from tplink_lab.cloud.session import Session
from tplink_lab.devices import Device
from tplink_lab.errors import (
    DeviceOffline,
    NotSupported,
    TapoNotReached,
    TPLinkLabError,
    UntrustedHost,
)
from tplink_lab.report import Check, Report

__all__ = ["doctor"]

# Signed timestamps and certificates stand some minutes; a choice.
CLOCK_TOLERANCE = timedelta(minutes=5)
# Tokens live about 30 days, as users report (protocol.md §3.7).
TOKEN_GETS_OLD = timedelta(days=25)
CERTIFICATE_ENDS = timedelta(days=14)
# What is weak for a plug, in dBm; a choice.
WEAK_DBM = -75
ASKED_AT_ONCE = 4


def doctor(cloud: Cloud) -> Report:
    """Examine clock, network, certificates, logins, tokens and every device.

    Reads only. One list for each app and one request for each device are sent.

    Parameters
    ----------
    cloud : Cloud
        Logged in, or not quite: what fails is part of the report.

    Returns
    -------
    Report
        A table of checks, each ``pass``, ``warn``, ``fail`` or ``unknown``, with
        what was found and the next step. ``.save("report.json")`` writes a bundle to
        share, in which no secret can be read.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     cloud.practice.unplug("Kettle")
    ...     report = tl.doctor(cloud)
    >>> [check.about for check in report.fails]
    ['Kettle', 'Garage Heater']
    """
    checks: list[Check] = []
    devices: list[Device] = []
    began = datetime.now(UTC)
    trouble: TPLinkLabError | None = None
    with warnings.catch_warnings(record=True):
        # Told below, by a check.
        warnings.simplefilter("always", TapoNotReached)
        try:
            devices = list(cloud.devices())
        except TPLinkLabError as error:
            trouble = error
    for number, session in enumerate(cloud.sessions.values()):
        # The first one's list was asked for just now.
        failed = _probe(session) if number else trouble
        login = _login(session, failed)
        token = _token(session, datetime.now(UTC))
        if login.status == "fail":
            step = f"See login {token.about}."
            token = token._replace(
                status="unknown", found="Not proven.", next_step=step
            )
        checks += [login, token]
    for name, refusal in cloud.refused.items():
        checks.append(Check("login", name, "fail", refusal.what, refusal.next_step))
    if trouble is None:
        text = f"{len(devices)} are listed."
        checks += [Check("list", "devices", "pass", text), *_things(cloud)]
    heard = [e for e in cloud.exchanges if e.server_date and e.at >= began]
    if heard:
        last = heard[-1]
        checks.insert(0, clock(last.server_date, last.at, practice=cloud.is_practice))
    checks[1:1] = _network(cloud, devices)
    with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        for found in pool.map(_device, devices):
            checks += found
    checks += firmware(devices)
    return Report(checks, cloud)


def clock(server_date: str, here: datetime, *, practice: bool = False) -> Check:
    """Return the check of this computer's clock against an answer's ``Date``."""
    try:
        there = parsedate_to_datetime(server_date)
    except ValueError:
        return Check("clock", "this computer", "unknown", "The server told no time.")
    if there.tzinfo is None:
        there = there.replace(tzinfo=UTC)  # "-0000" says so
    if practice:
        text = f"The practice clock says {there:%Y-%m-%d %H:%M} UTC."
        return Check("clock", "practice cloud", "pass", text)
    off = here - there
    if abs(off) <= CLOCK_TOLERANCE:
        return Check("clock", "this computer", "pass", "It agrees with the server's.")
    way = "ahead of" if off > timedelta() else "behind"
    return Check(
        "clock",
        "this computer",
        "fail",
        f"It is {abs(off).total_seconds() / 60:.0f} min {way} the server's.",
        "Set it by the network: certificates and histories go by it.",
    )


def firmware(devices: Iterable[Device]) -> list[Check]:
    """Return a warning for each device that runs older firmware than its twin."""
    twins: dict[tuple[str, str], list[tuple[tuple[int, int, int], Device]]] = {}
    for device in devices:
        version = device.firmware.version
        if version is not None:
            kind = (device.model, device.hw_ver)
            twins.setdefault(kind, []).append((version, device))
    checks = []
    for group in twins.values():
        newest, best = max(group, key=lambda pair: pair[0])
        for version, device in group:
            if version < newest:
                text = (
                    f"It runs {device.fw_ver}; {best.alias}, the same model, runs "
                    f"{best.fw_ver}."
                )
                step = "Update it in the official app."
                checks.append(Check("firmware", device.alias, "warn", text, step))
    return checks


def _probe(session: Session) -> TPLinkLabError | None:
    """Ask for a session's list, and return what went wrong."""
    try:
        session.classic("getDeviceList", None, repeatable=True)
    except TPLinkLabError as error:
        return error
    return None


def _login(session: Session, error: TPLinkLabError | None) -> Check:
    """Return whether a session's token is still taken."""
    name = session.app.name
    if error is not None:
        return _failed("login", name, error)
    where = "the practice cloud" if session.address.is_loopback else session.url
    return Check("login", name, "pass", f"Logged in at {where}.")


def _things(cloud: Cloud) -> list[Check]:
    """Return whether the service of Tapo devices answers."""
    why = cloud.why_no_things()
    if "tapo" not in cloud.sessions:
        return []
    if why:
        step = "Until then Tapo devices are listed, and cannot be asked."
        return [Check("service", "Tapo devices", "fail", why, step)]
    text = "The Thing API answers."
    return [Check("service", "Tapo devices", "pass", text)]


def _token(session: Session, now: datetime) -> Check:
    """Return the check of a token's age, and of the means to renew it."""
    name, since = session.app.name, session.renewed_at or session.logged_in_at
    renewable = bool(session.account.refresh_token)
    if not renewable:
        return Check(
            "token",
            name,
            "warn",
            "There is no refresh token, so it ends after about a month.",
            "tl.login(...) gets both.",
        )
    if since is None:
        return Check("token", name, "unknown", "Nobody noted when it was given.")
    age = now - since
    if age < timedelta():
        text = "It was given in the future, by this computer's clock."
        return Check("token", name, "warn", text, "Set the clock by the network.")
    if age > TOKEN_GETS_OLD:
        text = f"It is {age.days} days old; tokens live for about 30."
        return Check("token", name, "warn", text, "Call cloud.renew().")
    days = f"{age.days} days" if age.days else "less than a day"
    return Check("token", name, "pass", f"It is {days} old, and can be renewed.")


def _network(cloud: Cloud, devices: Iterable[Device]) -> list[Check]:
    """Return name and certificate of every host that is in use."""
    addresses = {s.address.host: s.address for s in cloud.sessions.values()}
    checks = []
    for device in devices:
        try:
            if device.app_server_url:
                address = check_url(device.app_server_url)
                addresses.setdefault(address.host, address)
        except UntrustedHost as error:
            step = "Do not use it; log in again at wap.tplinkcloud.com."
            checks.append(Check("address", device.alias, "fail", error.what, step))
    for address in addresses.values():
        checks += _host(address, cloud)
    return checks


def _host(address: Address, cloud: Cloud) -> list[Check]:
    if address.url.startswith("http:"):
        text = "Plain http, on this machine only."
        return [Check("network", address.host, "pass", text)]
    if cloud.connections.is_proxied(address):
        text = "It is reached through a proxy, which looks up names itself."
        return [Check("network", address.host, "unknown", text)]
    ip = resolve(address)
    if not ip:
        step = "Check the connection and the DNS server."
        return [Check("DNS", address.host, "fail", "DNS knows no such name.", step)]
    found = [Check("DNS", address.host, "pass", f"It is {ip}.")]
    try:
        hands = shake_hands(address, cloud.connections, cloud.timeout_s)
    except ssl.SSLError as error:
        why = error.reason or type(error).__name__
        text = f"Its certificate is not trusted ({why})."
        step = "A proxy or antivirus may be in between; see lesson 10."
        return [*found, Check("TLS", address.host, "fail", text, step)]
    except (OSError, TPLinkLabError) as error:
        text = f"No connection: {type(error).__name__}."
        return [*found, Check("TLS", address.host, "fail", text, "Check the firewall.")]
    return [*found, certificate(address.host, hands, datetime.now(UTC))]


def certificate(host: str, hands: Handshake, now: datetime) -> Check:
    """Return the check of a certificate that was trusted."""
    text = (
        f"Signed by {hands.issuer} ({hands.kind} roots), good until "
        f"{hands.expires:%Y-%m-%d}."
    )
    soon = hands.expires - now < CERTIFICATE_ENDS
    step = "The host's owner has to renew it." if soon else ""
    return Check("TLS", host, "warn" if soon else "pass", text, step)


def _device(device: Device) -> list[Check]:
    """Return what is known about one device: listed, connected, answered."""
    if device.dialect != "iot" and device.route is None:
        text = (
            "Listed. The classic list cannot know whether it is connected, and the "
            "service that could was not reached."
        )
        step = "tl.login(...) logs in to Tapo; if it was refused, see login tapo above."
        return [Check("device", device.alias, "unknown", text, step)]
    said = {True: "connected", False: "not connected", None: "of unknown connection"}
    listed = f"Listed, {said[device.online]}"
    try:
        info = device.info()
    except DeviceOffline:
        if device.online:
            text = f"{listed}, but the service that was asked cannot reach it."
            step = "Try again in a minute; it may have just dropped off the Wi-Fi."
            return [Check("device", device.alias, "fail", text, step)]
        step = "Check its plug and the Wi-Fi; offline is not off."
        return [Check("device", device.alias, "fail", f"{listed}, no answer.", step)]
    except NotSupported:
        text = f"{listed}. It is of a kind that cannot be asked for its state."
        return [Check("device", device.alias, "unknown", text)]
    except TPLinkLabError as error:
        step = error.next_step
        text = f"{listed}. {error.what}"
        return [Check("device", device.alias, "fail", text, step)]
    found = [Check("device", device.alias, "pass", f"{listed}, and it answered.")]
    rssi = info.get("rssi")
    if isinstance(rssi, int) and not isinstance(rssi, bool) and rssi < WEAK_DBM:
        step = "Move the device or the access point closer together."
        text = f"Its signal is weak: {rssi} dBm."
        found.append(Check("Wi-Fi", device.alias, "warn", text, step))
    return found


def _failed(name: str, about: str, error: TPLinkLabError) -> Check:
    text = f"{error.what} {error.cause}".strip()
    return Check(name, about, "fail", text, error.next_step)
