"""The doctor names every trouble, and its bundle names nobody."""

import contextlib
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import tplink_lab as tl
from tests.cloud.wild import http, says, wild
from tplink_lab import errors
from tplink_lab.checkup import certificate, clock
from tplink_lab.cloud.connections import Connections
from tplink_lab.cloud.hosts import check_url
from tplink_lab.cloud.probe import Handshake, resolve, shake_hands
from tplink_lab.cloud.pseudonyms import Pseudonyms
from tplink_lab.cloud.secret import Secret
from tplink_lab.report import Check

NOW = datetime(2026, 11, 1, 18, tzinfo=UTC)


def plug(alias: str, **info: Any) -> dict[str, Any]:
    sysinfo = {
        "alias": alias,
        "deviceId": f"{sum(map(ord, alias)):040X}",
        "model": "HS105(EU)",
        "hw_ver": "1.0",
        "sw_ver": "1.5.1 Build 171109 Rel.165709",
        "mic_type": "IOT.SMARTPLUGSWITCH",
        "mac": "50:C7:BF:12:34:56",
        "feature": "TIM",
        "relay_state": 0,
        "on_time": 0,
        "rssi": -50,
        "err_code": 0,
        **info,
    }
    return {"snapshot": {"system": {"get_sysinfo": sysinfo}}}


def seen(report: Any) -> set[tuple[str, str, str]]:
    return {
        (check.name, check.about, check.status)
        for check in report.checks
        if check.status != "pass"
    }


def test_a_home_with_eight_troubles(cloud: tl.Cloud) -> None:
    home = [
        plug("Unplugged"),
        plug("Weak", rssi=-84),
        plug("Old", sw_ver="1.2.3 Build 160101 Rel.1", model="HS100(EU)"),
        plug("New", sw_ver="1.5.6 Build 191125 Rel.1", model="HS100(EU)"),
        plug("Garbled", err_code=-7),
        {
            "snapshot": {"get_device_info": {"device_on": True, "model": "P110"}},
            "row": {
                "deviceType": "SMART.TAPOPLUG",
                "deviceModel": "P110",
                "alias": "VGFwbyBQbHVn",
                "deviceId": "80" * 20,
            },
        },
    ]
    with tl.practice(home=home, offline_after_s=0) as troubled:
        school = troubled.practice
        school.unplug("Unplugged")
        school.refuse_app("tapo")
        with pytest.warns(errors.AppNotLoggedIn):
            mine = tl.login(school.email, school.password, url=school.url)
        kasa = mine.sessions["kasa"]
        kasa.logged_in_at = datetime.now(UTC) - timedelta(days=29)
        report = tl.doctor(mine)
        assert seen(report) == {
            ("login", "tapo", "fail"),
            ("token", "kasa", "warn"),
            ("device", "Unplugged", "fail"),
            ("Wi-Fi", "Weak", "warn"),
            ("firmware", "Old", "warn"),
            ("device", "Garbled", "fail"),
            ("device", "Tapo Plug", "unknown"),
        }
        # The eighth: so many calls that the cloud answers none.
        school.rate_limit(0, 60)
        mine.sessions["kasa"].patience_s = 0
        assert ("login", "kasa", "fail") in seen(tl.doctor(mine))
        assert "-20004" in repr(tl.doctor(mine))
        mine.close()


def test_a_healthy_home_passes(cloud: tl.Cloud) -> None:
    with tl.practice(home=[plug("One"), plug("Two")]) as healthy:
        report = tl.doctor(healthy)
        assert seen(report) == set()
        assert report.fails == report.warns == []
        assert repr(report).startswith("10 pass")
        frame = report.to_frame()
        assert list(frame.columns) == [
            "name",
            "about",
            "status",
            "found",
            "next_step",
        ]
        assert len(frame) == 10


def test_every_trouble_has_a_next_step(cloud: tl.Cloud) -> None:
    cloud.practice.unplug("Kettle")
    for check in (*tl.doctor(cloud).fails, *tl.doctor(cloud).warns):
        assert check.next_step, check


def test_a_device_that_just_dropped_off_is_told_from_one_that_is_off(
    cloud: tl.Cloud,
) -> None:
    cloud.devices()
    cloud.practice.unplug("Kettle")
    report = tl.doctor(cloud)
    found = {check.about: check.found for check in report.fails}
    assert found["Kettle"] == "Listed, not connected, no answer."


