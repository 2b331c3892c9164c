"""Cases that another hotline hands to us (转入): kept once by their key, a ticket each, and told what becomes of it.

What is to be told follows from the ticket's state, so nothing is lost that was not written down, and a message that got
lost is simply due again. Only the newest is told: whoever was away hears how it stands, not each step.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.bridge import BridgeName, IncomingCase, NewsKind
from hotline.store.seal import Seal
from hotline.store.tables import INCOMING_CASES, TICKET_STEPS, TICKETS
from hotline.tickets.fields import MAX_LENGTHS, Draft
from hotline.tickets.matter import Channel, Urgency
from hotline.tickets.register import register
from hotline.tickets.service import Deadlines, Desk
from hotline.tickets.ticket import TicketState as T

TELLS: Final[Mapping[T, NewsKind]] = {
    T.DISPATCHED: NewsKind.ACCEPTED,
    T.DESIGNATED: NewsKind.ACCEPTED,
    T.SIGNED: NewsKind.ACCEPTED,
    T.IN_PROGRESS: NewsKind.ACCEPTED,
    T.REPLIED: NewsKind.ACCEPTED,
    T.REVIEWED: NewsKind.ACCEPTED,
    T.FOLLOWED_UP: NewsKind.ACCEPTED,
    T.RETURNED: NewsKind.ACCEPTED,
    T.REOPENED: NewsKind.ACCEPTED,
    T.MERGED: NewsKind.ACCEPTED,
    T.CLOSED: NewsKind.DONE,
    T.NOT_ACCEPTED: NewsKind.RETURNED,
    T.TERMINATED: NewsKind.RETURNED,
}
"""What whoever handed it to us is to know, by the ticket's state; a draft and an open one are only acknowledged."""
CUT: Final = "……（过长，已截断）"
LAST: Final = frozenset({NewsKind.DONE, NewsKind.RETURNED})
"""After these nothing more is told: it is ours, or theirs again."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A case of theirs, here."""

    ticket: str
    repeated: bool
    """We had it already."""


async def take(
    conn: AsyncConnection,
    seal: Seal,
    deadlines: Deadlines,
    case: IncomingCase,
    *,
    hall: str,
    bridge: BridgeName,
    body: bytes,
    number: Callable[[], Awaitable[str]],
    now: datetime,
) -> Taken:
    """Keep it; `number` gives the next ticket number of the hall, and is asked once for one key. In the caller's
    transaction: two deliveries of one key wait for each other."""
    lock = int.from_bytes(hashlib.sha256(f"incoming {bridge} {case.key}".encode()).digest()[:8], "big", signed=True)
    await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
    i = INCOMING_CASES.c
    there = await conn.scalar(select(i.ticket).where(i.bridge == bridge, i.key == case.key))
    if there is not None:
        return Taken(ticket=there, repeated=True)
    ticket = await number()
    await register(
        conn,
        seal,
        hall=hall,
        number=ticket,
        channel=Channel.HOTLINE,
        account=None,
        citizen=case.caller_number,
        now=now,
    )
    desk = Desk(conn, seal, deadlines, hall=hall, account=f"bridge:{bridge}", now=now)
    saved = await desk.save(ticket, 1, draft(case))
    await conn.execute(
        insert(INCOMING_CASES).values(
            bridge=bridge,
            key=case.key,
            hall=hall,
            ticket=ticket,
            received_at=now,
            digest=hashlib.sha256(body).hexdigest(),
        )
    )
    await conn.execute(
        insert(TICKET_STEPS).values(
            hall=hall,
            ticket=ticket,
            at=now,
            actor=f"bridge:{bridge}",
            step="handed_in",
            state=saved.state.value,
            text=case.reason,
            data={"bridge": bridge, "key": case.key, "their_no": case.their_no},
        )
    )
    return Taken(ticket=ticket, repeated=False)


def draft(case: IncomingCase) -> Draft:
    """What the desk finds on the ticket; what has no field of its own stands above the facts."""
    above = (
        ("标题", case.title),
        ("对方编号", case.their_no),
        ("对方分类", case.category),
        ("转入原因", case.reason),
        ("对方经办", "，".join(each for each in (case.sent_by, case.sent_by_telephone) if each)),
    )
    lines = [f"【{label}】{words}" for label, words in above if words]
    if case.answered:
        # What they answered is cut, never the facts below it.
        label = "【对方已答复】"
        room = MAX_LENGTHS["facts"] - sum(len(each) + 1 for each in (*lines, label)) - len(case.facts)
        fits = len(case.answered) <= room
        lines.append(label + (case.answered if fits else case.answered[: max(0, room - len(CUT))] + CUT))
    return Draft(
        caller_name=case.caller_name,
        secrecy=case.confidential,
        region=case.area,
        minor_involved=case.minor,
        urgency=Urgency(case.urgency.value),
        facts="\n".join([*lines, case.facts])[: MAX_LENGTHS["facts"]],
        claim=case.claim,
    )


async def to_tell(conn: AsyncConnection, hall: str, bridge: str, now: datetime, limit: int) -> list[Row[Any]]:
    """Cases of which they know less than there is to know, and may be told it now."""
    i, t = INCOMING_CASES.c, TICKETS.c
    query = (
        select(INCOMING_CASES, t.state, t.result, t.opinion, t.ended_reason)
        .join(TICKETS, t.number == i.ticket)
        .where(i.hall == hall, i.bridge == bridge, ~i.over, (i.next_at.is_(None)) | (i.next_at <= now))
        .order_by(i.received_at)
    )
    rows = (await conn.execute(query)).all()
    return [row for row in rows if (kind := TELLS.get(T(row.state))) is not None and kind.value != row.told][:limit]
