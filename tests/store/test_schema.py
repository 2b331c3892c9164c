"""Migrations lead to exactly the metadata, and what must not change does not."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from hotline.store import schema
from hotline.store.engine import Database
from hotline.store.errors import WrongSchema
from hotline.store.tables import METADATA

DESCRIBED = """
SELECT 'column' AS what, c.relname || '.' || a.attname AS name,
       format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' ' || a.attidentity::text || ' '
       || COALESCE(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || COALESCE(col_description(c.oid, a.attnum), '') AS is
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version'
UNION ALL
SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) || ' ' || condeferred
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 'public.alembic_version'::regclass
UNION ALL
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""


async def described(url: str) -> set[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return {tuple(row) for row in await connection.fetch(DESCRIBED)}
    finally:
        await connection.close()


async def test_alembic_sees_nothing_left_to_migrate(database: Database) -> None:
    assert await schema.differences(database.engine) == []


async def test_the_migrated_database_is_the_metadata_to_the_last_constraint(
    database_url: str, empty_database_url: str
) -> None:
    engine = create_async_engine(empty_database_url.replace("postgresql:", "postgresql+asyncpg:"))
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        await connection.execute(text("CREATE TABLE alembic_version ()"))
    await engine.dispose()
    migrated, made = await described(database_url), await described(empty_database_url)
    assert migrated == made
    assert len(made) > 200


async def test_a_difference_would_be_seen(database: Database) -> None:
    await database.pool.execute("ALTER TABLE calls ADD COLUMN surplus text")
    assert len(await schema.differences(database.engine)) == 1


async def test_empty_to_head_and_all_the_way_back(empty_database_url: str) -> None:
    async with await Database.open(empty_database_url, check_schema=False) as database:
        assert await schema.current(database.engine) is None
        with pytest.raises(WrongSchema, match="请运行 hotline migrate"):
            await database.check_schema()
        assert await database.migrate() == (None, schema.head())
        await database.check_schema()
        assert await database.migrate() == (schema.head(), schema.head())
        before, after = await schema.migrate(database.engine, "base")
        assert before == schema.head()
        assert after is None
        left = await database.pool.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')"
        )
        assert [row["relname"] for row in left] == ["alembic_version"]
        assert await database.migrate() == (None, schema.head())


async def test_a_step_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    async with await Database.open(empty_database_url, check_schema=False) as database:
        await database.pool.execute("CREATE TABLE tickets ()")
        with pytest.raises(Exception, match="already exists"):
            await database.migrate()
        left = await database.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert [row["tablename"] for row in left] == ["tickets"]


async def test_a_database_newer_than_the_program_is_refused(database: Database, database_url: str) -> None:
    await database.pool.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WrongSchema, match="请升级程序") as seen:
        await Database.open(database_url)
    assert seen.value.newer
    with pytest.raises(WrongSchema, match="请升级程序"):
        await database.migrate()


JOURNAL = (
    """INSERT INTO journal (hall, seq, at, epoch, type, actor, data) VALUES ('HZ', 1, now(), 1, 'X', 'me', '{}')"""
)
AUDIT = """INSERT INTO audit (hall, seq, at, account, work_number, act, object, data, previous, hash)
           VALUES ('HZ', 1, now(), 'a', '1', 'login', 'x', '{}', '', '')"""
RAW = """INSERT INTO raw_events (hall, adapter, event_id, heard_at, at, type, state, raw_sealed)
         VALUES ('HZ', 'a', 'e', now(), now(), 'X', 'pending', 'abc')"""


@pytest.mark.parametrize(
    ("made", "forbidden"),
    [
        (JOURNAL, "UPDATE journal SET actor = 'you'"),
        (JOURNAL, "DELETE FROM journal"),
        (JOURNAL, "TRUNCATE journal"),
        (AUDIT, "UPDATE audit SET result = 'ok'"),
        (AUDIT, "DELETE FROM audit WHERE seq = 1"),
        (AUDIT, "TRUNCATE audit"),
        (RAW, "UPDATE raw_events SET raw_sealed = NULL"),
        (RAW, "UPDATE raw_events SET state = 'applied', at = now()"),
        (RAW, "DELETE FROM raw_events"),
        (RAW, "TRUNCATE raw_events"),
    ],
)
async def test_what_was_written_stays(database: Database, made: str, forbidden: str) -> None:
    await database.pool.execute(made)
    table = made.split()[2]
    before = await database.pool.fetch(f"SELECT * FROM {table}")
    with pytest.raises(asyncpg.RestrictViolationError):
        await database.pool.execute(forbidden)
    assert await database.pool.fetch(f"SELECT * FROM {table}") == before


async def test_a_raw_event_may_be_settled(database: Database) -> None:
    await database.pool.execute(RAW)
    await database.pool.execute("UPDATE raw_events SET state = 'applied', reason = 'x'")
    assert await database.pool.fetchval("SELECT state FROM raw_events") == "applied"
