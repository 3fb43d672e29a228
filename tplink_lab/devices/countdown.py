"""``plug.countdown``: switch once, after a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tplink_lab.devices.checks import flag_in, garbled, number_in
from tplink_lab.devices.follow import follow
from tplink_lab.devices.rulebook import Book, rows_of
from tplink_lab.errors import BadInput

__all__ = ["Countdown", "CountdownState", "read_countdown"]

LONGEST_S = 24 * 3600 - 1  # Unverified: the app's dial ends below a day
SLACK_S = 30  # between sending and reading back
_DAY_S = 86400


@dataclass(frozen=True)
class CountdownState:
    """A countdown that runs.

    Attributes
    ----------
    remaining : timedelta
        How long until it switches.
    turn : str
        What it will do: ``"on"`` or ``"off"``.
    """

    remaining: timedelta
    turn: str


def read_countdown(answer: Mapping[str, Any], module: str) -> CountdownState | None:
    """Return the countdown that runs, or None if none does."""
    call = f"{module}.get_rules"
    for row in rows_of(answer, module):
        if not isinstance(row, Mapping):
            raise garbled(call, "rule_list")
        # One that is over may stay in the table, disabled.
        if not flag_in(row, "enable", call):
            continue
        remain = number_in(row, "remain", call, 0, _DAY_S)
        turn = "on" if flag_in(row, "act", call) else "off"
        return CountdownState(timedelta(seconds=remain), turn)
    return None


def read_smart_countdown(result: Mapping[str, Any]) -> CountdownState | None:
    """Return the countdown that runs in a Tapo device, or None if none does."""
    call = "get_countdown_rules"
    rows = result.get("rule_list")
    if not isinstance(rows, list):
        raise garbled(call, "rule_list")
    for row in rows:
        states = row.get("desired_states") if isinstance(row, Mapping) else None
        if not isinstance(states, Mapping):
            raise garbled(call, "desired_states")
        if flag_in(row, "enable", call):
            remain = number_in(row, "remain", call, 0, _DAY_S)
            turn = "on" if flag_in(states, "on", call) else "off"
            return CountdownState(timedelta(seconds=remain), turn)
    return None


class Countdown(Book):
    """The countdown of a device, or of one outlet of a strip; it has only one.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     plug = cloud.device("My Smart Plug")
    ...     plug.countdown.start(minutes=30, turn="off")
    ...     plug.countdown.cancel()
    CountdownState(remaining=datetime.timedelta(seconds=1800), turn='off')
    """

    capability = "countdown"
    module = "count_down"

    def state(self) -> CountdownState | None:
        """Return the countdown that runs, or None if none does. One request."""
        if self._device.dialect == "smart":
            self._device.need("countdown", call="countdown.state")
            return read_smart_countdown(
                self._device.smart_talk().read("get_countdown_rules", self._outlet_id)
            )
        module = self._where("state")
        answer = self._device.ask(self._request(module, {"get_rules": None}))
        return read_countdown(answer, module)

    def remaining(self) -> timedelta | None:
        """Return how long it still runs, or None if none does. One request."""
        state = self.state()
        return state.remaining if state is not None else None

    def start(self, *, minutes: float, turn: str) -> CountdownState:
        """Switch after so many minutes; one that runs is replaced. Two requests.

        Parameters
        ----------
        minutes : float
            From a second to less than a day; rounded to a second.
        turn : {"on", "off"}
            What it will do.

        Raises
        ------
        WriteNotFollowed
            If no such countdown runs then.
        """
        module = self._where("start")
        if turn not in ("on", "off"):
            raise BadInput(
                f"A countdown cannot turn {turn!r}.",
                call="countdown.start",
                next_step="Use turn='on' or turn='off'.",
            )
        good = isinstance(minutes, int | float) and not isinstance(minutes, bool)
        if not good or not 1 / 60 <= minutes <= LONGEST_S / 60:
            raise BadInput(
                f"A countdown cannot take {minutes!r} minutes.",
                call="countdown.start",
                next_step="Give a number above 0 and below 1440.",
            )
        delay = round(minutes * 60)
        # The table holds one rule, and one that is over fills it (§5.1).
        self._write(module, "delete_all_rules", None)
        rule = {"enable": 1, "delay": delay, "act": int(turn == "on"), "name": ""}

        def wrong(state: CountdownState | None) -> str:
            if state is None:
                return "no countdown runs"
            late = delay - state.remaining.total_seconds()
            if state.turn != turn or not 0 <= late <= SLACK_S:
                return f"it turns {state.turn} in {state.remaining}"
            return ""

        told = follow(
            self._device,
            self._request(module, {"add_rule": rule}),
            self._request(module, {"get_rules": None}),
            lambda answer: read_countdown(answer, module),
            wrong,
        )
        if told is None:
            raise garbled(f"{module}.add_rule")
        return told

    def cancel(self) -> None:
        """Stop the countdown, if one runs. One request."""
        module = self._where("cancel")
        follow(
            self._device,
            self._request(module, {"delete_all_rules": None}),
            self._request(module, {"get_rules": None}),
            lambda answer: read_countdown(answer, module),
            lambda state: "it still runs" if state is not None else "",
            repeatable=True,
        )
