"""A call's way through the hall, step by step: begin → menu → queue → ring → talk → end.

Every way to one of these steps – a fact, a command, a deadline, a restart – comes through here.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from adapters.telephony import Ability, EndedBy, Handling, PlaceCall, Release, StopRinging
from hotline.announcements.speak import variant
from hotline.calls.call import CONNECTED, Call, CallState, Direction, Step, advance, can, waited
from hotline.calls.outcome import Outcome, abandoned
from hotline.hall.events import CallEnded, CallLeaving, CallQueued, CallTaken, NumberDialled, OfferMissed
from hotline.hall.hear import PROMPT_PATIENCE_SECONDS, announce, entertain, no_silence, notice_over
from hotline.hall.message import invite_message, may_leave_message
from hotline.hall.outbound import dial
from hotline.hall.outside import forward
from hotline.hall.parties import free_parties
from hotline.hall.passing import free_seat, not_taken
from hotline.hall.place import RING_GRACE_SECONDS, RINGABLE, place_call, place_seat
from hotline.hall.record import keep_recording
from hotline.hall.refused import Refused
from hotline.hall.rules import QueueRules
from hotline.hall.spill import look_to_spill
from hotline.hall.timers import staffed, times_in_line
from hotline.hall.work import Work
from hotline.rosters.shift import DutyMode
from routing.queue import key
from seats.seat import (
    OfferLapsed,
    OfferTaken,
    OfferWithdrawn,
    Reason,
    Seat,
    SeatNo,
    SeatState,
)

LAST = -30
"""Steps of priority of a caller whose calls are limited: everybody who came within the last hour goes before him."""


def enqueue(work: Work, call: Call, queue_name: str) -> Call:
    """Let the caller wait for a person; rings at once when somebody is free."""
    queue = work.rules.queue_of(queue_name)
    if not staffed(work, queue, call):
        return nobody_there(work, call, queue)
    if work.state.queued[queue.name] >= queue.max_length:
        return leave(work, call, Outcome.QUEUE_FULL, queue)
    treatment = work.state.book.of(call.caller, work.now)
    since = work.state.departed.find(call.caller, work.now)
    priority = LAST if treatment.served_last else queue.priority + treatment.priority
    place = key(since or work.now, priority, work.rules.head_start_seconds)
    line = work.state.lines.get(queue.groups[0])
    waiting = work.change(
        call,
        CallQueued(
            queue=queue.name,
            position=(0 if line is None else line.ahead_of(place)) + 1,
            groups=queue.groups,
            kept_place=since is not None,
            excluded=treatment.excluded,
            marks=treatment.marks,
            reach=work.reach(call),
        ),
        state=advance(call, Step.QUEUED),
        queue=queue.name,
        topic=queue.label,
        queued_at=work.now,
        place_at=since,
        kept_place=since is not None,
        priority=priority,
        groups=queue.groups,
        prompt=None,
        playing=(),
        menu_until=None,
        **times_in_line(work, queue, since or work.now),
    )
    placed = place_call(work, waiting)
    if placed.state is CallState.WAITING:
        placed = look_to_spill(work, placed)
    return no_silence(work, placed)


def nobody_there(work: Work, call: Call, queue: QueueRules) -> Call:
    """Nobody is signed in for that queue whom the caller's line can ring: by the roster of this hour the night lawyer's
    phone rings, a message can be left, or the caller hears why not."""
    night = work.rules.night[call.spills] if call.spills < len(work.rules.night) else None
    able = work.rules.can(call.adapter, Ability.RINGS_OUTSIDE)
    if work.rules.duty is DutyMode.FORWARDED_MOBILE and night is not None and able:
        named = work.touch(call, queue=queue.name, topic=queue.label, spills=call.spills + 1)
        return forward(work, named, night)
    return leave(work, call, Outcome.NO_SEAT, queue)


def leave(
    work: Work, call: Call, outcome: Outcome, queue: QueueRules | None = None, *, prompt: str | None = None
) -> Call:
    """The caller cannot be served: say so, then end the call, or take a message. The outcome is decided here."""
    call = work.touch(call, queue=call.queue or (queue.name if queue else None))
    if call.answered_at is None and may_leave_message(work, call, outcome):
        return invite_message(work, call, outcome, work.rules.plan.parting.get(outcome, ""))
    leaving = work.change(
        call,
        CallLeaving(outcome=outcome),
        leaving=outcome,
        playing=(),
        widen_at=None,
        give_up_at=None,
        announce_at=None,
        spill_at=None,
    )
    said = work.rules.plan.parting.get(outcome, "") if prompt is None else prompt
    if said:
        return announce(work, leaving, variant(work.rules.plan, said, call.language))
    work.order(call.adapter, Release(call=call.key, cause=outcome))
    return work.touch(
        leaving,
        state=advance(leaving, Step.MENU_BEGUN) if can(leaving, Step.MENU_BEGUN) else leaving.state,
        menu_until=work.now + timedelta(seconds=PROMPT_PATIENCE_SECONDS),
    )


def take(work: Work, call: Call, seat: Seat) -> Call:
    """The seat picked up: join the legs, record. Of an outbound call it is the seat's own phone: now the other side is
    rung."""
    work.move(seat, OfferTaken(at=work.now, reason=Reason.CALL, actor=seat.work_number or "system"))
    if is_own_ring(call):
        return dial_out(work, call)
    taken = work.change(
        call,
        CallTaken(
            seat=seat.number, actor=seat.work_number or "system", operator=seat.operator, waited=waited(call, work.now)
        ),
        state=advance(call, Step.ANSWERED),
        answered_at=call.answered_at or work.now,
        answered_seat=seat.number,
        operator=seat.operator,
        ring_until=None,
        widen_at=None,
        give_up_at=None,
        wanted=None,
        wanted_until=None,
        retry_at=None,
        take_back=None,
        off_hook=True,
        music=False,
    )
    work.arrange(taken)
    return keep_recording(work, taken)


def connected(work: Work, call: Call) -> Call:
    """Outbound: the other side has picked up."""
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    actor = seat.work_number if seat is not None and seat.work_number else "system"
    operator = seat.operator if seat is not None else None
    taken = work.change(
        call,
        CallTaken(seat=call.seat, actor=actor, operator=operator, waited=(work.now - call.offered_at).total_seconds()),
        state=advance(call, Step.ANSWERED),
        answered_at=work.now,
        answered_seat=call.seat,
        operator=operator,
        ring_until=None,
        off_hook=True,
    )
    work.arrange(taken)
    return keep_recording(work, taken)


def dial_out(work: Work, call: Call) -> Call:
    """Outbound: the seat is on the phone; ring the other side."""
    seconds = work.rules.outbound.ring_seconds
    dialling = work.change(
        call,
        NumberDialled(seat=call.seat, seconds=seconds),
        state=advance(call, Step.DIALLED),
        ring_until=work.now + timedelta(seconds=seconds + RING_GRACE_SECONDS),
    )
    work.arrange(dialling)
    work.order(call.adapter, PlaceCall(call=call.key, number=call.caller or "", seconds=seconds))
    return dialling


def lapse(work: Work, call: Call, reason: str, *, stop: bool) -> Call:
    """The seat did not take the call: next seat, same place in the line. `stop`: its phone is still ringing."""
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    if is_own_ring(call):
        return end(work, call, EndedBy.SEAT, f"own_phone_{reason}")
    if stop and call.offer is not None:
        work.order(call.adapter, StopRinging(call=call.key, offer=call.offer))
    waiting = work.change(
        call,
        OfferMissed(seat=call.seat, offer=call.offer or "", reason=reason),
        state=advance(call, Step.OFFER_LAPSED),
        offer=None,
        seat=None,
        ring_until=None,
        passed=call.passed if call.seat is None or call.seat in call.passed else (*call.passed, call.seat),
    )
    lapsed = None
    if seat is not None and seat.state is SeatState.RINGING and seat.call == call.id:
        if call.wanted is not None and reason != Reason.PHONE_UNREACHABLE:  # asked by a colleague: no miss of its own
            lapsed = work.move(seat, OfferWithdrawn(at=work.now, reason=reason))
        else:
            lapsed = work.move(seat, OfferLapsed(at=work.now, reason=reason, limit=work.rules.misses_limit))
    if call.wanted is not None:
        asked = not_taken(work, waiting, reason)
        if lapsed is not None:
            place_seat(work, work.seat(lapsed.number) or lapsed)
        return work.call(asked.id) or asked
    waiting = place_call(work, waiting, seat.number if seat is not None else None)
    if lapsed is not None:
        place_seat(work, lapsed)
    waiting = work.call(waiting.id) or waiting
    return entertain(work, waiting) if waiting.state is CallState.WAITING else waiting


def is_own_ring(call: Call) -> bool:
    """An outbound call whose other side was not rung yet: it is the caller's own phone that rings."""
    return call.direction is Direction.OUT and call.answered_at is None


