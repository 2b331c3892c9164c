"""A hall with tickets to be handed over, and the other side in our hands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from adapters.bridge import (
    BridgeAbility,
    News,
    NewsKind,
)
from hotline.handovers.courier import Courier
from hotline.handovers.hearing import hear
from hotline.handovers.records import Records
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import HANDOVER_EVENTS, HANDOVERS, TICKETS
from tests.handovers.other import BRIDGE, OtherSide, a_package

HALL = "city"
START = datetime(2026, 11, 20, 2, tzinfo=UTC)


class HandClock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)


class Office:
    """A hall, its courier and the other side."""

    def __init__(self, database: Database, seal: Seal, *abilities: BridgeAbility) -> None:
        self.engine = database.engine
        self.seal = seal
        self.clock = HandClock()
        self.other = OtherSide(self.clock, *abilities)
        self.courier = self.another()
        self._made = 0

    def another(self) -> Courier:
        """A courier that knows nothing: as after a restart."""
        return Courier(self.engine, self.seal, self.other, hall=HALL, clock=self.clock, leading=lambda: True)

    async def ticket(self) -> str:
        """A ticket of the hall."""
        self._made += 1
        number = f"CITY-20261120-{self._made:06d}"
        async with self.engine.begin() as conn:
            values = {"number": number, "hall": HALL, "day": self.clock.at.date(), "created_at": self.clock.at}
            await conn.execute(insert(TICKETS).values(state="open", **values))
        return number

    async def hand_over(self, ticket: str, turn: int = 1) -> int:
        """Have it sent; the hand-over's id."""
        package = a_package(ticket, HALL, BRIDGE, turn)
        async with self.engine.begin() as conn:
            return await Records(conn, hall=HALL, now=self.clock.now()).add(self.seal, package, by="acc-1")

    async def tells(self, kind: NewsKind, *, id: str, **about: Any) -> int:
        """The other side tells something; how much of it was new."""
        news = News(id=id, kind=kind, at=self.clock.now(), heard_at=self.clock.now(), **about)
        async with self.engine.begin() as conn:
            return await hear(conn, self.seal, hall=HALL, bridge=BRIDGE, news=[news], now=self.clock.now())

    async def row(self, handover: int) -> Row[Any]:
        async with self.engine.connect() as conn:
            return (await conn.execute(select(HANDOVERS).where(HANDOVERS.c.id == handover))).one()

    async def told(self, handover: int) -> list[str]:
        """What stands in its history."""
        e = HANDOVER_EVENTS.c
        async with self.engine.connect() as conn:
            rows = await conn.execute(select(e.what).where(e.handover == handover).order_by(e.id))
            return [row.what for row in rows]

    async def claimed_by_the_dead(self, handover: int) -> None:
        """As if a process had been killed in the middle of sending it."""
        async with self.engine.begin() as conn:
            dead = {"claim": "dead", "claimed_until": self.clock.now() + timedelta(seconds=120), "tries": 1}
            await conn.execute(update(HANDOVERS).where(HANDOVERS.c.id == handover).values(**dead))

    async def until_quiet(self, *, rounds: int = 40, minutes: float = 10) -> None:
        """Rounds, with time passing between them, until nothing moves."""
        for _ in range(rounds):
            if not await self.courier.round():
                self.clock.later(minutes=minutes)
