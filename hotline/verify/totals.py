"""Invariant 5: do the calls and the stored reports agree with a recount of what the devices reported?

Calls that came in (`direction` in) are counted; calls of ours stand apart, and are held against the same raw events.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

import asyncpg

from hotline.verify.scope import Scope
from hotline.verify.verdict import Broken, Check, check

TITLE: Final = "报表总数与原始事件重新计数一致"
AFTERMATH: Final = 60.0
"""Seconds after a line came back in which something may be known from the device's list of calls alone."""

_RECOUNT = """
WITH raw AS (
    SELECT hall, adapter, call_key,
           min(at) AS rang_at, min(heard_at) AS heard_at,
           count(*) FILTER (WHERE type = 'SeatAnswered') AS picked,
           count(*) FILTER (WHERE type = 'LegsJoined') AS joined,
           count(*) FILTER (WHERE type = 'CallAnswered') AS connected,
           count(*) FILTER (WHERE type = 'CallReleased') AS released
    FROM raw_events
    WHERE hall = ANY($1) AND heard_at >= $2 AND state = 'applied' AND call_key IS NOT NULL
    GROUP BY hall, adapter, call_key
), told AS (
    -- Legs that are not the caller's seat: a colleague who is asked, a contact outside. Picking up is no answer.
    SELECT call,
           count(*) FILTER (WHERE type = 'ReportIgnored' AND data->>'fact' = 'SeatAnswered') AS answers,
           count(*) FILTER (WHERE type = 'ReportIgnored' AND data->>'fact' = 'CallAnswered') AS connects,
           count(*) FILTER (WHERE type = 'PartyAnswered') AS parties,
           count(*) FILTER (WHERE type = 'PartyAnswered' AND data->>'target' IS NULL) AS outside,
           count(*) FILTER (WHERE type = 'NumberDialled') AS placed,
           count(*) FILTER (WHERE type = 'TakenByHand') AS by_hand
    FROM journal
    WHERE hall = ANY($1) AND at >= $2 AND type IN ('ReportIgnored', 'PartyAnswered', 'NumberDialled', 'TakenByHand')
    GROUP BY call
), known AS (
    SELECT c.*, coalesce(a.at, c.offered_at) AS arrived_at, coalesce(p.answers, 0) + coalesce(p.parties, 0) AS aside,
           coalesce(p.connects, 0) AS connects, coalesce(p.outside, 0) AS outside, coalesce(p.placed, 0) AS placed,
           coalesce(p.by_hand, 0) AS by_hand, c.direction = 'out' AS ours
    FROM calls c
    LEFT JOIN told p ON p.call = c.id
    LEFT JOIN (
        SELECT call, min(at) AS at FROM journal
        WHERE hall = ANY($1) AND at >= $2 AND type = 'CallArrived' GROUP BY call
    ) a ON a.call = c.id
    WHERE c.hall = ANY($1) AND c.offered_at >= $2
)
SELECT coalesce(c.id, r.adapter || '/' || r.call_key) AS id, c.hall, c.adapter, c.id IS NULL AS unknown,
       r.call_key IS NULL AS unheard, c.state, c.inferred, c.handling, c.answered_at, c.offered_at, r.rang_at,
       r.heard_at, coalesce(r.picked, 0) AS picked, coalesce(r.joined, 0) AS joined,
       coalesce(r.connected, 0) AS connected, coalesce(r.released, 0) AS released, c.aside, c.connects, c.outside,
       c.placed, c.ours, c.by_hand, c.arrived_at, c.key,
       c.day <> (c.offered_at AT TIME ZONE 'Asia/Shanghai')::date AS wrong_day
FROM raw r FULL JOIN known c ON c.hall = r.hall AND c.adapter = r.adapter AND c.key = r.call_key
WHERE c.id IS NULL AND NOT EXISTS (
       SELECT 1 FROM calls x WHERE x.hall = r.hall AND x.adapter = r.adapter AND x.key = r.call_key
   )
   OR c.ours AND (
       c.placed > 0 AND c.state = 'ended' AND NOT c.inferred AND coalesce(r.released, 0) = 0
    OR c.answered_at IS NOT NULL AND coalesce(r.connected, 0) = 0
    OR c.answered_at IS NULL AND coalesce(r.connected, 0) > c.connects
    OR c.day <> (c.offered_at AT TIME ZONE 'Asia/Shanghai')::date
   )
   OR NOT c.ours AND (
       c.key LIKE 'out~%'
    OR r.call_key IS NULL AND c.state = 'ended' AND NOT c.inferred
    OR c.answered_at IS NOT NULL AND coalesce(r.picked, 0) + coalesce(r.joined, 0) + c.by_hand = 0
    OR c.answered_at IS NULL AND (
           coalesce(r.picked, 0) > c.aside OR coalesce(r.joined, 0) > 0 AND c.outside = 0)
    OR c.state = 'ended' AND NOT c.inferred AND coalesce(r.released, 0) = 0
    OR c.offered_at < least(r.rang_at, r.heard_at) - interval '2 seconds'
    OR c.offered_at > c.arrived_at + interval '2 seconds'
    OR c.arrived_at < r.heard_at - interval '5 seconds'
    OR c.day <> (c.offered_at AT TIME ZONE 'Asia/Shanghai')::date
   )
"""
_ZONES = """
SELECT adapter, (heard_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*) AS events,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM heard_at - at)) AS lag
FROM raw_events
WHERE hall = ANY($1) AND heard_at >= $2 AND type = 'CallOffered' AND state <> 'set_aside'
GROUP BY 1, 2
HAVING count(*) >= 3
   AND abs(abs(percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM heard_at - at))) - 28800) < 300
"""
_DAYS = """
SELECT d.hall, d.day, d.state, d.made_at, d.measures, d.digest,
       EXISTS (
           SELECT 1 FROM calls c JOIN journal j ON j.call = c.id
           WHERE c.hall = d.hall AND c.day = d.day AND j.at > d.made_at
             AND j.type IN ('CallArrived', 'CallTaken', 'CallEnded', 'CallAmended')
       ) AS outdated
FROM day_reports d WHERE d.hall = ANY($1) AND d.day > $2
"""
_TOTALS = """
SELECT coalesce(outcome, '') AS outcome,
       extract(hour FROM offered_at AT TIME ZONE 'Asia/Shanghai')::int AS hour,
       count(*) AS calls, count(answered_at) FILTER (WHERE outcome = 'answered') AS answered
FROM calls
WHERE hall = $1 AND direction = 'in' AND offered_at >= ($2::date)::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND offered_at < ($2::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
GROUP BY 1, 2
"""
_OURS = """
SELECT count(*) AS begun, count(c.answered_at) AS reached,
       count(*) FILTER (
           WHERE EXISTS (SELECT FROM journal j WHERE j.call = c.id AND j.type = 'NumberDialled')) AS dialled
FROM calls c
WHERE hall = $1 AND direction = 'out' AND offered_at >= ($2::date)::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND offered_at < ($2::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
"""
_TALKED = """
WITH served AS (
    SELECT c.id, s.seat,
           CASE WHEN s.kind IN ('talking', 'conference') THEN s.until - s.since ELSE interval '0' END AS talk,
           CASE WHEN s.kind = 'held' THEN s.until - s.since ELSE interval '0' END AS hold
    FROM calls c
    CROSS JOIN LATERAL jsonb_to_recordset(c.segments) AS s (kind text, since timestamptz, until timestamptz, seat text)
    WHERE c.hall = $1 AND c.day = $2 AND c.direction = 'in' AND c.outcome = 'answered' AND c.segments IS NOT NULL
      AND s.kind IN ('talking', 'conference', 'held', 'consulting')
    UNION ALL
    SELECT id, seat, ended_at - answered_at, interval '0' FROM calls
    WHERE hall = $1 AND day = $2 AND direction = 'in' AND outcome = 'answered' AND segments IS NULL
)
SELECT seat, (extract(epoch FROM sum(talk)) * 1000000)::bigint AS talk,
       (extract(epoch FROM sum(hold)) * 1000000)::bigint AS hold
FROM served GROUP BY seat
"""
_RATED = """
WITH first AS (
    SELECT DISTINCT ON (r.call) r.at, r.satisfied
    FROM ratings r JOIN calls c ON c.id = r.call
    WHERE c.hall = $1 AND c.day = $2 AND c.direction = 'in' AND c.outcome = 'answered'
    ORDER BY r.call, r.at NULLS LAST, r.id
)
SELECT count(*) AS invited, count(at) AS rated, count(*) FILTER (WHERE satisfied) AS satisfied,
       EXISTS (
           SELECT 1 FROM ratings r JOIN calls c ON c.id = r.call
           WHERE c.hall = $1 AND c.day = $2 AND r.changed_at > $3::timestamptz - interval '5 seconds'
       ) AS changed
FROM first
"""


