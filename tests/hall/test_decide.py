"""A call's way through `decide`: the ordinary one, and what may go wrong on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from adapters.telephony import (
    Answer,
    Arrange,
    CallAnswered,
    CallerIdentified,
    CallOffered,
    DigitsPressed,
    EndedBy,
    PlayMusic,
    PlayPrompt,
    PromptEnded,
    RecordingStopped,
    Release,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    StartRecording,
    StopRinging,
)
from hotline.calls.call import CallId, CallState
from hotline.calls.outcome import Outcome
from hotline.hall.inputs import (
    GoBusy,
    GoReady,
    HangUp,
    OrderFailed,
    PresenceChanged,
    RejectCall,
    SignIn,
    SignOff,
    TakeCall,
)
from hotline.hall.rules import Widening
from seats.seat import SeatNo, SeatState
from tests.hall.kit import CARD, VirtualHall, menu, queue, rules

ONE = SeatNo("01")


@pytest.fixture
def hall() -> VirtualHall:
    made = VirtualHall()
    made.sign_in("01")
    return made


def test_a_caller_reaches_a_lawyer(hall: VirtualHall) -> None:
    hall.rings()
    assert hall.call().state is CallState.RINGING
    assert hall.seat("01").state is SeatState.RINGING
    ring = hall.ordered(RingSeat)[0]
    assert ring.phone.extension == "1001"
    assert ring.caller_shown == "138****8000"
    hall.pass_time(7)
    hall.picks_up()
    assert hall.call().answered_at == hall.call().offered_at + timedelta(seconds=7)
    assert [type(c) for c in hall.orders[-2:]] == [Arrange, StartRecording]
    hall.pass_time(60)
    hall.hangs_up()
    assert hall.call().outcome is Outcome.ANSWERED
    assert hall.seat("01").state is SeatState.WRAP_UP
    hall.pass_time(30)
    assert hall.seat("01").state is SeatState.READY


def test_ticket_number_and_call_id_are_born_with_the_call(hall: VirtualHall) -> None:
    hall.rings("a")
    hall.rings("b")
    assert hall.call("a").ticket == "ZZ-20261121-000001"
    assert hall.call("b").ticket == "ZZ-20261121-000002"
    assert hall.call("b").id == "zz-000000002"


def test_ticket_numbers_begin_again_each_day_of_shanghai(hall: VirtualHall) -> None:
    hall.rings("a")
    hall.pass_time(24 * 3600)
    hall.rings("b")
    assert hall.call("b").ticket == "ZZ-20261122-000001"
    assert hall.call("b").id == "zz-000000002"


def test_who_waits_longest_is_served_first(hall: VirtualHall) -> None:
    for each in "abc":
        hall.rings(each)
        hall.pass_time(1)
    hall.picks_up("a")
    assert hall.ordered(PlayMusic, "b")
    hall.hangs_up("a")
    hall.ask(GoReady(seat=ONE), "1001")
    assert hall.call("b").state is CallState.RINGING
    assert hall.call("c").state is CallState.WAITING


def test_priority_counts_as_time_waited() -> None:
    hall = VirtualHall(
        rules(queue("general"), queue("urgent", priority=1, groups=("general",)), dialled={"110": "urgent"})
    )
    hall.sign_in("01")
    hall.rings("a")
    hall.picks_up("a")
    hall.rings("b")
    hall.pass_time(60)
    hall.hear(CallOffered, "u", caller=None, dialled="110")
    hall.hangs_up("a")
    hall.ask(GoReady(seat=ONE), "1001")
    assert hall.call("u").state is CallState.RINGING


def test_a_seat_that_does_not_answer_passes_the_call_on(hall: VirtualHall) -> None:
    hall.sign_in("02")
    hall.rings()
    first = hall.call().seat
    hall.pass_time(20)
    assert hall.call().state is CallState.RINGING
    assert hall.call().seat != first
    assert hall.ordered(StopRinging)
    assert hall.seat(first or "").misses == 1


def test_three_misses_make_a_seat_busy(hall: VirtualHall) -> None:
    hall.rings()
    hall.pass_time(60)
    assert hall.seat("01").state is SeatState.BUSY
    assert hall.seat("01").reason == "no_answer"
    assert hall.call().state is CallState.WAITING


def test_nobody_is_offered_before_the_phone_of_the_desk_is_ready(hall: VirtualHall) -> None:
    hall.rings()
    hall.hear(SeatDeclined, offer=hall.call().offer, reason="unreachable", seat_fault=True)
    hall.ask(SignIn(seat=SeatNo("02"), phone_kind="browser", phone_ready=False), who="1002")
    assert (hall.seat("02").state, hall.seat("02").reason) == (SeatState.BUSY, "phone_unreachable")
    assert hall.call().state is CallState.WAITING
    hall.ask(GoReady(seat=SeatNo("02")), who="1002")
    assert hall.call().seat == "02"


def test_an_unreachable_phone_takes_its_seat_out_at_once(hall: VirtualHall) -> None:
    hall.rings()
    hall.hear(SeatDeclined, offer=hall.call().offer, reason="unreachable", seat_fault=True)
    assert hall.seat("01").state is SeatState.BUSY
    assert hall.seat("01").reason == "phone_unreachable"


@pytest.mark.parametrize(
    ("seconds", "state", "outcome"),
    [
        (2, CallState.RINGING, Outcome.SHORT_ABANDONED),
        (8, CallState.RINGING, Outcome.ABANDONED_RINGING),
    ],
)
def test_callers_who_give_up_while_it_rings(
    hall: VirtualHall, seconds: int, state: CallState, outcome: Outcome
) -> None:
    hall.rings()
    hall.pass_time(seconds)
    assert hall.call().state is state
    hall.hangs_up()
    assert hall.call().outcome is outcome
    assert hall.seat("01").state is SeatState.READY
    assert hall.seat("01").misses == 0


def test_callers_who_give_up_in_the_queue(hall: VirtualHall) -> None:
    hall.rings("a")
    hall.picks_up("a")
    hall.rings("b")
    hall.pass_time(30)
    hall.hangs_up("b")
    assert hall.call("b").outcome is Outcome.ABANDONED_QUEUE


def test_waiting_too_long_says_sorry_and_ends() -> None:
    hall = VirtualHall(rules(parting={Outcome.TIMED_OUT: "sorry"}))
    hall.sign_in("01")
    hall.rings("a")
    hall.picks_up("a")
    hall.rings("b")
    hall.pass_time(120)
    assert hall.ordered(PlayPrompt, "b")[-1].prompt == "sorry"
    hall.prompt_ends("b")
    assert hall.ordered(Release, "b")
    hall.hangs_up("b", EndedBy.US)
    assert hall.call("b").outcome is Outcome.TIMED_OUT


def test_a_full_queue_and_an_empty_hall() -> None:
    hall = VirtualHall(rules(queue(max_length=1)))
    hall.rings("x")
    hall.hangs_up("x", EndedBy.US)
    assert hall.call("x").outcome is Outcome.NO_SEAT
    hall.sign_in("01")
    hall.rings("a")
    hall.picks_up("a")
    hall.rings("b")
    hall.rings("c")
    assert hall.ordered(Release, "c")
    hall.hangs_up("c", EndedBy.US)
    assert hall.call("c").outcome is Outcome.QUEUE_FULL


def test_greeting_menu_and_a_key_nobody_has() -> None:
    topics = menu(k1="labour", k2="general")
    hall = VirtualHall(
        rules(queue("general"), queue("labour"), greeting="greeting", menu=topics),
        seats={"01": ("general",), "02": ("labour",)},
    )
    hall.sign_in("01")
    hall.sign_in("02")
    hall.rings()
    assert [type(c) for c in hall.orders] == [Answer, PlayPrompt]
    hall.hear(CallAnswered)
    hall.prompt_ends()
    assert hall.orders[-1] == PlayPrompt(call=hall.call().key, prompt="menu")
    hall.prompt_ends()
    hall.hear(DigitsPressed, digits="9")
    assert hall.call().wrong_keys == 1
    hall.hear(DigitsPressed, digits="1")
    assert hall.call().queue == "labour"
    assert hall.call().seat == "02"


@pytest.mark.parametrize("key_first", [True, False])
def test_a_wrong_key_cuts_the_menu_short_and_it_is_heard_again_whole(key_first: bool) -> None:
    """The end of the announcement that was cut is not the end of the one that plays now."""
    hall = VirtualHall(rules(menu=replace(menu(k1="general"), seconds=5)))
    hall.sign_in("01")
    hall.rings()
    facts = [(DigitsPressed, {"digits": "9"}), (PromptEnded, {"prompt": "menu", "interrupted": True})]
    for kind, fields in facts if key_first else facts[::-1]:
        hall.hear(kind, **fields)
    assert len(hall.ordered(PlayPrompt)) == 2
    hall.pass_time(12)
    assert hall.call().state is CallState.IN_MENU, "the time to choose began before the caller had heard the menu"
    hall.prompt_ends()
    hall.pass_time(6)
    assert hall.call().state is CallState.RINGING


def test_a_menu_that_the_device_cannot_play_does_not_keep_the_caller() -> None:
    hall = VirtualHall(rules(menu=replace(menu(k1="general"), seconds=5)))
    hall.sign_in("01")
    hall.rings()
    hall.hear(PromptEnded, prompt="menu", failed=True)
    assert hall.call().state is CallState.IN_MENU, "who knows the keys may press one"
    hall.pass_time(6)
    assert hall.call().state is CallState.RINGING


def test_silence_in_the_menu_leads_to_the_default_queue() -> None:
    hall = VirtualHall(rules(menu=menu(k1="general")))
    hall.sign_in("01")
    hall.rings()
    hall.prompt_ends()
    hall.pass_time(8)
    assert hall.call().state is CallState.RINGING


def test_a_menu_whose_end_is_never_reported_does_not_keep_the_caller() -> None:
    hall = VirtualHall(rules(greeting="greeting"))
    hall.sign_in("01")
    hall.rings()
    hall.pass_time(65)
    assert hall.call().state is CallState.RINGING


def test_groups_widen_with_the_wait() -> None:
    labour = queue("labour", widening=(Widening(after_seconds=30, groups=("general",)),))
    hall = VirtualHall(rules(labour, queue("general")), seats={"01": ("general",), "02": ("labour",)})
    hall.sign_in("01")
    hall.sign_in("02")
    hall.ask(GoBusy(seat=SeatNo("02"), reason="meeting"), "1002")
    hall.rings()
    assert hall.call().state is CallState.WAITING
    hall.pass_time(30)
    assert hall.call().seat == "01"


def test_an_answer_that_comes_after_the_ring_time_is_told_to_hang_up(hall: VirtualHall) -> None:
    hall.rings()
    stale = hall.call().offer
    hall.pass_time(20)
    assert hall.call().offer != stale
    hall.hear(SeatAnswered, offer=stale)
    assert hall.call().state is CallState.RINGING
    assert hall.ordered(StopRinging)[-1].offer == stale


def test_clicks(hall: VirtualHall) -> None:
    hall.rings()
    assert hall.ask(TakeCall(seat=ONE, offer="zz-000000001.9")).refusal == "offer_gone"
    assert hall.ask(TakeCall(seat=SeatNo("77"), offer="x")).refusal == "no_such_seat"
    decision = hall.ask(TakeCall(seat=ONE, offer=hall.call().offer or ""))
    assert decision.refusal is None
    assert type(decision.orders[0].command).__name__ == "PickUp"
    hall.picks_up()
    assert hall.ask(TakeCall(seat=ONE, offer=hall.call().offer or "")).refusal == "offer_gone"
    assert hall.ask(HangUp(seat=ONE, call=CallId("zz-000000099"))).refusal == "call_gone"
    hall.ask(HangUp(seat=ONE, call=hall.call().id))
    hall.hangs_up(by=EndedBy.US)
    assert hall.call().ended_by is EndedBy.SEAT


def test_a_real_phone_is_not_answered_by_a_click() -> None:
    hall = VirtualHall()
    hall.sign_in("01", phone="desk")
    hall.rings()
    assert hall.ask(TakeCall(seat=ONE, offer=hall.call().offer or "")).refusal == "phone_answers"


def test_rejecting_passes_the_call_on(hall: VirtualHall) -> None:
    hall.sign_in("02")
    hall.rings()
    first = hall.call().seat or ""
    hall.ask(RejectCall(seat=SeatNo(first), offer=hall.call().offer or ""))
    assert hall.call().seat != first


def test_second_sign_in(hall: VirtualHall) -> None:
    assert hall.ask(SignOff(seat=SeatNo("02")), "1001").refusal == "seat_not_signed_in"
    assert hall.sign_in("01").refusal == "seat_already_signed_in"
    assert hall.ask(SignIn(seat=ONE, phone_kind="desk"), "1099").refusal == "seat_taken"
    assert hall.ask(SignIn(seat=SeatNo("02"), phone_kind="desk"), "1001").refusal == "signed_in_elsewhere"


def test_the_seat_hangs_up_and_the_seat_vanishes(hall: VirtualHall) -> None:
    hall.rings("a")
    hall.picks_up("a")
    hall.hear(SeatReleased, "a", offer=hall.call("a").offer, hung_up=True)
    assert hall.ordered(Release, "a")
    hall.hangs_up("a", EndedBy.US)
    assert hall.call("a").ended_by is EndedBy.SEAT
    hall.pass_time(30)
    hall.rings("b")
    hall.picks_up("b")
    hall.ask(PresenceChanged(seat=ONE, here=False))
    hall.hear(SeatReleased, "b", offer=hall.call("b").offer)
    assert hall.call("b").state is CallState.WAITING
    hall.sign_in("02")
    assert hall.call("b").seat == "02"


def test_orders_that_fail_are_facts(hall: VirtualHall) -> None:
    hall.sign_in("02")
    hall.rings()
    first = hall.call().seat or ""
    hall.take(OrderFailed(adapter=CARD, command=hall.ordered(RingSeat)[-1], reason="refused"))
    assert hall.call().seat not in (None, first)
    assert hall.seat(first).reason == "phone_unreachable"
    hall.picks_up()
    hall.take(OrderFailed(adapter=CARD, command=hall.ordered(Arrange)[-1], reason="fault"))
    assert hall.call().state is CallState.WAITING


def test_late_caller_id_and_recording_after_the_end(hall: VirtualHall) -> None:
    hall.rings(caller=None)
    hall.hear(CallerIdentified, caller="+86 138-0013-8000")
    assert hall.call().caller == "13800138000"
    hall.picks_up()
    hall.hangs_up()
    decision = hall.hear(RecordingStopped, name="zz-000000001", seconds=3.5, file="x.wav")
    assert type(decision.events[0]).__name__ == "RecordingKept"
    assert hall.call().state is CallState.ENDED


def test_the_seat_that_answered_keeps_the_credit(hall: VirtualHall) -> None:
    hall.rings()
    hall.picks_up()
    hall.ask(PresenceChanged(seat=ONE, here=False))
    hall.hear(SeatReleased, offer=hall.call().offer)
    hall.sign_in("02")
    assert hall.call().seat == "02"
    hall.hangs_up()
    assert hall.call().seat == "01"
    assert hall.call().operator == "acc-1001"
