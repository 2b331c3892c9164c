"""The database does not answer, or keeps hanging up: what do gateways, desks and the hall notice of it?"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx2
import pytest

from tests.failure.judge import nobody_signed_off, served, settled
from tests.failure.rig import Rig
from tests.failure.test_standby import applied, crowd, lease, pair, takes_over

pytestmark = pytest.mark.crash

AWAY = float(os.environ.get("AWAY_SECONDS", "20"))
PUSH = 1.0
"""A gateway waits so long for its 2xx."""


def family(postmaster: int) -> list[int]:
    """A server's processes, the first one first."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return [postmaster, *map(int, children)]


async def push(made: Rig, client: httpx2.AsyncClient, number: int) -> float:
    """One event; seconds until its 2xx."""
    event = {"id": f"a-{number}", "type": "call.offered", "at": datetime.now(UTC).isoformat(), "call": f"a-{number}"}
    end = {"id": f"a-{number}-end", "type": "call.released", "at": event["at"], "call": f"a-{number}", "by": "caller"}
    body, headers = made.signed([event, end])
    began = time.monotonic()
    answer = await client.post(made.events_url(), content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return time.monotonic() - began


async def test_it_does_not_answer_for_a_while(server_home: Path) -> None:
    async with pair(server_home / "silent", services=1) as made:
        before = await lease(made)
        callers = set(await made.lines())
        postmaster = int(
            (server_home / "silent" / "pg" / "postgres" / "data" / "postmaster.pid").read_text().split()[0]
        )
        stopped = family(postmaster)
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        began, waits, command = time.monotonic(), list[float](), None
        try:
            async with httpx2.AsyncClient(timeout=5.0) as client:
                while time.monotonic() < began + AWAY:
                    waits.append(await push(made, client, len(waits)))
                    if command is None:
                        answering = made.consoles[0].client.post("/seats/01/busy", json={"reason": "self"}, timeout=40)
                        command = asyncio.create_task(answering)
                    await asyncio.sleep(0.2)
        finally:
            for process in stopped:
                os.kill(process, signal.SIGCONT)
        assert command is not None
        assert (await command).status_code in (200, 503), (await command).text
        print(f"  {len(waits)} deliveries while it was away, longest wait for the 2xx {max(waits):.2f} s")
        assert max(waits) <= PUSH * crowd()
        ids = [f"a-{n}{end}" for n in range(len(waits)) for end in ("", "-end")]
        assert await applied(made, set(ids), 20) == ids, "not in the order they came"
        assert not list((made.state / "spool").rglob("*.spool"))
        await takes_over(made.service)
        after = await lease(made)
        assert after[1] == before[1]
        assert made.service.alive
        await nobody_signed_off(made)
        await served(made, callers, 40)
        await settled(made)


async def test_it_hangs_up_again_and_again(server_home: Path) -> None:
    async with pair(server_home / "rude", services=1) as made:
        connection = await asyncpg.connect(await made.database_url())
        waits = list[float]()
        async with httpx2.AsyncClient(timeout=5.0) as client:
            for _ in range(20):
                with contextlib.suppress(asyncpg.PostgresError):
                    await connection.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE pid <> pg_backend_pid() AND application_name LIKE 'hotline%'"
                    )
                waits += [await push(made, client, len(waits)) for _ in range(3)]
                await asyncio.sleep(0.4)
        assert max(waits) <= PUSH * crowd()
        ids = {f"a-{n}{end}" for n in range(len(waits)) for end in ("", "-end")}
        await applied(made, ids, 20)
        assert made.service.alive
        await nobody_signed_off(made)
        many = await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'hotline%'")
        await connection.close()
        assert many <= 30, f"{many} connections: some have leaked"
        await settled(made)
