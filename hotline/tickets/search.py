"""Which tickets are there? By day, state, category, operator, the caller's full number, and words in the text.

A number is found by its keyed index, so only the full number finds it; text by pairs of signs (`words.py`), and what
the pairs let through is compared with the text itself. Newest first, page by page from a cursor, never by offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from hotline.store.tables import ACCOUNTS, TICKETS
from hotline.tickets import categories
from hotline.tickets.fields import SEARCHED
from hotline.tickets.words import MAX_QUERY, query, runs

Columns = ReadOnlyColumnCollection[str, Any]
"""The tickets' columns, of the table or of a part of it."""

NEWEST: Final = 12_000
"""Tickets that are looked through before the index is asked: 25 ms at most, and every word that one in 250 has."""
EXCERPT: Final = 60
"""Characters of the opinion in a list."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; None: anything."""

    hall: str
    first: date | None = None
    last: date | None = None
    """Days of creation in Asia/Shanghai, both included."""
    state: str | None = None
    category: str | None = None
    """With everything below it."""
    operator: str | None = None
    number: str | None = None
    """Of the ticket itself."""
    caller_index: bytes | None = None
    text: str | None = None
    only_of: str | None = None
    """Only this account's own tickets …"""
    or_of_caller: bytes | None = None
    """… and those of the caller it has on the phone."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """After which ticket a page begins."""

    day: date
    number: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket in a list."""

    number: str
    state: str
    created_at: datetime
    call: str | None
    caller: str
    """Masked."""
    category: str
    category_label: str
    matter: str
    urgency: str
    operator: str | None
    operator_name: str
    seat: str | None
    outcome: str | None
    quick_close: str
    opinion_excerpt: str
    """Empty for tickets whose caller asked for secrecy."""
    secrecy: bool


async def search(
    conn: AsyncConnection, wanted: Wanted, *, limit: int, after: Place | None = None
) -> tuple[list[Line], Place | None]:
    """One page, and where the next one begins (None: this was the last)."""
    below = await categories.below(conn, wanted.category) if wanted.category is not None else None
    if wanted.text:
        rows = await _with_text(conn, wanted, below, limit + 1, after) if query(wanted.text) else ()
    else:
        t = TICKETS.c
        page = _page(t, limit + 1).where(*_days(t, wanted, after), *_conditions(t, wanted, below))
        rows = (await conn.execute(page)).all()
    more = Place(rows[limit - 1].day, rows[limit - 1].number) if len(rows) > limit else None
    return await _lines(conn, rows[:limit]), more


