"""The chain of the audit trail: unbroken under load, and every tampering found."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline.audit import trail
from hotline.audit.trail import GENESIS, SYSTEM, Act, Broken, head, record, verify_chain
from hotline.store.engine import Database
from hotline.store.tables import AUDIT

AT = datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))


async def _write(engine: AsyncEngine, hall: str, n: int) -> None:
    async with engine.begin() as conn:
        await record(
            conn,
            hall=hall,
            doer=SYSTEM,
            act=Act.REVEAL,
            object=f"{hall}-{n}",
            at=AT + timedelta(seconds=n),
            reason="回访：核对“地址”\n第二行",
            data={"n": n, "甲": True, "none": None},
        )


async def _broken(engine: AsyncEngine, hall: str = "h1") -> Broken | None:
    async with engine.connect() as conn:
        return await verify_chain(conn, hall)


async def test_concurrent_acts_make_one_chain_per_hall(database: Database) -> None:
    await asyncio.gather(*(_write(database.engine, f"h{n % 2 + 1}", n) for n in range(60)))
    for hall in ("h1", "h2"):
        assert await _broken(database.engine, hall) is None
        async with database.engine.connect() as conn:
            rows = (await conn.execute(select(AUDIT.c.seq).where(AUDIT.c.hall == hall).order_by(AUDIT.c.seq))).scalars()
            assert list(rows) == list(range(1, 31))
            assert (await head(conn, hall))[0] == 30


async def test_an_empty_chain_holds(database: Database) -> None:
    assert await _broken(database.engine, "nowhere") is None
    async with database.engine.connect() as conn:
        assert await head(conn, "nowhere") == (0, GENESIS)


async def test_chains_longer_than_a_batch(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "BATCH", 4)
    for n in range(9):
        await _write(database.engine, "h1", n)
    assert await _broken(database.engine) is None
    await _tamper(database, "UPDATE audit SET reason = 'x' WHERE seq = 9")
    assert await _broken(database.engine) == Broken(hall="h1", seq=9, why="hash")


async def test_a_rolled_back_act_leaves_no_gap(database: Database) -> None:
    await _write(database.engine, "h1", 1)
    async with database.engine.connect() as conn:
        await record(conn, hall="h1", doer=SYSTEM, act=Act.LOGIN, object="x", at=AT)
        await conn.rollback()
    await _write(database.engine, "h1", 2)
    assert await _broken(database.engine) is None


@pytest.mark.parametrize(
    ("tampering", "seq", "why"),
    [
        ("UPDATE audit SET reason = 'nothing special' WHERE seq = 3", 3, "hash"),
        ("UPDATE audit SET at = at + interval '1 microsecond' WHERE seq = 2", 2, "hash"),
        ("UPDATE audit SET account = 'somebody' WHERE seq = 5", 5, "hash"),
        ("""UPDATE audit SET data = data || '{"n": 7}' WHERE seq = 1""", 1, "hash"),
        ("DELETE FROM audit WHERE seq = 4", 4, "gap"),
        ("DELETE FROM audit WHERE seq = 1", 1, "gap"),
        ("UPDATE audit SET seq = seq + 100 WHERE seq = 2", 2, "gap"),
        ("DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3", 3, "previous"),
        ("UPDATE audit SET previous = hash WHERE seq = 4", 4, "previous"),
    ],
)
async def test_tampering_is_found(database: Database, tampering: str, seq: int, why: str) -> None:
    for n in range(5):
        await _write(database.engine, "h1", n)
    await _tamper(database, tampering)
    assert await _broken(database.engine) == Broken(hall="h1", seq=seq, why=why)


async def test_the_head_kept_elsewhere_shows_a_cut_tail(database: Database) -> None:
    for n in range(5):
        await _write(database.engine, "h1", n)
    async with database.engine.connect() as conn:
        kept = await head(conn, "h1")
    await _tamper(database, "DELETE FROM audit WHERE seq > 3")
    assert await _broken(database.engine) is None
    async with database.engine.connect() as conn:
        assert await head(conn, "h1") != kept


@pytest.mark.parametrize("change", ["UPDATE audit SET reason = ''", "DELETE FROM audit", "TRUNCATE audit"])
async def test_the_database_refuses_to_change_entries(database: Database, change: str) -> None:
    await _write(database.engine, "h1", 1)
    with pytest.raises(DBAPIError, match="not allowed"):
        async with database.engine.begin() as conn:
            await conn.execute(text(change))


async def test_times_are_kept_to_the_microsecond_whatever_the_zone(database: Database) -> None:
    await _write(database.engine, "h1", 0)
    async with database.engine.connect() as conn:
        at = (await conn.execute(select(AUDIT.c.at))).scalar_one()
    assert at == AT.astimezone(UTC)


async def _tamper(database: Database, statements: str) -> None:
    """As somebody who owns the database can."""
    connection = await asyncpg.connect(database.url)
    await connection.execute(
        f"ALTER TABLE audit DISABLE TRIGGER USER; {statements}; ALTER TABLE audit ENABLE TRIGGER USER"
    )
    await connection.close()
