"""The only home of ``requests``: one pooled session, and nothing that escapes it.

``requests`` puts the whole URL, the token with it, into its exceptions. So they end
here: what leaves is an error of our family, raised outside the ``except`` block, in
a frame that holds no secret in clear, so that not even a verbose traceback shows one.
"""

from __future__ import annotations

import json
import logging
import os
import re
import ssl
import time
from collections import deque
from pathlib import Path
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies

from tplink_lab.cloud.envelope import token_query
from tplink_lab.cloud.exchange import Exchange
from tplink_lab.cloud.hosts import Address
from tplink_lab.cloud.secret import MASK, Secret
from tplink_lab.errors import (
    BadInput,
    CloudTimeout,
    CloudUnreachable,
    TPLinkLabError,
    UnusableAnswer,
)

__all__ = ["TIMEOUT_S", "Transport"]

# Login and list take 15 to 20 s at worst, a passthrough longer (protocol.md §8).
TIMEOUT_S = 20.0
CONNECT_TIMEOUT_S = 10.0
KEPT_EXCHANGES = 200
# A list of 10 000 devices is about 6 MB; this only stops what never ends.
MAX_ANSWER_BYTES = 64 * 1024 * 1024
# Users report rate limits, so few connections; one pool for each host.
CONNECTIONS = 8


