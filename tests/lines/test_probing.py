"""A device is asked whether it is well; one that is silent twice is dead, whatever its link looks like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.errors import NoAnswer, Refused
from adapters.telephony import AdapterName, Hear, LinkUp, Probes
from hotline import supervise
from hotline.clock import WallClock
from hotline.hall.inputs import Heard, Input, LinkLost
from hotline.lines.alarms import Kind, Limits, standing
from hotline.lines.health import Line, Probe
from hotline.supervise import keep_running

CARD = AdapterName("card-1")


class Device:
    """Connects at once and stays; what it answers to a probe is set by hand."""

    name = CARD
    abilities = frozenset[Any]()

    def __init__(self) -> None:
        self.asked = 0
        self.says: Callable[[], str] = lambda: "well"
        self.silent = asyncio.Event()
        self.silent.set()

    async def run(self, hear: Hear) -> None:
        now = WallClock().now()
        hear(LinkUp(adapter=CARD, event_id=f"up/{now}", at=now, heard_at=now))
        await asyncio.Event().wait()

    async def probe(self) -> str:
        self.asked += 1
        await self.silent.wait()
        return self.says()


class Stage:
    def __init__(self) -> None:
        self.device = Device()
        self.heard: list[Input] = []
        self.probes: list[Probe] = []
        self._more = asyncio.Event()

    def put(self, input: Input) -> None:
        self.heard.append(input)
        self._more.set()

    def probed(self, probe: Probe) -> None:
        self.probes.append(probe)
        self._more.set()

    @property
    def lost(self) -> list[LinkLost]:
        return [each for each in self.heard if isinstance(each, LinkLost)]

    @property
    def ups(self) -> int:
        return sum(isinstance(each, Heard) for each in self.heard)

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not true():
                self._more.clear()
                await self._more.wait()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_PAUSE_SECONDS", "PROBE_SECONDS", "PROBE_AGAIN_SECONDS"):
        monkeypatch.setattr(supervise, name, 0.01)
    monkeypatch.setattr(supervise, "PROBE_ANSWER_SECONDS", 0.1)


@asynccontextmanager
async def watched() -> AsyncIterator[Stage]:
    stage = Stage()
    running: Any = keep_running
    task = asyncio.create_task(running(stage.device, stage.put, WallClock(), None, stage.probed))
    try:
        yield stage
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_while_all_is_well_it_is_asked_again_and_again(quick: None) -> None:
    async with watched() as stage:
        assert isinstance(stage.device, Probes)
        await stage.until(lambda: len(stage.probes) >= 4)
        assert {(each.ok, each.detail) for each in stage.probes} == {(True, "well")}
        assert not stage.lost


@pytest.mark.parametrize("how", ["hangs", "says that it did not answer"])
async def test_silent_twice_is_dead_and_told_once(quick: None, how: str) -> None:
    async with watched() as stage:
        await stage.until(lambda: stage.probes)
        if how == "hangs":
            stage.device.silent.clear()
        else:

            def nothing() -> str:
                raise NoAnswer("GET asterisk/ping: no answer within 5 s")

            stage.device.says = nothing
        await stage.until(lambda: stage.lost)
        assert [each.ok for each in stage.probes[-2:]] == [False, False]
        assert len(stage.lost) == 1
        assert "探测两次没有应答" in stage.lost[0].detail
        # And it is connected to anew, asked at once, and forgiven.
        stage.device.says = lambda: "well again"
        stage.device.silent.set()
        await stage.until(lambda: stage.ups >= 2 and stage.probes[-1].ok)


async def test_one_silence_is_forgiven(quick: None) -> None:
    answers = iter([NoAnswer("once"), None, NoAnswer("once more"), None, None])

    def now_and_then() -> str:
        said = next(answers, None)
        if said is not None:
            raise said
        return "well"

    async with watched() as stage:
        stage.device.says = now_and_then
        await stage.until(lambda: sum(not each.ok for each in stage.probes) == 2 and stage.probes[-1].ok)
        assert not stage.lost


async def test_one_that_answers_but_is_not_well_keeps_its_link_and_raises_an_alarm(quick: None) -> None:
    """A dial plan that leads elsewhere must not cost the callers who are there."""

    def unwell() -> str:
        raise Refused("测试呼叫没有到达本系统")

    async with watched() as stage:
        stage.device.says = unwell
        await stage.until(lambda: sum(not each.ok for each in stage.probes) >= 3)
        assert not stage.lost
        line, now = Line(CARD, linked=False, at=stage.probes[0].at), stage.probes[-1].at
        for probe in stage.probes:
            line.probed(probe)
        (alarm,) = standing(line.health(now), Limits(), (), now)
        assert (alarm.kind, alarm.detail) == (Kind.PROBE_FAILED, "测试呼叫没有到达本系统")


async def test_a_bug_in_a_probe_costs_no_link(quick: None) -> None:
    def broken() -> str:
        raise KeyError("a bug")

    async with watched() as stage:
        stage.device.says = broken
        await stage.until(lambda: sum(not each.ok for each in stage.probes) >= 2)
        assert not stage.lost


def test_a_dead_line_is_told_within_two_minutes() -> None:
    """The longest way: it dies right after it was asked."""
    asked_again = supervise.PROBE_SECONDS + 2 * supervise.PROBE_ANSWER_SECONDS + supervise.PROBE_AGAIN_SECONDS
    assert asked_again <= 110
