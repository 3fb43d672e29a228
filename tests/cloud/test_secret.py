"""Secrets mask themselves, by type and by name."""

import copy
import json
import pickle

import pytest

from tplink_lab.cloud import Secret
from tplink_lab.cloud.redact import redacted

TOKEN = "a1b2c3d4-plantedTokenPlanted"


def test_a_secret_shows_nothing_of_itself() -> None:
    secret = Secret(TOKEN)
    shown = f"{secret} {secret!r} {secret:>40} %s" % secret + str([secret])
    assert "planted" not in shown
    assert secret.reveal() == TOKEN
    assert secret == Secret(TOKEN)
    assert secret != Secret("other")
    assert secret != TOKEN
    assert not Secret("")


def test_a_secret_is_never_written_by_pickle_copy_or_json() -> None:
    for write in (pickle.dumps, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            write(Secret(TOKEN))  # type: ignore[operator]


@pytest.mark.parametrize(
    "value",
    [
        {"params": {"cloudPassword": TOKEN}},
        {"result": {"token": TOKEN, "refreshToken": TOKEN}},
        {"Token": TOKEN},
        [{"deep": [{"password": TOKEN}]}],
        {"requestData": json.dumps({"netif": {"set_stainfo": {"password": TOKEN}}})},
        {"code": TOKEN},
        {"token": Secret(TOKEN)},
        {"token": [TOKEN]},
        {"refreshToken": {"x": TOKEN}},
        f'{{"error_code":0,"result":{{"token":"{TOKEN}","x":',
        f'{{"requestData":"{{\\"password\\":\\"{TOKEN}\\"',
        Secret(TOKEN),
    ],
)
def test_secret_fields_are_masked_wherever_they_lie(value: object) -> None:
    assert "planted" not in json.dumps(redacted(value))


def test_a_known_secret_is_masked_even_in_a_field_of_another_name() -> None:
    value = {"msg": f"bad token {TOKEN}", TOKEN: 1, "list": (TOKEN,)}
    assert "planted" not in json.dumps(redacted(value, (TOKEN,)))


def test_what_is_no_secret_stays_as_it_is() -> None:
    value = {"error_code": 0, "code": -1, "token": "", "x": [1, None, 2.5, True]}
    assert redacted(value) == value
    text = {"responseData": '{"system":{"get_sysinfo":{"err_code":0}}}'}
    assert redacted(text) == text
