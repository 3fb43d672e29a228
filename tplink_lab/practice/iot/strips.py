"""What outlets have of their own: context, rules, run time, energy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .faults import Fault, whole
from .unit import Unit

if TYPE_CHECKING:
    from .engine import Handler, IotEngine

Args = dict[str, Any]


def context_of(request: Args, info: dict[str, Any]) -> list[int] | None:
    """The outlets that `context.child_ids` names, by index; None without context.

    Handled before anything else: one unknown id and nothing at all is done. Devices
    without outlets pay no attention to it.
    """
    children = info.get("children")
    if not children or "context" not in request:
        return None
    context = request["context"]
    if context is None or context == {}:
        return None
    ids = context.get("child_ids") if isinstance(context, dict) else None
    if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
        raise Fault("value")
    known: dict[str, int] = {}
    parent = str(info.get("deviceId", ""))
    for index, child in enumerate(children):
        # Old firmware lists two digits, the cloud's own form has the parent's id
        # before them; a device takes either.
        listed = child["id"]
        known[listed] = index
        known[parent + listed if len(listed) <= 2 else listed[-2:]] = index
    found = []
    for outlet_id in ids:
        if outlet_id not in known:
            raise Fault("entry")
        if known[outlet_id] not in found:
            found.append(known[outlet_id])
    return found


def child_info(child: dict[str, Any], unit: Unit) -> dict[str, Any]:
    """An outlet as sysinfo lists it."""
    info = dict(child)
    info["state"] = int(unit.is_on)
    if "on_time" in info:
        info["on_time"] = unit.on_time
    if "next_action" in info:
        info["next_action"] = unit.next_action("schd_sec")
    return info


def unit_handlers(engine: IotEngine) -> dict[str, dict[str, Handler]]:
    """The modules that every outlet answers for itself."""
    from .engine import COUNTDOWN, EMETER, SCHEDULE

    light = engine.family.is_light
    schedule: dict[str, Handler] = {
        **_book(engine, "schedule"),
        "get_next_action": lambda args: engine.target().next_action("schd_time"),
        "get_daystat": lambda args: {
            "day_list": engine.target().runtime.days(*_month(args))
        },
        "get_monthstat": lambda args: {
            "month_list": engine.target().runtime.months(_year(args))
        },
        "erase_runtime_stat": _each(engine, lambda unit: unit.runtime.clear()),
    }
    modules = {
        SCHEDULE[light]: schedule,
        COUNTDOWN[light]: _book(engine, "count_down"),
    }
    if not light:
        modules["anti_theft"] = _book(engine, "anti_theft")
    if any(unit.meter is not None for unit in engine.units):
        modules[EMETER[light]] = {
            "get_realtime": lambda args: _meter(engine).realtime(
                engine.now, engine.target().is_on
            ),
            "get_daystat": lambda args: {
                "day_list": _meter(engine).statistics.days(*_month(args))
            },
            "get_monthstat": lambda args: {
                "month_list": _meter(engine).statistics.months(_year(args))
            },
            "erase_emeter_stat": _each(engine, _erase),
        }
    return modules


def _book(engine: IotEngine, kind: str) -> dict[str, Handler]:
    def verb(name: str) -> Handler:
        def answer(args: Args) -> dict[str, Any] | None:
            results = [
                getattr(unit.books[kind], name)(args, engine.now)
                for unit in engine.targets()
            ]
            return results[0] if results else None

        return answer

    names = ["add_rule", "edit_rule", "delete_rule", "delete_all_rules"]
    if kind != "count_down":
        names.append("set_overall_enable")
    handlers = {name: verb(name) for name in names}
    handlers["get_rules"] = lambda args: (
        engine.target().books[kind].get_rules(engine.now)
    )
    return handlers


def _each(engine: IotEngine, deed: Callable[[Unit], None]) -> Handler:
    def answer(args: Args) -> None:
        for unit in engine.targets():
            deed(unit)

    return answer


def _meter(engine: IotEngine) -> Any:
    meter = engine.target().meter
    if meter is None:
        raise Fault("method")
    return meter


def _erase(unit: Unit) -> None:
    if unit.meter is not None:
        unit.meter.erase()


def _year(args: Args) -> int:
    return whole(args, "year", 1970, 2199)


def _month(args: Args) -> tuple[int, int]:
    return _year(args), whole(args, "month", 1, 12)
