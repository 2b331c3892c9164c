"""A running hall whose surroundings fail: lines that left the settings, a decision with a bug, a lease that is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from hotline.calls.call import CallState
from hotline.clock import WallClock
from hotline.hall import decide
from hotline.hall.hall import Hall
from hotline.hall.state import HallState
from hotline.store.errors import LeaseLost
from hotline.store.ledger import Lease
from seats.seat import SeatState
from tests.hall.kit import VirtualHall


class Memory:
    """A store that keeps one hall's state in memory."""

    def __init__(self, state: HallState) -> None:
        self.state = state
        self.leases = 1
        self.lost = False

    async def take_lease(self, holder: str, seconds: float) -> Lease | None:
        if not self.leases:
            return None
        self.leases -= 1
        now = WallClock().now()
        return Lease(hall="zz", epoch=1, holder=holder, until=now, seq=0, numbers=self.state.numbers)

    async def load(self, rules: Any) -> HallState:
        return self.state

    async def renew(self, lease: Lease, seconds: float) -> bool:
        return True

    async def give_up(self, lease: Lease) -> None:
        return

    async def decided_on(self, day: Any) -> list[Any]:
        return []

    async def told_before(self, events: Sequence[Any]) -> set[Any]:
        return set()

    async def recall(self, keys: Sequence[Any]) -> list[Any]:
        return []

    async def pending(self) -> list[Any]:
        return []

    def hand_out_anew(self) -> None:
        return

    async def commit(self, *_: Any) -> None:
        await asyncio.sleep(0)
        if self.lost:
            raise LeaseLost


class NoGaps:
    """Gaps that nobody reads."""

    async def last_sign(self, seconds: float) -> None:
        return None

    async def begin_anew(self, adapters: Sequence[str], linked: Sequence[str], at: datetime) -> None:
        pass


def running(memory: Memory) -> Hall:
    """A hall without lines."""
    spool = SimpleNamespace(is_empty=True)
    made: Any = Hall
    return made(memory.state.rules, memory, spool, NoGaps(), {}, WallClock(), "x", 0.1)


async def until(done: Any) -> None:
    async with asyncio.timeout(10):
        while not done():
            await asyncio.sleep(0.01)


async def test_calls_of_a_line_that_left_the_settings_end_and_free_their_seats() -> None:
    virtual = VirtualHall()
    virtual.sign_in("01")
    virtual.rings("a")
    virtual.picks_up("a")
    virtual.rings("b")
    memory = Memory(virtual.state)
    hall = running(memory)
    task = asyncio.create_task(hall.run())
    await until(lambda: task.done() or not memory.state.calls)
    assert virtual.seat("01").state in (SeatState.WRAP_UP, SeatState.MISSING)
    assert virtual.call("b").state is CallState.ENDED
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_bug_in_noting_presence_does_not_end_the_hall(monkeypatch: pytest.MonkeyPatch) -> None:
    virtual = VirtualHall()
    virtual.sign_in("01")
    tried: list[int] = []

    def broken(*_: object) -> None:
        tried.append(1)
        raise KeyError("a bug")

    monkeypatch.setattr(decide, "on_command", broken)
    hall = running(Memory(virtual.state))
    task = asyncio.create_task(hall.run())
    await until(lambda: task.done() or len(tried) >= 2)
    assert not task.done()
    assert hall.leading
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_who_lost_the_lease_shows_nothing_of_the_past() -> None:
    virtual = VirtualHall()
    virtual.sign_in("01")
    memory = Memory(virtual.state)
    hall = running(memory)
    task = asyncio.create_task(hall.run())
    await until(lambda: hall.leading and hall.state.seats)
    memory.lost = True
    await until(lambda: task.done() or not hall.leading)
    assert not task.done()
    await until(lambda: not hall.state.seats)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
