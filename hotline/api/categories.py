"""The category tree: read by everybody, imported by administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Grant, granted, router
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.tickets import NewTree, TreeBody
from hotline.audit.trail import Act, record
from hotline.people.permissions import Action
from hotline.tickets import categories

routes = router("咨询分类")
Reader = Annotated[Grant, Depends(granted(Action.CATEGORY_READ))]
Importer = Annotated[Grant, Depends(granted(Action.CATEGORY_IMPORT))]


@routes.get("/categories", operation_id="readCategories", summary="当前分类", response_model=TreeBody)
async def read_categories(grant: Reader, request: Request) -> TreeBody:
    """当前有效的一版分类，按显示顺序排列。"""
    async with request.app.state.engine.connect() as conn:
        return TreeBody.model_validate(await categories.current(conn))


@routes.post(
    "/categories",
    operation_id="importCategories",
    summary="导入新一版分类",
    status_code=201,
    response_model=TreeBody,
    responses=refusals("categories_invalid", "request_running", "key_reused"),
)
async def import_categories(body: NewTree, grant: Importer, turn: Turn) -> TreeBody:
    """导入新一版分类，立即生效；已办结的工单保留原来的版本。与当前版本相同时不产生新版本。"""

    async def add(conn: AsyncConnection) -> TreeBody:
        tree = await categories.add_version(conn, body.label, body.tree(), by=grant.who.account, now=grant.now)
        await record(
            conn,
            hall=grant.hall,
            doer=grant.doer,
            act=Act.CATEGORIES_IMPORTED,
            object=f"categories/{tree.version}",
            at=grant.now,
            data={"version": tree.version, "items": len(tree.items)},
        )
        return TreeBody.model_validate(tree)

    try:
        return await turn.do(grant, TreeBody, add)
    except categories.TreeRefused as refused:
        errors = [
            {"field": f"items.{fault.item}", "code": fault.code[:60], "message": fault.why} for fault in refused.faults
        ]
        raise Problem("categories_invalid", errors=errors) from None
