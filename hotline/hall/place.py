"""Who is put through to whom? Matches waiting callers with free seats, and rings.

Before every input no caller waits while a seat that may serve it is free. So only what the input changed must be
looked at: a caller who began to wait (or may go to more groups), or a seat that became free.
"""

from __future__ import annotations

from datetime import timedelta

from adapters.telephony import OfferId, Phone, PhoneKind, RingSeat
from hotline.callers.treatment import Treatment
from hotline.calls.call import Call, CallState, Step, advance, place_since, waited
from hotline.calls.numbers import mask
from hotline.hall.events import SeatOffered
from hotline.hall.reach import within
from hotline.hall.work import Work
from routing.contract import Choice, FreeSeat, WaitingCall
from routing.queue import key
from routing.why import LeftOut, Why
from seats.seat import MAIN, LegRung, OfferMade, Reason, Seat, SeatNo, SeatState, is_free

RINGABLE = frozenset({SeatState.READY, SeatState.WRAP_UP, SeatState.BUSY})
"""States in which a seat may be rung by name: for a colleague's question, a transfer, a caller who returns to it."""
RETRY_SECONDS = 2
CONFIRM_SECONDS = 12
"""A mobile that was picked up is asked for a key; so much longer it may take than it rings."""
RING_GRACE_SECONDS = 5
"""The device stops ringing by itself that much later than we would have told it to."""


def place_call(work: Work, call: Call, lapsed: str | None = None) -> Call:
    """Offer the call to a free seat that has not passed it up; when all have, begin a new round with any but `lapsed`.

    Returns the call as it is then.
    """
    if call.wanted is not None:
        return ring_wanted(work, call)
    excluded = work.state.book.of(call.caller, work.now).excluded
    reach = work.reach(call)
    free = work.free_seats(call.groups, call.passed, excluded, reach)
    if not free and call.passed:
        passed = () if lapsed is None else (lapsed,)
        free = work.free_seats(call.groups, passed, excluded, reach)
        call = work.touch(call, passed=passed) if free else call
    return _offer(work, call, free) if free else call


def place_seat(work: Work, seat: Seat) -> None:
    """Let a free seat serve whoever is next."""
    if not is_free(seat):
        return
    call = work.next_for(seat)
    if call is None:
        return
    if call.wanted == seat.number:
        ring_wanted(work, call)
        return
    free = FreeSeat(seat=seat.number, groups=seat.groups, idle_since=seat.idle_since or seat.since, taken=seat.taken)
    _offer(work, call, [free])


def ring_wanted(work: Work, call: Call, *, expected: bool = False) -> Call:
    """Ring the one seat that the caller waits for; tried again a moment later when it cannot be rung now."""
    seat = work.seat(SeatNo(call.wanted or ""))
    if (
        seat is None
        or seat.operator is None
        or seat.state not in RINGABLE
        or not work.may_serve(seat, call)
        or not work.reaches(call, seat)
    ):
        return work.touch(call, retry_at=work.now + timedelta(seconds=RETRY_SECONDS))
    ring_seconds = work.rules.transfer_seconds
    return _ring(work, call, seat, "wanted", ring_seconds, expected=expected)


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
        joined_at=place_since(call),
        priority=call.priority,
        last_seat=_last_seat(work, call, free),
    )
    preferred = _seat_with(work, free, work.state.book.of(call.caller, work.now).preferred)
    choice = queue.strategy.choose(waiting, free, work.now) if preferred is None else Choice(preferred, "preferred")
    seat = work.seat(SeatNo(choice.seat))
    assert seat is not None, f"{queue.strategy.name} chose {choice.seat}, who was not asked about"
    reasons = _reasons(work, call, free, seat, choice.why)
    return _ring(work, call, seat, choice.why, queue.ring_seconds, reasons=reasons)


