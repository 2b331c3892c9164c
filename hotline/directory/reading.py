"""Which offices does somebody look for, what was changed when, and what did an import do? Reading, page by page.

Text is found as in tickets: by pairs of neighbouring signs. Whether an office is open now is no question to a database:
the rows are looked at in their order until the page is full.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.directory.hours import is_open
from hotline.directory.kinds import Thing
from hotline.directory.unit import Unit
from hotline.directory.units import unit_of
from hotline.rosters.calendar import DayKind
from hotline.store.tables import DIRECTORY_CHANGES, DIRECTORY_IMPORTS, UNITS
from hotline.tickets.words import query as words_query


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; None: anything."""

    hall: str
    area: str | None = None
    """Short form, with everything in it."""
    kind: str | None = None
    service: str | None = None
    text: str | None = None
    open_now: bool = False
    """Open without an appointment."""
    ended: bool = False
    """Those that ended, instead of those that live."""
    public: bool | None = None


class Place(msgspec.Struct, frozen=True, array_like=True):
    """After which office a page begins."""

    area: str
    code: str


class Before(msgspec.Struct, frozen=True, array_like=True):
    """Before which line of the history a page begins."""

    id: int


class ChangeLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the history."""

    id: int
    thing: Thing
    key: str
    name: str
    at: datetime
    actor: str
    what: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str
    load: int | None


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """An import that was done."""

    id: int
    at: datetime
    actor: str
    file_name: str
    digest: str
    whole: bool
    counts: Mapping[str, int]


KEPT_IMPORTS: Final = 100
"""How many are listed."""
_STEP: Final = 300


async def search(
    conn: AsyncConnection,
    wanted: Wanted,
    *,
    now: datetime,
    kind_of: Callable[[date], DayKind],
    limit: int,
    after: Place | None = None,
) -> tuple[list[Unit], Place | None]:
    """A page of offices by area and code, and where the next one begins. `kind_of`: what each day counts for."""
    conditions = _conditions(wanted)
    if conditions is None:
        return [], None
    found: list[Unit] = []
    u = UNITS.c
    while True:
        query = select(UNITS).where(*conditions).order_by(u.area, u.code).limit(_STEP)
        if after is not None:
            query = query.where((u.area > after.area) | ((u.area == after.area) & (u.code > after.code)))
        rows = (await conn.execute(query)).all()
        for row in rows:
            if len(found) == limit:
                return found, Place(found[-1].area, found[-1].code)
            unit = unit_of(row)
            if not wanted.open_now or is_open(unit.hours, now, kind_of):
                found.append(unit)
        if len(rows) < _STEP:
            return found, None
        after = Place(rows[-1].area, rows[-1].code)


async def history(
    conn: AsyncConnection,
    hall: str,
    *,
    thing: Thing | None = None,
    key: str | None = None,
    load: int | None = None,
    limit: int,
    before: Before | None = None,
) -> tuple[list[ChangeLine], Before | None]:
    """What was changed, newest first: of everything, one kind, one entry, or one import."""
    c = DIRECTORY_CHANGES.c
    asked = ((c.thing, thing and thing.value), (c.key, key), (c.load, load))
    query = select(DIRECTORY_CHANGES).where(c.hall == hall, *(column == value for column, value in asked if value))
    if before is not None:
        query = query.where(c.id < before.id)
    rows = (await conn.execute(query.order_by(c.id.desc()).limit(limit + 1))).all()
    lines = [
        ChangeLine(
            **{name: row._mapping[name] for name in ChangeLine.__struct_fields__ if name != "thing"},
            thing=Thing(row.thing),
        )
        for row in rows[:limit]
    ]
    return lines, Before(lines[-1].id) if len(rows) > limit else None


async def imports(conn: AsyncConnection, hall: str) -> Sequence[Import]:
    """The last hundred imports, newest first."""
    i = DIRECTORY_IMPORTS.c
    query = select(DIRECTORY_IMPORTS).where(i.hall == hall).order_by(i.id.desc()).limit(KEPT_IMPORTS)
    return [
        Import(**{name: row._mapping[name] for name in Import.__struct_fields__}) for row in await conn.execute(query)
    ]


async def areas(conn: AsyncConnection, hall: str) -> dict[str, str]:
    """The areas that public offices are for, by code; a name where one was entered."""
    u = UNITS.c
    query = select(u.area, u.area_name).where(u.hall == hall, u.public, u.valid_to.is_(None))
    found: dict[str, str] = {}
    for row in await conn.execute(query.order_by(u.area, u.area_name.desc())):
        found.setdefault(row.area, row.area_name or row.area)
    return found


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]] | None:
    """None: nothing can be found."""
    u = UNITS.c
    found: list[ColumnElement[bool]] = [
        u.hall == wanted.hall,
        u.valid_to.is_not(None) if wanted.ended else u.valid_to.is_(None),
    ]
    if wanted.area is not None:
        found.append(u.area.startswith(wanted.area, autoescape=True))
    if wanted.kind is not None:
        found.append(u.kind == wanted.kind)
    if wanted.service is not None:
        found.append(u.services.any_() == wanted.service)
    if wanted.public is not None:
        found.append(u.public == wanted.public)
    if wanted.text:
        pairs = words_query(wanted.text)
        if pairs is None:
            return None
        found.append(u.words.op("@@")(literal(pairs).cast(TSQUERY)))
    return found
