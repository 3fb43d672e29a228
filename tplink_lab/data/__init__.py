"""The data room: pandas frames, with units in the column names.

Frames of all devices come from methods of the list (``cloud.devices().info()``);
what is here works on any samples.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Its module has the same name, and would take its place if it came later.
from tplink_lab.data.sweep import sweep

if TYPE_CHECKING:
    from tplink_lab.data.auditing import audit
    from tplink_lab.data.bands import Band
    from tplink_lab.data.columns import typed
    from tplink_lab.data.counters import CounterEnergy, counter_energy
    from tplink_lab.data.energy import (
        EnergySum,
        energy_by,
        integrate_power,
    )
    from tplink_lab.data.frames import device_frame, raw_frame
    from tplink_lab.data.memories import energy_intervals_frame, runtime_frame
    from tplink_lab.data.meters import (
        energy_daily_frame,
        energy_monthly_frame,
        energy_now_frame,
    )
    from tplink_lab.data.report import Audit, Finding
    from tplink_lab.data.rules import schedules_frame
    from tplink_lab.data.samples import clean_power
    from tplink_lab.data.states import info_frame, wifi_frame
    from tplink_lab.data.tariff import Tariff
    from tplink_lab.data.usage import (
        Baseline,
        baseline,
        day_profile,
        on_cycles,
        week_profile,
    )
    from tplink_lab.data.versions import firmware_frame, is_older

__all__ = [
    "Audit",
    "Band",
    "Baseline",
    "CounterEnergy",
    "EnergySum",
    "Finding",
    "Tariff",
    "audit",
    "baseline",
    "clean_power",
    "counter_energy",
    "day_profile",
    "device_frame",
    "energy_by",
    "energy_daily_frame",
    "energy_intervals_frame",
    "energy_monthly_frame",
    "energy_now_frame",
    "firmware_frame",
    "info_frame",
    "integrate_power",
    "is_older",
    "on_cycles",
    "raw_frame",
    "runtime_frame",
    "schedules_frame",
    "sweep",
    "typed",
    "week_profile",
    "wifi_frame",
]

# name -> the module it lives in; loaded on first use, for a sweep needs no pandas.
_HOMES = {
    "Audit": "report",
    "Band": "bands",
    "Baseline": "usage",
    "CounterEnergy": "counters",
    "EnergySum": "energy",
    "Finding": "report",
    "Tariff": "tariff",
    "audit": "auditing",
    "baseline": "usage",
    "clean_power": "samples",
    "counter_energy": "counters",
    "day_profile": "usage",
    "device_frame": "frames",
    "energy_by": "energy",
    "energy_daily_frame": "meters",
    "energy_intervals_frame": "memories",
    "energy_monthly_frame": "meters",
    "energy_now_frame": "meters",
    "firmware_frame": "versions",
    "info_frame": "states",
    "integrate_power": "energy",
    "is_older": "versions",
    "on_cycles": "usage",
    "raw_frame": "frames",
    "runtime_frame": "memories",
    "schedules_frame": "rules",
    "typed": "columns",
    "week_profile": "usage",
    "wifi_frame": "states",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return __all__
