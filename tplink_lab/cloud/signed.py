"""Log in as the apps do today: signed, region by region, with a second factor.

Facts: protocol.md §3.3 to §3.6. Both spellings, both nestings and all types that
clients met are read; of the ways to answer a challenge the union of A and B is sent.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from tplink_lab.cloud import envelope
from tplink_lab.cloud.account import Account, account_from, answer_of
from tplink_lab.cloud.apps import App
from tplink_lab.cloud.hosts import Address, ways_to
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.transport import Request, Transport
from tplink_lab.errors import (
    BadInput,
    CloudUnreachable,
    SecondFactorNeeded,
    TPLinkLabError,
    WrongRegion,
)

__all__ = ["Challenge", "answer_challenge", "log_in", "send_code"]

LOGIN = "/api/v2/account/login"
EMAIL_CODE = "/api/v2/account/getEmailVC4TerminalMFA"
PUSH_CODE = "/api/v2/account/getPushVC4TerminalMFA"
CHECK_CODE = "/api/v2/account/checkMFACodeAndLogin"
TERMINAL_NAME = "tplink_lab"
# 1 is a push to an app that is bound already, 2 an e-mail (§3.6).
KINDS = {"1": "push", "2": "email", "push": "push", "email": "email"}
MFA_TYPES = {"push": 1, "email": 2}


class Challenge(NamedTuple):
    """A login that waits for the code of its second factor.

    Attributes
    ----------
    app : str
        ``"kasa"`` or ``"tapo"``: each app asks for its own.
    email : str
        Whose.
    url : str
        Where the code is to be given.
    terminal : str
        The terminal UUID that asked: the code is good for it only.
    process_id : Secret
        The cloud's name for this login; empty if it gave none.
    kinds : tuple of str
        How it can send a code: ``"email"``, ``"push"``.
    sent_by : str
        How it was asked to send this one.
    """

    app: str
    email: str
    url: str
    terminal: str
    process_id: Secret
    kinds: tuple[str, ...]
    sent_by: str


def log_in(
    transport: Transport,
    app: App,
    entry: Address,
    url: str,
    email: str,
    password: Secret,
    terminal: str,
) -> tuple[Address, Account | Challenge]:
    """Log in at *url*, or at the region that it names, and say where that was.

    Parameters
    ----------
    app : App
        Whose keys sign.
    entry : Address
        Its world, practice or real, is not left.

    Raises
    ------
    LoginRefused
        If the cloud does not accept them. A password is never tried twice.
    WrongRegion
        If the region that was named sends us on once more.
    CloudUnreachable
        If no usable answer came from any address of the service.
    """
    body = {
        "appType": app.app_type,
        "appVersion": app.app_version,
        "cloudUserName": email,
        "cloudPassword": password,
        "platform": "Android",
        "refreshTokenNeeded": True,
        "supportBindAccount": False,
        "terminalUUID": terminal,
        "terminalName": TERMINAL_NAME,
        "terminalMeta": TERMINAL_NAME,
    }
    request = Request("login", body, path=LOGIN, sign_as=app, known=(password,))
    targets = [url]
    elsewhere: WrongRegion | None = None
    for _ in range(2):
        address, answer = _asked(transport, entry, targets, request)
        try:
            challenge = _challenge(answer, app, email, address, terminal)
            if challenge is not None:
                return address, challenge
            result = envelope.read_result(answer, call="login", hide=(password,))
        except WrongRegion as error:
            elsewhere = error
            targets = list(error.urls)
            if not targets:
                break
            continue
        return address, account_from(result, email, terminal, call="login")
    assert elsewhere is not None
    raise elsewhere


def _asked(
    transport: Transport, entry: Address, urls: list[str], request: Request
) -> tuple[Address, Any]:
    """Return the first answer among the addresses of a service.

    Another address is tried only if this one could not be reached or does not prove
    who it is: nothing secret was sent then.
    """
    failure: TPLinkLabError | None = None
    private_roots = transport.connections.has_private_roots
    for url in urls:
        for address in ways_to(url, entry, private_roots=private_roots):
            try:
                return address, answer_of(transport, address, request)
            except CloudUnreachable as error:
                failure = error
                if error.reason not in ("dns", "refused", "connect", "certificate"):
                    raise
    assert failure is not None
    raise failure


def _challenge(
    answer: Any, app: App, email: str, address: Address, terminal: str
) -> Challenge | None:
    """Return the challenge in a login's answer: by its code, or by its process id."""
    if not isinstance(answer, dict):
        return None
    found = answer.get("result")
    result: dict[str, Any] = found if isinstance(found, dict) else {}
    process_id = result.get("MFAProcessId") or result.get("mfaProcessId")
    codes = (str(answer.get("error_code")), str(result.get("errorCode")))
    if result.get("token") or not (process_id or "-20677" in codes):
        return None
    listed = result.get("supportedMFATypes")
    listed = listed if isinstance(listed, list) else []
    known = [KINDS.get(str(kind)) for kind in listed]
    kinds = tuple(dict.fromkeys(kind for kind in known if kind)) or ("email",)
    return Challenge(
        app.name,
        email,
        address.url,
        terminal,
        process_id if isinstance(process_id, Secret) else Secret(""),
        kinds,
        kinds[0],
    )


