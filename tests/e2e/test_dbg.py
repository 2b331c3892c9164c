from __future__ import annotations

import asyncio

from adapters.asterisk.rig import CallerPlan, SeatPlan
from tests.e2e.site import *
from tests.e2e.test_asterisk_hall import DAY, FIRST


async def test_stress(rig, tmp_path, database_url):
    pool = rig.phones("pool", SeatPlan(ring_ms=0))
    async with site(tmp_path, rig, database_url, {k: v for k, v in DAY.items() if k < "10"}) as hall:
        run = rig.callers(CallerPlan(talk_ms=5500), count=40, rate=2.0, first=FIRST)
        await asyncio.to_thread(run.wait, 60)
        await until(hall.no_call_is_live, 20, "every call has ended")
        await asyncio.sleep(3)
        print(await hall.column("SELECT count(*) FROM calls WHERE outcome='answered'"))
        rows = await hall.fetch("SELECT call, name, started_at, stopped_at, file, missing FROM recordings")
        print(len(rows), [dict(r) for r in rows if r["file"] is None])
        for r in rows:
            if r["file"] is None:
                c = (await hall.fetch("SELECT key FROM calls WHERE id=$1", r["call"]))[0]
                for e in await hall.fetch(
                    "SELECT type, heard_at, event_id, state FROM raw_events WHERE call_key = $1 ORDER BY id", c["key"]
                ):
                    print(dict(e))
                for e in await hall.fetch(
                    "SELECT type, at, seat, data FROM journal WHERE call = $1 ORDER BY seq", r["call"]
                ):
                    print(dict(e))
                break
