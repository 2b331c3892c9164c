"""Which messages are there, how do they stand, and what did a day cost? Reading, page by page, the newest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.messages.message import FOR_A_PERSON, HOPELESS, TO_SEND, MessageState
from hotline.messages.records import NoSuchMessage
from hotline.store.tables import ACCOUNTS, MESSAGE_RECEIPTS, MESSAGES

SYSTEM_NAME: Final = "系统"
LOOKED_AT: Final = timedelta(days=7)
"""So long a message that did not arrive waits for a person; then it is only history."""


class View(StrEnum):
    """A list."""

    ATTENTION = "attention"
    """待处理: held, in doubt; refused and undelivered ones of a week."""
    WAITING = "waiting"
    """待发送."""
    ALL = "all"


class Place(msgspec.Struct, frozen=True, array_like=True):
    """After which message a page begins."""

    id: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A message in a list; its text is opened one at a time."""

    id: int
    kind: str
    state: str
    ticket: str
    callback: int | None
    number: str
    """Masked."""
    created_at: datetime
    created_by: str
    by_hand: bool
    template: str
    template_version: int
    segments: int
    why: str
    over_cap: bool
    next_at: datetime | None
    expires_at: datetime
    tries: int
    last_error: str
    sent_at: datetime | None
    settled_at: datetime | None
    receipt_code: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway told of a message."""

    at: datetime
    fate: str
    code: str


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What a day cost, and what waits."""

    day: date
    segments: int
    messages: int
    states: Mapping[str, int]
    """Of what was asked for and has not ended, and of what was counted on that day."""


async def listed(
    conn: AsyncConnection,
    hall: str,
    view: View,
    *,
    now: datetime,
    kind: str | None = None,
    limit: int,
    after: Place | None,
) -> tuple[list[Line], Place | None]:
    """One page of a view, and where the next one begins (None: this was the last)."""
    m = MESSAGES.c
    conditions: list[ColumnElement[bool]] = [m.hall == hall]
    if view is View.ATTENTION:
        conditions.append(_for_a_person(now))
    elif view is View.WAITING:
        conditions.append(_is(TO_SEND))
    if kind is not None:
        conditions.append(m.kind == kind)
    if after is not None:
        conditions.append(m.id < after.id)
    query = _LINES.where(*conditions).order_by(m.id.desc()).limit(limit + 1)
    rows = (await conn.execute(query)).all()
    more = Place(rows[limit - 1].id) if len(rows) > limit else None
    return [_line(row) for row in rows[:limit]], more


async def of_ticket(conn: AsyncConnection, hall: str, ticket: str) -> list[Line]:
    """The messages about a ticket, the newest first."""
    m = MESSAGES.c
    query = _LINES.where(m.hall == hall, m.ticket == ticket).order_by(m.id.desc()).limit(100)
    return [_line(row) for row in await conn.execute(query)]


async def one(conn: AsyncConnection, hall: str, message: int) -> tuple[Row[Any], Line, list[Receipt]]:
    """A message: its row, as it is listed, and what was told of it. Raises `NoSuchMessage`."""
    m, r = MESSAGES.c, MESSAGE_RECEIPTS.c
    row = (await conn.execute(select(MESSAGES).where(m.hall == hall, m.id == message))).one_or_none()
    if row is None:
        raise NoSuchMessage(message)
    line = _line((await conn.execute(_LINES.where(m.id == message))).one())
    told = await conn.execute(select(r.at, r.fate, r.code).where(r.message == message).order_by(r.heard_at, r.id))
    return row, line, [Receipt(**each._mapping) for each in told]


async def spent(conn: AsyncConnection, hall: str, day: date, now: datetime) -> Day:
    """What that day (of Shanghai) cost."""
    m = MESSAGES.c
    of_day = (m.hall == hall) & (m.day == day) & (m.state != MessageState.REFUSED.value)
    cost = (await conn.execute(select(func.coalesce(func.sum(m.segments), 0), func.count()).where(of_day))).one()
    still = or_(_for_a_person(now), _is(TO_SEND), m.day == day)
    counted = select(m.state, func.count()).where(m.hall == hall, still).group_by(m.state)
    return Day(
        day=day,
        segments=cost[0],
        messages=cost[1],
        states={row[0]: row[1] for row in await conn.execute(counted)},
    )


def _is(states: Collection[MessageState]) -> ColumnElement[bool]:
    return MESSAGES.c.state.in_(sorted(states))


def _for_a_person(now: datetime) -> ColumnElement[bool]:
    lately = MESSAGES.c.created_at > now - LOOKED_AT
    return or_(_is(FOR_A_PERSON - HOPELESS), and_(_is(HOPELESS), lately))


def _line(row: Row[Any]) -> Line:
    plain = {name: row._mapping[name] for name in _SAME}
    by = SYSTEM_NAME if row.created_by == "system" else row.name or row.created_by
    return Line(**plain, ticket=row.ticket or "", number=row.number_masked, created_by=by)


_MADE: Final = frozenset({"ticket", "number", "created_by"})
_SAME: Final = tuple(name for name in Line.__struct_fields__ if name not in _MADE)
_LINES: Final = select(MESSAGES, ACCOUNTS.c.name).outerjoin(ACCOUNTS, ACCOUNTS.c.id == MESSAGES.c.created_by)
