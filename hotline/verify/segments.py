"""Do the segments (分段) of each call lie end to end, and do they say what the journal says?

Talk and hold are worked out anew, from the journal's events alone: which seat had the caller from when to when, and
whether he heard it or music.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final, NamedTuple

import asyncpg

from hotline.verify.scope import Scope
from hotline.verify.verdict import Broken


class Stretch(NamedTuple):
    """A time in which the same was true."""

    kind: str
    seat: str | None
    operator: str | None
    since: datetime
    until: datetime | None


LATE: Final = timedelta(seconds=1)
"""So much after the first ring a call may be decided about."""
TALK: Final = "talk"
HOLD: Final = "hold"
KINDS: Final = {"talking": TALK, "conference": TALK, "held": HOLD, "consulting": HOLD}
"""Kinds of segments in which a seat has the caller."""
_MANY: Final = 2000

_CALLS: Final = """
WITH told AS (
    SELECT call, min(at) FILTER (WHERE type = 'CallArrived') AS arrived_at,
           jsonb_agg(jsonb_build_array(at, type, seat, data->'operator') ORDER BY call_seq) FILTER (
               WHERE type <> 'CallArrived') AS events
    FROM journal
    WHERE hall = $1 AND at >= $2 AND type IN (
        'CallArrived', 'CallTaken', 'CallHeld', 'CallResumed', 'PartyJoined', 'CallPassed', 'CallTransferred',
        'CallReturning', 'CallQueued', 'SeatVanished', 'RatingOffered', 'CallLeaving', 'CallEnded'
    )
    GROUP BY call
)
SELECT c.id, c.offered_at, c.ended_at, c.state, c.segments, t.arrived_at, t.events,
       bool_or(c.segments IS NOT NULL) OVER (ORDER BY c.offered_at, c.id) AS expected
FROM calls c JOIN told t ON t.call = c.id
WHERE c.hall = $1 AND c.offered_at >= $2 AND c.handling = 'hall' AND NOT c.backfilled
"""


async def check_segments(connection: asyncpg.Connection, scope: Scope) -> tuple[int, list[Broken]]:
    """How many calls were looked at, and what is wrong with them. Calls that a gateway distributed have no chain of
    their own; those from before there were segments are left out."""
    broken: list[Broken] = []
    checked = 0
    for hall in scope.halls:
        cursor = await connection.cursor(_CALLS, hall, scope.since)
        while rows := await cursor.fetch(_MANY):
            for row in rows:
                if row["segments"] is None:
                    if row["expected"]:
                        broken.append(Broken(row["id"], "没有分段"))
                    continue
                checked += 1
                broken += [Broken(row["id"], told) for told in _faults(row)]
    return checked, broken


def _faults(row: asyncpg.Record) -> Iterable[str]:
    chain = [_segment(each) for each in json.loads(row["segments"])]
    yield from _chain_faults(chain, row)
    events = [(datetime.fromisoformat(at), *rest) for at, *rest in json.loads(row["events"] or "[]")]
    claimed = _merged(each._replace(kind=KINDS[each.kind]) for each in chain if each.kind in KINDS)
    told = _merged(_served(events, row["ended_at"]))
    if claimed != told:
        yield f"分段记为 {_said(claimed)}，流水为 {_said(told)}"


def _chain_faults(chain: Sequence[Stretch], row: asyncpg.Record) -> Iterable[str]:
    if not chain:
        yield "分段为空"
        return
    first, last = chain[0].since, chain[-1].until
    if first != row["arrived_at"] and not timedelta() <= first - row["offered_at"] <= LATE:
        yield f"首段始于 {first}，来电于 {row['offered_at']}"
    if last != row["ended_at"]:
        yield f"末段止于 {last or '未止'}，来电终了于 {row['ended_at'] or '未终了'}"
    for before, after in pairwise(chain):
        if before.until != after.since:
            yield f"分段不相接：{before.kind} 止于 {before.until or '未止'}，{after.kind} 始于 {after.since}"
    for each in chain:
        if each.until is not None and each.until < each.since:
            yield f"分段 {each.kind} 止于 {each.until}，早于其始 {each.since}"


def _segment(told: dict[str, Any]) -> Stretch:
    until = told.get("until")
    return Stretch(
        kind=told["kind"],
        seat=told.get("seat"),
        operator=told.get("operator"),
        since=datetime.fromisoformat(told["since"]),
        until=datetime.fromisoformat(until) if until is not None else None,
    )


def _served(events: Iterable[tuple[Any, ...]], ended_at: datetime | None) -> Iterable[Stretch]:
    """Who had the caller, as the journal tells it."""
    now: Stretch | None = None
    for at, type, number, account in events:
        before = now
        match type:
            case "CallTaken":
                now = Stretch(TALK, number, account, at, None)
            case "CallPassed":
                now = Stretch(TALK, number, account, at, None) if number is not None else None
            case "CallHeld" if now is not None:
                now = now._replace(kind=HOLD, since=at)
            case "CallResumed" | "PartyJoined" if now is not None:
                now = now._replace(kind=TALK, since=at)
            case _:
                now = None
        if before is not None:
            yield before._replace(until=ended_at if type == "CallEnded" else at)
    if now is not None:
        yield now


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Without those that lasted no time; neighbours that say the same are one."""
    found: list[Stretch] = []
    for each in stretches:
        if each.since == each.until:
            continue
        if found and found[-1][:3] == each[:3] and found[-1].until == each.since:
            found[-1] = found[-1]._replace(until=each.until)
        else:
            found.append(each)
    return found


def _said(stretches: Iterable[Stretch]) -> str:
    words = {TALK: "通话", HOLD: "保持"}
    told = [
        f"{words[kind]}（坐席 {seat}，{since:%H:%M:%S.%f}–{'' if until is None else f'{until:%H:%M:%S.%f}'}）"
        for kind, seat, _, since, until in stretches
    ]
    return "、".join(told) or "无人接听"
