"""Messages as rows: one step at a time, in the caller's transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.messages.message import MessageState, Step, advance, can
from hotline.store.tables import MESSAGES


class NoSuchMessage(Exception):
    """The hall has no such message."""


async def locked(conn: AsyncConnection, hall: str, message: int) -> Row[Any]:
    """The message, to be changed. Raises `NoSuchMessage`."""
    m = MESSAGES.c
    query = select(MESSAGES).where(m.id == message, m.hall == hall).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise NoSuchMessage(message)
    return row


async def step(conn: AsyncConnection, row: Row[Any], step: Step, **values: Any) -> Row[Any]:
    """One step further, with these columns; whoever sends it does so no longer. Raises `MessageRefused`."""
    m, state = MESSAGES.c, advance(MessageState(row.state), step)
    rests = {} if state is MessageState.READY else {"next_at": None}
    changed = {"state": state.value, "version": m.version + 1, "claim": None, "claimed_until": None, **rests, **values}
    return (await conn.execute(update(MESSAGES).where(m.id == row.id).values(**changed).returning(MESSAGES))).one()


async def step_if_fits(conn: AsyncConnection, row: Row[Any], taken: Step, **values: Any) -> bool:
    """The same for what the gateway tells; False, and nothing happens, where the table has no such row."""
    if not can(MessageState(row.state), taken):
        return False
    await step(conn, row, taken, **values)
    return True
