"""One report is lost while all seems well: the next routine look at what is live mends it, and harms nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapters.telephony import CallKey, Handling, PortStatus, Release, StopRinging
from hotline.calls.call import CallState
from hotline.hall.inputs import Snapshot
from seats.seat import SeatState
from tests.hall.kit import CARD, VirtualHall


@pytest.fixture
def hall() -> VirtualHall:
    hall = VirtualHall()
    hall.sign_in("01")
    return hall


def look(hall: VirtualHall, *ports: PortStatus) -> None:
    """The device is asked, and answers at once."""
    hall.take(Snapshot(adapter=CARD, asked_at=hall.now, ports=ports, routine=True))


def live(hall: VirtualHall, call: str = "a", **fields: Any) -> PortStatus:
    fields.setdefault("since", hall.now - timedelta(seconds=30))
    return PortStatus(call=CallKey(call), **fields)


def test_a_caller_nobody_heard_of_is_taken(hall: VirtualHall) -> None:
    look(hall, live(hall, since=hall.now - timedelta(seconds=11)))
    assert hall.call().state is CallState.RINGING
    assert hall.call().handling is Handling.HALL


def test_a_caller_whose_ring_may_be_on_its_way_is_waited_for(hall: VirtualHall) -> None:
    look(hall, live(hall, since=hall.now - timedelta(seconds=9)))
    assert not hall.state.calls
    assert not hall.orders


def test_a_lost_hang_up_frees_the_seat(hall: VirtualHall) -> None:
    hall.rings()
    hall.picks_up()
    hall.pass_time(11)
    look(hall)
    assert hall.call().state is CallState.ENDED
    assert hall.call().inferred
    assert hall.seat("01").state is SeatState.WRAP_UP


def test_a_call_that_has_just_come_is_not_missed(hall: VirtualHall) -> None:
    hall.rings()
    hall.pass_time(9)
    look(hall)
    assert hall.call().state is CallState.RINGING


def test_a_lost_answer_is_found(hall: VirtualHall) -> None:
    hall.rings()
    hall.pass_time(11)
    look(hall, live(hall, picked_up=(hall.call().offer,)))
    assert hall.call().state is CallState.TALKING


def test_an_offer_whose_ring_order_may_be_on_its_way_stands(hall: VirtualHall) -> None:
    hall.rings()
    hall.pass_time(9)
    look(hall, live(hall))
    assert hall.call().state is CallState.RINGING
    assert not hall.ordered(StopRinging)


def test_nobody_who_waits_is_told_the_menu_again(hall: VirtualHall) -> None:
    hall.rings("a")
    hall.rings("b")
    hall.pass_time(11)
    orders = list(hall.orders)
    look(hall, live(hall, "a", ringing=(hall.call("a").offer,)), live(hall, "b"))
    assert hall.orders == orders


def test_a_caller_who_is_over_here_is_let_go_there(hall: VirtualHall) -> None:
    hall.rings()
    hall.hangs_up()
    released = len(hall.ordered(Release))
    hall.pass_time(9)
    look(hall, live(hall))
    assert len(hall.ordered(Release)) == released
    hall.pass_time(2)
    look(hall, live(hall))
    assert len(hall.ordered(Release)) == released + 1
