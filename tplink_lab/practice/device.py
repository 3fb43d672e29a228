"""A device of a home: its row in the list, its engine, its place in the world."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .clock import PracticeClock
from .iot.engine import IotEngine


@dataclass(frozen=True)
class Entry:
    """A device as a home describes it, checked and with an id of its own."""

    row: dict[str, Any]
    snapshot: dict[str, Any]
    is_iot: bool
    online: bool
    region: str
    load: Any = None
    outlets: list[dict[str, Any]] = field(default_factory=list)
    timezone_index: int = 42
    legacy: bool = False
    room: str = ""


class Device:
    """One living device; this one speaks Kasa's dialect.

    Its engine is made when it is first needed, so that a home of ten thousand is ready
    at once.
    """

    def __init__(
        self, entry: Entry, clock: PracticeClock, seed: int, username: str
    ) -> None:
        self._entry = entry
        self._clock = clock
        self._seed = seed
        self._username = username
        self._born = int(clock.seconds())
        self._lock = threading.RLock()
        self._engine: IotEngine | None = None
        self._online = entry.online
        self._alias: str = entry.row["alias"]
        self.device_id: str = entry.row["deviceId"]
        self.is_iot = entry.is_iot
        # Whether it answers through the classic cloud; Tapo's did until about 2020.
        self.is_classic = entry.is_iot or entry.legacy
        self.region = entry.region

    @property
    def is_camera(self) -> bool:
        """Whether it speaks the dialect of Tapo's cameras."""
        return False

    @property
    def room(self) -> str:
        """Where it stands, if the home says so."""
        return self._entry.room

    @property
    def online(self) -> bool:
        """Whether it is plugged in and the cloud can reach it."""
        return self._online

    @property
    def alias(self) -> str:
        """The name as people read it."""
        return self._alias

    @property
    def outlet_names(self) -> list[tuple[str, str]]:
        """(id, alias) of each outlet, as they are now."""
        if self._engine is not None:
            with self._lock:
                return self._engine.outlet_names()
        system = self._entry.snapshot.get("system", {})
        children = system.get("get_sysinfo", {}).get("children", [])
        return [(child["id"], child["alias"]) for child in children]

    def row(self, url: str, region: str) -> dict[str, Any]:
        """The row of `getDeviceList`, as the listener of `region` shows it."""
        row = {"appServerUrl": url, "isSameRegion": region == self.region}
        row.update(self._entry.row)
        # A recorded row may name a real host; nobody is sent there from here.
        row["appServerUrl"] = url
        row["isSameRegion"] = region == self.region
        row["alias"] = self._alias
        if not self._online:
            row["status"] = 0
        elif self.is_iot:
            row["status"] = 1
        return row

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The device's answer to a passthrough."""
        with self._lock:
            engine = self._living()
            answer = engine.ask(request, int(self._clock.seconds()))
            self._alias = engine.alias
            return answer

    def press(self, outlet: int | None = None) -> None:
        """Somebody presses the button."""
        with self._lock:
            self._living().press(outlet, int(self._clock.seconds()))

    def set_online(self, online: bool) -> None:
        """Pull the plug out of the wall, or put it back."""
        with self._lock:
            self._living().set_powered(online, int(self._clock.seconds()))
            self._online = online

    def state(self, outlet: int | None = None) -> dict[str, Any]:
        """What the device, or one of its outlets, really is."""
        with self._lock:
            on, pairs = self._living().state(int(self._clock.seconds()))
            if outlet is not None:
                on = pairs[outlet][1]
            return {
                "alias": self.alias if outlet is None else pairs[outlet][0],
                "model": self._entry.row["deviceModel"],
                "online": self._online,
                "on": on if isinstance(on, bool) else None,
                "outlets": dict(pairs) if outlet is None else {},
            }

    def _living(self) -> IotEngine:
        if self._engine is None:
            entry = self._entry
            self._engine = IotEngine(
                copy(entry.snapshot),
                now=self._born,
                seed=f"{self._seed}/{self.device_id}",
                username=self._username,
                timezone_index=entry.timezone_index,
                load=entry.load,
                outlets=entry.outlets,
                powered=entry.online,
            )
        return self._engine


def copy(value: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy of something that came out of JSON."""
    copied: dict[str, Any] = json.loads(json.dumps(value))
    return copied
