"""What an operator, a supervisor or an administrator may have done. Whether they *may* is settled before, by role."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from adapters.telephony import EndedBy, Handling, PhoneKind, PickUp, Release
from hotline.calls.call import CONNECTED, Call, CallId, CallState
from hotline.hall.events import NextChosen, OfferMissed, SeatDefined
from hotline.hall.flow import end, entertain, lapse, withdraw
from hotline.hall.inputs import (
    Actor,
    DefineSeat,
    ForceState,
    ForgetNext,
    GoBusy,
    GoReady,
    HallCommand,
    HangUp,
    PresenceChanged,
    RejectCall,
    SignIn,
    SignOff,
    StayInWrapUp,
    TakeBreak,
    TakeCall,
)
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
    match command:
        case SignIn():
            _sign_in(work, command, actor)
        case SignOff():
            _settle(work, command.seat, SeatState.SIGNED_OFF, command.reason, who)
        case GoReady():
            _settle(work, command.seat, SeatState.READY, Reason.SELF, who)
        case GoBusy():
            _settle(work, command.seat, SeatState.BUSY, command.reason, who)
        case TakeBreak():
            _settle(work, command.seat, SeatState.ON_BREAK, command.reason, who)
        case StayInWrapUp():
            work.move(_seat(work, command.seat), WrapUpHeld(at=work.now, actor=who, reason=Reason.SELF))
        case ForgetNext():
            seat = _seat(work, command.seat)
            work.decision.seats[seat.number] = choose_next(seat, None)
            work.say(NextChosen(seat=seat.number, actor=who, state="", reason=""))
        case TakeCall():
            _take(work, command)
        case RejectCall():
            call = _offered(work, _seat(work, command.seat), command.offer)
            lapse(work, call, Reason.REJECTED, stop=True)
        case HangUp():
            _hang_up(work, command)
        case ForceState():
            _force(work, command, who)
        case DefineSeat():
            _define(work, command, who)
        case PresenceChanged():
            _presence(work, command)
        case _:
            assert_never(command)


def _sign_in(work: Work, command: SignIn, actor: Actor) -> None:
    seat = _seat(work, command.seat)
    if seat.operator is not None and seat.operator != actor.account:
        raise SeatRefused(Refusal.TAKEN)
    if any(s.operator == actor.account and s.number != seat.number for s in work.state.seats.values()):
        raise Refused(Code.SIGNED_IN_ELSEWHERE)
    place_seat(
        work,
        work.move(
            seat,
            SignedIn(
                at=work.now,
                actor=actor.work_number,
                reason=Reason.SIGNED_IN,
                operator=actor.account,
                work_number=actor.work_number,
                operator_name=actor.name,
                phone_kind=command.phone_kind,
            ),
        ),
    )


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
    if seat.state is SeatState.RINGING and command.state is not SeatState.READY:
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
    call = _offered(work, seat, command.offer)
    if seat.phone_kind != PhoneKind.SIMULATED:
        raise Refused(Code.PHONE_ANSWERS)
    if call.offer is not None:
        work.order(call.adapter, PickUp(call=call.key, offer=call.offer))


def _hang_up(work: Work, command: HangUp) -> None:
    seat = _seat(work, command.seat)
    call = work.state.calls.get(CallId(command.call))
    if call is None or call.seat != seat.number or call.state not in CONNECTED:
        raise Refused(Code.CALL_GONE)
    if call.handling is Handling.DEVICE:
        raise Refused(Code.CALL_AT_DEVICE)
    work.touch(call, ended_by=EndedBy.SEAT)
    work.order(call.adapter, Release(call=call.key))


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
