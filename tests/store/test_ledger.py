"""The lease, the commit and what protects them: epoch, constraints, journal number."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from adapters.telephony import (
    AdapterName,
    CallKey,
    Handling,
    RecordingStarted,
    RecordingStopped,
)
from hotline.calls.call import CallState
from hotline.calls.outcome import Outcome
from hotline.hall.events import (
    CallAmended,
    CallEnded,
    CallTaken,
    LinkBroken,
    RecordingBegun,
    RecordingKept,
    SeatChanged,
)
from hotline.hall.inputs import Heard
from hotline.hall.state import Numbers
from hotline.hall.work import SHANGHAI
from hotline.store import dedicated, engine
from hotline.store.engine import Database
from hotline.store.errors import Conflict, LeaseLost, StoreAway
from hotline.store.ledger import HallStore
from hotline.store.seal import Seal
from tests.store.making import (
    AT,
    CARD,
    HALL,
    RULES,
    Wire,
    a_call,
    a_fact,
    a_seat,
    answered,
    at_work,
    born,
    decided,
    ended,
    leased,
)


@pytest.fixture
async def store(database: Database, seal: Seal) -> AsyncIterator[HallStore]:
    opened = HallStore(database, seal, HALL)
    yield opened
    await opened.close()


@pytest.fixture
async def other(database: Database, seal: Seal) -> AsyncIterator[HallStore]:
    """The same hall's store in another process."""
    opened = HallStore(database, seal, HALL)
    yield opened
    await opened.close()


async def counts(database: Database) -> dict[str, int]:
    """How many rows the call path's tables hold, and where the journal is."""
    tables = ("calls", "seats", "tickets", "recordings", "journal", "seat_changes", "raw_events")
    found = {table: await database.pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables}
    return {**found, "seq": await database.pool.fetchval("SELECT seq FROM hall_leases")}


async def rows_of(database: Database, table: str, order: str = "1") -> list[dict[str, Any]]:
    return [dict(row) for row in await database.pool.fetch(f"SELECT * FROM {table} ORDER BY {order}")]


# ── the lease ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_one_holder_at_a_time(store: HallStore, other: HallStore) -> None:
    lease = await store.take_lease("one", 60)
    assert lease is not None
    assert (lease.epoch, lease.seq, lease.numbers) == (1, 0, Numbers())
    assert await other.take_lease("two", 60) is None


async def test_a_process_takes_over_from_its_own_predecessor(store: HallStore, other: HallStore) -> None:
    first = await leased(store)
    second = await leased(other)
    assert second.epoch == first.epoch + 1


async def test_a_lease_that_ran_out_is_free(store: HallStore, other: HallStore) -> None:
    assert await store.take_lease("one", 0.1) is not None
    async with asyncio.timeout(10):
        while (taken := await other.take_lease("two", 60)) is None:
            await asyncio.sleep(0.02)
    assert taken.epoch == 2


async def test_a_lease_given_up_is_free_at_once(store: HallStore, other: HallStore) -> None:
    await store.give_up(await leased(store))
    assert await other.take_lease("two", 60) is not None


async def test_renewing_keeps_others_out_until_it_is_too_late(store: HallStore, other: HallStore) -> None:
    lease = await store.take_lease("one", 0.05)
    assert lease is not None
    assert await store.renew(lease, 60)
    await asyncio.sleep(0.1)
    assert await other.take_lease("two", 60) is None
    await store.give_up(lease)
    assert await other.take_lease("two", 60) is not None
    assert not await store.renew(lease, 60)
    await store.give_up(lease)  # harmless: the other's lease stays
    assert await store.take_lease("one", 60) is None


async def test_many_ask_at_once_and_one_gets_it(database: Database, seal: Seal) -> None:
    stores = [HallStore(database, seal, HALL) for _ in range(6)]
    leases = await asyncio.gather(*(store.take_lease(f"p{at}", 60) for at, store in enumerate(stores)))
    assert sum(lease is not None for lease in leases) == 1
    for store in stores:
        await store.close()


