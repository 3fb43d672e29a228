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
    text = static_text([("Lamp", "HS100(EU)"), ("Kettle", "HS110(EU)")])
    assert text.splitlines() == [
        "Control panel: 2 devices. Their states are shown by the live panel; "
        "run the cell to see them.",
        "  Lamp    HS100(EU)",
        "  Kettle  HS110(EU)",
    ]


def test_the_static_twin_escapes_names():
    assert "<img" not in static_html([("<img src=x>", "<b>")])
    assert "<img" not in static_html(None, "<img src=x>")