def send_code(
    transport: Transport,
    app: App,
    address: Address,
    challenge: Challenge,
    password: Secret,
) -> None:
    """Ask the cloud to send the code, in the way that the challenge names.

    A push reaches only a phone that is bound to the account already.

    Raises
    ------
    BadInput
        If the cloud offers no such way.
    RateLimited
        If codes were asked for too often.
    """
    kind = challenge.sent_by
    if kind not in challenge.kinds:
        raise BadInput(
            f"The cloud cannot send the code by {kind!r}.",
            call="login",
            next_step=f"Give second_factor={challenge.kinds[0]!r}.",
        )
    body = {
        "appType": app.app_type,
        "cloudUserName": challenge.email,
        "cloudPassword": password,
        "terminalUUID": challenge.terminal,
    }
    path = EMAIL_CODE if kind == "email" else PUSH_CODE
    call = path.rpartition("/")[2]
    request = Request(call, body, path=path, sign_as=app, known=(password,))
    answer = answer_of(transport, address, request)
    envelope.read_result(answer, call=call, hide=(password,))


def answer_challenge(
    transport: Transport,
    app: App,
    address: Address,
    challenge: Challenge,
    code: Secret,
    password: Secret | None = None,
) -> Account:
    """Give the code and return the account; the terminal is trusted from then on.

    Parameters
    ----------
    code : Secret
        Digits; blanks and dashes in it do not matter.
    password : Secret, optional
        Needed only if the cloud gave no process id.

    Raises
    ------
    BadInput
        If the code holds anything but digits; nothing was sent.
    WrongCode
        If the cloud does not accept it.
    """
    digits = Secret(re.sub(r"[\s-]", "", code.reveal()))
    if not re.fullmatch(r"[0-9]{4,10}", digits.reveal()):
        raise BadInput(
            "The code is not made of digits.",
            call="login",
            next_step="Type the digits from the newest mail.",
        )
    body: dict[str, Any] = {
        "appType": app.app_type,
        "cloudUserName": challenge.email,
        "code": digits,
        "terminalUUID": challenge.terminal,
        "terminalName": TERMINAL_NAME,
        "refreshTokenNeeded": True,
        "terminalBindEnabled": True,
    }
    known = (digits, challenge.process_id)
    if challenge.process_id:
        body |= {
            "MFAProcessId": challenge.process_id,
            "MFAType": MFA_TYPES[challenge.sent_by],
        }
    elif password is not None:
        body |= {"cloudPassword": password}
        known = (digits, password)
    else:
        raise SecondFactorNeeded(
            "The cloud named no process that this code could belong to.",
            call="login",
            next_step="Log in again with tl.login(...) and give the code there.",
        )
    call = CHECK_CODE.rpartition("/")[2]
    request = Request(call, body, path=CHECK_CODE, sign_as=app, known=known)
    answer = answer_of(transport, address, request)
    result = envelope.read_result(answer, call=call, hide=known)
    return account_from(result, challenge.email, challenge.terminal, call=call)
