"""What the guard says to a raw call: each form is looked into before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from tplink_lab.cloud import envelope
from tplink_lab.cloud.guard import Guard
from tplink_lab.errors import BadInput

__all__ = ["READS", "check_classic", "check_signed", "check_thing"]

# Methods of the classic form that only ask.
READS = frozenset({"getDeviceList", "getAppServiceUrl", "refreshToken"})
# Paths of the signed API that only ask.
READ_PATHS = frozenset(
    {
        "/api/v2/account/getAccountInfo",
        "/api/v2/account/getMFAFeatureStatus",
        "/api/v2/common/getAppServiceUrl",
        "/api/v2/common/getAppServiceUrlByCloudUserName",
        "/api/v2/common/getDeviceListByPage",
    }
)


def check_classic(guard: Guard, method: str, params: Mapping[str, Any]) -> None:
    """Raise if a classic call would write what must not be written."""
    if method == "passthrough":
        _check_request(guard, params.get("deviceId", ""), params.get("requestData"))
    elif method not in READS:
        guard.check_call(method)
        if "deviceId" in params:
            guard.check(_id(params["deviceId"]), {method: None})


def check_signed(guard: Guard, path: str, body: Mapping[str, Any]) -> None:
    """Raise if a signed call would write what must not be written."""
    if path == "/api/v2/common/passthrough":
        _check_request(guard, body.get("deviceId", ""), body.get("requestData"))
    elif path not in READ_PATHS:
        guard.check_call(path)
        if "deviceId" in body:
            guard.check(_id(body["deviceId"]), {path: None})


def check_thing(
    guard: Guard, verb: str, path: str, body: Mapping[str, Any] | None
) -> None:
    """Raise if a call of the Thing API would write what must not be written."""
    if verb == "GET":
        return
    parts = path.split("/")
    thing = unquote(parts[3]) if len(parts) > 4 else ""
    inputs = (body or {}).get("inputParams")
    request = inputs.get("requestData") if isinstance(inputs, Mapping) else None
    if path.endswith("/services-sync") and isinstance(request, Mapping):
        guard.check(thing, request)
    else:
        guard.check(thing, {path: None})


def _check_request(guard: Guard, device_id: Any, request: Any) -> None:
    if isinstance(request, str):
        request = envelope.parse_or_none(request)
    if not isinstance(request, Mapping):
        request = {"passthrough": request}  # not understood: it may write
    guard.check(_id(device_id), request)


def _id(device_id: Any) -> str:
    """Return the id as the wire will carry it: the guard compares it."""
    if type(device_id) is not str:
        raise BadInput("The deviceId is not text.", next_step="Use device.device_id.")
    return device_id
