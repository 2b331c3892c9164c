"""What is a platform told of a matter that it filed? Everything that is read for the network API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.deadlines.rules import DueKind
from hotline.handling.lists import unit_names
from hotline.network.kinds import Kind
from hotline.network.once import NetworkRefused
from hotline.network.platform import Platform
from hotline.network.progress import LABELS, OF, UNDER_WAY, Progress, may
from hotline.store.tables import DEADLINES, NETWORK_REQUESTS, RATINGS, TICKET_STEPS, TICKETS
from hotline.tickets.ticket import Step, TicketState


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a matter stands, as the citizen may read it."""

    number: str
    id: str
    """The platform's own number of it."""
    state: Progress
    state_text: str
    filed_at: datetime
    unit: str
    """承办单位, by name; empty: the hall."""
    due_at: datetime | None
    """By when it is answered (办理期限); None: nothing is to be done any more, or nothing was promised."""
    result: str
    """答复 or 办理结果, once it stands."""
    reason: str
    """Why it was not accepted or ended, with the legal way (法定渠道) that is open."""
    merged_into: str
    """The ticket that the matter is handled with."""
    may: tuple[str, ...]


async def standing(
    conn: AsyncConnection, platform: Platform, number: str, *, filed: tuple[str, datetime] | None = None
) -> Standing:
    """How it stands now. `filed`: under which `id` and when, while it is being filed.

    Raises `NetworkRefused(not_found)`: not filed by this platform.
    """
    id, filed_at = filed or await _filed(conn, platform, number)
    own = await _ticket(conn, number)
    told = own if own.merged_into is None else await _ticket(conn, own.merged_into)
    state = OF[TicketState(told.state)]
    rated = await conn.scalar(select(exists().where(RATINGS.c.ticket == number, RATINGS.c.way == "network")))
    names = await unit_names(conn, platform.hall, {told.unit})
    return Standing(
        number=number,
        id=id,
        state=state,
        state_text=LABELS[state],
        filed_at=filed_at,
        unit=names.get(told.unit) or told.unit,
        due_at=await _due(conn, told) if state in UNDER_WAY else None,
        result=(told.result or told.opinion) if state in (Progress.ANSWERED, Progress.CLOSED) else "",
        reason=await _why(conn, told),
        merged_into=own.merged_into or "",
        may=may(OF[TicketState(own.state)], rated=bool(rated)),
    )


async def _filed(conn: AsyncConnection, platform: Platform, number: str) -> tuple[str, datetime]:
    r = NETWORK_REQUESTS.c
    query = select(r.id, r.at).where(r.platform == platform.name, r.ticket == number, r.kind == Kind.FILING.value)
    found = (await conn.execute(query)).one_or_none()
    if found is None:
        raise NetworkRefused("not_found")
    return found.id, found.at


async def _ticket(conn: AsyncConnection, number: str) -> Row[Any]:
    return (await conn.execute(select(TICKETS).where(TICKETS.c.number == number))).one()


async def _due(conn: AsyncConnection, ticket: Row[Any]) -> datetime | None:
    """The reply's deadline; before a unit has it, the soonest there is."""
    d = DEADLINES.c
    query = select(d.due_at).where(d.ticket == ticket.number, d.kind == DueKind.REPLY.value, d.done_at.is_(None))
    return await conn.scalar(query.limit(1)) or ticket.due_at


async def _why(conn: AsyncConnection, ticket: Row[Any]) -> str:
    if not ticket.ended_reason:
        return ""
    s = TICKET_STEPS.c
    query = select(s.data).where(s.ticket == ticket.number, s.step == Step.NOT_ACCEPT.value).order_by(s.id.desc())
    way = (await conn.scalar(query.limit(1)) or {}).get("channel", "")
    return f"{ticket.ended_reason}（{way}）" if way else ticket.ended_reason
