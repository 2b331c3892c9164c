"""What follows from an input? The one place where decisions are made.

Pure: reads the state, changes nothing, knows no clock. Whoever adds an input adds a `case` here and nowhere else.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from hotline.hall.inputs import (
    AlarmsSeen,
    Asked,
    CallersChanged,
    DeadlinePassed,
    Heard,
    Input,
    LinkLost,
    OrderFailed,
    Recovered,
    RulesChanged,
    Snapshot,
)
from hotline.hall.on_command import on_command
from hotline.hall.on_deadline import on_deadline
from hotline.hall.on_port import on_alarms, on_fact, on_link_lost, on_order_failed
from hotline.hall.on_rules import on_rules
from hotline.hall.on_snapshot import on_snapshot
from hotline.hall.place import place_everybody
from hotline.hall.refused import Refused
from hotline.hall.state import Decision, HallState
from hotline.hall.work import Work
from seats.seat import SeatRefused


def decide(state: HallState, input: Input, now: datetime) -> Decision:
    """What happens, what changes and what is to be done. `now` is aware and never goes back within a hall."""
    work = Work(state, now)
    match input:
        case Heard(fact=fact):
            on_fact(work, fact)
        case Asked(command=command, actor=actor):
            try:
                on_command(work, command, actor)
            except SeatRefused as refused:
                return Decision(refusal=refused.code.value)
            except Refused as refused:
                return Decision(refusal=refused.code)
        case DeadlinePassed():
            on_deadline(work, input)
        case OrderFailed():
            on_order_failed(work, input)
        case Snapshot():
            on_snapshot(work, input)
        case LinkLost():
            on_link_lost(work, input)
        case AlarmsSeen():
            on_alarms(work, input)
        case RulesChanged(rules=rules):
            on_rules(work, rules)
        case CallersChanged(entries=entries):
            work.decision.callers = dict(entries)
        case Recovered():
            place_everybody(work)
        case _:
            assert_never(input)
    return work.decision
