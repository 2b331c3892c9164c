"""Calls that a gateway distributes itself, and reports that come too late: we watch and keep the record right.

Order does not matter here: the end beats everything, an answer heard after the end corrects the outcome, an earlier
time moves the beginning. Nothing is ever ordered about.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from adapters.telephony import (
    Ability,
    CallAnswered,
    CallerIdentified,
    CallEvent,
    CallFact,
    CallOffered,
    CallReleased,
    DigitsPressed,
    EndedBy,
    Handling,
    LegHeld,
    LegResumed,
    LegsJoined,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    SeatAnswered,
    SeatDeclined,
    SeatFact,
    SeatReleased,
    SeatRinging,
)
from hotline.calls.call import Call, CallState, Direction, Step, advance, can
from hotline.calls.numbers import normalise
from hotline.calls.outcome import LEFT, Outcome, abandoned
from hotline.hall.events import (
    CallAmended,
    CallClaimed,
    CallerKnown,
    CallHeld,
    CallResumed,
    CallTaken,
    OfferMissed,
    RecordingBegun,
    RecordingKept,
    ReportIgnored,
    SeatOffered,
)
from hotline.hall.flow import end
from hotline.hall.work import Work
from seats.seat import DeviceConnected, OfferMade, OfferTaken, OfferWithdrawn, Reason, Seat, SeatNo, SeatState

OLDEST = timedelta(days=31)
"""A device time further back is taken for a clock that is wrong."""
AHEAD = timedelta(seconds=2)
LONG_AGO = timedelta(seconds=120)
"""What was heard before that lay at an edge, or in the spool."""
SILENCES = frozenset({"ringing_stopped", "not_heard"})
"""Causes of an end that a device concluded because it heard no more: so it is, too, when somebody picks up."""
BY_DEVICE = "device"
"""The `why` of an offer that the gateway made by itself."""


def time_of(work: Work, fact: CallFact) -> datetime:
    """When it happened. For calls we steer: when we heard it, also if it could be decided later only (the database was
    away, and a snapshot has come since). For those the device reports: its own time, where that can be true."""
    if fact.handling is Handling.HALL and not fact.backfilled:
        return min(fact.heard_at, work.now)
    if work.now - OLDEST <= fact.at <= work.now + AHEAD:
        return min(fact.at, work.now)
    return min(fact.heard_at, work.now)


def observe(work: Work, call: Call, fact: CallEvent) -> None:
    """A report about a live call that we only watch."""
    at = max(time_of(work, fact), call.offered_at)
    match fact:
        case CallOffered():
            identify(work, call, fact)
        case CallerIdentified():
            _name(work, call, fact.caller)
        case CallAnswered() if call.direction is Direction.OUT and can(call, Step.ANSWERED):
            forgotten(work, call, at)
        case SeatRinging() | SeatAnswered() | SeatDeclined() if call.direction is Direction.OUT:
            pass  # our own phone, whosever it is
        case SeatRinging():
            _ringing(work, call, fact, at)
        case SeatAnswered():
            _answered(work, call, fact, at)
        case SeatDeclined():
            if call.state is CallState.RINGING:
                _not_taken(work, call, fact.reason or Reason.NO_ANSWER)
        case SeatReleased() | LegsJoined() | CallAnswered() | DigitsPressed() | PromptEnded():
            pass  # the gateway's own business; the release of the call ends it
        case LegHeld():
            if can(call, Step.HELD):
                work.change(call, CallHeld(seat=call.seat), state=advance(call, Step.HELD))
        case LegResumed():
            if can(call, Step.RESUMED):
                work.change(call, CallResumed(seat=call.seat), state=advance(call, Step.RESUMED))
        case RecordingStarted() | RecordingStopped():
            _recorded(work, call, fact)
        case CallReleased() if _goes_on(work, call, fact):
            work.change(call, ReportIgnored(fact="CallReleased", why="taken_by_hand"))
        case CallReleased():
            end(work, call, fact.by, fact.cause, at=at, inferred=fact.inferred)
        case _:
            assert_never(fact)


def forgotten(work: Work, call: Call, at: datetime) -> Call:
    """A call of ours that we know nothing of (`arrive`) and on which two speak."""
    return work.change(
        call,
        CallTaken(seat=None, actor="system", operator=None, waited=(at - call.offered_at).total_seconds()),
        state=advance(call, Step.ANSWERED),
        answered_at=at,
        off_hook=True,
    )


def claim(work: Work, call: Call) -> Call:
    """From here on the hall distributes the call: whatever rang for it at the device rings no longer."""
    if call.state is CallState.RINGING:
        _stop_seat(work, call, Reason.CALLER_GONE)
    return work.change(
        call,
        CallClaimed(),
        handling=Handling.HALL,
        state=CallState.OFFERED,
        seat=None,
        offer=None,
        queued_at=None,
        rung_at=None,  # the wait for one of our seats begins only now
    )


def amend(work: Work, call: Call, fact: CallEvent) -> None:
    """A report about a call that is over: correct the record, never revive the call."""
    ended_at = call.ended_at or call.offered_at
    at = max(time_of(work, fact), call.offered_at)
    if not call.inferred:
        at = min(at, ended_at)
    match fact:
        case RecordingStarted() | RecordingStopped():
            _recorded(work, call, fact)
        case CallerIdentified():
            _name(work, call, fact.caller)
        case CallOffered():
            earlier = time_of(work, fact)
            changed = identify(work, call, fact)
            if fact.handling is Handling.DEVICE and earlier < call.offered_at:
                work.change(changed, CallAmended(fact="CallOffered", outcome=call.outcome or ""), offered_at=earlier)
        case SeatAnswered() if call.answered_at is None and call.handling is Handling.DEVICE:
            seat = _seat_of(work, fact)
            work.change(
                call,
                CallAmended(fact="SeatAnswered", outcome=Outcome.ANSWERED, seat=seat.number if seat else fact.seat),
                answered_at=max(at, call.rung_at or at),
                ended_at=max(at, call.ended_at or at, call.rung_at or at),
                outcome=Outcome.ANSWERED,
                seat=seat.number if seat else fact.seat,
                answered_seat=seat.number if seat else fact.seat,
                operator=seat.operator if seat else None,
            )
        case CallReleased() if call.inferred and not fact.inferred:
            known = (
                call.offered_at,
                call.rung_at,
                call.answered_at,
                call.segments[-1].since if call.segments else None,
            )
            true_end = max(time_of(work, fact), *(each for each in known if each is not None))
            settled = call.outcome
            if call.answered_at is None and settled in (*LEFT, Outcome.LOST):
                before = "ringing" if call.rung_at is not None else "waiting"
                settled = abandoned(before, (true_end - call.offered_at).total_seconds())
            work.change(
                call,
                CallAmended(fact="CallReleased", outcome=settled or ""),
                ended_at=true_end,
                ended_by=fact.by,
                cause=fact.cause,
                inferred=False,
                outcome=settled,
            )
        case _:
            work.change(call, ReportIgnored(fact=type(fact).__name__, why="call_ended"))


def identify(work: Work, call: Call, fact: CallOffered) -> Call:
    """The first ring heard late: who rings, what was dialled, since when."""
    named = _name(work, call, fact.caller)
    at = time_of(work, fact)
    earlier = fact.handling is Handling.DEVICE and at < named.offered_at and named.state is not CallState.ENDED
    if earlier or (fact.dialled and named.dialled is None):
        named = work.touch(named, dialled=named.dialled or fact.dialled, offered_at=at if earlier else named.offered_at)
    return named


def _name(work: Work, call: Call, raw: str | None) -> Call:
    number = normalise(raw)
    if number is None or call.caller is not None:
        return call
    return work.change(call, CallerKnown(), caller=number)


def _ringing(work: Work, call: Call, fact: SeatRinging, at: datetime) -> None:
    seat = _seat_of(work, fact)
    number = seat.number if seat else fact.seat
    if not can(call, Step.SEAT_RUNG) or (call.state is CallState.RINGING and call.seat == number):
        return
    _end_former(work, call)
    seat = _seat_of(work, fact)
    if call.state is CallState.RINGING:
        _stop_seat(work, call, Reason.NO_ANSWER)
    work.change(
        call,
        SeatOffered(seat=number, offer="", why=BY_DEVICE, waited=(at - call.offered_at).total_seconds()),
        state=advance(call, Step.SEAT_RUNG),
        seat=number,
        queued_at=call.queued_at or call.offered_at,
        rung_at=call.rung_at or at,
    )
    if seat is not None and seat.state is SeatState.READY and not _is_past(work, call, fact):
        work.move(seat, OfferMade(at=work.now, call=call.id, offer="", reason=Reason.CALL))


def _answered(work: Work, call: Call, fact: SeatAnswered, at: datetime) -> None:
    if not can(call, Step.ANSWERED):
        work.change(call, ReportIgnored(fact="SeatAnswered", why="already_answered"))
        return
    seat = _seat_of(work, fact)
    taken(
        work,
        call,
        seat,
        seat.number if seat else fact.seat,
        at,
        past=_is_past(work, call, fact),
        late=_is_late(work, fact),
    )


def taken(
    work: Work,
    call: Call,
    seat: Seat | None,
    number: str | None,
    at: datetime,
    *,
    past: bool = False,
    late: bool = False,
) -> None:
    """Somebody picked up then. `past`: the seat is not there any more; `late`: nor, for all we know, is its lawyer."""
    if call.state is CallState.RINGING and call.seat != number:
        _stop_seat(work, call, Reason.CALLER_GONE)
    answered_at = max(at, call.rung_at or at)
    there = seat if seat is not None and not late else None
    operator = there.operator if there is not None else None
    work.change(
        call,
        CallTaken(
            seat=number,
            actor=(there.work_number if there is not None else "") or BY_DEVICE,
            operator=operator,
            waited=(answered_at - call.offered_at).total_seconds(),
        ),
        state=advance(call, Step.ANSWERED),
        seat=number,
        answered_seat=number,
        operator=operator,
        queued_at=call.queued_at or call.offered_at,
        rung_at=call.rung_at or answered_at,
        answered_at=answered_at,
    )
    if seat is None or past:
        return
    if seat.state is SeatState.RINGING and seat.call == call.id:
        work.move(seat, OfferTaken(at=work.now, reason=Reason.CALL))
    elif seat.operator is not None and seat.state not in (SeatState.RINGING, SeatState.TALKING):
        work.move(seat, DeviceConnected(at=work.now, call=call.id, reason=Reason.CALL))


def is_by_hand(work: Work, call: Call) -> bool:
    """Nobody but whoever sits there can tell whether this call was picked up (`by_hand.py`)."""
    known = work.rules.abilities.get(call.adapter, frozenset())
    return call.handling is Handling.DEVICE and Ability.BY_HAND in known


def _goes_on(work: Work, call: Call, fact: CallReleased) -> bool:
    """The device heard no more ringing: because the call was picked up, as the lawyer has said."""
    return call.state is CallState.TALKING and fact.inferred and fact.cause in SILENCES and is_by_hand(work, call)


def _end_former(work: Work, call: Call) -> None:
    """The line rings anew: a talk on it of which nobody has said that it is over, is."""
    if not is_by_hand(work, call) or call.port is None:
        return
    for each in list(work.state.calls.values()):
        former = work.call(each.id)
        same_line = former is not None and (former.adapter, former.port) == (call.adapter, call.port)
        if former is not None and same_line and former.id != call.id and former.state is CallState.TALKING:
            end(work, former, EndedBy.UNKNOWN, "rings_anew", inferred=True)


def _is_past(work: Work, call: Call, fact: CallFact) -> bool:
    """Known from records alone, or carried here long after it was heard: whoever sits there now has nothing to do with
    it any more."""
    return (call.backfilled and fact.backfilled) or _is_late(work, fact)


def _is_late(work: Work, fact: CallFact) -> bool:
    return work.now - fact.heard_at > LONG_AGO


def _not_taken(work: Work, call: Call, reason: str) -> None:
    work.change(call, OfferMissed(seat=call.seat, offer="", reason=reason), seat=call.seat)
    _stop_seat(work, call, reason)


def _stop_seat(work: Work, call: Call, reason: str) -> None:
    """The gateway rings somebody else: the seat that rang is free again, through no fault of its own."""
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    if seat is not None and seat.state is SeatState.RINGING and seat.call == call.id:
        work.move(seat, OfferWithdrawn(at=work.now, reason=reason))


def _recorded(work: Work, call: Call, fact: RecordingStarted | RecordingStopped) -> None:
    if isinstance(fact, RecordingStarted):
        work.change(call, RecordingBegun(name=fact.name), recording=fact.name)
    else:
        work.change(
            call,
            RecordingKept(name=fact.name, seconds=fact.seconds, file=fact.file, missing=fact.missing),
            recording=fact.name,
        )


def _seat_of(work: Work, fact: SeatFact) -> Seat | None:
    if fact.seat is None:
        return None
    number = work.state.by_extension.get(fact.seat)
    return None if number is None else work.seat(number)
