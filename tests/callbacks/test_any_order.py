"""Random histories: is every unserved caller on exactly one list, however the journal is followed, again and again?"""

from __future__ import annotations

import random
from typing import Any

import asyncpg
import pytest
from sqlalchemy import update

from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import CALLBACK_CALLS, FOLLOWERS
from hotline.verify.callbacks import check_callbacks
from hotline.verify.scope import read_scope
from tests.callbacks.kit import HALL, Book

CALLERS = ["13800138001", "13800138002", "13800138003", None]
OUTCOMES = ["abandoned_queue", "short_abandoned", "lost", "no_seat", "system_fault", "blocked", "closed"]

INBOUND = ["rings"] * 4 + ["answers"] * 2 + ["ends"] * 3 + ["late"]
ALL = [*INBOUND, "wish", "dial", "dialled"]


class Chance:
    """Makes a history, one random act at a time."""

    def __init__(self, book: Book, seed: int, acts: list[str]) -> None:
        self.book = book
        self.acts = acts
        self.dice = random.Random(seed)
        self.live: list[str] = []
        self.talking: list[str] = []
        self.over: list[str] = []
        self.dialling: list[str] = []

    async def act(self) -> None:
        book, dice = self.book, self.dice
        book.forward(seconds=dice.choice([1, 20, 400, 3000]))
        match dice.choice(self.acts):
            case "rings":
                self.live.append(await book.rings(dice.choice(CALLERS)))
            case "answers" if self.live:
                call = self.live.pop(dice.randrange(len(self.live)))
                await book.answers(call)
                self.talking.append(call)
            case "ends" if self.live or self.talking:
                pool = dice.choice([each for each in (self.live, self.talking) if each])
                call = pool.pop(dice.randrange(len(pool)))
                await book.ends(call, "answered" if pool is self.talking else dice.choice(OUTCOMES))
                if pool is self.live:
                    self.over.append(call)
            case "late" if self.over:
                call = self.over.pop(dice.randrange(len(self.over)))
                if dice.random() < 0.6:
                    await book.amended(call, outcome="answered", answered_at=await self._ended_at(call))
                else:
                    await book.amended(call, fact="CallReleased", outcome="abandoned_queue")
            case "wish" if self.live:
                await book.tells("CallbackWished", dice.choice(self.live))
            case "dial":
                open_tasks = [task.id for task in await book.tasks() if task.ended_at is None]
                if open_tasks:
                    self.dialling.append(await book.dials(dice.choice(open_tasks)))
            case "dialled" if self.dialling:
                call = self.dialling.pop()
                reached = dice.random() < 0.4
                if reached:
                    await book.answers(call)
                await book.ends(call, "answered" if reached else "not_reached")
            case _:
                pass

    async def _ended_at(self, call: str) -> Any:
        return await self.book.database.pool.fetchval("SELECT ended_at FROM calls WHERE id = $1", call)


async def verified(book: Book) -> list[str]:
    """What the verification, which shares no code, has to say."""
    connection = await asyncpg.connect(book.database.url)
    try:
        found = await check_callbacks(connection, await read_scope(connection, book.hall, None))
    finally:
        await connection.close()
    assert found.note == ""
    return [f"{each.id}: {each.detail}" for each in found.broken]


@pytest.mark.parametrize("seed", range(6))
async def test_nobody_is_forgotten_and_a_replay_changes_nothing(book: Book, seed: int) -> None:
    chance = Chance(book, seed, ALL)
    for _ in range(60):
        await chance.act()
        if chance.dice.random() < 0.4:
            await book.follow(batch=chance.dice.choice([1, 3, 500]))
    await book.follow()
    assert await verified(book) == []
    assert await book.listed(), "a history without a missed call proves nothing"
    before = await book.everything()
    async with book.engine.begin() as conn:
        await conn.execute(update(FOLLOWERS).values(seq=0))
    assert await book.follow() > 0
    assert await book.everything() == before


@pytest.mark.parametrize("seed", range(10, 14))
async def test_followed_late_it_comes_to_the_same(database: Database, seal: Seal, seed: int) -> None:
    """One hall is followed event by event, the other, with the same history, once at the end."""
    soon, late = Book(database, seal), Book(database, seal, hall="NB")
    one, other = Chance(soon, seed, INBOUND), Chance(late, seed, INBOUND)
    for _ in range(60):
        await one.act()
        await other.act()
        await soon.follow(batch=1)
    await late.follow()
    assert await verified(soon) == []
    assert await verified(late) == []

    async def waiting(book: Book) -> set[bytes]:
        return {bytes(task.caller_index) for task in await book.tasks() if task.ended_at is None}

    assert await waiting(soon) == await waiting(late)


async def test_the_verification_sees_a_caller_who_was_forgotten(book: Book) -> None:
    call = await book.misses()
    await book.follow()
    assert await verified(book) == []
    async with book.engine.begin() as conn:
        await conn.execute(CALLBACK_CALLS.delete())
    assert await verified(book) == [
        f"{call}: 结果为 abandoned_queue，没有回拨任务",
        f"callback:{(await book.task()).id}: 任务没有列出来电",
    ]


async def test_the_verification_sees_an_end_without_a_talk(book: Book) -> None:
    call = await book.misses()
    await book.follow()
    task = await book.task()
    await book.set(task.id, state="got_through", ended_at=book.at, ended_by="system", reached_by=call)
    assert await verified(book) == [f"callback:{task.id}: 任务为已自行接通，却没有接通的通话"]
    await book.set(task.id, state="done", reached_by=None)
    assert await verified(book) == [f"callback:{task.id}: 任务为已完成，却没有接通的通话"]


async def test_what_was_there_before_following_began_is_not_its_own(book: Book) -> None:
    await book.misses()
    async with book.engine.begin() as conn:
        await conn.execute(FOLLOWERS.insert().values(hall=HALL, name="callbacks", seq=2, began=2))
    await book.follow()
    assert await book.tasks() == []
    assert await verified(book) == []
