"""One line that an edge carries, on one connection: records come in, and are durable up to a number that goes out.

A batch is decoded in its order and kept in one statement, together with the mark of its last record. Whether it was
kept when the database did not answer, the mark says: it is read again, through the same connection that kept it, before
anything is decoded twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Final, assert_never

import msgspec
import structlog

from adapters.telephony import AdapterName
from hotline import edges
from hotline.carried import placed
from hotline.edge.protocol import (
    RECORD_BYTES,
    WINDOW,
    WINDOW_BYTES,
    Carry,
    Down,
    Frame,
    NotUnderstood,
    Offered,
    Part,
    Probed,
    Seen,
    Up,
    record,
)
from hotline.edge.stream import NOTHING, Incoming, Verdict
from hotline.hall.hall import Hall
from hotline.lines.health import Probe
from hotline.obeyed import Obeyed
from hotline.store.errors import Conflict, StoreAway
from hotline.store.marks import Mark

log = structlog.get_logger()

BATCH: Final = 64
"""Records that are kept in one statement."""
BATCH_BYTES: Final = 128 * 1024
"""What was pushed is kept once with each of its events."""
DELAYED_SECONDS: Final = 10.0
"""What was heard longer ago is a backlog."""
AGAIN_SECONDS: Final = 1.0
"""A batch that could not be kept is tried again after that."""

PROBE_CHARS: Final = 500
"""Of what a device says of itself."""


class TooMuch(Exception):
    """The edge sends more than the window allows."""


class CarriedLine:
    """One adapter of one connection."""

    def __init__(self, name: AdapterName, hall: Hall, offered: Offered) -> None:
        self.name = name
        self._hall = hall
        self._offered = offered
        adapter = hall.adapters[name]
        self._obeyed = adapter if isinstance(adapter, Obeyed) else None
        self._live = frozenset(offered.live) if offered.live is not None else None
        self._incoming = Incoming(NOTHING)
        self._mark: Mark | None = None
        self._came = deque[tuple[int, bytes]]()
        self._bytes = 0
        self._parts = bytearray()
        self._until: datetime | None = None
        self._news = asyncio.Event()
        self._late: str = ""
        """What is wrong with the edge's times, once it was told."""
        self._behind = 0.0
        """Seconds by which the edge's clock is behind ours: so much older its times look than they are."""
        self._delayed: bool | None = None
        """What comes was heard a while ago; None: not known yet."""

    async def begin(self, *, in_earnest: bool) -> int:
        """Number of the last record that is durable. Raises `StoreAway`."""
        self._mark = await self._hall.carried_to(self.name, self._offered.stream)
        self._incoming = Incoming(self._mark.seq if self._mark is not None else NOTHING)
        if in_earnest:
            if self._mark is not None and self._mark.up:
                self._is_heard(self._mark.heard_at)
            self._caught_up()
        return self._incoming.mark

    def came(self, said: Carry | Part) -> None:
        """Records, or a piece of one. Raises `TooMuch`."""
        match said:
            case Carry():
                for seq, data in enumerate(said.records, said.seq):
                    self._one(seq, data)
            case Part():
                self._parts += said.data
                if len(self._parts) > RECORD_BYTES:
                    raise TooMuch
                if said.last:
                    self._one(said.seq, bytes(self._parts))
                    self._parts.clear()
            case _:
                assert_never(said)
        self._news.set()

    def beat(self, until: datetime | None, ahead: float | None) -> None:
        """Whatever was heard until then has come; None: not all has. `ahead`: seconds by which the edge's clock is
        ahead of ours; None: not measured yet."""
        if ahead is not None:
            if self._obeyed is not None:
                self._obeyed.ahead = ahead  # its times are told by our clock
            else:
                self._behind = max(0.0, -ahead)
        if until is not None:
            self._until = until
            self._news.set()

    async def durable(self) -> AsyncGenerator[int]:
        """Numbers up to which everything is durable, as they grow. Raises `NotLeading` and `NotUnderstood`."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._came:
                await self._keep(self._next_batch(), None)
                yield self._incoming.mark
            until, self._until = self._until, None
            if until is not None:
                await self._keep([], until)
                if self._delayed is not False:
                    self._delayed = False
                    self._hall.carried_late(self.name, None)

    def _one(self, seq: int, data: bytes) -> None:
        if len(self._came) >= 2 * WINDOW or self._bytes > 2 * WINDOW_BYTES:
            raise TooMuch
        self._came.append((seq, data))
        self._bytes += len(data)
        self._until = None  # the record behind it tells at least as much

    def _next_batch(self) -> list[tuple[int, bytes]]:
        batch, size = list[tuple[int, bytes]](), 0
        while self._came and len(batch) < BATCH and size < BATCH_BYTES:
            if batch and batch[-1][0] <= self._offered.last < self._came[0][0]:
                break  # what was said before the connection, and what is said from now on
            batch.append(self._came.popleft())
            size += len(batch[-1][1])
        self._bytes -= size
        return batch

    async def _keep(self, batch: list[tuple[int, bytes]], until: datetime | None) -> None:
        """Returns when it is durable."""
        told = False
        while True:
            try:
                await self._take(batch, until)
            except StoreAway as away:
                if not told:
                    log.warning("edge has to wait: the database is away", adapter=self.name, detail=str(away))
                    told = True
                await asyncio.sleep(AGAIN_SECONDS)
                await self._read_mark_again()
            except Conflict:
                if len(batch) < 2:
                    raise
                for one in batch:  # whichever is refused for good, the others do not share its fate
                    await self._keep([one], None)
                return
            else:
                return

    async def _read_mark_again(self) -> None:
        try:
            self._mark = await self._hall.carried_to(self.name, self._offered.stream) or self._mark
        except StoreAway:
            return  # nothing can be kept either: the next try says so
        if self._mark is not None:
            self._incoming.taken(self._mark.seq)

    async def _take(self, batch: list[tuple[int, bytes]], until: datetime | None) -> None:
        if self._obeyed is not None:
            past = bool(batch) and batch[0][0] <= self._offered.last
            self._obeyed.backlog = self._live if past else None
        frames, mark = list[tuple[bytes, datetime]](), None
        seen = Incoming(self._incoming.mark)
        for seq, data in batch:
            judged = seen.judge(seq)
            if judged.verdict is Verdict.REPEATED:
                continue
            seen.taken(seq)
            if judged.lost:
                log.error("the edge has lost records", adapter=self.name, lost=judged.lost, before=seq)
            said = record(data)
            at = self._placed(said.at)
            match said:
                case Frame():
                    if not said.body:
                        raise NotUnderstood("an empty frame")  # silence is concluded here, not there
                    frames.append((said.body, at))
                    mark = self._marked(seq, at, mark)
                case Seen():
                    # Told before it counts as taken: what is told twice does no harm, what is not told does.
                    await self._carry(frames, None, mark)
                    frames, mark = [], self._marked(seq, at, mark)
                    self._caught_up()
                    if seq >= self._offered.last:  # an older one says nothing of now
                        ports = [msgspec.structs.replace(each, since=self._placed(each.since)) for each in said.ports]
                        edges.seen(self._hall, self.name, at, ports, routine=said.routine)
                case Probed():
                    await self._carry(frames, None, mark)
                    frames, mark = [], self._marked(seq, at, mark)
                    self._hall.lines.of(self.name).probed(Probe(at=at, ok=said.ok, detail=said.detail[:PROBE_CHARS]))
                case Up() | Down():
                    # What is told of the line stands between the frames before and those behind it.
                    await self._carry(frames, None, mark)
                    frames, mark = [], self._marked(seq, at, mark, up=isinstance(said, Up))
                    if isinstance(said, Up):
                        edges.heard(self._hall, self.name, at, said.detail, f"edge/{self._offered.stream}/{seq}")
                    else:
                        edges.lost(self._hall, self.name, said.detail, at)
                case _:
                    assert_never(said)
        await self._carry(frames, until if until is None else self._placed(until), mark)
        self._caught_up()

    async def _carry(self, frames: list[tuple[bytes, datetime]], until: datetime | None, mark: Mark | None) -> None:
        if not frames and until is None and mark is None:
            return
        oldest = min((at for _, at in frames), default=None)
        if oldest is not None and not self._delayed:
            age_seconds = (self._hall.clock.now() - oldest).total_seconds()
            if age_seconds - self._behind > DELAYED_SECONDS:
                self._delayed = True
                self._hall.carried_late(self.name, oldest)
        await self._hall.carry(self.name, frames, until, mark)
        if mark is not None:
            self._mark = mark
            self._incoming.taken(mark.seq)

    def _marked(self, seq: int, at: datetime, before: Mark | None, up: bool | None = None) -> Mark:
        known = before or self._mark
        if up is None:
            up = known.up if known is not None else False
        return Mark(adapter=self.name, stream=self._offered.stream, seq=seq, up=up, heard_at=at)

    def _caught_up(self) -> None:
        """Everything from before the connection is here: what the edge said of its wires holds now."""
        if self._offered.up_since is not None and self._incoming.mark >= self._offered.last:
            self._is_heard(self._placed(self._offered.up_since))
            self._offered = Offered(stream=self._offered.stream, last=self._offered.last, up_since=None)

    def _is_heard(self, since: datetime) -> None:
        if self._hall.state.links.get(self.name) is not True:
            now = self._hall.clock.now()
            edges.heard(self._hall, self.name, since, "", f"edge/{self._offered.stream}/{now.timestamp()}")

    def _placed(self, at: datetime) -> datetime:
        if self._obeyed is not None:
            at = self._obeyed.by_our_clock(at)
        at, wrong = placed(at, self._hall.clock.now())
        if wrong and not self._late:
            self._late = wrong
            log.error("the edge's times are impossible: ours count", adapter=self.name, detail=wrong)
        return at
