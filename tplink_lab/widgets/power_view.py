"""The power monitor as a widget: live lines, a table, pause, and files to keep."""

from __future__ import annotations

import html
import weakref
from collections.abc import Iterable
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw  # type: ignore[import-untyped]

from tplink_lab.devices import Device
from tplink_lab.errors import BadInput
from tplink_lab.widgets.cells import running_cell, stop_earlier_runs
from tplink_lab.widgets.pieces import bundle_with, download, plain_of, style, table
from tplink_lab.widgets.power import (
    GAP_INTERVALS,
    MAX_WINDOW_S,
    Meter,
    Sampler,
    check_devices,
    check_interval,
    clock_for,
    frame_of,
)
from tplink_lab.widgets.power_chart import chart_png, chart_svg, mark
from tplink_lab.widgets.view import close_all

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PowerMonitor"]

STYLE = style(""".tplink-lab-power svg text { fill: currentColor; }
.tplink-lab-power .lab-chart-box .widget-html-content { overflow: visible; }
/* The picture shrinks with the page, and its letters with it. */
@media (max-width: 600px) { .tplink-lab-power svg text { font-size: 19px; } }""")

_running: weakref.WeakSet[PowerMonitor] = weakref.WeakSet()


class PowerMonitor(ipw.VBox):  # type: ignore[misc]
    """Live power of several plugs; made by ``tl.widgets.power_monitor``."""

    def __init__(
        self,
        devices: Iterable[Device] | Device,
        *,
        every_s: float = 5,
        window_s: float = 600,
    ) -> None:
        check_interval(every_s, "power_monitor")
        if not every_s < window_s <= MAX_WINDOW_S:
            raise BadInput(
                f"window_s is {window_s!r}.",
                call="power_monitor",
                next_step=f"Give more than {every_s:g} and at most {MAX_WINDOW_S:g} s.",
            )
        known = check_devices(devices, "power_monitor")
        self._is_closed = False
        self._sampler = Sampler(
            known, every_s, window_s, _teller(weakref.ref(self)), clock_for(known)
        )
        self.title = ipw.HTML(_dom_classes=["lab-title"])
        self.pause = ipw.Button(tooltip="", _dom_classes=["lab-pause"])
        self.csv = ipw.Button(
            description="Make CSV", tooltip="Make a CSV file of the window, to download"
        )
        self.png = ipw.Button(
            description="Make PNG", tooltip="Make a picture of the window, to download"
        )
        self.saved = ipw.HTML(_dom_classes=["lab-saved"])
        self.chart = ipw.HTML(_dom_classes=["lab-wide", "lab-chart-box"])
        self.table = ipw.HTML(_dom_classes=["lab-wide"])
        sheet = ipw.HTML(STYLE)
        sheet.layout.display = "none"
        bar = ipw.HBox(
            [self.pause, self.csv, self.png, self.saved], _dom_classes=["lab-line"]
        )
        super().__init__([sheet, self.title, bar, self.chart, self.table])
        self.add_class("tplink-lab").add_class("tplink-lab-power")
        self.pause.on_click(lambda _: self.stop() if self.is_running else self.start())
        self.csv.on_click(lambda _: self._offer_csv())
        self.png.on_click(lambda _: self._offer_png())
        self._cell = running_cell()
        stop_earlier_runs(self._cell, _running)
        _stop_on_interrupt()
        self.start()

    @property
    def is_running(self) -> bool:
        """Whether the meters are being asked."""
        return self._sampler.is_running

    @property
    def meters(self) -> list[Meter]:
        """What each device said: ``alias``, ``power_w``, ``peak_w``, ``energy_kwh``."""
        return self._sampler.meters

    @property
    def last_error(self) -> Exception | None:
        """The last exception that nobody expected; None if all went as foreseen."""
        return self._sampler.last_error

    def start(self) -> None:
        """Go on after a pause. The pause stays a gap."""
        if not self._is_closed:
            _running.add(self)
            self._sampler.start()
            self._show()

    def stop(self) -> None:
        """Pause: nothing is asked; what was seen stays."""
        _running.discard(self)
        self._sampler.stop()
        self._show()

    def wait(self, timeout_s: float = 10) -> bool:
        """Wait until each meter has answered once, or said why it does not.

        Parameters
        ----------
        timeout_s : float
            How long at most.

        Returns
        -------
        bool
            False if one was not heard yet: it took too long, or nobody asks.
        """
        return self._sampler.wait(timeout_s)

    def close(self) -> None:
        """Stop, and remove the widget from the page."""
        if getattr(self, "_is_closed", True):
            return
        _running.discard(self)
        self._sampler.stop()
        with self._sampler.lock:
            self._is_closed = True
            close_all(self)

    def to_frame(self) -> pd.DataFrame:
        """Return the readings of the window; see ``tl.widgets.power_readings``."""
        return frame_of(self._sampler)

    def save_csv(self, path: str | Path) -> Path:
        """Write the readings of the window to *path*, as CSV; return it."""
        self.to_frame().to_csv(path, index=False)
        return Path(path)

    def save_png(self, path: str | Path) -> Path:
        """Draw the window to *path*, as PNG; return it."""
        Path(path).write_bytes(self._png())
        return Path(path)

    def _png(self) -> bytes:
        sampler = self._sampler
        with sampler.lock:
            meters = [meter.copy() for meter in sampler.meters]
        # Drawing takes a second, and readings are not to wait for it.
        return chart_png(meters, sampler.window_s, sampler.every_s * GAP_INTERVALS)

    def _offer_csv(self) -> None:
        try:
            frame = self.to_frame()
        except ModuleNotFoundError as error:
            self.saved.value = _needs(error)
            return
        self.saved.value = download(
            frame.to_csv(index=False).encode(),
            "power.csv",
            "text/csv",
            f"Download power.csv ({len(frame)} readings)",
        )

    def _offer_png(self) -> None:
        try:
            picture = self._png()
        except ModuleNotFoundError as error:
            self.saved.value = _needs(error)
            return
        self.saved.value = download(
            picture, "power.png", "image/png", "Download power.png"
        )

    def _show(self) -> None:
        sampler = self._sampler
        with sampler.lock:
            if self._is_closed:
                return
            meters = sampler.meters
            asked = sum(not m.has_none for m in meters)
            a_minute = ceil(60 / sampler.every_s) * asked
            doing = (
                f"every {sampler.every_s:g} s, at most {a_minute} readings a minute"
                if self.is_running
                else "paused"
            )
            self.title.value = (
                f"<b>Live power</b>, last {_span(sampler.window_s)} "
                f"<span class='lab-small'>{doing}</span>"
            )
            self.pause.description = "Pause" if self.is_running else "Go on"
            self.pause.tooltip = (
                "Ask the meters no more" if self.is_running else "Ask the meters again"
            )
            gap_s = sampler.every_s * GAP_INTERVALS
            self.chart.value = chart_svg(meters, sampler.window_s, gap_s)
            self.table.value = _table(meters)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        # Names only: readings saved in a notebook would differ at every run.
        rows = [[m.alias, m.device.model] for m in self.meters]
        caption = f"Power monitor of {len(rows)} devices. Run the cell to see it live."
        page = table(["alias", "model"], rows, caption)
        return bundle_with(super()._repr_mimebundle_(**kwargs), plain_of(page), page)

    def __repr__(self) -> str:
        state = "running" if self.is_running else "stopped"
        return f"<PowerMonitor: {len(self.meters)} devices, {state}>"


