"""One report over a whole account: what wants a look, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from tplink_lab.cloud import Cloud
from tplink_lab.data.meters import Part, ask_meters
from tplink_lab.data.report import Audit, Finding
from tplink_lab.data.rules import Table, ask_rules, conflicts, never_fires
from tplink_lab.data.states import POOR_DBM
from tplink_lab.data.sweep import WORKERS, Swept, error_text, is_account_wide, sweep
from tplink_lab.data.zones import clock_of, lab_now, zone_name
from tplink_lab.devices import (
    DailyEnergy,
    Device,
    DeviceTime,
    Energy,
    WiFi,
    outdated_siblings,
)
from tplink_lab.errors import DeviceOffline, NotSupported, TPLinkLabError

__all__ = ["audit"]

T = TypeVar("T")

# The answer's own way through the cloud takes some seconds.
CLOCK_TOLERANCE_S = 120.0
STANDBY_W = 5.0
HOURS_PER_YEAR = 8766.0


class _Drawn(NamedTuple):
    power_w: float
    days: list[DailyEnergy]


class _Answers(NamedTuple):
    """What one device said; a value, or the error that came in its place."""

    wifi: WiFi | TPLinkLabError
    time: DeviceTime | TPLinkLabError
    asked_at: datetime
    rules: list[Table] | TPLinkLabError
    meters: list[Part[_Drawn]] | TPLinkLabError


def audit(
    cloud: Cloud,
    *,
    weak_rssi_dbm: int = POOR_DBM,
    clock_tolerance_s: float = CLOCK_TOLERANCE_S,
    standby_w: float = STANDBY_W,
    always_on: Collection[str] = (),
    workers: int = WORKERS,
    now: datetime | None = None,
) -> Audit:
    """Look over the whole account, and say what wants a look.

    It only reads: some six requests for each device, more for strips.

    Parameters
    ----------
    cloud : Cloud
        Logged in.
    weak_rssi_dbm : int
        A signal below this is weak.
    clock_tolerance_s : float
        How far a device's clock may be off.
    standby_w : float
        What draws at least this now, and on average even on its quietest day, is a
        standby hog: the lower of the two is taken for what it draws while it waits.
    always_on : collection of str
        Names of devices or outlets that are meant to run all the time, as
        ``["Fridge"]``; they are no hogs.
    workers : int
        The most devices asked at one time.
    now : datetime, optional
        The present; the practice cloud's clock or this machine's otherwise.

    Returns
    -------
    Audit
        One finding for each: a device not heard from, a wrong clock, a schedule
        that overlaps another or never fires, firmware older than a sibling's, weak
        Wi-Fi, a standby hog (by its last seven days),
        and what could not be checked.

    Raises
    ------
    TokenRefused, CloudUnreachable
        If nothing can be asked at all.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice(offline_after_s=0) as cloud:
    ...     report = tl.audit(cloud, always_on=["Fridge"])
    >>> report[0].topic, report[0].device
    ('offline', 'Garage Heater')
    """
    devices = cloud.devices()
    moment = clock_of(cloud) if now is None else lab_now(devices, now)

    def ask(device: Device) -> _Answers:
        info = _tried(device.wifi)
        if isinstance(info, TPLinkLabError) and not _is_lack(info):
            raise info  # the rest would fail the same way, and cost as long
        time = _tried(device.time)
        return _Answers(
            info,
            time,
            lab_now(devices, now),
            _tried(lambda: ask_rules(device)),
            _tried(lambda: ask_meters(device, lambda e: _drawn(e, moment.date()))),
        )

    findings = [
        Finding(
            "warning",
            "firmware",
            old.device.alias,
            f"Firmware {old.device.firmware.text} is older than "
            f"{old.newest.text} of {', '.join(map(repr, old.on))}.",
            "Update it in the Kasa or Tapo app.",
            old.device.device_id,
        )
        for old in outdated_siblings(devices)
    ]
    limits = _Limits(weak_rssi_dbm, clock_tolerance_s, standby_w, frozenset(always_on))
    for swept in sweep(devices, ask, workers=workers):
        findings += _judged(swept, limits, moment)
    return Audit(findings, moment, len(devices))


class _Limits(NamedTuple):
    weak_rssi_dbm: int
    clock_tolerance_s: float
    standby_w: float
    always_on: frozenset[str]


def _tried(ask: Callable[[], T]) -> T | TPLinkLabError:
    try:
        return ask()
    except TPLinkLabError as error:
        if is_account_wide(error):
            raise
        return error


def _drawn(energy: Energy, today: date) -> _Drawn:
    last_month = today.replace(day=1) - timedelta(days=1)
    days: list[DailyEnergy] = []
    for month in (last_month, today):
        days += energy.daily(month.year, month.month)
    return _Drawn(energy.now().power_w, days)


def _is_lack(error: TPLinkLabError) -> bool:
    """Whether the device itself says that it has no such thing: no finding."""
    return isinstance(error, NotSupported) and not error.is_ours


def _judged(
    swept: Swept[_Answers], limits: _Limits, now: datetime
) -> Iterator[Finding]:
    device, answers, error = swept

    def found(severity: str, topic: str, what: str, step: str, at: str = "") -> Finding:
        name = f"{device.alias}: {at}" if at else device.alias
        return Finding(severity, topic, name, what, step, device.device_id)

    if answers is None:
        assert error is not None
        if isinstance(error, DeviceOffline) or device.online is False:
            step = "See that it has power and Wi-Fi; if it is gone, remove it."
            yield found("problem", "offline", "The cloud cannot reach it.", step)
        else:
            what = f"It could not be asked. {error_text(error)}"
            yield found("notice", "unchecked", what, "See the error's own advice.")
        return
    for value in (answers.wifi, answers.time, answers.rules, answers.meters):
        if isinstance(value, TPLinkLabError) and not _is_lack(value):
            what = f"Something could not be checked. {error_text(value)}"
            yield found("notice", "unchecked", what, "Try again; then ask it by hand.")
    heard = answers.wifi
    if isinstance(heard, WiFi) and heard.rssi_dbm < limits.weak_rssi_dbm:
        limit = limits.weak_rssi_dbm
        what = f"Its Wi-Fi signal is {heard.rssi_dbm} dBm; weak is below {limit}."
        step = "Move it or the access point nearer, or add a repeater."
        yield found("warning", "wifi", what, step)
    if isinstance(answers.time, DeviceTime):
        wrong = _wrong_clock(answers.time, answers.asked_at, limits.clock_tolerance_s)
        if wrong is not None:
            step = "Check its time and zone in the Kasa app; restart it if need be."
            yield found("problem", "clock", wrong, step)
    if not isinstance(answers.rules, TPLinkLabError):
        for table in answers.rules:
            for severity, what, step in _rule_trouble(table, now, answers.time):
                yield found(severity, "schedule", what, step, table.outlet or "")
    if not isinstance(answers.meters, TPLinkLabError):
        for part in answers.meters:
            outlet = part.outlet.alias if part.outlet else ""
            if part.error is not None:
                what = f"Its meter could not be read. {error_text(part.error)}"
                yield found("notice", "unchecked", what, "Try again.", outlet)
            elif part.value and not {device.alias, outlet} & limits.always_on:
                waste = _hogs(part.value, now.date(), limits.standby_w)
                if waste is not None:
                    step = (
                        "Switch it off when it is not used; or, if it is meant to "
                        f"run, audit(cloud, always_on=[{outlet or device.alias!r}])."
                    )
                    yield found("notice", "standby", waste, step, outlet)


def _wrong_clock(time: DeviceTime, now: datetime, tolerance_s: float) -> str | None:
    zone = zone_name(time.timezone_index)
    if zone is not None:
        right = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        off_s = (time.local - right).total_seconds()
        where = f" ({zone})"
    else:
        # Zones lie whole quarters of an hour apart: what is left over is error.
        raw = (time.local - now.astimezone(UTC).replace(tzinfo=None)).total_seconds()
        off_s = (raw + 450) % 900 - 450
        off_s = off_s if abs(raw) < 15 * 3600 else raw
        where = ", whatever its zone, which is not known"
    if abs(off_s) <= tolerance_s:
        return None
    way = "fast" if off_s > 0 else "slow"
    return (
        f"Its clock shows {time.local:%Y-%m-%d %H:%M:%S}{where}: "
        f"{timedelta(seconds=round(abs(off_s)))} {way}, so its schedules are too."
    )


def _rule_trouble(
    table: Table, now: datetime, time: DeviceTime | TPLinkLabError
) -> Iterator[tuple[str, str, str]]:
    live = [rule for rule in table.rules if rule.get("enable", 1) == 1]
    if live and not table.enabled:
        what = f"{len(live)} rules are on, but schedules as a whole are switched off."
        yield "warning", what, "Switch them on in the app, or delete the rules."
        return
    # The device's own day, for it goes by that; else ours.
    today = now.date() if isinstance(time, TPLinkLabError) else time.local.date()
    for rule in live:
        why = never_fires(rule, today)
        if why is not None:
            name = rule.get("name") or "without a name"
            what = f"The rule {name!r} never fires: {why}."
            yield "warning", what, "Delete it in the app, or give it a time and days."
    firing = [rule for rule in live if never_fires(rule, today) is None]
    for what in conflicts(firing):
        yield "problem", f"{what}.", "Change or delete one of them in the app."


def _hogs(drawn: _Drawn, today: date, standby_w: float) -> str | None:
    """Return what it wastes, if two witnesses agree: a kettle boils every day, but
    draws little when asked; a lamp draws much when asked, but not every day.
    """
    known = {entry.day: entry.energy_kwh for entry in drawn.days}
    week = [known.get(today - timedelta(days=back)) for back in range(1, 8)]
    whole = [energy for energy in week if energy is not None]
    # A day without a record may be one without use.
    if len(whole) < len(week):
        return None
    quietest_w = min(whole) * 1000 / 24
    waste_w = min(quietest_w, drawn.power_w)
    if waste_w < standby_w:
        return None
    return (
        f"It draws {drawn.power_w:.1f} W now, and drew {quietest_w:.1f} W on average "
        f"even on the quietest of the last seven days: "
        f"{waste_w * HOURS_PER_YEAR / 1000:.0f} kWh a year."
    )
