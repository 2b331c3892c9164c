"""Events written by hand at the end of a history: what the real hall would never have written."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import asyncpg

from tests.verify.the_hall import DAY_BEGINS

STRANGER = "kf-900000000"
"""A call that is in the journal only."""
AFTERWARDS = DAY_BEGINS + timedelta(hours=6)
"""Long after everybody has gone home."""


async def tell(
    db: asyncpg.Connection,
    late: float,
    type: str,
    /,
    *,
    call: str | None = STRANGER,
    seat: str | None = None,
    **data: Any,
) -> None:
    """One more event of the hall, so many seconds after `AFTERWARDS`."""
    await db.execute(
        """
        INSERT INTO journal (hall, seq, at, epoch, type, call, call_seq, seat, actor, data)
        SELECT hall, max(seq) + 1, $1, 1, $2, $3, 0, $4, 'system', $5 FROM journal GROUP BY hall
        """,
        AFTERWARDS + timedelta(seconds=late),
        type,
        call,
        seat,
        json.dumps(data),
    )
