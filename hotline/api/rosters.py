"""Shifts (班次), who is on duty now, and requests to change duty."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.telephony import PhoneKind
from hotline.api.deps import Grant, granted, router
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Code
from hotline.api.schemas.rosters import (
    MAX_ID,
    Colleague,
    ColleagueList,
    Day,
    DutyBody,
    ShiftBody,
    ShiftCancel,
    ShiftChangeBody,
    ShiftEdit,
    ShiftHistory,
    ShiftList,
    ShiftWish,
    SwapAnswer,
    SwapAsk,
    SwapBody,
    SwapDecision,
    SwapList,
)
from hotline.people.permissions import Action
from hotline.rosters import people, plans, service, shifts, swaps
from hotline.rosters.checks import may_sign_in
from hotline.rosters.errors import RosterRefused
from hotline.rosters.people import night_number
from hotline.rosters.shift import DutyMode, day_span
from hotline.rosters.swap import SwapStep
from hotline.rosters.verdict import Verdict
from hotline.settings import RosterTable

routes = router("排班")
Reader = Annotated[Grant, Depends(granted(Action.ROSTER_READ))]
Changer = Annotated[Grant, Depends(granted(Action.ROSTER_CHANGE))]
Swapper = Annotated[Grant, Depends(granted(Action.ROSTER_SWAP))]
Shift = Annotated[int, Path(ge=1, le=MAX_ID, description="班次", examples=[1])]
Swap = Annotated[int, Path(ge=1, le=MAX_ID, description="申请", examples=[1])]
First = Annotated[Day, Query(alias="from", description="起始日期（含）")]
Last = Annotated[Day, Query(alias="to", description="截止日期（含）")]

_SERVES: Final = ("no_such_lawyer", "licence_missing", "licence_expired", "lawyer_suspended", "shift_overlap")
_EDITED: Final = ("not_found", "shift_changed", "shift_cancelled")


@routes.get("/rosters/shifts", operation_id="listShifts", summary="班表", response_model=ShiftList)
async def list_shifts(
    grant: Reader,
    request: Request,
    first: First,
    last: Last,
    lawyer: Annotated[Code | None, Query(description="账号标识")] = None,
    mine: Annotated[bool, Query(description="只看自己的")] = False,
    cancelled: Annotated[bool, Query(description="包括已取消的")] = False,
) -> ShiftList:
    """与这些日子有交集的班次，按开始时间；最多 92 天。"""
    check_days(first, last)
    whose = grant.who.account if mine else lawyer
    async with request.app.state.engine.connect() as conn:
        found = await shifts.listed(conn, grant.hall, day_span(first, last), lawyer=whose, cancelled=cancelled)
    return ShiftList(items=[ShiftBody.of(each) for each in found])


@routes.post(
    "/rosters/shifts",
    operation_id="createShift",
    summary="新增班次",
    status_code=201,
    response_model=ShiftBody,
    responses=refusals(*_SERVES, "request_running", "key_reused"),
)
async def create_shift(body: ShiftWish, grant: Changer, turn: Turn) -> ShiftBody:
    """新增一个班次；律师须持有效执业证，且同一时间没有其他班次。"""

    async def create(conn: AsyncConnection) -> ShiftBody:
        made = await shifts.create(conn, hall=grant.hall, wish=body.wish(), now=grant.now, doer=grant.doer)
        return ShiftBody.of(await shifts.one(conn, grant.hall, made))

    async with told():
        return await turn.do(grant, ShiftBody, create)


@routes.put(
    "/rosters/shifts/{shift}",
    operation_id="changeShift",
    summary="修改班次",
    response_model=ShiftBody,
    responses=refusals(*_EDITED, *_SERVES, "reason_needed"),
)
async def change_shift(shift: Shift, body: ShiftEdit, grant: Changer, request: Request) -> ShiftBody:
    """修改时间、律师或值守方式；已经开始的班次须写明原因。"""
    async with told(), request.app.state.engine.begin() as conn:
        changed = await shifts.change(
            conn,
            hall=grant.hall,
            shift=shift,
            version=body.version,
            wish=body.wish(),
            reason=body.reason,
            now=grant.now,
            doer=grant.doer,
        )
    return ShiftBody.of(changed)


@routes.post(
    "/rosters/shifts/{shift}/cancel",
    operation_id="cancelShift",
    summary="取消班次",
    response_model=ShiftBody,
    responses=refusals(*_EDITED),
)
async def cancel_shift(shift: Shift, body: ShiftCancel, grant: Changer, request: Request) -> ShiftBody:
    """取消的班次保留在记录中；按模板再次生成时不会重建。"""
    async with told(), request.app.state.engine.begin() as conn:
        cancelled = await shifts.cancel(
            conn,
            hall=grant.hall,
            shift=shift,
            version=body.version,
            reason=body.reason,
            now=grant.now,
            doer=grant.doer,
        )
    return ShiftBody.of(cancelled)


@routes.get(
    "/rosters/shifts/{shift}/changes",
    operation_id="listShiftChanges",
    summary="班次的变动",
    response_model=ShiftHistory,
    responses=refusals("not_found"),
)
async def list_changes(shift: Shift, grant: Reader, request: Request) -> ShiftHistory:
    """谁在何时做了什么改动，按先后。"""
    async with told(), request.app.state.engine.connect() as conn:
        found = await shifts.history(conn, grant.hall, shift)
    return ShiftHistory(items=[ShiftChangeBody.of(each) for each in found])


@routes.get("/rosters/colleagues", operation_id="listColleagues", summary="可换班的同事", response_model=ColleagueList)
async def list_colleagues(grant: Reader, request: Request) -> ColleagueList:
    """本大厅的值班律师，按工号；不含停用的账号。"""
    async with request.app.state.engine.connect() as conn:
        found = [each for each in await people.lawyers(conn, grant.hall) if not each.disabled]
    return ColleagueList(items=[Colleague.model_validate(each) for each in found])


@routes.get("/rosters/duty", operation_id="readDuty", summary="当前值守方式", response_model=DutyBody)
async def read_duty(grant: Reader, request: Request) -> DutyBody:
    """此刻按班表如何值守、由谁值守、何时变化。"""
    hall = request.app.state.settings.halls.get(grant.hall)
    otherwise = DutyMode(hall.roster.otherwise) if hall is not None else DutyMode.LIVE
    async with request.app.state.engine.connect() as conn:
        return DutyBody.of(await service.current_duty(conn, grant.hall, grant.now, otherwise=otherwise))


@routes.get("/rosters/swaps", operation_id="listSwaps", summary="换班申请", response_model=SwapList)
async def list_swaps(grant: Swapper, request: Request) -> SwapList:
    """律师看到与自己有关的申请，班长看到全部；未办结的在前，已办结的保留 62 天。"""
    async with request.app.state.engine.connect() as conn:
        found = await swaps.listed(conn, grant.hall, account=grant.only_own, now=grant.now)
    return SwapList(items=[SwapBody.of(each) for each in found])


@routes.post(
    "/rosters/swaps",
    operation_id="askSwap",
    summary="申请换班或替班",
    status_code=201,
    response_model=SwapBody,
    responses=refusals(
        "not_found",
        "swap_not_yours",
        "shift_cancelled",
        "shift_begun",
        "swap_open_already",
        "no_such_lawyer",
        "request_running",
        "key_reused",
    ),
)
async def ask_swap(body: SwapAsk, grant: Swapper, turn: Turn) -> SwapBody:
    """让出自己的班次；班长可代律师申请。对方同意、班长批准后生效。"""

    async def ask(conn: AsyncConnection) -> SwapBody:
        made = await swaps.ask(
            conn,
            hall=grant.hall,
            shift=body.shift,
            asked_of=body.asked_of,
            other_shift=body.other_shift,
            reason=body.reason,
            own=grant.only_own,
            now=grant.now,
            doer=grant.doer,
        )
        return SwapBody.of(made)

    async with told():
        return await turn.do(grant, SwapBody, ask)


@routes.post(
    "/rosters/swaps/{swap}/answer",
    operation_id="answerSwap",
    summary="答复换班申请",
    response_model=SwapBody,
    responses=refusals("not_found", "swap_not_yours", "swap_not_possible_now"),
)
async def answer_swap(swap: Swap, body: SwapAnswer, grant: Swapper, request: Request) -> SwapBody:
    """对方同意或不同意，申请人撤回；班长可代为登记。"""
    async with told(), request.app.state.engine.begin() as conn:
        answered = await swaps.answer(
            conn,
            hall=grant.hall,
            swap=swap,
            step=SwapStep(body.step),
            own=grant.only_own,
            now=grant.now,
            doer=grant.doer,
        )
    return SwapBody.of(answered)


@routes.post(
    "/rosters/swaps/{swap}/decision",
    operation_id="decideSwap",
    summary="审批换班申请",
    response_model=SwapBody,
    responses=refusals("not_found", "swap_not_possible_now", "swap_outdated", "shift_begun", *_SERVES),
)
async def decide_swap(swap: Swap, body: SwapDecision, grant: Changer, request: Request) -> SwapBody:
    """批准后班次立即互换；班次已变动、律师无有效执业证或时间冲突时不能批准。"""
    async with told(), request.app.state.engine.begin() as conn:
        decided = await swaps.decide(
            conn,
            hall=grant.hall,
            swap=swap,
            step=SwapStep(body.step),
            reason=body.reason,
            now=grant.now,
            doer=grant.doer,
        )
    return SwapBody.of(decided)


async def roster_verdict(request: Request, grant: Grant, seat: str, phone_kind: PhoneKind) -> Verdict:
    """May they sign in there? Raises `Problem` with the reason when not."""
    hall = request.app.state.settings.halls.get(grant.hall)
    rules = hall.roster if hall is not None else RosterTable()
    async with request.app.state.engine.connect() as conn:
        verdict = await may_sign_in(
            conn,
            grant.hall,
            grant.who.account,
            seat,
            phone_kind,
            grant.now,
            required=rules.required,
            early=timedelta(minutes=rules.early_minutes),
        )
    if not verdict.allowed:
        raise Problem(verdict.code)
    return verdict


async def mobile_of(request: Request, grant: Grant) -> str:
    """The mobile number that the account is rung at on night duty; empty when none is registered."""
    async with request.app.state.engine.connect() as conn:
        return await night_number(conn, grant.hall, grant.who.account, request.app.state.seal)


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """What rosters refuse, as a problem."""
    try:
        yield
    except RosterRefused as refused:
        raise Problem(refused.code, refused.detail, errors=refused.errors) from None


def check_days(first: date, last: date) -> None:
    """Raises `Problem(invalid_input)` when the range is upside down or too long."""
    if last < first:
        raise Problem("invalid_input", errors=[{"field": "to", "message": "截止日期不能早于起始日期。"}])
    if (last - first).days >= plans.MAX_DAYS:
        raise Problem("invalid_input", errors=[{"field": "to", "message": f"最多 {plans.MAX_DAYS} 天。"}])
