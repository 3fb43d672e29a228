"""One listener of the practice cloud: HTTP on loopback, well-formed come what may."""

from __future__ import annotations

import http.server
import re
import selectors
import socket
import socketserver
import ssl
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from .errors import PracticeError
from .wire import encode_bytes

MAX_BODY_BYTES = 1 << 20
# A client that sends too much hears so only if what it sends is read; so far we go.
MAX_DISCARD_BYTES = 8 << 20
IDLE_TIMEOUT_S = 30
# A web page whose name was made to lead to this machine (DNS rebinding) asks under that
# name. Clients of the real cloud ask under its names, led here by a hosts file. A name
# without a dot is nobody's abroad.
_OUR_NAMES = re.compile(
    r"([\w-]*|127(\.\d{1,3}){3}|\[::1\]|[\w.-]+\.(tplinkcloud|tplinknbu)\.com)(:\d*)?",
    re.ASCII | re.IGNORECASE,
)
JOIN_TIMEOUT_S = 5


@dataclass(frozen=True)
class Call:
    """A request as the front desk sees it."""

    region: str
    verb: str
    path: str
    query: dict[str, str]
    headers: Message
    body: bytes

    @property
    def token(self) -> str | None:
        """The token of the query."""
        return self.query.get("token")


@dataclass(frozen=True)
class Reply:
    """An answer: JSON if it is an object, else plain text."""

    content: dict[str, Any] | str
    status: HTTPStatus = HTTPStatus.OK


# Answers a call; None means that the connection is lost before the answer.
Desk = Callable[[Call], Reply | None]


class _BadRequest(Exception):
    """The request cannot be read to its end; the connection is of no more use."""

    def __init__(self, status: HTTPStatus, msg: str) -> None:
        super().__init__(msg)
        self.status = status
        self.msg = msg


