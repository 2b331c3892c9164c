"""Who was at which seat when, who rang for how long, and who waited although a seat was free? The journal, played event
by event.

Memory holds the live calls only, however long the history is. What is known of a call or a seat is in `model`, of the
states of seats in `desks`, of waiting in `waits`; what of an event's data is needed says `occupancy`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from hotline.verify.desks import Desks
from hotline.verify.model import BESIDE, RINGABLE, SUPERVISING, CallModel, Leg, Reach, SeatModel, can_ring
from hotline.verify.scope import Gap, Scope
from hotline.verify.verdict import Broken
from hotline.verify.waits import PATIENCE, Waits

LONGEST_RING: Final = 300
"""Seconds that anything may be set to ring; what counts for offers that do not say."""
BARRED: Final = frozenset({"conflict", "avoid"})
"""Reasons why somebody must not take a caller."""
RING_LATE: Final = 30.0
"""Seconds after which a ring that should be over is one that nobody ends."""


class Replay:
    """One hall's journal, played."""

    def __init__(self, hall: str, scope: Scope, seats: Iterable[SeatModel]) -> None:
        self.offers = 0
        self.rings = 0
        self.clashes = 0
        """Calls that a gateway put on a seat that had another one: not ours to prevent."""
        self.emergencies = 0
        self.unconfirmed: list[str] = []
        """Calls whose seat was gone before an emergency's other side had confirmed: for a person to look at."""
        self.wait_faults: list[Broken] = []
        self.ring_faults: list[Broken] = []
        self._hall = hall
        self._scope = scope
        self._calls: dict[str, CallModel] = {}
        known = {seat.number: seat for seat in seats}
        self._waits = Waits(known, self._calls)
        self._desks = Desks(hall, scope, known, self._waits)
        self._at: datetime | None = None
        self._down: dict[str, datetime] = {}
        self._outages: list[Gap] = []

    @property
    def waits(self) -> int:
        """So many times somebody began to wait."""
        return self._waits.count

    @property
    def seat_faults(self) -> list[Broken]:
        """Seats with two calls, calls at two seats, seats and calls that disagree."""
        return self._desks.faults

    def play(self, at: datetime, type: str, call: str | None, seat: str | None, told: str | None) -> None:
        """One event. Events of the same instant are one step: only what lasts is judged."""
        if self._at is not None and at > self._at:
            self._judge()
        self._at = at
        data: list[Any] = json.loads(told) if told else []
        match type:
            case "SeatChanged":
                self._desks.change(at, seat, *data)
            case "SeatDefined":
                self._desks.define(seat, *data)
            case "LinkBroken":
                self._down.setdefault(data[0], at)
            case "LinkRestored":
                began = self._down.pop(data[0], None)
                if began is not None:
                    self._outages.append(Gap(hall=self._hall, adapter=data[0], begins=began, ends=at))
            case "CallArrived":
                self._calls[call or ""] = CallModel(data[1], observed=data[0] == "device", known=True)
            case _:
                self._play_call(at, type, call or "", seat, data)

    def finish(self, until: datetime) -> None:
        """The history ends here; what lasts until then is judged too."""
        if self._at is None:
            return
        self._judge()
        self._at = max(until, self._at)
        for name in list(self._waits.suspects):
            self._clear(name, self._calls[name])
        self._desks.finish(self._at)
        for name, call in self._calls.items():
            for leg in (call.ring, *call.legs.values()):
                self._rung(name, call, leg)

    # ── calls ──

    def _play_call(self, at: datetime, type: str, name: str, number: str | None, data: list[Any]) -> None:
        call = self._calls.get(name)
        if call is None:
            if type == "CallEnded":
                return
            call = self._calls[name] = CallModel("", observed=False, known=False)
            if self._scope.whole:
                self._fault(name, f"未见到达就有 {type}")
        match type:
            case "CallQueued":
                self._queue(name, call, tuple(data[0]), data[1], data[2])
            case "GroupsWidened":
                was = self._waits.end(name, call)
                call.groups = tuple(data[0])
                if was:
                    self._waits.begin(name, call)
            case "SeatOffered":
                self._offer(name, call, self._desks.seat(number), at, data)
            case "OfferMissed":
                if not call.observed:
                    call.missed.add(number or "")
                    self._leave_seat(name, call)
                    self._waits.begin(name, call)
            case "CallTaken":
                self._take(name, call, self._desks.seat(number))
            case "SeatVanished":
                self._leave_seat(name, call)
                self._want(name, call, number)
            case "CallTransferred":
                self._transfer(name, call, number, *data)
            case "CallReturning":
                call.without = None if number else call.wanted
                self._want(name, call, number)
            case "CallPassed":
                self._pass_on(name, call, number, *data)
            case "PartyRung" | "PartyAnswered" | "PartyMissed" | "PartyLeft" | "PartyJoined" | "MonitorSwitched":
                self._play_party(at, type, name, call, data)
            case "DialBegun":
                seat = self._desks.seat(number)
                self._expect_ringable(name, seat, BESIDE, "外呼")
                self._ring_main(name, call, seat, data[0], at, data[1])
                self.emergencies += data[2] == "emergency"
            case "NumberDialled":
                self._rung(name, call, call.ring)
                call.ring = Leg(None, "dialled", at, data[0])
            case "CallLeaving":
                self._stop_waiting(name, call)
            case "RatingOffered":
                self._leave_seat(name, call)
            case "LeftUnconfirmed":
                self.unconfirmed.append(name)
            case "CallClaimed":
                self._desks.forget(name)
                call.observed = False
            case _:
                self._over(name, call)

    def _queue(
        self, name: str, call: CallModel, groups: tuple[str, ...], excluded: list[str] | None, reach: Reach
    ) -> None:
        self._stop_waiting(name, call)
        if call.known and call.seat is not None and not call.observed:
            self._fault(name, f"{self._when()} 仍在坐席 {call.seat}，又去排队")
        self._leave_seat(name, call)
        call.wanted = None
        call.groups, call.reach = groups, reach
        call.missed = set() if call.without is None else {call.without}
        call.without = None
        if excluded is not None:
            call.excluded = set(excluded)
        self._waits.begin(name, call)

    def _want(self, name: str, call: CallModel, seat: str | None) -> None:
        """The caller waits for that seat alone; None: where he goes follows at once."""
        self._stop_waiting(name, call)
        call.wanted = seat
        if seat is not None:
            self._waits.begin(name, call)

    def _offer(self, name: str, call: CallModel, seat: SeatModel, at: datetime, data: list[Any]) -> None:
        offer, why, seconds, left_out, marks = data
        if call.observed:
            self._desks.observe(seat.number, name)
            return
        self.offers += 1
        self._hear_reasons(name, call, seat, left_out or (), marks)
        self._stop_waiting(name, call)
        if call.known and call.wanted is not None and seat.number != call.wanted:
            self._fault(name, f"{self._when()} 只等坐席 {call.wanted}，却派发给 {seat.number}")
        if seat.phone and not can_ring(call.reach, seat):
            told = f"{self._when()} 派发给来电线路呼不到的坐席 {seat.number}（{seat.phone} {seat.extension}）"
            self.wait_faults.append(Broken(name, told))
        self._expect_ringable(name, seat, RINGABLE if why == "wanted" else frozenset({"ready"}), "派发")
        self._ring_main(name, call, seat, offer, at, seconds)

    def _hear_reasons(
        self, name: str, call: CallModel, seat: SeatModel, left_out: Iterable[dict[str, str]], marks: list[str] | None
    ) -> None:
        """The rules about the caller that held when a seat was chosen; they may have changed while he waited."""
        barred = {each["seat"] for each in left_out if each["reason"] in BARRED}
        if barred and call.beside <= barred:
            call.free_since = None
        if marks is None:
            return  # nobody chose: that very seat was wanted
        if BARRED.isdisjoint(marks):
            call.excluded = set()
        elif seat.operator in call.excluded:
            self.wait_faults.append(Broken(name, f"{self._when()} 派发给应当回避的坐席 {seat.number}"))

    def _take(self, name: str, call: CallModel, seat: SeatModel) -> None:
        self._stop_waiting(name, call)
        if call.observed:
            if seat.holder not in (None, name):
                self.clashes += 1
            self._desks.observe(seat.number, name)
            return
        if call.known:
            if call.talking:
                self._fault(name, f"{self._when()} 已在坐席 {call.seat} 通话，又被坐席 {seat.number} 接听")
            elif call.seat != seat.number:
                self._fault(name, f"{self._when()} 被坐席 {seat.number} 接听，但没有有效的派发")
            elif seat.holder != name:
                self._expect_alone(name, seat)
        self._have(name, call, seat)
        call.wanted = None
        call.talking = True

    def _ring_main(self, name: str, call: CallModel, seat: SeatModel, offer: str, at: datetime, seconds: int) -> None:
        if call.known:
            self._expect_alone(name, seat)
            if call.seat is not None and call.seat != seat.number:
                self._fault(name, f"{self._when()} 同时在坐席 {call.seat} 与 {seat.number}")
        self._have(name, call, seat)
        call.offer = offer
        call.ring = Leg(seat.number, "main", at, seconds)

    def _have(self, name: str, call: CallModel, seat: SeatModel) -> None:
        """That seat has the call from now on."""
        self._rung(name, call, call.ring)
        call.ring = None
        call.seat = seat.number
        self._desks.give(seat.number, name)

    def _leave_seat(self, name: str, call: CallModel) -> None:
        """No seat has the call any more."""
        self._rung(name, call, call.ring)
        call.ring = None
        if call.seat is not None:
            self._desks.free(call.seat, name)
        call.seat = None
        call.talking = False

    def _transfer(self, name: str, call: CallModel, number: str | None, kind: str, target: str) -> None:
        """`number` leaves the caller to somebody who is still to pick up."""
        if call.known and call.seat != number:
            self._fault(name, f"{self._when()} 由坐席 {number} 转出，但来电在坐席 {call.seat or '无'}")
        self._leave_seat(name, call)
        call.without = number if kind == "queue" else None
        if kind != "seat":
            return
        ringing = next((offer for offer, leg in call.legs.items() if leg.seat == target and not leg.up), None)
        if ringing is None:
            self._want(name, call, target)
            return
        # Who was asked, and still rings, rings for the caller himself from now on.
        call.ring = call.legs.pop(ringing)
        call.seat, call.offer, call.wanted = target, ringing, target

    def _pass_on(self, name: str, call: CallModel, number: str | None, before: str | None, offer: str) -> None:
        """Somebody who is on the call has the caller from now on."""
        if call.known and call.seat != before:
            self._fault(name, f"{self._when()} 由坐席 {before or '无'} 转出，但来电在坐席 {call.seat or '无'}")
        if not call.known and before is not None:
            self._desks.free(before, name)
        leg = call.legs.get(offer)
        if call.known and (leg is None or not leg.up or leg.seat != number):
            self._fault(name, f"{self._when()} 转给{f'坐席 {number}' if number else '外部号码'}，但对方不在通话中")
        self._leave_seat(name, call)
        if number is None:
            if leg is not None:
                leg.part = "joined"
            return
        call.legs.pop(offer, None)
        self._have(name, call, self._desks.seat(number))
        call.offer = offer
        call.talking = True

    def _over(self, name: str, call: CallModel) -> None:
        self._stop_waiting(name, call)
        self._leave_seat(name, call)
        for offer in list(call.legs):
            self._let_go(name, call, offer)
        if call.observed:
            self._desks.forget(name)
        del self._calls[name]

    # ── parties ──

    def _play_party(self, at: datetime, type: str, name: str, call: CallModel, data: list[Any]) -> None:
        offer: str = data[0]
        if type == "PartyRung":
            _, part, target, seconds, emergency = data
            self.emergencies += bool(emergency)
            if call.seat is None:
                self._stop_waiting(name, call)  # 溢出、夜间转接: he is with nobody of ours
            if target is not None:
                seat = self._desks.seat(target)
                self._expect_ringable(name, seat, BESIDE if part in SUPERVISING else RINGABLE, "呼叫")
                if call.known:
                    self._expect_alone(name, seat, even_of=name)
                self._desks.give(target, name)
            call.legs[offer] = Leg(target, part, at, seconds)
            return
        leg = call.legs.get(offer)
        if leg is None:
            if call.known:
                self._fault(name, f"{self._when()} 有 {type}，但没有呼叫过该参与方（{offer}）")
            return
        match type:
            case "PartyAnswered":
                self._rung(name, call, leg)
                leg.up = True
            case "PartyJoined":
                leg.part = "joined"
            case "MonitorSwitched":
                leg.part = data[1]
            case _:
                self._let_go(name, call, offer)

    def _let_go(self, name: str, call: CallModel, offer: str) -> None:
        leg = call.legs.pop(offer)
        self._rung(name, call, leg)
        if leg.seat is not None and leg.seat != call.seat:
            self._desks.free(leg.seat, name)

    # ── expectations ──

    def _expect_alone(self, name: str, seat: SeatModel, even_of: str | None = None) -> None:
        if seat.holder is not None and (seat.holder != name or even_of == name):
            self._fault(name, f"{self._when()} 坐席 {seat.number} 已有 {seat.holder}，又得此来电")

    def _expect_ringable(self, name: str, seat: SeatModel, states: frozenset[str], what: str) -> None:
        state = seat.state_before(self._at)
        if self._calls[name].known and state is not None and state not in states:
            self._fault(name, f"{self._when()} {what}坐席 {seat.number}，其状态为 {state}")

    def _rung(self, name: str, call: CallModel, leg: Leg | None) -> None:
        """A ring is over, or the history ends: did it go on for too long?"""
        if leg is None or leg.up or call.observed or self._at is None:
            return
        self.rings += 1
        limit = leg.limit or LONGEST_RING
        if (self._at - leg.since).total_seconds() <= limit + RING_LATE:
            return
        lasted = self._lasted(call.adapter, leg.since, self._at)
        if lasted > limit + RING_LATE:
            who = f"坐席 {leg.seat}" if leg.seat else "外部号码"
            since = leg.since.isoformat(timespec="seconds")
            self.ring_faults.append(Broken(name, f"{since} 起{who}振铃 {lasted:.1f} 秒无人了结（应为 {limit} 秒）"))

    def _stop_waiting(self, name: str, call: CallModel) -> None:
        if self._waits.end(name, call):
            self._clear(name, call)

    def _clear(self, name: str, call: CallModel) -> None:
        """The caller no longer waits beside a free seat: was it too long?"""
        since, call.free_since = call.free_since, None
        self._waits.suspects.discard(name)
        if since is None or self._at is None or self._at - since <= PATIENCE:
            return
        lasted = self._lasted(call.adapter, since, self._at)
        if lasted > PATIENCE.total_seconds():
            whom = "、".join(sorted(call.beside))
            told = f"{since.isoformat(timespec='seconds')} 起有空闲坐席（{whom}）而仍等待 {lasted:.1f} 秒"
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

    # ── one instant is over ──

    def _judge(self) -> None:
        """What holds now, held from this instant on."""
        assert self._at is not None
        self._desks.judge(self._at)
        for name in self._waits.judge(self._at):
            self._clear(name, self._calls[name])

    def _fault(self, name: str, told: str) -> None:
        self.seat_faults.append(Broken(name, told))

    def _when(self) -> str:
        return self._at.isoformat(timespec="milliseconds") if self._at else ""
