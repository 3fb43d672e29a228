"""A Jupyter lab bench for TP-Link's smart-home cloud (Kasa and Tapo).

>>> import tplink_lab as tl
>>> cloud = tl.practice()              # no account, no plug, no internet
>>> plug = cloud.device("Desk Lamp")
>>> plug.toggle()
True
>>> cloud.close()

With a real account: ``cloud = tl.login("me@example.com")`` asks for the password.
Not affiliated with TP-Link.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tplink_lab import widgets
    from tplink_lab.checkup import doctor
    from tplink_lab.cloud import Cloud, Exchange, Secret
    from tplink_lab.data import Tariff, audit, plots
    from tplink_lab.data.history import History, history
    from tplink_lab.data.recorder import Recorder
    from tplink_lab.devices import Device, DeviceList, parse_firmware
    from tplink_lab.entering import login, logout, resume
    from tplink_lab.errors import TPLinkLabError
    from tplink_lab.explaining import explain
    from tplink_lab.opening import from_token, practice

__version__ = "0.1.0"

__all__ = [
    "Cloud",
    "Device",
    "DeviceList",
    "Exchange",
    "History",
    "Recorder",
    "Secret",
    "TPLinkLabError",
    "Tariff",
    "audit",
    "data",
    "doctor",
    "errors",
    "explain",
    "from_token",
    "history",
    "login",
    "logout",
    "parse_firmware",
    "plots",
    "practice",
    "resume",
    "widgets",
]

# name -> the module it lives in; loaded on first use, so that this import is light.
_HOMES = {
    "Cloud": "cloud",
    "Device": "devices",
    "DeviceList": "devices",
    "Exchange": "cloud",
    "History": "data.history",
    "Recorder": "data.recorder",
    "Secret": "cloud",
    "TPLinkLabError": "errors",
    "Tariff": "data",
    "audit": "data",
    "doctor": "checkup",
    "explain": "explaining",
    "from_token": "opening",
    "history": "data.history",
    "login": "entering",
    "logout": "entering",
    "parse_firmware": "devices",
    "practice": "opening",
    "resume": "entering",
}
_ROOMS = {
    "cloud": "cloud",
    "data": "data",
    "devices": "devices",
    "errors": "errors",
    "plots": "data.plots",
    "widgets": "widgets",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    elif name in _ROOMS:
        value = importlib.import_module(f"{__name__}.{_ROOMS[name]}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


class _Shop(ModuleType):
    """This package: keeps ``tl.practice`` the function.

    The room of that name would replace it, because an import binds a package's
    submodule in its parent. ``from tplink_lab.practice import …`` still works.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name == "practice" and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Shop
