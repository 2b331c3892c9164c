"""How long does the report of a day take, on a day with five thousand calls and a history around it?"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hotline.bench.commit import call_steps
from hotline.bench.row import Row, quantiles
from hotline.bench.runs import Bench
from hotline.reports.answer_rate import report
from hotline.store.engine import Database
from hotline.store.ledger import HallStore
from hotline.store.rows import day_of
from hotline.store.seal import Seal, make_keys

CALLS: Final = 5_000
DAY: Final = datetime(2026, 11, 20, 0, 0, tzinfo=UTC) - timedelta(hours=8)
"""Midnight in Asia/Shanghai."""
HALL: Final = "report"
BATCH: Final = 400


async def measure(bench: Bench) -> list[Row]:
    """One row: milliseconds for one report, figures and breakdown by seat, hour and queue included."""
    calls = bench.calls or bench.size(CALLS, 100)
    async with await Database.open(await bench.database_url()) as database:
        await _fill(database, calls)
        days = [day_of(DAY + timedelta(days=1 + number)) for number in range(2)]

        async def once() -> list[float]:
            return [await _timed(database, days[number % 2]) for number in range(bench.size(6, 1))]

        taken = await bench.median(once, lambda samples: sorted(samples)[len(samples) // 2])
    return [
        Row(
            id="report_day",
            unit="ms",
            **quantiles(taken.value, 1),
            others_cpu=taken.others,
            limited_by="从数据库读出的行与 Python 计数",
            note=f"{taken.note}；一天 {calls} 通，库中三天",
        )
    ]


async def _timed(database: Database, day: Any) -> float:
    began = time.perf_counter()
    made = await report(database.engine, HALL, day)
    took = (time.perf_counter() - began) * 1000
    if not made["measures"]:
        raise RuntimeError("the report of the benchmark is empty")
    return took


async def _fill(database: Database, calls: int) -> None:
    """Three days of calls, evenly over each, through the hall's own store."""
    store = HallStore(database, Seal(make_keys()), HALL)
    try:
        lease = await store.take_lease("bench", 3600)
        if lease is None:
            raise RuntimeError("somebody else writes for the hall of the benchmark")
        seq = lease.seq + 1
        steps = call_steps(HALL, 1, DAY, timedelta(days=1) / calls)
        for _ in range(-(-calls * 3 * 4 // BATCH)):
            made = [next(steps) for _ in range(BATCH)]
            at = DAY + timedelta(days=5)
            await store.commit(lease, at, made, seq)
            seq += sum(len(decision.events) for _, decision in made)
    finally:
        await store.close()
    await database.pool.execute("ANALYZE")
