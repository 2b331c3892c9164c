"""Reports in the superior's own forms (上级报表模板): put on the shelf, checked, filled in for a day, month or year."""

from __future__ import annotations

import asyncio
import base64
import binascii
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

from fastapi import Depends, Query, Request, Response
from fastapi import Path as PathParameter
from pydantic import Field

from hotline.api.deps import Grant, granted, router
from hotline.api.problems import Problem, refusals
from hotline.api.roster_plans import XLSX, spreadsheet
from hotline.api.schemas.common import Done, Sent, Shown
from hotline.audit.trail import Act, record
from hotline.people.permissions import Action
from hotline.reports import forms, period
from hotline.reports.shelf import NAME, Form, Shelf

BODY_LIMIT: Final = 3 * 1024 * 1024

routes = router("报表模板", body_limit=BODY_LIMIT)
Reader = Annotated[Grant, Depends(granted(Action.REPORT_READ))]
Changer = Annotated[Grant, Depends(granted(Action.REPORT_FORM))]
Name = Annotated[str, PathParameter(pattern=f"^{NAME.pattern}$", description="模板名称", examples=["省厅月报"])]


class FormBody(Shown):
    """报表模板"""

    name: str
    bytes: int
    changed_at: datetime


class PlaceBody(Shown):
    """占位符"""

    name: str = Field(examples=["answer_rate"])
    label: str = Field(examples=["接通率"])


class FormFile(Sent):
    """上传模板"""

    file: str = Field(max_length=BODY_LIMIT, description="XLSX 文件的 base64")


class Checked(Shown):
    """检查结果"""

    places: int = Field(description="占位符的个数")


@routes.get("/report-forms", operation_id="listReportForms", summary="报表模板")
async def list_forms(grant: Reader, request: Request) -> list[FormBody]:
    """本大厅的模板。"""
    return [FormBody.model_validate(each) for each in await asyncio.to_thread(_forms, request, grant)]


@routes.get("/report-forms/places", operation_id="listReportPlaces", summary="可用的占位符")
async def list_places(grant: Reader) -> list[PlaceBody]:
    """单元格里写 {{名称}}，制表时换成数值；比率另有 .numerator 和 .denominator。"""
    return [PlaceBody(name=name, label=label) for name, label in period.places().items()]


@routes.put(
    "/report-forms/{name}",
    operation_id="saveReportForm",
    summary="上传报表模板",
    responses=refusals("report_form_wrong", "report_forms_full"),
)
async def save_form(name: Name, body: FormFile, grant: Changer, request: Request) -> Checked:
    """先检查：不认识的占位符逐个指出所在单元格，有错则不保存。"""
    try:
        data = base64.b64decode(body.file, validate=True)
        places = await asyncio.to_thread(forms.check, data, period.places())
    except (binascii.Error, ValueError):
        raise Problem("report_form_wrong", "文件内容无法读取。") from None
    except forms.FormWrong as wrong:
        raise _wrong(wrong) from None
    async with request.app.state.engine.begin() as conn:
        if not await asyncio.to_thread(_shelf(request, grant).put, name, data):
            raise Problem("report_forms_full")
        await record(conn, hall=grant.hall, doer=grant.doer, act=Act.REPORT_FORM_CHANGED, object=name, at=grant.now)
    return Checked(places=places)


@routes.delete(
    "/report-forms/{name}", operation_id="dropReportForm", summary="删除报表模板", responses=refusals("not_found")
)
async def drop_form(name: Name, grant: Changer, request: Request) -> Done:
    """删除记入审计。"""
    async with request.app.state.engine.begin() as conn:
        if not await asyncio.to_thread(_shelf(request, grant).drop, name):
            raise Problem("not_found")
        await record(conn, hall=grant.hall, doer=grant.doer, act=Act.REPORT_FORM_CHANGED, object=name, at=grant.now)
    return Done()


@routes.get(
    "/report-forms/{name}/xlsx",
    operation_id="fillReportForm",
    summary="按模板制表",
    response_class=Response,
    responses={200: {"description": "填好的表格", "content": {XLSX: {}}}, **refusals("not_found", "report_form_wrong")},
)
async def fill_form(
    name: Name,
    grant: Reader,
    request: Request,
    first: Annotated[date, Query(alias="from", description="起始日期（含）", examples=["2026-11-01"])],
    last: Annotated[date, Query(alias="to", description="截止日期（含），至多 366 天", examples=["2026-11-30"])],
) -> Response:
    """指标按分子、分母累计后计算，不对比率取平均；下载记入审计。"""
    if not 0 <= (last - first).days < period.MAX_DAYS or first.year < period.EARLIEST:
        raise Problem("invalid_input", errors=[{"field": "to", "message": "期间须为 1 至 366 天。"}])
    data = await asyncio.to_thread(_shelf(request, grant).read, name)
    if data is None:
        raise Problem("not_found")
    hall = request.app.state.settings.halls.get(grant.hall)
    asked = period.Period(first=first, last=last)
    async with request.app.state.engine.connect() as conn:
        values = await period.values(conn, grant.hall, hall.label if hall else grant.hall, asked, grant.now)
    try:
        made = await asyncio.to_thread(forms.fill, data, values)
    except forms.FormWrong as wrong:
        raise _wrong(wrong) from None
    async with request.app.state.engine.begin() as conn:
        about = f"report-form/{name}/{first}/{last}"
        await record(conn, hall=grant.hall, doer=grant.doer, act=Act.EXPORT, object=about, at=grant.now)
    return spreadsheet(made, f"12348-{grant.hall}-{first}-{last}.xlsx")


def _shelf(request: Request, grant: Grant) -> Shelf:
    return Shelf(Path(request.app.state.settings.service.state_dir), grant.hall)


def _forms(request: Request, grant: Grant) -> list[Form]:
    return _shelf(request, grant).forms()


def _wrong(wrong: forms.FormWrong) -> Problem:
    return Problem("report_form_wrong", errors=[{"field": "file", "message": f"{each}。"} for each in wrong.faults])
