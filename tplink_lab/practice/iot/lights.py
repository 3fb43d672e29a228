"""Bulbs and light strips: their state, on and off, and what they accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .faults import Fault, text, whole

if TYPE_CHECKING:
    from .engine import Handler, IotEngine

Args = dict[str, Any]
Answer = dict[str, Any]

BULB_SERVICE = "smartlife.iot.smartbulb.lightingservice"
STRIP_SERVICE = "smartlife.iot.lightStrip"
EFFECTS = "smartlife.iot.lighting_effect"
# Kelvin by model; no dump holds the range, so those not listed are Unverified.
KELVIN = {
    "LB120": (2700, 6500),
    "KL120(EU)": (2700, 6500),
    "KL120(US)": (2700, 5000),
    "KL125": (2500, 6500),
}
WIDEST_KELVIN = (2500, 9000)
_RANGES = {"hue": (0, 360), "saturation": (0, 100), "brightness": (0, 100)}
_KEYS = ("hue", "saturation", "color_temp", "brightness")
# Unverified: what a light draws that the snapshot shows switched off.
FULL_W = 10


class Lights:
    """The light of a bulb or a light strip."""

    def __init__(self, engine: IotEngine) -> None:
        self._engine = engine
        info = engine.info
        recorded: dict[str, Any] = info["light_state"]
        self.is_on = recorded.get("on_off") == 1
        stored = recorded if self.is_on else recorded.get("dft_on_state", {})
        # Answered in the snapshot's own order and with its own keys.
        self._stored: dict[str, Any] = {
            k: v for k, v in stored.items() if k not in ("on_off", "err_code")
        }
        self._stored.setdefault("mode", "normal")
        for key in _KEYS:
            self._stored.setdefault(key, 100 if key == "brightness" else 0)
        self._other = {
            k: v
            for k, v in recorded.items()
            if k not in ("on_off", "dft_on_state", "err_code", *self._stored)
        }
        self.service = STRIP_SERVICE if engine.family.is_light_strip else BULB_SERVICE
        details = engine.recorded(self.service, "get_light_details")
        watts = details.get("wattage", FULL_W)
        self._brightest = max(1, self._stored["brightness"])
        self.full_mw = 10 * watts * self._brightest if isinstance(watts, int) else 0
        self._groups: list[list[int]] | None = None
        strip = engine.recorded(STRIP_SERVICE, "get_light_state")
        self._strip_other = {
            k: v for k, v in strip.items() if k in ("length", "transition")
        }
        zones = (strip if "groups" in strip else strip.get("dft_on_state", {})).get(
            "groups"
        )
        if isinstance(zones, list) and _are_groups(zones):
            self._groups = [list(zone) for zone in zones]

    def handlers(self) -> dict[str, dict[str, Handler]]:
        """The modules of a light."""
        engine = self._engine
        behavior = engine.recorded(self.service, "get_default_behavior") or {
            "soft_on": {"mode": "last_status"},
            "hard_on": {"mode": "last_status"},
        }
        self._behavior = behavior
        common: dict[str, Handler] = {
            "get_default_behavior": lambda args: dict(behavior),
            "set_default_behavior": self._set_default_behavior,
            "set_preferred_state": self._set_preferred_state,
        }
        if not engine.family.is_light_strip:
            common["transition_light_state"] = self._transition
            common["get_light_state"] = lambda args: self.state()
            return {BULB_SERVICE: common}
        common["set_light_state"] = self._set_strip
        common["get_light_state"] = lambda args: self._strip_state()
        effects: dict[str, Handler] = {"set_lighting_effect": self._set_effect}
        return {STRIP_SERVICE: common, EFFECTS: effects}

    def state(self) -> Answer:
        """The `light_state`; when off, what it will be when on."""
        if self.is_on:
            return {"on_off": 1, **self._stored, **self._other}
        return {"on_off": 0, "dft_on_state": dict(self._stored), **self._other}

    def apply_rule(self, light: dict[str, Any]) -> bool:
        """Do what a rule's `s_light` says; whether the light is on then."""
        # Unverified: `last_status` and 0 leave what was stored as it is.
        if light.get("mode") != "last_status":
            for key in _KEYS:
                if light.get(key):
                    self._stored[key] = light[key]
            self._dim()
        return bool(light.get("on_off", 1) == 1)

    def _change(self, args: Args) -> None:
        """Check everything, then set everything."""
        for key, (low, high) in _RANGES.items():
            if key in args:
                whole(args, key, low, high)
        if "on_off" in args:
            whole(args, "on_off", 0, 1)
        for key in ("transition_period", "transition"):
            if key in args:
                whole(args, key, 0, 86_400_000)
        if "mode" in args:
            text(args, "mode", 32)
        ignore = 1
        if "ignore_default" in args:
            ignore = whole(args, "ignore_default", 0, 1)
        if "color_temp" in args:
            kelvin = whole(args, "color_temp", 0, 20_000)
            low, high = self._kelvin()
            if kelvin and not low <= kelvin <= high:
                raise Fault("value")
        wanted = {key: args[key] for key in (*_KEYS, "mode") if key in args}
        if args.get("on_off") == 1 and ignore == 0:
            soft = self._behavior.get("soft_on", {})
            wanted = {}
            if isinstance(soft, dict) and soft.get("mode") == "customize_preset":
                wanted = {key: soft[key] for key in _KEYS if key in soft}
        # Unverified: values without `on_off` are kept and do not switch on.
        if "on_off" in args:
            self.is_on = args["on_off"] == 1
            self._engine.units[0].switch(self.is_on)
        self._stored.update(wanted)
        self._dim()

    def _kelvin(self) -> tuple[int, int]:
        if not self._engine.info.get("is_variable_color_temp", 1):
            # Unverified: a bulb of one white keeps whatever it is told.
            return 0, 20_000
        model = str(self._engine.info.get("model", ""))
        return KELVIN.get(model) or KELVIN.get(model.split("(")[0]) or WIDEST_KELVIN

    def _dim(self) -> None:
        # Unverified: that power goes with brightness.
        meter = self._engine.units[0].meter
        if meter is not None:
            meter.dimming = self._stored["brightness"] / self._brightest

    def _transition(self, args: Args) -> Answer:
        self._change(args)
        return self.state()

    def _strip_state(self) -> Answer:
        info = self._engine.info
        length = info.get("length", 16)
        values = [self._stored[key] for key in ("hue", "saturation")]
        values += [self._stored["brightness"], self._stored["color_temp"]]
        groups = self._groups or [[0, length - 1, *values]]
        lit = {"groups": groups, "mode": self._stored["mode"]}
        other = {"length": length, **self._strip_other}
        if self.is_on:
            return {"on_off": 1, **lit, **other}
        return {"on_off": 0, "dft_on_state": lit, **other}

    def _set_strip(self, args: Args) -> Answer:
        groups = args.get("groups")
        if "groups" in args and not _are_groups(groups):
            raise Fault("value")
        self._change(args)
        if groups:
            self._groups = [list(zone) for zone in groups]
            self._stored.update(
                zip(
                    ("hue", "saturation", "brightness", "color_temp"),
                    groups[0][2:],
                    strict=True,
                )
            )
            self._dim()
        elif any(key in args for key in _KEYS):
            self._groups = None
        if any(key in args for key in (*_KEYS, "groups")):
            # Unverified: a plain colour ends an effect.
            effect = self._engine.info.get("lighting_effect_state")
            if isinstance(effect, dict):
                effect["enable"] = 0
        return self._strip_state()

    def _set_effect(self, args: Args) -> None:
        state = self._engine.info.get("lighting_effect_state")
        found: dict[str, Any] = dict(state) if isinstance(state, dict) else {}
        found["enable"] = whole(args, "enable", 0, 1)
        found["name"] = text(args, "name", 64)
        found["id"] = text(args, "id", 64)
        found["custom"] = whole(args, "custom", 0, 1)
        found["brightness"] = whole(args, "brightness", 0, 100)
        self._engine.info["lighting_effect_state"] = found

    def _set_preferred_state(self, args: Args) -> None:
        presets = self._engine.info.get("preferred_state", [])
        index = whole(args, "index", 0, max(0, len(presets) - 1))
        preset: dict[str, Any] = {"index": index}
        for key, (low, high) in _RANGES.items():
            if key in args:
                preset[key] = whole(args, key, low, high)
        if "color_temp" in args:
            preset["color_temp"] = whole(args, "color_temp", 0, WIDEST_KELVIN[1])
        for known in presets:
            if known.get("index") == index:
                known.update(preset)
                return
        raise Fault("value")

    def _set_default_behavior(self, args: Args) -> None:
        changed: dict[str, dict[str, Any]] = {}
        for name in ("soft_on", "hard_on"):
            if name not in args:
                continue
            wanted = args[name]
            if not isinstance(wanted, dict):
                raise Fault("value")
            mode = text(wanted, "mode", 32)
            if mode not in ("last_status", "customize_preset", "circadian"):
                raise Fault("value")
            changed[name] = {"mode": mode}
            for key in (*_KEYS, "index"):
                if key in wanted:
                    changed[name][key] = whole(wanted, key, 0, WIDEST_KELVIN[1])
        if not changed:
            raise Fault("missing")
        self._behavior.update(changed)


def _are_groups(value: object) -> bool:
    """Whether it is [[first zone, last, hue, saturation, brightness, kelvin], …]."""
    if not isinstance(value, list) or not 0 < len(value) <= 64:
        return False
    limits = (255, 255, 360, 100, 100, WIDEST_KELVIN[1])
    return all(
        isinstance(zone, list)
        and len(zone) == 6
        and all(
            type(number) is int and 0 <= number <= limit
            for number, limit in zip(zone, limits, strict=True)
        )
        for zone in value
    )
