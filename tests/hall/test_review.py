"""What goes wrong seldom: settings that changed under live calls, answers that crossed, batches taken back.

Also a clock that was ahead, and callers and seats nobody would ever have heard of again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from adapters.telephony import (
    CallAnswered,
    CallKey,
    CallOffered,
    CallReleased,
    Handling,
    JoinLegs,
    PortStatus,
    RecordingStopped,
    Release,
    RingSeat,
    SeatAnswered,
    SeatReleased,
    SeatRinging,
    StopRinging,
)
from hotline.bus import Hub, Subscriber
from hotline.calls.call import Call, CallState
from hotline.calls.outcome import Outcome
from hotline.hall.decide import decide
from hotline.hall.inputs import (
    Actor,
    Asked,
    DeadlinePassed,
    ForceState,
    GoReady,
    HangUp,
    Heard,
    Input,
    OrderFailed,
    PresenceChanged,
    Recovered,
    SignIn,
    SignOff,
    Snapshot,
)
from hotline.hall.rules import Widening
from hotline.hall.state import Decision, HallState
from hotline.hall.view import call_view
from hotline.hall.writer import HallWriter, Stalled
from hotline.store.errors import Conflict
from hotline.store.ledger import Lease
from routing.strategies.last_lawyer_first import STRATEGY as LAST_LAWYER_FIRST
from seats.seat import SeatNo, SeatState
from tests.hall.kit import CARD, START, VirtualHall, check, queue, rules


@pytest.fixture
def hall() -> VirtualHall:
    """Two desks of one queue."""
    return VirtualHall()


def snapshot(hall: VirtualHall, *ports: PortStatus, asked_at: datetime | None = None) -> Decision:
    """The device says what is live."""
    return hall.take(Snapshot(adapter=CARD, asked_at=asked_at or hall.now, ports=ports))


def status(hall: VirtualHall, call: str = "a", **fields: Any) -> PortStatus:
    """One live call as the device sees it."""
    return PortStatus(call=CallKey(call), since=fields.pop("since", hall.now), **fields)


# ── settings that changed while calls lived ──


def test_a_caller_of_a_queue_that_is_no_longer_in_the_settings_is_served() -> None:
    before = VirtualHall(rules(queue("general"), queue("old", groups=("general",))), seats={"01": ("general",)})
    before.sign_in("01")
    before.rings("a")
    before.rings("b")
    waiting = msgspec.structs.replace(before.call("b"), queue="old")
    after = HallState(rules(queue("general")))
    after.become(Decision(calls={waiting.id: waiting, before.call("a").id: before.call("a")}, seats=before.state.seats))
    ends = CallReleased(adapter=CARD, event_id="e", at=START, heard_at=START, call=CallKey("a"))
    after.become(decide(after, Heard(ends), START))
    check(after)
    assert after.calls[waiting.id].state is CallState.RINGING


def test_a_wait_outlives_the_widening_it_began_with() -> None:
    hall = VirtualHall(rules(queue("general", widening=(Widening(after_seconds=10, groups=("x",)),))), seats=1)
    hall.sign_in("01")
    hall.rings("a")
    hall.rings("b")
    hall.state.rules = rules(queue("general"))
    hall.pass_time(200)
    assert hall.call("b").leaving is Outcome.TIMED_OUT


# ── snapshots ──


def test_an_answer_heard_while_the_device_was_asked_is_newer_than_its_list(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.sign_in("02")
    hall.rings()
    hall.pass_time(2)
    asked_at, offer = hall.now, hall.call().offer
    hall.pass_time(0.02)
    hall.picks_up()
    hall.pass_time(0.02)
    assert offer is not None
    snapshot(hall, status(hall, ringing_offers=(offer,)), asked_at=asked_at)
    assert hall.call().state is CallState.TALKING
    assert hall.seat("01").state is SeatState.TALKING


def test_an_offer_made_while_the_device_was_asked_is_not_taken_back(hall: VirtualHall) -> None:
    hall.sign_in("01")
    asked_at = hall.now
    hall.pass_time(0.02)
    hall.rings()
    offer = hall.call().offer
    snapshot(hall, status(hall), asked_at=asked_at)
    assert hall.call().offer == offer
    assert not hall.ordered(StopRinging)


def test_an_offer_the_device_knows_nothing_of_is_no_miss_of_the_seats(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings()
    for _ in range(4):
        hall.pass_time(1)
        snapshot(hall, status(hall))
    assert hall.call().state is CallState.RINGING
    assert hall.seat("01").misses == 0
    assert hall.call().passed == ()


def test_a_call_that_is_over_here_and_live_there_is_released(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings()
    hall.pass_time(1)
    snapshot(hall)
    assert hall.call().state is CallState.ENDED
    before = len(hall.ordered(Release, "a"))
    hall.pass_time(1)
    snapshot(hall, status(hall))
    assert len(hall.ordered(Release, "a")) == before + 1


def test_a_call_listed_twice_is_one_call(hall: VirtualHall) -> None:
    hall.sign_in("01")
    made = snapshot(hall, status(hall), status(hall))
    assert len(made.calls) == 1


def test_a_call_heard_before_the_link_broke_is_over_though_it_was_decided_about_later(hall: VirtualHall) -> None:
    heard_at = hall.now
    hall.sign_in("01")
    hall.pass_time(60)  # the database was away
    fact = CallOffered(adapter=CARD, event_id="x", at=heard_at, heard_at=heard_at, call=CallKey("a"))
    hall.take(Heard(fact))
    snapshot(hall, asked_at=heard_at + timedelta(seconds=5))
    assert hall.call().state is CallState.ENDED
    assert hall.call().offered_at == heard_at
    assert hall.seat("01").state is SeatState.READY


# ── a gateway's lost report ──


def test_a_seat_that_a_gateway_left_ringing_can_be_forced_free(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("g", handling=Handling.DEVICE)
    hall.hear(SeatRinging, "g", seat="1001", handling=Handling.DEVICE)
    assert hall.seat("01").state is SeatState.RINGING
    assert hall.ask(ForceState(seat=SeatNo("01"), state=SeatState.READY, reason="卡住"), "9001").refusal is None
    assert hall.seat("01").state is SeatState.READY
    hall.hear(SeatAnswered, "g", seat="1001", handling=Handling.DEVICE)
    assert hall.seat("01").state is SeatState.TALKING
    assert hall.call("g").answered_seat == "01"


def test_forcing_a_ringing_seat_does_not_stumble_over_its_own_wish(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings()
    hall.ask(SignOff(seat=SeatNo("01")), "1001")
    assert hall.ask(ForceState(seat=SeatNo("01"), state=SeatState.BUSY, reason="开会"), "9001").refusal is None
    assert hall.seat("01").state is SeatState.BUSY


def test_a_claimed_call_waits_from_then_on(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("g", handling=Handling.DEVICE)
    hall.hear(SeatRinging, "g", seat="1099", handling=Handling.DEVICE)
    hall.pass_time(10)
    hall.rings("g")
    call = hall.call("g")
    assert call.queued_at is not None
    assert call.rung_at is not None
    assert call.rung_at >= call.queued_at


def test_the_first_ring_may_come_second_and_still_tells_who_calls(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.hear(CallAnswered, "a")
    hall.rings("a", caller="13900139000")
    assert hall.call().caller == "13900139000"
    assert hall.call().dialled == "12348"
    assert hall.call().state is CallState.RINGING


# ── the clock ──


def test_ticket_numbers_go_on_after_a_clock_that_was_ahead() -> None:
    hall = VirtualHall()
    hall.sign_in("01")
    hall.rings("a")
    first = hall.call("a").ticket
    hall.now = START + timedelta(days=40)
    hall.rings("b")
    hall.now = START + timedelta(hours=1)  # set right, and the service started again
    hall.rings("c")
    tickets = [first, hall.call("b").ticket, hall.call("c").ticket]
    assert len(set(tickets)) == 3


# ── batches taken back ──


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


# ── the writer ──


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
    hands = await run(hall, tape, Snapshot(adapter=CARD, asked_at=hall.now, ports=(status(hall, "stuck"),)))
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


# ── what consoles see ──


def heard_by(subscriber: Subscriber) -> list[dict[str, Any]]:
    """The calls in what a console was told."""
    told = [json.loads(message) for message in subscriber.messages]
    subscriber.messages.clear()
    return [each["data"] for each in told if each.get("event") == "call"]


def test_a_late_correction_shows_no_number_to_who_sits_there_now(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hub = Hub(lambda: hall.state, lambda: hall.now)
    first = Subscriber("acc-1001", "desk")
    first.push(hub.join(first))
    for made in (
        hall.rings("g", handling=Handling.DEVICE),
        hall.hear(SeatAnswered, "g", seat="1001", handling=Handling.DEVICE),
        hall.hangs_up("g", handling=Handling.DEVICE, inferred=True),
    ):
        hub.publish([made], hall.now)
    assert [each["caller"] for each in heard_by(first)] == ["13800138000", "13800138000"]
    hub.leave(first)
    hall.pass_time(60)
    hub.publish([hall.ask(SignOff(seat=SeatNo("01")), "1001")], hall.now)
    second, wall = Subscriber("acc-1002", "desk"), Subscriber("acc-9001", "hall")
    for each in (second, wall):
        each.push(hub.join(each))
    hub.publish([hall.ask(SignIn(seat=SeatNo("01"), phone_kind="simulated"), "1002")], hall.now)
    assert second.seat == "01"
    heard_by(second)
    hub.publish([hall.hangs_up("g", handling=Handling.DEVICE)], hall.now)
    assert heard_by(second) == []
    assert [each["caller"] for each in heard_by(wall)] == ["138****8000"]


def test_a_desk_pays_for_its_own_call_only(hall: VirtualHall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.sign_in("01")
    for number in range(50):
        hall.rings(f"c{number}")
    views: list[str] = []
    made = call_view

    def counted(state: HallState, call: Call, **how: Any) -> Any:
        views.append(call.id)
        return made(state, call, **how)

    monkeypatch.setattr("hotline.hall.view.call_view", counted)
    monkeypatch.setattr("hotline.bus.call_view", counted)
    hub = Hub(lambda: hall.state, lambda: hall.now)
    desk, wall = Subscriber("acc-1001", "desk"), Subscriber("acc-9001", "hall")
    told = json.loads(hub.join(desk))["data"]
    assert len(views) == 1
    assert [each["caller"] for each in told["calls"]] == ["138****8000"]
    assert [each["number"] for each in told["seats"]] == ["01"]
    everything = json.loads(hub.join(wall))["data"]
    assert len(everything["calls"]) == 50
    assert {each["caller"] for each in everything["calls"]} == {"138****8000"}


def test_the_number_is_shown_once_the_call_is_taken(hall: VirtualHall) -> None:
    """Not while it rings: it may yet ring at ten desks, and each look at a number is somebody's."""
    hall.sign_in("01")
    hub = Hub(lambda: hall.state, lambda: hall.now)
    desk = Subscriber("acc-1001", "desk")
    desk.push(hub.join(desk))
    steps = [hall.rings(), hall.picks_up()]
    hub.publish(steps, hall.now)
    hub.publish(steps[:1], hall.now)
    hub.publish([hall.hangs_up()], hall.now)
    shown = {each["state"]: each["caller"] for each in heard_by(desk)}
    assert shown == {"ringing": "138****8000", "talking": "13800138000", "ended": "13800138000"}
    hall.pass_time(60)
    unanswered = [hall.rings("b"), hall.hangs_up("b")]
    for made in unanswered:
        hub.publish([made], hall.now)
    assert {each["caller"] for each in heard_by(desk)} == {"138****8000"}


