"""Calls that a gateway distributes itself: watched, never ordered about; no seat stays stuck when a report is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from adapters.telephony import (
    Ability,
    CallAnswered,
    CallOffered,
    CallReleased,
    EndedBy,
    Handling,
    SeatAnswered,
    SeatRinging,
)
from hotline.calls.call import CallState
from hotline.calls.outcome import Outcome
from hotline.hall.inputs import ForceState, HangUp, TookByHand
from seats.seat import SeatNo, SeatState
from tests.hall.kit import CARD, VirtualHall, rules


def test_a_seat_that_a_gateway_left_ringing_can_be_forced_free(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("g", handling=Handling.DEVICE)
    hall.hear(SeatRinging, "g", seat="1001", handling=Handling.DEVICE)
    assert hall.seat("01").state is SeatState.RINGING
    assert hall.ask(ForceState(seat=SeatNo("01"), state=SeatState.READY, reason="卡住"), "9001").refusal is None
    assert hall.seat("01").state is SeatState.READY
    hall.hear(SeatAnswered, "g", seat="1001", handling=Handling.DEVICE)
    assert hall.seat("01").state is SeatState.TALKING
    assert hall.call("g").answered_seat == "01"


def test_a_claimed_call_waits_from_then_on(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("g", handling=Handling.DEVICE)
    hall.hear(SeatRinging, "g", seat="1099", handling=Handling.DEVICE)
    hall.pass_time(10)
    hall.rings("g")
    call = hall.call("g")
    assert call.queued_at is not None
    assert call.rung_at is not None
    assert call.rung_at >= call.queued_at


def test_the_first_ring_may_come_second_and_still_tells_who_calls(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.hear(CallAnswered, "a")
    hall.rings("a", caller="13900139000")
    assert hall.call().caller == "13900139000"
    assert hall.call().dialled == "12348"
    assert hall.call().state is CallState.RINGING


def test_a_call_of_the_gateway_is_not_ordered_about(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("g", handling=Handling.DEVICE)
    hall.hear(SeatAnswered, "g", seat="1001", handling=Handling.DEVICE)
    assert hall.ask(HangUp(seat=SeatNo("01"), call=hall.call("g").id), "1001").refusal == "call_at_device"
    assert not hall.orders
    assert hall.seat("01").state is SeatState.TALKING


def test_the_lawyer_says_that_it_is_over_where_nobody_can_ask_the_gateway() -> None:
    """The gateway fell silent in mid-call: the seat must not be lost until the night."""
    hall = VirtualHall(rules(abilities={CARD: frozenset()}))
    hall.sign_in("01")
    hall.rings("g", handling=Handling.DEVICE)
    hall.hear(SeatAnswered, "g", seat="1001", handling=Handling.DEVICE)
    hall.orders.clear()
    hall.pass_time(60)
    assert hall.ask(HangUp(seat=SeatNo("01"), call=hall.call("g").id), "1001").refusal is None
    assert not hall.orders
    assert hall.seat("01").state is SeatState.WRAP_UP
    assert (hall.call("g").ended_by, hall.call("g").inferred) == (EndedBy.SEAT, True)
    hall.hangs_up("g", handling=Handling.DEVICE)
    assert (hall.call("g").ended_by, hall.call("g").inferred) == (EndedBy.CALLER, False)


def test_a_supervisor_frees_a_seat_whose_gateway_lost_the_end(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("g", handling=Handling.DEVICE)
    hall.hear(SeatAnswered, "g", seat="1001", handling=Handling.DEVICE)
    hall.pass_time(600)
    hall.ask(ForceState(seat=SeatNo("01"), state=SeatState.READY, reason="卡住"), "9001")
    assert hall.seat("01").state is SeatState.READY
    assert (hall.call("g").state, hall.call("g").inferred) == (CallState.ENDED, True)
    hall.hangs_up("g", handling=Handling.DEVICE)
    assert not hall.call("g").inferred


def test_an_observed_call_is_watched_and_never_ordered_about(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.orders.clear()
    gw: dict[str, Any] = {"handling": Handling.DEVICE}
    hall.rings(**gw)
    hall.pass_time(3)
    hall.hear(SeatRinging, seat="1001", **gw)
    assert hall.seat("01").state is SeatState.RINGING
    hall.pass_time(4)
    hall.hear(SeatAnswered, seat="1001", **gw)
    assert hall.seat("01").state is SeatState.TALKING
    assert hall.call().operator == "acc-1001"
    hall.pass_time(30)
    hall.hangs_up(**gw)
    assert hall.call().outcome is Outcome.ANSWERED
    assert hall.orders == []


def test_observed_reports_in_any_order_give_the_same_record(hall: VirtualHall) -> None:
    hall.sign_in("01")
    gw: dict[str, Any] = {"handling": Handling.DEVICE}
    began = hall.now
    hall.pass_time(60)
    hall.hear(CallReleased, "x", at=began + timedelta(seconds=40), by=EndedBy.CALLER, **gw)
    hall.hear(SeatAnswered, "x", at=began + timedelta(seconds=9), seat="1001", **gw)
    hall.hear(CallOffered, "x", at=began, caller="13900139000", **gw)
    call = hall.call("x")
    assert call.outcome is Outcome.ANSWERED
    assert call.caller == "13900139000"
    assert call.offered_at == began
    assert call.ended_at == began + timedelta(seconds=40)


def test_a_call_of_the_fallback_is_claimed_when_the_device_hands_it_over(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings(handling=Handling.DEVICE)
    assert hall.call().state is CallState.OFFERED
    hall.rings(handling=Handling.HALL)
    assert hall.call().state is CallState.RINGING
    assert hall.call().handling is Handling.HALL
    assert hall.call().ticket == "ZZ-20261121-000001"


def test_an_observed_call_that_falls_silent_ends(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings(handling=Handling.DEVICE)
    hall.pass_time(4 * 3600)
    assert hall.call().state is CallState.ENDED
    assert hall.call().inferred


def test_impossible_device_times_are_repaired(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings(handling=Handling.DEVICE, at=hall.now.replace(year=2099))
    assert hall.call().offered_at == hall.now


def test_a_line_that_rings_anew_has_ended_its_talk() -> None:
    """The lawyer forgot to say that it was over; another line's talk is none of its business."""
    hall = VirtualHall(rules(abilities={CARD: frozenset({Ability.BY_HAND})}))
    hall.sign_in("01")
    hall.sign_in("02")
    for call, port, extension, seat in (("a", 1, "1001", "01"), ("b", 2, "1002", "02")):
        hall.rings(call, handling=Handling.DEVICE, port=port)
        hall.hear(SeatRinging, call, seat=extension, handling=Handling.DEVICE, port=port)
        hall.ask(TookByHand(seat=SeatNo(seat), call=hall.call(call).id), f"10{seat}")
    hall.pass_time(600)
    hall.rings("c", handling=Handling.DEVICE, port=1)
    assert hall.call("a").state is CallState.TALKING, "a number alone may be somebody who knocks"
    hall.hear(SeatRinging, "c", seat="1001", handling=Handling.DEVICE, port=1)
    former = hall.call("a")
    assert (former.state, former.outcome, former.inferred) == (CallState.ENDED, Outcome.ANSWERED, True)
    assert hall.call("b").state is CallState.TALKING
    assert hall.call("c").state is CallState.RINGING


