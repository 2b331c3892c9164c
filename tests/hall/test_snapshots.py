"""A device says what is live: its list is compared with what the hall knows, and what it cannot know yet stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from adapters.telephony import (
    Arrange,
    CallAnswered,
    CallKey,
    CallOffered,
    Handling,
    OfferId,
    PortStatus,
    Release,
    SeatAnswered,
    StopRinging,
)
from hotline.calls.call import CallState, Direction
from hotline.calls.outcome import Outcome
from hotline.hall.inputs import (
    Heard,
    Snapshot,
)
from hotline.hall.state import Decision
from seats.seat import SeatState
from tests.hall.kit import CARD, VirtualHall


def snapshot(hall: VirtualHall, *ports: PortStatus, asked_at: datetime | None = None) -> Decision:
    """The device says what is live."""
    return hall.take(Snapshot(adapter=CARD, asked_at=asked_at or hall.now, ports=ports))


def status(hall: VirtualHall, call: str = "a", **fields: Any) -> PortStatus:
    """One live call as the device sees it."""
    return PortStatus(call=CallKey(call), since=fields.pop("since", hall.now), **fields)


def test_an_answer_heard_while_the_device_was_asked_is_newer_than_its_list(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.sign_in("02")
    hall.rings()
    hall.pass_time(2)
    asked_at, offer = hall.now, hall.call().offer
    hall.pass_time(0.02)
    hall.picks_up()
    hall.pass_time(0.02)
    assert offer is not None
    snapshot(hall, status(hall, ringing=(offer,)), asked_at=asked_at)
    assert hall.call().state is CallState.TALKING
    assert hall.seat("01").state is SeatState.TALKING


def test_who_rang_somewhere_else_before_has_waited_since_then(hall: VirtualHall) -> None:
    """The dial plan's fallback had him while the service was away: his wait is not cut short in the report."""
    hall.rings(rung_seconds=11.4)
    hall.rings("b", caller="13800138001", rung_seconds=0.2)
    hall.rings("c", caller="13800138002", rung_seconds=9e8)
    assert [hall.now - hall.call(key).offered_at for key in "abc"] == [
        timedelta(seconds=11.4),
        timedelta(),
        timedelta(),
    ]


def test_an_offer_made_while_the_device_was_asked_is_not_taken_back(hall: VirtualHall) -> None:
    hall.sign_in("01")
    asked_at = hall.now
    hall.pass_time(0.02)
    hall.rings()
    offer = hall.call().offer
    snapshot(hall, status(hall), asked_at=asked_at)
    assert hall.call().offer == offer
    assert not hall.ordered(StopRinging)


def test_an_offer_the_device_knows_nothing_of_is_no_miss_of_the_seats(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings()
    for _ in range(4):
        hall.pass_time(1)
        snapshot(hall, status(hall))
    assert hall.call().state is CallState.RINGING
    assert hall.seat("01").misses == 0
    assert hall.call().passed == ()


def test_a_call_that_is_over_here_and_live_there_is_released(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings()
    hall.pass_time(1)
    snapshot(hall)
    assert hall.call().state is CallState.ENDED
    before = len(hall.ordered(Release, "a"))
    hall.pass_time(1)
    snapshot(hall, status(hall))
    assert len(hall.ordered(Release, "a")) == before + 1


def test_a_call_listed_twice_is_one_call(hall: VirtualHall) -> None:
    hall.sign_in("01")
    made = snapshot(hall, status(hall), status(hall))
    assert len(made.calls) == 1


def test_a_call_heard_before_the_link_broke_is_over_though_it_was_decided_about_later(hall: VirtualHall) -> None:
    heard_at = hall.now
    hall.sign_in("01")
    hall.pass_time(60)  # the database was away
    fact = CallOffered(adapter=CARD, event_id="x", at=heard_at, heard_at=heard_at, call=CallKey("a"))
    hall.take(Heard(fact))
    snapshot(hall, asked_at=heard_at + timedelta(seconds=5))
    assert hall.call().state is CallState.ENDED
    assert hall.call().offered_at == heard_at
    assert hall.seat("01").state is SeatState.READY


def test_a_caller_whom_the_device_hands_over_is_taken_from_its_list(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("a", handling=Handling.DEVICE)
    hall.pass_time(1)
    snapshot(hall, status(hall, "a"))
    assert (hall.call("a").handling, hall.call("a").state) == (Handling.HALL, CallState.RINGING)


FORGOTTEN = "out~ZZ-9"
"""A call of ours that the database never heard of: 110 was rung first, and we were killed."""


def test_two_who_speak_on_a_forgotten_call_of_ours_go_on(hall: VirtualHall) -> None:
    talking = status(hall, FORGOTTEN, placed=True, answered=True, picked_up=(OfferId("1"),))
    snapshot(hall, talking)
    call = hall.call(FORGOTTEN)
    assert (call.direction, call.handling, call.state) == (Direction.OUT, Handling.DEVICE, CallState.TALKING)
    snapshot(hall, talking)
    assert not hall.orders
    snapshot(hall, status(hall, FORGOTTEN, placed=True, answered=True))  # one of them has put down
    assert hall.ordered(Release, FORGOTTEN)
    hall.hangs_up(FORGOTTEN)
    assert hall.ended[call.key].outcome is Outcome.ANSWERED


def test_a_forgotten_call_of_ours_ends_that_nobody_is_on(hall: VirtualHall) -> None:
    snapshot(hall, status(hall, FORGOTTEN, placed=True, picked_up=(OfferId("1"),)))
    assert hall.ordered(Release, FORGOTTEN)
    assert not hall.state.calls


def test_reports_of_a_forgotten_call_of_ours_make_no_caller_of_it(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.hear(SeatAnswered, FORGOTTEN, offer=OfferId("1"), seat="01")
    assert (hall.call(FORGOTTEN).state, hall.seat("01").state) == (CallState.OFFERED, SeatState.READY)
    hall.hear(CallAnswered, FORGOTTEN)
    assert hall.call(FORGOTTEN).state is CallState.TALKING
    hall.pass_time(1)
    snapshot(hall)
    assert hall.ended[CallKey(FORGOTTEN)].direction is Direction.OUT


def test_snapshot_ends_takes_and_aligns(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.sign_in("02")
    hall.rings("a")
    hall.rings("b")
    hall.picks_up("b")
    hall.rings("c")
    hall.pass_time(10)
    ring, talk = hall.call("a"), hall.call("b")
    assert ring.offer is not None
    assert talk.offer is not None
    ports = (
        PortStatus(call=ring.key, since=ring.offered_at, picked_up=(ring.offer,)),
        PortStatus(call=talk.key, since=talk.offered_at, answered=True, picked_up=(talk.offer,)),
        PortStatus(call=CallKey("new"), since=hall.now - timedelta(seconds=4), caller="02512348000"),
    )
    hall.take(Snapshot(adapter=CARD, asked_at=hall.now, ports=ports))
    assert hall.call("a").state is CallState.TALKING
    assert hall.call("b").state is CallState.TALKING
    assert len(hall.ordered(Arrange, "b")) == 2
    assert hall.call("c").outcome is Outcome.LOST
    assert hall.call("new").state is CallState.WAITING
