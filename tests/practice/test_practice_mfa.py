"""Two-step verification: the challenge, the mail, the push, the code, the terminal."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

CODE = re.compile("^[0-9]{6}$")
CHECK = "account/checkMFACodeAndLogin"
MAIL = "account/getEmailVC4TerminalMFA"
PUSH = "account/getPushVC4TerminalMFA"
SENT = {"error_code": 0, "result": {"errorCode": 0}}


def challenged(signer: Any, **more: Any) -> dict[str, Any]:
    answer = signer.login(**more)
    assert answer["error_code"] == 0
    assert answer["result"]["errorCode"] == "-20677"
    assert "token" not in answer["result"]
    return dict(answer["result"])


def mailed(signer: Any, **more: Any) -> str:
    before = len(signer.cloud.inbox())
    assert signer.post(MAIL, {**signer.who, **more}) == SENT
    assert len(signer.cloud.inbox()) == before + 1
    return str(signer.cloud.inbox()[-1].code)


def body_a(signer: Any, process_id: str, code: str) -> dict[str, Any]:
    return {
        "appType": signer.app_type,
        "cloudUserName": signer.cloud.email,
        "code": code,
        "MFAProcessId": process_id,
        "MFAType": 2,
        "terminalBindEnabled": True,
    }


def body_b(signer: Any, process_id: str, code: str) -> dict[str, Any]:
    body = {
        **body_a(signer, process_id, code),
        "terminalUUID": signer.terminal,
        "terminalName": "a name",
        "refreshTokenNeeded": True,
    }
    del body["terminalBindEnabled"]
    return body


def body_c(signer: Any, process_id: str, code: str) -> dict[str, Any]:
    return {**signer.who, "code": code}


def union(signer: Any, process_id: str, code: str) -> dict[str, Any]:
    return {
        **body_a(signer, process_id, code),
        **body_b(signer, process_id, code),
        **body_c(signer, process_id, code),
    }


def code_of(answer: dict[str, Any]) -> int:
    return answer["error_code"] or int(answer["result"].get("errorCode", 0))


@pytest.mark.parametrize(
    ("deed", "kinds", "names"),
    [
        (lambda c: c.require_mfa(), [1, 2], ["push", "email"]),
        (lambda c: c.require_mfa(("push", "email")), [1, 2], ["push", "email"]),
        (lambda c: c.require_mfa(["email"]), [2], ["email"]),
        (lambda c: c.require_mfa("push"), [1], ["push"]),
    ],
)
def test_a_challenge_in_every_spelling(
    kasa: Any, deed: Any, kinds: list[int], names: list[str]
) -> None:
    deed(kasa.cloud)
    first = challenged(kasa)
    assert first["errorMsg"] == "MFA required"
    assert first["supportedMFATypes"] == kinds
    assert first["email"] == kasa.cloud.email
    assert first["MFAProcessId"] != challenged(kasa)["MFAProcessId"]
    kasa.cloud.mfa_spelling("mfaProcessId")
    other = challenged(kasa)
    assert other["mfaProcessId"]
    assert "MFAProcessId" not in other
    assert other["supportedMFATypes"] == names
    kasa.cloud.code_type("number")
    assert kasa.login()["result"]["errorCode"] == -20677
    kasa.cloud.nest_errors(False)
    kasa.cloud.mfa_spelling("MFAProcessId")
    answer = kasa.login()
    assert (answer["error_code"], answer["msg"]) == (-20677, "MFA required")
    assert set(answer["result"]) == {"MFAProcessId", "supportedMFATypes", "email"}


@pytest.mark.parametrize("path", ["/", "/api/v1/account"])
def test_the_classic_login_only_says_that_the_app_is_too_old(
    kasa: Any, path: str
) -> None:
    kasa.cloud.require_mfa()
    for params, code in (
        (kasa.who, -23003),
        ({**kasa.who, "cloudPassword": "x"}, -20601),
    ):
        body = {"method": "login", "params": params}
        assert kasa.wire.post(body)["error_code"] == code
    challenged(kasa)
    kasa.cloud.stop_mfa()
    assert kasa.wire.login()["token"]
    assert kasa.token()


@pytest.mark.parametrize("body", [body_a, body_b, body_c, union])
@pytest.mark.parametrize("spelling", ["MFAProcessId", "mfaProcessId"])
def test_every_body_in_use_logs_in_with_its_code(
    tapo: Any, body: Any, spelling: str
) -> None:
    tapo.cloud.require_mfa()
    tapo.cloud.mfa_spelling(spelling)
    process_id = challenged(tapo, refreshTokenNeeded=True)[spelling]
    assert tapo.cloud.inbox() == []  # the login itself sends nothing
    code = mailed(tapo)
    assert CODE.match(code)
    sent = body(tapo, process_id, code)
    if "MFAProcessId" in sent:
        sent[spelling] = sent.pop("MFAProcessId")
    result = tapo.post(CHECK, sent)["result"]
    assert result["errorCode"] == "0"
    assert result["appServerUrl"] == tapo.cloud.url
    page = tapo.post("common/getDeviceListByPage", {}, result["token"])
    assert page["result"]["totalNum"] > 0
    refresh = {
        "appType": tapo.app_type,
        "terminalUUID": tapo.terminal,
        "refreshToken": result["refreshToken"],
    }
    assert tapo.post("account/refreshToken", refresh)["result"]["token"]
    # Once is enough, whatever body it comes in.
    for again in (body_c, union):
        assert code_of(tapo.post(CHECK, again(tapo, process_id, code))) == -20676


def test_a_bound_terminal_is_not_asked_again(kasa: Any, tapo: Any) -> None:
    cloud = kasa.cloud
    cloud.require_mfa()
    process_id = challenged(kasa)["MFAProcessId"]
    assert kasa.post(CHECK, body_b(kasa, process_id, mailed(kasa)))["result"]["token"]
    process_id = challenged(kasa)["MFAProcessId"]  # B does not bind
    assert kasa.post(CHECK, body_a(kasa, process_id, mailed(kasa)))["result"]["token"]
    assert kasa.token()
    challenged(kasa, terminalUUID="another")
    challenged(tapo, terminalUUID=kasa.terminal)  # and not for the other app
    token = kasa.token()
    status = kasa.post("account/getMFAFeatureStatus", {}, token)["result"]
    assert status == {
        "MFAFeatureEnabled": 1,
        "email": cloud.email,
        "mfaEmail": cloud.email,
        "supportedMFATypes": [1, 2],
        "terminalBound": True,
    }
    # The classic way knows no terminals.
    assert kasa.wire.post({"method": "login", "params": kasa.who})["error_code"] == (
        -23003
    )
    cloud.forget_terminals()
    challenged(kasa)
    cloud.stop_mfa()
    status = kasa.post("account/getMFAFeatureStatus", {}, token)["result"]
    assert (status["MFAFeatureEnabled"], status["terminalBound"]) == (0, False)


@pytest.mark.parametrize("form", ["nested", "top"])
@pytest.mark.parametrize("body", [body_a, body_b, body_c, union])
def test_each_bad_code_gets_its_error(kasa: Any, body: Any, form: str) -> None:
    cloud = kasa.cloud
    cloud.require_mfa()
    process_id = challenged(kasa)["MFAProcessId"]
    cloud.nest_errors(form == "nested")

    def refused(code: str, terminal: str = kasa.terminal) -> int:
        sent = body(kasa, process_id, code)
        if "terminalUUID" in sent:
            sent["terminalUUID"] = terminal
        answer = kasa.post(CHECK, sent)
        assert (answer["error_code"] == 0) == (form == "nested")
        assert "token" not in answer.get("result", {})
        return code_of(answer)

    old = mailed(kasa)
    code = mailed(kasa)
    assert old != code
    wrong = next(c for c in ("000000", "000001", "000002") if c not in (old, code))
    assert [refused(c) for c in (wrong, "", code + " ", "x" * 500)] == [-20607] * 4
    assert refused(old) == -20676  # a newer one was sent
    foreign = mailed(kasa, terminalUUID="another")
    assert refused(foreign) == -20676
    if body is not body_a:
        assert refused(code, "another") == -20676
    cloud.advance(minutes=10)
    assert refused(code) == -20676
    fresh = mailed(kasa)
    cloud.advance(seconds=599)
    assert kasa.post(CHECK, body(kasa, process_id, fresh))["result"]["token"]


def test_a_code_of_one_app_opens_no_other(kasa: Any, tapo: Any) -> None:
    kasa.cloud.require_mfa()
    tapo.terminal = kasa.terminal
    process_id = challenged(tapo)["MFAProcessId"]
    code = mailed(kasa)
    assert code_of(tapo.post(CHECK, body_a(tapo, process_id, code))) == -20676
    assert code_of(kasa.post(CHECK, body_a(kasa, process_id, code))) == -20676
    assert kasa.post(CHECK, body_c(kasa, "", code))["result"]["token"]


def test_an_unknown_process_and_a_wrong_password_open_nothing(kasa: Any) -> None:
    kasa.cloud.require_mfa()
    process_id = challenged(kasa)["MFAProcessId"]
    code = mailed(kasa)
    assert code_of(kasa.post(CHECK, body_a(kasa, "no-such", code))) == -20676
    for body in (body_c, union):
        sent = {**body(kasa, process_id, code), "cloudPassword": "guess"}
        assert code_of(kasa.post(CHECK, sent)) == -20601
    assert kasa.post(CHECK, body_a(kasa, process_id, code))["result"]["token"]


def test_a_process_ends_with_its_login(kasa: Any) -> None:
    kasa.cloud.require_mfa()
    process_id = challenged(kasa)["MFAProcessId"]
    assert kasa.post(CHECK, body_b(kasa, process_id, mailed(kasa)))["result"]["token"]
    code = mailed(kasa)
    assert code_of(kasa.post(CHECK, body_b(kasa, process_id, code))) == -20676
    assert kasa.post(CHECK, body_c(kasa, "", code))["result"]["token"]


def test_a_login_that_wants_no_refresh_token_gets_none(kasa: Any) -> None:
    kasa.cloud.require_mfa()
    for wants in (True, False):
        process_id = challenged(kasa, refreshTokenNeeded=wants)["MFAProcessId"]
        for body in (body_c, body_a):
            answer = kasa.post(CHECK, body(kasa, process_id, mailed(kasa)))
            assert ("refreshToken" in answer["result"]) is wants
        kasa.cloud.forget_terminals()


def test_a_mail_says_what_it_is_and_hides_its_code_in_its_repr(kasa: Any) -> None:
    mailed(kasa)
    (mail,) = kasa.cloud.inbox()
    assert mail.to == kasa.cloud.email
    assert mail.at == datetime(2026, 11, 1, 18, tzinfo=UTC)
    assert (mail.app, mail.terminal) == ("kasa", kasa.terminal)
    assert CODE.match(mail.code)
    assert mail.code not in mail.subject
    assert repr(mail) == (
        "<Message to you@example.com, 2026-11-01 18:00:00 UTC: "
        "Your Kasa verification code; code=[set]>"
    )
    assert not hasattr(mail, "_repr_html_")
    with pytest.raises(AttributeError):
        mail.code = "000000"
    kasa.cloud.inbox().clear()
    assert len(kasa.cloud.inbox()) == 1


def test_a_sixth_request_within_a_minute_is_too_many(kasa: Any, tapo: Any) -> None:
    for signer in (kasa, tapo, kasa, tapo):
        mailed(signer)
    assert kasa.post(PUSH, kasa.who) == SENT
    for path in (MAIL, PUSH):
        assert code_of(kasa.post(path, kasa.who)) == -21001
    kasa.cloud.nest_errors(False)
    assert kasa.post(MAIL, kasa.who) == {
        "error_code": -21001,
        "msg": "Too many verification code requests",
    }
    assert len(kasa.cloud.inbox()) == 4
    kasa.cloud.advance(seconds=60)
    mailed(kasa)


def test_nobody_without_the_password_has_a_code_sent(kasa: Any) -> None:
    for path in (MAIL, PUSH):
        for change, code in (
            ({"cloudPassword": "guess"}, -20601),
            ({"cloudUserName": "x@y.z"}, -20601),
            ({"MFAProcessId": "no-such"}, -20676),
        ):
            assert code_of(kasa.post(path, {**kasa.who, **change})) == code
    assert kasa.cloud.inbox() == kasa.cloud.pushes() == []


def test_a_push_reaches_bound_terminals_only(kasa: Any) -> None:
    cloud = kasa.cloud
    cloud.require_mfa()
    assert kasa.post(PUSH, kasa.who) == SENT
    assert cloud.pushes() == cloud.inbox() == []
    process_id = challenged(kasa)["MFAProcessId"]
    kasa.post(CHECK, body_a(kasa, process_id, mailed(kasa)))
    phone, kasa.terminal = kasa.terminal, "new-terminal"
    process_id = challenged(kasa)["MFAProcessId"]
    assert kasa.post(PUSH, kasa.who) == SENT
    (push,) = cloud.pushes()
    assert (push.to, push.terminal) == (phone, "new-terminal")
    assert push.code not in repr(push)
    assert len(cloud.inbox()) == 1
    body = {**body_a(kasa, process_id, push.code), "MFAType": 1}
    assert kasa.post(CHECK, body)["result"]["token"]


def test_the_process_id_will_do_in_place_of_the_password(kasa: Any) -> None:
    # One client has its mails sent from the push's path, by their number.
    kasa.cloud.require_mfa()
    process_id = challenged(kasa)["MFAProcessId"]
    body = {**body_b(kasa, process_id, ""), "MFAType": 2}
    del body["code"]
    assert kasa.post(PUSH, body) == SENT
    code = kasa.cloud.inbox()[-1].code
    other = {**body, "terminalUUID": "another"}
    assert code_of(kasa.post(PUSH, other)) == -20676
    assert kasa.post(CHECK, body_b(kasa, process_id, code))["result"]["token"]


def test_a_kind_that_is_not_on_offer_sends_nothing(kasa: Any) -> None:
    kasa.cloud.require_mfa("push")
    assert kasa.post(MAIL, kasa.who) == SENT
    assert kasa.cloud.inbox() == []


def test_same_seed_and_order_give_the_same_codes_and_tokens(
    open_cloud: Any, sign: Any
) -> None:
    def run(seed: int) -> list[str]:
        signer = sign(open_cloud(seed=seed))
        signer.cloud.require_mfa()
        process_id = challenged(signer)["MFAProcessId"]
        code = mailed(signer)
        sent = union(signer, process_id, code)
        result = signer.post(CHECK, sent)["result"]
        return [process_id, code, result["token"], result["refreshToken"]]

    assert run(1) == run(1)
    assert not set(run(1)) & set(run(2))


def test_no_repr_of_the_cloud_has_a_secret(kasa: Any) -> None:
    cloud = kasa.cloud
    cloud.require_mfa()
    process_id = challenged(kasa, refreshTokenNeeded=True)["MFAProcessId"]
    code = mailed(kasa)
    result = kasa.post(CHECK, union(kasa, process_id, code))["result"]
    shown = repr(
        [
            cloud,
            cloud._account,
            list(cloud._account._sessions.values()),
            list(cloud._account._grants.values()),
            cloud._mfa,
            cloud._mfa._state,
            cloud.inbox(),
        ]
    )
    for secret in (
        cloud.password,
        code,
        process_id,
        result["token"],
        result["refreshToken"],
    ):
        assert secret not in shown
