"""The directory from a spreadsheet: the template, a dry run, the import itself, and what imports did."""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import Annotated, Final

from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import router
from hotline.api.directory import Changer, Reader, pen, told
from hotline.api.once import Turn
from hotline.api.problems import Problem, refusals
from hotline.api.roster_plans import XLSX, spreadsheet
from hotline.api.schemas.directory_import import DirectoryFile, DirectoryImported, ImportBody, ImportList
from hotline.directory import importing, reading, sheet

BODY_LIMIT: Final = 3 * 1024 * 1024
"""Bytes: the longest file in base64, and its name."""

routes = router("名录导入", body_limit=BODY_LIMIT)


@routes.get(
    "/directory/import/template",
    operation_id="directoryTemplate",
    summary="下载名录模板",
    response_class=Response,
    responses={200: {"description": "Excel 模板", "content": {XLSX: {}}}},
)
async def template(
    grant: Changer, request: Request, filled: Annotated[bool, Query(description="填好现有名录")] = False
) -> Response:
    """空白的模板；或填好现有名录，改后可以再导入。"""
    entries = None
    if filled:
        async with request.app.state.engine.connect() as conn:
            entries = importing.entries(await importing.directory(conn, grant.hall))
    made = await asyncio.to_thread(sheet.template, entries)
    return spreadsheet(made, f"12348-directory-{grant.hall}.xlsx")


@routes.post(
    "/directory/import",
    operation_id="importDirectory",
    summary="导入名录",
    response_model=DirectoryImported,
    responses=refusals("directory_file_unreadable", "directory_rows_wrong", "request_running", "key_reused"),
)
async def import_directory(body: DirectoryFile, grant: Changer, turn: Turn) -> DirectoryImported:
    """先试算（dry_run），逐行说明错在哪一列、将新增、修改、撤销什么；确认后再写入，有一行出错则全部不导入。"""
    try:
        data = base64.b64decode(body.file, validate=True)
        rows = await asyncio.to_thread(sheet.read, data)
    except (binascii.Error, ValueError):
        raise Problem("directory_file_unreadable") from None
    except sheet.NotADirectory as wrong:
        raise Problem("directory_file_unreadable", str(wrong)) from None

    async def take(conn: AsyncConnection) -> DirectoryImported:
        if body.dry_run:
            return DirectoryImported.of(await importing.look(conn, grant.hall, rows, whole=body.whole), None)
        number, found = await importing.write(
            conn, pen(grant), rows, whole=body.whole, file_name=body.file_name, data=data
        )
        return DirectoryImported.of(found, number)

    async with told():
        return await turn.do(grant, DirectoryImported, take)


@routes.get("/directory/imports", operation_id="listDirectoryImports", summary="做过的导入", response_model=ImportList)
async def list_imports(grant: Reader, request: Request) -> ImportList:
    """谁在何时导入了哪个文件；具体改了什么，见名录的变动（load）。"""
    async with request.app.state.engine.connect() as conn:
        return ImportList(items=[ImportBody.of(each) for each in await reading.imports(conn, grant.hall)])
