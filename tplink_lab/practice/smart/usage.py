"""Energy and runtime of one SMART device, in the units of each method."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ..iot.load import Load
from ..iot.local import LocalTime
from .faults import PARAMETER, Fault, whole
from .ledger import Amount, Ledger, Past, nothing, seconds

MJ_PER_WH = 3_600_000
HOUR_S = 3600
# The first and last moment that `get_energy_data` may be asked for, 2000 to 2200.
FIRST, LAST = 946_684_800, 7_258_118_400
# Unverified: how long hours are kept; one source says about a week.
HOURS_KEPT_S = 8 * 86400
# A quarter has 92 days at most; a year and a bit is a bound, not a fact.
MOST_ENTRIES = 400


class Usage:
    """Answers `get_device_usage` and everything about energy.

    With a load, past and future follow the load. Without one, the past is what the
    snapshot counted, and the future flows with the power that the snapshot shows, or
    with the mean of what it counted.

    Parameters
    ----------
    answers : dict
        Method to answer, as the snapshot has them.
    now : int
        When the device was brought to life.
    is_on : bool
        Whether it was on then.
    local : LocalTime
        Whose days are counted.
    load : Load, optional
        What hangs on it.
    """

    def __init__(
        self,
        answers: dict[str, Any],
        now: int,
        is_on: bool,
        local: LocalTime,
        load: Load | None,
    ) -> None:
        self._recorded = answers
        self._born = now
        self._local = local
        self._load = load
        self._was_on = is_on
        usage = _object(answers, "get_device_usage")
        energy = _object(answers, "get_energy_usage")
        minutes = _windows(usage, "time_usage", energy, "runtime")
        watt_hours = _windows(usage, "power_usage", energy, "energy")
        self._recorded_mw = self._power_of(answers)
        self._on_mw = self._recorded_mw
        if not is_on or not self._on_mw:
            # Watt-hours by minutes: what it drew on average while it was on.
            self._on_mw = round(60_000 * watt_hours[2] / max(1, minutes[2]))
        self._off_mw = 0 if is_on else self._recorded_mw
        past: Amount = Past(now, watt_hours, MJ_PER_WH, local)
        worked: Amount = Past(now, minutes, 60, local)
        if load is not None:
            past, worked = load.amount, seconds
        self._energy = Ledger(now, past, MJ_PER_WH, local)
        self._worked = Ledger(now, worked, 60, local)
        self._month = (energy.get("month_energy"), energy.get("month_runtime"))
        self._on = is_on
        self._powered = True
        self._dimming = 1.0

    def follow(self, moment: int, on: bool, powered: bool, dimming: float) -> None:
        """From this moment on it is so."""
        self._on, self._powered, self._dimming = on, powered, dimming
        if not powered:
            flow: Amount = nothing
        elif on and self._load is not None:
            flow = self._load.amount
        else:
            power_mw = self._flat_mw()

            def flow(start: int, end: int) -> int:
                return power_mw * (end - start)

        self._energy.follow(moment, flow)
        self._worked.follow(moment, seconds if on and powered else nothing)

    def power_mw(self, now: int) -> int:
        """The power at a moment."""
        if not self._powered:
            return 0
        if self._on and self._load is not None:
            return self._load.power_mw(now)
        return self._flat_mw()

    def _flat_mw(self) -> int:
        return round(self._on_mw * self._dimming) if self._on else self._off_mw

    # -- what the methods answer -----------------------------------------------------

    def device_usage(self, now: int) -> dict[str, Any]:
        """The answer to `get_device_usage`: minutes, and Wh used and saved."""
        answer = dict(self._recorded["get_device_usage"])
        minutes = self._last(self._worked, now)
        watt_hours = self._last(self._energy, now)
        if "time_usage" in answer:
            answer["time_usage"] = minutes
        if "power_usage" in answer:
            answer["power_usage"] = watt_hours
        now_known = (answer.get("time_usage"), answer.get("power_usage"))
        recorded = self._recorded["get_device_usage"]
        was_known = (recorded.get("time_usage"), recorded.get("power_usage"))
        if "saved_power" in answer and now_known != was_known:
            # Every dump agrees: what 60 W in its place would have taken more.
            answer["saved_power"] = {
                key: max(0, minutes[key] - watt_hours[key]) for key in minutes
            }
        return answer

    def energy_usage(self, now: int) -> dict[str, Any]:
        """The answer to `get_energy_usage`: mW, Wh and minutes."""
        answer = dict(self._recorded["get_energy_usage"])
        today = self._local.day(now)
        midnight = self._local.midnight(today)
        known = {
            "today_energy": self._energy.units([midnight, now])[0],
            "today_runtime": self._worked.units([midnight, now])[0],
            "month_energy": self._this_month(self._energy, self._month[0], now),
            "month_runtime": self._this_month(self._worked, self._month[1], now),
            "current_power": self.power_mw(now),
            "local_time": self._local.at(now).strftime("%Y-%m-%d %H:%M:%S"),
        }
        answer.update({k: v for k, v in known.items() if k in answer})
        return answer

    def current_power(self, now: int) -> dict[str, Any]:
        """The answer to `get_current_power`: whole watts."""
        answer = dict(self._recorded["get_current_power"])
        return {**answer, "current_power": round(self.power_mw(now) / 1000)}

    def emeter_data(self, now: int) -> dict[str, Any]:
        """The answer to `get_emeter_data`: mA, mV, mW and Wh."""
        answer = dict(self._recorded["get_emeter_data"])
        power_mw = self.power_mw(now)
        volts = answer.get("voltage_mv", 0) / 1000
        if power_mw != answer.get("power_mw"):
            answer["power_mw"] = power_mw
            answer["current_ma"] = round(power_mw / volts) if volts else 0
        grown = self._energy.units([self._born, now])[0]
        answer["energy_wh"] = answer.get("energy_wh", 0) + grown
        return answer

    def energy_data(self, params: dict[str, Any], now: int) -> dict[str, Any]:
        """The answer to `get_energy_data`: Wh by hour, day or month.

        Unverified: the frame around `data`, and what a span that is not a whole
        quarter or year is answered. One moment stands for its whole quarter or year.
        """
        start = whole(params, "start_timestamp", FIRST, LAST)
        end = whole(params, "end_timestamp", start, LAST)
        interval = params.get("interval")
        if interval == 60:
            edges = self._hours(start, end)
        elif interval == 1440:
            edges = self._days(start, end)
        elif interval == 43200:
            edges = self._months(start, end)
        else:
            raise Fault(PARAMETER)
        data = self._energy.units([min(edge, now) for edge in edges])
        if interval == 60:
            kept = now - HOURS_KEPT_S
            hours = zip(data, edges, strict=False)
            data = [value if edge >= kept else 0 for value, edge in hours]
        return {
            "local_time": self._local.at(now).strftime("%Y-%m-%d %H:%M:%S"),
            "data": data,
            "start_timestamp": start,
            "end_timestamp": end,
            "interval": interval,
        }

    def _hours(self, start: int, end: int) -> list[int]:
        edges = [start - self._local.second_of_day(start) % HOUR_S]
        if end - start > MOST_ENTRIES * HOUR_S:
            raise Fault(PARAMETER)
        while len(edges) < 2 or edges[-1] < end:
            edges.append(edges[-1] + HOUR_S)
        return edges

    def _days(self, start: int, end: int) -> list[int]:
        day = self._local.day(start)
        last = self._local.day(max(start, end - 1))
        if start == end:
            day = date(day.year, day.month - (day.month - 1) % 3, 1)
            last = _months_on(day, 3) - timedelta(days=1)
        count = (last - day).days + 1
        if count > MOST_ENTRIES:
            raise Fault(PARAMETER)
        return [self._local.midnight(day + timedelta(days=n)) for n in range(count + 1)]

    def _months(self, start: int, end: int) -> list[int]:
        first = self._local.day(start).replace(day=1)
        last = self._local.day(max(start, end - 1))
        count = 12 * (last.year - first.year) + last.month - first.month + 1
        if start == end:
            first, count = first.replace(month=1), 12
        if count > 24:
            raise Fault(PARAMETER)
        return [self._local.midnight(_months_on(first, n)) for n in range(count + 1)]

    def _last(self, ledger: Ledger, now: int) -> dict[str, int]:
        """Units today and in the last 7 and 30 days, today included."""
        today = self._local.day(now)
        edges = [
            self._local.midnight(today - timedelta(days=back)) for back in (29, 6, 0)
        ]
        month, week, day = ledger.units([*edges, now])
        return {"today": day, "past7": week + day, "past30": month + week + day}

    def _this_month(self, ledger: Ledger, recorded: Any, now: int) -> int:
        first = self._local.day(now).replace(day=1)
        begin = self._local.midnight(first)
        if begin > self._born or self._load is not None or recorded is None:
            return ledger.units([begin, now])[0]
        # The snapshot's month may be older than the practice clock's: it goes on.
        return int(recorded) + ledger.units([self._born, now])[0]

    @staticmethod
    def _power_of(answers: dict[str, Any]) -> int:
        energy = _object(answers, "get_energy_usage")
        meter = _object(answers, "get_emeter_data")
        watts = _object(answers, "get_current_power").get("current_power", 0)
        power: float = energy.get("current_power", meter.get("power_mw", 1000 * watts))
        return round(power)


def _object(answers: dict[str, Any], method: str) -> dict[str, Any]:
    answer = answers.get(method)
    return answer if isinstance(answer, dict) else {}


def _windows(
    usage: dict[str, Any], key: str, energy: dict[str, Any], suffix: str
) -> tuple[int, int, int]:
    """Today, the last 7 and the last 30 days, from whichever method knows them."""
    known = usage.get(key, {})
    today = known.get("today", energy.get(f"today_{suffix}", 0))
    past7 = known.get("past7", today)
    past30 = known.get("past30", energy.get(f"month_{suffix}", past7))
    return int(today), int(past7), int(past30)


def _months_on(day: date, months: int) -> date:
    """The first of the month so many months on."""
    index = 12 * day.year + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
