"""How much has every unit (机构) to do, and who is late? For those who watch over the units."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.handling.lists import STATES, Reach, View, conditions, unit_names
from hotline.store.tables import TICKETS


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit has to do now, as the lead (主办)."""

    unit: str
    unit_name: str
    at_unit: int
    to_sign: int
    due_today: int
    overdue: int
    supervised: int


async def loads(conn: AsyncConnection, reach: Reach, *, now: datetime, today_ends: datetime) -> list[Load]:
    """How much every unit has; who is late most first, units with nothing left out."""
    t = TICKETS.c
    late = func.count().filter(t.due_at < now)
    query = (
        select(
            t.unit,
            func.count().label("at_unit"),
            func.count().filter(t.state.in_(sorted(STATES[View.TO_SIGN]))).label("to_sign"),
            func.count().filter(t.due_at >= now, t.due_at < today_ends).label("due_today"),
            late.label("overdue"),
            func.count().filter(t.supervised).label("supervised"),
        )
        .where(*conditions(reach, View.AT_UNITS, now, today_ends))
        .group_by(t.unit)
        .order_by(late.desc(), func.count().desc(), t.unit)
    )
    if reach.units is not None:
        query = query.where(t.unit.in_(sorted(reach.units)))  # whom they help, they do not watch
    rows = (await conn.execute(query)).all()
    names = await unit_names(conn, reach.hall, {row.unit for row in rows})
    return [
        Load(
            unit=row.unit,
            unit_name=names.get(row.unit) or row.unit,
            at_unit=row.at_unit,
            to_sign=row.to_sign,
            due_today=row.due_today,
            overdue=row.overdue,
            supervised=row.supervised,
        )
        for row in rows
    ]
