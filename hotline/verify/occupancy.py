"""Invariants 2 and 10, and rings: a seat has one call and a call one seat, others beside it are declared; nobody waits
beside a free seat; nothing rings for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg

from hotline.verify.replay import Replay, SeatModel
from hotline.verify.scope import Scope
from hotline.verify.verdict import SHOWN, Broken, Check, check

SEATS_TITLE: Final = "任一时刻一个坐席至多一通来电，一通来电至多由一个坐席主接（咨询、三方、监听均有记录）"
WAITS_TITLE: Final = "有合适坐席空闲时，没有来电等待超过 2 秒"
RINGS_TITLE: Final = "没有坐席或外部号码振铃超过时限 30 秒；紧急呼叫均有下文"

_EVENTS: Final = """
SELECT seq, at, type, call, seat,
       CASE type
           WHEN 'SeatChanged' THEN jsonb_build_array(
               data->'before', data->'after', data->'operator', data->'phone')
           WHEN 'SeatDefined' THEN jsonb_build_array(data->'groups', data->'extension')
           WHEN 'GroupsWidened' THEN jsonb_build_array(data->'groups')
           WHEN 'CallQueued' THEN jsonb_build_array(data->'groups', data->'excluded', data->'reach')
           WHEN 'CallArrived' THEN jsonb_build_array(data->'handling', data->'adapter')
           WHEN 'LinkBroken' THEN jsonb_build_array(data->'adapter')
           WHEN 'LinkRestored' THEN jsonb_build_array(data->'adapter')
           WHEN 'SeatOffered' THEN jsonb_build_array(
               data->'offer', data->'why', coalesce(data->'seconds', '0'), data->'reasons'->'left_out',
               CASE WHEN data->>'why' <> 'wanted' THEN coalesce(data->'reasons'->'marks', '[]') END)
           WHEN 'CallTransferred' THEN jsonb_build_array(data->'kind', data->'target')
           WHEN 'CallPassed' THEN jsonb_build_array(data->'before', data->'offer')
           WHEN 'PartyRung' THEN jsonb_build_array(
               data->'offer', data->'part', data->'target', coalesce(data->'seconds', '0'),
               coalesce(data->'emergency', 'false'))
           WHEN 'PartyAnswered' THEN jsonb_build_array(data->'offer')
           WHEN 'PartyMissed' THEN jsonb_build_array(data->'offer')
           WHEN 'PartyLeft' THEN jsonb_build_array(data->'offer')
           WHEN 'PartyJoined' THEN jsonb_build_array(data->'offer')
           WHEN 'MonitorSwitched' THEN jsonb_build_array(data->'offer', data->'after')
           WHEN 'DialBegun' THEN jsonb_build_array(data->'offer', coalesce(data->'seconds', '0'), data->'purpose')
           WHEN 'NumberDialled' THEN jsonb_build_array(coalesce(data->'seconds', '0'))
       END::text AS told
FROM journal
WHERE hall = $1 AND at >= $2 AND type IN (
    'CallArrived', 'CallQueued', 'GroupsWidened', 'SeatOffered', 'OfferMissed', 'CallTaken', 'SeatVanished',
    'CallTransferred', 'CallReturning', 'CallPassed', 'PartyRung', 'PartyAnswered', 'PartyMissed', 'PartyLeft',
    'PartyJoined', 'MonitorSwitched', 'DialBegun', 'NumberDialled', 'RatingOffered', 'LeftUnconfirmed', 'CallClaimed',
    'CallLeaving', 'CallEnded', 'SeatDefined', 'SeatChanged', 'LinkBroken', 'LinkRestored'
)
ORDER BY seq
"""
_SEATS: Final = """
SELECT s.number, s.groups, s.extension, s.phone_kind, c.after AS state,
       CASE WHEN c.after <> 'signed_off' THEN c.operator END AS operator,
       NOT EXISTS (SELECT 1 FROM journal j
                   WHERE j.hall = s.hall AND j.at >= $2 AND j.type = 'SeatDefined' AND j.seat = s.number) AS steady,
       NOT EXISTS (SELECT 1 FROM seat_changes g
                   WHERE g.hall = s.hall AND g.seat = s.number AND g.at >= $2 AND g.after = 'signed_off') AS stayed
