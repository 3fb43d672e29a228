"""The operating system's keyring, where the user asks for it and there is one."""

from __future__ import annotations

import json
from typing import Any

from tplink_lab.cloud.secret import Secret
from tplink_lab.errors import SessionFileError

__all__ = ["Vault", "forget_all"]

SERVICE = "tplink-lab"
APPS = ("kasa", "tapo")


class Vault:
    """The tokens of one account in the keyring, an entry for each app.

    An entry each, because Windows takes about a thousand letters in one.

    Parameters
    ----------
    email : str
        Whose.

    Raises
    ------
    SessionFileError
        If the package ``keyring`` is missing, or finds no keyring.
    """

    def __init__(self, email: str) -> None:
        self._email = email.casefold()
        try:
            import keyring
            from keyring.backends import fail
        except ImportError:
            raise _no_keyring("the package keyring is not installed") from None
        if isinstance(keyring.get_keyring(), fail.Keyring):
            raise _no_keyring("this system offers none")
        self._keyring: Any = keyring

    def keep(self, app: str, tokens: dict[str, Secret]) -> None:
        """Keep an app's tokens."""
        problem = self._set(app, tokens)
        if problem:
            raise _no_keyring(f"it failed ({problem})")

    def read(self, app: str) -> dict[str, Secret]:
        """Return an app's tokens.

        Raises
        ------
        KeyError
            If the keyring holds none.
        """
        tokens, problem = self._get(app)
        if problem:
            raise _no_keyring(f"it failed ({problem})")
        return tokens

    # In these the tokens stand in clear, so nothing is raised.

    def _set(self, app: str, tokens: dict[str, Secret]) -> str:
        text = json.dumps({key: secret.reveal() for key, secret in tokens.items()})
        try:
            self._keyring.set_password(SERVICE, f"{app}:{self._email}", text)
        except BaseException as exc:  # noqa: BLE001 - any backend's
            return type(exc).__name__
        return ""

    def _get(self, app: str) -> tuple[dict[str, Secret], str]:
        try:
            text = self._keyring.get_password(SERVICE, f"{app}:{self._email}")
            tokens = json.loads(text or "{}")
            return {key: Secret(value) for key, value in tokens.items()}, ""
        except BaseException as exc:  # noqa: BLE001 - any backend's
            return {}, type(exc).__name__


def forget_all(email: str) -> bool:
    """Delete what the keyring holds of an account; whether it held anything.

    Where there is no keyring there is nothing to delete.
    """
    try:
        import keyring
    except ImportError:
        return False
    found = False
    for app in APPS:
        try:
            keyring.delete_password(SERVICE, f"{app}:{email.casefold()}")
            found = True
        except Exception:  # noqa: BLE001, S112 - none kept, or no backend to keep it
            continue
    return found


def _no_keyring(why: str) -> SessionFileError:
    return SessionFileError(
        f"The keyring cannot be used: {why}.",
        call="session",
        next_step='Run pip install "tplink-lab[keyring]", or leave out '
        'remember="keyring": the session then goes into a file only you can read.',
    )
