"""Devices are held as long as the lease is ours, and not a moment longer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from adapters.telephony import Ability, Hear, LinkUp, PortStatus
from hotline.clock import WallClock
from hotline.hall.inputs import Input, LinkLost
from hotline.supervise import Hold, keep_running
from tests.hall.kit import CARD


class Device:
    """Knows whether it is held."""

    name = CARD
    abilities: frozenset[Ability] = frozenset()
    held = 0
    times = 0

    async def run(self, hear: Hear) -> None:
        now = WallClock().now()
        self.held += 1
        self.times += 1
        hear(LinkUp(adapter=CARD, event_id=f"up-{self.times}", at=now, heard_at=now))
        try:
            await asyncio.Event().wait()
        finally:
            self.held -= 1

    async def do(self, command: object) -> None:
        return

    async def ports(self) -> Sequence[PortStatus]:
        return ()


async def test_let_go_and_taken_back() -> None:
    heard: list[Input] = []
    hold, device = Hold(), Device()
    task = asyncio.create_task(keep_running(device, heard.append, WallClock(), hold))
    async with asyncio.timeout(10):
        while not device.held:
            await asyncio.sleep(0)
        hold.let_go()
        while not isinstance(heard[-1], LinkLost):
            await asyncio.sleep(0)
        assert "lease" in heard[-1].detail
        assert not device.held
        await asyncio.sleep(0.8)
        assert device.times == 1, "held again without the lease"
        hold.take()
        while not device.held:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not device.held
