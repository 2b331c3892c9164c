"""Nightly comparison (对账) of both sides' lists: what differs, which days were compared, and settling."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request, Response

from hotline.api.deps import Cursor, Grant, Limit, granted, read_cursor, router, write_cursor
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.common import Code, Page
from hotline.api.schemas.handovers import WhyBody
from hotline.api.schemas.reconciliation import ComparisonRow, DifferenceRow
from hotline.audit.trail import Act, record
from hotline.handovers.differing import NoSuchDifference, Place, compared, listed, settle
from hotline.people.permissions import Action

routes = router("移交")
Reader = Annotated[Grant, Depends(granted(Action.HANDOVER_READ))]
Settler = Annotated[Grant, Depends(granted(Action.HANDOVER_SETTLE))]
Id = Annotated[int, Path(ge=1, le=2**62, description="差异标识", examples=[3])]
COMPARED: Final = 100
"""Days of the newest comparisons that are shown."""


@routes.get(
    "/handovers/differences",
    operation_id="listHandoverDifferences",
    summary="对账差异",
    responses=refusals("bad_cursor"),
)
async def list_differences(
    grant: Reader,
    request: Request,
    settled: Annotated[bool, Query(description="已处理的；默认列出未处理的")] = False,
    bridge: Annotated[Code | None, Query(description="对接桥的名称")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DifferenceRow]:
    """每晚核对双方清单，不一致的列在这里，新的在前；再次对账已一致的自动结清。"""
    async with request.app.state.engine.connect() as conn:
        found, more = await listed(
            conn, grant.hall, settled=settled, bridge=bridge, limit=limit, after=read_cursor(cursor, Place)
        )
    return Page(items=[DifferenceRow.model_validate(each) for each in found], next_cursor=write_cursor(more))


@routes.get("/handovers/comparisons", operation_id="listHandoverComparisons", summary="对账记录")
async def list_comparisons(grant: Reader, request: Request) -> list[ComparisonRow]:
    """哪些日期核对过，双方各有多少件；取不到对方清单的，写明原因。"""
    async with request.app.state.engine.connect() as conn:
        return [ComparisonRow.model_validate(each) for each in await compared(conn, grant.hall, limit=COMPARED)]


@routes.post(
    "/handovers/differences/{difference}/settle",
    operation_id="settleHandoverDifference",
    summary="处理对账差异",
    status_code=204,
    responses=refusals("not_found"),
)
async def settle_difference(difference: Id, body: WhyBody, grant: Settler, request: Request) -> Response:
    """查明后登记原因，记入审计；移交本身另行处理（重发、核实、登记答复）。"""
    try:
        async with request.app.state.engine.begin() as conn:
            about = await settle(conn, grant.hall, difference, by=grant.who.account, reason=body.reason, now=grant.now)
            await record(
                conn,
                hall=grant.hall,
                doer=grant.doer,
                act=Act.HANDOVER_SETTLED,
                object=f"difference:{difference}",
                at=grant.now,
                reason=body.reason,
                data=about,
            )
    except NoSuchDifference:
        raise Problem("not_found") from None
    return Response(status_code=204)
