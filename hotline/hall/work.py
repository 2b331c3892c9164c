"""The sheet a decision is worked out on: the state below, what has changed so far above it.

Nothing here touches the state; the finished sheet is the `Decision`.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from msgspec.structs import replace

from adapters.telephony import AdapterName, CallKey, Command, Reach
from hotline.calls.arrangement import arrangement
from hotline.calls.call import Call, CallId, CallState, chained, place_since
from hotline.hall.events import HallEvent, SeatChanged
from hotline.hall.reach import within
from hotline.hall.rules import HallRules
from hotline.hall.state import Decision, HallState, Order
from routing.contract import FreeSeat
from routing.queue import key
from seats.seat import Seat, SeatEvent, SeatNo, advance, is_free

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time all year, so a fixed offset is exact."""


class Work:
    """One decision in the making."""

    __slots__ = ("decision", "now", "rules", "state")

    def __init__(self, state: HallState, now: datetime) -> None:
        self.state = state
        self.rules: HallRules = state.rules
        self.now = now
        self.decision = Decision()

    # ── reading: what changed goes before what was ──

    def call(self, call: CallId) -> Call | None:
        """The live call as it stands on this sheet."""
        return self.decision.calls.get(call) or self.state.calls.get(call)

    def seat(self, seat: SeatNo) -> Seat | None:
        """The seat as it stands on this sheet."""
        return self.decision.seats.get(seat) or self.state.seats.get(seat)

    def find(self, adapter: AdapterName, call: CallKey) -> Call | None:
        """The call that the device calls so, ended ones included."""
        found = self.state.find(adapter, call)
        return None if found is None else self.decision.calls.get(found.id, found)

    def reach(self, call: Call) -> Reach | None:
        """The phones that the call's line can ring; None: every one."""
        return self.rules.reach_of(call.adapter, call.port)

    def reaches(self, call: Call, seat: Seat) -> bool:
        """The call's line can ring the phone of that seat."""
        return within(self.rules.reach_of(call.adapter, call.port), seat)

    def free_seats(
        self,
        groups: tuple[str, ...],
        without: tuple[str, ...],
        excluded: tuple[str, ...] = (),
        reach: Reach | None = None,
    ) -> list[FreeSeat]:
        """Every seat that may be offered a call of one of these groups. `excluded`: accounts that must not take it;
        `reach`: phones that its line can ring."""
        changed = self.decision.seats
        found: dict[str, FreeSeat] = {}
        for group in groups:
            for number, free in self.state.free.get(group, {}).items():
                if number not in changed and number not in without:
                    found[number] = free
        for number, seat in changed.items():
            if is_free(seat) and number not in without and not set(groups).isdisjoint(seat.groups):
                found[number] = FreeSeat(
                    seat=number, groups=seat.groups, idle_since=seat.idle_since or seat.since, taken=seat.taken
                )
        if excluded or reach is not None:
            return [each for each in found.values() if self._is_for(each.seat, excluded, reach)]
        return list(found.values())

    def _is_for(self, number: str, excluded: tuple[str, ...], reach: Reach | None) -> bool:
        seat = self.seat(SeatNo(number))
        return seat is not None and seat.operator not in excluded and within(reach, seat)

    def may_serve(self, seat: Seat, call: Call) -> bool:
        """No rule keeps that lawyer from this caller."""
        return seat.operator not in self.state.book.of(call.caller, self.now).excluded

    def next_for(self, seat: Seat) -> Call | None:
        """Whom a seat serves next: the first in its lines that it has not passed up; else the first it has."""
        changed = self.decision.calls
        for name in self.state.wanting.get(seat.number, {}):
            if name not in changed and self.reaches(self.state.calls[name], seat):
                return self.state.calls[name]
        fresh: tuple[float, CallId] | None = None
        passed: tuple[float, CallId] | None = None
        for group in seat.groups:
            line = self.state.lines.get(group)
            if line is None:
                continue
            for reach, order in line.by_kind():
                if reach is not None and not within(reach, seat):
                    continue
                for place, name in order:
                    call = CallId(name)
                    if call in changed or not self.may_serve(seat, self.state.calls[call]):
                        continue
                    if seat.number in self.state.calls[call].passed:
                        passed = min(passed or (place, call), (place, call))
                        continue
                    fresh = min(fresh or (place, call), (place, call))
                    break
        for call_id, call in changed.items():
            if call.state is not CallState.WAITING or call.queued_at is None or not self.reaches(call, seat):
                continue
            if call.wanted == seat.number:
                return call
            if set(seat.groups).isdisjoint(call.groups) or not self.may_serve(seat, call):
                continue
            place = (key(place_since(call), call.priority, self.rules.head_start_seconds), call_id)
            if seat.number in call.passed:
                passed = min(passed or place, place)
            else:
                fresh = min(fresh or place, place)
        chosen = fresh or passed
        return None if chosen is None else self.call(chosen[1])

    # ── writing ──

    def change(self, call: Call, event: HallEvent, /, **changes: Any) -> Call:
        """Change a call and say what happened to it."""
        changed = self._follow(replace(call, seq=call.seq + 1, **changes))
        self.decision.events.append(replace(event, call=call.id, call_seq=changed.seq))
        return changed

    def touch(self, call: Call, /, **changes: Any) -> Call:
        """Change a call in a way that is not worth an event."""
        return self._follow(replace(call, **changes))

    def _follow(self, call: Call) -> Call:
        """Keep the call's segments up with it."""
        segments = chained(call, self.now)
        if segments is not call.segments:
            call = replace(call, segments=segments)
        self.decision.calls[call.id] = call
        return call

    def arrange(self, call: Call) -> None:
        """Tell the device who hears whom, if that is not what it was told before this decision."""
        wanted = arrangement(call)
        before = self.state.calls.get(call.id)
        if wanted is not None and (before is None or arrangement(before) != wanted):
            self.order(call.adapter, wanted)

    def move(self, seat: Seat, event: SeatEvent) -> Seat:
        """Let something happen to a seat. Raises `SeatRefused`."""
        moved = advance(seat, event)
        self.put_seat(seat, moved)
        return moved

    def put_seat(self, before: Seat, after: Seat) -> None:
        """A seat as it is now, and the event where its state or reason changed."""
        self.decision.seats[after.number] = after
        if before.state is not after.state or before.reason != after.reason or before.operator != after.operator:
            self.decision.events.append(
                SeatChanged(
                    seat=after.number,
                    actor=after.actor or "system",
                    before=before.state,
                    after=after.state,
                    reason=after.reason,
                    operator=after.operator or before.operator,
                    phone=after.phone_kind if before.operator != after.operator else "",
                )
            )

    def say(self, event: HallEvent) -> None:
        """Something happened that changes no call."""
        self.decision.events.append(event)

    def order(self, adapter: AdapterName, command: Command) -> None:
        """Something to do, once this is committed."""
        self.decision.orders.append(Order(adapter, command))

    def next_numbers(self) -> tuple[CallId, str]:
        """A new call's id, and its ticket's number."""
        ticket = self.next_ticket()
        numbers = self.decision.numbers or self.state.numbers
        self.decision.numbers = replace(numbers, next_call=numbers.next_call + 1)
        return CallId(f"{self.rules.hall}-{numbers.next_call:09d}"), ticket

    def next_ticket(self) -> str:
        """A ticket's number `HALL-YYYYMMDD-NNNNNN` (Asia/Shanghai, from 1 each day)."""
        numbers = self.decision.numbers or self.state.numbers
        # Never back to a day that had its numbers: a clock that was ahead and is set right must not stop the tickets.
        today = max(self.now.astimezone(SHANGHAI).date(), numbers.day)
        ticket = numbers.next_ticket if numbers.day == today else 1
        self.decision.numbers = replace(numbers, day=today, next_ticket=ticket + 1)
        return f"{self.rules.hall.upper()}-{today:%Y%m%d}-{ticket:06d}"
