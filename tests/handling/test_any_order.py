"""Whoever presses whatever in whatever order: what is refused changes nothing, and the rows always agree."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from hotline.deadlines.following import NEEDED
from hotline.deadlines.rules import About, rule_for
from hotline.handling.board import HandlingRefused, Worker
from hotline.handling.hall_side import MAX_REOPENED, Contentment, Way
from hotline.handling.unit_side import MAX_RETURNS
from hotline.store.tables import TICKET_REQUESTS
from hotline.tickets.ticket import AT_UNIT, TicketState
from tests.handling.kit import ALICE, CARL, CENTRE, OTHER, OTTO, STAN, STATION, SUSAN, Hall

STEPS = 60


async def press(hall: Hall, chance: random.Random, number: str, others: list[str]) -> None:
    """One person does one thing; refusals are part of the game."""
    version = await hall.version(number)
    worker = chance.choice([CARL, STAN, OTTO])
    requests = await open_requests(hall, number)
    calls: list[tuple[str, Worker, str, tuple[Any, ...], Mapping[str, Any]]] = [
        ("hall", ALICE, "dispatch", (number, version, chance.choice([CENTRE, STATION, OTHER])), {"helpers": [OTHER]}),
        ("hall", ALICE, "recall", (number, "派错。"), {}),
        ("hall", SUSAN, "designate", (number, CENTRE, "应由本县办理。"), {}),
        ("hall", SUSAN, "review", (number, version), {}),
        ("hall", SUSAN, "send_back", (number, version, "请补充。"), {}),
        (
            "hall",
            SUSAN,
            "follow_up",
            (number,),
            {"way": Way.PHONE, "contentment": chance.choice(list(Contentment)), "solved": None, "note": "已问。"},
        ),
        ("hall", SUSAN, "close", (number, version), {}),
        ("hall", SUSAN, "reopen", (number, "不满意。"), {}),
        ("hall", ALICE, "merge", (number, version, chance.choice(others)), {}),
        ("hall", ALICE, "split", (number,), {}),
        ("hall", SUSAN, "urge", (number, "请尽快。"), {"supervise": True}),
        ("hall", ALICE, "ask_to_terminate", (number, "撤回。"), {}),
        ("hall", SUSAN, "resume", (number,), {}),
        ("unit", worker, "sign", (number,), {}),
        ("unit", worker, "begin", (number,), {}),
        ("unit", worker, "pass_on", (number, STATION), {}),
        ("unit", worker, "reply", (number, version, "已处理。"), {}),
        ("unit", worker, "give_back", (number, "不属于。"), {}),
        ("unit", worker, "ask_for_time", (number, 3, "需时间。"), {}),
        ("unit", worker, "ask_to_pause", (number, "等材料。"), {}),
    ]
    calls += [
        ("hall", SUSAN, "decide", (request,), {"granted": chance.random() < 0.5, "answer": "如此。"})
        for request in requests
    ]
    side, who, what, args, kwargs = chance.choice(calls)
    before = await hall.row(number)
    try:
        await getattr(hall, side)(who, what, *args, **kwargs)
    except HandlingRefused:
        assert await hall.row(number) == before


async def open_requests(hall: Hall, number: str) -> list[int]:
    r = TICKET_REQUESTS.c
    async with hall.engine.connect() as conn:
        rows = await conn.execute(select(r.id).where(r.ticket == number, r.decided_at.is_(None)))
        return [row.id for row in rows]


async def sound(hall: Hall, number: str) -> None:
    """What must be true of a ticket at any time."""
    row, dues, dispatches = await hall.row(number), await hall.dues(number), await hall.dispatches(number)
    state = TicketState(row.state)
    leads = [each for each in dispatches if each.lead and each.ended_at is None]
    assert len(leads) == (1 if state in AT_UNIT else 0)
    assert [lead.unit for lead in leads] == ([row.unit] if leads else [])
    about = About(again=row.times_reopened > 0)
    assert set(dues) == {kind.value for kind in NEEDED[state] if rule_for(kind, about) is not None}
    assert {due.unit for due in dues.values()} <= {row.unit if state in AT_UNIT else ""}
    running = [due.due_at for due in dues.values() if due.paused_at is None]
    assert row.due_at == (min(running) if running else None)
    assert (row.merged_into is not None) == (state is TicketState.MERGED)
    assert row.times_returned <= MAX_RETURNS
    assert row.times_reopened <= MAX_REOPENED


@pytest.mark.parametrize("seed", range(12))
async def test_any_order(hall: Hall, seed: int) -> None:
    chance = random.Random(seed)
    number = await hall.ticket()
    others = [await hall.ticket() for _ in range(2)]
    for _ in range(STEPS):
        hall.later(minutes=chance.choice([1, 40, 600]))
        await press(hall, chance, number, others)
        await sound(hall, number)


async def both(hall: Hall, *steps: Any) -> list[str]:
    """Two at the same moment; the codes of those who were refused."""
    done = await asyncio.gather(*steps, return_exceptions=True)
    for each in done:
        if isinstance(each, BaseException) and not isinstance(each, HandlingRefused):
            raise each
    return [each.code for each in done if isinstance(each, HandlingRefused)]


@pytest.mark.parametrize("_", range(10))
async def test_of_two_who_dispatch_at_once_one_is_told(hall: Hall, _: int) -> None:
    number = await hall.ticket()
    sent = [hall.hall(worker, "dispatch", number, 1, unit) for worker, unit in ((ALICE, CENTRE), (SUSAN, OTHER))]
    assert await both(hall, *sent) == ["ticket_stale"]
    await sound(hall, number)


@pytest.mark.parametrize("_", range(10))
async def test_signed_or_recalled(hall: Hall, _: int) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    told = await both(hall, hall.unit(CARL, "sign", number), hall.hall(ALICE, "recall", number, "派错。"))
    assert told == ["ticket_state"]
    await sound(hall, number)


@pytest.mark.parametrize("_", range(10))
async def test_merged_crosswise(hall: Hall, _: int) -> None:
    one, other = await hall.ticket(), await hall.ticket()
    told = await both(hall, hall.hall(ALICE, "merge", one, 1, other), hall.hall(SUSAN, "merge", other, 1, one))
    assert told == ["ticket_merged"]
    states = sorted([(await hall.row(one)).state, (await hall.row(other)).state])
    assert states == ["merged", "open"]
