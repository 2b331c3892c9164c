"""Who was at which seat when, and who waited although a seat was free? The journal, played event by event.

A small model of its own: seats with their state, calls with their seat or their place among the waiting. Memory holds
the live calls only, however long the history is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from hotline.verify.scope import Gap, Scope
from hotline.verify.verdict import Broken

PATIENCE: Final = timedelta(seconds=2)
OCCUPIED: Final = frozenset({"ringing", "talking"})
SERVING: Final = frozenset({"ready", "ringing", "talking", "wrap_up"})
"""States from which a seat can be expected to take a call soon."""


class SeatModel:
    """What is known of a seat while the journal is played."""

    __slots__ = ("groups", "holder", "number", "observed", "odd_since", "state", "strange")

    def __init__(self, number: str, groups: tuple[str, ...] = (), state: str | None = None) -> None:
        self.number = number
        self.groups = groups
        self.state = state
        self.holder: str | None = None
        self.observed: set[str] = set()
        """Calls that a gateway rings here by itself."""
        self.strange = state in OCCUPIED
        """Occupied since before the part of the journal that is played: by whom is not known."""
        self.odd_since: datetime | None = None
        """Since when its state and the calls disagree."""


class CallModel:
    """What is known of a live call while the journal is played."""

    __slots__ = ("adapter", "free_since", "groups", "known", "missed", "observed", "seat", "talking", "waiting")

    def __init__(self, adapter: str, *, observed: bool, known: bool) -> None:
        self.adapter = adapter
        self.observed = observed
        self.known = known
        self.groups: tuple[str, ...] = ()
        self.missed: set[str] = set()
        self.seat: str | None = None
        self.talking = False
        self.waiting = False
        self.free_since: datetime | None = None
        """Since when it waits although a seat is free for it."""


class Replay:
    """One hall's journal, played."""

    def __init__(self, hall: str, scope: Scope, seats: Iterable[SeatModel]) -> None:
        self.offers = 0
        self.waits = 0
        self.clashes = 0
        """Calls that a gateway put on a seat that had another one: not ours to prevent."""
        self.seat_faults: list[Broken] = []
        self.wait_faults: list[Broken] = []
        self._hall = hall
        self._scope = scope
        self._whole = scope.whole
        self._seats = {seat.number: seat for seat in seats}
        self._calls: dict[str, CallModel] = {}
        self._ready: dict[str, set[str]] = {}
        self._waiting: dict[str, set[str]] = {}
        self._suspects: set[str] = set()
        self._odd: set[str] = set()
        self._touched_groups: set[str] = set()
        self._touched_seats: set[str] = set()
        self._at: datetime | None = None
        self._down: dict[str, datetime] = {}
        self._outages: list[Gap] = []
        for seat in self._seats.values():
            self._show(seat)

    def play(self, at: datetime, type: str, call: str | None, seat: str | None, told: str | None) -> None:
        """One event. Events of the same instant are one step: only what lasts is judged."""
        if self._at is not None and at > self._at:
            self._judge()
        self._at = at
        match type:
            case "SeatChanged":
                self._change_seat(self._seat(seat), told)
            case "SeatDefined":
                self._define(self._seat(seat), _groups(told))
            case "LinkBroken":
                self._down.setdefault(told or "", at)
            case "LinkRestored":
                began = self._down.pop(told or "", None)
                if began is not None:
                    self._outages.append(Gap(hall=self._hall, adapter=told or "", begins=began, ends=at))
            case "CallArrived":
                handling, _, adapter = (told or "").partition(" ")
                self._calls[call or ""] = CallModel(adapter, observed=handling == "device", known=True)
            case _:
                self._play_call(type, call or "", seat, told)

    def finish(self, until: datetime) -> None:
        """The history ends here; what lasts until then is judged too."""
        if self._at is None:
            return
        self._judge()
        self._at = max(until, self._at)
        for name in list(self._suspects):
            self._clear(name, self._calls[name])
        for number in list(self._odd):
            self._settle(self._seats[number])

    # ── calls ──

    def _play_call(self, type: str, name: str, number: str | None, told: str | None) -> None:
        call = self._calls.get(name)
        if call is None:
            if type == "CallEnded":
                return
            call = self._calls[name] = CallModel("", observed=False, known=False)
            if self._whole:
                self.seat_faults.append(Broken(name, f"未见到达就有 {type}"))
        match type:
            case "CallQueued":
                self._wait(name, call, _groups(told))
            case "GroupsWidened":
                was = call.waiting
                self._stop_waiting(name, call, keep_suspicion=True)
                call.groups = _groups(told)
                if was:
                    self._wait(name, call, call.groups)
            case "SeatOffered":
                self._offer(name, call, number)
            case "OfferMissed":
                if not call.observed:
                    call.missed.add(number or "")
                    self._release(name, call)
                    self._wait(name, call, call.groups)
            case "CallTaken":
                self._take(name, call, number)
            case "SeatVanished":
                self._release(name, call)
                self._wait(name, call, call.groups)
            case "CallLeaving":
                self._stop_waiting(name, call)
            case _:
                self._stop_waiting(name, call)
                self._release(name, call)
                for seat in self._seats.values() if call.observed else ():
                    if name in seat.observed:
                        seat.observed.discard(name)
                        self._touched_seats.add(seat.number)
                del self._calls[name]

    def _offer(self, name: str, call: CallModel, number: str | None) -> None:
        seat = self._seat(number)
        if call.observed:
            seat.observed.add(name)
            self._touched_seats.add(seat.number)
            return
        self.offers += 1
        self._stop_waiting(name, call)
        if call.known:
            self._expect_alone(name, call, seat)
            if seat.state is not None and seat.state != "ready":
                told = f"{self._when()} 派发给坐席 {seat.number}，其状态为 {seat.state}"
                self.seat_faults.append(Broken(name, told))
        self._hold(name, call, seat)

    def _take(self, name: str, call: CallModel, number: str | None) -> None:
        self._stop_waiting(name, call)
        seat = self._seat(number)
        if call.observed:
            if seat.holder not in (None, name):
                self.clashes += 1
            seat.observed.add(name)
            self._touched_seats.add(seat.number)
            return
        if call.known:
            if call.talking:
                self.seat_faults.append(
                    Broken(name, f"{self._when()} 已在坐席 {call.seat} 通话，又被坐席 {number} 接听")
                )
            elif call.seat != seat.number:
                self.seat_faults.append(Broken(name, f"{self._when()} 被坐席 {number} 接听，但没有有效的派发"))
            elif seat.holder != name:
                self._expect_alone(name, call, seat)
        self._hold(name, call, seat)
        call.talking = True

    def _expect_alone(self, name: str, call: CallModel, seat: SeatModel) -> None:
        if seat.holder is not None and seat.holder != name:
            self.seat_faults.append(Broken(name, f"{self._when()} 坐席 {seat.number} 已有 {seat.holder}，又得此来电"))
        if call.seat is not None and call.seat != seat.number:
            self.seat_faults.append(Broken(name, f"{self._when()} 同时在坐席 {call.seat} 与 {seat.number}"))

    def _hold(self, name: str, call: CallModel, seat: SeatModel) -> None:
        call.seat = seat.number
        seat.holder = name
        self._touched_seats.add(seat.number)

    def _release(self, name: str, call: CallModel) -> None:
        if call.seat is not None:
            seat = self._seats[call.seat]
            if seat.holder == name:
                seat.holder = None
            self._touched_seats.add(seat.number)
        call.seat = None
        call.talking = False

    # ── waiting ──

    def _wait(self, name: str, call: CallModel, groups: tuple[str, ...]) -> None:
        call.groups = groups
        if call.observed or not groups:
            return
        self.waits += not call.waiting
        call.waiting = True
        for group in groups:
            self._waiting.setdefault(group, set()).add(name)
            self._touched_groups.add(group)

    def _stop_waiting(self, name: str, call: CallModel, *, keep_suspicion: bool = False) -> None:
        if not call.waiting:
            return
        call.waiting = False
        for group in call.groups:
            self._waiting[group].discard(name)
        if not keep_suspicion:
            self._clear(name, call)

    def _is_served(self, call: CallModel) -> bool:
        """Is there a free seat that should have had this caller?"""
        fresh = passed = False
        for group in call.groups:
            for number in self._ready.get(group, ()):
                if number in call.missed:
                    passed = True
                else:
                    fresh = True
        if fresh or not passed:
            return fresh
        # Seats that let it ring are not asked again while another may be.
        return not any(
            seat.state in SERVING and number not in call.missed and not set(seat.groups).isdisjoint(call.groups)
            for number, seat in self._seats.items()
        )

    def _clear(self, name: str, call: CallModel) -> None:
        """The caller no longer waits beside a free seat: was it too long?"""
        since, call.free_since = call.free_since, None
        self._suspects.discard(name)
        if since is None or self._at is None or self._at - since <= PATIENCE:
            return
        lasted = self._lasted(call.adapter, since, self._at)
        if lasted > PATIENCE.total_seconds():
            groups = "、".join(call.groups)
            told = f"{since.isoformat(timespec='seconds')} 起有空闲坐席（{groups}）而仍等待 {lasted:.1f} 秒"
            self.wait_faults.append(Broken(name, told))

    def _lasted(self, adapter: str, begin: datetime, end: datetime) -> float:
        open_ = [Gap(hall=self._hall, adapter=name, begins=at, ends=end) for name, at in self._down.items()]
        outages = [gap for gap in (*self._outages, *open_) if gap.adapter == adapter]
        excused = Scope(
            halls=self._scope.halls,
            since=self._scope.since,
            whole=self._scope.whole,
            now=self._scope.now,
            gaps=(*self._scope.gaps, *outages),
        )
        return excused.lasted(self._hall, adapter, begin, end)

    # ── seats ──

    def _seat(self, number: str | None) -> SeatModel:
        found = self._seats.get(number or "")
        if found is None:
            found = self._seats[number or ""] = SeatModel(number or "")
        return found

    def _define(self, seat: SeatModel, groups: tuple[str, ...]) -> None:
        self._hide(seat)
        seat.groups = groups
        self._show(seat)

    def _change_seat(self, seat: SeatModel, state: str | None) -> None:
        self._hide(seat)
        seat.state = state
        if state not in OCCUPIED:
            seat.strange = False
        self._show(seat)
        self._touched_seats.add(seat.number)

    def _hide(self, seat: SeatModel) -> None:
        if seat.state == "ready":
            for group in seat.groups:
                self._ready[group].discard(seat.number)
        self._touched_groups.update(seat.groups)

    def _show(self, seat: SeatModel) -> None:
        if seat.state == "ready":
            for group in seat.groups:
                self._ready.setdefault(group, set()).add(seat.number)
        self._touched_groups.update(seat.groups)

    def _settle(self, seat: SeatModel) -> None:
        """Seat and calls agree again, or the history ends: did they disagree for too long?"""
        since, seat.odd_since = seat.odd_since, None
        self._odd.discard(seat.number)
        if since is None or self._at is None or self._at - since <= PATIENCE:
            return
        lasted = self._scope.lasted(self._hall, None, since, self._at)
        if lasted > PATIENCE.total_seconds():
            what = f"有来电 {seat.holder}，状态却为 {seat.state}" if seat.holder else f"状态为 {seat.state}，却没有来电"
            told = f"{since.isoformat(timespec='seconds')} 起 {lasted:.1f} 秒{what}"
            self.seat_faults.append(Broken(f"{self._hall} 坐席 {seat.number}", told))

    # ── one instant is over ──

    def _judge(self) -> None:
        """What holds now, held from this instant on."""
        for number in self._touched_seats:
            seat = self._seats[number]
            occupied = seat.state in OCCUPIED
            busy = seat.holder is not None
            odd = seat.state is not None and occupied != busy and not seat.observed and not seat.strange
            if odd and seat.odd_since is None:
                seat.odd_since = self._at
                self._odd.add(number)
            elif not odd and seat.odd_since is not None:
                self._settle(seat)
        self._touched_seats.clear()
        looked_at = set(self._suspects)
        for group in self._touched_groups:
            if self._ready.get(group):
                looked_at |= self._waiting.get(group, set())
        self._touched_groups.clear()
        for name in looked_at:
            call = self._calls[name]
            if call.waiting and call.known and self._is_served(call):
                if call.free_since is None:
                    call.free_since = self._at
                    self._suspects.add(name)
            else:
                self._clear(name, call)

    def _when(self) -> str:
        return self._at.isoformat(timespec="milliseconds") if self._at else ""


@lru_cache(maxsize=1024)
def _groups(told: str | None) -> tuple[str, ...]:
    return tuple(json.loads(told)) if told else ()
