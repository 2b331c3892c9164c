"""Which hand-overs are there, how are they, and what happened to one? Packages stay sealed: nobody needs them here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, case, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.handovers.handover import HandoverState as S
from hotline.handovers.records import NoSuchHandover
from hotline.store.tables import ACCOUNTS, HANDOVER_EVENTS, HANDOVERS, TICKETS
from hotline.tickets.ticket import TicketState


class View(StrEnum):
    """A list."""

    ATTENTION = "attention"
    """待处理: a person has to look. In doubt, failed, returned and lying with the hall since, undecided for a day; in
    that order."""
    ON_THE_WAY = "on_the_way"
    """在途: not sent yet, or not accepted yet."""
    THEIRS = "theirs"
    """对方办理中."""
    OVER = "over"
    """已结束."""


UNDECIDED_AFTER: Final = timedelta(hours=24)
"""Sent so long ago, and they have not said whether they take it: somebody should ask."""

STATES: Final[Mapping[View, Sequence[S]]] = {
    View.ON_THE_WAY: (S.PREPARED, S.SENT, S.ACKNOWLEDGED),
    View.THEIRS: (S.ACCEPTED,),
    View.OVER: (S.DONE, S.RETURNED, S.WITHDRAWN),
}


_WITH_US: Final = (TicketState.DRAFT, TicketState.OPEN, TicketState.RETURNED, TicketState.REOPENED)


class Place(msgspec.Struct, frozen=True, array_like=True):
    """After which hand-over a page begins."""

    rank: int
    id: int


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """How one way has done so far."""

    waiting: int
    """Not there yet."""
    last_sent_at: datetime | None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are of what somebody has to look at, and of what is under way."""

    in_doubt: int
    failed: int
    returned: int
    undecided: int
    on_the_way: int
    theirs: int


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
    conn: AsyncConnection, hall: str, view: View, *, now: datetime, limit: int, after: Place | None
) -> tuple[list[Line], Place | None]:
    """One page, the newest first, and where the next one begins (None: this was the last). What needs attention goes by
    how urgent it is."""
    h, needs = HANDOVERS.c, _needs(now)
    if view is View.ATTENTION:
        rank = case(*((wanted, place) for place, wanted in enumerate(needs.values())), else_=len(needs))
        query = _LINES.add_columns(rank.label("rank")).where(h.hall == hall, or_(*needs.values()))
        if after is not None:
            query = query.where(or_(rank > after.rank, and_(rank == after.rank, h.id < after.id)))
        query = query.order_by(rank, h.id.desc())
    else:
        # By id alone: an index has that order, and what is over is most of it.
        query = _LINES.add_columns(literal(0).label("rank")).where(h.hall == hall, h.state.in_(STATES[view]))
        query = (query if after is None else query.where(h.id < after.id)).order_by(h.id.desc())
    rows = (await conn.execute(query.limit(limit + 1))).all()
    more = Place(rows[limit - 1].rank, rows[limit - 1].id) if len(rows) > limit else None
    return [_line(row) for row in rows[:limit]], more


async def counted(conn: AsyncConnection, hall: str, now: datetime) -> Counts:
    """For the marks beside the lists."""
    h = HANDOVERS.c
    under_way = {view.value: h.state.in_(STATES[view]) for view in (View.ON_THE_WAY, View.THEIRS)}
    asked = [func.count().filter(wanted).label(name) for name, wanted in (_needs(now) | under_way).items()]
    # What is over is most of it, and of that only what was returned counts; named one by one, they are in the index.
    living = h.state.in_(sorted(set(S) - {S.DONE, S.WITHDRAWN}))
    row = (await conn.execute(select(*asked).where(h.hall == hall, living))).one()
    return Counts(**row._mapping)


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


async def carried(conn: AsyncConnection, hall: str, bridges: Iterable[str]) -> dict[str, Carried]:
    """How each of these ways has done."""
    h = HANDOVERS.c
    waiting = select(h.bridge, func.count()).where(h.hall == hall, h.state.in_([S.PREPARED, S.IN_DOUBT]))
    left = {row[0]: row[1] for row in await conn.execute(waiting.group_by(h.bridge))}
    return {
        each: Carried(
            waiting=left.get(each, 0),
            # Of each way by itself: the newest of an index, where all together would read whatever went.
            last_sent_at=await conn.scalar(select(func.max(h.sent_at)).where(h.hall == hall, h.bridge == each)),
        )
        for each in bridges
    }


def _needs(now: datetime) -> dict[str, ColumnElement[bool]]:
    """Why somebody has to look at a hand-over, the most urgent first."""
    h, t, later = HANDOVERS.c, TICKETS.c, HANDOVERS.alias()
    handed_on = exists().where(later.c.ticket == h.ticket, later.c.id > h.id)
    # What was ended because they had taken it comes back to an ended ticket: somebody has to open it again.
    with_us = exists().where(t.number == h.ticket, or_(t.state.in_(_WITH_US), t.closed_at <= h.returned_at))
    return {
        "in_doubt": h.state == S.IN_DOUBT,
        "failed": h.state == S.FAILED,
        "returned": and_(h.state == S.RETURNED, with_us, ~handed_on),
        "undecided": and_(h.state.in_([S.SENT, S.ACKNOWLEDGED]), h.sent_at < now - UNDECIDED_AFTER),
    }


def _line(row: Row[Any]) -> Line:
    plain = {name: row._mapping[name] for name in Line.__struct_fields__ if name != "created_by"}
    return Line(**plain, created_by=row.by_name or row.created_by)


_LINES: Final = select(HANDOVERS, ACCOUNTS.c.name.label("by_name")).outerjoin(
    ACCOUNTS, ACCOUNTS.c.id == HANDOVERS.c.created_by
)
