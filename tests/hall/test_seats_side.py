"""The lawyer's side of a call: lost legs, empty desks, receivers put down, lawyers who moved."""

from __future__ import annotations

from adapters.telephony import (
    Arrange,
    Release,
    RingSeat,
    SeatReleased,
)
from hotline.calls.call import CallState
from hotline.calls.outcome import Outcome
from hotline.hall.inputs import (
    ForceState,
    GoReady,
    OrderFailed,
    PresenceChanged,
    SignIn,
    SignOff,
    TakeBreak,
)
from hotline.hall.rules import Widening
from routing.strategies.last_lawyer_first import STRATEGY as LAST_LAWYER_FIRST
from seats.seat import SeatNo, SeatState
from tests.hall.kit import CARD, VirtualHall, queue, rules


def test_forcing_a_ringing_seat_does_not_stumble_over_its_own_wish(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings()
    hall.ask(SignOff(seat=SeatNo("01")), "1001")
    assert hall.ask(ForceState(seat=SeatNo("01"), state=SeatState.BUSY, reason="开会"), "9001").refusal is None
    assert hall.seat("01").state is SeatState.BUSY


def test_a_call_whose_legs_do_not_join_is_offered_once_also_where_its_own_seat_is_free_at_once() -> None:
    hall = VirtualHall(rules(queue(wrap_seconds=0)))
    hall.sign_in("01")
    hall.sign_in("02")
    hall.rings()
    hall.picks_up()
    decision = hall.take(OrderFailed(adapter=CARD, command=hall.ordered(Arrange)[-1], reason="refused"))
    assert len([order for order in decision.orders if isinstance(order.command, RingSeat)]) == 1
    numbers = [event.call_seq for event in hall.events if event.call == hall.call().id]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_caller_whose_lawyer_vanished_is_not_kept_from_other_lawyers() -> None:
    wide = queue("labour", groups=("labour",), widening=(Widening(after_seconds=30, groups=("general",)),))
    hall = VirtualHall(rules(wide), seats={"01": ("labour",), "02": ("general",)})
    hall.sign_in("01")
    hall.sign_in("02")
    hall.rings()
    hall.picks_up()
    hall.ask(PresenceChanged(seat=SeatNo("01"), here=False))
    hall.hear(SeatReleased, offer=hall.call().offer)
    hall.pass_time(1)
    assert (hall.call().state, hall.call().seat) == (CallState.RINGING, "02")


def test_nor_does_he_wait_for_ever() -> None:
    hall = VirtualHall(rules(queue(max_wait_seconds=120)), seats=1)
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.ask(PresenceChanged(seat=SeatNo("01"), here=False))
    hall.hear(SeatReleased, offer=hall.call().offer)
    assert hall.call().state is CallState.WAITING
    hall.pass_time(121)
    assert hall.ordered(Release)


def test_who_puts_the_receiver_down_has_ended_the_call_though_the_console_is_gone() -> None:
    hall = VirtualHall(seats=2)
    hall.sign_in("01", phone="desk")
    hall.sign_in("02")
    hall.rings()
    hall.picks_up()
    hall.ask(PresenceChanged(seat=SeatNo("01"), here=False))
    hall.hear(SeatReleased, offer=hall.call().offer, hung_up=True)
    assert [order.call for order in hall.ordered(Release)] == ["a"]
    assert hall.seat("02").state is SeatState.READY


def test_the_last_lawyer_is_found_at_another_desk() -> None:
    hall = VirtualHall(rules(queue(strategy=LAST_LAWYER_FIRST)), seats=3)
    hall.ask(SignIn(seat=SeatNo("02"), phone_kind="simulated"), "1001")
    hall.rings("a")
    hall.picks_up("a")
    hall.hangs_up("a")
    hall.pass_time(40)
    hall.ask(SignOff(seat=SeatNo("02")), "1001")
    hall.ask(SignIn(seat=SeatNo("02"), phone_kind="simulated"), "2222")
    hall.pass_time(5)
    hall.ask(SignIn(seat=SeatNo("03"), phone_kind="simulated"), "1001")
    hall.rings("b")
    assert hall.call("b").seat == "03"


def test_an_empty_desk_is_not_rung_first_by_every_caller(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.pass_time(1)
    hall.sign_in("02")
    hall.rings("a")
    assert hall.call("a").seat == "01"
    hall.pass_time(20)
    assert hall.call("a").seat == "02"
    hall.picks_up("a")
    hall.hangs_up("a")
    hall.pass_time(1)
    hall.ask(GoReady(seat=SeatNo("02")), "1002")
    hall.rings("b")
    assert hall.call("b").seat == "01"
    hall.pass_time(20)
    hall.hangs_up("b")
    hall.rings("c")
    assert hall.call("c").seat == "02"


def test_a_caller_who_was_served_counts_as_served_whatever_failed_after() -> None:
    """His lawyer vanished, nobody else came, and even the hanging up was refused."""
    hall = VirtualHall(rules(queue(max_wait_seconds=120)), seats=1)
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.ask(PresenceChanged(seat=SeatNo("01"), here=False))
    hall.hear(SeatReleased, offer=hall.call().offer)
    hall.pass_time(121)
    (release,) = hall.ordered(Release)
    hall.take(OrderFailed(adapter=CARD, command=release, reason="refused"))
    assert hall.call().outcome is Outcome.ANSWERED


def test_a_break_chosen_while_talking_begins_after_wrap_up(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.ask(TakeBreak(seat=SeatNo("01"), reason="meal"))
    assert hall.seat("01").state is SeatState.TALKING
    hall.hangs_up()
    assert hall.seat("01").state is SeatState.WRAP_UP
    hall.pass_time(30)
    assert hall.seat("01").state is SeatState.ON_BREAK
    assert hall.seat("01").reason == "meal"


def test_forced_busy_while_ringing_gives_the_call_to_somebody_else(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.sign_in("02")
    hall.rings()
    first = hall.call().seat or ""
    hall.ask(ForceState(seat=SeatNo(first), state=SeatState.BUSY, reason="离席"), "9001")
    assert hall.seat(first).state is SeatState.BUSY
    assert hall.seat(first).actor == "9001"
    assert hall.call().state is CallState.RINGING
    assert hall.call().seat != first


def test_a_missing_seat_is_never_offered_a_call(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.ask(PresenceChanged(seat=SeatNo("01"), here=False))
    assert hall.seat("01").state is SeatState.MISSING
    hall.rings()
    assert hall.call().state is CallState.WAITING
    hall.ask(PresenceChanged(seat=SeatNo("01"), here=True))
    assert hall.call().state is CallState.RINGING


def test_a_seat_whose_console_goes_while_talking_is_missing_afterwards(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.ask(PresenceChanged(seat=SeatNo("01"), here=False))
    assert hall.seat("01").state is SeatState.TALKING
    hall.hangs_up()
    assert hall.seat("01").state is SeatState.MISSING
