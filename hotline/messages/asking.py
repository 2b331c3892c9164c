"""What asks for a message (短信)? A row in the transaction of the act itself (发件箱); its text is written later.

Whoever acts knows neither templates nor gateways, and waits for neither: `hotline.messages.writing` looks at the row
once somebody leads the hall. Asked twice under one key, there is one message.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.messages.message import Kind
from hotline.messages.rules import DELAY, LIFE
from hotline.store.tables import MESSAGES
from hotline.tickets.ticket import Step

SYSTEM: Final = "system"


async def ask(
    conn: AsyncConnection,
    *,
    hall: str,
    kind: Kind,
    key: str,
    now: datetime,
    by: str = SYSTEM,
    **more: Any,
) -> int | None:
    """A message is wanted; its id, None where it was asked for already. `more`: columns of `messages`."""
    m = MESSAGES.c
    wanted = insert(MESSAGES).values(
        hall=hall,
        kind=kind.value,
        key=key,
        created_at=now,
        created_by=by,
        next_at=now if more.get("by_hand") else now + DELAY.get(kind, timedelta()),
        expires_at=now + LIFE[kind],
        **more,
    )
    made = await conn.execute(wanted.on_conflict_do_nothing(index_elements=[m.hall, m.key]).returning(m.id))
    return made.scalar_one_or_none()


async def follow(conn: AsyncConnection, ticket: Row[Any], step: Step, now: datetime) -> None:
    """After a step of a ticket; `ticket`: as it is then. The citizen hears that it was accepted, what came of it, and
    is asked how it was."""
    number = ticket.number
    match step:
        case Step.DISPATCH | Step.DESIGNATE:
            kind, key = Kind.ACCEPTED, f"accepted-{number}"
        case Step.REVIEW:
            kind, key = Kind.RESULT, f"result-{number}-{ticket.version}"
        case Step.CLOSE if ticket.call is not None:
            kind, key = Kind.RATING_LINK, f"rating-{number}"
        case _:
            return
    await ask(conn, hall=ticket.hall, kind=kind, key=key, now=now, ticket=number)


async def missed(conn: AsyncConnection, *, hall: str, callback: int, call: str, now: datetime) -> None:
    """A call-back task was born of a call that nobody took."""
    await ask(conn, hall=hall, kind=Kind.MISSED_CALL, key=f"missed-{callback}", now=now, callback=callback, call=call)
