"""The Thing API: how Tapo devices are listed, read and switched today.

Answers are bare JSON. A failure is HTTP 4xx with `code` and `message`. What nobody has
recorded is marked Unverified.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from .accounts import Account, Refusal
from .device import Device
from .server import Call, Reply
from .shadows import Shadow, Stale
from .smart.device import SmartDevice
from .trouble import Trouble
from .wire import NotJSON, decode

# Unverified: how many things a page may have; 20 is what clients ask for.
PAGE, LONGEST_PAGE = 20, 100
# Unverified: where versions end; further than any thing will be written.
MOST_VERSION = 1 << 53


class Failure(Exception):
    """A call is answered HTTP 4xx."""

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.answer: dict[str, Any] = {
            "code": status.value if code is None else code,
            "message": message,
        }
        if data is not None:
            self.answer["data"] = data


class Things:
    """Answers the Thing API for one account and its SMART devices.

    Parameters
    ----------
    account : Account
        Whose tokens are good.
    devices : iterable of Device
        The home; Kasa's own devices are no things.
    trouble : Trouble
        The teacher's controls.
    urls : dict
        Region to listener's URL; filled in when the listeners are up.
    wait : callable
        Sleeps for so many seconds, less when the cloud stops.
    offline_after_s : float
        How long the cloud takes to find a thing offline.
    delay_s : float
        How long a thing takes to follow its shadow.
    count : callable
        Told the name of each call.
    """

    def __init__(
        self,
        account: Account,
        devices: Iterable[Device],
        trouble: Trouble,
        urls: dict[str, str],
        wait: Callable[[float], object],
        offline_after_s: float,
        delay_s: float,
        count: Callable[[str], None],
    ) -> None:
        self._account = account
        self._things = {
            device.device_id: device
            for device in devices
            if isinstance(device, SmartDevice)
        }
        self._trouble = trouble
        self._urls = urls
        self._wait = wait
        self._offline_after_s = offline_after_s
        self._count = count
        self._shadows = {
            name: Shadow(thing, delay_s) for name, thing in self._things.items()
        }
        self.refuses_setters = False
        self._family = _id("family", account.email)
        # A star stands for a name in the path.
        self._routes: dict[str, Callable[[Call, str], dict[str, Any]]] = {
            "GET /v2/things": self._list,
            "GET /v1/things": self._list,
            "GET /v1/things/shadows": self._read_shadows,
            "GET /v1/things/*/details": self._details,
            "GET /v1/things/*/usage": self._usage,
            "PATCH /v1/things/*/shadows": self._write_shadow,
            "POST /v1/things/*/services-sync": self._services_sync,
            "GET /v1/families": self._families,
            "GET /v1/families/thing-settings": self._thing_settings,
            "GET /v1/families/*/rooms": self._rooms,
        }

    def __call__(self, call: Call) -> Reply:
        """The answer to a call below `/v1/` or `/v2/`."""
        try:
            handler, name = self._route(call)
            self._authorise(call)
            if self._trouble.over_limit():
                # Unverified: how this half of the cloud says it.
                raise Failure(
                    "API rate limit exceeded",
                    code=-20004,
                    status=HTTPStatus.TOO_MANY_REQUESTS,
                )
            return Reply(handler(call, name))
        except Failure as failure:
            return Reply(failure.answer, failure.status)

    def shadow(self, thing: SmartDevice) -> Shadow:
        """The shadow of a thing."""
        return self._shadows[thing.device_id]

    # -- finding the way -------------------------------------------------------------

    def _route(self, call: Call) -> tuple[Callable[[Call, str], dict[str, Any]], str]:
        parts = call.path.rstrip("/").split("/")
        route, name = f"{call.verb} {'/'.join(parts)}", ""
        if route not in self._routes and len(parts) == 5:
            name = unquote(parts[3], errors="replace")
            route = f"{call.verb} {'/'.join([*parts[:3], '*', *parts[4:]])}"
        handler = self._routes.get(route)
        if handler is None:
            # Unverified: what a path that leads nowhere is answered.
            raise Failure("Not Found", status=HTTPStatus.NOT_FOUND)
        self._count(route.replace("*", "{id}"))
        return handler, name

    def _authorise(self, call: Call) -> None:
        scheme, bar, token = (call.headers.get("Authorization") or "").partition("|")
        try:
            # Unverified: that a call without `app-cid` is answered like one without
            # a token; every client sends it.
            if not call.headers.get("app-cid") or scheme.strip() != "ut" or not bar:
                raise Refusal(-20651, "Token expired")
            self._account.check(token.strip())
        except Refusal:
            raise Failure("Unauthorized", status=HTTPStatus.UNAUTHORIZED) from None

    def _thing(self, call: Call, name: str) -> SmartDevice:
        thing = self._things.get(name)
        if thing is None or thing.region != call.region:
            # Unverified: what a thing that is not there is answered.
            raise Failure(f"[{name}] Thing not found", status=HTTPStatus.NOT_FOUND)
        return thing

    # -- what there is ---------------------------------------------------------------

    def _list(self, call: Call, name: str) -> dict[str, Any]:
        rows = [self._row(thing, call.region) for thing in self._things.values()]
        return _page(call, rows)

    def _row(self, thing: SmartDevice, region: str) -> dict[str, Any]:
        url = self._urls[thing.region]
        row = thing.row(url, region)
        kind = str(row["deviceType"])
        return {
            "thingName": thing.device_id,
            "nickname": thing.nickname,
            "model": row["deviceModel"].split("(")[0],
            "deviceName": row["deviceName"],
            "deviceType": kind,
            # Unverified: the words of `category`, and everything from `role` down
            # except the addresses and the ids of family and room.
            "category": kind.removeprefix("SMART.").removeprefix("TAPO").lower(),
            "status": 1 if thing.online else 0,
            "mac": row["deviceMac"],
            "hwVer": row["deviceHwVer"],
            "fwVer": row["fwVer"],
            "hwId": row["hwId"],
            "oemId": row["oemId"],
            "fwId": row["fwId"],
            "role": row["role"],
            "familyId": self._family,
            "roomId": _id("room", thing.room) if thing.room else "",
            "region": {"euw1": "eu-west-1", "use1": "us-east-1"}[thing.region],
            "appServerUrl": url,
            "appServerUrlV2": url,
            "cloudGatewayUrl": url,
            "isSubThing": False,
            "commonDevice": False,
            "crossRegion": thing.region != region,
            "thingModelId": _id("model", str(row["deviceModel"]))[:16],
            "onboardingTime": 1_600_000_000_000,
        }

    def _details(self, call: Call, name: str) -> dict[str, Any]:
        thing = self._thing(call, name)
        return {**self._row(thing, call.region), "ip": thing.address}

    def _usage(self, call: Call, name: str) -> dict[str, Any]:
        # Unverified: all of it. One source names the path, none shows an answer.
        thing = self._thing(call, name)
        self._must_be_online(thing)
        answer = thing.ask({"method": "get_device_usage"})
        return {"thingName": name, **answer.get("result", {})}

    def _families(self, call: Call, name: str) -> dict[str, Any]:
        # Unverified, like the next two: what families, rooms and settings look like.
        family = {"id": self._family, "name": "Home", "role": 0}
        return _page(call, [family])

    def _rooms(self, call: Call, name: str) -> dict[str, Any]:
        if name != self._family:
            raise Failure(f"[{name}] Family not found", status=HTTPStatus.NOT_FOUND)
        rooms = dict.fromkeys(t.room for t in self._things.values() if t.room)
        return _page(call, [{"id": _id("room", room), "name": room} for room in rooms])

    def _thing_settings(self, call: Call, name: str) -> dict[str, Any]:
        rows = [self._row(thing, call.region) for thing in self._things.values()]
        kept = ("thingName", "familyId", "roomId", "nickname")
        return _page(call, [{key: row[key] for key in kept} for row in rows])

    # -- shadows ---------------------------------------------------------------------

    def _read_shadows(self, call: Call, name: str) -> dict[str, Any]:
        names = [n for n in call.query.get("thingNames", "").split(",") if n]
        if not names:
            raise Failure("thingNames is missing")
        shadows: list[dict[str, Any]] = []
        failed: list[str] = []
        for one in dict.fromkeys(names):
            thing = self._things.get(one)
            if thing is None or thing.region != call.region:
                failed.append(one)  # Unverified: that it is a list of names
            else:
                shadows.append(self.shadow(thing).read())
        return {"shadows": shadows, "failThingList": failed}

    def _write_shadow(self, call: Call, name: str) -> dict[str, Any]:
        thing = self._thing(call, name)
        body = _object(call)
        version, state = _version(body.get("version")), body.get("state")
        desired = state.get("desired") if isinstance(state, dict) else None
        if version is None or not isinstance(desired, dict):
            raise Failure(f"[{name}] version and state.desired are required")
        try:
            # Only `on` was ever seen written. Unverified: that other names of the
            # shadow work alike, and that wrong ones are answered so.
            if not thing.accepts(desired):
                raise _schema(name)
            self.shadow(thing).write(version, desired)
        except Stale as stale:
            raise Failure(
                f"[{name}] Update version is smaller than present version.",
                code=11000,
                data={"curVersion": stale.current},
            ) from None
        self._slow(name)
        return {"version": version, "requestId": _id(name, str(version))}

    # -- services --------------------------------------------------------------------

    def _services_sync(self, call: Call, name: str) -> dict[str, Any]:
        thing = self._thing(call, name)
        body = _object(call)
        inputs = body.get("inputParams")
        request = inputs.get("requestData") if isinstance(inputs, dict) else None
        if body.get("serviceId") != "passthrough" or not isinstance(request, dict):
            raise _schema(name)
        refuses = self.refuses_setters or thing.is_camera
        schema = thing.schema()
        for method in _methods(request):
            if method not in schema or (refuses and method.startswith("set")):
                raise _schema(name)
        self._must_be_online(thing)
        answer = thing.ask(request)
        self._slow(name)
        return {"outputParams": {"responseData": answer}}

    def _must_be_online(self, thing: SmartDevice) -> None:
        if not thing.online:
            self._wait(self._offline_after_s)
            # Unverified: what the Thing API says of a thing that does not answer.
            raise Failure("Device is offline", code=-20571)

    def _slow(self, name: str) -> None:
        if self._trouble.gives_up():
            # Unverified: how this half of the cloud gives up waiting.
            raise Failure(f"[{name}] Request timeout", code=-20002)


def _schema(name: str) -> Failure:
    return Failure(f"[{name}] MODEL_SCHEMA_CHECK_FAILED")


def _object(call: Call) -> dict[str, Any]:
    """The body, which must be a JSON object."""
    try:
        body = decode(call.body)
    except NotJSON:
        body = None
    if not isinstance(body, dict):
        # Unverified: how this half of the cloud says it.
        raise Failure("JSON format error")
    return body


def _version(value: object) -> int | None:
    """A version, which clients send as a number or as a text."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value) if len(value) < 17 else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MOST_VERSION else None


