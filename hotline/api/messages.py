"""Messages to citizens (短信): the hall's log, what people settle, the templates, what a day costs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Query, Request, Response
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Cursor, Grant, Limit, granted, read_cursor, router, write_cursor
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Page
from hotline.api.schemas.messages import (
    DayBody,
    MessageBody,
    MessageRow,
    ReceiptBody,
    TemplateBody,
    TemplateRow,
    WhyBody,
)
from hotline.api.tickets import Version, version_needed
from hotline.audit.trail import Act, record
from hotline.messages import book
from hotline.messages.book import TemplateStale, TemplateWrong
from hotline.messages.courier import Courier
from hotline.messages.desk import MessageDesk
from hotline.messages.message import TO_SEND, Kind, MessageRefused
from hotline.messages.reading import Line, Place, View, listed, one, spent
from hotline.messages.records import NoSuchMessage
from hotline.messages.rules import MessageRules, day_of, is_quiet, opens
from hotline.messages.templates import COMING_ALONG, PLACES
from hotline.messages.writing import open_text, shown
from hotline.people.permissions import Action
from hotline.store.tables import ACCOUNTS

routes = router("短信")
Reader = Annotated[Grant, Depends(granted(Action.MESSAGE_READ))]
Settler = Annotated[Grant, Depends(granted(Action.MESSAGE_SETTLE))]
Editor = Annotated[Grant, Depends(granted(Action.MESSAGE_TEMPLATE))]
Id = Annotated[int, Path(ge=1, le=2**62, description="短信标识", examples=[17])]
TemplateKind = Annotated[str, Path(pattern=f"^({'|'.join(COMING_ALONG)})$", description="种类", examples=["result"])]

_STEP: Final = ("not_found", "message_state")


@routes.get("/messages", operation_id="listMessages", summary="短信", responses=refusals("bad_cursor"))
async def list_messages(
    grant: Reader,
    request: Request,
    view: Annotated[View, Query(description="列表")] = View.ATTENTION,
    kind: Annotated[Kind | None, Query(description="种类")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[MessageRow]:
    """本大厅的短信，新的在前；内容须逐条打开。"""
    async with request.app.state.engine.connect() as conn:
        lines, more = await listed(
            conn, grant.hall, view, now=grant.now, kind=kind, limit=limit, after=read_cursor(cursor, Place)
        )
    rules = rules_of(request, grant)
    return Page(items=[row_of(each, rules, grant) for each in lines], next_cursor=write_cursor(more))


@routes.get("/messages/day", operation_id="readMessageDay", summary="今日短信用量")
async def read_day(grant: Reader, request: Request) -> DayBody:
    """已用条数、上限、待处理的数量和网关状态。"""
    courier, rules = courier_of(request, grant), rules_of(request, grant)
    async with request.app.state.engine.connect() as conn:
        found = await spent(conn, grant.hall, day_of(grant.now), grant.now)
    gateway = courier.gateway
    return DayBody(
        day=found.day,
        segments=found.segments,
        cap=rules.segments_a_day,
        messages=found.messages,
        states=dict(found.states),
        gateway=gateway.name if gateway is not None else "",
        signature=gateway.signature if gateway is not None else "",
        quiet_from=f"{rules.quiet_from:%H:%M}",
        quiet_to=f"{rules.quiet_to:%H:%M}",
        failures=courier.breaker.failures,
        resting_until=courier.breaker.open_until,
        last_error=courier.breaker.why,
    )


@routes.get("/messages/templates", operation_id="listMessageTemplates", summary="短信模板")
async def list_templates(grant: Editor, request: Request) -> list[TemplateRow]:
    """每个种类最新的一版；版本 0 为系统自带。"""
    async with request.app.state.engine.connect() as conn:
        return await _templates(conn, grant, request)


@routes.put(
    "/messages/templates/{kind}",
    operation_id="changeMessageTemplate",
    summary="修改短信模板",
    responses=refusals("version_required", "message_template_wrong", "message_template_stale"),
)
async def change_template(
    kind: TemplateKind, body: TemplateBody, grant: Editor, request: Request, version: Version = None
) -> list[TemplateRow]:
    """须带模板版本；填写项逐一检查。以后生成的短信用新版。"""
    seen = version_needed(version)
    try:
        async with request.app.state.engine.begin() as conn:
            await book.change(
                conn,
                hall=grant.hall,
                kind=kind,
                seen=seen,
                text=body.text,
                registered=body.registered,
                by=grant.who.account,
                now=grant.now,
            )
            shown = await _templates(conn, grant, request)
            await _record(conn, grant, Act.MESSAGE_TEMPLATE_CHANGED, kind)
    except TemplateStale:
        raise Problem("message_template_stale") from None
    except TemplateWrong as wrong:
        errors = [{"field": "text", "message": each} for each in wrong.faults]
        raise Problem("message_template_wrong", errors=errors) from None
    return shown


@routes.get("/messages/{message}", operation_id="readMessage", summary="一条短信", responses=refusals("not_found"))
async def read_message(message: Id, grant: Reader, request: Request, response: Response) -> MessageBody:
    """内容和状态报告；打开记入审计。"""
    response.headers["Cache-Control"] = "no-store"
    async with request.app.state.engine.begin() as conn:
        found = await _shown(conn, message, grant, request)
        await _record(conn, grant, Act.MESSAGE_VIEW, f"message:{message}")
    return found


@routes.post("/messages/{message}/release", operation_id="releaseMessage", summary="放行", responses=refusals(*_STEP))
async def release(message: Id, body: WhyBody, grant: Settler, request: Request) -> MessageRow:
    """因上限暂扣的，由人放行。"""
    return await _settle(message, body, grant, request, MessageDesk.release)


@routes.post("/messages/{message}/retry", operation_id="retryMessage", summary="重发", responses=refusals(*_STEP))
async def retry(message: Id, body: WhyBody, grant: Settler, request: Request) -> MessageRow:
    """网关拒收的，改正后重新发送。"""
    return await _settle(message, body, grant, request, MessageDesk.retry)


@routes.post(
    "/messages/{message}/arrived", operation_id="messageArrived", summary="网关已收到", responses=refusals(*_STEP)
)
async def arrived(message: Id, body: WhyBody, grant: Settler, request: Request) -> MessageRow:
    """待核实的，经核实网关已经收到。"""
    return await _settle(message, body, grant, request, MessageDesk.arrived)


@routes.post(
    "/messages/{message}/not-arrived",
    operation_id="messageNotArrived",
    summary="网关没有收到",
    responses=refusals(*_STEP),
)
async def not_arrived(message: Id, body: WhyBody, grant: Settler, request: Request) -> MessageRow:
    """待核实的，经核实网关没有收到：重新发送。"""
    return await _settle(message, body, grant, request, MessageDesk.not_arrived)


@routes.post("/messages/{message}/cancel", operation_id="cancelMessage", summary="取消", responses=refusals(*_STEP))
async def cancel(message: Id, body: WhyBody, grant: Settler, request: Request) -> MessageRow:
    """尚未发出的可以取消。"""
    return await _settle(message, body, grant, request, MessageDesk.cancel)


def courier_of(request: Request, grant: Grant) -> Courier:
    """Who sends the hall's messages."""
    return request.app.state.message_couriers[grant.hall]


