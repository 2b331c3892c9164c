"""How many commits a second, and how long does one take: the hall's own store, its own statement, on disk.

Batches are those of calls that come, wait, ring, are taken and end, each step a batch entry with its raw fact, journal
rows, seat and ticket, so a "commit" here is what the writer does, not an insert of one row. Calls carry their segments
and offers their reasons, as in service.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

import msgspec

from adapters.telephony import (
    AdapterName,
    CallKey,
    CallOffered,
    CallReleased,
    DeviceEvent,
    EndedBy,
    Handling,
    OfferId,
    SeatAnswered,
)
from hotline.bench.row import Row
from hotline.bench.runs import Bench
from hotline.calls.call import Call, CallId, CallState, chained
from hotline.calls.outcome import Outcome
from hotline.hall import events as happened
from hotline.hall.inputs import Heard, Input
from hotline.hall.state import Decision, Numbers
from hotline.store.batch import collect
from hotline.store.engine import Database
from hotline.store.ledger import HallStore
from hotline.store.rows import Rows, day_of
from hotline.store.seal import Seal, make_keys
from routing.why import Why
from seats.seat import Seat, SeatNo, SeatState

SEATS: Final = 200
ADAPTER: Final = AdapterName("bench")
STEP: Final = timedelta(milliseconds=1)
WAITED, RANG, LASTED = timedelta(seconds=2), timedelta(seconds=8), timedelta(minutes=3)
"""From a call's first ring until a seat rings, until it is picked up, until it is over."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One row; times in milliseconds."""

    batch: int
    """Decisions in one commit."""
    commits: int
    p50: float
    p99: float
    max: float
    commits_per_second: float
    decisions_per_second: float
    python_us_per_decision: float
    """Time spent making the rows and their JSON, in this process, before anything is sent."""


async def run(
    database_url: str, *, batches: tuple[int, ...] = (1, 32), seconds: float = 3.0, history: int = 0
) -> list[Figures]:
    """Measures one size of batch after the other, on a hall that nobody else uses.

    `history`: calls that are there already, so that growth can be seen. The database must be migrated.
    """
    seal = Seal(make_keys())
    async with await Database.open(database_url) as database:
        found = list[Figures]()
        for size in batches:
            store = HallStore(database, seal, f"BENCH-{secrets.token_hex(4)}")
            try:
                found.append(await _measure(store, Rows(seal), size, seconds, history))
            finally:
                await store.close()
        return found


async def measure(bench: Bench) -> list[Row]:
    """A row for single commits and one for full batches."""
    url = await bench.database_url()
    batches = (1, 32)

    async def once() -> list[Figures]:
        return await run(url, batches=batches, seconds=bench.size(30, 3) / 10, history=bench.size(2000, 50))

    taken = await bench.median(once, lambda found: found[0].p50)
    return [
        Row(
            id="commit",
            unit="ms",
            case=f"每批 {one.batch}",
            n=one.commits,
            p50=round(one.p50, 2),
            p99=round(one.p99, 2),
            max=round(one.max, 2),
            rate=round(one.decisions_per_second),
            others_cpu=taken.others,
            limited_by="磁盘同步（fsync）与 PostgreSQL" if one.batch == 1 else "PostgreSQL 与组行的 Python",
            note=f"{taken.note}；速率为每秒决策数；组行 {one.python_us_per_decision:.0f} µs/决策",
        )
        for one in taken.value
    ]


