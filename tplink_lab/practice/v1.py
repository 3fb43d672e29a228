"""The classic (V1) half of the cloud: what a POST to the root is answered.

Codes and texts follow what users of the real cloud reported; those that nobody has
recorded are marked Unverified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from .accounts import Account
from .answers import Answer, failure, missing, success, texts, wrong_type
from .device import Device
from .server import Call, Reply
from .trouble import Trouble
from .wire import NotJSON, decode, encode


class V1:
    """Answers V1 calls for one account and its devices.

    Parameters
    ----------
    account : Account
        Who may log in.
    devices : iterable of Device
        What `getDeviceList` lists, in this order.
    trouble : Trouble
        The teacher's controls.
    urls : dict
        Region to listener's URL; filled in when the listeners are up.
    wait : callable
        Sleeps for so many seconds, less when the cloud stops.
    offline_after_s : float
        How long the cloud takes to find a device offline.
    count : callable
        Told the name of each call.
    """

    def __init__(
        self,
        account: Account,
        devices: Iterable[Device],
        trouble: Trouble,
        urls: dict[str, str],
        wait: Callable[[float], object],
        offline_after_s: float,
        count: Callable[[str], None],
    ) -> None:
        self._account = account
        self._devices = {device.device_id: device for device in devices}
        self._trouble = trouble
        self._urls = urls
        self._wait = wait
        self._offline_after_s = offline_after_s
        self._count = count
        self._methods: dict[str, Callable[[Call, dict[str, Any]], Answer]] = {
            "login": self._login,
            "refreshToken": self._refresh_token,
            "getDeviceList": self._get_device_list,
            "passthrough": self._passthrough,
        }

    def __call__(self, call: Call) -> Reply:
        """The answer to a call."""
        if call.verb != "POST":
            return Reply("", HTTPStatus.METHOD_NOT_ALLOWED)
        return Reply(self._answer(call))

    def _answer(self, call: Call) -> Answer:
        try:
            request = decode(call.body)
        except NotJSON:
            request = None
        # Unverified: that JSON other than an object gets the same answer.
        if not isinstance(request, dict):
            return failure(-10100, "JSON format error")
        name = request.get("method")
        method = self._methods.get(name) if isinstance(name, str) else None
        if method is not None:
            self._count(str(name))
        if self._trouble.over_limit():
            return failure(-20004, "API rate limit exceeded")
        if method is None:
            return failure(-20103, "The method does not exist or is not available")
        params = request.get("params")
        if params is None:
            params = {}
        if not isinstance(params, dict):
            raise wrong_type()
        return method(call, params)

    def _login(self, call: Call, params: dict[str, Any]) -> Answer:
        _, email, password, terminal = texts(
            params, "appType", "cloudUserName", "cloudPassword", "terminalUUID"
        )
        refresh = params.get("refreshTokenNeeded", False)
        if not isinstance(refresh, bool):
            raise wrong_type()
        return success(self._account.login(email, password, terminal, refresh))

    def _refresh_token(self, call: Call, params: dict[str, Any]) -> Answer:
        _, terminal, token = texts(params, "appType", "terminalUUID", "refreshToken")
        return success(self._account.refresh(token, terminal))

    def _get_device_list(self, call: Call, params: dict[str, Any]) -> Answer:
        self._check_token(call, params)
        rows = [
            device.row(self._urls[device.region], call.region)
            for device in self._devices.values()
        ]
        return success({"deviceList": rows})

    def _passthrough(self, call: Call, params: dict[str, Any]) -> Answer:
        self._check_token(call, params)
        (device_id,) = texts(params, "deviceId")
        request_data = params.get("requestData")
        if request_data is None:
            raise missing()
        device = self._devices.get(device_id)
        if device is None:
            return failure(-20580, "Account is not binded to the device")
        if isinstance(request_data, str):
            try:
                request = decode(request_data)
            except NotJSON:
                request = None
            # Unverified: that JSON other than an object gets the same answer.
            if not isinstance(request, dict):
                return failure(-10100, "JSON format error")
        elif isinstance(request_data, dict) and not device.is_iot:
            request = request_data
        else:
            # Unverified for an object sent to a Kasa device: clients send strings.
            raise wrong_type()
        if not device.is_classic or not device.online or device.region != call.region:
            # A SMART device of today keeps no connection to the classic cloud, and
            # the wrong region does not know the device: both look offline.
            self._wait(self._offline_after_s)
            return failure(-20571, "Device is offline")
        response = device.ask(request)
        slow_s = self._trouble.slow_s
        if slow_s:
            # A command that times out has been carried out all the same, which is
            # why a client reads back before it sends a set again.
            self._wait(min(slow_s, self._trouble.hold_limit_s))
            if slow_s > self._trouble.hold_limit_s:
                return failure(-20002, "Request timeout")
        # A Tapo device's answer was seen as an object, a Kasa device's as a text.
        return success(
            {"responseData": encode(response) if device.is_iot else response}
        )

    def _check_token(self, call: Call, params: dict[str, Any]) -> None:
        # Three clients put the token into the body instead of the query.
        self._account.check(call.token or params.get("token"))
