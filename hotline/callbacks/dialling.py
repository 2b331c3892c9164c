"""May this person dial this task's number now, and which number is it?

Toll fraud (盗打): nothing is dialled that did not ring us; never abroad, never a premium rate; seldom the same number;
not at night. How many calls may go out at all is the hall's own rule.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, Doer, record
from hotline.callbacks.board import Board
from hotline.callbacks.desk import on_the_line
from hotline.callbacks.rules import CallbackRules, No, day_of, diallable, is_quiet, opens
from hotline.callbacks.task import OPEN, Attempt, Step, TaskState
from hotline.store.seal import Seal, place
from hotline.store.tables import CALLBACK_ATTEMPTS, CALLBACK_CALLS, CALLBACKS, CALLS


class CallbackToDial(msgspec.Struct, frozen=True, kw_only=True):
    """What the hall needs to dial."""

    id: int
    number: str
    """Plain digits: for the line, never for a log or a screen."""
    shown: str
    """Masked."""
    ticket: str
    """Of the caller's last unserved call."""
    call: str
    """That call."""


class DialRefused(Exception):
    """Why not; `code` is one of the API's, `detail` says in Chinese when it will be possible."""

    def __init__(self, why: No, detail: str = "") -> None:
        super().__init__(detail or why.value)
        self.why = why
        self.code = why.value
        self.detail = detail


async def for_dial(
    conn: AsyncConnection, hall: str, task: int, who: Doer, *, seal: Seal, rules: CallbackRules, now: datetime
) -> CallbackToDial:
    """The number to dial. A task that is nobody's becomes this person's; that the number was opened is on record.

    In the caller's transaction, to be committed before the hall is asked to dial. Raises `NoSuchTask`, `DialRefused`.
    """
    board = Board(conn, hall, now, who.account)
    row = await board.locked(task)
    if row.state not in OPEN:
        raise DialRefused(No.OVER)
    if row.owner is not None and row.owner != who.account:
        raise DialRefused(No.NOT_YOURS)
    if await on_the_line(conn, hall, task):
        raise DialRefused(No.ON_THE_LINE)
    call = await _last_call(conn, task)
    number = seal.open(bytes(call.caller_sealed), place("calls", "caller_sealed", call.id))
    await _allowed(conn, hall, row, number, rules, now)
    if row.state == TaskState.WAITING:
        await board.step(row, Step.TAKE, owner=who.account, owned_at=now, assigned_by=None)
    await board.note(task, "dial", TaskState.TAKEN if row.state == TaskState.WAITING else TaskState(row.state))
    await record(conn, hall=hall, doer=who, act=Act.CALLBACK_DIALLED, object=f"callback:{task}", at=now)
    return CallbackToDial(id=task, number=number, shown=row.caller_masked, ticket=call.ticket, call=call.id)


async def _allowed(
    conn: AsyncConnection, hall: str, row: Row[Any], number: str, rules: CallbackRules, now: datetime
) -> None:
    if not diallable(number):
        raise DialRefused(No.NUMBER)
    if now - row.last_at > timedelta(hours=rules.dial_hours) and row.assigned_by is None:
        raise DialRefused(No.TOO_LATE, f"最后一次来电已超过 {rules.dial_hours} 小时，请班长指派后再拨打。")
    if is_quiet(now, rules) and not row.any_hour:
        raise DialRefused(No.QUIET, f"{opens(now, rules):%H:%M} 起可以拨打。")
    if await dialled_today(conn, hall, bytes(row.caller_index), now) >= rules.per_number_day:
        raise DialRefused(No.TOO_OFTEN, f"同一号码每天最多拨打 {rules.per_number_day} 次。")


async def dialled_today(conn: AsyncConnection, hall: str, caller_index: bytes, now: datetime) -> int:
    """How often that number was dialled for call-backs today; where it never came to dialling does not count."""
    a, b = CALLBACK_ATTEMPTS.c, CALLBACKS.c
    query = (
        select(func.count())
        .select_from(CALLBACK_ATTEMPTS)
        .join(CALLBACKS, b.id == a.callback)
        .where(
            b.hall == hall,
            b.caller_index == caller_index,
            a.began_at >= day_of(now),
            a.result != Attempt.NOT_DIALLED.value,
        )
    )
    return await conn.scalar(query) or 0


async def _last_call(conn: AsyncConnection, task: int) -> Row[*tuple[Any, ...]]:
    c = CALLBACK_CALLS.c
    query = (
        select(CALLS.c.id, CALLS.c.ticket, CALLS.c.caller_sealed)
        .join(CALLBACK_CALLS, c.call == CALLS.c.id)
        .where(c.callback == task, CALLS.c.caller_sealed.is_not(None))
        .order_by(c.at.desc())
        .limit(1)
    )
    return (await conn.execute(query)).one()
