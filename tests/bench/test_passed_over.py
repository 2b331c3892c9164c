"""Who counts as passed over, by a hall's journal and by the ledgers of callers and phones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hotline.bench.passed_over import SAME_TIME, Lived, Order, by_journal, by_ledgers
from hotline.store.follower import JournalEntry

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


class Journal:
    """Entries, a second apart unless said otherwise."""

    def __init__(self) -> None:
        self.entries: list[JournalEntry] = []
        self.seat("01", "general")
        self.seat("02", "labour")

    def seat(self, number: str, *groups: str, operator: str = "", phone: str = "") -> None:
        self.add("SeatDefined", seat=number, extension=f"80{number}", groups=list(groups))
        who = operator or f"op-{number}"
        self.add("SeatChanged", seat=number, before="off", after="ready", operator=who, phone=phone)

    def waits(self, call: str, *groups: str, at: float | None = None, **more: Any) -> None:
        self.add("CallQueued", call=call, at=at, queue="q", position=1, groups=list(groups or ("general",)), **more)

    def rings(self, call: str, seat: str, number: int = 1, why: str = "longest-idle", **reasons: Any) -> None:
        given = {"strategy": why, "seat": seat, "waited_seconds": 1.0, **reasons}
        self.add("SeatOffered", call=call, seat=seat, offer=f"{call}.{number}", why=why, waited=1.0, reasons=given)

    def add(
        self, type: str, *, call: str | None = None, seat: str | None = None, at: float | None = None, **data: Any
    ) -> None:
        seq = len(self.entries) + 1
        when = START + timedelta(seconds=seq if at is None else at)
        self.entries.append(
            JournalEntry(seq=seq, at=when, type=type, call=call, call_seq=0, seat=seat, actor="system", data=data)
        )

    @property
    def order(self) -> Order:
        return by_journal(self.entries)

    @property
    def passed(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(each.call, each.over) for each in self.order.passed]


@pytest.fixture
def journal() -> Journal:
    return Journal()


def test_in_turn(journal: Journal) -> None:
    journal.waits("c1")
    journal.waits("c2")
    journal.rings("c1", "01")
    journal.rings("c2", "01")
    assert journal.passed == []
    assert journal.order.offers == 2
    assert journal.order.per_cent == 0


def test_the_later_one_first(journal: Journal) -> None:
    journal.waits("c1")
    journal.waits("c2")
    journal.waits("c3")
    journal.rings("c3", "01")
    journal.rings("c1", "01")
    assert journal.passed == [("c3", ("c1", "c2"))]
    assert journal.order.per_cent == 50


def test_a_seat_that_cannot_serve_the_earlier_one(journal: Journal) -> None:
    journal.waits("c1", "general")
    journal.waits("c2", "labour")
    journal.rings("c2", "02")
    assert journal.passed == []


def test_groups_that_came_with_waiting_count(journal: Journal) -> None:
    journal.waits("c1", "general")
    journal.waits("c2", "labour")
    journal.add("GroupsWidened", call="c1", groups=["labour"])
    journal.rings("c2", "02")
    assert journal.passed == [("c2", ("c1",))]


@pytest.mark.parametrize(
    ("reach", "over"),
    [
        ({"kinds": ["desk"], "extensions": ["8003"]}, ()),
        ({"kinds": ["desk"], "extensions": ["8003", "8001"]}, ("c1",)),
        ({"kinds": ["desk"], "elsewhere": ["8001"]}, ()),
        ({"kinds": ["browser"]}, ()),
        ({"kinds": ["desk", "browser"]}, ("c1",)),
        (None, ("c1",)),
    ],
)
def test_who_waits_for_a_phone_that_his_line_rings(
    journal: Journal, reach: dict[str, Any] | None, over: tuple[str, ...]
) -> None:
    journal.seat("01", "general", phone="desk")
    journal.add("SeatChanged", seat="01", before="ready", after="busy", operator="op-01", phone="")  # the same phone
    journal.waits("c1", reach=reach)
    journal.waits("c2")
    journal.rings("c2", "01")
    assert journal.passed == ([("c2", over)] if over else [])


def test_who_is_gone_or_served_is_not_passed_over(journal: Journal) -> None:
    for call in ("c1", "c2", "c3", "c4"):
        journal.waits(call)
    journal.add("CallEnded", call="c1", outcome="abandoned_queue", by="caller")
    journal.add("CallLeaving", call="c2", outcome="no_seat")
    journal.add("CallTaken", call="c3", seat="02", operator="op-02", waited=1.0)
    journal.rings("c4", "01")
    assert journal.passed == []


def test_who_was_not_picked_up_keeps_the_place_but_not_for_that_seat(journal: Journal) -> None:
    journal.seat("03", "general")
    journal.waits("c1")
    journal.waits("c2")
    journal.waits("c3")
    journal.rings("c1", "01")
    journal.add("OfferMissed", call="c1", seat="01", offer="c1.1", reason="no_answer")
    journal.rings("c2", "01")
    assert journal.passed == []
    journal.rings("c3", "03")
    assert journal.passed == [("c3", ("c1",))]


def test_who_must_not_meet_that_lawyer(journal: Journal) -> None:
    journal.waits("c1", excluded=["op-01"])
    journal.waits("c2")
    journal.rings("c2", "01")
    assert journal.passed == []


def test_an_urgent_caller_goes_before_those_who_came_a_little_earlier(journal: Journal) -> None:
    journal.waits("c1", at=0)
    journal.waits("c2", at=100)
    journal.rings("c2", "01", priority=1)
    assert journal.passed == []
    journal.waits("c3", at=130)
    journal.rings("c3", "01", priority=1)
    assert journal.passed == [("c3", ("c1",))]


def test_an_urgent_caller_who_is_passed_over(journal: Journal) -> None:
    journal.waits("c1", at=0)
    journal.waits("c2", at=100)
    journal.rings("c1", "01")
    journal.rings("c2", "01", priority=1)
    assert journal.passed == [("c1", ("c2",))]


def test_who_rang_again_stands_where_he_stood(journal: Journal) -> None:
    journal.waits("c1", at=50)
    journal.waits("c2", at=60)
    journal.add(
        "SeatOffered",
        call="c2",
        seat="01",
        at=70,
        offer="c2.1",
        why="longest-idle",
        waited=10.0,
        reasons={"strategy": "longest-idle", "seat": "01", "waited_seconds": 40.0, "kept_place": True},
    )
    assert journal.passed == []


def test_a_transfer_to_a_queue_keeps_the_place(journal: Journal) -> None:
    journal.waits("c1")
    journal.rings("c1", "01")
    journal.add("CallTaken", call="c1", seat="01", operator="op-01", waited=1.0)
    journal.waits("c2", "labour")
    journal.waits("c1", "labour")
    journal.rings("c2", "02")
    assert journal.passed == [("c2", ("c1",))]


def test_a_seat_asked_by_name_is_no_offer_of_the_line(journal: Journal) -> None:
    journal.waits("c1")
    journal.waits("c2")
    journal.rings("c2", "01", why="preferred")
    assert journal.order == Order(offers=0, passed=())
    assert journal.order.per_cent == 0


def test_who_came_in_the_same_instant_by_number(journal: Journal) -> None:
    journal.waits("c2", at=5)
    journal.waits("c1", at=5)
    journal.rings("c1", "01")
    assert journal.passed == []


def lived(number: str, joined: float, rung: float | None, gone: float | None = None) -> Lived:
    def at(seconds: float | None) -> datetime | None:
        return None if seconds is None else START + timedelta(seconds=seconds)

    return Lived(number=number, joined=START + timedelta(seconds=joined), rung=at(rung), gone=at(gone))


@pytest.mark.parametrize(
    ("callers", "expected"),
    [
        ([lived("a", 0, 5), lived("b", 1, 6)], []),
        ([lived("a", 0, 6), lived("b", 1, 5)], [("b", ("a",))]),
        ([lived("a", 0, None), lived("b", 1, 5)], [("b", ("a",))]),
        ([lived("a", 0, None, gone=4), lived("b", 1, 5)], []),
        ([lived("a", 0, 5 + SAME_TIME.total_seconds()), lived("b", 1, 5)], []),
        ([lived("a", 1 - SAME_TIME.total_seconds(), 9), lived("b", 1, 5)], []),
        ([lived("a", 0, 9), lived("b", 1, 5), lived("c", 2, 6)], [("b", ("a",)), ("c", ("a",))]),
    ],
)
def test_by_ledgers(callers: list[Lived], expected: list[tuple[str, tuple[str, ...]]]) -> None:
    order = by_ledgers(callers)
    assert [(each.call, each.over) for each in order.passed] == expected
    assert order.offers == sum(each.rung is not None for each in callers)
