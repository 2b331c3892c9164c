"""Which tickets are on their way? Lists for the hall's board (派单台) and a unit's inbox (收件箱).

A list is one view of one hall: by state, by what is due, narrowed to units. The soonest deadline first, so that what
burns is on top.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, exists, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.store.tables import ACCOUNTS, DISPATCHES, TICKETS, UNITS
from hotline.tickets import categories
from hotline.tickets.ticket import ANSWERED, AT_DESK, AT_UNIT, ENDED
from hotline.tickets.ticket import TicketState as S

EXCERPT: Final = 60
"""Signs of the facts in a list."""


class View(StrEnum):
    """A list of the board."""

    TO_DISPATCH = "to_dispatch"
    """待派单: written, and not answered by the desk."""
    RETURNED = "returned"
    """退单."""
    AT_UNITS = "at_units"
    """办理中."""
    TO_SIGN = "to_sign"
    """待签收."""
    IN_HAND = "in_hand"
    """已签收、办理中."""
    TO_REVIEW = "to_review"
    """待审核."""
    TO_FOLLOW_UP = "to_follow_up"
    """待回访、待归档."""
    OVERDUE = "overdue"
    """已逾期."""
    DUE_TODAY = "due_today"
    """今日到期."""
    ENDED = "ended"
    """已结束."""


STATES: Final[Mapping[View, Collection[S]]] = {
    View.TO_DISPATCH: AT_DESK,
    View.RETURNED: {S.RETURNED},
    View.AT_UNITS: AT_UNIT,
    View.TO_SIGN: {S.DISPATCHED, S.DESIGNATED},
    View.IN_HAND: {S.SIGNED, S.IN_PROGRESS},
    View.TO_REVIEW: {S.REPLIED},
    View.TO_FOLLOW_UP: {S.REVIEWED, S.FOLLOWED_UP},
    View.ENDED: ENDED,
}
FOR_UNITS: Final = (
    View.TO_SIGN,
    View.IN_HAND,
    View.OVERDUE,
    View.DUE_TODAY,
    View.RETURNED,
    View.TO_REVIEW,
    View.ENDED,
)
"""What a unit's inbox (收件箱) shows."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What of a hall may be seen."""

    hall: str
    operator: str | None = None
    """Only the tickets of this account."""
    units: frozenset[str] | None = None
    """Only tickets that are, or were, with these units."""
    chosen: frozenset[str] | None = None
    """Of those, only what is with these units; what no unit has any more: what was."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """After which ticket a page begins."""

    at: datetime | None
    number: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket in a list."""

    number: str
    state: str
    channel: str
    created_at: datetime
    unit: str
    unit_name: str
    category_label: str
    matter: str
    urgency: str
    operator_name: str
    facts_excerpt: str
    """Empty for tickets whose caller asked for secrecy."""
    secrecy: bool
    due_at: datetime | None
    overdue: bool
    times_returned: int
    times_reopened: int
    times_urged: int
    supervised: bool
    sent_back: bool
    """退回重办: the hall did not take the unit's reply."""
    case_file: str
    follow_up: str
    """`sampling.FollowUp`: whether the citizen has to be asked; empty until the reply has passed the review."""


async def listed(
    conn: AsyncConnection,
    reach: Reach,
    view: View,
    *,
    now: datetime,
    today_ends: datetime,
    limit: int,
    after: Place | None,
) -> tuple[list[Line], Place | None]:
    """One page of a view, and where the next one begins (None: this was the last)."""
    t = TICKETS.c
    when = t.closed_at if view is View.ENDED else t.due_at
    query = select(*_COLUMNS, when.label("at")).outerjoin(ACCOUNTS, ACCOUNTS.c.id == t.operator)
    query = query.where(*conditions(reach, view, now, today_ends)).limit(limit + 1)
    if view is View.ENDED:
        query = query.order_by(when.desc().nulls_last(), t.number.desc())
        if after is not None and after.at is not None:
            query = query.where(tuple_(when, t.number) < tuple_(literal(after.at), literal(after.number)))
    else:
        query = query.order_by(when.asc().nulls_last(), t.number)
        if after is not None:
            query = query.where(_behind(when, after))
    rows = (await conn.execute(query)).all()
    more = Place(rows[limit - 1].at, rows[limit - 1].number) if len(rows) > limit else None
    page = rows[:limit]
    labels = await categories.paths(conn, {(row.category_version, row.category) for row in page if row.category})
    names = await unit_names(conn, reach.hall, {row.unit for row in page})
    return [_line(row, labels, names, now) for row in page], more


