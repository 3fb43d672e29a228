"""Ways into an account: log in, resume what was saved, or forget it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from tplink_lab.cloud import login as logins
from tplink_lab.cloud.account import CLASSIC, check_email, check_password
from tplink_lab.cloud.apps import load_apps
from tplink_lab.cloud.client import Cloud
from tplink_lab.cloud.hosts import check_url
from tplink_lab.cloud.login import AskCode, Login
from tplink_lab.cloud.saved import Saved
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.session import PATIENCE_S, Session
from tplink_lab.cloud.store import Store, saved_emails
from tplink_lab.cloud.transport import TIMEOUT_S, Transport
from tplink_lab.devices.protection import make_guard
from tplink_lab.errors import (
    AppNotLoggedIn,
    BadInput,
    SessionFileError,
    TPLinkLabError,
)

__all__ = ["login", "logout", "resume"]

APPS = ("kasa", "tapo")


def login(
    email: str,
    password: str | Secret | Callable[[], str] | None = None,
    *,
    apps: Iterable[str] = APPS,
    code: AskCode | None = None,
    second_factor: str = "email",
    protocol: str = "v2",
    remember: bool | str | None = None,
    url: str | None = None,
    ca_file: str | Path | None = None,
    timeout_s: float = TIMEOUT_S,
    patience_s: float = PATIENCE_S,
    read_only: bool = False,
    protect: Iterable[str] = (),
) -> Cloud:
    """Log in to an account and return its cloud.

    Signs the request as the phone apps do, follows the account to its region, asks
    for the code of the second factor if there is one, and logs in to both apps.

    Parameters
    ----------
    email : str
        The account's address, as in the Kasa or Tapo app.
    password : str or callable, optional
        Left out, it is taken from the variable ``TPLINK_LAB_PASSWORD``, or asked for
        and not shown: better than a notebook that keeps it.
    apps : iterable of str
        ``"kasa"``, ``"tapo"`` or both. If one refuses and the other works, a warning
        says so, and ``cloud.refused`` holds the reason.
    code : callable, optional
        Given the challenge, returns the code of the second factor, for scripts. Left
        out, the person is asked.
    second_factor : {"email", "push"}
        How the code shall come. A push reaches only a phone bound to the account.
    protocol : {"v2", "v1"}
        ``"v1"`` is the article's login: unsigned, Kasa only, no second factor.
    remember : bool or "keyring", optional
        Save the session for :func:`resume`: in a file that only you can read, or in
        the operating system's keyring. By default TP-Link's sessions are saved, and
        those of a practice cloud are not. The password is never saved.
    url : str, optional
        The entry URL: TP-Link's by default, or any server on loopback.
    ca_file : str or Path, optional
        The roots to check the server's certificate with, for a practice cloud that
        serves https.
    timeout_s : float
        How long one call may take.
    patience_s : float
        How long a call may wait for a rate limit to pass, in seconds.
    read_only : bool
        Refuse whatever would change something.
    protect : iterable of str
        Names of devices or outlets that are never switched, as ``["Freezer"]``.

    Returns
    -------
    Cloud
        Logged in.

    Raises
    ------
    LoginRefused
        If the cloud refuses; it is tried once, for wrong passwords lock an account.
    SecondFactorNeeded
        If a code is needed and nobody can be asked: :func:`resume` takes it.
    UntrustedHost
        If *url* is no TP-Link host and not loopback; nothing was sent.
    CloudUnreachable
        If no usable answer came.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     school = cloud.practice
    ...     mine = tl.login(school.email, school.password, url=school.url)
    >>> mine
    <Cloud you@example.com at practice cloud>
    >>> list(mine.sessions)
    ['kasa', 'tapo']
    """
    # At once, so that no traceback that prints variables shows it.
    password = Secret(password) if isinstance(password, str) else password
    if not isinstance(password, Secret | None) and not callable(password):
        password = None
        raise BadInput(
            "The password is not text.", call="login", next_step="Put it in quotes."
        )
    if code is not None and not callable(code):
        code = None
        raise BadInput(
            "code= takes a function that returns the code: it is sent only now.",
            call="login",
            next_step="Leave it out to be asked, or use tl.resume(..., code='…').",
        )
    if remember not in (None, True, False, "keyring"):
        raise BadInput(
            f"remember={remember!r}.",
            call="login",
            next_step='Choose True, False or "keyring".',
        )
    if protocol == "v1" and apps not in (APPS, "kasa", ("kasa",), ["kasa"]):
        raise BadInput(
            "The classic login knows the Kasa app only.",
            call="login",
            next_step='Leave out apps=, or protocol="v1".',
        )
    if protocol not in ("v1", "v2") or second_factor not in ("email", "push"):
        raise BadInput(
            f"protocol={protocol!r}, second_factor={second_factor!r}.",
            call="login",
            next_step='Choose "v2" or "v1", and "email" or "push".',
        )
    check_email(email)
    loopback = url is not None and check_url(url).is_loopback
    if remember is None:
        remember = not loopback
    check_patience(patience_s)
    store = None
    if remember:
        store = Store(email, practice=loopback, keyring=remember == "keyring")
        store.check()
    if password is None:
        password = logins.ask_password(email)
    elif not isinstance(password, Secret):
        password = logins.as_secret(password(), "password")
    check_password(password)
    transport = Transport(ca_file=ca_file, timeout_s=timeout_s)
    keep = store.add if store else _keep_nothing
    try:
        refused: dict[str, TPLinkLabError] = {}
        if protocol == "v1":
            saved = logins.log_in_classic(transport, url, email, password)
            keep(saved)
        else:
            names = tuple(app.name for app in logins.chosen(apps))
            entering = Login(
                transport,
                email,
                password,
                url,
                names,
                code,
                second_factor,
                keep,
                store is not None,
            )
            saved, refused = entering.run()
        return _opened(transport, saved, refused, store, patience_s, read_only, protect)
    except BaseException:
        transport.close()
        raise


def resume(
    email: str | None = None,
    *,
    code: str | Secret | AskCode | None = None,
    timeout_s: float = TIMEOUT_S,
    patience_s: float = PATIENCE_S,
    read_only: bool = False,
    protect: Iterable[str] = (),
) -> Cloud:
    """Open a saved session, without a password and without a request.

    Parameters
    ----------
    email : str, optional
        Whose; may be left out if only one is saved.
    code : str or callable, optional
        The code of a second factor that :func:`login` was waiting for, perhaps in a
        kernel that is gone. Left out, the person is asked if there is such a one.
    timeout_s, patience_s, read_only, protect
        As for :func:`login`.

    Returns
    -------
    Cloud
        As logged in as it was; an old token is renewed by the first call.

    Raises
    ------
    SessionFileError
        If nothing is saved, or the file cannot be read, trusted or understood.
    WrongCode
        If the code is not accepted.

    Examples
    --------
    A practice account is only remembered if you say so:

    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     us = cloud.practice
    ...     mine = tl.login(us.email, us.password, url=us.url, remember=True)
    ...     again = tl.resume(us.email)  # in another kernel, or tomorrow
    ...     print(again)
    ...     tl.logout(us.email)
    <Cloud you@example.com at practice cloud>
    """
    # At once, as a password: it opens the account.
    code = Secret(code) if isinstance(code, str) else code
    if not isinstance(code, Secret | None) and not callable(code):
        code = logins.as_secret(code, "code")
    check_patience(patience_s)
    if email is None:
        email = _only_saved()
    store = _store_of(check_email(email))
    saved = store.read()
    transport = Transport(ca_file=saved.ca_file or None, timeout_s=timeout_s)
    try:
        if saved.pending is not None and (code is not None or not saved.apps):
            saved = _answered(transport, saved, code)
            store.add(saved)
        if saved.missing and saved.apps:
            _tell_missing(saved)
        if not saved.apps:
            raise SessionFileError(
                f"The saved session of {email} holds no token.",
                call="session",
                next_step="Log in again with tl.login(...).",
            )
        return _opened(transport, saved, {}, store, patience_s, read_only, protect)
    except BaseException:
        transport.close()
        raise


def logout(email: str) -> None:
    """Forget a saved session, in file and keyring.

    The tokens themselves stay good until they expire: TP-Link's cloud has no known
    way to end them (protocol.md §2.4).

    Parameters
    ----------
    email : str
        Whose.

    Raises
    ------
    SessionFileError
        If there is none, or it cannot be deleted.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     us = cloud.practice
    ...     mine = tl.login(us.email, us.password, url=us.url, remember=True)
    ...     tl.logout(us.email)
    ...     tl.logout(us.email)
    Traceback (most recent call last):
    tplink_lab.errors.SessionFileError: session: There is no saved session of \
