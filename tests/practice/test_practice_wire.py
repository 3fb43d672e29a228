"""The V1 half of the cloud, row by row."""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

JSON_ERROR = {"error_code": -10100, "msg": "JSON format error"}
NO_METHOD = -20103
TOKEN = re.compile("^[0-9a-f]{8}-[A-Za-z0-9]{23}$")
LOGIN = {
    "appType": "Kasa_Android",
    "cloudUserName": "you@example.com",
    "cloudPassword": "practice-makes-perfect",
    "terminalUUID": "t",
}
SYSINFO = '{"system":{"get_sysinfo":{}}}'


def without(params: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in params.items() if k != key}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{method:getDeviceList}",
        b"'{method:getDeviceList}'",
        b"[]",
        b'"login"',
        b"null",
        b"5",
        b'{"method":"getDeviceList"',
        b'{"method":NaN}',
        b'{"method":"login","params":{"a":1e999}}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"1" * 10_000,
    ],
)
def test_a_body_that_is_no_json_object_is_a_format_error(
    wire: Any, body: bytes
) -> None:
    assert wire.post(body, wire.token) == JSON_ERROR
    assert wire.post({"method": "getDeviceList"}, wire.token)["error_code"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, NO_METHOD),
        ({"method": None}, NO_METHOD),
        ({"method": "getdevicelist"}, NO_METHOD),
        ({"method": ["login"]}, NO_METHOD),
        ({"method": 7}, NO_METHOD),
        ({"method": "login"}, -20104),
        ({"method": "login", "params": None}, -20104),
        ({"method": "login", "params": []}, -20105),
        *(({"method": "login", "params": without(LOGIN, k)}, -20104) for k in LOGIN),
        *(({"method": "login", "params": {**LOGIN, k: 5}}, -20105) for k in LOGIN),
        ({"method": "login", "params": {**LOGIN, "refreshTokenNeeded": 1}}, -20105),
        ({"method": "login", "params": {**LOGIN, "cloudPassword": "x"}}, -20601),
        ({"method": "login", "params": {**LOGIN, "cloudUserName": "x@x.x"}}, -20601),
        ({"method": "login", "params": {**LOGIN, "cloudPassword": "\ud800"}}, -20601),
        ({"method": "login", "params": {**LOGIN, "appType": "", "extra": [1]}}, 0),
        ({"method": "login", "params": {**LOGIN, "terminalUUID": ""}}, 0),
        ({"method": "refreshToken", "params": {}}, -20104),
        (
            {
                "method": "refreshToken",
                "params": {"appType": "a", "terminalUUID": "t", "token": "t"},
            },
            -20104,
        ),
        (
            {
                "method": "refreshToken",
                "params": {"appType": "a", "terminalUUID": "t", "refreshToken": "x"},
            },
            -20656,
        ),
        ({"method": "getDeviceList"}, -20651),
        ({"method": "getDeviceList", "params": {"token": 5}}, -20651),
        ({"method": "getDeviceList", "params": {"token": "old"}}, -20651),
        ({"method": "passthrough", "params": {}}, -20651),
    ],
)
def test_each_bad_call_gets_its_code(wire: Any, body: Any, code: int) -> None:
    answer = wire.post(body)
    assert answer["error_code"] == code
    assert ("result" in answer) == (code == 0)
    assert ("msg" in answer) == (code != 0)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"requestData": SYSINFO}, -20104),
        ({"deviceId": "PLUG"}, -20104),
        ({"deviceId": "PLUG", "requestData": None}, -20104),
        ({"deviceId": 5, "requestData": SYSINFO}, -20105),
        ({"deviceId": "PLUG", "requestData": 5}, -20105),
        ({"deviceId": "PLUG", "requestData": {"system": {}}}, -20105),
        ({"deviceId": "0" * 40, "requestData": SYSINFO}, -20580),
        ({"deviceId": "PLUG", "requestData": ""}, -10100),
        ({"deviceId": "PLUG", "requestData": "{system}"}, -10100),
        ({"deviceId": "PLUG", "requestData": "[]"}, -10100),
        ({"deviceId": "PLUG", "requestData": "[" * 100_000}, -10100),
        ({"deviceId": "PLUG", "requestData": '{"a":NaN}'}, -10100),
        ({"deviceId": "TAPO", "requestData": SYSINFO}, -20571),
        ({"deviceId": "TAPO", "requestData": {"method": "get_device_info"}}, -20571),
        ({"deviceId": "TAPO", "requestData": "no json"}, -10100),
        ({"deviceId": "OFF", "requestData": SYSINFO}, -20571),
        ({"deviceId": "FAR", "requestData": SYSINFO}, -20571),
        ({"deviceId": "PLUG", "requestData": SYSINFO}, 0),
        ({"deviceId": "PLUG", "requestData": "{}"}, 0),
    ],
)
def test_each_passthrough_gets_its_code(
    wire: Any, params: dict[str, Any], code: int
) -> None:
    names = {
        "PLUG": "My Smart Plug",
        "OFF": "Garage Heater",
        "FAR": "Holiday Flat",
        "TAPO": base64.b64encode(b"Tapo Plug").decode(),
    }
    if params.get("deviceId") in names:
        alias = names[params["deviceId"]]
        params = {**params, "deviceId": wire.rows[alias]["deviceId"]}
    answer = wire.post({"method": "passthrough", "params": params}, wire.token)
    assert answer["error_code"] == code
    if code == 0:
        assert isinstance(answer["result"]["responseData"], str)


