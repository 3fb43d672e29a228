"""Pooled connections: a pool for each host, a TLS context for each kind of trust."""

from __future__ import annotations

import logging
import netrc
import os
import re
import ssl
import threading
from typing import Any
from urllib.parse import quote, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from tplink_lab.cloud.deadline import TimedResponse, seconds_left
from tplink_lab.cloud.hosts import Address
from tplink_lab.cloud.secret import MASK
from tplink_lab.cloud.trust import (
    PRIVATE_CA_VARIABLE,
    find_private_roots,
    private_context,
    public_context,
)
from tplink_lab.errors import BadInput

__all__ = ["CONNECTIONS", "MOST_CONNECTIONS", "Connections"]

# Users report rate limits, so few connections; one pool for each host. A sweep may
# ask for more, up to the second number.
CONNECTIONS = 8
MOST_CONNECTIONS = 32
_TOKEN = re.compile(r"token=[^&\s\"']+")


class _MaskTokens(logging.Filter):
    """urllib3 logs URLs: each at DEBUG, and at WARNING those with odd headers."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if "token=" in text:
            record.msg, record.args = _TOKEN.sub(f"token={MASK}", text), ()
            record.exc_info = record.exc_text = None
        return True


# One logger each: a filter is not inherited.
for _name in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(_name).addFilter(_MaskTokens())


class _OneFlight:
    """Let head and body leave together: urllib3 would write each for itself.

    That saves a system call and a TLS record here, and a wake-up at the other end.
    """

    _head: bytes | None = None
    # http.client would print whole requests, and people switch that on for all.
    debuglevel = 0

    def request(
        self, method: str, url: str, body: Any = None, *a: Any, **k: Any
    ) -> Any:
        # Whoever brings a body, as bytes, sends the head with it.
        self._head = b"" if isinstance(body, bytes) and body else None
        sock = getattr(self, "sock", None)
        if sock is not None:
            # The last answer left it with what time there was then.
            sock.settimeout(seconds_left())
        try:
            return super().request(method, url, body, *a, **k)  # type: ignore[misc]
        finally:
            self._head = None

    def send(self, data: Any) -> None:
        if self._head is None:
            super().send(data)  # type: ignore[misc]
        elif not self._head:
            self._head = data
        else:
            whole, self._head = self._head + data, None
            super().send(whole)  # type: ignore[misc]


class _Plain(_OneFlight, HTTPConnection):
    """A connection to a practice cloud."""

    response_class = TimedResponse


class _Secure(_OneFlight, HTTPSConnection):
    """A connection with TLS."""

    response_class = TimedResponse


class _Patient:
    """Wait for a free connection until the call must end."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        left = seconds_left() if timeout is None else timeout
        return super()._get_conn(left)  # type: ignore[misc]


