"""The verification is itself proven for calls that are held, passed on, listened to, or made by us: each bug, planted
into a healthy history, turns it red by its own invariant.
"""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from tests.verify.seeding import Seeds, append, change_report, measure, one, prove, record, register
from tests.verify.telling import STRANGER, tell
from tests.verify.the_hall import HALL

SEEDS: Seeds = {}
seed = register(SEEDS)


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
        SELECT o.call, o.seq, f.number AS seat FROM journal o
        JOIN journal t ON t.call = o.call AND t.call_seq = o.call_seq - 1 AND t.type = 'CallTransferred'
             AND t.data->>'kind' = 'seat'
        JOIN seats f ON f.number NOT IN (o.seat, t.seat) AND f.number <> '09'
        WHERE o.type = 'SeatOffered' AND o.data->>'why' = 'wanted' ORDER BY o.seq LIMIT 1
        """,
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
        offered = measure(report, "offered")
        offered.update(value=offered["value"] + ours, numerator=offered["numerator"] + ours)

    await change_report(db, count_all)
    return f"{HALL} 2026-11-19"


@seed(5)
async def calls_of_ours_that_nobody_answered_reported_as_reached(db: asyncpg.Connection) -> str:
    await change_report(db, lambda report: measure(report, "outbound_reached").update(numerator=99))
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

    await change_report(db, credit)
    return f"{HALL} 2026-11-19"


@seed(5)
async def hold_counted_as_talk(db: asyncpg.Connection) -> str:
    def add(report: dict[str, Any]) -> None:
        talk, hold = measure(report, "mean_talk"), measure(report, "mean_hold")
        assert hold["numerator"], "nobody was ever held"
        talk["numerator"], hold["numerator"] = talk["numerator"] + hold["numerator"], 0

    await change_report(db, add)
    return f"{HALL} 2026-11-19"


async def _bend(db: asyncpg.Connection, change: str) -> str:
    """Change the segments of one call; `s` is the array of them."""
    return await one(
        db,
        f"""
        UPDATE calls SET segments = (SELECT {change} FROM (SELECT segments AS s) x) WHERE id = (
            SELECT min(id) FROM calls WHERE handling = 'hall' AND outcome = 'answered'
               AND jsonb_array_length(segments) > 3
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
    found = await record(
        db,
        """SELECT id, segments FROM calls WHERE handling = 'hall' AND segments @> '[{"kind": "held"}]' LIMIT 1""",
    )
    held = [each | {"kind": "talking"} if each["kind"] == "held" else each for each in json.loads(found["segments"])]
    await db.execute("UPDATE calls SET segments = $1 WHERE id = $2", json.dumps(held), found["id"])
    return found["id"]


@seed(6)
async def talk_told_of_the_wrong_seat(db: asyncpg.Connection) -> str:
    """The colleague who took the caller over is not credited."""
    call = await one(db, "SELECT min(call) FROM journal WHERE type = 'CallPassed' AND seat IS NOT NULL")
    segments = json.loads(await one(db, "SELECT segments FROM calls WHERE id = $1", call))
    for each in segments:
        if "seat" in each:
            each["seat"] = "77"
    await db.execute("UPDATE calls SET segments = $1 WHERE id = $2", json.dumps(segments), call)
    return call


@seed(7)
async def hold_told_once_and_noted_twice(db: asyncpg.Connection) -> str:
    call = await one(db, "SELECT min(call) FROM journal WHERE type = 'CallHeld' AND actor = 'system'")
    await append(db, call, "CallHeld")
    return call


@seed(7)
async def rating_counted_twice(db: asyncpg.Connection) -> str:
    call = await one(db, "SELECT min(call) FROM journal WHERE type = 'RatingGiven'")
    for _ in range(3):
        await append(db, call, "RatingGiven", question="attitude", score=5)
    return call


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


@pytest.mark.parametrize("name", list(SEEDS))
async def test_planted_bug_turns_it_red(name: str, healthy_url: str) -> None:
    await prove(*SEEDS[name], healthy_url)


def test_there_are_seeds_for_every_invariant_that_knows_of_whole_calls() -> None:
    assert {invariant for invariant, _ in SEEDS.values()} == {2, 3, 5, 6, 7, 10, 12}
