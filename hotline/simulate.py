"""What would a day be like? A whole day of simulated callers through the hall's own `decide`, in virtual time.

No database, no clock, no task: one loop takes the next thing that is due – at a telephone, at a deadline of the hall,
at a lawyer's desk – and hands the facts to `decide`, whose orders go back to the telephones at once. Same plan, same
figures, to the byte.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from heapq import heappop, heappush
from itertools import takewhile
from math import fsum, inf
from typing import Final

import msgspec

from adapters.errors import Refused
from adapters.simulated.device import Device, Setup
from adapters.simulated.world import ALL_DAY, Callers, Lawyers, Shape, Span, World
from adapters.telephony import AdapterName, PhoneKind
from hotline.calls.call import Call, CallState
from hotline.calls.outcome import Outcome
from hotline.hall.deadlines import due_of
from hotline.hall.decide import decide
from hotline.hall.inputs import (
    Actor,
    Asked,
    DeadlinePassed,
    DefineSeat,
    GoReady,
    Heard,
    Input,
    OrderFailed,
    SignIn,
)
from hotline.hall.rules import HallRules, QueueRules, Widening
from hotline.hall.state import Decision, HallState
from routing.menu import Menu
from routing.strategies.last_lawyer_first import STRATEGY as LAST_LAWYER_FIRST
from routing.strategies.longest_idle import STRATEGY as LONGEST_IDLE
from routing.strategies.spread_evenly import STRATEGY as SPREAD_EVENLY
from seats.seat import Seat, SeatNo, SeatState

START: Final = datetime(2026, 1, 5, tzinfo=timezone(timedelta(hours=8), "Asia/Shanghai"))
"""Every simulated day is this Monday."""
ADAPTER: Final = AdapterName("simulated")
WITHIN_SECONDS: Final = (15.0, 20.0)
OCCUPIED_STATES: Final = frozenset({SeatState.TALKING, SeatState.WRAP_UP})
ABANDONED: Final = frozenset(
    {Outcome.ABANDONED_MENU, Outcome.ABANDONED_QUEUE, Outcome.ABANDONED_RINGING, Outcome.SHORT_ABANDONED}
)

DAY_RULES: Final = HallRules(
    hall="simulated",
    label="模拟大厅",
    default_queue="general",
    queues={
        "general": QueueRules(name="general", label="综合咨询", strategy=LONGEST_IDLE, groups=("general",)),
        "labour": QueueRules(
            name="labour",
            label="劳动争议",
            strategy=LAST_LAWYER_FIRST,
            groups=("labour",),
            widening=(Widening(after_seconds=20, groups=("general",)),),
        ),
        "family": QueueRules(
            name="family",
            label="婚姻家庭",
            strategy=SPREAD_EVENLY,
            groups=("family",),
            widening=(Widening(after_seconds=20, groups=("general",)),),
        ),
    },
    greeting="greeting",
    menu=Menu(prompt="menu", keys={"1": "labour", "2": "family", "0": "general"}),
    parting={Outcome.TIMED_OUT: "sorry", Outcome.QUEUE_FULL: "sorry", Outcome.NO_SEAT: "closed"},
)
DAY_SETUP: Final = Setup(
    ports=5000,
    prompts={"greeting": 6.0, "menu": 8.0, "sorry": 5.0, "closed": 5.0},
    menus={"menu": {"1": 3.0, "2": 3.0, "0": 4.0}},
)
DAY_GROUPS: Final = (("general", "labour"), ("general", "family"))
"""Skill groups of the desks, in turn."""


class SimulationPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What to simulate."""

    hours: float = 24.0
    seats: int = 40
    calls: int = 3000
    seed: int = 7
    callers: Callers = Callers()
    """Their number per hour follows from `calls` and `hours`."""
    lawyers: Lawyers = Lawyers()
    rules: HallRules = DAY_RULES
    groups: tuple[tuple[str, ...], ...] = DAY_GROUPS
    setup: Setup = DAY_SETUP
    poisson: bool = False
    """`calls` is the mean of a Poisson number, not the number itself."""
    warm_up_seconds: float = 0.0
    """Callers of the first so many seconds are served, but not counted."""


class HourFigures(msgspec.Struct, kw_only=True):
    """One hour of the day, by the time the callers rang."""

    hour: int
    offered: int = 0
    answered: int = 0
    mean_wait_seconds: float | None = None
    """Of answered calls."""