class _MaskTokens(logging.Filter):
    """urllib3 logs URLs: each at DEBUG, and at WARNING those with odd headers."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if "token=" in text:
            record.msg, record.args = _TOKEN.sub(f"token={MASK}", text), ()
            record.exc_info = record.exc_text = None
        return True


_TOKEN = re.compile(r"token=[^&\s\"']+")
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


class Transport:
    """Post JSON to checked addresses and log what went over the wire.

    Parameters
    ----------
    ca_file : str or Path, optional
        The roots to check certificates with, in place of the public ones. Without
        it ``REQUESTS_CA_BUNDLE`` counts, as it does for ``requests``.
    timeout_s : float
        How long one call may wait: for each part of the headers, and for the whole
        body.
    connections : int
        The most connections kept to one host.
    """

    def __init__(
        self,
        *,
        ca_file: str | Path | None = None,
        timeout_s: float = TIMEOUT_S,
        connections: int = CONNECTIONS,
    ) -> None:
        if not isinstance(timeout_s, int | float) or not 0 < timeout_s <= 3600:
            raise BadInput(
                f"timeout_s is {timeout_s!r}.",
                next_step="Give seconds above 0, and 3600 at most.",
            )
        self.timeout_s = float(timeout_s)
        self.ca_file = None if ca_file is None else str(ca_file)
        self.exchanges: deque[Exchange] = deque(maxlen=KEPT_EXCHANGES)
        self._connections = connections
        self._plain = _Adapter(None, connections)
        self._tls: _Adapter | None = None
        self._proxies: dict[str, dict[str, str]] = {}
        if self.ca_file is not None:
            self._tls = _Adapter(_context(self.ca_file), connections)

    def post(
        self,
        address: Address,
        body: dict[str, Any],
        *,
        call: str,
        token: Secret | None = None,
        known: tuple[Secret, ...] = (),
        repeatable: bool = False,
    ) -> tuple[int, Secret]:
        """Post *body* and return the HTTP status and the answer's text.

        The text is a Secret, for a login's answer holds a token.

        Parameters
        ----------
        address : Address
            A checked base URL.
        body : dict
            The JSON body; secrets in it are ``Secret`` objects.
        call : str
            The method, for messages and the log.
        token : Secret, optional
            Goes into the query.
        known : tuple of Secret
            What the answer must not show in the log.
        repeatable : bool
            Whether to send again, once, if the connection broke before an answer
            came. Only for what does no harm when done twice.

        Raises
        ------
        CloudUnreachable
            If no answer came, or one that cannot be used.
        """
        exchange = Exchange(
            call,
            address.url,
            body,
            has_token=token is not None,
            ca_file=self.ca_file,
        )
        secrets = known if token is None else (*known, token)
        self.exchanges.append(exchange)
        exchange.error = "no answer"
        for attempt in (1, 2):
            began = time.perf_counter()
            outcome = self._send_or_stop(address, body, token, call)
            elapsed_ms = (time.perf_counter() - began) * 1000
            if isinstance(outcome, tuple):
                exchange.error = ""
                exchange.answered(*outcome, elapsed_ms, secrets)
                return outcome
            exchange.elapsed_ms = elapsed_ms
            broke = isinstance(outcome, _Broken)
            failure = outcome.as_error() if isinstance(outcome, _Broken) else outcome
            exchange.error = type(failure).__name__
            if attempt == 2 or not (broke and repeatable):
                break
        raise failure

    def close(self) -> None:
        """Close every connection."""
        self._plain.close()
        if self._tls is not None:
            self._tls.close()

    def _send_or_stop(
        self,
        address: Address,
        body: dict[str, Any],
        token: Secret | None,
        call: str,
    ) -> tuple[int, Secret] | TPLinkLabError | _Broken:
        """As :meth:`_send`; Ctrl-C leaves no frame behind that holds the token."""
        try:
            return self._send(address, body, token, call)
        except KeyboardInterrupt:
            pass
        except BadInput as error:
            return error
        except Exception as exc:  # noqa: BLE001 - its frames hold the token in clear
            return UnusableAnswer(
                f"Something unforeseen went wrong ({type(exc).__name__}).",
                call=call,
                next_step="Read the state before sending it again; please report it.",
            )
        raise KeyboardInterrupt(f"stopped while {address.host} was asked: {call}")

    def _send(
        self,
        address: Address,
        body: dict[str, Any],
        token: Secret | None,
        call: str,
    ) -> tuple[int, Secret] | TPLinkLabError | _Broken:
        """Return the answer, or the failure as a value.

        A failure is never raised here, where the token stands in clear.
        """
        data = _serialised(body)
        query = "" if token is None else f"?{token_query(token.reveal())}"
        prepared = requests.PreparedRequest()
        prepared.method = "POST"
        prepared.url = f"{address.url}/{query}"
        prepared.headers = CaseInsensitiveDict(
            {
                "Accept": "*/*",
                "Accept-Encoding": "gzip, deflate",
                "Content-Type": "application/json",
                "Content-Length": str(len(data)),
                "User-Agent": "tplink-lab",
            }
        )
        prepared.body = data
        where = address.host
        try:
            response = self._adapter(address).send(
                prepared,
                stream=True,
                timeout=(min(CONNECT_TIMEOUT_S, self.timeout_s), self.timeout_s),
                verify=True,
                proxies=self._proxies_for(address),
            )
        except requests.exceptions.SSLError:
            return _bad_certificate(where, call)
        except requests.exceptions.ConnectTimeout:
            return _unreached(where, call, "did not answer the knock in time")
        except requests.exceptions.Timeout:
            return _too_slow(where, call, self.timeout_s)
        except requests.exceptions.ProxyError:
            return _unreached(where, call, "is behind a proxy that refused")
        except requests.exceptions.ConnectionError as exc:
            text = str(exc)
            if "NameResolution" in text or "getaddrinfo" in text:
                return _unreached(where, call, "has no address: DNS knows no such name")
            if "NewConnectionError" in text or "refused" in text.lower():
                return _unreached(where, call, "refused the connection")
            return _Broken(where, call)
        except (
            requests.exceptions.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        ):
            return _Broken(where, call)
        with response:
            if 300 <= response.status_code < 400:
                return UnusableAnswer(
                    f"{where} answered with a redirect (HTTP {response.status_code}).",
                    call=call,
                    cause="The cloud never redirects; a portal or a proxy does.",
                    next_step="It was not followed, for it would carry the token "
                    "away. Check the network, then try again.",
                )
            try:
                content = _read(response, self.timeout_s)
            except TimeoutError:
                return _too_slow(where, call, self.timeout_s)
            except OverflowError:
                return UnusableAnswer(
                    f"{where} sent more than {MAX_ANSWER_BYTES >> 20} MiB.",
                    call=call,
                    next_step="Check that it is TP-Link's cloud that answers.",
                )
            except urllib3.exceptions.ReadTimeoutError:
                return _too_slow(where, call, self.timeout_s)
            except (urllib3.exceptions.HTTPError, OSError, ValueError):
                return UnusableAnswer(
                    f"The answer of {where} was cut off.",
                    call=call,
                    cause="The connection broke half-way; a write may have happened.",
                    next_step="Read the state before sending it again.",
                )
        return response.status_code, Secret(content.decode("utf-8", "replace"))

    def _adapter(self, address: Address) -> _Adapter:
        if address.url.startswith("http:"):
            return self._plain
        if self._tls is None:
            roots = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get(
                "CURL_CA_BUNDLE"
            )
            self._tls = _Adapter(
                _context(roots or DEFAULT_CA_BUNDLE_PATH), self._connections
            )
        return self._tls

    def _proxies_for(self, address: Address) -> dict[str, str]:
        # Looked up once for each host: requests asks the environment per call.
        if address.is_loopback:
            return {}
        if address.host not in self._proxies:
            self._proxies[address.host] = dict(get_environ_proxies(address.url))
        return self._proxies[address.host]


class _Broken:
    """The connection broke before an answer came."""

    def __init__(self, host: str, call: str) -> None:
        self.host, self.call = host, call

    def as_error(self) -> CloudUnreachable:
        return CloudUnreachable(
            f"{self.host} closed the connection without an answer.",
            call=self.call,
            cause="The cloud or the network dropped it; a write may have happened.",
            next_step="Read the state before sending it again.",
        )


def _context(roots: str) -> ssl.SSLContext:
    try:
        path = Path(roots)
        if path.is_dir():
            return ssl.create_default_context(capath=roots)
        return ssl.create_default_context(cafile=roots)
    except (OSError, ValueError) as exc:
        why = getattr(exc, "strerror", None) or exc
        raise BadInput(
            f"The CA file {roots!r} cannot be used: {why}.",
            next_step="Give the path of a PEM file with the root certificates.",
        ) from None


def _read(response: requests.Response, timeout_s: float) -> bytes:
    """Return the whole body, in bounded size and time."""
    ends = time.monotonic() + timeout_s
    parts: list[bytes] = []
    size = 0
    # read1 hands over what has come: a server that drips cannot hold us longer.
    while part := response.raw.read1(1 << 16, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise OverflowError
        if time.monotonic() > ends:
            raise TimeoutError
    return b"".join(parts)


def _serialised(body: dict[str, Any]) -> bytes:
    """Return the body's bytes; this is where a Secret is unwrapped."""
    problem = ""
    try:
        return json.dumps(
            body,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
            default=_revealed,
        ).encode()
    except (TypeError, ValueError, RecursionError) as exc:
        # Not the text: it may repeat a value.
        problem = type(exc).__name__
    raise BadInput(
        f"The request cannot be written as JSON ({problem}).",
        next_step="Send text, finite numbers, true/false, lists and dicts only.",
    )


def _revealed(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError


def _unreached(host: str, call: str, why: str) -> CloudUnreachable:
    return CloudUnreachable(
        f"{host} {why}.",
        call=call,
        cause="The network is down, the name is wrong, or no server runs there.",
        next_step="Check the connection; a practice cloud must be running, on the "
        "port that it printed.",
    )


def _too_slow(host: str, call: str, timeout_s: float) -> CloudTimeout:
    return CloudTimeout(
        f"{host} did not answer within {timeout_s:g} s.",
        call=call,
        cause="The cloud holds a call while it waits for the device; a write may "
        "have happened.",
        next_step="Read the state before sending it again, or give a longer timeout_s.",
    )


def _bad_certificate(host: str, call: str) -> CloudUnreachable:
    return CloudUnreachable(
        f"{host} did not prove who it is: its certificate is not trusted.",
        call=call,
        cause="A proxy or antivirus is in between, or the host uses TP-Link's "
        "private CA.",
        next_step="Nothing secret was sent. For a practice cloud with TLS give "
        "ca_file='…/ca.pem'.",
    )
