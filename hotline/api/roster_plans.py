"""What makes shifts: patterns, requirements and their gaps, the calendar, and rosters from a spreadsheet."""

from __future__ import annotations

import asyncio
import base64
import binascii
from datetime import date
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Grant, granted, router
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.rosters import check_days, told
from hotline.api.schemas.roster_plans import (
    CalendarBody,
    CalendarWish,
    DayBody,
    DraftBody,
    GapBody,
    GapList,
    Generated,
    GenerateWish,
    Imported,
    ImportRow,
    ImportWish,
    PatternBody,
    PatternEdit,
    PatternList,
    PatternWish,
    RequirementBody,
    RequirementList,
    counted,
)
from hotline.api.schemas.rosters import MAX_ID
from hotline.people.permissions import Action
from hotline.rosters import importing, people, plans, sheet
from hotline.rosters.calendar import DayKind, Source
from hotline.rosters.pattern import Fate

routes = router("排班计划")
Reader = Annotated[Grant, Depends(granted(Action.ROSTER_READ))]
Changer = Annotated[Grant, Depends(granted(Action.ROSTER_CHANGE))]
Pattern = Annotated[int, Path(ge=1, le=MAX_ID, description="模板", examples=[1])]
Year = Annotated[int, Path(ge=2000, le=2099, description="年份", examples=[2027])]
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@routes.get("/rosters/patterns", operation_id="listPatterns", summary="排班模板", response_model=PatternList)
async def list_patterns(grant: Changer, request: Request) -> PatternList:
    """全部模板，使用中的在前。"""
    async with request.app.state.engine.connect() as conn:
        return PatternList(items=[PatternBody.of(each) for each in await plans.patterns(conn, grant.hall)])


@routes.post(
    "/rosters/patterns",
    operation_id="createPattern",
    summary="新增排班模板",
    status_code=201,
    response_model=PatternBody,
    responses=refusals("no_such_lawyer", "pattern_name_taken", "request_running", "key_reused"),
)
async def create_pattern(body: PatternWish, grant: Changer, turn: Turn) -> PatternBody:
    """新增一个模板，例如夜班、周末班、节假日班。"""

    async def create(conn: AsyncConnection) -> PatternBody:
        made = await plans.put_pattern(
            conn,
            hall=grant.hall,
            pattern=body.pattern(),
            active=body.active,
            version=None,
            now=grant.now,
            doer=grant.doer,
        )
        return PatternBody.of(made)

    async with told():
        return await turn.do(grant, PatternBody, create)


@routes.put(
    "/rosters/patterns/{pattern}",
    operation_id="changePattern",
    summary="修改排班模板",
    response_model=PatternBody,
    responses=refusals("not_found", "no_such_lawyer", "pattern_name_taken", "pattern_changed"),
)
async def change_pattern(pattern: Pattern, body: PatternEdit, grant: Changer, request: Request) -> PatternBody:
    """修改模板；已经生成的班次不变。"""
    async with told(), request.app.state.engine.begin() as conn:
        changed = await plans.put_pattern(
            conn,
            hall=grant.hall,
            pattern=body.pattern(pattern),
            active=body.active,
            version=body.version,
            now=grant.now,
            doer=grant.doer,
        )
    return PatternBody.of(changed)


@routes.post(
    "/rosters/generate",
    operation_id="generateShifts",
    summary="按模板生成班次",
    response_model=Generated,
    responses=refusals("not_found", "roster_too_large", "shift_overlap", "request_running", "key_reused"),
)
async def generate(body: GenerateWish, grant: Changer, turn: Turn) -> Generated:
    """先试算（dry_run），再生成；重复生成不会重复。律师不能值班的，生成为空缺班次并说明原因。"""
    check_days(body.first, body.last)

    async def make(conn: AsyncConnection) -> Generated:
        if body.dry_run:
            found = await plans.drafts(conn, grant.hall, body.first, body.last, only=body.patterns, now=grant.now)
        else:
            found = await plans.generate(
                conn, grant.hall, body.first, body.last, only=body.patterns, now=grant.now, doer=grant.doer
            )
        counts = counted([each.fate for each in found], Fate)
        return Generated(dry_run=body.dry_run, items=[DraftBody.of(each) for each in found], counts=counts)

    async with told():
        return await turn.do(grant, Generated, make)


@routes.get(
    "/rosters/requirements", operation_id="listRequirements", summary="值守人数要求", response_model=RequirementList
)
async def list_requirements(grant: Reader, request: Request) -> RequirementList:
    """各类日子各时段需要的律师人数。"""
    async with request.app.state.engine.connect() as conn:
        found = await plans.requirements(conn, grant.hall)
    return RequirementList(items=[RequirementBody.of(each) for each in found])


@routes.put(
    "/rosters/requirements", operation_id="putRequirements", summary="修改值守人数要求", response_model=RequirementList
)
async def put_requirements(body: RequirementList, grant: Changer, request: Request) -> RequirementList:
    """整体替换；同一时间有多条时取最大的一条。"""
    async with request.app.state.engine.begin() as conn:
        wanted = [each.requirement() for each in body.items]
        await plans.put_requirements(conn, hall=grant.hall, wanted=wanted, now=grant.now, doer=grant.doer)
        found = await plans.requirements(conn, grant.hall)
    return RequirementList(items=[RequirementBody.of(each) for each in found])


