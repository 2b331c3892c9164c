"""The ticket's table: what it says, what it leaves out, and its picture."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from hotline.tickets.ticket import TRANSITIONS, Step, TicketRefused, TicketState, advance
from tests.diagrams import edges, numbered

README = Path(__file__).parents[2] / "hotline" / "tickets" / "README.md"


def test_the_diagram_is_the_table() -> None:
    assert edges(README) == {(state.value, step.value, target.value) for (state, step), target in TRANSITIONS.items()}


def test_the_numbers_are_the_rows() -> None:
    drawn = [(number, edge[:2]) for number, edge in numbered(README)]
    assert drawn == [(row, (state.value, step.value)) for row, (state, step) in enumerate(TRANSITIONS, start=1)]


@pytest.mark.parametrize(("state", "step"), list(itertools.product(TicketState, Step)))
def test_every_cell(state: TicketState, step: Step) -> None:
    target = TRANSITIONS.get((state, step))
    if target is not None:
        assert advance(state, step) is target
        return
    with pytest.raises(TicketRefused) as refused:
        advance(state, step)
    assert (refused.value.state, refused.value.step) == (state, step)


def test_every_state_can_be_reached_and_left() -> None:
    reached = {target for (state, _), target in TRANSITIONS.items() if state is not target} | {TicketState.DRAFT}
    assert reached == set(TicketState)
    assert {state for (state, _), target in TRANSITIONS.items() if state is not target} == set(TicketState)
