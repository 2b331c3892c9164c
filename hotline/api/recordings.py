"""Recordings (录音): played to those who may hear them, never handed out as a link."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

from fastapi import Depends, Header, Request
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from sqlalchemy import select
from starlette.types import Receive, Scope, Send

from hotline.api.deps import PLAY_PACE, Grant, granted, router
from hotline.api.problems import Problem, refusals
from hotline.api.sentences import missing_reason
from hotline.audit.trail import Act, record
from hotline.callbacks.reading import works_on
from hotline.people.permissions import Action
from hotline.store.tables import CALLS, RECORDINGS

routes = router("录音")
Listener = Annotated[Grant, Depends(granted(Action.RECORDING_PLAY))]

TYPES: Final = {".wav": "audio/wav", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".mp3": "audio/mpeg"}
"""Other files are no recordings."""
RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,15})-([0-9]{1,15})?|-([0-9]{1,15}))")
"""One range of bytes (RFC 9110 14.2)."""


@routes.get(
    "/recordings/{recording}/audio",
    operation_id="playRecording",
    summary="播放录音",
    response_class=FileResponse,
    responses={
        200: {"description": "录音", "content": {kind: {} for kind in sorted(set(TYPES.values()))}},
        206: {"description": "所请求的片段", "content": {kind: {} for kind in sorted(set(TYPES.values()))}},
        **refusals("not_found", "recording_missing", "range_not_satisfiable", "slow_down"),
    },
)
async def play(
    recording: Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="录音标识")],
    grant: Listener,
    request: Request,
    part: Annotated[str | None, Header(alias="Range", max_length=200, description="片段，例如 bytes=0-")] = None,
) -> FileResponse:
    """话务员播放自己接听的通话和自己回拨任务中的留言，班长播放本大厅的通话；支持分段，不缓存，每次播放和拖动都记入审计。"""
    state = request.app.state
    query = (
        select(RECORDINGS.c.call, RECORDINGS.c.name, RECORDINGS.c.file, RECORDINGS.c.missing, CALLS.c.operator)
        .join(CALLS, CALLS.c.id == RECORDINGS.c.call)
        .where(RECORDINGS.c.id == recording, RECORDINGS.c.hall == grant.hall, CALLS.c.hall == grant.hall)
    )
    async with state.engine.connect() as conn:
        row = (await conn.execute(query)).one_or_none()
        if row is None:
            raise Problem("not_found")
        # A message (留言) was answered by nobody: it is for whoever has the task of calling back.
        theirs = grant.only_own in (None, row.operator) or await works_on(conn, grant.hall, grant.who.account, row.call)
    if not theirs:
        raise Problem("not_found")
    if row.file is None:
        raise Problem("recording_missing", missing_reason(row.missing) if row.missing else "录音尚未完成。")
    path = inside(row.file, state.recording_roots)
    if path is None:
        gone = "录音文件不存在，或还没有从边缘机取回：请稍后再试。" if state.settings.edges else "录音文件不存在。"
        raise Problem("recording_missing", missing_reason(row.missing) if row.missing else gone)
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
    size = path.stat().st_size
    asked = RANGE.fullmatch(part) if part is not None else None
    if asked is not None and not satisfiable(asked, size):
        raise Problem("range_not_satisfiable", headers={"Content-Range": f"bytes */{size}"})
    headers = {
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    }
    return _Audio(path, media_type=TYPES[path.suffix.lower()], headers=headers)


class _Audio(FileResponse):
    """A file of which one range may be asked for. What is no such range is not heeded (RFC 9110 14.2)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        heeded = [
            (name, value)
            for name, value in scope["headers"]
            if name != b"range" or RANGE.fullmatch(value.decode("latin-1"))
        ]
        await super().__call__({**scope, "headers": heeded}, receive, send)


def satisfiable(asked: re.Match[str], size: int) -> bool:
    """Is there anything in the range that was asked for?"""
    first, last, suffix = asked.groups()
    if suffix is not None:
        return int(suffix) > 0 and size > 0
    start = int(first or 0)
    return start < size and (not last or start <= int(last))


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
