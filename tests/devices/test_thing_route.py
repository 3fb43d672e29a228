"""Tapo devices through the Thing API: read, switched, and read back to be sure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import tplink_lab as tl
from tplink_lab import errors
from tplink_lab.cloud.things import failure
from tplink_lab.devices import DeviceState, Redactor, thing_route
from tplink_lab.devices.merging import with_things


@pytest.fixture
def cloud() -> Iterator[tl.Cloud]:
    with tl.practice(offline_after_s=0, thing_delay_s=0) as opened:
        yield opened


def calls(cloud: tl.Cloud, since: int) -> list[str]:
    return [e.path.rpartition("/")[2] for e in cloud.exchanges[since:]]


def test_a_plug_is_switched_where_the_classic_route_says_offline(
    cloud: tl.Cloud,
) -> None:
    plug = cloud.device("Tapo Plug")
    with pytest.raises(errors.DeviceOffline):
        cloud.passthrough(plug.device_id, {"method": "get_device_info"})
    was = plug.is_on()
    plug.set_state(not was)
    assert plug.is_on() is not was
    assert cloud.practice.state("Tapo Plug")["on"] is not was


def test_a_read_is_one_request_and_a_switch_a_write_and_a_read_back(
    cloud: tl.Cloud,
) -> None:
    plug = cloud.device("Tapo Plug")
    since = len(cloud.exchanges)
    plug.is_on()
    assert calls(cloud, since) == ["services-sync"]
    plug.turn_off()  # the first time the shadow's version is read
    since = len(cloud.exchanges)
    plug.turn_on()
    assert [e.verb for e in cloud.exchanges[since:]] == ["PATCH", "GET"]


def test_a_device_that_takes_its_time_is_waited_for() -> None:
    with tl.practice(thing_delay_s=0.3) as slow:
        plug = slow.device("Tapo Plug")
        plug.turn_off()
        assert slow.practice.state("Tapo Plug")["on"] is False
        assert plug.is_on() is False


def test_somebody_elses_write_in_between_is_overcome_once(cloud: tl.Cloud) -> None:
    plug = cloud.device("Tapo Plug")
    plug.turn_on()
    cloud.practice.stale_shadow("Tapo Plug")
    plug.turn_off()
    assert cloud.practice.state("Tapo Plug")["on"] is False
    cloud.practice.stale_shadow("Tapo Plug", times=2)
    with pytest.raises(errors.RequestRefused, match="smaller than present") as caught:
        plug.turn_on()
    assert caught.value.error_code == 11000


def test_a_write_that_was_accepted_and_not_followed_is_an_error(
    cloud: tl.Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thing_route, "FOLLOW_S", 0.2)
    plug = cloud.device("Tapo Plug")
    plug.turn_on()
    cloud.practice.deaf("Tapo Plug")
    with pytest.raises(errors.WriteNotFollowed, match="did not follow"):
        plug.turn_off()
    cloud.practice.deaf("Tapo Plug", deaf=False)
    cloud.practice.unplug("Tapo Plug")
    with pytest.raises(errors.WriteNotFollowed):
        plug.turn_off()
    with pytest.raises(errors.DeviceOffline):
        plug.is_on()
    assert cloud.devices()["Tapo Plug"].online is False


def test_a_light_is_set_by_the_device_or_by_its_shadow(cloud: tl.Cloud) -> None:
    bulb = cloud.device("Colour Bulb")
    bulb.light.set(brightness=40)
    assert bulb.light.state().brightness == 40
    cloud.practice.refuse_setters()
    bulb.light.set(brightness=70)
    assert bulb.light.state().brightness == 70
    bulb.light.set(hue_deg=120, saturation=50, brightness=30)
    assert (bulb.light.state().hue_deg, bulb.light.state().saturation) == (120, 50)


def test_the_outlets_of_a_strip_are_switched_alone(cloud: tl.Cloud) -> None:
    strip = cloud.device("Media Strip")
    before = cloud.practice.state("Media Strip")["outlets"]
    name = next(iter(before))
    strip.outlets[name].toggle()
    after = cloud.practice.state("Media Strip")["outlets"]
    assert after == {**before, name: not before[name]}


def test_a_meter_speaks_watts(cloud: tl.Cloud) -> None:
    meter = cloud.device("Tapo Meter")
    assert "energy" in meter.capabilities
    assert 0 <= meter.energy.now().power_w < 4000


def test_what_the_model_does_not_know_says_so(cloud: tl.Cloud) -> None:
    plug = cloud.device("Tapo Plug")
    with pytest.raises(errors.NotSupported):
        plug.command({"method": "get_humidity_of_mars"})


def test_read_only_and_protect_hold_on_this_route_too() -> None:
    with tl.practice(thing_delay_s=0, read_only=True) as look:
        with pytest.raises(errors.WriteRefused):
            look.device("Tapo Plug").turn_off()
        assert look.device("Tapo Plug").is_on() is not None
    with tl.practice(thing_delay_s=0, protect=["Tapo Plug"]) as safe:
        with pytest.raises(errors.WriteRefused):
            safe.device("Tapo Plug").turn_off()
        safe.device("Tapo Meter").turn_on()


def test_where_a_device_is_is_asked_once(cloud: tl.Cloud) -> None:
    plug = cloud.device("Media Strip")
    since = len(cloud.exchanges)
    assert plug.home == "Home"
    assert isinstance(plug.room, str)
    assert cloud.device("Tapo Plug").home == "Home"
    assert cloud.device("Kettle").home == ""
    assert len(cloud.exchanges) - since == 2


def test_many_things_come_in_pages() -> None:
    tapo = [
        {
            "snapshot": {
                "get_device_info": {
                    "device_id": f"80{number:038X}",
                    "device_on": True,
                    "model": "P100",
                    "type": "SMART.TAPOPLUG",
                    "nickname": "UGx1Zw==",
                }
            }
        }
        for number in range(45)
    ]
    with tl.practice(home=tapo) as many:
        devices = many.devices()
        assert len(devices) == 45
        assert all(device.online for device in devices)
        pages = [e for e in many.exchanges if e.path == "/v2/things"]
        assert len(pages) == 3


def test_a_token_alone_reaches_tapo_devices_too(cloud: tl.Cloud) -> None:
    mine = tl.from_token(cloud.sessions["tapo"].token, url=cloud.url, app="tapo")
    assert mine.device("Tapo Plug").is_on() is True
    mine.close()


def test_without_the_service_kasa_devices_are_still_listed(cloud: tl.Cloud) -> None:
    tapo = cloud.sessions["tapo"]
    tapo._account = tapo.account._replace(
        token=tl.Secret("dead"), refresh_token=tl.Secret("")
    )
    with pytest.warns(errors.TapoNotReached, match="Tapo devices cannot be reached"):
        devices = cloud.devices()
    assert devices["Kettle"].online
    with pytest.raises(errors.NotReached, match="Token expired"):
        devices["Tapo Plug"].is_on()


def test_what_only_the_tapo_service_knows_comes_last() -> None:
    rows: list[dict[str, Any]] = [{"deviceId": "A"}, {"deviceId": "B", "alias": "b"}]
    things = [{"thingName": "C", "nickname": "Yw=="}, {"thingName": "B", "status": 1}]
    pairs = with_things(rows, things)
    assert [row["deviceId"] for row, _ in pairs] == ["A", "B", "C"]
    assert [thing and thing["thingName"] for _, thing in pairs] == [None, "B", "C"]
    assert pairs[2][0]["alias"] == "Yw=="


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (400, {"code": 11000, "data": {"curVersion": "7"}}, errors.RequestRefused),
        (400, {"message": "[80] MODEL_SCHEMA_CHECK_FAILED"}, errors.NotSupported),
        (400, {"code": -20571, "message": "x"}, errors.DeviceOffline),
        (429, {"code": -20004, "message": "x"}, errors.RateLimited),
        (404, {"code": 404, "message": "Not Found"}, errors.CloudError),
        (500, [], errors.CloudError),
        (502, "<html>", errors.CloudError),
    ],
)
def test_every_refusal_has_an_error(status: int, answer: Any, kind: type) -> None:
    error = failure(status, answer, "/v1/x")
    assert isinstance(error, kind)
    assert error.next_step


def test_a_camera_without_a_thing_is_reached_by_the_signed_passthrough() -> None:
    basic = {
        "device_type": "SMART.IPCAMERA",
        "device_model": "C100",
        "device_alias": "Ada's door",
        "device_name": "Ada's C100",
        "dev_id": "8022F00D" + "0A1B2C3D" * 4,
        "hw_desc": "98765432" * 4,
        "mac": "F0-A7-31-12-34-56",
        "latitude": 515237,
        "sw_version": "1.3.14 Build 240513 Rel.43631n(5553)",
    }
    home = [{"snapshot": {"getDeviceInfo": {"device_info": {"basic_info": basic}}}}]
    with tl.practice(home=home, offline_after_s=0) as cloud:
        listed = cloud.devices()[0]
        assert listed.is_camera
        assert isinstance(listed.route, thing_route.ThingRoute)
        camera = tl.Device(cloud, listed.row)
        before = cloud.practice.calls.total()
        assert camera.info() == listed.info() == basic
        assert cloud.practice.calls.total() == before + 2
        assert cloud.exchanges[-2].path == "/api/v2/common/passthrough"
        assert camera.state() == DeviceState("Ada's door", None)
        text = json.dumps(camera.snapshot(Redactor(salt="search")))
        for secret in ("Ada", "8022F00D", "98765432", "12-34-56", "515237"):
            assert secret not in text
        answer = camera.command({"method": "setLedStatus", "params": {"led": {}}})
        assert answer == {"error_code": -40101}
        cloud.practice.unplug(listed.device_id)
        with pytest.raises(errors.DeviceOffline):
            camera.info()
    with tl.practice(home=home, read_only=True) as look:
        assert look.devices()[0].info() == basic  # getDeviceInfo is a read
        with pytest.raises(errors.WriteRefused):
            look.devices()[0].command({"method": "setLedStatus"})


def test_an_outlet_of_a_tapo_strip_is_protected_alone() -> None:
    with tl.practice(thing_delay_s=0, offline_after_s=0) as open_house:
        names = [*open_house.practice.state("Media Strip")["outlets"]]
    with tl.practice(thing_delay_s=0, offline_after_s=0, protect=[names[1]]) as safe:
        strip = safe.device("Media Strip")
        before = safe.practice.state("Media Strip")["outlets"]
        for write in (
            strip.outlets[names[1]].toggle,
            lambda: strip.outlets[names[1]].rename("x"),
            strip.turn_off,
            strip.turn_on,
        ):
            with pytest.raises(errors.WriteRefused, match="protected"):
                write()
            assert safe.practice.state("Media Strip")["outlets"] == before
        assert strip.outlets[names[1]].is_protected
        strip.outlets[names[0]].toggle()
        after = safe.practice.state("Media Strip")["outlets"]
        assert after == {**before, names[0]: not before[names[0]]}


def test_a_hub_that_speaks_as_cameras_do_is_read() -> None:
    basic = {"device_model": "H200", "device_alias": "Hall hub", "dev_id": "80" * 20}
    answers = {"getDeviceInfo": {"device_info": {"basic_info": basic}}}
    home = [{"row": {"deviceType": "SMART.TAPOHUB"}, "snapshot": answers}]
    with tl.practice(home=home, offline_after_s=0) as cloud:
        hub = cloud.devices()[0]
        assert hub.info() == basic
        assert hub.state() == DeviceState("Hall hub", None)
        assert not hub.capabilities
        snapshot = hub.snapshot()
        with tl.practice(home=[snapshot]) as again:
            assert again.devices()[0].snapshot() == snapshot
        cloud.practice.unplug(hub.device_id)
        with pytest.raises(errors.DeviceOffline):
            hub.info()


def test_switching_off_what_is_off_and_unplugged_is_no_success() -> None:
    with tl.practice(offline_after_s=0, thing_delay_s=0) as cloud:
        plug = cloud.device("Tapo Plug")
        plug.turn_off()
        cloud.practice.unplug("Tapo Plug")
        # Its shadow still says "off", as it did before the write.
        with pytest.raises(errors.DeviceOffline, match="'Tapo Plug' is unplugged"):
            plug.turn_off()
