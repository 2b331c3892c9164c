"""Rules about callers (来电人规则) and conflicts of interest (利益冲突): asked for at the desk, kept by supervisors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request, Response
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import (
    REVEAL_PACE,
    Cursor,
    Grant,
    Limit,
    granted,
    holding,
    read_cursor,
    router,
    write_cursor,
)
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.callers import AskBody, ConflictRow, DecideBody, EndBody, RuleBody, RuleRow, WaitingBody
from hotline.api.schemas.calls import RevealBody, Revealed
from hotline.api.schemas.common import Code, Page
from hotline.audit.trail import Act, record
from hotline.callers import conflicts, lists
from hotline.callers.book import Entries
from hotline.callers.reading import read_entries
from hotline.callers.service import Register, RuleRefused, RuleWrong
from hotline.callers.treatment import Kind, Policy
from hotline.people.permissions import Action
from hotline.store.seal import place
from hotline.store.tables import CALLS

routes = router("来电人规则")
Asker = Annotated[Grant, Depends(granted(Action.CALLER_RULE_ASK))]
Reader = Annotated[Grant, Depends(granted(Action.CALLER_RULE_READ))]
Changer = Annotated[Grant, Depends(granted(Action.CALLER_RULE_CHANGE))]
Rule = Annotated[Code, Path(description="规则标识", examples=["cr-0123456789abcdef"])]
Ticket = Annotated[Code, Path(description="工单编号", examples=["demo-20261121-000001"])]

_MADE: Final = ("caller_rule_exists", "caller_unknown", "not_found")
_CHANGED: Final = ("not_found", "caller_rule_state")


@routes.get(
    "/callers/rules",
    operation_id="listCallerRules",
    summary="来电人规则",
    response_model=Page[RuleRow],
    responses=refusals("bad_cursor"),
)
async def list_rules(
    grant: Reader,
    request: Request,
    shelf: Annotated[lists.Shelf, Query(description="active 生效，requested 待审批，due 待复核，over 已结束")] = (
        lists.Shelf.ACTIVE
    ),
    kind: Annotated[Kind | None, Query(description="标记")] = None,
    number: Annotated[str | None, Query(max_length=40, description="完整号码")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RuleRow]:
    """本大厅的规则，号码脱敏；最新的在前，待复核的按复核日期排列。"""
    index = request.app.state.seal.index(number) if number and number.strip() else None
    async with request.app.state.engine.connect() as conn:
        found, more = await lists.rules(
            conn,
            hall=grant.hall,
            shelf=shelf,
            kind=kind,
            caller_index=index,
            now=grant.now,
            limit=limit,
            after=read_cursor(cursor, lists.Place),
        )
    return Page(items=[RuleRow.of(line) for line in found], next_cursor=write_cursor(more))


@routes.get(
    "/callers/rules/waiting",
    operation_id="countCallerRules",
    summary="待办数量",
    response_model=WaitingBody,
)
async def count_rules(grant: Reader, request: Request) -> WaitingBody:
    """待审批和待复核的规则各有多少。"""
    async with request.app.state.engine.connect() as conn:
        return WaitingBody.model_validate(await lists.waiting(conn, hall=grant.hall, now=grant.now))


@routes.post(
    "/callers/rules/requests",
    operation_id="askCallerRule",
    summary="提请标记",
    status_code=201,
    response_model=RuleRow,
    responses=refusals(*_MADE),
)
async def ask_rule(body: AskBody, grant: Asker, request: Request) -> RuleRow:
    """坐席就自己的通话提请标记来电人，由班长审批后生效；指定律师和回避指提请人本人。"""
    async with _changing(request, grant) as (conn, register):
        number = await _caller_of(conn, request, grant, body.call)
        return RuleRow.of(await register.ask(number, body.wish()))


@routes.post(
    "/callers/rules",
    operation_id="createCallerRule",
    summary="新增规则",
    status_code=201,
    response_model=RuleRow,
    responses=refusals(*_MADE, "caller_in_danger"),
)
async def create_rule(body: RuleBody, grant: Changer, request: Request) -> RuleRow:
    """班长新增规则，立即生效。限制和拦截须有 90 天以内的复核日期；有紧急标记的来电人不能限制或拦截。"""
    if (body.call is None) == (body.number is None):
        raise Problem("invalid_input", errors=[{"field": "number", "message": "请在通话和号码中任选其一。"}])
    async with _changing(request, grant) as (conn, register):
        number = body.number or await _caller_of(conn, request, grant, body.call or "")
        return RuleRow.of(await register.make(number, body.wish()))


@routes.post(
    "/callers/rules/{rule}/approve",
    operation_id="approveCallerRule",
    summary="批准提请",
    response_model=RuleRow,
    responses=refusals(*_CHANGED, "caller_in_danger"),
)
async def approve_rule(rule: Rule, body: DecideBody, grant: Changer, request: Request) -> RuleRow:
    """批准后立即生效，可改变级别；同类的原有规则由它取代。"""
    async with _changing(request, grant) as (_, register):
        line = await register.approve(rule, level=body.level, review_on=body.review_on, reason=body.reason)
        return RuleRow.of(line)


@routes.post(
    "/callers/rules/{rule}/decline",
    operation_id="declineCallerRule",
    summary="不批准",
    response_model=RuleRow,
    responses=refusals(*_CHANGED),
)
async def decline_rule(rule: Rule, body: EndBody, grant: Changer, request: Request) -> RuleRow:
    """不批准提请，并说明原因。"""
    async with _changing(request, grant) as (_, register):
        return RuleRow.of(await register.decline(rule, body.reason))


@routes.post(
    "/callers/rules/{rule}/review",
    operation_id="reviewCallerRule",
    summary="复核",
    response_model=RuleRow,
    responses=refusals(*_CHANGED, "caller_in_danger"),
)
async def review_rule(rule: Rule, body: DecideBody, grant: Changer, request: Request) -> RuleRow:
    """复核后继续有效，到新的复核日期为止；可改变级别。"""
    async with _changing(request, grant) as (_, register):
        line = await register.review(rule, level=body.level, review_on=body.review_on, reason=body.reason)
        return RuleRow.of(line)


@routes.post(
    "/callers/rules/{rule}/end",
    operation_id="endCallerRule",
    summary="结束规则",
    response_model=RuleRow,
    responses=refusals(*_CHANGED),
)
async def end_rule(rule: Rule, body: EndBody, grant: Changer, request: Request) -> RuleRow:
    """规则立即失效，留在已结束中。"""
    async with _changing(request, grant) as (_, register):
        return RuleRow.of(await register.end(rule, body.reason))


@routes.post(
    "/callers/rules/{rule}/reveal",
    operation_id="revealCallerRule",
    summary="查看完整号码",
    response_model=Revealed,
    responses=refusals("not_found", "too_many_reveals"),
)
async def reveal_rule(rule: Rule, body: RevealBody, grant: Changer, request: Request, response: Response) -> Revealed:
    """返回规则所涉及的完整号码；原因记入审计，次数有限制。"""
    response.headers["Cache-Control"] = "no-store"
    async with _changing(request, grant) as (_, register):
        number = await register.number(rule, body.reason)
        if not request.app.state.pace.take(REVEAL_PACE, "reveal", grant.who.account):
            raise Problem("too_many_reveals", headers={"Retry-After": "3600"})
    return Revealed(caller=number)


@routes.get(
    "/callers/conflicts",
    operation_id="listConflicts",
    summary="利益冲突",
    response_model=Page[ConflictRow],
    responses=refusals("bad_cursor"),
)
async def list_conflicts(
    grant: Reader,
    request: Request,
    over: Annotated[bool, Query(description="已结束的")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ConflictRow]:
    """由工单上的对方电话和对方当事人产生的利益冲突；最新的在前。"""
    async with request.app.state.engine.connect() as conn:
        found, more = await lists.conflicts(
            conn, hall=grant.hall, over=over, limit=limit, after=read_cursor(cursor, lists.Place)
        )
    return Page(items=[ConflictRow.of(line) for line in found], next_cursor=write_cursor(more))


@routes.post(
    "/callers/conflicts/{ticket}/end",
    operation_id="endConflict",
    summary="解除利益冲突",
    status_code=204,
    responses=refusals("not_found", "conflict_over"),
)
async def end_conflict(ticket: Ticket, body: EndBody, grant: Changer, request: Request) -> None:
    """班长认定不构成利益冲突，不再回避；原因记入审计。"""
    seal = request.app.state.seal
    try:
        async with request.app.state.engine.begin() as conn:
            touched = await conflicts.end(
                conn, seal, hall=grant.hall, ticket=ticket, by=grant.who.account, reason=body.reason, now=grant.now
            )
            entries = await read_entries(conn, seal, grant.hall, touched, grant.now, policy_of(request, grant.hall))
            await record(
                conn,
                hall=grant.hall,
                doer=grant.doer,
                act=Act.CONFLICT_ENDED,
                object=ticket,
                reason=body.reason,
                at=grant.now,
            )
    except conflicts.NoSuchConflict:
        raise Problem("not_found") from None
    except conflicts.ConflictOver:
        raise Problem("conflict_over") from None
    tell(request, grant.hall, entries)


def policy_of(request: Request, hall: str) -> Policy:
    """What the site chose about callers."""
    table = request.app.state.settings.halls.get(hall)
    return table.callers.policy() if table is not None else Policy()


def tell(request: Request, hall: str, entries: Entries) -> None:
    """The hall hears of changed callers, after the commit."""
    if entries:
        request.app.state.on_callers_changed(hall, entries)


@asynccontextmanager
async def _changing(request: Request, grant: Grant) -> AsyncIterator[tuple[AsyncConnection, Register]]:
    """One transaction on the hall's rules; what goes wrong becomes a problem, what changed is told to the hall."""
    seal = request.app.state.seal
    try:
        async with request.app.state.engine.begin() as conn:
            register = Register(conn, seal, hall=grant.hall, doer=grant.doer, now=grant.now)
            yield conn, register
            policy = policy_of(request, grant.hall)
            entries = await read_entries(conn, seal, grant.hall, register.touched, grant.now, policy)
    except RuleRefused as refused:
        raise Problem(refused.code) from None
    except RuleWrong as wrong:
        errors = [{"field": field, "message": why} for field, why in wrong.faults.items()]
        raise Problem("invalid_input", errors=errors) from None
    tell(request, grant.hall, entries)


async def _caller_of(conn: AsyncConnection, request: Request, grant: Grant, call: str) -> str:
    """The number of a call that the account may reach; nobody need have seen it. Raises `Problem`."""
    c = CALLS.c
    query = select(c.id, c.caller_sealed).where(c.hall == grant.hall, c.id == call)
    if grant.only_own is not None:
        held = holding(request, grant)
        own = c.operator == grant.only_own
        query = query.where(or_(own, c.id == held.call.id) if held is not None and held.call is not None else own)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Problem("not_found")
    if row.caller_sealed is None:
        raise Problem("caller_unknown")
    return request.app.state.seal.open(bytes(row.caller_sealed), place("calls", "caller_sealed", row.id))
