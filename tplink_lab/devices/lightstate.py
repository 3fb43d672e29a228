"""How a light is, and how it shall be: the same for both dialects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["LightChange", "LightState"]


@dataclass(frozen=True, repr=False)
class LightState:
    """How a light is; while it is off, how it will be when switched on.

    Attributes
    ----------
    is_on : bool
        Whether it shines.
    brightness : int or None
        In percent; None if it cannot be dimmed.
    color_temp_k : int or None
        Its white, in kelvin; None while it shows a colour, or if it does not tell.
    hue_deg, saturation : int or None
        Its colour, in degrees and percent; None while it is white.
    effect : str or None
        The effect that runs, if one does.
    """

    is_on: bool
    brightness: int | None = None
    color_temp_k: int | None = None
    hue_deg: int | None = None
    saturation: int | None = None
    effect: str | None = None

    def __repr__(self) -> str:
        told = {k: v for k, v in vars(self).items() if v is not None}
        return f"LightState({', '.join(f'{k}={v!r}' for k, v in told.items())})"


class LightChange(NamedTuple):
    """Values that a light shall be switched on with, checked; None leaves one alone."""

    brightness: int | None = None
    color_temp_k: int | None = None
    hue_deg: int | None = None
    saturation: int | None = None
    transition_ms: int | None = None

    def values(self) -> dict[str, int]:
        """Return them with the wire's names, which both dialects share."""
        found = {
            "brightness": self.brightness,
            "hue": self.hue_deg,
            "saturation": self.saturation,
            # Colour needs 0 here (§5.8), or the white stays.
            "color_temp": 0 if self.hue_deg is not None else self.color_temp_k,
        }
        return {key: value for key, value in found.items() if value is not None}

    def unlike(self, state: LightState) -> str:
        """Return in what *state* differs from what was wanted, or an empty text."""
        if not state.is_on:
            return "it is off"
        if self.transition_ms:
            # While it fades, what it shows lies between: only "on" can be checked.
            return ""
        wrong = [
            f"{name} is {getattr(state, name)}, not {wanted}"
            for name in ("brightness", "color_temp_k", "hue_deg", "saturation")
            if (wanted := getattr(self, name)) is not None
            and getattr(state, name) != wanted
        ]
        return " and ".join(wrong)
