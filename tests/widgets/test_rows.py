"""Words and shapes."""

from __future__ import annotations

import pytest

from tplink_lab.codes import cloud_error
from tplink_lab.errors import (
    BadInput,
    CloudTimeout,
    DeviceOffline,
    NotSupported,
)
from tplink_lab.widgets.rows import (
    NO_SWITCH,
    SHAPES,
    Effect,
    PanelRow,
    explain,
    shape_and_words,
    static_html,
    static_text,
)


def test_every_state_has_a_shape_of_its_own():
    assert len(set(SHAPES.values())) == len(SHAPES) == 7


@pytest.mark.parametrize(
    ("error", "short", "effect"),
    [
        (cloud_error("passthrough", -20651, ""), "log in again", Effect.NONE),
        (cloud_error("passthrough", -20004, ""), "too many calls", Effect.NONE),
        (cloud_error("passthrough", -20571, ""), "offline", Effect.OFFLINE),
        (
            cloud_error("passthrough", -20002, ""),
            "the cloud reports an error",
            Effect.UNSURE,
        ),
        (CloudTimeout("Too slow."), "no answer in time", Effect.UNSURE),
        (NotSupported("It is a Tapo."), "not switchable here", Effect.NO_SWITCH),
        (BadInput("No."), "not sent", Effect.NONE),
    ],
)
def test_an_error_tells_what_became_of_the_device(error, short, effect):
    problem = explain(error)
    assert (problem.short, problem.effect) == (short, effect)
    assert problem.text == str(error)


def test_offline_is_said_only_when_the_cloud_says_so():
    assert [explain(e).effect for e in (DeviceOffline("x"), CloudTimeout("x"))] == [
        Effect.OFFLINE,
        Effect.UNSURE,
    ]


def test_a_foreign_exception_is_named_with_its_place_but_not_quoted():
    try:
        raise KeyError("token=87068c24")
    except KeyError as error:
        problem = explain(error)
    assert problem.short == "KeyError"
    assert "87068c24" not in problem.text
    assert "at test_rows.py:" in problem.text


def test_a_lost_state_tells_what_it_was():
    row = PanelRow("Lamp", "", "HS100(EU)", "unknown", None)
    assert shape_and_words(row, was="on") == ("?", "unknown (was on)")


def test_the_static_twin_names_devices_and_no_states():
    listed = [("Lamp", "HS100(EU)", "Hall"), ("Kettle", "P110", "")]
    text = static_text(listed)
    assert text.splitlines() == [
        "Control panel: 2 devices. Their states are shown by the live panel; "
        "run the cell to see them.",
        "  Lamp    HS100(EU)  Hall",
        "  Kettle  P110",
    ]
    page = static_html(listed)
    assert "<th scope='col'>room</th>" in page and "<td>Hall</td>" in page
    assert "room" not in static_html([("Lamp", "HS100(EU)", "")])


def test_the_static_twin_escapes_names():
    assert "<img" not in static_html([("<img src=x>", "<b>", "<img src=y>")])
    assert "<img" not in static_html(None, "<img src=x>")


def test_what_has_nothing_to_switch_is_not_called_unreachable():
    row = PanelRow("Cam", "", "C200", "not switchable", None, reason=NO_SWITCH)
    assert shape_and_words(row) == ("⊘", "nothing to switch")
    asked = row._replace(reason="Log in to the Tapo app too.")
    assert shape_and_words(asked) == ("⊘", "not switchable here")
