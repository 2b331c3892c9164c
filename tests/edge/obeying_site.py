"""A core with a real database, an edge with a voice modem, and the network between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.telephony import AdapterName, PhoneKind
from hotline import carried_recordings, edges, supervise
from hotline.clock import Clock
from hotline.edge import carrier, obeying, protocol
from hotline.edge.run import Box
from hotline.hall.hall import Hall
from hotline.hall.inputs import SYSTEM, Actor, DefineSeat, SignIn
from hotline.obeyed import Obeyed
from hotline.settings import EdgeTable, HallTable, QueueTable, ServiceTable, Settings
from seats.seat import SeatNo
from tests.adapters.modem.bench import SEAT, Bench
from tests.adapters.modem.bench import settings as line_of
from tests.edge.kit import EDGE, Core, Network, core, edge, edge_settings, fetch, until

FRONT = AdapterName("front")
DESK = SeatNo("1")
MASKED = "138****8000"


def quicken(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds in life."""
    monkeypatch.setattr(supervise, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(supervise, "LONGEST_PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(protocol, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(edges, "AWAY_SECONDS", 0.2)
    monkeypatch.setattr(carrier, "CLOSE_SECONDS", 0.1)
    monkeypatch.setattr(obeying, "STILL_SECONDS", 0.2)
    monkeypatch.setattr(carried_recordings, "LOOK_SECONDS", 0.1)


class Site:
    """A core, an edge with a modem, and the network between them."""

    def __init__(self, there: Core, box: Box, network: Network, bench: Bench, url: str) -> None:
        self.core, self.box, self.network, self.bench, self._url = there, box, network, bench, url

    @property
    def hall(self) -> Hall:
        return self.core.hall

    @property
    def line(self) -> Obeyed:
        line = self.hall.adapters[FRONT]
        assert isinstance(line, Obeyed)
        return line

    async def connected(self, connected: bool = True) -> None:
        await until(lambda: self.hall.state.links.get(FRONT) is connected, f"the link is there: {connected}")

    async def calls(self, count: int) -> list[tuple[Any, ...]]:
        query = (
            "SELECT caller_masked, outcome, inferred, backfilled FROM calls WHERE state = 'ended' ORDER BY offered_at"
        )
        async with asyncio.timeout(30):
            while len(found := await fetch(self._url, query)) < count:
                await asyncio.sleep(0.05)
        return found


def line_at(bench: Bench, folder: Path) -> dict[str, Any]:
    return {"kind": "modem", **line_of(bench.end.name, folder / "edge", ring_gap_seconds=1)}


def settings_of(url: str, folder: Path, line: dict[str, Any], **hall: Any) -> Settings:
    key = folder / "core.key"
    key.write_text("a-secret-of-the-tests-that-is-long-enough\n")
    queue = QueueTable(label="人工服务", groups=["all"])
    table = HallTable(label="大厅", default_queue="main", queues={"main": queue}, **hall)
    return Settings(
        halls={"h1": table},
        service=ServiceTable(state_dir=folder / "core"),
        adapters={"front": {**line, "edge": EDGE}},
        edges={EDGE: EdgeTable(secret=f"file:{key}")},
        database_url=url,  # pyright: ignore[reportArgumentType]
    )


@asynccontextmanager
async def site(
    url: str, folder: Path, network: Network, clock: Clock | None = None, **hall: Any
) -> AsyncIterator[Site]:
    bench = Bench("modem-usr")
    bench.plug_in()
    line = line_at(bench, folder)
    try:
        async with core(settings_of(url, folder, line, **hall), clock=clock) as there:
            network._there = there.port
            await network.start()
            async with edge(edge_settings(network.port, folder / "edge" / "state", {"front": line})) as box:
                made = Site(there, box, network, bench, url)
                await made.connected()
                yield made
    finally:
        await bench.unplug()


async def a_lawyer_sits_there(hall: Hall) -> None:
    await hall.ask(DefineSeat(seat=DESK, extension=SEAT, groups=("all",)), SYSTEM)
    await hall.ask(SignIn(seat=DESK, phone_kind=PhoneKind.DESK), Actor(account="a", work_number="1001"))


def any_live(box: Box) -> bool:
    adapter = box.lines[0].adapter
    lines = adapter._lines.values()  # pyright: ignore[reportAttributeAccessIssue]
    return any(line.book.live is not None for line in lines)


async def one_rings(bench: Bench, box: Box) -> None:
    """And that he does is on the edge's disk."""
    bench.rings()
    await until(lambda: any_live(box), "it rings, at the edge")
    await until(lambda: not box.lines[0]._notes, "that is on its disk")


async def one_gives_up(bench: Bench, box: Box) -> None:
    """One ring, then nothing."""
    await one_rings(bench, box)
    await until(lambda: not any_live(box), "his call is over, at the edge")
    await until(lambda: not box.lines[0]._notes, "that is on its disk")
