"""One sweep: ask the chosen devices once, a few at a time, at a polite pace."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tplink_lab.data.recorder_tapo import ask_tapo
from tplink_lab.data.store_records import DayRow, Failure, Reading, Sweep
from tplink_lab.devices import Device, iot
from tplink_lab.devices.energy import (
    BULB_METER,
    DailyEnergy,
    EnergyReading,
    read_realtime,
)
from tplink_lab.devices.iot import Kind
from tplink_lab.errors import (
    NotSupported,
    RateLimited,
    TPLinkLabError,
    UnusableAnswer,
)

__all__ = ["WORKERS", "Pace", "Sampler"]

WORKERS = 8
PLUG_METER = "emeter"
# No household comes near; more is a broken meter, and would not fit the file.
MOST = 1e9


class Pace:
    """Spread requests evenly, so many a minute at most.

    Parameters
    ----------
    per_minute : float or None
        None for no bound.
    wait : callable
        Takes seconds; returns when they have passed, or earlier to stop.
    now : callable
        A clock in seconds that never goes back.

    Examples
    --------
    >>> waited = []
    >>> pace = Pace(60, waited.append, now=lambda: 0.0)
    >>> for _ in range(3):
    ...     pace.take()
    >>> waited
    [1.0, 2.0]
    """

    def __init__(
        self,
        per_minute: float | None,
        wait: Callable[[float], object],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.gap_s = 60 / per_minute if per_minute else 0.0
        self._wait = wait
        self._now = now
        self._next = now()
        self._guard = threading.Lock()

    def take(self) -> None:
        """Return when the next request may be sent."""
        if not self.gap_s:
            return
        with self._guard:
            now = self._now()
            # What was not used is not saved up: that would be a burst.
            turn = max(self._next, now)
            self._next = turn + self.gap_s
        if turn > now:
            self._wait(turn - now)


@dataclass
class _Plan:
    """What is known about how to ask one device.

    ``meters`` are the modules that may measure: both until it has answered once, one
    or none afterwards. A module that a device lacks costs only its error (§5.1).
    """

    meters: tuple[str, ...] = (PLUG_METER, BULB_METER)
    is_strip: bool = False
    has_tapo_meter: bool | None = None
    left_out: bool = False

    def request(self) -> dict[str, Any]:
        # A strip's meters are per outlet, each with a request of its own (§5.2).
        meters = () if self.is_strip else self.meters
        return {
            **iot.GET_SYSINFO,
            **{module: {"get_realtime": None} for module in meters},
        }


class Sampler:
    """Asks devices for their state and power, one request for each.

    A strip costs one more for each outlet that has a meter. The first sweep learns
    which meter a device has; a device that cannot be talked to says so once and
    is left out from then on.

    Parameters
    ----------
    devices : sequence of Device
        Whom to ask.
    clock : callable
        Gives the moment, as an aware datetime.
    pace : Pace
        When a request may go out.
    stop : threading.Event
        Set: nobody else is asked.
    """

    def __init__(
        self,
        devices: Sequence[Device],
        clock: Callable[[], datetime],
        pace: Pace,
        stop: threading.Event,
    ) -> None:
        self.devices = list(devices)
        self._clock = clock
        self._pace = pace
        self._stop = stop
        self._plans = {device.device_id: _Plan() for device in self.devices}
        self._limited = threading.Event()

    @property
    def left_out(self) -> list[str]:
        """The aliases of the devices that cannot be recorded."""
        return [d.alias for d in self.devices if self._plans[d.device_id].left_out]

    @property
    def was_limited(self) -> bool:
        """Whether the cloud said, in the last sweep, that it is asked too often."""
        return self._limited.is_set()

    def sweep(self) -> Sweep:
        """Ask every device once; one that fails never stops the others."""
        self._limited.clear()
        began = time.monotonic()
        sweep = Sweep(self._clock())
        self._for_each(lambda device: self._sample(device, sweep))
        sweep.took_s = time.monotonic() - began
        # Answers come in any order; what is kept does not depend on it.
        order = {device.device_id: at for at, device in enumerate(self.devices)}
        sweep.readings.sort(key=lambda r: (order[r.device_id], r.outlet_id))
        sweep.failures.sort(key=lambda f: (order[f.device_id], f.outlet_id))
        return sweep

    def days(self, months: Sequence[tuple[int, int]]) -> tuple[list[DayRow], Sweep]:
        """Return the days that devices remember of *months*, and what failed."""
        self._limited.clear()
        found: list[DayRow] = []
        failed = Sweep(self._clock())

        def ask(device: Device) -> None:
            try:
                found.extend(self._days_of(device, months))
            except NotSupported:
                pass  # no meter, no days
            except Exception as error:  # noqa: BLE001 - as for a sweep
                self._failed(device, error, failed)

        self._for_each(ask)
        return found, failed

    def _for_each(self, job: Callable[[Device], None]) -> None:
        todo: queue.SimpleQueue[Device] = queue.SimpleQueue()
        for device in self.devices:
            if not self._plans[device.device_id].left_out:
                todo.put(device)

        def work() -> None:
            while not (self._stop.is_set() or self._limited.is_set()):
                try:
                    device = todo.get_nowait()
                except queue.Empty:
                    return
                job(device)

        # Daemons, so that a kernel can quit while the cloud holds a call.
        crew = [
            threading.Thread(target=work, name="tplink-lab-sampler", daemon=True)
            for _ in range(min(WORKERS, todo.qsize()))
        ]
        for thread in crew:
            thread.start()
        for thread in crew:
            thread.join()

    def _sample(self, device: Device, sweep: Sweep) -> None:
        plan = self._plans[device.device_id]
        try:
            self._read(device, plan, sweep)
        except NotSupported as error:
            plan.left_out = device.dialect != "iot"
            sweep.failures.append(self._failure(device, error))
        except Exception as error:  # noqa: BLE001 - one odd answer must not end a week's recording
            self._failed(device, error, sweep)

    def _failed(self, device: Device, error: Exception, sweep: Sweep) -> None:
        if isinstance(error, RateLimited):
            self._limited.set()
        sweep.failures.append(self._failure(device, error))

    def _read_tapo(self, device: Device, plan: _Plan, sweep: Sweep) -> None:
        if plan.has_tapo_meter is None:
            self._pace.take()
            plan.has_tapo_meter = "energy" in device.capabilities
        self._pace.take()
        state, rssi_dbm, meter, problem = ask_tapo(device, plan.has_tapo_meter)
        name, at = state.alias or device.alias, self._clock()
        sweep.readings.append(
            _reading(device, name, "", name, at, state.is_on, rssi_dbm, meter)
        )
        if problem is not None:
            sweep.failures.append(self._failure(device, problem))
        sweep.readings += [
            _reading(device, name, o.outlet_id, o.alias, at, o.is_on, None, None)
            for o in state.outlets
        ]

    def _read(self, device: Device, plan: _Plan, sweep: Sweep) -> None:
        if device.dialect != "iot":
            self._read_tapo(device, plan, sweep)
            return
        answer = self._asked(device, plan.request())
        at = self._clock()
        info = iot.read_sysinfo(answer)
        kind = iot.kind_of(info)
        state = iot.read_state(info, device.device_id)
        name = state.alias or device.alias
        plan.is_strip = kind is Kind.STRIP
        meter, problem = None, None
        if not plan.is_strip:
            module = BULB_METER if kind.is_light else PLUG_METER
            try:
                meter = _metered(answer, plan, module)
            except TPLinkLabError as error:
                problem = error
        sweep.readings.append(
            _reading(device, name, "", name, at, state.is_on, _rssi(info), meter)
        )
        if problem is not None:
            sweep.failures.append(self._failure(device, problem))
        for outlet in state.outlets:
            if self._stop.is_set():
                return  # no row says more than one without its power
            meter, problem = None, None
            try:
                meter = self._outlet_meter(device, plan, outlet.outlet_id)
            except TPLinkLabError as error:
                problem = error
            o, at = outlet, self._clock()
            sweep.readings.append(
                _reading(device, name, o.outlet_id, o.alias, at, o.is_on, None, meter)
            )
            if isinstance(problem, RateLimited):
                raise problem
            if problem is not None:
                sweep.failures.append(
                    self._failure(device, problem, outlet.outlet_id, outlet.alias)
                )

    def _outlet_meter(
        self, device: Device, plan: _Plan, outlet_id: str
    ) -> EnergyReading | None:
        if not plan.meters:
            return None
        request = {PLUG_METER: {"get_realtime": None}}
        answer = self._asked(device, iot.outlet_request(request, (outlet_id,)))
        return _metered(answer, plan, PLUG_METER)

    def _asked(self, device: Device, request: dict[str, Any]) -> dict[str, Any]:
        self._pace.take()
        return device.ask(request)

    def _days_of(
        self, device: Device, months: Sequence[tuple[int, int]]
    ) -> list[DayRow]:
        self._pace.take()
        state = device.state()
        alias = state.alias or device.alias
        meters = [("", alias, device.energy)]
        if state.outlets:
            meters = [
                (o.outlet_id, o.alias, device.outlet(o.outlet_id).energy)
                for o in state.outlets
            ]
        rows = []
        for outlet_id, name, meter in meters:
            for year, month in months:
                self._pace.take()
                days: list[DailyEnergy] = meter.daily(year, month)
                rows += [
                    DayRow(
                        device.device_id,
                        outlet_id,
                        name,
                        device.model,
                        day.day,
                        day.energy_kwh,
                        self._clock(),
                        alias,
                    )
                    for day in days
                    if 0 <= day.energy_kwh < MOST
                ]
        return rows

    def _failure(
        self,
        device: Device,
        error: Exception,
        outlet_id: str = "",
        alias: str = "",
    ) -> Failure:
        return Failure(
            device.device_id,
            outlet_id,
            alias or device.alias,
            device.model,
            self._clock(),
            type(error).__name__,
            str(error),
            device.alias,
        )


def _metered(answer: dict[str, Any], plan: _Plan, module: str) -> EnergyReading | None:
    """Return what the meter says, None where there is none, and remember which.

    Raises
    ------
    TPLinkLabError
        If there is a meter, and its answer cannot be used.
    """
    if not plan.meters:
        return None
    try:
        found = iot.answer_of(answer, module, "get_realtime")
    except NotSupported:
        plan.meters = ()
        return None
    plan.meters = (module,)
    reading = read_realtime(found)
    values = (
        reading.power_w,
        reading.voltage_v,
        reading.current_a,
        reading.total_kwh,
    )
    if any(value is not None and abs(value) > MOST for value in values):
        raise UnusableAnswer(
            "The meter tells a value that no household reaches.",
            call=f"{module}.get_realtime",
            next_step="device.command({...}) shows the answer as it is.",
        )
    return reading


def _reading(
    device: Device,
    device_alias: str,
    outlet_id: str,
    alias: str,
    at: datetime,
    is_on: bool | None,
    rssi_dbm: int | None,
    meter: EnergyReading | None,
) -> Reading:
    return Reading(
        device.device_id,
        outlet_id,
        alias,
        device.model,
        at,
        device_alias,
        is_on,
        rssi_dbm,
        None if meter is None else meter.power_w,
        None if meter is None else meter.voltage_v,
        None if meter is None else meter.current_a,
        None if meter is None else meter.total_kwh,
    )


def _rssi(info: dict[str, Any]) -> int | None:
    rssi = info.get("rssi")
    plausible = type(rssi) is int and -1000 < rssi < 1000
    return rssi if plausible else None
