"""The verification is itself proven: each bug, planted into a healthy history, turns it red by its own invariant.

What can go wrong on the way of a call that is passed on, is in `test_seeded_whole_calls.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import asyncpg
import pytest

from tests.verify.seeding import Seeds, append, change_report, measure, one, prove, record, register
from tests.verify.the_hall import CARD, DAY_BEGINS, HALL

SEEDS: Seeds = {}
seed = register(SEEDS)


# ── 1 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@seed(1)
async def ended_twice(db: asyncpg.Connection) -> str:
    call = await one(db, "SELECT id FROM calls WHERE outcome = 'answered' ORDER BY id LIMIT 1")
    await append(db, call, "CallEnded", outcome="answered", by="caller")
    return call


@seed(1)
async def hang_up_ignored(db: asyncpg.Connection) -> str:
    """The hang-up was heard and the call went on."""
    call = await one(db, "SELECT id FROM calls WHERE outcome = 'answered' ORDER BY id LIMIT 1")
    await db.execute("DELETE FROM journal WHERE call = $1 AND type = 'CallEnded'", call)
    await db.execute("UPDATE calls SET state = 'talking', ended_at = NULL, outcome = NULL WHERE id = $1", call)
    return call


@seed(1)
async def outcome_counted_up_instead_of_settled(db: asyncpg.Connection) -> str:
    return await one(
        db,
        "UPDATE calls SET outcome = 'answered' WHERE id = "
        "(SELECT id FROM calls WHERE outcome = 'abandoned_queue' ORDER BY id LIMIT 1) RETURNING id",
    )


# ── 2 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

_BUSY_SEAT = """
SELECT b.call AS second, b.seq AS offered, a.seat, t.seq AS taken
FROM journal a
JOIN journal e ON e.call = a.call AND e.type = 'CallEnded'
JOIN journal b ON b.type = 'SeatOffered' AND b.seq > a.seq AND b.seq < e.seq AND b.seat <> a.seat
LEFT JOIN LATERAL (SELECT seq FROM journal t WHERE t.call = b.call AND t.type = 'CallTaken' AND t.seq > b.seq
                   AND t.seat = b.seat LIMIT 1) t ON true
