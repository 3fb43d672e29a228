"""Sweeps: the same columns for every home, and one dead device ends nothing."""

import _thread
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tplink_lab as tl
from tests.data.homes import STEADY, forty, home, plug, strip
from tplink_lab import errors
from tplink_lab.data import sweep
from tplink_lab.data.meters import ask_meters
from tplink_lab.data.states import signal_of
from tplink_lab.data.sweep import NAME, SHOWN_AFTER_S, _Line
from tplink_lab.devices import Device, Energy

FRAMES = {
    "to_frame": (),
    "info": (),
    "firmware": (),
    "wifi": (),
    "schedules": (),
    "energy_now": (),
    "energy_daily": (2026, 10),
    "energy_monthly": (2026,),
}
DEAD = ["Plug 7", "Plug 20", "Plug 33"]


@pytest.fixture(scope="module")
def many() -> Iterator[tl.Cloud]:
    with tl.practice(forty(), offline_after_s=0) as opened:
        yield opened


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(kind) for name, kind in frame.dtypes.items()}


@pytest.mark.parametrize("method", FRAMES)
def test_a_home_of_forty_and_an_empty_one_have_the_same_columns_and_types(
    many: tl.Cloud, method: str
) -> None:
    devices = many.devices()
    assert len(devices) == 40
    full = getattr(devices, method)(*FRAMES[method])
    with tl.practice(home()) as nobody:
        empty = getattr(nobody.devices(), method)(*FRAMES[method])
    assert len(full) >= 8
    assert len(empty) == 0
    assert kinds(full) == kinds(empty)
    for name in full.select_dtypes("category"):
        assert full[name].cat.ordered == empty[name].cat.ordered
        categories = [frame[name].cat.categories.dtype for frame in (full, empty)]
        assert str(categories[0]) == str(categories[1]) == "str", name


@pytest.mark.parametrize("method", ["info", "wifi", "energy_now", "schedules"])
def test_three_dead_devices_are_three_errors_and_all_others_answer(
    many: tl.Cloud, method: str
) -> None:
    frame = getattr(many.devices(), method)()
    bad = frame[frame["error"].notna()]
    assert bad["alias"].tolist() == DEAD
    assert bad["error"].str.startswith("DeviceOffline: passthrough: ").all()
    assert not frame[frame["error"].isna()]["alias"].isin(DEAD).any()
    if method in ("info", "wifi"):
        assert frame["alias"].tolist() == [d.alias for d in many.devices()]
        assert frame["rssi_dbm"].notna().sum() == 37


def test_a_device_that_dies_in_the_middle_of_a_sweep_is_its_own_row() -> None:
    plain = home(*(plug(n, f"Plug {n}", meter="floats") for n in range(6)))
    with tl.practice(plain, offline_after_s=0) as cloud:
        devices = cloud.devices()

        def ask(device: Device) -> float:
            device.kind()
            if device.alias == "Plug 3":
                cloud.practice.unplug("Plug 3")
            return device.energy.now().power_w

        swept = sweep(devices, ask, workers=2)
    assert [s.value for s in swept if s.error is None] == [100.0] * 5
    (bad,) = [s for s in swept if s.error is not None]
    assert bad.device.alias == "Plug 3"
    assert isinstance(bad.error, errors.DeviceOffline)


def test_no_more_devices_are_asked_at_a_time_than_there_are_workers(
    many: tl.Cloud,
) -> None:
    lock, together, most = threading.Lock(), [0], [0]
    meeting = threading.Barrier(4)

    def ask(device: Device) -> None:
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        meeting.wait(20)  # passes only if four are here at once
        with lock:
            together[0] -= 1

    sweep(many.devices(), ask, workers=4)
    assert most[0] == 4


def test_an_expired_token_ends_the_sweep_with_one_error_and_few_calls() -> None:
    with tl.practice(forty(), offline_after_s=0) as cloud:
        devices = cloud.devices()
        cloud.practice.expire_token()
        cloud.practice.expire_refresh_token()
        before = cloud.practice.calls["passthrough"]
        with pytest.raises(errors.TokenRefused, match="token expired"):
            devices.info()
        assert cloud.practice.calls["passthrough"] - before <= 8


