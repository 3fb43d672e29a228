"""Costs, and the frames that cannot give them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import tplink_lab as tl
from tests.data.homes import STEADY, home, plug
from tplink_lab import errors
from tplink_lab.data import Band, energy_by

NIGHT = (Band("night", 0.10, "22:00-06:00"), Band("day", 0.30, "06:00-22:00"))
WEEKEND = (
    Band("peak", 0.40, "07:00-22:00", "Mon-Fri"),
    Band("off", 0.20, "22:00-07:00", "Mon-Thu"),
    Band("weekend", 0.15, "22:00-24:00", "Fri"),
    Band("weekend", 0.15, "00:00-24:00", "Sat,Sun"),
    Band("weekend", 0.15, "00:00-07:00", "Mon"),
)
ZONE = "Europe/Belgrade"


def steady(start: str, days: float, zone: str = ZONE) -> Any:
    """1 kW, sampled each minute."""
    at = pd.date_range(start, periods=round(days * 1440) + 1, freq="min", tz=zone)
    return pd.Series(1000.0, at)


def daily(*kwh: float, start: str = "2026-10-01") -> Any:
    days = pd.date_range(start, periods=len(kwh))
    return pd.DataFrame({"day": days, "energy_kwh": kwh})


def test_one_price_and_a_standing_charge() -> None:
    tariff = tl.Tariff("EUR", 0.30, standing_charge_per_day=0.50)
    bill = tariff.cost(daily(1.0, 2.0, 0.0))
    assert bill["cost"].tolist() == pytest.approx([0.3, 0.6, 0.0])
    assert bill["currency"].unique().tolist() == ["EUR"]
    assert bill.attrs["energy_cost"] == pytest.approx(0.9)
    assert bill.attrs["standing_cost"] == pytest.approx(1.5)
    assert bill.attrs["total_cost"] == pytest.approx(2.4)
    assert any("once for each of the 3 calendar days" in a for a in assumptions(bill))


def assumptions(bill: Any) -> list[str]:
    return list(bill.attrs["assumptions"])


def test_a_whole_house_pays_one_standing_charge() -> None:
    plugs = [plug(n, f"P{n}", meter="integers", load=STEADY) for n in range(3)]
    with tl.practice(home(*plugs)) as cloud:
        days = cloud.devices().energy_daily(2026, 10)
        months = cloud.devices().energy_monthly(2026)
    tariff = tl.Tariff("EUR", 0.30, standing_charge_per_day=0.50)
    assert len(days) == 93
    bill = tariff.cost(days)
    assert bill.attrs["standing_cost"] == pytest.approx(31 * 0.5)
    assert bill.groupby("alias")["cost"].sum().to_numpy() == pytest.approx(
        0.3 * (31 * 4.25175 + 0.1), abs=0.005
    )
    october = months[months["month"] == "2026-10-01"]
    by_month = tariff.cost(october)
    assert by_month.attrs["total_cost"] == pytest.approx(
        bill.attrs["total_cost"], abs=0.01
    )
    assert by_month.attrs["days"] == 31


@pytest.mark.parametrize(
    ("day", "night_h", "day_h"),
    [("2026-06-02", 8, 16), ("2026-03-29", 7, 16), ("2026-10-25", 9, 16)],
)
@pytest.mark.parametrize("period", ["15min", "h"])
def test_bands_by_the_hour_also_when_clocks_change(
    day: str, night_h: int, day_h: int, period: str
) -> None:
    tariff = tl.Tariff("EUR", bands=NIGHT, timezone=ZONE)
    whole = energy_by(steady(day, (night_h + day_h) / 24), period)
    bill = tariff.cost(whole)
    by_band = bill.groupby("band", observed=True)["energy_kwh"].sum()
    assert by_band["night"] == pytest.approx(night_h)
    assert by_band["day"] == pytest.approx(day_h)
    assert bill.attrs["total_cost"] == pytest.approx(0.1 * night_h + 0.3 * day_h)
    assert bill.attrs["days"] == 1


def test_the_hour_that_is_skipped_or_repeated_touches_no_band_of_its_neighbour() -> (
    None
):
    bands = [Band("early", 0.1, "00:00-02:00"), Band("later", 0.3, "02:00-24:00")]
    tariff = tl.Tariff("EUR", bands=bands, timezone=ZONE)
    spring = tariff.cost(energy_by(steady("2026-03-29", 23 / 24), "h"))
    assert (spring["band"] == "early").sum() == 2
    autumn = tariff.cost(energy_by(steady("2026-10-25", 25 / 24), "h"))
    assert (autumn["band"] == "early").sum() == 2
    assert (autumn["band"] == "later").sum() == 23


def test_weekdays_are_the_clocks_own() -> None:
    tariff = tl.Tariff("EUR", bands=WEEKEND, timezone=ZONE)
    bill = tariff.cost(energy_by(steady("2026-11-02", 7), "h"))  # Monday to Sunday
    hours = bill.groupby("band", observed=True)["energy_kwh"].sum()
    assert hours.round(6).to_dict() == {"off": 36.0, "peak": 75.0, "weekend": 57.0}


def test_hours_are_read_in_the_tariffs_zone_and_not_the_samples() -> None:
    tariff = tl.Tariff("EUR", bands=NIGHT, timezone="Asia/Kolkata")
    half = energy_by(steady("2026-06-02", 1, "UTC"), "30min")
    bill = tariff.cost(half)
    assert bill["band"].tolist()[:2] == ["night", "day"]  # 05:30 and 06:00 in Kolkata
    with pytest.raises(errors.BadInput, match="several bands: day, night"):
        tariff.cost(energy_by(steady("2026-06-02", 1, "UTC"), "h"))


def test_bands_on_daily_totals_are_refused_with_a_next_step() -> None:
    tariff = tl.Tariff("EUR", bands=NIGHT, timezone=ZONE)
    with pytest.raises(errors.BadInput, match="energy_by") as caught:
        tariff.cost(daily(1.0))
    assert "cannot be told" in str(caught.value)
    with pytest.raises(errors.BadInput, match="several bands"):
        tariff.cost(energy_by(steady("2026-06-02", 1), "D"))


def test_bands_that_change_by_whole_days_can_be_had_from_daily_totals() -> None:
    bands = [Band("work", 0.3, days="Mon-Fri"), Band("rest", 0.1, days="Sat-Sun")]
    tariff = tl.Tariff("EUR", bands=bands, timezone=ZONE)
    bill = tariff.cost(daily(*[1.0] * 7, start="2026-11-02"))
    assert bill["band"].tolist() == ["work"] * 5 + ["rest"] * 2


def test_a_price_change_counts_from_its_day() -> None:
    tariff = tl.Tariff("EUR", 0.30, standing_charge_per_day=1.0)
    dearer = tariff.then("2026-10-03", 0.40, standing_charge_per_day=2.0)
    bill = dearer.cost(daily(1.0, 1.0, 1.0, 1.0))
    assert bill["price_per_kwh"].tolist() == [0.3, 0.3, 0.4, 0.4]
    assert bill.attrs["standing_cost"] == 6.0
    assert tariff.cost(daily(*[1.0] * 4)).attrs["standing_cost"] == 4.0
    month = pd.DataFrame({"month": [pd.Timestamp("2026-10-01")], "energy_kwh": [9.0]})
    with pytest.raises(errors.BadInput, match=r"within the month.*energy_daily"):
        dearer.cost(month)
    on_the_first = tariff.then("2026-11-01", 0.40)
    assert on_the_first.cost(month)["price_per_kwh"].tolist() == [0.3]
    with pytest.raises(errors.BadInput, match="order of time"):
        dearer.then("2026-10-03", 0.5)


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        (
            [Band("night", 0.1, "22:00-07:00"), Band("day", 0.3, "06:00-22:00")],
            "'night' and 'day' overlap from Mon 06:00",
        ),
        (
            [Band("night", 0.1, "22:00-06:00"), Band("day", 0.3, "06:30-22:00")],
            "No band covers Mon 06:00",
        ),
        ([Band("work", 0.1, days="Mon-Fri")], "No band covers Sat 00:00"),
        (
            [Band("all", 0.1), Band("late", 0.1, "23:59-00:01", "Sun")],
            "overlap from Sun 23:59",
        ),
        ([], "No band covers Mon 00:00"),
        ([Band("x", 0.1, "25:00-26:00")], "00:00-24:00"),
        ([Band("x", 0.1, "six-nine")], "22:00-06:00"),
        ([Band("x", 0.1, days="Mo")], "Mon-Fri"),
        ([Band("x", 0.1, days=None)], "Mon-Fri"),  # type: ignore[arg-type]
        ([Band("x", float("nan"))], "Give a number"),
        ([Band("x", "0.1")], "Give a number"),  # type: ignore[arg-type]
    ],
)
def test_bands_that_overlap_or_leave_a_gap_are_refused(
    bands: list[Band], words: str
) -> None:
    with pytest.raises(errors.BadInput, match=words):
        tl.Tariff("EUR", bands=bands, timezone=ZONE)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tl.Tariff("EUR"), "exactly one"),
        (lambda: tl.Tariff("EUR", 0.3, bands=NIGHT), "exactly one"),
        (lambda: tl.Tariff("", 0.3), "no currency"),
        (lambda: tl.Tariff("EUR", bands=NIGHT), "zone"),
        (lambda: tl.Tariff("EUR", 0.3, timezone="Nowhere"), "IANA"),
        (lambda: tl.Tariff("EUR", 0.3, standing_charge_per_day=None), "number"),  # type: ignore[arg-type]
        (lambda: tl.Tariff("EUR", 0.3).then("soon", 0.4), "2027-04-01"),
        (lambda: tl.Tariff("EUR", 0.3).then("2027-04-01", bands=NIGHT), "zone"),
        (
            lambda: tl.Tariff("EUR", 0.3).cost(pd.DataFrame({"power_w": [1]})),
            "energy_by",
        ),
        (lambda: tl.Tariff("EUR", 0.3).cost(daily(-1.0)), "counter_energy"),
    ],
)
def test_what_makes_no_tariff_or_no_bill_is_refused(call: Any, words: str) -> None:
    with pytest.raises(errors.BadInput, match=words):
        call()


def test_times_without_a_zone_are_refused() -> None:
    hours = energy_by(steady("2026-06-02", 1), "h")
    naive = hours.assign(start=hours["start"].dt.tz_localize(None))
    with pytest.raises(errors.BadInput, match="tz_localize"):
        tl.Tariff("EUR", 0.3).cost(naive)


def test_rows_of_errors_and_hours_unrecorded_are_left_out_and_said() -> None:
    samples = steady("2026-06-02", 1)
    samples = samples[(samples.index.hour < 8) | (samples.index.hour >= 12)]
    tariff = tl.Tariff("EUR", bands=NIGHT, timezone=ZONE)
    bill = tariff.cost(energy_by(samples, "h"))
    said = " ".join(assumptions(bill))
    assert len(bill) == 20
    assert "4 rows without a time or an energy" in said
    assert "clock on the wall in Europe/Belgrade" in said
    empty = tariff.cost(energy_by(samples.iloc[:0], "h"))
    assert empty.attrs["total_cost"] == 0
    assert list(empty.columns) == list(bill.columns)
    assert np.isclose(bill["cost"].sum(), bill.attrs["energy_cost"])


def test_a_tariff_shows_its_prices() -> None:
    tariff = tl.Tariff("EUR", 0.30).then("2027-01-01", 0.35)
    assert repr(tariff) == (
        "<Tariff EUR: all hours 0.3; from 2027-01-01 all hours 0.35 per kWh>"
    )


def test_days_may_go_over_the_end_of_the_week() -> None:
    bands = [Band("a", 0.1, days="Sat-Mon"), Band("b", 0.2, days="Tue-Fri")]
    bill = tl.Tariff("EUR", bands=bands, timezone=ZONE).cost(
        daily(*[1.0] * 7, start="2026-11-02")
    )
    assert bill["band"].tolist() == ["a", *["b"] * 4, "a", "a"]


def test_a_bill_of_nothing_but_errors_is_refused() -> None:
    with tl.practice() as cloud:
        rows = cloud.devices().energy_daily(2026, 10)
    failed = rows[rows["error"].notna()]
    assert len(failed)
    with pytest.raises(errors.BadInput, match=f"None of the {len(failed)} rows"):
        tl.Tariff("EUR", 0.30).cost(failed)
    assert tl.Tariff("EUR", 0.30).cost(rows.iloc[:0]).attrs["total_cost"] == 0


def test_the_running_month_pays_no_standing_charge_for_days_to_come() -> None:
    tariff = tl.Tariff("EUR", price_per_kwh=0, standing_charge_per_day=1)
    with tl.practice(home(plug(1, "integers", meter="integers"))) as cloud:
        months = cloud.devices().energy_monthly(2026)
    month = months[months["month"] == "2026-11-01"]
    assert tariff.cost(month).attrs["days"] == 1  # it is the first of November
    assert month["hours"].tolist() == [19.0]  # 18:00 UTC is 19:00 there
    october = months[months["month"] == "2026-10-01"]
    assert october["hours"].tolist() == [745.0]
    assert tariff.cost(october).attrs["days"] == 31


def test_the_days_of_utc_hours_are_those_of_the_home() -> None:
    with tl.practice() as cloud:
        hours = cloud.devices().energy_intervals("2026-10-25", "2026-10-31")
    bill = tl.Tariff("EUR", price_per_kwh=1, standing_charge_per_day=1).cost(hours)
    assert bill.attrs["days"] == 7
    assert "7 calendar days in Europe/Belgrade" in " ".join(assumptions(bill))
    assert "In the sum: Tapo Meter, Washer." in assumptions(bill)
    assert "they keep no hours: 26 devices" in " ".join(assumptions(bill))


def test_a_devices_time_is_not_paid_twice() -> None:
    tariff = tl.Tariff("EUR", price_per_kwh=1)
    with tl.practice() as cloud:
        days = cloud.devices().energy_daily(2026, 10)
    with pytest.raises(errors.BadInput, match=r"day 2026-10-01 .* of Kettle .* twice"):
        tariff.cost(pd.concat([days, days]))
    # Two homes without names are not looked into.
    two = pd.concat([days[["day", "energy_kwh"]]] * 2)
    assert tariff.cost(two).attrs["energy_kwh"] == 2 * days["energy_kwh"].sum()


def test_energy_in_words_is_refused() -> None:
    days = daily(1, 2)
    with pytest.raises(errors.BadInput, match="holds str, not numbers"):
        tl.Tariff("EUR", price_per_kwh=1).cost(
            days.assign(energy_kwh=days["energy_kwh"].astype(str))
        )