def test_a_lookalike_in_the_list_is_named_and_not_asked() -> None:
    row = {
        "deviceId": "80" * 20,
        "deviceType": "IOT.SMARTPLUGSWITCH",
        "alias": "Lamp",
        "status": 1,
        "appServerUrl": "https://wap.tplinkcloud.com.evil.example",
    }
    token = http("200 OK", b'{"error_code":0,"result":{"token":"planted-token"}}')
    rows = json.dumps({"error_code": 0, "result": {"deviceList": [row]}}).encode()
    with wild(says(token), says(http("200 OK", rows))) as server:
        mine = tl.login("a@b", "pw", url=server.url, apps="kasa")
        report = tl.doctor(mine)
        mine.close()
    assert ("address", "Lamp", "fail") in seen(report)
    assert ("token", "kasa", "warn") in seen(report)  # no refresh token came


@pytest.mark.parametrize(
    ("off", "status"),
    [
        (timedelta(0), "pass"),
        (timedelta(hours=3), "fail"),
        (-timedelta(days=9), "fail"),
    ],
)
def test_the_clock(off: timedelta, status: str) -> None:
    check = clock("Sun, 01 Nov 2026 18:00:00 GMT", NOW + off)
    assert check.status == status
    assert ("ahead" in check.found) is (off > timedelta(0))
    assert ("behind" in check.found) is (off < timedelta(0))
    assert clock("nonsense", NOW).status == "unknown"


def test_a_certificate_that_ends_soon() -> None:
    for days, status in ((90, "pass"), (3, "warn")):
        hands = Handshake("public", "DigiCert Inc", NOW + timedelta(days=days))
        check = certificate("wap.tplinkcloud.com", hands, NOW)
        assert check.status == status
        assert "DigiCert Inc" in check.found


def test_over_tls_the_doctor_says_who_signed(tmp_path: Path) -> None:
    with tl.practice(home=[], tls=tmp_path) as cloud:
        checks = {check.name: check for check in tl.doctor(cloud).checks}
        assert checks["TLS"].status == "pass"
        assert "trustme" in checks["TLS"].found
        address = check_url(cloud.url)
        assert resolve(address) == "127.0.0.1"
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            shake_hands(address, Connections(None), 5)
        stranger = tl.from_token("a-token", url=cloud.url)
        checks = {check.name: check for check in tl.doctor(stranger).checks}
        assert checks["TLS"].status == "fail"
        assert "not trusted" in checks["TLS"].found
        stranger.close()


# -- the bundle --------------------------------------------------------------------


def test_no_secret_and_no_name_is_in_it(cloud: tl.Cloud, tmp_path: Path) -> None:
    cloud.practice.unplug("Kettle")
    strip = cloud.device("Desk Strip")
    report = tl.doctor(cloud)
    file = report.save(tmp_path / "report.json")
    text = file.read_text("utf-8")
    planted = {cloud.practice.password, cloud.email}
    for session in cloud.sessions.values():
        account = session.account
        planted |= {account.token.reveal(), account.refresh_token.reveal()}
        planted |= {account.terminal, account.account_id}
    for device in cloud.devices():
        planted |= {device.device_id, device.alias, str(device.row["alias"])}
        planted.add(str(device.row.get("deviceMac", "")))
        if device.online and device.dialect == "iot":
            planted.add(device.info().get("mac", ""))
    planted |= {outlet.alias for outlet in strip.state().outlets}
    planted |= {outlet.outlet_id for outlet in strip.state().outlets}
    for secret in planted - {""}:
        found = re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text)
        assert found is None, secret
    bundle = json.loads(text)
    assert {check["status"] for check in bundle["checks"]} >= {"pass", "fail"}
    asked = [e for e in bundle["exchanges"] if e["call"] == "passthrough"]
    ids = [e["request"]["params"]["deviceId"] for e in asked]
    assert len(ids) > 10
    listed = next(e for e in bundle["exchanges"] if e["call"] == "getDeviceList")
    rows = listed["answer"]["result"]["deviceList"]
    assert set(ids) <= {row["deviceId"] for row in rows}  # still joinable
    assert bundle["packages"]["requests"]


