"""Every code has an explanation, honest about how well it is known."""

import re
from pathlib import Path

import pytest

import tplink_lab as tl
from tplink_lab.codes import CLOUD_CODES
from tplink_lab.errors import BadInput

PROTOCOL = Path(__file__).parents[2] / "shared" / "protocol.md"


def test_a_code_is_explained_with_its_next_step() -> None:
    (one,) = tl.explain(-20571)
    assert one.error == "DeviceOffline"
    assert "Tapo" in one.cause
    assert repr(tl.explain("-20571")).startswith("-20571 from the cloud")
    assert "<pre>" in tl.explain(-20571)._repr_html_()


def test_one_number_may_mean_several_things() -> None:
    assert {one.layer for one in tl.explain(-10000)} == {"cloud", "Kasa device"}


def test_the_whole_table_is_a_frame() -> None:
    frame = tl.explain()
    assert set(CLOUD_CODES) <= set(frame["code"])
    assert frame["code"].dtype == "int64"
    assert not frame[["message", "next_step", "error", "confidence"]].eq("").any().any()


def test_one_source_is_called_one_source() -> None:
    (one,) = tl.explain(-51215)
    assert "one source" in one.confidence


@pytest.mark.parametrize("code", [-424242, "nonsense", 0, [], 1.5])
def test_an_unknown_code_is_refused(code: object) -> None:
    with pytest.raises(BadInput, match=r"tl\.explain\(\)"):
        tl.explain(code)  # type: ignore[arg-type]


def test_no_code_of_the_dossier_is_missing() -> None:
    if not PROTOCOL.is_file():
        return
    section = PROTOCOL.read_text("utf-8").split("## 7.")[1].split("## 8.")[0]
    codes = {int(code) for code in re.findall(r"(?<![\w.])-\d{1,5}(?![\w.])", section)}
    known = {int(code) for code in tl.explain()["code"]}
    assert codes - known == set()
