"""Who else is on a call: rung, there, gone; and what that means for the caller."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace

from adapters.telephony import EndedBy, OfferId, Release, RingOutside, RingSeat, StopRinging
from hotline.calls.call import CONNECTED, Call, CallState, Step, advance, can
from hotline.calls.numbers import mask
from hotline.calls.outcome import Outcome
from hotline.calls.party import SUPERVISING, Part, Party, heir, without
from hotline.hall.events import (
    CallResumed,
    CallTransferred,
    LeftUnconfirmed,
    PartyAnswered,
    PartyLeft,
    PartyMissed,
    PartyRung,
)
from hotline.hall.hear import entertain
from hotline.hall.passing import come_back, free_seat, leave_seat, pass_to, seat_lost
from hotline.hall.place import RING_GRACE_SECONDS, RINGABLE, patience, phone_of, place_seat
from hotline.hall.record import keep_recording
from hotline.hall.rules import Contact
from hotline.hall.work import Work
from seats.seat import MAIN, CallOver, LegRung, OfferLapsed, OfferTaken, OfferWithdrawn, Reason, Seat, SeatNo, SeatState


def ring_seat(
    work: Work, call: Call, seat: Seat, part: Part, by: str, *, expected: bool = False, again: bool = False
) -> Call:
    """Ring a colleague, or a supervisor, into the call. `again`: it was on it before."""
    seconds = work.rules.transfer_seconds
    party = Party(
        offer=OfferId(f"{call.id}.{call.offers + 1}"),
        part=part,
        seat=seat.number,
        label=seat.operator_name or seat.number,
        since=work.now,
        ring_until=work.now + timedelta(seconds=patience(seat, seconds)),
        by=by,
    )
    work.move(
        seat,
        LegRung(at=work.now, call=call.id, offer=party.offer, part=part, reason=Reason.CALL, actor=seat.work_number),
    )
    work.order(
        call.adapter,
        RingSeat(
            call=call.key,
            offer=party.offer,
            phone=phone_of(seat),
            seconds=seconds + RING_GRACE_SECONDS,
            caller_shown=mask(call.caller),
            expected=expected,
        ),
    )
    return _rung(work, call, party, target=seat.number, again=again)


def ring_again(work: Work, call: Call, seat: Seat, party: Party) -> Call:
    """The phone of a seat beside the main one was loaded anew: its old leg is dead, nobody has put down."""
    work.order(call.adapter, StopRinging(call=call.key, offer=party.offer))
    gone = _off(work, call, party, "line_lost", "")
    freed = work.move(seat, CallOver(at=work.now, wrap_seconds=0, reason=Reason.CALL))
    if freed.operator is None or freed.state not in RINGABLE | {SeatState.ON_BREAK}:
        return _go_on(work, gone, party, hung_up=False)
    return ring_seat(work, gone, freed, party.part, seat.number, expected=True, again=True)


def come_in_again(work: Work, call: Call, number: SeatNo) -> Call:
    """The same of the seat that had the call, where somebody else keeps the caller meanwhile."""
    seat = work.seat(number)
    if seat is None or call.state not in CONNECTED or call.seat == number or seat.state not in RINGABLE:
        return call
    return ring_seat(work, call, seat, Part.JOINED, number, expected=True, again=True)


def ring_contact(
    work: Work,
    call: Call,
    contact: Contact,
    part: Part,
    by: str,
    *,
    take_back: str | None = None,
    emergency: bool = False,
    rung_as: str = "",
) -> Call:
    """Ring a contact outside into the call. Whether that is allowed was settled before. `rung_as`: the leg that rings
    already, because it could not wait to be written down."""
    party = Party(
        offer=OfferId(rung_as or f"{call.id}.{call.offers + 1}"),
        part=part,
        contact=contact.id,
        label=contact.label,
        since=work.now,
        ring_until=work.now + timedelta(seconds=contact.ring_seconds),
        by=by,
        emergency=emergency,
        take_back=take_back,
    )
    work.order(
        call.adapter,
        RingOutside(
            call=call.key,
            offer=party.offer,
            number=contact.number,
            seconds=contact.ring_seconds + RING_GRACE_SECONDS,
        ),
    )
    return _rung(work, call, party, contact=contact.id)


def party_answered(work: Work, call: Call, party: Party) -> Call:
    """That leg was picked up."""
    if party.up:
        return call
    seat = _seat(work, call, party)
    if seat is not None and seat.state is SeatState.RINGING:
        work.move(seat, OfferTaken(at=work.now, reason=Reason.CALL, actor=seat.work_number or "system"))
    there = replace(party, up=True, since=work.now, ring_until=None)
    alone = call.state is CallState.HANDING_OVER  # with nobody of ours: from here on he is served
    changed = work.change(
        call,
        PartyAnswered(seat=call.seat, offer=party.offer, target=party.seat, label=party.label),
        parties=(*without(call.parties, party.offer), there),
        music=call.music and not alone,
        leaving=Outcome.FORWARDED if alone and call.answered_at is None else call.leaving,
    )
    if alone and party.seat is not None:
        return keep_recording(work, pass_to(work, changed, there, "back", "system", leg_lives=False))
    work.arrange(changed)
    return keep_recording(work, changed) if alone else changed


def party_missed(work: Work, call: Call, party: Party, reason: str, *, stop: bool) -> Call:
    """Nobody picked up there. `stop`: the phone still rings."""
    if stop:
        work.order(call.adapter, StopRinging(call=call.key, offer=party.offer))
    gone = work.change(
        call,
        PartyMissed(seat=call.seat, offer=party.offer, reason=reason, target=party.seat, label=party.label),
        parties=without(call.parties, party.offer),
    )
    _let_seat_go(work, call, party, reason)
    return _go_on(work, work.call(gone.id) or gone, party, hung_up=True)


def party_left(work: Work, call: Call, party: Party, *, hung_up: bool) -> Call:
    """Whoever was on the call has gone by itself."""
    return _go_on(work, _gone(work, call, party, "hung_up" if hung_up else "line_lost", ""), party, hung_up=hung_up)


def let_go(work: Work, call: Call, party: Party, actor: str, *, settle: bool = True) -> Call:
    """Take a leg off the call. `settle`: look at what that means for the caller."""
    work.order(call.adapter, StopRinging(call=call.key, offer=party.offer))
    gone = _gone(work, call, party, "let_go", actor)
    return _go_on(work, gone, party, hung_up=True) if settle else gone


def dismiss(work: Work, call: Call, parts: Iterable[Part], actor: str = "") -> Call:
    """Take all legs with these parts off the call, whatever comes next."""
    for party in tuple(call.parties):
        if party.part in parts:
            call = let_go(work, call, party, actor, settle=False)
    return call


def free_parties(work: Work, call: Call) -> None:
    """The call is over, its legs are released with it: the seats among them are free."""
    for party in call.parties:
        _let_seat_go(work, call, party, Reason.CALLER_GONE)


def seat_left(work: Work, call: Call, actor: str, *, leg_lives: bool, how: str = "transfer") -> Call | None:
    """The seat that has the call leaves it. Whoever else is there keeps the caller; None when nobody is, and the caller
    is still the seat's to answer for. `leg_lives`: its phone is still off-hook."""
    keeper = heir(call.parties)
    if keeper is not None:
        if keeper.emergency and not keeper.confirmed:
            call = work.change(call, LeftUnconfirmed(seat=call.seat, label=keeper.label, actor=actor))
        if keeper.seat is None:
            call = dismiss(work, call, SUPERVISING, actor)
        consulted = [each for each in call.parties if each.part is Part.CONSULTED and each.offer != keeper.offer]
        for party in consulted:
            call = let_go(work, call, party, actor, settle=False)
        return pass_to(work, call, keeper, how, actor, leg_lives=leg_lives)
    asked = [each for each in call.parties if each.part in (Part.JOINED, Part.CONSULTED)]
    if not asked:
        return None
    ringing = min(asked, key=lambda each: (not each.emergency, each.part is not Part.JOINED))
    for party in call.parties:
        if party.offer != ringing.offer:
            call = let_go(work, call, party, actor, settle=False)
    if leg_lives and call.offer is not None:
        work.order(call.adapter, StopRinging(call=call.key, offer=call.offer))
    return _leave_to_ringing(work, call, ringing)


