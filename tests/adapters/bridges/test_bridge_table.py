"""Rows in a shared database, on a real PostgreSQL and on SQLite, each once."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from adapters.bridge import InDoubt, NewsKind, NotNow
from adapters.bridges.transports import table as table_module
from adapters.errors import Misconfigured, Refused
from tests.adapters.bridges.stage import NOW, build, package, stage

SQL = Path(table_module.__file__).parents[1] / "table" / "tables.sql"


def plain(url: str) -> str:
    """The address as asyncpg wants it."""
    return url.replace("+asyncpg", "")


async def run(url: str, *statements: str) -> list[Any]:
    """Be the other side's database administrator."""
    connection = await asyncpg.connect(plain(url))
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetch(statements[-1])
    finally:
        await connection.close()


def bridge_to(folder: Path, url: str, **settings: Any) -> Any:
    table = {"url": "env:TABLE", "out_number": "case_no"} | settings
    return build(folder, {"kind": "table", "table": table}, **{"env:TABLE": url})


@pytest.fixture
async def made(empty_database_url: str) -> str:
    """A database with the tables that we give to vendors."""
    await run(empty_database_url, SQL.read_text("utf-8"), "SELECT 1")
    return empty_database_url


async def test_a_row_with_every_kind_of_column(tmp_path: Path, made: str) -> None:
    bridge = bridge_to(tmp_path, made)
    assert [each.words for each in await bridge.probe() if not each.ok] == []
    assert not (await bridge.send(package())).repeated
    assert (await bridge.send(package())).repeated
    (row,) = await run(made, "SELECT * FROM hotline_out")
    assert row["facts"] == package().facts
    assert row["prepared_at"] == NOW
    assert row["consent_given"] is True
    assert '"recording": "rec-1"' in row["calls"]
    standing = await bridge.ask(package().key)
    assert standing is not None
    assert standing.text == "对方尚未取走"
    assert list(await bridge.list_day(NOW.date())) == []
    await run(made, "UPDATE hotline_out SET taken_at = now(), case_no = 'C-1' RETURNING 1")
    assert [each.their_no for each in await bridge.list_day(NOW.date())] == ["C-1"]
    await bridge.close()


async def test_two_senders_of_one_key_leave_one_row(tmp_path: Path, made: str) -> None:
    bridges = [bridge_to(tmp_path, made) for _ in range(4)]
    receipts = await asyncio.gather(*(bridge.send(package()) for bridge in bridges))
    assert sorted(each.repeated for each in receipts) == [False, True, True, True]
    assert len(await run(made, "SELECT * FROM hotline_out")) == 1
    for bridge in bridges:
        await bridge.close()


async def test_a_row_that_appears_between_look_and_insert_is_the_same_row(tmp_path: Path, made: str) -> None:
    other = await asyncpg.connect(plain(made))
    writing = other.transaction()
    await writing.start()
    await other.execute(
        "INSERT INTO hotline_out (key, local_no, legal_basis, facts) VALUES ($1, 'x', 'consent', 'x')", package().key
    )
    bridge = bridge_to(tmp_path, made)
    sending = asyncio.create_task(bridge.send(package()))
    async with asyncio.timeout(20):
        while not await run(made, "SELECT 1 FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
    await writing.commit()
    await other.close()
    assert (await sending).repeated
    await bridge.close()


async def test_their_rows_each_until_heard(tmp_path: Path, made: str) -> None:
    insert = "INSERT INTO hotline_in (id, type, key, case_no, at, text) VALUES"
    await run(
        made,
        f"{insert} ('a', 'acknowledged', 'k.1', 'C-1', '2026-11-23 10:31+08', NULL) RETURNING 1",
        f"{insert} ('b', 'returned', 'k.1', 'C-1', NULL, '不属于我单位') RETURNING 1",
        f"{insert} ('x', 'no such type', 'k.1', 'C-1', NULL, NULL) RETURNING 1",
    )
    bridge = bridge_to(tmp_path, made)
    batch = await bridge.news()
    assert [(each.kind, each.their_no, each.text) for each in batch.news] == [
        (NewsKind.ACKNOWLEDGED, "C-1", ""),
        (NewsKind.RETURNED, "C-1", "不属于我单位"),
    ]
    assert batch.news[0].at == NOW.replace(minute=31)
    assert [each.id for each in batch.set_aside] == ["hotline_in-3"]
    await bridge.heard([batch.news[0].id])
    again = bridge_to(tmp_path, made)
    left = await again.news()
    assert [each.kind for each in left.news] == [NewsKind.RETURNED]
    assert left.set_aside == ()
    await again.heard([each.id for each in left.news])
    assert (await again.news()).news == ()
    for each in (bridge, again):
        await each.close()


async def test_news_committed_late_are_not_passed_over(tmp_path: Path, made: str) -> None:
    bridge = bridge_to(tmp_path, made)
    slow = await asyncpg.connect(plain(made))
    writing = slow.transaction()
    await writing.start()
    await slow.execute("INSERT INTO hotline_in (id, type, key) VALUES ('late', 'accepted', 'k.1')")
    await run(made, "INSERT INTO hotline_in (id, type, key) VALUES ('soon', 'accepted', 'k.2') RETURNING 1")
    first = await bridge.news()
    await bridge.heard([each.id for each in first.news])
    await writing.commit()
    await slow.close()
    assert [each.key for each in first.news] == ["k.2"]
    assert [each.key for each in (await bridge.news()).news] == ["k.1"]
    await bridge.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DROP TABLE hotline_out", "没有表 hotline_out"),
        ("ALTER TABLE hotline_out DROP COLUMN area, DROP COLUMN minor", "缺少列 area、minor"),
        ("ALTER TABLE hotline_out DROP CONSTRAINT hotline_out_pkey", "没有唯一索引"),
        ("ALTER TABLE hotline_in DROP COLUMN type", "缺少列 type"),
    ],
)
async def test_probe_says_what_the_other_side_must_change(tmp_path: Path, made: str, change: str, words: str) -> None:
    await run(made, change, "SELECT 1")
    bridge = bridge_to(tmp_path, made)
    assert any(words in each.words for each in await bridge.probe() if not each.ok)
    await bridge.close()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("ALTER TABLE hotline_out ALTER facts TYPE varchar(3)", Refused),
        ("ALTER TABLE hotline_out ALTER urgency TYPE integer USING NULL", Refused),
        ("ALTER TABLE hotline_out ADD CHECK (area <> '连云区')", Refused),
        ("ALTER TABLE hotline_out DROP COLUMN area", Misconfigured),
        ("DROP TABLE hotline_out", Misconfigured),
    ],
)
async def test_what_the_table_does_not_take(tmp_path: Path, made: str, change: str, error: type[Exception]) -> None:
    await run(made, change, "SELECT 1")
    bridge = bridge_to(tmp_path, made)
    with pytest.raises(error) as caught:
        await bridge.send(package())
    assert type(caught.value) is error
    assert "13800138000" not in str(caught.value)
    await bridge.close()


