"""Two processes on one database: who leads, who takes over, and what can the one that lost do?"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx2
import pytest

from hotline.store.embedded import EmbeddedPostgres
from tests.failure.judge import history_holds, nobody_signed_off, served, settled
from tests.failure.rig import HALL, Rig, Service, rig

pytestmark = pytest.mark.crash

TAKE_OVER = 10.0


@asynccontextmanager
async def pair(home: Path, *, services: int = 2) -> AsyncIterator[Rig]:
    """A hall at work in the first process; the second stands by. The database is nobody's child of theirs."""
    async with EmbeddedPostgres(home / "pg") as server, rig(url=server.url, seats=4, services=services) as made:
        made.start_exchange(rate=1.0)
        made.service.start()
        assert await made.service.ready() is not None, made.service.tail()
        await made.sign_in()
        for service in made.services[1:]:
            service.start()
            assert await readiness(service) == 503
        yield made


async def readiness(service: Service, seconds: float = 20.0) -> int:
    """Its answer to "can you serve?", as soon as there is one."""
    until = time.monotonic() + seconds
    async with httpx2.AsyncClient(timeout=2.0) as client:
        while True:
            try:
                return (await client.get(f"{service.base}/readyz")).status_code
            except httpx2.HTTPError:
                assert time.monotonic() < until, service.tail()
                await asyncio.sleep(0.05)


async def lease(made: Rig) -> tuple[int, str]:
    """Epoch and holder."""
    connection = await asyncpg.connect(await made.database_url())
    try:
        row = await connection.fetchrow("SELECT epoch, holder FROM hall_leases WHERE hall = $1", HALL)
        assert row is not None
        return row["epoch"], row["holder"]
    finally:
        await connection.close()


async def takes_over(service: Service) -> float:
    """Seconds until the process that stood by is ready."""
    began = time.monotonic()
    while await readiness(service) != 200:
        assert time.monotonic() - began < 30, service.tail()
        await asyncio.sleep(0.05)
    return time.monotonic() - began


def crowd() -> float:
    """How many processes want each core: times are promised for a machine that has nothing else to do."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.mark.long
async def test_one_leads_and_the_other_takes_over(server_home: Path) -> None:
    async with pair(server_home / "pair") as made:
        first, second = made.services
        await pushed_to_the_other(made, second)
        epoch, _ = await lease(made)

        began = time.monotonic()
        first.signal(signal.SIGSTOP)
        await asyncio.sleep(0.5)  # a question to a stopped process would hang
        took = await takes_over(second) + 0.5
        print(f"  taken over {took:.1f} s after the leader fell asleep")
        assert took <= TAKE_OVER * crowd()
        await made.move(second)
        await made.board.subscribed(10)
        await asyncio.sleep(max(0.0, 12 - (time.monotonic() - began)))
        connections = made.line_ledger.read_text().count('"connected"')
        woken = time.monotonic()
        first.signal(signal.SIGCONT)
        while "another process has taken over the hall" not in first.tail(200):
            assert time.monotonic() - woken < 5 * crowd(), first.tail()
            await asyncio.sleep(0.05)
        await asyncio.sleep(3)  # time enough to do harm
        assert first.alive
        assert await readiness(first) == 503
        assert made.line_ledger.read_text().count('"connected"') == connections, "it took the line back"
        assert await lease(made) == (epoch + 1, (made.home / "state-1" / "instance").read_text())
        await nobody_signed_off(made)
        await history_holds(made)

        # And the other way round: it is fit to take over again.
        callers = set(await made.lines())
        second.signal(signal.SIGKILL)
        took = await takes_over(first)
        print(f"  taken over {took:.1f} s after the leader was killed")
        assert took <= TAKE_OVER * crowd()
        await made.move(first)
        await made.board.subscribed(10)
        await nobody_signed_off(made)
        await served(made, callers, 60)
        second.start()
        assert await readiness(second) == 503
        assert (await lease(made))[0] == epoch + 2
        await settled(made)


async def pushed_to_the_other(made: Rig, standby: Service) -> None:
    """A gateway that pushes to the one that stands by: durable there, applied by the one that leads."""
    events = [
        {"id": f"s-{n}", "type": kind, "at": datetime.now(UTC).isoformat(), "call": "standby-1", **more}
        for n, (kind, more) in enumerate(
            [("call.offered", {"caller": "13800138000"}), ("call.released", {"by": "caller"})]
        )
    ]
    body, headers = made.signed(events)
    async with httpx2.AsyncClient(timeout=10) as client:
        answer = await client.post(made.events_url(standby), content=body, headers=headers)
        assert answer.status_code == 200, answer.text
    await applied(made, {"s-0", "s-1"})


async def applied(made: Rig, ids: set[str], seconds: float = 10.0) -> list[str]:
    """Wait until those pushed events are applied; their order in the store."""
    connection = await asyncpg.connect(await made.database_url())
    until = time.monotonic() + seconds
    try:
        while True:
            rows = await connection.fetch(
                "SELECT event_id, state FROM raw_events WHERE event_id = ANY($1) ORDER BY id", list(ids)
            )
            if len(rows) == len(ids) and {row["state"] for row in rows} == {"applied"}:
                return [row["event_id"] for row in rows]
            waiting = ids - {row["event_id"] for row in rows if row["state"] == "applied"}
            assert time.monotonic() < until, f"not applied within {seconds} s: {sorted(waiting)[:20]}"
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
