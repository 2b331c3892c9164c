"""Law firms (律所) and lawyers (律师): licences, suspensions, night phones, trainings."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Grant, granted, router
from hotline.api.once import Turn
from hotline.api.problems import refusals
from hotline.api.rosters import told
from hotline.api.schemas.common import Code
from hotline.api.schemas.roster_people import (
    FirmBody,
    FirmChange,
    FirmList,
    LawyerBody,
    LawyerList,
    LawyerWish,
    NewFirm,
    TrainingBody,
    TrainingList,
    TrainingNote,
)
from hotline.api.schemas.rosters import MAX_ID
from hotline.people.permissions import Action
from hotline.rosters import people

routes = router("律所与律师")
Changer = Annotated[Grant, Depends(granted(Action.ROSTER_CHANGE))]
Firm = Annotated[int, Path(ge=1, le=MAX_ID, description="律所", examples=[1])]
Account = Annotated[Code, Path(description="账号标识", examples=["acc-0123456789abcdef"])]


@routes.get("/firms", operation_id="listFirms", summary="律所列表", response_model=FirmList)
async def list_firms(grant: Changer, request: Request) -> FirmList:
    """本大厅的律所，按名称；不再派出律师的在后。"""
    async with request.app.state.engine.connect() as conn:
        return FirmList(items=[FirmBody.model_validate(each) for each in await people.firms(conn, grant.hall)])


@routes.post(
    "/firms",
    operation_id="createFirm",
    summary="新增律所",
    status_code=201,
    response_model=FirmBody,
    responses=refusals("firm_name_taken", "request_running", "key_reused"),
)
async def create_firm(body: NewFirm, grant: Changer, turn: Turn) -> FirmBody:
    """新增一家律所。"""

    async def create(conn: AsyncConnection) -> FirmBody:
        made = await people.add_firm(conn, hall=grant.hall, name=body.name, now=grant.now, doer=grant.doer)
        return FirmBody.model_validate(made)

    async with told():
        return await turn.do(grant, FirmBody, create)


@routes.patch(
    "/firms/{firm}",
    operation_id="changeFirm",
    summary="修改律所",
    response_model=FirmBody,
    responses=refusals("not_found", "firm_name_taken"),
)
async def change_firm(firm: Firm, body: FirmChange, grant: Changer, request: Request) -> FirmBody:
    """改名，或标为不再派出律师。"""
    async with told(), request.app.state.engine.begin() as conn:
        changed = await people.change_firm(
            conn, hall=grant.hall, firm=firm, name=body.name, closed=body.closed, now=grant.now, doer=grant.doer
        )
    return FirmBody.model_validate(changed)


@routes.get("/lawyers", operation_id="listLawyers", summary="律师列表", response_model=LawyerList)
async def list_lawyers(grant: Changer, request: Request) -> LawyerList:
    """登记了律师资料的账号，按工号；手机号已脱敏。"""
    async with request.app.state.engine.connect() as conn:
        return LawyerList(items=[LawyerBody.of(each) for each in await people.lawyers(conn, grant.hall)])


@routes.put(
    "/lawyers/{account}",
    operation_id="putLawyer",
    summary="登记或修改律师资料",
    response_model=LawyerBody,
    responses=refusals("not_found", "lawyer_changed", "licence_taken"),
)
async def put_lawyer(account: Account, body: LawyerWish, grant: Changer, request: Request) -> LawyerBody:
    """写明执业证号、有效期、暂停情况等；签入和排班时据此检查。手机号加密保存，只用于夜间转接。"""
    async with told(), request.app.state.engine.begin() as conn:
        kept = await people.put(
            conn,
            request.app.state.seal,
            hall=grant.hall,
            account=account,
            profile=body.profile(),
            version=body.version,
            now=grant.now,
            doer=grant.doer,
        )
    return LawyerBody.of(kept)


@routes.get(
    "/lawyers/{account}/trainings",
    operation_id="listTrainings",
    summary="培训记录",
    response_model=TrainingList,
    responses=refusals("not_found"),
)
async def list_trainings(account: Account, grant: Changer, request: Request) -> TrainingList:
    """一名律师的培训，最近的在前。"""
    async with told(), request.app.state.engine.connect() as conn:
        return await _trainings(conn, grant, account)


@routes.post(
    "/lawyers/{account}/trainings",
    operation_id="noteTraining",
    summary="登记培训",
    status_code=201,
    response_model=TrainingList,
    responses=refusals("not_found", "request_running", "key_reused"),
)
async def note_training(account: Account, body: TrainingNote, grant: Changer, turn: Turn) -> TrainingList:
    """登记一次培训的日期、内容和学时。"""

    async def note(conn: AsyncConnection) -> TrainingList:
        await people.add_training(
            conn,
            hall=grant.hall,
            account=account,
            day=body.day,
            topic=body.topic,
            hours=body.hours,
            now=grant.now,
            doer=grant.doer,
        )
        return await _trainings(conn, grant, account)

    async with told():
        return await turn.do(grant, TrainingList, note)


async def _trainings(conn: AsyncConnection, grant: Grant, account: str) -> TrainingList:
    found = await people.trainings(conn, grant.hall, account)
    return TrainingList(items=[TrainingBody.model_validate(each) for each in found])
