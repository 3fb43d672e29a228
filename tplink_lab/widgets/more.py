"""The monitor, the table and the viewer, made only where ipywidgets is installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tplink_lab.devices import Device
from tplink_lab.errors import TPLinkLabError

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud
    from tplink_lab.widgets.listed_view import DeviceTable
    from tplink_lab.widgets.power_view import PowerMonitor
    from tplink_lab.widgets.viewer_view import ExchangeViewer

__all__ = ["device_table", "exchange_viewer", "power_monitor"]


def power_monitor(
    devices: Iterable[Device] | Device, *, every_s: float = 5, window_s: float = 600
) -> PowerMonitor:
    """Return a monitor of the power that several plugs draw, as it is drawn.

    It asks in the background, one request for each device and interval (a strip: one
    for each outlet), and longer apart while the cloud refuses every call. A device
    that fails says why, and the rest go on. Where nothing was heard the line has a
    gap, and no energy is counted.

    Parameters
    ----------
    devices : Device or iterable of Device
        Whom to ask, such as ``cloud.devices()``. One without a meter is told once
        and not asked again.
    every_s : float
        The pause between two readings of a device, in s; 5 to 3600.
    window_s : float
        How much time is shown and kept, in s; a day at most.

    Returns
    -------
    PowerMonitor
        A widget. ``.stop()`` and ``.start()`` pause it, ``.close()`` ends it;
        ``.to_frame()``, ``.save_csv(path)`` and ``.save_png(path)`` keep the window;
        ``.meters`` holds what each device said. Running the cell again stops the one
        before, and interrupting the kernel while a cell runs stops all.

    Raises
    ------
    BadInput
        If an interval is out of bounds, or *devices* holds something else.
    TPLinkLabError
        If ipywidgets is not installed; :func:`power_readings` works without it.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     monitor = tl.widgets.power_monitor(cloud.device("Fridge"))
    ...     monitor.close()
    """
    made = _made("power_view", "PowerMonitor", "power_monitor", "power_readings")
    monitor: PowerMonitor = made(devices, every_s=every_s, window_s=window_s)
    return monitor


def device_table(cloud: Cloud) -> DeviceTable:
    """Return a table of the account's devices to sort, filter, copy from and export.

    Parameters
    ----------
    cloud : Cloud
        The account. The list is asked for in the background.

    Returns
    -------
    DeviceTable
        A widget. ``.to_frame()`` gives what is shown; ``.refresh()``, ``.wait()`` and
        ``.close()`` do in code what hands do.

    Raises
    ------
    TPLinkLabError
        If ipywidgets or pandas is not installed.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     shown = tl.widgets.device_table(cloud)
    ...     shown.wait(), shown.to_frame()["alias"].iloc[0]
    ...     shown.close()
    (True, 'Closet Switch')
    """
    made = _made("listed_view", "DeviceTable", "device_table", "device_rows")
    table: DeviceTable = made(cloud)
    return table


def exchange_viewer(cloud: Cloud) -> ExchangeViewer:
    """Return a viewer of what went over the wire, with every secret masked.

    It sends nothing. The command under an exchange repeats it from a shell, with the
    token read from ``TPL_TOKEN``; a button copies it.

    Parameters
    ----------
    cloud : Cloud
        The account. It keeps its last 200 exchanges.

    Returns
    -------
    ExchangeViewer
        A widget. ``.exchange`` is the one shown; ``.refresh()`` looks again.

    Raises
    ------
    TPLinkLabError
        If ipywidgets is not installed; :func:`exchange_rows` works without it.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     _ = cloud.devices()
    ...     viewer = tl.widgets.exchange_viewer(cloud)
    ...     viewer.exchange.status
    ...     viewer.close()
    200
    """
    made = _made("viewer_view", "ExchangeViewer", "exchange_viewer", "exchange_rows")
    viewer: ExchangeViewer = made(cloud)
    return viewer


def _made(module: str, name: str, call: str, twin: str) -> Any:
    try:
        return getattr(import_module(f"tplink_lab.widgets.{module}"), name)
    except ModuleNotFoundError as error:
        missing = error.name or "ipywidgets"
    raise TPLinkLabError(
        f"{call} needs {missing}, which is not installed.",
        call=call,
        next_step='Run: pip install "tplink-lab[widgets,data]", then restart the '
        f"kernel. tl.widgets.{twin} does the same without widgets.",
    )
