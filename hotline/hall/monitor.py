"""A supervisor (班长) on somebody's call: listens, whispers, barges in, takes over, ends it."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from adapters.telephony import Ability, EndedBy, Handling, Release
from hotline.calls.call import Call, CallId, CallState
from hotline.calls.party import SUPERVISING, Part, Party, at_seat
from hotline.hall.control import WITH_CALLER, need, resume
from hotline.hall.events import MonitorSwitched, ReleaseForced
from hotline.hall.inputs import ForceRelease, Monitor, StopMonitoring, SupervisorCommand, TakeOver
from hotline.hall.parties import let_go, ring_seat
from hotline.hall.passing import pass_to
from hotline.hall.place import RINGABLE
from hotline.hall.refused import Code, Refused
from hotline.hall.work import Work
from seats.seat import Seat, SeatNo, SeatState


def supervise(work: Work, command: SupervisorCommand, who: str) -> None:
    """Do it, or raise `Refused`."""
    match command:
        case Monitor():
            _monitor(work, command, who)
        case StopMonitoring(seat=number):
            call, party = _monitored(work, number)
            let_go(work, call, party, who)
        case TakeOver():
            _take_over(work, command, who)
        case ForceRelease(call=call_id, reason=reason):
            call = work.state.calls.get(CallId(call_id))
            if call is None:
                raise Refused(Code.CALL_GONE)
            if call.handling is Handling.DEVICE:
                raise Refused(Code.CALL_AT_DEVICE)
            forced = work.change(call, ReleaseForced(seat=call.seat, actor=who, reason=reason), ended_by=EndedBy.US)
            work.order(call.adapter, Release(call=forced.key))
        case _:
            assert_never(command)


def _monitor(work: Work, command: Monitor, who: str) -> None:
    if command.part not in SUPERVISING:
        raise Refused(Code.TARGET_UNKNOWN)
    seat = work.seat(command.seat)
    if seat is None or seat.operator is None:
        raise Refused(Code.NO_SUCH_SEAT)
    call = work.state.calls.get(CallId(command.call))
    if call is None or call.state not in WITH_CALLER:
        raise Refused(Code.CALL_GONE)
    if call.handling is Handling.DEVICE:
        raise Refused(Code.CALL_AT_DEVICE)
    if call.seat == seat.number:
        raise Refused(Code.MONITOR_OWN_CALL)
    need(work, call, Ability.CONFERS if command.part is Part.BARGING else Ability.WATCHES)
    there = at_seat(call.parties, seat.number)
    if there is None:
        if seat.state not in RINGABLE | {SeatState.ON_BREAK}:
            raise Refused(Code.TARGET_NOT_FREE)
        if not work.reaches(call, seat):
            raise Refused(Code.PHONE_ELSEWHERE)
        ring_seat(work, call, seat, command.part, seat.number, expected=True)
    elif there.part in SUPERVISING and there.part is not command.part:
        _switch(work, call, there, command.part, seat, who)


def _switch(work: Work, call: Call, party: Party, part: Part, seat: Seat, who: str) -> None:
    """From one to another without ringing anew."""
    switched = work.change(
        call,
        MonitorSwitched(seat=call.seat, actor=who, offer=party.offer, before=party.part, after=part),
        parties=tuple(replace(each, part=part) if each is party else each for each in call.parties),
    )
    work.decision.seats[seat.number] = replace(seat, part=part)
    work.arrange(switched)


def _take_over(work: Work, command: TakeOver, who: str) -> None:
    call, party = _monitored(work, command.seat)
    if call.id != command.call or not party.up:
        raise Refused(Code.NOT_ON_CALL)
    if (seat := work.seat(command.seat)) is not None and not work.may_serve(seat, call):
        raise Refused(Code.MUST_NOT_ADVISE)
    for consulted in [each for each in call.parties if each.part is Part.CONSULTED]:
        call = let_go(work, call, consulted, who, settle=False)
    if call.state is CallState.HELD:
        call = resume(work, call, who)
    pass_to(work, call, party, "take_over", who, leg_lives=True)


def _monitored(work: Work, number: SeatNo) -> tuple[Call, Party]:
    seat = work.seat(number)
    if seat is None:
        raise Refused(Code.NO_SUCH_SEAT)
    call = work.state.calls.get(CallId(seat.call or ""))
    party = at_seat(call.parties, number) if call is not None else None
    if call is None or party is None or party.part not in SUPERVISING:
        raise Refused(Code.NOT_ON_CALL)
    return call, party
