"""Who filed a ticket over the network hears how it goes on: a row in the transaction of the step itself (发件箱)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.network.kinds import Kind
from hotline.network.progress import OF
from hotline.store.tables import NETWORK_NEWS, NETWORK_REQUESTS, TICKETS
from hotline.tickets.ticket import TicketState


async def tell(conn: AsyncConnection, ticket: Row[Any], now: datetime) -> None:
    """After a step: whoever filed this ticket, or one that was merged into it, is to hear of it.

    What is the same in the citizen's words as what was told last is not told again.
    """
    f, n = NETWORK_REQUESTS.c, NETWORK_NEWS.c
    state = OF[TicketState(ticket.state)].value
    merged = select(TICKETS.c.number).where(TICKETS.c.merged_into == ticket.number)
    last = select(n.state).where(n.ticket == f.ticket).order_by(n.id.desc()).limit(1).scalar_subquery()
    due = select(f.hall, f.platform, f.ticket, literal(state), literal(now), literal(now)).where(
        f.kind == Kind.FILING.value,
        or_(f.ticket == ticket.number, f.ticket.in_(merged)),
        func.coalesce(last, "received") != state,
    )
    await conn.execute(insert(NETWORK_NEWS).from_select(["hall", "platform", "ticket", "state", "at", "next_at"], due))
