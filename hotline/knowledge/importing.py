"""How do rows of a file become items? First looked at; then written as drafts, all in one transaction or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Row as Stored
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, record
from hotline.knowledge import items
from hotline.knowledge.content import Content, checked
from hotline.knowledge.items import FIELDS, Pen
from hotline.knowledge.kinds import Kind, KnowledgeRefused
from hotline.knowledge.sheet import Row
from hotline.store.tables import KNOWLEDGE_ITEMS, KNOWLEDGE_VERSIONS


class Fate(StrEnum):
    """What importing does with a row."""

    ADDED = "added"
    CHANGED = "changed"
    KEPT = "kept"
    WRONG = "wrong"


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A row and what becomes of it."""

    row: int
    title: str
    fate: Fate
    item: int | None = None
    revision: int = 0
    kind: Kind | None = None
    content: Content | None = None
    faults: tuple[str, ...] = ()


_I, _V = KNOWLEDGE_ITEMS.c, KNOWLEDGE_VERSIONS.c


async def look(conn: AsyncConnection, hall: str, rows: Sequence[Row]) -> list[Judged]:
    """What the file would do; writes nothing."""
    there = await everything(conn, hall)
    by_id = {each.id: each for each in there}
    by_title = {(each.kind, each.title): each for each in there}
    codes = await items.codes(conn)
    seen: set[Any] = set()
    found: list[Judged] = []
    for row in rows:
        known = _known(row, by_id, by_title)
        judged = _judge(row, known, codes)
        key = judged.item or (judged.kind, judged.title)
        if judged.fate is not Fate.WRONG and key in seen:
            judged = _wrong(row, ["与前面的行重复"])
        seen.add(key)
        found.append(judged)
    return found


async def write(conn: AsyncConnection, pen: Pen, rows: Sequence[Row], *, file_name: str) -> list[Judged]:
    """Does it. Raises `KnowledgeRefused(knowledge_rows_wrong)`: then nothing is written."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"knowledge:{pen.hall}", 0))))
    found = await look(conn, pen.hall, rows)
    wrong = [
        {"field": f"row.{each.row}", "message": f"第 {each.row} 行 {why}"} for each in found for why in each.faults
    ]
    if wrong or not found:
        raise KnowledgeRefused("knowledge_rows_wrong", errors=wrong[:_TOLD])
    for each in found:
        match each.fate, each.kind, each.content, each.item:
            case Fate.ADDED, Kind() as kind, Content() as content, None:
                await items.create(conn, pen, kind, content)
            case Fate.CHANGED, _, Content() as content, int() as item:
                await items.save(conn, pen, item, each.revision, content)
            case _:
                pass
    data = {"file": file_name, **counts(found)}
    await record(
        conn, hall=pen.hall, doer=pen.doer, act=Act.KNOWLEDGE_IMPORTED, object="knowledge", at=pen.now, data=data
    )
    return found


def counts(found: Sequence[Judged]) -> dict[str, int]:
    """How many rows share which fate."""
    counted = Counter(each.fate for each in found)
    return {fate.value: counted[fate] for fate in Fate}


async def everything(conn: AsyncConnection, hall: str) -> Sequence[Stored[Any]]:
    """Every item with its newest version: to be compared with, or to be written into a sheet."""
    columns = (_I.id, _I.kind, _I.revision, *(_V[name] for name in FIELDS))
    query = select(*columns).join(KNOWLEDGE_VERSIONS, (_V.item == _I.id) & _V.newest).where(_I.hall == hall)
    return (await conn.execute(query.order_by(_I.kind, _I.id))).all()


_TOLD: Final = 200
"""Faults that are told when nothing is imported."""


def _known(
    row: Row, by_id: Mapping[int, Stored[Any]], by_title: Mapping[tuple[str, str], Stored[Any]]
) -> Stored[Any] | None:
    if (number := row.values.get("id")) is not None:
        return by_id.get(number)
    return by_title.get((row.values.get("kind", ""), row.values.get("title", "")))


def _judge(row: Row, known: Stored[Any] | None, codes: set[str]) -> Judged:
    if row.faults:
        return _wrong(row, row.faults)
    number, kind = row.values.get("id"), row.values["kind"]
    if number is not None and (known is None or known.kind != kind):
        return _wrong(row, ["编号：没有这个编号的条目，或类型不同；新增的条目请留空"])
    said = {name: value for name, value in row.values.items() if name in FIELDS}
    before = items.content_of(known) if known is not None else Content(title="")
    try:
        # What the tree does not have any more may stay where it was.
        content = checked(kind, msgspec.structs.replace(before, **said), codes | set(before.categories))
    except KnowledgeRefused as refused:
        return _wrong(row, [each["message"] for each in refused.errors])
    if known is None:
        return Judged(row=row.row, title=content.title, fate=Fate.ADDED, kind=kind, content=content)
    fate = Fate.KEPT if content == before else Fate.CHANGED
    same = {"item": known.id, "revision": known.revision, "kind": kind, "content": content}
    return Judged(row=row.row, title=content.title, fate=fate, **same)


def _wrong(row: Row, why: Sequence[str]) -> Judged:
    return Judged(row=row.row, title=str(row.values.get("title", "")), fate=Fate.WRONG, faults=tuple(why))
