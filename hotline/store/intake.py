"""What happens to a gateway's delivery before it hears 2xx: into the database, or into the spool while that is away.

Nothing overtakes: as long as the spool holds something, new deliveries queue up behind it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

from adapters.telephony import AdapterName, DeviceEvent
from hotline.store.errors import Conflict, StoreAway
from hotline.store.ledger import HallStore
from hotline.store.marks import Mark
from hotline.store.spool import Pushed, Spool

_log = structlog.get_logger(__name__)

Deliver = Callable[[Sequence[tuple[int, DeviceEvent]]], None]
"""Takes events, with their raw ids, into the hall; called on the loop, must not block."""

_PAUSE_SECONDS: Final = 0.5
_LOOK_SECONDS: Final = 1.0


class Intake:
    """The way in for one hall's pushed events. `run` must be running for the spool to be emptied."""

    def __init__(self, store: HallStore, spool: Spool, deliver: Deliver) -> None:
        self._store = store
        self._spool = spool
        self._deliver = deliver
        self._spooled = asyncio.Event()
        if not spool.is_empty:
            self._spooled.set()

    async def accept(
        self,
        adapter: AdapterName,
        items: Sequence[tuple[DeviceEvent, bytes | None]],
        set_aside: Sequence[tuple[bytes, str]] = (),
        mark: Mark | None = None,
    ) -> None:
        """Returns when the delivery is durable: 2xx may be answered. The hall hears it by itself.

        With a mark it comes from an edge, which keeps it until it is in the database: then StoreAway is raised, where
        else the spool would take it; and Conflict when several records came together, of which one is refused for
        good: they are to come again one by one, for nobody knows which it is. Raises SpoolFull (503).
        """
        pushed = Pushed(adapter=adapter, items=tuple(items), set_aside=tuple(set_aside))
        if mark is not None:
            if self._spooled.is_set():
                raise StoreAway("本地暂存尚未写回数据库。")
            await self._keep(pushed, mark)
            return
        if not self._spooled.is_set():
            try:
                await self._keep(pushed)
            except StoreAway as error:
                _log.warning("intake_spools", adapter=adapter, error=str(error))
            else:
                return
        self._spooled.set()
        await self._spool.append(pushed)

    async def deliveries(self, adapter: AdapterName, since: datetime) -> list[tuple[bytes, datetime]]:
        """The bodies an adapter has pushed since then and when each was heard, oldest first; spooled ones come last.

        Raises StoreAway.
        """
        found = await self._store.deliveries(adapter, since)
        for pushed in await self._spool.waiting(adapter):
            if pushed.items:
                event, body = pushed.items[0]
                found.append((body or b"", event.heard_at))
        return found

    async def run(self) -> None:
        """Empties the spool whenever the database is back; until cancelled. Only while the hall's lease is held.

        Every second it also looks for events that were kept and never handed out: a process that stands by took them
        in, or their sender went away between the two and will not come again.
        """
        while True:
            try:
                if self._spooled.is_set():
                    await self._empty()
                else:
                    self._hand(await self._store.pending())
            except StoreAway:
                await asyncio.sleep(_PAUSE_SECONDS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._spooled.wait()

    async def close(self) -> None:
        """What is being written to the spool is on disk."""
        await self._spool.close()

    async def _empty(self) -> None:
        count = await self._spool.replay(self._keep)
        # No await from the emptiness seen to the flag taken down: nobody can have queued up in between.
        if self._spool.is_empty:
            self._spooled.clear()
            _log.info("intake_spool_empty", deliveries=count)

    async def _keep(self, pushed: Pushed, mark: Mark | None = None) -> None:
        try:
            kept = await self._store.keep(pushed.adapter, pushed.items, pushed.set_aside, mark)
        except Conflict as error:
            if mark is not None and len({raw for _, raw in pushed.items if raw}) > 1:  # b"": a silence between them
                raise
            # What the database refuses for good must not hold up what comes behind it, nor be lost.
            _log.error("intake_sets_aside", adapter=pushed.adapter, error=str(error))
            why = f"refused by the database: {error.constraint}"
            bodies = [(raw, why) for raw in {raw: None for _, raw in pushed.items if raw is not None}]
            kept = await self._store.keep(pushed.adapter, (), [*bodies, *pushed.set_aside], mark)
        self._hand(kept)

    def _hand(self, kept: Sequence[tuple[int, DeviceEvent]]) -> None:
        if kept:
            self._deliver(kept)
