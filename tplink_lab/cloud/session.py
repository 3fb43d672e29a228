"""``Session``: one app's token, kept good while it is used.

An expired token is renewed once for all threads, and for all notebooks that share a
saved session; then the call is repeated. Nothing else is repeated on a refusal, but
a rate limit, which is waited out within a stated budget.
"""

from __future__ import annotations

import copy
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from tplink_lab.cloud import account as accounts
from tplink_lab.cloud import envelope
from tplink_lab.cloud.account import Account
from tplink_lab.cloud.apps import App
from tplink_lab.cloud.guard import Guard
from tplink_lab.cloud.hosts import Address, check_same_world, ways_to
from tplink_lab.cloud.rawcalls import check_classic, check_signed, check_thing
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.transport import Request, Transport
from tplink_lab.errors import BadInput, RateLimited, TokenRefused, TPLinkLabError

__all__ = ["PATIENCE_S", "Keeper", "Session"]

# How long a call may wait for a rate limit to pass, in seconds. A choice.
PATIENCE_S = 10.0
FIRST_WAIT_S = 1.0
EXPIRED = -20651
# Limits that pass in seconds; a block does not.
BUSY = -20003
PASSING = frozenset({-10200, -10201, BUSY, -20004})

T = TypeVar("T")


class Keeper(Protocol):
    """Keeps sessions in a file that several notebooks may share."""

    def renewed(
        self,
        app: str,
        url: str,
        stale: Account,
        buy: Callable[[Account], Account],
    ) -> Account:
        """Return a fresh account for *stale*: another's, or one it has to *buy*.

        Another's is taken over only if it logged in at the same *url*.
        """


