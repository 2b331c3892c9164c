"""Whatever comes in, in whatever order: the hall stays consistent. `kit.check` looks after every single input."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from adapters.telephony import (
    CallAnswered,
    CallerIdentified,
    CallKey,
    DigitsPressed,
    Handling,
    LegHeld,
    LegResumed,
    LegsJoined,
    LinkUp,
    OfferId,
    PlayPrompt,
    PortStatus,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
)
from hotline.calls.call import CallState
from hotline.calls.outcome import Outcome
from hotline.calls.party import Party
from hotline.hall.inputs import (
    ForceState,
    ForgetNext,
    GoBusy,
    GoReady,
    HangUp,
    Heard,
    LinkLost,
    OrderFailed,
    PresenceChanged,
    RejectCall,
    SignIn,
    SignOff,
    Snapshot,
    StayInWrapUp,
    TakeBreak,
    TakeCall,
)
from hotline.hall.rules import HallRules, Widening
from seats.seat import SeatNo, SeatState
from tests.hall.kit import CARD, VirtualHall, menu, queue, rules

CALLS = st.sampled_from("abcdefgh")
SEATS = st.sampled_from(["01", "02", "03", "77"])
HANDLING = st.sampled_from(Handling)


SEATING = {"01": ("general",), "02": ("labour",), "03": ("general", "labour")}


class AnyOrder(RuleBasedStateMachine):
    """Facts, commands, failures and time, mixed at random."""

    @initialize()
    def begin(self) -> None:
        """A hall with a greeting, a menu, two queues and three desks."""
        self.hall = VirtualHall(self.hall_rules(), seats=SEATING)
        self.handling: dict[str, Handling] = {}
        self.outcomes: dict[str, list[str]] = {}

    def hall_rules(self) -> HallRules:
        """What the hall has."""
        return rules(
            queue("general", max_length=3),
            queue("labour", widening=(Widening(after_seconds=15, groups=("general",)),), priority=1),
            greeting="greeting",
            menu=menu(k1="labour", k2="general"),
            parting={Outcome.TIMED_OUT: "sorry"},
        )

    @rule(call=CALLS, handling=HANDLING)
    def rings(self, call: str, handling: Handling) -> None:
        self.handling.setdefault(call, handling)
        self.hall.rings(call, handling=self.handling[call])

    @rule(call=CALLS, back=st.integers(0, 30))
    def ends(self, call: str, back: int) -> None:
        at = self.hall.now - timedelta(seconds=back)
        self.hall.hangs_up(call, handling=self.handling.setdefault(call, Handling.HALL), at=at)

    @rule(
        call=CALLS,
        kind=st.sampled_from(
            [CallAnswered, LegHeld, LegResumed, LegsJoined, SeatRinging, SeatAnswered, SeatReleased, SeatDeclined]
        ),
        seat=SEATS,
        current=st.booleans(),
    )
    def reports(self, call: str, kind: type, seat: str, current: bool) -> None:
        fields: dict[str, object] = {"handling": self.handling.setdefault(call, Handling.HALL)}
        if kind in (SeatRinging, SeatAnswered, SeatReleased, SeatDeclined):
            found = next((c for c in self.hall.state.calls.values() if c.key == call), None)
            fields["seat"] = f"10{seat}"
            fields["offer"] = found.offer if current and found is not None else OfferId("zz-000000001.1")
        self.hall.hear(kind, call, **fields)

    @rule(call=CALLS, digits=st.sampled_from(["1", "2", "9", "", "#*12"]))
    def presses(self, call: str, digits: str) -> None:
        self.hall.hear(DigitsPressed, call, digits=digits, handling=self.handling.setdefault(call, Handling.HALL))

    @rule(call=CALLS)
    def prompt_ends(self, call: str) -> None:
        played = [c for c in self.hall.orders if isinstance(c, PlayPrompt) and c.call == call]
        if played:
            self.hall.hear(PromptEnded, call, prompt=played[-1].prompt)

    @rule(call=CALLS, number=st.sampled_from(["13800138000", "", "+86 25 12348000", "O"]))
    def identified(self, call: str, number: str) -> None:
        self.hall.hear(CallerIdentified, call, caller=number, handling=self.handling.setdefault(call, Handling.HALL))

    @rule(call=CALLS)
    def recorded(self, call: str) -> None:
        handling = self.handling.setdefault(call, Handling.HALL)
        self.hall.hear(RecordingStarted, call, name="r", handling=handling)
        self.hall.hear(RecordingStopped, call, name="r", seconds=1.0, handling=handling)

    @rule(seat=SEATS, who=SEATS)
    def signs_in(self, seat: str, who: str) -> None:
        self.hall.ask(SignIn(seat=SeatNo(seat), phone_kind="simulated"), f"10{who}")

    @rule(seat=SEATS, kind=st.sampled_from([SignOff, GoReady, GoBusy, TakeBreak, StayInWrapUp, ForgetNext]))
    def buttons(self, seat: str, kind: type) -> None:
        self.hall.ask(kind(seat=SeatNo(seat)), f"10{seat}")

    @rule(seat=SEATS, kind=st.sampled_from([TakeCall, RejectCall]), stale=st.booleans())
    def clicks(self, seat: str, kind: type, stale: bool) -> None:
        there = self.hall.state.seats.get(SeatNo(seat))
        offer = "zz-000000001.1" if stale or there is None else there.offer or ""
        self.hall.ask(kind(seat=SeatNo(seat), offer=offer), f"10{seat}")

    @rule(seat=SEATS, call=CALLS)
    def hangs_up(self, seat: str, call: str) -> None:
        found = next((c.id for c in self.hall.state.calls.values() if c.key == call), None)
        if found is not None:
            self.hall.ask(HangUp(seat=SeatNo(seat), call=found), f"10{seat}")

    @rule(seat=SEATS, state=st.sampled_from(SeatState))
    def forces(self, seat: str, state: SeatState) -> None:
        self.hall.ask(ForceState(seat=SeatNo(seat), state=state, reason="班长"), "9001")

    @rule(seat=SEATS, here=st.booleans())
    def presence(self, seat: str, here: bool) -> None:
        self.hall.ask(PresenceChanged(seat=SeatNo(seat), here=here))

    @rule(seconds=st.sampled_from([0.1, 3, 9, 21, 40, 130, 1900]))
    def time_passes(self, seconds: float) -> None:
        self.hall.pass_time(seconds)

    @rule(reason=st.sampled_from(["refused", "unsupported", "no_answer", "link_down", "fault"]), back=st.integers(1, 4))
    def order_fails(self, reason: str, back: int) -> None:
        if len(self.hall.orders) >= back:
            self.hall.take(OrderFailed(adapter=CARD, command=self.hall.orders[-back], reason=reason))

    @rule(
        kept=st.sets(CALLS),
        joined=st.booleans(),
        answered=st.booleans(),
        ringing=st.booleans(),
        routine=st.booleans(),
        ago=st.sampled_from([0, 11]),
    )
    def device_says_what_is_live(
        self, kept: set[str], joined: bool, answered: bool, ringing: bool, routine: bool, ago: int
    ) -> None:
        now = self.hall.now
        if not routine:
            self.hall.take(LinkLost(CARD, "cable"))
            self.hall.take(Heard(LinkUp(adapter=CARD, event_id=f"up{now}", at=now, heard_at=now)))
        ports: list[PortStatus] = []
        for name in sorted(kept):
            if self.handling.setdefault(name, Handling.HALL) is Handling.DEVICE:
                continue
            found = next((c for c in self.hall.state.calls.values() if c.key == name), None)
            offer = found.offer if found is not None else None
            parties = found.parties if found is not None else ()
            ports.append(
                PortStatus(
                    call=CallKey(name),
                    since=now - timedelta(seconds=ago),
                    room=(offer,) if joined and offer else (),
                    caller_in_room=joined,
                    picked_up=legs(offer, answered or joined, parties, up=True),
                    ringing=legs(offer, ringing, parties, up=False),
                )
            )
        self.hall.take(Snapshot(adapter=CARD, asked_at=now, ports=tuple(ports), routine=routine))

    @invariant()
    def every_ended_call_has_one_outcome_and_times_in_order(self) -> None:
        for call in self.hall.ended.values():
            assert call.state is CallState.ENDED
            assert call.outcome is not None
            assert call.ended_at is not None
            times = [t for t in (call.offered_at, call.rung_at, call.answered_at, call.ended_at) if t is not None]
            assert times == sorted(times), call
            assert call.queued_at is None or call.offered_at <= call.queued_at <= call.ended_at, call

    @invariant()
    def journal_numbers_have_no_gap(self) -> None:
        seen: dict[str, int] = {}
        for event in self.hall.events:
            if event.call is not None and event.call_seq:
                assert event.call_seq == seen.get(event.call, 0) + 1, event
                seen[event.call] = event.call_seq


def legs(offer: OfferId | None, there: bool, parties: tuple[Party, ...], *, up: bool) -> tuple[OfferId, ...]:
    """A call's legs as a device lists them."""
    own = (offer,) if there and offer else ()
    return own + tuple(each.offer for each in parties if each.up is up)


AnyOrder.TestCase.settings = settings(
    max_examples=120,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestAnyOrder = AnyOrder.TestCase
