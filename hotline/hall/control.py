"""What whoever has a call may do with it: hold, ask, pass on, confer, call for help.

Every command is refused with a typed reason where the line, the call or the target does not allow it; what it may do is
settled here, not on the screen.
"""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from adapters.telephony import Ability, EndedBy, Handling, OfferId, Release, SendKeys, StopRinging
from hotline.calls.call import Call, CallId, CallState, Direction, Step, advance
from hotline.calls.party import SUPERVISING, Part, Party, at_seat, party_of
from hotline.hall.events import (
    CallHeld,
    CallResumed,
    CallTransferred,
    HandoverConfirmed,
    KeysSent,
    PartyJoined,
    SeatMuted,
)
from hotline.hall.flow import end, is_own_ring, withdraw
from hotline.hall.hear import entertain
from hotline.hall.inputs import (
    CallCommand,
    CancelConsult,
    ConfirmHandover,
    Consult,
    DropParty,
    Emergency,
    Hold,
    JoinConsulted,
    Leave,
    Mute,
    OutsideTarget,
    PressKeys,
    QueueTarget,
    Resume,
    SeatTarget,
    SendToRating,
    Target,
    Transfer,
)
from hotline.hall.outbound import allow, dial
from hotline.hall.parties import dismiss, let_go, party_missed, ring_contact, ring_seat, seat_left
from hotline.hall.passing import leave_seat, wait_for, wait_for_anybody
from hotline.hall.place import RINGABLE, place_call
from hotline.hall.rate import ask_to_rate
from hotline.hall.refused import Code, Refused
from hotline.hall.rules import Contact
from hotline.hall.work import Work
from seats.seat import OCCUPIED, OfferWithdrawn, Reason, Refusal, Seat, SeatNo, SeatRefused, SeatState

WITH_CALLER = frozenset({CallState.TALKING, CallState.HELD})


def control(work: Work, command: CallCommand, who: str) -> None:
    """Do it, or raise `Refused`."""
    if isinstance(command, Emergency):
        _emergency(work, command, who)
        return
    seat, call = on_call(work, command.seat, command.call)
    match command:
        case Hold():
            need(work, call, Ability.HOLDS)
            if call.state is CallState.TALKING:
                hold(work, call, who)
        case Resume():
            if call.state is CallState.HELD:
                resume(work, call, who)
        case Mute(on=on):
            need(work, call, Ability.HOLDS)
            if call.muted is not on:
                work.arrange(work.change(call, SeatMuted(seat=seat.number, actor=who, on=on), muted=on))
        case PressKeys(digits=digits):
            _keys(work, call, digits, who)
        case Consult():
            _consult(work, call, command, who)
        case CancelConsult():
            _cancel_consult(work, call, who)
        case JoinConsulted():
            _join(work, call, who)
        case Leave():
            leave_call(work, call, who)
        case Transfer(target=target):
            _transfer(work, call, target, who)
        case DropParty(offer=offer):
            let_go(work, call, _party(call, offer), who)
        case SendToRating():
            _to_rating(work, call, who)
        case ConfirmHandover(offer=offer):
            _confirm(work, call, offer, who)
        case _:
            assert_never(command)


def hang_up(work: Work, seat: Seat, call: Call, who: str) -> None:
    """挂机: the seat leaves. Whoever else is on the call keeps the caller; else he may rate, and the call is over."""
    _refuse_unconfirmed(call)
    if seat_left(work, call, who, leg_lives=True) is None:
        let_caller_go(work, call, leg_lives=True)


def let_caller_go(work: Work, call: Call, *, leg_lives: bool) -> None:
    """Nobody of ours is left on the call."""
    alone = dismiss(work, call, SUPERVISING)
    if not ask_to_rate(work, alone, leg_lives=leg_lives):
        work.order(alone.adapter, Release(call=alone.key))
        work.touch(alone, ended_by=EndedBy.SEAT)


def leave_call(work: Work, call: Call, who: str) -> None:
    """完成转接. Raises `Refused` when nobody else is there to keep the caller."""
    _refuse_unconfirmed(call)
    if seat_left(work, call, who, leg_lives=True) is None:
        raise Refused(Code.NOBODY_LEFT)


def hold(work: Work, call: Call, who: str) -> Call:
    """The caller hears music."""
    held = work.change(call, CallHeld(seat=call.seat, actor=who), state=advance(call, Step.HELD))
    work.arrange(held)
    return held


def resume(work: Work, call: Call, who: str) -> Call:
    """The caller is back."""
    back = work.change(call, CallResumed(seat=call.seat, actor=who), state=advance(call, Step.RESUMED))
    work.arrange(back)
    return back


