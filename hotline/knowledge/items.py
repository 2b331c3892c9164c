"""How is an item written: made, saved, reviewed, published, checked, withdrawn? Rows, history and audit together.

Every step is done in the caller's transaction and carries the revision that its doer saw: of two people at once the
second one is told.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Row, Text, false, func, insert, literal, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, Doer, record
from hotline.knowledge.anonymise import left_over
from hotline.knowledge.content import Content, checked
from hotline.knowledge.kinds import Kind, KnowledgeRefused
from hotline.knowledge.life import State, Step, advance, next_review
from hotline.rosters.calendar import SHANGHAI
from hotline.store.tables import KNOWLEDGE_ITEMS, KNOWLEDGE_STEPS, KNOWLEDGE_VERSIONS
from hotline.tickets import categories
from hotline.tickets.matter import MATTERS, Matter
from hotline.tickets.words import words


class Pen(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes, in which hall, when."""

    hall: str
    doer: Doer
    now: datetime

    @property
    def today(self) -> date:
        """In Asia/Shanghai."""
        return self.now.astimezone(SHANGHAI).date()


FIELDS: Final = Content.__struct_fields__
"""Columns of a version that hold what is written."""
_LISTS: Final = ("categories", "matters", "tags")

_I, _V = KNOWLEDGE_ITEMS.c, KNOWLEDGE_VERSIONS.c


async def create(
    conn: AsyncConnection, pen: Pen, kind: Kind, content: Content, *, from_ticket: str | None = None
) -> int:
    """A new item with its first draft; its id. Raises `KnowledgeRefused`: `invalid_input`, `knowledge_case_exists`."""
    clean = checked(kind, content, await codes(conn))
    if from_ticket is not None:
        # Two people may press at the same moment; the unique constraint behind this says it less kindly.
        await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"case:{from_ticket}", 0))))
        there = select(_I.id).where(_I.hall == pen.hall, _I.from_ticket == from_ticket)
        if (await conn.execute(there)).one_or_none() is not None:
            raise KnowledgeRefused("knowledge_case_exists")
    made = insert(KNOWLEDGE_ITEMS).values(
        hall=pen.hall, kind=kind.value, state=State.DRAFT.value, newest=1, from_ticket=from_ticket
    )
    item = (await conn.execute(made.returning(_I.id))).scalar_one()
    await _add_version(conn, pen, item, 1, kind, clean)
    await _told(conn, pen, item, 1, Step.SAVE, clean.title)
    return item


async def save(conn: AsyncConnection, pen: Pen, item: int, revision: int, content: Content) -> None:
    """Another version; nothing when it says the same. Raises `KnowledgeRefused`: not_found, knowledge_changed, …"""
    row = await locked(conn, pen.hall, item, revision)
    kind = Kind(row.kind)
    clean = checked(kind, content, {*await codes(conn), *row.categories})
    if clean == content_of(row):
        return
    state = advance(State(row.state), Step.SAVE)
    version = row.newest + 1
    await conn.execute(
        update(KNOWLEDGE_VERSIONS).where(_V.item == item, _V.version == row.newest).values(newest=false())
    )
    await _add_version(conn, pen, item, version, kind, clean)
    await _move(conn, row, state=state.value, newest=version)
    await _told(conn, pen, item, version, Step.SAVE, clean.title)


async def step(
    conn: AsyncConnection,
    pen: Pen,
    item: int,
    revision: int,
    what: Step,
    *,
    reason: str = "",
    review_on: date | None = None,
    confirmed: bool = False,
) -> None:
    """Any step but saving, on the newest version. `review_on`: the day of the next look, when published or checked.

    `confirmed`: somebody read the case and found nobody in it. Raises `KnowledgeRefused`: not_found,
    knowledge_changed, knowledge_state, knowledge_own, knowledge_unconfirmed, knowledge_personal_data, invalid_input.
    """
    row = await locked(conn, pen.hall, item, revision)
    values: dict[str, Any] = {"state": advance(State(row.state), what).value}
    if what is Step.REVIEW and row.made_by == pen.doer.account:
        raise KnowledgeRefused("knowledge_own")
    if what is Step.PUBLISH and row.kind == Kind.CASE.value:
        _tells_nobody(row, confirmed=confirmed)
    if what in (Step.PUBLISH, Step.WITHDRAW):
        await _show(conn, item, row.newest if what is Step.PUBLISH else None)
        values["published"] = row.newest if what is Step.PUBLISH else None
    if what in (Step.PUBLISH, Step.CHECK):
        values["review_on"] = next_review(pen.today, review_on)
    await _move(conn, row, **values)
    await _told(conn, pen, item, row.newest, what, row.title, reason)


