"""What follows from the journal: tasks for callers whom nobody served, and what became of dialling them.

Every unserved call with a known number is listed by exactly one task: an open one of the same caller, a new one, or one
that settled it already, where the caller has been spoken with since. So it can be counted that nobody is forgotten.
Entries are applied in the journal's order (`hotline.store.follower`); a call's row may be newer than the entry, and
counts: what a later entry says again finds nothing left to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, exists, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.callbacks.board import Board
from hotline.callbacks.rules import CallbackRules, any_hour, counts, due, hours_tried, kind_of, priority, stronger
from hotline.callbacks.task import OPEN, TRIED, Attempt, Kind, Step, TaskState, can
from hotline.calls.call import Direction
from hotline.calls.outcome import Outcome
from hotline.messages import asking
from hotline.store.follower import JournalEntry
from hotline.store.tables import CALLBACK_ATTEMPTS, CALLBACK_CALLS, CALLBACKS, CALLS

TYPES: Final = (
    "CallbackWished",
    "CallTaken",
    "CallEnded",
    "CallAmended",
    "CallerKnown",
    "DialBegun",
    "NumberDialled",
)
"""The events of the journal that matter here."""
LONGEST_CALL: Final = timedelta(days=1)
"""A call that began before is not looked for when it is asked whether the caller was being served meanwhile."""

CallRow = Row[*tuple[Any, ...]]

_CALL: Final = (
    CALLS.c.id,
    CALLS.c.direction,
    CALLS.c.callback,
    CALLS.c.state,
    CALLS.c.caller_index,
    CALLS.c.caller_masked,
    CALLS.c.region,
    CALLS.c.priority,
    CALLS.c.offered_at,
    CALLS.c.answered_at,
    CALLS.c.answered_seat,
    CALLS.c.seat,
    CALLS.c.operator,
    CALLS.c.ended_at,
    CALLS.c.outcome,
    CALLS.c.cause,
)


class Following:
    """Applies the journal of one hall to its call-back tasks."""

    def __init__(self, hall: str, rules: CallbackRules) -> None:
        self._hall = hall
        self._rules = rules

    async def apply(self, conn: AsyncConnection, entries: Sequence[JournalEntry]) -> None:
        """In the follower's transaction."""
        wanted = {entry.call for entry in entries if entry.call is not None}
        calls = {row.id: row for row in await conn.execute(select(*_CALL).where(CALLS.c.id.in_(wanted)))}
        for entry in entries:
            call = calls.get(entry.call) if entry.call is not None else None
            if call is None:
                continue
            if call.direction == Direction.OUT:
                if call.callback is not None:
                    await self._dialled(conn, call, entry)
            elif entry.type == "CallTaken":
                await self._got_through(conn, call, entry.at)
            elif entry.type == "CallbackWished":
                await self._unserved(conn, call, Kind.WISHED, entry.at, entry.at)
            elif call.state == "ended":
                await self._over(conn, call, entry)

    # ── callers ──

    async def _over(self, conn: AsyncConnection, call: CallRow, entry: JournalEntry) -> None:
        """The call is over, or what we know about its end has changed."""
        listed = await self._listed(conn, call.id)
        wished = listed is not None and listed.kind == Kind.WISHED
        kind = kind_of(call.outcome, wished=wished)
        if kind is not None:
            await self._unserved(conn, call, kind, call.ended_at, entry.at)
        elif _served(call):
            await self._got_through(conn, call, entry.at)
        if listed is not None and (listed.outcome != call.outcome or listed.served != (kind is None)):
            values = {"outcome": call.outcome, "served": kind is None}
            await conn.execute(update(CALLBACK_CALLS).where(CALLBACK_CALLS.c.call == call.id).values(values))
            if kind is None:
                await self._nobody_left(conn, listed.callback, call, entry.at)

    async def _unserved(self, conn: AsyncConnection, call: CallRow, kind: Kind, at: datetime, known: datetime) -> None:
        """List the call: `at` is when the caller was left alone, `known` when we knew."""
        if call.caller_index is None:
            return
        listed = await self._listed(conn, call.id)
        if listed is not None:
            if stronger(kind, Kind(listed.kind)) != listed.kind:
                await self._merge(conn, listed.callback, call, kind, at, known)
            return
        board = Board(conn, self._hall, known)
        task = await board.open_task_of(bytes(call.caller_index))
        if task is not None and task.state == TaskState.REACHED and at > task.reached_at:
            await board.step(task, Step.RING_AGAIN, call=call.id, ended_at=known, ended_by=board.actor)
            task = None
        if task is not None:
            await self._list(conn, task.id, call, kind, at)
            await self._merge(conn, task.id, call, kind, at, known)
        else:
            settled = await self._settled_by(conn, call, at)
            if settled is not None:
                await self._list(conn, settled, call, kind, at)
                before = await board.locked(settled)
                span = {"created_at": min(before.created_at, at), "last_at": max(before.last_at, at)}
                await board.change(before, "rang", call=call.id, **span)
                return
            task = await self._new(conn, board, call, kind, at, known)
        by = await self._through_since(conn, call, at)
        if by is not None:
            await self._settle(board, await board.locked(task.id), by, known)

    async def _new(
        self, conn: AsyncConnection, board: Board, call: CallRow, kind: Kind, at: datetime, known: datetime
    ) -> Row[Any]:
        rank = priority(kind, call.outcome or "", call.priority, self._rules)
        whenever = any_hour(kind, rank)
        counted = counts(kind, call.outcome or "", self._rules)
        over = {} if counted else {"ended_at": known, "ended_by": board.actor, "result": "not_counted"}
        state = TaskState.WAITING if counted else TaskState.CLOSED
        task = (
            await conn.execute(
                insert(CALLBACKS)
                .values(
                    hall=self._hall,
                    kind=kind.value,
                    state=state.value,
                    caller_index=call.caller_index,
                    caller_masked=call.caller_masked,
                    region=call.region,
                    priority=rank,
                    any_hour=whenever,
                    created_at=at,
                    last_at=at,
                    due_at=due(kind, known, self._rules, whenever=whenever),
                    **over,
                )
                .returning(CALLBACKS)
            )
        ).one()
        await self._list(conn, task.id, call, kind, at)
        await board.note(task.id, "begin", state, call=call.id)
        if counted and kind is Kind.MISSED:
            await asking.missed(conn, hall=self._hall, callback=task.id, call=call.id, now=known)
        return task

    async def _merge(
        self, conn: AsyncConnection, callback: int, call: CallRow, kind: Kind, at: datetime, known: datetime
    ) -> None:
        """One more unserved call of the same caller, or the same one turned out to be more."""
        board = Board(conn, self._hall, known)
        task = await board.locked(callback)
        if kind is not Kind.MISSED:
            await conn.execute(update(CALLBACK_CALLS).where(CALLBACK_CALLS.c.call == call.id).values(kind=kind.value))
        if task.state not in OPEN:
            return
        rank = priority(kind, call.outcome or "", call.priority, self._rules)
        whenever = any_hour(kind, rank)
        values: dict[str, Any] = {
            "kind": stronger(Kind(task.kind), kind).value,
            "priority": max(task.priority, rank),
            "any_hour": task.any_hour or whenever,
            "last_at": max(task.last_at, at),
            "created_at": min(task.created_at, at),
        }
        if counts(kind, call.outcome or "", self._rules):
            values["due_at"] = min(task.due_at, due(kind, known, self._rules, whenever=whenever))
        await board.change(task, "rang", call=call.id, **values)

    async def _list(self, conn: AsyncConnection, callback: int, call: CallRow, kind: Kind, at: datetime) -> None:
        await conn.execute(
            insert(CALLBACK_CALLS).values(
                call=call.id, callback=callback, hall=self._hall, at=at, kind=kind.value, outcome=call.outcome or ""
            )
        )

    async def _listed(self, conn: AsyncConnection, call: str) -> Row[Any] | None:
        return (await conn.execute(select(CALLBACK_CALLS).where(CALLBACK_CALLS.c.call == call))).one_or_none()

    async def _settled_by(self, conn: AsyncConnection, call: CallRow, at: datetime) -> int | None:
        """The task in which the caller was spoken with after that moment: news of the call came late."""
        b = CALLBACKS.c
        query = (
            select(b.id)
            .where(
                b.hall == self._hall,
                b.caller_index == call.caller_index,
                b.state.in_([TaskState.DONE, TaskState.GOT_THROUGH]),
                b.reached_at >= at,
            )
            .order_by(b.id.desc())
            .limit(1)
        )
        return await conn.scalar(query)

    async def _through_since(self, conn: AsyncConnection, call: CallRow, at: datetime) -> CallRow | None:
        """Another call of the caller that was served and lasted beyond that moment, or lasts."""
        c = CALLS.c
        query = (
            select(*_CALL)
            .where(
                c.hall == self._hall,
                c.caller_index == call.caller_index,
                c.offered_at > at - LONGEST_CALL,
                c.id != call.id,
                c.direction == Direction.IN.value,
                or_(c.answered_at.is_not(None), c.outcome == Outcome.FORWARDED.value),
                or_(c.ended_at.is_(None), c.ended_at >= at),
            )
            .order_by(c.offered_at)
            .limit(1)
        )
        return (await conn.execute(query)).one_or_none()

    async def _got_through(self, conn: AsyncConnection, call: CallRow, at: datetime) -> None:
        """A call of the caller was answered: what was missed before is settled."""
        if call.caller_index is None or not _served(call):
            return
        board = Board(conn, self._hall, at)
        task = await board.open_task_of(bytes(call.caller_index))
        # News may be old: whoever was served in the morning has not been served for what was missed at noon.
        if task is not None and (call.ended_at is None or call.ended_at >= task.last_at):
            await self._settle(board, task, call, at)

    async def _settle(self, board: Board, task: Row[Any], by: CallRow, at: datetime) -> None:
        if not can(TaskState(task.state), Step.GET_THROUGH):
            return
        if await self._unheard(board.conn, task.id):
            # What the caller said is still to be listened to; whoever does may close the task then.
            if task.reached_by != by.id:
                await board.change(task, "through", call=by.id, reached_by=by.id)
            return
        reached = max(by.answered_at or by.ended_at, task.created_at)
        await board.step(
            task,
            Step.GET_THROUGH,
            call=by.id,
            reached_at=reached,
            reached_by=by.id,
            ended_at=at,
            ended_by=board.actor,
        )

    async def _nobody_left(self, conn: AsyncConnection, callback: int, call: CallRow, at: datetime) -> None:
        """A listed call was served after all. Was it the last one?"""
        c = CALLBACK_CALLS.c
        left = await conn.scalar(select(exists().where(c.callback == callback, c.served.is_(False))))
        board = Board(conn, self._hall, at)
        task = await board.locked(callback)
        if not left and _served(call):
            await self._settle(board, task, call, at)

    async def _unheard(self, conn: AsyncConnection, callback: int) -> bool:
        c = CALLBACK_CALLS.c
        query = exists().where(c.callback == callback, c.kind == Kind.MESSAGE.value, c.heard_at.is_(None))
        return bool(await conn.scalar(select(query)))

    # ── what became of dialling ──

    async def _dialled(self, conn: AsyncConnection, call: CallRow, entry: JournalEntry) -> None:
        board = Board(conn, self._hall, entry.at)
        task = await board.find(call.callback)
        if task is None:
            return
        await conn.execute(
            upsert(CALLBACK_ATTEMPTS)
            .values(
                call=call.id,
                callback=task.id,
                hall=self._hall,
                began_at=call.offered_at,
                seat=entry.seat or call.answered_seat or call.seat,
                operator=call.operator or (task.owner if entry.actor == board.actor else entry.actor),
                result=Attempt.BEGUN.value,
            )
            .on_conflict_do_nothing()
        )
        a = CALLBACK_ATTEMPTS.c
        attempt = (await conn.execute(select(CALLBACK_ATTEMPTS).where(a.call == call.id))).one()
        match entry.type:
            case "NumberDialled" if attempt.result == Attempt.BEGUN:
                await self._attempt(conn, call.id, result=Attempt.DIALLING.value)
            case "CallTaken" if attempt.result in (Attempt.BEGUN, Attempt.DIALLING):
                await self._reached(board, task, call, attempt)
            case "CallEnded" if attempt.ended_at is None:
                if call.answered_at is not None and attempt.result in (Attempt.BEGUN, Attempt.DIALLING):
                    await self._reached(board, task, call, attempt)
                await self._attempt_over(board, call, attempt)
            case _:
                pass

    async def _reached(self, board: Board, task: Row[Any], call: CallRow, attempt: Row[Any]) -> None:
        operator = call.operator or attempt.operator
        await self._attempt(board.conn, call.id, result=Attempt.REACHED.value, operator=operator)
        if can(TaskState(task.state), Step.REACH):
            owner = task.owner or operator or board.actor
            owned_at = task.owned_at or board.at
            first = task.first_tried_at or call.offered_at
            await board.step(
                task,
                Step.REACH,
                call=call.id,
                reached_at=call.answered_at or board.at,
                reached_by=call.id,
                owner=owner,
                owned_at=owned_at,
                first_tried_at=first,
            )

    async def _attempt_over(self, board: Board, call: CallRow, before: Row[Any]) -> None:
        values: dict[str, Any] = {"ended_at": call.ended_at or board.at, "cause": call.cause}
        if call.answered_at is None:
            rang = before.result == Attempt.DIALLING
            values["result"] = (Attempt.NOT_REACHED if rang else Attempt.NOT_DIALLED).value
        await self._attempt(board.conn, call.id, **values)
        await after_attempt(board, call.callback, self._rules, call=call.id)

    async def _attempt(self, conn: AsyncConnection, call: str, **values: Any) -> None:
        await conn.execute(update(CALLBACK_ATTEMPTS).where(CALLBACK_ATTEMPTS.c.call == call).values(**values))


