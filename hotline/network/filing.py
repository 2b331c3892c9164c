"""A consultation (咨询) or an application (申请) over the network: a ticket like any other, on the same clock.

In the caller's transaction. The hall has numbered it before; who files has no account here, so nobody of the hall is
its first-asked person until somebody takes it up.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.calls.numbers import normalise
from hotline.deadlines.book import Book
from hotline.network.kinds import APPLICATIONS, FilingKind, Kind
from hotline.network.once import NetworkRefused
from hotline.network.platform import Platform
from hotline.rosters.calendar import SHANGHAI
from hotline.store.seal import Seal
from hotline.store.tables import NETWORK_REQUESTS, TICKET_STEPS, TICKETS
from hotline.tickets.fields import Draft
from hotline.tickets.matter import Channel, Matter
from hotline.tickets.register import register
from hotline.tickets.service import Desk

SHORTEST_NUMBER: Final = 7


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """What the platform sends."""

    id: str
    kind: FilingKind
    citizen: str
    """The telephone number under which the citizen is reached."""
    draft: Draft
    """Its `matter` is set."""


def faults(filing: Filing, platform: Platform) -> dict[str, str]:
    """What keeps it from being filed: field → Chinese reason. Raises `NetworkRefused(network_matter)`."""
    draft = filing.draft
    matter = Matter(draft.matter)
    if matter not in platform.matters:
        raise NetworkRefused("network_matter")
    found: dict[str, str] = {}
    if len("".join(sign for sign in normalise(filing.citizen) or "" if sign.isdigit())) < SHORTEST_NUMBER:
        found["citizen.phone"] = "请填写可以联系到当事人的电话号码。"
    if not str(draft.facts).strip():
        found["facts"] = "请填写事实经过或所咨询的问题。"
    if filing.kind is FilingKind.APPLICATION:
        if matter not in APPLICATIONS:
            found["matter"] = "这类业务不能申请，请改为咨询（consultation）。"
        if not str(draft.caller_name or "").strip():
            found["citizen.name"] = "申请须填写申请人姓名。"
        if not str(draft.claim or "").strip():
            found["claim"] = "申请须填写诉求。"
    return found


async def citizen_index(conn: AsyncConnection, seal: Seal, platform: Platform, filing: Filing, now: datetime) -> bytes:
    """What the citizen is found again by. Raises `NetworkRefused(network_citizen_full)`: filed too often today.

    Locks the citizen until the transaction ends, so that of many at once no more than allowed come through.
    """
    index = seal.index(normalise(filing.citizen) or "")
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"citizen:{index.hex()}", 0))))
    r = NETWORK_REQUESTS.c
    begins = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    today = select(func.count()).where(
        r.hall == platform.hall, r.kind == Kind.FILING.value, r.citizen_index == index, r.at >= begins
    )
    if (await conn.scalar(today) or 0) >= platform.per_citizen_day:
        raise NetworkRefused("network_citizen_full")
    return index


async def file(
    conn: AsyncConnection, seal: Seal, platform: Platform, book: Book, filing: Filing, *, number: str, now: datetime
) -> None:
    """The ticket, as it was sent. Raises `TicketIncomplete`."""
    await register(
        conn,
        seal,
        hall=platform.hall,
        number=number,
        channel=Channel.NETWORK,
        account=None,
        citizen=filing.citizen,
        now=now,
    )
    await conn.execute(update(TICKETS).where(TICKETS.c.number == number).values(their_id=filing.id))
    desk = Desk(conn, seal, book, hall=platform.hall, account=platform.account, now=now)
    ticket = await desk.save(number, 1, filing.draft)
    await conn.execute(
        TICKET_STEPS.insert().values(
            hall=platform.hall,
            ticket=number,
            at=now,
            actor=platform.account,
            step="network_filed",
            state=ticket.state.value,
            text="",
            data={"platform": platform.label, "kind": filing.kind.value, "their_id": filing.id},
        )
    )
