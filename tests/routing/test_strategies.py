"""Which seat does each strategy choose? And the one that the README teaches."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.contract import Choice, FreeSeat, RoutingStrategy, WaitingCall
from routing.strategies.last_lawyer_first import STRATEGY as LAST_LAWYER_FIRST
from routing.strategies.longest_idle import STRATEGY as LONGEST_IDLE
from routing.strategies.spread_evenly import STRATEGY as SPREAD_EVENLY

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
ALL: list[RoutingStrategy] = [LONGEST_IDLE, SPREAD_EVENLY, LAST_LAWYER_FIRST]


def seat(number: str, idle: float, taken: int = 0, groups: tuple[str, ...] = ("civil",)) -> FreeSeat:
    return FreeSeat(seat=number, groups=groups, idle_since=NOW - timedelta(seconds=idle), taken=taken)


def call(last_seat: str | None = None) -> WaitingCall:
    return WaitingCall(call="c1", queue="civil", groups=("civil",), joined_at=NOW, last_seat=last_seat)


def test_longest_idle() -> None:
    free = [seat("03", 10), seat("01", 50, taken=9), seat("02", 30)]
    assert LONGEST_IDLE.choose(call(), free, NOW) == Choice("01", "longest-idle")
    assert LONGEST_IDLE.choose(call(), [seat("02", 5), seat("01", 5)], NOW) == Choice("01", "longest-idle")


def test_spread_evenly() -> None:
    free = [seat("01", 500, taken=3), seat("02", 10, taken=2), seat("03", 20, taken=2)]
    assert SPREAD_EVENLY.choose(call(), free, NOW) == Choice("03", "spread-evenly")
    assert SPREAD_EVENLY.choose(call(), [seat("02", 5), seat("01", 5)], NOW) == Choice("01", "spread-evenly")


def test_last_lawyer_first() -> None:
    free = [seat("01", 500), seat("02", 10)]
    assert LAST_LAWYER_FIRST.choose(call("02"), free, NOW) == Choice("02", "last-lawyer-first")
    assert LAST_LAWYER_FIRST.choose(call("07"), free, NOW) == Choice("01", "longest-idle")
    assert LAST_LAWYER_FIRST.choose(call(), free, NOW) == Choice("01", "longest-idle")


FREE = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 5), st.integers(0, 5)),
    min_size=1,
    max_size=20,
    unique_by=lambda each: each[0],
)


@pytest.mark.parametrize("strategy", ALL, ids=lambda each: each.name)
@given(free=FREE, last=st.integers(1, 40), swap=st.randoms(use_true_random=False))
def test_every_strategy_is_pure_and_chooses_among_the_free(strategy, free, last, swap) -> None:
    seats = [seat(f"{number:02}", idle, taken) for number, idle, taken in free]
    chosen = strategy.choose(call(f"{last:02}"), seats, NOW)
    assert chosen is not None
    assert chosen.seat in {each.seat for each in seats}
    shuffled = list(seats)
    swap.shuffle(shuffled)
    assert strategy.choose(call(f"{last:02}"), shuffled, NOW) == chosen


def test_strategies_are_registered_under_their_names() -> None:
    registered = {point.name: point.load() for point in entry_points(group="hotline.routing")}
    for strategy in ALL:
        assert registered[strategy.name] is strategy


def test_the_strategy_of_the_readme() -> None:
    text = (Path(__file__).parents[2] / "routing" / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    assert len([line for line in found[1].splitlines() if line.strip()]) <= 20
    space: dict[str, RoutingStrategy] = {}
    exec(compile(found[1], "routing/README.md", "exec"), space)
    free = [seat("01", 500, groups=("civil", "labour")), seat("02", 10), seat("03", 20)]
    assert space["STRATEGY"].choose(call(), free, NOW) == Choice("03", "specialists-first")
