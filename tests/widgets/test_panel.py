"""The panel, pressed from code, against a practice cloud over its socket."""

from __future__ import annotations

import gc
import json
import random
import threading

import ipywidgets
import pytest

import tplink_lab as tl
from tplink_lab.devices import Device
from tplink_lab.errors import BadInput, NoSuchDevice
from tplink_lab.widgets import control_panel, panel_rows
from tplink_lab.widgets.worker import Beat, Engine, patience_after


@pytest.fixture
def panel(cloud):
    made = control_panel(cloud)
    assert made.wait()
    yield made
    made.close()


def row(panel, alias, outlet=""):
    return next(r for r in panel.rows if (r.alias, r.outlet) == (alias, outlet))


def all_of(widget):
    """The widget and every widget it is made of, layouts and styles too."""
    yield widget
    for part in ("layout", "style"):
        if isinstance(getattr(widget, part, None), ipywidgets.Widget):
            yield getattr(widget, part)
    for child in getattr(widget, "children", ()):
        yield from all_of(child)


def state_of(panel):
    """What a saved notebook may keep of the panel."""
    return json.dumps([w.get_state() for w in all_of(panel)], default=str)


def html_of(panel, name):
    """The text of all HTML of the row whose class ends in *name*."""
    box = next(c for c in panel.children if f"lab-row-{name}" in c._dom_classes)
    line, why, _ = box.children
    return " ".join(w.value for w in (*line.children, why) if hasattr(w, "value"))


def test_the_panel_shows_what_its_plain_twin_says(cloud, panel):
    assert panel.rows == panel_rows(cloud)
    boxes = [c for c in panel.children if "lab-row" in c._dom_classes]
    assert len(boxes) == len(panel.rows)


def test_a_state_is_told_in_words_and_by_shape(cloud, panel):
    assert "○" in html_of(panel, "desk-lamp") and ">off<" in html_of(panel, "desk-lamp")
    assert "●" in html_of(panel, "kettle") and ">on<" in html_of(panel, "kettle")
    assert ">on (4 of 6)<" in html_of(panel, "desk-strip")
    assert "✕" in html_of(panel, "garage-heater")
    assert "●" in html_of(panel, "tapo-plug") and ">on<" in html_of(panel, "tapo-plug")


def test_a_tapo_device_whose_service_was_not_reached_is_not_called_offline():
    with tl.practice(protocol="v1", offline_after_s=0) as cloud:
        panel = control_panel(cloud)
        assert panel.wait()
        assert "not switchable here" in html_of(panel, "tapo-plug")
        assert "offline<" not in html_of(panel, "tapo-plug")
        assert panel.button("Tapo Plug").disabled
        panel.close()


def test_a_tapo_plug_is_switched_by_its_button(cloud, panel):
    panel.button("Tapo Plug").click()
    assert panel.wait()
    assert row(panel, "Tapo Plug").state == "off"
    assert cloud.practice.state("Tapo Plug")["on"] is False


def test_a_button_says_what_it_does_and_to_what(panel):
    button = panel.button("Desk Lamp")
    assert (button.description, button.tooltip) == ("Turn on", "Turn on: Desk Lamp")
    assert "lab-toggle-desk-lamp" in button._dom_classes
    outlet = panel.button("Desk Strip", "Monitor")
    assert outlet.tooltip == "Turn off: Monitor of Desk Strip"
    assert "lab-toggle-desk-strip-monitor" in outlet._dom_classes
    assert panel.button("Desk Strip").description == "Turn all off"
    assert panel.button("Garage Heater").description == "Ask again"


def test_a_click_switches_the_device(cloud, panel):
    panel.button("Desk Lamp").click()
    assert panel.wait()
    assert cloud.practice.state("Desk Lamp")["on"] is True
    assert row(panel, "Desk Lamp").state == "on"
    assert panel.button("Desk Lamp").description == "Turn off"


def test_a_click_on_an_outlet_switches_that_outlet_only(cloud, panel):
    before = cloud.practice.state("Desk Strip")["outlets"]
    panel.button("Desk Strip", "Monitor").click()
    assert panel.wait()
    after = cloud.practice.state("Desk Strip")["outlets"]
    assert after == before | {"Monitor": False}
    assert row(panel, "Desk Strip", "Monitor").is_on is False


