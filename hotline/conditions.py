"""What holds for a hall beside its settings: the call plan in use, the roster of this hour, the days off around now.

Looked at every few seconds and when a plan was edited; what has changed goes to the hall as one more input, so that it
is decided by the new rules from one moment to the next, and written down that it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog
from msgspec.structs import replace
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline.announcements.plan import Plan
from hotline.clock import Clock
from hotline.hall.hall import Hall
from hotline.hall.rules import Contact
from hotline.hall.work import SHANGHAI
from hotline.rosters import plans, service
from hotline.rosters.calendar import DayKind
from hotline.rosters.shift import DutyMode
from hotline.store.errors import SealBroken
from hotline.store.seal import Seal

PACE_SECONDS: Final = 5.0
DAYS_AHEAD: Final = 14

log = structlog.get_logger(__name__)


class Conditions:
    """Keeps one hall's rules up with what was edited and with the hour."""

    def __init__(self, hall: Hall, engine: AsyncEngine, seal: Seal, clock: Clock, otherwise: DutyMode) -> None:
        self._hall = hall
        self._engine = engine
        self._seal = seal
        self._clock = clock
        self._otherwise = otherwise

    async def take_plan(self, plan: Plan) -> None:
        """A call plan was edited, or its notices were."""
        self._hall.change_rules(replace(self._hall.rules, plan=plan))

    async def look(self) -> None:
        """What the roster and the calendar say now."""
        now = self._clock.now()
        name = self._hall.rules.hall
        async with self._engine.connect() as conn:
            duty = await service.current_duty(conn, name, now, otherwise=self._otherwise)
            phones = await service.night_phones(conn, self._seal, name, duty)
            calendar = await plans.calendar(conn, name)
        today = now.astimezone(SHANGHAI).date()
        days = calendar.days(today - timedelta(days=1), today + timedelta(days=DAYS_AHEAD))
        self._hall.change_rules(
            replace(
                self._hall.rules,
                duty=duty.mode,
                night=tuple(
                    Contact(id=f"night-{each.work_number}", label=f"值班律师 {each.name}", number=each.number)
                    for each in phones
                ),
                days_off=frozenset(each.day for each in days if each.kind is not DayKind.WORKDAY),
            )
        )

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled. What cannot be read leaves the hall as it was."""
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError, SealBroken) as error:
                log.warning("roster not looked at", hall=self._hall.rules.hall, error=type(error).__name__)
            await sleep(PACE_SECONDS)
