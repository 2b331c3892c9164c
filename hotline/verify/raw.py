"""Invariant 7: was every raw event applied once, or set aside with a reason?"""

from __future__ import annotations

from typing import Final

import asyncpg

from hotline.verify.scope import Scope
from hotline.verify.verdict import Broken, Check, check

TITLE: Final = "每个原始事件恰好处理一次，或注明原因搁置"
LIMIT: Final = 60.0

_STATES = """
SELECT id, hall, adapter, event_id, type, state, heard_at FROM raw_events
WHERE hall = ANY($1) AND heard_at >= $2 AND (
    state NOT IN ('pending', 'applied', 'set_aside')
 OR (state = 'set_aside' AND btrim(reason) = '')
 OR (state = 'pending' AND heard_at < $3::timestamptz - interval '60 seconds')
)
"""
_REPEATED = """
SELECT hall, adapter, event_id, count(*) AS times FROM raw_events WHERE hall = ANY($1) AND heard_at >= $2
GROUP BY hall, adapter, event_id HAVING count(*) > 1
"""
_EFFECTS = """
WITH heard AS (
    SELECT hall, adapter, call_key,
           count(*) FILTER (WHERE type = 'DigitsPressed') AS keys,
           count(*) FILTER (WHERE type = 'LegHeld') AS holds,
           count(*) FILTER (WHERE type = 'LegResumed') AS resumes,
           count(*) FILTER (WHERE type = 'SeatDeclined') AS declines,
           count(*) FILTER (WHERE type = 'RecordingStopped') AS recordings,
           count(*) FILTER (WHERE type = 'SeatRinging') AS rings
    FROM raw_events
    WHERE hall = ANY($1) AND heard_at >= $2 AND state = 'applied' AND call_key IS NOT NULL
    GROUP BY hall, adapter, call_key
), done AS (
    -- What a person did at the desk bears his number; a consultation that comes to nothing takes the caller back.
    SELECT call,
           count(*) FILTER (WHERE type IN ('KeysHeard', 'LanguageChosen', 'RatingGiven', 'CallbackWished')) AS keys,
           count(*) FILTER (WHERE type = 'CallHeld' AND actor = 'system') AS holds,
           count(*) FILTER (WHERE type = 'CallResumed' AND actor = 'system')
               - count(*) FILTER (WHERE type IN ('PartyMissed', 'PartyLeft')) AS resumes,
           count(*) FILTER (WHERE type = 'CallerKnown') AS names,
           count(*) FILTER (WHERE type = 'RecordingKept' AND NOT data ? 'missing') AS recordings,
           count(*) FILTER (WHERE type = 'SeatOffered' AND data->>'why' = 'device') AS rings
    FROM journal
    WHERE hall = ANY($1) AND at >= $2 AND call IS NOT NULL
      AND type IN (
          'KeysHeard', 'LanguageChosen', 'RatingGiven', 'CallbackWished', 'CallHeld', 'CallResumed', 'PartyMissed',
          'PartyLeft', 'CallerKnown', 'RecordingKept', 'SeatOffered'
      )
    GROUP BY call
)
SELECT c.id,
       done.keys > coalesce(heard.keys, 0) AS keys, done.holds > coalesce(heard.holds, 0) AS holds,
       done.resumes > coalesce(heard.resumes, 0) AS resumes, done.names > 1 AS names,
       done.recordings > coalesce(heard.recordings, 0) AS recordings, done.rings > coalesce(heard.rings, 0) AS rings
FROM done
JOIN calls c ON c.id = done.call AND c.offered_at >= $2
LEFT JOIN heard ON heard.hall = c.hall AND heard.adapter = c.adapter AND heard.call_key = c.key
WHERE done.keys > coalesce(heard.keys, 0) OR done.holds > coalesce(heard.holds, 0)
   OR done.resumes > coalesce(heard.resumes, 0) OR done.names > 1
   OR done.recordings > coalesce(heard.recordings, 0) OR done.rings > coalesce(heard.rings, 0)
"""
_LABELS: Final = {
    "keys": "按键",
    "holds": "保持",
    "resumes": "恢复通话",
    "names": "主叫识别",
    "recordings": "录音",
    "rings": "网关振铃",
}


async def check_raw(connection: asyncpg.Connection, scope: Scope) -> Check:
    """Look at each event's state, and hold the journal's effects against the events that could have caused them."""
    broken: list[Broken] = []
    for row in await connection.fetch(_STATES, scope.halls, scope.since, scope.now):
        name = f"{row['adapter']}/{row['event_id']}"
        if row["state"] == "pending":
            waited = scope.lasted(row["hall"], None, row["heard_at"], scope.now)
            if waited > LIMIT:
                broken.append(Broken(name, f"{row['type']} 收到 {waited:.0f} 秒仍未处理"))
        elif row["state"] == "set_aside":
            broken.append(Broken(name, f"{row['type']} 已搁置，但没有原因"))
        else:
            broken.append(Broken(name, f"状态 {row['state']} 不明"))
    for row in await connection.fetch(_REPEATED, scope.halls, scope.since):
        broken.append(Broken(f"{row['adapter']}/{row['event_id']}", f"同一事件存有 {row['times']} 条"))
    for row in await connection.fetch(_EFFECTS, scope.halls, scope.since):
        what = "、".join(label for name, label in _LABELS.items() if row[name])
        broken.append(Broken(row["id"], f"{what}的流水多于原始事件：有事件被重复处理"))
    counts = await connection.fetch(
        "SELECT state, count(*) AS events FROM raw_events WHERE hall = ANY($1) AND heard_at >= $2 GROUP BY state",
        scope.halls,
        scope.since,
    )
    by_state = {row["state"]: row["events"] for row in counts}
    note = (
        f"已处理 {by_state.get('applied', 0)}，搁置 {by_state.get('set_aside', 0)}，待处理 {by_state.get('pending', 0)}"
    )
    return check(7, TITLE, sum(by_state.values()), broken, note, scope.gaps_told())