FROM seats s
LEFT JOIN LATERAL (
    SELECT after, operator FROM seat_changes c WHERE c.hall = s.hall AND c.seat = s.number AND c.at < $2
    ORDER BY c.at DESC, c.id DESC LIMIT 1
) c ON true
WHERE s.hall = $1
"""
_NO_CALL: Final = """
SELECT s.hall, s.number, s.state, s.call, c.state AS call_state FROM seats s LEFT JOIN calls c ON c.id = s.call
WHERE s.hall = ANY($1) AND s.state IN ('ringing', 'talking') AND (s.call IS NULL OR c.id IS NULL OR c.state = 'ended')
"""
_TWO_SEATS: Final = """
SELECT call, array_agg(hall || ' ' || number ORDER BY number) AS seats FROM seats
WHERE hall = ANY($1) AND state IN ('ringing', 'talking') AND call IS NOT NULL AND part = 'main'
GROUP BY call HAVING count(*) > 1
"""
_UNDECLARED: Final = """
SELECT s.hall, s.number, s.part, s.call FROM seats s JOIN calls c ON c.id = s.call
WHERE s.hall = ANY($1) AND s.state IN ('ringing', 'talking') AND c.state <> 'ended' AND c.handling = 'hall'
  AND CASE WHEN s.part = 'main' THEN c.seat IS DISTINCT FROM s.number
           ELSE NOT EXISTS (SELECT FROM jsonb_array_elements(c.parties) p WHERE p->>'seat' = s.number) END
"""
_ELSEWHERE: Final = """
SELECT c.id, l.seat, s.call FROM calls c
CROSS JOIN LATERAL (
    SELECT c.seat AS seat WHERE c.state IN ('ringing', 'talking', 'held', 'dialling')
    UNION SELECT p->>'seat' FROM jsonb_array_elements(c.parties) p WHERE p->>'seat' IS NOT NULL
) l
LEFT JOIN seats s ON s.hall = c.hall AND s.number = l.seat
WHERE c.hall = ANY($1) AND c.handling = 'hall' AND c.state <> 'ended' AND s.call IS DISTINCT FROM c.id
"""
_WRAPPING: Final = (
    "SELECT hall, number, wrap_until FROM seats WHERE hall = ANY($1) AND state = 'wrap_up' AND wrap_until < $2"
)
_MANY: Final = 5000
FORGOTTEN: Final = 60.0
"""Seconds after its own deadline from which on a seat counts as forgotten."""


async def check_occupancy(connection: asyncpg.Connection, scope: Scope) -> list[Check]:
    """Play the journal of every hall."""
    seat_faults: list[Broken] = []
    wait_faults: list[Broken] = []
    ring_faults: list[Broken] = []
    unconfirmed: list[str] = []
    offers = waits = rings = clashes = emergencies = 0
    for hall in scope.halls:
        replay = await _play(connection, hall, scope)
        seat_faults += replay.seat_faults
        wait_faults += replay.wait_faults
        ring_faults += replay.ring_faults
        unconfirmed += replay.unconfirmed
        offers, waits, clashes = offers + replay.offers, waits + replay.waits, clashes + replay.clashes
        rings, emergencies = rings + replay.rings, emergencies + replay.emergencies
    seat_faults += await _rows_at_odds(connection, scope)
    left = (
        f"紧急联系对方未确认而坐席已离开 {len(unconfirmed)} 通：{'、'.join(unconfirmed[:SHOWN])}" if unconfirmed else ""
    )
    return [
        check(2, SEATS_TITLE, offers, seat_faults, f"网关自行把来电接到忙坐席 {clashes} 次" if clashes else ""),
        check(10, WAITS_TITLE, waits, wait_faults, scope.gaps_told()),
        check(12, RINGS_TITLE, rings, ring_faults, f"紧急呼叫 {emergencies} 次" if emergencies else "", left),
    ]


async def _play(connection: asyncpg.Connection, hall: str, scope: Scope) -> Replay:
    seats = [
        SeatModel(
            row["number"],
            tuple(row["groups"]) if row["steady"] else (),
            row["state"],
            row["operator"],
            row["extension"] if row["steady"] else "",
            row["phone_kind"] if row["stayed"] else "",
        )
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
    """The rows as they stand: a seat with a call that is over, a live call at two seats, a seat that its call does not
    know of and the other way round, a wrap-up that never ends."""
    found: list[Broken] = []
    for row in await connection.fetch(_NO_CALL, scope.halls):
        told = f"状态为 {row['state']}，其来电 {row['call'] or '无'} 为 {row['call_state'] or '不存在'}"
        found.append(Broken(f"{row['hall']} 坐席 {row['number']}", told))
    for row in await connection.fetch(_TWO_SEATS, scope.halls):
        found.append(Broken(row["call"], f"同时占用坐席 {'、'.join(row['seats'])}"))
    for row in await connection.fetch(_UNDECLARED, scope.halls):
        told = f"在来电 {row['call']} 中为 {row['part'] or '不明'}，但该来电未记有此坐席"
        found.append(Broken(f"{row['hall']} 坐席 {row['number']}", told))
    for row in await connection.fetch(_ELSEWHERE, scope.halls):
        found.append(Broken(row["id"], f"记有坐席 {row['seat']}，但该坐席的来电为 {row['call'] or '无'}"))
    for row in await connection.fetch(_WRAPPING, scope.halls, scope.now):
        late = scope.lasted(row["hall"], None, row["wrap_until"], scope.now)
        if late > FORGOTTEN:
            told = f"话后处理时限已过 {late:.0f} 秒仍未结束"
            found.append(Broken(f"{row['hall']} 坐席 {row['number']}", told))
    return found
