"""The days' figures (日报)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from sqlalchemy import select

from hotline.api.deps import Grant, granted, router
from hotline.api.problems import Problem, refusals
from hotline.audit.trail import Act, record
from hotline.people.permissions import Action
from hotline.reports import answer_rate
from hotline.store.tables import DAY_REPORTS

routes = router("报表")
Reader = Annotated[Grant, Depends(granted(Action.REPORT_READ))]
Day = Annotated[date, PathParameter(description="日期（北京时间）", examples=["2026-11-21"])]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@routes.get("/reports/days", operation_id="listDays", summary="最近各日的指标")
async def list_days(
    grant: Reader, request: Request, last: Annotated[int, Query(ge=1, le=92, description="天数")] = 30
) -> dict[str, Any]:
    """今天（暂算）在前；每个比率都带公式编号、分子和分母。"""
    return {"items": await answer_rate.last_days(request.app.state.engine, grant.hall, last, now=grant.now)}


@routes.get("/reports/{day}", operation_id="readDay", summary="一日的全部指标", responses=refusals("report_missing"))
async def read_day(day: Day, grant: Reader, request: Request) -> dict[str, Any]:
    """已保存的日报；尚未保存的日期现算，标为暂算。"""
    d = DAY_REPORTS.c
    async with request.app.state.engine.connect() as conn:
        row = (
            await conn.execute(select(d.measures, d.made_at).where(d.hall == grant.hall, d.day == day))
        ).one_or_none()
    if row is not None:
        return {**row.measures, "made_at": row.made_at}
    today = grant.now.astimezone(answer_rate.SHANGHAI).date()
    if day > today or day.year < 2000:
        raise Problem("report_missing")
    hall = request.app.state.settings.halls.get(grant.hall)
    labels = {name: queue.label for name, queue in hall.queues.items()} if hall is not None else {}
    made = await answer_rate.report(request.app.state.engine, grant.hall, day, now=grant.now, queue_labels=labels)
    return {**made, "made_at": grant.now}


@routes.get(
    "/reports/{day}/xlsx",
    operation_id="exportDay",
    summary="下载日报表格",
    response_class=FileResponse,
    responses={200: {"description": "表格", "content": {XLSX: {}}}, **refusals("report_missing")},
)
async def export_day(day: Day, grant: Reader, request: Request) -> FileResponse:
    """夜间生成的 XLSX 文件；下载记入审计。"""
    state = request.app.state
    query = select(DAY_REPORTS.c.xlsx).where(DAY_REPORTS.c.hall == grant.hall, DAY_REPORTS.c.day == day)
    async with state.engine.connect() as conn:
        stored = (await conn.execute(query)).scalar_one_or_none()
    path = _below(Path(state.settings.service.state_dir), stored) if stored else None
    if path is None:
        raise Problem("report_missing", "表格在次日凌晨生成。")
    async with state.engine.begin() as conn:
        await record(conn, hall=grant.hall, doer=grant.doer, act=Act.EXPORT, object=f"report/{day}", at=grant.now)
    return FileResponse(
        path, media_type=XLSX, filename=f"12348-{grant.hall}-{day}.xlsx", headers={"Cache-Control": "no-store"}
    )


def _below(root: Path, stored: str) -> Path | None:
    """The file, when it is one and below the state directory."""
    top = root.resolve()
    path = (top / stored).resolve()
    return path if path.is_relative_to(top) and path.suffix == ".xlsx" and path.is_file() else None
