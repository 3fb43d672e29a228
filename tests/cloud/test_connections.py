"""Few connections, kept warm, and each request in one flight."""

import gc
import os
import socket
import threading
import urllib.request
from pathlib import Path

import pytest

import tplink_lab as tl
from tests.cloud.wild import http, says, wild
from tplink_lab.cloud.connections import Connections
from tplink_lab.cloud.hosts import check_url
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.transport import Request, Transport
from tplink_lab.data.sweep import sweep

REAL = "https://wap.tplinkcloud.com"


def test_head_and_body_leave_in_one_flight() -> None:
    pieces = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                for _ in range(2):
                    # What was sent in one piece has come in one piece.
                    pieces.append(connection.recv(1 << 16))
                    connection.sendall(http("200 OK", b"{}"))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        transport = Transport()
        address = check_url(f"http://127.0.0.1:{listener.getsockname()[1]}")
        for _ in range(2):
            transport.send(address, Request("x", {"x": 1}, token=Secret("t")))
        thread.join(10)
        transport.close()
    assert [piece.endswith(b'\r\n\r\n{"x":1}') for piece in pieces] == [True, True]


def test_a_sweep_may_have_more_connections_than_a_person_gets(
    cloud: tl.Cloud,
) -> None:
    plugs = [cloud.device("Desk Lamp")] * 200
    together = threading.Barrier(20)

    def ask(plug: tl.Device) -> bool:
        together.wait(20)  # twenty are asked at one time indeed
        return plug.is_on()

    before = cloud.practice.connections
    assert all(one.error is None for one in sweep(plugs[:20], ask, workers=20))
    opened = cloud.practice.connections - before
    assert 0 < opened <= 20
    # The next one finds them warm.
    before = cloud.practice.connections
    assert len(sweep(plugs, lambda plug: plug.is_on(), workers=20)) == 200
    assert cloud.practice.connections - before <= 20 - opened


def test_more_connections_than_the_bound_are_never_allowed() -> None:
    connections = Connections(None)
    adapter = connections.adapter(check_url("http://127.0.0.1:9"))
    for wanted, then in ((4, 8), (16, 16), (2, 16), (1000, 32)):
        connections.allow(wanted)
        pool = adapter.poolmanager.connection_from_url("http://127.0.0.1:9")
        made = Connections(None, then).adapter(check_url("http://127.0.0.1:9"))
        assert made.poolmanager.connection_pool_kw["maxsize"] == then
        assert adapter.poolmanager.connection_pool_kw["maxsize"] == then
        assert pool.pool is not None
    connections.close()


def test_the_pool_of_a_host_that_was_put_away_is_made_anew(cloud: tl.Cloud) -> None:
    lamp = cloud.device("Desk Lamp")
    assert lamp.is_on() is False
    cloud.connections.close()
    assert lamp.is_on() is False


@pytest.fixture
def proxied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A proxy without a user in its URL, and an empty .netrc."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("https_proxy", "http://proxy.example.com:3128")
    file = tmp_path / "netrc"
    file.touch(0o600)
    monkeypatch.setenv("NETRC", str(file))
    assert urllib.request.getproxies_environment()
    return file


def test_netrc_tells_the_login_of_a_proxy_that_it_names(proxied: Path) -> None:
    proxied.write_text("machine proxy.example.com login ada password s@cret\n")
    found = Connections(None).proxies(check_url(REAL))
    assert found["https"] == "http://ada:s%40cret@proxy.example.com:3128"


def test_the_password_of_a_stranger_goes_nowhere(proxied: Path) -> None:
    proxied.write_text(
        "machine wap.tplinkcloud.com login x password planted\n"
        "default login y password planted\n"
    )
    found = Connections(None).proxies(check_url(REAL))
    assert found["https"] == "http://proxy.example.com:3128"


def test_no_entry_of_netrc_reaches_a_host(proxied: Path) -> None:
    proxied.write_text(
        "machine 127.0.0.1 login x password planted\ndefault login y password planted\n"
    )
    with wild(says(http("200 OK", b"{}"))) as server:
        transport = Transport()
        transport.send(check_url(server.url), Request("x", {}, token=Secret("t")))
        transport.close()
    assert b"POST /?token=t" in server.requests[0]
    assert b"authorization" not in server.requests[0].lower()


def test_proxies_are_looked_up_once(
    proxied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = Connections(None)
    first = connections.proxies(check_url(REAL))
    monkeypatch.delenv("https_proxy")
    assert connections.proxies(check_url(REAL)) is first


def test_a_closed_cloud_leaves_no_socket_behind() -> None:
    with tl.practice(offline_after_s=0) as cloud:
        sweep(cloud.devices(), lambda device: device.alias)
        cloud.device("Desk Lamp").toggle()
    gc.collect()
    left = [t.name for t in threading.enumerate() if t.name.startswith("practice-")]
    assert left == []
