"""How is a pushed event on disk before its sender hears 2xx?

Requests that come at the same time share one INSERT: while one is under way the next ones gather. What is returned is
what the hall has not been given yet; every event is handed out once, however often and by whichever way it came.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from adapters.telephony import AdapterName, DeviceEvent
from hotline.store import statements as sql
from hotline.store.dedicated import Dedicated
from hotline.store.engine import Database
from hotline.store.errors import Conflict, StoreAway, StoreError, told_apart
from hotline.store.marks import Mark, columns_of
from hotline.store.rows import Rows, clean, raw_place
from hotline.store.seal import Seal

BATCH_ROWS: Final = 512
WAIT_SECONDS: Final = 0.7
"""A gateway waits one second for its 2xx; past this the spool takes over."""
UNREADABLE: Final = "Unreadable"
"""`type` of a raw event that could not be decoded."""


class _Row(msgspec.Struct, frozen=True, gc=False):
    adapter: str
    event_id: str
    heard_at: datetime | None
    at: datetime | None
    type: str
    call_key: str | None
    fact_sealed: bytes | None
    raw_sealed: bytes | None
    state: str
    reason: str


class _Request(msgspec.Struct, eq=False):
    rows: list[_Row]
    facts: dict[tuple[str, str], DeviceEvent]
    done: asyncio.Future[tuple[int, list[tuple[int, DeviceEvent]]]]
    """The epoch in which they were handed out, and what was."""
    mark: Mark | None = None


class Inbox:
    """The raw events of one hall."""

    def __init__(self, database: Database, seal: Seal, rows: Rows, hall: str) -> None:
        self._database = database
        self._seal = seal
        self._rows = rows
        self._hall = hall
        self._line = Dedicated(database, "inbox")
        self._waiting: list[_Request] = []
        self._handed: set[int] = set()
        """Ids the hall was given and has not settled."""
        self._epoch = 0
        """Grows with `forget`: what was handed out in an earlier one and has not been heard yet must not be."""
        self._reading = 0
        self._settled: set[int] = set()
        """Ids settled since the oldest statement under way was sent: what it reads of them is the past."""
        self._task: asyncio.Task[None] | None = None

    async def keep(
        self,
        adapter: AdapterName,
        items: Sequence[tuple[DeviceEvent, bytes | None]],
        set_aside: Sequence[tuple[bytes, str]] = (),
        mark: Mark | None = None,
    ) -> list[tuple[int, DeviceEvent]]:
        """Makes events (each with the bytes it came in) and unreadable bytes (each with the reason) durable, and with
        them, in the same statement, how far the edge that heard them has been taken.

        Returns, with their row ids and in their order, the events that the hall has not been given yet: duplicates
        are left out, unless the first one was kept and never handed out. Raises StoreAway after 0.7 s at the latest;
        then it may be durable or not, and may be kept again. Raises Conflict when the database refuses it for good.
        """
        if not items and not set_aside and mark is None:
            return []
        request = _Request(
            self._rows_of(adapter, items, set_aside),
            {(clean(fact.adapter), clean(fact.event_id)): fact for fact, _ in reversed(items)},
            asyncio.get_running_loop().create_future(),
            mark,
        )
        self._waiting.append(request)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(), name=f"inbox {self._hall}")
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                epoch, news = await request.done
                return news if epoch == self._epoch else []
        except TimeoutError as error:
            raise StoreAway("数据库应答过慢。") from error
        finally:
            with contextlib.suppress(ValueError):  # nobody waits for it any more: it is not begun
                self._waiting.remove(request)

    async def mark(self, adapter: AdapterName, stream: str) -> Mark | None:
        """How far that stream of an edge is durable, whatever was under way when this was asked; None: nothing of it.
        Raises StoreAway."""
        rows = await self._line.fetch(sql.MARK, self._hall, adapter, stream)
        return Mark(adapter=adapter, stream=stream, **dict(rows[0])) if rows else None

    async def pending(self, chunk: int) -> list[tuple[int, DeviceEvent]]:
        """Events that are kept, not settled and not handed out; from now on they count as handed out."""
        last, found, epoch = 0, list[tuple[int, DeviceEvent]](), self._epoch
        while True:
            with self._looking(), told_apart():
                rows = await self._database.pool.fetch(sql.PENDING, self._hall, last, chunk)
                found += [(row["id"], self._rows.fact(self._hall, row)) for row in rows if self._hand_out(row["id"])]
            if len(rows) < chunk:
                return found if epoch == self._epoch else []
            last = rows[-1]["id"]

    async def deliveries(self, adapter: AdapterName, since: datetime) -> list[tuple[bytes, datetime]]:
        """The kept bodies of an adapter's deliveries since then, oldest first; one that held several events once."""
        with told_apart():
            rows = await self._database.pool.fetch(sql.DELIVERIES, self._hall, adapter, since)
        found = list[tuple[bytes, datetime]]()
        for row in rows:
            sealed_for = raw_place("raw_sealed", self._hall, row["adapter"], row["event_id"])
            delivery = self._seal.open_bytes(row["raw_sealed"], sealed_for), row["heard_at"]
            if not found or found[-1] != delivery:
                found.append(delivery)
        return found

    def settle(self, ids: Iterable[int]) -> None:
        """These have been committed: no longer pending."""
        ids = list(ids)
        self._handed.difference_update(ids)
        if self._reading:
            self._settled.update(ids)

    def forget(self) -> None:
        """Nothing counts as handed out: a new epoch begins."""
        self._handed.clear()
        self._epoch += 1

    async def close(self) -> None:
        """Waits for what is under way and closes the connection."""
        if self._task is not None:
            await asyncio.wait([self._task])
        await self._line.close()

    async def _write(self) -> None:
        while self._waiting:
            batch, count = list[_Request](), 0
            while self._waiting and count < BATCH_ROWS:
                batch.append(self._waiting.pop(0))
                count += len(batch[-1].rows)
            try:
                await self._insert(batch)
            except Conflict as error:
                # One of them is to blame; the others must not suffer.
                for request in batch:
                    if len(batch) == 1:
                        _fail(request, error)
                        continue
                    try:
                        await self._insert([request])
                    except StoreError as its_own:
                        _fail(request, its_own)
            except BaseException as error:
                for request in batch:
                    _fail(request, error if isinstance(error, StoreError) else StoreAway(f"写入中断：{error!r}"))
                if not isinstance(error, StoreError):
                    raise

    async def _insert(self, batch: Sequence[_Request]) -> None:
        rows = [row for request in batch for row in request.rows]
        columns = [[getattr(row, name) for row in rows] for name in _Row.__struct_fields__]
        marks = columns_of(request.mark for request in batch)
        with self._looking():
            ids = {
                (row["adapter"], row["event_id"]): row["id"]
                for row in await self._line.fetch(sql.KEEP, self._hall, *columns, *marks)
            }
            for request in batch:
                if request.done.done():
                    # Its sender has gone to the spool. What was written stays pending; keeping it again hands it out.
                    continue
                news = [(ids[key], fact) for key, fact in request.facts.items() if key in ids]
                handed = sorted((item for item in news if self._hand_out(item[0])), key=lambda item: item[0])
                request.done.set_result((self._epoch, handed))

    @contextlib.contextmanager
    def _looking(self) -> Iterator[None]:
        """Around a statement that reads what is pending, and the handing out of what it found."""
        self._reading += 1
        try:
            yield
        finally:
            self._reading -= 1
            if not self._reading:
                self._settled.clear()

    def _hand_out(self, raw: int) -> bool:
        if raw in self._handed or raw in self._settled:
            return False
        self._handed.add(raw)
        return True

    def _rows_of(
        self,
        adapter: AdapterName,
        items: Sequence[tuple[DeviceEvent, bytes | None]],
        set_aside: Sequence[tuple[bytes, str]],
    ) -> list[_Row]:
        rows = list[_Row]()
        for fact, raw in items:
            place = raw_place("raw_sealed", self._hall, fact.adapter, fact.event_id)
            sealed = self._seal.seal_bytes(raw, place) if raw is not None else None
            rows.append(
                _Row(
                    clean(fact.adapter),
                    clean(fact.event_id),
                    fact.heard_at,
                    fact.at,
                    type(fact).__name__,
                    None if (key := getattr(fact, "call", None)) is None else clean(key),
                    self._rows.sealed_fact(self._hall, fact),
                    sealed,
                    "pending",
                    "",
                )
            )
        for raw, reason in set_aside:
            event_id = f"sha256:{hashlib.sha256(raw).hexdigest()}"
            sealed = self._seal.seal_bytes(raw, raw_place("raw_sealed", self._hall, adapter, event_id))
            rows.append(_Row(adapter, event_id, None, None, UNREADABLE, None, None, sealed, "set_aside", clean(reason)))
        return rows


def _fail(request: _Request, error: StoreError) -> None:
    if not request.done.done():
        request.done.set_exception(error)
