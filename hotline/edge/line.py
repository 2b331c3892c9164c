"""One line at an edge: what its wires say is on disk before they are read on, and waits there for the core.

The wires are kept by the same code as at the core (`hotline/listen.py`); here nothing is decoded and nothing concluded.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from adapters.telephony import AdapterName, Delivery, LinkUp, TelephonyAdapter
from hotline.clock import Clock
from hotline.edge.protocol import Down, Frame, Offered, Record, Up, encode
from hotline.edge.spool import Spool
from hotline.edge.stream import Outgoing, RolledBack
from hotline.hall.inputs import Heard, Input, LinkLost
from hotline.store.errors import SpoolFull

log = structlog.get_logger()

FULL_SECONDS: Final = 1.0
"""A spool that is full is tried again after that; the wire's own buffer has to hold meanwhile."""


class Line:
    """One adapter's records, from its wires to its spool, and how far the core has them."""

    def __init__(self, adapter: TelephonyAdapter, spool: Spool, clock: Clock, news: Callable[[], None]) -> None:
        """`news` is called when there is something to send."""
        self.adapter = adapter
        self.name: AdapterName = adapter.name
        self.spool = spool
        self.outgoing = Outgoing(spool.last)
        self.refused = ""
        """Why the core does not take this line; empty: it does."""
        self._clock = clock
        self._news = news
        self.up_since: datetime | None = None
        self._held = 0
        """Frames that are not on disk yet."""
        self._full = False
        self._looked: datetime | None = None
        self._notes = deque[Record]()
        """What is told of the wires, or by a device that obeys, and is not on disk yet, oldest first."""
        self._noting: asyncio.Task[None] | None = None

    async def offer(self) -> Offered:
        """What the core is told of it."""
        return Offered(stream=self.spool.stream, last=self.spool.last, up_since=self.up_since)

    async def deliver(self, _: AdapterName, body: bytes, heard_at: datetime) -> Delivery:
        """A wire's frame: returns when it is on disk, whatever fails meanwhile. Nothing is decoded here."""
        self._held += 1
        try:
            if self._noting is not None:
                await asyncio.wait([self._noting])  # what is told of the wires comes before what they say then
            await self._until_kept(Frame(heard_at, body))
        finally:
            self._held -= 1
        return Delivery(events=[])

    async def pushed(self, body: bytes, heard_at: datetime) -> None:
        """A gateway's delivery: returns when it is on disk. Raises `SpoolFull`: it repeats the delivery then."""
        await self._keep(Frame(heard_at, body))

    def put(self, input: Input) -> None:
        """The device can be heard, or cannot."""
        now = self._clock.now()
        match input:
            case Heard(LinkUp(detail=detail)):
                self.up(detail)
            case LinkLost(detail=detail):
                self.up_since = None
                self._note(Down(now, detail))
            case _:
                raise AssertionError(f"no word of a wire: {type(input).__name__}")

    def up(self, detail: str) -> None:
        """It can be heard from now on."""
        self.up_since = self._clock.now()
        log.info("wire is open", adapter=self.name, detail=detail)
        self._note(Up(self.up_since, detail))

    def was_away(self, since: datetime) -> None:
        """The edge itself did not run from then until now."""
        self._note(Down(since, "边缘机停止过"))

    async def connected(self, mark: int) -> bool:
        """The core has everything up to there. False: it has more than we know of, and a new stream has begun."""
        try:
            self.outgoing.connected(mark)
        except RolledBack:
            log.error("the core has more than our files: they were put back. A new stream begins", adapter=self.name)
            await self.spool.begin_anew(self.outgoing.known)
            self.outgoing = Outgoing(self.spool.last)
            return False
        self.spool.forget(mark)
        return True

    def acknowledged(self, seq: int) -> None:
        """It is durable there."""
        self.outgoing.ack(seq)
        self.spool.forget(self.outgoing.acknowledged)
        self._news()

    def all_until(self, now: datetime) -> datetime | None:
        """Everything that was heard until then has been sent; None: not all is. A look back, not at this moment: what
        has just come may not have got as far as the spool."""
        looked, self._looked = self._looked, now
        if self._held or self._notes or self.spool.in_hand or not self.outgoing.all_sent:
            self._looked = None
            return None
        return looked

    async def close(self) -> None:
        """Everything that was heard is on disk."""
        if self._noting is not None:
            await asyncio.wait([self._noting], timeout=FULL_SECONDS)
            self._noting.cancel()
        await self.spool.close()

    def _note(self, record: Record) -> None:
        self._notes.append(record)
        if self._noting is None or self._noting.done():
            self._noting = asyncio.create_task(self._write_notes(), name=f"notes {self.name}")

    async def _write_notes(self) -> None:
        """One after the other, so that an `Up` never comes before the `Down` that it ends."""
        while self._notes:
            await self._until_kept(self._notes[0])
            self._notes.popleft()

    async def _until_kept(self, record: Record) -> None:
        while True:
            try:
                await self._keep(record)
            except SpoolFull:
                await asyncio.sleep(FULL_SECONDS)
            else:
                return

    async def _keep(self, record: Record) -> None:
        """A few bytes of evidence are kept where frames are not any more. Raises `SpoolFull`."""
        self._held += 1
        try:
            await self.spool.append(encode(record), beyond=not isinstance(record, Frame))
            self.outgoing.last = self.spool.last
        except SpoolFull as full:
            if not self._full:
                words = "本地暂存已写满：串口暂不再读，网关的推送被退回。请检查到中心的网络；磁盘够大时可调大 spool_mb"
                log.error(words, adapter=self.name, bytes=self.spool.size, detail=str(full))
            self._full = True
            raise
        finally:
            self._held -= 1
        if self._full and isinstance(record, Frame):
            log.warning("本地暂存又有空间了", adapter=self.name)
            self._full = False
        self._news()
