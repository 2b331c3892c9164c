"""From a hall's settings to the rules that `decide` reads."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points

from adapters.telephony import AdapterName, TelephonyAdapter
from hotline.announcements.default import plan_of
from hotline.hall.reach import reached
from hotline.hall.rules import Contact, HallRules, OutboundRules, QueueRules, Widening
from hotline.settings import HallTable, QueueTable, SettingsWrong
from routing.contract import RoutingStrategy

STRATEGIES = "hotline.routing"
"""Entry-point group of routing strategies, ours and third parties'."""


def rules_of(hall: str, table: HallTable, lines: Mapping[AdapterName, TelephonyAdapter] | None = None) -> HallRules:
    """The rules of one hall, with what its lines can do. Raises `SettingsWrong` for a strategy that nobody provides."""
    return HallRules(
        hall=hall,
        label=table.label,
        queues={name: _queue(name, queue) for name, queue in table.queues.items()},
        default_queue=table.default_queue,
        dialled=table.dialled,
        plan=plan_of(table),
        record=table.record,
        misses_limit=table.misses_limit,
        sign_off_missing_seconds=table.sign_off_missing_seconds,
        silent_call_seconds=table.silent_call_seconds,
        silent_ring_seconds=table.silent_ring_seconds,
        contacts={
            name: Contact(id=name, label=each.label, number=each.number, kind=each.kind, ring_seconds=each.ring_seconds)
            for name, each in table.contacts.items()
        },
        outbound=OutboundRules(**table.outbound.model_dump()),
        abilities={name: line.abilities for name, line in (lines or {}).items()},
        reaches=reached(lines or {}),
        transfer_seconds=table.transfer_seconds,
        return_seconds=table.return_seconds,
        monitor_announced=table.monitor_announced,
        break_approval=table.break_approval,
        redial_seconds=table.redial_seconds,
        last_lawyer_days=table.callers.prefer_days,
        callers=table.callers.policy(),
    )


def strategy(name: str) -> RoutingStrategy:
    """The strategy registered under that name. Raises `SettingsWrong`."""
    points = {point.name: point for point in entry_points(group=STRATEGIES)}
    if name not in points:
        raise SettingsWrong(f"没有名为 {name!r} 的派发策略（已安装：{'、'.join(sorted(points)) or '无'}）")
    try:
        return points[name].load()
    except Exception as error:
        raise SettingsWrong(f"派发策略 {name!r}（{points[name].value}）无法载入：{error}") from error


def _queue(name: str, table: QueueTable) -> QueueRules:
    return QueueRules(
        name=name,
        label=table.label,
        strategy=strategy(table.strategy),
        groups=tuple(table.groups),
        widening=tuple(
            Widening(after_seconds=step.after_seconds, groups=tuple(step.groups))
            for step in sorted(table.widening, key=lambda step: step.after_seconds)
        ),
        ring_seconds=table.ring_seconds,
        max_wait_seconds=table.max_wait_seconds,
        max_length=table.max_length,
        wrap_seconds=table.wrap_seconds,
        priority=table.priority,
        music=table.music,
        spills=tuple(each.as_spill() for each in table.spills),
    )
