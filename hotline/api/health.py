"""Is the process alive, can it serve, and what do its gauges say?"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from adapters.telephony import has_link
from hotline import metrics
from hotline.api.problems import RETRY_AFTER
from hotline.hall.hall import Hall
from hotline.hall.view import queue_views
from hotline.lines.alarms import Kind
from seats.seat import SeatState

_NOT_READY: Final[dict[int | str, dict[str, Any]]] = {503: {"description": "还不能服务；内容与 200 相同"}}

routes = APIRouter(tags=["运行状况"])


@routes.get("/livez", operation_id="livez", summary="进程存活")
async def livez() -> dict[str, str]:
    """事件循环在运转。"""
    return {"status": "ok"}


@routes.get("/readyz", operation_id="readyz", summary="可以服务", responses=_NOT_READY)
async def readyz(request: Request, response: Response) -> dict[str, object]:
    """数据库有应答，且每个大厅都有进程主持。线路中断会列出，但不影响结论；只推送事件的网关没有连接可言，记作 push。"""
    halls: Mapping[str, Hall] = request.app.state.halls
    database = await request.app.state.database.answers()
    leading = {name: hall.leading for name, hall in halls.items()}
    ready = database and all(leading.values())
    if not ready:
        response.status_code = 503
        response.headers["Retry-After"] = RETRY_AFTER
    return {
        "ready": ready,
        "database": database,
        "halls": leading,
        "adapters": {
            name: hall.state.links.get(name, False) if has_link(adapter) else "push"
            for hall in halls.values()
            for name, adapter in hall.adapters.items()
        },
    }


@routes.get("/metrics", operation_id="metrics", summary="监控指标", response_class=PlainTextResponse)
async def numbers(request: Request) -> Response:
    """Prometheus 文本格式；标签中没有电话号码。"""
    halls: Mapping[str, Hall] = request.app.state.halls
    for name, hall in halls.items():
        now = hall.clock.now()
        for queue in queue_views(hall.state):
            metrics.QUEUE_WAITING.labels(name, queue.name).set(queue.waiting)
            longest = (now - queue.longest_since).total_seconds() if queue.longest_since else 0.0
            metrics.QUEUE_LONGEST.labels(name, queue.name).set(longest)
        states = Count(seat.state for seat in hall.state.seats.values())
        for state in SeatState:
            metrics.SEATS.labels(name, state).set(states[state])
        for adapter in hall.adapters:
            metrics.ADAPTER_UP.labels(adapter).set(hall.state.links.get(adapter, False))
            stands = Count(alarm.kind for alarm in hall.state.alarms.get(adapter, ()))
            for kind in Kind:
                metrics.LINE_ALARM.labels(adapter, kind).set(stands[kind])
        metrics.INBOX.labels(name).set(hall.waiting_inputs)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