async def test_times_and_flags_as_text_or_by_the_wall(tmp_path: Path, made: str) -> None:
    await run(
        made,
        "ALTER TABLE hotline_out ALTER prepared_at TYPE timestamp, ALTER happened_at TYPE text,"
        " ALTER minor TYPE text USING NULL",
        "SELECT 1",
    )
    bridge = bridge_to(tmp_path, made)
    await bridge.send(package())
    await run(made, "UPDATE hotline_out SET taken_at = now() RETURNING 1")
    (row,) = await run(made, "SELECT * FROM hotline_out")
    assert row["prepared_at"] == datetime(2026, 11, 23, 10, 30)  # noqa: DTZ001  the wall's
    assert row["happened_at"] == "2026-11-23T10:21:00+08:00"
    assert row["minor"] == "False"
    assert len(await bridge.list_day(NOW.date())) == 1
    await bridge.close()


async def test_a_database_that_is_away_or_locked_out(tmp_path: Path, made: str) -> None:
    nowhere = bridge_to(tmp_path, "postgresql+asyncpg://u:p@127.0.0.1:1/x")
    with pytest.raises(NotNow):
        await nowhere.send(package())
    assert not any(each.ok for each in await nowhere.probe())
    missing = bridge_to(tmp_path, re.sub(r"@/[^?]+", "@/no_such_database", made))
    with pytest.raises(Misconfigured):
        await missing.send(package())
    for each in (nowhere, missing):
        await each.close()


async def test_an_unknown_end_is_in_doubt_and_settled_by_asking(tmp_path: Path, made: str) -> None:
    """The connection is killed while the row is being committed: a trigger that runs at the commit waits for it."""
    await run(
        made,
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_advisory_lock(7); RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER w AFTER INSERT ON hotline_out DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION wait()",
        "SELECT 1",
    )
    holder = await asyncpg.connect(plain(made))
    await holder.execute("SELECT pg_advisory_lock(7)")
    bridge = bridge_to(tmp_path, made)
    sending = asyncio.create_task(bridge.send(package()))
    waiting = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    async with asyncio.timeout(20):
        while not (pids := await holder.fetch(waiting)):
            await asyncio.sleep(0.01)
    await holder.execute("SELECT pg_terminate_backend($1)", pids[0]["pid"])
    with pytest.raises(InDoubt):
        await sending
    assert await bridge.ask(package().key) is None
    await holder.close()
    assert not (await bridge.send(package())).repeated
    await bridge.close()


async def test_the_whole_way_on_postgresql(tmp_path: Path, empty_database_url: str) -> None:
    async with stage("table", tmp_path, url=empty_database_url) as at:
        await at.bridge.send(package())
        await at.look()
        await at.bridge.send(package())
        await at.look()
        assert at.effects(package().key) == 1
        standing = await at.bridge.ask(package().key)
        assert standing is not None
        assert standing.their_no == at.desk.ledger.cases()[0].case_no
