"""A line that rings only some phones: to whom its callers are offered, what if to nobody, who is refused to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from adapters.telephony import (
    Ability,
    AdapterName,
    PhoneKind,
    Reach,
    RingOutside,
    RingSeat,
    SeatDeclined,
    SeatReleased,
)
from hotline.announcements.plan import Waiting
from hotline.calls.call import CallState
from hotline.calls.outcome import Outcome
from hotline.calls.party import Part
from hotline.hall.events import CallQueued, PlaceTold, SeatOffered
from hotline.hall.inputs import (
    Consult,
    Dial,
    GoBusy,
    GoReady,
    Monitor,
    QueueTarget,
    SeatTarget,
    SignOff,
    Transfer,
)
from hotline.hall.reach import reached, within
from hotline.hall.rules import Contact, HallRules, Widening
from hotline.hall.view import call_view
from routing.spill import After, AlwaysWhen, Spill, ToContact, ToQueue
from routing.why import sentence
from seats.seat import Seat, SeatNo, SeatState
from tests.hall.kit import CARD, LINE, START, VirtualHall, queue, rules

ONE, TWO, THREE = SeatNo("01"), SeatNo("02"), SeatNo("03")
DESK, BROWSER = frozenset({PhoneKind.DESK}), frozenset({PhoneKind.BROWSER, PhoneKind.DESK})
OFFICE = Contact(id="office", label="公证处", number="12345")
ANYWHERE = 9
"""A port whose callers reach browsers, and desk phones of no other line."""
PORTS: Mapping[int | None, Reach] = {
    1: Reach(kinds=DESK, extensions=frozenset({"1001"})),
    2: Reach(kinds=DESK, extensions=frozenset({"1002"})),
    ANYWHERE: Reach(kinds=BROWSER, elsewhere=frozenset({"1001", "1002"})),
}
"""Two modems, each with the telephone of one desk; of the port 3 nothing is known."""


def mixed(*queues: Any, **more: Any) -> HallRules:
    return rules(*queues, reaches={CARD: PORTS}, abilities=LINE, contacts={OFFICE.id: OFFICE}, **more)


@pytest.fixture
def hall() -> VirtualHall:
    return VirtualHall(mixed(), seats=3)


def states(hall: VirtualHall) -> list[SeatState]:
    return [hall.seat(each).state for each in ("01", "02", "03")]


def rung(hall: VirtualHall) -> list[str]:
    return [each.phone.extension for each in hall.ordered(RingSeat)]


# ── whom ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_seat_on_its_line_is_asked(hall: VirtualHall) -> None:
    for seat, phone in (("03", "browser"), ("02", "desk"), ("01", "desk")):
        hall.sign_in(seat, phone)
        hall.pass_time(60)
    hall.rings("a", port=1)
    assert rung(hall) == ["1001"], "though it was free for the shortest time"
    hall.rings("b", port=ANYWHERE)
    assert rung(hall) == ["1001", "1003"], "the telephone beside the second modem is not on that line"
    hall.rings("c", port=ANYWHERE)
    assert hall.call("c").state is CallState.WAITING
    assert hall.seat("02").state is SeatState.READY


def test_the_seat_that_has_the_caller_is_told_whom_his_line_rings(hall: VirtualHall) -> None:
    hall.sign_in("01", "desk")
    hall.rings("a", port=1)
    hall.picks_up("a")
    shown = call_view(hall.state, hall.call("a"), full=True, region=lambda number: "")
    assert shown.reach == PORTS[1]
    assert call_view(hall.state, hall.call("a"), full=False, region=lambda number: "").reach is None


@pytest.mark.parametrize("phone", ["browser", "simulated"])
def test_a_seat_whose_phone_is_elsewhere_stays_free(hall: VirtualHall, phone: str) -> None:
    """It is asked by nobody, whoever waits, and is not blamed."""
    hall.sign_in("01", "desk")
    hall.rings("a", port=1)
    hall.picks_up("a")
    hall.sign_in("02", phone)
    hall.rings("b", port=1)
    assert hall.call("b").state is CallState.WAITING
    hall.pass_time(60)
    assert (hall.seat("02").state, hall.seat("02").misses) == (SeatState.READY, 0)
    assert rung(hall) == ["1001"]


def test_a_seat_goes_past_those_whom_it_cannot_be_rung_for(hall: VirtualHall) -> None:
    for seat, phone in (("01", "desk"), ("02", "desk"), ("03", "browser")):
        hall.sign_in(seat, phone)
        hall.ask(GoBusy(seat=SeatNo(seat), reason="meeting"), f"10{seat}")
    for call, port in (("a", 1), ("b", 2), ("c", ANYWHERE)):
        hall.rings(call, port=port)
        hall.pass_time(1)
    hall.ask(GoReady(seat=THREE), "1003")
    offered = next(each for each in hall.events if isinstance(each, SeatOffered))
    assert (hall.call("c").state, offered.seat) == (CallState.RINGING, "03")
    assert offered.reasons is not None
    assert (offered.reasons.ahead, offered.reasons.out_of_reach) == (2, 0)
    assert "（前面 2 位不能由 03 号接听）" in sentence(offered.reasons)


def test_the_reason_says_who_was_free_and_out_of_reach(hall: VirtualHall) -> None:
    for seat, phone in (("01", "desk"), ("02", "desk"), ("03", "browser")):
        hall.sign_in(seat, phone)
    hall.rings("a", port=1)
    offered = next(each for each in hall.events if isinstance(each, SeatOffered))
    assert offered.reasons is not None
    assert (offered.reasons.rivals, offered.reasons.out_of_reach, offered.reasons.left_out) == (1, 2, ())
    told = sentence(offered.reasons)
    assert "general组中来电线路能呼到的只有 01 号空闲" in told
    assert told.endswith("；另有 2 个空闲坐席的话机不在来电线路上。")


def test_who_let_it_ring_is_asked_again_where_nobody_else_can_be(hall: VirtualHall) -> None:
    hall.sign_in("01", "desk")
    hall.sign_in("03", "browser")
    hall.rings("a", port=1)
    hall.hear(SeatDeclined, "a", offer=hall.call("a").offer, reason="busy")
    assert rung(hall) == ["1001", "1001"]
    assert hall.seat("03").state is SeatState.READY


def test_whoever_signs_in_with_the_right_phone_is_rung_at_once(hall: VirtualHall) -> None:
    hall.sign_in("01", "desk")
    hall.ask(GoBusy(seat=ONE, reason="meeting"), "1001")
    hall.rings("a", port=1)
    hall.ask(SignOff(seat=ONE), "1001")
    hall.sign_in("01", "browser")
    assert hall.call("a").state is CallState.WAITING
    hall.ask(SignOff(seat=ONE), "1001")
    hall.sign_in("01", "desk")
    assert hall.call("a").state is CallState.RINGING


# ── nobody ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("port", [1, 2])
def test_where_nobody_who_is_signed_in_can_be_rung_it_is_as_if_nobody_were(hall: VirtualHall, port: int) -> None:
    hall.sign_in("03", "browser")
    hall.sign_in("01" if port == 2 else "02", "desk")
    hall.rings("a", port=port)
    hall.pass_time(60)
    hall.hangs_up("a")
    assert hall.call("a").outcome is Outcome.NO_SEAT
    assert not hall.ordered(RingSeat)


def test_when_time_is_over_nobody_within_reach_is_nobody() -> None:
    hall = VirtualHall(mixed(queue(max_wait_seconds=40)), seats=3)
    hall.sign_in("01", "desk")
    hall.ask(GoBusy(seat=ONE, reason="meeting"), "1001")
    hall.sign_in("03", "browser")
    for call, port in (("a", 1), ("b", 1)):
        hall.rings(call, port=port)
    hall.hangs_up("b")
    hall.ask(SignOff(seat=ONE), "1001")
    hall.pass_time(39)
    assert hall.call("a").state is CallState.WAITING
    hall.pass_time(60)
    hall.hangs_up("a")
    assert hall.call("a").outcome is Outcome.NO_SEAT


def test_who_waits_for_an_absent_telephone_spills() -> None:
    """By time to a number outside; and a seat that cannot be rung does not hold him back."""
    spills = (Spill(when=After(seconds=30), to=ToContact(contact="office")),)
    hall = VirtualHall(mixed(queue(spills=spills)), seats=3)
    hall.sign_in("01", "desk")
    hall.ask(GoBusy(seat=ONE, reason="meeting"), "1001")
    hall.sign_in("03", "browser")
    hall.rings("a", port=1)
    hall.pass_time(31)
    assert hall.call("a").state is CallState.HANDING_OVER
    assert len(hall.ordered(RingOutside)) == 1


def test_a_queue_with_no_seat_within_reach_sends_on_to_one_that_has_one() -> None:
    first = queue(
        "civil",
        widening=(Widening(after_seconds=90, groups=("labour",)),),
        spills=(Spill(when=AlwaysWhen(rule="no_seat"), to=ToQueue(queue="labour")),),
    )
    hall = VirtualHall(mixed(first, queue("labour")), seats={"01": ("labour",), "03": ("civil",)})
    hall.sign_in("01", "desk")
    hall.sign_in("03", "browser")
    hall.rings("b", port=ANYWHERE)
    assert (rung(hall), hall.call("b").queue) == (["1003"], "civil")
    hall.rings("a", port=1)
    assert (rung(hall), hall.call("a").queue) == (["1003", "1001"], "labour")


def test_the_wait_that_is_told_counts_seats_within_reach() -> None:
    hall = VirtualHall(mixed(waiting=Waiting(position=True, expected=True, every_seconds=30)), seats=3)
    for seat in ("02", "03"):
        hall.sign_in(seat, "browser")
    hall.sign_in("01", "desk")
    hall.ask(GoBusy(seat=ONE, reason="meeting"), "1001")
    hall.rings("a", port=1)
    hall.pass_time(31)
    told = next(each for each in hall.events if isinstance(each, PlaceTold))
    assert (told.position, told.expected) == (1, hall.state.handle_seconds)


def test_what_the_line_reaches_is_in_the_journal(hall: VirtualHall) -> None:
    hall.sign_in("01", "desk")
    hall.rings("a", port=1)
    hall.rings("b", port=3)
    assert [each.reach for each in hall.events if isinstance(each, CallQueued)] == [PORTS[1], None]
    assert [getattr(each, "phone", "") for each in hall.events if getattr(each, "phone", "")] == ["desk"]


# ── by name ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def talking(hall: VirtualHall) -> VirtualHall:
    """Seat 01 talks over its own line; 02 sits at the telephone of another, 03 at a browser."""
    hall.sign_in("01", "desk")
    hall.rings("a", port=1)
    hall.picks_up("a")
    hall.sign_in("02", "desk")
    hall.sign_in("03", "browser")
    return hall


@pytest.mark.parametrize("target", [TWO, THREE])
@pytest.mark.parametrize("kind", [Transfer, Consult])
def test_nobody_is_asked_whose_phone_the_line_cannot_ring(
    talking: VirtualHall, kind: type[Any], target: SeatNo
) -> None:
    wish = kind(seat=ONE, call=talking.call("a").id, target=SeatTarget(seat=target))
    assert talking.ask(wish, "1001").refusal == "phone_elsewhere"
    assert talking.call("a").state is CallState.TALKING
    assert states(talking) == [SeatState.TALKING, SeatState.READY, SeatState.READY]


def test_nor_a_queue_in_which_nobody_can_be_rung() -> None:
    hall = VirtualHall(mixed(queue("civil"), queue("labour")), seats={"01": ("civil",), "03": ("labour",)})
    hall.sign_in("01", "desk")
    hall.rings("a", port=1)
    hall.picks_up("a")
    wish = Transfer(seat=ONE, call=hall.call("a").id, target=QueueTarget(queue="labour"))
    assert hall.ask(wish, "1001").refusal == "target_not_free"
    hall.sign_in("03", "browser")
    assert hall.ask(wish, "1001").refusal == "phone_elsewhere"


def test_nor_does_a_supervisor_listen_from_there(talking: VirtualHall) -> None:
    wish = Monitor(seat=THREE, call=talking.call("a").id, part=Part.LISTENING)
    assert talking.ask(wish, "1003").refusal == "phone_elsewhere"
    assert talking.seat("03").state is SeatState.READY


def test_a_call_goes_out_over_a_line_that_rings_the_own_phone() -> None:
    other = AdapterName("a-modem")  # the first by name
    ports = {other: {None: PORTS[1]}, CARD: {None: PORTS[ANYWHERE]}}
    able = {CARD: LINE[CARD], other: frozenset({Ability.RINGS_OUTSIDE})}
    hall = VirtualHall(rules(reaches=ports, abilities=able, contacts={OFFICE.id: OFFICE}), seats=3)
    hall.sign_in("03", "browser")
    wish = Dial(seat=THREE, number=OFFICE.number, purpose="contact")
    assert [order.adapter for order in hall.ask(wish, "1003").orders] == [CARD]
    hall.sign_in("02", "desk")
    wish = Dial(seat=TWO, number=OFFICE.number, purpose="contact")
    assert hall.ask(wish, "1002").refusal == "phone_elsewhere"
    assert hall.seat("02").state is SeatState.READY


def test_a_caller_who_waits_for_his_lawyer_does_not_hold_him_who_sits_elsewhere_now(talking: VirtualHall) -> None:
    """The telephone was lost, and the lawyer has signed in again at a browser: others are served there."""
    talking.hear(SeatReleased, "a", offer=talking.call("a").offer, hung_up=False)
    talking.hear(SeatDeclined, "a", offer=talking.call("a").offer, reason="unreachable", seat_fault=True)
    assert (talking.call("a").state, talking.call("a").wanted) == (CallState.WAITING, "01")
    talking.ask(GoBusy(seat=THREE, reason="meeting"), "1003")
    talking.rings("b", port=ANYWHERE)
    talking.ask(SignOff(seat=ONE), "1001")
    talking.sign_in("01", "browser")
    assert (talking.call("b").state, talking.call("b").seat) == (CallState.RINGING, "01")
    talking.picks_up("b")
    talking.pass_time(60)
    assert (talking.call("a").state, talking.call("a").wanted) == (CallState.WAITING, None)
    assert {each.phone.kind for each in talking.ordered(RingSeat, "a")} == {PhoneKind.DESK}


# ── what the lines say ───────────────────────────────────────────────────────────────────────────────────────────────


class Line:
    """As much of an adapter as is asked here."""

    def __init__(self, **reach: Any) -> None:
        if reach:
            self.reach = {None: Reach(**reach)}


def test_a_telephone_that_one_line_names_is_on_no_line_that_takes_any() -> None:
    modem = Line(kinds=DESK, extensions=frozenset({"8001"}))
    found = reached({AdapterName("m"): modem, AdapterName("pbx"): Line(kinds=BROWSER), AdapterName("gw"): Line()})  # pyright: ignore[reportArgumentType]  # only what is asked
    assert found.keys() == {"m", "pbx"}, "of a gateway nothing is known: nothing is kept from it"
    at = {kind: Seat(number=ONE, extension="8001", groups=("g",), since=START, phone_kind=kind) for kind in PhoneKind}
    rings = {name: {kind for kind, seat in at.items() if within(ports[None], seat)} for name, ports in found.items()}
    assert rings == {"m": {PhoneKind.DESK}, "pbx": {PhoneKind.BROWSER}}
    assert all(within(None, seat) for seat in at.values())


def test_a_seat_without_a_kind_is_a_desk_phone_and_a_mobile_counts_by_its_number() -> None:
    desk = Seat(number=ONE, extension="8001", groups=("g",), since=START)
    mobile = Seat(number=ONE, extension="8001", groups=("g",), since=START, phone_kind="mobile", mobile="13900000001")
    named = Reach(kinds=frozenset(PhoneKind), extensions=frozenset({"8001"}))
    assert (within(named, desk), within(named, mobile)) == (True, False)
    assert within(Reach(kinds=frozenset(PhoneKind)), mobile)
