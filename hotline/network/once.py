"""A platform's request that comes twice, because its answer was lost: how does it happen once?

Every request that changes something carries a number of the platform's own (`id`). It is kept with the answer, in the
transaction of the act itself, for as long as the ticket is: the same request gets the same answer, and another one
under the same number is refused. A request that was refused had no effect and leaves no number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, time
from typing import Any

import msgspec
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.network.kinds import Kind
from hotline.network.platform import Platform
from hotline.rosters.calendar import SHANGHAI
from hotline.store.tables import NETWORK_REQUESTS


class NetworkRefused(Exception):
    """It is not done; `code` is one of the API's, `faults` say which field and why."""

    def __init__(self, code: str, detail: str = "", faults: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.faults = dict(faults or {})


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a request."""

    ticket: str
    answer: dict[str, Any]
    citizen_index: bytes | None = None


async def once(
    conn: AsyncConnection,
    platform: Platform,
    kind: Kind,
    id: str,
    content: Mapping[str, Any],
    now: datetime,
    work: Callable[[], Awaitable[Made]],
) -> dict[str, Any]:
    """The answer of `work`, done in the transaction of `conn`; or that of the first time.

    Raises `NetworkRefused`: `request_running`, `network_id_used`, `network_day_full`, and what `work` raises.
    """
    r = NETWORK_REQUESTS.c
    # Held until the transaction ends, however it ends: no mark of a running request can be left behind.
    lock = select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"network:{platform.name} {id}", 0)))
    if not (await conn.execute(lock)).scalar_one():
        raise NetworkRefused("request_running")
    digest = hashlib.sha256(msgspec.json.encode([kind.value, content], order="sorted")).digest()
    query = select(r.digest, r.answer).where(r.platform == platform.name, r.id == id)
    known = (await conn.execute(query)).one_or_none()
    if known is not None:
        if bytes(known.digest) != digest:
            raise NetworkRefused("network_id_used")
        return known.answer
    begins = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    today = select(func.count()).where(r.platform == platform.name, r.at >= begins)
    if (await conn.scalar(today) or 0) >= platform.per_day:
        raise NetworkRefused("network_day_full")
    made = await work()
    await conn.execute(
        insert(NETWORK_REQUESTS).values(
            platform=platform.name,
            id=id,
            hall=platform.hall,
            kind=kind.value,
            ticket=made.ticket,
            citizen_index=made.citizen_index,
            digest=digest,
            answer=made.answer,
            at=now,
        )
    )
    return made.answer
