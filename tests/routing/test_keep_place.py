"""Callers who gave up and ring again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.keep_place import Departed

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
SINCE = NOW - timedelta(seconds=200)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_soon_enough_takes_up_the_place_once() -> None:
    departed = Departed(60)
    departed.note("138", SINCE, NOW)
    assert departed.find("138", later(60)) == SINCE
    assert departed.take("138", later(60)) == SINCE
    assert departed.take("138", later(60)) is None


def test_too_late_stands_at_the_end() -> None:
    departed = Departed(60)
    departed.note("138", SINCE, NOW)
    assert departed.take("138", later(60.001)) is None
    assert len(departed) == 0


@pytest.mark.parametrize("number", [None, "", "139"])
def test_strangers_and_withheld_numbers_have_no_place(number: str | None) -> None:
    departed = Departed(60)
    departed.note("", SINCE, NOW)
    departed.note("138", SINCE, NOW)
    assert departed.take(number, NOW) is None
    assert len(departed) == 1


def test_who_leaves_twice_counts_from_the_second_time() -> None:
    departed = Departed(60)
    departed.note("138", SINCE, NOW)
    departed.note("138", SINCE + timedelta(seconds=5), later(50))
    assert departed.find("138", later(100)) == SINCE + timedelta(seconds=5)


def test_switched_off() -> None:
    departed = Departed(0)
    departed.note("138", SINCE, NOW)
    assert departed.take("138", NOW) is None
    with pytest.raises(ValueError, match="at least one"):
        Departed(60, most=0)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), max_size=200))
def test_it_never_grows_beyond_its_bound_and_forgets_the_oldest(left: list[tuple[int, int]]) -> None:
    departed, at = Departed(30, most=8), NOW
    last: dict[str, datetime] = {}
    for number, pause in left:
        at += timedelta(seconds=pause)
        departed.note(str(number), SINCE, at)
        last[str(number)] = at
        assert len(departed) <= 8
        newest = sorted(last, key=lambda each: last[each])[-8:]
        kept = {each for each in last if departed.find(each, at)}
        within = {each for each in last if at - last[each] <= timedelta(seconds=30)}
        assert kept <= within
        assert len(kept) == min(8, len(within)) or kept >= set(newest) & within
