"""Who is on duty from when to when, and who changed that? The hall's shifts (班次) and their history.

The database refuses that a lawyer is in two places at a time; every write here makes it say so at once. A cancelled
shift stays on record, so that a pattern does not make it again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, Select, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, Doer, Plain, record
from hotline.rosters.errors import RosterRefused
from hotline.rosters.licence import WORDS, Licence, fault
from hotline.rosters.shift import DutyMode, Shift, Span, day_of
from hotline.store.tables import ACCOUNTS, FIRMS, LAWYERS, SHIFT_CHANGES, SHIFT_PATTERNS, SHIFTS


class ShiftRow(msgspec.Struct, frozen=True, kw_only=True):
    """A shift as it is shown."""

    id: int
    begins_at: datetime
    ends_at: datetime
    lawyer: str | None
    lawyer_name: str
    work_number: str
    firm: int | None
    firm_name: str
    group: str
    mode: DutyMode
    note: str
    pattern: int | None
    pattern_name: str
    cancelled: bool
    version: int


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a shift shall be."""

    span: Span
    lawyer: str | None = None
    group: str = ""
    mode: DutyMode = DutyMode.LIVE
    note: str = ""


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """One of many shifts that are made together; its lawyer was looked at already."""

    wish: Wish
    firm: int | None = None
    pattern: int | None = None
    place: int | None = None


