"""Announcements (提示音): what there is, uploading, listening, restoring."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.announcements import plans, prompts
from hotline.announcements.changes import OnDevice
from hotline.announcements.plan import prompts_of
from hotline.announcements.prompts import NAME, Prompt
from hotline.announcements.wav import MAX_BYTES, NotPlayable, convert
from hotline.api.announcements import changes, of_settings, people
from hotline.api.deps import PLAY_PACE, Grant, granted, router
from hotline.api.problems import Problem, refusals
from hotline.api.recordings import RANGE, satisfiable
from hotline.api.schemas.announcements import (
    DeviceBody,
    Label,
    OnDeviceBody,
    PromptBody,
    PromptDetail,
    PromptList,
    PromptWords,
    RecordingBody,
    RestoreBody,
    Words,
)
from hotline.audit.trail import Act, record
from hotline.people.permissions import Action

routes = router("语音与公告")
uploads = router("语音与公告", body_limit=MAX_BYTES)
"""Only here a body may be as long as a recording."""
Reader = Annotated[Grant, Depends(granted(Action.ANNOUNCEMENT_READ))]
Changer = Annotated[Grant, Depends(granted(Action.ANNOUNCEMENT_CHANGE))]
Name = Annotated[str, Path(max_length=64, pattern=f"^{NAME.pattern}$", description="名称", examples=["greeting"])]
Version = Annotated[int | None, Query(ge=1, le=1_000_000, description="哪一版；不写为当前")]

_AUDIO: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "WAV 文件：PCM 8 至 32 位或 G.711，单声道或立体声，8 至 96 kHz，不超过 2 MiB、60 秒",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("audio/wav", "application/octet-stream")
        },
    }
}


@routes.get("/announcements/prompts", operation_id="listPrompts", summary="提示音", response_model=PromptList)
async def list_prompts(grant: Reader, request: Request) -> PromptList:
    """自带的在前；每条线路上各是哪一个录音。"""
    async with request.app.state.engine.connect() as conn:
        found = await prompts.list_prompts(conn, grant.hall)
        used = await _used(conn, request, grant, found)
        names = await people(conn, grant.hall)
    devices = await changes(request).devices(grant.hall)
    own = changes(request).built_in_seconds(grant.hall)
    items = [_body(each, names, own, used, devices) for each in found]
    return PromptList(items=items, devices=[DeviceBody(adapter=each.adapter, failure=each.failure) for each in devices])


@routes.get(
    "/announcements/prompts/{name}",
    operation_id="readPrompt",
    summary="一条提示音",
    response_model=PromptDetail,
    responses=refusals("not_found"),
)
async def read_prompt(name: Name, grant: Reader, request: Request) -> PromptDetail:
    """连同历次录音，最新的在前。"""
    async with _found(request) as conn:
        prompt, recordings = await prompts.read_prompt(conn, grant.hall, name)
        used = await _used(conn, request, grant, [prompt])
        names = await people(conn, grant.hall)
    following = changes(request)
    own = following.built_in_seconds(grant.hall)
    body = _body(prompt, names, own, used, await following.devices(grant.hall))
    return PromptDetail(**body.model_dump(), versions=[RecordingBody.of(each, names) for each in recordings])


@routes.get(
    "/announcements/prompts/{name}/audio",
    operation_id="playPrompt",
    summary="试听提示音",
    response_class=Response,
    responses={
        200: {"description": "录音", "content": {"audio/wav": {}}},
        206: {"description": "所请求的片段", "content": {"audio/wav": {}}},
        **refusals("not_found", "prompt_no_audio", "range_not_satisfiable", "slow_down"),
    },
)
async def play_prompt(
    name: Name,
    grant: Reader,
    request: Request,
    version: Version = None,
    part: Annotated[str | None, Header(alias="Range", max_length=200, description="片段，例如 bytes=0-")] = None,
) -> Response:
    """当前播放的录音，或以前的某一版；自带的提示音由线路提供。支持分段。"""
    if not request.app.state.pace.take(PLAY_PACE, "prompt", grant.who.account):
        raise Problem("slow_down", headers={"Retry-After": "60"})
    async with _found(request) as conn:
        wav = await prompts.wav_of(conn, grant.hall, name, version)
    if wav is None:
        wav = await changes(request).built_in_wav(grant.hall, name)
    if wav is None:
        raise Problem("prompt_no_audio")
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    }
    asked = RANGE.fullmatch(part) if part is not None else None
    if asked is None:
        return Response(wav, media_type="audio/wav", headers=headers)
    if not satisfiable(asked, len(wav)):
        raise Problem("range_not_satisfiable", headers={"Content-Range": f"bytes */{len(wav)}"})
    first, last, suffix = asked.groups()
    start = max(len(wav) - int(suffix), 0) if suffix is not None else int(first)
    end = min(int(last) + 1, len(wav)) if last else len(wav)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(wav)}"
    return Response(wav[start:end], 206, media_type="audio/wav", headers=headers)


@uploads.put(
    "/announcements/prompts/{name}/audio",
    operation_id="uploadPrompt",
    summary="上传提示音",
    response_model=PromptBody,
    responses=refusals("not_playable", "too_many_prompts"),
    openapi_extra=_AUDIO,
)
async def upload_prompt(
    name: Name,
    grant: Changer,
    request: Request,
    label: Annotated[Label | None, Query(description="名称；不写为不变")] = None,
    text: Annotated[Words | None, Query(description="说的是什么；不写为不变")] = None,
) -> PromptBody:
    """转换为 8 kHz 单声道后保存为新的一版，立即放到各条线路上。没有这个名称时新建。"""
    data = await request.body()
    try:
        sound = await asyncio.to_thread(convert, data)
    except NotPlayable as why:
        raise Problem("not_playable", str(why), errors=[{"field": "audio", "message": str(why)}]) from None
    async with _found(request) as conn:
        prompt = await prompts.upload(
            conn,
            grant.hall,
            name,
            sound,
            by=grant.who.account,
            now=grant.now,
            label=label or "",
            text=text or "",
        )
        await _told(conn, grant, prompt, "uploaded")
        used = await _used(conn, request, grant, [prompt])
    return await _after(request, grant, prompt, used)


@routes.put(
    "/announcements/prompts/{name}",
    operation_id="renamePrompt",
    summary="修改提示音的名称和文字",
    response_model=PromptBody,
    responses=refusals("not_found", "too_many_prompts"),
)
async def rename_prompt(name: Name, body: PromptWords, grant: Changer, request: Request) -> PromptBody:
    """只改说明，不改录音。"""
    async with _found(request) as conn:
        prompt = await prompts.rename(
            conn, grant.hall, name, body.label, body.text, by=grant.who.account, now=grant.now
        )
        await _told(conn, grant, prompt, "renamed")
        used = await _used(conn, request, grant, [prompt])
    return await _after(request, grant, prompt, used)


@routes.post(
    "/announcements/prompts/{name}/restore",
    operation_id="restorePrompt",
    summary="恢复以前的录音",
    response_model=PromptBody,
    responses=refusals("not_found", "prompt_in_use"),
)
async def restore_prompt(name: Name, body: RestoreBody, grant: Changer, request: Request) -> PromptBody:
    """恢复以前的一版；0 为系统自带的（自建的提示音没有自带的，等于删除）。"""
    return await _restore(name, body.version or None, grant, request)


@routes.delete(
    "/announcements/prompts/{name}",
    operation_id="removePrompt",
    summary="删除提示音",
    response_model=PromptBody,
    responses=refusals("not_found", "prompt_in_use"),
)
async def remove_prompt(name: Name, grant: Changer, request: Request) -> PromptBody:
    """不再播放；自带的恢复为自带的声音。历次录音保留，可以恢复。"""
    return await _restore(name, None, grant, request)


async def _restore(name: str, version: int | None, grant: Grant, request: Request) -> PromptBody:
    async with _found(request) as conn:
        before, _ = await prompts.read_prompt(conn, grant.hall, name)
        used = await _used(conn, request, grant, [before])
        if version is None and not before.is_built_in and used:
            raise Problem("prompt_in_use")
        prompt = await prompts.restore(conn, grant.hall, name, version, by=grant.who.account, now=grant.now)
        await _told(conn, grant, prompt, "removed" if version is None else "restored")
    return await _after(request, grant, prompt, used)


@asynccontextmanager
async def _found(request: Request) -> AsyncIterator[AsyncConnection]:
    try:
        async with request.app.state.engine.begin() as conn:
            yield conn
    except prompts.NoSuchPrompt:
        raise Problem("not_found") from None
    except prompts.TooManyPrompts:
        raise Problem("too_many_prompts") from None


async def _after(request: Request, grant: Grant, prompt: Prompt, used: set[str]) -> PromptBody:
    """Whoever uploaded sees at once whether it has reached the lines."""
    following = changes(request)
    following.stir()
    await following.bring(grant.hall)
    async with request.app.state.engine.connect() as conn:
        names = await people(conn, grant.hall)
    own = following.built_in_seconds(grant.hall)
    return _body(prompt, names, own, used, await following.devices(grant.hall))


async def _used(conn: AsyncConnection, request: Request, grant: Grant, found: Sequence[Prompt]) -> set[str]:
    plan, _ = await plans.current(conn, grant.hall, of_settings(request, grant))
    named = prompts_of(plan)
    return {each.name for each in found if each.name in named or each.name.partition(".")[0] in named}


async def _told(conn: AsyncConnection, grant: Grant, prompt: Prompt, what: str) -> None:
    await record(
        conn,
        hall=grant.hall,
        doer=grant.doer,
        act=Act.PROMPT_CHANGED,
        object=f"announcements/prompts/{prompt.name}",
        at=grant.now,
        data={
            "what": what,
            "version": prompt.recording.version if prompt.recording else 0,
            "sha256": prompt.recording.sha256 if prompt.recording else "",
        },
    )


def _body(
    prompt: Prompt, names: Mapping[str, str], own: Mapping[str, float], used: set[str], devices: Sequence[OnDevice]
) -> PromptBody:
    seconds, on = prompt.seconds(own), _on(devices, prompt)
    return PromptBody.of(prompt, names, seconds=seconds, in_use=prompt.name in used, devices=on)


def _on(devices: Sequence[OnDevice], prompt: Prompt) -> list[OnDeviceBody]:
    return [OnDeviceBody(adapter=each.adapter, state=_state(each, prompt)) for each in devices]


def _state(device: OnDevice, prompt: Prompt) -> str:
    stored = device.prompts.get(prompt.name)
    if stored is None:
        return "unknown" if device.failure and not device.prompts else "missing"
    wanted = prompt.recording.sha256 if prompt.recording else ""
    if stored.sha256 != wanted:
        return "other"
    return "current" if wanted else "own"
