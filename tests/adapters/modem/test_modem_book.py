"""The call on a line: what rings, numbers, receivers, tones and silence mean for it. Times are made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.caller_id.modem_lines import read_line
from adapters.caller_id.signs import Rang
from adapters.modem.call import LineBook
from adapters.modem.live import Live, Site, Stage
from adapters.telephony import (
    AdapterName,
    CallEvent,
    CallReleased,
    EndedBy,
    Handling,
    OfferId,
    SeatAnswered,
    SeatDeclined,
)

BEGAN = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
OFFER = OfferId("c.1")
NUMBER = "13800138000"


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


@pytest.fixture
def book() -> LineBook:
    patterns = {"B": "12345", "5-11-5-34": "12349"}
    site = Site(adapter=AdapterName("front"), port=3, seat="8001", dialled="12348", patterns=patterns)
    return LineBook(site, "run")


def told(facts: list[CallEvent]) -> list[tuple[str, dict[str, Any]]]:
    """Kind and what is particular to it."""
    common = {"adapter", "event_id", "at", "heard_at", "port", "call", "handling", "backfilled"}
    return [
        (
            type(fact).__name__,
            {k: v for k, v in _fields(fact).items() if k not in common and v not in (None, "", False)},
        )
        for fact in facts
    ]


def _fields(fact: CallEvent) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in fact.__struct_fields__}


def live(book: LineBook) -> Live:
    assert book.live is not None
    return book.live


def ours(book: LineBook) -> Live:
    """A call that we have answered."""
    book.rang(at(0))
    book.numbered(at(2), NUMBER)
    book.answered(at(3))
    return live(book)


def test_who_lifted_the_telephone_keeps_the_line_whatever_the_modem_does(book: LineBook) -> None:
    book.rang(at(0))
    book.lift(at(1))
    assert book.answered(at(2)) == []
    assert live(book).stage is Stage.BY_HAND
    assert told(book.put_down(at(60))) == [("CallReleased", {"by": EndedBy.SEAT})]


def test_it_rings_and_the_number_comes_late(book: LineBook) -> None:
    assert told(book.rang(at(0))) == [("CallOffered", {"dialled": "12348"})]
    assert book.rang(at(0)) == [], "RING and DLE R in one breath"
    assert book.rang(at(0.3)) == []
    assert live(book).rings == 1
    assert told(book.numbered(at(2), NUMBER)) == [("CallerIdentified", {"caller": NUMBER})]
    assert book.numbered(at(2.1), None) == [], "NMBR = O behind it masks nothing"
    assert book.numbered(at(2.2), "110") == []
    status = book.status()
    assert status is not None
    assert (status.caller, status.port, status.answered, status.dialled) == (NUMBER, 3, False, "12348")


def test_the_number_comes_before_the_first_ring(book: LineBook) -> None:
    assert book.numbered(at(0), NUMBER) == []
    assert book.status() is None, "nobody can be answered yet"
    offered = book.rang(at(1))
    assert told(offered) == [("CallOffered", {"caller": NUMBER, "dialled": "12348"})]
    assert offered[0].at == at(0)


def test_a_number_and_never_a_ring(book: LineBook) -> None:
    book.numbered(at(0), NUMBER)
    assert book.due == at(7)
    assert book.conclude(at(6)) == []
    assert [kind for kind, _ in told(book.conclude(at(7)))] == ["CallOffered", "CallReleased"]


@pytest.mark.parametrize(
    ("line", "dialled"),
    [("RING B", "12345"), ("RING A", "12348"), ("RING;13800138000;08765", "12348"), ("RING", "12348")],
)
def test_how_it_rings_tells_what_was_dialled(book: LineBook, line: str, dialled: str) -> None:
    sign = next(each for each in read_line(line.encode()) if isinstance(each, Rang))
    assert told(book.rang(at(0), sign.pattern)) == [("CallOffered", {"dialled": dialled})]


def test_a_cadence_in_one_line_or_several_with_a_ring_or_without(book: LineBook) -> None:
    whole = book.cadence(at(0), "DRON=5 DROF=11 DRON=5 DROF=34")
    assert told(whole) == [("CallOffered", {"dialled": "12349"})]
    book.end(at(0), EndedBy.US)
    lines = ("DRON=5", "DROF=11", "DRON=5", "DROF=34")
    parts = [book.cadence(at(10 + part / 10), text) for part, text in enumerate(lines)]
    assert [told(each) for each in parts] == [[], [], [], [("CallOffered", {"dialled": "12349"})]]
    book.end(at(11), EndedBy.US)
    assert book.cadence(at(20), "DRON=20 DROF=40") == []
    assert book.due == at(22)
    assert told(book.conclude(at(22))) == [("CallOffered", {"dialled": "12348"})], "a ring nobody named"


def test_it_rings_no_longer(book: LineBook) -> None:
    former = book.rang(at(0))[0].call
    for ring in (0, 5, 10):
        book.rang(at(ring))
        assert book.conclude(at(ring + 4.9)) == []
    assert book.due == at(17)
    assert told(book.conclude(at(17))) == [
        ("CallReleased", {"by": EndedBy.CALLER, "cause": "rings_no_longer", "inferred": True})
    ]
    assert book.live is None
    again = book.rang(at(18))
    assert again[0].call != former
    assert told(again)[0][0] == "CallOffered"


def test_when_it_may_be_answered(book: LineBook) -> None:
    wait = timedelta(seconds=6)
    book.rang(at(0))
    assert book.answerable_at(wait) == at(6)
    book.rang(at(5))
    assert book.answerable_at(wait) is None, "no number comes behind the second ring"
    book.end(at(6), EndedBy.US)
    book.rang(at(20))
    book.numbered(at(21), None)
    assert book.answerable_at(wait) is None, "the line has said that it does not tell"


def test_tones_end_a_call_only_while_there_is_one(book: LineBook) -> None:
    assert not book.is_over(at(0), by_loop=False)
    book.rang(at(0))
    assert not book.is_over(at(1), by_loop=False), "nobody is on the line yet"
    book.answered(at(3))
    assert not book.is_over(at(3.5), by_loop=True), "the hook has shaken the loop itself"
    assert book.is_over(at(3.5), by_loop=False)
    assert book.is_over(at(4.1), by_loop=True)
    book.end(at(5), EndedBy.CALLER, "busy")
    assert book.rang(at(6)) == [], "the line settles"
    assert told(book.rang(at(7.1)))[0][0] == "CallOffered"


def test_a_seat_lifts_its_receiver(book: LineBook) -> None:
    call = ours(book)
    assert told(book.ring_seat(call, OFFER, at(5), 20)) == [("SeatRinging", {"offer": OFFER, "seat": "8001"})]
    assert book.ring_seat(call, OFFER, at(6), 20) == [], "twice is once"
    assert told(book.lift(at(8))) == [("SeatAnswered", {"offer": OFFER, "seat": "8001"})]
    assert told(book.joined(at(8.2))) == [("LegsJoined", {"offer": OFFER})]
    assert book.joined(at(8.3)) == []
    status = book.status()
    assert status is not None
    assert (status.room, status.picked_up, status.caller_in_room) == ((OFFER,), (OFFER,), True)
    assert not book.is_over(at(8.5), by_loop=True), "our own hook"
    assert book.is_over(at(10), by_loop=True), "the exchange has opened the loop"
    assert book.put_down(at(8.5)) == [], "the relay, perhaps"
    assert book.lift(at(8.6)) == []
    assert book.conclude(at(9.6)) == []
    assert told(book.put_down(at(60))) == [("CallReleased", {"by": EndedBy.SEAT})]


def test_a_receiver_that_was_put_down_while_the_line_changed_hands(book: LineBook) -> None:
    call = ours(book)
    book.ring_seat(call, OFFER, at(5), 20)
    book.lift(at(8))
    book.put_down(at(8.1))
    book.joined(at(8.2))
    assert book.due == at(9.2)
    assert told(book.conclude(at(9.2))) == [("CallReleased", {"by": EndedBy.SEAT})]


def test_a_receiver_that_is_up_already_answers_the_offer(book: LineBook) -> None:
    call = ours(book)
    assert book.lift(at(4)) == []
    assert [kind for kind, _ in told(book.ring_seat(call, OFFER, at(5), 20))] == ["SeatRinging", "SeatAnswered"]


def test_a_receiver_of_yesterday_answers_nothing(book: LineBook) -> None:
    """Its end was not told; but a line rings only while every receiver is down."""
    ours(book)
    book.lift(at(4))
    book.end(at(5), EndedBy.CALLER)
    book.rang(at(60))
    assert [kind for kind, _ in told(book.ring_seat(live(book), OFFER, at(61), 20))] == ["SeatRinging"]


def test_nobody_lifts_it(book: LineBook) -> None:
    book.ring_seat(ours(book), OFFER, at(5), 20)
    assert book.due == at(25)
    declined = book.conclude(at(25))
    assert told(declined) == [("SeatDeclined", {"offer": OFFER, "seat": "8001", "reason": "no_answer"})]
    assert isinstance(declined[0], SeatDeclined)
    assert not declined[0].seat_fault


def test_picked_up_by_hand_before_we_could(book: LineBook) -> None:
    book.rang(at(0))
    facts = book.lift(at(3))
    assert [kind for kind, _ in told(facts)] == ["CallAnswered", "SeatAnswered"]
    assert {fact.handling for fact in facts} == {Handling.DEVICE}
    answered = facts[1]
    assert isinstance(answered, SeatAnswered)
    assert (answered.seat, answered.offer) == ("8001", None)
    status = book.status()
    assert status is not None
    assert status.handling is Handling.DEVICE
    assert told(book.put_down(at(30))) == [("CallReleased", {"by": EndedBy.SEAT})]


def test_a_click_answers_and_only_the_next_ring_tells_the_end(book: LineBook) -> None:
    call = ours(book)
    book.ring_seat(call, OFFER, at(5), 20)
    assert told(book.clicked(call, OFFER, at(6))) == [("SeatAnswered", {"offer": OFFER, "seat": "8001"})]
    book.joined(at(6.5))
    assert book.conclude(at(7.6)) == [], "this modem does not tell of receivers: nothing follows from silence"
    facts = book.rang(at(400))
    assert told(facts)[0] == ("CallReleased", {"by": EndedBy.UNKNOWN, "cause": "rings_again", "inferred": True})
    assert told(facts)[1][0] == "CallOffered"


def test_it_rings_on_after_a_click(book: LineBook) -> None:
    book.rang(at(0))
    book.ring_seat(live(book), OFFER, at(1), 20)
    book.clicked(live(book), OFFER, at(4))
    book.joined(at(4))
    assert book.rang(at(5)) == [], "the receiver is not up yet"
    assert live(book).leg == OFFER


def test_a_talk_that_is_never_told_the_end_of(book: LineBook) -> None:
    call = ours(book)
    book.ring_seat(call, OFFER, at(5), 20)
    book.clicked(call, OFFER, at(6))
    book.joined(at(6))
    (over,) = book.conclude(at(4 * 3600 + 10))
    assert isinstance(over, CallReleased)
    assert over.inferred


def test_keys_are_the_callers_while_the_line_is_ours(book: LineBook) -> None:
    assert book.key(at(0), "1") == []
    call = ours(book)
    assert told(book.key(at(4), "1")) == [("DigitsPressed", {"digits": "1"})]
    book.ring_seat(call, OFFER, at(5), 20)
    book.lift(at(6))
    book.joined(at(6))
    assert book.key(at(7), "1") == [], "dialled at the desk"


def test_no_key_and_no_id_is_used_twice(book: LineBook) -> None:
    seen = list[CallEvent]()
    for call in range(3):
        seen += book.rang(at(call * 100)) + book.numbered(at(call * 100 + 2), NUMBER)
        seen += book.conclude(at(call * 100 + 50))
    assert len({fact.event_id for fact in seen}) == len(seen) == 9
    assert len({fact.call for fact in seen}) == 3
