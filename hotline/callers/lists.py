"""Which rules and conflicts are there? For the supervisor's page and for the desk's screen pop (来电弹屏)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from sqlalchemy import ColumnElement, and_, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.callers.conflicts import BY_TICKET, about, name_index
from hotline.callers.service import RuleLine, RuleState, called, lines, names
from hotline.callers.treatment import SHANGHAI, Kind, Policy
from hotline.store.seal import Seal, place
from hotline.store.tables import CALLER_RULES, CONFLICTS, LAWYERS, TICKETS

NAMES_READ = 10
"""Earlier tickets whose caller's name is looked for among the other sides."""


class Shelf(StrEnum):
    """The lists of the supervisor's page."""

    ACTIVE = "active"
    """生效."""
    REQUESTED = "requested"
    """待审批."""
    DUE = "due"
    """待复核: in force, and the review date is here or past."""
    OVER = "over"
    """已结束: ended or declined."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """After which rule a page begins."""

    day: date | None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None
    id: Annotated[str, msgspec.Meta(pattern=r"^[\w.\-]{1,64}$")]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a supervisor."""

    requested: int
    due: int


class ConflictLine(msgspec.Struct, frozen=True, kw_only=True):
    """Two sides of a dispute, as a supervisor sees them."""

    ticket: str
    caller: str
    other: str
    """Both masked; `other` is empty where only the name is known."""
    operators: list[str]
    other_operators: list[str]
    """Names of those who advised the caller, and the other side."""
    since: datetime
    ended_at: datetime | None
    ended_by: str
    """Empty where the ticket itself ended it."""
    end_reason: str


class Warning(msgspec.Struct, frozen=True, kw_only=True):
    """对方当事人可能已由本所或本人接待: what the desk is told about the caller of a call."""

    ticket: str | None
    """The ticket that tells it, if whoever looks may see it."""
    by: str
    """number, or name: many people may be called like that."""
    mine: bool
    """Whoever looks advised the other side."""
    firm: bool
    """A lawyer of the same firm did."""
    operators: list[str]
    """Names of those who advised the other side."""
    since: datetime


async def rules(
    conn: AsyncConnection,
    *,
    hall: str,
    shelf: Shelf,
    kind: Kind | None,
    caller_index: bytes | None,
    now: datetime,
    limit: int,
    after: Place | None,
) -> tuple[list[RuleLine], Place | None]:
    """One page, and where the next begins. Newest first; those due for review by their date."""
    r, today = CALLER_RULES.c, now.astimezone(SHANGHAI).date()
    conditions: list[ColumnElement[bool]] = [r.hall == hall, _on(shelf, today)]
    if kind is not None:
        conditions.append(r.kind == kind.value)
    if caller_index is not None:
        conditions.append(r.caller_index == caller_index)
    query = select(CALLER_RULES)
    if shelf is Shelf.DUE:
        if after is not None and after.day is not None:
            conditions.append(tuple_(r.review_on, r.id) > tuple_(literal(after.day), literal(after.id)))
        query = query.order_by(r.review_on, r.id)
    else:
        if after is not None and after.at is not None:
            conditions.append(tuple_(r.created_at, r.id) < tuple_(literal(after.at), literal(after.id)))
        query = query.order_by(r.created_at.desc(), r.id.desc())
    rows = (await conn.execute(query.where(and_(*conditions)).limit(limit + 1))).all()
    last = rows[limit - 1] if len(rows) > limit else None
    more = None
    if last is not None:
        more = Place(last.review_on, None, last.id) if shelf is Shelf.DUE else Place(None, last.created_at, last.id)
    return await lines(conn, rows[:limit], today), more


async def waiting(conn: AsyncConnection, *, hall: str, now: datetime) -> Waiting:
    """How many rules wait to be approved, and to be reviewed."""
    r, today = CALLER_RULES.c, now.astimezone(SHANGHAI).date()
    counted = [
        func.count().filter(_on(Shelf.REQUESTED, today)).label("requested"),
        func.count().filter(_on(Shelf.DUE, today)).label("due"),
    ]
    open_ = r.state.in_((RuleState.REQUESTED.value, RuleState.ACTIVE.value))
    row = (await conn.execute(select(*counted).where(r.hall == hall, open_))).one()
    return Waiting(requested=row.requested, due=row.due)


async def marks(conn: AsyncConnection, *, hall: str, caller_index: bytes, now: datetime) -> list[RuleLine]:
    """What is in force or asked for about one caller: for the desk."""
    r = CALLER_RULES.c
    rows = await conn.execute(
        select(CALLER_RULES)
        .where(
            r.hall == hall,
            r.caller_index == caller_index,
            r.state.in_((RuleState.REQUESTED.value, RuleState.ACTIVE.value)),
        )
        .order_by(r.created_at, r.id)
        .limit(50)
    )
    return await lines(conn, rows.all(), now.astimezone(SHANGHAI).date())


