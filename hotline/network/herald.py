"""Who tells a platform how its filings go on (进度回告)? Takes what is due out of the outbox, sends it, marks it.

A message may come twice, never not at all for three days: it carries a number (`webhook-id`) that stays the same, by
which the platform leaves out repeats. It says how the matter stands when it is sent, so of several that wait for one
ticket the newest says everything.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final

import httpx2
import msgspec
import structlog
from sqlalchemy import Row, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bridges.signing import signed
from hotline.clock import Clock
from hotline.handovers.pace import Breaker, again, is_over
from hotline.metrics import NETWORK_NEWS_WAITING
from hotline.network.platform import Platform
from hotline.network.reading import Standing, standing
from hotline.store.errors import StoreAway
from hotline.store.tables import NETWORK_NEWS

AT_ONCE: Final = 8
IDLE_SECONDS: Final = 2.0
TIMEOUT_SECONDS: Final = 10.0
MAX_ERROR: Final = 200

_log = structlog.get_logger(__name__)


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent."""

    type: str = "filing.changed"
    at: datetime
    """When it came to be so."""
    filing: Standing


class Herald:
    """Tells one platform, while this process leads its hall."""

    def __init__(
        self,
        engine: AsyncEngine,
        platform: Platform,
        *,
        clock: Clock,
        leading: Callable[[], bool],
        client: Callable[[], httpx2.AsyncClient] = lambda: httpx2.AsyncClient(timeout=TIMEOUT_SECONDS),
    ) -> None:
        self.breaker = Breaker()
        self._engine = engine
        self._platform = platform
        self._clock = clock
        self._leading = leading
        self._client = client

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled. A database that is away is waited for."""
        async with self._client() as client:
            while True:
                told = 0
                if self._leading():
                    try:
                        told = await self.round(client)
                    except (SQLAlchemyError, StoreAway, OSError, TimeoutError) as error:
                        _log.warning("news_not_told", platform=self._platform.name, error=type(error).__name__)
                if not told:
                    await sleep(IDLE_SECONDS)

    async def round(self, client: httpx2.AsyncClient) -> int:
        """What is due now; how many messages were taken."""
        due = await self._due()
        taken = await asyncio.gather(*(self._tell(client, row) for row in due))
        n = NETWORK_NEWS.c
        waiting = select(func.count()).where(n.platform == self._platform.name, n.next_at.is_not(None))
        async with self._engine.connect() as conn:
            NETWORK_NEWS_WAITING.labels(self._platform.name).set(await conn.scalar(waiting) or 0)
        return sum(taken)

    async def _due(self) -> Sequence[Row[Any]]:
        now, n = self._clock.now(), NETWORK_NEWS.c
        room = self.breaker.room(now, AT_ONCE)
        if not room:
            return []
        newest = select(func.max(n.id)).where(n.platform == self._platform.name, n.next_at.is_not(None))
        query = select(NETWORK_NEWS).where(n.id.in_(newest.group_by(n.ticket)), n.next_at <= now)
        async with self._engine.connect() as conn:
            return (await conn.execute(query.order_by(n.id).limit(room))).all()

    async def _tell(self, client: httpx2.AsyncClient, row: Row[Any]) -> bool:
        async with self._engine.connect() as conn:
            now_so = await standing(conn, self._platform, row.ticket)
        body = msgspec.json.encode(News(at=row.at, filing=now_so))
        headers = signed(self._platform.news_key, f"news-{row.id}", self._clock.now(), body)
        try:
            answer = await client.post(
                self._platform.news_url,
                content=body,
                headers={**headers, "content-type": "application/json"},
                follow_redirects=False,
            )
            why = "" if answer.is_success else f"HTTP {answer.status_code}"
        except httpx2.HTTPError as error:
            why = type(error).__name__
        if why:
            self.breaker.failed(self._clock.now(), why)
            await self._later(row, why)
            return False
        self.breaker.worked()
        n = NETWORK_NEWS.c
        known = (n.ticket == row.ticket, n.platform == row.platform, n.id <= row.id, n.next_at.is_not(None))
        async with self._engine.begin() as conn:
            done = {"sent_at": self._clock.now(), "next_at": None, "last_error": ""}
            await conn.execute(update(NETWORK_NEWS).where(*known).values(**done))
        return True

    async def _later(self, row: Row[Any], why: str) -> None:
        now, n = self._clock.now(), NETWORK_NEWS.c
        over = is_over(row.at, now)
        if over:
            _log.warning("news_given_up", platform=self._platform.name, ticket=row.ticket, error=why)
        pause = None if over else now + again(row.tries + 1, None, random.random())
        tried = {"tries": row.tries + 1, "next_at": pause, "last_error": why[:MAX_ERROR]}
        async with self._engine.begin() as conn:
            await conn.execute(update(NETWORK_NEWS).where(n.id == row.id).values(**tried))
