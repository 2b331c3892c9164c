"""Recordings (录音): played to those who may hear them, never handed out as a link."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

from fastapi import Depends, Header, Request
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from sqlalchemy import select

from hotline.api.deps import PLAY_PACE, Grant, granted, router
from hotline.api.problems import Problem
from hotline.api.sentences import missing_reason
from hotline.audit.trail import Act, record
from hotline.people.permissions import Action
from hotline.store.tables import CALLS, RECORDINGS

routes = router("录音")
Listener = Annotated[Grant, Depends(granted(Action.RECORDING_PLAY))]

TYPES: Final = {".wav": "audio/wav", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".mp3": "audio/mpeg"}
"""Other files are no recordings."""


@routes.get(
    "/recordings/{recording}/audio",
    operation_id="playRecording",
    summary="播放录音",
    response_class=FileResponse,
    responses={206: {"description": "所请求的片段"}},
)
async def play(
    recording: Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="录音标识")],
    grant: Listener,
    request: Request,
    part: Annotated[str | None, Header(alias="Range", max_length=200, description="片段，例如 bytes=0-")] = None,
) -> FileResponse:
    """话务员播放自己接听的通话，班长播放本大厅的通话；支持分段，不缓存，每次播放和拖动都记入审计。"""
    state = request.app.state
    query = (
        select(RECORDINGS.c.call, RECORDINGS.c.name, RECORDINGS.c.file, RECORDINGS.c.missing, CALLS.c.operator)
        .join(CALLS, CALLS.c.id == RECORDINGS.c.call)
        .where(RECORDINGS.c.id == recording, RECORDINGS.c.hall == grant.hall, CALLS.c.hall == grant.hall)
    )
    async with state.engine.connect() as conn:
        row = (await conn.execute(query)).one_or_none()
    if row is None or (grant.only_own is not None and row.operator != grant.only_own):
        raise Problem("not_found")
    if row.file is None:
        raise Problem("recording_missing", missing_reason(row.missing) if row.missing else "录音尚未完成。")
    path = inside(row.file, state.recording_roots)
    if path is None:
        raise Problem("recording_missing", missing_reason(row.missing) if row.missing else "录音文件不存在。")
    if not state.pace.take(PLAY_PACE, "play", grant.who.account):
        raise Problem("slow_down", headers={"Retry-After": "60"})
    async with state.engine.begin() as conn:
        await record(
            conn,
            hall=grant.hall,
            doer=grant.doer,
            act=Act.PLAYBACK,
            object=f"{row.call}/{row.name}",
            at=grant.now,
            data={"recording": recording, "range": (part or "")[:100]},
        )
    headers = {
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    }
    return FileResponse(path, media_type=TYPES[path.suffix.lower()], headers=headers)


def inside(file: str, roots: Sequence[Path]) -> Path | None:
    """The recording's real place, if it is a file below one of the (resolved) roots; links are followed first."""
    if not file or "\0" in file:
        return None
    for root in roots:
        try:
            path = (root / file).resolve(strict=True)
        except (OSError, RuntimeError):
            continue
        if path.is_relative_to(root) and path.suffix.lower() in TYPES and path.is_file() and os.access(path, os.R_OK):
            return path
    return None
