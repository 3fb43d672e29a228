"""The only home of ``requests``: one pooled session, and nothing that escapes it.

``requests`` puts the whole URL, the token with it, into its exceptions. So they end
here: what leaves is an error of our family, raised outside the ``except`` block, in
a frame that holds no secret in clear, so that not even a verbose traceback shows one.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, NamedTuple

import requests
import urllib3

from tplink_lab.cloud.apps import App
from tplink_lab.cloud.connections import CONNECTIONS, Connections
from tplink_lab.cloud.deadline import call_ends_in, seconds_left
from tplink_lab.cloud.envelope import token_query
from tplink_lab.cloud.exchange import Exchange, ExchangeLog
from tplink_lab.cloud.hosts import Address
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.signing import signed_headers
from tplink_lab.errors import (
    BadInput,
    CloudTimeout,
    CloudUnreachable,
    TPLinkLabError,
    UnusableAnswer,
)

__all__ = ["TIMEOUT_S", "Request", "Transport"]

# Login and list take 15 to 20 s at worst, a passthrough longer (protocol.md §8).
TIMEOUT_S = 20.0
CONNECT_TIMEOUT_S = 10.0
# A list of 10 000 devices is about 6 MB; this only stops what never ends.
MAX_ANSWER_BYTES = 64 * 1024 * 1024


class Request(NamedTuple):
    """One request, before its secrets are unwrapped.

    Attributes
    ----------
    call : str
        The method, for messages and the log.
    body : dict or None
        The JSON body; secrets in it are ``Secret`` objects.
    verb, path : str
        ``POST`` to the root by default.
    query : str
        What the query holds beside the token, encoded.
    token : Secret or None
        Goes into the query, or into a header if *bearer*.
    bearer : bool
        ``Authorization: ut|<token>``, as the Thing API asks (protocol.md §6.2).
    headers : tuple
        More headers, as pairs.
    sign_as : App or None
        The app whose keys sign body and path.
    known : tuple of Secret
        What the answer must not show in the log.
    repeatable : bool
        Whether to send again, once, if the connection broke before an answer came.
        Only for what does no harm when done twice.
    """

    call: str
    body: dict[str, Any] | None = None
    verb: str = "POST"
    path: str = "/"
    query: str = ""
    token: Secret | None = None
    bearer: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    sign_as: App | None = None
    known: tuple[Secret, ...] = ()
    repeatable: bool = False


class Transport:
    """Post JSON to checked addresses and log what went over the wire.

    Parameters
    ----------
    ca_file : str or Path, optional
        The roots to check certificates with, in place of the public ones.
    timeout_s : float
        How long one call may take, from the wait for a free connection to the last
        byte. Through a proxy: for each part of the head, and so long again in all.
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
        # Whole, so that a saved session finds it from another folder.
        self.ca_file = None if ca_file is None else str(Path(ca_file).resolve())
        self.exchanges = ExchangeLog()
        self.connections = Connections(self.ca_file, connections)

    def send(self, address: Address, request: Request) -> tuple[int, Secret]:
        """Send *request* and return the HTTP status and the answer's text.

        The text is a Secret, for a login's answer holds a token.

        Parameters
        ----------
        address : Address
            A checked base URL.
        request : Request
            What to send.

        Raises
        ------
        CloudUnreachable
            If no answer came, or one that cannot be used.
        """
        token, known = request.token, request.known
        exchange = Exchange(
            request.call,
            address.url,
            {} if request.body is None else request.body,
            verb=request.verb,
            path=request.path,
            query=request.query,
            auth="" if token is None else "header" if request.bearer else "query",
            headers=request.headers,
            sign_as=request.sign_as,
            ca_file=self.ca_file,
        )
        secrets = known if token is None else (*known, token)
        self.exchanges.append(exchange)
        exchange.error = "no answer"
        for attempt in (1, 2):
            began = time.perf_counter()
            outcome = self._send_or_stop(address, request)
            elapsed_ms = (time.perf_counter() - began) * 1000
            if isinstance(outcome, _Answer):
                exchange.error = ""
                exchange.server_date = outcome.date
                exchange.answered(outcome.status, outcome.text, elapsed_ms, secrets)
                self.exchanges.weigh(exchange)
                return outcome.status, outcome.text
            exchange.elapsed_ms = elapsed_ms
            broke = isinstance(outcome, _Broken)
            failure = outcome.as_error() if isinstance(outcome, _Broken) else outcome
            exchange.error = type(failure).__name__
            if attempt == 2 or not (broke and request.repeatable):
                break
        exchange.let_go()
        raise failure

    def close(self) -> None:
        """Close every connection."""
        self.connections.close()

    def _send_or_stop(
        self, address: Address, request: Request
    ) -> _Answer | TPLinkLabError | _Broken:
        """As :meth:`_send`; Ctrl-C leaves no frame behind that holds the token."""
        stopped: BaseException | None = None
        try:
            return self._send(address, request)
        except KeyboardInterrupt:
            pass
        except BadInput as error:
            return error
        except Exception as exc:  # noqa: BLE001 - its frames hold the token in clear
            return UnusableAnswer(
                f"Something unforeseen went wrong ({type(exc).__name__}).",
                call=request.call,
                next_step="Read the state before sending it again; please report it.",
            )
        except BaseException as exc:  # noqa: BLE001 - SystemExit of a signal handler …
            stopped = exc
        if stopped is not None:
            raise stopped.with_traceback(None)
        raise KeyboardInterrupt(
            f"stopped while {address.host} was asked: {request.call}"
        )

    def _send(
        self, address: Address, request: Request
    ) -> _Answer | TPLinkLabError | _Broken:
        """Return the answer, or the failure as a value.

        A failure is never raised here, where the token stands in clear.
        """
        with call_ends_in(self.timeout_s):
            return self._sent(address, request)

    def _sent(
        self, address: Address, request: Request
    ) -> _Answer | TPLinkLabError | _Broken:
        call = request.call
        prepared = _prepared(address, request)
        where = address.host
        try:
            response = self.connections.adapter(address).send(
                prepared,
                stream=True,
                timeout=(min(CONNECT_TIMEOUT_S, self.timeout_s), self.timeout_s),
                verify=True,
                proxies=self.connections.proxies(address),
            )
        except requests.exceptions.SSLError:
            return _bad_certificate(where, call)
        except requests.exceptions.ConnectTimeout:
            return _unreached(where, call, "connect", "did not answer in time")
        except requests.exceptions.Timeout:
            return _too_slow(where, call, self.timeout_s)
        except requests.exceptions.ProxyError:
            return _unreached(where, call, "proxy", "is behind a proxy that refused")
        except requests.exceptions.ConnectionError as exc:
            text = str(exc)
            if "NameResolution" in text or "getaddrinfo" in text:
                return _unreached(
                    where, call, "dns", "has no address: DNS knows no such name"
                )
            if "NewConnectionError" in text or "refused" in text.lower():
                return _unreached(where, call, "refused", "refused the connection")
            return _Broken(where, call)
        except (TimeoutError, urllib3.exceptions.EmptyPoolError):
            return _too_slow(where, call, self.timeout_s)
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
                content = _read(response)
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
        return _Answer(
            response.status_code,
            Secret(content.decode("utf-8", "replace")),
            response.headers.get("Date", ""),
        )


