"""What `hotline bridge` reads and writes in the site's database: how ways stand, dead letters, comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select

from adapters.bridge import Bridge
from adapters.errors import AdapterError
from hotline.audit.trail import Act, record
from hotline.cli.people import INSTALLER
from hotline.cli.root import database_of
from hotline.clock import WallClock
from hotline.handovers.desk import HandoverDesk
from hotline.handovers.handover import HandoverRefused
from hotline.handovers.handover import HandoverState as S
from hotline.handovers.reconciling import Reconciler
from hotline.handovers.records import Records
from hotline.settings import Settings
from hotline.store.tables import HANDOVER_DIFFERENCES, HANDOVERS


async def ways(found: Settings, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """How each way stands."""
    h, d = HANDOVERS.c, HANDOVER_DIFFERENCES.c
    states = [S.PREPARED.value, S.IN_DOUBT.value, S.FAILED.value]
    made: dict[str, dict[str, Any]] = {}
    async with database_of(found) as database, database.engine.connect() as conn:
        for name in names:
            ours = and_(h.hall == found.hall_of_bridge(name), h.bridge == name)
            query = select(h.state, func.count()).where(ours, h.state.in_(states)).group_by(h.state)
            counts = {row.state: row[1] for row in await conn.execute(query)}
            oldest = select(h.created_at, h.last_error, h.tries).where(ours, h.state == S.PREPARED).order_by(h.id)
            row = (await conn.execute(oldest.limit(1))).one_or_none()
            open_ = and_(d.hall == found.hall_of_bridge(name), d.bridge == name, d.settled_at.is_(None))
            made[name] = {
                "waiting": counts.get(S.PREPARED, 0),
                "in_doubt": counts.get(S.IN_DOUBT, 0),
                "failed": counts.get(S.FAILED, 0),
                "differences": await conn.scalar(select(func.count()).select_from(HANDOVER_DIFFERENCES).where(open_)),
                "oldest_at": row.created_at if row is not None else None,
                "tries": row.tries if row is not None else 0,
                "why": row.last_error if row is not None else "",
            }
    return made


async def dead_letters(found: Settings, names: Sequence[str], ids: Sequence[int] | None) -> list[dict[str, Any]]:
    """What failed, the oldest first."""
    h = HANDOVERS.c
    query = select(h.id, h.hall, h.bridge, h.ticket, h.last_error.label("why")).where(h.state == S.FAILED)
    query = query.where(h.bridge.in_(names)).order_by(h.id)
    if ids:
        query = query.where(h.id.in_(ids))
    async with database_of(found) as database, database.engine.connect() as conn:
        return [dict(row._mapping) for row in await conn.execute(query)]


async def replayed(found: Settings, dead: Sequence[Mapping[str, Any]], reason: str) -> list[int]:
    """Try them again, each in a transaction with its line in the audit trail; which were not settled meanwhile."""
    done: list[int] = []
    async with database_of(found) as database:
        for each in dead:
            now = WallClock().now()
            try:
                async with database.engine.begin() as conn:
                    records = Records(conn, hall=each["hall"], now=now, actor=INSTALLER.account)
                    await HandoverDesk(records).retry(each["id"], reason)
                    await record(
                        conn,
                        hall=each["hall"],
                        doer=INSTALLER,
                        act=Act.HANDOVER_SETTLED,
                        object=f"handover:{each['id']}",
                        at=now,
                        reason=reason,
                    )
            except HandoverRefused:
                continue  # somebody was quicker
            done.append(each["id"])
    return done


async def compared(found: Settings, bridges: Mapping[str, Bridge], day: date) -> list[dict[str, Any]]:
    """Compare a day over each of them."""
    report: list[dict[str, Any]] = []
    async with database_of(found) as database:
        for name, bridge in bridges.items():
            line: dict[str, Any] = {"bridge": name, "ours": 0, "theirs": 0, "found": [], "error": ""}
            reconciler = Reconciler(database.engine, bridge, hall=found.hall_of_bridge(name), clock=WallClock())
            try:
                made = await reconciler.compare(day)
            except AdapterError as error:
                report.append(line | {"error": str(error)})
            else:
                found_now = [
                    {"number": each.number, "why": each.why.value, "ours": each.ours, "theirs": each.theirs}
                    for each in made.found
                ]
                report.append(line | {"ours": made.ours, "theirs": made.theirs, "found": found_now})
            finally:
                await bridge.close()
    return report
