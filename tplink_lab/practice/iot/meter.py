"""The energy meter of an outlet or a light, in the units of its generation."""

from __future__ import annotations

from typing import Any

from .load import Load
from .local import LocalTime
from .register import Register, Statistics

MJ_PER_WH = 3_600_000
# A meter that shows energy but no power gets its past from this many days.
IDLE_PAST_S = 30 * 86400
# A bulb with a load and no total remembers this long.
LOAD_PAST_S = 60 * 86400


class Meter:
    """Answers `get_realtime` and keeps the energy that flowed.

    At the moment it is brought to life it answers what the snapshot says, to the last
    digit. After that it reckons: with the load if there is one, else with the
    snapshot's power while the outlet is on.

    Parameters
    ----------
    recorded : dict
        The answers of the snapshot's emeter module.
    now : int
        The moment of the snapshot.
    is_on : bool
        Whether the outlet is on in the snapshot.
    local : LocalTime
        Whose days are counted.
    load : Load, optional
        What hangs on the outlet.
    full_mw : int
        What it draws when on, if the snapshot shows it off. 0 for plugs.
    slot_id : int, optional
        Named in each answer by some strips.
    """

    def __init__(
        self,
        recorded: dict[str, Any],
        now: int,
        is_on: bool,
        local: LocalTime,
        load: Load | None = None,
        full_mw: int = 0,
        slot_id: int | None = None,
    ) -> None:
        realtime = recorded.get("get_realtime", {})
        self._template = {k: v for k, v in realtime.items() if k != "err_code"}
        if slot_id is not None and "slot_id" in self._template:
            self._template["slot_id"] = slot_id
        # Floats in A, V, W and kWh: the first generation.
        self.floats = any(key in realtime for key in ("power", "current", "total"))
        self._born = now
        self._was_on = is_on
        self._load = load
        factor = 1000 if self.floats else 1
        power = realtime.get("power" if self.floats else "power_mw", 0)
        self._recorded_mw = round(power * factor)
        self._on_mw = self._recorded_mw if is_on else full_mw
        self._off_mw = 0 if is_on else self._recorded_mw
        total = realtime.get("total" if self.floats else "total_wh", 0)
        total_mj = max(0, round(total * factor)) * MJ_PER_WH
        if not total_mj and load is not None and "total_wh" not in realtime:
            total_mj = load.amount(now - LOAD_PAST_S, now) if not self.floats else 0
        rate = self._on_mw or -(-total_mj // IDLE_PAST_S)
        past = load.amount if load is not None else lambda a, b: rate * (b - a)
        register = Register(now, total_mj, MJ_PER_WH, past, local)
        key = "energy" if self.floats else "energy_wh"
        self.statistics = Statistics(
            register,
            key,
            recorded.get("get_daystat", {}).get("day_list"),
            recorded.get("get_monthstat", {}).get("month_list"),
        )
        self._erased = False
        # The snapshot's watts at full brightness; a light dims from there.
        self.dimming = 1.0

    def run(self, until: int, is_on: bool) -> None:
        """Let time pass with the outlet in one position."""
        power = self._off_mw
        if is_on and self._load is not None:
            amount = self._load.amount
        else:
            if is_on:
                power = round(self._on_mw * self.dimming)

            def amount(start: int, end: int) -> int:
                return power * (end - start)

        self.statistics.register.run(until, amount)

    def realtime(self, now: int, is_on: bool) -> dict[str, Any]:
        """The answer to `get_realtime`."""
        if not is_on:
            power_mw = self._off_mw
        elif self._load is not None and not (now == self._born and self._was_on):
            power_mw = self._load.power_mw(now)
        else:
            power_mw = round(self._on_mw * self.dimming)
        register = self.statistics.register
        answer = dict(self._template)
        if power_mw != self._recorded_mw:
            self._show_power(answer, power_mw)
        if self._erased:
            grown = register.shown
            base: float = 0
        else:
            grown = register.grown
            base = self._template.get("total" if self.floats else "total_wh", 0)
        if grown or self._erased:
            if self.floats and "total" in answer:
                answer["total"] = round(base + grown / 1000, 3)
            elif "total_wh" in answer:
                answer["total_wh"] = round(base + grown)
        return answer

    def _show_power(self, answer: dict[str, Any], power_mw: int) -> None:
        if self.floats:
            answer["power"] = power_mw / 1000
            amperes = self._amperes(power_mw, answer.get("voltage", 0))
            answer["current"] = round(amperes, 6)
            return
        answer["power_mw"] = power_mw
        if "current_ma" in answer:
            volts = answer.get("voltage_mv", 0) / 1000
            answer["current_ma"] = round(1000 * self._amperes(power_mw, volts))

    def _amperes(self, power_mw: int, volts: float) -> float:
        if self.floats:
            recorded = self._template.get("current", 0)
        else:
            recorded = self._template.get("current_ma", 0) / 1000
        if self._recorded_mw > 0 and recorded and self._load is None:
            return float(recorded * power_mw / self._recorded_mw)
        # Some light strips measure no voltage; they show no current either.
        return power_mw / 1000 / volts if volts else 0.0

    def erase(self) -> None:
        """Answer `erase_emeter_stat`."""
        self._erased = True
        self.statistics.clear()