def test_a_token_that_expires_half_way_is_an_error_in_the_rows_that_met_it() -> None:
    with tl.practice(forty(), offline_after_s=0) as cloud:
        devices = cloud.devices()

        def ask(device: Device) -> dict[str, Any]:
            if device.alias == "Plug 12":
                cloud.practice.expire_token()
                cloud.practice.expire_refresh_token()
            return device.info()

        swept = sweep(devices, ask, workers=1)
    assert [s.device.alias for s in swept if s.value is not None] == [
        d.alias for d in devices[:12] if d.alias not in DEAD
    ]
    assert all(isinstance(s.error, errors.TokenRefused) for s in swept[12:])


def test_a_cloud_that_is_gone_is_one_error_not_forty_rows() -> None:
    with tl.practice(home(plug(1, "A"), plug(2, "B"))) as cloud:
        devices = cloud.devices()
        cloud.practice.stop()
        with pytest.raises(errors.CloudUnreachable):
            devices.wifi()


def test_all_devices_offline_are_rows_not_an_exception() -> None:
    dead = home(*(plug(n, f"Plug {n}", online=False) for n in range(3)))
    with tl.practice(dead, offline_after_s=0) as cloud:
        assert cloud.devices().info()["error"].notna().all()


def test_ctrl_c_leaves_no_thread_and_asks_nobody_else(many: tl.Cloud) -> None:
    asked: list[str] = []
    release = threading.Event()

    def ask(device: Device) -> None:
        asked.append(device.alias)
        if len(asked) == 2:
            _thread.interrupt_main()  # what Ctrl-C does
        release.wait(20)

    with pytest.raises(KeyboardInterrupt):
        sweep(many.devices(), ask, workers=2)
    release.set()
    for thread in threading.enumerate():
        if thread.name == NAME:
            thread.join(20)
            assert not thread.is_alive()
    assert len(asked) == 2


CTRL_C = """
import os, signal, threading, time
import tplink_lab as tl
from tests.data.homes import forty
from tplink_lab.data.sweep import SweepInterrupted

with tl.practice(forty(), offline_after_s=0) as cloud:
    devices = cloud.devices()
    cloud.practice.slow(0.02)
    for method in ("info", "wifi", "energy_now", "schedules"):
        enough = cloud.practice.calls["passthrough"] + 24

        def press() -> None:
            while cloud.practice.calls["passthrough"] < enough:
                time.sleep(0.001)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=press, daemon=True).start()
        try:
            getattr(devices, method)(workers=2)
        except SweepInterrupted as stopped:
            frame, kept = stopped.frame, len(stopped.swept)
            whole = getattr(devices[:0], method)()
            same = list(frame.dtypes.astype(str)) == list(whole.dtypes.astype(str))
            fits = len(frame) == kept if method in ("info", "wifi") else True
            print(method, same, 0 < kept < 40, fits, stopped)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_what_came_before_ctrl_c_is_kept() -> None:
    run = subprocess.run(
        [sys.executable, "-c", CTRL_C],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    lines = run.stdout.splitlines()
    assert len(lines) == 4, run.stderr
    for line in lines:
        assert " True True True stopped after " in line
        assert line.endswith(".frame (or .swept)")


LIGHT = """
import sys
import tplink_lab as tl
with tl.practice(offline_after_s=0) as cloud:
    found = tl.data.sweep(cloud.devices(), lambda device: device.alias)
