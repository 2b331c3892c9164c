"""How often may somebody try a password?

After five failures from one address for one work number, further tries wait for a quarter of an hour; other addresses
and sessions that exist are not touched, so nobody can lock a colleague out (ASVS 5.0 6.1.1, 6.3.1). Work numbers that
do not exist are counted alike. Every try is counted before the password is compared: many at once do not get past it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, delete, literal
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.store.tables import ACCOUNT_TRIES

MAX_TRIES: Final = 5
DELAY: Final = timedelta(minutes=15)


def key(hall: str, work_number: str, address: str) -> str:
    """What is counted under one."""
    return f"{hall}\x1f{work_number}\x1f{address}"


async def take(conn: AsyncConnection, what: str, now: datetime) -> timedelta | None:
    """Counts one try. None: go on; else how long to wait."""
    old = ACCOUNT_TRIES.c
    over = old.first_at <= now - DELAY
    counted = (
        insert(ACCOUNT_TRIES)
        .values(key=what, tries=1, first_at=now)
        .on_conflict_do_update(
            index_elements=[old.key],
            set_={
                "tries": case((over, 1), else_=old.tries + 1),
                # The delay runs from the try that used the last chance up; tries during it do not prolong it.
                "first_at": case((over | (old.tries + 1 == MAX_TRIES), literal(now)), else_=old.first_at),
            },
        )
        .returning(old.tries, old.first_at)
    )
    tries, since = (await conn.execute(counted)).one()
    return None if tries <= MAX_TRIES else since + DELAY - now


async def forget(conn: AsyncConnection, what: str) -> None:
    """The password was right."""
    await conn.execute(delete(ACCOUNT_TRIES).where(ACCOUNT_TRIES.c.key == what))


async def sweep(conn: AsyncConnection, now: datetime) -> int:
    """Drops what no longer counts; how many."""
    return (await conn.execute(delete(ACCOUNT_TRIES).where(ACCOUNT_TRIES.c.first_at <= now - DELAY))).rowcount