def withdraw(work: Work, call: Call, reason: str) -> Call:
    """Take the offer back from a seat that was told to do something else: no miss for the seat."""
    if call.offer is not None:
        work.order(call.adapter, StopRinging(call=call.key, offer=call.offer))
    waiting = work.change(
        call,
        OfferMissed(seat=call.seat, offer=call.offer or "", reason=reason),
        state=advance(call, Step.OFFER_LAPSED),
        offer=None,
        seat=None,
        ring_until=None,
    )
    return waiting


def end(
    work: Work,
    call: Call,
    by: EndedBy,
    cause: str = "",
    *,
    at: datetime | None = None,
    inferred: bool = False,
) -> Call:
    """The caller's leg is over: settle the outcome, free the seat, let it serve the next."""
    call = notice_over(work, call, "call_over")
    begun = call.segments[-1].since if call.segments else None
    known = (at or work.now, call.offered_at, call.queued_at, call.rung_at, call.answered_at, begun)
    ended_at = max(each for each in known if each is not None)
    settled = outcome_of(call, by, ended_at, inferred=inferred)
    ended = work.change(
        call,
        CallEnded(seat=call.seat, outcome=settled, by=call.ended_by or by, cause=cause, inferred=inferred),
        state=advance(call, Step.ENDED),
        seat=call.answered_seat or call.seat,
        parties=(),
        muted=False,
        wanted=None,
        wanted_until=None,
        retry_at=None,
        take_back=None,
        rating=None,
        message=None,
        playing=(),
        announce_at=None,
        spill_at=None,
        ended_at=ended_at,
        outcome=settled,
        ended_by=call.ended_by or by,
        cause=cause,
        inferred=inferred,
        prompt=None,
        menu_until=None,
        ring_until=None,
        widen_at=None,
        give_up_at=None,
    )
    if call.handling is Handling.HALL and not call.backfilled:
        if call.state is CallState.RINGING and call.offer is not None:
            work.order(call.adapter, StopRinging(call=call.key, offer=call.offer))
        work.order(call.adapter, Release(call=call.key))
    free_parties(work, call)
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    if seat is not None and seat.call == call.id:
        if seat.state is SeatState.TALKING:
            free_seat(work, seat, queue_of(work, call).wrap_seconds)
        elif seat.state is SeatState.RINGING:
            place_seat(work, work.move(seat, OfferWithdrawn(at=work.now, reason=Reason.CALLER_GONE)))
    if seat is not None and call.handling is Handling.HALL:
        _help_goes_on(work, call, seat.number)
    return ended


