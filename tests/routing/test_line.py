"""The line of waiting callers against a naive one, ageing by `key`, and the expected wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.queue import HEAD_START_SECONDS, Line, expected_wait, key

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)

CALLS = st.sampled_from([f"c{n}" for n in range(12)])
PLACES = st.one_of(st.integers(0, 6).map(float), st.floats(-1e9, 2e9, allow_nan=False))
DEEDS = st.lists(st.one_of(st.tuples(st.just("add"), CALLS, PLACES), st.tuples(st.just("remove"), CALLS)), max_size=80)


@given(DEEDS)
def test_line_is_a_sorted_list(deeds: list[tuple[str, str] | tuple[str, str, float]]) -> None:
    line, model = Line(), dict[str, float]()
    for deed in deeds:
        if len(deed) == 3:
            line.add(deed[1], deed[2])
            model.setdefault(deed[1], deed[2])
        else:
            line.remove(deed[1])
            model.pop(deed[1], None)
        order = sorted((place, call) for call, place in model.items())
        assert list(line.ranked()) == order
        assert list(line) == [call for _, call in order]
        assert len(line) == len(model)
        for call in {deed[1] for deed in deeds}:
            assert (call in line) is (call in model)
            expected = [each for _, each in order].index(call) + 1 if call in model else 0
            assert line.position(call) == expected
        for place in [*model.values(), 3.5]:
            assert line.ahead_of(place) == sum(each < place for each in model.values())


@given(DEEDS, st.randoms(use_true_random=False))
def test_kinds_stand_apart_and_the_whole_line_is_the_same(
    deeds: list[tuple[str, str] | tuple[str, str, float]], chance: Random
) -> None:
    whole, apart, kinds = Line(), Line(), dict[str, str | None]()
    for deed in deeds:
        if len(deed) == 3:
            kind = chance.choice([None, "a", "b"])
            kinds[deed[1]] = kinds.get(deed[1], kind) if deed[1] in apart else kind
            whole.add(deed[1], deed[2])
            apart.add(deed[1], deed[2], kind)
        else:
            whole.remove(deed[1])
            apart.remove(deed[1])
        order = list(whole.ranked())
        assert list(apart.ranked()) == order
        assert [apart.position(call) for _, call in order] == [*range(1, len(order) + 1)]
        assert [apart.ahead_of(place) for place, _ in order] == [whole.ahead_of(place) for place, _ in order]
        seen = dict(apart.by_kind())
        assert all(seen.values()), "a kind of which nobody waits is not looked at"
        for kind in (None, "a", "b"):
            assert list(seen.get(kind, ())) == [each for each in order if kinds[each[1]] == kind]


def test_standing_there_already_keeps_the_place() -> None:
    line = Line()
    line.add("a", 5.0)
    line.add("a", 1.0)
    line.add("b", 3.0)
    assert list(line) == ["b", "a"]


def test_a_step_of_priority_is_worth_two_minutes() -> None:
    urgent = key(NOON, 1)
    assert urgent == key(NOON - timedelta(seconds=HEAD_START_SECONDS), 0)
    assert urgent < key(NOON - timedelta(seconds=HEAD_START_SECONDS - 1), 0)
    assert urgent > key(NOON - timedelta(seconds=HEAD_START_SECONDS + 1), 0)
    assert key(NOON, 3, head_start=10) == key(NOON - timedelta(seconds=30), 0)


def test_a_place_is_the_same_in_every_time_zone() -> None:
    assert key(NOON, 0) == key(NOON.astimezone(timezone(timedelta(hours=8))), 0)


@given(
    first=st.tuples(st.floats(0, 86_400), st.integers(0, 3)),
    second=st.tuples(st.floats(0, 86_400), st.integers(0, 3)),
)
def test_the_order_of_two_is_who_has_aged_more(first: tuple[float, int], second: tuple[float, int]) -> None:
    """Age plus head start, looked at at any later time, orders two callers as their keys do."""
    places = [key(NOON + timedelta(seconds=joined), priority) for joined, priority in (first, second)]
    for looked_at in (86_400.0, 200_000.0):
        aged = [looked_at - joined + priority * HEAD_START_SECONDS for joined, priority in (first, second)]
        if abs(aged[0] - aged[1]) > 1e-3:
            assert (places[0] < places[1]) is (aged[0] > aged[1])


@pytest.mark.parametrize(
    ("position", "seats", "handle", "wait"),
    [(1, 1, 300.0, 300.0), (4, 2, 300.0, 600.0), (1, 6, 435.0, 72.5), (3, 0, 300.0, None), (1, -1, 300.0, None)],
)
def test_expected_wait(position: int, seats: int, handle: float, wait: float | None) -> None:
    assert expected_wait(position, seats, handle) == wait
