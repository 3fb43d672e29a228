"""What may be written, and to which devices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from tplink_lab.errors import WriteRefused

__all__ = ["Guard", "writes_in"]


# Writes that obey a context; whatever else is sent may reach the whole strip (§5.2).
PER_OUTLET = frozenset(
    {
        "system.set_relay_state",
        "system.set_dev_alias",
        *(
            f"{module}.{verb}"
            for module in ("schedule", "count_down", "anti_theft")
            for verb in ("add_rule", "edit_rule", "delete_rule", "delete_all_rules")
        ),
    }
)


def writes_in(request: Mapping[str, Any]) -> list[str]:
    """Return the methods in a device's request that are not plain reads.

    Every read of both dialects begins with ``get_`` (protocol.md §5, §6), and a
    camera's with ``get`` and a capital; what we do not recognise counts as a write.

    Examples
    --------
    >>> writes_in({"system": {"get_sysinfo": None, "set_led_off": {"off": 1}}})
    ['system.set_led_off']
    >>> writes_in({"method": "set_device_info", "params": {}})
    ['set_device_info']
    >>> writes_in({"method": "control_child",
    ...            "params": {"requestData": {"method": "get_device_info"}}})
    []
    """
    found: list[str] = []
    method = request.get("method")
    for module, methods in request.items():
        if module == "method" and isinstance(method, str):
            found += _smart_writes(request, method)
            continue
        # What a context or a method's params hold is no module; anything else
        # beside a method is looked into, for an IOT device would obey it.
        if module == "context" or (module == "params" and isinstance(method, str)):
            continue
        if not isinstance(methods, Mapping):
            found.append(str(module))
            continue
        found += [
            f"{module}.{name}" for name in methods if not str(name).startswith("get_")
        ]
    return found


def _smart_writes(request: Mapping[str, Any], method: str) -> list[str]:
    """Return what a Tapo request writes; one that carries others is looked into."""
    if re.match("get[_A-Z]", method) or method == "component_nego":
        return []
    params = request.get("params")
    inner: Any = None
    if isinstance(params, Mapping) and method == "multipleRequest":
        inner = params.get("requests")
    elif isinstance(params, Mapping) and method == "control_child":
        inner = [params.get("requestData")]
    if not isinstance(inner, list) or not all(isinstance(i, Mapping) for i in inner):
        return [method]
    if not all(isinstance(i.get("method"), str) for i in inner):
        return [method]
    return [name for i in inner for name in _smart_writes(i, i["method"])]


class Guard(NamedTuple):
    """The promise made at login about what will not be written.

    Attributes
    ----------
    read_only : bool
        Refuse every write.
    devices : frozenset of str
        Device ids that are not switched.
    outlets : dict of str to frozenset of str
        For a strip's device id, the full ids of outlets that are not switched.
    """

    read_only: bool = False
    devices: frozenset[str] = frozenset()
    outlets: Mapping[str, frozenset[str]] = {}

    def locks(self, device_id: str, outlet_id: str | None = None) -> bool:
        """Whether a write to the device, or to one outlet of it, is refused.

        A strip with a protected outlet is locked as a whole, while its other
        outlets are not.
        """
        if self.read_only or device_id in self.devices:
            return True
        outlets = self.outlets.get(device_id, frozenset())
        if outlet_id is None:
            return bool(outlets)
        return outlet_id.upper() in {known.upper() for known in outlets}

    def check(self, device_id: str, request: Mapping[str, Any]) -> None:
        """Raise if *request* would write what must not be written.

        Raises
        ------
        WriteRefused
            Nothing was sent.
        """
        writes = writes_in(request)
        if not writes:
            return
        self.check_call(", ".join(writes))
        context = request.get("context")
        ids = context.get("child_ids") if isinstance(context, Mapping) else None
        alone = ids and all(write in PER_OUTLET for write in writes)
        if "method" in request:
            ids = _children_in(request)
            alone = bool(ids)
        if isinstance(ids, list | tuple) and alone and device_id not in self.devices:
            locked = any(self.locks(device_id, _full(device_id, i)) for i in ids)
        else:
            locked = self.locks(device_id)
        if locked:
            raise WriteRefused(
                "This device, or an outlet of it, is protected.",
                call=", ".join(writes),
                next_step="Leave its name out of protect=[…] at login to allow it.",
            )

    def check_call(self, call: str) -> None:
        """Raise if the lab is read-only."""
        if self.read_only:
            raise WriteRefused(
                "The lab was opened read-only.",
                call=call,
                next_step="Log in again without read_only=True to allow it.",
            )


def _children_in(request: Mapping[str, Any]) -> list[Any] | None:
    """Return the outlets that a Tapo request writes to; None if it reaches further."""
    method, params = request.get("method"), request.get("params")
    if set(request) - {"method", "params"} or not isinstance(params, Mapping):
        return None
    if method == "control_child":
        return [params.get("device_id")]
    if method != "multipleRequest":
        return None
    found: list[Any] = []
    requests = params.get("requests")
    for inner in requests if isinstance(requests, list) else [{}]:
        if isinstance(inner, Mapping) and inner and not writes_in(inner):
            continue
        ids = _children_in(inner) if isinstance(inner, Mapping) else None
        if ids is None:
            return None
        found += ids
    return found


def _full(device_id: str, outlet_id: object) -> str:
    text = str(outlet_id).strip().upper()
    return device_id + text if len(text) == 2 else text