def on_call(work: Work, number: SeatNo, call_id: CallId) -> tuple[Seat, Call]:
    """The seat and its call. Raises `Refused` unless the seat has that call, and has the caller on it."""
    seat = work.seat(number)
    if seat is None:
        raise Refused(Code.NO_SUCH_SEAT)
    call = work.state.calls.get(CallId(call_id))
    if call is None:
        raise Refused(Code.CALL_GONE)
    if call.handling is Handling.DEVICE:
        raise Refused(Code.CALL_AT_DEVICE)
    if call.seat != seat.number or call.state not in WITH_CALLER:
        raise Refused(Code.NOT_ON_CALL)
    return seat, call


def need(work: Work, call: Call, *abilities: Ability) -> None:
    """Raises `Refused` when the call's line cannot do it."""
    if not all(work.rules.can(call.adapter, each) for each in abilities):
        raise Refused(Code.LINE_CANNOT)


def colleague(work: Work, call: Call, number: SeatNo) -> Seat:
    """A seat that may be rung into the call. Raises `Refused`."""
    seat = work.seat(number)
    if seat is None or number == call.seat:
        raise Refused(Code.TARGET_UNKNOWN)
    if seat.operator is None or seat.state not in RINGABLE:
        raise Refused(Code.TARGET_NOT_FREE)
    if not work.may_serve(seat, call):
        raise Refused(Code.MUST_NOT_ADVISE)
    if not work.reaches(call, seat):
        raise Refused(Code.PHONE_ELSEWHERE)
    return seat


def contact_of(work: Work, name: str) -> Contact:
    """A contact outside. Raises `Refused`."""
    contact = work.rules.contacts.get(name)
    if contact is None:
        raise Refused(Code.TARGET_UNKNOWN)
    return contact


def _keys(work: Work, call: Call, digits: str, who: str) -> None:
    need(work, call, Ability.SENDS_KEYS)
    outside = next((each for each in call.parties if each.up and each.contact), None)
    work.order(call.adapter, SendKeys(call=call.key, digits=digits, offer=outside.offer if outside else None))
    work.change(call, KeysSent(seat=call.seat, actor=who, count=len(digits), to=outside.label if outside else "caller"))


def _consult(work: Work, call: Call, command: Consult, who: str) -> None:
    need(work, call, Ability.HOLDS, Ability.CONFERS)
    if any(each.part is Part.CONSULTED for each in call.parties):
        raise Refused(Code.CONSULT_UNDER_WAY)
    match command.target:
        case SeatTarget(seat=number):
            target = colleague(work, call, number)
            held = call if call.state is CallState.HELD else hold(work, call, who)
            ring_seat(work, held, target, Part.CONSULTED, command.seat)
        case OutsideTarget(contact=name):
            contact = contact_of(work, name)
            need(work, call, Ability.RINGS_OUTSIDE)
            allow(work, command.seat, contact.kind)
            held = call if call.state is CallState.HELD else hold(work, call, who)
            ring_contact(work, held, contact, Part.CONSULTED, command.seat)
        case _:
            assert_never(command.target)


def _cancel_consult(work: Work, call: Call, who: str) -> None:
    consulted = next((each for each in call.parties if each.part is Part.CONSULTED), None)
    if consulted is None:
        raise Refused(Code.NO_CONSULT)
    let_go(work, call, consulted, who)


def _join(work: Work, call: Call, who: str) -> None:
    consulted = next((each for each in call.parties if each.part is Part.CONSULTED and each.up), None)
    if consulted is None:
        raise Refused(Code.NO_CONSULT)
    joined = work.change(
        call,
        PartyJoined(seat=call.seat, actor=who, offer=consulted.offer, target=consulted.seat, label=consulted.label),
        state=advance(call, Step.RESUMED) if call.state is CallState.HELD else call.state,
        parties=tuple(replace(each, part=Part.JOINED) if each is consulted else each for each in call.parties),
    )
    if consulted.seat is not None and (seat := work.seat(SeatNo(consulted.seat))) is not None:
        work.decision.seats[seat.number] = replace(seat, part=Part.JOINED)
    work.arrange(joined)


def _transfer(work: Work, call: Call, target: Target, who: str) -> None:
    _refuse_unconfirmed(call)
    match target:
        case SeatTarget(seat=number):
            seat = colleague(work, call, number)
            label = seat.operator_name or seat.number
            gone = _give_away(work, call, CallTransferred(kind="seat", target=number, label=label), who)
            wait_for(work, gone, number, work.rules.transfer_seconds, take_back=call.seat)
        case QueueTarget(queue=name):
            queue = work.rules.queues.get(name)
            if queue is None:
                raise Refused(Code.TARGET_UNKNOWN)
            groups = queue.groups + tuple(g for step in queue.widening for g in step.groups)
            if not work.state.staffed(groups):
                raise Refused(Code.TARGET_NOT_FREE)
            if not work.state.staffed(groups, work.reach(call)):
                raise Refused(Code.PHONE_ELSEWHERE)
            gone = _give_away(work, call, CallTransferred(kind="queue", target=name, label=queue.label), who)
            wait_for_anybody(work, gone, queue=queue, without=call.seat)
        case OutsideTarget(contact=name):
            contact = contact_of(work, name)
            need(work, call, Ability.HOLDS, Ability.RINGS_OUTSIDE)
            allow(work, SeatNo(call.seat or ""), contact.kind)
            before = call
            gone = _give_away(work, call, CallTransferred(kind="outside", target=name, label=contact.label), who)
            out = work.touch(gone, state=advance(before, Step.PASSED_OUT), seat=None, offer=None, muted=False)
            work.arrange(out)
            rung = ring_contact(work, out, contact, Part.JOINED, before.seat or "", take_back=before.seat)
            entertain(work, rung)
        case _:
            assert_never(target)


