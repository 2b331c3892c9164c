"""A caller rings: how soon is a seat told to ring, with everything on disk before? The device is instant."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Final

from hotline.bench.lab import callers, hall_with
from hotline.bench.row import Row, quantiles
from hotline.bench.runs import Bench

SEATS: Final = 200
RATES: Final = (10, 80)
TALK_SECONDS: Final = 0.3


async def measure(bench: Bench) -> list[Row]:
    """A row for each rate: milliseconds from the fact heard to the order handed to the device, one commit between."""
    seats = bench.size(SEATS, 10)
    first = count(1, 1_000_000)
    rows: list[Row] = []
    async with hall_with(await bench.database_url(), seats=seats, talk_seconds=TALK_SECONDS) as (_, line):
        for rate in RATES:
            bench.at(f"event_to_offer {rate}/s")

            async def once(rate: int = rate) -> list[float]:
                await callers(line, rate=rate, seconds=0.5, first=next(first))
                line.clear()
                await callers(line, rate=rate, seconds=bench.size(8, 1), first=next(first))
                await asyncio.sleep(TALK_SECONDS + 0.3)
                return [each * 1000 for each in line.to_ring]

            taken = await bench.median(once, lambda samples: sorted(samples)[len(samples) // 2])
            rows.append(
                Row(
                    id="event_to_offer",
                    unit="ms",
                    case=f"{rate} 通/s",
                    **quantiles(taken.value),
                    rate=rate,
                    others_cpu=taken.others,
                    limited_by="一次提交（fsync）",
                    note=f"{taken.note}；{seats} 坐席，瞬时应答的虚拟线路，全部落盘",
                )
            )
    return rows
