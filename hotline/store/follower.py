"""How does something else follow from the journal (流水), exactly once, whatever happens in between?

A follower reads the journal of one hall above its bookmark, in batches, and applies what it finds and moves the
bookmark in one transaction: killed anywhere, it goes on where it was. The bookmark's row is locked meanwhile, so two
processes that both believe to lead take turns and neither applies a row twice.

The hall's commits are one after the other (each locks the hall's lease), so whoever sees a row of the journal sees
every row before it: nothing turns up later below a bookmark.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline.crash import crash_point
from hotline.store.tables import FOLLOWERS, FOLLOWERS_SET_ASIDE, JOURNAL

BATCH: Final = 500
"""Numbers of the journal that are looked at in one transaction."""
PACE_SECONDS: Final = 1.0
"""Between two looks once everything is applied."""
LONGEST_PAUSE_SECONDS: Final = 30.0
"""Between two looks while something fails."""

_WRONG: Final = (IntegrityError, DataError, ProgrammingError)
"""Failures of the database that another try will not mend."""

_log = structlog.get_logger(__name__)


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the journal."""

    seq: int
    at: datetime
    type: str
    """Name of the event, as in `hotline.hall.events`."""
    call: str | None
    call_seq: int
    seat: str | None
    actor: str
    data: Mapping[str, Any]
    """What is the event's own; fields at their default are left out."""


Apply = Callable[[AsyncConnection, Sequence[JournalEntry]], Awaitable[None]]
"""Writes what follows from these entries, in the transaction it is given. It must wait for nothing but the database."""


class Follower:
    """One thing that follows from one hall's journal."""

    def __init__(
        self,
        engine: AsyncEngine,
        hall: str,
        name: str,
        types: Sequence[str],
        apply: Apply,
        *,
        leading: Callable[[], bool] = lambda: True,
        batch: int = BATCH,
    ) -> None:
        """`types`: the events it wants to see. `leading`: does this process lead the hall? Only then `run` looks."""
        self._engine = engine
        self._hall = hall
        self._name = name
        self._types = tuple(types)
        self._apply = apply
        self._leading = leading
        self._batch = batch

    async def catch_up(self) -> int:
        """Applies everything above the bookmark; how many entries of its types that were.

        A batch that cannot be applied is gone through one by one, and the entry that fails alone is set aside with its
        reason: one bad row must not keep everything after it waiting. Raises what the database raises when it is away.
        """
        applied = 0
        while await self._behind() is not None:
            try:
                applied += await self._step(self._batch)
            except Exception as error:
                if not _hopeless(error):
                    raise
                _log.exception("journal_batch_failed", hall=self._hall, follower=self._name)
                applied += await self._one_by_one()
        return applied

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Catches up every second while this process leads, until cancelled. A database that is away is waited for."""
        pause, away = PACE_SECONDS, False
        while True:
            if self._leading():
                try:
                    await self.catch_up()
                except (SQLAlchemyError, OSError, TimeoutError) as error:
                    if not away:
                        _log.warning("journal_not_followed", hall=self._hall, follower=self._name, error=_named(error))
                    pause, away = min(pause * 2, LONGEST_PAUSE_SECONDS), True
                except Exception:
                    _log.exception("journal_not_followed", hall=self._hall, follower=self._name)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                else:
                    pause, away = PACE_SECONDS, False
            await sleep(pause)

    async def _behind(self) -> int | None:
        """The bookmark, when the journal is longer."""
        f = FOLLOWERS.c
        mark = select(f.seq).where(f.hall == self._hall, f.name == self._name).scalar_subquery()
        newest = select(func.max(JOURNAL.c.seq)).where(JOURNAL.c.hall == self._hall).scalar_subquery()
        async with self._engine.connect() as conn:
            at, end = (await conn.execute(select(func.coalesce(mark, 0), func.coalesce(newest, 0)))).one()
        return at if at < end else None

    async def _step(self, size: int) -> int:
        """One batch in one transaction."""
        async with self._engine.begin() as conn:
            mark, upper = await self._window(conn, size)
            entries = await self._entries(conn, mark, upper)
            if entries:
                await self._apply(conn, entries)
            crash_point("before_bookmark")
            await self._move(conn, upper)
        crash_point("after_bookmark")
        return len(entries)

    async def _one_by_one(self) -> int:
        """The same batch, an entry at a time; what fails alone is set aside."""
        applied = 0
        for _ in range(self._batch):
            if (mark := await self._behind()) is None:
                break
            try:
                applied += await self._step(1)
            except Exception as error:
                if not _hopeless(error):
                    raise
                await self._set_aside(mark, error)
        return applied

    async def _set_aside(self, mark: int, error: Exception) -> None:
        async with self._engine.begin() as conn:
            now_at, upper = await self._window(conn, 1)
            if now_at != mark:
                return  # another process was here
            _log.error("journal_entry_set_aside", hall=self._hall, follower=self._name, seq=upper, error=_named(error))
            await conn.execute(
                insert(FOLLOWERS_SET_ASIDE)
                .values(hall=self._hall, name=self._name, seq=upper, reason=_named(error))
                .on_conflict_do_nothing()
            )
            await self._move(conn, upper)

    async def _window(self, conn: AsyncConnection, size: int) -> tuple[int, int]:
        """The bookmark, locked, and the last number of the batch above it."""
        f = FOLLOWERS.c
        await conn.execute(
            insert(FOLLOWERS).values(hall=self._hall, name=self._name, seq=0, began=0).on_conflict_do_nothing()
        )
        mine = (f.hall == self._hall) & (f.name == self._name)
        mark: int = (await conn.execute(select(f.seq).where(mine).with_for_update())).scalar_one()
        newest: int = await conn.scalar(select(func.max(JOURNAL.c.seq)).where(JOURNAL.c.hall == self._hall)) or 0
        return mark, max(mark, min(newest, mark + size))

    async def _entries(self, conn: AsyncConnection, mark: int, upper: int) -> list[JournalEntry]:
        j = JOURNAL.c
        query = (
            select(j.seq, j.at, j.type, j.call, j.call_seq, j.seat, j.actor, j.data)
            .where(j.hall == self._hall, j.seq > mark, j.seq <= upper, j.type.in_(self._types))
            .order_by(j.seq)
        )
        return [JournalEntry(**row._mapping) for row in await conn.execute(query)]

    async def _move(self, conn: AsyncConnection, seq: int) -> None:
        f = FOLLOWERS.c
        await conn.execute(update(FOLLOWERS).where(f.hall == self._hall, f.name == self._name).values(seq=seq))


def _hopeless(error: Exception) -> bool:
    """Would another try fail as well? Not so when the database was away, too busy, or ended a deadlock with us."""
    if isinstance(error, DBAPIError):
        return isinstance(error, _WRONG) and not isinstance(error, InterfaceError) and not error.connection_invalidated
    return not isinstance(error, SQLAlchemyError | OSError | TimeoutError)


def _named(error: BaseException) -> str:
    """What it was, without the values of the statement: they may name callers."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return f"{type(error).__name__}: {type(cause).__name__}" if cause is not error else type(error).__name__