async def test_the_old_writer_writes_nothing_more(store: HallStore, other: HallStore, database: Database) -> None:
    old = await leased(store)
    await store.commit(old, AT, [born(a_call(1))], 1)
    await store.give_up(old)
    new = await other.take_lease("two", 60)
    assert new is not None
    assert (new.seq, new.numbers) == (1, Numbers(next_call=2, day=AT.date(), next_ticket=2))
    before = await counts(database)
    fact = a_fact("late")
    with pytest.raises(LeaseLost):
        await store.commit(old, AT, [born(a_call(2), fact)], 2)
    assert await counts(database) == before
    await other.commit(new, AT, [born(a_call(2), fact)], 2)
    epochs = await database.pool.fetch("SELECT epoch FROM journal ORDER BY seq")
    assert [row["epoch"] for row in epochs] == [1, 2]


async def test_a_take_over_while_a_commit_waits(store: HallStore, other: HallStore, database: Database) -> None:
    """The old writer's statement began before the take-over was committed, and still sees it."""
    old = await leased(store)
    taker = await database.dedicated("taker")
    transaction = taker.transaction()
    await transaction.start()
    await taker.execute("UPDATE hall_leases SET epoch = epoch + 1, holder = 'two'")
    commit = asyncio.create_task(store.commit(old, AT, [born(a_call(1), a_fact())], 1))
    await blocked(database)
    await transaction.commit()
    with pytest.raises(LeaseLost):
        await commit
    assert await counts(database) == dict.fromkeys(
        ("calls", "seats", "tickets", "recordings", "journal", "seat_changes", "raw_events", "seq"), 0
    )
    await taker.close()


