"""The device table and the exchange viewer."""

from __future__ import annotations

import pytest

import tplink_lab as tl
from tplink_lab.errors import BadInput
from tplink_lab.widgets.viewer import SHELLS


@pytest.fixture
def table(cloud):
    made = tl.widgets.device_table(cloud)
    assert made.wait()
    yield made
    made.close()


@pytest.fixture
def viewer(cloud):
    cloud.device("Kettle").is_on()
    made = tl.widgets.exchange_viewer(cloud)
    yield made
    made.close()


def test_the_table_sorts_and_filters_and_chooses(cloud, table):
    assert table.to_frame().equals(tl.widgets.device_rows(cloud))
    table.filter.value = "STRIP"
    table.descending.value = True
    table.columns.value = ("alias", "device_mac")
    assert table.to_frame()["alias"].tolist() == [
        "Shelf Strip",
        "Media Strip",
        "Desk Strip",
    ]
    assert "3 of" in table.page.value and "device_mac" in table.page.value
    assert "(3 rows)" in table.export.value
    table.filter.value = "no such thing"
    assert table.to_frame().empty and "0 of" in table.page.value


def test_versions_sort_as_versions(cloud):
    frame = tl.widgets.device_rows(cloud, sort_by="fw_version", descending=True)
    shown = frame["fw_version"].dropna().tolist()
    numbers = [[int(part) for part in str(v).split(".")] for v in shown]
    assert numbers == sorted(numbers, reverse=True)
    # Else words in their order would do as well, and this shows nothing.
    assert shown != sorted(shown, key=str, reverse=True)
    with pytest.raises(BadInput, match="no column 'nonsense'"):
        tl.widgets.device_rows(cloud, sort_by="nonsense")


def test_refresh_shows_what_changed_elsewhere_and_trouble_is_told(cloud, table):
    cloud.device("Kettle").rename("<b>Samovar")
    table.refresh()
    assert table.wait()
    assert "&lt;b&gt;Samovar" in table.page.value and "<b>S" not in table.page.value
    cloud.practice.stop()
    table.refresh()
    assert table.wait()
    assert "<b>!</b>" in table.page.value and "Samovar" in table.page.value


def test_the_viewer_shows_the_wire_without_a_secret(cloud, viewer):
    token = cloud.token.reveal()
    assert viewer.exchange is cloud.last_exchange
    for shell in SHELLS:
        viewer.shell.value = shell
        assert "TPL_TOKEN" in viewer.command.value or viewer.exchange.auth != "query"
        pages = viewer.facts.value + viewer.body.value + viewer.command.value
        assert token not in pages and cloud.practice.password not in pages
    bundle = viewer._repr_mimebundle_()
    assert token not in str(bundle) and "127.0.0.1" not in bundle["text/html"]


def test_the_viewer_filters_and_looks_again(cloud, viewer):
    count = len(viewer.list.options)
    assert count == len(tl.widgets.exchange_rows(cloud))
    cloud.device("Fridge").is_on()
    assert len(viewer.list.options) == count
    viewer.reload.click()
    assert len(viewer.list.options) > count
    assert viewer.exchange is cloud.last_exchange
    viewer.list.index = 1
    kept = viewer.exchange
    cloud.device("Fridge").is_on()
    viewer.refresh()
    assert viewer.exchange is kept
    viewer.filter.value = "LOGIN"
    assert all("login" in line.casefold() for line, _ in viewer.list.options)
    viewer.filter.value = "no such call"
    assert viewer.exchange is None and "Nothing" in viewer.facts.value
