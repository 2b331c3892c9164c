"""The message's table: what it says, what it leaves out, and its picture."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from hotline.messages.message import TRANSITIONS, MessageRefused, MessageState, Step, advance, can
from tests.diagrams import edges, numbered

README = Path(__file__).parents[2] / "hotline" / "messages" / "README.md"


def test_the_diagram_is_the_table() -> None:
    assert edges(README) == {(state.value, step.value, target.value) for (state, step), target in TRANSITIONS.items()}


def test_the_numbers_are_the_rows() -> None:
    drawn = [(number, edge[:2]) for number, edge in numbered(README)]
    assert drawn == [(row, (state.value, step.value)) for row, (state, step) in enumerate(TRANSITIONS, start=1)]


@pytest.mark.parametrize(("state", "step"), list(itertools.product(MessageState, Step)))
def test_every_cell(state: MessageState, step: Step) -> None:
    target = TRANSITIONS.get((state, step))
    assert can(state, step) is (target is not None)
    if target is not None:
        assert advance(state, step) is target
        return
    with pytest.raises(MessageRefused):
        advance(state, step)


def test_what_is_over_stays_over() -> None:
    for over in (MessageState.DELIVERED, MessageState.NOT_SENT, MessageState.EXPIRED, MessageState.CANCELLED):
        assert not any(state is over for state, _ in TRANSITIONS)
