"""How well do units handle what they are sent (考核)? Counts of a period, for each unit and together.

A dispatch counts on the day it was sent, a deadline on the day it was due, a follow-up on the day the citizen was
asked; of several follow-ups of a ticket the last one counts, for the unit whose answer it was about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.deadlines.rules import DueKind
from hotline.handling.hall_side import Contentment
from hotline.handling.lists import unit_names
from hotline.rosters.calendar import SHANGHAI
from hotline.store.tables import DEADLINES, DISPATCHES, FOLLOW_UPS, TICKETS
from hotline.tickets.sampling import MUST
from hotline.tickets.ticket import TicketState

ANSWERS: Final = (Contentment.SATISFIED, Contentment.FAIR, Contentment.DISSATISFIED)


class UnitFigures(msgspec.Struct, kw_only=True):
    """Of one unit as lead (主办), or of all."""

    unit: str = ""
    unit_name: str = ""
    dispatched: int = 0
    """派单量."""
    returned: int = 0
    """退单量."""
    replied: int = 0
    """反馈量."""
    due: int = 0
    """到期的签收和办理期限."""
    overdue: int = 0
    """其中逾期."""
    followed_up: int = 0
    """回访量: citizens who answered."""
    satisfied: int = 0
    fair: int = 0
    dissatisfied: int = 0
    not_reached: int = 0
    """未联系上或不愿评价."""

    @property
    def in_time_rate(self) -> float | None:
        """按时率: deadlines kept ÷ deadlines due."""
        return None if not self.due else (self.due - self.overdue) / self.due

    @property
    def satisfaction(self) -> float | None:
        """满意率: satisfied or fairly so ÷ answered."""
        return None if not self.followed_up else (self.satisfied + self.fair) / self.followed_up


class HandlingFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Of a hall's period."""

    first: date
    last: date
    units: Sequence[UnitFigures]
    """Those that had something, by the number of their dispatches."""
    together: UnitFigures
    to_follow_up: int
    """待回访: citizens who have to be asked and were not, now."""
    to_follow_up_overdue: int
    """其中逾期."""


async def figures(conn: AsyncConnection, hall: str, first: date, last: date, now: datetime) -> HandlingFigures:
    """From the beginning of `first` to the end of `last`, days of Shanghai."""
    begins = datetime.combine(first, time(), SHANGHAI)
    ends = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    found: dict[str, UnitFigures] = {}
    for query in (
        _dispatches(hall, begins, ends),
        _deadlines(hall, begins, ends, now),
        _follow_ups(hall, begins, ends),
    ):
        for row in await conn.execute(query):
            _add(found.setdefault(row.unit, UnitFigures(unit=row.unit)), row)
    names = await unit_names(conn, hall, set(found))
    together = UnitFigures()
    for unit, counted in found.items():
        counted.unit_name = names.get(unit, unit)
        for name in _COUNTS:
            setattr(together, name, getattr(together, name) + getattr(counted, name))
    t = TICKETS.c
    waits = and_(t.hall == hall, t.state == TicketState.REVIEWED.value, t.follow_up.in_(sorted(MUST)))
    waiting = (await conn.execute(select(func.count(), func.count().filter(t.due_at < now)).where(waits))).one()
    return HandlingFigures(
        first=first,
        last=last,
        units=sorted(found.values(), key=lambda each: (-each.dispatched, each.unit)),
        together=together,
        to_follow_up=waiting[0],
        to_follow_up_overdue=waiting[1],
    )


_COUNTS: Final = tuple(name for name in UnitFigures.__struct_fields__ if name not in ("unit", "unit_name"))


def _dispatches(hall: str, begins: datetime, ends: datetime) -> Select[*tuple[Any, ...]]:
    d = DISPATCHES.c
    return (
        select(
            d.unit,
            func.count().label("dispatched"),
            func.count().filter(d.end == "returned").label("returned"),
            func.count().filter(d.end == "replied").label("replied"),
        )
        .where(d.hall == hall, d.lead, d.sent_at >= begins, d.sent_at < ends)
        .group_by(d.unit)
    )


def _deadlines(hall: str, begins: datetime, ends: datetime, now: datetime) -> Select[*tuple[Any, ...]]:
    d = DEADLINES.c
    missed: ColumnElement[bool] = or_(d.met.is_(False), and_(d.done_at.is_(None), d.paused_at.is_(None)))
    return (
        select(d.unit, func.count().label("due"), func.count().filter(missed).label("overdue"))
        .where(
            d.hall == hall,
            d.unit != "",
            d.kind.in_([DueKind.SIGN.value, DueKind.REPLY.value]),
            d.due_at >= begins,
            d.due_at < func.least(ends, now),
            # What was needed no longer was neither kept nor missed.
            or_(d.met.is_not(None), and_(d.done_at.is_(None), d.paused_at.is_(None))),
        )
        .group_by(d.unit)
    )


def _follow_ups(hall: str, begins: datetime, ends: datetime) -> Select[*tuple[Any, ...]]:
    f, d = FOLLOW_UPS.c, DISPATCHES.c
    last = (
        select(f.ticket, f.contentment, f.at)
        .ext(distinct_on(f.ticket))
        .where(f.hall == hall, f.at >= begins, f.at < ends)
        .order_by(f.ticket, f.id.desc())
        .subquery()
    )
    about = (
        select(d.unit)
        .where(d.ticket == last.c.ticket, d.lead, d.end == "replied", d.ended_at <= last.c.at)
        .order_by(d.id.desc())
        .limit(1)
        .lateral()
    )

    def of(*answers: Contentment) -> ColumnElement[int]:
        return func.count().filter(last.c.contentment.in_([each.value for each in answers]))

    return (
        select(
            about.c.unit,
            of(*ANSWERS).label("followed_up"),
            of(Contentment.SATISFIED).label("satisfied"),
            of(Contentment.FAIR).label("fair"),
            of(Contentment.DISSATISFIED).label("dissatisfied"),
            of(Contentment.NOT_REACHED, Contentment.DECLINED).label("not_reached"),
        )
        .select_from(last.join(about, true()))
        .group_by(about.c.unit)
    )


def _add(figures: UnitFigures, row: Row[Any]) -> None:
    for name, number in row._mapping.items():
        if name != "unit":
            setattr(figures, name, number)
