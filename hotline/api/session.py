"""Signing in and off, and one's own password."""

from __future__ import annotations

import math
import unicodedata
from typing import Annotated, Final

import msgspec
from fastapi import Depends, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline.api.deps import (
    SIGN_IN_PACE,
    Grant,
    address_of,
    cookie_name,
    find_who,
    granted,
    is_secure,
    router,
    seat_of,
)
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.session import Me, PasswordChange, SeatBody, SignIn
from hotline.audit.trail import NOBODY, Act, Doer, record
from hotline.hall.view import seat_view
from hotline.handling.lists import unit_names
from hotline.people import accounts, tries
from hotline.people.passwords import Passwords
from hotline.people.permissions import Action, names
from hotline.people.sessions import Sessions, Who
from hotline.rosters.people import masked_number
from hotline.store.errors import StoreAway

routes = router("登录")
Self = Annotated[Grant, Depends(granted(Action.SESSION_OWN, initial_password=True))]

MAX_PASSWORD: Final = 256
"""Characters that are compared at all; hashing a book would keep others waiting."""


@routes.post(
    "/session",
    operation_id="signIn",
    summary="登录",
    response_model=Me,
    responses=refusals("sign_in_failed", "too_many_tries"),
)
async def sign_in(body: SignIn, request: Request, response: Response) -> Me:
    """用工号和密码登录；成功后以 Cookie 保持会话。工号不存在与密码错误不作区分。"""
    state = request.app.state
    engine: AsyncEngine = state.engine
    passwords: Passwords = state.passwords
    sessions: Sessions = state.sessions
    address, now = address_of(request), state.clock.now()
    number = unicodedata.normalize("NFKC", body.work_number).strip()
    known = body.hall in state.halls and accounts.WORK_NUMBER.fullmatch(number) is not None
    if not state.pace.take(SIGN_IN_PACE, "sign_in", address):
        raise Problem("too_many_tries", headers={"Retry-After": "60"})
    # What cannot be an account is not written down: people type passwords into the wrong field.
    tried = tries.key(body.hall, number, address) if known else None
    if tried is not None:
        async with engine.begin() as conn:
            wait = await tries.take(conn, tried, now)
        if wait is not None:
            seconds = max(1, math.ceil(wait.total_seconds()))
            minutes = math.ceil(seconds / 60)
            raise Problem("too_many_tries", f"请在 {minutes} 分钟后再试。", headers={"Retry-After": str(seconds)})
    found = None
    if known:
        async with engine.connect() as conn:
            found = await accounts.by_work_number(conn, body.hall, number)
    usable = found if found is not None and found[0].disabled_at is None else None
    right = await passwords.verify(body.password[:MAX_PASSWORD], usable[1] if usable is not None else None)
    if usable is None or not right:
        if known:
            doer = Doer(account=NOBODY, work_number=number, address=address)
            async with engine.begin() as conn:
                await record(
                    conn, hall=body.hall, doer=doer, act=Act.LOGIN_FAILED, object=number, at=now, result="refused"
                )
        raise Problem("sign_in_failed")
    account = usable[0]
    before = await find_who(request)
    async with engine.begin() as conn:
        # Read again under a lock: it may have been disabled while the password was compared.
        account = await accounts.find(conn, body.hall, account.id, lock=True)
        if account.disabled_at is not None or await accounts.password_hash(conn, account.id) != usable[1]:
            raise Problem("sign_in_failed")
        if tried is not None:
            await tries.forget(conn, tried)
        replaced = await sessions.end(conn, before.session, now) if before is not None else None
        token = await sessions.open(conn, account.id, now, address=address, agent=request.headers.get("user-agent", ""))
        crowded = await sessions.crowded(conn, account.id, now)
        doer = Doer(account=account.id, work_number=account.work_number, address=address)
        await record(conn, hall=account.hall, doer=doer, act=Act.LOGIN, object=account.id, at=now)
    sessions.announce(replaced)
    sessions.announce(crowded)
    response.set_cookie(
        cookie_name(request), token, path="/", httponly=True, samesite="strict", secure=is_secure(request)
    )
    response.headers["Cache-Control"] = "no-store"
    who = await sessions.find(token, now)
    if who is None:
        raise Problem("sign_in_failed")
    return await _me(request, who)


