"""The monthly settlement sheet (结算单): figures and file."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response

from hotline.api.deps import Grant, granted, router
from hotline.api.roster_plans import XLSX, spreadsheet
from hotline.api.schemas.roster_plans import SettlementBody
from hotline.audit.trail import Act, record
from hotline.people.permissions import Action
from hotline.rosters import settlement_sheet
from hotline.rosters.settle import settlement

routes = router("结算")
Reader = Annotated[Grant, Depends(granted(Action.SETTLEMENT_READ))]
Month = Annotated[str, Path(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="月份", examples=["2026-11"])]


@routes.get(
    "/rosters/settlement/{month}", operation_id="readSettlement", summary="结算单", response_model=SettlementBody
)
async def read_settlement(month: Month, grant: Reader, request: Request) -> dict[str, Any]:
    """按律所和律师：值班时长、接听量、通话时长、遵守率；每项都有口径。未结束的月份为暂计。"""
    return await _sheet(month, grant, request)


@routes.get(
    "/rosters/settlement/{month}/xlsx",
    operation_id="exportSettlement",
    summary="下载结算单",
    response_class=Response,
    responses={200: {"description": "表格", "content": {XLSX: {}}}},
)
async def export_settlement(month: Month, grant: Reader, request: Request) -> Response:
    """XLSX：按律所、按律师、口径；下载记入审计。"""
    found = await _sheet(month, grant, request)
    hall = request.app.state.settings.halls.get(grant.hall)
    made = await asyncio.to_thread(settlement_sheet.write, found, hall.label if hall is not None else grant.hall)
    async with request.app.state.engine.begin() as conn:
        await record(conn, hall=grant.hall, doer=grant.doer, act=Act.EXPORT, object=f"settlement/{month}", at=grant.now)
    return spreadsheet(made, f"12348-settlement-{grant.hall}-{month}.xlsx")


async def _sheet(month: str, grant: Grant, request: Request) -> dict[str, Any]:
    async with request.app.state.engine.connect() as conn:
        return await settlement(conn, grant.hall, int(month[:4]), int(month[5:]), grant.now)