class _Answer(NamedTuple):
    status: int
    text: Secret
    date: str


class _Broken:
    """The connection broke before an answer came."""

    def __init__(self, host: str, call: str) -> None:
        self.host, self.call = host, call

    def as_error(self) -> CloudUnreachable:
        error = CloudUnreachable(
            f"{self.host} closed the connection without an answer.",
            call=self.call,
            cause="The cloud or the network dropped it; a write may have happened.",
            next_step="Read the state before sending it again.",
        )
        error.reason = "dropped"
        return error


def _prepared(address: Address, request: Request) -> requests.PreparedRequest:
    """Return the request as it goes out; this is where secrets are unwrapped."""
    data = None if request.body is None else _serialised(request.body)
    headers = {
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": "tplink-lab",
        **dict(request.headers),
    }
    if data is not None:
        headers["Content-Type"] = "application/json"
        headers["Content-Length"] = str(len(data))
    if request.sign_as is not None:
        headers["Content-Type"] = "application/json;charset=UTF-8"
        headers |= signed_headers(request.sign_as, data or b"", request.path)
    query = [request.query] if request.query else []
    if request.token is not None and request.bearer:
        headers["Authorization"] = f"ut|{request.token.reveal()}"
    elif request.token is not None:
        query.append(token_query(request.token.reveal()))
    prepared = requests.PreparedRequest()
    prepared.method = request.verb
    prepared.url = f"{address.url}{request.path}"
    if query:
        prepared.url += "?" + "&".join(query)
    # A plain dict: no name is written in two cases, and copying it costs nothing.
    prepared.headers = headers  # type: ignore[assignment]
    prepared.body = data
    return prepared


def _read(response: requests.Response) -> bytes:
    """Return the whole body, in bounded size; each read minds the call's end."""
    parts: list[bytes] = []
    size = 0
    # read1 hands over what has come; through a proxy only this bounds what drips.
    while part := response.raw.read1(1 << 16, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise OverflowError
        seconds_left()
    return b"".join(parts)


def _serialised(body: dict[str, Any]) -> bytes:
    """Return the body's bytes, its secrets unwrapped."""
    problem = ""
    try:
        return _ENCODER.encode(body).encode()
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


# Made once: json.dumps would make one for every call.
_ENCODER = json.JSONEncoder(
    separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_revealed
)


def _unreached(host: str, call: str, reason: str, why: str) -> CloudUnreachable:
    error = CloudUnreachable(
        f"{host} {why}.",
        call=call,
        cause="The network is down, the name is wrong, or no server runs there.",
        next_step="Check the connection; a practice cloud must be running, on the "
        "port that it printed.",
    )
    error.reason = reason
    return error


def _too_slow(host: str, call: str, timeout_s: float) -> CloudTimeout:
    return CloudTimeout(
        f"{host} did not answer within {timeout_s:g} s.",
        call=call,
        cause="The cloud holds a call while it waits for the device; a write may "
        "have happened.",
        next_step="Read the state before sending it again, or give a longer timeout_s.",
    )


def _bad_certificate(host: str, call: str) -> CloudUnreachable:
    error = CloudUnreachable(
        f"{host} did not prove who it is: its certificate is not trusted.",
        call=call,
        cause="A proxy or antivirus is in between, or the host uses TP-Link's "
        "private CA.",
        next_step="Nothing secret was sent. For a practice cloud with TLS give "
        "ca_file='…/ca.pem'.",
    )
    error.reason = "certificate"
    return error
