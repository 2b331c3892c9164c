"""The caller is held, asked about, passed on, comes back: what each press means, and what the times say afterwards."""

from __future__ import annotations

import pytest

from adapters.telephony import (
    Arrange,
    PlayMusic,
    Release,
    RingOutside,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SendKeys,
    StopRinging,
)
from hotline.calls.call import CallState
from hotline.calls.party import Part
from hotline.calls.segments import HOLDS, TALKS, WAITS, Kind, seconds
from hotline.hall.events import CallReturning, KeysSent
from hotline.hall.inputs import (
    CancelConsult,
    Consult,
    DropParty,
    GoReady,
    HangUp,
    Hold,
    JoinConsulted,
    Leave,
    Mute,
    OutsideTarget,
    PressKeys,
    QueueTarget,
    Resume,
    SeatTarget,
    TakeCall,
    Transfer,
)
from hotline.hall.rules import Contact, ContactKind
from seats.seat import SeatNo, SeatState
from tests.hall.kit import LINE, VirtualHall, queue, rules

ONE, TWO, THREE = SeatNo("01"), SeatNo("02"), SeatNo("03")
OFFICE = Contact(id="12345", label="12345 热线", number="12345", kind=ContactKind.HOTLINE)


@pytest.fixture
def hall() -> VirtualHall:
    """Seat 01 talks with a caller; 02 is free for civil matters, 03 for labour matters."""
    hall = VirtualHall(
        rules(queue("civil"), queue("labour"), contacts={OFFICE.id: OFFICE}, abilities=LINE),
        seats={"01": ("civil",), "02": ("civil",), "03": ("labour",)},
    )
    hall.sign_in("01")
    hall.rings()
    hall.pass_time(5)
    hall.picks_up()
    hall.sign_in("02")
    hall.sign_in("03")
    hall.pass_time(10)
    return hall


def does(hall: VirtualHall, kind: type, seat: SeatNo = ONE, **fields: object) -> str | None:
    """What the person at the seat does with the call; the refusal's code, if it is refused."""
    return hall.ask(kind(seat=seat, call=hall.call().id, **fields), f"10{seat}").refusal


def answers(hall: VirtualHall) -> None:
    """Whoever rings for the call beside its seat picks up."""
    party = next(each for each in hall.call().parties if not each.up)
    hall.hear(SeatAnswered, offer=party.offer)


def consults(hall: VirtualHall, target: SeatTarget | OutsideTarget) -> None:
    """Seat 01 asks, and the one asked picks up."""
    assert does(hall, Consult, target=target) is None
    hall.pass_time(3)
    answers(hall)


def last(hall: VirtualHall) -> Arrange:
    """Who hears whom, as the device was told last."""
    return hall.ordered(Arrange)[-1]


def test_hold_and_take_back(hall: VirtualHall) -> None:
    own = hall.call().offer
    assert does(hall, Hold) is None
    assert hall.call().state is CallState.HELD
    assert (last(hall).room, last(hall).caller) == ((own,), False)
    hall.pass_time(7)
    assert does(hall, Resume) is None
    assert (last(hall).room, last(hall).caller) == ((own,), True)
    hall.pass_time(4)
    hall.hangs_up()
    chain = hall.call().segments
    assert [each.kind for each in chain] == [Kind.RINGING, Kind.TALKING, Kind.HELD, Kind.TALKING]
    assert (seconds(chain, WAITS), seconds(chain, TALKS), seconds(chain, HOLDS)) == (5, 14, 7)


def test_pressed_twice_is_pressed_once(hall: VirtualHall) -> None:
    does(hall, Hold)
    orders = len(hall.orders)
    assert does(hall, Hold) is None
    assert len(hall.orders) == orders


def test_mute_is_told_to_the_line_and_ends_with_the_call(hall: VirtualHall) -> None:
    does(hall, Mute, on=True)
    assert last(hall).muted == (hall.call().offer,)
    does(hall, Mute, on=False)
    assert last(hall).muted == ()


def test_keys_go_to_whoever_has_a_menu(hall: VirtualHall) -> None:
    does(hall, PressKeys, digits="1#")
    consults(hall, OutsideTarget(contact="12345"))
    does(hall, PressKeys, digits="2")
    to = [each.offer for each in hall.ordered(SendKeys)]
    assert to == [None, hall.call().parties[0].offer]
    assert [each.count for each in hall.events if isinstance(each, KeysSent)] == [2, 1]  # and never which ones


def test_the_caller_hears_music_while_a_colleague_is_asked_and_comes_back_alone(hall: VirtualHall) -> None:
    own = hall.call().offer
    consults(hall, SeatTarget(seat=TWO))
    asked = hall.call().parties[0].offer
    assert (set(last(hall).room), last(hall).caller) == ({own, asked}, False)
    assert hall.seat("02").part == Part.CONSULTED
    hall.pass_time(20)
    assert does(hall, CancelConsult) is None
    assert hall.call().state is CallState.TALKING
    assert (last(hall).room, last(hall).caller) == ((own,), True)
    assert hall.seat("02").state is SeatState.READY
    assert seconds(hall.call().segments, frozenset({Kind.CONSULTING})) == 20


