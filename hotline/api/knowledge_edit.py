"""The knowledge base for those who write it: drafts, steps, versions, cases from tickets, what the desk said."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

from fastapi import Depends, Header, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Cursor, Grant, Limit, granted, read_cursor, router, write_cursor
from hotline.api.knowledge import ItemId, pen, today, told
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Code, Done
from hotline.api.schemas.knowledge import (
    CaseBody,
    ContentBody,
    DifferenceBody,
    FeedbackBody,
    FeedbackPage,
    HistoryBody,
    ItemBody,
    NewItem,
    PieceBody,
    RemovalBody,
    SettleBody,
    StepBody,
)
from hotline.api.schemas.rosters import MAX_ID
from hotline.api.tickets import version_needed
from hotline.audit.trail import Act, record
from hotline.knowledge import cases, feedback, items, reading
from hotline.knowledge.kinds import Kind
from hotline.knowledge.life import Step
from hotline.people.permissions import Action
from hotline.tickets import categories

routes = router("知识库编辑", body_limit=512 * 1024)
Editor = Annotated[Grant, Depends(granted(Action.KNOWLEDGE_EDIT))]
CaseMaker = Annotated[Grant, Depends(granted(Action.KNOWLEDGE_CASE))]
Revision = Annotated[str | None, Header(alias="If-Match", max_length=40, description='读取时的 ETag，例如 "3"')]
Version = Annotated[int, Query(ge=1, le=100_000, description="版本号")]
_WRITTEN: Final = ("not_found", "knowledge_changed", "knowledge_state", "knowledge_version_required")


@routes.post(
    "/knowledge",
    operation_id="createKnowledge",
    summary="新增条目",
    status_code=201,
    response_model=ItemBody,
    responses=refusals("request_running", "key_reused"),
)
async def create_item(body: NewItem, grant: Editor, turn: Turn) -> ItemBody:
    """新条目从草稿开始；由其他人审核后发布。"""

    async def create(conn: AsyncConnection) -> ItemBody:
        return await shown(conn, grant, await items.create(conn, pen(grant), body.kind, body.content()))

    async with told():
        return await turn.do(grant, ItemBody, create)


@routes.put(
    "/knowledge/{item}",
    operation_id="saveKnowledge",
    summary="保存新版本",
    response_model=ItemBody,
    responses=refusals(*_WRITTEN),
)
async def save_item(
    item: ItemId, body: ContentBody, grant: Editor, request: Request, response: Response, revision: Revision = None
) -> ItemBody:
    """每次保存都是一个新版本，原有版本保留；坐席仍看到已发布的版本。"""
    async with told(), request.app.state.engine.begin() as conn:
        await items.save(conn, pen(grant), item, _needed(revision), body.content())
        saved = await shown(conn, grant, item)
    response.headers["ETag"] = f'"{saved.revision}"'
    return saved


@routes.post(
    "/knowledge/{item}/steps",
    operation_id="stepKnowledge",
    summary="审核、发布、复核、撤下",
    response_model=ItemBody,
    responses=refusals(*_WRITTEN, "knowledge_own", "knowledge_unconfirmed", "knowledge_personal_data"),
)
async def step_item(
    item: ItemId, body: StepBody, grant: Editor, request: Request, response: Response, revision: Revision = None
) -> ItemBody:
    """对最新版本操作。审核人不能是这个版本的作者；发布案例须确认没有个人信息。"""
    if body.step is Step.SAVE:
        raise Problem("invalid_input", errors=[{"field": "step", "message": "保存请使用 PUT。"}])
    if body.step is Step.WITHDRAW and len(body.reason) < 2:
        raise Problem("invalid_input", errors=[{"field": "reason", "message": "请填写撤下的原因。"}])
    async with told(), request.app.state.engine.begin() as conn:
        await items.step(
            conn,
            pen(grant),
            item,
            _needed(revision),
            body.step,
            reason=body.reason,
            review_on=body.review_on,
            confirmed=body.confirmed,
        )
        moved = await shown(conn, grant, item)
    response.headers["ETag"] = f'"{moved.revision}"'
    return moved


@routes.get(
    "/knowledge/{item}/history",
    operation_id="listKnowledgeSteps",
    summary="条目的历史",
    response_model=HistoryBody,
    responses=refusals("not_found"),
)
async def list_steps(item: ItemId, grant: Editor, request: Request) -> HistoryBody:
    """谁在何时保存、审核、发布、复核、撤下了哪个版本。"""
    async with told(), request.app.state.engine.connect() as conn:
        return HistoryBody.of(await reading.history(conn, grant.hall, item))


@routes.get(
    "/knowledge/{item}/difference",
    operation_id="compareKnowledge",
    summary="两个版本的差异",
    response_model=DifferenceBody,
    responses=refusals("not_found"),
)
async def compare(item: ItemId, grant: Editor, request: Request, was: Version, now: Version) -> DifferenceBody:
    """从版本 was 到版本 now，各项文字的变化。"""
    async with told(), request.app.state.engine.connect() as conn:
        before, after = [
            (
                await reading.one(
                    conn,
                    grant.hall,
                    item,
                    account=grant.who.account,
                    today=today(grant),
                    drafts=True,
                    version=version,
                )
            ).content
            for version in (was, now)
        ]
    # Twenty thousand signs against as many: calls are put through meanwhile.
    found = await asyncio.to_thread(reading.differences, before, after)
    fields = {name: [PieceBody.model_validate(each) for each in pieces] for name, pieces in found.items()}
    return DifferenceBody(fields=fields)


@routes.post(
    "/knowledge/from-ticket/{number}",
    operation_id="makeCase",
    summary="从工单做成案例",
    status_code=201,
    response_model=CaseBody,
    responses=refusals(
        *("not_found", "knowledge_case_exists", "knowledge_ticket_open", "knowledge_ticket_secret"),
        *("request_running", "key_reused"),
    ),
)
async def make_case(
    number: Annotated[Code, Path(description="工单编号")], grant: CaseMaker, turn: Turn, request: Request
) -> CaseBody:
    """从已办结的工单做成案例草稿，去除姓名、电话、证件、住址等个人信息；须由人核对后才能发布。"""

    async def make(conn: AsyncConnection) -> CaseBody:
        row, pieces = await cases.removal(conn, request.app.state.seal, grant.hall, number)
        wanted = (row.category_version, row.category)
        label = (await categories.paths(conn, {wanted})).get(wanted, "")
        draft = cases.content(row, pieces, label, await items.codes(conn))
        made = await items.create(conn, pen(grant), Kind.CASE, draft, from_ticket=number)
        await record(conn, hall=grant.hall, doer=grant.doer, act=Act.CASE_MADE, object=number, at=grant.now)
        return CaseBody(item=await shown(conn, grant, made), removal=RemovalBody.of(pieces))

    async with told():
        return await turn.do(grant, CaseBody, make)


@routes.get(
    "/knowledge/from-ticket/{number}/removal",
    operation_id="readRemoval",
    summary="案例中去除了什么",
    response_model=RemovalBody,
    responses=refusals("not_found", "knowledge_ticket_open", "knowledge_ticket_secret"),
)
async def read_removal(
    number: Annotated[Code, Path(description="工单编号")], grant: CaseMaker, request: Request, response: Response
) -> RemovalBody:
    """工单原文，以及其中会被去除的个人信息；供做成案例前后核对，记入审计。"""
    response.headers["Cache-Control"] = "no-store"
    async with told(), request.app.state.engine.begin() as conn:
        _, pieces = await cases.removal(conn, request.app.state.seal, grant.hall, number)
        await record(conn, hall=grant.hall, doer=grant.doer, act=Act.TICKET_VIEW, object=number, at=grant.now)
    return RemovalBody.of(pieces)


@routes.get(
    "/knowledge-feedback",
    operation_id="listFeedback",
    summary="坐席的反馈",
    response_model=FeedbackPage,
    responses=refusals("bad_cursor"),
)
async def list_feedback(
    grant: Editor,
    request: Request,
    waiting: Annotated[bool, Query(description="只看待处理的“有误”")] = False,
    item: Annotated[int | None, Query(ge=1, le=MAX_ID, description="只看这个条目的")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> FeedbackPage:
    """最近的在前。"""
    before = read_cursor(cursor, feedback.Before)
    async with request.app.state.engine.connect() as conn:
        found, more = await feedback.listed(conn, grant.hall, waiting=waiting, item=item, limit=limit, before=before)
    return FeedbackPage(items=[FeedbackBody.of(each) for each in found], next_cursor=write_cursor(more))


@routes.post(
    "/knowledge-feedback/{feedback_id}/settle",
    operation_id="settleFeedback",
    summary="处理反馈",
    response_model=Done,
    responses=refusals("not_found", "feedback_settled"),
)
async def settle_feedback(
    feedback_id: Annotated[int, Path(ge=1, le=MAX_ID, description="反馈的编号")],
    body: SettleBody,
    grant: Editor,
    request: Request,
) -> Done:
    """写明怎样处理：已改正，或为什么不改。"""
    async with told(), request.app.state.engine.begin() as conn:
        await feedback.settle(conn, pen(grant), feedback_id, body.words)
    return Done()


async def shown(conn: AsyncConnection, grant: Grant, item: int) -> ItemBody:
    """The newest version, as it is shown."""
    found = await reading.one(conn, grant.hall, item, account=grant.who.account, today=today(grant), drafts=True)
    return ItemBody.of(found)


def _needed(revision: str | None) -> int:
    try:
        return version_needed(revision)
    except Problem:
        raise Problem("knowledge_version_required") from None