WHERE a.type = 'CallTaken' AND a.call <> b.call AND t.seq IS NOT NULL
ORDER BY a.seq LIMIT 1
"""


@seed(2)
async def double_offer(db: asyncpg.Connection) -> str:
    found = await record(db, _BUSY_SEAT)
    await db.execute("UPDATE journal SET seat = $1 WHERE seq = $2", found["seat"], found["offered"])
    return found["second"]


@seed(2)
async def seat_in_two_calls(db: asyncpg.Connection) -> str:
    found = await record(db, _BUSY_SEAT)
    await db.execute(
        "UPDATE journal SET seat = $1 WHERE seq = ANY($2)", found["seat"], [found["offered"], found["taken"]]
    )
    return found["second"]


@seed(2)
async def stale_answer_accepted(db: asyncpg.Connection) -> str:
    """A seat that let the call ring out picks up later, and gets it."""
    found = await record(
        db,
        """
        SELECT t.call, t.seq, m.seat FROM journal t JOIN journal m ON m.call = t.call
        WHERE t.type = 'CallTaken' AND m.type = 'OfferMissed' AND m.seat <> t.seat AND m.seq < t.seq LIMIT 1
        """,
    )
    await db.execute("UPDATE journal SET seat = $1 WHERE seq = $2", found["seat"], found["seq"])
    return found["call"]


@seed(2)
async def seat_left_behind_by_its_call(db: asyncpg.Connection) -> str:
    """The call ended, the seat went on talking to nobody."""
    seat = await one(
        db,
        """
        UPDATE journal SET data = jsonb_set(data, '{after}', '"talking"') WHERE seq = (
            SELECT s.seq FROM journal s WHERE s.type = 'SeatChanged' AND s.data->>'after' = 'wrap_up' AND NOT EXISTS (
                SELECT FROM journal n WHERE n.type = 'SeatChanged' AND n.seat = s.seat AND n.seq > s.seq
                    AND n.at < s.at + interval '5 seconds'
            ) ORDER BY s.seq LIMIT 1
        ) RETURNING seat
        """,
    )
    return f"{HALL} 坐席 {seat}"


@seed(2)
async def row_of_a_seat_keeps_a_call_that_is_over(db: asyncpg.Connection) -> str:
    call = await one(db, "SELECT id FROM calls WHERE outcome = 'answered' ORDER BY id LIMIT 1")
    await db.execute("UPDATE seats SET state = 'talking', call = $1 WHERE number = '02'", call)
    return f"{HALL} 坐席 02"


# ── 3 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@seed(3)
async def ticket_missing(db: asyncpg.Connection) -> str:
    return await one(db, "DELETE FROM tickets WHERE number = (SELECT min(number) FROM tickets) RETURNING call")


@seed(3)
async def ticket_names_another_seat(db: asyncpg.Connection) -> str:
    return await one(
        db,
        "UPDATE tickets SET seat = '77' WHERE number = "
        "(SELECT min(number) FROM tickets WHERE outcome = 'answered') RETURNING call",
    )


@seed(3)
async def ticket_born_with_the_answer(db: asyncpg.Connection) -> str:
    return await one(
        db,
        """
        UPDATE tickets t SET created_at = c.answered_at FROM calls c WHERE t.call = c.id AND c.id = (
            SELECT id FROM calls WHERE answered_at > offered_at + interval '5 seconds' ORDER BY id LIMIT 1
        ) RETURNING c.id
        """,
    )


@seed(3)
async def ticket_without_its_call(db: asyncpg.Connection) -> str:
    return await one(
        db,
        "INSERT INTO tickets (number, hall, day, created_at) VALUES ($1, $2, $3, $4) RETURNING number",
        "KF-20261119-999999",
        HALL,
        date(2026, 11, 19),
        DAY_BEGINS,
    )


# ── 5 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@seed(5)
async def report_off_by_one(db: asyncpg.Connection) -> str:
    await change_report(db, lambda report: measure(report, "offered").update(value=10_001, numerator=10_001))
    return f"{HALL} 2026-11-19"


@seed(5)
async def report_hides_an_outcome(db: asyncpg.Connection) -> str:
    def hide(report: dict[str, Any]) -> None:
        (part,) = (part for part in report["outcomes"] if part["outcome"] == "abandoned_queue")
        part["count"] -= 1

    await change_report(db, hide)
    return f"{HALL} 2026-11-19"


@seed(5)
async def naive_time(db: asyncpg.Connection) -> str:
    """Local time stored as if it were UTC."""
    return await one(
        db,
        """
        UPDATE calls SET offered_at = offered_at + interval '8 hours', queued_at = queued_at + interval '8 hours',
            rung_at = rung_at + interval '8 hours', answered_at = answered_at + interval '8 hours',
            ended_at = ended_at + interval '8 hours'
        WHERE id = (SELECT min(id) FROM calls WHERE handling = 'hall') RETURNING id
        """,
    )


@seed(5)
async def naive_time_in_a_decoder(db: asyncpg.Connection) -> str:
    """A gateway's local times read as UTC: so far ahead that the hall does not believe them."""
    await db.execute("UPDATE raw_events SET at = at + interval '8 hours' WHERE adapter = 'gw-1'")
    return "gw-1 2026-11-19"


@seed(5)
async def day_of_utc(db: asyncpg.Connection) -> str:
    """The day a call counts for, taken in UTC."""
    await db.execute("UPDATE calls SET day = (offered_at AT TIME ZONE 'UTC')::date")
    return await one(db, "SELECT min(id) FROM calls")


@seed(5)
async def answer_not_counted(db: asyncpg.Connection) -> str:
    call = await one(
        db,
        "UPDATE calls SET answered_at = NULL, outcome = 'abandoned_ringing' WHERE id = "
        "(SELECT min(id) FROM calls WHERE outcome = 'answered') RETURNING id",
    )
    await db.execute("UPDATE tickets SET outcome = 'abandoned_ringing' WHERE call = $1", call)
    return call


@seed(5)
async def call_never_recorded(db: asyncpg.Connection) -> str:
    """The device reported a call that the hall knows nothing of."""
    await db.execute("UPDATE raw_events SET call_key = 'never' WHERE call_key = 'c3'")
    return f"{CARD}/never"


# ── 6 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@seed(6)
async def gap_in_a_calls_events(db: asyncpg.Connection) -> str:
    call = await one(
        db,
        "UPDATE journal SET call_seq = call_seq + 100 WHERE seq = "
        "(SELECT min(seq) FROM journal WHERE type = 'CallEnded') RETURNING call",
    )
    return call