async def check_totals(connection: asyncpg.Connection, scope: Scope) -> Check:
    """Recount the calls from the raw events, then the stored reports from the calls."""
    broken: list[Broken] = []
    excused = 0
    for row in await connection.fetch(_RECOUNT, scope.halls, scope.since):
        told = _told(row)
        learnt_at = row["answered_at"] if told in _ANSWERS else row["arrived_at"]
        if (told in _SEEN_IN_LIST or told.startswith(_EARLY)) and scope.just_back(
            row["hall"], row["adapter"], learnt_at, AFTERMATH
        ):
            excused += 1
        else:
            times = f"（来电 {row['offered_at']}，设备 {row['rang_at']}，收到 {row['heard_at']}）"
            broken.append(Broken(row["id"], told + times))
    for row in await connection.fetch(_ZONES, scope.halls, scope.since):
        hours = row["lag"] / 3600
        broken.append(
            Broken(
                f"{row['adapter']} {row['day']}",
                f"{row['events']} 次来电的设备时间普遍相差 {hours:+.2f} 小时，时区有误",
            )
        )
    reports, stale = 0, 0
    for row in await connection.fetch(_DAYS, scope.halls, scope.since.date() + timedelta(days=not scope.whole)):
        if row["state"] != "final" or row["outdated"]:
            stale += 1
            continue
        reports += 1
        broken += await _compare_day(connection, row)
    checked = await connection.fetchval(
        "SELECT count(*) FROM calls WHERE hall = ANY($1) AND offered_at >= $2", scope.halls, scope.since
    )
    return check(
        5,
        TITLE,
        checked or 0,
        broken,
        f"比对日报 {reports} 份",
        f"{stale} 份为暂计或待重做，未比对" if stale else "",
        f"{excused} 通来电的到达或接听仅见于连线恢复后的在线清单" if excused else "",
    )


