"""Announcements (语音与公告): the call plan and the notices. Prompts are in `prompts.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends, Header, Path, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.announcements import plans, prompts
from hotline.announcements.changes import Changes
from hotline.announcements.check import Fault, faults, is_good, notice_faults
from hotline.announcements.default import plan_of
from hotline.announcements.outline import outline
from hotline.announcements.plan import Notice, Plan
from hotline.announcements.speak import notices_at
from hotline.api.deps import Grant, granted, router
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.announcements import (
    CheckBody,
    NewNotice,
    NewPlan,
    NoticeBody,
    NoticeList,
    PlanAnswer,
    PlanBody,
    RestoreBody,
    SwitchBody,
    VersionBody,
    VersionList,
)
from hotline.api.schemas.common import Code
from hotline.audit.trail import Act, record
from hotline.people.permissions import Action
from hotline.store.tables import ACCOUNTS

routes = router("语音与公告")
Reader = Annotated[Grant, Depends(granted(Action.ANNOUNCEMENT_READ))]
Changer = Annotated[Grant, Depends(granted(Action.ANNOUNCEMENT_CHANGE))]
Switcher = Annotated[Grant, Depends(granted(Action.NOTICE_SWITCH))]
Match = Annotated[str | None, Header(alias="If-Match", max_length=40, description='读取时的 ETag，例如 "3"')]
PlanVersion = Annotated[int, Path(ge=0, le=1_000_000, description="版本；0 为配置文件")]
NoticeId = Annotated[Code, Path(description="公告标识", examples=["emergency"])]

SHOWN: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "headers": {
            "ETag": {"description": "版本，修改时放入 If-Match", "schema": {"type": "string"}, "example": '"3"'}
        }
    }
}
_SAVED: Final = ("plan_invalid", "plan_changed", "announcement_version_required")
_NOTICE: Final = ("not_found", "notice_invalid", "notice_changed")


# ── the plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@routes.get(
    "/announcements/plan",
    operation_id="readPlan",
    summary="来电流程",
    response_model=PlanAnswer,
    responses=SHOWN,
)
async def read_plan(grant: Reader, request: Request, response: Response) -> PlanAnswer:
    """当前的来电流程、其中的问题，以及来电人依次听到什么；没有保存过时为配置文件的设置（第 0 版）。"""
    async with request.app.state.engine.connect() as conn:
        plan, made = await plans.current(conn, grant.hall, of_settings(request, grant))
        return await _answer(conn, request, grant, response, plan, made)


@routes.put(
    "/announcements/plan",
    operation_id="savePlan",
    summary="保存来电流程",
    response_model=PlanAnswer,
    responses=SHOWN | refusals(*_SAVED),
)
async def save_plan(
    body: NewPlan, grant: Changer, request: Request, response: Response, version: Match = None
) -> PlanAnswer:
    """保存为新的一版，之后的来电按它处理；有错误时一概不保存，逐处说明。"""
    return await _save(body.plan.value(), body.note, read_version(version), grant, request, response)


@routes.post(
    "/announcements/plan/check",
    operation_id="checkPlan",
    summary="试算来电流程",
    response_model=CheckBody,
)
async def check_plan(body: PlanBody, grant: Reader, request: Request) -> CheckBody:
    """不保存，只说明有哪些问题、来电人会听到什么。"""
    async with request.app.state.engine.connect() as conn:
        current, _ = await plans.current(conn, grant.hall, of_settings(request, grant))
        plan = msgspec.structs.replace(body.value(), notices=current.notices)
        return CheckBody.of(*await _checked(conn, request, grant, plan))


@routes.get(
    "/announcements/plan/versions", operation_id="listPlans", summary="历次来电流程", response_model=VersionList
)
async def list_plans(grant: Reader, request: Request) -> VersionList:
    """最新的在前，最后一项是配置文件（第 0 版）。"""
    async with request.app.state.engine.connect() as conn:
        names = await people(conn, grant.hall)
        return VersionList(items=[VersionBody.made(each, names) for each in await plans.versions(conn, grant.hall)])


@routes.get(
    "/announcements/plan/versions/{version}",
    operation_id="readPlanVersion",
    summary="某一版来电流程",
    response_model=PlanAnswer,
    responses=SHOWN | refusals("not_found"),
)
async def read_plan_version(version: PlanVersion, grant: Reader, request: Request, response: Response) -> PlanAnswer:
    """以前的一版，不含公告。"""
    async with request.app.state.engine.connect() as conn:
        try:
            plan, made = await plans.version(conn, grant.hall, version, of_settings(request, grant))
        except plans.NoSuchPlan:
            raise Problem("not_found") from None
        return await _answer(conn, request, grant, response, plan, made)


@routes.post(
    "/announcements/plan/restore",
    operation_id="restorePlan",
    summary="恢复以前的来电流程",
    response_model=PlanAnswer,
    responses=SHOWN | refusals(*_SAVED, "not_found"),
)
async def restore_plan(
    body: RestoreBody, grant: Changer, request: Request, response: Response, version: Match = None
) -> PlanAnswer:
    """以前的一版成为新的一版；其中用到的提示音或队列已经没有时，不能恢复。"""
    async with request.app.state.engine.connect() as conn:
        try:
            plan, _ = await plans.version(conn, grant.hall, body.version, of_settings(request, grant))
        except plans.NoSuchPlan:
            raise Problem("not_found") from None
    note = f"恢复第 {body.version} 版" if body.version else "恢复配置文件的设置"
    return await _save(plan, note, read_version(version), grant, request, response)


# ── notices ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@routes.get("/announcements/notices", operation_id="listNotices", summary="公告", response_model=NoticeList)
async def list_notices(grant: Reader, request: Request) -> NoticeList:
    """本大厅的公告；紧急公告总在其中，随时可以开启。"""
    async with request.app.state.engine.connect() as conn:
        stored = await plans.list_notices(conn, grant.hall)
        names = await people(conn, grant.hall)
    playing = {each.id for each in notices_at(Plan(notices=tuple(each.notice for each in stored)), grant.now)}
    return NoticeList(items=[NoticeBody.of(each, names, playing=each.notice.id in playing) for each in stored])


@routes.post(
    "/announcements/notices",
    operation_id="addNotice",
    summary="新建公告",
    status_code=201,
    response_model=NoticeBody,
    responses=refusals("notice_invalid", "too_many_notices", "request_running", "key_reused"),
)
async def add_notice(body: NewNotice, grant: Changer, request: Request, turn: Turn) -> NoticeBody:
    """在起止时间之内对每位来电人播放。"""

    async def add(conn: AsyncConnection) -> NoticeBody:
        notice = body.value("")
        await _refuse_bad(conn, request, grant, notice)
        try:
            stored = await plans.add_notice(conn, grant.hall, notice, by=grant.who.account, now=grant.now)
        except plans.TooManyNotices:
            raise Problem("too_many_notices") from None
        await _told(conn, grant, Act.NOTICE_CHANGED, stored, "added")
        return _notice(stored, grant)

    made = await turn.do(grant, NoticeBody, add)
    changes(request).stir()
    return made


@routes.put(
    "/announcements/notices/{notice}",
    operation_id="changeNotice",
    summary="修改公告",
    response_model=NoticeBody,
    responses=refusals(*_NOTICE, "announcement_version_required"),
)
async def change_notice(
    notice: NoticeId, body: NewNotice, grant: Changer, request: Request, version: Match = None
) -> NoticeBody:
    """If-Match 为公告的 version。"""
    async with _on_notice(request) as conn:
        fresh = body.value(notice)
        after = read_version(version)
        await _refuse_bad(conn, request, grant, fresh)
        stored = await plans.change_notice(conn, grant.hall, fresh, after=after, by=grant.who.account, now=grant.now)
        await _told(conn, grant, Act.NOTICE_CHANGED, stored, "changed")
    return _notice(stored, grant)


@routes.post(
    "/announcements/notices/{notice}/switch",
    operation_id="switchNotice",
    summary="开启或关闭公告",
    response_model=NoticeBody,
    responses=refusals("not_found", "notice_invalid"),
)
async def switch_notice(notice: NoticeId, body: SwitchBody, grant: Switcher, request: Request) -> NoticeBody:
    """班长一键开启或关闭，之后的来电立即生效。开启时，已过的结束时间不再有效。"""
    async with _on_notice(request) as conn:
        before = (await plans.read_notice(conn, grant.hall, notice)).notice
        until = body.until or before.until
        if body.on and body.until is None and until is not None and until <= grant.now:
            until = None
        start = None if body.on and before.start is not None and before.start > grant.now else before.start
        fresh = msgspec.structs.replace(before, on=body.on, until=until, start=start)
        if body.on:
            await _refuse_bad(conn, request, grant, fresh)
        stored = await plans.change_notice(conn, grant.hall, fresh, after=None, by=grant.who.account, now=grant.now)
        await _told(conn, grant, Act.NOTICE_SWITCHED, stored, "on" if body.on else "off")
    return _notice(stored, grant)


@routes.delete(
    "/announcements/notices/{notice}",
    operation_id="removeNotice",
    summary="删除公告",
    status_code=204,
    responses=refusals("not_found"),
)
async def remove_notice(notice: NoticeId, grant: Changer, request: Request) -> None:
    """不再播放；紧急公告恢复为最初的内容，并处于关闭状态。"""
    async with _on_notice(request) as conn:
        stored = await plans.remove_notice(conn, grant.hall, notice)
        await _told(conn, grant, Act.NOTICE_CHANGED, stored, "removed")


# ── common ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_settings(request: Request, grant: Grant) -> Plan:
    """The plan of the hall's settings."""
    return plan_of(request.app.state.settings.halls[grant.hall])


