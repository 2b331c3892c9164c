"""Tickets on their way (办理): the hall's board, and what the hall does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, time, timedelta
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Cursor, Grant, Limit, granted, read_cursor, router, write_cursor
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Code, Done, Page
from hotline.api.schemas.handling import (
    CountsBody,
    CourseBody,
    DecideBody,
    DesignateBody,
    DispatchBody,
    FollowUpBody,
    HandlingRow,
    LoadBody,
    MergeBody,
    NotAcceptBody,
    NoteBody,
    RequestBody,
    WhyBody,
)
from hotline.api.tickets import Version, reachable, version_needed
from hotline.deadlines.book import Book
from hotline.deadlines.site import book_of
from hotline.handling.board import Board, HandlingRefused, Worker
from hotline.handling.course import course, open_requests
from hotline.handling.hall_side import HallSide
from hotline.handling.lists import FOR_UNITS, Place, Reach, View, counts, listed, was_with
from hotline.handling.loads import loads
from hotline.handling.reach import below, is_at_work
from hotline.matters.forms import Before
from hotline.matters.ready import lacking
from hotline.people.permissions import Action, Role
from hotline.rosters.calendar import SHANGHAI
from hotline.tickets.service import Desk

routes = router("办理")
Reader = Annotated[Grant, Depends(granted(Action.HANDLING_READ))]
Dispatcher = Annotated[Grant, Depends(granted(Action.TICKET_DISPATCH))]
Reviewer = Annotated[Grant, Depends(granted(Action.TICKET_REVIEW))]
Number = Annotated[Code, Path(description="工单编号", examples=["demo-20261121-000001"])]
Id = Annotated[int, Path(ge=1, le=2**62)]

STEP: Final = ("not_found", "ticket_state", "ticket_stale", "invalid_input")
"""What every step may be refused with."""
ENDING: Final = ("handover_undecided", "duties_open", "aid_undecided")
"""And one that ends the ticket."""


@routes.get("/handling", operation_id="listHandling", summary="在办工单", responses=refusals("bad_cursor"))
async def list_handling(
    grant: Reader,
    request: Request,
    view: Annotated[View, Query(description="列表")],
    unit: Annotated[Code | None, Query(description="只看这个机构及其下级机构的")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[HandlingRow]:
    """期限最近的在前；已结束的，最新的在前。承办人看到本机构及下级机构的工单。"""
    async with request.app.state.engine.connect() as conn:
        lines, more = await listed(
            conn,
            await _reach(conn, grant, unit),
            view,
            now=grant.now,
            today_ends=_today_ends(grant.now),
            limit=limit,
            after=read_cursor(cursor, Place),
        )
    return Page(items=[HandlingRow.of(line) for line in lines], next_cursor=write_cursor(more))


@routes.get("/handling/counts", operation_id="countHandling", summary="在办工单的数量")
async def count_handling(grant: Reader, request: Request) -> CountsBody:
    """各列表的数量；班长另有待审批的申请。"""
    async with request.app.state.engine.connect() as conn:
        reach = await _reach(conn, grant)
        found = await counts(conn, reach, now=grant.now, today_ends=_today_ends(grant.now))
        requests = len(await open_requests(conn, grant.hall)) if grant.who.role is Role.SUPERVISOR else 0
    shown = FOR_UNITS if reach.units is not None else tuple(found)
    return CountsBody(counts={view.value: found[view] for view in shown if view in found}, requests=requests)


@routes.get("/handling/units", operation_id="listLoads", summary="各机构的在办工单")
async def list_loads(grant: Reader, request: Request) -> list[LoadBody]:
    """逾期多的在前；没有在办工单的机构不列出。"""
    async with request.app.state.engine.connect() as conn:
        found = await loads(conn, await _reach(conn, grant), now=grant.now, today_ends=_today_ends(grant.now))
    return [LoadBody.model_validate(each) for each in found]


@routes.get("/handling/requests", operation_id="listRequests", summary="待审批的申请")
async def list_requests(grant: Reviewer, request: Request) -> list[RequestBody]:
    """先申请的在前。"""
    async with request.app.state.engine.connect() as conn:
        return [RequestBody.model_validate(each) for each in await open_requests(conn, grant.hall)]


@routes.get(
    "/handling/tickets/{number}", operation_id="readCourse", summary="办理过程", responses=refusals("not_found")
)
async def read_course(number: Number, grant: Reader, request: Request) -> CourseBody:
    """一张工单从派单到归档的每一步、期限、申请和回访。"""
    async with request.app.state.engine.connect() as conn:
        await may_see(conn, number, grant, request)
        return CourseBody.of(await course(conn, grant.hall, number, grant.now), _script(request, grant))


@routes.post(
    "/tickets/{number}/dispatch",
    operation_id="dispatchTicket",
    summary="派单",
    responses=refusals(*STEP, "version_required", "ticket_incomplete", "unit_unknown"),
)
async def dispatch(
    number: Number, body: DispatchBody, grant: Dispatcher, request: Request, version: Version = None
) -> Done:
    """交由主办单位办理，协办单位协助；须带工单版本。"""
    async with _hall(number, grant, request) as side:
        await _units(side, grant, [body.unit, *body.helpers])
        if found := lacking(request.app.state.seal, await side.board.locked(number), Before.DISPATCH):
            raise Problem("ticket_incomplete", errors=[{"field": each.field, "message": each.why} for each in found])
        await side.dispatch(number, version_needed(version), body.unit, helpers=body.helpers, note=body.note)
    return Done()


@routes.post("/tickets/{number}/recall", operation_id="recallTicket", summary="撤回派单", responses=refusals(*STEP))
async def recall(number: Number, body: WhyBody, grant: Dispatcher, request: Request) -> Done:
    """承办单位签收之前可以撤回。"""
    async with _hall(number, grant, request) as side:
        await side.recall(number, body.reason)
    return Done()


@routes.post(
    "/tickets/{number}/designate",
    operation_id="designateTicket",
    summary="指定承办",
    responses=refusals(*STEP, "unit_unknown"),
)
async def designate(number: Number, body: DesignateBody, grant: Reviewer, request: Request) -> Done:
    """退单的工单指定承办单位；指定后不能再退。"""
    async with _hall(number, grant, request) as side:
        await _units(side, grant, [body.unit])
        await side.designate(number, body.unit, body.reason)
    return Done()


@routes.post(
    "/tickets/{number}/review",
    operation_id="reviewTicket",
    summary="审核通过",
    responses=refusals(*STEP, "version_required"),
)
async def review(number: Number, body: NoteBody, grant: Reviewer, request: Request, version: Version = None) -> Done:
    """承办单位的反馈成为办理结果；须带工单版本。"""
    async with _hall(number, grant, request) as side:
        await side.review(number, version_needed(version), body.note)
    return Done()


@routes.post(
    "/tickets/{number}/send-back",
    operation_id="sendBackTicket",
    summary="退回重办",
    responses=refusals(*STEP, "version_required"),
)
async def send_back(number: Number, body: WhyBody, grant: Reviewer, request: Request, version: Version = None) -> Done:
    """反馈不符合要求，由原单位在原期限内继续办理。"""
    async with _hall(number, grant, request) as side:
        await side.send_back(number, version_needed(version), body.reason)
    return Done()


@routes.post("/tickets/{number}/follow-up", operation_id="followUpTicket", summary="回访", responses=refusals(*STEP))
async def follow_up(number: Number, body: FollowUpBody, grant: Reviewer, request: Request) -> Done:
    """记录来电人是否满意；没有联系上的可以再次回访。"""
    async with _hall(number, grant, request) as side:
        await side.follow_up(number, way=body.way, contentment=body.contentment, solved=body.solved, note=body.note)
    return Done()


@routes.post(
    "/tickets/{number}/archive",
    operation_id="archiveTicket",
    summary="办结归档",
    responses=refusals(*STEP, "version_required", "ticket_dissatisfied", "follow_up_needed", *ENDING),
)
async def archive(number: Number, body: NoteBody, grant: Reviewer, request: Request, version: Version = None) -> Done:
    """承办单位办理、审核通过的工单：编入卷宗。"""
    async with _hall(number, grant, request) as side:
        await side.close(number, version_needed(version))
    return Done()


@routes.post(
    "/tickets/{number}/merge",
    operation_id="mergeTicket",
    summary="并单",
    responses=refusals(*STEP, "version_required", "ticket_merged", *ENDING),
)
async def merge(number: Number, body: MergeBody, grant: Dispatcher, request: Request, version: Version = None) -> Done:
    """重复的诉求并入另一张工单。"""
    async with _hall(number, grant, request) as side:
        await reachable(_desk(side, request, grant), body.into, grant, request, write=False)
        await side.merge(number, version_needed(version), body.into)
    return Done()


@routes.post("/tickets/{number}/split", operation_id="splitTicket", summary="取消并单", responses=refusals(*STEP))
async def split(number: Number, grant: Dispatcher, request: Request) -> Done:
    """恢复为单独的工单。"""
    async with _hall(number, grant, request) as side:
        await side.split(number)
    return Done()


@routes.post(
    "/tickets/{number}/not-accept",
    operation_id="notAcceptTicket",
    summary="不予受理",
    responses=refusals(*STEP, "version_required", *ENDING),
)
async def not_accept(
    number: Number, body: NotAcceptBody, grant: Dispatcher, request: Request, version: Version = None
) -> Done:
    """写明原因和已告知的法定渠道。"""
    async with _hall(number, grant, request) as side:
        await side.not_accept(number, version_needed(version), reason=body.reason, channel=body.channel)
    return Done()


@routes.post(
    "/tickets/{number}/urge", operation_id="urgeTicket", summary="催办", responses=refusals(*STEP, "ticket_urged")
)
async def urge(number: Number, body: NoteBody, grant: Dispatcher, request: Request) -> Done:
    """半小时内不重复催办。"""
    async with _hall(number, grant, request) as side:
        await side.urge(number, body.note)
    return Done()


@routes.post("/tickets/{number}/supervise", operation_id="superviseTicket", summary="督办", responses=refusals(*STEP))
async def supervise(number: Number, body: NoteBody, grant: Reviewer, request: Request) -> Done:
    """列入督办，承办单位可见。"""
    async with _hall(number, grant, request) as side:
        await side.urge(number, body.note, supervise=True)
    return Done()


@routes.post(
    "/tickets/{number}/termination",
    operation_id="askTermination",
    summary="申请终止",
    responses=refusals(*STEP, "request_pending"),
)
async def ask_termination(number: Number, body: WhyBody, grant: Dispatcher, request: Request) -> Done:
    """由另一人审批。"""
    async with _hall(number, grant, request) as side:
        await side.ask_to_terminate(number, body.reason)
    return Done()


@routes.post(
    "/tickets/{number}/resume",
    operation_id="resumeTicket",
    summary="恢复计时",
    responses=refusals(*STEP, "no_deadline"),
)
async def resume(number: Number, grant: Reviewer, request: Request) -> Done:
    """暂停的期限继续计算，剩余时间不变。"""
    async with _hall(number, grant, request) as side:
        await side.resume(number)
    return Done()


@routes.post(
    "/handling/requests/{asked}/decide",
    operation_id="decideRequest",
    summary="审批申请",
    responses=refusals(*STEP, "request_decided", "request_own", "no_deadline", "no_extension", *ENDING),
)
async def decide(asked: Id, body: DecideBody, grant: Reviewer, request: Request) -> Done:
    """延期、暂停计时和终止；不能审批自己的申请。"""
    async with acting(grant, request) as board:
        await HallSide(board).decide(asked, granted=body.granted, answer=body.answer)
    return Done()


@asynccontextmanager
async def acting(grant: Grant, request: Request) -> AsyncIterator[Board]:
    """One transaction on the hall's board, as this person; what is refused becomes a problem."""
    try:
        async with request.app.state.engine.begin() as conn:
            worker = Worker(
                account=grant.who.account, unit=grant.who.unit, reach=await below(conn, grant.hall, grant.who.unit)
            )
            yield Board(conn, await book(conn, grant, request), hall=grant.hall, worker=worker, now=grant.now)
    except HandlingRefused as refused:
        raise Problem(refused.code, refused.detail) from None


