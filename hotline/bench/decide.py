"""How many decisions a second can the pure core make, with 200 seats and 1,000 callers waiting?

Counts `decide` and `become`, one input after the other; making up the next input is not counted. The inputs are mixed
as a busy day mixes them: callers who ring, hear the greeting, press keys and wait, seats that ring, answer, miss and
hang up, late numbers, holding, lawyers who go ready and busy, deadlines that are due or no longer hold.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec

from adapters.telephony import (
    AdapterName,
    CallerIdentified,
    CallKey,
    CallOffered,
    CallReleased,
    DigitsPressed,
    EndedBy,
    Handling,
    LegHeld,
    LegResumed,
    LegsJoined,
    PhoneKind,
    PromptEnded,
    SeatAnswered,
    SeatDeclined,
    SeatRinging,
)
from hotline.announcements.plan import Key, KeyAct, Menu, Plan
from hotline.bench.row import Row, quantiles
from hotline.bench.runs import Bench
from hotline.calls.call import Call, CallState
from hotline.hall.decide import decide
from hotline.hall.inputs import Actor, Asked, DeadlinePassed, DefineSeat, GoBusy, GoReady, Heard, Input, SignIn
from hotline.hall.rules import HallRules, QueueRules, Widening
from hotline.hall.state import HallState
from routing.strategies.last_lawyer_first import STRATEGY as LAST_LAWYER_FIRST
from routing.strategies.longest_idle import STRATEGY as LONGEST_IDLE
from routing.strategies.spread_evenly import STRATEGY as SPREAD_EVENLY
from seats.seat import SeatNo, SeatState

SEATS: Final = 200
WAITING: Final = 1000
GOAL_PER_SECOND: Final = 20_000
ADAPTER: Final = AdapterName("bench")
START: Final = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
RULES: Final = HallRules(
    hall="bench",
    label="",
    default_queue="general",
    plan=Plan(
        greeting="greeting",
        menu=Menu(
            prompt="menu",
            keys=(Key(key="1", queue="labour"), Key(key="2", queue="family"), Key(key="0", act=KeyAct.PERSON)),
        ),
    ),
    queues={
        "general": QueueRules(
            name="general", label="", strategy=LONGEST_IDLE, groups=("general",), max_length=5000, max_wait_seconds=0
        ),
        "labour": QueueRules(
            name="labour",
            label="",
            strategy=LAST_LAWYER_FIRST,
            groups=("labour",),
            widening=(Widening(after_seconds=30, groups=("general",)),),
            max_length=5000,
            max_wait_seconds=0,
        ),
        "family": QueueRules(
            name="family", label="", strategy=SPREAD_EVENLY, groups=("family",), max_length=5000, max_wait_seconds=0
        ),
    },
)
GROUPS: Final = (("general", "labour"), ("general", "family"), ("labour", "family"))


async def measure(bench: Bench) -> list[Row]:
    """The row; the core alone, in this process."""

    async def once() -> Decided:
        return run_decide(decisions=bench.size(40_000, 2000))

    taken = await bench.median(once, lambda one: one.by_clock)
    one = taken.value
    return [
        Row(
            id="decide",
            unit="µs",
            **quantiles([each * 1e6 for each in one.seconds]),
            rate=round(one.by_clock),
            others_cpu=taken.others,
            limited_by="Python 单核",
            goal={"rate": GOAL_PER_SECOND},
            note=f"{taken.note}；{SEATS} 坐席，{one.waiting} 人排队，混合输入；按本进程 CPU 计 {one.by_own_cpu:,.0f}/s",
        )
    ]


class Decided(msgspec.Struct, kw_only=True):
    """One run."""

    seconds: list[float]
    """Of each decision."""
    by_clock: float
    """Decisions a second by the clock on the wall, so whoever else uses the core is in it."""
    by_own_cpu: float
    """The same without them."""
    waiting: int
    """Callers at the end."""
    mix: dict[str, int]


def run_decide(*, decisions: int = 40_000, seats: int = SEATS, waiting: int = WAITING, seed: int = 7) -> Decided:
    """One run. Blocks for some seconds."""
    busy = _Busy(seats, waiting, seed)
    inputs = busy.inputs()
    taken: list[float] = []
    kinds: dict[str, int] = {}
    clock, own_clock, own = time.perf_counter, time.thread_time, 0.0
    for _ in range(decisions):
        input = next(inputs)
        own_began = own_clock()
        began = clock()
        busy.take(input)
        taken.append(clock() - began)
        own += own_clock() - own_began
        name = type(input.fact if isinstance(input, Heard) else input).__name__
        kinds[name] = kinds.get(name, 0) + 1
    return Decided(
        seconds=taken,
        by_clock=decisions / sum(taken),
        by_own_cpu=decisions / own,
        waiting=len(busy.in_state(CallState.WAITING)),
        mix=dict(sorted(kinds.items())),
    )


class _Busy:
    """A hall in which every seat is taken, a crowd waits, and something happens all the time."""

    def __init__(self, seats: int, waiting: int, seed: int) -> None:
        self.chance = Random(seed)
        self.state = HallState(RULES)
        self.now = START
        self.waiting = waiting
        self.born = 0
        self.facts = 0
        self.next: deque[Input] = deque()
        for number in range(1, seats + 1):
            seat = SeatNo(f"{number:03d}")
            self.take(Asked(DefineSeat(seat=seat, extension=seat, groups=GROUPS[number % 3]), _who(seat)))
            self.take(Asked(SignIn(seat=seat, phone_kind=PhoneKind.DESK), _who(seat)))
        while len(self.in_state(CallState.WAITING)) < waiting or self.in_state(CallState.RINGING):
            for input in self._caller():
                self.take(input)
            while self.next:
                self.take(self.next.popleft())

    def take(self, input: Input) -> None:
        """What is measured."""
        decision = decide(self.state, input, self.now)
        self.state.become(decision)
        for call in decision.calls.values():
            if call.state is CallState.RINGING:
                self.next.append(self._picked_up_or_not(call))

    def in_state(self, state: CallState) -> list[Call]:
        return [call for call in self.state.calls.values() if call.state is state]

    def inputs(self) -> Iterator[Input]:
        """One input after the other, each made when it is asked for."""
        while True:
            self.now += timedelta(milliseconds=20)
            while self.next:
                yield self.next.popleft()
            pick = self.chance.random()
            if len(self.in_state(CallState.WAITING)) < self.waiting:
                yield from self._caller()
            elif pick < 0.55:
                yield from self._end_of_talk()
            elif pick < 0.65:
                call = self.chance.choice(self.in_state(CallState.WAITING))
                yield Heard(CallReleased(by=EndedBy.CALLER, **self._about(call.key)))
            elif pick < 0.75:
                seat = self.chance.choice(list(self.state.seats))
                yield Asked(GoBusy(seat=seat), _who(seat))
                yield Asked(GoReady(seat=seat), _who(seat))
            elif pick < 0.9:
                yield DeadlinePassed(call=self.chance.choice(list(self.state.calls)))
            else:
                yield from self._hold()

    def _caller(self) -> Iterator[Input]:
        self.born += 1
        key = CallKey(f"k{self.born}")
        number = f"138{self.chance.randrange(5000):08d}"
        late = self.born % 4 == 0
        yield Heard(CallOffered(caller=None if late else number, dialled="12348", **self._about(key)))
        if late:
            yield Heard(CallerIdentified(caller=number, **self._about(key)))
        yield Heard(PromptEnded(prompt="greeting", **self._about(key)))
        yield Heard(DigitsPressed(digits=self.chance.choice("0129"), **self._about(key)))
        call = self.state.find(ADAPTER, key)
        if call is not None and call.state is CallState.IN_MENU:
            yield Heard(DigitsPressed(digits="0", **self._about(key)))

    def _picked_up_or_not(self, call: Call) -> Input:
        about = self._about(call.key)
        if self.chance.random() < 0.05:
            return Heard(SeatDeclined(offer=call.offer, reason="busy", **about))
        return Heard(SeatAnswered(offer=call.offer, **about))

    def _end_of_talk(self) -> Iterator[Input]:
        """A talk ends; the seat skips its wrap-up, so that the next caller is offered at once."""
        talking = self.in_state(CallState.TALKING)
        if not talking:
            return
        call = self.chance.choice(talking)
        yield Heard(SeatRinging(offer=call.offer, **self._about(call.key)))
        yield Heard(LegsJoined(offer=call.offer, **self._about(call.key)))
        yield Heard(CallReleased(by=EndedBy.CALLER, **self._about(call.key)))
        seat = SeatNo(call.seat or "")
        if self.state.seats[seat].state in (SeatState.WRAP_UP, SeatState.BUSY):
            yield Asked(GoReady(seat=seat), _who(seat))

    def _hold(self) -> Iterator[Input]:
        talking = self.in_state(CallState.TALKING)
        if talking:
            call = self.chance.choice(talking)
            yield Heard(LegHeld(**self._about(call.key)))
            yield Heard(LegResumed(**self._about(call.key)))

    def _about(self, key: CallKey) -> dict[str, Any]:
        self.facts += 1
        return {
            "adapter": ADAPTER,
            "event_id": f"e{self.facts}",
            "at": self.now,
            "heard_at": self.now,
            "call": key,
            "handling": Handling.HALL,
        }


def _who(seat: SeatNo) -> Actor:
    return Actor(account=f"a{seat}", work_number=f"1{seat}")
