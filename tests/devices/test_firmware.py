"""Firmware strings sort, and none is lost."""

import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dumps import SHARED
from tplink_lab import parse_firmware
from tplink_lab.devices import DeviceList, outdated_siblings


@pytest.mark.parametrize(
    ("text", "version", "built", "release"),
    [
        ("1.2.5 Build 171213 Rel.101523", (1, 2, 5), date(2017, 12, 13), "101523"),
        ("1.0.8 Build 151101 Rel.24452", (1, 0, 8), date(2015, 11, 1), "24452"),
        ("1.4.0 Build 20231017 Rel. 33876", (1, 4, 0), date(2023, 10, 17), "33876"),
        ("2.3.22 Build 20230731 rel.69808", (2, 3, 22), date(2023, 7, 31), "69808"),
        ("1.4.3 Build 251128 Rel.63757n", (1, 4, 3), date(2025, 11, 28), "63757n"),
        (
            "1.3.2 Build 220105 Rel.37262n(4555)",
            (1, 3, 2),
            date(2022, 1, 5),
            "37262n(4555)",
        ),
        ("1.5.0", (1, 5, 0), None, None),
        ("1.0.0 Build 209999 Rel.1", (1, 0, 0), None, "1"),
    ],
)
def test_every_known_form_is_taken_apart(
    text: str, version: tuple[int, ...], built: date | None, release: str | None
) -> None:
    assert parse_firmware(text) == (text, version, built, release)


def test_ten_comes_after_nine() -> None:
    ten, nine = parse_firmware("1.0.10").version, parse_firmware("1.0.9").version
    assert ten is not None
    assert nine is not None
    assert ten > nine


def test_endless_digits_are_kept_as_text() -> None:
    assert parse_firmware("9" * 5000 + ".0.0").version is None


@given(st.text(max_size=40))
def test_anything_else_is_kept_as_text(text: str) -> None:
    assert parse_firmware(text).text == text


def test_all_real_strings_parse() -> None:
    file = SHARED / "fw_versions.txt"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    for line in lines:
        if line and not line.startswith("#"):
            text = line.split("\t")[0]
            assert parse_firmware(text).version is not None, text


def behind(*rows: tuple[str, str, str]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return (who, newest, who has it) for devices given as (model, hw, fw)."""
    listed = [
        {
            "deviceId": f"{number:040X}",
            "alias": f"D{number}",
            "deviceType": "IOT.SMARTPLUGSWITCH",
            "deviceModel": model,
            "deviceHwVer": hw_ver,
            "fwVer": fw_ver,
        }
        for number, (model, hw_ver, fw_ver) in enumerate(rows)
    ]
    devices = DeviceList.from_rows(None, listed)  # type: ignore[arg-type]
    return [(f.device.alias, f.newest.text, f.on) for f in outdated_siblings(devices)]


NINE, TEN = "1.0.9 Build 200101 Rel.1", "1.0.10 Build 190101 Rel.1"
NINE_LATER = "1.0.9 Build 200102 Rel.1"


def test_siblings_share_model_region_and_hardware() -> None:
    assert behind(("A", "1", NINE), ("A", "1", TEN), ("A", "1", TEN)) == [
        ("D0", TEN, ("D1", "D2"))
    ]
    assert behind(("A", "1", NINE), ("A", "2", TEN), ("B", "1", TEN)) == []


def test_of_one_version_the_later_build_is_newer() -> None:
    assert behind(("A", "1", NINE), ("A", "1", NINE_LATER)) == [
        ("D0", NINE_LATER, ("D1",))
    ]


def test_a_large_family_is_looked_through_once() -> None:
    calls = 0

    def count(frame: object, event: str, value: object) -> None:
        nonlocal calls
        calls += event == "call"

    def calls_for(devices: int) -> int:
        nonlocal calls
        calls = 0
        sys.setprofile(count)
        try:
            found = behind(*[("A", "1", NINE)] * devices, ("A", "1", TEN))
        finally:
            sys.setprofile(None)
        assert len(found) == devices
        return calls

    # Linear: asking everybody of everybody took ten minutes for ten thousand.
    assert calls_for(400) < 5 * calls_for(100)


@pytest.mark.parametrize("odd", ["beta", "", "1.0.9"])
def test_what_cannot_be_compared_is_not_called_old(odd: str) -> None:
    assert behind(("A", "1", NINE), ("A", "1", odd)) == []
    assert behind(("", "1", NINE), ("", "1", TEN)) == []


def test_all_real_strings_sort_and_none_is_lost_in_a_frame() -> None:
    from tplink_lab.data.columns import versions

    file = SHARED / "fw_versions.txt"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    texts = [line.split("\t")[0] for line in lines if line and line[0] != "#"]
    ordered = versions(texts).sort_values().tolist()
    numbers = [tuple(map(int, text.split("."))) for text in ordered]
    assert numbers == sorted(numbers)
    assert len(numbers) == len(texts)
