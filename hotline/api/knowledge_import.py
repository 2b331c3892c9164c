"""The knowledge base from and into a spreadsheet: the template, the export, a dry run, the import itself."""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import Annotated, Final

from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import router
from hotline.api.knowledge import pen, told
from hotline.api.knowledge_edit import Editor
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.roster_plans import XLSX, spreadsheet
from hotline.api.schemas.knowledge import KnowledgeFile, KnowledgeImported
from hotline.audit.trail import Act, record
from hotline.knowledge import importing, sheet

BODY_LIMIT: Final = 3 * 1024 * 1024
"""Bytes: the longest file in base64, and its name."""

routes = router("知识库导入", body_limit=BODY_LIMIT)


@routes.get(
    "/knowledge-file",
    operation_id="knowledgeFile",
    summary="下载知识库表格",
    response_class=Response,
    responses={200: {"description": "Excel 表格", "content": {XLSX: {}}}},
)
async def download(
    grant: Editor, request: Request, filled: Annotated[bool, Query(description="填好现有条目的最新版本")] = False
) -> Response:
    """空白的模板；或填好现有条目，改后可以再导入。导出现有条目记入审计。"""
    entries: list[dict[str, object]] = []
    if filled:
        async with request.app.state.engine.begin() as conn:
            entries = [dict(row._mapping) for row in await importing.everything(conn, grant.hall)]
            await record(conn, hall=grant.hall, doer=grant.doer, act=Act.EXPORT, object="knowledge", at=grant.now)
    made = await asyncio.to_thread(sheet.write, entries)
    return spreadsheet(made, f"12348-knowledge-{grant.hall}.xlsx")


@routes.post(
    "/knowledge-file",
    operation_id="importKnowledge",
    summary="导入知识库",
    response_model=KnowledgeImported,
    responses=refusals("knowledge_file_unreadable", "knowledge_rows_wrong", "request_running", "key_reused"),
)
async def import_file(body: KnowledgeFile, grant: Editor, turn: Turn) -> KnowledgeImported:
    """先试算（dry_run），逐行说明新增、修改什么、错在哪里；确认后写成草稿，有一行出错则全部不导入。"""
    try:
        rows = await asyncio.to_thread(sheet.read, base64.b64decode(body.file, validate=True))
    except (binascii.Error, ValueError):
        raise Problem("knowledge_file_unreadable") from None
    except sheet.NotKnowledge as wrong:
        raise Problem("knowledge_file_unreadable", str(wrong)) from None

    async def take(conn: AsyncConnection) -> KnowledgeImported:
        if body.dry_run:
            found = await importing.look(conn, grant.hall, rows)
        else:
            found = await importing.write(conn, pen(grant), rows, file_name=body.file_name)
        return KnowledgeImported.of(found, dry_run=body.dry_run)

    async with told():
        return await turn.do(grant, KnowledgeImported, take)
