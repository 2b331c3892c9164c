"""Every field of a call and a seat comes back from the database as it went in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from adapters.telephony import AdapterName, CallKey, EndedBy, Handling, OfferId
from hotline.calls.call import Call, CallId, CallState, Direction, Stage
from hotline.calls.outcome import Outcome
from hotline.calls.party import Part, Party
from hotline.calls.segments import Kind, Segment
from hotline.hall.state import HallState
from hotline.store.engine import Database
from hotline.store.errors import SealBroken
from hotline.store.ledger import HallStore
from hotline.store.rows import CallRow, Rows, SeatRow, clean, day_of, encode, region
from hotline.store.seal import Seal, make_keys
from hotline.store.tables import CALLS, SEATS
from seats.seat import NextState, Seat, SeatNo, SeatState
from tests.store.making import AT, HALL, RULES, a_call, a_fact, a_seat, decided, ended, leased

EARLIEST, LATEST = datetime(1999, 1, 1), datetime(2099, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
WORDS = some.text(max_size=12).map(clean)
COUNTS = some.integers(0, 2**31 - 1)
DAYS_AGO = some.datetimes(EARLIEST, LATEST, timezones=some.just(UTC))
NAMES = some.lists(WORDS, max_size=3).map(tuple)


@some.composite
def calls(draw: some.DrawFn) -> Call:
    """Any call that the database's walls let in."""
    steps = sorted(draw(some.lists(some.timedeltas(timedelta(0), timedelta(days=1)), min_size=4, max_size=4)))
    offered = draw(DAYS_AGO)
    queued, rung, answered, over = (offered + step if draw(some.booleans()) else None for step in steps)
    state = CallState.ENDED if over else draw(some.sampled_from([CallState.WAITING, CallState.TALKING]))
    return Call(
        id=CallId(f"{HALL}-{draw(some.integers(1, 999_999_999)):09d}"),
        hall=HALL,
        adapter=AdapterName(draw(WORDS)),
        key=CallKey(draw(WORDS)),
        handling=draw(some.sampled_from(Handling)),
        state=state,
        seq=draw(COUNTS),
        port=draw(some.none() | COUNTS),
        caller=draw(some.none() | some.text("0123456789*#+", min_size=1, max_size=32)),
        dialled=draw(some.none() | WORDS),
        offered_at=offered,
        off_hook=draw(some.booleans()),
        prompt=draw(some.none() | WORDS),
        wrong_keys=draw(COUNTS),
        menu_until=draw(some.none() | DAYS_AGO),
        topic=draw(some.none() | WORDS),
        queue=draw(some.none() | WORDS),
        queued_at=queued,
        priority=draw(some.integers(-9, 9)),
        groups=draw(NAMES),
        widened=draw(COUNTS),
        widen_at=draw(some.none() | DAYS_AGO),
        give_up_at=draw(some.none() | DAYS_AGO),
        offers=draw(COUNTS),
        offer=draw(some.none() | WORDS.map(OfferId)),
        seat=draw(some.none() | WORDS),
        ring_until=draw(some.none() | DAYS_AGO),
        passed=draw(NAMES),
        rung_at=rung,
        answered_at=answered,
        answered_seat=draw(some.none() | WORDS),
        operator=draw(some.none() | WORDS),
        music=draw(some.booleans()),
        recording=draw(some.none() | WORDS),
        leaving=draw(some.none() | some.sampled_from(Outcome)),
        ended_at=over,
        outcome=draw(some.sampled_from(Outcome)) if over else None,
        ended_by=draw(some.none() | some.sampled_from(EndedBy)),
        cause=draw(WORDS),
        inferred=draw(some.booleans()),
        backfilled=draw(some.booleans()),
        ticket=draw(WORDS),
        direction=draw(some.sampled_from(Direction)),
        purpose=draw(WORDS),
        callback=draw(some.none() | some.integers(1, 2**62)),
        their_id=draw(WORDS),
        muted=draw(some.booleans()),
        wanted=draw(some.none() | WORDS),
        take_back=draw(some.none() | WORDS),
        recordings=draw(some.integers(0, 9)),
    )


