"""Keeps a hall's deadlines (期限) true while the service runs: stamps, warns, and says what is late.

What is born in the hall's commit gets its deadline here, seconds later and counted from its birth: the call path waits
for nothing. What closed by itself (a caller who had gone) loses it here as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import exists, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline.clock import Clock
from hotline.deadlines.book import Book
from hotline.deadlines.site import Table, book_of
from hotline.metrics import DEADLINES_OVERDUE
from hotline.store.tables import CALLS, DEADLINES, TICKET_STEPS, TICKETS
from hotline.tickets.ticket import AT_DESK, ENDED

LOOK_SECONDS: Final = 15.0
BATCH: Final = 500
"""Tickets that are stamped in one transaction."""
ROUNDS: Final = 40
"""Batches in one look: a hall that begins with a history of open tickets takes several."""
SYSTEM: Final = "system"

_log = structlog.get_logger(__name__)


async def keep_deadlines(
    engine: AsyncEngine,
    hall: str,
    table: Table,
    *,
    clock: Clock,
    leading: Callable[[], bool],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Until cancelled; only while this process leads the hall. A database that is away is waited for."""
    while True:
        if leading():
            try:
                late = await look(engine, hall, table, clock.now())
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("deadlines_not_looked_at", hall=hall, error=type(error).__name__)
            else:
                if late:
                    _log.warning("tickets_overdue", hall=hall, tickets=list(late[:20]), count=len(late))
        await sleep(LOOK_SECONDS)


async def look(engine: AsyncEngine, hall: str, table: Table, now: datetime) -> Sequence[str]:
    """One look; the tickets of which something has just become overdue."""
    for _ in range(ROUNDS):
        async with engine.begin() as conn:
            stamped = await _stamp(conn, hall, await book_of(conn, hall, table, now))
        if stamped < BATCH:
            break
    async with engine.begin() as conn:
        await _drop(conn, hall, now)
        await _warn(conn, hall, now)
        late = await _raise(conn, hall, now)
        d = DEADLINES.c
        running = select(d.id).where(d.hall == hall, d.done_at.is_(None), d.paused_at.is_(None), d.due_at < now)
        DEADLINES_OVERDUE.labels(hall).set(len((await conn.execute(running)).all()))
    return late


async def _stamp(conn: AsyncConnection, hall: str, book: Book) -> int:
    t = TICKETS.c
    live = exists().where(CALLS.c.id == t.call, CALLS.c.state != "ended")
    query = (
        select(TICKETS)
        .where(t.hall == hall, t.state.in_(sorted(AT_DESK)), t.due_at.is_(None), ~live)
        .order_by(t.number)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    found = (await conn.execute(query)).all()
    for ticket in found:
        await book.begin(ticket)
    return len(found)


async def _drop(conn: AsyncConnection, hall: str, now: datetime) -> None:
    """The hall itself closed the ticket: nothing is to be done any more."""
    d, t = DEADLINES.c, TICKETS.c
    over = exists().where(t.number == d.ticket, t.state.in_(sorted(ENDED)))
    dropped = await conn.execute(
        update(DEADLINES).where(d.hall == hall, d.done_at.is_(None), over).values(done_at=now).returning(d.ticket)
    )
    if numbers := {row.ticket for row in dropped}:
        await conn.execute(update(TICKETS).where(t.number.in_(sorted(numbers))).values(due_at=None))


async def _warn(conn: AsyncConnection, hall: str, now: datetime) -> None:
    d = DEADLINES.c
    running = (d.hall == hall, d.done_at.is_(None), d.paused_at.is_(None), d.warned_at.is_(None), d.warn_at <= now)
    await conn.execute(update(DEADLINES).where(*running).values(warned_at=now))


async def _raise(conn: AsyncConnection, hall: str, now: datetime) -> Sequence[str]:
    d, t = DEADLINES.c, TICKETS.c
    raised = await conn.execute(
        update(DEADLINES)
        .where(
            d.hall == hall,
            d.done_at.is_(None),
            d.paused_at.is_(None),
            or_(d.overdue_at.is_(None), d.overdue_at < d.due_at),
            d.due_at < now,
        )
        .values(overdue_at=now)
        .returning(d.ticket, d.kind, d.unit)
    )
    rows = raised.all()
    if not rows:
        return []
    numbers = sorted({row.ticket for row in rows})
    states = await conn.execute(select(t.number, t.state).where(t.number.in_(numbers)))
    state_of = {row.number: row.state for row in states}
    lines = [
        {
            "hall": hall,
            "ticket": row.ticket,
            "at": now,
            "actor": SYSTEM,
            "step": "overdue",
            "state": state_of[row.ticket],
            "data": {"kind": row.kind, "unit": row.unit},
        }
        for row in rows
    ]
    await conn.execute(insert(TICKET_STEPS), lines)
    return numbers