def _give_away(work: Work, call: Call, event: CallTransferred, who: str) -> Call:
    """The seat's own leg goes, and everybody's whom it had asked; the seat is done with the call."""
    alone = dismiss(work, call, Part, who)
    if call.offer is not None:
        work.order(call.adapter, StopRinging(call=call.key, offer=call.offer))
    given = work.change(alone, replace(event, seat=call.seat, actor=who))
    leave_seat(work, call)
    return work.call(given.id) or given


def _to_rating(work: Work, call: Call, who: str) -> None:
    if not work.rules.plan.rating:
        raise Refused(Code.RATING_OFF)
    _refuse_unconfirmed(call)
    alone = dismiss(work, call, Part, who)
    ask_to_rate(work, alone, leg_lives=True)


def _confirm(work: Work, call: Call, offer: str, who: str) -> None:
    party = _party(call, offer)
    if not party.up:
        raise Refused(Code.TARGET_UNKNOWN)
    work.change(
        call,
        HandoverConfirmed(seat=call.seat, actor=who, offer=party.offer, label=party.label),
        parties=tuple(replace(each, confirmed=True) if each is party else each for each in call.parties),
    )


def _emergency(work: Work, command: Emergency, who: str) -> None:
    """Voice first: the contact rings at once, whatever else goes on at the seat. Never counted, never asked about."""
    seat = work.seat(command.seat)
    if seat is None:
        raise Refused(Code.NO_SUCH_SEAT)
    if seat.operator is None:
        raise SeatRefused(Refusal.NOT_SIGNED_IN)
    contact = contact_of(work, command.contact)
    if seat.state is SeatState.RINGING:
        if not _rings_for_help(work, seat):
            _help_before_the_next(work, seat, contact, who)
        return
    call = work.state.calls.get(CallId(seat.call or "")) if seat.state in OCCUPIED else None
    if call is None:
        dial(work, seat, contact.number, "emergency", None, who, contact)
        return
    if call.handling is Handling.DEVICE:
        raise Refused(Code.CALL_AT_DEVICE)
    need(work, call, Ability.RINGS_OUTSIDE)
    if any(each.contact == contact.id for each in call.parties):
        return  # pressed twice: it rings already
    if call.direction is Direction.OUT and call.caller == contact.number:
        return  # it is whom this very call is for
    if call.state is CallState.HELD and call.seat == seat.number:
        for party in [each for each in call.parties if each.part is Part.CONSULTED]:
            call = let_go(work, call, party, who, settle=False)
        call = resume(work, call, who)
    ring_contact(
        work, call, contact, Part.JOINED, seat.number, take_back=call.seat, emergency=True, rung_as=command.rung_as
    )


def _rings_for_help(work: Work, seat: Seat) -> bool:
    """Pressed twice: its own phone rings for 110 already."""
    call = work.state.calls.get(CallId(seat.call or ""))
    return call is not None and is_own_ring(call) and call.purpose == "emergency"


def _help_before_the_next(work: Work, seat: Seat, contact: Contact, who: str) -> None:
    """Whatever rings there goes to somebody else, through no fault of the seat's: this cannot wait."""
    call = work.state.calls.get(CallId(seat.call or ""))
    if call is None or call.handling is Handling.DEVICE:
        raise Refused(Code.ANSWER_FIRST)
    party = at_seat(call.parties, seat.number)
    waiting = None
    if party is None and not is_own_ring(call):
        waiting = withdraw(work, call, Reason.PASSED_ON)
    freed = work.move(seat, OfferWithdrawn(at=work.now, actor=who, reason=Reason.PASSED_ON))
    dial(work, freed, contact.number, "emergency", None, who, contact)
    if party is not None:
        party_missed(work, call, party, Reason.PASSED_ON, stop=True)
    elif waiting is None:
        end(work, call, EndedBy.US, "emergency")
    elif (placed := place_call(work, waiting, seat.number)).state is CallState.WAITING:
        entertain(work, placed)


def _party(call: Call, offer: str) -> Party:
    party = party_of(call.parties, OfferId(offer))
    if party is None:
        raise Refused(Code.TARGET_UNKNOWN)
    return party


def _refuse_unconfirmed(call: Call) -> None:
    """The seat stays until the other side has confirmed that it takes over (contract with the caller in danger)."""
    if any(each.emergency and not each.confirmed for each in call.parties):
        raise Refused(Code.HANDOVER_UNCONFIRMED)