def test_a_login_gives_a_token_of_the_known_shape(wire: Any) -> None:
    result = wire.login()
    assert TOKEN.match(result["token"])
    assert "refreshToken" not in result
    assert result["accountId"].isdigit()
    assert result["email"] == wire.cloud.email
    assert result["errorCode"] == "0"
    assert {"regTime", "countryCode", "nickname", "riskDetected"} <= set(result)


def test_a_refresh_token_gives_a_new_token_until_it_is_too_old(open_cloud: Any) -> None:
    wire = open_cloud(token_lifetime_s=100)
    granted = wire.login(refreshTokenNeeded=True, terminalUUID="mine")
    params = {
        "appType": "Kasa_Android",
        "terminalUUID": "mine",
        "refreshToken": granted["refreshToken"],
    }
    call = {"method": "refreshToken", "params": params}
    other = {"method": "refreshToken", "params": {**params, "terminalUUID": "other"}}
    assert wire.post(other)["error_code"] == -20656
    wire.cloud.advance(seconds=100)
    assert wire.post({"method": "getDeviceList"}, granted["token"])["error_code"] == (
        -20651
    )
    fresh = wire.post(call)["result"]
    assert TOKEN.match(fresh["token"])
    assert fresh["token"] != granted["token"]
    assert fresh["refreshToken"] == granted["refreshToken"]
    assert wire.post({"method": "getDeviceList"}, fresh["token"])["error_code"] == 0
    wire.cloud.advance(days=1)
    assert wire.post(call)["error_code"] == -20655


def test_the_token_may_come_in_the_body(wire: Any) -> None:
    call = {"method": "getDeviceList", "params": {"token": wire.token}}
    assert wire.post(call)["error_code"] == 0


def test_five_wrong_passwords_lock_the_account_for_a_while(wire: Any) -> None:
    wrong = {"method": "login", "params": {**LOGIN, "cloudPassword": "guess"}}
    right = {"method": "login", "params": LOGIN}
    codes = [wire.post(wrong)["error_code"] for _ in range(6)]
    assert codes == [-20601] * 4 + [-20661] * 2
    locked = wire.post(right)
    assert locked["error_code"] == -20661
    assert locked["result"]["lockedMinutes"] == 2
    assert wire.post({"method": "getDeviceList"}, wire.token)["error_code"] == 0
    wire.cloud.advance(minutes=2)
    assert wire.post(right)["error_code"] == 0
    assert wire.post(wrong)["error_code"] == -20601


def test_the_right_password_forgives_the_wrong_ones(wire: Any) -> None:
    wrong = {"method": "login", "params": {**LOGIN, "cloudPassword": "guess"}}
    for _ in range(3):
        for _ in range(4):
            assert wire.post(wrong)["error_code"] == -20601
        wire.login()


def test_the_21st_session_ends_the_oldest(wire: Any) -> None:
    tokens = [wire.token, *(wire.login()["token"] for _ in range(20))]
    answers = [wire.post({"method": "getDeviceList"}, t)["error_code"] for t in tokens]
    assert answers == [-20675] + [0] * 20


