"""Nightly comparison (对账) over one bridge: fetch their list of a day, compare, keep what differs until it is settled.

What is in doubt and stands in their list has arrived: that is settled at once. What differed and does not any more,
when it is compared again, is settled by the system.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, Column, ColumnElement, Text, and_, any_, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.bridge import Bridge, BridgeAbility, Standing
from adapters.errors import AdapterError
from hotline.clock import Clock
from hotline.handovers.comparing import Difference, Ours, differences, named
from hotline.handovers.handover import HandoverState as S
from hotline.handovers.handover import Step
from hotline.handovers.records import Records
from hotline.metrics import HANDOVER_DIFFERENCES_OPEN
from hotline.rosters.calendar import SHANGHAI
from hotline.store.tables import HANDOVER_COMPARISONS, HANDOVER_DIFFERENCES, HANDOVERS

BACK_DAYS: Final = 3
"""Days whose list could not be had are asked for again so long; days that differ are compared again."""
MIDNIGHT: Final = timedelta(minutes=10)
"""What was sent so near to midnight may stand in the list of the day beside."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One day compared."""

    day: date
    ours: int
    theirs: int
    found: list[Difference]


class Reconciler:
    """Compares one hall's hand-overs over one bridge with the other side's lists."""

    def __init__(self, engine: AsyncEngine, bridge: Bridge, *, hall: str, clock: Clock) -> None:
        self.bridge = bridge
        self._engine = engine
        self._hall = hall
        self._clock = clock

    @property
    def able(self) -> bool:
        """Do they list?"""
        return BridgeAbility.LISTS in self.bridge.abilities

    async def due(self, until: date) -> list[date]:
        """The days up to then that are to be compared now, oldest first: the newest; before it those that could not
        be, and those in which something differed."""
        c = HANDOVER_COMPARISONS.c
        days = [until - timedelta(days=back) for back in range(BACK_DAYS - 1, -1, -1)]
        query = select(c.day, c.made_at, c.found).where(c.hall == self._hall, c.bridge == self.bridge.name)
        async with self._engine.connect() as conn:
            done = {row.day: row for row in await conn.execute(query.where(c.day >= days[0]))}
        tonight = _span(until)[1]
        return [
            day
            for day in days
            if (row := done.get(day)) is None
            or row.made_at is None
            or row.made_at < _span(day)[1]  # before the day was over, by hand
            or (row.found and row.made_at < tonight)
        ]

    async def compare(self, day: date) -> Comparison:
        """Compare a day, and keep what differs. Raises what `Bridge.list_day` raises, once that is written down."""
        try:
            theirs = list(await self.bridge.list_day(day))
            beside = await self._beside(day, theirs)
        except AdapterError as error:
            await self._keep(day, error=str(error))
            raise
        async with self._engine.begin() as conn:
            await self._settle_doubts(conn, theirs)
            of_day, known = await self._of_day(conn, day), await self._known(conn, theirs)
            missing = {each.key for each in of_day} - {each.key for each in known}
            of_day = [each for each in of_day if each.key not in missing or each.key not in beside]
            found = differences(of_day, known, theirs)
            await self._store(conn, day, found)
        await self._keep(day, ours=len(of_day), theirs=len(theirs), found=len(found), made_at=self._clock.now())
        await self._count()
        return Comparison(day=day, ours=len(of_day), theirs=len(theirs), found=found)

    async def _beside(self, day: date, theirs: Sequence[Standing]) -> set[str]:
        """Keys in the lists of the days beside, where something was sent around midnight and is not in this one."""
        begin, end = _span(day)
        h = HANDOVERS.c
        near = or_(h.sent_at < begin + MIDNIGHT, h.sent_at >= end - MIDNIGHT)
        query = select(h.key, h.sent_at).where(self._ours(), h.sent_at >= begin, h.sent_at < end, near)
        listed = {each.key for each in theirs}
        async with self._engine.connect() as conn:
            late = [row for row in await conn.execute(query) if row.key not in listed]
        days = {day + timedelta(days=-1 if row.sent_at < begin + MIDNIGHT else 1) for row in late}
        return {each.key for other in sorted(days) for each in await self.bridge.list_day(other)}

    async def _of_day(self, conn: AsyncConnection, day: date) -> list[Ours]:
        begin, end = _span(day)
        h = HANDOVERS.c
        doubted = and_(h.state == S.IN_DOUBT, h.in_doubt_at >= begin, h.in_doubt_at < end)
        query = select(h.key, h.ticket, h.state, h.their_no).where(
            self._ours(), or_(and_(h.sent_at >= begin, h.sent_at < end), doubted)
        )
        return [_mine(row) for row in await conn.execute(query.order_by(h.id))]

    async def _known(self, conn: AsyncConnection, theirs: Sequence[Standing]) -> list[Ours]:
        keys, tickets = named(theirs)
        h = HANDOVERS.c
        query = select(h.key, h.ticket, h.state, h.their_no).where(
            self._ours(), or_(_among(h.key, keys), _among(h.ticket, tickets))
        )
        return [_mine(row) for row in await conn.execute(query.order_by(h.id))]

    async def _settle_doubts(self, conn: AsyncConnection, theirs: Sequence[Standing]) -> None:
        """In their list: it has arrived."""
        h = HANDOVERS.c
        listed = {each.key: each for each in theirs if each.key}
        query = select(h.id, h.key).where(self._ours(), h.state == S.IN_DOUBT, _among(h.key, listed))
        records = Records(conn, hall=self._hall, now=self._clock.now(), actor=self.bridge.name)
        for row in (await conn.execute(query)).all():
            there, held = listed[row.key], await records.locked(row.id)
            step = Step.ACKNOWLEDGE if there.their_no else Step.ARRIVE
            values = {"their_no": there.their_no or held.their_no, "sent_at": held.sent_at or held.in_doubt_at}
            await records.step_or_note(held, step, said="对账：对方清单中有这一件。", last_error="", **values)

    async def _store(self, conn: AsyncConnection, day: date, found: Sequence[Difference]) -> None:
        now, d = self._clock.now(), HANDOVER_DIFFERENCES.c
        there = and_(d.hall == self._hall, d.bridge == self.bridge.name, d.day == day)
        gone = and_(there, d.settled_at.is_(None), ~_among(d.number, [each.number for each in found]))
        settled = {"settled_at": now, "settled_by": "system", "reason": "再次对账，已一致。"}
        await conn.execute(update(HANDOVER_DIFFERENCES).where(gone).values(**settled))
        if not found:
            return
        made = insert(HANDOVER_DIFFERENCES)
        new = made.excluded
        said = {"why": new.why, "ours": new.ours, "theirs": new.theirs}
        changed = or_(d.why != new.why, d.ours != new.ours, d.theirs != new.theirs)
        again = {"found_at": now, "settled_at": None, "settled_by": None, "reason": "", **said}
        # What a person has settled stays settled as long as it is the same difference.
        kept = made.on_conflict_do_update(index_elements=["hall", "bridge", "day", "number"], set_=again, where=changed)
        of_day = {"hall": self._hall, "bridge": self.bridge.name, "day": day, "found_at": now}
        await conn.execute(
            kept,
            [
                of_day | {"number": each.number, "why": each.why.value, "ours": each.ours, "theirs": each.theirs}
                for each in found
            ],
        )

    async def _keep(self, day: date, **values: Any) -> None:
        made = {"tried_at": self._clock.now(), "error": "", **values}
        statement = insert(HANDOVER_COMPARISONS).values(hall=self._hall, bridge=self.bridge.name, day=day, **made)
        async with self._engine.begin() as conn:
            await conn.execute(statement.on_conflict_do_update(index_elements=["hall", "bridge", "day"], set_=made))

    async def _count(self) -> None:
        d = HANDOVER_DIFFERENCES.c
        there = and_(d.hall == self._hall, d.bridge == self.bridge.name, d.settled_at.is_(None))
        async with self._engine.connect() as conn:
            count = await conn.scalar(select(func.count()).select_from(HANDOVER_DIFFERENCES).where(there))
        HANDOVER_DIFFERENCES_OPEN.labels(self._hall, self.bridge.name).set(count or 0)

    def _ours(self) -> Any:
        h = HANDOVERS.c
        return and_(h.hall == self._hall, h.bridge == self.bridge.name)


def _span(day: date) -> tuple[datetime, datetime]:
    begin = datetime.combine(day, time(), SHANGHAI)
    return begin, begin + timedelta(days=1)


def _among(column: Column[str], values: Collection[str]) -> ColumnElement[bool]:
    """As one array: a day's list may name more than a statement has places for."""
    return column == any_(literal(list(values), ARRAY(Text)))


def _mine(row: Any) -> Ours:
    return Ours(key=row.key, ticket=row.ticket, state=S(row.state), their_no=row.their_no)
