"""Who tells another hotline what became of the cases that it handed to us? One bridge; again until it is taken."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, update
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bridge import Bridge, BridgeAbility, NewsKind, OwnNews, TellsNews
from adapters.errors import AdapterError, Refused
from hotline.clock import Clock
from hotline.handovers.incoming import LAST, TELLS, to_tell
from hotline.handovers.outcome import AWAY
from hotline.handovers.pace import again
from hotline.store.tables import INCOMING_CASES
from hotline.tickets.ticket import TicketState

LOOK_SECONDS: Final = 5.0
AT_ONCE: Final = 50
REFUSED_PAUSE: Final = timedelta(hours=1)
"""What they refuse is told again so late: a person may have put it right there."""

_log = structlog.get_logger(__name__)


class NewsTeller:
    """Tells one hall's news of one bridge's cases."""

    def __init__(
        self,
        engine: AsyncEngine,
        bridge: Bridge,
        *,
        hall: str,
        hall_label: str,
        clock: Clock,
        leading: Callable[[], bool],
    ) -> None:
        self._engine = engine
        self._bridge = bridge
        self._hall = hall
        self._label = hall_label
        self._clock = clock
        self._leading = leading

    @property
    def able(self) -> bool:
        """Can they be told?"""
        return BridgeAbility.TELLS in self._bridge.abilities

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled, while this process leads the hall."""
        while True:
            told = 0
            if self._leading():
                try:
                    told = await self.look()
                except AWAY as error:
                    _log.warning("news_not_told", bridge=self._bridge.name, error=type(error).__name__)
                except Exception:
                    _log.exception("news_not_told", bridge=self._bridge.name)
            await sleep(0 if told else LOOK_SECONDS)

    async def look(self) -> int:
        """Tell what is due; how much of it was taken."""
        async with self._engine.connect() as conn:
            rows = await to_tell(conn, self._hall, self._bridge.name, self._clock.now(), AT_ONCE)
        told = 0
        for row in rows:
            told += await self._tell(row)
        return told

    async def _tell(self, row: Row[Any]) -> bool:
        if not isinstance(self._bridge, TellsNews):
            return False
        now, kind = self._clock.now(), TELLS[TicketState(row.state)]
        text = {NewsKind.DONE: row.result or row.opinion, NewsKind.RETURNED: row.ended_reason}.get(kind, "")
        news = OwnNews(
            id=f"{row.key}-{kind}", kind=kind, key=row.key, our_no=row.ticket, at=now, text=text, by=self._label
        )
        try:
            await self._bridge.tell(news)
        except AdapterError as error:
            pause = REFUSED_PAUSE if isinstance(error, Refused) else again(row.tries + 1, None, random.random())
            await self._write(row, tries=row.tries + 1, next_at=now + pause, last_error=str(error))
            return False
        await self._write(row, told=kind.value, told_at=now, over=kind in LAST, tries=0, next_at=None, last_error="")
        return True

    async def _write(self, row: Row[Any], **values: Any) -> None:
        i = INCOMING_CASES.c
        async with self._engine.begin() as conn:
            await conn.execute(update(INCOMING_CASES).where(i.bridge == row.bridge, i.key == row.key).values(**values))
