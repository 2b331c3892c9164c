"""The verification is itself proven: each bug, planted into a healthy history, turns it red by its own invariant."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import asyncpg
import pytest

from hotline.reports.nightly import digest
from hotline.verify import as_text, verify
from tests.verify.history import CARD, DAY_BEGINS, HALL
from tests.verify.telling import STRANGER, tell

Plant = Callable[[asyncpg.Connection], Awaitable[str]]
"""Plants a bug; the id that the verification must name."""

SEEDS: dict[str, tuple[int, Plant]] = {}


def seed(invariant: int) -> Callable[[Plant], Plant]:
    """Register a bug that breaks that invariant."""

    def register(plant: Plant) -> Plant:
        SEEDS[plant.__name__] = (invariant, plant)
        return plant

    return register


# ── 1 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@seed(1)
async def ended_twice(db: asyncpg.Connection) -> str:
    call = await one(db, "SELECT id FROM calls WHERE outcome = 'answered' ORDER BY id LIMIT 1")
    await _append(db, call, "CallEnded", outcome="answered", by="caller")
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
            SELECT seq FROM journal WHERE type = 'SeatChanged' AND data->>'after' = 'wrap_up' ORDER BY seq LIMIT 1
        ) RETURNING seat
        """,
    )
    return f"{HALL} 坐席 {seat}"


@seed(2)
async def row_of_a_seat_keeps_a_call_that_is_over(db: asyncpg.Connection) -> str:
    call = await one(db, "SELECT id FROM calls WHERE outcome = 'answered' ORDER BY id LIMIT 1")
    await db.execute("UPDATE seats SET state = 'talking', call = $1 WHERE number = '02'", call)
    return f"{HALL} 坐席 02"


@seed(2)
async def party_that_was_never_rung(db: asyncpg.Connection) -> str:
    """Somebody is on the call whom nobody declared."""
    found = await record(
        db,
        """
        SELECT r.call, r.seq FROM journal r JOIN journal a ON a.call = r.call AND a.type = 'PartyAnswered'
             AND a.data->>'offer' = r.data->>'offer'
        WHERE r.type = 'PartyRung' ORDER BY r.seq LIMIT 1
        """,
    )
    await db.execute("UPDATE journal SET type = 'ReportIgnored' WHERE seq = $1", found["seq"])
    return found["call"]


@seed(2)
async def colleague_rung_who_has_a_caller(db: asyncpg.Connection) -> str:
    """A consultation goes to a seat that is talking with somebody else."""
    found = await record(
        db,
        """
        SELECT p.call, p.seq, t.seat FROM journal p
        JOIN journal t ON t.type = 'CallTaken' AND t.seq < p.seq AND t.call <> p.call
        JOIN journal e ON e.call = t.call AND e.type = 'CallEnded' AND e.seq > p.seq
        WHERE p.type = 'PartyRung' AND p.data->>'target' IS NOT NULL AND t.seat <> p.seat
          AND NOT EXISTS (SELECT FROM journal x WHERE x.call = t.call AND x.seq > t.seq
                          AND x.type IN ('CallPassed', 'CallTransferred', 'SeatVanished', 'RatingOffered'))
        ORDER BY p.seq LIMIT 1
        """,
    )
    await db.execute(
        "UPDATE journal SET data = jsonb_set(data, '{target}', to_jsonb($1::text)) WHERE seq = $2",
        found["seat"], found["seq"],
    )  # fmt: skip
    return found["call"]


@seed(2)
async def two_seats_have_the_caller(db: asyncpg.Connection) -> str:
    """Whoever was only asked is put down as having taken the call as well."""
    return await one(
        db,
        """
        UPDATE journal SET type = 'CallTaken', seat = data->>'target' WHERE seq = (
            SELECT min(a.seq) FROM journal a JOIN journal r ON r.call = a.call AND r.type = 'PartyRung'
                 AND r.data->>'offer' = a.data->>'offer' AND r.data->>'part' = 'consulted'
            WHERE a.type = 'PartyAnswered' AND a.data->>'target' IS NOT NULL
        ) RETURNING call
        """,
    )


