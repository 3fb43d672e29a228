"""What a login gives, and the classic way to get it (protocol.md §2.1, §2.2)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from tplink_lab.cloud import envelope
from tplink_lab.cloud.apps import App
from tplink_lab.cloud.hosts import Address
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.transport import Request, Transport
from tplink_lab.errors import BadInput, RequestRefused, UnusableAnswer

__all__ = [
    "CLASSIC",
    "Account",
    "account_from",
    "answer_of",
    "check_email",
    "check_password",
    "log_in",
    "renew",
]

# How the classic login names its app; no keys, for nothing is signed (§2.1).
CLASSIC = App("kasa", "Kasa_Android", "", "", "", "https://wap.tplinkcloud.com")
REFRESH_PATH = "/api/v2/account/refreshToken"


class Account(NamedTuple):
    """What a login gave.

    Attributes
    ----------
    email : str
        The account's address, as the cloud writes it.
    token : Secret
        Goes with every call.
    refresh_token : Secret
        Buys a new token; empty if the cloud gave none.
    terminal : str
        The terminal UUID it was given to.
    account_id : str
        Digits; empty if the cloud did not say.
    """

    email: str
    token: Secret
    refresh_token: Secret
    terminal: str
    account_id: str = ""


def check_email(email: str) -> str:
    """Return *email* if it can be one, or raise.

    Raises
    ------
    BadInput
        If it is empty, holds blanks, or lacks its two halves.
    """
    if not isinstance(email, str) or not email:
        problem = "The e-mail address is missing."
    elif re.search(r"\s", email):
        problem = "The e-mail address holds a blank."
    elif not re.fullmatch(r"[^@]+@[^@]+", email):
        problem = "The e-mail address has no name or no host around its '@'."
    else:
        return email
    raise BadInput(
        problem, call="login", next_step="Give the address you use in the app."
    )


def check_password(password: Secret) -> Secret:
    """Return *password* if there is one, or raise.

    Raises
    ------
    BadInput
        If it is empty.
    """
    if not password:
        raise BadInput(
            "The password is missing.",
            call="login",
            next_step="Give it, or leave it out to be asked.",
        )
    return password


def log_in(
    transport: Transport,
    address: Address,
    email: str,
    password: Secret,
    terminal: str,
) -> Account:
    """Ask for a token in the classic way: unsigned, without a second factor.

    Raises
    ------
    LoginRefused
        If the cloud does not accept them. It is never tried twice.
    SecondFactorNeeded
        If the account has two-step verification.
    CloudUnreachable
        If no usable answer came.
    """
    params = {
        "appType": CLASSIC.app_type,
        "cloudUserName": email,
        "cloudPassword": password,
        "terminalUUID": terminal,
        "refreshTokenNeeded": True,
    }
    body = envelope.request_body("login", params)
    request = Request("login", body, known=(password,))
    result = envelope.read_result(
        answer_of(transport, address, request), call="login", hide=(password,)
    )
    return account_from(result, email, terminal, call="login")


def renew(
    transport: Transport, address: Address, app: App, account: Account, *, signed: bool
) -> Account:
    """Return *account* with a new token, bought with its refresh token.

    Parameters
    ----------
    app : App
        As which the account logged in.
    signed : bool
        The signed call (§3.7); else the classic method at the root (§2.2), which is
        also tried where the signed one does not exist.

    Raises
    ------
    TokenRefused
        If the refresh token is too old as well: log in again.
    """
    call, known = "refreshToken", (account.refresh_token, account.token)
    params = {
        "appType": app.app_type,
        "refreshToken": account.refresh_token,
        "terminalUUID": account.terminal,
    }
    classic = Request(call, envelope.request_body(call, params), known=known)
    requests = [classic]
    if signed:
        requests.insert(0, Request(call, params, "POST", REFRESH_PATH))
        requests[0] = requests[0]._replace(sign_as=app, known=known)
    missing: RequestRefused | None = None
    for request in requests:
        answer = answer_of(transport, address, request)
        try:
            result = envelope.read_result(answer, call=call, hide=known)
        except RequestRefused as refused:
            missing = refused
            if refused.error_code != -20103:
                break
            continue
        # Sometimes a new refresh token comes along; the old one stays good otherwise.
        renewed = account_from(result, account.email, account.terminal, call=call)
        return renewed._replace(
            refresh_token=renewed.refresh_token or account.refresh_token,
            account_id=renewed.account_id or account.account_id,
        )
    assert missing is not None
    raise missing


def answer_of(transport: Transport, address: Address, request: Request) -> Any:
    """Return the answer of a call that gives tokens, each of them a Secret.

    They are wrapped before anything can be raised.
    """
    status, text = transport.send(address, request)
    answer = envelope.parse(text, call=request.call, status=status)
    if not isinstance(answer, dict) or not isinstance(answer.get("result"), dict):
        return answer
    result = {
        key: Secret(value if isinstance(value, str) else "")
        if key in ("token", "refreshToken", "MFAProcessId", "mfaProcessId")
        else value
        for key, value in answer["result"].items()
    }
    return {**answer, "result": result}


def account_from(
    result: dict[str, Any], email: str, terminal: str, *, call: str
) -> Account:
    """Return what a login's *result* holds.

    Raises
    ------
    UnusableAnswer
        If it holds no token that could be one.
    """
    token = _secret(result, "token")
    if not re.fullmatch(r"[!-~]+", token.reveal()):
        raise UnusableAnswer(
            "The cloud said yes, but gave no token that could be one.",
            call=call,
            next_step="Log in again; if it stays so, the cloud's answers have changed.",
        )
    return Account(
        _text(result, "email") or email,
        token,
        _secret(result, "refreshToken"),
        terminal,
        _text(result, "accountId"),
    )


def _secret(result: dict[str, Any], key: str) -> Secret:
    value = result.get(key)
    return value if isinstance(value, Secret) else Secret("")


def _text(result: dict[str, Any], key: str) -> str:
    value = result.get(key)
    return value if isinstance(value, str) else ""
