"""One thing that answers SMART methods: a device, an outlet or a sensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..iot.load import Load
from ..iot.local import LocalTime
from . import faults
from .faults import PARAMETER, Fault
from .rules import Event, Rules
from .settings import checked
from .usage import Usage

Params = dict[str, Any]
Handler = Callable[[Params], "dict[str, Any] | None"]

LED_RULES = ("always", "never", "night_mode")
# Unverified: the longest time after which a plug may switch itself off.
LONGEST_AUTO_OFF_MIN = 1440


class Unit:
    """Answers methods from a snapshot, and remembers what was set.

    Parameters
    ----------
    answers : dict
        Method to answer. The unit keeps them and never changes them.
    now : int
        When it was brought to life.
    local : LocalTime
        Whose days and schedules it goes by.
    load : Load, optional
        What hangs on it.
    powered : bool
        Whether it is plugged in.
    """

    def __init__(
        self,
        answers: dict[str, Any],
        *,
        now: int,
        local: LocalTime,
        load: Load | None = None,
        powered: bool = True,
    ) -> None:
        self.answers = answers
        self.info: dict[str, Any] = {}
        info = answers.get("get_device_info")
        if isinstance(info, dict):
            self.info = info
        self.changed: dict[str, Any] = {}
        self.now = now
        self.is_deaf = False
        self._born = now
        self._local = local
        self._powered = powered
        self._settings: dict[str, dict[str, Any]] = {}
        # When it was last switched or given power; None while the snapshot holds.
        self._since: int | None = None
        self._rules = Rules(answers, now, local)
        self.usage = Usage(answers, now, bool(self.is_on), local, load)
        self._follow()
        self.handlers = self._handlers()

    # -- what it is ------------------------------------------------------------------

    @property
    def is_on(self) -> bool | None:
        """The position of its switch; None if it has none."""
        on = self.changed.get("device_on", self.info.get("device_on"))
        return on if isinstance(on, bool) else None

    @property
    def nickname(self) -> str:
        """Its name, in base64."""
        return str(self.changed.get("nickname", self.info.get("nickname", "")))

    def show(self, template: dict[str, Any]) -> dict[str, Any]:
        """What it is now, with the fields that a template has."""
        shown = dict(template)
        shown.update({k: v for k, v in self.changed.items() if k in template})
        if "on_time" in template:
            shown["on_time"] = self._on_time(template["on_time"])
        config = self._setting("get_auto_off_config")
        if config and "auto_off_status" in template and self._auto_off_touched:
            due = self._auto_off_due()
            shown["auto_off_status"] = "off" if due is None else "on"
            if "auto_off_remain_time" in template:
                left = 0 if due is None else max(0, due - self.now)
                shown["auto_off_remain_time"] = left
        return shown

    def _on_time(self, recorded: int) -> int:
        if not self._powered or not self.is_on:
            # A snapshot of a device that is off may show another number than 0.
            return 0 if self._since is not None or not self._powered else recorded
        if self._since is None:
            return recorded + self.now - self._born
        return self.now - self._since

    # -- what happens to it ----------------------------------------------------------

    def settle(self, now: int) -> None:
        """Let time pass; what is due by then happens on the way."""
        while True:
            event = self._next()
            if event is None or event.due > now:
                break
            self.now = max(self.now, event.due)
            self._rules.spent(event)
            if self._powered:
                try:
                    self.set(event.changes)
                except Fault:
                    continue  # a rule for what this device does not have
        self.now = max(self.now, now)

    def set(self, params: Params) -> None:
        """Change what `set_device_info` may change; all of it or nothing."""
        changes = checked(self.show(self.info), params)
        was_on = self.is_on
        self.changed.update(changes)
        if self.is_on != was_on:
            self._since = self.now
        if {"device_on", "brightness"} & set(changes):
            self._follow()

    def set_powered(self, powered: bool) -> None:
        """Take the power away or give it back; the switch stays as it was."""
        if powered != self._powered:
            self._powered = powered
            self._since = self.now
            self._follow()

    def _follow(self) -> None:
        full = self.info.get("brightness") or 100
        dimming = self.changed.get("brightness", full) / full
        self.usage.follow(self.now, bool(self.is_on), self._powered, dimming)

    def _next(self) -> Event | None:
        event = self._rules.next_event(self.now)
        due = self._auto_off_due()
        if due is not None and (event is None or due < event.due):
            return Event(due, {"device_on": False}, "", "auto_off")
        return event

    @property
    def _auto_off_touched(self) -> bool:
        return "get_auto_off_config" in self._settings or self._auto_off_due() is not (
            None
        )

    def _auto_off_due(self) -> int | None:
        config = self._setting("get_auto_off_config")
        if not config or not config.get("enable") or not self.is_on:
            return None
        if not self._powered:
            return None
        # A plug that was on when it was set, or recorded so, counts from there.
        since = self._born if self._since is None else self._since
        since = max(since, config.get("_since", since))
        return int(since) + 60 * int(config.get("delay_min", 0))

    # -- methods ---------------------------------------------------------------------

    def answer(self, method: str, params: Params) -> dict[str, Any] | None:
        """The result of a method, or a `Fault`; None where there is no result."""
        recorded = self.answers.get(method)
        if isinstance(recorded, int):
            raise Fault(recorded)
        handler = self.handlers.get(method)
        if handler is not None:
            if self.is_deaf and method.startswith("set_"):
                return self._pretend(handler, params)
            return handler(params)
        if isinstance(recorded, dict):
            return recorded
        is_camera = "getDeviceInfo" in self.answers and not self.info
        raise Fault(faults.CAMERA_UNSUPPORTED if is_camera else faults.UNKNOWN_METHOD)

    def _pretend(self, handler: Handler, params: Params) -> dict[str, Any] | None:
        kept = dict(self.changed), dict(self._settings), self._since
        answer = handler(params)
        self.changed, self._settings, self._since = kept
        self._follow()
        return answer

    def _handlers(self) -> dict[str, Handler]:
        usage, has = self.usage, self.answers
        handlers: dict[str, Handler] = {}
        if self.info:
            handlers["get_device_info"] = lambda p: self.show(self.info)
            handlers["set_device_info"] = self.set
            handlers["get_device_time"] = self._get_device_time
        known: dict[str, Handler] = {
            "get_device_usage": lambda p: usage.device_usage(self.now),
            "get_energy_usage": lambda p: usage.energy_usage(self.now),
            "get_current_power": lambda p: usage.current_power(self.now),
            "get_emeter_data": lambda p: usage.emeter_data(self.now),
            "get_next_event": self._get_next_event,
            "get_countdown_rules": self._get_countdown_rules,
        }
        handlers.update({k: v for k, v in known.items() if _is_object(has, k)})
        if _is_object(has, "get_energy_usage"):
            handlers["get_energy_data"] = lambda p: usage.energy_data(p, self.now)
        # Unverified: the names of the setters of auto-off and of the effects.
        setters: dict[str, tuple[str, Handler]] = {
            "set_led_info": ("get_led_info", self._set_led_info),
            "set_auto_off_config": ("get_auto_off_config", self._set_auto_off_config),
            "set_lighting_effect": ("get_lighting_effect", self._set_lighting_effect),
            "set_dynamic_light_effect_rule_enable": (
                "get_dynamic_light_effect_rules",
                self._set_dynamic_effect,
            ),
        }
        for name, (getter, handler) in setters.items():
            if _is_object(has, getter):
                handlers[name] = handler
                handlers[getter] = _reader(self, getter)
        return handlers

    def read(self, getter: str) -> dict[str, Any]:
        """A group of settings as it is now."""
        shown = {k: v for k, v in self._setting(getter).items() if k != "_since"}
        if getter == "get_lighting_effect" and "lighting_effect" in self.changed:
            shown["enable"] = self.changed["lighting_effect"].get("enable", 0)
        if getter == "get_dynamic_light_effect_rules" and (
            "dynamic_light_effect_enable" in self.changed
        ):
            shown["enable"] = self.changed["dynamic_light_effect_enable"]
        return shown

    def _setting(self, getter: str) -> dict[str, Any]:
        recorded = self.answers.get(getter)
        if not isinstance(recorded, dict):
            return {}
        return self._settings.get(getter, recorded)

    def _get_device_time(self, params: Params) -> dict[str, Any]:
        recorded = self.answers.get("get_device_time")
        if not isinstance(recorded, dict):
            if "time_diff" not in self.info:
                raise Fault(faults.UNKNOWN_METHOD)  # a sensor: its hub has the clock
            recorded = {
                key: self.info[key]
                for key in ("region", "time_diff")
                if key in self.info
            }
        return {**recorded, "timestamp": self.now}

    def _get_next_event(self, params: Params) -> dict[str, Any]:
        recorded: dict[str, Any] = self.answers["get_next_event"]
        event = self._rules.next_scheduled(self.now)
        if event is None:
            # What was recorded as coming cannot come without its rule.
            return {} if recorded.get("s_time") else recorded
        states = dict(event.changes)
        if "device_on" in states:
            states["on"] = states.pop("device_on")
        shown = {"desired_states": states, "e_time": 0, "id": event.rule_id}
        return {**shown, "s_time": event.due, "type": 1}

    def _get_countdown_rules(self, params: Params) -> dict[str, Any]:
        recorded: dict[str, Any] = self.answers["get_countdown_rules"]
        rules = recorded.get("rule_list", [])
        shown = [self._rules.countdown(rule, self.now) for rule in rules]
        return {**recorded, "rule_list": shown}

    def _set_led_info(self, params: Params) -> None:
        led = dict(self._setting("get_led_info"))
        if not params or params.get("led_rule", "never") not in LED_RULES:
            raise Fault(PARAMETER)
        for key, value in params.items():
            if key not in led or type(value) is not type(led[key]):
                raise Fault(PARAMETER)
        led.update(params)
        if params.get("led_rule") in ("always", "never"):
            # Unverified: what lights the lamp is not asked of the switch here.
            led["led_status"] = led["led_rule"] == "always"
        self._settings["get_led_info"] = led

    def _set_auto_off_config(self, params: Params) -> None:
        config = dict(self._setting("get_auto_off_config"))
        if "delay_min" in params:
            faults.whole(params, "delay_min", 1, LONGEST_AUTO_OFF_MIN)
        enable = params.get("enable", config.get("enable", False))
        if not params or set(params) - {"enable", "delay_min"}:
            raise Fault(PARAMETER)
        if not isinstance(enable, bool):
            raise Fault(PARAMETER)
        config.update(params)
        config["_since"] = self.now
        self._settings["get_auto_off_config"] = config

    def _set_lighting_effect(self, params: Params) -> None:
        effect = {**self._setting("get_lighting_effect"), **params}
        name_is_text = isinstance(effect.get("name", ""), str)
        enable, brightness = effect.get("enable"), effect.get("brightness", 100)
        if not params or not name_is_text or not faults.is_whole(enable, 0, 1):
            raise Fault(PARAMETER)
        if not faults.is_whole(brightness, 0, 100):
            raise Fault(PARAMETER)
        self._settings["get_lighting_effect"] = effect
        shown = self.info.get("lighting_effect")
        if isinstance(shown, dict):
            now = {k: effect[k] for k in shown if k in effect}
            self.changed["lighting_effect"] = {**shown, **now}

    def _set_dynamic_effect(self, params: Params) -> None:
        rules = dict(self._setting("get_dynamic_light_effect_rules"))
        enable, rule_id = params.get("enable"), params.get("id")
        known = [rule.get("id") for rule in rules.get("rule_list", [])]
        if not isinstance(enable, bool) or (enable and rule_id not in known):
            raise Fault(PARAMETER)
        self._settings["get_dynamic_light_effect_rules"] = {**rules, "enable": enable}
        self.changed["dynamic_light_effect_enable"] = enable
        if enable:
            # Unverified: where a bulb names the effect that is running.
            self.changed["dynamic_light_effect_id"] = rule_id


def _is_object(answers: dict[str, Any], method: str) -> bool:
    return isinstance(answers.get(method), dict)


def _reader(unit: Unit, getter: str) -> Handler:
    return lambda params: unit.read(getter)
