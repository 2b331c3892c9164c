"""回拨率: what is counted, what is left out, and that the counts add up."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hotline.callbacks.figures import TaskFacts, callback_figures, tally
from hotline.callbacks.task import TaskState
from tests.callbacks.kit import NOON, Book

DUE = NOON
HOUR = timedelta(hours=1)
NOW = NOON + 24 * HOUR


def task(
    state: TaskState, *, reached: int | None = None, ended: int | None = None, tried: int | None = None
) -> TaskFacts:
    """Hours from the due time."""

    def at(hours: int | None) -> datetime | None:
        return None if hours is None else DUE + hours * HOUR

    return TaskFacts(
        kind="missed", state=state, due_at=DUE, first_tried_at=at(tried), reached_at=at(reached), ended_at=at(ended)
    )


TASKS = [
    task(TaskState.DONE, reached=-1, ended=2, tried=-1),
    task(TaskState.REACHED, reached=0, tried=0),
    task(TaskState.DONE, reached=1, ended=1, tried=-1),
    task(TaskState.GOT_THROUGH, reached=-1, ended=-1),
    task(TaskState.GOT_THROUGH, reached=2, ended=2),
    task(TaskState.CLOSED, ended=-1),
    task(TaskState.CLOSED, ended=1),
    task(TaskState.UNREACHABLE, ended=-1, tried=-1),
    task(TaskState.WAITING),
    task(TaskState.TAKEN, tried=1),
]


def test_every_task_is_counted_once() -> None:
    found = tally(TASKS, NOW)
    assert (found.due, found.in_time, found.late, found.through) == (8, 2, 1, 1)
    assert (found.unreachable, found.closed, found.open) == (1, 1, 2)
    assert found.excluded == {"got_through": 1, "closed": 1}
    parts = found.in_time + found.late + found.through + found.unreachable + found.closed + found.open
    assert parts == found.due == sum(found.by_kind.values())
    assert found.due + sum(found.excluded.values()) == len(TASKS)
    assert found.tried_in_time == 4
    assert found.rate == 0.25


def test_what_is_not_due_yet_does_not_count() -> None:
    found = tally(TASKS, DUE - HOUR)
    assert (found.due, found.rate) == (0, None)


async def test_read_by_the_day_of_the_due_time(book: Book) -> None:
    await book.misses()
    await book.misses("13900139000")
    book.at += timedelta(days=1)
    await book.misses("13700137000")
    await book.follow()
    first, _, _ = await book.tasks()
    await book.set(first.id, state="reached", owner="acc-1", reached_at=first.due_at)
    day = date(2026, 11, 21)
    async with book.engine.connect() as conn:
        found = await callback_figures(conn, book.hall, day, day, now=book.at)
        both = await callback_figures(conn, book.hall, day, day + timedelta(days=1), now=book.at + HOUR)
        other = await callback_figures(conn, "NB", day, day, now=book.at)
    assert (found.due, found.in_time, found.open, found.rate) == (2, 1, 1, 0.5)
    assert (both.due, both.in_time) == (3, 1)
    assert other.due == 0