class ShiftChange(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a shift's history."""

    at: datetime
    actor: str
    """工号."""
    what: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str


CREATED: Final = "created"
GENERATED: Final = "generated"
IMPORTED: Final = "imported"
CHANGED: Final = "changed"
CANCELLED: Final = "cancelled"
SWAPPED: Final = "swapped"


async def listed(
    conn: AsyncConnection, hall: str, span: Span, *, lawyer: str | None = None, cancelled: bool = False
) -> list[ShiftRow]:
    """Every shift that shares time with the span, by beginning."""
    s = SHIFTS.c
    where = (s.hall == hall) & (s.begins_at < span.ends_at) & (s.ends_at > span.begins_at)
    if lawyer is not None:
        where &= s.lawyer == lawyer
    if not cancelled:
        where &= s.cancelled_at.is_(None)
    return [_shown(row) for row in await conn.execute(_query(where))]


async def one(conn: AsyncConnection, hall: str, shift: int) -> ShiftRow:
    """Raises `RosterRefused(not_found)`."""
    row = (await conn.execute(_query((SHIFTS.c.hall == hall) & (SHIFTS.c.id == shift)))).one_or_none()
    if row is None:
        raise RosterRefused("not_found")
    return _shown(row)


async def for_rules(conn: AsyncConnection, hall: str, span: Span, lawyer: str | None = None) -> list[Shift]:
    """The same as `listed`, as the rules want them."""
    s = SHIFTS.c
    query = select(s.id, s.begins_at, s.ends_at, s.lawyer, s.firm, s.group, s.mode).where(
        s.hall == hall, s.begins_at < span.ends_at, s.ends_at > span.begins_at, s.cancelled_at.is_(None)
    )
    if lawyer is not None:
        query = query.where(s.lawyer == lawyer)
    rows = await conn.execute(query.order_by(s.begins_at, s.id))
    return [Shift(**{**row._mapping, "mode": DutyMode(row.mode)}) for row in rows]


async def create(conn: AsyncConnection, *, hall: str, wish: Wish, now: datetime, doer: Doer) -> int:
    """A new shift; its number. Raises `RosterRefused`: the licence's code, no_such_lawyer, shift_overlap."""
    await hold_roster(conn, hall)
    values = await _values(conn, hall, wish)
    async with no_double_booking(conn):
        shift = (await conn.execute(insert(SHIFTS).values(hall=hall, **values).returning(SHIFTS.c.id))).scalar_one()
    await note(conn, hall=hall, shift=shift, what=CREATED, before=None, after=values, now=now, doer=doer)
    await _audit(conn, hall, shift, now, doer, "", {"what": CREATED, **_told(values)})
    return shift


async def create_many(
    conn: AsyncConnection, *, hall: str, fresh: Sequence[Fresh], what: str, now: datetime, doer: Doer
) -> None:
    """Makes them all, in a few statements; recorded in their history, and by the caller in the audit trail.

    The caller holds the roster (`hold_roster`) and has looked at the licences. Raises `RosterRefused(shift_overlap)`.
    """
    if not fresh:
        return
    rows = [{**_columns(each.wish, each.firm), "pattern": each.pattern, "place": each.place} for each in fresh]
    making = insert(SHIFTS).returning(SHIFTS.c.id, sort_by_parameter_order=True)
    async with no_double_booking(conn):
        numbers = (await conn.execute(making, [{"hall": hall, **row} for row in rows])).scalars().all()
    noted = {"hall": hall, "at": now, "actor": doer.work_number, "what": what}
    told = zip(numbers, rows, strict=True)
    await conn.execute(
        insert(SHIFT_CHANGES), [{**noted, "shift": number, "after": _plain(row)} for number, row in told]
    )


async def change(
    conn: AsyncConnection, *, hall: str, shift: int, version: int, wish: Wish, reason: str, now: datetime, doer: Doer
) -> ShiftRow:
    """Other times, another lawyer. A shift that has begun takes a reason: it counts for somebody's pay.

    Raises `RosterRefused`: not_found, shift_changed, shift_cancelled, reason_needed, and those of `create`.
    """
    await hold_roster(conn, hall)
    before = await _locked(conn, hall, shift, version)
    if not reason and min(before.begins_at, wish.span.begins_at) <= now:
        raise RosterRefused("reason_needed")
    # Whoever has the shift already keeps it, whatever became of the licence, unless it moves.
    stays = before.begins_at == wish.span.begins_at
    values = await _values(conn, hall, wish, kept=before.lawyer if stays else None)
    old = {key: before._mapping[key] for key in values}
    if before.lawyer is not None and values["lawyer"] == before.lawyer:
        values["firm"] = old["firm"] = before.firm
    if old == values:
        return await one(conn, hall, shift)
    async with no_double_booking(conn):
        await conn.execute(update(SHIFTS).where(SHIFTS.c.id == shift).values(version=version + 1, **values))
    await note(conn, hall=hall, shift=shift, what=CHANGED, before=old, after=values, now=now, doer=doer, reason=reason)
    await _audit(conn, hall, shift, now, doer, reason, {"what": CHANGED, **_told(values)})
    return await one(conn, hall, shift)


async def cancel(
    conn: AsyncConnection, *, hall: str, shift: int, version: int, reason: str, now: datetime, doer: Doer
) -> ShiftRow:
    """The shift does not take place. Raises `RosterRefused(not_found, shift_changed, shift_cancelled)`."""
    before = await _locked(conn, hall, shift, version)
    values = {"cancelled_at": now, "version": version + 1}
    await conn.execute(update(SHIFTS).where(SHIFTS.c.id == shift).values(**values))
    old = {key: before._mapping[key] for key in _SAID}
    await note(conn, hall=hall, shift=shift, what=CANCELLED, before=old, after=None, now=now, doer=doer, reason=reason)
    await _audit(conn, hall, shift, now, doer, reason, {"what": CANCELLED, **_told(old)})
    return await one(conn, hall, shift)


async def history(conn: AsyncConnection, hall: str, shift: int) -> list[ShiftChange]:
    """What was done with a shift, oldest first. Raises `RosterRefused(not_found)`."""
    await one(conn, hall, shift)
    c = SHIFT_CHANGES.c
    rows = await conn.execute(
        select(c.at, c.actor, c.what, c.before, c.after, c.reason).where(c.shift == shift).order_by(c.id)
    )
    return [ShiftChange(**row._mapping) for row in rows]


async def note(
    conn: AsyncConnection,
    *,
    hall: str,
    shift: int,
    what: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
    doer: Doer,
    reason: str = "",
) -> None:
    """Writes a line of a shift's history."""
    values = {"what": what, "before": _plain(before), "after": _plain(after), "reason": reason}
    await conn.execute(insert(SHIFT_CHANGES).values(hall=hall, shift=shift, at=now, actor=doer.work_number, **values))


async def hold_roster(conn: AsyncConnection, hall: str) -> None:
    """Who writes shifts of a hall does so alone, until the transaction ends: take it before any row.

    Two who each wait for what the other has written would be a deadlock instead of a refusal.
    """
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"roster:{hall}", 0))))