class DayFigures(msgspec.Struct, kw_only=True):
    """What came of it. Waits begin when a caller begins to wait for a person; shares are of `offered`."""

    hours: float
    seats: int
    calls: int
    seed: int
    offered: int
    answered: int
    abandoned: int
    outcomes: dict[str, int]
    answer_rate: float | None
    within_15_seconds: float | None
    within_20_seconds: float | None
    mean_wait_seconds: float | None
    """Of answered calls (ASA)."""
    mean_wait_of_all_seconds: float | None
    """Of everybody who waited, served or not."""
    median_wait_seconds: float | None
    p90_wait_seconds: float | None
    longest_wait_seconds: float | None
    mean_talk_seconds: float | None
    occupancy: float
    """Share of the desks' time with a call or its wrap-up."""
    longest_queue: int
    offers: int
    offers_missed: int
    decisions: int
    events: int
    by_hour: list[HourFigures]


Watch = Callable[[HallState, Decision], None]
"""Sees every decision, the state that it led to beside it."""


def simulate_day(plan: SimulationPlan, watch: Watch | None = None) -> DayFigures:
    """Run the plan from the first caller to the end of the last call."""
    return _Day(plan, watch).run()


def single_skill(
    *,
    calls_per_hour: float,
    handle_seconds: float,
    seats: int,
    patience_seconds: float,
    hours: float,
    warm_up_seconds: float,
    seed: int,
) -> SimulationPlan:
    """The day that Erlang A describes: one skill, Poisson arrivals, exponential talk and patience, nothing else."""
    instant = Span(0.0, Shape.FIXED)
    return SimulationPlan(
        hours=hours,
        seats=seats,
        calls=round(calls_per_hour * hours),
        seed=seed,
        poisson=True,
        warm_up_seconds=warm_up_seconds,
        callers=Callers(
            by_hour=ALL_DAY,
            patience=Span(patience_seconds, Shape.EXPONENTIAL),
            talk=Span(handle_seconds, Shape.EXPONENTIAL),
            hears_out=1.0,
            withheld=0.0,
            late_number=0.0,
            returning=0.0,
        ),
        lawyers=Lawyers(picks_up_after=instant, no_answer=0.0, wrap_up=instant),
        rules=HallRules(
            hall="simulated",
            label="模拟大厅",
            default_queue="general",
            queues={
                "general": QueueRules(
                    name="general",
                    label="综合咨询",
                    strategy=LONGEST_IDLE,
                    groups=("general",),
                    max_wait_seconds=0,
                    max_length=1_000_000,
                    wrap_seconds=0,
                )
            },
            record=False,
        ),
        groups=(("general",),),
        setup=Setup(ports=5000),
    )


def as_table(figures: DayFigures) -> str:
    """The day's figures for people."""
    rows = [
        ("呼入", f"{figures.offered}"),
        ("接通", f"{figures.answered}"),
        ("放弃", f"{figures.abandoned}"),
        ("接通率", f"{_percent(figures.answer_rate)}（接通 ÷ 呼入）"),
        ("15 秒接通率", f"{_percent(figures.within_15_seconds)}（15 秒内接通 ÷ 呼入）"),
        ("20 秒接通率", f"{_percent(figures.within_20_seconds)}（20 秒内接通 ÷ 呼入）"),
        ("平均应答时长", _seconds(figures.mean_wait_seconds)),
        ("等待中位数 / 九成", f"{_seconds(figures.median_wait_seconds)} / {_seconds(figures.p90_wait_seconds)}"),
        ("最长等待", _seconds(figures.longest_wait_seconds)),
        ("平均通话时长", _seconds(figures.mean_talk_seconds)),
        ("坐席占用率", _percent(figures.occupancy)),
        ("最长排队", f"{figures.longest_queue} 人"),
        ("派发 / 漏接", f"{figures.offers} / {figures.offers_missed}"),
        ("结果", "，".join(f"{name} {count}" for name, count in figures.outcomes.items())),
    ]
    head = f"模拟 {figures.hours:g} 小时，{figures.seats} 个坐席，{figures.calls} 个来电，种子 {figures.seed}"
    lines = [head, "", *(f"{name}\t{value}" for name, value in rows), "", "时段\t呼入\t接通\t平均应答时长"]
    lines += [
        f"{each.hour:02d}:00\t{each.offered}\t{each.answered}\t{_seconds(each.mean_wait_seconds)}"
        for each in figures.by_hour
    ]
    return "\n".join(lines)


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
        self.tally = _Tally(plan)

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
            return self.state.seats[input.command.seat].since == stamp
        thing = self.state.calls.get(input.call) if input.call is not None else None
        if input.seat is not None:
            thing = self.state.seats.get(input.seat)
        return thing is not None and due_of(thing, self.state.rules) == stamp


