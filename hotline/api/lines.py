"""Lines (线路) for those who look after them: how each is, its last facts, and its raw bytes with numbers masked."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from limits import parse

from adapters.reasons import in_chinese
from adapters.telephony import AdapterName
from hotline.api.deps import Grant, granted, router
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.lines import LineDetail, LineList, RawList
from hotline.api.seats import hall_of
from hotline.audit.trail import Act, record
from hotline.lines import reading
from hotline.lines.alarms import LABELS, Alarm
from hotline.lines.health import LineHealth, Noted
from hotline.lines.masking import masked_text
from hotline.people.permissions import Action

routes: APIRouter = router("线路")
Reader = Annotated[Grant, Depends(granted(Action.LINE_READ))]
Tracer = Annotated[Grant, Depends(granted(Action.LINE_TRACE))]
Line = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$", description="设置中的名称", examples=["line-1"])]

FACTS: Final = 50
HISTORY: Final = timedelta(hours=24)
TRACE_PACE: Final = parse("120/hour")
"""Per account."""


@routes.get("/lines", operation_id="listLines", summary="线路", response_model=LineList)
async def list_lines(request: Request, grant: Reader) -> dict[str, Any]:
    """本大厅各线路的状况和告警；次数自本次启动算起。"""
    hall = hall_of(request, grant)
    return {"leading": hall.leading, "items": [_row(request, grant, each) for each in hall.lines.health()]}


@routes.get(
    "/lines/{line}",
    operation_id="readLine",
    summary="线路详情",
    response_model=LineDetail,
    responses=refusals("not_found"),
)
async def read_line(line: Line, request: Request, grant: Reader) -> dict[str, Any]:
    """端口、24 小时内的中断和告警、最近的事件；号码脱敏。"""
    health = _found(request, grant, line)
    state = request.app.state
    async with state.engine.connect() as conn:
        gaps = await reading.gaps(conn, grant.hall, line, grant.now - HISTORY)
        history = await reading.alarms(conn, grant.hall, line, grant.now - HISTORY)
        facts = await reading.facts(conn, state.seal, grant.hall, line, grant.now, FACTS)
    return {
        **_row(request, grant, health),
        "ports": [
            {"port": each.port, "broken": each.broken, "since": each.since, "detail": _shown(each.detail)}
            for each in health.ports
        ],
        "repaired_for": [_noted(each) for each in health.repaired_for],
        "aside_for": [_noted(each) for each in health.aside_for],
        "gaps": gaps,
        "history": [
            {
                "at": each.at,
                "raised": each.raised,
                "kind": each.kind,
                "label": LABELS.get(each.kind, each.kind),
                "port": each.port,
                "detail": each.detail,
            }
            for each in history
        ],
        "facts": facts,
    }


@routes.get(
    "/lines/{line}/raw",
    operation_id="traceLine",
    summary="原始数据",
    response_model=RawList,
    responses=refusals("not_found", "slow_down"),
)
async def trace_line(
    line: Line,
    request: Request,
    response: Response,
    grant: Tracer,
    limit: Annotated[int, Query(ge=1, le=100, description="条数")] = 50,
) -> dict[str, Any]:
    """线路最近送来的字节，无法识别的附原因。连续 5 位以上的数字在转为文字和十六进制之前脱敏；每次查看记入审计。"""
    response.headers["Cache-Control"] = "no-store"
    _found(request, grant, line)
    state = request.app.state
    if not state.pace.take(TRACE_PACE, "trace", grant.who.account):
        raise Problem("slow_down", headers={"Retry-After": "60"})
    async with state.engine.begin() as conn:
        found = await reading.raw(conn, state.seal, grant.hall, line, grant.now, limit)
        await record(
            conn,
            hall=grant.hall,
            doer=grant.doer,
            act=Act.LINE_TRACE,
            object=line,
            at=grant.now,
            data={"shown": len(found)},
        )
    return {"items": found}


def _found(request: Request, grant: Grant, line: str) -> LineHealth:
    health = hall_of(request, grant).lines.health_of(AdapterName(line))
    if health is None:
        raise Problem("not_found")
    return health


def _row(request: Request, grant: Grant, health: LineHealth) -> dict[str, Any]:
    hall = hall_of(request, grant)
    table = request.app.state.settings.adapters.get(health.name, {})
    probe = health.probe
    return {
        "name": health.name,
        "kind": str(table.get("kind", "")),
        "state": health.state,
        "since": health.since,
        "detail": _shown(health.detail),
        "abilities": sorted(hall.adapters[health.name].abilities),
        "last_event_at": health.last_event_at,
        "alarms": [_alarm(each) for each in hall.state.alarms.get(health.name, ())],
        "ports_known": len(health.ports),
        "ports_broken": sum(each.broken for each in health.ports),
        "frames": health.frames,
        "unreadable": health.unreadable,
        "skew_seconds": health.skew_seconds,
        "repaired": _noted(health.repaired),
        "aside": _noted(health.aside),
        "probe": None if probe is None else {"at": probe.at, "ok": probe.ok, "detail": _shown(probe.detail)},
    }


def _alarm(alarm: Alarm) -> dict[str, Any]:
    return {
        "kind": alarm.kind,
        "label": LABELS[alarm.kind],
        "port": alarm.port,
        "since": alarm.since,
        "detail": _shown(alarm.detail),
    }


def _noted(noted: Noted) -> dict[str, Any]:
    return {"count": noted.count, "at": noted.at, "reason": _shown(noted.reason)}


def _shown(reason: str) -> str:
    """In Chinese, and without numbers."""
    return masked_text(in_chinese(reason))
