"""The state machine, on plain events."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tplink_lab.devices import DeviceState, OutletState
from tplink_lab.widgets.rows import Effect, Problem
from tplink_lab.widgets.track import Job, Track

ON, OFF = DeviceState("Lamp", True), DeviceState("Lamp", False)
REFUSED = Problem("log in again", "Token expired.", Effect.NONE)
UNSURE = Problem("no answer in time", "It took too long.", Effect.UNSURE)
GONE = Problem("offline", "Unplugged.", Effect.OFFLINE)
NO_SWITCH = Problem("not switchable here", "A Tapo.", Effect.NO_SWITCH)


def strip(*on: bool) -> DeviceState:
    outlets = tuple(OutletState(f"id{n:02}", f"O{n}", x) for n, x in enumerate(on))
    return DeviceState("Strip", any(on), outlets)


def shown(track, target=None):
    return next(s for s in track.rows() if s.target == target)


def said(track, target=None):
    one = shown(track, target)
    return one.row.state, one.row.is_on, one.offer


@pytest.fixture
def lamp():
    """A lamp that has said it is off."""
    track = Track("Lamp", "HS100(EU)")
    track.ask()
    track.answered(job(track).number, OFF, "18:00:00")
    return track


def job(track: Track) -> Job:
    found = track.next_job()
    assert found is not None
    return found


def test_before_anything_was_said_a_device_is_unknown_and_can_only_be_asked():
    track = Track("Lamp", "HS100(EU)")
    assert said(track) == ("unknown", None, None)
    track.ask()
    assert said(track) == ("busy", None, None)


def test_a_click_shows_busy_at_once_and_offers_the_way_back(lamp):
    assert said(lamp) == ("off", False, True)
    lamp.wish(True)
    assert said(lamp) == ("busy", None, False)
    assert shown(lamp).doing == "turning on"


def test_a_switch_that_was_accepted_is_still_busy_until_the_device_says_so(lamp):
    lamp.wish(True)
    lamp.answered(job(lamp).number, None)
    assert said(lamp) == ("busy", None, False)
    lamp.answered(job(lamp).number, ON)
    assert said(lamp) == ("on", True, False)


def test_what_the_device_says_wins_over_what_it_accepted(lamp):
    lamp.wish(True)
    lamp.answered(job(lamp).number, None)
    lamp.answered(job(lamp).number, OFF)
    assert said(lamp) == ("off", False, True)


def test_while_a_job_is_in_flight_there_is_no_other(lamp):
    lamp.ask()
    job(lamp)
    lamp.wish(True)
    assert lamp.next_job() is None


def test_a_click_during_a_refresh_is_neither_lost_nor_undone(lamp):
    lamp.ask()
    reading = job(lamp)
    lamp.wish(True)
    lamp.answered(reading.number, OFF)
    assert said(lamp) == ("busy", None, False)
    assert job(lamp).on is True


def test_ten_clicks_send_the_first_and_the_last_wish_only(lamp):
    lamp.wish(True)
    first = job(lamp)
    for click in range(9):
        lamp.wish(click % 2 == 1)
    lamp.answered(first.number, None)
    second = job(lamp)
    assert (first.on, second.on) == (True, False)
    lamp.answered(second.number, None)
    assert job(lamp).on is None


def test_a_wish_that_the_switch_in_flight_has_fulfilled_is_not_sent_again(lamp):
    lamp.wish(True)
    first = job(lamp)
    lamp.wish(False)
    lamp.wish(True)
    lamp.answered(first.number, None)
    assert job(lamp).on is None


def test_a_late_answer_changes_nothing(lamp):
    lamp.ask()
    late = job(lamp)
    lamp.give_up()
    assert lamp.answered(late.number, ON) is False
    assert lamp.failed(late.number, GONE) is False
    assert said(lamp) == ("off", False, True)


def test_a_refused_switch_leaves_the_last_word_and_says_why_without_asking(lamp):
    lamp.wish(True)
    lamp.failed(job(lamp).number, REFUSED)
    assert said(lamp) == ("off", False, True)
    assert shown(lamp).row.reason == "Token expired."
    assert lamp.next_job() is None


def test_a_switch_that_may_have_happened_is_read_back(lamp):
    lamp.wish(True)
    lamp.failed(job(lamp).number, UNSURE)
    assert said(lamp)[0] == "busy"
    assert job(lamp).on is None


@pytest.mark.parametrize(
    ("state", "reason"), [(OFF, "It took too long."), (ON, "")], ids=["off", "on"]
)
def test_reading_back_tells_whether_the_doubtful_switch_happened(lamp, state, reason):
    lamp.wish(True)
    lamp.failed(job(lamp).number, UNSURE)
    lamp.answered(job(lamp).number, state)
    assert said(lamp) == ("on" if state.is_on else "off", state.is_on, not state.is_on)
    assert shown(lamp).row.reason == reason


def test_a_doubtful_switch_that_cannot_be_read_back_is_unknown(lamp):
    lamp.wish(True)
    lamp.failed(job(lamp).number, UNSURE)
    lamp.failed(job(lamp).number, UNSURE)
    assert said(lamp) == ("unknown", None, None)
    assert shown(lamp).was == "off"
    assert shown(lamp).row.reason == "It took too long."


def test_a_reading_that_failed_keeps_no_state_but_tells_what_it_was(lamp):
    lamp.ask()
    lamp.failed(job(lamp).number, REFUSED)
    assert said(lamp) == ("failed", None, None)
    assert shown(lamp).was == "off"


def test_an_offline_device_is_offline_until_it_answers(lamp):
    lamp.wish(True)
    lamp.failed(job(lamp).number, GONE)
    assert said(lamp) == ("offline", None, None)
    lamp.ask()
    assert said(lamp)[0] == "offline"  # no flicker at every automatic refresh
    lamp.answered(job(lamp).number, ON)
    assert said(lamp) == ("on", True, False)


def test_a_person_who_asks_again_sees_that_it_is_asked(lamp):
    lamp.ask()
    lamp.failed(job(lamp).number, GONE)
    lamp.ask(by_person=True)
    assert shown(lamp).doing == "asking"


def test_a_message_goes_with_the_next_refresh_or_the_next_click(lamp):
    lamp.wish(True)
    lamp.failed(job(lamp).number, REFUSED)
    lamp.ask()
    lamp.answered(job(lamp).number, OFF)
    assert shown(lamp).row.reason == ""


def test_a_first_switch_that_is_refused_is_followed_by_a_question():
    track = Track("Lamp", "HS100(EU)")
    track.wish(True)
    track.failed(job(track).number, REFUSED)
    track.answered(job(track).number, OFF)
    assert said(track) == ("off", False, True)
    assert shown(track).row.reason == "Token expired."


def test_what_cannot_be_switched_is_not_called_offline():
    track = Track("Tapo", "P100")
    track.ask()
    track.failed(job(track).number, NO_SWITCH)
    assert said(track) == ("not switchable", None, None)
    camera = Track("Cam", "KC120(EU)")
    camera.ask()
    camera.answered(job(camera).number, DeviceState("Cam", None))
    assert said(camera) == ("not switchable", None, None)
    assert "no relay" in shown(camera).row.reason


def test_the_last_word_of_a_refresh_gives_the_new_name(lamp):
    lamp.ask()
    lamp.answered(job(lamp).number, DeviceState("Desk", False))
    assert shown(lamp).row.alias == "Desk"


@pytest.fixture
def power():
    """A strip of three that has said on, off, off."""
    track = Track("Strip", "HS300(US)")
    track.ask()
    track.answered(job(track).number, strip(True, False, False))
    return track


def test_a_strip_has_a_row_for_itself_and_one_for_each_outlet(power):
    assert [s.row.outlet for s in power.rows()] == ["", "O0", "O1", "O2"]
    assert [s.row.is_on for s in power.rows()] == [True, True, False, False]
    assert shown(power).was == "1 of 3"


def test_an_outlet_that_is_switched_leaves_its_neighbours_readable(power):
    power.wish(True, "id01")
    assert [s.row.state for s in power.rows()] == ["busy", "on", "busy", "off"]
    assert shown(power).doing == "switching an outlet"
    assert shown(power).offer is False  # the strip's own button stays what it was


def test_a_click_on_the_strip_overrules_the_outlets_and_not_the_reverse(power):
    power.wish(True, "id01")
    power.wish(False)
    power.wish(True, "id02")
    one = job(power)
    power.answered(one.number, None)
    two = job(power)
    assert [(j.target, j.on) for j in (one, two)] == [(None, False), ("id02", True)]


def test_a_failed_strip_switch_is_told_on_the_rows_it_was_meant_for(power):
    power.wish(False)
    power.failed(job(power).number, REFUSED)
    assert [s.row.reason for s in power.rows()] == ["Token expired."] * 4
    power.wish(False, "id00")
    power.failed(job(power).number, UNSURE)
    power.answered(job(power).number, strip(True, False, False))
    assert shown(power, "id00").row.reason == "It took too long."


def test_a_strip_switch_counts_as_done_only_if_every_outlet_obeyed(power):
    power.wish(True)
    power.failed(job(power).number, UNSURE)
    power.answered(job(power).number, strip(True, True, False))
    assert shown(power).row.reason == "It took too long."


def test_locks_are_shown_beside_the_state(power):
    rows = power.rows(frozenset({None, "id00"}))
    assert [s.row.locked for s in rows] == [True, True, False, False]
    assert [s.row.state for s in rows] == ["on", "on", "off", "off"]


class AnyOrder(RuleBasedStateMachine):
    """Clicks, presses on the device, answers, losses and late answers in any order."""

    targets = st.sampled_from([None, "id00", "id01"])

    @initialize()
    def begin(self) -> None:
        self.real = [False, True]  # what the outlets really are
        self.word: tuple[bool, ...] | None = None  # what the strip last said
        self.track = Track("Strip", "HS300(US)")
        self.track.ask()
        self.flying: Job | None = None
        self.old: list[Job] = []
        self.last: dict[str, bool] = {}  # the last wish for each outlet

    def ids(self, target):
        return ["id00", "id01"] if target is None else [target]

    @rule(where=targets)
    def click(self, where):
        rows = {s.target: s for s in self.track.rows()}
        if where in rows:
            offer = rows[where].offer
            if offer is None:
                self.track.ask(by_person=True)
            else:
                self.track.wish(offer, where)
                self.last |= dict.fromkeys(self.ids(where), offer)
                after = next(s for s in self.track.rows() if s.target == where)
                assert after.row.state == "busy"
                assert after.offer is not offer

    @rule()
    def refresh(self):
        self.track.ask()

    @rule(outlet=st.integers(0, 1))
    def press(self, outlet):
        self.real[outlet] = not self.real[outlet]
        self.last.pop(f"id0{outlet}", None)

    @precondition(lambda self: self.flying is None)
    @rule()
    def send(self):
        self.flying = self.track.next_job()
        if self.flying is not None:
            assert self.track.next_job() is None

    def arrive(self):
        """The job reaches the device."""
        if self.flying.on is not None:
            for name in self.ids(self.flying.target):
                self.real[int(name[-1])] = self.flying.on
        return None if self.flying.on is not None else strip(*self.real)

    def land(self):
        self.old.append(self.flying)
        self.flying = None

    @precondition(lambda self: self.flying is not None)
    @rule()
    def answer(self):
        state = self.arrive()
        assert self.track.answered(self.flying.number, state)
        if state is not None:
            self.word = tuple(self.real)
        self.land()

    @precondition(lambda self: self.flying is not None)
    @rule(reached=st.booleans())
    def lose(self, reached):
        if reached:
            self.arrive()
        elif self.flying.on is not None:
            for name in self.ids(self.flying.target):
                self.last.pop(name, None)
        assert self.track.failed(self.flying.number, UNSURE)
        self.land()

    @precondition(lambda self: self.flying is not None)
    @rule(problem=st.sampled_from([REFUSED, GONE]))
    def refuse(self, problem):
        if self.flying.on is not None:
            for name in self.ids(self.flying.target):
                self.last.pop(name, None)
        assert self.track.failed(self.flying.number, problem)
        self.land()

    @precondition(lambda self: self.old)
    @rule(data=st.data(), on=st.booleans())
    def come_late(self, data, on):
        late = data.draw(st.sampled_from(self.old))
        before = self.track.rows()
        assert not self.track.answered(late.number, strip(on, on))
        assert not self.track.failed(late.number, GONE)
        assert self.track.rows() == before

    @invariant()
    def what_is_shown_is_the_last_word(self):
        for one in self.track.rows():
            if one.row.is_on is None or one.target is None:
                continue
            assert one.row.is_on == self.word[int(one.target[-1])]

    @invariant()
    def nothing_is_on_or_off_without_saying_so(self):
        for one in self.track.rows():
            assert (one.row.state in ("on", "off")) is (one.row.is_on is not None)
            if one.row.state in ("failed", "offline", "unknown"):
                assert one.row.reason or self.word is None

    def teardown(self):
        if not hasattr(self, "track"):
            return
        # The cloud is calm again, and somebody refreshes.
        while self.flying is not None or self.track.has_work:
            if self.flying is None:
                self.flying = self.track.next_job()
            self.answer()
        self.track.ask()
        self.flying = self.track.next_job()
        self.answer()
        assert not self.track.has_work
        assert [s.row.is_on for s in self.track.rows()] == [any(self.real), *self.real]
        assert [s.row.reason for s in self.track.rows()] == ["", "", ""]
        # And nobody's wish that was neither refused nor overruled was forgotten.
        for name, on in self.last.items():
            assert self.real[int(name[-1])] is on


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, derandomize=True
)
