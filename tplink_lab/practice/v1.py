"""The classic (V1) half of the cloud: what a POST to the root is answered.

Codes and texts follow what users of the real cloud reported; those that nobody has
recorded are marked Unverified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from .accounts import Account, Refusal, Session
from .answers import Answer, failure, flag, missing, success, texts, wrong_type
from .device import Device
from .mfa import SecondFactor
from .server import Call, Reply
from .signing import app_of
from .trouble import Trouble
from .wire import NotJSON, decode, encode

# What people call these codes; any other one is refused without a reason.
REFUSALS = {
    -20600: "Account not found",
    -20601: "Incorrect email or password",
    -20661: "Account is locked",
    -20675: "Account login in other places",
    -23001: "App not found",
    -23003: "App version is too old",
}
# The services that an app asks the address of, with and without their `-v2`.
SERVICES = (
    "nbu.iot-app-server.app",
    "nbu.iot-cloud-gateway.app",
    "nbu.iot-security.appdevice",
)

Methods = dict[str, Callable[[Call, dict[str, Any]], Answer]]


class V1:
    """Answers V1 calls for one account and its devices.

    Parameters
    ----------
    account : Account
        Who may log in.
    mfa : SecondFactor
        What the account asks of a terminal that it does not know.
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
        mfa: SecondFactor,
        devices: Iterable[Device],
        trouble: Trouble,
        urls: dict[str, str],
        wait: Callable[[float], object],
        offline_after_s: float,
        count: Callable[[str], None],
    ) -> None:
        self._account = account
        self._mfa = mfa
        self._devices = {device.device_id: device for device in devices}
        self._trouble = trouble
        self._urls = urls
        self._wait = wait
        self._offline_after_s = offline_after_s
        self._count = count
        self._methods: Methods = {
            "login": self._login,
            "refreshToken": self._refresh_token,
            "getDeviceList": self._get_device_list,
            "passthrough": self.passthrough,
            "getAppServiceUrl": self.service_urls,
        }

    def __call__(self, call: Call) -> Reply:
        """The answer to a call at the root."""
        return self._reply(call, self._methods)

    def account(self, call: Call) -> Reply:
        """The answer to a call at `/api/v1/account`, which only knows the login.

        One source was told there that refreshing is no method.
        """
        return self._reply(call, {"login": self._login})

    def _reply(self, call: Call, methods: Methods) -> Reply:
        if call.verb != "POST":
            return Reply("", HTTPStatus.METHOD_NOT_ALLOWED)
        return Reply(self._answer(call, methods))

    def _answer(self, call: Call, methods: Methods) -> Answer:
        try:
            request = decode(call.body)
        except NotJSON:
            request = None
        # Unverified: that JSON other than an object gets the same answer.
        if not isinstance(request, dict):
            return failure(-10100, "JSON format error")
        name = request.get("method")
        method = methods.get(name) if isinstance(name, str) else None
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

    def admit(self, app: str) -> None:
        """Let the logins of an app pass unless the teacher refuses them."""
        code = self._trouble.refused.get(app)
        if code is not None:
            raise Refusal(code, REFUSALS.get(code, "The app is refused"))

    def _login(self, call: Call, params: dict[str, Any]) -> Answer:
        app_type, email, password, terminal = texts(
            params, "appType", "cloudUserName", "cloudPassword", "terminalUUID"
        )
        refresh = flag(params, "refreshTokenNeeded")
        app = app_of(app_type, "kasa")
        try:
            self.admit(app)
            self._account.verify(email, password)
        except Refusal as refusal:
            # A failure of this half has no result; the minutes are a choice.
            kept = {k: v for k, v in refusal.result.items() if k == "lockedMinutes"}
            raise Refusal(refusal.code, refusal.msg, **kept) from None
        if self._mfa.on:
            # Unverified: that the password is looked at first, and that the account's
            # own path says the same.
            return failure(-23003, "App version is too old")
        return success(self._account.open(app, terminal, refresh))

    def _refresh_token(self, call: Call, params: dict[str, Any]) -> Answer:
        app_type, terminal, token = texts(
            params, "appType", "terminalUUID", "refreshToken"
        )
        app = app_of(app_type, "kasa")
        return success(self._account.refresh(token, app, terminal))

    def rows(self, call: Call, session: Session) -> list[Answer]:
        """The devices that a session sees.

        A choice: Kasa's lists all, as linked accounts do, and Tapo's the SMART ones.
        """
        return [
            device.row(self._urls[device.region], call.region)
            for device in self._devices.values()
            if session.app == "kasa" or not device.is_iot
        ]

    def _get_device_list(self, call: Call, params: dict[str, Any]) -> Answer:
        session = self.check_token(call, params)
        return success({"deviceList": self.rows(call, session)})

    def service_urls(self, call: Call, params: dict[str, Any]) -> Answer:
        """Where the Thing API of the account's region is."""
        self.check_token(call, params)
        found = self.services(params)
        region = {"regionCode": region_code(self._account.region)}
        return success({**region, "serviceUrls": found})

    def services(self, params: dict[str, Any]) -> dict[str, str]:
        """The address of each service asked for; unknown ones have none."""
        asked = params.get("serviceIds")
        if asked is None:
            raise missing()
        if not isinstance(asked, list) or not all(isinstance(a, str) for a in asked):
            raise wrong_type()
        url = self._urls[self._account.region]
        return {name: url for name in asked if name.removesuffix("-v2") in SERVICES}

    def passthrough(
        self, call: Call, params: dict[str, Any], objects: bool = False
    ) -> Answer:
        """A device's answer; with *objects*, Kasa devices take JSON objects too."""
        self.check_token(call, params)
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
        elif isinstance(request_data, dict) and (objects or not device.is_iot):
            request = request_data
        else:
            # Unverified for an object sent to a Kasa device: clients send strings.
            raise wrong_type()
        # Cameras are reached by the signed passthrough, plugs and bulbs are not.
        reached = device.is_classic or (objects and device.is_camera)
        if not reached or not device.online or device.region != call.region:
            # A SMART device of today keeps no connection to the classic cloud, and
            # the wrong region does not know the device: both look offline.
            self._wait(self._offline_after_s)
            return failure(-20571, "Device is offline")
        response = device.ask(request)
        # A command that times out has been carried out all the same, which is why a
        # client reads back before it sends a set again.
        if self._trouble.gives_up():
            return failure(-20002, "Request timeout")
        # A Tapo device's answer was seen as an object, a Kasa device's as a text.
        # Unverified: that who sends a Kasa device an object is answered with one.
        as_text = isinstance(request_data, str) and device.is_iot
        return success({"responseData": encode(response) if as_text else response})

    def check_token(self, call: Call, params: dict[str, Any]) -> Session:
        """The caller's session, or a `Refusal`."""
        # Three clients put the token into the body instead of the query.
        return self._account.check(call.token or params.get("token"))


def region_code(region: str) -> str:
    """The short name, of which only `us` has been seen."""
    return region[:2]
