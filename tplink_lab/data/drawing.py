"""What all plots share: looks that survive colour blindness and greyscale, and words.

Colours of text, axes and background are the theme's (``rcParams``), so a plot works
on a light page and on a dark one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike, fspath
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from tplink_lab.errors import BadInput

__all__ = ["alt_text", "save", "table"]

# Okabe and Ito's colours, told apart by all kinds of colour vision; of middling
# lightness, so that they show on black and on white. In greyscale the line style, the
# marker or the hatch tells who is who.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "++")
# More than these are added up as "others": nobody tells seven patterns apart.
MOST_SERIES = len(COLORS)
OTHERS = "others"


class _Behind(NamedTuple):
    alt: str
    table: pd.DataFrame


_BEHIND: WeakKeyDictionary[Axes, _Behind] = WeakKeyDictionary()


def alt_text(ax: Axes) -> str:
    """Return what a plot shows, in words, for those who do not see it.

    Parameters
    ----------
    ax : matplotlib Axes
        As a function of this room returned it.

    Raises
    ------
    BadInput
        If it was drawn by something else.

    Examples
    --------
    >>> import pandas as pd, tplink_lab as tl
    >>> at = pd.date_range("2026-11-01", periods=3, freq="min", tz="UTC")
    >>> tl.plots.alt_text(tl.plots.power(pd.Series(60.0, at)))[-36:]
    '02 (UTC): power between 60 and 60 W.'
    """
    return _behind(ax).alt


def table(ax: Axes) -> pd.DataFrame:
    """Return a copy of the numbers that a plot shows.

    Parameters
    ----------
    ax : matplotlib Axes
        As a function of this room returned it.

    Raises
    ------
    BadInput
        If it was drawn by something else.

    Examples
    --------
    >>> import pandas as pd, tplink_lab as tl
    >>> at = pd.date_range("2026-11-01", periods=3, freq="min", tz="UTC")
    >>> tl.plots.table(tl.plots.power(pd.Series(60.0, at)))
        name                        at  power_w
    0  power 2026-11-01 00:00:00+00:00     60.0
    1  power 2026-11-01 00:01:00+00:00     60.0
    2  power 2026-11-01 00:02:00+00:00     60.0
    """
    return _behind(ax).table.copy()


def save(ax: Axes, path: str | PathLike[str], **options: Any) -> None:
    """Save the figure of a plot, with its alt text in the file's metadata.

    Parameters
    ----------
    ax : matplotlib Axes
        As a function of this room returned it.
    path : str or path
        Ends in ``.png``, ``.svg`` or ``.pdf``.
    **options
        For ``Figure.savefig``, as ``dpi=150``.

    Raises
    ------
    BadInput
        If *path* ends otherwise.

    Examples
    --------
    >>> import tempfile, pandas as pd, tplink_lab as tl
    >>> at = pd.date_range("2026-11-01", periods=3, freq="min", tz="UTC")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = tl.plots.save(tl.plots.power(pd.Series(60.0, at)), f"{folder}/a.png")
    """
    name = fspath(path)
    key = {"png": "Description", "svg": "Description", "pdf": "Subject"}.get(
        name.rsplit(".", 1)[-1].lower()
    )
    if key is None:
        raise BadInput(
            f"{name!r} has no ending that can carry the alt text.",
            call="plots.save",
            next_step="Use .png, .svg or .pdf.",
        )
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.savefig(name, metadata={key: alt_text(ax)}, **options)


def canvas(ax: Axes | None, rows: int | None = None) -> Axes:
    """Return *ax*, or a new one; as high as so many named rows need."""
    if ax is not None:
        return ax
    height = 3.6 if rows is None else min(1.4 + 0.28 * max(rows, 2), 30)
    return plt.subplots(figsize=(7.2, height), layout="constrained")[1]


def finish(ax: Axes, title: str, alt: str, behind: pd.DataFrame) -> Axes:
    """Write the title, and keep words and numbers for whoever asks."""
    ax.set_title(title, loc="left", fontsize="medium")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    _BEHIND[ax] = _Behind(alt, behind)
    return ax


def empty(ax: Axes, title: str, why: str, behind: pd.DataFrame) -> Axes:
    """Say in the picture that there is nothing to show, and why."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.text(0.5, 0.5, why, ha="center", va="center", transform=ax.transAxes)
    return finish(ax, title, f"{title}. An empty plot: {why}", behind)


def ink() -> str:
    """Return the theme's colour of text."""
    return str(rcParams["text.color"])


def paper() -> str:
    """Return the theme's background of a plot, in which hatches are drawn."""
    return str(rcParams["axes.facecolor"])


def look(number: int) -> dict[str, Any]:
    """Return colour and hatch of the n-th kind of bar."""
    at = number % MOST_SERIES
    return {
        "facecolor": COLORS[at],
        "hatch": HATCHES[at],
        "edgecolor": paper(),
        "linewidth": 0.6,
    }


def legend(ax: Axes, kinds: Sequence[str] | None = None) -> None:
    """Put the legend beside the plot, where it hides nothing.

    *kinds* names kinds of bars, whether each is there or not.
    """
    handles = ax.get_legend_handles_labels()[0]
    if kinds is not None:
        handles = [Patch(label=kind, **look(n)) for n, kind in enumerate(kinds)]
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(1.01, 1),
        borderaxespad=0,
        fontsize="small",
    )


def name_rows(ax: Axes, names: Iterable[str]) -> None:
    """Name horizontal rows, the first on top."""
    shown = [name if len(name) <= 28 else f"{name[:27]}…" for name in names]
    # A dollar sign in an alias is no formula.
    ax.set_yticks(range(len(shown)), [s.replace("$", r"\$") for s in shown])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)


def need(frame: pd.DataFrame, columns: Iterable[str], call: str, hint: str) -> None:
    """Refuse a frame that lacks a column.

    Raises
    ------
    BadInput
        With what would make such a frame.
    """
    found = getattr(frame, "columns", ())
    missing = [column for column in columns if column not in found]
    if missing:
        raise BadInput(
            f"The frame has no {' and no '.join(missing)}.",
            call=f"plots.{call}",
            next_step=hint,
        )


def whose(frame: pd.DataFrame) -> pd.Series[str]:
    """Return each row's name: the device, and its outlet if it is one."""
    # A sweep calls it alias, a history device; there no outlet is an empty text.
    named = next((key for key in ("alias", "device") if key in frame), None)
    if named is None:
        return pd.Series("energy", frame.index, dtype="str")
    name = frame[named].astype("str")
    if "outlet" not in frame:
        return name
    outlet = frame["outlet"].astype("str")
    return name.where(outlet.isna() | (outlet == ""), name + ": " + outlet)


def _behind(ax: Axes) -> _Behind:
    found = _BEHIND.get(ax)
    if found is None:
        raise BadInput(
            "These axes were not drawn by tplink_lab.",
            call="plots",
            next_step="Give what plots.power(...), plots.daily(...) … returned.",
        )
    return found
