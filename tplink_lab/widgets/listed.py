"""The device table without widgets: which devices, which columns, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tplink_lab.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from tplink_lab.cloud import Cloud

__all__ = ["COLUMNS", "device_rows", "narrowed"]

# What is shown at first. The rest, ids among them, waits to be chosen.
COLUMNS = ("alias", "model", "online", "app_server_url", "fw_version")


def device_rows(
    cloud: Cloud,
    *,
    columns: Sequence[str] = COLUMNS,
    sort_by: str = "alias",
    descending: bool = False,
    contains: str = "",
) -> pd.DataFrame:
    """Return what the device table shows, as a frame.

    One request for the list, if the cloud has none yet.

    Parameters
    ----------
    cloud : Cloud
        The account.
    columns : sequence of str
        Which columns of ``cloud.devices().to_frame()``, in this order.
    sort_by : str
        The column to sort by; what it lacks comes last.
    descending : bool
        Whether the largest comes first.
    contains : str
        Only the devices of which a shown column holds this; capitals do not matter.

    Returns
    -------
    DataFrame
        *columns*, with the dtypes of :func:`tplink_lab.data.device_frame`.

    Raises
    ------
    BadInput
        If there is no such column.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     tl.widgets.device_rows(cloud, contains="strip")["alias"].tolist()
    ['Desk Strip', 'Media Strip', 'Shelf Strip']
    """
    frame = cloud.devices(refresh=False).to_frame()
    return narrowed(
        frame, columns, sort_by=sort_by, descending=descending, contains=contains
    )


def narrowed(
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    sort_by: str,
    descending: bool,
    contains: str,
) -> pd.DataFrame:
    """Return the rows of *frame* that fit, sorted, with *columns* only."""
    for name in (*columns, sort_by):
        if name not in frame:
            raise BadInput(
                f"There is no column {name!r}.",
                call="device_rows",
                next_step=f"Choose from {', '.join(map(str, frame.columns))}.",
            )
    found = frame.sort_values(
        sort_by,
        ascending=not descending,
        kind="stable",
        na_position="last",
        # An ordered category (fw_version) sorts by its order, a name without capitals.
        key=lambda c: c.str.lower() if c.dtype == "str" else c,
    )[list(columns)]
    wanted = contains.strip().casefold()
    if wanted:
        texts = found.astype("object").map(lambda v: str(v).casefold())
        fits = texts.apply(lambda c: c.str.contains(wanted, regex=False))
        found = found[fits.any(axis=1)]
    return found.reset_index(drop=True)