class _Tally:
    """Counts what happens."""

    def __init__(self, plan: SimulationPlan) -> None:
        self.plan = plan
        self.counted_from = START + timedelta(seconds=plan.warm_up_seconds)
        self.outcomes: Counter[Outcome] = Counter()
        self.answered_waits: list[float] = []
        self.lost_waits: list[float] = []
        self.talks = 0.0
        self.offers = 0
        self.missed = 0
        self.longest_queue = 0
        self.decisions = 0
        self.events = 0
        self.hours: dict[int, HourFigures] = {}
        self.hour_waits: defaultdict[int, float] = defaultdict(float)
        self.occupied = 0.0
        self.occupied_since: dict[SeatNo, float] = {}

    def note(self, calls: Iterable[Call], events: int, waiting: int) -> None:
        """One decision: the calls it changed, how many events it made, how many wait after it."""
        self.decisions += 1
        self.events += events
        self.longest_queue = max(self.longest_queue, waiting)
        for call in calls:
            if call.state is CallState.ENDED and call.offered_at >= self.counted_from:
                self._ended(call)

    def seat(self, after: Seat, now: float) -> None:
        """A seat changed its state."""
        begun = self.occupied_since.pop(after.number, None)
        if begun is not None:
            end = min(now, self.plan.hours * 3600)
            self.occupied += max(0.0, end - max(begun, self.plan.warm_up_seconds))
        if after.state in OCCUPIED_STATES:
            self.occupied_since[after.number] = now

    def figures(self) -> DayFigures:
        """Everything counted so far."""
        offered, answered = self.outcomes.total(), self.outcomes[Outcome.ANSWERED]
        waits = sorted(self.answered_waits)
        everybody = waits + self.lost_waits
        within = [sum(wait <= limit for wait in waits) for limit in WITHIN_SECONDS]
        seat_seconds = self.plan.seats * (self.plan.hours * 3600 - self.plan.warm_up_seconds)
        for hour, figures in self.hours.items():
            if figures.answered:
                figures.mean_wait_seconds = round(self.hour_waits[hour] / figures.answered, 3)
        return DayFigures(
            hours=self.plan.hours,
            seats=self.plan.seats,
            calls=self.plan.calls,
            seed=self.plan.seed,
            offered=offered,
            answered=answered,
            abandoned=sum(count for outcome, count in self.outcomes.items() if outcome in ABANDONED),
            outcomes={outcome.value: self.outcomes[outcome] for outcome in Outcome if self.outcomes[outcome]},
            answer_rate=_share(answered, offered),
            within_15_seconds=_share(within[0], offered),
            within_20_seconds=_share(within[1], offered),
            mean_wait_seconds=_mean(waits),
            mean_wait_of_all_seconds=_mean(everybody),
            median_wait_seconds=_quantile(waits, 0.5),
            p90_wait_seconds=_quantile(waits, 0.9),
            longest_wait_seconds=round(max(everybody), 3) if everybody else None,
            mean_talk_seconds=round(self.talks / answered, 3) if answered else None,
            occupancy=round(self.occupied / seat_seconds, 6),
            longest_queue=self.longest_queue,
            offers=self.offers,
            offers_missed=self.missed,
            decisions=self.decisions,
            events=self.events,
            by_hour=[self.hours[hour] for hour in sorted(self.hours)],
        )

    def _ended(self, call: Call) -> None:
        outcome = call.outcome or Outcome.SYSTEM_FAULT
        ended_at = call.ended_at or call.offered_at
        self.outcomes[outcome] += 1
        hour = int((call.offered_at - START).total_seconds() // 3600)
        figures = self.hours.setdefault(hour, HourFigures(hour=hour))
        figures.offered += 1
        self.offers += call.offers
        self.missed += call.offers - (outcome in (Outcome.ANSWERED, Outcome.ABANDONED_RINGING))
        if call.queued_at is None:
            return
        if call.answered_at is None:
            self.lost_waits.append((ended_at - call.queued_at).total_seconds())
            return
        wait = (call.answered_at - call.queued_at).total_seconds()
        self.answered_waits.append(wait)
        self.talks += (ended_at - call.answered_at).total_seconds()
        figures.answered += 1
        self.hour_waits[hour] += wait


def _actor(seat: SeatNo) -> Actor:
    return Actor(account=f"lawyer-{seat}", work_number=str(1000 + int(seat)))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _mean(values: list[float]) -> float | None:
    return round(fsum(values) / len(values), 3) if values else None


def _quantile(ordered: list[float], share: float) -> float | None:
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 3) if ordered else None


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.2%}"


def _seconds(seconds: float | None) -> str:
    return "—" if seconds is None else f"{seconds:.1f} 秒"
