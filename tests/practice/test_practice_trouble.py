"""Trouble by name, the practice clock, and the same bytes each time."""

from __future__ import annotations

import http.client
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tplink_lab.practice import PracticeCloud, PracticeError

SYSINFO = '{"system":{"get_sysinfo":{}}}'
LIST = {"method": "getDeviceList"}


def test_an_unplugged_device_is_offline_until_it_is_plugged_in(wire: Any) -> None:
    wire.cloud.unplug("Kettle")
    answer = wire.pass_through("Kettle", SYSINFO)
    assert answer == {"error_code": -20571, "msg": "Device is offline"}
    listed = wire.post(LIST, wire.token)["result"]["deviceList"]
    assert {row["alias"]: row["status"] for row in listed}["Kettle"] == 0
    state = wire.cloud.state("Kettle")
    assert (state["online"], state["on"]) == (False, True)
    wire.cloud.plug_in("Kettle")
    assert wire.one("Kettle", "system", "get_sysinfo")["relay_state"] == 1


def test_the_cloud_takes_its_time_to_find_a_device_offline(open_cloud: Any) -> None:
    wire = open_cloud(offline_after_s=0.2)
    start = time.perf_counter()
    assert wire.pass_through("Garage Heater", SYSINFO)["error_code"] == -20571
    assert time.perf_counter() - start >= 0.2


def test_latency_is_added_to_every_answer(open_cloud: Any) -> None:
    wire = open_cloud(latency_s=0.05)
    start = time.perf_counter()
    wire.post({"method": "nothing"})
    assert time.perf_counter() - start >= 0.05


def test_an_expired_token_is_refused_and_a_new_one_is_not(wire: Any) -> None:
    wire.cloud.expire_token()
    assert wire.post(LIST, wire.token) == {"error_code": -20651, "msg": "Token expired"}
    assert wire.post(LIST, wire.login()["token"])["error_code"] == 0


def test_a_slow_device_times_out_although_it_obeys(wire: Any) -> None:
    wire.cloud.slow(0.1)
    start = time.perf_counter()
    assert wire.one("Desk Lamp", "system", "get_sysinfo")["relay_state"] == 0
    assert time.perf_counter() - start >= 0.1
    wire.cloud.slow(5, hold_limit_s=0.05)
    request = '{"system":{"set_relay_state":{"state":1}}}'
    answer = wire.pass_through("Desk Lamp", request)
    assert answer == {"error_code": -20002, "msg": "Request timeout"}
    assert wire.cloud.state("Desk Lamp")["on"]
    wire.cloud.calm()
    assert wire.one("Desk Lamp", "system", "get_sysinfo")["relay_state"] == 1


def test_calm_frees_those_who_wait_for_a_slow_device(wire: Any) -> None:
    wire.cloud.slow(100, hold_limit_s=50)
    with ThreadPoolExecutor() as crew:
        waiting = crew.submit(wire.one, "Desk Lamp", "system", "get_sysinfo")
        while wire.cloud.calls["passthrough"] == 0:
            assert not waiting.done()
        wire.cloud.calm()
        # The client of these tests gives up long before the cloud does.
        assert waiting.result()["relay_state"] == 0


def test_a_rate_limit_counts_in_practice_time(wire: Any) -> None:
    wire.cloud.rate_limit(3, 60)
    codes = [wire.post(LIST, wire.token)["error_code"] for _ in range(5)]
    assert codes == [0, 0, 0, -20004, -20004]
    assert wire.cloud.calls["getDeviceList"] == 6
    wire.cloud.advance(seconds=60)
    assert wire.post(LIST, wire.token)["error_code"] == 0
    wire.cloud.rate_limit(0, 60)
    answer = wire.post(LIST, wire.token)
    assert answer == {"error_code": -20004, "msg": "API rate limit exceeded"}
    wire.cloud.calm()
    assert wire.post(LIST, wire.token)["error_code"] == 0


