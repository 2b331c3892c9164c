"""How far does a unit (机构) reach? Itself, and every unit below it."""

from __future__ import annotations

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.store.tables import UNITS


async def below(conn: AsyncConnection, hall: str, unit: str) -> frozenset[str]:
    """The codes; at least the unit's own, and none for no unit at all.

    Units that have ended stay within reach: the tickets they had are still somebody's to look at.
    """
    if not unit:
        return frozenset()
    u = UNITS.c
    # UNION, not UNION ALL: a ring in the data ends there.
    tree = select(literal(unit).label("code")).cte("tree", recursive=True)
    tree = tree.union(select(u.code).join(tree, u.parent == tree.c.code).where(u.hall == hall))
    return frozenset((await conn.execute(select(tree.c.code))).scalars())


async def is_at_work(conn: AsyncConnection, hall: str, unit: str) -> bool:
    """Is there such a unit, and has it not ended?"""
    u = UNITS.c
    return await conn.scalar(select(u.code).where(u.hall == hall, u.code == unit, u.valid_to.is_(None))) is not None
