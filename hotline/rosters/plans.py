"""What makes shifts, and how many are needed: patterns (排班模板), requirements (人数要求), special days of the site.

Generating twice makes nothing twice: a pattern's place at a time exists once, even when it was cancelled since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, Doer, Plain, record
from hotline.rosters import people, shifts
from hotline.rosters.calendar import SHANGHAI, Calendar, DayKind, SpecialDay
from hotline.rosters.coverage import Gap, Requirement, gaps
from hotline.rosters.errors import RosterRefused
from hotline.rosters.pattern import Draft, Fate, Pattern, Planned, Rotation, drafted, planned
from hotline.rosters.shift import LONGEST, DutyMode, Span, day_span
from hotline.store.tables import DUTY_REQUIREMENTS, SHIFT_PATTERNS, SHIFTS, SPECIAL_DAYS

MAX_DAYS: Final = 92
"""Days that are generated or looked through at a time."""
MAX_SHIFTS: Final = 3000
"""Shifts that one generation makes."""


class PatternRow(msgspec.Struct, frozen=True, kw_only=True):
    """A pattern as it is shown."""

    pattern: Pattern
    active: bool
    version: int


async def calendar(conn: AsyncConnection, hall: str) -> Calendar:
    """The days as they count in this hall."""
    return Calendar(await special_days(conn, hall))


async def special_days(conn: AsyncConnection, hall: str, year: int | None = None) -> list[SpecialDay]:
    """What the site entered, by day."""
    d = SPECIAL_DAYS.c
    query = select(d.day, d.kind, d.label).where(d.hall == hall).order_by(d.day)
    if year is not None:
        query = query.where(d.day >= date(year, 1, 1), d.day <= date(year, 12, 31))
    rows = await conn.execute(query)
    return [SpecialDay(day=row.day, kind=DayKind(row.kind), label=row.label) for row in rows]


async def put_special_days(
    conn: AsyncConnection, *, hall: str, year: int, days: Sequence[SpecialDay], now: datetime, doer: Doer
) -> None:
    """All that the site says of a year, in place of what it said before. Raises `RosterRefused(invalid_input)`."""
    errors = [
        {"field": f"days.{at}.day", "message": "日期不在这一年，或重复。"}
        for at, each in enumerate(days)
        if each.day.year != year or each.day in {other.day for other in days[:at]}
    ]
    if errors:
        raise RosterRefused("invalid_input", errors=errors[:50])
    d = SPECIAL_DAYS.c
    await conn.execute(
        delete(SPECIAL_DAYS).where(d.hall == hall, d.day >= date(year, 1, 1), d.day <= date(year, 12, 31))
    )
    if days:
        rows = [{"hall": hall, "day": each.day, "kind": each.kind.value, "label": each.label} for each in days]
        await conn.execute(insert(SPECIAL_DAYS), rows)
    data: dict[str, Plain] = {"year": year, "days": len(days)}
    await record(conn, hall=hall, doer=doer, act=Act.CALENDAR_CHANGED, object=f"calendar/{year}", at=now, data=data)


async def requirements(conn: AsyncConnection, hall: str) -> list[Requirement]:
    """How many lawyers the hall wants, when."""
    r = DUTY_REQUIREMENTS.c
    rows = await conn.execute(select(DUTY_REQUIREMENTS).where(r.hall == hall).order_by(r.group, r.begins, r.id))
    return [
        Requirement(
            days=tuple(DayKind(each) for each in row.days),
            weekdays=tuple(row.weekdays),
            begins=row.begins,
            ends=row.ends,
            lawyers=row.lawyers,
            group=row.group,
        )
        for row in rows
    ]


async def put_requirements(
    conn: AsyncConnection, *, hall: str, wanted: Sequence[Requirement], now: datetime, doer: Doer
) -> None:
    """These and no others."""
    await conn.execute(delete(DUTY_REQUIREMENTS).where(DUTY_REQUIREMENTS.c.hall == hall))
    if wanted:
        rows = [
            {
                "hall": hall,
                "days": [day.value for day in each.days],
                "weekdays": list(each.weekdays),
                "begins": each.begins,
                "ends": each.ends,
                "group": each.group,
                "lawyers": each.lawyers,
            }
            for each in wanted
        ]
        await conn.execute(insert(DUTY_REQUIREMENTS), rows)
    data: dict[str, Plain] = {"requirements": len(wanted)}
    await record(
        conn, hall=hall, doer=doer, act=Act.REQUIREMENTS_CHANGED, object="duty-requirements", at=now, data=data
    )


async def gaps_within(conn: AsyncConnection, hall: str, span: Span) -> list[Gap]:
    """Times with too few lawyers on the roster."""
    wanted = await requirements(conn, hall)
    on_duty = await shifts.for_rules(conn, hall, span)
    return gaps(wanted, on_duty, await calendar(conn, hall), span)


async def patterns(conn: AsyncConnection, hall: str) -> list[PatternRow]:
    """The hall's patterns, those in use first."""
    p = SHIFT_PATTERNS.c
    rows = await conn.execute(select(SHIFT_PATTERNS).where(p.hall == hall).order_by(p.active.desc(), p.name))
    return [_pattern(row) for row in rows]


