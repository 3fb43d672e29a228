"""What is exported adds up to what is in the file, and never half replaces it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pytest

import tplink_lab as tl
from tplink_lab import errors
from tplink_lab.data import history_export
from tplink_lab.data.store import Store
from tplink_lab.data.store_records import Reading, Sweep

START = datetime(2026, 10, 30, 12, tzinfo=UTC)
# Names that a file system, a spreadsheet or a URL would stumble over.
ODD = ["Fridge", "=1+1", "a/b", "..", "50% off?", "Küche ☕", 'say "hi"', "123", ""]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plugs.sqlite"
    rng = np.random.default_rng(5)
    with closing(Store(path)) as store:
        for minute in range(0, 3 * 1440, 20):  # into November
            at = START + timedelta(minutes=minute)
            readings = [
                Reading(
                    f"8{n:03}", "", name, "HS110", at, "", n % 2 == 0, -50,
                    round(float(rng.uniform(0, 100)), 3), None, 0.001731, minute / 1000,
                )
                for n, name in enumerate(ODD)
            ]  # fmt: skip
            readings.append(
                Reading("9", "901", "Way 1", "HS300", at, "Strip", True, None, 3.5)
            )
            store.write(Sweep(at, readings), interval_s=1200)
    return path


@pytest.fixture
def past(path: Path) -> tl.History:
    return tl.history(path, tz="Europe/Belgrade")


def test_csv_holds_every_reading(past: tl.History, tmp_path: Path) -> None:
    written = past.to_csv(tmp_path / "all.csv")
    assert written == tmp_path / "all.csv"
    again = pd.read_csv(written, keep_default_na=False, dtype={"device": "str"})
    frame = past.frame()
    assert list(again.columns) == list(frame.columns)
    assert again["power_w"].astype(float).tolist() == frame["power_w"].tolist()
    # A spreadsheet would take =1+1 for a formula.
    names = frame["device"].astype(str).replace("=1+1", "'=1+1")
    assert again["device"].tolist() == names.tolist()
    assert "'=1+1" in again["device"].tolist()
    assert (pd.to_datetime(again["at"], utc=True) == frame["at"]).all()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_an_export_is_for_those_whom_the_umask_lets(
    past: tl.History, tmp_path: Path
) -> None:
    for mask, file, folder in ((0o077, 0o600, 0o700), (0o022, 0o644, 0o755)):
        before = os.umask(mask)
        try:
            written = past.to_csv(tmp_path / f"{mask}.csv")
            dataset = past.to_parquet(tmp_path / f"{mask}")
        finally:
            os.umask(before)
        assert written.stat().st_mode & 0o777 == file
        assert dataset.stat().st_mode & 0o777 == folder


def test_csv_of_a_part_and_of_averages(past: tl.History, tmp_path: Path) -> None:
    past.to_csv(tmp_path / "x.csv", device="Fridge", quantity="power_w", every="1D")
    again = pd.read_csv(tmp_path / "x.csv")
    ours = past.frame("Fridge", "power_w", every="1D")
    assert len(again) == len(ours) == 4
    np.testing.assert_allclose(again["power_w"], ours["power_w"])
    with pytest.raises(errors.BadInput, match="nothing to ask for"):
        past.to_csv(tmp_path / "y.csv", devise="Fridge")
    assert not (tmp_path / "y.csv").exists()


def test_a_large_csv_goes_out_in_parts(
    past: tl.History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = past.to_csv(tmp_path / "one.csv").read_text()
    monkeypatch.setattr("tplink_lab.data.history_query.CHUNK_ROWS", 7)
    assert past.to_csv(tmp_path / "two.csv").read_text() == whole


def test_excel_holds_numbers_times_and_names(past: tl.History, tmp_path: Path) -> None:
    past.to_excel(tmp_path / "x.xlsx", device="=1+1")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["readings", "daily", "errors"]
    rows = list(book["readings"].iter_rows(values_only=True))
    ours = past.frame("=1+1")
    assert rows[0][:2] == ("at (Europe/Belgrade)", "device")
    assert len(rows) == 1 + len(ours)
    assert rows[1][0] == datetime(2026, 10, 30, 13)
    assert rows[1][1] == "=1+1"
    assert book["readings"]["B2"].data_type == "s"  # a name, not a formula
    power = [row[rows[0].index("power_w")] for row in rows[1:]]
    np.testing.assert_allclose(power, ours["power_w"])


def test_excel_refuses_more_rows_than_it_holds(
    past: tl.History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_export, "EXCEL_ROWS", 217)
    assert len(past.frame("Fridge")) == 216
    past.to_excel(tmp_path / "fits.xlsx", device="Fridge")
    monkeypatch.setattr(history_export, "EXCEL_ROWS", 216)
    with pytest.raises(errors.BadInput, match="Excel holds") as info:
        past.to_excel(tmp_path / "x.xlsx", device="Fridge")
    assert "to_parquet" in info.value.next_step
    assert sorted(p.name for p in tmp_path.glob("*x*")) == ["fits.xlsx"]


def test_duckdb_opens_the_parquet_export_and_finds_the_same_sums(
    past: tl.History, tmp_path: Path
) -> None:
    folder = past.to_parquet(tmp_path / "dataset")
    with closing(duckdb.connect()) as db:
        db.execute("SET TimeZone = 'UTC'")
        sums = db.execute(
            "SELECT device, outlet, month, count(*), sum(power_w), max(total_kwh),"
            " sum(is_on::int), epoch_us(min(at_utc)), epoch_us(max(at_utc)) FROM"
            f" read_parquet('{folder}/**/*.parquet', hive_partitioning = true,"
            " hive_types_autocast = false) GROUP BY ALL"
        ).fetchall()
    theirs = {tuple(row[:3]): row[3:] for row in sums}
    frame = past.frame()
    frame["at"] = frame["at"].dt.tz_convert("UTC")
    # A device without a name goes under its id.
    frame["device"] = frame["device"].astype(str).replace("", "8008")
    frame["month"] = frame["at"].dt.strftime("%Y-%m")
    ours = frame.groupby(["device", "outlet", "month"], observed=True)
    assert len(theirs) == ours.ngroups == 10 * 2
    for key, part in ours:
        count, power, total, on, first, last = theirs[key]
        assert count == len(part)
        assert power == pytest.approx(part["power_w"].sum(), rel=1e-12)
        assert (total is None) == part["total_kwh"].isna().all()
        assert total is None or total == part["total_kwh"].max()
        assert on == part["is_on"].sum()
        assert first == part["at"].min().value // 1000
        assert last == part["at"].max().value // 1000
    assert {month for _, _, month in theirs} == {"2026-10", "2026-11"}


def test_pandas_opens_the_parquet_export_as_it_is(
    past: tl.History, tmp_path: Path
) -> None:
    frame = pd.read_parquet(past.to_parquet(tmp_path / "dataset"))
    assert len(frame) == len(past.frame())
    assert set(frame["device"].astype(str)) == {*ODD, "Strip", "8008"} - {""}
    assert str(frame["at_utc"].dtype) == "datetime64[us, UTC]"


def test_parquet_replaces_an_export_of_ours_and_nothing_else(
    past: tl.History, tmp_path: Path
) -> None:
    mine = tmp_path / "photos"
    mine.mkdir()
    (mine / "cat.jpg").write_text("meow")
    with pytest.raises(errors.BadInput, match="no export of ours"):
        past.to_parquet(mine)
    assert [p.name for p in mine.iterdir()] == ["cat.jpg"]
    with pytest.raises(errors.BadInput, match="is a file"):
        past.to_parquet(mine / "cat.jpg")
    folder = tmp_path / "dataset"
    folder.mkdir()  # an empty one is fine
    past.to_parquet(folder)
    (folder / "device=Fridge" / "stale.parquet").write_text("old")
    past.to_parquet(folder)
    assert not (folder / "device=Fridge" / "stale.parquet").exists()
    assert sorted(p.name for p in tmp_path.iterdir() if p.name[0] == ".") == []


def test_an_export_that_fails_leaves_what_was_there(
    past: tl.History, path: Path, tmp_path: Path
) -> None:
    target = tmp_path / "all.csv"
    target.write_text("before")
    with pytest.raises(errors.NoSuchDevice):
        past.to_csv(target, device="nobody")
    assert target.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir() if "csv" in p.name] == ["all.csv"]
    with pytest.raises(errors.HistoryError, match="cannot be written"):
        past.to_csv(tmp_path / "gone" / "all.csv")
    with pytest.raises(errors.HistoryError, match="cannot be written"):
        past.to_parquet(tmp_path / "gone" / "dataset")
    with pytest.raises(errors.BadInput, match="is a folder"):
        past.to_excel(tmp_path)


@pytest.mark.parametrize(
    ("module", "export"),
    [("pyarrow", "h.to_parquet('dataset')"), ("openpyxl", "h.to_excel('x.xlsx')")],
)
def test_what_is_not_installed_is_named_with_its_cure(
    path: Path, module: str, export: str
) -> None:
    code = (
        "import sys, tplink_lab as tl\n"
        f"sys.modules[{module!r}] = None\n"
        f"h = tl.history({str(path)!r})\n"
        f"try: {export}\n"
        "except tl.errors.HistoryError as error: print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=path.parent
    )
    assert f"needs {module}" in run.stdout, run.stderr
    assert "pip install" in run.stdout


def test_an_empty_history_exports_too(tmp_path: Path) -> None:
    Store(tmp_path / "e.sqlite").close()
    past = tl.history(tmp_path / "e.sqlite")
    assert past.to_csv(tmp_path / "e.csv").read_text().startswith("at,device,outlet,")
    past.to_excel(tmp_path / "e.xlsx")
    assert [p.name for p in past.to_parquet(tmp_path / "e").iterdir()] == [
        history_export.MARKER
    ]


@pytest.fixture(autouse=True)
def no_temporary_file_is_left(tmp_path: Path) -> Iterator[None]:
    yield
    left: list[Any] = [p for p in tmp_path.iterdir() if p.name.startswith(".")]
    assert left == []
