"""The client against the practice cloud, over a real socket."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import tplink_lab as tl
from tests.cloud.wild import http, says, wild
from tplink_lab import errors

pytestmark = pytest.mark.filterwarnings("error")


def login(cloud: tl.Cloud, **options: object) -> tl.Cloud:
    school = cloud.practice
    return tl.login(school.email, school.password, url=school.url, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("email", "password", "says_"),
    [
        ("", "x", "address is missing"),
        ("me @example.com", "x", "holds a blank"),
        ("me.example.com", "x", "around its '@'"),
        ("@example.com", "x", "around its '@'"),
        ("me@example.com", "", "password is missing"),
    ],
)
def test_bad_credentials_are_refused_before_anything_is_sent(
    cloud: tl.Cloud, email: str, password: str, says_: str
) -> None:
    before = cloud.practice.connections
    with pytest.raises(errors.BadInput, match=says_):
        tl.login(email, password, url=cloud.url)
    assert cloud.practice.connections == before


def test_a_wrong_password_is_named_and_tried_once(cloud: tl.Cloud) -> None:
    before = cloud.practice.calls["login"]
    with pytest.raises(errors.LoginRefused, match="email or password") as caught:
        tl.login(cloud.email, "hunter2-planted", url=cloud.url)
    assert cloud.practice.calls["login"] == before + 1
    assert caught.value.error_code == -20601
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize("protocol", ["v1", "v2"])
def test_the_login_in_the_log_shows_no_secret(cloud: tl.Cloud, protocol: str) -> None:
    mine = login(cloud, protocol=protocol)
    exchange = mine.exchanges[0]
    shown = repr(exchange) + exchange._repr_html_() + str(exchange.answer)
    assert exchange.call == "login"
    sent = exchange.request if protocol == "v2" else exchange.request["params"]
    assert sent["cloudPassword"] == "[hidden]"
    assert exchange.answer["result"]["token"] == "[hidden]"
    shells = ("bash", "powershell") if protocol == "v1" else ()
    for secret in (cloud.practice.password, mine.token.reveal()):
        assert secret not in shown
        for shell in (*shells, "python"):
            assert secret not in exchange.as_curl(shell)
    mine.close()


def test_the_signed_login_prints_as_python_that_logs_in(cloud: tl.Cloud) -> None:
    mine = login(cloud)
    text = mine.exchanges[0].as_curl("python")
    mine.close()
    env = {**os.environ, "TPL_PASSWORD": cloud.practice.password}
    run = subprocess.run(
        [sys.executable, "-c", text],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert json.loads(run.stdout)["result"]["token"], run.stderr


def test_an_expired_token_is_named_where_it_cannot_be_renewed(
    cloud: tl.Cloud,
) -> None:
    mine = tl.from_token(cloud.token, url=cloud.url)
    assert len(mine.devices()) == len(cloud.devices())
    cloud.practice.expire_token()
    with pytest.raises(errors.TokenRefused, match="Token expired") as caught:
        mine.devices()
    assert caught.value.error_code == -20651
    with pytest.raises(errors.BadInput, match="no refresh token"):
        mine.renew()
    mine.close()


def test_renewing_by_hand_gives_new_tokens(cloud: tl.Cloud) -> None:
    old = {name: session.token for name, session in cloud.sessions.items()}
    cloud.renew()
    assert all(cloud.sessions[name].token != token for name, token in old.items())
    assert len(cloud.devices()) > 10


def test_a_device_is_found_by_name_id_or_unique_beginning(cloud: tl.Cloud) -> None:
    kettle = cloud.device("Kettle")
    for name in ("kettle", " KETTLE ", "kett", kettle.device_id, kettle.device_id[:12]):
        assert cloud.device(name).device_id == kettle.device_id


def test_a_misspelt_name_suggests_the_near_ones(cloud: tl.Cloud) -> None:
    with pytest.raises(errors.NoSuchDevice, match="Did you mean 'Kettle'") as caught:
        cloud.device("Kettel")
    assert caught.value.near[0] == "Kettle"


@pytest.mark.parametrize("name", ["", "   ", "zzzzzz"])
def test_a_name_that_fits_nothing_lists_what_there_is(
    cloud: tl.Cloud, name: str
) -> None:
    with pytest.raises(errors.NoSuchDevice, match="My Smart Plug"):
        cloud.device(name)


def test_a_beginning_that_fits_two_devices_tells_their_ids(cloud: tl.Cloud) -> None:
    with pytest.raises(errors.NoSuchDevice, match="2 devices fit 'desk'") as caught:
        cloud.device("desk")
    assert cloud.device("Desk Lamp").device_id in str(caught.value)


def test_an_account_without_devices_is_an_empty_list() -> None:
    with tl.practice(home={"account": {}, "devices": []}) as cloud:
        devices = cloud.devices()
        assert len(devices) == 0
        assert "no devices" in repr(devices)
        assert "no devices" in devices._repr_html_()
        with pytest.raises(errors.NoSuchDevice, match="has none"):
            cloud.device("Lamp")


def test_a_device_listed_elsewhere_is_asked_at_its_own_url(cloud: tl.Cloud) -> None:
    flat = cloud.device("Holiday Flat")
    assert flat.app_server_url != cloud.url
    flat.turn_on()
    assert cloud.last_exchange.url == flat.app_server_url
    assert cloud.practice.state("Holiday Flat")["on"] is True
    with pytest.raises(errors.DeviceOffline):
        cloud.passthrough(
            flat.device_id, {"system": {"get_sysinfo": None}}, app_server_url=cloud.url
        )


def test_an_app_server_url_in_an_answer_is_checked_like_any_input() -> None:
    row = {
        "deviceId": "80" * 20,
        "deviceType": "IOT.SMARTPLUGSWITCH",
        "alias": "Lamp",
        "appServerUrl": "https://wap.tplinkcloud.com.evil.example",
    }
    token = http("200 OK", b'{"error_code":0,"result":{"token":"planted-token"}}')
    rows = json.dumps({"error_code": 0, "result": {"deviceList": [row]}}).encode()
    for url in (row["appServerUrl"], "https://eu-wap.tplinkcloud.com"):
        rows = rows.replace(row["appServerUrl"].encode(), url.encode())
        with wild(says(token), says(http("200 OK", rows))) as server:
            cloud = tl.login("a@b", "pw", url=server.url, apps="kasa")
            with pytest.raises(errors.UntrustedHost) as caught:
                cloud.device("Lamp").turn_on()
            assert "planted" not in str(caught.value)
            cloud.close()
        row["appServerUrl"] = url


@pytest.mark.parametrize(
    "result",
    [b"{}", b'{"deviceList":{}}', b'{"deviceList":[{}]}', b'{"deviceList":[3]}'],
)
def test_half_a_device_list_is_an_error_not_an_empty_list(result: bytes) -> None:
    token = http("200 OK", b'{"error_code":0,"result":{"token":"t"}}')
    rows = http("200 OK", b'{"error_code":0,"result":' + result + b"}")
    with wild(says(token), says(rows)) as server:
        cloud = tl.login("a@b", "pw", url=server.url, apps="kasa")
        with pytest.raises(errors.UnusableAnswer, match="deviceList"):
            cloud.devices()
        cloud.close()


def test_read_only_refuses_every_way_to_write(cloud: tl.Cloud) -> None:
    look = login(cloud, read_only=True)
    lamp = look.device("Desk Lamp")
    write = {"system": {"set_relay_state": {"state": 1}}}
    data = json.dumps(write)
    before = cloud.practice.calls["passthrough"]
    for attempt in (
        lamp.turn_on,
        lamp.led.turn_off,
        lambda: lamp.rename("x"),
        lambda: lamp.command(write),
        lambda: look.passthrough(lamp.device_id, write),
        lambda: look.call("passthrough", deviceId=lamp.device_id, requestData=data),
        lambda: look.call("passthrough", deviceId=lamp.device_id, requestData=write),
        lambda: look.call("setAlias", deviceId=lamp.device_id, alias="x"),
    ):
        with pytest.raises((errors.WriteRefused, errors.TPLinkLabError)) as caught:
            attempt()
        assert caught.type is errors.WriteRefused
    look.close()
    # kind() may read the device; nothing that writes went out.
    assert cloud.practice.state("Desk Lamp")["on"] is False
    assert cloud.practice.calls["passthrough"] - before <= 2


def test_a_protected_device_cannot_be_switched_even_after_a_rename(
    cloud: tl.Cloud,
) -> None:
    safe = login(cloud, protect=["fridge"])
    cloud.device("Fridge").rename("Cold Box")
    with pytest.raises(errors.WriteRefused, match="protected"):
        safe.device("Cold Box").turn_off()
    assert safe.device("Cold Box").is_protected
    safe.device("Desk Lamp").turn_on()
    safe.close()


def test_a_protected_outlet_keeps_its_strip_from_being_switched_whole(
    cloud: tl.Cloud,
) -> None:
    names = [o.alias for o in cloud.device("Desk Strip").state().outlets]
    safe = login(cloud, protect=[names[1]])
    strip = safe.device("Desk Strip")
    with pytest.raises(errors.WriteRefused):
        strip.turn_off()
    with pytest.raises(errors.WriteRefused):
        strip.outlets[names[1]].toggle()
    strip.outlets[names[0]].toggle()
    safe.close()


def test_a_name_that_a_device_and_an_outlet_share_protects_both(
    cloud: tl.Cloud,
) -> None:
    cloud.device("Desk Lamp").rename("Printer")
    safe = login(cloud, protect=["Printer"])
    assert safe.device("Printer").is_protected
    assert safe.device("Desk Strip").outlets["Printer"].is_protected
    safe.close()


def test_a_strip_that_did_not_answer_at_login_is_locked_as_a_whole(
    cloud: tl.Cloud,
) -> None:
    cloud.practice.unplug("Desk Strip")
    safe = login(cloud, protect=["Fridge"])
    cloud.practice.plug_in("Desk Strip")
    with pytest.raises(errors.WriteRefused):
        safe.device("Desk Strip").outlets["Monitor"].toggle()
    safe.close()


def test_protecting_a_misspelt_name_is_an_error_at_login(cloud: tl.Cloud) -> None:
    with pytest.raises(errors.NoSuchDevice, match="Frigde"):
        login(cloud, protect=["Frigde"])
    with pytest.raises(errors.BadInput, match="Give a list"):
        login(cloud, protect="Fridge")


def test_ten_calls_use_one_connection(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    lamp.is_on()
    before = cloud.practice.connections
    for _ in range(10):
        lamp.toggle()
    assert cloud.practice.connections == before


def test_many_threads_share_one_cloud(cloud: tl.Cloud) -> None:
    lamp, answers = cloud.device("Desk Lamp"), []
    threads = [
        threading.Thread(target=lambda: answers.append(lamp.is_on())) for _ in range(24)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == [False] * 24
    assert cloud.practice.connections <= 2 * 8


def run_form(text: str, shell: list[str], cloud: tl.Cloud) -> object:
    tapo = cloud.sessions["tapo"].token.reveal()
    tokens = {"TPL_TOKEN": cloud.token.reveal(), "TPL_TAPO_TOKEN": tapo}
    environment = {**os.environ, **tokens}
    run = subprocess.run(
        [*shell, text],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(run.stdout)


@pytest.mark.parametrize("shell", ["bash", "python"])
def test_the_printed_commands_really_run_and_answer_the_same(
    cloud: tl.Cloud, shell: str
) -> None:
    starter = {"bash": ["bash", "-c"], "python": [sys.executable, "-c"]}[shell]
    cloud.devices()
    listing = cloud.last_exchange
    assert run_form(listing.as_curl(shell), starter, cloud) == listing.answer
    kettle = cloud.device("Kettle")
    kettle.command({"system": {"get_sysinfo": None}})
    asked = cloud.last_exchange
    assert run_form(asked.as_curl(shell), starter, cloud) == asked.answer


def test_the_printed_command_works_over_tls_too(tmp_path: Path) -> None:
    with tl.practice(tls=tmp_path) as cloud:
        assert cloud.url.startswith("https://127.0.0.1:")
        cloud.devices()
        exchange = cloud.last_exchange
        text = exchange.as_curl("bash")
        assert "--cacert" in text
        assert run_form(text, ["bash", "-c"], cloud) == exchange.answer


def test_a_certificate_of_the_wrong_root_is_refused(tmp_path: Path) -> None:
    with tl.practice(tls=tmp_path) as cloud:
        with pytest.raises(errors.CloudUnreachable, match="certificate") as caught:
            tl.login(cloud.email, "planted", url=cloud.url)
        assert "planted" not in str(caught.value)


def test_a_bad_home_is_an_error_of_our_family(tmp_path: Path) -> None:
    bad = tmp_path / "home.json"
    bad.write_text('{"devices": [{"row": 3}]}')
    with pytest.raises(errors.PracticeFailed, match=r"home\.json"):
        tl.practice(home=bad)
    with pytest.raises(errors.PracticeFailed):
        tl.practice(home=tmp_path / "missing.json")


@pytest.mark.parametrize("request_", [None, [], "x", 3, b"{}"])
def test_a_request_that_is_no_dict_is_named(cloud: tl.Cloud, request_: object) -> None:
    lamp = cloud.device("Desk Lamp")
    with pytest.raises(errors.BadInput, match="dict of modules"):
        cloud.passthrough(lamp.device_id, request_)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [{"protect": None}, {"protect": [3]}, {"protect": 3}, {"timeout_s": "3"}],
)
def test_odd_options_are_named(cloud: tl.Cloud, options: dict[str, object]) -> None:
    with pytest.raises(errors.BadInput):
        login(cloud, **options)


@pytest.mark.parametrize("password", [3, b"secret", ["secret"]])
def test_a_password_that_is_no_text_is_not_shown(
    cloud: tl.Cloud, password: object
) -> None:
    with pytest.raises(errors.BadInput, match="not text") as caught:
        tl.login(cloud.email, password, url=cloud.url)  # type: ignore[arg-type]
    assert "secret" not in repr(caught.traceback[-1].locals)


@pytest.mark.parametrize("data", ["[]", "x", [1], 3])
def test_raw_data_that_is_not_understood_counts_as_a_write(
    cloud: tl.Cloud, data: object
) -> None:
    safe = login(cloud, protect=["Desk Lamp"])
    lamp = safe.device("Desk Lamp")
    with pytest.raises(errors.WriteRefused):
        safe.call("passthrough", deviceId=lamp.device_id, requestData=data)
    safe.close()


def test_the_guard_compares_the_id_that_the_wire_carries(cloud: tl.Cloud) -> None:
    safe = login(cloud, protect=["Desk Lamp"])
    device_id = safe.device("Desk Lamp").device_id
    data = '{"system":{"set_relay_state":{"state":1}}}'
    with pytest.raises(errors.BadInput, match="not text"):
        safe.call("passthrough", deviceId=tl.Secret(device_id), requestData=data)
    with pytest.raises(errors.WriteRefused):
        safe.call("setAlias", deviceId=device_id, alias="x")
    safe.close()


@pytest.mark.parametrize("name", [0, True, None, slice(0, 2), b"Kettle"])
def test_a_device_is_not_found_by_what_is_no_name(
    cloud: tl.Cloud, name: object
) -> None:
    with pytest.raises(errors.BadInput, match="is no name"):
        cloud.device(name)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", [None, "", ["x"], {"a": 1}])
def test_a_method_is_text(cloud: tl.Cloud, method: object) -> None:
    with pytest.raises(errors.BadInput, match="no method's name"):
        cloud.call(method)  # type: ignore[arg-type]
