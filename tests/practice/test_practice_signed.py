"""The signed half of the cloud, row by row, nested and on top."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tplink_lab.practice import PracticeError

TOKEN = re.compile("^[0-9a-f]{8}-[A-Za-z0-9]{23}$")
THING = "nbu.iot-app-server.app-v2"
SYSINFO = '{"system":{"get_sysinfo":{}}}'

# How a refusal is written: as in today's reports, with a number, and on top.
FORMS: dict[str, Callable[[Any], None]] = {
    "nested": lambda cloud: None,
    "number": lambda cloud: cloud.code_type("number"),
    "top": lambda cloud: cloud.nest_errors(False),
}


def refusal(answer: dict[str, Any], form: str) -> tuple[int, dict[str, Any]]:
    """The code and the details of a refusal that must have this form."""
    if form == "top":
        assert set(answer) <= {"error_code", "msg", "result"}
        assert answer["msg"]
        assert answer["error_code"] != 0
        return answer["error_code"], answer.get("result", {})
    assert set(answer) == {"error_code", "result"}
    assert answer["error_code"] == 0
    details = dict(answer["result"])
    code = details.pop("errorCode")
    assert isinstance(code, str if form == "nested" else int)
    assert details.pop("errorMsg")
    assert "token" not in details
    return int(code), details


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest, wire: Any) -> str:
    FORMS[request.param](wire.cloud)
    return str(request.param)


def addresses(url: str) -> dict[str, str]:
    return {"appServerUrl": url, "appServerUrlV2": url}


# -- what the account refuses ----------------------------------------------------------


def test_a_wrong_password_says_how_many_tries_are_left(kasa: Any, form: str) -> None:
    seen = [refusal(kasa.login(cloudPassword="guess"), form) for _ in range(6)]
    assert seen[0] == (-20601, {"failedAttempts": 1, "remainAttempts": 4})
    assert seen[3] == (-20601, {"failedAttempts": 4, "remainAttempts": 1})
    assert seen[4:] == [(-20661, {"lockedMinutes": 2})] * 2
    assert refusal(kasa.login(), form) == (-20661, {"lockedMinutes": 2})
    kasa.cloud.advance(seconds=61)
    assert refusal(kasa.login(), form) == (-20661, {"lockedMinutes": 1})
    kasa.cloud.advance(seconds=58.9)
    assert refusal(kasa.login(), form) == (-20661, {"lockedMinutes": 1})
    kasa.cloud.advance(seconds=0.2)
    assert TOKEN.match(kasa.token())


def test_both_halves_count_the_same_wrong_passwords(kasa: Any) -> None:
    params = {**kasa.who, "cloudPassword": "guess"}
    call = {"method": "login", "params": params}
    for _ in range(2):
        answer = kasa.wire.post(call)
        assert answer == {"error_code": -20601, "msg": "Incorrect email or password"}
        kasa.login(cloudPassword="guess")
    assert kasa.wire.post(call)["error_code"] == -20661
    assert refusal(kasa.login(), "nested")[0] == -20661


def test_an_unknown_name_is_a_wrong_password_or_said_to_be_unknown(
    kasa: Any, form: str
) -> None:
    assert refusal(kasa.login(cloudUserName="x@y.z"), form) == (-20601, {})
    kasa.cloud.unknown_account_code(-20600)
    assert refusal(kasa.login(cloudUserName="x@y.z"), form) == (-20600, {})
    params = {**kasa.who, "cloudUserName": "x@y.z"}
    classic = kasa.wire.post({"method": "login", "params": params})
    assert classic == {"error_code": -20600, "msg": "Account not found"}
    assert TOKEN.match(kasa.token())


@pytest.mark.parametrize(
    "end",
    [
        "login",
        "getEmailVC4TerminalMFA",
        "getPushVC4TerminalMFA",
        "checkMFACodeAndLogin",
    ],
)
def test_the_wrong_region_names_the_right_one(kasa: Any, form: str, end: str) -> None:
    body = {**kasa.who, "code": "000000"}
    right, wrong = kasa.cloud.regions["euw1"], kasa.cloud.regions["use1"]
    answer = kasa.post(f"account/{end}", body, url=wrong)
    assert refusal(answer, form) == (-20212, addresses(right))
    kasa.cloud.move_account("use1")
    answer = kasa.post(f"account/{end}", body, url=right)
    assert refusal(answer, form) == (-20212, addresses(wrong))


def test_the_account_follows_its_region(kasa: Any) -> None:
    body = {"appType": "", "cloudUserName": kasa.cloud.email.upper()}
    other = {"appType": "", "cloudUserName": "x@y.z"}
    for home in ("euw1", "use1"):
        kasa.cloud.move_account(home)
        url = kasa.cloud.regions[home]
        for asked in kasa.cloud.regions.values():
            status = kasa.post("account/getAccountStatusAndUrl", body, url=asked)
            assert status["result"] == {**addresses(url), "accountStatus": 1}
            stranger = kasa.post("account/getAccountStatusAndUrl", other, url=asked)
            assert stranger["result"] == {**addresses(asked), "accountStatus": 0}
        opened = kasa.login(url)["result"]
        assert addresses(url).items() <= opened.items()
        assert opened["regionCode"] == home[:2]
        # The classic half never asked where an account lives.
        assert kasa.wire.login()["token"]
    kasa.cloud.lock_account()
    status = kasa.post("account/getAccountStatusAndUrl", body)
    assert status["result"]["accountStatus"] == 2


def test_a_locked_account_refuses_the_right_password(kasa: Any, form: str) -> None:
    kasa.cloud.lock_account(minutes=10)
    assert refusal(kasa.login(), form) == (-20661, {"lockedMinutes": 10})
    kasa.cloud.unlock_account()
    assert TOKEN.match(kasa.token())


def test_one_app_is_refused_while_the_other_works(
    kasa: Any, tapo: Any, form: str
) -> None:
    kasa.cloud.refuse_app("tapo")
    assert refusal(tapo.login(), form) == (-20600, {})
    assert TOKEN.match(kasa.token())
    classic = {"method": "login", "params": tapo.who}
    assert kasa.wire.post(classic) == {"error_code": -20600, "msg": "Account not found"}
    kasa.cloud.refuse_app("kasa", code=-20675)
    assert refusal(kasa.login(), form)[0] == -20675
    kasa.cloud.nest_errors(False)
    assert kasa.login()["msg"] == "Account login in other places"
    kasa.cloud.refuse_app("kasa", code=-1)
    assert kasa.login() == {"error_code": -1, "msg": "The app is refused"}
    kasa.cloud.calm()
    assert TOKEN.match(kasa.token())
    assert TOKEN.match(tapo.token())


# -- what the gateway refuses, whatever the form ---------------------------------------


def without(*names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda who: {k: v for k, v in who.items() if k not in names}


def having(**more: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda who: {**who, **more}


LOGIN = ["appType", "cloudUserName", "cloudPassword", "terminalUUID"]


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize(
    ("end", "change", "code"),
    [
        ("account/getAccountStatusAndUrl", without("appType"), -20104),
        ("account/getAccountStatusAndUrl", having(cloudUserName=5), -20105),
        *(("account/login", without(name), -20104) for name in LOGIN),
        *(("account/login", having(**{name: 5}), -20105) for name in LOGIN),
        ("account/login", having(refreshTokenNeeded="yes"), -20105),
        *(("account/getEmailVC4TerminalMFA", without(name), -20104) for name in LOGIN),
        ("account/getEmailVC4TerminalMFA", having(MFAType="2"), -20105),
        ("account/getEmailVC4TerminalMFA", having(MFAProcessId=7), -20105),
        ("account/getPushVC4TerminalMFA", without("terminalUUID"), -20104),
        ("account/checkMFACodeAndLogin", having(), -20104),
        ("account/checkMFACodeAndLogin", having(code=123456), -20105),
        ("account/checkMFACodeAndLogin", having(code="1", mfaProcessId=[]), -20105),
        ("account/checkMFACodeAndLogin", having(code="1", terminalUUID=1), -20105),
        (
            "account/checkMFACodeAndLogin",
            having(code="1", terminalBindEnabled=1),
            -20105,
        ),
        ("account/refreshToken", having(), -20104),
        ("account/refreshToken", having(refreshToken=5), -20105),
        ("account/getAccountInfo", having(), -20651),
        ("account/getMFAFeatureStatus", having(), -20651),
        ("account/getaccountinfo", having(), -20103),
        ("common/getDeviceListByPage", having(), -20651),
        ("common/passthrough", having(), -20651),
        ("common/getAppServiceUrl", having(serviceIds=[]), -20651),
        ("common/getAppServiceUrlByCloudUserName", having(), -20104),
        (
            "common/getAppServiceUrlByCloudUserName",
            having(serviceIds=[], cloudUserName="x@y.z"),
            -20601,
        ),
        ("common/getAppServiceUrlByCloudUserName", having(serviceIds=[5]), -20105),
        ("common/nothing", having(), -20103),
        ("", having(), -20103),
    ],
)
def test_each_bad_call_gets_its_code_on_top(
    kasa: Any, nested: bool, end: str, change: Any, code: int
) -> None:
    kasa.cloud.nest_errors(nested)
    answer = kasa.post(end, change(kasa.who))
    assert answer["error_code"] == code
    assert set(answer) == {"error_code", "msg"}


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{method}", b"\xff", b"[" * 99])
def test_a_signed_body_that_is_no_json_object_is_a_format_error(
    kasa: Any, body: bytes
) -> None:
    answer = kasa.post("account/login", body)
    assert answer == {"error_code": -10100, "msg": "JSON format error"}


def test_rate_limit_and_blacklist_hold_here_too(kasa: Any) -> None:
    kasa.cloud.rate_limit(1, 60)
    assert TOKEN.match(kasa.token())
    assert kasa.login() == {"error_code": -20004, "msg": "API rate limit exceeded"}
    kasa.cloud.blacklist()
    for path in ("/", "/api/v2/account/login", "/api/v1/account", "/elsewhere"):
        for url in kasa.cloud.regions.values():
            status, headers, content = kasa.wire.raw("{}", path, url=url)
            assert (status, content) == (403, b"Access denied request in blackList")
            assert headers["Content-Type"] == "text/plain;charset=UTF-8"
    kasa.cloud.calm()
    assert TOKEN.match(kasa.token())


# -- logging in, staying logged in -----------------------------------------------------


def test_a_login_gives_what_the_apps_get(kasa: Any) -> None:
    result = kasa.login(refreshTokenNeeded=True, platform="Android")["result"]
    assert TOKEN.match(result["token"])
    assert TOKEN.match(result["refreshToken"])
    assert (result["errorCode"], result["errorMsg"]) == ("0", "Success")
    assert result["email"] == kasa.cloud.email
    assert {"accountId", "regTime", "countryCode", "accountApiUrl"} <= set(result)
    assert "refreshToken" not in kasa.login()["result"]


def test_the_app_type_names_the_app_and_else_the_key_pair(kasa: Any, tapo: Any) -> None:
    def listed(token: str) -> set[str]:
        answer = kasa.wire.post({"method": "getDeviceList"}, token)
        return {
            row["deviceType"].split(".")[0] for row in answer["result"]["deviceList"]
        }

    both, smart = {"IOT", "SMART"}, {"SMART"}
    for signer, app_type, seen in (
        (kasa, "Kasa_Android_Mix", both),
        (kasa, "TP-Link_Tapo_Android", smart),
        (kasa, "", both),
        (tapo, "TP-Link_Tapo_Android", smart),
        (tapo, "Kasa_iOS", both),
        (tapo, "", smart),
    ):
        token = signer.login(appType=app_type)["result"]["token"]
        assert listed(token) == seen, (signer.app, app_type)
    for app_type, seen in (("Tapo_Android", smart), ("", both), ("Kasa_iOS", both)):
        assert listed(kasa.wire.login(appType=app_type)["token"]) == seen


def test_sessions_of_one_app_do_not_end_the_others(kasa: Any, tapo: Any) -> None:
    first = tapo.token()
    tokens = [kasa.token() for _ in range(21)]
    ask = {"method": "getDeviceList"}
    # The wire fixture's own login was the oldest.
    old = [kasa.wire.token, *tokens[:2]]
    assert [kasa.wire.post(ask, t)["error_code"] for t in old] == [-20675, -20675, 0]
    assert kasa.wire.post(ask, first)["error_code"] == 0
    kasa.cloud.evict()
    for token in (first, tokens[-1]):
        answer = kasa.wire.post(ask, token)
        assert answer == {"error_code": -20675, "msg": "Account login in other places"}
    assert kasa.wire.post(ask, kasa.token())["error_code"] == 0


def test_refreshing_works_on_the_path_and_at_the_root(kasa: Any, tapo: Any) -> None:
    for signer in (kasa, tapo):
        granted = signer.login(refreshTokenNeeded=True)["result"]
        body = {
            "appType": signer.app_type,
            "terminalUUID": signer.terminal,
            "refreshToken": granted["refreshToken"],
        }
        signer.cloud.expire_token()
        for answer in (
            signer.post("account/refreshToken", body),
            signer.wire.post({"method": "refreshToken", "params": body}),
        ):
            assert set(answer["result"]) == {"token", "refreshToken"}
            assert answer["result"]["refreshToken"] == granted["refreshToken"]
            token = answer["result"]["token"]
            assert token != granted["token"]
            page = signer.post("common/getDeviceListByPage", {}, token)
            assert page["error_code"] == 0
    assert kasa.cloud.calls["refreshToken"] == 4


def test_a_refresh_token_is_for_its_terminal_and_its_app(kasa: Any, form: str) -> None:
    granted = kasa.login(refreshTokenNeeded=True)["result"]["refreshToken"]
    body = {
        "appType": kasa.app_type,
        "terminalUUID": kasa.terminal,
        "refreshToken": granted,
    }
    for change in (
        {"terminalUUID": "other"},
        {"appType": "TP-Link_Tapo_Android"},
        {"refreshToken": "no-such"},
        {"refreshToken": ""},
    ):
        wrong = {**body, **change}
        answer = kasa.post("account/refreshToken", wrong)
        assert refusal(answer, form) == (-20656, {})
        classic = kasa.wire.post({"method": "refreshToken", "params": wrong})
        assert classic["error_code"] == -20656
    kasa.cloud.expire_refresh_token()
    answer = kasa.post("account/refreshToken", body)
    assert refusal(answer, form) == (-20655, {})
    assert kasa.wire.post({"method": "refreshToken", "params": body}) == {
        "error_code": -20655,
        "msg": "Refresh token expired",
    }
    fresh = kasa.login(refreshTokenNeeded=True)["result"]["refreshToken"]
    again = kasa.post("account/refreshToken", {**body, "refreshToken": fresh})
    assert again["error_code"] == 0
    assert TOKEN.match(again["result"]["token"])


def test_each_terminal_has_one_refresh_token(kasa: Any) -> None:
    def granted(terminal: str) -> str:
        return str(
            kasa.login(refreshTokenNeeded=True, terminalUUID=terminal)["result"][
                "refreshToken"
            ]
        )

    def code(token: str, terminal: str) -> int:
        body = {
            "appType": kasa.app_type,
            "terminalUUID": terminal,
            "refreshToken": token,
        }
        answer = kasa.post("account/refreshToken", body)
        return int(answer["result"].get("errorCode", 0))

    first, other = granted("here"), granted("there")
    assert (code(first, "here"), code(other, "there")) == (0, 0)
    second = granted("here")
    assert (code(first, "here"), code(second, "here")) == (-20656, 0)
    assert code(other, "there") == 0


def test_the_account_path_of_old_takes_logins_and_nothing_else(tapo: Any) -> None:
    def ask(method: str, params: dict[str, Any]) -> Any:
        body = json.dumps({"method": method, "params": params})
        return json.loads(tapo.wire.raw(body, "/api/v1/account")[2])

    result = ask("login", {**tapo.who, "platform": ""})["result"]
    listed = tapo.wire.post({"method": "getDeviceList"}, result["token"])
    rows = listed["result"]["deviceList"]
    assert rows
    assert all(row["deviceType"].startswith("SMART.") for row in rows)
    assert ask("login", {**tapo.who, "cloudPassword": "x"})["error_code"] == -20601
    assert ask("refreshToken", {})["error_code"] == -20103
    assert ask("getDeviceList", {})["error_code"] == -20103
    assert tapo.wire.raw("", "/api/v1/account", verb="GET")[0] == 405


def test_the_account_says_who_it_is(kasa: Any) -> None:
    token = kasa.token()
    body = {"cloudUserName": kasa.cloud.email}
    told = kasa.post("account/getAccountInfo", body, token)["result"]
    assert told["email"] == kasa.cloud.email
    assert told["accountId"].isdigit()
    assert "token" not in told
    assert kasa.cloud.password not in json.dumps(told)
    assert kasa.post("account/getAccountInfo", {}, token)["error_code"] == -20104


# -- devices and services --------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"index": "0"}, -20105),
        ({"index": True}, -20105),
        ({"limit": 1.5}, -20105),
        ({"deviceTypeList": "SMART.TAPOPLUG"}, -20105),
        ({"index": -1}, -20106),
        ({"limit": 0}, -20106),
        ({"limit": 101}, -20106),
        ({"limit": 100}, 0),
    ],
)
def test_each_bad_page_gets_its_code(kasa: Any, body: Any, code: int) -> None:
    answer = kasa.post("common/getDeviceListByPage", body, kasa.token())
    assert answer["error_code"] == code


def test_the_list_comes_in_pages_and_by_type(kasa: Any, tapo: Any) -> None:
    def page(signer: Any, **body: Any) -> tuple[list[str], int]:
        answer = signer.post("common/getDeviceListByPage", body, tokens[signer.app])
        result = answer["result"]
        return [row["deviceId"] for row in result["deviceList"]], result["totalNum"]

    tokens = {"kasa": kasa.token(), "tapo": tapo.token()}
    everything = [row["deviceId"] for row in kasa.wire.rows.values()]
    smart = [
        row["deviceId"]
        for row in kasa.wire.rows.values()
        if row["deviceType"].startswith("SMART.")
    ]
    total = len(everything)
    assert page(kasa, limit=100) == (everything, total)
    assert page(kasa, index=2, limit=3) == (everything[2:5], total)
    assert page(kasa, index=total) == ([], total)
    assert page(tapo) == (smart, len(smart))
    bulbs = [
        row["deviceId"]
        for row in kasa.wire.rows.values()
        if row["deviceType"] == "IOT.SMARTBULB"
    ]
    assert bulbs
    assert page(kasa, deviceTypeList=["IOT.SMARTBULB"]) == (bulbs, len(bulbs))
    assert page(tapo, deviceTypeList=["IOT.SMARTBULB"]) == ([], 0)


@pytest.mark.parametrize(
    ("alias", "request_data", "code"),
    [
        ("My Smart Plug", SYSINFO, 0),
        ("My Smart Plug", {"system": {"get_sysinfo": {}}}, 0),
        ("My Smart Plug", "no json", -10100),
        ("My Smart Plug", 5, -20105),
        ("My Smart Plug", None, -20104),
        ("Garage Heater", SYSINFO, -20571),
        ("Holiday Flat", SYSINFO, -20571),
        (base64.b64encode(b"Tapo Plug").decode(), {"method": "x"}, -20571),
        (None, SYSINFO, -20580),
    ],
)
def test_each_flat_passthrough_gets_its_code(
    kasa: Any, alias: str | None, request_data: Any, code: int
) -> None:
    device_id = kasa.wire.rows[alias]["deviceId"] if alias else "0" * 40
    body = {"deviceId": device_id, "requestData": request_data}
    answer = kasa.post("common/passthrough", body, kasa.token())
    assert answer["error_code"] == code
    if code == 0:
        response = answer["result"]["responseData"]
        # As it was asked, so it is answered.
        assert type(response) is type(request_data)
        if isinstance(response, str):
            response = json.loads(response)
        assert response["system"]["get_sysinfo"]["alias"] == alias


def test_a_flat_passthrough_switches(kasa: Any) -> None:
    row = kasa.wire.rows["Desk Lamp"]
    request = json.dumps({"system": {"set_relay_state": {"state": 1}}})
    body = {"deviceId": row["deviceId"], "requestData": request}
    assert not kasa.cloud.state("Desk Lamp")["on"]
    assert kasa.post("common/passthrough", body, kasa.token())["error_code"] == 0
    assert kasa.cloud.state("Desk Lamp")["on"]


def test_the_thing_hosts_are_told_in_three_ways(kasa: Any) -> None:
    kasa.cloud.move_account("use1")
    url = kasa.cloud.regions["use1"]
    token = kasa.login(url)["result"]["token"]
    plain = THING.removesuffix("-v2")
    body = {"serviceIds": [THING, plain, "nbu.unheard-of"]}
    found = {"regionCode": "us", "serviceUrls": {THING: url, plain: url}}
    told = kasa.post("common/getAppServiceUrl", body, token)
    assert told == {"error_code": 0, "result": found}
    classic = kasa.wire.post({"method": "getAppServiceUrl", "params": body}, token)
    assert classic == {"error_code": 0, "result": found}
    named = {**body, "cloudUserName": kasa.cloud.email}
    listed = kasa.post("common/getAppServiceUrlByCloudUserName", named)
    assert listed["result"]["serviceList"] == [
        {"serviceId": THING, "serviceUrl": url},
        {"serviceId": plain, "serviceUrl": url},
    ]


# -- the controls ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "deed",
    [
        lambda c: c.require_mfa(()),
        lambda c: c.require_mfa("sms"),
        lambda c: c.require_mfa(("email", "sms")),
        lambda c: c.lock_account(-1),
        lambda c: c.lock_account("2"),
        lambda c: c.refuse_app("deco"),
        lambda c: c.refuse_app("tapo", 0),
        lambda c: c.refuse_app("tapo", "-20600"),
        lambda c: c.refuse_app("tapo", True),
        lambda c: c.move_account("aps1"),
        lambda c: c.code_type("int"),
        lambda c: c.mfa_spelling("mfaprocessid"),
        lambda c: c.unknown_account_code(-1),
    ],
)
def test_a_bad_control_is_refused_and_changes_nothing(kasa: Any, deed: Any) -> None:
    with pytest.raises(PracticeError):
        deed(kasa.cloud)
    assert kasa.login()["result"]["errorCode"] == "0"
