"""Which call plan (来电流程) has a hall, and which notices (公告)? One transaction each, made by the caller.

Plans are versions that are only ever added to; restoring one adds it once more. Version 0 is what the settings file
says. Notices change by themselves: a supervisor's switch makes no new plan.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.announcements.plan import DEFAULT_EMERGENCY, After, Notice, NoticeKind, Plan, document_of
from hotline.store.tables import ANNOUNCEMENT_REVISIONS, CALL_PLANS, NOTICES, PROMPTS

MAX_NOTICES: Final = 100
EMERGENCY: Final = Notice(
    id=DEFAULT_EMERGENCY, kind=NoticeKind.EMERGENCY, title="紧急公告", prompt="emergency", on=False
)
"""Ready in every hall, so that it takes one click when it is needed."""


class PlanChanged(Exception):
    """Somebody else saved a plan meanwhile; `version` is the one in use now."""

    def __init__(self, version: int) -> None:
        super().__init__(str(version))
        self.version = version


class NoSuchPlan(Exception):
    """The hall has no such version."""


class NoSuchNotice(Exception):
    """The hall has no such notice."""


class NoticeChanged(Exception):
    """Somebody else saved it meanwhile."""


class TooManyNotices(Exception):
    """The hall has as many as it may."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """When a version of the plan was made, and by whom."""

    version: int
    note: str
    made_at: datetime | None
    made_by: str


class StoredNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it lies in the database."""

    notice: Notice
    version: int
    """0: the one that every hall has ready, never touched."""
    changed_at: datetime | None = None
    changed_by: str = ""


# ── the plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def current(conn: AsyncConnection, hall: str, of_settings: Plan) -> tuple[Plan, Made]:
    """The plan in use, with its notices and the recordings in other languages; and its version."""
    p = CALL_PLANS.c
    query = select(CALL_PLANS).where(p.hall == hall).order_by(p.version.desc()).limit(1)
    row = (await conn.execute(query)).one_or_none()
    plan, made = (of_settings, _NOT_MADE) if row is None else (_plan(row.plan), _made(row))
    notices = tuple(each.notice for each in await list_notices(conn, hall))
    return msgspec.structs.replace(plan, notices=notices, variants=await _variants(conn, hall)), made


async def versions(conn: AsyncConnection, hall: str) -> list[Made]:
    """All of them, newest first; at last the settings file's."""
    p = CALL_PLANS.c
    query = select(p.version, p.note, p.made_at, p.made_by).where(p.hall == hall).order_by(p.version.desc())
    return [_made(row) for row in await conn.execute(query.limit(200))] + [_NOT_MADE]


async def version(conn: AsyncConnection, hall: str, number: int, of_settings: Plan) -> tuple[Plan, Made]:
    """One of them, without notices. Raises `NoSuchPlan`."""
    if number == 0:
        return of_settings, _NOT_MADE
    p = CALL_PLANS.c
    row = (await conn.execute(select(CALL_PLANS).where(p.hall == hall, p.version == number))).one_or_none()
    if row is None:
        raise NoSuchPlan(f"{hall} {number}")
    return _plan(row.plan), _made(row)


async def save(conn: AsyncConnection, hall: str, plan: Plan, *, after: int, note: str, by: str, now: datetime) -> Made:
    """A new version, in use from now on; `after`: the version it was made from. The caller has checked it.

    Raises `PlanChanged`.
    """
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"call_plans:{hall}", 0))))
    p = CALL_PLANS.c
    newest = (await conn.execute(select(func.max(p.version)).where(p.hall == hall))).scalar_one() or 0
    if newest != after:
        raise PlanChanged(newest)
    made = Made(version=newest + 1, note=note, made_at=now, made_by=by)
    document = msgspec.to_builtins(document_of(plan))
    for apart in ("notices", "variants"):
        del document[apart]
    values = {"version": made.version, "plan": document, "note": note, "made_at": now, "made_by": by}
    await conn.execute(insert(CALL_PLANS).values(hall=hall, **values))
    await raise_revision(conn, hall)
    return made


# ── notices ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def list_notices(conn: AsyncConnection, hall: str) -> list[StoredNotice]:
    """All of them, most urgent kind first, then the newest; the emergency notice that is ready is among them."""
    n = NOTICES.c
    rows = await conn.execute(select(NOTICES).where(n.hall == hall).order_by(n.changed_at.desc(), n.id))
    found = [_notice(row) for row in rows]
    if all(each.notice.id != DEFAULT_EMERGENCY for each in found):
        found.append(StoredNotice(notice=EMERGENCY, version=0))
    order = tuple(NoticeKind)
    return sorted(found, key=lambda each: order.index(each.notice.kind))


