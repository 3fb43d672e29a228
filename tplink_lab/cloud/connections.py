"""Pooled connections: a pool for each host, a TLS context for each kind of trust."""

from __future__ import annotations

import logging
import re
import ssl
import threading
from typing import Any

from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy

from tplink_lab.cloud.hosts import Address
from tplink_lab.cloud.secret import MASK
from tplink_lab.cloud.trust import (
    PRIVATE_CA_VARIABLE,
    find_private_roots,
    private_context,
    public_context,
)
from tplink_lab.errors import BadInput

__all__ = ["CONNECTIONS", "Connections"]

# Users report rate limits, so few connections; one pool for each host.
CONNECTIONS = 8
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


class _Adapter(HTTPAdapter):
    """Share one TLS context: requests would read the CA file per connection."""

    def __init__(self, context: ssl.SSLContext | None, connections: int) -> None:
        self._context = context
        super().__init__(
            pool_connections=8, pool_maxsize=connections, pool_block=True, max_retries=0
        )

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._context is not None:
            kwargs["ssl_context"] = self._context
        super().init_poolmanager(*args, **kwargs)

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        if self._context is not None:
            kwargs["ssl_context"] = self._context
        return super().proxy_manager_for(proxy, **kwargs)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


class Connections:
    """The adapters of one transport, made when they are first needed.

    Parameters
    ----------
    ca_file : str, optional
        The roots in place of the public ones.
    connections : int
        The most connections kept to one host.
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

    def proxies(self, address: Address) -> dict[str, str]:
        """Return the proxies of the environment, looked up once for each host."""
        if address.is_loopback:
            return {}
        if address.host not in self._proxies:
            self._proxies[address.host] = dict(get_environ_proxies(address.url))
        return self._proxies[address.host]

    def is_proxied(self, address: Address) -> bool:
        """Whether calls to *address* go through a proxy."""
        return select_proxy(address.url, self.proxies(address)) is not None

    def close(self) -> None:
        """Close every connection."""
        with self._guard:
            for adapter in self._adapters.values():
                adapter.close()


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