you@example.com. Log in with tl.login(...); it saves one, on a practice cloud with \
remember=True.
    """
    _store_of(check_email(email)).forget()


def _keep_nothing(saved: Saved) -> None:
    """Forget at once: the session is not to be saved."""


def _opened(
    transport: Transport,
    saved: Saved,
    refused: dict[str, TPLinkLabError],
    store: Store | None,
    patience_s: float,
    read_only: bool,
    protect: Iterable[str],
) -> Cloud:
    """Return the cloud of what was just logged in, or saved."""
    identities = load_apps()
    sessions = {
        name: Session(
            transport,
            identities[name] if app.signed else CLASSIC,
            check_url(app.url),
            app.account,
            signed=app.signed,
            keeper=store,
            patience_s=patience_s,
            logged_in_at=app.logged_in_at,
            renewed_at=app.renewed_at,
        )
        for name, app in saved.apps.items()
        if name in identities or not app.signed
    }
    if not sessions:
        raise BadInput(
            f"The app identities know none of {', '.join(saved.apps)}.",
            call="login",
            next_step="Mend the file that TPLINK_LAB_APPS names.",
        )
    cloud = Cloud(transport, sessions, refused)
    cloud.guard = make_guard(cloud, read_only, protect)
    return cloud


def _answered(
    transport: Transport, saved: Saved, code: Secret | AskCode | None
) -> Saved:
    """Return *saved* with the app whose second factor was waiting."""
    challenge = saved.pending
    assert challenge is not None
    if isinstance(code, Secret):
        given = code
        ask: AskCode | None = lambda _: given  # noqa: E731
    else:
        ask = code
    (app,) = logins.chosen([challenge.app])
    address = check_url(challenge.url)
    account = logins.answer(
        transport, app, address, challenge, ask, None, resumable=True
    )
    return logins.with_app(saved, app, address, account)


def check_patience(patience_s: float) -> None:
    """Raise unless it is a number of seconds."""
    if isinstance(patience_s, bool) or not isinstance(patience_s, int | float):
        raise BadInput(f"patience_s is {patience_s!r}.", next_step="Give seconds.")


def _store_of(email: str) -> Store:
    """Return the account's store; a practice cloud's if there is no real one."""
    real, practice = Store(email), Store(email, practice=True)
    return practice if practice.path.exists() and not real.path.exists() else real


def _tell_missing(saved: Saved) -> None:
    names = " and ".join(saved.missing)
    how = "tl.login(...) logs in to it."
    if saved.pending is not None:
        how = f"The {saved.pending.app} app waits for its code: tl.resume(code='…')."
    warnings.warn(
        f"The {names} app is not logged in, the other one is. {how}",
        AppNotLoggedIn,
        stacklevel=3,
    )


def _only_saved() -> str:
    emails = saved_emails()
    if len(emails) == 1:
        return emails[0]
    raise SessionFileError(
        f"{len(emails)} sessions are saved." if emails else "No session is saved.",
        call="session",
        next_step=f"Name one: {', '.join(emails)}."
        if emails
        else "Log in with tl.login(...); it saves one.",
    )
