"""Do our calls agree with what the other end of the line wrote down for itself?

SIPp, the gateway simulator and whoever else makes calls keeps a ledger (台账) of its own: JSON lines, one object per
call, in this common form:

    {"call": "gw1-000123" | null, "caller": "13800138000" | null, "offered_at": "2026-11-21T02:13:05.120+08:00",
     "answered_at": "…" | null, "released_at": "…" | null, "outcome_hint": "answered" | "unanswered" | "unknown"}

`call` is the device's own key (`calls.key`) where the ledger's writer knows it; else calls are matched by `caller` and
the nearest time. Events that were pushed and got their 2xx are a ledger too: `{"adapter": …, "event_id": …}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import asyncpg
import msgspec

from hotline.verify.scope import plain
from hotline.verify.verdict import Broken, Check, check

TITLE: Final = "来电记录与线路另一端的台账一致"
DELIVERED_TITLE: Final = "已向网关确认的事件均已入库"
NEAR: Final = timedelta(seconds=30)
"""So far apart may the two ends see the same call begin."""

Hint = Literal["answered", "unanswered", "unknown"]


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One call as the other end saw it. Aware datetimes."""

    call: str | None = None
    caller: str | None = None
    offered_at: datetime
    answered_at: datetime | None = None
    """When a person answered; None when nobody did, or when the writer cannot tell (`outcome_hint`)."""
    released_at: datetime | None = None
    outcome_hint: Hint = "unknown"


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was pushed to us and got its 2xx."""

    adapter: str
    event_id: str


class StoredCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call as we have it."""

    id: str
    key: str
    caller_index: bytes | None
    offered_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str | None


def read_ledger(lines: Iterable[bytes | str]) -> list[LedgerRow]:
    """The rows of a ledger file; empty lines are skipped. Raises `msgspec.DecodeError` on anything else."""
    return [msgspec.json.decode(line, type=LedgerRow) for line in lines if line.strip()]


async def read_calls(
    dsn: str, *, hall: str | None = None, adapter: str | None = None, since: datetime | None = None
) -> list[StoredCall]:
    """Our side of the comparison: callers' calls. Those of ours (外呼) are in nobody's ledger of callers."""
    connection = await asyncpg.connect(plain(dsn))
    try:
        rows = await connection.fetch(
            """
            SELECT id, key, caller_index, offered_at, answered_at, ended_at, outcome FROM calls
            WHERE direction = 'in' AND ($1::text IS NULL OR hall = $1) AND ($2::text IS NULL OR adapter = $2)
              AND ($3::timestamptz IS NULL OR offered_at >= $3)
            ORDER BY offered_at, id
            """,
            hall,
            adapter,
            since,
        )
    finally:
        await connection.close()
    return [StoredCall(**dict(row)) for row in rows]


def compare_ledger(
    ledger: Sequence[LedgerRow],
    calls: Sequence[StoredCall],
    *,
    index_of: Callable[[str], bytes] | None = None,
    tolerance: timedelta = timedelta(seconds=3),
    only_ledger: bool = True,
) -> Check:
    """Match both sides call by call.

    Broken are: a ledger call that we do not have, one that both ends tell differently (answered or not, over or not,
    times further apart than `tolerance`), and, with `only_ledger`, a call of ours that is in no ledger.
    `index_of` gives the blind index of a number: needed for rows without `call`.
    """
    broken: list[Broken] = []
    unmatched = {call.id: call for call in calls}
    by_key = {call.key: call for call in calls}
    by_caller: dict[bytes, list[StoredCall]] = {}
    for call in calls:
        if call.caller_index is not None:
            by_caller.setdefault(call.caller_index, []).append(call)
    for row in sorted(ledger, key=lambda row: row.offered_at):
        name = row.call or f"{_hidden(row.caller)} {row.offered_at.isoformat(timespec='seconds')}"
        found = by_key.get(row.call) if row.call is not None else None
        if found is None and row.caller is not None and index_of is not None:
            candidates = [call for call in by_caller.get(index_of(row.caller), ()) if call.id in unmatched]
            near = [call for call in candidates if abs(call.offered_at - row.offered_at) <= NEAR]
            found = min(near, key=lambda call: abs(call.offered_at - row.offered_at), default=None)
        if found is None or unmatched.pop(found.id, None) is None:
            broken.append(Broken(name, "台账有此来电，系统中没有" if found is None else "台账有两通，系统中只有一通"))
            continue
        broken += [Broken(found.id, told) for told in _differences(row, found, tolerance)]
    if only_ledger:
        broken += [Broken(call.id, "系统中有此来电，台账没有") for call in unmatched.values()]
    return check(0, TITLE, len(ledger), broken)


async def compare_delivered(dsn: str, delivered: Sequence[Delivered]) -> Check:
    """Every event that got its 2xx is kept, and applied or set aside."""
    connection = await asyncpg.connect(plain(dsn))
    try:
        rows: list[Any] = await connection.fetch(
            """
            SELECT w.adapter, w.event_id, r.state
            FROM unnest($1::text[], $2::text[]) AS w (adapter, event_id)
            LEFT JOIN raw_events r ON r.adapter = w.adapter AND r.event_id = w.event_id
            WHERE r.state IS NULL OR r.state = 'pending'
            """,
            [event.adapter for event in delivered],
            [event.event_id for event in delivered],
        )
    finally:
        await connection.close()
    broken = [
        Broken(f"{row['adapter']}/{row['event_id']}", "已确认但未入库" if row["state"] is None else "已确认但未处理")
        for row in rows
    ]
    return check(7, DELIVERED_TITLE, len(delivered), broken)


def _differences(row: LedgerRow, call: StoredCall, tolerance: timedelta) -> list[str]:
    told: list[str] = []
    answered = row.answered_at is not None or row.outcome_hint == "answered"
    unanswered = row.outcome_hint == "unanswered" and row.answered_at is None
    if answered and call.answered_at is None:
        told.append(f"台账记为接通，系统记为 {call.outcome or '未了结'}")
    if unanswered and call.answered_at is not None:
        told.append("台账记为未接通，系统记为接听")
    if row.released_at is not None and call.ended_at is None:
        told.append("台账已挂机，系统仍未终了")
    pairs = (
        ("来电", row.offered_at, call.offered_at),
        ("应答", row.answered_at, call.answered_at),
        ("终了", row.released_at, call.ended_at),
    )
    for label, theirs, ours in pairs:
        if theirs is not None and ours is not None and abs(theirs - ours) > tolerance:
            apart = (ours - theirs) / timedelta(seconds=1)
            told.append(f"{label}时刻相差 {apart:+.1f} 秒")
    return told


def _hidden(number: str | None) -> str:
    return "号码不详" if not number else f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else "****"
