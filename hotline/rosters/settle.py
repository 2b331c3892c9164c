"""The monthly settlement sheet (结算单) of a hall: rows in, figures out as the API and the spreadsheet show them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Date, Text, column, func, or_, select, table
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.rosters import people, shifts
from hotline.rosters.settlement import FORMULAS, Line, SeatChange, Taken, presence, settle, summed
from hotline.rosters.shift import Span, day_span
from hotline.store.tables import CALLS, SEAT_CHANGES
from hotline.store.tables.base import INSTANT

_ABSENT: Final = ("signed_off", "missing")
_AT_WORK: Final = ("talking", "conference", "held", "consulting")
"""Segments in which the seat's lawyer has the caller, or works for them."""
_SEGMENTS: Final = table(
    "call_segments",
    *(column(name, Text) for name in ("hall", "call", "kind", "operator")),
    *(column(name, INSTANT) for name in ("since", "until")),
    column("day", Date),
)
FINAL: Final = "final"
PROVISIONAL: Final = "provisional"


def month_span(year: int, month: int) -> Span:
    """The month in China."""
    return day_span(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


async def settlement(conn: AsyncConnection, hall: str, year: int, month: int, now: datetime) -> dict[str, Any]:
    """The sheet, firms by name, each with its lawyers by work number; lawyers without a firm come last."""
    span = month_span(year, month)
    everybody = {each.account: each for each in await people.lawyers(conn, hall)}
    firms = {each.id: each.name for each in await people.firms(conn, hall)}
    until = min(max(now, span.begins_at), span.ends_at)
    lines = settle(
        await shifts.for_rules(conn, hall, span),
        presence(await _seat_changes(conn, hall, span), until),
        await _taken(conn, hall, span, now),
        {account: each.firm for account, each in everybody.items()},
        month=span,
        now=now,
    )
    order = {account: at for at, account in enumerate(everybody)}
    parts: list[dict[str, Any]] = []
    for firm in sorted({each.firm for each in lines}, key=lambda each: (each is None, firms.get(each or 0, ""))):
        own = sorted((each for each in lines if each.firm == firm), key=lambda each: order.get(each.lawyer or "", 0))
        told = [
            {
                **_plain(each),
                "lawyer": each.lawyer,
                "name": everybody[each.lawyer].name if each.lawyer in everybody else "",
                "work_number": everybody[each.lawyer].work_number if each.lawyer in everybody else "",
                "employment": everybody[each.lawyer].employment.value if each.lawyer in everybody else "",
            }
            for each in own
        ]
        name = firms.get(firm, "") if firm is not None else ""
        parts.append({"firm": firm, "name": name, "lawyers": told, "sum": _plain(summed(firm, own))})
    return {
        "hall": hall,
        "month": f"{year:04}-{month:02}",
        "state": FINAL if span.ends_at <= now else PROVISIONAL,
        "until": until,
        "firms": parts,
        "sum": _plain(summed(None, lines)),
        "formulas": dict(FORMULAS),
    }


def _plain(line: Line) -> dict[str, Any]:
    names = [name for name in Line.__struct_fields__ if name not in ("firm", "lawyer")]
    return {**{name: getattr(line, name) for name in names}, "adherence": line.adherence}


async def _seat_changes(conn: AsyncConnection, hall: str, span: Span) -> list[SeatChange]:
    """Who came and went; first, for each seat, the last that happened there before."""
    c = SEAT_CHANGES.c
    came_or_went = or_(c.before.in_(_ABSENT), c.after.in_(_ABSENT))
    query = select(c.seat, c.at, c.after, c.operator).where(c.hall == hall, came_or_went)
    before = await conn.execute(
        query.where(c.at < span.begins_at).order_by(c.seat, c.at.desc(), c.id.desc()).ext(distinct_on(c.seat))
    )
    within = await conn.execute(query.where(c.at >= span.begins_at, c.at < span.ends_at).order_by(c.at, c.id))
    return [SeatChange(**row._mapping) for row in (*sorted(before, key=lambda row: row.at), *within)]


async def _taken(conn: AsyncConnection, hall: str, span: Span, now: datetime) -> list[Taken]:
    c, s = CALLS.c, _SEGMENTS.c
    # By the day they were offered, as the index has them: an answer comes at most a day later.
    first, last = span.begins_at.date() - timedelta(days=1), span.ends_at.date()
    rows = await conn.execute(
        select(
            s.operator,
            func.min(s.since).label("since"),
            func.sum(func.extract("epoch", func.coalesce(s.until, now) - s.since)).label("seconds"),
            c.direction,
        )
        .join(CALLS, c.id == s.call)
        .where(s.hall == hall, s.day.between(first, last), s.operator.is_not(None), s.kind.in_(_AT_WORK))
        .group_by(s.call, s.operator, c.direction)
    )
    found = [
        Taken(
            lawyer=row.operator,
            answered_at=row.since,
            talk_seconds=float(row.seconds),
            outbound=row.direction == "out",
        )
        for row in rows
    ]
    # What a gateway handled itself has no segments, only its own times.
    rows = await conn.execute(
        select(c.operator, c.answered_at, c.ended_at, c.direction).where(
            c.hall == hall,
            c.day.between(first, last),
            c.operator.is_not(None),
            c.answered_at.is_not(None),
            c.segments.is_(None),
        )
    )
    return found + [
        Taken(
            lawyer=row.operator,
            answered_at=row.answered_at,
            talk_seconds=((row.ended_at or now) - row.answered_at).total_seconds(),
            outbound=row.direction == "out",
        )
        for row in rows
    ]
