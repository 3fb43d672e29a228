"""What energy costs: flat or by bands, with a standing charge and price changes.

A tariff never guesses: what a frame cannot support (bands on daily totals, a month
in which the price changed) is refused, with what to do instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import pandas as pd

from tplink_lab.data.bands import DAY_MIN, WEEK_MIN, Band, check_number, week_of
from tplink_lab.data.columns import category
from tplink_lab.data.spans import SLACK, days_of, one_zone, spans_of, usable
from tplink_lab.data.zones import checked_zone
from tplink_lab.errors import BadInput

__all__ = ["Tariff"]

ONE_PRICE = "all hours"


class _Prices(NamedTuple):
    """What holds from ``since`` on; None is from the beginning."""

    since: date | None
    bands: tuple[Band, ...]
    week: tuple[int, ...]  # the band of each minute, from Monday 00:00
    standing_per_day: float


class Tariff:
    """A price list for energy.

    Parameters
    ----------
    currency : str
        As it is to appear: ``"EUR"``.
    price_per_kwh : float, optional
        One price at all hours. Give this or *bands*.
    bands : sequence of Band, optional
        Prices by hour and weekday; they must cover the whole week, and none of it
        twice.
    standing_charge_per_day : float
        What a day costs before anything is used. Of the household, not of each
        device.
    timezone : str, optional
        IANA name of where the bands' hours are read; needed with bands.

    Raises
    ------
    BadInput
        If bands overlap or leave a gap, or a price is no number.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> flat = tl.Tariff("EUR", price_per_kwh=0.30, standing_charge_per_day=0.40)
    >>> with tl.practice() as cloud:
    ...     days = cloud.devices()[1:3].energy_daily(2026, 10)
    >>> bill = flat.cost(days)
    >>> bill.attrs["days"], round(bill.attrs["standing_cost"], 2)
    (31, 12.4)
    >>> from tplink_lab.data import Band
    >>> night = Tariff("GBP", timezone="Europe/London", bands=[
    ...     Band("night", 0.12, "23:30-05:30"), Band("day", 0.31, "05:30-23:30")])
    >>> night.then("2027-04-01", bands=[Band("all", 0.28)])
    <Tariff GBP: night 0.12, day 0.31; from 2027-04-01 all 0.28 per kWh>
    """

    def __init__(
        self,
        currency: str,
        price_per_kwh: float | None = None,
        *,
        bands: Sequence[Band] | None = None,
        standing_charge_per_day: float = 0.0,
        timezone: str | None = None,
    ) -> None:
        if not isinstance(currency, str) or not currency.strip():
            raise BadInput(
                f"{currency!r} is no currency.", next_step='Give one like "EUR".'
            )
        self.currency = currency.strip()
        self.timezone = None if timezone is None else checked_zone(timezone)
        first = _prices(None, price_per_kwh, bands, standing_charge_per_day)
        self._steps: tuple[_Prices, ...] = (first,)
        self._check_timezone()

    def then(
        self,
        since: str | date,
        price_per_kwh: float | None = None,
        *,
        bands: Sequence[Band] | None = None,
        standing_charge_per_day: float | None = None,
    ) -> Tariff:
        """Return this tariff with other prices from a day on.

        Parameters
        ----------
        since : str or date
            The first day of the new prices, ``"2027-04-01"``; later than any change
            before it.
        price_per_kwh, bands
            As for the tariff itself.
        standing_charge_per_day : float, optional
            Unchanged if left out.
        """
        day = _day(since)
        last = self._steps[-1]
        if last.since is not None and day <= last.since:
            raise BadInput(
                f"{day} is not after the change of {last.since}.",
                next_step="Name the changes in the order of time.",
            )
        if standing_charge_per_day is None:
            standing_charge_per_day = last.standing_per_day
        changed = Tariff.__new__(Tariff)
        changed.currency, changed.timezone = self.currency, self.timezone
        changed._steps = (
            *self._steps,
            _prices(day, price_per_kwh, bands, standing_charge_per_day),
        )
        changed._check_timezone()
        return changed

    def cost(self, energy: pd.DataFrame) -> pd.DataFrame:
        """Return what energy costs, row by row.

        Parameters
        ----------
        energy : DataFrame
            ``energy_kwh``, and the time in one of three forms: ``start`` and ``end``
            (aware, as :func:`~tplink_lab.data.energy_by` gives them), ``day`` (as
            ``devices.energy_daily()``), or ``month`` (as ``energy_monthly()``).

        Returns
        -------
        DataFrame
            The rows of *energy* that have a time and an energy, with all their
            columns, and: ``band`` (category), ``price_per_kwh`` (float64), ``cost``
            (float64, of the energy alone), ``currency`` (category).

            ``attrs`` adds up: ``energy_kwh``, ``energy_cost``, ``standing_cost``,
            ``total_cost``, ``days``, ``currency``, and ``assumptions``, a list of
            sentences about what the figures take for granted.

        Raises
        ------
        BadInput
            If the frame is too coarse for the bands or for a change of price, has no
            time, has energy that is negative or no number, or counts a device's time
            twice.

        Examples
        --------
        >>> at = pd.date_range("2026-11-02", "2026-11-03", freq="min", tz="UTC")
        >>> from tplink_lab.data import energy_by
        >>> hours = energy_by(pd.Series(1000.0, at), "h")
        >>> two = Tariff("EUR", timezone="UTC", bands=[
        ...     Band("night", 0.10, "22:00-06:00"), Band("day", 0.30, "06:00-22:00")])
        >>> round(two.cost(hours).attrs["total_cost"], 6)  # 8 h at 0.10, 16 h at 0.30
        5.6
        """
        rows, left_out = usable(energy)
        if left_out and rows.empty:
            raise BadInput(
                f"None of the {left_out} rows has a time and an energy.",
                call="tariff.cost",
                next_step="Look at the column error; nothing is not 0.",
            )
        start, end, form = spans_of(rows, self.timezone)
        found = [self._price(a, b, form) for a, b in zip(start, end, strict=True)]
        price = pd.Series([f.price_per_kwh for f in found], rows.index, dtype="float64")
        bill = rows.assign(
            band=category(f.name for f in found).set_axis(rows.index),
            price_per_kwh=price,
            cost=rows["energy_kwh"] * price,
            currency=category([self.currency] * len(rows)).set_axis(rows.index),
        )
        days = days_of(start, end, energy.attrs.get("fetched_at"), self.timezone)
        standing = sum(self._at(day).standing_per_day for day in days)
        energy_cost = float(bill["cost"].sum())
        bill.attrs = {
            **energy.attrs,
            "currency": self.currency,
            "energy_kwh": float(rows["energy_kwh"].sum()),
            "energy_cost": energy_cost,
            "standing_cost": float(standing),
            "total_cost": energy_cost + standing,
            "days": len(days),
            "assumptions": [
                *self._assumptions(form, len(days), left_out, rows),
                *_counted(rows),
                *_not_counted(energy.attrs),
            ],
        }
        return bill

    def _at(self, day: date) -> _Prices:
        return [s for s in self._steps if s.since is None or s.since <= day][-1]

    def _price(self, start: datetime, end: datetime, form: str) -> Band:
        """Return the one band a span of local wall time lies in."""
        first, last = start.date(), (end - SLACK).date()
        prices = self._at(first)
        if self._at(last) is not prices:
            since = self._at(last).since
            raise BadInput(
                f"The price changed on {since}, within the {form} of {first}.",
                call="tariff.cost",
                next_step="Use daily totals: devices.energy_daily(year, month).",
            )
        if len(set(prices.week)) == 1:
            return prices.bands[prices.week[0]]
        begin = start.weekday() * DAY_MIN + start.hour * 60 + start.minute
        minutes = max(1, -(-int((end - start).total_seconds()) // 60))
        touched = {prices.week[(begin + m) % WEEK_MIN] for m in range(minutes)}
        if len(touched) == 1:
            return prices.bands[touched.pop()]
        names = ", ".join(sorted(prices.bands[number].name for number in touched))
        raise BadInput(
            f"The {form} of {start:%Y-%m-%d %H:%M} falls into several bands: {names}. "
            "How much of it was used in which cannot be told.",
            call="tariff.cost",
            next_step="Cost power samples by the hour: tariff.cost(energy_by(samples, "
            '"h")), or "15min"; a Recorder keeps samples.',
        )

    def _assumptions(
        self, form: str, days: int, left_out: int, rows: pd.DataFrame
    ) -> list[str]:
        said = [
            f"Prices are in {self.currency} per kWh, with all taxes that they were "
            "given with; nothing is rounded."
        ]
        if any(step.standing_per_day for step in self._steps):
            zone = (self.timezone or one_zone(rows)) if form == "period" else None
            said.append(
                f"The standing charge is counted once for each of the {days} calendar "
                f"days{f' in {zone}' if zone else ''} from the first row to the last, "
                "whatever the number of devices."
            )
        if any(len(step.bands) > 1 for step in self._steps):
            said.append(f"Bands are read by the clock on the wall in {self.timezone}.")
        if form == "period" and "covered_h" in rows:
            missing = float((rows["hours"] - rows["covered_h"]).clip(lower=0).sum())
            if missing > 1e-9:
                said.append(
                    f"For {missing:.2f} h nothing was recorded; no energy is assumed."
                )
        if form in ("day", "month"):
            said.append(
                f"Totals by {form} are the device's own, in its own zone; a {form} "
                "without a row counts as one without use."
            )
        if left_out:
            count = "1 row" if left_out == 1 else f"{left_out} rows"
            said.append(
                f"Left out: {count} without a time or an energy (an error, or nothing "
                "recorded)."
            )
        return said

    def _check_timezone(self) -> None:
        if self.timezone is None and any(len(set(s.week)) > 1 for s in self._steps):
            raise BadInput(
                "The hours of the bands need a zone to be read in.",
                call="Tariff",
                next_step='Give timezone="Europe/London", or yours.',
            )

    def __repr__(self) -> str:
        parts = []
        for step in self._steps:
            bands = ", ".join(f"{b.name} {b.price_per_kwh:g}" for b in step.bands)
            parts.append(bands if step.since is None else f"from {step.since} {bands}")
        return f"<Tariff {self.currency}: {'; '.join(parts)} per kWh>"


def _prices(
    since: date | None,
    price_per_kwh: float | None,
    bands: Sequence[Band] | None,
    standing_per_day: float,
) -> _Prices:
    if (price_per_kwh is None) == (bands is None):
        raise BadInput(
            "A tariff has one price, or bands: exactly one of the two.",
            call="Tariff",
            next_step="Give price_per_kwh=0.30, or bands=[Band(...), ...].",
        )
    if bands is None:
        assert price_per_kwh is not None
        bands = [Band(ONE_PRICE, price_per_kwh)]
    known = tuple(Band(*band) for band in bands)
    for band in known:
        check_number(band.price_per_kwh, f"The price of {band.name!r}")
    check_number(standing_per_day, "The standing charge")
    return _Prices(since, known, week_of(known), float(standing_per_day))


def _day(value: str | date) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        pass
    raise BadInput(
        f"{value!r} is no day.", call="Tariff.then", next_step='Give "2027-04-01".'
    )


def _counted(rows: pd.DataFrame) -> list[str]:
    """Say whose energy it is, where the frame tells."""
    name = next((name for name in ("alias", "device") if name in rows), None)
    if name is None:
        return []
    names = list(dict.fromkeys(rows[name].dropna().astype(str)))
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return [f"In the sum: {', '.join(names[:8])}{more}."] * bool(names)


def _not_counted(attrs: Mapping[Any, Any]) -> list[str]:
    """Say which devices a sweep's frame knows nothing of."""
    silent, without = attrs.get("without_record"), attrs.get("without_meter")
    daily_only = attrs.get("without_hours")
    said = []
    if daily_only:
        said.append(
            f"Asked too, and they keep no hours: {len(daily_only)} devices, named in "
            'attrs["without_hours"].'
        )
    if silent:
        said.append(f"Asked too, and they keep no record: {', '.join(silent)}.")
    if without:
        said.append(f"Asked too, and they have no meter: {len(without)} devices.")
    return said
