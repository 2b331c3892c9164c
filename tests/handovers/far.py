"""A hall whose hand-overs go to a real receiver: the peer simulator in a process of its own, with its own ledger."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import exists, func, select
from starlette.applications import Starlette

from adapters.bridge import Bridge
from adapters.bridges.peer_ledger import Ledger
from adapters.bridges.peer_serving import listening
from hotline.api import bridge_callbacks
from hotline.clock import WallClock
from hotline.handovers.courier import Courier
from hotline.handovers.handover import HandoverState as S
from hotline.handovers.polling import Poller
from hotline.handovers.records import Records
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import HANDOVERS
from tests.adapters.bridges.stage import PATIENCE_SECONDS, build, package
from tests.handovers.kit import HALL, HandClock, Office

BRIDGE: Final = "city"
MANY: Final = int(os.environ.get("FAR_HANDOVERS", "40"))
"""How many are sent through each storm of faults."""
SHIPPED: Final = Path("adapters/bridges/line12345/mapping.toml")
ABILITIES: Final = {
    "deduplicates": {},
    "can ask": {"deduplicates = true": "deduplicates = false"},
    "neither": {"deduplicates = true": "deduplicates = false", 'ask = "/handovers/{key}"\n': ""},
}
"""How the shipped mapping is changed for a receiver that can do less."""


class Far:
    """The hall's side: queue, courier and news; the other side's ledger is read from its file."""

    def __init__(self, database: Database, seal: Seal, folder: Path, bridge: Bridge) -> None:
        self.office = Office(database, seal)
        self.engine, self.seal, self.clock = database.engine, seal, self.office.clock
        self.bridge = bridge
        self._folder = folder
        self.courier = self.another()
        self.poller = Poller(self.engine, seal, bridge, hall=HALL, clock=self.clock, leading=lambda: True)

    def another(self, clock: HandClock | None = None) -> Courier:
        """A courier that knows nothing: as after a restart."""
        return Courier(self.engine, self.seal, self.bridge, hall=HALL, clock=clock or self.clock, leading=lambda: True)

    async def queue(self, tickets: int, turns: int = 1) -> list[int]:
        """So many tickets, each handed over so often, in that order; the hand-overs' ids."""
        made: list[int] = []
        for number in [await self.office.ticket() for _ in range(tickets)]:
            for turn in range(1, turns + 1):
                wanted = package(f"{number}-{BRIDGE}-{turn}", local_no=number, hall=HALL, peer=BRIDGE)
                async with self.engine.begin() as conn:
                    records = Records(conn, hall=HALL, now=self.clock.now())
                    made.append(await records.add(self.seal, wanted, by="acc-1"))
        return made

    async def states(self) -> Counter[str]:
        """How many hand-overs are in which state."""
        async with self.engine.connect() as conn:
            return Counter((await conn.execute(select(HANDOVERS.c.state))).scalars())

    async def behind_doubts(self) -> int:
        """How many are to be sent, and wait for an earlier one of their ticket that is in doubt."""
        h, earlier = HANDOVERS.c, HANDOVERS.alias()
        doubt = exists().where(earlier.c.ticket == h.ticket, earlier.c.id < h.id, earlier.c.state == S.IN_DOUBT)
        async with self.engine.connect() as conn:
            found = await conn.scalar(select(func.count()).where(h.state == S.PREPARED, doubt))
        return int(found or 0)

    def in_order(self) -> bool:
        """Were the cases of every ticket opened in the order of its hand-overs?"""
        opened: dict[str, list[str]] = {}
        for case in self.ledger()["cases"]:
            opened.setdefault(case["local_no"], []).append(case["key"])
        return all(keys == sorted(keys) for keys in opened.values())

    def ledger(self) -> Mapping[str, list[dict[str, Any]]]:
        """What really happened there."""
        return self.ledger_of(self._folder)

    @staticmethod
    def ledger_of(folder: Path) -> Mapping[str, list[dict[str, Any]]]:
        """The same of whichever receiver keeps its ledger below that folder."""
        ledger = Ledger(folder / "peer" / "ledger.sqlite")
        try:
            return ledger.everything()
        finally:
            ledger.close()

    def effects(self) -> Counter[str]:
        """How many cases were opened there, by key."""
        return Counter(case["key"] for case in self.ledger()["cases"])

    async def until(self, true: Callable[[], Awaitable[bool]], *, minutes: float = 2) -> None:
        """Rounds and looks for news, with time passing where nothing moves, until it is so."""
        async with asyncio.timeout(PATIENCE_SECONDS * 2 + MANY):
            while not await true():
                moved = await self.courier.round()
                if "polled" in self.bridge.abilities:
                    moved += await self.poller.look()
                if not moved:
                    self.clock.later(minutes=minutes)
                    await asyncio.sleep(0.02)


def mapping(folder: Path, can: str) -> Path:
    """A mapping for a receiver with these abilities."""
    text = SHIPPED.read_text("utf-8")
    for old, new in ABILITIES[can].items():
        assert old in text
        text = text.replace(old, new)
    file = folder / "mapping.toml"
    file.write_text(text, "utf-8")
    return file


def to_http(folder: Path, url: str, can: str = "deduplicates", answer_seconds: float = 0.5) -> Bridge:
    """The bridge to a receiver at that address."""
    http = {"url": url, "secret": "env:PEER", "answer_seconds": answer_seconds}
    keys = {"kind": "line12345", "mapping": str(mapping(folder, can)), "callback": {"secrets": ["env:PEER"]}}
    return build(folder, keys | {"http": http})


@asynccontextmanager
async def our_door() -> AsyncIterator[tuple[str, Callable[[Far], None]]]:
    """Where the receiver pushes its news, by the service's own route; and how the hall is told to it."""
    app = Starlette(routes=bridge_callbacks.ROUTES)
    app.state.bridges = {}

    def opens(far: Far) -> None:
        app.state.bridges = {BRIDGE: (far.bridge, HALL)}
        app.state.engine, app.state.seal, app.state.clock = far.engine, far.seal, WallClock()

    async with listening(app) as port:
        yield f"http://127.0.0.1:{port}/api/v1/bridges/{BRIDGE}/callback", opens
