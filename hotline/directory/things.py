"""How is an entry of the directory written, whatever it is, so that its history is complete?

Offices, people, advisers and experts live alike: made, changed, ended, revived. Each step changes the row and adds a
line to the history, with what was before and after of the fields that changed. Nothing here asks whether the values
make sense: `units.py`, `people.py` and `judging.py` do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Row, Table, Text, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, Doer, record
from hotline.directory.errors import DirectoryRefused
from hotline.directory.kinds import KINDS, Thing, UnitKind
from hotline.store.tables import ADVISERS, DIRECTORY_CHANGES, EXPERTS, UNIT_PEOPLE, UNITS
from hotline.tickets.matter import MATTERS, Matter
from hotline.tickets.words import words

Values = Mapping[str, Any]
"""Fields as they are stored."""


class What(StrEnum):
    """What was done."""

    CREATED = "created"
    CHANGED = "changed"
    ENDED = "ended"
    REVIVED = "revived"


class Pen(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes, in which hall, when, and for which import if for one."""

    hall: str
    doer: Doer
    now: datetime
    load: int | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the history, not written yet."""

    thing: Thing
    key: str
    name: str
    what: What
    before: Values | None = None
    after: Values | None = None
    reason: str = ""


TABLES: Final[Mapping[Thing, Table]] = {
    Thing.UNIT: UNITS,
    Thing.PERSON: UNIT_PEOPLE,
    Thing.ADVISER: ADVISERS,
    Thing.EXPERT: EXPERTS,
}
FIELDS: Final[Mapping[Thing, tuple[str, ...]]] = {
    Thing.UNIT: (
        *("kind", "name", "parent", "area", "area_name", "address", "telephone", "hours", "services", "services_note"),
        "public",
    ),
    Thing.PERSON: ("unit", "name", "post", "telephone", "hours", "public", "note"),
    Thing.ADVISER: ("name", "firm", "licence_number", "telephone", "villages", "hours", "public", "note"),
    Thing.EXPERT: ("name", "title", "fields", "level", "unit", "workplace", "telephone", "public", "note"),
}
"""What can be written of each; a unit's code besides, once."""


async def hold(conn: AsyncConnection, hall: str) -> None:
    """Who writes the directory of a hall does so alone, until the transaction ends.

    What one writes is checked against the rest: two at a time could each be right and together close a ring.
    """
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"directory:{hall}", 0))))