FULL_CALL = Call(
    id=CallId("HZ-000000001"),
    hall=HALL,
    adapter=AdapterName("card-1"),
    key=CallKey("1609.7"),
    handling=Handling.DEVICE,
    state=CallState.ENDED,
    seq=9,
    port=3,
    caller="057187654321",
    dialled="12348",
    offered_at=AT,
    off_hook=True,
    prompt="welcome",
    wrong_keys=1,
    menu_until=AT + timedelta(seconds=1),
    topic="labour",
    queue="legal",
    queued_at=AT + timedelta(seconds=2),
    priority=-1,
    groups=("general", "劳动"),
    widened=2,
    widen_at=AT + timedelta(seconds=3),
    give_up_at=AT + timedelta(seconds=4),
    offers=5,
    offer=OfferId("HZ-000000001/5"),
    seat="01",
    ring_until=AT + timedelta(seconds=5),
    passed=("02", "03"),
    rung_at=AT + timedelta(seconds=6),
    answered_at=AT + timedelta(seconds=7),
    answered_seat="02",
    operator="op-1",
    music=True,
    recording="HZ-000000001-1",
    leaving=Outcome.TIMED_OUT,
    ended_at=AT + timedelta(seconds=8, microseconds=1),
    outcome=Outcome.ANSWERED,
    ended_by=EndedBy.SEAT,
    cause='16 "normal" \\ 正常',
    inferred=True,
    backfilled=True,
    ticket="HZ-20261121-000001",
    direction=Direction.OUT,
    purpose="callback",
    callback=17,
    their_id="SD-20261121-000077",
    parties=(
        Party(offer=OfferId("HZ-000000001/6"), part=Part.CONSULTED, seat="02", label="李律师", since=AT, by="01"),
    ),
    muted=True,
    place_at=AT + timedelta(seconds=1),
    wanted="03",
    wanted_until=AT + timedelta(seconds=9),
    retry_at=AT + timedelta(seconds=10),
    take_back="01",
    rating="skill",
    message="message-HZ-000000001",
    recordings=2,
    stage=Stage.MENU,
    playing=("menu",),
    language="yue",
    menu_path=("1",),
    announce_at=AT + timedelta(seconds=11),
    spill_at=AT + timedelta(seconds=12),
    spills=1,
    kept_place=True,
    segments=(Segment(kind=Kind.TALKING, since=AT, until=AT + timedelta(seconds=3), seat="01", others=("110",)),),
)
FULL_SEAT = Seat(
    number=SeatNo("01"),
    extension="8001",
    groups=("general", "劳动"),
    state=SeatState.TALKING,
    since=AT,
    reason="call",
    actor="1001",
    operator="op-1",
    work_number="1001",
    operator_name="王律师",
    phone_kind="mobile",
    mobile="13900139000",
    call="HZ-000000001",
    offer="HZ-000000001/5",
    part="consulted",
    misses=1,
    next_state=NextState(SeatState.ON_BREAK, "午餐", "1001"),
    before_missing=SeatState.BUSY,
    here=False,
    wrap_until=AT + timedelta(seconds=1),
    idle_since=AT - timedelta(seconds=1),
    taken=7,
    break_asked="meal",
)


@pytest.fixture
async def store(database: Database, seal: Seal) -> AsyncIterator[HallStore]:
    opened = HallStore(database, seal, HALL)
    yield opened
    await opened.close()


async def stored(store: HallStore, *things: Call | Seat) -> HallState:
    lease = await leased(store)
    await store.commit(lease, AT, [decided(*things)], lease.seq + 1)
    return await store.load(RULES)


def test_the_examples_leave_no_field_at_its_default() -> None:
    for thing in (FULL_CALL, FULL_SEAT):
        for field in msgspec.structs.fields(thing):
            assert getattr(thing, field.name) != field.default, field.name


def test_rows_have_the_columns_of_their_tables() -> None:
    assert list(CallRow.__struct_fields__) == [column.name for column in CALLS.columns]
    assert list(SeatRow.__struct_fields__) == [column.name for column in SEATS.columns]


async def test_every_field_of_a_call_comes_back(store: HallStore) -> None:
    state = await stored(store, FULL_CALL)
    assert state.past[FULL_CALL.adapter, FULL_CALL.key] == FULL_CALL


async def test_every_field_of_a_seat_comes_back(store: HallStore) -> None:
    assert (await stored(store, FULL_SEAT)).seats == {FULL_SEAT.number: FULL_SEAT}


