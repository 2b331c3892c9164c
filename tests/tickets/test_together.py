"""Who has a ticket open beside whom, and for how long is that believed?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hotline.tickets.together import KEPT, MAX_PAGES, Together, Visitor

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def comes(
    together: Together, page: str, *, ticket: str = "t1", hall: str = "h1", writing: bool = False, after: float = 0
) -> list[Visitor]:
    at = NOW + timedelta(seconds=after)
    who = page.split("-")[0]
    return together.here(hall, ticket, page, account=who, name=who, work_number=who, writing=writing, now=at)


def test_two_see_each_other_and_who_writes() -> None:
    together = Together()
    assert comes(together, "li-1") == []
    (first,) = comes(together, "wang-1", writing=True, after=5)
    assert (first.account, first.writing, first.since) == ("li", False, NOW)
    (second,) = comes(together, "li-1", after=6)
    assert (second.account, second.writing) == ("wang", True)


def test_another_ticket_or_hall_is_another_matter() -> None:
    together = Together()
    comes(together, "li-1")
    assert comes(together, "wang-1", ticket="t2") == comes(together, "wang-1", hall="h2") == []


def test_who_left_or_fell_silent_is_gone_and_comes_anew() -> None:
    together = Together()
    comes(together, "li-1")
    together.gone("h1", "t1", "li-1", "wang")
    assert len(comes(together, "wang-1")) == 1, "nobody else takes a page away"
    together.gone("h1", "t1", "li-1", "li")
    assert comes(together, "wang-1") == []
    silent = KEPT.total_seconds() + 1
    assert comes(together, "li-1", after=silent) == []
    (back,) = comes(together, "wang-1", after=silent)
    assert back.since == NOW + timedelta(seconds=silent)
    (again,) = comes(together, "li-1", after=silent + 1)
    assert again.since == NOW + timedelta(seconds=silent), "silent for too long, so it came anew"


def test_pages_without_end_take_no_room() -> None:
    together = Together()
    for each in range(3 * MAX_PAGES):
        assert len(comes(together, f"p{each}-1")) <= MAX_PAGES
    for each in range(1_000):
        comes(together, "li-1", ticket=f"t{each}", after=each * KEPT.total_seconds())
    assert len(together._tickets) <= 3
