"""What do 200 wires cost at once? Pseudo-terminals, all of them under `keep_listening` in a process of its own, which
says what it heard when, and what it has burned. The devices are here; both processes read the same monotonic clock."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Final

import msgspec
import uvloop

from adapters.errors import Undecodable
from adapters.registry import Site, build
from adapters.telephony import AdapterName, CallOffered, Delivery, LinkUp, Listens
from hotline import log
from hotline.bench import said
from hotline.bench.machine import favour
from hotline.bench.ptys import Ptys, ptys
from hotline.bench.row import Row, quantiles
from hotline.bench.runs import Bench
from hotline.clock import WallClock
from hotline.hall.inputs import Heard, Input
from hotline.listen import keep_listening

PORTS: Final = 200
WIRES_EACH: Final = 8
"""So many wires one adapter may have."""
SECONDS: Final = 10
PAUSE_SECONDS: Final = (2.0, 5.0)
"""Between two words of one device."""
LATE_SECONDS: Final = 3.0
UP_SECONDS: Final = 60.0


class Told(msgspec.Struct, frozen=True):
    """What the listening process says of itself."""

    at: float
    """`perf_counter`."""
    cpu_seconds: float
    threads: int
    descriptors: int
    heard: dict[str, float]
    """By caller, when his call was decoded (`perf_counter`)."""


async def measure_talking(bench: Bench) -> list[Row]:
    """One row: milliseconds from the byte on the wire to the decoded fact; each port talks every few seconds."""
    count, seconds, number = bench.size(PORTS, 4), float(bench.size(SECONDS, 1)), 0
    with ptys(count) as wires:
        async with _listening(wires) as ear:

            async def once() -> tuple[list[float], float, int]:
                nonlocal number
                before = await ear.tell()
                sent = await _talk(wires, count, seconds, number, bench.tiny)
                number += len(sent)
                end = perf_counter() + LATE_SECONDS
                while not set(sent) <= set((told := await ear.tell()).heard) and perf_counter() < end:
                    await asyncio.sleep(0.05)
                took = [(told.heard[each] - at) * 1000 for each, at in sent.items() if each in told.heard]
                burned = 100 * (told.cpu_seconds - before.cpu_seconds) / (told.at - before.at)
                return took, burned, len(sent) - len(took)

            taken = await bench.median(once, lambda one: sorted(one[0])[len(one[0]) // 2])
    took, burned, lost = taken.value
    return [
        Row(
            id="ports_at_once",
            unit="ms",
            **quantiles(took),
            rate=round(len(took) / seconds, 1),
            others_cpu=taken.others,
            limited_by="Python 单核",
            note=f"{taken.note}；{count} 个伪终端同时监听，{len(took)} 帧，未听到 {lost}，监听进程 CPU {burned:.1f} %",
        )
    ]


async def measure_idle(bench: Bench) -> list[Row]:
    """One row: microseconds of processor time a second that an open port costs on which nothing is said."""
    count, seconds = bench.size(PORTS, 4), float(bench.size(SECONDS, 1))
    with ptys(count) as wires:
        async with _listening(wires) as ear:
            told = await ear.tell()

            async def once() -> float:
                nonlocal told
                before = await ear.tell()
                await asyncio.sleep(seconds)
                told = await ear.tell()
                return 1e6 * (told.cpu_seconds - before.cpu_seconds) / (told.at - before.at) / count

            taken = await bench.median(once, lambda cost: cost)
    return [
        Row(
            id="idle_port_cpu",
            unit="µs/s",
            n=count,
            p50=round(taken.value, 2),
            max=round(max(taken.all), 2),
            others_cpu=taken.others,
            limited_by="事件循环",
            note=f"{taken.note}；{count} 个端口空闲 {seconds:.0f} s，线程 {told.threads}，描述符 {told.descriptors}",
        )
    ]


async def _talk(wires: Ptys, count: int, seconds: float, first: int, tiny: bool) -> dict[str, float]:
    """Every device says something again and again; by caller, when."""
    chance, loop = Random(first), asyncio.get_running_loop()
    pauses = (0.1, 0.3) if tiny else PAUSE_SECONDS
    times = list[tuple[float, int]]()
    for device in range(count):
        at = chance.uniform(0, pauses[1])
        while at < seconds:
            times.append((at, device))
            at += chance.uniform(*pauses)
    began, sent = loop.time(), dict[str, float]()
    for number, (at, device) in enumerate(sorted(times), start=first):
        await asyncio.sleep(max(0.0, began + at - loop.time()))
        caller = f"138{number:08d}"
        data = said.ncid_ring(caller, number % 90 + 1, datetime.now(UTC).astimezone(said.ZONE))
        sent[caller] = perf_counter()
        wires.say(device, data)
    return sent


class _Ear:
    """The listening process, as seen from here."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def tell(self) -> Told:
        """What it has heard and burned until now."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"tell\n")
        return msgspec.json.decode(await self._process.stdout.readline(), type=Told)


@contextlib.asynccontextmanager
async def _listening(wires: Ptys) -> AsyncIterator[_Ear]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hotline.bench.ports"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
        start_new_session=True,
    )
    favour(process.pid)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(msgspec.json.encode(wires.urls) + b"\n")
        async with asyncio.timeout(UP_SECONDS):
            if await process.stdout.readline() != b"up\n":
                raise RuntimeError("the listening process did not open its wires")
        yield _Ear(process)
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


# ── in a process of its own ──────────────────────────────────────────────────────────────────────────────────────────


async def _listen() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    urls = msgspec.json.decode(await reader.readline(), type=list[str])
    groups = [urls[at : at + WIRES_EACH] for at in range(0, len(urls), WIRES_EACH)]
    heard, up, all_up = dict[str, float](), set[str](), asyncio.Event()

    def put(what: Input) -> None:
        if isinstance(what, Heard) and isinstance(what.fact, LinkUp):
            up.add(what.fact.adapter)
            if len(up) == len(groups):
                all_up.set()

    async with asyncio.TaskGroup() as tasks:
        ears = [tasks.create_task(_keep(f"box-{at}", group, put, heard)) for at, group in enumerate(groups)]
        await all_up.wait()
        _say(b"up\n")
        while await reader.readline():
            _say(msgspec.json.encode(_told(heard)) + b"\n")
        for each in ears:
            each.cancel()


async def _keep(name: str, urls: list[str], put: Callable[[Input], None], heard: dict[str, float]) -> None:
    site = Site(state_dir=Path("/nonexistent"), secret=lambda reference: "")
    table = {"kind": "cti-serial", "wires": {f"w{at}": {"url": url, "dialect": "ncid"} for at, url in enumerate(urls)}}
    adapter = build(name, table, site)
    assert isinstance(adapter, Listens)

    async def deliver(name: AdapterName, body: bytes, heard_at: datetime) -> Delivery:
        try:
            delivery = adapter.decode(body, heard_at)
        except Undecodable:
            return Delivery(events=[])
        now = perf_counter()
        heard.update({each.caller: now for each in delivery.events if isinstance(each, CallOffered) and each.caller})
        return delivery

    await keep_listening(AdapterName(name), adapter, put, deliver, WallClock())


def _told(heard: dict[str, float]) -> Told:
    descriptors = len(os.listdir("/proc/self/fd"))
    return Told(perf_counter(), time.process_time(), threading.active_count(), descriptors, heard)


def _say(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def main() -> None:
    """`python -m hotline.bench.ports`; the first line of the input names the wires, each other one asks for `Told`."""
    log.configure("text", level="ERROR")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_listen())


if __name__ == "__main__":
    main()