def test_lost_answers_are_lost_the_same_way_each_time(open_cloud: Any) -> None:
    def lost(seed: int) -> list[bool]:
        wire = open_cloud(seed=seed)
        wire.cloud.lose(0.5)
        seen = []
        for _ in range(30):
            try:
                wire.post(LIST, wire.token)
                seen.append(False)
            except (http.client.RemoteDisconnected, ConnectionResetError):
                seen.append(True)
                wire.close()
        wire.cloud.calm()
        wire.post(LIST, wire.token)
        return seen

    first = lost(1)
    assert 5 < sum(first) < 25
    assert lost(1) == first
    assert lost(2) != first


def test_a_command_is_obeyed_although_its_answer_is_lost(wire: Any) -> None:
    wire.cloud.lose(1)
    request = '{"system":{"set_relay_state":{"state":1}}}'
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        wire.pass_through("Desk Lamp", request)
    assert wire.cloud.state("Desk Lamp")["on"]


@pytest.mark.parametrize(
    "deed",
    [
        lambda c: c.slow(-1),
        lambda c: c.slow("1"),
        lambda c: c.slow(float("nan")),
        lambda c: c.rate_limit(1.5, 1),
        lambda c: c.rate_limit(-1, 1),
        lambda c: c.rate_limit(1, float("inf")),
        lambda c: c.lose(1.1),
        lambda c: c.lose(True),
        lambda c: c.advance(seconds=-1),
        lambda c: c.advance(days=1e9),
        lambda c: c.advance(hours="1"),
        lambda c: c.advance(hours=float("inf")),
    ],
)
def test_a_bad_control_is_refused_and_changes_nothing(wire: Any, deed: Any) -> None:
    with pytest.raises(PracticeError):
        deed(wire.cloud)
    assert wire.cloud.now == datetime(2026, 11, 1, 18, tzinfo=UTC)
    assert wire.post(LIST, wire.token)["error_code"] == 0


@pytest.mark.parametrize(
    "settings_",
    [
        {"now": "yesterday"},
        {"now": 5},
        {"now": "1950-01-01"},
        {"clock": "wound"},
        {"port": 65535},
        {"port": -1},
        {"port": "80"},
        {"seed": 1.5},
        {"latency_s": -1},
        {"offline_after_s": None},
        {"email": ""},
        {"password": 5},
    ],
)
def test_bad_settings_are_refused(settings_: dict[str, Any]) -> None:
    with pytest.raises(PracticeError):
        PracticeCloud(**settings_)


def test_a_port_in_use_is_named_and_nothing_stays_open(wire: Any) -> None:
    port = int(wire.cloud.url.rpartition(":")[2])
    with pytest.raises(PracticeError, match=f"port {port}: .*another port"):
        PracticeCloud(port=port).start()


def test_when_the_second_port_is_taken_the_first_is_free_again() -> None:
    def bound(port: int) -> socket.socket:
        taken = socket.socket()
        try:
            taken.bind(("127.0.0.1", port))
        except OSError:
            taken.close()
            raise
        return taken

    for _ in range(50):
        with bound(0) as first:
            port = first.getsockname()[1]
        try:
            second = bound(port + 1)
        except (OSError, OverflowError):
            continue
        with second:
            second.listen()
            with pytest.raises(PracticeError, match=f"port {port + 1}: "):
                PracticeCloud(port=port).start()
            bound(port).close()
        return
    raise AssertionError("no two free ports in a row")


def test_the_clock_stands_or_runs() -> None:
    moment = "2026-11-01T18:00:00+00:00"
    standing = PracticeCloud(now=moment)
    assert standing.now == standing.now == datetime.fromisoformat(moment)
    standing.advance(seconds=1, minutes=1, hours=1, days=1)
    assert (standing.now - datetime.fromisoformat(moment)).total_seconds() == 90061
    running = PracticeCloud(now=moment, clock="running")
    first = running.now
    while running.now == first:
        pass
    assert abs((PracticeCloud().now - datetime.now(UTC)).total_seconds()) < 60


