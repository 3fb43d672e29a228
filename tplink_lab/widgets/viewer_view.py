"""The exchange viewer as a widget: a list, and what was asked and answered."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw  # type: ignore[import-untyped]

from tplink_lab.widgets.pieces import bundle_with, copied_text, plain_of, style, table
from tplink_lab.widgets.view import close_all
from tplink_lab.widgets.viewer import (
    SHELLS,
    command_of,
    exchange_rows,
    label,
    pretty,
)

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud
    from tplink_lab.cloud.exchange import Exchange

__all__ = ["ExchangeViewer"]

STYLE = style(""".tplink-lab-viewer select { color: var(--jp-ui-font-color1, inherit);
  background-color: var(--jp-layout-color1, transparent); }
.tplink-lab-viewer .lab-list { width: 100%; max-width: 44em; margin-left: 0; }""")


class ExchangeViewer(ipw.VBox):  # type: ignore[misc]
    """The last exchanges, newest first; made by ``tl.widgets.exchange_viewer``."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._shown: list[Exchange] = []
        self._is_closed = False
        wide = {"description_width": "5.5em"}
        self.filter = ipw.Text(
            description="Filter",
            placeholder="part of a call's name",
            continuous_update=True,
            tooltip="Show only the calls whose line holds this",
            style=wide,
        )
        self.reload = ipw.Button(
            description="Look again",
            tooltip="Show what went over the wire since; sends nothing",
        )
        self.list = ipw.Select(
            description="Exchange",
            rows=7,
            tooltip="The exchanges, newest first",
            style=wide,
            _dom_classes=["lab-list"],
        )
        self.shell = ipw.Dropdown(
            description="Shell",
            options=SHELLS,
            tooltip="Where the command will be pasted",
            style=wide,
        )
        self.facts = ipw.HTML(_dom_classes=["lab-wide", "lab-facts"])
        self.body = ipw.HTML(_dom_classes=["lab-wide", "lab-body"])
        self.command = ipw.HTML(_dom_classes=["lab-wide", "lab-command"])
        sheet = ipw.HTML(STYLE)
        sheet.layout.display = "none"
        bar = ipw.HBox([self.filter, self.reload], _dom_classes=["lab-line"])
        super().__init__(
            [sheet, bar, self.list, self.facts, self.body, self.shell, self.command]
        )
        self.add_class("tplink-lab").add_class("tplink-lab-viewer")
        self.reload.on_click(lambda _: self.refresh())
        self.filter.observe(lambda _: self._fill(), "value")
        self.list.observe(lambda _: self._show(), "index")
        self.shell.observe(lambda _: self._show_command(), "value")
        self.refresh()

    @property
    def exchange(self) -> Exchange | None:
        """The one that is shown; None if there is none."""
        index = self.list.index
        return None if index is None else self._shown[index]

    def refresh(self) -> None:
        """List what went over the wire by now. Sends nothing."""
        self._fill()

    def close(self) -> None:
        """Remove the widget from the page."""
        if not getattr(self, "_is_closed", True):
            self._is_closed = True
            close_all(self)

    def _fill(self) -> None:
        wanted = self.filter.value.strip().casefold()
        fits = [e for e in self._cloud.exchanges if wanted in label(e).casefold()]
        kept = self.exchange
        is_newest = self.list.index in (None, 0)
        self._shown = fits[::-1]
        # Options are told apart by their number: two lines may read the same.
        count = len(self._shown)
        lines = [(f"{count - n}. {label(e)}", n) for n, e in enumerate(self._shown)]
        self.list.options = lines
        if lines:
            stays = kept in self._shown and not is_newest
            self.list.index = self._shown.index(kept) if stays and kept else 0
        self._show()

    def _show(self) -> None:
        found = self.exchange
        if found is None:
            self.facts.value = "Nothing went over the wire yet, or nothing fits."
            self.body.value = self.command.value = ""
            return
        where = html.escape(f"{found.verb} {found.url}{found.path}")
        signed = f", signed as {found.signed_as}" if found.signed_as else ""
        token = f", token in the {found.auth}" if found.auth else ", no token"
        self.facts.value = (
            f"<code>{where}</code><br><span class='lab-small'>"
            f"{html.escape(found.at.isoformat(timespec='milliseconds'))}, "
            f"{found.elapsed_ms:.1f} ms{html.escape(token + signed)}</span>"
        )
        outcome = found.error or f"HTTP {found.status}"
        self.body.value = pretty(found.request, "Request") + pretty(
            found.answer, f"Answer ({outcome})"
        )
        self._show_command()

    def _show_command(self) -> None:
        if self.exchange is not None:
            text = command_of(self.exchange, self.shell.value)
            self.command.value = copied_text(text, f"the {self.shell.value} command")

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        # Without times and addresses: they would differ at every run.
        rows = [
            [r.call, r.error or f"HTTP {r.status}"] for r in exchange_rows(self._cloud)
        ]
        caption = f"Exchange viewer: {len(rows)} exchanges, oldest first. "
        caption += "cloud.exchanges holds their requests and answers."
        page = table(["call", "outcome"], rows, caption)
        return bundle_with(super()._repr_mimebundle_(**kwargs), plain_of(page), page)

    def __repr__(self) -> str:
        return f"<ExchangeViewer: {len(self._shown)} exchanges>"