async def counts(conn: AsyncConnection, reach: Reach, *, now: datetime, today_ends: datetime) -> dict[View, int]:
    """How many there are in every view but the ended ones."""
    found = {}
    for view in View:
        if view is not View.ENDED:
            query = select(func.count()).select_from(TICKETS).where(*conditions(reach, view, now, today_ends))
            found[view] = await conn.scalar(query) or 0
    return found


async def was_with(conn: AsyncConnection, ticket: str, units: Collection[str]) -> bool:
    """Is or was the ticket with one of these units?"""
    return bool(await conn.scalar(select(_with(units).where(DISPATCHES.c.ticket == ticket))))


async def unit_names(conn: AsyncConnection, hall: str, codes: Collection[str]) -> dict[str, str]:
    """The names of units by their codes."""
    if not (wanted := sorted({*codes} - {""})):
        return {}
    u = UNITS.c
    rows = await conn.execute(select(u.code, u.name).where(u.hall == hall, u.code.in_(wanted)))
    return {row.code: row.name for row in rows}


def conditions(reach: Reach, view: View, now: datetime, today_ends: datetime) -> list[ColumnElement[bool]]:
    """What makes a ticket one of the view, as far as may be seen."""
    t = TICKETS.c
    found: list[ColumnElement[bool]] = [t.hall == reach.hall]
    match view:
        case View.OVERDUE:
            found.append(t.due_at < now)
        case View.DUE_TODAY:
            found += [t.due_at >= now, t.due_at < today_ends]
        case _:
            found.append(t.state.in_(sorted(STATES[view])))
    if reach.operator is not None:
        found.append(t.operator == reach.operator)
    if reach.chosen is not None:
        found.append(_had(reach.chosen) if view in _PAST else _has(reach.chosen))
    if reach.units is None:
        if view in (View.OVERDUE, View.DUE_TODAY):
            return found
        return [*found, t.due_at.is_not(None) | t.state.in_(sorted({*ENDED, *ANSWERED, *AT_UNIT}))]
    if view in _PAST or view is View.TO_REVIEW:
        return [*found, _had(reach.units)]
    return [*found, t.state.in_(sorted(AT_UNIT)), _has(reach.units)]


_PAST: Final = (View.RETURNED, View.ENDED)
"""Lists of tickets that no unit has."""


def _has(units: Collection[str]) -> ColumnElement[bool]:
    """As the lead, or helping."""
    t, d = TICKETS.c, DISPATCHES.c
    return or_(t.unit.in_(sorted(units)), _with(units).where(d.ticket == t.number, d.ended_at.is_(None)))


def _had(units: Collection[str]) -> ColumnElement[bool]:
    return _with(units).where(DISPATCHES.c.ticket == TICKETS.c.number)


def _with(units: Collection[str]) -> Any:
    return exists().where(DISPATCHES.c.unit.in_(sorted(units)))


def _behind(when: ColumnElement[Any], after: Place) -> ColumnElement[bool]:
    """Soonest first, those without a time last."""
    number = TICKETS.c.number
    if after.at is None:
        return and_(when.is_(None), number > after.number)
    return or_(when > after.at, and_(when == after.at, number > after.number), when.is_(None))


def _line(row: Row[Any], labels: Mapping[Any, str], names: Mapping[str, str], now: datetime) -> Line:
    return Line(
        number=row.number,
        state=row.state,
        channel=row.channel,
        created_at=row.created_at,
        unit=row.unit,
        unit_name=names.get(row.unit, row.unit),
        category_label=labels.get((row.category_version, row.category), row.category),
        matter=row.matter,
        urgency=row.urgency,
        operator_name=row.operator_name or "",
        facts_excerpt="" if row.secrecy else row.excerpt,
        secrecy=row.secrecy,
        due_at=row.due_at,
        overdue=row.due_at is not None and row.due_at < now,
        times_returned=row.times_returned,
        times_reopened=row.times_reopened,
        times_urged=row.times_urged,
        supervised=row.supervised,
        sent_back=row.sent_back,
        case_file=row.case_file,
        follow_up=row.follow_up,
    )


_COLUMNS: Final = (
    *(
        TICKETS.c[name]
        for name in (
            "number",
            "state",
            "channel",
            "created_at",
            "unit",
            "category",
            "category_version",
            "matter",
            "urgency",
            "secrecy",
            "due_at",
            "times_returned",
            "times_reopened",
            "times_urged",
            "supervised",
            "case_file",
            "follow_up",
        )
    ),
    ACCOUNTS.c.name.label("operator_name"),
    func.left(TICKETS.c.facts, EXCERPT).label("excerpt"),
    exists()
    .where(DISPATCHES.c.ticket == TICKETS.c.number, DISPATCHES.c.lead, DISPATCHES.c.ended_at.is_(None))
    .where(DISPATCHES.c.reply != "")
    .label("sent_back"),
)
