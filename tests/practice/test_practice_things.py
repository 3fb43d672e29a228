"""The Thing API: lists, shadows, services and what goes wrong with them."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.practice.tapo import APP, Tapo, b64, bulb, camera, hub, plug, strip
from tplink_lab.practice import PracticeCloud, PracticeError

FAR = {**plug("Far"), "region": "use1"}
UNAUTHORIZED = (401, {"code": 401, "message": "Unauthorized"})


@pytest.fixture
def open_tapo(open_cloud: Any) -> Any:
    def opener(*entries: Any, **settings: Any) -> Tapo:
        return Tapo(open_cloud(list(entries), **{"thing_delay_s": 0, **settings}))

    return opener


@pytest.fixture
def tapo(open_tapo: Any) -> Tapo:
    living: Tapo = open_tapo(
        {**plug(auto_off_status="off"), "room": "Kitchen"},
        bulb(),
        strip(),
        hub(),
        camera(),
        FAR,
    )
    return living


# -- who may ask -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"app-cid": APP},
        {"Authorization": "TOKEN", "app-cid": APP},
        {"Authorization": "Bearer TOKEN", "app-cid": APP},
        {"Authorization": "ut|", "app-cid": APP},
        {"Authorization": "ut|nonsense", "app-cid": APP},
        {"Authorization": "ut|TOKEN"},
    ],
)
@pytest.mark.parametrize(
    ("verb", "path"),
    [("GET", "/v2/things"), ("PATCH", "/v1/things/x/shadows"), ("GET", "/v1/families")],
)
def test_without_a_live_token_and_an_app_nobody_is_let_in(
    tapo: Tapo, headers: dict[str, str], verb: str, path: str
) -> None:
    token = tapo.wire.token
    filled = {name: text.replace("TOKEN", token) for name, text in headers.items()}
    assert tapo.call(verb, path, headers=filled) == UNAUTHORIZED


def test_a_token_that_ended_is_refused_and_a_new_one_is_not(tapo: Tapo) -> None:
    assert tapo.call("GET", "/v2/things")[0] == 200
    tapo.cloud.expire_token()
    assert tapo.call("GET", "/v2/things") == UNAUTHORIZED
    tapo.headers["Authorization"] = f"ut|{tapo.wire.login()['token']}"
    assert tapo.call("GET", "/v2/things")[0] == 200


# -- what there is ---------------------------------------------------------------------


def test_every_tapo_device_is_a_thing_and_no_kasa_device(open_tapo: Any) -> None:
    kasa = {"system": {"get_sysinfo": {"alias": "Kasa", "relay_state": 0}}}
    tapo = open_tapo(plug(), FAR, camera(), kasa)
    status, listed = tapo.call("GET", "/v2/things?page=0&pageSize=20")
    assert (status, listed["total"], listed["page"], listed["pageSize"]) == (
        200, 3, 0, 20,
    )  # fmt: skip
    rows = {row["nickname"]: row for row in listed["data"]}
    assert list(rows) == [b64("Plug"), b64("Far"), b64("Camera")]
    near, far = rows[b64("Plug")], rows[b64("Far")]
    classic = tapo.wire.rows[b64("Plug")]
    assert near["thingName"] == classic["deviceId"]
    assert (near["model"], near["deviceType"]) == ("P105", "SMART.TAPOPLUG")
    assert (near["status"], near["crossRegion"], far["crossRegion"]) == (1, False, True)
    assert near["appServerUrlV2"] == tapo.cloud.regions["euw1"]
    assert far["appServerUrlV2"] == tapo.cloud.regions["use1"]
    assert (near["region"], far["region"]) == ("eu-west-1", "us-east-1")
    assert tapo.call("GET", "/v1/things?pageSize=20")[1] == listed
    tapo.cloud.unplug("Plug")
    assert Tapo(tapo.wire).things["Plug"]["status"] == 0


def test_a_long_list_of_things_comes_in_pages(open_tapo: Any) -> None:
    tapo = open_tapo(*(plug(f"Plug {n}") for n in range(47)))
    assert len(tapo.things) == 47
    sizes = []
    for page in range(4):
        _, listed = tapo.call("GET", f"/v2/things?page={page}")
        sizes.append(len(listed["data"]))
        assert listed["total"] == 47
    assert sizes == [20, 20, 7, 0]
    for wrong in (
        "page=-1",
        "page=x",
        "pageSize=0",
        "pageSize=101",
        "page=" + "9" * 99,
    ):
        status, answer = tapo.call("GET", f"/v2/things?{wrong}")
        assert (status, answer["code"]) == (400, 400)


def test_a_thing_has_details_usage_a_family_and_a_room(open_tapo: Any) -> None:
    usage = {"time_usage": {"today": 1, "past7": 2, "past30": 3}}
    entry = plug(more={"get_device_usage": usage}, ip="192.0.2.7")
    tapo = open_tapo({**entry, "room": "Kitchen"}, plug("Other"))
    status, details = tapo.thing("Plug", "details")
    assert (status, details["ip"]) == (200, "192.0.2.7")
    assert details.items() >= tapo.things["Plug"].items()
    name = tapo.things["Plug"]["thingName"]
    assert tapo.thing("Plug", "usage") == (200, {"thingName": name, **usage})
    (family,) = tapo.call("GET", "/v1/families")[1]["data"]
    assert family["id"] == details["familyId"]
    (room,) = tapo.call("GET", f"/v1/families/{family['id']}/rooms")[1]["data"]
    assert (room["id"], room["name"]) == (details["roomId"], "Kitchen")
    assert tapo.things["Other"]["roomId"] == ""
    settings = tapo.call("GET", "/v1/families/thing-settings")[1]["data"]
    assert [row["roomId"] for row in settings] == [room["id"], ""]
    assert tapo.call("GET", "/v1/families/nobody/rooms")[0] == 404


def test_a_thing_lives_in_its_region_only(tapo: Tapo) -> None:
    name = tapo.things["Far"]["thingName"]
    wrong, right = tapo.cloud.regions["euw1"], tapo.cloud.regions["use1"]
    for url, status in ((wrong, 404), (right, 200)):
        assert tapo.call("GET", f"/v1/things/{name}/details", url=url)[0] == status
    path = f"/v1/things/shadows?thingNames={name}"
    assert tapo.call("GET", path, url=wrong)[1] == {
        "shadows": [], "failThingList": [name],
    }  # fmt: skip
    assert tapo.shadow("Far")["thingName"] == name
    body = {"version": 119, "state": {"desired": {"on": True}}}
    assert tapo.call("PATCH", f"/v1/things/{name}/shadows", body, url=wrong)[0] == 404
    assert tapo.cloud.state("Far")["on"] is False


def test_while_things_answer_the_classic_route_says_offline(tapo: Tapo) -> None:
    request = json.dumps({"method": "get_device_info"})
    for sent in (request, {"method": "get_device_info"}):
        answer = tapo.wire.pass_through(b64("Plug"), sent)
        assert answer == {"error_code": -20571, "msg": "Device is offline"}
    assert tapo.ask("Plug", "get_device_info")["error_code"] == 0


def test_a_plug_of_2020_answers_through_the_classic_route(open_tapo: Any) -> None:
    tapo = open_tapo({**plug("Old"), "legacy": True})
    on = {"method": "set_device_info", "params": {"device_on": True}}
    answer = tapo.wire.pass_through(b64("Old"), json.dumps(on))
    assert answer == {"error_code": 0, "result": {"responseData": {"error_code": 0}}}
    running = {"method": "get_device_running_info"}
    answer = tapo.wire.pass_through(b64("Old"), running)
    assert answer["result"]["responseData"]["result"]["device_on"] is True
    answer = tapo.wire.pass_through(b64("Old"), '{"system":{"get_sysinfo":{}}}')
    assert answer["result"]["responseData"] == {"error_code": -1003}
    tapo.cloud.unplug("Old")
    assert tapo.wire.pass_through(b64("Old"), running)["error_code"] == -20571
    with pytest.raises(PracticeError, match="legacy"):
        PracticeCloud([{**plug("Old"), "legacy": 1}])


# -- shadows ---------------------------------------------------------------------------


def test_a_wish_is_followed_and_reported(tapo: Tapo) -> None:
    before = tapo.shadow("Plug")
    assert before == {
        "thingName": tapo.things["Plug"]["thingName"],
        "state": {
            "desired": {"on": False},
            "reported": {"on": False, "auto_off_status": "off"},
        },
        "version": 118,
    }
    status, answer = tapo.wish("Plug", 119, on=True)
    assert (status, answer["version"]) == (200, 119)
    assert isinstance(answer["requestId"], str)
    after = tapo.shadow("Plug")
    assert after["version"] == 119
    assert after["state"]["desired"] == {"on": True}
    assert after["state"]["reported"]["on"] is True
    assert tapo.result("Plug", "get_device_info")["device_on"] is True
    assert tapo.cloud.state("Plug")["on"] is True
    assert tapo.wish("Plug", "120", on=False)[0] == 200
    assert tapo.cloud.state("Plug")["on"] is False


def test_a_shadow_writes_what_it_reports(tapo: Tapo) -> None:
    assert tapo.wish("Bulb", 119, brightness=7, color_temp=4000)[0] == 200
    reported = tapo.shadow("Bulb")["state"]["reported"]
    assert (reported["brightness"], reported["color_temp"]) == (7, 4000)
    assert tapo.wish("Bulb", 120, hue=300, saturation=40, color_temp=0)[0] == 200
    info = tapo.result("Bulb", "get_device_info")
    assert (info["hue"], info["saturation"], info["color_temp"]) == (300, 40, 0)
    tapo.ask("Bulb", "set_device_info", {"brightness": 88})
    assert tapo.shadow("Bulb")["state"]["reported"]["brightness"] == 88
    tapo.cloud.press("Bulb")
    assert tapo.shadow("Bulb")["state"]["reported"]["on"] is False


@pytest.mark.parametrize(
    "desired",
    [
        {},
        {"on": 1},
        {"on": "true"},
        {"device_on": True},
        {"brightness": 5},
        {"on": True, "x": 1},
        {"auto_off_status": "on"},
    ],
)
def test_a_wish_outside_the_model_changes_nothing(tapo: Tapo, desired: Any) -> None:
    name = tapo.things["Plug"]["thingName"]
    status, answer = tapo.wish("Plug", 119, **desired)
    assert (status, answer) == (
        400, {"code": 400, "message": f"[{name}] MODEL_SCHEMA_CHECK_FAILED"},
    )  # fmt: skip
    shadow = tapo.shadow("Plug")
    assert (shadow["version"], shadow["state"]["desired"]) == (118, {"on": False})
    assert tapo.wish("Strip", 119, on=True)[0] == 400


@pytest.mark.parametrize("version", [0, 1, 117, 118, 120, 500, "118", "0120"])
def test_any_version_but_the_next_is_stale(tapo: Tapo, version: Any) -> None:
    name = tapo.things["Plug"]["thingName"]
    assert tapo.wish("Plug", version, on=True) == (
        400,
        {
            "code": 11000,
            "message": f"[{name}] Update version is smaller than present version.",
            "data": {"curVersion": 118},
        },
    )
    assert tapo.cloud.state("Plug")["on"] is False


@pytest.mark.parametrize("version", [None, "", "x", True, 1.5, [119], -1, "9" * 40])
def test_what_is_no_version_is_no_write(tapo: Tapo, version: Any) -> None:
    status, answer = tapo.wish("Plug", version, on=True)
    assert (status, answer["code"]) == (400, 400)
    assert tapo.cloud.state("Plug")["on"] is False


def test_somebody_else_may_write_first(tapo: Tapo) -> None:
    tapo.cloud.stale_shadow("Plug")
    current = tapo.wish("Plug", 119, on=True)[1]["data"]["curVersion"]
    assert current == 119
    assert tapo.wish("Plug", current + 1, on=True)[0] == 200
    tapo.cloud.stale_shadow("Plug", times=2)
    for version in (121, 122):
        assert tapo.wish("Plug", version, on=False)[1]["code"] == 11000
    assert tapo.cloud.state("Plug")["on"] is True
    assert tapo.wish("Plug", 123, on=False)[0] == 200
    with pytest.raises(PracticeError, match="times"):
        tapo.cloud.stale_shadow("Plug", times=-1)
    with pytest.raises(PracticeError, match="No device is called"):
        tapo.cloud.stale_shadow("Nothing")


def test_an_unplugged_thing_has_wishes_it_does_not_follow(tapo: Tapo) -> None:
    tapo.cloud.unplug("Plug")
    assert tapo.wish("Plug", 119, on=True)[0] == 200
    state = tapo.shadow("Plug")["state"]
    assert (state["desired"]["on"], state["reported"]["on"]) == (True, False)
    status, answer = tapo.send("Plug", {"method": "get_device_info"})
    assert (status, answer["code"]) == (400, -20571)
    assert tapo.thing("Plug", "usage")[0] == 400
    tapo.cloud.plug_in("Plug")
    assert tapo.ask("Plug", "get_device_info")["result"]["device_on"] is False


def test_a_deaf_thing_accepts_and_does_not_follow(tapo: Tapo) -> None:
    tapo.cloud.deaf("Bulb")
    assert tapo.wish("Bulb", 119, on=False)[0] == 200
    on = tapo.ask("Bulb", "set_device_info", {"brightness": 9, "device_on": False})
    assert on == {"error_code": 0}
    no = tapo.ask("Bulb", "set_device_info", {"brightness": 0})
    assert no == {"error_code": -1008}
    state = tapo.shadow("Bulb")["state"]
    assert (state["desired"]["on"], state["reported"]["on"]) == (False, True)
    assert state["reported"]["brightness"] == 50
    tapo.cloud.press("Bulb")  # a finger is obeyed
    assert tapo.cloud.state("Bulb")["on"] is False
    tapo.cloud.deaf("Bulb", False)
    assert tapo.wish("Bulb", 120, on=True)[0] == 200
    assert tapo.cloud.state("Bulb")["on"] is True


def test_a_thing_takes_its_time_to_follow(open_tapo: Any) -> None:
    tapo = open_tapo(plug(), thing_delay_s=0.5)
    start = time.monotonic()
    assert tapo.wish("Plug", 119, on=True)[0] == 200
    state = tapo.shadow("Plug")["state"]
    if time.monotonic() - start < 0.5:
        assert (state["desired"]["on"], state["reported"]["on"]) == (True, False)
    while not tapo.shadow("Plug")["state"]["reported"]["on"]:
        assert time.monotonic() - start < 20
        time.sleep(0.05)
    assert time.monotonic() - start >= 0.5
    with pytest.raises(PracticeError, match="thing_delay_s"):
        PracticeCloud([plug()], thing_delay_s=-1)


def test_many_shadows_are_read_with_one_call(tapo: Tapo) -> None:
    names = [tapo.things[alias]["thingName"] for alias in ("Bulb", "Plug", "Camera")]
    path = "/v1/things/shadows?thingNames=" + ",".join([*names, "nobody", names[0]])
    status, answer = tapo.call("GET", path)
    assert status == 200
    assert [one["thingName"] for one in answer["shadows"]] == names
    assert answer["failThingList"] == ["nobody"]
    assert answer["shadows"][2]["state"] == {"desired": {}, "reported": {}}
    for empty in ("/v1/things/shadows", "/v1/things/shadows?thingNames=,"):
        assert tapo.call("GET", empty)[0] == 400


# -- services --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_data",
    [
        None,
        "get_device_info",
        {},
        {"method": "reset"},
        {"method": 5},
        {"method": "multipleRequest", "params": {"requests": [{"method": "reset"}]}},
        {"method": "multipleRequest", "params": {"requests": [{}]}},
        {
            "method": "control_child",
            "params": {"requestData": {"method": "reset"}},
        },
    ],
)
def test_methods_outside_the_model_never_reach_the_device(
    tapo: Tapo, request_data: Any
) -> None:
    name = tapo.things["Plug"]["thingName"]
    assert tapo.send("Plug", request_data) == (
        400, {"code": 400, "message": f"[{name}] MODEL_SCHEMA_CHECK_FAILED"},
    )  # fmt: skip


def test_a_method_that_the_model_knows_and_the_device_lacks_is_its_own_to_refuse(
    tapo: Tapo,
) -> None:
    assert tapo.ask("Plug", "get_energy_usage") == {"error_code": -1002}
    requests = [{"method": "get_device_info"}, {"method": "get_energy_usage"}]
    batch = tapo.result("Plug", "multipleRequest", {"requests": requests})
    assert [one["error_code"] for one in batch["responses"]] == [0, -1002]


def test_setters_are_refused_for_cameras_and_for_all_on_demand(tapo: Tapo) -> None:
    assert tapo.ask("Camera", "getLedStatus")["error_code"] == 0
    assert tapo.send("Camera", {"method": "setLedStatus", "params": {}})[0] == 400
    on = {"method": "set_device_info", "params": {"device_on": True}}
    batch = {"method": "multipleRequest", "params": {"requests": [on]}}
    child = {"method": "control_child", "params": {"requestData": on}}
    tapo.cloud.refuse_setters()
    for request in (on, batch, child):
        assert tapo.send("Plug", request)[0] == 400
    assert tapo.ask("Plug", "get_device_info")["result"]["device_on"] is False
    assert tapo.wish("Plug", 119, on=True)[0] == 200  # the other way stays open
    tapo.cloud.refuse_setters(False)
    assert tapo.send("Plug", on)[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        {},
        {"serviceId": "passthrough"},
        {"serviceId": "passthrough", "inputParams": []},
        {
            "serviceId": "x",
            "inputParams": {"requestData": {"method": "get_device_info"}},
        },
    ],
)
def test_a_broken_body_is_answered_in_json(tapo: Tapo, body: Any) -> None:
    for path, verb in (("services-sync", "POST"), ("shadows", "PATCH")):
        status, answer = tapo.thing("Plug", path, verb, body)
        assert (status, answer["code"]) == (400, 400)
        assert isinstance(answer["message"], str)


# -- trouble ---------------------------------------------------------------------------


def test_a_slow_thing_times_out_although_it_obeys(tapo: Tapo) -> None:
    tapo.cloud.slow(5, hold_limit_s=0.02)
    status, answer = tapo.wish("Plug", 119, on=True)
    assert (status, answer["code"]) == (400, -20002)
    status, answer = tapo.send("Bulb", {"method": "get_device_info"})
    assert (status, answer["code"]) == (400, -20002)
    tapo.cloud.calm()
    assert tapo.cloud.state("Plug")["on"] is True


def test_too_many_calls_are_too_many_here_as_well(tapo: Tapo) -> None:
    tapo.cloud.rate_limit(1, 60)
    assert tapo.call("GET", "/v2/things")[0] == 200
    status, answer = tapo.call("GET", "/v2/things")
    assert (status, answer["code"]) == (429, -20004)


def test_calls_are_counted_by_their_route(tapo: Tapo) -> None:
    tapo.cloud._front.calls.clear()
    tapo.shadow("Plug")
    tapo.wish("Plug", 119, on=True)
    tapo.ask("Plug", "get_device_info")
    assert tapo.cloud.calls == {
        "GET /v1/things/shadows": 1,
        "PATCH /v1/things/{id}/shadows": 1,
        "POST /v1/things/{id}/services-sync": 1,
    }


def test_the_controls_of_things_want_a_thing(open_cloud: Any) -> None:
    cloud = open_cloud().cloud
    for control in (cloud.deaf, cloud.stale_shadow):
        with pytest.raises(PracticeError, match="'Kettle' is a Kasa device"):
            control("Kettle")


def test_the_same_calls_give_the_same_bytes(open_cloud: Any) -> None:
    def story() -> list[Any]:
        home = [{**plug(), "room": "Hall"}, bulb(), strip()]
        tapo = Tapo(open_cloud(home, thing_delay_s=0))
        answers = [tapo.wish("Plug", 119, on=True), tapo.shadow("Plug")]
        tapo.cloud.advance(hours=3)
        answers += [tapo.ask("Plug", "get_device_info"), tapo.thing("Bulb", "details")]
        text = json.dumps(answers)
        for region, url in tapo.cloud.regions.items():
            text = text.replace(url, region)
        return json.loads(text)

    assert story() == story()


# -- anything at all -------------------------------------------------------------------

PIECE = st.text(max_size=8) | st.sampled_from(
    ["things", "shadows", "services-sync", "details", "usage", "families", "rooms", ""]
)


def test_any_path_verb_and_body_gets_a_well_formed_answer(tapo: Tapo) -> None:
    names = [row["thingName"] for row in tapo.things.values()]

    @given(
        verb=st.sampled_from(["GET", "POST", "PATCH"]),
        root=st.sampled_from(["/v1/", "/v2/"]),
        pieces=st.lists(PIECE | st.sampled_from(names), max_size=4),
        query=st.text(max_size=10),
        body=st.binary(max_size=20)
        | st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.dictionaries(
                st.sampled_from(
                    ["version", "state", "desired", "on", "method", "params",
                     "serviceId", "inputParams", "requestData"]
                ),
                inner,
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    )  # fmt: skip
    @settings(max_examples=150, deadline=None)
    def bombard(
        verb: str, root: str, pieces: list[str], query: str, body: bytes
    ) -> None:
        parts = [quote(piece.encode("utf-8", "replace"), safe="") for piece in pieces]
        asked = f"?thingNames={quote(query.encode('utf-8', 'replace'))}&page=0"
        status, answer = tapo.call(verb, root + "/".join(parts) + asked, body)
        assert status in (200, 400, 404)
        assert isinstance(answer, dict)
        if status != 200:
            assert isinstance(answer["code"], int)
            assert isinstance(answer["message"], str)

    bombard()
