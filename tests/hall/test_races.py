"""Two things at the same moment, a thousand random interleavings of each pair: one outcome, one holder, nobody stuck.

Every run begins alike (a lawyer who rings or talks, a colleague who is free, a supervisor), lets two things happen in
either order with time in between or none, adds a third, and then waits half a minute with a device that does as it is
told. `kit.check` looks after every input; what is asked here is what is left at the end.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from adapters.telephony import (
    CallReleased,
    EndedBy,
    Release,
    RingOutside,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    StopRinging,
)
from hotline.calls.call import Call, CallState
from hotline.calls.party import Part
from hotline.hall.inputs import (
    CancelConsult,
    Consult,
    Emergency,
    ForceState,
    GoBusy,
    HangUp,
    Hold,
    JoinConsulted,
    Leave,
    Monitor,
    QueueTarget,
    Resume,
    SeatTarget,
    TakeOver,
    Transfer,
)
from hotline.hall.rules import Contact, ContactKind
from seats.seat import SeatNo, SeatState
from tests.hall.kit import LINE, VirtualHall, rules

INTERLEAVINGS = 1000
ONE, TWO, BOSS = SeatNo("01"), SeatNo("02"), SeatNo("09")
POLICE = Contact(id="110", label="110", number="110", kind=ContactKind.EMERGENCY)
TRANSIENT = {SeatState.RINGING}


class Raced(VirtualHall):
    """Remembers which legs the device said were gone."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.gone: set[str] = set()


Deed = Callable[[Raced, Random], object]


def call_of(hall: Raced) -> Call:
    return hall.call("a")


def at(hall: Raced) -> SeatNo:
    return SeatNo(call_of(hall).seat or "01")


def answers(hall: Raced, chance: Random) -> object:
    call = call_of(hall)
    ringing = [each.offer for each in call.parties if not each.up] + ([call.offer] if call.offer else [])
    return hall.hear(SeatAnswered, "a", offer=chance.choice(ringing)) if ringing else None


def declines(hall: Raced, chance: Random) -> object:
    call = call_of(hall)
    legs = [each.offer for each in call.parties] + ([call.offer] if call.offer else [])
    if not legs:
        return None
    leg = chance.choice(legs)
    hall.gone.add(leg)
    return hall.hear(SeatDeclined, "a", offer=leg, reason="busy")


def rings_out(hall: Raced, chance: Random) -> object:
    return hall.pass_time(20 + chance.choice([-0.001, 0, 0.001]))


def caller_leaves(hall: Raced, chance: Random) -> object:
    return hall.hangs_up("a") if call_of(hall).state is not CallState.ENDED else None


def leg_goes(hall: Raced, chance: Random) -> object:
    call = call_of(hall)
    legs = [each.offer for each in call.parties] + ([call.offer] if call.offer else [])
    if not legs:
        return None
    leg = chance.choice(legs)
    hall.gone.add(leg)
    return hall.hear(SeatReleased, "a", offer=leg, hung_up=chance.random() < 0.7)


def pauses(hall: Raced, chance: Random) -> object:
    if chance.random() < 0.5:
        return hall.ask(GoBusy(seat=at(hall)), f"10{at(hall)}")
    state = chance.choice([SeatState.BUSY, SeatState.SIGNED_OFF])
    return hall.ask(ForceState(seat=at(hall), state=state, reason="班长"), "9001")


def transfers(hall: Raced, chance: Random) -> object:
    target = chance.choice([SeatTarget(seat=TWO), QueueTarget(queue="general")])
    return hall.ask(Transfer(seat=at(hall), call=call_of(hall).id, target=target), f"10{at(hall)}")


def consults(hall: Raced, chance: Random) -> object:
    return hall.ask(Consult(seat=at(hall), call=call_of(hall).id, target=SeatTarget(seat=TWO)), f"10{at(hall)}")


def changes_mind(hall: Raced, chance: Random) -> object:
    kind = chance.choice([CancelConsult, JoinConsulted, Leave, Hold, Resume])
    return hall.ask(kind(seat=at(hall), call=call_of(hall).id), f"10{at(hall)}")


def lawyer_hangs_up(hall: Raced, chance: Random) -> object:
    return hall.ask(HangUp(seat=at(hall), call=call_of(hall).id), f"10{at(hall)}")


