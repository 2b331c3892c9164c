"""One press for 110: at any moment, voice first, and the lawyer leaves only when the other side has confirmed."""

from __future__ import annotations

import pytest

from adapters.telephony import (
    Arrange,
    PlaceCall,
    Release,
    RingOutside,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
)
from hotline.calls.call import CallId, CallState, Direction
from hotline.calls.segments import Kind
from hotline.hall.events import HandoverConfirmed, LeftUnconfirmed
from hotline.hall.inputs import (
    ConfirmHandover,
    Consult,
    DropParty,
    Emergency,
    GoBusy,
    GoReady,
    HangUp,
    Hold,
    Leave,
    SeatTarget,
    Transfer,
)
from hotline.hall.rules import Contact, ContactKind, OutboundRules
from seats.seat import SeatNo, SeatState
from tests.hall.kit import LINE, VirtualHall, rules

ONE, TWO = SeatNo("01"), SeatNo("02")
POLICE = Contact(id="110", label="110 报警", number="110", kind=ContactKind.EMERGENCY)


@pytest.fixture
def hall() -> VirtualHall:
    """Seat 01 talks with a caller. Nothing may be dialled but emergencies."""
    hall = VirtualHall(rules(contacts={"110": POLICE}, abilities=LINE, outbound=OutboundRules(concurrent=0)))
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.sign_in("02")
    return hall


def press(hall: VirtualHall, seat: SeatNo = ONE) -> str | None:
    return hall.ask(Emergency(seat=seat, contact="110"), f"10{seat}").refusal


def police_answer(hall: VirtualHall) -> None:
    hall.hear(SeatAnswered, offer=hall.call().parties[-1].offer)


def last(hall: VirtualHall) -> Arrange:
    return hall.ordered(Arrange)[-1]


def test_while_talking_it_rings_at_once_and_all_three_hear_each_other(hall: VirtualHall) -> None:
    assert press(hall) is None
    assert hall.ordered(RingOutside)[-1].number == "110"
    assert hall.call().state is CallState.TALKING, "the caller is not put on hold"
    police_answer(hall)
    assert len(last(hall).room) == 2
    assert last(hall).caller
    assert hall.call().segments[-1].kind is Kind.CONFERENCE
    assert hall.call().segments[-1].others == ("110",)


def test_from_hold_and_consultation_the_caller_is_back_first(hall: VirtualHall) -> None:
    hall.ask(Consult(seat=ONE, call=hall.call().id, target=SeatTarget(seat=TWO)))
    hall.hear(SeatAnswered, offer=hall.call().parties[0].offer)
    assert press(hall) is None
    assert hall.call().state is CallState.TALKING
    assert [each.contact for each in hall.call().parties] == ["110"]
    assert hall.seat("02").state is SeatState.READY
    hall.ask(Hold(seat=ONE, call=hall.call().id))
    assert hall.call().state is CallState.HELD


def test_pressed_twice_it_rings_once(hall: VirtualHall) -> None:
    press(hall)
    press(hall)
    assert len(hall.ordered(RingOutside)) == 1


def test_after_nobody_picked_up_it_can_be_pressed_again(hall: VirtualHall) -> None:
    press(hall)
    hall.hear(SeatDeclined, offer=hall.call().parties[0].offer, reason="busy")
    assert hall.call().state is CallState.TALKING
    press(hall)
    first, second = hall.ordered(RingOutside)
    assert first.offer != second.offer


@pytest.mark.parametrize("leave", [Leave, HangUp])
def test_the_seat_leaves_only_when_the_other_side_has_confirmed(hall: VirtualHall, leave: type) -> None:
    press(hall)
    call = hall.call().id
    assert hall.ask(leave(seat=ONE, call=call)).refusal == "handover_unconfirmed"
    police_answer(hall)
    assert hall.ask(leave(seat=ONE, call=call)).refusal == "handover_unconfirmed"
    transfer = Transfer(seat=ONE, call=call, target=SeatTarget(seat=TWO))
    assert hall.ask(transfer).refusal == "handover_unconfirmed"
    offer = hall.call().parties[0].offer
    assert hall.ask(ConfirmHandover(seat=ONE, call=call, offer=offer)).refusal is None
    assert any(isinstance(each, HandoverConfirmed) for each in hall.events)
    assert hall.ask(leave(seat=ONE, call=call)).refusal is None
    assert hall.call().state is CallState.HANDING_OVER
    assert (last(hall).room, last(hall).caller) == ((offer,), True)
    assert hall.seat("01").state is SeatState.WRAP_UP


