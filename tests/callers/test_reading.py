"""The book as a hall reads it, and how it hears of what another process changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import update

from hotline.audit.trail import Doer
from hotline.callers.book import CallerBook, Entries
from hotline.callers.reading import read_book
from hotline.callers.service import Register, Wish
from hotline.callers.treatment import Kind, Level, Policy
from hotline.callers.watch import Watch
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import CALLER_RULES, CALLS
from tests.api.site import Site

A, B = "13800138000", "13900139000"
DOER = Doer(account="acc-1", work_number="2001")
POLICY = Policy()


@pytest_asyncio.fixture
async def site(database: Database, seal: Seal, tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(database, seal, tmp_path / "state")
    await made.populate()
    yield made
    made.passwords.close()


class Leader:
    """A hall that hears only while it leads."""

    def __init__(self, site: Site) -> None:
        self.leading = True
        self.book = CallerBook()
        self.heard: list[set[str]] = []
        self.watch = Watch(site.engine, site.seal, "h1", POLICY, site.clock, lambda: self.leading, self._hear)

    def _hear(self, hall: str, entries: Entries) -> None:
        assert hall == "h1"
        self.heard.append(set(entries))
        self.book.change(entries)


async def make(site: Site, number: str, kind: Kind = Kind.MINOR, hall: str = "h1", **more: Any) -> str:
    async with site.engine.begin() as conn:
        register = Register(conn, site.seal, hall=hall, doer=DOER, now=site.clock.now())
        return (await register.make(number, Wish(kind=kind, reason="自述", **more))).id


async def test_a_hall_reads_its_own_callers(site: Site) -> None:
    await make(site, A)
    await make(site, B, hall="h2")
    async with site.engine.connect() as conn:
        book = await read_book(conn, site.seal, "h1", site.clock.now(), POLICY)
    assert (len(book), book.of(A, site.clock.now()).priority) == (1, 2)


async def test_a_spoilt_row_costs_its_own_rule_only(site: Site) -> None:
    spoilt = await make(site, A)
    await make(site, B)
    async with site.engine.begin() as conn:
        values = {"caller_sealed": b"\x02k1" + bytes(40)}
        await conn.execute(update(CALLER_RULES).where(CALLER_RULES.c.id == spoilt).values(**values))
        book = await read_book(conn, site.seal, "h1", site.clock.now(), POLICY)
    assert (len(book), book.of(B, site.clock.now()).priority) == (1, 2)


async def test_todays_calls_of_limited_callers_are_counted_again_after_a_restart(site: Site) -> None:
    today = site.clock.now().date()
    await make(site, A, Kind.HARASSING, level=Level.LIMITED, review_on=today + timedelta(days=9))
    for caller, at in (
        (A, site.clock.now()),
        (A, site.clock.now()),
        (A, site.clock.now() - timedelta(days=1)),
        (B, None),
    ):
        await site.call(caller=caller, at=at)
    turned_away, _ = await site.call(caller=A, operator=None)
    async with site.engine.begin() as conn:
        await conn.execute(update(CALLS).where(CALLS.c.id == turned_away).values(outcome="blocked"))
        book = await read_book(conn, site.seal, "h1", site.clock.now(), POLICY)
    assert (book.calls_today(A, site.clock.now()), book.calls_today(B, site.clock.now())) == (2, 0)


async def test_what_another_process_changed_is_heard_once(site: Site) -> None:
    hall = Leader(site)
    assert await hall.watch.look() == 0
    rule = await make(site, A)
    await make(site, B, hall="h2")
    assert [await hall.watch.look() for _ in range(2)] == [1, 0]
    assert hall.book.of(A, site.clock.now()).priority == 2
    site.clock.forward(seconds=5)
    async with site.engine.begin() as conn:
        await Register(conn, site.seal, hall="h1", doer=DOER, now=site.clock.now()).end(rule, "有误")
    assert [await hall.watch.look() for _ in range(2)] == [1, 0]
    assert len(hall.book) == 0
    site.clock.forward(minutes=10)
    assert await hall.watch.look() == 0
    assert hall.heard == [{A}, {A}]


async def test_who_begins_to_lead_hears_what_was_changed_just_before(site: Site) -> None:
    """A rule may be committed after the book was read and before the hall hears: it is told once more."""
    hall = Leader(site)
    await make(site, A)
    await hall.watch.look()
    hall.leading = False
    assert await hall.watch.look() == 0
    hall.leading, hall.book = True, CallerBook()
    assert await hall.watch.look() == 1
    assert hall.book.of(A, site.clock.now()).priority == 2


async def test_a_commit_that_took_long_is_not_missed(site: Site) -> None:
    hall = Leader(site)
    await make(site, A)
    site.clock.forward(seconds=100)
    await make(site, B)
    assert await hall.watch.look() == 2


async def test_it_goes_on_when_the_database_is_away(site: Site) -> None:
    """Fails, and looks again at the next turn."""
    hall = Leader(site)
    await make(site, A)
    turns = 0

    class Enough(Exception):
        pass

    async def sleep(seconds: float) -> None:
        nonlocal turns
        turns += 1
        if turns == 1:
            assert hall.heard == []
            hall.watch._engine = site.engine
        else:
            raise Enough

    class Away:
        def connect(self) -> Any:
            raise ConnectionRefusedError

    hall.watch._engine = Away()  # pyright: ignore[reportAttributeAccessIssue]  # a database that is not there
    try:
        await hall.watch.run(sleep)
    except Enough:
        assert hall.heard == [{A}]
