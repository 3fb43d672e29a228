"""Whatever bytes come in, the practice cloud answers in HTTP and stays up."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tplink_lab as tl
from tests.fuzz.amount import tries

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
METHODS = [
    "login",
    "getDeviceList",
    "passthrough",
    "refreshToken",
    "helloCloud",
    "getAppServiceUrl",
    "logout",
    "getIntlFwList",
]
TOKENS: list[str] = []
IDS: list[str] = []
KINDS = ("Kettle", "Desk Strip", "Sofa Lamp", "Shelf Strip", "Old Tapo Plug")
MODULES = [
    "system",
    "emeter",
    "schedule",
    "count_down",
    "anti_theft",
    "time",
    "cnCloud",
    "netif",
    "context",
    "smartlife.iot.dimmer",
    "smartlife.iot.smartbulb.lightingservice",
    "smartlife.iot.lightStrip",
    "smartlife.iot.lighting_effect",
]
VERBS = [
    "get_sysinfo",
    "set_relay_state",
    "set_dev_alias",
    "get_realtime",
    "get_daystat",
    "get_rules",
    "add_rule",
    "edit_rule",
    "delete_rule",
    "set_timezone",
    "transition_light_state",
    "set_light_state",
    "set_brightness",
    "get_scaninfo",
    "child_ids",
    "set_led_off",
]
COMMANDS = VALUES | st.dictionaries(
    st.sampled_from(MODULES),
    VALUES | st.dictionaries(st.sampled_from(VERBS), VALUES, max_size=3),
    max_size=3,
)
PATHS = [
    "/",
    "/api/v2/account/login",
    "/api/v2/account/refreshToken",
    "/api/v2/account/checkMFACodeAndLogin",
    "/api/v2/account/getEmailVC4TerminalMFA",
    "/api/v2/common/passthrough",
    "/api/v2/common/getDeviceListByPage",
    "/v2/things",
    "/v1/things/shadows",
    "/v1/things/x/services-sync",
    "/v1/families",
    "/v1/things/x/shadows",
]


@pytest.fixture(scope="module")
def school() -> Iterator[Any]:
    with tl.practice(offline_after_s=0) as cloud:
        TOKENS[:] = [cloud.token.reveal()]
        IDS[:] = [cloud.device(name).device_id for name in KINDS]
        yield cloud.practice
        # After all that it still does its work.
        assert len(cloud.devices()) == 28


def answered(school: Any, data: bytes) -> bytes:
    """Send bytes and an end, and return all that comes until the other end."""
    port = int(school.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.settimeout(20)
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts)


def whole(answer: bytes) -> tuple[int, Any]:
    """Return status and JSON of the first answer; it must be well-formed."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    assert lines[0].startswith("HTTP/1."), answer[:200]
    fields = {k.lower(): v for k, _, v in (f.partition(": ") for f in lines[1:])}
    body = rest[: int(fields["content-length"])]
    assert len(body) == int(fields["content-length"])
    return int(lines[0].split()[1]), json.loads(body) if body else None


def request(verb: str, target: str, body: bytes, *fields: str) -> bytes:
    lines = [f"{verb} {target} HTTP/1.1", "Host: 127.0.0.1", *fields]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


@tries(150)
@given(st.binary(max_size=300))
@example(b"GET")
@example(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n")
@example(b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n{}")
@example(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
@example(b"POST /\xff HTTP/1.1\r\n\r\n")
@example(b"\r\n" * 200)
def test_any_bytes(school: Any, data: bytes) -> None:
    answer = answered(school, data)
    if answer.startswith(b"HTTP/"):
        whole(answer)


@tries(150)
@given(st.binary(max_size=200), st.sampled_from(PATHS))
def test_any_body(school: Any, body: bytes, path: str) -> None:
    status, told = whole(answered(school, request("POST", path, body)))
    assert status < 500
    assert isinstance(told, dict)


@tries(300)
@given(st.sampled_from(METHODS), VALUES, st.booleans(), VALUES)
def test_any_parameters_of_a_known_method(
    school: Any, method: str, params: Any, with_token: bool, more: Any
) -> None:
    sent = {"method": method, "params": params}
    if isinstance(more, dict):
        sent = {**more, **sent}
    target = f"/?token={TOKENS[0]}" if with_token else "/"
    body = json.dumps(sent).encode()
    status, told = whole(answered(school, request("POST", target, body)))
    assert status == 200
    assert isinstance(told["error_code"], int)


@tries(200)
@given(st.sampled_from(PATHS[1:]), VALUES, st.sampled_from(["GET", "POST", "PATCH"]))
def test_any_parameters_of_a_known_path(
    school: Any, path: str, params: Any, verb: str
) -> None:
    body = json.dumps(params).encode()
    status, told = whole(answered(school, request(verb, path, body)))
    assert status < 500
    assert isinstance(told, dict)


@tries(300)
@given(COMMANDS)
@example({"system": {"set_relay_state": {"state": "on"}}})
@example({"context": {"child_ids": [[]]}, "system": {"get_sysinfo": None}})
def test_any_command_to_any_kind_of_device(school: Any, command: Any) -> None:
    for device_id in IDS:
        params = {"deviceId": device_id, "requestData": json.dumps(command)}
        body = json.dumps({"method": "passthrough", "params": params}).encode()
        target = f"/?token={TOKENS[0]}"
        status, told = whole(answered(school, request("POST", target, body)))
        assert status == 200
        assert isinstance(told["error_code"], int)


def test_a_slow_stranger_holds_up_nobody(school: Any) -> None:
    port = int(school.url.rpartition(":")[2])
    idle = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(20)]
    try:
        for connection in idle:
            connection.sendall(b"POST / HTTP/1.1\r\nContent-Le")
        began = time.monotonic()
        assert whole(answered(school, request("POST", "/", b"{}")))[0] == 200
        assert time.monotonic() - began < 5
    finally:
        for connection in idle:
            connection.close()