def _served(call: CallRow) -> bool:
    """Did somebody speak with the caller: a seat, or whom the call was forwarded to (转移)?"""
    return call.answered_at is not None or call.outcome == Outcome.FORWARDED


async def after_attempt(board: Board, callback: int, rules: CallbackRules, *, call: str | None = None) -> None:
    """Count the attempts anew; after enough of them in vain, in different hours, the caller counts as unreachable."""
    a = CALLBACK_ATTEMPTS.c
    query = select(a.began_at, a.result).where(a.callback == callback, a.ended_at.is_not(None))
    rows = (await board.conn.execute(query)).all()
    made = [row for row in rows if row.result != Attempt.NOT_DIALLED]
    in_vain = [row.began_at for row in made if row.result in TRIED]
    task = await board.locked(callback)
    first = min((row.began_at for row in made), default=None)
    await board.change(
        task,
        "tried",
        call=call,
        attempts=len(made),
        first_tried_at=min(filter(None, (first, task.first_tried_at)), default=None),
    )
    task = await board.locked(callback)
    if can(TaskState(task.state), Step.GIVE_UP) and hours_tried(in_vain) >= rules.attempts:
        await board.step(
            task, Step.GIVE_UP, call=call, ended_at=board.at, ended_by=board.actor, result=f"attempts:{len(in_vain)}"
        )