async def book(conn: AsyncConnection, grant: Grant, request: Request) -> Book:
    """The deadlines of the account's hall."""
    return await book_of(conn, grant.hall, request.app.state.settings.halls[grant.hall].deadlines, grant.now)


async def may_see(conn: AsyncConnection, number: str, grant: Grant, request: Request) -> None:
    """Raises `Problem(not_found)` unless the account may see the ticket's course."""
    if grant.who.role is Role.HANDLER:
        if not await was_with(conn, number, await below(conn, grant.hall, grant.who.unit)):
            raise Problem("not_found")
        return
    desk = Desk(
        conn,
        request.app.state.seal,
        await book(conn, grant, request),
        hall=grant.hall,
        account=grant.who.account,
        now=grant.now,
    )
    await reachable(desk, number, grant, request, write=False)


def _script(request: Request, grant: Grant) -> str:
    return request.app.state.settings.halls[grant.hall].follow_ups.script


@asynccontextmanager
async def _hall(number: str, grant: Grant, request: Request) -> AsyncIterator[HallSide]:
    """The hall's steps on one ticket that the account may write."""
    async with acting(grant, request) as board:
        share = request.app.state.settings.halls[grant.hall].follow_ups.share
        side = HallSide(board, follow_up_share=share)
        await reachable(_desk(side, request, grant), number, grant, request, write=True)
        yield side


def _desk(side: HallSide, request: Request, grant: Grant) -> Desk:
    board = side.board
    return Desk(
        board.conn,
        request.app.state.seal,
        board.book,
        hall=grant.hall,
        account=grant.who.account,
        now=grant.now,
    )


async def _units(side: HallSide, grant: Grant, codes: Sequence[str]) -> None:
    for code in codes:
        if not await is_at_work(side.board.conn, grant.hall, code):
            raise Problem("unit_unknown")


async def _reach(conn: AsyncConnection, grant: Grant, unit: str | None = None) -> Reach:
    chosen = await below(conn, grant.hall, unit) if unit else None
    if grant.who.role is Role.HANDLER:
        return Reach(hall=grant.hall, units=await below(conn, grant.hall, grant.who.unit), chosen=chosen)
    return Reach(hall=grant.hall, operator=grant.only_own, chosen=chosen)


def _today_ends(now: datetime) -> datetime:
    here = now.astimezone(SHANGHAI)
    return datetime.combine(here.date() + timedelta(days=1), time(0), SHANGHAI)
