"""A hall whose callers and seats do as chance has it, and a second opinion on every offer it makes.

The second opinion keeps its own list of who waits and looks at all of it; it shares no index with the hall.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from random import Random

from msgspec.structs import replace

from adapters.telephony import (
    AdapterName,
    CallKey,
    CallOffered,
    CallReleased,
    EndedBy,
    Handling,
    PhoneKind,
    Reach,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
)
from hotline.calls.call import Call, CallId, CallState
from hotline.hall.deadlines import due_of
from hotline.hall.decide import decide
from hotline.hall.events import SeatOffered
from hotline.hall.inputs import Actor, Asked, DeadlinePassed, DefineSeat, GoBusy, GoReady, Heard, Input, SignIn
from hotline.hall.rules import HallRules, QueueRules, Widening
from hotline.hall.state import Decision, HallState
from routing.strategies.last_lawyer_first import STRATEGY as LAST_LAWYER_FIRST
from routing.strategies.longest_idle import STRATEGY as LONGEST_IDLE
from routing.strategies.spread_evenly import STRATEGY as SPREAD_EVENLY
from seats.seat import Seat, SeatNo, SeatState

START = datetime(2026, 11, 21, tzinfo=UTC)
ADAPTER = AdapterName("chance")
DIALLED = ("general", "labour", "family", "urgent")
RULES = HallRules(
    hall="chance",
    label="",
    default_queue="general",
    dialled={name: name for name in DIALLED},
    queues={
        "general": QueueRules(
            name="general", label="", strategy=LONGEST_IDLE, groups=("general",), wrap_seconds=0, max_wait_seconds=300
        ),
        "labour": QueueRules(
            name="labour",
            label="",
            strategy=LAST_LAWYER_FIRST,
            groups=("labour",),
            widening=(
                Widening(after_seconds=10, groups=("general",)),
                Widening(after_seconds=60, groups=("family",)),
            ),
            wrap_seconds=5,
        ),
        "family": QueueRules(
            name="family", label="", strategy=SPREAD_EVENLY, groups=("family", "general"), wrap_seconds=0
        ),
        "urgent": QueueRules(
            name="urgent", label="", strategy=LONGEST_IDLE, groups=("labour", "family"), priority=2, wrap_seconds=0
        ),
    },
    record=False,
)
GROUPS = (("general",), ("labour",), ("family", "labour"), ("general", "family"), ("general", "labour", "family"))


class Chance:
    """The hall, what chance does to it, and the second opinion."""

    def __init__(self, seed: int, seats: int = 12, wires: Mapping[int, frozenset[str]] | None = None) -> None:
        """`wires`: ports whose callers reach these seats only; of three callers two come in on one of them."""
        self.random = Random(seed)
        self.wires = wires or {}
        simulated = frozenset({PhoneKind.SIMULATED})
        ports = {port: Reach(kinds=simulated, extensions=seats) for port, seats in self.wires.items()}
        self.state = HallState(
            replace(RULES, reaches={ADAPTER: {**ports, None: Reach(kinds=simulated)}} if ports else {})
        )
        self.now = START
        self.offers = 0
        self.again = 0
        """Offers to a seat that had passed the caller up already."""
        self.waiting: dict[str, Call] = {}
        self.by_state: dict[CallState, dict[CallId, None]] = {state: {} for state in CallState}
        self.known: dict[CallId, CallState] = {}
        self.due: list[tuple[datetime, str, str]] = []
        self.calls = 0
        for number in range(1, seats + 1):
            seat = SeatNo(f"{number:02d}")
            self.take(Asked(DefineSeat(seat=seat, extension=seat, groups=GROUPS[number % len(GROUPS)]), _who(seat)))
            self.take(Asked(SignIn(seat=seat, phone_kind="simulated"), _who(seat)))

    def run(self, offers: int) -> None:
        """Let chance rule until so many offers were made, all of them looked at."""
        while self.offers < offers:
            self.step()

    def step(self) -> None:
        """Some time passes; then one thing happens."""
        self.now += timedelta(seconds=self.random.expovariate(2.0))
        while self.due and self.due[0][0] <= self.now:
            _, call, seat = heappop(self.due)
            self.take(DeadlinePassed(call=CallId(call)) if call else DeadlinePassed(seat=SeatNo(seat)))
        pick = self.random.random()
        live = len(self.state.calls)
        if pick < (0.5 if live < 25 else 0.1):
            self._arrive()
        elif pick < 0.62:
            self._answer()
        elif pick < 0.74:
            self._decline()
        elif pick < 0.95:
            self._leave()
        else:
            self._mind()

    def take(self, input: Input) -> Decision:
        """One input, and a look at what came of it."""
        decision = decide(self.state, input, self.now)
        self.state.become(decision)
        for call in decision.calls.values():
            before = self.known.pop(call.id, None)
            if before is not None:
                del self.by_state[before][call.id]
            self.waiting.pop(call.id, None)
            if call.state is not CallState.ENDED:
                self.known[call.id] = call.state
                self.by_state[call.state][call.id] = None
                due = due_of(call, RULES)
                if due is not None:
                    heappush(self.due, (due, call.id, ""))
            if call.state is CallState.WAITING:
                self.waiting[call.id] = call
        for seat in decision.seats.values():
            due = due_of(seat, RULES)
            if due is not None:
                heappush(self.due, (due, "", seat.number))
        for event in decision.events:
            if isinstance(event, SeatOffered):
                self._check_offer(event)
        self._check_nobody_idle()
        return decision

    # ── the second opinion ──

    def _check_offer(self, event: SeatOffered) -> None:
        self.offers += 1
        call, seat = self.state.calls[CallId(event.call or "")], self.state.seats[SeatNo(event.seat or "")]
        assert (call.state, call.seat, call.offer) == (CallState.RINGING, seat.number, event.offer)
        assert (seat.state, seat.call, seat.offer) == (SeatState.RINGING, call.id, event.offer)
        assert self._may_serve(seat, call)
        if event.why == "wanted":  # by name: a caller whose phone at that very seat was lost
            return
        second_time = seat.number in call.passed
        self.again += second_time
        for other in self.waiting.values():
            if not self._may_serve(seat, other) or seat.number in other.passed:
                continue
            assert not second_time, f"{seat.number} was asked again for {call.id} although {other.id} waits"
            assert _place(other) >= _place(call), f"{other.id} was passed over by {call.id} at {seat.number}"

    def _check_nobody_idle(self) -> None:
        if not self.waiting:
            return
        for seat in self.state.seats.values():
            if seat.state is SeatState.READY and seat.here:
                for call in self.waiting.values():
                    assert not self._may_serve(seat, call), f"{seat.number} is idle while {call.id} waits"

    def _may_serve(self, seat: Seat, call: Call) -> bool:
        near = self.wires.get(call.port or 0)
        return not set(call.groups).isdisjoint(seat.groups) and (near is None or seat.number in near)

    # ── what chance does ──

    def _fact(self, call: Call | None) -> dict[str, object]:
        self.calls += call is None
        key = CallKey(f"k{self.calls}") if call is None else call.key
        return {
            "adapter": ADAPTER,
            "event_id": f"{key}.{self.now.timestamp()}",
            "at": self.now,
            "heard_at": self.now,
            "call": key,
            "handling": Handling.HALL,
        }

    def _arrive(self) -> None:
        caller = f"138{self.random.randrange(40):08d}"
        port = self.random.choice([*self.wires, *self.wires, 0, 0]) if self.wires else 0
        fact = CallOffered(
            caller=caller,
            dialled=self.random.choice(DIALLED),
            port=port or None,
            **self._fact(None),  # pyright: ignore[reportArgumentType]  # the common fields
        )
        self.take(Heard(fact))

    def _some(self, *states: CallState) -> Call | None:
        found = [call for state in states for call in self.by_state[state]]
        return self.state.calls[self.random.choice(found)] if found else None

    def _answer(self) -> None:
        call = self._some(CallState.RINGING)
        if call is not None:
            self.take(Heard(SeatAnswered(offer=call.offer, **self._fact(call))))  # pyright: ignore[reportArgumentType]  # the common fields

    def _decline(self) -> None:
        call = self._some(CallState.RINGING)
        if call is not None:
            broken = self.random.random() < 0.05
            self.take(Heard(SeatDeclined(offer=call.offer, reason="busy", seat_fault=broken, **self._fact(call))))  # pyright: ignore[reportArgumentType]  # the common fields

    def _leave(self) -> None:
        call = self._some(CallState.WAITING, CallState.RINGING, CallState.TALKING, CallState.TALKING, CallState.IN_MENU)
        if call is None:
            return
        if call.state is CallState.TALKING and self.random.random() < 0.03:
            seat = self.state.seats[SeatNo(call.seat or "")]
            if not seat.here:
                self.take(Heard(SeatReleased(offer=call.offer, **self._fact(call))))  # pyright: ignore[reportArgumentType]  # the common fields
                return
        self.take(Heard(CallReleased(by=EndedBy.CALLER, **self._fact(call))))  # pyright: ignore[reportArgumentType]  # the common fields

    def _mind(self) -> None:
        seat = self.random.choice(list(self.state.seats))
        if self.state.seats[seat].state in (SeatState.BUSY, SeatState.WRAP_UP) or self.random.random() < 0.5:
            self.take(Asked(GoReady(seat=seat), _who(seat)))
        else:
            self.take(Asked(GoBusy(seat=seat), _who(seat)))


def _place(call: Call) -> float:
    since = call.place_at or call.queued_at
    assert since is not None
    return since.timestamp() - 120.0 * call.priority


def _who(seat: SeatNo) -> Actor:
    return Actor(account=f"a{seat}", work_number=f"1{seat}")
