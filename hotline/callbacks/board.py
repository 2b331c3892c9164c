"""One hall's tasks, changed one step at a time: the row, its version, and the line in its history, together."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.callbacks.task import OPEN, Step, TaskState, advance
from hotline.store.tables import CALLBACK_CHANGES, CALLBACKS

SYSTEM: Final = "system"


class NoSuchTask(Exception):
    """The hall has no such task."""


class Board:
    """The tasks of one hall, for one person (or the system), now, in the caller's transaction."""

    def __init__(self, conn: AsyncConnection, hall: str, at: datetime, actor: str = SYSTEM) -> None:
        self.conn = conn
        self.hall = hall
        self.at = at
        self.actor = actor
        """Account id."""

    async def locked(self, task: int) -> Row[Any]:
        """The task, to be changed. Raises `NoSuchTask`."""
        found = await self.find(task)
        if found is None:
            raise NoSuchTask(task)
        return found

    async def find(self, task: int) -> Row[Any] | None:
        """The task, to be changed; None where the hall has none of that number."""
        b = CALLBACKS.c
        query = select(CALLBACKS).where(b.id == task, b.hall == self.hall).with_for_update()
        return (await self.conn.execute(query)).one_or_none()

    async def open_task_of(self, caller_index: bytes) -> Row[Any] | None:
        """The open task of that caller, to be changed; there is at most one."""
        b = CALLBACKS.c
        query = select(CALLBACKS).where(b.hall == self.hall, b.caller_index == caller_index, b.state.in_(OPEN_NAMES))
        return (await self.conn.execute(query.with_for_update())).one_or_none()

    async def step(self, task: Row[Any], step: Step, *, call: str | None = None, **values: Any) -> Row[Any]:
        """The task one step further, with these columns. Raises `TaskRefused`."""
        state = advance(TaskState(task.state), step)
        return await self._write(task, step.value, state, call, values)

    async def change(self, task: Row[Any], what: str, *, call: str | None = None, **values: Any) -> Row[Any]:
        """These columns of the task, its state unchanged; nothing happens when none of them differs."""
        differing = {name: value for name, value in values.items() if task._mapping[name] != value}
        if not differing:
            return task
        return await self._write(task, what, TaskState(task.state), call, differing)

    async def note(self, task: int, what: str, state: TaskState, *, call: str | None = None, **data: Any) -> None:
        """A line in the task's history."""
        await self.conn.execute(
            insert(CALLBACK_CHANGES).values(
                callback=task, at=self.at, actor=self.actor, step=what, state=state.value, call=call, data=data
            )
        )

    async def _write(
        self, task: Row[Any], what: str, state: TaskState, call: str | None, values: dict[str, Any]
    ) -> Row[Any]:
        b = CALLBACKS.c
        written = (
            await self.conn.execute(
                update(CALLBACKS)
                .where(b.id == task.id)
                .values(state=state.value, version=b.version + 1, **values)
                .returning(CALLBACKS)
            )
        ).one()
        shown = {name: values[name] for name in _TOLD if name in values}
        await self.note(task.id, what, state, call=call, **shown)
        return written


OPEN_NAMES: Final = tuple(sorted(state.value for state in OPEN))
_TOLD: Final = ("owner", "result", "note", "kind", "priority")
"""What the history says about a change, beside its step and state."""
