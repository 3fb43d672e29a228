"""The engine of an IOT device: what a snapshot says it answers, what is set stays set.

`requestData` is `{"module": {"method": args}}`. A method is answered by the first that
applies: an error that the snapshot recorded, a handler of the engine, the snapshot's
own answer, the family's error for what it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import extras, lights, strips
from .faults import BULB, CAMERA, NO_MODULE, PLUG, Fault, text, whole
from .load import Load
from .local import LocalTime
from .meter import Meter
from .unit import Unit

Args = dict[str, Any]
Handler = Callable[[Args], "dict[str, Any] | None"]

LONGEST_ALIAS = 31
EMETER = {False: "emeter", True: "smartlife.iot.common.emeter"}
SCHEDULE = {False: "schedule", True: "smartlife.iot.common.schedule"}
COUNTDOWN = {False: "count_down", True: "countdown"}


@dataclass(frozen=True)
class Family:
    """What tells one kind of device from another."""

    is_light: bool
    is_light_strip: bool
    is_strip: bool
    is_dimmer: bool
    is_camera: bool

    @classmethod
    def of(cls, info: dict[str, Any]) -> Family:
        """The family of a sysinfo."""
        light = "light_state" in info
        return cls(
            is_light=light,
            is_light_strip=light and "length" in info,
            is_strip=bool(info.get("children")),
            is_dimmer="relay_state" in info and "brightness" in info,
            is_camera="camera_switch" in info,
        )


class IotEngine:
    """One Kasa device, brought to life from a snapshot.

    Parameters
    ----------
    snapshot : dict
        Module, method, answer. The engine keeps and changes it.
    now : int
        The moment of the snapshot, in seconds since the epoch.
    seed : str
        Of rule ids and loads.
    username : str
        Whom `cnCloud.get_info` names.
    timezone_index : int
        Where the home lies, unless the snapshot says so itself.
    load : dict, optional
        What hangs on the outlet.
    outlets : list of dict
        For strips: `snapshot` and `load` of each outlet, in order.
    powered : bool
        Whether it is plugged in.
    """

    def __init__(
        self,
        snapshot: dict[str, Any],
        *,
        now: int,
        seed: str,
        username: str,
        timezone_index: int,
        load: dict[str, Any] | None,
        outlets: list[dict[str, Any]],
        powered: bool,
    ) -> None:
        self.snapshot = snapshot
        self.username = username
        self.now = now
        self._seed = seed
        sysinfo = snapshot["system"]["get_sysinfo"]
        nested = isinstance(sysinfo.get("system"), dict)
        self.info: dict[str, Any] = sysinfo["system"] if nested else sysinfo
        self.family = Family.of(self.info)
        self._errors = PLUG
        if self.family.is_light and not self.family.is_light_strip:
            self._errors = BULB
        elif nested or self.family.is_camera:
            self._errors = CAMERA
        time = snapshot.get("smartlife.iot.common.timesetting", snapshot.get("time"))
        zone = (time or {}).get("get_timezone", {}).get("index", timezone_index)
        if isinstance(zone, bool) or not isinstance(zone, int):
            zone = timezone_index
        self.local = LocalTime(zone)
        self.lights = lights.Lights(self) if self.family.is_light else None
        self.units = self._units(load, outlets, powered)
        self._context: list[int] | None = None
        self.handlers: dict[str, dict[str, Handler]] = self._handlers()

    # -- bringing to life ------------------------------------------------------------

    def _units(
        self, load: dict[str, Any] | None, outlets: list[dict[str, Any]], powered: bool
    ) -> list[Unit]:
        info = self.info
        if not self.family.is_strip:
            is_on = info.get("relay_state") == 1
            if self.lights is not None:
                is_on = self.lights.is_on
            pin = info.get("next_action")
            if pin is None:
                pin = self.recorded(SCHEDULE[self.family.is_light], "get_next_action")
            return [
                self._unit(0, info, is_on, pin or None, self.snapshot, load, powered)
            ]
        units = []
        for index, child in enumerate(info["children"]):
            own = outlets[index] if index < len(outlets) else {}
            snapshot = {**self.snapshot, **own.get("snapshot", {})}
            units.append(
                self._unit(
                    index,
                    child,
                    child["state"] == 1,
                    child.get("next_action"),
                    snapshot,
                    own.get("load", load),
                    powered,
                )
            )
        return units

    def _unit(
        self,
        index: int,
        info: dict[str, Any],
        is_on: bool,
        pin: dict[str, Any] | None,
        snapshot: dict[str, Any],
        load: dict[str, Any] | None,
        powered: bool,
    ) -> Unit:
        light = self.family.is_light
        seed = f"{self._seed}/{index}"
        profile = Load(load, seed, self.local) if load is not None else None
        emeter = snapshot.get(EMETER[light], {})
        meter = None
        if _answers(emeter):
            meter = Meter(
                emeter,
                self.now,
                is_on,
                self.local,
                profile,
                self.lights.full_mw if self.lights is not None else 0,
                index if self.family.is_strip else None,
            )
        on_time = info.get("on_time", 0)
        return Unit(
            self.now,
            seed,
            self.local,
            is_on=is_on,
            on_time=on_time if isinstance(on_time, int) else 0,
            active_mode=info.get("active_mode"),
            next_action=pin if isinstance(pin, dict) else None,
            recorded={
                kind: _methods(snapshot.get(module, {}))
                for kind, module in (
                    ("schedule", SCHEDULE[light]),
                    ("count_down", COUNTDOWN[light]),
                    ("anti_theft", "anti_theft"),
                )
            },
            meter=meter,
            powered=powered,
            apply_light=self.lights.apply_rule if self.lights is not None else None,
        )

    def _handlers(self) -> dict[str, dict[str, Handler]]:
        handlers: dict[str, dict[str, Handler]] = {
            "system": {"get_sysinfo": self._get_sysinfo}
        }
        if self._errors is CAMERA:
            return handlers
        light = self.family.is_light
        # Unverified: what reset, reboot, bind, download_firmware and their like would
        # do to a device. They are dangerous on a real one, so they are unknown here.
        handlers["system"].update(
            set_dev_alias=self._set_dev_alias,
            set_dev_location=self._set_dev_location,
        )
        if light:
            system: dict[str, Handler] = {"set_dev_alias": self._set_dev_alias}
            handlers["smartlife.iot.common.system"] = system
        else:
            handlers["system"]["set_relay_state"] = self._set_relay_state
            handlers["system"]["set_led_off"] = self._set_led_off
        handlers.update(extras.handlers(self))
        handlers.update(strips.unit_handlers(self))
        if self.lights is not None:
            handlers.update(self.lights.handlers())
        return handlers

    # -- answering -------------------------------------------------------------------

    def ask(self, request: Args, now: int) -> dict[str, Any]:
        """The answer to a request, module by module in its own order."""
        self.settle(now)
        try:
            self._context = strips.context_of(request, self.info)
            fault = None
        except Fault as refused:
            self._context, fault = None, refused
        answer: dict[str, Any] = {}
        for module, methods in request.items():
            if module != "context":
                answer[module] = self._module(module, methods, fault)
        return answer

    def _module(
        self, module: str, methods: object, fault: Fault | None
    ) -> dict[str, Any]:
        recorded = self.snapshot.get(module, {})
        if "err_code" in recorded:
            return dict(recorded)
        handlers = self.handlers.get(module)
        if handlers is None and not recorded and self._errors is not CAMERA:
            return self._error("module")
        if not isinstance(methods, dict):
            # Unverified: what a device says to a module without methods.
            return self._error("value")
        return {
            method: self._method(handlers or {}, recorded, method, args, fault)
            for method, args in methods.items()
        }

    def _method(
        self,
        handlers: dict[str, Handler],
        recorded: dict[str, Any],
        method: str,
        args: object,
        fault: Fault | None,
    ) -> dict[str, Any]:
        known = recorded.get(method)
        if known is not None and known.get("err_code", 0) != 0:
            return dict(known)
        refused = _refused(recorded)
        if refused is not None:
            return dict(refused)
        handler = handlers.get(method)
        try:
            if handler is None and known is None:
                raise Fault("method")
            if args is not None and not isinstance(args, dict):
                raise Fault("value")
            if fault is not None:
                raise fault
            if handler is None:
                return dict(known or {})
            result = handler(args or {})
        except Fault as refusal:
            return self._error(refusal.kind)
        return {**(result or {}), "err_code": 0}

    def _error(self, kind: str) -> dict[str, Any]:
        code, message = self._errors[kind]
        return {"err_code": code, "err_msg": message}

    # -- for the parts of the engine -------------------------------------------------

    def recorded(self, module: str, method: str) -> dict[str, Any]:
        """The snapshot's good answer, or nothing."""
        answer = _methods(self.snapshot.get(module, {})).get(method, {})
        return answer if answer.get("err_code", 0) == 0 else {}

    def targets(self, default_all: bool = False) -> list[Unit]:
        """The outlets that a setter is for."""
        if self._context is not None:
            return [self.units[index] for index in self._context]
        return self.units if default_all else self.units[:1]

    def target(self) -> Unit:
        """The outlet that is read: the first one named, or the first of all."""
        # Unverified: what a read with an empty list of outlets gives.
        return self.units[self._context[0] if self._context else 0]

    # -- the practice cloud's own view -----------------------------------------------

    @property
    def alias(self) -> str:
        """The device's name."""
        return str(self.info.get("alias", ""))

    def outlet_names(self) -> list[tuple[str, str]]:
        """(id, alias) of each outlet."""
        return [(c["id"], c["alias"]) for c in self.info.get("children", [])]

    def settle(self, now: int) -> None:
        """Let time pass."""
        self.now = max(now, self.now)
        for unit in self.units:
            unit.settle(self.now)
        if self.lights is not None:
            self.lights.is_on = self.units[0].is_on

    def press(self, outlet: int | None, now: int) -> None:
        """Somebody presses the button."""
        self.settle(now)
        if self._errors is CAMERA:
            return
        chosen = self.units if outlet is None else [self.units[outlet]]
        # A strip has a button for each outlet; pressing the whole of it presses all.
        for unit in chosen:
            unit.switch(not unit.is_on)
        if self.lights is not None:
            self.lights.is_on = self.units[0].is_on

    def set_powered(self, powered: bool, now: int) -> None:
        """Pull the plug, or put it back."""
        self.settle(now)
        for unit in self.units:
            unit.set_powered(powered)

    def state(self, now: int) -> tuple[bool | None, list[tuple[str, bool]]]:
        """On or off (None: nothing to switch, or a strip), and each outlet's state."""
        self.settle(now)
        if self._errors is CAMERA:
            return None, []
        if self.family.is_strip:
            names = [alias for _, alias in self.outlet_names()]
            states = [unit.is_on for unit in self.units]
            return any(states), list(zip(names, states, strict=True))
        return self.units[0].is_on, []

    # -- module system ---------------------------------------------------------------

    def _get_sysinfo(self, args: Args) -> dict[str, Any]:
        if self._errors is CAMERA:
            outer: dict[str, Any] = self.snapshot["system"]["get_sysinfo"]
            return dict(outer)
        info = dict(self.info)
        unit = self.units[0]
        if self.family.is_strip:
            info["children"] = [
                strips.child_info(child, one)
                for child, one in zip(info["children"], self.units, strict=True)
            ]
        elif self.lights is not None:
            info["light_state"] = self.lights.state()
        elif "relay_state" in info:
            info["relay_state"] = int(unit.is_on)
            if "on_time" in info:
                info["on_time"] = unit.on_time
        if not self.family.is_strip:
            if "next_action" in info:
                info["next_action"] = unit.next_action("schd_sec")
            if "active_mode" in info:
                info["active_mode"] = unit.active_mode
        return info

    def _set_relay_state(self, args: Args) -> None:
        # Unverified: that values other than 0 and 1 are refused.
        state = whole(args, "state", 0, 1)
        for unit in self.targets(default_all=True):
            unit.switch(state == 1)

    def _set_led_off(self, args: Args) -> None:
        self.info["led_off"] = whole(args, "off", 0, 1)

    def _set_dev_alias(self, args: Args) -> None:
        # Unverified: that 31 characters are the most.
        alias = text(args, "alias", LONGEST_ALIAS)
        if self.family.is_strip:
            # Without context, setters other than the relay's reach the first outlet
            # only (§5.2). Unverified for names: some clients take it that the strip
            # itself is renamed.
            context = [0] if self._context is None else self._context
            for index in context:
                self.info["children"][index]["alias"] = alias
        else:
            self.info["alias"] = alias

    def _set_dev_location(self, args: Args) -> None:
        found = {}
        for key, limit in (("latitude", 90), ("longitude", 180)):
            exact = key in self.info  # the oldest keep degrees, the others 1/10000
            if f"{key}_i" in args:
                scaled = whole(args, f"{key}_i", -limit * 10_000, limit * 10_000)
                degrees = scaled / 10_000
            elif key in args:
                degrees = args[key]
                if isinstance(degrees, bool) or not isinstance(degrees, int | float):
                    raise Fault("value")
                if not -limit <= degrees <= limit:
                    raise Fault("value")
                scaled = round(degrees * 10_000)
            else:
                raise Fault("missing")
            found[key if exact else f"{key}_i"] = degrees if exact else scaled
        self.info.update(found)


def _methods(module: dict[str, Any]) -> dict[str, Any]:
    return {} if "err_code" in module else module


def _answers(module: dict[str, Any]) -> bool:
    """Whether a module of a snapshot has a good answer in it."""
    return any(a.get("err_code", 0) == 0 for a in _methods(module).values())


def _refused(recorded: dict[str, Any]) -> dict[str, Any] | None:
    """The error that every method of a module gets, if the snapshot shows one."""
    answers = list(_methods(recorded).values())
    if answers and all(a.get("err_code", 0) in NO_MODULE for a in answers):
        refused: dict[str, Any] = answers[0]
        return refused
    return None
