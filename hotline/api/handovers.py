"""Handing over (移交): what may go, what went, and what people settle by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Final, TypedDict

from fastapi import Depends, Path, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.bridge import Prints
from hotline.api.deps import Cursor, Grant, Limit, granted, read_cursor, router, write_cursor
from hotline.api.handling import Number, book
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Page
from hotline.api.schemas.handovers import (
    AlongBody,
    ArrivedBody,
    BridgeBody,
    CheckedBody,
    HandoverBody,
    HandoverCounts,
    HandoverEventBody,
    HandoverRow,
    MissingBody,
    NewHandover,
    ToldBody,
    WhyBody,
)
from hotline.api.tickets import reachable
from hotline.audit.trail import Act, record
from hotline.handovers.courier import Courier
from hotline.handovers.desk import HandoverDesk
from hotline.handovers.handover import HandoverRefused
from hotline.handovers.preparing import FromHall, HandoverNotPossible, Person, along, compose, prepare, unwritten
from hotline.handovers.reading import Place, View, carried, counted, listed, of_ticket, one
from hotline.handovers.records import NoSuchHandover, Records
from hotline.people.permissions import Action
from hotline.tickets.service import Desk

routes = router("移交")
Reader = Annotated[Grant, Depends(granted(Action.HANDOVER_READ))]
Maker = Annotated[Grant, Depends(granted(Action.HANDOVER_MAKE))]
Settler = Annotated[Grant, Depends(granted(Action.HANDOVER_SETTLE))]
Id = Annotated[int, Path(ge=1, le=2**62, description="移交标识", examples=[17])]

SHEET_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-modals allow-same-origin"
"""A sheet holds what a caller said: it may look as it likes, and do nothing but be printed."""
_STEP: Final = ("not_found", "handover_state")
_NOT: Final = (
    "not_found",
    "no_such_bridge",
    "ticket_closed",
    "handover_open",
    "handover_returned_often",
    "handover_basis",
)


@routes.get("/bridges", operation_id="listBridges", summary="对接桥")
async def list_bridges(grant: Reader, request: Request) -> list[BridgeBody]:
    """本大厅的对接桥，尚未送达的数量，以及是否在断路休息。"""
    couriers = _couriers(request, grant)
    async with request.app.state.engine.connect() as conn:
        told = await carried(conn, grant.hall, couriers)
    settings = request.app.state.settings
    tables, contacts = settings.bridges, settings.halls[grant.hall].contacts
    by_number = {contact.number: each for each, contact in contacts.items()}
    return [
        BridgeBody(
            name=name,
            kind=str(tables[name]["kind"]),
            label=str(tables[name].get("label", name)),
            abilities=sorted(courier.bridge.abilities),
            dials=courier.bridge.dials,
            contact=by_number.get(courier.bridge.dials),
            waiting=told[name].waiting,
            last_sent_at=told[name].last_sent_at,
            failures=courier.breaker.failures,
            resting_until=courier.breaker.open_until,
            why=courier.breaker.why,
        )
        for name, courier in couriers.items()
    ]


@routes.get(
    "/tickets/{number}/handovers",
    operation_id="listTicketHandovers",
    summary="工单的移交",
    responses=refusals("not_found"),
)
async def list_of_ticket(number: Number, grant: Maker, request: Request) -> list[HandoverRow]:
    """先后各次移交。"""
    async with request.app.state.engine.connect() as conn:
        await _reach(conn, number, grant, request, write=False)
        return [HandoverRow.model_validate(each) for each in await of_ticket(conn, grant.hall, number)]


@routes.post(
    "/tickets/{number}/handovers/check",
    operation_id="checkHandover",
    summary="移交前检查",
    responses=refusals(*_NOT),
)
async def check_handover(number: Number, body: NewHandover, grant: Maker, request: Request) -> CheckedBody:
    """对方还需要哪些内容，会提供来电人的哪些信息；不发送。"""
    bridge = _courier(request, grant, body.bridge).bridge
    async with request.app.state.engine.begin() as conn:
        await _reach(conn, number, grant, request, write=True)
        try:
            package = await compose(
                conn, request.app.state.seal, bridge, body.wish(), ticket=number, **_sender(grant, request)
            )
        except HandoverNotPossible as no:
            raise Problem(no.code, no.detail) from None
        at = _sender(grant, request)["at"]
        unwritten_now = await unwritten(conn, request.app.state.seal, body.wish(), at=at, ticket=number)
    return CheckedBody(
        missing=[MissingBody(field=each.field, why=each.why) for each in (*unwritten_now, *bridge.check(package))],
        along=[AlongBody(field=field, text=text) for field, text in along(package)],
    )


@routes.post(
    "/tickets/{number}/handovers",
    operation_id="createHandover",
    summary="移交",
    status_code=201,
    response_model=HandoverRow,
    responses=refusals(*_NOT, "handover_incomplete", "request_running", "key_reused"),
)
async def create_handover(number: Number, body: NewHandover, grant: Maker, turn: Turn, request: Request) -> HandoverRow:
    """移交给 12345、110、省平台或其他单位；对方受理之前仍由本厅负责。提供了哪些个人信息、依据什么，记入审计。"""
    courier = _courier(request, grant, body.bridge)

    async def create(conn: AsyncConnection) -> HandoverRow:
        await _reach(conn, number, grant, request, write=True)
        package = await prepare(
            conn, request.app.state.seal, courier.bridge, body.wish(), ticket=number, **_sender(grant, request)
        )
        records = Records(conn, hall=grant.hall, now=grant.now, actor=grant.who.account)
        made = await records.add(request.app.state.seal, package, by=grant.who.account)
        await record(
            conn,
            hall=grant.hall,
            doer=grant.doer,
            act=Act.HANDED_OVER,
            object=number,
            at=grant.now,
            reason=body.reason,
            data={"bridge": body.bridge, "legal_basis": body.legal_basis.value, "name_too": body.name_too},
        )
        return HandoverRow.model_validate((await one(conn, grant.hall, made))[0])

    try:
        row = await turn.do(grant, HandoverRow, create)
    except HandoverNotPossible as no:
        errors = [{"field": each.field, "message": each.why} for each in no.missing]
        raise Problem(no.code, no.detail, errors=errors) from None
    courier.wake()
    return row


@routes.get("/handovers", operation_id="listHandovers", summary="移交", responses=refusals("bad_cursor"))
async def list_handovers(
    grant: Reader,
    request: Request,
    view: Annotated[View, Query(description="列表")] = View.ATTENTION,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[HandoverRow]:
    """本大厅的移交，新的在前；待处理的，紧要的在前。"""
    async with request.app.state.engine.connect() as conn:
        after = read_cursor(cursor, Place)
        lines, more = await listed(conn, grant.hall, view, now=grant.now, limit=limit, after=after)
    return Page(items=[HandoverRow.model_validate(each) for each in lines], next_cursor=write_cursor(more))


@routes.get("/handovers/counts", operation_id="countHandovers", summary="移交的数量")
async def count_handovers(grant: Reader, request: Request) -> HandoverCounts:
    """需要有人处理的，按原因；以及在途的和对方办理中的。"""
    async with request.app.state.engine.connect() as conn:
        return HandoverCounts.model_validate(await counted(conn, grant.hall, grant.now))


@routes.get("/handovers/{handover}", operation_id="readHandover", summary="一次移交", responses=refusals("not_found"))
async def read_handover(handover: Id, grant: Reader, request: Request) -> HandoverBody:
    """及其每一步。"""
    async with request.app.state.engine.connect() as conn:
        return await _shown(conn, grant, handover)


@routes.get(
    "/handovers/{handover}/sheet",
    operation_id="printHandover",
    summary="打印移交单",
    response_class=HTMLResponse,
    responses=refusals("not_found"),
)
async def print_sheet(handover: Id, grant: Maker, request: Request) -> HTMLResponse:
    """纸质移交的移交单，含来电人的信息；每次打印都记入审计。"""
    async with request.app.state.engine.begin() as conn:
        try:
            line, _ = await one(conn, grant.hall, handover)
        except NoSuchHandover:
            raise Problem("not_found") from None
        await _reach(conn, line.ticket, grant, request, write=False)
        courier = _couriers(request, grant).get(line.bridge)
        page = (
            None if courier is None or not isinstance(courier.bridge, Prints) else await courier.bridge.sheet(line.key)
        )
        if page is None:
            raise Problem("not_found")
        await record(
            conn,
            hall=grant.hall,
            doer=grant.doer,
            act=Act.HANDOVER_PRINTED,
            object=f"handover:{handover}",
            at=grant.now,
        )
    return HTMLResponse(page, headers={"Content-Security-Policy": SHEET_POLICY, "Cache-Control": "no-store"})


@routes.post("/handovers/{handover}/retry", operation_id="retryHandover", summary="重发", responses=refusals(*_STEP))
async def retry(handover: Id, body: WhyBody, grant: Settler, request: Request) -> HandoverBody:
    """发送失败的，从现在起再试三天。"""
    async with _settling(handover, grant, request, body.reason) as desk:
        row = await desk.retry(handover, body.reason)
    return await _after(row.bridge, handover, grant, request)


@routes.post(
    "/handovers/{handover}/arrived", operation_id="handoverArrived", summary="对方已收到", responses=refusals(*_STEP)
)
async def arrived(handover: Id, body: ArrivedBody, grant: Settler, request: Request) -> HandoverBody:
    """待核实的，经核实对方已经收到。"""
    async with _settling(handover, grant, request, body.reason) as desk:
        row = await desk.arrived(handover, body.their_no, body.reason)
    return await _after(row.bridge, handover, grant, request)


@routes.post(
    "/handovers/{handover}/not-arrived",
    operation_id="handoverNotArrived",
    summary="对方没有收到",
    responses=refusals(*_STEP),
)
async def not_arrived(handover: Id, body: WhyBody, grant: Settler, request: Request) -> HandoverBody:
    """待核实的，经核实对方没有收到：重新发送。"""
    async with _settling(handover, grant, request, body.reason) as desk:
        row = await desk.not_arrived(handover, body.reason)
    return await _after(row.bridge, handover, grant, request)


@routes.post(
    "/handovers/{handover}/withdraw", operation_id="withdrawHandover", summary="撤回", responses=refusals(*_STEP)
)
async def withdraw(handover: Id, body: WhyBody, grant: Settler, request: Request) -> HandoverBody:
    """尚未送达的可以撤回。"""
    async with _settling(handover, grant, request, body.reason) as desk:
        row = await desk.withdraw(handover, body.reason)
    return await _after(row.bridge, handover, grant, request)


@routes.post(
    "/handovers/{handover}/told", operation_id="tellHandover", summary="登记对方答复", responses=refusals(*_STEP)
)
async def told(handover: Id, body: ToldBody, grant: Settler, request: Request) -> HandoverBody:
    """对方通过电话或书面答复的，由人登记。"""
    async with _settling(handover, grant, request, body.text[:200]) as desk:
        row = await desk.told(handover, body.kind, body.text, body.their_no)
    return await _after(row.bridge, handover, grant, request)


class _From(TypedDict):
    at: FromHall
    person: Person
    now: datetime


def _sender(grant: Grant, request: Request) -> _From:
    hall = request.app.state.settings.halls[grant.hall]
    return _From(
        at=FromHall(hall=grant.hall, label=hall.label, telephone=hall.telephone),
        person=Person(account=grant.who.account, name=grant.who.name, work_number=grant.who.work_number),
        now=grant.now,
    )


@asynccontextmanager
async def _settling(handover: int, grant: Grant, request: Request, reason: str) -> AsyncIterator[HandoverDesk]:
    try:
        async with request.app.state.engine.begin() as conn:
            yield HandoverDesk(Records(conn, hall=grant.hall, now=grant.now, actor=grant.who.account))
            await record(
                conn,
                hall=grant.hall,
                doer=grant.doer,
                act=Act.HANDOVER_SETTLED,
                object=f"handover:{handover}",
                at=grant.now,
                reason=reason,
            )
    except NoSuchHandover:
        raise Problem("not_found") from None
    except HandoverRefused:
        raise Problem("handover_state") from None


async def _after(bridge: str, handover: int, grant: Grant, request: Request) -> HandoverBody:
    courier = _couriers(request, grant).get(bridge)
    if courier is not None:
        courier.wake()
    async with request.app.state.engine.connect() as conn:
        return await _shown(conn, grant, handover)


async def _shown(conn: AsyncConnection, grant: Grant, handover: int) -> HandoverBody:
    try:
        line, events = await one(conn, grant.hall, handover)
    except NoSuchHandover:
        raise Problem("not_found") from None
    row = HandoverRow.model_validate(line)
    return HandoverBody(**row.model_dump(), events=[HandoverEventBody.model_validate(each) for each in events])


async def _reach(conn: AsyncConnection, number: str, grant: Grant, request: Request, *, write: bool) -> None:
    seal, deadlines = request.app.state.seal, await book(conn, grant, request)
    desk = Desk(conn, seal, deadlines, hall=grant.hall, account=grant.who.account, now=grant.now)
    await reachable(desk, number, grant, request, write=write)


def _couriers(request: Request, grant: Grant) -> Mapping[str, Courier]:
    settings = request.app.state.settings
    every: Mapping[str, Courier] = request.app.state.couriers
    return {name: courier for name, courier in every.items() if settings.hall_of_bridge(name) == grant.hall}


def _courier(request: Request, grant: Grant, bridge: str) -> Courier:
    courier = _couriers(request, grant).get(bridge)
    if courier is None:
        raise Problem("no_such_bridge")
    return courier
