"""A whole login: both apps, one after the other, with the second factor if asked.

The password is tried once for each app, and no more once it was found wrong. What
one app refuses does not spoil the other.
"""

from __future__ import annotations

import getpass
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from tplink_lab.cloud import account as classic
from tplink_lab.cloud import signed
from tplink_lab.cloud.apps import App, load_apps
from tplink_lab.cloud.hosts import ENTRY_URL, Address, check_url
from tplink_lab.cloud.saved import Saved, SavedApp
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.signed import Challenge
from tplink_lab.cloud.terminal import terminal_for
from tplink_lab.cloud.transport import Transport
from tplink_lab.errors import (
    AppNotLoggedIn,
    BadInput,
    RateLimited,
    SecondFactorNeeded,
    TPLinkLabError,
    WrongCode,
)

__all__ = ["AskCode", "Login", "ask_password", "log_in_classic"]

PASSWORD_VARIABLE = "TPLINK_LAB_PASSWORD"  # noqa: S105 - a name, no password
# After these the password is not tried with the other app: it would count twice.
FINAL = frozenset({-20200, -20601, -20602, -20615, -20661, -20662, -20675})
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
    keeps : bool
        Whether that saves it indeed.
    """

    transport: Transport
    email: str
    password: Secret
    url: str | None
    apps: tuple[str, ...]
    ask_code: AskCode | None
    second_factor: str
    keep: Callable[[Saved], None]
    keeps: bool

    def run(self) -> tuple[Saved, dict[str, TPLinkLabError]]:
        """Log in and return the sessions, and what refused.

        Each app is kept as soon as it is logged in, so that what the other one does
        cannot undo it.

        Raises
        ------
        LoginRefused, CloudUnreachable
            If no app let us in.
        SecondFactorNeeded
            If a code is needed, nobody can be asked, and no app let us in; what there
            is was kept.
        """
        apps = chosen(self.apps)
        saved = Saved(self.email, {}, ca_file=self.transport.ca_file or "")
        refused: dict[str, TPLinkLabError] = {}
        for app in apps:
            missing = tuple(one.name for one in apps if one.name not in saved.apps)
            saved = saved._replace(missing=missing, pending=None)
            try:
                address, account = self._one(app, saved)
            except TPLinkLabError as error:
                if not saved.apps and _is_final(error):
                    raise
                refused[app.name] = error
            else:
                saved = with_app(saved, app, address, account)
                self.keep(saved)
        if not saved.apps:
            raise next(iter(refused.values()))
        tell(refused)
        return saved, refused

    def _one(self, app: App, saved: Saved) -> tuple[Address, classic.Account]:
        """Log in to one app."""
        entry = check_url(self.url or app.entry_url)
        address, outcome = signed.log_in(
            self.transport,
            app,
            entry,
            entry.url,
            self.email,
            self.password,
            terminal_for(entry),
        )
        if not isinstance(outcome, Challenge):
            return address, outcome
        challenge = outcome._replace(sent_by=self.second_factor)
        signed.send_code(self.transport, app, address, challenge, self.password)
        if challenge.process_id:
            self.keep(saved._replace(pending=challenge))
        resumable = self.keeps and bool(challenge.process_id)
        account = answer(
            self.transport,
            app,
            address,
            challenge,
            self.ask_code,
            self.password,
            resumable=resumable,
        )
        return address, account


def _is_final(error: TPLinkLabError) -> bool:
    """Whether the other app is not to be tried: the account is meant, not the app."""
    return (
        isinstance(error, BadInput | SecondFactorNeeded | RateLimited | WrongCode)
        or getattr(error, "error_code", 0) in FINAL
    )


def log_in_classic(
    transport: Transport, url: str | None, email: str, password: Secret
) -> Saved:
    """Log in the article's way: the Kasa app, unsigned, without a second factor."""
    address = check_url(url or ENTRY_URL)
    terminal = terminal_for(address)
    account = classic.log_in(transport, address, email, password, terminal)
    saved = Saved(email, {}, ca_file=transport.ca_file or "")
    return with_app(saved, classic.CLASSIC, address, account)


def answer(
    transport: Transport,
    app: App,
    address: Address,
    challenge: Challenge,
    ask_code: AskCode | None,
    password: Secret | None,
    *,
    resumable: bool,
) -> classic.Account:
    """Get the code and give it; a person who mistypes may type again.

    Raises
    ------
    SecondFactorNeeded
        If nobody can be asked.
    WrongCode
        If the code was not accepted.
    """
    wrong: TPLinkLabError | None = None
    # A script would only give the same code again; a person behind a form would not.
    is_script = ask_code is not None and not getattr(ask_code, "is_person", False)
    for _ in range(1 if is_script else CODE_TRIES):
        code = _code(challenge, ask_code, wrong, resumable)
        try:
            return signed.answer_challenge(
                transport, app, address, challenge, code, password
            )
        except (WrongCode, BadInput) as error:
            wrong = error
            if getattr(error, "error_code", -20607) != -20607:
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
    if not isinstance(names, Iterable):
        names = (repr(names),)
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
    entry = SavedApp(address.url, account, app is not classic.CLASSIC, _now(), None)
    missing = tuple(name for name in saved.missing if name != app.name)
    apps = {**saved.apps, app.name: entry}
    return saved._replace(apps=apps, missing=missing, pending=None)


def _now() -> datetime:
    return datetime.now(UTC)


def tell(refused: dict[str, TPLinkLabError]) -> None:
    """Warn about apps that refused while another works."""
    for name, error in refused.items():
        warnings.warn(
            f"The {name} app is not logged in, the other one is: {error}",
            AppNotLoggedIn,
            stacklevel=4,
        )


def as_secret(value: object, what: str) -> Secret:
    """Return a password or code as a Secret; anything but text is refused.

    Raises
    ------
    BadInput
        Nothing was sent.
    """
    if isinstance(value, Secret):
        return value
    if isinstance(value, str):
        return Secret(value)
    raise BadInput(
        f"The {what} is not text, but of type {type(value).__name__}.",
        call="login",
        next_step=f"Give the {what} in quotes, or a function that returns it.",
    )


def _code(
    challenge: Challenge,
    ask_code: AskCode | None,
    wrong: TPLinkLabError | None,
    resumable: bool,
) -> Secret:
    if ask_code is not None:
        return as_secret(ask_code(challenge), "code")
    again = "That was not the code. " if wrong else ""
    asked = _asked(
        f"{again}Code that TP-Link sent to {challenge.email} ({challenge.app} app): "
    )
    if asked is None:
        step = (
            f'Call tl.resume("{challenge.email}", code="…") with it.'
            if resumable
            else "Log in where you can be asked, or give code=, a function."
        )
        raise SecondFactorNeeded(
            f"TP-Link sent a code to {challenge.email}, and it cannot be asked for "
            "here.",
            call="login",
            next_step=step,
        )
    return asked


def _asked(prompt: str) -> Secret | None:
    """Return what the person typed, unseen; None if nobody can be asked."""
    try:
        with warnings.catch_warnings():
            # Where it could only be typed in plain sight, it is not asked for; a
            # pipe shows nothing.
            typed = sys.stdin is not None and sys.stdin.isatty()
            warnings.simplefilter(
                "error" if typed else "ignore", getpass.GetPassWarning
            )
            return Secret(getpass.getpass(prompt))
    except (EOFError, OSError, NotImplementedError, getpass.GetPassWarning):
        return None
