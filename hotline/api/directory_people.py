"""People of offices, village legal advisers (村居法律顾问) with their ledger, and the expert pool (专家库)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Grant, router
from hotline.api.directory import Changer, Reader, UnitPath, pen, told
from hotline.api.once import Turn
from hotline.api.problems import refusals
from hotline.api.schemas.directory import PersonBody
from hotline.api.schemas.directory_people import (
    AdviserBody,
    AdviserEdit,
    AdviserList,
    AdviserWish,
    ExpertBody,
    ExpertEdit,
    ExpertList,
    ExpertWish,
    Ledger,
    LedgerNote,
    LedgerStrike,
    PersonEdit,
    PersonWish,
)
from hotline.api.schemas.rosters import MAX_ID
from hotline.directory import advisers, people, units
from hotline.directory.kinds import Thing
from hotline.directory.people import Adviser
from hotline.rosters.calendar import SHANGHAI

routes = router("名录人员")
Number = Annotated[int, Path(ge=1, le=MAX_ID, description="编号", examples=[1])]
Ended = Annotated[bool, Query(description="包括已离任、卸任、退出的")]
_MADE = ("request_running", "key_reused")
_EDITED = ("not_found", "directory_changed")


@routes.post(
    "/directory/units/{unit}/people",
    operation_id="createUnitPerson",
    summary="新增机构人员",
    status_code=201,
    response_model=PersonBody,
    responses=refusals("not_found", *_MADE),
)
async def create_person(unit: UnitPath, body: PersonWish, grant: Changer, turn: Turn) -> PersonBody:
    """新增机构的一名人员及其岗位、电话、值班时间。"""

    async def create(conn: AsyncConnection) -> PersonBody:
        await units.one(conn, grant.hall, unit)
        row = await people.write(conn, pen(grant), Thing.PERSON, None, None, body.values(unit), ended=False)
        return PersonBody.of(people.person_of(row))

    async with told():
        return await turn.do(grant, PersonBody, create)


@routes.put(
    "/directory/people/{person}",
    operation_id="changeUnitPerson",
    summary="修改机构人员",
    response_model=PersonBody,
    responses=refusals(*_EDITED),
)
async def change_person(person: Number, body: PersonEdit, grant: Changer, request: Request) -> PersonBody:
    """修改、调到另一机构，或标为已离任。"""
    async with told(), request.app.state.engine.begin() as conn:
        values = body.values(body.unit)
        row = await people.write(conn, pen(grant), Thing.PERSON, person, body.version, values, ended=body.ended)
    return PersonBody.of(people.person_of(row))


@routes.get("/directory/advisers", operation_id="listAdvisers", summary="村居法律顾问", response_model=AdviserList)
async def list_advisers(
    grant: Reader,
    request: Request,
    behind: Annotated[bool, Query(description="只看未按期履职的")] = False,
    ended: Ended = False,
) -> AdviserList:
    """村居法律顾问及其履职情况：每月不少于 4 小时，每季度不少于 1 次讲座。"""
    async with request.app.state.engine.connect() as conn:
        found = await people.advisers(conn, grant.hall, ended=ended)
        stand = await advisers.readings(conn, grant.hall, found, _today(grant))
    return AdviserList(
        items=[AdviserBody.of(each, stand[each.id]) for each in found if not behind or stand[each.id].behind]
    )


@routes.post(
    "/directory/advisers",
    operation_id="createAdviser",
    summary="新增村居法律顾问",
    status_code=201,
    response_model=AdviserBody,
    responses=refusals("too_many_villages", *_MADE),
)
async def create_adviser(body: AdviserWish, grant: Changer, turn: Turn) -> AdviserBody:
    """新增一名村居法律顾问；每人最多服务 5 个村居。"""

    async def create(conn: AsyncConnection) -> AdviserBody:
        row = await people.write(conn, pen(grant), Thing.ADVISER, None, None, body.values(), ended=False)
        return await _adviser(conn, grant, people.adviser_of(row))

    async with told():
        return await turn.do(grant, AdviserBody, create)


@routes.put(
    "/directory/advisers/{adviser}",
    operation_id="changeAdviser",
    summary="修改村居法律顾问",
    response_model=AdviserBody,
    responses=refusals(*_EDITED, "too_many_villages"),
)
async def change_adviser(adviser: Number, body: AdviserEdit, grant: Changer, request: Request) -> AdviserBody:
    """修改，或标为已卸任。"""
    async with told(), request.app.state.engine.begin() as conn:
        values = body.values()
        row = await people.write(conn, pen(grant), Thing.ADVISER, adviser, body.version, values, ended=body.ended)
        return await _adviser(conn, grant, people.adviser_of(row))


@routes.get(
    "/directory/advisers/{adviser}/ledger",
    operation_id="readAdviserLedger",
    summary="顾问的台账",
    response_model=Ledger,
    responses=refusals("not_found"),
)
async def read_ledger(adviser: Number, grant: Reader, request: Request) -> Ledger:
    """最近的 500 条，包括作废的。"""
    async with told(), request.app.state.engine.connect() as conn:
        return Ledger.of(await advisers.lines(conn, grant.hall, adviser))


@routes.post(
    "/directory/advisers/{adviser}/ledger",
    operation_id="noteAdviserService",
    summary="登记台账",
    status_code=201,
    response_model=Ledger,
    responses=refusals("not_found", "directory_ended", *_MADE),
)
async def note_service(adviser: Number, body: LedgerNote, grant: Changer, turn: Turn) -> Ledger:
    """登记一次服务或讲座；写错的作废后重新登记。"""

    async def note(conn: AsyncConnection) -> Ledger:
        await advisers.note(
            conn,
            pen(grant),
            adviser,
            day=body.day,
            kind=body.kind,
            hours=body.hours,
            village=body.village or "",
            note=body.note,
        )
        return Ledger.of(await advisers.lines(conn, grant.hall, adviser))

    async with told():
        return await turn.do(grant, Ledger, note)


@routes.post(
    "/directory/ledger/{entry}/strike",
    operation_id="strikeAdviserService",
    summary="作废台账",
    response_model=Ledger,
    responses=refusals("not_found", "entry_struck"),
)
async def strike_service(entry: Number, body: LedgerStrike, grant: Changer, request: Request) -> Ledger:
    """作废一条台账并写明原因；不再计入，仍然可查。"""
    async with told(), request.app.state.engine.begin() as conn:
        adviser = await advisers.strike(conn, pen(grant), entry, body.reason)
        return Ledger.of(await advisers.lines(conn, grant.hall, adviser))


@routes.get("/directory/experts", operation_id="listExperts", summary="专家库", response_model=ExpertList)
async def list_experts(grant: Reader, request: Request, ended: Ended = False) -> ExpertList:
    """专家及其领域、级别。"""
    async with request.app.state.engine.connect() as conn:
        return ExpertList(items=[ExpertBody.of(each) for each in await people.experts(conn, grant.hall, ended=ended)])


@routes.post(
    "/directory/experts",
    operation_id="createExpert",
    summary="新增专家",
    status_code=201,
    response_model=ExpertBody,
    responses=refusals(*_MADE),
)
async def create_expert(body: ExpertWish, grant: Changer, turn: Turn) -> ExpertBody:
    """新增一名专家。"""

    async def create(conn: AsyncConnection) -> ExpertBody:
        row = await people.write(conn, pen(grant), Thing.EXPERT, None, None, body.values(), ended=False)
        return ExpertBody.of(people.expert_of(row))

    async with told():
        return await turn.do(grant, ExpertBody, create)


@routes.put(
    "/directory/experts/{expert}",
    operation_id="changeExpert",
    summary="修改专家",
    response_model=ExpertBody,
    responses=refusals(*_EDITED),
)
async def change_expert(expert: Number, body: ExpertEdit, grant: Changer, request: Request) -> ExpertBody:
    """修改，或标为已退出。"""
    async with told(), request.app.state.engine.begin() as conn:
        values = body.values()
        row = await people.write(conn, pen(grant), Thing.EXPERT, expert, body.version, values, ended=body.ended)
    return ExpertBody.of(people.expert_of(row))


async def _adviser(conn: AsyncConnection, grant: Grant, adviser: Adviser) -> AdviserBody:
    stand = await advisers.readings(conn, grant.hall, [adviser], _today(grant))
    return AdviserBody.of(adviser, stand[adviser.id])


def _today(grant: Grant) -> date:
    return grant.now.astimezone(SHANGHAI).date()