def seat_gone(work: Work, call: Call, *, own: bool = True) -> Call:
    """The leg of the seat that has the call was lost, not put down. `own`: its own lawyer is asked first."""
    kept = seat_left(work, call, "system", leg_lives=False, how="lost")
    if kept is not None:
        return kept
    return seat_lost(work, dismiss(work, call, Part), own=own)


def _leave_to_ringing(work: Work, call: Call, ringing: Party) -> Call:
    """The seat has put down before the one it asked has picked up: that one is rung for the caller himself."""
    take_back = call.seat
    if ringing.seat is None:
        out = work.change(
            call,
            CallTransferred(seat=take_back, kind="outside", target=ringing.contact, label=ringing.label),
            state=advance(call, Step.PASSED_OUT),
            seat=None,
            offer=None,
            muted=False,
            parties=tuple(
                replace(each, part=Part.JOINED, take_back=take_back) if each.offer == ringing.offer else each
                for each in call.parties
            ),
        )
        work.arrange(out)
        leave_seat(work, call)
        return work.call(out.id) or out
    target = _seat(work, call, ringing)
    assert target is not None
    work.decision.seats[target.number] = replace(target, part=MAIN)
    leave_seat(work, call)
    left = work.call(call.id) or call
    assert can(left, Step.QUEUED)  # and from the line to the one that rings, in one step
    queue = work.rules.queue_of(left.queue)
    left = work.change(
        left,
        CallTransferred(seat=take_back, kind="seat", target=ringing.seat, label=ringing.label),
        state=CallState.RINGING,
        seat=ringing.seat,
        offer=ringing.offer,
        ring_until=ringing.ring_until,
        muted=False,
        parties=without(left.parties, ringing.offer),
        queue=queue.name,
        queued_at=left.queued_at or left.offered_at,
        place_at=left.place_at or left.queued_at or left.offered_at,
        groups=(),
        wanted=ringing.seat,
        wanted_until=ringing.ring_until,
        take_back=take_back,
    )
    return entertain(work, left)


