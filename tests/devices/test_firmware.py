"""Firmware strings sort, and none is lost."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dumps import SHARED
from tplink_lab import parse_firmware


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
