"""Answers are read in their three layers, and garbage is named."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tplink_lab import errors
from tplink_lab.cloud import envelope

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["error_code", "result", "msg", "errorCode", "errorMsg", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_the_articles_request_is_built_to_the_letter() -> None:
    body = envelope.request_body("getDeviceList", None)
    assert envelope.dump(body) == '{"method":"getDeviceList"}'


def test_a_passthrough_carries_its_request_as_text() -> None:
    params = envelope.device_request("80", {"system": {"get_sysinfo": None}})
    assert params["requestData"] == '{"system":{"get_sysinfo":null}}'


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"error_code": -20651, "msg": "Token expired"}, -20651),
        ({"error_code": "-20651", "msg": "Token expired"}, -20651),
        ({"error_code": 0, "result": {"errorCode": "-20601"}}, -20601),
        ({"error_code": 0, "result": {"errorCode": -20601, "errorMsg": "x"}}, -20601),
        ({"error_code": -99999}, -99999),
    ],
)
def test_an_error_is_found_in_either_layer(answer: dict[str, Any], code: int) -> None:
    with pytest.raises(errors.CloudError) as caught:
        envelope.read_result(answer, call="getDeviceList")
    assert caught.value.error_code == code
    assert str(code) in str(caught.value)
    assert str(caught.value).startswith("getDeviceList: the cloud says")
    assert caught.value.next_step


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "text",
        {},
        {"result": {}},
        {"error_code": None},
        {"error_code": True},
        {"error_code": "zero"},
        {"error_code": 0, "result": []},
        {"error_code": 0, "result": {"errorCode": "E", "deviceList": []}},
        {"error_code": 0, "result": {"errorCode": -20571.5, "deviceList": []}},
        {"error_code": 0, "result": {"errorCode": [1], "deviceList": []}},
    ],
)
def test_what_is_no_envelope_is_named_so(answer: Any) -> None:
    with pytest.raises(errors.UnusableAnswer, match="not in the cloud's form"):
        envelope.read_result(answer, call="x")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("  \n", "is empty"),
        ("<html><body>Welcome to Hotel Wi-Fi</body></html>", "web page"),
        ("<!DOCTYPE html>", "web page"),
        ('{"error_code":0,"resu', "is not JSON"),
        ("upstream timed out", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_an_answer_that_is_not_json_is_told_apart(text: str, says: str) -> None:
    with pytest.raises(errors.UnusableAnswer, match=says) as caught:
        envelope.parse(text, call="login", status=200)
    assert caught.value.next_step


def test_the_black_list_is_a_rate_limit() -> None:
    with pytest.raises(errors.RateLimited, match="Stop for some hours"):
        envelope.parse("Access denied request in blackList", call="login", status=403)


@pytest.mark.parametrize("data", ['{"a":{}}', {"a": {}}])
def test_response_data_may_be_text_or_an_object(data: Any) -> None:
    answer = envelope.read_device_answer({"responseData": data}, call="passthrough")
    assert answer == {"a": {}}


@pytest.mark.parametrize("data", [None, "", "[]", "{", 3, []])
def test_response_data_that_is_garbage_is_named(data: Any) -> None:
    with pytest.raises(errors.UnusableAnswer):
        envelope.read_device_answer({"responseData": data}, call="passthrough")


@given(JSON)
def test_whatever_comes_is_a_result_or_an_error_of_ours(answer: Any) -> None:
    try:
        result = envelope.read_result(answer, call="x")
    except errors.TPLinkLabError as error:
        assert str(error)
    else:
        assert isinstance(result, dict)


@given(st.text())
def test_whatever_text_comes_is_json_or_an_error_of_ours(text: str) -> None:
    try:
        value = envelope.parse(text, call="x")
    except errors.TPLinkLabError:
        return
    assert value == json.loads(text)
