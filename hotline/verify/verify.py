"""`hotline verify`: does the stored history keep its promises?

Shares nothing with the code that writes: no table definition, no state machine, no rule of routing. It reads one
snapshot of the database (repeatable read), so it may run beside a working hall.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import asyncpg

from hotline.verify.callbacks import check_callbacks
from hotline.verify.occupancy import check_occupancy
from hotline.verify.order import check_order
from hotline.verify.outcomes import check_outcomes
from hotline.verify.raw import check_raw
from hotline.verify.scope import plain, read_scope
from hotline.verify.tickets import check_tickets
from hotline.verify.totals import check_totals
from hotline.verify.verdict import Check, Verdict

Progress = Callable[[str], None]


async def verify(
    dsn: str,
    *,
    hall: str | None = None,
    since: datetime | None = None,
    live: Mapping[str, set[str]] | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Check invariants 1–3, 5–7 and 10–12 on the stored history.

    `hall`: that one only. `since` (aware): calls offered and events journalled from then on; what was going on before
    is taken as it was. `live`: the keys of the calls that each adapter reports now; adapters that cannot tell are left
    out. `progress` is told the name of each part as it begins. Raises what asyncpg raises when the database is away.
    """
    began = time.monotonic()
    connection = await asyncpg.connect(plain(dsn), server_settings={"application_name": "hotline verify"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for setting in ("statement_timeout = 0", "jit = off", "work_mem = '64MB'"):
                await connection.execute(f"SET LOCAL {setting}")
            scope = await read_scope(connection, hall, since)
            parts: list[tuple[str, Callable[[], Awaitable[Check | list[Check]]]]] = [
                ("来电结果", lambda: check_outcomes(connection, scope, live)),
                ("坐席与等待", lambda: check_occupancy(connection, scope)),
                ("工单", lambda: check_tickets(connection, scope)),
                ("总数", lambda: check_totals(connection, scope)),
                ("次序", lambda: check_order(connection, scope)),
                ("原始事件", lambda: check_raw(connection, scope)),
                ("回拨", lambda: check_callbacks(connection, scope)),
            ]
            checks: list[Check] = []
            for name, run in parts:
                if progress is not None:
                    progress(name)
                found = await run()
                checks += found if isinstance(found, list) else [found]
    finally:
        await connection.close()
    return Verdict(
        hall=hall,
        since=since,
        at=scope.now,
        seconds=round(time.monotonic() - began, 3),
        checks=sorted(checks, key=lambda check: check.id),
    )