async def test_fields_that_became_empty_are_empty(store: HallStore) -> None:
    await stored(store, FULL_SEAT, FULL_CALL)
    bare_call, bare_seat = a_call(1, caller=None, offered_at=AT), a_seat("01")
    state = await stored(store, bare_call, bare_seat)
    assert state.calls == {bare_call.id: bare_call}
    assert state.seats == {bare_seat.number: bare_seat}


async def test_any_call_comes_back(store: HallStore) -> None:
    lease = await leased(store)
    await store._database.pool.execute("ALTER TABLE calls DROP CONSTRAINT calls_one_live_call_per_seat")
    seen = 0

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(some.lists(calls(), min_size=1, max_size=8, unique_by=(lambda c: c.id, lambda c: c.key, lambda c: c.ticket)))
    def examples(batch: list[Call]) -> None:
        made.append(batch)

    made: list[list[Call]] = []
    examples()
    for batch in made:
        numbered = [
            msgspec.structs.replace(
                call,
                id=CallId(f"{HALL}-{seen + at:09d}"),
                key=CallKey(f"{seen + at}{call.key}"),
                ticket=f"t{seen + at}",
            )
            for at, call in enumerate(batch)
        ]
        seen += len(batch)
        await store.commit(lease, AT, [decided(*numbered)], 1)
        back = await store._database.pool.fetch(
            "SELECT * FROM calls WHERE id = ANY($1)", [call.id for call in numbered]
        )
        read = {row["id"]: store._rows.call(row) for row in back}
        assert read == {call.id: call for call in numbered}
    assert seen > 60


async def test_a_number_is_nowhere_in_the_open(store: HallStore, database: Database) -> None:
    number = "13912345678"
    call = a_call(1, caller=number)
    lease = await leased(store)
    await store.commit(lease, AT, [decided(call)], 1)
    await store.keep(call.adapter, [(a_fact(caller=number), b'{"caller": "13912345678"}')], [(b"13912345678!", "?")])
    tables = await database.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in tables:
        for row in await database.pool.fetch(f'SELECT t::text AS row FROM "{table["tablename"]}" t'):
            assert number not in row["row"]
            assert number.encode().hex() not in row["row"]
    row = await database.pool.fetchrow("SELECT caller_masked, region, caller_index FROM calls")
    assert row is not None
    assert row["caller_masked"] == "139****5678"
    assert row["region"].endswith("中国移动")
    assert row["caller_index"] == store._seal.index("+86 139 1234 5678")


async def test_other_keys_are_told_at_the_start(store: HallStore, database: Database) -> None:
    await stored(store, a_call(1))
    with pytest.raises(SealBroken):
        await HallStore(database, Seal(make_keys()), HALL).load(RULES)


async def test_what_postgresql_cannot_store_is_repaired(store: HallStore) -> None:
    odd = ended(a_call(1), cause="a\0b\ud800c\\u0000", dialled="\0", groups=("\0",), port=2**40)
    past = (await stored(store, odd)).past[odd.adapter, odd.key]
    assert past.cause == "a\ufffdb\ufffd\ufffd\ufffdc\\u0000"
    assert (past.dialled, past.groups, past.port) == ("\ufffd", ("\ufffd",), None)


@pytest.mark.parametrize("text", ["中文 ok", "tab\t", "a\\u0000b", "🙂"])
def test_text_that_can_be_stored_is_left_alone(text: str) -> None:
    assert msgspec.json.decode(encode([text])) == [text]
    assert clean(text) == text


def test_the_day_is_shanghai_s() -> None:
    assert day_of(datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert day_of(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == date(2026, 11, 21)


def test_the_region_of_a_mobile_number_is_that_of_its_first_seven_digits() -> None:
    from hotline.region import region as region_of

    for number in ("13800138000", "18968012345", "17012345678", "05718765432", "02112348", "19912345678"):
        assert region(number) == region_of(number)


def test_a_caller_is_sealed_once_while_the_call_goes_on(seal: Seal) -> None:
    rows = Rows(seal)
    call = a_call(1)
    assert rows.call_row(call).caller_sealed == rows.call_row(msgspec.structs.replace(call, seq=2)).caller_sealed
    assert rows.call_row(a_call(2, caller=call.caller)).caller_sealed != rows.call_row(call).caller_sealed
