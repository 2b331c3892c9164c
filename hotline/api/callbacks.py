"""Call-back tasks (回拨): whoever rang in vain, whose task it is, and what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Cursor, Grant, Limit, granted, read_cursor, router, write_cursor
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.callbacks import (
    AssignBody,
    CallbackBody,
    CallbackCounts,
    CallbackRow,
    CloseTaskBody,
    DoneBody,
)
from hotline.api.schemas.common import Page
from hotline.audit.trail import Act, Plain, record
from hotline.callbacks.board import NoSuchTask
from hotline.callbacks.desk import CallbackDesk, DeskRefused
from hotline.callbacks.keep import rules_of
from hotline.callbacks.reading import Place, View, count, list_tasks, read_task
from hotline.callbacks.task import Reason
from hotline.people.permissions import Action, scope

routes = router("回拨")
Worker = Annotated[Grant, Depends(granted(Action.CALLBACK_WORK))]
Assigner = Annotated[Grant, Depends(granted(Action.CALLBACK_ASSIGN))]
Id = Annotated[int, Path(ge=1, le=2**63 - 1, description="任务标识", examples=[17])]

_ANY: Final = ("not_found", "callback_over", "callback_state")
_OWN: Final = (*_ANY, "callback_not_yours")


@routes.get(
    "/callbacks",
    operation_id="listCallbacks",
    summary="回拨任务",
    response_model=Page[CallbackRow],
    responses=refusals("bad_cursor"),
)
async def list_callbacks(
    grant: Worker,
    request: Request,
    view: Annotated[View, Query(description="open：待回拨；mine：我的；overdue：已逾期；over：已完成")] = View.OPEN,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CallbackRow]:
    """本大厅的回拨任务，号码已脱敏。逾期和紧急的在前，再按应回拨的时间；已完成的按完成时间，新的在前。"""
    async with request.app.state.engine.connect() as conn:
        lines, more = await list_tasks(
            conn,
            grant.hall,
            grant.who.account,
            view,
            now=grant.now,
            limit=limit,
            after=read_cursor(cursor, Place),
        )
    return Page(items=[CallbackRow.of(line) for line in lines], next_cursor=write_cursor(more))


@routes.get("/callbacks/counts", operation_id="countCallbacks", summary="回拨任务的个数", response_model=CallbackCounts)
async def count_callbacks(grant: Worker, request: Request) -> CallbackCounts:
    """待认领、我的、已逾期的任务数和未听留言数。"""
    async with request.app.state.engine.connect() as conn:
        return CallbackCounts.model_validate(await count(conn, grant.hall, grant.who.account, now=grant.now))


@routes.get(
    "/callbacks/{task}",
    operation_id="readCallback",
    summary="回拨任务详情",
    response_model=CallbackBody,
    responses=refusals("not_found"),
)
async def read_callback(task: Id, grant: Worker, request: Request) -> CallbackBody:
    """任务、其中的未接来电和留言、每次拨打，以及经过。"""
    async with request.app.state.engine.connect() as conn:
        return await _shown(conn, grant, task)


@routes.post(
    "/callbacks/{task}/take",
    operation_id="takeCallback",
    summary="认领",
    response_model=CallbackBody,
    responses=refusals(*_OWN),
)
async def take(task: Id, grant: Worker, request: Request) -> CallbackBody:
    """任务归自己处理；已归自己的不变。"""
    async with _working(task, grant, request) as (conn, desk):
        await desk.take(task)
        body = await _shown(conn, grant, task)
        await _note(conn, grant, Act.CALLBACK_TAKEN, task)
    return body


@routes.post(
    "/callbacks/{task}/release",
    operation_id="releaseCallback",
    summary="放回",
    response_model=CallbackBody,
    responses=refusals(*_OWN, "callback_on_the_line"),
)
async def release(task: Id, grant: Worker, request: Request) -> CallbackBody:
    """放回待认领。自己的任务，或由班长放回。"""
    async with _working(task, grant, request) as (conn, desk):
        await desk.release(task)
        body = await _shown(conn, grant, task)
        await _note(conn, grant, Act.CALLBACK_RELEASED, task)
    return body


@routes.post(
    "/callbacks/{task}/assign",
    operation_id="assignCallback",
    summary="指派",
    response_model=CallbackBody,
    responses=refusals(*_ANY, "callback_no_such_person", "callback_on_the_line"),
)
async def assign(task: Id, wish: AssignBody, grant: Assigner, request: Request) -> CallbackBody:
    """由班长指派给本大厅的一名话务员或班长。"""
    async with _working(task, grant, request) as (conn, desk):
        await desk.assign(task, wish.account)
        body = await _shown(conn, grant, task)
        await _note(conn, grant, Act.CALLBACK_ASSIGNED, task, {"owner": wish.account})
    return body


@routes.post(
    "/callbacks/{task}/heard",
    operation_id="hearCallback",
    summary="已听取留言",
    response_model=CallbackBody,
    responses=refusals(*_OWN),
)
async def heard(task: Id, grant: Worker, request: Request) -> CallbackBody:
    """留言听过之后标记；没有新留言时不变。"""
    async with _working(task, grant, request) as (conn, desk):
        new = await desk.hear(task)
        body = await _shown(conn, grant, task)
        if new:
            await _note(conn, grant, Act.CALLBACK_HEARD, task)
    return body


@routes.post(
    "/callbacks/{task}/not-them",
    operation_id="callbackNotThem",
    summary="接通但非本人",
    response_model=CallbackBody,
    responses=refusals(*_OWN, "callback_on_the_line"),
)
async def not_them(task: Id, grant: Worker, request: Request) -> CallbackBody:
    """接起电话的不是来电人（例如语音信箱）：记为未联系上，任务继续。"""
    async with _working(task, grant, request) as (conn, desk):
        await desk.not_them(task)
        body = await _shown(conn, grant, task)
        await _note(conn, grant, Act.CALLBACK_NOT_THEM, task)
    return body


@routes.post(
    "/callbacks/{task}/done",
    operation_id="finishCallback",
    summary="完成",
    response_model=CallbackBody,
    responses=refusals(*_OWN, "callback_not_reached", "callback_message_unheard"),
)
async def done(task: Id, wish: DoneBody, grant: Worker, request: Request) -> CallbackBody:
    """与来电人通话之后，写明结果。"""
    async with _working(task, grant, request) as (conn, desk):
        await desk.finish(task, wish.result, wish.note)
        body = await _shown(conn, grant, task)
        await _note(conn, grant, Act.CALLBACK_DONE, task, {"result": wish.result.value})
    return body


@routes.post(
    "/callbacks/{task}/close",
    operation_id="closeCallback",
    summary="关闭",
    response_model=CallbackBody,
    responses=refusals(*_OWN, "callback_message_unheard", "callback_on_the_line", "invalid_input"),
)
async def close(task: Id, wish: CloseTaskBody, grant: Worker, request: Request) -> CallbackBody:
    """不再回拨：写明原因；选“其他”时须有说明，留言须先听取。"""
    if wish.reason is Reason.OTHER and not wish.note:
        raise Problem("invalid_input", errors=[{"field": "note", "message": "请说明原因。"}])
    async with _working(task, grant, request) as (conn, desk):
        await desk.close(task, wish.reason, wish.note)
        body = await _shown(conn, grant, task)
        await _note(conn, grant, Act.CALLBACK_CLOSED, task, {"reason": wish.reason.value}, wish.note)
    return body


@asynccontextmanager
async def _working(task: int, grant: Grant, request: Request) -> AsyncIterator[tuple[AsyncConnection, CallbackDesk]]:
    """One transaction on one task; what goes wrong becomes a problem."""
    rules = rules_of(request.app.state.settings.halls[grant.hall])
    try:
        async with request.app.state.engine.begin() as conn:
            yield (
                conn,
                CallbackDesk(
                    conn,
                    rules,
                    hall=grant.hall,
                    account=grant.who.account,
                    now=grant.now,
                    supervises=scope(grant.who.role, Action.CALLBACK_ASSIGN) is not None,
                ),
            )
    except NoSuchTask:
        raise Problem("not_found") from None
    except DeskRefused as refused:
        raise Problem(refused.code) from None


async def _note(
    conn: AsyncConnection,
    grant: Grant,
    act: Act,
    task: int,
    data: Mapping[str, Plain] | None = None,
    reason: str = "",
) -> None:
    await record(
        conn,
        hall=grant.hall,
        doer=grant.doer,
        act=act,
        object=f"callback:{task}",
        at=grant.now,
        reason=reason,
        data=data,
    )


async def _shown(conn: AsyncConnection, grant: Grant, task: int) -> CallbackBody:
    try:
        return CallbackBody.shown(await read_task(conn, grant.hall, task, now=grant.now))
    except NoSuchTask:
        raise Problem("not_found") from None
