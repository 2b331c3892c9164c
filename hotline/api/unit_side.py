"""What units (承办单位) do with the tickets that were dispatched to them: the inbox's buttons."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import REVEAL_PACE, Grant, granted, router
from hotline.api.handling import STEP, Number, acting, book, may_see
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Done
from hotline.api.schemas.handling import (
    ContactBody,
    ExtensionBody,
    NoteBody,
    PassOnBody,
    ReplyBody,
    RevealBody,
    SignBody,
    WhyBody,
)
from hotline.api.schemas.tickets import TicketBody
from hotline.api.tickets import Version, version_needed
from hotline.audit.trail import Act, record
from hotline.handling.reach import is_at_work
from hotline.handling.unit_side import UnitSide
from hotline.people.permissions import Action
from hotline.tickets.service import Deadlines, Desk

routes = router("承办")
Handler = Annotated[Grant, Depends(granted(Action.TICKET_HANDLE))]


@routes.get(
    "/unit/tickets/{number}", operation_id="readUnitTicket", summary="读取承办的工单", responses=refusals("not_found")
)
async def read_ticket(number: Number, grant: Handler, request: Request) -> TicketBody:
    """派到本机构或下级机构的工单；号码已脱敏，查看都记入审计。"""
    async with request.app.state.engine.begin() as conn:
        await may_see(conn, number, grant, request)
        ticket = await _desk(conn, grant, request, await book(conn, grant, request)).read(number)
        await record(conn, hall=grant.hall, doer=grant.doer, act=Act.TICKET_VIEW, object=number, at=grant.now)
    return TicketBody.shown(ticket)


@routes.post(
    "/unit/tickets/{number}/reveal",
    operation_id="revealCitizen",
    summary="查看联系方式",
    responses=refusals("not_found", "ticket_state", "too_many_reveals"),
)
async def reveal(number: Number, body: RevealBody, grant: Handler, request: Request) -> ContactBody:
    """只在工单由本机构办理期间可以查看；理由记入审计。"""
    if not request.app.state.pace.take(REVEAL_PACE, "citizen", grant.who.account):
        raise Problem("too_many_reveals")
    async with acting(grant, request) as board:
        await UnitSide(board).has(number)
        desk = _desk(board.conn, grant, request, board.book)
        caller, contact = await desk.numbers(number)
        await record(
            board.conn,
            hall=grant.hall,
            doer=grant.doer,
            act=Act.REVEAL,
            object=number,
            reason=body.reason,
            at=grant.now,
        )
        particulars = await desk.personal(number)
    return ContactBody(caller=caller, contact=contact, particulars=particulars)


@routes.post("/unit/tickets/{number}/sign", operation_id="signTicket", summary="签收", responses=refusals(*STEP))
async def sign(number: Number, body: SignBody, grant: Handler, request: Request) -> Done:
    """表示本单位已收到，并确定承办人。"""
    async with _unit(grant, request) as side:
        await side.sign(number, handler=body.handler)
    return Done()


@routes.post(
    "/unit/tickets/{number}/begin",
    operation_id="beginTicket",
    summary="开始办理",
    responses=refusals(*STEP, "unit_helps"),
)
async def begin(number: Number, grant: Handler, request: Request) -> Done:
    """开始办理。"""
    async with _unit(grant, request) as side:
        await side.begin(number)
    return Done()


@routes.post("/unit/tickets/{number}/note", operation_id="noteTicket", summary="办理记录", responses=refusals(*STEP))
async def note(number: Number, body: NoteBody, grant: Handler, request: Request) -> Done:
    """写入办理过程。"""
    async with _unit(grant, request) as side:
        await side.note(number, body.note)
    return Done()


@routes.post(
    "/unit/tickets/{number}/pass-on",
    operation_id="passOnTicket",
    summary="转派下级",
    responses=refusals(*STEP, "unit_helps", "unit_not_below", "unit_unknown"),
)
async def pass_on(number: Number, body: PassOnBody, grant: Handler, request: Request) -> Done:
    """由下级机构在原期限内办理。"""
    async with acting(grant, request) as board:
        if not await is_at_work(board.conn, grant.hall, body.unit):
            raise Problem("unit_unknown")
        await UnitSide(board).pass_on(number, body.unit, body.note)
    return Done()


@routes.post(
    "/unit/tickets/{number}/reply",
    operation_id="replyTicket",
    summary="反馈",
    responses=refusals(*STEP, "version_required"),
)
async def reply(number: Number, body: ReplyBody, grant: Handler, request: Request, version: Version = None) -> Done:
    """写明办理结果，由大厅审核；须带工单版本。"""
    async with _unit(grant, request) as side:
        await side.reply(number, version_needed(version), body.reply)
    return Done()


@routes.post(
    "/unit/tickets/{number}/return",
    operation_id="returnTicket",
    summary="退单",
    responses=refusals(*STEP, "unit_helps", "ticket_designated", "ticket_returned_often"),
)
async def give_back(number: Number, body: WhyBody, grant: Handler, request: Request) -> Done:
    """不属于本单位职责的退回大厅；指定承办的不能退。"""
    async with _unit(grant, request) as side:
        await side.give_back(number, body.reason)
    return Done()


@routes.post(
    "/unit/tickets/{number}/extension",
    operation_id="askExtension",
    summary="申请延期",
    responses=refusals(*STEP, "unit_helps", "request_pending"),
)
async def extension(number: Number, body: ExtensionBody, grant: Handler, request: Request) -> Done:
    """由大厅审批。"""
    async with _unit(grant, request) as side:
        await side.ask_for_time(number, body.amount, body.reason)
    return Done()


@routes.post(
    "/unit/tickets/{number}/pause",
    operation_id="askPause",
    summary="申请暂停计时",
    responses=refusals(*STEP, "unit_helps", "request_pending"),
)
async def pause(number: Number, body: WhyBody, grant: Handler, request: Request) -> Done:
    """等待鉴定、补正材料等期间；由大厅审批。"""
    async with _unit(grant, request) as side:
        await side.ask_to_pause(number, body.reason)
    return Done()


@routes.post(
    "/unit/tickets/{number}/termination",
    operation_id="askUnitTermination",
    summary="申请终止",
    responses=refusals(*STEP, "unit_helps", "request_pending"),
)
async def termination(number: Number, body: WhyBody, grant: Handler, request: Request) -> Done:
    """由大厅审批。"""
    async with _unit(grant, request) as side:
        await side.ask_to_terminate(number, body.reason)
    return Done()


@asynccontextmanager
async def _unit(grant: Grant, request: Request) -> AsyncIterator[UnitSide]:
    async with acting(grant, request) as board:
        yield UnitSide(board)


def _desk(conn: AsyncConnection, grant: Grant, request: Request, deadlines: Deadlines) -> Desk:
    return Desk(conn, request.app.state.seal, deadlines, hall=grant.hall, account=grant.who.account, now=grant.now)
