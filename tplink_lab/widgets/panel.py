"""The control panel as a widget: buttons that say what they do and what is true."""

from __future__ import annotations

import html
import threading
import weakref
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw  # type: ignore[import-untyped]

from tplink_lab.devices import Device
from tplink_lab.errors import BadInput, NoSuchDevice, TPLinkLabError
from tplink_lab.widgets.bar import Bar, fits, to_turn_off
from tplink_lab.widgets.cells import running_cell, stop_earlier_runs
from tplink_lab.widgets.details import DetailsView
from tplink_lab.widgets.errands import LOOK
from tplink_lab.widgets.plain import Choice, check_choice, chosen
from tplink_lab.widgets.rows import PanelRow, heading, static_html, static_text
from tplink_lab.widgets.said import Said
from tplink_lab.widgets.track import Errand, Target
from tplink_lab.widgets.view import STYLE, RowView, close_all, slug
from tplink_lab.widgets.worker import MIN_REFRESH_S, Beat, Engine, pause_s

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud

__all__ = ["ControlPanel"]

# What the automatic refresh may take, unless told otherwise.
BUDGET_PER_MIN = 60.0
AUTO_REFRESH_S = 30.0

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
        budget_per_min: float = BUDGET_PER_MIN,
    ) -> None:
        if refresh_s is not None and not refresh_s >= MIN_REFRESH_S:
            raise BadInput(
                f"refresh_s is {refresh_s!r}.",
                call="control_panel",
                next_step=f"Give {MIN_REFRESH_S:g} s or more, out of courtesy to the "
                "cloud; the panel's own button refreshes at once.",
            )
        if not budget_per_min > 0:
            raise BadInput(
                f"budget_per_min is {budget_per_min!r}.",
                call="control_panel",
                next_step="Give how many requests a minute the refresh may take.",
            )
        meant = check_choice(devices)
        # Held while the widgets are set, so that an older view never follows a newer.
        self._lock = threading.RLock()
        self._views: dict[str, dict[Target, RowView]] = {}
        self._names: list[str] = []
        self._beat: Beat | None = None
        self._is_closed = False
        self._rooms: dict[str, str] = {}
        self._headings: dict[str, Any] = {}
        self._engine = Engine(
            lambda: self._load(cloud, meant), self._list_came, self._device_changed
        )
        self._budget = budget_per_min
        self._refresh_s = AUTO_REFRESH_S if refresh_s is None else refresh_s
        self.bar = Bar(
            self._filter,
            self.refresh,
            self._auto,
            self.all_off,
            lambda: len(to_turn_off(self.rows)),
        )
        self._title = self.bar.title
        self._trouble = ipw.HTML(_dom_classes=["lab-trouble"])
        self._trouble.layout.display = "none"
        self._none = ipw.HTML("<i>No row fits the search and the filter.</i>")
        self._none.layout.display = "none"
        self._said = Said()
        self._head = (
            ipw.HTML(STYLE),
            self.bar.box,
            self._trouble,
            self._said.widget,
            self._none,
        )
        self._head[0].layout.display = "none"
        super().__init__(self._head)
        self.add_class("tplink-lab-panel")
        self._cell = running_cell()
        self.refresh()
        stop_earlier_runs(self._cell, _refreshing)
        if refresh_s is not None:
            self.bar.auto.value = True
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

    def details(self, name: str) -> DetailsView:
        """Open the details of a device, and return their controls by name.

        Parameters
        ----------
        name : str
            The device's alias or its id.

        Returns
        -------
        DetailsView
            ``.controls`` is a dict: ``"brightness"``, ``"white"`` (K), ``"colour"``,
            ``"hue"``, ``"saturation"``, ``"effect"``, ``"minutes"``, ``"turn"``,
            ``"start"`` and ``"cancel"``, those the device has, once it has answered;
            ``.energy`` and ``.note`` tell in words.

        Raises
        ------
        NoSuchDevice
            As :meth:`button`.
        """
        button = self.button(name)
        for views in self._views.values():
            for view in views.values():
                if view.button is button:
                    if not view.is_open:
                        view.more.click()
                    return view.details
        raise AssertionError("button() found it")

    def all_off(self) -> None:
        """Turn off all that is on, or may be, and is not locked; nobody is asked.

        Two requests for each: the switch, and the reading that proves it.
        """
        with self._lock:
            switched: list[tuple[str, Target]] = []
            for device in self._engine.devices or []:
                shown = self._engine.rows(device.device_id)
                doomed = to_turn_off([one.row for one in shown])
                for one in shown:
                    if one.row in doomed:
                        self._engine.wish(device.device_id, False, one.target)
                        switched.append((device.device_id, one.target))
            self._said.wait_for_all_off(switched)
            for device_id in {device_id for device_id, _ in switched}:
                self._device_changed(device_id)

    def stop(self) -> None:
        """Stop the automatic refresh; the buttons go on working."""
        beat, self._beat = self._beat, None
        _refreshing.discard(self)
        if beat is not None:
            beat.stop()
            self.bar.auto.value = False
            with self._lock:
                self._show_head()

    def _auto(self, on: bool) -> None:
        if not on:
            self.stop()
        elif self._beat is None and not self._is_closed:
            self._beat = Beat(self._engine, self._refresh_s, self._budget)
            _refreshing.add(self)
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
            for view in (v for views in self._views.values() for v in views.values()):
                for part in (*view.details.controls.values(), view.details.energy):
                    close_all(part)

    # --- what the workers report ----------------------------------------------------

    def _load(self, cloud: Cloud, meant: list[Device | str] | None) -> list[Device]:
        found = chosen(cloud, meant)
        places: dict[str, tuple[str, str]] = {}
        for device in found:
            try:
                places[device.device_id] = (device.home, device.room)
            except TPLinkLabError:
                # The names of rooms are a nicety: without them there is one group.
                places = {}
                break
        homes = {home for home, _ in places.values() if home}
        for device_id, (home, room) in places.items():
            is_one = len(homes) < 2 or not room
            self._rooms[device_id] = room if is_one else f"{home}: {room}"
        return found

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
            self._said.wait_for(device_id, target)
            self._device_changed(device_id)

    def _opened(self, device_id: str, is_open: bool) -> None:
        with self._lock:
            self._engine.look(device_id, LOOK if is_open else None)
            if is_open:
                self._said.wait_for(device_id, details=True)
            self._device_changed(device_id)

    def _do(self, device_id: str, errand: Errand) -> None:
        with self._lock:
            self._engine.do(device_id, errand)
            self._said.wait_for(device_id, details=True)
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
            details = self._engine.details(device_id)
            if one.target is None:
                views[None].apply_details(details)
            if not self._engine.is_at_work(device_id):
                self._said.tell(device_id, one, details)
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
            lambda is_open: self._opened(device_id, is_open),
            lambda errand: self._do(device_id, errand),
            is_outlet=target is not None,
        )

    def _arrange(self) -> None:
        """Put the rows under their rooms: named ones first, by name."""
        groups: dict[str, list[Any]] = {}
        for device_id, views in self._views.items():
            boxes = groups.setdefault(self._rooms.get(device_id, ""), [])
            boxes += [view.box for view in views.values()]
        found: list[Any] = []
        for room in sorted(groups, key=lambda name: (not name, name.casefold())):
            if len(groups) > 1:
                found.append(self._heading(room))
            found += groups[room]
        self.children = (*self._head, *found)

    def _heading(self, room: str) -> Any:
        if room not in self._headings:
            words = html.escape(room or "No room told")
            self._headings[room] = ipw.HTML(
                f"<b role='heading' aria-level='3'>{words}</b>",
                _dom_classes=["lab-room"],
            )
        return self._headings[room]

    def _filter(self) -> None:
        """Show the rows that fit the search and the filter."""
        with self._lock:
            if self._is_closed:
                return
            search, show = self.bar.search.value, self.bar.show.value
            seen_rooms: dict[str, bool] = {}
            for device_id, views in self._views.items():
                room = self._rooms.get(device_id, "")
                shown = {t: v.shown.row for t, v in views.items() if v.shown}
                seen = {t for t, row in shown.items() if fits(row, room, search, show)}
                if seen:
                    seen.add(None)  # an outlet is not seen without its strip
                for target, view in views.items():
                    _display(view.box, target in seen)
                seen_rooms[room] = seen_rooms.get(room, False) or bool(seen)
            for room, label in self._headings.items():
                _display(label, seen_rooms.get(room, False))
            nothing = bool(self._views) and not any(seen_rooms.values())
            _display(self._none, nothing)

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
            cost = self._engine.cost
            pause = pause_s(self._refresh_s, cost, self._budget)
            doing = f"every {pause:g} s, {cost} requests each {doing}"
        self._title.value = (
            f"<b>{words}</b> <span class='lab-small lab-doing'>{doing}</span>"
        )
        self._filter()
        error = self._engine.last_error
        told = [] if problem is None else [problem.text]
        told += [t for t in self._engine.general_trouble if t not in told]
        if error is not None:
            told.append(f"An unexpected {type(error).__name__}: see panel.last_error.")
        trouble = " ".join(told)
        self._trouble.value = (
            f"<span role='alert'><b>!</b> {html.escape(trouble)}</span>"
            if trouble
            else ""
        )
        self._trouble.layout.display = None if trouble else "none"

    # --- what a notebook keeps --------------------------------------------------------

    def _listed(self) -> tuple[list[tuple[str, str, str]] | None, str]:
        devices: list[Device] | None = self._engine.devices
        problem = self._engine.list_problem
        if devices is None:
            return None, problem.text if problem is not None else ""
        rooms = self._rooms
        return [(d.alias, d.model, rooms.get(d.device_id, "")) for d in devices], ""

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


def _display(widget: Any, is_seen: bool) -> None:
    widget.layout.display = None if is_seen else "none"
