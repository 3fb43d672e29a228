"""The data room: pandas frames, with units in the column names.

Frames of all devices come from methods of the list (``cloud.devices().info()``);
what is here works on any samples.
"""

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
from tplink_lab.data.sweep import sweep
from tplink_lab.data.tariff import Tariff
from tplink_lab.data.usage import (
    Baseline,
    baseline,
    day_profile,
    on_cycles,
    week_profile,
)
from tplink_lab.data.versions import firmware_frame

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
    "on_cycles",
    "raw_frame",
    "runtime_frame",
    "schedules_frame",
    "sweep",
    "typed",
    "week_profile",
    "wifi_frame",
]
