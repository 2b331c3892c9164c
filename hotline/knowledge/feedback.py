"""What does the desk say about an item, and what came of it?"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.knowledge.items import Pen
from hotline.knowledge.kinds import KnowledgeRefused
from hotline.store.tables import ACCOUNTS, KNOWLEDGE_FEEDBACK, KNOWLEDGE_ITEMS, KNOWLEDGE_VERSIONS


class FeedbackLine(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said."""

    id: int
    item: int
    title: str
    version: int
    at: datetime
    by: str
    useful: bool
    words: str
    settled_at: datetime | None
    settled_by: str
    settled_words: str


class Before(msgspec.Struct, frozen=True, array_like=True):
    """Before which line a page begins."""

    id: int


_I, _V, _F = KNOWLEDGE_ITEMS.c, KNOWLEDGE_VERSIONS.c, KNOWLEDGE_FEEDBACK.c


async def used(conn: AsyncConnection, pen: Pen, item: int) -> None:
    """Somebody put it into a ticket, or read it out. Raises `KnowledgeRefused(not_found)`."""
    await _count(conn, pen, item, "used")


async def give(conn: AsyncConnection, pen: Pen, item: int, *, useful: bool, words: str) -> None:
    """有用 or 有误, of what the desks see now; 有误 in words. Raises `KnowledgeRefused`: not_found, invalid_input."""
    if not useful and not words:
        raise KnowledgeRefused("invalid_input", errors=[{"field": "words", "message": "请写明哪里有误。"}])
    version = await _count(conn, pen, item, "useful" if useful else "wrong")
    said = {"hall": pen.hall, "item": item, "version": version, "useful": useful, "words": words}
    await conn.execute(insert(KNOWLEDGE_FEEDBACK).values(at=pen.now, account=pen.doer.account, **said))


async def settle(conn: AsyncConnection, pen: Pen, feedback: int, words: str) -> None:
    """An editor says what came of it. Raises `KnowledgeRefused`: not_found, feedback_settled."""
    query = select(_F.settled_at).where(_F.id == feedback, _F.hall == pen.hall).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise KnowledgeRefused("not_found")
    if row.settled_at is not None:
        raise KnowledgeRefused("feedback_settled")
    values = {"settled_at": pen.now, "settled_by": pen.doer.account, "settled_words": words}
    await conn.execute(update(KNOWLEDGE_FEEDBACK).where(_F.id == feedback).values(**values))


async def listed(
    conn: AsyncConnection, hall: str, *, waiting: bool, item: int | None, limit: int, before: Before | None
) -> tuple[list[FeedbackLine], Before | None]:
    """Newest first. `waiting`: only 有误 that nobody has settled."""
    people, editors = ACCOUNTS.alias("people"), ACCOUNTS.alias("editors")
    query = (
        select(KNOWLEDGE_FEEDBACK, _V.title, people.c.name, editors.c.name.label("editor"))
        .join(KNOWLEDGE_VERSIONS, (_V.item == _F.item) & (_V.version == _F.version))
        .outerjoin(people, people.c.id == _F.account)
        .outerjoin(editors, editors.c.id == _F.settled_by)
        .where(_F.hall == hall)
    )
    if waiting:
        query = query.where(_F.settled_at.is_(None), ~_F.useful)
    if item is not None:
        query = query.where(_F.item == item)
    if before is not None:
        query = query.where(_F.id < before.id)
    rows = (await conn.execute(query.order_by(_F.id.desc()).limit(limit + 1))).all()
    lines = [
        FeedbackLine(
            **{name: row._mapping[name] for name in _SAME},
            by=row.name or row.account,
            settled_by=row.editor or row.settled_by or "",
        )
        for row in rows[:limit]
    ]
    return lines, Before(lines[-1].id) if len(rows) > limit else None


_SAME: Final = ("id", "item", "title", "version", "at", "useful", "words", "settled_at", "settled_words")


async def _count(conn: AsyncConnection, pen: Pen, item: int, what: str) -> int:
    """One more; the version that the desks see."""
    there = update(KNOWLEDGE_ITEMS).where(_I.id == item, _I.hall == pen.hall, _I.published.is_not(None))
    version = (await conn.execute(there.values({what: _I[what] + 1}).returning(_I.published))).scalar_one_or_none()
    if version is None:
        raise KnowledgeRefused("not_found")
    return version