def test_nobody_picks_up_so_the_caller_is_back_by_himself(hall: VirtualHall) -> None:
    does(hall, Consult, target=SeatTarget(seat=TWO))
    hall.pass_time(21)
    assert hall.call().state is CallState.TALKING
    assert hall.call().seat == "01"
    assert hall.seat("02").state is SeatState.READY
    assert hall.seat("02").misses == 0


def test_attended_transfer(hall: VirtualHall) -> None:
    own = hall.call().offer
    assert own is not None
    consults(hall, SeatTarget(seat=TWO))
    assert does(hall, Leave) is None
    call = hall.call()
    assert (call.state, call.seat, call.operator) == (CallState.TALKING, "02", "acc-1002")
    assert (last(hall).room, last(hall).caller) == ((call.offer,), True)
    assert StopRinging(call=call.key, offer=own) in hall.orders
    assert hall.seat("01").state is SeatState.WRAP_UP
    assert hall.seat("02").part == "main"
    hall.pass_time(30)
    hall.hangs_up()
    assert hall.seat("02").state is SeatState.WRAP_UP
    chain = hall.call().segments
    assert [(each.kind, each.seat) for each in chain if each.kind in TALKS] == [
        (Kind.TALKING, "01"),
        (Kind.TALKING, "02"),
    ]
    assert seconds(chain, TALKS, seat="02") == 30


def test_the_lawyer_puts_down_while_the_colleague_is_on_the_line(hall: VirtualHall) -> None:
    consults(hall, SeatTarget(seat=TWO))
    hall.hear(SeatReleased, offer=hall.call().offer, hung_up=True)
    assert (hall.call().state, hall.call().seat) == (CallState.TALKING, "02")


def test_the_lawyer_puts_down_while_the_colleague_still_rings(hall: VirtualHall) -> None:
    does(hall, Consult, target=SeatTarget(seat=TWO))
    ringing = hall.call().parties[0].offer
    hall.hear(SeatReleased, offer=hall.call().offer, hung_up=True)
    call = hall.call()
    assert (call.state, call.seat, call.offer) == (CallState.RINGING, "02", ringing)
    assert isinstance(hall.orders[-1], PlayMusic)
    hall.picks_up()
    assert (hall.call().state, hall.call().seat) == (CallState.TALKING, "02")


@pytest.mark.parametrize("leaves", ["asker", "asked", "caller"])
def test_three_way_and_who_leaves_first(hall: VirtualHall, leaves: str) -> None:
    consults(hall, SeatTarget(seat=TWO))
    assert does(hall, JoinConsulted) is None
    assert len(last(hall).room) == 2
    assert last(hall).caller
    assert hall.call().segments[-1].kind is Kind.CONFERENCE
    hall.pass_time(5)
    if leaves == "asker":
        does(hall, HangUp)
        assert (hall.call().state, hall.call().seat) == (CallState.TALKING, "02")
        hall.ask(HangUp(seat=TWO, call=hall.call().id), "1002")
        assert hall.ordered(Release)
    elif leaves == "asked":
        hall.ask(HangUp(seat=TWO, call=hall.call().id), "1002")
        assert (hall.call().state, hall.call().seat) == (CallState.TALKING, "01")
        assert hall.seat("02").state is SeatState.READY
        assert not hall.ordered(Release)
    else:
        hall.hangs_up()
        assert hall.call().state is CallState.ENDED
        assert hall.seat("01").state is SeatState.WRAP_UP
        assert hall.seat("02").state is SeatState.READY


def test_one_is_shown_out_of_a_three_way(hall: VirtualHall) -> None:
    consults(hall, SeatTarget(seat=TWO))
    does(hall, JoinConsulted)
    does(hall, DropParty, offer=hall.call().parties[0].offer)
    assert hall.call().parties == ()
    assert last(hall).room == (hall.call().offer,)


def test_blind_transfer_to_a_colleague(hall: VirtualHall) -> None:
    assert does(hall, Transfer, target=SeatTarget(seat=THREE)) is None
    call = hall.call()
    assert (call.state, call.seat, call.wanted) == (CallState.RINGING, "03", "03")
    assert hall.seat("01").state is SeatState.WRAP_UP
    hall.picks_up()
    assert (hall.call().state, hall.call().seat) == (CallState.TALKING, "03")
    assert hall.call().answered_at is not None
    assert hall.call().wanted is None


def test_the_target_does_not_pick_up_so_the_caller_returns_to_his_lawyer(hall: VirtualHall) -> None:
    does(hall, Transfer, target=SeatTarget(seat=THREE))
    hall.pass_time(21)
    assert (hall.call().state, hall.call().seat) == (CallState.RINGING, "01")
    hall.pass_time(21)  # nor does he: then anybody
    assert (hall.call().state, hall.call().seat) == (CallState.RINGING, "02")
    hall.picks_up()
    assert hall.call().state is CallState.TALKING
    whys = [each.why for each in hall.events if isinstance(each, CallReturning)]
    assert whys == ["not_taken", "not_taken"]


