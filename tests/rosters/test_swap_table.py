"""The table of requests: every row does something, what is over stays over, and the README draws it."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from hotline import rosters
from hotline.rosters.swap import OPEN, TRANSITIONS, SwapNotPossible, SwapState, SwapStep, advance
from tests.diagrams import edges

README = Path(rosters.__file__).with_name("README.md")


@pytest.mark.parametrize(("state", "step"), [*itertools.product(SwapState, SwapStep)])
def test_every_cell(state: SwapState, step: SwapStep) -> None:
    if (state, step) in TRANSITIONS:
        assert advance(state, step) is TRANSITIONS[state, step] is not state
    else:
        with pytest.raises(SwapNotPossible):
            advance(state, step)


def test_what_is_over_stays_over_and_nothing_is_stuck() -> None:
    assert {state for state, _ in TRANSITIONS} == set(OPEN)
    assert set(TRANSITIONS.values()) | {SwapState.ASKED} == set(SwapState)


def test_nothing_is_approved_that_the_colleague_has_not_agreed_to() -> None:
    assert [state for (state, step) in TRANSITIONS if step is SwapStep.APPROVE] == [SwapState.AGREED]


def test_the_readme_draws_the_table() -> None:
    assert edges(README) == {(str(state), str(step), str(target)) for (state, step), target in TRANSITIONS.items()}