def test_a_token_dies_with_its_lifetime(wire: Any) -> None:
    wire.cloud.advance(days=29, hours=23)
    assert wire.post({"method": "getDeviceList"}, wire.token)["error_code"] == 0
    wire.cloud.advance(hours=1)
    assert wire.post({"method": "getDeviceList"}, wire.token)["error_code"] == -20651


def test_other_paths_have_no_methods(wire: Any) -> None:
    status, _, content = wire.raw('{"method":"getDeviceList"}', "/api/v9/x")
    assert (status, json.loads(content)["error_code"]) == (200, NO_METHOD)


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"])
def test_every_verb_but_post_is_405_in_json(wire: Any, verb: str) -> None:
    status, headers, content = wire.raw("", "/?token=secret", verb=verb)
    assert status == 405
    assert headers["Content-Type"] == "application/json;charset=UTF-8"
    assert json.loads(content) == {
        "error_code": -10000,
        "msg": "405 returned for / with message Method Not Allowed",
    }


def test_head_is_405_without_a_body(wire: Any) -> None:
    status, headers, content = wire.raw("", verb="HEAD")
    assert (status, content) == (405, b"")
    assert int(headers["Content-Length"]) > 0


def test_a_percent_encoded_suffix_is_part_of_the_token(wire: Any) -> None:
    path = f"/?token={wire.token}%20HTTP/1.1"
    _, _, content = wire.raw('{"method":"getDeviceList"}', path)
    assert json.loads(content) == {"error_code": -20651, "msg": "Token expired"}


def send(wire: Any, data: bytes, *, end: bool = False) -> list[bytes]:
    """Raw bytes to the entry; the answers until it hangs up or is done."""
    address = urlsplit(wire.cloud.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as sock:
        sock.sendall(data)
        if end:
            sock.shutdown(socket.SHUT_WR)
        received = b""
        while True:
            try:
                piece = sock.recv(65536)
            except ConnectionResetError:
                break
            received += piece
            if not piece:
                break
    return received.split(b"\r\n\r\n", 1)


def test_the_articles_request_line_with_its_stray_suffix_is_answered(wire: Any) -> None:
    body = b'{"method":"getDeviceList"}'
    line = f"POST /?token={wire.token} HTTP/1.1 HTTP/1.1\r\n".encode()
    head, answer = send(
        wire,
        line
        + b"Host: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
        + b"Content-Length: %d\r\n\r\n" % len(body)
        + body,
    )
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(answer)["error_code"] == 0


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (b"Content-Length: x\r\n", b"", 400),
        (b"Content-Length: -1\r\n", b"", 400),
        (b"Content-Length: +2\r\n", b"{}", 400),
        (b"Content-Length: 1_0\r\n", b"{}", 400),
        (b"Content-Length: " + b"9" * 5000 + b"\r\n", b"", 400),
        (b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{} ", 400),
        (b"Content-Length: 10\r\n", b"{}", 400),
        (b"Content-Length: 1048577\r\n", b"x" * 1048577, 413),
        (b"Content-Length: 6000000\r\n", b"x" * 6_000_000, 413),
        (b"Transfer-Encoding: gzip\r\n", b"", 400),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", b"{}", 400),
        (b"Transfer-Encoding: chunked\r\n", b"zz\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n", b"-5\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n", b"5\r\n{}\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n", b"fffffff\r\n" + b"x" * 99, 413),
        (b"Transfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n", 200),
        (
            b"Transfer-Encoding: chunked\r\n",
            b"1\r\n{\r\n1;x=y\r\n}\r\n0\r\nA: b\r\n\r\n",
            200,
        ),
        (b"Content-Length: 2\r\nExpect: 100-continue\r\n", b"{}", 100),
        (b"Header: " + b"x" * 70_000 + b"\r\n", b"", 431),
        (b"H: x\r\n" * 200, b"", 431),
        (b"", b"", 200),
    ],
)
def test_every_framing_gets_a_well_formed_answer(
    wire: Any, head: bytes, body: bytes, status: int
) -> None:
    start = b"POST / HTTP/1.1\r\nHost: x\r\n"
    parts = send(wire, start + head + b"\r\n" + body, end=True)
    assert parts[0].startswith(b"HTTP/1.1 %d " % status)
    if status == 100:
        parts = parts[1].split(b"\r\n\r\n", 1)
    answer = json.loads(parts[1])
    assert answer["error_code"] == (
        NO_METHOD
        if status in (100, 200) and body
        else (-10100 if status == 200 else -10000)
    )
    assert wire.post({"method": "getDeviceList"}, wire.token)["error_code"] == 0


