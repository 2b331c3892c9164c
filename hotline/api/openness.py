"""What the hall publishes about its services (服务公开), edited by supervisors; every version is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Path, Request, Response
from pydantic import Field
from sqlalchemy import select

from hotline.api.deps import Grant, granted, router
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Sent, Shown
from hotline.audit.trail import Act, record
from hotline.openness import store
from hotline.openness.content import Content
from hotline.openness.standards import standards
from hotline.people.permissions import Action
from hotline.store.tables import ACCOUNTS
from hotline.tickets.matter import Matter

routes = router("服务公开")
Reader = Annotated[Grant, Depends(granted(Action.OPENNESS_READ))]
Changer = Annotated[Grant, Depends(granted(Action.OPENNESS_CHANGE))]


class ServiceItem(Sent):
    """一项服务"""

    title: str = Field(max_length=200, examples=["法律援助"])
    matter: str = Field(default="", max_length=40, description="业务类型；其期限即服务标准", examples=["legal_aid"])
    channels: str = Field(default="", max_length=1000, description="办理方式")
    unit: str = Field(default="", max_length=1000, description="承办单位")
    procedure: list[str] = Field(default=[], max_length=50, description="办理流程")
    materials: list[str] = Field(default=[], max_length=50, description="所需材料")
    standard: str = Field(default="", max_length=1000, description="期限之外的服务标准")
    fee: str = Field(default="免费", max_length=1000)


class ContentBody(Sent):
    """公开的内容"""

    intro: str = Field(max_length=4000, examples=["12348 为您提供法律咨询。"])
    hours: str = Field(default="", max_length=1000, description="服务时间")
    complaint_phone: str = Field(max_length=200, description="监督投诉电话", examples=["12348"])
    complaint_note: str = Field(default="", max_length=2000)
    services: list[ServiceItem] = Field(default=[], max_length=100)


class PublishBody(Sent):
    """发布新版本"""

    seen: int = Field(ge=0, le=2**31 - 1, description="所修改的版本；已有新版本时拒绝")
    content: ContentBody


class OpennessBody(Shown):
    """服务公开"""

    version: int = Field(description="0：系统自带，尚未发布过")
    content: ContentBody
    standards: dict[str, list[str]] = Field(description="各业务类型的期限，公开页上自动列出")


class OpennessVersion(Shown):
    """一个版本"""

    version: int
    at: datetime
    by: str


@routes.get("/openness", operation_id="readOpenness", summary="服务公开的内容")
async def read(grant: Reader, request: Request, response: Response) -> OpennessBody:
    """公开页 /public/services 现在显示的内容。"""
    async with request.app.state.engine.connect() as conn:
        number, content = await store.current(conn, grant.hall)
    return _body(request, grant, number, content)


@routes.get("/openness/versions", operation_id="listOpenness", summary="服务公开的版本")
async def list_versions(grant: Reader, request: Request) -> list[OpennessVersion]:
    """最新的在前。"""
    async with request.app.state.engine.connect() as conn:
        rows = await store.versions(conn, grant.hall)
        a = ACCOUNTS.c
        found = await conn.execute(select(a.id, a.name).where(a.id.in_({row.by for row in rows})))
        names = {row.id: row.name for row in found}
    return [OpennessVersion(version=row.version, at=row.at, by=names.get(row.by, row.by)) for row in rows]


@routes.get(
    "/openness/versions/{version}",
    operation_id="readOpennessVersion",
    summary="服务公开的一个版本",
    responses=refusals("not_found"),
)
async def read_version(
    version: Annotated[int, Path(ge=1, le=2**31 - 1)], grant: Reader, request: Request
) -> OpennessBody:
    """以前公开的内容；可以据此重新发布。"""
    async with request.app.state.engine.connect() as conn:
        content = await store.version(conn, grant.hall, version)
    if content is None:
        raise Problem("not_found")
    return _body(request, grant, version, content)


@routes.put(
    "/openness",
    operation_id="publishOpenness",
    summary="发布服务公开",
    responses=refusals("openness_changed"),
)
async def publish(body: PublishBody, grant: Changer, request: Request) -> OpennessBody:
    """成为新版本，公开页随即更新；记入审计。"""
    content = msgspec.convert(body.content.model_dump(), Content)
    try:
        async with request.app.state.engine.begin() as conn:
            number = await store.publish(conn, grant.hall, content, seen=body.seen, by=grant.who.account, now=grant.now)
            about = f"openness/{number}"
            await record(conn, hall=grant.hall, doer=grant.doer, act=Act.OPENNESS_CHANGED, object=about, at=grant.now)
    except store.OpennessChanged:
        raise Problem("openness_changed") from None
    except store.OpennessWrong as wrong:
        errors = [{"field": f"content.{field}", "message": why} for field, why in wrong.faults.items()]
        raise Problem("invalid_input", errors=errors) from None
    return _body(request, grant, number, content)


def _body(request: Request, grant: Grant, number: int, content: Content) -> OpennessBody:
    own = request.app.state.settings.halls[grant.hall].deadlines.own_rules()
    return OpennessBody(
        version=number,
        content=ContentBody.model_validate(msgspec.to_builtins(content)),
        standards={matter.value: standards(matter.value, own) for matter in Matter},
    )
