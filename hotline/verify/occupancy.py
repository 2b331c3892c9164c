"""Invariants 2 and 10: a seat has one call and a call one seat; nobody waits beside a free seat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import asyncpg

from hotline.verify.replay import Replay, SeatModel
from hotline.verify.scope import Scope
from hotline.verify.verdict import Broken, Check, check

SEATS_TITLE: Final = "任一时刻一个坐席至多一通来电，一通来电至多在一个坐席"
WAITS_TITLE: Final = "有合适坐席空闲时，没有来电等待超过 2 秒"

_EVENTS: Final = """
SELECT seq, at, type, call, seat,
       CASE type
           WHEN 'SeatChanged' THEN data->>'after'
           WHEN 'CallQueued' THEN data->>'groups'
           WHEN 'GroupsWidened' THEN data->>'groups'
           WHEN 'SeatDefined' THEN data->>'groups'
           WHEN 'CallArrived' THEN (data->>'handling') || ' ' || (data->>'adapter')
           WHEN 'LinkBroken' THEN data->>'adapter'
           WHEN 'LinkRestored' THEN data->>'adapter'
       END AS told
FROM journal
WHERE hall = $1 AND at >= $2 AND type IN (
    'CallArrived', 'CallQueued', 'GroupsWidened', 'SeatOffered', 'OfferMissed', 'CallTaken', 'SeatVanished',
    'CallLeaving', 'CallEnded', 'SeatDefined', 'SeatChanged', 'LinkBroken', 'LinkRestored'
)
ORDER BY seq
"""
_SEATS: Final = """
SELECT s.number, s.groups,
       NOT EXISTS (SELECT 1 FROM journal j
                   WHERE j.hall = s.hall AND j.at >= $2 AND j.type = 'SeatDefined' AND j.seat = s.number) AS steady,
       (SELECT c.after FROM seat_changes c WHERE c.hall = s.hall AND c.seat = s.number AND c.at < $2
        ORDER BY c.at DESC, c.id DESC LIMIT 1) AS state
FROM seats s WHERE s.hall = $1
"""
_MANY: Final = 5000
FORGOTTEN: Final = 60.0
"""Seconds after its own deadline from which on a seat counts as forgotten."""


async def check_occupancy(connection: asyncpg.Connection, scope: Scope) -> list[Check]:
    """Play the journal of every hall."""
    seat_faults: list[Broken] = []
    wait_faults: list[Broken] = []
    offers = waits = clashes = 0
    for hall in scope.halls:
        replay = await _play(connection, hall, scope)
        seat_faults += replay.seat_faults
        wait_faults += replay.wait_faults
        offers, waits, clashes = offers + replay.offers, waits + replay.waits, clashes + replay.clashes
    seat_faults += await _rows_at_odds(connection, scope)
    clash_note = f"网关自行把来电接到忙坐席 {clashes} 次" if clashes else ""
    return [
        check(2, SEATS_TITLE, offers, seat_faults, clash_note),
        check(10, WAITS_TITLE, waits, wait_faults, scope.gaps_told()),
    ]


async def _play(connection: asyncpg.Connection, hall: str, scope: Scope) -> Replay:
    seats = [
        SeatModel(row["number"], tuple(row["groups"]) if row["steady"] else (), row["state"])
        for row in await connection.fetch(_SEATS, hall, scope.since)
    ]
    replay = Replay(hall, scope, seats)
    play = replay.play
    cursor = await connection.cursor(_EVENTS, hall, scope.since)
    last: datetime | None = None
    while rows := await cursor.fetch(_MANY):
        for _, at, type_, call, seat, told in rows:
            play(at, type_, call, seat, told)
            last = at
    holds_lease = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM hall_leases WHERE hall = $1 AND until > $2)", hall, scope.now
    )
    if last is not None:
        replay.finish(scope.now if holds_lease else last)
    return replay


async def _rows_at_odds(connection: asyncpg.Connection, scope: Scope) -> Sequence[Broken]:
    """The rows as they stand: a seat with a call that is over, a live call at two seats, a wrap-up that never ends."""
    rows: list[Any] = await connection.fetch(
        """
        SELECT s.hall, s.number, s.state, s.call, c.state AS call_state FROM seats s LEFT JOIN calls c ON c.id = s.call
        WHERE s.hall = ANY($1) AND s.state IN ('ringing', 'talking')
          AND (s.call IS NULL OR c.id IS NULL OR c.state = 'ended')
        """,
        scope.halls,
    )
    found = [
        Broken(
            f"{row['hall']} 坐席 {row['number']}",
            f"状态为 {row['state']}，其来电 {row['call'] or '无'} 为 {row['call_state'] or '不存在'}",
        )
        for row in rows
    ]
    rows = await connection.fetch(
        """
        SELECT call, array_agg(hall || ' ' || number ORDER BY number) AS seats FROM seats
        WHERE hall = ANY($1) AND state IN ('ringing', 'talking') AND call IS NOT NULL
        GROUP BY call HAVING count(*) > 1
        """,
        scope.halls,
    )
    found += [Broken(row["call"], f"同时占用坐席 {'、'.join(row['seats'])}") for row in rows]
    rows = await connection.fetch(
        "SELECT hall, number, wrap_until FROM seats WHERE hall = ANY($1) AND state = 'wrap_up' AND wrap_until < $2",
        scope.halls,
        scope.now,
    )
    for row in rows:
        late = scope.lasted(row["hall"], None, row["wrap_until"], scope.now)
        if late > FORGOTTEN:
            told = f"话后处理时限已过 {late:.0f} 秒仍未结束"
            found.append(Broken(f"{row['hall']} 坐席 {row['number']}", told))
    return found
