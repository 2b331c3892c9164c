"""Gateways push their events here. The one route where speed matters more than comfort: plain Starlette.

Order: known adapter → size → signature → decode → durable → 2xx → decide. What is durable is applied even if we die
before the answer; the gateway's retry then finds it done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.errors import NotAdmitted, Undecodable
from adapters.reasons import in_chinese
from adapters.telephony import AdapterName, Ingests, RefusedItem
from hotline.api.problems import Problem, refusals
from hotline.crash import crash_point
from hotline.hall.hall import Hall
from hotline.metrics import DELIVERIES
from hotline.store.errors import SpoolFull

log = structlog.get_logger()


async def receive(request: Request) -> Response:
    """`POST /api/v1/gateways/{adapter}/events`"""
    try:
        return await _receive(request, request.path_params["adapter"])
    except Problem as problem:
        known = request.path_params["adapter"] in request.app.state.gateways
        DELIVERIES.labels(request.path_params["adapter"] if known else "unknown", problem.code).inc()
        log.info("delivery refused", code=problem.code, detail=problem.detail)
        problem.detail = in_chinese(problem.detail)  # for whoever looks into the gateway's log; ours keeps the original
        return problem.response()


async def _receive(request: Request, name: str) -> Response:
    gateways: Mapping[str, tuple[Ingests, Hall]] = request.app.state.gateways
    if name not in gateways:
        raise Problem("no_such_adapter")
    adapter, hall = gateways[name]
    body = await read_body(request, adapter.max_body_bytes)
    now = request.app.state.clock.now()
    try:
        adapter.admit(headers_of(request), body, now)
    except NotAdmitted as error:
        # Somebody knocks with the wrong token: the installer sees it on the page of the lines.
        hall.lines.not_understood(AdapterName(name), str(error), now)
        raise Problem("bad_signature", str(error)) from error
    try:
        delivery = await hall.deliver(AdapterName(name), body)
    except Undecodable as error:
        raise Problem("bad_events", str(error)) from error
    except SpoolFull as full:
        raise Problem("spool_full") from full
    told = {"accepted": len(delivery.events), "refused": _told(delivery.refused)}
    if delivery.repaired:
        told["repaired"] = _told(delivery.repaired)
    DELIVERIES.labels(name, "kept").inc()
    crash_point("before_2xx")
    reply: tuple[bytes, str] | None = getattr(adapter, "reply", None)
    if reply is not None:
        return Response(reply[0], media_type=reply[1])
    return Response(orjson.dumps(told), media_type="application/json")


def _told(items: Sequence[RefusedItem]) -> list[dict[str, Any]]:
    """Which events, and why: whoever tries a gateway out reads it in its log."""
    return [{"index": item.index, "reason": in_chinese(item.reason)} for item in items]


def headers_of(request: Request) -> dict[str, str]:
    """What an adapter may judge a delivery by: the headers, and two things that are none (`:peer`, `:path`)."""
    headers = {key.lower(): value for key, value in request.headers.items()}
    headers[":peer"] = request.client.host if request.client is not None else ""
    headers[":path"] = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return headers


async def read_body(request: Request, limit: int) -> bytes:
    """The body. Raises `Problem(too_large)` as soon as it is longer than the adapter takes."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise Problem("too_large")
    parts: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise Problem("too_large")
            parts.append(chunk)
    except ClientDisconnect as error:
        raise Problem("bad_events", "the connection was closed in the middle") from error
    return b"".join(parts)


PATH: Final = "/gateways/{adapter}/events"
ROUTES = [Route("/api/v1" + PATH, receive, methods=["POST"])]
OPERATION: Final[Mapping[str, Any]] = {
    "tags": ["网关"],
    "operationId": "receiveGatewayEvents",
    "summary": "网关推送事件",
    "description": (
        "`{adapter}` 为设置中的名称，其方言（dialect）决定如何识别和验证；下例是本系统自己的方言，"
        "按 Standard Webhooks 签名。事件落盘之后才答复 2xx；重复的推送得到同样的答复，不会重复生效；"
        "一批之中逐条判断，答复列出被拒绝的各条，其原文仍予留存。某些方言的设备要求固定的答复内容，则照其要求。"
    ),
    "parameters": [
        {
            "name": "adapter",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,31}$"},
            "description": "设置中的适配器名称",
            "example": "gw1",
        },
        *(
            {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": words}
            for name, words in (
                ("webhook-id", "推送的标识，重发时不变"),
                ("webhook-timestamp", "Unix 秒，与本机时间相差不超过 300 秒"),
                ("webhook-signature", "v1,base64(HMAC-SHA256(id.timestamp.body))"),
            )
        ),
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {
                    "events": [
                        {
                            "id": "7f1c0a52",
                            "type": "call.offered",
                            "at": "2026-11-21T02:13:05.120+08:00",
                            "call": "gw1-000123",
                            "port": 3,
                            "caller": "13800138000",
                            "dialled": "12348",
                        }
                    ]
                },
            }
        },
    },
    "responses": {
        "200": {
            "description": "已落盘",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "accepted": {"type": "integer", "description": "接受的条数"},
                            "refused": {
                                "type": "array",
                                "items": {
                                    "type": "object",
                                    "properties": {"index": {"type": "integer"}, "reason": {"type": "string"}},
                                },
                            },
                            "repaired": {
                                "type": "array",
                                "description": "已接受，但时间等以本机时间代替的各条；没有时不写",
                                "items": {
                                    "type": "object",
                                    "properties": {"index": {"type": "integer"}, "reason": {"type": "string"}},
                                },
                            },
                        },
                    },
                    "example": {"accepted": 1, "refused": []},
                }
            },
        },
        **{
            str(status): entry
            for status, entry in refusals(
                "bad_events", "bad_signature", "no_such_adapter", "too_large", "spool_full", "internal"
            ).items()
        },
    },
}
"""For the OpenAPI document: the route itself is plain Starlette."""
