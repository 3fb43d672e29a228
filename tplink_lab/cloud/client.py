"""``Cloud``: an account that is logged in."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tplink_lab.cloud import envelope
from tplink_lab.cloud.connections import Connections
from tplink_lab.cloud.danger import check_danger
from tplink_lab.cloud.exchange import Exchange
from tplink_lab.cloud.guard import Guard
from tplink_lab.cloud.rawcalls import READS
from tplink_lab.cloud.redact import is_secret_key
from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.session import Session
from tplink_lab.cloud.things import Things
from tplink_lab.cloud.transport import Transport
from tplink_lab.errors import (
    BadInput,
    TapoNotReached,
    TPLinkLabError,
    UnusableAnswer,
)

if TYPE_CHECKING:
    from types import TracebackType

    from tplink_lab.devices import Device, DeviceList

__all__ = ["Cloud"]

_PASSTHROUGH = "cloud.passthrough(device_id, request, "


class Cloud:
    """An account at TP-Link's cloud, or at a practice cloud, with its token.

    Made by :func:`tplink_lab.login` and :func:`tplink_lab.practice`. It may be used
    from several threads.

    Attributes
    ----------
    practice : PracticeCloud or None
        The practice cloud behind it, if :func:`tplink_lab.practice` made it.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     cloud.device("Desk Lamp").is_on()
    False
    """

    def __init__(
        self,
        transport: Transport,
        sessions: Mapping[str, Session],
        refused: Mapping[str, TPLinkLabError] | None = None,
    ) -> None:
        self.practice: Any = None
        self._transport = transport
        self._sessions = dict(sessions)
        self._refused = dict(refused or {})
        self._guard = Guard()
        self._devices: DeviceList | None = None
        tapo = self._sessions.get("tapo")
        self._things = None if tapo is None else Things(tapo)
        self._no_things: TPLinkLabError | None = None
        self._places: dict[str, str] | None = None

    @property
    def sessions(self) -> Mapping[str, Session]:
        """App name to its session: ``"kasa"``, ``"tapo"``, or both."""
        return MappingProxyType(self._sessions)

    @property
    def refused(self) -> Mapping[str, TPLinkLabError]:
        """App name to the error it refused the login with; empty if none did."""
        return MappingProxyType(self._refused)

    @property
    def guard(self) -> Guard:
        """What must not be written."""
        return self._guard

    @guard.setter
    def guard(self, guard: Guard) -> None:
        self._guard = guard
        for session in self._sessions.values():
            session.guard = guard

    @property
    def _main(self) -> Session:
        return next(iter(self._sessions.values()))

    @property
    def url(self) -> str:
        """The entry URL: where the device list is posted."""
        return self._main.url

    @property
    def email(self) -> str:
        """The account's e-mail address; empty if only its token is known."""
        return self._main.account.email

    @property
    def token(self) -> Secret:
        """The token; ``.reveal()`` gives its text."""
        return self._main.token

    @property
    def things(self) -> Things:
        """The Thing API, which answers for Tapo devices.

        Raises
        ------
        BadInput
            If the Tapo app is not logged in.
        """
        if self._things is None:
            raise BadInput(
                "The Thing API needs the Tapo app's session.",
                next_step="Log in with tl.login(...), which logs in to both apps.",
            )
        return self._things

    def place(self, place_id: str) -> str:
        """Return the name of a home or room; empty if the cloud tells none.

        The first time all names are fetched: two requests for one home.
        """
        if self._places is None:
            self._places = self.things.places()
        return self._places.get(place_id, "")

    def why_no_things(self) -> str:
        """Return why Tapo devices could not be reached when they were listed."""
        if "tapo" in self._refused:
            return f"The Tapo app refused the login: {self._refused['tapo'].what}"
        if self._things is None:
            return "The Tapo app is not logged in."
        return "" if self._no_things is None else str(self._no_things)

    def _listed_things(self) -> list[dict[str, Any]]:
        """Return what the Thing API lists; if it fails, warn and go on without."""
        if self._things is None:
            return []
        try:
            things = self._things.list()
        except TPLinkLabError as error:
            self._no_things = error
            warnings.warn(
                f"Tapo devices cannot be reached now: {error}",
                TapoNotReached,
                stacklevel=4,
            )
            return []
        self._no_things = None
        return things

    @property
    def is_practice(self) -> bool:
        """Whether it is a cloud on this machine, and no real one."""
        return self._main.address.is_loopback

    @property
    def timeout_s(self) -> float:
        """How long one call may take, in seconds."""
        return self._transport.timeout_s

    @property
    def connections(self) -> Connections:
        """The pooled connections, and whom they trust."""
        return self._transport.connections

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The last exchanges, oldest first, every secret masked.

        200 at most, and fewer once their answers take more than 16 MiB together.
        """
        return tuple(self._transport.exchanges)

    @property
    def last_exchange(self) -> Exchange:
        """The newest exchange.

        Raises
        ------
        BadInput
            If there was none yet.
        """
        if not self.exchanges:
            raise BadInput(
                "Nothing has gone over the wire yet.",
                next_step="Call cloud.devices() first.",
            )
        return self.exchanges[-1]

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call any method of the classic cloud and return its ``result``.

        Parameters
        ----------
        method : str
            Such as ``"getDeviceList"`` (protocol.md §2).
        **params
            The method's parameters, under their names on the wire.

        Raises
        ------
        CloudError
            If the cloud reports an error.
        CloudUnreachable
            If no usable answer came.
        WriteRefused
            If the lab is read-only or a device protected, and this would write; or
            if a passthrough can do a device lasting harm: see :meth:`passthrough`.

        Examples
        --------
        >>> import tplink_lab as tl
        >>> with tl.practice() as cloud:
        ...     len(cloud.call("getDeviceList")["deviceList"]) > 10
        True
        """
        if not isinstance(method, str) or not method:
            raise BadInput(
                f"{method!r} is no method's name.", next_step='Try "getDeviceList".'
            )
        if method == "passthrough":
            # The same gate as passthrough() has; only there can a method be allowed.
            request = params.get("requestData")
            known = request if isinstance(request, Mapping | str) else {}
            check_danger(known, way=_PASSTHROUGH)
        # What a verbose traceback shows of this frame is no password either.
        params = {
            key: Secret(value) if is_secret_key(key) and type(value) is str else value
            for key, value in params.items()
        }
        repeatable = method in READS - {"refreshToken"}
        return self._main.classic(method, params, repeatable=repeatable)

    def passthrough(
        self,
        device_id: str,
        request: Mapping[str, Any],
        *,
        app_server_url: str | None = None,
        repeatable: bool = False,
        allow: str | Iterable[str] = (),
    ) -> dict[str, Any]:
        """Send *request* to a device through the cloud and return its answer.

        Parameters
        ----------
        device_id : str
            The device's id, from the device list.
        request : dict
            ``{module: {method: arguments}}``, as in
            ``{"system": {"get_sysinfo": None}}`` (protocol.md §5).
        app_server_url : str, optional
            Where to post; the entry URL if left out. A device answers at its own.
        repeatable : bool
            Whether to send again, once, if the connection breaks before the answer.
        allow : str or iterable of str
            Methods that can do lasting harm and are wanted all the same, by name:
            ``"system.reset"``.

        Returns
        -------
        dict
            What the device said, its own error codes included.

        Raises
        ------
        DeviceOffline
            If the service that was asked cannot reach it.
        UntrustedHost
            If the token must not travel to *app_server_url*.
        WriteRefused
            If it can do lasting harm (reset, bind, firmware …) and is not allowed; or
            if the lab is read-only or the device protected.
        """
        if not isinstance(device_id, str):
            raise BadInput("The device id is not text.", call="passthrough")
        if not isinstance(request, Mapping):
            raise BadInput(
                f"The request is a {type(request).__name__}, not a dict of modules.",
                call="passthrough",
                next_step="Try {'system': {'get_sysinfo': None}}.",
            )
        check_danger(request, allow, way=_PASSTHROUGH)
        result = self._main.classic(
            "passthrough",
            envelope.device_request(device_id, dict(request)),
            url=app_server_url,
            repeatable=repeatable,
        )
        return envelope.read_device_answer(result, call="passthrough")

    def devices(self, *, refresh: bool = True) -> DeviceList:
        """Return the account's devices, in the cloud's order.

        Parameters
        ----------
        refresh : bool
            False gives the list as last heard, without a request, if there is one.

        Returns
        -------
        DeviceList
            Shows as a table; ``.to_frame()`` gives a DataFrame. Empty if the
            account has no device.

        Examples
        --------
        >>> import tplink_lab as tl
        >>> with tl.practice() as cloud:
        ...     cloud.devices()[0].alias
        'My Smart Plug'
        """
        from tplink_lab.devices import DeviceList

        if refresh or self._devices is None:
            result = self._main.classic("getDeviceList", None, repeatable=True)
            rows = result.get("deviceList")
            if not isinstance(rows, list):
                raise UnusableAnswer(
                    "The answer holds no deviceList.",
                    call="getDeviceList",
                    next_step="cloud.last_exchange shows what came.",
                )
            self._devices = DeviceList.from_rows(self, rows, self._listed_things())
        return self._devices

    def device(self, name: str) -> Device:
        """Return one device.

        Parameters
        ----------
        name : str
            Its alias (capitals do not matter), its device id, or a beginning of
            one of them that fits only one device.

        Raises
        ------
        NoSuchDevice
            If none fits, with the near names; or if several do, with their ids.
        """
        if not isinstance(name, str):
            raise BadInput(
                f"{name!r} is no name.",
                call="device",
                next_step="Give an alias or a device id; cloud.devices()[0] takes "
                "numbers.",
            )
        known = self._devices
        if known is not None and known.find(name) is not None:
            return known[name]
        return self.devices()[name]

    def renew(self) -> None:
        """Buy new tokens with the refresh tokens, without the password.

        There is seldom a need: an expired token is renewed by the call that meets it.

        Raises
        ------
        BadInput
            If the login gave no refresh token.
        TokenRefused
            If a refresh token is too old: log in again.
        """
        for session in self._sessions.values():
            session.renew()

    def close(self) -> None:
        """Close the connections, and stop the practice cloud behind it."""
        for session in self._sessions.values():
            session.close()
        self._transport.close()
        if self.practice is not None:
            self.practice.stop()

    def __enter__(self) -> Cloud:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        address = self._main.address
        where = "practice cloud" if address.is_loopback else address.host
        locked = ", read-only" if self.guard.read_only else ""
        return f"<Cloud {self.email or '(by token)'} at {where}{locked}>"
