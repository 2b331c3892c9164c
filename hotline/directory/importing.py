"""How does a file become the directory? First looked at; then written, all of it in one transaction or nothing."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, record
from hotline.directory import things
from hotline.directory.columns import SHEETS
from hotline.directory.errors import DirectoryRefused
from hotline.directory.judging import Directory, Existing, Fate, Judged, identity, judge
from hotline.directory.kinds import Thing
from hotline.directory.sheet import Row
from hotline.directory.things import FIELDS, TABLES, Change, Pen
from hotline.store.tables import DIRECTORY_IMPORTS


async def look(conn: AsyncConnection, hall: str, rows: Sequence[Row], *, whole: bool) -> list[Judged]:
    """What the file would do; writes nothing."""
    there = await directory(conn, hall)
    # Thousands of rows against thousands: calls are put through meanwhile.
    return await asyncio.to_thread(judge, rows, there, whole=whole)


async def write(
    conn: AsyncConnection, pen: Pen, rows: Sequence[Row], *, whole: bool, file_name: str, data: bytes
) -> tuple[int, list[Judged]]:
    """Does it; the import's number. Raises `DirectoryRefused(directory_rows_wrong)`: then nothing is written."""
    await things.hold(conn, pen.hall)
    found = await look(conn, pen.hall, rows, whole=whole)
    wrong = [{"field": f"{each.thing.value}.{each.row}", "message": line} for each in found for line in in_words(each)]
    if wrong or not found:
        raise DirectoryRefused("directory_rows_wrong", errors=wrong[:_TOLD])
    made = insert(DIRECTORY_IMPORTS).values(
        hall=pen.hall,
        at=pen.now,
        actor=pen.doer.work_number,
        file_name=file_name,
        digest=hashlib.sha256(data).hexdigest(),
        whole=whole,
        counts=counts(found),
    )
    number = (await conn.execute(made.returning(DIRECTORY_IMPORTS.c.id))).scalar_one()
    own = Pen(hall=pen.hall, doer=pen.doer, now=pen.now, load=number)
    for thing in SHEETS:  # offices first: the others name them
        await _write(conn, own, thing, [each for each in found if each.thing is thing])
    await record(
        conn,
        hall=pen.hall,
        doer=pen.doer,
        act=Act.DIRECTORY_IMPORTED,
        object=f"directory/{number}",
        at=pen.now,
        data={"file": file_name, "whole": whole, **counts(found)},
    )
    return number, found


def counts(found: Sequence[Judged]) -> dict[str, int]:
    """How many entries share which fate."""
    counted = Counter(each.fate for each in found)
    return {fate.value: counted[fate] for fate in Fate}


def in_words(judged: Judged) -> list[str]:
    """The faults of an entry: `机构 第 3 行 C 类别：没有填写`."""
    where = f"{SHEETS[judged.thing]} 第 {judged.row} 行" if judged.row else f"{SHEETS[judged.thing]} {judged.name}"
    return [f"{where}{f' {each.column}' if each.column else ''}：{each.why}" for each in judged.faults]


async def directory(conn: AsyncConnection, hall: str) -> Directory:
    """All that is there. Of two entries that are known by the same, a living one counts, then the newer."""
    found: dict[Thing, dict[tuple[Any, ...], Existing]] = {}
    for thing, table in TABLES.items():
        rows = await conn.execute(
            select(table).where(table.c.hall == hall).order_by(table.c.valid_to.is_(None), table.c.id)
        )
        known: dict[tuple[Any, ...], Existing] = {}
        for row in rows:
            values: dict[str, Any] = {name: row._mapping[name] for name in FIELDS[thing]}
            if thing is Thing.UNIT:
                values["code"] = row.code
            key = things.key_of(thing, row)
            known[identity(thing, values)] = Existing(key=key, values=values, ended=row.valid_to is not None)
        found[thing] = known
    return found


def entries(there: Directory) -> Mapping[Thing, list[dict[str, Any]]]:
    """The living entries, to be written into a template."""
    return {
        thing: [{**each.values, "ended": False} for each in known.values() if not each.ended]
        for thing, known in there.items()
    }


_TOLD: Final = 200
"""Faults that are told when nothing is imported."""


async def _write(conn: AsyncConnection, pen: Pen, thing: Thing, found: Sequence[Judged]) -> None:
    added = [each.values for each in found if each.fate is Fate.ADDED]
    await things.add_many(conn, pen, thing, _parents_first(added) if thing is Thing.UNIT else added)
    told: list[Change | None] = []
    for each in found:
        if each.fate not in (Fate.CHANGED, Fate.REVIVED, Fate.ENDED) or each.existing is None:
            continue
        row = await things.locked(conn, pen.hall, thing, each.existing.key, None)
        if each.fate is not Fate.ENDED:
            values = {name: value for name, value in each.values.items() if name != "code"}
            told.append(await things.change(conn, pen, thing, row, values))
        if each.fate is not Fate.CHANGED:
            ended = each.fate is Fate.ENDED
            told.append(await things.turn(conn, pen, thing, row, ended=ended, reason="导入"))
    await things.tell(conn, pen, [each for each in told if each is not None])


def _parents_first(units: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """So that each names one that is there already. Rings were judged wrong before."""
    by_code = {each["code"]: each for each in units}

    def depth(unit: Mapping[str, Any]) -> int:
        found, at = 0, unit["parent"]
        while at in by_code:
            found, at = found + 1, by_code[at]["parent"]
        return found

    return sorted(units, key=depth)