def test_a_click_on_a_strip_switches_all_its_outlets(cloud, panel):
    panel.button("Desk Strip").click()
    assert panel.wait()
    assert set(cloud.practice.state("Desk Strip")["outlets"].values()) == {False}
    assert row(panel, "Desk Strip").state == "off"


@pytest.mark.parametrize("alias", ["Hall Dimmer", "Reading Lamp", "Shelf Strip"])
def test_dimmers_bulbs_and_light_strips_are_switched_too(cloud, panel, alias):
    was = cloud.practice.state(alias)["on"]
    panel.button(alias).click()
    assert panel.wait()
    assert cloud.practice.state(alias)["on"] is row(panel, alias).is_on is (not was)


def test_the_panel_and_a_click_return_at_once_and_busy_is_shown(cloud):
    cloud.practice.slow(9)
    panel = control_panel(cloud, ["Desk Lamp"])
    assert panel.wait(0) is False
    cloud.practice.calm()
    assert panel.wait()
    cloud.practice.slow(9)
    panel.button("Desk Lamp").click()
    assert row(panel, "Desk Lamp").state == "busy"
    assert "busy: turning on" in html_of(panel, "desk-lamp")
    cloud.practice.calm()
    assert panel.wait()
    assert row(panel, "Desk Lamp").state == "on"
    panel.close()


def test_the_constructor_does_not_wait_for_the_cloud(cloud):
    cloud.practice.slow(9)
    panel = control_panel(cloud)
    assert panel.wait(0) is False
    cloud.practice.calm()
    assert panel.wait()
    panel.close()


def test_ten_clicks_end_in_the_last_state_clicked_with_few_requests(cloud, panel):
    before = cloud.practice.calls["passthrough"]
    cloud.practice.slow(9)
    for _ in range(9):
        panel.button("Desk Lamp").click()
    cloud.practice.calm()
    assert panel.wait()
    assert cloud.practice.state("Desk Lamp")["on"] is True
    assert row(panel, "Desk Lamp").state == "on"
    cloud.practice.slow(9)
    for _ in range(10):
        panel.button("Desk Lamp").click()
    cloud.practice.calm()
    assert panel.wait()
    assert cloud.practice.state("Desk Lamp")["on"] is True
    assert cloud.practice.calls["passthrough"] - before <= 6


def test_a_button_pressed_by_hand_shows_at_the_next_refresh(cloud, panel):
    cloud.practice.press("Desk Lamp")
    assert row(panel, "Desk Lamp").state == "off"
    panel.refresh()
    assert panel.wait()
    assert row(panel, "Desk Lamp").state == "on"


def test_a_click_means_the_opposite_of_what_is_shown_and_never_a_blind_toggle(
    cloud, panel
):
    cloud.practice.press("Desk Lamp")  # it is on, and the panel says off
    panel.button("Desk Lamp").click()  # "Turn on"
    assert panel.wait()
    assert cloud.practice.state("Desk Lamp")["on"] is True


def test_a_click_during_a_refresh_is_neither_lost_nor_undone(cloud, panel):
    cloud.practice.slow(9)
    panel.refresh()
    panel.button("Desk Lamp").click()
    assert row(panel, "Desk Lamp").state == "busy"
    cloud.practice.calm()
    assert panel.wait()
    assert cloud.practice.state("Desk Lamp")["on"] is True
    assert row(panel, "Desk Lamp").state == "on"


def test_a_device_unplugged_while_it_is_shown_is_offline_and_comes_back(cloud, panel):
    cloud.practice.unplug("Desk Lamp")
    panel.button("Desk Lamp").click()
    assert panel.wait()
    assert row(panel, "Desk Lamp").state == "offline"
    assert "-20571" in html_of(panel, "desk-lamp")
    cloud.practice.plug_in("Desk Lamp")
    assert panel.button("Desk Lamp").description == "Ask again"
    panel.button("Desk Lamp").click()
    assert panel.wait()
    assert row(panel, "Desk Lamp").state == "off"


def test_an_unplugged_strip_takes_its_outlets_with_it(cloud, panel):
    cloud.practice.unplug("Desk Strip")
    panel.refresh()
    assert panel.wait()
    states = {r.state for r in panel.rows if r.alias == "Desk Strip"}
    assert states == {"offline"}
    assert "-20571" in html_of(panel, "desk-strip")
    assert "-20571" not in html_of(panel, "desk-strip-monitor")  # told above


def end_session(cloud):
    """No call gets through any more, and no renewal helps."""
    cloud.practice.expire_token()
    cloud.practice.expire_refresh_token()


