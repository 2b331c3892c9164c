"""A gateway gets its 2xx whether the database is there or not; the hall hears everything once, in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from adapters.telephony import Delivery, DeviceEvent, RefusedItem
from hotline.store import intake as intakes
from hotline.store.beside import beside
from hotline.store.engine import Database
from hotline.store.errors import Conflict, SpoolFull
from hotline.store.intake import Intake
from hotline.store.ledger import HallStore
from hotline.store.marks import Mark
from hotline.store.seal import Seal
from hotline.store.spool import Spool
from tests.store.making import AT, CARD, HALL, Wire, a_fact


class Hall:
    """Who is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def deliver(self, kept: Sequence[tuple[int, DeviceEvent]]) -> None:
        self.heard += [fact.event_id for _, fact in kept]

    async def hears(self, *names: str) -> None:
        try:
            async with asyncio.timeout(15):
                while len(self.heard) < len(names):
                    await asyncio.sleep(0.01)
        finally:
            assert self.heard == list(names)


@pytest.fixture
async def wire(database_url: str, server_home: Path) -> AsyncIterator[Wire]:
    directory = server_home / f"n{time.monotonic_ns()}"
    directory.mkdir()
    async with Wire(directory, database_url).open() as opened:
        yield opened


@pytest.fixture
async def store(wire: Wire, seal: Seal) -> AsyncIterator[HallStore]:
    async with await Database.open(wire.url, pool_size=2) as database:
        opened = HallStore(database, seal, HALL)
        yield opened
        wire.restore()
        await opened.close()


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def spool(tmp_path: Path, seal: Seal) -> Spool:
    return Spool(tmp_path, seal)


@pytest.fixture
async def intake(store: HallStore, spool: Spool, hall: Hall) -> AsyncIterator[Intake]:
    opened = Intake(store, spool, hall.deliver)
    running = asyncio.create_task(opened.run())
    yield opened
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await spool.close()


def fact(name: str) -> list[tuple[DeviceEvent, bytes]]:
    return [(a_fact(name), b"raw")]


async def test_with_the_database_there(intake: Intake, hall: Hall, spool: Spool) -> None:
    await intake.accept(CARD, fact("a"))
    assert hall.heard == ["a"]
    await intake.accept(CARD, fact("a"))
    assert hall.heard == ["a"]
    assert spool.is_empty


async def test_away_for_a_while(intake: Intake, hall: Hall, spool: Spool, wire: Wire, database: Database) -> None:
    await intake.accept(CARD, fact("a"))
    wire.answers_pass.clear()
    for name in "bcd":
        async with asyncio.timeout(1.0):
            await intake.accept(CARD, fact(name), [(name.encode(), "odd")])
    assert hall.heard == ["a"]
    assert not spool.is_empty
    await wire.cut()
    wire.restore()
    await intake.accept(CARD, fact("e"))
    await hall.hears("a", "b", "c", "d", "e")
    async with asyncio.timeout(10):
        while not spool.is_empty:
            await asyncio.sleep(0.01)
    await intake.accept(CARD, fact("f"))
    await hall.hears("a", "b", "c", "d", "e", "f")
    rows = await database.pool.fetch("SELECT event_id FROM raw_events WHERE state = 'pending' ORDER BY id")
    assert [row["event_id"] for row in rows] == list("abcdef")
    assert await database.pool.fetchval("SELECT count(*) FROM raw_events WHERE state = 'set_aside'") == 3


async def test_what_a_dead_process_left_is_heard(store: HallStore, tmp_path: Path, seal: Seal, hall: Hall) -> None:
    left = Intake(store, Spool(tmp_path, seal), hall.deliver)
    left._spooled.set()
    await left.accept(CARD, fact("a"))
    assert hall.heard == []
    running = asyncio.create_task(Intake(store, Spool(tmp_path, seal), hall.deliver).run())
    await hall.hears("a")
    running.cancel()


async def test_full(store: HallStore, tmp_path: Path, seal: Seal, hall: Hall) -> None:
    intake = Intake(store, Spool(tmp_path, seal, limit_bytes=10), hall.deliver)
    intake._spooled.set()
    with pytest.raises(SpoolFull):
        await intake.accept(CARD, fact("a"))


async def test_one_delivery_refused_for_good_does_not_hold_up_the_rest(
    intake: Intake, hall: Hall, database: Database
) -> None:
    await database.pool.execute("ALTER TABLE raw_events ADD CONSTRAINT no_x CHECK (event_id <> 'x')")
    intake._spooled.set()
    for name in "axb":
        await intake.accept(CARD, fact(name))
    await hall.hears("a", "b")
    reason = await database.pool.fetchval("SELECT reason FROM raw_events WHERE state = 'set_aside'")
    assert "no_x" in reason


async def test_kept_and_never_handed_out_is_found_again(
    store: HallStore, database: Database, spool: Spool, hall: Hall, monkeypatch: pytest.MonkeyPatch, seal: Seal
) -> None:
    other = HallStore(database, seal, HALL)
    await other.keep(CARD, fact("a"))
    await other.close()
    monkeypatch.setattr(intakes, "_LOOK_SECONDS", 0.05)
    running = asyncio.create_task(Intake(store, spool, hall.deliver).run())
    await hall.hears("a")
    running.cancel()


def test_many_events_share_what_they_came_in() -> None:
    """A short delivery is kept with each of its events; a long one not a thousand times."""
    events: list[DeviceEvent] = [a_fact(str(number)) for number in range(1000)]
    short, aside = beside(Delivery(events=events), b"x" * 1000)
    assert [raw for _, raw in short] == [b"x" * 1000] * 1000
    assert not aside
    refused = [RefusedItem(number, "no call") for number in range(1000)]
    long, aside = beside(Delivery(events=events, refused=refused), b"x" * 200_000)
    assert [event for event, _ in long] == events
    assert [raw is None for _, raw in long] == [False] * 5 + [True] * 995
    ((body, reasons),) = aside
    assert (len(body), reasons[:13], len(reasons) <= 2000) == (200_000, "[0] no call; ", True)


async def test_of_what_an_edge_carries_only_the_bad_record_is_set_aside(
    intake: Intake, hall: Hall, database: Database
) -> None:
    """Several together are refused as they are, and come again one by one; the mark goes with each."""

    def mark(seq: int) -> Mark:
        return Mark(adapter=CARD, stream="s", seq=seq, up=True, heard_at=AT)

    await database.pool.execute("ALTER TABLE raw_events ADD CONSTRAINT no_x CHECK (event_id <> 'x')")
    together: list[tuple[DeviceEvent, bytes | None]] = [(a_fact(name), name.encode()) for name in "axb"]
    with pytest.raises(Conflict):
        await intake.accept(CARD, together, (), mark(3))
    assert (hall.heard, await database.pool.fetchval("SELECT count(*) FROM edge_marks")) == ([], 0)
    for seq, item in enumerate(together, 1):
        await intake.accept(CARD, [(a_fact(f"silence-{seq}"), b""), item], (), mark(seq))
        assert await database.pool.fetchval("SELECT seq FROM edge_marks") == seq
    assert hall.heard == ["silence-1", "a", "silence-3", "b"]
    assert await database.pool.fetchval("SELECT count(*) FROM raw_events WHERE reason LIKE '%no_x%'") >= 1
