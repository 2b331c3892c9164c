"""How does a hall hear of rules that another process changed?

Whoever changes a rule tells the hall of its own process at once. Where another process leads, and should a word be
lost, what was written lately is read again every few seconds. Each change is told until the hall that leads has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline.callers.book import Entries
from hotline.callers.reading import changed_callers, read_entries
from hotline.callers.treatment import Policy
from hotline.clock import Clock
from hotline.store.seal import Seal

PACE_SECONDS: Final = 3.0
LOOK_BACK: Final = timedelta(minutes=2)
"""Times are taken before the transaction commits: a slow one may turn up that much later."""

OnChange = Callable[[str, Entries], None]
"""`on_change(hall, {number: Treatment or None})`, after the change is on disk."""

log = structlog.get_logger(__name__)


class Watch:
    """Looks after the callers of one hall."""

    def __init__(
        self,
        engine: AsyncEngine,
        seal: Seal,
        hall: str,
        policy: Policy,
        clock: Clock,
        leading: Callable[[], bool],
        on_change: OnChange,
    ) -> None:
        self._engine = engine
        self._seal = seal
        self._hall = hall
        self._policy = policy
        self._clock = clock
        self._leading = leading
        self._on_change = on_change
        self._told: dict[str, tuple[object, datetime]] = {}

    async def look(self) -> int:
        """Tells what changed lately and has not been told; the number of callers. While standing by: nothing."""
        if not self._leading():
            self._told.clear()
            return 0
        now = self._clock.now()
        async with self._engine.connect() as conn:
            callers = await changed_callers(conn, self._seal, self._hall, now - LOOK_BACK)
            entries = await read_entries(conn, self._seal, self._hall, callers, now, self._policy)
        self._told = {number: told for number, told in self._told.items() if told[1] > now - 2 * LOOK_BACK}
        fresh = {
            number: treatment
            for number, treatment in entries.items()
            if number not in self._told or self._told[number][0] != treatment
        }
        if fresh and self._leading():
            self._on_change(self._hall, fresh)
            self._told |= {number: (treatment, now) for number, treatment in fresh.items()}
        return len(fresh)

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                log.warning("callers not looked through: the database is away", error=type(error).__name__)
            await sleep(PACE_SECONDS)
