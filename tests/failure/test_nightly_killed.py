"""The nightly job is killed in the middle and after its commit: is there one report in the end, and one file?"""

from __future__ import annotations

import asyncio
import json
import signal
import time
from datetime import datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

import asyncpg
import httpx2
import pytest

from tests.failure.judge import history_holds
from tests.failure.rig import HALL, rig
from tests.failure.test_standby import applied

pytestmark = pytest.mark.crash
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.long
async def test_one_report_whatever_happens() -> None:
    async with rig(seats=1) as made:
        service = made.service
        service.start()
        assert await service.ready() is not None, service.tail()
        # A call at noon of the last day in Shanghai whose report is due, which the gateway reports late.
        due = (datetime.now(SHANGHAI) - timedelta(minutes=21)).date() - timedelta(days=1)
        noon = datetime.combine(due, clock(12), SHANGHAI)
        told = [("call.offered", {}), ("seat.answered", {"seat": "8001"}), ("call.released", {"by": "caller"})]
        events = [
            {"id": f"n-{n}", "type": kind, "call": "old-1", "at": (noon + timedelta(seconds=9 * n)).isoformat(), **more}
            for n, (kind, more) in enumerate(told)
        ]
        body, headers = made.signed(events)
        async with httpx2.AsyncClient() as client:
            assert (await client.post(made.events_url(), content=body, headers=headers)).status_code == 200
        await applied(made, {"n-0", "n-1", "n-2"})
        for point in ("before_nightly", "after_nightly"):
            service.signal(signal.SIGKILL)
            await service.gone(5)
            service.arm(point, 1)
            service.start()
            assert await service.gone(30) == -signal.SIGKILL, service.tail()
            service.start()
            assert await service.ready() is not None, service.tail()
            if point == "before_nightly":
                # Made by now, or about to be; then it has to be due again for the second death.
                connection = await asyncpg.connect(await made.database_url())
                await reported(connection)
                await connection.execute("DELETE FROM day_reports")
                await connection.close()
        connection = await asyncpg.connect(await made.database_url())
        reports = await reported(connection)
        await connection.close()
        assert [json.loads(row["measures"])["day"] for row in reports] == [str(due)]
        assert len(list((made.state / "reports").rglob("*.xlsx"))) == 1
        assert not list((made.state / "reports").rglob("*.part"))
        await history_holds(made)


async def reported(connection: asyncpg.Connection, seconds: float = 20.0) -> list[asyncpg.Record]:
    """The hall's reports, once there is one."""
    until = time.monotonic() + seconds
    while not (rows := await connection.fetch("SELECT * FROM day_reports WHERE hall = $1", HALL)):
        assert time.monotonic() < until, "no report"
        await asyncio.sleep(0.1)
    return rows
