"""Matters (事项): what is asked about each, the duties (义务) of the law, personal values in full."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response
from sqlalchemy import select

from hotline.api.deps import REVEAL_PACE, Grant, granted, router
from hotline.api.handling import Number, acting, book, may_see
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Done
from hotline.api.schemas.handling import RevealBody
from hotline.api.schemas.matters import (
    DutiesBody,
    DutyBody,
    DutyLine,
    FormsBody,
    FulfilBody,
    LimitBody,
    OpenDuties,
    PersonalBody,
)
from hotline.api.tickets import reachable
from hotline.audit.trail import Act, record
from hotline.matters import duties, editions
from hotline.matters import record as rows
from hotline.matters.applying import card_of
from hotline.matters.limits import limits
from hotline.matters.particulars import about
from hotline.matters.reminder import why
from hotline.people.permissions import Action
from hotline.rosters.calendar import SHANGHAI
from hotline.store.tables import TICKETS
from hotline.tickets.service import Desk

routes = router("事项")
Reader = Annotated[Grant, Depends(granted(Action.CATEGORY_READ))]
Seer = Annotated[Grant, Depends(granted(Action.HANDLING_READ))]
Recorder = Annotated[Grant, Depends(granted(Action.DUTY_RECORD))]
Overseer = Annotated[Grant, Depends(granted(Action.DUTY_READ))]
Revealer = Annotated[Grant, Depends(granted(Action.CALL_REVEAL))]


@routes.get("/matters", operation_id="readMatters", summary="各事项的要素", responses=refusals("not_found"))
async def read_matters(
    grant: Reader,
    request: Request,
    edition: Annotated[str | None, Query(max_length=40, description="工单填写时的版本；不写为当前版本")] = None,
) -> FormsBody:
    """表单按此显示；派单、移交、办结之前各需要哪些。"""
    async with request.app.state.engine.connect() as conn:
        forms = await editions.edition(conn, edition or "")
    if forms is None:
        raise Problem("not_found")
    return FormsBody.of(forms)


@routes.get(
    "/tickets/{number}/duties", operation_id="readDuties", summary="工单的法定义务", responses=refusals("not_found")
)
async def read_duties(number: Number, grant: Seer, request: Request) -> DutiesBody:
    """由已保存的内容得出：义务及其履行情况，是否必须提示法律援助，来电人自己的期限。"""
    async with request.app.state.engine.connect() as conn:
        await may_see(conn, number, grant, request)
        t = TICKETS.c
        ticket = (await conn.execute(select(TICKETS).where(t.hall == grant.hall, t.number == number))).one()
        lines = await rows.of_ticket(conn, request.app.state.seal, number)
    concerned = about(ticket)
    today = grant.now.astimezone(SHANGHAI).date()
    return DutiesBody(
        duties=[DutyBody.of(each) for each in duties.applying(concerned)],
        lines=[DutyLine.model_validate(each) for each in lines],
        remind=why(ticket.matter, ticket.category, concerned),
        limits=[LimitBody.model_validate(each) for each in limits(ticket.matter, ticket.particulars, today)],
    )


@routes.post(
    "/tickets/{number}/duties/{duty}",
    operation_id="recordDuty",
    summary="记录义务的履行",
    responses=refusals("not_found", "duty_done", "invalid_input"),
)
async def record_duty(
    number: Number,
    duty: Annotated[duties.DutyCode, Path(description="义务")],
    body: FulfilBody,
    grant: Recorder,
    request: Request,
) -> Done:
    """向谁、何时报告，对方的编号；或者写明为什么无须履行。记入办理过程和审计。"""
    reported = body.reported_at or grant.now
    if reported.tzinfo is None or reported > grant.now + rows.EARLY:
        raise Problem("invalid_input", errors=[{"field": "reported_at", "message": "报告时间不能在将来。"}])
    if body.receiver is None and not body.note:
        raise Problem("invalid_input", errors=[{"field": "note", "message": "请选择报告对象，或写明无须履行的原因。"}])
    if body.receiver is not None and body.receiver not in duties.BY_CODE[duty].receivers:
        raise Problem("invalid_input", errors=[{"field": "receiver", "message": "这项义务不向该对象履行。"}])
    async with acting(grant, request) as board:
        conn, seal = board.conn, request.app.state.seal
        desk = Desk(conn, seal, board.book, hall=grant.hall, account=grant.who.account, now=grant.now)
        await reachable(desk, number, grant, request, write=True)
        ticket = await board.locked(number)
        done = {"receiver": body.receiver, "reported_at": reported if body.receiver else None}
        try:
            await rows.fulfil(
                conn,
                seal,
                number,
                duty,
                **done,
                reference=body.reference,
                note=body.note,
                by=grant.who.account,
                now=grant.now,
            )
        except rows.NoSuchDuty:
            raise Problem("not_found") from None
        except rows.DutyDone:
            raise Problem("duty_done") from None
        told = {"duty": duty.value, "receiver": body.receiver.value if body.receiver else ""}
        await board.note(ticket, "duty_recorded", data=told)
        await record(
            conn, hall=grant.hall, doer=grant.doer, act=Act.DUTY_RECORDED, object=number, at=grant.now, data=told
        )
    return Done()


@routes.get("/duties", operation_id="listOpenDuties", summary="尚未履行的法定义务")
async def list_open(grant: Overseer, request: Request) -> OpenDuties:
    """本大厅还没有记录的，最紧迫的在前。"""
    async with request.app.state.engine.connect() as conn:
        lines = await rows.open_duties(conn, request.app.state.seal, grant.hall)
    return OpenDuties(
        items=[DutyLine.model_validate(each) for each in lines],
        labels={duty.code.value: duty.label for duty in duties.DUTIES},
    )


@routes.post(
    "/tickets/{number}/particulars/reveal",
    operation_id="revealParticulars",
    summary="查看完整的个人信息",
    responses=refusals("not_found", "too_many_reveals"),
)
async def reveal(
    number: Number, body: RevealBody, grant: Revealer, request: Request, response: Response
) -> PersonalBody:
    """事项要素和法律援助申请中的个人信息；原因记入审计，次数有限制。"""
    response.headers["Cache-Control"] = "no-store"
    seal = request.app.state.seal
    async with request.app.state.engine.begin() as conn:
        deadlines = await book(conn, grant, request)
        desk = Desk(conn, seal, deadlines, hall=grant.hall, account=grant.who.account, now=grant.now)
        await reachable(desk, number, grant, request, write=False)
        if not request.app.state.pace.take(REVEAL_PACE, "reveal", grant.who.account):
            raise Problem("too_many_reveals", headers={"Retry-After": "3600"})
        personal = await desk.personal(number)
        await record(
            conn, hall=grant.hall, doer=grant.doer, act=Act.REVEAL, object=number, reason=body.reason, at=grant.now
        )
        card = await card_of(conn, seal, number)
    return PersonalBody(particulars=personal, card=card)