_NO_ANSWER_HEARD: Final = "计为接听，但没有坐席应答的原始事件"
_NOBODY_HEARD: Final = "外呼计为接通，但没有对方应答的原始事件"
_ANSWERS: Final = frozenset({_NO_ANSWER_HEARD, _NOBODY_HEARD})
_UNHEARD: Final = "有来电记录，没有任何原始事件"
_WRONG_DAY: Final = "归属日与来电时刻（北京时间）不符"
_WRONG_TIME: Final = "来电时刻与原始事件不符"
_EARLY: Final = "接受早于收到原始事件"
_SEEN_IN_LIST: Final = frozenset({*_ANSWERS, _UNHEARD, _WRONG_TIME})
"""What can rightly be known from the list of live calls alone, that a device gives when its line is back."""


def _told(row: asyncpg.Record) -> str:
    if row["unknown"]:
        return "有原始事件，没有来电记录"
    if row["ours"]:
        return _told_of_ours(row)
    if row["key"].startswith("out~"):
        return "我方外呼被记为来电"
    if row["unheard"] and row["state"] == "ended" and not row["inferred"]:
        return _UNHEARD
    if row["answered_at"] is not None and not row["picked"] + row["joined"] + row["by_hand"]:
        return _NO_ANSWER_HEARD
    if row["answered_at"] is None and (row["picked"] > row["aside"] or (row["joined"] and not row["outside"])):
        return "坐席已应答，但未计接听"
    if row["state"] == "ended" and not row["inferred"] and not row["released"]:
        return "已终了，但没有挂机的原始事件"
    if row["heard_at"] is not None and row["arrived_at"] < row["heard_at"] - timedelta(seconds=5):
        return f"{_EARLY}（接受于 {row['arrived_at']}）"
    return _WRONG_DAY if row["wrong_day"] else _WRONG_TIME


def _told_of_ours(row: asyncpg.Record) -> str:
    if row["answered_at"] is not None and not row["connected"]:
        return _NOBODY_HEARD
    if row["answered_at"] is None and row["connected"] > row["connects"]:
        return "外呼对方已应答，但未计接通"
    if row["wrong_day"]:
        return _WRONG_DAY
    return "外呼已终了，但没有挂机的原始事件"


