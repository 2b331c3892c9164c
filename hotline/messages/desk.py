"""What a person does with messages: send one by hand, let go what is held, settle a doubt, try again, cancel.

One transaction each, made by the caller.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.messages.asking import ask
from hotline.messages.message import BY_HAND, Kind, MessageRefused, MessageState, Step
from hotline.messages.records import locked, step
from hotline.messages.rules import LIFE
from hotline.messages.writing import Wish, seal_wish
from hotline.store.seal import Seal
from hotline.store.tables import MESSAGES, TICKETS


class MessageDesk:
    """The steps of people, in one hall, now."""

    def __init__(self, conn: AsyncConnection, seal: Seal, *, hall: str, account: str, now: datetime) -> None:
        self._conn = conn
        self._seal = seal
        self._hall = hall
        self._account = account
        self._now = now

    async def send(self, ticket: str, kind: Kind, wish: Wish) -> int:
        """A message from a ticket, at any hour; its id."""
        assert kind in BY_HAND
        m, t = MESSAGES.c, TICKETS.c
        # Two presses at the same moment count one after the other, so that each has its number.
        await self._conn.execute(select(t.number).where(t.number == ticket).with_for_update())
        before: int = await self._conn.scalar(select(func.count()).where(m.ticket == ticket, m.by_hand)) or 0
        key = f"{kind.value}-{ticket}-h{before + 1}"
        made = await ask(
            self._conn,
            hall=self._hall,
            kind=kind,
            key=key,
            now=self._now,
            by=self._account,
            ticket=ticket,
            by_hand=True,
            wish_sealed=seal_wish(self._seal, key, wish),
        )
        assert made is not None
        return made

    async def release(self, message: int) -> Row[Any]:
        """放行, in spite of the cap. Raises `NoSuchMessage`, `MessageRefused`."""
        row = await locked(self._conn, self._hall, message)
        return await step(self._conn, row, Step.RELEASE, over_cap=True, why="", next_at=self._now)

    async def retry(self, message: int) -> Row[Any]:
        """重发: what the gateway refused, with the time it had. Raises `NoSuchMessage`, `MessageRefused`."""
        row = await locked(self._conn, self._hall, message)
        if row.state != MessageState.REFUSED:
            raise MessageRefused(MessageState(row.state), Step.RETRY)
        return await self._again(row)

    async def arrived(self, message: int) -> Row[Any]:
        """核实：网关已收到. Raises `NoSuchMessage`, `MessageRefused`."""
        row = await locked(self._conn, self._hall, message)
        if row.state != MessageState.IN_DOUBT:
            raise MessageRefused(MessageState(row.state), Step.TAKE)
        return await step(self._conn, row, Step.TAKE, sent_at=row.in_doubt_at or self._now)

    async def not_arrived(self, message: int) -> Row[Any]:
        """核实：网关没有收到, so it is sent once more. Raises `NoSuchMessage`, `MessageRefused`."""
        row = await locked(self._conn, self._hall, message)
        if row.state != MessageState.IN_DOUBT:
            raise MessageRefused(MessageState(row.state), Step.RETRY)
        return await self._again(row)

    async def cancel(self, message: int) -> Row[Any]:
        """取消, unless it is on its way. Raises `NoSuchMessage`, `MessageRefused`."""
        row = await locked(self._conn, self._hall, message)
        if row.claim is not None:
            raise MessageRefused(MessageState(row.state), Step.CANCEL)
        return await step(self._conn, row, Step.CANCEL)

    async def _again(self, row: Row[Any]) -> Row[Any]:
        life = LIFE[Kind(row.kind)]
        values = {
            "next_at": self._now,
            "tries": 0,
            "expires_at": self._now + life,
            "last_error": "",
            "in_doubt_at": None,
        }
        return await step(self._conn, row, Step.RETRY, **values)
