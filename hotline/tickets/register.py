"""A contact that is no call (来访, 来信, 网络, …): its ticket is born here, under the number that the hall gave."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.calls.numbers import mask, normalise
from hotline.rosters.calendar import SHANGHAI
from hotline.store.seal import Seal, place
from hotline.store.tables import TICKETS
from hotline.tickets.matter import Channel


async def register(
    conn: AsyncConnection,
    seal: Seal,
    *,
    hall: str,
    number: str,
    channel: Channel,
    account: str | None,
    citizen: str = "",
    now: datetime,
) -> None:
    """A draft of that person (首问负责人; None: nobody of the hall); what it says is saved afterwards like any other.

    `account`: None where it came by itself, from another hotline: nobody has it yet. `citizen`: the number of whoever
    came, so that they are found again when they ring.
    """
    known = normalise(citizen) or ""
    await conn.execute(
        insert(TICKETS).values(
            number=number,
            hall=hall,
            channel=channel.value,
            day=now.astimezone(SHANGHAI).date(),
            created_at=now,
            operator=account,
            caller_index=seal.index(known) if known else None,
            caller_masked=mask(known) if known else "",
            contact_sealed=seal.seal(known, place("tickets", "contact_sealed", number)) if known else None,
            contact_masked=mask(known) if known else "",
        )
    )
