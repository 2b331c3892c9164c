"""Which tasks are there, what belongs to one, and how many wait? Numbers are masked; nothing here opens one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, case, exists, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.callbacks.board import OPEN_NAMES, SYSTEM, NoSuchTask
from hotline.callbacks.rules import EMERGENCY, LOW
from hotline.callbacks.task import DUE, Kind, TaskState
from hotline.store.tables import (
    ACCOUNTS,
    CALLBACK_ATTEMPTS,
    CALLBACK_CALLS,
    CALLBACK_CHANGES,
    CALLBACKS,
    CALLS,
    RECORDINGS,
)

MESSAGE_NAMES: Final = "message-%"
"""Recordings with such names are messages (留言)."""


class View(StrEnum):
    """Which tasks are listed."""

    OPEN = "open"
    """待回拨: whatever is still to be done."""
    MINE = "mine"
    """我的: open ones of whoever asks."""
    OVERDUE = "overdue"
    """已逾期."""
    OVER = "over"
    """已完成: whatever is over, the newest first."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """After which task a page begins; `at` is when the first page was read, so that the order holds."""

    rank: int
    at: datetime
    id: int
    read_at: datetime


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A task in a list."""

    id: int
    kind: str
    state: str
    version: int
    caller: str
    """Masked."""
    region: str
    priority: int
    any_hour: bool
    created_at: datetime
    last_at: datetime
    due_at: datetime
    overdue: bool
    owner: str | None
    owner_name: str
    assigned_by_name: str
    calls: int
    """How often the caller rang in vain."""
    unheard: int
    """Messages that nobody has listened to."""
    attempts: int
    first_tried_at: datetime | None
    reached_at: datetime | None
    ended_at: datetime | None
    ended_by_name: str
    result: str
    note: str


class ListedCall(msgspec.Struct, frozen=True, kw_only=True):
    """One unserved call of a task."""

    call: str
    at: datetime
    kind: str
    outcome: str
    served: bool
    """A late report says that it was answered after all."""
    ticket: str
    recording: str | None
    """Of the message; None while it is not there."""
    seconds: float | None
    missing: str
    """Why the message cannot be heard."""
    heard_at: datetime | None
    heard_by_name: str


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One outbound call."""

    call: str
    began_at: datetime
    ended_at: datetime | None
    seat: str | None
    operator_name: str
    result: str
    cause: str
    ticket: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the task's history."""

    at: datetime
    actor_name: str
    step: str
    state: str
    call: str | None
    owner_name: str
    result: str


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """A task with everything that belongs to it."""

    line: Line
    calls: Sequence[ListedCall]
    attempts: Sequence[Tried]
    changes: Sequence[Change]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """For the badges."""

    open: int
    """Whatever is still to be done."""
    waiting: int
    """Nobody's."""
    mine: int
    overdue: int
    unheard: int
    """Messages that nobody has listened to, in open tasks."""


async def list_tasks(
    conn: AsyncConnection, hall: str, account: str, view: View, *, now: datetime, limit: int, after: Place | None = None
) -> tuple[list[Line], Place | None]:
    """One page: overdue ones and emergencies first, short abandons last, then by due time; those over, newest first."""
    b = CALLBACKS.c
    read_at = after.read_at if after is not None else now
    late = and_(b.due_at < read_at, b.state.in_(_DUE_NAMES))
    where: list[ColumnElement[bool]] = [b.hall == hall]
    rank: ColumnElement[int] = case((late, 0), (b.priority >= EMERGENCY, 0), (b.priority == LOW, 2), else_=1)
    match view:
        case View.OVER:
            rank, at = literal(0), b.ended_at
            where.append(b.ended_at.is_not(None))
        case View.MINE:
            at = b.due_at
            where += [b.state.in_(OPEN_NAMES), b.owner == account]
        case View.OVERDUE:
            at = b.due_at
            where.append(late)
        case View.OPEN:
            at = b.due_at
            where.append(b.state.in_(OPEN_NAMES))
    place = tuple_(rank, at, b.id)
    if after is not None:
        here = tuple_(literal(after.rank), literal(after.at), literal(after.id))
        where.append(place < here if view is View.OVER else place > here)
    order = [rank, at.desc(), b.id.desc()] if view is View.OVER else [rank, at, b.id]
    query = _lines(now).add_columns(rank.label("rank"), at.label("place_at")).where(*where).order_by(*order)
    rows = (await conn.execute(query.limit(limit + 1))).all()
    last = rows[limit - 1] if len(rows) > limit else None
    more = None if last is None else Place(last.rank, last.place_at, last.id, read_at)
    return [_line(row) for row in rows[:limit]], more


