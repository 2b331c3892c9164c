"""What is kept of people's coming and going, and for how long?

The audit trail is the record; what lies here is only needed while it works. It is swept away every night.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline.people import tries
from hotline.store.tables import IDEMPOTENCY_KEYS, SESSIONS

SESSIONS_KEPT: Final = timedelta(days=30)
"""After their end: whose browser was it that night? Addresses and browsers are not kept longer than that."""
ANSWERS_KEPT: Final = timedelta(hours=24)
"""So long a request that is sent again under the same `Idempotency-Key` gets its first answer."""


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows went."""

    sessions: int
    tries: int
    answers: int


async def sweep(engine: AsyncEngine, now: datetime) -> Swept:
    """Deletes what is kept no longer: ended sessions, failed sign-ins that no longer count, answers to repeated keys.

    Every process may do it at any time.
    """
    s = SESSIONS.c
    # One that was never ended is over 14 hours after its start, or with the call that its account had then.
    ended = (s.revoked_at <= now - SESSIONS_KEPT) | (s.expires_at <= now - SESSIONS_KEPT)
    async with engine.begin() as conn:
        sessions = await conn.execute(delete(SESSIONS).where(ended))
        tried = await tries.sweep(conn, now)
        answers = await conn.execute(delete(IDEMPOTENCY_KEYS).where(IDEMPOTENCY_KEYS.c.at <= now - ANSWERS_KEPT))
    return Swept(sessions=sessions.rowcount, tries=tried, answers=answers.rowcount)