def supervisor_comes(hall: Raced, chance: Random) -> object:
    if chance.random() < 0.5:
        return hall.ask(Monitor(seat=BOSS, call=call_of(hall).id, part=chance.choice([Part.LISTENING, Part.BARGING])))
    return hall.ask(TakeOver(seat=BOSS, call=call_of(hall).id), "1009")


def calls_for_help(hall: Raced, chance: Random) -> object:
    return hall.ask(Emergency(seat=at(hall), contact="110"), f"10{at(hall)}")


DEEDS: dict[str, Deed] = {
    "answer": answers,
    "decline": declines,
    "time-out": rings_out,
    "caller hangs up": caller_leaves,
    "leg goes": leg_goes,
    "pause": pauses,
    "transfer": transfers,
    "consult": consults,
    "change of mind": changes_mind,
    "lawyer hangs up": lawyer_hangs_up,
    "supervisor": supervisor_comes,
    "emergency": calls_for_help,
}


def begin(chance: Random) -> Raced:
    """One caller with a lawyer, perhaps still ringing; a colleague and a supervisor who are free."""
    hall = Raced(
        rules(contacts={"110": POLICE}, abilities=LINE), seats={"01": ("general",), "02": ("general",), "09": ("x",)}
    )
    hall.sign_in("01")
    hall.rings("a")
    if chance.random() < 0.7:
        hall.picks_up("a")
    hall.sign_in("02")
    hall.sign_in("09")
    if chance.random() < 0.4:
        consults(hall, chance)
    return hall


def obey(hall: Raced, seen: int) -> int:
    """The device does what it was told last: released calls end, stopped legs are gone, nobody picks up by itself."""
    for order in hall.orders[seen:]:
        live = any(call.key == order.call for call in hall.state.calls.values())
        if isinstance(order, Release) and live:
            hall.hear(CallReleased, order.call, by=EndedBy.US)
    return len(hall.orders)


def settle(hall: Raced) -> None:
    """Half a minute in which nobody does anything."""
    seen = obey(hall, 0)
    for _ in range(30):
        hall.pass_time(1)
        seen = obey(hall, seen)


def of(offer: str, call: Call) -> bool:
    """Is that a leg of the call?"""
    return str(offer).startswith(f"{call.id}.")


def judge(hall: Raced, what: str) -> None:
    """Nobody was answered twice, nothing rings for nobody, no seat is stuck."""
    stopped = {order.offer for order in hall.orders if isinstance(order, StopRinging)}
    rung = {order.offer for order in hall.orders if isinstance(order, RingSeat | RingOutside)}
    live = {each.offer for call in hall.state.calls.values() for each in call.parties}
    live |= {call.offer for call in hall.state.calls.values() if call.offer is not None}
    released = {order.call for order in hall.orders if isinstance(order, Release)}
    over = {offer for offer in rung for key, call in hall.ended.items() if key in released and of(offer, call)}
    zombies = rung - stopped - live - hall.gone - over
    assert not zombies, f"{what}: {zombies} ring for nobody"
    for seat in hall.state.seats.values():
        waits = hall.state.calls.get(seat.call) if seat.call is not None else None  # pyright: ignore[reportArgumentType, reportCallIssue]
        if seat.state in TRANSIENT:
            assert waits is not None, f"{what}: {seat.number} is stuck in {seat.state}"
            since = max(seat.since, waits.offered_at)
            assert (hall.now - since).total_seconds() <= 35, f"{what}: {seat.number} rings too long"
    for call in hall.ended.values():
        assert call.outcome is not None
        assert call.id not in hall.state.calls


PAIRS = [pytest.param(*pair, id=" against ".join(pair)) for pair in itertools.combinations(DEEDS, 2)]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_at_the_same_moment(one: str, other: str) -> None:
    for seed in range(INTERLEAVINGS):
        chance = Random(f"{one} {other} {seed}")
        hall = begin(chance)
        deeds = [one, other, chance.choice([one, other, "answer", "leg goes"])]
        chance.shuffle(deeds)
        for name in deeds:
            if call_of(hall).state is not CallState.ENDED:
                DEEDS[name](hall, chance)
            if chance.random() < 0.3:
                hall.pass_time(chance.choice([0.001, 0.5, 5]))
        settle(hall)
        judge(hall, f"{deeds} (seed {seed})")
