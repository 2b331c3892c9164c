"""The versions of a hall's emergency plans (应急预案). In the caller's transaction."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.incidents.plan import DEFAULT, MAX_PLANS, Plan, faults
from hotline.store.tables import INCIDENT_PLANS


class PlanChanged(Exception):
    """Somebody else has made a newer version."""


class PlanWrong(Exception):
    """It does not do; `faults` say why."""

    def __init__(self, found: dict[str, str]) -> None:
        super().__init__(", ".join(found))
        self.faults = found


class Versioned(msgspec.Struct, frozen=True, kw_only=True):
    """A plan and which version of it this is; 0: what comes along."""

    code: str
    version: int
    plan: Plan


async def plans(conn: AsyncConnection, hall: str) -> list[Versioned]:
    """The newest version of each, the retired ones too; those that come along first."""
    p = INCIDENT_PLANS.c
    query = select(p.code, p.version, p.content).where(p.hall == hall)
    rows = await conn.execute(query.ext(distinct_on(p.code)).order_by(p.code, p.version.desc()))
    stored = {row.code: Versioned(code=row.code, version=row.version, plan=_plan(row.content)) for row in rows}
    found = [stored.pop(code, None) or Versioned(code=code, version=0, plan=plan) for code, plan in DEFAULT.items()]
    return [*found, *stored.values()]


async def newest(conn: AsyncConnection, hall: str, code: str) -> Versioned | None:
    """The plan as it is now."""
    return next((each for each in await plans(conn, hall) if each.code == code), None)


async def save(conn: AsyncConnection, hall: str, code: str, plan: Plan, *, seen: int, by: str, now: datetime) -> int:
    """The number of the new version. `seen`: the version that was edited. Raises `PlanChanged`, `PlanWrong`."""
    if found := faults(plan):
        raise PlanWrong(found)
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"incident-plans:{hall}", 0))))
    known = await plans(conn, hall)
    before = next((each.version for each in known if each.code == code), 0)
    if before != seen:
        raise PlanChanged
    if len(known) >= MAX_PLANS and all(each.code != code for each in known):
        raise PlanWrong({"code": f"最多 {MAX_PLANS} 个预案。"})
    row = {"hall": hall, "code": code, "version": seen + 1, "at": now, "by": by, "content": msgspec.to_builtins(plan)}
    await conn.execute(insert(INCIDENT_PLANS).values(**row))
    return seen + 1


def _plan(content: object) -> Plan:
    return msgspec.convert(content, Plan)
