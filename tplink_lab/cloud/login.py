"""A whole login: both apps, one after the other, with the second factor if asked.

The password is tried once for each app, and no more once it was found wrong. What
one app refuses does not spoil the other.
"""

from __future__ import annotations

import getpass
import os
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from tplink_lab.cloud import account as classic
from tplink_lab.cloud import signed
from tplink_lab.cloud.apps import App, load_apps
from tplink_lab.cloud.hosts import ENTRY_URL, Address, check_url
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.signed import Challenge
from tplink_lab.cloud.store import Saved, SavedApp
from tplink_lab.cloud.terminal import terminal_for
from tplink_lab.cloud.transport import Transport
from tplink_lab.errors import (
    AppNotLoggedIn,
    BadInput,
    CloudError,
    CloudUnreachable,
    SecondFactorNeeded,
    TPLinkLabError,
    WrongCode,
)

__all__ = ["AskCode", "Login", "ask_password", "log_in_classic"]

PASSWORD_VARIABLE = "TPLINK_LAB_PASSWORD"  # noqa: S105 - a name, no password
# After these the password is not tried with the other app: it would count twice.
FINAL = frozenset({-20601, -20615, -20661, -20675})
CODE_TRIES = 3

AskCode = Callable[[Challenge], "str | Secret"]


def ask_password(email: str) -> Secret:
    """Return the password from ``TPLINK_LAB_PASSWORD``, or ask for it.

    Raises
    ------
    BadInput
        If nobody can be asked here.
    """
    given = os.environ.get(PASSWORD_VARIABLE)
    if given:
        return Secret(given)
    asked = _asked(f"Password of {email}: ")
    if asked is None:
        raise BadInput(
            "The password cannot be asked for here.",
            call="login",
            next_step=f"Give password=, or set the variable {PASSWORD_VARIABLE}.",
        )
    return asked


class Login(NamedTuple):
    """What a signed login is made with.

    Attributes
    ----------
    transport : Transport
        What sends.
    email, password : str, Secret
        Whose.
    url : str or None
        The entry for every app; each app's own by default.
    apps : tuple of str
        Which ones, in this order.
    ask_code : callable or None
        Given a `Challenge`, returns the code; None asks the person.
    second_factor : {"email", "push"}
        How the code shall come.
    keep : callable
        Told what to save after each step, a waiting challenge among it.
    """

    transport: Transport
    email: str
    password: Secret
    url: str | None
    apps: tuple[str, ...]
    ask_code: AskCode | None
    second_factor: str
    keep: Callable[[Saved], None]

    def run(self) -> tuple[Saved, dict[str, TPLinkLabError]]:
        """Log in and return the sessions, and what refused.

        Raises
        ------
        LoginRefused, CloudUnreachable
            If no app let us in.
        SecondFactorNeeded
            If a code is needed and nobody can be asked; what there is was kept.
        """
        saved = Saved(self.email, "v2", {}, None, self.transport.ca_file or "")
        refused: dict[str, TPLinkLabError] = {}
        for app in chosen(self.apps):
            try:
                saved = self._one(app, saved)
            except SecondFactorNeeded:
                raise
            except (CloudError, CloudUnreachable) as error:
                if not saved.apps and getattr(error, "error_code", 0) in FINAL:
                    raise
                refused[app.name] = error
        if not saved.apps:
            raise next(iter(refused.values()))
        tell(refused)
        return saved, refused

    def _one(self, app: App, saved: Saved) -> Saved:
        """Log in to one app and return *saved* with it."""
        entry = check_url(self.url or app.entry_url)
        terminal = terminal_for(entry)
        address, outcome = signed.log_in(
            self.transport,
            app,
            entry,
            entry.url,
            self.email,
            self.password,
            terminal,
        )
        if isinstance(outcome, Challenge):
            challenge, kind = outcome, self.second_factor
            signed.send_code(
                self.transport, app, address, challenge, self.password, kind
            )
            self.keep(saved._replace(pending=challenge))
            outcome = answer(
                self.transport,
                app,
                address,
                challenge,
                self.ask_code,
                self.password,
                kind,
            )
        return with_app(saved, app, address, outcome)


def log_in_classic(
    transport: Transport, url: str | None, email: str, password: Secret
) -> Saved:
    """Log in the article's way: the Kasa app, unsigned, without a second factor."""
    address = check_url(url or ENTRY_URL)
    terminal = terminal_for(address)
    account = classic.log_in(transport, address, email, password, terminal)
    saved = Saved(email, "v1", {}, None, transport.ca_file or "")
    return with_app(saved, classic.CLASSIC, address, account)


def answer(
    transport: Transport,
    app: App,
    address: Address,
    challenge: Challenge,
    ask_code: AskCode | None,
    password: Secret | None,
    kind: str,
) -> classic.Account:
    """Get the code and give it; a person who mistypes may type again.

    Raises
    ------
    SecondFactorNeeded
        If nobody can be asked.
    WrongCode
        If the code was not accepted.
    """
    wrong: WrongCode | None = None
    for _ in range(1 if ask_code else CODE_TRIES):
        code = _code(challenge, ask_code, wrong)
        try:
            return signed.answer_challenge(
                transport, app, address, challenge, code, password, kind
            )
        except WrongCode as error:
            wrong = error
            if error.error_code != -20607:
                break  # too old, or used: the same mail's code will not do
    assert wrong is not None
    raise wrong


def chosen(names: Iterable[str]) -> list[App]:
    """Return the apps of these names.

    Raises
    ------
    BadInput
        If there is none, or none of that name.
    """
    names = (names,) if isinstance(names, str) else tuple(names)
    known = load_apps()
    strange = [name for name in names if name not in known]
    if strange or not names:
        raise BadInput(
            f"There is no app {strange[0]!r}." if strange else "No app was chosen.",
            call="login",
            next_step=f"Choose among {', '.join(map(repr, known))}.",
        )
    return [known[name] for name in names]


def with_app(
    saved: Saved, app: App, address: Address, account: classic.Account
) -> Saved:
    """Return *saved* with one more app, and no challenge that waits."""
    entry = SavedApp(address.url, account, datetime.now(UTC), None)
    return saved._replace(apps={**saved.apps, app.name: entry}, pending=None)


def tell(refused: dict[str, TPLinkLabError]) -> None:
    """Warn about apps that refused while another works."""
    for name, error in refused.items():
        warnings.warn(
            f"The {name} app is not logged in, the other one is: {error}",
            AppNotLoggedIn,
            stacklevel=4,
        )


def _code(
    challenge: Challenge, ask_code: AskCode | None, wrong: WrongCode | None
) -> Secret:
    if ask_code is not None:
        code = ask_code(challenge)
        return code if isinstance(code, Secret) else Secret(str(code))
    again = "That code was not accepted. " if wrong else ""
    asked = _asked(
        f"{again}Code that TP-Link sent to {challenge.email} ({challenge.app} app): "
    )
    if asked is None:
        raise SecondFactorNeeded(
            f"TP-Link sent a code to {challenge.email}, and it cannot be asked for "
            "here.",
            call="login",
            next_step=f'Call tl.resume("{challenge.email}", code="…") with it.',
        )
    return asked


def _asked(prompt: str) -> Secret | None:
    """Return what the person typed, unseen; None if nobody can be asked."""
    try:
        with warnings.catch_warnings():
            # Where it could only be typed in plain sight, it is not asked for.
            warnings.simplefilter("error", getpass.GetPassWarning)
            return Secret(getpass.getpass(prompt))
    except (EOFError, OSError, NotImplementedError, getpass.GetPassWarning):
        return None
