"""Who works in an office, who advises the villages (村居法律顾问), who is in the expert pool (专家库)? The rows.

These are people in office, named as accounts are; none of them is a citizen who called. On the public pages only those
stand who are marked so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Row, Select, Text, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.directory import things, units
from hotline.directory.errors import DirectoryRefused, wrong
from hotline.directory.hours import Hours, of_plain
from hotline.directory.kinds import MAX_VILLAGES, ExpertLevel, Thing, UnitKind
from hotline.directory.things import FIELDS, Pen, Values
from hotline.store.tables import ADVISERS, EXPERTS, UNIT_PEOPLE, UNITS


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of an office."""

    id: int
    unit: str
    name: str
    post: str
    telephone: str
    hours: Hours | None
    """On duty; None: not known."""
    public: bool
    note: str
    valid_to: datetime | None
    version: int


class Adviser(msgspec.Struct, frozen=True, kw_only=True):
    """A village legal adviser."""

    id: int
    name: str
    firm: str
    licence_number: str
    telephone: str
    villages: tuple[str, ...]
    """Codes of village studios, at most five."""
    hours: Hours | None
    public: bool
    note: str
    valid_from: datetime
    valid_to: datetime | None
    version: int


class Expert(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the expert pool."""

    id: int
    name: str
    title: str
    fields: tuple[str, ...]
    level: ExpertLevel
    unit: str | None
    workplace: str
    telephone: str
    public: bool
    note: str
    valid_to: datetime | None
    version: int


async def of_unit(conn: AsyncConnection, hall: str, unit: str, *, ended: bool = False) -> list[Person]:
    """The people of an office, as they were entered; `ended`: those who left as well."""
    p = UNIT_PEOPLE.c
    query = select(UNIT_PEOPLE).where(p.hall == hall, p.unit == unit)
    return [person_of(row) for row in await conn.execute(_living(query, p.valid_to, ended).order_by(p.id))]


async def advisers(
    conn: AsyncConnection, hall: str, *, village: str | None = None, ended: bool = False
) -> list[Adviser]:
    """Village advisers by name; `village`: only those of that studio."""
    a = ADVISERS.c
    query = select(ADVISERS).where(a.hall == hall)
    if village is not None:
        query = query.where(a.villages.any_() == village)
    return [adviser_of(row) for row in await conn.execute(_living(query, a.valid_to, ended).order_by(a.name, a.id))]


async def experts(conn: AsyncConnection, hall: str, *, ended: bool = False) -> list[Expert]:
    """The expert pool by name."""
    e = EXPERTS.c
    query = select(EXPERTS).where(e.hall == hall)
    return [expert_of(row) for row in await conn.execute(_living(query, e.valid_to, ended).order_by(e.name, e.id))]


async def public_of(conn: AsyncConnection, hall: str, units: Sequence[str]) -> dict[str, list[Person | Adviser]]:
    """Those of these offices who are marked public, by code: their people, then the advisers of a village."""
    p, a = UNIT_PEOPLE.c, ADVISERS.c
    found: dict[str, list[Person | Adviser]] = {code: [] for code in units}
    own = select(UNIT_PEOPLE).where(p.hall == hall, p.unit.in_(units), p.public, p.valid_to.is_(None)).order_by(p.id)
    for row in await conn.execute(own):
        found[row.unit].append(person_of(row))
    serving = select(ADVISERS).where(
        a.hall == hall, a.public, a.valid_to.is_(None), a.villages.op("&&")(literal(list(units), ARRAY(Text)))
    )
    for row in await conn.execute(serving.order_by(a.name, a.id)):
        for code in set(row.villages) & set(units):
            found[code].append(adviser_of(row))
    return found


async def write(
    conn: AsyncConnection, pen: Pen, thing: Thing, key: int | None, version: int | None, values: Values, *, ended: bool
) -> Row[Any]:
    """Makes (`key` None) or changes a person, adviser or expert; `ended`: gone, or back again. The row as it is then.

    Raises `DirectoryRefused`: not_found, directory_changed, too_many_villages, invalid_input.
    """
    await things.hold(conn, pen.hall)
    if key is None:
        await _check(conn, pen.hall, thing, values, set())
        key = int(await things.add(conn, pen, thing, values))
    else:
        before = await things.locked(conn, pen.hall, thing, key, version)
        if not ended:
            await _check(conn, pen.hall, thing, values, _named(thing, before._mapping))
        changed = await things.change(conn, pen, thing, before, values)
        turned = await things.turn(conn, pen, thing, before, ended=ended, reason="")
        await things.done(conn, pen, changed, turned)
    return await things.find(conn, pen.hall, thing, key)


def check_villages(villages: Sequence[str], kinds: dict[str, UnitKind]) -> None:
    """Raises `DirectoryRefused`. `kinds`: of the living offices among them.

    `too_many_villages` is typed: five is the rule that the ministry set, not a limit of this program.
    """
    if len(set(villages)) > MAX_VILLAGES:
        raise DirectoryRefused("too_many_villages")
    for each in villages:
        if each not in kinds:
            raise wrong("villages", f"没有编码为 {each} 的机构，或机构已撤销。")
        if kinds[each] is not UnitKind.VILLAGE_STUDIO:
            raise wrong("villages", f"{each} 不是村居工作室。")


async def _check(conn: AsyncConnection, hall: str, thing: Thing, values: Values, named: set[str]) -> None:
    """What is new about the offices it names; those it named before may have ended meanwhile."""
    if thing is not Thing.ADVISER:
        if values["unit"] not in named:
            await units.check_living(conn, hall, values["unit"], "unit")
        return
    u = UNITS.c
    query = select(u.code, u.kind).where(u.hall == hall, u.code.in_(values["villages"]), u.valid_to.is_(None))
    living = {row.code: UnitKind(row.kind) for row in await conn.execute(query)}
    check_villages(values["villages"], living | dict.fromkeys(named, UnitKind.VILLAGE_STUDIO))


def _named(thing: Thing, before: Any) -> set[str]:
    return set(before["villages"]) if thing is Thing.ADVISER else {before["unit"]}


def person_of(row: Row[Any]) -> Person:
    """As it is stored."""
    plain = {name: row._mapping[name] for name in FIELDS[Thing.PERSON]}
    common = {"id": row.id, "valid_to": row.valid_to, "version": row.version}
    return Person(**{**plain, **common, "hours": of_plain(row.hours)})


def adviser_of(row: Row[Any]) -> Adviser:
    """As it is stored."""
    plain = {name: row._mapping[name] for name in FIELDS[Thing.ADVISER]}
    common = {"id": row.id, "valid_from": row.valid_from, "valid_to": row.valid_to, "version": row.version}
    return Adviser(**{**plain, **common, "hours": of_plain(row.hours), "villages": tuple(row.villages)})


def expert_of(row: Row[Any]) -> Expert:
    """As it is stored."""
    plain = {name: row._mapping[name] for name in FIELDS[Thing.EXPERT]}
    common = {"id": row.id, "valid_to": row.valid_to, "version": row.version}
    return Expert(**{**plain, **common, "fields": tuple(row.fields), "level": ExpertLevel(row.level)})


def _living(query: Select[Any], valid_to: ColumnElement[Any], ended: bool) -> Select[Any]:
    return query if ended else query.where(valid_to.is_(None))