@routes.get("/rosters/gaps", operation_id="listGaps", summary="值守缺口", response_model=GapList)
async def list_gaps(
    grant: Reader, request: Request, days: Annotated[int, Query(ge=1, le=92, description="今后多少天")] = 14
) -> GapList:
    """今后排班人数少于要求的时段；空缺班次和留言值守不计入。"""
    async with request.app.state.engine.connect() as conn:
        found = await plans.gaps_within(conn, grant.hall, plans.next_days(grant.now, days))
        wanted = await plans.requirements(conn, grant.hall)
    return GapList(items=[GapBody.of(each) for each in found], has_requirements=bool(wanted))


@routes.get(
    "/rosters/calendar/{year}", operation_id="readCalendar", summary="节假日与调休", response_model=CalendarBody
)
async def read_calendar(year: Year, grant: Reader, request: Request) -> CalendarBody:
    """一年中与星期不同的日子；本站的录入优先于国务院办公厅的通知。"""
    async with request.app.state.engine.connect() as conn:
        return await _calendar(conn, grant, year)


@routes.put("/rosters/calendar/{year}", operation_id="putCalendar", summary="修改节假日", response_model=CalendarBody)
async def put_calendar(year: Year, body: CalendarWish, grant: Changer, request: Request) -> CalendarBody:
    """整体替换本站对这一年的录入；已经生成的班次不变。"""
    async with told(), request.app.state.engine.begin() as conn:
        days = [each.special() for each in body.days]
        await plans.put_special_days(conn, hall=grant.hall, year=year, days=days, now=grant.now, doer=grant.doer)
        return await _calendar(conn, grant, year)


@routes.get(
    "/rosters/import/template",
    operation_id="rosterTemplate",
    summary="下载班表模板",
    response_class=Response,
    responses={200: {"description": "Excel 模板", "content": {XLSX: {}}}},
)
async def template(grant: Changer, request: Request) -> Response:
    """带有本大厅律师名单和技能组的空白班表。"""
    async with request.app.state.engine.connect() as conn:
        lawyers = [
            (each.work_number, each.name, each.firm_name)
            for each in await people.lawyers(conn, grant.hall)
            if not each.disabled
        ]
    made = await asyncio.to_thread(sheet.template, lawyers, sorted(_groups(request, grant)))
    return spreadsheet(made, f"12348-roster-{grant.hall}.xlsx")


@routes.post(
    "/rosters/import",
    operation_id="importRoster",
    summary="导入班表",
    response_model=Imported,
    responses=refusals("roster_file_unreadable", "roster_rows_wrong", "shift_overlap", "request_running", "key_reused"),
)
async def import_roster(body: ImportWish, grant: Changer, request: Request, turn: Turn) -> Imported:
    """先试算（dry_run），逐行说明可否导入及原因；确认后再写入，有一行出错则全部不导入。"""
    try:
        data = base64.b64decode(body.file, validate=True)
        rows = await asyncio.to_thread(sheet.read, data)
    except (binascii.Error, ValueError):
        raise Problem("roster_file_unreadable") from None
    except sheet.NotARoster as wrong:
        raise Problem("roster_file_unreadable", str(wrong)) from None
    groups = _groups(request, grant)

    async def take(conn: AsyncConnection) -> Imported:
        if body.dry_run:
            found = await importing.judge(conn, grant.hall, rows, groups=groups, now=grant.now)
        else:
            found = await importing.write(conn, grant.hall, rows, groups=groups, now=grant.now, doer=grant.doer)
        counts = counted([each.fate for each in found], importing.RowFate)
        return Imported(dry_run=body.dry_run, items=[ImportRow.of(each) for each in found], counts=counts)

    async with told():
        return await turn.do(grant, Imported, take)


def spreadsheet(data: bytes, name: str) -> Response:
    """A file to be saved."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=XLSX, headers=headers)


async def _calendar(conn: AsyncConnection, grant: Grant, year: int) -> CalendarBody:
    days = (await plans.calendar(conn, grant.hall)).days(date(year, 1, 1), date(year, 12, 31))
    plain = {True: DayKind.WORKDAY, False: DayKind.WEEKEND}
    special = [each for each in days if each.label or each.kind is not plain[each.day.isoweekday() <= 5]]
    own = {each.day for each in await plans.special_days(conn, grant.hall, year)}
    return CalendarBody(
        year=year,
        known=all(each.source is not Source.WEEKDAY for each in days),
        special=[DayBody.model_validate(each) for each in special],
        own=[DayBody.model_validate(each) for each in days if each.day in own],
    )


def _groups(request: Request, grant: Grant) -> set[str]:
    hall = request.app.state.settings.halls.get(grant.hall)
    if hall is None:
        return set()
    widened = {group for queue in hall.queues.values() for step in queue.widening for group in step.groups}
    return widened | {group for queue in hall.queues.values() for group in queue.groups}
