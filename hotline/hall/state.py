"""What is true in a hall now: values in a container that only the writer changes, by `become`."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from adapters.telephony import AdapterName, CallKey, Command, Reach
from hotline.callers.book import CallerBook
from hotline.callers.treatment import Treatment
from hotline.calls.call import Call, CallId, CallState, Direction, place_since
from hotline.calls.outcome import LEFT, Outcome
from hotline.calls.segments import TALKS, seconds
from hotline.hall.events import HallEvent
from hotline.hall.reach import within
from hotline.hall.rules import HallRules
from hotline.lines.alarms import Alarm
from routing.contract import FreeSeat
from routing.keep_place import Departed
from routing.queue import Line, key
from seats.seat import Seat, SeatNo, is_free

REMEMBERED_CALLS = 2000
"""Ended calls kept at hand for late reports; older ones are read from the store."""
REMEMBERED_DIALS = 10_000
"""Calls outside remembered for the hourly and nightly caps."""
REMEMBERED_CALLERS = 5000
"""Callers whose last lawyer is kept at hand for `last-lawyer-first`."""


class Order(msgspec.Struct, frozen=True):
    """A command and the device it is for."""

    adapter: AdapterName
    command: Command


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The hall's counters."""

    next_call: int = 1
    day: date = date.min
    """Asia/Shanghai."""
    next_ticket: int = 1


class Decision(msgspec.Struct, kw_only=True):
    """What one input leads to. `decide` makes it; the writer commits it, becomes it, shows it, carries it out."""

    calls: dict[CallId, Call] = {}
    """Every call that changed, as it is now; ended ones included."""
    seats: dict[SeatNo, Seat] = {}
    events: list[HallEvent] = []
    orders: list[Order] = []
    links: dict[AdapterName, bool] = {}
    alarms: dict[AdapterName, tuple[Alarm, ...]] = {}
    """All alarms of each line whose alarms changed."""
    dialled: list[tuple[SeatNo, datetime]] = []
    """Calls outside that count against the caps, by seat."""
    numbers: Numbers | None = None
    """The counters after it, when they moved."""
    rules: HallRules | None = None
    """The hall's rules after it, when they changed."""
    callers: dict[str, Treatment | None] = {}
    """Callers who are treated differently after it."""
    let_through: list[tuple[str, datetime]] = []
    """Callers whose calls are limited, one entry for each call."""
    refusal: str | None = None
    """Stable code when a command is refused; then nothing else is in it."""
    set_aside: str = ""
    """Why the fact could not be applied: its raw event is kept so, and nothing else is in it."""


