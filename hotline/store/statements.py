"""The call path's SQL, written once: one batch is one statement, so one round trip and one transaction.

Every part of a statement sees the database as it was when the statement began; the lease row is the exception, because
`FOR UPDATE` reads its newest version. So what counts is compared there: the epoch, and the journal's last number.
"""

from __future__ import annotations

from collections.abc import Iterable

from hotline.store.rows import CallRow, SeatRow

TAKE_LEASE = """
INSERT INTO hall_leases AS l (hall, epoch, holder, until)
SELECT $1, 1, $2, clock_timestamp() + make_interval(secs => $3)
WHERE NOT EXISTS (SELECT FROM hall_leases WHERE hall = $1 AND holder <> $2 AND until > clock_timestamp())
ON CONFLICT (hall) DO UPDATE SET epoch = l.epoch + 1, holder = excluded.holder, until = excluded.until
WHERE l.holder = excluded.holder OR l.until <= clock_timestamp()
RETURNING epoch, until, seq, next_call, day, next_ticket
"""

RENEW_LEASE = """
UPDATE hall_leases SET until = clock_timestamp() + make_interval(secs => $3) WHERE hall = $1 AND epoch = $2
RETURNING until
"""

GIVE_UP_LEASE = "UPDATE hall_leases SET until = clock_timestamp() WHERE hall = $1 AND epoch = $2"

PENDING = """
SELECT id, adapter, event_id, fact_sealed FROM raw_events
WHERE hall = $1 AND state = 'pending' AND id > $2 ORDER BY id LIMIT $3
"""

KEEP = """
WITH came AS MATERIALIZED (
    SELECT * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
                         $8::bytea[], $9::bytea[], $10::text[], $11::text[]) WITH ORDINALITY
        AS c (adapter, event_id, heard_at, at, type, call_key, fact_sealed, raw_sealed, state, reason, ord)
), new AS (
    INSERT INTO raw_events
        (hall, adapter, event_id, heard_at, at, type, call_key, fact_sealed, raw_sealed, state, reason)
    SELECT $1, adapter, event_id, COALESCE(heard_at, clock_timestamp()), COALESCE(at, clock_timestamp()),
           type, call_key, fact_sealed, raw_sealed, state, reason
    FROM came ORDER BY ord
    ON CONFLICT (adapter, event_id, hall) DO NOTHING
    RETURNING id, adapter, event_id, state
), marked AS (
    INSERT INTO edge_marks AS m (hall, adapter, stream, seq, up, heard_at)
    SELECT $1, * FROM unnest($12::text[], $13::text[], $14::bigint[], $15::boolean[], $16::timestamptz[])
    ON CONFLICT (hall, adapter, stream)
    DO UPDATE SET seq = excluded.seq, up = excluded.up, heard_at = excluded.heard_at WHERE m.seq < excluded.seq
)
SELECT id, adapter, event_id FROM new WHERE state = 'pending'
UNION ALL
SELECT r.id, r.adapter, r.event_id FROM came JOIN raw_events r
    ON r.adapter = came.adapter AND r.event_id = came.event_id AND r.hall = $1 AND r.state = 'pending'
ORDER BY 1
"""

DELIVERIES = """
SELECT adapter, event_id, heard_at, raw_sealed FROM raw_events
WHERE hall = $1 AND adapter = $2 AND heard_at >= $3 AND raw_sealed IS NOT NULL ORDER BY heard_at, id
"""

MARK = "SELECT seq, up, heard_at FROM edge_marks WHERE hall = $1 AND adapter = $2 AND stream = $3"

RECALL = """
SELECT c.* FROM unnest($2::text[], $3::text[]) AS k (adapter, key)
JOIN calls c ON c.adapter = k.adapter AND c.key = k.key AND c.hall = $1 WHERE c.state = 'ended'
"""

TOLD_BEFORE = """
SELECT r.adapter, r.event_id FROM unnest($2::text[], $3::text[]) AS k (adapter, event_id)
JOIN raw_events r ON r.adapter = k.adapter AND r.event_id = k.event_id AND r.hall = $1
"""

