"""Invariant 6: are journal, times and segments in order, without a gap and without a negative duration?"""

from __future__ import annotations

from typing import Final

import asyncpg

from hotline.verify.scope import Scope
from hotline.verify.segments import check_segments
from hotline.verify.verdict import Broken, Check, check

TITLE: Final = "流水无缺号；来电 ≤ 振铃 ≤ 应答 ≤ 终了；各分段首尾相接并与流水一致，无负时长"

_HALLS = """
SELECT hall, count(*) AS events, min(seq) AS first, max(seq) AS last FROM journal
WHERE hall = ANY($1) AND at >= $2 GROUP BY hall
"""
_HOLES = """
SELECT seq, before FROM (
    SELECT seq, lag(seq) OVER (ORDER BY seq) AS before FROM journal WHERE hall = $1 AND at >= $2
) s WHERE seq <> before + 1 LIMIT 100
"""
_BACKWARDS = """
SELECT hall, seq, at, before FROM (
    SELECT hall, seq, at, lag(at) OVER (PARTITION BY hall ORDER BY seq) AS before
    FROM journal WHERE hall = ANY($1) AND at >= $2
) s WHERE at < before LIMIT 1000
"""
_CALLS = """
SELECT c.id, c.seq, j.events, j.first, j.last
FROM calls c
LEFT JOIN (
    SELECT call, count(*) AS events, min(call_seq) AS first, max(call_seq) AS last
    FROM journal WHERE hall = ANY($1) AND at >= $2 AND call IS NOT NULL AND call_seq > 0
    GROUP BY call
) j ON j.call = c.id
WHERE c.hall = ANY($1) AND c.offered_at >= $2
  AND (j.events IS DISTINCT FROM c.seq OR j.first IS DISTINCT FROM 1 OR j.last IS DISTINCT FROM c.seq)
"""
_TIMES = """
SELECT id, offered_at, queued_at, rung_at, answered_at, ended_at, state, outcome
FROM calls WHERE hall = ANY($1) AND offered_at >= $2 AND (
    least(queued_at, rung_at, answered_at, ended_at) < offered_at
 OR least(answered_at, ended_at) < rung_at
 OR ended_at < answered_at
 OR (state = 'ended') <> (ended_at IS NOT NULL)
 OR (state = 'ended' AND (outcome = 'answered') <> (answered_at IS NOT NULL))
 OR greatest(offered_at, queued_at, rung_at, answered_at, ended_at) > $3::timestamptz + interval '60 seconds'
)
"""
_SEATS = """
SELECT hall, seat, at, before, previous FROM (
    SELECT hall, seat, at, before, lag(after) OVER (PARTITION BY hall, seat ORDER BY id) AS previous
    FROM seat_changes WHERE hall = ANY($1) AND at >= $2
) s WHERE before <> previous
"""
_RECORDINGS = """
SELECT call, name FROM recordings
WHERE hall = ANY($1) AND started_at >= $2 AND (stopped_at < started_at OR seconds < 0)
"""


async def check_order(connection: asyncpg.Connection, scope: Scope) -> Check:
    """Look for holes and backward steps in the journal, the calls and their segments, the seats and the recordings."""
    broken: list[Broken] = []
    checked = 0
    for row in await connection.fetch(_HALLS, scope.halls, scope.since):
        checked += row["events"]
        first = 1 if scope.whole else row["first"]
        if row["events"] != row["last"] - first + 1 or row["first"] != first:
            holes = await connection.fetch(_HOLES, row["hall"], scope.since)
            broken += [
                Broken(f"{row['hall']}#{hole['seq']}", f"流水号接在 {hole['before']} 之后，缺号") for hole in holes
            ]
            if row["first"] != first:
                broken.append(Broken(f"{row['hall']}#{row['first']}", "流水不从 1 开始"))
    for row in await connection.fetch(_BACKWARDS, scope.halls, scope.since):
        broken.append(Broken(f"{row['hall']}#{row['seq']}", f"流水时间 {row['at']} 早于前一条的 {row['before']}"))
    for row in await connection.fetch(_CALLS, scope.halls, scope.since):
        span = f"{row['first']}–{row['last']}" if row["events"] else "无"
        broken.append(Broken(row["id"], f"应有 {row['seq']} 条流水，实有 {row['events'] or 0} 条（{span}）"))
    for row in await connection.fetch(_TIMES, scope.halls, scope.since, scope.now):
        times = " → ".join(
            f"{label} {row[name]}"
            for label, name in (
                ("来电", "offered_at"),
                ("排队", "queued_at"),
                ("振铃", "rung_at"),
                ("应答", "answered_at"),
                ("终了", "ended_at"),
            )
            if row[name] is not None
        )
        broken.append(Broken(row["id"], f"时间次序、时区或结果（{row['outcome']}）有误：{times}"))
    for row in await connection.fetch(_SEATS, scope.halls, scope.since):
        told = f"{row['at']} 由 {row['before']} 改变，但此前为 {row['previous']}"
        broken.append(Broken(f"{row['hall']} 坐席 {row['seat']}", told))
    for row in await connection.fetch(_RECORDINGS, scope.halls, scope.since):
        broken.append(Broken(row["call"], f"录音 {row['name']} 时长为负"))
    chains, faults = await check_segments(connection, scope)
    return check(6, TITLE, checked, [*broken, *faults], f"核对分段 {chains} 通" if chains else "")