def _help_goes_on(work: Work, call: Call, number: SeatNo) -> None:
    """The caller's line broke while his lawyer spoke with 110: all legs went with it, so the lawyer, who knows where
    the caller is, is put through again."""
    asked = next((each for each in call.parties if each.emergency and not each.confirmed), None)
    contact = work.rules.contacts.get(asked.contact) if asked is not None else None
    seat = work.seat(number)
    if contact is None or seat is None or seat.state not in RINGABLE:
        return
    with contextlib.suppress(Refused):
        dial(work, seat, contact.number, "emergency", None, seat.work_number or "system", contact)


def outcome_of(call: Call, by: EndedBy, ended_at: datetime, *, inferred: bool) -> Outcome:
    """How a call that ends now has ended."""
    if call.answered_at is not None:
        return Outcome.ANSWERED
    if call.direction is Direction.OUT:
        return Outcome.NOT_REACHED
    if call.leaving is not None:
        return call.leaving
    if call.state in CONNECTED - {CallState.HANDING_OVER}:
        return Outcome.ANSWERED
    if by is EndedBy.NETWORK or (inferred and by is not EndedBy.CALLER):
        return Outcome.LOST
    return abandoned(call.state, (ended_at - call.offered_at).total_seconds())


def queue_of(work: Work, call: Call) -> QueueRules:
    """The rules of the call's queue; the default queue's while it has none."""
    return work.rules.queue_of(call.queue)
