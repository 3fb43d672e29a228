"""``hub.sensors``: the battery sensors and valves behind a hub, read only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from tplink_lab.devices.checks import garbled, text_in
from tplink_lab.devices.names import folded, plain_alias
from tplink_lab.devices.smart_values import SensorState, read_sensor
from tplink_lab.errors import NoSuchDevice

__all__ = ["Sensor", "Sensors", "read_sensors"]


@dataclass(frozen=True)
class Sensor:
    """One sensor or valve, as its hub listed it.

    Attributes
    ----------
    sensor_id : str
        The full id.
    alias : str
        The name its owner gave it.
    model : str
        Such as ``"T310"``.
    kind : str
        What it is, in the maker's words: ``"trigger.temp-hmdt-sensor"``, ``"trv"`` …
    online : bool or None
        Whether the hub hears it; None if the hub does not tell.
    state : SensorState
        What it measured last.
    """

    sensor_id: str
    alias: str
    model: str
    kind: str
    online: bool | None
    state: SensorState

    def __str__(self) -> str:
        told = {k: v for k, v in vars(self.state).items() if v is not None}
        values = ", ".join(f"{name} {value}" for name, value in told.items())
        return f"{self.alias} ({self.model}): {values}"


def read_sensors(rows: Sequence[Mapping[str, Any]]) -> list[Sensor]:
    """Return the sensors in a hub's list of children; what is none is left out.

    Raises
    ------
    UnusableAnswer
        If one has no id, or a value that makes no sense.

    Examples
    --------
    >>> row = {"device_id": "80", "category": "subg.trv", "nickname": "VFJW",
    ...        "model": "KE100", "current_temp": 19.5, "target_temp": 20}
    >>> print(read_sensors([row])[0])
    TRV (KE100): temperature_c 19.5, target_temperature_c 20.0
    """
    found = []
    for row in rows:
        category = text_in(row, "category")
        if not category.startswith("subg."):
            continue
        sensor_id = text_in(row, "device_id")
        if not sensor_id:
            raise garbled("get_child_device_list", "device_id")
        status = text_in(row, "status")
        found.append(
            Sensor(
                sensor_id,
                plain_alias(text_in(row, "nickname"), "smart"),
                text_in(row, "model"),
                category.removeprefix("subg."),
                {"online": True, "offline": False}.get(status),
                read_sensor(row),
            )
        )
    return found


class Sensors(Sequence[Sensor]):
    """The sensors of a hub: by name, by number from 0, or by full id."""

    def __init__(self, hub: str, sensors: Sequence[Sensor]) -> None:
        self._hub = hub
        self._sensors = list(sensors)

    @overload
    def __getitem__(self, key: int | str) -> Sensor: ...
    @overload
    def __getitem__(self, key: slice) -> list[Sensor]: ...
    def __getitem__(self, key: int | str | slice) -> Sensor | list[Sensor]:
        if isinstance(key, slice):
            return self._sensors[key]
        if isinstance(key, int):
            fits = self._sensors[key:][:1] if -len(self) <= key < len(self) else []
        else:
            fits = [s for s in self if key in (s.alias, s.sensor_id)]
            fits = fits or [s for s in self if folded(s.alias) == folded(str(key))]
        if len(fits) == 1:
            return fits[0]
        names = ", ".join(f"{s.alias!r} {s.sensor_id}" for s in self) or "none"
        raise NoSuchDevice(
            f"{len(fits) or 'No'} sensors of {self._hub!r} fit {key!r}.",
            call="sensors",
            next_step=f"It has {names}.",
        )

    def __len__(self) -> int:
        return len(self._sensors)

    def __iter__(self) -> Iterator[Sensor]:
        return iter(self._sensors)

    def _ipython_key_completions_(self) -> list[str]:
        return [s.alias for s in self]

    def __repr__(self) -> str:
        return "\n".join(str(sensor) for sensor in self) or "<no sensors>"
