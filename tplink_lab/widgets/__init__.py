"""Widgets for notebooks, and their twins without widgets.

>>> import tplink_lab as tl
>>> cloud = tl.practice()
>>> panel = tl.widgets.control_panel(cloud)
>>> panel.wait()
True
>>> panel.button("Desk Lamp").click()
>>> panel.wait(), cloud.practice.state("Desk Lamp")["on"]
(True, True)
>>> panel.close(); cloud.close()
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tplink_lab.cloud.transport import TIMEOUT_S
from tplink_lab.errors import TPLinkLabError
from tplink_lab.widgets.listed import device_rows
from tplink_lab.widgets.more import device_table, exchange_viewer, power_monitor
from tplink_lab.widgets.plain import Choice, panel_rows, switch
from tplink_lab.widgets.power import power_readings
from tplink_lab.widgets.rows import PanelRow
from tplink_lab.widgets.viewer import exchange_rows

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud
    from tplink_lab.widgets.login_form import LoginForm, OnLogin
    from tplink_lab.widgets.panel import ControlPanel

__all__ = [
    "PanelRow",
    "control_panel",
    "device_rows",
    "device_table",
    "exchange_rows",
    "exchange_viewer",
    "login",
    "panel_rows",
    "power_monitor",
    "power_readings",
    "switch",
]


def control_panel(
    cloud: Cloud,
    devices: Choice = None,
    *,
    refresh_s: float | None = None,
    budget_per_min: float = 60.0,
) -> ControlPanel:
    """Return a panel of buttons: a row for each device, and each outlet of a strip.

    It is returned at once and fills itself in the background. What it shows is what
    each device last said: a click asks for an explicit state, shows "busy", and
    afterwards what the device says then. What failed says why, and what to do.

    Parameters
    ----------
    cloud : Cloud
        The account.
    devices : DeviceList, or iterable of Device or str, optional
        Which devices; all of the account by default. Devices that join the account
        later show when the cell is run again.
    refresh_s : float, optional
        Ask every device again after so many seconds, at least 5. Without it the
        panel asks when it is made, when something is clicked, and when "Refresh all"
        is. Running the cell again stops it, as do ``panel.stop()`` and
        ``panel.close()``.
    budget_per_min : float
        How many requests a minute that refresh may take: a refresh costs one for each
        device, four more for each whose details are open, and the pause is as long as
        the budget wants it.

    Returns
    -------
    ControlPanel
        A widget. ``.refresh()``, ``.wait(timeout_s=10)``, ``.rows``,
        ``.button(name, outlet=None)``, ``.details(name)`` (brightness, colour,
        countdown, meter), ``.all_off()``, ``.bar.search``, ``.stop()`` and
        ``.close()`` do in code what hands do.

    Raises
    ------
    TPLinkLabError
        If ipywidgets is not installed.
    BadInput
        If *refresh_s* is below 5, or *devices* holds something else than devices.

    Notes
    -----
    In a place without widgets, and in the saved notebook, a table of names and models
    stands in for it. It holds no states: they would be a lie by the time it is read.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     panel = tl.widgets.control_panel(cloud, ["Desk Lamp"])
    ...     done = panel.wait()
    ...     panel.button("Desk Lamp").click()
    ...     done = panel.wait()
    ...     panel.close()
    >>> panel.rows[0].state
    'on'
    """
    try:
        import ipywidgets  # type: ignore[import-untyped]  # noqa: F401
    except ModuleNotFoundError as error:
        missing = error.name or "ipywidgets"
    else:
        from tplink_lab.widgets.panel import ControlPanel

        return ControlPanel(
            cloud, devices, refresh_s=refresh_s, budget_per_min=budget_per_min
        )
    raise TPLinkLabError(
        f"The control panel needs {missing}, which is not installed.",
        call="control_panel",
        next_step='Run: pip install "tplink-lab[widgets]", then restart the kernel. '
        "tl.widgets.panel_rows(cloud) works without it.",
    )


def login(
    email: str = "",
    *,
    on_login: OnLogin | None = None,
    url: str | None = None,
    remember: bool | str | None = None,
    read_only: bool = False,
    protect: Iterable[str] = (),
    timeout_s: float = TIMEOUT_S,
) -> LoginForm:
    """Return a form to log in with; it hands over a `Cloud`.

    E-mail, password, which app; the code of the second factor if one is asked for. It
    works in the background. Its twin without widgets is ``tl.login``.

    Parameters
    ----------
    email : str
        What stands in the first field.
    on_login : callable, optional
        Called with the cloud, in a worker thread: it may set widgets, not print.
    url, remember, read_only, protect, timeout_s
        As for ``tl.login``; *read_only* and *protect* hold for the practice button's
        cloud too.

    Returns
    -------
    LoginForm
        A widget. ``.cloud`` is the cloud, None until somebody is logged in;
        ``.wait(timeout_s=10)`` waits until nothing is under way, ``.close()`` ends it.

    Raises
    ------
    TPLinkLabError
        If ipywidgets is not installed.

    Notes
    -----
    The password leaves the field's state as soon as the kernel has it, and no state of
    the form, saved or sent, holds it. While it is being typed it is in the page only.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> form = tl.widgets.login()
    >>> form.practice.click()
    >>> form.wait(), form.cloud
    (True, <Cloud you@example.com at practice cloud>)
    >>> form.cloud.close(); form.close()
    """
    try:
        import ipywidgets  # noqa: F401
    except ModuleNotFoundError as error:
        missing = error.name or "ipywidgets"
    else:
        from tplink_lab.widgets.login_form import LoginForm

        return LoginForm(
            email,
            on_login,
            url=url,
            remember=remember,
            read_only=read_only,
            protect=tuple(protect),
            timeout_s=timeout_s,
        )
    raise TPLinkLabError(
        f"The login form needs {missing}, which is not installed.",
        call="login",
        next_step='Run: pip install "tplink-lab[widgets]", then restart the kernel. '
        "tl.login(...) works without it.",
    )