class Handler(http.server.BaseHTTPRequestHandler):
    """Reads a request, asks the front desk, writes one answer in one packet."""

    server: Listener
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one packet
    disable_nagle_algorithm = True
    timeout = IDLE_TIMEOUT_S
    raw_requestline: bytes

    def parse_request(self) -> bool:
        """Read the request line, a stray ` HTTP/1.1` in it included."""
        # The article's URL ends in " HTTP/1.1"; old curl sent it raw and TP-Link
        # tolerated the four words, so they are three before they are parsed.
        words = self.raw_requestline.split()
        if len(words) == 4 and words[-1].startswith(b"HTTP/"):
            self.raw_requestline = b" ".join((words[0], words[1], words[3])) + b"\r\n"
        return super().parse_request()

    def handle_expect_100(self) -> bool:
        """Invite the body at once; the buffered writer would keep it waiting."""
        good = super().handle_expect_100()
        self.wfile.flush()
        return good

    def do_POST(self) -> None:
        """Answer a call."""
        try:
            body = self._body()
        except _BadRequest as bad:
            self._refuse(bad.status, bad.msg)
            return
        host = self.headers.get("Host", "localhost").strip()
        if not _OUR_NAMES.fullmatch(host):
            misled = HTTPStatus.MISDIRECTED_REQUEST
            self._refuse(misled, f"{misled.phrase}: this is a practice cloud")
            return
        try:
            parts = urlsplit(self.path)
            pairs = parse_qsl(parts.query, keep_blank_values=True, errors="replace")
            path = parts.path
        except ValueError:
            self._refuse(HTTPStatus.BAD_REQUEST, "Bad Request")
            return
        query: dict[str, str] = {}
        for name, value in pairs:
            query.setdefault(name, value)
        region, verb = self.server.region, self.command
        reply = self.server.desk(Call(region, verb, path, query, self.headers, body))
        if reply is None:
            self.close_connection = True
        elif reply.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self._refuse(reply.status, reply.status.phrase)
        else:
            self._answer(reply.status, reply.content)

    def __getattr__(self, name: str) -> Any:
        # http.server looks up do_<VERB>; every other verb is refused alike.
        if name in ("do_GET", "do_PATCH"):
            return self.do_POST
        if name.startswith("do_"):
            return self._refuse_verb
        raise AttributeError(name)

    def _refuse_verb(self) -> None:
        self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed")

    def _body(self) -> bytes:
        bad = HTTPStatus.BAD_REQUEST
        codings = self.headers.get_all("Transfer-Encoding", [])
        lengths = set(self.headers.get_all("Content-Length", []))
        if codings:
            if [c.strip().lower() for c in codings] != ["chunked"] or lengths:
                raise _BadRequest(bad, "Bad Request: Transfer-Encoding")
            return self._chunks()
        if not lengths:
            return b""
        text = lengths.pop().strip()
        if lengths or not (text.isascii() and text.isdigit()) or len(text) > 18:
            raise _BadRequest(bad, "Bad Request: Content-Length")
        length = int(text)
        if length > MAX_BODY_BYTES:
            self._discard(length)
            self._too_large()
        body = self.rfile.read(length)
        if len(body) < length:
            raise _BadRequest(bad, "Bad Request: the body ends early")
        return body

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            size_text = self.rfile.readline(1026).split(b";")[0].strip()
            try:
                # int() alone would take signs, blanks and underscores as well.
                if not size_text or size_text.strip(b"0123456789abcdefABCDEF"):
                    raise ValueError
                size = int(size_text, 16)
            except ValueError:
                raise _BadRequest(
                    HTTPStatus.BAD_REQUEST, "Bad Request: chunk size"
                ) from None
            if len(body) + size > MAX_BODY_BYTES:
                self._discard(size)
                self._too_large()
            if size == 0:
                for _ in range(100):  # trailers, which nobody needs
                    if self.rfile.readline(65537).strip() == b"":
                        return bytes(body)
                raise _BadRequest(HTTPStatus.BAD_REQUEST, "Bad Request: trailers")
            chunk = self.rfile.read(size)
            body += chunk
            if len(chunk) < size or self.rfile.readline(3).strip():
                raise _BadRequest(HTTPStatus.BAD_REQUEST, "Bad Request: chunk")

    def _discard(self, length: int) -> None:
        left = min(length, MAX_DISCARD_BYTES)
        deadline = time.monotonic() + JOIN_TIMEOUT_S
        while left > 0 and time.monotonic() < deadline:
            piece = self.rfile.read(min(left, 65536))
            if not piece:
                return
            left -= len(piece)

    def _too_large(self) -> None:
        raise _BadRequest(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"Request Entity Too Large: a body may have {MAX_BODY_BYTES} bytes",
        )

    def send_error(
        self, code: int, message: str | None = None, explain: str | None = None
    ) -> None:
        """Answer in JSON where the standard library would answer in HTML."""
        status = HTTPStatus(code)
        if code == HTTPStatus.NOT_IMPLEMENTED:
            status = HTTPStatus.METHOD_NOT_ALLOWED
        self._refuse(status, status.phrase)

    def _refuse(self, status: HTTPStatus, msg: str) -> None:
        # The wording of 405 follows KasaSim (one source). The query stays out of it,
        # because that is where the token is.
        path = getattr(self, "path", "/").split("?")[0][:200]
        text = f"{status.value} returned for {path} with message {msg}"
        if not getattr(self, "requestline", ""):
            self.requestline = ""
        if getattr(self, "request_version", "HTTP/0.9") == "HTTP/0.9":
            self.request_version = "HTTP/1.0"
        self.close_connection = True
        self._answer(status, {"error_code": -10000, "msg": text})

    def _answer(self, status: HTTPStatus, answer: dict[str, Any] | str) -> None:
        kind = "text/plain" if isinstance(answer, str) else "application/json"
        content = answer.encode() if isinstance(answer, str) else encode_bytes(answer)
        self.send_response(status)
        self.send_header("Content-Type", f"{kind};charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "POST")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def version_string(self) -> str:
        """The `Server` header."""
        return "tplink-lab-practice"

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` header, from the practice clock."""
        return super().date_time_string(
            self.server.seconds() if timestamp is None else timestamp
        )

    def log_message(self, format: str, *args: Any) -> None:
        """Keep no access log: the token is in the query."""


class Listener(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A listening socket, its threads and its connections.

    Parameters
    ----------
    region : str
        The region this listener stands for, such as "euw1".
    port : int
        0 takes a free one.
    desk : callable
        Answers each `Call`.
    seconds : callable
        The practice clock, for the `Date` header.
    tls : ssl.SSLContext, optional
        Serve https.
    on_connect : callable
        Called once per TCP connection.
    """

    daemon_threads = True
    timeout = 0  # handle_request is called when there is one, and waits no longer
    request_queue_size = 128
    # On Windows this option would let two servers share a port.
    allow_reuse_address = sys.platform != "win32"

    def __init__(
        self,
        region: str,
        port: int,
        desk: Desk,
        seconds: Callable[[], float],
        tls: ssl.SSLContext | None = None,
        on_connect: Callable[[], None] = lambda: None,
    ) -> None:
        self.region = region
        self.desk = desk
        self.seconds = seconds
        self._tls = tls
        self._on_connect = on_connect
        self._guard = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._wake, self._waker = socket.socketpair()
        self._closing = False
        try:
            super().__init__(("127.0.0.1", port), Handler)
        except (OSError, OverflowError) as reason:
            self._wake.close()
            self._waker.close()
            raise PracticeError(
                f"The practice cloud cannot listen on 127.0.0.1 port {port}: "
                f"{getattr(reason, 'strerror', None) or reason}. "
                "Choose another port (the next one is used for the second region), or "
                "0 for free ones."
            ) from None
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(
            target=self._accept,
            name=f"practice-{region}",
            daemon=True,
        )

    def server_bind(self) -> None:
        """Bind without the name look-up of `http.server`, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def start(self) -> None:
        """Serve from a thread of its own."""
        self._thread.start()

    def _accept(self) -> None:
        # serve_forever would look every so often whether it is to stop; this is told.
        with selectors.DefaultSelector() as selector:
            selector.register(self, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while not self._closing:
                if selector.select():
                    self.handle_request()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; a TLS handshake is left to the connection's thread."""
        sock, address = super().get_request()
        if self._tls is not None:
            try:
                sock = self._tls.wrap_socket(
                    sock, server_side=True, do_handshake_on_connect=False
                )
            except OSError:
                sock.close()
                raise
        return sock, address

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection its thread and remember both."""
        sock = cast(socket.socket, request)
        thread = threading.Thread(
            target=self.process_request_thread,
            args=(sock, client_address),
            name=f"practice-{self.region}-connection",
            daemon=True,
        )
        with self._guard:
            if self._closing:
                sock.close()
                return
            self._open[sock] = thread
        self._on_connect()
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Forget and close a connection."""
        with self._guard:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: what ends up here is a client that went away."""

    def stop(self) -> None:
        """Close the listening socket and every connection, and wait for the threads."""
        with self._guard:
            self._closing = True
        if self._thread.is_alive():
            self._waker.send(b"x")
            self._thread.join(JOIN_TIMEOUT_S)
        self.server_close()
        self._wake.close()
        self._waker.close()
        with self._guard:
            left = list(self._open.items())
            for sock, _ in left:
                # Without this, keep-alive clients would go on being answered.
                try:
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
                except OSError:
                    continue
        for _, thread in left:
            thread.join(JOIN_TIMEOUT_S)
