"""Frames have the same columns and types, whatever is in them."""

import pandas as pd
import pytest

import tplink_lab as tl
from tplink_lab import errors
from tplink_lab.data import device_frame, is_older, raw_frame
from tplink_lab.data.frames import DEVICE_DTYPES
from tplink_lab.devices import Device, DeviceList


def rows(count: int) -> list[dict[str, object]]:
    return [
        {
            "deviceId": f"{number:040X}",
            "alias": f"Plug {number}",
            "deviceModel": "HS100(EU)",
            "deviceType": "IOT.SMARTPLUGSWITCH",
            "fwVer": f"1.0.{number % 30} Build 151101 Rel.24452",
            "status": number % 2,
            "appServerUrl": "https://eu-wap.tplinkcloud.com",
        }
        for number in range(count)
    ]


def listed(*rows_: dict[str, object]) -> list[Device]:
    return list(DeviceList.from_rows(None, list(rows_)))  # type: ignore[arg-type]


def test_the_house_as_a_frame(cloud: tl.Cloud) -> None:
    frame = cloud.devices().to_frame()
    assert list(frame.columns) == list(DEVICE_DTYPES)
    first = frame.iloc[0]
    assert first["alias"] == "My Smart Plug"
    assert first["fw_version"] == "1.0.8"
    assert first["fw_build_date"] == pd.Timestamp("2015-11-01")
    assert frame.set_index("alias").loc["Garage Heater", "online"] is not True
    assert frame.set_index("alias").loc["Tapo Plug", "online"]


def test_what_the_classic_list_cannot_know_is_missing() -> None:
    with tl.practice(protocol="v1") as classic:
        frame = classic.devices().to_frame()
    assert frame.set_index("alias")["online"].isna()["Tapo Plug"]


def test_an_empty_list_gives_the_same_columns_and_types(cloud: tl.Cloud) -> None:
    full, empty = cloud.devices().to_frame(), device_frame([])
    assert list(empty.columns) == list(full.columns)
    kinds = [(str(a), str(b)) for a, b in zip(full.dtypes, empty.dtypes, strict=True)]
    assert all(a == b for a, b in kinds), kinds


def test_the_types_are_these_and_text_categories_stay_text() -> None:
    for source in ([], rows(1), rows(40)):
        frame = device_frame(listed(*source))
        kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
        assert kinds["alias"] == kinds["device_id"] == "str"
        assert kinds["online"] == kinds["is_same_region"] == "boolean"
        assert kinds["role"] == "Int64"
        assert kinds["fw_build_date"] == "datetime64[s]"
        for name in ("device_region", "fw_release", "device_name", "fw_version"):
            assert kinds[name] == "category"
            assert str(frame[name].cat.categories.dtype) == "str", name
    frame = device_frame(listed({"deviceId": "80", "status": "1"}))
    assert frame["online"].isna().all()


def test_versions_sort_as_numbers() -> None:
    frame = device_frame(listed(*rows(12)))
    ordered = frame.sort_values("fw_version")["fw_version"].astype(str).tolist()
    assert ordered[1:3] == ["1.0.1", "1.0.2"]
    assert ordered[-1] == "1.0.11"


@pytest.mark.parametrize(
    "row",
    [
        {"deviceId": "80"},
        {"deviceId": "80", "alias": None, "fwVer": 3, "status": "1", "role": "x"},
        {"deviceId": "80", "fwVer": "beta", "isSameRegion": "yes", "deviceMac": 5},
        {"deviceId": "80", "role": 2**70, "deviceRegion": ["x"], "fwVer": "9" * 5000},
    ],
)
def test_fields_that_are_missing_or_odd_become_missing_values(
    row: dict[str, object],
) -> None:
    frame = device_frame(listed(row))
    assert len(frame) == 1
    assert {name: str(kind) for name, kind in frame.dtypes.items()}.keys() == (
        DEVICE_DTYPES.keys()
    )
    assert frame["fw_version"].isna().all()


def test_raw_rows_are_untouched() -> None:
    source = rows(2)
    frame = raw_frame(listed(*source))
    assert frame.to_dict("records") == source


def test_older_than_a_version_is_asked_of_numbers_and_not_guessed() -> None:
    given = pd.Series(
        ["1.0.9 Build 190101 Rel.1", None, "1.0.10", "beta"], [7, 8, 9, 1]
    )
    found = is_older(given, "1.0.10")
    assert str(found.dtype) == "boolean"
    assert found.index.tolist() == [7, 8, 9, 1]
    assert found.fillna(True).tolist() == [True, True, False, True]
    assert found.isna().tolist() == [False, True, False, True]
    assert is_older(given.iloc[:0], "1.0.10").dtype == "boolean"
    assert is_older(given.astype("category"), "9.0.0").sum() == 2
    with pytest.raises(errors.BadInput, match="'new' is no version"):
        is_older(given, "new")
