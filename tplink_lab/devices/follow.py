"""A write and the reading that proves it, in one request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from tplink_lab.devices import iot
from tplink_lab.errors import UnusableAnswer, WriteNotFollowed

if TYPE_CHECKING:
    from tplink_lab.devices.device import Device

__all__ = ["follow", "merged"]

T = TypeVar("T")
Request = dict[str, Any]


def follow(
    device: Device,
    write: Request,
    look: Request,
    read: Callable[[Mapping[str, Any]], T],
    wrong: Callable[[T], str],
    *,
    repeatable: bool = False,
) -> T:
    """Send *write*, read back, and return what the device then says.

    Parameters
    ----------
    device : Device
        Whom to ask.
    write, look : dict
        The request that changes something, and the one that shows it; both may name
        an outlet in their ``context``.
    read : callable
        Turns an answer into a value.
    wrong : callable
        What is wrong with the value, or an empty text.
    repeatable : bool
        Whether sending it twice does no harm.

    Raises
    ------
    WriteNotFollowed
        If the device accepted the write and shows something else.
    """
    answer = device.ask(merged(write, look), repeatable=repeatable)
    calls = list(_calls(write))
    for module, method in calls:
        iot.answer_of(answer, module, method)
    try:
        value = read(answer)
        if not wrong(value):
            return value
    except UnusableAnswer:
        pass  # the second look decides
    # Unverified: that a device works through one request in its order. So what looks
    # like disobedience is asked for once more, by itself.
    value = read(device.ask(look))
    problem = wrong(value)
    if problem:
        raise WriteNotFollowed(
            f"{device.alias!r} accepted this, but {problem}.",
            call=", ".join(f"{module}.{method}" for module, method in calls),
            cause="Somebody else changed it meanwhile, or the firmware ignores it.",
            next_step="Read the state again; device.command({...}) shows it raw.",
        )
    return value


def merged(write: Request, look: Request) -> Request:
    """Return both in one request, the write first.

    Examples
    --------
    >>> merged({"a": {"set": 1}}, {"a": {"get": None}, "b": {"get": None}})
    {'a': {'set': 1, 'get': None}, 'b': {'get': None}}
    """
    both = {module: dict(methods) for module, methods in write.items()}
    for module, methods in look.items():
        both[module] = {**both.get(module, {}), **methods}
    return both


def _calls(write: Request) -> Iterable[tuple[str, str]]:
    for module, methods in write.items():
        if module != "context":
            for method in methods:
                yield module, method
