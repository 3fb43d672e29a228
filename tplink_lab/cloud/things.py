"""The Thing API: the service that answers for Tapo devices (protocol.md §6.2).

It lives at a host of its own, which the account's cloud names. Answers are bare JSON,
failures HTTP 4xx with ``code`` and ``message``. A thing has a *shadow*: what it shall
be (``desired``), what it says it is (``reported``), and a version that grows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from tplink_lab.cloud.hosts import Address, check_same_world
from tplink_lab.cloud.session import Session
from tplink_lab.codes import THING_CODES, cloud_error
from tplink_lab.errors import (
    CloudError,
    NotSupported,
    RequestRefused,
    TPLinkLabError,
    UnusableAnswer,
)

__all__ = ["Things"]

# Each with the spelling of its service, tried in this order (§1.2).
BY_TOKEN = "/api/v2/common/getAppServiceUrl"  # noqa: S105 - a path, no token
BY_NAME = "/api/v2/common/getAppServiceUrlByCloudUserName"
SERVICE, OLD_SERVICE = "nbu.iot-app-server.app-v2", "nbu.iot-app-server.app"
# The app keeps a host for a day.
HOST_KEPT_S = 86400.0
PAGE_SIZE = 20
MOST_PAGES = 500
CONFLICT = 11000


class Things:
    """The Thing API, asked with one session.

    Parameters
    ----------
    session : Session
        The Tapo app's, or one whose token the Thing API takes as well.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._host: tuple[Address, float] | None = None

    def host(self) -> Address:
        """Return where the Thing API of this account is; asked once a day.

        Raises
        ------
        UnusableAnswer
            If none of the three ways to ask names a host.
        UntrustedHost
            If the host that is named is none of TP-Link's.
        """
        with self._lock:
            if self._host and time.monotonic() - self._host[1] < HOST_KEPT_S:
                return self._host[0]
            address = check_same_world(self._session.address, self._named_host())
            self._host = (address, time.monotonic())
            return address

    def list(self) -> list[dict[str, Any]]:
        """Return the account's things as the cloud lists them, every page."""
        found: list[dict[str, Any]] = []
        for page in range(MOST_PAGES):
            query = urlencode({"page": page, "pageSize": PAGE_SIZE})
            answer = self._ask("GET", self.host(), "/v2/things", query)
            rows, total = answer.get("data"), answer.get("total")
            if not isinstance(rows, list) or not all(_names(row) for row in rows):
                raise _half("/v2/things", "data")
            found += rows
            if len(rows) < PAGE_SIZE or (type(total) is int and len(found) >= total):
                return found
        raise _half("/v2/things", "an end")

    def places(self) -> dict[str, str]:
        """Return the names of homes and rooms by their ids.

        One request for the homes, and one for the rooms of each.
        """
        names: dict[str, str] = {}
        homes = _places(self._ask("GET", self.host(), "/v1/families"))
        names.update(homes)
        for home in homes:
            path = f"/v1/families/{quote(home, safe='')}/rooms"
            names.update(_places(self._ask("GET", self.host(), path)))
        return names

    def shadow(self, thing: str, url: str = "") -> tuple[dict[str, Any], int]:
        """Return what a thing says it is, and the version of its shadow."""
        call = "/v1/things/shadows"
        query = urlencode({"thingNames": thing})
        answer = self._ask("GET", self._at(url), call, query)
        shadows = answer.get("shadows")
        for shadow in shadows if isinstance(shadows, list) else ():
            if isinstance(shadow, dict) and shadow.get("thingName") == thing:
                state = shadow.get("state")
                reported = state.get("reported") if isinstance(state, dict) else None
                version = _number(shadow.get("version"))
                if isinstance(reported, dict) and version is not None:
                    return reported, version
        raise _half(call, "the thing's shadow")

    def write_shadow(
        self, thing: str, desired: Mapping[str, Any], version: int, url: str = ""
    ) -> int:
        """Write what a thing shall be, and return the version it was written as.

        Parameters
        ----------
        version : int
            The shadow's version as it was read. If somebody else wrote in between it
            is written once more, on top of theirs.

        Raises
        ------
        RequestRefused
            If somebody else wrote again in between (code 11000).
        """
        path = f"/v1/things/{quote(thing, safe='')}/shadows"
        for attempt in (1, 2):
            body = {"version": version + 1, "state": {"desired": dict(desired)}}
            try:
                self._ask("PATCH", self._at(url), path, body=body)
                break
            except RequestRefused as refused:
                current = getattr(refused, "current_version", None)
                if attempt == 2 or current is None:
                    raise
                version = current
        return version + 1

    def sync(
        self,
        thing: str,
        request: Mapping[str, Any],
        url: str = "",
        *,
        repeatable: bool = False,
    ) -> Any:
        """Put a request to the device itself and return its answer.

        Raises
        ------
        NotSupported
            If the method is not in the schema of the device's model: the request
            never reached the device.
        """
        path = f"/v1/things/{quote(thing, safe='')}/services-sync"
        inputs = {"requestData": dict(request)}
        body = {"serviceId": "passthrough", "inputParams": inputs}
        answer = self._ask(
            "POST", self._at(url), path, body=body, repeatable=repeatable
        )
        outputs = answer.get("outputParams")
        data = outputs.get("responseData") if isinstance(outputs, dict) else None
        if not isinstance(data, dict):
            raise _half(path, "responseData")
        return data

    def _at(self, url: str) -> Address:
        if not url:
            return self.host()
        return check_same_world(self._session.address, url)

    def _ask(
        self,
        verb: str,
        address: Address,
        path: str,
        query: str = "",
        body: dict[str, Any] | None = None,
        *,
        repeatable: bool = False,
    ) -> dict[str, Any]:
        answer = self._session.thing(
            verb,
            address.url,
            path,
            query,
            body,
            repeatable=repeatable or verb == "GET",
            failure=failure,
        )
        if not isinstance(answer, dict):
            raise _half(path, "an object")
        return answer

    def _named_host(self) -> str:
        """Return the first host that one of the three ways names."""
        session = self._session
        by_token = {"serviceIds": [SERVICE]}
        by_name = {"cloudUserName": session.account.email, "serviceIds": [SERVICE]}
        ways: list[Callable[[], Mapping[str, Any]]] = [
            lambda: session.signed(BY_TOKEN, by_token),
            lambda: session.signed(BY_NAME, by_name),
            lambda: session.classic("getAppServiceUrl", {"serviceIds": [OLD_SERVICE]}),
        ]
        if not session.is_signed:
            ways = ways[2:]
        trouble: TPLinkLabError | None = None
        for way in ways:
            try:
                url = _service_url(way())
            except RequestRefused as refused:
                trouble = refused  # this spelling is not known there
                continue
            if url:
                return url
        raise trouble or _half("getAppServiceUrl", "a serviceUrl")


