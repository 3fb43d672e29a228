"""Watts are watts, whichever unit a meter speaks."""

from typing import Any

import pytest

from tplink_lab import errors
from tplink_lab.devices.energy import EnergyReading, read_realtime

FLOATS = {"current": 0.268, "voltage": 230.8, "power": 61.753, "total": 16.323}
INTEGERS = {
    "current_ma": 268,
    "voltage_mv": 230800,
    "power_mw": 61753,
    "total_wh": 16323,
}


def test_both_generations_of_meters_agree() -> None:
    assert read_realtime(FLOATS) == read_realtime(INTEGERS)
    assert read_realtime(FLOATS) == EnergyReading(61.753, 230.8, 0.268, 16.323)


def test_a_bulb_tells_power_alone() -> None:
    assert read_realtime({"power_mw": 10800}) == EnergyReading(10.8)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"power": None},
        {"power": "61"},
        {"power_mw": True},
        {"power": float("nan")},
        {"power": float("inf")},
        {"power": 1.0, "voltage": []},
        {"power_mw": 10**400},
    ],
)
def test_a_reading_that_makes_no_sense_is_an_error_not_a_number(
    answer: dict[str, Any],
) -> None:
    with pytest.raises(errors.UnusableAnswer):
        read_realtime(answer)