def changes(request: Request) -> Changes:
    """Who follows what is changed here."""
    return request.app.state.announcements


async def people(conn: AsyncConnection, hall: str) -> Mapping[str, str]:
    """Account → 工号 and name, for whoever wants to know who changed something."""
    a = ACCOUNTS.c
    rows = await conn.execute(select(a.id, a.work_number, a.name).where(a.hall == hall))
    return {row.id: f"{row.work_number} {row.name}".strip() for row in rows}


def read_version(header: str | None) -> int:
    """The version in an If-Match. Raises `Problem`."""
    text = (header or "").strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Problem("announcement_version_required")
    return int(text)


async def _save(plan: Plan, note: str, after: int, grant: Grant, request: Request, response: Response) -> PlanAnswer:
    try:
        async with request.app.state.engine.begin() as conn:
            current, _ = await plans.current(conn, grant.hall, plan)
            whole = msgspec.structs.replace(plan, notices=current.notices, variants=current.variants)
            found, _ = await _checked(conn, request, grant, whole)
            if not is_good(found):
                raise Problem("plan_invalid", errors=_errors(found))
            made = await plans.save(conn, grant.hall, plan, after=after, note=note, by=grant.who.account, now=grant.now)
            await record(
                conn,
                hall=grant.hall,
                doer=grant.doer,
                act=Act.PLAN_CHANGED,
                object=f"announcements/plan/{made.version}",
                at=grant.now,
                data={"version": made.version, "note": note},
            )
            answer = await _answer(conn, request, grant, response, whole, made)
    except plans.PlanChanged as changed:
        raise Problem("plan_changed", headers={"ETag": f'"{changed.version}"'}) from None
    changes(request).stir()
    return answer


