"""What happens when nothing happens: time runs out at a call or a seat."""

from __future__ import annotations

from datetime import timedelta

from adapters.telephony import EndedBy, Handling, Release
from hotline.calls.call import Call, CallState
from hotline.calls.outcome import Outcome
from hotline.hall.deadlines import due_of
from hotline.hall.events import GroupsWidened
from hotline.hall.flow import end, lapse, leave, nobody_there, queue_of
from hotline.hall.hear import entertain
from hotline.hall.inputs import DeadlinePassed
from hotline.hall.parties import party_missed
from hotline.hall.passing import come_back
from hotline.hall.place import place_call, place_seat, ring_wanted
from hotline.hall.rate import rating_silence
from hotline.hall.spill import look_to_spill
from hotline.hall.timers import staffed
from hotline.hall.waiting import tell_place
from hotline.hall.welcome import no_key
from hotline.hall.work import Work
from seats.seat import Reason, Seat, SeatState, SignedOff, WrapUpDone


def on_deadline(work: Work, passed: DeadlinePassed) -> None:
    """Look whether something is due; a deadline that no longer holds changes nothing."""
    if passed.call is not None:
        call = work.state.calls.get(passed.call)
        if call is not None and _is_due(work, call):
            _call_due(work, call)
    if passed.seat is not None:
        seat = work.state.seats.get(passed.seat)
        if seat is not None and _is_due(work, seat):
            _seat_due(work, seat)


def _is_due(work: Work, thing: Call | Seat) -> bool:
    due = due_of(thing, work.rules)
    return due is not None and due <= work.now


def _call_due(work: Work, call: Call) -> None:
    if call.handling is Handling.DEVICE:
        end(work, call, EndedBy.UNKNOWN, "silent", inferred=True)
        return
    late = [
        each for each in call.parties if not each.up and each.ring_until is not None and each.ring_until <= work.now
    ]
    if late:
        party_missed(work, call, late[0], Reason.NO_ANSWER, stop=True)
        return
    match call.state:
        case CallState.IN_MENU if call.rating is not None:
            rating_silence(work, call)
        case CallState.IN_MENU | CallState.OFFERED if call.leaving is not None:
            # The parting announcement is over, or never began: hang up, and again until the device reports the end.
            work.order(call.adapter, Release(call=call.key, cause=call.leaving))
            work.touch(call, prompt=None, menu_until=work.now + timedelta(seconds=30))
        case CallState.IN_MENU | CallState.OFFERED:
            no_key(work, call)
        case CallState.DIALLING:
            work.order(call.adapter, Release(call=call.key, cause="no_answer"))
            work.touch(call, ring_until=work.now + timedelta(seconds=30))
        case CallState.WAITING if call.wanted_until is not None and call.wanted_until <= work.now:
            come_back(work, call, "not_taken", call.take_back)
        case CallState.WAITING if call.retry_at is not None and call.retry_at <= work.now:
            ring_wanted(work, work.touch(call, retry_at=None), expected=True)
        case CallState.RINGING:
            lapse(work, call, Reason.NO_ANSWER, stop=True)
        case CallState.WAITING if call.widen_at is not None and call.widen_at <= work.now:
            _widen(work, call)
        case CallState.WAITING if call.give_up_at is not None and call.give_up_at <= work.now:
            _give_up(work, call)
        case CallState.WAITING if call.spill_at is not None and call.spill_at <= work.now:
            look_to_spill(work, call)
        case CallState.WAITING:
            tell_place(work, call)
        case _:
            pass


def _give_up(work: Work, call: Call) -> None:
    queue = queue_of(work, call)
    if call.answered_at is None and not staffed(work, queue, call):
        nobody_there(work, call, queue)
    else:
        leave(work, call, Outcome.TIMED_OUT)


def _widen(work: Work, call: Call) -> None:
    steps = queue_of(work, call).widening
    if call.widened >= len(steps):  # the settings have changed since it began to wait
        work.touch(call, widen_at=None)
        return
    step = steps[call.widened]
    groups = call.groups + tuple(group for group in step.groups if group not in call.groups)
    later = steps[call.widened + 1] if call.widened + 1 < len(steps) else None
    joined = call.queued_at or call.offered_at
    widened = work.change(
        call,
        GroupsWidened(groups=groups),
        groups=groups,
        widened=call.widened + 1,
        widen_at=joined + timedelta(seconds=later.after_seconds) if later is not None else None,
    )
    placed = place_call(work, widened)
    if placed.state is CallState.WAITING:
        entertain(work, placed)


def _seat_due(work: Work, seat: Seat) -> None:
    if seat.state is SeatState.WRAP_UP:
        place_seat(work, work.move(seat, WrapUpDone(at=work.now, reason=Reason.WRAP_UP_OVER)))
    elif seat.state is SeatState.MISSING:
        work.move(seat, SignedOff(at=work.now, reason=Reason.CONNECTION_LOST))