print(len(found) > 10, sorted({"pandas", "filelock", "asyncio"} & set(sys.modules)))
"""


def test_a_sweep_without_a_frame_loads_no_pandas() -> None:
    run = subprocess.run(
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, check=False
    )
    assert run.stdout == "True []\n", run.stderr


def test_every_name_of_the_data_room_is_there() -> None:
    assert dir(tl.data) == tl.data.__all__
    for name in tl.data.__all__:
        assert callable(getattr(tl.data, name)), name
    assert tl.data.sweep is sweep
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tl.data.nothing


def test_progress_is_told_to_whoever_asks(many: tl.Cloud) -> None:
    told: list[tuple[int, int]] = []
    sweep(
        many.devices(),
        lambda device: device.is_on(),
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (40, 40)
    assert told == sorted(told)


def test_progress_is_a_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    for screen, shows in ((Screen(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", screen)
        line = _Line()
        line(1, 1000)
        assert screen.getvalue() == ""  # too early
        line._began -= SHOWN_AFTER_S
        line(2, 1000)
        line.clear()
        said = screen.getvalue().split("\r")
        assert said == (
            ["", "2 of 1000 devices", " " * len("2 of 1000 devices"), ""]
            if shows
            else [""]
        )


def test_a_mistake_of_ours_is_shown_and_not_turned_into_a_row(many: tl.Cloud) -> None:
    with pytest.raises(ZeroDivisionError):
        sweep(many.devices(), lambda device: 1 / 0)


@pytest.mark.parametrize("workers", [0, 33, True, 2.0, "8"])
def test_odd_numbers_of_workers_are_refused(many: tl.Cloud, workers: Any) -> None:
    with pytest.raises(errors.BadInput, match="1 to 32"):
        many.devices().info(workers=workers)


def test_outlets_are_rows_of_their_own() -> None:
    with tl.practice(home(strip(1, "Strip"))) as cloud:
        frame = cloud.devices().energy_now()
    assert frame["outlet"].tolist() == ["Outlet 0", "Outlet 1", "Outlet 2"]
    assert frame["power_w"].tolist()[:2] == [0.0, 10.0]
    assert frame["outlet_id"].str[-2:].tolist() == ["00", "01", "02"]
    assert frame["timezone"].unique().tolist() == ["Europe/Belgrade"]


def test_a_reading_has_its_time_in_utc_and_on_the_wall(cloud: tl.Cloud) -> None:
    row = cloud.devices()[1:2].energy_now().iloc[0]
    assert row["at"] == pd.Timestamp("2026-11-01 18:00", tz="UTC")
    assert row["at_local"] == pd.Timestamp("2026-11-01 19:00")


def test_an_index_that_nobody_recorded_gives_no_zone_rather_than_a_guess() -> None:
    metered = plug(1, "A", meter="floats", load=STEADY)
    with tl.practice(home(metered, timezone_index=57)) as cloud:
        now = cloud.devices().energy_now()
        daily = cloud.devices().energy_daily(2026, 10)
    assert now["timezone"].isna().all()
    assert now["at_local"].isna().all()
    assert daily["energy_kwh"].notna().all()
    assert daily["hours"].isna().all()


def test_a_house_without_meters_gives_an_empty_frame_that_says_who_has_none() -> None:
    with tl.practice(home(plug(1, "A"), plug(2, "B"))) as cloud:
        frame = cloud.devices().energy_daily(2026, 10)
    assert len(frame) == 0
    assert frame.attrs["without_meter"] == ["A", "B"]


def test_what_was_not_reached_is_an_error_not_left_out() -> None:
    with tl.practice(protocol="v1", offline_after_s=0) as classic:
        frame = classic.devices().energy_now().set_index("alias")
    assert frame.loc["Tapo Meter", "error"].startswith("NotReached")


def test_a_year_without_data_is_empty_and_says_so() -> None:
    with tl.practice(home(plug(1, "A", meter="integers", load=STEADY))) as cloud:
        frame = cloud.devices().energy_monthly(2003)
        later = cloud.devices().energy_daily(2027, 1)
    assert len(frame) == len(later) == 0
    assert frame.attrs["without_record"] == later.attrs["without_record"] == ["A"]


@pytest.mark.parametrize("when", [(2026, 13), (1999, 1), ("2026", 1), (2026, True)])
def test_an_impossible_month_is_one_error_before_anybody_is_asked(
    many: tl.Cloud, when: tuple[Any, Any]
) -> None:
    before = many.practice.calls["passthrough"]
    with pytest.raises(errors.BadInput):
        many.devices().energy_daily(*when)
    assert many.practice.calls["passthrough"] == before


def test_frames_tell_when_and_from_where_and_hold_no_secret(cloud: tl.Cloud) -> None:
    frame = cloud.devices().info()
    assert frame.attrs == {
        "fetched_at": "2026-11-01T18:00:00+00:00",
        "source": "system.get_sysinfo by practice cloud",
    }
    assert "latitude" not in " ".join(frame.columns)
    raw = cloud.devices().info(raw=True)
    assert raw.loc[0, "relay_state"] == 1
    assert "latitude_i" in raw


def test_firmware_knows_siblings_and_ages() -> None:
    old, new = (plug(n, f"Plug {n}", firmware=f) for n, f in enumerate(OLD_AND_NEW))
    other = plug(2, "Other hardware", meter="integers", firmware=OLD_AND_NEW[0])
    with tl.practice(home(old, new, other)) as cloud:
        frame = cloud.devices().firmware()
        (found,) = tl.devices.outdated_siblings(cloud.devices())
    assert frame["is_outdated"].tolist() == [True, False, False]
    assert frame["newest_version"].tolist() == ["1.0.10", "1.0.10", "1.0.9"]
    assert frame["age_days"].tolist() == [2861, 2464, 2861]
    assert frame.sort_values("fw_version")["fw_version"].iloc[-1] == "1.0.10"
    assert (found.device.alias, found.on) == ("Plug 0", ("Plug 1",))


OLD_AND_NEW = ("1.0.9 Build 190101 Rel.101010", "1.0.10 Build 200202 Rel.111111")


def test_the_check_for_updates_reads_what_is_offered() -> None:
    offer = {"fwVer": "1.0.11 Build 210303 Rel.1", "fwReleaseLog": "Mends a thing."}
    asked, quiet = plug(1, "Asked"), plug(2, "Quiet")
    asked["snapshot"]["cnCloud"] = {
        "get_intl_fw_list": {"fw_list": [offer], "err_code": 0}
    }
    with tl.practice(home(asked, quiet)) as cloud:
        frame = cloud.devices().firmware(check=True)
        unasked = cloud.devices().firmware()
    assert frame.loc[0, "offered"] == offer["fwVer"]
    assert frame.loc[0, "offered_notes"] == "Mends a thing."
    assert frame["offered"].isna().tolist() == [False, True]
    assert unasked["offered"].isna().all()


def test_versions_and_signals_sort_by_what_they_mean(many: tl.Cloud) -> None:
    versions = many.devices().firmware()["fw_version"]
    assert versions.max() == "1.0.12"
    assert (versions == "1.0.9").sum() == 17
    assert many.devices().wifi()["signal"].cat.categories.tolist() == [
        "poor",
        "fair",
        "good",
    ]


def test_a_strip_that_dies_between_its_outlets_keeps_what_was_read() -> None:
    with tl.practice(home(strip(1, "Strip")), offline_after_s=0) as cloud:
        read: list[float] = []

        def ask(energy: Energy) -> float:
            if len(read) == 2:
                cloud.practice.unplug("Strip")
            read.append(0.0)
            return energy.now().power_w

        parts = ask_meters(cloud.device("Strip"), ask)
    assert [part.value for part in parts] == [0.0, 10.0, None]
    assert isinstance(parts[2].error, errors.DeviceOffline)


def test_info_says_what_lamps_and_lights_are_set_to(cloud: tl.Cloud) -> None:
    info = cloud.devices().info().set_index("alias")
    assert info.loc["My Smart Plug", "led_on"] is np.True_
    sofa = info.loc["Sofa Lamp"]  # off: what it will come back with
    assert (sofa["is_on"], sofa["brightness_pct"], sofa["hue_deg"]) == (False, 70, 28)
    strip_ = info.loc["Desk Strip"]
    assert (strip_["kind"], strip_["outlets"], strip_["outlets_on"]) == ("strip", 6, 4)
    assert info["has_energy"].isna()["Sofa Lamp"]


@pytest.mark.parametrize(
    ("rssi", "word"), [(-59, "good"), (-60, "good"), (-61, "fair"), (-75, "fair")]
)
def test_signals_have_words(rssi: int, word: str) -> None:
    assert signal_of(rssi) == word
    assert signal_of(-76) == "poor"


def test_tapo_devices_tell_the_same_columns_as_kasa() -> None:
    with tl.practice() as cloud:
        info = cloud.devices().info().set_index("alias")
    assert info.loc["Tapo Plug", ["kind", "is_on", "on_time_s"]].tolist() == [
        "relay",
        True,
        5400,
    ]
    bulb = info.loc["Colour Bulb"]
    assert bulb[
        ["kind", "brightness_pct", "color_temp_k", "saturation_pct"]
    ].tolist() == [
        "bulb",
        80,
        2700,
        100,
    ]
    assert info.loc["Shelf Glow", "kind"] == "light strip"
    assert info.loc["Media Strip", "kind"] == "strip"
    assert info.loc["Sensor Hub", "kind"] == "nothing to switch"
    assert str(info.loc["Washer", "fw_version"]) == "1.2.5"
