"""A hall's history made by the real decisions and the real store, in virtual time.

Callers, phones and a gateway of our own making; everything that is stored comes through `decide` and `HallStore`.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.telephony import (
    AdapterName,
    CallFact,
    CallKey,
    CallOffered,
    CallReleased,
    DeviceEvent,
    DigitsPressed,
    EndedBy,
    Handling,
    JoinLegs,
    LegHeld,
    LegResumed,
    LegsJoined,
    LinkUp,
    PlayPrompt,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    Release,
    RingSeat,
    SeatAnswered,
    SeatRinging,
    StartRecording,
    StopRinging,
)
from hotline.calls.call import Call
from hotline.calls.outcome import Outcome
from hotline.hall.deadlines import due_of
from hotline.hall.decide import decide
from hotline.hall.inputs import Actor, Asked, DeadlinePassed, DefineSeat, GoBusy, GoReady, Heard, Input, SignIn, SignOff
from hotline.hall.rules import HallRules, QueueRules, Widening
from hotline.hall.state import Decision, HallState
from hotline.store.engine import Database
from hotline.store.ledger import HallStore
from hotline.store.seal import Seal
from hotline.verify import LedgerRow
from routing.menu import Menu
from routing.strategies.longest_idle import STRATEGY
from seats.seat import SeatNo

HALL = "kf"
CARD = AdapterName("card-1")
GATE = AdapterName("gw-1")
DAY_BEGINS = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)
"""2026-11-19, 00:00 in Shanghai."""

RULES = HallRules(
    hall=HALL,
    label="示范厅",
    queues={
        "general": QueueRules(
            name="general",
            label="综合",
            strategy=STRATEGY,
            groups=("general",),
            ring_seconds=12,
            max_wait_seconds=90,
            wrap_seconds=15,
        ),
        "labour": QueueRules(
            name="labour",
            label="劳动劳务",
            strategy=STRATEGY,
            groups=("labour",),
            widening=(Widening(after_seconds=20, groups=("general",)),),
            ring_seconds=12,
            max_wait_seconds=90,
            wrap_seconds=15,
        ),
    },
    default_queue="general",
    greeting="greeting",
    menu=Menu(prompt="menu", keys={"1": "general", "2": "labour"}),
    parting={Outcome.TIMED_OUT: "sorry"},
)


class History:
    """Plays a day into a database, and keeps the callers' own ledger."""

    def __init__(self, store: HallStore, *, seed: int = 12348) -> None:
        self.store = store
        self.state = HallState(RULES)
        self.chance = random.Random(seed)
        self.now = DAY_BEGINS
        self.ledger: dict[str, dict[str, Any]] = {}
        self._agenda: list[tuple[datetime, int, Callable[[], list[Input]]]] = []
        self._count = itertools.count(1)
        self._gone: set[str] = set()
        self._stopped: set[str] = set()

    async def play(self, calls: int, *, seats: int = 4, hours: float = 2.0, gateway_calls: int = 0) -> None:
        """Seats sign in, callers ring over the given hours, everybody goes home."""
        self._lease = await self.store.take_lease("history", 3600)
        assert self._lease is not None
        self._seq = self._lease.seq
        self._in(0, lambda: [Heard(self._link(CARD)), Heard(self._link(GATE))])
        for number in range(1, seats + 1):
            self._in(1, lambda number=number: self._sit_down(number))
        for number in range(calls):
            self._in(60 + self.chance.random() * hours * 3600, lambda number=number: self._ring(f"c{number}"))
        for number in range(gateway_calls):
            self._in(60 + self.chance.random() * hours * 3600, lambda number=number: self._gateway(f"g{number}"))
        self._in(hours * 3600 * 0.4, lambda: [Asked(GoBusy(seat=SeatNo("01")), _who(1))])
        self._in(hours * 3600 * 0.5, lambda: [Asked(GoReady(seat=SeatNo("01")), _who(1))])
        await self._run()
        self.now += timedelta(seconds=60)
        for number in range(1, seats + 1):
            self._in(0, lambda number=number: [Asked(SignOff(seat=SeatNo(f"{number:02d}")), _who(number))])
        await self._run()

    def rows(self) -> list[LedgerRow]:
        """What the callers wrote down."""
        return [LedgerRow(**row) for row in self.ledger.values()]

    # ── the agenda ──

    def _in(self, seconds: float, make: Callable[[], list[Input]]) -> None:
        heapq.heappush(self._agenda, (self.now + timedelta(seconds=seconds), next(self._count), make))

    async def _run(self) -> None:
        while self._agenda:
            at = self._agenda[0][0]
            self.now = max(self.now, at)
            inputs: list[Input] = []
            while self._agenda and self._agenda[0][0] == at:
                inputs += heapq.heappop(self._agenda)[2]()
            made = [(given, self._decide(given)) for given in inputs]
            if made:
                assert self._lease is not None
                await self.store.commit(self._lease, self.now, made, self._seq + 1)
                self._seq += sum(len(decision.events) for _, decision in made)
            for _, decision in made:
                for order in decision.orders:
                    self._obey(order.command)

    def _decide(self, given: Input) -> Decision:
        decision = decide(self.state, given, self.now)
        self.state.become(decision)
        for thing in (*decision.calls.values(), *decision.seats.values()):
            due = due_of(thing, RULES)
            if due is not None:
                passed = DeadlinePassed(call=thing.id) if isinstance(thing, Call) else DeadlinePassed(seat=thing.number)
                self._in((due - self.now).total_seconds(), lambda passed=passed: [passed])
        return decision

    # ── people and devices ──

    def _sit_down(self, number: int) -> list[Input]:
        groups = ("general", "labour") if number % 2 else ("general",)
        seat = SeatNo(f"{number:02d}")
        return [
            Asked(DefineSeat(seat=seat, extension=f"80{number:02d}", groups=groups), _who(0)),
            Asked(SignIn(seat=seat, phone_kind="desk"), _who(number)),
        ]

    def _ring(self, key: str) -> list[Input]:
        patience = self.chance.expovariate(1 / 70)
        if self.chance.random() < 0.05:
            patience = 2.0
        self.ledger[key] = {"call": key, "offered_at": self.now, "outcome_hint": "unanswered"}
        self._in(patience, lambda: self._lose_patience(key))
        return [Heard(self._fact(CallOffered, key, caller=f"139{self.chance.randrange(10**8):08d}", dialled="12348"))]

    def _lose_patience(self, key: str) -> list[Input]:
        return [] if self.ledger[key].get("answered_at") else self._hang_up(key, EndedBy.CALLER)

    def _hang_up(self, key: str, by: EndedBy) -> list[Input]:
        if key in self._gone:
            return []
        self._gone.add(key)
        self.ledger[key]["released_at"] = self.now
        inputs: list[Input] = []
        if self.ledger[key].get("answered_at"):
            inputs.append(Heard(self._fact(RecordingStopped, key, name=f"rec-{key}", seconds=9.0, file=f"{key}.wav")))
        return [*inputs, Heard(self._fact(CallReleased, key, by=by))]

    def _obey(self, command: Any) -> None:
        key = command.call
        match command:
            case PlayPrompt(prompt=prompt):
                self._in(3, lambda: self._fact_if_there(PromptEnded, key, prompt=prompt))
                if prompt == "menu":
                    digits = self.chance.choice(["1", "1", "2", "9"])
                    self._in(4.5, lambda: self._fact_if_there(DigitsPressed, key, digits=digits))
            case RingSeat(offer=offer):
                self._in(0.2, lambda: self._fact_if_there(SeatRinging, key, offer=offer))
                if self.chance.random() < 0.9:
                    self._in(1 + self.chance.random() * 6, lambda: self._pick_up(key, offer))
            case StopRinging(offer=offer):
                self._stopped.add(offer)
            case JoinLegs(offer=offer):
                self._in(0.05, lambda: self._fact_if_there(LegsJoined, key, offer=offer))
                self._talk(key)
            case StartRecording():
                self._in(0.1, lambda: self._fact_if_there(RecordingStarted, key, name=f"rec-{key}"))
            case Release():
                self._in(0.05, lambda: self._hang_up(key, EndedBy.US))
            case _:
                pass

    def _pick_up(self, key: str, offer: str) -> list[Input]:
        if key in self._gone or offer in self._stopped:
            return []
        self.ledger[key]["answered_at"] = self.now
        self.ledger[key]["outcome_hint"] = "answered"
        return self._fact_if_there(SeatAnswered, key, offer=offer)

    def _talk(self, key: str) -> None:
        seconds = self.chance.expovariate(1 / 60) + 2
        if self.chance.random() < 0.2:
            self._in(seconds * 0.3, lambda: self._fact_if_there(LegHeld, key))
            self._in(seconds * 0.6, lambda: self._fact_if_there(LegResumed, key))
        self._in(seconds, lambda: self._hang_up(key, EndedBy.CALLER))

    def _gateway(self, key: str) -> list[Input]:
        """A gateway that distributes its calls itself and reports late and out of order."""
        told: dict[str, Any] = {"adapter": GATE, "handling": Handling.DEVICE}
        at, talk = self.now, 20 + self.chance.random() * 60
        facts = [
            self._fact(CallOffered, key, at=at, caller="13800138000", **told),
            self._fact(SeatRinging, key, at=at + timedelta(seconds=2), seat="9001", **told),
            self._fact(SeatAnswered, key, at=at + timedelta(seconds=6), seat="9001", **told),
            self._fact(CallReleased, key, at=at + timedelta(seconds=6 + talk), by=EndedBy.CALLER, **told),
        ]
        if self.chance.random() < 0.3:
            facts[0], facts[1] = facts[1], facts[0]
        for place, fact in enumerate(facts):
            delay = max(0.0, (fact.at - at).total_seconds()) + place * 0.3 + 1
            self._in(delay, lambda fact=fact: [Heard(_heard(fact, self.now))])
        return []

    def _fact_if_there(self, kind: type[CallFact], key: str, **fields: Any) -> list[Input]:
        return [] if key in self._gone else [Heard(self._fact(kind, key, **fields))]

    def _fact(self, kind: type[Any], key: str, **fields: Any) -> Any:
        fields = {"adapter": CARD, "at": self.now, "heard_at": self.now} | fields
        return kind(event_id=f"e{next(self._count)}", call=CallKey(key), **fields)

    def _link(self, adapter: AdapterName) -> DeviceEvent:
        return LinkUp(adapter=adapter, event_id=f"e{next(self._count)}", at=self.now, heard_at=self.now)


async def make_history(
    database: Database,
    seal: Seal,
    calls: int = 60,
    *,
    seats: int = 4,
    gateway_calls: int = 10,
    seed: int = 12348,
    **more: Any,
) -> History:
    """A healthy day in the database."""
    store = HallStore(database, seal, HALL)
    history = History(store, seed=seed)
    try:
        await history.play(calls, seats=seats, gateway_calls=gateway_calls, **more)
    finally:
        await store.close()
    return history


def _who(number: int) -> Actor:
    return Actor(account=f"acc-{number}", work_number=f"10{number:02d}", name=f"律师{number}")


def _heard(fact: Any, at: datetime) -> Any:
    return type(fact)(**{name: getattr(fact, name) for name in fact.__struct_fields__} | {"heard_at": at})


__all__ = ["CARD", "DAY_BEGINS", "GATE", "HALL", "RULES", "History", "make_history"]