def test_an_expired_token_is_renewed_and_nobody_notices(cloud, panel):
    cloud.practice.expire_token()
    panel.button("Desk Lamp").click()
    assert panel.wait()
    assert row(panel, "Desk Lamp").state == "on"
    assert cloud.practice.calls["refreshToken"] == 1


def test_an_ended_session_puts_the_control_back_and_says_log_in_again(cloud, panel):
    end_session(cloud)
    panel.button("Desk Lamp").click()
    assert panel.wait()
    assert row(panel, "Desk Lamp").state == "off"  # refused, so still as it was
    assert "og in again" in html_of(panel, "desk-lamp")
    panel.refresh()
    assert panel.wait()
    assert row(panel, "Kettle").state == "failed"
    assert ">failed: log in again (was on)<" in html_of(panel, "kettle")
    assert "og in again" in row(panel, "Kettle").reason


def test_what_stops_every_call_is_told_once_above_the_rows(cloud, panel):
    cloud.practice.evict()
    panel.refresh()
    assert panel.wait()
    assert panel._trouble.value.count("-20675") == 1
    assert "-20675" not in html_of(panel, "kettle")
    assert ">failed: log in again (was on)<" in html_of(panel, "kettle")
    cloud.renew()
    panel.refresh()
    assert panel.wait()
    assert panel._trouble.value == ""
    assert row(panel, "Kettle").state == "on"


def test_without_a_list_the_panel_says_why_and_refresh_tries_again(cloud):
    cloud.practice.rate_limit(0, 60)
    panel = control_panel(cloud)
    assert panel.wait()
    assert panel.rows == []
    assert "-20004" in panel._trouble.value
    assert "-20004" in panel._repr_mimebundle_()["text/plain"]
    cloud.practice.calm()
    panel.refresh()
    assert panel.wait()
    assert row(panel, "Desk Lamp").state == "off"
    assert panel._trouble.value == ""
    panel.close()


def test_a_name_that_fits_no_device_is_said_in_the_panel(cloud):
    panel = control_panel(cloud, ["Desk Lampp"])
    assert panel.wait()
    assert "Did you mean &#x27;Desk Lamp&#x27;" in panel._trouble.value
    panel.close()


def test_a_switch_whose_answer_was_lost_is_read_back_and_found_done(cloud, panel):
    cloud.practice.slow(9, hold_limit_s=0.05)  # -20002, and it is done all the same
    panel.button("Desk Lamp").click()
    assert panel.wait()
    assert row(panel, "Desk Lamp").state == "unknown"
    assert "-20002" in html_of(panel, "desk-lamp")
    cloud.practice.calm()
    panel.button("Desk Lamp").click()  # "Ask again"
    assert panel.wait()
    assert row(panel, "Desk Lamp") == row(panel, "Desk Lamp")._replace(
        state="on", is_on=True, reason=""
    )


def test_a_timeout_leaves_the_state_unknown_until_it_can_be_read():
    with tl.practice(offline_after_s=0, timeout_s=0.2) as cloud:
        panel = control_panel(cloud, ["Desk Lamp"])
        assert panel.wait()
        cloud.practice.slow(9)
        panel.button("Desk Lamp").click()
        assert panel.wait()
        assert row(panel, "Desk Lamp").state == "unknown"
        assert "did not answer within 0.2 s" in row(panel, "Desk Lamp").reason
        cloud.practice.calm()
        panel.refresh()
        assert panel.wait()
        real = cloud.practice.state("Desk Lamp")["on"]
        assert row(panel, "Desk Lamp").is_on is real
        panel.close()


def test_a_cloud_that_stops_is_shown_as_failed_and_not_as_offline(cloud, panel):
    cloud.practice.stop()
    panel.button("Desk Lamp").click()
    panel.refresh()
    assert panel.wait()
    states = {r.alias: r.state for r in panel.rows}
    assert states["Desk Lamp"] == "unknown"
    assert states["Kettle"] == "failed"
    assert "offline" not in {r.state for r in panel.rows if r.alias != "Tapo Plug"}


