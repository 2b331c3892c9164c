"""Which differences between both sides' lists are there, which days were compared, and how does a person settle one?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.store.tables import ACCOUNTS, HANDOVER_COMPARISONS, HANDOVER_DIFFERENCES, HANDOVERS


class NoSuchDifference(Exception):
    """The hall has no such difference, or it is settled already."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """After which difference a page begins."""

    id: int


class Differs(msgspec.Struct, frozen=True, kw_only=True):
    """A difference in a list."""

    id: int
    bridge: str
    day: date
    number: str
    why: str
    ours: str
    theirs: str
    found_at: datetime
    settled_at: datetime | None
    settled_by: str
    reason: str
    handover: int | None
    """Ours that it is about."""
    ticket: str | None


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A day that was compared, or was to be."""

    bridge: str
    day: date
    tried_at: datetime
    made_at: datetime | None
    ours: int
    theirs: int
    found: int
    error: str


async def listed(
    conn: AsyncConnection, hall: str, *, settled: bool, bridge: str | None, limit: int, after: Place | None
) -> tuple[list[Differs], Place | None]:
    """One page, the newest first, and where the next one begins (None: this was the last)."""
    d, h = HANDOVER_DIFFERENCES.c, HANDOVERS.c
    by = func.coalesce(ACCOUNTS.c.name, d.settled_by, "").label("settled_by")
    plain = [d[name] for name in Differs.__struct_fields__ if name not in ("settled_by", "handover", "ticket")]
    joined = HANDOVER_DIFFERENCES.outerjoin(HANDOVERS, (h.key == d.number) & (h.hall == d.hall)).outerjoin(
        ACCOUNTS, ACCOUNTS.c.id == d.settled_by
    )
    query = select(*plain, by, h.id.label("handover"), h.ticket).select_from(joined)
    query = query.where(d.hall == hall, d.settled_at.is_not(None) if settled else d.settled_at.is_(None))
    if bridge is not None:
        query = query.where(d.bridge == bridge)
    if after is not None:
        query = query.where(d.id < after.id)
    rows = (await conn.execute(query.order_by(d.id.desc()).limit(limit + 1))).all()
    more = Place(rows[limit - 1].id) if len(rows) > limit else None
    return [Differs(**row._mapping) for row in rows[:limit]], more


async def compared(conn: AsyncConnection, hall: str, *, limit: int) -> list[Compared]:
    """The newest days."""
    c = HANDOVER_COMPARISONS.c
    plain = [c[name] for name in Compared.__struct_fields__]
    rows = await conn.execute(select(*plain).where(c.hall == hall).order_by(c.day.desc(), c.bridge).limit(limit))
    return [Compared(**row._mapping) for row in rows]


async def settle(
    conn: AsyncConnection, hall: str, difference: int, *, by: str, reason: str, now: datetime
) -> dict[str, Any]:
    """已处理: with what was found out. What it was about. Raises `NoSuchDifference`."""
    d = HANDOVER_DIFFERENCES.c
    written = await conn.execute(
        update(HANDOVER_DIFFERENCES)
        .where(d.id == difference, d.hall == hall, d.settled_at.is_(None))
        .values(settled_at=now, settled_by=by, reason=reason)
        .returning(d.bridge, d.day, d.number, d.why)
    )
    row = written.one_or_none()
    if row is None:
        raise NoSuchDifference(difference)
    return {"bridge": row.bridge, "day": str(row.day), "number": row.number, "why": row.why}
