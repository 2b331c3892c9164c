"""What consoles are shown: whose number, whose calls, the day's figures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.telephony import (
    Handling,
    SeatAnswered,
)
from hotline.bus import Hub, Subscriber
from hotline.calls.call import Call
from hotline.hall.inputs import (
    SignIn,
    SignOff,
)
from hotline.hall.state import HallState
from hotline.hall.view import call_view
from seats.seat import SeatNo
from tests.hall.kit import VirtualHall


def heard_by(subscriber: Subscriber) -> list[dict[str, Any]]:
    """The calls in what a console was told."""
    told = [json.loads(message) for message in subscriber.messages]
    subscriber.messages.clear()
    return [each["data"] for each in told if each.get("event") == "call"]


def test_a_late_correction_shows_no_number_to_who_sits_there_now(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hub = Hub(lambda: hall.state, lambda: hall.now)
    first = Subscriber("acc-1001", "desk")
    first.push(hub.join(first))
    for made in (
        hall.rings("g", handling=Handling.DEVICE),
        hall.hear(SeatAnswered, "g", seat="1001", handling=Handling.DEVICE),
        hall.hangs_up("g", handling=Handling.DEVICE, inferred=True),
    ):
        hub.publish([made], hall.now)
    assert [each["caller"] for each in heard_by(first)] == ["13800138000", "13800138000"]
    hub.leave(first)
    hall.pass_time(60)
    hub.publish([hall.ask(SignOff(seat=SeatNo("01")), "1001")], hall.now)
    second, wall = Subscriber("acc-1002", "desk"), Subscriber("acc-9001", "hall")
    for each in (second, wall):
        each.push(hub.join(each))
    hub.publish([hall.ask(SignIn(seat=SeatNo("01"), phone_kind="simulated"), "1002")], hall.now)
    assert second.seat == "01"
    heard_by(second)
    hub.publish([hall.hangs_up("g", handling=Handling.DEVICE)], hall.now)
    assert heard_by(second) == []
    assert [each["caller"] for each in heard_by(wall)] == ["138****8000"]


def test_a_desk_pays_for_its_own_call_only(hall: VirtualHall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.sign_in("01")
    for number in range(50):
        hall.rings(f"c{number}")
    views: list[str] = []
    made = call_view

    def counted(state: HallState, call: Call, **how: Any) -> Any:
        views.append(call.id)
        return made(state, call, **how)

    monkeypatch.setattr("hotline.hall.view.call_view", counted)
    monkeypatch.setattr("hotline.bus.call_view", counted)
    hub = Hub(lambda: hall.state, lambda: hall.now)
    desk, wall = Subscriber("acc-1001", "desk"), Subscriber("acc-9001", "hall")
    told = json.loads(hub.join(desk))["data"]
    assert len(views) == 1
    assert [each["caller"] for each in told["calls"]] == ["138****8000"]
    assert [each["number"] for each in told["seats"]] == ["01"]
    everything = json.loads(hub.join(wall))["data"]
    assert len(everything["calls"]) == 50
    assert {each["caller"] for each in everything["calls"]} == {"138****8000"}


def test_the_number_is_shown_once_the_call_is_taken(hall: VirtualHall) -> None:
    """Not while it rings: it may yet ring at ten desks, and each look at a number is somebody's."""
    hall.sign_in("01")
    hub = Hub(lambda: hall.state, lambda: hall.now)
    desk = Subscriber("acc-1001", "desk")
    desk.push(hub.join(desk))
    steps = [hall.rings(), hall.picks_up()]
    hub.publish(steps, hall.now)
    hub.publish(steps[:1], hall.now)
    hub.publish([hall.hangs_up()], hall.now)
    shown = {each["state"]: each["caller"] for each in heard_by(desk)}
    assert shown == {"ringing": "138****8000", "talking": "13800138000", "ended": "13800138000"}
    hall.pass_time(60)
    unanswered = [hall.rings("b"), hall.hangs_up("b")]
    for made in unanswered:
        hub.publish([made], hall.now)
    assert {each["caller"] for each in heard_by(desk)} == {"138****8000"}


def test_the_days_figures_are_there_again_after_a_restart(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.hangs_up()
    hub = Hub(lambda: hall.state, lambda: hall.now)
    hub.restart(hall.state.past.values())
    hub.restart(hall.state.past.values())
    assert (hub.today.figures().offered, hub.today.figures().answered) == (1, 1)
