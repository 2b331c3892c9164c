"""In the line: what is said, who is preferred, who is kept from whom, where one goes when it takes too long."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import to_builtins

from adapters.telephony import DigitsPressed, PlayMusic, PlayPrompt, RingOutside, SeatAnswered
from hotline.announcements.plan import Waiting
from hotline.api.sentences import Names, sentence
from hotline.callers.treatment import Level, Treatment
from hotline.calls.call import CallState
from hotline.calls.outcome import Outcome
from hotline.hall.events import CallbackWished, CallSpilled, SeatOffered
from hotline.hall.inputs import CallersChanged, GoReady
from hotline.hall.rules import Contact
from routing.spill import After, PerSeat, Spill, ToContact, ToQueue
from seats.seat import SeatNo
from tests.hall.kit import LINE, VirtualHall, queue, rules

PROVINCE = Contact(id="province", label="省平台", number="12348")


def busy_hall(*queues: Any, **changes: Any) -> VirtualHall:
    """One lawyer, who speaks with somebody."""
    hall = VirtualHall(rules(*queues, **({"abilities": LINE} | changes)), seats={"01": ("general",), "02": ("labour",)})
    hall.sign_in("01")
    hall.sign_in("02")
    hall.rings("busy", caller="13700000000")
    hall.picks_up("busy")
    return hall


def free(hall: VirtualHall) -> None:
    """The lawyer is done."""
    hall.hangs_up("busy")
    hall.ask(GoReady(seat=SeatNo("01")), "1001")


def test_place_and_wait_are_said_and_music_comes_back() -> None:
    hall = busy_hall(waiting=Waiting(position=True, expected=True, every_seconds=30))
    hall.rings("a")
    hall.pass_time(30)
    said = [each.prompt for each in hall.ordered(PlayPrompt, "a")]
    assert said == ["position-next"]
    hall.prompt_ends("a")
    assert hall.ordered(PlayPrompt, "a")[-1].prompt == "expected-before"
    for _ in range(6):
        if not isinstance(hall.orders[-1], PlayMusic):
            hall.prompt_ends("a")
    assert isinstance(hall.orders[-1], PlayMusic)
    assert hall.call("a").state is CallState.WAITING
    hall.pass_time(30)
    assert len(hall.ordered(PlayPrompt, "a")) > len(said)


def test_a_seat_that_is_free_while_the_place_is_said_rings_at_once() -> None:
    hall = busy_hall(waiting=Waiting(position=True, every_seconds=20))
    hall.rings("a")
    hall.pass_time(20)
    free(hall)
    assert hall.call("a").state is CallState.RINGING
    hall.prompt_ends("a")
    assert isinstance(hall.orders[-1], PlayMusic), "no silence while the seat rings"
    hall.picks_up("a")
    assert hall.call("a").state is CallState.TALKING


def test_a_call_back_instead_of_waiting() -> None:
    hall = busy_hall(waiting=Waiting(callback_key="9", every_seconds=20))
    hall.rings("a")
    hall.hear(DigitsPressed, "a", digits="9")
    assert any(isinstance(each, CallbackWished) for each in hall.events)
    hall.prompt_ends("a")
    hall.hangs_up("a")
    assert hall.call("a").outcome is Outcome.ABANDONED_QUEUE


def test_who_rings_again_keeps_the_place_once() -> None:
    hall = busy_hall(redial_seconds=60)
    hall.rings("a", caller="13800000001")
    hall.pass_time(40)
    hall.hangs_up("a")
    hall.rings("b", caller="13800000002")
    hall.pass_time(30)
    hall.rings("a2", caller="13800000001")
    assert hall.call("a2").kept_place
    free(hall)
    assert hall.call("a2").seat == "01"
    assert hall.call("b").state is CallState.WAITING
    hall.pass_time(21)  # he does not pick up; the caller gives up, and comes too late the next time
    hall.hangs_up("a2")
    hall.pass_time(61)
    hall.rings("a3", caller="13800000001")
    assert not hall.call("a3").kept_place


def test_a_child_goes_before_those_who_came_a_little_earlier() -> None:
    hall = busy_hall()
    hall.take(CallersChanged({"13800000002": Treatment(priority=2, marks=("minor",))}))
    hall.rings("a", caller="13800000001")
    hall.pass_time(60)
    hall.rings("b", caller="13800000002")
    free(hall)
    assert hall.call("b").seat == "01"


def test_who_harasses_is_served_last_and_served() -> None:
    hall = busy_hall()
    hall.take(CallersChanged({"13800000001": Treatment(level=Level.LIMITED, calls_a_day=2)}))
    hall.rings("a", caller="13800000001")
    hall.pass_time(60)
    hall.rings("b", caller="13800000002")
    free(hall)
    assert hall.call("b").seat == "01"
    hall.rings("again", caller="13800000001")
    hall.rings("third", caller="13800000001")
    assert hall.call("third").leaving is Outcome.BLOCKED


def test_the_lawyer_of_the_other_side_is_never_asked() -> None:
    hall = VirtualHall(rules(abilities=LINE))
    hall.sign_in("01")
    hall.take(CallersChanged({"13800138000": Treatment(excluded=("acc-1001",), conflicting=("acc-1001",))}))
    hall.rings()
    assert hall.call().state is CallState.WAITING
    hall.sign_in("02")
    assert hall.call().seat == "02"
    offered = next(each for each in hall.events if isinstance(each, SeatOffered))
    assert offered.reasons is not None
    assert [(each.seat, each.reason) for each in offered.reasons.left_out] == [("01", "conflict")]
    told = sentence("SeatOffered", to_builtins(offered), seat="02", actor="system", names=Names())
    assert "02 号" in told
    assert "01 号因利益冲突回避" in told


def test_the_lawyer_chosen_for_a_caller_comes_before_the_longest_idle() -> None:
    hall = VirtualHall(rules(abilities=LINE))
    hall.sign_in("01")
    hall.pass_time(100)
    hall.sign_in("02")
    hall.take(CallersChanged({"13800138000": Treatment(preferred="acc-1002")}))
    hall.rings()
    assert hall.call().seat == "02"


def test_after_so_long_to_another_queue_with_the_place_kept() -> None:
    spill = Spill(when=After(seconds=30), to=ToQueue(queue="labour"))
    hall = busy_hall(queue("general", spills=(spill,)), queue("labour"))
    hall.rings("a")
    began = hall.now
    hall.pass_time(30)
    assert (hall.call("a").queue, hall.call("a").seat) == ("labour", "02")
    assert hall.call("a").place_at == began
    assert [each.why for each in hall.events if isinstance(each, CallSpilled)] == ["after"]


def test_too_many_wait_so_the_province_helps_and_a_caller_it_does_not_take_comes_back() -> None:
    spill = Spill(when=PerSeat(waiting=1), to=ToContact(contact="province"))
    hall = busy_hall(queue("general", spills=(spill,)), queue("labour"), contacts={"province": PROVINCE})
    hall.rings("a", caller="13800000001")
    assert hall.call("a").state is CallState.WAITING
    hall.rings("b", caller="13800000002")
    assert hall.call("b").state is CallState.HANDING_OVER
    assert hall.ordered(RingOutside, "b")[-1].number == "12348"
    hall.pass_time(31)
    assert hall.call("b").state is CallState.WAITING
    free(hall)
    assert hall.call("a").seat == "01"


def test_the_province_takes_him() -> None:
    spill = Spill(when=After(seconds=10), to=ToContact(contact="province"))
    hall = busy_hall(queue("general", spills=(spill,)), queue("labour"), contacts={"province": PROVINCE})
    hall.rings("a")
    hall.pass_time(10)
    hall.hear(SeatAnswered, "a", offer=hall.call("a").parties[0].offer)
    hall.hangs_up("a")
    assert hall.call("a").outcome is Outcome.FORWARDED


@pytest.mark.parametrize("seconds", [0, 300])
def test_queues_that_point_at_each_other_do_not_send_a_caller_round_for_ever(seconds: float) -> None:
    there, back = (Spill(when=After(seconds=seconds), to=ToQueue(queue=name)) for name in ("labour", "general"))
    hall = busy_hall(
        queue("general", spills=(there,), max_wait_seconds=0), queue("labour", spills=(back,), max_wait_seconds=0)
    )
    hall.rings("keeps 02 busy")
    hall.rings("a")
    hall.pass_time(3000)
    assert hall.call("a").spills <= 3
