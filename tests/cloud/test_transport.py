"""Whatever the network does, the outcome is an answer or an error of ours."""

import io
import socket
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import tplink_lab as tl
from tests.cloud.wild import Act, http, says, wild
from tplink_lab import errors
from tplink_lab.cloud.hosts import check_url
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.transport import Request, Transport

TOKEN = "a1b2c3d4-plantedTokenPlanted"
BODY = {"method": "getDeviceList"}
GOOD = http("200 OK", b'{"error_code":0,"result":{}}')


def hangs(connection: socket.socket) -> None:
    connection.settimeout(10)
    connection.recv(1)


def resets(connection: socket.socket) -> None:
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def drips(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    pause = threading.Event()
    for _ in range(600):  # or until the other side hangs up
        connection.sendall(b" ")
        pause.wait(0.05)


def post(url: str, *, repeatable: bool = False, timeout_s: float = 5) -> str:
    transport = Transport(timeout_s=timeout_s)
    try:
        request = Request(
            "getDeviceList", BODY, token=Secret(TOKEN), repeatable=repeatable
        )
        return transport.send(check_url(url), request)[1].reveal()
    finally:
        transport.close()


CASES: dict[str, tuple[Act, type[errors.TPLinkLabError], str]] = {
    "closes": (lambda c: None, errors.CloudUnreachable, "without an answer"),
    "resets": (resets, errors.CloudUnreachable, "without an answer"),
    "garbage": (says(b"SSH-2.0-OpenSSH\r\n\r\n"), errors.CloudUnreachable, "without"),
    "cut off": (
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"),
        errors.UnusableAnswer,
        "cut off",
    ),
    "redirect": (
        says(http("302 Found", b"", "Location: http://evil.example/")),
        errors.UnusableAnswer,
        "redirect",
    ),
    "bad gzip": (
        says(http("200 OK", b"not gzip", "Content-Encoding: gzip")),
        errors.UnusableAnswer,
        "cut off",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_broken_answer_is_named(case: str) -> None:
    act, kind, says_ = CASES[case]
    with wild(act) as server, pytest.raises(kind, match=says_) as caught:
        post(server.url)
    assert caught.value.next_step
    assert caught.value.call == "getDeviceList"


@pytest.mark.parametrize("act", [hangs, drips])
def test_no_call_waits_longer_than_it_said(act: Act) -> None:
    with (
        wild(act) as server,
        pytest.raises(errors.CloudTimeout, match=r"within 0\.3 s"),
    ):
        post(server.url, timeout_s=0.3)


def test_a_refused_connection_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(errors.CloudUnreachable, match="refused the connection"):
        post(f"http://127.0.0.1:{port}")


def test_a_read_is_sent_once_more_when_the_connection_breaks() -> None:
    with wild(lambda c: None, says(GOOD)) as server:
        assert "error_code" in post(server.url, repeatable=True)
    assert len(server.requests) == 2


def test_what_may_not_be_repeated_is_sent_once() -> None:
    with (
        wild(lambda c: None, says(GOOD)) as server,
        pytest.raises(errors.CloudUnreachable),
    ):
        post(server.url)
    assert len(server.requests) == 1


def test_nothing_is_repeated_without_end() -> None:
    with (
        wild(*[lambda c: None] * 5) as server,
        pytest.raises(errors.CloudUnreachable),
    ):
        post(server.url, repeatable=True)
    assert len(server.requests) == 2


@pytest.mark.parametrize("case", CASES)
def test_no_failure_shows_the_token(case: str) -> None:
    with wild(CASES[case][0]) as server:
        try:
            post(server.url)
        except errors.TPLinkLabError as error:
            shown = io.StringIO()
            whole = traceback.TracebackException.from_exception(
                error, capture_locals=True
            )
            shown.write("".join(whole.format()))
            assert error.__context__ is None
        assert TOKEN.encode() in server.requests[0]
    # The frames' variables too: %xmode Verbose and many log tools print them.
    ours = shown.getvalue().replace(f"TOKEN = {TOKEN!r}", "")
    assert "planted" not in ours


def test_what_is_not_json_is_refused_before_it_is_sent() -> None:
    transport = Transport()
    for value in (object(), float("nan"), {1, 2}, Path("x")):
        with pytest.raises(errors.BadInput, match="cannot be written as JSON"):
            transport.send(check_url("http://127.0.0.1:9"), Request("x", {"x": value}))


def slowly(connection: socket.socket, first: bytes, again: bytes) -> None:
    connection.sendall(first)
    pause = threading.Event()
    for _ in range(600):  # or until the other side hangs up
        connection.sendall(again)
        pause.wait(0.05)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x="


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (CHUNKED, b"a"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" "),
    ],
    ids=["head", "100 Continue", "chunk extension", "body"],
)
def test_no_part_of_an_answer_may_drip_beyond_the_timeout(
    first: bytes, again: bytes
) -> None:
    with wild(lambda connection: slowly(connection, first, again)) as server:
        began = time.monotonic()
        with pytest.raises(errors.CloudTimeout):
            post(server.url, timeout_s=0.3)
        # The server would drip for thirty seconds.
        assert time.monotonic() - began < 15
    assert len(server.requests) == 1


def test_the_wait_for_a_free_connection_is_part_of_the_timeout() -> None:
    with wild(*[hangs] * 9) as server:
        transport = Transport(timeout_s=0.5, connections=1)
        began = time.monotonic()
        with ThreadPoolExecutor(8) as crew:
            calls = [
                crew.submit(transport.send, check_url(server.url), Request("x", BODY))
                for _ in range(8)
            ]
            outcomes = [type(call.exception()) for call in calls]
        took_s = time.monotonic() - began
        transport.close()
    assert outcomes == [errors.CloudTimeout] * 8
    assert took_s < 3  # in turns they would take four seconds


@pytest.mark.parametrize("timeout_s", [0, -1, float("nan"), float("inf"), 1e300])
def test_a_timeout_must_be_above_zero(timeout_s: float) -> None:
    with pytest.raises(errors.BadInput, match="timeout_s"):
        Transport(timeout_s=timeout_s)


def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    for text in (None, "", "no certificate"):
        if text is not None:
            empty.write_text(text)
        with pytest.raises(errors.BadInput, match=r"ca\.pem"):
            Transport(ca_file=empty)


def test_a_captive_portal_is_told_from_the_cloud() -> None:
    page = http("200 OK", b"<html>Welcome to Hotel Wi-Fi, please log in</html>")
    with wild(says(page)) as server:
        with pytest.raises(errors.UnusableAnswer, match="web page") as caught:
            tl.login("ada@example.com", "pw", url=server.url)
        assert "browser" in caught.value.next_step


def test_a_login_that_gives_no_token_is_no_login() -> None:
    with (
        wild(says(GOOD)) as server,
        pytest.raises(errors.UnusableAnswer, match="gave no token"),
    ):
        tl.login("ada@example.com", "pw", url=server.url)
