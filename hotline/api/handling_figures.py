"""How well units handle what they are sent (考核): figures and file."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from hotline.api.deps import Grant, granted, router
from hotline.api.problems import Problem, refusals
from hotline.api.roster_plans import XLSX, spreadsheet
from hotline.api.schemas.handling_figures import HandlingFiguresBody
from hotline.audit.trail import Act, record
from hotline.handling import figures_sheet
from hotline.handling.figures import HandlingFigures, figures
from hotline.people.permissions import Action

routes = router("考核")
Reader = Annotated[Grant, Depends(granted(Action.REPORT_READ))]
First = Annotated[date, Query(alias="from", description="起始日期（含），北京时间", examples=["2026-11-01"])]
Last = Annotated[date, Query(alias="to", description="截止日期（含）", examples=["2026-11-30"])]
MAX_DAYS = 366
EARLIEST, LATEST = date(2000, 1, 1), date(9000, 1, 1)


@routes.get("/handling/figures", operation_id="readHandlingFigures", summary="考核指标")
async def read_figures(first: First, last: Last, grant: Reader, request: Request) -> HandlingFiguresBody:
    """各承办单位的派单、退单、反馈、按时率，回访和满意率；待回访及逾期。"""
    return HandlingFiguresBody.model_validate(await _figures(first, last, grant, request))


@routes.get(
    "/handling/figures/xlsx",
    operation_id="exportHandlingFigures",
    summary="下载考核指标",
    response_class=Response,
    responses={200: {"description": "表格", "content": {XLSX: {}}}, **refusals("invalid_input")},
)
async def export_figures(first: First, last: Last, grant: Reader, request: Request) -> Response:
    """XLSX，含口径；下载记入审计。"""
    found = await _figures(first, last, grant, request)
    made = await asyncio.to_thread(figures_sheet.write, found, request.app.state.settings.halls[grant.hall].label)
    async with request.app.state.engine.begin() as conn:
        of = f"handling/{first}/{last}"
        await record(conn, hall=grant.hall, doer=grant.doer, act=Act.EXPORT, object=of, at=grant.now)
    return spreadsheet(made, f"12348-handling-{grant.hall}-{first}-{last}.xlsx")


async def _figures(first: date, last: date, grant: Grant, request: Request) -> HandlingFigures:
    if not EARLIEST <= first <= last <= LATEST or (last - first).days > MAX_DAYS:
        errors = [{"field": "to", "message": f"日期范围有误：最多 {MAX_DAYS} 天，截止不早于起始。"}]
        raise Problem("invalid_input", errors=errors)
    async with request.app.state.engine.connect() as conn:
        return await figures(conn, grant.hall, first, last, grant.now)
