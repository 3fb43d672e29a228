"""Which addresses may receive a token: the one place that decides.

``appServerUrl`` is data that a server sent, so it is checked like any input.
The rule is protocol.md §1.3: https at the default port, no user, path, query or
fragment, a host below TP-Link's domains. Plain http goes to loopback only, and
loopback never shares a session with the real cloud.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from tplink_lab.errors import UntrustedHost

__all__ = ["ENTRY_URL", "Address", "check_same_world", "check_url", "ways_to"]

ENTRY_URL = "https://wap.tplinkcloud.com"
TRUSTED_DOMAINS = (".tplinkcloud.com", ".tplinknbu.com")


_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


class Address(NamedTuple):
    """A checked base URL."""

    url: str
    host: str
    is_loopback: bool

    @property
    def needs_private_roots(self) -> bool:
        """Whether the host shows a certificate of TP-Link's private CA (§1.1)."""
        return not self.is_loopback and (
            self.host.startswith("n-")
            or self.host.endswith((".i.tplinkcloud.com", ".tplinknbu.com"))
        )

    @property
    def alias(self) -> Address | None:
        """The same service under a public certificate, where there is one.

        Without the leading ``n-`` the same service answers (protocol.md §1.1, two
        collectors of one author); ``X-wap.i.`` is ``X-wap.`` (one source). The
        hosts of the Thing API have none.
        """
        name = re.fullmatch(r"(?:n-)?([a-z0-9-]*wap(?:-gw)?)(?:\.i)?", self._name)
        if not self.needs_private_roots or name is None:
            return None
        host = f"{name[1]}.tplinkcloud.com"
        return Address(f"https://{host}", host, False)

    @property
    def _name(self) -> str:
        return self.host.removesuffix(".tplinkcloud.com")


def check_url(url: str) -> Address:
    """Return *url* checked and in its plain form, or raise.

    Parameters
    ----------
    url : str
        A base URL: scheme, host and perhaps a port.

    Raises
    ------
    UntrustedHost
        If a token must not travel there. The message repeats only the scheme and
        the host, for the rest of a pasted URL may hold a token.

    Examples
    --------
    >>> check_url("https://eu-wap.tplinkcloud.com/").url
    'https://eu-wap.tplinkcloud.com'
    >>> check_url("http://127.0.0.1:8080").is_loopback
    True
    """
    if not isinstance(url, str) or not url.isascii() or url != url.strip():
        raise _untrusted("this address", "it is not a plain URL")
    return _checked(url)


# A call checks its device's URL each time, and a home has one or two of them.
@lru_cache(maxsize=256)
def _checked(url: str) -> Address:
    if any(c in url for c in "\\\t\r\n "):
        raise _untrusted("this address", "it holds blanks or backslashes")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise _untrusted("this address", "it is not a URL") from None
    shown = f"{parts.scheme}://{host}" if host else "this address"
    if not _HOST.fullmatch(host) and not _is_loopback(host):
        raise _untrusted("this address", "it names no host")
    if parts.scheme not in ("http", "https"):
        raise _untrusted(shown, "it must begin with https:// and name a host")
    if "@" in parts.netloc:
        raise _untrusted(shown, "it holds a user name")
    if parts.path not in ("", "/") or "?" in url or "#" in url:
        raise _untrusted(shown, "a base URL has no path, query or fragment")
    if _is_loopback(host):
        literal = f"[{host}]" if ":" in host else host
        suffix = "" if port is None else f":{port}"
        return Address(f"{parts.scheme}://{literal}{suffix}", host, True)
    if parts.scheme != "https":
        raise _untrusted(shown, "plain http is for loopback only")
    if port not in (None, 443):
        raise _untrusted(shown, "TP-Link answers on port 443 only")
    if not host.endswith(TRUSTED_DOMAINS) or host.startswith("."):
        raise _untrusted(shown, "it is not one of TP-Link's hosts")
    return Address(f"https://{host}", host, False)


def check_same_world(entry: Address, url: str) -> Address:
    """Return *url* checked, and in the same world as *entry*.

    A practice token must never reach a real host, nor a real token a practice
    cloud, whatever an answer says.

    Raises
    ------
    UntrustedHost
        If the address is untrusted, or of the other world.
    """
    address = check_url(url)
    if address.is_loopback != entry.is_loopback:
        here = "loopback" if entry.is_loopback else "TP-Link's cloud"
        raise _untrusted(
            f"https://{address.host}", f"this token belongs to {here} and stays there"
        )
    return address


def ways_to(url: str, entry: Address, *, private_roots: bool) -> list[Address]:
    """Return the addresses at which the service of *url* can be asked, best first.

    Parameters
    ----------
    url : str
        A base URL, perhaps out of an answer.
    entry : Address
        Its world is theirs.
    private_roots : bool
        Whether TP-Link's private roots are at hand.

    Raises
    ------
    UntrustedHost
        If *url* is, or is of the other world.

    Examples
    --------
    >>> real = check_url("https://wap.tplinkcloud.com")
    >>> ways = ways_to("https://n-wap.tplinkcloud.com", real, private_roots=True)
    >>> [address.host for address in ways]
    ['wap.tplinkcloud.com', 'n-wap.tplinkcloud.com']
    """
    address = check_same_world(entry, url)
    alias = address.alias
    if alias is None:
        return [address]
    return [alias, address] if private_roots else [alias]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    if "%" in host:
        return False  # a zone id is free text: it would end up in printed commands
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _untrusted(shown: str, why: str) -> UntrustedHost:
    return UntrustedHost(
        f"No token goes to {shown}: {why}.",
        next_step="Use https://wap.tplinkcloud.com, a regional host such as "
        "https://eu-wap.tplinkcloud.com, or a practice cloud on http://127.0.0.1.",
    )