async def locked(conn: AsyncConnection, hall: str, item: int, revision: int) -> Row[Any]:
    """The item with its newest version, to be changed. Raises `KnowledgeRefused`: not_found, knowledge_changed."""
    query = select(KNOWLEDGE_ITEMS).where(_I.id == item, _I.hall == hall).with_for_update()
    found = (await conn.execute(query)).one_or_none()
    if found is None:
        raise KnowledgeRefused("not_found")
    if found.revision != revision:
        raise KnowledgeRefused("knowledge_changed")
    columns = (*KNOWLEDGE_ITEMS.c, _V.made_by, *(_V[name] for name in FIELDS))
    joined = select(*columns).join(KNOWLEDGE_VERSIONS, (_V.item == _I.id) & (_V.version == _I.newest))
    return (await conn.execute(joined.where(_I.id == item))).one()


def content_of(row: Row[Any]) -> Content:
    """What a row with a version's columns says."""
    values: dict[str, Any] = {name: row._mapping[name] for name in FIELDS}
    return Content(**{**values, **{name: tuple(values[name]) for name in _LISTS}})


def found_by(kind: Kind, content: Content) -> tuple[list[str], list[str]]:
    """The words of everything, and of title, citation and tags."""
    title = [content.title, content.citation, *content.tags]
    labels = [MATTERS[Matter(each)] for each in content.matters]
    return words([*title, content.body, content.source, *labels]), words(title)


async def codes(conn: AsyncConnection) -> set[str]:
    """Codes of the category tree that counts now."""
    return {each.code for each in (await categories.current(conn)).items}


def _tells_nobody(row: Row[Any], *, confirmed: bool) -> None:
    """A case is published when a person has confirmed it, and when nothing in it has the form of personal data."""
    if not confirmed:
        raise KnowledgeRefused("knowledge_unconfirmed")
    found = [(name, place) for name in ("title", "body") for place in left_over(row._mapping[name])]
    if found:
        errors = [{"field": name, "message": f"疑似个人信息，{place}。"} for name, place in found[:20]]
        raise KnowledgeRefused("knowledge_personal_data", errors=errors)


async def _add_version(conn: AsyncConnection, pen: Pen, item: int, version: int, kind: Kind, content: Content) -> None:
    everything, title = found_by(kind, content)
    values = {name: getattr(content, name) for name in FIELDS}
    lists = {name: list(values[name]) for name in _LISTS}
    await conn.execute(
        insert(KNOWLEDGE_VERSIONS).values(
            item=item,
            version=version,
            hall=pen.hall,
            newest=true(),
            made_at=pen.now,
            made_by=pen.doer.account,
            words=_vector(everything),
            title_words=_vector(title),
            **{**values, **lists},
        )
    )


def _vector(found: list[str]) -> ColumnElement[Any]:
    return func.array_to_tsvector(literal(found, ARRAY(Text)))


async def _show(conn: AsyncConnection, item: int, version: int | None) -> None:
    """What the desks see of the item from now on."""
    await conn.execute(update(KNOWLEDGE_VERSIONS).where(_V.item == item, _V.shown).values(shown=false()))
    if version is not None:
        shown = update(KNOWLEDGE_VERSIONS).where(_V.item == item, _V.version == version).values(shown=true())
        await conn.execute(shown)


async def _move(conn: AsyncConnection, row: Row[Any], **values: Any) -> None:
    await conn.execute(update(KNOWLEDGE_ITEMS).where(_I.id == row.id).values(revision=row.revision + 1, **values))


async def _told(
    conn: AsyncConnection, pen: Pen, item: int, version: int, what: Step, title: str, reason: str = ""
) -> None:
    """History and audit trail; the last statements of the transaction."""
    line = {"hall": pen.hall, "item": item, "version": version, "step": what.value, "reason": reason}
    await conn.execute(insert(KNOWLEDGE_STEPS).values(at=pen.now, account=pen.doer.account, **line))
    await record(
        conn,
        hall=pen.hall,
        doer=pen.doer,
        act=Act.KNOWLEDGE_CHANGED,
        object=f"knowledge/{item}",
        at=pen.now,
        reason=reason,
        data={"step": what.value, "version": version, "title": title},
    )