def test_what_was_heard_long_ago_is_nobodys_at_the_desk_now(hall: VirtualHall) -> None:
    """An edge was cut off for an hour: its calls are on record, and neither move a seat nor count for its lawyer."""
    hall.sign_in("01")
    earlier = {"handling": Handling.DEVICE, "at": hall.now, "heard_at": hall.now}
    hall.pass_time(3600)
    for fact in (CallOffered, SeatRinging, SeatAnswered, CallReleased):
        about = {"seat": "1001"} if fact in (SeatRinging, SeatAnswered) else {}
        hall.hear(fact, "a", **earlier, **about)
        assert hall.seat("01").state is SeatState.READY
    call = hall.call("a")
    assert (call.outcome, call.answered_seat, call.operator) == (Outcome.ANSWERED, "01", None)


def test_a_call_that_rings_for_ever_is_over(hall: VirtualHall) -> None:
    """The gateway said that somebody rings, and no more."""
    hall.sign_in("01")
    hall.rings("g", handling=Handling.DEVICE)
    hall.pass_time(1790)
    assert hall.call("g").state is not CallState.ENDED
    hall.pass_time(20)
    assert (hall.call("g").state, hall.call("g").cause, hall.call("g").inferred) == (CallState.ENDED, "silent", True)
    hall.pass_time(60)
    hall.hear(SeatAnswered, "g", seat="1001", handling=Handling.DEVICE)
    call = hall.call("g")
    assert call.outcome is Outcome.ANSWERED
    assert call.answered_at is not None
    assert call.ended_at is not None
    assert call.ended_at >= call.answered_at
