"""The directory (名录): the tree of offices, one office, who serves a place, the history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Cursor, Grant, Limit, granted, read_cursor, router, write_cursor
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Code
from hotline.api.schemas.directory import (
    Above,
    AdviserBrief,
    AreaCode,
    ChangeBody,
    ChangePage,
    NewUnit,
    NodeBody,
    OfferBody,
    OfferList,
    PersonBody,
    TreeBody,
    UnitBody,
    UnitCode,
    UnitDetail,
    UnitEdit,
    UnitPage,
    UnitTurn,
    area_of,
)
from hotline.api.schemas.rosters import MAX_ID
from hotline.directory import people, reading, units
from hotline.directory.errors import DirectoryRefused
from hotline.directory.kinds import Thing, UnitKind
from hotline.directory.serving import who_serves
from hotline.directory.things import Pen
from hotline.directory.tree import in_order
from hotline.directory.unit import Unit
from hotline.people.permissions import Action
from hotline.rosters import plans
from hotline.tickets.matter import Matter
from hotline.tickets.words import MAX_QUERY

routes = router("名录")
Reader = Annotated[Grant, Depends(granted(Action.DIRECTORY_READ))]
Changer = Annotated[Grant, Depends(granted(Action.DIRECTORY_CHANGE))]
UnitPath = Annotated[UnitCode, Path(description="机构的编码", examples=["330106008-01"])]
_TURNED = ("not_found", "directory_changed")


@routes.get("/directory/tree", operation_id="readDirectoryTree", summary="机构树", response_model=TreeBody)
async def read_tree(
    grant: Reader, request: Request, ended: Annotated[bool, Query(description="包括已撤销的")] = False
) -> TreeBody:
    """本大厅的全部机构，按区划、类别和编码；上级由 parent 指明。"""
    async with request.app.state.engine.connect() as conn:
        tree = await units.read_tree(conn, grant.hall)
    living = [each for each in tree.nodes.values() if ended or not each.ended]
    return TreeBody(items=[NodeBody.of(each) for each in sorted(living, key=in_order)])


@routes.get(
    "/directory/units",
    operation_id="listUnits",
    summary="查询机构",
    response_model=UnitPage,
    responses=refusals("bad_cursor"),
)
async def list_units(
    grant: Reader,
    request: Request,
    area: Annotated[AreaCode | None, Query(description="区划代码，包括其中的下级区划")] = None,
    kind: Annotated[UnitKind | None, Query(description="类别")] = None,
    service: Annotated[Matter | None, Query(description="办理的业务类型")] = None,
    text: Annotated[str | None, Query(max_length=MAX_QUERY, description="名称、区划、地址、业务中的文字")] = None,
    open_now: Annotated[bool, Query(description="只看现在开放的")] = False,
    ended: Annotated[bool, Query(description="只看已撤销的")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> UnitPage:
    """按区划、类别、业务、文字查找，也可只看现在开放的。"""
    async with told(), request.app.state.engine.connect() as conn:
        wanted = reading.Wanted(
            hall=grant.hall,
            area=area_of(area) if area else None,
            kind=kind.value if kind else None,
            service=service.value if service else None,
            text=text,
            open_now=open_now,
            ended=ended,
        )
        kind_of = (await plans.calendar(conn, grant.hall)).kind
        after = read_cursor(cursor, reading.Place)
        found, following = await reading.search(conn, wanted, now=grant.now, kind_of=kind_of, limit=limit, after=after)
    items = [UnitBody.of(each, grant.now, kind_of) for each in found]
    return UnitPage(items=items, next_cursor=write_cursor(following))


@routes.post(
    "/directory/units",
    operation_id="createUnit",
    summary="新增机构",
    status_code=201,
    response_model=UnitBody,
    responses=refusals("unit_code_taken", "unit_parent_wrong", "directory_full", "request_running", "key_reused"),
)
async def create_unit(body: NewUnit, grant: Changer, turn: Turn) -> UnitBody:
    """新增一个机构；编码由本地自定，一经使用不再改变。"""

    async def create(conn: AsyncConnection) -> UnitBody:
        return await shown(conn, grant, await units.create(conn, pen(grant), body.code, body.values()))

    async with told():
        return await turn.do(grant, UnitBody, create)


@routes.get(
    "/directory/units/{unit}",
    operation_id="readUnit",
    summary="读取机构",
    response_model=UnitDetail,
    responses=refusals("not_found"),
)
async def read_unit(unit: UnitPath, grant: Reader, request: Request) -> UnitDetail:
    """机构及其上级、人员；村居工作室还有服务它的法律顾问。"""
    async with told(), request.app.state.engine.connect() as conn:
        found = await units.one(conn, grant.hall, unit)
        path = (await units.read_tree(conn, grant.hall)).path(unit)
        return UnitDetail(
            unit=await shown(conn, grant, found),
            path=[Above(code=each.code, name=each.name) for each in path],
            people=[PersonBody.of(each) for each in await people.of_unit(conn, grant.hall, unit, ended=True)],
            advisers=[AdviserBrief.of(each) for each in await people.advisers(conn, grant.hall, village=unit)],
        )


@routes.put(
    "/directory/units/{unit}",
    operation_id="changeUnit",
    summary="修改机构",
    response_model=UnitBody,
    responses=refusals(*_TURNED, "directory_ended", "unit_parent_wrong"),
)
async def change_unit(unit: UnitPath, body: UnitEdit, grant: Changer, request: Request) -> UnitBody:
    """修改机构；改前改后都留在变动记录中。"""
    async with told(), request.app.state.engine.begin() as conn:
        changed = await units.change(conn, pen(grant), unit, body.version, body.values())
        return await shown(conn, grant, changed)


@routes.post(
    "/directory/units/{unit}/end",
    operation_id="endUnit",
    summary="撤销机构",
    response_model=UnitBody,
    responses=refusals(*_TURNED, "directory_ended", "unit_has_units"),
)
async def end_unit(unit: UnitPath, body: UnitTurn, grant: Changer, request: Request) -> UnitBody:
    """撤销机构，记录保留；有在用的下级机构时不能撤销。"""
    async with told(), request.app.state.engine.begin() as conn:
        return await shown(conn, grant, await units.end(conn, pen(grant), unit, body.version, body.reason))


@routes.post(
    "/directory/units/{unit}/revive",
    operation_id="reviveUnit",
    summary="恢复机构",
    response_model=UnitBody,
    responses=refusals(*_TURNED, "directory_living", "unit_parent_wrong"),
)
async def revive_unit(unit: UnitPath, body: UnitTurn, grant: Changer, request: Request) -> UnitBody:
    """恢复已撤销的机构；上级机构须在用。"""
    async with told(), request.app.state.engine.begin() as conn:
        return await shown(conn, grant, await units.revive(conn, pen(grant), unit, body.version, body.reason))


@routes.get(
    "/directory/serving",
    operation_id="listServing",
    summary="由谁办理",
    response_model=OfferList,
)
async def list_serving(
    grant: Reader,
    request: Request,
    matter: Annotated[Matter, Query(description="业务类型")],
    area: Annotated[AreaCode, Query(description="来电人所在的区划代码", examples=["330106008003"])],
) -> OfferList:
    """办理这项业务、服务这个区划的机构，由近及远：村居、乡镇街道、县区、市。"""
    async with told(), request.app.state.engine.connect() as conn:
        place = area_of(area)
        tree = await units.read_tree(conn, grant.hall)
    return OfferList(items=[OfferBody.of(each) for each in who_serves(tree, matter, place)])


@routes.get(
    "/directory/changes",
    operation_id="listDirectoryChanges",
    summary="名录的变动",
    response_model=ChangePage,
    responses=refusals("bad_cursor"),
)
async def list_changes(
    grant: Reader,
    request: Request,
    thing: Annotated[Thing | None, Query(description="机构、人员、顾问或专家")] = None,
    key: Annotated[Code | None, Query(description="机构的编码；其余为编号")] = None,
    load: Annotated[int | None, Query(ge=1, le=MAX_ID, description="只看这次导入")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ChangePage:
    """谁在何时改了什么，改前改后；最近的在前。"""
    before = read_cursor(cursor, reading.Before)
    async with request.app.state.engine.connect() as conn:
        found, following = await reading.history(
            conn, grant.hall, thing=thing, key=key, load=load, limit=limit, before=before
        )
    return ChangePage(items=[ChangeBody.of(each) for each in found], next_cursor=write_cursor(following))


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """What the directory refuses, as a problem."""
    try:
        yield
    except DirectoryRefused as refused:
        raise Problem(refused.code, refused.detail, errors=refused.errors) from None


def pen(grant: Grant) -> Pen:
    """Who writes."""
    return Pen(hall=grant.hall, doer=grant.doer, now=grant.now)


async def shown(conn: AsyncConnection, grant: Grant, unit: Unit) -> UnitBody:
    """An office as it is shown, open or not by the hall's calendar."""
    return UnitBody.of(unit, grant.now, (await plans.calendar(conn, grant.hall)).kind)
