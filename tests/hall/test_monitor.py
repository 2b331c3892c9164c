"""A supervisor on somebody's call: who hears whom, without ringing anew; taking over; ending it."""

from __future__ import annotations

import pytest

from adapters.telephony import Arrange, Release, RingSeat, SeatAnswered, SeatReleased, StopRinging, WatchMode
from hotline.calls.call import CallState
from hotline.calls.party import Part
from hotline.hall.inputs import (
    AskBreak,
    DecideBreak,
    ForceRelease,
    HangUp,
    Monitor,
    StopMonitoring,
    TakeBreak,
    TakeOver,
    WithdrawBreak,
)
from hotline.hall.view import call_view, sees_number
from seats.seat import SeatNo, SeatState
from tests.hall.kit import LINE, VirtualHall, rules

ONE, BOSS = SeatNo("01"), SeatNo("09")


@pytest.fixture
def hall() -> VirtualHall:
    """Seat 01 talks with a caller; the supervisor sits at 09, which takes no calls of its own."""
    hall = VirtualHall(rules(abilities=LINE, break_approval=True), seats={"01": ("general",), "09": ("boss",)})
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.sign_in("09")
    return hall


def watch(hall: VirtualHall, part: Part) -> str | None:
    return hall.ask(Monitor(seat=BOSS, call=hall.call().id, part=part), "1009").refusal


def there(hall: VirtualHall) -> None:
    watch(hall, Part.LISTENING)
    hall.hear(SeatAnswered, offer=hall.call().parties[0].offer)


def last(hall: VirtualHall) -> Arrange:
    return hall.ordered(Arrange)[-1]


def test_listening_changes_nothing_for_caller_and_lawyer(hall: VirtualHall) -> None:
    there(hall)
    assert hall.ordered(RingSeat)[-1].expected
    assert (last(hall).room, last(hall).caller) == ((hall.call().offer,), True)
    (each,) = last(hall).watching
    assert (each.mode, each.at) == (WatchMode.LISTEN, hall.call().offer)
    assert hall.call().segments[-1].others == (), "a listener is not part of the talk"


def test_from_one_to_the_other_without_ringing_anew(hall: VirtualHall) -> None:
    there(hall)
    rings = len(hall.ordered(RingSeat))
    watch(hall, Part.WHISPERING)
    assert last(hall).watching[0].mode is WatchMode.WHISPER
    watch(hall, Part.BARGING)
    assert last(hall).watching == ()
    assert len(last(hall).room) == 2
    watch(hall, Part.LISTENING)
    assert last(hall).watching[0].mode is WatchMode.LISTEN
    assert len(hall.ordered(RingSeat)) == rings
    assert hall.seat("09").part == Part.LISTENING


def test_stopping_and_hanging_up_leave_the_call_alone(hall: VirtualHall) -> None:
    for stop in (StopMonitoring(seat=BOSS), HangUp(seat=BOSS, call=hall.call().id)):
        there(hall)
        assert hall.ask(stop, "1009").refusal is None
        assert hall.call().state is CallState.TALKING
        assert hall.call().parties == ()
        assert hall.seat("09").state is SeatState.READY
    assert not hall.ordered(Release)


def test_taking_over(hall: VirtualHall) -> None:
    own = hall.call().offer
    assert own is not None
    there(hall)
    assert hall.ask(TakeOver(seat=BOSS, call=hall.call().id), "1009").refusal is None
    call = hall.call()
    assert (call.seat, call.operator, call.parties) == ("09", "acc-1009", ())
    assert StopRinging(call=call.key, offer=own) in hall.orders
    assert hall.seat("01").state is SeatState.WRAP_UP
    hall.hangs_up()
    assert hall.seat("09").state is SeatState.WRAP_UP


def test_the_watched_lawyer_hangs_up_and_the_listener_does_not_get_the_caller(hall: VirtualHall) -> None:
    there(hall)
    hall.hear(SeatReleased, offer=hall.call().offer, hung_up=True)
    assert hall.ordered(Release)
    assert hall.call().parties == ()


def test_the_listener_follows_the_caller_to_the_next_lawyer_only_while_one_is_there(hall: VirtualHall) -> None:
    there(hall)
    hall.hear(SeatReleased, offer=hall.call().offer, hung_up=False)
    assert hall.call().parties == ()
    assert hall.seat("09").state is SeatState.READY


def test_ended_by_force(hall: VirtualHall) -> None:
    assert hall.ask(ForceRelease(call=hall.call().id, reason="辱骂"), "1009").refusal is None
    assert hall.ordered(Release)


def test_what_is_refused(hall: VirtualHall) -> None:
    own = Monitor(seat=ONE, call=hall.call().id, part=Part.LISTENING)
    assert hall.ask(own).refusal == "monitor_own_call"
    assert hall.ask(TakeOver(seat=BOSS, call=hall.call().id), "1009").refusal == "not_on_call"
    assert hall.ask(StopMonitoring(seat=BOSS), "1009").refusal == "not_on_call"
    hall.hangs_up()
    assert watch(hall, Part.LISTENING) == "call_gone"


def test_who_listens_does_not_see_the_number(hall: VirtualHall) -> None:
    there(hall)
    assert sees_number(hall.call(), "01")
    assert not sees_number(hall.call(), "09")
    view = call_view(hall.state, hall.call(), full=sees_number(hall.call(), "09"), region=lambda number: "")
    assert view.caller == "138****8000"


def test_a_break_waits_for_consent(hall: VirtualHall) -> None:
    hall.hangs_up()
    hall.pass_time(31)
    assert hall.ask(TakeBreak(seat=ONE, reason="meal")).refusal == "break_needs_consent"
    hall.ask(AskBreak(seat=ONE, reason="meal"))
    assert (hall.seat("01").break_asked, hall.seat("01").state) == ("meal", SeatState.READY)
    assert hall.ask(DecideBreak(seat=ONE, approve=True), "9001").refusal is None
    assert (hall.seat("01").break_asked, hall.seat("01").state) == ("", SeatState.ON_BREAK)
    assert hall.ask(DecideBreak(seat=ONE, approve=True), "9001").refusal == "nothing_asked"


def test_a_break_that_is_not_granted(hall: VirtualHall) -> None:
    hall.ask(AskBreak(seat=ONE, reason="meal"))
    hall.ask(DecideBreak(seat=ONE, approve=False), "9001")
    assert (hall.seat("01").break_asked, hall.seat("01").next_state) == ("", None)


def test_a_break_that_is_not_wanted_any_more(hall: VirtualHall) -> None:
    assert hall.ask(WithdrawBreak(seat=ONE)).refusal == "nothing_asked"
    hall.ask(AskBreak(seat=ONE, reason="meal"))
    assert hall.ask(WithdrawBreak(seat=ONE)).refusal is None
    assert hall.seat("01").break_asked == ""
    assert hall.ask(DecideBreak(seat=ONE, approve=True), "9001").refusal == "nothing_asked"
