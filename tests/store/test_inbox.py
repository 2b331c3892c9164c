"""Pushed events are on disk before 2xx, and the hall is given each of them once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.telephony import CallOffered, DeviceEvent
from hotline.hall.inputs import Heard
from hotline.store import inbox
from hotline.store.engine import Database
from hotline.store.errors import StoreAway
from hotline.store.ledger import HallStore
from hotline.store.rows import raw_place
from hotline.store.seal import Seal
from tests.store.making import AT, CARD, HALL, Wire, a_call, a_fact, born, decided, leased


@pytest.fixture
async def store(database: Database, seal: Seal) -> AsyncIterator[HallStore]:
    opened = HallStore(database, seal, HALL)
    yield opened
    await opened.close()


def facts(*names: str) -> list[tuple[DeviceEvent, bytes]]:
    return [(a_fact(name, caller="13800138000"), f"raw {name}".encode()) for name in names]


def named(kept: list[tuple[int, DeviceEvent]]) -> list[str]:
    assert [raw for raw, _ in kept] == sorted(raw for raw, _ in kept)
    return [fact.event_id for _, fact in kept]


async def test_what_came_is_kept_sealed_with_its_bytes(store: HallStore, database: Database, seal: Seal) -> None:
    kept = await store.keep(CARD, facts("a", "b"), [(b"\x00garbage", "not JSON")])
    assert named(kept) == ["a", "b"]
    assert kept[0][1] == facts("a")[0][0]
    rows = await database.pool.fetch("SELECT * FROM raw_events ORDER BY id")
    assert [(row["state"], row["type"], row["reason"]) for row in rows] == [
        ("pending", "CallOffered", ""),
        ("pending", "CallOffered", ""),
        ("set_aside", "Unreadable", "not JSON"),
    ]
    raws = [
        seal.open_bytes(row["raw_sealed"], raw_place("raw_sealed", HALL, row["adapter"], row["event_id"]))
        for row in rows
    ]
    assert raws == [b"raw a", b"raw b", b"\x00garbage"]
    assert (rows[0]["heard_at"], rows[0]["at"], rows[0]["call_key"]) == (AT, AT, "key-1")


async def test_duplicates_have_no_second_effect(store: HallStore, database: Database) -> None:
    assert named(await store.keep(CARD, facts("a", "b", "a"))) == ["a", "b"]
    assert named(await store.keep(CARD, facts("b", "c", "a"))) == ["c"]
    assert await store.keep(CARD, [], [(b"junk", "why")]) == []
    assert await store.keep(CARD, [], [(b"junk", "why")]) == []
    assert await database.pool.fetchval("SELECT count(*) FROM raw_events") == 4


async def test_nothing_to_keep(store: HallStore) -> None:
    assert await store.keep(CARD, []) == []


async def test_many_at_once_share_statements(store: HallStore, database: Database) -> None:
    requests = [store.keep(CARD, facts(f"{at}-1", "same", f"{at}-2")) for at in range(200)]
    kept = [fact.event_id for news in await asyncio.gather(*requests) for _, fact in news]
    assert sorted(kept) == sorted([f"{at}-{n}" for at in range(200) for n in (1, 2)] + ["same"])
    assert await database.pool.fetchval("SELECT count(*) FROM raw_events") == 401
    transactions = await database.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM raw_events")
    assert transactions <= 3


async def test_what_is_kept_and_not_applied_is_pending_after_a_restart(
    store: HallStore, database: Database, seal: Seal
) -> None:
    kept = await store.keep(CARD, facts("a", "b", "c"))
    lease = await leased(store)
    await store.commit(lease, AT, [(Heard(kept[0][1], kept[0][0]), born(a_call(1))[1])], 1)
    await store.commit(lease, AT, [(Heard(kept[1][1], kept[1][0]), decided(set_aside="unknown")[1])], 2)
    again = HallStore(database, seal, HALL)
    assert await again.pending() == [kept[2]]
    assert await again.pending() == []
    assert await again.keep(CARD, facts("a", "b", "c")) == []
    await again.close()


async def test_pending_comes_in_order_however_much_there_is(
    store: HallStore, monkeypatch: pytest.MonkeyPatch, database: Database, seal: Seal
) -> None:
    await store.keep(CARD, facts(*(f"{at:03d}" for at in range(30))))
    monkeypatch.setattr("hotline.store.ledger._CHUNK", 7)
    again = HallStore(database, seal, HALL)
    assert named(await again.pending()) == [f"{at:03d}" for at in range(30)]
    await again.close()


async def test_a_new_epoch_hands_out_again(store: HallStore) -> None:
    kept = await store.keep(CARD, facts("a"))
    assert await store.pending() == []
    await leased(store)
    assert await store.pending() == kept


async def test_odd_names_find_their_way(store: HallStore, database: Database, seal: Seal) -> None:
    odd = "nul\0 and \ud800"
    [(raw, fact)] = await store.keep(CARD, [(a_fact(odd, call=odd), b"x")])
    assert fact.event_id == odd
    assert await store.keep(CARD, [(a_fact(odd, call=odd), b"x")]) == []
    again = HallStore(database, seal, HALL)
    [(same, read)] = await again.pending()
    assert same == raw
    assert isinstance(read, CallOffered)
    assert "\0" not in read.call
    await again.close()


@pytest.fixture
async def wire(database_url: str, server_home: Path) -> AsyncIterator[Wire]:
    directory = server_home / f"i{time.monotonic_ns()}"
    directory.mkdir()
    async with Wire(directory, database_url).open() as opened:
        yield opened


@pytest.fixture
async def wired(wire: Wire, seal: Seal) -> AsyncIterator[HallStore]:
    async with await Database.open(wire.url, pool_size=2) as database:
        opened = HallStore(database, seal, HALL)
        await opened.keep(CARD, facts("warm"))
        yield opened
        wire.restore()
        await opened.close()


async def test_a_slow_database_is_told_in_time(wired: HallStore, wire: Wire) -> None:
    wire.answers_pass.clear()
    began = time.monotonic()
    with pytest.raises(StoreAway):
        await wired.keep(CARD, facts("a"))
    assert time.monotonic() - began < 2.0
    wire.restore()
    # It had come through after all. Whoever keeps it again (gateway or spool) gets it, once.
    async with asyncio.timeout(10):
        while not (kept := await wired.keep(CARD, facts("a"))):
            await asyncio.sleep(0.02)
    assert named(kept) == ["a"]
    assert await wired.keep(CARD, facts("a")) == []


async def test_kept_but_unheard_is_handed_out_when_kept_again(wired: HallStore, wire: Wire, database: Database) -> None:
    wire.answers_pass.clear()
    keeping = asyncio.create_task(wired.keep(CARD, facts("a")))
    async with asyncio.timeout(10):
        await wire.held.wait()
    await wire.cut()
    with pytest.raises(StoreAway):
        await keeping
    wire.restore()
    assert await database.pool.fetchval("SELECT count(*) FROM raw_events WHERE event_id = 'a'") == 1
    assert named(await wired.keep(CARD, facts("a", "b"))) == ["a", "b"]


async def test_one_refused_request_does_not_harm_the_others(
    store: HallStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.pool.execute("ALTER TABLE raw_events ADD CONSTRAINT no_x CHECK (event_id <> 'x')")
    found = await asyncio.gather(*(store.keep(CARD, facts(name)) for name in "abxcd"), return_exceptions=True)
    assert [str(type(one).__name__) for one in found] == ["list", "list", "Conflict", "list", "list"]
    assert await database.pool.fetchval("SELECT count(*) FROM raw_events") == 4
    assert inbox.WAIT_SECONDS < 1


async def test_what_is_settled_while_it_is_being_read_is_not_handed_out_again(wired: HallStore, wire: Wire) -> None:
    [(raw, _)] = await wired.keep(CARD, facts("a"))
    await wired.pending()
    wire.answers_pass.clear()
    looking = asyncio.create_task(wired.pending())
    async with asyncio.timeout(10):
        await wire.held.wait()
    wired._inbox.settle([raw])  # the commit came through between the statement's snapshot and its answer
    wire.answers_pass.set()
    assert await looking == []
