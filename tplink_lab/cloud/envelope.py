"""What goes into a request and comes out of an answer; no I/O.

The cloud reports nearly every failure under HTTP 200, in up to three layers:
``error_code``, then ``result.errorCode`` (text or number), then the device's own
code inside ``responseData`` (protocol.md §0.4, §3.5).
"""

from __future__ import annotations

import json
from typing import Any, NoReturn
from urllib.parse import quote

from tplink_lab.cloud.secret import MASK, Secret
from tplink_lab.codes import cloud_error
from tplink_lab.errors import (
    BadInput,
    CloudError,
    LoginRefused,
    RateLimited,
    UnusableAnswer,
    WrongRegion,
)

__all__ = [
    "device_request",
    "dump",
    "parse",
    "parse_or_none",
    "read_device_answer",
    "read_result",
    "request_body",
    "token_query",
]


# Unverified: users say "hours".
BLOCKED_S = 3600.0


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# Made once: json.dumps and json.loads would make one for every call.
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def dump(value: Any) -> str:
    """Return *value* as compact JSON, in the article's form.

    Raises
    ------
    BadInput
        If it holds anything that JSON has no form for.
    """
    problem = ""
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError) as exc:
        # Not the text: it may repeat a value.
        problem = type(exc).__name__
    raise BadInput(
        f"The request cannot be written as JSON ({problem}).",
        next_step="Send text, finite numbers, true/false, lists and dicts only.",
    )


def request_body(method: str, params: dict[str, Any] | None) -> dict[str, Any]:
    """Return the envelope of a classic call (protocol.md §2).

    Examples
    --------
    >>> dump(request_body("getDeviceList", None))
    '{"method":"getDeviceList"}'
    """
    body: dict[str, Any] = {"method": method}
    if params:
        body["params"] = params
    return body


def device_request(device_id: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the params of a passthrough: ``requestData`` is text (§2.4)."""
    return {"deviceId": device_id, "requestData": dump(request)}


def token_query(token: str) -> str:
    """Return the query that carries *token*."""
    return f"token={quote(token, safe='')}"


def parse(text: str | Secret, *, call: str, status: int = 200) -> Any:
    """Return the JSON in *text*, or raise with what came instead.

    Raises
    ------
    RateLimited
        If it is the text with which the cloud blocks an address.
    UnusableAnswer
        If it is no JSON. Tells HTML (a captive portal, a proxy) from the rest.
    """
    value = parse_or_none(text)
    if value is not None:
        return value
    # Only what the text looks like: half a login's answer may hold a token.
    looks = _looks_of(text)
    if looks == "empty":
        what = f"The answer is empty (HTTP {status})."
        cause, step = "Something cut it off.", "Try again in a moment."
    elif looks == "page":
        what = f"The answer is a web page, not JSON (HTTP {status})."
        cause = "A captive portal, a proxy or a firewall answered in the cloud's place."
        step = "Open any web site in the browser and log in to the network first."
    elif looks == "blacklist":
        # A plain text, not JSON: piekstra/tplink-cloud-api issue 76 (§7).
        blocked = RateLimited(
            f"The cloud says 'Access denied request in blackList' (HTTP {status}).",
            call=call,
            cause="It has blocked this address or account after too many calls.",
            next_step="Stop for some hours, then call less often.",
        )
        blocked.wait_s = BLOCKED_S
        raise blocked
    else:
        what = f"The answer is not JSON (HTTP {status})."
        cause = "It was cut off, or it is not TP-Link's cloud that answered."
        step = "Try again in a moment; cloud.last_exchange shows what came."
    raise UnusableAnswer(what, call=call, cause=cause, next_step=step)


def parse_or_none(text: str | Secret) -> Any:
    """Return the JSON in *text*, or None if it holds none (or ``null``)."""
    try:
        plain = text.reveal() if isinstance(text, Secret) else text
        return _DECODER.decode(plain)
    except (ValueError, RecursionError):
        return None


def _looks_of(text: str | Secret) -> str:
    plain = text.reveal() if isinstance(text, Secret) else text
    head = plain.lstrip("\ufeff \t\r\n")[:200].lower()
    if not head:
        return "empty"
    if head.startswith("<"):
        return "page"
    return "blacklist" if "in blacklist" in head else "strange"


def read_result(
    answer: Any, *, call: str, status: int = 200, hide: tuple[Secret, ...] = ()
) -> dict[str, Any]:
    """Return ``result`` of a cloud's answer, or raise what it reports.

    Parameters
    ----------
    answer : Any
        The parsed answer.
    call : str
        The method, for the message.
    status : int
        The HTTP status.
    hide : tuple of Secret
        What the server's words must not show, should it repeat them.

    Raises
    ------
    CloudError
        If ``error_code`` or ``result.errorCode`` is not 0.
    UnusableAnswer
        If the answer is not an envelope at all.

    Examples
    --------
    >>> read_result({"result": {"deviceList": []}, "error_code": 0}, call="x")
    {'deviceList': []}
    """
    if not isinstance(answer, dict) or "error_code" not in answer:
        raise _strange(call, status, "an error_code is missing")
    code = _number(answer["error_code"])
    if code is None:
        raise _strange(call, status, "its error_code is not a number")
    result = answer.get("result")
    if result is None:
        result = {}
    if code == 0 and not isinstance(result, dict):
        raise _strange(call, status, "its result is not an object")
    text = answer.get("msg")
    if code == 0:
        nested = _number(result.get("errorCode") or 0)
        if nested is None:
            raise _strange(call, status, "its errorCode is not a number")
        code = nested
        text = result.get("errorMsg")
    if code:
        said = text if isinstance(text, str) else ""
        for secret in hide:
            if secret:
                said = said.replace(secret.reveal(), MASK)
        raise _with_details(cloud_error(call, code, said), result)
    return dict(result)


def _with_details(error: CloudError, result: Any) -> CloudError:
    """Return *error* with what the answer says beside the code (§2.1, §3.5)."""
    if not isinstance(result, dict):
        return error
    if isinstance(error, WrongRegion):
        named = (result.get("appServerUrl"), result.get("appServerUrlV2"))
        error.urls = tuple(url for url in named if isinstance(url, str) and url)
    if isinstance(error, LoginRefused):
        error.attempts_left = _number(result.get("remainAttempts"))
        error.locked_minutes = _number(result.get("lockedMinutes"))
        if error.attempts_left is not None:
            error.cause += f" Attempts left: {error.attempts_left}."
        if error.locked_minutes is not None:
            error.cause += f" Locked for {error.locked_minutes} min."
        error.args = (str(error),)
    return error


def read_device_answer(result: dict[str, Any], *, call: str) -> dict[str, Any]:
    """Return what the device said, out of a passthrough's ``result``.

    ``responseData`` is text for Kasa devices and an object for some others (§2.4).

    Raises
    ------
    UnusableAnswer
        If it is missing, no JSON, or no object.
    """
    data = result.get("responseData")
    if isinstance(data, str):
        data = parse(data, call=call)
    if not isinstance(data, dict):
        raise _strange(call, 200, "responseData is not an object")
    return data


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return None
    return None


def _strange(call: str, status: int, why: str) -> UnusableAnswer:
    return UnusableAnswer(
        f"The answer is not in the cloud's form: {why} (HTTP {status}).",
        call=call,
        cause="It may not be TP-Link's cloud that answered.",
        next_step="cloud.last_exchange shows what came.",
    )
