"""Emergency plans (应急预案), incidents by checklist, and the major-incident report (重大事项报告)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Cursor, Grant, Limit, granted, read_cursor, router, write_cursor
from hotline.api.problems import Problem, problem_of, refusals
from hotline.api.schemas.common import Page
from hotline.api.schemas.incidents import (
    BeginBody,
    IncidentBody,
    IncidentRow,
    PlanBody,
    PlanContent,
    ReportBody,
    SavePlanBody,
    StepBody,
    TickBody,
    ToldBody,
    WriteBody,
)
from hotline.audit.trail import Act, record
from hotline.incidents import plans as plan_rows
from hotline.incidents.paper import CONTENT_POLICY, Sheet, paper
from hotline.incidents.plan import Plan
from hotline.incidents.service import IncidentRefused, Incidents, Report, plan_of
from hotline.people.permissions import Action
from hotline.rosters.calendar import SHANGHAI
from hotline.store.tables import ACCOUNTS, INCIDENT_STEPS, INCIDENTS

routes = router("应急")
Reader = Annotated[Grant, Depends(granted(Action.INCIDENT_READ))]
Worker = Annotated[Grant, Depends(granted(Action.INCIDENT_HANDLE))]
Planner = Annotated[Grant, Depends(granted(Action.INCIDENT_PLAN))]
Id = Annotated[int, Path(ge=1, le=2**62, description="应急事件编号")]
PlanCode = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$", description="预案代号", examples=["harm"])]
_OPEN: Final = ("not_found", "incident_ended")


class Before(msgspec.Struct, frozen=True, array_like=True):
    """Before which incident a page begins."""

    id: int


@routes.get("/incident-plans", operation_id="listIncidentPlans", summary="应急预案")
async def list_plans(grant: Reader, request: Request) -> list[PlanBody]:
    """各预案的最新版本；版本 0 是系统自带的。"""
    async with request.app.state.engine.connect() as conn:
        return [_plan(each) for each in await plan_rows.plans(conn, grant.hall)]


@routes.put(
    "/incident-plans/{code}",
    operation_id="saveIncidentPlan",
    summary="修改应急预案",
    responses=refusals("incident_plan_changed"),
)
async def save_plan(code: PlanCode, body: SavePlanBody, grant: Planner, request: Request) -> PlanBody:
    """成为新版本，已启动的不受影响；记入审计。"""
    plan = msgspec.convert(body.plan.model_dump(), Plan)
    try:
        async with request.app.state.engine.begin() as conn:
            version = await plan_rows.save(
                conn, grant.hall, code, plan, seen=body.seen, by=grant.who.account, now=grant.now
            )
            await _on_record(conn, grant, Act.INCIDENT_PLAN_CHANGED, f"incident-plan:{code}/{version}")
    except plan_rows.PlanChanged:
        raise Problem("incident_plan_changed") from None
    except plan_rows.PlanWrong as wrong:
        errors = [{"field": f"plan.{field}", "message": why} for field, why in wrong.faults.items()]
        raise Problem("invalid_input", errors=errors) from None
    return _plan(plan_rows.Versioned(code=code, version=version, plan=plan))


@routes.get("/incidents", operation_id="listIncidents", summary="应急事件", responses=refusals("bad_cursor"))
async def list_incidents(
    grant: Reader,
    request: Request,
    open_only: Annotated[bool, Query(description="只看未结束的")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[IncidentRow]:
    """最新的在前。"""
    i, s = INCIDENTS.c, INCIDENT_STEPS.c
    query = select(INCIDENTS).where(i.hall == grant.hall).order_by(i.id.desc()).limit(limit + 1)
    query = query.where(i.ended_at.is_(None)) if open_only else query
    before = read_cursor(cursor, Before)
    query = query.where(i.id < before.id) if before is not None else query
    async with request.app.state.engine.connect() as conn:
        rows = (await conn.execute(query)).all()
        names = await _names(conn, {row.begun_by for row in rows})
        done = (
            select(s.incident, func.count().label("done"))
            .where(s.incident.in_([row.id for row in rows]))
            .group_by(s.incident)
        )
        counts = {row.incident: row.done for row in await conn.execute(done)}
        items = [IncidentRow(**_line(row, counts.get(row.id, 0), names)) for row in rows[:limit]]
    more = Before(rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=items, next_cursor=write_cursor(more))


@routes.post(
    "/incidents",
    operation_id="beginIncident",
    summary="启动应急预案",
    status_code=201,
    responses=refusals("not_found", "incident_plan_unknown"),
)
async def begin(body: BeginBody, grant: Worker, request: Request) -> IncidentBody:
    """按预案生成检查表和报告期限；记入审计。"""
    async with _handling(grant, request) as incidents:
        number = await incidents.begin(body.plan, ticket=body.ticket, call=body.call)
        await _on_record(incidents.conn, grant, Act.INCIDENT_BEGUN, f"incident:{number}", plan=body.plan)
    return await _shown(number, grant, request)


@routes.get(
    "/incidents/{incident}", operation_id="readIncident", summary="一个应急事件", responses=refusals("not_found")
)
async def read(incident: Id, grant: Reader, request: Request, response: Response) -> IncidentBody:
    """含检查表和报告；查看记入审计。"""
    response.headers["Cache-Control"] = "no-store"
    async with _handling(grant, request) as incidents:
        await incidents.row(incident)
        await _on_record(incidents.conn, grant, Act.INCIDENT_VIEW, f"incident:{incident}")
    return await _shown(incident, grant, request)


@routes.post(
    "/incidents/{incident}/steps/{position}",
    operation_id="tickIncidentStep",
    summary="完成步骤",
    responses=refusals(*_OPEN, "incident_step_done"),
)
async def tick(
    incident: Id,
    position: Annotated[int, Path(ge=0, le=100, description="第几个步骤，从 0 起")],
    body: TickBody,
    grant: Worker,
    request: Request,
) -> IncidentBody:
    """记下由谁、何时完成；不需要的写明原因。"""
    async with _handling(grant, request) as incidents:
        await incidents.tick(incident, position, note=body.note.strip(), skipped=body.skipped.strip())
        await _on_record(incidents.conn, grant, Act.INCIDENT_STEP, f"incident:{incident}", step=position)
    return await _shown(incident, grant, request)


@routes.put(
    "/incidents/{incident}/report",
    operation_id="writeIncidentReport",
    summary="填写重大事项报告",
    responses=refusals(*_OPEN, "incident_changed"),
)
async def write(incident: Id, body: WriteBody, grant: Worker, request: Request) -> IncidentBody:
    """内容加密保存。"""
    async with _handling(grant, request) as incidents:
        await incidents.write(incident, Report(**body.report.model_dump()), body.seen)
    return await _shown(incident, grant, request)


@routes.post(
    "/incidents/{incident}/told",
    operation_id="tellIncident",
    summary="已报告上级",
    responses=refusals(*_OPEN, "incident_told", "incident_open_things"),
)
async def told(incident: Id, body: ToldBody, grant: Worker, request: Request) -> IncidentBody:
    """登记口头或书面报告的时间；记入审计。"""
    async with _handling(grant, request) as incidents:
        await incidents.told(incident, body.how)
        await _on_record(incidents.conn, grant, Act.INCIDENT_REPORTED, f"incident:{incident}", how=body.how.value)
    return await _shown(incident, grant, request)


@routes.post(
    "/incidents/{incident}/end",
    operation_id="endIncident",
    summary="应急结束",
    responses=refusals(*_OPEN, "incident_open_things"),
)
async def end(incident: Id, grant: Worker, request: Request) -> IncidentBody:
    """步骤都有结果、都已报告之后才能结束。"""
    async with _handling(grant, request) as incidents:
        await incidents.end(incident)
        await _on_record(incidents.conn, grant, Act.INCIDENT_ENDED, f"incident:{incident}")
    return await _shown(incident, grant, request)


@routes.get(
    "/incidents/{incident}/paper",
    operation_id="printIncident",
    summary="打印重大事项报告",
    response_class=HTMLResponse,
    responses={200: {"description": "供打印的网页", "content": {"text/html": {}}}, **refusals("not_found")},
)
async def print_report(incident: Id, grant: Reader, request: Request) -> HTMLResponse:
    """A4 一页，可盖章报送；记入审计。"""
    async with _handling(grant, request) as incidents:
        row = await incidents.row(incident)
        steps = await incidents.steps(incident)
        names = await _names(
            incidents.conn, {row.begun_by, row.reported_by, *(each.done_by for each in steps.values())}
        )
        await _on_record(incidents.conn, grant, Act.INCIDENT_VIEW, f"incident:{incident}")
        plan, report = plan_of(row), incidents.report(row)
        lines = [_told(plan.steps[at].title, each, incidents.note(each), names) for at, each in sorted(steps.items())]
    hall = request.app.state.settings.halls[grant.hall].label
    sheet = Sheet(
        hall=hall,
        number=row.id,
        plan=plan.title,
        report_to=plan.report_to,
        begun_at=row.begun_at,
        begun_by=_name(names, row.begun_by),
        reported=f"{_clock(row.reported_at)}，{_name(names, row.reported_by)}" if row.reported_at else "",
        ticket=row.ticket or "",
        report=report,
        steps=lines,
    )
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": CONTENT_POLICY}
    return HTMLResponse(paper(sheet, grant.now), headers=headers)


@asynccontextmanager
async def _handling(grant: Grant, request: Request) -> AsyncIterator[Incidents]:
    """One transaction; what goes wrong becomes a problem."""
    try:
        async with request.app.state.engine.begin() as conn:
            yield _incidents(conn, grant, request)
    except IncidentRefused as refused:
        raise problem_of(refused.code, refused.detail) from None


def _incidents(conn: AsyncConnection, grant: Grant, request: Request) -> Incidents:
    seal = request.app.state.seal
    return Incidents(conn, seal, hall=grant.hall, account=grant.who.account, now=grant.now)


async def _on_record(conn: AsyncConnection, grant: Grant, act: Act, object: str, **data: str | int) -> None:
    await record(conn, hall=grant.hall, doer=grant.doer, act=act, object=object, at=grant.now, data=data)


async def _shown(incident: int, grant: Grant, request: Request) -> IncidentBody:
    async with request.app.state.engine.connect() as conn:
        incidents = _incidents(conn, grant, request)
        row = await incidents.row(incident)
        steps = await incidents.steps(incident)
        people = {row.begun_by, row.reported_by, row.written_by, row.ended_by}
        names = await _names(conn, people | {each.done_by for each in steps.values()})
        plan, report = plan_of(row), incidents.report(row)
        checklist = [
            StepBody(
                title=step.title,
                text=step.text,
                call=step.call,
                done_at=done.done_at if (done := steps.get(at)) is not None else None,
                done_by=_name(names, done.done_by) if done is not None else "",
                skipped=done.skipped if done is not None else "",
                note=incidents.note(done) if done is not None else "",
            )
            for at, step in enumerate(plan.steps)
        ]
    return IncidentBody(
        **_line(row, len(steps), names),
        version=row.version,
        report_to=plan.report_to,
        when=plan.when,
        reported_by=_name(names, row.reported_by),
        written_by=_name(names, row.written_by),
        ended_by=_name(names, row.ended_by),
        checklist=checklist,
        report=ReportBody(**msgspec.to_builtins(report)),
    )


def _line(row: Row[Any], done: int, names: Mapping[str, str]) -> dict[str, Any]:
    plan = plan_of(row)
    same = ("id", "plan", "begun_at", "report_due_at", "reported_at", "written_due_at", "written_at", "ended_at")
    kept = {name: row._mapping[name] for name in (*same, "ticket", "call")}
    return {**kept, "title": plan.title, "begun_by": _name(names, row.begun_by), "steps": len(plan.steps), "done": done}


def _plan(versioned: plan_rows.Versioned) -> PlanBody:
    content = PlanContent.model_validate(msgspec.to_builtins(versioned.plan))
    return PlanBody(code=versioned.code, version=versioned.version, plan=content)


def _told(title: str, step: Row[Any], note: str, names: Mapping[str, str]) -> str:
    result = f"不需要（{step.skipped}）" if step.skipped else note
    said = f"{_clock(step.done_at)} {_name(names, step.done_by)}：{title}"
    return f"{said}。{result}" if result else said


def _clock(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%m-%d %H:%M}"


def _name(names: Mapping[str, str], account: str | None) -> str:
    return names.get(account or "", account or "")


async def _names(conn: AsyncConnection, accounts: set[str | None]) -> dict[str, str]:
    a = ACCOUNTS.c
    rows = await conn.execute(select(a.id, a.name).where(a.id.in_(sorted(each for each in accounts if each))))
    return {row.id: row.name for row in rows}
