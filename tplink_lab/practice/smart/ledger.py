"""What flowed and how long, for any stretch of time, past or present.

Nothing is added up as time passes. A ledger keeps what flows from when on, as functions
with a closed form, and any sum is read off them. So hours sum to their day, and days to
their month, to the last watt-hour.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

from ..iot.local import LocalTime

# How much between two moments, in base units (milliwatt-seconds, seconds).
Amount = Callable[[int, int], int]
# A home's history goes back so far; a meter shows a year of months.
PAST_DAYS = 400


def nothing(start: int, end: int) -> int:
    """No flow."""
    return 0


def seconds(start: int, end: int) -> int:
    """Time itself."""
    return end - start


class Ledger:
    """Sums of a flow that changes at known moments.

    Parameters
    ----------
    born : int
        When the device was brought to life.
    past : callable
        What flowed before.
    unit : int
        Base units in one unit shown.
    local : LocalTime
        Whose days are counted.
    """

    def __init__(self, born: int, past: Amount, unit: int, local: LocalTime) -> None:
        self._born = born
        self._unit = unit
        self._past = past
        self._origin = local.midnight(local.day(born) - timedelta(days=PAST_DAYS))
        self._starts: list[int] = []
        self._flows: list[Amount] = []

    def follow(self, moment: int, flow: Amount) -> None:
        """From this moment on it flows so."""
        if self._starts and self._starts[-1] >= moment:
            # A clock that stands still must not let this grow without end.
            self._flows[-1] = flow
        else:
            self._starts.append(moment)
            self._flows.append(flow)

    def units(self, edges: list[int]) -> list[int]:
        """Whole units between each edge and the next; edges go up."""
        edges = [max(edge, self._origin) for edge in edges]
        total = self._amount(self._origin, edges[0])
        marks = [total // self._unit]
        for start, end in pairwise(edges):
            total += self._amount(start, end)
            marks.append(total // self._unit)
        return [b - a for a, b in pairwise(marks)]

    def _amount(self, start: int, end: int) -> int:
        total = 0
        if start < min(end, self._born):
            total += self._past(start, min(end, self._born))
        index = max(0, bisect_right(self._starts, start) - 1)
        while index < len(self._starts) and self._starts[index] < end:
            until = end
            if index + 1 < len(self._starts):
                until = min(end, self._starts[index + 1])
            begin = max(start, self._starts[index])
            if begin < until:
                total += self._flows[index](begin, until)
            index += 1
        return total


class Past:
    """What a snapshot remembers of the last thirty days, spread over them.

    The snapshot knows `today`, `past7` and `past30`. The six days before today share
    what they had, the 23 before them theirs; a day's share flows evenly through it. At
    midnight sharp today has no past, so its share counts as the day before's.
    """

    def __init__(
        self, born: int, windows: tuple[int, int, int], unit: int, local: LocalTime
    ) -> None:
        today, past7, past30 = windows
        week = _shares(max(0, past7 - today), 6)
        month = _shares(max(0, past30 - max(past7, today)), 23)
        birthday = local.day(born)
        days = [birthday - timedelta(days=back) for back in range(29, -1, -1)]
        self._edges = [local.midnight(day) for day in days] + [born]
        self._sums = [0]
        for share in (*month, *week, today):
            self._sums.append(self._sums[-1] + share * unit)

    def __call__(self, start: int, end: int) -> int:
        """What flowed between two moments."""
        return self._until(end) - self._until(start)

    def _until(self, moment: int) -> int:
        index = bisect_right(self._edges, moment) - 1
        if index < 0:
            return 0
        if index >= len(self._edges) - 1:
            return self._sums[-1]
        begin, end = self._edges[index], self._edges[index + 1]
        day = self._sums[index + 1] - self._sums[index]
        return self._sums[index] + day * (moment - begin) // (end - begin)


def _shares(whole: int, parts: int) -> list[int]:
    """Whole shares of a whole, as even as can be."""
    return [whole * (i + 1) // parts - whole * i // parts for i in range(parts)]
