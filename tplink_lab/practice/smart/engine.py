"""The engine of a SMART device: what a snapshot says it answers, what is set stays set.

A request is `{"method": …, "params": …}`. A method is answered by the first that
applies: an error that the snapshot recorded, a handler of the engine, the snapshot's
own answer, the family's error for what it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from ..iot.load import Load
from ..iot.local import LocalTime
from . import faults
from .faults import Fault
from .unit import Params, Unit

# Unverified: how many children a hub puts on one page of its list.
PAGE = 10
CHILD_LISTS = {
    "get_child_device_list": "child_device_list",
    "get_child_device_component_list": "child_component_list",
}
# The methods that sources name; those of a snapshot are known besides.
KNOWN_METHODS = frozenset(
    {
        "component_nego", "control_child", "get_antitheft_rules",
        "get_auto_off_config", "get_auto_update_info",
        "get_child_device_component_list", "get_child_device_list",
        "get_connect_cloud_state", "get_countdown_rules", "get_current_power",
        "get_device_info", "get_device_running_info", "get_device_time",
        "get_device_usage", "get_dynamic_light_effect_rules", "get_emeter_data",
        "get_energy_data", "get_energy_usage", "get_fw_download_state",
        "get_latest_fw", "get_led_info", "get_lighting_effect", "get_next_event",
        "get_on_off_gradually_info", "get_preset_rules", "get_schedule_rules",
        "get_temp_humidity_records", "get_trigger_logs", "multipleRequest",
        "set_auto_off_config", "set_device_info",
        "set_dynamic_light_effect_rule_enable", "set_led_info",
        "set_lighting_effect",
    }
)  # fmt: skip


class SmartEngine:
    """One SMART device with its children, brought to life from a snapshot.

    Parameters
    ----------
    snapshot : dict
        Method to answer; `child_devices` has those of each child.
    now : int
        The moment of the snapshot, in seconds since the epoch.
    seed : str
        Of the load.
    timezone_index : int
        Where the home lies, unless the snapshot names its region itself.
    load : dict, optional
        What hangs on the device.
    powered : bool
        Whether it is plugged in.
    legacy : bool
        Old firmware, which has an older name for `get_device_info` as well.
    """

    def __init__(
        self,
        snapshot: dict[str, Any],
        *,
        now: int,
        seed: str,
        timezone_index: int,
        load: dict[str, Any] | None = None,
        powered: bool = True,
        legacy: bool = False,
    ) -> None:
        self._snapshot = snapshot
        info = snapshot.get("get_device_info")
        zone = _zone(info) if isinstance(info, dict) else None
        local = LocalTime(timezone_index, zone)
        profile = None if load is None else Load(load, f"{seed}/load", local)
        self.unit = Unit(snapshot, now=now, local=local, load=profile, powered=powered)
        self._entries = _entries(snapshot)
        answers = snapshot.get("child_devices", {})
        self.children = {
            entry["device_id"]: Unit(
                {"get_device_info": entry, **answers.get(entry["device_id"], {})},
                now=now,
                local=local,
                powered=powered,
            )
            for entry in self._entries
        }
        self._lost: set[str] = set()
        self._methods: dict[str, Callable[[Params], Any]] = {
            "multipleRequest": self._multiple_request,
        }
        if self.children:
            self._methods["control_child"] = self._control_child
        for method, key in CHILD_LISTS.items():
            if isinstance(snapshot.get(method), dict):
                self._methods[method] = self._pager(method, key)
        if legacy:
            self._methods["get_device_running_info"] = lambda params: self.unit.answer(
                "get_device_info", {}
            )

    def schema(self) -> frozenset[str]:
        """The names of methods that the model is known to have heard of."""
        names = set(self._snapshot) - {"child_devices"}
        if not self.unit.info:  # a camera has a dialect of its own
            return frozenset(names | {"multipleRequest"})
        for child in self.children.values():
            names |= set(child.answers)
        return KNOWN_METHODS | names

    def ask(self, request: dict[str, Any], now: int) -> dict[str, Any]:
        """The device's answer to a request."""
        self.settle(now)
        return _answered(request, self._answer)

    def settle(self, now: int) -> None:
        """Let time pass for the device and its children."""
        for unit in (self.unit, *self.children.values()):
            unit.settle(now)

    def set_powered(self, powered: bool, now: int) -> None:
        """Pull the plug out of the wall, or put it back."""
        self.settle(now)
        for unit in (self.unit, *self.children.values()):
            unit.set_powered(powered)

    def set_reachable(self, child_id: str, reachable: bool) -> bool:
        """Take a child's battery out or put it in; False if it has none."""
        if "status" not in self.children[child_id].info:
            return False
        (self._lost.discard if reachable else self._lost.add)(child_id)
        self.children[child_id].changed["status"] = "online" if reachable else "offline"
        return True

    def set_deaf(self, deaf: bool) -> None:
        """Whether it only pretends to do what it is told."""
        for unit in (self.unit, *self.children.values()):
            unit.is_deaf = deaf

    # -- methods ---------------------------------------------------------------------

    def _answer(self, method: str, params: Params) -> Any:
        recorded = self._snapshot.get(method)
        own = self._methods.get(method)
        if own is not None and not isinstance(recorded, int):
            return own(params)
        if method == "child_devices":  # a place in the snapshot, not a method
            raise Fault(faults.UNKNOWN_METHOD)
        return self.unit.answer(method, params)

    def _multiple_request(self, params: Params) -> dict[str, Any]:
        return _responses(params, self._answer)

    def _control_child(self, params: Params) -> dict[str, Any]:
        child_id, request = params.get("device_id"), params.get("requestData")
        if not isinstance(child_id, str) or not isinstance(request, dict):
            raise Fault(faults.PARAMETER)
        child = self.children.get(child_id)
        # Unverified: the code for a child that is not there.
        if child is None:
            raise Fault(faults.PARAMETER)
        if child_id in self._lost:
            # Unverified: what a hub says of a child that it cannot reach.
            return {"responseData": {"error_code": faults.UNSPECIFIC}}

        def answer(method: str, inner: Params) -> Any:
            if method == "multipleRequest":
                return _responses(inner, child.answer)
            return child.answer(method, inner)

        return {"responseData": _answered(request, answer)}

    def _pager(self, method: str, key: str) -> Callable[[Params], dict[str, Any]]:
        def page(params: Params) -> dict[str, Any]:
            start = 0
            if "start_index" in params:
                start = faults.whole(params, "start_index", 0, 1 << 31)
            rows = self._entries
            if method == "get_child_device_list":
                rows = [self.children[e["device_id"]].show(e) for e in self._entries]
            else:
                rows = self._snapshot[method].get(key, [])
            frame = {"start_index": start, "sum": len(rows)}
            return {**self._snapshot[method], key: rows[start : start + PAGE], **frame}

        return page


