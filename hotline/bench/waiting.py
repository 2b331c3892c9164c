"""A thousand callers wait and five hundred seats look on: what does that cost the service?

Real callers on a real Asterisk (silent: its own music would take more than a core), every seat busy, with a console at
each; ten more callers a second come and give up again, so that something happens.
"""

from __future__ import annotations

import asyncio
from typing import Final

from adapters.asterisk.rig import CallerPlan
from hotline.bench.consoles import open_consoles
from hotline.bench.machine import Watched, favour, tree_use
from hotline.bench.phones import phone_lab
from hotline.bench.row import Peer, Row
from hotline.bench.runs import Bench

SEATS: Final = 500
WAITING: Final = 1000
COMING: Final = 10
GOAL_PER_CENT: Final = 20.0


async def measure(bench: Bench) -> list[Row]:
    """One row: per cent of one core, the service's process alone."""
    seats, waiting, seconds = bench.size(SEATS, 5), bench.size(WAITING, 10), bench.size(10, 1)
    async with phone_lab(bench, seats=seats, busy=True, consoles=True) as lab:
        service = lab.service
        async with open_consoles(service, service.tokens, None) as consoles:
            crowd = lab.rig.callers(CallerPlan(), count=waiting, rate=bench.size(100, 20))
            favour(crowd.process.pid)
            await asyncio.sleep(waiting / bench.size(100, 20) + 2)
            bench.at("waiting_cost")

            async def once() -> tuple[float, float, float, int]:
                restless = lab.rig.callers(
                    CallerPlan(patience_ms=2000), count=COMING * seconds, rate=COMING, first=13_800_000_000
                )
                favour(restless.process.pid)
                watched = Watched({"service": service.pid, "asterisk": lab.rig.pid})
                database, seen = tree_use(service.database_pids), consoles.messages
                await asyncio.sleep(seconds)
                used = watched.use()
                own = 100 * (tree_use(service.database_pids) - database) / watched.seconds()
                seen = round((consoles.messages - seen) / watched.seconds())
                await asyncio.to_thread(restless.wait, 15)
                return used["service"], own, used["asterisk"], seen

            taken = await bench.median(once, lambda one: one[0])
            crowd.stop()
        still = sum(caller.end == "" for caller in crowd.callers())
    used, database, asterisk, seen = taken.value
    every = sorted(one[0] for one in taken.all)
    return [
        Row(
            id="waiting_cost",
            unit="% 单核",
            n=len(every),
            p50=used,
            max=every[-1],
            others_cpu=taken.others,
            peer=Peer(name="app_queue，2000 人等待 500 坐席，整个 PBX（实验室）", p50=16.0),
            limited_by="每 0.25 s 一次的看板和各控制台的连接",
            goal={"p50": GOAL_PER_CENT},
            note=(
                f"{taken.note}；{still} 人等待，{seats} 坐席在线，另每秒 {COMING} 人来去；每秒 {seen} 条消息到控制台；"
                f"PostgreSQL {database:.0f} %，Asterisk {asterisk:.0f} %"
            ),
        )
    ]