async def find(conn: AsyncConnection, hall: str, thing: Thing, key: str | int, *, lock: bool = False) -> Row[Any]:
    """The row as it is. Raises `DirectoryRefused(not_found)`."""
    table = TABLES[thing]
    query = select(table).where(table.c.hall == hall, _keyed(thing, key))
    row = (await conn.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise DirectoryRefused("not_found")
    return row


async def locked(conn: AsyncConnection, hall: str, thing: Thing, key: str | int, version: int | None) -> Row[Any]:
    """The row to be changed. Raises `DirectoryRefused(not_found, directory_changed)`; `version` None: whichever."""
    row = await find(conn, hall, thing, key, lock=True)
    if version is not None and row.version != version:
        raise DirectoryRefused("directory_changed")
    return row


async def add(conn: AsyncConnection, pen: Pen, thing: Thing, values: Values) -> str:
    """A new entry, on record; its key (a unit's code, else the id)."""
    (key,) = await add_many(conn, pen, thing, [values])
    await audit(conn, pen, thing, key, {"what": What.CREATED.value, "name": values["name"]})
    return key


async def add_many(conn: AsyncConnection, pen: Pen, thing: Thing, many: Sequence[Values]) -> list[str]:
    """New entries with their history, in a few statements; units with those above them first. The caller audits."""
    if not many:
        return []
    table = TABLES[thing]
    made = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    rows = [{"hall": pen.hall, "valid_from": pen.now, **each} for each in many]
    numbers = (await conn.execute(made, rows)).scalars().all()
    keys = [each["code"] for each in many] if thing is Thing.UNIT else [str(number) for number in numbers]
    if thing is Thing.UNIT:
        await _index(conn, list(zip(numbers, many, strict=True)))
    told = [
        Change(thing=thing, key=key, name=each["name"], what=What.CREATED, after=_filled(each))
        for key, each in zip(keys, many, strict=True)
    ]
    await tell(conn, pen, told)
    return keys


async def change(conn: AsyncConnection, pen: Pen, thing: Thing, row: Row[Any], values: Values) -> Change | None:
    """Writes the fields that differ; None when none does. The caller tells the history."""
    before = row._mapping
    differing = {name: value for name, value in values.items() if before[name] != value}
    if not differing:
        return None
    table = TABLES[thing]
    await conn.execute(update(table).where(table.c.id == row.id).values(version=row.version + 1, **differing))
    if thing is Thing.UNIT:
        await _index(conn, [(row.id, {**before, **differing})])
    return Change(
        thing=thing,
        key=key_of(thing, row),
        name=values.get("name", row.name),
        what=What.CHANGED,
        before={name: before[name] for name in differing},
        after=differing,
    )


async def turn(
    conn: AsyncConnection, pen: Pen, thing: Thing, row: Row[Any], *, ended: bool, reason: str
) -> Change | None:
    """Ends the entry, or brings it back; None when it is so already. The caller tells the history."""
    if (row.valid_to is not None) is ended:
        return None
    table = TABLES[thing]
    # Back again: what counts as its beginning is the day it came back; the history keeps the first one.
    values = {"valid_to": pen.now} if ended else {"valid_to": None, "valid_from": pen.now}
    # The version that is there, not the one that was read: a change may have gone before in this transaction.
    await conn.execute(update(table).where(table.c.id == row.id).values(version=table.c.version + 1, **values))
    what = What.ENDED if ended else What.REVIVED
    return Change(thing=thing, key=key_of(thing, row), name=row.name, what=what, reason=reason)


async def tell(conn: AsyncConnection, pen: Pen, changes: Sequence[Change]) -> None:
    """Writes lines of the history."""
    if changes:
        common = {"hall": pen.hall, "at": pen.now, "actor": pen.doer.work_number, "load": pen.load}
        rows = [{**common, **msgspec.to_builtins(each)} for each in changes]
        await conn.execute(insert(DIRECTORY_CHANGES), rows)


async def done(conn: AsyncConnection, pen: Pen, *changes: Change | None) -> None:
    """History and audit trail for what one request changed."""
    real = [each for each in changes if each is not None]
    await tell(conn, pen, real)
    for each in real:
        data = {"what": each.what.value, "name": each.name, "fields": ",".join(sorted(each.after or ()))}
        await audit(conn, pen, each.thing, each.key, data, each.reason)


async def audit(
    conn: AsyncConnection, pen: Pen, thing: Thing, key: str, data: Mapping[str, str], reason: str = ""
) -> None:
    """One line of the audit trail; the last statement of its transaction."""
    where = f"{thing.value}/{key}"
    await record(
        conn,
        hall=pen.hall,
        doer=pen.doer,
        act=Act.DIRECTORY_CHANGED,
        object=where,
        at=pen.now,
        reason=reason,
        data=data,
    )


def key_of(thing: Thing, row: Row[Any]) -> str:
    """How history and audit trail name it."""
    return row.code if thing is Thing.UNIT else str(row.id)


def found_by(values: Values) -> list[str]:
    """The words that a unit is found by."""
    services = [MATTERS[Matter(each)] for each in values["services"] if each in set(Matter)]
    texts = [values[name] for name in ("name", "area_name", "address", "services_note")]
    return words([*texts, KINDS[UnitKind(values["kind"])], *services])


def _keyed(thing: Thing, key: str | int) -> ColumnElement[bool]:
    return UNITS.c.code == key if thing is Thing.UNIT else TABLES[thing].c.id == int(key)


def _filled(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, [])}


async def _index(conn: AsyncConnection, units: Sequence[tuple[int, Values]]) -> None:
    found = func.array_to_tsvector(bindparam("found", type_=ARRAY(Text)))
    written = update(UNITS).where(UNITS.c.id == bindparam("row")).values(words=found)
    await conn.execute(written, [{"row": number, "found": found_by(values)} for number, values in units])
