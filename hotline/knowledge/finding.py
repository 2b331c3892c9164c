"""What helps with this? Search for people who look something up, and what is at hand while somebody talks.

The pairs of signs choose (`tickets/words.py`); what has them in its title, citation or tags comes first, then what is
for the very category, then for one above it, then what is used most. Bodies are never compared: with 20,000 items the
answer must be there before the next sentence is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Integer, Row, Text, and_, case, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.knowledge.content import Validity, validity
from hotline.knowledge.kinds import Kind
from hotline.knowledge.life import State
from hotline.store.tables import KNOWLEDGE_ITEMS, KNOWLEDGE_VERSIONS
from hotline.tickets import categories
from hotline.tickets.words import query

EXCERPT: Final = 120
"""Signs of the body in a list."""

_I, _V = KNOWLEDGE_ITEMS.c, KNOWLEDGE_VERSIONS.c


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; None: anything."""

    hall: str
    today: date
    text: str | None = None
    kind: Kind | None = None
    category: str | None = None
    """With everything below it."""
    matter: str | None = None
    tag: str | None = None
    state: State | None = None
    drafts: bool = False
    """The newest versions, whatever their state; False: what the desks see."""
    review_due: bool = False
    """Only what should have been looked at again (复核) by today."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """After which item a page begins."""

    rank: int
    used: int
    id: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An item in a list."""

    id: int
    kind: Kind
    state: State
    revision: int
    version: int
    published: int | None
    title: str
    citation: str
    excerpt: str
    categories: tuple[str, ...]
    matters: tuple[str, ...]
    tags: tuple[str, ...]
    source: str
    effective_on: date | None
    repealed_on: date | None
    validity: Validity
    review_on: date | None
    from_ticket: str | None
    used: int
    useful: int
    wrong: int


class AtHand(msgspec.Struct, frozen=True, kw_only=True):
    """Something to say or to cite now: a line, and all of its body."""

    line: Line
    body: str


async def search(
    conn: AsyncConnection, wanted: Wanted, *, limit: int, after: Place | None = None
) -> tuple[list[Line], Place | None]:
    """A page, best first, and where the next one begins."""
    conditions: list[ColumnElement[bool]] = [_V.hall == wanted.hall, _V.newest if wanted.drafts else _V.shown]
    rank: ColumnElement[int] = literal(0)
    if wanted.text:
        pairs = query(wanted.text)
        if pairs is None:
            return [], None
        conditions.append(_has(_V.words, pairs))
        rank = case((_has(_V.title_words, pairs), 1), else_=0)
    if wanted.category is not None:
        conditions.append(_any(_V.categories, await categories.below(conn, wanted.category)))
    if wanted.matter is not None:
        conditions.append(_all(_V.matters, wanted.matter))
    if wanted.tag is not None:
        conditions.append(_all(_V.tags, wanted.tag))
    if wanted.kind is not None:
        conditions.append(_I.kind == wanted.kind.value)
    if wanted.state is not None:
        conditions.append(_I.state == wanted.state.value)
    if wanted.review_due:
        conditions.append(and_(_I.published.is_not(None), _I.review_on <= wanted.today))
    if after is not None:
        here = tuple_(literal(after.rank, Integer), literal(after.used, Integer), literal(after.id))
        conditions.append(tuple_(rank, _I.used, _I.id) < here)
    asked = _lines(rank, *_COLUMNS).where(*conditions).order_by(rank.desc(), _I.used.desc(), _I.id.desc())
    rows = (await conn.execute(asked.limit(limit + 1))).all()
    more = rows[limit - 1] if len(rows) > limit else None
    lines = [_line(row, wanted.today) for row in rows[:limit]]
    return lines, Place(more.rank, more.used, more.id) if more is not None else None


async def at_hand(
    conn: AsyncConnection,
    hall: str,
    today: date,
    *,
    category: str = "",
    matter: str = "",
    text: str = "",
    kind: Kind | None = None,
    limit: int = 20,
) -> list[AtHand]:
    """What a desk should see for a ticket of that category and business type; with `text`, only what has it.

    For nothing at all: what is used most. Never what was withdrawn, never a repealed statute.
    """
    conditions: list[ColumnElement[bool]] = [
        _V.hall == hall,
        _V.shown,
        or_(_V.repealed_on.is_(None), _V.repealed_on > today),
    ]
    rank: ColumnElement[int] = literal(0)
    fitting: list[ColumnElement[bool]] = []
    if category:
        above = _any(_V.categories, await categories.above(conn, category))
        fitting.append(above)
        rank = rank + case((_all(_V.categories, category), 4), (above, 2), else_=0)
    if matter:
        same = _all(_V.matters, matter)
        fitting.append(same)
        rank = rank + case((same, 1), else_=0)
    if text.strip():
        pairs = query(text)
        if pairs is None:
            return []
        conditions.append(_has(_V.words, pairs))
        rank = rank + case((_has(_V.title_words, pairs), 8), else_=0)
    elif fitting:
        conditions.append(or_(*fitting))
    if kind is not None:
        conditions.append(_I.kind == kind.value)
    asked = _lines(rank, *_COLUMNS, _V.item, _V.version).where(*conditions)
    best = asked.order_by(rank.desc(), _I.used.desc(), _I.id.desc()).limit(limit).subquery()
    # The bodies of the chosen ones only: thousands may fit.
    whole = select(best, _V.body).join(best, (best.c.item == _V.item) & (best.c.version == _V.version))
    rows = await conn.execute(whole.order_by(best.c.rank.desc(), best.c.used.desc(), best.c.id.desc()))
    return [AtHand(line=_line(row, today), body=row.body) for row in rows]


_COLUMNS: Final = (
    *(_I[name] for name in ("id", "kind", "state", "revision", "published", "review_on", "from_ticket")),
    *(_I[name] for name in ("used", "useful", "wrong")),
    *(_V[name] for name in ("version", "title", "citation", "categories", "matters", "tags", "source")),
    *(_V[name] for name in ("effective_on", "repealed_on")),
    func.left(_V.body, EXCERPT).label("excerpt"),
)


def _lines(rank: ColumnElement[int], *columns: Any) -> Any:
    chosen = {column.name: column for column in columns}
    return select(rank.label("rank"), *chosen.values()).join(KNOWLEDGE_ITEMS, _I.id == _V.item)


def _line(row: Row[*tuple[Any, ...]], today: date) -> Line:
    values = {name: row._mapping[name] for name in Line.__struct_fields__ if name != "validity"}
    lists = {name: tuple(values[name]) for name in ("categories", "matters", "tags")}
    known = {"kind": Kind(row.kind), "state": State(row.state)}
    holds = validity(row.effective_on, row.repealed_on, today)
    return Line(**{**values, **lists, **known}, validity=holds)


def _has(column: ColumnElement[Any], pairs: str) -> ColumnElement[bool]:
    return column.bool_op("@@")(literal(pairs).cast(TSQUERY))


def _any(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    return column.bool_op("&&")(_texts(values))


def _all(column: ColumnElement[Any], value: str) -> ColumnElement[bool]:
    return column.bool_op("@>")(_texts([value]))


def _texts(values: Sequence[str]) -> ColumnElement[Any]:
    return literal(list(values), ARRAY(Text))
