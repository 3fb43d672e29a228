"""The clients that are measured, each behind the same few verbs.

``toggle`` reads the state and sets it; ``read`` asks one device about itself; ``row``
asks for state and meter; ``sweep`` reads many at once; ``list`` fetches the device
list as whatever the client makes of it. Each returns how many calls failed.
"""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

SYSINFO = {"system": {"get_sysinfo": None}}
ROW = {**SYSINFO, "emeter": {"get_realtime": None}}
TIMEOUT_S = 60


class Target:
    """Where the cloud is and who we are there.

    Attributes
    ----------
    url, email, password : str
        As the front printed them.
    ca_file : str
        The front's own root alone.
    roots : str
        That root among the public ones: what a client that trusts the web reads.
    py_roots : str
        That root among those of the PyPI package.
    """

    def __init__(self, **given: str) -> None:
        self.url, self.email = given["url"], given["email"]
        self.password, self.ca_file = given["password"], given["ca_file"]
        self.roots, self.py_roots = given["roots"], given.get("py_roots", "")


def switch(on: int) -> dict[str, Any]:
    return {"system": {"set_relay_state": {"state": on}}}


def passthrough(device_id: str, request: dict[str, Any]) -> bytes:
    data = json.dumps(request, separators=(",", ":"))
    params = {"deviceId": device_id, "requestData": data}
    body = {"method": "passthrough", "params": params}
    return json.dumps(body, separators=(",", ":")).encode()


def login_body(target: Target) -> dict[str, Any]:
    """The article's login."""
    return {
        "method": "login",
        "params": {
            "appType": "Kasa_Android",
            "cloudUserName": target.email,
            "cloudPassword": target.password,
            "terminalUUID": "3c1e4a52-0000-4000-8000-5f3759df0001",
        },
    }


def said(answer: Any) -> dict[str, Any]:
    """Return a device's answer out of the envelope, or raise."""
    if answer["error_code"]:
        raise RuntimeError(f"error_code {answer['error_code']}")
    return dict(json.loads(answer["result"]["responseData"]))


def in_threads(
    items: Iterable[Any], workers: int, work: Callable[[Any], object]
) -> int:
    """Do *work* with each item in so many threads; return how many failed."""
    left, failed = iter(list(items)), []
    guard = threading.Lock()

    def run() -> None:
        while True:
            with guard:
                item = next(left, None)
            if item is None:
                return
            try:
                work(item)
            except Exception as error:  # noqa: BLE001 - counted
                failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(failed)


class Raw:
    """Verbs over ``post(body) -> parsed answer``, as a script would write them."""

    def __init__(self, target: Target) -> None:
        self.target, self.token = target, ""
        self.ids: list[str] = []
        self.open()
        self.token = self.post(login_body(target))["result"]["token"]
        self.list()

    def open(self) -> None:
        """Make what is made once."""

    def post(self, body: Any) -> Any:
        raise NotImplementedError

    def list(self) -> int:
        found = self.post({"method": "getDeviceList"})
        self.ids = [row["deviceId"] for row in found["result"]["deviceList"]]
        return 0

    def ask(self, device_id: str, request: dict[str, Any]) -> dict[str, Any]:
        return said(self.post(passthrough(device_id, request)))

    def read(self) -> int:
        return 0 if self.ask(self.ids[0], SYSINFO)["system"]["get_sysinfo"] else 1

    def toggle(self) -> int:
        info = self.ask(self.ids[0], SYSINFO)["system"]["get_sysinfo"]
        answer = self.ask(self.ids[0], switch(1 - info["relay_state"]))
        return int(answer["system"]["set_relay_state"]["err_code"] != 0)

    def row(self, devices: int, workers: int) -> int:
        return in_threads(self.ids[:devices], workers, lambda i: self.ask(i, ROW))

    def sweep(self, devices: int, workers: int) -> int:
        return in_threads(self.ids[:devices], workers, lambda i: self.ask(i, SYSINFO))


