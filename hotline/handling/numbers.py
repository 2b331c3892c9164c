"""Which number does a case file (卷宗) get? Without a gap within a hall's year, taken in the closing transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.rosters.calendar import SHANGHAI
from hotline.store.tables import CASE_FILES


async def next_case_file(conn: AsyncConnection, hall: str, now: datetime) -> str:
    """`HALL-2026-000123`. Whoever closes at the same moment waits for this transaction."""
    year, c = now.astimezone(SHANGHAI).year, CASE_FILES.c
    taken = insert(CASE_FILES).values(hall=hall, year=year, next=2)
    taken = taken.on_conflict_do_update(index_elements=[c.hall, c.year], set_={"next": c.next + 1})
    number: int = (await conn.execute(taken.returning(c.next - 1))).scalar_one()
    return f"{hall.upper()}-{year}-{number:06d}"