def test_protected_devices_and_outlets_are_locked_with_their_state_in_sight():
    with tl.practice(offline_after_s=0, protect=["Fridge", "Router"]) as cloud:
        panel = control_panel(cloud)
        assert panel.wait()
        button = panel.button("Fridge")
        assert (button.description, button.disabled) == ("Locked", True)
        assert row(panel, "Fridge").state == "on"
        assert "locked" in html_of(panel, "fridge") and "●" in html_of(panel, "fridge")
        assert panel.button("Desk Strip", "Router").disabled
        assert panel.button("Desk Strip").disabled  # it would switch the router too
        assert not panel.button("Desk Strip", "Monitor").disabled
        button.click()  # from code a disabled button can be pressed all the same
        assert panel.wait()
        assert cloud.practice.state("Fridge")["on"] is True
        assert "protect=[…]" in row(panel, "Fridge").reason
        panel.close()


def test_a_read_only_lab_locks_every_row():
    with tl.practice(offline_after_s=0, read_only=True) as cloud:
        panel = control_panel(cloud)
        assert panel.wait()
        assert all(r.locked for r in panel.rows)
        assert panel.button("Desk Lamp").description == "Locked"
        panel.close()


def test_a_name_made_of_html_stays_text_everywhere(cloud):
    evil = "<img src=x onerror=alert(1)>"
    cloud.device("Desk Lamp").rename(evil)
    cloud.devices()
    panel = control_panel(cloud)
    assert panel.wait()
    assert row(panel, evil).state == "off"
    html = [w.value for w in all_of(panel) if isinstance(w, ipywidgets.HTML)]
    assert any("onerror" in value for value in html)  # as text
    assert not any("<img" in value for value in html)
    assert "<img" not in panel._repr_mimebundle_()["text/html"]
    assert "lab-toggle-img-src-x-onerror-alert-1" in panel.button(evil)._dom_classes
    panel.close()


def test_a_reason_made_of_html_stays_text(cloud):
    panel = control_panel(cloud, ["<b>Lamp</b>"])
    assert panel.wait()
    assert "<b>Lamp" not in panel._trouble.value
    panel.close()


def test_devices_that_share_a_name_keep_classes_of_their_own(cloud):
    cloud.device("Kettle").rename("Desk Lamp")
    cloud.devices()
    panel = control_panel(cloud)
    assert panel.wait()
    found = [
        name
        for box in panel.children
        for name in box._dom_classes
        if name.startswith("lab-row-desk-lamp")
    ]
    assert found == ["lab-row-desk-lamp", "lab-row-desk-lamp-2"]
    with pytest.raises(NoSuchDevice, match="2 rows"):
        panel.button("Desk Lamp")
    panel.close()


class Haunted(Device):
    """A device whose answer breaks the code that reads it: a fault of our own."""

    __slots__ = ()

    def state(self):
        raise ZeroDivisionError("token=87068c24")


def test_an_exception_in_a_worker_is_shown_and_kept_and_the_rest_goes_on(cloud):
    haunted = Haunted(cloud, dict(cloud.device("Desk Lamp").row))
    panel = control_panel(cloud, [haunted, "Kettle"])
    assert panel.wait()
    assert row(panel, "Desk Lamp").state == "failed"
    assert "ZeroDivisionError" in html_of(panel, "desk-lamp")
    assert "87068c24" not in html_of(panel, "desk-lamp")
    assert isinstance(panel.last_error, ZeroDivisionError)
    assert "ZeroDivisionError" in panel._trouble.value
    assert row(panel, "Kettle").state == "on"
    panel.close()


def test_a_panel_at_rest_has_no_thread(cloud, panel):
    panel.button("Desk Lamp").click()
    assert panel.wait()
    assert [t for t in threading.enumerate() if "panel" in t.name] == []


def test_a_panel_uses_at_most_four_threads(cloud):
    cloud.practice.slow(0.1)
    panel = control_panel(cloud)
    most = 0
    while not panel.wait(0.005):
        now = [t for t in threading.enumerate() if "panel" in t.name]
        most = max(most, len(now))
    assert 1 < most <= 4
    panel.close()


def test_closing_in_the_middle_stops_the_work_and_late_answers_change_nothing(cloud):
    cloud.practice.slow(9)
    panel = control_panel(cloud)
    assert panel._engine.wait_for_list(20)
    before = cloud.practice.calls["passthrough"]
    panel.close()
    cloud.practice.calm()
    assert panel.wait()
    assert cloud.practice.calls["passthrough"] - before <= 4
    assert panel.comm is None
    panel.refresh()
    panel.close()
    assert panel.wait(0)


