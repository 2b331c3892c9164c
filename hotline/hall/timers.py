"""When is something to be done about a caller who waits? The times of one stay in the line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict

from hotline.calls.call import Call
from hotline.hall.rules import QueueRules
from hotline.hall.work import Work
from routing.spill import next_look


class Times(TypedDict):
    """Fields of a call."""

    widened: int
    widen_at: datetime | None
    give_up_at: datetime | None
    announce_at: datetime | None
    spill_at: datetime | None


def times_in_line(work: Work, queue: QueueRules, since: datetime, *, widened: bool = False) -> Times:
    """For a caller whose stay in this queue begins now; `since`: his place counts since then. `widened`: he may go to
    every group of the queue already."""
    steps = () if widened else queue.widening
    return Times(
        widened=len(queue.widening) if widened else 0,
        widen_at=work.now + timedelta(seconds=steps[0].after_seconds) if steps else None,
        give_up_at=work.now + timedelta(seconds=queue.max_wait_seconds) if queue.max_wait_seconds else None,
        announce_at=next_announcement(work),
        spill_at=next_spill(work, queue, since),
    )


def next_announcement(work: Work) -> datetime | None:
    """When a caller who waits is told his place next; None when the plan has nothing to say."""
    plan = work.rules.plan.waiting
    speaks = plan.position or plan.expected or plan.comfort or plan.callback_key
    return work.now + timedelta(seconds=plan.every_seconds) if speaks else None


def next_spill(work: Work, queue: QueueRules, since: datetime) -> datetime | None:
    """When to look next whether he goes elsewhere, as far as that depends on time."""
    seconds = next_look(queue.spills, (work.now - since).total_seconds())
    return None if seconds is None else work.now + timedelta(seconds=seconds)


def staffed(work: Work, queue: QueueRules, call: Call) -> bool:
    """Somebody is signed in who may take calls of this queue, now or after a while, at a phone that the call's line can
    ring."""
    groups = queue.groups + tuple(group for step in queue.widening for group in step.groups)
    return work.state.staffed(groups, work.reach(call)) or any(
        seat.operator is not None and not set(groups).isdisjoint(seat.groups) and work.reaches(call, seat)
        for seat in work.decision.seats.values()
    )
