"""The versions of what a hall publishes. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.openness.content import DEFAULT, Content, faults
from hotline.store.tables import OPEN_SERVICES

KEPT: Final = 50
"""How many versions are listed."""


class OpennessChanged(Exception):
    """Somebody else has made a newer version."""


class OpennessWrong(Exception):
    """It cannot be published like this; `faults` say why."""

    def __init__(self, found: dict[str, str]) -> None:
        super().__init__(", ".join(found))
        self.faults = found


async def current(conn: AsyncConnection, hall: str) -> tuple[int, Content]:
    """Version and content; version 0: what comes along, nothing was stored yet."""
    o = OPEN_SERVICES.c
    query = select(o.version, o.content).where(o.hall == hall).order_by(o.version.desc()).limit(1)
    row = (await conn.execute(query)).one_or_none()
    return (0, DEFAULT) if row is None else (row.version, msgspec.convert(row.content, Content))


async def version(conn: AsyncConnection, hall: str, number: int) -> Content | None:
    """An earlier one."""
    o = OPEN_SERVICES.c
    found = await conn.scalar(select(o.content).where(o.hall == hall, o.version == number))
    return None if found is None else msgspec.convert(found, Content)


async def versions(conn: AsyncConnection, hall: str) -> Sequence[Row[Any, Any, Any]]:
    """Number, time and account of the last ones, the newest first."""
    o = OPEN_SERVICES.c
    query = select(o.version, o.at, o.by).where(o.hall == hall).order_by(o.version.desc()).limit(KEPT)
    return (await conn.execute(query)).all()


async def publish(conn: AsyncConnection, hall: str, content: Content, *, seen: int, by: str, now: datetime) -> int:
    """The number of the new version. `seen`: the version that was edited. Raises `OpennessChanged`, `OpennessWrong`."""
    if found := faults(content):
        raise OpennessWrong(found)
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"openness:{hall}", 0))))
    newest, _ = await current(conn, hall)
    if newest != seen:
        raise OpennessChanged
    row = {"hall": hall, "version": newest + 1, "at": now, "by": by, "content": msgspec.to_builtins(content)}
    await conn.execute(insert(OPEN_SERVICES).values(**row))
    return newest + 1