async def _compare_day(connection: asyncpg.Connection, row: asyncpg.Record) -> list[Broken]:
    day: date = row["day"]
    report: dict[str, Any] = json.loads(row["measures"])
    name = f"{row['hall']} {day}"
    broken: list[Broken] = []
    bytes_ = json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    if hashlib.sha256(bytes_).hexdigest() != row["digest"]:
        broken.append(Broken(name, "日报内容与其摘要不符"))
    counted = await connection.fetch(_TOTALS, row["hall"], day)
    offered = sum(part["calls"] for part in counted)
    answered = sum(part["answered"] for part in counted)
    measures = {measure["id"]: measure for measure in report["measures"]}
    rate = measures["answer_rate_inbound"]
    said = {
        "呼入量": (measures["offered"]["value"], offered),
        "接听量": (measures["answered"]["value"], answered),
        "接通率分子": (rate["numerator"], answered),
        "接通率分母": (rate["denominator"], offered),
        "接通率": (rate["value"], round(answered / offered, 6) if offered else None),
        "各线路呼入量之和": (sum(part["offered"] for part in report["lines"]), offered),
        "各队列呼入量之和": (sum(part["offered"] for part in report["queues"]), offered),
        "各坐席接听量之和": (sum(part["answered"] for part in report["seats"]), None),
    }
    for part in report["outcomes"]:
        outcome = part["outcome"]
        said[f"结果 {outcome}"] = (part["count"], sum(p["calls"] for p in counted if p["outcome"] == outcome))
    for part in report["hours"]:
        hour = int(part["key"])
        said[f"{hour} 时呼入量"] = (part["offered"], sum(p["calls"] for p in counted if p["hour"] == hour))
    said |= await _ratings(connection, row, measures, answered)
    said |= await _whole_call(connection, row, report, measures)
    told = sum(part["count"] for part in report["outcomes"])
    said["各结果之和"] = (told, offered)
    seats, _ = said.pop("各坐席接听量之和")
    if seats > answered:
        broken.append(Broken(name, f"各坐席接听量之和 {seats} 多于接听量 {answered}"))
    broken += [
        Broken(name, f"{what}：日报为 {stated}，重新计数为 {real}")
        for what, (stated, real) in said.items()
        if stated != real
    ]
    return broken


async def _ratings(
    connection: asyncpg.Connection, row: asyncpg.Record, measures: dict[str, Any], answered: int
) -> dict[str, tuple[Any, Any]]:
    """What the report says of ratings and what the ratings say; nothing once they have changed since."""
    found = await connection.fetchrow(_RATED, row["hall"], row["day"], row["made_at"])
    if found is None or found["changed"] or "rated" not in measures:
        return {}
    rated, satisfied = found["rated"], found["satisfied"]
    return {
        "测评邀请量": (measures["rating_invited"]["value"], found["invited"]),
        "测评量": (measures["rated"]["value"], rated),
        "满意量": (measures["satisfied"]["value"], satisfied),
        "测评率": (measures["rating_rate"]["value"], round(rated / answered, 6) if answered else None),
        "满意率": (measures["satisfaction"]["value"], round(satisfied / rated, 6) if rated else None),
    }


async def _whole_call(
    connection: asyncpg.Connection, row: asyncpg.Record, report: dict[str, Any], measures: dict[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Calls of ours, and what the seats had of each call; reports of the time before these figures have none."""
    if "outbound" not in measures:
        return {}
    ours = await connection.fetchrow(_OURS, row["hall"], row["day"])
    assert ours is not None
    served = await connection.fetch(_TALKED, row["hall"], row["day"])
    said: dict[str, tuple[Any, Any]] = {
        "外呼量": (measures["outbound"]["value"], ours["begun"]),
        "外呼拨出量": (measures["outbound_dialled"]["value"], ours["dialled"]),
        "外呼接通量": (measures["outbound_reached"]["numerator"], ours["reached"]),
        "通话总时长": (measures["mean_talk"]["numerator"], _seconds(part["talk"] for part in served)),
        "保持总时长": (measures["mean_hold"]["numerator"], _seconds(part["hold"] for part in served)),
    }
    talked = {part["seat"]: part["talk"] for part in served if part["seat"] is not None}
    for part in report["seats"]:
        said[f"坐席 {part['key']} 通话时长"] = (part["talk_seconds"], _seconds([talked.pop(part["key"], 0)]))
    said["未列出的坐席通话时长"] = (0.0, _seconds(talked.values()))
    return said


def _seconds(micros: Iterable[int]) -> float:
    return round(sum(micros) / 1_000_000, 3)
