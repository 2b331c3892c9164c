"""Transfers, consultations, three-way, supervisors, emergencies, calls out: in any order, against any report."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from adapters.telephony import (
    CallAnswered,
    CallReleased,
    DigitsPressed,
    EndedBy,
    LegHeld,
    LegResumed,
    LinkUp,
    OfferId,
    PortStatus,
    PromptEnded,
    RecordingStopped,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
)
from hotline.announcements.plan import Voicemail, Waiting
from hotline.calls.call import Call, CallState, Direction
from hotline.calls.party import Part
from hotline.hall.inputs import (
    AskBreak,
    CancelConsult,
    ConfirmHandover,
    Consult,
    DecideBreak,
    Dial,
    DropParty,
    Emergency,
    ForceRelease,
    ForceState,
    GoBusy,
    GoReady,
    HangUp,
    Heard,
    Hold,
    JoinConsulted,
    Leave,
    LinkLost,
    Monitor,
    Mute,
    OrderFailed,
    OutsideTarget,
    PresenceChanged,
    PressKeys,
    QueueTarget,
    RestorePhone,
    Resume,
    SeatTarget,
    SendToRating,
    SignOff,
    Snapshot,
    StopMonitoring,
    TakeBreak,
    TakeOver,
    Transfer,
    WithdrawBreak,
)
from hotline.hall.rules import Contact, ContactKind, OutboundRules
from hotline.rosters.shift import DutyMode
from routing.spill import After, PerSeat, Spill, ToContact, ToQueue
from seats.seat import SeatNo, SeatState
from tests.hall.kit import CARD, LINE, VirtualHall, menu, queue, rules
from tests.hall.test_any_order import SEATING

CONTACTS = {
    "110": Contact(id="110", label="110", number="110", kind=ContactKind.EMERGENCY),
    "12345": Contact(id="12345", label="12345", number="12345", kind=ContactKind.HOTLINE),
}
SEATS = st.sampled_from(["01", "02", "03"])
TARGETS = st.one_of(
    SEATS.map(lambda seat: SeatTarget(seat=SeatNo(seat))),
    st.sampled_from(["110", "12345", "none"]).map(lambda name: OutsideTarget(contact=name)),
    st.sampled_from(["general", "labour", "none"]).map(lambda name: QueueTarget(queue=name)),
)
PICK = st.integers(0, 7)
USES: list[type[Any]] = [
    Hold,
    Resume,
    Mute,
    PressKeys,
    Consult,
    CancelConsult,
    JoinConsulted,
    Leave,
    Transfer,
    DropParty,
    SendToRating,
    ConfirmHandover,
    HangUp,
]


class WholeCall(RuleBasedStateMachine):
    """What can be done with a call that is served, against whatever devices report and whatever fails."""

    @initialize()
    def begin(self) -> None:
        """Two queues, contacts outside, rating, messages; somebody at each desk, one call that is served."""
        self.hall = VirtualHall(
            rules(
                queue("general", max_length=5, spills=(Spill(when=After(seconds=30), to=ToContact(contact="12345")),)),
                queue("labour", wrap_seconds=0, spills=(Spill(when=PerSeat(waiting=1), to=ToQueue(queue="general")),)),
                contacts=CONTACTS,
                outbound=OutboundRules(concurrent=2, per_seat_hour=4),
                abilities=LINE,
                rating=True,
                greeting="greeting",
                recording_notice="recording-notice",
                menu=menu(k1="labour", k2="general"),
                waiting=Waiting(position=True, expected=True, every_seconds=20, callback_key="9"),
                voicemail=Voicemail(on=True),
                duty=DutyMode.FORWARDED_MOBILE,
                night=(Contact(id="night-1", label="王律师", number="13900139000"),),
            ),
            seats=SEATING,
        )
        self.count = 0
        for seat in ("01", "02", "03"):
            self.hall.sign_in(seat)
        self.served()

    @rule()
    def served(self) -> None:
        """A caller rings and is answered, if anybody is free."""
        self.count += 1
        key = f"c{self.count}"
        self.hall.rings(key, caller=f"1380013800{self.count % 3}")
        for prompt in ("greeting", "recording-notice"):
            self.hall.hear(PromptEnded, key, prompt=prompt)
        if self.hall.call(key).state is CallState.IN_MENU:
            self.hall.hear(DigitsPressed, key, digits="2")
        if self.hall.call(key).offer is not None:
            self.hall.picks_up(key)

    @rule()
    def rings(self) -> None:
        self.count += 1
        self.hall.rings(f"c{self.count}")

    @rule(seat=SEATS)
    def is_there_again(self, seat: str) -> None:
        self.hall.sign_in(seat)
        self.ask(GoReady, seat)

    @rule(seat=SEATS, kind=st.sampled_from([SignOff, GoBusy, TakeBreak]))
    def buttons(self, seat: str, kind: type[Any]) -> None:
        self.ask(kind, seat)

    @rule(seat=SEATS, state=st.sampled_from([SeatState.READY, SeatState.BUSY, SeatState.SIGNED_OFF]))
    def forces(self, seat: str, state: SeatState) -> None:
        self.hall.ask(ForceState(seat=SeatNo(seat), state=state, reason="班长"), "9001")

    @rule(seat=SEATS, here=st.booleans())
    def presence(self, seat: str, here: bool) -> None:
        self.hall.ask(PresenceChanged(seat=SeatNo(seat), here=here))

    @rule(seconds=st.sampled_from([0.1, 3, 9, 21, 40, 130]))
    def time_passes(self, seconds: float) -> None:
        self.hall.pass_time(seconds)

    @rule(pick=PICK)
    def a_party_answers(self, pick: int) -> None:
        calls = [call for call in self.hall.state.calls.values() if any(not each.up for each in call.parties)]
        if calls:
            call = calls[pick % len(calls)]
            ringing = next(each for each in call.parties if not each.up)
            self.hall.hear(SeatAnswered, call.key, offer=ringing.offer)

    @rule(pick=PICK)
    def the_seat_answers(self, pick: int) -> None:
        calls = [call for call in self.hall.state.calls.values() if call.state is CallState.RINGING]
        if calls:
            call = calls[pick % len(calls)]
            self.hall.hear(SeatAnswered, call.key, offer=call.offer)

    @rule(data=st.data(), routine=st.booleans())
    def device_says_what_is_live(self, data: st.DataObject, routine: bool) -> None:
        now = self.hall.now
        if not routine:
            self.hall.take(LinkLost(CARD, "cable"))
            self.hall.take(Heard(LinkUp(adapter=CARD, event_id=f"up{now}{self.hall.count}", at=now, heard_at=now)))
        ports: list[PortStatus] = []
        for call in list(self.hall.state.calls.values()):
            if data.draw(st.integers(0, 9)) == 0:
                continue
            own = (call.offer,) if call.offer is not None else ()
            legs = [*own, *(each.offer for each in call.parties)]
            up = tuple(each for each in legs if data.draw(st.integers(0, 4)))
            ring = tuple(each for each in legs if each not in up and data.draw(st.booleans()))
            ports.append(
                PortStatus(
                    call=call.key,
                    since=call.offered_at,
                    answered=data.draw(st.booleans()),
                    room=up if data.draw(st.booleans()) else (),
                    caller_in_room=data.draw(st.booleans()),
                    picked_up=up,
                    ringing=ring,
                    placed=call.direction is Direction.OUT,
                )
            )
        self.hall.take(Snapshot(adapter=CARD, asked_at=now, ports=tuple(ports), routine=routine))

    def live(self, pick: int) -> Call | None:
        """One of the live calls."""
        calls = sorted(self.hall.state.calls.values(), key=lambda call: call.id)
        return calls[pick % len(calls)] if calls else None

    def ask(self, kind: type[Any], seat: str, **fields: Any) -> None:
        """A command, by whoever sits there."""
        self.hall.ask(kind(seat=SeatNo(seat), **fields), f"10{seat}")

    @rule(pick=PICK, seat=SEATS, kind=st.sampled_from([Consult, Consult, Transfer, Hold]), whom=TARGETS)
    def asks_somebody(self, pick: int, seat: str, kind: type[Any], whom: Any) -> None:
        """The same, aimed, so that parties are as frequent as their end; then they answer, mostly."""
        calls = [call for call in self.hall.state.calls.values() if call.state in (CallState.TALKING, CallState.HELD)]
        if not calls:
            return
        call = calls[pick % len(calls)]
        if isinstance(whom, QueueTarget) and kind is Consult:
            return
        fields: dict[str, Any] = {} if kind is Hold else {"target": whom}
        self.ask(kind, call.seat or seat, call=call.id, **fields)
        if pick % 4:
            self.a_party_answers(0)

    @rule(pick=PICK, seat=SEATS, own=st.integers(0, 5), data=st.data())
    def uses_the_call(self, pick: int, seat: str, own: int, data: st.DataObject) -> None:
        calls = [call for call in self.hall.state.calls.values() if call.state in (CallState.TALKING, CallState.HELD)]
        call = calls[pick % len(calls)] if calls and own else self.live(pick)
        if call is None:
            return
        seat = call.seat or seat if own else seat
        kind = data.draw(st.sampled_from(USES))
        fields: dict[str, Any] = {"call": call.id}
        if kind is Mute:
            fields["on"] = data.draw(st.booleans())
        elif kind is PressKeys:
            fields["digits"] = "1#"
        elif kind is Consult:
            fields["target"] = data.draw(TARGETS.filter(lambda each: not isinstance(each, QueueTarget)))
        elif kind is Transfer:
            fields["target"] = data.draw(TARGETS)
        elif kind in (DropParty, ConfirmHandover):
            fields["offer"] = call.parties[-1].offer if call.parties else "none"
        self.ask(kind, seat, **fields)

    @rule(seat=SEATS, contact=st.sampled_from(["110", "12345"]))
    def calls_for_help(self, seat: str, contact: str) -> None:
        self.ask(Emergency, seat, contact=contact)

    @rule(seat=SEATS, number=st.sampled_from(["13800138000", "0085212345678", "110", "12"]), task=st.booleans())
    def dials(self, seat: str, number: str, task: bool) -> None:
        self.ask(Dial, seat, number=number, purpose="callback", callback=7 if task else None)

    @rule(seat=SEATS, pick=PICK, part=st.sampled_from(Part))
    def monitors(self, seat: str, pick: int, part: Part) -> None:
        call = self.live(pick)
        if call is not None:
            self.ask(Monitor, seat, call=call.id, part=part)

    @rule(seat=SEATS, pick=PICK, kind=st.sampled_from([StopMonitoring, TakeOver, RestorePhone]))
    def supervises(self, seat: str, pick: int, kind: type[Any]) -> None:
        call = self.live(pick)
        if kind is TakeOver and call is not None:
            self.ask(kind, seat, call=call.id)
        elif kind is not TakeOver:
            self.ask(kind, seat)

    @rule(pick=PICK)
    def forced_apart(self, pick: int) -> None:
        call = self.live(pick)
        if call is not None:
            self.hall.ask(ForceRelease(call=call.id, reason="骂人"), "9001")

    @rule(seat=SEATS, approve=st.booleans(), withdrawn=st.booleans())
    def breaks(self, seat: str, approve: bool, withdrawn: bool) -> None:
        self.ask(AskBreak, seat, reason="meal")
        if withdrawn:
            self.ask(WithdrawBreak, seat)
        self.hall.ask(DecideBreak(seat=SeatNo(seat), approve=approve), "9001")

    @rule(
        pick=PICK,
        leg=st.integers(0, 4),
        kind=st.sampled_from([SeatAnswered, SeatAnswered, SeatDeclined, SeatReleased, LegHeld, LegResumed]),
        flag=st.booleans(),
    )
    def a_leg_reports(self, pick: int, leg: int, kind: type[Any], flag: bool) -> None:
        call = self.live(pick)
        if call is None:
            return
        legs = [call.offer or OfferId("gone"), *(each.offer for each in call.parties), OfferId(f"{call.id}.1")]
        fields: dict[str, Any] = {"offer": legs[leg % len(legs)]}
        if kind is SeatDeclined:
            fields |= {"reason": "busy", "seat_fault": flag}
        elif kind is SeatReleased:
            fields["hung_up"] = flag
        self.hall.hear(kind, call.key, **fields)

    @rule(pick=PICK, kind=st.sampled_from(["answered", "released", "digit", "prompt", "message"]))
    def the_caller_reports(self, pick: int, kind: str) -> None:
        call = self.live(pick)
        if call is None:
            return
        match kind:
            case "answered":
                self.hall.hear(CallAnswered, call.key)
            case "released":
                self.hall.hear(CallReleased, call.key, by=EndedBy.CALLER)
            case "digit":
                self.hall.hear(DigitsPressed, call.key, digits="5")
            case "prompt":
                self.hall.hear(PromptEnded, call.key, prompt=call.prompt or "none")
            case _:
                self.hall.hear(RecordingStopped, call.key, name=call.message or "none", seconds=3.0)

    @invariant()
    def every_ended_call_has_one_outcome_and_times_in_order(self) -> None:
        for call in self.hall.ended.values():
            assert call.outcome is not None
            assert call.ended_at is not None
            times = [t for t in (call.offered_at, call.rung_at, call.answered_at, call.ended_at) if t is not None]
            assert times == sorted(times), call
            assert not call.parties

    @rule(back=st.integers(1, 6), reason=st.sampled_from(["refused", "no_answer"]))
    def recent_order_fails(self, back: int, reason: str) -> None:
        if len(self.hall.orders) >= back:
            self.hall.take(OrderFailed(adapter=CARD, command=self.hall.orders[-back], reason=reason))


WholeCall.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestWholeCall = WholeCall.TestCase
