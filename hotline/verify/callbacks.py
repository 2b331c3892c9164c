"""Invariant 11: is nobody who rang forgotten?

Every ended inbound call that nobody served, whose number is known, is listed by exactly one call-back task (漏接回拨)
as soon as the journal has been followed beyond it; calls before the beginning of following are not its own. And tasks
say what happened: one that is done or got through names the call in which the caller was spoken with.
"""

from __future__ import annotations

from typing import Final

import asyncpg

from hotline.verify.scope import Scope
from hotline.verify.verdict import Broken, Check, check

TITLE: Final = "每通未接来电（号码已知）都列入一个回拨任务；已完成和已接通的任务有通话为证"

_SERVED: Final = ["answered", "forwarded", "blocked", "not_reached"]
"""Outcomes after which nobody is called back."""

_FORGOTTEN = """
SELECT c.id, c.outcome, l.call IS NOT NULL AS listed, b.caller_index IS DISTINCT FROM c.caller_index AS stranger
FROM followers f
JOIN journal j ON j.hall = f.hall AND j.type = 'CallEnded' AND j.seq > f.began AND j.seq <= f.seq
JOIN calls c ON c.id = j.call
LEFT JOIN callback_calls l ON l.call = c.id
LEFT JOIN callbacks b ON b.id = l.callback
WHERE f.name = 'callbacks' AND f.hall = ANY($1) AND j.at >= $2
  AND c.direction = 'in' AND c.state = 'ended' AND c.caller_index IS NOT NULL
  AND c.answered_at IS NULL AND NOT c.outcome = ANY($3)
  AND (l.call IS NULL OR b.caller_index IS DISTINCT FROM c.caller_index)
  AND NOT EXISTS (SELECT FROM journal k WHERE k.call = c.id AND k.hall = f.hall AND k.seq > f.seq)
"""
_UNPROVEN = """
SELECT b.id, b.state FROM callbacks b LEFT JOIN calls c ON c.id = b.reached_by
WHERE b.hall = ANY($1) AND b.ended_at >= $2 AND b.state IN ('done', 'got_through')
  AND ((c.answered_at IS NULL AND c.outcome IS DISTINCT FROM 'forwarded')
       OR (b.state = 'done' AND (c.direction <> 'out' OR c.callback IS DISTINCT FROM b.id))
       OR (b.state = 'got_through' AND (c.direction <> 'in' OR c.caller_index IS DISTINCT FROM b.caller_index)))
"""
_EMPTY = """
SELECT b.id FROM callbacks b WHERE b.hall = ANY($1) AND b.created_at >= $2
  AND NOT EXISTS (SELECT FROM callback_calls l WHERE l.callback = b.id)
"""
_CHECKED = """
SELECT count(*) FROM callback_calls l WHERE l.hall = ANY($1) AND l.at >= $2
"""


async def check_callbacks(connection: asyncpg.Connection, scope: Scope) -> Check:
    """Compare calls and journal with the tasks, as far as the journal has been followed."""
    broken = [
        Broken(row["id"], f"结果为 {row['outcome']}，{'列在别人的回拨任务中' if row['listed'] else '没有回拨任务'}")
        for row in await connection.fetch(_FORGOTTEN, scope.halls, scope.since, _SERVED)
    ]
    for row in await connection.fetch(_UNPROVEN, scope.halls, scope.since):
        told = "已完成" if row["state"] == "done" else "已自行接通"
        broken.append(Broken(f"callback:{row['id']}", f"任务为{told}，却没有接通的通话"))
    for row in await connection.fetch(_EMPTY, scope.halls, scope.since):
        broken.append(Broken(f"callback:{row['id']}", "任务没有列出来电"))
    for row in await connection.fetch(_ASIDE, scope.halls):
        broken.append(Broken(f"journal:{row['seq']}", f"流水未能用于回拨任务：{row['reason']}"))
    behind = await connection.fetchval(_BEHIND, scope.halls)
    checked = await connection.fetchval(_CHECKED, scope.halls, scope.since)
    return check(11, TITLE, checked or 0, broken, f"流水中还有 {behind} 条没有跟上" if behind else "")


_ASIDE = "SELECT seq, reason FROM followers_set_aside WHERE hall = ANY($1) AND name = 'callbacks' ORDER BY seq"
_BEHIND = """
SELECT coalesce(sum((SELECT max(j.seq) FROM journal j WHERE j.hall = f.hall) - f.seq), 0)::bigint
FROM followers f WHERE f.hall = ANY($1) AND f.name = 'callbacks'
"""
