"""The one writer of a hall: batches taken back, walls, deadlines that come again, a database that is away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.telephony import (
    CallKey,
    CallOffered,
    CallReleased,
    Handling,
    PortStatus,
    RecordingStopped,
    Release,
    RingOutside,
    SeatAnswered,
)
from hotline.calls.call import Call, CallId
from hotline.hall.decide import decide
from hotline.hall.inputs import (
    Actor,
    Asked,
    DeadlinePassed,
    Emergency,
    Heard,
    Input,
    Recovered,
    SignOff,
    Snapshot,
)
from hotline.hall.rules import Contact, ContactKind
from hotline.hall.state import Decision, HallState
from hotline.hall.writer import HallWriter, Stalled
from hotline.store.errors import Conflict, StoreAway
from hotline.store.ledger import Lease
from seats.seat import SeatNo, SeatState
from tests.hall.kit import CARD, LINE, VirtualHall, rules


def contents(state: HallState) -> dict[str, Any]:
    """Everything a decision may depend on."""
    return {
        "calls": dict(state.calls),
        "by_key": dict(state.by_key),
        "past": dict(state.past),
        "seats": dict(state.seats),
        "lines": {group: list(line.ranked()) for group, line in state.lines.items() if len(line)},
        "queued": +state.queued,
        "staff": +state.staff,
        "free": {group: dict(free) for group, free in state.free.items() if free},
        "numbers": state.numbers,
        "wanting": {seat: dict(calls) for seat, calls in state.wanting.items() if calls},
        "dialled": list(state.dialled),
    }


def test_a_batch_taken_back_leaves_nothing_behind(hall: VirtualHall) -> None:
    """A call born over, and a correction of a call that is over: both live only among the remembered ones."""
    hall.sign_in("01")
    hall.rings("old", handling=Handling.DEVICE)
    hall.hangs_up("old", handling=Handling.DEVICE)
    before = contents(hall.state)

    def fact(kind: type[Any], call: str, **fields: Any) -> Heard:
        made = kind(
            adapter=CARD, event_id=f"{kind}{call}", at=hall.now, heard_at=hall.now, call=CallKey(call), **fields
        )
        return Heard(made)

    inputs = [
        fact(SeatAnswered, "old", handling=Handling.DEVICE, seat="1001"),
        fact(CallReleased, "unheard", handling=Handling.DEVICE),
        fact(CallOffered, "new"),
        fact(CallReleased, "new"),
    ]
    done: list[tuple[Decision, Decision]] = []
    for each in inputs:
        made = decide(hall.state, each, hall.now)
        done.append((made, hall.state.become(made)))
    for made, undo in reversed(done):
        hall.state.unbecome(made, undo)
    assert contents(hall.state) == before


class Tape:
    """A ledger that remembers; `refuse` says what does not fit."""

    def __init__(self) -> None:
        self.past: list[Call] = []
        self.told: set[tuple[str, str]] = set()
        self.asked: list[tuple[str, str]] = []
        self.made: list[tuple[Input, Decision]] = []
        self.refuse: set[type[Any]] = set()

    async def told_before(self, events: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        return self.told & set(events)

    async def recall(self, keys: Sequence[tuple[str, str]]) -> list[Call]:
        self.asked += keys
        return [call for call in self.past if (call.adapter, call.key) in keys]

    async def commit(self, lease: Lease, at: datetime, made: Sequence[tuple[Input, Decision]], first_seq: int) -> None:
        await asyncio.sleep(0)
        if any(type(each) in self.refuse and not decision.set_aside for each, decision in made):
            raise Conflict("a wall")
        self.made += made


class Hands:
    """A clock that is set, and what was ordered."""

    def __init__(self, now: datetime) -> None:
        self.time = now
        self.orders: list[Any] = []

    def now(self) -> datetime:
        return self.time


async def run(hall: VirtualHall, tape: Tape, *inputs: Input, publish: Any = None, seconds: float = 0) -> Hands:
    """Let a writer decide about these, and then wait so many seconds of the hall's time."""
    hands = Hands(hall.now)
    lease = Lease(hall="zz", epoch=1, holder="x", until=hall.now, seq=0, numbers=hall.state.numbers)
    shown = publish or (lambda *_: None)
    writer = HallWriter(hall.state, tape, lease, 0, hands, shown, hands.orders.extend)  # pyright: ignore[reportArgumentType]
    task = asyncio.create_task(writer.run())
    for each in inputs:
        writer.put(each)
    for step in range(2):
        hands.time = hall.now + timedelta(seconds=seconds * step)
        writer.put(Recovered())
        for _ in range(50):
            await asyncio.sleep(0)
    assert not task.done(), task.exception()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return hands