def rules_of(request: Request, grant: Grant) -> MessageRules:
    """The hall's rules."""
    return courier_of(request, grant).author.rules


def row_of(line: Line, rules: MessageRules, grant: Grant) -> MessageRow:
    """As it is listed."""
    row = MessageRow.model_validate(line)
    if line.state in TO_SEND and not line.by_hand and is_quiet(grant.now, rules):
        row.waits_until = opens(grant.now, rules)
    return row


async def _settle(
    message: int,
    body: WhyBody,
    grant: Grant,
    request: Request,
    act: Callable[[MessageDesk, int], Awaitable[Row[Any]]],
) -> MessageRow:
    try:
        async with request.app.state.engine.begin() as conn:
            desk = MessageDesk(conn, request.app.state.seal, hall=grant.hall, account=grant.who.account, now=grant.now)
            await act(desk, message)
            _, line, _ = await one(conn, grant.hall, message)
            await _record(conn, grant, Act.MESSAGE_SETTLED, f"message:{message}", body.reason)
    except NoSuchMessage:
        raise Problem("not_found") from None
    except MessageRefused:
        raise Problem("message_state") from None
    return row_of(line, rules_of(request, grant), grant)


async def _shown(conn: AsyncConnection, message: int, grant: Grant, request: Request) -> MessageBody:
    try:
        row, line, receipts = await one(conn, grant.hall, message)
    except NoSuchMessage:
        raise Problem("not_found") from None
    return MessageBody(
        **row_of(line, rules_of(request, grant), grant).model_dump(),
        text=shown(*open_text(request.app.state.seal, row)),
        receipts=[ReceiptBody.model_validate(each) for each in receipts],
    )


async def _templates(conn: AsyncConnection, grant: Grant, request: Request) -> list[TemplateRow]:
    kept = await book.templates(conn, grant.hall, address=bool(rules_of(request, grant).address))
    people = {each.changed_by for each in kept.values()}
    names = dict((await conn.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.name).where(ACCOUNTS.c.id.in_(people)))).all())
    return [
        TemplateRow(
            kind=kind,
            version=each.template.version,
            text=each.template.text,
            registered=each.template.registered,
            places=dict(PLACES[kind]),
            changed_at=each.changed_at,
            changed_by=names.get(each.changed_by, each.changed_by),
        )
        for kind, each in kept.items()
    ]


async def _record(conn: AsyncConnection, grant: Grant, act: Act, object: str, reason: str = "") -> None:
    await record(conn, hall=grant.hall, doer=grant.doer, act=act, object=object, at=grant.now, reason=reason)
