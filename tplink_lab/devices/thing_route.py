"""How a Tapo device is reached: through the Thing API, reads and writes apart.

Reads are put to the device itself (``services-sync``). Switching is written to its
shadow, the way that is proven for plugs and bulbs, and read back until the device
says that it followed; other settings go to the device, and to the shadow where the
device's model does not take them (protocol.md §6.2, §10.6).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from tplink_lab.cloud.things import Things
from tplink_lab.errors import NotSupported, UnusableAnswer, WriteNotFollowed

__all__ = ["ThingRoute"]

# Where the shadow has another word than the device. Only `on` was ever seen written;
# other names are taken over if the thing reports them. Unverified.
SHADOW_NAMES = {"device_on": "on"}
# How long a device may take to follow its shadow: it took some tenths of a second.
FOLLOW_S = 6.0
FIRST_PAUSE_S = 0.05


class ThingRoute:
    """Puts requests of the Tapo dialect to one thing.

    Parameters
    ----------
    things : Things
        The service.
    thing : str
        The thing's name, which is the device's id.
    url : str
        Its own ``appServerUrlV2``; the account's host if empty.
    wait : callable
        Sleeps for so many seconds.
    """

    def __init__(
        self,
        things: Things,
        thing: str,
        url: str = "",
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._things = things
        self._thing = thing
        self._url = url
        self._wait = wait
        self._version: int | None = None
        self._reported: dict[str, Any] = {}

    def ask(
        self, request: Mapping[str, Any], *, repeatable: bool = False
    ) -> Mapping[str, Any]:
        """Return the device's answer, ``{"error_code": …, "result": …}``.

        Raises
        ------
        NotSupported
            If neither the model's schema nor the shadow knows the setting.
        WriteNotFollowed
            If the device did not follow its shadow in time: it may be offline.
        """
        desired = _for_shadow(request)
        if desired is not None and set(desired) == {"on"}:
            return self._write(desired)
        try:
            return self._sync(request, repeatable)
        except NotSupported:
            if desired is None:
                raise
        reported, version = self._read()
        unknown = sorted(set(desired) - set(reported))
        if unknown:
            raise NotSupported(
                f"The device takes {', '.join(unknown)} by no route.",
                call="set_device_info",
                next_step="device.capabilities lists what it can do.",
            )
        return self._write(desired, version)

    def _sync(self, request: Mapping[str, Any], repeatable: bool) -> Mapping[str, Any]:
        """Ask through services-sync, in the form that was seen: a batch."""
        method = request.get("method")
        if method == "multipleRequest":
            return dict(self._do(request, repeatable))
        batch = {"method": "multipleRequest", "params": {"requests": [dict(request)]}}
        answer = self._do(batch, repeatable)
        result = answer.get("result")
        rows = result.get("responses") if isinstance(result, dict) else None
        if answer.get("error_code") != 0:
            return dict(answer)  # the device refused the batch itself
        if not isinstance(rows, list) or len(rows) != 1 or not _is_of(rows[0], method):
            raise UnusableAnswer(
                "The answer is not to what was asked.",
                call=str(method),
                next_step="Try again; cloud.last_exchange shows what came.",
            )
        return dict(rows[0])

    def _do(self, request: Mapping[str, Any], repeatable: bool) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._things.sync(
            self._thing, request, self._url, repeatable=repeatable
        )
        return found

    def _read(self) -> tuple[dict[str, Any], int]:
        reported, self._version = self._things.shadow(self._thing, self._url)
        self._reported = reported
        return reported, self._version

    def _write(
        self, desired: Mapping[str, Any], version: int | None = None
    ) -> Mapping[str, Any]:
        """Write the shadow, and read it back until the device followed."""
        known = version if version is not None else self._version
        if known is None:
            known = self._read()[1]
        before = self._reported
        self._version = self._things.write_shadow(
            self._thing, desired, known, self._url
        )
        ends, pause_s = time.monotonic() + FOLLOW_S, FIRST_PAUSE_S
        while True:
            reported, _ = self._read()
            if _holds(reported, desired):
                if _holds(before, desired):
                    # It said so before the write too: only its own word is a proof.
                    self._sync({"method": "get_device_info"}, True)
                return {"error_code": 0, "result": {}}
            if time.monotonic() + pause_s > ends:
                break
            self._wait(pause_s)
            pause_s *= 2
        raise WriteNotFollowed(
            f"The cloud took the write, but in {FOLLOW_S:g} s the device did not "
            "follow.",
            call="shadows",
            cause="It may be offline; it will follow when it is back.",
            next_step="Read its state; write the opposite if it shall not follow.",
        )


def _holds(reported: Mapping[str, Any], desired: Mapping[str, Any]) -> bool:
    return all(reported.get(name) == value for name, value in desired.items())


def _for_shadow(request: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a request would be in the shadow; None if it is not for that."""
    params = request.get("params")
    if request.get("method") != "set_device_info" or not isinstance(params, Mapping):
        return None
    return {SHADOW_NAMES.get(str(key), str(key)): v for key, v in params.items()}


def _is_of(row: Any, method: Any) -> bool:
    return isinstance(row, Mapping) and row.get("method") == method
