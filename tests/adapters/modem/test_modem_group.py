"""Several modems under one adapter: what an ill one may not do to the others, and what is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.errors import LinkDown, NoAnswer
from adapters.modem import adapter as adapters_of_modems
from adapters.modem import line as lines
from adapters.modem import probing
from adapters.telephony import Answer, CallReleased, EndedBy, LinkUp, PortFault, PortRestored
from hotline import supervise
from hotline.clock import WallClock
from hotline.hall.inputs import Heard, Input, LinkLost
from hotline.lines.health import Probe
from hotline.supervise import keep_running
from tests.adapters.modem.bench import Served, built, settings, soon


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters_of_modems, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(adapters_of_modems, "LONGEST_PAUSE_SECONDS", 0.05)


class Group:
    """Two modems, none of them plugged in yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.modems = {1: Served("modem-usr"), 2: Served("modem-usr")}
        self.all = list(self.modems.values())
        table = settings(str(folder / "1"), folder)
        table["lines"]["2"] = {"url": str(folder / "2")}
        self.first = self.modems[1]
        self.first.adapter = built(table, folder)

    def plug_in(self, port: int) -> None:
        self.modems[port].plug_in()
        name = self.folder / str(port)
        name.unlink(missing_ok=True)
        name.symlink_to(self.modems[port].end.name)

    def plug_in_another(self, port: int) -> None:
        self.modems[port] = Served("modem-usr")
        self.all.append(self.modems[port])
        self.plug_in(port)

    async def link(self) -> asyncio.Task[None]:
        """A new link, and it is up."""
        self.first.events.clear()
        task = asyncio.create_task(self.first.adapter.run(self.first.events.append))
        await self.first.until(LinkUp)
        return task

    @property
    def told_of_ports(self) -> list[tuple[type, int | None]]:
        """Since the last link began."""
        return [(type(each), each.port) for each in self.first.events if isinstance(each, PortFault | PortRestored)]


@asynccontextmanager
async def group(folder: Path) -> AsyncIterator[Group]:
    both = Group(folder)
    try:
        yield both
    finally:
        for each in both.all:
            await each.unplug()


async def until_over(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task}, timeout=15)
    with pytest.raises(LinkDown):
        task.result()


async def test_a_silent_modem_costs_the_calls_of_the_others_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is opened anew by itself, and told as a port out of order until it works."""
    monkeypatch.setattr(lines, "PROBE_SECONDS", 0.3)
    monkeypatch.setattr(supervise, "PROBE_AGAIN_SECONDS", 0.02)
    monkeypatch.setattr(supervise, "PROBE_SECONDS", 0.02)
    heard: list[Input] = []
    probes: list[Probe] = []

    def put(fact: Input) -> None:
        heard.append(fact)
        if isinstance(fact, Heard):
            both.first.events.append(fact.fact)

    async with group(tmp_path) as both:
        talks, silent = both.modems[1], both.modems[2]
        for port in both.modems:
            both.plug_in(port)
        task = asyncio.create_task(keep_running(talks.adapter, put, WallClock(), probed=probes.append))
        try:
            await talks.until(LinkUp)
            await talks.do(Answer(call=await talks.caller()))
            monkeypatch.setattr(probing, "RESET_SECONDS", 0.3)
            silent.end.connect(lambda data: None)
            assert (await talks.until(PortFault)).port == 2
            ill = len(probes)
            await soon(lambda: len(probes) > ill + 3, "asked on and on", talks)
            assert not any(each.ok for each in probes[ill + 1 :])
            assert "2: " in probes[-1].detail
            assert talks.modem.off_hook, "nobody has hung up"
            silent.end.connect(silent.modem.take)
            assert (await talks.until(PortRestored)).port == 2
            await soon(lambda: probes[-1].ok, "all is well", talks)
            assert not any(isinstance(each, LinkLost) for each in heard)
            assert not any(isinstance(each, CallReleased) for each in talks.events)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_modems_are_asked_at_once_and_silence_is_when_none_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with group(tmp_path) as both:
        for port in both.modems:
            both.plug_in(port)
        task = await both.link()
        asked = {port: bytearray() for port in both.modems}
        for port, each in both.modems.items():
            each.end.connect(asked[port].extend)
        monkeypatch.setattr(lines, "PROBE_SECONDS", 60.0)
        asking = asyncio.create_task(both.first.adapter.probe())
        await soon(lambda: all(data == b"AT\r" for data in asked.values()), "both are asked")
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        monkeypatch.setattr(lines, "PROBE_SECONDS", 0.1)
        with pytest.raises(NoAnswer, match=r"1: .*2: "):
            await both.first.adapter.probe()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_caller_of_the_last_modem_is_told_as_lost_before_the_link_is(tmp_path: Path) -> None:
    async with group(tmp_path) as both:
        both.plug_in(1)
        task = await both.link()
        call = await both.first.caller()
        await both.first.do(Answer(call=call))
        await both.first.unplug()
        await until_over(task)
        (released,) = [each for each in both.first.events if isinstance(each, CallReleased)]
        assert (released.call, released.by, released.inferred) == (call, EndedBy.UNKNOWN, True)


async def test_a_port_told_as_out_of_order_is_told_as_restored_by_a_later_link(tmp_path: Path) -> None:
    """And one that was never told so is not: each start would be noise in the journal."""
    async with group(tmp_path) as both:
        both.plug_in(1)
        task = await both.link()
        assert (await both.first.until(PortFault)).port == 2
        await both.modems[1].unplug()
        await until_over(task)
        both.plug_in_another(1)
        both.plug_in_another(2)
        task = await both.link()
        assert (await both.first.until(PortRestored)).port == 2
        assert both.told_of_ports == [(PortRestored, 2)]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        task = await both.link()
        assert both.told_of_ports == [], "once is enough"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