class HallState:
    """Calls that are live, seats, lines of waiting callers, free seats; indexes included."""

    __slots__ = (
        "alarms",
        "book",
        "by_extension",
        "by_key",
        "calls",
        "departed",
        "dialled",
        "free",
        "handle_seconds",
        "last_operators",
        "lines",
        "links",
        "numbers",
        "past",
        "queued",
        "rules",
        "seats",
        "staff",
        "wanting",
    )

    def __init__(self, rules: HallRules) -> None:
        self.rules = rules
        self.calls: dict[CallId, Call] = {}
        self.by_key: dict[tuple[AdapterName, CallKey], CallId] = {}
        self.past: OrderedDict[tuple[AdapterName, CallKey], Call] = OrderedDict()
        self.seats: dict[SeatNo, Seat] = {}
        self.by_extension: dict[str, SeatNo] = {}
        self.lines: dict[str, Line] = {}
        """Waiting callers by group; within one, by which phones their lines can ring."""
        self.queued: Counter[str] = Counter()
        """Callers waiting, by queue."""
        self.staff: Counter[str] = Counter()
        """Seats with somebody signed in, by group."""
        self.free: dict[str, dict[SeatNo, FreeSeat]] = {}
        self.links: dict[AdapterName, bool] = {}
        self.alarms: dict[AdapterName, tuple[Alarm, ...]] = {}
        """What somebody should look at, by line."""
        self.last_operators: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        """Caller → account that spoke with him last, wherever it sits now, and when that was."""
        self.book = CallerBook()
        """How particular callers are treated."""
        self.departed = Departed(rules.redial_seconds)
        """Who gave up a moment ago, and since when he had waited."""
        self.wanting: dict[SeatNo, dict[CallId, None]] = {}
        """Callers who wait for one seat alone, oldest first."""
        self.dialled: deque[tuple[SeatNo, datetime]] = deque(maxlen=REMEMBERED_DIALS)
        self.numbers = Numbers()
        self.handle_seconds = 300.0
        """Mean of talk time, ageing; the estimate behind the expected wait."""

    def become(self, decision: Decision) -> Decision:
        """Take a decision over. Returns what undoes it, should its commit fail."""
        known = {
            each.id: self.calls.get(each.id) or self.past.get((each.adapter, each.key))
            for each in decision.calls.values()
        }
        undo = Decision(
            calls={call: before for call, before in known.items() if before is not None},
            seats={seat: self.seats[seat] for seat in decision.seats if seat in self.seats},
            links={name: self.links.get(name, False) for name in decision.links},
            alarms={name: self.alarms.get(name, ()) for name in decision.alarms},
            numbers=self.numbers,
            rules=self.rules if decision.rules is not None else None,
            callers=dict(self.book.change(decision.callers)) if decision.callers else {},
        )
        if decision.rules is not None:
            self.rules = decision.rules
        for call in decision.calls.values():
            self._put_call(call)
        for seat in decision.seats.values():
            self._put_seat(seat)
        self.links.update(decision.links)
        self.alarms.update(decision.alarms)
        self.dialled.extend(decision.dialled)
        for number, at in decision.let_through:
            self.book.let_through(number, at)
        if decision.numbers is not None:
            self.numbers = decision.numbers
        return undo

    def unbecome(self, decision: Decision, undo: Decision) -> None:
        """Take a decision back: the opposite of `become`, in reverse order of becoming."""
        for call in decision.calls.values():
            if call.id not in undo.calls:
                self._drop_call(call)
                self.past.pop((call.adapter, call.key), None)
        for call in undo.calls.values():
            self.past.pop((call.adapter, call.key), None)
            self._put_call(call)
        for number in decision.seats:
            if number not in undo.seats:
                self._drop_seat(number)
        for seat in undo.seats.values():
            self._put_seat(seat)
        self.links.update(undo.links)
        self.alarms.update(undo.alarms)
        for _ in decision.dialled:
            self.dialled.pop()
        for number, at in decision.let_through:
            self.book.let_through(number, at, -1)
        if undo.rules is not None:
            self.rules = undo.rules
        if undo.callers:
            self.book.change(undo.callers)
        if undo.numbers is not None:
            self.numbers = undo.numbers

    def remember(self, calls: Iterable[Call]) -> None:
        """Keep ended calls at hand (read back from the store)."""
        for call in calls:
            self._remember(call)

    def find(self, adapter: AdapterName, call: CallKey) -> Call | None:
        """The live or remembered call that the device calls so."""
        live = self.by_key.get((adapter, call))
        return self.calls[live] if live is not None else self.past.get((adapter, call))

    def staffed(self, groups: Iterable[str], reach: Reach | None = None) -> bool:
        """Somebody is signed in who takes calls of one of these groups, at a phone within `reach`."""
        staffed = {group for group in groups if self.staff[group] > 0}
        if reach is None or not staffed:
            return bool(staffed)
        return any(
            seat.operator is not None and within(reach, seat) and not staffed.isdisjoint(seat.groups)
            for seat in self.seats.values()
        )

    def _put_call(self, call: Call) -> None:
        was_live = self._drop_call(call)
        if call.state is CallState.ENDED:
            self._remember(call)
            if was_live:
                self._learn_from(call)
            return
        if call.kept_place and call.state is CallState.WAITING:
            self.departed.take(call.caller, call.queued_at or call.offered_at)
        self.calls[call.id] = call
        self.by_key[call.adapter, call.key] = call.id
        if call.state is CallState.WAITING and call.queued_at is not None:
            self.queued[call.queue or ""] += 1
            if call.wanted is not None:
                self.wanting.setdefault(SeatNo(call.wanted), {})[call.id] = None
            place = key(place_since(call), call.priority, self.rules.head_start_seconds)
            reach = self.rules.reach_of(call.adapter, call.port)
            for group in call.groups:
                line = self.lines.get(group)
                if line is None:
                    line = self.lines[group] = Line()
                line.add(call.id, place, reach)

    def _drop_call(self, call: Call) -> bool:
        before = self.calls.pop(call.id, None)
        self.by_key.pop((call.adapter, call.key), None)
        if before is None:
            return False
        if before.state is CallState.WAITING:
            self._leave_lines(before)
        return True

    def _learn_from(self, call: Call) -> None:
        if call.ended_at is None or call.direction is Direction.OUT:
            return
        if call.answered_at is None:
            if (
                (call.outcome in LEFT or call.outcome is Outcome.LOST)
                and call.queued_at is not None
                and call.caller is not None
            ):
                self.departed.note(call.caller, place_since(call), call.ended_at)
            return
        talked = seconds(call.segments, TALKS)
        self.handle_seconds += (talked - self.handle_seconds) * 0.05
        if call.caller and call.operator:
            self.last_operators[call.caller] = (call.operator, call.ended_at)
            self.last_operators.move_to_end(call.caller)
            if len(self.last_operators) > REMEMBERED_CALLERS:
                self.last_operators.popitem(last=False)

    def _leave_lines(self, call: Call) -> None:
        self.queued[call.queue or ""] -= 1
        if call.wanted is not None:
            self.wanting.get(SeatNo(call.wanted), {}).pop(call.id, None)
        for group in call.groups:
            line = self.lines.get(group)
            if line is not None:
                line.remove(call.id)

    def _remember(self, call: Call) -> None:
        self.past[call.adapter, call.key] = call
        if len(self.past) > REMEMBERED_CALLS:
            self.past.popitem(last=False)

    def _put_seat(self, seat: Seat) -> None:
        before = self.seats.get(seat.number)
        if before is not None:
            self._unindex(before)
        self.seats[seat.number] = seat
        self.by_extension[seat.extension] = seat.number
        if seat.operator is not None:
            self.staff.update(seat.groups)
        if is_free(seat):
            free = FreeSeat(
                seat=seat.number, groups=seat.groups, idle_since=seat.idle_since or seat.since, taken=seat.taken
            )
            for group in seat.groups:
                self.free.setdefault(group, {})[seat.number] = free

    def _drop_seat(self, number: SeatNo) -> None:
        seat = self.seats.pop(number, None)
        if seat is not None:
            self._unindex(seat)

    def _unindex(self, seat: Seat) -> None:
        if self.by_extension.get(seat.extension) == seat.number:
            del self.by_extension[seat.extension]
        if seat.operator is not None:
            self.staff.subtract(seat.groups)
        if is_free(seat):
            for group in seat.groups:
                self.free.get(group, {}).pop(seat.number, None)
