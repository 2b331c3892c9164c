"""Calling out: the own phone first, then the other side; only what is allowed, and not too often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.telephony import (
    Arrange,
    CallAnswered,
    CallReleased,
    EndedBy,
    PlaceCall,
    Release,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
)
from hotline.calls.call import Call, CallId, CallState, Direction
from hotline.calls.outcome import Outcome
from hotline.calls.segments import TALKS, Kind, seconds
from hotline.hall.inputs import Dial, GoBusy, HangUp
from hotline.hall.rules import OutboundRules
from hotline.hall.today import TodayCount
from hotline.hall.work import SHANGHAI
from seats.seat import SeatNo, SeatState
from tests.hall.kit import CARD, LINE, START, VirtualHall, rules

ONE, TWO = SeatNo("01"), SeatNo("02")


@pytest.fixture
def hall() -> VirtualHall:
    hall = VirtualHall(rules(abilities=LINE, outbound=OutboundRules(per_seat_hour=3, concurrent=2)))
    hall.sign_in("01")
    hall.sign_in("02")
    return hall


def dials(hall: VirtualHall, number: str = "13800138000", seat: SeatNo = ONE, task: int | None = 7) -> str | None:
    wish = Dial(seat=seat, number=number, purpose="callback", callback=task)
    return hall.ask(wish, f"10{seat}").refusal


def dialled(hall: VirtualHall, seat: str = "01") -> Call:
    return hall.state.calls[CallId(hall.seat(seat).call or "")]


def test_reached(hall: VirtualHall) -> None:
    assert dials(hall) is None
    call = dialled(hall)
    ring = hall.ordered(RingSeat)[-1]
    assert (call.direction, call.callback, ring.first, ring.caller_shown) == (Direction.OUT, 7, True, "138****8000")
    hall.hear(SeatAnswered, call.key, offer=ring.offer)
    assert dialled(hall).state is CallState.DIALLING
    assert hall.ordered(PlaceCall)[-1].number == "13800138000"
    hall.pass_time(6)
    hall.hear(CallAnswered, call.key)
    assert dialled(hall).state is CallState.TALKING
    assert hall.ordered(Arrange)[-1].caller
    hall.pass_time(20)
    hall.ask(HangUp(seat=ONE, call=call.id), "1001")
    hall.hear(CallReleased, call.key, by=EndedBy.US)
    ended = hall.ended[call.key]
    assert ended.outcome is Outcome.ANSWERED
    assert (ended.ticket, hall.seat("01").state) == (call.ticket, SeatState.WRAP_UP)
    assert [each.kind for each in ended.segments] == [Kind.RINGING, Kind.DIALLING, Kind.TALKING] or seconds(
        ended.segments, TALKS
    ) == 20


@pytest.mark.parametrize("end", ["busy", "own phone", "hangs up", "nobody"])
def test_not_reached(hall: VirtualHall, end: str) -> None:
    dials(hall)
    call = dialled(hall)
    if end == "own phone":
        hall.hear(SeatDeclined, call.key, offer=call.offer, reason="busy")
    else:
        hall.hear(SeatAnswered, call.key, offer=call.offer)
        if end == "hangs up":
            hall.ask(HangUp(seat=ONE, call=call.id), "1001")
        elif end == "nobody":
            hall.pass_time(51)
        assert end == "busy" or hall.ordered(Release)
        hall.hear(CallReleased, call.key, by=EndedBy.NETWORK, cause="busy")
    assert hall.ended[call.key].outcome is Outcome.NOT_REACHED
    assert hall.seat("01").call is None


def test_a_busy_seat_is_busy_again_afterwards(hall: VirtualHall) -> None:
    hall.ask(GoBusy(seat=ONE, reason="ticket"), "1001")
    dials(hall)
    call = dialled(hall)
    hall.hear(SeatDeclined, call.key, offer=call.offer, reason="busy")
    assert (hall.seat("01").state, hall.seat("01").reason) == (SeatState.BUSY, "ticket")


@pytest.mark.parametrize("number", ["0085212345678", "+8613800138000", "12", "500&PJSIP/x", "1380013800013800"])
def test_numbers_that_are_never_dialled(hall: VirtualHall, number: str) -> None:
    assert dials(hall, number) == "outside_not_allowed"


def test_a_number_without_task_or_contact(hall: VirtualHall) -> None:
    assert dials(hall, task=None) == "outside_not_allowed"


def test_so_many_an_hour(hall: VirtualHall) -> None:
    for _ in range(3):
        assert dials(hall) is None
        call = dialled(hall)
        hall.hear(SeatDeclined, call.key, offer=call.offer, reason="busy")
        hall.pass_time(60)
    assert dials(hall) == "quota_exceeded"
    assert dials(hall, seat=TWO) is None
    hall.pass_time(3600)
    assert dials(hall) is None


def test_so_many_at_once_and_by_night() -> None:
    hall = VirtualHall(rules(abilities=LINE, outbound=OutboundRules(concurrent=1)))
    hall.sign_in("01")
    hall.sign_in("02")
    assert dials(hall) is None
    assert dials(hall, seat=TWO) == "quota_exceeded"
    night = VirtualHall(rules(abilities=LINE, outbound=OutboundRules(per_hall_night=0)))
    night.sign_in("01")
    assert dials(night) == "quota_exceeded"  # the kit's hall opens at two in the morning
    night.now = START + timedelta(hours=8)
    assert dials(night) is None


def test_a_line_that_cannot() -> None:
    hall = VirtualHall(rules(abilities={CARD: frozenset()}))
    hall.sign_in("01")
    assert dials(hall) == "line_cannot"


def test_it_counts_for_nobodys_answer_rate(hall: VirtualHall) -> None:
    before = hall.state.handle_seconds
    dials(hall)
    call = dialled(hall)
    hall.hear(SeatAnswered, call.key, offer=call.offer)
    hall.hear(CallReleased, call.key, by=EndedBy.NETWORK, cause="busy")
    assert before == hall.state.handle_seconds
    assert not hall.state.departed.find("13800138000", hall.now)
    assert TodayCount(hall.now.astimezone(SHANGHAI).date()).figures().offered == 0
