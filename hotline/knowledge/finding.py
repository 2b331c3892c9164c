"""What helps with this? Search for people who look something up, and what is at hand while somebody talks.

The pairs of signs choose (`tickets/words.py`); what has them in its title, citation or tags comes first, and what is
used most within that. At hand, what is for the very category comes before what is for one above it. A common word fits
thousands of 20,000 items: only the bodies of the few that are shown are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Row,
    Text,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
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

    fit: int
    """0: the best class."""
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
    conditions = [_V.newest, _I.hall == wanted.hall] if wanted.drafts else _seen(wanted.hall)
    pairs = query(wanted.text) if wanted.text else None
    if wanted.text and pairs is None:
        return [], None
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
    rows = await _best(conn, conditions, (), pairs, limit + 1, (*_COLUMNS, _EXCERPT), after)
    lines = [_line(row, wanted.today) for _, row in rows[:limit]]
    if len(rows) <= limit:
        return lines, None
    fit, last = rows[limit - 1]
    return lines, Place(fit, last.used, last.id)


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
    conditions = [*_seen(hall), or_(_V.repealed_on.is_(None), _V.repealed_on > today)]
    if kind is not None:
        conditions.append(_I.kind == kind.value)
    pairs = query(text)
    if text.strip() and pairs is None:
        return []
    fitting: list[ColumnElement[bool]] = []
    if category:
        above = _any(_V.categories, await categories.above(conn, category))
        fitting += [_all(_V.categories, category), above]
    if matter:
        fitting.append(_all(_V.matters, matter))
    rows = await _best(conn, conditions, fitting, pairs, limit, (*_COLUMNS, _EXCERPT, _V.body))
    return [AtHand(line=_line(row, today), body=row.body) for _, row in rows]


_COLUMNS: Final = (
    *(_I[name] for name in ("id", "kind", "state", "revision", "published", "review_on", "from_ticket")),
    *(_I[name] for name in ("used", "useful", "wrong")),
    *(_V[name] for name in ("version", "title", "citation", "categories", "matters", "tags", "source")),
    *(_V[name] for name in ("effective_on", "repealed_on")),
)
_EXCERPT: Final = func.left(_V.body, EXCERPT).label("excerpt")


def _seen(hall: str) -> list[ColumnElement[bool]]:
    """What the desks of a hall see."""
    return [_V.shown, _I.hall == hall, _I.published.is_not(None)]


async def _best(
    conn: AsyncConnection,
    conditions: Sequence[ColumnElement[bool]],
    classes: Sequence[ColumnElement[bool]],
    pairs: str | None,
    limit: int,
    columns: Sequence[ColumnElement[Any]],
    after: Place | None = None,
) -> list[tuple[int, Row[Any]]]:
    """The best class first, in each what is used most; each with the number of its class.

    With `pairs`: what has them in its title, class by class and then what is in none; after that the same for the rest.
    Without: what is in one of the classes, if there are any.
    """
    rows: list[tuple[int, Row[Any]]] = []

    async def ask(chosen: Any) -> None:
        rows.extend((row.fit, row) for row in await conn.execute(_whole(chosen, columns)))

    if pairs is not None:
        title = _has(_V.title_words, pairs)
        for first, words in ((0, title), (len(classes) + 1, and_(_has(_V.words, pairs), ~title))):
            if len(rows) < limit and (after is None or after.fit <= first + len(classes)):
                numbered = [(each, first + number) for number, each in enumerate(classes)]
                fit = case(*numbered, else_=first + len(classes)) if numbered else literal(first)
                chosen = _chosen(fit, conditions, limit - len(rows), after)
                await ask(_looked_up(chosen, _V.shown if _V.shown in conditions else _V.newest, words))
        return rows
    better: ColumnElement[bool] = false()
    for number, each in enumerate(classes or [true()]):
        if len(rows) < limit and (after is None or after.fit <= number):
            await ask(_chosen(literal(number), [*conditions, each, ~better], limit - len(rows), after))
        better = or_(better, each)
    return rows


def _looked_up(chosen: Any, which: ColumnElement[bool], words: ColumnElement[bool]) -> Any:
    """With the index on words asked first: left to itself, the database may walk through all items in the order that is
    wanted, and unpack the words of each."""
    found = select(_V.item, _V.version).where(which, words).cte("found").prefix_with("MATERIALIZED")
    return chosen.join(found, (found.c.item == _V.item) & (found.c.version == _V.version))


def _chosen(fit: ColumnElement[int], conditions: Sequence[ColumnElement[bool]], limit: int, after: Place | None) -> Any:
    wanted = select(_I.id, _I.used, _V.version, fit.label("fit")).join(KNOWLEDGE_ITEMS, _I.id == _V.item)
    if after is not None:
        here = tuple_(_I.used, _I.id) < tuple_(literal(after.used, Integer), literal(after.id))
        conditions = [*conditions, or_(fit > after.fit, and_(fit == after.fit, here))]
    return wanted.where(*conditions).order_by(fit, _I.used.desc(), _I.id.desc()).limit(limit)


def _whole(chosen: Any, columns: Sequence[ColumnElement[Any]]) -> Any:
    """The columns of the chosen ones only: to unpack the bodies of all that fit would take most of the time."""
    best = chosen.subquery()
    whole = select(best.c.fit, *columns).select_from(best).join(KNOWLEDGE_ITEMS, _I.id == best.c.id)
    whole = whole.join(KNOWLEDGE_VERSIONS, (_V.item == best.c.id) & (_V.version == best.c.version))
    return whole.order_by(best.c.fit, best.c.used.desc(), best.c.id.desc())


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
