"""Which hand-overs over one bridge are due, and whose are they while they are sent?

A claim is written before the send and taken back with its outcome; one that runs out belonged to somebody who died.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline.handovers.handover import TO_SEND, HandoverState
from hotline.store.tables import HANDOVERS

SEND_SECONDS: Final = 45.0
"""A send takes no longer."""
LEASE: Final = timedelta(seconds=50)
"""A claim that is older belongs to nobody: whatever a killed process was sending is seen within a minute."""


class Claims:
    """The hand-overs of one hall over one bridge that are to be sent."""

    def __init__(self, engine: AsyncEngine, *, hall: str, bridge: str) -> None:
        self._engine = engine
        self._hall = hall
        self._bridge = bridge
        self._unsent: set[str] = set()
        """Claims of ours of which the database never said whether it has them: nothing was sent."""

    async def take(self, now: datetime, most: int, *, way_is_back: bool, probing: bool) -> Sequence[Row[Any]]:
        """Claim what is due, the oldest first. Of one ticket only the first that has not arrived.

        `way_is_back`: those that wait only because the way was away are due at once. `probing`: the way was left
        alone, and whichever is the oldest shows whether it is open again, due or not.
        """
        h = HANDOVERS.c
        earlier = HANDOVERS.alias()
        first = ~exists().where(
            earlier.c.ticket == h.ticket,
            earlier.c.bridge == h.bridge,
            earlier.c.id < h.id,
            earlier.c.state.in_(sorted(TO_SEND)),
        )
        waiting = and_(self._ours(), h.state == HandoverState.PREPARED, h.claim.is_(None))
        due = waiting if probing else and_(waiting, h.next_at <= now)
        chosen: Select[Any] = (
            select(h.id).where(due, first).order_by(h.id).limit(most).with_for_update(skip_locked=True)
        )
        claim = secrets.token_hex(8)
        try:
            async with self._engine.begin() as conn:
                if way_is_back:
                    await conn.execute(update(HANDOVERS).where(waiting, h.next_at > now).values(next_at=now))
                rows = await conn.execute(
                    update(HANDOVERS)
                    .where(h.id.in_(chosen))
                    .values(claim=claim, claimed_until=now + LEASE, tries=h.tries + 1)
                    .returning(HANDOVERS)
                )
                return sorted(rows.all(), key=lambda row: row.id)
        except BaseException:
            self._unsent.add(claim)
            raise

    async def left_behind(self, now: datetime, carried: Collection[int]) -> Sequence[Row[Any]]:
        """Whose claim has run out: somebody died while sending. `carried`: those that we are still at."""
        h = HANDOVERS.c
        ours = and_(self._ours(), h.state == HandoverState.PREPARED)
        async with self._engine.begin() as conn:
            released = await self._release_unsent(conn, ours)
            late = h.claimed_until < now
            found = (await conn.execute(select(HANDOVERS).where(ours, late, h.id.not_in(carried)))).all()
        self._unsent -= released
        return found

    async def doubts(self, now: datetime, most: int) -> Sequence[Row[Any]]:
        """What is in doubt, and may be asked about now."""
        h = HANDOVERS.c
        waited = or_(h.next_at.is_(None), h.next_at <= now)
        query = select(HANDOVERS).where(self._ours(), h.state == HandoverState.IN_DOUBT, waited).order_by(h.id)
        async with self._engine.connect() as conn:
            return (await conn.execute(query.limit(most))).all()

    async def count(self) -> dict[HandoverState, int]:
        """How many have not arrived, by state."""
        h = HANDOVERS.c
        states = sorted(TO_SEND | {HandoverState.FAILED})
        query = select(h.state, func.count()).where(self._ours(), h.state.in_(states)).group_by(h.state)
        async with self._engine.connect() as conn:
            return {HandoverState(state): count for state, count in await conn.execute(query)}

    async def _release_unsent(self, conn: AsyncConnection, ours: ColumnElement[bool]) -> set[str]:
        """Which claims are free once this transaction is committed."""
        h, unsent = HANDOVERS.c, set(self._unsent)
        if unsent:
            free = {"claim": None, "claimed_until": None, "tries": h.tries - 1}
            await conn.execute(update(HANDOVERS).where(ours, h.claim.in_(unsent)).values(**free))
        return unsent

    def _ours(self) -> ColumnElement[bool]:
        h = HANDOVERS.c
        return and_(h.hall == self._hall, h.bridge == self._bridge)
