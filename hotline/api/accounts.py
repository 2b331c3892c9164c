"""Accounts of the hall: for its administrators."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import Depends, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Grant, granted, router, seat_of
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.accounts import (
    AccountBody,
    AccountChange,
    AccountList,
    Created,
    InitialPassword,
    NewAccount,
)
from hotline.api.schemas.common import Code
from hotline.hall.inputs import ForceState
from hotline.people import accounts
from hotline.people.accounts import AccountRefused, Change
from hotline.people.permissions import Action
from hotline.people.sessions import Ended
from seats.seat import SeatState

_log = structlog.get_logger(__name__)

routes = router("账号")
Lister = Annotated[Grant, Depends(granted(Action.ACCOUNT_LIST))]
Changer = Annotated[Grant, Depends(granted(Action.ACCOUNT_CHANGE))]
Id = Annotated[Code, Path(description="账号标识", examples=["acc-0123456789abcdef"])]


@routes.get("/accounts", operation_id="listAccounts", summary="账号列表", response_model=AccountList)
async def list_accounts(grant: Lister, request: Request) -> AccountList:
    """本大厅的全部账号，按工号排列。"""
    async with request.app.state.engine.connect() as conn:
        found = await accounts.of_hall(conn, grant.hall)
    return AccountList(items=[AccountBody.of(each) for each in found])


@routes.post(
    "/accounts",
    operation_id="createAccount",
    summary="新建账号",
    status_code=201,
    response_model=Created,
    responses=refusals("work_number_taken", "unit_unknown", "request_running", "key_reused"),
)
async def create_account(body: NewAccount, grant: Changer, turn: Turn, request: Request, response: Response) -> Created:
    """新建账号；随机的初始密码只在本次返回，首次登录必须修改。"""
    response.headers["Cache-Control"] = "no-store"

    async def create(conn: AsyncConnection) -> Created:
        account, password = await accounts.create(
            conn,
            request.app.state.passwords,
            hall=grant.hall,
            work_number=body.work_number,
            name=body.name,
            role=body.role,
            groups=body.groups,
            unit=body.unit,
            now=grant.now,
            doer=grant.doer,
        )
        return Created(account=AccountBody.of(account), initial_password=password)

    try:
        return await turn.do(grant, Created, create)
    except AccountRefused as refused:
        raise Problem(refused.code, refused.detail) from None


@routes.patch(
    "/accounts/{account}",
    operation_id="changeAccount",
    summary="修改账号",
    response_model=AccountBody,
    responses=refusals("not_found", "last_administrator", "unit_unknown"),
)
async def change_account(account: Id, body: AccountChange, grant: Changer, request: Request) -> AccountBody:
    """修改姓名、角色、技能组或停用状态；角色改变或停用时，该账号的会话立即结束，所在坐席签出。"""
    state = request.app.state
    change = Change(
        name=body.name,
        role=body.role,
        groups=tuple(body.groups) if body.groups is not None else None,
        unit=body.unit,
        disabled=body.disabled,
    )
    try:
        async with state.engine.begin() as conn:
            changed, ended = await accounts.change(
                conn, state.sessions, hall=grant.hall, account=account, change=change, now=grant.now, doer=grant.doer
            )
    except AccountRefused as refused:
        raise Problem(refused.code, refused.detail) from None
    await _gone(request, grant, account, ended)
    return AccountBody.of(changed)


@routes.post(
    "/accounts/{account}/reset-password",
    operation_id="resetPassword",
    summary="重置密码",
    response_model=InitialPassword,
    responses=refusals("not_found", "request_running", "key_reused"),
)
async def reset_password(
    account: Id, grant: Changer, turn: Turn, request: Request, response: Response
) -> InitialPassword:
    """生成新的初始密码；该账号的会话立即结束。"""
    state = request.app.state
    response.headers["Cache-Control"] = "no-store"
    ended: Ended | None = None

    async def reset(conn: AsyncConnection) -> InitialPassword:
        nonlocal ended
        password, ended = await accounts.reset_password(
            conn,
            state.sessions,
            state.passwords,
            hall=grant.hall,
            account=account,
            now=grant.now,
            doer=grant.doer,
        )
        return InitialPassword(initial_password=password)

    try:
        answer = await turn.do(grant, InitialPassword, reset)
    except AccountRefused as refused:
        raise Problem(refused.code, refused.detail) from None
    state.sessions.announce(ended)
    return answer


async def _gone(request: Request, grant: Grant, account: str, ended: Ended | None) -> None:
    """Whoever may no longer work here leaves the seat as well; a call that is there is finished first."""
    state = request.app.state
    state.sessions.announce(ended)
    seat = seat_of(state.halls, grant.hall, account) if ended is not None else None
    if seat is None:
        return
    command = ForceState(seat=seat.number, state=SeatState.SIGNED_OFF, reason="account_changed")
    try:
        await state.halls[grant.hall].ask(command, grant.actor)
    except Exception as error:
        # The account is changed all the same; without a session the seat goes missing, then off, by itself.
        _log.warning("seat_not_signed_off", seat=seat.number, error=type(error).__name__)