class _PlainPool(_Patient, HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(_Patient, HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """Do once what ``requests`` does for each connection or call.

    One TLS context is shared, where the CA file would be read for each connection.
    The pool of a host is looked up by its base URL, and no cookies are kept.
    """

    def __init__(self, context: ssl.SSLContext | None, connections: int) -> None:
        self._context = context
        self._pools: dict[str, Any] = {}
        super().__init__(
            pool_connections=8, pool_maxsize=connections, pool_block=True, max_retries=0
        )

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._context is not None:
            kwargs["ssl_context"] = self._context
        super().init_poolmanager(*args, **kwargs)
        pools = {"http": _PlainPool, "https": _SecurePool}
        self.poolmanager.pool_classes_by_scheme = pools

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        if self._context is not None:
            kwargs["ssl_context"] = self._context
        return super().proxy_manager_for(proxy, **kwargs)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: Any,
        proxies: Any = None,
        cert: Any = None,
    ) -> Any:
        if proxies:
            return self._pool_of(request, verify, proxies)
        base = _parted(request)[0]
        pool = self._pools.get(base)
        # The manager closes the pool that was not used for longest.
        if pool is None or pool.pool is None:
            pool = self._pool_of(request, verify)
            self._pools[base] = pool
        return pool

    def _pool_of(
        self, request: PreparedRequest, verify: Any, proxies: Any = None
    ) -> Any:
        return super().get_connection_with_tls_context(request, verify, proxies)

    def allow(self, connections: int) -> None:
        """Let each host have so many connections, if that is more than now."""
        # What pools to come are made with, and then the pools there are.
        self.poolmanager.connection_pool_kw["maxsize"] = connections
        for pool in list(self._pools.values()):
            slots = pool.pool
            if slots is None:
                continue
            with slots.mutex:
                more = connections - slots.maxsize
                if more > 0:
                    slots.maxsize = connections
                    # Below those in use, so that warm connections are taken first.
                    slots.queue[:0] = [None] * more
                    slots.not_empty.notify(more)

    def close(self) -> None:
        # Not left to the garbage collector, as urllib3 would.
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        super().close()

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        if proxies:
            return super().request_url(request, proxies)
        return _parted(request)[1]

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        response = Response()
        response.status_code, response.headers = resp.status, resp.headers
        response.raw, response.request = resp, req
        return response


class Connections:
    """The adapters of one transport, made when they are first needed.

    Parameters
    ----------
    ca_file : str, optional
        The roots in place of the public ones.
    connections : int
        The most connections to one host; :meth:`allow` raises it.

    Notes
    -----
    Of the environment, proxies are read, once for each host. ``.netrc`` is looked at
    for one thing only: a proxy that has an entry of its own there (``machine
    proxy.example.com``) and no user in its URL. Never for TP-Link's hosts, where
    ``requests`` would send what stands under ``default``, a password for somebody
    else, in a header; the token is what they want.
    """

    def __init__(self, ca_file: str | None, connections: int = CONNECTIONS) -> None:
        self._ca_file = ca_file
        self._connections = connections
        self._guard = threading.Lock()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._adapters: dict[str, _Adapter] = {}
        self._proxies: dict[str, dict[str, str]] = {}
        if ca_file is not None:
            self.context("public")  # a file that cannot be used is told at once

    @property
    def has_private_roots(self) -> bool:
        """Whether TP-Link's private roots are at hand."""
        return find_private_roots() is not None

    def context(self, kind: str) -> ssl.SSLContext:
        """Return the TLS context for ``"public"`` or ``"private"`` certificates."""
        with self._guard:
            if kind not in self._contexts:
                self._contexts[kind] = (
                    public_context(self._ca_file) if kind == "public" else _private()
                )
            return self._contexts[kind]

    def adapter(self, address: Address) -> HTTPAdapter:
        """Return the adapter that may speak to *address*."""
        kind = kind_of(address)
        context = None if kind == "plain" else self.context(kind)
        with self._guard:
            if kind not in self._adapters:
                self._adapters[kind] = _Adapter(context, self._connections)
            return self._adapters[kind]

    def allow(self, connections: int) -> None:
        """Let each host have so many connections, if that is more than now.

        Parameters
        ----------
        connections : int
            At most 32; more is cut to that.
        """
        wanted = min(connections, MOST_CONNECTIONS)
        with self._guard:
            if wanted > self._connections:
                self._connections = wanted
                for adapter in self._adapters.values():
                    adapter.allow(wanted)

    def proxies(self, address: Address) -> dict[str, str]:
        """Return the proxies of the environment, looked up once for each host."""
        if address.is_loopback:
            return {}
        if address.host not in self._proxies:
            found = get_environ_proxies(address.url)
            self._proxies[address.host] = {k: _with_login(v) for k, v in found.items()}
        return self._proxies[address.host]

    def is_proxied(self, address: Address) -> bool:
        """Whether calls to *address* go through a proxy."""
        return select_proxy(address.url, self.proxies(address)) is not None

    def close(self) -> None:
        """Close every connection."""
        with self._guard:
            for adapter in self._adapters.values():
                adapter.close()


def _with_login(proxy: str) -> str:
    """Return a proxy's URL with user and password, if .netrc names that very host."""
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if "@" in parts.netloc or not parts.hostname:
        return proxy
    try:
        hosts = netrc.netrc(os.environ.get("NETRC") or None).hosts
    except (OSError, ValueError, netrc.NetrcParseError):
        return proxy  # most people have none; one that others may read is refused
    # Not `authenticators`, which falls back on `default`.
    entry = hosts.get(parts.hostname)
    if entry is None:
        return proxy
    user, _, password = entry
    login = f"{quote(user or '', safe='')}:{quote(password or '', safe='')}"
    return parts._replace(netloc=f"{login}@{parts.netloc}").geturl()


def _parted(request: PreparedRequest) -> tuple[str, str]:
    """Return a URL's base, and what stands behind it."""
    url = str(request.url)
    end = url.index("/", url.index("://") + 3)
    return url[:end], url[end:]


def kind_of(address: Address) -> str:
    """Return how *address* proves who it is: ``plain``, ``public`` or ``private``."""
    if address.url.startswith("http:"):
        return "plain"
    return "private" if address.needs_private_roots else "public"


def _private() -> ssl.SSLContext:
    file = find_private_roots()
    if file is None:
        raise BadInput(
            "This host shows a certificate of TP-Link's private CA, and its roots are "
            "not installed here.",
            next_step='Run pip install "tplink-lab[private-ca]", or let '
            f"{PRIVATE_CA_VARIABLE} name a PEM file that holds them.",
        )
    return private_context(file)
