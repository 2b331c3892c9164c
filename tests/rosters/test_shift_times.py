"""The arithmetic of times: over midnight, unions and intersections, against counting minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hotline.rosters.shift import LONGEST, Span, clock_span, common, day_of, day_span, merged, overlaps, seconds

START = datetime(2026, 12, 1, tzinfo=UTC)


def span(begins: int, ends: int) -> Span:
    return Span(begins_at=START + timedelta(minutes=begins), ends_at=START + timedelta(minutes=ends))


def minutes(spans: list[Span]) -> set[int]:
    return {
        at
        for each in spans
        for at in range(
            int((each.begins_at - START).total_seconds() // 60), int((each.ends_at - START).total_seconds() // 60)
        )
    }


SPANS = st.lists(
    st.tuples(st.integers(0, 120), st.integers(0, 40)).map(lambda each: span(each[0], sum(each))), max_size=8
)


@given(SPANS)
def test_merged_is_the_same_time_in_order(spans: list[Span]) -> None:
    found = merged(spans)
    assert minutes(found) == minutes(spans)
    assert all(one.ends_at < other.begins_at for one, other in pairwise(found))
    assert seconds(found) == 60 * len(minutes(spans))


@given(SPANS, SPANS)
def test_common_is_what_both_have(some: list[Span], others: list[Span]) -> None:
    found = common(some, others)
    assert minutes(found) == minutes(some) & minutes(others)
    assert found == merged(found)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 30)), st.times(), st.times())
def test_a_shift_has_a_length_and_begins_on_its_day(day: date, begins: time, ends: time) -> None:
    begins, ends = begins.replace(microsecond=0, tzinfo=None), ends.replace(microsecond=0, tzinfo=None)
    made = clock_span(day, begins, ends)
    assert timedelta() < made.length <= LONGEST
    assert day_of(made.begins_at) == day
    assert (day_of(made.ends_at) > day) == (ends <= begins)
    # China keeps one time all year: what the clocks show is what passes.
    shown = datetime.combine(day, ends) - datetime.combine(day, begins)
    assert made.length == (shown if ends > begins else shown + timedelta(days=1))


def test_the_night_is_the_evenings() -> None:
    night = clock_span(date(2026, 12, 31), time(20), time(8))
    assert night.begins_at == datetime(2026, 12, 31, 12, tzinfo=UTC)
    assert night.ends_at == datetime(2027, 1, 1, 0, tzinfo=UTC)
    assert clock_span(date(2026, 12, 31), time(8), time(8)).length == timedelta(days=1)


def test_touching_is_not_overlapping() -> None:
    assert not overlaps(span(0, 10), span(10, 20))
    assert overlaps(span(0, 11), span(10, 20))
    assert day_span(date(2026, 12, 1), date(2026, 12, 1)).length == timedelta(days=1)