@routes.get("/session", operation_id="whoAmI", summary="当前账号", response_model=Me)
async def me(grant: Self, request: Request, response: Response) -> Me:
    """当前登录的账号、权限和所签入的坐席。"""
    response.headers["Cache-Control"] = "no-store"
    return await _me(request, grant.who)


@routes.delete("/session", operation_id="signOut", summary="退出登录", status_code=204, response_class=Response)
async def sign_out(grant: Self, request: Request) -> Response:
    """结束当前会话。"""
    sessions: Sessions = request.app.state.sessions
    async with request.app.state.engine.begin() as conn:
        ended = await sessions.end(conn, grant.who.session, grant.now)
        await record(conn, hall=grant.hall, doer=grant.doer, act=Act.LOGOUT, object=grant.who.account, at=grant.now)
    sessions.announce(ended)
    response = Response(status_code=204, headers={"Clear-Site-Data": '"cache", "storage"'})
    response.delete_cookie(cookie_name(request), path="/", httponly=True, samesite="strict", secure=is_secure(request))
    return response


@routes.post(
    "/session/password",
    operation_id="changePassword",
    summary="修改密码",
    status_code=204,
    response_class=Response,
    responses=refusals("password_wrong", "password_too_weak", "too_many_tries"),
)
async def change_password(body: PasswordChange, grant: Self, request: Request) -> Response:
    """修改自己的密码；其他会话随即结束。"""
    state = request.app.state
    engine: AsyncEngine = state.engine
    passwords: Passwords = state.passwords
    who = grant.who
    tried = tries.key(grant.hall, who.work_number, f"{grant.address}/password")
    async with engine.begin() as conn:
        wait = await tries.take(conn, tried, grant.now)
    if wait is not None:
        raise Problem("too_many_tries", headers={"Retry-After": str(max(1, math.ceil(wait.total_seconds())))})
    async with engine.connect() as conn:
        stored = await accounts.password_hash(conn, who.account)
    if not await passwords.verify(body.old[:MAX_PASSWORD], stored):
        raise Problem("password_wrong")
    hall = state.settings.halls.get(grant.hall)
    found = await passwords.weaknesses(
        body.new, work_number=who.work_number, name=who.name, hall=hall.label if hall is not None else ""
    )
    if body.new == body.old:
        found.append("新密码不能与原密码相同。")
    if found:
        errors = [{"field": "new", "message": each} for each in found]
        async with engine.begin() as conn:
            await tries.forget(conn, tried)
        raise Problem("password_too_weak", errors=errors)
    hashed = await passwords.hash(body.new)
    async with engine.begin() as conn:
        await tries.forget(conn, tried)
        ended = await accounts.change_password(
            conn,
            state.sessions,
            hall=grant.hall,
            account=who.account,
            password_hash=hashed,
            session=who.session,
            now=grant.now,
            doer=grant.doer,
        )
    state.sessions.announce(ended)
    return Response(status_code=204)


async def _me(request: Request, who: Who) -> Me:
    seat = seat_of(request.app.state.halls, who.hall, who.account)
    hall = request.app.state.settings.halls.get(who.hall)
    return Me(
        account=who.account,
        work_number=who.work_number,
        name=who.name,
        role=who.role,
        hall=who.hall,
        hall_label=hall.label if hall is not None else who.hall,
        groups=list(who.groups),
        unit=who.unit,
        unit_name=await _unit_name(request.app.state.engine, who),
        must_change_password=who.must_change,
        permissions=names(who.role),
        seat=SeatBody.model_validate(msgspec.to_builtins(seat_view(seat))) if seat is not None else None,
        mobile=await _mobile(request.app.state.engine, who),
    )


async def _unit_name(engine: AsyncEngine, who: Who) -> str:
    """As the page shows it. The database being away must not keep the page from opening."""
    if not who.unit:
        return ""
    try:
        async with engine.connect() as conn:
            return (await unit_names(conn, who.hall, [who.unit])).get(who.unit, who.unit)
    except (SQLAlchemyError, StoreAway, OSError):
        return who.unit


async def _mobile(engine: AsyncEngine, who: Who) -> str:
    """Where the account is rung on night duty. The database being away must not keep the page from opening."""
    try:
        async with engine.connect() as conn:
            return await masked_number(conn, who.hall, who.account)
    except (SQLAlchemyError, StoreAway, OSError):
        return ""
