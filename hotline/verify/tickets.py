"""Invariant 3: has every call, in or out, exactly one ticket (话务工单), born with it, naming the seat that answered?

A call that is passed on is credited to the seat that had the caller last.
"""

from __future__ import annotations

from typing import Final

import asyncpg

from hotline.verify.scope import Scope
from hotline.verify.verdict import Broken, Check, check

TITLE: Final = "每通来电（含外呼）有且仅有一张话务工单，与其同时生成；接听来电的工单写明最后接听的坐席"

_WITH_CALLS = """
SELECT c.id, c.ticket, t.number, a.arrivals, a.said,
       t.created_at, a.at AS arrived_at, c.offered_at, c.outcome, t.outcome AS told_outcome,
       c.answered_at, t.seat AS named, k.seats
FROM calls c
LEFT JOIN tickets t ON t.call = c.id
LEFT JOIN (
    SELECT call, count(*) AS arrivals, min(at) AS at, min(data->>'ticket') AS said
    FROM journal WHERE hall = ANY($1) AND at >= $2 AND type = 'CallArrived' GROUP BY call
) a ON a.call = c.id
LEFT JOIN (
    SELECT call, array_agg(seat ORDER BY seq) AS seats
    FROM journal
    WHERE hall = ANY($1) AND at >= $2
      AND (type = 'CallTaken' OR (type = 'CallPassed' AND seat IS NOT NULL)
           OR (type = 'CallAmended' AND data->>'fact' IN ('SeatAnswered', 'TakenByHand')))
    GROUP BY call
) k ON k.call = c.id
WHERE c.hall = ANY($1) AND c.offered_at >= $2 AND (
    t.number IS NULL
    OR t.number IS DISTINCT FROM c.ticket
    OR a.arrivals IS DISTINCT FROM 1
    OR a.said IS DISTINCT FROM c.ticket
    OR (abs(extract(epoch FROM t.created_at - a.at)) > 1 AND abs(extract(epoch FROM t.created_at - c.offered_at)) > 1)
    OR (c.state = 'ended' AND t.outcome IS DISTINCT FROM c.outcome)
    OR (c.answered_at IS NOT NULL AND (k.seats IS NULL OR t.seat IS DISTINCT FROM k.seats[cardinality(k.seats)]))
)
"""
_STRAY = """
SELECT t.number, t.call FROM tickets t LEFT JOIN calls c ON c.id = t.call
WHERE t.hall = ANY($1) AND t.created_at >= $2 AND t.channel = 'phone' AND c.id IS NULL
"""
_TWICE = """
SELECT call, count(*) AS tickets FROM tickets WHERE hall = ANY($1) AND created_at >= $2 AND call IS NOT NULL
GROUP BY call HAVING count(*) > 1
"""


async def check_tickets(connection: asyncpg.Connection, scope: Scope) -> Check:
    """Compare calls, tickets and the journal's arrivals and answers."""
    broken = [Broken(row["id"], _told(row)) for row in await connection.fetch(_WITH_CALLS, scope.halls, scope.since)]
    for row in await connection.fetch(_STRAY, scope.halls, scope.since):
        broken.append(Broken(row["number"], "电话工单没有对应的来电"))
    for row in await connection.fetch(_TWICE, scope.halls, scope.since):
        broken.append(Broken(row["call"], f"有 {row['tickets']} 张工单"))
    checked = await connection.fetchval(
        "SELECT count(*) FROM tickets WHERE hall = ANY($1) AND created_at >= $2", scope.halls, scope.since
    )
    return check(3, TITLE, checked or 0, broken)


def _told(row: asyncpg.Record) -> str:
    if row["number"] is None:
        return "没有工单"
    if row["number"] != row["ticket"] or row["said"] != row["ticket"]:
        return f"来电记的工单是 {row['ticket']}，实际是 {row['number']}，流水中是 {row['said']}"
    if row["arrivals"] != 1:
        return f"流水中有 {row['arrivals'] or 0} 次到达"
    if row["outcome"] is not None and row["told_outcome"] != row["outcome"]:
        return f"来电结果为 {row['outcome']}，工单上为 {row['told_outcome'] or '空'}"
    if row["answered_at"] is not None and (not row["seats"] or row["named"] != row["seats"][-1]):
        return f"接听坐席依次为 {'、'.join(filter(None, row['seats'] or [])) or '无'}，工单上为 {row['named'] or '空'}"
    return f"工单生成于 {row['created_at']}，来电接受于 {row['arrived_at']}"
