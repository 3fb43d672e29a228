"""A server that misbehaves to order: portals, proxies and broken networks."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Act = Callable[[socket.socket], None]


class Wild:
    """Where it listens, and the requests it has read."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.requests: list[bytes] = []


def http(status: str, body: bytes, *headers: str) -> bytes:
    """Return a whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def says(answer: bytes) -> Act:
    """Return the act of sending *answer* and closing."""
    return lambda connection: connection.sendall(answer)


@contextmanager
def wild(*acts: Act) -> Iterator[Wild]:
    """Serve one connection per act, in order; then refuse."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Wild(listener.getsockname()[1])

    def serve() -> None:
        for act in acts:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                request = _request(connection)
                if request:  # an empty one only wakes accept(), at the end
                    server.requests.append(request)
                    act(connection)
        listener.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        while thread.is_alive():
            with suppress(OSError):  # close() alone does not wake accept()
                socket.create_connection(address, 1).close()
            thread.join(0.1)
        listener.close()


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = (
        int(line.split(b":")[1])
        for line in head.lower().splitlines()
        if line.startswith(b"content-length:")
    )
    length = next(lengths, 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