async def test_a_hall_without_a_lease_is_not_written(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    await database.pool.execute("DELETE FROM hall_leases")
    with pytest.raises(LeaseLost):
        await store.commit(lease, AT, [born(a_call(1))], 1)
    assert await rows_of(database, "calls") == []


# ── the commit ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_one_batch_writes_every_kind_of_row(store: HallStore, database: Database, seal: Seal) -> None:
    lease = await leased(store)
    call = a_call(1)
    talking = answered(call, "01", seq=2)
    seat = at_work("01", talking)
    changed = SeatChanged(seat="01", call=call.id, before="ready", after="talking", reason="call", operator="op-01")
    taken = CallTaken(call=call.id, call_seq=2, seat="01", actor="1001", operator="op-01", waited=5.0)
    made = [born(call, a_fact()), decided(talking, seat, events=(taken, changed), entered=Heard(a_fact("e2")))]
    await store.commit(lease, AT, made, 1)
    state = await store.load(RULES)
    assert state.calls == {call.id: talking}
    assert state.seats == {seat.number: seat}
    assert state.numbers == Numbers(next_call=2, day=AT.date(), next_ticket=2)
    journal = await rows_of(database, "journal")
    assert [(r["seq"], r["type"], r["call"], r["call_seq"], r["seat"], r["actor"], r["at"]) for r in journal] == [
        (1, "CallArrived", call.id, 1, None, "system", AT),
        (2, "CallTaken", call.id, 2, "01", "1001", AT),
        (3, "SeatChanged", call.id, 0, "01", "system", AT),
    ]
    assert msgspec.json.decode(journal[1]["data"]) == {"type": "CallTaken", "operator": "op-01", "waited": 5.0}
    [change] = await rows_of(database, "seat_changes")
    assert (change["seat"], change["before"], change["after"], change["operator"], change["call"]) == (
        "01",
        "ready",
        "talking",
        "op-01",
        call.id,
    )
    [ticket] = await rows_of(database, "tickets")
    assert (ticket["number"], ticket["call"], ticket["state"], ticket["seat"], ticket["operator"]) == (
        call.ticket,
        call.id,
        "draft",
        "01",
        "op-01",
    )
    assert ticket["caller_index"] == seal.index(call.caller or "")
    assert ticket["caller_masked"] == "138****0001"
    assert ticket["day"] == date(2026, 11, 21)
    assert [(r["event_id"], r["type"], r["state"]) for r in await rows_of(database, "raw_events")] == [
        ("e1", "CallOffered", "applied"),
        ("e2", "CallOffered", "applied"),
    ]
    assert store._rows.fact(HALL, (await database.pool.fetch("SELECT * FROM raw_events ORDER BY id"))[0]) == a_fact()
    assert (await counts(database))["seq"] == 3


async def test_the_state_survives_batch_after_batch(store: HallStore) -> None:
    lease = await leased(store)
    seq, state = 1, await store.load(RULES)
    for number in range(1, 21):
        call = a_call(number)
        steps = [born(call), decided(answered(call, "01"), at_work("01", call))]
        steps.append(decided(ended(answered(call, "01"), outcome=Outcome.ANSWERED), at_work("01")))
        for step in steps:
            state.become(step[1])
            await store.commit(lease, AT, [step], seq)
            seq += len(step[1].events)
    read = await store.load(RULES)
    assert (read.calls, read.seats, read.past, read.numbers) == (state.calls, state.seats, state.past, state.numbers)
    assert read.last_operators == state.last_operators
    assert list(read.past) == list(state.past)


async def test_handle_time_is_the_mean_of_what_was_talked(store: HallStore) -> None:
    lease = await leased(store)
    assert (await store.load(RULES)).handle_seconds == 300.0
    talked = [
        ended(answered(a_call(number), "01"), ended_at=AT + timedelta(seconds=5 + seconds), outcome=Outcome.ANSWERED)
        for number, seconds in ((1, 100), (2, 200))
    ]
    await store.commit(lease, AT, [decided(*talked)], 1)
    assert (await store.load(RULES)).handle_seconds == pytest.approx(150)


async def test_an_unanswered_call_closes_its_ticket(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    call = a_call(1)
    await store.commit(lease, AT, [born(call)], 1)
    over = ended(call)
    await store.commit(lease, AT, [decided(over)], 2)
    [ticket] = await rows_of(database, "tickets")
    assert (ticket["state"], ticket["outcome"], ticket["closed_by"], ticket["closed_at"], ticket["version"]) == (
        "closed",
        "abandoned_queue",
        "system",
        over.ended_at,
        2,
    )
    # The gateway's record comes later and says that somebody did answer.
    amended = ended(answered(call, "01"), outcome=Outcome.ANSWERED)
    correction = CallAmended(call=call.id, call_seq=2, fact="SeatAnswered", outcome="answered")
    await store.commit(lease, AT, [decided(amended, events=(correction,))], 2)
    [ticket] = await rows_of(database, "tickets")
    assert (ticket["state"], ticket["outcome"], ticket["closed_by"], ticket["closed_at"], ticket["seat"]) == (
        "draft",
        "answered",
        None,
        None,
        "01",
    )


async def test_an_answered_call_leaves_its_ticket_to_the_desk(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    call = answered(a_call(1), "01")
    await store.commit(lease, AT, [born(call)], 1)
    await database.pool.execute(
        "UPDATE tickets SET opinion = '答复', version = 4, state = 'closed', closed_by = 'op-01'"
    )
    await store.commit(lease, AT, [decided(ended(call, outcome=Outcome.ANSWERED))], 2)
    [ticket] = await rows_of(database, "tickets")
    assert (ticket["state"], ticket["closed_by"], ticket["version"], ticket["opinion"], ticket["outcome"]) == (
        "closed",
        "op-01",
        4,
        "答复",
        "answered",
    )


async def test_the_ticket_keeps_the_seat_that_answered(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    talking = answered(a_call(1), "01")
    await store.commit(lease, AT, [born(talking)], 1)
    ringing = msgspec.structs.replace(talking, state=CallState.RINGING, seat="02")
    await store.commit(lease, AT, [decided(ringing)], 2)
    [ticket] = await rows_of(database, "tickets")
    assert (ticket["seat"], ticket["operator"]) == ("01", "op-01")


async def test_a_late_number_reaches_the_ticket(store: HallStore, database: Database, seal: Seal) -> None:
    lease = await leased(store)
    await store.commit(lease, AT, [born(a_call(1, caller=None))], 1)
    await store.commit(lease, AT, [decided(a_call(1, caller="02112345678"))], 2)
    [ticket] = await rows_of(database, "tickets")
    assert (ticket["caller_masked"], ticket["caller_index"]) == ("021****5678", seal.index("02112345678"))
    assert ticket["region"] == "上海市"


async def test_a_ticket_is_written_only_when_the_hall_knows_more(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    call = a_call(1)
    await store.commit(lease, AT, [born(call)], 1)
    before = await database.pool.fetchval("SELECT xmin::text FROM tickets")
    await store.commit(lease, AT, [decided(msgspec.structs.replace(call, state=CallState.WAITING))], 2)
    assert await database.pool.fetchval("SELECT xmin::text FROM tickets") == before
    await store.commit(lease, AT, [decided(answered(call, "01"))], 2)
    assert await database.pool.fetchval("SELECT xmin::text FROM tickets") != before


async def test_recordings_are_kept_with_the_device_s_times(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    call = answered(a_call(1), "01")
    later = AT + timedelta(minutes=3)
    started = Heard(a_fact("r1", RecordingStarted, name="a", at=AT + timedelta(seconds=1)))
    stopped = Heard(a_fact("r2", RecordingStopped, name="a", at=later, seconds=12.5, file="a.wav"))
    begun = RecordingBegun(call=call.id, call_seq=2, name="a")
    kept = RecordingKept(call=call.id, call_seq=3, name="a", seconds=12.5, file="a.wav")
    lost = RecordingKept(call=call.id, call_seq=4, name="b", missing="disk full")
    await store.commit(lease, AT, [born(call), decided(events=(begun,), entered=started)], 1)
    await store.commit(lease, later, [decided(events=(kept,), entered=stopped), decided(events=(lost,))], 3)
    first, second = await rows_of(database, "recordings")
    assert (first["call"], first["adapter"], first["started_at"], first["stopped_at"]) == (
        call.id,
        CARD,
        AT + timedelta(seconds=1),
        later,
    )
    assert (first["seconds"], first["file"], first["missing"]) == (12.5, "a.wav", "")
    assert (second["name"], second["started_at"], second["stopped_at"], second["missing"]) == (
        "b",
        None,
        later,
        "disk full",
    )


async def test_begun_and_kept_in_one_batch_is_one_row(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    call = a_call(1)
    events = (
        RecordingBegun(call=call.id, call_seq=2, name="a"),
        RecordingKept(call=call.id, call_seq=3, name="a", seconds=1.0, file="a.wav"),
    )
    await store.commit(lease, AT, [born(call), decided(events=events)], 1)
    [row] = await rows_of(database, "recordings")
    assert (row["started_at"], row["stopped_at"], row["file"]) == (AT, AT, "a.wav")


async def test_a_fact_that_could_not_be_applied_says_why(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    [(raw, fact)] = await store.keep(CARD, [(a_fact("p1"), b"raw")])
    made = [
        decided(entered=Heard(a_fact("e1")), set_aside="decide failed"),
        decided(entered=Heard(fact, raw), set_aside="no such call"),
    ]
    await store.commit(lease, AT, made, 1)
    found = {row["event_id"]: (row["state"], row["reason"]) for row in await rows_of(database, "raw_events")}
    assert found == {"e1": ("set_aside", "decide failed"), "p1": ("set_aside", "no such call")}


async def test_seats_may_change_places_within_a_batch(store: HallStore) -> None:
    lease = await leased(store)
    first, second = answered(a_call(1), "01"), answered(a_call(2), "02")
    await store.commit(lease, AT, [decided(first, second, at_work("01", first), at_work("02", second))], 1)
    first, second = (msgspec.structs.replace(first, seat="02"), msgspec.structs.replace(second, seat="01"))
    one, two = at_work("01", second, operator="op-02"), at_work("02", first, operator="op-01")
    await store.commit(lease, AT, [decided(first, second, one, two)], 1)
    state = await store.load(RULES)
    assert state.calls == {first.id: first, second.id: second}
    assert state.seats == {one.number: one, two.number: two}


# ── the second wall ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("things", "wall"),
    [
        ((answered(a_call(1), "01"), answered(a_call(2), "01")), "calls_one_live_call_per_seat"),
        ((at_work("01", a_call(1)), at_work("02", a_call(1))), "seats_one_live_seat_per_call"),
        ((at_work("01"), at_work("02", operator="op-01")), "seats_one_per_operator"),
        ((a_seat("01"), a_seat("02", extension="8001")), "seats_one_per_extension"),
        ((a_call(1), a_call(2, ticket="HZ-20261121-000001")), ""),  # PostgreSQL names no constraint for this
        ((a_call(1), a_call(2, key="key-1")), "calls_adapter_key_hall_key"),
        ((answered(a_call(1), "01", answered_at=AT - timedelta(seconds=1)),), "calls_time_order_check"),
        ((answered(a_call(1), "01", rung_at=AT + timedelta(minutes=1)),), "calls_time_order_check"),
        ((ended(a_call(1), ended_at=AT - timedelta(microseconds=1)),), "calls_time_order_check"),
        ((a_call(1, queued_at=AT - timedelta(seconds=1)),), "calls_time_order_check"),
        ((a_call(1, state=CallState.ENDED),), "calls_ended_check"),
        ((ended(a_call(1), outcome=None),), "calls_outcome_check"),
    ],
)
async def test_the_database_refuses_what_must_not_be(
    store: HallStore, database: Database, things: tuple[Any, ...], wall: str
) -> None:
    lease = await leased(store)
    before = await counts(database)
    batch = [born(a_call(9), a_fact()), decided(*things)]
    with pytest.raises(Conflict) as seen:
        await store.commit(lease, AT, batch, 1)
    assert seen.value.constraint in (wall, wall or "calls_ticket_idx")
    assert await counts(database) == before
    await store.commit(lease, AT, [born(a_call(9), a_fact())], 1)  # the connection is as good as before


async def test_a_ticket_belongs_to_one_call(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    await store.commit(lease, AT, [born(a_call(1))], 1)
    with pytest.raises(Conflict) as seen:
        await store.commit(lease, AT, [decided(a_call(2, ticket=a_call(1).ticket))], 2)
    assert seen.value.constraint == "calls_ticket_idx"
    with pytest.raises(asyncpg.UniqueViolationError):
        await database.pool.execute(
            "INSERT INTO tickets (number, hall, call, day, created_at) VALUES ('x', 'HZ', $1, now(), now())",
            a_call(1).id,
        )


async def test_a_device_that_distributes_itself_may_ring_many(store: HallStore) -> None:
    lease = await leased(store)
    calls = [answered(a_call(number, handling=Handling.DEVICE), "01") for number in (1, 2)]
    await store.commit(lease, AT, [decided(*calls)], 1)


async def test_a_journal_with_a_gap_is_refused(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    await store.commit(lease, AT, [born(a_call(1))], 1)
    with pytest.raises(Conflict) as seen:
        await store.commit(lease, AT, [born(a_call(2))], 3)
    assert seen.value.constraint == "hall_leases_seq"
    assert (await counts(database))["calls"] == 1


async def test_a_call_s_journal_number_is_given_once(store: HallStore) -> None:
    lease = await leased(store)
    call = a_call(1)
    await store.commit(lease, AT, [born(call)], 1)
    twice = CallEnded(call=call.id, call_seq=1, outcome="lost", by="caller")
    with pytest.raises(Conflict) as seen:
        await store.commit(lease, AT, [decided(events=(twice,))], 2)
    assert seen.value.constraint == "journal_call_idx"


# ── doubt ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def blocked(database: Database) -> int:
    """Waits until the writer's statement waits for a lock; its process id."""
    async with asyncio.timeout(10):
        while True:
            pid = await database.pool.fetchval(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'hotline writer' AND wait_event_type = 'Lock'"
            )
            if pid:
                return pid
            await asyncio.sleep(0.01)


async def test_the_same_batch_again_changes_nothing(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    batch = [born(a_call(1), a_fact()), decided(events=(LinkBroken(adapter="card-1"),))]
    await store.commit(lease, AT, batch, 1)
    before = await counts(database), await rows_of(database, "tickets"), await rows_of(database, "journal")
    await store.commit(lease, AT, batch, 1)
    assert (await counts(database), await rows_of(database, "tickets"), await rows_of(database, "journal")) == before
    await store.commit(lease, AT, [born(a_call(2), a_fact("e2"))], 3)
    assert (await counts(database))["seq"] == 3


async def test_a_connection_cut_in_mid_commit_leaves_nothing(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    holder = await database.dedicated("holder")
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("SELECT FROM hall_leases FOR UPDATE")
    batch = [born(a_call(1), a_fact())]
    commit = asyncio.create_task(store.commit(lease, AT, batch, 1))
    assert await database.pool.fetchval("SELECT pg_terminate_backend($1)", await blocked(database))
    with pytest.raises(StoreAway):
        await commit
    await transaction.rollback()
    assert (await counts(database))["calls"] == 0
    await store.commit(lease, AT, batch, 1)
    assert (await counts(database))["calls"] == 1
    await holder.close()


@pytest.fixture
async def wire(database_url: str, server_home: Path) -> AsyncIterator[Wire]:
    directory = server_home / f"w{time.monotonic_ns()}"
    directory.mkdir()
    async with Wire(directory, database_url).open() as opened:
        yield opened


@pytest.fixture
async def wired(wire: Wire, seal: Seal, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HallStore]:
    """A store whose connection to the database can be cut."""
    monkeypatch.setattr(engine, "CLOSE_SECONDS", 0.5)
    async with await Database.open(wire.url, pool_size=2) as database:
        opened = HallStore(database, seal, HALL)
        yield opened
        wire.restore()
        await opened.close()


async def test_a_commit_that_came_through_unheard_is_not_written_twice(
    wired: HallStore, wire: Wire, database: Database
) -> None:
    lease = await leased(wired)
    await wired.commit(lease, AT, [born(a_call(1), a_fact())], 1)
    batch = [born(a_call(2), a_fact("e2")), decided(events=(LinkBroken(adapter="card-1"),))]
    wire.answers_pass.clear()
    commit = asyncio.create_task(wired.commit(lease, AT, batch, 2))
    async with asyncio.timeout(10):
        await wire.held.wait()
    await wire.cut()
    with pytest.raises(StoreAway):
        await commit
    wire.restore()
    before = await counts(database)
    assert (before["calls"], before["seq"]) == (2, 3)
    await wired.commit(lease, AT, batch, 2)
    assert await counts(database) == before
    await wired.commit(lease, AT, [born(a_call(3), a_fact("e3"))], 4)


async def test_a_server_that_falls_silent_is_given_up(
    wired: HallStore, wire: Wire, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = await leased(wired)
    await wired.commit(lease, AT, [born(a_call(1))], 1)
    monkeypatch.setattr(dedicated, "ANSWER_SECONDS", 0.3)
    wire.questions_pass.clear()
    began = time.monotonic()
    with pytest.raises(StoreAway):
        await wired.commit(lease, AT, [born(a_call(2))], 2)
    assert time.monotonic() - began < 3
    wire.leave_behind()
    await wired.commit(lease, AT, [born(a_call(2))], 2)
    assert (await counts(database))["calls"] == 2


async def test_a_closed_pool_is_a_store_that_is_away(store: HallStore, database: Database) -> None:
    await database.pool.close()
    with pytest.raises(StoreAway):
        await store.recall([(CARD, CallKey("key-1"))])


async def test_what_is_settled_stays_settled(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    [(raw, fact)] = await store.keep(CARD, [(a_fact("p1"), b"raw")])
    await store.commit(lease, AT, [decided(entered=Heard(fact, raw))], 1)
    await store.commit(lease, AT, [decided(entered=Heard(fact, raw), set_aside="twice")], 1)
    [row] = await rows_of(database, "raw_events")
    assert (row["state"], row["reason"]) == ("applied", "")


async def test_away_and_back_again(wired: HallStore, wire: Wire) -> None:
    lease = await leased(wired)
    for number in (1, 2):
        await wire.cut()
        async with asyncio.timeout(10):
            while wired._line.backend is not None:
                await asyncio.sleep(0.01)
        # Seen to be closed before anything was sent: opened again at once, nobody has to know.
        await wired.commit(lease, AT, [born(a_call(number))], number)
    assert await wired.renew(lease, 60)


async def test_a_cancelled_commit_leaves_a_usable_store(store: HallStore, database: Database) -> None:
    lease = await leased(store)
    holder = await database.dedicated("holder")
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("SELECT FROM hall_leases FOR UPDATE")
    commit = asyncio.create_task(store.commit(lease, AT, [born(a_call(1))], 1))
    await blocked(database)
    commit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await commit
    await transaction.rollback()
    await holder.close()
    await store.commit(lease, AT, [born(a_call(1))], 1)


# ── reading back ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_ended_calls_are_recalled_by_the_device_s_name(store: HallStore) -> None:
    lease = await leased(store)
    over, live = ended(a_call(1)), a_call(2)
    elsewhere = ended(a_call(3, adapter=AdapterName("card-2"), key=CallKey("key-1")))
    await store.commit(lease, AT, [decided(over, live, elsewhere)], 1)
    keys = [(CARD, CallKey("key-1")), (CARD, CallKey("key-2")), (CARD, CallKey("nobody"))]
    assert await store.recall(keys) == [over]
    assert await store.recall([(AdapterName("card-2"), CallKey("key-1"))]) == [elsewhere]
    assert await store.recall([]) == []


async def test_what_was_decided_today(store: HallStore) -> None:
    over, live = ended(a_call(1)), a_call(2)
    await store.commit(await leased(store), AT, [decided(over, live)], 1)
    day = over.offered_at.astimezone(SHANGHAI).date()
    (found,) = await store.decided_on(day)
    for name in ("id", "offered_at", "queued_at", "rung_at", "answered_at", "outcome"):
        assert getattr(found, name) == getattr(over, name), name
    assert await store.decided_on(day - timedelta(days=1)) == []


async def test_which_events_were_told_before(store: HallStore, database: Database, seal: Seal) -> None:
    await store.commit(await leased(store), AT, [born(a_call(1), a_fact("first"))], 1)
    asked = [(CARD, "first"), (CARD, "second"), (AdapterName("card-2"), "first")]
    assert await store.told_before(asked) == {(CARD, "first")}
    assert await store.told_before([]) == set()
    elsewhere = HallStore(database, seal, "NB")
    assert await elsewhere.told_before(asked) == set()
    await elsewhere.close()


async def test_halls_do_not_see_each_other(store: HallStore, database: Database, seal: Seal) -> None:
    await store.commit(await leased(store), AT, [born(a_call(1), a_fact())], 1)
    await store.keep(CARD, [(a_fact("p"), b"")])
    elsewhere = HallStore(database, seal, "NB")
    state = await elsewhere.load(RULES)
    assert (state.calls, state.seats) == ({}, {})
    assert await elsewhere.recall([(CARD, CallKey("key-1"))]) == []
    assert await elsewhere.pending() == []
    lease = await leased(elsewhere)
    assert lease.seq == 0
    same_names = msgspec.structs.replace(a_call(1), hall="NB", id="NB-1", ticket="NB-1")
    await elsewhere.commit(lease, AT, [born(same_names, a_fact())], 1)
    await elsewhere.close()


async def test_the_plans_use_indexes(store: HallStore, database: Database) -> None:
    """What the call path asks stays cheap however much history there is."""
    from hotline.store import statements as sql

    line = await database.dedicated("plans")
    for statement, values in (
        (sql.RECALL, (HALL, ["a"], ["b"])),
        (sql.LIVE_CALLS, (HALL,)),
        (sql.PAST_CALLS, (HALL, 10)),
        (sql.PENDING, (HALL, 0, 10)),
        (sql.COMMIT, (HALL, 1, 0, 0, AT, *["[]"] * 8, None, None, None)),
    ):
        plan = "\n".join(row[0] for row in await line.fetch(f"EXPLAIN {statement}", *values))
        assert "Seq Scan" not in plan, plan
    await line.close()
