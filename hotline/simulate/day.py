"""How does the day go? One loop takes the next thing that is due – at a telephone, at a deadline of the hall, at a
lawyer's desk – and hands the facts to `decide`, whose orders go back to the telephones at once.

No database, no clock, no task. Same plan, same figures, to the byte.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import takewhile
from math import inf
from typing import Final

import msgspec

from adapters.errors import Refused
from adapters.simulated.device import Device
from adapters.simulated.world import World
from adapters.telephony import AdapterName, PhoneKind
from hotline.hall.deadlines import due_of
from hotline.hall.decide import decide
from hotline.hall.inputs import Actor, Asked, DeadlinePassed, DefineSeat, GoReady, Heard, Input, OrderFailed, SignIn
from hotline.hall.state import Decision, HallState
from hotline.simulate.figures import DayFigures, Tally
from hotline.simulate.plan import START, SimulationPlan
from seats.seat import Seat, SeatNo, SeatState

ADAPTER: Final = AdapterName("simulated")

Watch = Callable[[HallState, Decision], None]
"""Sees every decision, the state that it led to beside it."""


def simulate_day(plan: SimulationPlan, watch: Watch | None = None) -> DayFigures:
    """Run the plan from the first caller to the end of the last call."""
    return _Day(plan, watch).run()


class _Day:
    """One run: the hall's state, the telephones, and what is due."""

    def __init__(self, plan: SimulationPlan, watch: Watch | None) -> None:
        self.plan = plan
        self.watch = watch
        self.end = plan.hours * 3600
        per_hour = plan.calls / plan.hours
        self.world = World(msgspec.structs.replace(plan.callers, per_hour=per_hour), plan.lawyers, plan.seed)
        if plan.poisson:
            arrivals = takewhile(lambda time: time < self.end, self.world.arrivals(0.0))
        else:
            arrivals = iter(self.world.exactly(plan.calls, self.end, 0.0))
        self.state = HallState(plan.rules)
        self.inputs: deque[Input] = deque()
        self.due: list[tuple[float, int, DeadlinePassed | Asked, datetime]] = []
        """When, a number that keeps equal times in order, what, and a stamp that says whether it still holds: the
        deadline itself, or since when the seat is in the state that its lawyer means to leave."""
        self.entries = 0
        self.device = Device(
            ADAPTER,
            self.world,
            START,
            hear=lambda fact: self.inputs.append(Heard(fact)),
            arrivals=arrivals,
            setup=plan.setup,
            answers_itself=lambda _: True,
            keep=lambda name, seconds: None,
            run="sim",
        )
        self.tally = Tally(plan)

    def run(self) -> DayFigures:
        for number in range(1, self.plan.seats + 1):
            seat = SeatNo(f"{number:04d}")
            groups = self.plan.groups[(number - 1) % len(self.plan.groups)]
            self._take(Asked(DefineSeat(seat=seat, extension=seat, groups=groups), _actor(seat)), 0.0)
            self._take(Asked(SignIn(seat=seat, phone_kind=PhoneKind.SIMULATED), _actor(seat)), 0.0)
        while True:
            now = min(self.device.next_due(), self.due[0][0] if self.due else inf)
            if now == inf:
                break
            self.device.pass_time(now)
            while self.due and self.due[0][0] <= now:
                _, _, input, stamp = heappop(self.due)
                if self._still_holds(input, stamp):
                    self.inputs.append(input)
            while self.inputs:
                self._take(self.inputs.popleft(), now)
        return self.tally.figures()

    def _take(self, input: Input, now: float) -> None:
        state, at = self.state, START + timedelta(seconds=now)
        decision = decide(state, input, at)
        for number, seat in decision.seats.items():
            self._desk(state.seats.get(number), seat, now)
        state.become(decision)
        if self.watch is not None:
            self.watch(state, decision)
        self.tally.note(decision.calls.values(), len(decision.events), state.queued.total())
        for call in decision.calls.values():
            deadline = due_of(call, state.rules)
            if deadline is not None:
                self._plan(DeadlinePassed(call=call.id), deadline)
        for seat in decision.seats.values():
            deadline = due_of(seat, state.rules)
            if deadline is not None:
                self._plan(DeadlinePassed(seat=seat.number), deadline)
        for order in decision.orders:
            try:
                self.device.do(order.command, now)
            except Refused as refused:
                self.inputs.append(
                    OrderFailed(adapter=order.adapter, command=order.command, reason="refused", detail=str(refused))
                )

    def _desk(self, before: Seat | None, after: Seat, now: float) -> None:
        """What the person at the desk does about it."""
        if before is not None and before.state is after.state:
            return
        self.tally.seat(after, now)
        if after.state is SeatState.WRAP_UP:
            self._later(after, now + self.world.wrap_up())
        elif after.state is SeatState.BUSY:
            self._later(after, now + self.world.notices())

    def _plan(self, input: DeadlinePassed, deadline: datetime) -> None:
        self.entries += 1
        heappush(self.due, ((deadline - START).total_seconds(), self.entries, input, deadline))

    def _later(self, seat: Seat, time: float) -> None:
        self.entries += 1
        heappush(self.due, (time, self.entries, Asked(GoReady(seat=seat.number), _actor(seat.number)), seat.since))

    def _still_holds(self, input: DeadlinePassed | Asked, stamp: datetime) -> bool:
        if isinstance(input, Asked):
            assert isinstance(input.command, GoReady)
            return self.state.seats[input.command.seat].since == stamp
        thing = self.state.calls.get(input.call) if input.call is not None else None
        if input.seat is not None:
            thing = self.state.seats.get(input.seat)
        return thing is not None and due_of(thing, self.state.rules) == stamp


def _actor(seat: SeatNo) -> Actor:
    return Actor(account=f"lawyer-{seat}", work_number=str(1000 + int(seat)))
