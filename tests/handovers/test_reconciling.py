"""Both sides' lists of a day, over each way: what differs is kept, shown, settled, and gone when it agrees again."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from adapters.bridge import NotNow, Standing
from hotline.clock import WallClock
from hotline.handovers.courier import Courier
from hotline.handovers.handover import HandoverState as S
from hotline.handovers.reconciling import Reconciler
from hotline.handovers.records import Records
from hotline.rosters.calendar import SHANGHAI
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import HANDOVER_COMPARISONS, HANDOVER_DIFFERENCES, HANDOVERS
from tests.adapters.bridges.stage import Stage, package, stage
from tests.handovers.kit import HALL, Office

CLOCK = WallClock()


class House:
    """A hall that has handed over to a receiver whose ledger can be meddled with."""

    def __init__(self, database: Database, seal: Seal, there: Stage, folder: Path) -> None:
        self.office = Office(database, seal)
        self.engine, self.there = database.engine, there
        self.courier = Courier(self.engine, seal, there.bridge, hall=HALL, clock=CLOCK, leading=lambda: True)
        self.reconciler = Reconciler(self.engine, there.bridge, hall=HALL, clock=CLOCK)
        self._ledger = folder / "peer" / "ledger.sqlite"

    async def hand_over(self, count: int) -> list[str]:
        keys: list[str] = []
        for _ in range(count):
            ticket = await self.office.ticket()
            keys.append(f"{ticket}-city-1")
            async with self.engine.begin() as conn:
                records = Records(conn, hall=HALL, now=CLOCK.now())
                await records.add(
                    self.office.seal, package(keys[-1], local_no=ticket, hall=HALL, peer="city"), by="acc-1"
                )
        await self.courier.round()
        await self.there.look()
        return keys

    def meddle(self, statement: str, *values: str) -> None:
        """Something happens to the receiver's ledger."""
        with sqlite3.connect(self._ledger) as book:
            book.execute(statement, values)

    async def compare(self) -> Mapping[str, str]:
        """Compare today; what differs, by number."""
        today = CLOCK.now().astimezone(SHANGHAI).date()
        if self.there.way == "folder":
            self.there.side.lay_list(today)
        return {each.number: each.why.value for each in (await self.reconciler.compare(today)).found}

    async def open(self) -> dict[str, str]:
        """What nobody has settled."""
        d = HANDOVER_DIFFERENCES.c
        async with self.engine.connect() as conn:
            rows = await conn.execute(select(d.number, d.why).where(d.settled_at.is_(None)))
            return {row.number: row.why for row in rows}


@pytest.mark.parametrize("way", ["http", "folder", "table"])
async def test_both_say_the_same(
    database: Database, seal: Seal, tmp_path: Path, empty_database_url: str, way: str
) -> None:
    async with stage(way, tmp_path, silent=True, url=empty_database_url) as there:
        house = House(database, seal, there, tmp_path)
        await house.hand_over(3)
        assert await house.compare() == {}
        async with database.engine.connect() as conn:
            row: Any = (await conn.execute(select(HANDOVER_COMPARISONS))).one()
        assert (row.ours, row.theirs, row.found, row.error) == (3, 3, 0, "")


async def test_what_differs_stays_until_it_agrees(database: Database, seal: Seal, tmp_path: Path) -> None:
    async with stage("http", tmp_path, silent=True) as there:
        house = House(database, seal, there, tmp_path)
        gone, further, twice, doubted = await house.hand_over(4)
        house.meddle("DELETE FROM cases WHERE key = ?", gone)
        house.meddle("UPDATE cases SET state = 'done' WHERE key = ?", further)
        copied = "SELECT case_no || 'x', key, local_no, way, at, state, document FROM cases WHERE key = ?"
        house.meddle(f"INSERT INTO cases (case_no, key, local_no, way, at, state, document) {copied}", twice)
        house.meddle(
            "INSERT INTO cases (case_no, key, local_no, way, at, state, document)"
            " VALUES ('Z-1', 'never-sent', 'T-0', 'http', ?, 'accepted', '{}')",
            CLOCK.now().isoformat(),
        )
        async with database.engine.begin() as conn:
            lost = {"state": S.IN_DOUBT.value, "their_no": "", "sent_at": None, "in_doubt_at": CLOCK.now()}
            await conn.execute(update(HANDOVERS).where(HANDOVERS.c.key == doubted).values(**lost))
        expected = {gone: "missing_there", further: "state", twice: "twice_there", "never-sent": "unknown_here"}
        assert await house.compare() == expected
        assert await house.open() == expected
        async with database.engine.begin() as conn:
            # In their list: it has arrived.
            row = (await conn.execute(select(HANDOVERS).where(HANDOVERS.c.key == doubted))).one()
            assert (row.state, row.their_no != "") == (S.ACKNOWLEDGED, True)
            known = {"settled_at": CLOCK.now(), "settled_by": "acc-1", "reason": "对方重复录入"}
            await conn.execute(
                update(HANDOVER_DIFFERENCES).where(HANDOVER_DIFFERENCES.c.number == "never-sent").values(**known)
            )
        house.meddle("UPDATE cases SET state = 'acknowledged' WHERE key = ?", further)
        await house.compare()
        # What agrees is settled; what a person has settled does not come up again.
        assert await house.open() == {gone: "missing_there", twice: "twice_there"}


async def test_a_list_that_cannot_be_had_is_asked_for_again(database: Database, seal: Seal, tmp_path: Path) -> None:
    async with stage("folder", tmp_path, silent=True) as there:
        reconciler = Reconciler(database.engine, there.bridge, hall=HALL, clock=CLOCK)
        yesterday = (CLOCK.now() - timedelta(days=1)).astimezone(SHANGHAI).date()
        before = [yesterday - timedelta(days=2), yesterday - timedelta(days=1), yesterday]
        assert await reconciler.due(yesterday) == before
        with pytest.raises(NotNow):
            await reconciler.compare(yesterday)
        assert await reconciler.due(yesterday) == before
        for day in before:
            there.side.lay_list(day)
            await reconciler.compare(day)
        assert await reconciler.due(yesterday) == []
        assert datetime.now(SHANGHAI).date() > yesterday


async def test_a_list_of_strangers_however_long_is_kept(
    database: Database, seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, day = Office(database, seal), CLOCK.now().astimezone(SHANGHAI).date()
    listed = [Standing(key=f"stranger-{number}") for number in range(40_000)]

    async def list_day(day: date) -> Sequence[Standing]:
        return listed

    monkeypatch.setattr(office.other, "list_day", list_day)
    reconciler = Reconciler(database.engine, office.other, hall=HALL, clock=CLOCK)
    assert len((await reconciler.compare(day)).found) == 40_000
    del listed[10:]
    assert len((await reconciler.compare(day)).found) == 10
    d = HANDOVER_DIFFERENCES.c
    async with database.engine.connect() as conn:
        rows = await conn.execute(select(d.settled_by, func.count()).group_by(d.settled_by))
        assert {row[0]: row[1] for row in rows} == {"system": 39_990, None: 10}
