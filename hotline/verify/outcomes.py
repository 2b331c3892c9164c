"""Invariant 1: has every call exactly one outcome, soon after its end; is every live call live, and not forgotten?"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import asyncpg

from hotline.verify.scope import Live, Scope
from hotline.verify.verdict import Broken, Check, check

TITLE: Final = "每通来电在终了后 60 秒内有且仅有一个结果；在线来电确实在线"
LIMIT: Final = 60.0

_ENDS = """
SELECT c.id, c.state, c.outcome, coalesce(j.ends, 0) AS ends, j.said, j.amended
FROM calls c
LEFT JOIN (
    SELECT call,
           count(*) FILTER (WHERE type = 'CallEnded') AS ends,
           min(data->>'outcome') FILTER (WHERE type = 'CallEnded') AS said,
           max(seq) FILTER (WHERE type = 'CallAmended' AND data->>'outcome' <> '') AS amended
    FROM journal
    WHERE hall = ANY($1) AND at >= $2 AND type IN ('CallEnded', 'CallAmended')
    GROUP BY call
) j ON j.call = c.id
WHERE c.hall = ANY($1) AND c.offered_at >= $2
  AND (coalesce(j.ends, 0) <> (c.state = 'ended')::int
       OR (c.state = 'ended' AND (c.outcome IS NULL OR c.outcome IS DISTINCT FROM j.said OR j.amended IS NOT NULL))
       OR (c.state <> 'ended' AND c.outcome IS NOT NULL))
"""
_AMENDED = "SELECT data->>'outcome' FROM journal WHERE hall = $1 AND seq = $2"
_LATE = """
SELECT c.id, c.hall, c.adapter, r.heard[1 + coalesce(e.no_end, 0)] AS heard_at, e.at AS ended_at
FROM (
    SELECT hall, adapter, call_key, array_agg(heard_at ORDER BY id) AS heard
    FROM raw_events
    WHERE hall = ANY($1) AND heard_at >= $2 AND type = 'CallReleased' AND state <> 'set_aside'
    GROUP BY hall, adapter, call_key
) r
JOIN calls c ON c.hall = r.hall AND c.adapter = r.adapter AND c.key = r.call_key
LEFT JOIN (
    SELECT call,
           min(at) FILTER (WHERE type = 'CallEnded') AS at,
           -- The ringing stopped because somebody picked up by hand: that was no end.
           count(*) FILTER (WHERE type = 'ReportIgnored' AND data->>'why' = 'taken_by_hand') AS no_end
    FROM journal
    WHERE hall = ANY($1) AND at >= $2 AND type IN ('CallEnded', 'ReportIgnored') GROUP BY call
) e ON e.call = c.id
WHERE c.offered_at >= $2
  AND coalesce(e.at, $3) - r.heard[1 + coalesce(e.no_end, 0)] > interval '60 seconds'
"""
_LIVE = """
SELECT c.id, c.adapter, c.key, c.state,
       coalesce((SELECT max(at) FROM journal j WHERE j.call = c.id), c.offered_at) AS seen_at
FROM calls c WHERE c.hall = ANY($1) AND c.adapter = ANY($2) AND c.state <> 'ended'
"""
_OVERDUE = """
SELECT id, hall, adapter, state, due FROM (
    SELECT *, least(
        CASE WHEN state IN ('ringing', 'dialling') THEN ring_until
             WHEN state = 'waiting' THEN least(widen_at, give_up_at, wanted_until, retry_at)
             WHEN state IN ('offered', 'in_menu') THEN menu_until END,
        (SELECT min((p->>'ring_until')::timestamptz) FROM jsonb_array_elements(c.parties) p
         WHERE NOT coalesce((p->>'up')::boolean, false))
    ) AS due
    FROM calls c WHERE hall = ANY($1) AND handling = 'hall' AND state <> 'ended'
) c WHERE due < $2::timestamptz - interval '60 seconds'
"""
_KNOWN = "SELECT key, ended_at FROM calls WHERE hall = ANY($1) AND adapter = $2 AND key = ANY($3)"


async def check_outcomes(connection: asyncpg.Connection, scope: Scope, live: Live | None) -> Check:
    """Compare the calls with the journal, the hang-ups that were heard, their deadlines, and what the devices say."""
    broken: list[Broken] = []
    for row in await connection.fetch(_ENDS, scope.halls, scope.since):
        broken += await _judge_ends(connection, row, scope.halls)
    for row in await connection.fetch(_LATE, scope.halls, scope.since, scope.now):
        late = scope.lasted(row["hall"], row["adapter"], row["heard_at"], row["ended_at"] or scope.now)
        if late > LIMIT:
            told = "仍未了结" if row["ended_at"] is None else "才了结"
            broken.append(Broken(row["id"], f"收到挂机后 {late:.0f} 秒{told}"))
    for row in await connection.fetch(_OVERDUE, scope.halls, scope.now):
        late = scope.lasted(row["hall"], row["adapter"], row["due"], scope.now)
        if late > LIMIT:
            broken.append(Broken(row["id"], f"状态为 {row['state']}，时限已过 {late:.0f} 秒仍未处理"))
    note = "未向线路核对在线来电" if live is None else f"已向 {len(live)} 条线路核对在线来电"
    if live is not None:
        broken += await _compare_live(connection, scope, live)
    checked = await connection.fetchval(
        "SELECT count(*) FROM calls WHERE hall = ANY($1) AND offered_at >= $2", scope.halls, scope.since
    )
    return check(1, TITLE, checked or 0, broken, note, scope.gaps_told())


async def _judge_ends(connection: asyncpg.Connection, row: asyncpg.Record, halls: tuple[str, ...]) -> list[Broken]:
    ended = row["state"] == "ended"
    if row["ends"] != int(ended):
        return [Broken(row["id"], f"状态为 {row['state']}，流水中有 {row['ends']} 次终了")]
    if not ended:
        return [Broken(row["id"], "尚未终了却已有结果")]
    said = row["said"]
    if row["amended"] is not None:
        for hall in halls:
            amended = await connection.fetchval(_AMENDED, hall, row["amended"])
            if amended is not None and amended == row["outcome"]:
                return []
        said = "更正后的另一结果"
    if said != row["outcome"]:
        return [Broken(row["id"], f"结果为 {row['outcome']}，流水中为 {said}")]
    return []


async def _compare_live(connection: asyncpg.Connection, scope: Scope, live: Live) -> list[Broken]:
    broken: list[Broken] = []
    grace = timedelta(seconds=LIMIT)
    for row in await connection.fetch(_LIVE, scope.halls, list(live)):
        if row["key"] not in live[row["adapter"]] and scope.now - row["seen_at"] > grace:
            broken.append(Broken(row["id"], f"状态为 {row['state']}，但线路 {row['adapter']} 已无此呼叫"))
    for adapter, keys in live.items():
        rows = await connection.fetch(_KNOWN, scope.halls, adapter, list(keys))
        known = {row["key"]: row["ended_at"] for row in rows}
        for key in sorted(keys):
            if key not in known:
                broken.append(Broken(f"{adapter}/{key}", "线路上有此呼叫，系统中没有来电"))
            elif (ended_at := known[key]) is not None and scope.now - ended_at > grace:
                broken.append(Broken(f"{adapter}/{key}", "线路上仍在通话，系统中已终了"))
    return broken
