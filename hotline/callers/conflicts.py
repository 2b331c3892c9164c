"""Who advised the other side? Conflicts of interest (利益冲突), derived from tickets.

When a lawyer writes the other side's phone number (对方电话) or name (对方当事人) on a ticket, the two are known as
sides of one dispute. From then on whoever advised the one side must not advise the other (律师法 §39): by number it
keeps seats from being offered the call, by name, which many people share, it only warns. A hotline does not know which
call is about which dispute, so every lawyer who spoke with a side within the site's `conflict_days` counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.callers.treatment import Policy
from hotline.store.seal import Seal, place
from hotline.store.tables import CALLS, CONFLICTS, TICKETS

BY_TICKET: Final = "ticket"
"""`ended_by` of a conflict whose other side was taken out of the ticket."""
SHOWN: Final = 10
"""Conflicts of one caller that are told."""

Touched = dict[bytes, str]
"""Callers whose treatment may have changed: index → number."""

Line = Row[*tuple[Any, ...]]
"""A row of a query."""

_SPACES: Final = re.compile(r"\s+")


class NoSuchConflict(Exception):
    """The hall has none from this ticket."""


class ConflictOver(Exception):
    """It has ended already."""


def name_index(seal: Seal, name: str) -> bytes | None:
    """What a name is found again by, however its signs and spaces are written; None for an empty one."""
    folded = _SPACES.sub("", unicodedata.normalize("NFKC", name)).lower()
    return seal.sign("name", folded.encode("utf-8", "surrogatepass")) if folded else None


async def follow_ticket(
    conn: AsyncConnection, seal: Seal, *, hall: str, ticket: str, now: datetime, policy: Policy
) -> Touched:
    """Draws the consequences of a saved ticket, in the transaction that saved it."""
    row = (await conn.execute(_TICKET.where(TICKETS.c.hall == hall, TICKETS.c.number == ticket))).one()
    touched = await _name_sides(conn, seal, hall, row, now)
    return touched | await _note_advisers(conn, seal, hall, row, now, policy)


async def end(
    conn: AsyncConnection, seal: Seal, *, hall: str, ticket: str, by: str, reason: str, now: datetime
) -> Touched:
    """A supervisor found that it is no conflict. Raises `NoSuchConflict`, `ConflictOver`."""
    c = CONFLICTS.c
    query = select(CONFLICTS).where(c.hall == hall, c.ticket == ticket).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise NoSuchConflict(ticket)
    if row.ended_at is not None:
        raise ConflictOver(ticket)
    over = {"ended_at": now, "ended_by": by, "end_reason": reason, "changed_at": now}
    await conn.execute(update(CONFLICTS).where(c.ticket == ticket).values(**over))
    return sides(seal, row)


async def about(
    conn: AsyncConnection,
    *,
    hall: str,
    caller_index: bytes,
    names: Collection[bytes],
    now: datetime,
    policy: Policy,
) -> Sequence[Line]:
    """Conflicts in which the caller, or somebody called like the caller, is a side; the newest first."""
    c = CONFLICTS.c
    concerned = [c.caller_index == caller_index, c.other_index == caller_index]
    if names:
        concerned.append(c.name_index.in_(names))
    rows = await conn.execute(
        select(CONFLICTS)
        .where(c.hall == hall, or_(*concerned), in_force(now, policy))
        .order_by(c.since.desc(), c.ticket.desc())
        .limit(SHOWN)
    )
    return rows.all()


def in_force(now: datetime, policy: Policy) -> ColumnElement[bool]:
    """Not ended, and not forgotten."""
    c = CONFLICTS.c
    return and_(c.ended_at.is_(None), c.changed_at > now - timedelta(days=policy.conflict_days))


def sides(seal: Seal, row: Line) -> Touched:
    """Both sides of a conflict, as far as their numbers are known."""
    found: Touched = {}
    for index, sealed, column in (
        (row.caller_index, row.caller_sealed, "caller_sealed"),
        (row.other_index, row.other_sealed, "other_sealed"),
    ):
        if index is not None and sealed is not None:
            found[bytes(index)] = seal.open(bytes(sealed), place("conflicts", column, row.ticket))
    return found


async def _name_sides(conn: AsyncConnection, seal: Seal, hall: str, row: Line, now: datetime) -> Touched:
    """The conflict that this ticket tells of: made, changed or ended."""
    c, number = CONFLICTS.c, row.number
    name = _opened(seal, row.counterparty_name_sealed, "tickets", "counterparty_name_sealed", number)
    other = _bytes(row.counterparty_contact_index)
    named = name_index(seal, name) if name else None
    before = (await conn.execute(select(CONFLICTS).where(c.ticket == number).with_for_update())).one_or_none()
    nobody = other is None and named is None
    if before is None and nobody:
        return {}
    touched = sides(seal, before) if before is not None else Touched()
    if before is not None and nobody:
        if before.ended_at is None:
            over = {"ended_at": now, "ended_by": BY_TICKET, "end_reason": "工单上已删除对方当事人", "changed_at": now}
            await conn.execute(update(CONFLICTS).where(c.ticket == number).values(**over))
        return touched
    if before is not None and before.ended_by != BY_TICKET and _named(before) == (other, named):
        return {}  # nothing new; or a supervisor has looked at exactly this and found that it is no conflict
    caller = _opened(seal, row.caller_sealed, "calls", "caller_sealed", row.call)
    contact = _opened(seal, row.counterparty_contact_sealed, "tickets", "counterparty_contact_sealed", number)
    values: dict[str, Any] = {
        "caller_sealed": seal.seal(caller, place("conflicts", "caller_sealed", number)) if caller else None,
        "caller_index": row.caller_index,
        "other_sealed": seal.seal(contact, place("conflicts", "other_sealed", number)) if contact else None,
        "other_index": other,
        "name_index": named,
        "since": now,
        "changed_at": now,
        "operators": [],
        "other_operators": [],
    }
    if before is None:
        await conn.execute(insert(CONFLICTS).values(ticket=number, hall=hall, **values))
    else:
        open_again = {"ended_at": None, "ended_by": None, "end_reason": ""}
        await conn.execute(update(CONFLICTS).where(c.ticket == number).values(**values, **open_again))
    return touched


async def _note_advisers(
    conn: AsyncConnection, seal: Seal, hall: str, ticket: Line, now: datetime, policy: Policy
) -> Touched:
    """Reads anew who advised the sides of this caller's conflicts, and of the ticket's own."""
    c = CONFLICTS.c
    concerned = [c.ticket == ticket.number]
    if ticket.caller_index is not None:
        concerned += [c.caller_index == ticket.caller_index, c.other_index == ticket.caller_index]
    rows = (
        await conn.execute(
            select(CONFLICTS).where(c.hall == hall, or_(*concerned), c.ended_at.is_(None)).order_by(c.ticket)
        )
    ).all()
    if not rows:
        return {}
    people = await _advisers(conn, hall, {index for row in rows for index in _indexes(row)}, now, policy)
    own = await _operators(conn, [row.ticket for row in rows])
    touched: Touched = {}
    for row in rows:
        mine = people.get(_bytes(row.caller_index), set()) | own.get(row.ticket, set())
        theirs = people.get(_bytes(row.other_index), set())
        if (set(row.operators), set(row.other_operators)) == (mine, theirs):
            continue
        values = {"operators": sorted(mine), "other_operators": sorted(theirs), "changed_at": now}
        await conn.execute(update(CONFLICTS).where(c.ticket == row.ticket).values(**values))
        touched |= sides(seal, row)
    return touched


async def _advisers(
    conn: AsyncConnection, hall: str, callers: Collection[bytes], now: datetime, policy: Policy
) -> dict[bytes | None, set[str]]:
    """Who spoke with these callers; wrong numbers and pranks left out."""
    t = TICKETS.c
    rows = await conn.execute(
        select(t.caller_index, t.operator)
        .where(
            t.hall == hall,
            t.caller_index.in_(callers),
            t.operator.is_not(None),
            t.quick_close == "",
            t.created_at >= now - timedelta(days=policy.conflict_days),
        )
        .distinct()
    )
    found: dict[bytes | None, set[str]] = {}
    for index, operator in rows:
        found.setdefault(bytes(index), set()).add(operator)
    return found


async def _operators(conn: AsyncConnection, tickets: Collection[str]) -> dict[str, set[str]]:
    """Whose these tickets are: where the caller's number is withheld, nothing else tells who was advised."""
    t = TICKETS.c
    rows = await conn.execute(
        select(t.number, t.operator).where(t.number.in_(tickets), t.operator.is_not(None), t.quick_close == "")
    )
    return {number: {operator} for number, operator in rows}


def _indexes(row: Line) -> set[bytes]:
    return {bytes(each) for each in (row.caller_index, row.other_index) if each is not None}


def _named(row: Line) -> tuple[bytes | None, bytes | None]:
    return _bytes(row.other_index), _bytes(row.name_index)


def _opened(seal: Seal, blob: bytes | None, table: str, column: str, row: str | None) -> str:
    return seal.open(bytes(blob), place(table, column, row)) if blob and row is not None else ""


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


_TICKET: Final = select(
    TICKETS.c.number,
    TICKETS.c.caller_index,
    TICKETS.c.counterparty_contact_index,
    TICKETS.c.counterparty_contact_sealed,
    TICKETS.c.counterparty_name_sealed,
    CALLS.c.id.label("call"),
    CALLS.c.caller_sealed,
).select_from(TICKETS.outerjoin(CALLS, CALLS.c.id == TICKETS.c.call))
