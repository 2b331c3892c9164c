"""Commands on their way to a device that does not answer, refuses, or is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from adapters.errors import LinkDown, NoAnswer, Refused
from adapters.telephony import (
    Ability,
    AdapterName,
    Answer,
    CallKey,
    Command,
    Hear,
    OfferId,
    Phone,
    PhoneKind,
    PlayMusic,
    PortStatus,
    Release,
    RingSeat,
    StopRinging,
)
from hotline.hall import hands
from hotline.hall.hands import Hands
from hotline.hall.inputs import OrderFailed
from hotline.hall.state import Order
from tests.hall.kit import CARD, VirtualHall

CALL = CallKey("a")


class Device:
    """Accepts commands, or does with them what it is told to."""

    name = CARD
    abilities: frozenset[Ability] = frozenset()

    def __init__(self, *faults: BaseException | None) -> None:
        self.faults = list(faults)
        self.seen: list[Command] = []
        self.hangs = 0

    async def run(self, hear: Hear) -> None:
        await asyncio.Event().wait()

    async def ports(self) -> Sequence[PortStatus]:
        return ()

    async def do(self, command: Command) -> None:
        self.seen.append(command)
        if self.hangs:
            self.hangs -= 1
            await asyncio.sleep(60)
        if self.faults and (fault := self.faults.pop(0)) is not None:
            raise fault


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "REPEAT_AFTER_SECONDS", (0.01, 0.02))
    monkeypatch.setattr(hands, "COMMAND_SECONDS", 0.05)


async def carried_out(device: Device, *commands: Command) -> list[OrderFailed]:
    """Until nothing is on its way any more; what failed."""
    failed: list[OrderFailed] = []
    made = Hands({CARD: device}, failed.append)
    made.perform([Order(CARD, command) for command in commands])
    async with asyncio.timeout(5):
        while made.busy:
            await asyncio.sleep(0.01)
    await made.stop()
    return failed


async def test_without_an_answer_it_is_repeated_and_later_ones_wait() -> None:
    device = Device(NoAnswer("lost"), NoAnswer("lost"))
    failed = await carried_out(device, Answer(call=CALL), PlayMusic(call=CALL))
    assert device.seen == [Answer(call=CALL)] * 3 + [PlayMusic(call=CALL)]
    assert not failed


async def test_a_device_that_hangs_once_is_asked_again() -> None:
    device = Device()
    device.hangs = 1
    assert not await carried_out(device, Answer(call=CALL))
    assert len(device.seen) == 2


async def test_after_the_last_try_the_hall_is_told() -> None:
    device = Device(*[NoAnswer("lost")] * 3)
    (failed,) = await carried_out(device, Answer(call=CALL))
    assert (failed.reason, failed.detail) == ("no_answer", "lost")
    assert len(device.seen) == 3


@pytest.mark.parametrize(("fault", "reason"), [(Refused("no"), "refused"), (LinkDown("gone"), "link_down")])
async def test_what_is_sure_is_not_repeated(fault: Exception, reason: str) -> None:
    device = Device(fault)
    (failed,) = await carried_out(device, Release(call=CALL))
    assert failed.reason == reason
    assert len(device.seen) == 1


async def test_a_silent_link_is_noticed_before_a_phone_is_blamed() -> None:
    """The first request meets silence; by the next one the link's end is known."""
    device = Device(NoAnswer("silence"), LinkDown("not connected"))
    (failed,) = await carried_out(device, Answer(call=CALL))
    assert failed.reason == "link_down"


def test_a_ring_that_nobody_confirmed_goes_to_the_next_seat(hall: VirtualHall) -> None:
    """Perhaps that phone rings after all: it is told to stop. The caller waits for nobody."""
    hall.sign_in("01")
    hall.sign_in("02")
    hall.rings("a")
    first = hall.call("a")
    phone = Phone(PhoneKind.DESK, "8001")
    ring = RingSeat(call=CALL, offer=OfferId(first.offer or ""), phone=phone, seconds=20, caller_shown="")
    done = hall.take(OrderFailed(adapter=AdapterName(CARD), command=ring, reason="no_answer"))
    orders = [order.command for order in done.orders]
    assert StopRinging(call=CALL, offer=ring.offer) in orders
    assert any(isinstance(order, RingSeat) and order.offer != ring.offer for order in orders)