@seed(2)
async def passed_to_a_seat_that_was_not_on_the_call(db: asyncpg.Connection) -> str:
    return await one(
        db,
        "UPDATE journal SET seat = '04' WHERE seq = (SELECT min(seq) FROM journal WHERE type = 'CallPassed' "
        "AND seat IS NOT NULL AND seat <> '04') RETURNING call",
    )


@seed(2)
async def transferred_to_one_and_rung_at_another(db: asyncpg.Connection) -> str:
    found = await record(
        db,
        """
        SELECT o.call, o.seq, f.seat FROM journal o
        JOIN journal t ON t.call = o.call AND t.call_seq = o.call_seq - 1 AND t.type = 'CallTransferred'
             AND t.data->>'kind' = 'seat'
        JOIN seats f ON f.number NOT IN (o.seat, t.seat) AND f.number <> '09'
        CROSS JOIN LATERAL (SELECT f.number AS seat) x
        WHERE o.type = 'SeatOffered' AND o.data->>'why' = 'wanted' ORDER BY o.seq LIMIT 1
        """.replace("f.seat FROM", "x.seat FROM"),
    )
    await db.execute("UPDATE journal SET seat = $1 WHERE seq = $2", found["seat"], found["seq"])
    return found["call"]


@seed(2)
async def next_caller_sent_to_a_lawyer_who_writes_his_ticket(db: asyncpg.Connection) -> str:
    """Only a caller who wants that very seat may ring it in wrap-up."""
    return await one(
        db,
        """
        UPDATE journal SET data = jsonb_set(data, '{why}', '"longest-idle"') WHERE seq = (
            SELECT min(o.seq) FROM journal o
            JOIN journal c ON c.seq > o.seq AND c.at = o.at AND c.seat = o.seat AND c.type = 'SeatChanged'
                 AND c.data->>'before' = 'wrap_up'
            WHERE o.type = 'SeatOffered' AND o.data->>'why' = 'wanted'
        ) RETURNING call
        """,
    )


@seed(2)
async def row_of_a_seat_in_a_call_that_does_not_know_it(db: asyncpg.Connection) -> str:
    call = await one(db, "SELECT min(id) FROM calls WHERE handling = 'hall' AND outcome = 'answered'")
    await db.execute("UPDATE calls SET state = 'talking', ended_at = NULL, outcome = NULL WHERE id = $1", call)
    await db.execute("UPDATE seats SET state = 'talking', call = $1, part = 'consulted' WHERE number = '09'", call)
    return f"{HALL} 坐席 09"


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


@seed(3)
async def ticket_names_the_seat_that_passed_the_caller_on(db: asyncpg.Connection) -> str:
    found = await record(
        db,
        """
        SELECT t.call, t.seat FROM journal t JOIN journal p ON p.call = t.call AND p.type = 'CallPassed'
             AND p.seat IS NOT NULL AND p.seat <> t.seat AND p.seq > t.seq
        WHERE t.type = 'CallTaken' AND NOT EXISTS (
            SELECT FROM journal l WHERE l.call = t.call AND l.seq > p.seq AND l.type IN ('CallTaken', 'CallPassed')
        ) ORDER BY t.seq LIMIT 1
        """,
    )
    await db.execute("UPDATE tickets SET seat = $1 WHERE call = $2", found["seat"], found["call"])
    return found["call"]


@seed(3)
async def call_of_ours_without_a_ticket(db: asyncpg.Connection) -> str:
    return await one(
        db,
        "DELETE FROM tickets WHERE call = (SELECT min(id) FROM calls WHERE direction = 'out') RETURNING call",
    )


@seed(3)
async def forwarded_call_counted_as_answered(db: asyncpg.Connection) -> str:
    """Nobody of ours spoke with the caller."""
    call = await one(
        db,
        "UPDATE calls SET outcome = 'answered', answered_at = ended_at WHERE id = "
        "(SELECT min(id) FROM calls WHERE outcome = 'forwarded') RETURNING id",
    )
    await db.execute("UPDATE tickets SET outcome = 'answered' WHERE call = $1", call)
    return call


# ── 5 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@seed(5)
async def report_off_by_one(db: asyncpg.Connection) -> str:
    await _change_report(db, lambda report: _measure(report, "offered").update(value=10_001, numerator=10_001))
    return f"{HALL} 2026-11-19"


