"""Look at a host as the network shows it: its name, and its certificate."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tplink_lab.cloud.connections import Connections, kind_of
from tplink_lab.cloud.hosts import Address

__all__ = ["Handshake", "resolve", "shake_hands"]


class Handshake(NamedTuple):
    """A certificate that was checked and found good.

    Attributes
    ----------
    kind : str
        Which roots vouch for it: ``"public"`` or ``"private"``.
    issuer : str
        Who signed it.
    expires : datetime
        Until when it is good (UTC).
    """

    kind: str
    issuer: str
    expires: datetime


def resolve(address: Address) -> str:
    """Return one IP address of the host; empty if DNS knows no such name."""
    try:
        found = socket.getaddrinfo(address.host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return ""
    return str(found[0][4][0]) if found else ""


def shake_hands(
    address: Address, connections: Connections, timeout_s: float
) -> Handshake:
    """Return the host's certificate, checked as for any call. Nothing is sent.

    Raises
    ------
    OSError
        If it cannot be reached; `ssl.SSLError` if its certificate is not trusted.
    BadInput
        If the roots to check it with are not at hand.
    """
    kind = kind_of(address)
    context = connections.context(kind)
    port = urlsplit(address.url).port or 443
    with (
        socket.create_connection((address.host, port), timeout_s) as plain,
        context.wrap_socket(plain, server_hostname=address.host) as secure,
    ):
        found = secure.getpeercert() or {}
    parts: Any = found.get("issuer", ())
    names = dict(pair for part in parts for pair in part)
    issuer = names.get("organizationName") or names.get("commonName") or "unknown"
    ends = ssl.cert_time_to_seconds(str(found["notAfter"]))
    return Handshake(kind, str(issuer), datetime.fromtimestamp(ends, UTC))
