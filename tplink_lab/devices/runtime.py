"""``plug.runtime``: how long a device was on, by day and by month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from tplink_lab.devices import iot
from tplink_lab.devices.checks import garbled, number_in, whole_number
from tplink_lab.devices.rulebook import Book

__all__ = ["DailyRuntime", "MonthlyRuntime", "Runtime"]

# The longest month, and the hour that the end of summer time adds.
_MINUTES_PER_MONTH = 31 * 24 * 60 + 60


class DailyRuntime(NamedTuple):
    """How long it was on, in minutes, on one day of the device's own time zone."""

    day: date
    minutes: int


class MonthlyRuntime(NamedTuple):
    """How long it was on, in minutes, in one month: ``month`` is its first day."""

    month: date
    minutes: int


class Runtime(Book):
    """How long a device, or one outlet of a strip, was on.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     cloud.device("My Smart Plug").runtime.daily(2026, 11)[0].minutes
    123
    """

    capability = "runtime"
    module = "schedule"

    def daily(self, year: int, month: int) -> list[DailyRuntime]:
        """Return the days of one month, oldest first. One request.

        Days without a record are absent.
        """
        args = {
            "year": whole_number(year, 2000, 2100, "The year"),
            "month": whole_number(month, 1, 12, "The month"),
        }
        rows = self._rows("get_daystat", args, "day_list")
        return sorted(DailyRuntime(*row) for row in rows)

    def monthly(self, year: int) -> list[MonthlyRuntime]:
        """Return the months of one year, oldest first. One request."""
        args = {"year": whole_number(year, 2000, 2100, "The year")}
        rows = self._rows("get_monthstat", args, "month_list")
        return sorted(MonthlyRuntime(*row) for row in rows)

    def _rows(
        self, method: str, args: dict[str, int], key: str
    ) -> list[tuple[date, int]]:
        module = self._where(method)
        answer = self._device.ask(self._request(module, {method: args}))
        return read_runtime(iot.answer_of(answer, module, method), key)


def read_runtime(answer: Mapping[str, Any], key: str) -> list[tuple[date, int]]:
    """Return (day, minutes) of each row; for months, their first day.

    Raises
    ------
    UnusableAnswer
        If a row is no date, or its time no number.
    """
    rows = answer.get(key)
    if not isinstance(rows, list):
        raise garbled(key)
    found = []
    for row in rows:
        if not isinstance(row, Mapping):
            raise garbled(key)
        try:
            day = date(row["year"], row["month"], row.get("day", 1))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise garbled(key) from None
        found.append((day, number_in(row, "time", key, 0, _MINUTES_PER_MONTH)))
    return found
