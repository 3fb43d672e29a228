"""``tplink-lab dashboard``: the control panel and the monitor as a page of their own.

Voilà runs ``dashboard.ipynb`` for every page that is opened, in a kernel of its own,
and shows what comes of it. It listens on this machine only and asks for a token that
it makes at its start; the policy it sends forbids the page to fetch anything from
another host.
"""

from __future__ import annotations

import html
import os
import socket
import sys
import tempfile
import threading
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tplink_lab.errors import TPLinkLabError

if TYPE_CHECKING:
    import argparse

    from tplink_lab.cloud import Cloud
    from tplink_lab.devices import Device

__all__ = ["ACCOUNT", "add_arguments", "command", "open_cloud", "show"]

PAGE = Path(__file__).with_name("dashboard.ipynb")
# Voilà's template names fonts on another host; whoever serves them would learn who
# looks at the page. Its scripts, and the copy buttons, are inline.
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "connect-src 'self'; frame-ancestors 'none'; form-action 'self'"
)
# How the page's kernel learns whose session to resume: an address, never a secret.
ACCOUNT = "TPLINK_LAB_DASHBOARD_ACCOUNT"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to *parser*."""
    parser.description = (
        "Serves the control panel and the power monitor as a web page on this "
        "machine, with a practice cloud unless --account names a saved session."
    )
    parser.add_argument(
        "--account", metavar="EMAIL", help="the saved session to use (tplink-lab login)"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address, open no browser"
    )
    parser.add_argument(
        "--dark", action="store_true", help="light letters on a dark page"
    )


def command(port: int | None, *, is_dark: bool, open_browser: bool) -> list[str]:
    """Return the words that start Voilà.

    Parameters
    ----------
    port : int, optional
        Where it listens; a free one by default.
    is_dark : bool
        Whether the page is dark.
    open_browser : bool
        Whether to open a browser on it.

    Raises
    ------
    TPLinkLabError
        If Voilà is not installed.
    """
    if find_spec("voila") is None:
        raise TPLinkLabError(
            "Voilà is not installed here.",
            call="dashboard",
            next_step='Install it: pip install "tplink-lab[dashboard]"',
        )
    words = [sys.executable, "-m", "tplink_lab.dashboard", str(PAGE)]
    words += [
        "--Voila.ip=127.0.0.1",
        f"--port={port or _free_port()}",
        "--Voila.port_retries=0",
    ]
    words += ["--Voila.auto_token=True", "--show_tracebacks=False"]
    words += [f"--theme={'dark' if is_dark else 'light'}"]
    # A page that was closed takes its kernel along, at the latest after a while.
    words += ["--MappingKernelManager.cull_idle_timeout=600"]
    words += ["--MappingKernelManager.cull_interval=60"]
    return words if open_browser else [*words, "--no-browser"]


def main(argv: list[str]) -> None:
    """Run Voilà with *argv*, and with a policy that its command line cannot take."""
    from voila.app import Voila  # type: ignore[import-untyped]

    ways: list[Path] = []

    class Dashboard(Voila):  # type: ignore[misc]
        def launch_browser(self) -> None:
            # Voilà's own page asks another host for a font, and knows no token. Ours
            # is a file, for what a browser is called with stands in the process list.
            handle, name = tempfile.mkstemp(prefix="tplink-lab-", suffix=".html")
            ways.append(Path(name))
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                url = html.escape(self.display_url)
                file.write(f'<meta http-equiv="refresh" content="0; url={url}">\n')
            page = ways[0].as_uri()
            threading.Thread(target=webbrowser.open, args=[page]).start()

    headers = {"Content-Security-Policy": POLICY}
    try:
        Dashboard.launch_instance(argv, tornado_settings={"headers": headers})
    finally:
        for way in ways:
            way.unlink()


def open_cloud() -> Cloud:
    """Open what the page shows: a saved session, or a practice cloud."""
    import tplink_lab as tl

    account = os.environ.get(ACCOUNT)
    if account:
        return tl.resume(account)
    return tl.practice(clock="running", now=None, offline_after_s=0)


def show() -> None:
    """Show the page's widgets, or the reason why there are none."""
    from IPython.display import HTML, display

    import tplink_lab as tl

    try:
        cloud = open_cloud()
        devices = cloud.devices()
    except TPLinkLabError as error:
        display(str(error))  # type: ignore[no-untyped-call]
        return
    whose = os.environ.get(ACCOUNT) or "practice cloud: no real plug is switched"
    display(HTML(f"<h1>tplink_lab</h1><p>{html.escape(whose)}</p>"))  # type: ignore[no-untyped-call]
    display(tl.widgets.control_panel(cloud, refresh_s=30))  # type: ignore[no-untyped-call]
    metered = [device for device in devices if _may_have_meter(device)]
    display(tl.widgets.power_monitor(metered, every_s=10))  # type: ignore[no-untyped-call]


def _may_have_meter(device: Device) -> bool:
    """Whether it has a meter; one that does not answer is shown, with the reason."""
    try:
        return "energy" in device.capabilities
    except TPLinkLabError:
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main(sys.argv[1:])
