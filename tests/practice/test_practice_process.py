"""The practice cloud as a process, and over https."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tplink_lab.practice import PracticeCloud

COMMAND = [sys.executable, "-W", "error", "-m", "tplink_lab.practice"]


def ask(url: str, body: bytes, context: ssl.SSLContext | None = None) -> Any:
    handlers: list[Any] = [urllib.request.ProxyHandler({})]
    if context is not None:
        handlers.append(urllib.request.HTTPSHandler(context=context))
    with urllib.request.build_opener(*handlers).open(url, body, timeout=10) as answer:
        return json.load(answer)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_one_line_and_stops_cleanly(number: signal.Signals) -> None:
    variable = {"TPLINK_LAB_PRACTICE_PASSWORD": "from-outside"}
    with subprocess.Popen(
        [*COMMAND, "--now", "2026-11-01T18:00:00Z", "--email", "a@b.c"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variable},
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert set(ready) == {"url", "email", "password", "regions", "keys"}
        assert set(ready["keys"]) == {"kasa", "tapo"}
        assert (ready["email"], ready["password"]) == ("a@b.c", "from-outside")
        assert ready["regions"]["euw1"] == ready["url"]
        assert ask(ready["url"], b"")["error_code"] == -10100
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--now", "noon"], "ISO 8601"),
        (["--home", "no-such-home.json"], "no-such-home.json cannot be read"),
        (["--port", "65535"], "expected 0 to 65534"),
        (["--latency-ms", "-5"], "latency_s"),
    ],
)
def test_what_cannot_start_says_so_in_one_line(arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_ends_the_process() -> None:
    with PracticeCloud() as cloud:
        port = cloud.url.rpartition(":")[2]
        done = subprocess.run(
            [*COMMAND, "--port", port],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert done.returncode == 2
    assert f"port {port}" in done.stderr


def test_https_is_trusted_through_its_own_authority(tmp_path: Path) -> None:
    pytest.importorskip("trustme")
    folder = tmp_path / "new" / "folder"
    with PracticeCloud(tls=folder) as cloud:
        assert cloud.url.startswith("https://127.0.0.1:")
        assert cloud.ca_file == folder / "ca.pem"
        assert [file.name for file in folder.iterdir()] == ["ca.pem"]
        assert "PRIVATE" not in cloud.ca_file.read_text()
        context = ssl.create_default_context(cafile=str(cloud.ca_file))
        local = cloud.url.replace("127.0.0.1", "localhost")
        assert ask(cloud.url, b"", context)["error_code"] == -10100
        assert ask(local, b"", context)["error_code"] == -10100
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            ask(cloud.url, b"", ssl.create_default_context())
        # A client that speaks no TLS is dropped, and the next one is served.
        with pytest.raises(OSError, match=r"."):
            ask(cloud.url.replace("https", "http"), b"")
        assert ask(cloud.url, b"", context)["error_code"] == -10100


def test_the_certificate_is_good_for_the_names_that_clients_ask_for(
    tmp_path: Path,
) -> None:
    pytest.importorskip("trustme")
    with PracticeCloud(tls=tmp_path) as cloud:
        context = ssl.create_default_context(cafile=str(cloud.ca_file))
        port = int(cloud.url.rpartition(":")[2])
        for name in (
            "wap.tplinkcloud.com",
            "n-euw1-wap-gw.tplinkcloud.com",
            "n-wap.i.tplinkcloud.com",
            "n-use1-wap-gw.i.tplinkcloud.com",
            "use1-app-server.iot.i.tplinknbu.com",
            "use1-app-server.iot.i.tplinkcloud.com",
            "euw1.tplinknbu.com",
        ):
            with (
                socket.create_connection(("127.0.0.1", port), timeout=10) as sock,
                context.wrap_socket(sock, server_hostname=name) as good,
            ):
                assert good.version()
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as sock,
            pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"),
        ):
            context.wrap_socket(sock, server_hostname="tplinkcloud.com.example.net")
