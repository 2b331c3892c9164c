"""The day's figures reach the superior platform once; a day that is counted anew is sent again, as a new revision."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from hotline.handovers.figures import FiguresSender
from hotline.rosters.calendar import SHANGHAI
from hotline.store.engine import Database
from hotline.store.tables import DAY_REPORTS, FIGURES_UPWARD
from tests.adapters.bridges.stage import stage
from tests.handovers.kit import HALL, HandClock

MEASURES = [{"id": "offered", "label": "呼入量", "numerator": 12, "denominator": 1, "value": 12}]


class Nights:
    """Reports as the nightly job keeps them."""

    def __init__(self, database: Database) -> None:
        self.engine, self.clock = database.engine, HandClock()

    async def keep(self, days_ago: int, digest: str, state: str = "final") -> None:
        day = self.clock.now().astimezone(SHANGHAI).date() - timedelta(days=days_ago)
        made = {"made_at": self.clock.now(), "state": state, "measures": {"measures": MEASURES}, "digest": digest}
        async with self.engine.begin() as conn:
            await conn.execute(insert(DAY_REPORTS).values(hall=HALL, day=day, **made))

    async def counted_anew(self, digest: str) -> None:
        async with self.engine.begin() as conn:
            await conn.execute(update(DAY_REPORTS).where(DAY_REPORTS.c.state == "final").values(digest=digest))

    async def states(self) -> list[tuple[int, str]]:
        f = FIGURES_UPWARD.c
        async with self.engine.connect() as conn:
            return [tuple(row) for row in await conn.execute(select(f.revision, f.state).order_by(f.day, f.revision))]


@pytest.fixture
def nights(database: Database) -> Nights:
    return Nights(database)


async def test_each_day_once_and_again_when_it_is_counted_anew(nights: Nights, tmp_path: Path) -> None:
    await nights.keep(1, "a")
    await nights.keep(0, "b", "provisional")
    await nights.keep(30, "c")
    async with stage("http", tmp_path, kind="province") as there:
        sender = FiguresSender(nights.engine, there.bridge, hall=HALL, clock=nights.clock, leading=lambda: True)
        assert [await sender.look(), await sender.look()] == [1, 0]
        await nights.counted_anew("a2")
        assert [await sender.look(), await sender.look()] == [1, 0]
        kept: list[dict[str, Any]] = there.desk.ledger.everything()["figures"]
    assert await nights.states() == [(1, "sent"), (2, "sent")]
    assert [each["key"][-1] for each in kept] == ["1", "2"]
    assert '"value": 12' in kept[0]["document"]


async def test_who_is_away_gets_it_later(nights: Nights, tmp_path: Path) -> None:
    await nights.keep(1, "a")
    async with stage("folder", tmp_path, kind="province") as there:
        away = there.side.inbox.rename(there.side.inbox.with_name("gone"))
        sender = FiguresSender(nights.engine, there.bridge, hall=HALL, clock=nights.clock, leading=lambda: True)
        assert await sender.look() == 0
        away.rename(there.side.inbox)
        assert await sender.look() == 0  # not yet
        nights.clock.later(minutes=1)
        assert await sender.look() == 1
        there.side.look()
        assert len(there.desk.ledger.everything()["figures"]) == 1
    assert await nights.states() == [(1, "sent")]
