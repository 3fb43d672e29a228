"""``plug.schedule``: the rules a device keeps and follows by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any

from tplink_lab.devices import iot, smart
from tplink_lab.devices.checks import flag_in, garbled
from tplink_lab.devices.follow import follow
from tplink_lab.devices.rulebook import Book, rows_of, table_is_enabled
from tplink_lab.devices.rulelist import RuleList
from tplink_lab.devices.rules import (
    Rule,
    differences,
    read_rule,
    read_smart_rule,
    rule_request,
)
from tplink_lab.devices.when import Moment, parse_date, parse_days, parse_moment
from tplink_lab.errors import BadInput, NoSuchDevice

__all__ = ["Schedule"]

LONGEST_NAME = 31  # Unverified, as for aliases
_AT_ONCE = ("transition_s", 0)
_LIGHT = ("brightness", "color_temp_k", "hue_deg", "saturation", "transition_s")


class Schedule(Book):
    """The schedule of a device, or of one outlet of a strip.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     schedule = cloud.device("Desk Lamp").schedule
    ...     rule = schedule.add("07:30", "on", days="weekdays", name="Morning")
    ...     schedule.rules()
    07:30 on, mon tue wed thu fri
    """

    def rules(self) -> RuleList:
        """Return the rules, in the device's order. One request.

        Raises
        ------
        NotSupported
            If the device keeps none; a strip's outlets have their own.
        """
        if self._device.dialect == "smart":
            self._device.need("schedule", call="schedule.rules")
            rows = self._device.smart_talk().rules(self._outlet_id)
            return RuleList([read_smart_rule(row) for row in rows])
        module = self._where("rules")
        answer = self._device.ask(self._request(module, {"get_rules": None}))
        return RuleList([read_rule(row) for row in rows_of(answer, module)])

    def is_enabled(self) -> bool:
        """Return whether the schedule as a whole is followed. One request."""
        if self._device.dialect == "smart":
            self._device.need("schedule", call="schedule.is_enabled")
            table = self._device.smart_talk().read(
                smart.rules_request(0), self._outlet_id
            )
            return flag_in(table, "enable", "get_schedule_rules")
        module = self._where("is_enabled")
        answer = self._device.ask(self._request(module, {"get_rules": None}))
        return table_is_enabled(answer, module)

    def pause(self) -> None:
        """Follow no rule until :meth:`resume`. One request."""
        self._write(self._where("pause"), "set_overall_enable", {"enable": 0})

    def resume(self) -> None:
        """Follow the enabled rules again. One request."""
        self._write(self._where("resume"), "set_overall_enable", {"enable": 1})

    def add(
        self,
        at: str | time,
        action: str,
        *,
        days: str | Sequence[str] | None = None,
        on: date | str | None = None,
        until: str | time | None = None,
        name: str = "",
        **light: float,
    ) -> Rule:
        """Add a rule, and return it as the device keeps it.

        Two requests: the table is read first, then written and read back.

        Parameters
        ----------
        at : str or datetime.time
            ``"07:30"``, ``"sunrise"``, ``"sunset-30"`` (minutes): the device's own
            time, and the sun where the device believes to be.
        action : {"on", "off"}
            What it does.
        days : str or list of str
            ``"daily"``, ``"weekdays"``, ``"weekend"``, ``"mon tue"`` …; daily if
            neither it nor *on* is given.
        on : date or str
            The one day on which it acts.
        until : str or datetime.time
            When it does the opposite, after *at*; for rules with *days*.
        name : str
            At most 31 characters.
        **light
            For lights: ``brightness``, ``color_temp_k``, ``hue_deg`` with
            ``saturation``, ``transition_s``.

        Raises
        ------
        BadInput
            If the rule could not act as meant: it ends before it starts, has no
            day, lies in the past, or is there already. Nothing was written.
        DeviceError
            If the device keeps no more rules.
        WriteNotFollowed
            If the device keeps it otherwise than it was given.
        """
        rule = _checked(
            Rule("", name, True, parse_moment(at), action),
            days=days if days is not None or on is not None else "daily",
            on=on,
            until=until,
            light=light,
        )
        return self._put(rule, "add_rule")

    def edit(self, rule: Rule | str, **changes: Any) -> Rule:
        """Change a rule, and return it as the device keeps it. Two requests.

        Parameters
        ----------
        rule : Rule or str
            The rule, or its id.
        **changes
            As for :meth:`add`: ``at``, ``action``, ``days``, ``on``, ``until``,
            ``name`` and the light's values; and ``is_enabled``.

        Raises
        ------
        NoSuchDevice
            If the device keeps no such rule.
        """
        return self._put(rule, "edit_rule", changes)

    def enable(self, rule: Rule | str) -> Rule:
        """Let a rule act again. Two requests."""
        return self.edit(rule, is_enabled=True)

    def disable(self, rule: Rule | str) -> Rule:
        """Keep a rule, and do not let it act. Two requests."""
        return self.edit(rule, is_enabled=False)

    def delete(self, rule: Rule | str) -> None:
        """Take a rule away. One request.

        Raises
        ------
        DeviceError
            If the device keeps no such rule.
        """
        module = self._where("delete")
        rule_id = rule.rule_id if isinstance(rule, Rule) else rule
        if not isinstance(rule_id, str) or not rule_id:
            raise BadInput(
                f"{rule!r} is no rule.", next_step="Take one of schedule.rules()."
            )

        def left(answer: Mapping[str, Any]) -> list[str]:
            return [read_rule(row).rule_id for row in rows_of(answer, module)]

        follow(
            self._device,
            self._request(module, {"delete_rule": {"id": rule_id}}),
            self._request(module, {"get_rules": None}),
            left,
            lambda ids: "the rule is still there" if rule_id in ids else "",
        )

    def clear(self) -> None:
        """Take all rules away. One request."""
        self._write(self._where("clear"), "delete_all_rules", None)

    def _put(
        self, rule: Rule | str, verb: str, changes: Mapping[str, Any] | None = None
    ) -> Rule:
        module = self._where(verb.removesuffix("_rule"))
        is_light = self._device.kind().is_light
        look = self._request(module, {"get_rules": None})
        clock = "smartlife.iot.common.timesetting" if is_light else "time"
        answer = self._device.ask({**look, clock: {"get_time": None}})
        known = [read_rule(row) for row in rows_of(answer, module)]
        if changes is not None:
            rule = _changed(_find(known, rule), changes)
        assert isinstance(rule, Rule)
        if rule.light and not is_light:
            raise BadInput(
                "This device is no light.",
                call=f"schedule.{verb}",
                next_step=f"Leave {', '.join(rule.light)} out.",
            )
        if is_light and rule.until is not None:
            # No recorded rule of a light has an end; how it is read is Unverified.
            raise BadInput(
                "A light's rule has no end.",
                call=f"schedule.{verb}",
                next_step="Add a second rule for the end.",
            )
        if is_light:
            self._check_light(rule)
        if rule.on is not None:
            _check_future(rule, iot.read_time(answer, clock).local)
        others = [r for r in known if r.rule_id != rule.rule_id]
        if any(not differences(replace(rule, name=o.name), o) for o in others):
            raise BadInput(
                "The same rule is there already.",
                call=f"schedule.{verb}",
                next_step="schedule.rules() lists them.",
            )
        paused = not table_is_enabled(answer, module)
        if paused and any(r.is_enabled for r in others):
            raise BadInput(
                "The schedule is paused: the rule would not act.",
                call=f"schedule.{verb}",
                next_step="Call schedule.resume() first, which wakes the others too.",
            )
        told = self._send(module, verb, rule, {r.rule_id for r in others}, look)
        if paused and told.is_enabled:
            # A table without rules may be off, as in four recorded ones.
            self._write(module, "set_overall_enable", {"enable": 1})
        return told

    def _check_light(self, rule: Rule) -> None:
        values = dict(rule.light)
        if rule.action != "on" and set(values) - {"transition_s"}:
            raise BadInput(
                "A rule that switches off has no brightness or colour.",
                next_step="Leave the light's values out.",
            )
        if set(values) - {"transition_s"} and "brightness" not in values:
            raise BadInput(
                "The rule sets the light without a brightness.",
                next_step="Give brightness as well, from 1 to 100 %.",
            )
        self._device.light.check(**values)

    def _send(
        self, module: str, verb: str, rule: Rule, others: set[str], look: Any
    ) -> Rule:
        def read(answer: Mapping[str, Any]) -> Rule | None:
            rows = [read_rule(row) for row in rows_of(answer, module)]
            # Rules that were there keep their ids; the one left is ours.
            mine = [r for r in rows if r.rule_id not in others]
            if rule.rule_id:
                mine = [r for r in mine if r.rule_id == rule.rule_id]
            return mine[-1] if mine else None

        def wrong(told: Rule | None) -> str:
            if told is None:
                return "the rule is not there"
            return differences(rule, told)

        sent = rule_request(rule, is_light=self._device.kind().is_light)
        write = self._request(module, {verb: sent})
        told = follow(self._device, write, look, read, wrong)
        if told is None:
            raise garbled(f"{module}.{verb}")
        return told


def _find(known: Sequence[Rule], rule: Rule | str) -> Rule:
    rule_id = rule.rule_id if isinstance(rule, Rule) else rule
    for one in known:
        if one.rule_id == rule_id:
            return one
    raise NoSuchDevice(
        f"The device keeps no rule {rule_id!r}.",
        call="schedule.edit",
        next_step="Read schedule.rules() again.",
    )


def _changed(rule: Rule, changes: Mapping[str, Any]) -> Rule:
    known = {"at", "action", "days", "on", "until", "name", "is_enabled", *_LIGHT}
    unknown = set(changes) - known
    if unknown or not changes:
        raise BadInput(
            f"A rule has no {', '.join(sorted(unknown))}." if unknown else "No change.",
            call="schedule.edit",
            next_step=f"Change some of {', '.join(sorted(known))}.",
        )
    light = {**rule.light, **{k: changes[k] for k in _LIGHT if k in changes}}
    if "color_temp_k" in changes:
        light = {k: v for k, v in light.items() if k not in ("hue_deg", "saturation")}
    if "hue_deg" in changes:
        light.pop("color_temp_k", None)
    enabled = changes.get("is_enabled", rule.is_enabled)
    if not isinstance(enabled, bool):
        raise BadInput(
            f"is_enabled cannot be {enabled!r}.", next_step="Give True or False."
        )
    on = changes.get("on", None if "days" in changes else rule.on)
    days = changes.get("days", None if on is not None else rule.days)
    return _checked(
        replace(
            rule,
            is_enabled=enabled,
            name=changes.get("name", rule.name),
            at=parse_moment(changes.get("at", rule.at)),
            action=changes.get("action", rule.action),
        ),
        days=days,
        on=on,
        until=changes.get("until", rule.until),
        light=light,
    )


def _checked(rule: Rule, *, days: Any, on: Any, until: Any, light: Any) -> Rule:
    """Return the rule with these parts, or raise what is wrong with it."""
    call = "schedule"
    if rule.action not in ("on", "off"):
        raise BadInput(
            f"A rule cannot do {rule.action!r}.", call=call, next_step="Use on or off."
        )
    if not isinstance(rule.name, str) or len(rule.name) > LONGEST_NAME:
        raise BadInput(
            f"{rule.name!r} cannot be a rule's name.",
            call=call,
            next_step=f"Give a text of {LONGEST_NAME} characters at most.",
        )
    if days is not None and on is not None:
        raise BadInput(
            "A rule acts on weekdays or on one date.",
            call=call,
            next_step="Give days or on.",
        )
    if on is not None and until is not None:
        # Unverified: a device may call such a rule done once it has begun.
        raise BadInput(
            "A rule that acts once has no end.",
            call=call,
            next_step="Add a second rule for the end.",
        )
    end: Moment | None = None
    if until is not None:
        end = parse_moment(until, "The end")
        if not rule.at.surely_before(end):
            raise BadInput(
                f"The rule ends ({end}) before it starts ({rule.at}).",
                call=call,
                next_step="Past midnight, make two rules: one on, one off.",
            )
    unknown = set(light) - set(_LIGHT)
    if unknown:
        raise BadInput(
            f"A rule has no {', '.join(sorted(unknown))}.",
            call=call,
            next_step=f"A light's rule takes {', '.join(_LIGHT)}.",
        )
    # A transition of 0 s is none.
    light = {k: v for k, v in light.items() if v is not None and (k, v) != _AT_ONCE}
    return replace(
        rule,
        days=() if on is not None else parse_days(days),
        on=None if on is None else parse_date(on),
        until=end,
        light=light,
    )


def _check_future(rule: Rule, now: Any) -> None:
    assert rule.on is not None
    minute = now.hour * 60 + now.minute
    clock = f"{now:%Y-%m-%d %H:%M}"
    late = rule.at.kind == "clock" and rule.at.minutes <= minute
    if rule.on < now.date() or (rule.on == now.date() and late):
        raise BadInput(
            f"{rule.on} {rule.at} is over: the device's clock says {clock}.",
            call="schedule",
            next_step="Give a moment to come.",
        )