def test_the_target_refuses(hall: VirtualHall) -> None:
    does(hall, Transfer, target=SeatTarget(seat=THREE))
    hall.hear(SeatDeclined, offer=hall.call().offer, reason="busy")
    assert hall.call().seat == "01"
    assert hall.seat("03").misses == 0


def test_a_transfer_to_a_queue_keeps_the_place(hall: VirtualHall) -> None:
    for seat in ("02", "03"):
        hall.rings(f"x{seat}")
    hall.ask(TakeCall(seat=TWO, offer="none"))
    hall.rings("busy3")
    hall.ask(GoReady(seat=TWO))
    call_began = hall.call().queued_at
    assert does(hall, Transfer, target=QueueTarget(queue="labour")) is None
    call = hall.call()
    assert call.queue == "labour"
    assert call.place_at == call_began
    assert call.state in (CallState.WAITING, CallState.RINGING)
    assert hall.seat("01").state is SeatState.WRAP_UP


def test_blind_transfer_outside_and_back(hall: VirtualHall) -> None:
    assert does(hall, Transfer, target=OutsideTarget(contact="12345")) is None
    assert hall.call().state is CallState.HANDING_OVER
    assert hall.ordered(RingOutside)[-1].number == "12345"
    assert hall.seat("01").state is SeatState.WRAP_UP
    hall.hear(SeatDeclined, offer=hall.call().parties[0].offer, reason="no_answer")
    assert (hall.call().state, hall.call().seat) == (CallState.RINGING, "01")
    hall.picks_up()
    assert hall.call().state is CallState.TALKING


def test_with_12345_alone_until_it_hangs_up(hall: VirtualHall) -> None:
    does(hall, Transfer, target=OutsideTarget(contact="12345"))
    answers(hall)
    assert last(hall).caller
    assert last(hall).room == (hall.call().parties[0].offer,)
    hall.pass_time(60)
    assert hall.call().segments[-1].kind is Kind.OUTSIDE
    hall.hear(SeatReleased, offer=hall.call().parties[0].offer, hung_up=True)
    assert hall.ordered(Release)
    hall.pass_time(1)
    hall.hangs_up()
    assert hall.call().segments[-1].kind is Kind.OUTSIDE, "nobody is rung for a caller whose line is released"


def test_the_line_to_12345_is_lost_so_the_caller_comes_back(hall: VirtualHall) -> None:
    does(hall, Transfer, target=OutsideTarget(contact="12345"))
    answers(hall)
    hall.pass_time(60)
    hall.hear(SeatReleased, offer=hall.call().parties[0].offer, hung_up=False)
    assert (hall.call().state, hall.call().seat) == (CallState.RINGING, "01")


def test_a_consulted_line_is_parked_while_the_lawyer_speaks_with_the_caller(hall: VirtualHall) -> None:
    consults(hall, SeatTarget(seat=TWO))
    asked = hall.call().parties[0].offer
    does(hall, Resume)
    assert asked not in last(hall).room
    assert last(hall).caller
    does(hall, Hold)
    assert asked in last(hall).room
    assert not last(hall).caller


def test_what_is_refused(hall: VirtualHall) -> None:
    assert does(hall, Leave) == "nobody_left"
    assert does(hall, JoinConsulted) == "no_consult"
    assert does(hall, CancelConsult) == "no_consult"
    assert does(hall, Hold, TWO) == "not_on_call"
    assert does(hall, Consult, target=SeatTarget(seat=ONE)) == "target_unknown"
    assert does(hall, Consult, target=SeatTarget(seat=SeatNo("99"))) == "target_unknown"
    assert does(hall, Transfer, target=OutsideTarget(contact="nobody")) == "target_unknown"
    hall.ask(HangUp(seat=ONE, call=hall.call().id))
    consults_while_another = VirtualHall(rules(abilities={}), seats=1)
    assert consults_while_another.ask(Hold(seat=ONE, call=hall.call().id)).refusal == "call_gone"


def test_a_lost_phone_is_rung_again_for_the_same_caller(hall: VirtualHall) -> None:
    hall.hear(SeatReleased, offer=hall.call().offer, hung_up=False)
    ring = hall.ordered(RingSeat)[-1]
    assert (hall.call().state, hall.call().seat, ring.expected) == (CallState.RINGING, "01", True)
    hall.hear(SeatDeclined, offer=ring.offer, reason="unreachable", seat_fault=True)
    hall.pass_time(2)
    again = hall.ordered(RingSeat)[-1]
    assert again.offer != ring.offer
    hall.picks_up()
    assert (hall.call().state, hall.call().seat) == (CallState.TALKING, "01")


def test_a_phone_that_stays_lost_leaves_the_caller_to_others(hall: VirtualHall) -> None:
    hall.hear(SeatReleased, offer=hall.call().offer, hung_up=False)
    for _ in range(15):
        call = hall.call()
        if call.state is CallState.RINGING and call.seat == "01":
            hall.hear(SeatDeclined, offer=call.offer, reason="unreachable", seat_fault=True)
        hall.pass_time(2)
    assert (hall.call().state, hall.call().seat) == (CallState.RINGING, "02")
