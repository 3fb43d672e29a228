"""The ways a network breaks, and three calls to meet them with.

``python -m tests.cloud.faults`` prints the matrix as a table; ``test_faults.py`` holds
it.
"""

import gc
import gzip
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import tplink_lab as tl
from tests.cloud.wild import Act, http, says, wild

TOKEN = "a1b2c3d4-plantedTokenPlanted000"
TOO_SLOW = {"no answer in time", "head drips", "100 Continue for ever", "body drips"}
DEVICE = "8006" + "0" * 36
ON = {"system": {"set_relay_state": {"state": 1}}}
ASK = {"system": {"get_sysinfo": None}}
GOOD = json.dumps({"error_code": 0, "result": {"responseData": "{}"}}).encode()


def refusal(code: int, msg: str) -> Act:
    return says(http("200 OK", json.dumps({"error_code": code, "msg": msg}).encode()))


def hangs(connection: socket.socket) -> None:
    connection.settimeout(10)
    connection.recv(1)


def resets(connection: socket.socket) -> None:
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def resets_half_way(connection: socket.socket) -> None:
    connection.sendall(http("200 OK", GOOD)[:-20])
    resets(connection)


def drips(first: bytes, again: bytes) -> Act:
    def act(connection: socket.socket) -> None:
        connection.sendall(first)
        pause = threading.Event()
        for _ in range(600):  # or until the other side hangs up
            connection.sendall(again)
            pause.wait(0.05)

    return act


HEAD = b"HTTP/1.1 200 OK\r\n"
HUGE = HEAD + b"Content-Length: 999999999\r\n\r\n" + b" " * (33 << 20)
ACTS: dict[str, Act | None] = {
    "connection refused": None,
    "closed without an answer": lambda connection: None,
    "reset before the answer": resets,
    "reset in the answer": resets_half_way,
    "half an answer": says(http("200 OK", GOOD)[:-20]),
    "no answer in time": hangs,
    "head drips": drips(HEAD + b"X-Slow: ", b"a"),
    "100 Continue for ever": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body drips": drips(HEAD + b"Content-Length: 500\r\n\r\n", b" "),
    "Content-Length too great": says(HEAD + b"Content-Length: 500\r\n\r\n" + GOOD),
    "Content-Length too small": says(HEAD + b"Content-Length: 9\r\n\r\n" + GOOD),
    "gzip": says(http("200 OK", gzip.compress(GOOD), "Content-Encoding: gzip")),
    "gzip that is none": says(http("200 OK", GOOD, "Content-Encoding: gzip")),
    "redirect": says(http("302 Found", b"", "Location: https://evil.example/")),
    "a page instead of JSON": says(http("200 OK", b"<html>Sign in to Wi-Fi</html>")),
    "more than 32 MiB": says(HUGE),
    "HTTP 500": says(http("500 Internal Server Error", b"oops")),
    "HTTP 502": says(http("502 Bad Gateway", b"<html>")),
    "HTTP 503, Retry-After": says(http("503 Unavailable", b"", "Retry-After: 1")),
    "-20002 timeout": refusal(-20002, "Request timeout"),
    "-20004 rate limit": refusal(-20004, "API rate limit exceeded"),
}


class Outcome(NamedTuple):
    """What a call met, and what it left behind."""

    error: str
    seconds: float
    requests: int
    threads: int
    sockets: int


def read(url: str, timeout_s: float) -> None:
    with tl.from_token(TOKEN, url=url, timeout_s=timeout_s, patience_s=0) as cloud:
        cloud.passthrough(DEVICE, ASK, app_server_url=url)


def write(url: str, timeout_s: float) -> None:
    with tl.from_token(TOKEN, url=url, timeout_s=timeout_s, patience_s=0) as cloud:
        cloud.passthrough(DEVICE, ON, app_server_url=url)


def login(url: str, timeout_s: float) -> None:
    tl.login(
        "me@example.com",
        "planted",
        url=url,
        timeout_s=timeout_s,
        patience_s=0,
        remember=False,
    ).close()


CALLS: dict[str, Callable[[str, float], None]] = {
    "read": read,
    "write": write,
    "login": login,
}


def timeout_of(fault: str) -> float:
    """Short where all of it is waited for; elsewhere a busy machine gets its time."""
    return 0.4 if fault in TOO_SLOW else 10


def meet(fault: str, call: str) -> Outcome:
    """Let one call meet one fault."""
    act = ACTS[fault]
    gc.collect()  # what others left is not counted here; what is ours, is
    before = _left_over()
    error = "none"
    # More turns than any call may take: each is counted.
    with wild(*[act] * 4 if act else []) as server:
        url = server.url
        if act is None:
            url = _closed_port()
        began = time.monotonic()
        try:
            CALLS[call](url, timeout_of(fault))
        except tl.TPLinkLabError as exc:
            error = type(exc).__name__
            assert TOKEN not in str(exc)
        seconds = time.monotonic() - began
    after = _left_over()
    left = [now - then for now, then in zip(after, before, strict=True)]
    return Outcome(error, seconds, len(server.requests), *left)


def _closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _left_over() -> tuple[int, int]:
    sockets = 0
    with suppress(OSError):  # only Linux lists them here
        for file in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                sockets += str(file.readlink()).startswith("socket:")
    return threading.active_count(), sockets


def main() -> None:
    """Print the matrix."""
    print("| fault | call | outcome | s | requests | threads left | sockets left |")
    print("|---|---|---|---|---|---|---|")
    for fault in ACTS:
        for call in CALLS:
            o = meet(fault, call)
            print(
                f"| {fault} | {call} | {o.error} | {o.seconds:.2f} | {o.requests} | "
                f"{o.threads} | {o.sockets} |"
            )


if __name__ == "__main__":
    sys.exit(main())
