"""Which hand-overs are there, how are they, and what happened to one? Packages stay sealed: nobody needs them here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.handovers.handover import HandoverState as S
from hotline.handovers.records import NoSuchHandover
from hotline.store.tables import ACCOUNTS, HANDOVER_EVENTS, HANDOVERS


class View(StrEnum):
    """A list."""

    ATTENTION = "attention"
    """待处理: failed, or in doubt: a person has to look."""
    ON_THE_WAY = "on_the_way"
    """在途: not sent yet, or not accepted yet."""
    THEIRS = "theirs"
    """对方办理中."""
    OVER = "over"
    """已结束."""


STATES: Final[Mapping[View, Sequence[S]]] = {
    View.ATTENTION: (S.FAILED, S.IN_DOUBT),
    View.ON_THE_WAY: (S.PREPARED, S.SENT, S.ACKNOWLEDGED),
    View.THEIRS: (S.ACCEPTED,),
    View.OVER: (S.DONE, S.RETURNED, S.WITHDRAWN),
}


class Place(msgspec.Struct, frozen=True, array_like=True):
    """After which hand-over a page begins."""

    id: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A hand-over in a list."""

    id: int
    ticket: str
    bridge: str
    key: str
    state: str
    mode: str
    legal_basis: str
    urgency: str
    reason: str
    created_at: datetime
    created_by: str
    tries: int
    next_at: datetime | None
    last_error: str
    their_no: str
    ledger_no: str
    sent_at: datetime | None
    accepted_at: datetime | None
    returned_at: datetime | None
    return_reason: str
    done_at: datetime | None
    result: str


class EventLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of its history."""

    at: datetime
    actor: str
    what: str
    state: str
    text: str


async def listed(
    conn: AsyncConnection, hall: str, view: View, *, limit: int, after: Place | None
) -> tuple[list[Line], Place | None]:
    """One page, the newest first, and where the next one begins (None: this was the last)."""
    h = HANDOVERS.c
    query = _LINES.where(h.hall == hall, h.state.in_(STATES[view])).order_by(h.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(h.id < after.id)
    rows = (await conn.execute(query)).all()
    more = Place(rows[limit - 1].id) if len(rows) > limit else None
    return [_line(row) for row in rows[:limit]], more


async def of_ticket(conn: AsyncConnection, hall: str, ticket: str) -> list[Line]:
    """Every hand-over of a ticket, in order."""
    h = HANDOVERS.c
    rows = await conn.execute(_LINES.where(h.hall == hall, h.ticket == ticket).order_by(h.id))
    return [_line(row) for row in rows]


async def one(conn: AsyncConnection, hall: str, handover: int) -> tuple[Line, list[EventLine]]:
    """A hand-over with its history. Raises `NoSuchHandover`."""
    h, e = HANDOVERS.c, HANDOVER_EVENTS.c
    row = (await conn.execute(_LINES.where(h.hall == hall, h.id == handover))).one_or_none()
    if row is None:
        raise NoSuchHandover(handover)
    name = func.coalesce(ACCOUNTS.c.name, e.actor).label("name")
    query = select(HANDOVER_EVENTS, name).outerjoin(ACCOUNTS, ACCOUNTS.c.id == e.actor).where(e.handover == handover)
    events = await conn.execute(query.order_by(e.id))
    return _line(row), [
        EventLine(at=each.at, actor=each.name, what=each.what, state=each.state, text=each.text) for each in events
    ]


async def waiting(conn: AsyncConnection, hall: str) -> dict[str, int]:
    """How many are not there yet, by bridge."""
    h = HANDOVERS.c
    query = select(h.bridge, func.count().label("waiting")).where(h.hall == hall, h.state.in_([S.PREPARED, S.IN_DOUBT]))
    return {row.bridge: row.waiting for row in await conn.execute(query.group_by(h.bridge))}


def _line(row: Row[Any]) -> Line:
    plain = {name: row._mapping[name] for name in Line.__struct_fields__ if name != "created_by"}
    return Line(**plain, created_by=row.by_name or row.created_by)


_LINES: Final = select(HANDOVERS, ACCOUNTS.c.name.label("by_name")).outerjoin(
    ACCOUNTS, ACCOUNTS.c.id == HANDOVERS.c.created_by
)