def test_one_that_cannot_be_written_is_told(cloud: tl.Cloud, tmp_path: Path) -> None:
    report = tl.doctor(cloud)
    with pytest.raises(errors.BadInput, match="cannot be written"):
        report.save(tmp_path / "nowhere" / "report.json")
    assert list(tmp_path.iterdir()) == []
    if sys.platform != "win32":
        with pytest.raises(errors.BadInput):
            report.save(tmp_path)


def test_equal_secrets_stay_equal_and_others_do_not() -> None:
    names = Pseudonyms()
    value = {
        "token": Secret("first-one"),
        "list": [{"token": "second-one"}, {"token": "first-one"}],
        "responseData": '{"system":{"get_sysinfo":{"alias":"Ann","longitude":9.5}}}',
        "words": "Ann used first-one; Annabel did not.",
    }
    names.learn(value)
    shown = names.apply(value)
    assert shown["token"] == shown["list"][1]["token"] == "[token 1]"
    assert shown["list"][0]["token"] == "[token 2]"
    inner = json.loads(shown["responseData"])["system"]["get_sysinfo"]
    assert inner == {"alias": "[name 1]", "longitude": 0}
    assert shown["words"] == "[name 1] used [token 1]; Annabel did not."


def test_the_report_is_escaped_as_html(cloud: tl.Cloud) -> None:
    with tl.practice(home=[plug("<b>Bold</b>")]) as bold:
        report = tl.doctor(bold)
        assert "<b>Bold" not in report._repr_html_()
        assert "&lt;b&gt;Bold" in report._repr_html_()
        assert Check("a", "b", "pass", "c").next_step == ""


def test_the_second_app_is_asked_too(cloud: tl.Cloud) -> None:
    tapo = cloud.sessions["tapo"]
    tapo._account = tapo.account._replace(token=Secret("x"), refresh_token=Secret(""))
    found = seen(tl.doctor(cloud))
    assert ("login", "tapo", "fail") in found
    assert ("service", "Tapo devices", "fail") in found
    assert ("login", "kasa", "fail") not in found


def test_when_nothing_answers_the_clock_is_not_blamed(cloud: tl.Cloud) -> None:
    cloud.devices()
    cloud.practice.stop()
    found = seen(tl.doctor(cloud))
    assert ("login", "kasa", "fail") in found
    assert not [check for check in found if check[0] == "clock"]


def test_an_odd_date_is_no_reason_to_raise() -> None:
    assert clock("Sun, 01 Nov 2026 18:00:00 -0000", NOW).status == "pass"


@pytest.mark.parametrize(
    "answer",
    [
        '{"error_code":0,"result":{"token":"FRESH","alias":"Adas Bedroom","x":',
        "<html>FRESH Adas Bedroom</html>",
        '{"error_code":0,"result":{"responseData":'
        '" {\\"ssid\\":\\"Adas Bedroom\\"} "}}',
        '{"error_code":0,"result":{"responseData":"{\\"ssid\\":\\"Adas Bedroom"}}',
        '{"error_code":0,"result":{"alias":"[\\"Adas Bedroom\\"]"}}',
    ],
)
def test_what_is_cut_off_or_odd_names_nobody_either(answer: str) -> None:
    token = http("200 OK", b'{"error_code":0,"result":{"token":"t-o-k-e-n"}}')
    with wild(says(token), says(http("200 OK", answer.encode()))) as server:
        mine = tl.login("a@b", "pw", url=server.url, apps="kasa")
        with contextlib.suppress(errors.TPLinkLabError):
            mine.call("getDeviceList")
        text = json.dumps(tl.doctor(mine).bundle())
        mine.close()
    assert "Adas Bedroom" not in text
    assert "FRESH" not in text


def test_a_device_called_error_changes_no_field(cloud: tl.Cloud) -> None:
    with tl.practice(home=[plug("error"), plug("pass")]) as odd:
        bundle = tl.doctor(odd).bundle()
    assert {check["status"] for check in bundle["checks"]} == {"pass"}
    assert all("error" in exchange for exchange in bundle["exchanges"])
    listed = [e for e in bundle["exchanges"] if e["call"] == "getDeviceList"]
    assert all("error_code" in exchange["answer"] for exchange in listed)
