"""Reports that only together tell of one call: is it still one call when the service dies in the middle?"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from datetime import UTC, datetime

import asyncpg
import httpx2
import pytest

from adapters.gateway_push.settings import Dialect
from adapters.gateway_push.simulated_wire import SimulatedCall, What, wire
from tests.failure.judge import history_holds
from tests.failure.rig import NEWROCK, Rig, rig

pytestmark = pytest.mark.crash


async def tell(made: Rig, client: httpx2.AsyncClient, what: What, call: SimulatedCall, count: int) -> None:
    """What the device sends when this happens."""
    device = wire(Dialect.NEWROCK_OM, secret="", token=made.token, zone="Asia/Shanghai")
    for message in device.messages(what, call, datetime.now(UTC), count):
        headers = device.headers(message, datetime.now(UTC))
        for _ in range(400):  # the port is not open yet
            with contextlib.suppress(httpx2.ConnectError):
                answer = await client.post(made.events_url(gateway=NEWROCK), content=message.body, headers=headers)
                assert answer.status_code == 200, answer.text
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError(made.service.tail())


async def test_a_call_live_across_a_restart_stays_one_call() -> None:
    async with rig(seats=1) as made, httpx2.AsyncClient(timeout=30) as client:
        now = datetime.now(UTC)
        call = SimulatedCall(number=1, key="om-1", caller="13800138000", dialled="12348", offered=now, shown=True)
        call.seat, call.seat_rang = "8001", now
        made.service.start()
        assert await made.service.ready() is not None, made.service.tail()
        await tell(made, client, What.OFFERED, call, 1)
        await tell(made, client, What.RINGING, call, 2)

        made.service.signal(signal.SIGKILL)
        made.service.start()
        # Not waiting for it to lead: what comes first must find the memory as well.
        call.answered = datetime.now(UTC)
        await tell(made, client, What.ANSWERED, call, 3)
        assert await made.service.ready() is not None, made.service.tail()

        made.service.signal(signal.SIGKILL)
        made.service.start()
        assert await made.service.ready() is not None, made.service.tail()
        call.released, call.by = datetime.now(UTC), "caller"
        await tell(made, client, What.RELEASED, call, 4)

        connection = await asyncpg.connect(await made.database_url())
        try:
            rows = list[asyncpg.Record]()
            for _ in range(100):
                rows = await connection.fetch("SELECT id, state, outcome, seat FROM calls WHERE adapter = $1", NEWROCK)
                if [row["state"] for row in rows] == ["ended"]:
                    break
                await connection.execute("SELECT pg_sleep(0.1)")
            assert [(row["state"], row["outcome"]) for row in rows] == [("ended", "answered")], [dict(r) for r in rows]
        finally:
            await connection.close()
        await history_holds(made)
