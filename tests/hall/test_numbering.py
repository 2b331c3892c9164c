"""Contacts that are no calls get their tickets' numbers where calls get theirs."""

from __future__ import annotations

from hotline.hall.events import TicketNumbered
from hotline.hall.inputs import NumberTicket
from tests.hall.kit import VirtualHall


def number(hall: VirtualHall) -> str:
    hall.events.clear()
    assert hall.ask(NumberTicket(channel="visit"), "1001").refusal is None
    (told,) = (event for event in hall.events if isinstance(event, TicketNumbered))
    assert told.channel == "visit"
    return told.number


def test_one_row_of_numbers_for_calls_and_visits(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("a")
    first = hall.call("a").ticket
    second = number(hall)
    hall.rings("b")
    third = hall.call("b").ticket
    assert [int(each[-6:]) for each in (first, second, third)] == [1, 2, 3]
    assert first[:-6] == second[:-6] == third[:-6]


def test_from_one_again_the_next_day(hall: VirtualHall) -> None:
    before = number(hall)
    hall.pass_time(24 * 3600)
    after = number(hall)
    assert (before[-6:], after[-6:]) == ("000001", "000001")
    assert before != after
