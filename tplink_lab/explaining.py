"""``tl.explain``: what a code means, why it comes, and what to do about it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, NamedTuple

from tplink_lab.codes import CLOUD_CODES, IOT_CODES, SMART_CODES, THING_CODES, Known
from tplink_lab.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Explanation", "explain"]

# Who says it, and its codes: the same number means different things to them.
LAYERS: dict[str, dict[int, Known]] = {
    "cloud": CLOUD_CODES,
    "Thing API": THING_CODES,
    "Kasa device": IOT_CODES,
    "Tapo device": SMART_CODES,
}
CONFIDENCE = {
    3: "seen live by two or more independent sources",
    2: "known from two sources",
    1: "known from one source only",
}


class Explanation(NamedTuple):
    """What one code means to one layer.

    Attributes
    ----------
    code : int
        The number.
    layer : str
        Who says it: ``"cloud"``, ``"Thing API"``, ``"Kasa device"`` …
    message : str
        The words that come with it; they may be translated.
    cause : str
        The likely reason.
    next_step : str
        What to do.
    error : str
        The exception it becomes here.
    confidence : str
        How well it is known.
    """

    code: int
    layer: str
    message: str
    cause: str
    next_step: str
    error: str
    confidence: str


class Explanations(tuple[Explanation, ...]):
    """The meanings of one code, shown as text or as a table."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n\n".join(
            f"{one.code} from the {one.layer}: {one.message}\n"
            f"  why    {one.cause or 'Not known.'}\n"
            f"  do     {one.next_step}\n"
            f"  raised as {one.error}; {one.confidence}"
            for one in self
        )

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def explain(code: int | str | None = None) -> Any:
    """Return what a code means, or the whole table.

    Parameters
    ----------
    code : int or str, optional
        Such as ``-20571``, or the server's words, such as ``"Token expired"``. A
        number may mean one thing to the cloud and another to a device: all are told.

    Returns
    -------
    Explanations or pandas.DataFrame
        For one code a tuple of `Explanation`. Without a code a frame, one row for
        each code and layer, with the columns ``code`` (int64), ``layer``,
        ``message``, ``cause``, ``next_step``, ``error`` and ``confidence`` (all str).

    Raises
    ------
    BadInput
        If neither the number nor the words are known.

    Examples
    --------
    >>> explain(-20651)
    -20651 from the cloud: Token expired
      why    The token is too old, garbled, or missing from the URL.
      do     Log in again with tl.login(...). By hand: see that the token is whole, \
and its variable set in this very window.
      raised as TokenRefused; seen live by two or more independent sources
    >>> explain("Token expired") == explain(-20651)
    True
    >>> len(explain()) > 50
    True
    """
    if code is None:
        return _frame()
    try:
        number = int(str(code))
    except (TypeError, ValueError, OverflowError):
        number = 0
    words = str(code).strip().casefold()
    found = Explanations(
        _row(known, layer, codes[known])
        for layer, codes in LAYERS.items()
        for known in codes
        if known in (number, -abs(number)) or codes[known].message.casefold() == words
    )
    if found:
        return found
    raise BadInput(
        f"No code {code!r} is known.",
        call="explain",
        next_step="tl.explain() lists those that are; the server's own words, in the "
        "error's server_text, are all there is for others.",
    )


def _row(number: int, layer: str, known: Known) -> Explanation:
    return Explanation(
        number,
        layer,
        known.message,
        known.cause,
        known.next_step,
        known.kind.__name__,
        CONFIDENCE[known.confidence],
    )


def _frame() -> pd.DataFrame:
    import pandas as pd

    rows = [
        _row(number, layer, known)
        for layer, codes in LAYERS.items()
        for number, known in sorted(codes.items(), reverse=True)
    ]
    return pd.DataFrame(rows, columns=list(Explanation._fields))
