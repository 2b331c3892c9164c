"""The deadlines (期限) of tickets: rows that are stamped, met, missed, paused, moved. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.deadlines.following import APART, FULFILLED, NEEDED, RESUMED
from hotline.deadlines.rules import About, Due, DueKind, Rule, extend, stamp
from hotline.deadlines.working import Clock, Unit, local_day
from hotline.store.tables import DEADLINES, TICKETS
from hotline.tickets.ticket import AT_UNIT, ENDED, Step, TicketState


class NoSuchDeadline(Exception):
    """The ticket has no running deadline of that kind."""


class NotExtendable(Exception):
    """No rule allows it, or not that long; `most` is the longest, 0 where it cannot be extended at all."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


class Book:
    """The deadlines of one hall, now."""

    def __init__(
        self, conn: AsyncConnection, *, hall: str, clock: Clock, now: datetime, own: Sequence[Rule] = ()
    ) -> None:
        """`own`: the site's rules, which come before those that come along."""
        self._conn = conn
        self._hall = hall
        self._clock = clock
        self._now = now
        self._own = own

    async def follow(self, ticket: Row[Any], step: Step) -> Row[Any]:
        """What the step ends is met or missed, what the new state needs begins. `ticket`: as it is after the step; it
        comes back with what is due next."""
        state = TicketState(ticket.state)
        needed, who = NEEDED[state], ticket.unit if state in AT_UNIT else ""
        running = await self._running(ticket.number)
        for row in running:
            kind = DueKind(row.kind)
            if kind in FULFILLED.get(step, frozenset()):
                await self._end(row.id, met=self._in_time(row))
            elif kind not in needed and (kind not in APART or state in ENDED):
                await self._end(row.id, met=None)
            elif row.unit != who:
                await self._move(row, who)
        have = {DueKind(row.kind) for row in running} - FULFILLED.get(step, frozenset())
        for kind in sorted(needed - have):
            again = kind in RESUMED.get(step, frozenset()) and await self._resume(ticket.number, kind, who)
            if not again:
                born = ticket.created_at if state in (TicketState.DRAFT, TicketState.OPEN) else self._now
                await self._begin(ticket, kind, born, who)
        return await self.show_next(ticket.number)

    async def begin(self, ticket: Row[Any]) -> None:
        """What the ticket's state needs and nobody has stamped yet: of a ticket that has just been born, or was found
        without."""
        have = {row.kind for row in await self._running(ticket.number)}
        for kind in sorted(NEEDED[TicketState(ticket.state)]):
            if kind.value not in have:
                await self._begin(ticket, kind, ticket.created_at, "")
        await self.show_next(ticket.number)

    async def start(self, ticket: Row[Any], kind: DueKind) -> None:
        """One of those that run apart from the ticket's state begins now, for whoever has the ticket."""
        await self._begin(ticket, kind, self._now, ticket.unit if TicketState(ticket.state) in AT_UNIT else "")
        await self.show_next(ticket.number)

    async def finish(self, ticket: str, kind: DueKind, *, met: bool = True) -> None:
        """Such a one is over: done, in time or not; or (`met=False`) not to be done any more. None runs: nothing."""
        for row in await self._running(ticket):
            if row.kind == kind.value:
                await self._end(row.id, met=self._in_time(row) if met else None)
        await self.show_next(ticket)

    async def urgency_changed(self, ticket: Row[Any]) -> Row[Any]:
        """Another urgency or business type, another time: counted from the same beginning. What is paused is kept."""
        for row in await self._running(ticket.number):
            if row.paused_at is not None:
                continue
            fresh = stamp(DueKind(row.kind), _about(ticket), row.born_at, self._clock, self._own)
            if fresh is not None and (fresh.amount, fresh.unit) != (row.amount, row.counted_in):
                await self._write(row.id, fresh)
        return await self.show_next(ticket.number)

    async def extend(self, ticket: str, kind: DueKind, by: int) -> datetime:
        """延期: by so many of its units; the new end. Raises `NoSuchDeadline`, `NotExtendable`."""
        row = await self._one(ticket, kind)
        longer = extend(_due(row), by, self._clock)
        if longer is None:
            raise NotExtendable(row.most)
        await self._write(row.id, longer)
        await self.show_next(ticket)
        return longer.due_at

    async def pause(self, ticket: str, kind: DueKind, reason: str) -> None:
        """暂停计时: it stands still from now on; again changes nothing. Raises `NoSuchDeadline`."""
        row = await self._one(ticket, kind)
        if row.paused_at is None:
            await self._set(row.id, paused_at=self._now, pause_reason=reason)
            await self.show_next(ticket)

    async def resume(self, ticket: str, kind: DueKind) -> datetime:
        """恢复计时: what was left is left. Raises `NoSuchDeadline`."""
        row = await self._one(ticket, kind)
        if row.paused_at is None:
            return row.due_at
        goes_on = self._goes_on(row, row.paused_at)
        await self._set(row.id, **goes_on)
        await self.show_next(ticket)
        return goes_on["due_at"]

    async def restart(self, ticket: str, kind: DueKind) -> datetime:
        """恢复计时 of days that stand still once at most: those that had not passed are counted from now on.

        Unlike `resume` it does not keep the days off by which the end had been moved. Raises `NoSuchDeadline`.
        """
        row = await self._one(ticket, kind)
        stopped: datetime | None = row.paused_at
        if stopped is None or stopped >= row.due_at:
            return await self.resume(ticket, kind)
        left = max(0, row.amount - (local_day(stopped) - local_day(row.born_at)).days)
        due = self._clock.end(self._now, left, Unit.DAYS)
        warn = self._clock.warn(self._now, due, 1, Unit.DAYS)
        await self._set(row.id, due_at=due, warn_at=warn, warned_at=None, paused_at=None)
        await self.show_next(ticket)
        return due

    async def show_next(self, ticket: str) -> Row[Any]:
        """The ticket's own row says what is due next, so that lists need not look here."""
        d = DEADLINES.c
        soonest = select(func.min(d.due_at)).where(d.ticket == ticket, d.done_at.is_(None), d.paused_at.is_(None))
        shown = update(TICKETS).where(TICKETS.c.number == ticket).values(due_at=soonest.scalar_subquery())
        return (await self._conn.execute(shown.returning(TICKETS))).one()

    async def _begin(self, ticket: Row[Any], kind: DueKind, born: datetime, unit: str) -> None:
        due = stamp(kind, _about(ticket), born, self._clock, self._own)
        if due is None:
            return
        account = ticket.operator if kind is DueKind.DISPATCH else None
        values = {**_columns(due), "hall": self._hall, "ticket": ticket.number, "unit": unit, "account": account}
        await self._conn.execute(insert(DEADLINES).values(kind=kind.value, born_at=born, **values))

    async def _resume(self, ticket: str, kind: DueKind, unit: str) -> bool:
        """It goes on with the time that was left when it was done; what the others took meanwhile is not counted."""
        d = DEADLINES.c
        query = select(DEADLINES).where(d.ticket == ticket, d.kind == kind.value).order_by(d.id.desc()).limit(1)
        last = (await self._conn.execute(query)).one_or_none()
        if last is None:
            return False
        stopped = last.paused_at or last.done_at or self._now
        await self._set(last.id, done_at=None, met=None, unit=unit, **self._goes_on(last, stopped))
        return True

    def _in_time(self, row: Row[Any]) -> bool:
        """Was it done before it was due? What stands still does not run out."""
        return (row.paused_at or self._now) <= row.due_at

    def _goes_on(self, row: Row[Any], stopped: datetime) -> dict[str, Any]:
        """Its columns when it runs again after it stood still from then on."""
        due = self._clock.resume(row.due_at, stopped, self._now, Unit(row.counted_in))
        if due == row.due_at:
            return {"due_at": due, "paused_at": None}
        warn = self._clock.resume(row.warn_at, stopped, self._now, Unit.MINUTES)
        return {"due_at": due, "warn_at": min(warn, due), "paused_at": None}

    async def _move(self, row: Row[Any], unit: str) -> None:
        await self._set(row.id, unit=unit, account=None)

    async def _end(self, deadline: int, *, met: bool | None) -> None:
        await self._set(deadline, done_at=self._now, met=met)

    async def _write(self, deadline: int, due: Due) -> None:
        later = {} if due.due_at <= self._now else {"overdue_at": None}
        again = {} if due.warn_at <= self._now else {"warned_at": None}
        await self._set(deadline, **_columns(due), **later, **again)

    async def _set(self, deadline: int, **values: Any) -> None:
        await self._conn.execute(update(DEADLINES).where(DEADLINES.c.id == deadline).values(**values))

    async def _one(self, ticket: str, kind: DueKind) -> Row[Any]:
        for row in await self._running(ticket):
            if row.kind == kind.value:
                return row
        raise NoSuchDeadline(ticket, kind)

    async def _running(self, ticket: str) -> Sequence[Row[Any]]:
        d = DEADLINES.c
        found = await self._conn.execute(
            select(DEADLINES).where(d.ticket == ticket, d.done_at.is_(None)).order_by(d.id)
        )
        return found.all()


def _about(ticket: Row[Any]) -> About:
    return About(matter=ticket.matter, urgency=ticket.urgency, channel=ticket.channel, again=ticket.times_reopened > 0)


def _columns(due: Due) -> dict[str, Any]:
    return {
        "due_at": due.due_at,
        "warn_at": due.warn_at,
        "amount": due.amount,
        "counted_in": due.unit.value,
        "most": due.most,
        "source": due.source,
    }


def _due(row: Row[Any]) -> Due:
    return Due(
        kind=DueKind(row.kind),
        born_at=row.born_at,
        due_at=row.due_at,
        warn_at=row.warn_at,
        amount=row.amount,
        unit=Unit(row.counted_in),
        most=row.most,
        source=row.source,
    )