def test_the_days_figures_are_there_again_after_a_restart(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.hangs_up()
    hub = Hub(lambda: hall.state, lambda: hall.now)
    hub.restart(hall.state.past.values())
    hub.restart(hall.state.past.values())
    assert (hub.today.figures().offered, hub.today.figures().answered) == (1, 1)


def test_a_call_whose_legs_do_not_join_is_offered_once_also_where_its_own_seat_is_free_at_once() -> None:
    hall = VirtualHall(rules(queue(wrap_seconds=0)))
    hall.sign_in("01")
    hall.sign_in("02")
    hall.rings()
    hall.picks_up()
    decision = hall.take(OrderFailed(adapter=CARD, command=hall.ordered(JoinLegs)[-1], reason="refused"))
    assert len([order for order in decision.orders if isinstance(order.command, RingSeat)]) == 1
    numbers = [event.call_seq for event in hall.events if event.call == hall.call().id]
    assert numbers == list(range(1, len(numbers) + 1))


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


# ── what a stranger found ──


def test_a_caller_whose_lawyer_vanished_is_not_kept_from_other_lawyers() -> None:
    wide = queue("labour", groups=("labour",), widening=(Widening(after_seconds=30, groups=("general",)),))
    hall = VirtualHall(rules(wide), seats={"01": ("labour",), "02": ("general",)})
    hall.sign_in("01")
    hall.sign_in("02")
    hall.rings()
    hall.picks_up()
    hall.ask(PresenceChanged(seat=SeatNo("01"), here=False))
    hall.hear(SeatReleased, offer=hall.call().offer)
    hall.pass_time(1)
    assert (hall.call().state, hall.call().seat) == (CallState.RINGING, "02")


def test_nor_does_he_wait_for_ever() -> None:
    hall = VirtualHall(rules(queue(max_wait_seconds=120)), seats=1)
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.ask(PresenceChanged(seat=SeatNo("01"), here=False))
    hall.hear(SeatReleased, offer=hall.call().offer)
    assert hall.call().state is CallState.WAITING
    hall.pass_time(121)
    assert hall.ordered(Release)


def test_who_puts_the_receiver_down_has_ended_the_call_though_the_console_is_gone() -> None:
    hall = VirtualHall(seats=2)
    hall.sign_in("01", phone="desk")
    hall.sign_in("02")
    hall.rings()
    hall.picks_up()
    hall.ask(PresenceChanged(seat=SeatNo("01"), here=False))
    hall.hear(SeatReleased, offer=hall.call().offer, hung_up=True)
    assert [order.call for order in hall.ordered(Release)] == ["a"]
    assert hall.seat("02").state is SeatState.READY


def test_the_last_lawyer_is_found_at_another_desk() -> None:
    hall = VirtualHall(rules(queue(strategy=LAST_LAWYER_FIRST)), seats=3)
    hall.ask(SignIn(seat=SeatNo("02"), phone_kind="simulated"), "1001")
    hall.rings("a")
    hall.picks_up("a")
    hall.hangs_up("a")
    hall.pass_time(40)
    hall.ask(SignOff(seat=SeatNo("02")), "1001")
    hall.ask(SignIn(seat=SeatNo("02"), phone_kind="simulated"), "2222")
    hall.pass_time(5)
    hall.ask(SignIn(seat=SeatNo("03"), phone_kind="simulated"), "1001")
    hall.rings("b")
    assert hall.call("b").seat == "03"


def test_an_empty_desk_is_not_rung_first_by_every_caller(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.pass_time(1)
    hall.sign_in("02")
    hall.rings("a")
    assert hall.call("a").seat == "01"
    hall.pass_time(20)
    assert hall.call("a").seat == "02"
    hall.picks_up("a")
    hall.hangs_up("a")
    hall.pass_time(1)
    hall.ask(GoReady(seat=SeatNo("02")), "1002")
    hall.rings("b")
    assert hall.call("b").seat == "01"
    hall.pass_time(20)
    hall.hangs_up("b")
    hall.rings("c")
    assert hall.call("c").seat == "02"


def test_a_call_of_the_gateway_is_not_ordered_about(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("g", handling=Handling.DEVICE)
    hall.hear(SeatAnswered, "g", seat="1001", handling=Handling.DEVICE)
    assert hall.ask(HangUp(seat=SeatNo("01"), call=hall.call("g").id), "1001").refusal == "call_at_device"
    assert not hall.orders
    assert hall.seat("01").state is SeatState.TALKING


def test_a_supervisor_frees_a_seat_whose_gateway_lost_the_end(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("g", handling=Handling.DEVICE)
    hall.hear(SeatAnswered, "g", seat="1001", handling=Handling.DEVICE)
    hall.pass_time(600)
    hall.ask(ForceState(seat=SeatNo("01"), state=SeatState.READY, reason="卡住"), "9001")
    assert hall.seat("01").state is SeatState.READY
    assert (hall.call("g").state, hall.call("g").inferred) == (CallState.ENDED, True)
    hall.hangs_up("g", handling=Handling.DEVICE)
    assert not hall.call("g").inferred


def test_a_caller_whom_the_device_hands_over_is_taken_from_its_list(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings("a", handling=Handling.DEVICE)
    hall.pass_time(1)
    snapshot(hall, status(hall, "a"))
    assert (hall.call("a").handling, hall.call("a").state) == (Handling.HALL, CallState.RINGING)
