"""A hall in virtual time, without database or devices: `decide` and nothing else, checked after every input."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.telephony import (
    Ability,
    AdapterName,
    CallKey,
    CallOffered,
    CallReleased,
    Command,
    DeviceEvent,
    EndedBy,
    Handling,
    PlayPrompt,
    PromptEnded,
    SeatAnswered,
)
from hotline.announcements.plan import Key, Menu, Plan
from hotline.calls.call import AT_SEAT, CONNECTED, Call, CallId, CallState
from hotline.calls.party import SUPERVISING, Part
from hotline.hall.deadlines import due_of
from hotline.hall.decide import decide
from hotline.hall.events import HallEvent
from hotline.hall.inputs import Actor, Asked, DeadlinePassed, DefineSeat, HallCommand, Heard, Input, SignIn
from hotline.hall.rules import HallRules, QueueRules
from hotline.hall.state import Decision, HallState
from routing.strategies.longest_idle import STRATEGY
from seats.seat import MAIN, Seat, SeatNo, SeatState, is_free

START = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)  # 02:00 in Shanghai
CARD = AdapterName("card-1")
LINE = {CARD: frozenset(Ability)}
"""A line that can do everything."""


def queue(name: str = "general", **changes: Any) -> QueueRules:
    """A queue with short, round numbers."""
    table: dict[str, Any] = {
        "name": name,
        "label": name,
        "strategy": STRATEGY,
        "groups": (name,),
        "ring_seconds": 20,
        "max_wait_seconds": 120,
        "wrap_seconds": 30,
    }
    return QueueRules(**(table | changes))


PLAN = frozenset(Plan.__struct_fields__)


def menu(prompt: str = "menu", **queues: str) -> Menu:
    """A menu whose keys `k1`, `k2` … lead to queues."""
    return Menu(prompt=prompt, keys=tuple(Key(key=key[1:], queue=queue) for key, queue in queues.items()))


def rules(*queues: QueueRules, **changes: Any) -> HallRules:
    """A hall without greeting and menu, unless they are given: fields of the plan may stand among the rules'."""
    said = {name: changes.pop(name) for name in list(changes) if name in PLAN}
    if said:
        changes["plan"] = Plan(**said)
    every = queues or (queue(),)
    table: dict[str, Any] = {
        "hall": "zz",
        "label": "示范厅",
        "queues": {each.name: each for each in every},
        "default_queue": every[0].name,
    }
    return HallRules(**(table | changes))


class VirtualHall:
    """Feeds inputs to `decide`, becomes its decisions, lets deadlines pass, and keeps everything that came out."""

    def __init__(self, hall_rules: HallRules | None = None, *, seats: Mapping[str, tuple[str, ...]] | int = 2) -> None:
        self.state = HallState(hall_rules or rules())
        self.now = START
        self.orders: list[Command] = []
        self.events: list[HallEvent] = []
        self.ended: dict[str, Call] = {}
        self.count = 0
        self._due: list[tuple[datetime, str, str]] = []
        wanted = seats if isinstance(seats, Mapping) else {f"{n:02d}": ("general",) for n in range(1, seats + 1)}
        for number, groups in wanted.items():
            self.ask(DefineSeat(seat=SeatNo(number), extension=f"10{number}", groups=groups))

    # ── inputs ──

    def take(self, given: Input) -> Decision:
        """One input through `decide`."""
        decision = decide(self.state, given, self.now)
        self.state.become(decision)
        self.orders += [order.command for order in decision.orders]
        self.events += decision.events
        for call in decision.calls.values():
            if call.state is CallState.ENDED:
                self.ended[call.key] = call
                _check_segments(call)
            self._watch("call", call.id, due_of(call, self.state.rules))
        for seat in decision.seats.values():
            self._watch("seat", seat.number, due_of(seat, self.state.rules))
        check(self.state, self.now)
        return decision

    def hear(self, kind: type[Any], call: str = "a", **fields: Any) -> Decision:
        """A fact about a call."""
        self.count += 1
        fields.setdefault("at", self.now)
        fields.setdefault("heard_at", self.now)
        fact: DeviceEvent = kind(adapter=CARD, event_id=str(self.count), call=CallKey(call), **fields)
        return self.take(Heard(fact))

    def ask(self, command: HallCommand, who: str = "1001") -> Decision:
        """A command by the person with that work number."""
        return self.take(Asked(command, Actor(account=f"acc-{who}", work_number=who, name=f"律师{who}")))

    def sign_in(self, seat: str, phone: str = "simulated") -> Decision:
        """Somebody takes the desk."""
        return self.ask(SignIn(seat=SeatNo(seat), phone_kind=phone), who=f"10{seat}")

    def rings(self, call: str = "a", caller: str | None = "13800138000", **fields: Any) -> Decision:
        """A caller rings."""
        return self.hear(CallOffered, call, caller=caller, dialled="12348", **fields)

    def picks_up(self, call: str = "a") -> Decision:
        """The phone that rings for the call is picked up."""
        return self.hear(SeatAnswered, call, offer=self.call(call).offer)

    def prompt_ends(self, call: str = "a") -> Decision:
        """The announcement that plays has been heard."""
        prompt = next(c.prompt for c in reversed(self.orders) if isinstance(c, PlayPrompt) and c.call == call)
        return self.hear(PromptEnded, call, prompt=prompt)

    def hangs_up(self, call: str = "a", by: EndedBy = EndedBy.CALLER, **fields: Any) -> Decision:
        """The caller's leg is over."""
        return self.hear(CallReleased, call, by=by, **fields)

    def pass_time(self, seconds: float) -> None:
        """Let deadlines pass in their order."""
        until = self.now + timedelta(seconds=seconds)
        while self._due and self._due[0][0] <= until:
            due, kind, name = heapq.heappop(self._due)
            self.now = max(self.now, due)
            self.take(DeadlinePassed(call=CallId(name)) if kind == "call" else DeadlinePassed(seat=SeatNo(name)))
        self.now = until

    # ── looking ──

    def call(self, key: str = "a") -> Call:
        """The call, live or over."""
        found = self.state.find(CARD, CallKey(key))
        assert found is not None, f"no call {key}"
        return found

    def seat(self, number: str) -> Seat:
        """The seat."""
        return self.state.seats[SeatNo(number)]

    def ordered(self, kind: type[Any], call: str | None = None) -> list[Any]:
        """Commands of a kind so far."""
        return [c for c in self.orders if isinstance(c, kind) and call in (None, c.call)]

    def _watch(self, kind: str, name: str, due: datetime | None) -> None:
        if due is not None:
            heapq.heappush(self._due, (due, kind, name))


