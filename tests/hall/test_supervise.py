"""After the link is back the device is asked what is live, until it has said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from adapters.errors import NoAnswer
from adapters.telephony import Ability, Hear, LinkUp, PortStatus
from hotline import supervise
from hotline.clock import WallClock
from hotline.hall.inputs import Input, Snapshot
from hotline.supervise import keep_running
from tests.hall.kit import CARD


class Device:
    """Connects at once; the first questions for its calls meet silence."""

    name = CARD
    abilities = frozenset({Ability.REPORTS_PORTS})

    def __init__(self, silent: int) -> None:
        self.silent = silent

    async def run(self, hear: Hear) -> None:
        now = WallClock().now()
        hear(LinkUp(adapter=CARD, event_id="up", at=now, heard_at=now))
        await asyncio.Event().wait()

    async def do(self, command: object) -> None:
        return

    async def ports(self) -> Sequence[PortStatus]:
        if self.silent:
            self.silent -= 1
            raise NoAnswer("GET channels: no answer within 5 s")
        return ()


async def test_a_list_that_did_not_come_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "SNAPSHOT_PAUSE_SECONDS", 0.01)
    heard: list[Input] = []
    task = asyncio.create_task(keep_running(Device(silent=2), heard.append, WallClock()))
    async with asyncio.timeout(5):
        while not any(isinstance(each, Snapshot) for each in heard):
            await asyncio.sleep(0.01)
        (first,) = [each for each in heard if isinstance(each, Snapshot)]
        assert not first.routine
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_while_all_is_well_it_is_asked_from_time_to_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "ROUTINE_SECONDS", 0.01)
    heard: list[Input] = []
    task = asyncio.create_task(keep_running(Device(silent=0), heard.append, WallClock()))
    async with asyncio.timeout(5):
        while sum(isinstance(each, Snapshot) for each in heard) < 4:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [each.routine for each in heard if isinstance(each, Snapshot)][:4] == [False, True, True, True]
