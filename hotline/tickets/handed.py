"""Is a ticket being handed over (移交)? Then it stays ours until they have taken it (首接负责), and cannot end."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.handovers.handover import OPEN
from hotline.store.tables import HANDOVERS
from hotline.tickets.ticket import ENDED, TicketState


class HandoverUndecided(Exception):
    """The other side has not taken it yet, nor sent it back."""


async def check_end(conn: AsyncConnection, ticket: str, was: str, state: TicketState) -> None:
    """Before a ticket goes from one state into another. Raises `HandoverUndecided`."""
    if state not in ENDED or was in ENDED:
        return
    h = HANDOVERS.c
    if await conn.scalar(select(exists().where(h.ticket == ticket, h.state.in_(sorted(OPEN))))):
        raise HandoverUndecided(ticket)
