"""What state is each seat in while the journal is played, and does that agree with the calls?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from hotline.verify.model import OCCUPIED, SeatModel
from hotline.verify.scope import Scope
from hotline.verify.verdict import Broken
from hotline.verify.waits import PATIENCE, Waits


class Desks:
    """The seats of a hall."""

    def __init__(self, hall: str, scope: Scope, seats: dict[str, SeatModel], waits: Waits) -> None:
        self.faults: list[Broken] = []
        self._hall = hall
        self._scope = scope
        self._seats = seats
        self._waits = waits
        self._odd: set[str] = set()
        self._touched: set[str] = set()
        for seat in seats.values():
            waits.show(seat)

    def seat(self, number: str | None) -> SeatModel:
        """The seat; one nobody has told of is made up."""
        found = self._seats.get(number or "")
        if found is None:
            found = self._seats[number or ""] = SeatModel(number or "")
        return found

    def define(self, number: str | None, groups: Iterable[str], extension: str | None) -> None:
        """A seat takes calls of these groups, and has this extension, from now on."""
        seat = self.seat(number)
        self._waits.hide(seat)
        seat.groups = tuple(groups)
        seat.extension = extension or ""
        self._waits.show(seat)

    def change(
        self, at: datetime, number: str | None, before: str, after: str, operator: str | None, phone: str | None
    ) -> None:
        """A seat changed its state; `phone` where somebody signed in."""
        seat = self.seat(number)
        self._waits.hide(seat)
        seat.before, seat.state, seat.changed_at = before, after, at
        seat.phone = phone or seat.phone
        seat.operator = operator if after != "signed_off" else None
        if after not in OCCUPIED:
            seat.strange = False
        self._waits.show(seat)
        self._touched.add(seat.number)

    def give(self, number: str, call: str) -> None:
        """The call is at that seat."""
        self.seat(number).holder = call
        self._touched.add(number)

    def free(self, number: str, call: str) -> None:
        """The call is no longer at that seat."""
        seat = self.seat(number)
        if seat.holder == call:
            seat.holder = None
        self._touched.add(number)

    def observe(self, number: str, call: str) -> None:
        """A gateway has put the call there by itself."""
        self.seat(number).observed.add(call)
        self._touched.add(number)

    def forget(self, call: str) -> None:
        """A call that a gateway had put somewhere is over, or ours."""
        for seat in self._seats.values():
            if call in seat.observed:
                seat.observed.discard(call)
                self._touched.add(seat.number)

    def judge(self, at: datetime) -> None:
        """What holds now, held from this instant on."""
        for number in self._touched:
            seat = self._seats[number]
            occupied = seat.state in OCCUPIED
            busy = seat.holder is not None
            odd = seat.state is not None and occupied != busy and not seat.observed and not seat.strange
            if odd and seat.odd_since is None:
                seat.odd_since = at
                self._odd.add(number)
            elif not odd and seat.odd_since is not None:
                self._settle(seat, at)
        self._touched.clear()

    def finish(self, at: datetime) -> None:
        """The history ends here."""
        for number in list(self._odd):
            self._settle(self._seats[number], at)

    def _settle(self, seat: SeatModel, at: datetime) -> None:
        """Seat and calls agree again, or the history ends: did they disagree for too long?"""
        since, seat.odd_since = seat.odd_since, None
        self._odd.discard(seat.number)
        if since is None or at - since <= PATIENCE:
            return
        lasted = self._scope.lasted(self._hall, None, since, at)
        if lasted > PATIENCE.total_seconds():
            what = f"有来电 {seat.holder}，状态却为 {seat.state}" if seat.holder else f"状态为 {seat.state}，却没有来电"
            told = f"{since.isoformat(timespec='seconds')} 起 {lasted:.1f} 秒{what}"
            self.faults.append(Broken(f"{self._hall} 坐席 {seat.number}", told))
