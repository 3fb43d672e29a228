"""How a request gets to a device: past the gates, and by its own route."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tplink_lab.cloud.danger import check_danger
from tplink_lab.cloud.guard import writes_in
from tplink_lab.devices.listed import Listed
from tplink_lab.errors import BadInput, DeviceOffline, NotReached

if TYPE_CHECKING:
    from tplink_lab.devices.smart_device import Route

__all__ = ["Asking"]


class Asking(Listed):
    """Puts requests to a device; what is dangerous or forbidden is not sent."""

    __slots__ = ()

    route: Route | None

    def command(
        self, request: Mapping[str, Any], *, allow: str | Iterable[str] = ()
    ) -> dict[str, Any]:
        """Send any command and return the device's answer as it is.

        Parameters
        ----------
        request : dict
            ``{module: {method: arguments}}``, as in
            ``{"system": {"get_sysinfo": None}}``.
        allow : str or iterable of str
            Methods that can do lasting harm and are wanted all the same, by name:
            ``"system.reset"``.

        Returns
        -------
        dict
            With the device's own ``err_code`` in it: it is not checked.

        Raises
        ------
        WriteRefused
            If it can do lasting harm (reset, bind, firmware …) and is not allowed.
        """
        if not isinstance(request, Mapping) or not request:
            raise BadInput(
                "A command is a dict of modules.",
                call="command",
                next_step="Try {'system': {'get_sysinfo': None}}.",
            )
        check_danger(request, allow)
        if self.route is not None:
            self._cloud.guard.check(self.device_id, request)
            with self._plainly_offline(True):
                return dict(self.route.ask(request))
        return self._passthrough(request, allow=allow)

    def ask(
        self, request: Mapping[str, Any], *, repeatable: bool | None = None
    ) -> dict[str, Any]:
        """Send a request of the device's dialect and return the raw answer.

        Parameters
        ----------
        request : dict
            As for :meth:`command`.
        repeatable : bool, optional
            Whether it may be sent twice if the connection breaks; by default only
            what reads.

        Raises
        ------
        NotReached
            If it is no Kasa device, and has no route.
        """
        if not isinstance(request, Mapping):
            raise BadInput(
                "A request is a dict of modules.",
                call="ask",
                next_step="Try {'system': {'get_sysinfo': None}}.",
            )
        check_danger(request)
        safe = not writes_in(request) if repeatable is None else repeatable
        if self.route is not None:
            self._cloud.guard.check(self.device_id, request)
            with self._plainly_offline(True):
                return dict(self.route.ask(request, repeatable=safe))
        if self.dialect != "iot":
            raise NotReached(
                f"{self.alias!r} is a {self.device_type or 'device of unknown type'}: "
                "it is listed, but its service was not reached.",
                call=str(request.get("method") or ", ".join(request)),
                cause="It is reached through another service than Kasa's, which "
                "may call it offline although it is not. "
                f"{self._cloud.why_no_things()}",
                next_step="Mend that, then log in again with tl.login(...)."
                if "tapo" in self._cloud.refused
                else "Log in to the Tapo app too: tl.login(...) does so.",
            )
        return self._passthrough(request, repeatable=safe)

    def _passthrough(self, request: Mapping[str, Any], **how: Any) -> dict[str, Any]:
        url = self.app_server_url or None
        with self._plainly_offline(self.dialect == "iot" and url is not None):
            return self._cloud.passthrough(
                self.device_id, request, app_server_url=url, **how
            )

    @contextmanager
    def _plainly_offline(self, is_asked_right: bool) -> Iterator[None]:
        """Of the three causes of "offline", name the one that is left."""
        try:
            yield
        except DeviceOffline as error:
            if is_asked_right:
                error.cause = f"{self.alias!r} is unplugged, or off the Wi-Fi."
                error.next_step = "See that it has both, then ask again."
                error.args = (str(error),)
            raise

    def check_write(self, method: str) -> None:
        """Raise if the promise made at login forbids to write to all of it.

        Raises
        ------
        WriteRefused
            Nothing was sent.
        """
        self._cloud.guard.check(self.device_id, {"method": method})