async def _measure(store: HallStore, rows: Rows, size: int, seconds: float, history: int) -> Figures:
    lease = await store.take_lease("bench", 3600)
    if lease is None:
        raise RuntimeError("somebody else writes for the hall of the benchmark")
    seq = lease.seq + 1
    steps = call_steps(store.hall, lease.numbers.next_call, datetime.now(UTC), STEP)

    async def commit(width: int) -> None:
        nonlocal seq
        made = [next(steps) for _ in range(width)]
        await store.commit(lease, datetime.now(UTC), made, seq)
        seq += sum(len(decision.events) for _, decision in made)

    for _ in range(-(-history * 4 // 400)):
        await commit(400)
    for _ in range(50):
        await commit(size)
    taken = list[float]()
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        started = time.perf_counter()
        await commit(size)
        taken.append(time.perf_counter() - started)
        await asyncio.sleep(0)
    lasted = time.perf_counter() - began
    taken.sort()
    return Figures(
        batch=size,
        commits=len(taken),
        p50=taken[len(taken) // 2] * 1000,
        p99=taken[int(len(taken) * 0.99)] * 1000,
        max=taken[-1] * 1000,
        commits_per_second=len(taken) / lasted,
        decisions_per_second=len(taken) * size / lasted,
        python_us_per_decision=_python_cost(rows, store.hall, size),
    )


def _python_cost(rows: Rows, hall: str, size: int) -> float:
    steps = call_steps(hall, 1, datetime.now(UTC), STEP)
    made = [[next(steps) for _ in range(size)] for _ in range(max(1, 2000 // size))]
    now = datetime.now(UTC)
    began = time.perf_counter()
    for batch in made:
        collect(rows, hall, batch, now, 1, {})
    return (time.perf_counter() - began) / sum(map(len, made)) * 1e6


def call_steps(hall: str, first: int, start: datetime, apart: timedelta) -> Iterator[tuple[Input, Decision]]:
    """One call after the other, that far apart, four decisions each, for ever."""
    for number in count(first):
        at = start + (number - first) * apart
        seat = SeatNo(f"{number % SEATS:03d}")
        yield from _call(hall, number, at, seat)


def _call(hall: str, number: int, at: datetime, seat: SeatNo) -> Iterator[tuple[Input, Decision]]:
    key = CallKey(f"{hall}-{number}")
    offer = OfferId(f"{key}/1")
    caller = f"138{number % 10**8:08d}"
    call = Call(
        id=CallId(f"{hall}-{number:09d}"),
        hall=hall,
        adapter=ADAPTER,
        key=key,
        handling=Handling.HALL,
        state=CallState.WAITING,
        seq=2,
        caller=caller,
        dialled="12348",
        offered_at=at,
        queue="legal",
        queued_at=at,
        groups=("general", "labour"),
        give_up_at=at + timedelta(minutes=10),
        ticket=f"{hall}-{at:%Y%m%d}-{number:06d}",
    )
    call = _segmented(call, at)
    desk = Seat(
        number=seat, extension=f"8{seat}", groups=("general",), since=at, operator=f"op{seat}", state=SeatState.READY
    )

    def heard(kind: type[DeviceEvent], **more: object) -> Heard:
        name = f"{key}:{kind.__name__}"
        return Heard(kind(adapter=ADAPTER, event_id=name, at=at, heard_at=at, call=key, **more))  # pyright: ignore

    def moved(before: SeatState, after: SeatState) -> happened.SeatChanged:
        return happened.SeatChanged(seat=seat, call=call.id, before=before, after=after, reason="call")

    yield (
        heard(CallOffered, caller=caller, dialled="12348"),
        Decision(
            calls={call.id: call},
            events=[
                happened.CallArrived(
                    call=call.id, call_seq=1, adapter=ADAPTER, key=key, handling="hall", ticket=call.ticket
                ),
                happened.CallQueued(call=call.id, call_seq=2, queue="legal", position=1, groups=call.groups),
            ],
            numbers=Numbers(next_call=number + 1, day=day_of(at), next_ticket=number + 1),
        ),
    )
    ringing = _segmented(
        msgspec.structs.replace(
            call, state=CallState.RINGING, seat=seat, offer=offer, rung_at=at + WAITED, seq=3, offers=1
        ),
        at + WAITED,
    )
    why = Why(
        strategy="longest-idle", seat=seat, group="general", waited_seconds=2.0, rivals=3, idle_seconds=7.5, taken=11
    )
    rung = msgspec.structs.replace(desk, state=SeatState.RINGING, call=call.id, offer=offer)
    yield (
        heard(SeatAnswered, offer=offer),
        Decision(
            calls={call.id: ringing},
            seats={seat: rung},
            events=[
                happened.SeatOffered(
                    call=call.id, call_seq=3, seat=seat, offer=offer, why=why.strategy, waited=2.0, reasons=why
                ),
                moved(SeatState.READY, SeatState.RINGING),
            ],
        ),
    )
    talking = _segmented(
        msgspec.structs.replace(ringing, state=CallState.TALKING, answered_at=at + RANG, operator=desk.operator, seq=4),
        at + RANG,
    )
    yield (
        heard(SeatAnswered, offer=offer),
        Decision(
            calls={call.id: talking},
            seats={seat: msgspec.structs.replace(rung, state=SeatState.TALKING, taken=1)},
            events=[
                happened.CallTaken(call=call.id, call_seq=4, seat=seat, operator=desk.operator, waited=1.0),
                moved(SeatState.RINGING, SeatState.TALKING),
            ],
        ),
    )
    over = _segmented(
        msgspec.structs.replace(
            talking,
            state=CallState.ENDED,
            ended_at=at + LASTED,
            outcome=Outcome.ANSWERED,
            ended_by=EndedBy.CALLER,
            seq=5,
        ),
        at + LASTED,
    )
    yield (
        heard(CallReleased, by=EndedBy.CALLER),
        Decision(
            calls={call.id: over},
            seats={seat: msgspec.structs.replace(desk, state=SeatState.WRAP_UP)},
            events=[
                happened.CallEnded(call=call.id, call_seq=5, outcome="answered", by="caller"),
                moved(SeatState.TALKING, SeatState.WRAP_UP),
            ],
        ),
    )


def _segmented(call: Call, now: datetime) -> Call:
    return msgspec.structs.replace(call, segments=chained(call, now))