async def test_a_listed_call_that_ended_long_ago_is_looked_up(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("stuck")
    hall.hangs_up("stuck")
    tape = Tape()
    tape.past = [hall.call("stuck")]
    hall.state.past.clear()
    hall.now += timedelta(days=1)
    hands = await run(
        hall,
        tape,
        Snapshot(adapter=CARD, asked_at=hall.now, ports=(PortStatus(call=CallKey("stuck"), since=hall.now),)),
    )
    assert (CARD, "stuck") in tape.asked
    assert not any(decision.calls for _, decision in tape.made), "a second call under the same key"
    assert [order.command for order in hands.orders] == [Release(call=CallKey("stuck"))]


async def test_records_read_again_have_no_second_effect(hall: VirtualHall) -> None:
    """A bookmark stays behind on purpose: what a killed service had told from the records comes once more."""
    told, new = (
        RecordingStopped(
            adapter=CARD,
            event_id=f"night/recording/{name}",
            at=hall.now,
            heard_at=hall.now,
            call=CallKey("night"),
            handling=Handling.DEVICE,
            name=name,
            seconds=12.0,
            backfilled=True,
        )
        for name in ("told", "new")
    )
    tape = Tape()
    tape.told = {(CARD, told.event_id)}
    await run(hall, tape, Heard(told), Heard(new))
    assert [each.fact for each, _ in tape.made if isinstance(each, Heard)] == [new]


async def test_a_deadline_that_could_not_be_written_comes_again(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.hangs_up()
    assert hall.seat("01").state is SeatState.WRAP_UP
    hall.now += timedelta(seconds=31)
    tape = Tape()
    tape.refuse = {DeadlinePassed}
    lease = Lease(hall="zz", epoch=1, holder="x", until=hall.now, seq=0, numbers=hall.state.numbers)
    hands = Hands(hall.now)
    writer = HallWriter(hall.state, tape, lease, 0, hands, lambda *_: None, hands.orders.extend)  # pyright: ignore[reportArgumentType]
    task = asyncio.create_task(writer.run())
    for _ in range(50):
        await asyncio.sleep(0)
    assert hall.seat("01").state is SeatState.WRAP_UP
    tape.refuse = set()
    hands.time += timedelta(seconds=60)
    writer.put(Recovered())
    for _ in range(50):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert hall.seat("01").state is SeatState.READY


async def test_orders_go_out_though_showing_failed(hall: VirtualHall) -> None:
    hall.sign_in("01")

    def broken(*_: object) -> None:
        raise ValueError("a view with a bug")

    ring = CallOffered(adapter=CARD, event_id="r", at=hall.now, heard_at=hall.now, call=CallKey("a"))
    hands = await run(hall, Tape(), Heard(ring), publish=broken)
    assert [type(order.command).__name__ for order in hands.orders] == ["RingSeat"]


async def test_one_that_does_not_fit_spoils_no_other(hall: VirtualHall) -> None:
    """Taken back and decided one by one, a call born over must come out as itself, once."""
    hall.sign_in("01")
    hall.rings("x")
    hall.picks_up("x")
    tape = Tape()
    tape.refuse = {Snapshot}
    over = CallReleased(
        adapter=CARD, event_id="o", at=hall.now, heard_at=hall.now, call=CallKey("o"), handling=Handling.DEVICE
    )
    await run(hall, tape, Heard(over), Snapshot(adapter=CARD, asked_at=hall.now, ports=()))
    births = [event for _, made in tape.made for event in made.events if type(event).__name__ == "CallArrived"]
    assert len(births) == 1
    assert len({call.id for _, made in tape.made for call in made.calls.values() if call.key == "o"}) == 1


async def test_an_emergency_is_rung_before_it_can_be_written_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is away, a caller is in danger: 110 rings at once, and is on record when the database is back."""
    monkeypatch.setattr("hotline.hall.writer.VOICE_SECONDS", 0.02)
    police = Contact(id="110", label="110", number="110", kind=ContactKind.EMERGENCY)
    hall = VirtualHall(rules(contacts={"110": police}, abilities=LINE))
    hall.sign_in("01")
    hall.rings("a")
    hall.picks_up("a")
    tape, back = Tape(), asyncio.Event()
    write = tape.commit

    async def commit(*given: Any) -> None:
        if not back.is_set():
            await asyncio.sleep(0)
            raise StoreAway("away")
        await write(*given)

    monkeypatch.setattr(tape, "commit", commit)
    monkeypatch.setattr("hotline.hall.writer.RETRY_SECONDS", 0.001)
    lease = Lease(hall="zz", epoch=1, holder="x", until=hall.now, seq=0, numbers=hall.state.numbers)
    clock = Hands(hall.now)
    writer = HallWriter(hall.state, tape, lease, 0, clock, lambda *_: None, clock.orders.extend)  # pyright: ignore[reportArgumentType]
    task = asyncio.create_task(writer.run())
    ring = CallOffered(adapter=CARD, event_id="r", at=hall.now, heard_at=hall.now, call=CallKey("b"))
    writer.put(Heard(ring))
    await asyncio.sleep(0.01)
    press = Emergency(seat=SeatNo("01"), contact="110")
    async with asyncio.timeout(5):
        await writer.ask(press, Actor(account="acc-1001", work_number="1001"))
    rung = [order.command for order in clock.orders if isinstance(order.command, RingOutside)]
    assert [each.number for each in rung] == ["110"]
    assert not tape.made
    back.set()
    async with asyncio.timeout(5):
        while not any(isinstance(each, Asked) for each, _ in tape.made):
            await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    again = [order.command for order in clock.orders if isinstance(order.command, RingOutside)]
    assert {each.offer for each in again} == {rung[0].offer}
    assert [each.contact for each in hall.state.calls[CallId("zz-000000001")].parties] == ["110"]


async def test_a_command_that_cannot_be_written_is_taken_back(
    hall: VirtualHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is away: whoever asked is told, and it is not done a minute later."""
    monkeypatch.setattr("hotline.hall.writer.ASK_SECONDS", 0.05)
    hall.sign_in("01")
    tape, away = Tape(), asyncio.Event()
    write = tape.commit

    async def commit(*given: Any) -> None:
        await away.wait()
        await write(*given)

    monkeypatch.setattr(tape, "commit", commit)
    lease = Lease(hall="zz", epoch=1, holder="x", until=hall.now, seq=0, numbers=hall.state.numbers)
    clock = Hands(hall.now)
    writer = HallWriter(hall.state, tape, lease, 0, clock, lambda *_: None, clock.orders.extend)  # pyright: ignore[reportArgumentType]
    task = asyncio.create_task(writer.run())
    ring = CallOffered(adapter=CARD, event_id="r", at=hall.now, heard_at=hall.now, call=CallKey("a"))
    writer.put(Heard(ring))
    await asyncio.sleep(0)
    with pytest.raises(Stalled):
        await writer.ask(SignOff(seat=SeatNo("01")), Actor(account="acc-1001", work_number="1001"))
    away.set()
    for _ in range(50):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    kinds = [type(each.command) for each, _ in tape.made if isinstance(each, Asked)]
    assert SignOff not in kinds
    assert any(isinstance(each, Heard) for each, _ in tape.made)
