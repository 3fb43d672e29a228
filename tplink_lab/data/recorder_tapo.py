"""What a recorder asks of a Tapo device: state, signal and power in one request."""

from __future__ import annotations

from typing import NamedTuple

from tplink_lab.devices import Device, smart
from tplink_lab.devices.energy import EnergyReading
from tplink_lab.devices.iot import DeviceState, Kind
from tplink_lab.devices.smart_values import read_energy_usage
from tplink_lab.errors import TPLinkLabError

__all__ = ["TapoAnswer", "ask_tapo"]

METER = "get_energy_usage"


class TapoAnswer(NamedTuple):
    """One sample; ``problem`` is why there is no power although there is a meter."""

    state: DeviceState
    rssi_dbm: int | None
    meter: EnergyReading | None
    problem: TPLinkLabError | None


def ask_tapo(device: Device, has_meter: bool) -> TapoAnswer:
    """Ask once; whoever turns out to be a strip is asked for its outlets too.

    The power of a strip's outlets is not recorded: their meters count energy and
    tell no power (protocol.md §6.1, of the P304M).

    Raises
    ------
    NotSupported
        If it cannot be reached this way.
    TPLinkLabError
        If it cannot be asked, or its answer not be used.
    """
    if device.is_known_strip:
        return TapoAnswer(device.state(), None, None, None)
    meter, problem = None, None
    if not has_meter:
        info = device.info()
    else:
        both = smart.batch([smart.GET_INFO, smart.request(METER)])
        rows = smart.read_rows(device.ask(both), ["get_device_info", METER])
        info = device.learn(smart.read_info(rows[0]))
        try:
            power_w = read_energy_usage(smart.read_result(rows[1], METER)).power_w
        except TPLinkLabError as error:
            problem = error
        else:
            meter = None if power_w is None else EnergyReading(power_w)
    rssi = info.get("rssi")
    plausible = type(rssi) is int and -1000 < rssi < 1000
    is_strip = smart.kind_of(info) is Kind.STRIP
    state = device.state() if is_strip else smart.read_state(info)
    return TapoAnswer(state, rssi if plausible else None, meter, problem)
