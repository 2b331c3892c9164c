"""Every cell of the call table, and the picture of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.telephony import AdapterName, CallKey, Handling
from hotline.calls.call import (
    CONNECTED,
    TRANSITIONS,
    Call,
    CallId,
    CallRefused,
    CallState,
    Step,
    advance,
    can,
    is_live,
)
from tests.diagrams import numbered


def call_in(state: CallState) -> Call:
    return Call(
        id=CallId("wuhan-000000001"),
        hall="wuhan",
        adapter=AdapterName("card-1"),
        key=CallKey("k1"),
        handling=Handling.HALL,
        state=state,
        offered_at=datetime(2026, 11, 21, 2, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("state", CallState)
def test_cell(state: CallState, step: Step) -> None:
    call = call_in(state)
    target = TRANSITIONS.get((state, step))
    assert can(call, step) is (target is not None)
    if target is not None:
        assert advance(call, step) is target
        return
    with pytest.raises(CallRefused) as refused:
        advance(call, step)
    assert (refused.value.state, refused.value.step) == (state, step)
    assert str(refused.value) == f"a call that is {state} cannot be {step}"


def test_diagram_is_the_table() -> None:
    rows = [(n, (a.value, e.value, b.value)) for n, ((a, e), b) in enumerate(TRANSITIONS.items(), 1)]
    assert numbered(Path(__file__).parents[2] / "hotline" / "calls" / "README.md") == rows


def test_every_live_call_can_end_and_no_ended_one_moves() -> None:
    for state in CallState:
        call = call_in(state)
        assert is_live(call) is can(call, Step.ENDED) is (state is not CallState.ENDED)
        if state is CallState.ENDED:
            assert not any(can(call, step) for step in Step)


def test_only_a_connected_call_can_lose_its_seat() -> None:
    losing = {state for state, step in TRANSITIONS if step is Step.SEAT_LOST}
    assert losing == CONNECTED - {CallState.HANDING_OVER, CallState.DIALLING}


def test_an_offer_is_only_for_those_who_are_not_served() -> None:
    assert {state for state, step in TRANSITIONS if step is Step.SEAT_RUNG}.isdisjoint(CONNECTED)
