"""What the gateway tells of messages: written down once, then applied. In the caller's transaction.

Receipts may come twice, late, in any order, before the answer to the send, and about what we do not know. The first of
each id counts; what does not fit the state is kept and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.sms_gateway import DeliveryReceipt, Fate
from hotline.calls.numbers import mask, normalise
from hotline.messages import book
from hotline.messages.message import Step
from hotline.messages.records import step_if_fits
from hotline.store.seal import Seal
from hotline.store.tables import MESSAGE_RECEIPTS, MESSAGES

BY_GATEWAY: Final = "gateway"
"""Who said it, of numbers that answered 退订."""


async def hear(
    conn: AsyncConnection, seal: Seal, *, hall: str, gateway: str, receipts: Sequence[DeliveryReceipt], now: datetime
) -> int:
    """How many of them were new."""
    # By id, so that two deliveries of the same receipts wait for each other in one order.
    return sum([await _hear(conn, seal, hall, gateway, each, now) for each in sorted(receipts, key=lambda one: one.id)])


async def _hear(
    conn: AsyncConnection, seal: Seal, hall: str, gateway: str, receipt: DeliveryReceipt, now: datetime
) -> int:
    row = None if receipt.fate is Fate.STOP else await _meant(conn, hall, gateway, receipt)
    r = MESSAGE_RECEIPTS.c
    kept = insert(MESSAGE_RECEIPTS).values(
        gateway=gateway,
        id=receipt.id,
        message=None if row is None else row.id,
        heard_at=now,
        at=receipt.at,
        fate=receipt.fate.value,
        code=receipt.code,
    )
    first = await conn.execute(kept.on_conflict_do_nothing(index_elements=[r.gateway, r.id]).returning(r.id))
    if first.one_or_none() is None:
        return 0
    if receipt.fate is Fate.STOP:
        number = normalise(receipt.number)
        if number is not None:
            index = seal.index(number)
            await book.decline(conn, hall=hall, number_index=index, masked=mask(number), by=BY_GATEWAY, now=now)
    elif row is not None:
        values: dict[str, Any] = {
            "settled_at": receipt.at,
            "receipt_code": receipt.code,
            "their_id": receipt.their_id or row.their_id,
            "sent_at": row.sent_at or receipt.at,
        }
        taken = Step.DELIVER if receipt.fate is Fate.DELIVERED else Step.MISS
        await step_if_fits(conn, row, taken, **values)
    return 1


async def _meant(conn: AsyncConnection, hall: str, gateway: str, receipt: DeliveryReceipt) -> Row[Any] | None:
    """The message it is about: by our key, else by their id."""
    m = MESSAGES.c
    ours = select(MESSAGES).where(m.hall == hall, m.gateway == gateway).with_for_update()
    key = receipt.key.removeprefix(f"{hall}-")
    for column, value in ((m.key, key), (m.their_id, receipt.their_id)):
        if value:
            found = (await conn.execute(ours.where(column == value).limit(1))).one_or_none()
            if found is not None:
                return found
    return None
