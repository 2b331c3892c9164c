"""May a ticket end? Not while it is being handed over (移交): it stays ours until they have taken it (首接负责). Nor
while its matter asks for something: a duty that is not recorded, an application that is not decided."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.handovers.handover import OPEN
from hotline.matters.ready import check_settled
from hotline.store.tables import HANDOVERS
from hotline.tickets.ticket import ENDED, TicketState


class HandoverUndecided(Exception):
    """The other side has not taken it yet, nor sent it back."""


async def check_end(conn: AsyncConnection, ticket: str, was: str, state: TicketState) -> None:
    """Before a ticket goes from one state into another. Raises `HandoverUndecided`, `DutiesOpen`, `AidUndecided`."""
    if state not in ENDED or was in ENDED:
        return
    h = HANDOVERS.c
    if await conn.scalar(select(exists().where(h.ticket == ticket, h.state.in_(sorted(OPEN))))):
        raise HandoverUndecided(ticket)
    await check_settled(conn, ticket)