Answer = Callable[[str, Params], Any]


def _answered(request: Any, answer: Answer) -> dict[str, Any]:
    """The envelope around one answer."""
    try:
        result = answer(*_parts(request))
    except Fault as fault:
        return {"error_code": fault.code}
    return {"error_code": 0} if result is None else {"result": result, "error_code": 0}


def _responses(params: Params, answer: Answer) -> dict[str, Any]:
    requests = params.get("requests")
    if not isinstance(requests, list):
        raise Fault(faults.PARAMETER)
    responses = []
    for request in requests:
        # Unverified: batches inside batches; nobody has been seen sending one.
        if isinstance(request, dict) and request.get("method") == "multipleRequest":
            answered: dict[str, Any] = {"error_code": faults.UNKNOWN_METHOD}
        else:
            answered = _answered(request, answer)
        name = request.get("method") if isinstance(request, dict) else None
        responses.append({"method": name if isinstance(name, str) else "", **answered})
    return {"responses": responses}


def _parts(request: Any) -> tuple[str, Params]:
    method = request.get("method") if isinstance(request, dict) else None
    if not isinstance(method, str):
        raise Fault(faults.NOT_JSON)
    params = request.get("params")
    if params is None:
        params = {}
    if not isinstance(params, dict):
        raise Fault(faults.PARAMETER)
    return method, params


def _entries(snapshot: dict[str, Any]) -> list[dict[str, Any]]:
    listed = snapshot.get("get_child_device_list")
    rows = listed.get("child_device_list", []) if isinstance(listed, dict) else []
    return list(rows)


def _zone(info: dict[str, Any]) -> tzinfo | None:
    """The zone a device lies in, by its region or its minutes from UTC."""
    region = info.get("region")
    if region:
        try:
            return ZoneInfo(region)
        except (ValueError, OSError, LookupError):
            pass  # a region that this computer's tables do not have
    if "time_diff" in info:
        return timezone(timedelta(minutes=info["time_diff"]))
    return UTC if region else None
