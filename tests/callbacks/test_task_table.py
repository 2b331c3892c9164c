"""The task's table: what it says, what it leaves out, and its picture."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from hotline.callbacks.task import DUE, OPEN, TRANSITIONS, Step, TaskRefused, TaskState, advance, can
from tests.diagrams import edges, numbered

README = Path(__file__).parents[2] / "hotline" / "callbacks" / "README.md"


def test_the_diagram_is_the_table() -> None:
    assert edges(README) == {(state.value, step.value, target.value) for (state, step), target in TRANSITIONS.items()}


def test_the_numbers_are_the_rows() -> None:
    drawn = [(number, edge[:2]) for number, edge in numbered(README)]
    assert drawn == [(row, (state.value, step.value)) for row, (state, step) in enumerate(TRANSITIONS, start=1)]


@pytest.mark.parametrize(("state", "step"), list(itertools.product(TaskState, Step)))
def test_every_cell(state: TaskState, step: Step) -> None:
    target = TRANSITIONS.get((state, step))
    assert can(state, step) is (target is not None)
    if target is not None:
        assert advance(state, step) is target
        return
    with pytest.raises(TaskRefused) as refused:
        advance(state, step)
    assert (refused.value.state, refused.value.step) == (state, step)


def test_open_tasks_can_be_left_and_those_over_cannot() -> None:
    reached = {target for (state, _), target in TRANSITIONS.items() if state is not target} | {TaskState.WAITING}
    assert reached == set(TaskState)
    assert {state for state, _ in TRANSITIONS} == OPEN
    assert DUE < OPEN