async def put_pattern(
    conn: AsyncConnection,
    *,
    hall: str,
    pattern: Pattern,
    active: bool,
    version: int | None,
    now: datetime,
    doer: Doer,
) -> PatternRow:
    """Writes a pattern; `version`: the one it started from, None for a new one (whose `id` counts for nothing).

    Raises `RosterRefused(not_found, pattern_changed, pattern_name_taken, no_such_lawyer)`.
    """
    known = {each.account for each in await people.lawyers(conn, hall)}
    if not set(pattern.lawyers) <= known:
        raise RosterRefused("no_such_lawyer")
    p = SHIFT_PATTERNS.c
    values: dict[str, Any] = {
        "name": pattern.name,
        "days": [each.value for each in pattern.days],
        "weekdays": list(pattern.weekdays),
        "begins": pattern.begins,
        "ends": pattern.ends,
        "group": pattern.group,
        "mode": pattern.mode.value,
        "places": pattern.places,
        "rotation": pattern.rotation.value,
        "lawyers": list(pattern.lawyers),
        "anchor": pattern.anchor,
        "active": active,
    }
    try:
        async with conn.begin_nested():
            if version is None:
                made = await conn.execute(insert(SHIFT_PATTERNS).values(hall=hall, **values).returning(SHIFT_PATTERNS))
                row = made.one()
            else:
                mine = (p.hall == hall) & (p.id == pattern.id)
                before = (await conn.execute(select(p.version).where(mine).with_for_update())).scalar_one_or_none()
                if before is None:
                    raise RosterRefused("not_found")
                if before != version:
                    raise RosterRefused("pattern_changed")
                new = update(SHIFT_PATTERNS).where(mine).values(version=version + 1, **values)
                row = (await conn.execute(new.returning(SHIFT_PATTERNS))).one()
    except IntegrityError:
        raise RosterRefused("pattern_name_taken") from None
    data: dict[str, Plain] = {"name": pattern.name, "active": active, "version": row.version}
    await record(conn, hall=hall, doer=doer, act=Act.PATTERN_CHANGED, object=f"pattern/{row.id}", at=now, data=data)
    return _pattern(row)


async def drafts(
    conn: AsyncConnection, hall: str, first: date, last: date, *, only: Sequence[int] = (), now: datetime
) -> list[Draft]:
    """What generating would do for these days, by time. `only`: these patterns, else all in use.

    Raises `RosterRefused(not_found, roster_too_large)`.
    """
    known = await patterns(conn, hall)
    chosen = [each.pattern for each in known if (each.pattern.id in only if only else each.active)]
    if len(chosen) < len(set(only)):
        raise RosterRefused("not_found")
    days = await calendar(conn, hall)
    wanted: list[Planned] = []
    for pattern in chosen:
        wanted += planned(pattern, days, first, last)
        if len(wanted) > MAX_SHIFTS:
            raise RosterRefused("roster_too_large")
    wanted.sort(key=lambda each: (each.span, each.pattern, each.place))
    within = day_span(first, last)
    around = Span(begins_at=within.begins_at - LONGEST, ends_at=within.ends_at + LONGEST)
    busy: dict[str, list[Span]] = {}
    for shift in await shifts.for_rules(conn, hall, around):
        if shift.lawyer is not None:
            busy.setdefault(shift.lawyer, []).append(shift.span)
    s = SHIFTS.c
    made = await conn.execute(
        select(s.pattern, s.begins_at, s.place).where(
            s.hall == hall,
            s.pattern.is_not(None),
            s.begins_at >= within.begins_at,
            s.begins_at < within.ends_at,
        )
    )
    return drafted(
        wanted,
        made={(row.pattern, row.begins_at, row.place) for row in made},
        busy=busy,
        licences=await people.licences(conn, hall),
        now=now,
    )


async def generate(
    conn: AsyncConnection, hall: str, first: date, last: date, *, only: Sequence[int] = (), now: datetime, doer: Doer
) -> list[Draft]:
    """Makes the shifts; what became of each. Raises `RosterRefused` as `drafts` does, and shift_overlap."""
    await shifts.hold_roster(conn, hall)
    found = await drafts(conn, hall, first, last, only=only, now=now)
    fresh = [each for each in found if each.fate in (Fate.MADE, Fate.OPEN)]
    firms = {each.account: each.firm for each in await people.lawyers(conn, hall)}
    made = [
        shifts.Fresh(
            wish=shifts.Wish(
                span=each.planned.span, lawyer=each.lawyer, group=each.planned.group, mode=each.planned.mode
            ),
            firm=firms.get(each.lawyer) if each.lawyer is not None else None,
            pattern=each.planned.pattern,
            place=each.planned.place,
        )
        for each in fresh
    ]
    await shifts.create_many(conn, hall=hall, fresh=made, what=shifts.GENERATED, now=now, doer=doer)
    data: dict[str, Plain] = {
        "from": str(first),
        "to": str(last),
        "made": len(fresh),
        "open": sum(each.fate is Fate.OPEN for each in fresh),
    }
    await record(conn, hall=hall, doer=doer, act=Act.ROSTER_GENERATED, object=f"roster/{first}", at=now, data=data)
    return found


def next_days(now: datetime, days: int) -> Span:
    """From now on, so many days."""
    begins_at = now.astimezone(SHANGHAI)
    return Span(begins_at=begins_at, ends_at=begins_at + timedelta(days=days))


def _pattern(row: Row[Any]) -> PatternRow:
    pattern = Pattern(
        id=row.id,
        name=row.name,
        days=tuple(DayKind(each) for each in row.days),
        weekdays=tuple(row.weekdays),
        begins=row.begins,
        ends=row.ends,
        group=row.group,
        mode=DutyMode(row.mode),
        places=row.places,
        rotation=Rotation(row.rotation),
        lawyers=tuple(row.lawyers),
        anchor=row.anchor,
    )
    return PatternRow(pattern=pattern, active=row.active, version=row.version)