def test_a_client_that_asks_first_is_invited_to_send_its_body(wire: Any) -> None:
    address = urlsplit(wire.cloud.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as sock:
        sock.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert sock.recv(100).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"{}")
        assert b'"error_code":-20103' in sock.recv(1000)


@pytest.mark.parametrize(
    "line",
    [
        b"POST\r\n",
        b"GET /\r\n",
        b"POST / HTTP/9.9\r\n",
        b"a b c d e f\r\n",
        b"\x00\x01 \xff\r\n",
        b"POST / HTTP/x HTTP/1.1\r\n",
        b"POST http://[ HTTP/1.1\r\n",
        b"POST /" + b"a" * 70_000 + b" HTTP/1.1\r\n",
    ],
)
def test_a_garbled_request_line_gets_json(wire: Any, line: bytes) -> None:
    parts = send(wire, line + b"Host: x\r\n\r\n", end=True)
    assert parts[0].startswith(b"HTTP/1.")
    assert json.loads(parts[1])["error_code"] in (-10000, -10100)


def test_duplicate_keys_let_the_last_one_win(wire: Any) -> None:
    body = b'{"method":"nothing","method":"getDeviceList"}'
    assert wire.post(body, wire.token)["error_code"] == 0


def test_answers_are_compact_utf8_json(wire: Any) -> None:
    wire.one("Desk Lamp", "system", "set_dev_alias", {"alias": "Lampe d\u2019étude"})
    _, _, content = wire.raw('{"method":"getDeviceList"}', f"/?token={wire.token}")
    assert '"alias":"Lampe d\u2019étude"'.encode() in content
    assert b'": ' not in content.replace(b"Rel. ", b"")


def test_connections_are_kept_alive_and_counted(wire: Any) -> None:
    before = wire.cloud.connections
    for _ in range(10):
        wire.post({"method": "getDeviceList"}, wire.token)
    assert wire.cloud.connections == before
    assert wire.cloud.calls["getDeviceList"] == 11
    assert wire.cloud.calls["login"] == 1


def test_stopping_leaves_no_thread_and_no_open_socket(open_cloud: Any) -> None:
    wire = open_cloud()
    wire.cloud.slow(60, hold_limit_s=60)
    address = urlsplit(wire.cloud.url)
    idle = socket.create_connection((address.hostname, address.port))
    failures: list[Exception] = []

    def wait() -> None:
        try:
            wire.one("Kettle", "system", "get_sysinfo")
        except (OSError, http.client.HTTPException) as error:
            failures.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    idle.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    assert b"-10100" in idle.recv(1000)
    while wire.cloud.calls["passthrough"] == 0:
        pass
    start = time.perf_counter()
    wire.cloud.stop()
    wire.cloud.stop()
    assert time.perf_counter() - start < 30  # half of what it would have held
    waiting.join(10)
    assert not waiting.is_alive()
    assert len(failures) == 1
    assert idle.recv(1) == b""
    idle.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("practice-")]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), timeout=1)


def test_a_stopped_cloud_starts_again(open_cloud: Any) -> None:
    wire = open_cloud()
    wire.cloud.stop()
    wire.cloud.start()
    assert wire.post({"method": "getDeviceList"}, wire.token)["error_code"] == 0


def test_nothing_over_http_reaches_the_teachers_controls(wire: Any) -> None:
    for method in ("unplug", "expire_token", "slow", "lose", "advance", "stop"):
        answer = wire.post(
            {"method": method, "params": {"alias": "Kettle"}}, wire.token
        )
        assert answer["error_code"] == NO_METHOD
    assert wire.cloud.state("Kettle")["online"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:80", 200),
        ("[::1]:80", 200),
        ("wap.tplinkcloud.com", 200),  # by a hosts file
        ("rebind.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("wap.tplinkcloud.com.evil.example", 421),
        ("1.2.3.4", 421),
    ],
)
def test_a_web_page_of_another_name_is_not_answered(
    wire: Any, host: str, status: int
) -> None:
    body = json.dumps({"method": "getDeviceList"})
    path = f"/?token={wire.token}"
    got, _, text = wire.raw(body, path, headers={"Host": host})
    assert got == status
    assert ("My Smart Plug" in text.decode()) == (status == 200)