@asynccontextmanager
async def no_double_booking(conn: AsyncConnection) -> AsyncIterator[None]:
    """What is written inside is looked at when it is all written. Raises `RosterRefused(shift_overlap)`."""
    try:
        async with conn.begin_nested():
            await conn.execute(text("SET CONSTRAINTS shifts_one_place_at_a_time DEFERRED"))
            yield
            await conn.execute(text("SET CONSTRAINTS shifts_one_place_at_a_time IMMEDIATE"))
    except IntegrityError:
        raise RosterRefused("shift_overlap") from None


async def _values(conn: AsyncConnection, hall: str, wish: Wish, kept: str | None = None) -> dict[str, Any]:
    firm = await _may_serve(conn, hall, wish, kept) if wish.lawyer is not None else None
    return _columns(wish, firm)


def _columns(wish: Wish, firm: int | None) -> dict[str, Any]:
    return {
        "begins_at": wish.span.begins_at,
        "ends_at": wish.span.ends_at,
        "lawyer": wish.lawyer,
        "firm": firm,
        "group": wish.group,
        "mode": wish.mode.value,
        "note": wish.note,
    }


async def _may_serve(conn: AsyncConnection, hall: str, wish: Wish, kept: str | None) -> int | None:
    """The firm of a lawyer who may have the shift."""
    query = select(LAWYERS, ACCOUNTS.c.name, ACCOUNTS.c.disabled_at).join(ACCOUNTS, ACCOUNTS.c.id == LAWYERS.c.account)
    row = (await conn.execute(query.where(LAWYERS.c.hall == hall, LAWYERS.c.account == wish.lawyer))).one_or_none()
    if row is None or (row.disabled_at is not None and wish.lawyer != kept):
        raise RosterRefused("no_such_lawyer")
    if wish.lawyer != kept:
        licence = Licence(
            number=row.licence_number,
            valid_until=row.licence_until,
            suspended_from=row.suspended_from,
            suspended_until=row.suspended_until,
        )
        if (wrong := fault(licence, day_of(wish.span.begins_at))) is not None:
            raise RosterRefused(wrong.value, f"{row.name}律师{WORDS[wrong]}。")
    return row.firm


async def _locked(conn: AsyncConnection, hall: str, shift: int, version: int) -> Row[Any]:
    s = SHIFTS.c
    row = (await conn.execute(select(SHIFTS).where(s.hall == hall, s.id == shift).with_for_update())).one_or_none()
    if row is None:
        raise RosterRefused("not_found")
    if row.cancelled_at is not None:
        raise RosterRefused("shift_cancelled")
    if row.version != version:
        raise RosterRefused("shift_changed")
    return row


async def _audit(
    conn: AsyncConnection, hall: str, shift: int, now: datetime, doer: Doer, reason: str, data: Mapping[str, Plain]
) -> None:
    where = f"shift/{shift}"
    await record(conn, hall=hall, doer=doer, act=Act.SHIFT_CHANGED, object=where, at=now, reason=reason, data=data)


def _told(values: Mapping[str, Any]) -> dict[str, Plain]:
    plain = _plain(values) or {}
    return {key: plain[key] for key in ("begins_at", "ends_at", "lawyer", "mode")}


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def _query(where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            SHIFTS,
            ACCOUNTS.c.name.label("lawyer_name"),
            ACCOUNTS.c.work_number,
            FIRMS.c.name.label("firm_name"),
            SHIFT_PATTERNS.c.name.label("pattern_name"),
        )
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == SHIFTS.c.lawyer)
        .outerjoin(FIRMS, FIRMS.c.id == SHIFTS.c.firm)
        .outerjoin(SHIFT_PATTERNS, SHIFT_PATTERNS.c.id == SHIFTS.c.pattern)
        .where(where)
        .order_by(SHIFTS.c.begins_at, SHIFTS.c.ends_at, SHIFTS.c.id)
    )


def _shown(row: Row[Any]) -> ShiftRow:
    return ShiftRow(
        id=row.id,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        lawyer=row.lawyer,
        lawyer_name=row.lawyer_name or "",
        work_number=row.work_number or "",
        firm=row.firm,
        firm_name=row.firm_name or "",
        group=row.group,
        mode=DutyMode(row.mode),
        note=row.note,
        pattern=row.pattern,
        pattern_name=row.pattern_name or "",
        cancelled=row.cancelled_at is not None,
        version=row.version,
    )


_SAID: Final = ("begins_at", "ends_at", "lawyer", "firm", "group", "mode", "note")
"""What a line of history tells."""
