"""When is something due? A deadline is a function of the thing itself, so there is nothing to cancel or to forget.

The writer asks `due_of` after every change and puts `DeadlinePassed` into the inbox when the time has come; `decide`
asks again, and a deadline that no longer holds changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from adapters.telephony import Handling
from hotline.calls.call import Call, CallState
from hotline.hall.rules import HallRules
from seats.seat import Seat, SeatState


def due_of(thing: Call | Seat, rules: HallRules) -> datetime | None:
    """The earliest time at which something is to be done about it; None when nothing is."""
    if isinstance(thing, Seat):
        return seat_due(thing, rules)
    return call_due(thing, rules)


def call_due(call: Call, rules: HallRules) -> datetime | None:
    """When the call's present state has lasted as long as it may."""
    if call.state is CallState.ENDED:
        return None
    if call.handling is Handling.DEVICE:
        if call.answered_at is None:
            # Nobody lets it ring so long: the report of its end was lost.
            return (call.rung_at or call.offered_at) + timedelta(seconds=rules.silent_ring_seconds)
        return call.answered_at + timedelta(seconds=rules.silent_call_seconds)
    match call.state:
        case CallState.IN_MENU | CallState.OFFERED:
            return call.menu_until
        case CallState.WAITING:
            times = [
                call.widen_at, call.give_up_at, call.wanted_until, call.retry_at, call.announce_at, call.spill_at
            ]  # fmt: skip
        case CallState.RINGING | CallState.DIALLING:
            times = [call.ring_until]
        case _:
            times = []
    times += [party.ring_until for party in call.parties if not party.up]
    return min((each for each in times if each is not None), default=None)


def seat_due(seat: Seat, rules: HallRules) -> datetime | None:
    """When wrap-up ends, or when a seat that has been missing for too long is signed off."""
    if seat.state is SeatState.WRAP_UP:
        return seat.wrap_until
    if seat.state is SeatState.MISSING:
        return seat.since + timedelta(seconds=rules.sign_off_missing_seconds)
    return None
