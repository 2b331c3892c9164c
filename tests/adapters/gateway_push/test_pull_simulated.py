"""A simulated gateway that loses pushes: what it did according to its ledger is what pushes and list tell together."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from gateway_samples import TOKEN
from pull_stage import DAY, device, facts_of
from test_gateway_simulator import QUICK, Door

from adapters.gateway_push.simulated_sending import Chaos
from adapters.gateway_push.simulator import simulate
from adapters.telephony import CallFact, CallReleased, SeatAnswered


@pytest.mark.parametrize("dialect", ["dinstar", "mapped"])
async def test_lost_pushes_are_in_the_list_under_the_same_names(gateway, tmp_path: Path, dialect: str):
    async with device(dialect) as stage:
        door = Door(gateway(dialect, **stage.keys()))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=door), base_url="http://gw") as client:
            summary = await simulate(
                "/events",
                dialect=dialect,
                token=TOKEN,
                client=client,
                ledger=tmp_path / "ledger",
                listed=stage.listed,
                chaos=Chaos(lose=0.5),
                habits=QUICK,
                calls_per_second=160,
                max_calls=40,
                drain_seconds=0.2,
                seed=7,
            )
        assert summary.lost > 5
        pulled = facts_of(door.target, await door.target.pull(datetime.now(UTC) - DAY, _soon()))
    lines = [json.loads(line) for line in (tmp_path / "ledger").read_text().splitlines()]
    ledger: list[dict[str, Any]] = [line for line in lines if line["kind"] == "call"]
    calls = {fact.call: list[CallFact]() for fact in [*door.facts.values(), *pulled]}
    for fact in [*door.facts.values(), *pulled]:
        calls[fact.call].append(fact)
    assert len({fact.call for fact in door.facts.values()}) < len(ledger) == len(calls) == 40
    assert {fact.call for fact in pulled} == set(calls)
    for every in calls.values():
        assert any(isinstance(fact, CallReleased) for fact in every)
        assert len({fact.seat for fact in every if isinstance(fact, SeatAnswered)}) < 2
    answered = [every for every in calls.values() if any(isinstance(fact, SeatAnswered) for fact in every)]
    assert len(answered) == sum(call["outcome"] == "answered" for call in ledger)


def _soon() -> datetime:
    """The last calls have just ended, and the list counts whole seconds."""
    return datetime.now(UTC) + timedelta(seconds=2)