@seed(5)
async def report_hides_an_outcome(db: asyncpg.Connection) -> str:
    def hide(report: dict[str, Any]) -> None:
        (part,) = (part for part in report["outcomes"] if part["outcome"] == "abandoned_queue")
        part["count"] -= 1

    await _change_report(db, hide)
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


@seed(5)
async def call_of_ours_counted_as_a_callers(db: asyncpg.Connection) -> str:
    return await one(
        db,
        "UPDATE calls SET direction = 'in' WHERE id = (SELECT min(id) FROM calls WHERE direction = 'out') RETURNING id",
    )


@seed(5)
async def calls_of_ours_in_the_days_offered(db: asyncpg.Connection) -> str:
    ours = await one(db, "SELECT count(*) FROM calls WHERE direction = 'out'")

    def count_all(report: dict[str, Any]) -> None:
        offered = _measure(report, "offered")
        offered.update(value=offered["value"] + ours, numerator=offered["numerator"] + ours)

    await _change_report(db, count_all)
    return f"{HALL} 2026-11-19"


@seed(5)
async def calls_of_ours_that_nobody_answered_reported_as_reached(db: asyncpg.Connection) -> str:
    await _change_report(db, lambda report: _measure(report, "outbound_reached").update(numerator=99))
    return f"{HALL} 2026-11-19"


@seed(5)
async def call_of_ours_answered_by_nobody(db: asyncpg.Connection) -> str:
    await db.execute(
        "UPDATE raw_events SET type = 'PromptEnded' WHERE type = 'CallAnswered' AND call_key = "
        "(SELECT key FROM calls WHERE direction = 'out' AND outcome = 'answered' ORDER BY id LIMIT 1)"
    )
    return await one(db, "SELECT min(id) FROM calls WHERE direction = 'out' AND outcome = 'answered'")


@seed(5)
async def whole_talk_credited_to_the_last_seat(db: asyncpg.Connection) -> str:
    """A transferred call's talk time goes to one seat alone."""

    def credit(report: dict[str, Any]) -> None:
        first, second = report["seats"][:2]
        first["talk_seconds"], second["talk_seconds"] = first["talk_seconds"] + 10, second["talk_seconds"] - 10

    await _change_report(db, credit)
    return f"{HALL} 2026-11-19"


@seed(5)
async def hold_counted_as_talk(db: asyncpg.Connection) -> str:
    def add(report: dict[str, Any]) -> None:
        talk, hold = _measure(report, "mean_talk"), _measure(report, "mean_hold")
        assert hold["numerator"], "nobody was ever held"
        talk["numerator"], hold["numerator"] = talk["numerator"] + hold["numerator"], 0

    await _change_report(db, add)
    return f"{HALL} 2026-11-19"


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


_CHAIN = (
    "(SELECT min(id) FROM calls WHERE handling = 'hall' AND outcome = 'answered' AND jsonb_array_length(segments) > 3)"
)


async def _bend(db: asyncpg.Connection, change: str, *, where: str = "true") -> str:
    """Change the segments of one call; `s` is the array of them."""
    return await one(
        db,
        f"""
        UPDATE calls SET segments = (SELECT {change} FROM (SELECT segments AS s) x) WHERE id = (
            SELECT min(id) FROM calls WHERE handling = 'hall' AND outcome = 'answered'
               AND jsonb_array_length(segments) > 3 AND {where}
        ) RETURNING id
        """,
    )


@seed(6)
async def gap_between_segments(db: asyncpg.Connection) -> str:
    return await _bend(db, "s #- '{1}'")


@seed(6)
async def segments_overlap(db: asyncpg.Connection) -> str:
    return await _bend(db, "jsonb_set(s, '{1,since}', s->0->'since')")


@seed(6)
async def segment_of_negative_length(db: asyncpg.Connection) -> str:
    return await _bend(db, "jsonb_set(jsonb_set(s, '{0,since}', s->0->'until'), '{0,until}', s->0->'since')")


@seed(6)
async def segments_end_before_the_call(db: asyncpg.Connection) -> str:
    return await _bend(db, "s #- '{-1}'")


