"""What the other side says of a hand-over: written down once, then applied. In the caller's transaction.

News may come twice, late and in any order, about things that we do not know, and while we are still sending. The first
of each id counts; what does not fit the state is kept and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.bridge import News, NewsKind
from hotline.handovers.handover import HandoverState, Step, can
from hotline.handovers.records import Records
from hotline.store.seal import Seal, place
from hotline.store.tables import HANDOVER_NEWS, HANDOVERS, TICKET_STEPS, TICKETS

STEPS: Final = {
    NewsKind.ACKNOWLEDGED: Step.ACKNOWLEDGE,
    NewsKind.ACCEPTED: Step.ACCEPT,
    NewsKind.RETURNED: Step.RETURN,
    NewsKind.DONE: Step.FINISH,
}


async def hear(
    conn: AsyncConnection, seal: Seal, *, hall: str, bridge: str, news: Sequence[News], now: datetime
) -> int:
    """How many of them were new."""
    new = 0
    # By hand-over, so that two deliveries wait for each other in one order; of one, as it happened.
    for each in sorted(news, key=lambda one: (one.key, one.their_no, one.local_no, one.at, one.id)):
        new += await _hear(conn, seal, hall=hall, bridge=bridge, news=each, now=now)
    return new


async def _hear(conn: AsyncConnection, seal: Seal, *, hall: str, bridge: str, news: News, now: datetime) -> bool:
    row = await _meant(conn, hall, bridge, news)
    kept = insert(HANDOVER_NEWS).values(
        bridge=bridge,
        id=news.id,
        handover=None if row is None else row.id,
        heard_at=now,
        kind=news.kind.value,
        said_sealed=seal.seal(msgspec.json.encode(news).decode(), place("handover_news", "said_sealed", news.id)),
    )
    n = HANDOVER_NEWS.c
    first = await conn.execute(kept.on_conflict_do_nothing(index_elements=[n.bridge, n.id]).returning(n.id))
    if first.one_or_none() is None:
        return False
    if row is not None:
        await _apply(Records(conn, hall=hall, now=now, actor=bridge), row, news)
    return True


async def _meant(conn: AsyncConnection, hall: str, bridge: str, news: News) -> Row[Any] | None:
    """The hand-over it is about: by our key, by their number, by our ticket's newest."""
    h = HANDOVERS.c
    ours = select(HANDOVERS).where(h.hall == hall, h.bridge == bridge).order_by(h.id.desc()).limit(1).with_for_update()
    for column, value in ((h.key, news.key), (h.their_no, news.their_no), (h.ticket, news.local_no)):
        if value:
            found = (await conn.execute(ours.where(column == value))).one_or_none()
            if found is not None:
                return found
    return None


async def _apply(records: Records, row: Row[Any], news: News) -> None:
    values: dict[str, Any] = {}
    if news.their_no and not row.their_no:
        values["their_no"] = news.their_no
    if row.sent_at is None:
        values["sent_at"] = news.at
    match news.kind:
        case NewsKind.FEEDBACK:
            await records.change(row, "feedback", said=news.text, **values) if values else await records.note(
                row, "feedback", said=news.text
            )
        case NewsKind.ACCEPTED:
            values["accepted_at"] = news.at
        case NewsKind.RETURNED:
            values |= {"returned_at": news.at, "return_reason": news.text}
        case NewsKind.DONE:
            values |= {"done_at": news.at, "result": news.text}
        case NewsKind.ACKNOWLEDGED:
            pass
    if news.kind is not NewsKind.FEEDBACK:
        step = STEPS[news.kind]
        if news.kind is NewsKind.ACKNOWLEDGED and "their_no" in values and not can(HandoverState(row.state), step):
            # It is further already; their number was not known yet.
            row = await records.change(row, step.value, said=news.text, **values)
        else:
            row = await records.step_or_note(row, step, said=news.text, **values)
    await _tell_ticket(records, row, news)


async def _tell_ticket(records: Records, row: Row[Any], news: News) -> None:
    """Whoever has the ticket open sees it in its history."""
    t = TICKETS.c
    state = await records.conn.scalar(select(t.state).where(t.number == row.ticket))
    await records.conn.execute(
        TICKET_STEPS.insert().values(
            hall=records.hall,
            ticket=row.ticket,
            at=records.now,
            actor=records.actor,
            step=f"handover_{news.kind.value}",
            state=state,
            text=news.text,
            data={"handover": row.id, "bridge": row.bridge, "their_no": news.their_no or row.their_no},
        )
    )