async def read_task(conn: AsyncConnection, hall: str, task: int, *, now: datetime) -> Whole:
    """Raises `NoSuchTask`."""
    row = (await conn.execute(_lines(now).where(CALLBACKS.c.hall == hall, CALLBACKS.c.id == task))).one_or_none()
    if row is None:
        raise NoSuchTask(task)
    c, r, a, h = CALLBACK_CALLS.c, RECORDINGS.c, CALLBACK_ATTEMPTS.c, CALLBACK_CHANGES.c
    calls = await conn.execute(
        select(c.call, c.at, c.kind, c.outcome, c.served, c.heard_at, c.heard_by, CALLS.c.ticket, *_MESSAGE)
        .join(CALLS, CALLS.c.id == c.call)
        .outerjoin(RECORDINGS, and_(r.call == c.call, r.name.like(MESSAGE_NAMES)))
        .where(c.callback == task)
        .order_by(c.at, c.call, r.id)
    )
    attempts = await conn.execute(
        select(a.call, a.began_at, a.ended_at, a.seat, a.operator, a.result, a.cause, CALLS.c.ticket)
        .join(CALLS, CALLS.c.id == a.call)
        .where(a.callback == task)
        .order_by(a.began_at)
    )
    changes = await conn.execute(select(CALLBACK_CHANGES).where(h.callback == task).order_by(h.id))
    listed, tried, changed = calls.all(), attempts.all(), changes.all()
    people = await _people(
        conn,
        {
            *(each.heard_by for each in listed),
            *(each.operator for each in tried),
            *(each.actor for each in changed),
            *(str(each.data.get("owner") or "") for each in changed),
        },
    )
    return Whole(
        line=_line(row),
        calls=[
            ListedCall(
                call=each.call,
                at=each.at,
                kind=each.kind,
                outcome=each.outcome,
                served=each.served,
                ticket=each.ticket,
                recording=str(each.recording) if each.recording is not None and each.file is not None else None,
                seconds=each.seconds,
                missing=each.missing or "",
                heard_at=each.heard_at,
                heard_by_name=people.get(each.heard_by, ""),
            )
            for each in listed
        ],
        attempts=[
            Tried(
                call=each.call,
                began_at=each.began_at,
                ended_at=each.ended_at,
                seat=each.seat,
                operator_name=people.get(each.operator, ""),
                result=each.result,
                cause=each.cause,
                ticket=each.ticket,
            )
            for each in tried
        ],
        changes=[
            Change(
                at=each.at,
                actor_name=people.get(each.actor, ""),
                step=each.step,
                state=each.state,
                call=each.call,
                owner_name=people.get(str(each.data.get("owner") or ""), ""),
                result=str(each.data.get("result") or ""),
            )
            for each in changed
        ],
    )


async def count(conn: AsyncConnection, hall: str, account: str, *, now: datetime) -> Counts:
    """How many wait for somebody, and how many for this person."""
    b, c = CALLBACKS.c, CALLBACK_CALLS.c
    unheard = (
        select(func.count())
        .select_from(CALLBACK_CALLS)
        .join(CALLBACKS, b.id == c.callback)
        .where(b.hall == hall, b.state.in_(OPEN_NAMES), c.kind == Kind.MESSAGE.value, c.heard_at.is_(None))
        .scalar_subquery()
    )
    row = (
        await conn.execute(
            select(
                func.count().label("open"),
                func.count().filter(b.state == TaskState.WAITING.value).label("waiting"),
                func.count().filter(b.owner == account).label("mine"),
                func.count().filter(and_(b.due_at < now, b.state.in_(_DUE_NAMES))).label("overdue"),
                unheard.label("unheard"),
            ).where(b.hall == hall, b.state.in_(OPEN_NAMES))
        )
    ).one()
    return Counts(open=row.open, waiting=row.waiting, mine=row.mine, overdue=row.overdue, unheard=row.unheard)


async def works_on(conn: AsyncConnection, hall: str, account: str, call: str) -> bool:
    """Has this person the open task that lists that call? Then its ticket and message are theirs to open."""
    b, c = CALLBACKS.c, CALLBACK_CALLS.c
    found = exists().where(
        c.call == call, b.id == c.callback, b.hall == hall, b.owner == account, b.state.in_(OPEN_NAMES)
    )
    return bool(await conn.scalar(select(found)))


_DUE_NAMES: Final = tuple(sorted(state.value for state in DUE))
_MESSAGE: Final = (
    RECORDINGS.c.id.label("recording"),
    RECORDINGS.c.file,
    RECORDINGS.c.seconds,
    RECORDINGS.c.missing,
)
_OWNER, _ASSIGNER, _ENDER = ACCOUNTS.alias("owner_account"), ACCOUNTS.alias("assigner"), ACCOUNTS.alias("ender")


def _lines(now: datetime) -> Any:
    b, c = CALLBACKS.c, CALLBACK_CALLS.c
    listed = select(func.count()).where(c.callback == b.id, c.served.is_(False)).scalar_subquery()
    unheard = (
        select(func.count()).where(c.callback == b.id, c.kind == Kind.MESSAGE.value, c.heard_at.is_(None))
    ).scalar_subquery()
    return (
        select(
            CALLBACKS,
            and_(b.due_at < now, b.state.in_(_DUE_NAMES)).label("overdue"),
            listed.label("calls"),
            unheard.label("unheard"),
            _OWNER.c.name.label("owner_name"),
            _ASSIGNER.c.name.label("assigned_by_name"),
            _ENDER.c.name.label("ended_by_name"),
        )
        .outerjoin(_OWNER, _OWNER.c.id == b.owner)
        .outerjoin(_ASSIGNER, _ASSIGNER.c.id == b.assigned_by)
        .outerjoin(_ENDER, _ENDER.c.id == b.ended_by)
    )


def _line(row: Row[Any]) -> Line:
    plain = {name: row._mapping[name] for name in _SAME}
    return Line(
        **plain,
        caller=row.caller_masked,
        owner_name=row.owner_name or "",
        assigned_by_name=row.assigned_by_name or "",
        ended_by_name="系统" if row.ended_by == SYSTEM else row.ended_by_name or "",
    )


_SAME: Final = tuple(
    name for name in Line.__struct_fields__ if name not in {"caller", "owner_name", "assigned_by_name", "ended_by_name"}
)


async def _people(conn: AsyncConnection, accounts: Iterable[str | None]) -> dict[str | None, str]:
    wanted = {each for each in accounts if each}
    rows = await conn.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.name).where(ACCOUNTS.c.id.in_(wanted)))
    return {row.id: row.name for row in rows} | {SYSTEM: "系统"}
