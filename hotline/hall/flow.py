"""A call's way through the hall, step by step: begin → menu → queue → ring → talk → end.

Every way to one of these steps – a fact, a command, a deadline, a restart – comes through here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from adapters.telephony import (
    Answer,
    EndedBy,
    Handling,
    JoinLegs,
    PlayMusic,
    PlayPrompt,
    Release,
    StartRecording,
    StopRinging,
)
from hotline.calls.call import CONNECTED, Call, CallState, Step, advance, can
from hotline.calls.outcome import Outcome, abandoned
from hotline.hall.events import (
    AnnouncementBegun,
    CallEnded,
    CallLeaving,
    CallQueued,
    CallTaken,
    OfferMissed,
    SeatVanished,
)
from hotline.hall.place import place_call, place_seat
from hotline.hall.rules import QueueRules
from hotline.hall.work import Work
from routing.queue import key
from seats.seat import (
    CallOver,
    OfferLapsed,
    OfferTaken,
    OfferWithdrawn,
    Reason,
    Seat,
    SeatNo,
    SeatState,
)

PROMPT_PATIENCE_SECONDS = 60
"""An announcement whose end is never reported is taken as over after that time."""


def begin(work: Work, call: Call) -> Call:
    """A new caller: greeting, then menu, then queue; whatever the hall has of these."""
    if work.rules.greeting:
        return announce(work, call, work.rules.greeting)
    return after_greeting(work, call)


def after_greeting(work: Work, call: Call) -> Call:
    """The menu, if the hall has one; else the queue of the dialled number."""
    if work.rules.menu is not None:
        return announce(work, call, work.rules.menu.prompt)
    return enqueue(work, call, work.rules.dialled.get(call.dialled or "", work.rules.default_queue))


def announce(work: Work, call: Call, prompt: str) -> Call:
    """Play an announcement; going off-hook first where we have not yet."""
    if not call.off_hook:
        work.order(call.adapter, Answer(call=call.key))
    announced = work.change(
        call,
        AnnouncementBegun(prompt=prompt),
        state=advance(call, Step.MENU_BEGUN) if can(call, Step.MENU_BEGUN) else call.state,
        off_hook=True,
        music=False,
        prompt=prompt,
        menu_until=work.now + timedelta(seconds=PROMPT_PATIENCE_SECONDS),
    )
    work.order(call.adapter, PlayPrompt(call=call.key, prompt=prompt, interruptible=call.leaving is None))
    return announced


def enqueue(work: Work, call: Call, queue_name: str) -> Call:
    """Let the caller wait for a person; rings at once when somebody is free."""
    queue = work.rules.queue_of(queue_name)
    reachable = queue.groups + tuple(group for step in queue.widening for group in step.groups)
    if not work.state.staffed(reachable) and not _just_signed_in(work, reachable):
        return leave(work, call, Outcome.NO_SEAT, queue)
    if work.state.queued[queue.name] >= queue.max_length:
        return leave(work, call, Outcome.QUEUE_FULL, queue)
    place = key(work.now, queue.priority, work.rules.head_start_seconds)
    line = work.state.lines.get(queue.groups[0])
    waiting = work.change(
        call,
        CallQueued(queue=queue.name, position=(0 if line is None else line.ahead_of(place)) + 1, groups=queue.groups),
        state=advance(call, Step.QUEUED),
        queue=queue.name,
        topic=queue.label,
        queued_at=work.now,
        priority=queue.priority,
        groups=queue.groups,
        prompt=None,
        menu_until=None,
        widened=0,
        widen_at=work.now + timedelta(seconds=queue.widening[0].after_seconds) if queue.widening else None,
        give_up_at=work.now + timedelta(seconds=queue.max_wait_seconds) if queue.max_wait_seconds else None,
    )
    placed = place_call(work, waiting)
    return placed if placed.state is CallState.RINGING else entertain(work, placed)


def entertain(work: Work, call: Call) -> Call:
    """Music for a caller who waits, where the queue has it and it does not play already."""
    queue = queue_of(work, call)
    if call.music or not queue.music:
        return call
    if not call.off_hook:
        work.order(call.adapter, Answer(call=call.key))
    work.order(call.adapter, PlayMusic(call=call.key))
    return work.touch(call, off_hook=True, music=True)


def leave(work: Work, call: Call, outcome: Outcome, queue: QueueRules | None = None) -> Call:
    """The caller cannot be served: say so, then end the call. The outcome is decided here."""
    leaving = work.change(
        call,
        CallLeaving(outcome=outcome),
        leaving=outcome,
        queue=call.queue or (queue.name if queue else None),
        widen_at=None,
        give_up_at=None,
    )
    prompt = work.rules.parting.get(outcome, "")
    if prompt:
        return announce(work, leaving, prompt)
    work.order(call.adapter, Release(call=call.key, cause=outcome))
    return work.touch(
        leaving,
        state=advance(leaving, Step.MENU_BEGUN) if can(leaving, Step.MENU_BEGUN) else leaving.state,
        menu_until=work.now + timedelta(seconds=PROMPT_PATIENCE_SECONDS),
    )


def take(work: Work, call: Call, seat: Seat) -> Call:
    """The seat picked up: join the legs, record."""
    waited = (work.now - (call.queued_at or call.offered_at)).total_seconds()
    work.move(seat, OfferTaken(at=work.now, reason=Reason.CALL, actor=seat.work_number or "system"))
    recording = call.id if work.rules.record else None
    taken = work.change(
        call,
        CallTaken(seat=seat.number, actor=seat.work_number or "system", operator=seat.operator, waited=waited),
        state=advance(call, Step.ANSWERED),
        answered_at=call.answered_at or work.now,
        answered_seat=seat.number,
        operator=seat.operator,
        ring_until=None,
        widen_at=None,
        give_up_at=None,
        off_hook=True,
        music=False,
        recording=recording,
    )
    if call.offer is not None:
        work.order(call.adapter, JoinLegs(call=call.key, offer=call.offer))
    if recording is not None:
        work.order(call.adapter, StartRecording(call=call.key, name=recording))
    return taken


def lapse(work: Work, call: Call, reason: str, *, stop: bool) -> Call:
    """The seat did not take the call: next seat, same place in the line. `stop`: its phone is still ringing."""
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
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
        lapsed = work.move(seat, OfferLapsed(at=work.now, reason=reason, limit=work.rules.misses_limit))
    waiting = place_call(work, waiting, seat.number if seat is not None else None)
    if lapsed is not None:
        place_seat(work, lapsed)
    waiting = work.call(waiting.id) or waiting
    return entertain(work, waiting) if waiting.state is CallState.WAITING else waiting


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


def seat_vanished(work: Work, call: Call) -> Call:
    """The seat's leg is lost, the caller is still there: to the front of the queue, with music."""
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    queue = queue_of(work, call)
    waiting = work.change(
        call,
        SeatVanished(seat=call.seat),
        state=advance(call, Step.SEAT_LOST),
        offer=None,
        seat=None,
        queue=queue.name,
        queued_at=call.queued_at or call.offered_at,
        groups=call.groups or queue.groups,
        priority=call.priority + 1,
        recording=None,
        widen_at=work.now if call.widened < len(queue.widening) else None,  # has waited long enough for anybody
        give_up_at=work.now + timedelta(seconds=queue.max_wait_seconds) if queue.max_wait_seconds else None,
    )
    if seat is not None and seat.state is SeatState.TALKING and seat.call == call.id:
        _free(work, seat, queue.wrap_seconds)
    waiting = work.call(waiting.id) or waiting
    if waiting.state is CallState.WAITING:  # a seat without wrap-up may have been free for this very caller
        waiting = place_call(work, waiting)
    return entertain(work, waiting) if waiting.state is CallState.WAITING else waiting


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
    ended_at = max(filter(None, (at or work.now, call.offered_at, call.queued_at, call.rung_at, call.answered_at)))
    settled = outcome_of(call, by, ended_at, inferred=inferred)
    ended = work.change(
        call,
        CallEnded(seat=call.seat, outcome=settled, by=call.ended_by or by, cause=cause, inferred=inferred),
        state=advance(call, Step.ENDED),
        seat=call.answered_seat or call.seat,
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
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    if seat is not None and seat.call == call.id:
        if seat.state is SeatState.TALKING:
            _free(work, seat, queue_of(work, call).wrap_seconds)
        elif seat.state is SeatState.RINGING:
            place_seat(work, work.move(seat, OfferWithdrawn(at=work.now, reason=Reason.CALLER_GONE)))
    return ended


def outcome_of(call: Call, by: EndedBy, ended_at: datetime, *, inferred: bool) -> Outcome:
    """How a call that ends now has ended."""
    if call.answered_at is not None or call.state in CONNECTED:
        return Outcome.ANSWERED
    if call.leaving is not None:
        return call.leaving
    if inferred or by is EndedBy.NETWORK:
        return Outcome.LOST
    return abandoned(call.state, (ended_at - call.offered_at).total_seconds())


def queue_of(work: Work, call: Call) -> QueueRules:
    """The rules of the call's queue; the default queue's while it has none."""
    return work.rules.queue_of(call.queue)


def _free(work: Work, seat: Seat, wrap_seconds: int) -> None:
    place_seat(work, work.move(seat, CallOver(at=work.now, wrap_seconds=wrap_seconds, reason=Reason.CALL)))


def _just_signed_in(work: Work, groups: tuple[str, ...]) -> bool:
    return any(
        seat.operator is not None and not set(groups).isdisjoint(seat.groups) for seat in work.decision.seats.values()
    )
