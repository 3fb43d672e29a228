"""The signed (V2) half of the cloud: what a POST to `/api/v2/…` is answered.

What the account says no to rides inside a success, as the real cloud does it; what the
gateway says no to (a bad signature, missing parameters, a dead token) stands on top.
Answers that nobody has recorded are marked Unverified.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from .accounts import Account, Refusal
from .answers import Answer, failure, flag, success, texts, wrong_type
from .mfa import KINDS, SecondFactor
from .server import Call, Reply
from .signing import app_of, signer
from .trouble import Trouble
from .v1 import V1, region_code
from .wire import NotJSON, decode

ACCOUNT = "/api/v2/account/"
COMMON = "/api/v2/common/"
# About the call and not about the account: never nested.
PARAMETERS = (-20104, -20105, -20106)
MAX_PAGE = 100

# Answers a call, told the app whose key pair signed it.
Handler = Callable[[Call, str, dict[str, Any]], Answer]


@dataclass
class Forms:
    """Spellings that differ from report to report; the teacher chooses."""

    nested: bool = True
    code_as_text: bool = True
    process_id: str = "MFAProcessId"


class V2:
    """Answers signed calls.

    Parameters
    ----------
    account : Account
        Who may log in.
    mfa : SecondFactor
        What the account asks of a terminal that it does not know.
    classic : V1
        Lists and reaches the devices.
    trouble : Trouble
        The teacher's controls.
    urls : dict
        Region to listener's URL; filled in when the listeners are up.
    count : callable
        Told the name of each call.
    """

    def __init__(
        self,
        account: Account,
        mfa: SecondFactor,
        classic: V1,
        trouble: Trouble,
        urls: dict[str, str],
        count: Callable[[str], None],
    ) -> None:
        self._account = account
        self._mfa = mfa
        self._classic = classic
        self._trouble = trouble
        self._urls = urls
        self._count = count
        self.forms = Forms()
        # Only these nest their failures.
        self._entrance: dict[str, Handler] = {
            ACCOUNT + "getAccountStatusAndUrl": self._status,
            ACCOUNT + "login": self._login,
            ACCOUNT + "getEmailVC4TerminalMFA": self._mail,
            ACCOUNT + "getPushVC4TerminalMFA": self._push,
            ACCOUNT + "checkMFACodeAndLogin": self._check_code,
            ACCOUNT + "refreshToken": self._refresh,
        }
        self._others: dict[str, Handler] = {
            ACCOUNT + "getAccountInfo": self._info,
            ACCOUNT + "getMFAFeatureStatus": self._mfa_status,
            COMMON + "getDeviceListByPage": self._page,
            COMMON + "passthrough": self._passthrough,
            COMMON + "getAppServiceUrl": self._service_urls,
            COMMON + "getAppServiceUrlByCloudUserName": self._service_list,
        }

    def __call__(self, call: Call) -> Reply:
        """The answer to a call."""
        if call.verb != "POST":
            return Reply("", HTTPStatus.METHOD_NOT_ALLOWED)
        return Reply(self._answer(call))

    def _answer(self, call: Call) -> Answer:
        pair = signer(call)
        try:
            body = decode(call.body)
        except NotJSON:
            body = None
        # Unverified: that this half of the cloud answers as the classic one does.
        if not isinstance(body, dict):
            return failure(-10100, "JSON format error")
        handler = self._entrance.get(call.path) or self._others.get(call.path)
        if handler is not None:
            self._count(call.path.rpartition("/")[2])
        if self._trouble.over_limit():
            return failure(-20004, "API rate limit exceeded")
        if handler is None:
            return failure(-20103, "The method does not exist or is not available")
        try:
            return handler(call, pair, body)
        except Refusal as refusal:
            nests = call.path in self._entrance and refusal.code not in PARAMETERS
            if not (nests and self.forms.nested):
                raise
            code = str(refusal.code) if self.forms.code_as_text else refusal.code
            said = {"errorCode": code, "errorMsg": refusal.msg}
            return success({**said, **refusal.result})

    # -- the account -----------------------------------------------------------------

    def _status(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        _, email = texts(body, "appType", "cloudUserName")
        # 0 unregistered, 1 normal, 2 locked, as an app's own names have it. Unverified
        # for an unknown name: that it is told the host that it asked.
        if not self._account.knows(email):
            return success({**self._addresses(call.region), "accountStatus": 0})
        status = 2 if self._account.is_locked else 1
        here = self._addresses(self._account.region)
        return success({**here, "accountStatus": status})

    def _login(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        app_type, email, password, terminal = texts(
            body, "appType", "cloudUserName", "cloudPassword", "terminalUUID"
        )
        refresh = flag(body, "refreshTokenNeeded")
        app = app_of(app_type, pair)
        self._admit(call, app, email)
        self._account.verify(email, password)
        if self._mfa.challenges(app, terminal):
            # Nothing is sent yet; the client has to ask for it.
            challenge = {
                self.forms.process_id: self._mfa.begin(app, terminal, refresh),
                "supportedMFATypes": self._kinds(),
                "email": self._account.email,
            }
            raise Refusal(-20677, "MFA required", **challenge)
        return self._open(app, terminal, refresh)

    def _mail(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        return self._send("email", call, pair, body)

    def _push(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        return self._send("push", call, pair, body)

    def _send(self, kind: str, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        app_type, email, terminal = texts(
            body, "appType", "cloudUserName", "terminalUUID"
        )
        process_id = _process_id(body)
        if process_id is None:
            texts(body, "cloudPassword")
        password = _text(body, "cloudPassword")
        number = body.get("MFAType", KINDS[kind])
        if isinstance(number, bool) or not isinstance(number, int):
            raise wrong_type()
        # One client has its mails sent from the push's path, by their number.
        kind = next((name for name, n in KINDS.items() if n == number), kind)
        app = app_of(app_type, pair)
        self._admit(call, app, email)
        if password is not None:
            self._account.verify(email, password)
        if process_id is not None:
            process = self._mfa.process(process_id)
            if process is None or (process.app, process.terminal) != (app, terminal):
                raise _ineffective()
        self._mfa.send(kind, app, terminal)
        return success({"errorCode": 0})

    def _check_code(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        # Three bodies are about: with the process id (A, B), or with the password and
        # the terminal instead (C); and unions of them.
        app_type, email, code = texts(body, "appType", "cloudUserName", "code")
        process_id = _process_id(body)
        if process_id is None:
            texts(body, "cloudPassword", "terminalUUID")
        password, terminal = _text(body, "cloudPassword"), _text(body, "terminalUUID")
        bind = flag(body, "terminalBindEnabled")
        refresh = flag(body, "refreshTokenNeeded")
        app = app_of(app_type, pair)
        self._admit(call, app, email)
        if password is not None:
            self._account.verify(email, password)
        if process_id is not None:
            process = self._mfa.process(process_id)
            if process is None or process.app != app:
                raise _ineffective()
            if terminal not in (None, process.terminal):
                raise _ineffective()
            terminal = process.terminal
        else:
            process = self._mfa.waiting(app, str(terminal))
        self._mfa.redeem(code, app, str(terminal), bind)
        if process_id is not None:
            self._mfa.end(process_id)
        # Unverified: that the wish of the challenged login still counts.
        refresh = refresh or (process is not None and process.refresh)
        return self._open(app, str(terminal), refresh)

    def _refresh(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        app_type, token, terminal = texts(
            body, "appType", "refreshToken", "terminalUUID"
        )
        # Unverified: that any region refreshes.
        return success(self._account.refresh(token, app_of(app_type, pair), terminal))

    def _info(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        self._classic.check_token(call, {})
        (email,) = texts(body, "cloudUserName")
        self._account.must_know(email)
        return success({**self._account.facts, **self._place()})

    def _mfa_status(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        # The names are those that one Go client reads.
        session = self._classic.check_token(call, {})
        return success(
            {
                "MFAFeatureEnabled": int(self._mfa.on),
                "email": self._account.email,
                "mfaEmail": self._account.email,
                "supportedMFATypes": self._kinds(),
                "terminalBound": self._mfa.trusts(session.app, session.terminal),
            }
        )

    # -- devices and services --------------------------------------------------------

    def _page(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        session = self._classic.check_token(call, {})
        index = _whole(body, "index", 0, 0, 10**9)
        limit = _whole(body, "limit", 20, 1, MAX_PAGE)
        kinds = body.get("deviceTypeList")
        if kinds is not None and not isinstance(kinds, list):
            raise wrong_type()
        rows = [
            row
            for row in self._classic.rows(call, session)
            if kinds is None or row.get("deviceType") in kinds
        ]
        # Unverified: that `index` counts rows and not pages.
        page = rows[index : index + limit]
        return success({"deviceList": page, "totalNum": len(rows)})

    def _passthrough(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        return self._classic.passthrough(call, body, objects=True)

    def _service_urls(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        return self._classic.service_urls(call, body)

    def _service_list(self, call: Call, pair: str, body: dict[str, Any]) -> Answer:
        # One client asks without a token.
        (email,) = texts(body, "cloudUserName")
        self._account.must_know(email)
        found = self._classic.services(body).items()
        rows = [{"serviceId": name, "serviceUrl": url} for name, url in found]
        return success({"serviceList": rows})

    # -- what they share -------------------------------------------------------------

    def _admit(self, call: Call, app: str, email: str) -> None:
        self._classic.admit(app)
        self._account.must_know(email)
        if call.region != self._account.region:
            raise Refusal(
                -20212,
                "Incorrect service entry address",
                **self._addresses(self._account.region),
            )

    def _open(self, app: str, terminal: str, refresh: bool) -> Answer:
        opened = self._account.open(app, terminal, refresh)
        return success({**opened, "errorMsg": "Success", **self._place()})

    def _place(self) -> dict[str, str]:
        region = self._account.region
        here = {"regionCode": region_code(region), "accountApiUrl": self._urls[region]}
        return {**here, **self._addresses(region)}

    def _addresses(self, region: str) -> dict[str, str]:
        url = self._urls[region]
        return {"appServerUrl": url, "appServerUrlV2": url}

    def _kinds(self) -> list[int] | list[str]:
        kinds = self._mfa.kinds
        # The one report with the other spelling of the id has names, not numbers.
        if self.forms.process_id == "mfaProcessId":
            return list(kinds)
        return [KINDS[kind] for kind in kinds]


def _ineffective() -> Refusal:
    return Refusal(-20676, "Verification code is ineffective")


def _text(body: dict[str, Any], name: str) -> str | None:
    return None if body.get(name) is None else texts(body, name)[0]


def _process_id(body: dict[str, Any]) -> str | None:
    upper = _text(body, "MFAProcessId")
    return _text(body, "mfaProcessId") if upper is None else upper


def _whole(body: dict[str, Any], name: str, unless: int, least: int, most: int) -> int:
    value = body.get(name, unless)
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type()
    if not least <= value <= most:
        # Unverified: both the limits and the text.
        raise Refusal(-20106, "Parameter out of range")
    return value
