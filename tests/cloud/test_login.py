"""Logging in as accounts are in 2026: every answer of the signed API has an outcome.

Each failure is met nested and at the top level, with its code as text and as a
number, through the client and over a real socket.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import tplink_lab as tl
from tests.cloud.wild import http, says, wild
from tplink_lab import errors
from tplink_lab.cloud.saved import Saved, SavedApp
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.signed import Challenge
from tplink_lab.cloud.store import Store
from tplink_lab.cloud.things import failure


@pytest.fixture(params=["nested text", "nested number", "top number"])
def cloud(request: Any) -> Iterator[tl.Cloud]:
    """A practice cloud that reports failures in each of the ways that were seen."""
    where, kind = request.param.split()
    with tl.practice(home=[], offline_after_s=0) as cloud:
        cloud.practice.nest_errors(where == "nested")
        cloud.practice.code_type(kind)
        yield cloud


def login(cloud: tl.Cloud, **options: Any) -> tl.Cloud:
    school = cloud.practice
    given = {"email": school.email, "password": school.password, "url": school.url}
    return tl.login(**{**given, **options})


def newest(cloud: tl.Cloud) -> Callable[[Challenge], str]:
    return lambda _: str(cloud.practice.inbox()[-1].code)


def wrong(cloud: tl.Cloud) -> Callable[[Challenge], str]:
    return lambda c: "000000" if newest(cloud)(c) != "000000" else "111111"


def calls(cloud: tl.Cloud) -> list[str]:
    return [exchange.call for exchange in cloud.exchanges]


def test_both_apps_are_logged_in_with_one_request_each(cloud: tl.Cloud) -> None:
    mine = login(cloud)
    assert list(mine.sessions) == ["kasa", "tapo"]
    assert calls(mine) == ["login", "login"]
    assert [e.signed_as for e in mine.exchanges] == ["kasa", "tapo"]
    assert mine.sessions["kasa"].token != mine.sessions["tapo"].token
    assert mine.refused == {}
    mine.close()


def test_a_wrong_password_is_tried_once_and_says_what_is_left(cloud: tl.Cloud) -> None:
    before = cloud.practice.calls["login"]
    with pytest.raises(errors.LoginRefused, match="Attempts left: 4") as caught:
        login(cloud, password="not it")
    assert caught.value.error_code == -20601
    assert caught.value.attempts_left == 4
    assert cloud.practice.calls["login"] == before + 1


def test_an_unknown_account_is_named(cloud: tl.Cloud) -> None:
    cloud.practice.unknown_account_code(-20600)
    with pytest.raises(errors.LoginRefused, match="Account not found"):
        login(cloud, email="nobody@example.com")


def test_a_locked_account_says_for_how_long(cloud: tl.Cloud) -> None:
    cloud.practice.lock_account(minutes=7)
    before = cloud.practice.calls["login"]
    with pytest.raises(errors.LoginRefused, match="Locked for 7 min") as caught:
        login(cloud)
    assert caught.value.locked_minutes == 7
    assert cloud.practice.calls["login"] == before + 1
    cloud.practice.unlock_account()
    login(cloud).close()


def test_a_login_follows_the_account_to_its_region(cloud: tl.Cloud) -> None:
    cloud.practice.move_account("use1")
    mine = login(cloud)
    assert mine.url == cloud.practice.regions["use1"]
    assert calls(mine) == ["login"] * 4
    mine.close()


@pytest.mark.parametrize("spelling", ["MFAProcessId", "mfaProcessId"])
def test_a_second_factor_is_asked_for_and_given(cloud: tl.Cloud, spelling: str) -> None:
    cloud.practice.require_mfa()
    cloud.practice.mfa_spelling(spelling)
    asked: list[Challenge] = []

    def code(challenge: Challenge) -> str:
        asked.append(challenge)
        text = newest(cloud)(challenge)
        return f" {text[:3]}-{text[3:]} "

    mine = login(cloud, code=code)
    assert [challenge.app for challenge in asked] == ["kasa", "tapo"]
    assert "email" in asked[0].kinds
    steps = ["login", "getEmailVC4TerminalMFA", "checkMFACodeAndLogin"]
    assert calls(mine) == steps * 2
    mine.devices()
    again = login(cloud)  # the terminal is trusted now: nobody is asked
    assert calls(again) == ["login", "login"]
    mine.close()
    again.close()


def test_a_wrong_code_is_named_and_not_tried_again(cloud: tl.Cloud) -> None:
    cloud.practice.require_mfa()
    with pytest.raises(errors.WrongCode) as caught:
        login(cloud, code=wrong(cloud), apps="kasa")
    assert caught.value.error_code == -20607
    assert cloud.practice.calls["checkMFACodeAndLogin"] == 1


def test_a_code_that_is_too_old_is_named(cloud: tl.Cloud) -> None:
    cloud.practice.require_mfa()

    def late(challenge: Challenge) -> str:
        cloud.practice.advance(minutes=11)
        return newest(cloud)(challenge)

    with pytest.raises(errors.WrongCode) as caught:
        login(cloud, code=late, apps="kasa")
    assert caught.value.error_code == -20676
    assert "new code" in caught.value.next_step


def test_a_code_asked_for_too_often_says_to_wait(cloud: tl.Cloud) -> None:
    cloud.practice.require_mfa()
    with pytest.raises(errors.RateLimited) as caught:
        for _ in range(10):
            with pytest.raises(errors.WrongCode):
                login(cloud, code=wrong(cloud), apps="kasa")
    assert caught.value.error_code == -21001


@pytest.mark.parametrize("code", ["", "12a456", "1234567890123"])
def test_what_can_be_no_code_is_not_sent(cloud: tl.Cloud, code: str) -> None:
    cloud.practice.require_mfa()
    with pytest.raises(errors.BadInput, match="digits"):
        login(cloud, code=lambda _: code)
    assert cloud.practice.calls["checkMFACodeAndLogin"] == 0


def test_where_nobody_can_be_asked_the_error_says_how_to_go_on(
    cloud: tl.Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.practice.require_mfa()
    no_terminal(monkeypatch)
    with pytest.raises(errors.SecondFactorNeeded, match="code=, a function"):
        login(cloud)
    assert len(cloud.practice.inbox()) == 1


def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a notebook that is run without anybody at it."""

    def refuse(prompt: str = "") -> str:
        raise NotImplementedError("no frontend")

    monkeypatch.setattr("getpass.getpass", refuse)


