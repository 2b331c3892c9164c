"""The book of callers on the call path."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hotline.callers.book import CallerBook
from hotline.callers.treatment import PLAIN, Kind, Level, Policy, Rule, Treatment, combine

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
A, B = "13800138000", "057188881234"


def limited(days: int = 30) -> Treatment:
    rule = Rule(
        kind=Kind.HARASSING,
        level=Level.LIMITED,
        by="acc-1",
        since=NOW - timedelta(days=1),
        review_on=NOW.date() + timedelta(days=days),
    )
    return combine([rule], NOW, Policy())


def test_one_changed_caller_is_one_entry() -> None:
    book = CallerBook({A: Treatment(priority=2)})
    assert (book.of(A, NOW).priority, book.of(B, NOW), book.of(None, NOW)) == (2, PLAIN, PLAIN)
    undo = book.change({B: Treatment(priority=1), A: None})
    assert (book.of(A, NOW), book.of(B, NOW).priority, len(book)) == (PLAIN, 1, 1)
    book.change(undo)
    assert (book.of(A, NOW).priority, book.of(B, NOW), len(book)) == (2, PLAIN, 1)


def test_plain_treatments_take_no_room() -> None:
    assert len(CallerBook({A: PLAIN, B: None})) == 0


def test_it_does_not_go_stale() -> None:
    book = CallerBook({A: limited(days=1)})
    assert book.of(A, NOW).level is Level.LIMITED
    assert book.of(A, NOW + timedelta(days=3)).level is Level.WARNED


def test_calls_of_limited_callers_are_counted_by_day() -> None:
    book = CallerBook({A: limited()}, {A: 1}, date(2026, 11, 21))
    assert book.calls_today(A, NOW) == 1
    book.let_through(A, NOW)
    book.let_through(B, NOW)
    book.let_through(None, NOW)
    assert [book.calls_today(each, NOW) for each in (A, B, None)] == [2, 0, 0]
    book.let_through(A, NOW, -1)
    assert book.calls_today(A, NOW) == 1
    midnight = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    assert book.calls_today(A, midnight - timedelta(seconds=1)) == 1
    assert book.calls_today(A, midnight) == 0
    book.let_through(A, midnight)
    assert (book.calls_today(A, midnight), book.calls_today(A, NOW)) == (1, 0)
