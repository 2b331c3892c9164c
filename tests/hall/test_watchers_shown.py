"""Who sees that a supervisor listens: supervisors; the lawyer only where the site has it announced."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from adapters.telephony import SeatAnswered
from hotline.bus import Hub, Subscriber
from hotline.calls.party import Part
from hotline.hall.inputs import Monitor
from seats.seat import SeatNo
from tests.hall.kit import LINE, VirtualHall, rules


def parts(hall: VirtualHall, account: str, scope: str) -> list[str]:
    """The parties that this console is shown in its snapshot."""
    hub = Hub(lambda: hall.state, lambda: hall.now)
    snapshot: dict[str, Any] = msgspec.json.decode(hub.join(Subscriber(account, scope)))
    (call,) = snapshot["data"]["calls"]
    return [each["part"] for each in call["parties"]]


@pytest.mark.parametrize("announced", [True, False])
def test_the_snapshot_and_the_stream_say_the_same(announced: bool) -> None:
    hall = VirtualHall(rules(abilities=LINE, monitor_announced=announced), seats={"01": ("general",), "09": ("x",)})
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.sign_in("09")
    hub = Hub(lambda: hall.state, lambda: hall.now)
    consoles = {"acc-1001": Subscriber("acc-1001", "desk"), "acc-1009": Subscriber("acc-1009", "hall")}
    for each in consoles.values():
        hub.join(each)
    decision = hall.ask(Monitor(seat=SeatNo("09"), call=hall.call().id, part=Part.LISTENING), "1009")
    hub.publish([decision], hall.now)
    hub.publish([hall.hear(SeatAnswered, offer=hall.call().parties[0].offer)], hall.now)
    streamed: dict[str, list[str]] = {}
    for account, each in consoles.items():
        told = [msgspec.json.decode(message) for message in each.messages]
        calls = [message["data"] for message in told if message["event"] == "call"]
        streamed[account] = [party["part"] for party in calls[-1]["parties"]]
    listening = ["listening"]
    assert streamed == {"acc-1001": listening if announced else [], "acc-1009": listening}
    assert parts(hall, "acc-1001", "desk") == streamed["acc-1001"]
    assert parts(hall, "acc-1009", "hall") == listening
    assert parts(hall, "acc-1009", "desk") == listening, "who listens knows that he does"


def test_who_barges_in_is_heard_and_so_is_shown() -> None:
    hall = VirtualHall(rules(abilities=LINE), seats={"01": ("general",), "09": ("x",)})
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.sign_in("09")
    hall.ask(Monitor(seat=SeatNo("09"), call=hall.call().id, part=Part.BARGING), "1009")
    assert parts(hall, "acc-1001", "desk") == ["barging"]
