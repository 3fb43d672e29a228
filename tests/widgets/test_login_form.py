"""The login form, filled in from code, against a practice cloud over its socket."""

from __future__ import annotations

import json
import threading

import ipywidgets
import pytest

import tplink_lab as tl
from tplink_lab.widgets import login


@pytest.fixture
def school(cloud):
    return cloud.practice


@pytest.fixture
def form(school):
    made = login(school.email, url=school.url)
    yield made
    made.close()
    assert made.wait()
    if made.cloud is not None:
        made.cloud.close()
    for thread in threading.enumerate():
        if "login form" in thread.name:
            thread.join(10)
    assert not [t for t in threading.enumerate() if "login form" in t.name]


def told(form, field):
    return form.why[field].value


def everything(form):
    """What a saved notebook, or an exported page, may keep."""

    def parts(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from parts(child)

    states = [w.get_state() for w in parts(form)]
    states += [w.get_manager_state()["state"] for w in [ipywidgets.Widget]]
    return json.dumps(states, default=str) + repr(form) + str(vars(form))


def enter(form, password):
    form.password.value = password
    form.enter.click()
    assert form.wait()


def test_a_login_hands_over_a_cloud_and_says_where(form, school):
    enter(form, school.password)
    assert form.cloud is not None and form.cloud.device("Kettle").is_on()
    assert list(form.cloud.sessions) == ["kasa", "tapo"]
    assert "Logged in to kasa and tapo" in form.status.value
    assert not form.enter.disabled


def test_the_password_is_in_no_state_from_the_moment_it_came(form, school):
    form.password.value = school.password
    assert form.password.value == ""
    assert form.password.get_state()["value"] == ""
    assert school.password not in everything(form)
    form.enter.click()
    assert school.password not in everything(form)
    assert form.wait()
    assert school.password not in everything(form)
    assert not form.password.has_text


def test_a_field_never_tells_its_text_even_before_it_is_cleared(form):
    with form.password.hold_trait_notifications():
        form.password.value = "correct horse"
        assert form.password.get_state()["value"] == ""


def test_a_wrong_password_is_explained_under_its_field_and_tried_once(form, school):
    before = school.calls["login"] + school.calls["POST /api/v2/account/login"]
    enter(form, "not the password")
    assert form.cloud is None
    assert "-20601" in told(form, "password")
    assert told(form, "email") == ""
    after = school.calls["login"] + school.calls["POST /api/v2/account/login"]
    assert after - before == 1
    enter(form, school.password)
    assert form.cloud is not None
    assert told(form, "password") == ""


def test_what_is_missing_is_told_before_anything_is_sent(form, school):
    form.enter.click()
    assert "password" in told(form, "password")
    form.email.value = "me"
    form.enter.click()
    assert "e-mail" in told(form, "email")
    assert school.calls["login"] == 2  # those of the fixture


def test_an_unknown_account_is_told_under_the_e_mail(form, school):
    school.unknown_account_code(-20600)
    form.email.value = "nobody@example.com"
    enter(form, "whatever it is")
    assert "-20600" in told(form, "email")


def test_a_code_is_asked_for_in_a_second_field_and_a_slip_may_be_mended(form, school):
    school.require_mfa()
    form.app.value = "Kasa"
    enter(form, school.password)
    assert form.cloud is None
    assert form.code.layout.display is None
    assert "sent a code to" in form.status.value
    form.send.click()
    assert "Type the code" in told(form, "code")
    right = school.newest_code()
    form.code.value = "000000" if right != "000000" else "000001"
    form.send.click()
    assert form.wait()
    assert "not the code" in told(form, "code")
    form.code.value = right
    form.send.click()
    assert form.wait()
    assert form.cloud is not None
    assert list(form.cloud.sessions) == ["kasa"]
    assert form.code.layout.display == "none"
    assert right not in everything(form)


def test_giving_up_while_a_code_is_awaited_frees_the_form(form, school):
    school.require_mfa()
    form.app.value = "Kasa"
    enter(form, school.password)
    form.cancel.click()
    assert form.wait()
    assert "No code was given" in told(form, "form")
    assert not form.enter.disabled


def test_closing_while_a_code_is_awaited_ends_the_thread(school):
    school.require_mfa()
    form = login(school.email, url=school.url)
    form.app.value = "Kasa"
    enter(form, school.password)
    form.close()
    assert form.wait()
    assert form.cloud is None
    assert form.comm is None


def test_one_app_that_refuses_is_told_while_the_other_works(form, school):
    school.refuse_app("tapo")
    enter(form, school.password)
    assert list(form.cloud.sessions) == ["kasa"]
    assert "tapo app is not logged in" in told(form, "form")


def test_a_cloud_that_is_not_there_is_told(form, school):
    school.stop()
    enter(form, "whatever it is")
    assert form.cloud is None
    assert told(form, "form")


def test_the_practice_button_opens_a_house_with_the_locks_asked_for():
    handed = []
    form = login(on_login=handed.append, protect=["Fridge"])
    form.practice.click()
    assert form.wait()
    assert handed == [form.cloud]
    assert form.cloud.is_practice
    with pytest.raises(tl.TPLinkLabError):
        form.cloud.device("Fridge").turn_off()
    form.close()
    form.cloud.close()


def test_a_callback_that_fails_is_told_and_kept():
    form = login(on_login=lambda cloud: 1 / 0)
    form.practice.click()
    assert form.wait()
    assert "ZeroDivisionError" in told(form, "form")
    assert isinstance(form.last_error, ZeroDivisionError)
    form.close()
    form.cloud.close()


def test_a_click_returns_at_once(form, school):
    school.slow(9)
    form.password.value = school.password
    form.enter.click()
    assert form.enter.disabled
    assert form.wait(0) is False
    school.calm()
    assert form.wait()


def test_the_form_has_a_twin_without_widgets(form):
    bundle = form._repr_mimebundle_()
    assert "tl.login" in bundle["text/plain"]
    assert "tl.login" in bundle["text/html"]
