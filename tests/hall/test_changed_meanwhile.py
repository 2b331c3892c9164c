"""Settings, or the clock, that changed while calls lived."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from adapters.telephony import (
    CallKey,
    CallReleased,
)
from hotline.calls.call import CallState
from hotline.calls.outcome import Outcome
from hotline.hall.decide import decide
from hotline.hall.inputs import (
    Heard,
)
from hotline.hall.rules import Widening
from hotline.hall.state import Decision, HallState
from tests.hall.kit import CARD, START, VirtualHall, check, queue, rules


def test_a_caller_of_a_queue_that_is_no_longer_in_the_settings_is_served() -> None:
    before = VirtualHall(rules(queue("general"), queue("old", groups=("general",))), seats={"01": ("general",)})
    before.sign_in("01")
    before.rings("a")
    before.rings("b")
    waiting = msgspec.structs.replace(before.call("b"), queue="old")
    after = HallState(rules(queue("general")))
    after.become(Decision(calls={waiting.id: waiting, before.call("a").id: before.call("a")}, seats=before.state.seats))
    ends = CallReleased(adapter=CARD, event_id="e", at=START, heard_at=START, call=CallKey("a"))
    after.become(decide(after, Heard(ends), START))
    check(after, START)
    assert after.calls[waiting.id].state is CallState.RINGING


def test_a_wait_outlives_the_widening_it_began_with() -> None:
    hall = VirtualHall(rules(queue("general", widening=(Widening(after_seconds=10, groups=("x",)),))), seats=1)
    hall.sign_in("01")
    hall.rings("a")
    hall.rings("b")
    hall.state.rules = rules(queue("general"))
    hall.pass_time(200)
    assert hall.call("b").leaving is Outcome.TIMED_OUT


def test_ticket_numbers_go_on_after_a_clock_that_was_ahead() -> None:
    hall = VirtualHall()
    hall.sign_in("01")
    hall.rings("a")
    first = hall.call("a").ticket
    hall.now = START + timedelta(days=40)
    hall.rings("b")
    hall.now = START + timedelta(hours=1)  # set right, and the service started again
    hall.rings("c")
    tickets = [first, hall.call("b").ticket, hall.call("c").ticket]
    assert len(set(tickets)) == 3