def conversation(wire: Any, sign: Any) -> list[bytes]:
    """Everything that two runs must have in common, to the last byte."""
    seen: list[bytes] = []

    def say(body: Any, token: str = "") -> None:
        status, headers, content = wire.raw(json.dumps(body), f"/?token={token}")
        for name, url in wire.cloud.regions.items():
            content = content.replace(url.encode(), name.encode())
        headers.pop("Content-Length")
        seen.append(repr((status, headers)).encode() + content)

    say(LIST, wire.token)
    for alias, row in wire.rows.items():
        for request in (
            {"system": {"get_sysinfo": None}, "schedule": {"get_rules": None}},
            {"count_down": {"add_rule": {"delay": 600, "act": 0}}},
            {"emeter": {"get_realtime": {}, "get_monthstat": {"year": 2026}}},
        ):
            params = {"deviceId": row["deviceId"], "requestData": json.dumps(request)}
            say({"method": "passthrough", "params": params}, wire.token)
        assert alias
    seen.append(wire.login(refreshTokenNeeded=True)["refreshToken"].encode())
    tapo = sign(wire, "tapo")
    wire.cloud.require_mfa()
    tapo.post("account/getEmailVC4TerminalMFA", tapo.who)
    for answer in (
        tapo.login(),
        tapo.post(
            "account/checkMFACodeAndLogin",
            {**tapo.who, "code": wire.cloud.inbox()[-1].code},
        ),
        tapo.login(cloudPassword="guess"),
    ):
        text = json.dumps(answer)
        for name, url in wire.cloud.regions.items():
            text = text.replace(url, name)
        seen.append(text.encode())
    wire.cloud.advance(days=3)
    say(LIST, wire.token)
    return seen


