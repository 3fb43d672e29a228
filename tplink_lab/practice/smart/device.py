"""A SMART device of a home, with what the Thing API needs of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ..clock import PracticeClock
from ..device import Device, Entry, copy
from ..errors import PracticeError
from ..names import decode_alias, encode_alias
from .engine import SmartEngine
from .faults import Fault
from .settings import checked

# What a shadow shows, by its name there and in `get_device_info`. Only `on` and
# `auto_off_status` have been seen; the other names are Unverified.
SHADOW = {
    "on": "device_on",
    "brightness": "brightness",
    "hue": "hue",
    "saturation": "saturation",
    "color_temp": "color_temp",
    "auto_off_status": "auto_off_status",
}


@dataclass(frozen=True)
class _Later:
    """A change on its way to the device."""

    due: float
    moment: int
    params: dict[str, Any]


class SmartDevice(Device):
    """One living SMART device; its children are its outlets."""

    def __init__(
        self, entry: Entry, clock: PracticeClock, seed: int, username: str
    ) -> None:
        super().__init__(entry, clock, seed, username)
        self._brain: SmartEngine | None = None
        self._on_the_way: list[_Later] = []
        self._deaf = False

    @property
    def alias(self) -> str:
        """The name as people read it."""
        return decode_alias(self._alias)

    @property
    def nickname(self) -> str:
        """The name in base64."""
        return encode_alias(self.alias)

    @property
    def outlet_names(self) -> list[tuple[str, str]]:
        """(id, alias) of each child, as they are now."""
        listed = self._entry.snapshot.get("get_child_device_list")
        if not isinstance(listed, dict):
            return []
        with self._lock:
            children = self._awake().children.items()
            return [(one, decode_alias(unit.nickname)) for one, unit in children]

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The device's answer to a request."""
        with self._lock:
            engine = self._awake()
            answer = engine.ask(request, self._now())
            self._alias = engine.unit.changed.get("nickname", self._alias)
            return answer

    @property
    def is_camera(self) -> bool:
        """Whether it speaks the dialect of cameras, which take no orders here."""
        return "get_device_info" not in self._entry.snapshot

    @property
    def address(self) -> str:
        """Where it is in its own network."""
        info = self._entry.snapshot.get("get_device_info")
        return str(info.get("ip", "")) if isinstance(info, dict) else ""

    def schema(self) -> frozenset[str]:
        """The methods that its model has."""
        with self._lock:
            return self._awake().schema()

    def reported(self) -> dict[str, Any]:
        """What its shadow shows of it."""
        with self._lock:
            unit = self._awake().unit
            info = unit.show(unit.info)
            return {name: info[key] for name, key in SHADOW.items() if key in info}

    def accepts(self, desired: dict[str, Any]) -> bool:
        """Whether its model has these states and these values of them."""
        with self._lock:
            unit = self._awake().unit
            params = {SHADOW.get(name, ""): value for name, value in desired.items()}
            try:
                checked(unit.show(unit.info), params)
            except Fault:
                return False
            return True

    def follow(self, desired: dict[str, Any], delay_s: float) -> None:
        """Take on these states after so many real seconds, as shadows do."""
        with self._lock:
            self._awake()
            if self._deaf:
                return
            params = {SHADOW[name]: value for name, value in desired.items()}
            due = time.monotonic() + delay_s
            self._on_the_way.append(_Later(due, self._now(), params))

    def set_deaf(self, deaf: bool) -> None:
        """Accept every change, and make none of them."""
        with self._lock:
            self._awake().set_deaf(deaf)
            self._deaf = deaf

    def press(self, outlet: int | None = None) -> None:
        """Somebody presses the button; a strip has one for each outlet."""
        with self._lock:
            engine = self._awake()
            units = [engine.unit, *engine.children.values()]
            if outlet is not None:
                units = [units[outlet + 1]]
            buttons = [unit for unit in units if unit.is_on is not None]
            if not buttons:
                alias = self.alias
                if outlet is not None:
                    alias = decode_alias(units[0].nickname)
                raise PracticeError(
                    f"{alias!r} has no button to press: press something that switches."
                )
            for unit in buttons:
                unit.set({"device_on": not unit.is_on})

    def set_online(self, online: bool) -> None:
        """Pull the plug out of the wall, or put it back."""
        with self._lock:
            self._awake().set_powered(online, self._now())
            self._online = online

    def set_outlet_online(self, outlet: int, online: bool) -> bool:
        """Take a sensor's battery out, or put it in; False for a strip's outlet."""
        with self._lock:
            engine = self._awake()
            return engine.set_reachable(list(engine.children)[outlet], online)

    def state(self, outlet: int | None = None) -> dict[str, Any]:
        """What the device, or one of its children, really is."""
        with self._lock:
            engine = self._awake()
            units = list(engine.children.values())
            outlets = {
                decode_alias(unit.nickname): unit.is_on
                for unit in units
                if unit.is_on is not None
            }
            on = engine.unit.is_on
            found = {
                "alias": self.alias,
                "model": self._entry.row["deviceModel"],
                "online": self._online,
                # A strip is on while any outlet is, as a Kasa strip.
                "on": any(outlets.values()) if on is None and outlets else on,
                "outlets": outlets,
            }
            if outlet is not None:
                unit = units[outlet]
                found["alias"] = decode_alias(unit.nickname)
                found["model"] = unit.info.get("model", found["model"])
                lost = unit.changed.get("status", unit.info.get("status")) == "offline"
                found["online"] = self._online and not lost
                found["on"], found["outlets"] = unit.is_on, {}
            return found

    def _now(self) -> int:
        return int(self._clock.seconds())

    def _awake(self) -> SmartEngine:
        """The engine, with everything done that was due by now."""
        if self._brain is None:
            entry = self._entry
            self._brain = SmartEngine(
                copy(entry.snapshot),
                now=self._born,
                seed=f"{self._seed}/{self.device_id}",
                timezone_index=entry.timezone_index,
                load=entry.load,
                powered=entry.online,
                legacy=entry.legacy,
            )
        engine, real = self._brain, time.monotonic()
        while self._on_the_way and self._on_the_way[0].due <= real:
            later = self._on_the_way.pop(0)
            engine.settle(later.moment)
            if self._online:  # what cannot be reached gets no word of it
                engine.unit.set(later.params)
        engine.settle(self._now())
        return engine