LIVE_CALLS = "SELECT * FROM calls WHERE hall = $1 AND state <> 'ended' ORDER BY offered_at, id"

PAST_CALLS = """
SELECT * FROM calls WHERE hall = $1 AND state = 'ended' ORDER BY day DESC, offered_at DESC LIMIT $2
"""

DECIDED_ON = """
SELECT id, offered_at, queued_at, rung_at, answered_at, outcome FROM calls
WHERE hall = $1 AND day = $2 AND direction = 'in' AND (answered_at IS NOT NULL OR state = 'ended')
"""

LAST_CALLERS = """
SELECT id, caller_sealed, operator, ended_at FROM calls
WHERE hall = $1 AND answered_at IS NOT NULL AND ended_at IS NOT NULL AND operator IS NOT NULL
    AND caller_sealed IS NOT NULL
ORDER BY day DESC, offered_at DESC LIMIT $2
"""

HANDLE_SECONDS = """
SELECT avg(extract(epoch FROM ended_at - answered_at))::float8 FROM (
    SELECT ended_at, answered_at FROM calls
    WHERE hall = $1 AND answered_at IS NOT NULL AND ended_at IS NOT NULL AND direction = 'in'
    ORDER BY day DESC, offered_at DESC LIMIT 200
) AS recent
"""

DIALLED = """
SELECT COALESCE(answered_seat, seat) AS seat, offered_at FROM calls
WHERE hall = $1 AND direction = 'out' AND purpose <> 'emergency' AND day >= CURRENT_DATE - 1
    AND offered_at > clock_timestamp() - interval '12 hours' AND COALESCE(answered_seat, seat) IS NOT NULL
ORDER BY offered_at
"""

SEATS = "SELECT * FROM seats WHERE hall = $1 ORDER BY number"

COUNTERS = "SELECT epoch, seq, next_call, day, next_ticket FROM hall_leases WHERE hall = $1"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _replaced(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}" = excluded."{name}"' for name in names)


_CALL = CallRow.__struct_fields__
_SEAT = SeatRow.__struct_fields__

