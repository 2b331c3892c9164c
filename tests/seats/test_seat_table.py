"""Every cell of the seat table: allowed ones lead where it says, all others are refused with the right code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seats.seat import (
    TRANSITIONS,
    BreakBegun,
    CallOver,
    ConnectionBack,
    ConnectionLost,
    DeviceConnected,
    LegRung,
    OfferLapsed,
    OfferMade,
    OfferTaken,
    OfferWithdrawn,
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
    WrapUpDone,
    WrapUpHeld,
    advance,
)
from tests.diagrams import numbered

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
LATER = START + timedelta(seconds=30)

EVENTS: dict[type[SeatEvent], SeatEvent] = {
    type(event): event
    for event in (
        SignedIn(at=LATER, operator="a1", work_number="1001", operator_name="甲", phone_kind="desk"),
        SignedOff(at=LATER),
        WentReady(at=LATER),
        WentBusy(at=LATER, reason="training"),
        BreakBegun(at=LATER, reason="meal"),
        OfferMade(at=LATER, call="c1", offer="c1.1"),
        LegRung(at=LATER, call="c1", offer="c1.1", part="consulted"),
        OfferTaken(at=LATER),
        OfferLapsed(at=LATER, limit=3),
        OfferWithdrawn(at=LATER),
        DeviceConnected(at=LATER, call="c2"),
        CallOver(at=LATER, wrap_seconds=30),
        WrapUpHeld(at=LATER),
        WrapUpDone(at=LATER),
        ConnectionLost(at=LATER),
        ConnectionBack(at=LATER),
    )
}


def seat_in(state: SeatState) -> Seat:
    """A seat as it typically is in that state."""
    at_call = state in (SeatState.RINGING, SeatState.TALKING)
    nobody = state is SeatState.SIGNED_OFF
    return Seat(
        number=SeatNo("01"),
        extension="8001",
        groups=("civil",),
        state=state,
        since=START,
        operator=None if nobody else "a1",
        work_number="" if nobody else "1001",
        phone_kind="" if nobody else "desk",
        call="c1" if at_call else None,
        offer="c1.1" if at_call else None,
        here=state is not SeatState.MISSING,
        idle_since=None if nobody else START,
        before_missing=SeatState.READY if state is SeatState.MISSING else None,
    )


def refusal_of(state: SeatState, event: type[SeatEvent]) -> Refusal:
    """The code that the API promises, said again in other words than the code's."""
    if state is SeatState.SIGNED_OFF:
        return Refusal.NOT_SIGNED_IN
    if event is SignedIn:
        return Refusal.ALREADY_SIGNED_IN
    if event in (WrapUpHeld, WrapUpDone):
        return Refusal.NOT_IN_WRAP_UP
    if state in (SeatState.RINGING, SeatState.TALKING):
        return Refusal.NOT_FREE
    return Refusal.NOT_POSSIBLE_NOW


def test_there_is_an_event_of_every_kind() -> None:
    assert set(EVENTS) == set(SeatEvent.__subclasses__())


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
@pytest.mark.parametrize("state", SeatState)
def test_cell(state: SeatState, event: type[SeatEvent]) -> None:
    seat = seat_in(state)
    target = TRANSITIONS.get((state, event))
    if target is not None:
        after = advance(seat, EVENTS[event])
        assert after.state is target
        assert after.since == (START if event is WrapUpHeld else LATER)
        assert (after.number, after.extension, after.groups) == (seat.number, seat.extension, seat.groups)
    elif event in (ConnectionLost, ConnectionBack):
        after = advance(seat, EVENTS[event])
        assert after.here is (event is ConnectionBack)
        assert after.state is seat.state
        assert after.since == seat.since
    else:
        with pytest.raises(SeatRefused) as refused:
            advance(seat, EVENTS[event])
        assert refused.value.code is refusal_of(state, event)


def test_diagram_is_the_table() -> None:
    rows = [(n, (a.value, e.__name__, b.value)) for n, ((a, e), b) in enumerate(TRANSITIONS.items(), 1)]
    assert numbered(Path(__file__).parents[2] / "seats" / "README.md") == rows


def test_every_state_can_be_reached_and_left() -> None:
    reached = {SeatState.SIGNED_OFF}
    while True:
        further = {target for (state, _), target in TRANSITIONS.items() if state in reached} | reached
        if further == reached:
            break
        reached = further
    assert reached == set(SeatState)
    assert {state for (state, _), target in TRANSITIONS.items() if target is not state} == set(SeatState)
