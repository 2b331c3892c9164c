"""Does a caller who waits go elsewhere (溢出), because it takes too long or too many wait?"""

from __future__ import annotations

from hotline.calls.call import Call, CallState, place_since
from hotline.hall.events import CallSpilled
from hotline.hall.outside import forward
from hotline.hall.passing import wait_for_anybody
from hotline.hall.reach import within
from hotline.hall.rules import QueueRules
from hotline.hall.timers import next_spill
from hotline.hall.work import Work
from routing.spill import After, AlwaysWhen, Condition, PerSeat, ToContact, ToQueue, first_due

MOST_SPILLS = 3
"""A caller is not sent on for ever, however the queues point at each other."""


def look_to_spill(work: Work, call: Call) -> Call:
    """Send the caller elsewhere, if it is time."""
    queue = work.rules.queue_of(call.queue)
    if call.state is not CallState.WAITING or call.wanted is not None or not queue.spills:
        return call
    if work.state.book.of(call.caller, work.now).served_last:  # others' lines are not for harassing callers
        return work.touch(call, spill_at=None)
    waited = (work.now - place_since(call)).total_seconds()
    found = None
    if call.spills < MOST_SPILLS:
        seats = _seats(work, queue, call)
        found = first_due(queue.spills, waited, _waiting(work, queue), seats, frozenset({work.rules.duty}))
    if found is None:
        return work.touch(call, spill_at=next_spill(work, queue, place_since(call)))
    spill = queue.spills[found]
    match spill.to:
        case ToQueue(queue=name) if name in work.rules.queues and name != queue.name:
            there = work.rules.queues[name]
            sent = work.change(
                call, CallSpilled(why=_why(spill.when), to=name, label=there.label), spills=call.spills + 1
            )
            return wait_for_anybody(work, sent, queue=there, keep=call.groups)
        case ToContact(contact=name) if name in work.rules.contacts:
            contact = work.rules.contacts[name]
            sent = work.change(
                call, CallSpilled(why=_why(spill.when), to=name, label=contact.label), spills=call.spills + 1
            )
            return forward(work, sent, contact)
        case _:
            return work.touch(call, spill_at=None)


def _waiting(work: Work, queue: QueueRules) -> int:
    """Callers in the queue as it is on this sheet, the one who is looked at included."""
    changed = work.decision.calls
    came = sum(each.state is CallState.WAITING and each.queue == queue.name for each in changed.values())
    left = sum(
        (before := work.state.calls.get(name)) is not None
        and before.state is CallState.WAITING
        and before.queue == queue.name
        for name in changed
    )
    return work.state.queued[queue.name] + came - left


def _seats(work: Work, queue: QueueRules, call: Call) -> int:
    """Seats at which somebody is signed in who may serve the queue, and whom the caller's line can ring."""
    groups, reach = set(queue.groups), work.reach(call)
    return sum(
        seat.operator is not None and not groups.isdisjoint(seat.groups) and within(reach, seat)
        for seat in work.state.seats.values()
    )


def _why(when: Condition) -> str:
    match when:
        case After():
            return "after"
        case PerSeat():
            return "per_seat"
        case AlwaysWhen(rule=rule):
            return rule
