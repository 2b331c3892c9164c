"""A hall's history made by the real decisions and the real store, in virtual time.

Callers, phones and a gateway of our own making; everything that is stored comes through `decide` and `HallStore`. What
lawyers and supervisors do with calls is in `whole_calls.py`.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from adapters.telephony import (
    AdapterName,
    Arrange,
    CallAnswered,
    CallFact,
    CallKey,
    CallOffered,
    CallReleased,
    DeviceEvent,
    DigitsPressed,
    EndedBy,
    Handling,
    LegHeld,
    LegResumed,
    LegsJoined,
    LinkUp,
    PlaceCall,
    PlayPrompt,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    Release,
    RingOutside,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
    StartRecording,
    StopRinging,
    TakeMessage,
)
from hotline.calls.call import Call, CallState
from hotline.hall.deadlines import due_of
from hotline.hall.decide import decide
from hotline.hall.inputs import (
    Actor,
    Asked,
    DeadlinePassed,
    DefineSeat,
    GoBusy,
    GoReady,
    HallCommand,
    Heard,
    Input,
    RulesChanged,
    SignIn,
    SignOff,
)
from hotline.hall.rules import HallRules
from hotline.hall.state import Decision, HallState
from hotline.rosters.shift import DutyMode
from hotline.store.engine import Database
from hotline.store.ledger import HallStore
from hotline.store.seal import Seal
from hotline.verify import LedgerRow
from seats.seat import SeatNo, SeatState
from tests.verify.the_hall import CARD, DAY_BEGINS, GATE, HALL, NIGHT, RULES, SUPERVISOR

Whole = Callable[["History", str], None]
"""What is done with a call, once it is answered, besides talking."""


class History:
    """Plays a day into a database, and keeps the callers' own ledger."""

    def __init__(
        self, store: HallStore, *, seed: int = 12348, whole: Whole | None = None, rules: HallRules = RULES
    ) -> None:
        self.store = store
        self.state = HallState(rules)
        self.chance = random.Random(seed)
        self.now = DAY_BEGINS
        self.ledger: dict[str, dict[str, Any]] = {}
        self._whole = whole
        self._agenda: list[tuple[datetime, int, Callable[[], list[Input]]]] = []
        self._count = itertools.count(1)
        self._gone: set[str] = set()
        self._stopped: set[str] = set()
        self._talking: set[str] = set()
        self._recording: dict[str, str] = {}

    async def play(self, calls: int, *, seats: int = 4, hours: float = 2.0, gateway_calls: int = 0) -> None:
        """Seats sign in, callers ring over the given hours, everybody goes home; at night there are two more calls."""
        self._lease = await self.store.take_lease("history", 3600)
        assert self._lease is not None
        self._seq = self._lease.seq
        self.later(0, lambda: [Heard(self._link(CARD)), Heard(self._link(GATE))])
        everybody = [*range(1, seats + 1), SUPERVISOR]
        for number in everybody:
            self.later(1, lambda number=number: self._sit_down(number))
        for number in range(calls):
            self.later(60 + self.chance.random() * hours * 3600, lambda number=number: self.ring(f"c{number}"))
        for number in range(gateway_calls):
            self.later(60 + self.chance.random() * hours * 3600, lambda number=number: self._gateway(f"g{number}"))
        self.later(hours * 3600 * 0.4, lambda: [self.asks(1, GoBusy(seat=SeatNo("01")))])
        self.later(hours * 3600 * 0.5, lambda: [self.asks(1, GoReady(seat=SeatNo("01")))])
        await self._run()
        self.now += timedelta(seconds=60)
        for number in everybody:
            self.later(0, lambda number=number: [self.asks(number, SignOff(seat=seat_no(number)))])
        await self._run()
        if self._whole is not None:
            night = _replace(RULES, duty=DutyMode.FORWARDED_MOBILE, night=(NIGHT,))
            self.later(0, lambda: self._obey_rules(night))
            self.later(5, lambda: self.ring("night-1", patience=600))
            self.later(200, lambda: self._obey_rules(_replace(RULES, duty=DutyMode.VOICEMAIL)))
            self.later(205, lambda: self.ring("night-2", patience=600))
            await self._run()

    def rows(self) -> list[LedgerRow]:
        """What the callers wrote down."""
        return [LedgerRow(**row) for row in self.ledger.values()]

    # ── for whoever says what happens ──

    def later(self, seconds: float, make: Callable[[], list[Input]]) -> None:
        """Something that happens after that time."""
        heapq.heappush(self._agenda, (self.now + timedelta(seconds=seconds), next(self._count), make))

    def asks(self, number: int, command: HallCommand) -> Input:
        """The person at that seat wants something."""
        return Asked(command, _who(number))

    def call(self, key: str) -> Call | None:
        """The call, while it is live."""
        call = self.state.find(CARD, CallKey(key))
        return call if call is not None and call.state is not CallState.ENDED else None

    def free_seat(self, *without: str) -> SeatNo | None:
        """A seat that could be asked."""
        free = [seat for seat in self.state.seats.values() if seat.state is SeatState.READY]
        return next((each.number for each in free if each.number not in without and each.number != "09"), None)

    def hear(self, kind: type[CallFact], key: str, **fields: Any) -> list[Input]:
        """A fact about a call that is still there."""
        return [] if key in self._gone else [Heard(self._fact(kind, key, **fields))]

    def lose(self, key: str, offer: str, *, hung_up: bool) -> list[Input]:
        """A leg that was picked up goes by itself."""
        if offer in self._stopped:
            return []
        self._stopped.add(offer)
        return self.hear(SeatReleased, key, offer=offer, hung_up=hung_up)

    def ring(self, key: str, *, patience: float | None = None) -> list[Input]:
        """A caller rings, with so much patience."""
        if patience is None:
            patience = 2.0 if self.chance.random() < 0.05 else self.chance.expovariate(1 / 70)
        self.ledger[key] = {"call": key, "offered_at": self.now, "outcome_hint": "unanswered"}
        self.later(patience, lambda: self._lose_patience(key))
        return [Heard(self._fact(CallOffered, key, caller=f"139{self.chance.randrange(10**8):08d}", dialled="12348"))]

    def hang_up(self, key: str, by: EndedBy) -> list[Input]:
        """The caller's leg is over."""
        if key in self._gone:
            return []
        self._gone.add(key)
        if key in self.ledger:
            self.ledger[key]["released_at"] = self.now
        inputs: list[Input] = []
        name = self._recording.pop(key, None)
        if name is not None:
            inputs.append(Heard(self._fact(RecordingStopped, key, name=name, seconds=9.0, file=f"{name}.wav")))
        return [*inputs, Heard(self._fact(CallReleased, key, by=by))]

    # ── the agenda ──

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
            due = due_of(thing, self.state.rules)
            if due is not None:
                passed = DeadlinePassed(call=thing.id) if isinstance(thing, Call) else DeadlinePassed(seat=thing.number)
                self.later((due - self.now).total_seconds(), lambda passed=passed: [passed])
        return decision

    # ── people and devices ──

    def _sit_down(self, number: int) -> list[Input]:
        groups = ("team",) if number == SUPERVISOR else ("general", "labour") if number % 2 else ("general",)
        seat = seat_no(number)
        return [
            Asked(DefineSeat(seat=seat, extension=f"80{number:02d}", groups=groups), _who(0)),
            Asked(SignIn(seat=seat, phone_kind="desk"), _who(number)),
        ]

    def _obey_rules(self, rules: HallRules) -> list[Input]:
        return [RulesChanged(rules)]

    def _lose_patience(self, key: str) -> list[Input]:
        return [] if self.ledger[key].get("answered_at") else self.hang_up(key, EndedBy.CALLER)

    def _obey(self, command: Any) -> None:
        key = command.call
        match command:
            case PlayPrompt(prompt=prompt):
                self.later(3, lambda: self.hear(PromptEnded, key, prompt=prompt))
                if prompt == "menu":
                    digits = self.chance.choice(["1", "1", "2", "9"])
                    self.later(4.5, lambda: self.hear(DigitsPressed, key, digits=digits))
                elif prompt.startswith("rate-"):
                    self.later(3.5, lambda: self.hear(DigitsPressed, key, digits=self.chance.choice("12345")))
            case RingSeat(offer=offer, first=first):
                self.later(0.2, lambda: self._unless_stopped(SeatRinging, key, offer))
                if self.chance.random() < 0.9:
                    wait = 1 + self.chance.random() * 6
                    self.later(wait, lambda: self._pick_up(key, offer, by_us=first))
            case RingOutside(offer=offer):
                self.later(0.2, lambda: self._unless_stopped(SeatRinging, key, offer))
                kind = SeatAnswered if self.chance.random() < 0.75 else SeatDeclined
                self.later(2 + self.chance.random() * 6, lambda: self._unless_stopped(kind, key, offer))
            case PlaceCall():
                if self.chance.random() < 0.7:
                    self.later(4, lambda: self._reach(key))
                else:
                    self.later(9, lambda: self.hang_up(key, EndedBy.NETWORK))
            case StopRinging(offer=offer):
                self._stopped.add(offer)
            case Arrange(room=room, caller=True) if room:
                self.later(0.05, lambda: self.hear(LegsJoined, key, offer=room[0]))
                if key not in self._talking:
                    self._talking.add(key)
                    self._talk(key)
            case StartRecording(name=name):
                self._recording[key] = name
                self.later(0.1, lambda: self.hear(RecordingStarted, key, name=name))
            case TakeMessage(name=name):
                self._recording[key] = name
                self.later(0.5, lambda: self.hear(RecordingStarted, key, name=name))
                self.later(20, lambda: self._message_over(key, name))
            case Release():
                self.later(0.05, lambda: self.hang_up(key, EndedBy.US))
            case _:
                pass

    def _pick_up(self, key: str, offer: str, *, by_us: bool) -> list[Input]:
        if key in self._gone or offer in self._stopped:
            return []
        call = self.call(key)
        if not by_us and key in self.ledger and call is not None and call.offer == offer:
            self.ledger[key].setdefault("answered_at", self.now)
            self.ledger[key]["outcome_hint"] = "answered"
        return self.hear(SeatAnswered, key, offer=offer)

    def _unless_stopped(self, kind: type[CallFact], key: str, offer: str) -> list[Input]:
        return [] if offer in self._stopped else self.hear(kind, key, offer=offer)

    def _reach(self, key: str) -> list[Input]:
        return self.hear(CallAnswered, key)

    def _message_over(self, key: str, name: str) -> list[Input]:
        self._recording.pop(key, None)
        return self.hear(RecordingStopped, key, name=name, seconds=20.0, file=f"{name}.wav")

    def _talk(self, key: str) -> None:
        seconds = self.chance.expovariate(1 / 60) + 2
        if self.chance.random() < 0.2:
            self.later(seconds * 0.3, lambda: self.hear(LegHeld, key))
            self.later(seconds * 0.6, lambda: self.hear(LegResumed, key))
        if self._whole is not None and key in self.ledger:
            self._whole(self, key)
            seconds += 40
        self.later(seconds, lambda: self.hang_up(key, EndedBy.CALLER))

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
            self.later(delay, lambda fact=fact: [Heard(_replace(fact, heard_at=self.now))])
        return []

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
    whole: Whole | None = None,
    rules: HallRules = RULES,
    **more: Any,
) -> History:
    """A healthy day in the database."""
    store = HallStore(database, seal, HALL)
    history = History(store, seed=seed, whole=whole, rules=rules)
    try:
        await history.play(calls, seats=seats, gateway_calls=gateway_calls, **more)
    finally:
        await store.close()
    return history


def seat_no(number: int) -> SeatNo:
    """The number of a seat, as on its sticker."""
    return SeatNo(f"{number:02d}")


def _who(number: int) -> Actor:
    return Actor(account=f"acc-{number}", work_number=f"10{number:02d}", name=f"律师{number}")


def _replace(value: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(value, **changes)
