"""What opens below a row of the panel: the light, the countdown, the meter."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as ipw  # type: ignore[import-untyped]

from tplink_lab.widgets import errands
from tplink_lab.widgets.track import Details, Errand

__all__ = ["DetailsView"]

# Hue and saturation; numbers can be typed beside it, by whoever sees no colours.
COLOURS = {
    "red": (0, 100),
    "orange": (30, 100),
    "yellow": (55, 100),
    "green": (120, 100),
    "cyan": (180, 100),
    "blue": (240, 100),
    "violet": (275, 100),
    "pink": (330, 60),
}
ASKING = "… asking"


class DetailsView:
    """The controls of one device, beside its switch.

    Parameters
    ----------
    name : str
        The row's part of the CSS classes.
    do : callable
        Takes an errand.
    """

    def __init__(self, name: str, do: Callable[[Errand], None]) -> None:
        self._name = name
        self._do = do
        self._is_applying = False
        self.controls: dict[str, Any] = {}
        self.note = ipw.HTML(_dom_classes=["lab-note", f"lab-note-{name}"])
        self.energy = ipw.HTML(_dom_classes=["lab-energy", f"lab-energy-{name}"])
        self.box = ipw.VBox([self.note], _dom_classes=["lab-details"])
        self.box.layout.display = "none"

    def show(self, is_open: bool) -> None:
        """Open or close it."""
        self.box.layout.display = None if is_open else "none"

    def apply(self, alias: str, details: Details, *, locked: bool) -> None:
        """Show *details*. What waits to be sent is left as it was typed."""
        parts = details.parts
        if "can" in parts and not self.controls:
            self._make(alias, parts)
        # Under the panel's lock, so a hand's change is never taken for our own.
        self._is_applying = True
        try:
            self._apply_light(details)
            self._apply_countdown(details)
        finally:
            self._is_applying = False
        for control in self.controls.values():
            control.disabled = locked
        self.energy.value = _energy_words(details)
        self.note.value = self._note(details, locked)

    def _make(self, alias: str, parts: Any) -> None:
        can = parts["can"]
        lines: list[Any] = []
        if "dim" in can:
            line = [self._number("brightness", "Brightness %", 1, 100, alias)]
            if "white temperature" in can:
                low, high = parts["range"]
                line.append(self._number("white", "White K", low, high, alias))
            lines.append(line)
        if "colour" in can:
            lines.append(
                [
                    self._choice("colour", "Colour", ["choose", *COLOURS], alias),
                    self._number("hue", "Hue °", 0, 360, alias),
                    self._number("saturation", "Saturation %", 0, 100, alias),
                ]
            )
        if "effects" in can:
            lines.append([self._button("effect", "Start effect", alias)])
        if "countdown" in can:
            lines.append(
                [
                    self._number("minutes", "Minutes", 1, 1439, alias, 30),
                    self._choice("turn", "then turn", ["off", "on"], alias),
                    self._button("start", "Start countdown", alias),
                    self._button("cancel", "Cancel countdown", alias),
                ]
            )
        boxes = [ipw.HBox(line, _dom_classes=["lab-line"]) for line in lines]
        meter = [self.energy] if "energy" in can else []
        self.box.children = (*boxes, *meter, self.note)

    def _number(
        self, key: str, words: str, low: int, high: int, alias: str, value: int = 0
    ) -> Any:
        made = ipw.BoundedIntText(
            value=max(value, low), min=low, max=high, description=words
        )
        return self._kept(key, made, f"{words} of {alias}: {low} to {high}")

    def _choice(self, key: str, words: str, options: list[str], alias: str) -> Any:
        made = ipw.Dropdown(options=options, description=words)
        return self._kept(key, made, f"{words}: {alias}")

    def _button(self, key: str, words: str, alias: str) -> Any:
        made = self._kept(key, ipw.Button(description=words), f"{words}: {alias}")
        made.on_click(lambda _: self._pressed(key))
        return made

    def _kept(self, key: str, made: Any, tooltip: str) -> Any:
        made.tooltip = tooltip
        made.add_class(f"lab-{key}").add_class(f"lab-{key}-{self._name}")
        if not isinstance(made, ipw.Button):
            made.observe(lambda change: self._changed(key, change["new"]), "value")
        self.controls[key] = made
        return made

    # --- from the page ----------------------------------------------------------------

    def _changed(self, key: str, value: Any) -> None:
        if self._is_applying:
            return
        if key == "brightness":
            self._do(errands.light("brightness", brightness=value))
        elif key == "white":
            self._do(errands.light("tint", color_temp_k=value))
        elif key == "colour" and value in COLOURS:
            self._colour(*COLOURS[value])
        elif key in ("hue", "saturation"):
            self._colour(self.controls["hue"].value, self.controls["saturation"].value)

    def _colour(self, hue_deg: int, saturation: int) -> None:
        self._do(errands.light("tint", hue_deg=hue_deg, saturation=saturation))

    def _pressed(self, key: str) -> None:
        if key == "effect":
            self._do(errands.effect(self.controls["effect"].description[:4] != "Stop"))
        elif key == "start":
            minutes, turn = self.controls["minutes"].value, self.controls["turn"].value
            self._do(errands.countdown(minutes, turn))
        elif key == "cancel":
            self.controls["start"].focus()  # the pressed button will be gone
            self._do(errands.countdown(None))

    # --- to the page --------------------------------------------------------------

    def _apply_light(self, details: Details) -> None:
        light, effect = details.parts.get("light"), details.parts.get("effect")
        if light is None or {"brightness", "tint"} & details.waiting:
            return
        told = {
            "brightness": light.brightness,
            "white": light.color_temp_k,
            "hue": light.hue_deg,
            "saturation": light.saturation,
        }
        for key, value in told.items():
            if key in self.controls and value is not None:
                self.controls[key].value = value
        if "colour" in self.controls:
            shown = (light.hue_deg, light.saturation)
            names = [name for name, pair in COLOURS.items() if pair == shown]
            self.controls["colour"].value = names[0] if names else "choose"
        if effect is not None and "effect" in self.controls:
            verb = "Stop" if effect.is_on else "Start"
            self.controls["effect"].description = f"{verb} effect"

    def _apply_countdown(self, details: Details) -> None:
        if "cancel" in self.controls:
            running = details.parts.get("countdown") is not None
            self.controls["cancel"].layout.display = None if running else "none"

    def _note(self, details: Details, locked: bool) -> str:
        told = []
        if details.waiting:
            told.append(ASKING if details.waiting == {"look"} else "… setting")
        elif "can" in details.parts:
            told += facts(details)
            told += [f"heard {details.heard_at}"] * bool(details.heard_at)
            if not self.controls and "energy" not in details.parts["can"]:
                told.append("Nothing to set beside the switch.")
        if locked:
            told.append("▣ locked")
        found = [html.escape(t) for t in told]
        reasons = dict.fromkeys(details.reasons.values())
        found += [f"<b>!</b> {html.escape(reason)}" for reason in reasons]
        return f"<span class='lab-small'>{' · '.join(found)}</span>"


def facts(details: Details) -> list[str]:
    """Return what a device's errands found out, in words."""
    parts = details.parts
    found = []
    light = parts.get("light")
    if light is not None:
        if light.hue_deg is not None:
            shows = f"colour {light.hue_deg}°, {light.saturation} %"
        elif light.color_temp_k is not None:
            shows = f"white {light.color_temp_k} K"
        else:
            shows = "light"
        found.append(f"{shows} at {light.brightness} %")
    effect = parts.get("effect")
    if effect is not None:
        does = "runs" if effect.is_on else "does not run"
        found.append(f"effect {effect.name or 'without a name'!r} {does}")
    if "countdown" in parts.get("can", ()):
        state = parts.get("countdown")
        words = "no countdown"
        if state is not None:
            left = f"{state.remaining.total_seconds() / 60:.0f} min"
            words = f"turns {state.turn} in {left}"
        found.append(words)
    return found


def _energy_words(details: Details) -> str:
    reading = details.parts.get("energy")
    if reading is None:
        return ""
    found = [f"<b>{reading.power_w:.1f} W</b> now"]
    if reading.voltage_v is not None:
        found.append(f"{reading.voltage_v:.0f} V")
    if reading.current_a is not None:
        found.append(f"{reading.current_a:.3f} A")
    if reading.total_kwh is not None:
        found.append(f"{reading.total_kwh:.1f} kWh in all")
    return " · ".join(found)