@seed(6)
async def segments_begin_late(db: asyncpg.Connection) -> str:
    return await _bend(db, "s #- '{0}'")


@seed(6)
async def segments_absent(db: asyncpg.Connection) -> str:
    return await one(
        db,
        "UPDATE calls SET segments = NULL WHERE id = "
        "(SELECT max(id) FROM calls WHERE handling = 'hall' AND outcome = 'answered') RETURNING id",
    )


@seed(6)
async def hold_told_as_talk(db: asyncpg.Connection) -> str:
    held = """'{"kind": "held"}'"""
    return await _bend(
        db,
        "jsonb_agg(CASE WHEN e->>'kind' = 'held' THEN e || '{\"kind\": \"talking\"}' ELSE e END ORDER BY n) "
        "FROM jsonb_array_elements(segments) WITH ORDINALITY AS t (e, n)) FROM (SELECT 1",
        where=f"segments @> jsonb_build_array({held}::jsonb)",
    )


@seed(6)
async def talk_told_of_the_wrong_seat(db: asyncpg.Connection) -> str:
    """The colleague who took the caller over is not credited."""
    call = await one(
        db, "SELECT min(call) FROM journal WHERE type = 'CallPassed' AND seat IS NOT NULL AND data->>'how' = 'transfer'"
    )
    segments = json.loads(await one(db, "SELECT segments FROM calls WHERE id = $1", call))
    for each in segments:
        if "seat" in each:
            each["seat"] = "01"
    await db.execute("UPDATE calls SET segments = $1 WHERE id = $2", json.dumps(segments), call)
    return call


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
    await _append(db, call, "KeysHeard", digits="1", queue="general")
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


@seed(7)
async def hold_told_once_and_noted_twice(db: asyncpg.Connection) -> str:
    call = await one(db, "SELECT min(call) FROM journal WHERE type = 'CallHeld' AND actor = 'system'")
    await _append(db, call, "CallHeld")
    return call


@seed(7)
async def rating_counted_twice(db: asyncpg.Connection) -> str:
    call = await one(db, "SELECT min(call) FROM journal WHERE type = 'RatingGiven'")
    for _ in range(3):
        await _append(db, call, "RatingGiven", question="attitude", score=5)
    return call


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


@seed(10)
async def wanted_seat_is_free_and_not_rung(db: asyncpg.Connection) -> str:
    """A transferred caller waits for one seat, which has long been ready."""
    await tell(db, 0, "CallArrived", handling="hall", adapter="card-1")
    await tell(db, 0, "SeatChanged", call=None, seat="01", before="signed_off", after="ready", operator="acc-1")
    await tell(db, 0, "SeatChanged", call=None, seat="01", before="ready", after="busy", operator="acc-1")
    await tell(db, 1, "SeatVanished", seat="01")
    await tell(db, 5, "SeatChanged", call=None, seat="01", before="busy", after="ready", operator="acc-1")
    await tell(db, 15, "CallEnded", outcome="abandoned_queue")
    return STRANGER


@seed(10)
async def caller_sent_to_a_lawyer_who_must_not_take_him(db: asyncpg.Connection) -> str:
    """利益冲突回避."""
    await tell(db, 0, "CallArrived", handling="hall", adapter="card-1")
    await tell(db, 0, "SeatChanged", call=None, seat="01", before="signed_off", after="ready", operator="acc-1")
    await tell(db, 0, "CallQueued", groups=["general"], excluded=["acc-1"])
    reasons = {"marks": ["conflict"]}
    await tell(db, 0, "SeatOffered", seat="01", offer="x.1", why="longest-idle", seconds=12, reasons=reasons)
    await tell(db, 5, "CallEnded", outcome="abandoned_ringing")
    return STRANGER


# ── 12 ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@seed(12)
async def seat_rings_on_and_on(db: asyncpg.Connection) -> str:
    await tell(db, 0, "CallArrived", handling="hall", adapter="card-1")
    await tell(db, 0, "CallQueued", groups=["general"])
    await tell(db, 0, "SeatOffered", seat="01", offer="x.1", why="longest-idle", seconds=12)
    await tell(db, 43, "OfferMissed", seat="01", offer="x.1", reason="no_answer")
    return STRANGER


