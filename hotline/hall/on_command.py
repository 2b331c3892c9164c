"""What an operator, a supervisor or an administrator may have done. Whether they *may* is settled before, by role."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from adapters.telephony import EndedBy, Handling, OfferId, PhoneKind, PickUp, Release, StopRinging
from hotline.calls.call import CONNECTED, Call, CallId, CallState
from hotline.calls.party import Party, at_seat, party_of
from hotline.hall import by_hand
from hotline.hall.by_hand import took
from hotline.hall.control import WITH_CALLER, control, hang_up
from hotline.hall.events import (
    BreakAsked,
    BreakDecided,
    BreakWithdrawn,
    NextChosen,
    OfferMissed,
    SeatDefined,
    TicketNumbered,
)
from hotline.hall.flow import end, is_own_ring, lapse, withdraw
from hotline.hall.hear import entertain
from hotline.hall.inputs import (
    Actor,
    AskBreak,
    CallCommand,
    DecideBreak,
    DefineSeat,
    Dial,
    ForceState,
    ForgetNext,
    GoBusy,
    GoReady,
    HallCommand,
    HangUp,
    NumberTicket,
    PresenceChanged,
    RejectCall,
    RestorePhone,
    SignIn,
    SignOff,
    StayInWrapUp,
    SupervisorCommand,
    TakeBreak,
    TakeCall,
    TookByHand,
    WithdrawBreak,
)
from hotline.hall.monitor import supervise
from hotline.hall.outbound import DIALLABLE, dial, line_out
from hotline.hall.parties import come_in_again, let_go, party_missed, ring_again, seat_gone
from hotline.hall.place import place_call, place_seat
from hotline.hall.refused import Code, Refused
from hotline.hall.work import Work
from seats.seat import (
    OCCUPIED,
    BreakBegun,
    ConnectionBack,
    ConnectionLost,
    NextState,
    OfferWithdrawn,
    Reason,
    Refusal,
    Seat,
    SeatEvent,
    SeatNo,
    SeatRefused,
    SeatState,
    SignedIn,
    SignedOff,
    WentBusy,
    WentReady,
    WrapUpHeld,
    choose_next,
)

FORCIBLE = frozenset({SeatState.READY, SeatState.BUSY, SeatState.SIGNED_OFF})


def on_command(work: Work, command: HallCommand, actor: Actor) -> None:
    """Do it, or raise `Refused` / `SeatRefused`; then nothing has changed."""
    who = actor.work_number
    if isinstance(command, CallCommand):
        control(work, command, who)
        return
    if isinstance(command, SupervisorCommand):
        supervise(work, command, who)
        return
    match command:
        case Dial():
            _dial(work, command, who)
        case RestorePhone():
            _restore_phone(work, command)
        case WithdrawBreak():
            _withdraw_break(work, command, who)
        case AskBreak():
            _ask_break(work, command, who)
        case DecideBreak():
            _decide_break(work, command, who)
        case SignIn():
            _sign_in(work, command, actor)
        case SignOff():
            _settle(work, command.seat, SeatState.SIGNED_OFF, command.reason, who)
        case GoReady():
            _settle(work, command.seat, SeatState.READY, Reason.SELF, who)
        case GoBusy():
            _settle(work, command.seat, SeatState.BUSY, command.reason, who)
        case TakeBreak():
            if work.rules.break_approval:
                raise Refused(Code.BREAK_NEEDS_CONSENT)
            _settle(work, command.seat, SeatState.ON_BREAK, command.reason, who)
        case StayInWrapUp():
            work.move(_seat(work, command.seat), WrapUpHeld(at=work.now, actor=who, reason=Reason.SELF))
        case ForgetNext():
            seat = _seat(work, command.seat)
            work.decision.seats[seat.number] = choose_next(seat, None)
            work.say(NextChosen(seat=seat.number, actor=who, state="", reason=""))
        case TakeCall():
            _take(work, command)
        case TookByHand():
            took(work, command, who)
        case RejectCall():
            seat = _seat(work, command.seat)
            party = _asked(work, seat, command.offer)
            if party is not None:
                party_missed(work, *party, Reason.REJECTED, stop=True)
            else:
                lapse(work, _offered(work, seat, command.offer), Reason.REJECTED, stop=True)
        case HangUp():
            _hang_up(work, command, who)
        case ForceState():
            _force(work, command, who)
        case DefineSeat():
            _define(work, command, who)
        case PresenceChanged():
            _presence(work, command)
        case NumberTicket():
            work.say(TicketNumbered(actor=who, number=work.next_ticket(), channel=command.channel))
        case _:
            assert_never(command)


def _sign_in(work: Work, command: SignIn, actor: Actor) -> None:
    seat = _seat(work, command.seat)
    if seat.operator is not None and seat.operator != actor.account:
        raise SeatRefused(Refusal.TAKEN)
    if any(s.operator == actor.account and s.number != seat.number for s in work.state.seats.values()):
        raise Refused(Code.SIGNED_IN_ELSEWHERE)
    if command.phone_kind == PhoneKind.MOBILE and not (DIALLABLE.fullmatch(command.mobile) and line_out(work)):
        raise Refused(Code.LINE_CANNOT)
    here = work.move(
        seat,
        SignedIn(
            at=work.now,
            actor=actor.work_number,
            reason=Reason.SIGNED_IN,
            operator=actor.account,
            work_number=actor.work_number,
            operator_name=actor.name,
            phone_kind=command.phone_kind,
            mobile=command.mobile,
        ),
    )
    if command.phone_ready:
        place_seat(work, here)
    else:
        work.move(here, WentBusy(at=work.now, actor=actor.work_number, reason=Reason.PHONE_UNREACHABLE))


def _settle(work: Work, number: SeatNo, state: SeatState, reason: str, who: str) -> Seat:
    """Go to a state; while a call is there: after it."""
    seat = _seat(work, number)
    if seat.state in OCCUPIED:
        wish = None if state is SeatState.READY else NextState(state, reason, who)
        chosen = choose_next(seat, wish)
        work.decision.seats[seat.number] = chosen
        work.say(NextChosen(seat=seat.number, actor=who, state=state if wish else "", reason=reason if wish else ""))
        return chosen
    moved = work.move(seat, _change_to(work, state, reason, who))
    place_seat(work, moved)
    return moved


def _change_to(work: Work, state: SeatState, reason: str, who: str) -> SeatEvent:
    match state:
        case SeatState.READY:
            return WentReady(at=work.now, actor=who, reason=reason)
        case SeatState.BUSY:
            return WentBusy(at=work.now, actor=who, reason=reason)
        case SeatState.ON_BREAK:
            return BreakBegun(at=work.now, actor=who, reason=reason)
        case SeatState.SIGNED_OFF:
            return SignedOff(at=work.now, actor=who, reason=reason)
        case _:
            raise Refused(Code.STATE_NOT_FORCIBLE)


def _force(work: Work, command: ForceState, who: str) -> None:
    if command.state not in FORCIBLE:
        raise Refused(Code.STATE_NOT_FORCIBLE)
    seat = _seat(work, command.seat)
    if seat.state is SeatState.TALKING and (talk := _device_talk(work, seat)) is not None:
        # The report of its end was lost, says who can see the desk; should it come yet, it corrects the record.
        end(work, talk, EndedBy.UNKNOWN, "forced", inferred=True)
        if _seat(work, command.seat).state is not command.state:
            _force(work, command, who)
        return
    if seat.state is SeatState.RINGING and _rung_by_device(work, seat):
        # Its own distribution rings there; should the report of the end be lost, only this frees the seat.
        call = work.state.calls.get(CallId(seat.call or ""))
        if call is not None:
            work.change(call, OfferMissed(seat=seat.number, offer="", reason=Reason.FORCED), seat=None)
        freed = work.move(choose_next(seat, None), OfferWithdrawn(at=work.now, actor=who, reason=Reason.FORCED))
        if command.state is not freed.state:
            freed = work.move(freed, _change_to(work, command.state, command.reason, who))
        place_seat(work, freed)
        return
    if seat.state is SeatState.RINGING and (asked := _asked(work, seat, seat.offer or "")) is not None:
        party_missed(work, *asked, Reason.FORCED, stop=True)
        _force(work, command, who)
        return
    if seat.state is SeatState.RINGING and command.state is not SeatState.READY:
        if (own := work.state.calls.get(CallId(seat.call or ""))) is not None and is_own_ring(own):
            end(work, own, EndedBy.US, "forced")
            _force(work, command, who)
            return
        call = _offered(work, seat, seat.offer or "")
        waiting = withdraw(work, call, Reason.FORCED)
        freed = work.move(choose_next(seat, None), OfferWithdrawn(at=work.now, actor=who, reason=Reason.FORCED))
        work.move(freed, _change_to(work, command.state, command.reason, who))
        waiting = place_call(work, waiting)
        if waiting.state is CallState.WAITING:
            entertain(work, waiting)
        return
    _settle(work, command.seat, command.state, command.reason, who)


def _take(work: Work, command: TakeCall) -> None:
    seat = _seat(work, command.seat)
    asked = _asked(work, seat, command.offer)
    call = asked[0] if asked is not None else _offered(work, seat, command.offer)
    if seat.phone_kind != PhoneKind.SIMULATED:
        raise Refused(Code.PHONE_ANSWERS)
    work.order(call.adapter, PickUp(call=call.key, offer=OfferId(command.offer)))


def _hang_up(work: Work, command: HangUp, who: str) -> None:
    seat = _seat(work, command.seat)
    call = work.state.calls.get(CallId(command.call))
    if call is None or seat.call != call.id or call.state not in CONNECTED:
        raise Refused(Code.CALL_GONE)
    if call.handling is Handling.DEVICE:
        if not by_hand.may_say_over(work, call):
            raise Refused(Code.CALL_AT_DEVICE)
        by_hand.let_go(work, call)
        return
    party = at_seat(call.parties, seat.number)
    if party is not None:
        let_go(work, call, party, who)
    elif call.state is CallState.DIALLING:
        work.touch(call, ended_by=EndedBy.SEAT)
        work.order(call.adapter, Release(call=call.key))
    else:
        hang_up(work, seat, call, who)


def _dial(work: Work, command: Dial, who: str) -> None:
    contact = next((each for each in work.rules.contacts.values() if each.number == command.number), None)
    if contact is None and command.callback is None:
        raise Refused(Code.OUTSIDE_NOT_ALLOWED)
    dial(work, _seat(work, command.seat), command.number, command.purpose, command.callback, who, contact)


def _restore_phone(work: Work, command: RestorePhone) -> None:
    """The old leg is dead although nobody has hung up: ring this very seat again, for what it did on the call."""
    seat = _seat(work, command.seat)
    call = work.state.calls.get(CallId(seat.call or ""))
    if call is None or call.handling is Handling.DEVICE:
        raise Refused(Code.CALL_GONE)
    party = at_seat(call.parties, seat.number)
    if party is not None and party.up:
        ring_again(work, call, seat, party)
    elif call.seat == seat.number and call.state in WITH_CALLER:
        if call.offer is not None:
            work.order(call.adapter, StopRinging(call=call.key, offer=call.offer))
        come_in_again(work, seat_gone(work, call), seat.number)
    else:
        raise Refused(Code.CALL_GONE)


def _ask_break(work: Work, command: AskBreak, who: str) -> None:
    seat = _seat(work, command.seat)
    if seat.operator is None:
        raise SeatRefused(Refusal.NOT_SIGNED_IN)
    work.decision.seats[seat.number] = replace(seat, break_asked=command.reason)
    work.say(BreakAsked(seat=seat.number, actor=who, reason=command.reason))


def _withdraw_break(work: Work, command: WithdrawBreak, who: str) -> None:
    seat = _seat(work, command.seat)
    if not seat.break_asked:
        raise Refused(Code.NOTHING_ASKED)
    work.decision.seats[seat.number] = replace(seat, break_asked="")
    work.say(BreakWithdrawn(seat=seat.number, actor=who))


def _decide_break(work: Work, command: DecideBreak, who: str) -> None:
    seat = _seat(work, command.seat)
    if not seat.break_asked:
        raise Refused(Code.NOTHING_ASKED)
    reason, seat = seat.break_asked, replace(seat, break_asked="")
    work.decision.seats[seat.number] = seat
    work.say(BreakDecided(seat=seat.number, actor=who, approved=command.approve, reason=reason))
    if command.approve:
        _settle(work, seat.number, SeatState.ON_BREAK, reason, seat.work_number)


def _define(work: Work, command: DefineSeat, who: str) -> None:
    holder = work.state.by_extension.get(command.extension)
    if holder is not None and holder != command.seat:
        raise Refused(Code.EXTENSION_TAKEN)
    seat = work.seat(command.seat)
    if seat is None:
        seat = Seat(number=command.seat, extension=command.extension, groups=command.groups, since=work.now)
    changed = replace(seat, extension=command.extension, groups=command.groups)
    work.decision.seats[changed.number] = changed
    work.say(SeatDefined(seat=changed.number, actor=who, extension=command.extension, groups=command.groups))
    place_seat(work, changed)


def _presence(work: Work, command: PresenceChanged) -> None:
    seat = _seat(work, command.seat)
    if seat.operator is None or seat.here == command.here:
        return
    event: SeatEvent
    if command.here:
        event = ConnectionBack(at=work.now, reason=Reason.CONNECTION_BACK)
    else:
        event = ConnectionLost(at=work.now, reason=Reason.CONNECTION_LOST)
    place_seat(work, work.move(seat, event))


def _seat(work: Work, number: SeatNo) -> Seat:
    seat = work.seat(number)
    if seat is None:
        raise Refused(Code.NO_SUCH_SEAT)
    return seat


def _asked(work: Work, seat: Seat, offer: str) -> tuple[Call, Party] | None:
    """The call into which the seat is being rung beside somebody else, under that offer."""
    call = work.state.calls.get(CallId(seat.call or ""))
    party = party_of(call.parties, OfferId(offer)) if call is not None else None
    if call is None or party is None or party.seat != seat.number or party.up:
        return None
    return call, party


def _rung_by_device(work: Work, seat: Seat) -> bool:
    call = work.state.calls.get(CallId(seat.call or ""))
    return call is None or call.handling is Handling.DEVICE


def _device_talk(work: Work, seat: Seat) -> Call | None:
    call = work.call(CallId(seat.call or ""))
    return call if call is not None and call.handling is Handling.DEVICE else None


def _offered(work: Work, seat: Seat, offer: str) -> Call:
    """The call that rings at the seat under that offer. Raises `Refused` when it no longer does."""
    call = work.state.calls.get(CallId(seat.call or ""))
    if (
        call is None
        or call.state is not CallState.RINGING
        or call.handling is not Handling.HALL
        or call.offer != offer
        or seat.offer != offer
    ):
        raise Refused(Code.OFFER_GONE)
    return call
