"""Tickets at the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.callers import policy_of, tell
from hotline.api.deps import Cursor, Grant, Limit, granted, holding, read_cursor, router, write_cursor
from hotline.api.once import Turn
from hotline.api.orders import ask
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Code, Page, Reason, Sent
from hotline.api.schemas.tickets import CloseBody, DraftBody, NewTicket, QuickCloseBody, TicketBody, TicketRow
from hotline.audit.trail import Act, record
from hotline.callbacks.reading import works_on
from hotline.callers.book import Entries
from hotline.callers.conflicts import follow_ticket
from hotline.callers.reading import read_entries
from hotline.deadlines.book import Book
from hotline.deadlines.site import book_of
from hotline.hall.events import TicketNumbered
from hotline.hall.inputs import NumberTicket
from hotline.handling.board import Board, HandlingRefused, Worker
from hotline.handling.hall_side import HallSide
from hotline.matters.ready import AidUndecided, DutiesOpen
from hotline.people.permissions import Action, Scope
from hotline.tickets.fields import Fault, Ticket
from hotline.tickets.handed import HandoverUndecided
from hotline.tickets.register import register
from hotline.tickets.search import Place, Wanted, search
from hotline.tickets.service import Desk, NoSuchTicket, Owner, TicketChanged, TicketIncomplete
from hotline.tickets.ticket import CallNotTaken, TicketRefused, TicketState

routes = router("工单")
Reader = Annotated[Grant, Depends(granted(Action.TICKET_READ))]
Writer = Annotated[Grant, Depends(granted(Action.TICKET_WRITE))]
Reopener = Annotated[Grant, Depends(granted(Action.TICKET_REOPEN))]
Number = Annotated[Code, Path(description="工单编号", examples=["demo-20261121-000001"])]
Version = Annotated[str | None, Header(alias="If-Match", max_length=40, description='读取工单时的 ETag，例如 "3"')]


_SHOWN: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "headers": {
            "ETag": {"description": "工单的版本，修改时放入 If-Match", "schema": {"type": "string"}, "example": '"3"'}
        }
    }
}
_WRITTEN: Final = ("not_found", "ticket_closed", "ticket_state", "ticket_changed", "version_required")
_CLOSED: Final = (*_WRITTEN, "ticket_call_live", "handover_undecided", "duties_open", "aid_undecided")


class ReopenBody(Sent):
    """重新打开的原因"""

    reason: Reason


@routes.get(
    "/tickets",
    operation_id="listTickets",
    summary="查询工单",
    response_model=Page[TicketRow],
    responses=refusals("bad_cursor"),
)
async def list_tickets(
    grant: Reader,
    request: Request,
    first: Annotated[date | None, Query(alias="from", description="起始日期（含）")] = None,
    last: Annotated[date | None, Query(alias="to", description="截止日期（含）")] = None,
    state: Annotated[TicketState | None, Query(description="状态")] = None,
    category: Annotated[Code | None, Query(description="类别编码；包含其下级")] = None,
    operator: Annotated[Code | None, Query(description="账号标识")] = None,
    number: Annotated[str | None, Query(max_length=40, description="完整的来电号码")] = None,
    q: Annotated[str | None, Query(max_length=200, description="文字：一个字也可以")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TicketRow]:
    """话务员查到自己的工单和正在接待的来电人的工单，班长查到本大厅的工单；最新的在前。"""
    own = holding(request, grant) if grant.only_own else None
    wanted = Wanted(
        hall=grant.hall,
        first=first,
        last=last,
        state=state.value if state is not None else None,
        category=category,
        operator=operator,
        caller_index=request.app.state.seal.index(number) if number and number.strip() else None,
        text=q.strip() if q and q.strip() else None,
        only_of=grant.only_own,
        or_of_caller=own.caller_index if own is not None else None,
    )
    async with request.app.state.engine.connect() as conn:
        lines, more = await search(conn, wanted, limit=limit, after=read_cursor(cursor, Place))
    return Page(items=[TicketRow.of(line) for line in lines], next_cursor=write_cursor(more))


@routes.post(
    "/tickets",
    operation_id="createTicket",
    summary="登记工单",
    status_code=201,
    response_model=TicketBody,
    responses={201: _SHOWN[200]}
    | refusals("ticket_incomplete", "hall_stalled", "hall_away", "request_running", "key_reused"),
)
async def create_ticket(body: NewTicket, grant: Writer, turn: Turn, request: Request, response: Response) -> TicketBody:
    """来访、来信、网络或其他热线转来的事项；来电的工单随来电产生。登记人为首问负责人。"""

    async def create(conn: AsyncConnection) -> TicketBody:
        decided = await ask(request.app.state.halls[grant.hall], NumberTicket(channel=body.channel.value), grant)
        number = next(event.number for event in decided.events if isinstance(event, TicketNumbered))
        await register(
            conn,
            request.app.state.seal,
            hall=grant.hall,
            number=number,
            channel=body.channel,
            account=grant.who.account,
            citizen=body.citizen,
            now=grant.now,
        )
        return TicketBody.shown(await (await _desk(conn, request, grant)).save(number, 1, body.draft()))

    try:
        ticket = await turn.do(grant, TicketBody, create)
    except TicketIncomplete as incomplete:
        raise Problem("ticket_incomplete", errors=[_error(fault) for fault in incomplete.faults]) from None
    response.headers["ETag"] = f'"{ticket.version}"'
    response.headers["Cache-Control"] = "no-store"
    return ticket


@routes.get(
    "/tickets/{number}",
    operation_id="readTicket",
    summary="读取工单",
    response_model=TicketBody,
    responses=_SHOWN | refusals("not_found"),
)
async def read_ticket(number: Number, grant: Reader, request: Request, response: Response) -> TicketBody:
    """返回工单和 ETag。要求保密的工单，每次打开都记入审计。"""
    async with request.app.state.engine.begin() as conn:
        desk = await _desk(conn, request, grant)
        owner = await reachable(desk, number, grant, request, write=False)
        ticket = await desk.read(number)
        if owner.secrecy:
            await _viewed(conn, grant, number)
    return _shown(ticket, response)


@routes.put(
    "/tickets/{number}/draft",
    operation_id="saveTicket",
    summary="保存草稿",
    response_model=TicketBody,
    responses=_SHOWN | refusals(*_WRITTEN, "ticket_incomplete"),
)
async def save_ticket(
    number: Number, body: DraftBody, grant: Writer, request: Request, response: Response, version: Version = None
) -> TicketBody:
    """只提交改动的字段。版本落后时返回 412 和当前内容。"""
    entries: Entries = {}
    async with _writing(number, grant, request) as desk:
        read = version_needed(version)
        ticket = await desk.save(number, read, body.draft())
        # Who speaks with the caller is known from the first save on; the other side, whenever it is written down.
        if read == 1 or body.model_fields_set & {"counterparty_name", "counterparty_contact"}:
            entries = await _conflicts(desk.conn, request, grant, number)
    tell(request, grant.hall, entries)
    return _shown(ticket, response)


@routes.post(
    "/tickets/{number}/close",
    operation_id="closeTicket",
    summary="办结",
    response_model=TicketBody,
    responses=_SHOWN | refusals(*_CLOSED, "ticket_incomplete"),
)
async def close_ticket(
    number: Number, body: CloseBody, grant: Writer, request: Request, response: Response, version: Version = None
) -> TicketBody:
    """办结需要答复意见，以及咨询类别或不选类别的原因。"""
    async with _writing(number, grant, request) as desk:
        ticket = await desk.close(number, version_needed(version), no_category_reason=body.no_category_reason)
    return _shown(ticket, response)


@routes.post(
    "/tickets/{number}/quick-close",
    operation_id="quickCloseTicket",
    summary="一键办结",
    response_model=TicketBody,
    responses=_SHOWN | refusals(*_CLOSED),
)
async def quick_close_ticket(
    number: Number, body: QuickCloseBody, grant: Writer, request: Request, response: Response, version: Version = None
) -> TicketBody:
    """拨错号码、无声或骚扰电话，无需填写其他内容。If-Match 可以不带；带了就须相符。"""
    async with _writing(number, grant, request) as desk:
        ticket = await desk.quick_close(number, body.kind, version_if_sent(version))
    return _shown(ticket, response)


@routes.post(
    "/tickets/{number}/reopen",
    operation_id="reopenTicket",
    summary="重新打开",
    response_model=TicketBody,
    responses=_SHOWN | refusals(*_WRITTEN),
)
async def reopen_ticket(
    number: Number, body: ReopenBody, grant: Reopener, request: Request, response: Response, version: Version = None
) -> TicketBody:
    """由班长重新打开已办结的工单，原因记入审计。If-Match 可以不带；带了就须相符。"""
    async with _writing(number, grant, request) as desk:
        worker = Worker(account=grant.who.account)
        board = Board(desk.conn, await _book(desk.conn, request, grant), hall=grant.hall, worker=worker, now=grant.now)
        if (seen := version_if_sent(version)) is not None:
            await desk.same_version(number, seen)
        await HallSide(board).reopen(number, body.reason)
        ticket = await desk.read(number)
        await record(
            desk.conn,
            hall=grant.hall,
            doer=grant.doer,
            act=Act.TICKET_REOPENED,
            object=number,
            reason=body.reason,
            at=grant.now,
        )
    return _shown(ticket, response)


@asynccontextmanager
async def _writing(number: str, grant: Grant, request: Request) -> AsyncIterator[Desk]:
    """One transaction on one ticket that the account may write; what goes wrong becomes a problem."""
    try:
        async with request.app.state.engine.begin() as conn:
            desk = await _desk(conn, request, grant)
            await reachable(desk, number, grant, request, write=True)
            yield desk
    except NoSuchTicket:
        raise Problem("not_found") from None
    except HandlingRefused as refused:
        raise Problem(refused.code, refused.detail) from None
    except CallNotTaken:
        raise Problem("ticket_call_live") from None
    except HandoverUndecided:
        raise Problem("handover_undecided") from None
    except DutiesOpen as duties:
        raise Problem("duties_open", duties.detail) from None
    except AidUndecided:
        raise Problem("aid_undecided") from None
    except TicketRefused as refused:
        raise Problem("ticket_closed" if refused.state is TicketState.CLOSED else "ticket_state") from None
    except TicketIncomplete as incomplete:
        raise Problem("ticket_incomplete", errors=[_error(fault) for fault in incomplete.faults]) from None
    except TicketChanged as changed:
        current = changed.current
        if current.secrecy:
            async with request.app.state.engine.begin() as conn:
                await _viewed(conn, grant, number)
        shown = TicketBody.shown(current)
        raise Problem(
            "ticket_changed", headers={"ETag": _etag(current)}, current=shown.model_dump(mode="json")
        ) from None


async def _conflicts(conn: AsyncConnection, request: Request, grant: Grant, number: str) -> Entries:
    """What a saved ticket tells about conflicts of interest; the callers whose treatment changed."""
    seal, policy = request.app.state.seal, policy_of(request, grant.hall)
    touched = await follow_ticket(conn, seal, hall=grant.hall, ticket=number, now=grant.now, policy=policy)
    return await read_entries(conn, seal, grant.hall, touched, grant.now, policy)


async def reachable(desk: Desk, number: str, grant: Grant, request: Request, *, write: bool) -> Owner:
    """The ticket, when the account may reach it; else it is not there."""
    try:
        owner = await desk.owner(number)
    except NoSuchTicket:
        raise Problem("not_found") from None
    if grant.scope is Scope.HALL or owner.operator == grant.who.account:
        return owner
    held = holding(request, grant)
    if held is not None and held.call is not None:
        same_caller = held.caller_index is not None and held.caller_index == owner.caller_index
        if held.call.id == owner.call or (same_caller and not write):
            return owner
    if owner.call is not None and await works_on(desk.conn, grant.hall, grant.who.account, owner.call):
        return owner
    raise Problem("not_found")


async def _viewed(conn: AsyncConnection, grant: Grant, number: str) -> None:
    await record(conn, hall=grant.hall, doer=grant.doer, act=Act.TICKET_VIEW, object=number, at=grant.now)


async def _desk(conn: AsyncConnection, request: Request, grant: Grant) -> Desk:
    book = await _book(conn, request, grant)
    return Desk(conn, request.app.state.seal, book, hall=grant.hall, account=grant.who.account, now=grant.now)


async def _book(conn: AsyncConnection, request: Request, grant: Grant) -> Book:
    return await book_of(conn, grant.hall, request.app.state.settings.halls[grant.hall].deadlines, grant.now)


def version_needed(header: str | None) -> int:
    """The version of `If-Match`. Raises `Problem(version_required)`."""
    if header is None:
        raise Problem("version_required")
    text = header.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Problem("version_required")
    return int(text)


def version_if_sent(header: str | None) -> int | None:
    """The same, where it may be left out."""
    return None if header is None else version_needed(header)


def _etag(ticket: Ticket) -> str:
    return f'"{ticket.version}"'


def _shown(ticket: Ticket, response: Response) -> TicketBody:
    response.headers["ETag"] = _etag(ticket)
    response.headers["Cache-Control"] = "no-store"
    return TicketBody.shown(ticket)


def _error(fault: Fault) -> dict[str, str]:
    return {"field": fault.field, "message": fault.why}