class Floor(Raw):
    """One TLS socket kept alive for each thread, and no HTTP library."""

    def open(self) -> None:
        parts = urlsplit(self.target.url)
        self.address = (parts.hostname or "", parts.port or 443)
        self.context = ssl.create_default_context(cafile=self.target.ca_file)
        self.mine = threading.local()

    def post(self, body: Any) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if not hasattr(self.mine, "socket"):
            plain = socket.create_connection(self.address, TIMEOUT_S)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            name = self.address[0]
            self.mine.socket = self.context.wrap_socket(plain, server_hostname=name)
        line = self.mine.socket
        head = (
            f"POST /?token={self.token} HTTP/1.1\r\nHost: {self.address[0]}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        line.sendall(head.encode() + data)
        got = line.recv(1 << 16)
        while b"\r\n\r\n" not in got:
            got += line.recv(1 << 16)
        head, _, rest = got.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        pieces, left = [rest], length - len(rest)
        while left > 0:
            piece = line.recv(1 << 18)
            pieces.append(piece)
            left -= len(piece)
        return json.loads(b"".join(pieces))


class Session(Raw):
    """``requests.Session``, kept, as its documentation shows it."""

    def open(self) -> None:
        import requests

        self.session = requests.Session()
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=32, pool_block=True)
        self.session.mount("https://", adapter)

    def post(self, body: Any) -> Any:
        if isinstance(body, bytes):
            body = json.loads(body)
        return self.session.post(
            self.target.url,
            params={"token": self.token},
            json=body,
            verify=self.target.roots,
            timeout=TIMEOUT_S,
        ).json()


class Post(Raw):
    """``requests.post``: a new session for each call, as scripts copy it."""

    def open(self) -> None:
        import requests

        self.requests = requests

    def post(self, body: Any) -> Any:
        if isinstance(body, bytes):
            body = json.loads(body)
        return self.requests.post(
            self.target.url,
            params={"token": self.token},
            json=body,
            verify=self.target.roots,
            timeout=TIMEOUT_S,
        ).json()


class Lean(Raw):
    """The least that ``requests`` can be brought to: its adapter, one TLS context."""

    def open(self) -> None:
        from requests import PreparedRequest
        from requests.adapters import HTTPAdapter

        context = ssl.create_default_context(cafile=self.target.roots)

        class Adapter(HTTPAdapter):
            def init_poolmanager(self, *args: Any, **more: Any) -> None:
                super().init_poolmanager(*args, ssl_context=context, **more)

            def cert_verify(self, conn: Any, *_: Any) -> None:
                conn.cert_reqs = "CERT_REQUIRED"

        self.adapter = Adapter(pool_maxsize=32, pool_block=True)
        self.prepared = PreparedRequest()
        self.prepared.prepare("POST", self.target.url, data=b"{}")
        self.prepared.headers["Content-Type"] = "application/json"

    def post(self, body: Any) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        prepared = self.prepared.copy()
        prepared.url = f"{self.target.url}/?token={self.token}"
        prepared.body = data
        prepared.headers["Content-Length"] = str(len(data))
        return json.loads(self.adapter.send(prepared, timeout=TIMEOUT_S).content)


class Curl(Raw):
    """One process for each request, the article's way."""

    def post(self, body: Any) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        run = subprocess.run(
            [
                "curl", "-sS", "--cacert", self.target.roots, "--data-binary", "@-",
                "-H", "Content-Type: application/json",
                f"{self.target.url}/?token={self.token}",
            ],
            input=data, capture_output=True, check=True, timeout=TIMEOUT_S,
        )  # fmt: skip
        return json.loads(run.stdout)