async def _with_text(
    conn: AsyncConnection, wanted: Wanted, below: Sequence[str] | None, limit: int, after: Place | None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Frequent words fill a page from the newest tickets; what these do not hold is rare enough for the index.

    At a million tickets the index alone would sort hundreds of thousands of them for a frequent word (0.6 s), and the
    order of days alone would read them all for words that never come together (3 s).
    """
    newest = _in_order(select(TICKETS).where(*_days(TICKETS.c, wanted, after)), TICKETS.c).limit(NEWEST).subquery()
    page = _page(newest.c, limit).where(*_conditions(newest.c, wanted, below), *_together(newest.c, wanted))
    rows = (await conn.execute(page)).all()
    if len(rows) == limit:
        return rows
    t = TICKETS.c
    found = select(t.number, t.day).where(*_days(t, wanted, after), *_conditions(t, wanted, below))
    every = found.cte("every").prefix_with("MATERIALIZED")
    chosen = _in_order(select(every), every.c).subquery()
    # One at a time, in order, until the page is full: comparing every text that has the pairs takes 30 µs each.
    one = select(TICKETS).where(t.number == chosen.c.number, *_together(t, wanted)).offset(0).lateral()
    page = select(*_columns(one.c)).select_from(chosen.join(one, literal(True)))
    return (await conn.execute(_in_order(_with_names(page, one.c), chosen.c).limit(limit))).all()


def _page(t: Columns, limit: int) -> Select[*tuple[Any, ...]]:
    return _in_order(_with_names(select(*_columns(t)), t), t).limit(limit)


def _columns(t: Columns) -> list[ColumnElement[Any]]:
    excerpt = func.left(t.opinion, EXCERPT).label("excerpt")
    return [*(t[name] for name in _SHOWN), excerpt, ACCOUNTS.c.name.label("operator_name")]


def _with_names(query: Select[*tuple[Any, ...]], t: Columns) -> Select[*tuple[Any, ...]]:
    return query.outerjoin(ACCOUNTS, ACCOUNTS.c.id == t.operator)


def _in_order(query: Select[*tuple[Any, ...]], t: Columns) -> Select[*tuple[Any, ...]]:
    return query.order_by(t.day.desc(), t.number.desc())


async def of_caller(
    conn: AsyncConnection, hall: str, caller_index: bytes, *, but_call: str | None = None, limit: int = 10
) -> list[Line]:
    """The newest tickets of one caller: for the screen pop (来电弹屏)."""
    t = TICKETS.c
    page = _page(t, limit).where(t.hall == hall, t.caller_index == caller_index)
    if but_call is not None:
        page = page.where(t.call.is_distinct_from(but_call))
    rows = await conn.execute(page.order_by(None).order_by(t.created_at.desc(), t.number.desc()))
    return await _lines(conn, rows.all())


def _days(t: Columns, wanted: Wanted, after: Place | None) -> list[ColumnElement[bool]]:
    """Where in the order of days."""
    found: list[ColumnElement[bool]] = [t.hall == wanted.hall]
    if wanted.first is not None:
        found.append(t.day >= wanted.first)
    if wanted.last is not None:
        found.append(t.day <= wanted.last)
    if after is not None:
        found.append(tuple_(t.day, t.number) < tuple_(literal(after.day), literal(after.number)))
    return found


def _conditions(t: Columns, wanted: Wanted, below: Sequence[str] | None) -> list[ColumnElement[bool]]:
    """What else is asked of a ticket."""
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(t.state == wanted.state)
    if below is not None:
        found.append(t.category.in_(below))
    if wanted.operator is not None:
        found.append(t.operator == wanted.operator)
    if wanted.number is not None:
        found.append(t.number == wanted.number)
    if wanted.caller_index is not None:
        found.append(t.caller_index == wanted.caller_index)
    if wanted.only_of is not None:
        own = t.operator == wanted.only_of
        found.append(own if wanted.or_of_caller is None else or_(own, t.caller_index == wanted.or_of_caller))
    if wanted.text:
        found.append(t.words.op("@@")(literal(query(wanted.text)).cast(TSQUERY)))
    return found


def _together(t: Columns, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Pairs that all occur need not stand together."""
    text = func.concat_ws("\n", *(t[name] for name in SEARCHED))
    folded = func.lower(func.normalize(text, literal_column("NFKC")))
    return [func.strpos(folded, run) > 0 for run in runs((wanted.text or "")[:MAX_QUERY]) if len(run) > 2]


async def _lines(conn: AsyncConnection, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Line]:
    labels = await categories.paths(conn, {(row.category_version, row.category) for row in rows if row.category})
    return [
        Line(
            number=row.number,
            state=row.state,
            created_at=row.created_at,
            call=row.call,
            caller=row.caller_masked,
            category=row.category,
            category_label=labels.get((row.category_version, row.category), row.category),
            matter=row.matter,
            urgency=row.urgency,
            operator=row.operator,
            operator_name=row.operator_name or "",
            seat=row.seat,
            outcome=row.outcome,
            quick_close=row.quick_close,
            opinion_excerpt="" if row.secrecy else row.excerpt,
            secrecy=row.secrecy,
        )
        for row in rows
    ]


_SHOWN: Final = (
    "number",
    "day",
    "state",
    "created_at",
    "call",
    "caller_masked",
    "category",
    "category_version",
    "matter",
    "urgency",
    "operator",
    "seat",
    "outcome",
    "secrecy",
    "quick_close",
)
