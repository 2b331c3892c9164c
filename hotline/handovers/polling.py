"""News that are fetched from where the other side lays them down (folder, table): durable here, then marked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bridge import Bridge
from adapters.errors import AdapterError
from hotline.clock import Clock
from hotline.handovers.hearing import hear
from hotline.store.errors import StoreAway
from hotline.store.seal import Seal

LOOK_SECONDS: Final = 15.0

_AWAY: Final = (AdapterError, SQLAlchemyError, StoreAway, OSError, TimeoutError)

_log = structlog.get_logger(__name__)


class Poller:
    """Looks for one bridge's news."""

    def __init__(
        self, engine: AsyncEngine, seal: Seal, bridge: Bridge, *, hall: str, clock: Clock, leading: Callable[[], bool]
    ) -> None:
        self._engine = engine
        self._seal = seal
        self._bridge = bridge
        self._hall = hall
        self._clock = clock
        self._leading = leading

    async def look(self) -> int:
        """One look; how many were new. Raises what the bridge and the database raise."""
        batch = await self._bridge.news()
        if batch.set_aside:
            _log.warning("handover_news_set_aside", bridge=self._bridge.name, pieces=len(batch.set_aside))
        if not batch.news:
            return 0
        async with self._engine.begin() as conn:
            new = await hear(
                conn, self._seal, hall=self._hall, bridge=self._bridge.name, news=batch.news, now=self._clock.now()
            )
        await self._bridge.heard([each.id for each in batch.news])
        return new

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled, while this process leads the hall. What is away is looked for again, and so is what cannot
        be read for a fault of ours: neither may end the service."""
        away = False
        while True:
            new = 0
            if self._leading():
                try:
                    new = await self.look()
                    away = False
                except Exception as error:
                    if not away:
                        _log.warning(
                            "handover_news_not_read",
                            bridge=self._bridge.name,
                            error=type(error).__name__,
                            exc_info=None if isinstance(error, _AWAY) else error,
                        )
                    away = True
            await sleep(0 if new else LOOK_SECONDS)
