"""Keeps a hall's call-back tasks up to date while the service runs: follows the journal, raises what is overdue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, time
from typing import Final

import structlog
from sqlalchemy import insert, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline.callbacks.board import SYSTEM
from hotline.callbacks.following import TYPES, Following
from hotline.callbacks.reading import count
from hotline.callbacks.rules import CallbackRules
from hotline.callbacks.task import DUE
from hotline.clock import Clock
from hotline.metrics import CALLBACKS_OPEN, CALLBACKS_OVERDUE
from hotline.settings import HallTable
from hotline.store.follower import Follower
from hotline.store.tables import CALLBACK_CHANGES, CALLBACKS

NAME: Final = "callbacks"
"""Of the bookmark."""
LOOK_SECONDS: Final = 15.0
"""Between two looks for what has become overdue."""

_log = structlog.get_logger(__name__)


def rules_of(table: HallTable) -> CallbackRules:
    """A hall's rules from its settings."""
    set_to = table.callbacks.model_dump()
    for name in ("quiet_from", "quiet_to"):
        set_to[name] = time.fromisoformat(set_to[name])
    return CallbackRules(**set_to)


def follower(engine: AsyncEngine, hall: str, rules: CallbackRules, leading: Callable[[], bool]) -> Follower:
    """What makes tasks of the hall's journal."""
    return Follower(engine, hall, NAME, TYPES, Following(hall, rules).apply, leading=leading)


async def keep_callbacks(
    engine: AsyncEngine,
    hall: str,
    rules: CallbackRules,
    *,
    clock: Clock,
    leading: Callable[[], bool],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Until cancelled; only while this process leads the hall."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(follower(engine, hall, rules, leading).run(sleep), name=f"callbacks follow {hall}")
        tasks.create_task(_keep_raised(engine, hall, clock, leading, sleep), name=f"callbacks overdue {hall}")


async def raise_overdue(conn: AsyncConnection, hall: str, now: datetime) -> Sequence[int]:
    """Mark and write down the tasks that have become overdue: nobody was spoken with by the due time."""
    b = CALLBACKS.c
    raised = await conn.execute(
        update(CALLBACKS)
        .where(b.hall == hall, b.state.in_([state.value for state in DUE]), b.due_at < now, b.overdue_at.is_(None))
        .values(overdue_at=now, version=b.version + 1)
        .returning(b.id, b.state)
    )
    rows = raised.all()
    if rows:
        lines = [
            {"callback": row.id, "at": now, "actor": SYSTEM, "step": "overdue", "state": row.state, "data": {}}
            for row in rows
        ]
        await conn.execute(insert(CALLBACK_CHANGES), lines)
    return sorted(row.id for row in rows)


async def _keep_raised(
    engine: AsyncEngine,
    hall: str,
    clock: Clock,
    leading: Callable[[], bool],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    while True:
        if leading():
            try:
                async with engine.begin() as conn:
                    raised = await raise_overdue(conn, hall, clock.now())
                    counts = await count(conn, hall, SYSTEM, now=clock.now())
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("overdue_callbacks_not_raised", hall=hall, error=type(error).__name__)
            else:
                CALLBACKS_OPEN.labels(hall).set(counts.open)
                CALLBACKS_OVERDUE.labels(hall).set(counts.overdue)
                if raised:
                    _log.warning("callbacks_overdue", hall=hall, tasks=list(raised))
        await sleep(LOOK_SECONDS)
