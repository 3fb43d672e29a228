"""Methods that can do lasting harm, and the gate in front of them.

A reset wipes a device's Wi-Fi and its binding to the account; a wrong MAC address, id
or firmware can make it useless (protocol.md §5.3, §5.6). They are found by the words
in their names, so that one nobody has listed is stopped as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from tplink_lab.errors import BadInput, WriteRefused

__all__ = ["check_danger", "dangers_in"]

_STOPPED = """
    bind download erase factory firmware flash format fw hw mac oem onboarding qs reboot
    reset server stainfo test uboot unbind upgrade wifi wireless
"""
_WORDS = frozenset(_STOPPED.split())
_PAIRS = (("device", "id"), ("hw", "id"), ("set", "account"))
# Their names hold one of the words, but they only clear a counter.
_HARMLESS = frozenset({"erase_emeter_stat", "erase_runtime_stat"})
_DEEPEST = 12


def dangers_in(request: Mapping[str, Any] | str) -> list[str]:
    """Return the dangerous methods in a request of either dialect, by name.

    It may be the JSON of one. Requests inside requests (``multipleRequest``,
    ``control_child``) are looked into.

    Examples
    --------
    >>> dangers_in({"system": {"get_sysinfo": None, "reset": {"delay": 1}}})
    ['system.reset']
    >>> dangers_in({"method": "device_reset", "params": {}})
    ['device_reset']
    >>> dangers_in({"system": {"set_relay_state": {"state": 1}}})
    []
    """
    found = []
    for name in _names(request, 0):
        if _is_dangerous(name.rpartition(".")[2]) and name not in found:
            found.append(name)
    return found


def check_danger(
    request: Mapping[str, Any] | str,
    allow: str | Iterable[str] = (),
    *,
    way: str = "device.command(request, ",
) -> None:
    """Raise if *request* holds a dangerous method that *allow* does not name.

    *way* is the call that takes *allow*, for the advice.

    Raises
    ------
    WriteRefused
        Nothing was sent.
    """
    if not isinstance(allow, Iterable):
        raise BadInput(
            f"allow={allow!r} names no method.",
            call="allow",
            next_step="Give names, such as allow=('system.reset',).",
        )
    allowed = {allow} if isinstance(allow, str) else set(allow)
    stopped = [name for name in dangers_in(request) if name not in allowed]
    if stopped:
        raise WriteRefused(
            "This can do lasting harm to the device.",
            call=", ".join(stopped),
            next_step=f"If you are sure, name it: {way}"
            f"allow=({', '.join(map(repr, stopped))},)).",
        )


def _names(request: object, depth: int) -> Iterator[str]:
    if isinstance(request, str) and request.lstrip().startswith(("{", "[")):
        try:
            request = json.loads(request)
        except (ValueError, RecursionError):
            return
    if depth > _DEEPEST:
        # Nothing of ours nests so deep: whoever does may be hiding something.
        yield "reset"
        return
    if isinstance(request, list | tuple):
        for item in request:
            yield from _names(item, depth + 1)
    if not isinstance(request, Mapping):
        return
    method = request.get("method")
    if isinstance(method, str):
        yield method
    for module, methods in request.items():
        # Cameras are told {"method": "do", "system": {"reboot": …}}, in batches too.
        is_request = depth == 0 or isinstance(method, str)
        holds_names = module != "context" and not (module == "params" and method)
        if is_request and holds_names and isinstance(methods, Mapping):
            yield from (f"{module}.{name}" for name in methods)
        if isinstance(methods, Mapping | list | tuple | str):
            yield from _names(methods, depth + 1)


def _is_dangerous(method: str) -> bool:
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", method).lower()
    words = re.split("[^a-z0-9]+", snake)
    if words[0] in ("get", "check") or snake in _HARMLESS:
        return False
    pairs = set(pairwise(words))
    return bool(_WORDS & set(words)) or bool(pairs & set(_PAIRS))
