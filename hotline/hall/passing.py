"""The caller goes from one seat to another: he is passed on, waits for one seat alone, or comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from adapters.telephony import StopRinging
from hotline.calls.call import Call, CallState, Step, advance
from hotline.calls.party import Part, Party, without
from hotline.hall.events import CallPassed, CallQueued, CallReturning, SeatVanished
from hotline.hall.hear import entertain, no_silence
from hotline.hall.place import RINGABLE, place_call, place_seat, ring_wanted
from hotline.hall.rules import QueueRules
from hotline.hall.timers import staffed, times_in_line
from hotline.hall.work import Work
from seats.seat import CallOver, Reason, Seat, SeatNo, SeatState, promoted

_BACK: Final = {CallState.HELD: Step.RESUMED, CallState.HANDING_OVER: Step.SEAT_BACK}


def pass_to(work: Work, call: Call, party: Party, how: str, actor: str, *, leg_lives: bool) -> Call:
    """`party`, who is there already, has the caller from now on; the seat that had him is done with the call.
    `leg_lives`: its phone is still off-hook."""
    old_offer, rest = call.offer, without(call.parties, party.offer)
    event = CallPassed(seat=party.seat, before=call.seat, offer=party.offer, how=how, label=party.label, actor=actor)
    seat = work.seat(SeatNo(party.seat)) if party.seat is not None else None
    if seat is None:
        passed = work.change(
            call,
            event,
            state=advance(call, Step.PASSED_OUT),
            seat=None,
            offer=None,
            muted=False,
            parties=(*rest, replace(party, part=Part.JOINED)),
        )
    else:
        operator = seat.operator
        passed = work.change(
            call,
            replace(event, operator=operator),
            state=CallState.TALKING if call.state is CallState.TALKING else advance(call, _BACK[call.state]),
            seat=seat.number,
            offer=party.offer,
            answered_seat=seat.number,
            operator=operator,
            muted=False,
            parties=rest,
        )
        work.decision.seats[seat.number] = promoted(seat)
    if leg_lives and old_offer is not None:
        work.order(call.adapter, StopRinging(call=call.key, offer=old_offer))
    work.arrange(passed)
    leave_seat(work, call)
    return work.call(passed.id) or passed


def wait_for(work: Work, call: Call, seat: str, seconds: int, *, take_back: str | None, expected: bool = False) -> Call:
    """The caller, who was with somebody, waits with music for that seat alone."""
    waiting = work.touch(
        call,
        **_line(work, call),
        groups=(),
        wanted=seat,
        wanted_until=work.now + timedelta(seconds=seconds),
        retry_at=None,
        take_back=take_back,
        widen_at=None,
        give_up_at=None,
        announce_at=None,
        spill_at=None,
    )
    return no_silence(work, ring_wanted(work, waiting, expected=expected))


def wait_for_anybody(
    work: Work,
    call: Call,
    *,
    queue: QueueRules | None = None,
    without: str | None = None,
    widen_now: bool = False,
    keep: tuple[str, ...] = (),
) -> Call:
    """The caller, who was with somebody or waited for one seat, waits for whoever is free, in the place that his
    waiting so far has earned him. `widen_now`: he has waited long enough for every group that his queue may go to.
    `keep`: groups that may serve him as before."""
    chosen = queue or work.rules.queue_of(call.queue)
    groups = chosen.groups + tuple(group for group in keep if group not in chosen.groups)
    since = call.place_at or call.queued_at or call.offered_at
    times = times_in_line(work, chosen, since, widened=widen_now)
    if call.answered_at is None and not staffed(work, chosen, call):
        times["give_up_at"] = work.now  # nobody is there: what is done then is looked for at once
    if queue is None and widen_now:
        groups += tuple(group for step in chosen.widening for group in step.groups if group not in groups)
    treatment = work.state.book.of(call.caller, work.now)
    waiting = work.change(
        call,
        CallQueued(
            queue=chosen.name,
            position=0,
            groups=groups,
            excluded=treatment.excluded,
            marks=treatment.marks,
            reach=work.reach(call),
        ),
        **(
            _line(work, call)
            | {"queue": chosen.name, "topic": chosen.label if queue is not None else call.topic or chosen.label}
        ),
        groups=groups,
        priority=max(call.priority, chosen.priority),
        passed=(without,) if without is not None else (),
        wanted=None,
        wanted_until=None,
        retry_at=None,
        take_back=None,
        **times,
    )
    placed = place_call(work, waiting, without)
    if placed.state is CallState.WAITING and without is not None and (left := work.seat(SeatNo(without))) is not None:
        place_seat(work, left)  # free, and the only one there is: better than nobody
        placed = work.call(placed.id) or placed
    return no_silence(work, placed)


def not_taken(work: Work, call: Call, reason: str) -> Call:
    """The one seat that was asked did not take the caller: again in a moment while its phone is only coming back, then
    the one that passed him on, then anybody."""
    assert call.state is CallState.WAITING
    unreachable = reason == Reason.PHONE_UNREACHABLE
    if unreachable and call.wanted_until is not None and work.now < call.wanted_until:
        return entertain(work, work.touch(call, retry_at=work.now + timedelta(seconds=2)))
    return come_back(work, call, "not_taken", call.take_back)


def come_back(work: Work, call: Call, why: str, seat: str | None) -> Call:
    """The caller returns: to that seat, if it can be rung, else to anybody, before those who came later."""
    asked = work.seat(SeatNo(seat)) if seat is not None else None
    there = asked is not None and asked.operator is not None and asked.state in RINGABLE
    if asked is not None and there and seat != call.wanted and work.reaches(call, asked):
        returning = work.change(call, CallReturning(seat=seat, why=why))
        return wait_for(work, returning, asked.number, work.rules.transfer_seconds, take_back=None)
    lost = call.wanted or call.seat
    ahead = int(call.answered_at is not None)  # who was being served goes on being served
    returning = work.change(call, CallReturning(why=why), priority=call.priority + ahead)
    return wait_for_anybody(work, returning, without=lost, widen_now=True)


def seat_lost(work: Work, call: Call, *, own: bool) -> Call:
    """The seat's leg is lost, the caller is still there. Where somebody is at the desk the caller waits a moment for
    him, whose phone or page may be back at once; then, or else, for anybody, at the front."""
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    vanished = work.change(call, SeatVanished(seat=call.seat), priority=call.priority + 1)
    leave_seat(work, call)
    vanished = work.call(vanished.id) or vanished
    if own and seat is not None and seat.here and work.rules.return_seconds:
        return wait_for(work, vanished, seat.number, work.rules.return_seconds, take_back=None, expected=True)
    return wait_for_anybody(work, vanished, widen_now=True)


def leave_seat(work: Work, call: Call) -> None:
    """The seat that has the call (as `call` says) is done with it: wrap-up, or the next caller."""
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    if seat is not None and seat.call == call.id and seat.offer == call.offer and seat.state is SeatState.TALKING:
        free_seat(work, seat, work.rules.queue_of(call.queue).wrap_seconds)


def free_seat(work: Work, seat: Seat, wrap_seconds: int) -> None:
    """No caller is at the seat any more."""
    place_seat(work, work.move(seat, CallOver(at=work.now, wrap_seconds=wrap_seconds, reason=Reason.CALL)))


def _line(work: Work, call: Call) -> dict[str, object]:
    """What is true of a caller in the line who was there before."""
    return {
        "state": call.state if call.state is CallState.WAITING else advance(call, Step.QUEUED),
        "seat": None,
        "offer": None,
        "muted": False,
        "leaving": None,
        "queue": work.rules.queue_of(call.queue).name,
        "queued_at": call.queued_at or call.offered_at,
        "place_at": call.place_at or call.queued_at or call.offered_at,
        "ring_until": None,
    }
