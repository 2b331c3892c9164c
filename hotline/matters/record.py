"""Which duties (义务) of a ticket are open, and what was done about them? Rows that follow from what it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.matters.duties import BY_CODE, Receiver, to_record
from hotline.matters.particulars import about
from hotline.store.seal import Seal, place
from hotline.store.tables import ACCOUNTS, TICKET_DUTIES, TICKETS

MAX_NOTE: Final = 1_000
MAX_REFERENCE: Final = 100
EARLY: Final = timedelta(minutes=5)
"""Clocks of desks differ: so far ahead a report may seem to have been made."""


class NoSuchDuty(Exception):
    """The ticket has no such duty, or not any more."""


class DutyDone(Exception):
    """It was recorded already."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A duty of a ticket, and what was done."""

    ticket: str
    duty: str
    since: datetime
    due_at: datetime
    marked_by: str
    done_at: datetime | None
    done_by: str
    receiver: str
    """Empty where it was excused."""
    reported_at: datetime | None
    reference: str
    note: str
    operator_name: str
    """Who has the ticket."""


async def follow(conn: AsyncConnection, ticket: Row[Any], by: str, now: datetime) -> None:
    """After a save: what the ticket says now begins duties, and lifts what was not recorded yet."""
    d = TICKET_DUTIES.c
    wanted = {duty.code: duty for duty in to_record(about(ticket))}
    for code, duty in wanted.items():
        again = {"lifted_at": None, "since": now, "due_at": now + duty.within, "marked_by": by}
        row = insert(TICKET_DUTIES).values(
            ticket=ticket.number, duty=code.value, hall=ticket.hall, since=now, due_at=now + duty.within, marked_by=by
        )
        await conn.execute(
            row.on_conflict_do_update(
                index_elements=[d.ticket, d.duty], set_=again, where=d.lifted_at.is_not(None) & d.done_at.is_(None)
            )
        )
    gone = update(TICKET_DUTIES).where(
        d.ticket == ticket.number, d.duty.not_in([code.value for code in wanted]), d.done_at.is_(None)
    )
    await conn.execute(gone.where(d.lifted_at.is_(None)).values(lifted_at=now))


async def fulfil(
    conn: AsyncConnection,
    seal: Seal,
    ticket: str,
    duty: str,
    *,
    receiver: Receiver | None,
    reported_at: datetime | None,
    reference: str,
    note: str,
    by: str,
    now: datetime,
) -> None:
    """What was done, or, without a receiver, why nothing was to be done. Raises `NoSuchDuty`, `DutyDone`."""
    d = TICKET_DUTIES.c
    query = select(TICKET_DUTIES).where(d.ticket == ticket, d.duty == duty, d.lifted_at.is_(None)).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise NoSuchDuty(duty)
    if row.done_at is not None:
        raise DutyDone(duty)
    sealed = seal.seal(note, _place(ticket, duty)) if note else None
    await conn.execute(
        update(TICKET_DUTIES)
        .where(d.ticket == ticket, d.duty == duty)
        .values(
            done_at=now,
            done_by=by,
            receiver=receiver.value if receiver else "",
            reported_at=reported_at,
            reference=reference,
            note_sealed=sealed,
        )
    )


async def of_ticket(conn: AsyncConnection, seal: Seal, ticket: str) -> list[Line]:
    """The duties of a ticket that are to be recorded, or were."""
    d = TICKET_DUTIES.c
    found = await conn.execute(_query().where(d.ticket == ticket, d.lifted_at.is_(None)).order_by(d.since, d.duty))
    return await _lines(conn, seal, found.all())


async def open_duties(conn: AsyncConnection, seal: Seal, hall: str, *, limit: int = 200) -> list[Line]:
    """What is open in a hall, the most pressing first."""
    d = TICKET_DUTIES.c
    query = _query().where(d.hall == hall, d.done_at.is_(None), d.lifted_at.is_(None))
    return await _lines(conn, seal, (await conn.execute(query.order_by(d.due_at, d.ticket).limit(limit))).all())


async def unrecorded(conn: AsyncConnection, ticket: str) -> list[str]:
    """The Chinese names of a ticket's open duties."""
    d = TICKET_DUTIES.c
    query = select(d.duty).where(d.ticket == ticket, d.done_at.is_(None), d.lifted_at.is_(None)).order_by(d.duty)
    return [BY_CODE[code].label for (code,) in await conn.execute(query)]


def _query() -> Any:
    return select(TICKET_DUTIES, TICKETS.c.operator).join(TICKETS, TICKETS.c.number == TICKET_DUTIES.c.ticket)


async def _lines(conn: AsyncConnection, seal: Seal, rows: Sequence[Row[Any]]) -> list[Line]:
    people = {name for row in rows for name in (row.marked_by, row.done_by, row.operator) if name}
    found = await conn.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.name).where(ACCOUNTS.c.id.in_(sorted(people))))
    names: dict[str, str] = {row.id: row.name for row in found}
    return [
        Line(
            ticket=row.ticket,
            duty=row.duty,
            since=row.since,
            due_at=row.due_at,
            marked_by=names.get(row.marked_by) or row.marked_by,
            done_at=row.done_at,
            done_by=names.get(row.done_by, row.done_by or ""),
            receiver=row.receiver,
            reported_at=row.reported_at,
            reference=row.reference,
            note=seal.open(bytes(row.note_sealed), _place(row.ticket, row.duty)) if row.note_sealed else "",
            operator_name=names.get(row.operator, ""),
        )
        for row in rows
    ]


def _place(ticket: str, duty: str) -> bytes:
    return place("ticket_duties", "note_sealed", f"{ticket}/{duty}")
