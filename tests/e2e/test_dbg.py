from __future__ import annotations
import asyncio, time
from adapters.asterisk.rig import CallerPlan, SeatPlan
from tests.e2e.site import *
from tests.e2e.test_asterisk_hall import DAY, FIRST, _no_channel, _states

async def test_twice(rig, tmp_path, database_url):
    pool = rig.phones("pool", SeatPlan(ring_ms=0))
    duty = rig.phones("duty", SeatPlan(ring_ms=200, talk_ms=800))
    async with site(tmp_path, rig, database_url, {k: v for k, v in DAY.items() if k < "10"}) as hall:
        run = rig.callers(CallerPlan(talk_ms=6500), count=1, first=FIRST)
        await until(lambda: _states(hall, ["talking"], str(FIRST)), 8, "talks")
        await asyncio.sleep(0.5)
        await hall.kill()
        six = rig.callers(CallerPlan(), first=FIRST + 6)
        await asyncio.to_thread(six.wait, 10)
        await asyncio.to_thread(run.wait, 10)
        await hall.start()
        await until(lambda: _states(hall, ["ended"]*2, str(FIRST), str(FIRST + 6)), 15, "back")
        for n in range(2):
            await hall.kill()
            await hall.start()
            n = await hall.column("SELECT count(*) FROM journal WHERE type = 'LinkRestored'")
            await until(lambda: hall.column("SELECT 1 FROM journal WHERE type = 'LinkRestored' OFFSET " + str(n[0])), 10, "link")
            await asyncio.sleep(1)
        for r in await hall.fetch("SELECT call, name, started_at, stopped_at, file, missing FROM recordings"): print(dict(r))
        for e in await hall.fetch("SELECT call, type, at, data FROM journal WHERE type like 'Rec%' or type='ReportIgnored' ORDER BY seq"): print(dict(e))
        await hall.history_holds()
