"""A hall's templates (模板) and the numbers that want no messages (不接收短信), in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, delete, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.messages.templates import COMING_ALONG, Template, coming_along, faults
from hotline.store.tables import MESSAGE_REFUSALS, MESSAGE_TEMPLATES


class TemplateStale(Exception):
    """Somebody else changed it meanwhile."""


class TemplateWrong(Exception):
    """It cannot be kept; `faults` say why, in Chinese."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A template, and who changed it last."""

    template: Template
    changed_at: datetime | None
    changed_by: str


async def templates(conn: AsyncConnection, hall: str, *, address: bool) -> Mapping[str, Kept]:
    """The newest of every kind. `address`: the hall has one for the public."""
    t = MESSAGE_TEMPLATES.c
    newest = select(MESSAGE_TEMPLATES).ext(distinct_on(t.kind)).where(t.hall == hall).order_by(t.kind, t.version.desc())
    rows = {row.kind: row for row in await conn.execute(newest)}
    return {kind: _kept(kind, rows.get(kind), address=address) for kind in COMING_ALONG}


async def change(
    conn: AsyncConnection, *, hall: str, kind: str, seen: int, text: str, registered: str, by: str, now: datetime
) -> Template:
    """A new version; `seen`: the one that the person changed. Raises `TemplateStale`, `TemplateWrong`."""
    if found := faults(kind, text):
        raise TemplateWrong(found)
    t = MESSAGE_TEMPLATES.c
    last: int = await conn.scalar(select(func.max(t.version)).where(t.hall == hall, t.kind == kind)) or 0
    made = Template(kind=kind, version=seen + 1, text=text, registered=registered)
    row = insert(MESSAGE_TEMPLATES).values(
        hall=hall, kind=kind, version=made.version, text=text, registered=registered, changed_at=now, changed_by=by
    )
    # Of two at once the second finds the version taken.
    new = await conn.execute(row.on_conflict_do_nothing().returning(t.version))
    if last != seen or new.one_or_none() is None:
        raise TemplateStale
    return made


async def declines(conn: AsyncConnection, hall: str, number_index: bytes) -> bool:
    """Does whoever has this number want no messages?"""
    r = MESSAGE_REFUSALS.c
    query = select(r.at).where(r.hall == hall, r.number_index == number_index)
    return await conn.scalar(query) is not None


async def decline(
    conn: AsyncConnection, *, hall: str, number_index: bytes, masked: str, by: str, now: datetime
) -> None:
    """No messages to this number any more."""
    row = {"hall": hall, "number_index": number_index, "number_masked": masked, "at": now, "by": by}
    await conn.execute(insert(MESSAGE_REFUSALS).values(**row).on_conflict_do_nothing())


async def allow(conn: AsyncConnection, *, hall: str, number_index: bytes) -> None:
    """Messages to this number again."""
    r = MESSAGE_REFUSALS.c
    await conn.execute(delete(MESSAGE_REFUSALS).where(r.hall == hall, r.number_index == number_index))


def _kept(kind: str, row: Row[Any] | None, *, address: bool) -> Kept:
    if row is None:
        return Kept(template=coming_along(kind, address=address), changed_at=None, changed_by="")
    template = Template(kind=kind, version=row.version, text=row.text, registered=row.registered)
    return Kept(template=template, changed_at=row.changed_at, changed_by=row.changed_by)
