"""The knowledge base (知识库) for those who read it: search, what is at hand, one item, and what the desk says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from hotline.api.deps import Cursor, Grant, Limit, granted, read_cursor, router, write_cursor
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Code, Done
from hotline.api.schemas.knowledge import (
    AtHandList,
    AtHandRow,
    FeedbackWish,
    ItemBody,
    ItemPage,
    ItemRow,
)
from hotline.api.schemas.rosters import MAX_ID
from hotline.knowledge import feedback, finding, reading
from hotline.knowledge.items import Pen
from hotline.knowledge.kinds import MAX_TAG, Kind, KnowledgeRefused
from hotline.knowledge.life import State
from hotline.people.permissions import Action, scope
from hotline.rosters.calendar import SHANGHAI
from hotline.tickets.matter import Matter
from hotline.tickets.words import MAX_QUERY

routes = router("知识库")
Reader = Annotated[Grant, Depends(granted(Action.KNOWLEDGE_READ))]
User = Annotated[Grant, Depends(granted(Action.KNOWLEDGE_USE))]
ItemId = Annotated[int, Path(ge=1, le=MAX_ID, description="条目的编号", examples=[12])]
Number = Annotated[int | None, Query(ge=1, le=100_000, description="版本号")]


@routes.get(
    "/knowledge",
    operation_id="listKnowledge",
    summary="查询知识库",
    response_model=ItemPage,
    responses=refusals("bad_cursor"),
)
async def list_items(
    grant: Reader,
    request: Request,
    q: Annotated[str | None, Query(max_length=200, description="标题、内容、引用、标签中的文字：一个字也可以")] = None,
    kind: Annotated[Kind | None, Query(description="类型")] = None,
    category: Annotated[Code | None, Query(description="类别编码；包含其下级")] = None,
    matter: Annotated[Matter | None, Query(description="业务类型")] = None,
    tag: Annotated[str | None, Query(max_length=MAX_TAG, pattern=r"^[^\x00]*$", description="标签")] = None,
    state: Annotated[State | None, Query(description="最新版本的状态；仅限编辑人员")] = None,
    drafts: Annotated[bool, Query(description="查最新的版本而不是已发布的；仅限编辑人员")] = False,
    review_due: Annotated[bool, Query(description="只看到期须复核的")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ItemPage:
    """标题、引用、标签中有的在前，其次是常用的。没有编辑权限的人只查到已发布的。"""
    edits = may_edit(grant)
    wanted = finding.Wanted(
        hall=grant.hall,
        today=today(grant),
        text=q.strip() if q and q.strip() else None,
        kind=kind,
        category=category,
        matter=matter.value if matter is not None else None,
        tag=tag or None,
        state=state if edits else None,
        drafts=drafts and edits,
        review_due=review_due,
    )
    after = read_cursor(cursor, finding.Place)
    async with request.app.state.engine.connect() as conn:
        lines, more = await finding.search(conn, wanted, limit=limit, after=after)
    return ItemPage(items=[ItemRow.of(each) for each in lines], next_cursor=write_cursor(more))


@routes.get("/knowledge/at-hand", operation_id="knowledgeAtHand", summary="通话时可用的知识", response_model=AtHandList)
async def at_hand(
    grant: Reader,
    request: Request,
    category: Annotated[Code | None, Query(description="工单的咨询类别")] = None,
    matter: Annotated[Matter | None, Query(description="工单的业务类型")] = None,
    q: Annotated[str, Query(max_length=MAX_QUERY, description="文字")] = "",
    kind: Annotated[Kind | None, Query(description="类型")] = None,
    limit: Annotated[int, Query(ge=1, le=50, description="条数")] = 20,
) -> AtHandList:
    """适合这个类别的在前，其次是上级类别的；带全文，不含已撤下的和已废止的法规。"""
    async with request.app.state.engine.connect() as conn:
        found = await finding.at_hand(
            conn,
            grant.hall,
            today(grant),
            category=category or "",
            matter=matter.value if matter is not None else "",
            text=q,
            kind=kind,
            limit=limit,
        )
    return AtHandList(items=[AtHandRow.whole(each) for each in found])


@routes.get(
    "/knowledge/{item}",
    operation_id="readKnowledge",
    summary="读取条目",
    response_model=ItemBody,
    responses=refusals("not_found"),
)
async def read_item(
    item: ItemId,
    grant: Reader,
    request: Request,
    response: Response,
    version: Number = None,
    drafts: Annotated[bool, Query(description="最新的版本而不是已发布的；仅限编辑人员")] = False,
) -> ItemBody:
    """已发布的版本；编辑人员也可读取最新的或指定的版本。"""
    edits = may_edit(grant)
    async with told(), request.app.state.engine.connect() as conn:
        found = await reading.one(
            conn,
            grant.hall,
            item,
            account=grant.who.account,
            today=today(grant),
            drafts=drafts and edits,
            version=version if edits else None,
        )
    response.headers["ETag"] = f'"{found.revision}"'
    return ItemBody.of(found)


@routes.post(
    "/knowledge/{item}/use",
    operation_id="useKnowledge",
    summary="计一次使用",
    response_model=Done,
    responses=refusals("not_found"),
)
async def use_item(item: ItemId, grant: User, request: Request) -> Done:
    """坐席把条目填入工单时计一次；常用的排在前面。"""
    async with told(), request.app.state.engine.begin() as conn:
        await feedback.used(conn, pen(grant), item)
    return Done()


@routes.post(
    "/knowledge/{item}/feedback",
    operation_id="giveFeedback",
    summary="有用或有误",
    response_model=Done,
    responses=refusals("not_found"),
)
async def give_feedback(item: ItemId, body: FeedbackWish, grant: User, request: Request) -> Done:
    """对已发布的版本反馈；有误须写明哪里有误，由编辑人员处理。"""
    async with told(), request.app.state.engine.begin() as conn:
        await feedback.give(conn, pen(grant), item, useful=body.useful, words=body.words)
    return Done()


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """What the knowledge base refuses, as a problem."""
    try:
        yield
    except KnowledgeRefused as refused:
        raise Problem(refused.code, refused.detail, errors=refused.errors) from None


def pen(grant: Grant) -> Pen:
    """Who writes."""
    return Pen(hall=grant.hall, doer=grant.doer, now=grant.now)


def today(grant: Grant) -> date:
    """In Asia/Shanghai."""
    return grant.now.astimezone(SHANGHAI).date()


def may_edit(grant: Grant) -> bool:
    """Does the account see drafts?"""
    return scope(grant.who.role, Action.KNOWLEDGE_EDIT) is not None
