"""Who waits although a seat that may serve him is ready?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from hotline.verify.model import CallModel, SeatModel, can_ring

PATIENCE: Final = timedelta(seconds=2)
SERVING: Final = frozenset({"ready", "ringing", "talking", "wrap_up"})
"""States from which a seat can be expected to take a call soon."""


class Waits:
    """Waiting callers and ready seats, by group; and the callers who wait for one seat alone, by that seat."""

    def __init__(self, seats: Mapping[str, SeatModel], calls: Mapping[str, CallModel]) -> None:
        self.count = 0
        self.suspects: set[str] = set()
        self._seats = seats
        self._calls = calls
        self._ready: dict[str, set[str]] = {}
        self._waiting: dict[str, set[str]] = {}
        self._wanting: dict[str, set[str]] = {}
        self._touched_groups: set[str] = set()
        self._touched_seats: set[str] = set()

    def begin(self, name: str, call: CallModel) -> None:
        """The caller waits: for his groups, or for the seat that he wants."""
        if call.observed or not (call.groups or call.wanted):
            return
        self.count += not call.waiting
        call.waiting = True
        if call.wanted is not None:
            self._wanting.setdefault(call.wanted, set()).add(name)
            self._touched_seats.add(call.wanted)
            return
        for group in call.groups:
            self._waiting.setdefault(group, set()).add(name)
            self._touched_groups.add(group)

    def end(self, name: str, call: CallModel) -> bool:
        """The caller waits no longer, or in another way. True when he did wait."""
        was, call.waiting = call.waiting, False
        for group in call.groups if was else ():
            self._waiting.get(group, set()).discard(name)
        if was and call.wanted is not None:
            self._wanting.get(call.wanted, set()).discard(name)
        return was

    def hide(self, seat: SeatModel) -> None:
        """The seat is about to change."""
        if seat.state == "ready":
            for group in seat.groups:
                self._ready.get(group, set()).discard(seat.number)
        self._touch(seat)

    def show(self, seat: SeatModel) -> None:
        """The seat has changed."""
        if seat.state == "ready":
            for group in seat.groups:
                self._ready.setdefault(group, set()).add(seat.number)
        self._touch(seat)

    def judge(self, at: datetime) -> Iterable[str]:
        """What holds now, holds from `at` on: notes who waits beside a free seat, returns those who no longer do."""
        looked_at = set(self.suspects)
        for group in self._touched_groups:
            if self._ready.get(group):
                looked_at |= self._waiting.get(group, set())
        for number in self._touched_seats:
            looked_at |= self._wanting.get(number, set())
        self._touched_groups.clear()
        self._touched_seats.clear()
        over: list[str] = []
        for name in looked_at:
            call = self._calls[name]
            free = self._free_for(call) if call.waiting and call.known else set[str]()
            if not free:
                over.append(name)
                continue
            if call.free_since is None:
                call.free_since = at
                call.beside = set()
                self.suspects.add(name)
            call.beside |= free
        return over

    def _free_for(self, call: CallModel) -> set[str]:
        """The free seats of which one should have had this caller."""
        if call.wanted is not None:
            wanted = self._seats.get(call.wanted)
            idle = wanted is not None and wanted.state == "ready" and can_ring(call.reach, wanted)
            return {call.wanted} if idle else set()
        ready = {number for group in call.groups for number in self._ready.get(group, ())}
        ready = {number for number in ready if self._may(call, self._seats[number])}
        fresh = ready - call.missed
        if fresh or not ready:
            return fresh
        # Seats that let it ring are not asked again while another may be.
        others = (
            seat.state in SERVING
            and number not in call.missed
            and self._may(call, seat)
            and not set(seat.groups).isdisjoint(call.groups)
            for number, seat in self._seats.items()
        )
        return set() if any(others) else ready

    def _may(self, call: CallModel, seat: SeatModel) -> bool:
        return seat.operator not in call.excluded and can_ring(call.reach, seat)

    def _touch(self, seat: SeatModel) -> None:
        self._touched_groups.update(seat.groups)
        self._touched_seats.add(seat.number)
