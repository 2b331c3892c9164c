"""A history made by the real decisions and the real store holds; and what excuses is printed, not hidden."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import pytest

from hotline.reports.nightly import keep_day
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.verify import Delivered, as_json, as_text, compare_delivered, compare_ledger, read_calls, verify
from hotline.verify.ledger import LedgerRow, read_ledger
from hotline.verify.scope import LONG_AGO, Gap, Scope
from hotline.verify.verdict import Check, Verdict
from tests.verify.conftest import CALLS
from tests.verify.history import History, make_history
from tests.verify.telling import STRANGER, tell
from tests.verify.the_hall import CARD, DAY_BEGINS, HALL
from tests.verify.whole_calls import whole_calls


async def test_healthy_history_holds(healthy_url: str) -> None:
    verdict = await verify(healthy_url)
    assert verdict.ok, as_text(verdict)
    assert [check.id for check in verdict.checks] == [1, 2, 3, 5, 6, 7, 10, 11, 12]
    assert all(check.checked >= 50 for check in verdict.checks if check.id != 11), as_text(verdict)
    assert "比对日报 1 份" in as_text(verdict)
    told = as_json(verdict)
    assert told["ok"] is True
    assert {"id", "title", "checked", "broken", "note"} <= set(told["checks"][0])


@pytest.mark.parametrize(("seed", "seats"), [(1, 1), (2, 2), (3, 3), (4, 6)])
async def test_other_days_hold_too(seed: int, seats: int, database: Database, seal: Seal) -> None:
    """Few seats: long queues, widening, time-outs, seats made busy by misses."""
    await make_history(database, seal, calls=70, seats=seats, hours=0.3, seed=seed)
    verdict = await verify(database.url)
    assert verdict.ok, as_text(verdict)


@pytest.mark.parametrize("seed", range(4))
async def test_whole_calls_hold(seed: int, database: Database, seal: Seal, tmp_path: Path) -> None:
    """Transfers, consultations, supervisors, emergencies, calls of ours; the day's report agrees with them."""
    await make_history(database, seal, calls=90, seats=seed + 2, hours=0.5, seed=seed, whole=whole_calls)
    day = date(2026, 11, 19)
    await keep_day(database.engine, HALL, day, now=DAY_BEGINS + timedelta(days=2), state_dir=tmp_path)
    for since in (None, DAY_BEGINS + timedelta(minutes=12)):
        verdict = await verify(database.url, since=since)
        assert verdict.ok, as_text(verdict)


async def test_the_healthy_history_holds_every_way_a_call_may_go(healthy_url: str) -> None:
    """Else what is checked of it would be checked of nothing."""
    async with _open(healthy_url) as db:
        seen = {row["type"] for row in await db.fetch("SELECT DISTINCT type FROM journal")}
        outcomes = {tuple(row) for row in await db.fetch("SELECT DISTINCT direction, outcome FROM calls")}
        emergencies = await db.fetchval("SELECT count(*) FROM journal WHERE data->>'purpose' = 'emergency'")
    assert {
        "CallHeld", "CallResumed", "CallPassed", "CallTransferred", "CallReturning", "CallSpilled", "SeatVanished",
        "PartyRung", "PartyAnswered", "PartyMissed", "PartyJoined", "PartyLeft", "MonitorSwitched", "DialBegun",
        "NumberDialled", "HandoverConfirmed", "LeftUnconfirmed", "RatingOffered", "RatingGiven", "MessageBegun",
        "ReleaseForced", "GroupsWidened", "SeatMuted", "KeysSent",
    } <= seen  # fmt: skip
    assert {("in", "forwarded"), ("in", "voicemail"), ("out", "answered"), ("out", "not_reached")} <= outcomes
    assert emergencies


async def test_a_part_of_the_history_holds(healthy_url: str) -> None:
    for minutes in (5, 17, 30):
        since = DAY_BEGINS + timedelta(minutes=minutes)
        verdict = await verify(healthy_url, hall=HALL, since=since)
        assert verdict.ok, as_text(verdict)
        assert 0 < verdict.checks[0].checked < 160


async def test_another_halls_history_is_not_looked_at(healthy_url: str) -> None:
    verdict = await verify(healthy_url, hall="elsewhere")
    assert verdict.ok
    assert all(check.checked == 0 for check in verdict.checks)


