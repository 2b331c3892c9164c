"""The edges (边缘机) that a core knows: who carries which lines, is it there, and what does it mean when it is not?

While an edge is away its lines are shown as down, since nobody hears them here. That is no evidence of a gap by itself:
the edge goes on listening, and when it is back it says since when, so the gap that was noted closes where it began.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import structlog

from adapters.errors import LinkDown
from adapters.telephony import AdapterName, LinkUp, PortStatus
from hotline.clock import Clock
from hotline.edge.asked import Answer, Asked
from hotline.edge.protocol import SKEW_SECONDS, Beat
from hotline.hall.hall import Hall
from hotline.hall.inputs import Heard, LinkLost, Snapshot
from hotline.metrics import EDGE_AHEAD, EDGE_CONNECTED, EDGE_WAITING

log = structlog.get_logger()

AWAY_SECONDS: Final = 10.0
"""A connection that is back within that was hardly gone."""


class Connection(Protocol):
    """One WebSocket of an edge."""

    async def ask(self, adapter: AdapterName, question: Asked) -> Answer:
        """Raises `LinkDown` when it ends before the answer is here."""
        ...

    async def give_way(self) -> None:
        """Close it; returns when nothing of it goes on."""
        ...


class Edge:
    """One edge of the settings."""

    def __init__(self, name: str, secret: str, lines: Mapping[AdapterName, Hall], clock: Clock) -> None:
        self.name = name
        self.secret = secret
        self.lines = lines
        """The adapters that it may speak for, each with its hall."""
        self._clock = clock
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        self._away: asyncio.Task[None] | None = None
        self._skewed = False
        EDGE_CONNECTED.labels(name).set(0)

    @property
    def leading(self) -> bool:
        """This process writes for every hall concerned."""
        return all(hall.leading for hall in self.lines.values())

    async def ask(self, adapter: AdapterName, question: Asked) -> Answer:
        """Have something done at a device that obeys. Raises `LinkDown`."""
        if self._connection is None:
            raise LinkDown(f"边缘机 {self.name} 失去联系")
        return await self._connection.ask(adapter, question)

    async def arrived(self, connection: Connection) -> None:
        """It is connected. An older connection is dead, whatever TCP believes: it gives way first."""
        async with self._turn:
            if self._connection is not None:
                log.warning("edge connects anew: the older connection gives way", edge=self.name)
                await self._connection.give_way()
            self._connection = connection
        if self._away is not None:
            self._away.cancel()
            self._away = None
        EDGE_CONNECTED.labels(self.name).set(1)
        log.info("edge is connected", edge=self.name, adapters=sorted(self.lines))

    def left(self, connection: Connection, why: str) -> None:
        """That connection is over."""
        if self._connection is not connection:
            return
        self._connection = None
        EDGE_CONNECTED.labels(self.name).set(0)
        log.warning("edge is away", edge=self.name, detail=why)
        self._away = asyncio.create_task(self._stays_away(self._clock.now()), name=f"edge {self.name} away")

    def beat(self, beat: Beat) -> None:
        """What it says of itself."""
        for name, waiting in beat.waiting.items():
            if name in self.lines:
                EDGE_WAITING.labels(self.name, name).set(waiting)
        if beat.ahead is None:
            return
        EDGE_AHEAD.labels(self.name).set(beat.ahead)
        skewed = abs(beat.ahead) > SKEW_SECONDS
        if skewed and not self._skewed:
            log.warning("the edge's clock is wrong", edge=self.name, seconds_ahead=round(beat.ahead, 1))
        elif self._skewed and not skewed:
            log.info("the edge's clock is right again", edge=self.name)
        self._skewed = skewed

    async def _stays_away(self, since: datetime) -> None:
        await asyncio.sleep(AWAY_SECONDS)
        for name, hall in self.lines.items():
            if hall.leading and hall.state.links.get(name):
                lost(hall, name, f"边缘机 {self.name} 失去联系", since)


def heard(hall: Hall, name: AdapterName, at: datetime, detail: str, event_id: str) -> None:
    """The device can be heard since then."""
    facts: dict[str, Any] = {"at": at, "heard_at": hall.clock.now()}
    hall.put(Heard(LinkUp(adapter=name, event_id=event_id, detail=detail[:500], **facts)))


def seen(hall: Hall, name: AdapterName, asked_at: datetime, ports: Sequence[PortStatus], *, routine: bool) -> None:
    """These calls were live on the device then."""
    hall.put(Snapshot(adapter=name, asked_at=asked_at, ports=tuple(ports), routine=routine))


def lost(hall: Hall, name: AdapterName, detail: str, at: datetime) -> None:
    """It could not be heard from then on."""
    hall.put(LinkLost(name, detail[:500], at))
