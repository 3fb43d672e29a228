"""A practice cloud far away: TLS on loopback, every flight of bytes late by *r*.

    python -m benchmarks.front --devices 100 --folder /tmp/somewhere

The answers are the practice cloud's own, asked for as a function. What stands before
it here is one event loop instead of a thread for each connection, so that a client at
32 connections measures itself and not the server: it counts connections and requests,
and holds back what a client sends by r, a new connection's first flight by 2 r (TCP's
handshake takes one round trip, TLS 1.3's the second). Answers leave at once.

Orders come as lines of JSON on standard input, each answered by a line; the end of
the input ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import sys
from http.client import parse_headers
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tplink_lab.practice import PracticeCloud
from tplink_lab.practice.server import Call, Reply
from tplink_lab.practice.tls import throwaway_authority
from tplink_lab.practice.wire import encode_bytes

FIRMWARES = [f"1.{n // 4}.{n} Build 2{n % 4}0101 Rel.10101{n % 10}" for n in range(24)]
READS = (b"get_sysinfo", b"get_realtime", b"getDeviceList")
CLOSE = b"connection: close"


def plug(number: int) -> dict[str, Any]:
    """Return a metered plug for a home file; its id is invented."""
    info = {
        "sw_ver": FIRMWARES[number % len(FIRMWARES)],
        "hw_ver": "1.0",
        "type": "IOT.SMARTPLUGSWITCH",
        "model": "HS110(EU)",
        "mac": ":".join(
            f"{number + (2 << 40):012X}"[i : i + 2] for i in range(0, 12, 2)
        ),
        "deviceId": f"80{number:038X}",
        "hwId": f"{7:032X}",
        "fwId": f"{8:032X}",
        "oemId": f"{9:032X}",
        "alias": f"Plug {number}",
        "dev_name": "Wi-Fi Smart Plug With Energy Monitoring",
        "relay_state": 1,
        "on_time": 60,
        "active_mode": "none",
        "feature": "TIM:ENE",
        "rssi": -40 - number % 40,
        "led_off": 0,
        "err_code": 0,
    }
    meter = {"current": 0.5, "voltage": 230.0, "power": 100.0, "total": 500.0}
    return {
        "row": {},
        "snapshot": {
            "system": {"get_sysinfo": info},
            "emeter": {"get_realtime": {**meter, "err_code": 0}},
        },
    }


def home(devices: int) -> dict[str, Any]:
    """Return a home of so many plugs."""
    return {"devices": [plug(number) for number in range(devices)]}


class Front:
    """What every connection shares: the cloud, the delay, the counts, the memory."""

    def __init__(self, devices: int, folder: Path) -> None:
        self.context, self.ca_file = throwaway_authority(folder)
        self.cloud = PracticeCloud(home(devices))
        self.delay_s = 0.0
        # Whether an answer to a read may be given again without asking the device.
        self.remembers = False
        self.known: dict[bytes, bytes] = {}
        self.connections = self.requests = 0

    def answer(self, line: bytes, head: bytes, body: bytes) -> bytes:
        """Return the whole HTTP answer to a request."""
        self.requests += 1
        # With the request line goes the token; what only reads is remembered.
        key = line + b"\n" + body
        known = self.known.get(key) if self.remembers else None
        if known is not None:
            return known
        verb, target = line.decode("latin-1").split(" ")[:2]
        parts = urlsplit(target)
        reply = self.cloud._serve(
            Call(
                "euw1",
                verb,
                parts.path,
                dict(reversed(parse_qsl(parts.query, keep_blank_values=True))),
                parse_headers(BytesIO(head + b"\r\n")),
                body,
            )
        )
        assert isinstance(reply, Reply)
        text = reply.content
        content = text.encode() if isinstance(text, str) else encode_bytes(text)
        kind = b"text/plain" if isinstance(text, str) else b"application/json"
        status = f"{reply.status.value} {reply.status.phrase}".encode()
        whole = (
            b"HTTP/1.1 %b\r\nContent-Type: %b;charset=UTF-8\r\nContent-Length: %d"
            b"\r\n\r\n%b" % (status, kind, len(content), content)
        )
        if any(read in body for read in READS):
            self.known[key] = whole
        return whole

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Follow an order; return the counts since the one before."""
        if "delay_ms" in order:
            self.delay_s = float(order["delay_ms"]) / 1000
        self.remembers = bool(order.get("remembers", self.remembers))
        counts = {"connections": self.connections, "requests": self.requests}
        self.connections = self.requests = 0
        return counts


class Line(asyncio.Protocol):
    """One connection: TLS and HTTP over bytes that come late."""

    def __init__(self, front: Front, loop: asyncio.AbstractEventLoop) -> None:
        self.front, self.loop = front, loop
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = front.context.wrap_bio(
            self.incoming, self.outgoing, server_side=True
        )
        self.trips, self.is_open, self.data = 2, False, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.front.connections += 1

    def data_received(self, data: bytes) -> None:
        wait_s = self.front.delay_s * self.trips
        self.trips = 1
        if wait_s:
            self.loop.call_later(wait_s, self.take, data)
        else:
            self.take(data)

    def take(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self.incoming.write(data)
        try:
            if not self.is_open:
                self.tls.do_handshake()
                self.is_open = True
            while True:
                piece = self.tls.read(1 << 16)
                if not piece:
                    raise ssl.SSLZeroReturnError
                self.data += piece
        except ssl.SSLWantReadError:
            ends = self.serve()
            self.flush()
            if ends:
                self.transport.close()
        except ssl.SSLError:  # said goodbye, or does not believe us
            self.transport.close()

    def serve(self) -> bool:
        """Answer every whole request; whether the connection ends with it."""
        while True:
            head, blank, rest = self.data.partition(b"\r\n\r\n")
            if not blank:
                return False
            lower = head.lower()
            at = lower.find(b"\r\ncontent-length:")
            length = int(lower[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(rest) < length:
                return False
            line, _, headers = head.partition(b"\r\n")
            self.data = rest[length:]
            self.tls.write(self.front.answer(line, headers + b"\r\n", rest[:length]))
            if CLOSE in lower:
                return True

    def flush(self) -> None:
        if self.outgoing.pending:
            self.transport.write(self.outgoing.read())


async def serve(devices: int, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    front = Front(devices, folder)
    server = await loop.create_server(
        lambda: Line(front, loop), "127.0.0.1", 0, backlog=1024
    )
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    # In place of the listeners' own, which are never opened.
    front.cloud._urls.update(dict.fromkeys(("euw1", "use1"), url))
    cloud = front.cloud
    ready = {
        "url": url,
        "email": cloud.email,
        "password": cloud.password,
        "ca_file": str(front.ca_file),
    }
    print(json.dumps(ready), flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    while line := await orders.readline():
        print(json.dumps(front.obey(json.loads(line))), flush=True)
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--devices", type=int, default=100)
    parser.add_argument("--folder", type=Path, required=True)
    args = parser.parse_args()
    asyncio.run(serve(args.devices, args.folder))


if __name__ == "__main__":
    main()
