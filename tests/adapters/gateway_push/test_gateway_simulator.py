"""The simulator against the real adapter over ASGI: what arrived is held against what the simulator's ledger says."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest
from gateway_samples import SECRET, SECRETS, TOKEN

from adapters.errors import NotAdmitted, Undecodable
from adapters.gateway_push.adapter import GatewayPush
from adapters.gateway_push.simulated_sending import Chaos
from adapters.gateway_push.simulator import Habits, Summary, simulate
from adapters.telephony import CallFact, CallOffered, CallReleased, EndedBy, SeatAnswered

QUICK = Habits(pick_up=0.02, patience=0.6, talk=0.05, ring_timeout=0.08, no_answer=0.2, late_number=0.3, hold=0.3)
SECOND = timedelta(seconds=1)


class Door:
    """The HTTP route in small: admit, decode, keep, answer; every `failing`-th delivery meets a 503 first."""

    def __init__(self, target: GatewayPush, *, failing: float = 0.0) -> None:
        self.target = target
        self.facts: dict[str, CallFact] = {}
        self.statuses: list[int] = []
        self.heard = 0
        self._failing = failing
        self._chance = Random(7)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        status = self._judge(headers, body)
        self.statuses.append(status)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def _judge(self, headers: dict[str, str], body: bytes) -> int:
        now = datetime.now(UTC)
        if self._chance.random() < self._failing:
            return 503
        try:
            self.target.admit(headers, body, now)
            delivery = self.target.decode(body, now)
        except NotAdmitted:
            return 401
        except Undecodable:
            return 400
        assert not delivery.refused
        for fact in delivery.events:
            assert isinstance(fact, CallFact)
            self.heard += 1
            self.facts.setdefault(fact.event_id, fact)
        return 202

    def by_call(self) -> dict[str, list[CallFact]]:
        calls: dict[str, list[CallFact]] = {}
        for fact in self.facts.values():
            calls.setdefault(fact.call, []).append(fact)
        return calls


async def run(door: Door, ledger: Path, dialect: str = "standard", **keys: Any) -> tuple[Summary, list[dict[str, Any]]]:
    secret = {"standard": SECRET, "yeastar-p": SECRETS["env:YEASTAR"]}.get(dialect, "")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=door), base_url="http://gw") as client:
        summary = await simulate(
            "/api/v1/gateways/gw-1/events",
            dialect=dialect,
            secret=secret,
            token="" if secret else TOKEN,
            client=client,
            ledger=ledger,
            **{"habits": QUICK, "calls_per_second": 80, "max_calls": 60, "seed": 7, **keys},
        )
    return summary, [json.loads(line) for line in ledger.read_text().splitlines()]


FEW: dict[str, Any] = {"calls_per_second": 160, "max_calls": 30}


def calls_of(ledger: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in ledger if entry["kind"] == "call"]


@pytest.mark.parametrize("failing", [0.0, 0.2])
async def test_every_call_of_the_ledger_arrives_whole(gateway, tmp_path: Path, failing: float):
    door = Door(gateway(), failing=failing)
    summary, ledger = await run(door, tmp_path / "ledger")
    calls = calls_of(ledger)
    assert summary.offered == len(calls) == 60
    assert summary.answered + summary.abandoned == 60
    assert summary.answered > 10
    assert summary.abandoned > 0
    assert summary.acknowledged == summary.deliveries
    assert (summary.attempts > summary.deliveries) == bool(failing)
    heard = door.by_call()
    assert set(heard) == {call["call"] for call in calls}
    for call in calls:
        facts = heard[call["call"]]
        (offered,) = [fact for fact in facts if isinstance(fact, CallOffered)]
        (released,) = [fact for fact in facts if isinstance(fact, CallReleased)]
        answered = [fact for fact in facts if isinstance(fact, SeatAnswered)]
        assert abs(offered.at - datetime.fromisoformat(call["offered"])) < SECOND
        assert abs(released.at - datetime.fromisoformat(call["released"])) < SECOND
        assert released.by is EndedBy(call["by"])
        assert [fact.seat for fact in answered] == ([call["seat"]] if call["seat"] else [])
        numbers = {getattr(fact, "caller", None) for fact in facts} - {None}
        assert numbers == {call["caller"]}
    events = [entry for entry in ledger if entry["kind"] == "event"]
    assert {entry["id"] for entry in events} == set(door.facts)
    assert all(entry["acknowledged"] for entry in events)


async def test_chaos_changes_nothing_but_the_order(gateway, tmp_path: Path):
    chaos = Chaos(duplicate=0.3, reorder=0.3, reorder_seconds=0.2, delay=0.05, delay_seconds=0.4, garbage=0.2)
    door = Door(gateway(), failing=0.05)
    summary, ledger = await run(door, tmp_path / "ledger", chaos=chaos)
    assert summary.garbage > 0
    assert door.statuses.count(401) > 0
    assert door.heard > len(door.facts)
    heard = door.by_call()
    for call in calls_of(ledger):
        kinds = [type(fact) for fact in heard[call["call"]]]
        assert kinds.count(CallOffered) == kinds.count(CallReleased) == 1
        assert kinds.count(SeatAnswered) == (call["outcome"] == "answered")


async def test_a_lost_end_is_written_down_as_lost(gateway, tmp_path: Path):
    door = Door(gateway())
    summary, ledger = await run(door, tmp_path / "ledger", chaos=Chaos(lose_end=0.5))
    lost = {entry["call"] for entry in ledger if entry.get("lost")}
    assert len(lost) == summary.lost > 10
    ended = {fact.call for fact in door.facts.values() if isinstance(fact, CallReleased)}
    assert ended == {call["call"] for call in calls_of(ledger)} - lost


async def test_yeastar_by_members_and_record(gateway, tmp_path: Path):
    door = Door(gateway("yeastar-p"))
    _, ledger = await run(door, tmp_path / "ledger", "yeastar-p")
    heard = door.by_call()
    assert len(heard) == 60
    by_caller = {call["caller"]: call for call in calls_of(ledger)}
    for facts in heard.values():
        (caller,) = {fact.caller for fact in facts if isinstance(fact, CallOffered)}
        call = by_caller.pop(caller)
        seats = {fact.seat for fact in facts if isinstance(fact, SeatAnswered)}
        assert seats == ({call["seat"]} if call["seat"] else set())
        assert any(isinstance(fact, CallReleased) and fact.backfilled for fact in facts)
        assert any(isinstance(fact, CallReleased) and not fact.backfilled for fact in facts)
    assert not by_caller


async def test_new_rock_without_call_ids_is_one_call_each(gateway, tmp_path: Path):
    door = Door(gateway("newrock-om"))
    _, ledger = await run(door, tmp_path / "ledger", "newrock-om")
    heard = door.by_call()
    assert len(heard) == 60
    by_caller = {call["caller"]: call for call in calls_of(ledger)}
    for facts in heard.values():
        (caller,) = {getattr(fact, "caller", None) for fact in facts} - {None}
        call = by_caller.pop(caller)
        seats = {fact.seat for fact in facts if isinstance(fact, SeatAnswered)}
        assert seats == ({call["seat"]} if call["seat"] else set())
        assert any(isinstance(fact, CallReleased) and fact.backfilled for fact in facts)
    assert not by_caller


async def test_dinstar_tells_of_answered_calls_only(gateway, tmp_path: Path):
    door = Door(gateway("dinstar"), failing=0.05)
    _, ledger = await run(door, tmp_path / "ledger", "dinstar", chaos=Chaos(duplicate=0.3), **FEW)
    calls = calls_of(ledger)
    heard = door.by_call().values()
    assert 0 < len(heard) == sum(call["outcome"] == "answered" for call in calls) < len(calls)
    told = set()
    for offered, answered, released in heard:
        assert isinstance(offered, CallOffered)
        assert isinstance(answered, SeatAnswered)
        assert isinstance(released, CallReleased)
        told.add((offered.caller, answered.seat, released.by.value))
    assert told == {(call["caller"], call["seat"], call["by"]) for call in calls if call["outcome"] == "answered"}


@pytest.mark.parametrize("dialect", ["newrock-om", "yeastar-p", "yeastar-s", "openvox", "mapped"])
async def test_vendors_reports_in_disorder_are_still_one_call_each(gateway, tmp_path: Path, dialect: str):
    chaos = Chaos(duplicate=0.3, reorder=0.3, reorder_seconds=0.2)
    door = Door(gateway(dialect), failing=0.05)
    _, ledger = await run(door, tmp_path / "ledger", dialect, chaos=chaos, **FEW)
    heard = door.by_call()
    assert len(heard) == len(calls_of(ledger)) == 30
    answered = [facts for facts in heard.values() if any(isinstance(fact, SeatAnswered) for fact in facts)]
    assert len(answered) == sum(call["outcome"] == "answered" for call in calls_of(ledger))
    assert all(any(isinstance(fact, CallReleased) for fact in facts) for facts in heard.values())


async def test_the_seed_fixes_the_callers(gateway, tmp_path: Path):
    callers = []
    for number, seed in enumerate([3, 3, 4]):
        _, ledger = await run(Door(gateway()), tmp_path / str(number), seed=seed, max_calls=20)
        callers.append(sorted((call["number"], call["caller"]) for call in calls_of(ledger)))
    assert callers[0] == callers[1] != callers[2]


async def test_it_ends_when_told_and_hangs_up_what_is_left(gateway, tmp_path: Path):
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.3, stop.set)
    habits = Habits(pick_up=0.01, talk=1000.0, patience=1000.0, no_answer=0.0, hold=0.0)
    began = asyncio.get_running_loop().time()
    summary, ledger = await run(
        Door(gateway()), tmp_path / "ledger", stop=stop, habits=habits, drain_seconds=0.2, max_calls=10_000
    )
    assert asyncio.get_running_loop().time() - began < 5
    assert 0 < summary.offered < 200
    assert all(call["released"] for call in calls_of(ledger))
    assert summary.acknowledged == summary.deliveries


async def test_a_service_that_never_answers_is_given_up(gateway, tmp_path: Path):
    door = Door(gateway(), failing=1.0)
    summary, ledger = await run(door, tmp_path / "ledger", max_calls=2, attempts=2)
    assert summary.unacknowledged == summary.deliveries > 0
    assert summary.attempts == 2 * summary.deliveries
    assert {entry["status"] for entry in ledger if entry["kind"] == "event"} == {"503"}


async def test_a_wrong_secret_is_not_tried_again(gateway, tmp_path: Path):
    door = Door(gateway(secrets=["env:OLD"]))
    summary, _ = await run(door, tmp_path / "ledger", max_calls=2)
    assert summary.attempts == summary.deliveries == summary.unacknowledged
    assert set(door.statuses) == {401}


async def test_a_gateway_that_was_killed_says_that_its_calls_are_over(gateway, tmp_path: Path):
    """Under ids of its own: nothing that was told before is told again."""
    door = Door(gateway())
    await run(door, tmp_path / "ledger", broken_off=["gw1-old-000001", "gw1-old-000002"], max_calls=1)
    for key in ("gw1-old-000001", "gw1-old-000002"):
        (fact,) = door.by_call()[key]
        assert isinstance(fact, CallReleased)
        assert fact.by is EndedBy.NETWORK
        assert fact.event_id not in {f"{key}-{count}" for count in range(1, 20)}