def _ring(
    work: Work,
    call: Call,
    seat: Seat,
    why: str,
    seconds: int,
    *,
    expected: bool = False,
    reasons: Why | None = None,
) -> Call:
    offer = OfferId(f"{call.id}.{call.offers + 1}")
    offered = work.change(
        call,
        SeatOffered(
            seat=seat.number, offer=offer, why=why, waited=waited(call, work.now), seconds=seconds, reasons=reasons
        ),
        state=advance(call, Step.SEAT_RUNG),
        offers=call.offers + 1,
        offer=offer,
        seat=seat.number,
        rung_at=call.rung_at or work.now,
        ring_until=work.now + timedelta(seconds=patience(seat, seconds)),
        retry_at=None,
    )
    if is_free(seat):
        work.move(seat, OfferMade(at=work.now, call=call.id, offer=offer, reason=Reason.CALL))
    else:
        work.move(seat, LegRung(at=work.now, call=call.id, offer=offer, part=MAIN, reason=Reason.CALL))
    work.order(
        call.adapter,
        RingSeat(
            call=call.key,
            offer=offer,
            phone=phone_of(seat),
            seconds=seconds + RING_GRACE_SECONDS,
            caller_shown=mask(call.caller),
            expected=expected,
        ),
    )
    assert offered.state is CallState.RINGING
    return offered


def patience(seat: Seat, seconds: int) -> int:
    """How long to wait for an answer there."""
    return seconds + (CONFIRM_SECONDS if seat.phone_kind == PhoneKind.MOBILE else 0)


def phone_of(seat: Seat) -> Phone:
    """What rings there."""
    kind = PhoneKind(seat.phone_kind or PhoneKind.DESK)
    return Phone(kind, seat.mobile if kind is PhoneKind.MOBILE else seat.extension)


def _last_seat(work: Work, call: Call, free: list[FreeSeat]) -> str | None:
    """Where the lawyer who spoke with this caller lately sits now, when free."""
    operator, at = work.state.last_operators.get(call.caller or "", (None, work.now))
    if operator is None or work.now - at > timedelta(days=work.rules.last_lawyer_days):
        return None
    return _seat_with(work, free, operator)


def _seat_with(work: Work, free: list[FreeSeat], operator: str | None) -> str | None:
    """The seat among these where that person sits."""
    seats = (work.seat(SeatNo(each.seat)) for each in free) if operator is not None else ()
    return next((seat.number for seat in seats if seat is not None and seat.operator == operator), None)


def _reasons(work: Work, call: Call, free: list[FreeSeat], seat: Seat, why: str) -> Why:
    """Why this caller and this seat, for whoever asks later."""
    treatment = work.state.book.of(call.caller, work.now)
    group = next((each for each in call.groups if each in seat.groups), "")
    line = work.state.lines.get(group)
    ahead = 0
    if line is not None:
        place = key(place_since(call), call.priority, work.rules.head_start_seconds)
        ahead = line.ahead_of(place)
    return Why(
        strategy=why,
        seat=seat.number,
        group=group,
        waited_seconds=round(waited(call, work.now), 1),
        ahead=ahead,
        rivals=len(free),
        idle_seconds=None if seat.idle_since is None else round((work.now - seat.idle_since).total_seconds(), 1),
        taken=seat.taken,
        relaxed=call.widened,
        left_out=tuple(each for each in _left_out(work, call, treatment) if each.seat != seat.number),
        out_of_reach=_out_of_reach(work, call),
        priority=max(call.priority, 0),
        marks=treatment.marks,
        kept_place=call.kept_place,
    )


def _left_out(work: Work, call: Call, treatment: Treatment) -> list[LeftOut]:
    """Free seats that would serve the call by their groups and were not asked."""
    if not treatment.excluded and not call.passed:
        return []
    found: list[LeftOut] = []
    for each in work.free_seats(call.groups, without=(), reach=work.reach(call)):
        seat = work.seat(SeatNo(each.seat))
        operator = seat.operator if seat is not None else None
        if operator in treatment.excluded:
            reason = "conflict" if operator in treatment.conflicting else "avoid"
            found.append(LeftOut(seat=each.seat, reason=reason))
        elif each.seat in call.passed:
            found.append(LeftOut(seat=each.seat, reason="passed"))
    return sorted(found, key=lambda each: each.seat)


def _out_of_reach(work: Work, call: Call) -> int:
    """How many free seats would serve the call by their groups, and have a phone that its line cannot ring."""
    reach = work.reach(call)
    if reach is None:
        return 0
    return sum(
        (seat := work.seat(SeatNo(each.seat))) is not None and not within(reach, seat)
        for each in work.free_seats(call.groups, without=())
    )
