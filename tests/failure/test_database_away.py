"""The database does not answer, or keeps hanging up: what do gateways, desks and the hall notice of it?"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx2
import pytest

from tests.failure.judge import nobody_signed_off, served, settled
from tests.failure.rig import Rig
from tests.failure.test_standby import applied, crowd, lease, pair, takes_over

pytestmark = pytest.mark.crash

AWAY = float(os.environ.get("AWAY_SECONDS", "20" if "CRASH_REPEATS" in os.environ else "12"))
PUSH = 1.0
"""A gateway waits so long for its 2xx."""
MOST_CONNECTIONS = 22
"""Of one service with one hall: two of the writer's, two pools of eight and the overflow of one of them."""


def family(postmaster: int) -> list[int]:
    """A server's processes, the first one first."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return [postmaster, *map(int, children)]


def tell(processes: Sequence[int], what: signal.Signals) -> None:
    """Signal all that are still there: a server's workers come and go."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, what)


async def push(made: Rig, client: httpx2.AsyncClient, call: str) -> float:
    """One short call; seconds until its 2xx."""
    at = datetime.now(UTC).isoformat()
    events = [
        {"id": call, "type": "call.offered", "at": at, "call": call},
        {"id": f"{call}-end", "type": "call.released", "at": at, "call": call, "by": "caller"},
    ]
    body, headers = made.signed(events)
    began = time.monotonic()
    answer = await client.post(made.events_url(), content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return time.monotonic() - began


@pytest.mark.long
async def test_the_hall_outlasts_it(server_home: Path) -> None:
    async with pair(server_home / "away", services=1) as made:
        callers = set(await made.lines())
        await it_does_not_answer(made, server_home / "away" / "pg" / "postgres" / "data")
        await it_hangs_up(made)
        await served(made, callers, 40)
        await settled(made)


async def it_does_not_answer(made: Rig, data: Path) -> None:
    """Its processes are there and stand still, so nothing is refused: everything just takes for ever."""
    before = await lease(made)
    stopped = family(int((data / "postmaster.pid").read_text().split()[0]))
    tell(stopped, signal.SIGSTOP)
    began, waits, command = time.monotonic(), list[float](), None
    let_go = False
    try:
        async with httpx2.AsyncClient(timeout=5.0) as client:
            while time.monotonic() < began + AWAY:
                waits.append(await push(made, client, f"a-{len(waits)}"))
                if command is None:
                    answering = made.consoles[0].client.post("/seats/01/busy", json={"reason": "self"}, timeout=40)
                    command = asyncio.create_task(answering)
                let_go = let_go or not await made.line_is_held()
                await asyncio.sleep(0.2)
        assert let_go, "nobody can be served, and the line's own fallback does not know"
    finally:
        tell(stopped, signal.SIGCONT)
    assert command is not None
    assert (await command).status_code in (200, 503), (await command).text
    async with asyncio.timeout(20):
        while not await made.line_is_held():
            await asyncio.sleep(0.1)
    print(f"  {len(waits)} deliveries in {AWAY:.0f} s without an answer, longest wait for a 2xx {max(waits):.2f} s")
    assert max(waits) <= PUSH * crowd()
    ids = [f"a-{n}{end}" for n in range(len(waits)) for end in ("", "-end")]
    assert await applied(made, set(ids), 20) == ids, "not in the order they came"
    assert not list((made.state / "spool").rglob("*.spool"))
    await takes_over(made.service)
    assert (await lease(made))[1] == before[1]
    assert made.service.alive
    await nobody_signed_off(made)


async def it_hangs_up(made: Rig) -> None:
    """Every connection is ended, twenty times in a row."""
    connection = await asyncpg.connect(await made.database_url())
    waits = list[float]()
    async with httpx2.AsyncClient(timeout=5.0) as client:
        for _ in range(20):
            with contextlib.suppress(asyncpg.PostgresError):
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND application_name LIKE 'hotline%'"
                )
            for _ in range(3):
                waits.append(await push(made, client, f"b-{len(waits)}"))
            await asyncio.sleep(0.4)
    print(f"  {len(waits)} deliveries while it hung up, longest wait for a 2xx {max(waits):.2f} s")
    assert max(waits) <= PUSH * crowd()
    await applied(made, {f"b-{n}{end}" for n in range(len(waits)) for end in ("", "-end")}, 20)
    assert made.service.alive
    await nobody_signed_off(made)
    many = await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'hotline%'")
    await connection.close()
    assert many <= MOST_CONNECTIONS, f"{many} connections: some have leaked"
