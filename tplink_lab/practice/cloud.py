"""The practice cloud: a home brought to life behind an HTTP server on loopback."""

from __future__ import annotations

import ssl
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from .accounts import Account
from .clock import PracticeClock
from .controls import AccountControls
from .device import Device
from .errors import PracticeError
from .front import Front
from .home import REGIONS, read_home
from .mfa import SecondFactor
from .names import near
from .server import Call, Listener, Reply
from .smart.device import SmartDevice
from .thing_controls import ThingControls
from .things import Things
from .trouble import Trouble, number
from .v1 import V1
from .v2 import V2

HOLD_LIMIT_S = 10.0


class PracticeCloud(AccountControls, ThingControls):
    """A living TP-Link cloud on loopback, with a teacher's controls beside it.

    Parameters
    ----------
    home : path, dict or list, optional
        A home file, a folder of dumps, a home as a dict, or a list of devices or
        snapshots. The shipped household if left out.
    email, password : str, optional
        The account, in place of the home's own.
    seed : int
        Same home, seed and clock: same bytes, tokens included.
    now : datetime or str, optional
        Where the practice clock starts (a text in ISO 8601).
    clock : {"standing", "running"}, optional
        Standing if `now` is given, else running on real time.
    latency_s : float
        Added to every answer, in real seconds.
    offline_after_s : float
        How long a device that cannot be reached keeps the caller waiting.
    thing_delay_s : float
        How long a Tapo device takes to follow its shadow, in real seconds.
    port : int
        Of the entry listener; the other region takes the next one. 0 for free ones.
    tls : path, optional
        Serve https and write the certificate of the throwaway authority, `ca.pem`,
        into this folder. Needs `trustme`.
    token_lifetime_s : float
        On the practice clock.

    Notes
    -----
    The controls (`unplug`, `slow`, `expire_token`, …) are methods of this object
    only. They are not reachable over HTTP, neither here nor in the process started by
    `tplink-lab practice`.

    Examples
    --------
    >>> with PracticeCloud(now="2026-11-01T18:00:00+00:00") as practice:
    ...     practice.state("Desk Lamp")["on"]
    ...     practice.press("Desk Lamp")
    ...     practice.state("Desk Lamp")["on"]
    False
    True
    """

    def __init__(
        self,
        home: str
        | Path
        | Mapping[str, Any]
        | Sequence[Mapping[str, Any]]
        | None = None,
        *,
        email: str | None = None,
        password: str | None = None,
        seed: int = 1,
        now: datetime | str | None = None,
        clock: str | None = None,
        latency_s: float = 0.0,
        offline_after_s: float = 1.0,
        thing_delay_s: float = 0.3,
        port: int = 0,
        tls: str | Path | None = None,
        token_lifetime_s: float = 30 * 86400,
    ) -> None:
        for name, value in (("email", email), ("password", password)):
            if value is not None and (not isinstance(value, str) or not value):
                raise PracticeError(f"The practice account's {name} must be a text.")
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise PracticeError(f"seed: expected a whole number, not {seed!r}.")
        if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port < 65535:
            raise PracticeError(f"port: expected 0 to 65534, not {port!r}.")
        self._port = port
        self._tls = None if tls is None else Path(tls)
        self._clock = PracticeClock(now, clock)
        facts, entries = read_home(home)
        if email is not None:
            facts["email"] = email
        if password is not None:
            facts["password"] = password
        lifetime_s = number(token_lifetime_s, "token_lifetime_s")
        self._account = Account(facts, self._clock, seed, lifetime_s)
        self._mfa = SecondFactor(self._account.email, self._clock, seed)
        self._stopping = threading.Event()
        self._trouble = Trouble(self._clock, seed, self._stopping)
        self._devices = [
            (Device if entry.is_iot else SmartDevice)(
                entry, self._clock, seed, self._account.email
            )
            for entry in entries
        ]
        self._urls: dict[str, str] = {}
        self._guard = threading.Lock()
        self._listeners: list[Listener] = []
        self._connections = 0
        self._count_guard = threading.Lock()
        self._ca_file: Path | None = None
        wait = self._stopping.wait
        self._front = Front(self._trouble, wait, number(latency_s, "latency_s"))
        classic = V1(
            self._account,
            self._mfa,
            self._devices,
            self._trouble,
            self._urls,
            wait,
            number(offline_after_s, "offline_after_s"),
            self._front.count,
        )
        self._front.open(["/"], classic)
        self._front.open(["/api/v1/account"], classic.account)
        signed = V2(
            self._account,
            self._mfa,
            classic,
            self._trouble,
            self._urls,
            self._front.count,
        )
        self._forms = signed.forms
        self._front.open(["/api/v2/"], signed)
        self._things = Things(
            self._account,
            self._devices,
            self._trouble,
            self._urls,
            wait,
            number(offline_after_s, "offline_after_s"),
            number(thing_delay_s, "thing_delay_s"),
            self._front.count,
        )
        self._front.open(["/v1/", "/v2/"], self._things)

    def __repr__(self) -> str:
        state = "running" if self._listeners else "stopped"
        return (
            f"<PracticeCloud {state}, {len(self._devices)} devices, "
            f"clock {self._clock.mode}>"
        )

    # -- life of the server ----------------------------------------------------------

    def start(self) -> PracticeCloud:
        """Open the listeners; raises `PracticeError` if a port is taken."""
        with self._guard:
            if self._listeners:
                return self
            context: ssl.SSLContext | None = None
            if self._tls is not None:
                from .tls import throwaway_authority

                context, self._ca_file = throwaway_authority(self._tls)
            self._stopping.clear()
            opened: list[Listener] = []
            try:
                for offset, region in enumerate(REGIONS):
                    opened.append(
                        Listener(
                            region,
                            self._port + offset if self._port else 0,
                            self._serve,
                            self._clock.seconds,
                            context,
                            self._count_connection,
                        )
                    )
            except PracticeError:
                for listener in opened:
                    listener.stop()
                raise
            self._urls.update({one.region: one.url for one in opened})
            for listener in opened:
                listener.start()
            self._listeners = opened
        return self

    def stop(self) -> None:
        """Close every socket and end every thread; stopping twice does no harm."""
        with self._guard:
            self._stopping.set()
            self._trouble.hurry()
            for listener in self._listeners:
                listener.stop()
            self._listeners = []

    def __enter__(self) -> PracticeCloud:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _serve(self, call: Call) -> Reply | None:
        reply = self._front(call)
        # Whoever was waiting when the cloud stopped gets no half-true answer.
        return None if self._stopping.is_set() else reply

    def _count_connection(self) -> None:
        with self._count_guard:
            self._connections += 1

    # -- what a client needs ---------------------------------------------------------

    @property
    def url(self) -> str:
        """The entry: the listener of the region that accounts live in at first."""
        return self.regions[REGIONS[0]]

    @property
    def regions(self) -> dict[str, str]:
        """Region to URL."""
        if not self._urls:
            raise PracticeError(
                "The practice cloud has not been started: call start()."
            )
        return dict(self._urls)

    @property
    def email(self) -> str:
        """The account's name."""
        return self._account.email

    @property
    def password(self) -> str:
        """The account's password, which opens nothing but this practice cloud."""
        return self._account.password

    @property
    def ca_file(self) -> Path | None:
        """The certificate to trust when serving https."""
        return self._ca_file

    @property
    def clock_stands(self) -> bool:
        """Whether only `advance` moves the practice clock."""
        return self._clock.mode == "standing"

    @property
    def now(self) -> datetime:
        """The practice clock, as an aware datetime in UTC."""
        return self._clock.now

    @property
    def calls(self) -> Counter[str]:
        """How often each method was answered, be it with an error.

        A signed call counts by the end of its path: both kinds of `login` are one.
        """
        return Counter(self._front.calls)

    @property
    def connections(self) -> int:
        """How many TCP connections were accepted."""
        return self._connections

    # -- trouble ---------------------------------------------------------------------

    def unplug(self, alias: str) -> None:
        """Pull a device out of the wall: offline, and it remembers its switch.

        For a sensor behind a hub: take its battery out.
        """
        self._power(alias, False)

    def plug_in(self, alias: str) -> None:
        """Put a device back into the wall."""
        self._power(alias, True)

    def _power(self, alias: str, online: bool) -> None:
        device, outlet = self._find(alias)
        # A strip's outlet has no plug of its own: the whole strip goes.
        if (
            outlet is None
            or not isinstance(device, SmartDevice)
            or not device.set_outlet_online(outlet, online)
        ):
            device.set_online(online)

    def expire_token(self) -> None:
        """End every session; refresh tokens stay good."""
        self._account.expire_tokens()

    def slow(self, seconds: float, hold_limit_s: float = HOLD_LIMIT_S) -> None:
        """Delay every passthrough by so many real seconds, or until `calm`.

        Beyond `hold_limit_s` the cloud gives up waiting and answers -20002, although
        the device has done what it was told.
        """
        self._trouble.slow(seconds, hold_limit_s)

    def rate_limit(self, calls: int, per_seconds: float) -> None:
        """Answer -20004 beyond so many calls in so many seconds of practice time."""
        self._trouble.rate_limit(calls, per_seconds)

    def lose(self, fraction: float) -> None:
        """Lose this share of the answers: done as told, connection dropped."""
        self._trouble.lose(fraction)

    def calm(self) -> None:
        """Undo `slow`, `rate_limit`, `lose`, `refuse_app` and `blacklist`."""
        self._trouble.calm()

    # -- time and life ---------------------------------------------------------------

    def advance(
        self,
        seconds: float = 0,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
    ) -> None:
        """Move the practice clock forward; timers and schedules fire on their way."""
        parts = (seconds, minutes, hours, days)
        values = [number(part, "advance()", float("-inf")) for part in parts]
        scale = (1, 60, 3600, 86400)
        total = sum(v * s for v, s in zip(values, scale, strict=True))
        self._clock.advance(total)

    def press(self, alias: str) -> None:
        """Somebody presses the button of a device or an outlet: it toggles."""
        device, outlet = self._find(alias)
        device.press(outlet)

    def state(self, alias: str) -> dict[str, Any]:
        """What a device really is, whatever the cloud says.

        Returns
        -------
        dict
            `alias`, `model`, `online`, `on` (None if it has nothing to switch; for an
            unplugged device the position of its switch) and `outlets`, alias to bool.
            For an outlet, `alias` and `on` are the outlet's own.
        """
        device, outlet = self._find(alias)
        return device.state(outlet)

    def _find_device(self, alias: str) -> Device:
        return self._find(alias)[0]

    def _find(self, alias: str) -> tuple[Device, int | None]:
        """The device or outlet of that name or id; capitals count if they must."""
        known: list[tuple[str, Device, int | None]] = []
        for device in self._devices:
            known += [(device.alias, device, None), (device.device_id, device, None)]
        for device in self._devices:
            for index, (outlet_id, name) in enumerate(device.outlet_names):
                known.append((name, device, index))
                if len(outlet_id) > 2:
                    known.append((outlet_id, device, index))
        folded = str(alias).casefold()
        fits = [one for one in known if one[0] == alias]
        fits = fits or [one for one in known if one[0].casefold() == folded]
        if fits:
            return fits[0][1:]
        names = [device.alias for device in self._devices]
        names += [name for d in self._devices for _, name in d.outlet_names]
        raise PracticeError(f"No device is called {alias!r}. {near(str(alias), names)}")
