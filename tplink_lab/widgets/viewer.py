"""The exchange viewer: what went over the wire, with every secret masked."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tplink_lab.errors import BadInput

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud
    from tplink_lab.cloud.exchange import Exchange

__all__ = ["SHELLS", "ExchangeRow", "command_of", "exchange_rows", "label", "pretty"]

SHELLS = ("bash", "cmd", "powershell", "python")


class ExchangeRow(NamedTuple):
    """One exchange, in a line.

    Attributes
    ----------
    at : str
        When it began, ISO 8601 in UTC, to the millisecond.
    call : str
        The cloud's method.
    url : str
        Where it was sent, without a query.
    status : int or None
        The HTTP status; None if nothing came.
    elapsed_ms : float
        How long it took.
    error : str
        What it ended in; empty if in an answer.
    """

    at: str
    call: str
    url: str
    status: int | None
    elapsed_ms: float
    error: str


def exchange_rows(cloud: Cloud) -> list[ExchangeRow]:
    """Return what the exchange viewer lists, oldest first. Sends nothing.

    Parameters
    ----------
    cloud : Cloud
        The account. It keeps its last 200 exchanges.

    Returns
    -------
    list of ExchangeRow
        ``cloud.exchanges`` holds the same, with requests and answers.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     _ = cloud.devices()
    ...     tl.widgets.exchange_rows(cloud)[0].status
    200
    """
    return [
        ExchangeRow(
            e.at.isoformat(timespec="milliseconds"),
            e.call,
            f"{e.url}{e.path}",
            e.status,
            round(e.elapsed_ms, 1),
            e.error,
        )
        for e in cloud.exchanges
    ]


def label(exchange: Exchange) -> str:
    """Return an exchange in a line of the list."""
    outcome = exchange.error or f"HTTP {exchange.status}"
    local = exchange.at.astimezone().strftime("%H:%M:%S")
    return f"{local}  {exchange.call}  {outcome}  {exchange.elapsed_ms:.0f} ms"


def pretty(value: Any, heading: str) -> str:
    """Return *value* as an indented block with a heading above it."""
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, indent=1, ensure_ascii=False, default=repr)
    )
    return (
        f"<b>{html.escape(heading)}</b><pre tabindex='0' role='region' "
        f"aria-label='{html.escape(heading, quote=True)}'>{html.escape(text)}</pre>"
    )


def command_of(exchange: Exchange, shell: str) -> str:
    """Return the command, or why there is none."""
    try:
        return exchange.as_curl(shell)
    except BadInput as error:
        return str(error)
