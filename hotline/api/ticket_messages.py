"""What a citizen gets from a ticket: messages (短信) sent by hand, and the guidance sheet (指引单)."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.sms_text import e164
from hotline.api.deps import Grant, granted, router
from hotline.api.handling import Number, book
from hotline.api.messages import courier_of, row_of, rules_of
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Code
from hotline.api.schemas.messages import ConsentBody, MessageRow, NewMessage, PreviewBody, TicketMessages
from hotline.api.tickets import reachable
from hotline.audit.trail import Act, record
from hotline.calls.numbers import mask
from hotline.directory import units
from hotline.directory.errors import DirectoryRefused
from hotline.handling.reach import is_at_work
from hotline.messages import book as wishes
from hotline.messages import guidance_page, progress
from hotline.messages.desk import MessageDesk
from hotline.messages.guidance_page import Guidance
from hotline.messages.message import BY_HAND
from hotline.messages.reading import of_ticket, one
from hotline.messages.writing import PROGRESS_PATH, Asked, NotYet, Unsent, Written, number_of
from hotline.people.permissions import Action
from hotline.store.tables import TICKET_STEPS, TICKETS
from hotline.tickets import categories
from hotline.tickets.service import Desk
from hotline.tickets.ticket import Step, TicketState

routes = router("短信")
Sender = Annotated[Grant, Depends(granted(Action.MESSAGE_SEND))]

_NOT: Final = ("not_found", "message_not_possible", "unit_unknown")
_PAGE: Final = {
    "Content-Security-Policy": guidance_page.CONTENT_POLICY,
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


@routes.get(
    "/tickets/{number}/messages",
    operation_id="listTicketMessages",
    summary="工单的短信",
    responses=refusals("not_found"),
)
async def list_of_ticket(number: Number, grant: Sender, request: Request) -> TicketMessages:
    """发给来电人的短信，能否发送。"""
    seal, rules = request.app.state.seal, rules_of(request, grant)
    async with request.app.state.engine.connect() as conn:
        ticket = await _ticket(conn, number, grant, request, write=False)
        citizen = await number_of(conn, seal, ticket, None)
        declined = citizen is not None and await wishes.declines(conn, grant.hall, seal.index(citizen))
        lines = await of_ticket(conn, grant.hall, number)
    return TicketMessages(
        possible=courier_of(request, grant).gateway is not None,
        number=mask(citizen),
        mobile=e164(citizen) is not None,
        declined=declined,
        items=[row_of(each, rules, grant) for each in lines],
    )


@routes.post(
    "/tickets/{number}/messages/preview",
    operation_id="previewMessage",
    summary="短信预览",
    responses=refusals("not_found", "unit_unknown"),
)
async def preview(number: Number, body: NewMessage, grant: Sender, request: Request) -> PreviewBody:
    """来电人将收到的内容，或不能发送的原因；不发送。"""
    async with request.app.state.engine.connect() as conn:
        await _ticket(conn, number, grant, request, write=True)
        try:
            written = await _written(conn, number, body, grant, request)
        except Unsent as no:
            return PreviewBody(possible=False, why=no.why.value)
    return PreviewBody(possible=True, text=written.shown, segments=written.segments, number=mask(written.number))


@routes.post(
    "/tickets/{number}/messages",
    operation_id="sendMessage",
    summary="发短信",
    status_code=201,
    response_model=MessageRow,
    responses=refusals(*_NOT, "request_running", "key_reused"),
)
async def send(number: Number, body: NewMessage, grant: Sender, turn: Turn, request: Request) -> MessageRow:
    """立即发送，不受免打扰时段限制；发送记入审计。"""

    async def act(conn: AsyncConnection) -> MessageRow:
        await _ticket(conn, number, grant, request, write=True)
        try:
            await _written(conn, number, body, grant, request)
        except Unsent as no:
            raise Problem("message_not_possible", WHY[no.why.value]) from None
        desk = MessageDesk(conn, request.app.state.seal, hall=grant.hall, account=grant.who.account, now=grant.now)
        made = await desk.send(number, body.kind, body.wish())
        _, line, _ = await one(conn, grant.hall, made)
        data = {"kind": body.kind.value, "message": made}
        await _record(conn, grant, Act.MESSAGE_SENT, number, data=data)
        return row_of(line, rules_of(request, grant), grant)

    return await turn.do(grant, MessageRow, act)


@routes.put(
    "/tickets/{number}/messages/consent",
    operation_id="setMessageConsent",
    summary="是否接收短信",
    responses=refusals("not_found", "caller_unknown"),
)
async def consent(number: Number, body: ConsentBody, grant: Sender, request: Request) -> TicketMessages:
    """来电人不接收短信的，这个号码以后不再收到本大厅的短信；记入审计。"""
    seal = request.app.state.seal
    async with request.app.state.engine.begin() as conn:
        ticket = await _ticket(conn, number, grant, request, write=True)
        citizen = await number_of(conn, seal, ticket, None)
        if citizen is None:
            raise Problem("caller_unknown")
        index = seal.index(citizen)
        if body.declined:
            by = grant.who.account
            await wishes.decline(conn, hall=grant.hall, number_index=index, masked=mask(citizen), by=by, now=grant.now)
        else:
            await wishes.allow(conn, hall=grant.hall, number_index=index)
        await _record(conn, grant, Act.MESSAGE_CONSENT, number, data={"declined": body.declined})
    return await list_of_ticket(number, grant, request)


@routes.get(
    "/tickets/{number}/guidance",
    operation_id="readGuidance",
    summary="指引单",
    response_class=HTMLResponse,
    responses={
        200: {"description": "可打印的页面", "content": {"text/html": {}}},
        **refusals("not_found", "unit_unknown"),
    },
)
async def guidance(
    number: Number,
    grant: Sender,
    request: Request,
    unit: Annotated[Code | None, Query(description="请来电人去的机构；默认为承办单位")] = None,
) -> HTMLResponse:
    """供打印：编号、新的查询码、答复意见、去哪里、带什么、法定渠道。每次打印记入审计。"""
    state = request.app.state
    async with state.engine.begin() as conn:
        ticket = await _ticket(conn, number, grant, request, write=False)
        chosen = unit or ticket.unit
        try:
            office = await units.one(conn, grant.hall, chosen) if chosen else None
        except DirectoryRefused:
            raise Problem("unit_unknown") from None
        chance = secrets.token_bytes(progress.CHANCE_BYTES)
        by = grant.who.account
        code = await progress.make(
            conn, state.seal, hall=grant.hall, ticket=number, chance=chance, by=by, now=grant.now
        )
        wanted = (ticket.category_version, ticket.category)
        address = rules_of(request, grant).address
        page = guidance_page.sheet(
            Guidance(
                hall=state.settings.halls[grant.hall].label,
                number=number,
                code=code,
                printed_at=grant.now,
                accepted_at=ticket.created_at,
                matter=ticket.matter,
                category=(await categories.paths(conn, {wanted})).get(wanted, "") if ticket.category else "",
                opinion=ticket.opinion,
                legal_basis=ticket.legal_basis,
                result=ticket.result,
                unit=office,
                told_channel=await _told_channel(conn, ticket),
                address=f"{address}{PROGRESS_PATH}" if address else "",
            )
        )
        await _record(conn, grant, Act.GUIDANCE_PRINTED, number)
    return HTMLResponse(page, headers=_PAGE)


WHY: Final = {
    "no_gateway": "本大厅没有设置短信网关。",
    "switched_off": "本大厅不发送这类短信。",
    "no_number": "工单没有来电号码，也没有联系电话。",
    "not_mobile": "座机或特服号码收不到短信；请补填手机号码作为联系电话。",
    "declined": "来电人不接收短信。",
    "secrecy": "来电人要求保密，不发送这类短信。",
    "no_address": "没有设置公众访问地址（messages.address）。",
    "no_rating": "这次来电不能评价，或已经评价。",
    "settled": "已接通或已办结，不再需要。",
    "nothing_to_tell": "缺少要告知的内容：请核对办理结果、机构地址和预约时间。",
    "too_long": "内容超出短信条数上限，请缩短补充说明或修改模板。",
}
"""Why a message cannot be sent by hand, and what to do."""


async def _written(conn: AsyncConnection, number: str, body: NewMessage, grant: Grant, request: Request) -> Written:
    """Raises `Unsent`; `Problem` for a kind that is none of a person's, and for an office that is not at work."""
    if body.kind not in BY_HAND:
        errors = [{"field": "kind", "message": "这类短信由系统发送。"}]
        raise Problem("invalid_input", errors=errors)
    if body.unit is not None and not await is_at_work(conn, grant.hall, body.unit):
        raise Problem("unit_unknown")
    asked = Asked(kind=body.kind, by=grant.who.account, by_hand=True, ticket=number, wish=body.wish())
    try:
        return await courier_of(request, grant).author.write(conn, asked, grant.now, try_out=True)
    except NotYet:
        raise AssertionError("only rating links wait, and nobody sends them by hand") from None


async def _ticket(conn: AsyncConnection, number: str, grant: Grant, request: Request, *, write: bool) -> Row[Any]:
    seal, deadlines = request.app.state.seal, await book(conn, grant, request)
    desk = Desk(conn, seal, deadlines, hall=grant.hall, account=grant.who.account, now=grant.now)
    await reachable(desk, number, grant, request, write=write)
    return (await conn.execute(select(TICKETS).where(TICKETS.c.number == number))).one()


async def _told_channel(conn: AsyncConnection, ticket: Row[Any]) -> str:
    """The legal way that was told when the matter was not accepted."""
    if ticket.state != TicketState.NOT_ACCEPTED:
        return ""
    s = TICKET_STEPS.c
    query = select(s.data).where(s.ticket == ticket.number, s.step == Step.NOT_ACCEPT.value).order_by(s.id.desc())
    return ((await conn.scalar(query.limit(1))) or {}).get("channel", "")


async def _record(
    conn: AsyncConnection, grant: Grant, act: Act, object: str, data: dict[str, str | int | bool | None] | None = None
) -> None:
    await record(conn, hall=grant.hall, doer=grant.doer, act=act, object=object, at=grant.now, data=data)
