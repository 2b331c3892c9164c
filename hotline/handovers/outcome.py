"""What follows from how a send went, or from what the other side says when it is asked? Written down, come what may.

What became of a send is known to the process that sent it and to nobody else. While the database is away it is
therefore kept and written again and again; only a process that dies leaves its claim for others to doubt.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, update
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bridge import Bridge, BridgeAbility, NewsKind, Receipt, Standing
from hotline.clock import Clock
from hotline.handovers.handover import TO_SEND, HandoverState, Step
from hotline.handovers.pace import again, is_over
from hotline.handovers.records import Records
from hotline.store.errors import StoreAway
from hotline.store.tables import HANDOVERS

AWAY: Final = (SQLAlchemyError, StoreAway, OSError, TimeoutError)
_WRONG: Final = (DataError, IntegrityError, ProgrammingError)
"""The database is there, and will never take it: a fault of ours; the claim runs out, and a person sees it."""
ONCE_MORE_SECONDS: Final = 0.5
ASK_EVERY: Final = timedelta(seconds=30)
"""Between two questions about what is in doubt."""
ABSENT_AFTER: Final = timedelta(seconds=60)
"""Sooner after the doubt arose, "we do not have it" is no answer: they may still be at it."""

_log = structlog.get_logger(__name__)


class Outcome:
    """Writes down what became of one hall's hand-overs over one bridge."""

    def __init__(self, engine: AsyncEngine, bridge: Bridge, *, hall: str, clock: Clock) -> None:
        self._engine = engine
        self._bridge = bridge
        self._hall = hall
        self._clock = clock

    async def arrived(self, row: Row[Any], receipt: Receipt) -> None:
        """They took it."""
        step = Step.ACKNOWLEDGE if receipt.their_no else Step.ARRIVE
        values = {
            "sent_at": row.sent_at or receipt.at,
            "digest": receipt.digest,
            "their_no": receipt.their_no or row.their_no,
            "ledger_no": receipt.ledger_no or row.ledger_no,
            "last_error": "",
            "again": False,
        }

        async def write() -> None:
            async with self._held(row) as (records, held):
                if held is not None:
                    await records.step_or_note(held, step, said="", **values)
                else:
                    await self._late(records, await records.locked(row.id), step, receipt)

        await self._surely(row, write)

    async def _late(self, records: Records, there: Row[Any], step: Step, receipt: Receipt) -> None:
        """News came first, or somebody gave the claim up meanwhile: that they have it, and under which number, is true
        all the same."""
        proof = {
            "sent_at": there.sent_at or receipt.at,
            "digest": there.digest or receipt.digest,
            "their_no": there.their_no or receipt.their_no,
            "ledger_no": there.ledger_no or receipt.ledger_no,
        }
        if HandoverState(there.state) in TO_SEND:
            await records.step(there, step, **proof, last_error="", again=False)
        else:
            await records.change(there, step.value, **proof)

    async def refused(self, row: Row[Any], why: str) -> None:
        """They, or the way there, will never take it like this."""
        await self._settle(row, Step.REFUSE, why)

    async def doubted(self, row: Row[Any], why: str) -> None:
        """Nobody knows: sent again where they sort out repeats, else somebody has to find out."""
        if BridgeAbility.DEDUPLICATES in self._bridge.abilities:
            await self.later(row, why, None, over=Step.DOUBT)
        else:
            await self._settle(row, Step.DOUBT, why, in_doubt_at=self._clock.now())

    async def later(self, row: Row[Any], why: str, asked_for: float | None, *, over: Step = Step.REFUSE) -> None:
        """Tried again after a pause; `over`: what becomes of it when three days were not enough."""
        now = self._clock.now()
        if is_over(row.tried_since, now):
            if over is Step.DOUBT:
                await self._settle(row, over, why, in_doubt_at=now)
            else:
                await self._settle(row, over, f"三天内未能送达：{why}")
            return
        waits = {"next_at": now + again(row.tries, asked_for, random.random()), "claim": None, "claimed_until": None}

        async def write() -> None:
            async with self._held(row) as (records, held):
                if held is None:
                    return
                if why == row.last_error:  # one line for one reason: days of trying would bury the history
                    await records.conn.execute(update(HANDOVERS).where(HANDOVERS.c.id == row.id).values(**waits))
                else:
                    await records.change(held, "tried", said=why, last_error=why, **waits)

        await self._surely(row, write)

    async def found(self, row: Row[Any], standing: Standing | None) -> bool:
        """What they said when they were asked; whether that settled it."""
        now = self._clock.now()
        if standing is None:
            doubted: datetime = row.in_doubt_at or now
            if now < doubted + ABSENT_AFTER:
                await self.asked_in_vain(row, row.last_error, doubted + ABSENT_AFTER)
                return False
            await self._settle(row, Step.RETRY, "对方没有收到，重新发送。", next_at=now, last_error="")
            return True
        step = Step.ACKNOWLEDGE if standing.their_no else Step.ARRIVE
        if standing.state is NewsKind.ACCEPTED:
            step = Step.ACCEPT
        values = {
            "sent_at": row.sent_at or standing.at or now,
            "their_no": standing.their_no or row.their_no,
            "last_error": "",
        }
        if step is Step.ACCEPT:
            values["accepted_at"] = standing.at or now
        await self._settle(row, step, "对方已收到。", **values)
        return True

    async def asked_in_vain(self, row: Row[Any], why: str, next_at: datetime | None = None) -> None:
        """They did not say: asked once more, by default after `ASK_EVERY`."""
        h = HANDOVERS.c
        later = {"next_at": next_at or self._clock.now() + ASK_EVERY, "last_error": why}
        async with self._engine.begin() as conn:
            await conn.execute(update(HANDOVERS).where(h.id == row.id, h.version == row.version).values(**later))

    async def _settle(self, row: Row[Any], step: Step, said: str, **values: Any) -> None:
        async def write() -> None:
            async with self._held(row) as (records, held):
                if held is not None:
                    await records.step_or_note(held, step, said=said, **({"last_error": said} | values))

        await self._surely(row, write)

    async def _surely(self, row: Row[Any], write: Callable[[], Awaitable[None]]) -> None:
        told = False
        while True:
            try:
                return await write()
            except _WRONG:
                raise
            except AWAY as error:
                if not told:
                    _log.warning(
                        "handover_outcome_kept", bridge=self._bridge.name, handover=row.id, error=type(error).__name__
                    )
                told = True
            await asyncio.sleep(ONCE_MORE_SECONDS)

    @asynccontextmanager
    async def _held(self, row: Row[Any]) -> AsyncIterator[tuple[Records, Row[Any] | None]]:
        """The row, as long as it is still ours to settle: news may have come first, or the claim run out. One that
        was not claimed, but asked about, must not have changed since."""
        async with self._engine.begin() as conn:
            records = Records(conn, hall=self._hall, now=self._clock.now(), actor=self._bridge.name)
            there = await records.locked(row.id)
            same = there.claim == row.claim if row.claim is not None else there.version == row.version
            yield records, (there if same else None)
