"""What is true in a hall now: values in a container that only the writer changes, by `become`."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from datetime import date

import msgspec

from adapters.telephony import AdapterName, CallKey, Command
from hotline.calls.call import Call, CallId, CallState
from hotline.hall.events import HallEvent
from hotline.hall.rules import HallRules
from routing.contract import FreeSeat
from routing.queue import Line, key
from seats.seat import Seat, SeatNo, is_free

REMEMBERED_CALLS = 2000
"""Ended calls kept at hand for late reports; older ones are read from the store."""
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
    numbers: Numbers | None = None
    """The counters after it, when they moved."""
    refusal: str | None = None
    """Stable code when a command is refused; then nothing else is in it."""
    set_aside: str = ""
    """Why the fact could not be applied: its raw event is kept so, and nothing else is in it."""


class HallState:
    """Calls that are live, seats, lines of waiting callers, free seats; indexes included."""

    __slots__ = (
        "by_extension",
        "by_key",
        "calls",
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
    )

    def __init__(self, rules: HallRules) -> None:
        self.rules = rules
        self.calls: dict[CallId, Call] = {}
        self.by_key: dict[tuple[AdapterName, CallKey], CallId] = {}
        self.past: OrderedDict[tuple[AdapterName, CallKey], Call] = OrderedDict()
        self.seats: dict[SeatNo, Seat] = {}
        self.by_extension: dict[str, SeatNo] = {}
        self.lines: dict[str, Line] = {}
        self.queued: Counter[str] = Counter()
        """Callers waiting, by queue."""
        self.staff: Counter[str] = Counter()
        """Seats with somebody signed in, by group."""
        self.free: dict[str, dict[SeatNo, FreeSeat]] = {}
        self.links: dict[AdapterName, bool] = {}
        self.last_operators: OrderedDict[str, str] = OrderedDict()
        """Caller → account that spoke with him last, wherever it sits now."""
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
            numbers=self.numbers,
        )
        for call in decision.calls.values():
            self._put_call(call)
        for seat in decision.seats.values():
            self._put_seat(seat)
        self.links.update(decision.links)
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

    def staffed(self, groups: Iterable[str]) -> bool:
        """Somebody is signed in who takes calls of one of these groups."""
        return any(self.staff[group] > 0 for group in groups)

    def _put_call(self, call: Call) -> None:
        was_live = self._drop_call(call)
        if call.state is CallState.ENDED:
            self._remember(call)
            if was_live:
                self._learn_from(call)
            return
        self.calls[call.id] = call
        self.by_key[call.adapter, call.key] = call.id
        if call.state is CallState.WAITING and call.queued_at is not None:
            self.queued[call.queue or ""] += 1
            place = key(call.queued_at, call.priority, self.rules.head_start_seconds)
            for group in call.groups:
                self.lines.setdefault(group, Line()).add(call.id, place)

    def _drop_call(self, call: Call) -> bool:
        before = self.calls.pop(call.id, None)
        self.by_key.pop((call.adapter, call.key), None)
        if before is None:
            return False
        if before.state is CallState.WAITING:
            self._leave_lines(before)
        return True

    def _learn_from(self, call: Call) -> None:
        if call.answered_at is None or call.ended_at is None:
            return
        talked = (call.ended_at - call.answered_at).total_seconds()
        self.handle_seconds += (talked - self.handle_seconds) * 0.05
        if call.caller and call.operator:
            self.last_operators[call.caller] = call.operator
            self.last_operators.move_to_end(call.caller)
            if len(self.last_operators) > REMEMBERED_CALLERS:
                self.last_operators.popitem(last=False)

    def _leave_lines(self, call: Call) -> None:
        self.queued[call.queue or ""] -= 1
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
