"""Opening a database, and what is said when it cannot be opened."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import exc, insert, select, text

from hotline.store import engine
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.engine import Database, asyncpg_url, shown_url
from hotline.store.errors import BadUrl, NotAdmitted, StoreAway, TooOld, Unreachable, WrongSchema, told_apart
from hotline.store.tables import ACCOUNT_TRIES
from tests.store.making import AT, Wire

TRY = {"key": "HZ|1001|::1", "tries": 1, "first_at": AT}


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("postgresql://h@db/x", "postgresql://h@db/x"),
        ("postgres://h:p@db:5433/x", "postgresql://h:p@db:5433/x"),
        ("postgresql+asyncpg://h@/x?host=/run/pg&port=5432", "postgresql://h@/x?host=/run/pg&port=5432"),
    ],
)
def test_urls_that_are_understood(url: str, read: str) -> None:
    assert asyncpg_url(url) == read


@pytest.mark.parametrize("url", ["", "mysql://h@db/x", "postgresql://h@db", "/var/lib/pg", "postgresql:///x"])
def test_urls_that_are_not(url: str) -> None:
    with pytest.raises(BadUrl, match="postgresql://"):
        asyncpg_url(url)


def test_a_password_is_never_shown() -> None:
    assert shown_url("postgresql://h:se%40cret@db/x") == "postgresql://h:***@db/x"
    assert shown_url("postgresql://h@/x?host=/run") == "postgresql://h@/x?host=/run"


async def test_nobody_answers(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(Unreachable, match="没有应答") as seen:
        await Database.open(f"postgresql://h:secret@/x?host={tmp_path}", wait_seconds=0.5)
    assert time.monotonic() - began < 3
    assert "secret" not in str(seen.value)


async def test_it_waits_for_a_server_that_comes_later(database_url: str, server_home: Path) -> None:
    directory = server_home / "late"
    directory.mkdir()
    wire = Wire(directory, database_url)

    async def later() -> Database:
        return await Database.open(wire.url, wait_seconds=10)

    opening = asyncio.create_task(later())
    await asyncio.sleep(0.3)
    assert not opening.done()
    async with wire.open(), await opening as database:
        assert await database.answers()


async def test_no_such_database(server: EmbeddedPostgres) -> None:
    with pytest.raises(NotAdmitted, match="拒绝了登录"):
        await Database.open(server.url_for(database="nowhere"), wait_seconds=5)


async def test_no_such_role(server: EmbeddedPostgres) -> None:
    with pytest.raises(NotAdmitted, match="拒绝了登录"):
        await Database.open(server.url_for(user="stranger"), wait_seconds=5)


async def test_an_old_server_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "OLDEST_SERVER", 99)
    with pytest.raises(TooOld, match="99"):
        await Database.open(database_url)


async def test_an_empty_database_is_not_served(empty_database_url: str) -> None:
    with pytest.raises(WrongSchema, match="hotline migrate"):
        await Database.open(empty_database_url)


async def test_the_server_keeps_utc(database: Database) -> None:
    assert await database.pool.fetchval("SHOW timezone") == "UTC"
    async with database.reading() as session:
        assert await session.scalar(text("SHOW timezone")) == "UTC"


async def test_readers_cannot_write(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(exc.DBAPIError, match="read-only"):
            await session.connection.execute(insert(ACCOUNT_TRIES), TRY)


async def test_a_unit_of_work_is_all_or_nothing(database: Database) -> None:
    async def half() -> None:
        async with database.writing() as session:
            await session.run(insert(ACCOUNT_TRIES), TRY)
            raise LookupError

    with pytest.raises(LookupError):
        await half()
    async with database.reading() as session:
        assert await session.all(select(ACCOUNT_TRIES)) == []
    async with database.writing() as session:
        await session.run(insert(ACCOUNT_TRIES), TRY)
    async with database.reading() as session:
        row = await session.first(select(ACCOUNT_TRIES))
    assert row is not None
    assert (row.key, row.tries, row.first_at) == ("HZ|1001|::1", 1, AT)


async def test_nobody_can_sit_on_a_row_for_long(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with database.reading() as session:
        assert await session.scalar(text("SHOW idle_in_transaction_session_timeout")) == "5s"
        assert await session.scalar(text("SHOW lock_timeout")) == "5s"


async def test_connections_are_given_back(database_url: str, server: EmbeddedPostgres) -> None:
    opened = await Database.open(database_url)
    line = await opened.dedicated("test")
    await line.close()
    async with opened.reading() as session:
        await session.scalar(text("SELECT 1"))
    await opened.close()
    assert not await _connected(server, database_url)
    assert not await opened.answers()


async def test_closing_does_not_wait_for_a_silent_server(
    database_url: str, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = server_home / "silent"
    directory.mkdir()
    async with Wire(directory, database_url).open() as wire:
        opened = await Database.open(wire.url)
        async with opened.reading() as session:
            await session.scalar(text("SELECT 1"))
        wire.questions_pass.clear()
        monkeypatch.setattr(engine, "CLOSE_SECONDS", 0.3)
        began = time.monotonic()
        await opened.close()
        assert time.monotonic() - began < 3


async def _connected(server: EmbeddedPostgres, url: str) -> bool:
    name = url.split("/@/")[-1].split("?")[0].split("/")[-1]
    connection = await asyncpg.connect(server.url_for(database="postgres", user="postgres"))
    try:
        for _ in range(100):
            if not await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = $1", name):
                return False
            await asyncio.sleep(0.02)
        return True
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "refusal",
    [
        asyncpg.ObjectNotInPrerequisiteStateError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.InvalidPasswordError,
        asyncpg.TooManyConnectionsError,
        asyncpg.CannotConnectNowError,
    ],
)
def test_a_door_that_was_closed_in_mid_shift_is_away(refusal: type[Exception]) -> None:
    """Waited for, not taken for a bug: somebody restores, renames, changes a password."""
    with pytest.raises(StoreAway), told_apart():
        raise refusal("closed")
