"""回拨率: of those who were to be called back by a day's end, how many were, in time?

    call-back rate = tasks whose caller was spoken with by the due time ÷ tasks that fell due

A task falls due on the day of its due time in Asia/Shanghai. Left out of both: callers who got through by themselves
before it was due, tasks closed before it was due because nothing was to be called back, and short abandons where the
site does not count them. Whoever is spoken with too late, or not at all, stays in the denominator. No norm gives a
formula (国办函〔2025〕66号 only asks that missed calls be rung back); so the counts are shown beside the quotient.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.callbacks.rules import SHANGHAI
from hotline.callbacks.task import Kind, TaskState
from hotline.store.tables import CALLBACKS

FORMULA: Final = "callback-rate/1"


class TaskFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the figure needs to know of one task."""

    kind: str
    state: str
    due_at: datetime
    first_tried_at: datetime | None = None
    reached_at: datetime | None = None
    ended_at: datetime | None = None


class CallbackFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of the tasks that fell due; all of them add up to `due` and `excluded`."""

    due: int
    """应回拨."""
    in_time: int
    """按时回拨: spoken with by the due time."""
    late: int
    """逾期回拨: spoken with afterwards."""
    unreachable: int
    """联系不上."""
    closed: int
    """Closed by a person after it was due."""
    through: int
    """已自行接通, after it was due."""
    open: int
    """Not called back yet."""
    tried_in_time: int
    """Dialled by the due time, whether or not anybody picked up; part of `due`."""
    by_kind: Mapping[str, int]
    """The due ones by kind."""
    excluded: Mapping[str, int]
    """Left out: got_through, closed."""

    @property
    def rate(self) -> float | None:
        """回拨率 to six places; None when nothing fell due."""
        return round(self.in_time / self.due, 6) if self.due else None


def tally(tasks: Iterable[TaskFacts], now: datetime) -> CallbackFigures:
    """Count the tasks that have fallen due by `now`."""
    counted: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    excluded: Counter[str] = Counter()
    for task in tasks:
        if task.due_at > now:
            continue
        before = task.ended_at is not None and task.ended_at <= task.due_at
        if before and task.state in (TaskState.GOT_THROUGH, TaskState.CLOSED):
            excluded[task.state] += 1
            continue
        counted["due"] += 1
        kinds[task.kind] += 1
        counted["tried_in_time"] += task.first_tried_at is not None and task.first_tried_at <= task.due_at
        counted[_how(task)] += 1
    return CallbackFigures(
        due=counted["due"],
        in_time=counted["in_time"],
        late=counted["late"],
        unreachable=counted["unreachable"],
        closed=counted["closed"],
        through=counted["through"],
        open=counted["open"],
        tried_in_time=counted["tried_in_time"],
        by_kind={kind.value: kinds[kind.value] for kind in Kind},
        excluded={state: excluded[state] for state in (TaskState.GOT_THROUGH.value, TaskState.CLOSED.value)},
    )


async def callback_figures(
    conn: AsyncConnection, hall: str, first: date, last: date, *, now: datetime
) -> CallbackFigures:
    """The figures of the tasks due on these days (Asia/Shanghai, both included), as they stand."""
    b = CALLBACKS.c
    begin = datetime.combine(first, time(), SHANGHAI)
    end = datetime.combine(last, time(), SHANGHAI) + timedelta(days=1)
    rows = await conn.execute(
        select(b.kind, b.state, b.due_at, b.first_tried_at, b.reached_at, b.ended_at).where(
            b.hall == hall, b.due_at >= begin, b.due_at < end
        )
    )
    return tally((TaskFacts(**row._mapping) for row in rows), now)


def _how(task: TaskFacts) -> str:
    match task.state:
        case TaskState.DONE | TaskState.REACHED if task.reached_at is not None:
            return "in_time" if task.reached_at <= task.due_at else "late"
        case TaskState.GOT_THROUGH:
            return "through"
        case TaskState.UNREACHABLE:
            return "unreachable"
        case TaskState.CLOSED:
            return "closed"
        case _:
            return "open"
