"""How soon is a backlog of hand-overs (移交) gone, once the other side is back after an hour of absence?

10,000 packages lie sealed in the database, two for every ticket, as the hour has left them: tried, put off, the way
left alone. The receiver is the peer simulator in a process of its own over real HTTP with signatures; its ledger, on
disk before it answers, says afterwards whether each arrived once and the two of a ticket in their order.
"""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import func, insert, select

from adapters import bridge_registry
from adapters.bridge import Bridge
from adapters.handover_package import HandoverPackage
from adapters.handover_sample import sample_package
from adapters.registry import Site
from hotline.bench.machine import favour
from hotline.bench.row import Row, quantiles
from hotline.bench.runs import Bench
from hotline.clock import WallClock
from hotline.handovers.courier import Courier
from hotline.handovers.handover import TO_SEND
from hotline.handovers.pace import LONGEST_REST
from hotline.handovers.records import seal_package
from hotline.rosters.calendar import SHANGHAI
from hotline.store.engine import Database
from hotline.store.seal import Seal, make_keys
from hotline.store.tables import HANDOVERS, TICKETS

HANDOVERS_QUEUED: Final = 10_000
ABSENT: Final = timedelta(hours=1)
BRIDGE: Final = "city"
GOAL: Final = {"max": 300.0}
ROWS_AT_ONCE: Final = 500
SCENARIO: Final = 'silent = true\nstops_at = "acknowledged"\n'
_PEER: Final = "HOTLINE_BENCH_PEER"


class Drained(msgspec.Struct, kw_only=True):
    """One run."""

    seconds: float
    took: list[float]
    """Milliseconds of each send, as the bridge saw it."""
    cases: int
    twice: int
    """Keys that the receiver opened more than once."""
    out_of_order: int
    """Tickets whose second arrived before their first."""


async def measure(bench: Bench) -> list[Row]:
    """`handover_drain`: the seconds until all have arrived, from the moment the receiver is back."""
    many = bench.size(bench.calls or HANDOVERS_QUEUED, 40)
    async with await Database.open(await bench.database_url(), pool_size=12) as database:
        bench.at("handover_drain")

        async def once() -> Drained:
            return await _drain(database, bench.folder(), many)

        taken = await bench.median(once, lambda run: run.seconds)
    run, worst = taken.value, max(each.seconds for each in taken.all)
    wrong = f"立件 {run.cases}，重复 {run.twice}，次序颠倒 {run.out_of_order}"
    if any(each.cases != many or each.twice or each.out_of_order for each in taken.all):
        raise RuntimeError(f"the receiver's ledger is not as it should be: {wrong}")
    figures = quantiles(run.took, digits=1)
    return [
        Row(
            id="handover_drain",
            unit="s",
            n=many,
            p50=round(run.seconds, 1),
            max=round(worst, 1),
            rate=round(many / run.seconds, 1),
            others_cpu=taken.others,
            limited_by="两核上的加密、签名、两次提交（fsync）与对端台账（fsync）",
            goal=GOAL,
            note=(
                f"{taken.note}；对方离线一小时后恢复，{many} 件全部送达的秒数（含断路休息的剩余时间）；"
                f"每件发送 p50 {figures['p50']} ms、p99 {figures['p99']} ms；对端台账：{wrong}"
            ),
        )
    ]


async def _drain(database: Database, folder: Path, many: int) -> Drained:
    hall, seal = f"d{secrets.token_hex(3)}", Seal(make_keys())
    await _queue(database, seal, hall, many)
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    async with _peer(folder, secret) as address:
        bridge = _bridge(folder, address, secret)
        took = _timed(bridge)
        courier = Courier(database.engine, seal, bridge, hall=hall, clock=WallClock(), leading=lambda: True)
        # As the hour leaves it: the way was left alone, and is for so long still.
        courier.breaker.failures, courier.breaker.rests = 5, 8
        courier.breaker.open_until = datetime.now(UTC) + (LONGEST_REST if many >= HANDOVERS_QUEUED else timedelta(0))
        began = time.monotonic()
        carrying = asyncio.create_task(courier.run(), name="courier of the bench")
        try:
            while await _left(database, hall):
                await asyncio.sleep(0.1)
            seconds = time.monotonic() - began
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)
            await bridge.close()
    with sqlite3.connect(folder / "peer" / "ledger.sqlite") as book:
        keys = [key for (key,) in book.execute("SELECT key FROM cases ORDER BY number")]
    place = {key: number for number, key in enumerate(keys)}
    wrong = sum(place[key] > place[f"{key[:-1]}2"] for key in place if key.endswith("-1"))
    twice = sum(count > 1 for count in Counter(keys).values())
    return Drained(seconds=seconds, took=took, cases=len(keys), twice=twice, out_of_order=wrong)


