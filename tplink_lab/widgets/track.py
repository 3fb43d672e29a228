"""What is known of one device, and what to ask it next: a pure state machine.

Events go in (a click, a wish to refresh, an answer, a failure), the next job and the
rows to show come out. It knows no widgets, no threads and no cloud, so every order
of events can be tried.

The rules:

- One job is in flight at a time. A job carries a number; an answer with another
  number is late and changes nothing.
- A click is a wish for an explicit state. Only the last wish for a target is kept,
  and it is sent before anything is read.
- After a switch the device is read, whatever came of it: what is shown is its word,
  not our hope. Only if the cloud refused before it reached the device is nothing
  read, for then the last word stands.
- A switch of unknown effect, whose reading back failed too, is shown as unknown.
- Errands are all else: setting a light, a countdown, looking at the meter. They take
  their turn among the switches, in the order of the clicks; one of the same key that
  still waits is replaced. What they say becomes the device's ``details``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tplink_lab.devices.iot import DeviceState, OutletState
from tplink_lab.widgets.rows import (
    LOCKED,
    NO_SWITCH,
    Effect,
    PanelRow,
    Problem,
    RowState,
)

__all__ = ["Details", "Errand", "Job", "Shown", "Target", "Track"]

Target = str | None  # an outlet's full id; None is the device as a whole


class Errand(NamedTuple):
    """Something else than switching and reading.

    Attributes
    ----------
    key : str
        An errand that waits is replaced by a later one of its key.
    run : callable
        Given the device, does it and returns what the device then says, by name.
    doing : str
        What the device is busy with meanwhile; empty for what only looks.
    after : Errand or None
        What to do if it failed and may have happened all the same.
    """

    key: str
    run: Callable[[Any], Mapping[str, Any]]
    doing: str = ""
    after: Errand | None = None


class Job(NamedTuple):
    """One thing to do now: an errand, or switch *target*; with neither, read."""

    number: int
    on: bool | None = None
    target: Target = None
    errand: Errand | None = None


class Details(NamedTuple):
    """What is known beside the switch.

    Attributes
    ----------
    parts : dict
        What the errands brought, by name; empty before the first.
    heard_at : str
        When.
    reasons : dict
        Why errands failed, by their key.
    waiting : frozenset of str
        The keys of errands on the way; "look" among them.
    """

    parts: Mapping[str, Any]
    heard_at: str
    reasons: Mapping[str, str]
    waiting: frozenset[str]


class Shown(NamedTuple):
    """A row, and what the view needs beside it.

    Attributes
    ----------
    target : str or None
        The outlet's id; None for the device's own row.
    row : PanelRow
        The plain values.
    offer : bool or None
        The state that a click asks for; None: a click asks the device how it is.
    doing : str
        What it is busy with, or why it failed, in two or three words.
    was : str
        What was last known, if it is not known now; for a strip, how many are on.
    heard_at : str
        When the device last said something.
    outlets : int
        How many outlets the device has.
    """

    target: Target
    row: PanelRow
    offer: bool | None
    doing: str = ""
    was: str = ""
    heard_at: str = ""
    outlets: int = 0


class Track:
    """The state machine of one device.

    Parameters
    ----------
    alias, model : str
        As the device list says.
    """

    def __init__(self, alias: str, model: str) -> None:
        self.alias = alias
        self.model = model
        self.state: DeviceState | None = None  # the device's last word
        self.heard_at = ""
        # Why the last word may no longer be true.
        self.problem: Problem | None = None
        # Switches that failed, the state being known all the same.
        self._failed: dict[Target, Problem] = {}
        # Switches sent and not yet read back; with a problem if they failed.
        self._unsure: dict[Target, tuple[bool, Problem | None]] = {}
        self._wishes: dict[Target, bool] = {}  # in the order to send them
        self._job: Job | None = None
        self._number = 0
        self._must_read = False
        self._is_asked = False  # a person waits for this reading
        self._forget_failures = False
        self._errands: dict[str, tuple[int, Errand]] = {}  # by key, with their turn
        self._turns: dict[Target, int] = {}  # of the wishes
        self._turn = 0
        self._parts: dict[str, Any] = {}
        self._parts_at = ""
        self._reasons: dict[str, str] = {}

    # --- events -------------------------------------------------------------------

    def wish(self, on: bool, target: Target = None) -> None:
        """Note that *target* shall be *on*; an earlier wish for it is dropped."""
        if target is None:
            self._wishes.clear()
            self._failed.clear()
        self._wishes.pop(target, None)
        self._failed.pop(target, None)
        self._wishes[target] = on
        self._turn += 1
        self._turns[target] = self._turn

    def do(self, errand: Errand) -> None:
        """Note an errand; an earlier one of its key that waits is dropped."""
        self._turn += 1
        self._errands.pop(errand.key, None)
        self._errands[errand.key] = (self._turn, errand)
        self._reasons.pop(errand.key, None)

    def ask(self, *, by_person: bool = False) -> None:
        """Note that the device shall be read. *by_person*: shown as busy."""
        self._must_read = True
        self._forget_failures = True
        self._is_asked = self._is_asked or by_person

    def next_job(self) -> Job | None:
        """Return what to do now, or None if nothing is to be done or one is busy."""
        if not self.is_ready:
            return None
        self._number += 1
        if self._is_errand_next():
            _, errand = self._errands.pop(next(iter(self._errands)))
            self._job = Job(self._number, errand=errand)
        elif self._wishes:
            target = next(iter(self._wishes))
            self._job = Job(self._number, self._wishes.pop(target), target)
        else:
            self._must_read = False
            self._job = Job(self._number)
        return self._job

    def answered(self, number: int, state: DeviceState | None, at: str = "") -> bool:
        """Take the answer to job *number*; return False if it came too late.

        Parameters
        ----------
        number : int
            The job's.
        state : DeviceState or None
            What was read; None for a switch that was accepted.
        at : str
            When, in words.
        """
        job = self._job
        if job is None or job.number != number:
            return False
        self._job = None
        if job.on is None and state is not None:
            self._read(state, at)
        elif job.on is not None:
            self._unsure_about(job.target, job.on, None)
            self._must_read = True
            # Clicked to and fro meanwhile, and back to what is now done.
            if next(iter(self._wishes.items()), None) == (job.target, job.on):
                del self._wishes[job.target]
        return True

    def done(self, number: int, parts: Mapping[str, Any], at: str = "") -> bool:
        """Take what errand *number* brought; return False if it came too late."""
        job = self._job
        if job is None or job.number != number or job.errand is None:
            return False
        self._job = None
        self._parts.update(parts)
        self._parts_at = at
        # Setting a light also switches it on: its row shows what it then says.
        self._must_read = self._must_read or bool(job.errand.doing)
        return True

    def failed(self, number: int, problem: Problem) -> bool:
        """Take the failure of job *number*; return False if it came too late."""
        job = self._job
        if job is None or job.number != number:
            return False
        self._job = None
        if job.errand is not None:
            self._errand_failed(job.errand, problem)
        elif job.on is None:
            self._is_asked = False
            self.problem = problem
        elif problem.effect is Effect.NONE:
            self._failed[job.target] = problem
            # No last word to stand: then it must be asked for.
            self._must_read = self._must_read or self.state is None
        elif problem.effect is Effect.OFFLINE:
            self.problem = problem
        else:
            self._unsure_about(job.target, job.on, problem)
            self._must_read = True
        return True

    def give_up(self) -> None:
        """Forget every wish and let the job in flight come too late."""
        self._wishes.clear()
        self._errands.clear()
        self._must_read = self._is_asked = False
        self._job = None

    def _is_errand_next(self) -> bool:
        if not self._errands or not self._wishes:
            return bool(self._errands)
        turn, _ = next(iter(self._errands.values()))
        return turn < self._turns[next(iter(self._wishes))]

    def _errand_failed(self, errand: Errand, problem: Problem) -> None:
        self._reasons[errand.key] = problem.text
        if problem.effect is Effect.NONE or not errand.doing:
            return
        self._must_read = True
        if errand.after is not None and errand.after.key not in self._errands:
            self.do(errand.after)

    def _read(self, state: DeviceState, at: str) -> None:
        self.state, self.heard_at = state, at
        self.problem = None
        self._is_asked = False
        if self._forget_failures:
            self._failed.clear()
            self._forget_failures = False
        for target, (on, problem) in self._unsure.items():
            if problem is not None and not self._is_so(target, on):
                self._failed[target] = problem
        self._unsure.clear()

    def _unsure_about(self, target: Target, on: bool, problem: Problem | None) -> None:
        if target is None:
            self._unsure.clear()
        self._unsure[target] = (on, problem)

    def _is_so(self, target: Target, on: bool) -> bool:
        assert self.state is not None
        if target is None:
            outlets = self.state.outlets
            return (
                all(o.is_on is on for o in outlets)
                if outlets
                else self.state.is_on is on
            )
        return any(o.is_on is on for o in self.state.outlets if o.outlet_id == target)

    # --- what is shown ------------------------------------------------------------

    @property
    def is_ready(self) -> bool:
        """Whether there is a job to do and none in flight."""
        waits = self._wishes or self._errands or self._must_read
        return self._job is None and bool(waits)

    @property
    def has_work(self) -> bool:
        """Whether a job is waiting or in flight."""
        return self._job is not None or self.is_ready

    def details(self) -> Details:
        """Return what the errands brought, and which are on the way."""
        waiting = set(self._errands)
        if self._job is not None and self._job.errand is not None:
            waiting.add(self._job.errand.key)
        return Details(
            dict(self._parts),
            self._parts_at,
            dict(self._reasons),
            frozenset(waiting),
        )

    def rows(self, locked: frozenset[Target] = frozenset()) -> list[Shown]:
        """Return the device's row and, for a strip, one for each outlet.

        Parameters
        ----------
        locked : frozenset
            The targets that must not be switched.
        """
        outlets = self.state.outlets if self.state else ()
        shown = [self._shown(None, None, None in locked)]
        shown += [self._shown(o.outlet_id, o, o.outlet_id in locked) for o in outlets]
        return shown

    def _shown(self, target: Target, outlet: OutletState | None, locked: bool) -> Shown:
        said = self.state
        last = outlet.is_on if outlet else (said.is_on if said else None)
        state_name, is_on, reason, doing = self._judged(target, last)
        alias = (said.alias if said else "") or self.alias
        name = outlet.alias or f"Outlet {outlet.outlet_id[-2:]}" if outlet else ""
        was = ""
        if last is not None and state_name in ("unknown", "offline", "failed"):
            was = "on" if last else "off"
        elif target is None and said and said.outlets and state_name == "on":
            was = f"{sum(o.is_on for o in said.outlets)} of {len(said.outlets)}"
        if locked and state_name != "not switchable":
            reason = reason or LOCKED
        row = PanelRow(alias, name, self.model, state_name, is_on, locked, reason)
        offer = self._offer(target, row, last)
        count = len(said.outlets) if said else 0
        return Shown(target, row, offer, doing, was, self.heard_at, count)

    def _judged(
        self, target: Target, last: bool | None
    ) -> tuple[RowState, bool | None, str, str]:
        """Return state, is_on, reason and, in short, what it does or why it failed."""
        problem = self.problem
        if problem is not None and problem.effect is Effect.NO_SWITCH:
            return "not switchable", None, problem.text, ""
        wanted = self._on_the_way(target)
        is_reading = self._must_read or (
            self._job is not None and self._job.on is None and not self._job.errand
        )
        unsure = [found for t, found in self._unsure.items() if _touches(t, target)]
        if wanted is not None:
            return "busy", None, "", "turning on" if wanted else "turning off"
        if self._is_switching(target):  # not itself, or it would be wanted
            return "busy", None, "", "switching an outlet"
        errand = self._errand_doing() if target is None else ""
        if errand:
            return "busy", None, "", errand
        if unsure and is_reading:
            return "busy", None, "", "reading back"
        if is_reading and (self._is_asked or (self.state is None and problem is None)):
            return "busy", None, "", "asking"
        if problem is not None and problem.effect is Effect.OFFLINE:
            return "offline", None, problem.text, ""
        if unsure:
            told = [found.text for _, found in unsure if found is not None]
            told += [problem.text] if problem is not None else []
            return "unknown", None, " ".join(dict.fromkeys(told)), ""
        failure = self._failed.get(target) or self._failed.get(None)
        if problem is not None:
            return "failed", None, problem.text, problem.short
        if self.state is None:
            return "unknown", None, _text(failure), ""
        if last is None:
            return "not switchable", None, NO_SWITCH, ""
        return "on" if last else "off", last, _text(failure), ""

    def _on_the_way(self, target: Target) -> bool | None:
        """Return what is asked of *target* by a wish or a switch in flight."""
        for key in dict.fromkeys((target, None)):
            if key in self._wishes:
                return self._wishes[key]
        job = self._job
        if job is not None and job.on is not None and job.target in (target, None):
            return job.on
        return None

    def _errand_doing(self) -> str:
        """Return what an errand in flight or waiting changes, in words."""
        flying = [] if self._job is None else [self._job.errand]
        waiting = [errand for _, errand in self._errands.values()]
        found = [e.doing for e in [*flying, *waiting] if e is not None and e.doing]
        return found[0] if found else ""

    def _is_switching(self, target: Target) -> bool:
        job = self._job
        flying = [] if job is None or job.on is None else [job.target]
        return any(_touches(t, target) for t in [*self._wishes, *flying])

    def _offer(self, target: Target, row: PanelRow, last: bool | None) -> bool | None:
        wanted = self._on_the_way(target)
        if wanted is None and row.state == "busy":
            # Being read back: the button stays what it was while that lasts.
            for key in dict.fromkeys((target, None)):
                if key in self._unsure:
                    return not self._unsure[key][0]
            # A strip's row is busy with one of its outlets: its own offer stands.
            wanted = None if self.problem is not None or self._is_asked else last
        if wanted is None:
            wanted = row.is_on
        return None if wanted is None else not wanted


def _touches(what: Target, target: Target) -> bool:
    """Whether switching *what* may change the row of *target*."""
    return what is None or target is None or what == target


def _text(problem: Problem | None) -> str:
    return problem.text if problem is not None else ""