@seed(6)
async def gap_in_the_halls_journal(db: asyncpg.Connection) -> str:
    seq = await one(
        db,
        "DELETE FROM journal WHERE seq = (SELECT max(seq) - 3 FROM journal WHERE type = 'SeatChanged') RETURNING seq",
    )
    return f"{HALL}#{seq + 1}"


@seed(6)
async def negative_duration(db: asyncpg.Connection) -> str:
    await db.execute("ALTER TABLE calls DROP CONSTRAINT calls_time_order_check")
    return await one(
        db,
        "UPDATE calls SET ended_at = answered_at - interval '1 second' WHERE id = "
        "(SELECT min(id) FROM calls WHERE outcome = 'answered') RETURNING id",
    )


@seed(6)
async def clock_that_steps_back(db: asyncpg.Connection) -> str:
    seq = await one(
        db,
        "UPDATE journal SET at = at - interval '1 hour' WHERE seq = (SELECT max(seq) - 5 FROM journal) RETURNING seq",
    )
    return f"{HALL}#{seq}"


@seed(6)
async def seat_change_lost(db: asyncpg.Connection) -> str:
    seat = await one(
        db,
        "DELETE FROM seat_changes WHERE id = (SELECT min(id) FROM seat_changes WHERE after = 'talking') RETURNING seat",
    )
    return f"{HALL} 坐席 {seat}"


# ── 7 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@seed(7)
async def event_never_applied(db: asyncpg.Connection) -> str:
    event = await one(
        db, "UPDATE raw_events SET state = 'pending' WHERE id = (SELECT min(id) FROM raw_events) RETURNING event_id"
    )
    return f"{CARD}/{event}"


@seed(7)
async def set_aside_without_a_reason(db: asyncpg.Connection) -> str:
    event = await one(
        db,
        "UPDATE raw_events SET state = 'set_aside' WHERE id = "
        "(SELECT max(id) FROM raw_events WHERE type = 'PromptEnded') RETURNING event_id",
    )
    return f"{CARD}/{event}"


@seed(7)
async def event_applied_twice(db: asyncpg.Connection) -> str:
    call = await one(db, "SELECT min(call) FROM journal WHERE type = 'KeysHeard'")
    await append(db, call, "KeysHeard", digits="1", queue="general")
    return call


@seed(7)
async def repeated_event_kept_twice(db: asyncpg.Connection) -> str:
    await db.execute("ALTER TABLE raw_events DROP CONSTRAINT raw_events_adapter_event_id_hall_key")
    event = await one(
        db,
        """
        INSERT INTO raw_events (hall, adapter, event_id, heard_at, at, type, call_key, state)
        SELECT hall, adapter, event_id, heard_at, at, type, call_key, state FROM raw_events
        WHERE type = 'SeatRinging' AND adapter = 'card-1' ORDER BY id LIMIT 1 RETURNING event_id
        """,
    )
    return f"{CARD}/{event}"


# ── 10 ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@seed(10)
async def idle_seat_while_a_caller_waits(db: asyncpg.Connection) -> str:
    """A seat that became free was not told to the queue."""
    found = await record(
        db,
        """
        SELECT s.seq, q.call FROM journal q
        JOIN journal o ON o.call = q.call AND o.call_seq = q.call_seq + 1 AND o.type = 'SeatOffered'
        JOIN journal s ON s.type = 'SeatChanged' AND s.data->>'after' = 'wrap_up'
                      AND s.at > q.at AND s.at < o.at - interval '5 seconds'
        JOIN journal n ON n.seat = s.seat AND n.type = 'SeatChanged' AND n.seq > s.seq AND n.at > s.at + interval '5s'
        WHERE q.type = 'CallQueued' AND q.data->'groups' @> '["general"]'
          AND NOT EXISTS (SELECT 1 FROM journal b WHERE b.type = 'SeatChanged' AND b.seat = s.seat
                          AND b.seq > s.seq AND b.at < s.at + interval '5 seconds')
        ORDER BY q.seq LIMIT 1
        """,
    )
    await db.execute("UPDATE journal SET data = jsonb_set(data, '{after}', '\"ready\"') WHERE seq = $1", found["seq"])
    return found["call"]


# ── the proof ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", list(SEEDS))
async def test_planted_bug_turns_it_red(name: str, healthy_url: str) -> None:
    await prove(*SEEDS[name], healthy_url)


def test_there_are_seeds_for_every_invariant() -> None:
    assert {invariant for invariant, _ in SEEDS.values()} == {1, 2, 3, 5, 6, 7, 10}
