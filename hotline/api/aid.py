"""Applications for legal aid (法律援助申请): filed at the desk, decided by a supervisor or by the ticket's unit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Grant, granted, router
from hotline.api.handling import Number, acting, may_see
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.matters import (
    AidBody,
    AidsBody,
    AppointBody,
    AskAidBody,
    DecideAidBody,
    FileAidBody,
    MaterialsBody,
    WithdrawAidBody,
)
from hotline.api.tickets import reachable
from hotline.audit.trail import Act, record
from hotline.handling.board import Board
from hotline.handling.unit_side import UnitSide
from hotline.matters.applying import Aid, AidFaulty, applications
from hotline.people.permissions import Action, Role
from hotline.tickets.service import Desk

routes = router("法律援助")
Reader = Annotated[Grant, Depends(granted(Action.AID_READ))]
Filer = Annotated[Grant, Depends(granted(Action.AID_FILE))]
Decider = Annotated[Grant, Depends(granted(Action.AID_DECIDE))]
_STEP: Final = ("not_found", "ticket_state", "aid_state", "invalid_input")


@routes.get(
    "/tickets/{number}/aid", operation_id="readAid", summary="工单的法律援助申请", responses=refusals("not_found")
)
async def read_aid(number: Number, grant: Reader, request: Request) -> AidsBody:
    """各次申请、尚缺的材料和审查要点；身份证号已脱敏。"""
    async with request.app.state.engine.connect() as conn:
        await may_see(conn, number, grant, request)
        return await _shown(conn, number, grant, request)


@routes.post(
    "/tickets/{number}/aid",
    operation_id="fileAid",
    summary="收件",
    status_code=201,
    responses=refusals(*_STEP, "aid_open"),
)
async def file_aid(number: Number, body: FileAidBody, grant: Filer, request: Request) -> AidsBody:
    """材料齐全的，自收到之日起七日内审查；不齐全的一次性告知，补充的时间不计入（法律援助法第四十三条）。"""
    async with _on(number, grant, request) as (aid, board):
        await aid.file(number, body.filing())
        return await _shown(board.conn, number, grant, request)


@routes.post(
    "/tickets/{number}/aid/materials",
    operation_id="receiveAidMaterials",
    summary="收到材料",
    responses=refusals(*_STEP),
)
async def receive(number: Number, body: MaterialsBody, grant: Filer, request: Request) -> AidsBody:
    """告知的材料补齐之后，审查期限继续计算。"""
    async with _on(number, grant, request) as (aid, board):
        await aid.receive(number, body.materials)
        return await _shown(board.conn, number, grant, request)


@routes.post(
    "/tickets/{number}/aid/supplement",
    operation_id="askAidMaterials",
    summary="告知补充材料",
    responses=refusals(*_STEP, "aid_asked"),
)
async def ask(number: Number, body: AskAidBody, grant: Decider, request: Request) -> AidsBody:
    """一次性告知需要补充的材料或说明；审查期限暂停计算。"""
    async with _on(number, grant, request) as (aid, board):
        await aid.ask(number, body.materials, body.note)
        return await _shown(board.conn, number, grant, request)


@routes.post(
    "/tickets/{number}/aid/decide",
    operation_id="decideAid",
    summary="审查决定",
    responses=refusals(*_STEP, "aid_lacking"),
)
async def decide(number: Number, body: DecideAidBody, grant: Decider, request: Request) -> AidsBody:
    """给予的，三日内指派；不予的，书面告知理由和异议权。记入审计。"""
    async with _on(number, grant, request) as (aid, board):
        if body.granted:
            await aid.grant(number, body.reason)
        else:
            await aid.refuse(number, body.reason, objection_told=body.objection_told)
        await record(
            board.conn,
            hall=grant.hall,
            doer=grant.doer,
            act=Act.AID_DECIDED,
            object=number,
            at=grant.now,
            data={"granted": body.granted},
        )
        return await _shown(board.conn, number, grant, request)


@routes.post(
    "/tickets/{number}/aid/appoint", operation_id="appointAid", summary="指派承办人员", responses=refusals(*_STEP)
)
async def appoint(number: Number, body: AppointBody, grant: Decider, request: Request) -> AidsBody:
    """自决定之日起三日内；再次指派即更换承办人员。"""
    async with _on(number, grant, request) as (aid, board):
        await aid.appoint(number, body.lawyer, body.firm)
        return await _shown(board.conn, number, grant, request)


@routes.post(
    "/tickets/{number}/aid/withdraw", operation_id="withdrawAid", summary="撤回申请", responses=refusals(*_STEP)
)
async def withdraw(number: Number, body: WithdrawAidBody, grant: Filer, request: Request) -> AidsBody:
    """申请人撤回，或者未按要求补充而视为撤回。"""
    async with _on(number, grant, request) as (aid, board):
        await aid.withdraw(number, body.reason, deemed=body.deemed)
        return await _shown(board.conn, number, grant, request)


@asynccontextmanager
async def _on(number: str, grant: Grant, request: Request) -> AsyncIterator[tuple[Aid, Board]]:
    """One transaction on the application of a ticket that the account may write, or that its unit has."""
    seal = request.app.state.seal
    try:
        async with acting(grant, request) as board:
            if grant.who.role is Role.HANDLER:
                await UnitSide(board).has(number)
            else:
                desk = Desk(board.conn, seal, board.book, hall=grant.hall, account=grant.who.account, now=grant.now)
                await reachable(desk, number, grant, request, write=True)
            yield Aid(board, seal), board
    except AidFaulty as faulty:
        errors = [{"field": each.field, "message": each.why} for each in faulty.faults]
        raise Problem("invalid_input", errors=errors) from None


async def _shown(conn: AsyncConnection, number: str, grant: Grant, request: Request) -> AidsBody:
    found = await applications(conn, request.app.state.seal, grant.hall, number)
    return AidsBody(items=[AidBody.model_validate(each) for each in found])
