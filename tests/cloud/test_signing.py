"""The signature, against the vectors of protocol.md §3.1, and the app identities."""

import json
from pathlib import Path

import pytest

from tplink_lab.cloud.apps import APPS_VARIABLE, load_apps
from tplink_lab.cloud.signing import signed_headers
from tplink_lab.errors import BadInput

NONCE = "11111111-2222-4333-8444-555555555555"
SHORT = b'{"appType":"Kasa_Android_Mix","cloudUserName":"ada@example.com"}'


def test_the_vectors() -> None:
    kasa = load_apps()["kasa"]
    path = "/api/v2/account/getAccountStatusAndUrl"
    headers = signed_headers(kasa, SHORT, path, nonce=NONCE)
    assert headers == {
        "Content-MD5": "1YWHKXBcRDJ01/6mZadHHw==",
        "X-Authorization": f"Timestamp=9999999999, Nonce={NONCE}, "
        f"AccessKey={kasa.access_key}, "
        "Signature=6ccf81b8e69df1156a4dd620d027b44fb4a7ccaf",
    }
    real = signed_headers(kasa, SHORT, path, nonce=NONCE, timestamp="1750000000")
    assert real["X-Authorization"].endswith("f216841830bfb514640a7a48f1915696d0324e4c")


@pytest.mark.parametrize(
    ("app", "body", "path", "md5", "signature"),
    [
        (
            "tapo",
            '{"appType":"TP-Link_Tapo_Android","cloudUserName":"ada@example.com"}',
            "/api/v2/account/getAccountStatusAndUrl",
            "eHmebJpMaLZ3VxguCUl6eg==",
            "6aac6eea798dc03eeb3c57896c5f7c939a06a8f5",
        ),
        (
            "kasa",
            '{"method":"getDeviceList"}',
            "/",
            "zV3b84BUr2koM3b1/M18dw==",
            "0a2b6d4d6cd3929e1242dfe6787a9a4bf5da2118",
        ),
        (
            "kasa",
            '{"alias":"Lampe d\u2019étude"}',
            "/api/v2/common/passthrough",
            "PoZJcwlWGKjcfygfng83xA==",
            "b80ceeeaf8f294a5b439d0f872a5f258b6cd50a2",
        ),
    ],
)
def test_more_vectors(app: str, body: str, path: str, md5: str, signature: str) -> None:
    headers = signed_headers(load_apps()[app], body.encode(), path, nonce=NONCE)
    assert headers["Content-MD5"] == md5
    assert headers["X-Authorization"].endswith(f"Signature={signature}")


def test_two_signatures_do_not_share_a_nonce() -> None:
    kasa = load_apps()["kasa"]
    first, second = (signed_headers(kasa, b"{}", "/") for _ in range(2))
    assert first["X-Authorization"] != second["X-Authorization"]


def test_a_file_of_ones_own_replaces_the_identities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "apps.json"
    mine = {
        "app_type": "Other",
        "app_version": "9",
        "access_key": "a",
        "secret_key": "s",
        "entry_url": "https://wap.tplinkcloud.com",
    }
    file.write_text(json.dumps({"apps": {"kasa": mine}}))
    monkeypatch.setenv(APPS_VARIABLE, str(file))
    assert list(load_apps()) == ["kasa"]
    assert load_apps()["kasa"].app_type == "Other"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"apps":3}', '{"apps":{"kasa":{}}}', '{"apps":{"kasa":[]}}'],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    file = tmp_path / "apps.json"
    file.write_text(text)
    monkeypatch.setenv(APPS_VARIABLE, str(file))
    with pytest.raises(BadInput, match=r"apps\.json"):
        load_apps()
    file.unlink()
    with pytest.raises(BadInput, match="cannot be read"):
        load_apps()
