"""What a saved session holds, as an object and as the facts of its file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from tplink_lab.cloud.account import Account
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.signed import Challenge
from tplink_lab.cloud.vault import Vault

__all__ = [
    "VERSION",
    "Saved",
    "SavedApp",
    "facts_of",
    "saved_of",
    "tokens_of",
    "wrapped",
]

VERSION = 1
TOKENS = ("token", "refresh_token")
SECRETS = frozenset({*TOKENS, "process_id"})


class SavedApp(NamedTuple):
    """One app's part of a saved session."""

    url: str
    account: Account
    signed: bool
    logged_in_at: datetime | None
    renewed_at: datetime | None


class Saved(NamedTuple):
    """A saved session.

    Attributes
    ----------
    email : str
        Whose, as it was typed.
    apps : dict of str to SavedApp
        By app name.
    pending : Challenge or None
        A second factor that waits for its code.
    missing : tuple of str
        Apps that were wanted and are not logged in.
    ca_file : str
        The roots it was opened with; empty for the public ones.
    """

    email: str
    apps: dict[str, SavedApp]
    pending: Challenge | None = None
    missing: tuple[str, ...] = ()
    ca_file: str = ""


def tokens_of(app: SavedApp) -> dict[str, Secret]:
    """Return the tokens of an app, by their names in the file."""
    return {"token": app.account.token, "refresh_token": app.account.refresh_token}


def facts_of(saved: Saved, *, with_tokens: bool) -> dict[str, Any]:
    """Return what the file is to hold; without tokens, a keyring has them."""
    facts: dict[str, Any] = {
        "version": VERSION,
        "email": saved.email,
        "missing": list(saved.missing),
        "ca_file": saved.ca_file,
        "keyring": not with_tokens,
        "apps": {
            name: {
                "url": app.url,
                "email": app.account.email,
                "account_id": app.account.account_id,
                "terminal": app.account.terminal,
                "signed": app.signed,
                "logged_in_at": _text(app.logged_in_at),
                "renewed_at": _text(app.renewed_at),
                **(tokens_of(app) if with_tokens else {}),
            }
            for name, app in saved.apps.items()
        },
    }
    if saved.pending is not None:
        facts["pending"] = saved.pending._asdict()
    return facts


def saved_of(facts: dict[str, Any], vault: Vault | None) -> Saved:
    """Return the session that a file's facts tell, its tokens from *vault* if given.

    Raises
    ------
    KeyError, TypeError, ValueError
        If something is missing, or is not what it should be.
    """
    apps = {}
    for name, app in facts["apps"].items():
        tokens = app if vault is None else vault.read(name)
        if not all(isinstance(tokens[key], Secret) for key in TOKENS):
            raise TypeError
        apps[str(name)] = SavedApp(
            _str(app["url"]),
            Account(
                _str(app["email"]),
                tokens["token"],
                tokens["refresh_token"],
                _str(app["terminal"]),
                _str(app["account_id"]),
            ),
            _bool(app["signed"]),
            _moment(app["logged_in_at"]),
            _moment(app["renewed_at"]),
        )
    pending = facts.get("pending")
    if pending is not None:
        kinds = tuple(_str(kind) for kind in pending["kinds"])
        pending = Challenge(**{**pending, "kinds": kinds})
        if not isinstance(pending.process_id, Secret):
            raise TypeError
        if not pending.kinds or pending.sent_by not in pending.kinds:
            raise ValueError
    return Saved(
        _str(facts["email"]),
        apps,
        pending,
        tuple(_str(name) for name in facts["missing"]),
        _str(facts["ca_file"]),
    )


def wrapped(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the same with each secret in a Secret; a hook for the JSON decoder."""
    return {
        key: Secret(value) if key in SECRETS and isinstance(value, str) else value
        for key, value in facts.items()
    }


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _moment(text: Any) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(_str(text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
