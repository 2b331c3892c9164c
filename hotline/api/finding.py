"""One search over everything (查找), and saved views (常用筛选)."""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.calls import CallsWanted, find_calls
from hotline.api.deps import Grant, granted, holding, router
from hotline.api.knowledge import may_edit, today
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.calls import CallRow
from hotline.api.schemas.common import Done
from hotline.api.schemas.finding import Found, NewView, ViewBody, ViewList
from hotline.api.schemas.knowledge import ItemRow
from hotline.api.schemas.rosters import MAX_ID
from hotline.api.schemas.tickets import TicketRow
from hotline.audit.trail import Act, record
from hotline.calls.numbers import mask, normalise
from hotline.finding import views
from hotline.finding.views import List
from hotline.knowledge import finding
from hotline.people.permissions import Action, Scope
from hotline.tickets.search import Wanted, search

routes = router("查找")
Searcher = Annotated[Grant, Depends(granted(Action.SEARCH))]
Viewer = Annotated[Grant, Depends(granted(Action.SAVED_VIEW))]

EACH: Final = 8
"""How much of each kind is shown; the lists show the rest."""
_NUMBER: Final = re.compile(r"\+?[\d\s\-()（）]{7,24}")
_ID: Final = re.compile(r"[\w.]+(?:-[\w.]+)+", re.ASCII)


@routes.get("/search", operation_id="searchAll", summary="查找工单、通话和知识", response_model=Found)
async def search_all(
    grant: Searcher,
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=200, description="文字、完整的号码、工单编号或通话标识")],
) -> Found:
    """按文字查工单、有这些工单的通话和知识；输入完整号码则查这个号码的工单和通话，并记入审计。"""
    text = q.strip()
    number = normalise(text) if _NUMBER.fullmatch(text) else None
    state = request.app.state
    if number is not None:
        async with state.engine.begin() as conn:
            await record(
                conn,
                hall=grant.hall,
                doer=grant.doer,
                act=Act.NUMBER_SEARCHED,
                object=mask(number),
                at=grant.now,
            )
    async with state.engine.connect() as conn:
        tickets = await _tickets(conn, grant, request, text, number)
        calls = await _calls(conn, grant, request, text, number, [each.number for each in tickets])
        wanted = finding.Wanted(hall=grant.hall, today=today(grant), text=text, drafts=may_edit(grant))
        known, _ = await finding.search(conn, wanted, limit=EACH) if text and number is None else ([], None)
    return Found(
        by_number=number is not None, tickets=tickets, calls=calls, knowledge=[ItemRow.of(each) for each in known]
    )


@routes.get("/saved-views", operation_id="listSavedViews", summary="常用筛选", response_model=ViewList)
async def list_views(
    grant: Viewer, request: Request, list: Annotated[List, Query(description="tickets 工单 · calls 通话")]
) -> ViewList:
    """自己的和本大厅共享的。"""
    async with request.app.state.engine.connect() as conn:
        found = await views.listed(conn, grant.hall, grant.who.account, list)
    return ViewList(items=[ViewBody.of(each) for each in found])


@routes.post(
    "/saved-views",
    operation_id="keepView",
    summary="保存常用筛选",
    status_code=201,
    response_model=ViewList,
    responses=refusals("saved_view_name_taken", "too_many_saved_views", "request_running", "key_reused"),
)
async def keep_view(body: NewView, grant: Viewer, turn: Turn) -> ViewList:
    """保存当前筛选；日期存为最近几天，号码不保存。共享仅限班长。返回全部常用筛选。"""
    if body.shared and grant.scope is not Scope.HALL:
        raise Problem("not_allowed")
    wanted = body.filter.model_dump(mode="json", exclude_none=True)

    async def keep(conn: AsyncConnection) -> ViewList:
        who = grant.who.account
        await views.keep(conn, grant.hall, who, body.list, body.name, wanted, shared=body.shared, now=grant.now)
        return ViewList(items=[ViewBody.of(each) for each in await views.listed(conn, grant.hall, who, body.list)])

    try:
        return await turn.do(grant, ViewList, keep)
    except views.ViewRefused as refused:
        raise Problem(refused.code) from None


@routes.delete(
    "/saved-views/{view}",
    operation_id="dropView",
    summary="删除常用筛选",
    response_model=Done,
    responses=refusals("not_found"),
)
async def drop_view(
    view: Annotated[int, Path(ge=1, le=MAX_ID, description="常用筛选的编号")], grant: Viewer, request: Request
) -> Done:
    """自己的；班长也可删除他人共享的。"""
    try:
        async with request.app.state.engine.begin() as conn:
            whole = grant.scope is Scope.HALL
            await views.drop(conn, grant.hall, grant.who.account, view, any_shared=whole)
    except views.ViewRefused as refused:
        raise Problem(refused.code) from None
    return Done()


async def _tickets(
    conn: AsyncConnection, grant: Grant, request: Request, text: str, number: str | None
) -> list[TicketRow]:
    own = holding(request, grant) if grant.only_own else None
    if not text:
        return []
    wanted = Wanted(
        hall=grant.hall,
        number=text if number is None and _ID.fullmatch(text) else None,
        caller_index=request.app.state.seal.index(number) if number is not None else None,
        text=text if number is None and not _ID.fullmatch(text) else None,
        only_of=grant.only_own,
        or_of_caller=own.caller_index if own is not None else None,
    )
    lines, _ = await search(conn, wanted, limit=EACH)
    return [TicketRow.of(line) for line in lines]


async def _calls(
    conn: AsyncConnection, grant: Grant, request: Request, text: str, number: str | None, tickets: list[str]
) -> list[CallRow]:
    if number is not None:
        wanted = CallsWanted(number=number)
    elif _ID.fullmatch(text) and not tickets:
        wanted = CallsWanted(id=text)
    elif tickets:
        wanted = CallsWanted(tickets=tickets)
    else:
        return []
    rows, _ = await find_calls(conn, wanted, grant, request, limit=EACH)
    return rows