def _go_on(work: Work, call: Call, party: Party, *, hung_up: bool) -> Call:
    """What it means for the caller that this one is no longer there."""
    others = [each for each in call.parties if each.part in (Part.JOINED, Part.CONSULTED)]
    match call.state:
        case CallState.HELD if party.part is Part.CONSULTED and not others:
            call = work.change(call, CallResumed(seat=call.seat), state=advance(call, Step.RESUMED))
            work.arrange(call)
            return call
        case CallState.HANDING_OVER if not others and not party.up:
            return come_back(work, call, "not_taken", party.take_back or party.by)
        case CallState.HANDING_OVER if not others and hung_up:
            work.order(call.adapter, Release(call=call.key))
            return work.touch(call, ended_by=EndedBy.SEAT)
        case CallState.HANDING_OVER if not others:
            return come_back(work, call, "line_lost", party.by)
        case _:
            work.arrange(call)
            return call


def _rung(
    work: Work, call: Call, party: Party, *, target: str | None = None, contact: str = "", again: bool = False
) -> Call:
    return work.change(
        call,
        PartyRung(
            seat=call.seat,
            actor=_asker(work, party),
            offer=party.offer,
            part=party.part,
            target=target,
            contact=contact,
            label=party.label,
            emergency=party.emergency,
            again=again,
            seconds=0 if party.ring_until is None else int((party.ring_until - party.since).total_seconds()),
        ),
        offers=call.offers + 1,
        parties=(*call.parties, party),
    )


def _asker(work: Work, party: Party) -> str:
    """工号 of who sits where the wish came from."""
    seat = work.seat(SeatNo(party.by)) if party.by else None
    return (seat.work_number if seat is not None else "") or "system"


def _gone(work: Work, call: Call, party: Party, reason: str, actor: str) -> Call:
    gone = _off(work, call, party, reason, actor)
    _let_seat_go(work, call, party, Reason.PASSED_ON)
    return work.call(gone.id) or gone


def _off(work: Work, call: Call, party: Party, reason: str, actor: str) -> Call:
    return work.change(
        call,
        PartyLeft(
            seat=call.seat,
            offer=party.offer,
            part=party.part,
            reason=reason,
            target=party.seat,
            label=party.label,
            actor=actor or "system",
        ),
        parties=without(call.parties, party.offer),
    )


def _let_seat_go(work: Work, call: Call, party: Party, reason: str) -> None:
    seat = _seat(work, call, party)
    if seat is None:
        return
    if seat.state is SeatState.TALKING:
        free_seat(work, seat, 0)
    elif seat.state is SeatState.RINGING and reason == Reason.PHONE_UNREACHABLE:
        place_seat(work, work.move(seat, OfferLapsed(at=work.now, reason=reason, limit=work.rules.misses_limit)))
    elif seat.state is SeatState.RINGING:
        place_seat(work, work.move(seat, OfferWithdrawn(at=work.now, reason=Reason.CALLER_GONE)))


def _seat(work: Work, call: Call, party: Party) -> Seat | None:
    seat = work.seat(SeatNo(party.seat)) if party.seat is not None else None
    return seat if seat is not None and seat.call == call.id and seat.offer == party.offer else None