async def _answer(
    conn: AsyncConnection, request: Request, grant: Grant, response: Response, plan: Plan, made: plans.Made
) -> PlanAnswer:
    checked = CheckBody.of(*await _checked(conn, request, grant, plan))
    response.headers["ETag"] = f'"{made.version}"'
    response.headers["Cache-Control"] = "no-store"
    shown = {name: getattr(checked, name) for name in CheckBody.model_fields}
    by = (await people(conn, grant.hall)).get(made.made_by, made.made_by)
    return PlanAnswer(**msgspec.structs.asdict(made) | {"made_by": by}, **shown, plan=PlanBody.of(plan))


async def _checked(conn: AsyncConnection, request: Request, grant: Grant, plan: Plan) -> tuple[list[Fault], Any]:
    queues = {name: each.label for name, each in request.app.state.settings.halls[grant.hall].queues.items()}
    there = await prompts.playable(conn, grant.hall, changes(request).built_in_seconds(grant.hall))
    found = faults(plan, queues, {name: each.seconds for name, each in there.items()})
    return found, outline(plan, there, queues)


async def _refuse_bad(conn: AsyncConnection, request: Request, grant: Grant, notice: Notice) -> None:
    there = await prompts.playable(conn, grant.hall, changes(request).built_in_seconds(grant.hall))
    plan, _ = await plans.current(conn, grant.hall, of_settings(request, grant))
    found = notice_faults(notice, plan.voicemail, {name: each.seconds for name, each in there.items()})
    if not is_good(found):
        raise Problem("notice_invalid", errors=_errors(found))


@asynccontextmanager
async def _on_notice(request: Request) -> AsyncIterator[AsyncConnection]:
    try:
        async with request.app.state.engine.begin() as conn:
            yield conn
    except plans.NoSuchNotice:
        raise Problem("not_found") from None
    except plans.NoticeChanged:
        raise Problem("notice_changed") from None
    changes(request).stir()


async def _told(conn: AsyncConnection, grant: Grant, act: Act, stored: plans.StoredNotice, what: str) -> None:
    await record(
        conn,
        hall=grant.hall,
        doer=grant.doer,
        act=act,
        object=f"announcements/notices/{stored.notice.id}",
        at=grant.now,
        data={"what": what, "title": stored.notice.title, "kind": stored.notice.kind.value},
    )


def _notice(stored: plans.StoredNotice, grant: Grant) -> NoticeBody:
    own = {grant.who.account: f"{grant.who.work_number} {grant.who.name}".strip()}
    return NoticeBody.of(stored, own, playing=bool(notices_at(Plan(notices=(stored.notice,)), grant.now)))


def _errors(found: list[Fault]) -> list[dict[str, str]]:
    return [{"field": each.place, "message": each.message} for each in found if each.grade == "error"]