def test_taken_back(hall: VirtualHall) -> None:
    press(hall)
    police_answer(hall)
    hall.ask(DropParty(seat=ONE, call=hall.call().id, offer=hall.call().parties[0].offer))
    assert hall.call().parties == ()
    assert hall.call().state is CallState.TALKING


def test_who_puts_the_phone_down_all_the_same_leaves_the_caller_with_110_and_is_on_record(hall: VirtualHall) -> None:
    press(hall)
    police_answer(hall)
    hall.hear(SeatReleased, offer=hall.call().offer, hung_up=True)
    assert hall.call().state is CallState.HANDING_OVER
    assert not hall.ordered(Release)
    assert any(isinstance(each, LeftUnconfirmed) for each in hall.events)


def test_the_caller_is_cut_off_so_the_lawyer_is_put_through_to_110_again(hall: VirtualHall) -> None:
    press(hall)
    police_answer(hall)
    hall.hangs_up()
    assert hall.call().state is CallState.ENDED
    again = hall.state.calls[CallId(hall.seat("01").call or "")]
    assert (again.direction, again.purpose, again.state) == (Direction.OUT, "emergency", CallState.RINGING)
    hall.hear(SeatAnswered, again.key, offer=again.offer)
    assert hall.ordered(PlaceCall)[-1].number == "110"
    press(hall)
    assert not hall.state.calls[again.id].parties, "pressed while it rings there already"


def test_the_caller_leaves_after_110_has_taken_over_and_nothing_more_is_dialled(hall: VirtualHall) -> None:
    press(hall)
    police_answer(hall)
    hall.ask(ConfirmHandover(seat=ONE, call=hall.call().id, offer=hall.call().parties[0].offer))
    hall.hangs_up()
    assert hall.seat("01").state is SeatState.WRAP_UP
    assert not hall.ordered(PlaceCall)


@pytest.mark.parametrize("before", ["ready", "busy", "wrap_up"])
def test_without_a_call_the_seat_itself_is_put_through(hall: VirtualHall, before: str) -> None:
    hall.hangs_up()
    if before != "wrap_up":
        hall.pass_time(31)
    if before == "busy":
        hall.ask(GoBusy(seat=ONE))
    assert hall.seat("01").state == before
    assert press(hall) is None
    ring = hall.ordered(RingSeat)[-1]
    assert (ring.first, ring.expected) == (True, True)
    call = hall.state.calls[CallId(hall.seat("01").call or "")]
    assert (call.direction, call.purpose) == (Direction.OUT, "emergency")
    hall.hear(SeatAnswered, call.key, offer=ring.offer)
    assert hall.ordered(PlaceCall)[-1].number == "110"


def test_while_the_phone_rings_for_somebody_that_caller_goes_to_the_next_lawyer(hall: VirtualHall) -> None:
    hall.hangs_up()
    hall.pass_time(31)
    hall.ask(GoBusy(seat=TWO), "1002")
    hall.rings("next")
    assert hall.call("next").seat == "01"
    hall.ask(GoReady(seat=TWO), "1002")
    assert press(hall) is None
    assert (hall.call("next").state, hall.call("next").seat) == (CallState.RINGING, "02")
    call = hall.state.calls[CallId(hall.seat("01").call or "")]
    assert (call.purpose, hall.seat("01").misses) == ("emergency", 0)
    rings = len(hall.ordered(RingSeat))
    assert press(hall) is None, "pressed twice"
    assert len(hall.ordered(RingSeat)) == rings


def test_nobody_else_is_free_so_the_caller_waits_for_the_end_of_the_emergency(hall: VirtualHall) -> None:
    hall.hangs_up()
    hall.pass_time(31)
    hall.ask(GoBusy(seat=TWO), "1002")
    hall.rings("next")
    assert press(hall) is None
    assert hall.call("next").state is CallState.WAITING
    assert hall.state.calls[CallId(hall.seat("01").call or "")].purpose == "emergency"


def test_nobody_is_signed_in(hall: VirtualHall) -> None:
    assert hall.ask(Emergency(seat=SeatNo("77"), contact="110")).refusal == "no_such_seat"
    hall.hangs_up()
    fresh = VirtualHall(rules(contacts={"110": POLICE}, abilities=LINE))
    assert fresh.ask(Emergency(seat=ONE, contact="110")).refusal == "seat_not_signed_in"
