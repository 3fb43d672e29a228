"""The device table as a widget: sort, filter, choose columns, copy, export."""

from __future__ import annotations

import html
import threading
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw  # type: ignore[import-untyped]
import pandas as pd

from tplink_lab.widgets.listed import COLUMNS, narrowed
from tplink_lab.widgets.pieces import (
    bundle_with,
    copy_button,
    download,
    plain_of,
    style,
    table,
)
from tplink_lab.widgets.rows import explain
from tplink_lab.widgets.view import close_all

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud

__all__ = ["DeviceTable"]

STYLE = style(""".tplink-lab-table .lab-columns { max-width: 22em; }
.tplink-lab-table select { color: var(--jp-ui-font-color1, inherit);
  background-color: var(--jp-layout-color1, transparent); }
.tplink-lab-table td .lab-copy { white-space: nowrap; }
@media (max-width: 600px) { .tplink-lab-table td .lab-copy { white-space: normal;
  overflow-wrap: anywhere; } }""")
LIST_PATIENCE_S = 2.0


class DeviceTable(ipw.VBox):  # type: ignore[misc]
    """The account's devices as a table; made by ``tl.widgets.device_table``."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._frame: pd.DataFrame | None = None
        self._problem = ""
        self._is_closed = False
        self._lock = threading.RLock()
        self._rest = threading.Condition()
        self._asking = 0
        # The last unexpected exception, for people who mend the lab.
        self.last_error: Exception | None = None
        wide = {"description_width": "5.5em"}
        self.filter = ipw.Text(
            description="Filter",
            placeholder="part of a name, model …",
            tooltip="Show only the devices of which a shown column holds this",
            style=wide,
        )
        self.sort = ipw.Dropdown(
            description="Sort by", tooltip="The column to sort by", style=wide
        )
        self.descending = ipw.Checkbox(
            description="Largest first",
            tooltip="Turn the order round",
            indent=False,
            layout={"width": "auto"},
        )
        self.columns = ipw.SelectMultiple(
            description="Columns",
            rows=5,
            tooltip="The columns to show; hold Ctrl to choose several",
            style=wide,
            _dom_classes=["lab-columns"],
        )
        self.reload = ipw.Button(
            description="Refresh", tooltip="Ask the cloud for the list again"
        )
        self.page = ipw.HTML(_dom_classes=["lab-wide", "lab-page"])
        self.export = ipw.HTML(_dom_classes=["lab-export"])
        sheet = ipw.HTML(STYLE)
        sheet.layout.display = "none"
        first = ipw.HBox([self.filter, self.reload], _dom_classes=["lab-line"])
        second = ipw.HBox([self.sort, self.descending], _dom_classes=["lab-line"])
        super().__init__([sheet, first, second, self.columns, self.page, self.export])
        self.add_class("tplink-lab").add_class("tplink-lab-table")
        for control in (self.filter, self.sort, self.descending, self.columns):
            control.observe(lambda _: self._show(), "value")
        self.reload.on_click(lambda _: self.refresh())
        self._begin(is_first=True)

    def to_frame(self) -> pd.DataFrame:
        """Return what is shown now: rows, columns and order. Empty before the list."""
        with self._lock:
            if self._frame is None:
                return pd.DataFrame(columns=list(COLUMNS))
            return narrowed(
                self._frame,
                list(self.columns.value) or ["alias"],
                sort_by=self.sort.value,
                descending=self.descending.value,
                contains=self.filter.value,
            )

    def refresh(self) -> None:
        """Ask the cloud for the list again, in the background."""
        self._begin(is_first=False)

    def wait(self, timeout_s: float = 10) -> bool:
        """Wait until the list has come or failed; False if it took too long."""
        with self._rest:
            return self._rest.wait_for(lambda: not self._asking, timeout_s)

    def close(self) -> None:
        """Remove the widget from the page. An answer on its way is not heard."""
        if getattr(self, "_is_closed", True):
            return
        with self._lock:
            self._is_closed = True
            close_all(self)

    def _begin(self, *, is_first: bool) -> None:
        with self._rest:
            if self._asking or self._is_closed:
                return
            self._asking += 1
        self._show()
        try:
            threading.Thread(
                target=self._load,
                args=(not is_first,),
                name="tplink-lab panel table",
                daemon=True,
            ).start()
        except RuntimeError:  # no more threads to be had
            self._asking = 0
            raise

    def _load(self, refresh: bool) -> None:
        frame: pd.DataFrame | None = None
        try:
            frame = self._cloud.devices(refresh=refresh).to_frame()
        except Exception as error:  # noqa: BLE001 - told above the table
            self._problem = explain(error).text.replace(
                "panel.last_error", "its .last_error"
            )
            self.last_error = error
        try:
            with self._lock:
                if not self._is_closed:
                    if frame is not None:
                        self._take(frame)
                    self._show(is_asking=False)
        finally:
            with self._rest:
                self._asking = 0
                self._rest.notify_all()

    def _take(self, frame: pd.DataFrame) -> None:
        self._problem = ""
        if self._frame is None:
            self.columns.options = list(frame)
            self.columns.value = COLUMNS
            self.sort.options = list(frame)
            self.sort.value = "alias"
        # Last: the choices above call _show, which must find all of them or no frame.
        self._frame = frame

    def _show(self, *, is_asking: bool | None = None) -> None:
        with self._lock:
            if self._is_closed:
                return
            asking = bool(self._asking) if is_asking is None else is_asking
            trouble = html.escape(self._problem)
            note = f"<p><b>!</b> {trouble}</p>" if trouble else ""
            if self._frame is None:
                self.page.value = note or "… asking for the list"
                return
            shown = self.to_frame()
            self.page.value = note + _page(shown, len(self._frame), asking)
            self.export.value = download(
                shown.to_csv(index=False).encode(),
                "devices.csv",
                "text/csv",
                f"Save as CSV ({len(shown)} rows)",
            )

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        # Names and models only, as the panel's: the rest changes and would be kept.
        if not self._is_closed:
            self.wait(LIST_PATIENCE_S)
        with self._lock:
            frame = self._frame
            bundle = super()._repr_mimebundle_(**kwargs)
        if frame is None:
            text = f"Device table: {self._problem or 'the list has not come yet.'}"
            return bundle_with(bundle, text, f"<p>{html.escape(text)}</p>")
        rows = frame[["alias", "model"]].astype("str").values.tolist()
        caption = f"Device table: {len(rows)} devices. Run the cell to see more."
        page = table(["alias", "model"], rows, caption)
        return bundle_with(bundle, plain_of(page), page)

    def __repr__(self) -> str:
        count = "no list yet" if self._frame is None else f"{len(self._frame)} devices"
        return f"<DeviceTable: {count}>"


_TOLD: dict[object, str] = {True: "● yes", False: "✕ no"}


def _page(shown: pd.DataFrame, of: int, is_asking: bool) -> str:
    names = (
        shown["alias"] if "alias" in shown else [f"row {n + 1}" for n in shown.index]
    )
    cells = [
        [
            _cell(column, value, str(name))
            for column, value in zip(shown.columns, row, strict=True)
        ]
        for name, row in zip(names, shown.astype("object").to_numpy(), strict=True)
    ]
    caption = f"{len(shown)} of {of} devices" + (" … asking" * is_asking)
    return table(list(shown.columns), cells, caption, escape=False)


def _cell(column: str, value: Any, name: str) -> str:
    if pd.isna(value):
        return "-"
    if isinstance(value, bool):
        return _TOLD[value]
    text = html.escape(str(value))
    if column != "app_server_url":
        return text
    return (
        f"<span class='lab-copy'>{copy_button(f'app_server_url of {name}')} "
        f"<span class='lab-copied-text'>{text}</span></span>"
    )
