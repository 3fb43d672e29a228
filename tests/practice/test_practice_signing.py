"""Who may call `/api/v2/`: the signature, to the byte, and its known leniency."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from tplink_lab.practice.signing import PRACTICE, PUBLISHED, content_md5, signature

NONCE = "11111111-2222-4333-8444-555555555555"
KASA, TAPO = (pair.access_key for pair in PUBLISHED)
STATUS = "/api/v2/account/getAccountStatusAndUrl"
PASS = "/api/v2/common/passthrough"
KASA_BODY = '{"appType":"Kasa_Android_Mix","cloudUserName":"ada@example.com"}'
TAPO_BODY = '{"appType":"TP-Link_Tapo_Android","cloudUserName":"ada@example.com"}'
# Recomputed from the published clients; body, path, key, timestamp, MD5, signature.
VECTORS = [
    (KASA_BODY, STATUS, KASA, "9999999999", "1YWHKXBcRDJ01/6mZadHHw==",
     "6ccf81b8e69df1156a4dd620d027b44fb4a7ccaf"),
    (TAPO_BODY, STATUS, TAPO, "9999999999", "eHmebJpMaLZ3VxguCUl6eg==",
     "6aac6eea798dc03eeb3c57896c5f7c939a06a8f5"),
    ('{"method":"getDeviceList"}', "/", KASA, "9999999999", "zV3b84BUr2koM3b1/M18dw==",
     "0a2b6d4d6cd3929e1242dfe6787a9a4bf5da2118"),
    ('{"alias":"Lampe d\u2019étude"}', PASS, KASA, "9999999999",
     "PoZJcwlWGKjcfygfng83xA==", "b80ceeeaf8f294a5b439d0f872a5f258b6cd50a2"),
    (KASA_BODY, STATUS, KASA, "1750000000", "1YWHKXBcRDJ01/6mZadHHw==",
     "f216841830bfb514640a7a48f1915696d0324e4c"),
]  # fmt: skip
IDS = ["kasa", "tapo", "root", "beyond-ascii", "real-timestamp"]


def authorization(key: str, stamp: str, signed: str, nonce: str = NONCE) -> str:
    return f"Timestamp={stamp}, Nonce={nonce}, AccessKey={key}, Signature={signed}"


@pytest.mark.parametrize(
    ("body", "path", "key", "stamp", "md5", "signed"), VECTORS, ids=IDS
)
def test_the_arithmetic_is_that_of_the_published_clients(
    body: str, path: str, key: str, stamp: str, md5: str, signed: str
) -> None:
    pair = next(pair for pair in PUBLISHED if pair.access_key == key)
    assert content_md5(body.encode()) == md5
    assert signature(pair.secret, md5, stamp, NONCE, path) == signed


@pytest.mark.parametrize(
    ("body", "path", "key", "stamp", "md5", "signed"), VECTORS, ids=IDS
)
@pytest.mark.parametrize("with_md5", [True, False])
def test_what_a_published_client_sends_gets_past_the_signature(
    wire: Any,
    body: str,
    path: str,
    key: str,
    stamp: str,
    md5: str,
    signed: str,
    with_md5: bool,
) -> None:
    headers = {"X-Authorization": authorization(key, stamp, signed)}
    if with_md5:
        headers["Content-MD5"] = md5
    # Twice: a nonce may come again.
    for _ in range(2):
        status, _, content = wire.raw(body.encode(), path, headers=headers)
        answer = json.loads(content)
        assert status == 200
        if path == STATUS:
            assert answer["error_code"] == 0
        else:
            # Past the signature; what stops it is that it carries no token.
            assert answer["error_code"] == -20651


def headers_for(
    secret: str = PRACTICE[0].secret,
    key: str = PRACTICE[0].access_key,
    body: bytes = KASA_BODY.encode(),
    path: str = STATUS,
    **more: str,
) -> dict[str, str]:
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    text = f"{md5}\n9999999999\n{NONCE}\n{path}".encode()
    signed = hmac.new(secret.encode(), text, "sha1").hexdigest()
    return {
        "Content-MD5": md5,
        "X-Authorization": authorization(key, "9999999999", signed),
        **more,
    }


GOOD = headers_for()["X-Authorization"]
SIGNED = GOOD.rpartition("=")[2]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "no X-Authorization"),
        ({"X-Authorization": ""}, "no X-Authorization"),
        ({"X-Authorization": "Bearer x"}, "no X-Authorization"),
        ({"X-Authorization": "Timestamp=1"}, "has no Nonce"),
        ({"X-Authorization": GOOD.replace("Timestamp=", "At=")}, "has no Timestamp"),
        ({"X-Authorization": GOOD.split(", Sig")[0]}, "has no Signature"),
        (headers_for(key=""), "has no AccessKey"),
        (headers_for(key="0" * 32), "unknown AccessKey"),
        (headers_for(**{"Content-MD5": "zV3b84BUr2koM3b1/M18dw=="}), "Content-MD5"),
        (headers_for(**{"Content-MD5": "\u00ff"}), "Content-MD5"),
        (headers_for(secret="wrong"), "signature does not fit"),
        (headers_for(secret=PRACTICE[1].secret), "signature does not fit"),
        (headers_for(path="/"), "signature does not fit"),
        (headers_for(body=b"{}", **{"Content-MD5": ""}), "Content-MD5"),
        ({"X-Authorization": GOOD.replace(SIGNED, SIGNED.upper())}, "does not fit"),
        ({"X-Authorization": GOOD.replace(SIGNED, "\u00ff" * 40)}, "does not fit"),
        ({"X-Authorization": GOOD.replace(NONCE, "other")}, "does not fit"),
        ({"X-Authorization": GOOD.replace("9999999999", "1")}, "does not fit"),
    ],
)
def test_a_call_that_is_not_signed_right_is_denied_with_the_reason(
    wire: Any, headers: dict[str, str], reason: str
) -> None:
    _, _, content = wire.raw(KASA_BODY, STATUS, headers=headers)
    answer = json.loads(content)
    assert answer["error_code"] == -20001
    assert answer["msg"].startswith("permission denied: ")
    assert reason in answer["msg"]
    assert SIGNED not in answer["msg"]
    assert "result" not in answer


def test_the_good_headers_of_that_table_are_good(wire: Any) -> None:
    for headers in (headers_for(), {"X-Authorization": GOOD}):
        _, _, content = wire.raw(KASA_BODY, STATUS, headers=headers)
        assert json.loads(content)["error_code"] == 0


def test_a_changed_byte_breaks_the_signature(wire: Any) -> None:
    body = KASA_BODY.replace("ada", "eve")
    _, _, content = wire.raw(body, STATUS, headers={"X-Authorization": GOOD})
    assert json.loads(content)["error_code"] == -20001


def test_the_query_is_not_signed_and_the_path_is(wire: Any) -> None:
    _, _, content = wire.raw(
        KASA_BODY, f"{STATUS}?token=x&locale=en_US", headers=headers_for()
    )
    assert json.loads(content)["error_code"] == 0
    other = STATUS.replace("account/get", "account/set")
    _, _, content = wire.raw(KASA_BODY, other, headers=headers_for())
    assert json.loads(content)["error_code"] == -20001
    signed = headers_for(path=other)
    _, _, content = wire.raw(KASA_BODY, other, headers=signed)
    assert json.loads(content)["error_code"] == -20103


def test_at_the_root_nobody_looks_at_the_signature(wire: Any) -> None:
    bad = headers_for(secret="wrong", body=b"{}")
    _, _, content = wire.raw(
        '{"method":"getDeviceList"}', f"/?token={wire.token}", headers=bad
    )
    assert json.loads(content)["error_code"] == 0


def test_the_practice_clouds_keys_are_its_own(wire: Any) -> None:
    assert set(wire.cloud.keys) == {"kasa", "tapo"}
    ours = {(pair["access_key"], pair["secret"]) for pair in wire.cloud.keys.values()}
    theirs = {(pair.access_key, pair.secret) for pair in PUBLISHED}
    assert len(ours) == 2
    assert not ours & theirs
    assert all(pair.secret not in repr(pair) for pair in (*PRACTICE, *PUBLISHED))


def test_a_signed_path_takes_no_other_verb(wire: Any) -> None:
    status, _, content = wire.raw("", STATUS, verb="GET", headers=headers_for())
    assert (status, json.loads(content)["error_code"]) == (405, -10000)