async def conflicts(
    conn: AsyncConnection, *, hall: str, over: bool, limit: int, after: Place | None
) -> tuple[list[ConflictLine], Place | None]:
    """One page of the hall's conflicts of interest, the newest first."""
    c, t = CONFLICTS.c, TICKETS.c
    conditions = [c.hall == hall, c.ended_at.is_not(None) if over else c.ended_at.is_(None)]
    if after is not None and after.at is not None:
        conditions.append(tuple_(c.since, c.ticket) < tuple_(literal(after.at), literal(after.id)))
    rows = (
        await conn.execute(
            select(CONFLICTS, t.caller_masked, t.counterparty_contact_masked)
            .join(TICKETS, t.number == c.ticket)
            .where(and_(*conditions))
            .order_by(c.since.desc(), c.ticket.desc())
            .limit(limit + 1)
        )
    ).all()
    page = rows[:limit]
    mentioned = {each for row in page for each in (*row.operators, *row.other_operators, row.ended_by)}
    people = await names(conn, mentioned - {None})
    found = [
        ConflictLine(
            ticket=row.ticket,
            caller=row.caller_masked,
            other=row.counterparty_contact_masked,
            operators=[called(people, each) for each in row.operators],
            other_operators=[called(people, each) for each in row.other_operators],
            since=row.since,
            ended_at=row.ended_at,
            ended_by="" if row.ended_by == BY_TICKET else called(people, row.ended_by),
            end_reason=row.end_reason,
        )
        for row in page
    ]
    more = Place(None, page[-1].since, page[-1].ticket) if len(rows) > limit else None
    return found, more


async def warnings(
    conn: AsyncConnection,
    seal: Seal,
    *,
    hall: str,
    caller_index: bytes,
    account: str,
    sees_all: bool,
    now: datetime,
    policy: Policy,
) -> list[Warning]:
    """Conflicts of interest that the caller of a call may bring, for whoever takes it."""
    named = await _names_of(conn, seal, hall, caller_index)
    rows = await about(conn, hall=hall, caller_index=caller_index, names=named, now=now, policy=policy)
    advised = {
        row.ticket: row.other_operators if _is(row.caller_index, caller_index) else row.operators for row in rows
    }
    everybody = {each for people in advised.values() for each in people}
    people, firm = await names(conn, everybody), await _colleagues(conn, account, everybody)
    return [
        Warning(
            ticket=row.ticket if sees_all or account in row.operators else None,
            by="number" if _is(row.caller_index, caller_index) or _is(row.other_index, caller_index) else "name",
            mine=account in advised[row.ticket],
            firm=bool(firm & set(advised[row.ticket])),
            operators=[called(people, each) for each in advised[row.ticket]],
            since=row.since,
        )
        for row in rows
        if advised[row.ticket]
    ]


async def _names_of(conn: AsyncConnection, seal: Seal, hall: str, caller_index: bytes) -> Collection[bytes]:
    """What the caller has called himself on tickets lately."""
    t = TICKETS.c
    rows = await conn.execute(
        select(t.number, t.caller_name_sealed)
        .where(t.hall == hall, t.caller_index == caller_index, t.caller_name_sealed.is_not(None))
        .order_by(t.created_at.desc(), t.number.desc())
        .limit(NAMES_READ)
    )
    heard = {
        seal.open(bytes(row.caller_name_sealed), place("tickets", "caller_name_sealed", row.number)) for row in rows
    }
    return {index for each in heard if (index := name_index(seal, each)) is not None}


async def _colleagues(conn: AsyncConnection, account: str, people: Collection[str]) -> set[str]:
    """Those of these accounts who belong to the law firm of this one."""
    others = set(people) - {account}
    if not others:
        return set()
    own = select(LAWYERS.c.firm).where(LAWYERS.c.account == account).scalar_subquery()
    rows = await conn.execute(select(LAWYERS.c.account).where(LAWYERS.c.account.in_(others), LAWYERS.c.firm == own))
    return set(rows.scalars())


def _on(shelf: Shelf, today: date) -> ColumnElement[bool]:
    r = CALLER_RULES.c
    match shelf:
        case Shelf.ACTIVE:
            return r.state == RuleState.ACTIVE.value
        case Shelf.REQUESTED:
            return r.state == RuleState.REQUESTED.value
        case Shelf.DUE:
            return and_(r.state == RuleState.ACTIVE.value, r.review_on <= today)
        case Shelf.OVER:
            return or_(r.state == RuleState.ENDED.value, r.state == RuleState.DECLINED.value)


def _is(value: Any, index: bytes) -> bool:
    return value is not None and bytes(value) == index
