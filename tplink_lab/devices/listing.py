"""``DeviceList``: the account's devices, as a table and by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from tplink_lab.devices.device import Device
from tplink_lab.devices.merging import with_things
from tplink_lab.devices.names import folded
from tplink_lab.errors import NoSuchDevice, UnusableAnswer

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from tplink_lab.cloud import Cloud

__all__ = ["DeviceList"]

COLUMNS = ("alias", "model", "online", "app_server_url")
SHOWN_ROWS = 60


class DeviceList(Sequence[Device]):
    """The devices of an account, in the cloud's order.

    Index it with a number or a name, or with a slice or a list of names for a shorter
    list; print it, or let a notebook show it, as a table; :meth:`to_frame` makes it a
    DataFrame.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     devices = cloud.devices()
    >>> devices["kettle"].model
    'HS110(EU)'
    >>> [device.model for device in devices[["kettle", "fridge"]]]
    ['HS110(EU)', 'KP115(EU)']
    """

    def __init__(self, devices: list[Device]) -> None:
        self._devices = devices

    @classmethod
    def from_rows(
        cls,
        cloud: Cloud,
        rows: list[Any],
        things: Sequence[Mapping[str, Any]] = (),
    ) -> DeviceList:
        """Return the list for the rows of a getDeviceList answer.

        Parameters
        ----------
        rows : list
            As the cloud sent them.
        things : sequence of dict
            What the Thing API lists, each with a ``thingName``; devices that only it
            knows follow at the end.

        Raises
        ------
        UnusableAnswer
            If a row is no object or lacks its ``deviceId``.
        """
        for number, row in enumerate(rows):
            if not isinstance(row, dict) or not isinstance(row.get("deviceId"), str):
                raise UnusableAnswer(
                    f"Row {number} of the deviceList has no deviceId.",
                    call="getDeviceList",
                    next_step="cloud.last_exchange shows what came.",
                )
        return cls(
            [Device(cloud, row, thing) for row, thing in with_things(rows, things)]
        )

    def find(self, name: str) -> Device | None:
        """Return the device that *name* fits, or None if none does.

        Raises
        ------
        NoSuchDevice
            If several do; the message tells their ids.
        """
        wanted = folded(str(name))
        if not wanted:
            return None
        names = [(d, folded(d.alias), d.device_id.casefold()) for d in self]
        fits = [d for d, alias, key in names if wanted in (alias, key)]
        # Of names that differ in capitals only, the one that was typed.
        exact = [d for d in fits if name in (d.alias, d.device_id)]
        fits = (
            (exact if len(exact) == 1 else fits)
            or [d for d, alias, key in names if alias.startswith(wanted)]
            or [d for d, alias, key in names if key.startswith(wanted)]
        )
        if len(fits) > 1:
            ids = ", ".join(f"{d.alias!r} {d.device_id}" for d in fits[:6])
            raise NoSuchDevice(
                f"{len(fits)} devices fit {name!r}.",
                call="device",
                next_step=f"Use more of the name, or the id: {ids}.",
            )
        return fits[0] if fits else None

    def to_frame(self, *, raw: bool = False) -> pd.DataFrame:
        """Return the list as a DataFrame; see :func:`tplink_lab.data.device_frame`.

        Parameters
        ----------
        raw : bool
            True gives the cloud's own columns, with the wire's names and values.
        """
        from tplink_lab.data import device_frame, raw_frame

        return raw_frame(self) if raw else device_frame(self)

    def info(self, **options: Any) -> pd.DataFrame:
        """Ask all about themselves; see :func:`tplink_lab.data.info_frame`."""
        from tplink_lab import data

        return data.info_frame(self, **options)

    def firmware(self, **options: Any) -> pd.DataFrame:
        """Return all firmware; see :func:`tplink_lab.data.firmware_frame`."""
        from tplink_lab import data

        return data.firmware_frame(self, **options)

    def wifi(self, **options: Any) -> pd.DataFrame:
        """Ask all for their signal; see :func:`tplink_lab.data.wifi_frame`."""
        from tplink_lab import data

        return data.wifi_frame(self, **options)

    def schedules(self, **options: Any) -> pd.DataFrame:
        """Ask all for their rules; see :func:`tplink_lab.data.schedules_frame`."""
        from tplink_lab import data

        return data.schedules_frame(self, **options)

    def energy_now(self, **options: Any) -> pd.DataFrame:
        """Ask all meters; see :func:`tplink_lab.data.energy_now_frame`."""
        from tplink_lab import data

        return data.energy_now_frame(self, **options)

    def energy_daily(self, year: int, month: int, **options: Any) -> pd.DataFrame:
        """Return a month's days; see :func:`tplink_lab.data.energy_daily_frame`."""
        from tplink_lab import data

        return data.energy_daily_frame(self, year, month, **options)

    def energy_monthly(self, year: int, **options: Any) -> pd.DataFrame:
        """Return a year's months; see :func:`tplink_lab.data.energy_monthly_frame`."""
        from tplink_lab import data

        return data.energy_monthly_frame(self, year, **options)

    def energy_intervals(
        self, first: date | str, last: date | str | None = None, **options: Any
    ) -> pd.DataFrame:
        """Return the hours of Tapo meters; see
        :func:`tplink_lab.data.energy_intervals_frame`."""
        from tplink_lab import data

        return data.energy_intervals_frame(self, first, last, **options)

    def runtime(self, year: int, month: int, **options: Any) -> pd.DataFrame:
        """Return how long all were on; see :func:`tplink_lab.data.runtime_frame`."""
        from tplink_lab import data

        return data.runtime_frame(self, year, month, **options)

    @overload
    def __getitem__(self, key: int | str) -> Device: ...
    @overload
    def __getitem__(self, key: slice | list[Any]) -> DeviceList: ...
    def __getitem__(self, key: int | str | slice | list[Any]) -> Device | DeviceList:
        if isinstance(key, slice):
            return DeviceList(self._devices[key])
        if isinstance(key, list):
            return DeviceList([self[one] for one in key])
        if isinstance(key, int):
            if not -len(self) <= key < len(self):
                raise NoSuchDevice(
                    f"There is no device number {key}.",
                    call="device",
                    next_step=f"The list has {len(self)}, counted from 0.",
                )
            return self._devices[key]
        found = self.find(key)
        if found is not None:
            return found
        names = {d.alias: d.alias for d in self} | {d.device_id: d.alias for d in self}
        lower = {known.casefold(): known for known in names}
        near = difflib.get_close_matches(str(key).casefold(), lower, n=3, cutoff=0.5)
        error = NoSuchDevice(
            f"No device fits {key!r}.",
            call="device",
            next_step="Did you mean " + " or ".join(repr(lower[n]) for n in near) + "?"
            if near
            else "cloud.devices() lists them"
            + (
                f": {', '.join(repr(d.alias) for d in self._devices[:12])}"
                + (f" and {len(self) - 12} more." if len(self) > 12 else ".")
                if self
                else "; this account has none."
            ),
        )
        error.near = tuple(lower[n] for n in near)
        raise error

    def __len__(self) -> int:
        return len(self._devices)

    def __iter__(self) -> Iterator[Device]:
        return iter(self._devices)

    def _ipython_key_completions_(self) -> list[str]:
        return [d.alias for d in self]

    def _cells(self) -> list[tuple[str, ...]]:
        online = {True: "yes", False: "no", None: "unknown"}
        return [
            (d.alias, d.model, online[d.online], d.app_server_url)
            for d in self._devices[:SHOWN_ROWS]
        ]

    def _rest(self) -> str:
        left = len(self) - SHOWN_ROWS
        return f"… and {left} more" if left > 0 else ""

    def __repr__(self) -> str:
        if not self:
            return "<DeviceList: this account has no devices>"
        rows = [COLUMNS, *self._cells()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
        lines = [
            "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([*lines, self._rest()]).rstrip()

    def _repr_html_(self) -> str:
        if not self:
            return "<p>This account has no devices.</p>"
        import html  # only who shows it in a notebook pays for it

        head = "".join(f"<th scope='col'>{name}</th>" for name in COLUMNS)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>"
            for row in self._cells()
        )
        return (
            "<table class='tplink-lab-devices'>"
            f"<caption>{len(self)} devices</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{self._rest()}"
        )