def test_closing_the_panel_closes_every_widget_it_made(cloud):
    panel = control_panel(cloud)
    assert panel.wait()
    made = list(all_of(panel))
    assert len(made) > 50
    assert all(w.comm is not None for w in made)
    panel.close()
    assert all(w.comm is None for w in made)


def test_the_automatic_refresh_beats_and_stops(cloud):
    panel = control_panel(cloud, ["Desk Lamp"], refresh_s=5)
    assert panel.wait()
    assert "every 5 s" in panel._title.value
    seen = threading.Event()
    panel.button("Desk Lamp").observe(lambda _: seen.set(), "description")
    cloud.practice.press("Desk Lamp")
    beat = Beat(panel._engine, 0.02)  # quicker than the panel lets anybody ask
    assert seen.wait(10)
    beat.stop()
    assert panel.wait()
    assert row(panel, "Desk Lamp").state == "on"
    panel.stop()
    assert [t for t in threading.enumerate() if "refresh" in t.name] == []
    assert "every" not in panel._title.value
    panel.close()


def test_the_automatic_refresh_slows_down_while_every_call_is_refused(cloud, panel):
    assert not panel._engine.general_trouble
    end_session(cloud)
    panel.refresh()
    assert panel.wait()
    assert panel._engine.general_trouble
    pauses = [1]
    for trouble in [True] * 8 + [False]:
        pauses.append(patience_after(pauses[-1], trouble))
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 64, 64, 1]


def test_a_forgotten_engine_takes_its_automatic_refresh_along(cloud):
    engine = Engine(list, lambda: None, lambda _: None)
    beat = Beat(engine, 0.01)
    del engine
    gc.collect()
    beat._thread.join(10)
    assert not beat._thread.is_alive()


@pytest.mark.parametrize("seconds", [4.9, 0, -1, float("nan")])
def test_an_impolite_refresh_is_refused(cloud, seconds):
    with pytest.raises(BadInput, match="refresh_s"):
        control_panel(cloud, refresh_s=seconds)


def test_the_saved_output_is_the_same_at_every_run(cloud):
    def bundle(opened):
        panel = control_panel(opened)
        found = panel._repr_mimebundle_()
        panel.wait()
        panel.close()
        return found["text/plain"], found["text/html"]

    with tl.practice() as other:
        first, second = bundle(cloud), bundle(other)
    assert first == second
    assert "Desk Lamp" in first[0] and "KP105(EU)" in first[1]
    assert "127.0.0.1" not in "".join(first)


def test_the_widget_view_stands_beside_its_twin(panel):
    bundle = panel._repr_mimebundle_()
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == panel.model_id
    assert panel.model_id not in bundle["text/plain"] + bundle["text/html"]
    assert repr(panel) == "<ControlPanel: 28 devices>"


def test_no_secret_reaches_the_widgets_state(cloud, panel):
    end_session(cloud)
    panel.button("Desk Lamp").click()
    panel.refresh()
    assert panel.wait()
    state = state_of(panel)
    assert "og in again" in state
    assert cloud.token.reveal() not in state
    assert cloud.practice.password not in state


def test_a_storm_ends_in_agreement(cloud):
    panel = control_panel(cloud)
    assert panel.wait()
    dice = random.Random(2)
    before = cloud.practice.calls["passthrough"]
    kasa = [d.alias for d in cloud.devices(refresh=False) if d.dialect == "iot"]
    cloud.practice.slow(0.002)
    cloud.practice.lose(0.1)
    for _ in range(200):
        what = dice.random()
        if what < 0.8:
            panel.button(dice.choice(kasa)).click()
        elif what < 0.9:
            outlet = dice.choice(["Monitor", "Printer", "Speakers"])
            panel.button("Desk Strip", outlet).click()
        else:
            cloud.practice.press(dice.choice(kasa))
    assert panel.wait(30)
    cloud.practice.calm()
    panel.refresh()
    assert panel.wait()
    for shown in panel.rows:
        if shown.is_on is not None:
            real = cloud.practice.state(shown.outlet or shown.alias)["on"]
            assert shown.is_on is real
    assert {r.state for r in panel.rows} <= {"on", "off", "offline", "not switchable"}
    # 200 clicks: a switch and its reading back each at most, and the last refresh.
    made = cloud.practice.calls["passthrough"] - before
    print(f"storm: 200 clicks, {made} requests")
    assert made <= 2 * 200 + len(kasa)
    panel.close()