def _table(meters: list[Meter]) -> str:
    rows = []
    for number, meter in enumerate(meters):
        if meter.problem is not None:
            now = f"<b>!</b> {html.escape(meter.problem.short)}"
        else:
            now = "…" if meter.power_w is None else f"{meter.power_w:.1f}"
        peak = "-" if meter.peak_w is None else f"{meter.peak_w:.1f}"
        energy = "-" if meter.peak_w is None else f"{meter.energy_kwh:.4f}"
        line = f"{mark(number)} {html.escape(meter.alias)}"
        rows.append([line, now, peak, energy])
    known = [m for m in meters if m.power_w is not None]
    total = f"{sum(m.power_w or 0 for m in known):.1f}" if known else "-"
    missing = len(meters) - len(known)
    note = f" ({missing} not heard)" if missing and known else ""
    energy = f"{sum(m.energy_kwh for m in meters):.4f}"
    rows.append(["All together", total + note, "", energy])
    told = dict.fromkeys(
        m.problem.text for m in meters if m.problem is not None and not m.has_none
    )
    why = "".join(f"<p class='lab-because'><b>!</b> {html.escape(t)}</p>" for t in told)
    columns = ["device", "now [W]", "peak [W]", "energy [kWh]"]
    caption = "Peak and energy count from the start of the monitor; gaps count nothing."
    return table(columns, rows, caption, escape=False) + why


def _span(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"


def _needs(error: ModuleNotFoundError) -> str:
    return (
        f"<b>!</b> This needs {html.escape(error.name or 'more')}: "
        'pip install "tplink-lab[data]"'
    )


def _teller(monitor: weakref.ref[PowerMonitor]) -> Any:
    """Return what the threads call: it holds no monitor that is gone."""

    def tell() -> None:
        found = monitor()
        if found is not None:
            found._show()

    return tell


def _stop_on_interrupt() -> None:
    """Have the kernel's stop button stop the monitors, once."""
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return
    shell = get_ipython()
    if shell is not None and _after_cell not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", _after_cell)


def _after_cell(result: Any) -> None:
    if isinstance(getattr(result, "error_in_exec", None), KeyboardInterrupt):
        for monitor in list(_running):
            monitor.stop()