def _methods(request: dict[str, Any]) -> Iterable[str]:
    """Every method that a request names, those inside batches and children too."""
    waiting: list[Any] = [request]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, dict):
            continue
        method, params = one.get("method"), one.get("params")
        yield method if isinstance(method, str) else ""
        if isinstance(params, dict):
            requests = params.get("requests")
            if method == "multipleRequest" and isinstance(requests, list):
                waiting += requests
            if method == "control_child":
                waiting.append(params.get("requestData"))


def _page(call: Call, rows: list[dict[str, Any]]) -> dict[str, Any]:
    page = _count_of(call, "page", 0, 0, 1 << 31)
    size = _count_of(call, "pageSize", PAGE, 1, LONGEST_PAGE)
    shown = rows[page * size : (page + 1) * size]
    return {"page": page, "pageSize": size, "total": len(rows), "data": shown}


def _count_of(call: Call, name: str, default: int, low: int, high: int) -> int:
    text = call.query.get(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
    if not low <= number <= high:
        # Unverified: that a page out of range is refused.
        raise Failure(f"{name} is out of range")
    return number


def _id(kind: str, name: str) -> str:
    """An invented id, the same one each time."""
    digest = hashlib.sha256(f"{kind}/{name}".encode("utf-8", "replace")).hexdigest()
    return digest[:32].upper()
