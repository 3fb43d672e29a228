"""Nothing that the lab prints, logs, raises or keeps shows a token or a password.

The account here has a password that occurs nowhere else, and every way to fail is
walked with logging at DEBUG. The hunt is proven by planting.
"""

import http.client as http_client
import json
import logging
import pickle
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tplink_lab as tl
from tests.cloud.wild import http, says, wild
from tplink_lab import errors
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.store import Store

PASSWORD = "planted-Passw0rd-7431"
HERE = Path(__file__).name


class Hunt:
    """Everything that was shown, and the secrets that must not be in it."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.secrets = {PASSWORD}

    def show(self, *things: object) -> None:
        """Look at *things* in every way a notebook or a log would."""
        for thing in things:
            html = getattr(thing, "_repr_html_", None)
            self.shown += [repr(thing), str(thing), html() if html else ""]
            for name in ("__dict__", "args"):
                self.shown.append(repr(getattr(thing, name, "")))

    def caught(self, act: Callable[[], object]) -> None:
        """Let *act* fail, and look at its traceback with all variables of ours."""
        with pytest.raises(errors.TPLinkLabError) as caught:
            act()
        self.show(caught.value)
        self.shown.append(repr(pickle.loads(pickle.dumps(caught.value))))
        whole = traceback.TracebackException.from_exception(
            caught.value, capture_locals=True
        )
        assert whole.__context__ is None, "a foreign exception hangs on ours"
        for frame in whole.stack:
            if Path(frame.filename).name != HERE:
                self.shown.append(f"{frame.name} {frame.line} {frame.locals}")

    def found(self) -> list[str]:
        """Return what shows a secret."""
        return [text for text in self.shown if any(s in text for s in self.secrets)]


@pytest.fixture
def hunt(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[Hunt]:
    caplog.set_level(logging.DEBUG)
    hunt = Hunt()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield hunt
    out = capfd.readouterr()
    hunt.shown += [out.out, out.err, *(str(w.message) for w in warned)]
    hunt.shown += [record.getMessage() for record in caplog.records]
    assert hunt.found() == []


def opened(hunt: Hunt) -> tl.Cloud:
    cloud = tl.practice(
        home={"account": {"email": "a@b.c", "password": PASSWORD}, "devices": []},
        offline_after_s=0,
    )
    hunt.secrets.add(cloud.token.reveal())
    hunt.secrets.add(cloud.sessions["kasa"].account.refresh_token.reveal())
    return cloud


def test_a_whole_session_shows_no_secret(hunt: Hunt) -> None:
    with opened(hunt) as cloud:
        hunt.show(cloud, cloud.practice, cloud.token, cloud.sessions, cloud._transport)
        mine = tl.login(cloud.email, PASSWORD, url=cloud.url)
        hunt.secrets.add(mine.token.reveal())
        mine.renew()
        hunt.secrets.add(mine.token.reveal())
        mine.devices()
        for exchange in mine.exchanges:
            hunt.show(exchange, exchange.request, exchange.answer)
            if not exchange.path.startswith("/api"):  # only python can sign those
                shells = ("bash", "cmd", "powershell")
                hunt.show(*(exchange.as_curl(s) for s in shells))
            hunt.show(exchange.as_curl("python"))
        mine.close()


def test_a_second_factor_and_a_saved_session_show_no_secret(
    hunt: Hunt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    with opened(hunt) as cloud:
        school = cloud.practice
        url, email = cloud.url, cloud.email
        school.require_mfa()

        def code(challenge: object) -> str:
            hunt.show(challenge)
            hunt.secrets.add(school.inbox()[-1].code)
            return str(school.inbox()[-1].code)

        def wrong(challenge: object) -> str:
            code(challenge)
            hunt.secrets.add("48151623")
            return "48151623"

        monkeypatch.setattr("getpass.getpass", no_frontend)
        hunt.caught(lambda: tl.login(email, PASSWORD, url=url, remember=True))
        hunt.secrets.add(school.inbox()[-1].code)
        store = Store(email, practice=True)
        hunt.show(store, store.read())
        hunt.shown.append(repr(school.inbox()))
        hunt.secrets.add(store.read().pending.process_id.reveal())  # type: ignore[union-attr]
        hunt.caught(lambda: tl.resume(code="48151623"))
        hunt.caught(lambda: tl.login(email, PASSWORD, url=url, code=wrong, apps="kasa"))
        mine = tl.login(email, PASSWORD, url=url, code=code, remember=True)
        for session in mine.sessions.values():
            hunt.secrets.add(session.account.token.reveal())
            hunt.secrets.add(session.account.refresh_token.reveal())
        for exchange in mine.exchanges:
            hunt.show(exchange, exchange.as_curl("python"))
        assert PASSWORD not in store.path.read_text()
        hunt.show(store.read(), mine.sessions, tl.resume())
        for text in ("{{", '{"version":9}', '{"version":9,"x":'):
            whole = store.path.read_text()
            store.path.write_text(whole.replace("{", text, 1))
            hunt.caught(tl.resume)
            store.path.write_text(whole)
        if sys.platform != "win32":
            store.path.chmod(0o644)
            hunt.caught(tl.resume)
        school.blacklist()
        hunt.caught(mine.devices)
        mine.close()


def no_frontend(prompt: str = "") -> str:
    raise NotImplementedError


def test_no_failure_shows_a_secret(hunt: Hunt) -> None:
    with opened(hunt) as cloud:
        school = cloud.practice
        hunt.caught(lambda: tl.login(cloud.email, PASSWORD + "x", url=cloud.url))
        hunt.caught(lambda: tl.login("a b@c", PASSWORD, url=cloud.url))
        hunt.caught(lambda: tl.login(cloud.email, PASSWORD, url="http://evil.example"))
        hunt.caught(
            lambda: tl.login(cloud.email, PASSWORD, url=cloud.url, protect=["Nothing"])
        )
        hunt.caught(lambda: cloud.call("nonsense", token=cloud.token))
        hunt.caught(lambda: tl.from_token(f"https://x/?token={PASSWORD}"))
        hunt.caught(lambda: cloud.call("getDeviceList", x=object()))
        hunt.caught(lambda: cloud.passthrough("80", {"system": {"get_sysinfo": None}}))
        hunt.caught(
            lambda: cloud.passthrough("80", {}, app_server_url="https://evil.example")
        )
        school.rate_limit(0, 60)
        hunt.caught(cloud.devices)
        school.calm()
        school.lose(1.0)
        hunt.caught(cloud.devices)
        hunt.caught(lambda: tl.login(cloud.email, PASSWORD, url=cloud.url))
        school.calm()
        school.expire_token()
        school.expire_refresh_token()
        hunt.caught(cloud.devices)
        school.stop()
        hunt.caught(cloud.devices)
        hunt.caught(lambda: tl.login(cloud.email, PASSWORD, url=cloud.url))


@pytest.mark.parametrize(
    "answer",
    [
        http("200 OK", b"<html>portal</html>"),
        http("302 Found", b"", "Location: http://evil.example/"),
        http("200 OK", b'{"error_code":0,"result":{"token":3}}'),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        http("200 OK", b'{"error_code":0,"result":{"token":"fresh-planted-one","x":'),
        http(
            "200 OK", b'{"error_code":0,"result":{"token":"\\ud800fresh-planted-one"}}'
        ),
        http("200 OK", b'{"error_code":0,"result":{}}', "no colon here", "X: y"),
        b"nonsense",
        b"",
    ],
)
def test_no_strange_answer_makes_the_password_show(hunt: Hunt, answer: bytes) -> None:
    hunt.secrets.add("fresh-planted-one")
    with wild(says(answer)) as server:
        hunt.caught(lambda: tl.login("a@b.c", PASSWORD, url=server.url))
        assert PASSWORD.encode() in server.requests[0]


def test_a_server_that_echoes_the_password_does_not_get_it_into_the_log(
    hunt: Hunt,
) -> None:
    echo = f'{{"error_code":-1,"msg":"bad {PASSWORD}"}}'.encode()
    with wild(says(http("200 OK", echo))) as server:
        try:
            tl.login("a@b.c", PASSWORD, url=server.url)
        except errors.CloudError as error:
            hunt.show(error)
        else:
            pytest.fail("an error was not raised")


def test_the_hunt_finds_what_is_planted() -> None:
    hunt = Hunt()
    hunt.show({"params": {"cloudPassword": PASSWORD}})
    assert hunt.found()
    again, names = Hunt(), {"errors": errors, "secret": PASSWORD}
    source = (
        "def careless():\n"
        "    password = secret\n"
        "    raise errors.BadInput(f'It broke with {len(password)} letters.')\n"
    )
    # As if it stood in another file: this file's own frames are left out.
    exec(compile(source, "elsewhere.py", "exec"), names)
    again.caught(names["careless"])  # type: ignore[arg-type]
    assert again.found()


def test_the_process_list_shows_no_secret() -> None:
    code = (
        "import tplink_lab as tl, subprocess\n"
        "cloud = tl.practice()\n"
        "cloud.devices()\n"
        "ps = subprocess.run(['ps', '-eo', 'args'], capture_output=True, text=True)\n"
        "assert cloud.token.reveal() not in ps.stdout\n"
        "assert cloud.practice.password not in ps.stdout\n"
        "cloud.close()\n"
    )
    if sys.platform != "linux":
        return
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def exits(*_: object) -> None:
    raise SystemExit(3)


@pytest.mark.parametrize("handler", [signal.default_int_handler, exits])
def test_a_signal_in_the_middle_of_a_call_shows_no_secret(
    hunt: Hunt, handler: Callable[..., None]
) -> None:
    def interrupts(connection: object) -> None:
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, handler)
    try:
        with wild(interrupts) as server:
            tl.login("a@b.c", PASSWORD, url=server.url)
    except (KeyboardInterrupt, SystemExit) as stop:
        whole = traceback.TracebackException.from_exception(stop, capture_locals=True)
        hunt.shown += [
            f"{frame.name} {frame.locals}"
            for frame in whole.stack
            if Path(frame.filename).name not in (HERE, "wild.py", "contextlib.py")
        ]
        hunt.show(stop)
    else:
        pytest.fail("the call was not interrupted")
    finally:
        signal.signal(signal.SIGINT, before)


def test_odd_headers_do_not_get_the_url_into_a_warning(hunt: Hunt) -> None:
    hunt.secrets.add("fresh-planted-token")
    token = b'{"error_code":0,"result":{"token":"fresh-planted-token"}}'
    rows = b'{"error_code":0,"result":{"deviceList":[]}}'
    odd = http("200 OK", rows, "no colon here", "X: y")
    with wild(says(http("200 OK", token)), says(odd)) as server:
        cloud = tl.login("a@b.c", PASSWORD, url=server.url, apps="kasa")
        cloud.devices()
        hunt.show(cloud.last_exchange)
        cloud.close()


def test_the_debug_output_of_http_client_shows_no_secret(
    hunt: Hunt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client.HTTPConnection, "debuglevel", 1)
    with tl.practice() as cloud:
        cloud.devices()
        hunt.secrets |= {cloud.token.reveal(), cloud.practice.password}
        mine = tl.login(cloud.practice.email, cloud.practice.password, url=cloud.url)
        mine.close()


def test_nothing_keeps_a_password_once_the_login_is_over() -> None:
    with tl.practice() as cloud:
        cloud.practice.require_mfa()
        us = cloud.practice
        mine = tl.login(us.email, us.password, url=us.url, code=us.newest_code)
        with pytest.raises(tl.errors.LoginRefused):
            tl.login(us.email, "wrong", url=us.url)
        for exchange in mine.exchanges:
            kept = in_clear(exchange._unmasked())
            assert us.password not in kept, exchange.call
            # And the log still shows that there was one.
            if "cloudPassword" in exchange.request:
                assert exchange.request["cloudPassword"] == "[hidden]"
        mine.close()


def in_clear(value: Any) -> str:
    """Return all text in *value*, that of Secrets too."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, dict):
        return "\n".join(f"{key} {in_clear(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(map(in_clear, value))
    return str(value)


@pytest.mark.parametrize(
    "field", ["newPassword", "passwd", "wifi_password", "psk", "accessToken", "secret"]
)
def test_a_secret_under_a_name_that_nobody_knows_is_hidden(field: str) -> None:
    with tl.practice() as cloud:
        with pytest.raises(tl.TPLinkLabError):
            cloud.call("modifyAccount", **{field: "planted-4711"})
        with pytest.raises(tl.TPLinkLabError):
            cloud.passthrough("80", {"net": {"set": {field: "planted-4711"}}})
        shown = [
            repr(e) + e._repr_html_() + (e.as_curl("bash") if e.path == "/" else "")
            for e in cloud.exchanges
        ]
        assert "planted-4711" not in "".join(shown)
        assert "planted-4711" not in str(tl.doctor(cloud).bundle())


@pytest.mark.parametrize("name", ["Außenlampe Müller", "İlayda", "Fußboden"])
def test_a_name_in_any_letters_stays_out_of_the_bundle(name: str) -> None:
    with tl.practice() as cloud:
        cloud.device("Tapo Plug").rename(name)
        cloud.practice.unplug("Desk Lamp")
        assert name in [device.alias for device in cloud.devices()]
        bundle = json.dumps(tl.doctor(cloud).bundle(), ensure_ascii=False)
        assert name.casefold() not in bundle.casefold()