def failure(status: int, answer: Any, path: str) -> TPLinkLabError | None:
    """Return what an answer of the Thing API reports, if it is a failure.

    Examples
    --------
    >>> answer = {"code": 11000, "message": "x", "data": {"curVersion": 118}}
    >>> failure(400, answer, "/v1/things/80/shadows").current_version
    118
    """
    if status < 400:
        return None
    found = answer if isinstance(answer, dict) else {}
    code = _number(found.get("code"))
    words = found.get("message")
    text = words if isinstance(words, str) else f"HTTP {status}"
    if "MODEL_SCHEMA_CHECK_FAILED" in text:
        error: TPLinkLabError = NotSupported(
            f"The cloud says {text!r}.",
            call=path,
            cause=THING_CODES[400].cause,
            next_step=THING_CODES[400].next_step,
        )
    elif code == CONFLICT:
        known = THING_CODES[CONFLICT]
        error = RequestRefused(
            f"The cloud says {text!r} (code {code}).",
            call=path,
            cause=known.cause,
            next_step=known.next_step,
        )
        data = found.get("data")
        current = data.get("curVersion") if isinstance(data, dict) else None
        error.error_code = CONFLICT
        error.current_version = _number(current)  # type: ignore[attr-defined]
    elif code is not None and code < 0:
        error = cloud_error(path, code, text)
    else:
        error = CloudError(
            f"The cloud says {text!r} (HTTP {status}).",
            call=path,
            next_step="cloud.last_exchange shows what came.",
        )
        error.error_code = code or status
    return error


def _service_url(result: Mapping[str, Any]) -> str:
    """Return the Thing host in any of the three forms of the answer (§1.2)."""
    urls = result.get("serviceUrls")
    if isinstance(urls, dict):
        found: Iterable[Any] = (urls.get(SERVICE), urls.get(OLD_SERVICE))
    else:
        rows = result.get("serviceList")
        found = (
            row.get("serviceUrl")
            for row in (rows if isinstance(rows, list) else ())
            if isinstance(row, dict) and row.get("serviceId") == SERVICE
        )
    return next((url for url in found if isinstance(url, str) and url), "")


def _places(answer: Mapping[str, Any]) -> dict[str, str]:
    # Unverified: that rows have `id` and `name`; what lacks them is left out.
    rows = answer.get("data")
    return {
        row["id"]: row["name"]
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
        and isinstance(row.get("id"), str)
        and isinstance(row.get("name"), str)
    }


def _names(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("thingName"), str)


def _number(value: Any) -> int | None:
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return None
    return value if type(value) is int else None


def _half(path: str, what: str) -> UnusableAnswer:
    return UnusableAnswer(
        f"The answer holds no {what}.",
        call=path,
        next_step="cloud.last_exchange shows what came.",
    )
