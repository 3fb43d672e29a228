"""Energy in W, V, A and kWh, whichever units a device speaks.

HS110 hardware 1 sends floats in A, V, W and kWh; later meters send integers in mA,
mV, mW and Wh; bulbs send power alone (protocol.md §5.4). Converted here and nowhere
else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from tplink_lab.devices import iot
from tplink_lab.devices.tapo_meter import EnergyInterval, TapoMeter
from tplink_lab.errors import BadInput, NotSupported, UnusableAnswer

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = [
    "DailyEnergy",
    "Energy",
    "EnergyInterval",
    "EnergyReading",
    "MonthlyEnergy",
    "check_days",
    "read_realtime",
]

BULB_METER = "smartlife.iot.common.emeter"


@dataclass(frozen=True)
class EnergyReading:
    """One measurement.

    Attributes
    ----------
    power_w : float
        Power drawn now.
    voltage_v, current_a : float or None
        None where the device does not measure it, as bulbs.
    total_kwh : float or None
        Counted since the meter was last erased.
    at : datetime
        When it was read (UTC, this machine's clock).
    """

    power_w: float
    voltage_v: float | None = None
    current_a: float | None = None
    total_kwh: float | None = None
    at: datetime = field(
        default_factory=lambda: datetime.now(UTC), compare=False, repr=False
    )


class DailyEnergy(NamedTuple):
    """Energy of one day, in the device's own time zone."""

    day: date
    energy_kwh: float


class MonthlyEnergy(NamedTuple):
    """Energy of one month: ``month`` is its first day."""

    month: date
    energy_kwh: float


def read_realtime(answer: Mapping[str, Any]) -> EnergyReading:
    """Return a ``get_realtime`` answer in W, V, A and kWh.

    Raises
    ------
    UnusableAnswer
        If it tells no power, or a value is no number.

    Examples
    --------
    >>> read_realtime({"power": 7.68, "total": 30.4}).power_w
    7.68
    >>> read_realtime({"power_mw": 61753, "total_wh": 16323}).total_kwh
    16.323
    """
    power = _quantity(answer, "power", "power_mw")
    if power is None:
        raise _garbled("get_realtime")
    return EnergyReading(
        power_w=power,
        voltage_v=_quantity(answer, "voltage", "voltage_mv"),
        current_a=_quantity(answer, "current", "current_ma"),
        total_kwh=_quantity(answer, "total", "total_wh"),
    )


class Energy:
    """The energy meter of a device, or of one outlet of a strip.

    A strip as a whole is the sum of its outlets, one request for each.
    """

    def __init__(self, device: Device, outlet_id: str | None = None) -> None:
        self._device = device
        self._outlet_id = outlet_id

    def now(self) -> EnergyReading:
        """Return what is drawn now.

        Returns
        -------
        EnergyReading
            In W, V, A and kWh.

        Raises
        ------
        NotSupported
            If the device has no meter.
        """
        if self._device.dialect == "smart":
            return self._device.smart_talk().power(self._outlet_id)
        readings = [
            read_realtime(answer) for answer in self._ask("get_realtime", None, None)
        ]
        if len(readings) == 1:
            return readings[0]
        return EnergyReading(
            power_w=sum(r.power_w for r in readings),
            voltage_v=readings[0].voltage_v,
            current_a=_sum([r.current_a for r in readings]),
            total_kwh=_sum([r.total_kwh for r in readings]),
        )

    def daily(self, year: int, month: int) -> list[DailyEnergy]:
        """Return the days of one month, oldest first.

        Days without a record are absent: the device writes nothing for a day without
        use. How far back it remembers is not recorded.

        Raises
        ------
        BadInput
            If there is no such month.
        """
        args = {"year": _year(year), "month": _month(month)}
        if self._device.dialect == "smart":
            days = self._tapo_meter().days(year, month)
            return [DailyEnergy(day, days[day]) for day in sorted(days)]
        days = {}
        for answer in self._ask("get_daystat", args, "day_list"):
            for row in _rows(answer, "day_list"):
                day = _day(row, "get_daystat")
                days[day] = days.get(day, 0.0) + _energy(row, "get_daystat")
        return [DailyEnergy(day, round(days[day], 6)) for day in sorted(days)]

    def monthly(self, year: int) -> list[MonthlyEnergy]:
        """Return the months of one year, oldest first; empty ones are absent."""
        args = {"year": _year(year)}
        if self._device.dialect == "smart":
            months = self._tapo_meter().months(year)
            return [MonthlyEnergy(month, months[month]) for month in sorted(months)]
        months = {}
        for answer in self._ask("get_monthstat", args, "month_list"):
            for row in _rows(answer, "month_list"):
                month = _day({**row, "day": 1}, "get_monthstat")
                months[month] = months.get(month, 0.0) + _energy(row, "get_monthstat")
        return [
            MonthlyEnergy(month, round(months[month], 6)) for month in sorted(months)
        ]

    def intervals(
        self, first: date | str, last: date | str | None = None
    ) -> list[EnergyInterval]:
        """Return the hours of some days, oldest first; Tapo meters alone keep them.

        Parameters
        ----------
        first, last : date or str
            The days (``"2026-10-31"``), in the device's own zone; one day if *last*
            is left out. Hours are kept for about a week.

        Returns
        -------
        list of EnergyInterval
            Up to the hour that runs; 23 or 25 for a day on which clocks change.

        Raises
        ------
        NotSupported
            If it has no meter, or is a Kasa device: a Recorder keeps its hours.
        BadInput
            If the days are too old, or the wrong way round.
        """
        first, last = check_days(first, last)
        if self._device.dialect != "smart":
            raise NotSupported(
                "Kasa devices keep days, not hours.",
                call="energy.intervals",
                next_step="Use energy.daily(...); or a tl.Recorder, which keeps all.",
            )
        return self._tapo_meter().hours(first, last)

    def _tapo_meter(self) -> TapoMeter:
        if self._outlet_id is None:
            self._device.need("energy", call="get_energy_data")
        talk = self._device.smart_talk()
        return TapoMeter(lambda request: talk.read(request, self._outlet_id))

    def _ask(
        self, method: str, args: dict[str, int] | None, rows: str | None
    ) -> list[dict[str, Any]]:
        """Return one answer, or one for each outlet of a strip."""
        device = self._device
        device.need("energy", call=f"emeter.{method}")
        kind = device.kind()
        module = BULB_METER if kind.is_light else "emeter"
        request: dict[str, Any] = {module: {method: args}}
        if kind is not iot.Kind.STRIP:
            return [iot.answer_of(device.ask(request), module, method)]
        outlets = (
            [self._outlet_id]
            if self._outlet_id is not None
            else [o.outlet_id for o in device.state().outlets]
        )
        if not outlets:
            raise _garbled(f"{module}.{method}")
        return [
            iot.answer_of(
                device.ask(iot.outlet_request(request, (outlet,))), module, method
            )
            for outlet in outlets
        ]


def _quantity(answer: Mapping[str, Any], unit: str, thousandth: str) -> float | None:
    for key, scale in ((unit, 1.0), (thousandth, 1000.0)):
        if key in answer:
            value = answer[key]
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise _garbled(key)
            # Also false for NaN, and for integers that no float can hold.
            if not abs(value) < 1e15:
                raise _garbled(key)
            return value / scale
    return None


def _energy(row: Mapping[str, Any], call: str) -> float:
    energy = _quantity(row, "energy", "energy_wh")
    if energy is None:
        raise _garbled(call)
    return energy


def _rows(answer: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = answer.get(key)
    if not isinstance(rows, list) or not all(isinstance(r, Mapping) for r in rows):
        raise _garbled(key)
    return rows


def _day(row: Mapping[str, Any], call: str) -> date:
    try:
        return date(row["year"], row["month"], row["day"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _garbled(call) from None


def _sum(values: list[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return round(sum(known), 6) if len(known) == len(values) else None


def _year(year: int) -> int:
    if isinstance(year, bool) or not isinstance(year, int) or not 2000 <= year <= 2100:
        raise BadInput(f"{year!r} is no year.", next_step="Give one like 2026.")
    return year


def _month(month: int) -> int:
    if isinstance(month, bool) or not isinstance(month, int) or not 1 <= month <= 12:
        raise BadInput(f"{month!r} is no month.", next_step="Give 1 to 12.")
    return month


def _garbled(call: str) -> UnusableAnswer:
    return UnusableAnswer(
        "The meter's answer is not in a known form.",
        call=call,
        next_step="device.command({'emeter': {'get_realtime': None}}) shows it raw.",
    )


def check_days(first: date | str, last: date | str | None) -> tuple[date, date]:
    """Return two days in order; one stands for itself alone.

    Raises
    ------
    BadInput
        If one is no day, or they are the wrong way round.

    Examples
    --------
    >>> check_days("2026-10-30", None)
    (datetime.date(2026, 10, 30), datetime.date(2026, 10, 30))
    """
    days = []
    for day in (first, first if last is None else last):
        try:
            found = date.fromisoformat(day) if isinstance(day, str) else day
        except ValueError:
            found = None
        # A frame's days are moments at midnight.
        if isinstance(found, datetime) and found == found.replace(
            hour=0, minute=0, second=0, microsecond=0, tzinfo=None
        ):
            found = found.date()
        if not isinstance(found, date) or isinstance(found, datetime):
            raise BadInput(
                f"{day!r} is no day.", next_step='Give "2026-10-31", or a date.'
            )
        days.append(found)
    if days[1] < days[0]:
        raise BadInput(
            f"{days[1]} is before {days[0]}.", next_step="Give the earlier day first."
        )
    return days[0], days[1]
