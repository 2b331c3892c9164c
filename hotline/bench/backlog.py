"""More callers than seats can serve: how long does a freed seat stand idle, and how many are served a second?

50 seats, talks of one second, 60 callers a second: at best 50 a second can be served. Twice: before an instant line,
and over a real Asterisk beside its own `app_queue`, which looks for the next caller once a second.
"""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Final

from adapters.errors import Misconfigured
from hotline.bench.lab import callers, hall_with
from hotline.bench.phones import HALL_NUMBER, QUEUE_NUMBER, Calls, phone_lab
from hotline.bench.row import Peer, Row, quantiles
from hotline.bench.runs import Bench

SEATS: Final = 50
RATE: Final = 60
TALK_SECONDS: Final = 1.0
SECONDS: Final = 8
GOAL: Final = {"p50": 8.0, "p99": 30.0, "rate": 45.0}


async def measure(bench: Bench) -> list[Row]:
    """Two rows."""
    rows = [await _instant(bench)]
    try:
        rows.append(await _asterisk(bench))
    except Misconfigured as missing:
        rows.append(Row(id="seat_free_to_offer", unit="ms", case="Asterisk", note=f"未测：{missing}"))
    return rows


async def _instant(bench: Bench) -> Row:
    seats, rate, seconds = bench.size(SEATS, 5), bench.size(RATE, 6), bench.size(SECONDS, 2)
    first = count(1, 1_000_000)
    async with hall_with(await bench.database_url(), seats=seats, talk_seconds=TALK_SECONDS) as (hall, line):
        bench.at("seat_free_to_offer")

        async def once() -> tuple[list[float], float]:
            line.clear()
            await callers(line, rate=rate, seconds=seconds, first=next(first))
            while hall.state.calls:
                await asyncio.sleep(0.02)
            return [each * 1000 for each in line.idle], len(line.rings) / (line.rings[-1] - line.rings[0])

        taken = await bench.median(once, lambda one: sorted(one[0])[len(one[0]) // 2])
    idle, served = taken.value
    return Row(
        id="seat_free_to_offer",
        unit="ms",
        case="瞬时线路",
        **quantiles(idle),
        rate=round(served, 1),
        others_cpu=taken.others,
        limited_by="一次提交（fsync）",
        goal=GOAL,
        note=f"{taken.note}；{seats} 坐席，通话 {TALK_SECONDS:g} s，{rate} 通/s；全部落盘；速率为每秒服务通数",
    )


async def _asterisk(bench: Bench) -> Row:
    seats, rate, seconds = bench.size(SEATS, 5), bench.size(RATE, 6), bench.size(SECONDS, 2)
    talk = round(TALK_SECONDS * 1000)
    async with phone_lab(bench, seats=seats) as lab:
        bench.at("seat_free_to_offer Asterisk")

        async def once() -> tuple[Calls, Calls]:
            ours = await lab.load(HALL_NUMBER, rate=rate, seconds=seconds, talk_ms=talk, patience=60)
            return ours, await lab.load(QUEUE_NUMBER, rate=rate, seconds=seconds, talk_ms=talk, patience=60)

        taken = await bench.median(once, lambda pair: sorted(pair[0].idle() or [0.0])[len(pair[0].idle()) // 2])
    ours, queue = taken.value
    theirs = quantiles(queue.idle())
    return Row(
        id="seat_free_to_offer",
        unit="ms",
        case="Asterisk",
        **quantiles(ours.idle()),
        rate=round(ours.served_per_second(), 1),
        others_cpu=taken.others,
        peer=Peer(name="app_queue", p50=theirs["p50"], p99=theirs["p99"], rate=round(queue.served_per_second(), 1)),
        limited_by="两核上的 Asterisk 与一次提交（fsync）",
        goal=GOAL,
        note=(
            f"{taken.note}；同一 Asterisk，接通 {ours.answered}/{len(ours.callers)}，"
            f"先于上一通 BYE 振铃 {ours.overtaken()} 次，{ours.said}；"
            f"app_queue 接通 {queue.answered}/{len(queue.callers)}；速率为每秒服务通数"
        ),
    )
