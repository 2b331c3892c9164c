"""Does a call cost more, and does the service grow, as history grows? The whole hall, call after call, on one database.

A process of its own takes calls as fast as they are served (offered, rung, answered, over; call, ticket, journal, raw
events, all on disk) and notes at each tenth what a call cost it and how large it is.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
from typing import Final

import msgspec
import uvloop

from hotline import log
from hotline.bench.lab import hall_with
from hotline.bench.line import FastLine
from hotline.bench.machine import favour, memory_bytes
from hotline.bench.row import Row
from hotline.bench.runs import Bench
from hotline.hall.hall import Hall

CALLS: Final = 40_000
SEATS: Final = 200
AT_ONCE: Final = 64
"""Callers under way; the next one rings when one has hung up."""
STEPS: Final = 10
GOAL_BYTES_PER_CALL: Final = 30.0
"""30 MB a million calls counts as flat."""


class Step(msgspec.Struct, frozen=True):
    """A tenth of the run."""

    calls: int
    """So far."""
    wall_us: float
    """Per call of this tenth."""
    cpu_us: float
    """Of this process, the database's left out."""
    memory: int
    """Bytes resident."""


async def measure(bench: Bench) -> list[Row]:
    """One row. Once only, since each run would begin with another history; the first tenth warms up."""
    calls = bench.calls or bench.size(CALLS, 500)
    url = await bench.database_url()

    async def once() -> list[Step]:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hotline.bench.history", url, str(calls)),
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        favour(child.pid)
        try:
            said, _ = await child.communicate()
        finally:
            if child.returncode is None:
                child.kill()
        return msgspec.json.decode(said, type=list[Step])

    steps = await once()
    warm = steps[1:]
    grown = _slope([step.calls for step in warm], [float(step.memory) for step in warm])
    first, last = _mean(steps[1:4]), _mean(steps[-3:])
    return [
        Row(
            id="memory_per_million_calls",
            unit="MB/百万通",
            n=calls,
            p50=round(grown, 1),
            rate=round(1e6 / (sum(step.wall_us for step in warm) / len(warm))),
            limited_by="提交（PostgreSQL）与 Python 单核",
            goal={"p50": GOAL_BYTES_PER_CALL},
            note=(
                f"由 {calls:,} 通外推；常驻内存 {steps[0].memory / 1e6:.0f} → {steps[-1].memory / 1e6:.0f} MB；"
                f"每通 CPU {first[0]:.0f} → {last[0]:.0f} µs，耗时 {first[1]:.0f} → {last[1]:.0f} µs"
                "（起始三段与末三段均值）；速率为每秒通数"
            ),
        )
    ]


def _mean(steps: list[Step]) -> tuple[float, float]:
    return sum(step.cpu_us for step in steps) / len(steps), sum(step.wall_us for step in steps) / len(steps)


def _slope(xs: list[int], ys: list[float]) -> float:
    """Least squares."""
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / sum((x - mean_x) ** 2 for x in xs)


# ── in a process of its own ──────────────────────────────────────────────────────────────────────────────────────────


async def _live(url: str, calls: int) -> list[Step]:
    async with hall_with(url, seats=SEATS, talk_seconds=0) as (hall, line):
        return await _pass_through(hall, line, calls)


async def _pass_through(hall: Hall, line: FastLine, calls: int) -> list[Step]:
    born = 0
    passed = asyncio.Event()
    steps: list[Step] = []

    def next_caller() -> None:
        nonlocal born
        if born < calls:
            born += 1
            line.offer(born)
        passed.set()

    line.on_ended = next_caller
    for _ in range(min(AT_ONCE, calls)):
        next_caller()
    for step in range(1, STEPS + 1):
        began, burned, before = time.perf_counter(), _burned(), line.ended
        until = calls * step // STEPS
        while line.ended < until or (step == STEPS and hall.state.calls):
            passed.clear()
            await asyncio.sleep(0.001) if line.ended >= until else await passed.wait()
        line.clear()
        made = max(1, line.ended - before)
        took, burned = time.perf_counter() - began, _burned() - burned
        steps.append(Step(line.ended, took / made * 1e6, burned / made * 1e6, memory_bytes(os.getpid())))
    return steps


def _burned() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """`python -m hotline.bench.history URL CALLS`; prints the steps as JSON."""
    log.configure("text", level="ERROR")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        steps = runner.run(_live(sys.argv[1], int(sys.argv[2])))
    sys.stdout.write(msgspec.json.encode(steps).decode())


if __name__ == "__main__":
    main()
