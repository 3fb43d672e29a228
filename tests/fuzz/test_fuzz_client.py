"""Whatever comes back, the client gives a value or an error of its family."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tplink_lab as tl
from tests.fuzz.amount import tries
from tests.fuzz.test_fuzz_practice import VALUES

TOKEN = "a1b2c3d4-plantedTokenPlanted000"
PASSWORD = "planted-password"
KNOWN = [
    "error_code",
    "errorCode",
    "result",
    "msg",
    "errorMsg",
    "token",
    "refreshToken",
    "deviceList",
    "responseData",
    "deviceId",
    "alias",
    "appServerUrl",
    "status",
    "deviceType",
    "data",
    "total",
    "page",
    "outputParams",
    "shadows",
    "appUrl",
    "accountId",
    "MFAProcessId",
    "mfaType",
    "system",
    "get_sysinfo",
    "relay_state",
    "err_code",
    "children",
    "sw_ver",
    "model",
]
ANSWERS = st.recursive(
    VALUES | st.sampled_from([0, 1, "0", -20651, TOKEN, PASSWORD]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KNOWN), inner, max_size=5)
    ),
    max_leaves=15,
)


class Parrot(BaseHTTPRequestHandler):
    """Says what it was told to say, to everybody."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for each answer
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body = self.server.says  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PATCH = do_POST  # noqa: N815 (http.server's names)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def parrot() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Parrot)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def asked(parrot: Any) -> None:
    """Ask everything that a person can; each outcome is one of ours."""
    cloud = tl.from_token(TOKEN, url=parrot.url, patience_s=0)
    device_id = "8006" + "0" * 36
    calls = [
        lambda: cloud.call("getDeviceList"),
        lambda: list(cloud.devices()),
        lambda: cloud.passthrough(device_id, {"system": {"get_sysinfo": None}}),
        lambda: cloud.devices()[0].is_on(),
        lambda: cloud.devices().to_frame(),
    ]
    for call in calls:
        try:
            call()
        except tl.TPLinkLabError as error:
            assert TOKEN not in f"{error} {error!r} {vars(error)}"
    cloud.close()


@tries(150)
@given(st.integers(200, 599), st.binary(max_size=200))
@example(200, b"")
@example(200, b"\xff\xfe{}")
@example(200, b"[" * 100_000)
@example(200, b'{"error_code":0,"result":{"deviceList":[{}]}}')
@example(200, b'{"error_code":1e400}')
def test_any_bytes_as_answer(parrot: Any, status: int, body: bytes) -> None:
    parrot.says = (status, body)
    asked(parrot)


@tries(250)
@given(ANSWERS)
@example({"error_code": 0, "result": {"deviceList": [{"alias": 1, "deviceId": None}]}})
def test_any_json_as_answer(parrot: Any, answer: Any) -> None:
    parrot.says = (200, json.dumps(answer).encode())
    asked(parrot)


@tries(200)
@given(ANSWERS, st.sampled_from(["v1", "v2"]))
def test_any_answer_to_a_login(parrot: Any, answer: Any, protocol: str) -> None:
    parrot.says = (200, json.dumps(answer).encode())
    try:
        tl.login(
            "me@example.com",
            PASSWORD,
            url=parrot.url,
            protocol=protocol,
            code="123456",
            remember=False,
            patience_s=0,
        ).close()
    except tl.TPLinkLabError as error:
        assert PASSWORD not in f"{error} {error!r} {vars(error)}"