def test_same_home_seed_and_clock_give_the_same_bytes(
    open_cloud: Any, sign: Any
) -> None:
    first, again = (conversation(open_cloud(), sign) for _ in range(2))
    assert first == again
    assert conversation(open_cloud(seed=2), sign) != first


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
MODULES = st.sampled_from(
    ["system", "emeter", "schedule", "count_down", "anti_theft", "time", "context",
     "smartlife.iot.dimmer", "smartlife.iot.lightStrip",
     "smartlife.iot.common.schedule", "smartlife.iot.common.emeter",
     "smartlife.iot.smartbulb.lightingservice", "smartlife.iot.lighting_effect"]
)  # fmt: skip
METHODS = st.sampled_from(
    ["get_sysinfo", "set_relay_state", "set_dev_alias", "set_dev_location", "add_rule",
     "edit_rule", "get_rules", "get_daystat", "get_monthstat", "get_next_action",
     "set_brightness", "transition_light_state", "set_light_state", "child_ids",
     "set_lighting_effect", "set_timezone", "set_preferred_state", "get_realtime"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["state", "alias", "smin", "sact", "stime_opt", "wday", "delay", "act", "repeat",
     "year", "month", "day", "index", "brightness", "on_off", "groups", "hue", "enable",
     "latitude", "longitude_i", "latitude_i", "id", "s_light", "name", "color_temp"]
)  # fmt: skip
VALUES = JUNK | st.integers(-2, 2100)
REQUESTS = JUNK | st.dictionaries(
    MODULES,
    JUNK | st.dictionaries(METHODS, JUNK | st.dictionaries(KEYS, VALUES, max_size=6)),
    max_size=3,
)
FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FUZZ
@given(body=st.binary(max_size=200) | JUNK.map(lambda v: json.dumps(v).encode()))
def test_any_body_gets_a_well_formed_answer(wire: Any, body: bytes) -> None:
    answer = wire.post(body, wire.token)
    assert isinstance(answer["error_code"], int)
    assert ("result" in answer) == (answer["error_code"] == 0)


SIGNED = st.sampled_from(
    [f"account/{name}" for name in
     ("getAccountStatusAndUrl", "login", "getEmailVC4TerminalMFA",
      "getPushVC4TerminalMFA", "checkMFACodeAndLogin", "refreshToken",
      "getAccountInfo", "getMFAFeatureStatus")]
    + [f"common/{name}" for name in
       ("getDeviceListByPage", "passthrough", "getAppServiceUrl",
        "getAppServiceUrlByCloudUserName")]
    + ["", "account/", "common/%20", "../../"]
)  # fmt: skip
FIELDS = st.sampled_from(
    ["appType", "cloudUserName", "cloudPassword", "terminalUUID", "code", "index",
     "limit", "MFAProcessId", "mfaProcessId", "MFAType", "terminalBindEnabled",
     "refreshTokenNeeded", "refreshToken", "deviceTypeList", "serviceIds", "deviceId",
     "requestData", "token"]
)  # fmt: skip
RIGHT = st.sampled_from(
    [["cloudUserName", "appType", "terminalUUID"],
     ["cloudUserName", "appType", "terminalUUID", "cloudPassword"],
     ["cloudUserName"], []]
)  # fmt: skip


@FUZZ
@given(
    end=SIGNED,
    right=RIGHT,
    body=st.dictionaries(FIELDS, JUNK | st.lists(st.text(max_size=9)), max_size=8),
    mfa=st.booleans(),
    nested=st.booleans(),
)
def test_any_signed_call_gets_a_well_formed_answer(
    kasa: Any, end: str, right: list[str], body: Any, mfa: bool, nested: bool
) -> None:
    kasa.cloud.nest_errors(nested)
    kasa.cloud.unlock_account()
    kasa.cloud.advance(seconds=20)
    kasa.cloud.stop_mfa()
    token = kasa.token()
    if mfa:
        kasa.cloud.require_mfa()
    sent = {**body, **{name: kasa.who[name] for name in right}}
    answer = kasa.post(end, sent, token)
    code = answer["error_code"]
    assert isinstance(code, int)
    assert code != -20000
    if code == 0:
        assert isinstance(answer["result"], dict)
        assert nested or int(answer["result"].get("errorCode", 0)) == 0
    else:
        assert isinstance(answer["msg"], str)


@FUZZ
@given(
    value=st.text(
        st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"),
        max_size=80,
    )
    | st.just("Timestamp=1, Nonce=2, AccessKey=3, Signature=4")
)
def test_any_authorization_gets_a_well_formed_answer(wire: Any, value: str) -> None:
    headers = {"X-Authorization": value, "Content-MD5": value}
    _, _, content = wire.raw("{}", "/api/v2/account/login", headers=headers)
    assert json.loads(content)["error_code"] == -20001


@FUZZ
@given(request=REQUESTS, index=st.integers(0, 8))
def test_any_request_data_gets_a_well_formed_answer(
    wire: Any, request: Any, index: int
) -> None:
    ids = [row["deviceId"] for row in wire.rows.values()]
    params = {"deviceId": ids[index], "requestData": json.dumps(request)}
    token = wire.login()["token"]  # the clock goes on from example to example
    answer = wire.post({"method": "passthrough", "params": params}, token)
    if not isinstance(request, dict):
        assert answer["error_code"] == -10100
        return
    assert answer["error_code"] == 0
    response = json.loads(answer["result"]["responseData"])
    asked = [module for module in request if module != "context"]
    assert sorted(response) == sorted(asked)
    sysinfo = {"deviceId": ids[index], "requestData": SYSINFO}
    after = wire.post({"method": "passthrough", "params": sysinfo}, token)
    assert after["error_code"] == 0
    wire.cloud.advance(minutes=7)
    assert wire.post(LIST, token)["error_code"] == 0


def test_capitals_of_a_name_do_not_matter_unless_two_differ_in_them(
    open_cloud: Any,
) -> None:
    wire = open_cloud()
    wire.cloud.press("desk LAMP")
    assert wire.cloud.state("Desk Lamp")["on"]
    wire.cloud.press("my smart plug")
    assert wire.cloud.state("MY SMART PLUG") == wire.cloud.state("My Smart Plug")