def check(state: HallState, now: datetime) -> None:
    """What must hold after every input, whatever came before."""
    held: dict[str, str] = {}
    for call in state.calls.values():
        assert call.state is not CallState.ENDED
        if call.state in AT_SEAT and call.handling is Handling.HALL:
            assert call.seat is not None
            _hold(held, call.seat, call)
            seat = state.seats[SeatNo(call.seat)]
            assert seat.call == call.id, f"{call.id} is at {seat.number}, which has {seat.call}"
            assert (seat.offer, seat.part) == (call.offer, MAIN)
            wanted = SeatState.RINGING if call.state is CallState.RINGING else SeatState.TALKING
            assert seat.state is wanted, f"{call.id} is {call.state}, seat {seat.number} is {seat.state}"
        _check_parties(state, call, held)
        _check_segments(call)
        if call.state is CallState.WAITING:
            assert call.queue is not None
            assert call.groups or call.wanted, f"{call.id} waits for nobody"
            assert call.wanted is None or call.wanted_until is not None
            for group in call.groups:
                assert call.id in state.lines[group]
    for seat in state.seats.values():
        if seat.state in (SeatState.RINGING, SeatState.TALKING):
            assert seat.call in state.calls, f"seat {seat.number} holds a call that is gone"
            assert seat.part
        else:
            assert seat.call is None, f"seat {seat.number} {seat.state} keeps a call"
            assert not seat.part
        assert (seat.number in state.free.get(seat.groups[0], {})) == is_free(seat)
        if is_free(seat):
            for group in seat.groups:
                for name in state.lines.get(group, ()):
                    call = state.calls[CallId(name)]
                    reach = state.rules.reach_of(call.adapter, call.port)
                    if reach is not None and not reach.rings(seat.phone_kind, seat.extension):
                        continue
                    kept_from = state.book.of(call.caller, now).excluded
                    assert seat.operator in kept_from, f"{group}: {name} waits while {seat.number} is free"
    assert sum(state.queued.values()) == sum(c.state is CallState.WAITING for c in state.calls.values())


def _hold(held: dict[str, str], seat: str, call: Call) -> None:
    assert seat not in held, f"seat {seat} holds {held[seat]} and {call.id}"
    held[seat] = call.id


def _check_parties(state: HallState, call: Call, held: dict[str, str]) -> None:
    offers = [each.offer for each in call.parties] + ([call.offer] if call.offer is not None else [])
    assert len(offers) == len(set(offers)), f"{call.id}: one leg twice"
    if call.parties:
        assert call.state in CONNECTED, f"{call.id} is {call.state} with {call.parties}"
    for party in call.parties:
        assert (party.seat is None) != (not party.contact)
        assert party.up or party.ring_until is not None, "rings for ever"
        if party.seat is not None:
            _hold(held, party.seat, call)
            seat = state.seats[SeatNo(party.seat)]
            assert (seat.call, seat.offer, seat.part) == (call.id, party.offer, party.part)
            assert seat.state is (SeatState.TALKING if party.up else SeatState.RINGING)
    if call.state is CallState.HANDING_OVER:
        assert call.seat is None
        kept = any(each.part is Part.JOINED for each in call.parties)
        assert kept or call.ended_by is not None, f"{call.id} is left to nobody"
        assert not any(each.part in SUPERVISING for each in call.parties)
    if call.state is CallState.HELD and not call.parties:
        assert call.seat is not None


def _check_segments(call: Call) -> None:
    chain = call.segments
    assert chain, f"{call.id} has no segments"
    if call.handling is Handling.HALL and not call.backfilled:
        for before, after in itertools.pairwise(chain):
            assert before.until == after.since, f"{call.id}: a gap in {chain}"
        assert (chain[-1].until is None) is (call.state is not CallState.ENDED)
        assert chain[-1].until == call.ended_at