async def test_lost_hang_up_is_found_by_asking_the_line(healthy_url: str) -> None:
    """The device never reported the end: only its own list of calls can tell."""
    async with _open(healthy_url) as db:
        call = await db.fetchval("SELECT id FROM calls WHERE outcome = 'answered' ORDER BY id LIMIT 1")
        key = str(await db.fetchval("SELECT key FROM calls WHERE id = $1", call))
        ended = await db.fetchval("DELETE FROM journal WHERE call = $1 AND type = 'CallEnded' RETURNING seq", call)
        await db.execute("DELETE FROM raw_events WHERE call_key = $1 AND type = 'CallReleased'", key)
        await db.execute(
            "UPDATE calls SET state = 'talking', ended_at = NULL, outcome = NULL, seq = seq - 1 WHERE id = $1", call
        )
        assert ended
    assert next(check for check in (await verify(healthy_url)).checks if check.id == 1).ok
    asked = await verify(healthy_url, live={str(CARD): {"never-heard-of"}})
    (found,) = (check for check in asked.checks if check.id == 1)
    assert {broken.id for broken in found.broken} == {call, f"{CARD}/never-heard-of"}
    talking = await verify(healthy_url, live={str(CARD): {key}})
    assert next(check for check in talking.checks if check.id == 1).ok


async def test_events_without_a_writer_are_excused_and_printed(healthy_url: str) -> None:
    async with _open(healthy_url) as db:
        await db.execute("UPDATE raw_events SET state = 'pending' WHERE id = (SELECT max(id) FROM raw_events)")
        assert not (await verify(healthy_url)).ok
        await db.execute("INSERT INTO writer_gaps (hall, kind, began_at) VALUES ($1, 'writer', $2)", HALL, DAY_BEGINS)
    verdict = await verify(healthy_url)
    (found,) = (check for check in verdict.checks if check.id == 7)
    assert found.ok
    assert "无写入者 1 段" in found.note


async def test_waits_beside_a_dead_line_are_excused(healthy_url: str) -> None:
    """The caller waits beside a ready seat because the device could not be told to ring it."""
    at = DAY_BEGINS + timedelta(hours=6)
    async with _open(healthy_url) as db:
        await tell(db, 0, "CallArrived", handling="hall", adapter="card-1")
        await tell(db, 0, "SeatChanged", call=None, seat="01", before="signed_off", after="ready", operator="acc-1")
        await tell(db, 0, "CallQueued", groups=["general"])
        await tell(db, 9, "CallEnded", outcome="lost")
        red = await verify(healthy_url)
        assert [b.id for b in _found(red, 10).broken] == [STRANGER], as_text(red)
        await db.execute(
            "INSERT INTO writer_gaps (hall, kind, adapter, began_at, ended_at) VALUES ($1, 'link', $2, $3, $4)",
            HALL, CARD, at, at + timedelta(seconds=8),
        )  # fmt: skip
    excused = await verify(healthy_url)
    assert _found(excused, 10).ok, as_text(excused)
    assert "线路中断 1 段" in _found(excused, 10).note


async def test_a_lawyer_who_must_not_take_the_caller_is_no_free_seat(healthy_url: str) -> None:
    """利益冲突回避: the caller waits beside him, and that is right; beside anybody else it is not."""
    async with _open(healthy_url) as db:
        await tell(db, 0, "CallArrived", handling="hall", adapter="card-1")
        await tell(db, 0, "SeatChanged", call=None, seat="01", before="signed_off", after="ready", operator="acc-1")
        await tell(db, 0, "CallQueued", groups=["general"], excluded=["acc-1"])
        assert _found(await verify(healthy_url), 10).ok
        await tell(db, 30, "SeatChanged", call=None, seat="02", before="signed_off", after="ready", operator="acc-2")
        await tell(db, 40, "CallEnded", outcome="abandoned_queue")
    assert [broken.id for broken in _found(await verify(healthy_url), 10).broken] == [STRANGER]


async def test_a_rule_made_while_he_waited_is_read_from_the_offer(healthy_url: str) -> None:
    left_out = [{"seat": "01", "reason": "conflict"}]
    async with _open(healthy_url) as db:
        await tell(db, 0, "CallArrived", handling="hall", adapter="card-1")
        await tell(db, 0, "SeatChanged", call=None, seat="01", before="signed_off", after="ready", operator="acc-1")
        await tell(db, 0, "CallQueued", groups=["general"])
        await tell(db, 30, "SeatChanged", call=None, seat="02", before="signed_off", after="ready", operator="acc-2")
        await tell(
            db, 30, "SeatOffered", seat="02", offer="x.1", why="longest-idle", seconds=12,
            reasons={"left_out": left_out, "marks": ["conflict"]},
        )  # fmt: skip
        await tell(db, 30, "SeatChanged", call=None, seat="02", before="ready", after="ringing", operator="acc-2")
        await tell(db, 35, "CallEnded", outcome="abandoned_ringing")
        await tell(db, 35, "SeatChanged", call=None, seat="02", before="ringing", after="ready", operator="acc-2")
        verdict = await verify(healthy_url)
        assert _found(verdict, 10).ok, as_text(verdict)
        await db.execute("UPDATE journal SET data = data #- '{reasons,left_out}' WHERE type = 'SeatOffered'")
    assert [broken.id for broken in _found(await verify(healthy_url), 10).broken] == [STRANGER]


