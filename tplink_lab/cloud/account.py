"""Log in the classic way: one e-mail, one password, one token (protocol.md §2.1)."""

from __future__ import annotations

import os
import re
import uuid
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs

from tplink_lab.cloud import envelope
from tplink_lab.cloud.hosts import Address
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.transport import Request, Transport
from tplink_lab.errors import BadInput, UnusableAnswer

__all__ = ["APP_TYPE", "Account", "log_in", "renew", "terminal_uuid"]

APP_TYPE = "Kasa_Android"
# A practice account needs no lasting terminal, and lessons need the same one always.
PRACTICE_TERMINAL = uuid.uuid5(uuid.NAMESPACE_URL, "tplink-lab:practice")


class Account(NamedTuple):
    """What a login gave.

    Attributes
    ----------
    email : str
        The account's address, as the cloud writes it.
    token : Secret
        Goes into the query of every call.
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
        problem, call="login", next_step="Give the address you use in the Kasa app."
    )


def log_in(
    transport: Transport,
    address: Address,
    email: str,
    password: Secret,
) -> Account:
    """Ask for a token.

    Raises
    ------
    BadInput
        If e-mail or password cannot be right; nothing was sent.
    LoginRefused
        If the cloud does not accept them. It is never tried twice.
    CloudUnreachable
        If no usable answer came.
    """
    check_email(email)
    if not password:
        raise BadInput(
            "The password is missing.",
            call="login",
            next_step="Give it, or leave it out to be asked.",
        )
    terminal = str(PRACTICE_TERMINAL) if address.is_loopback else terminal_uuid()
    params = {
        "appType": APP_TYPE,
        "cloudUserName": email,
        "cloudPassword": password,
        "terminalUUID": terminal,
        "refreshTokenNeeded": True,
    }
    result = _result(transport, address, "login", params, (password,))
    said = result.get("email")
    return Account(
        said if isinstance(said, str) and said else email,
        _token(result, "login"),
        _secret(result, "refreshToken"),
        terminal,
        _text(result, "accountId"),
    )


def renew(transport: Transport, address: Address, account: Account) -> Account:
    """Return *account* with a new token, bought with its refresh token (§2.2).

    Raises
    ------
    TokenRefused
        If the refresh token is too old as well.
    """
    params = {
        "appType": APP_TYPE,
        "terminalUUID": account.terminal,
        "refreshToken": account.refresh_token,
    }
    call, known = "refreshToken", (account.refresh_token, account.token)
    result = _result(transport, address, call, params, known)
    # Sometimes a new refresh token comes along; the old one stays good otherwise.
    newer = _secret(result, "refreshToken")
    return account._replace(
        token=_token(result, call), refresh_token=newer or account.refresh_token
    )


def terminal_uuid() -> str:
    """Return the id of this installation, made once and kept.

    TP-Link ties rate limits and trust to it, so it must not change (§0.5).
    """
    path = platformdirs.user_config_path("tplink-lab", appauthor=False) / "terminal"
    try:
        return str(uuid.UUID(path.read_text("ascii").strip()))
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as exc:
        raise BadInput(
            f"The file {path} does not hold a terminal UUID ({type(exc).__name__}).",
            call="login",
            next_step="Mend or delete it; a new one is made at the next login.",
        ) from None
    made = str(uuid.uuid4())
    try:
        return _kept_uuid(path, made)
    except OSError as exc:
        warnings.warn(
            f"The terminal UUID cannot be kept in {path} ({exc.strerror}); TP-Link "
            "will see a new terminal at each login.",
            stacklevel=2,
        )
        return made


def _kept_uuid(path: Path, made: str) -> str:
    """Write *made* whole or not at all; if another process was first, take its."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(made + "\n", "ascii")
    try:
        os.link(part, path)
    except FileExistsError:
        return str(uuid.UUID(path.read_text("ascii").strip()))
    except OSError:  # a file system without hard links
        part.replace(path)
        return made
    finally:
        part.unlink(missing_ok=True)
    return made


def _result(
    transport: Transport,
    address: Address,
    call: str,
    params: dict[str, Any],
    known: tuple[Secret, ...],
) -> dict[str, Any]:
    """Return the result of a call that gives tokens, each of them a Secret."""
    body = envelope.request_body(call, params)
    status, text = transport.send(address, Request(call, body, known=known))
    answer = _wrapped(envelope.parse(text, call=call, status=status))
    return envelope.read_result(answer, call=call, status=status, hide=known)


def _wrapped(answer: Any) -> Any:
    """Return *answer* with its tokens wrapped, before anything can be raised."""
    if not isinstance(answer, dict) or not isinstance(answer.get("result"), dict):
        return answer
    result = {
        key: Secret(value if isinstance(value, str) else "")
        if key in ("token", "refreshToken")
        else value
        for key, value in answer["result"].items()
    }
    return {**answer, "result": result}


def _secret(result: dict[str, Any], key: str) -> Secret:
    value = result.get(key)
    return value if isinstance(value, Secret) else Secret("")


def _token(result: dict[str, Any], call: str) -> Secret:
    token = _secret(result, "token")
    if not re.fullmatch(r"[!-~]+", token.reveal()):
        raise UnusableAnswer(
            "The cloud said yes, but gave no token that could be one.",
            call=call,
            next_step="Log in again; if it stays so, the cloud's answers have changed.",
        )
    return token


def _text(result: dict[str, Any], key: str) -> str:
    value = result.get(key)
    return value if isinstance(value, str) else ""
