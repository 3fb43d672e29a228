"""The control panel as a widget: buttons that say what they do and what is true."""

from __future__ import annotations

import html
import threading
import weakref
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw  # type: ignore[import-untyped]

from tplink_lab.devices import Device
from tplink_lab.errors import BadInput, NoSuchDevice
from tplink_lab.widgets.plain import Choice, check_choice, chosen
from tplink_lab.widgets.rows import PanelRow, heading, static_html, static_text
from tplink_lab.widgets.track import Target
from tplink_lab.widgets.view import STYLE, RowView, close_all, slug
from tplink_lab.widgets.worker import MIN_REFRESH_S, Beat, Engine

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud

__all__ = ["ControlPanel"]

# How long a cell may wait, when it shows the panel, for the names of the devices.
LIST_PATIENCE_S = 2.0

# Panels that refresh themselves, to stop the one that an earlier run of a cell made.
_refreshing: weakref.WeakSet[ControlPanel] = weakref.WeakSet()


class ControlPanel(ipw.VBox):  # type: ignore[misc]
    """A row with a button for each device and each outlet of a strip.

    Made by :func:`tplink_lab.widgets.control_panel`, which tells about it.
    """

    def __init__(
        self,
        cloud: Cloud,
        devices: Choice = None,
        *,
        refresh_s: float | None = None,
    ) -> None:
        if refresh_s is not None and not refresh_s >= MIN_REFRESH_S:
            raise BadInput(
                f"refresh_s is {refresh_s!r}.",
                call="control_panel",
                next_step=f"Give {MIN_REFRESH_S:g} s or more, out of courtesy to the "
                "cloud; the panel's own button refreshes at once.",
            )
        meant = check_choice(devices)
        # Held while the widgets are set, so that an older view never follows a newer.
        self._lock = threading.RLock()
        self._views: dict[str, dict[Target, RowView]] = {}
        self._names: list[str] = []
        self._beat: Beat | None = None
        self._is_closed = False
        self._engine = Engine(
            lambda: chosen(cloud, meant), self._list_came, self._device_changed
        )
        self._title = ipw.HTML(_dom_classes=["lab-title"])
        self._button = ipw.Button(
            description="Refresh all",
            tooltip="Ask every device how it is now",
            _dom_classes=["lab-refresh"],
        )
        self._button.on_click(lambda _: self.refresh())
        self._trouble = ipw.HTML(_dom_classes=["lab-trouble"])
        self._trouble.layout.display = "none"
        bar = ipw.HBox([self._title, self._button], _dom_classes=["lab-line"])
        self._head = (ipw.HTML(STYLE), bar, self._trouble)
        self._head[0].layout.display = "none"
        super().__init__(self._head)
        self.add_class("tplink-lab-panel")
        self._refresh_s = refresh_s
        self._cell = _running_cell()
        self.refresh()
        if refresh_s is not None:
            self._stop_earlier_runs()
            self._beat = Beat(self._engine, refresh_s)
            _refreshing.add(self)
        with self._lock:
            self._show_head()

    @property
    def rows(self) -> list[PanelRow]:
        """What is shown now, as :func:`tplink_lab.widgets.panel_rows` gives it."""
        return [
            shown.row
            for device in self._engine.devices or []
            for shown in self._engine.rows(device.device_id)
        ]

    @property
    def last_error(self) -> Exception | None:
        """The last exception that nobody expected; None if all went as foreseen."""
        return self._engine.last_error

    def button(self, name: str, outlet: str | None = None) -> Any:
        """Return a row's button, to press it from code: ``.click()``.

        Parameters
        ----------
        name : str
            The device's alias or its id.
        outlet : str, optional
            The outlet's name or id.

        Raises
        ------
        NoSuchDevice
            If the panel has no such row, or more than one. Outlets have theirs once
            their strip has answered: ``panel.wait()`` waits for that.
        """
        fits = [
            view.button
            for device_id, views in self._views.items()
            for target, view in views.items()
            if view.shown is not None
            and name in (device_id, view.shown.row.alias)
            and (target is None) is (outlet is None)
            and outlet in (None, target, view.shown.row.outlet)
        ]
        if len(fits) == 1:
            return fits[0]
        what = repr(name) if outlet is None else f"{outlet!r} of {name!r}"
        raise NoSuchDevice(
            f"{len(fits) or 'No'} rows of the panel fit {what}.",
            call="button",
            next_step="panel.wait() first, then panel.rows lists them.",
        )

    def refresh(self) -> None:
        """Ask every device how it is, in the background. One request for each.

        A click meanwhile is neither lost nor undone.
        """
        self._engine.refresh()
        with self._lock:
            self._show_head()

    def wait(self, timeout_s: float = 10) -> bool:
        """Wait until nothing is being asked or switched.

        Parameters
        ----------
        timeout_s : float
            How long at most.

        Returns
        -------
        bool
            False if there is still work to do.
        """
        return self._engine.wait(timeout_s)

    def stop(self) -> None:
        """Stop the automatic refresh; the buttons go on working."""
        beat, self._beat = self._beat, None
        _refreshing.discard(self)
        if beat is not None:
            beat.stop()
            with self._lock:
                self._show_head()

    def close(self) -> None:
        """Stop all work, and remove the widget from the page.

        A request that is in flight ends by itself; its answer is not heard.
        """
        # ipywidgets calls this for a panel whose making failed, and again at its end.
        if getattr(self, "_is_closed", True):
            return
        self.stop()
        self._engine.close()
        with self._lock:
            self._is_closed = True
            close_all(self)

    # --- what the workers report ----------------------------------------------------

    def _list_came(self) -> None:
        devices = self._engine.devices or []
        with self._lock:
            if self._is_closed:
                return
            for device in devices:
                self._views.setdefault(device.device_id, {})
                self._show_rows(device.device_id)
            self._arrange()
            self._show_head()

    def _device_changed(self, device_id: str) -> None:
        with self._lock:
            if self._is_closed:
                return
            if self._show_rows(device_id):
                self._arrange()
            self._show_head()

    def _clicked(self, device_id: str, target: Target) -> None:
        with self._lock:
            offer = self._views[device_id][target].offer
            if offer is None:
                self._engine.ask(device_id)
            else:
                self._engine.wish(device_id, offer, target)
            self._device_changed(device_id)

    def _show_rows(self, device_id: str) -> bool:
        """Show a device's rows; return whether there are other ones than before."""
        views = self._views[device_id]
        shown = self._engine.rows(device_id)
        is_new = False
        # A reason that stands above, in the heading or on the strip, is not repeated.
        told = set(self._engine.general_trouble)
        for one in shown:
            if one.target not in views:
                views[one.target] = self._made(device_id, one.target, one.row)
                is_new = True
            views[one.target].apply(one, is_told=one.row.reason in told)
            if one.row.state in ("offline", "failed", "unknown"):
                told.add(one.row.reason)
        for target in views.keys() - {one.target for one in shown}:
            views.pop(target).close()
            is_new = True
        return is_new

    def _made(self, device_id: str, target: Target, row: PanelRow) -> RowView:
        name = slug(f"{row.alias} {row.outlet}", self._names)
        self._names.append(name)
        return RowView(
            name,
            lambda: self._clicked(device_id, target),
            is_outlet=target is not None,
        )

    def _arrange(self) -> None:
        boxes = [v.box for views in self._views.values() for v in views.values()]
        self.children = (*self._head, *boxes)

    def _show_head(self) -> None:
        if self._is_closed:
            return
        devices, problem = self._engine.devices, self._engine.list_problem
        count = self._engine.at_work
        words = "Devices" if devices is None else heading(len(devices))
        if devices is None and problem is None:
            doing = "… asking for the list"
        else:
            doing = f"… asking {count}" if count else ""
        if self._beat is not None:
            doing = f"every {self._refresh_s:g} s {doing}"
        self._title.value = (
            f"<b>{words}</b> <span class='lab-small lab-doing'>{doing}</span>"
        )
        error = self._engine.last_error
        told = [] if problem is None else [problem.text]
        told += [t for t in self._engine.general_trouble if t not in told]
        if error is not None:
            told.append(f"An unexpected {type(error).__name__}: see panel.last_error.")
        trouble = " ".join(told)
        self._trouble.value = f"<b>!</b> {html.escape(trouble)}" if trouble else ""
        self._trouble.layout.display = None if trouble else "none"

    # --- what a notebook keeps --------------------------------------------------------

    def _stop_earlier_runs(self) -> None:
        """Stop the refresh of panels that an earlier run of this cell made."""
        for panel in list(_refreshing):
            if self._cell and panel._cell and panel is not self:
                is_same_cell = panel._cell[0] == self._cell[0]
                if is_same_cell and panel._cell[1] != self._cell[1]:
                    panel.stop()

    def _listed(self) -> tuple[list[tuple[str, str]] | None, str]:
        devices: list[Device] | None = self._engine.devices
        problem = self._engine.list_problem
        if devices is None:
            return None, problem.text if problem is not None else ""
        return [(d.alias, d.model) for d in devices], ""

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        # Only names and models: see static_text. Waits a moment for the names.
        if not self._is_closed:
            self._engine.wait_for_list(LIST_PATIENCE_S)
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs) or {}
        listed = self._listed()
        return bundle | {
            "text/plain": static_text(*listed),
            "text/html": static_html(*listed),
        }

    def __repr__(self) -> str:
        devices = self._engine.devices
        count = "no list yet" if devices is None else heading(len(devices))
        return f"<ControlPanel: {count}>"


def _running_cell() -> tuple[str, str] | None:
    """Return the id of the cell that runs, and of this run of it, if there is one."""
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return None
    ask = getattr(get_ipython(), "get_parent", None)
    parent = ask() if ask is not None else None
    if not isinstance(parent, dict):
        return None
    cell = parent.get("metadata", {}).get("cellId")
    run = parent.get("header", {}).get("msg_id")
    return (str(cell), str(run)) if cell and run else None