def _timed(bridge: Bridge) -> list[float]:
    """The milliseconds of every send, as they come."""
    took: list[float] = []
    send = bridge.send

    async def timed(package: HandoverPackage, *, again: bool = False) -> Any:
        began = time.perf_counter()
        try:
            return await send(package, again=again)
        finally:
            took.append((time.perf_counter() - began) * 1000)

    bridge.send = timed
    return took


async def _queue(database: Database, seal: Seal, hall: str, many: int) -> None:
    """The backlog as an hour without the receiver leaves it: the oldest have been tried, and are put off."""
    now = datetime.now(UTC)
    since, sample = now - ABSENT, sample_package(BRIDGE, now - ABSENT)
    rows: list[dict[str, Any]] = []
    tickets: list[dict[str, Any]] = []
    for number in range(many // 2):
        ticket = f"{hall}-{number:06d}"
        day = since.astimezone(SHANGHAI).date()
        tickets.append({"number": ticket, "hall": hall, "day": day, "created_at": since, "state": "open"})
        for turn in (1, 2):
            package = msgspec.structs.replace(sample, key=f"{ticket}-{turn}", local_no=ticket, hall=hall)
            tried = 8 if number < 30 else 0
            rows.append(
                {
                    "hall": hall,
                    "ticket": ticket,
                    "bridge": BRIDGE,
                    "key": package.key,
                    "mode": package.mode.value,
                    "legal_basis": package.legal_basis.value,
                    "package_sealed": seal_package(seal, package),
                    "created_at": since,
                    "created_by": "bench",
                    "next_at": now + timedelta(minutes=30) if tried else since,
                    "tried_since": since,
                    "tries": tried,
                }
            )
    for first in range(0, len(rows), ROWS_AT_ONCE):
        async with database.engine.begin() as conn:
            await conn.execute(insert(TICKETS), tickets[first // 2 : (first + ROWS_AT_ONCE) // 2])
            await conn.execute(insert(HANDOVERS), rows[first : first + ROWS_AT_ONCE])


async def _left(database: Database, hall: str) -> int:
    h = HANDOVERS.c
    query = select(func.count()).where(h.hall == hall, h.state.in_(sorted(TO_SEND)))
    async with database.engine.connect() as conn:
        return int((await conn.execute(query)).scalar_one())


def _bridge(folder: Path, address: str, secret: str) -> Bridge:
    http = {"url": address, "secret": "env:BENCH"}
    site = Site(state_dir=folder, secret={"env:BENCH": secret}.__getitem__)
    return bridge_registry.build(BRIDGE, {"kind": "line12345", "http": http}, site)


@asynccontextmanager
async def _peer(folder: Path, secret: str) -> AsyncIterator[str]:
    """The receiver's address, while it runs."""
    scenario = folder / "scenario.toml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    arguments = ("--state", str(folder / "peer"), "--scenario", str(scenario), "--secret-env", _PEER)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.bridges.peer", *arguments),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {_PEER: secret},
    )
    favour(process.pid)
    assert process.stdout is not None
    first = (await process.stdout.readline()).decode()
    reading = asyncio.create_task(_drop(process.stdout))
    try:
        yield first[first.index("http") : first.index("（")]
    finally:
        process.kill()
        await process.wait()
        await reading


async def _drop(said: asyncio.StreamReader) -> None:
    while await said.read(65536):
        pass
