"""Daily figures (每日数据) for the superior platform: each final report once, again only when the day is counted anew.

What is to be sent follows from the kept reports: a day whose newest report nobody there has is due. A send whose answer
was lost is sent again under the same key, which the other side knows; where it cannot know, a person looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bridge import Bridge, BridgeAbility, InDoubt, SendsFigures
from adapters.errors import AdapterError, Refused, Unsupported
from adapters.handover_package import DailyFigures, Measure
from hotline.clock import Clock
from hotline.handovers.outcome import AWAY
from hotline.handovers.pace import again
from hotline.rosters.calendar import SHANGHAI
from hotline.store.tables import DAY_REPORTS, FIGURES_UPWARD

FINAL: Final = "final"
"""State of a kept report in which nothing is open any more."""
LOOK_SECONDS: Final = 60.0
BACK_DAYS: Final = 7
"""Older days are not reported when a bridge is set up, nor when they are counted anew."""

_log = structlog.get_logger(__name__)


class FiguresSender:
    """Reports one hall's days over one bridge."""

    def __init__(
        self, engine: AsyncEngine, bridge: Bridge, *, hall: str, clock: Clock, leading: Callable[[], bool]
    ) -> None:
        self._engine = engine
        self._bridge = bridge
        self._hall = hall
        self._clock = clock
        self._leading = leading

    @property
    def able(self) -> bool:
        """Does the other side take figures?"""
        return BridgeAbility.CARRIES_FIGURES in self._bridge.abilities

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled, while this process leads the hall."""
        while True:
            if self._leading():
                try:
                    await self.look()
                except AWAY as error:
                    _log.warning("figures_not_sent", bridge=self._bridge.name, error=type(error).__name__)
                except Exception:
                    _log.exception("figures_not_sent", bridge=self._bridge.name)
            await sleep(LOOK_SECONDS)

    async def look(self) -> int:
        """Send what is due, the oldest day first; how many days were taken."""
        await self._note_new()
        taken = 0
        for row in await self._due():
            taken += await self._send(row)
        return taken

    async def _note_new(self) -> None:
        """Final reports of which no revision is noted."""
        d, f = DAY_REPORTS.c, FIGURES_UPWARD.c
        ours = and_(f.hall == self._hall, f.bridge == self._bridge.name)
        newest = select(f.day, func.max(f.revision).label("revision")).where(ours).group_by(f.day).subquery()
        noted = select(f.day, f.digest, f.revision).where(ours).subquery()
        query = (
            select(d.day, d.digest, func.coalesce(newest.c.revision, 0).label("revision"))
            .outerjoin(newest, newest.c.day == d.day)
            .outerjoin(noted, and_(noted.c.day == d.day, noted.c.revision == newest.c.revision))
            .where(d.hall == self._hall, d.state == FINAL, d.day >= self._today() - timedelta(days=BACK_DAYS))
            .where(or_(noted.c.digest.is_(None), noted.c.digest != d.digest))
        )
        async with self._engine.begin() as conn:
            for row in (await conn.execute(query)).all():
                revision = {"revision": row.revision + 1, "digest": row.digest, "state": "waiting"}
                noting = insert(FIGURES_UPWARD).values(
                    hall=self._hall, bridge=self._bridge.name, day=row.day, **revision
                )
                await conn.execute(noting.on_conflict_do_nothing())

    async def _due(self) -> list[Row[Any]]:
        """What waits, and is not put off; of a day only the newest, which replaces the others."""
        f, d = FIGURES_UPWARD.c, DAY_REPORTS.c
        query = (
            select(FIGURES_UPWARD, d.measures, d.made_at)
            .join(DAY_REPORTS, and_(d.hall == f.hall, d.day == f.day, d.digest == f.digest))
            .where(f.hall == self._hall, f.bridge == self._bridge.name, f.state == "waiting")
            .order_by(f.day)
        )
        now = self._clock.now()
        async with self._engine.connect() as conn:
            rows = (await conn.execute(query)).all()
        return [row for row in rows if row.tried_at is None or row.tried_at + again(row.tries, None, 0.5) <= now]

    async def _send(self, row: Row[Any]) -> bool:
        if not isinstance(self._bridge, SendsFigures):
            return False
        try:
            receipt = await self._bridge.send_figures(_figures(row))
        except (Refused, Unsupported) as error:
            await self._write(row, state="refused", last_error=str(error))
        except InDoubt as error:
            repeats = BridgeAbility.DEDUPLICATES in self._bridge.abilities
            await self._write(row, state="waiting" if repeats else "in_doubt", last_error=str(error))
        except AdapterError as error:
            await self._write(row, last_error=str(error))
        else:
            await self._write(row, state="sent", sent_at=receipt.at, last_error="")
            return True
        _log.warning("figures_not_taken", bridge=self._bridge.name, day=str(row.day))
        return False

    async def _write(self, row: Row[Any], **values: Any) -> None:
        f = FIGURES_UPWARD.c
        there = and_(f.hall == row.hall, f.bridge == row.bridge, f.day == row.day, f.revision == row.revision)
        tried = {"tries": f.tries + 1, "tried_at": self._clock.now()}
        async with self._engine.begin() as conn:
            await conn.execute(update(FIGURES_UPWARD).where(there).values(**tried, **values))

    def _today(self) -> date:
        return self._clock.now().astimezone(SHANGHAI).date()


def _figures(row: Row[Any]) -> DailyFigures:
    return DailyFigures(
        hall=row.hall,
        day=row.day,
        revision=row.revision,
        measures=tuple(
            Measure(
                id=each["id"],
                label=each["label"],
                numerator=each["numerator"],
                denominator=each["denominator"],
                value=each["value"],
            )
            for each in row.measures["measures"]
        ),
        prepared_at=row.made_at,
    )
