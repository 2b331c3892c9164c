"""How satisfied were citizens, month by month, as far as it may be published?

Only months that are over, and only where at least `FEWEST` people were heard: from fewer, or from a month that still
grows, somebody could work out what one person said.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.ratings.own import bounds
from hotline.rosters.calendar import SHANGHAI
from hotline.store.tables import FOLLOW_UPS, RATINGS

MONTHS: Final = 6
FEWEST: Final = 10


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """One month's satisfaction; None: not enough people to publish it."""

    month: date
    rated: int | None
    satisfied: float | None
    """满意率 of ratings: of those who rated."""
    asked: int | None
    content: float | None
    """回访满意率: satisfied or fairly so, of those who answered."""


async def months(conn: AsyncConnection, hall: str, now: datetime) -> list[Month]:
    """The last months that are over, the newest first."""
    found: list[Month] = []
    month = now.astimezone(SHANGHAI).date().replace(day=1)
    for _ in range(MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        found.append(await _month(conn, hall, month))
    return found


async def _month(conn: AsyncConnection, hall: str, month: date) -> Month:
    r, f = RATINGS.c, FOLLOW_UPS.c
    begin, end = bounds(month)
    rated = select(func.count(), func.count().filter(r.satisfied)).where(r.hall == hall, r.at >= begin, r.at < end)
    heard = f.contentment.in_(("satisfied", "fair", "dissatisfied"))
    content = f.contentment.in_(("satisfied", "fair"))
    asked = select(func.count().filter(heard), func.count().filter(content)).where(
        f.hall == hall, f.at >= begin, f.at < end
    )
    ratings = (await conn.execute(rated)).one()
    follow_ups = (await conn.execute(asked)).one()
    rated_so, satisfied = published(ratings[0], ratings[1])
    asked_so, contented = published(follow_ups[0], follow_ups[1])
    return Month(month=month, rated=rated_so, satisfied=satisfied, asked=asked_so, content=contented)


def published(people: int, satisfied: int) -> tuple[int | None, float | None]:
    """Number and rate, as far as they may be published."""
    return (people, round(satisfied / people, 4)) if people >= FEWEST else (None, None)