def test_a_person_may_mistype_the_code(
    cloud: tl.Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.practice.require_mfa()
    prompts: list[str] = []

    def types(prompt: str = "") -> str:
        prompts.append(prompt)
        right = newest(cloud)(None)  # type: ignore[arg-type]
        return right if "not the code" in prompt else "000" + right[:3]

    monkeypatch.setattr("getpass.getpass", types)
    login(cloud, apps="kasa").close()
    assert len(prompts) == 2
    assert cloud.email in prompts[0]


def test_a_push_is_asked_for_by_name_only(cloud: tl.Cloud) -> None:
    cloud.practice.require_mfa(["push"])
    with pytest.raises(errors.BadInput, match="second_factor='push'"):
        login(cloud, code=newest(cloud), apps="kasa")
    with pytest.raises(errors.BadInput, match="'sms'"):
        login(cloud, second_factor="sms")


def test_one_app_that_refuses_does_not_spoil_the_other(cloud: tl.Cloud) -> None:
    cloud.practice.refuse_app("tapo")
    with pytest.warns(errors.AppNotLoggedIn, match="tapo app is not logged in"):
        mine = login(cloud)
    assert list(mine.sessions) == ["kasa"]
    assert isinstance(mine.refused["tapo"], errors.LoginRefused)
    mine.devices()
    mine.close()
    cloud.practice.calm()
    cloud.practice.refuse_app("kasa")
    with pytest.warns(errors.AppNotLoggedIn, match="kasa app is not logged in"):
        mine = login(cloud)
    assert list(mine.sessions) == ["tapo"]
    mine.close()


def test_if_both_apps_refuse_the_first_reason_is_told(cloud: tl.Cloud) -> None:
    cloud.practice.refuse_app("tapo")
    cloud.practice.refuse_app("kasa", -20602)
    with pytest.raises(errors.LoginRefused) as caught:
        login(cloud)
    assert caught.value.error_code == -20602


def test_the_classic_login_says_that_the_account_wants_more(cloud: tl.Cloud) -> None:
    cloud.practice.require_mfa()
    with pytest.raises(errors.SecondFactorNeeded, match="too old") as caught:
        login(cloud, protocol="v1")
    assert caught.value.error_code == -23003
    assert "protocol='v1'" in caught.value.next_step


def test_an_expired_refresh_token_says_log_in(cloud: tl.Cloud) -> None:
    mine = login(cloud)
    cloud.practice.expire_token()
    cloud.practice.expire_refresh_token()
    with pytest.raises(errors.TokenRefused, match=r"tl\.login") as caught:
        mine.devices()
    assert caught.value.error_code == -20655
    mine.close()


def test_an_evicted_session_is_not_renewed_by_itself(cloud: tl.Cloud) -> None:
    mine = login(cloud)
    cloud.practice.evict()
    with pytest.raises(errors.TokenRefused) as caught:
        mine.devices()
    assert caught.value.error_code == -20675
    assert cloud.practice.calls["refreshToken"] == 0
    mine.close()


def test_a_block_is_told_with_the_hours_to_wait(cloud: tl.Cloud) -> None:
    mine = login(cloud)
    before = len(mine.exchanges)
    cloud.practice.blacklist()
    with pytest.raises(errors.RateLimited, match="blackList") as caught:
        mine.devices()
    assert caught.value.wait_s >= 3600
    assert "3600 s" in caught.value.next_step
    assert len(mine.exchanges) == before + 1
    mine.close()


def test_a_rate_limit_is_waited_out_within_the_budget(cloud: tl.Cloud) -> None:
    mine = login(cloud, patience_s=4)
    cloud.practice.rate_limit(0, 60)
    calm = threading.Timer(0.3, cloud.practice.calm)
    calm.start()
    assert len(mine.devices()) == 0
    calm.join()
    assert calls(mine).count("getDeviceList") >= 2
    mine.close()


def test_beyond_the_budget_the_limit_is_told_with_what_was_waited(
    cloud: tl.Cloud,
) -> None:
    mine = login(cloud, patience_s=1.5)
    cloud.practice.rate_limit(0, 60)
    with pytest.raises(errors.RateLimited, match="At least 60 s") as caught:
        mine.devices()
    assert "in vain" in caught.value.cause
    mine.close()


@pytest.mark.parametrize(
    "url", ["https://n-wap.tplinkcloud.com.evil.example", "https://wap.tplinkcloud.com"]
)
def test_a_region_that_is_no_place_for_a_password_is_not_followed(url: str) -> None:
    body = (
        '{"error_code":0,"result":{"errorCode":"-20212","errorMsg":"x",'
        f'"appServerUrl":"{url}"}}}}'
    )
    with wild(says(http("200 OK", body.encode()))) as server:
        with pytest.raises(errors.UntrustedHost):
            tl.login("a@b", "pw", url=server.url, apps="kasa")
        assert len(server.requests) == 1


def test_a_region_that_sends_us_on_once_more_is_the_end() -> None:
    def again(url: str) -> bytes:
        text = f'{{"error_code":-20212,"result":{{"appServerUrl":"{url}"}}}}'
        return http("200 OK", text.encode())

    with wild(says(again("http://127.0.0.1:9"))) as second:
        first_says = again(second.url)
        with wild(says(first_says)) as first:
            with pytest.raises(errors.WrongRegion):
                tl.login("a@b", "pw", url=first.url, apps="kasa")
            assert len(first.requests) == len(second.requests) == 1


def test_no_redirect_gets_the_password() -> None:
    away = http("307 Temporary Redirect", b"", "Location: http://127.0.0.1:9/")
    with (
        wild(says(away)) as server,
        pytest.raises(errors.UnusableAnswer, match="redirect"),
    ):
        tl.login("a@b", "pw", url=server.url, apps="kasa")


def test_sixteen_threads_with_an_expired_token_renew_it_once(cloud: tl.Cloud) -> None:
    mine = login(cloud)
    mine.devices()
    cloud.practice.expire_token()
    together = threading.Barrier(16)
    outcomes: list[int] = []

    def ask() -> None:
        together.wait(30)
        outcomes.append(len(mine.devices()))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes == [0] * 16
    assert cloud.practice.calls["refreshToken"] == 2  # one for each app
    mine.close()


def test_a_renewal_that_fails_is_not_tried_by_all_who_waited(cloud: tl.Cloud) -> None:
    mine = login(cloud, apps="kasa")
    session = mine.sessions["kasa"]
    cloud.practice.expire_token()
    cloud.practice.expire_refresh_token()
    stale, failures = session.account, []

    def ask() -> None:
        try:
            session._renew_after(stale)
        except errors.TokenRefused as error:
            failures.append(error.error_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    with session._renewing:  # as if a renewal were under way
        for thread in threads:
            thread.start()
        while session.waiting < 8:
            threading.Event().wait(0.001)
    for thread in threads:
        thread.join(30)
    assert failures == [-20655] * 8
    assert cloud.practice.calls["refreshToken"] == 1
    mine.close()


# -- saved sessions ----------------------------------------------------------------


def test_a_saved_session_opens_without_password_and_request(
    cloud: tl.Cloud, folder: Path
) -> None:
    mine = login(cloud, remember=True)
    before = cloud.practice.connections
    again = tl.resume()
    assert cloud.practice.connections == before
    assert again.token == mine.token
    assert list(again.sessions) == ["kasa", "tapo"]
    assert again.devices() is not None
    started = again.sessions["kasa"].logged_in_at
    assert started and datetime.now(UTC) - started < timedelta(minutes=5)
    tl.logout(cloud.email)
    with pytest.raises(errors.SessionFileError, match="No session is saved"):
        tl.resume()
    mine.close()
    again.close()


def test_two_notebooks_share_a_renewed_token(cloud: tl.Cloud, folder: Path) -> None:
    one = login(cloud, remember=True)
    two = tl.resume(cloud.email)
    cloud.practice.expire_token()
    one.devices()
    two.devices()
    assert cloud.practice.calls["refreshToken"] == 2  # one for each app
    assert one.token == two.token == tl.resume().token
    one.close()
    two.close()


def test_a_practice_session_is_not_saved_unless_asked(
    cloud: tl.Cloud, folder: Path
) -> None:
    login(cloud).close()
    assert not list(folder.rglob("*.json"))


def test_a_second_factor_that_waits_survives_a_restart(
    cloud: tl.Cloud, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.practice.require_mfa()
    no_terminal(monkeypatch)
    with pytest.raises(errors.SecondFactorNeeded):
        login(cloud, remember=True, apps="kasa")
    with pytest.raises(errors.SecondFactorNeeded, match=r"tl\.resume"):
        tl.resume()
    with pytest.raises(errors.WrongCode):
        tl.resume(code=wrong(cloud))
    mine = tl.resume(code=cloud.practice.inbox()[-1].code)
    mine.devices()
    assert tl.resume().token == mine.token
    mine.close()


def test_several_saved_sessions_are_named(cloud: tl.Cloud, folder: Path) -> None:
    login(cloud, remember=True).close()
    with tl.practice(home=[], email="bob@example.com") as other:
        login(other, remember=True).close()
    with pytest.raises(errors.SessionFileError, match=r"bob@example\.com, you@"):
        tl.resume()


def test_a_session_that_could_not_be_saved_is_told_before_the_login(
    cloud: tl.Cloud, folder: Path
) -> None:
    (folder / "tplink-lab").write_text("")
    before = cloud.practice.calls["login"]
    with pytest.raises(errors.SessionFileError):
        login(cloud, remember=True)
    assert cloud.practice.calls["login"] == before


# -- the password ------------------------------------------------------------------


def test_a_password_comes_from_where_it_is_kept(
    cloud: tl.Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = cloud.practice
    login(cloud, password=lambda: school.password, apps="kasa").close()
    monkeypatch.setenv("TPLINK_LAB_PASSWORD", school.password)
    login(cloud, password=None, apps="kasa").close()
    monkeypatch.delenv("TPLINK_LAB_PASSWORD")
    monkeypatch.setattr("getpass.getpass", lambda prompt="": school.password)
    login(cloud, password=None, apps="kasa").close()
    no_terminal(monkeypatch)
    with pytest.raises(errors.BadInput, match="TPLINK_LAB_PASSWORD"):
        login(cloud, password=None, apps="kasa")


# -- what one already holds --------------------------------------------------------


@pytest.mark.parametrize(
    "token", ["", " ", "a b", "https://x/?token=a", "a&b", "token=a", "ä"]
)
def test_what_is_more_than_a_token_is_refused(token: str) -> None:
    with pytest.raises(errors.BadInput, match="token") as caught:
        tl.from_token(token, url="http://127.0.0.1:9")
    assert token.strip() == "" or token not in str(caught.value)


def test_a_token_with_its_refresh_token_renews_itself(cloud: tl.Cloud) -> None:
    known = cloud.sessions["kasa"].account
    mine = tl.from_token(known.token, refresh_token=known.refresh_token, url=cloud.url)
    cloud.practice.expire_token()
    mine.devices()
    assert mine.token != known.token
    mine.close()


# -- what a review found -------------------------------------------------------------


def test_a_practice_session_never_takes_a_real_ones_place(
    cloud: tl.Cloud, folder: Path
) -> None:
    real = Store(cloud.email)
    account = cloud.sessions["kasa"].account._replace(token=Secret("real-token"))
    kept = SavedApp("https://wap.tplinkcloud.com", account, True, None, None)
    real.write(Saved(cloud.email, {"kasa": kept}))
    mine = login(cloud, remember=True)
    assert real.read().apps["kasa"].account.token == Secret("real-token")
    cloud.practice.expire_token()
    mine.devices()
    assert "real-token" not in {s.token.reveal() for s in mine.sessions.values()}
    mine.close()


def test_a_file_with_the_other_worlds_address_is_refused(
    cloud: tl.Cloud, folder: Path
) -> None:
    account = cloud.sessions["kasa"].account
    store = Store(cloud.email, practice=True)
    kept = SavedApp("https://wap.tplinkcloud.com", account, True, None, None)
    store.write(Saved(cloud.email, {"kasa": kept}))
    with pytest.raises(errors.SessionFileError):
        tl.resume()


def test_no_token_leaves_its_world_through_the_thing_api(cloud: tl.Cloud) -> None:
    for here, there in (
        (cloud.url, "https://use1-app-server.iot.i.tplinknbu.com"),
        ("https://wap.tplinkcloud.com", cloud.url),
    ):
        mine = tl.from_token("a-token", url=here, app="tapo")
        with pytest.raises(errors.UntrustedHost):
            mine.sessions["tapo"].thing("GET", there, "/v2/things", failure=failure)
        mine.close()


def test_read_only_holds_for_every_raw_call(cloud: tl.Cloud) -> None:
    session = login(cloud, read_only=True).sessions["tapo"]
    switch = '{"system":{"set_relay_state":{"state":1}}}'
    params = {"deviceId": "8", "requestData": switch}
    sync = {"inputParams": {"requestData": {"method": "set_device_info"}}}
    for act in (
        lambda: session.classic("passthrough", params),
        lambda: session.classic("setAlias", {"deviceId": "8"}),
        lambda: session.signed("/api/v2/common/passthrough", params),
        lambda: session.signed("/api/v2/account/nonsense", {}),
        lambda: session.thing(
            "PATCH", session.url, "/v1/things/8/shadows", body={}, failure=failure
        ),
        lambda: session.thing(
            "POST",
            session.url,
            "/v1/things/8/services-sync",
            body=sync,
            failure=failure,
        ),
    ):
        before = cloud.practice.connections
        with pytest.raises(errors.WriteRefused):
            act()
        assert cloud.practice.connections == before


@pytest.mark.parametrize("given", [None, 42, b"bytes"])
def test_a_password_that_is_no_text_is_not_sent(cloud: tl.Cloud, given: Any) -> None:
    before = cloud.practice.calls["login"]
    with pytest.raises(errors.BadInput, match="not text"):
        login(cloud, password=lambda: given)
    assert cloud.practice.calls["login"] == before
    secret = Secret(cloud.practice.password)
    login(cloud, password=lambda: secret).close()


def test_a_code_in_place_of_a_function_is_refused_before_a_mail_is_sent(
    cloud: tl.Cloud,
) -> None:
    cloud.practice.require_mfa()
    with pytest.raises(errors.BadInput, match=r"tl\.resume") as caught:
        login(cloud, code="918273")
    assert "918273" not in str(caught.value)
    assert cloud.practice.inbox() == []


def test_a_login_that_stops_half_way_spoils_nothing_that_was_saved(
    cloud: tl.Cloud, folder: Path
) -> None:
    login(cloud, remember=True).close()

    def stop(challenge: Challenge) -> str:
        raise KeyboardInterrupt

    cloud.practice.require_mfa()
    with pytest.raises(KeyboardInterrupt):
        login(cloud, remember=True, code=stop)
    with pytest.warns(errors.AppNotLoggedIn):
        again = tl.resume()
    assert list(again.sessions) == ["kasa", "tapo"]
    again.close()


def test_apps_that_are_logged_in_one_by_one_are_saved_together(
    cloud: tl.Cloud, folder: Path
) -> None:
    login(cloud, remember=True, apps="kasa").close()
    login(cloud, remember=True, apps="tapo").close()
    assert list(tl.resume().sessions) == ["kasa", "tapo"]


def test_the_second_apps_trouble_does_not_cost_the_first(cloud: tl.Cloud) -> None:
    good = b'{"error_code":0,"result":{"token":"t","refreshToken":"r"}}'
    evil = (
        b'{"error_code":0,"result":{"errorCode":"-20212",'
        b'"appServerUrl":"https://wap.tplinkcloud.com.evil.example"}}'
    )
    odd = (
        b'{"error_code":0,"result":{"errorCode":-20677,"MFAProcessId":"p",'
        b'"supportedMFATypes":[[1],{}]}}'
    )
    for answer in (evil, odd, b"<html>"):
        with wild(says(http("200 OK", good)), says(http("200 OK", answer))) as server:
            with pytest.warns(errors.AppNotLoggedIn):
                mine = tl.login("a@b", "pw", url=server.url, code=lambda _: "123456")
            assert list(mine.sessions) == ["kasa"]
            mine.close()


def test_what_is_missing_after_a_resumed_code_is_told(
    cloud: tl.Cloud, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.practice.require_mfa()
    no_terminal(monkeypatch)
    with pytest.raises(errors.SecondFactorNeeded, match=r"tl\.resume"):
        login(cloud, remember=True)
    with pytest.warns(errors.AppNotLoggedIn, match="tapo"):
        mine = tl.resume(code=cloud.practice.inbox()[-1].code)
    assert list(mine.sessions) == ["kasa"]
    mine.close()


def test_a_dead_token_at_the_thing_api_is_renewed_whatever_its_answer_holds() -> None:
    login_ok = b'{"error_code":0,"result":{"token":"t","refreshToken":"r"}}'
    fresh = b'{"error_code":0,"result":{"token":"t2"}}'
    for body in (b"", b"<html>", b'{"code":401}'):
        with wild(
            says(http("200 OK", login_ok, "Connection: close")),
            says(http("401 Unauthorized", body, "Connection: close")),
            says(http("200 OK", fresh, "Connection: close")),
            says(http("200 OK", b'{"data":[]}')),
        ) as server:
            mine = tl.login("a@b", "pw", url=server.url, apps="tapo")
            session = mine.sessions["tapo"]
            answer = session.thing("GET", server.url, "/v2/things", failure=failure)
            assert answer == {"data": []}
            assert b"Authorization: ut|t2" in server.requests[3]
            mine.close()


def test_identities_without_the_saved_app_are_told(
    cloud: tl.Cloud, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login(cloud, remember=True, apps="kasa").close()
    known = json.loads(
        resources.files("tplink_lab.cloud").joinpath("apps.json").read_text()
    )
    known["apps"]["other"] = known["apps"].pop("kasa")
    file = folder / "apps.json"
    file.write_text(json.dumps(known))
    monkeypatch.setenv("TPLINK_LAB_APPS", str(file))
    with pytest.raises(errors.BadInput, match="TPLINK_LAB_APPS"):
        tl.resume()


@pytest.mark.parametrize(
    "options",
    [
        {"remember": "Keyring"},
        {"remember": 5},
        {"patience_s": "x"},
        {"apps": 5},
        {"apps": []},
        {"apps": ["kasa", "deco"]},
        {"protocol": "v1", "apps": "tapo"},
        {"protocol": "v3"},
    ],
)
def test_options_that_make_no_sense_are_refused(
    cloud: tl.Cloud, folder: Path, options: dict[str, Any]
) -> None:
    before = cloud.practice.calls["login"]
    with pytest.raises(errors.BadInput):
        login(cloud, **options)
    assert cloud.practice.calls["login"] == before