async def read_notice(conn: AsyncConnection, hall: str, notice: str) -> StoredNotice:
    """Raises `NoSuchNotice`."""
    n = NOTICES.c
    row = (await conn.execute(select(NOTICES).where(n.hall == hall, n.id == notice).with_for_update())).one_or_none()
    if row is not None:
        return _notice(row)
    if notice == DEFAULT_EMERGENCY:
        return StoredNotice(notice=EMERGENCY, version=0)
    raise NoSuchNotice(notice)


async def add_notice(conn: AsyncConnection, hall: str, notice: Notice, *, by: str, now: datetime) -> StoredNotice:
    """A new one; its id is made here. Raises `TooManyNotices`."""
    query = select(func.count()).select_from(NOTICES).where(NOTICES.c.hall == hall)
    if (await conn.execute(query)).scalar_one() >= MAX_NOTICES:
        raise TooManyNotices(hall)
    fresh = msgspec.structs.replace(notice, id=uuid.uuid4().hex[:12])
    return await _write(conn, hall, StoredNotice(notice=fresh, version=1, changed_at=now, changed_by=by))


async def change_notice(
    conn: AsyncConnection, hall: str, notice: Notice, *, after: int | None, by: str, now: datetime
) -> StoredNotice:
    """`after`: the version it was made from; None: whatever it is. Raises `NoSuchNotice`, `NoticeChanged`."""
    stored = await read_notice(conn, hall, notice.id)
    if after is not None and stored.version != after:
        raise NoticeChanged(notice.id)
    return await _write(
        conn, hall, StoredNotice(notice=notice, version=stored.version + 1, changed_at=now, changed_by=by)
    )


async def remove_notice(conn: AsyncConnection, hall: str, notice: str) -> StoredNotice:
    """It is said no more; the emergency notice goes back to what it was at first. Raises `NoSuchNotice`."""
    stored = await read_notice(conn, hall, notice)
    await conn.execute(delete(NOTICES).where(NOTICES.c.hall == hall, NOTICES.c.id == notice))
    await raise_revision(conn, hall)
    return stored


# ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def raise_revision(conn: AsyncConnection, hall: str) -> None:
    """Something that callers hear has changed: whoever follows looks again."""
    r = ANNOUNCEMENT_REVISIONS.c
    row = upsert(ANNOUNCEMENT_REVISIONS).values(hall=hall, revision=1)
    await conn.execute(row.on_conflict_do_update(index_elements=[r.hall], set_={"revision": r.revision + 1}))


async def revisions(conn: AsyncConnection) -> Mapping[str, int]:
    """Hall → how often something has changed; halls where nothing ever did are not there."""
    return {row.hall: row.revision for row in await conn.execute(select(ANNOUNCEMENT_REVISIONS))}


_NOT_MADE: Final = Made(version=0, note="", made_at=None, made_by="")


async def _variants(conn: AsyncConnection, hall: str) -> frozenset[str]:
    p = PROMPTS.c
    query = select(p.name).where(p.hall == hall, p.current.is_not(None), p.name.contains(".", autoescape=True))
    return frozenset((await conn.execute(query)).scalars())


async def _write(conn: AsyncConnection, hall: str, stored: StoredNotice) -> StoredNotice:
    notice = stored.notice
    values = {
        "version": stored.version,
        "kind": notice.kind.value,
        "title": notice.title,
        "text": notice.text,
        "prompt": notice.prompt,
        "is_on": notice.on,
        "start_at": notice.start,
        "until_at": notice.until,
        "after": notice.then.value,
        "changed_at": stored.changed_at,
        "changed_by": stored.changed_by,
    }
    n = NOTICES.c
    changed = update(NOTICES).where(n.hall == hall, n.id == notice.id).values(**values)
    if (await conn.execute(changed)).rowcount == 0:
        await conn.execute(insert(NOTICES).values(hall=hall, id=notice.id, **values))
    await raise_revision(conn, hall)
    return stored


def _notice(row: Row[*tuple[Any, ...]]) -> StoredNotice:
    return StoredNotice(
        notice=Notice(
            id=row.id,
            kind=NoticeKind(row.kind),
            title=row.title,
            text=row.text,
            prompt=row.prompt,
            on=row.is_on,
            start=row.start_at,
            until=row.until_at,
            then=After(row.after),
        ),
        version=row.version,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def _plan(document: Any) -> Plan:
    return msgspec.convert(document, Plan)


def _made(row: Row[*tuple[Any, ...]]) -> Made:
    return Made(version=row.version, note=row.note, made_at=row.made_at, made_by=row.made_by)
