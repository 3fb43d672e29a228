"""Which certificate opens which host: handshakes with a throwaway authority."""

import hashlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tplink_lab.cloud.connections import Connections, kind_of
from tplink_lab.cloud.hosts import check_url
from tplink_lab.cloud.trust import (
    PRIVATE_CA_VARIABLE,
    ROOTS,
    find_private_roots,
    private_context,
)
from tplink_lab.errors import BadInput
from tplink_lab.practice import PracticeCloud

HOST = "n-wap.tplinkcloud.com"


@pytest.fixture
def school(tmp_path: Path) -> Iterator[PracticeCloud]:
    with PracticeCloud([], tls=tmp_path / "mine") as cloud:
        yield cloud


def sha256(file: Path) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read_text())).hexdigest()


def shake(context: ssl.SSLContext, school: PracticeCloud, name: str = HOST) -> None:
    port = urlsplit(school.url).port
    with (
        socket.create_connection(("127.0.0.1", port or 0), 5) as plain,
        context.wrap_socket(plain, server_hostname=name),
    ):
        pass


def test_a_root_that_is_named_by_its_hash_opens_its_hosts(
    school: PracticeCloud,
) -> None:
    assert school.ca_file
    context = private_context(school.ca_file, {sha256(school.ca_file): "ours"})
    shake(context, school)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake(context, school, "n-wap.tplinkcloud.com.evil.example")


def test_another_root_does_not(school: PracticeCloud, tmp_path: Path) -> None:
    with PracticeCloud([], tls=tmp_path / "theirs") as other:
        assert other.ca_file
        context = private_context(other.ca_file, {sha256(other.ca_file): "theirs"})
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(context, school)


def test_a_root_beside_the_named_one_is_left_out(
    school: PracticeCloud, tmp_path: Path
) -> None:
    with PracticeCloud([], tls=tmp_path / "theirs") as other:
        assert other.ca_file and school.ca_file
        both = tmp_path / "both.pem"
        both.write_text(school.ca_file.read_text() + other.ca_file.read_text())
        context = private_context(both, {sha256(other.ca_file): "theirs"})
        shake(context, other)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(context, school)


def test_public_roots_open_no_private_host(
    school: PracticeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(Connections(None).context("public"), school)


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----\nAAAA\n", "xyz"])
def test_a_file_without_the_roots_says_how_they_are_told(
    text: str, tmp_path: Path
) -> None:
    file = tmp_path / "roots.pem"
    with pytest.raises(BadInput, match="cannot be read"):
        private_context(file)
    file.write_text(text)
    with pytest.raises(BadInput, match="neither") as caught:
        private_context(file)
    assert all(digest in str(caught.value) for digest in ROOTS)


def test_the_package_that_carries_the_roots_is_found_and_believed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(PRIVATE_CA_VARIABLE, raising=False)
    file = find_private_roots()
    assert file is not None, "tplink-cloud-api of the test extra carries them"
    names = {
        part[0][1]
        for root in private_context(file).get_ca_certs()
        for part in root["subject"]
        if part[0][0] == "commonName"
    }
    assert names == set(ROOTS.values())
    monkeypatch.setenv(PRIVATE_CA_VARIABLE, str(tmp_path / "mine.pem"))
    assert find_private_roots() == tmp_path / "mine.pem"


def test_each_kind_of_host_has_a_context_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kinds = {
        "http://127.0.0.1:80": "plain",
        "https://127.0.0.1:443": "public",
        "https://wap.tplinkcloud.com": "public",
        "https://n-wap.tplinkcloud.com": "private",
        "https://euw1-app-server.iot.i.tplinknbu.com": "private",
    }
    assert {url: kind_of(check_url(url)) for url in kinds} == kinds
    connections = Connections(None)
    first = connections.adapter(check_url("https://n-wap.tplinkcloud.com"))
    second = connections.adapter(check_url("https://wap.tplinkcloud.com"))
    assert first is not second
    assert connections.context("private") is not connections.context("public")
    connections.close()


def test_without_the_roots_a_private_host_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(PRIVATE_CA_VARIABLE, str(tmp_path / "none.pem"))
    with pytest.raises(BadInput, match="cannot be read"):
        Connections(None).adapter(check_url("https://n-wap.tplinkcloud.com"))
