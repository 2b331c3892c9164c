"""What a person does with a call-back task: take, put back, assign, say what came of it, close. One transaction each,
made by the caller.

The row is locked and the table of states decides, so of two people who press at once the second one is told.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.callbacks.board import Board
from hotline.callbacks.following import after_attempt
from hotline.callbacks.rules import CallbackRules
from hotline.callbacks.task import Attempt, Kind, Reason, Result, Step, TaskRefused, TaskState
from hotline.people.permissions import Role
from hotline.store.tables import ACCOUNTS, CALLBACK_ATTEMPTS, CALLBACK_CALLS, CALLS

MAX_NOTE: Final = 500


class DeskRefused(Exception):
    """Not now, or not by this person; `code` is one of the API's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CallbackDesk:
    """What can be done with the tasks of one hall, by one person, now."""

    def __init__(
        self, conn: AsyncConnection, rules: CallbackRules, *, hall: str, account: str, now: datetime, supervises: bool
    ) -> None:
        self._conn = conn
        self._rules = rules
        self._account = account
        self._now = now
        self._supervises = supervises
        self._board = Board(conn, hall, now, account)

    async def take(self, task: int) -> None:
        """认领: it is this person's from now on; taking one's own again changes nothing.

        Raises `NoSuchTask`, `DeskRefused`.
        """
        row = await self._board.locked(task)
        if row.owner == self._account and row.state in (TaskState.TAKEN, TaskState.REACHED):
            return
        if row.owner is not None and row.state in (TaskState.TAKEN, TaskState.REACHED):
            raise DeskRefused("callback_not_yours")
        await self._step(row, Step.TAKE, owner=self._account, owned_at=self._now, assigned_by=None)

    async def release(self, task: int) -> None:
        """放回: nobody's again. By its owner or a supervisor. Raises `NoSuchTask`, `DeskRefused`."""
        row = await self._mine(task)
        await self._not_on_the_line(row)
        await self._step(row, Step.RELEASE, owner=None, owned_at=None, assigned_by=None)

    async def assign(self, task: int, account: str) -> None:
        """指派: a supervisor gives it to somebody who works with callers. Raises `NoSuchTask`, `DeskRefused`."""
        row = await self._board.locked(task)
        a = ACCOUNTS.c
        known = exists().where(
            a.id == account,
            a.hall == self._board.hall,
            a.disabled_at.is_(None),
            a.role.in_([Role.OPERATOR.value, Role.SUPERVISOR.value]),
        )
        if not await self._conn.scalar(select(known)):
            raise DeskRefused("callback_no_such_person")
        if row.owner == account:
            return
        await self._not_on_the_line(row)
        await self._step(row, Step.ASSIGN, owner=account, owned_at=self._now, assigned_by=self._account)

    async def finish(self, task: int, result: Result, note: str) -> None:
        """What came of it, once the caller has been spoken with. Raises `NoSuchTask`, `DeskRefused`."""
        row = await self._mine(task)
        if row.state == TaskState.TAKEN:
            raise DeskRefused("callback_not_reached")
        await self._heard(row)
        await self._step(
            row, Step.FINISH, result=result.value, note=note[:MAX_NOTE], ended_at=self._now, ended_by=self._account
        )

    async def not_them(self, task: int) -> None:
        """接通但非本人: a mailbox or somebody else picked up; an attempt in vain.

        Raises `NoSuchTask`, `DeskRefused`.
        """
        row = await self._mine(task)
        await self._not_on_the_line(row)
        await self._step(row, Step.NOT_THEM, reached_at=None, reached_by=None)
        a = CALLBACK_ATTEMPTS.c
        newest = (
            select(a.call)
            .where(a.callback == task, a.result == Attempt.REACHED.value)
            .order_by(a.began_at.desc())
            .limit(1)
        )
        await self._conn.execute(
            update(CALLBACK_ATTEMPTS)
            .where(a.call == newest.scalar_subquery())
            .values(result=Attempt.NOT_THEM.value, ended_at=func.coalesce(a.ended_at, self._now))
        )
        await after_attempt(self._board, task, self._rules)

    async def close(self, task: int, reason: Reason, note: str) -> None:
        """Close it without the caller having been reached; a message must have been listened to first.

        By its owner or a supervisor. Raises `NoSuchTask`, `DeskRefused`.
        """
        row = await self._mine(task)
        await self._heard(row)
        await self._not_on_the_line(row)
        await self._step(
            row, Step.CLOSE, result=reason.value, note=note[:MAX_NOTE], ended_at=self._now, ended_by=self._account
        )

    async def hear(self, task: int) -> int:
        """The messages of the task have been listened to; how many were new. Raises `NoSuchTask`, `DeskRefused`."""
        await self._mine(task)
        c = CALLBACK_CALLS.c
        heard = await self._conn.execute(
            update(CALLBACK_CALLS)
            .where(c.callback == task, c.kind == Kind.MESSAGE.value, c.heard_at.is_(None))
            .values(heard_at=self._now, heard_by=self._account)
        )
        if heard.rowcount:
            row = await self._board.locked(task)
            await self._board.note(task, "heard", TaskState(row.state))
        return heard.rowcount

    async def _mine(self, task: int) -> Row[Any]:
        row = await self._board.locked(task)
        if not self._supervises and row.owner != self._account:
            raise DeskRefused("callback_over" if row.ended_at is not None else "callback_not_yours")
        return row

    async def _step(self, row: Row[Any], step: Step, **values: Any) -> None:
        try:
            await self._board.step(row, step, **values)
        except TaskRefused as refused:
            raise DeskRefused("callback_over" if row.ended_at is not None else "callback_state") from refused

    async def _not_on_the_line(self, row: Row[Any]) -> None:
        if await on_the_line(self._conn, self._board.hall, row.id):
            raise DeskRefused("callback_on_the_line")

    async def _heard(self, row: Row[Any]) -> None:
        c = CALLBACK_CALLS.c
        unheard = exists().where(c.callback == row.id, c.kind == Kind.MESSAGE.value, c.heard_at.is_(None))
        if await self._conn.scalar(select(unheard)):
            raise DeskRefused("callback_message_unheard")


async def on_the_line(conn: AsyncConnection, hall: str, task: int) -> bool:
    """Is an outbound call for the task live? Asked of the calls themselves, which no follower is behind."""
    c = CALLS.c
    return bool(await conn.scalar(select(exists().where(c.hall == hall, c.state != "ended", c.callback == task))))