def test_overlapping_gaps_are_taken_off_once() -> None:
    at = DAY_BEGINS

    def gap(begin: int, end: int, adapter: str | None = None) -> Gap:
        return Gap(hall=HALL, adapter=adapter, begins=at + timedelta(seconds=begin), ends=at + timedelta(seconds=end))

    gaps = (gap(2, 6), gap(4, 8), gap(5, 7, "card-1"), gap(0, 100, "gw-1"))
    scope = Scope(halls=(HALL,), since=LONG_AGO, whole=True, now=at, gaps=gaps)
    assert scope.lasted(HALL, "card-1", at, at + timedelta(seconds=10)) == 4.0
    assert scope.lasted(HALL, "gw-1", at, at + timedelta(seconds=10)) == 0.0
    assert scope.lasted("elsewhere", None, at, at + timedelta(seconds=10)) == 10.0


# ── ledgers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_callers_own_ledger_agrees(healthy_url: str, healthy: History) -> None:
    calls = await read_calls(healthy_url, hall=HALL, adapter=CARD)
    found = compare_ledger(healthy.rows(), calls)
    assert found.ok, found.broken
    assert found.checked == CALLS + 2


async def test_ledger_without_keys_is_matched_by_caller(healthy_url: str, healthy: History) -> None:
    calls = await read_calls(healthy_url, hall=HALL, adapter=CARD)
    by_key = {call.key: call for call in calls}
    rows = [
        LedgerRow(caller=row.call, offered_at=row.offered_at, answered_at=row.answered_at, released_at=row.released_at)
        for row in healthy.rows()
    ]
    index = {key: call.caller_index for key, call in by_key.items()}
    assert compare_ledger(rows, calls, index_of=lambda caller: index[caller] or b"").ok


async def test_ledger_finds_what_the_hall_lost_or_told_otherwise(healthy_url: str, healthy: History) -> None:
    calls = await read_calls(healthy_url, hall=HALL, adapter=CARD)
    lost, extra = calls[3], LedgerRow(call="ghost", offered_at=DAY_BEGINS)
    rows = [row for row in healthy.rows() if row.call != calls[5].key]
    answered = next(row for row in rows if row.answered_at is not None)
    rows[rows.index(answered)] = LedgerRow(
        call=answered.call,
        offered_at=answered.offered_at - timedelta(hours=8),
        released_at=answered.released_at,
        outcome_hint="unanswered",
    )
    found = compare_ledger([*rows, extra], [call for call in calls if call.id != lost.id])
    (told,) = {call.id for call in calls if call.key == answered.call}
    assert {broken.id for broken in found.broken} == {lost.key, "ghost", calls[5].id, told}


async def test_acknowledged_before_the_commit(healthy_url: str) -> None:
    """The sender got its 2xx; the event is gone, or still waits."""
    async with _open(healthy_url) as db:
        rows = await db.fetch("SELECT adapter, event_id FROM raw_events WHERE adapter = 'gw-1' ORDER BY id")
        delivered = [Delivered(adapter=row["adapter"], event_id=row["event_id"]) for row in rows]
        assert (await compare_delivered(healthy_url, delivered)).ok
        await db.execute("DELETE FROM raw_events WHERE event_id = $1", delivered[0].event_id)
        await db.execute("UPDATE raw_events SET state = 'pending' WHERE event_id = $1", delivered[1].event_id)
    found = await compare_delivered(healthy_url, delivered)
    assert {broken.id for broken in found.broken} == {f"gw-1/{event.event_id}" for event in delivered[:2]}


def test_ledger_lines() -> None:
    line = b'{"call": null, "caller": "13800138000", "offered_at": "2026-11-21T02:13:05.120+08:00"}\n'
    (row,) = read_ledger([line, b"\n"])
    assert row.caller == "13800138000"
    assert row.outcome_hint == "unknown"


@contextlib.asynccontextmanager
async def _open(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def _found(verdict: Verdict, id: int) -> Check:
    (found,) = (check for check in verdict.checks if check.id == id)
    return found