class Lab:
    """tplink_lab, by its public names."""

    def __init__(self, target: Target) -> None:
        import tplink_lab as tl

        self.cloud = tl.login(
            target.email,
            target.password,
            url=target.url,
            ca_file=target.roots,
            remember=False,
        )
        self.list()

    def list(self) -> int:
        self.devices = self.cloud.devices()
        return 0

    def read(self) -> int:
        return 0 if self.devices[0].info() else 1

    def toggle(self) -> int:
        self.devices[0].toggle()
        return 0

    def row(self, devices: int, workers: int) -> int:
        from tplink_lab.data.sweep import sweep

        found = sweep(self.devices[:devices], lambda d: d.ask(ROW), workers=workers)
        return sum(one.error is not None for one in found)

    def sweep(self, devices: int, workers: int) -> int:
        from tplink_lab.data.sweep import sweep

        found = sweep(self.devices[:devices], lambda d: d.info(), workers=workers)
        return sum(one.error is not None for one in found)

    def first_panel(self) -> int:
        """Open the control panel and wait until its row has come."""
        import tplink_lab as tl

        self.panel = tl.widgets.control_panel(self.cloud, self.devices[:1])
        return int(not self.panel.wait(TIMEOUT_S))

    def click(self) -> int:
        """Click; the panel switches the device and reads what came of it."""
        self.panel.button(self.devices[0].alias).click()
        return int(not self.panel.wait(TIMEOUT_S))

    def loads(self) -> int:
        json.loads(self._text())
        return 0

    def objects(self) -> int:
        """What stands between the text of a list and its devices."""
        from tplink_lab.cloud import envelope
        from tplink_lab.devices import DeviceList

        result = envelope.read_result(envelope.parse(self._text(), call="x"), call="x")
        return int(not DeviceList.from_rows(self.cloud, result["deviceList"]))

    def frame(self) -> int:
        return int(self.devices.to_frame().empty)

    def _text(self) -> str:
        if not hasattr(self, "text"):
            rows = [device.row for device in self.devices]
            answer = {"error_code": 0, "result": {"deviceList": rows}}
            self.text = json.dumps(answer, separators=(",", ":"))
        return self.text


class Py:
    """``tplink-cloud-api`` of PyPI; only the file of its own root is another."""

    def __init__(self, target: Target) -> None:
        import asyncio

        import tplinkcloud
        import tplinkcloud.client
        import tplinkcloud.device_client

        for module in (tplinkcloud.client, tplinkcloud.device_client):
            module.get_ca_cert_path = lambda: target.py_roots
        self.loop = asyncio.new_event_loop()
        self.manager = tplinkcloud.TPLinkDeviceManager(
            target.email,
            target.password,
            prefetch=False,
            cache_devices=False,
            tplink_cloud_api_host=target.url,
        )
        self.list()

    def list(self) -> int:
        self.devices = self.loop.run_until_complete(self.manager.get_devices())
        return 0

    def read(self) -> int:
        return int(self.loop.run_until_complete(self.devices[0].is_on()) is None)

    def toggle(self) -> int:
        self.loop.run_until_complete(self.devices[0].toggle())
        return 0

    def sweep(self, devices: int, workers: int) -> int:
        return self._all(device.is_on() for device in self.devices[:devices])

    def row(self, devices: int, workers: int) -> int:
        calls = [d.is_on() for d in self.devices[:devices]]
        calls += [d.get_power_usage_realtime() for d in self.devices[:devices]]
        return self._all(calls)

    def _all(self, calls: Iterable[Any]) -> int:
        """It has no bound of its own: whoever wants one has to write it."""
        import asyncio

        async def gathered() -> list[Any]:
            return await asyncio.gather(*calls, return_exceptions=True)

        found = self.loop.run_until_complete(gathered())
        return sum(one is None or isinstance(one, BaseException) for one in found)


PEERS: dict[str, Callable[[Target], Any]] = {
    "lab": Lab,
    "floor": Floor,
    "session": Session,
    "post": Post,
    "lean": Lean,
    "curl": Curl,
    "py": Py,
}
