"""Who else has this ticket open, and is there anything newer than what my page shows?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import Field, StringConstraints
from sqlalchemy import func, select

from hotline.api.deps import Grant, granted, router
from hotline.api.handling import Number, may_see
from hotline.api.problems import refusals
from hotline.api.schemas.common import Done, Sent, Shown
from hotline.people.permissions import Action
from hotline.store.tables import ACCOUNTS, TICKETS

routes = router("工单")
Reader = Annotated[Grant, Depends(granted(Action.HANDLING_READ))]
PageId = Annotated[str, StringConstraints(pattern=r"^[\w-]{8,64}$")]


class HereBody(Sent):
    """一个打开了工单的页面"""

    page: PageId = Field(description="页面自己的标识，每次打开不同")
    writing: bool = Field(default=False, description="有尚未保存的内容")


class OtherBody(Shown):
    """另一个打开了这张工单的页面"""

    name: str
    work_number: str
    writing: bool
    since: datetime
    own: bool = Field(default=False, description="是本人的另一个窗口")


class TogetherBody(Shown):
    """谁同时打开了这张工单，以及工单现在的版本"""

    version: int
    saved_at: datetime | None
    saved_by: str = Field(description="最后保存的人")
    others: list[OtherBody]


@routes.put(
    "/tickets/{number}/here", operation_id="openTicketTogether", summary="正在查看工单", responses=refusals("not_found")
)
async def here(number: Number, body: HereBody, grant: Reader, request: Request) -> TogetherBody:
    """页面每隔几秒报告一次；得知还有谁打开了它，以及是否有更新的内容。"""
    async with request.app.state.engine.connect() as conn:
        await may_see(conn, number, grant, request)
        t = TICKETS.c
        saver = func.coalesce(ACCOUNTS.c.name, "").label("saver")
        query = select(t.version, t.saved_at, saver).outerjoin(ACCOUNTS, ACCOUNTS.c.id == t.saved_by)
        row = (await conn.execute(query.where(t.hall == grant.hall, t.number == number))).one()
    others = request.app.state.together.here(
        grant.hall,
        number,
        body.page,
        account=grant.who.account,
        name=grant.who.name,
        work_number=grant.who.work_number,
        writing=body.writing,
        now=grant.now,
    )
    return TogetherBody(
        version=row.version,
        saved_at=row.saved_at,
        saved_by=row.saver,
        others=[
            OtherBody(
                name=each.name,
                work_number=each.work_number,
                writing=each.writing,
                since=each.since,
                own=each.account == grant.who.account,
            )
            for each in others
        ],
    )


@routes.delete("/tickets/{number}/here/{page}", operation_id="leaveTicket", summary="离开工单")
async def leave(number: Number, page: Annotated[PageId, Path()], grant: Reader, request: Request) -> Done:
    """页面关闭了；不报告的，片刻之后视为离开。"""
    request.app.state.together.gone(grant.hall, number, page, grant.who.account)
    return Done()
