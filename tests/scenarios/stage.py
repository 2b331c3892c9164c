"""The hall in which a story is played: a virtual hall that remembers when things happened and watches the order of
service."""

from __future__ import annotations

from datetime import datetime

from hotline.calls.call import Call, CallState, place_since
from hotline.hall.events import CallQueued, CallTaken, HallEvent, OfferMissed, SeatOffered
from hotline.hall.inputs import Actor, Asked, CallersChanged, HallCommand, Input
from hotline.hall.state import Decision
from routing.queue import key
from seats.seat import SeatNo
from tests.hall.kit import VirtualHall
from tests.scenarios.heading import Heading


class Stage(VirtualHall):
    """A virtual hall with named people, a journal with times, and a watch on the order of service."""

    def __init__(self, heading: Heading) -> None:
        self.journal: list[tuple[datetime, HallEvent]] = []
        self.served: list[str] = []
        """Keys of the calls in the order in which they were first answered."""
        self.offered = 0
        """Offers whose fairness was looked at."""
        self.names: dict[str, str] = {}
        """What the story calls a call of ours → the device's key of it."""
        self.lawyers = dict(heading.lawyers)
        self.labels = dict(heading.labels)
        self._missed: set[tuple[str, str]] = set()
        super().__init__(heading.rules, seats=heading.seats)
        if heading.callers:
            self.take(CallersChanged(heading.callers))

    def person(self, seat: str) -> Actor:
        """Who sits there, by the story."""
        return Actor(account=f"acc-10{seat}", work_number=f"10{seat}", name=self.lawyers.get(seat, f"律师{seat}"))

    def order(self, command: HallCommand, who: Actor) -> Decision:
        """A command by that person."""
        return self.take(Asked(command, who))

    def take(self, given: Input) -> Decision:
        """One input; nobody who may be served by a seat is passed over for somebody behind him."""
        waiting = {str(each.id): each for each in self.state.calls.values() if each.state is CallState.WAITING}
        decision = super().take(given)
        self.journal += [(self.now, event) for event in decision.events]
        for event in decision.events:
            if isinstance(event, SeatOffered) and event.call is not None and event.why not in ("wanted", "device"):
                self._fair(event, waiting)
            elif isinstance(event, OfferMissed):
                self._missed.add((event.call or "", event.seat or ""))
            elif isinstance(event, CallQueued):
                self._missed = {each for each in self._missed if each[0] != event.call}
            elif isinstance(event, CallTaken):
                rung = next(str(call.key) for call in decision.calls.values() if call.id == event.call)
                name = next((name for name, key in self.names.items() if key == rung), rung)
                self.served += [] if name in self.served else [name]
        return decision

    def _fair(self, event: SeatOffered, waiting: dict[str, Call]) -> None:
        seat = self.state.seats[SeatNo(event.seat or "")]
        rung = next(each for each in (*self.state.calls.values(), *self.ended.values()) if each.id == event.call)
        self.offered += 1
        for other in waiting.values():
            still = self.state.calls.get(other.id)
            if still is None or still.state is not CallState.WAITING or still.id == event.call:
                continue
            if still.wanted is not None or set(seat.groups).isdisjoint(still.groups):
                continue
            if seat.operator in self.state.book.of(still.caller, self.now).excluded:
                continue
            if (still.id, str(seat.number)) in self._missed:
                continue
            assert self._place(rung) <= self._place(still), f"{rung.key} is served before {still.key}"

    def _place(self, call: Call) -> float:
        return key(place_since(call), call.priority, self.state.rules.head_start_seconds)
