"""One row of the panel as ipywidgets, and the panel's style."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection

import ipywidgets as ipw  # type: ignore[import-untyped]

from tplink_lab.widgets.details import DetailsView
from tplink_lab.widgets.pieces import SHEET
from tplink_lab.widgets.rows import LOCKED, NO_SWITCH, shape_and_words
from tplink_lab.widgets.track import Details, Errand, Shown

__all__ = ["STYLE", "RowView", "close_all", "slug"]

# Words are in the theme's own text colour, which is legible in light and dark; only
# the shapes are coloured. Fallbacks serve pages without JupyterLab's variables.
STYLE = (
    SHEET
    + """
.tplink-lab-panel { max-width: 60em; padding-right: 4px; }
.tplink-lab-panel .lab-line { flex-wrap: wrap; align-items: center; gap: 0 8px;
  min-height: 34px; }
.tplink-lab-panel .lab-row { overflow: visible; padding: 1px 0;
  border-top: 1px solid var(--jp-border-color2, #8886); }
.tplink-lab-panel .lab-outlet .lab-who { padding-left: 1.6em; }
.tplink-lab-panel .lab-who { flex: 1 1 12em; min-width: 0; margin: 0; }
.tplink-lab-panel .lab-state { flex: 0 1 17em; min-width: 8em; margin: 0; }
.tplink-lab-panel .lab-state .widget-html-content { padding-left: 1.6em;
  text-indent: -1.6em; }
.tplink-lab-panel .lab-title { margin: 0 8px 0 0; }
.tplink-lab-panel .lab-trouble { margin: 4px 0 8px 0; }
.tplink-lab-panel .lab-heard { flex: 0 0 8em; margin: 0; }
.tplink-lab-panel .lab-why { margin: 0 0 6px 1.6em; }
.tplink-lab-panel .widget-html-content, .tplink-lab-panel .jupyter-widgets
  .widget-html-content { line-height: 1.4; align-self: center;
  color: var(--jp-ui-font-color1, inherit); overflow-wrap: anywhere;
  white-space: normal; }
.tplink-lab-panel button.lab-toggle { flex: 0 0 auto; width: 8.5em; }
.tplink-lab-panel button.lab-toggle:disabled { opacity: 1;
  color: var(--jp-ui-font-color2, inherit); background: transparent;
  border: 1px dashed var(--jp-border-color1, #888); }
.tplink-lab-panel button:focus-visible {
  outline: 2px solid var(--jp-brand-color1, #1976d2); outline-offset: 1px; }
.tplink-lab-panel .lab-room { margin: 10px 0 2px 0; }
.tplink-lab-panel .lab-bar { overflow: visible; }
.tplink-lab-panel .lab-bar .lab-title { flex: 1 1 14em; }
.tplink-lab-panel .lab-auto { width: auto; margin: 0; }
.tplink-lab-panel .lab-search { flex: 1 1 16em; width: auto; max-width: 24em; }
.tplink-lab-panel .lab-search > label, .tplink-lab-panel .lab-show > label {
  width: 4em; text-align: left; }
.tplink-lab-panel .lab-show { width: 14em; }
.tplink-lab-panel .lab-confirm { border: 2px solid var(--jp-warn-color1, #b45309);
  padding: 0 8px; margin: 4px 0; }
.tplink-lab-panel button { width: auto; }
.tplink-lab-panel button.lab-more { flex: 0 0 auto; width: 7em; }
.tplink-lab-panel .lab-more-none { visibility: hidden; }
@media (max-width: 800px) { .tplink-lab-panel .lab-outlet .lab-heard,
  .tplink-lab-panel .lab-more-none { display: none; } }
.tplink-lab-panel .lab-details { overflow: visible; margin: 0 0 6px 1.6em;
  padding: 2px 0 2px 8px; border-left: 3px solid var(--jp-border-color1, #888); }
.tplink-lab-panel .lab-details .widget-inline-hbox { width: 13em;
  max-width: 100%; flex: 0 0 auto; }
.tplink-lab-panel .lab-details .lab-note, .tplink-lab-panel .lab-details .lab-energy {
  width: auto; }
.tplink-lab-panel .lab-details .widget-inline-hbox > label { width: auto;
  flex: 1 1 auto; text-align: left; }
.tplink-lab-panel .lab-details .widget-inline-hbox input,
.tplink-lab-panel .lab-details .widget-inline-hbox select { flex: 0 0 4.8em; }
.tplink-lab-panel .lab-details .lab-colour select { flex: 0 0 7em; }
.tplink-lab-panel .widget-dropdown select { appearance: auto; padding-right: 2px;
  background-image: none; }
.tplink-lab-panel .lab-none { visibility: hidden; }
.tplink-lab-panel .lab-unseen { position: absolute; width: 1px; height: 1px;
  margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.tplink-lab-panel .lab-small { color: var(--jp-ui-font-color2, inherit);
  font-size: var(--jp-ui-font-size1, 13px); }
.tplink-lab-panel .lab-because { font-size: var(--jp-ui-font-size1, 13px); }
.tplink-lab-panel .lab-shape { display: inline-block; width: 1.6em;
  text-indent: 0; font-weight: bold; }
.tplink-lab-panel .lab-shape-on { color: var(--jp-success-color1, #388e3c); }
.tplink-lab-panel .lab-shape-busy { color: var(--jp-brand-color1, #1976d2); }
.tplink-lab-panel .lab-shape-failed, .tplink-lab-panel .lab-shape-offline,
.tplink-lab-panel .lab-shape-unknown { color: var(--jp-error-color1, #d32f2f); }
</style>"""
)


class RowView:
    """The widgets of one row.

    Parameters
    ----------
    name : str
        The row's part of the CSS classes, such as ``"desk-lamp"``.
    clicked : callable
        Called when the button is pressed.
    opened : callable
        Called with whether the details are open now.
    do : callable
        Takes what a control of the details shall do.
    is_outlet : bool
        Whether it stands indented, under its strip.
    """

    def __init__(
        self,
        name: str,
        clicked: Callable[[], None],
        opened: Callable[[bool], None],
        do: Callable[[Errand], None],
        *,
        is_outlet: bool,
    ) -> None:
        self.name = name
        self.is_open = False
        self.offer: bool | None = None
        self.shown: Shown | None = None
        self.who = ipw.HTML(_dom_classes=["lab-who"])
        self.state = ipw.HTML(_dom_classes=["lab-state", f"lab-state-{name}"])
        self.button = ipw.Button(
            tooltip="Ask", _dom_classes=["lab-toggle", f"lab-toggle-{name}"]
        )
        self.heard = ipw.HTML(_dom_classes=["lab-heard"])
        self.more = ipw.Button(
            description="Details",
            tooltip="Details",
            _dom_classes=["lab-more", f"lab-more-{name}"],
        )
        if is_outlet:
            self.more.disabled = True
            self.more.add_class("lab-more-none")
        self.details = DetailsView(name, do)
        self.why = ipw.HTML(_dom_classes=["lab-why", f"lab-why-{name}"])
        self.why.layout.display = "none"
        line = ipw.HBox(
            [self.who, self.state, self.button, self.heard, self.more],
            _dom_classes=["lab-line"],
        )
        classes = ["lab-row", f"lab-row-{name}", *(["lab-outlet"] * is_outlet)]
        self.box = ipw.VBox([line, self.why, self.details.box], _dom_classes=classes)
        self.button.on_click(lambda _: clicked())
        self._opened = opened
        self.more.on_click(lambda _: self._toggle())

    def _toggle(self) -> None:
        self.is_open = not self.is_open
        self.more.description = "Hide" if self.is_open else "Details"
        self._opened(self.is_open)
        self.details.show(self.is_open)

    def apply_details(self, details: Details) -> None:
        """Show the details, if they are open."""
        if self.is_open and self.shown is not None:
            row = self.shown.row
            self.details.apply(row.alias, details, locked=row.locked)

    def apply(self, shown: Shown, *, is_told: bool = False) -> None:
        """Show *shown*; only what differs travels to the browser.

        *is_told*: the reason stands above already. A switch that failed while the
        state is known is explained on its own row all the same.
        """
        self.shown, self.offer = shown, shown.offer
        row = shown.row
        name = row.outlet or row.alias
        self.who.value = (
            f"{_bold(name)} <span class='lab-small'>"
            f"{'outlet' if row.outlet else html.escape(row.model)}</span>"
        )
        verb = "Hide details" if self.is_open else "Details"
        self.more.tooltip = f"{verb} of {row.alias}: light, countdown and meter"
        shape, words = shape_and_words(row, shown.doing, shown.was)
        kind = row.state.replace(" ", "-")
        lock = " <span class='lab-small'>▣ locked</span>" if _is_locked(shown) else ""
        self.state.value = (
            f"<span class='lab-shape lab-shape-{kind}' aria-hidden='true'>{shape}"
            f"</span><span class='lab-words'>{html.escape(words)}</span>{lock}"
        )
        self.heard.value = (
            "<span class='lab-small' title='When the device last said something'>"
            f"heard {html.escape(shown.heard_at)}</span>"
            if shown.heard_at and not row.outlet
            else ""
        )
        self._apply_button(shown, f"{name} of {row.alias}" if row.outlet else name)
        is_told = is_told and row.state not in ("on", "off")
        # Of these the words beside the name tell all there is.
        reason = "" if is_told or row.reason in (LOCKED, NO_SWITCH) else row.reason
        mark = "" if row.state == "not switchable" else "<b>!</b> "
        self.why.value = (
            f"<span class='lab-because'>{mark}{html.escape(reason)}</span>"
            if reason
            else ""
        )
        self.why.layout.display = None if reason else "none"

    def _apply_button(self, shown: Shown, name: str) -> None:
        if shown.row.state == "not switchable":
            words, tooltip = "Not switchable", f"{name} cannot be switched here"
            self.button.add_class("lab-none")
        elif _is_locked(shown):
            words, tooltip = "Locked", f"{name} is locked. {LOCKED}"
        elif shown.offer is None:
            words, tooltip = "Ask again", f"Ask again: is {name} on?"
        else:
            every = "all " if shown.outlets and not shown.row.outlet else ""
            words = f"Turn {every}{'on' if shown.offer else 'off'}"
            tooltip = f"{words}: {name}"
        self.button.description = words
        self.button.tooltip = tooltip
        self.button.disabled = words in ("Locked", "Not switchable")

    def close(self) -> None:
        """Close the widgets of the row."""
        close_all(self.box)


def slug(name: str, taken: Collection[str]) -> str:
    """Return *name* for a CSS class: letters, digits and dashes, unlike all *taken*.

    Examples
    --------
    >>> slug("Desk Lamp", ()), slug("desk lamp!", ("desk-lamp",)), slug("灯", ())
    ('desk-lamp', 'desk-lamp-2', 'device')
    """
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "device"
    found, number = plain, 1
    while found in taken:
        number += 1
        found = f"{plain}-{number}"
    return found


def close_all(widget: ipw.Widget) -> None:
    """Close *widget* and what it is made of: ipywidgets closes only the outermost."""
    for child in getattr(widget, "children", ()):
        close_all(child)
    for part in ("layout", "style"):
        if isinstance(getattr(widget, part, None), ipw.Widget):
            getattr(widget, part).close()
    ipw.Widget.close(widget)


def _bold(text: str) -> str:
    return f"<b>{html.escape(text)}</b>"


def _is_locked(shown: Shown) -> bool:
    return shown.row.locked and shown.row.state != "not switchable"
