"""Where can the demo hall send a matter (派单)? A city of a few offices, two of which have somebody who handles it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.directory import units
from hotline.directory.kinds import UnitKind
from hotline.directory.things import Pen
from hotline.store.tables import UNITS
from hotline.tickets.matter import Matter

_OFFICES: Final = (
    ("city", "示范市公共法律服务中心", UnitKind.CITY_HALL, "", "9901", "示范市", "人民路1号"),
    ("east", "东湖区公共法律服务中心", UnitKind.COUNTY_CENTRE, "city", "990101", "东湖区", "湖滨路18号"),
    ("east-lake", "湖滨街道公共法律服务站", UnitKind.TOWNSHIP_STATION, "east", "990101001", "湖滨街道", "湖滨路66号"),
    ("west", "西岭县公共法律服务中心", UnitKind.COUNTY_CENTRE, "city", "990121", "西岭县", "岭前大街7号"),
    ("aid", "示范市法律援助中心", UnitKind.LEGAL_AID_CENTRE, "city", "9901", "示范市", "人民路1号2楼"),
)
HANDLERS: Final = (("8001", "吴主任", "east"), ("8002", "周站长", "east-lake"))
"""承办人: work number, name, office."""


async def found(conn: AsyncConnection, pen: Pen) -> None:
    """The offices, where the hall has none yet."""
    there = select(UNITS.c.id).where(UNITS.c.hall == pen.hall).limit(1)
    if (await conn.execute(there)).one_or_none() is not None:
        return
    services = [Matter.LEGAL_ADVICE.value, Matter.LEGAL_AID.value, Matter.MEDIATION.value]
    for code, name, kind, parent, area, area_name, street in _OFFICES:
        values: dict[str, Any] = {"kind": kind.value, "name": name, "parent": parent or None, "area": area}
        values |= {"area_name": area_name, "address": f"示范市{street}", "telephone": "", "hours": None}
        values |= {"services": services, "services_note": "", "public": True}
        await units.create(conn, pen, code, values)