@seed(12)
async def colleague_rings_for_a_call_that_goes_on(db: asyncpg.Connection) -> str:
    """A consultation that nobody ever gives up."""
    await tell(db, 0, "CallArrived", handling="hall", adapter="card-1")
    await tell(db, 0, "SeatOffered", seat="01", offer="x.1", why="wanted", seconds=12)
    await tell(db, 2, "CallTaken", seat="01", operator="acc-1", waited=2)
    await tell(db, 5, "PartyRung", seat="01", offer="x.2", part="consulted", target="02", seconds=12)
    return STRANGER


@seed(12)
async def police_rung_and_nobody_knows_how_it_ended(db: asyncpg.Connection) -> str:
    """紧急: neither picked up nor missed, and the call over at last."""
    await tell(db, 0, "CallArrived", handling="hall", adapter="card-1")
    await tell(db, 0, "SeatOffered", seat="01", offer="x.1", why="wanted", seconds=12)
    await tell(db, 2, "CallTaken", seat="01", operator="acc-1", waited=2)
    await tell(db, 5, "PartyRung", seat="01", offer="x.110", part="joined", contact="110", emergency=True, seconds=30)
    await tell(db, 300, "CallEnded", outcome="answered")
    return STRANGER


@seed(12)
async def other_side_of_a_call_of_ours_rings_for_ever(db: asyncpg.Connection) -> str:
    await tell(db, 0, "CallArrived", handling="hall", adapter="card-1")
    await tell(db, 0, "DialBegun", seat="01", offer="x.1", purpose="contact", number="***", seconds=20)
    await tell(db, 4, "NumberDialled", seat="01", seconds=45)
    await tell(db, 90, "CallEnded", outcome="not_reached")
    return STRANGER


# ── the proof ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", list(SEEDS))
async def test_planted_bug_turns_it_red(name: str, healthy_url: str) -> None:
    invariant, plant = SEEDS[name]
    connection = await asyncpg.connect(healthy_url)
    try:
        offender = await plant(connection)
    finally:
        await connection.close()
    assert offender, "nothing was planted"
    verdict = await verify(healthy_url)
    (found,) = (check for check in verdict.checks if check.id == invariant)
    assert offender in [broken.id for broken in found.broken], as_text(verdict)


def test_there_are_seeds_for_every_invariant() -> None:
    assert {invariant for invariant, _ in SEEDS.values()} == {1, 2, 3, 5, 6, 7, 10, 12}


# ── private ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def one(db: asyncpg.Connection, statement: str, *values: object) -> Any:
    """The first value; there must be one, or nothing could be planted."""
    found = await db.fetchval(statement, *values)
    assert found is not None, "the history holds nothing to plant this bug in"
    return found


async def record(db: asyncpg.Connection, statement: str, *values: object) -> asyncpg.Record:
    """The first row; there must be one, or nothing could be planted."""
    found = await db.fetchrow(statement, *values)
    assert found is not None, "the history holds nothing to plant this bug in"
    return found


async def _append(db: asyncpg.Connection, call: str, kind: str, **data: Any) -> None:
    """One more event of a call, numbered as the writer would."""
    await db.execute(
        """
        INSERT INTO journal (hall, seq, at, epoch, type, call, call_seq, actor, data)
        SELECT hall, max(seq) + 1, max(at), max(epoch), $2, $1, (SELECT seq + 1 FROM calls WHERE id = $1), 'system', $3
        FROM journal GROUP BY hall
        """,
        call,
        kind,
        json.dumps({"type": kind, **data}),
    )
    await db.execute("UPDATE calls SET seq = seq + 1 WHERE id = $1", call)


async def _change_report(db: asyncpg.Connection, change: Callable[[dict[str, Any]], None]) -> None:
    report = json.loads(await one(db, "SELECT measures FROM day_reports"))
    change(report)
    await db.execute("UPDATE day_reports SET measures = $1, digest = $2", json.dumps(report), digest(report))


def _measure(report: dict[str, Any], id: str) -> dict[str, Any]:
    (found,) = (measure for measure in report["measures"] if measure["id"] == id)
    return found