# $1 hall  $2 epoch  $3 number before the batch's first journal row  $4 number of its last  $5 time  $6… rows as JSON
COMMIT = f"""
WITH lease AS MATERIALIZED (
    SELECT epoch, seq FROM hall_leases WHERE hall = $1 FOR UPDATE
), held AS MATERIALIZED (
    SELECT epoch FROM lease WHERE epoch = $2 AND seq = $3
), write_calls AS (
    INSERT INTO calls ({_listed(_CALL)})
    SELECT {_listed(_CALL)} FROM held, json_populate_recordset(NULL::calls, $6::json)
    ON CONFLICT (id) DO UPDATE SET {_replaced(name for name in _CALL if name not in ("id", "hall"))}
), write_seats AS (
    INSERT INTO seats ({_listed(_SEAT)})
    SELECT {_listed(_SEAT)} FROM held, json_populate_recordset(NULL::seats, $7::json)
    ON CONFLICT (hall, number) DO UPDATE SET {_replaced(name for name in _SEAT if name not in ("number", "hall"))}
), write_tickets AS (
    INSERT INTO tickets AS t (number, hall, call, day, created_at, state, seat, operator, caller_index, caller_masked,
                              region, outcome, their_id, closed_at, closed_by)
    SELECT number, $1, call, day, $5, CASE WHEN unserved THEN 'closed' ELSE 'draft' END, seat, operator, caller_index,
           caller_masked, region, outcome, COALESCE(their_id, ''),
           CASE WHEN unserved THEN ended_at END, CASE WHEN unserved THEN 'system' END
    FROM held, json_to_recordset($8::json) AS r (number text, call text, day date, seat text, operator text,
        caller_index bytea, caller_masked text, region text, outcome text, their_id text, ended_at timestamptz,
        unserved boolean)
    ON CONFLICT (number) DO UPDATE SET
        -- Another call's number would be a second ticket's: let the wall say so.
        call = excluded.call,
        seat = COALESCE(excluded.seat, t.seat),
        operator = COALESCE(excluded.operator, t.operator),
        caller_index = COALESCE(excluded.caller_index, t.caller_index),
        caller_masked = COALESCE(NULLIF(excluded.caller_masked, ''), t.caller_masked),
        region = COALESCE(NULLIF(t.region, ''), excluded.region),
        outcome = excluded.outcome,
        their_id = excluded.their_id,
        -- Nobody spoke with the caller: nothing for a person to write. Learnt later that somebody did: open it again.
        state = CASE WHEN t.state = 'draft' AND excluded.state = 'closed' THEN 'closed'
                     WHEN t.state = 'closed' AND t.closed_by = 'system' AND excluded.state = 'draft' THEN 'draft'
                     ELSE t.state END,
        closed_at = CASE WHEN t.state = 'draft' AND excluded.state = 'closed' THEN excluded.closed_at
                         WHEN t.state = 'closed' AND t.closed_by = 'system' THEN excluded.closed_at
                         ELSE t.closed_at END,
        closed_by = CASE WHEN t.state = 'draft' AND excluded.state = 'closed' THEN 'system'
                         WHEN t.state = 'closed' AND t.closed_by = 'system' THEN excluded.closed_by
                         ELSE t.closed_by END,
        version = t.version + CASE WHEN (t.state = 'draft' AND excluded.state = 'closed')
            OR (t.state = 'closed' AND t.closed_by = 'system' AND excluded.state = 'draft') THEN 1 ELSE 0 END
), write_recordings AS (
    INSERT INTO recordings AS k (hall, call, name, adapter, started_at, stopped_at, seconds, file, missing, their_id)
    SELECT $1, call, name, adapter, started_at, stopped_at, seconds, file, COALESCE(missing, ''), COALESCE(their_id, '')
    FROM held, json_to_recordset($9::json) AS r (call text, name text, adapter text, started_at timestamptz,
        stopped_at timestamptz, seconds float8, file text, missing text, their_id text)
    ON CONFLICT (call, name) DO UPDATE SET
        started_at = COALESCE(k.started_at, excluded.started_at),
        stopped_at = COALESCE(excluded.stopped_at, k.stopped_at),
        seconds = COALESCE(excluded.seconds, k.seconds),
        file = COALESCE(excluded.file, k.file),
        missing = CASE WHEN excluded.stopped_at IS NULL THEN k.missing ELSE excluded.missing END
), write_journal AS (
    INSERT INTO journal (hall, seq, at, epoch, type, call, call_seq, seat, actor, data)
    SELECT $1, seq, $5, held.epoch, type, call, COALESCE(call_seq, 0), seat, actor, data
    FROM held, json_to_recordset($10::json) AS r (seq bigint, type text, call text, call_seq integer, seat text,
        actor text, data jsonb)
), write_seat_changes AS (
    INSERT INTO seat_changes (hall, seat, at, before, after, reason, actor, operator, call)
    SELECT $1, seat, $5, before, after, reason, actor, operator, call
    FROM held, json_to_recordset($11::json) AS r (seat text, before text, after text, reason text, actor text,
        operator text, call text)
), write_heard AS (
    INSERT INTO raw_events (hall, adapter, event_id, heard_at, at, type, call_key, fact_sealed, state, reason)
    SELECT $1, adapter, event_id, heard_at, at, type, call_key, fact_sealed, state, reason
    FROM held, json_to_recordset($12::json) AS r (adapter text, event_id text, heard_at timestamptz, at timestamptz,
        type text, call_key text, fact_sealed bytea, state text, reason text)
    ON CONFLICT (adapter, event_id, hall) DO NOTHING
), write_settled AS (
    UPDATE raw_events e SET state = r.state, reason = r.reason
    FROM held, json_to_recordset($13::json) AS r (id bigint, state text, reason text)
    WHERE e.id = r.id AND e.hall = $1 AND e.state = 'pending'
), write_lease AS (
    UPDATE hall_leases l SET seq = $4, next_call = COALESCE($14, l.next_call), day = COALESCE($15, l.day),
                             next_ticket = COALESCE($16, l.next_ticket)
    FROM held WHERE l.hall = $1
)
SELECT lease.epoch, lease.seq, EXISTS (SELECT FROM held) AS written FROM lease
"""
