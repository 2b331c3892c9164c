"""Exactly once and in order, whatever happens between applying and the bookmark."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.store.engine import Database
from hotline.store.follower import Follower, JournalEntry
from hotline.store.tables import FOLLOWERS, FOLLOWERS_SET_ASIDE, JOURNAL
from tests.store.making import AT, HALL, Wire

KILLED = """
import asyncio, sys
from sqlalchemy import text
from hotline.store.engine import Database
from hotline.store.follower import Follower

async def apply(conn, entries):
    for entry in entries:
        await conn.execute(text("INSERT INTO followed VALUES (:seq)"), {"seq": entry.seq})

async def main():
    async with await Database.open(sys.argv[1]) as database:
        await Follower(database.engine, "HZ", "kept", ["Odd"], apply, batch=3).catch_up()

asyncio.run(main())
"""


async def journal(database: Database, first: int, last: int, hall: str = HALL) -> None:
    rows = [
        {
            "hall": hall,
            "seq": seq,
            "at": AT,
            "epoch": 1,
            "type": "Odd" if seq % 2 else "Even",
            "call": None,
            "call_seq": 0,
            "seat": None,
            "actor": "system",
            "data": {"type": "Odd", "n": seq},
        }
        for seq in range(first, last + 1)
    ]
    async with database.engine.begin() as conn:
        await conn.execute(insert(JOURNAL), rows)


@pytest.fixture
async def followed(database: Database) -> Database:
    """A database with a table for what followed."""
    async with database.engine.begin() as conn:
        await conn.execute(text("CREATE TABLE followed (seq bigint)"))
    return database


async def apply(conn: AsyncConnection, entries: Sequence[JournalEntry]) -> None:
    for entry in entries:
        await conn.execute(text("INSERT INTO followed VALUES (:seq)"), {"seq": entry.seq})


async def what_followed(database: Database) -> list[int]:
    async with database.engine.connect() as conn:
        return list((await conn.execute(text("SELECT seq FROM followed ORDER BY ctid"))).scalars())


async def bookmark(database: Database, name: str = "kept") -> int | None:
    async with database.engine.connect() as conn:
        return await conn.scalar(select(FOLLOWERS.c.seq).where(FOLLOWERS.c.name == name))


async def test_it_sees_its_own_types_of_its_own_hall_once_in_order(followed: Database) -> None:
    await journal(followed, 1, 9)
    await journal(followed, 1, 50, hall="other")
    seen = list[JournalEntry]()

    async def look(conn: AsyncConnection, entries: Sequence[JournalEntry]) -> None:
        seen.extend(entries)

    follower = Follower(followed.engine, HALL, "kept", ["Odd"], look, batch=4)
    assert await follower.catch_up() == 5
    assert await follower.catch_up() == 0
    assert [entry.seq for entry in seen] == [1, 3, 5, 7, 9]
    assert seen[0].data == {"type": "Odd", "n": 1}
    assert seen[0].at == AT
    await journal(followed, 10, 11)
    assert await follower.catch_up() == 1
    assert (seen[-1].seq, await bookmark(followed)) == (11, 11)


async def test_two_followers_have_a_bookmark_each(followed: Database) -> None:
    await journal(followed, 1, 4)
    await Follower(followed.engine, HALL, "kept", ["Odd"], apply).catch_up()
    await Follower(followed.engine, HALL, "late", ["Even"], apply).catch_up()
    assert await what_followed(followed) == [1, 3, 2, 4]
    assert (await bookmark(followed), await bookmark(followed, "late")) == (4, 4)


async def test_an_empty_journal_leaves_no_trace(followed: Database) -> None:
    assert await Follower(followed.engine, HALL, "kept", ["Odd"], apply).catch_up() == 0
    assert await bookmark(followed) is None


async def test_two_processes_that_both_believe_to_lead_apply_nothing_twice(followed: Database) -> None:
    await journal(followed, 1, 101)
    both = [Follower(followed.engine, HALL, "kept", ["Odd"], apply, batch=5) for _ in range(2)]
    applied = await asyncio.gather(*(each.catch_up() for each in both))
    assert sum(applied) == 51
    assert await what_followed(followed) == list(range(1, 102, 2))


@pytest.mark.parametrize("point", ["before_bookmark:2", "after_bookmark:2"])
async def test_killed_it_goes_on_where_it_was(
    followed: Database, database_url: str, tmp_path: Path, point: str
) -> None:
    await journal(followed, 1, 20)
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    env = os.environ | {"HOTLINE_CRASH_AT": point, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = await asyncio.create_subprocess_exec(sys.executable, str(script), database_url, env=env)
    assert await asyncio.wait_for(process.wait(), 30) == -signal.SIGKILL
    assert await what_followed(followed) == ([1, 3] if point.startswith("before") else [1, 3, 5])
    assert await bookmark(followed) == (3 if point.startswith("before") else 6)
    assert await Follower(followed.engine, HALL, "kept", ["Odd"], apply, batch=3).catch_up() > 0
    assert await what_followed(followed) == list(range(1, 21, 2))


@pytest.mark.parametrize("why", ["bug", "constraint"])
async def test_an_entry_that_cannot_be_applied_is_set_aside_alone(followed: Database, why: str) -> None:
    await journal(followed, 1, 12)
    async with followed.engine.begin() as conn:
        await conn.execute(text("ALTER TABLE followed ADD CHECK (seq <> 5)"))

    async def fails(conn: AsyncConnection, entries: Sequence[JournalEntry]) -> None:
        if why == "bug" and any(entry.seq == 5 for entry in entries):
            raise KeyError("five")
        await apply(conn, entries)

    follower = Follower(followed.engine, HALL, "kept", ["Odd"], fails, batch=10)
    assert await follower.catch_up() == 5
    assert await what_followed(followed) == [1, 3, 7, 9, 11]
    async with followed.engine.connect() as conn:
        aside = (await conn.execute(select(FOLLOWERS_SET_ASIDE))).one()
    assert (aside.hall, aside.name, aside.seq) == (HALL, "kept", 5)
    assert aside.reason.startswith("KeyError" if why == "bug" else "IntegrityError")
    assert await bookmark(followed) == 12


async def test_a_passing_failure_sets_nothing_aside(followed: Database) -> None:
    await journal(followed, 1, 3)
    failed = False

    async def fails_once(conn: AsyncConnection, entries: Sequence[JournalEntry]) -> None:
        nonlocal failed
        if not failed:
            failed = True
            raise OperationalError("", None, Exception("deadlock detected"))
        await apply(conn, entries)

    follower = Follower(followed.engine, HALL, "kept", ["Odd"], fails_once)
    with pytest.raises(OperationalError):
        await follower.catch_up()
    assert await bookmark(followed) is None
    assert await follower.catch_up() == 2


class Over(Exception):
    """The test has seen enough."""


async def test_it_looks_only_while_it_leads_and_waits_for_a_database_that_is_away(
    followed: Database, tmp_path: Path
) -> None:
    wire, line = Wire(tmp_path, followed.url), AsyncExitStack()
    leads, pauses = False, list[float]()

    async def pause(seconds: float) -> None:
        nonlocal leads
        pauses.append(seconds)
        match len(pauses):
            case 1:
                assert await what_followed(followed) == []
                leads = True
            case 2:
                assert await what_followed(followed) == [1, 3]
                await journal(followed, 5, 7)
                await line.aclose()
            case 4:
                assert await what_followed(followed) == [1, 3]
                await line.enter_async_context(wire.open())
            case 5:
                assert await what_followed(followed) == [1, 3, 5, 7]
                raise Over
            case _:
                pass

    await journal(followed, 1, 4)
    await line.enter_async_context(wire.open())
    async with line, await Database.open(wire.url) as through:
        follower = Follower(through.engine, HALL, "kept", ["Odd"], apply, leading=lambda: leads)
        with pytest.raises(Over):
            await asyncio.wait_for(follower.run(pause), 30)
    assert pauses == [1.0, 1.0, 2.0, 4.0, 1.0]
