"""Who is put through to whom? Matches waiting callers with free seats, and rings.

Before every input no caller waits while a seat that may serve it is free. So only what the input changed must be
looked at: a caller who began to wait (or may go to more groups), or a seat that became free.
"""

from __future__ import annotations

from datetime import timedelta

from adapters.telephony import OfferId, Phone, PhoneKind, RingSeat
from hotline.calls.call import Call, CallState, Step, advance
from hotline.calls.numbers import mask
from hotline.hall.events import SeatOffered
from hotline.hall.work import Work
from routing.contract import FreeSeat, WaitingCall
from seats.seat import OfferMade, Reason, Seat, SeatNo, is_free

RING_GRACE_SECONDS = 5
"""The device stops ringing by itself that much later than we would have told it to."""


def place_call(work: Work, call: Call, lapsed: str | None = None) -> Call:
    """Offer the call to a free seat that has not passed it up; when all have, begin a new round with any but `lapsed`.

    Returns the call as it is then.
    """
    free = work.free_seats(call.groups, without=call.passed)
    if not free and call.passed:
        passed = () if lapsed is None else (lapsed,)
        free = work.free_seats(call.groups, without=passed)
        call = work.touch(call, passed=passed) if free else call
    return _offer(work, call, free) if free else call


def place_seat(work: Work, seat: Seat) -> None:
    """Let a free seat serve whoever is next."""
    if not is_free(seat):
        return
    call = work.next_for(seat)
    if call is not None:
        _offer(
            work,
            call,
            [
                FreeSeat(
                    seat=seat.number, groups=seat.groups, idle_since=seat.idle_since or seat.since, taken=seat.taken
                )
            ],
        )


def place_everybody(work: Work) -> None:
    """Look at every free seat: after a restart, when nothing can be taken for granted."""
    for number in sorted(work.state.seats):
        seat = work.seat(number)
        if seat is not None:
            place_seat(work, seat)


def _offer(work: Work, call: Call, free: list[FreeSeat]) -> Call:
    queue = work.rules.queue_of(call.queue)
    waiting = WaitingCall(
        call=call.id,
        queue=queue.name,
        groups=call.groups,
        joined_at=call.queued_at or call.offered_at,
        priority=call.priority,
        last_seat=_last_seat(work, call, free),
    )
    choice = queue.strategy.choose(waiting, free, work.now)
    seat = work.seat(SeatNo(choice.seat))
    assert seat is not None, f"{queue.strategy.name} chose {choice.seat}, who was not asked about"
    offer = OfferId(f"{call.id}.{call.offers + 1}")
    waited = (work.now - (call.queued_at or call.offered_at)).total_seconds()
    offered = work.change(
        call,
        SeatOffered(seat=seat.number, offer=offer, why=choice.why, waited=waited),
        state=advance(call, Step.SEAT_RUNG),
        offers=call.offers + 1,
        offer=offer,
        seat=seat.number,
        rung_at=call.rung_at or work.now,
        ring_until=work.now + timedelta(seconds=queue.ring_seconds),
    )
    work.move(seat, OfferMade(at=work.now, call=call.id, offer=offer, reason=Reason.CALL))
    work.order(
        call.adapter,
        RingSeat(
            call=call.key,
            offer=offer,
            phone=Phone(PhoneKind(seat.phone_kind or PhoneKind.DESK), seat.extension),
            seconds=queue.ring_seconds + RING_GRACE_SECONDS,
            caller_shown=mask(call.caller),
        ),
    )
    assert offered.state is CallState.RINGING
    return offered


def _last_seat(work: Work, call: Call, free: list[FreeSeat]) -> str | None:
    """Where the lawyer who spoke with this caller last sits now, when free."""
    operator = work.state.last_operators.get(call.caller) if call.caller else None
    if operator is None:
        return None
    seats = (work.seat(SeatNo(each.seat)) for each in free)
    return next((seat.number for seat in seats if seat is not None and seat.operator == operator), None)