class Session:
    """An account at one of the two apps' clouds, with its token.

    Attributes
    ----------
    app : App
        As which phone app it is signed in.
    address : Address
        Where it logged in; calls go there unless told otherwise.
    guard : Guard
        What must not be written.
    patience_s : float
        How long a call may wait for a rate limit to pass, in seconds.
    waiting : int
        How many threads wait for a renewal.
    logged_in_at, renewed_at : datetime or None
        When (UTC); None if not known, or not yet.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     cloud.sessions["kasa"]
    <Session of kasa at practice cloud>
    """

    def __init__(
        self,
        transport: Transport,
        app: App,
        address: Address,
        account: Account,
        *,
        signed: bool,
        keeper: Keeper | None = None,
        patience_s: float = PATIENCE_S,
        logged_in_at: datetime | None = None,
        renewed_at: datetime | None = None,
    ) -> None:
        self.app = app
        self.address = address
        self.guard = Guard()
        self.patience_s = patience_s
        self.logged_in_at = logged_in_at
        self.renewed_at = renewed_at
        self._transport = transport
        self._account = account
        self._signed = signed
        self._keeper = keeper
        self._renewing = threading.Lock()
        self._failure: TPLinkLabError | None = None
        self._failures = 0
        self.waiting = 0
        self._closed = threading.Event()
        # Devices' URLs, checked once each; a home has one or two.
        self._addresses: dict[str, Address] = {}

    @property
    def account(self) -> Account:
        """What the login gave, its token as fresh as it is."""
        return self._account

    @property
    def is_signed(self) -> bool:
        """Whether it came from a signed login, so that its calls are signed too."""
        return self._signed

    @property
    def url(self) -> str:
        """Where calls go unless told otherwise."""
        return self.address.url

    @property
    def token(self) -> Secret:
        """The token; ``.reveal()`` gives its text."""
        return self._account.token

    def classic(
        self,
        method: str,
        params: dict[str, Any] | None,
        *,
        url: str | None = None,
        repeatable: bool = False,
    ) -> dict[str, Any]:
        """Call a method of the classic form at the root and return its ``result``.

        Parameters
        ----------
        method : str
            Such as ``"getDeviceList"``.
        params : dict or None
            Its parameters.
        url : str, optional
            Another host, such as a device's ``app_server_url``.
        repeatable : bool
            Whether to send again, once, if the connection breaks before the answer.

        Raises
        ------
        WriteRefused
            If the lab is read-only, or a device protected, and this may write.
        """
        check_classic(self.guard, method, params or {})
        body = envelope.request_body(method, params)
        return self._result(
            Request(method, body, repeatable=repeatable), self._address(url)
        )

    def signed(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Call a path of the signed API and return its ``result``.

        Parameters
        ----------
        path : str
            Such as ``"/api/v2/common/getDeviceListByPage"`` (protocol.md §4).
        body : dict
            Flat, as that API has it.

        Raises
        ------
        WriteRefused
            If the lab is read-only, or a device protected, and this may write.

        Examples
        --------
        >>> import tplink_lab as tl
        >>> with tl.practice() as cloud:
        ...     page = {"deviceTypeList": ["SMART.TAPOPLUG"], "index": 0, "limit": 20}
        ...     path = "/api/v2/common/getDeviceListByPage"
        ...     cloud.sessions["tapo"].signed(path, page)["totalNum"] > 0
        True
        """
        if not isinstance(path, str) or not path.startswith("/api/v2/"):
            raise BadInput(
                f"{path!r} is no path of the signed API.",
                next_step='Paths begin with "/api/v2/".',
            )
        check_signed(self.guard, path, body)
        request = Request(path.rpartition("/")[2], body, path=path)
        return self._result(request, self.address)

    def thing(
        self,
        verb: str,
        url: str,
        path: str,
        query: str = "",
        body: dict[str, Any] | None = None,
        *,
        repeatable: bool = False,
        failure: Callable[[int, Any, str], TPLinkLabError | None],
    ) -> Any:
        """Ask the Thing API and return the parsed answer.

        The token goes into a header there (protocol.md §6.2). A dead token (HTTP
        401 or ``{"code":401}``) is renewed once, as everywhere. *failure* reads
        every other refusal.

        Raises
        ------
        UntrustedHost
            If the token must not travel to *url*.
        WriteRefused
            If the lab is read-only, or a device protected, and this may write.
        """
        check_thing(self.guard, verb, path, body)
        address = check_same_world(self.address, url)
        request = Request(
            path,
            body,
            verb=verb,
            path=path,
            query=query,
            bearer=True,
            headers=(("app-cid", f"app:{self.app.app_type}:{self._account.terminal}"),),
            repeatable=repeatable,
        )

        def ask(account: Account) -> Any:
            status, text = self._posted(request, address, account)
            if status == 401:  # whatever the body is
                raise _dead(path, status)
            answer = envelope.parse(text, call=path, status=status)
            code = answer.get("code") if isinstance(answer, dict) else None
            if status == 403 or str(code) == "401":
                raise _dead(path, status)
            error = failure(status, answer, path)
            if error is not None:
                raise error
            return answer

        return self._with_care(ask, repeatable=request.repeatable)

    def renew(self) -> None:
        """Buy a new token with the refresh token, without the password.

        Raises
        ------
        BadInput
            If the login gave no refresh token.
        TokenRefused
            If the refresh token is too old: log in again.
        """
        if not self._account.refresh_token:
            raise BadInput(
                "There is no refresh token.",
                call="refreshToken",
                next_step="Log in again with tl.login(...).",
            )
        self._renew_after(self._account)

    def close(self) -> None:
        """Wake whoever waits for a rate limit."""
        self._closed.set()

    def _address(self, url: str | None) -> Address:
        if url is None or url == self.address.url:
            return self.address
        known = self._addresses.get(url)
        if known is None:
            has_roots = self._transport.connections.has_private_roots
            known = (
                ways_to(url, self.address, private_roots=has_roots)[0]
                if not self.address.is_loopback
                else check_same_world(self.address, url)
            )
            self._addresses[url] = known
        return known

    def _result(self, request: Request, address: Address) -> dict[str, Any]:
        if self._signed:
            request = request._replace(sign_as=self.app)

        def ask(account: Account) -> dict[str, Any]:
            status, text = self._posted(request, address, account)
            answer = envelope.parse(text, call=request.call, status=status)
            hide = (account.token, account.refresh_token)
            return envelope.read_result(
                answer, call=request.call, status=status, hide=hide
            )

        return self._with_care(ask, repeatable=request.repeatable)

    def _posted(
        self, request: Request, address: Address, account: Account
    ) -> tuple[int, Secret]:
        known = (account.refresh_token,) if account.refresh_token else ()
        request = request._replace(token=account.token, known=known)
        return self._transport.send(address, request)

    def _with_care(self, ask: Callable[[Account], T], *, repeatable: bool) -> T:
        """Return what *ask* returns, with the token renewed and limits waited out."""
        stale: Account | None = None
        bought, renewals = False, 0
        waited_s, pause_s = 0.0, FIRST_WAIT_S
        while True:
            try:
                if stale is not None:
                    bought, stale = self._renew_after(stale), None
                account = self._account
                return ask(account)
            except TokenRefused as refused:
                expired = refused.error_code == EXPIRED
                # Another's fresh token may be dead as well; then it is bought.
                done = bought or renewals == 2 or not account.refresh_token
                if done or not expired:
                    raise
                renewals += 1
                stale, delay_s = account, 0.0
            except RateLimited as limited:
                # Jitter, so that many callers do not come back at one moment.
                delay_s = pause_s * random.uniform(0.5, 1.5)  # noqa: S311
                if (
                    limited.error_code not in PASSING
                    # "Busy" does not say that nothing was done; the others do.
                    or (limited.error_code == BUSY and not repeatable)
                    or waited_s + delay_s > self.patience_s
                    or self._closed.wait(delay_s)
                ):
                    _say_how_long(limited, waited_s)
                    raise
            if delay_s:
                waited_s += delay_s
                pause_s *= 2

    def _renew_after(self, stale: Account) -> bool:
        """Replace *stale*, unless another thread or notebook has; whether it bought.

        Who waited while another thread tried in vain does not try again.
        """
        tries = self._failures
        self.waiting += 1
        with self._renewing:
            self.waiting -= 1
            if self._account.token != stale.token:
                return False
            if self._failure is not None and self._failures != tries:
                raise copy.copy(self._failure)
            bought = False

            def buy(old: Account) -> Account:
                nonlocal bought
                bought = True
                return accounts.renew(
                    self._transport, self.address, self.app, old, signed=self._signed
                )

            try:
                if self._keeper is None:
                    self._account = buy(stale)
                else:
                    self._account = self._keeper.renewed(
                        self.app.name, self.url, stale, buy
                    )
            except TPLinkLabError as error:
                self._failure = error
                self._failures += 1
                raise
            self._failure = None
            self.renewed_at = datetime.now(UTC)
            return bought

    def __repr__(self) -> str:
        where = "practice cloud" if self.address.is_loopback else self.address.host
        return f"<Session of {self.app.name} at {where}>"


def _dead(path: str, status: int) -> TokenRefused:
    refused = TokenRefused(
        f"The Thing API does not accept the token (HTTP {status}).",
        call=path,
        next_step="Log in again with tl.login(...).",
    )
    refused.error_code = EXPIRED
    return refused


def _say_how_long(limited: RateLimited, waited_s: float) -> None:
    """Add to the error what was waited for in vain, and how long to wait at least."""
    if waited_s:
        limited.cause += f" Waited {waited_s:.1f} s for it to pass, in vain."
    limited.next_step += f" At least {limited.wait_s:.0f} s."
    limited.args = (str(limited),)
